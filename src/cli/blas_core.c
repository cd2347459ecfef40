/* OpenBLAS's core type, repaired before it is used.
 *
 * OpenBLAS knows CPUs by model number; one that is newer than the library, or that a virtual
 * machine hides, gets a core type without AVX-512 and half the speed. The right one can be given in
 * OPENBLAS_CORETYPE only, which is read when the library is loaded: so the command starts itself
 * again. Its threads are ours to start, so OpenBLAS gets one. */
#include "machine.h"
#include "samestory.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GUARD "SAMESTORY_STARTED_AGAIN"

static bool core_is_too_small(void)
{
#if defined(__x86_64__) && defined(__GNUC__)
    static const char *const fast[] = {"SkylakeX", "Cooperlake", "Sapphirerapids"};
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
        !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl"))
        return false;
    const char *core = samestory_blas_core();
    for (size_t i = 0; i < sizeof fast / sizeof *fast; i++)
        if (!strcmp(core, fast[i])) return false;
    return true;
#else
    return false;
#endif
}

void machine_repair_blas(char **argv)
{
    bool core = !getenv("OPENBLAS_CORETYPE") && core_is_too_small();
    bool threads = !getenv("OPENBLAS_NUM_THREADS");
    if (getenv(GUARD) || (!core && !threads)) return;
    if (setenv(GUARD, "1", 1) || (core && setenv("OPENBLAS_CORETYPE", "SkylakeX", 1)) ||
        (threads && setenv("OPENBLAS_NUM_THREADS", "1", 1)))
        return;
    char path[4096]; /* by its name, so that ps shows it */
    ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);
    path[size > 0 ? size : 0] = 0;
    execv(path, argv);
    execv("/proc/self/exe", argv); /* returns only where it can't: all works, more slowly */
}
