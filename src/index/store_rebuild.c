/* Stage index -> store: all that can be made again, made again from rows and data; and what nothing
 * needs, removed.
 *
 * A document whose row or data are damaged is taken down; a slice that is lost becomes one of
 * documents that were taken down, so that every number stays what it was. */
#include "index/store_parts.h"

#include "base/array.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

enum { HEAD = sizeof(ss_file_head) };

/* ---- Finding the slices
 * ---------------------------------------------------------------------------------- */

/* A slice's files as they are found. */
typedef struct found_slice {
    char stem[SS_NAME_BYTES]; /* name without ".rows" */
    uint32_t first;
    uint32_t sound; /* rows up to the last one that is sound */
    bool headless;  /* its head is damaged */
} found_slice;

typedef struct finding {
    found_slice *slice;
    size_t count, capacity;
} finding;

/* The number in "20260131-0000000123.rows", or "undated-...". */
static bool number_in(const char *name, const char *suffix, uint32_t *number, size_t *stem)
{
    const char *dash = strchr(name, '-');
    char *end;
    if (!dash || strspn(dash + 1, "0123456789") != 10) return false;
    unsigned long long value = strtoull(dash + 1, &end, 10);
    *number = (uint32_t)value;
    *stem = (size_t)(end - name);
    return value < UINT32_MAX && !strcmp(end, suffix) && *stem < SS_NAME_BYTES;
}

static int by_first(const void *a, const void *b)
{
    const found_slice *x = a, *y = b;
    return x->first != y->first ? (x->first > y->first) - (x->first < y->first)
                                : (x->sound < y->sound) - (x->sound > y->sound);
}

/* Rows up to the last one that is sound itself. */
static uint32_t sound_rows(const ss_map *rows, uint32_t first)
{
    const ss_row *row = (const ss_row *)(const void *)((const char *)rows->data + HEAD);
    size_t count = (rows->size - HEAD) / sizeof *row;
    if (count > SS_SLICE_DOCUMENTS) count = SS_SLICE_DOCUMENTS;
    while (count &&
           row[count - 1].check != ss_row_check(&row[count - 1], first + (uint32_t)count - 1))
        count--;
    return (uint32_t)count;
}

/* Is this head that of another version or model? A damaged one tells nothing. */
static bool is_foreign(const ss_store *s, const ss_file_head *h)
{
    ss_file_head mine = ss_head_new(s, SS_FILE_ROWS, h->first, 0, 0);
    return h->check == XXH3_64bits(h, offsetof(ss_file_head, check)) &&
           memcmp(h, &mine, sizeof mine) != 0;
}

static samestory_status find_slices(ss_store *s, finding *f, samestory_error *error)
{
    DIR *d = opendir(s->folder);
    samestory_status status = SAMESTORY_OK;
    for (struct dirent *e; d && !status && (e = readdir(d));) {
        found_slice slice = {.first = 0};
        size_t stem;
        ss_map map;
        if (!number_in(e->d_name, ".rows", &slice.first, &stem)) continue;
        memcpy(slice.stem, e->d_name, stem);
        if (!ss_reserve(&f->slice, &f->capacity, f->count + 1)) status = ss_fail_memory(error);
        if (status || ss_store_map(s, e->d_name, 0, 0, &map, NULL)) continue;
        if (is_foreign(s, map.data))
            status = ss_fail_at(error, SAMESTORY_MODEL_MISMATCH,
                                "this index was made with another model or version, and sketches "
                                "of two models can't be "
                                "compared: name that model (--model FILE), or begin a new index",
                                s->folder, 0, 0);
        slice.headless = ss_head_wrong(s, map.data, SS_FILE_ROWS, slice.first) != NULL;
        slice.sound = sound_rows(&map, slice.first);
        ss_store_unmap(&map);
        if (slice.sound) f->slice[f->count++] = slice;
    }
    if (d)
        closedir(d);
    else
        status =
            ss_fail_errno(error, SAMESTORY_INPUT_FAILED, "can't look into this folder", s->folder);
    if (f->count) qsort(f->slice, f->count, sizeof *f->slice, by_first);
    size_t kept = 0; /* of two with one number, the longer one; the other was never committed */
    for (size_t i = 0; i < f->count; i++)
        if (!kept || f->slice[kept - 1].first != f->slice[i].first) f->slice[kept++] = f->slice[i];
    f->count = kept;
    return status;
}

