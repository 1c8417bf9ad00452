// SPDX-License-Identifier: Apache-2.0
//
// Vectors of sixteen floats.

#include "ClusterKernels.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma"))), apply_to = function)
#define VECTOR_FLOATS 16
#define CLUSTER_FUNCTION clusterKernelsForAVX512
#define CLUSTER_LINKAGE static
#define CLUSTER_NAME "avx512"
#include "cluster_bytes_avx512.h"

static inline __attribute__((always_inline)) ByteSums addDots(ByteSums sums, ByteVector bytes, ByteVector digits) {
    __m512i pairs = _mm512_maddubs_epi16(bytes, digits);
    return _mm512_add_epi32(sums, _mm512_madd_epi16(pairs, _mm512_set1_epi16(1)));
}

#include "cluster_kernels.h"
#pragma clang attribute pop

const ClusterKernelSet *avx512ClusterKernels(void) {
    bool supported = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                     __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
    return supported && avx2ClusterKernels() != nullptr ? clusterKernelsForAVX512() : nullptr;
}
#else
const ClusterKernelSet *avx512ClusterKernels(void) { return nullptr; }
#endif
