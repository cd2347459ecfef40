/* Stage index -> store: what its files share with each other. See store.h for the whole. */
#ifndef SS_INDEX_STORE_PARTS_H
#define SS_INDEX_STORE_PARTS_H

#include "index/store.h"

#include <lmdb.h>

enum { SS_NAME_BYTES = 48 }; /* of a file within the folder */

typedef struct ss_map {
    void *data;
    size_t size; /* mapped; of an open slice more than the file has */
} ss_map;

/* What the catalogue says of a slice. */
typedef struct ss_slice_entry {
    uint32_t first, count;
    int64_t day;        /* SAMESTORY_NO_DATE: undated */
    int64_t last_place; /* of its last document */
    uint64_t bytes;     /* that are valid of its data file */
    uint32_t closed, zero;
} ss_slice_entry;

typedef struct ss_slice {
    ss_slice_entry entry;
    ss_map rows, data;
} ss_slice;

typedef struct ss_run {
    uint32_t first, count;
    ss_map map;
    const uint32_t *begin, *posting;
} ss_run;

typedef struct ss_story_entry {
    uint32_t documents, latest; /* latest: number of the last one */
} ss_story_entry;

/* What the catalogue says of the whole. */
typedef struct ss_state {
    uint32_t format, dimension;
    uint16_t normalizer, features, sketch, zero2;
    uint64_t model;
    uint64_t generation; /* counts commits */
    uint32_t documents, live, filed;
    uint32_t totals; /* number of the totals file; 0: nothing is counted yet */
    int64_t latest;
} ss_state;

/* The tables of the catalogue. A key is the table's number and a document number, big-endian. */
typedef enum ss_table {
    SS_TABLE_STATE = 1, /* ss_state */
    SS_TABLE_SLICES,    /* ss_slice_entry */
    SS_TABLE_RUNS,      /* u32 documents */
    SS_TABLE_FORGOTTEN, /* ss_slice_entry of slices whose counts are to be taken back */
    SS_TABLE_STORIES    /* ss_story_entry; stories of one document have none */
} ss_table_kind;

enum { SS_VALUE_MAX = 64 };

struct ss_store {
    char *folder;
    const samestory_model *model; /* NULL: not needed for what is to be done */
    uint64_t stamp;               /* of the model that the index was made with, */
    uint32_t dimension;           /* and its vectors' length; 0: not known yet */
    ss_store_mode mode;
    const char *catalogue; /* its file's name */
    MDB_env *env;
    MDB_dbi table;
    MDB_txn *read;  /* reset between uses */
    MDB_txn *write; /* while locked */
    bool full;      /* the catalogue's map is */
    ss_state state;
    ss_slice *slice; /* live ones, by number */
    size_t slices, slice_capacity;
    ss_run *run; /* by number */
    size_t runs, run_capacity;
    ss_map totals;
    uint16_t *guide; /* slice of document (live / GUIDE + i) * GUIDE, or the first live one */
    size_t guide_capacity;
    int rows_fd, data_fd;          /* of the open slice, while something is appended; else -1 */
    bool made_files;               /* the folder must be synced, too */
    char (*doomed)[SS_NAME_BYTES]; /* files to unlink when this is committed */
    size_t doomed_count, doomed_capacity;
    char *buffer; /* data to append */
    size_t buffer_capacity;
    ss_sketch *blank; /* stands for a damaged one */
    bool *damaged;
};

/* ---- store.c
 * ---------------------------------------------------------------------------------------- */

/* Takes over what the index was made with; false when memory is out. */
bool ss_store_adopt(ss_store *s, uint64_t stamp, uint32_t dimension);

/* ---- store_place.c ------------------------------------------------------------------------------
 */

bool ss_is_network(const char *folder);

/* ---- store_catalogue.c
 * ---------------------------------------------------------------------------- */

samestory_status ss_catalogue_open(ss_store *s, samestory_error *error);
void ss_catalogue_close(ss_store *s);
/* Turns what LMDB said into a status and words. */
/* Do the heads of its file name two commits, one after the other? Where they don't, one is damaged, and the
 * last commit may be passed over in silence. */
bool ss_catalogue_heads_follow(const ss_store *s);
/* Does its tree hold as many entries as its head says? */
bool ss_catalogue_complete(const ss_store *s, MDB_txn *txn);
samestory_status ss_catalogue_fail(ss_store *s, int code, samestory_error *error);
/* A transaction to read in: the one that writes, or else s->read. 0 or LMDB's code; release after
 * use. */
