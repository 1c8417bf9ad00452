// SPDX-License-Identifier: Apache-2.0
//
// The tree's kernels with vectors of four doubles.

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define TREE_LANES 4
#include "tree_search.h"
#include "tree_partition.h"
#pragma clang attribute pop

const TreeKernelSet avx2TreeKernelSet = {.name = "avx2", .search = treeSearch, .partition = treePartition};
#else
typedef int translationUnitIsNotEmpty;
#endif
