/* The kernel on AVX-VNNI (CPUs with VNNI but without AVX-512): as on AVX-512 VNNI, on 256 bits; the
 * bias is explained there.
 *
 * Tiles of 6 x 16: 12 sums, two vectors of b and one of a in 16 registers. */
#include "match/kernel_tiles.h"

#include "match/cpu.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define AVXVNNI __attribute__((target("avx2,avxvnni")))

enum { ROWS = 6, BIAS = 128 };

/* Rows that are not packed are bound by their reading: AVX2's way is as fast. */
static void dots(const int8_t *a, const int8_t *b, size_t rows, size_t d, int32_t *out)
{
    ss_kernel_avx2.dots(a, b, rows, d, out);
}

static void dots_at(const int8_t *a, const int8_t *const *b, size_t rows, size_t d, int32_t *out)
{
    ss_kernel_avx2.dots_at(a, b, rows, d, out);
}

static void prepare(const int8_t *const *a, size_t rows, size_t d, void *to)
{
    ss_interleave(a, rows, d, rows, BIAS, to);
}

#define TARGET      AVXVNNI
#define DPBUSD      "%{vex%} vpdpbusd"
#define REGISTER(v) "x"(v)
#include "match/kernel_vnni256.h"

static const ss_tiles tiles = {ROWS, 1, 1, prepare, 0, NULL, NULL, tile};
const ss_kernel ss_kernel_avxvnni = {"avxvnni", "vpdpbusd 256", SS_CPU_AVXVNNI,
                                     dots,      dots_at,        &tiles};
#endif
