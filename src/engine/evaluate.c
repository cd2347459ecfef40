/* samestory_measure: judges every pair of a labelled collection, and what the index and the stories
 * made of it. The words are those of evaluation.md; each number says over how many pairs it stands. */
#include "base/array.h"
#include "base/pool.h"
#include "base/status.h"
#include "engine/engine.h"
#include "story/measure.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

enum { DOCUMENTS_MAX = 20000, BINS = 9, SAME_TEXT = 2 };

/* ---- All pairs --------------------------------------------------------------------------------------- */

/* A judged pair; 8 bytes, for there are millions. */
typedef struct judged {
    float p;
    uint8_t positive : 1, story : 1, dated : 1; /* story: neither a copy nor a revision; dated: both are */
    uint8_t a, b;      /* languages, a <= b */
    uint8_t in_window; /* 0; 1; SAME_TEXT: and one text, which needs no index to be found */
} judged;

typedef struct evaluation {
    const samestory_engine *e;
    size_t *document; /* labelled documents that repeat no other */
    size_t *truth;    /* their labels, hashed */
    uint32_t *around; /* documents in the window that ends with each */
    uint32_t all;     /* and in the collection */
    size_t count;
    judged *pair; /* (count (count - 1) / 2), row by row */
} evaluation;

static bool same_window(const samestory_engine *e, const ss_sketch *a, const ss_sketch *b)
{
    if (e->options.window < 0 || a->date == SAMESTORY_NO_DATE || b->date == SAMESTORY_NO_DATE)
        return true;
    return fabs((double)a->date - (double)b->date) <= (double)e->options.window;
}

/* The pairs of document i with those after it. */
static judged *row_of(const evaluation *v, size_t i)
{
    return v->pair + i * (2 * v->count - i - 1) / 2;
}

static void judge_rows(void *context, unsigned worker, size_t begin, size_t end)
{
    const evaluation *v = context;
    const samestory_engine *e = v->e;
    (void)worker;
    for (size_t i = begin; i < end; i++) {
        const ss_sketch *x = e->sketch[v->document[i]];
        uint32_t frequency[SS_ANCHORS_MAX];
        judged *out = row_of(v, i);
        ss_statistics_of(e->statistics, x, frequency);
        ss_side side;
        ss_side_of(x, frequency, &side);
        for (size_t k = i + 1; k < v->count; k++) {
            const ss_sketch *y = e->sketch[v->document[k]];
            ss_evidence evidence;
            int32_t dot = ss_dot(ss_sketch_vector(x), ss_sketch_vector(y), x->dimension);
            bool dated = x->date != SAMESTORY_NO_DATE && y->date != SAMESTORY_NO_DATE;
            uint32_t around = !dated ? v->all : v->around[x->date > y->date ? i : k];
            ss_evidence_beside(&side, y, dot, around, &evidence);
            bool swap = x->language > y->language;
            ss_judgement j = ss_judge_of(e->model->judge_parsed, &evidence);
            *out++ = (judged){.p = (float)j.probability,
                              .positive = v->truth[i] == v->truth[k],
                              .story = j.relation == SAMESTORY_STORY,
                              .dated = evidence.dated,
                              .a = swap ? y->language : x->language,
                              .b = swap ? x->language : y->language,
                              .in_window = !same_window(e, x, y)            ? 0
                                           : x->text_hash == y->text_hash ? SAME_TEXT
                                                                          : 1};
        }
    }
}

static size_t pair_count(const evaluation *v)
{
    return v->count ? v->count * (v->count - 1) / 2 : 0;
}

/* A pair's probability as the judge gave it, which rounds to six decimals. */
static double probability_of(const judged *p)
{
    return floor((double)p->p * 1e6 + 0.5) / 1e6;
}

