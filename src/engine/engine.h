/* The engine: calls the rooms in order. Its inside, shared by the files that make it up: engine.c (birth and
 * death), documents.c (keeping), arrival.c (judging), stream.c and collection.c (one at a time, or all
 * gathered first), inspect.c, shared.c and evaluate.c (which only read).
 *
 * stored.c gives a stream a store on disk.
 *
 * Numbers and arrivals. A document's number is the order in which it was given; its arrival is its place in
 * time (by date, ties by number). A stream's documents arrive as they are given. */
#ifndef SS_ENGINE_H
#define SS_ENGINE_H

#include "base/lookup.h"
#include "index/near.h"
#include "index/sketches.h"
#include "index/statistics.h"
#include "match/judge.h"
#include "story/neighbours.h"
#include "story/story.h"

/* The answer given to a document at its arrival. Indexed, as everything of a document, by its number. */
typedef struct ss_answer {
    double probability;
    uint32_t of, story; /* document numbers; of: UINT32_MAX when new */
    uint8_t relation, reasons;
    uint8_t flags;  /* SS_ROW_HEAD, SS_ROW_DELETED; streams only */
    uint32_t order; /* of a settled collection: how many were answered before it */
    uint16_t reason[SAMESTORY_REASONS]; /* anchors of the document itself */
} ss_answer;

/* A closed slice of a stream in memory. */
typedef struct ss_span {
    uint32_t first, end;
    int64_t last_place;
} ss_span;

/* What the engine holds of a store. Documents below `base` are the store's, those from it on (the tail)
 * are in the engine's arrays until they are committed: document n at n - base. */
typedef struct ss_tail {
    ss_store *store;
    uint32_t window_first, window_end; /* documents in the engine's window */
    ss_filing *filing;                 /* of the same documents */
    size_t filings, filing_capacity;
    uint32_t appended; /* documents of the tail that are written, but not committed */
    ss_lookup story;   /* stories of the store that the rest of the tail adds to: number -> index */
    uint32_t *added;   /* by this index: how many documents */
    size_t stories, story_capacity;
    bool failed; /* a commit did: the tail is in disorder */
} ss_tail;

typedef enum ss_phase { SS_EMPTY, SS_STREAM, SS_GATHERING, SS_FROZEN, SS_SETTLED } ss_phase;

struct samestory_engine {
    const samestory_model *model;
    samestory_options options;
    double threshold, alone; /* from which a pair is a story; and one that asks no neighbours */
    ss_phase phase;
    ss_sketcher **sketcher;   /* (threads) */
    ss_proposer **proposer;   /* (threads) */
    size_t count, capacity;
    const ss_sketch **sketch; /* (count), by number */
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
    int64_t latest;           /* place of a stream's last document */
    uint32_t base, live;      /* streams: first document in the arrays; those below `live` are forgotten */
    size_t slice_start;       /* first document of the open slice; */
    ss_span *span;            /* closed ones, the first `spans_forgotten` of which are forgotten */
    size_t spans, span_capacity, spans_forgotten, spans_uncounted;
    ss_tail tail;
    samestory_edge *edge;     /* = edges.data */
    size_t edge_count;
    ss_shelved edges;
    ss_shelf *shelf;          /* NULL: everything is in memory; */
    ss_sketches *sketches;    /* or the sketches in a file */
    ss_shelved rows;          /* and, by arrival, their vectors */
    char *sketches_path, *answers_path; /* of a resumable engine */
    size_t taken_up, gathered; /* documents the file had when it was opened; given since */
    samestory_report report;
    bool attempted;           /* settling has begun: it can't be done twice */
};

/* What speaks for a relation beside shared anchors, in words: of copies and revisions their text, of reports
 * that share no anchor their meaning; NULL: nothing. The relation is of `later` to `earlier`. */
const char *ss_relation_words(samestory_relation relation, const ss_sketch *later,
                              const ss_sketch *earlier, bool anchors);
/* A small number for such words (0 for NULL), and back. */
uint8_t ss_words_code(const char *words);
const char *ss_words_of_code(uint8_t code);

