// SPDX-License-Identifier: Apache-2.0
//
// The network's kernels in vectors of one panel, which the compiler makes of what the processor has; the file that includes this
// says how many numbers of a tile fit the registers (NETWORK_TILE rows of NETWORK_TILE_PANELS panels), the set and its name.

#include <math.h>
#include <string.h>

#include "NetworkKernels.h"

#pragma clang fp contract(fast)

typedef float Panel __attribute__((vector_size(4 * NETWORK_PANEL), aligned(4)));

#define INLINE static inline __attribute__((always_inline))

// Not functions: passing wide vectors is another thing on every processor.
#define PANEL(place) (*(Panel *)(place))
#define CONSTANT_PANEL(place) (*(const Panel *)(place))

/// The kernel rows, or pixels, from `start` to `end` that see something of an image when the kernel stands at `place`.
typedef struct Span {
    size_t start;
    size_t end;
} Span;

INLINE Span seenSpan(size_t kernel, size_t place, size_t border, size_t image) {
    if (image == 0) return (Span){0, kernel};
    size_t start = border > place ? border - place : 0;
    size_t end = border + image > place ? border + image - place : 0;
    end = end < kernel ? end : kernel;
    return (Span){start < end ? start : end, end};
}

/// Adds what one run of a patch gives to the rows `low` ..< `rows - high` of a tile.
#define PRODUCT_RUN(LOW, HIGH)                                                                            \
    for (size_t j = 0; j < run; j++, weight += NETWORK_PANEL) {                                           \
        Panel w[NETWORK_TILE_PANELS];                                                                     \
        _Pragma("clang loop unroll(full)") for (size_t n = 0; n < panels; n++)                            \
            w[n] = CONSTANT_PANEL(weight + n * depth * NETWORK_PANEL);                                    \
        _Pragma("clang loop unroll(full)") for (size_t r = LOW; r + HIGH < rows; r++) {                   \
            Panel value = (Panel){} + from[r * p->inStep + j];                                            \
            _Pragma("clang loop unroll(full)") for (size_t n = 0; n < panels; n++) sums[r][n] += value * w[n]; \
        }                                                                                                 \
    }

/// One tile: `rows` neighbouring outputs of `panels` panels, both known when compiled.
INLINE void productTile(const NetworkProduct *p, size_t y, size_t x, const float *weights, const float *bias, size_t rows,
                        size_t panels) {
    const float *in = p->in + y * p->inRow + x * p->inStep;
    float *out = p->out + y * p->outRow + x * p->outStep;
    const size_t depth = p->kernelHeight * p->patch;
    Panel sums[NETWORK_TILE][NETWORK_TILE_PANELS];
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (size_t n = 0; n < panels; n++) sums[r][n] = bias == nullptr ? (Panel){} : CONSTANT_PANEL(bias + n * NETWORK_PANEL);
    const Span kernelRows = seenSpan(p->kernelHeight, y, p->border.top, p->border.height);
    // Short runs are not worth a look at the border.
    const bool looksAtPixels = p->border.height != 0 && rows > 4 && p->inStep >= 16;
    const size_t run = looksAtPixels ? p->inStep : p->patch, runs = p->patch / run;
    for (size_t ky = kernelRows.start; ky < kernelRows.end; ky++) {
        const float *from = in + ky * p->inRow;
        const float *weight = weights + ky * p->patch * NETWORK_PANEL;
        for (size_t kx = 0; kx < runs; kx++, from += run) {
            // The tile's pixels at x ..< x + rows see the border left or right of the image.
            size_t low = 0, high = 0;
            if (looksAtPixels) {
                const size_t end = p->border.left + p->border.width;
                low = x + kx < p->border.left ? p->border.left - x - kx : 0;
                high = x + kx + rows > end ? x + kx + rows - end : 0;
            }
            if (rows > 4 && low == 1 && high == 0) {
                PRODUCT_RUN(1, 0)
            } else if (rows > 4 && low == 2 && high == 0) {
                PRODUCT_RUN(2, 0)
            } else if (rows > 4 && low == 0 && high == 1) {
                PRODUCT_RUN(0, 1)
            } else if (rows > 4 && low == 0 && high == 2) {
                PRODUCT_RUN(0, 2)
            } else {
                PRODUCT_RUN(0, 0)
            }
        }
    }
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (size_t n = 0; n < panels; n++) PANEL(out + r * p->outStep + n * NETWORK_PANEL) = sums[r][n];
}

