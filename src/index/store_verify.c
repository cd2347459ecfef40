/* Stage index -> store: every byte looked at. Rows and data against their sums and each other,
 * other files against theirs, the catalogue against the slices. */
#include "index/store_parts.h"

#include "base/array.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { HEAD = sizeof(ss_file_head) };

typedef struct verification {
    ss_store *s;
    ss_damage_found *found;
    void *context;
    ss_store_report *report;
} verification;

static void tell(verification *v, const char *file, const char *what)
{
    v->report->damages++;
    if (v->found) v->found(v->context, file, what);
}

/* ---- Slices
 * -------------------------------------------------------------------------------------------- */

static bool is_zero(const char *data, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (data[i]) return false;
    return true;
}

/* What is wrong with a row and its data, which must begin at `at`; NULL: nothing. */
static const char *row_wrong(const ss_store *s, const ss_slice *slice, uint32_t number,
                             const ss_row *row, uint64_t at)
{
    ss_stored stored;
    const char *data = (const char *)slice->data.data + at;
    if (row->check != ss_row_check(row, number)) return "a row is damaged";
    if ((uint64_t)row->offset * 8 != at || row->size > slice->entry.bytes - at || row->size % 8)
        return "a row and its data don't fit";
    if (row->sum != XXH3_64bits(data, row->size)) return "a document's data are damaged";
    if (row->story > number) return "an answer makes no sense";
    if (row->flags & SS_ROW_DELETED)
        return is_zero(data, row->size) ? NULL : "a document that was taken down is still there";
    if (!ss_data_sound(s, data, row->size, &stored)) return "a document's data make no sense";
    bool answer = (row->of == UINT32_MAX || row->of < number) &&
                  row->relation <= SAMESTORY_STORY &&
                  (row->of == UINT32_MAX) == (row->relation == SAMESTORY_NONE);
    return answer ? NULL : "an answer makes no sense";
}

static void verify_slice(verification *v, const ss_slice *slice, uint32_t *latest_story,
                         uint32_t *story_count)
{
    const ss_slice_entry *e = &slice->entry;
    const ss_row *row = (const ss_row *)(const void *)((const char *)slice->rows.data + HEAD);
    char rows[SS_NAME_BYTES], data[SS_NAME_BYTES];
    uint64_t at = HEAD;
    int64_t place = INT64_MIN;
    ss_name_slice(e, "rows", rows);
    ss_name_slice(e, "data", data);
    for (uint32_t i = 0; i < e->count; i++) {
        const char *wrong = row_wrong(v->s, slice, e->first + i, &row[i], at);
        if (!wrong && row[i].place < place) wrong = "documents are out of order";
        if (wrong) tell(v, strstr(wrong, "data") ? data : rows, wrong);
        if (wrong && row[i].check != ss_row_check(&row[i], e->first + i)) return;
        at = (uint64_t)row[i].offset * 8 + row[i].size;
        if (at > e->bytes) return;
        place = row[i].place;
        v->report->deleted += (row[i].flags & SS_ROW_DELETED) != 0;
        if (row[i].story < v->s->state.live || row[i].story > e->first + i) continue;
        uint32_t story = row[i].story - v->s->state.live;
        story_count[story]++;
        latest_story[story] = e->first + i;
    }
    if (at != e->bytes) tell(v, data, "is longer or shorter than its documents");
    if (e->count && place != e->last_place)
        tell(v, v->s->catalogue, "has another date for a slice");
}

/* ---- Other files
 * ------------------------------------------------------------------------------------------ */

static void verify_sum(verification *v, const char *name, const ss_map *map)
{
    const ss_file_head *head = map->data;
    if (XXH3_64bits(head + 1, map->size - HEAD) != head->sum) tell(v, name, "is damaged");
}

static void verify_counts(verification *v, const ss_slice_entry *e)
{
    char name[SS_NAME_BYTES];
    ss_map map;
    ss_name_slice(e, "counts", name);
    if (ss_store_map(v->s, name, 0, 0, &map, NULL)) {
        tell(v, name, "can't be read");
        return;
    }
    if (ss_head_wrong(v->s, map.data, SS_FILE_COUNTS, e->first))
        tell(v, name, "is damaged at its head");
    else
        verify_sum(v, name, &map);
    ss_store_unmap(&map);
}

static int verify_forgotten(void *context, uint32_t number, const void *value)
{
    ss_slice_entry e;
    memcpy(&e, value, sizeof e);
    if (e.first == number) verify_counts(context, &e);
    return 0;
}

/* ---- Stories
 * ------------------------------------------------------------------------------------------------
 */

typedef struct story_check {
    verification *v;
    uint32_t *latest, *count; /* of stories that begin with a live document */
    size_t seen, expected;
} story_check;

static int verify_story(void *context, uint32_t number, const void *value)
{
    story_check *c = context;
    const ss_store *s = c->v->s;
    ss_story_entry e;
    memcpy(&e, value, sizeof e);
    if (number < s->state.live || number >= s->state.documents) return 0;
    uint32_t i = number - s->state.live;
    c->seen++;
    if (e.documents != c->count[i] || e.latest != c->latest[i])
        tell(c->v, s->catalogue, "has a story of another size");
    return 0;
}

static void verify_catalogue(verification *v, uint32_t *latest, uint32_t *count)
{
    ss_store *s = v->s;
    MDB_txn *txn;
    story_check c = {.v = v, .latest = latest, .count = count};
    for (uint32_t i = 0; i < s->state.documents - s->state.live; i++) c.expected += count[i] > 1;
    if (!ss_catalogue_heads_follow(s)) tell(v, s->catalogue, "is damaged at its head");
    int code = ss_catalogue_begin(s, &txn);
    if (!code && !ss_catalogue_complete(s, txn)) tell(v, s->catalogue, "lacks entries");
    if (!code)
        code = ss_catalogue_each(s, txn, SS_TABLE_FORGOTTEN, sizeof(ss_slice_entry),
                                 verify_forgotten, v);
    if (!code)
        code =
            ss_catalogue_each(s, txn, SS_TABLE_STORIES, sizeof(ss_story_entry), verify_story, &c);
    ss_catalogue_release(s, txn);
    if (code)
        tell(v, s->catalogue, "is damaged");
    else if (c.seen != c.expected)
        tell(v, s->catalogue, "lacks stories");
}

samestory_status ss_store_verify(ss_store *s, ss_damage_found *found, void *context,
                                 ss_store_report *report, samestory_error *error)
{
    verification v = {s, found, context, report};
    char name[SS_NAME_BYTES];
    size_t live = s->state.documents - s->state.live;
    uint32_t *latest = calloc(live + 1, sizeof *latest), *count = calloc(live + 1, sizeof *count);
    samestory_status status = latest && count ? SAMESTORY_OK : ss_fail_memory(error);
    for (size_t i = 0; !status && i < s->slices; i++) {
        verify_slice(&v, &s->slice[i], latest, count);
        if (s->slice[i].entry.closed) verify_counts(&v, &s->slice[i].entry);
    }
    for (size_t i = 0; !status && i < s->runs; i++) {
        ss_name_run(s->run[i].first, s->run[i].count, name);
        verify_sum(&v, name, &s->run[i].map);
    }
    if (!status && s->totals.data) {
        ss_name_totals(s->state.totals, name);
        verify_sum(&v, name, &s->totals);
    }
    if (!status) verify_catalogue(&v, latest, count);
    free(latest);
    free(count);
    return status;
}
