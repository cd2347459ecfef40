/* Frequencies in an open-addressing table: 8 bytes an anchor at a load of at most .7. An anchor is
 * known by 32 bits of its type and key: one in a thousand of five million shares its count. */
#include "index/statistics.h"

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

/* A collection has some 20 anchors a document that no other has: counted part by part, by the first
 * bits of their tags, they need memory for a while only. */
enum { DOCUMENTS_OF_PART = 50000 };

/* Counts while slice follows slice: what a slice counts grows by 1 whenever its dated documents
 * with the anchor double. */
typedef struct running {
    uint32_t tag, count;  /* count 0: empty */
    uint32_t slice, seen; /* dated documents of the last slice */
} running;

typedef struct part {
    running *slot;
    size_t mask, used;
} part;

static running *part_find(running *slot, size_t mask, uint32_t tag)
{
    size_t at = tag & mask;
    while (slot[at].count && slot[at].tag != tag) at = (at + 1) & mask;
    return &slot[at];
}

static bool part_room(part *p)
{
    if (p->slot && p->used * 10 <= p->mask * 7) return true;
    size_t mask = p->slot ? p->mask * 2 + 1 : 4095;
    running *slot = calloc(mask + 1, sizeof *slot);
    if (!slot) return false;
    for (size_t i = 0; p->slot && i <= p->mask; i++)
        if (p->slot[i].count) *part_find(slot, mask, p->slot[i].tag) = p->slot[i];
    free(p->slot);
    p->slot = slot;
    p->mask = mask;
    return true;
}

static bool part_count(part *p, uint32_t tag, uint32_t slice, bool dated)
{
    if (!part_room(p)) return false;
    running *r = part_find(p->slot, p->mask, tag);
    if (!r->count) {
        p->used++;
        *r = (running){.tag = tag, .slice = slice};
    }
    if (r->slice != slice) {
        r->slice = slice;
        r->seen = 0;
    }
    if (!dated)
        r->count++;
    else if (r->seen++, !(r->seen & (r->seen - 1)))
        r->count++;
    return true;
}

/* The first bits of a tag choose its part, since the last choose its slot. */
static bool count_part(part *p, const ss_sketch *const *sketch, const uint32_t *slice, size_t count,
                       uint32_t parts, uint32_t number, ss_shelf *shelf)
{
    for (size_t d = 0; d < count; d++) {
        const ss_anchor *anchor = ss_sketch_anchors(sketch[d]);
        bool dated = sketch[d]->date != SAMESTORY_NO_DATE;
        if (d % 64 == 0) ss_shelf_relieve(shelf);
        for (size_t i = 0; i < sketch[d]->anchors; i++) {
            uint32_t tag = ss_anchor_tag(anchor[i].type, anchor[i].key);
            if ((uint64_t)tag * parts >> 32 == number && !part_count(p, tag, slice[d], dated))
                return false;
        }
    }
    return true;
}

/* Slots come in the order of their places: the table that takes them must not grow meanwhile, or
 * they would crowd in its first part. */
static bool take_common(ss_statistics *to, const part *from)
{
    size_t common = 0;
    for (size_t i = 0; from->slot && i <= from->mask; i++) common += from->slot[i].count > 1;
    while ((to->used + common) * 10 > to->mask * 7)
        if (!grow(to)) return false;
    for (size_t i = 0; from->slot && i <= from->mask; i++)
        if (from->slot[i].count > 1 && !change(to, from->slot[i].tag, from->slot[i].count, true))
            return false;
    return true;
}

bool ss_statistics_count_all(ss_statistics *s, const ss_sketch *const *sketch,
                             const uint32_t *slice, size_t count, ss_shelf *shelf)
{
    uint32_t parts = (uint32_t)(count / DOCUMENTS_OF_PART) + 1;
    bool good = true;
    for (uint32_t number = 0; number < parts && good; number++) {
        part p = {NULL, 0, 0};
        good = count_part(&p, sketch, slice, count, parts, number, shelf) && take_common(s, &p);
        free(p.slot);
    }
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
