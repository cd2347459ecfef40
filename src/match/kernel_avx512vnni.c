/* The kernel on AVX-512 VNNI: bytes widened to 16 bits, products added in pairs and accumulated in
 * one instruction (vpdpwssd). d is a multiple of 16; lanes past it are masked. */
#include "match/kernel.h"

#include "match/cpu.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))

static inline VNNI __m512i wide(const int8_t *from, size_t left)
{
    if (left >= 32)
        return _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)(const void *)from));
    return _mm512_cvtepi8_epi16(
        _mm256_zextsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)from)));
}

VNNI static void dots(const int8_t *a, const int8_t *b, size_t rows, size_t d, int32_t *out)
{
    size_t r = 0;
    for (; r + 4 <= rows; r += 4, b += 4 * d) {
        __m512i s0 = _mm512_setzero_si512(), s1 = s0, s2 = s0, s3 = s0;
        for (size_t i = 0; i < d; i += 32) {
            __m512i x = wide(a + i, d - i);
            s0 = _mm512_dpwssd_epi32(s0, x, wide(b + i, d - i));
            s1 = _mm512_dpwssd_epi32(s1, x, wide(b + d + i, d - i));
            s2 = _mm512_dpwssd_epi32(s2, x, wide(b + 2 * d + i, d - i));
            s3 = _mm512_dpwssd_epi32(s3, x, wide(b + 3 * d + i, d - i));
        }
        out[r] = _mm512_reduce_add_epi32(s0);
        out[r + 1] = _mm512_reduce_add_epi32(s1);
        out[r + 2] = _mm512_reduce_add_epi32(s2);
        out[r + 3] = _mm512_reduce_add_epi32(s3);
    }
    for (; r < rows; r++, b += d) {
        __m512i sum = _mm512_setzero_si512();
        for (size_t i = 0; i < d; i += 32)
            sum = _mm512_dpwssd_epi32(sum, wide(a + i, d - i), wide(b + i, d - i));
        out[r] = _mm512_reduce_add_epi32(sum);
    }
}

const ss_kernel ss_kernel_avx512vnni = {"avx512vnni", SS_CPU_AVX512VNNI, dots};
#endif
