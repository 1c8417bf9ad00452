// SPDX-License-Identifier: Apache-2.0
//
// The split search of one version; the file that includes it says which (TREE_KERNEL_SET, its name, and TREE_LANES doubles a vector).
// Scores are computed as scikit-learn computes them, operation for operation, so that the same splits tie and the same win.

#include <math.h>
#include <string.h>

#include "TreeKernels.h"

#pragma STDC FP_CONTRACT OFF

enum { TREE_CHUNK = 256 };

/// Values that are nearer than this count as one, as in scikit-learn.
static const float treeNearness = 1e-7f;

static inline bool treeDiffers(float lower, float upper) { return upper > lower + treeNearness; }

/// The best split so far. A walk goes up over the negative values or down over the positive ones; walking down, a later split has
/// a lower threshold and so wins a tie.
typedef struct Walk {
    const TreeEntry *first;
    ptrdiff_t step;
    uint32_t count;
    /// The value beyond the last entry; NaN where there is none.
    float beyond;
    bool isDown;
    double score;
    uint32_t at;
    bool varies;
} Walk;

typedef struct Candidates {
    /// The sum of the gathered side's squared counts.
    int64_t squares[TREE_CHUNK];
    /// The sum of the gathered side's counts times the node's.
    int64_t products[TREE_CHUNK];
    uint32_t at[TREE_CHUNK];
    double scores[TREE_CHUNK];
} Candidates;

static inline bool treeIsSplit(const Walk *walk, uint32_t i, float value) {
    float next = i + 1 < walk->count ? walk->first[walk->step * (ptrdiff_t)(i + 1)].value : walk->beyond;
    return walk->isDown ? treeDiffers(next, value) : treeDiffers(value, next);
}

/// Takes the best of some scores.
static inline void treeTake(Walk *walk, const double *scores, const uint32_t *at, uint32_t count) {
#if TREE_LANES > 1
    typedef double Vector __attribute__((vector_size(TREE_LANES * sizeof(double)), aligned(8)));
    Vector most = (Vector){} - (double)INFINITY;
    uint32_t i = 0;
    for (; i + TREE_LANES <= count; i += TREE_LANES) {
        Vector next = *(const Vector *)(scores + i);
        most = __builtin_elementwise_max(most, next);
    }
    double best = -INFINITY;
    for (int lane = 0; lane < TREE_LANES; lane++) best = most[lane] > best ? most[lane] : best;
    for (; i < count; i++) best = scores[i] > best ? scores[i] : best;
    if (walk->isDown ? best < walk->score : best <= walk->score) return;
    if (best == -INFINITY) return;
#endif
    for (uint32_t j = 0; j < count; j++) {
        bool isBetter = walk->isDown ? scores[j] >= walk->score : scores[j] > walk->score;
        if (isBetter && scores[j] > -INFINITY) {
            walk->score = scores[j];
            walk->at = at[j];
        }
    }
}

/// Scores of splits by counts: -right * gini(right) - left * gini(left).
static inline void treeScoreCounts(const TreeNodeTotals *node, const Walk *walk, int64_t total, Candidates *c, uint32_t count) {
    const double rows = node->rows;
    const uint32_t least = node->minimumRows;
    const bool isDown = walk->isDown;
    for (uint32_t j = 0; j < count; j++) {
        double n = (double)(c->at[j] + 1), m = rows - n;
        // (t - c)^2 = t^2 - 2 t c + c^2, in whole numbers.
        double gathered = n * (1.0 - (double)c->squares[j] / (n * n));
        double rest = m * (1.0 - (double)(total - 2 * c->products[j] + c->squares[j]) / (m * m));
        double score = isDown ? -gathered - rest : -rest - gathered;
        bool isAllowed = c->at[j] + 1 >= least && node->rows - c->at[j] - 1 >= least;
        c->scores[j] = isAllowed ? score : -(double)INFINITY;
    }
}

