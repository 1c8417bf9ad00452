// SPDX-License-Identifier: Apache-2.0
//
// Kernels for linear models: many models at once, one model a lane.
//
// Every array of lanes holds `lanes` floats, 16 or 32 (models padded with zeros). A weight matrix is
// [columns][lanes], scores and their gradients are [rows][lanes]. No array need be aligned.
// One KernelSet holds one version of all kernels; `reference` is plain C to test the others against.

#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ClusterKernels.h"
#include "FactorKernels.h"
#include "GenotypeKernels.h"
#include "MatrixKernels.h"
#include "NetworkKernels.h"
#include "TreeKernels.h"

#pragma clang assume_nonnull begin

enum { KERNEL_COLUMN_BLOCK = 128, KERNEL_TILE_ROWS = 128, KERNEL_MAX_LANES = 32 };

/// Loss functions of one score per row and model.
typedef enum LossKind {
    LOSS_LOGISTIC = 0,
    LOSS_HINGE,
    LOSS_SQUARED,
    LOSS_ABSOLUTE,
    LOSS_EPSILON_INSENSITIVE_SQUARED,
    LOSS_EPSILON_INSENSITIVE_ABSOLUTE,
    LOSS_QUANTILE,
    LOSS_HUBER,
} LossKind;

typedef struct LossParameters {
    LossKind kind;
    float margin;
    float quantile;
    float insensitivity;
    float delta;
} LossParameters;

typedef enum OptimizerKind { OPTIMIZER_SGD = 0, OPTIMIZER_ADAM, OPTIMIZER_RMSPROP } OptimizerKind;

/// One step's constants. `learningRate`, `weightDecay` and `l1` are arrays of lanes; Adam's bias correction is already in the rate.
typedef struct StepParameters {
    OptimizerKind kind;
    const float *learningRate;
    const float *weightDecay;
    const float *l1;
    float momentum;
    float beta1;
    float beta2;
    float epsilon;
} StepParameters;

/// Up to KERNEL_TILE_ROWS rows whose non-zero values have one-byte codes, by row and by column.
/// An entry's low byte is the column within its block (by row) or the row within the tile (by column), its high byte the code.
typedef struct CodedTile {
    uint32_t rows;
    uint32_t columns;
    const uint32_t *rowStart;     // [blocks][rows + 1], offsets into rowEntries
    const uint16_t *rowEntries;
    const uint32_t *columnStart;  // [columns + 1], offsets into columnEntries
    const uint16_t *columnEntries;
} CodedTile;

typedef struct SparseEntry {
    uint32_t index;
    float value;
} SparseEntry;

/// Up to KERNEL_TILE_ROWS sparse rows, by row and, for the columns that have an entry, by column.
typedef struct SparseTile {
    uint32_t rows;
    uint32_t usedColumns;
    const uint32_t *rowStart;           // [rows + 1]
    const SparseEntry *rowEntries;      // index: column
    const uint32_t *columnIndices;      // [usedColumns], ascending
    const uint32_t *columnStart;        // [usedColumns + 1]
    const SparseEntry *columnEntries;   // index: row within the tile
} SparseTile;

