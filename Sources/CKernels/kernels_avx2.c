// SPDX-License-Identifier: Apache-2.0
//
// Vectors of eight floats with fused multiply-add.

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define VECTOR_FLOATS 8
#define ACCUMULATORS 12
#define KERNEL_SET avx2KernelSet
#define KERNEL_SET_NAME "avx2"
#include "vector_kernels.h"
#pragma clang attribute pop
#else
typedef int translationUnitIsNotEmpty;
#endif
