/* Stage index -> store: statistics. A closed slice has a table of what it counts; the sum over all
 * live closed slices is one sorted file, written anew when a slice closes (30 MB for 300,000
 * documents, some 0.1 s) and looked up in between. */
#include "index/store_parts.h"

#include "base/array.h"
#include "index/statistics.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { TAGS = 65536, BEGIN_BYTES = (TAGS + 1) * 4, HEAD = sizeof(ss_file_head), LEB_MOST = 10 };

/* ---- Reading
 * ---------------------------------------------------------------------------------------------- */

typedef struct totals {
    const uint32_t *begin, *count;
    const uint16_t *low;
    uint32_t entries;
} totals;

static totals totals_in(const ss_map *map)
{
    const uint32_t *begin = (const uint32_t *)(const void *)((const char *)map->data + HEAD);
    uint32_t entries = begin[TAGS];
    const uint32_t *count = begin + TAGS + 1;
    return (totals){begin, count, (const uint16_t *)(const void *)(count + entries), entries};
}

samestory_status ss_totals_map(ss_store *s, samestory_error *error)
{
    char name[SS_NAME_BYTES];
    ss_store_unmap(&s->totals);
    if (!s->state.totals) return SAMESTORY_OK;
    ss_name_totals(s->state.totals, name);
    samestory_status status = ss_store_map(s, name, 0, 0, &s->totals, error);
    if (status) return status;
    const char *wrong = ss_head_wrong(s, s->totals.data, SS_FILE_TOTALS, s->state.totals);
    if (!wrong && (s->totals.size < HEAD + BEGIN_BYTES ||
                   (s->totals.size - HEAD - BEGIN_BYTES) / 6 != totals_in(&s->totals).entries))
        wrong = "is damaged: run samestory index rebuild";
    if (!wrong) return SAMESTORY_OK;
    ss_store_unmap(&s->totals);
    char *path = ss_store_path(s, name);
    ss_fail_at(error, SAMESTORY_INPUT_FAILED, wrong, path, 0, 0);
    free(path);
    return SAMESTORY_INPUT_FAILED;
}

static uint32_t frequency(const totals *t, uint32_t tag)
{
    uint32_t low = t->begin[tag >> 16], high = t->begin[(tag >> 16) + 1];
    if (low > high || high > t->entries) return 0;
    uint32_t end = high;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (t->low[middle] >= (tag & 0xFFFF))
            high = middle;
        else
            low = middle + 1;
    }
    return low < end && t->low[low] == (tag & 0xFFFF) ? t->count[low] : 0;
}

void ss_store_statistics_of(const ss_store *s, const ss_sketch *sketch, uint32_t *out)
{
    const ss_anchor *anchor = ss_sketch_anchors(sketch);
    totals t = s->totals.data ? totals_in(&s->totals) : (totals){0};
    for (size_t i = 0; i < sketch->anchors; i++)
        out[i] = t.begin ? frequency(&t, ss_anchor_tag(anchor[i].type, anchor[i].key)) : 0;
}

/* ---- Counting
 * -----------------------------------------------------------------------------------------------
 */

/* Counts by tag, ascending. */
typedef struct tally {
    uint32_t tag;
    int32_t count;
} tally;

typedef struct tallies {
    tally *item;
    size_t count;
} tallies;

/* The tags of all anchors of a slice, << 32, + 1 where the document has no date. */
static bool gather(const ss_store *s, const ss_slice_entry *e, uint64_t **out, size_t *count)
{
    size_t capacity = 0;
    *out = NULL;
    *count = 0;
    for (uint32_t n = e->first; n < e->first + e->count; n++) {
        const ss_sketch *k = ss_store_sketch(s, n);
        const ss_anchor *anchor = ss_sketch_anchors(k);
        if (!ss_reserve(out, &capacity, *count + k->anchors + 1)) return false;
        for (size_t i = 0; i < k->anchors; i++)
            (*out)[(*count)++] = (uint64_t)ss_anchor_tag(anchor[i].type, anchor[i].key) << 32 |
                                 (k->date == SAMESTORY_NO_DATE);
    }
    return true;
}

static bool count_slice(const ss_store *s, const ss_slice_entry *e, tallies *out)
{
    uint64_t *tag, *spare = NULL;
    size_t count;
    bool good = gather(s, e, &tag, &count);
    if (good) spare = malloc((count + 1) * sizeof *spare);
    *out = (tallies){good ? malloc((count + 1) * sizeof *out->item) : NULL, 0};
    good = good && spare && out->item && ss_sort_tags(tag, spare, count);
    for (size_t i = 0; good && i < count;) {
        uint32_t t = (uint32_t)(tag[i] >> 32), seen[2] = {0, 0};
        for (; i < count && tag[i] >> 32 == t; i++) seen[tag[i] & 1]++;
        out->item[out->count++] = (tally){t, (int32_t)ss_slice_frequency(seen[0], seen[1])};
    }
    free(tag);
    free(spare);
    return good;
}

