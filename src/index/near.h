/* The nearest of each document of a collection, by the vector alone: among all of its window when
 * that is small, or among the latest in its cells. Found for many documents at once, so that the
 * kernel sees whole blocks: a slab of arrivals at a time.
 *
 * Cost: one dot product a centroid, and one for each document compared: some thousand, at kernel
 * speed. Memory: 6 bytes a document, and SS_NEAR of the slab's candidates. */
#ifndef SS_INDEX_NEAR_H
#define SS_INDEX_NEAR_H

#include "index/candidates.h"

enum {
    SS_NEAR = 32,         /* kept of a window compared whole; */
    /* Of cells. More of them are more links, and not better stories: of FLORES, B-cubed .964 with 8,
     * .954 with 12 and 16 (samestory eval); of a million generated documents 1149 true links between
     * reports and 127 false ones with 8, 1149 and 162 with 16. */
    SS_NEAR_CELLS = 8,
    SS_NEAR_SLAB = 65536, /* documents found at once, at most */
};

typedef struct ss_near ss_near;

/* view: of all arrivals, neither window nor postings needed; what it points to must stay. NULL when
 * memory is out. */
ss_near *ss_near_new(const ss_view *view, unsigned threads);
void ss_near_free(ss_near *near);

/* Finds for arrivals first .. first + count (at most SS_NEAR_SLAB) the nearest that came before
 * each. Slabs are given in order; one that has been found before may be asked for again. The same
 * for any slabs and threads. false when memory is out. */
bool ss_near_find(ss_near *near, uint32_t first, uint32_t count);

/* What was found for one document of the last slab: its candidates, the nearest first, and how many
 * it was compared with. */
const ss_candidate *ss_near_of(const ss_near *near, uint32_t document, size_t *count,
                               size_t *compared);

#endif
