/* Stage index -> store: opening, seeing what others did, closing and forgetting slices. See
 * store.h. */
#include "index/store_parts.h"

#include "base/array.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { REFRESH_TRIES = 20 };

/* ---- The folder
 * ------------------------------------------------------------------------------------------ */

/* Does the folder hold files of slices? */
static bool has_slices(const char *folder)
{
    DIR *d = opendir(folder);
    bool found = false;
    for (struct dirent *e; d && !found && (e = readdir(d));) {
        size_t size = strlen(e->d_name);
        found = size > 5 && !strcmp(e->d_name + size - 5, ".rows");
    }
    if (d) closedir(d);
    return found;
}

static samestory_status check_folder(ss_store *s, samestory_error *error)
{
    struct stat is;
    if (s->mode == SS_STORE_WRITE && s->model && mkdir(s->folder, 0777) && errno != EEXIST)
        return ss_fail_errno(error, SAMESTORY_OUTPUT_FAILED,
                             "can't make the folder of the index: check the one above it",
                             s->folder);
    bool there = !stat(s->folder, &is);
    if (there && !S_ISDIR(is.st_mode)) errno = ENOTDIR;
    if (!there || !S_ISDIR(is.st_mode))
        return ss_fail_errno(error, SAMESTORY_INPUT_FAILED,
                             "is no folder with an index: check the name", s->folder);
    if (ss_is_network(s->folder))
        return ss_fail_at(error, SAMESTORY_INPUT_FAILED,
                          "is on a network file system, which an index can't be on: name a folder "
                          "on a disk of this "
                          "machine",
                          s->folder, 0, 0);
    if (s->mode != SS_STORE_READ && access(s->folder, W_OK))
        return ss_fail_errno(error, SAMESTORY_OUTPUT_FAILED,
                             "the index can't be written: only queries can be asked of it",
                             s->folder);
    /* In this order: another process that makes the index has made its catalogue first. */
    bool slices = s->mode != SS_STORE_REPAIR && has_slices(s->folder);
    char *catalogue = ss_store_path(s, s->catalogue);
    if (!catalogue) return ss_fail_memory(error);
    bool has_catalogue = !stat(catalogue, &is);
    free(catalogue);
    if (slices && !has_catalogue)
        return ss_fail_at(error, SAMESTORY_INPUT_FAILED,
                          "has lost its catalogue: make it anew with samestory index rebuild",
                          s->folder, 0, 0);
    if (!has_catalogue && (s->mode == SS_STORE_READ || (!s->model && s->mode != SS_STORE_REPAIR)))
        return ss_fail_at(error, SAMESTORY_INPUT_FAILED, "holds no index: check the name",
                          s->folder, 0, 0);
    return SAMESTORY_OK;
}

/* ---- Seeing what is there
 * -------------------------------------------------------------------------------- */

static samestory_status check_versions(const ss_store *s, const ss_state *is,
                                       samestory_error *error)
{
    if (is->format != SS_STORE_FORMAT)
        return ss_fail_at(
            error, SAMESTORY_MODEL_MISMATCH,
            "this index has another format: make it anew with samestory index rebuild", s->folder,
            0, 0);
    if (!s->model) return SAMESTORY_OK;
    if (is->normalizer != SS_NORMALIZER_VERSION || is->features != SS_FEATURES_VERSION ||
        is->sketch != SS_SKETCH_VERSION)
        return ss_fail_at(error, SAMESTORY_MODEL_MISMATCH,
                          "this index was made by another version of samestory: use that one, try "
                          "samestory index "
                          "rebuild, or begin a new index",
                          s->folder, 0, 0);
    if (is->model != s->stamp || is->dimension != s->dimension)
        return ss_fail_at(
            error, SAMESTORY_MODEL_MISMATCH,
            "this index was made with another model, and sketches of two models can't be compared: "
            "name that model (--model FILE), see samestory index rebuild, or begin a new index",
            s->folder, 0, 0);
    return SAMESTORY_OK;
}

