/* Stage candidates (see the header). */
#include "index/candidates.h"

#include "base/array.h"

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
    float score; /* of shared names; copies are over COPY_SCORE */
} met;

static const float copy_score = 1e6f;

/* A name that is worth less than this, being in hundreds of documents, is not followed; and names that
 * add up to less make no candidate. Not free: when it came in, the index proposed .74 of the confirmed
 * pairs of In the News instead of .79; of the reports' and Debian's as many as before. */
static const float least_name = 0.1f, least_names = 0.3f;

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

static void meet(ss_proposer *p, uint32_t document, float score)
{
    size_t at = document * 2654435761u % TABLE;
    while (p->table[at].stamp == p->stamp && p->table[at].document != document)
        at = (at + 1) % TABLE;
    met *m = &p->table[at];
    if (m->stamp != p->stamp) {
        if (p->used >= TABLE * 3 / 4) return;
        *m = (met){document, p->stamp, 0};
        p->list[p->used++] = (uint32_t)at;
    }
    m->score += score;
}

bool ss_within(int64_t a, int64_t b, int64_t seconds)
{
    if (seconds < 0 || a == SAMESTORY_NO_DATE || b == SAMESTORY_NO_DATE) return true;
    uint64_t gap = a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
    return gap <= (uint64_t)seconds;
}

typedef struct walk {
    const ss_view *view;
    int64_t place, date, seconds;
    uint32_t before;
    uint32_t at; /* posting */
    bool timeless; /* no window: nothing to look up */
} walk;

/* The next document of the bucket inside the window, or SS_NO_POSTING. */
static uint32_t walk_next(walk *w)
{
    while (w->at != SS_NO_POSTING) {
        const ss_posting *p = ss_window_posting(w->view->window, w->at);
        w->at = p->before;
        if (p->document >= w->before) continue;
        if (w->timeless) return p->document;
        if (!ss_within(w->view->place[p->document], w->place, w->seconds)) {
            w->at = SS_NO_POSTING; /* everything before is earlier still */
            break;
        }
        if (ss_within(w->view->date[p->document], w->date, w->seconds)) return p->document;
    }
    return SS_NO_POSTING;
}

static float name_score(const ss_sketch *query, const uint32_t *frequency, uint32_t anchor)
{
    const ss_anchor *a = &ss_sketch_anchors(query)[anchor];
    float others = frequency[anchor] > 2 ? (float)frequency[anchor] - 2 : 0;
    return (float)a->weight / 32 / (1 + 0.1f * others);
}

/* Follows one key into its bucket. */
static void follow(ss_proposer *p, walk w, const ss_key *key, const ss_sketch *query,
                   const uint32_t *frequency, bool cells, ss_proposal *out)
{
    static const uint32_t reaches[] = {COPY_WALK, COPY_WALK, NAME_WALK, CELL_WALK};
    uint32_t reach = reaches[key->kind];
    if (key->kind == SS_KEY_CELL && !cells) return;
    bool far = key->kind == SS_KEY_COPY || key->kind == SS_KEY_SAME;
    w.seconds = far ? w.view->copy_seconds : w.view->window_seconds;
    w.timeless = w.seconds < 0 || w.place == SAMESTORY_NO_DATE;
    w.at = ss_window_latest(w.view->window, key->bucket);
    float score = far ? copy_score
                      : key->kind == SS_KEY_NAME ? name_score(query, frequency, key->frequency_of) : 0;
    if (key->kind == SS_KEY_NAME && score < least_name) {
        out->hot++;
        return;
    }
    uint32_t document = walk_next(&w);
    for (uint32_t seen = 0; document != SS_NO_POSTING; seen++, document = walk_next(&w)) {
        if (seen == reach) {
            out->hot++;
            return;
        }
        if (key->kind == SS_KEY_CELL) p->near[p->near_count++] = document;
        else meet(p, document, score);
    }
}

/* Number of the first document whose place lies inside the window. */
static uint32_t window_start(const ss_view *v, int64_t place, uint32_t before)
{
    uint32_t low = 0, high = before;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (ss_within(v->place[middle], place, v->window_seconds)) high = middle;
        else low = middle + 1;
    }
    return low;
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

