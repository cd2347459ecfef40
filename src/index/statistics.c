/* Frequencies in an open-addressing table: 8 bytes an anchor at a load of at most .7. An anchor is
 * known by 32 bits of its type and key: one in a thousand of five million shares its count. */
#include "index/statistics.h"

#include "index/dealing.h"

#include <stdlib.h>

typedef struct counter {
    uint32_t tag, count; /* count 0: empty */
} counter;

struct ss_statistics {
    counter *slot;
    size_t mask, used;
    uint32_t missing; /* frequency of what is not in the table */
};

static counter *find(counter *slot, size_t mask, uint32_t tag)
{
    size_t at = tag & mask;
    while (slot[at].count && slot[at].tag != tag) at = (at + 1) & mask;
    return &slot[at];
}

ss_statistics *ss_statistics_new(void)
{
    ss_statistics *s = calloc(1, sizeof *s);
    if (!s) return NULL;
    s->mask = 1023;
    s->slot = calloc(s->mask + 1, sizeof *s->slot);
    if (!s->slot) {
        free(s);
        return NULL;
    }
    return s;
}

void ss_statistics_free(ss_statistics *statistics)
{
    if (!statistics) return;
    free(statistics->slot);
    free(statistics);
}

static bool grow(ss_statistics *s)
{
    size_t mask = s->mask * 2 + 1;
    counter *slot = calloc(mask + 1, sizeof *slot);
    if (!slot) return false;
    for (size_t i = 0; i <= s->mask; i++)
        if (s->slot[i].count) *find(slot, mask, s->slot[i].tag) = s->slot[i];
    free(s->slot);
    s->slot = slot;
    s->mask = mask;
    return true;
}

/* Empties a slot; those behind it that were pushed past it move up. */
static void erase(ss_statistics *s, size_t at)
{
    for (size_t next = (at + 1) & s->mask; s->slot[next].count; next = (next + 1) & s->mask) {
        size_t home = s->slot[next].tag & s->mask;
        if (((next - home) & s->mask) < ((next - at) & s->mask)) continue;
        s->slot[at] = s->slot[next];
        at = next;
    }
    s->slot[at] = (counter){0, 0};
    s->used--;
}

/* Adds to a counter, or takes from it; false when memory is out. */
static bool change(ss_statistics *s, uint32_t tag, uint32_t by, bool add)
{
    if (add && s->used * 10 > s->mask * 7 && !grow(s)) return false;
    counter *c = find(s->slot, s->mask, tag);
    if (add) {
        s->used += !c->count;
        c->tag = tag;
        c->count += by;
    } else if (c->count <= by) {
        if (c->count) erase(s, (size_t)(c - s->slot));
    } else {
        c->count -= by;
    }
    return true;
}

