/* Stage index -> store: slices, the documents themselves. Appending, and reading by number. */
#include "index/store_parts.h"

#include "base/array.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

enum {
    HEAD = sizeof(ss_file_head),
    ROWS_BYTES = HEAD + SS_SLICE_DOCUMENTS * 64,
    DATA_RESERVE =
        192 << 20, /* mapped of an open slice: most stay below it; a larger one is mapped anew */
    GUIDE = 1024,  /* documents for which a guide's entry stands */
    TAIL = 16      /* bytes of the sizes behind a sketch */
};

_Static_assert(sizeof(ss_row) == 64 && sizeof(ss_file_head) == 64, "as store.h tells the format");

/* ---- Mapping
 * ------------------------------------------------------------------------------------------- */

static samestory_status map_file(ss_store *s, const ss_slice_entry *e, const char *suffix,
                                 ss_file_kind kind, uint64_t need, uint64_t reserve, ss_map *map,
                                 samestory_error *error)
{
    char name[SS_NAME_BYTES];
    ss_name_slice(e, suffix, name);
    samestory_status status = ss_store_map(s, name, need, reserve, map, error);
    if (status) return status;
    const char *wrong = ss_head_wrong(s, map->data, kind, e->first);
    if (!wrong) return SAMESTORY_OK;
    ss_store_unmap(map);
    char *path = ss_store_path(s, name);
    ss_fail_at(error, SAMESTORY_INPUT_FAILED, wrong, path, 0, 0);
    free(path);
    return SAMESTORY_INPUT_FAILED;
}

samestory_status ss_slice_map(ss_store *s, ss_slice *slice, samestory_error *error)
{
    const ss_slice_entry *e = &slice->entry;
    uint64_t rows = HEAD + (uint64_t)e->count * 64, reserve = 0;
    if (e->count > SS_SLICE_DOCUMENTS || e->bytes < HEAD)
        return ss_catalogue_fail(s, MDB_CORRUPTED, error);
    if (!e->closed) reserve = e->bytes < DATA_RESERVE / 2 ? DATA_RESERVE : e->bytes * 2;
    ss_slice_unmap(slice);
    samestory_status status =
        map_file(s, e, "rows", SS_FILE_ROWS, rows, e->closed ? 0 : ROWS_BYTES, &slice->rows, error);
    if (!status)
        status = map_file(s, e, "data", SS_FILE_DATA, e->bytes, reserve, &slice->data, error);
    if (status) ss_slice_unmap(slice);
    return status;
}

void ss_slice_unmap(ss_slice *slice)
{
    ss_store_unmap(&slice->rows);
    ss_store_unmap(&slice->data);
}

/* ---- Reading
 * --------------------------------------------------------------------------------------------- */

bool ss_guide_make(ss_store *s)
{
    if (!s->slices) return true;
    uint32_t begin = s->slice[0].entry.first / GUIDE;
    const ss_slice_entry *last = &s->slice[s->slices - 1].entry;
    size_t need = (last->first + SS_SLICE_DOCUMENTS) / GUIDE + 2 - begin;
    if (!ss_reserve(&s->guide, &s->guide_capacity, need)) return false;
    size_t at = 0;
    for (size_t i = 0; i < need; i++) {
        uint64_t number = (uint64_t)(begin + i) * GUIDE;
        while (at + 1 < s->slices && s->slice[at + 1].entry.first <= number) at++;
        s->guide[i] = (uint16_t)at;
    }
    return s->slices < UINT16_MAX;
}

const ss_slice *ss_slice_of(const ss_store *s, uint32_t number)
{
    if (!s->slices || number < s->slice[0].entry.first || number >= s->state.documents) return NULL;
    size_t at = s->guide[number / GUIDE - s->slice[0].entry.first / GUIDE];
    while (at + 1 < s->slices && s->slice[at + 1].entry.first <= number) at++;
    const ss_slice *slice = &s->slice[at];
    return number - slice->entry.first < slice->entry.count ? slice : NULL;
}

