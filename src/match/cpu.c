/* CPU features: on x86-64 by the compiler's run-time check, which asks the CPU and the operating
 * system (XGETBV) once, at the start of the program; on aarch64 by what the kernel hands every
 * program. */
#include "match/cpu.h"

#include "match/kernel.h"
#include "samestory.h"

#include <cblas.h>
#include <stdatomic.h>

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#endif

static atomic_uint disabled, known; /* known: features found, with KNOWN set */

enum { KNOWN = 1 << 30 };

#if defined(__x86_64__)
/* Compilers of Debian 12 have no name for it in __builtin_cpu_supports. */
static bool has_avxvnni(void)
{
    unsigned a, b, c, d;
    return __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a >> 4 & 1);
}
#endif

static unsigned detected(void)
{
    unsigned features = 0;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) features |= SS_CPU_AVX2;
    if ((features & SS_CPU_AVX2) && has_avxvnni()) features |= SS_CPU_AVXVNNI;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni"))
        features |= SS_CPU_AVX512VNNI;
#elif defined(__aarch64__)
    features |= SS_CPU_NEON;
    if (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) features |= SS_CPU_DOTPROD;
    if (getauxval(AT_HWCAP2) & HWCAP2_I8MM) features |= SS_CPU_I8MM;
#endif
    return features;
}

unsigned ss_cpu_features(void)
{
    unsigned found = atomic_load_explicit(&known, memory_order_relaxed);
    if (!found) { /* two threads at once find the same */
        found = detected() | KNOWN;
        atomic_store_explicit(&known, found, memory_order_relaxed);
    }
    return found & ~(unsigned)KNOWN & ~atomic_load_explicit(&disabled, memory_order_relaxed);
}

void ss_cpu_disable(unsigned features)
{
    atomic_store(&disabled, features);
}

const char *samestory_cpu_path(void)
{
    return ss_kernel_best()->name;
}

extern char *openblas_get_corename(void);

const char *samestory_blas_core(void)
{
    return openblas_get_corename();
}
