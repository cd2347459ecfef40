/* The kernel's packed form: rows in, panels of 32 interleaved rows out. 25 ns a row at d = 256
 * where rows come by fours, 60 ns where they come one by one. */
#include "match/kernel_tiles.h"

#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <emmintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

enum { ALIGNMENT = 64, STEP = 16 };

#if defined(__x86_64__)
static inline __m128i load(const int8_t *from)
{
    return _mm_loadu_si128((const __m128i *)(const void *)from);
}

static inline void store(uint8_t *to, __m128i what, __m128i flip)
{
    _mm_storeu_si128((__m128i *)(void *)to, _mm_xor_si128(what, flip));
}

/* Words of four rows, 16 bytes of each: word w of all four becomes 16 bytes at to + w * step. */
static void transpose(const int8_t *const *row, size_t at, int flip, uint8_t *to, size_t step)
{
    __m128i f = _mm_set1_epi8((char)flip);
    __m128i a = load(row[0] + at), b = load(row[1] + at);
    __m128i c = load(row[2] + at), d = load(row[3] + at);
    __m128i ab = _mm_unpacklo_epi32(a, b), cd = _mm_unpacklo_epi32(c, d);
    store(to, _mm_unpacklo_epi64(ab, cd), f);
    store(to + step, _mm_unpackhi_epi64(ab, cd), f);
    ab = _mm_unpackhi_epi32(a, b), cd = _mm_unpackhi_epi32(c, d);
    store(to + 2 * step, _mm_unpacklo_epi64(ab, cd), f);
    store(to + 3 * step, _mm_unpackhi_epi64(ab, cd), f);
}
#elif defined(__aarch64__)
static inline uint32x4_t load(const int8_t *from)
{
    return vreinterpretq_u32_s8(vld1q_s8(from));
}

/* Words of four rows, 16 bytes of each: word w of all four becomes 16 bytes at to + w * step. */
static void transpose(const int8_t *const *row, size_t at, int flip, uint8_t *to, size_t step)
{
    uint8x16_t f = vdupq_n_u8((uint8_t)flip);
    uint32x4_t a = load(row[0] + at), b = load(row[1] + at);
    uint32x4_t c = load(row[2] + at), d = load(row[3] + at);
    uint32x4x2_t ac = vzipq_u32(a, c), bd = vzipq_u32(b, d);
    uint32x4x2_t low = vzipq_u32(ac.val[0], bd.val[0]), high = vzipq_u32(ac.val[1], bd.val[1]);
    vst1q_u8(to, veorq_u8(vreinterpretq_u8_u32(low.val[0]), f));
    vst1q_u8(to + step, veorq_u8(vreinterpretq_u8_u32(low.val[1]), f));
    vst1q_u8(to + 2 * step, veorq_u8(vreinterpretq_u8_u32(high.val[0]), f));
    vst1q_u8(to + 3 * step, veorq_u8(vreinterpretq_u8_u32(high.val[1]), f));
}
#else
static void transpose(const int8_t *const *row, size_t at, int flip, uint8_t *to, size_t step)
{
    for (size_t r = 0; r < 4; r++)
        for (size_t i = 0; i < STEP; i++)
            to[i / 4 * step + 4 * r + i % 4] = (uint8_t)(row[r][at + i] ^ flip);
}
#endif

static void interleave_one(const int8_t *row, size_t d, size_t step, int flip, uint8_t *to)
{
    uint32_t flips = 0x01010101u * (uint32_t)flip, word;
    for (size_t i = 0; i < d; i += 4, to += step) {
        memcpy(&word, row + i, sizeof word);
        word ^= flips;
        memcpy(to, &word, sizeof word);
    }
}

void ss_interleave(const int8_t *const *rows, size_t count, size_t d, size_t stride, int flip,
                   void *to)
{
    uint8_t *out = to;
    size_t r = 0, step = 4 * stride;
    for (; r + 4 <= count; r += 4)
        for (size_t i = 0; i < d; i += STEP)
            transpose(rows + r, i, flip, out + 4 * r + i / 4 * step, step);
    for (; r < count; r++) interleave_one(rows[r], d, step, flip, out + 4 * r);
}

/* ---- Packed rows
 * ----------------------------------------------------------------------------------- */

static void *grown(void *old, size_t used, size_t size)
{
    void *bigger = aligned_alloc(ALIGNMENT, size);
    if (!bigger) return NULL;
    if (used) memcpy(bigger, old, used);
    memset((char *)bigger + used, 0, size - used);
    return bigger;
}

static bool reserve(ss_panels *p, size_t rows, size_t d)
{
    if (rows <= p->capacity) return true;
    size_t want = p->capacity + p->capacity / 2;
    if (want < rows) want = rows;
    if (want > SIZE_MAX / 2 / d - SS_PANEL) return false;
    want = (want + SS_PANEL - 1) / SS_PANEL * SS_PANEL;
    int8_t *panels = grown(p->panels, p->capacity * d, want * d);
    int32_t *sums = grown(p->sums, p->capacity * sizeof *sums, want * sizeof *sums);
    if (!panels || !sums) {
        free(panels);
        free(sums);
        return false;
    }
    free(p->panels);
    free(p->sums);
    p->panels = panels;
    p->sums = sums;
    p->capacity = want;
    return true;
}

static int32_t sum_of(const int8_t *row, size_t d)
{
    int32_t sum = 0;
    for (size_t i = 0; i < d; i++) sum += row[i];
    return sum;
}

bool ss_panels_add(ss_panels *p, const int8_t *rows, size_t count, size_t d)
{
    if (p->count == 0 && p->dimension != d) {
        ss_panels_free(p);
        p->dimension = d;
    }
    if (count > SIZE_MAX - p->count || !reserve(p, p->count + count, d)) return false;
    while (count) {
        size_t in_panel = p->count % SS_PANEL, more = in_panel % 4 == 0 && count >= 4 ? 4 : 1;
        int8_t *panel = p->panels + (p->count - in_panel) * d;
        const int8_t *row[4];
        for (size_t r = 0; r < more; r++) {
            row[r] = rows + r * d;
            p->sums[p->count + r] = sum_of(row[r], d);
        }
        ss_interleave(row, more, d, SS_PANEL, 0, panel + 4 * in_panel);
        p->count += more;
        count -= more;
        rows += more * d;
    }
    return true;
}

/* Rows that are not there must be zero. */
void ss_panels_clear(ss_panels *p)
{
    size_t rows = (p->count + SS_PANEL - 1) / SS_PANEL * SS_PANEL;
    if (rows) {
        memset(p->panels, 0, rows * p->dimension);
        memset(p->sums, 0, rows * sizeof *p->sums);
    }
    p->count = 0;
}

void ss_panels_free(ss_panels *p)
{
    free(p->panels);
    free(p->sums);
    *p = (ss_panels){0};
}
