/* Inner loops (see the header): plain C that compilers vectorise, once per instruction set. */
#include "train/loops.h"

#include <string.h>

/* clang gives such functions a name of their own, which other files don't find */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define FOR_EACH_CPU __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FOR_EACH_CPU
#endif

enum { LANES = 16 };

FOR_EACH_CPU void row_zero(float *to, size_t d)
{
    memset(to, 0, d * sizeof *to);
}

FOR_EACH_CPU void row_add(float *restrict to, const float *restrict from, size_t d)
{
    for (size_t i = 0; i < d; i++) to[i] += from[i];
}

FOR_EACH_CPU void row_add_scaled(float *restrict to, const float *restrict from, float scale,
                                 size_t d)
{
    for (size_t i = 0; i < d; i++) to[i] += scale * from[i];
}

FOR_EACH_CPU void row_scale(float *to, float scale, size_t d)
{
    for (size_t i = 0; i < d; i++) to[i] *= scale;
}

static inline float widen(bfloat16 x)
{
    uint32_t bits = (uint32_t)x << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* To the nearest, halves to even; the values of training are finite. */
static inline bfloat16 narrow(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return (bfloat16)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

FOR_EACH_CPU void row_gather(float *restrict to, const bfloat16 *restrict from, size_t d)
{
    for (size_t i = 0; i < d; i++) to[i] += widen(from[i]);
}

FOR_EACH_CPU void row_narrow(bfloat16 *restrict to, const float *restrict from, size_t d)
{
    for (size_t i = 0; i < d; i++) to[i] = narrow(from[i]);
}

FOR_EACH_CPU void row_narrow_scaled(bfloat16 *restrict to, const float *restrict from, float scale,
                                    size_t d)
{
    for (size_t i = 0; i < d; i++) to[i] = narrow(scale * from[i]);
}

FOR_EACH_CPU float row_dot(const float *restrict a, const float *restrict b, size_t d)
{
    float lane[LANES] = {0};
    size_t whole = d / LANES * LANES;
    for (size_t i = 0; i < whole; i += LANES)
        for (size_t k = 0; k < LANES; k++) lane[k] += a[i + k] * b[i + k];
    float sum = 0;
    for (size_t k = 0; k < LANES; k++) sum += lane[k];
    for (size_t i = whole; i < d; i++) sum += a[i] * b[i];
    return sum;
}

/* 2^(x log2 e) by splitting off the integer part and a polynomial of degree 6 on [-.5, .5]. */
static inline float exp_one(float x)
{
    x = x < -80.0f ? -80.0f : x > 80.0f ? 80.0f : x;
    float y = x * 1.44269504f;
    int32_t whole = (int32_t)(y + (y < 0 ? -0.5f : 0.5f));
    float r = y - (float)whole;
    float p = 1.5403530e-4f;
    p = p * r + 1.3333558e-3f;
    p = p * r + 9.6181291e-3f;
    p = p * r + 5.5504109e-2f;
    p = p * r + 2.4022651e-1f;
    p = p * r + 6.9314718e-1f;
    p = p * r + 1.0f;
    int32_t bits = (whole + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return p * power;
}

FOR_EACH_CPU float row_exp(float *to, float shift, size_t d)
{
    float lane[LANES] = {0};
    size_t whole = d / LANES * LANES;
    for (size_t i = 0; i < whole; i += LANES)
        for (size_t k = 0; k < LANES; k++) {
            to[i + k] = exp_one(to[i + k] - shift);
            lane[k] += to[i + k];
        }
    float sum = 0;
    for (size_t k = 0; k < LANES; k++) sum += lane[k];
    for (size_t i = whole; i < d; i++) sum += to[i] = exp_one(to[i] - shift);
    return sum;
}

FOR_EACH_CPU void row_weigh(float *restrict to, float a, const float *restrict b, size_t d)
{
    for (size_t i = 0; i < d; i++) to[i] *= a + b[i];
}

FOR_EACH_CPU void row_mask(float *restrict to, const uint32_t *restrict a, uint32_t x,
                           const uint32_t *restrict b, uint32_t y, size_t d)
{
    for (size_t i = 0; i < d; i++) to[i] = a[i] == x || b[i] == y ? 0.0f : to[i];
}
