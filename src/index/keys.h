/* Stage keys: a sketch in, the 64-bit ids of its buckets out. Documents that share a key are candidates.
 * Every key comes from the stored sketch alone, on any machine, today and next year. */
#ifndef SS_INDEX_KEYS_H
#define SS_INDEX_KEYS_H

#include "sketch/sketch.h"

/* SAME: one id or URL, whatever the text; it reaches as far as COPY. */
typedef enum ss_key_kind { SS_KEY_SAME, SS_KEY_COPY, SS_KEY_NAME, SS_KEY_CELL } ss_key_kind;

enum {
    SS_BAND_ROWS = 4,
    SS_BANDS = SS_SIGNATURE / SS_BAND_ROWS, /* Jaccard .5 is proposed with .87, .6 with .99 */
    SS_CELLS_OF_DOCUMENT = 1,               /* cells a document is filed under, */
    SS_CELLS_OF_QUERY = 8,                  /* and cells that a query looks into: of 4,096,
                                               4 propose .35 of the reports' true pairs in two
                                               languages (.05 of all such pairs), 8 .44 (.08);
                                               4 of 1,024 .46 (.12): samestory-train probe */
    SS_CELLS_NEAREST_MAX = SS_CELLS_OF_QUERY,
    SS_KEYS_MAX = 2 + SS_BANDS + SS_ANCHORS_MAX + SS_CELLS_OF_QUERY
};

typedef struct ss_key {
    uint64_t bucket;
    uint32_t frequency_of; /* number of the anchor that a name key comes from */
    uint32_t kind;         /* ss_key_kind */
} ss_key;

/* What is kept of a bucket's id where documents are filed: among five million buckets one in a thousand
 * then shares its place with another, which proposes a few candidates too many and loses none. */
static inline uint32_t ss_key_tag(uint64_t bucket)
{
    return (uint32_t)(bucket * 0x9E3779B97F4A7C15u >> 32);
}

/* Writes the keys of a sketch, `cells` of its nearest cells among them, to keys[SS_KEYS_MAX]; returns
 * how many. A document without words has none. */
size_t ss_keys_of(const samestory_model *model, const ss_sketch *sketch, size_t cells, ss_key *keys);

/* The `wish` (at most SS_CELLS_NEAREST_MAX) cells nearest to a vector, nearest first, ties by number;
 * returns how many there are. Cost: one dot product a centroid. */
size_t ss_nearest_cells(const samestory_model *model, const int8_t *vector, size_t wish, uint32_t *cell);

#endif
