// SPDX-License-Identifier: Apache-2.0
//
// Kernels for decision trees: exact split search over columns that are kept sorted, zeros left out.
//
// A column of a node is a run of entries, ascending by value, for its rows with a value other than zero; the node's other rows are
// zero there. Columns are sorted once and then only partitioned, stably, as nodes split (Shafer, Agrawal, Mehta: "SPRINT", 1996).
// Split rules and scores are those of scikit-learn's exact splitter.

#ifndef TREE_KERNELS_H
#define TREE_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// A value other than zero, and its row.
typedef struct TreeEntry {
    uint32_t row;
    float value;
} TreeEntry;

enum {
    /// Runs of entries that are written have room for so many more behind them.
    TREE_SLACK = 16
};

typedef enum TreeCriterion {
    /// Counts of rows of equal weight.
    TREE_GINI = 0,
    /// Counts of rows of equal weight, by a table of c * log2(c).
    TREE_ENTROPY,
    TREE_WEIGHTED_GINI,
    TREE_WEIGHTED_ENTROPY,
    /// The variance of `targets`; rows may weigh differently.
    TREE_VARIANCE,
} TreeCriterion;

/// A node whose columns are searched. What a criterion does not look at may be null or zero.
typedef struct TreeNodeTotals {
    TreeCriterion criterion;
    uint32_t classes;
    /// Rows of the node.
    uint32_t rows;
    /// Rows that each side must have at least.
    uint32_t minimumRows;
    /// Weight that each side must have at least.
    double minimumWeight;
    /// [data set's rows] the class of each row.
    const uint16_t *_Nullable labels;
    /// [classes] the node's rows of each class.
    const uint32_t *_Nullable classRows;
    /// [data set's rows + 1] c * log2(c), times a power of two, rounded to a whole number.
    const double *_Nullable logarithms;
    /// [data set's rows]
    const double *_Nullable weights;
    /// [classes] the node's weight of each class.
    const double *_Nullable classWeights;
    /// [data set's rows]
    const double *_Nullable targets;
    double weight;
    /// The sum of weight * target.
    double targetSum;
    /// [2 * classes], [classes]: zeros before and after a search.
    uint32_t *_Nullable scratchRows;
    double *_Nullable scratchWeights;
} TreeNodeTotals;

/// The best split of a column: rows with values up to `lower` go left, those from `upper` right.
typedef struct TreeSplit {
    /// The larger the better; minus infinity where there is none.
    double score;
    float lower;
    float upper;
    /// Whether the node's rows differ in this column.
    bool varies;
} TreeSplit;

typedef struct __attribute__((swift_attr("@Sendable"))) TreeKernelSet {
    const char *name;
    /// Searches a column of `count` entries, the first `negatives` of which are below zero. Of equal scores the lowest threshold is taken.
    TreeSplit (*search)(const TreeNodeTotals *node, const TreeEntry *entries, uint32_t negatives, uint32_t count);
    /// Writes entries whose row's bit is clear to `left`, the others to `right`, in their order; gives the number of the former.
    /// One of the two may be `entries` itself.
    uint32_t (*partition)(const TreeEntry *entries, uint32_t count, const uint32_t *bits, TreeEntry *left, TreeEntry *right);
} TreeKernelSet;

/// The version of that name (`reference`, `portable`, `avx2`, `avx512`); the processor must run it. The reference for any other name.
const TreeKernelSet *treeKernels(const char *name);

/// Sets the bits of a node's rows that go right: those whose value, zero where there is no entry, is above the threshold.
void treeMark(const uint32_t *rows, uint32_t rowCount, const TreeEntry *entries, uint32_t count, double threshold, uint32_t *bits);
/// As `partition`, for the rows themselves.
uint32_t treePartitionRows(const uint32_t *rows, uint32_t count, const uint32_t *bits, uint32_t *left, uint32_t *right);
/// Adds one to counts[labels[row]] for each row.
void treeCountClasses(const uint32_t *rows, uint32_t count, const uint16_t *labels, uint32_t *counts);

/// Turns `columns` bytes of each row into columns one behind the other, and counts the bytes of each that are not zero.
void treeTranspose(const uint8_t *x, size_t stride, size_t rows, size_t columns, uint8_t *out, uint32_t *counts);
/// The sorted entries of a column of codes; a value is code / divisor.
void treeColumnOfBytes(const uint8_t *codes, size_t rows, float divisor, TreeEntry *out);
/// Sorts entries by value, stably; `scratch` has room for as many.
void treeSort(TreeEntry *entries, size_t count, TreeEntry *scratch);

#pragma clang assume_nonnull end

#endif
