/* The engine: calls the rooms in order. Its inside, shared by the files that make it up: engine.c (birth and
 * death), documents.c (keeping), arrival.c (judging), stream.c and collection.c (one at a time, or all
 * gathered first), inspect.c, shared.c and evaluate.c (which only read).
 *
 * Numbers and arrivals. A document's number is the order in which it was given; its arrival is its place in
 * time (by date, ties by number). A stream's documents arrive as they are given. */
#ifndef SS_ENGINE_H
#define SS_ENGINE_H

#include "base/lookup.h"
#include "index/near.h"
#include "index/statistics.h"
#include "match/judge.h"
#include "story/story.h"

/* The answer given to a document at its arrival. Indexed, as everything of a document, by its number. */
typedef struct ss_answer {
    double probability;
    uint32_t of, story; /* document numbers; of: UINT32_MAX when new */
    uint8_t relation, reasons;
    uint16_t reason[SAMESTORY_REASONS]; /* anchors of the document itself */
} ss_answer;

typedef enum ss_phase { SS_EMPTY, SS_STREAM, SS_GATHERING, SS_FROZEN, SS_SETTLED } ss_phase;

struct samestory_engine {
    const samestory_model *model;
    samestory_options options;
    double threshold;
    ss_phase phase;
    ss_sketcher **sketcher;   /* (threads) */
    ss_proposer **proposer;   /* (threads) */
    size_t count, capacity;
    ss_sketch **sketch;       /* (count), by number */
    samestory_string *id;     /* (count) */
    uint32_t *original;       /* (count): the document that this one repeats, or itself */
    ss_answer *answer;        /* (count) */
    ss_lookup known;          /* id and text -> number */
    ss_lookup texts;          /* text -> first arrival that has it */
    uint32_t *twin;           /* by arrival: the first arrival with the same text, or itself */
    char **block;             /* memory that sketches and ids live in */
    size_t block_count, block_capacity, block_used, block_size;
    ss_statistics *statistics;
    ss_window *window;        /* of a stream; */
    ss_postings *postings;    /* or of a collection, as are the nearest */
    ss_near *near;
    /* by arrival: number of the i-th document to arrive, and its view */
    uint32_t *arrival;
    const ss_sketch **arrived;
    int64_t *place, *date;
    uint32_t *story, *story_size; /* by arrival: its story's first document, documents of a story */
    size_t arrived_count, arrived_capacity;
    char query_id[24];        /* of the last query, when it had none */
    int64_t latest;           /* date seen by a stream */
    size_t slice_start;       /* first document (by arrival) of the open slice */
    samestory_edge *edge;
    size_t edge_count, edge_capacity;
    samestory_report report;
};

/* What speaks for a relation beside shared anchors, in words: of copies and revisions their text, of reports
 * that share no anchor their meaning; NULL: nothing. The relation is of `later` to `earlier`. */
const char *ss_relation_words(samestory_relation relation, const ss_sketch *later,
                              const ss_sketch *earlier, bool anchors);

/* What the index proposes for the document that arrived as `at`; collections that are settled. false when
 * memory is out. One caller at a time: it uses the first proposer and the engine's nearest. */
bool ss_engine_propose(const samestory_engine *e, size_t at, ss_proposal *out);

/* The evidence of a pair by document numbers, with the frozen statistics. */
void ss_engine_evidence(const samestory_engine *e, size_t a, size_t b, ss_evidence *out);

/* ---- documents.c ---------------------------------------------------------------------------------- */

enum { SS_CONTENT_ID = 24, SS_DAY = 86400 };

samestory_status ss_check_document(const samestory_document *document, samestory_error *error);
/* Its id, or else its URL. */
samestory_string ss_document_id(const samestory_document *document);
/* What a document without id and URL is called: a hash of its content. */
samestory_string ss_id_of_content(const ss_sketch *sketch, char out[SS_CONTENT_ID]);
/* The first document with this id and this text, or -1. */
int64_t ss_find_known(const samestory_engine *e, const ss_sketch *sketch);
/* A copy that lives as long as the engine; NULL when memory is out. */
ss_sketch *ss_keep_sketch(samestory_engine *e, const ss_sketch *sketch);
/* Gives a kept sketch the next number; false when memory is out. */
bool ss_keep_document(samestory_engine *e, ss_sketch *kept, samestory_string id);
/* A document's own date, or its place in time when it has none. */
int64_t ss_date_of(const ss_sketch *sketch, int64_t place);
/* Files a kept document as the next to arrive; false when memory is out. */
bool ss_file_document(samestory_engine *e, uint32_t number, int64_t place);

/* ---- arrival.c -------------------------------------------------------------------------------------- */

enum { SS_LINKS_KEPT = 64 }; /* edges kept of a document */

/* What one document's arrival found. */
typedef struct ss_finding {
    ss_link link[SS_LINKS_KEPT]; /* the strongest first */
    size_t links;
    uint16_t reason[SS_LINKS_KEPT][SAMESTORY_REASONS];
    uint8_t reasons[SS_LINKS_KEPT];
    double best; /* probability of the best candidate */
    size_t judged, compared, hot;
    bool failed; /* memory was out */
} ss_finding;

/* What the index sees of those that have arrived. */
ss_view ss_view_of(const samestory_engine *e);
/* Judges a sketch placed at (place, date) against everything that arrived before; twin: the first of
 * those with the very same text, or SS_LOOKUP_NONE: it is then the only candidate. Of a collection, its
 * nearest must have been found. */
void ss_judge_document(const samestory_engine *e, unsigned worker, const ss_sketch *sketch,
                       int64_t place, int64_t date, uint32_t before, uint32_t twin, ss_finding *f);
/* The answer to a document, once all that arrived before it have theirs. */
ss_answer ss_answer_of(const samestory_engine *e, uint32_t number, const ss_finding *f);
/* Puts document `at` (by arrival) into the story of its answer. */
void ss_enter_story(samestory_engine *e, uint32_t at, const ss_answer *a, const ss_finding *f);
void ss_count_answer(samestory_engine *e, const ss_answer *a, const ss_finding *f);
/* own_id: for a document that is not kept. */
void ss_fill_verdict(const samestory_engine *e, const ss_sketch *sketch, const ss_answer *a,
                     samestory_string own_id, samestory_verdict *out);

#endif
