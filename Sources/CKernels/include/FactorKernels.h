// SPDX-License-Identifier: Apache-2.0
//
// Kernels for factorization machines (Rendle: "Factorization machines", 2010): a score is a bias, a weight for each feature, and for
// each pair of features the product of their factors.

#ifndef FACTOR_KERNELS_H
#define FACTOR_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

enum { FACTOR_PANEL = 16 };

/// A number of a batch: by row its column's, by column its row's index in the batch.
typedef struct FactorEntry {
    uint32_t index;
    float value;
} FactorEntry;

typedef struct __attribute__((swift_attr("@Sendable"))) FactorKernelSet {
    const char *name;
    /// A row's score without the bias. `factors` are [columns][factorCount], factorCount a multiple of 16, padded with zeros; sums[f]
    /// becomes the sum over the row's entries of value * factor f.
    float (*score)(const FactorEntry *entries, size_t count, const float *weights, const float *factors, size_t factorCount, float *sums);
    /// The gradients of a column's weight and factors: sums over its entries of error * value, and of
    /// error * value * (sums[row][f] - value * factors[f]). Rows' sums are [rows][factorCount].
    float (*gradient)(const FactorEntry *entries, size_t count, const float *errors, const float *sums, const float *factors,
                      size_t factorCount, float *gradient);
} FactorKernelSet;

/// The version of that name (`reference`, `portable`, `avx2`, `avx512`); the processor must run it. The reference for any other name.
const FactorKernelSet *factorKernels(const char *name);

#pragma clang assume_nonnull end

#endif
