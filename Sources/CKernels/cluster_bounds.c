// SPDX-License-Identifier: Apache-2.0
//
// What needs no versions: bounds on distances, moved as centres move (rounding always makes them looser), and sizes.

#include "ClusterKernels.h"

static const float looser = 1.0000003f, tighter = 0.9999997f;

static inline float leastBound(const ClusterBounds *b, size_t row) {
    const float *lower = b->lower + row * b->groups;
    float least = b->halfGap[b->own[row]], group = lower[0];
    for (uint32_t g = 1; g < b->groups; g++) group = lower[g] < group ? lower[g] : group;
    return group > least ? group : least;
}

size_t moveClusterBounds(const ClusterBounds *b, size_t firstRow, size_t endRow, uint32_t *rows) {
    size_t count = 0;
    for (size_t row = firstRow; row < endRow; row++) {
        uint32_t own = b->own[row];
        float upper = (b->upper[row] + b->drift[own]) * looser;
        float *lower = b->lower + row * b->groups;
        float least = __builtin_inff();
        for (uint32_t g = 0; g < b->groups; g++) {
            float bound = (lower[g] - (b->groupCentre[g] == own ? b->groupSecond[g] : b->groupDrift[g])) * tighter;
            lower[g] = bound;
            least = bound < least ? bound : least;
        }
        b->upper[row] = upper;
        float gap = b->halfGap[own];
        rows[count] = (uint32_t)row;
        count += upper > (least > gap ? least : gap);
    }
    return count;
}

size_t keepClusterBounds(const ClusterBounds *b, uint32_t *rows, double *values, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t row = rows[i];
        double value = values[i];
        rows[kept] = row;
        values[kept] = value;
        kept += b->upper[row] > leastBound(b, row);
    }
    return kept;
}

uint8_t allBits(const uint8_t *bytes, size_t count) {
    uint8_t bits = 0;
    for (size_t i = 0; i < count; i++) bits |= bytes[i];
    return bits;
}

float largestMagnitude(const float *values, size_t count) {
    float lanes[16] = {};
    size_t i = 0;
    for (; i + 16 <= count; i += 16)
        for (int l = 0; l < 16; l++) {
            float magnitude = __builtin_fabsf(values[i + l]);
            lanes[l] = magnitude > lanes[l] ? magnitude : lanes[l];
        }
    for (; i < count; i++) lanes[0] = __builtin_fabsf(values[i]) > lanes[0] ? __builtin_fabsf(values[i]) : lanes[0];
    float largest = 0;
    for (int l = 0; l < 16; l++) largest = lanes[l] > largest ? lanes[l] : largest;
    return largest;
}

void scaledWords(const uint32_t *words, size_t count, double scale, float *out) {
    for (size_t i = 0; i < count; i++) out[i] = (float)((double)words[i] * scale);
}

void scaledDoubles(const double *values, size_t count, double scale, float *out) {
    for (size_t i = 0; i < count; i++) out[i] = (float)(values[i] * scale);
}
