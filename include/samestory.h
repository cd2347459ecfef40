/* samestory: finds news reports that tell the same story, also across languages.
 *
 * The order of this file is the way of a document:
 *
 *   reader -> normalize -> features -> vector, signature, anchors = sketch
 *          -> keys -> index -> candidates -> kernel -> judge -> story -> writer
 *
 * A program that only wants verdicts needs four calls: samestory_model_open, samestory_engine_new,
 * samestory_add and the two _free functions.
 *
 * Conventions. Handles are opaque. Text is UTF-8; bytes that are not UTF-8 count as separators.
 * Structs that may grow begin with `struct_size`, which the caller sets to sizeof (the _INIT macros
 * do). Functions that can fail return a samestory_status, fill *error where one is passed (it may be
 * NULL) and leave their outputs untouched; after SAMESTORY_NO_MEMORY an engine can only be freed. The library never prints, never exits, reads no
 * environment variable and starts no thread that `threads` did not give it.
 *
 * Threads. A model is immutable: any number of threads may share it. An engine belongs to one thread
 * at a time for functions that take it as non-const; functions that take a const engine may run in
 * parallel with each other. A reader belongs to one thread at a time.
 */
#ifndef SAMESTORY_H
#define SAMESTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(SAMESTORY_SHARED) && defined(__GNUC__)
#define SAMESTORY_API __attribute__((visibility("default")))
#else
#define SAMESTORY_API
#endif

#define SAMESTORY_VERSION "0.1.0"

/* ---- Status and errors ------------------------------------------------------------------- */

typedef enum samestory_status {
    SAMESTORY_OK = 0,
    SAMESTORY_END,            /* a reader has nothing more */
    SAMESTORY_BAD_ARGUMENT,   /* the caller's mistake: a NULL, a size, an order of calls */
    SAMESTORY_BAD_RECORD,     /* this record can't be used; the next one may */
    SAMESTORY_INPUT_FAILED,   /* a file can't be opened, read, decompressed */
    SAMESTORY_OUTPUT_FAILED,  /* a file can't be written */
    SAMESTORY_MODEL_MISMATCH, /* no samestory model, a damaged one, or one of another version */
    SAMESTORY_NO_MEMORY
} samestory_status;

/* Where and why a call failed. `message` is a constant string that says what is wrong and what to
 * do; `file`, `line` (from 1) and `offset` (bytes) say where, when that is known (else "", 0, 0). */
typedef struct samestory_error {
    samestory_status status;
    const char *message;
    char file[1024];
    uint64_t line;
    uint64_t offset;
    int system_error; /* errno, or 0 */
} samestory_error;

/* The name of a status, e.g. "bad record"; never NULL. */
SAMESTORY_API const char *samestory_status_name(samestory_status status);

/* The library's version, "MAJOR.MINOR.PATCH". */
SAMESTORY_API const char *samestory_version(void);

/* ---- Documents ---------------------------------------------------------------------------- */

/* Bytes with a length; not terminated by NUL. data may be NULL when size is 0. */
typedef struct samestory_string {
    const char *data;
    size_t size;
} samestory_string;

#define SAMESTORY_NO_DATE INT64_MIN

/* One report. Everything but `text` (or `title`) may be missing. */
typedef struct samestory_document {
    size_t struct_size;
    samestory_string id;       /* any bytes; empty: the URL, else a hash of the content */
    samestory_string title;
    samestory_string text;
    samestory_string url;
    samestory_string source;   /* outlet; empty: the host of the URL */
    samestory_string language; /* BCP 47 or ISO 639; empty or unknown: identified from the text */
    int64_t date;              /* seconds since 1970-01-01T00:00:00Z, or SAMESTORY_NO_DATE */
} samestory_document;

#define SAMESTORY_DOCUMENT_INIT                                                                    \
    {                                                                                              \
        sizeof(samestory_document), {0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0},                \
            SAMESTORY_NO_DATE                                                                      \
    }

