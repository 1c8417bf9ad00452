// SPDX-License-Identifier: Apache-2.0
//
// The kernels in plain C: what each computes, for readers and as the measure of every faster version.

#include <math.h>
#include <string.h>

#include "CKernels.h"

static void denseForward(const float *x, size_t stride, size_t rows, size_t columns, const float *weights, float *scores,
                         size_t lanes) {
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++)
            for (size_t l = 0; l < lanes; l++) scores[r * lanes + l] += x[r * stride + c] * weights[c * lanes + l];
}

static void denseBackward(const float *x, size_t stride, size_t rows, size_t columns, const float *errors, float *gradient,
                          size_t lanes) {
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++)
            for (size_t l = 0; l < lanes; l++) gradient[c * lanes + l] += x[r * stride + c] * errors[r * lanes + l];
}

static void codedForward(const CodedTile *tile, const float *codebook, const float *weights, float *scores, size_t lanes) {
    size_t blocks = (tile->columns + KERNEL_COLUMN_BLOCK - 1) / KERNEL_COLUMN_BLOCK;
    for (size_t b = 0; b < blocks; b++)
        for (size_t r = 0; r < tile->rows; r++) {
            const uint32_t *start = tile->rowStart + b * (tile->rows + 1) + r;
            for (uint32_t i = start[0]; i < start[1]; i++) {
                size_t column = b * KERNEL_COLUMN_BLOCK + (tile->rowEntries[i] & 255);
                float value = codebook[tile->rowEntries[i] >> 8];
                for (size_t l = 0; l < lanes; l++) scores[r * lanes + l] += value * weights[column * lanes + l];
            }
        }
}

static void codedBackward(const CodedTile *tile, const float *codebook, size_t firstColumn, size_t endColumn,
                          const float *errors, float *gradient, size_t lanes) {
    for (size_t c = firstColumn; c < endColumn; c++)
        for (uint32_t i = tile->columnStart[c]; i < tile->columnStart[c + 1]; i++) {
            size_t row = tile->columnEntries[i] & 255;
            float value = codebook[tile->columnEntries[i] >> 8];
            for (size_t l = 0; l < lanes; l++) gradient[(c - firstColumn) * lanes + l] += value * errors[row * lanes + l];
        }
}

static void sparseForward(const SparseTile *tile, const float *weights, float *scores, size_t lanes) {
    for (size_t r = 0; r < tile->rows; r++)
        for (uint32_t i = tile->rowStart[r]; i < tile->rowStart[r + 1]; i++) {
            SparseEntry entry = tile->rowEntries[i];
            for (size_t l = 0; l < lanes; l++) scores[r * lanes + l] += entry.value * weights[(size_t)entry.index * lanes + l];
        }
}

static void sparseBackward(const SparseTile *tile, size_t firstColumn, size_t endColumn, const float *errors, float *gradient,
                           size_t lanes) {
    for (size_t u = 0; u < tile->usedColumns; u++) {
        size_t c = tile->columnIndices[u];
        if (c < firstColumn || c >= endColumn) continue;
        for (uint32_t i = tile->columnStart[u]; i < tile->columnStart[u + 1]; i++) {
            SparseEntry entry = tile->columnEntries[i];
            for (size_t l = 0; l < lanes; l++) gradient[c * lanes + l] += entry.value * errors[entry.index * lanes + l];
        }
    }
}

/// Loss of score `z` for label `y`; its derivative goes to `slope`.
static double pointLoss(const LossParameters *p, double z, double y, double *slope) {
    double sign = y > 0.5 ? 1 : -1, r = z - y, magnitude = fabs(r), direction = r > 0 ? 1 : (r < 0 ? -1 : 0);
    double excess = magnitude - (double)p->insensitivity;
    switch (p->kind) {
    case LOSS_LOGISTIC:
        *slope = 1 / (1 + exp(-z)) - (y > 0.5 ? 1 : 0);
        return log1p(exp(-fabs(z))) + (z > 0 ? z : 0) - (y > 0.5 ? z : 0);
    case LOSS_HINGE: {
        double slack = (double)p->margin - sign * z;
        *slope = slack > 0 ? -sign : 0;
        return slack > 0 ? slack : 0;
    }
    case LOSS_SQUARED:
        *slope = 2 * r;
        return r * r;
    case LOSS_ABSOLUTE:
        *slope = direction;
        return magnitude;
    case LOSS_EPSILON_INSENSITIVE_SQUARED:
        *slope = excess > 0 ? 2 * direction * excess : 0;
        return excess > 0 ? excess * excess : 0;
    case LOSS_EPSILON_INSENSITIVE_ABSOLUTE:
        *slope = excess > 0 ? direction : 0;
        return excess > 0 ? excess : 0;
    case LOSS_QUANTILE:
        // Under-prediction costs `quantile` a unit, over-prediction the rest.
        *slope = r > 0 ? 1 - (double)p->quantile : (r < 0 ? -(double)p->quantile : 0);
        return r > 0 ? (1 - (double)p->quantile) * r : -(double)p->quantile * r;
    case LOSS_HUBER:
        *slope = magnitude <= (double)p->delta ? r : direction * (double)p->delta;
        return magnitude <= (double)p->delta ? r * r / 2 : (double)p->delta * (magnitude - (double)p->delta / 2);
    }
    *slope = 0;
    return 0;
}

