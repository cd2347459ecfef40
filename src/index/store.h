/* Stage index -> store: an index on disk that outlives the process and forgets by itself.
 *
 * In: sketches with the answers that their documents got. Out: the same again, by number or by key,
 * from files that are mapped read-only; only what has been added since the last 256 documents were
 * filed is in memory (the engine's window). Numbers count arrivals from 0, never to be given again:
 * an index takes 2^32 - 2 documents in its life.
 *
 * The folder holds
 *   catalogue.mdb, catalogue.mdb-lock   LMDB: what below is valid, and how far (store_catalogue.c)
 *   DAY-NUMBER.rows, DAY-NUMBER.data    a slice: the documents of a day, 65,536 at most, the first
 * of which has this number; appended to until it is closed DAY-NUMBER.counts                   of a
 * closed slice: how common each anchor is (statistics.h) NUMBER-COUNT.keys                   the
 * postings of so many documents, sorted; 256 x 4^k, k < 5 NUMBER.totals                       the
 * sum of the counts of all closed slices that are live DAY is yyyymmdd or "undated". All else can
 * be made again from rows and data (store_rebuild.c).
 *
 * Writing. A commit holds LMDB's write lock, which is free again when its holder dies. Rows and
 * data go behind the length that the catalogue knows, are synced, and then one LMDB transaction
 * makes them valid: after a crash, what lies behind the known length is cut off by the next commit.
 * Files other than rows and data are written once, synced, named in a transaction, and never
 * changed. Expiry takes a slice out of the catalogue and unlinks it: a reader that has it mapped
 * keeps it until it looks again.
 *
 * Reading. A short LMDB transaction tells the state of the catalogue; files are mapped as it says.
 * No lock is taken, nobody waits. A lookup of a key costs a step into each postings file: at most
 * 12 and one for each 65,536 documents.
 *
 * Every file, little-endian, begins with 64 bytes (ss_file_head):
 *   0  8   magic "samestor"
 *   8  4   kind (ss_file_kind)           12  4  format version (SS_STORE_FORMAT)
 *   16 8   the model's stamp             24  2  normaliser, features, sketch version, zero (2 bytes
 * each) 32 8   first document's number       40  8  documents (0 for rows and data: the catalogue
 * knows) 48 8   XXH3 of all that follows the head (0 for rows and data, which have a sum a
 * document) 56 8   XXH3 of the bytes 0..55 then rows    ss_row[]: 64 bytes a document data    a
 * document's sketch (sketch.h); u32 size of its id, of the id that it matched, of its story's id
 * (SS_SAME_AS_OF: that one again), zero; these ids; zeros to a multiple of 8 counts  u64 entries,
 * then for each, in LEB128: tag minus the tag before it, count - 1 keys    u32 begin[65537], u32
 * posting[]: posting n of those with begin[h] <= n < begin[h + 1] has the tag h << 16 | posting >>
 * 16 and belongs to document NUMBER + (posting & 65535); sorted by tag, then document totals  u32
 * begin[65537], u32 count[], u16 low[]: entry n has the tag h << 16 | low[n] The tag of a key is
 * ss_key_tag, of an anchor ss_anchor_tag. */
#ifndef SS_INDEX_STORE_H
#define SS_INDEX_STORE_H

#include "base/status.h"
#include "index/keys.h"

#define SS_STORE_FORMAT 1
#define SS_STORE_MAGIC  "samestor"

enum {
    SS_SLICE_DOCUMENTS = 65536,
    SS_RUN_DOCUMENTS = 256, /* of the smallest postings file: at most so many are filed again when
                               an index is opened, at 40 us each */
    SS_RUN_GROWTH = 4,
    SS_RUN_MOST = 65536
};

typedef enum ss_file_kind {
    SS_FILE_ROWS = 1,
    SS_FILE_DATA,
    SS_FILE_COUNTS,
    SS_FILE_KEYS,
    SS_FILE_TOTALS
} ss_file_kind;

typedef struct ss_file_head {
    char magic[8];
    uint32_t kind, format;
    uint64_t model;
    uint16_t normalizer, features, sketch, zero;
    uint64_t first, count, sum, check;
} ss_file_head;

