// SPDX-License-Identifier: Apache-2.0
//
// The fast kernels, written once in the compiler's vector types and compiled once for each width: the file that includes this
// one sets VECTOR_FLOATS, ACCUMULATORS (vector registers for sums), KERNEL_SET, KERNEL_SET_NAME and the target.
// Bodies are inlined with `lanes` a constant, so that every sum over lanes stays in registers.

#include <stdint.h>
#include <string.h>

#include "CKernels.h"

#pragma clang fp contract(fast)

extern const KernelSet referenceKernelSet;

typedef float Vector __attribute__((vector_size(VECTOR_FLOATS * 4), aligned(4)));
typedef int32_t Mask __attribute__((vector_size(VECTOR_FLOATS * 4), aligned(4)));
typedef uint8_t Bytes __attribute__((vector_size(VECTOR_FLOATS), aligned(1)));

#define BODY static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

BODY Vector load(const float *p) { return *(const Vector *)p; }
BODY void store(float *p, Vector v) { *(Vector *)p = v; }
BODY Vector splat(float x) { return x - (Vector){}; }
BODY Vector choose(Mask mask, Vector a, Vector b) { return (Vector)((mask & (Mask)a) | (~mask & (Mask)b)); }
BODY Vector larger(Vector a, Vector b) { return __builtin_elementwise_max(a, b); }
BODY Vector smaller(Vector a, Vector b) { return __builtin_elementwise_min(a, b); }
BODY Vector magnitude(Vector a) { return __builtin_elementwise_abs(a); }
BODY Vector withSign(Vector size, Vector sign) { return (Vector)(((Mask)sign & INT32_MIN) | (Mask)size); }

/// e^x by 2^n e^f with the Cephes polynomial; clamped so that it neither overflows nor becomes subnormal.
BODY Vector vectorExponential(Vector x) {
    x = smaller(larger(x, splat(-87.0f)), splat(88.0f));
    Vector n = (x * 1.44269504f + 12582912.0f) - 12582912.0f;
    Vector f = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    Vector p = splat(1.9875691500e-4f);
    p = p * f + 1.3981999507e-3f;
    p = p * f + 8.3334519073e-3f;
    p = p * f + 4.1665795894e-2f;
    p = p * f + 1.6666665459e-1f;
    p = p * f + 5.0000001201e-1f;
    p = p * (f * f) + f + 1.0f;
    return p * (Vector)((__builtin_convertvector(n, Mask) + 127) << 23);
}

/// ln x for normal positive x, with the Cephes polynomial.
BODY Vector vectorLogarithm(Vector x) {
    Mask bits = (Mask)x;
    Vector m = (Vector)((bits & 0x007FFFFF) | 0x3F800000);
    Vector e = __builtin_convertvector((bits >> 23) - 127, Vector);
    Mask high = m > 1.41421356f;
    m = choose(high, m * 0.5f, m);
    e = choose(high, e + 1.0f, e);
    Vector f = m - 1.0f, z = f * f;
    Vector p = splat(7.0376836292e-2f);
    p = p * f - 1.1514610310e-1f;
    p = p * f + 1.1676998740e-1f;
    p = p * f - 1.2420140846e-1f;
    p = p * f + 1.4249322787e-1f;
    p = p * f - 1.6668057665e-1f;
    p = p * f + 2.0000714765e-1f;
    p = p * f - 2.4999993993e-1f;
    p = p * f + 3.3333331174e-1f;
    p = p * f * z - e * 2.12194440e-4f - 0.5f * z;
    return f + p + e * 0.693359375f;
}

// MARK: Dense

