// SPDX-License-Identifier: Apache-2.0
//
// The matrix product with sums in registers: blocks of BLOCK_ROWS rows and two vectors of columns, for the terms whose columns fit the
// first-level cache. The file that includes this one sets VECTOR_FLOATS, BLOCK_ROWS, PRODUCT (the function's name) and the target.

#include <string.h>

#include "MatrixKernels.h"

#pragma clang fp contract(fast)

typedef float Vector __attribute__((vector_size(VECTOR_FLOATS * 4), aligned(4)));

#define BODY static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

enum { PANEL = 2 * VECTOR_FLOATS, DEPTH = 256 };

BODY void productBlock(size_t inner, const float *a, size_t aRow, size_t aColumn, const float *panel, float *c, size_t cStride,
                       size_t columns, const int ROWS) {
    Vector left[BLOCK_ROWS] = {}, right[BLOCK_ROWS] = {};
    for (size_t p = 0; p < inner; p++) {
        Vector first = *(const Vector *)(panel + p * PANEL), second = *(const Vector *)(panel + p * PANEL + VECTOR_FLOATS);
        UNROLL for (int r = 0; r < ROWS; r++) {
            float value = a[r * aRow + p * aColumn];
            left[r] += value * first;
            right[r] += value * second;
        }
    }
    UNROLL for (int r = 0; r < ROWS; r++) {
        float *out = c + r * cStride;
        if (columns == PANEL) {
            *(Vector *)out += left[r];
            *(Vector *)(out + VECTOR_FLOATS) += right[r];
        } else {
            float sums[PANEL];
            memcpy(sums, &left[r], sizeof left[r]);
            memcpy(sums + VECTOR_FLOATS, &right[r], sizeof right[r]);
            for (size_t j = 0; j < columns; j++) out[j] += sums[j];
        }
    }
}

static void product(size_t rows, size_t columns, size_t inner, const float *a, size_t aRow, size_t aColumn, const float *b,
                    size_t bRow, size_t bColumn, float *c, size_t cStride) {
    float panel[DEPTH * PANEL] __attribute__((aligned(64)));
    for (size_t first = 0; first < inner; first += DEPTH) {
        size_t depth = inner - first < DEPTH ? inner - first : DEPTH;
        for (size_t column = 0; column < columns; column += PANEL) {
            size_t width = columns - column < PANEL ? columns - column : PANEL;
            for (size_t p = 0; p < depth; p++) {
                const float *from = b + (first + p) * bRow + column * bColumn;
                for (size_t j = 0; j < width; j++) panel[p * PANEL + j] = from[j * bColumn];
                for (size_t j = width; j < PANEL; j++) panel[p * PANEL + j] = 0;
            }
            size_t row = 0;
            for (; row + BLOCK_ROWS <= rows; row += BLOCK_ROWS)
                productBlock(depth, a + row * aRow + first * aColumn, aRow, aColumn, panel, c + row * cStride + column, cStride,
                             width, BLOCK_ROWS);
            for (; row < rows; row++)
                productBlock(depth, a + row * aRow + first * aColumn, aRow, aColumn, panel, c + row * cStride + column, cStride,
                             width, 1);
        }
    }
}
