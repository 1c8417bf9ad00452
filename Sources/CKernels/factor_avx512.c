// SPDX-License-Identifier: Apache-2.0
//
// The factorization machines' kernels with vectors of sixteen floats.

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma"))), apply_to = function)
#include "factor_kernels.h"
#pragma clang attribute pop

const FactorKernelSet avx512FactorKernelSet = {.name = "avx512", .score = factorScore, .gradient = factorGradient};
#else
typedef int translationUnitIsNotEmpty;
#endif