/// out[r] += sum over i of a[r * aRow + i * aStep] * b[i], for `tile` rows of `vectors` vectors held in registers.
BODY void denseTile(const float *a, size_t aRow, size_t aStep, size_t count, const float *b, float *out, int tile, int vectors) {
    const int lanes = vectors * VECTOR_FLOATS;
    Vector sum[ACCUMULATORS];
    UNROLL for (int r = 0; r < tile; r++) {
        UNROLL for (int v = 0; v < vectors; v++) sum[r * vectors + v] = load(out + r * lanes + v * VECTOR_FLOATS);
    }
    for (size_t i = 0; i < count; i++) {
        Vector x[ACCUMULATORS];
        UNROLL for (int r = 0; r < tile; r++) x[r] = splat(a[r * aRow + i * aStep]);
        UNROLL for (int v = 0; v < vectors; v++) {
            Vector w = load(b + i * lanes + v * VECTOR_FLOATS);
            UNROLL for (int r = 0; r < tile; r++) sum[r * vectors + v] += x[r] * w;
        }
    }
    UNROLL for (int r = 0; r < tile; r++) {
        UNROLL for (int v = 0; v < vectors; v++) store(out + r * lanes + v * VECTOR_FLOATS, sum[r * vectors + v]);
    }
}

BODY void denseTiles(const float *a, size_t aRow, size_t aStep, size_t outer, size_t inner, const float *b, float *out,
                     int vectors) {
    const int lanes = vectors * VECTOR_FLOATS, tile = ACCUMULATORS / vectors > 0 ? ACCUMULATORS / vectors : 1;
    size_t r = 0;
    for (; r + tile <= outer; r += tile) denseTile(a + r * aRow, aRow, aStep, inner, b, out + r * lanes, tile, vectors);
    for (; r < outer; r++) denseTile(a + r * aRow, aRow, aStep, inner, b, out + r * lanes, 1, vectors);
}

static void denseForward(const float *x, size_t stride, size_t rows, size_t columns, const float *weights, float *scores,
                         size_t lanes) {
    if (lanes == 32)
        denseTiles(x, stride, 1, rows, columns, weights, scores, 32 / VECTOR_FLOATS);
    else
        denseTiles(x, stride, 1, rows, columns, weights, scores, 16 / VECTOR_FLOATS);
}

static void denseBackward(const float *x, size_t stride, size_t rows, size_t columns, const float *errors, float *gradient,
                          size_t lanes) {
    if (lanes == 32)
        denseTiles(x, 1, stride, columns, rows, errors, gradient, 32 / VECTOR_FLOATS);
    else
        denseTiles(x, 1, stride, columns, rows, errors, gradient, 16 / VECTOR_FLOATS);
}

// MARK: Sparse

/// Chains of dependent additions an entry loop keeps going at once: enough to hide the latency of a fused multiply-add.
#define CHAINS(vectors) (8 / (vectors) > 4 ? 4 : 8 / (vectors) > 0 ? 8 / (vectors) : 1)

#define ENTRY_LOOP(Entry, INDEX, VALUE)                                                                                     \
    const int lanes = vectors * VECTOR_FLOATS, chains = CHAINS(vectors);                                                    \
    Vector sum[4 * 8];                                                                                                      \
    UNROLL for (int v = 0; v < vectors; v++) sum[v] = load(out + v * VECTOR_FLOATS);                                        \
    UNROLL for (int v = vectors; v < chains * vectors; v++) sum[v] = (Vector){};                                            \
    for (; entry + chains <= end; entry += chains) {                                                                        \
        UNROLL for (int u = 0; u < chains; u++) {                                                                           \
            Entry e = entry[u];                                                                                             \
            Vector x = splat(VALUE);                                                                                        \
            const float *row = b + (size_t)(INDEX) * lanes;                                                                 \
            UNROLL for (int v = 0; v < vectors; v++) sum[u * vectors + v] += x * load(row + v * VECTOR_FLOATS);             \
        }                                                                                                                   \
    }                                                                                                                       \
    for (; entry < end; entry++) {                                                                                          \
        Entry e = *entry;                                                                                                   \
        Vector x = splat(VALUE);                                                                                            \
        const float *row = b + (size_t)(INDEX) * lanes;                                                                     \
        UNROLL for (int v = 0; v < vectors; v++) sum[v] += x * load(row + v * VECTOR_FLOATS);                               \
    }                                                                                                                       \
    UNROLL for (int v = 0; v < vectors; v++) {                                                                              \
        UNROLL for (int u = 1; u < chains; u++) sum[v] += sum[u * vectors + v];                                             \
        store(out + v * VECTOR_FLOATS, sum[v]);                                                                             \
    }

BODY void codedSum(const uint16_t *entry, const uint16_t *end, const float *codebook, const float *b, float *out, int vectors) {
    ENTRY_LOOP(uint32_t, e & 255, codebook[e >> 8])
}