/// One tile of a gradient: `rows` neighbouring numbers of the patch, `panels` panels.
INLINE void outerTile(const NetworkOuterProduct *p, const float *in, const float *errors, float *gradient, Span ys, Span xs,
                      size_t rows, size_t panels) {
    const size_t depth = p->kernelHeight * p->patch;
    Panel sums[NETWORK_TILE][NETWORK_TILE_PANELS];
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (size_t n = 0; n < panels; n++) sums[r][n] = CONSTANT_PANEL(gradient + (n * depth + r) * NETWORK_PANEL);
    for (size_t y = ys.start; y < ys.end; y++) {
        const float *from = in + y * p->inRow + xs.start * p->inStep, *error = errors + y * p->errorRow + xs.start * p->errorStep;
        for (size_t x = xs.start; x < xs.end; x++, from += p->inStep, error += p->errorStep) {
            Panel e[NETWORK_TILE_PANELS];
#pragma clang loop unroll(full)
            for (size_t n = 0; n < panels; n++) e[n] = CONSTANT_PANEL(error + n * NETWORK_PANEL);
#pragma clang loop unroll(full)
            for (size_t r = 0; r < rows; r++) {
                Panel value = (Panel){} + from[r];
#pragma clang loop unroll(full)
                for (size_t n = 0; n < panels; n++) sums[r][n] += value * e[n];
            }
        }
    }
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (size_t n = 0; n < panels; n++) PANEL(gradient + (n * depth + r) * NETWORK_PANEL) = sums[r][n];
}

// A tile of each height; a switch over them is all there is at run time.
#if NETWORK_TILE > 6
#define TALL_TILES(CALL) CALL(7) CALL(8) CALL(9) CALL(10) CALL(11) CALL(12) CALL(13) CALL(14)
#define MIDDLE_TILES(CALL) CALL(4) CALL(5) CALL(6)
#elif NETWORK_TILE > 3
#define TALL_TILES(CALL)
#define MIDDLE_TILES(CALL) CALL(4) CALL(5) CALL(6)
#else
#define TALL_TILES(CALL)
#define MIDDLE_TILES(CALL)
#endif
#define EVERY_TILE(CALL) CALL(1) CALL(2) CALL(3) MIDDLE_TILES(CALL) TALL_TILES(CALL)

#define PRODUCT_CASE(ROWS) \
    case ROWS: productTile(p, y, x, weights, bias, ROWS, panels); break;
#define OUTER_CASE(ROWS) \
    case ROWS: outerTile(p, in, errors, gradient, ys, xs, ROWS, panels); break;

INLINE void productRows(const NetworkProduct *p, size_t y, size_t x, const float *weights, const float *bias, size_t rows,
                        size_t panels) {
    switch (rows) { EVERY_TILE(PRODUCT_CASE) }
}

INLINE void outerRows(const NetworkOuterProduct *p, const float *in, const float *errors, float *gradient, Span ys, Span xs,
                      size_t rows, size_t panels) {
    switch (rows) { EVERY_TILE(OUTER_CASE) }
}

/// Where the part `index` of `count` nearly equal ones of `whole` begins.
INLINE size_t partStart(size_t whole, size_t index, size_t count) { return whole * index / count; }

