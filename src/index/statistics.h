/* Statistics of a collection: in how many documents each anchor stands. Counted from sketches, then
 * frozen; what is judged with it never changes it (architecture: statistics are explicit and immutable
 * where anything is judged). */
#ifndef SS_INDEX_STATISTICS_H
#define SS_INDEX_STATISTICS_H

#include "sketch/sketch.h"

typedef struct ss_statistics ss_statistics;

ss_statistics *ss_statistics_new(void);
void ss_statistics_free(ss_statistics *statistics);
/* Counts a document's anchors; false when memory is out. */
bool ss_statistics_count(ss_statistics *statistics, const ss_sketch *sketch);
/* Documents that have this anchor. */
uint32_t ss_statistics_frequency(const ss_statistics *statistics, unsigned type, uint32_t key);
/* The same for all anchors of a sketch, in their order: out[sketch->anchors]. */
void ss_statistics_of(const ss_statistics *statistics, const ss_sketch *sketch, uint32_t *out);

#endif