static void lossGradient(const LossParameters *parameters, float *scores, const float *labels, const float *positiveWeights,
                         float scale, size_t rows, size_t lanes, double *losses, float *biasGradient) {
    for (size_t r = 0; r < rows; r++)
        for (size_t l = 0; l < lanes; l++) {
            double slope, weight = labels[r] > 0.5f ? (double)positiveWeights[l] : 1;
            losses[l] += weight * pointLoss(parameters, (double)scores[r * lanes + l], (double)labels[r], &slope);
            scores[r * lanes + l] = (float)(weight * slope * (double)scale);
            biasGradient[l] += scores[r * lanes + l];
        }
}

static void softmaxGradient(float *scores, size_t planeStride, size_t classes, const float *labels, const float *classWeights,
                            float scale, size_t rows, size_t lanes, double *losses, float *biasGradient) {
    for (size_t r = 0; r < rows; r++)
        for (size_t l = 0; l < lanes; l++) {
            float *z = scores + r * lanes + l;
            size_t label = (size_t)labels[r];
            double top = -INFINITY, sum = 0;
            for (size_t k = 0; k < classes; k++) top = fmax(top, (double)z[k * planeStride]);
            for (size_t k = 0; k < classes; k++) sum += exp((double)z[k * planeStride] - top);
            losses[l] += (double)classWeights[label] * (log(sum) + top - (double)z[label * planeStride]);
            for (size_t k = 0; k < classes; k++) {
                double probability = exp((double)z[k * planeStride] - top) / sum;
                z[k * planeStride] = (float)((double)(scale * classWeights[label]) * (probability - (k == label)));
                biasGradient[k * lanes + l] += z[k * planeStride];
            }
        }
}

static void step(const StepParameters *p, float *weights, const float *gradient, float *first, float *second,
                 const float *mean, const float *inverse, const float *biasGradient, size_t columns, size_t lanes,
                 float *folded, float *shift) {
    for (size_t c = 0; c < columns; c++)
        for (size_t l = 0; l < lanes; l++) {
            size_t i = c * lanes + l;
            float w = weights[i], sign = (float)((w > 0) - (w < 0));
            float g = inverse[c] * (gradient[i] - mean[c] * biasGradient[l]) + p->weightDecay[l] * w + p->l1[l] * sign;
            switch (p->kind) {
            case OPTIMIZER_SGD:
                first[i] = p->momentum * first[i] - p->learningRate[l] * g;
                w += first[i];
                break;
            case OPTIMIZER_ADAM:
                first[i] += (1 - p->beta1) * (g - first[i]);
                second[i] += (1 - p->beta2) * (g * g - second[i]);
                w -= p->learningRate[l] * first[i] / (sqrtf(second[i]) + p->epsilon);
                break;
            case OPTIMIZER_RMSPROP:
                second[i] += (1 - p->beta2) * (g * g - second[i]);
                w -= p->learningRate[l] * g / (sqrtf(second[i]) + p->epsilon);
                break;
            }
            weights[i] = w;
            folded[i] = w * inverse[c];
            shift[l] += mean[c] * folded[i];
        }
}

static void standardizeFloat(const float *x, size_t stride, const uint32_t *rowIndices, size_t rows, size_t columns,
                             const float *mean, const float *inverse, float *out, size_t outStride) {
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++)
            out[r * outStride + c] = (x[rowIndices[r] * stride + c] - mean[c]) * inverse[c];
}

static void standardizeBytes(const uint8_t *x, size_t stride, const uint32_t *rowIndices, size_t rows, size_t columns,
                             float unit, const float *mean, const float *inverse, float *out, size_t outStride) {
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++)
            out[r * outStride + c] = ((float)x[rowIndices[r] * stride + c] * unit - mean[c]) * inverse[c];
}

static void columnMoments(const float *x, size_t stride, size_t rows, size_t columns, const float *shift, double *sums,
                          double *squares) {
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++) {
            double difference = (double)x[r * stride + c] - (double)shift[c];
            sums[c] += difference;
            squares[c] += difference * difference;
        }
}

static void exponential(const float *x, float *out, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = (float)exp((double)x[i]);
}

static void logarithm(const float *x, float *out, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = (float)log((double)x[i]);
}

static bool encode(const float *x, size_t count, float divisor, uint8_t *out) {
    for (size_t i = 0; i < count; i++) {
        if (!(x[i] >= 0 && x[i] * divisor <= 255)) return false;
        out[i] = (uint8_t)(x[i] * divisor + 0.5f);
        if ((float)out[i] / divisor != x[i]) return false;
    }
    return true;
}

static size_t countNonZeroBytes(const uint8_t *x, size_t count) {
    size_t total = 0;
    for (size_t i = 0; i < count; i++) total += x[i] != 0;
    return total;
}

const KernelSet referenceKernelSet = {
    "reference",  denseForward, denseBackward,    codedForward,     codedBackward, sparseForward, sparseBackward, lossGradient,
    softmaxGradient, step,      standardizeFloat, standardizeBytes, columnMoments, exponential,   logarithm,      encode,
    countNonZeroBytes,
};
