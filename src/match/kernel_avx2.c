/* The kernel on AVX2: bytes widened to 16 bits, products added in pairs (vpmaddwd), which is exact.
 * Two instructions add 16 products; multiplying bytes (vpmaddubsw) takes four for 32, since one
 * side must be made positive for each pair of rows.
 *
 * Tiles of 6 x 16: 12 sums, two vectors of b, one of a, one product. */
#include "match/kernel_tiles.h"

#include "match/cpu.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

enum { ROWS = 6, AHEAD = 8 };

SS_INLINE AVX2 __m256i wide(const int8_t *from)
{
    return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(const void *)from));
}

/* ---- Rows in memory
 * ---------------------------------------------------------------------------------- */

SS_INLINE AVX2 __m128i sums_of(__m256i a, __m256i b, __m256i c, __m256i d)
{
    __m256i all = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
    return _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
}

SS_INLINE AVX2 void four(const int8_t *a, const int8_t *const b[4], size_t d, int32_t *out)
{
    __m256i s0 = _mm256_setzero_si256(), s1 = s0, s2 = s0, s3 = s0;
    for (size_t i = 0; i < d; i += 16) {
        __m256i x = wide(a + i);
        s0 = _mm256_add_epi32(s0, _mm256_madd_epi16(x, wide(b[0] + i)));
        s1 = _mm256_add_epi32(s1, _mm256_madd_epi16(x, wide(b[1] + i)));
        s2 = _mm256_add_epi32(s2, _mm256_madd_epi16(x, wide(b[2] + i)));
        s3 = _mm256_add_epi32(s3, _mm256_madd_epi16(x, wide(b[3] + i)));
    }
    _mm_storeu_si128((__m128i *)(void *)out, sums_of(s0, s1, s2, s3));
}

/* The last one to three rows: repeated, so that there are four. */
SS_INLINE AVX2 void last(const int8_t *a, const int8_t *const *b, size_t rows, size_t d,
                         int32_t *out)
{
    int32_t four_out[4];
    const int8_t *row[4];
    for (size_t r = 0; r < 4; r++) row[r] = b[r < rows ? r : 0];
    four(a, row, d, four_out);
    for (size_t r = 0; r < rows; r++) out[r] = four_out[r];
}

AVX2 static void dots(const int8_t *a, const int8_t *b, size_t rows, size_t d, int32_t *out)
{
    for (size_t r = 0; r < rows; r += 4, out += 4) {
        const int8_t *row[4];
        size_t more = rows - r < 4 ? rows - r : 4;
        for (size_t k = 0; k < more; k++) row[k] = b + (r + k) * d;
        if (more == 4)
            four(a, row, d, out);
        else
            last(a, row, more, d, out);
    }
}

AVX2 static void dots_at(const int8_t *a, const int8_t *const *b, size_t rows, size_t d,
                         int32_t *out)
{
    size_t r = 0;
    for (; r + 4 <= rows; r += 4) {
        for (size_t k = r + AHEAD; k < r + AHEAD + 4 && k < rows; k++)
            for (size_t i = 0; i < d; i += 64) _mm_prefetch((const char *)(b[k] + i), _MM_HINT_T0);
        four(a, b + r, d, out + r);
    }
    if (r < rows) last(a, b + r, rows - r, d, out + r);
}

/* ---- Tiles
 * ------------------------------------------------------------------------------------------- */

/* (d / 4, rows, 4) of 16 bits */
AVX2 static void prepare(const int8_t *const *a, size_t rows, size_t d, void *to)
{
    int16_t *out = to;
    int8_t *bytes =
        (int8_t *)to + rows * d; /* widened from its end to the beginning, in its place */
    ss_interleave(a, rows, d, rows, 0, bytes);
    for (size_t i = 0; i < rows * d; i += 16)
        _mm256_store_si256((__m256i *)(void *)(out + i), wide(bytes + i));
}

SS_INLINE AVX2 void store(int16_t *to, __m256i x)
{
    _mm256_store_si256((__m256i *)(void *)to, x);
}

