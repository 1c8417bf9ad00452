// SPDX-License-Identifier: Apache-2.0
//
// Products of float32 matrices.

#ifndef MATRIXKERNELS_H
#define MATRIXKERNELS_H

#include <stddef.h>

#pragma clang assume_nonnull begin

/// c[i * cStride + j] += sum over p of a[i * aRow + p * aColumn] * b[p * bRow + j * bColumn], for rows x columns entries and `inner` terms.
/// c overlaps neither a nor b.
typedef void (*MatrixProduct)(size_t rows, size_t columns, size_t inner, const float *a, size_t aRow, size_t aColumn,
                              const float *b, size_t bRow, size_t bColumn, float *c, size_t cStride);

/// Plain C.
MatrixProduct referenceMatrixProduct(void);
/// The vectors that every processor of this architecture has.
MatrixProduct portableMatrixProduct(void);
/// Null where this processor (or this architecture) lacks the instructions.
MatrixProduct _Nullable avx2MatrixProduct(void);
MatrixProduct _Nullable avx512MatrixProduct(void);

#pragma clang assume_nonnull end

#endif
