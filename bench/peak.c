/* Measures the peak of the instructions that add products up: twelve independent sums hide the
 * latency of the instruction; the best of several short runs counts, since other work on the
 * machine can only slow them. */
#include "peak.h"

#include "match/cpu.h"

#include <string.h>
#include <time.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

enum { SUMS = 12, STEPS = 1000000, RUNS = 15 };

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
static volatile float factor = 0.5f;
static volatile int byte = 3;
static volatile float result;

/* PEAK(name, attribute, vector type, operations of one step, splat of a value, value, step, first
 * lane): the operations of one run. A step is written in assembly where a compiler would copy
 * registers around the instruction. */
#define PEAK(name, target, vector, operations, splat, value, step, lane)                           \
    target static double name(void)                                                                \
    {                                                                                              \
        vector a = splat(value), t;                                                                \
        /* each sum starts from a read of its own: the compiler can't know that they are equal */  \
        vector s0 = splat(value), s1 = splat(value), s2 = splat(value), s3 = splat(value);         \
        vector s4 = splat(value), s5 = splat(value), s6 = splat(value), s7 = splat(value);         \
        vector s8 = splat(value), s9 = splat(value), s10 = splat(value), s11 = splat(value);       \
        for (long i = 0; i < STEPS; i++) {                                                         \
            step(s0);                                                                              \
            step(s1);                                                                              \
            step(s2);                                                                              \
            step(s3);                                                                              \
            step(s4);                                                                              \
            step(s5);                                                                              \
            step(s6);                                                                              \
            step(s7);                                                                              \
            step(s8);                                                                              \
            step(s9);                                                                              \
            step(s10);                                                                             \
            step(s11);                                                                             \
        }                                                                                          \
        t = a;                                                                                     \
        result = (float)(lane(s0) + lane(s1) + lane(s2) + lane(s3) + lane(t)) +                    \
                 (float)(lane(s4) + lane(s5) + lane(s6) + lane(s7)) +                              \
                 (float)(lane(s8) + lane(s9) + lane(s10) + lane(s11));                             \
        return (double)(operations)*SUMS * STEPS;                                                  \
    }

#if defined(__x86_64__)
#define FMA(s)       __asm__("vfmadd132ps %1, %1, %0" : "+v"(s) : "v"(a))
#define FMA128(s)    s = _mm_add_ps(_mm_mul_ps(s, a), a)
#define DPBUSD512(s) __asm__("vpdpbusd %1, %1, %0" : "+v"(s) : "v"(a))
#define DPBUSD256(s) __asm__("%{vex%} vpdpbusd %1, %1, %0" : "+x"(s) : "x"(a))
#define MADDWD(s)    __asm__("vpmaddwd %1, %0, %0" : "+x"(s) : "x"(a))
#define MADDWD_ADD(s)                                                                              \
    __asm__("vpmaddwd %2, %2, %1\n\tvpaddd %1, %0, %0" : "+x"(s), "=x"(t) : "x"(a))
#define SPLAT512(value) _mm512_set1_epi8((char)(value))
#define SPLAT256(value) _mm256_set1_epi8((char)(value))
#define LANE512(s)      _mm_cvtsi128_si32(_mm512_castsi512_si128(s))
#define LANE256(s)      _mm_cvtsi128_si32(_mm256_castsi256_si128(s))
#define AVX512VNNI      __attribute__((target("avx512f,avx512bw,avx512vnni")))
#define AVX2            __attribute__((target("avx2,fma")))
#define AVXVNNI         __attribute__((target("avx2")))
PEAK(fma512, AVX512VNNI, __m512, 32, _mm512_set1_ps, factor, FMA, _mm512_cvtss_f32)
PEAK(fma256, AVX2, __m256, 16, _mm256_set1_ps, factor, FMA, _mm256_cvtss_f32)
PEAK(sse2, , __m128, 8, _mm_set1_ps, factor, FMA128, _mm_cvtss_f32)
PEAK(dpbusd512, AVX512VNNI, __m512i, 128, SPLAT512, byte, DPBUSD512, LANE512)
PEAK(dpbusd256, AVXVNNI, __m256i, 64, SPLAT256, byte, DPBUSD256, LANE256)
PEAK(maddwd256, AVX2, __m256i, 32, SPLAT256, byte, MADDWD, LANE256)
PEAK(maddwd_add256, AVX2, __m256i, 32, SPLAT256, byte, MADDWD_ADD, LANE256)
#elif defined(__aarch64__)
/* The assembler is told of the extension, the compiler isn't: the rest runs on every aarch64. */
#define FMA_NEON(s) __asm__("fmla %0.4s, %1.4s, %1.4s" : "+w"(s) : "w"(a))
#define SDOT(s)     __asm__(".arch armv8.2-a+dotprod\n\tsdot %0.4s, %1.16b, %1.16b" : "+w"(s) : "w"(a))
#define SMMLA(s)    __asm__(".arch armv8.2-a+i8mm\n\tsmmla %0.4s, %1.16b, %1.16b" : "+w"(s) : "w"(a))
/* Two multiplications and the addition of what they gave: 16 products. */
#define SMLAL(s)                                                                                   \
    __asm__("smull %1.8h, %2.8b, %2.8b\n\tsmlal2 %1.8h, %2.16b, %2.16b\n\tsadalp %0.4s, %1.8h"     \
            : "+w"(s), "=&w"(t)                                                                    \
            : "w"(a))