/* Reads ISO 8601 with or without zone, RFC 822, epoch seconds or milliseconds.
 * Returns seconds since the epoch, or SAMESTORY_NO_DATE. */
SAMESTORY_API int64_t samestory_parse_date(const char *text, size_t size);

/* ---- Reader: files to documents ------------------------------------------------------------- */

/* Names of the members that hold a document's parts, each a dotted path ("metadata.title"); NULL
 * means: the names that known corpora use. */
typedef struct samestory_reader_options {
    size_t struct_size;
    const char *id_field, *title_field, *text_field, *url_field, *source_field, *language_field,
        *date_field;
    const char *label_field;  /* read into record.label, e.g. "story" for evaluation */
    size_t max_record_bytes;  /* a longer record comes as bad records, in pieces; 0: 1 GiB */
    const char *spool_folder; /* where input that can't be read twice is kept; NULL: /tmp */
    bool lines_only;          /* give raw records, parse nothing: for a second pass */
    const char *paths_base;   /* what paths in *.paths are relative to; NULL: the list's folder */
    unsigned shard, shards;   /* only share number `shard` of `shards` (0 or 1: all): of several
                                 files those at places i with i % shards == shard % shards, of a
                                 single file its records in this way */
    bool keep_notes;          /* for a second pass with lines_only: note id, URL, title and date of
                                 records that are no JSON, in a file in spool_folder; that pass
                                 then gives these alone, and needn't unpack and parse again */
} samestory_reader_options;

#define SAMESTORY_READER_OPTIONS_INIT                                                              \
    {                                                                                              \
        sizeof(samestory_reader_options), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, false, 0, 0, 0, false      \
    }

/* One record as it stands in its file. Strings live until the next call on the reader. */
typedef struct samestory_record {
    size_t struct_size;
    samestory_document document; /* id always set unless the record is bad */
    samestory_string raw;        /* the record's bytes, line end excluded; WARC: header and block, of
                                    a bad record at most 1 MiB */
    samestory_string line_end;   /* "\n", "\r\n" or "" at the end of a file; WARC: the empty lines */
    samestory_string label;      /* the label_field's value as text, or empty */
    const char *file;
    uint64_t line;   /* from 1; text files: 1; WARC: the record's number in its file */
    bool is_json;    /* false: `raw` is a text file or a WARC record */
    bool is_blank;   /* an empty line: no document */
} samestory_record;

#define SAMESTORY_RECORD_INIT                                                                      \
    {                                                                                              \
        sizeof(samestory_record), SAMESTORY_DOCUMENT_INIT, {0, 0}, {0, 0}, {0, 0}, 0, 0, false,    \
            false                                                                                  \
    }

typedef struct samestory_reader samestory_reader;

/* Opens files, folders (walked in the order of names), lists of files (*.paths: one path a line) and
 * "-" (standard input). A file holds JSON objects, one a line; or records of a crawl (WARC, WET); or
 * one text (*.txt, *.md, in folders also other names; id = path, first line = title). Its first
 * bytes tell, also what it is packed in: gzip, zstd, xz. Files that can't be read twice (pipes) are
 * copied to an unnamed file in `spool_folder` first, so that a reader can always be rewound. */
SAMESTORY_API samestory_status samestory_reader_open(const char *const *paths, size_t count,
                                                     const samestory_reader_options *options,
                                                     samestory_reader **out,
                                                     samestory_error *error);

/* The next record, in input order. SAMESTORY_BAD_RECORD: *record holds raw, line_end, file and line
 * (and *error the reason), and reading may go on. SAMESTORY_END after the last one. */
SAMESTORY_API samestory_status samestory_reader_next(samestory_reader *reader,
                                                     samestory_record *record,
                                                     samestory_error *error);

