// SPDX-License-Identifier: Apache-2.0
//
// The kernel that reads genotypes from a line of VCF ("The Variant Call Format Specification", version 4.3, section 1.6).

#ifndef GENOTYPE_KERNELS_H
#define GENOTYPE_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// What stands for a genotype of which an allele is not known.
enum { GENOTYPE_MISSING = 255 };

typedef struct __attribute__((swift_attr("@Sendable"))) GenotypeKernelSet {
    const char *name;
    /// Reads a line's fields of samples, which are separated by tabs: alleles (numbers, or `.` for unknown) between `/` or `|`, then
    /// perhaps a colon and other values. dosages[i] becomes the number of alleles that are not 0 (at most 254), or GENOTYPE_MISSING.
    /// Gives the number of fields read, at most `samples`; `read` becomes the number of bytes. Reading stops before a field that is
    /// no genotype. All versions give the same.
    size_t (*dosages)(const uint8_t *text, size_t length, size_t samples, uint8_t *dosages, size_t *read);
} GenotypeKernelSet;

/// The version of that name (`reference`, `portable`, `avx2`, `avx512`); the processor must run it. The reference for any other name.
const GenotypeKernelSet *genotypeKernels(const char *name);

#pragma clang assume_nonnull end

#endif