/* The kernel over p->near, as one block; fills p->hits. */
static bool compare_near(ss_proposer *p, const ss_view *v, const ss_sketch *query, ss_proposal *out)
{
    size_t d = query->dimension;
    double scale = ss_vector_scale(d);
    if (!p->near_count) return true;
    if (!ss_reserve(&p->rows, &p->rows_capacity, p->near_count * d)) return false;
    for (size_t i = 0; i < p->near_count; i++)
        memcpy(p->rows + i * d, ss_sketch_vector(v->sketch[p->near[i]]), d);
    out->compared += p->near_count;
    return ss_kernel_hits(ss_kernel_best(), ss_sketch_vector(query), 1, p->rows, p->near_count, d,
                          (int32_t)(least_cosine * scale * scale), &p->hits);
}

static void keep(ss_proposal *out, const ranked *best, size_t count)
{
    for (size_t i = 0; i < count && out->count < SS_CANDIDATES_MAX; i++)
        out->candidate[out->count++] = (ss_candidate){best[i].document, 0};
}

static int by_document(const void *a, const void *b)
{
    const ss_candidate *x = a, *y = b;
    return (x->document > y->document) - (x->document < y->document);
}

/* Of what was met, the best of each kind, without repeats, in the order of their numbers. Those numbered
 * `first` and more have been compared by the kernel already. */
static void choose(ss_proposer *p, const ss_view *v, const ss_sketch *query, size_t near,
                   uint32_t first, ss_proposal *out)
{
    ranked copy[COPIES], name[NAMED], close[NEAR];
    size_t copies = 0, names = 0, closes = 0;
    for (size_t i = 0; i < p->used; i++) {
        const met *m = &p->table[p->list[i]];
        if (m->score >= copy_score) rank(copy, &copies, COPIES, m->score, m->document);
        else if (m->score >= least_names) rank(name, &names, NAMED, m->score, m->document);
    }
    for (size_t i = 0; i < p->hits.count; i++)
        rank(close, &closes, near, (float)p->hits.items[i].dot, p->near[p->hits.items[i].b]);
    keep(out, copy, copies);
    keep(out, name, names);
    keep(out, close, closes);
    if (out->count) qsort(out->candidate, out->count, sizeof *out->candidate, by_document);
    size_t unique = 0;
    for (size_t i = 0; i < out->count; i++)
        if (!i || out->candidate[i].document != out->candidate[unique - 1].document)
            out->candidate[unique++] = out->candidate[i];
    out->count = unique;
    for (size_t i = 0; i < unique; i++)
        out->candidate[i].dot =
            ss_dot(ss_sketch_vector(query), ss_sketch_vector(v->sketch[out->candidate[i].document]),
                   query->dimension);
    /* what a whole window has compared already counts once */
    for (size_t i = 0; i < unique; i++)
        out->compared += out->candidate[i].document < first;
}

bool ss_propose(ss_proposer *p, const ss_view *view, const ss_sketch *query,
                const uint32_t *frequency, int64_t place, int64_t date, uint32_t before,
                ss_proposal *out)
{
    ss_key keys[SS_KEYS_MAX];
    out->count = out->compared = out->hot = 0;
    if (!before || !query->words) return true;
    if (++p->stamp == 0) {
        memset(p->table, 0, TABLE * sizeof *p->table);
        p->stamp = 1;
    }
    p->used = p->near_count = p->hits.count = 0;
    uint32_t first = window_start(view, place, before);
    bool exhaustive = before - first <= EXHAUSTIVE;
    size_t count = ss_keys_of(view->model, query, exhaustive ? 0 : SS_CELLS_OF_QUERY, keys);
    walk w = {.view = view, .place = place, .date = date, .before = before};
    for (size_t i = 0; i < count; i++)
        follow(p, w, &keys[i], query, frequency, !exhaustive, out);
    for (uint32_t i = first; exhaustive && i < before; i++)
        if (ss_within(view->date[i], date, view->window_seconds)) p->near[p->near_count++] = i;
    if (!compare_near(p, view, query, out)) return false;
    choose(p, view, query, exhaustive ? NEAR : NEAR_CELLS, exhaustive ? first : before, out);
    return true;
}