/* Records of a crawl that hold no text to read, and are passed over. */
typedef enum samestory_skip {
    SAMESTORY_SKIPPED_NOT_TEXT, /* an image, a PDF, JSON ... */
    SAMESTORY_SKIPPED_STATUS,   /* an answer other than 200: moved, not found ... */
    SAMESTORY_SKIPPED_REVISIT,
    SAMESTORY_SKIPPED_REQUEST,
    SAMESTORY_SKIPPED_METADATA,
    SAMESTORY_SKIPPED_WARCINFO,
    SAMESTORY_SKIPPED_OTHER,
    SAMESTORY_SKIPS
} samestory_skip;

/* How many were passed over since the first record, for this reason. */
SAMESTORY_API uint64_t samestory_reader_skipped(const samestory_reader *reader, samestory_skip why);
/* "not text", "other status", "revisit" ...; never NULL. */
SAMESTORY_API const char *samestory_skip_name(samestory_skip why);

/* The fields that samestory_reader_options names. */
typedef enum samestory_field {
    SAMESTORY_FIELD_TEXT,
    SAMESTORY_FIELD_TITLE,
    SAMESTORY_FIELD_ID,
    SAMESTORY_FIELD_URL,
    SAMESTORY_FIELD_DATE,
    SAMESTORY_FIELD_LANGUAGE,
    SAMESTORY_FIELD_SOURCE,
    SAMESTORY_FIELD_LABEL,
    SAMESTORY_FIELDS
} samestory_field;

/* Have JSON records been read, none of which held the member that the options name for this field?
 * Then its name is most likely wrong. */
SAMESTORY_API bool samestory_reader_missed(const samestory_reader *reader, samestory_field field);

/* A record from bytes in memory instead: one line of JSON, its end excluded, of a reader that was opened
 * without paths. 64 bytes behind the line must be readable. `number`: of the line, for errors. */
SAMESTORY_API samestory_status samestory_reader_parse(samestory_reader *reader, samestory_string line,
                                                      uint64_t number, samestory_record *record,
                                                      samestory_error *error);

/* Back to the first record; `lines_only` as in the options. Fails if an input has changed. */
SAMESTORY_API samestory_status samestory_reader_rewind(samestory_reader *reader, bool lines_only,
                                                       samestory_error *error);

/* Bytes of input consumed so far and in all (compressed size; spooled pipes: their size). */
SAMESTORY_API void samestory_reader_progress(const samestory_reader *reader, uint64_t *done,
                                             uint64_t *total);
SAMESTORY_API void samestory_reader_free(samestory_reader *reader);

/* ---- Feeds: RSS, Atom, JSON Feed ------------------------------------------------------------ */

/* A feed's entries as documents; the writer below gives the feed back without some of them, or with
 * verdicts in it, every other byte as it was. */
typedef struct samestory_feed samestory_feed;

/* Reads a whole feed: RSS 0.9x, 1.0 and 2.0, Atom, JSON Feed, in any encoding that it declares.
 * `bytes` must live as long as the feed. SAMESTORY_BAD_RECORD: this is no feed, or a broken one. */
SAMESTORY_API samestory_status samestory_feed_open(const char *bytes, size_t size,
                                                   samestory_feed **out, samestory_error *error);

/* The next entry, oldest first, ties in the feed's order; SAMESTORY_END after the last one. Its id is the entry's own (guid,
 * atom:id, else the link), a space and the feed's address: other feeds may bring the same entry.
 * HTML has become text. Strings live as long as the feed. */
SAMESTORY_API samestory_status samestory_feed_next(samestory_feed *feed,
                                                   samestory_document *document,
                                                   samestory_error *error);
/* Back to the oldest entry. */
SAMESTORY_API void samestory_feed_rewind(samestory_feed *feed);
SAMESTORY_API void samestory_feed_free(samestory_feed *feed);

/* ---- Model ---------------------------------------------------------------------------------- */

typedef struct samestory_model samestory_model;

/* Maps a model file and checks all of it. Cost: about 15 ms. */
SAMESTORY_API samestory_status samestory_model_open(const char *path, samestory_model **out,
                                                    samestory_error *error);
