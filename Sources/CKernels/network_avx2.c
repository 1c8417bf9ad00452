// SPDX-License-Identifier: Apache-2.0
//
// The network's kernels with vectors of eight floats: six rows of one panel are twelve of the sixteen registers.

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define NETWORK_TILE 6
#define NETWORK_TILE_PANELS 1
#include "network_kernels.h"
#pragma clang attribute pop

const NetworkKernelSet avx2NetworkKernelSet = {.name = "avx2", NETWORK_SET_MEMBERS};
#else
typedef int translationUnitIsNotEmpty;
#endif