BODY void sparseSum(const SparseEntry *entry, const SparseEntry *end, const float *b, float *out, int vectors) {
    ENTRY_LOOP(SparseEntry, e.index, e.value)
}

BODY void codedForwardLanes(const CodedTile *tile, const float *codebook, const float *weights, float *scores, int vectors) {
    const size_t lanes = (size_t)(vectors * VECTOR_FLOATS);
    size_t blocks = (tile->columns + KERNEL_COLUMN_BLOCK - 1) / KERNEL_COLUMN_BLOCK;
    for (size_t block = 0; block < blocks; block++) {
        const uint32_t *start = tile->rowStart + block * (tile->rows + 1);
        const float *w = weights + block * KERNEL_COLUMN_BLOCK * lanes;
        for (size_t r = 0; r < tile->rows; r++)
            if (start[r] != start[r + 1])
                codedSum(tile->rowEntries + start[r], tile->rowEntries + start[r + 1], codebook, w, scores + r * lanes, vectors);
    }
}

static void codedForward(const CodedTile *tile, const float *codebook, const float *weights, float *scores, size_t lanes) {
    if (lanes == 32)
        codedForwardLanes(tile, codebook, weights, scores, 32 / VECTOR_FLOATS);
    else
        codedForwardLanes(tile, codebook, weights, scores, 16 / VECTOR_FLOATS);
}

BODY void codedBackwardLanes(const CodedTile *tile, const float *codebook, size_t firstColumn, size_t endColumn,
                             const float *errors, float *gradient, int vectors) {
    const size_t lanes = (size_t)(vectors * VECTOR_FLOATS);
    for (size_t c = firstColumn; c < endColumn; c++) {
        const uint32_t *start = tile->columnStart + c;
        if (start[0] != start[1])
            codedSum(tile->columnEntries + start[0], tile->columnEntries + start[1], codebook, errors,
                     gradient + (c - firstColumn) * lanes, vectors);
    }
}

static void codedBackward(const CodedTile *tile, const float *codebook, size_t firstColumn, size_t endColumn,
                          const float *errors, float *gradient, size_t lanes) {
    if (lanes == 32)
        codedBackwardLanes(tile, codebook, firstColumn, endColumn, errors, gradient, 32 / VECTOR_FLOATS);
    else
        codedBackwardLanes(tile, codebook, firstColumn, endColumn, errors, gradient, 16 / VECTOR_FLOATS);
}

static void sparseForward(const SparseTile *tile, const float *weights, float *scores, size_t lanes) {
    for (size_t r = 0; r < tile->rows; r++) {
        const SparseEntry *entry = tile->rowEntries + tile->rowStart[r], *end = tile->rowEntries + tile->rowStart[r + 1];
        if (lanes == 32)
            sparseSum(entry, end, weights, scores + r * 32, 32 / VECTOR_FLOATS);
        else
            sparseSum(entry, end, weights, scores + r * 16, 16 / VECTOR_FLOATS);
    }
}

static void sparseBackward(const SparseTile *tile, size_t firstColumn, size_t endColumn, const float *errors, float *gradient,
                           size_t lanes) {
    size_t low = 0, high = tile->usedColumns;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (tile->columnIndices[middle] < firstColumn)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t u = low; u < tile->usedColumns && tile->columnIndices[u] < endColumn; u++) {
        const SparseEntry *entry = tile->columnEntries + tile->columnStart[u];
        const SparseEntry *end = tile->columnEntries + tile->columnStart[u + 1];
        float *out = gradient + (size_t)tile->columnIndices[u] * lanes;
        if (lanes == 32)
            sparseSum(entry, end, errors, out, 32 / VECTOR_FLOATS);
        else
            sparseSum(entry, end, errors, out, 16 / VECTOR_FLOATS);
    }
}

// MARK: Losses

BODY void addSums(Vector v, double *sums) {
    for (int i = 0; i < VECTOR_FLOATS; i++) sums[i] += (double)v[i];
}

/// ln(1 + u) is summed as the logarithm of products of at most this many factors in 1...2, which stay below 2^127.
enum { PRODUCT_ROWS = 64 };

