// SPDX-License-Identifier: Apache-2.0
//
// The fast distance kernels, written once and compiled once for each width. The file that includes this one sets VECTOR_FLOATS,
// BYTE_STEP (bytes of one load), BLOCK_ROWS (rows whose sums with four centres stay in registers), CLUSTER_FUNCTION, CLUSTER_LINKAGE,
// CLUSTER_NAME and the target, and defines ByteVector, ByteSums, loadBytes, loadFewBytes, addDots, sumLanes and addFourSums.

#include <stdint.h>
#include <string.h>

#include "ClusterKernels.h"

#pragma clang fp contract(fast)

typedef float Vector __attribute__((vector_size(VECTOR_FLOATS * 4), aligned(4)));
typedef uint32_t Words __attribute__((vector_size(VECTOR_FLOATS * 4), aligned(4)));
typedef uint8_t Bytes __attribute__((vector_size(VECTOR_FLOATS), aligned(1)));
enum { DOUBLES = VECTOR_FLOATS / 2 };
typedef double DoubleVector __attribute__((vector_size(DOUBLES * 8), aligned(8)));
typedef float HalfVector __attribute__((vector_size(DOUBLES * 4), aligned(4)));
typedef uint8_t HalfBytes __attribute__((vector_size(DOUBLES), aligned(1)));
typedef int8_t HalfDigits __attribute__((vector_size(DOUBLES), aligned(1)));
typedef int32_t HalfWords __attribute__((vector_size(DOUBLES * 4), aligned(4)));

#define BODY static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

enum { BLOCK_VECTORS = 4, MOST_VECTORS = 5, DIGIT_CACHE = 256 << 10, MIN_DIGIT_BLOCK = 1024, PREFETCH_ROWS = 4 };

// MARK: Bytes

/// Adds the dot products of ROWS rows with VECTORS digit vectors to `out`, whose rows are `vectors` long.
BODY void byteBlock(const uint8_t *x, size_t stride, const uint32_t *rowIndices, size_t columns, const int8_t *digits,
                    size_t digitStride, size_t vectors, int32_t *out, const int ROWS, const int VECTORS) {
    ByteSums sums[BLOCK_ROWS][MOST_VECTORS] = {};
    const uint8_t *row[BLOCK_ROWS];
    ByteVector bytes[BLOCK_ROWS];
    UNROLL for (int r = 0; r < ROWS; r++) row[r] = x + rowIndices[r] * stride;
    size_t c = 0;
    for (; c + BYTE_STEP <= columns; c += BYTE_STEP) {
        UNROLL for (int r = 0; r < ROWS; r++) bytes[r] = loadBytes(row[r] + c);
        UNROLL for (int v = 0; v < VECTORS; v++) {
            ByteVector digit = loadBytes((const uint8_t *)digits + v * digitStride + c);
            UNROLL for (int r = 0; r < ROWS; r++) sums[r][v] = addDots(sums[r][v], bytes[r], digit);
        }
    }
    if (c < columns) {
        UNROLL for (int r = 0; r < ROWS; r++) bytes[r] = loadFewBytes(row[r] + c, columns - c);
        UNROLL for (int v = 0; v < VECTORS; v++) {
            ByteVector digit = loadBytes((const uint8_t *)digits + v * digitStride + c);
            UNROLL for (int r = 0; r < ROWS; r++) sums[r][v] = addDots(sums[r][v], bytes[r], digit);
        }
    }
    UNROLL for (int r = 0; r < ROWS; r++) {
        if (VECTORS == BLOCK_VECTORS)
            addFourSums(out + r * vectors, sums[r]);
        else
            UNROLL for (int v = 0; v < VECTORS; v++) out[r * vectors + v] += sumLanes(sums[r][v]);
    }
}

BODY void byteRows(const uint8_t *x, size_t stride, const uint32_t *rowIndices, size_t columns, const int8_t *digits,
                   size_t digitStride, size_t vectors, int32_t *out, const int ROWS) {
    size_t v = 0;
    // Five go together: one alone would load as much as it computes.
    for (; v + BLOCK_VECTORS <= vectors && vectors - v != MOST_VECTORS; v += BLOCK_VECTORS)
        byteBlock(x, stride, rowIndices, columns, digits + v * digitStride, digitStride, vectors, out + v, ROWS, BLOCK_VECTORS);
    const int8_t *rest = digits + v * digitStride;
    switch (vectors - v) {
    case 1: byteBlock(x, stride, rowIndices, columns, rest, digitStride, vectors, out + v, ROWS, 1); break;
    case 2: byteBlock(x, stride, rowIndices, columns, rest, digitStride, vectors, out + v, ROWS, 2); break;
    case 3: byteBlock(x, stride, rowIndices, columns, rest, digitStride, vectors, out + v, ROWS, 3); break;
    case 5: byteBlock(x, stride, rowIndices, columns, rest, digitStride, vectors, out + v, ROWS, 5); break;
    }
}