uint32_t ss_row_check(const ss_row *row, uint32_t number)
{
    return (uint32_t)XXH3_64bits_withSeed(row, offsetof(ss_row, check), number);
}

static const ss_row *row_in(const ss_slice *slice, uint32_t number)
{
    return (const ss_row *)(const void *)((const char *)slice->rows.data + HEAD) +
           (number - slice->entry.first);
}

const ss_row *ss_store_row(const ss_store *s, uint32_t number)
{
    static const ss_row none = {
        .date = SAMESTORY_NO_DATE, .of = UINT32_MAX, .flags = SS_ROW_DELETED};
    const ss_slice *slice = ss_slice_of(s, number);
    if (slice && row_in(slice, number)->check == ss_row_check(row_in(slice, number), number))
        return row_in(slice, number);
    *s->damaged = true;
    return &none;
}

/* A sketch's own sizes: do they fit in `size` bytes? */
static bool sketch_sound(const ss_store *s, const ss_sketch *k, size_t size)
{
    if (size < sizeof *k || k->size > size || k->size % 8 || k->version != SS_SKETCH_VERSION ||
        k->dimension != s->dimension || k->anchors > SS_ANCHORS_MAX || k->pool > SS_POOL_MAX)
        return false;
    return sizeof *k + k->dimension + k->anchors * sizeof(ss_anchor) + k->pool <= k->size;
}

bool ss_data_sound(const ss_store *s, const char *data, size_t size, ss_stored *out)
{
    uint32_t part[4];
    const ss_sketch *k = (const ss_sketch *)(const void *)data;
    if (!sketch_sound(s, k, size) || size - k->size < TAIL) return false;
    memcpy(part, data + k->size, sizeof part);
    const char *at = data + k->size + TAIL;
    size_t left = size - k->size - TAIL;
    bool same = part[2] == SS_SAME_AS_OF;
    uint64_t need = (uint64_t)part[0] + part[1] + (same ? 0 : part[2]);
    if (need > left || left - need >= 8 || part[3]) return false;
    out->sketch = k;
    out->id = (samestory_string){at, part[0]};
    out->of = (samestory_string){at + part[0], part[1]};
    out->story = same ? out->of : (samestory_string){at + part[0] + part[1], part[2]};
    return true;
}

/* Where a document's data lie; false: beyond what is valid, or at no multiple of 8. */
static bool find_data(const ss_store *s, uint32_t number, const char **data, size_t *size)
{
    const ss_slice *slice = ss_slice_of(s, number);
    if (!slice) return false;
    const ss_row *row = row_in(slice, number);
    uint64_t begin = (uint64_t)row->offset * 8;
    if (begin < HEAD || begin > slice->entry.bytes || row->size > slice->entry.bytes - begin)
        return false;
    *data = (const char *)slice->data.data + begin;
    *size = row->size;
    return true;
}

const ss_sketch *ss_store_sketch(const ss_store *s, uint32_t number)
{
    const char *data;
    size_t size;
    const ss_slice *slice = ss_slice_of(s, number);
    if (slice && row_in(slice, number)->flags & SS_ROW_DELETED) return s->blank;
    if (find_data(s, number, &data, &size)) {
        const ss_sketch *k = (const ss_sketch *)(const void *)data;
        if (sketch_sound(s, k, size)) return k;
    }
    *s->damaged = true;
    return s->blank;
}

const ss_sketch *ss_store_checked_sketch(const ss_store *s, uint32_t number)
{
    const char *data;
    size_t size;
    const ss_row *row = ss_store_row(s, number);
    if (row->flags & SS_ROW_DELETED) return s->blank;
    if (find_data(s, number, &data, &size) && row->sum == XXH3_64bits(data, size))
        return ss_store_sketch(s, number);
    *s->damaged = true;
    return s->blank;
}