SAMESTORY_API void samestory_model_free(samestory_model *model);

/* Vector length d. */
SAMESTORY_API size_t samestory_model_dimension(const samestory_model *model);
/* The model's own description: lines of "key<TAB>value", among them stamp, dimension, rows,
 * languages, sources, command. Lives as long as the model. */
SAMESTORY_API const char *samestory_model_description(const samestory_model *model);

/* ---- Verdicts ------------------------------------------------------------------------------- */

typedef enum samestory_relation {
    SAMESTORY_NONE = 0, /* of a pair: another story; of a document: new */
    SAMESTORY_COPY,     /* the same text, nearly */
    SAMESTORY_REVISION, /* one holds the other and adds facts */
    SAMESTORY_STORY     /* the same event, told separately, in any language */
} samestory_relation;

/* "none", "copy", "revision", "story". */
SAMESTORY_API const char *samestory_relation_name(samestory_relation relation);

enum { SAMESTORY_REASONS = 3 };

/* The answer as of a document's arrival. Strings live until the next non-const call on the engine. */
typedef struct samestory_verdict {
    size_t struct_size;
    samestory_relation relation; /* to `of`; SAMESTORY_NONE: a new story */
    double probability;          /* calibrated, rounded to 1e-6: of the best candidate; 0: no candidate */
    samestory_string story;      /* id of the story's first document */
    samestory_string of;         /* id of the earlier document it matched best; empty when new */
    size_t reason_count;
    samestory_string reasons[SAMESTORY_REASONS]; /* strongest shared anchors, readable */
    bool dropped;                /* set by the caller, for the writer: adds "dropped":true */
} samestory_verdict;

#define SAMESTORY_VERDICT_INIT                                                                     \
    {                                                                                              \
        sizeof(samestory_verdict), SAMESTORY_NONE, 0.0, {0, 0}, {0, 0}, 0, {{0, 0}, {0, 0}, {0, 0}}, false \
    }

/* What was measured of a pair, and what the judge made of it (see samestory_pair). */
enum { SAMESTORY_SIGNALS = 80 };
typedef struct samestory_evidence {
    size_t struct_size;
    samestory_relation relation;
    double probability;  /* of the same story, calibrated; */
    double alone;        /* by the two documents alone: without what those around them say */
    bool asked;          /* it is a pair of which those around are asked: see samestory_settle */
    double cosine;       /* of the vectors, language means out, -1..1 */
    double jaccard;      /* of the word shingles, estimated from the signatures, 0..1 */
    double containment;  /* the larger share of one's shingles that the other holds, 0..1 */
    double gap_days;     /* between the dates; NaN when one is missing */
    unsigned names, dates, numbers; /* anchors shared */
    /* The judge's inputs, by name, with what each adds to the log odds; where those around were asked, one
     * more, "neighbours": the change of probability, and what it is in log odds. So all add up to the log
     * odds of `probability`, but for copies and revisions, where caution overrules the judge, and of what is
     * settled as a stream. */
    size_t signal_count;
    const char *signal_name[SAMESTORY_SIGNALS];
    double signal_value[SAMESTORY_SIGNALS];
    double signal_effect[SAMESTORY_SIGNALS];
    size_t reason_count;
    char reasons[SAMESTORY_REASONS][64];
} samestory_evidence;

/* ---- Engine --------------------------------------------------------------------------------- */

/* How sure a link must be; precision and recall of each are in samestory_model_description. Pairs
 * of which no other document is asked (of streams, of collections settled as_stream, those that the index did
 * not propose) have thresholds of their own, so that their links are as sure. */
typedef enum samestory_preset {
    SAMESTORY_STANDARD = 0, /* the best balance over all kinds of text */
    SAMESTORY_STRICT,       /* few wrong links */
    SAMESTORY_LOOSE,        /* few missed links */
    SAMESTORY_PRESETS
} samestory_preset;

