/* The kernel: rows x packed rows of canonical int8 vectors in, the pairs whose dot product reaches a
 * threshold, or the nearest few of each row, out.
 *
 * Every variant gives the same hits, bit for bit, in the same order: dot products of canonical vectors
 * (components within +-127, dot products below 2^24) are exact in int32 and in float. Every variant
 * reads the same packed form, too, so that packed rows can be kept for as long as their documents.
 *
 *   rows scattered in memory, few queries     dots_at of a variant
 *   rows that are met again                   ss_panels_add each once, then ss_match or ss_nearest
 *   two arrays of rows, met once              ss_kernel_hits (packs for itself)
 *
 * Cost: 2 d operations a pair at the speed of the instruction that the variant uses, from about three
 * queries a call upwards; one query alone is bound by the reading of the rows. Packing a row costs what
 * twenty pairs cost. */
#ifndef SS_MATCH_KERNEL_H
#define SS_MATCH_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- Hits
 * ------------------------------------------------------------------------------------------ */

typedef struct ss_hit {
    uint32_t a, b; /* row numbers */
    int32_t dot;
} ss_hit;

/* A growing list of hits, used again, with the kernel's scratch memory: one a thread. */
typedef struct ss_hits {
    ss_hit *items;
    size_t count, capacity;
    struct ss_kernel_scratch *scratch;
} ss_hits;

void ss_hits_free(ss_hits *hits);

/* ---- Packed rows
 * ----------------------------------------------------------------------------------- */

enum { SS_PANEL = 32 }; /* rows of a panel */

/* Rows in the order in which tiles read them. Panel p holds rows 32 p .. 32 p + 31: for every four
 * components those of its 32 rows one after the other, (d / 4, 32, 4) bytes; rows that are not
 * there yet are zero. sums has the sum of each row's components, (panels, 32). Starts as {0}; 260
 * bytes a row at d = 256. Any number of threads may read while none adds. */
typedef struct ss_panels {
    int8_t *panels;
    int32_t *sums;
    size_t dimension, count, capacity; /* rows */
} ss_panels;

/* Adds rows that lie one after the other, (count, d); d is a multiple of 16 and the same at every
 * call until the rows are cleared. false when memory is out: nothing is added then.
 *
 * A window adds each document's vector when it comes in and asks for the part [first, last) that is
 * within reach; a window that forgets its oldest documents keeps one ss_panels for every few
 * thousand and drops the oldest whole. A bucket that is walked by many queries is packed once for
 * all of them. */
bool ss_panels_add(ss_panels *packed, const int8_t *rows, size_t count, size_t d);
/* Keeps the memory. */
void ss_panels_clear(ss_panels *packed);
void ss_panels_free(ss_panels *packed);

/* ---- Variants
 * -------------------------------------------------------------------------------------- */

/* Dot products of one row with `rows` rows that lie one after the other, d a multiple of 16. */
typedef void ss_dots(const int8_t *a, const int8_t *b, size_t rows, size_t d, int32_t *out);
/* The same with rows anywhere. */
typedef void ss_dots_at_rows(const int8_t *a, const int8_t *const *b, size_t rows, size_t d,
                             int32_t *out);

struct ss_tiles; /* how a variant walks panels; match/kernel_tiles.h */

typedef struct ss_kernel {
    const char *name;
    const char *instruction; /* that adds up the products */
    unsigned needs;          /* ss_cpu_feature bits */
    ss_dots *dots;
    ss_dots_at_rows *dots_at;
    const struct ss_tiles *tiles; /* NULL: by OpenBLAS */
} ss_kernel;

/* All variants of this build, the slowest first; *count receives how many. */
const ss_kernel *const *ss_kernels(size_t *count);
/* The fastest that this CPU has. */
const ss_kernel *ss_kernel_best(void);

/* ---- The work
 * -------------------------------------------------------------------------------------- */

/* Appends every (i, j), i < a_rows, first <= j < last, with a[i].b[j] >= least, ordered by i, then
 * j. a: where each row is. last may be above b's count. false when memory is out. */
bool ss_match(const ss_kernel *kernel, const int8_t *const *a, size_t a_rows, const ss_panels *b,
              size_t first, size_t last, int32_t least, ss_hits *hits);

/* The same, but of each row's hits only the `most` with the highest dot products, highest first; of
 * equal ones the lower j. */
bool ss_nearest(const ss_kernel *kernel, const int8_t *const *a, size_t a_rows, const ss_panels *b,
                size_t first, size_t last, int32_t least, size_t most, ss_hits *hits);

/* ss_match with all of b, for a and b not packed: (a_rows, d) and (b_rows, d). */
bool ss_kernel_hits(const ss_kernel *kernel, const int8_t *a, size_t a_rows, const int8_t *b,
                    size_t b_rows, size_t d, int32_t least, ss_hits *hits);

/* One dot product. */
int32_t ss_dot(const int8_t *a, const int8_t *b, size_t d);

extern const ss_kernel ss_kernel_c, ss_kernel_blas, ss_kernel_avx2, ss_kernel_avxvnni,
    ss_kernel_avx512vnni, ss_kernel_neon, ss_kernel_dotprod, ss_kernel_i8mm;

#endif