#define LANE_NEON(s) vgetq_lane_f32(s, 0)
#define LANE_INT(s)  vgetq_lane_s32(s, 0)
#define SPLAT_INT(v) vdupq_n_s32(v)
PEAK(neon, , float32x4_t, 8, vdupq_n_f32, factor, FMA_NEON, LANE_NEON)
PEAK(smlal, , int32x4_t, 32, SPLAT_INT, byte, SMLAL, LANE_INT)
PEAK(sdot, , int32x4_t, 32, SPLAT_INT, byte, SDOT, LANE_INT)
PEAK(smmla, , int32x4_t, 64, SPLAT_INT, byte, SMMLA, LANE_INT)
#else
#define FMA_PLAIN(s)   s = s * a + a
#define LANE_PLAIN(s)  (s)
#define SPLAT_PLAIN(s) (s)
PEAK(plain, , float, 2, SPLAT_PLAIN, factor, FMA_PLAIN, LANE_PLAIN)
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

typedef struct candidate {
    const char *instruction;
    unsigned needs; /* ss_cpu_feature bits */
    double (*run)(void);
} candidate;

#if defined(__x86_64__)
enum { FLOATS = 3 };
#else
enum { FLOATS = 1 };
#endif

/* Floats first. */
static const candidate candidates[] = {
#if defined(__x86_64__)
    {"sse2", 0, sse2},
    {"fma 256", SS_CPU_AVX2, fma256},
    {"fma 512", SS_CPU_AVX512VNNI, fma512},
    {"vpmaddwd 256", SS_CPU_AVX2, maddwd256},
    {"vpmaddwd+vpaddd 256", SS_CPU_AVX2, maddwd_add256},
    {"vpdpbusd 256", SS_CPU_AVXVNNI, dpbusd256},
    {"vpdpbusd 512", SS_CPU_AVX512VNNI, dpbusd512},
#elif defined(__aarch64__)
    {"fma neon", SS_CPU_NEON, neon},
    {"smlal", SS_CPU_NEON, smlal},
    {"sdot", SS_CPU_DOTPROD, sdot},
    {"smmla", SS_CPU_I8MM, smmla},
#else
    {"none", 0, plain},
#endif
};

double peak_at(size_t i, const char **instruction)
{
    static double measured[sizeof candidates / sizeof *candidates];
    if (i >= sizeof candidates / sizeof *candidates) return -1;
    *instruction = candidates[i].instruction;
    if (candidates[i].needs & ~ss_cpu_features()) return 0;
    if (!(measured[i] > 0)) measured[i] = best_rate(candidates[i].run);
    return measured[i];
}

double peak_of(const char *instruction)
{
    const char *name;
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++)
        if (!strcmp(candidates[i].instruction, instruction)) return peak_at(i, &name);
    return 0;
}

double peak_f32(const char **instruction)
{
    double best = 0;
    const char *name;
    for (size_t i = 0; i < FLOATS; i++) {
        double rate = peak_at(i, &name);
        if (rate > best) best = rate, *instruction = name;
    }
    return best;
}
