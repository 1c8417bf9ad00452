// SPDX-License-Identifier: Apache-2.0
//
// The matrix product in plain C, summed in float64: the measure of every faster version.

#include "MatrixKernels.h"

static void product(size_t rows, size_t columns, size_t inner, const float *a, size_t aRow, size_t aColumn, const float *b,
                    size_t bRow, size_t bColumn, float *c, size_t cStride) {
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) {
            double sum = 0;
            for (size_t p = 0; p < inner; p++) sum += (double)a[i * aRow + p * aColumn] * (double)b[p * bRow + j * bColumn];
            c[i * cStride + j] += (float)sum;
        }
}

MatrixProduct referenceMatrixProduct(void) { return product; }