BODY void logisticLanes(float *scores, const float *labels, Vector positiveWeight, float scale, size_t rows, size_t lanes,
                        double *losses, float *biasGradient) {
    Vector bias = (Vector){}, negativeScale = splat(scale), positiveScale = scale * positiveWeight;
    for (size_t first = 0; first < rows; first += PRODUCT_ROWS) {
        size_t end = first + PRODUCT_ROWS < rows ? first + PRODUCT_ROWS : rows;
        Vector negativeProduct = splat(1), positiveProduct = splat(1), negativeLoss = (Vector){}, positiveLoss = (Vector){};
        for (size_t r = first; r < end; r++) {
            Vector z = load(scores + r * lanes);
            Vector u = vectorExponential(-magnitude(z)), p = 1.0f / (1.0f + u);
            Vector sigmoid = choose(z >= 0.0f, p, u * p), gradient;
            if (labels[r] > 0.5f) {
                positiveProduct *= 1.0f + u;
                positiveLoss += larger(-z, (Vector){});
                gradient = (sigmoid - 1.0f) * positiveScale;
            } else {
                negativeProduct *= 1.0f + u;
                negativeLoss += larger(z, (Vector){});
                gradient = sigmoid * negativeScale;
            }
            store(scores + r * lanes, gradient);
            bias += gradient;
        }
        addSums(vectorLogarithm(negativeProduct) + negativeLoss +
                    positiveWeight * (vectorLogarithm(positiveProduct) + positiveLoss), losses);
    }
    store(biasGradient, load(biasGradient) + bias);
}

#define RESIDUAL_LOSS(LOSS, SLOPE)                                                                                          \
    {                                                                                                                       \
        Vector bias = (Vector){};                                                                                           \
        for (size_t first = 0; first < rows; first += PRODUCT_ROWS) {                                                       \
            size_t end = first + PRODUCT_ROWS < rows ? first + PRODUCT_ROWS : rows;                                         \
            Vector loss = (Vector){};                                                                                       \
            for (size_t r = first; r < end; r++) {                                                                          \
                Vector z = load(scores + r * lanes), weight = labels[r] > 0.5f ? positiveWeight : splat(1);                 \
                Vector y = splat(labels[r]), sign = splat(labels[r] > 0.5f ? 1.0f : -1.0f);                                 \
                Vector d = z - y, size = magnitude(d), unit = choose(d != 0.0f, withSign(splat(1), d), (Vector){});         \
                Vector excess = larger(size - p->insensitivity, (Vector){});                                                \
                (void)sign, (void)size, (void)unit, (void)excess, (void)y;                                                  \
                loss += weight * (LOSS);                                                                                    \
                Vector gradient = weight * (SLOPE) * scale;                                                                 \
                store(scores + r * lanes, gradient);                                                                        \
                bias += gradient;                                                                                           \
            }                                                                                                               \
            addSums(loss, losses);                                                                                          \
        }                                                                                                                   \
        store(biasGradient, load(biasGradient) + bias);                                                                     \
        return;                                                                                                             \
    }

static void residualLanes(const LossParameters *p, float *scores, const float *labels, const float *positiveWeights, float scale,
                          size_t rows, size_t lanes, double *losses, float *biasGradient) {
    Vector positiveWeight = load(positiveWeights), zero = (Vector){};
    Vector over = splat(1 - p->quantile), under = splat(-p->quantile);
    switch (p->kind) {
    case LOSS_LOGISTIC:
        logisticLanes(scores, labels, positiveWeight, scale, rows, lanes, losses, biasGradient);
        return;
    case LOSS_HINGE:
        RESIDUAL_LOSS(larger(p->margin - sign * z, zero), choose(p->margin - sign * z > 0.0f, -sign, zero))
    case LOSS_SQUARED:
        RESIDUAL_LOSS(d * d, 2.0f * d)
    case LOSS_ABSOLUTE:
        RESIDUAL_LOSS(size, unit)
    case LOSS_EPSILON_INSENSITIVE_SQUARED:
        RESIDUAL_LOSS(excess * excess, 2.0f * excess * unit)
    case LOSS_EPSILON_INSENSITIVE_ABSOLUTE:
        RESIDUAL_LOSS(excess, choose(excess > 0.0f, unit, zero))
    case LOSS_QUANTILE:
        RESIDUAL_LOSS(choose(d > 0.0f, over * d, under * d), choose(d > 0.0f, over, choose(d < 0.0f, under, zero)))
    case LOSS_HUBER:
        RESIDUAL_LOSS(choose(size <= p->delta, 0.5f * d * d, p->delta * (size - 0.5f * p->delta)),
                      choose(size <= p->delta, d, p->delta * unit))
    }
}

