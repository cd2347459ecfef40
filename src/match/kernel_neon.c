/* The kernel on NEON (every aarch64): widening products, accumulated in pairs. */
#include "match/kernel.h"

#include "match/cpu.h"

#if defined(__aarch64__)
#include <arm_neon.h>

static void dots(const int8_t *a, const int8_t *b, size_t rows, size_t d, int32_t *out)
{
    for (size_t r = 0; r < rows; r++, b += d) {
        int32x4_t sum = vdupq_n_s32(0);
        for (size_t i = 0; i < d; i += 16) {
            int8x16_t x = vld1q_s8(a + i), y = vld1q_s8(b + i);
            sum = vpadalq_s16(sum, vmull_s8(vget_low_s8(x), vget_low_s8(y)));
            sum = vpadalq_s16(sum, vmull_high_s8(x, y));
        }
        out[r] = vaddvq_s32(sum);
    }
}

const ss_kernel ss_kernel_neon = {"neon", SS_CPU_NEON, dots};
#endif
