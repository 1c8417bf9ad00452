// SPDX-License-Identifier: Apache-2.0
//
// The distance kernels in plain C: what each computes, for readers and as the measure of every faster version.

#include <math.h>

#include "ClusterKernels.h"

static int32_t byteDot(const uint8_t *row, const int8_t *digits, size_t columns) {
    int32_t sum = 0;
    for (size_t c = 0; c < columns; c++) sum += row[c] * digits[c];
    return sum;
}

static void byteDots(const uint8_t *x, size_t stride, const uint32_t *rowIndices, size_t rows, size_t columns,
                     const int8_t *digits, size_t digitStride, size_t vectors, int32_t *out) {
    for (size_t r = 0; r < rows; r++)
        for (size_t v = 0; v < vectors; v++)
            out[r * vectors + v] = byteDot(x + rowIndices[r] * stride, digits + v * digitStride, columns);
}

static void pairedByteDots(const uint8_t *x, size_t stride, const uint32_t *rowIndices, const uint32_t *centres, size_t rows,
                           size_t columns, const int8_t *digits, size_t digitStride, int32_t *out) {
    for (size_t r = 0; r < rows; r++)
        for (size_t v = 0; v < 2; v++)
            out[2 * r + v] = byteDot(x + rowIndices[r] * stride, digits + (2 * (size_t)centres[r] + v) * digitStride, columns);
}

static double exactFloatDistance(const float *row, const float *centre, size_t columns) {
    double sum = 0;
    for (size_t c = 0; c < columns; c++) {
        double difference = (double)row[c] - (double)centre[c];
        sum += difference * difference;
    }
    return sum;
}

static double exactByteDistance(const uint8_t *row, const float *centre, size_t columns) {
    double sum = 0;
    for (size_t c = 0; c < columns; c++) {
        double difference = (double)row[c] - (double)centre[c];
        sum += difference * difference;
    }
    return sum;
}

static void floatDistances(const float *x, size_t stride, const uint32_t *rowIndices, size_t rows, size_t columns,
                           const float *centres, size_t centreStride, size_t vectors, float *out) {
    for (size_t r = 0; r < rows; r++)
        for (size_t v = 0; v < vectors; v++)
            out[r * vectors + v] = (float)exactFloatDistance(x + rowIndices[r] * stride, centres + v * centreStride, columns);
}

static void pairedFloatDistances(const float *x, size_t stride, const uint32_t *rowIndices, const uint32_t *centreIndices,
                                 size_t rows, size_t columns, const float *centres, size_t centreStride, float *out) {
    for (size_t r = 0; r < rows; r++)
        out[r] = (float)exactFloatDistance(x + rowIndices[r] * stride, centres + centreIndices[r] * centreStride, columns);
}

static void moveBytes(const uint8_t *x, size_t stride, const uint32_t *rowIndices, const uint32_t *from, const uint32_t *to,
                      size_t rows, size_t firstColumn, size_t endColumn, uint32_t *sums, size_t sumStride) {
    for (size_t r = 0; r < rows; r++) {
        const uint8_t *row = x + rowIndices[r] * stride;
        for (size_t c = firstColumn; c < endColumn; c++) {
            if (from[r] != CLUSTER_NO_CENTRE) sums[from[r] * sumStride + c] -= row[c];
            if (to[r] != CLUSTER_NO_CENTRE) sums[to[r] * sumStride + c] += row[c];
        }
    }
}

static void moveFloats(const float *x, size_t stride, const float *weights, const uint32_t *rowIndices, const uint32_t *from,
                       const uint32_t *to, size_t rows, size_t firstColumn, size_t endColumn, double *sums, size_t sumStride) {
    for (size_t r = 0; r < rows; r++) {
        const float *row = x + rowIndices[r] * stride;
        double weight = weights != nullptr ? (double)weights[rowIndices[r]] : 1;
        for (size_t c = firstColumn; c < endColumn; c++) {
            if (from[r] != CLUSTER_NO_CENTRE) sums[from[r] * sumStride + c] -= weight * (double)row[c];
            if (to[r] != CLUSTER_NO_CENTRE) sums[to[r] * sumStride + c] += weight * (double)row[c];
        }
    }
}

static uint64_t byteSquares(const uint8_t *row, size_t columns) {
    uint64_t sum = 0;
    for (size_t c = 0; c < columns; c++) sum += (uint32_t)row[c] * row[c];
    return sum;
}

static void centreDigits(const float *centre, size_t columns, float unit, int8_t *high, int8_t *low, double *squares,
                         double *errorSquares) {
    double square = 0, error = 0;
    for (size_t c = 0; c < columns; c++) {
        int32_t number = (int32_t)lrintf(centre[c] / unit);
        int32_t top = (number + 64) >> 7;
        high[c] = (int8_t)top;
        low[c] = (int8_t)(number - top * 128);
        double value = (double)unit * number, rest = (double)centre[c] - value;
        square += value * value;
        error += rest * rest;
    }
    *squares = square;
    *errorSquares = error;
}

static const ClusterKernelSet kernels = {
    "reference",        byteDots,           pairedByteDots, floatDistances, pairedFloatDistances, moveBytes, moveFloats, byteSquares,
    exactByteDistance, exactFloatDistance, centreDigits,
};

const ClusterKernelSet *referenceClusterKernels(void) { return &kernels; }
