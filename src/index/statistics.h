/* Statistics of a collection: how common each anchor is. Counted in slices (a day, at most 65,536
 * documents): a slice counts 1, and 1 more each time that its documents with the anchor double, because
 * a name in three hundred reports of one day is news, and one in a report of each day is not. A document
 * without date counts 1 by itself: its day is not known. Counted from sketches, then frozen; what is
 * judged with it never changes it (architecture: statistics are explicit and immutable where anything
 * is judged). */
#ifndef SS_INDEX_STATISTICS_H
#define SS_INDEX_STATISTICS_H

#include "base/shelf.h"
#include "sketch/sketch.h"

typedef struct ss_statistics ss_statistics;

/* What an anchor is known by where it is counted: 32 bits of its type and key. */
static inline uint32_t ss_anchor_tag(unsigned type, uint32_t key)
{
    return (uint32_t)((((uint64_t)key << 8 | type) * 0x9E3779B97F4A7C15u) >> 32);
}

ss_statistics *ss_statistics_new(void);
void ss_statistics_free(ss_statistics *statistics);
/* What a slice counts of an anchor that stands in so many of its documents with and without date. */
uint32_t ss_slice_frequency(uint32_t dated, uint32_t undated);
/* Counts the anchors of a slice's documents; false when memory is out. */
bool ss_statistics_count(ss_statistics *statistics, const ss_sketch *const *sketch, size_t count);
/* Takes back what a slice counted. */
bool ss_statistics_uncount(ss_statistics *statistics, const ss_sketch *const *sketch, size_t count);
/* Counts all documents of a collection at once: sketch[count], in the order of arrival, and the slice of
 * each (below 2^31); `statistics` is new. Only what counts 2 and more is kept, some tenth of all; any other
 * anchor then counts 1. shelf: where the sketches are, or NULL; room: bytes to sort in. The same for any
 * threads and room. false when memory is out. */
bool ss_statistics_count_all(ss_statistics *statistics, const ss_sketch *const *sketch,
                             const uint32_t *slice, size_t count, ss_shelf *shelf, unsigned threads,
                             size_t room);
/* How common an anchor is, see above. */
uint32_t ss_statistics_frequency(const ss_statistics *statistics, unsigned type, uint32_t key);
/* The same for all anchors of a sketch, in their order: out[sketch->anchors]. */
void ss_statistics_of(const ss_statistics *statistics, const ss_sketch *sketch, uint32_t *out);

#endif