/* a + b; both are freed. */
static bool add(tallies a, tallies b, tallies *out)
{
    size_t i = 0, k = 0, n = 0;
    tally *sum = malloc((a.count + b.count + 1) * sizeof *sum);
    while (sum && (i < a.count || k < b.count)) {
        bool from_a = i < a.count && (k == b.count || a.item[i].tag <= b.item[k].tag);
        bool from_b = k < b.count && (i == a.count || b.item[k].tag <= a.item[i].tag);
        sum[n] = from_a ? a.item[i] : b.item[k];
        if (from_a && from_b) sum[n].count += b.item[k].count;
        i += from_a;
        k += from_b;
        n++;
    }
    free(a.item);
    free(b.item);
    *out = (tallies){sum, n};
    return sum != NULL;
}

/* ---- Counts of a slice, as a file
 * ------------------------------------------------------------------------------ */

static size_t put_leb(unsigned char *to, uint32_t value)
{
    size_t n = 0;
    for (; value >= 128; value >>= 7) to[n++] = (unsigned char)(value | 128);
    to[n++] = (unsigned char)value;
    return n;
}

static bool get_leb(const unsigned char **at, const unsigned char *end, uint32_t *value)
{
    *value = 0;
    for (unsigned shift = 0; *at < end && shift < 35; shift += 7) {
        unsigned char c = *(*at)++;
        *value |= (uint32_t)(c & 127) << shift;
        if (c < 128) return true;
    }
    return false;
}

static samestory_status write_counts(ss_store *s, const ss_slice_entry *e, const tallies *t,
                                     samestory_error *error)
{
    char name[SS_NAME_BYTES];
    unsigned char *body = malloc(8 + t->count * LEB_MOST);
    if (!body) return ss_fail_memory(error);
    uint64_t entries = t->count;
    size_t used = 8;
    memcpy(body, &entries, 8);
    for (size_t i = 0; i < t->count; i++) {
        used += put_leb(body + used, t->item[i].tag - (i ? t->item[i - 1].tag : 0));
        used += put_leb(body + used, (uint32_t)t->item[i].count - 1);
    }
    ss_name_slice(e, "counts", name);
    samestory_status status =
        ss_store_write(s, name, SS_FILE_COUNTS, e->first, e->count, body, used, error);
    s->made_files = true;
    free(body);
    return status;
}

/* What a file of counts says, as negative numbers. */
static samestory_status read_counts(const ss_store *s, const ss_slice_entry *e, tallies *out,
                                    samestory_error *error)
{
    char name[SS_NAME_BYTES];
    ss_map map;
    uint64_t entries = 0;
    *out = (tallies){NULL, 0};
    ss_name_slice(e, "counts", name);
    samestory_status status = ss_store_map(s, name, 0, 0, &map, error);
    if (status) return status;
    const ss_file_head *head = map.data;
    size_t size = map.size - HEAD;
    const unsigned char *at = (const unsigned char *)map.data + HEAD, *end = at + size;
    bool good = !ss_head_wrong(s, head, SS_FILE_COUNTS, e->first) && size >= 8 &&
                XXH3_64bits(at, size) == head->sum;
    if (good) memcpy(&entries, at, 8);
    good = good && entries <= size / 2;
    out->item = good ? malloc(((size_t)entries + 1) * sizeof *out->item) : NULL;
    at += 8;
    for (uint32_t tag = 0, step = 0, more = 0; out->item && good && out->count < entries;) {
        good = get_leb(&at, end, &step) && get_leb(&at, end, &more);
        out->item[out->count++] = (tally){tag += step, -(int32_t)more - 1};
    }
    ss_store_unmap(&map);
    if (good && out->item) return SAMESTORY_OK;
    free(out->item);
    out->item = NULL;
    return good ? ss_fail_memory(error)
                : ss_fail_at(error, SAMESTORY_INPUT_FAILED,
                             "the index is damaged: see samestory index verify, then samestory "
                             "index rebuild",
                             s->folder, 0, 0);
}

/* ---- Totals
 * ------------------------------------------------------------------------------------------------------
 */

