// SPDX-License-Identifier: Apache-2.0
//
// Sixty-four bytes at once; the file that includes this one defines addDots.

#include <immintrin.h>

#define BYTE_STEP 64
#define BLOCK_ROWS 4

typedef __m512i ByteVector;
typedef __m512i ByteSums;

static inline __attribute__((always_inline)) ByteVector loadBytes(const uint8_t *p) { return _mm512_loadu_si512(p); }

static inline __attribute__((always_inline)) ByteVector loadFewBytes(const uint8_t *p, size_t count) {
    return _mm512_maskz_loadu_epi8(~0ull >> (64 - count), p);
}

static inline __attribute__((always_inline)) int32_t sumLanes(ByteSums sums) { return _mm512_reduce_add_epi32(sums); }

/// Adds the sums of four vectors' lanes to four integers.
static inline __attribute__((always_inline)) void addFourSums(int32_t *out, const ByteSums *sums) {
    __m512i first = _mm512_add_epi32(_mm512_unpacklo_epi32(sums[0], sums[1]), _mm512_unpackhi_epi32(sums[0], sums[1]));
    __m512i second = _mm512_add_epi32(_mm512_unpacklo_epi32(sums[2], sums[3]), _mm512_unpackhi_epi32(sums[2], sums[3]));
    __m512i all = _mm512_add_epi32(_mm512_unpacklo_epi64(first, second), _mm512_unpackhi_epi64(first, second));
    __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(all), _mm512_extracti64x4_epi64(all, 1));
    __m128i quarter = _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
    _mm_storeu_si128((__m128i *)out, _mm_add_epi32(quarter, _mm_loadu_si128((const __m128i *)out)));
}
