/* The kernel: rows x rows of canonical int8 vectors in, the pairs whose dot product reaches a
 * threshold out. Every variant gives the same hits, bit for bit, in the same order: dot products of
 * canonical vectors are exact in int32 and in float (architecture: below 2^24). */
#ifndef SS_MATCH_KERNEL_H
#define SS_MATCH_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ss_hit {
    uint32_t a, b; /* row numbers */
    int32_t dot;
} ss_hit;

/* A growing list of hits, used again. */
typedef struct ss_hits {
    ss_hit *items;
    size_t count, capacity;
} ss_hits;

/* Dot products of one row with `rows` rows that lie one after the other, d a multiple of 16. */
typedef void ss_dots(const int8_t *a, const int8_t *b, size_t rows, size_t d, int32_t *out);

typedef struct ss_kernel {
    const char *name;
    unsigned needs; /* ss_cpu_feature bits */
    ss_dots *dots;  /* NULL: by OpenBLAS */
} ss_kernel;

/* All variants of this build, the slowest first; *count receives how many. */
const ss_kernel *const *ss_kernels(size_t *count);
/* The fastest that this CPU has. */
const ss_kernel *ss_kernel_best(void);

/* Appends every (i, j), i < a_rows, j < b_rows, with a[i].b[j] >= least, ordered by i, then j.
 * a, b: (rows, d) packed. false when memory is out. */
bool ss_kernel_hits(const ss_kernel *kernel, const int8_t *a, size_t a_rows, const int8_t *b,
                    size_t b_rows, size_t d, int32_t least, ss_hits *hits);
void ss_hits_free(ss_hits *hits);

/* One dot product. */
int32_t ss_dot(const int8_t *a, const int8_t *b, size_t d);

extern const ss_kernel ss_kernel_c, ss_kernel_blas, ss_kernel_avx2, ss_kernel_avx512vnni,
    ss_kernel_neon;

/* The OpenBLAS path: (a_rows, b_rows) scores of a tile by sgemm. a32, b32: the rows as floats. */
void ss_blas_scores(const float *a32, size_t a_rows, const float *b32, size_t b_rows, size_t d,
                    float *scores);

#endif