static ss_state new_state(const ss_store *s)
{
    return (ss_state){.format = SS_STORE_FORMAT,
                      .normalizer = SS_NORMALIZER_VERSION,
                      .features = SS_FEATURES_VERSION,
                      .sketch = SS_SKETCH_VERSION,
                      .model = s->stamp,
                      .dimension = s->dimension,
                      .latest = SAMESTORY_NO_DATE};
}

/* What a refresh gathers before it takes the place of what was known. */
typedef struct sight {
    ss_state state;
    ss_slice *slice;
    ss_run *run;
    size_t slices, slice_capacity, runs, run_capacity;
} sight;

static int see_slice(void *context, uint32_t number, const void *value)
{
    sight *v = context;
    if (!ss_reserve(&v->slice, &v->slice_capacity, v->slices + 1)) return ENOMEM;
    v->slice[v->slices] = (ss_slice){{0}, {NULL, 0}, {NULL, 0}};
    memcpy(&v->slice[v->slices].entry, value, sizeof(ss_slice_entry));
    return v->slice[v->slices++].entry.first == number ? 0 : MDB_CORRUPTED;
}

static int see_run(void *context, uint32_t number, const void *value)
{
    sight *v = context;
    if (!ss_reserve(&v->run, &v->run_capacity, v->runs + 1)) return ENOMEM;
    v->run[v->runs] = (ss_run){.first = number};
    memcpy(&v->run[v->runs++].count, value, sizeof(uint32_t));
    return 0;
}

/* Slices follow one another, and all of them make up what lives. */
static bool is_whole(const sight *v)
{
    uint32_t next = v->state.live;
    for (size_t i = 0; i < v->slices; i++) {
        if (v->slice[i].entry.first != next || (!v->slice[i].entry.closed && i + 1 < v->slices))
            return false;
        next += v->slice[i].entry.count;
    }
    return next == v->state.documents && v->state.filed <= v->state.documents;
}

/* MDB_NOTFOUND: an index that nothing was committed to yet. */
static int look(const ss_store *s, sight *v)
{
    MDB_txn *txn;
    int code = ss_catalogue_begin(s, &txn);
    if (!code) code = ss_catalogue_get(s, txn, SS_TABLE_STATE, 0, &v->state, sizeof v->state);
    if (!code && v->state.generation == s->state.generation) {
        ss_catalogue_release(s, txn);
        return 0;
    }
    if (!code)
        code = ss_catalogue_each(s, txn, SS_TABLE_SLICES, sizeof(ss_slice_entry), see_slice, v);
    if (!code) code = ss_catalogue_each(s, txn, SS_TABLE_RUNS, sizeof(uint32_t), see_run, v);
    if (!code && !is_whole(v)) code = MDB_CORRUPTED;
    ss_catalogue_release(s, txn);
    return code;
}

/* Takes over what is mapped already. */
static void keep_maps(ss_store *s, sight *v)
{
    for (size_t i = 0, k = 0; i < v->slices; i++) {
        ss_slice *slice = &v->slice[i];
        while (k < s->slices && s->slice[k].entry.first < slice->entry.first) k++;
        if (k == s->slices || s->slice[k].entry.first != slice->entry.first) continue;
        if (!s->slice[k].data.data || s->slice[k].data.size < slice->entry.bytes ||
            s->slice[k].entry.closed != slice->entry.closed)
            continue;
        slice->rows = s->slice[k].rows;
        slice->data = s->slice[k].data;
        s->slice[k].rows = s->slice[k].data = (ss_map){NULL, 0};
    }
    for (size_t i = 0, k = 0; i < v->runs; i++) {
        while (k < s->runs && s->run[k].first < v->run[i].first) k++;
        if (k == s->runs || s->run[k].first != v->run[i].first ||
            s->run[k].count != v->run[i].count)
            continue;
        v->run[i] = s->run[k];
        s->run[k].map = (ss_map){NULL, 0};
    }
}

static void drop_maps(ss_slice *slice, size_t slices, ss_run *run, size_t runs)
{
    for (size_t i = 0; i < slices; i++) ss_slice_unmap(&slice[i]);
    for (size_t i = 0; i < runs; i++) ss_store_unmap(&run[i].map);
    free(slice);
    free(run);
}