static void lossGradient(const LossParameters *parameters, float *scores, const float *labels, const float *positiveWeights,
                         float scale, size_t rows, size_t lanes, double *losses, float *biasGradient) {
    for (size_t l = 0; l < lanes; l += VECTOR_FLOATS)
        residualLanes(parameters, scores + l, labels, positiveWeights + l, scale, rows, lanes, losses + l, biasGradient + l);
}

static void softmaxGradient(float *scores, size_t planeStride, size_t classes, const float *labels, const float *classWeights,
                            float scale, size_t rows, size_t lanes, double *losses, float *biasGradient) {
    for (size_t r = 0; r < rows; r++) {
        size_t label = (size_t)labels[r];
        float factor = scale * classWeights[label];
        for (size_t l = 0; l < lanes; l += VECTOR_FLOATS) {
            float *z = scores + r * lanes + l;
            Vector top = load(z), sum = (Vector){}, wanted = load(z + label * planeStride);
            for (size_t k = 1; k < classes; k++) top = larger(top, load(z + k * planeStride));
            for (size_t k = 0; k < classes; k++) {
                Vector e = vectorExponential(load(z + k * planeStride) - top);
                store(z + k * planeStride, e);
                sum += e;
            }
            addSums(classWeights[label] * (vectorLogarithm(sum) + (top - wanted)), losses + l);
            Vector normalizer = factor / sum;
            for (size_t k = 0; k < classes; k++) {
                Vector gradient = load(z + k * planeStride) * normalizer - (k == label ? factor : 0);
                store(z + k * planeStride, gradient);
                store(biasGradient + k * lanes + l, load(biasGradient + k * lanes + l) + gradient);
            }
        }
    }
}

// MARK: Steps

#define STEP_LOOP(...)                                                                                                      \
    for (size_t l = 0; l < lanes; l += VECTOR_FLOATS) {                                                                     \
        Vector rate = load(p->learningRate + l), decay = load(p->weightDecay + l), l1 = load(p->l1 + l);                    \
        Vector bias = load(biasGradient + l), shifted = load(shift + l);                                                    \
        for (size_t c = 0; c < columns; c++) {                                                                              \
            size_t i = c * lanes + l;                                                                                       \
            Vector w = load(weights + i);                                                                                   \
            Vector g = inverse[c] * (load(gradient + i) - mean[c] * bias) + decay * w;                                      \
            g += choose(w != 0.0f, withSign(l1, w), (Vector){});                                                            \
            __VA_ARGS__;                                                                                                    \
            store(weights + i, w);                                                                                          \
            Vector raw = w * inverse[c];                                                                                    \
            store(folded + i, raw);                                                                                         \
            shifted += mean[c] * raw;                                                                                       \
        }                                                                                                                   \
        store(shift + l, shifted);                                                                                          \
    }

static void step(const StepParameters *p, float *weights, const float *gradient, float *first, float *second,
                 const float *mean, const float *inverse, const float *biasGradient, size_t columns, size_t lanes,
                 float *folded, float *shift) {
    float rest1 = 1 - p->beta1, rest2 = 1 - p->beta2;
    switch (p->kind) {
    case OPTIMIZER_SGD:
        STEP_LOOP({
            Vector velocity = p->momentum * load(first + i) - rate * g;
            store(first + i, velocity);
            w += velocity;
        })
        return;
    case OPTIMIZER_ADAM:
        STEP_LOOP({
            Vector m = load(first + i), v = load(second + i);
            m += rest1 * (g - m);
            v += rest2 * (g * g - v);
            store(first + i, m);
            store(second + i, v);
            w -= rate * m / (__builtin_elementwise_sqrt(v) + p->epsilon);
        })
        return;
    case OPTIMIZER_RMSPROP:
        STEP_LOOP({
            Vector v = load(second + i);
            v += rest2 * (g * g - v);
            store(second + i, v);
            w -= rate * g / (__builtin_elementwise_sqrt(v) + p->epsilon);
        })
        return;
    }
}

