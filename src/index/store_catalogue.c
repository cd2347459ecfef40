/* Stage index -> store: the catalogue. A small LMDB environment in one file, one table; every value
 * carries its sum, for LMDB itself has none. The map grows when it is full, and follows when
 * another process has grown it. */
#include "index/store_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { KEY_BYTES = 5, READERS = 1024, BUSY_TRIES = 3 };

/* The map's first size. Only what is used of it is on disk. */
static const size_t first_map = (size_t)1 << 20;

static void key_of(ss_table_kind table, uint32_t number, unsigned char key[KEY_BYTES])
{
    key[0] = (unsigned char)table;
    for (int i = 0; i < 4; i++) key[1 + i] = (unsigned char)(number >> (24 - 8 * i));
}

static uint64_t sum_of(const unsigned char *key, const void *value, size_t size)
{
    return XXH3_64bits_withSeed(value, size, XXH3_64bits(key, KEY_BYTES));
}

samestory_status ss_catalogue_fail(ss_store *s, int code, samestory_error *error)
{
    char *path = ss_store_path(s, s->catalogue);
    samestory_status status = SAMESTORY_INPUT_FAILED;
    const char *what = "can't be used: check the folder and its permissions";
    if (code == MDB_MAP_FULL) {
        s->full = true;
        status = SAMESTORY_END;
        what = "the catalogue is full";
    } else if (code == ENOSPC || code == EDQUOT || code == EIO) {
        status = SAMESTORY_OUTPUT_FAILED;
        what = "can't be written: make room on the disk, or check it";
    } else if (code == ENOMEM) {
        status = SAMESTORY_NO_MEMORY;
        what = "out of memory: free some";
    } else if (code == MDB_CORRUPTED || code == MDB_PAGE_NOTFOUND || code == MDB_INVALID ||
               code == MDB_NOTFOUND || code == MDB_VERSION_MISMATCH || code == MDB_PANIC ||
               code == MDB_BAD_VALSIZE) {
        what = "is damaged: run samestory index rebuild";
    } else if (code == MDB_READERS_FULL) {
        what = "is open in too many processes at once";
    }
    ss_fail_at(error, status, what, path, 0, 0);
    if (error && code > 0) error->system_error = code;
    free(path);
    return status;
}

/* ---- Opening
 * ------------------------------------------------------------------------------------------- */

static int open_environment(ss_store *s, const char *path, unsigned flags)
{
    int code = mdb_env_create(&s->env);
    if (!code) code = mdb_env_set_maxreaders(s->env, READERS);
    if (!code) code = mdb_env_set_mapsize(s->env, first_map);
    if (!code)
        code = mdb_env_open(s->env, path, MDB_NOSUBDIR | MDB_NOTLS | MDB_NORDAHEAD | flags, 0666);
    if (code && s->env) {
        mdb_env_close(s->env);
        s->env = NULL;
    }
    return code;
}

samestory_status ss_catalogue_open(ss_store *s, samestory_error *error)
{
    char *path = ss_store_path(s, s->catalogue);
    if (!path) return ss_fail_memory(error);
    bool reads = s->mode == SS_STORE_READ;
    MDB_txn *txn = NULL;
    int dead, code = open_environment(s, path, reads ? MDB_RDONLY : 0);
    /* who may not write the file of locks reads without; every value has its sum */
    if (code == EACCES && reads) code = open_environment(s, path, MDB_RDONLY | MDB_NOLOCK);
    free(path);
    if (!code && !reads) code = mdb_reader_check(s->env, &dead);
    if (!code) code = mdb_txn_begin(s->env, NULL, MDB_RDONLY, &txn);
    if (code == MDB_MAP_RESIZED && !mdb_env_set_mapsize(s->env, 0))
        code = mdb_txn_begin(s->env, NULL, MDB_RDONLY, &txn);
    if (!code) code = mdb_dbi_open(txn, NULL, 0, &s->table);
    if (code) {
        if (txn) mdb_txn_abort(txn);
        return ss_catalogue_fail(s, code, error);
    }
    mdb_txn_commit(txn); /* keeps the table's handle */
    return SAMESTORY_OK;
}

void ss_catalogue_close(ss_store *s)
{
    if (s->write) mdb_txn_abort(s->write);
    if (s->read) mdb_txn_abort(s->read);
    if (s->env) mdb_env_close(s->env);
    s->write = s->read = NULL;
    s->env = NULL;
}

/* LMDB begins its file with two pages for the last two commits, reads the one with the larger number, and has
 * no sum of either (mdb.c: MDB_page, MDB_meta; the places are those of 64-bit machines). */