static samestory_status map_all(ss_store *s, samestory_error *error)
{
    samestory_status status = SAMESTORY_OK;
    for (size_t i = 0; !status && i < s->slices; i++)
        if (!s->slice[i].rows.data || !s->slice[i].data.data)
            status = ss_slice_map(s, &s->slice[i], error);
    for (size_t i = 0; !status && i < s->runs; i++)
        if (!s->run[i].map.data) status = ss_run_map(s, &s->run[i], error);
    if (!status) status = ss_totals_map(s, error);
    if (!status && !ss_guide_make(s)) status = ss_fail_memory(error);
    return status;
}

/* One look; files that are gone since tell of a commit in between. */
static samestory_status see(ss_store *s, bool *changed, samestory_error *error)
{
    sight v = {.state = new_state(s)};
    int code = look(s, &v);
    bool known = s->state.generation && s->state.generation != UINT64_MAX;
    if (code == MDB_NOTFOUND && !known) code = 0;
    samestory_status status = code ? ss_catalogue_fail(s, code, error) : SAMESTORY_OK;
    if (!status && v.state.generation) status = check_versions(s, &v.state, error);
    if (status || v.state.generation == s->state.generation) {
        drop_maps(v.slice, v.slices, v.run, v.runs);
        return status;
    }
    if (!s->dimension && !ss_store_adopt(s, v.state.model, v.state.dimension)) {
        drop_maps(v.slice, v.slices, v.run, v.runs);
        return ss_fail_memory(error);
    }
    keep_maps(s, &v);
    drop_maps(s->slice, s->slices, s->run, s->runs);
    s->state = v.state;
    s->slice = v.slice;
    s->slices = v.slices;
    s->slice_capacity = v.slice_capacity;
    s->run = v.run;
    s->runs = v.runs;
    s->run_capacity = v.run_capacity;
    *changed = true;
    status = map_all(s, error);
    if (status) s->state.generation = UINT64_MAX; /* whatever comes next is new */
    return status;
}

samestory_status ss_store_refresh(ss_store *s, bool *changed, samestory_error *error)
{
    samestory_status status = SAMESTORY_INPUT_FAILED;
    *changed = false;
    for (int i = 0; i < REFRESH_TRIES && status == SAMESTORY_INPUT_FAILED; i++) {
        status = see(s, changed, error);
        if (status && s->state.generation != UINT64_MAX) break;
    }
    return status;
}

/* ---- Birth and death
 * ---------------------------------------------------------------------------------------- */

bool ss_store_adopt(ss_store *s, uint64_t stamp, uint32_t dimension)
{
    size_t d = dimension < SS_DIMENSION_MAX ? dimension : SS_DIMENSION_MAX,
           size = (sizeof(ss_sketch) + d + 7) / 8 * 8;
    s->stamp = stamp;
    s->dimension = (uint32_t)d;
    s->blank = calloc(1, size);
    if (!s->blank) return false;
    *s->blank = (ss_sketch){.size = (uint32_t)size,
                            .version = SS_SKETCH_VERSION,
                            .dimension = (uint16_t)d,
                            .date = SAMESTORY_NO_DATE,
                            .language = SS_LANGUAGE_UNKNOWN};
    return true;
}

samestory_status ss_store_open(const char *folder, const samestory_model *model, ss_store_mode mode,
                               ss_store **out, samestory_error *error)
{
    bool changed;
    ss_store *s = calloc(1, sizeof *s);
    if (!s) return ss_fail_memory(error);
    s->folder = strdup(folder);
    s->model = model;
    s->mode = mode;
    s->catalogue = mode == SS_STORE_REPAIR ? "catalogue.new" : "catalogue.mdb";
    s->rows_fd = s->data_fd = -1;
    s->damaged = calloc(1, sizeof *s->damaged);
    samestory_status status = SAMESTORY_OK;
    if (!s->folder || !s->damaged || (model && !ss_store_adopt(s, model->stamp, model->dimension)))
        status = ss_fail_memory(error);
    s->state = new_state(s);
    if (!status) status = check_folder(s, error);
    if (!status) status = ss_catalogue_open(s, error);
    if (!status) status = ss_store_refresh(s, &changed, error);
    if (status)
        ss_store_free(s);
    else
        *out = s;
    return status;
}