SS_INLINE AVX2 __m256i pick(__m256i x, __m256i y, int odd)
{
    __m256 a = _mm256_castsi256_ps(x), b = _mm256_castsi256_ps(y);
    __m256 c = odd ? _mm256_shuffle_ps(a, b, 0xDD) : _mm256_shuffle_ps(a, b, 0x88);
    return _mm256_permute4x64_epi64(_mm256_castps_si256(c), 0xD8);
}

/* The panel in 16 bits, once for all tiles: widening in the tile costs it a tenth of its speed.
 * (d / 4, 32, 4) bytes -> (d / 2, 32, 2) of 16 bits. */
AVX2 static void open_panel(const int8_t *panel, size_t d, void *to)
{
    int16_t *out = to;
    for (size_t k = 0; k < d; k += 4, out += 4 * SS_PANEL)
        for (size_t j = 0; j < SS_PANEL; j += 8, panel += 32) {
            if (!(j & 8)) _mm_prefetch((const char *)(panel + SS_PANEL * d), _MM_HINT_T1);
            __m256i x = wide(panel), y = wide(panel + 16);
            store(out + 2 * j, pick(x, y, 0));
            store(out + 2 * j + 2 * SS_PANEL, pick(x, y, 1));
        }
}

SS_INLINE AVX2 __m256i load(const int16_t *from)
{
    return _mm256_load_si256((const __m256i *)(const void *)from);
}

SS_INLINE AVX2 __m256i splat(const int16_t *two_components)
{
    int32_t word;
    __builtin_memcpy(&word, two_components, sizeof word);
    return _mm256_set1_epi32(word);
}

/* s0 += components of x times those of b0, s1 += x times b1. As the instructions themselves: gcc 12 copies
 * sums around its intrinsics, and runs out of registers. Both products before both additions: 191 of the
 * 236 Gop/s that vpmaddwd alone reaches, in turn 184 (Zen 4, where the additions take its pipes). */
SS_INLINE AVX2 void add_products(__m256i *s0, __m256i *s1, __m256i x, __m256i b0, __m256i b1)
{
    __m256i product;
    __asm__("vpmaddwd %4, %3, %2\n\tvpmaddwd %5, %3, %3\n\t"
            "vpaddd %2, %0, %0\n\tvpaddd %3, %1, %1"
            : "+x"(*s0), "+x"(*s1), "=&x"(product), "+x"(x)
            : "x"(b0), "x"(b1));
}

/* Rows against sixteen columns. rows is a constant where it is called. */
SS_INLINE AVX2 uint32_t part_of(size_t rows, const int16_t *a, const int16_t *panel, size_t d,
                                const int32_t *least, int32_t *scores)
{
    __m256i sum[ROWS][2];
    SS_UNROLL(6)
    for (size_t r = 0; r < rows; r++) sum[r][0] = sum[r][1] = _mm256_setzero_si256();
    for (size_t k = 0; k < d; k += 4, a += 4 * rows, panel += 4 * SS_PANEL) {
        SS_UNROLL(2)
        for (size_t half = 0; half < 2; half++) {
            const int16_t *b = panel + 2 * SS_PANEL * half;
            __m256i b0 = load(b), b1 = load(b + 16);
            SS_UNROLL(6)
            for (size_t r = 0; r < rows; r++) {
                __m256i x = splat(a + 4 * r + 2 * half);
                add_products(&sum[r][0], &sum[r][1], x, b0, b1);
            }
        }
    }
    uint32_t hit = 0;
    SS_UNROLL(6)
    for (size_t r = 0; r < rows; r++) {
        __m256i limit = _mm256_set1_epi32(least[r]);
        __m256i below = _mm256_and_si256(_mm256_cmpgt_epi32(limit, sum[r][0]),
                                         _mm256_cmpgt_epi32(limit, sum[r][1]));
        hit |= (uint32_t)(_mm256_movemask_epi8(below) != -1) << r;
        _mm256_storeu_si256((__m256i *)(void *)(scores + r * SS_PANEL), sum[r][0]);
        _mm256_storeu_si256((__m256i *)(void *)(scores + r * SS_PANEL + 8), sum[r][1]);
    }
    return hit;
}

