/* The kernel by OpenBLAS: the reference, and the fast path of CPUs that have no variant of their own.
 * OpenBLAS's threads are not touched: the command sets them to one. */
#include "match/kernel.h"

#include <cblas.h>

void ss_blas_scores(const float *a32, size_t a_rows, const float *b32, size_t b_rows, size_t d,
                    float *scores)
{
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)a_rows, (int)b_rows, (int)d, 1.0f, a32,
                (int)d, b32, (int)d, 0.0f, scores, (int)b_rows);
}