/* ---- Mending one
 * ------------------------------------------------------------------------------------------- */

static bool is_sound(ss_store *s, const ss_row *row, uint32_t number, const ss_map *data)
{
    uint64_t at = (uint64_t)row->offset * 8;
    ss_stored stored;
    if (row->check != ss_row_check(row, number) || at < HEAD || at > data->size ||
        row->size > data->size - at || row->size % 8)
        return false;
    const char *bytes = (const char *)data->data + at;
    return row->sum == XXH3_64bits(bytes, row->size) &&
           (row->flags & SS_ROW_DELETED || ss_data_sound(s, bytes, row->size, &stored));
}

/* A slice being mended: its rows in memory, its data as they are. */
typedef struct mending {
    ss_slice_entry entry;
    ss_row *row;
    ss_map data;
    size_t lost;
} mending;

/* Rows that are not sound are emptied; the bytes between their sound neighbours are theirs. */
static samestory_status mend_rows(ss_store *s, mending *m, int data_file, samestory_error *error)
{
    uint64_t at = HEAD;
    int64_t place = m->entry.last_place;
    uint32_t first = m->entry.first;
    for (uint32_t i = 0; i < m->entry.count; i++) {
        if (is_sound(s, &m->row[i], first + i, &m->data) && (uint64_t)m->row[i].offset * 8 >= at &&
            m->row[i].place >= place && m->row[i].place != INT64_MAX) {
            at = (uint64_t)m->row[i].offset * 8 + m->row[i].size;
            place = m->row[i].place;
            continue;
        }
        uint64_t end = at;
        for (uint32_t k = i + 1; k < m->entry.count && end == at; k++)
            if (is_sound(s, &m->row[k], first + k, &m->data)) end = (uint64_t)m->row[k].offset * 8;
        char *zeros = calloc(1, (size_t)(end - at) + 1);
        if (!zeros) return ss_fail_memory(error);
        ss_row row = {.sum = XXH3_64bits(zeros, (size_t)(end - at)),
                      .place = place,
                      .date = place,
                      .offset = (uint32_t)(at / 8),
                      .size = (uint32_t)(end - at),
                      .of = UINT32_MAX,
                      .story = first + i,
                      .flags = SS_ROW_DELETED};
        row.check = ss_row_check(&row, first + i);
        m->row[i] = row;
        m->lost++;
        bool written =
            pwrite(data_file, zeros, (size_t)(end - at), (off_t)at) == (ssize_t)(end - at);
        free(zeros);
        if (!written)
            return ss_fail_errno(error, SAMESTORY_OUTPUT_FAILED,
                                 "the index can't be written: make room", s->folder);
        at = end;
    }
    m->entry.bytes = at;
    m->entry.last_place = place;
    return SAMESTORY_OK;
}

static samestory_status write_rows(ss_store *s, const mending *m, const char *name,
                                   samestory_error *error)
{
    char *path = ss_store_path(s, name);
    if (!path) return ss_fail_memory(error);
    ss_file_head head = ss_head_new(s, SS_FILE_ROWS, m->entry.first, 0, 0);
    ss_piece piece[2] = {{&head, HEAD}, {m->row, (size_t)m->entry.count * sizeof *m->row}};
    samestory_status status = ss_file_write(path, piece, 2, error);
    free(path);
    return status;
}

/* The data file, made when there is none, with its head as it must be, and nothing behind `length`.
 */
