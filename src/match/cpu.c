/* CPU features by the compiler's run-time check, which asks the CPU and the operating system (XGETBV)
 * once, at the start of the program. */
#include "match/cpu.h"

#include "match/kernel.h"
#include "samestory.h"

#include <cblas.h>
#include <stdatomic.h>

static atomic_uint disabled;

static unsigned detected(void)
{
    unsigned features = 0;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2")) features |= SS_CPU_AVX2;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni"))
        features |= SS_CPU_AVX512VNNI;
#elif defined(__aarch64__)
    features |= SS_CPU_NEON;
#endif
    return features;
}

unsigned ss_cpu_features(void)
{
    return detected() & ~atomic_load(&disabled);
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
