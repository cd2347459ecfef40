/* Stage minhash: words in, signature out.
 *
 * Shingles are three words that follow each other (in scripts without spaces, five characters); each
 * is hashed once, and one-permutation hashing fills the SS_SIGNATURE bins (Li, Owen, Zhang 2012);
 * empty bins are filled by optimal densification (Shrivastava 2017). Of each minimum 8 bits are kept
 * (b-bit MinHash, Li and Konig 2010). */
#ifndef SS_SKETCH_MINHASH_H
#define SS_SKETCH_MINHASH_H

#include "text/normalize.h"

#define SS_SIGNATURE 128

/* Memory used again from text to text. */
typedef struct ss_shingles {
    uint64_t *hash;
    size_t count, capacity;
} ss_shingles;

/* Lists the shingles of a text in their order, a repeated one again; returns how many, SIZE_MAX when
 * memory is out. */
size_t ss_shingles_of(const ss_words *words, ss_shingles *shingles);
/* Fills signature and returns the number of shingles (0: no words; the signature is then all zero).
 * SIZE_MAX when memory is out. */
size_t ss_minhash(const ss_words *words, ss_shingles *shingles, uint8_t signature[SS_SIGNATURE]);
void ss_shingles_free(ss_shingles *shingles);

/* Jaccard similarity of the shingle sets, 0..1, estimated from the signatures; the standard error is
 * at most .045. */
double ss_minhash_jaccard(const uint8_t a[SS_SIGNATURE], const uint8_t b[SS_SIGNATURE]);

#endif