static int by_value(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

uint32_t ss_slice_frequency(uint32_t dated, uint32_t undated)
{
    uint32_t bits = 0;
    for (; dated; dated >>= 1) bits++;
    return bits + undated;
}

static bool change_slice(ss_statistics *s, const ss_sketch *const *sketch, size_t count, bool add)
{
    size_t all = 0, n = 0;
    for (size_t i = 0; i < count; i++) all += sketch[i]->anchors;
    uint64_t *tag = malloc((all + 1) * sizeof *tag);
    if (!tag) return false;
    for (size_t i = 0; i < count; i++) {
        const ss_anchor *anchor = ss_sketch_anchors(sketch[i]);
        for (size_t k = 0; k < sketch[i]->anchors; k++)
            tag[n++] = (uint64_t)ss_anchor_tag(anchor[k].type, anchor[k].key) << 1 |
                       (sketch[i]->date == SAMESTORY_NO_DATE);
    }
    qsort(tag, n, sizeof *tag, by_value);
    bool good = true;
    for (size_t i = 0; i < n && good;) {
        uint32_t seen[2] = {0, 0};
        size_t first = i;
        for (; i < n && tag[i] >> 1 == tag[first] >> 1; i++) seen[tag[i] & 1]++;
        good = change(s, (uint32_t)(tag[first] >> 1), ss_slice_frequency(seen[0], seen[1]), add);
    }
    free(tag);
    return good;
}

bool ss_statistics_count(ss_statistics *s, const ss_sketch *const *sketch, size_t count)
{
    return change_slice(s, sketch, count, true);
}

bool ss_statistics_uncount(ss_statistics *s, const ss_sketch *const *sketch, size_t count)
{
    return change_slice(s, sketch, count, false);
}

/* ---- Collections
 * -------------------------------------------------------------------------------------- */

/* A collection has some 20 anchors a document that no other has: they are sorted, and only what is
 * common gets a counter. */
typedef struct counting {
    ss_statistics *to;
    const ss_sketch *const *sketch;
    const uint32_t *slice;
    size_t common[SS_DEAL_PARTS]; /* anchors that count 2 and more */
} counting;

_Static_assert((int)SS_ANCHORS_MAX <= (int)SS_DEALT_MAX, "all anchors of a document are dealt out");

/* An anchor's number is its document's slice, and whether it has a date. */
static size_t entries_of(void *context, size_t document, ss_entry *out)
{
    const counting *c = context;
    const ss_sketch *s = c->sketch[document];
    const ss_anchor *anchor = ss_sketch_anchors(s);
    uint32_t number = c->slice[document] << 1 | (s->date != SAMESTORY_NO_DATE);
    for (size_t i = 0; i < s->anchors; i++)
        out[i] = (ss_entry){ss_anchor_tag(anchor[i].type, anchor[i].key), number};
    return s->anchors;
}

/* What a slice counts of the anchor whose entries these are, from the first on; *end: where it
 * ends. */
static uint32_t count_slice(const ss_entry *e, size_t count, size_t first, size_t *end)
{
    uint32_t seen[2] = {0, 0};
    for (*end = first;
         *end < count && e[*end].tag == e[first].tag && e[*end].number >> 1 == e[first].number >> 1;
         ++*end)
        seen[e[*end].number & 1]++;
    return ss_slice_frequency(seen[1], seen[0]);
}

/* Leaves the common anchors, with their counts for numbers. */
static void count_part(void *context, size_t part, ss_entry *e, size_t count)
{
    counting *c = context;
    size_t common = 0;
    for (size_t i = 0; i < count;) {
        ss_entry sum = {e[i].tag, 0};
        while (i < count && e[i].tag == sum.tag) sum.number += count_slice(e, count, i, &i);
        if (sum.number > 1) e[common++] = sum;
    }
    c->common[part] = common;
}

/* Those of a part come in the order of their places: the table that takes them must not grow
 * meanwhile, or they would crowd in its first half. */
static bool take_part(void *context, size_t part, const ss_entry *common)
{
    const counting *c = context;
    while ((c->to->used + c->common[part]) * 10 > c->to->mask * 7)
        if (!grow(c->to)) return false;
    for (size_t i = 0; i < c->common[part]; i++)
        if (!change(c->to, common[i].tag, common[i].number, true)) return false;
    return true;
}

bool ss_statistics_count_all(ss_statistics *s, const ss_sketch *const *sketch,
                             const uint32_t *slice, size_t count, ss_shelf *shelf, unsigned threads,
                             size_t room)
{
    counting *c = malloc(sizeof *c);
    if (!c) return false;
    *c = (counting){.to = s, .sketch = sketch, .slice = slice};
    ss_dealing dealing = {c, entries_of, count_part, take_part};
    bool good = ss_deal(&dealing, count, shelf, threads, room);
    free(c);
    s->missing = 1;
    return good;
}

uint32_t ss_statistics_frequency(const ss_statistics *s, unsigned type, uint32_t key)
{
    uint32_t count = find(s->slot, s->mask, ss_anchor_tag(type, key))->count;
    return count ? count : s->missing;
}

void ss_statistics_of(const ss_statistics *statistics, const ss_sketch *sketch, uint32_t *out)
{
    const ss_anchor *anchor = ss_sketch_anchors(sketch);
    for (size_t i = 0; i < sketch->anchors; i++)
        out[i] = ss_statistics_frequency(statistics, anchor[i].type, anchor[i].key);
}