ss_stored ss_store_get(const ss_store *s, uint32_t number)
{
    ss_stored out = {.sketch = s->blank};
    const char *data;
    size_t size;
    if (ss_store_row(s, number)->flags & SS_ROW_DELETED) return out;
    if (!find_data(s, number, &data, &size) || !ss_data_sound(s, data, size, &out))
        *s->damaged = true;
    return out;
}

samestory_status ss_store_damage(const ss_store *s, samestory_error *error)
{
    if (!*s->damaged) return SAMESTORY_OK;
    return ss_fail_at(
        error, SAMESTORY_INPUT_FAILED,
        "the index is damaged: see samestory index verify, then samestory index rebuild", s->folder,
        0, 0);
}

uint32_t ss_store_first_at(const ss_store *s, int64_t limit)
{
    size_t at = 0;
    while (at < s->slices && s->slice[at].entry.last_place < limit) at++;
    if (at == s->slices) return s->state.documents;
    const ss_slice *slice = &s->slice[at];
    uint32_t low = slice->entry.first, high = low + slice->entry.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (row_in(slice, middle)->place >= limit)
            high = middle;
        else
            low = middle + 1;
    }
    bool undated = low > s->state.live && ss_store_row(s, low - 1)->place == SAMESTORY_NO_DATE;
    return undated ? s->state.live : low;
}

/* ---- Appending
 * ---------------------------------------------------------------------------------------------- */

static samestory_status write_at(const ss_store *s, int file, const void *data, size_t size,
                                 uint64_t at, samestory_error *error)
{
    const char *from = data;
    while (size) {
        ssize_t n = pwrite(file, from, size < (size_t)1 << 30 ? size : (size_t)1 << 30, (off_t)at);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0)
            return ss_fail_errno(error, SAMESTORY_OUTPUT_FAILED,
                                 "the index can't be written: make room on the disk, or check it",
                                 s->folder);
        from += n;
        size -= (size_t)n;
        at += (uint64_t)n;
    }
    return SAMESTORY_OK;
}

void ss_slices_close(ss_store *s)
{
    if (s->rows_fd >= 0) close(s->rows_fd);
    if (s->data_fd >= 0) close(s->data_fd);
    s->rows_fd = s->data_fd = -1;
}

samestory_status ss_slices_sync(ss_store *s, samestory_error *error)
{
    if (s->rows_fd < 0) return SAMESTORY_OK;
    bool good = !fdatasync(s->data_fd) && !fdatasync(s->rows_fd);
    samestory_status status = SAMESTORY_OK;
    if (!good)
        status = ss_fail_errno(error, SAMESTORY_OUTPUT_FAILED,
                               "the index can't be written: make room on the disk, or check it",
                               s->folder);
    ss_slices_close(s);
    return status;
}

/* Opens a file of the open slice, and cuts off what lies behind `length`. */
static int open_file(ss_store *s, const ss_slice_entry *e, const char *suffix, bool fresh,
                     uint64_t length)
{
    char name[SS_NAME_BYTES];
    struct stat is;
    ss_name_slice(e, suffix, name);
    char *path = ss_store_path(s, name);
    int file = path ? open(path, O_RDWR | O_CLOEXEC | (fresh ? O_CREAT | O_TRUNC : 0), 0666) : -1;
    free(path);
    if (file < 0 || fresh || (!fstat(file, &is) && (uint64_t)is.st_size <= length)) return file;
    if (!ftruncate(file, (off_t)length)) return file;
    close(file);
    return -1;
}

static samestory_status open_slice(ss_store *s, const ss_slice_entry *e, bool fresh,
                                   samestory_error *error)
{
    if (s->rows_fd >= 0) return SAMESTORY_OK;
    s->rows_fd = open_file(s, e, "rows", fresh, HEAD + (uint64_t)e->count * 64);
    s->data_fd = s->rows_fd < 0 ? -1 : open_file(s, e, "data", fresh, e->bytes);
    if (s->data_fd >= 0) return SAMESTORY_OK;
    ss_fail_errno(error, SAMESTORY_OUTPUT_FAILED,
                  "the index can't be written: check the folder's permissions", s->folder);
    ss_slices_close(s);
    return SAMESTORY_OUTPUT_FAILED;
}