enum { SS_ROW_HEAD = 1, SS_ROW_DELETED = 2 }; /* flags */

/* One document of a slice. */
typedef struct ss_row {
    uint64_t sum;          /* XXH3 of its data */
    int64_t place, date;   /* see ss_view */
    uint32_t offset, size; /* of its data: from the file's beginning in units of 8 bytes; bytes */
    uint32_t of, story;    /* the answer: numbers; of: UINT32_MAX when new */
    uint32_t probability;  /* x 1,000,000 */
    uint16_t reason[SAMESTORY_REASONS];
    uint8_t relation, reasons;
    uint8_t words; /* ss_words_code of the first reason */
    uint8_t
        flags; /* SS_ROW_HEAD: the first live document with its text; SS_ROW_DELETED: taken down */
    uint16_t zero;
    uint32_t zero4;
    uint32_t check; /* of the bytes before it and the document's number: XXH3's lower half */
} ss_row;

#define SS_SAME_AS_OF UINT32_MAX

/* A document's data, taken apart. */
typedef struct ss_stored {
    const ss_sketch *sketch;
    samestory_string id, of, story; /* story: empty when it is the document's own */
} ss_stored;

typedef struct ss_store ss_store;

/* The day that a place in time belongs to, in days since 1970, or SAMESTORY_NO_DATE. */
int64_t ss_slice_day(int64_t place);

/* ---- Keys
 * ------------------------------------------------------------------------------------------- */

enum { SS_FILED_KEYS = SS_KEYS_MAX + 2 };

/* The keys that a document of a stream is filed under: its own, and two that tell whether it, or
 * its text, is here already. keys[SS_FILED_KEYS]; returns how many. */
size_t ss_filed_keys(const samestory_model *model, const ss_sketch *sketch, uint8_t flags,
                     ss_key *keys);
/* The last two: of its id and text; of its text, under which only the head of that text is filed.
 */
uint64_t ss_identity_bucket(const ss_sketch *sketch);
uint64_t ss_text_bucket(const ss_sketch *sketch);

/* ---- Opening
 * ---------------------------------------------------------------------------------------- */

typedef enum ss_store_mode {
    SS_STORE_READ,  /* changes nothing; an index must be there */
    SS_STORE_WRITE, /* makes the folder and the index when there is none */
    SS_STORE_REPAIR /* takes the catalogue for lost: an empty new one, beside the slices */
} ss_store_mode;

/* SAMESTORY_MODEL_MISMATCH: made by other versions or with another model. model NULL: of whatever
 * model an index that is there was made with; nothing can then be judged. */
samestory_status ss_store_open(const char *folder, const samestory_model *model, ss_store_mode mode,
                               ss_store **out, samestory_error *error);
void ss_store_free(ss_store *store);

/* Looks whether another process has committed, and sees what it did. *changed: it has. */
samestory_status ss_store_refresh(ss_store *store, bool *changed, samestory_error *error);

/* ---- Reading: what was committed, as of the last refresh
 * -------------------------------------------- */

uint32_t ss_store_documents(const ss_store *store); /* numbers below this are given */
uint32_t ss_store_live(const ss_store *store);      /* those below this are forgotten */
uint32_t ss_store_filed(const ss_store *store); /* those from this on are in no postings file yet */
int64_t ss_store_latest(const ss_store *store); /* place of the last document */
uint32_t
ss_store_open_slice(const ss_store *store); /* first document of the open slice, or of the next */

/* Of a live document. What makes no sense comes as an empty row or sketch, and ss_store_damage
 * tells. */
const ss_row *ss_store_row(const ss_store *store, uint32_t number);
/* Within its bounds, but else unchecked: its vector may be compared. */
const ss_sketch *ss_store_sketch(const ss_store *store, uint32_t number);
/* As it was written: its anchors may be judged. Cost: 0.1 us. */
const ss_sketch *ss_store_checked_sketch(const ss_store *store, uint32_t number);
ss_stored ss_store_get(const ss_store *store, uint32_t number);
/* Was anything met that makes no sense? Then answers are not to be trusted. */
samestory_status ss_store_damage(const ss_store *store, samestory_error *error);

/* The first live document placed at `limit` or later. Those that came before any that has a date
 * count as near to them. */