typedef struct samestory_options {
    size_t struct_size;
    int64_t window;      /* seconds between two reports of one story, and, as they arrive, between a report
                            and the first of the story that it joins; 0: 7 days; < 0: unlimited */
    int64_t copy_window; /* seconds between copies; 0: unlimited for collections, 90 days for streams */
    double threshold;    /* probability from which a story is one; 0: the preset's */
    unsigned threads;    /* that the library may use, the caller's included; 0: 1 */
    bool ignore_dates;   /* as if no document had one */
    bool ids_repeat;     /* equal ids mean nothing: every record is a document of its own */
    samestory_preset preset;
    bool read_only;      /* samestory_engine_open: queries only; nothing is written */
    bool as_stream;      /* collections: settled as a stream that gets them by date would answer */
    /* Of a collection that may not fit in memory: */
    const char *folder;  /* where its sketches are kept in a file; NULL: in memory */
    size_t memory;       /* bytes that the process may have resident; 0: any. Wants a folder */
    bool resumable;      /* the file has a name, and stays until samestory_discard; */
    bool resume;         /* and begin with what a run that was killed has left there */
    uint64_t input_stamp; /* which input and fields: only a run with the same one is taken up */
} samestory_options;

#define SAMESTORY_OPTIONS_INIT                                                                     \
    {                                                                                              \
        sizeof(samestory_options), 0, 0, 0.0, 1, false, false, SAMESTORY_STANDARD, false, false, \
            NULL, 0, false, false, 0                                                             \
    }

typedef struct samestory_engine samestory_engine;

/* An engine in memory. The model must outlive it. */
SAMESTORY_API samestory_status samestory_engine_new(const samestory_model *model,
                                                    const samestory_options *options,
                                                    samestory_engine **out, samestory_error *error);
SAMESTORY_API void samestory_engine_free(samestory_engine *engine);

/* A stream. Each document is judged against those added before, with the statistics of closed slices
 * (a slice closes with its day, or after 65,536 documents), and then added. The same id with the
 * same text is the same document: its first verdict is given again. No date: the latest date seen;
 * a date more than a day after the latest arrival is the caller's to clamp. */
SAMESTORY_API samestory_status samestory_add(samestory_engine *engine,
                                             const samestory_document *document,
                                             samestory_verdict *out, samestory_error *error);
/* The same as samestory_add for each of several documents, but sketched on all threads of the engine.
 * `answered` is called for each, in order, from the calling thread; the verdict lives until it returns. */
SAMESTORY_API samestory_status samestory_add_batch(
    samestory_engine *engine, const samestory_document *documents, size_t count,
    void (*answered)(void *context, size_t number, const samestory_verdict *verdict), void *context,
    samestory_error *error);
/* As samestory_add, but the document is not kept. */
SAMESTORY_API samestory_status samestory_query(samestory_engine *engine,
                                               const samestory_document *document,
                                               samestory_verdict *out, samestory_error *error);

/* An engine over an index on disk, for a stream: made when `folder` holds none. Documents that are added
 * are held in memory until samestory_commit. Any number of processes may have one index open, to read
 * and to write: nobody waits but those who commit, for each other; what others committed meanwhile is
 * looked at by the commit, which decides the uncommitted documents again on top of it. In one process
 * an index is opened once. Slices whose documents are older than both windows are forgotten when a slice
 * closes. SAMESTORY_MODEL_MISMATCH: the index was made with another model or version. Cost: some 20 ms. */
SAMESTORY_API samestory_status samestory_engine_open(const samestory_model *model, const char *folder,
                                                     const samestory_options *options,
                                                     samestory_engine **out, samestory_error *error);
/* Makes what was added safe: when it returns SAMESTORY_OK, neither a crash nor a loss of power loses it.
 * Else what was added since the last commit is not kept: free the engine, open it again, and add that
 * again; the answers will be the same. Nothing to do for an engine in memory. */