/* What the index proposes for the document that arrived as `at`; collections that are settled. false when
 * memory is out. One caller at a time: it uses the first proposer and the engine's nearest. */
bool ss_engine_propose(const samestory_engine *e, size_t at, ss_proposal *out);

/* The evidence of a pair by document numbers, with the frozen statistics. */
void ss_engine_evidence(const samestory_engine *e, size_t a, size_t b, ss_evidence *out);

/* ---- documents.c ---------------------------------------------------------------------------------- */

enum {
    SS_CONTENT_ID = 24,
    SS_DAY = 86400,
    SS_BLOCK = 4 << 20 /* memory for sketches is taken in pieces of this size */
};

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
bool ss_keep_document(samestory_engine *e, const ss_sketch *kept, samestory_string id);
/* The same for an id that lives as long as the engine. */
bool ss_number_document(samestory_engine *e, const ss_sketch *kept, samestory_string id);
/* A document's own date, or its place in time when it has none. */
int64_t ss_date_of(const ss_sketch *sketch, int64_t place);
/* Of any live document. By number or arrival: in a stream they are the same. */
const ss_sketch *ss_sketch_at(const samestory_engine *e, uint32_t document);
int64_t ss_place_at(const samestory_engine *e, uint32_t document);
int64_t ss_date_at(const samestory_engine *e, uint32_t document);
samestory_string ss_id_at(const samestory_engine *e, uint32_t number);
/* The id of its story's first document. */
samestory_string ss_story_id_at(const samestory_engine *e, uint32_t number, uint32_t story);
/* SS_ROW_HEAD, SS_ROW_DELETED. */
uint8_t ss_flags_at(const samestory_engine *e, uint32_t number);
/* First document of the story of an arrival, and how many documents that story has. */
uint32_t ss_story_at(const samestory_engine *e, uint32_t arrival);
uint32_t ss_story_size_of(const samestory_engine *e, uint32_t story);
/* How many documents of the collection each anchor of a sketch is in: out[sketch->anchors]. */
void ss_frequencies(const samestory_engine *e, const ss_sketch *sketch, uint32_t *out);
/* Files a kept document as the next to arrive; false when memory is out. */
bool ss_file_document(samestory_engine *e, uint32_t number, int64_t place);

/* ---- spill.c ---------------------------------------------------------------------------------------- */

/* Opens the file that the options ask for, and takes up what it has. */
samestory_status ss_spill_open(samestory_engine *e, samestory_error *error);
void ss_spill_free(samestory_engine *e);
/* Adds documents to the file and to the engine. */
samestory_status ss_spill_add(samestory_engine *e, const ss_sketch *const *sketch,
                              const samestory_string *id, size_t count, samestory_error *error);
/* Keeps the answers of a resumable engine; true: those of an earlier run are good, and have been taken. */
samestory_status ss_spill_save(const samestory_engine *e, samestory_error *error);
bool ss_spill_load(samestory_engine *e);

/* ---- arrival.c -------------------------------------------------------------------------------------- */

enum { SS_LINKS_KEPT = 64 }; /* edges kept of a document */

/* What one document's arrival found. */
typedef struct ss_finding {
    ss_link link[SS_LINKS_KEPT]; /* the strongest by themselves first */
    size_t links;
    uint16_t reason[SS_LINKS_KEPT][SAMESTORY_REASONS];
    uint8_t reasons[SS_LINKS_KEPT];
    double best; /* probability of the best candidate */
    uint32_t twin; /* streams: the head of its text, or UINT32_MAX */
    size_t judged, compared, hot;
    bool failed; /* memory was out */
} ss_finding;

/* Seconds between copies; < 0: unlimited. */
int64_t ss_copy_seconds(const samestory_engine *e);
/* How many documents the later one of a pair is held against: those of the window that ends at `date`, or
 * all where one of the two dates is missing (SAMESTORY_NO_DATE). Of a collection `date` is the later one's
 * and all documents count; of a stream it is that of the one that arrives, and those before arrival `before`
 * count. */
