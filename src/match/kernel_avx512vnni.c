/* The kernel on AVX-512 VNNI: four products of bytes are added up in each of 16 lanes by one
 * instruction (vpdpbusd). It takes one side without sign: 128 is added to it, and 128 times the
 * other side's sum taken off.
 *
 * Tiles of 12 x 32: 24 sums, two vectors of b and one of a in 32 registers; 24 products for 14
 * loads. */
#include "match/kernel_tiles.h"

#include "match/cpu.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))

enum { ROWS = 12, BIAS = 128, AHEAD = 8 };

/* ---- Rows in memory: the bias is added to b
 * ---------------------------------------------------------- */

/* d is a multiple of 16; lanes past it are zero, in both. */
SS_INLINE VNNI __m512i biased(const int8_t *from, __mmask64 lanes)
{
    __m512i flip = _mm512_set1_epi8((char)BIAS);
    return _mm512_xor_si512(_mm512_maskz_loadu_epi8(lanes, from), flip);
}

SS_INLINE VNNI __mmask64 lanes_of(size_t left)
{
    return left >= 64 ? ~(__mmask64)0 : ((__mmask64)1 << left) - 1;
}

SS_INLINE VNNI int32_t bias_of(const int8_t *a, size_t d)
{
    __m512i sum = _mm512_setzero_si512(), ones = _mm512_set1_epi8(1);
    for (size_t i = 0; i < d; i += 64)
        sum = _mm512_dpbusd_epi32(sum, ones, _mm512_maskz_loadu_epi8(lanes_of(d - i), a + i));
    return BIAS * _mm512_reduce_add_epi32(sum);
}

/* The sums of four vectors' lanes. */
SS_INLINE VNNI __m128i sums_of(__m512i a, __m512i b, __m512i c, __m512i d)
{
    __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
    __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
    __m512i all = _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
    __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(all), _mm512_extracti64x4_epi64(all, 1));
    return _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
}

SS_INLINE VNNI void four(const int8_t *a, const int8_t *const b[4], size_t d, int32_t bias,
                         int32_t *out)
{
    __m512i s0 = _mm512_setzero_si512(), s1 = s0, s2 = s0, s3 = s0;
    for (size_t i = 0; i < d; i += 64) {
        __mmask64 lanes = lanes_of(d - i);
        __m512i x = _mm512_maskz_loadu_epi8(lanes, a + i);
        s0 = _mm512_dpbusd_epi32(s0, biased(b[0] + i, lanes), x);
        s1 = _mm512_dpbusd_epi32(s1, biased(b[1] + i, lanes), x);
        s2 = _mm512_dpbusd_epi32(s2, biased(b[2] + i, lanes), x);
        s3 = _mm512_dpbusd_epi32(s3, biased(b[3] + i, lanes), x);
    }
    __m128i sums = _mm_sub_epi32(sums_of(s0, s1, s2, s3), _mm_set1_epi32(bias));
    _mm_storeu_si128((__m128i *)(void *)out, sums);
}

/* The last one to three rows: repeated, so that there are four. */
SS_INLINE VNNI void last(const int8_t *a, const int8_t *const *b, size_t rows, size_t d,
                         int32_t bias, int32_t *out)
{
    int32_t four_out[4];
    const int8_t *row[4];
    for (size_t r = 0; r < 4; r++) row[r] = b[r < rows ? r : 0];
    four(a, row, d, bias, four_out);
    for (size_t r = 0; r < rows; r++) out[r] = four_out[r];
}

VNNI static void dots(const int8_t *a, const int8_t *b, size_t rows, size_t d, int32_t *out)
{
    int32_t bias = bias_of(a, d);
    for (size_t r = 0; r < rows; r += 4, out += 4) {
        const int8_t *row[4];
        size_t more = rows - r < 4 ? rows - r : 4;
        for (size_t k = 0; k < more; k++) row[k] = b + (r + k) * d;
        if (more == 4)
            four(a, row, d, bias, out);
        else
            last(a, row, more, d, bias, out);
    }
}

VNNI static void dots_at(const int8_t *a, const int8_t *const *b, size_t rows, size_t d,
                         int32_t *out)
{
    int32_t bias = bias_of(a, d);
    size_t r = 0;
    for (; r + 4 <= rows; r += 4) {
        for (size_t k = r + AHEAD; k < r + AHEAD + 4 && k < rows; k++)
            for (size_t i = 0; i < d; i += 64) _mm_prefetch((const char *)(b[k] + i), _MM_HINT_T0);
        four(a, b + r, d, bias, out + r);
    }
    if (r < rows) last(a, b + r, rows - r, d, bias, out + r);
}

/* ---- Tiles: the bias is added to a
 * ------------------------------------------------------------------- */

