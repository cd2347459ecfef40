/* Scoring all pairs of a set (see the header). */
#include "train/scores.h"

#include "base/array.h"
#include "base/pool.h"
#include "train/random.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BINS = 1 << 16, BLOCK = 128, LANGUAGES = 256, NEAR_SECONDS = 7 * 86400 };

typedef struct histogram {
    uint64_t all[LEVELS][BINS], positive[LEVELS][BINS];
} histogram;

/* What the bootstrap weighs again: pairs above a cut, all true pairs with English, and queries. */
typedef struct kept_pair {
    uint32_t story[2];
    uint16_t bin;
    uint8_t level, other; /* other: the language beside English, NO_ENGLISH: none is English */
} kept_pair;

typedef struct query {
    uint32_t story;
    uint8_t level, right;
} query;

enum { NO_ENGLISH = 255 };

typedef struct worker_data {
    histogram *count;
    float *score; /* (BLOCK, documents) */
    kept_pair *kept;
    query *query;
    size_t kept_count, kept_capacity, query_count, query_capacity;
    bool failed;
} worker_data;

typedef struct measuring {
    const eval_set *set;
    pair_kind kind;
    const float *a, *b;
    size_t d;
    unsigned english; /* the set's number of English, or LANGUAGES */
    unsigned cut;     /* pairs in this bin and above are kept; BINS: none */
    bool keep, counting;
    worker_data *worker;
} measuring;

static unsigned bin_of(float cosine)
{
    float at = (cosine + 1) * (BINS / 2);
    return at <= 0 ? 0 : at >= BINS - 1 ? BINS - 1 : (unsigned)at;
}

static bool counts(const measuring *m, const eval_document *x, const eval_document *y)
{
    if (m->kind == PAIRS_ALL) return true;
    if (x->language == y->language) return false;
    if (m->kind == PAIRS_HALVES) return x->text[PART_ODD] && y->text[PART_EVEN];
    if (x->date == SAMESTORY_NO_DATE || y->date == SAMESTORY_NO_DATE) return false;
    return x->date > y->date ? (uint64_t)x->date - (uint64_t)y->date <= NEAR_SECONDS
                             : (uint64_t)y->date - (uint64_t)x->date <= NEAR_SECONDS;
}

static uint8_t beside_english(const measuring *m, const eval_document *x, const eval_document *y)
{
    if (x->language == y->language) return NO_ENGLISH;
    return x->language == m->english ? y->language : y->language == m->english ? x->language
                                                                               : NO_ENGLISH;
}

static void keep_pair(const measuring *m, worker_data *w, const eval_document *x,
                      const eval_document *y, unsigned bin, uint8_t level)
{
    uint8_t other = beside_english(m, x, y);
    if (bin < m->cut && !(other != NO_ENGLISH && x->story == y->story)) return;
    if (!ss_reserve(&w->kept, &w->kept_capacity, w->kept_count + 1)) {
        w->failed = true;
        return;
    }
    w->kept[w->kept_count++] = (kept_pair){{x->story, y->story}, (uint16_t)bin, level, other};
}

static void see_pair(const measuring *m, worker_data *w, const eval_document *x,
                     const eval_document *y, float score)
{
    unsigned bin = bin_of(score);
    uint8_t level = x->level > y->level ? x->level : y->level;
    if (m->counting) {
        w->count->all[level][bin]++;
        w->count->positive[level][bin] += x->story == y->story;
    }
    if (m->keep) keep_pair(m, w, x, y, bin, level);
}

/* Is the nearest half in this language, documents begin..end, of the right story? Languages where there
 * is no half of the story are not asked. */
