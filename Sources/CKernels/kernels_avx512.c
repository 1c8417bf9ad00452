// SPDX-License-Identifier: Apache-2.0
//
// Vectors of sixteen floats.

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma"))), apply_to = function)
#define VECTOR_FLOATS 16
#define ACCUMULATORS 24
#define KERNEL_SET avx512KernelSet
#define KERNEL_SET_NAME "avx512"
#include "vector_kernels.h"
#pragma clang attribute pop
#else
typedef int translationUnitIsNotEmpty;
#endif
