/* Dealing out by the first bits, then sorting by the rest (see the header). */
#include "index/dealing.h"

#include "base/pool.h"

#include <stdlib.h>
#include <string.h>

enum {
    CHUNK = 512,     /* items whose entries are dealt out together */
    RELIEF = 64,     /* items read between two calls of ss_shelf_relieve */
    PART_BITS = 10,  /* first bits of a tag: parts that are sorted by themselves */
    DIGIT_BITS = 11, /* two digits sort the rest of a tag */
    DIGITS = 1 << DIGIT_BITS,
};

_Static_assert(1 << PART_BITS == SS_DEAL_PARTS, "as the header says");
_Static_assert(PART_BITS + 2 * DIGIT_BITS == 32, "a tag has 32 bits");

typedef struct dealing {
    const ss_dealing *to;
    size_t items, chunks;
    unsigned threads;
    ss_shelf *shelf;
    uint32_t (*dealt)[SS_DEAL_PARTS]; /* (chunks): entries of each part; then their places */
    size_t start[SS_DEAL_PARTS + 1];  /* of each part's entries, over all parts */
    size_t first, last;               /* parts of this round */
    ss_entry *entries;                /* of the round */
    ss_entry *scratch;                /* (threads, largest) */
    size_t largest;                   /* part's entries */
} dealing;

/* The entries of the item, after those before it. */
static size_t ask(const dealing *d, size_t item, ss_entry *out)
{
    if (item % RELIEF == 0) ss_shelf_relieve(d->shelf);
    return d->to->entries(d->to->context, item, out);
}

static void count_chunks(void *context, unsigned worker, size_t begin, size_t end)
{
    dealing *d = context;
    ss_entry out[SS_DEALT_MAX];
    (void)worker;
    for (size_t c = begin; c < end; c++) {
        uint32_t *dealt = d->dealt[c];
        memset(dealt, 0, sizeof *d->dealt);
        for (size_t i = c * CHUNK; i < d->items && i < (c + 1) * CHUNK; i++)
            for (size_t k = ask(d, i, out); k > 0; k--) dealt[out[k - 1].tag >> (32 - PART_BITS)]++;
    }
}

/* Counts become places: chunk by chunk within each part, so that items stand in their order. */
static void place_chunks(dealing *d)
{
    for (size_t p = 0; p < SS_DEAL_PARTS; p++) {
        uint32_t sum = 0;
        for (size_t c = 0; c < d->chunks; c++) {
            uint32_t dealt = d->dealt[c][p];
            d->dealt[c][p] = sum;
            sum += dealt;
        }
        d->start[p + 1] = d->start[p] + sum;
    }
}

static void deal_chunks(void *context, unsigned worker, size_t begin, size_t end)
{
    dealing *d = context;
    ss_entry out[SS_DEALT_MAX];
    (void)worker;
    for (size_t c = begin; c < end; c++) {
        uint32_t *at = d->dealt[c];
        for (size_t i = c * CHUNK; i < d->items && i < (c + 1) * CHUNK; i++) {
            size_t count = ask(d, i, out);
            for (size_t k = 0; k < count; k++) {
                size_t p = out[k].tag >> (32 - PART_BITS);
                if (p < d->first || p >= d->last) continue;
                d->entries[d->start[p] - d->start[d->first] + at[p]++] = out[k];
            }
        }
    }
}

/* Stable, so that items stay in their order. */
static void sort_by_digit(const ss_entry *from, ss_entry *to, size_t count, unsigned shift)
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

static void sort_parts(void *context, unsigned worker, size_t begin, size_t end)
{
    dealing *d = context;
    ss_entry *scratch = d->scratch + worker * d->largest;
    for (size_t p = d->first + begin; p < d->first + end; p++) {
        size_t at = d->start[p] - d->start[d->first], count = d->start[p + 1] - d->start[p];
        sort_by_digit(d->entries + at, scratch, count, 0);
        sort_by_digit(scratch, d->entries + at, count, DIGIT_BITS);
        d->to->sorted(d->to->context, p, d->entries + at, count);
    }
}

/* Parts first .. last of one round: dealt out, sorted, taken. */
static bool deal_round(dealing *d)
{
    ss_parallel(d->threads, d->chunks, 1, deal_chunks, d);
    ss_parallel(d->threads, d->last - d->first, 8, sort_parts, d);
    bool good = true;
    for (size_t p = d->first; p < d->last && good; p++)
        good = d->to->take(d->to->context, p, d->entries + d->start[p] - d->start[d->first]);
    return good;
}

/* As many parts a round as there is room for; one at least. */
static bool deal_rounds(dealing *d, size_t room)
{
    size_t most = room / sizeof(ss_entry);
    for (size_t p = 0; p < SS_DEAL_PARTS; p++) {
        size_t count = d->start[p + 1] - d->start[p];
        if (count > d->largest) d->largest = count;
    }
    if (most < d->largest) most = d->largest;
    if (most > d->start[SS_DEAL_PARTS]) most = d->start[SS_DEAL_PARTS];
    d->entries = malloc((most + 1) * sizeof *d->entries);
    d->scratch = malloc((d->threads * d->largest + 1) * sizeof *d->scratch);
    bool good = d->entries && d->scratch;
    for (d->first = 0; good && d->first < SS_DEAL_PARTS; d->first = d->last) {
        d->last = d->first + 1;
        while (d->last < SS_DEAL_PARTS && d->start[d->last + 1] - d->start[d->first] <= most)
            d->last++;
        good = deal_round(d);
    }
    free(d->entries);
    free(d->scratch);
    return good;
}

bool ss_deal(const ss_dealing *to, size_t items, ss_shelf *shelf, unsigned threads, size_t room)
{
    dealing *d = calloc(1, sizeof *d);
    if (!d) return false;
    d->to = to;
    d->items = items;
    d->chunks = (items + CHUNK - 1) / CHUNK;
    d->threads = threads ? threads : 1;
    d->shelf = shelf;
    d->dealt = malloc((d->chunks + 1) * sizeof *d->dealt);
    bool good = d->dealt != NULL;
    if (good) {
        ss_parallel(d->threads, d->chunks, 1, count_chunks, d);
        place_chunks(d);
        good = deal_rounds(d, room);
    }
    free(d->dealt);
    free(d);
    return good;
}
