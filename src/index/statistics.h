/* Statistics of a collection: in how many documents each anchor stands. Counted from sketches, then
 * frozen; what is judged with it never changes it (architecture: statistics are explicit and immutable
 * where anything is judged). */
#ifndef SS_INDEX_STATISTICS_H
#define SS_INDEX_STATISTICS_H

#include "sketch/sketch.h"

typedef struct ss_statistics ss_statistics;

/* What an anchor is known by where it is counted: 32 bits of its type and key. */
static inline uint32_t ss_anchor_tag(unsigned type, uint32_t key)
{
    return (uint32_t)((((uint64_t)key << 8 | type) * 0x9E3779B97F4A7C15u) >> 32);
}

ss_statistics *ss_statistics_new(void);
void ss_statistics_free(ss_statistics *statistics);
/* Counts a document's anchors; false when memory is out. */
bool ss_statistics_count(ss_statistics *statistics, const ss_sketch *sketch);
/* Takes back what a document counted. */
void ss_statistics_uncount(ss_statistics *statistics, const ss_sketch *sketch);
/* Documents that have this anchor. */
uint32_t ss_statistics_frequency(const ss_statistics *statistics, unsigned type, uint32_t key);
/* The same for all anchors of a sketch, in their order: out[sketch->anchors]. */
void ss_statistics_of(const ss_statistics *statistics, const ss_sketch *sketch, uint32_t *out);

#endif