SS_INLINE AVX2 __m256i splat_four(const int16_t *four_components)
{
    int64_t word;
    __builtin_memcpy(&word, four_components, sizeof word);
    return _mm256_set1_epi64x(word);
}

/* Rows against eight columns of a panel that is not opened: two halves of each column's sum lie side by
 * side. */
SS_INLINE AVX2 uint32_t part_unopened(size_t rows, const int16_t *a, const int8_t *panel, size_t d,
                                      const int32_t *least, int32_t *scores)
{
    __m256i sum[ROWS][2];
    SS_UNROLL(6)
    for (size_t r = 0; r < rows; r++) sum[r][0] = sum[r][1] = _mm256_setzero_si256();
    for (size_t k = 0; k < d; k += 4, a += 4 * rows, panel += 4 * SS_PANEL) {
        __m256i b0 = wide(panel), b1 = wide(panel + 16);
        SS_UNROLL(6)
        for (size_t r = 0; r < rows; r++)
            add_products(&sum[r][0], &sum[r][1], splat_four(a + 4 * r), b0, b1);
    }
    uint32_t hit = 0;
    SS_UNROLL(6)
    for (size_t r = 0; r < rows; r++) {
        __m256i eight = _mm256_permute4x64_epi64(_mm256_hadd_epi32(sum[r][0], sum[r][1]), 0xD8);
        __m256i below = _mm256_cmpgt_epi32(_mm256_set1_epi32(least[r]), eight);
        hit |= (uint32_t)(_mm256_movemask_epi8(below) != -1) << r;
        _mm256_storeu_si256((__m256i *)(void *)(scores + r * SS_PANEL), eight);
    }
    return hit;
}

SS_INLINE AVX2 uint32_t single_of(size_t rows, const int16_t *a, const int8_t *panel, size_t d,
                                  const int32_t *least, int32_t *scores)
{
    uint32_t hit = 0;
    for (size_t j = 0; j < SS_PANEL; j += 8)
        hit |= part_unopened(rows, a, panel + 4 * j, d, least, scores + j);
    return hit;
}

AVX2 static uint32_t single(const void *a, size_t rows, const void *panel, const int32_t *sums,
                            size_t d, const int32_t *least, int32_t *scores)
{
    (void)sums;
    switch (rows) {
    case 1: return single_of(1, a, panel, d, least, scores);
    case 2: return single_of(2, a, panel, d, least, scores);
    case 3: return single_of(3, a, panel, d, least, scores);
    case 4: return single_of(4, a, panel, d, least, scores);
    case 5: return single_of(5, a, panel, d, least, scores);
    default: return single_of(6, a, panel, d, least, scores);
    }
}

SS_INLINE AVX2 uint32_t tile_of(size_t rows, const int16_t *a, const int16_t *panel, size_t d,
                                const int32_t *least, int32_t *scores)
{
    return part_of(rows, a, panel, d, least, scores) |
           part_of(rows, a, panel + 32, d, least, scores + 16);
}

AVX2 static uint32_t tile(const void *a, size_t rows, const void *panel, const int32_t *sums,
                          size_t d, const int32_t *least, int32_t *scores)
{
    (void)sums;
    switch (rows) {
    case 1: return tile_of(1, a, panel, d, least, scores);
    case 2: return tile_of(2, a, panel, d, least, scores);
    case 3: return tile_of(3, a, panel, d, least, scores);
    case 4: return tile_of(4, a, panel, d, least, scores);
    case 5: return tile_of(5, a, panel, d, least, scores);
    default: return tile_of(6, a, panel, d, least, scores);
    }
}

static const ss_tiles tiles = {ROWS, 2, 1, prepare, 2, open_panel, single, tile};
const ss_kernel ss_kernel_avx2 = {"avx2", "vpmaddwd 256", SS_CPU_AVX2, dots, dots_at, &tiles};
#endif