uint32_t ss_store_first_at(const ss_store *store, int64_t limit);

/* A walk through the postings of a key, from the latest document to the earliest. */
typedef struct ss_store_walk {
    uint32_t tag, file; /* file: of those still to come, + 1 */
    uint32_t first;
    const uint32_t *at, *begin;
} ss_store_walk;
ss_store_walk ss_store_walk_new(const ss_store *store, uint64_t bucket);
/* The next document, or UINT32_MAX. It may be below ss_store_live. */
uint32_t ss_store_walk_next(const ss_store *store, ss_store_walk *walk);

/* How common each anchor of a sketch is in closed slices (statistics.h): out[sketch->anchors]. */
void ss_store_statistics_of(const ss_store *store, const ss_sketch *sketch, uint32_t *out);
/* Documents of a story, by its first document's number. */
uint32_t ss_store_story_size(const ss_store *store, uint32_t story);

/* ---- Writing: between ss_store_lock and ss_store_unlock
 * --------------------------------------------- */

/* Waits for other writers, and refreshes. *changed as in ss_store_refresh. */
samestory_status ss_store_lock(ss_store *store, bool *changed, samestory_error *error);
/* Makes everything since ss_store_lock valid, or nothing of it; the lock is free in any case.
 * SAMESTORY_END: the catalogue had to grow and nothing was done; do it all again. */
samestory_status ss_store_unlock(ss_store *store, bool good, samestory_error *error);
bool ss_store_locked(const ss_store *store);

/* One document to append. */
typedef struct ss_arrival {
    ss_row row; /* sum, offset, size, check and zeros are filled in */
    const ss_sketch *sketch;
    samestory_string id, of, story;
} ss_arrival;
samestory_status ss_store_append(ss_store *store, const ss_arrival *arrivals, size_t count,
                                 samestory_error *error);
/* Adds to what a story has. */
samestory_status ss_store_grow_story(ss_store *store, uint32_t story, uint32_t documents,
                                     uint32_t latest, samestory_error *error);

/* A posting to be filed: tag << 32 | document number. */
typedef uint64_t ss_filing;
/* Writes postings files of documents ss_store_filed .. end - 1 while 256 of them are there.
 * filings: of all of these, ordered by document. */
samestory_status ss_store_file(ss_store *store, uint32_t end, const ss_filing *filings,
                               size_t count, samestory_error *error);
/* Closes the open slice: its documents count from now on; forgets slices whose last document is
 * placed before `oldest` (SAMESTORY_NO_DATE: none). */
samestory_status ss_store_close_slice(ss_store *store, int64_t oldest, samestory_error *error);
/* Forgets closed slices whose last document is placed before `oldest`; what they counted is taken
 * back when the next slice closes. */
samestory_status ss_store_forget(ss_store *store, int64_t oldest, samestory_error *error);
/* ---- Upkeep
 * ------------------------------------------------------------------------------------------- */

typedef struct ss_store_report {
    uint64_t documents, deleted; /* live ones; of which are taken down, or were lost */
    uint64_t damages;
    uint64_t removed, freed; /* files that nothing needs; bytes */
} ss_store_report;

/* What a store holds, without its bytes on disk of other files than those of slices. */
void ss_store_stats(const ss_store *store, samestory_index_stats *out);

/* A damage: the file's name in the folder, and what is wrong. */
typedef void ss_damage_found(void *context, const char *file, const char *what);
/* Looks at every byte that is valid. Fails only for other reasons than damage. */
samestory_status ss_store_verify(ss_store *store, ss_damage_found *found, void *context,
                                 ss_store_report *report, samestory_error *error);
/* Makes all but rows and data anew, a document whose bytes are damaged taken down. Nobody else may
 * use the index meanwhile. Cost: 40 us a document, for the keys. */
samestory_status ss_store_rebuild(const char *folder, const samestory_model *model,
                                  ss_store_report *report, samestory_error *error);
/* Removes files that crashes have left. Under the lock. */
samestory_status ss_store_tidy(ss_store *store, ss_store_report *report, samestory_error *error);

/* Takes a document down: its row stays, empty. Under the lock. */
samestory_status ss_store_delete(ss_store *store, uint32_t number, samestory_error *error);

#endif
