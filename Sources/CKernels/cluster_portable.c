// SPDX-License-Identifier: Apache-2.0
//
// Vectors of four floats, sixteen bytes at once: the baseline of x86-64, NEON on aarch64, the compiler's vectors elsewhere.

#include "ClusterKernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#define VECTOR_FLOATS 4
#define BYTE_STEP 16
#define BLOCK_ROWS 2
#define CLUSTER_FUNCTION portableClusterKernels
#define CLUSTER_LINKAGE
#define CLUSTER_NAME "portable"

typedef uint8_t ByteVector __attribute__((vector_size(16), aligned(1)));
typedef int32_t ByteSums __attribute__((vector_size(16)));

static inline __attribute__((always_inline)) ByteVector loadBytes(const uint8_t *p) { return *(const ByteVector *)p; }

static inline __attribute__((always_inline)) ByteVector loadFewBytes(const uint8_t *p, size_t count) {
    uint8_t few[BYTE_STEP] = {};
    __builtin_memcpy(few, p, count);
    return loadBytes(few);
}

static inline __attribute__((always_inline)) ByteSums addDots(ByteSums sums, ByteVector bytes, ByteVector digits) {
#if defined(__x86_64__)
    __m128i x = (__m128i)bytes, q = (__m128i)digits, zero = _mm_setzero_si128();
    __m128i low = _mm_madd_epi16(_mm_unpacklo_epi8(x, zero), _mm_srai_epi16(_mm_unpacklo_epi8(q, q), 8));
    __m128i high = _mm_madd_epi16(_mm_unpackhi_epi8(x, zero), _mm_srai_epi16(_mm_unpackhi_epi8(q, q), 8));
    return sums + (ByteSums)_mm_add_epi32(low, high);
#elif defined(__aarch64__)
    uint8x16_t x = (uint8x16_t)bytes;
    int8x16_t q = (int8x16_t)digits;
    // Products of one byte and one digit fit sixteen bits, and so do sums of two.
    int16x8_t low = vmulq_s16(vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(x))), vmovl_s8(vget_low_s8(q)));
    low = vmlaq_s16(low, vreinterpretq_s16_u16(vmovl_u8(vget_high_u8(x))), vmovl_s8(vget_high_s8(q)));
    return (ByteSums)vpadalq_s16((int32x4_t)sums, low);
#else
    for (int i = 0; i < BYTE_STEP; i++) sums[i / 4] += (int32_t)bytes[i] * (int8_t)digits[i];
    return sums;
#endif
}

static inline __attribute__((always_inline)) int32_t sumLanes(ByteSums sums) { return (sums[0] + sums[1]) + (sums[2] + sums[3]); }

static inline __attribute__((always_inline)) void addFourSums(int32_t *out, const ByteSums *sums) {
    for (int v = 0; v < 4; v++) out[v] += sumLanes(sums[v]);
}

#include "cluster_kernels.h"
