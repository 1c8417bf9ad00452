// SPDX-License-Identifier: Apache-2.0
//
// Vectors of four floats: the baseline of x86-64, NEON on aarch64.

#define VECTOR_FLOATS 4
#if defined(__aarch64__)
#define ACCUMULATORS 24
#else
#define ACCUMULATORS 8
#endif
#define KERNEL_SET portableKernelSet
#define KERNEL_SET_NAME "portable"
#include "vector_kernels.h"