static void ask(const measuring *m, worker_data *w, const eval_document *x, const float *score,
                size_t begin, size_t end)
{
    const eval_document *y = m->set->document;
    size_t best = end;
    bool there = false;
    for (size_t j = begin; j < end; j++) {
        if (!counts(m, x, &y[j])) continue;
        there = there || y[j].story == x->story;
        if (best == end || score[j] > score[best]) best = j;
    }
    if (!there) return;
    if (!ss_reserve(&w->query, &w->query_capacity, w->query_count + 1)) {
        w->failed = true;
        return;
    }
    uint8_t level = x->level > y[begin].level ? x->level : y[begin].level;
    w->query[w->query_count++] = (query){x->story, level, y[best].story == x->story};
}

static void see_row(const measuring *m, worker_data *w, size_t i, const float *score)
{
    const eval_set *set = m->set;
    const eval_document *x = &set->document[i];
    for (size_t j = m->kind == PAIRS_HALVES ? 0 : i + 1; j < set->count; j++)
        if (counts(m, x, &set->document[j])) see_pair(m, w, x, &set->document[j], score[j]);
    if (m->kind != PAIRS_HALVES || !m->counting) return;
    for (size_t begin = 0, end; begin < set->count; begin = end) {
        for (end = begin; end < set->count; end++)
            if (set->document[end].language != set->document[begin].language) break;
        ask(m, w, x, score, begin, end);
    }
}

static void see_rows(void *context, unsigned worker, size_t begin, size_t end)
{
    measuring *m = context;
    worker_data *w = &m->worker[worker];
    size_t first = m->kind == PAIRS_HALVES ? 0 : begin, count = m->set->count;
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)(end - begin), (int)(count - first),
                (int)m->d, 1, m->a + begin * m->d, (int)m->d, m->b + first * m->d, (int)m->d, 0,
                w->score + first, (int)count);
    for (size_t i = begin; i < end; i++) see_row(m, w, i, w->score + (i - begin) * count);
}

/* ---- The best threshold --------------------------------------------------------------------------------- */

/* Adds up levels, so that each holds those before it. */
static void cumulate(histogram *h)
{
    for (int level = 1; level < LEVELS; level++)
        for (size_t bin = 0; bin < BINS; bin++) {
            h->all[level][bin] += h->all[level - 1][bin];
            h->positive[level][bin] += h->positive[level - 1][bin];
        }
}

/* The best F1 over all thresholds of a histogram, of `positives` true pairs in all. */
static double best_f1(const uint64_t *all, const uint64_t *positive, uint64_t positives, size_t *bin)
{
    uint64_t found = 0, right = 0;
    double best = 0;
    *bin = BINS - 1;
    for (size_t b = BINS; b-- > 0;) {
        if (!all[b]) continue;
        found += all[b];
        right += positive[b];
        double f1 = 2 * (double)right / (double)(found + positives);
        if (f1 > best) best = f1, *bin = b;
    }
    return best;
}

static void fill_scores(const histogram *h, scores *out, size_t best[LEVELS])
{
    for (int level = 0; level < LEVELS; level++) {
        for (size_t b = 0; b < BINS; b++) {
            out->pairs[level] += h->all[level][b];
            out->positives[level] += h->positive[level][b];
        }
        double f1 = best_f1(h->all[level], h->positive[level], out->positives[level], &best[level]);
        out->f1[level] = (interval){out->positives[level] ? f1 : NAN, NAN, NAN};
        out->threshold[level] = (double)best[level] / (BINS / 2) - 1;
    }
}

static void fill_first(const query *q, size_t count, scores *out)
{
    uint64_t right[LEVELS] = {0};
    for (size_t i = 0; i < count; i++)
        for (int level = q[i].level; level < LEVELS; level++) {
            out->queries[level]++;
            right[level] += q[i].right;
        }
    for (int level = 0; level < LEVELS; level++)
        out->first[level] =
            (interval){(double)right[level] / (double)out->queries[level], NAN, NAN};
}

/* ---- Intervals -------------------------------------------------------------------------------------------- */

/* Stories are drawn again with replacement; a true pair counts as often as its story was drawn, a false
 * one as often as its two stories were drawn together. The best threshold is sought anew each time. */