typedef struct KernelSet {
    const char *name;

    /// scores[r] += sum over c of x[r * stride + c] * weights[c].
    void (*denseForward)(const float *x, size_t stride, size_t rows, size_t columns, const float *weights, float *scores,
                         size_t lanes);
    /// gradient[c] += sum over r of x[r * stride + c] * errors[r].
    void (*denseBackward)(const float *x, size_t stride, size_t rows, size_t columns, const float *errors, float *gradient,
                          size_t lanes);
    /// scores[r] += sum over the row's entries of codebook[code] * weights[column].
    void (*codedForward)(const CodedTile *tile, const float *codebook, const float *weights, float *scores, size_t lanes);
    /// gradient[c - firstColumn] += sum over the column's entries, for columns firstColumn ..< endColumn.
    void (*codedBackward)(const CodedTile *tile, const float *codebook, size_t firstColumn, size_t endColumn,
                          const float *errors, float *gradient, size_t lanes);
    void (*sparseForward)(const SparseTile *tile, const float *weights, float *scores, size_t lanes);
    /// gradient[c] += …, for the used columns in firstColumn ..< endColumn; gradient points at column 0.
    void (*sparseBackward)(const SparseTile *tile, size_t firstColumn, size_t endColumn, const float *errors, float *gradient,
                           size_t lanes);
    /// Scores become gradients times `scale`; losses and the gradients' sums over rows are added to `losses` and `biasGradient`.
    /// Rows labelled above one half weigh positiveWeights[lane], the others 1.
    void (*lossGradient)(const LossParameters *parameters, float *scores, const float *labels, const float *positiveWeights,
                         float scale, size_t rows, size_t lanes, double *losses, float *biasGradient);
    /// Softmax cross-entropy over `classes` planes of scores, [classes][planeStride], model by model; labels are class numbers.
    void (*softmaxGradient)(float *scores, size_t planeStride, size_t classes, const float *labels, const float *classWeights,
                            float scale, size_t rows, size_t lanes, double *losses, float *biasGradient);
    /// Steps weights [columns][lanes] of standardised features, given the gradient for raw features:
    /// g = inverse[c] * (gradient[c] - mean[c] * biasGradient) + weightDecay * w + l1 * sign(w).
    /// Writes folded[c] = w * inverse[c] (the weights for raw features) and adds mean[c] * folded[c] to `shift`.
    void (*step)(const StepParameters *parameters, float *weights, const float *gradient, float *first, float *second,
                 const float *mean, const float *inverse, const float *biasGradient, size_t columns, size_t lanes,
                 float *folded, float *shift);
    /// out[r] = (x[rowIndices[r]] - mean) * inverse over `columns` columns.
    void (*standardizeFloat)(const float *x, size_t stride, const uint32_t *rowIndices, size_t rows, size_t columns,
                             const float *mean, const float *inverse, float *out, size_t outStride);
    /// out[r] = (code * unit - mean) * inverse.
    void (*standardizeBytes)(const uint8_t *x, size_t stride, const uint32_t *rowIndices, size_t rows, size_t columns,
                             float unit, const float *mean, const float *inverse, float *out, size_t outStride);
    /// sums[c] += x - shift[c], squares[c] += (x - shift[c])^2 over rows.
    void (*columnMoments)(const float *x, size_t stride, size_t rows, size_t columns, const float *shift, double *sums,
                          double *squares);
    void (*exponential)(const float *x, float *out, size_t count);
    void (*logarithm)(const float *x, float *out, size_t count);
    /// Writes codes with code / divisor == x exactly; false (out is then of no use) where some value has no such code in 0...255.
    bool (*encode)(const float *x, size_t count, float divisor, uint8_t *out);
    size_t (*countNonZeroBytes)(const uint8_t *x, size_t count);
} KernelSet;

/// Plain C.
const KernelSet *referenceKernels(void);
/// The vectors that every processor of this architecture has.
const KernelSet *portableKernels(void);
/// Null where this processor (or this architecture) lacks the instructions.
const KernelSet *_Nullable avx2Kernels(void);
const KernelSet *_Nullable avx512Kernels(void);

/// Multiplies and adds in registers `count` times over; gives the floating-point operations that this was. For benchmarks.
uint64_t runMultiplyAdds(uint64_t count);

/// Fills the arrays of a tile from rows of codes. Entries' arrays hold the rows' non-zero codes, `rowStart` and `columnStart` as in CodedTile.
void buildCodedTile(const uint8_t *x, size_t stride, const uint32_t *rowIndices, uint32_t rows, uint32_t columns,
                    uint32_t *rowStart, uint16_t *rowEntries, uint32_t *columnStart, uint16_t *columnEntries);

/// Tells the processor that this thread is spinning.
void spinPause(void);

#pragma clang assume_nonnull end

#endif
