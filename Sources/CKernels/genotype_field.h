// SPDX-License-Identifier: Apache-2.0
//
// One sample's genotype, byte by byte.

#include <stdbool.h>
#include <string.h>

#include "GenotypeKernels.h"

/// Reads the field at `*at`, and the tab behind it where another field follows; false, and nothing moved, where it is no genotype.
static inline bool readGenotype(const uint8_t *text, size_t length, size_t *at, uint8_t *dosage) {
    size_t i = *at;
    unsigned count = 0;
    bool isMissing = false;
    for (;;) {
        if (i == length) return false;
        if (text[i] == '.') {
            isMissing = true;
            i++;
        } else {
            size_t start = i;
            bool isOther = false;
            for (; i < length && text[i] >= '0' && text[i] <= '9'; i++) isOther |= text[i] != '0';
            if (i == start) return false;
            count += isOther;
        }
        if (i == length || (text[i] != '/' && text[i] != '|')) break;
        i++;
    }
    if (i < length && text[i] == ':') {
        const uint8_t *tab = memchr(text + i, '\t', length - i);
        i = tab != nullptr ? (size_t)(tab - text) : length;
    }
    if (i < length) {
        // A tab at the very end would have an empty field behind it.
        if (text[i] != '\t' || i + 1 == length) return false;
        i++;
    }
    *dosage = isMissing ? GENOTYPE_MISSING : count < GENOTYPE_MISSING ? (uint8_t)count : GENOTYPE_MISSING - 1;
    *at = i;
    return true;
}
