// SPDX-License-Identifier: Apache-2.0
//
// Vectors of eight floats, thirty-two bytes at once.

#include "ClusterKernels.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include <immintrin.h>

#define VECTOR_FLOATS 8
#define BYTE_STEP 32
#define BLOCK_ROWS 2
#define CLUSTER_FUNCTION clusterKernelsForAVX2
#define CLUSTER_LINKAGE static
#define CLUSTER_NAME "avx2"

typedef __m256i ByteVector;
typedef __m256i ByteSums;

static inline __attribute__((always_inline)) ByteVector loadBytes(const uint8_t *p) {
    return _mm256_loadu_si256((const __m256i *)p);
}

static inline __attribute__((always_inline)) ByteVector loadFewBytes(const uint8_t *p, size_t count) {
    uint8_t few[BYTE_STEP] = {};
    __builtin_memcpy(few, p, count);
    return loadBytes(few);
}

static inline __attribute__((always_inline)) ByteSums addDots(ByteSums sums, ByteVector bytes, ByteVector digits) {
    __m256i pairs = _mm256_maddubs_epi16(bytes, digits);
    return _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

static inline __attribute__((always_inline)) int32_t sumLanes(ByteSums sums) {
    __m128i half = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4E));
    return _mm_cvtsi128_si32(_mm_add_epi32(half, _mm_shuffle_epi32(half, 0xB1)));
}

/// Adds the sums of four vectors' lanes to four integers.
static inline __attribute__((always_inline)) void addFourSums(int32_t *out, const ByteSums *sums) {
    __m256i all = _mm256_hadd_epi32(_mm256_hadd_epi32(sums[0], sums[1]), _mm256_hadd_epi32(sums[2], sums[3]));
    __m128i four = _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
    _mm_storeu_si128((__m128i *)out, _mm_add_epi32(four, _mm_loadu_si128((const __m128i *)out)));
}

#include "cluster_kernels.h"
#pragma clang attribute pop

const ClusterKernelSet *avx2ClusterKernels(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? clusterKernelsForAVX2() : nullptr;
}
#else
const ClusterKernelSet *avx2ClusterKernels(void) { return nullptr; }
#endif