static samestory_status begin_slice(ss_store *s, int64_t place, samestory_error *error)
{
    if (!ss_reserve(&s->slice, &s->slice_capacity, s->slices + 1)) return ss_fail_memory(error);
    ss_slice slice = {.entry = {.first = s->state.documents,
                                .day = ss_slice_day(place),
                                .last_place = place,
                                .bytes = HEAD}};
    samestory_status status = ss_slices_sync(s, error);
    if (!status) status = open_slice(s, &slice.entry, true, error);
    ss_file_head rows = ss_head_new(s, SS_FILE_ROWS, slice.entry.first, 0, 0);
    ss_file_head data = ss_head_new(s, SS_FILE_DATA, slice.entry.first, 0, 0);
    if (!status) status = write_at(s, s->rows_fd, &rows, HEAD, 0, error);
    if (!status) status = write_at(s, s->data_fd, &data, HEAD, 0, error);
    if (!status) status = ss_slice_map(s, &slice, error);
    if (status) return status;
    s->made_files = true;
    s->slice[s->slices++] = slice;
    return ss_guide_make(s) ? SAMESTORY_OK : ss_fail_memory(error);
}

/* Puts a document's data behind `at` in the buffer; returns its end, or 0 when memory is out. */
static size_t pack(ss_store *s, size_t at, const ss_arrival *a)
{
    bool same = a->story.size && a->story.size == a->of.size &&
                !memcmp(a->story.data, a->of.data, a->of.size);
    uint32_t part[4] = {(uint32_t)a->id.size, (uint32_t)a->of.size,
                        same ? SS_SAME_AS_OF : (uint32_t)a->story.size, 0};
    size_t story = same ? 0 : a->story.size;
    size_t used = a->sketch->size + TAIL + a->id.size + a->of.size + story,
           size = (used + 7) / 8 * 8;
    if (size > UINT32_MAX || !ss_reserve(&s->buffer, &s->buffer_capacity, at + size)) return 0;
    char *to = s->buffer + at;
    memcpy(to, a->sketch, a->sketch->size);
    memcpy(to += a->sketch->size, part, TAIL);
    memcpy(to += TAIL, a->id.data, a->id.size);
    to += a->id.size;
    if (a->of.size) memcpy(to, a->of.data, a->of.size);
    to += a->of.size;
    if (story) memcpy(to, a->story.data, story);
    memset(to + story, 0, size - used);
    return at + size;
}

/* Fills in what the row says of the data. */
static ss_row seal(const ss_arrival *a, uint32_t number, const char *data, size_t size,
                   uint64_t offset)
{
    ss_row row = a->row;
    row.offset = (uint32_t)(offset / 8);
    row.size = (uint32_t)size;
    row.sum = XXH3_64bits(data, size);
    row.zero = 0;
    row.zero4 = 0;
    row.check = ss_row_check(&row, number);
    return row;
}

/* Room of one pwrite, for data; more documents than that come in several. */
enum { APPEND_BYTES = 4 << 20, APPEND_ROWS = 1024 };

