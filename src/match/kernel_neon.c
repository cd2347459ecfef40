/* The kernel on NEON (every aarch64): products of bytes are added in pairs in 16 bits (two of
 * canonical components stay below 2^15), pairs of those in 32.
 *
 * Tiles of 4 x 8: 16 sums of two halves each. */
#include "match/kernel_tiles.h"

#include "match/cpu.h"

#if defined(__aarch64__)
#include <arm_neon.h>
#include <string.h>

enum { ROWS = 4 };

/* ---- Rows in memory
 * ---------------------------------------------------------------------------------- */

static inline int32_t dot(const int8_t *a, const int8_t *b, size_t d)
{
    int32x4_t sum = vdupq_n_s32(0);
    for (size_t i = 0; i < d; i += 16) {
        int8x16_t x = vld1q_s8(a + i), y = vld1q_s8(b + i);
        int16x8_t pairs = vmull_s8(vget_low_s8(x), vget_low_s8(y));
        sum = vpadalq_s16(sum, vmlal_high_s8(pairs, x, y));
    }
    return vaddvq_s32(sum);
}

static void dots(const int8_t *a, const int8_t *b, size_t rows, size_t d, int32_t *out)
{
    for (size_t r = 0; r < rows; r++, b += d) out[r] = dot(a, b, d);
}

static void dots_at(const int8_t *a, const int8_t *const *b, size_t rows, size_t d, int32_t *out)
{
    for (size_t r = 0; r < rows; r++) out[r] = dot(a, b[r], d);
}

/* ---- Tiles
 * ------------------------------------------------------------------------------------------- */

static void prepare(const int8_t *const *a, size_t rows, size_t d, void *to)
{
    ss_interleave(a, rows, d, rows, 0, to);
}

SS_INLINE int8x8_t splat(const int8_t *four_components)
{
    int32_t word;
    memcpy(&word, four_components, sizeof word);
    return vreinterpret_s8_s32(vdup_n_s32(word));
}

/* Rows against eight columns, eight components a step. rows is a constant where it is called. */
SS_INLINE uint32_t part_of(size_t rows, const int8_t *a, const int8_t *panel, size_t d,
                           const int32_t *least, int32_t *scores)
{
    enum { NEXT = 4 * SS_PANEL };
    int32x4_t sum[ROWS][4];
    SS_UNROLL(4)
    for (size_t r = 0; r < rows; r++)
        sum[r][0] = sum[r][1] = sum[r][2] = sum[r][3] = vdupq_n_s32(0);
    for (size_t k = 0; k < d; k += 8, a += 8 * rows, panel += 2 * NEXT) {
        int8x16_t b0 = vld1q_s8(panel), b1 = vld1q_s8(panel + 16);
        int8x16_t c0 = vld1q_s8(panel + NEXT), c1 = vld1q_s8(panel + NEXT + 16);
        SS_UNROLL(4)
        for (size_t r = 0; r < rows; r++) {
            int8x8_t x = splat(a + 4 * r), y = splat(a + 4 * (rows + r));
            int16x8_t p0 = vmlal_s8(vmull_s8(vget_low_s8(b0), x), vget_low_s8(c0), y);
            int16x8_t p1 = vmlal_s8(vmull_s8(vget_high_s8(b0), x), vget_high_s8(c0), y);
            int16x8_t p2 = vmlal_s8(vmull_s8(vget_low_s8(b1), x), vget_low_s8(c1), y);
            int16x8_t p3 = vmlal_s8(vmull_s8(vget_high_s8(b1), x), vget_high_s8(c1), y);
            sum[r][0] = vpadalq_s16(sum[r][0], p0);
            sum[r][1] = vpadalq_s16(sum[r][1], p1);
            sum[r][2] = vpadalq_s16(sum[r][2], p2);
            sum[r][3] = vpadalq_s16(sum[r][3], p3);
        }
    }
    uint32_t hit = 0;
    SS_UNROLL(4)
    for (size_t r = 0; r < rows; r++) {
        int32x4_t s0 = vpaddq_s32(sum[r][0], sum[r][1]), s1 = vpaddq_s32(sum[r][2], sum[r][3]);
        hit |= (uint32_t)(vmaxvq_s32(vmaxq_s32(s0, s1)) >= least[r]) << r;
        vst1q_s32(scores + r * SS_PANEL, s0);
        vst1q_s32(scores + r * SS_PANEL + 4, s1);
    }
    return hit;
}

SS_INLINE uint32_t tile_of(size_t rows, const int8_t *a, const int8_t *panel, size_t d,
                           const int32_t *least, int32_t *scores)
{
    uint32_t hit = 0;
    for (size_t j = 0; j < SS_PANEL; j += 8)
        hit |= part_of(rows, a, panel + 4 * j, d, least, scores + j);
    return hit;
}

static uint32_t tile(const void *a, size_t rows, const void *panel, const int32_t *sums, size_t d,
                     const int32_t *least, int32_t *scores)
{
    (void)sums;
    switch (rows) {
    case 1: return tile_of(1, a, panel, d, least, scores);
    case 2: return tile_of(2, a, panel, d, least, scores);
    case 3: return tile_of(3, a, panel, d, least, scores);
    default: return tile_of(4, a, panel, d, least, scores);
    }
}

static const ss_tiles tiles = {ROWS, 1, 1, prepare, 0, NULL, NULL, tile};
const ss_kernel ss_kernel_neon = {"neon", "smlal", SS_CPU_NEON, dots, dots_at, &tiles};
#endif
