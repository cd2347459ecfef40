/* Stage index -> candidates: which earlier documents are worth the judge's time.
 *
 * Three ways in: a shared copy key (or id, or URL); shared rare names and numbers, the best sums first;
 * and the vector: the nearest by the kernel among all documents of a small window, or among those in
 * the query's cells of a large one. Cost is bounded by caps on every walk. */
#ifndef SS_INDEX_CANDIDATES_H
#define SS_INDEX_CANDIDATES_H

#include "base/shelf.h"
#include "index/postings.h"
#include "index/store.h"
#include "index/window.h"
#include "match/kernel.h"

/* What a query sees of the documents before it, all by arrival number: those from `first` on are in
 * memory, those before it in a store. */
typedef struct ss_view {
    const samestory_model *model;
    const ss_window *window;     /* of a stream; */
    const ss_postings *postings; /* or of a collection */
    const ss_store *store;       /* NULL: all is in memory, first is 0 */
    uint32_t first, live;        /* live: documents below it are forgotten */
    const ss_sketch *const *sketch; /* of document first + i */
    const int8_t *rows;          /* their vectors, one after the other; NULL: only in the sketches */
    ss_shelf *shelf;             /* where sketches and rows are; NULL: in memory */
    const int64_t *place;    /* where in time it stands, never decreasing */
    const int64_t *date;     /* its own date, or its place when it has none */
    int64_t window_seconds, copy_seconds; /* < 0: unlimited */
} ss_view;

static inline const ss_sketch *ss_view_sketch(const ss_view *v, uint32_t document)
{
    return document >= v->first ? v->sketch[document - v->first] : ss_store_sketch(v->store, document);
}

static inline int64_t ss_view_date(const ss_view *v, uint32_t document)
{
    if (document >= v->first) return v->date[document - v->first];
    return ss_store_row(v->store, document)->date;
}

typedef struct ss_candidate {
    uint32_t document;
    int32_t dot; /* of the vectors */
} ss_candidate;

/* Are two dates at most `seconds` apart (< 0: any)? An unknown date is near all. */
bool ss_within(int64_t a, int64_t b, int64_t seconds);

/* Where a window that ends at `date` begins. */
static inline int64_t ss_window_begin(int64_t date, int64_t seconds)
{
    return date < INT64_MIN + 1 + seconds ? INT64_MIN + 1 : date - seconds;
}
/* The first of the documents below `before` that is placed at `limit` or later. */
uint32_t ss_first_placed(const ss_view *view, int64_t limit, uint32_t before);

enum { SS_CANDIDATES_MAX = 160 };

typedef struct ss_proposer ss_proposer; /* scratch memory, one a thread */
ss_proposer *ss_proposer_new(void);
void ss_proposer_free(ss_proposer *proposer);

typedef struct ss_proposal {
    ss_candidate candidate[SS_CANDIDATES_MAX];
    size_t count;
    size_t compared; /* dot products taken */
    size_t hot;      /* buckets that were not walked to their end */
} ss_proposal;

/* Candidates for `query`, placed at (place, date), among the documents numbered below `before`, in the
 * order of their numbers. frequency: of the query's anchors. false when memory is out. */
bool ss_propose(ss_proposer *proposer, const ss_view *view, const ss_sketch *query,
                const uint32_t *frequency, int64_t place, int64_t date, uint32_t before,
                ss_proposal *out);

/* The same for a document of a collection, whose nearest have been found with their dot products:
 * near[near_count], the result of `compared` comparisons. */
void ss_propose_near(ss_proposer *proposer, const ss_view *view, const ss_sketch *query,
                     const uint32_t *frequency, int64_t place, int64_t date, uint32_t before,
                     const ss_candidate *near, size_t near_count, size_t compared,
                     ss_proposal *out);

#endif
