/* Measures the FMA peak: twelve independent sums hide the latency of the instruction; the best of
 * several short runs counts, since other work on the machine can only slow them. */
#include "peak.h"

#include <stddef.h>
#include <time.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

enum { SUMS = 12, STEPS = 4000000, RUNS = 7 };

static double read_clock(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double clock_seconds(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

double thread_seconds(void)
{
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

/* Read at run time, so that nothing can be computed beforehand. */
static volatile float factor = 0.999f, addend = 1e-3f;
static volatile float result;

/* PEAK(name, attribute, vector type, lanes, splat, fma, first lane): float operations of one run */
#define PEAK(name, target, vector, lanes, splat, fma, lane)                                        \
    target static double name(void)                                                                \
    {                                                                                              \
        vector a = splat(factor), b = splat(addend);                                               \
        /* each sum starts from a read of its own: the compiler can't know that they are equal */  \
        vector s0 = splat(factor), s1 = splat(factor), s2 = splat(factor), s3 = splat(factor);     \
        vector s4 = splat(factor), s5 = splat(factor), s6 = splat(factor), s7 = splat(factor);     \
        vector s8 = splat(factor), s9 = splat(factor), s10 = splat(factor), s11 = splat(factor);   \
        for (long i = 0; i < STEPS; i++) {                                                         \
            s0 = fma(s0), s1 = fma(s1), s2 = fma(s2), s3 = fma(s3), s4 = fma(s4), s5 = fma(s5);    \
            s6 = fma(s6), s7 = fma(s7), s8 = fma(s8), s9 = fma(s9), s10 = fma(s10);                \
            s11 = fma(s11);                                                                        \
        }                                                                                          \
        result = lane(s0) + lane(s1) + lane(s2) + lane(s3) + lane(s4) + lane(s5) + lane(s6) +      \
                 lane(s7) + lane(s8) + lane(s9) + lane(s10) + lane(s11);                           \
        return 2.0 * (lanes)*SUMS * STEPS;                                                         \
    }

#if defined(__x86_64__)
#define FMA512(s) _mm512_fmadd_ps(s, a, b)
#define FMA256(s) _mm256_fmadd_ps(s, a, b)
#define FMA128(s) _mm_add_ps(_mm_mul_ps(s, a), b)
PEAK(avx512, __attribute__((target("avx512f"))), __m512, 16, _mm512_set1_ps, FMA512,
     _mm512_cvtss_f32)
PEAK(avx2, __attribute__((target("avx2,fma"))), __m256, 8, _mm256_set1_ps, FMA256, _mm256_cvtss_f32)
PEAK(sse2, , __m128, 4, _mm_set1_ps, FMA128, _mm_cvtss_f32)
#elif defined(__aarch64__)
#define FMA_NEON(s)  vfmaq_f32(b, s, a)
#define LANE_NEON(s) vgetq_lane_f32(s, 0)
PEAK(neon, , float32x4_t, 4, vdupq_n_f32, FMA_NEON, LANE_NEON)
#else
#define FMA_PLAIN(s)   ((s)*a + b)
#define LANE_PLAIN(s)  (s)
#define SPLAT_PLAIN(s) (s)
PEAK(plain, , float, 1, SPLAT_PLAIN, FMA_PLAIN, LANE_PLAIN)
#endif

static double best_rate(double (*run)(void))
{
    double best = 0;
    for (int i = 0; i < RUNS; i++) {
        double begin = thread_seconds(), operations = run();
        double rate = operations / (thread_seconds() - begin) * 1e-9;
        if (rate > best) best = rate;
    }
    return best;
}

double peak_f32(const char **instruction_set)
{
#if defined(__x86_64__)
    double best = 0;
    if (__builtin_cpu_supports("avx512f")) {
        *instruction_set = "avx512f";
        best = best_rate(avx512);
    }
    if (__builtin_cpu_supports("fma")) {
        double rate = best_rate(avx2);
        if (rate > best) *instruction_set = "fma", best = rate;
    }
    if (best > 0) return best;
    *instruction_set = "sse2";
    return best_rate(sse2);
#elif defined(__aarch64__)
    *instruction_set = "neon";
    return best_rate(neon);
#else
    *instruction_set = "none";
    return best_rate(plain);
#endif
}