typedef struct bootstrap {
    const eval_set *set;
    const kept_pair *kept;
    const query *query;
    size_t kept_count, query_count;
    const uint64_t *story_positives; /* (stories, LEVELS): true pairs of each story */
    size_t threshold;                /* bin of all languages, for `english` */
    size_t cut;                      /* below it, kept pairs are not all pairs */
    unsigned resamples;
    struct draw_room {
        histogram *count;
        uint32_t *times; /* (stories) */
    } *room;             /* one a worker */
    double *figure;      /* (resamples, FIGURES) */
} bootstrap;

enum { FIGURES = 2 * LEVELS + LANGUAGES };

static void draw_stories(size_t stories, uint64_t random, uint32_t *times)
{
    memset(times, 0, stories * sizeof *times);
    for (size_t s = 0; s < stories; s++) times[random_below(&random, stories)]++;
}

static void english_f1(const bootstrap *b, const uint32_t *times, double *figure)
{
    uint64_t found[LANGUAGES] = {0}, right[LANGUAGES] = {0}, positives[LANGUAGES] = {0};
    for (size_t i = 0; i < b->kept_count; i++) {
        const kept_pair *p = &b->kept[i];
        if (p->other == NO_ENGLISH) continue;
        bool same = p->story[0] == p->story[1];
        uint64_t times_of = (uint64_t)times[p->story[0]] * (same ? 1 : times[p->story[1]]);
        if (same) positives[p->other] += times_of;
        if (p->bin < b->threshold) continue;
        found[p->other] += times_of;
        if (same) right[p->other] += times_of;
    }
    for (size_t l = 0; l < LANGUAGES; l++)
        figure[l] = positives[l] ? 2 * (double)right[l] / (double)(found[l] + positives[l]) : NAN;
}

static void first_share(const bootstrap *b, const uint32_t *times, double *figure)
{
    uint64_t asked[LEVELS] = {0}, right[LEVELS] = {0};
    for (size_t i = 0; i < b->query_count; i++)
        for (int level = b->query[i].level; level < LEVELS; level++) {
            asked[level] += times[b->query[i].story];
            right[level] += b->query[i].right ? times[b->query[i].story] : 0;
        }
    for (int level = 0; level < LEVELS; level++)
        figure[level] = asked[level] ? (double)right[level] / (double)asked[level] : NAN;
}

static void resample_f1(const bootstrap *b, struct draw_room *room, double *figure)
{
    histogram *h = room->count;
    const uint32_t *times = room->times;
    memset(h, 0, sizeof *h);
    for (size_t i = 0; i < b->kept_count; i++) {
        const kept_pair *p = &b->kept[i];
        bool same = p->story[0] == p->story[1];
        if (p->bin < b->cut) continue;
        uint64_t times_of = (uint64_t)times[p->story[0]] * (same ? 1 : times[p->story[1]]);
        h->all[p->level][p->bin] += times_of;
        if (same) h->positive[p->level][p->bin] += times_of;
    }
    cumulate(h);
    for (int level = 0; level < LEVELS; level++) {
        uint64_t positives = 0;
        size_t bin;
        for (size_t s = 0; s < b->set->stories; s++)
            positives += times[s] * b->story_positives[s * LEVELS + (size_t)level];
        figure[level] = positives ? best_f1(h->all[level], h->positive[level], positives, &bin) : NAN;
    }
}

