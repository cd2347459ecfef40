/* Stage candidates (see the header). */
#include "index/candidates.h"

#include "base/array.h"

#include <math.h>
#include <string.h>

enum {
    COPY_WALK = 64,      /* documents looked at in a bucket, the latest first, by kind */
    NAME_WALK = 32,
    CELL_WALK = 64,
    EXHAUSTIVE = 1024,   /* a window of so many documents is compared whole */
    COPIES = 64,         /* candidates kept of each kind */
    NAMED = 32,
    NEAR = 32,           /* of a window compared whole; */
    NEAR_CELLS = 16,     /* of cells */
    TABLE = 16384        /* slots for documents met in one query: above all walks together */
};

/* Cosine below which the vector alone makes no candidate: unrelated news stays below it. */
static const double least_cosine = 0.30;

typedef struct met {
    uint32_t document, stamp;
    float copies, names; /* shared bands and identities; scores of shared names */
} met;

/* A name that is worth less than this, being in hundreds of documents, is not followed; and names that
 * add up to less make no candidate. Not free: when it came in, the index proposed .74 of the confirmed
 * pairs of In the News instead of .79; of the reports' and Debian's as many as before. */
static const float least_name = 0.1f, least_names = 0.3f;

/* Of two longer texts that share no band and are not among each other's nearest, the judge is asked only
 * when their names or their vectors promise something: names of score 6; or of 2, and a cosine of 1.2
 * times what is usual; or one of 1.6 times. Of 73,555 such candidates in the development sets 36 % are
 * spared, and 10 of the 14,000 confirmed pairs; of 852,520 in the generated corpus 63 %, and 1 of 2,211.
 * Texts of fewer words have few names, and are always asked about. */
enum { LONG_WORDS = 80 };
static const float many_names = 6, some_names = 2;
static const double near_usual = 1.6, above_usual = 1.2;

struct ss_proposer {
    met *table; /* (TABLE) */
    uint32_t stamp;
    uint32_t *list; /* slots in use */
    size_t used;
    uint32_t near[EXHAUSTIVE + SS_CELLS_OF_QUERY * CELL_WALK];
    size_t near_count;
    int8_t *rows;
    size_t rows_capacity;
    ss_hits hits;
    ss_candidate close[NEAR]; /* the nearest by the kernel */
    size_t closes;
};

ss_proposer *ss_proposer_new(void)
{
    ss_proposer *p = calloc(1, sizeof *p);
    if (!p) return NULL;
    p->table = calloc(TABLE, sizeof *p->table);
    p->list = malloc(TABLE * sizeof *p->list);
    if (!p->table || !p->list) {
        ss_proposer_free(p);
        return NULL;
    }
    return p;
}

void ss_proposer_free(ss_proposer *p)
{
    if (!p) return;
    free(p->table);
    free(p->list);
    free(p->rows);
    ss_hits_free(&p->hits);
    free(p);
}

static void meet(ss_proposer *p, uint32_t document, float copies, float names)
{
    size_t at = document * 2654435761u % TABLE;
    while (p->table[at].stamp == p->stamp && p->table[at].document != document)
        at = (at + 1) % TABLE;
    met *m = &p->table[at];
    if (m->stamp != p->stamp) {
        if (p->used >= TABLE * 3 / 4) return;
        *m = (met){document, p->stamp, 0, 0};
        p->list[p->used++] = (uint32_t)at;
    }
    m->copies += copies;
    m->names += names;
}

bool ss_within(int64_t a, int64_t b, int64_t seconds)
{
    if (seconds < 0 || a == SAMESTORY_NO_DATE || b == SAMESTORY_NO_DATE) return true;
    uint64_t gap = a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
    return gap <= (uint64_t)seconds;
}

/* Where a window begins, for one query. */
typedef struct reach {
    int64_t seconds;
    uint32_t first; /* documents before it are placed outside */
    bool timeless;  /* no window: dates need not be looked up */
} reach;

/* A walk through one bucket, from the latest document to the earliest: along a list of a collection, or
 * from posting to posting of a stream. */
typedef struct walk {
    const ss_view *view;
    const reach *near, *far; /* for reports of a story, for copies */
    const reach *reach;      /* the one that is used */
    int64_t date;
    uint32_t before;
    ss_bucket bucket; /* of a collection: what is left of it; */
    uint32_t at;      /* or the next posting in memory, */
    bool stored;      /* and then those of the store */
    ss_store_walk in_store;
} walk;