/* Appends as many as one write takes; *done says how many. */
static samestory_status append_some(ss_store *s, const ss_arrival *a, size_t count, size_t *done,
                                    samestory_error *error)
{
    ss_slice *slice = &s->slice[s->slices - 1];
    ss_slice_entry *e = &slice->entry;
    ss_row *rows = malloc(APPEND_ROWS * sizeof *rows);
    size_t used = 0, n = 0;
    bool good = rows != NULL;
    for (; good && n < count && n < APPEND_ROWS && used < APPEND_BYTES; n++) {
        size_t end = pack(s, used, &a[n]);
        good = end != 0;
        if (good)
            rows[n] = seal(&a[n], e->first + e->count + (uint32_t)n, s->buffer + used, end - used,
                           e->bytes + used);
        used = end;
    }
    samestory_status status = good ? SAMESTORY_OK : ss_fail_memory(error);
    if (!status && (e->bytes + used) / 8 > UINT32_MAX)
        status = ss_fail(error, SAMESTORY_OUTPUT_FAILED, "a slice of the index is full: 32 GB");
    if (!status) status = write_at(s, s->data_fd, s->buffer, used, e->bytes, error);
    if (!status)
        status =
            write_at(s, s->rows_fd, rows, n * sizeof *rows, HEAD + (uint64_t)e->count * 64, error);
    if (!status) {
        e->bytes += used;
        e->count += (uint32_t)n;
        e->last_place = s->state.latest = a[n - 1].row.place;
        s->state.documents += (uint32_t)n;
        if (e->bytes > slice->data.size) status = ss_slice_map(s, slice, error);
    }
    free(rows);
    *done = n;
    return status;
}

samestory_status ss_store_append(ss_store *s, const ss_arrival *arrivals, size_t count,
                                 samestory_error *error)
{
    if (!count) return SAMESTORY_OK;
    bool fresh = !s->slices || s->slice[s->slices - 1].entry.closed;
    samestory_status status = SAMESTORY_OK;
    if (count >= UINT32_MAX - 1 - s->state.documents)
        return ss_fail_at(error, SAMESTORY_OUTPUT_FAILED,
                          "has taken 2^32 documents: begin a new index", s->folder, 0, 0);
    if (fresh)
        status = begin_slice(s, arrivals[0].row.place, error);
    else
        status = open_slice(s, &s->slice[s->slices - 1].entry, false, error);
    if (!status && count > SS_SLICE_DOCUMENTS - s->slice[s->slices - 1].entry.count)
        status = ss_fail(error, SAMESTORY_BAD_ARGUMENT, "a slice takes 65,536 documents");
    for (size_t at = 0, done; !status && at < count; at += done)
        status = append_some(s, arrivals + at, count - at, &done, error);
    const ss_slice_entry *e = s->slices ? &s->slice[s->slices - 1].entry : NULL;
    if (!status) status = ss_catalogue_put(s, SS_TABLE_SLICES, e->first, e, sizeof *e, error);
    return status;
}

/* ---- Taking down
 * -------------------------------------------------------------------------------------------- */

/* Writes zeros over a document's data, and a row that keeps its place in time and in the count of its
 * story, so that what was answered to others stays as it was. */
static samestory_status blank_out(ss_store *s, const ss_slice *slice, uint32_t number,
                                  samestory_error *error)
{
    ss_row row = *row_in(slice, number);
    uint64_t at = (uint64_t)row.offset * 8;
    char *data = calloc(1, (size_t)row.size + 1);
    if (!data) return ss_fail_memory(error);
    row = (ss_row){.sum = XXH3_64bits(data, row.size),
                   .place = row.place,
                   .date = row.date,
                   .offset = row.offset,
                   .size = row.size,
                   .of = UINT32_MAX,
                   .story = row.story,
                   .flags = SS_ROW_DELETED};
    row.check = ss_row_check(&row, number);
    samestory_status status = write_at(s, s->data_fd, data, row.size, at, error);
    uint64_t row_at = HEAD + (uint64_t)(number - slice->entry.first) * 64;
    if (!status) status = write_at(s, s->rows_fd, &row, sizeof row, row_at, error);
    free(data);
    return status;
}

samestory_status ss_store_delete(ss_store *s, uint32_t number, samestory_error *error)
{
    const ss_slice *slice = ss_slice_of(s, number);
    if (!slice) return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "no such document");
    samestory_status status = ss_slices_sync(s, error);
    if (!status) status = open_slice(s, &slice->entry, false, error);
    if (!status) status = blank_out(s, slice, number, error);
    return status ? status : ss_slices_sync(s, error);
}
