/* The kernel on NEON with matrix products (smmla): two rows of a times two of b, eight components
 * each, in one instruction. Compiled for such CPUs alone: nothing of this file runs elsewhere.
 *
 * Tiles of 12 x 8: 24 sums of 2 x 2, one vector of a, four of b. */
#include "match/kernel_tiles.h"

#include "match/cpu.h"

#if defined(__aarch64__)
#include "match/kernel_neon.h"
#include <string.h>

enum { ROWS = 12, ROUND = 4, PAIRS = ROWS / 2 };

/* Rows that are not packed are bound by their reading: sdot's way is as fast. */
static void dots(const int8_t *a, const int8_t *b, size_t rows, size_t d, int32_t *out)
{
    ss_kernel_dotprod.dots(a, b, rows, d, out);
}

static void dots_at(const int8_t *a, const int8_t *const *b, size_t rows, size_t d, int32_t *out)
{
    ss_kernel_dotprod.dots_at(a, b, rows, d, out);
}

/* (d / 8, pairs of rows, 2, 8), the last rows repeated up to a multiple of four */
static void prepare(const int8_t *const *a, size_t rows, size_t d, void *to)
{
    int8_t *out = to;
    size_t padded = (rows + ROUND - 1) / ROUND * ROUND;
    for (size_t k = 0; k < d; k += 8)
        for (size_t r = 0; r < padded; r++, out += 8)
            memcpy(out, a[r < rows ? r : rows - 1] + k, 8);
}

/* pairs * 2 rows against eight columns. pairs is a constant where it is called. */
SS_INLINE void part_of(size_t pairs, const int8_t *a, const int8_t *panel, size_t d,
                       int32_t *scores)
{
    enum { NEXT = 4 * SS_PANEL };
    int32x4_t sum[PAIRS][4];
    SS_UNROLL(6)
    for (size_t p = 0; p < pairs; p++)
        sum[p][0] = sum[p][1] = sum[p][2] = sum[p][3] = vdupq_n_s32(0);
    for (size_t k = 0; k < d; k += 8, a += 16 * pairs, panel += 2 * NEXT) {
        /* four columns of four components and the next four -> two columns of eight */
        int32x4_t b0 = vld1q_s32((const void *)panel), b1 = vld1q_s32((const void *)(panel + 16));
        int32x4_t c0 = vld1q_s32((const void *)(panel + NEXT));
        int32x4_t c1 = vld1q_s32((const void *)(panel + NEXT + 16));
        int8x16_t column[4] = {
            vreinterpretq_s8_s32(vzip1q_s32(b0, c0)), vreinterpretq_s8_s32(vzip2q_s32(b0, c0)),
            vreinterpretq_s8_s32(vzip1q_s32(b1, c1)), vreinterpretq_s8_s32(vzip2q_s32(b1, c1))};
        SS_UNROLL(6)
        for (size_t p = 0; p < pairs; p++) {
            int8x16_t x = vld1q_s8(a + 16 * p);
            sum[p][0] = vmmlaq_s32(sum[p][0], x, column[0]);
            sum[p][1] = vmmlaq_s32(sum[p][1], x, column[1]);
            sum[p][2] = vmmlaq_s32(sum[p][2], x, column[2]);
            sum[p][3] = vmmlaq_s32(sum[p][3], x, column[3]);
        }
    }
    SS_UNROLL(6)
    for (size_t p = 0; p < pairs; p++) {
        SS_UNROLL(4)
        for (size_t c = 0; c < 4; c++) {
            vst1_s32(scores + 2 * p * SS_PANEL + 2 * c, vget_low_s32(sum[p][c]));
            vst1_s32(scores + (2 * p + 1) * SS_PANEL + 2 * c, vget_high_s32(sum[p][c]));
        }
    }
}

static uint32_t tile(const void *a, size_t rows, const void *panel, const int32_t *sums, size_t d,
                     const int32_t *least, int32_t *scores)
{
    const int8_t *bytes = panel;
    (void)sums;
    for (size_t j = 0; j < SS_PANEL; j += 8) {
        switch ((rows + ROUND - 1) / ROUND) {
        case 1: part_of(2, a, bytes + 4 * j, d, scores + j); break;
        case 2: part_of(4, a, bytes + 4 * j, d, scores + j); break;
        default: part_of(6, a, bytes + 4 * j, d, scores + j); break;
        }
    }
    return ss_neon_reached(scores, rows, least);
}

static const ss_tiles tiles = {ROWS, 1, ROUND, prepare, 0, NULL, NULL, tile};
const ss_kernel ss_kernel_i8mm = {"i8mm", "smmla", SS_CPU_I8MM | SS_CPU_DOTPROD,
                                  dots,   dots_at, &tiles};
#endif
