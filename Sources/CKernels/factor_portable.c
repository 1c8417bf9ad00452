// SPDX-License-Identifier: Apache-2.0
//
// The factorization machines' kernels with the vectors that every processor of this architecture has.

#include "factor_kernels.h"

const FactorKernelSet portableFactorKernelSet = {.name = "portable", .score = factorScore, .gradient = factorGradient};