uint32_t ss_around(const samestory_engine *e, int64_t date, uint32_t before);
/* What the index sees of those that have arrived. */
ss_view ss_view_of(const samestory_engine *e);
/* From now on this engine is a stream, which judges pairs alone and has thresholds of its own. */
void ss_begin_stream(samestory_engine *e);
/* Judges a sketch placed at (place, date) against everything that arrived before; twin: the first of
 * those with the very same text, or SS_LOOKUP_NONE: it is then the only candidate. Of a collection, its
 * nearest must have been found. */
void ss_judge_document(const samestory_engine *e, unsigned worker, const ss_sketch *sketch,
                       int64_t place, int64_t date, uint32_t before, uint32_t twin, ss_finding *f);
/* The answer to a document, once all that arrived before it have theirs; date: its own, or its place's. */
ss_answer ss_answer_of(const samestory_engine *e, uint32_t number, const ss_sketch *sketch, int64_t date,
                       const ss_finding *f);
/* Puts document `at` (by arrival) into the story of its answer; false when memory is out. */
bool ss_enter_story(samestory_engine *e, uint32_t at, const ss_answer *a, const ss_finding *f);
/* What judging and answering a document add to the report. */
void ss_count_finding(samestory_engine *e, const ss_finding *f);
void ss_count_answer(samestory_engine *e, const ss_answer *a);
/* own_id: for a document that is not kept. */
void ss_fill_verdict(const samestory_engine *e, const ss_sketch *sketch, const ss_answer *a,
                     samestory_string own_id, samestory_verdict *out);

/* ---- stream.c ------------------------------------------------------------------------------------ */

/* Must the open slice close before a document placed there arrives as `next`? */
bool ss_slice_ends(const samestory_engine *e, uint32_t next, int64_t place);
/* Date before which slices are forgotten when a document is placed there; SAMESTORY_NO_DATE: never. */
int64_t ss_oldest_kept(const samestory_engine *e, int64_t place);
/* Judges a sketch as the next of the stream. *known: it is here already, with this number, else
 * UINT32_MAX; then no more is done. Closes the open slice first where `arriving`. */
samestory_status ss_stream_judge(samestory_engine *e, const ss_sketch *sketch, bool arriving, int64_t *place,
                                 uint32_t *known, ss_finding *f, samestory_error *error);
/* Adds what was judged; kept: lives as long as the engine or its tail. */
samestory_status ss_stream_keep(samestory_engine *e, const ss_sketch *kept, samestory_string id, int64_t place,
                                const ss_finding *f, samestory_error *error);

/* ---- as_stream.c ------------------------------------------------------------------------------------ */

/* Answers all documents of a gathered collection, which arrive in this order: number[count]. */
samestory_status ss_settle_as_stream(samestory_engine *e, const uint32_t *order, size_t count,
                                     void (*progress)(void *context, size_t done), void *context,
                                     samestory_error *error);

/* ---- stored.c ------------------------------------------------------------------------------------- */

/* Before a document is judged: sees what other processes committed, when nothing is pending. */
samestory_status ss_stored_begin(samestory_engine *e, samestory_error *error);
/* Commits what is pending and closes slices so that a document placed there may arrive. */
samestory_status ss_stored_close(samestory_engine *e, int64_t place, samestory_error *error);
/* Notes keys of a document that has been put into the window, for a postings file; false: memory. */
bool ss_stored_note(samestory_engine *e, const ss_key *keys, size_t count, uint32_t number);
samestory_status ss_stored_expire(samestory_engine *e, int64_t before, samestory_error *error);
samestory_status ss_stored_delete(samestory_engine *e, samestory_string id, size_t *deleted,
                                  samestory_error *error);
/* A document of the tail joins a story of the store; false when memory is out. */
bool ss_stored_join(samestory_engine *e, uint32_t story);
uint32_t ss_stored_story_size(const samestory_engine *e, uint32_t story);
void ss_stored_verdict(const samestory_engine *e, uint32_t number, samestory_verdict *out);
/* A verdict from what is stored; its strings are the store's. */
void ss_verdict_of_row(const ss_row *row, const ss_stored *stored, samestory_verdict *out);
void ss_stored_free(samestory_engine *e);

#endif
