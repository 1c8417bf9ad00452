// SPDX-License-Identifier: Apache-2.0
//
// Vectors of four floats: the baseline of x86-64, NEON on aarch64.

#define VECTOR_FLOATS 4
#if defined(__aarch64__)
#define BLOCK_ROWS 8
#else
#define BLOCK_ROWS 4
#endif
#include "matrix_kernels.h"

MatrixProduct portableMatrixProduct(void) { return product; }