static void byteDots(const uint8_t *x, size_t stride, const uint32_t *rowIndices, size_t rows, size_t columns,
                     const int8_t *digits, size_t digitStride, size_t vectors, int32_t *out) {
    memset(out, 0, rows * vectors * sizeof *out);
    // Digits of a block of columns stay in the second-level cache while all rows go by.
    size_t width = DIGIT_CACHE / (vectors == 0 ? 1 : vectors) / 64 * 64;
    if (width < MIN_DIGIT_BLOCK) width = MIN_DIGIT_BLOCK;
    for (size_t first = 0; first < columns; first += width) {
        size_t count = columns - first < width ? columns - first : width;
        size_t r = 0;
        for (; r + BLOCK_ROWS <= rows; r += BLOCK_ROWS)
            byteRows(x + first, stride, rowIndices + r, count, digits + first, digitStride, vectors, out + r * vectors, BLOCK_ROWS);
        for (; r < rows; r++)
            byteRows(x + first, stride, rowIndices + r, count, digits + first, digitStride, vectors, out + r * vectors, 1);
    }
}

static void pairedByteDots(const uint8_t *x, size_t stride, const uint32_t *rowIndices, const uint32_t *centres, size_t rows,
                           size_t columns, const int8_t *digits, size_t digitStride, int32_t *out) {
    memset(out, 0, 2 * rows * sizeof *out);
    for (size_t r = 0; r < rows; r++) {
        // Rows lie apart, and there is little to do for each: memory is the limit.
        if (r + PREFETCH_ROWS < rows)
            for (size_t c = 0; c < columns; c += 64) __builtin_prefetch(x + rowIndices[r + PREFETCH_ROWS] * stride + c);
        byteBlock(x, stride, rowIndices + r, columns, digits + 2 * centres[r] * digitStride, digitStride, 2, out + 2 * r, 1, 2);
    }
}

BODY Words widened(const uint8_t *p) { return __builtin_convertvector(*(const Bytes *)p, Words); }

static void moveBytes(const uint8_t *x, size_t stride, const uint32_t *rowIndices, const uint32_t *from, const uint32_t *to,
                      size_t rows, size_t firstColumn, size_t endColumn, uint32_t *sums, size_t sumStride) {
    for (size_t r = 0; r < rows; r++) {
        const uint8_t *row = x + rowIndices[r] * stride;
        uint32_t *less = from[r] != CLUSTER_NO_CENTRE ? sums + from[r] * sumStride : nullptr;
        uint32_t *more = to[r] != CLUSTER_NO_CENTRE ? sums + to[r] * sumStride : nullptr;
        size_t c = firstColumn;
        for (; c + VECTOR_FLOATS <= endColumn; c += VECTOR_FLOATS) {
            Words values = widened(row + c);
            if (less != nullptr) *(Words *)(less + c) -= values;
            if (more != nullptr) *(Words *)(more + c) += values;
        }
        for (; c < endColumn; c++) {
            if (less != nullptr) less[c] -= row[c];
            if (more != nullptr) more[c] += row[c];
        }
    }
}

static uint64_t byteSquares(const uint8_t *row, size_t columns) {
    uint64_t total = 0;
    size_t c = 0;
    while (c + VECTOR_FLOATS <= columns) {
        // A lane holds the squares of so many bytes without overflow.
        size_t end = columns - c > 65536 ? c + 65536 : columns;
        Words sums = {};
        for (; c + VECTOR_FLOATS <= end; c += VECTOR_FLOATS) {
            Words values = widened(row + c);
            sums += values * values;
        }
        for (int i = 0; i < VECTOR_FLOATS; i++) total += sums[i];
    }
    for (; c < columns; c++) total += (uint32_t)row[c] * row[c];
    return total;
}

// MARK: Floats

BODY Vector loadFloats(const float *p) { return *(const Vector *)p; }

