// SPDX-License-Identifier: Apache-2.0
//
// The factorization machines' kernels with vectors of eight floats.

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "factor_kernels.h"
#pragma clang attribute pop

const FactorKernelSet avx2FactorKernelSet = {.name = "avx2", .score = factorScore, .gradient = factorGradient};
#else
typedef int translationUnitIsNotEmpty;
#endif
