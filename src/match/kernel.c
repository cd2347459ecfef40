/* The kernel's common part: tiles, thresholds, the choice of a variant, and plain C. */
#include "match/kernel.h"

#include "base/array.h"
#include "match/cpu.h"

#include <string.h>

enum { TILE = 256 };

static void dots_c(const int8_t *a, const int8_t *b, size_t rows, size_t d, int32_t *out)
{
    for (size_t r = 0; r < rows; r++, b += d) {
        int32_t sum = 0;
        for (size_t i = 0; i < d; i++) sum += a[i] * b[i];
        out[r] = sum;
    }
}

const ss_kernel ss_kernel_c = {"c", 0, dots_c};
const ss_kernel ss_kernel_blas = {"openblas", 0, NULL};

static const ss_kernel *const variants[] = {
    &ss_kernel_c,
    &ss_kernel_blas,
#if defined(__x86_64__)
    &ss_kernel_avx2,
    &ss_kernel_avx512vnni,
#elif defined(__aarch64__)
    &ss_kernel_neon,
#endif
};

const ss_kernel *const *ss_kernels(size_t *count)
{
    *count = sizeof variants / sizeof *variants;
    return variants;
}

const ss_kernel *ss_kernel_best(void)
{
    unsigned have = ss_cpu_features();
    size_t count;
    const ss_kernel *const *all = ss_kernels(&count);
    while (count-- > 0)
        if ((all[count]->needs & ~have) == 0) return all[count];
    return &ss_kernel_c;
}

int32_t ss_dot(const int8_t *a, const int8_t *b, size_t d)
{
    int32_t sum;
    const ss_kernel *best = ss_kernel_best();
    if (best->dots) best->dots(a, b, 1, d, &sum);
    else dots_c(a, b, 1, d, &sum);
    return sum;
}

static bool keep(ss_hits *hits, const int32_t *dots, size_t count, uint32_t a, uint32_t b,
                 int32_t least)
{
    if (!ss_reserve(&hits->items, &hits->capacity, hits->count + count)) return false;
    for (size_t j = 0; j < count; j++)
        if (dots[j] >= least) hits->items[hits->count++] = (ss_hit){a, b + (uint32_t)j, dots[j]};
    return true;
}

static void to_float(const int8_t *from, size_t count, float *to)
{
    for (size_t i = 0; i < count; i++) to[i] = from[i];
}

/* The OpenBLAS path: the scores of a tile of a with all of b, then the hits among them row by row. */
static bool hits_by_blas(const int8_t *a, size_t a_rows, const int8_t *b, size_t b_rows, size_t d,
                         int32_t least, ss_hits *hits)
{
    float *a32 = malloc(TILE * d * sizeof *a32);
    float *b32 = malloc(b_rows * d * sizeof *b32 + 1);
    float *scores = malloc(TILE * b_rows * sizeof *scores + 1);
    bool good = a32 && b32 && scores;
    if (good) to_float(b, b_rows * d, b32);
    for (size_t i = 0; i < a_rows && good; i += TILE) {
        size_t rows = a_rows - i < TILE ? a_rows - i : TILE;
        to_float(a + i * d, rows * d, a32);
        ss_blas_scores(a32, rows, b32, b_rows, d, scores);
        for (size_t r = 0; r < rows && good; r++)
            for (size_t j = 0; j < b_rows && good; j++) {
                int32_t dot = (int32_t)scores[r * b_rows + j];
                if (dot < least) continue;
                good = ss_reserve(&hits->items, &hits->capacity, hits->count + 1);
                if (good)
                    hits->items[hits->count++] = (ss_hit){(uint32_t)(i + r), (uint32_t)j, dot};
            }
    }
    free(a32);
    free(b32);
    free(scores);
    return good;
}

bool ss_kernel_hits(const ss_kernel *kernel, const int8_t *a, size_t a_rows, const int8_t *b,
                    size_t b_rows, size_t d, int32_t least, ss_hits *hits)
{
    if (!a_rows || !b_rows) return true;
    if (!kernel->dots) return hits_by_blas(a, a_rows, b, b_rows, d, least, hits);
    int32_t dots[TILE];
    for (size_t i = 0; i < a_rows; i++)
        for (size_t j = 0; j < b_rows; j += TILE) {
            size_t count = b_rows - j < TILE ? b_rows - j : TILE;
            kernel->dots(a + i * d, b + j * d, count, d, dots);
            if (!keep(hits, dots, count, (uint32_t)i, (uint32_t)j, least)) return false;
        }
    return true;
}

void ss_hits_free(ss_hits *hits)
{
    free(hits->items);
    *hits = (ss_hits){0};
}
