/* Looking after an index on disk: what needs no judge, and most of it no model. */
#include "engine/engine.h"

#include "base/status.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static samestory_status open_store(const char *folder, ss_store_mode mode, ss_store **out,
                                   samestory_error *error)
{
    if (!folder) return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "folder must not be NULL");
    return ss_store_open(folder, NULL, mode, out, error);
}

samestory_status samestory_index_look(const char *folder, samestory_index_stats *out,
                                      samestory_error *error)
{
    ss_store *s = NULL;
    if (!out || out->struct_size != sizeof *out)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "stats: set struct_size to its size");
    samestory_status status = open_store(folder, SS_STORE_READ, &s, error);
    if (status) return status;
    *out = (samestory_index_stats){.struct_size = sizeof *out};
    ss_store_stats(s, out);
    ss_store_free(s);
    return SAMESTORY_OK;
}

samestory_status samestory_index_verify(const char *folder,
                                        void (*found)(void *context, const char *file,
                                                      const char *what),
                                        void *context, uint64_t *damages, samestory_error *error)
{
    ss_store *s = NULL;
    ss_store_report report = {0};
    samestory_status status = open_store(folder, SS_STORE_READ, &s, error);
    if (!status) status = ss_store_verify(s, found, context, &report, error);
    ss_store_free(s);
    if (!status && damages) *damages = report.damages;
    return status;
}

samestory_status samestory_index_export(const char *folder,
                                        bool (*each)(void *context, samestory_string id,
                                                     int64_t date,
                                                     const samestory_verdict *verdict),
                                        void *context, samestory_error *error)
{
    ss_store *s = NULL;
    if (!each) return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "each must not be NULL");
    samestory_status status = open_store(folder, SS_STORE_READ, &s, error);
    if (status) return status;
    for (uint32_t n = ss_store_live(s); n < ss_store_documents(s); n++) {
        const ss_row *row = ss_store_row(s, n);
        if (row->flags & SS_ROW_DELETED) continue;
        samestory_verdict verdict;
        ss_stored stored = ss_store_get(s, n);
        ss_verdict_of_row(row, &stored, &verdict);
        if (!each(context, stored.id, row->date, &verdict)) break;
    }
    status = ss_store_damage(s, error);
    ss_store_free(s);
    return status;
}

/* ---- With the lock
 * ------------------------------------------------------------------------------------------ */

/* Does `work` under the lock, again when the catalogue had to grow. */
typedef samestory_status ss_locked_work(ss_store *s, void *context, samestory_error *error);

static samestory_status with_lock(const char *folder, ss_locked_work *work, void *context,
                                  samestory_error *error)
{
    ss_store *s = NULL;
    bool changed;
    samestory_status status = open_store(folder, SS_STORE_WRITE, &s, error);
    if (status) return status;
    do {
        status = ss_store_lock(s, &changed, error);
        if (status) break;
        status = work(s, context, error);
        samestory_status ended = ss_store_unlock(s, !status, status ? NULL : error);
        if (!status || ended == SAMESTORY_END) status = ended;
    } while (status == SAMESTORY_END);
    ss_store_free(s);
    return status;
}

static samestory_status expire(ss_store *s, void *context, samestory_error *error)
{
    int64_t before = *(const int64_t *)context;
    samestory_status status = SAMESTORY_OK;
    if (ss_store_open_slice(s) < ss_store_documents(s) && ss_store_latest(s) < before)
        status = ss_store_close_slice(s, SAMESTORY_NO_DATE, error);
    return status ? status : ss_store_forget(s, before, error);
}

samestory_status samestory_index_expire(const char *folder, int64_t before, samestory_error *error)
{
    return with_lock(folder, expire, &before, error);
}

typedef struct deletion {
    const samestory_string *id;
    ss_lookup wanted; /* hash of an id -> its number */
    uint64_t deleted;
} deletion;

static bool is_wanted(const deletion *d, samestory_string id)
{
    uint32_t at = ss_lookup_find(&d->wanted, XXH3_64bits(id.data, id.size));
    return at != SS_LOOKUP_NONE && d->id[at].size == id.size &&
           !memcmp(d->id[at].data, id.data, id.size);
}

static samestory_status take_down(ss_store *s, void *context, samestory_error *error)
{
    deletion *d = context;
    samestory_status status = SAMESTORY_OK;
    d->deleted = 0;
    for (uint32_t n = ss_store_live(s); !status && n < ss_store_documents(s); n++) {
        if (ss_store_row(s, n)->flags & SS_ROW_DELETED || !is_wanted(d, ss_store_get(s, n).id))
            continue;
        status = ss_store_delete(s, n, error);
        d->deleted++;
    }
    return status;
}

samestory_status samestory_index_delete(const char *folder, const samestory_string *ids,
                                        size_t count, uint64_t *deleted, samestory_error *error)
{
    deletion d = {.id = ids};
    samestory_status status = SAMESTORY_OK;
    if (count && !ids) return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "ids must not be NULL");
    if (count >= UINT32_MAX) return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "too many ids at once");
    for (size_t i = 0; !status && i < count; i++)
        if (!ss_lookup_add(&d.wanted, XXH3_64bits(ids[i].data, ids[i].size), (uint32_t)i))
            status = ss_fail_memory(error);
    if (!status) status = with_lock(folder, take_down, &d, error);
    ss_lookup_free(&d.wanted);
    if (!status && deleted) *deleted = d.deleted;
    return status;
}

static samestory_status tidy(ss_store *s, void *context, samestory_error *error)
{
    ss_store_report report = {0};
    samestory_status status = ss_store_tidy(s, &report, error);
    *(uint64_t *)context = report.freed;
    return status;
}

samestory_status samestory_index_compact(const char *folder, uint64_t *freed,
                                         samestory_error *error)
{
    uint64_t bytes = 0;
    samestory_status status = with_lock(folder, tidy, &bytes, error);
    if (!status && freed) *freed = bytes;
    return status;
}

samestory_status samestory_index_rebuild(const samestory_model *model, const char *folder,
                                         uint64_t *documents, uint64_t *lost,
                                         samestory_error *error)
{
    ss_store_report report = {0};
    if (!model || !folder)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "model and folder must not be NULL");
    samestory_status status = ss_store_rebuild(folder, model, &report, error);
    if (status) return status;
    if (documents) *documents = report.documents;
    if (lost) *lost = report.deleted;
    return samestory_index_compact(folder, NULL, error);
}