INLINE void productPanels(const NetworkProduct *whole, size_t panel, size_t panels) {
    NetworkProduct product = *whole, *p = &product;
    p->out += panel * NETWORK_PANEL;
    const float *weights = p->weights + panel * p->kernelHeight * p->patch * NETWORK_PANEL;
    const float *bias = p->bias == nullptr ? nullptr : p->bias + panel * NETWORK_PANEL;
    const size_t parts = (p->width + NETWORK_TILE - 1) / NETWORK_TILE;
    for (size_t y = 0; y < p->height; y++)
        for (size_t part = 0; part < parts; part++) {
            size_t first = partStart(p->width, part, parts), rows = partStart(p->width, part + 1, parts) - first;
            productRows(p, y, first, weights, bias, rows, panels);
        }
}

static void networkProduct(const NetworkProduct *p) {
    size_t panel = 0;
    for (; panel + NETWORK_TILE_PANELS <= p->panels; panel += NETWORK_TILE_PANELS) productPanels(p, panel, NETWORK_TILE_PANELS);
    for (; panel < p->panels; panel++) productPanels(p, panel, 1);
}

INLINE void outerPanels(const NetworkOuterProduct *p, size_t panel, size_t panels) {
    // Runs of one kernel pixel, where they are long enough, see the image from a span of places.
    const bool looksAtPixels = p->border.height != 0 && p->inStep >= 8;
    const size_t run = looksAtPixels ? p->inStep : p->patch, runs = p->patch / run;
    const size_t parts = (run + NETWORK_TILE - 1) / NETWORK_TILE;
    for (size_t ky = 0; ky < p->kernelHeight; ky++) {
        const Span ys = seenSpan(p->height, ky, p->border.top, p->border.height);
        for (size_t kx = 0; kx < runs; kx++) {
            const Span xs = looksAtPixels ? seenSpan(p->width, kx, p->border.left, p->border.width) : (Span){0, p->width};
            for (size_t part = 0; part < parts; part++) {
                size_t first = partStart(run, part, parts), rows = partStart(run, part + 1, parts) - first;
                size_t row = ky * p->patch + kx * run + first;
                outerRows(p, p->in + ky * p->inRow + kx * run + first, p->errors + panel * NETWORK_PANEL,
                          p->gradient + (panel * p->kernelHeight * p->patch + row) * NETWORK_PANEL, ys, xs, rows, panels);
            }
        }
    }
}

static void networkOuterProduct(const NetworkOuterProduct *p) {
    size_t panel = 0;
    for (; panel + NETWORK_TILE_PANELS <= p->panels; panel += NETWORK_TILE_PANELS) outerPanels(p, panel, NETWORK_TILE_PANELS);
    for (; panel < p->panels; panel++) outerPanels(p, panel, 1);
}

static void networkPool(const NetworkPool *p, const float *restrict in, float *restrict out, size_t outRow,
                        uint8_t *restrict choices) {
    const size_t height = (p->height + p->size - 1) / p->size, width = (p->width + p->size - 1) / p->size;
    const size_t channels = p->channels;
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++) {
            float *restrict most = out + y * outRow + x * channels;
            uint8_t *restrict choice = choices + (y * width + x) * channels;
            const float start = p->rectified ? 0 : -INFINITY;
            for (size_t c = 0; c < channels; c++) {
                most[c] = start;
                choice[c] = 255;
            }
            for (size_t dy = 0; dy < p->size && y * p->size + dy < p->height; dy++)
                for (size_t dx = 0; dx < p->size && x * p->size + dx < p->width; dx++) {
                    const float *restrict from = in + ((y * p->size + dy) * p->width + x * p->size + dx) * channels;
                    const uint8_t place = (uint8_t)(dy * p->size + dx);
                    for (size_t c = 0; c < channels; c++) {
                        bool isMore = from[c] > most[c];
                        most[c] = isMore ? from[c] : most[c];
                        choice[c] = isMore ? place : choice[c];
                    }
                }
        }
}