/* Each pair again, by what its neighbours among all labelled documents say; false when memory is out. */
static bool ask_neighbours(const evaluation *v)
{
    size_t count = 0, kept = 0;
    for (size_t i = 0; i < pair_count(v); i++) count += probability_of(&v->pair[i]) >= SS_NEIGHBOUR_LEAST;
    samestory_edge *edges = malloc((count + 1) * sizeof *edges);
    for (size_t i = 0; edges && i < v->count; i++)
        for (size_t k = i + 1; k < v->count; k++) {
            const judged *p = &row_of(v, i)[k - i - 1];
            if (probability_of(p) < SS_NEIGHBOUR_LEAST) continue;
            edges[kept++] = (samestory_edge){.a = i,
                                             .b = k,
                                             .relation = p->story ? SAMESTORY_STORY : SAMESTORY_COPY,
                                             .dated = p->dated,
                                             .alone = probability_of(p)};
        }
    bool good = edges && ss_ask_neighbours(v->e->model->judge_parsed, edges, kept, v->count, NULL,
                                           v->e->options.threads);
    for (size_t i = 0; good && i < kept; i++)
        row_of(v, edges[i].a)[edges[i].b - edges[i].a - 1].p = (float)edges[i].probability;
    free(edges);
    return good;
}

/* ---- JSON ---------------------------------------------------------------------------------------------- */

typedef struct json {
    char *data;
    size_t size, capacity;
    bool failed;
} json;

static void put(json *j, const char *text)
{
    size_t size = strlen(text);
    if (!ss_reserve(&j->data, &j->capacity, j->size + size + 1)) {
        j->failed = true;
        return;
    }
    memcpy(j->data + j->size, text, size + 1);
    j->size += size;
}

/* "name":0.123456 with a point whatever the locale. */
static void put_number(json *j, const char *name, double value)
{
    char text[96];
    long long millionths = (long long)floor(value * 1e6 + 0.5);
    snprintf(text, sizeof text, "\"%s\":%s%lld.%06lld", name, millionths < 0 ? "-" : "",
             (millionths < 0 ? -millionths : millionths) / 1000000,
             (millionths < 0 ? -millionths : millionths) % 1000000);
    put(j, text);
}

static void put_count(json *j, const char *name, size_t value)
{
    char text[96];
    snprintf(text, sizeof text, "\"%s\":%zu", name, value);
    put(j, text);
}

static void put_pairs(json *j, const char *name, const ss_pair_measure *m)
{
    put(j, "\"");
    put(j, name);
    put(j, "\":{");
    put_number(j, "f1", m->f1);
    put_number((put(j, ","), j), "precision", m->precision);
    put_number((put(j, ","), j), "recall", m->recall);
    put_number((put(j, ","), j), "ap", m->average_precision);
    put_count((put(j, ","), j), "n", m->count);
    put_count((put(j, ","), j), "positives", m->positives);
    put(j, ",\"best\":{");
    put_number(j, "f1", m->best_f1);
    put_number((put(j, ","), j), "threshold", m->best_threshold);
    put(j, "}}");
}

static void put_groups(json *j, const char *name, const ss_group_measure *m)
{
    put(j, ",\"");
    put(j, name);
    put(j, "\":{");
    put_number(j, "f1", m->f1);
    put_number((put(j, ","), j), "precision", m->precision);
    put_number((put(j, ","), j), "recall", m->recall);
    put(j, "}");
}

/* ---- Pairs --------------------------------------------------------------------------------------------- */

enum which { CROSS, SAME, ALL };

/* Measures a subset of the pairs; `scored` has room for all. */
static ss_pair_measure measure_some(const evaluation *v, enum which which, ss_scored *scored)
{
    size_t count = 0;
    for (size_t i = 0; i < pair_count(v); i++) {
        const judged *p = &v->pair[i];
        if (which != ALL && (p->a != p->b) != (which == CROSS)) continue;
        scored[count++] = (ss_scored){p->p, p->positive};
    }
    return ss_measure_pairs(scored, count, v->e->threshold);
}

static const char *language_code(const samestory_engine *e, unsigned language)
{
    return language < e->model->languages ? e->model->language[language].code : "und";
}

