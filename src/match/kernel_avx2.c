/* The kernel on AVX2: bytes widened to 16 bits, products added in pairs (vpmaddwd). */
#include "match/kernel.h"

#include "match/cpu.h"

#if defined(__x86_64__)
#include <immintrin.h>

static inline __attribute__((target("avx2"))) __m256i wide(const int8_t *from)
{
    return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(const void *)from));
}

static inline __attribute__((target("avx2"))) int32_t sum_of(__m256i x)
{
    __m128i half = _mm_add_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4E));
    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0xB1));
    return _mm_cvtsi128_si32(half);
}

__attribute__((target("avx2"))) static void dots(const int8_t *a, const int8_t *b, size_t rows,
                                                 size_t d, int32_t *out)
{
    size_t r = 0;
    for (; r + 4 <= rows; r += 4, b += 4 * d) {
        __m256i sum[4] = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(),
                          _mm256_setzero_si256()};
        for (size_t i = 0; i < d; i += 16) {
            __m256i x = wide(a + i);
            for (size_t k = 0; k < 4; k++)
                sum[k] = _mm256_add_epi32(sum[k], _mm256_madd_epi16(x, wide(b + k * d + i)));
        }
        for (size_t k = 0; k < 4; k++) out[r + k] = sum_of(sum[k]);
    }
    for (; r < rows; r++, b += d) {
        __m256i sum = _mm256_setzero_si256();
        for (size_t i = 0; i < d; i += 16)
            sum = _mm256_add_epi32(sum, _mm256_madd_epi16(wide(a + i), wide(b + i)));
        out[r] = sum_of(sum);
    }
}

const ss_kernel ss_kernel_avx2 = {"avx2", SS_CPU_AVX2, dots};
#endif