/* The old totals and what changes, merged into begin[], count[], low[]; returns the entries. */
static size_t merge_totals(const totals *old, const tallies *change, uint32_t *begin,
                           uint32_t *count, uint16_t *low)
{
    size_t n = 0, k = 0;
    for (uint32_t h = 0; h < TAGS; h++) {
        uint32_t i = old->begin ? old->begin[h] : 0, end = old->begin ? old->begin[h + 1] : 0;
        if (i > end || end > old->entries) i = end = 0;
        begin[h] = (uint32_t)n;
        for (;;) {
            bool more = k < change->count && change->item[k].tag >> 16 == h;
            if (i == end && !more) break;
            uint32_t a = i < end ? old->low[i] : TAGS,
                     b = more ? change->item[k].tag & 0xFFFF : TAGS;
            int64_t sum =
                (a <= b ? (int64_t)old->count[i] : 0) + (b <= a ? change->item[k].count : 0);
            low[n] = (uint16_t)(a < b ? a : b);
            count[n] = (uint32_t)sum;
            n += sum > 0;
            i += a <= b;
            k += b <= a;
        }
    }
    begin[TAGS] = (uint32_t)n;
    return n;
}

static samestory_status write_totals(ss_store *s, const tallies *change, samestory_error *error)
{
    char name[SS_NAME_BYTES];
    totals old = s->totals.data ? totals_in(&s->totals) : (totals){0};
    size_t most = old.entries + change->count;
    uint32_t *body = malloc(BEGIN_BYTES + (most + 1) * 6);
    uint16_t *low = malloc((most + 1) * sizeof *low);
    samestory_status status = SAMESTORY_OK;
    if (!body || !low) status = ss_fail_memory(error);
    if (!status && s->state.totals) {
        ss_name_totals(s->state.totals, name);
        status = ss_store_doom(s, name, error);
    }
    if (!status) {
        size_t n = merge_totals(&old, change, body, body + TAGS + 1, low);
        memcpy(body + TAGS + 1 + n, low, n * sizeof *low);
        ss_name_totals(s->state.totals + 1, name);
        status = ss_store_write(s, name, SS_FILE_TOTALS, s->state.totals + 1, s->state.documents,
                                body, BEGIN_BYTES + n * 6, error);
        s->made_files = true;
    }
    free(body);
    free(low);
    if (status) return status;
    s->state.totals++;
    return ss_totals_map(s, error);
}

samestory_status ss_totals_make(ss_store *s, samestory_error *error)
{
    tallies sum = {NULL, 0}, counts;
    samestory_status status = SAMESTORY_OK;
    for (size_t i = 0; !status && i < s->slices; i++) {
        const ss_slice_entry *e = &s->slice[i].entry;
        if (!e->closed) continue;
        bool good = count_slice(s, e, &counts);
        status = good ? write_counts(s, e, &counts, error) : ss_fail_memory(error);
        if (status)
            free(counts.item);
        else if (!add(sum, counts, &sum))
            status = ss_fail_memory(error);
    }
    if (!status && sum.count) status = write_totals(s, &sum, error);
    free(sum.item);
    return status;
}

typedef struct forgetting {
    ss_store *s;
    tallies sum;
    samestory_status status;
    samestory_error *error;
    uint32_t *number;
    size_t count, capacity;
} forgetting;

static int take_away(void *context, uint32_t number, const void *value)
{
    forgetting *f = context;
    char name[SS_NAME_BYTES];
    tallies counts;
    f->status = read_counts(f->s, value, &counts, f->error);
    if (!f->status && !add(f->sum, counts, &f->sum)) f->status = ss_fail_memory(f->error);
    if (!f->status && !ss_reserve(&f->number, &f->capacity, f->count + 1))
        f->status = ss_fail_memory(f->error);
    if (f->status) return 1;
    f->number[f->count++] = number;
    ss_name_slice(value, "counts", name);
    f->status = ss_store_doom(f->s, name, f->error);
    return f->status != SAMESTORY_OK;
}

samestory_status ss_totals_renew(ss_store *s, const ss_slice *closing, samestory_error *error)
{
    forgetting f = {.s = s, .error = error};
    if (!count_slice(s, &closing->entry, &f.sum)) f.status = ss_fail_memory(error);
    if (!f.status) f.status = write_counts(s, &closing->entry, &f.sum, error);
    if (!f.status) {
        int code = ss_catalogue_each(s, s->write, SS_TABLE_FORGOTTEN, sizeof(ss_slice_entry),
                                     take_away, &f);
        if (code && !f.status) f.status = ss_catalogue_fail(s, code, error);
    }
    for (size_t i = 0; !f.status && i < f.count; i++)
        f.status = ss_catalogue_remove(s, SS_TABLE_FORGOTTEN, f.number[i], error);
    if (!f.status) f.status = write_totals(s, &f.sum, error);
    free(f.sum.item);
    free(f.number);
    return f.status;
}
