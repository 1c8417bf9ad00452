// SPDX-License-Identifier: Apache-2.0
//
// The kernels of factorization machines in vectors of sixteen factors, which the compiler makes of what the processor has.

#include "FactorKernels.h"

#pragma clang fp contract(fast)

typedef float FactorPanel __attribute__((vector_size(4 * FACTOR_PANEL), aligned(4)));

static float factorScore(const FactorEntry *entries, size_t count, const float *weights, const float *factors, size_t factorCount,
                         float *sums) {
    float score = 0;
    for (size_t i = 0; i < count; i++) score += entries[i].value * weights[entries[i].index];
    for (size_t f = 0; f < factorCount; f += FACTOR_PANEL) {
        FactorPanel sum = {}, squares = {};
        for (size_t i = 0; i < count; i++) {
            FactorPanel part = entries[i].value * *(const FactorPanel *)(factors + entries[i].index * factorCount + f);
            sum += part;
            squares += part * part;
        }
        *(FactorPanel *)(sums + f) = sum;
        FactorPanel pairs = sum * sum - squares;
        for (int lane = 0; lane < FACTOR_PANEL; lane++) score += 0.5f * pairs[lane];
    }
    return score;
}

static float factorGradient(const FactorEntry *entries, size_t count, const float *errors, const float *sums, const float *factors,
                            size_t factorCount, float *gradient) {
    float weight = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
        float product = errors[entries[i].index] * entries[i].value;
        weight += product;
        squares += product * entries[i].value;
    }
    for (size_t f = 0; f < factorCount; f += FACTOR_PANEL) {
        FactorPanel sum = {};
        for (size_t i = 0; i < count; i++)
            sum += (errors[entries[i].index] * entries[i].value) * *(const FactorPanel *)(sums + entries[i].index * factorCount + f);
        *(FactorPanel *)(gradient + f) = sum - squares * *(const FactorPanel *)(factors + f);
    }
    return weight;
}