/* What of a bucket arrived before this document. */
static ss_bucket part_before(ss_bucket bucket, uint32_t before)
{
    uint32_t low = 0, high = bucket.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (bucket.document[middle] < before) low = middle + 1;
        else high = middle;
    }
    return (ss_bucket){bucket.document, low};
}

static uint32_t walk_step(walk *w)
{
    if (w->bucket.count) return w->bucket.document[--w->bucket.count];
    if (w->at == SS_NO_POSTING)
        return w->stored ? ss_store_walk_next(w->view->store, &w->in_store) : SS_NO_POSTING;
    const ss_posting *p = ss_window_posting(w->view->window, w->at);
    w->at = p->before;
    return p->document;
}

/* The next document of the bucket inside the window, or SS_NO_POSTING. */
static uint32_t walk_next(walk *w)
{
    uint32_t document;
    while ((document = walk_step(w)) != SS_NO_POSTING) {
        if (document >= w->before) continue;
        if (document < w->reach->first) break; /* everything before is earlier still */
        if (w->reach->timeless) return document;
        if (ss_within(ss_view_date(w->view, document), w->date, w->reach->seconds)) return document;
    }
    return SS_NO_POSTING;
}

static float name_score(const ss_sketch *query, const uint32_t *frequency, uint32_t anchor)
{
    const ss_anchor *a = &ss_sketch_anchors(query)[anchor];
    float others = frequency[anchor] > 2 ? (float)frequency[anchor] - 2 : 0;
    return (float)a->weight / 32 / (1 + 0.1f * others);
}

/* Follows one key into its bucket: w->bucket, or, of a stream, where the window says. */
static void follow(ss_proposer *p, walk w, const ss_key *key, const ss_sketch *query,
                   const uint32_t *frequency, ss_proposal *out)
{
    static const uint32_t reaches[] = {COPY_WALK, COPY_WALK, NAME_WALK, CELL_WALK};
    uint32_t most = reaches[key->kind], all = w.bucket.count;
    bool far = key->kind == SS_KEY_COPY || key->kind == SS_KEY_SAME;
    w.reach = far ? w.far : w.near;
    float names =
        key->kind == SS_KEY_NAME ? name_score(query, frequency, key->frequency_of) : 0;
    if (key->kind == SS_KEY_NAME && names < least_name) {
        out->hot++;
        return;
    }
    w.at = w.view->postings ? SS_NO_POSTING : ss_window_latest(w.view->window, key->bucket);
    w.stored = w.view->store != NULL;
    if (w.stored) w.in_store = ss_store_walk_new(w.view->store, key->bucket);
    w.bucket = part_before(w.bucket, w.before);
    /* a band of a template says less than one that few texts share */
    float copies = !far ? 0 : all > COPY_WALK ? (float)COPY_WALK / (float)all : 1;
    uint32_t document = walk_next(&w);
    for (uint32_t seen = 0; document != SS_NO_POSTING; seen++, document = walk_next(&w)) {
        if (seen == most) {
            out->hot++;
            return;
        }
        if (key->kind == SS_KEY_CELL) p->near[p->near_count++] = document;
        else meet(p, document, copies, names);
    }
}

/* The first document in memory that is placed at `limit` or later. */
static uint32_t first_in_memory(const ss_view *v, int64_t limit, uint32_t before)
{
    uint32_t low = v->first > v->live ? v->first : v->live, high = before, start = low;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (v->place[middle - v->first] >= limit) high = middle;
        else low = middle + 1;
    }
    /* what came before anything that has a date is near to what comes next */
    bool undated = low > start && v->place[low - 1 - v->first] == SAMESTORY_NO_DATE;
    return undated ? start : low;
}

uint32_t ss_first_placed(const ss_view *v, int64_t limit, uint32_t before)
{
    uint32_t in_memory = first_in_memory(v, limit, before);
    return v->store && in_memory <= v->first ? ss_store_first_at(v->store, limit) : in_memory;
}

/* The window that begins `seconds` before the query: of a late document before its own date, not before
 * the day on which it came. */
