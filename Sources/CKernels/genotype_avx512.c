// SPDX-License-Identifier: Apache-2.0
//
// The genotype kernel with vectors of sixteen words.

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl"))), apply_to = function)
#include "genotype_kernels.h"
#pragma clang attribute pop

const GenotypeKernelSet avx512GenotypeKernelSet = {.name = "avx512", .dosages = genotypeDosages};
#else
typedef int translationUnitIsNotEmpty;
#endif