BODY Vector loadFewFloats(const float *p, size_t count) {
    float few[VECTOR_FLOATS] = {};
    memcpy(few, p, count * sizeof *p);
    return loadFloats(few);
}

BODY float sumFloats(Vector v) {
#if VECTOR_FLOATS == 16
    HalfVector half = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7) + __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
    return ((half[0] + half[4]) + (half[2] + half[6])) + ((half[1] + half[5]) + (half[3] + half[7]));
#elif VECTOR_FLOATS == 8
    HalfVector half = __builtin_shufflevector(v, v, 0, 1, 2, 3) + __builtin_shufflevector(v, v, 4, 5, 6, 7);
    return (half[0] + half[2]) + (half[1] + half[3]);
#else
    return (v[0] + v[2]) + (v[1] + v[3]);
#endif
}

BODY void floatBlock(const float *x, size_t stride, const uint32_t *rowIndices, size_t columns, const float *centres,
                     size_t centreStride, size_t vectors, float *out, const int ROWS, const int VECTORS) {
    Vector sums[BLOCK_ROWS][BLOCK_VECTORS] = {}, values[BLOCK_ROWS];
    const float *row[BLOCK_ROWS];
    UNROLL for (int r = 0; r < ROWS; r++) row[r] = x + rowIndices[r] * stride;
    size_t c = 0;
    for (; c + VECTOR_FLOATS <= columns; c += VECTOR_FLOATS) {
        UNROLL for (int r = 0; r < ROWS; r++) values[r] = loadFloats(row[r] + c);
        UNROLL for (int v = 0; v < VECTORS; v++) {
            Vector centre = loadFloats(centres + v * centreStride + c);
            UNROLL for (int r = 0; r < ROWS; r++) {
                Vector difference = values[r] - centre;
                sums[r][v] += difference * difference;
            }
        }
    }
    if (c < columns) {
        UNROLL for (int r = 0; r < ROWS; r++) values[r] = loadFewFloats(row[r] + c, columns - c);
        UNROLL for (int v = 0; v < VECTORS; v++) {
            Vector centre = loadFewFloats(centres + v * centreStride + c, columns - c);
            UNROLL for (int r = 0; r < ROWS; r++) {
                Vector difference = values[r] - centre;
                sums[r][v] += difference * difference;
            }
        }
    }
    UNROLL for (int r = 0; r < ROWS; r++) {
        UNROLL for (int v = 0; v < VECTORS; v++) out[r * vectors + v] = sumFloats(sums[r][v]);
    }
}

BODY void floatRows(const float *x, size_t stride, const uint32_t *rowIndices, size_t columns, const float *centres,
                    size_t centreStride, size_t vectors, float *out, const int ROWS) {
    size_t v = 0;
    for (; v + BLOCK_VECTORS <= vectors; v += BLOCK_VECTORS)
        floatBlock(x, stride, rowIndices, columns, centres + v * centreStride, centreStride, vectors, out + v, ROWS, 4);
    const float *rest = centres + v * centreStride;
    switch (vectors - v) {
    case 1: floatBlock(x, stride, rowIndices, columns, rest, centreStride, vectors, out + v, ROWS, 1); break;
    case 2: floatBlock(x, stride, rowIndices, columns, rest, centreStride, vectors, out + v, ROWS, 2); break;
    case 3: floatBlock(x, stride, rowIndices, columns, rest, centreStride, vectors, out + v, ROWS, 3); break;
    }
}

static void floatDistances(const float *x, size_t stride, const uint32_t *rowIndices, size_t rows, size_t columns,
                           const float *centres, size_t centreStride, size_t vectors, float *out) {
    size_t r = 0;
    for (; r + BLOCK_ROWS <= rows; r += BLOCK_ROWS)
        floatRows(x, stride, rowIndices + r, columns, centres, centreStride, vectors, out + r * vectors, BLOCK_ROWS);
    for (; r < rows; r++) floatRows(x, stride, rowIndices + r, columns, centres, centreStride, vectors, out + r * vectors, 1);
}

static void pairedFloatDistances(const float *x, size_t stride, const uint32_t *rowIndices, const uint32_t *centreIndices,
                                 size_t rows, size_t columns, const float *centres, size_t centreStride, float *out) {
    for (size_t r = 0; r < rows; r++)
        floatBlock(x, stride, rowIndices + r, columns, centres + centreIndices[r] * centreStride, centreStride, 1, out + r, 1, 1);
}

