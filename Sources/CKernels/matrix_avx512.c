// SPDX-License-Identifier: Apache-2.0
//
// Vectors of sixteen floats.

#include "ClusterKernels.h"
#include "MatrixKernels.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma"))), apply_to = function)
#define VECTOR_FLOATS 16
#define BLOCK_ROWS 12
#include "matrix_kernels.h"
#pragma clang attribute pop

MatrixProduct avx512MatrixProduct(void) { return avx512ClusterKernels() != nullptr ? product : nullptr; }
#else
MatrixProduct avx512MatrixProduct(void) { return nullptr; }
#endif
