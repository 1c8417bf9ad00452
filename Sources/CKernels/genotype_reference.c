// SPDX-License-Identifier: Apache-2.0
//
// Plain C to test the other versions of the genotype kernel against.

#include "genotype_field.h"

static size_t dosages(const uint8_t *text, size_t length, size_t samples, uint8_t *dosages, size_t *read) {
    size_t done = 0;
    *read = 0;
    while (done < samples && readGenotype(text, length, read, dosages + done)) done++;
    return done;
}

static const GenotypeKernelSet referenceSet = {.name = "reference", .dosages = dosages};

extern const GenotypeKernelSet portableGenotypeKernelSet;
#if defined(__x86_64__)
extern const GenotypeKernelSet avx2GenotypeKernelSet;
extern const GenotypeKernelSet avx512GenotypeKernelSet;
#endif

const GenotypeKernelSet *genotypeKernels(const char *name) {
    if (strcmp(name, "portable") == 0) return &portableGenotypeKernelSet;
#if defined(__x86_64__)
    if (strcmp(name, "avx2") == 0) return &avx2GenotypeKernelSet;
    if (strcmp(name, "avx512") == 0) return &avx512GenotypeKernelSet;
#endif
    return &referenceSet;
}
