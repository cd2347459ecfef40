/* Inside the kernel: what a variant must give, and what the variants share.
 *
 * A tile is a few rows of a against one panel of b. Its dot products stay in registers and are
 * compared there with each row's threshold; only rows with a hit are written. A panel of 32 rows at
 * d = 256 is 8 KB and stays in the first cache while all rows of a block of a pass by. */
#ifndef SS_MATCH_KERNEL_TILES_H
#define SS_MATCH_KERNEL_TILES_H

#include "match/kernel.h"

typedef struct ss_tiles {
    size_t rows; /* of a tile, at most */
    /* Brings rows of a into the form that tile reads: rows * d * bytes bytes, where rows is rounded
     * up to a multiple of `round`; 64-byte aligned. */
    size_t bytes, round;
    void (*prepare)(const int8_t *const *a, size_t rows, size_t d, void *to);
    /* Brings a panel into the form that tile reads, 32 * d * panel_bytes bytes, once for a block of
     * a; NULL where that is the packed form. */
    size_t panel_bytes;
    void (*open)(const int8_t *panel, size_t d, void *to);
    /* A block of one tile does not pay for that: the tile of a panel in the packed form. */
    uint32_t (*single)(const void *a, size_t rows, const void *panel, const int32_t *sums, size_t d,
                       const int32_t *least, int32_t *scores);
    /* One tile. sums: (32), of the panel; least: (rows). Bit r of the answer: row r has a dot
     * product of at least least[r]; then scores[32 r ...] has all 32 of it. */
    uint32_t (*tile)(const void *a, size_t rows, const void *panel, const int32_t *sums, size_t d,
                     const int32_t *least, int32_t *scores);
} ss_tiles;

/* (rows, d) at pointers -> (d / 4, stride, 4), the first `rows` of each stride; every byte is
 * flipped by `flip`, 0 or 0x80. */
void ss_interleave(const int8_t *const *rows, size_t count, size_t d, size_t stride, int flip,
                   void *to);

/* The OpenBLAS path, (a_rows, b_rows) scores of a tile by sgemm. a32: (a_rows, d); b32: (d,
 * b_rows). */
void ss_blas_scores(const float *a32, size_t a_rows, const float *b32, size_t b_rows, size_t d,
                    float *scores);

/* Loops over registers are unrolled, so that arrays of them are no arrays. */
#define SS_STRINGIFY(text) #text
#if defined(__clang__)
#define SS_UNROLL(n) _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__)
#define SS_UNROLL(n) _Pragma(SS_STRINGIFY(GCC unroll n))
#endif
#define SS_INLINE static inline __attribute__((always_inline))

#endif