SAMESTORY_API samestory_status samestory_commit(samestory_engine *engine, samestory_error *error);
/* Forgets the slices of a stream whose last document is placed before this date. Commits. */
SAMESTORY_API samestory_status samestory_expire(samestory_engine *engine, int64_t before,
                                                samestory_error *error);
/* Takes documents with this id out of a stream: of them, nothing but their ids, where others name them,
 * is kept. *deleted (may be NULL): how many there were. Commits. Cost: a look at every document. */
SAMESTORY_API samestory_status samestory_delete(samestory_engine *engine, samestory_string id,
                                                size_t *deleted, samestory_error *error);
/* The latest date that a stream has seen, or SAMESTORY_NO_DATE. */
SAMESTORY_API int64_t samestory_latest(const samestory_engine *engine);

/* ---- Looking after an index on disk ---- */

typedef struct samestory_index_stats {
    size_t struct_size;
    uint64_t documents, deleted; /* that it holds; of which were taken down */
    uint64_t given;              /* numbers given so far: documents since it was made */
    uint64_t slices, closed;     /* days, or parts of one; of which are closed */
    uint64_t bytes_sketches, bytes_keys, bytes_statistics, bytes_catalogue; /* on disk */
    int64_t earliest, latest;    /* dates; SAMESTORY_NO_DATE: none */
    uint64_t model;              /* stamp of the model that it was made with */
} samestory_index_stats;

/* What an index holds. Waits for nobody. */
SAMESTORY_API samestory_status samestory_index_look(const char *folder, samestory_index_stats *out,
                                                    samestory_error *error);
/* Looks at every byte; `found` (may be NULL) is told of each damage. *damages: how many there are. Waits
 * for nobody. */
SAMESTORY_API samestory_status samestory_index_verify(
    const char *folder, void (*found)(void *context, const char *file, const char *what), void *context,
    uint64_t *damages, samestory_error *error);
/* Every document that is not taken down, in the order of arrival: id, date (or the date that it was given)
 * and answer, which live until `each` returns; false ends the walk. */
SAMESTORY_API samestory_status samestory_index_export(
    const char *folder,
    bool (*each)(void *context, samestory_string id, int64_t date, const samestory_verdict *verdict),
    void *context, samestory_error *error);
/* As samestory_expire and samestory_delete, without an engine; waits for those who commit. */
SAMESTORY_API samestory_status samestory_index_expire(const char *folder, int64_t before,
                                                      samestory_error *error);
SAMESTORY_API samestory_status samestory_index_delete(const char *folder, const samestory_string *ids,
                                                      size_t count, uint64_t *deleted,
                                                      samestory_error *error);
/* Removes files that crashes have left. *freed: bytes. Waits for those who commit. */
SAMESTORY_API samestory_status samestory_index_compact(const char *folder, uint64_t *freed,
                                                       samestory_error *error);
/* Makes catalogue, postings and statistics anew from the stored sketches. Documents whose bytes are damaged
 * are taken out: *lost. Nobody else may have the index open. Cost: 50 us a document. */
SAMESTORY_API samestory_status samestory_index_rebuild(const samestory_model *model, const char *folder,
                                                       uint64_t *documents, uint64_t *lost,
                                                       samestory_error *error);

/* A collection. First every document is gathered (only its sketch is kept), in blocks of any size;
 * then samestory_settle freezes the statistics of all of them and judges each against those before
 * it (by date, ties in the order of gathering). Once all pairs are judged alone, each that may be a story
 * is judged again by what the documents around it say, and twice more by what they say then: those that
 * agree with both of the two speak for it, those that agree with one only against it. The answers are made
 * of these final probabilities; with `as_stream`, of the first, at a stream's threshold. Document numbers
 * count from 0 in the order of gathering.
 * The same answers for any number of threads and any blocks. */
SAMESTORY_API samestory_status samestory_gather(samestory_engine *engine,
                                                const samestory_document *documents, size_t count,
                                                samestory_error *error);
