// SPDX-License-Identifier: Apache-2.0
//
// Kernels for neural networks: convolutions and dense layers as products over patches, without copying patches together.
//
// Images are [height][width][channels]. A row of a kernel covers kernelWidth * channels numbers that lie one behind the other, its
// patch, so a convolution is a sum over kernel rows of products with such runs; a dense layer is a convolution whose rows are examples.
// Weights lie in panels of 16 outputs: [panels][kernelHeight * patch][16], outputs padded with zeros.

#ifndef NETWORK_KERNELS_H
#define NETWORK_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

enum { NETWORK_PANEL = 16 };

// The pointers of the two products are never null; without that promise Swift can make the structures member by member.

/// Which part of an input is the image; around it lies a border of zeros, which products pass over where that is worth it.
/// Rows, and in a row pixels of `inStep` numbers; no height stands for everything.
typedef struct NetworkBorder {
    size_t top;
    size_t left;
    size_t height;
    size_t width;
} NetworkBorder;

/// out[y * outRow + x * outStep + o] = bias[o] + sum over ky, j of in[(y + ky) * inRow + x * inStep + j] * weight(o, ky, j).
typedef struct NetworkProduct {
    const float *_Nullable in;
    size_t inRow;
    size_t inStep;
    size_t height;
    size_t width;
    size_t kernelHeight;
    size_t patch;
    const float *_Nullable weights;
    size_t panels;
    const float *_Nullable bias;
    float *_Nullable out;
    size_t outRow;
    size_t outStep;
    NetworkBorder border;
} NetworkProduct;

/// gradient(o, ky, j) += sum over y, x of in[(y + ky) * inRow + x * inStep + j] * errors[y * errorRow + x * errorStep + o].
typedef struct NetworkOuterProduct {
    const float *_Nullable in;
    size_t inRow;
    size_t inStep;
    size_t height;
    size_t width;
    size_t kernelHeight;
    size_t patch;
    const float *_Nullable errors;
    size_t errorRow;
    size_t errorStep;
    size_t panels;
    float *_Nullable gradient;
    NetworkBorder border;
} NetworkOuterProduct;

/// Maxima over windows of size * size, which the image's edge may cut off; with `rectified`, of the numbers above zero.
/// A size of 1 is the rectifier alone, or nothing.
typedef struct NetworkPool {
    size_t height;  // before pooling
    size_t width;
    size_t channels;
    size_t size;
    bool rectified;
} NetworkPool;

typedef enum NetworkOptimizer { NETWORK_SGD = 0, NETWORK_MOMENTUM, NETWORK_ADAM } NetworkOptimizer;

/// One step's constants; Adam's bias correction is already in the rate and in epsilon.
typedef struct NetworkStep {
    NetworkOptimizer optimizer;
    float rate;
    float weightDecay;
    float momentum;
    float beta1;
    float beta2;
    float epsilon;
} NetworkStep;

typedef struct __attribute__((swift_attr("@Sendable"))) NetworkKernelSet {
    const char *name;
    void (*product)(const NetworkProduct *product);
    void (*outerProduct)(const NetworkOuterProduct *product);
    /// Pools `in`, rows of width * channels, to rows of `outRow` numbers; choices tell which number of its window each one was, 255 for none.
    void (*pool)(const NetworkPool *pool, const float *in, float *out, size_t outRow, uint8_t *choices);
    /// Sends errors back to where the pooled numbers came from, in rows of `outRow` numbers; others get zero.
    void (*poolBackward)(const NetworkPool *pool, const float *errors, const uint8_t *choices, float *out, size_t outRow);
    /// sums[c] += x over rows of `stride` numbers.
    void (*sumRows)(const float *x, size_t rows, size_t stride, size_t columns, float *sums);
    /// Zeroes each number with the chance threshold / 2^32 and multiplies the others by `scale`; number i's fate is decided by seed and i.
    void (*dropout)(float *x, size_t count, uint32_t threshold, float scale, uint64_t seed, uint64_t first);
    /// One step of the optimizer; what it does not need may be null.
    void (*step)(const NetworkStep *step, float *weights, const float *gradient, float *_Nullable first, float *_Nullable second,
                 size_t count);
    /// Transposes `count` blocks of 16 * 16 numbers, each of which lies in one piece in both places.
    void (*transpose)(const float *in, size_t inStep, float *out, size_t outStep, size_t count);
} NetworkKernelSet;

/// The version of that name (`reference`, `portable`, `avx2`, `avx512`); the processor must run it. The reference for any other name.
const NetworkKernelSet *networkKernels(const char *name);

#pragma clang assume_nonnull end

#endif