static void networkPoolBackward(const NetworkPool *p, const float *restrict errors, const uint8_t *restrict choices,
                                float *restrict out, size_t outRow) {
    const size_t pooledWidth = (p->width + p->size - 1) / p->size, channels = p->channels;
    for (size_t y = 0; y < p->height; y++)
        for (size_t x = 0; x < p->width; x++) {
            const size_t from = (y / p->size * pooledWidth + x / p->size) * channels;
            const uint8_t place = (uint8_t)(y % p->size * p->size + x % p->size);
            float *restrict to = out + y * outRow + x * channels;
            for (size_t c = 0; c < channels; c++) to[c] = choices[from + c] == place ? errors[from + c] : 0;
        }
}

static void networkSumRows(const float *restrict x, size_t rows, size_t stride, size_t columns, float *restrict sums) {
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++) sums[c] += x[r * stride + c];
}

/// The finalizer of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014) of a counter.
INLINE uint64_t networkRandom(uint64_t seed, uint64_t counter) {
    uint64_t z = seed + counter * 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static void networkDropout(float *x, size_t count, uint32_t threshold, float scale, uint64_t seed, uint64_t first) {
    for (size_t i = 0; i < count; i++) x[i] = (uint32_t)(networkRandom(seed, first + i) >> 32) < threshold ? 0 : x[i] * scale;
}

static void networkStep(const NetworkStep *s, float *restrict weights, const float *restrict gradient, float *restrict first,
                        float *restrict second, size_t count) {
    const float rate = s->rate, decay = s->weightDecay, beta1 = s->beta1, beta2 = s->beta2, epsilon = s->epsilon;
    switch (s->optimizer) {
        case NETWORK_SGD:
            for (size_t i = 0; i < count; i++) weights[i] -= rate * (gradient[i] + decay * weights[i]);
            break;
        case NETWORK_MOMENTUM:
            for (size_t i = 0; i < count; i++) {
                first[i] = s->momentum * first[i] + (gradient[i] + decay * weights[i]);
                weights[i] -= rate * first[i];
            }
            break;
        case NETWORK_ADAM:
            for (size_t i = 0; i < count; i++) {
                float g = gradient[i] + decay * weights[i];
                first[i] = beta1 * first[i] + (1 - beta1) * g;
                second[i] = beta2 * second[i] + (1 - beta2) * g * g;
                weights[i] -= rate * first[i] / (sqrtf(second[i]) + epsilon);
            }
            break;
    }
}

#define LOW(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define HIGH(a, b) __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)

/// Shuffling row i with row i + 8 four times puts every number in its place.
static void networkTranspose(const float *in, size_t inStep, float *out, size_t outStep, size_t count) {
    for (size_t block = 0; block < count; block++, in += inStep, out += outStep) {
        Panel rows[16], next[16];
#pragma clang loop unroll(full)
        for (int i = 0; i < 16; i++) rows[i] = CONSTANT_PANEL(in + i * NETWORK_PANEL);
#pragma clang loop unroll(full)
        for (int round = 0; round < 4; round++) {
#pragma clang loop unroll(full)
            for (int i = 0; i < 8; i++) {
                next[2 * i] = LOW(rows[i], rows[i + 8]);
                next[2 * i + 1] = HIGH(rows[i], rows[i + 8]);
            }
#pragma clang loop unroll(full)
            for (int i = 0; i < 16; i++) rows[i] = next[i];
        }
#pragma clang loop unroll(full)
        for (int i = 0; i < 16; i++) PANEL(out + i * NETWORK_PANEL) = rows[i];
    }
}

#define NETWORK_SET_MEMBERS                                                                                                       \
    .product = networkProduct, .outerProduct = networkOuterProduct, .pool = networkPool, .poolBackward = networkPoolBackward,     \
    .sumRows = networkSumRows, .dropout = networkDropout, .step = networkStep, .transpose = networkTranspose