static int open_data(ss_store *s, const char *name, uint32_t first)
{
    char *path = ss_store_path(s, name);
    int file = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666) : -1;
    ss_file_head head = ss_head_new(s, SS_FILE_DATA, first, 0, 0);
    if (file >= 0 && pwrite(file, &head, HEAD, 0) != HEAD) {
        close(file);
        file = -1;
    }
    free(path);
    return file;
}

static samestory_status read_rows(ss_store *s, const found_slice *f, mending *m,
                                  samestory_error *error)
{
    char name[SS_NAME_BYTES + 8];
    ss_map rows;
    m->row = calloc((size_t)m->entry.count + 1, sizeof *m->row);
    if (!m->row) return ss_fail_memory(error);
    if (!f) return SAMESTORY_OK;
    snprintf(name, sizeof name, "%s.rows", f->stem);
    samestory_status status = ss_store_map(s, name, 0, 0, &rows, error);
    if (status) return status;
    size_t there = (rows.size - HEAD) / sizeof *m->row;
    memcpy(m->row, (const char *)rows.data + HEAD,
           (there < m->entry.count ? there : m->entry.count) * sizeof *m->row);
    ss_store_unmap(&rows);
    return SAMESTORY_OK;
}

/* Makes a slice of `count` documents sound; f NULL: of none that are left. */
static samestory_status mend(ss_store *s, const found_slice *f, mending *m, samestory_error *error)
{
    char rows[SS_NAME_BYTES + 8], data[SS_NAME_BYTES + 8];
    if (f) {
        snprintf(rows, sizeof rows, "%s.rows", f->stem);
        snprintf(data, sizeof data, "%s.data", f->stem);
    } else {
        ss_name_slice(&m->entry, "rows", rows);
        ss_name_slice(&m->entry, "data", data);
    }
    samestory_status status = read_rows(s, f, m, error);
    int file = status ? -1 : open_data(s, data, m->entry.first);
    if (!status && file < 0)
        status = ss_fail_errno(error, SAMESTORY_OUTPUT_FAILED,
                               "the index can't be written: check the folder", s->folder);
    if (!status) status = ss_store_map(s, data, 0, 0, &m->data, error);
    if (!status) status = mend_rows(s, m, file, error);
    ss_store_unmap(&m->data);
    if (!status && (m->lost || !f || f->headless)) status = write_rows(s, m, rows, error);
    if (!status && (ftruncate(file, (off_t)m->entry.bytes) || fsync(file)))
        status = ss_fail_errno(error, SAMESTORY_OUTPUT_FAILED,
                               "the index can't be written: make room", s->folder);
    if (file >= 0) close(file);
    if (!status && m->entry.count) {
        m->entry.day = ss_slice_day(m->row[0].place);
        char name[SS_NAME_BYTES]; /* its first row may have been the one that told its day */
        ss_name_slice(&m->entry, "rows", name);
        if (f && strncmp(name, f->stem, strlen(f->stem)) != 0)
            status = ss_store_rename(s, f->stem, &m->entry, error);
    }
    free(m->row);
    m->row = NULL;
    return status;
}

/* ---- A new catalogue
 * ----------------------------------------------------------------------------------------- */

static samestory_status add_slice(ss_store *s, mending *m, bool last, samestory_error *error)
{
    ss_slice slice = {.entry = m->entry};
    slice.entry.closed = !last;
    slice.entry.zero = 0;
    if (!ss_reserve(&s->slice, &s->slice_capacity, s->slices + 1)) return ss_fail_memory(error);
    samestory_status status = ss_slice_map(s, &slice, error);
    if (status) return status;
    if (!s->slices) s->state.live = slice.entry.first;
    s->slice[s->slices++] = slice;
    s->state.documents = slice.entry.first + slice.entry.count;
    s->state.latest = slice.entry.last_place;
    if (!ss_guide_make(s)) return ss_fail_memory(error);
    return ss_catalogue_put(s, SS_TABLE_SLICES, slice.entry.first, &slice.entry, sizeof slice.entry,
                            error);
}