/* F1 of every two languages that have a true pair: pairs are dealt out by language first. */
static bool put_languages(json *j, const evaluation *v, ss_scored *scored)
{
    size_t *first = calloc(65536 + 1, sizeof *first);
    if (!first) return false;
    for (size_t i = 0; i < pair_count(v); i++) first[(v->pair[i].a << 8 | v->pair[i].b) + 1]++;
    for (size_t k = 0; k < 65536; k++) first[k + 1] += first[k];
    for (size_t i = 0; i < pair_count(v); i++) {
        const judged *p = &v->pair[i];
        scored[first[p->a << 8 | p->b]++] = (ss_scored){p->p, p->positive};
    }
    put(j, ",\"by_languages\":{");
    bool any = false;
    for (size_t k = 0, start = 0; k < 65536; start = first[k++]) {
        ss_pair_measure m = ss_measure_pairs(scored + start, first[k] - start, v->e->threshold);
        if (!m.positives) continue;
        const char *a = language_code(v->e, (unsigned)(k >> 8)), *b = language_code(v->e, k & 255);
        bool swap = strcmp(a, b) > 0; /* by the alphabet, so that nobody has to look for both */
        char name[32];
        snprintf(name, sizeof name, "%s\"%s-%s\":{", any ? "," : "", swap ? b : a, swap ? a : b);
        put(j, name);
        put_number(j, "f1", m.f1);
        put_count((put(j, ","), j), "n", m.count);
        put_count((put(j, ","), j), "positives", m.positives);
        put(j, "}");
        any = true;
    }
    put(j, "}");
    free(first);
    return true;
}

/* ---- The pipeline's own answers ---------------------------------------------------------------------------- */

static bool put_stories(json *j, const evaluation *v)
{
    const samestory_engine *e = v->e;
    size_t *story = malloc((e->count + 1) * sizeof *story);
    size_t *cluster = malloc((v->count + 1) * sizeof *cluster);
    ss_group_measure bcubed, clusters;
    bool good = story && cluster &&
                !samestory_stories(e->edge, e->edge_count, e->count, e->threshold, story, NULL);
    for (size_t i = 0; good && i < v->count; i++) cluster[i] = story[v->document[i]];
    good = good && ss_measure_bcubed(cluster, v->truth, v->count, &bcubed) &&
           ss_measure_clusters(cluster, v->truth, v->count, &clusters);
    if (good) {
        put_groups(j, "bcubed", &bcubed);
        put_groups(j, "clusters", &clusters);
    }
    free(story);
    free(cluster);
    return good;
}

/* Expected calibration error over the proposed candidates with p in .05 .. .95, in nine bins; and how
 * many of the confirmed true pairs are edges of the index, be they links or not. */
