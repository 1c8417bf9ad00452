// SPDX-License-Identifier: Apache-2.0
//
// The network's kernels with vectors of sixteen floats: fourteen rows of two panels are 28 of the 32 registers.

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma"))), apply_to = function)
#define NETWORK_TILE 14
#define NETWORK_TILE_PANELS 2
#include "network_kernels.h"
#pragma clang attribute pop

const NetworkKernelSet avx512NetworkKernelSet = {.name = "avx512", NETWORK_SET_MEMBERS};
#else
typedef int translationUnitIsNotEmpty;
#endif
