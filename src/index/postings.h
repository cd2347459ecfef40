/* The postings of a whole collection, sorted once and then only read: for every copy, name and id
 * key that two documents or more share, the documents in the order of their arrival, one after the
 * other.
 *
 * Keys that a single document has propose nobody and are left out. About 0.1 KB a document stays;
 * building takes `room` bytes more, and for a while
 * what sorting its largest part takes on each thread (dealing.h). */
#ifndef SS_INDEX_POSTINGS_H
#define SS_INDEX_POSTINGS_H

#include "base/shelf.h"
#include "index/keys.h"

typedef struct ss_postings ss_postings;

/* Documents that share a key, by arrival; none: count 0. */
typedef struct ss_bucket {
    const uint32_t *document;
    uint32_t count;
} ss_bucket;

enum { SS_WORST_BUCKETS = 10 };

/* One of the fullest buckets: how many documents, and the first of them. */
typedef struct ss_worst {
    uint32_t tag, count, document;
} ss_worst;

/* sketch: (count) in the order of arrival; shelf: where they are, or NULL. NULL when memory is out.
 * The same for any threads and room. */
ss_postings *ss_postings_new(const samestory_model *model, const ss_sketch *const *sketch,
                             size_t count, ss_shelf *shelf, unsigned threads, size_t room);
void ss_postings_free(ss_postings *postings);

/* The buckets of all these keys: bucket[count]. Together, since each by itself would wait for
 * memory three times. */
void ss_postings_find(const ss_postings *postings, const ss_key *keys, size_t count,
                      ss_bucket *bucket);

/* The fullest buckets, the fullest first: worst[SS_WORST_BUCKETS];
 * returns how many. */
size_t ss_postings_worst(const ss_postings *postings, ss_worst *worst);
/* What the postings know a key by: 32 bits, the last of which says that it is a name's. */
uint32_t ss_posting_tag(const ss_key *key);

#endif
