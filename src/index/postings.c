/* Stage index, of collections (see the header): keys are dealt out by their first bits, each part
 * is sorted by the rest, and what stands alone is dropped. */
#include "index/postings.h"

#include "base/array.h"
#include "base/pool.h"

enum {
    CHUNK = 512,    /* documents whose keys are dealt out together */
    PART_BITS = 10, /* first bits of a tag: parts that are sorted by themselves */
    PARTS = 1 << PART_BITS,
    DIGIT_BITS = 11, /* two digits sort the rest of a tag */
    DIGITS = 1 << DIGIT_BITS,
};

_Static_assert(PART_BITS + 2 * DIGIT_BITS == 32, "a tag has 32 bits");

typedef struct entry {
    uint32_t tag, document;
} entry;

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

/* ---- Dealing out
 * ------------------------------------------------------------------------------------ */

/* What one part's sorting left: documents of its buckets, a count before each. */
typedef struct part {
    size_t groups, used; /* buckets; numbers in all */
    ss_worst worst[SS_WORST_BUCKETS];
    size_t worst_count;
} part;

typedef struct building {
    const samestory_model *model;
    const ss_sketch *const *sketch;
    size_t count, chunks;
    unsigned threads;
    ss_shelf *shelf;
    uint32_t (*dealt)[PARTS]; /* (chunks): keys of each part; then where the chunk's go */
    size_t start[PARTS + 1];  /* of each part's entries, over all parts */
    size_t first, last;       /* parts of this round */
    entry *entries, *scratch; /* of the round */
    part part[PARTS];
} building;

static void count_keys(void *context, unsigned worker, size_t begin, size_t end)
{
    building *b = context;
    ss_key keys[SS_KEYS_MAX];
    (void)worker;
    for (size_t c = begin; c < end; c++) {
        uint32_t *dealt = b->dealt[c];
        memset(dealt, 0, sizeof *b->dealt);
        for (size_t d = c * CHUNK; d < b->count && d < (c + 1) * CHUNK; d++) {
            size_t count = ss_keys_of(b->model, b->sketch[d], 0, keys);
            for (size_t k = 0; k < count; k++)
                dealt[ss_posting_tag(&keys[k]) >> (32 - PART_BITS)]++;
        }
        ss_shelf_relieve(b->shelf);
    }
}

/* Counts become places: chunk by chunk within each part, so that documents stand in their order. */
static void place_chunks(building *b)
{
    for (size_t p = 0; p < PARTS; p++) {
        uint32_t sum = 0;
        for (size_t c = 0; c < b->chunks; c++) {
            uint32_t dealt = b->dealt[c][p];
            b->dealt[c][p] = sum;
            sum += dealt;
        }
        b->start[p + 1] = b->start[p] + sum;
    }
}

static void deal_keys(void *context, unsigned worker, size_t begin, size_t end)
{
    building *b = context;
    ss_key keys[SS_KEYS_MAX];
    (void)worker;
    for (size_t c = begin; c < end; c++) {
        uint32_t *at = b->dealt[c];
        for (size_t d = c * CHUNK; d < b->count && d < (c + 1) * CHUNK; d++) {
            size_t count = ss_keys_of(b->model, b->sketch[d], 0, keys);
            for (size_t k = 0; k < count; k++) {
                uint32_t tag = ss_posting_tag(&keys[k]), p = tag >> (32 - PART_BITS);
                if (p < b->first || p >= b->last) continue;
                b->entries[b->start[p] - b->start[b->first] + at[p]++] = (entry){tag, (uint32_t)d};
            }
        }
        ss_shelf_relieve(b->shelf);
    }
}

/* ---- Sorting a part
 * ----------------------------------------------------------------------------------- */