static reach reach_of(const ss_view *v, int64_t place, int64_t date, int64_t seconds, uint32_t before)
{
    if (date == SAMESTORY_NO_DATE || date > place) date = place;
    reach r = {.seconds = seconds, .first = v->live};
    r.timeless = seconds < 0 || date == SAMESTORY_NO_DATE;
    if (r.timeless) return r;
    r.first = ss_first_placed(v, ss_window_begin(date, seconds), before);
    return r;
}

/* The best few of many, best first: of equal scores the lower number. */
typedef struct ranked {
    float score;
    uint32_t document;
} ranked;

static void rank(ranked *best, size_t *count, size_t most, float score, uint32_t document)
{
    size_t at = *count;
    while (at > 0 && (score > best[at - 1].score ||
                      (!(score < best[at - 1].score) && document < best[at - 1].document)))
        at--;
    if (at == most) return;
    if (*count < most) ++*count;
    memmove(best + at + 1, best + at, (*count - 1 - at) * sizeof *best);
    best[at] = (ranked){score, document};
}

/* By their numbers. They are few: some twenty, of which most stand in order already. */
static void order_candidates(ss_candidate *c, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        ss_candidate one = c[i];
        size_t at = i;
        for (; at > 0 && c[at - 1].document > one.document; at--) c[at] = c[at - 1];
        c[at] = one;
    }
}

/* The best of what the kernel found, in the order of their numbers. */
static void choose_near(ss_proposer *p, size_t most)
{
    ranked close[NEAR];
    size_t count = 0;
    for (size_t i = 0; i < p->hits.count; i++)
        rank(close, &count, most, (float)p->hits.items[i].dot, p->near[p->hits.items[i].b]);
    for (size_t i = 0; i < count; i++)
        p->close[i] = (ss_candidate){close[i].document, (int32_t)close[i].score};
    p->closes = count;
}

static double usual_of(const ss_sketch *s)
{
    double usual = s->usual ? s->usual / 255.0 : 0.35;
    return usual < 0.1 ? 0.1 : usual;
}

/* Is a pair that only names propose worth the judge's time? */
static bool promises(const ss_sketch *query, const ss_sketch *other, int32_t dot, float names)
{
    if (names >= many_names || query->words < LONG_WORDS || other->words < LONG_WORDS) return true;
    double scale = ss_vector_scale(query->dimension), cosine = dot / (scale * scale);
    double least = names >= some_names ? above_usual : near_usual;
    return cosine >= least * sqrt(usual_of(query) * usual_of(other));
}

static bool is_near(const ss_proposer *p, uint32_t document, int32_t *dot)
{
    for (size_t i = 0; i < p->closes; i++)
        if (p->close[i].document == document) {
            *dot = p->close[i].dot;
            return true;
        }
    return false;
}

static void prefetch_head(const ss_sketch *s)
{
    for (size_t i = 0; i < 448; i += 64) __builtin_prefetch((const char *)s + i);
}

/* Those that names propose, which may be near or copies as well, and then are taken for that. */
static size_t keep_named(ss_proposer *p, const ss_view *v, const ss_sketch *query,
                         const ranked *name, size_t names, ss_proposal *out)
{
    size_t compared = 0;
    int32_t dot;
    for (size_t i = 0; i < names; i++) prefetch_head(ss_view_sketch(v, name[i].document));
    for (size_t i = 0; i < names; i++) {
        uint32_t document = name[i].document;
        const ss_sketch *other = ss_view_sketch(v, document);
        if (is_near(p, document, &dot)) continue;
        dot = ss_dot(ss_sketch_vector(query), ss_sketch_vector(other), query->dimension);
        compared++;
        if (promises(query, other, dot, name[i].score))
            out->candidate[out->count++] = (ss_candidate){document, dot};
    }
    return compared;
}

static size_t keep_copies(const ss_proposer *p, const ss_view *v, const ss_sketch *query,
                          const ranked *copy, size_t copies, ss_proposal *out)
{
    size_t compared = 0;
    int32_t dot;
    for (size_t i = 0; i < copies; i++) prefetch_head(ss_view_sketch(v, copy[i].document));
    for (size_t i = 0; i < copies; i++) {
        uint32_t document = copy[i].document;
        if (is_near(p, document, &dot)) continue;
        dot = ss_dot(ss_sketch_vector(query), ss_sketch_vector(ss_view_sketch(v, document)),
                     query->dimension);
        compared++;
        out->candidate[out->count++] = (ss_candidate){document, dot};
    }
    return compared;
}