static samestory_status add_slices(ss_store *s, const finding *f, ss_store_report *report,
                                   samestory_error *error)
{
    samestory_status status = SAMESTORY_OK;
    int64_t place = SAMESTORY_NO_DATE;
    for (size_t i = 0; !status && i < f->count; i++) {
        const found_slice *slice = &f->slice[i];
        bool last = i + 1 == f->count;
        uint32_t next = last ? slice->first + slice->sound : f->slice[i + 1].first;
        uint32_t most =
            next - slice->first < SS_SLICE_DOCUMENTS ? next - slice->first : SS_SLICE_DOCUMENTS;
        mending m = {.entry = {.first = slice->first, .count = most, .last_place = place}};
        status = mend(s, slice, &m, error);
        report->deleted += m.lost;
        if (!status) status = add_slice(s, &m, last, error);
        while (!status && s->state.documents < next) { /* whole slices are missing */
            uint32_t gap = next - s->state.documents;
            m = (mending){.entry = {.first = s->state.documents,
                                    .day = s->slice[s->slices - 1].entry.day,
                                    .count = gap < SS_SLICE_DOCUMENTS ? gap : SS_SLICE_DOCUMENTS,
                                    .last_place = s->state.latest}};
            status = mend(s, NULL, &m, error);
            report->deleted += m.lost;
            if (!status) status = add_slice(s, &m, false, error);
        }
        place = s->state.latest;
    }
    return status;
}

static samestory_status add_stories(ss_store *s, samestory_error *error)
{
    samestory_status status = SAMESTORY_OK;
    for (uint32_t n = s->state.live; !status && n < s->state.documents; n++) {
        const ss_row *row = ss_store_row(s, n);
        if (row->story != n)
            status = ss_store_grow_story(s, row->story, 1, n, error);
    }
    return status;
}

static samestory_status add_runs(ss_store *s, samestory_error *error)
{
    ss_filing *filing = NULL;
    size_t capacity = 0, count = 0;
    ss_key keys[SS_FILED_KEYS];
    samestory_status status = SAMESTORY_OK;
    uint32_t first = s->state.live - s->state.live % SS_RUN_DOCUMENTS;
    s->state.filed = first;
    for (uint32_t n = s->state.live; !status && n < s->state.documents; n++) {
        const ss_row *row = ss_store_row(s, n);
        size_t found = row->flags & SS_ROW_DELETED
                           ? 0
                           : ss_filed_keys(s->model, ss_store_sketch(s, n), row->flags, keys);
        if (!ss_reserve(&filing, &capacity, count + found + 1)) status = ss_fail_memory(error);
        for (size_t i = 0; !status && i < found; i++)
            filing[count++] = (uint64_t)ss_key_tag(keys[i].bucket) << 32 | n;
        if (status || ((n + 1) % SS_RUN_MOST && n + 1 < s->state.documents)) continue;
        status = ss_store_file(s, n + 1, filing, count, error);
        count = 0;
    }
    free(filing);
    return status;
}

static samestory_status fill(ss_store *s, ss_store_report *report, samestory_error *error)
{
    finding f = {NULL, 0, 0};
    samestory_status status = find_slices(s, &f, error);
    if (!status) status = add_slices(s, &f, report, error);
    if (!status) status = add_stories(s, error);
    if (!status) status = ss_totals_make(s, error);
    if (!status) status = add_runs(s, error);
    free(f.slice);
    return status;
}

/* The new catalogue takes the place of the old one. */
static samestory_status put_in_place(const ss_store *s, samestory_error *error)
{
    char *from = ss_store_path(s, s->catalogue), *to = ss_store_path(s, "catalogue.mdb");
    char *lock = ss_store_path(s, "catalogue.new-lock"),
         *old = ss_store_path(s, "catalogue.mdb-lock");
    samestory_status status = from && to && lock && old ? SAMESTORY_OK : ss_fail_memory(error);
    if (!status) {
        unlink(old);
        unlink(lock);
        if (rename(from, to))
            status =
                ss_fail_errno(error, SAMESTORY_OUTPUT_FAILED, "can't be put in its place", from);
    }
    free(from);
    free(to);
    free(lock);
    free(old);
    return status;
}

