// SPDX-License-Identifier: Apache-2.0
//
// Vectors of sixteen floats, and VNNI's dot products of four bytes a lane.

#include "ClusterKernels.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx512vnni,avx2,fma"))), apply_to = function)
#define VECTOR_FLOATS 16
#define CLUSTER_FUNCTION clusterKernelsForVNNI
#define CLUSTER_LINKAGE static
#define CLUSTER_NAME "avx512vnni"
#include "cluster_bytes_avx512.h"

static inline __attribute__((always_inline)) ByteSums addDots(ByteSums sums, ByteVector bytes, ByteVector digits) {
    return _mm512_dpbusd_epi32(sums, bytes, digits);
}

#include "cluster_kernels.h"
#pragma clang attribute pop

const ClusterKernelSet *vnniClusterKernels(void) {
    return avx512ClusterKernels() != nullptr && __builtin_cpu_supports("avx512vnni") ? clusterKernelsForVNNI() : nullptr;
}
#else
const ClusterKernelSet *vnniClusterKernels(void) { return nullptr; }
#endif
