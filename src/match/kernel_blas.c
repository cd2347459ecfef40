/* The kernel by OpenBLAS: the reference, and the fast path of CPUs that have no variant of their
 * own. Scores are whole numbers below 2^24, so sgemm's are exact in whatever order it sums.
 * OpenBLAS's threads are not touched: the command sets them to one. */
#include "match/kernel_tiles.h"

#include <cblas.h>

void ss_blas_scores(const float *a32, size_t a_rows, const float *b32, size_t b_rows, size_t d,
                    float *scores)
{
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)a_rows, (int)b_rows, (int)d, 1.0f,
                a32, (int)d, b32, (int)b_rows, 0.0f, scores, (int)b_rows);
}

static void dots(const int8_t *a, const int8_t *b, size_t rows, size_t d, int32_t *out)
{
    ss_kernel_c.dots(a, b, rows, d, out);
}

static void dots_at(const int8_t *a, const int8_t *const *b, size_t rows, size_t d, int32_t *out)
{
    ss_kernel_c.dots_at(a, b, rows, d, out);
}

const ss_kernel ss_kernel_blas = {"openblas", "fma", 0, dots, dots_at, NULL};
