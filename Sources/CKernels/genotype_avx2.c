// SPDX-License-Identifier: Apache-2.0
//
// The genotype kernel with vectors of eight words.

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#include "genotype_kernels.h"
#pragma clang attribute pop

const GenotypeKernelSet avx2GenotypeKernelSet = {.name = "avx2", .dosages = genotypeDosages};
#else
typedef int translationUnitIsNotEmpty;
#endif