/* Stable, so that documents stay in their order. */
static void sort_by_digit(const entry *from, entry *to, size_t count, unsigned shift)
{
    uint32_t at[DIGITS] = {0}, sum = 0;
    for (size_t i = 0; i < count; i++) at[from[i].tag >> shift & (DIGITS - 1)]++;
    for (size_t d = 0; d < DIGITS; d++) {
        uint32_t digit = at[d];
        at[d] = sum;
        sum += digit;
    }
    for (size_t i = 0; i < count; i++) to[at[from[i].tag >> shift & (DIGITS - 1)]++] = from[i];
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

/* Groups of one tag, counts before their documents, are written over the part's own entries: a
 * group of two needs three numbers, which are fewer than its entries have. A document that has a
 * key twice, by two anchors of one tag, stands once. */
static void keep_groups(const entry *e, size_t count, uint32_t *out, uint32_t *tags, part *p)
{
    for (size_t i = 0, end; i < count; i = end) {
        size_t start = p->used;
        out[p->used++] = 0;
        for (end = i; end < count && e[end].tag == e[i].tag; end++)
            if (end == i || e[end].document != e[end - 1].document)
                out[p->used++] = e[end].document;
        uint32_t documents = (uint32_t)(p->used - start - 1);
        if (documents > 2)
            keep_worst(p->worst, &p->worst_count, (ss_worst){e[i].tag, documents, e[i].document});
        if (documents < 2) {
            p->used = start;
            continue;
        }
        out[start] = documents;
        tags[p->groups++] = e[i].tag;
    }
}

/* Leaves in the part's scratch the groups' numbers, and in its entries their tags. */
static void sort_parts(void *context, unsigned worker, size_t begin, size_t end)
{
    building *b = context;
    (void)worker;
    for (size_t i = begin; i < end; i++) {
        size_t p = b->first + i, at = b->start[p] - b->start[b->first];
        size_t count = b->start[p + 1] - b->start[p];
        entry *entries = b->entries + at, *scratch = b->scratch + at;
        sort_by_digit(entries, scratch, count, 0);
        sort_by_digit(scratch, entries, count, DIGIT_BITS);
        keep_groups(entries, count, (uint32_t *)(void *)scratch, (uint32_t *)(void *)entries,
                    &b->part[p]);
    }
}

/* ---- Collecting
 * ---------------------------------------------------------------------------------------- */

static bool take_part(ss_postings *p, const uint32_t *numbers, const uint32_t *tags, const part *of)
{
    if (p->used + of->used >= UINT32_MAX ||
        !ss_reserve(&p->list, &p->capacity, p->used + of->used) ||
        !ss_reserve(&p->bucket, &p->bucket_capacity, p->buckets + of->groups))
        return false;
    if (!of->used) return true;
    memcpy(p->list + p->used, numbers, of->used * sizeof *numbers);
    size_t at = p->used;
    for (size_t g = 0; g < of->groups; g++) {
        p->bucket[p->buckets++] = (place){tags[g], (uint32_t)at};
        at += 1 + (size_t)p->list[at];
    }
    p->used = at;
    for (size_t i = 0; i < of->worst_count; i++)
        keep_worst(p->worst, &p->worst_count, of->worst[i]);
    return true;
}

/* Parts first .. last of one round: dealt out, sorted, collected. */
static bool build_round(building *b, ss_postings *p)
{
    ss_parallel(b->threads, b->chunks, 1, deal_keys, b);
    ss_parallel(b->threads, b->last - b->first, 8, sort_parts, b);
    for (size_t i = b->first; i < b->last; i++) {
        size_t at = b->start[i] - b->start[b->first];
        if (!take_part(p, (const uint32_t *)(const void *)(b->scratch + at),
                       (const uint32_t *)(const void *)(b->entries + at), &b->part[i]))
            return false;
    }
    return true;
}

/* As many parts a round as there is room for; one at least. */
static bool build_rounds(building *b, ss_postings *p, size_t room)
{
    size_t most = room / (2 * sizeof(entry)), largest = 0;
    for (size_t i = 0; i < PARTS; i++) {
        size_t entries = b->start[i + 1] - b->start[i];
        if (entries > largest) largest = entries;
    }
    if (most < largest) most = largest;
    if (most > b->start[PARTS]) most = b->start[PARTS];
    b->entries = malloc((most + 1) * sizeof *b->entries);
    b->scratch = malloc((most + 1) * sizeof *b->scratch);
    bool good = b->entries && b->scratch;
    for (b->first = 0; good && b->first < PARTS; b->first = b->last) {
        b->last = b->first + 1;
        while (b->last < PARTS && b->start[b->last + 1] - b->start[b->first] <= most) b->last++;
        good = build_round(b, p);
    }
    free(b->entries);
    free(b->scratch);
    return good;
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
        b->model = model;
        b->sketch = sketch;
        b->count = count;
        b->threads = threads;
        b->shelf = shelf;
        b->chunks = (count + CHUNK - 1) / CHUNK;
        b->dealt = malloc((b->chunks + 1) * sizeof *b->dealt);
        good = b->dealt != NULL;
    }
    if (good) {
        ss_parallel(threads, b->chunks, 1, count_keys, b);
        place_chunks(b);
        good = build_rounds(b, p, room) && build_directory(p);
    }
    if (b) free(b->dealt);
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