enum {
    HEAD_MAGIC = 16,
    HEAD_COMMIT = 144,
    HEAD_BYTES = 152,
    HEAD_TRIES = 3 /* another process may commit between two looks */
};
static const uint32_t head_magic[2] = {0xBEEFC0DE, 1};

static bool heads_follow(FILE *file, size_t page)
{
    uint64_t commit[2];
    for (size_t i = 0; i < 2; i++) {
        unsigned char head[HEAD_BYTES];
        if (fseek(file, (long)(i * page), SEEK_SET) || fread(head, 1, sizeof head, file) != sizeof head)
            return false;
        if (memcmp(head + HEAD_MAGIC, head_magic, sizeof head_magic) != 0) return false;
        memcpy(&commit[i], head + HEAD_COMMIT, sizeof commit[i]);
    }
    uint64_t later = commit[0] > commit[1] ? commit[0] : commit[1], earlier = commit[0] + commit[1] - later;
    return later - earlier == 1 || !later; /* none yet */
}

bool ss_catalogue_heads_follow(const ss_store *s)
{
    MDB_stat stat;
    char *path = ss_store_path(s, s->catalogue);
    FILE *file = path && sizeof(size_t) == 8 && !mdb_env_stat(s->env, &stat) ? fopen(path, "rb") : NULL;
    bool follow = !file;
    if (file) setvbuf(file, NULL, _IONBF, 0);
    for (int i = 0; file && !follow && i < HEAD_TRIES; i++) follow = heads_follow(file, stat.ms_psize);
    if (file) fclose(file);
    free(path);
    return follow;
}

bool ss_catalogue_complete(const ss_store *s, MDB_txn *txn)
{
    MDB_stat stat;
    MDB_cursor *cursor;
    MDB_val key, data;
    size_t seen = 0;
    if (mdb_stat(txn, s->table, &stat) || mdb_cursor_open(txn, s->table, &cursor)) return false;
    while (!mdb_cursor_get(cursor, &key, &data, MDB_NEXT)) seen++;
    mdb_cursor_close(cursor);
    return seen == stat.ms_entries;
}

/* ---- Transactions
 * ----------------------------------------------------------------------------------------- */

int ss_catalogue_begin(const ss_store *s, MDB_txn **txn)
{
    *txn = s->write;
    if (s->write) return 0;
    ss_store *own = (ss_store *)(uintptr_t)s; /* the transaction is no part of what a reader sees */
    int code =
        s->read ? mdb_txn_renew(s->read) : mdb_txn_begin(s->env, NULL, MDB_RDONLY, &own->read);
    if (code == MDB_MAP_RESIZED) {
        if (own->read) mdb_txn_abort(own->read);
        own->read = NULL;
        code = mdb_env_set_mapsize(s->env, 0);
        if (!code) code = mdb_txn_begin(s->env, NULL, MDB_RDONLY, &own->read);
    }
    if (code && own->read) {
        mdb_txn_abort(own->read);
        own->read = NULL;
    }
    *txn = s->read;
    return code;
}

void ss_catalogue_release(const ss_store *s, MDB_txn *txn)
{
    if (txn && txn == s->read) mdb_txn_reset(txn);
}

samestory_status ss_store_lock(ss_store *s, bool *changed, samestory_error *error)
{
    int code = mdb_txn_begin(s->env, NULL, 0, &s->write);
    for (int i = 0; code == MDB_MAP_RESIZED && i < BUSY_TRIES; i++) {
        code = mdb_env_set_mapsize(s->env, 0);
        if (!code) code = mdb_txn_begin(s->env, NULL, 0, &s->write);
    }
    if (code) {
        s->write = NULL;
        return ss_catalogue_fail(s, code, error);
    }
    samestory_status status = ss_store_refresh(s, changed, error);
    if (status) ss_store_unlock(s, false, NULL);
    return status;
}

/* Makes room in the map for twice as much. */
static samestory_status grow(ss_store *s, samestory_error *error)
{
    MDB_envinfo info;
    int code = mdb_env_info(s->env, &info);
    if (!code) code = mdb_env_set_mapsize(s->env, info.me_mapsize * 2);
    s->full = false;
    return code ? ss_catalogue_fail(s, code, error) : SAMESTORY_END;
}

/* Nothing of what was being written counts; what is in memory is read anew. */
static samestory_status take_back(ss_store *s, samestory_error *error)
{
    bool changed;
    if (s->write) mdb_txn_abort(s->write);
    s->write = NULL;
    s->doomed_count = 0;
    ss_slices_close(s);
    samestory_status grown = s->full ? grow(s, error) : SAMESTORY_OK;
    s->state.generation = UINT64_MAX;
    s->made_files = false;
    samestory_status status = ss_store_refresh(s, &changed, NULL);
    return status ? status : grown;
}

