// SPDX-License-Identifier: Apache-2.0
//
// Vectors of eight floats with fused multiply-add.

#include "ClusterKernels.h"
#include "MatrixKernels.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define VECTOR_FLOATS 8
#define BLOCK_ROWS 6
#include "matrix_kernels.h"
#pragma clang attribute pop

MatrixProduct avx2MatrixProduct(void) { return avx2ClusterKernels() != nullptr ? product : nullptr; }
#else
MatrixProduct avx2MatrixProduct(void) { return nullptr; }
#endif
