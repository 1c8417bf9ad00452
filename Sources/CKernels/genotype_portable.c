// SPDX-License-Identifier: Apache-2.0
//
// The genotype kernel with the vectors that every processor of this architecture has.

#include "genotype_kernels.h"

const GenotypeKernelSet portableGenotypeKernelSet = {.name = "portable", .dosages = genotypeDosages};
