// SPDX-License-Identifier: Apache-2.0
//
// Plain C to test the other versions of the tree's kernels against, and what has only one version.

#define TREE_LANES 1
#include "tree_search.h"

static uint32_t partition(const TreeEntry *entries, uint32_t count, const uint32_t *bits, TreeEntry *left, TreeEntry *right) {
    uint32_t leftCount = 0, rightCount = 0;
    for (uint32_t i = 0; i < count; i++) {
        TreeEntry entry = entries[i];
        if (bits[entry.row >> 5] >> (entry.row & 31) & 1)
            right[rightCount++] = entry;
        else
            left[leftCount++] = entry;
    }
    return leftCount;
}

static const TreeKernelSet referenceSet = {.name = "reference", .search = treeSearch, .partition = partition};

extern const TreeKernelSet portableTreeKernelSet;
#if defined(__x86_64__)
extern const TreeKernelSet avx2TreeKernelSet;
extern const TreeKernelSet avx512TreeKernelSet;
#endif

const TreeKernelSet *treeKernels(const char *name) {
    if (strcmp(name, "portable") == 0) return &portableTreeKernelSet;
#if defined(__x86_64__)
    if (strcmp(name, "avx2") == 0) return &avx2TreeKernelSet;
    if (strcmp(name, "avx512") == 0) return &avx512TreeKernelSet;
#endif
    return &referenceSet;
}

void treeMark(const uint32_t *rows, uint32_t rowCount, const TreeEntry *entries, uint32_t count, double threshold, uint32_t *bits) {
    if (0 > threshold)
        for (uint32_t i = 0; i < rowCount; i++) bits[rows[i] >> 5] |= 1u << (rows[i] & 31);
    else
        for (uint32_t i = 0; i < rowCount; i++) bits[rows[i] >> 5] &= ~(1u << (rows[i] & 31));
    for (uint32_t i = 0; i < count; i++) {
        uint32_t bit = 1u << (entries[i].row & 31), *word = bits + (entries[i].row >> 5);
        *word = (double)entries[i].value > threshold ? *word | bit : *word & ~bit;
    }
}

uint32_t treePartitionRows(const uint32_t *rows, uint32_t count, const uint32_t *bits, uint32_t *left, uint32_t *right) {
    uint32_t leftCount = 0, rightCount = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = rows[i], bit = bits[row >> 5] >> (row & 31) & 1;
        left[leftCount] = row;
        right[rightCount] = row;
        rightCount += bit;
        leftCount += 1 - bit;
    }
    return leftCount;
}

void treeCountClasses(const uint32_t *rows, uint32_t count, const uint16_t *labels, uint32_t *counts) {
    for (uint32_t i = 0; i < count; i++) counts[labels[rows[i]]]++;
}

void treeTranspose(const uint8_t *x, size_t stride, size_t rows, size_t columns, uint8_t *out, uint32_t *counts) {
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++) out[c * rows + r] = x[r * stride + c];
    for (size_t c = 0; c < columns; c++) {
        uint32_t count = 0;
        for (size_t r = 0; r < rows; r++) count += out[c * rows + r] != 0;
        counts[c] = count;
    }
}

void treeColumnOfBytes(const uint8_t *codes, size_t rows, float divisor, TreeEntry *out) {
    uint32_t next[257] = {};
    for (size_t r = 0; r < rows; r++) next[codes[r] + 1]++;
    next[1] = 0;
    float values[256];
    for (int code = 0; code < 256; code++) {
        next[code + 1] += next[code];
        values[code] = (float)code / divisor;
    }
    for (size_t r = 0; r < rows; r++)
        if (codes[r] != 0) out[next[codes[r]]++] = (TreeEntry){.row = (uint32_t)r, .value = values[codes[r]]};
}

/// Bits in the order of the values.
static inline uint32_t sortKey(float value) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

void treeSort(TreeEntry *entries, size_t count, TreeEntry *scratch) {
    if (count < 64) {
        for (size_t i = 1; i < count; i++) {
            TreeEntry entry = entries[i];
            size_t j = i;
            for (; j > 0 && entries[j - 1].value > entry.value; j--) entries[j] = entries[j - 1];
            entries[j] = entry;
        }
        return;
    }
    enum { BITS = 11, PASSES = 3 };
    static_assert(BITS * PASSES >= 32);
    uint32_t counts[PASSES][1 << BITS];
    memset(counts, 0, sizeof counts);
    for (size_t i = 0; i < count; i++)
        for (int pass = 0; pass < PASSES; pass++) counts[pass][sortKey(entries[i].value) >> BITS * pass & ((1 << BITS) - 1)]++;
    TreeEntry *from = entries, *to = scratch;
    for (int pass = 0; pass < PASSES; pass++) {
        uint32_t *next = counts[pass], sum = 0;
        if (next[sortKey(from[0].value) >> BITS * pass & ((1 << BITS) - 1)] == count) continue;
        for (int bucket = 0; bucket < 1 << BITS; bucket++) {
            uint32_t size = next[bucket];
            next[bucket] = sum;
            sum += size;
        }
        for (size_t i = 0; i < count; i++) to[next[sortKey(from[i].value) >> BITS * pass & ((1 << BITS) - 1)]++] = from[i];
        TreeEntry *swap = from;
        from = to;
        to = swap;
    }
    if (from != entries) memcpy(entries, from, count * sizeof *entries);
}
