/* Document frequencies in an open-addressing table: 12 bytes an anchor at a load of at most .7. */
#include "index/statistics.h"

#include <stdlib.h>

typedef struct counter {
    uint32_t key;
    uint32_t type; /* + 1; 0: empty */
    uint32_t count;
} counter;

struct ss_statistics {
    counter *slot;
    size_t mask, used, documents;
};

static size_t place(unsigned type, uint32_t key, size_t mask)
{
    return (((uint64_t)key << 8 | type) * 0x9E3779B97F4A7C15u >> 20) & mask;
}

static counter *find(counter *slot, size_t mask, unsigned type, uint32_t key)
{
    size_t at = place(type, key, mask);
    while (slot[at].type && (slot[at].key != key || slot[at].type != type + 1)) at = (at + 1) & mask;
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
        if (s->slot[i].type) *find(slot, mask, s->slot[i].type - 1, s->slot[i].key) = s->slot[i];
    free(s->slot);
    s->slot = slot;
    s->mask = mask;
    return true;
}

bool ss_statistics_count(ss_statistics *s, const ss_sketch *sketch)
{
    const ss_anchor *anchor = ss_sketch_anchors(sketch);
    for (size_t i = 0; i < sketch->anchors; i++) {
        if (s->used * 10 > s->mask * 7 && !grow(s)) return false;
        counter *c = find(s->slot, s->mask, anchor[i].type, anchor[i].key);
        if (!c->type) {
            *c = (counter){anchor[i].key, anchor[i].type + 1u, 0};
            s->used++;
        }
        c->count++;
    }
    s->documents++;
    return true;
}

size_t ss_statistics_documents(const ss_statistics *statistics)
{
    return statistics->documents;
}

uint32_t ss_statistics_frequency(const ss_statistics *s, unsigned type, uint32_t key)
{
    return find(s->slot, s->mask, type, key)->count;
}

void ss_statistics_of(const ss_statistics *statistics, const ss_sketch *sketch, uint32_t *out)
{
    const ss_anchor *anchor = ss_sketch_anchors(sketch);
    for (size_t i = 0; i < sketch->anchors; i++)
        out[i] = ss_statistics_frequency(statistics, anchor[i].type, anchor[i].key);
}