static void prepare(const int8_t *const *a, size_t rows, size_t d, void *to)
{
    ss_interleave(a, rows, d, rows, BIAS, to);
}

SS_INLINE VNNI __m512i load(const void *from)
{
    return _mm512_load_si512(from);
}

SS_INLINE VNNI __m512i splat(const uint8_t *four_bytes)
{
    int32_t word;
    __builtin_memcpy(&word, four_bytes, sizeof word);
    return _mm512_set1_epi32(word);
}

/* sum += bytes of x without sign times bytes of b with sign. As the instruction itself: gcc 12
 * copies each sum before and after its intrinsic, and runs out of registers (214 instead of 450
 * Gop/s). */
SS_INLINE VNNI __m512i add_products(__m512i sum, __m512i x, __m512i b)
{
    __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(x), "v"(b));
    return sum;
}

/* rows and ways are constants where it is called. ways: sums of a row that run side by side, each
 * over every ways-th four components, so that few rows don't wait for each other's additions. */
SS_INLINE VNNI uint32_t tile_of(size_t rows, size_t ways, const uint8_t *a, const int8_t *panel,
                                const int32_t *sums, size_t d, const int32_t *least,
                                int32_t *scores)
{
    __m512i sum[ROWS][2], bias = _mm512_set1_epi32(-BIAS);
    __m512i low = _mm512_mullo_epi32(bias, load(sums)),
            high = _mm512_mullo_epi32(bias, load(sums + 16));
    SS_UNROLL(12)
    for (size_t i = 0; i < rows * ways; i++) {
        sum[i][0] = i < rows ? low : _mm512_setzero_si512();
        sum[i][1] = i < rows ? high : _mm512_setzero_si512();
    }
    for (size_t k = 0; k < d; k += 4 * ways) {
        SS_UNROLL(4)
        for (size_t w = 0; w < ways; w++) {
            __m512i b0 = load(panel + 128 * w), b1 = load(panel + 128 * w + 64);
            SS_UNROLL(12)
            for (size_t r = 0; r < rows; r++) {
                __m512i x = splat(a + 4 * (w * rows + r));
                sum[w * rows + r][0] = add_products(sum[w * rows + r][0], x, b0);
                sum[w * rows + r][1] = add_products(sum[w * rows + r][1], x, b1);
            }
        }
        a += 4 * rows * ways;
        panel += 128 * ways;
    }
    uint32_t hit = 0;
    SS_UNROLL(12)
    for (size_t r = 0; r < rows; r++) {
        __m512i s0 = sum[r][0], s1 = sum[r][1], limit = _mm512_set1_epi32(least[r]);
        SS_UNROLL(4)
        for (size_t w = 1; w < ways; w++) {
            s0 = _mm512_add_epi32(s0, sum[w * rows + r][0]);
            s1 = _mm512_add_epi32(s1, sum[w * rows + r][1]);
        }
        if (!(_mm512_cmpge_epi32_mask(s0, limit) | _mm512_cmpge_epi32_mask(s1, limit))) continue;
        hit |= 1u << r;
        _mm512_storeu_si512(scores + r * SS_PANEL, s0);
        _mm512_storeu_si512(scores + r * SS_PANEL + 16, s1);
    }
    return hit;
}

VNNI static uint32_t tile(const void *a, size_t rows, const void *panel, const int32_t *sums,
                          size_t d, const int32_t *least, int32_t *scores)
{
    switch (rows) {
    case 1: return tile_of(1, 4, a, panel, sums, d, least, scores);
    case 2: return tile_of(2, 4, a, panel, sums, d, least, scores);
    case 3: return tile_of(3, 2, a, panel, sums, d, least, scores);
    case 4: return tile_of(4, 2, a, panel, sums, d, least, scores);
    case 5: return tile_of(5, 1, a, panel, sums, d, least, scores);
    case 6: return tile_of(6, 1, a, panel, sums, d, least, scores);
    case 7: return tile_of(7, 1, a, panel, sums, d, least, scores);
    case 8: return tile_of(8, 1, a, panel, sums, d, least, scores);
    case 9: return tile_of(9, 1, a, panel, sums, d, least, scores);
    case 10: return tile_of(10, 1, a, panel, sums, d, least, scores);
    case 11: return tile_of(11, 1, a, panel, sums, d, least, scores);
    default: return tile_of(12, 1, a, panel, sums, d, least, scores);
    }
}

static const ss_tiles tiles = {ROWS, 1, 1, prepare, 0, NULL, NULL, tile};
const ss_kernel ss_kernel_avx512vnni = {"avx512vnni", "vpdpbusd 512", SS_CPU_AVX512VNNI,
                                        dots,         dots_at,        &tiles};
#endif
