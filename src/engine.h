/* The engine's inside, shared by the files that make it up: samestory.c (streams and collections),
 * inspect.c and evaluate.c (which only read it). */
#ifndef SS_ENGINE_H
#define SS_ENGINE_H

#include "base/lookup.h"
#include "index/candidates.h"
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
    ss_window *window;
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
 * memory is out. One caller at a time: it uses the first proposer. */
bool ss_engine_propose(const samestory_engine *e, size_t at, ss_proposal *out);

/* The evidence of a pair by document numbers, with the frozen statistics. */
void ss_engine_evidence(const samestory_engine *e, size_t a, size_t b, ss_evidence *out);

#endif
