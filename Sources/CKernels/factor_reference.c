// SPDX-License-Identifier: Apache-2.0
//
// Plain C to test the other versions of the factorization machines' kernels against.

#include <string.h>

#include "FactorKernels.h"

static float score(const FactorEntry *entries, size_t count, const float *weights, const float *factors, size_t factorCount,
                   float *sums) {
    double score = 0;
    for (size_t i = 0; i < count; i++) score += (double)entries[i].value * weights[entries[i].index];
    for (size_t f = 0; f < factorCount; f++) {
        double sum = 0, squares = 0;
        for (size_t i = 0; i < count; i++) {
            double part = (double)entries[i].value * factors[entries[i].index * factorCount + f];
            sum += part;
            squares += part * part;
        }
        sums[f] = (float)sum;
        score += 0.5 * (sum * sum - squares);
    }
    return (float)score;
}

static float gradient(const FactorEntry *entries, size_t count, const float *errors, const float *sums, const float *factors,
                      size_t factorCount, float *gradient) {
    double weight = 0;
    for (size_t i = 0; i < count; i++) weight += (double)errors[entries[i].index] * entries[i].value;
    for (size_t f = 0; f < factorCount; f++) {
        double sum = 0;
        for (size_t i = 0; i < count; i++) {
            double value = entries[i].value;
            sum += errors[entries[i].index] * value * (sums[entries[i].index * factorCount + f] - value * factors[f]);
        }
        gradient[f] = (float)sum;
    }
    return (float)weight;
}

static const FactorKernelSet referenceSet = {.name = "reference", .score = score, .gradient = gradient};

extern const FactorKernelSet portableFactorKernelSet;
#if defined(__x86_64__)
extern const FactorKernelSet avx2FactorKernelSet;
extern const FactorKernelSet avx512FactorKernelSet;
#endif

const FactorKernelSet *factorKernels(const char *name) {
    if (strcmp(name, "portable") == 0) return &portableFactorKernelSet;
#if defined(__x86_64__)
    if (strcmp(name, "avx2") == 0) return &avx2FactorKernelSet;
    if (strcmp(name, "avx512") == 0) return &avx512FactorKernelSet;
#endif
    return &referenceSet;
}