/* Freezes the statistics; needed before samestory_pair, done by samestory_settle. */
SAMESTORY_API samestory_status samestory_freeze(samestory_engine *engine, samestory_error *error);
/* `progress` (may be NULL) is called now and then, from the calling thread, with documents judged. */
SAMESTORY_API samestory_status samestory_settle(samestory_engine *engine,
                                                void (*progress)(void *context, size_t done),
                                                void *context, samestory_error *error);
/* Documents that an engine that resumes has already: gathering them again, in their order, costs no
 * sketching; SAMESTORY_INPUT_FAILED if they are others. */
SAMESTORY_API size_t samestory_taken_up(const samestory_engine *engine);
/* Removes the files of a resumable engine, whose work is done. */
SAMESTORY_API void samestory_discard(samestory_engine *engine);
SAMESTORY_API size_t samestory_count(const samestory_engine *engine);
SAMESTORY_API samestory_string samestory_id(const samestory_engine *engine, size_t number);
/* The number of the document that this one repeats (same id, same text), or its own. */
SAMESTORY_API size_t samestory_original(const samestory_engine *engine, size_t number);
/* The verdict as of arrival; strings live as long as the engine. */
SAMESTORY_API samestory_status samestory_verdict_of(const samestory_engine *engine, size_t number,
                                                    samestory_verdict *out);

/* The judge's view of any two gathered documents: no index, no window. Of a settled collection, where the
 * two are an edge (see samestory_edges), relation, probability and reasons are the final ones, with what
 * the documents around them say; other pairs, and all before samestory_settle, are judged alone. */
SAMESTORY_API samestory_status samestory_pair(const samestory_engine *engine, size_t a, size_t b,
                                              samestory_evidence *out);
/* The unit vector of a document, what the kernel sees: (dimension) floats. */
SAMESTORY_API samestory_status samestory_vector(const samestory_engine *engine, size_t number,
                                                float *out);
/* Lines of text that describe a document's sketch, for people. Free with samestory_free. */
SAMESTORY_API samestory_status samestory_describe(const samestory_engine *engine, size_t number,
                                                  char **out);

/* What two documents share, marked in their texts: for people. */
typedef struct samestory_mark {
    size_t start, end; /* bytes of the text below */
    const char *type;  /* "name", "pair", "skeleton", "number", "date" or "link" */
    double weight;     /* how rare the two documents' language makes it; marks of one place: the largest */
} samestory_mark;

typedef struct samestory_marked {
    char *text;        /* title, newline, text: composed (NFC), NUL-terminated */
    size_t size, title_size;
    samestory_mark *mark; /* in the order of the text; they don't overlap */
    size_t marks;
    char *only;        /* anchors that the other has not, with ", " between; NUL-terminated */
} samestory_marked;

/* out[0] is of a, out[1] of b. Free each with samestory_marked_free. */
SAMESTORY_API samestory_status samestory_shared(samestory_engine *engine, const samestory_document *a,
                                                const samestory_document *b, samestory_marked out[2],
                                                samestory_error *error);
SAMESTORY_API void samestory_marked_free(samestory_marked *marked);

/* Every judged pair that may be a link, a < b by arrival: the index proposed it, and alone it is not less
 * probable than SAMESTORY_EDGE_LEAST; of a document that arrives, the 64 most probable. Pairs of the relation
 * SAMESTORY_STORY are judged again (see samestory_settle); copies and revisions are such by their texts and
 * ids, and no other document is asked about them. */
#define SAMESTORY_EDGE_LEAST 0.002
typedef struct samestory_edge {
    size_t a, b; /* document numbers; a arrived first */
    samestory_relation relation;
    bool dated;         /* both have a date */
    double alone;       /* probability by the two documents alone, */
    double probability; /* and with what those around them say; the same with `as_stream` */
} samestory_edge;
/* *out lives as long as the engine; in the order in which their later documents arrived. */
SAMESTORY_API samestory_status samestory_edges(const samestory_engine *engine,
                                               const samestory_edge **out, size_t *count);