static void resample(void *context, unsigned worker, size_t begin, size_t end)
{
    const bootstrap *b = context;
    struct draw_room *room = &b->room[worker];
    for (size_t r = begin; r < end; r++) {
        double *figure = b->figure + r * FIGURES;
        draw_stories(b->set->stories, 1000003 * (r + 1), room->times);
        resample_f1(b, room, figure);
        first_share(b, room->times, figure + LEVELS);
        english_f1(b, room->times, figure + 2 * LEVELS);
    }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The middle 95 % of one figure of all resamples. */
static void take_interval(const bootstrap *b, size_t figure, double *sorted, interval *out)
{
    size_t count = 0;
    for (size_t r = 0; r < b->resamples; r++) {
        double x = b->figure[r * FIGURES + figure];
        if (!isnan(x)) sorted[count++] = x;
    }
    if (!count) return;
    qsort(sorted, count, sizeof *sorted, ascending);
    out->low = sorted[(size_t)(0.025 * (double)(count - 1) + 0.5)];
    out->high = sorted[(size_t)(0.975 * (double)(count - 1) + 0.5)];
}

static bool run_bootstrap(bootstrap *b, unsigned threads, scores *out)
{
    double *sorted = malloc((b->resamples + 1) * sizeof *sorted);
    b->figure = malloc((b->resamples + 1) * FIGURES * sizeof *b->figure);
    b->room = calloc(threads, sizeof *b->room);
    bool good = sorted && b->figure && b->room;
    for (unsigned w = 0; w < threads && good; w++) {
        b->room[w].count = malloc(sizeof *b->room[w].count);
        b->room[w].times = malloc(b->set->stories * sizeof *b->room[w].times);
        good = b->room[w].count && b->room[w].times;
    }
    if (good) ss_parallel(threads, b->resamples, 1, resample, b);
    for (size_t level = 0; level < LEVELS && good; level++) {
        take_interval(b, level, sorted, &out->f1[level]);
        take_interval(b, LEVELS + level, sorted, &out->first[level]);
    }
    for (size_t l = 0; l < LANGUAGES && good; l++)
        take_interval(b, 2 * LEVELS + l, sorted, &out->english[l]);
    for (unsigned w = 0; w < threads && b->room; w++) {
        free(b->room[w].count);
        free(b->room[w].times);
    }
    free(b->room);
    free(b->figure);
    free(sorted);
    return good;
}

/* ---- All of it ------------------------------------------------------------------------------------------------ */

/* Joins what the workers kept into the first one's arrays, in any order: it is only counted. */
static bool join_workers(worker_data *w, unsigned threads)
{
    for (unsigned i = 1; i < threads; i++) {
        if (!ss_reserve(&w->kept, &w->kept_capacity, w->kept_count + w[i].kept_count + 1) ||
            !ss_reserve(&w->query, &w->query_capacity, w->query_count + w[i].query_count + 1))
            return false;
        if (w[i].kept_count)
            memcpy(w->kept + w->kept_count, w[i].kept, w[i].kept_count * sizeof *w->kept);
        if (w[i].query_count)
            memcpy(w->query + w->query_count, w[i].query, w[i].query_count * sizeof *w->query);
        w->kept_count += w[i].kept_count;
        w->query_count += w[i].query_count;
        w[i].kept_count = w[i].query_count = 0;
    }
    for (unsigned i = 0; i < threads; i++)
        if (w[i].failed) return false;
    return true;
}

/* The bin above which eight times as many pairs lie as there are true ones: the best threshold of any
 * resample lies above it, and below it nothing needs to be kept. */
static unsigned cut_of(const histogram *h, const scores *out, const size_t best[LEVELS])
{
    uint64_t found = 0;
    size_t cut = BINS;
    while (cut > 0 && found < 8 * out->positives[LEVELS - 1] + 1000)
        found += h->all[LEVELS - 1][--cut];
    for (int level = 0; level < LEVELS; level++) cut = best[level] < cut ? best[level] : cut;
    return (unsigned)cut;
}

static uint64_t *positives_of_stories(const measuring *m)
{
    const eval_set *set = m->set;
    uint64_t *count = calloc(set->stories * LEVELS + 1, sizeof *count);
    for (size_t i = 0; i < set->count && count; i++)
        for (size_t j = m->kind == PAIRS_HALVES ? 0 : i + 1; j < set->count; j++) {
            const eval_document *x = &set->document[i], *y = &set->document[j];
            if (x->story != y->story || !counts(m, x, y)) continue;
            size_t level = x->level > y->level ? x->level : y->level;
            for (; level < LEVELS; level++) count[x->story * LEVELS + level]++;
        }
    return count;
}

static bool intervals(measuring *m, unsigned threads, unsigned resamples, const size_t best[LEVELS],
                      scores *out)
{
    m->keep = true;
    m->counting = false;
    m->cut = cut_of(m->worker[0].count, out, best);
    ss_parallel(threads, m->set->count, BLOCK, see_rows, m);
    if (!join_workers(m->worker, threads)) return false;
    const worker_data *w = &m->worker[0];
    bootstrap b = {.set = m->set, .kept = w->kept, .kept_count = w->kept_count, .query = w->query,
                   .query_count = w->query_count, .threshold = best[LEVELS - 1],
                   .resamples = resamples, .cut = m->cut};
    uint64_t *positives = positives_of_stories(m);
    uint32_t *once = malloc(m->set->stories * sizeof *once);
    double english[LANGUAGES];
    bool good = positives && once;
    b.story_positives = positives;
    for (size_t s = 0; s < m->set->stories && good; s++) once[s] = 1;
    if (good) english_f1(&b, once, english);
    for (size_t l = 0; l < LANGUAGES && good; l++) out->english[l].value = english[l];
    good = good && run_bootstrap(&b, threads, out);
    free(positives);
    free(once);
    return good;
}

static bool workers_start(measuring *m, unsigned threads)
{
    m->worker = calloc(threads, sizeof *m->worker);
    bool good = m->worker != NULL;
    for (unsigned i = 0; i < threads && good; i++) {
        m->worker[i].count = calloc(1, sizeof *m->worker[i].count);
        m->worker[i].score = malloc((size_t)BLOCK * m->set->count * sizeof(float));
        good = m->worker[i].count && m->worker[i].score;
    }
    return good;
}

static void workers_free(measuring *m, unsigned threads)
{
    for (unsigned i = 0; i < threads && m->worker; i++) {
        free(m->worker[i].count);
        free(m->worker[i].score);
        free(m->worker[i].kept);
        free(m->worker[i].query);
    }
    free(m->worker);
}

static void add_counts(worker_data *w, unsigned threads)
{
    for (unsigned i = 1; i < threads; i++)
        for (int level = 0; level < LEVELS; level++)
            for (size_t b = 0; b < BINS; b++) {
                w->count->all[level][b] += w[i].count->all[level][b];
                w->count->positive[level][b] += w[i].count->positive[level][b];
            }
    cumulate(w->count);
}

samestory_status scores_measure(const eval_set *set, pair_kind kind, const float *a, const float *b,
                                size_t d, unsigned threads, unsigned resamples, scores *out,
                                samestory_error *error)
{
    if (!threads) threads = 1;
    measuring m = {.set = set, .kind = kind, .a = a, .b = kind == PAIRS_HALVES ? b : a, .d = d,
                   .english = LANGUAGES, .cut = BINS, .counting = true};
    size_t best[LEVELS];
    memset(out, 0, sizeof *out);
    for (size_t l = 0; l < LANGUAGES; l++) out->english[l] = (interval){NAN, NAN, NAN};
    for (unsigned l = 0; l < set->languages; l++)
        if (!strcmp(set->code[l], "en")) m.english = l;
    bool good = workers_start(&m, threads);
    if (good) {
        ss_parallel(threads, set->count, BLOCK, see_rows, &m);
        good = join_workers(m.worker, threads);
    }
    if (good) {
        add_counts(m.worker, threads);
        fill_scores(m.worker[0].count, out, best);
        fill_first(m.worker[0].query, m.worker[0].query_count, out);
        good = !resamples || intervals(&m, threads, resamples, best, out);
    }
    workers_free(&m, threads);
    return good ? SAMESTORY_OK : ss_fail_memory(error);
}