samestory_status ss_store_unlock(ss_store *s, bool good, samestory_error *error)
{
    samestory_status status = SAMESTORY_OK;
    if (!good) return take_back(s, error);
    s->state.generation++;
    status = ss_slices_sync(s, error);
    if (!status && s->made_files) status = ss_store_sync_folder(s, error);
    if (!status) status = ss_catalogue_put(s, SS_TABLE_STATE, 0, &s->state, sizeof s->state, error);
    if (!status) {
        int code = mdb_txn_commit(s->write);
        s->write = NULL;
        if (code) status = ss_catalogue_fail(s, code, error);
    }
    if (status) {
        samestory_status back = take_back(s, s->full ? error : NULL);
        return back == SAMESTORY_END ? back : status;
    }
    ss_store_remove_doomed(s);
    return SAMESTORY_OK;
}

bool ss_store_locked(const ss_store *s)
{
    return s->write != NULL;
}

/* ---- Entries
 * -------------------------------------------------------------------------------------------- */

/* Takes a value apart into what was put and its sum. */
static int unpack(const MDB_val *key, const MDB_val *data, void *value, size_t size)
{
    uint64_t sum;
    if (data->mv_size != size + sizeof sum || key->mv_size != KEY_BYTES) return MDB_CORRUPTED;
    memcpy(value, data->mv_data, size);
    memcpy(&sum, (const char *)data->mv_data + size, sizeof sum);
    return sum == sum_of(key->mv_data, value, size) ? 0 : MDB_CORRUPTED;
}

int ss_catalogue_get(const ss_store *s, MDB_txn *txn, ss_table_kind table, uint32_t number,
                     void *value, size_t size)
{
    unsigned char bytes[KEY_BYTES];
    key_of(table, number, bytes);
    MDB_val key = {KEY_BYTES, bytes}, data;
    int code = mdb_get(txn, s->table, &key, &data);
    return code ? code : unpack(&key, &data, value, size);
}

samestory_status ss_catalogue_put(ss_store *s, ss_table_kind table, uint32_t number,
                                  const void *value, size_t size, samestory_error *error)
{
    unsigned char bytes[KEY_BYTES], packed[SS_VALUE_MAX + 8];
    key_of(table, number, bytes);
    uint64_t sum = sum_of(bytes, value, size);
    memcpy(packed, value, size);
    memcpy(packed + size, &sum, sizeof sum);
    MDB_val key = {KEY_BYTES, bytes}, data = {size + sizeof sum, packed};
    int code = mdb_put(s->write, s->table, &key, &data, 0);
    return code ? ss_catalogue_fail(s, code, error) : SAMESTORY_OK;
}

samestory_status ss_catalogue_remove(ss_store *s, ss_table_kind table, uint32_t number,
                                     samestory_error *error)
{
    unsigned char bytes[KEY_BYTES];
    key_of(table, number, bytes);
    MDB_val key = {KEY_BYTES, bytes};
    int code = mdb_del(s->write, s->table, &key, NULL);
    return code && code != MDB_NOTFOUND ? ss_catalogue_fail(s, code, error) : SAMESTORY_OK;
}

int ss_catalogue_each(const ss_store *s, MDB_txn *txn, ss_table_kind table, size_t size,
                      ss_entry_seen *seen, void *context)
{
    unsigned char bytes[KEY_BYTES], value[SS_VALUE_MAX];
    MDB_cursor *cursor;
    key_of(table, 0, bytes);
    MDB_val key = {KEY_BYTES, bytes}, data;
    int code = mdb_cursor_open(txn, s->table, &cursor);
    if (code) return code;
    for (code = mdb_cursor_get(cursor, &key, &data, MDB_SET_RANGE); !code;
         code = mdb_cursor_get(cursor, &key, &data, MDB_NEXT)) {
        const unsigned char *k = key.mv_data;
        if (key.mv_size != KEY_BYTES || k[0] != (unsigned char)table) break;
        code = unpack(&key, &data, value, size);
        uint32_t number = (uint32_t)k[1] << 24 | (uint32_t)k[2] << 16 | (uint32_t)k[3] << 8 | k[4];
        if (!code) code = seen(context, number, value);
        if (code) break;
    }
    mdb_cursor_close(cursor);
    return code == MDB_NOTFOUND ? 0 : code;
}
