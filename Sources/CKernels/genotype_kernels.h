// SPDX-License-Identifier: Apache-2.0
//
// The genotype kernel: sixteen fields at once where each is two alleles of 0 or 1 and a tab, as nearly all are; field by field elsewhere.

#include "genotype_field.h"

enum { GENOTYPE_LANES = 16 };

typedef uint32_t GenotypeWords __attribute__((vector_size(4 * GENOTYPE_LANES), aligned(1)));
typedef uint8_t GenotypeBytes __attribute__((vector_size(GENOTYPE_LANES), aligned(1)));

static size_t genotypeDosages(const uint8_t *text, size_t length, size_t samples, uint8_t *dosages, size_t *read) {
    // A field as a little-endian word, such as "0|1\t". Without the alleles' lowest bits there are two, which differ in one byte.
    const uint32_t fixed = 0xFFFEFFFE, slashed = 0x09302F30, barred = 0x09307C30;
    size_t done = 0, at = 0;
    while (done < samples) {
        if (samples - done >= GENOTYPE_LANES && length - at >= 4 * GENOTYPE_LANES + 1) {
            GenotypeWords words = *(const GenotypeWords *)(text + at);
            GenotypeWords kept = words & fixed;
            if (__builtin_reduce_and((kept == slashed) | (kept == barred)) != 0) {
                GenotypeWords sums = (words & 1) + (words >> 16 & 1);
                *(GenotypeBytes *)(dosages + done) = __builtin_convertvector(sums, GenotypeBytes);
                done += GENOTYPE_LANES;
                at += 4 * GENOTYPE_LANES;
                continue;
            }
        }
        if (!readGenotype(text, length, &at, dosages + done)) break;
        done++;
    }
    *read = at;
    return done;
}
