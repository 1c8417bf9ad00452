// SPDX-License-Identifier: Apache-2.0
//
// The network's kernels with the vectors that every processor of this architecture has.

#define NETWORK_TILE 3
#define NETWORK_TILE_PANELS 1
#include "network_kernels.h"

const NetworkKernelSet portableNetworkKernelSet = {.name = "portable", NETWORK_SET_MEMBERS};
