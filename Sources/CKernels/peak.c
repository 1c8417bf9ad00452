// SPDX-License-Identifier: Apache-2.0
//
// What one core can do at most: multiplications and additions that wait for nothing.

#include "CKernels.h"

enum { CHAINS = 12 };  // latency (4 or 5 cycles) times two units, and some more

#if defined(__aarch64__)
#define VECTOR_REGISTER "+w"
#else
#define VECTOR_REGISTER "+x"
#endif

#define RUN_CHAINS(NAME, BYTES)                                                             \
    static float NAME(uint64_t count) {                                                     \
        typedef float Vector __attribute__((vector_size(BYTES)));                           \
        Vector sum[CHAINS] = {}, factor, addend;                                            \
        for (int i = 0; i < (int)(BYTES / 4); i++) factor[i] = 0.5f, addend[i] = 1.0f;      \
        for (uint64_t n = 0; n < count; n++) {                                              \
            _Pragma("clang loop unroll(full)") for (int c = 0; c < CHAINS; c++) {           \
                sum[c] = sum[c] * factor + addend;                                          \
                /* The compiler must not see through the loop. */                           \
                __asm__ volatile("" : VECTOR_REGISTER(sum[c]));                                 \
            }                                                                               \
        }                                                                                   \
        for (int c = 1; c < CHAINS; c++) sum[0] += sum[c];                                  \
        return sum[0][0];                                                                   \
    }

#pragma clang fp contract(fast)

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx2,fma"))), apply_to = function)
RUN_CHAINS(chains512, 64)
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
RUN_CHAINS(chains256, 32)
#pragma clang attribute pop

uint64_t runMultiplyAdds(uint64_t count) {
    bool isWide = avx512Kernels() != nullptr;
    float sum = isWide ? chains512(count) : avx2Kernels() != nullptr ? chains256(count) : 0;
    return sum > 0 ? count * CHAINS * 2 * (isWide ? 16 : 8) : 0;
}
#else
RUN_CHAINS(chains128, 16)

uint64_t runMultiplyAdds(uint64_t count) { return chains128(count) > 0 ? count * CHAINS * 2 * 4 : 0; }
#endif
