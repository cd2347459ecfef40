/* The kernel on NEON with dot products (sdot): four products of bytes are added up in each of four
 * lanes. Compiled for such CPUs alone: nothing of this file runs elsewhere.
 *
 * Tiles of 12 x 8: 24 sums, three vectors of a, two of b. */
#include "match/kernel_tiles.h"

#include "match/cpu.h"

#if defined(__aarch64__)
#include "match/kernel_neon.h"

enum { ROWS = 12, QUAD = 4 };

/* ---- Rows in memory
 * ---------------------------------------------------------------------------------- */

SS_INLINE int32_t dot(const int8_t *a, const int8_t *b, size_t d)
{
    int32x4_t s0 = vdupq_n_s32(0), s1 = s0;
    size_t i = 0;
    for (; i + 32 <= d; i += 32) {
        s0 = vdotq_s32(s0, vld1q_s8(a + i), vld1q_s8(b + i));
        s1 = vdotq_s32(s1, vld1q_s8(a + i + 16), vld1q_s8(b + i + 16));
    }
    if (i < d) s0 = vdotq_s32(s0, vld1q_s8(a + i), vld1q_s8(b + i));
    return vaddvq_s32(vaddq_s32(s0, s1));
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

static size_t quads(size_t rows)
{
    return (rows + QUAD - 1) / QUAD;
}

/* (d / 4, rows, 4), the last rows repeated up to a multiple of four */
static void prepare(const int8_t *const *a, size_t rows, size_t d, void *to)
{
    const int8_t *row[ROWS];
    size_t padded = quads(rows) * QUAD;
    for (size_t r = 0; r < padded; r++) row[r] = a[r < rows ? r : rows - 1];
    ss_interleave(row, padded, d, padded, 0, to);
}

/* count * 4 rows against eight columns. count is a constant where it is called. */
SS_INLINE void part_of(size_t count, const int8_t *a, const int8_t *panel, size_t d,
                       int32_t *scores)
{
    int32x4_t sum[ROWS][2];
    SS_UNROLL(12)
    for (size_t r = 0; r < count * QUAD; r++) sum[r][0] = sum[r][1] = vdupq_n_s32(0);
    for (size_t k = 0; k < d; k += 4, a += 16 * count, panel += 4 * SS_PANEL) {
        int8x16_t b0 = vld1q_s8(panel), b1 = vld1q_s8(panel + 16);
        SS_UNROLL(3)
        for (size_t q = 0; q < count; q++) {
            int8x16_t x = vld1q_s8(a + 16 * q);
            int32x4_t(*s)[2] = sum + QUAD * q;
            s[0][0] = vdotq_laneq_s32(s[0][0], b0, x, 0);
            s[0][1] = vdotq_laneq_s32(s[0][1], b1, x, 0);
            s[1][0] = vdotq_laneq_s32(s[1][0], b0, x, 1);
            s[1][1] = vdotq_laneq_s32(s[1][1], b1, x, 1);
            s[2][0] = vdotq_laneq_s32(s[2][0], b0, x, 2);
            s[2][1] = vdotq_laneq_s32(s[2][1], b1, x, 2);
            s[3][0] = vdotq_laneq_s32(s[3][0], b0, x, 3);
            s[3][1] = vdotq_laneq_s32(s[3][1], b1, x, 3);
        }
    }
    SS_UNROLL(12)
    for (size_t r = 0; r < count * QUAD; r++) {
        vst1q_s32(scores + r * SS_PANEL, sum[r][0]);
        vst1q_s32(scores + r * SS_PANEL + 4, sum[r][1]);
    }
}

static uint32_t tile(const void *a, size_t rows, const void *panel, const int32_t *sums, size_t d,
                     const int32_t *least, int32_t *scores)
{
    const int8_t *bytes = panel;
    (void)sums;
    for (size_t j = 0; j < SS_PANEL; j += 8) {
        switch (quads(rows)) {
        case 1: part_of(1, a, bytes + 4 * j, d, scores + j); break;
        case 2: part_of(2, a, bytes + 4 * j, d, scores + j); break;
        default: part_of(3, a, bytes + 4 * j, d, scores + j); break;
        }
    }
    return ss_neon_reached(scores, rows, least);
}

static const ss_tiles tiles = {ROWS, 1, QUAD, prepare, 0, NULL, NULL, tile};
const ss_kernel ss_kernel_dotprod = {"dotprod", "sdot", SS_CPU_DOTPROD, dots, dots_at, &tiles};
#endif
