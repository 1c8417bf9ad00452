// SPDX-License-Identifier: Apache-2.0
//
// Which versions this processor runs, and what needs no versions.

#include <string.h>

#include "CKernels.h"

extern const KernelSet referenceKernelSet;
extern const KernelSet portableKernelSet;

const KernelSet *referenceKernels(void) { return &referenceKernelSet; }

const KernelSet *portableKernels(void) { return &portableKernelSet; }

#if defined(__x86_64__)
extern const KernelSet avx2KernelSet;
extern const KernelSet avx512KernelSet;

const KernelSet *avx2Kernels(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &avx2KernelSet : nullptr;
}

const KernelSet *avx512Kernels(void) {
    bool supported = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                     __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
    return supported && avx2Kernels() != nullptr ? &avx512KernelSet : nullptr;
}
#else
const KernelSet *avx2Kernels(void) { return nullptr; }
const KernelSet *avx512Kernels(void) { return nullptr; }
#endif

void buildCodedTile(const uint8_t *x, size_t stride, const uint32_t *rowIndices, uint32_t rows, uint32_t columns,
                    uint32_t *rowStart, uint16_t *rowEntries, uint32_t *columnStart, uint16_t *columnEntries) {
    const uint64_t low7 = 0x7F7F7F7F7F7F7F7F;  // bytes in memory order: little-endian, as every processor here is
    uint32_t next = 0;
    memset(columnStart, 0, (columns + 1) * sizeof *columnStart);
    for (uint32_t first = 0, block = 0; first < columns; first += KERNEL_COLUMN_BLOCK, block++) {
        uint32_t width = columns - first < KERNEL_COLUMN_BLOCK ? columns - first : KERNEL_COLUMN_BLOCK;
        uint32_t *start = rowStart + block * (rows + 1);
        for (uint32_t r = 0; r < rows; r++) {
            const uint8_t *row = x + rowIndices[r] * stride + first;
            start[r] = next;
            for (uint32_t c = 0; c < width; c += 8) {
                uint64_t eight = 0;
                if (c + 8 <= width)
                    memcpy(&eight, row + c, 8);
                else
                    memcpy(&eight, row + c, width - c);
                // The high bit of every byte that is not zero.
                uint64_t set = (((eight & low7) + low7) | eight) & ~low7;
                for (; set != 0; set &= set - 1) {
                    uint32_t bit = (uint32_t)__builtin_ctzll(set) & ~7u;
                    rowEntries[next++] = (uint16_t)((c + bit / 8) | (eight >> bit & 255) << 8);
                    columnStart[first + c + bit / 8 + 1]++;
                }
            }
        }
        start[rows] = next;
    }
    for (uint32_t c = 0; c < columns; c++) columnStart[c + 1] += columnStart[c];
    // columnStart[c] serves as the next free place of column c; moving every entry up by one column restores it.
    for (uint32_t first = 0, block = 0; first < columns; first += KERNEL_COLUMN_BLOCK, block++)
        for (uint32_t r = 0; r < rows; r++) {
            const uint32_t *start = rowStart + block * (rows + 1) + r;
            for (uint32_t i = start[0]; i < start[1]; i++)
                columnEntries[columnStart[first + (rowEntries[i] & 255)]++] = (uint16_t)(r | (rowEntries[i] & 0xFF00));
        }
    memmove(columnStart + 1, columnStart, columns * sizeof *columnStart);
    columnStart[0] = 0;
}

void spinPause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}
