// SPDX-License-Identifier: Apache-2.0
//
// Kernels for distances between rows and centres.
//
// A byte row is compared with a centre through the centre's digits: c is about unit * (128 * high + low), both digits within
// -64 ... 64, which no version's intermediate sums can overflow. All versions give the same integers. At most
// CLUSTER_MAX_BYTE_COLUMNS columns are summed at once; rows of digits are filled up with zeros to a multiple of 64 bytes. Rows
// are named by their indices; no array need be aligned.

#ifndef CLUSTERKERNELS_H
#define CLUSTERKERNELS_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

enum { CLUSTER_MAX_BYTE_COLUMNS = 65536, CLUSTER_NO_CENTRE = 0xFFFFFFFF };

typedef struct ClusterKernelSet {
    const char *name;

    /// out[r * vectors + v] = sum over c of x[rowIndices[r] * stride + c] * digits[v * digitStride + c].
    void (*byteDots)(const uint8_t *x, size_t stride, const uint32_t *rowIndices, size_t rows, size_t columns,
                     const int8_t *digits, size_t digitStride, size_t vectors, int32_t *out);
    /// Row r with the two digit vectors 2 * centres[r] and 2 * centres[r] + 1: out[2 * r], out[2 * r + 1].
    void (*pairedByteDots)(const uint8_t *x, size_t stride, const uint32_t *rowIndices, const uint32_t *centres, size_t rows,
                           size_t columns, const int8_t *digits, size_t digitStride, int32_t *out);
    /// out[r * vectors + v] = sum over c of (x[rowIndices[r] * stride + c] - centres[v * centreStride + c])^2, in float32.
    void (*floatDistances)(const float *x, size_t stride, const uint32_t *rowIndices, size_t rows, size_t columns,
                           const float *centres, size_t centreStride, size_t vectors, float *out);
    /// Row r with centre centreIndices[r]: out[r].
    void (*pairedFloatDistances)(const float *x, size_t stride, const uint32_t *rowIndices, const uint32_t *centreIndices,
                                 size_t rows, size_t columns, const float *centres, size_t centreStride, float *out);
    /// Subtracts each row from the sums of `from` and adds it to those of `to` (either may be CLUSTER_NO_CENTRE), in columns
    /// firstColumn ..< endColumn; row after row. Sums are modulo 2^32.
    void (*moveBytes)(const uint8_t *x, size_t stride, const uint32_t *rowIndices, const uint32_t *from, const uint32_t *to,
                      size_t rows, size_t firstColumn, size_t endColumn, uint32_t *sums, size_t sumStride);
    /// As moveBytes, row r times weights[rowIndices[r]] where there are weights.
    void (*moveFloats)(const float *x, size_t stride, const float *_Nullable weights, const uint32_t *rowIndices,
                       const uint32_t *from, const uint32_t *to, size_t rows, size_t firstColumn, size_t endColumn,
                       double *sums, size_t sumStride);
    /// The sum of the squares of a row's bytes.
    uint64_t (*byteSquares)(const uint8_t *row, size_t columns);
    /// The squared distance in float64.
    double (*exactByteDistance)(const uint8_t *row, const float *centre, size_t columns);
    double (*exactFloatDistance)(const float *row, const float *centre, size_t columns);
    /// Writes the digits of centre / unit, rounded; gives the squared length of what they stand for and of what they leave out.
    void (*centreDigits)(const float *centre, size_t columns, float unit, int8_t *high, int8_t *low, double *squares,
                         double *errorSquares);
} ClusterKernelSet;

/// Rows' bounds between two steps: one from above on the distance to a row's own centre, `groups` from below on those to the others.
typedef struct ClusterBounds {
    float *upper;
    float *lower;  // [row][groups]
    const uint32_t *own;
    uint32_t groups;
    const float *drift;    // how far each centre went
    const float *halfGap;  // half of each centre's distance to the nearest other
    // Of each group: the farthest that a centre went, which one, and the farthest of the others.
    const float *groupDrift;
    const uint32_t *groupCentre;
    const float *groupSecond;
} ClusterBounds;

/// Moves the bounds of rows firstRow ..< endRow with the centres; writes the numbers of those whose bounds meet and gives their count.
size_t moveClusterBounds(const ClusterBounds *bounds, size_t firstRow, size_t endRow, uint32_t *rows);
/// Keeps those of `rows` whose bounds still meet; gives their count. `values`, one a row, are kept alike.
size_t keepClusterBounds(const ClusterBounds *bounds, uint32_t *rows, double *values, size_t count);

/// The bits that any of the bytes has.
uint8_t allBits(const uint8_t *bytes, size_t count);
/// The largest absolute value of finite numbers, 0 where there is none.
float largestMagnitude(const float *values, size_t count);
/// out[i] = values[i] * scale.
void scaledWords(const uint32_t *words, size_t count, double scale, float *out);
void scaledDoubles(const double *values, size_t count, double scale, float *out);

/// Plain C.
const ClusterKernelSet *referenceClusterKernels(void);
/// The vectors that every processor of this architecture has.
const ClusterKernelSet *portableClusterKernels(void);
/// Null where this processor (or this architecture) lacks the instructions.
const ClusterKernelSet *_Nullable avx2ClusterKernels(void);
const ClusterKernelSet *_Nullable avx512ClusterKernels(void);
/// AVX-512 with the dot products of bytes of VNNI.
const ClusterKernelSet *_Nullable vnniClusterKernels(void);

#pragma clang assume_nonnull end

#endif
