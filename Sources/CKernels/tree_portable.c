// SPDX-License-Identifier: Apache-2.0
//
// The tree's kernels with the vectors that every processor of this architecture has.

#define TREE_LANES 2
#include "tree_search.h"
#include "tree_partition.h"

const TreeKernelSet portableTreeKernelSet = {.name = "portable", .search = treeSearch, .partition = treePartition};
