// SPDX-License-Identifier: Apache-2.0
//
// Plain C to test the other versions of the network's kernels against.

#include <math.h>
#include <string.h>

#include "NetworkKernels.h"

static void product(const NetworkProduct *p) {
    const size_t depth = p->kernelHeight * p->patch;
    for (size_t y = 0; y < p->height; y++)
        for (size_t x = 0; x < p->width; x++)
            for (size_t o = 0; o < p->panels * NETWORK_PANEL; o++) {
                double sum = p->bias == nullptr ? 0 : p->bias[o];
                const float *weights = p->weights + o / NETWORK_PANEL * depth * NETWORK_PANEL + o % NETWORK_PANEL;
                for (size_t ky = 0; ky < p->kernelHeight; ky++)
                    for (size_t j = 0; j < p->patch; j++)
                        sum += (double)p->in[(y + ky) * p->inRow + x * p->inStep + j] * weights[(ky * p->patch + j) * NETWORK_PANEL];
                p->out[y * p->outRow + x * p->outStep + o] = (float)sum;
            }
}

static void outerProduct(const NetworkOuterProduct *p) {
    const size_t depth = p->kernelHeight * p->patch;
    for (size_t o = 0; o < p->panels * NETWORK_PANEL; o++)
        for (size_t ky = 0; ky < p->kernelHeight; ky++)
            for (size_t j = 0; j < p->patch; j++) {
                double sum = 0;
                for (size_t y = 0; y < p->height; y++)
                    for (size_t x = 0; x < p->width; x++)
                        sum += (double)p->in[(y + ky) * p->inRow + x * p->inStep + j] * p->errors[y * p->errorRow + x * p->errorStep + o];
                p->gradient[(o / NETWORK_PANEL * depth + ky * p->patch + j) * NETWORK_PANEL + o % NETWORK_PANEL] += (float)sum;
            }
}

static void pool(const NetworkPool *p, const float *in, float *out, size_t outRow, uint8_t *choices) {
    const size_t height = (p->height + p->size - 1) / p->size, width = (p->width + p->size - 1) / p->size;
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++)
            for (size_t c = 0; c < p->channels; c++) {
                float most = p->rectified ? 0 : -INFINITY;
                uint8_t choice = 255;
                for (size_t place = 0; place < p->size * p->size; place++) {
                    size_t fromY = y * p->size + place / p->size, fromX = x * p->size + place % p->size;
                    if (fromY >= p->height || fromX >= p->width) continue;
                    float value = in[(fromY * p->width + fromX) * p->channels + c];
                    if (value > most) {
                        most = value;
                        choice = (uint8_t)place;
                    }
                }
                out[y * outRow + x * p->channels + c] = most;
                choices[(y * width + x) * p->channels + c] = choice;
            }
}

static void poolBackward(const NetworkPool *p, const float *errors, const uint8_t *choices, float *out, size_t outRow) {
    const size_t width = (p->width + p->size - 1) / p->size;
    for (size_t y = 0; y < p->height; y++)
        for (size_t x = 0; x < p->width; x++)
            for (size_t c = 0; c < p->channels; c++) {
                size_t from = (y / p->size * width + x / p->size) * p->channels + c;
                bool isChosen = choices[from] == y % p->size * p->size + x % p->size;
                out[y * outRow + x * p->channels + c] = isChosen ? errors[from] : 0;
            }
}

static void sumRows(const float *x, size_t rows, size_t stride, size_t columns, float *sums) {
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++) sums[c] += x[r * stride + c];
}

static void dropout(float *x, size_t count, uint32_t threshold, float scale, uint64_t seed, uint64_t first) {
    for (size_t i = 0; i < count; i++) {
        uint64_t z = seed + (first + i) * 0x9E3779B97F4A7C15u;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
        z = (z ^ z >> 27) * 0x94D049BB133111EBu;
        z ^= z >> 31;
        x[i] = (uint32_t)(z >> 32) < threshold ? 0 : x[i] * scale;
    }
}

static void step(const NetworkStep *s, float *weights, const float *gradient, float *first, float *second, size_t count) {
    for (size_t i = 0; i < count; i++) {
        float g = gradient[i] + s->weightDecay * weights[i];
        switch (s->optimizer) {
            case NETWORK_SGD: weights[i] -= s->rate * g; break;
            case NETWORK_MOMENTUM:
                first[i] = s->momentum * first[i] + g;
                weights[i] -= s->rate * first[i];
                break;
            case NETWORK_ADAM:
                first[i] = s->beta1 * first[i] + (1 - s->beta1) * g;
                second[i] = s->beta2 * second[i] + (1 - s->beta2) * g * g;
                weights[i] -= s->rate * first[i] / (sqrtf(second[i]) + s->epsilon);
                break;
        }
    }
}

static void transpose(const float *in, size_t inStep, float *out, size_t outStep, size_t count) {
    for (size_t block = 0; block < count; block++)
        for (size_t r = 0; r < NETWORK_PANEL; r++)
            for (size_t c = 0; c < NETWORK_PANEL; c++)
                out[block * outStep + c * NETWORK_PANEL + r] = in[block * inStep + r * NETWORK_PANEL + c];
}

static const NetworkKernelSet referenceSet = {
    .name = "reference", .product = product, .outerProduct = outerProduct, .pool = pool, .poolBackward = poolBackward,
    .sumRows = sumRows, .dropout = dropout, .step = step, .transpose = transpose,
};

extern const NetworkKernelSet portableNetworkKernelSet;
#if defined(__x86_64__)
extern const NetworkKernelSet avx2NetworkKernelSet;
extern const NetworkKernelSet avx512NetworkKernelSet;
#endif

const NetworkKernelSet *networkKernels(const char *name) {
    if (strcmp(name, "portable") == 0) return &portableNetworkKernelSet;
#if defined(__x86_64__)
    if (strcmp(name, "avx2") == 0) return &avx2NetworkKernelSet;
    if (strcmp(name, "avx512") == 0) return &avx512NetworkKernelSet;
#endif
    return &referenceSet;
}