static bool put_candidates(json *j, const evaluation *v)
{
    const samestory_engine *e = v->e;
    size_t *place = malloc((e->count + 1) * sizeof *place);
    if (!place) return false;
    for (size_t i = 0; i < e->count; i++) place[i] = SIZE_MAX;
    for (size_t i = 0; i < v->count; i++) place[v->document[i]] = i;
    double sum[BINS] = {0}, true_sum[BINS] = {0}, error = 0;
    size_t bin_count[BINS] = {0}, all = 0, proposed = 0, confirmed = 0;
    for (size_t i = 0; i < e->edge_count; i++) {
        size_t a = place[e->edge[i].a], b = place[e->edge[i].b];
        double p = e->edge[i].probability;
        if (a == SIZE_MAX || b == SIZE_MAX) continue;
        const ss_sketch *x = e->sketch[e->edge[i].a], *y = e->sketch[e->edge[i].b];
        bool positive = v->truth[a] == v->truth[b];
        const judged *pair = a < b ? &row_of(v, a)[b - a - 1] : &row_of(v, b)[a - b - 1];
        proposed += positive && pair->p >= (float)e->threshold && same_window(e, x, y) &&
                    x->text_hash != y->text_hash;
        if (p < 0.05 || p > 0.95) continue;
        size_t bin = (size_t)((p - 0.05) / 0.1);
        if (bin >= BINS) bin = BINS - 1;
        sum[bin] += p;
        true_sum[bin] += positive;
        bin_count[bin]++;
        all++;
    }
    for (size_t i = 0; i < pair_count(v); i++) {
        const judged *pair = &v->pair[i];
        bool confirms = pair->positive && pair->in_window && pair->p >= (float)e->threshold;
        confirmed += confirms;
        proposed += confirms && pair->in_window == SAME_TEXT;
    }
    for (size_t b = 0; b < BINS; b++) error += fabs(sum[b] - true_sum[b]);
    put(j, ",\"calibration\":{");
    put_number(j, "ece", all ? error / (double)all : 0);
    put_count((put(j, ","), j), "n", all);
    put(j, "},\"candidates\":{");
    put_number(j, "recall", confirmed ? (double)proposed / (double)confirmed : 1);
    size_t pairs = e->arrived_count ? e->arrived_count * (e->arrived_count - 1) / 2 : 0;
    put_number((put(j, ","), j), "share",
               pairs ? (double)e->report.compared / (double)pairs : 0);
    put_count((put(j, ","), j), "n", confirmed);
    put(j, "}");
    free(place);
    return true;
}

static bool write_json(const evaluation *v, json *j)
{
    ss_scored *scored = malloc((pair_count(v) + 1) * sizeof *scored);
    if (!scored) return false;
    static const char *const names[] = {"cross", "same", "all"};
    put(j, "{");
    put_count(j, "documents", v->count);
    put_number((put(j, ","), j), "threshold", v->e->threshold);
    put(j, ",\"pairs\":{");
    for (int which = CROSS; which <= ALL; which++) {
        ss_pair_measure m = measure_some(v, (enum which)which, scored);
        if (which) put(j, ",");
        put_pairs(j, names[which], &m);
    }
    bool good = put_languages(j, v, scored);
    put(j, "}");
    free(scored);
    good = good && put_stories(j, v) && put_candidates(j, v);
    put(j, "}");
    return good && !j->failed;
}

samestory_status samestory_measure(const samestory_engine *e, const samestory_string *label,
                                   char **out, samestory_error *error)
{
    if (!e || !label || !out || e->phase != SS_SETTLED || e->options.as_stream)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "measure needs a settled engine and labels");
    evaluation v = {.e = e};
    json j = {0};
    bool good = true;
    v.document = malloc((e->count + 1) * sizeof *v.document);
    v.truth = malloc((e->count + 1) * sizeof *v.truth);
    v.around = malloc((e->count + 1) * sizeof *v.around);
    v.all = ss_around(e, SAMESTORY_NO_DATE, 0);
    for (size_t i = 0; v.document && v.truth && v.around && i < e->count; i++) {
        if (!label[i].size || e->original[i] != i) continue;
        v.document[v.count] = i;
        v.around[v.count] = ss_around(e, e->sketch[i]->date, 0);
        v.truth[v.count++] = (size_t)XXH3_64bits(label[i].data, label[i].size) >> 1;
    }
    if (v.count <= DOCUMENTS_MAX) {
        v.pair = malloc((pair_count(&v) + 1) * sizeof *v.pair);
        good = v.document && v.truth && v.around && v.pair;
        if (good) {
            ss_parallel(e->options.threads, v.count, 16, judge_rows, &v);
            good = ask_neighbours(&v) && write_json(&v, &j);
        }
    }
    bool too_many = v.count > DOCUMENTS_MAX;
    free(v.document);
    free(v.truth);
    free(v.around);
    free(v.pair);
    if (too_many || !good) free(j.data);
    if (too_many)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT,
                       "evaluation compares all pairs: give it at most 20,000 labelled documents");
    if (!good) return ss_fail_memory(error);
    *out = j.data;
    return SAMESTORY_OK;
}

