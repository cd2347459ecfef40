/* Within stage vector (see the header). A row's level is twice its nibble, less 15: nibbles times
 * twice their scales are summed, and 15 times all scales are taken off. Scales are below 2^12, so
 * that 16-bit multiplications do. */
#include "sketch/rows.h"

#include "match/cpu.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { PAIRS = 64 };

/* Two rows, and twice their scales, the first one's in the lower 16 bits. */
typedef struct row_pair {
    const uint8_t *row[2];
    int32_t scales;
} row_pair;

/* ---- Without such instructions ----------------------------------------------------------------
 */

/* Byte `first` of each row and those that follow. */
static void add_rows(const row_pair *pair, size_t pairs, size_t first, size_t half, int32_t least,
                     int32_t *restrict sum)
{
    for (size_t k = first; k < half; k++) sum[k] -= least, sum[half + k] -= least;
    for (size_t p = 0; p < 2 * pairs; p++) {
        const uint8_t *row = pair[p / 2].row[p % 2];
        uint16_t scale = (uint16_t)(pair[p / 2].scales >> 16 * (p % 2));
        for (size_t k = first; k < half; k++) sum[k] += (row[k] & 15) * scale;
        for (size_t k = first; k < half; k++) sum[half + k] += (row[k] >> 4) * scale;
    }
}

/* Component `first` and those that follow. */
static void add_scaled(const ss_scaled *scaled, size_t count, size_t first, size_t dimension,
                       int32_t *restrict sum)
{
    for (size_t s = 0; s < count; s++) {
        const int16_t *vector = scaled[s].vector;
        int16_t scale = (int16_t)scaled[s].scale;
        for (size_t k = first; k < dimension; k++) sum[k] += vector[k] * scale;
    }
}

/* ---- x86-64 -----------------------------------------------------------------------------------
 */

#if defined(__x86_64__)

#define SS_ROWS_INLINE       static inline __attribute__((always_inline))
#define SS_ROWS_STRING(text) #text
#if defined(__clang__)
#define SS_ROWS_UNROLL(n) _Pragma("clang loop unroll(full)")
#else
#define SS_ROWS_UNROLL(n) _Pragma(SS_ROWS_STRING(GCC unroll n))
#endif

#define TARGET                  __attribute__((target("avx2")))
#define WIDTH                   32
#define VECTOR                  __m256i
#define ZERO                    _mm256_setzero_si256()
#define OP(name)                _mm256_##name
#define AND                     _mm256_and_si256
#define LOAD(from)              _mm256_loadu_si256((const __m256i *)(const void *)(from))
#define ADD_PRODUCTS(sum, a, b) _mm256_add_epi32(sum, _mm256_madd_epi16(a, b))
#define NAME(name)              name##_avx2
#define EACH_LANE(x, less, sum, apart)                                                             \
    add_lane_avx2(_mm256_castsi256_si128(x), less, sum);                                           \
    add_lane_avx2(_mm256_extracti128_si256(x, 1), less, (sum) + (apart));
#include "sketch/rows_x86.h"

#undef TARGET
#undef WIDTH
#undef VECTOR
#undef ZERO
#undef OP
#undef AND
#undef LOAD
#undef ADD_PRODUCTS
#undef NAME
#undef EACH_LANE

#define TARGET                  __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))
#define WIDTH                   64
#define VECTOR                  __m512i
#define ZERO                    _mm512_setzero_si512()
#define OP(name)                _mm512_##name
#define AND                     _mm512_and_si512
#define LOAD(from)              _mm512_loadu_si512((const void *)(from))
#define ADD_PRODUCTS(sum, a, b) _mm512_dpwssd_epi32(sum, a, b)
#define NAME(name)              name##_avx512
#define EACH_LANE(x, less, sum, apart)                                                             \
    add_lane_avx512(_mm512_castsi512_si128(x), less, sum);                                         \
    add_lane_avx512(_mm512_extracti32x4_epi32(x, 1), less, (sum) + (apart));                       \
    add_lane_avx512(_mm512_extracti32x4_epi32(x, 2), less, (sum) + 2 * (apart));                   \
    add_lane_avx512(_mm512_extracti32x4_epi32(x, 3), less, (sum) + 3 * (apart));
#include "sketch/rows_x86.h"

#endif

/* ---- The best there is ------------------------------------------------------------------------
 */

static void add_pairs(const row_pair *pair, size_t pairs, size_t half, int32_t least, int32_t *sum)
{
    size_t first = 0;
#if defined(__x86_64__)
    unsigned cpu = ss_cpu_features();
    if (cpu & SS_CPU_AVX512VNNI)
        for (; first + 64 <= half; first += 64)
            add_rows_avx512(pair, pairs, first, half, least, sum);
    if (cpu & SS_CPU_AVX2)
        for (; first + 32 <= half; first += 32) add_rows_avx2(pair, pairs, first, half, least, sum);
#endif
    if (first < half) add_rows(pair, pairs, first, half, least, sum);
}

void ss_rows_add(const samestory_model *m, const uint32_t *rows, size_t count, int32_t *sum)
{
    row_pair pair[PAIRS];
    size_t half = m->dimension / 2;
    for (size_t i = 0; i < count;) {
        int32_t least = 0;
        size_t pairs = 0;
        for (; i < count && pairs < PAIRS; i += 2, pairs++) {
            bool two = i + 1 < count;
            int32_t a = ss_row_scale(m->scale[rows[i]]);
            int32_t b = two ? ss_row_scale(m->scale[rows[i + 1]]) : 0;
            pair[pairs].row[0] = m->row + rows[i] * half;
            pair[pairs].row[1] = two ? m->row + rows[i + 1] * half : pair[pairs].row[0];
            pair[pairs].scales = 2 * a | 2 * b << 16;
            least += 15 * (a + b);
        }
        add_pairs(pair, pairs, half, least, sum);
    }
}

void ss_scaled_add(const ss_scaled *scaled, size_t count, size_t dimension, int32_t *sum)
{
    size_t first = 0;
#if defined(__x86_64__)
    unsigned cpu = ss_cpu_features();
    if (cpu & SS_CPU_AVX512VNNI)
        for (; first + SCALED_avx512 <= dimension; first += SCALED_avx512)
            add_scaled_avx512(scaled, count, first, sum);
    if (cpu & SS_CPU_AVX2)
        for (; first + SCALED_avx2 <= dimension; first += SCALED_avx2)
            add_scaled_avx2(scaled, count, first, sum);
#endif
    if (first < dimension) add_scaled(scaled, count, first, dimension, sum);
}