samestory_status ss_store_rebuild(const char *folder, const samestory_model *model,
                                  ss_store_report *report, samestory_error *error)
{
    bool changed;
    ss_store *s = NULL;
    samestory_status status = SAMESTORY_END;
    while (status == SAMESTORY_END) { /* the catalogue's map grows with what is put into it */
        *report = (ss_store_report){0};
        if (!s)
            status = ss_store_open(folder, model, SS_STORE_REPAIR, &s, error);
        else
            status = SAMESTORY_OK;
        if (!status) status = ss_store_lock(s, &changed, error);
        if (status) break;
        status = fill(s, report, error);
        samestory_status ended = ss_store_unlock(s, !status, status ? NULL : error);
        if (!status || ended == SAMESTORY_END) status = ended;
    }
    if (!status) report->documents = s->state.documents - s->state.live;
    if (s) ss_catalogue_close(s);
    if (!status) status = put_in_place(s, error);
    if (!status) status = ss_store_sync_folder(s, error);
    ss_store_free(s);
    return status;
}

/* ---- What nothing needs
 * ------------------------------------------------------------------------------------------ */

static bool ends_with(const char *name, const char *end)
{
    size_t size = strlen(name), tail = strlen(end);
    return size >= tail && !strcmp(name + size - tail, end);
}

typedef struct needed {
    ss_store *s;
    const char *name;
    bool is;
} needed;

static int compare_forgotten(void *context, uint32_t number, const void *value)
{
    needed *n = context;
    char name[SS_NAME_BYTES];
    ss_slice_entry e;
    (void)number;
    memcpy(&e, value, sizeof e);
    ss_name_slice(&e, "counts", name);
    n->is = n->is || !strcmp(name, n->name);
    return 0;
}

/* Is it one of our files, but one that the catalogue does not know? */
static bool is_stray(ss_store *s, const char *file)
{
    static const char *const kinds[] = {"rows", "data", "counts"};
    char name[SS_NAME_BYTES];
    bool ours = strstr(file, ".rows") || strstr(file, ".data") || strstr(file, ".counts") ||
                strstr(file, ".keys") || strstr(file, ".totals");
    if (!ours || (strspn(file, "0123456789") < 8 && strncmp(file, "undated-", 8) != 0))
        return false;
    for (size_t i = 0; i < s->slices; i++)
        for (size_t k = 0; k < 3; k++) {
            ss_name_slice(&s->slice[i].entry, kinds[k], name);
            if (!strcmp(name, file)) return false;
        }
    for (size_t i = 0; i < s->runs; i++) {
        ss_name_run(s->run[i].first, s->run[i].count, name);
        if (!strcmp(name, file)) return false;
    }
    ss_name_totals(s->state.totals, name);
    if (!strcmp(name, file)) return false;
    needed n = {s, file, false};
    int code = ss_catalogue_each(s, s->write, SS_TABLE_FORGOTTEN, sizeof(ss_slice_entry),
                                 compare_forgotten, &n);
    return !code && !n.is;
}

samestory_status ss_store_tidy(ss_store *s, ss_store_report *report, samestory_error *error)
{
    struct stat is;
    DIR *d = opendir(s->folder);
    if (!d)
        return ss_fail_errno(error, SAMESTORY_INPUT_FAILED, "can't look into this folder",
                             s->folder);
    for (struct dirent *e; (e = readdir(d));) {
        bool left_over =
            ends_with(e->d_name, "catalogue.new") || ends_with(e->d_name, "catalogue.new-lock");
        if (!left_over && !is_stray(s, e->d_name)) continue;
        char *path = ss_store_path(s, e->d_name);
        if (path && !stat(path, &is) && !unlink(path)) {
            report->freed += (uint64_t)is.st_size;
            report->removed++;
        }
        free(path);
    }
    closedir(d);
    return SAMESTORY_OK;
}