/* A bucket of the index: documents of a collection that share a key. `what`: the readable text of the
 * name or number, or "words" where they share some of their wording, or "id or address". */
enum { SAMESTORY_FULLEST = 10 };
typedef struct samestory_bucket {
    size_t documents;
    char what[64];
} samestory_bucket;

/* What settling cost and met. */
typedef struct samestory_report {
    size_t struct_size;
    size_t documents, repeated;
    size_t candidates;       /* pairs that the judge saw */
    size_t compared;         /* pairs that the kernel compared */
    size_t hot_keys;         /* buckets that were too full to use */
    size_t kept_bytes;       /* of sketches and ids */
    size_t fullest_count;
    samestory_bucket fullest[SAMESTORY_FULLEST]; /* of collections, the fullest first */
    size_t copies, revisions, stories; /* verdicts */
    double threshold;
} samestory_report;
SAMESTORY_API samestory_status samestory_engine_report(const samestory_engine *engine,
                                                       samestory_report *out);

/* ---- Stories ---------------------------------------------------------------------------------- */

/* The final stories: a pure function of the set of edges, whatever their order. story[i] receives
 * the number of the first document (lowest number) of document i's story. Edges below `threshold`
 * are no links, and count as if they were not given. */
SAMESTORY_API samestory_status samestory_stories(const samestory_edge *edges, size_t edge_count,
                                                 size_t documents, double threshold, size_t *story,
                                                 samestory_error *error);

/* Evaluation of a settled engine whose documents carry labels: label[i] names the true story of
 * document i (empty: none). *json receives one JSON object, NUL-terminated: pairs.{cross,same,all},
 * pairs.by_languages, bcubed, clusters, calibration, candidates (see README, "Evaluation").
 * Exhaustive over all pairs, on the engine's threads. Free with samestory_free. */
SAMESTORY_API samestory_status samestory_measure(const samestory_engine *engine,
                                                 const samestory_string *label, char **json,
                                                 samestory_error *error);

/* ---- Writer ------------------------------------------------------------------------------------ */

/* A JSON record with the member "samestory" added (or replaced), every other byte as it was; what is
 * no JSON becomes a record {"id":...,"url":...,"title":...,"date":...,"samestory":...}, url and date
 * where it has them. Line end excluded.
 * Free with samestory_free. */
SAMESTORY_API samestory_status samestory_annotate(const samestory_record *record,
                                                  const samestory_verdict *verdict, char **out,
                                                  size_t *size);

/* Of a feed: the entry given last will not be in what samestory_feed_write gives. */
SAMESTORY_API samestory_status samestory_feed_drop(samestory_feed *feed);
/* The entry given last will carry this verdict, in place of one that it brought: in XML a <category>
 * "samestory:copy" and an element <samestory:verdict relation= of= story= p=/>, in JSON Feed a tag
 * and a member "_samestory". */
SAMESTORY_API samestory_status samestory_feed_mark(samestory_feed *feed,
                                                   const samestory_verdict *verdict);

/* The feed as decided, read again to be sure that it is whole. Free with samestory_free. */
SAMESTORY_API samestory_status samestory_feed_write(const samestory_feed *feed, char **out,
                                                    size_t *size, samestory_error *error);

/* {"id":ID,"samestory":{...}}: the verdict without the record. Free with samestory_free. */
SAMESTORY_API samestory_status samestory_verdict_line(samestory_string id,
                                                      const samestory_verdict *verdict, char **out,
                                                      size_t *size);
SAMESTORY_API void samestory_free(void *pointer);

/* ---- Machine ------------------------------------------------------------------------------------ */

/* The kernel in use, e.g. "avx512vnni", and OpenBLAS's core name, e.g. "SkylakeX". */
SAMESTORY_API const char *samestory_cpu_path(void);
SAMESTORY_API const char *samestory_blas_core(void);

#ifdef __cplusplus
}
#endif
#endif