// MARK: Rows and columns

static void standardizeFloat(const float *x, size_t stride, const uint32_t *rowIndices, size_t rows, size_t columns,
                             const float *mean, const float *inverse, float *out, size_t outStride) {
    for (size_t r = 0; r < rows; r++) {
        const float *row = x + rowIndices[r] * stride;
        float *to = out + r * outStride;
        size_t c = 0;
        for (; c + VECTOR_FLOATS <= columns; c += VECTOR_FLOATS) store(to + c, (load(row + c) - load(mean + c)) * load(inverse + c));
        for (; c < columns; c++) to[c] = (row[c] - mean[c]) * inverse[c];
    }
}

static void standardizeBytes(const uint8_t *x, size_t stride, const uint32_t *rowIndices, size_t rows, size_t columns,
                             float unit, const float *mean, const float *inverse, float *out, size_t outStride) {
    for (size_t r = 0; r < rows; r++) {
        const uint8_t *row = x + rowIndices[r] * stride;
        float *to = out + r * outStride;
        size_t c = 0;
        for (; c + VECTOR_FLOATS <= columns; c += VECTOR_FLOATS) {
            Vector value = __builtin_convertvector(*(const Bytes *)(row + c), Vector);
            store(to + c, (value * unit - load(mean + c)) * load(inverse + c));
        }
        for (; c < columns; c++) to[c] = ((float)row[c] * unit - mean[c]) * inverse[c];
    }
}

static void columnMoments(const float *x, size_t stride, size_t rows, size_t columns, const float *shift, double *sums,
                          double *squares) {
    for (size_t r = 0; r < rows; r++) {
        const float *row = x + r * stride;
        for (size_t c = 0; c < columns; c++) {
            double difference = (double)row[c] - (double)shift[c];
            sums[c] += difference;
            squares[c] += difference * difference;
        }
    }
}

static void exponential(const float *x, float *out, size_t count) {
    size_t i = 0;
    for (; i + VECTOR_FLOATS <= count; i += VECTOR_FLOATS) store(out + i, vectorExponential(load(x + i)));
    for (; i < count; i++) out[i] = vectorExponential(splat(x[i]))[0];
}

static void logarithm(const float *x, float *out, size_t count) {
    size_t i = 0;
    for (; i + VECTOR_FLOATS <= count; i += VECTOR_FLOATS) store(out + i, vectorLogarithm(load(x + i)));
    for (; i < count; i++) out[i] = vectorLogarithm(splat(x[i]))[0];
}

static bool encode(const float *x, size_t count, float divisor, uint8_t *out) {
    size_t i = 0;
    Mask bad = (Mask){};
    while (i + VECTOR_FLOATS <= count) {
        size_t end = i + 1024 < count ? i + 1024 : count;
        for (; i + VECTOR_FLOATS <= end; i += VECTOR_FLOATS) {
            Vector value = load(x + i), inside = smaller(larger(value * divisor, (Vector){}), splat(255));
            Mask code = __builtin_convertvector(inside + 0.5f, Mask);
            bad |= ~(__builtin_convertvector(code, Vector) / divisor == value);
            *(Bytes *)(out + i) = __builtin_convertvector(code, Bytes);
        }
        for (int l = 0; l < VECTOR_FLOATS; l++)
            if (bad[l]) return false;
    }
    return i == count || referenceKernelSet.encode(x + i, count - i, divisor, out + i);
}

static size_t countNonZeroBytes(const uint8_t *x, size_t count) {
    size_t total = 0;
    for (size_t i = 0; i < count; i++) total += x[i] != 0;
    return total;
}

const KernelSet KERNEL_SET = {
    KERNEL_SET_NAME, denseForward, denseBackward,    codedForward,     codedBackward, sparseForward, sparseBackward, lossGradient,
    softmaxGradient, step,         standardizeFloat, standardizeBytes, columnMoments, exponential,   logarithm,      encode,
    countNonZeroBytes,
};