/// Rows are counted in two arrays by turns, so that a class that comes twice in a row need not wait for its own last count.
static inline __attribute__((always_inline)) void treeWalkGiniWay(const TreeNodeTotals *node, Walk *walk, const bool isDown) {
    Candidates candidates;
    uint32_t *even = node->scratchRows, *odd = even + node->classes;
    int64_t squares = 0, products = 0, total = 0;
    for (uint32_t k = 0; k < node->classes; k++) total += (int64_t)node->classRows[k] * node->classRows[k];
    const uint16_t *labels = node->labels;
    const uint32_t *classRows = node->classRows;
    const TreeEntry *entry = walk->first;
    const uint32_t count = walk->count;
    float value = entry->value;
    for (uint32_t start = 0; start < count; start += TREE_CHUNK) {
        const uint32_t end = count - start < TREE_CHUNK ? count : start + TREE_CHUNK;
        uint32_t found = 0;
        for (uint32_t i = start; i < end; i++) {
            const uint32_t label = labels[entry->row];
            entry += isDown ? -1 : 1;
            const float next = i + 1 < count ? entry->value : walk->beyond;
            const uint32_t before = even[label] + odd[label];
            uint32_t *counts = i & 1 ? odd : even;
            counts[label]++;
            squares += 2 * (int64_t)before + 1;
            products += classRows[label];
            candidates.squares[found] = squares;
            candidates.products[found] = products;
            candidates.at[found] = i;
            found += isDown ? treeDiffers(next, value) : treeDiffers(value, next);
            value = next;
        }
        if (found == 0) continue;
        walk->varies = true;
        treeScoreCounts(node, walk, total, &candidates, found);
        treeTake(walk, candidates.scores, candidates.at, found);
    }
    if (count < node->classes)
        for (uint32_t i = 0; i < count; i++) {
            const uint32_t label = labels[walk->first[walk->step * (ptrdiff_t)i].row];
            even[label] = odd[label] = 0;
        }
    else
        memset(even, 0, 2 * node->classes * sizeof *even);
}

static void treeWalkGini(const TreeNodeTotals *node, Walk *walk) {
    if (walk->isDown)
        treeWalkGiniWay(node, walk, true);
    else
        treeWalkGiniWay(node, walk, false);
}

static void treeWalkEntropy(const TreeNodeTotals *node, Walk *walk) {
    Candidates candidates;
    uint32_t *gatheredRows = node->scratchRows;
    const double *table = node->logarithms;
    const uint16_t *labels = node->labels;
    const uint32_t *classRows = node->classRows;
    // Sums of whole numbers below 2^53: the same partition has the same score whatever the way to it.
    double sum = 0;
    for (uint32_t k = 0; k < node->classes; k++) sum += table[classRows[k]];
    for (uint32_t start = 0; start < walk->count; start += TREE_CHUNK) {
        uint32_t end = walk->count - start < TREE_CHUNK ? walk->count : start + TREE_CHUNK;
        uint32_t found = 0;
        for (uint32_t i = start; i < end; i++) {
            TreeEntry entry = walk->first[walk->step * (ptrdiff_t)i];
            uint32_t label = labels[entry.row];
            uint32_t before = gatheredRows[label];
            uint32_t left = classRows[label] - before;
            gatheredRows[label] = before + 1;
            sum += (table[before + 1] - table[before]) + (table[left - 1] - table[left]);
            bool isAllowed = i + 1 >= node->minimumRows && node->rows - i - 1 >= node->minimumRows;
            double score = sum - table[i + 1] - table[node->rows - i - 1];
            candidates.scores[found] = isAllowed ? score : -(double)INFINITY;
            candidates.at[found] = i;
            found += treeIsSplit(walk, i, entry.value);
        }
        if (found == 0) continue;
        walk->varies = true;
        treeTake(walk, candidates.scores, candidates.at, found);
    }
    if (walk->count < node->classes)
        for (uint32_t i = 0; i < walk->count; i++) gatheredRows[labels[walk->first[walk->step * (ptrdiff_t)i].row]] = 0;
    else
        memset(gatheredRows, 0, node->classes * sizeof *gatheredRows);
}

/// weight * impurity of a side that has `classWeights`, or what of `total` they leave.
static double treeImpurity(const TreeNodeTotals *node, const double *gathered, bool isRest, double weight) {
    if (!(weight > 0)) return 0;
    double sum = 0;
    for (uint32_t k = 0; k < node->classes; k++) {
        double value = isRest ? node->classWeights[k] - gathered[k] : gathered[k];
        if (node->criterion == TREE_WEIGHTED_GINI) {
            sum += value * value;
        } else if (value > 0) {
            double share = value / weight;
            sum -= share * (log(share) / log(2.0));
        }
    }
    return node->criterion == TREE_WEIGHTED_GINI ? weight * (1.0 - sum / (weight * weight)) : weight * sum;
}

