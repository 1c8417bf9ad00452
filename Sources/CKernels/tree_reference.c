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
    // Blocks of 16 * 16 bytes: shuffling row i with row i + 8 four times puts every byte in its place.
    typedef uint8_t Bytes __attribute__((vector_size(16), aligned(1)));
    const size_t wholeRows = rows / 16 * 16, wholeColumns = columns / 16 * 16;
    for (size_t r = 0; r < wholeRows; r += 16)
        for (size_t c = 0; c < wholeColumns; c += 16) {
            Bytes block[16], next[16];
            for (int i = 0; i < 16; i++) block[i] = *(const Bytes *)(x + (r + (size_t)i) * stride + c);
            for (int round = 0; round < 4; round++) {
                for (int i = 0; i < 8; i++) {
                    next[2 * i] = __builtin_shufflevector(block[i], block[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
                    next[2 * i + 1] =
                        __builtin_shufflevector(block[i], block[i + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
                }
                memcpy(block, next, sizeof block);
            }
            for (int i = 0; i < 16; i++) *(Bytes *)(out + (c + (size_t)i) * rows + r) = block[i];
        }
    for (size_t r = 0; r < rows; r++)
        for (size_t c = r < wholeRows ? wholeColumns : 0; c < columns; c++) out[c * rows + r] = x[r * stride + c];
    for (size_t c = 0; c < columns; c++) {
        uint32_t count = 0;
        for (size_t r = 0; r < rows; r++) count += out[c * rows + r] != 0;
        counts[c] = count;
    }
}

/// The high bit of every one of eight bytes, from `row` on, that is not zero; little-endian, as every processor here is.
static inline uint64_t nonZeroBytes(const uint8_t *codes, size_t row, size_t rows) {
    const uint64_t low7 = 0x7F7F7F7F7F7F7F7F;
    uint64_t eight = 0;
    if (row + 8 <= rows)
        memcpy(&eight, codes + row, 8);
    else
        memcpy(&eight, codes + row, rows - row);
    return (((eight & low7) + low7) | eight) & ~low7;
}

void treeColumnOfBytes(const uint8_t *codes, size_t rows, float divisor, TreeEntry *out) {
    uint32_t next[257] = {};
    for (size_t r = 0; r < rows; r += 8)
        for (uint64_t set = nonZeroBytes(codes, r, rows); set != 0; set &= set - 1)
            next[codes[r + (size_t)__builtin_ctzll(set) / 8] + 1]++;
    float values[256];
    for (int code = 0; code < 256; code++) {
        next[code + 1] += next[code];
        values[code] = (float)code / divisor;
    }
    for (size_t r = 0; r < rows; r += 8)
        for (uint64_t set = nonZeroBytes(codes, r, rows); set != 0; set &= set - 1) {
            size_t row = r + (size_t)__builtin_ctzll(set) / 8;
            out[next[codes[row]]++] = (TreeEntry){.row = (uint32_t)row, .value = values[codes[row]]};
        }
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
