/* Stage index, of collections (see the header): keys are dealt out and sorted, and what stands
 * alone is dropped. */
#include "index/postings.h"

#include "base/array.h"
#include "index/dealing.h"

/* A bucket's place: its count stands in list[start], its documents after that. */
typedef struct place {
    uint32_t tag, start;
} place;

struct ss_postings {
    uint32_t *list;
    size_t used, capacity;
    place *bucket; /* (buckets), by tag */
    size_t buckets, bucket_capacity;
    uint32_t *first; /* of the first bucket whose tag >> shift is this much or more */
    unsigned shift;
    ss_worst worst[SS_WORST_BUCKETS];
    size_t worst_count;
};

uint32_t ss_posting_tag(const ss_key *key)
{
    uint32_t tag = (uint32_t)(key->bucket * 0x9E3779B97F4A7C15u >> 32);
    return (tag & ~1u) | (key->kind == SS_KEY_NAME);
}

/* ---- Building
 * ---------------------------------------------------------------------------------------- */

/* What one part's sorting left: buckets, and how much of the list they take. */
typedef struct part {
    size_t groups, used;
    ss_worst worst[SS_WORST_BUCKETS];
    size_t worst_count;
} part;

typedef struct building {
    ss_postings *to;
    const samestory_model *model;
    const ss_sketch *const *sketch;
    part part[SS_DEAL_PARTS];
} building;

_Static_assert((int)SS_KEYS_MAX <= (int)SS_DEALT_MAX, "all keys of a document are dealt out");

static size_t entries_of(void *context, size_t document, ss_entry *out)
{
    const building *b = context;
    ss_key keys[SS_KEYS_MAX];
    size_t count = ss_keys_of(b->model, b->sketch[document], 0, keys);
    for (size_t k = 0; k < count; k++)
        out[k] = (ss_entry){ss_posting_tag(&keys[k]), (uint32_t)document};
    return count;
}

/* The fullest first; of equals the lower tag, so that the order of parts does not matter. */
static void keep_worst(ss_worst *worst, size_t *count, ss_worst one)
{
    size_t at = *count;
    while (at > 0 && (one.count > worst[at - 1].count ||
                      (one.count == worst[at - 1].count && one.tag < worst[at - 1].tag)))
        at--;
    if (at == SS_WORST_BUCKETS) return;
    if (*count < SS_WORST_BUCKETS) ++*count;
    memmove(worst + at + 1, worst + at, (*count - 1 - at) * sizeof *worst);
    worst[at] = one;
}

/* Groups of one tag are written over the part's own entries, as tag, count and documents: a group
 * of two needs four numbers, which are those that its entries have; what stands alone needs none. A
 * document that has a key twice, by two anchors of one tag, stands once. */
static void group_part(void *context, size_t which, ss_entry *e, size_t count)
{
    building *b = context;
    part *p = &b->part[which];
    uint32_t *out = (uint32_t *)(void *)e;
    for (size_t i = 0, end; i < count; i = end) {
        const uint32_t tag = e[i].tag, first = e[i].number;
        for (end = i + 1; end < count && e[end].tag == tag; end++) {
        }
        if (end == i + 1) continue;
        uint32_t documents = 1;
        out[2] = first;
        for (size_t k = i + 1; k < end; k++) /* never writes what is yet to be read */
            if (e[k].number != out[1 + documents]) out[2 + documents++] = e[k].number;
        if (documents < 2) continue;
        if (documents > 2) keep_worst(p->worst, &p->worst_count, (ss_worst){tag, documents, first});
        out[0] = tag;
        out[1] = documents;
        out += 2 + documents;
        p->groups++;
        p->used += 1 + (size_t)documents;
    }
}

static bool take_part(void *context, size_t which, const ss_entry *entries)
{
    const building *b = context;
    ss_postings *p = b->to;
    const part *of = &b->part[which];
    const uint32_t *group = (const uint32_t *)(const void *)entries;
    if (p->used + of->used >= UINT32_MAX ||
        !ss_reserve(&p->list, &p->capacity, p->used + of->used) ||
        !ss_reserve(&p->bucket, &p->bucket_capacity, p->buckets + of->groups))
        return false;
    for (size_t g = 0; g < of->groups; g++) {
        size_t numbers = 1 + (size_t)group[1];
        p->bucket[p->buckets++] = (place){group[0], (uint32_t)p->used};
        memcpy(p->list + p->used, group + 1, numbers * sizeof *group);
        p->used += numbers;
        group += 1 + numbers;
    }
    for (size_t i = 0; i < of->worst_count; i++)
        keep_worst(p->worst, &p->worst_count, of->worst[i]);
    return true;
}

/* For every few buckets one step of the directory. */
static bool build_directory(ss_postings *p)
{
    unsigned bits = 1;
    while (bits < 28 && (size_t)2 << bits < p->buckets) bits++;
    size_t steps = (size_t)1 << bits;
    p->shift = 32 - bits;
    p->first = malloc((steps + 1) * sizeof *p->first);
    if (!p->first) return false;
    size_t at = 0;
    for (size_t step = 0; step <= steps; step++) {
        while (at < p->buckets && p->bucket[at].tag >> p->shift < step) at++;
        p->first[step] = (uint32_t)at;
    }
    return true;
}

ss_postings *ss_postings_new(const samestory_model *model, const ss_sketch *const *sketch,
                             size_t count, ss_shelf *shelf, unsigned threads, size_t room)
{
    ss_postings *p = calloc(1, sizeof *p);
    building *b = calloc(1, sizeof *b);
    bool good = p && b;
    if (good) {
        *b = (building){.to = p, .model = model, .sketch = sketch};
        ss_dealing dealing = {b, entries_of, group_part, take_part};
        good = ss_deal(&dealing, count, shelf, threads, room) && build_directory(p);
    }
    free(b);
    if (good) return p;
    ss_postings_free(p);
    return NULL;
}

void ss_postings_free(ss_postings *p)
{
    if (!p) return;
    free(p->list);
    free(p->bucket);
    free(p->first);
    free(p);
}

/* ---- Finding
 * --------------------------------------------------------------------------------------------- */

/* The list of a tag, its count first, or NULL. */
static const uint32_t *list_of(const ss_postings *p, uint32_t tag)
{
    uint32_t step = tag >> p->shift, last = p->first[step + 1];
    for (uint32_t i = p->first[step]; i < last; i++)
        if (p->bucket[i].tag == tag) return p->list + p->bucket[i].start;
    return NULL;
}

void ss_postings_find(const ss_postings *p, const ss_key *keys, size_t count, ss_bucket *bucket)
{
    const uint32_t *list[SS_KEYS_MAX];
    for (size_t i = 0; i < count; i++)
        __builtin_prefetch(&p->first[ss_posting_tag(&keys[i]) >> p->shift]);
    for (size_t i = 0; i < count; i++)
        __builtin_prefetch(&p->bucket[p->first[ss_posting_tag(&keys[i]) >> p->shift]]);
    for (size_t i = 0; i < count; i++) {
        list[i] = list_of(p, ss_posting_tag(&keys[i]));
        if (list[i]) __builtin_prefetch(list[i]);
    }
    for (size_t i = 0; i < count; i++)
        bucket[i] = list[i] ? (ss_bucket){list[i] + 1, *list[i]} : (ss_bucket){NULL, 0};
}

size_t ss_postings_worst(const ss_postings *p, ss_worst *worst)
{
    memcpy(worst, p->worst, p->worst_count * sizeof *worst);
    return p->worst_count;
}
