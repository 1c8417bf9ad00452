// SPDX-License-Identifier: Apache-2.0
//
// The tree's kernels with vectors of eight doubles.

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2"))), apply_to = function)
#define TREE_LANES 8
#include "tree_search.h"

/// Eight entries at a time: their bits are gathered, the two kinds pressed together and stored whole; what lies behind them is
/// written over by the next eight.
static uint32_t treePartition(const TreeEntry *entries, uint32_t count, const uint32_t *bits, TreeEntry *left, TreeEntry *right) {
    uint32_t leftCount = 0, rightCount = 0, i = 0;
    for (; i + 8 <= count; i += 8) {
        __m512i eight = _mm512_loadu_si512(entries + i);
        __m256i rows = _mm512_cvtepi64_epi32(eight);
        __m256i words = _mm256_i32gather_epi32((const int *)bits, _mm256_srli_epi32(rows, 5), 4);
        __m256i shifted = _mm256_srlv_epi32(words, _mm256_and_si256(rows, _mm256_set1_epi32(31)));
        __mmask8 isRight = _mm256_test_epi32_mask(shifted, _mm256_set1_epi32(1));
        __mmask8 isLeft = (__mmask8)~isRight;
        _mm512_storeu_si512(left + leftCount, _mm512_maskz_compress_epi64(isLeft, eight));
        _mm512_storeu_si512(right + rightCount, _mm512_maskz_compress_epi64(isRight, eight));
        uint32_t rightOnes = (uint32_t)__builtin_popcount(isRight);
        rightCount += rightOnes;
        leftCount += 8 - rightOnes;
    }
    for (; i < count; i++) {
        TreeEntry entry = entries[i];
        uint32_t bit = bits[entry.row >> 5] >> (entry.row & 31) & 1;
        left[leftCount] = entry;
        right[rightCount] = entry;
        rightCount += bit;
        leftCount += 1 - bit;
    }
    return leftCount;
}
#pragma clang attribute pop

const TreeKernelSet avx512TreeKernelSet = {.name = "avx512", .search = treeSearch, .partition = treePartition};
#else
typedef int translationUnitIsNotEmpty;
#endif