void ss_store_free(ss_store *s)
{
    if (!s) return;
    ss_catalogue_close(s);
    ss_slices_close(s);
    drop_maps(s->slice, s->slices, s->run, s->runs);
    ss_store_unmap(&s->totals);
    free(s->guide);
    free(s->doomed);
    free(s->buffer);
    free(s->blank);
    free(s->damaged);
    free(s->folder);
    free(s);
}

uint32_t ss_store_documents(const ss_store *s)
{
    return s->state.documents;
}

uint32_t ss_store_live(const ss_store *s)
{
    return s->state.live;
}

uint32_t ss_store_filed(const ss_store *s)
{
    return s->state.filed > s->state.live ? s->state.filed : s->state.live;
}

int64_t ss_store_latest(const ss_store *s)
{
    return s->state.latest;
}

uint32_t ss_store_open_slice(const ss_store *s)
{
    const ss_slice_entry *last = s->slices ? &s->slice[s->slices - 1].entry : NULL;
    return last && !last->closed ? last->first : s->state.documents;
}

static uint64_t bytes_of(const ss_store *s, const char *name)
{
    struct stat is;
    char *path = ss_store_path(s, name);
    uint64_t bytes = path && !stat(path, &is) ? (uint64_t)is.st_size : 0;
    free(path);
    return bytes;
}

void ss_store_stats(const ss_store *s, samestory_index_stats *out)
{
    char name[SS_NAME_BYTES];
    out->documents = s->state.documents - s->state.live;
    out->given = s->state.documents;
    out->slices = s->slices;
    out->earliest = out->documents ? ss_store_row(s, s->state.live)->place : SAMESTORY_NO_DATE;
    out->latest = s->state.latest;
    out->model = s->stamp;
    for (size_t i = 0; i < s->slices; i++) {
        const ss_slice_entry *e = &s->slice[i].entry;
        out->closed += e->closed;
        out->bytes_sketches +=
            e->bytes + sizeof(ss_file_head) + (uint64_t)e->count * sizeof(ss_row);
        ss_name_slice(e, "counts", name);
        out->bytes_statistics += bytes_of(s, name);
    }
    for (uint32_t n = s->state.live; n < s->state.documents; n++)
        out->deleted += (ss_store_row(s, n)->flags & SS_ROW_DELETED) != 0;
    for (size_t i = 0; i < s->runs; i++) out->bytes_keys += s->run[i].map.size;
    out->bytes_statistics += s->totals.size;
    out->bytes_catalogue = bytes_of(s, s->catalogue);
}

/* ---- Stories
 * ---------------------------------------------------------------------------------------------------
 */

uint32_t ss_store_story_size(const ss_store *s, uint32_t story)
{
    MDB_txn *txn;
    ss_story_entry e = {1, story};
    int code = ss_catalogue_begin(s, &txn);
    if (!code) code = ss_catalogue_get(s, txn, SS_TABLE_STORIES, story, &e, sizeof e);
    ss_catalogue_release(s, txn);
    if (code && code != MDB_NOTFOUND) *s->damaged = true;
    return code ? 1 : e.documents;
}

samestory_status ss_store_grow_story(ss_store *s, uint32_t story, uint32_t documents,
                                     uint32_t latest, samestory_error *error)
{
    ss_story_entry e = {ss_store_story_size(s, story) + documents, latest};
    return ss_catalogue_put(s, SS_TABLE_STORIES, story, &e, sizeof e, error);
}

typedef struct old_stories {
    uint32_t live, *number;
    size_t count, capacity;
} old_stories;