int ss_catalogue_begin(const ss_store *s, MDB_txn **txn);
void ss_catalogue_release(const ss_store *s, MDB_txn *txn);
/* size: of value, exactly. MDB_NOTFOUND; MDB_CORRUPTED when its sum is wrong. */
int ss_catalogue_get(const ss_store *s, MDB_txn *txn, ss_table_kind table, uint32_t number,
                     void *value, size_t size);
samestory_status ss_catalogue_put(ss_store *s, ss_table_kind table, uint32_t number,
                                  const void *value, size_t size, samestory_error *error);
samestory_status ss_catalogue_remove(ss_store *s, ss_table_kind table, uint32_t number,
                                     samestory_error *error);
/* Calls back for each entry of a table in the order of numbers; a result other than 0 ends the walk
 * and is returned. */
typedef int ss_entry_seen(void *context, uint32_t number, const void *value);
int ss_catalogue_each(const ss_store *s, MDB_txn *txn, ss_table_kind table, size_t size,
                      ss_entry_seen *seen, void *context);

/* ---- store_files.c
 * --------------------------------------------------------------------------------- */

void ss_name_slice(const ss_slice_entry *e, const char *suffix, char name[SS_NAME_BYTES]);
void ss_name_run(uint32_t first, uint32_t count, char name[SS_NAME_BYTES]);
void ss_name_totals(uint32_t number, char name[SS_NAME_BYTES]);
/* folder/name; free it. NULL when memory is out. */
char *ss_store_path(const ss_store *s, const char *name);

ss_file_head ss_head_new(const ss_store *s, ss_file_kind kind, uint64_t first, uint64_t count,
                         uint64_t sum);
/* What is wrong with a head, in words, or NULL. */
const char *ss_head_wrong(const ss_store *s, const ss_file_head *h, ss_file_kind kind,
                          uint64_t first);
/* Maps a file; need: bytes that it must have; reserve: bytes to map, if more than those. */
samestory_status ss_store_map(const ss_store *s, const char *name, uint64_t need, uint64_t reserve,
                              ss_map *out, samestory_error *error);
void ss_store_unmap(ss_map *map);
/* Writes and syncs a file that comes whole: head, then body. */
samestory_status ss_store_write(ss_store *s, const char *name, ss_file_kind kind, uint64_t first,
                                uint64_t count, const void *body, size_t size,
                                samestory_error *error);
/* Makes the names of new files safe. */
samestory_status ss_store_sync_folder(ss_store *s, samestory_error *error);
/* Gives the files of a slice, known by what their names begin with, the names of an entry. */
samestory_status ss_store_rename(ss_store *s, const char *stem, const ss_slice_entry *e,
                                 samestory_error *error);
/* Unlinks it when what is being written is committed. */
samestory_status ss_store_doom(ss_store *s, const char *name, samestory_error *error);
void ss_store_remove_doomed(ss_store *s);

/* ---- store_slices.c
 * --------------------------------------------------------------------------------- */

samestory_status ss_slice_map(ss_store *s, ss_slice *slice, samestory_error *error);
void ss_slice_unmap(ss_slice *slice);
/* The slice of a live document; NULL: none. */
const ss_slice *ss_slice_of(const ss_store *s, uint32_t number);
bool ss_guide_make(ss_store *s);
uint32_t ss_row_check(const ss_row *row, uint32_t number);
/* Is what these bytes say within their bounds? */
bool ss_data_sound(const ss_store *s, const char *data, size_t size, ss_stored *out);
samestory_status ss_slices_sync(ss_store *s, samestory_error *error); /* and close what is open */
void ss_slices_close(ss_store *s);

/* ---- store_keys.c
 * ------------------------------------------------------------------------------------ */

samestory_status ss_run_map(ss_store *s, ss_run *run, samestory_error *error);
/* Sorts by the upper 32 bits, keeping the order of equals. spare: (count). false: memory. */
bool ss_sort_tags(uint64_t *items, uint64_t *spare, size_t count);

/* ---- store_statistics.c
 * ------------------------------------------------------------------------------ */

samestory_status ss_totals_map(ss_store *s, samestory_error *error);
/* Writes the counts of all closed slices, and their sum. */
samestory_status ss_totals_make(ss_store *s, samestory_error *error);
/* Writes the counts of a slice and new totals: with them, and without those of forgotten slices. */
samestory_status ss_totals_renew(ss_store *s, const ss_slice *closing, samestory_error *error);

#endif