/* Of what was met, the best of each kind, without repeats, in the order of their numbers. */
static void choose(ss_proposer *p, const ss_view *v, const ss_sketch *query, ss_proposal *out)
{
    ranked copy[COPIES], name[NAMED];
    size_t copies = 0, names = 0;
    for (size_t i = 0; i < p->used; i++) {
        const met *m = &p->table[p->list[i]];
        if (m->copies > 0) rank(copy, &copies, COPIES, m->copies, m->document);
        else if (m->names >= least_names) rank(name, &names, NAMED, m->names, m->document);
    }
    for (size_t i = 0; i < p->closes; i++) out->candidate[out->count++] = p->close[i];
    out->compared += keep_copies(p, v, query, copy, copies, out);
    out->compared += keep_named(p, v, query, name, names, out);
    order_candidates(out->candidate, out->count);
}

static void start(ss_proposer *p, ss_proposal *out)
{
    out->count = out->compared = out->hot = 0;
    if (++p->stamp == 0) {
        memset(p->table, 0, TABLE * sizeof *p->table);
        p->stamp = 1;
    }
    p->used = p->near_count = p->hits.count = p->closes = 0;
}

/* The kernel over p->near, as one block; fills p->hits. */
static bool compare_near(ss_proposer *p, const ss_view *v, const ss_sketch *query, ss_proposal *out)
{
    size_t d = query->dimension;
    double scale = ss_vector_scale(d);
    if (!p->near_count) return true;
    if (!ss_reserve(&p->rows, &p->rows_capacity, p->near_count * d)) return false;
    for (size_t i = 0; i < p->near_count; i++)
        memcpy(p->rows + i * d, ss_sketch_vector(ss_view_sketch(v, p->near[i])), d);
    out->compared += p->near_count;
    return ss_kernel_hits(ss_kernel_best(), ss_sketch_vector(query), 1, p->rows, p->near_count, d,
                          (int32_t)(least_cosine * scale * scale), &p->hits);
}

bool ss_propose(ss_proposer *p, const ss_view *view, const ss_sketch *query,
                const uint32_t *frequency, int64_t place, int64_t date, uint32_t before,
                ss_proposal *out)
{
    ss_key keys[SS_KEYS_MAX];
    start(p, out);
    if (!before || !query->words) return true;
    reach near = reach_of(view, place, date, view->window_seconds, before);
    reach far = reach_of(view, place, date, view->copy_seconds, before);
    uint32_t first = near.first;
    bool exhaustive = before - first <= EXHAUSTIVE;
    size_t count = ss_keys_of(view->model, query, exhaustive ? 0 : SS_CELLS_OF_QUERY, keys);
    walk w = {.view = view, .near = &near, .far = &far, .date = date, .before = before};
    for (size_t i = 0; i < count; i++) follow(p, w, &keys[i], query, frequency, out);
    for (uint32_t i = first; exhaustive && i < before; i++)
        if (ss_within(ss_view_date(view, i), date, view->window_seconds)) p->near[p->near_count++] = i;
    if (!compare_near(p, view, query, out)) return false;
    choose_near(p, exhaustive ? NEAR : NEAR_CELLS);
    choose(p, view, query, out);
    return true;
}

void ss_propose_near(ss_proposer *p, const ss_view *view, const ss_sketch *query,
                     const uint32_t *frequency, int64_t place, int64_t date, uint32_t before,
                     const ss_candidate *near, size_t near_count, size_t compared,
                     ss_proposal *out)
{
    ss_key keys[SS_KEYS_MAX];
    ss_bucket bucket[SS_KEYS_MAX];
    start(p, out);
    if (!before || !query->words) return;
    size_t count = ss_keys_of(view->model, query, 0, keys);
    ss_postings_find(view->postings, keys, count, bucket);
    reach close = reach_of(view, place, date, view->window_seconds, before);
    reach far = reach_of(view, place, date, view->copy_seconds, before);
    walk w = {.view = view, .near = &close, .far = &far, .date = date, .before = before};
    for (size_t i = 0; i < count; i++) {
        w.bucket = bucket[i];
        if (w.bucket.count) follow(p, w, &keys[i], query, frequency, out);
    }
    p->closes = near_count < NEAR ? near_count : NEAR;
    memcpy(p->close, near, p->closes * sizeof *near);
    out->compared = compared;
    choose(p, view, query, out);
}
