// SPDX-License-Identifier: Apache-2.0
//
// Partition without branches, for processors without the instructions that tree_avx512.c uses.

static uint32_t treePartition(const TreeEntry *entries, uint32_t count, const uint32_t *bits, TreeEntry *left, TreeEntry *right) {
    uint32_t leftCount = 0, rightCount = 0;
    for (uint32_t i = 0; i < count; i++) {
        TreeEntry entry = entries[i];
        uint32_t bit = bits[entry.row >> 5] >> (entry.row & 31) & 1;
        left[leftCount] = entry;
        right[rightCount] = entry;
        rightCount += bit;
        leftCount += 1 - bit;
    }
    return leftCount;
}