BODY DoubleVector doubles(const float *p) { return __builtin_convertvector(*(const HalfVector *)p, DoubleVector); }

static void moveFloats(const float *x, size_t stride, const float *weights, const uint32_t *rowIndices, const uint32_t *from,
                       const uint32_t *to, size_t rows, size_t firstColumn, size_t endColumn, double *sums, size_t sumStride) {
    for (size_t r = 0; r < rows; r++) {
        const float *row = x + rowIndices[r] * stride;
        double weight = weights != nullptr ? (double)weights[rowIndices[r]] : 1;
        double *less = from[r] != CLUSTER_NO_CENTRE ? sums + from[r] * sumStride : nullptr;
        double *more = to[r] != CLUSTER_NO_CENTRE ? sums + to[r] * sumStride : nullptr;
        size_t c = firstColumn;
        for (; c + DOUBLES <= endColumn; c += DOUBLES) {
            DoubleVector values = weight * doubles(row + c);
            if (less != nullptr) *(DoubleVector *)(less + c) -= values;
            if (more != nullptr) *(DoubleVector *)(more + c) += values;
        }
        for (; c < endColumn; c++) {
            double value = weight * (double)row[c];
            if (less != nullptr) less[c] -= value;
            if (more != nullptr) more[c] += value;
        }
    }
}

static double exactByteDistance(const uint8_t *row, const float *centre, size_t columns) {
    DoubleVector sums = {};
    size_t c = 0;
    for (; c + DOUBLES <= columns; c += DOUBLES) {
        DoubleVector difference = __builtin_convertvector(*(const HalfBytes *)(row + c), DoubleVector) - doubles(centre + c);
        sums += difference * difference;
    }
    double total = 0;
    for (int i = 0; i < DOUBLES; i++) total += sums[i];
    for (; c < columns; c++) {
        double difference = (double)row[c] - (double)centre[c];
        total += difference * difference;
    }
    return total;
}

static double exactFloatDistance(const float *row, const float *centre, size_t columns) {
    DoubleVector sums = {};
    size_t c = 0;
    for (; c + DOUBLES <= columns; c += DOUBLES) {
        DoubleVector difference = doubles(row + c) - doubles(centre + c);
        sums += difference * difference;
    }
    double total = 0;
    for (int i = 0; i < DOUBLES; i++) total += sums[i];
    for (; c < columns; c++) {
        double difference = (double)row[c] - (double)centre[c];
        total += difference * difference;
    }
    return total;
}

static void centreDigits(const float *centre, size_t columns, float unit, int8_t *high, int8_t *low, double *squares,
                         double *errorSquares) {
    DoubleVector square = {}, error = {};
    float inverse = 1 / unit;
    double scale = unit;
    for (size_t c = 0; c < columns; c += DOUBLES) {
        size_t count = columns - c < DOUBLES ? columns - c : DOUBLES;
        HalfVector values = {};
        if (count == DOUBLES)
            values = *(const HalfVector *)(centre + c);
        else
            memcpy(&values, centre + c, count * sizeof *centre);
        // Adding and taking away 1.5 * 2^23 rounds to a whole number.
        HalfVector shifted = values * inverse + 12582912.0f;
        HalfWords number = __builtin_convertvector(shifted - 12582912.0f, HalfWords);
        HalfWords top = (number + 64) >> 7;
        HalfDigits highDigits = __builtin_convertvector(top, HalfDigits);
        HalfDigits lowDigits = __builtin_convertvector(number - top * 128, HalfDigits);
        memcpy(high + c, &highDigits, count);
        memcpy(low + c, &lowDigits, count);
        DoubleVector value = __builtin_convertvector(number, DoubleVector) * scale;
        DoubleVector rest = __builtin_convertvector(values, DoubleVector) - value;
        square += value * value;
        error += rest * rest;
    }
    *squares = 0;
    *errorSquares = 0;
    for (int i = 0; i < DOUBLES; i++) {
        *squares += square[i];
        *errorSquares += error[i];
    }
}

static const ClusterKernelSet kernels = {
    CLUSTER_NAME, byteDots,    pairedByteDots,    floatDistances,     pairedFloatDistances, moveBytes,
    moveFloats,   byteSquares, exactByteDistance, exactFloatDistance, centreDigits,
};

CLUSTER_LINKAGE const ClusterKernelSet *CLUSTER_FUNCTION(void) { return &kernels; }