static inline bool treeIsAllowed(const TreeNodeTotals *node, uint32_t i, double gathered) {
    return i + 1 >= node->minimumRows && node->rows - i - 1 >= node->minimumRows && gathered >= node->minimumWeight &&
           node->weight - gathered >= node->minimumWeight;
}

static void treeWalkWeighted(const TreeNodeTotals *node, Walk *walk) {
    double *gathered = node->scratchWeights;
    double weight = 0;
    for (uint32_t i = 0; i < walk->count; i++) {
        TreeEntry entry = walk->first[walk->step * (ptrdiff_t)i];
        gathered[node->labels[entry.row]] += node->weights[entry.row];
        weight += node->weights[entry.row];
        if (!treeIsSplit(walk, i, entry.value)) continue;
        walk->varies = true;
        if (!treeIsAllowed(node, i, weight)) continue;
        double score =
            -treeImpurity(node, gathered, true, node->weight - weight) - treeImpurity(node, gathered, false, weight);
        treeTake(walk, &score, &i, 1);
    }
    memset(gathered, 0, node->classes * sizeof *gathered);
}

static void treeWalkVariance(const TreeNodeTotals *node, Walk *walk) {
    double sum = 0, weight = 0;
    for (uint32_t i = 0; i < walk->count; i++) {
        TreeEntry entry = walk->first[walk->step * (ptrdiff_t)i];
        double w = node->weights == nullptr ? 1 : node->weights[entry.row];
        sum += w * node->targets[entry.row];
        weight += w;
        if (!treeIsSplit(walk, i, entry.value)) continue;
        walk->varies = true;
        if (!treeIsAllowed(node, i, weight)) continue;
        double rest = node->targetSum - sum, other = node->weight - weight;
        if (!(weight > 0) || !(other > 0)) continue;
        double score = sum * sum / weight + rest * rest / other;
        treeTake(walk, &score, &i, 1);
    }
}

static void treeWalk(const TreeNodeTotals *node, Walk *walk) {
    switch (node->criterion) {
        case TREE_GINI: treeWalkGini(node, walk); break;
        case TREE_ENTROPY: treeWalkEntropy(node, walk); break;
        case TREE_WEIGHTED_GINI:
        case TREE_WEIGHTED_ENTROPY: treeWalkWeighted(node, walk); break;
        case TREE_VARIANCE: treeWalkVariance(node, walk); break;
    }
}

static TreeSplit treeSearch(const TreeNodeTotals *node, const TreeEntry *entries, uint32_t negatives, uint32_t count) {
    const uint32_t positives = count - negatives, zeros = node->rows - count;
    TreeSplit split = {.score = -INFINITY};
    if (negatives > 0) {
        // Where there is no zero, the step from the last negative to the first positive value is the other walk's.
        Walk walk = {.first = entries, .step = 1, .count = negatives, .beyond = zeros > 0 ? 0 : NAN, .score = -INFINITY};
        treeWalk(node, &walk);
        split.varies = walk.varies;
        if (walk.score > -INFINITY) {
            split.score = walk.score;
            split.lower = entries[walk.at].value;
            split.upper = walk.at + 1 < negatives ? entries[walk.at + 1].value : walk.beyond;
        }
    }
    if (positives > 0) {
        Walk walk = {.first = entries + count - 1, .step = -1, .count = positives, .isDown = true, .score = -INFINITY};
        walk.beyond = zeros > 0 ? 0 : negatives > 0 ? entries[negatives - 1].value : NAN;
        treeWalk(node, &walk);
        split.varies |= walk.varies;
        if (walk.score > split.score) {
            split.score = walk.score;
            split.upper = walk.first[-(ptrdiff_t)walk.at].value;
            split.lower = walk.at + 1 < positives ? walk.first[-(ptrdiff_t)walk.at - 1].value : walk.beyond;
        }
    }
    return split;
}