static int see_story(void *context, uint32_t number, const void *value)
{
    old_stories *o = context;
    ss_story_entry e;
    memcpy(&e, value, sizeof e);
    if (number >= o->live) return -1; /* this and all after it live */
    if (e.latest >= o->live) return 0;
    if (!ss_reserve(&o->number, &o->capacity, o->count + 1)) return ENOMEM;
    o->number[o->count++] = number;
    return 0;
}

/* Stories none of whose documents live. */
static samestory_status forget_stories(ss_store *s, samestory_error *error)
{
    old_stories o = {.live = s->state.live};
    samestory_status status = SAMESTORY_OK;
    int code =
        ss_catalogue_each(s, s->write, SS_TABLE_STORIES, sizeof(ss_story_entry), see_story, &o);
    if (code && code != -1) status = ss_catalogue_fail(s, code, error);
    for (size_t i = 0; !status && i < o.count; i++)
        status = ss_catalogue_remove(s, SS_TABLE_STORIES, o.number[i], error);
    free(o.number);
    return status;
}

/* ---- Forgetting
 * -------------------------------------------------------------------------------------------------
 */

static samestory_status forget_first_slice(ss_store *s, samestory_error *error)
{
    ss_slice *slice = &s->slice[0];
    char name[SS_NAME_BYTES];
    samestory_status status = ss_catalogue_put(s, SS_TABLE_FORGOTTEN, slice->entry.first,
                                               &slice->entry, sizeof slice->entry, error);
    if (!status) status = ss_catalogue_remove(s, SS_TABLE_SLICES, slice->entry.first, error);
    ss_name_slice(&slice->entry, "rows", name);
    if (!status) status = ss_store_doom(s, name, error);
    ss_name_slice(&slice->entry, "data", name);
    if (!status) status = ss_store_doom(s, name, error);
    if (status) return status;
    s->state.live = slice->entry.first + slice->entry.count;
    ss_slice_unmap(slice);
    memmove(s->slice, s->slice + 1, --s->slices * sizeof *s->slice);
    return SAMESTORY_OK;
}

/* Postings files of nothing that lives. */
static samestory_status forget_runs(ss_store *s, samestory_error *error)
{
    char name[SS_NAME_BYTES];
    size_t old = 0;
    samestory_status status = SAMESTORY_OK;
    while (!status && old < s->runs && s->run[old].first + s->run[old].count <= s->state.live) {
        status = ss_catalogue_remove(s, SS_TABLE_RUNS, s->run[old].first, error);
        ss_name_run(s->run[old].first, s->run[old].count, name);
        if (!status) status = ss_store_doom(s, name, error);
        if (!status) ss_store_unmap(&s->run[old++].map);
    }
    s->runs -= old;
    if (old) memmove(s->run, s->run + old, s->runs * sizeof *s->run);
    return status;
}

samestory_status ss_store_forget(ss_store *s, int64_t oldest, samestory_error *error)
{
    uint32_t live = s->state.live;
    samestory_status status = SAMESTORY_OK;
    while (!status && s->slices && s->slice[0].entry.closed &&
           s->slice[0].entry.last_place < oldest)
        status = forget_first_slice(s, error);
    if (status || s->state.live == live) return status;
    status = forget_runs(s, error);
    if (!status) status = forget_stories(s, error);
    if (!status && !ss_guide_make(s)) status = ss_fail_memory(error);
    if (s->state.filed + SS_RUN_DOCUMENTS <= s->state.live)
        s->state.filed = s->state.live - s->state.live % SS_RUN_DOCUMENTS;
    return status;
}

samestory_status ss_store_close_slice(ss_store *s, int64_t oldest, samestory_error *error)
{
    samestory_status status = ss_slices_sync(s, error);
    if (status || !s->slices || s->slice[s->slices - 1].entry.closed) return status;
    status = ss_store_forget(s, oldest, error);
    ss_slice *slice = &s->slice[s->slices - 1];
    slice->entry.closed = 1;
    if (!status)
        status = ss_catalogue_put(s, SS_TABLE_SLICES, slice->entry.first, &slice->entry,
                                  sizeof slice->entry, error);
    if (!status) status = ss_totals_renew(s, slice, error);
    return status;
}
