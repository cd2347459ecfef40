/* Collections: all documents are gathered, the statistics frozen, the postings sorted; then, slab by slab,
 * the nearest of each document are found and it is judged against those that arrived before it, on all
 * threads. Once all are judged, each pair is judged again by what its neighbours say (story/neighbours.h), and
 * answers are given one after the other. */
#include "engine/engine.h"

#include "base/array.h"
#include "base/pool.h"
#include "base/status.h"

#include <stdlib.h>
#include <string.h>

enum { JUDGE_BLOCK = 1024 }; /* documents judged at once, before their edges are kept */

/* Memory that sorting anchors and keys may take: 85 keys of 8 bytes a document are done in one round up to
 * 400,000 documents; each round more costs 1.3 us a document. */
static const size_t sorting_most = (size_t)256 << 20;

static size_t sorting_room(const samestory_engine *e)
{
    size_t room = e->options.memory / 8; /* under a cap */
    return room && room < sorting_most ? room : sorting_most;
}

/* ---- Collections: gathering --------------------------------------------------------------------------- */

typedef struct gathering {
    samestory_engine *e;
    const samestory_document *documents;
    ss_sketch **kept; /* (count), malloc'd by the workers */
} gathering;

static void sketch_documents(void *context, unsigned worker, size_t begin, size_t end)
{
    gathering *g = context;
    const samestory_options *o = &g->e->options;
    for (size_t i = begin; i < end; i++) {
        samestory_document named = g->documents[i];
        named.id = ss_document_id(&named);
        const ss_sketch *s =
            ss_sketch_make(g->e->sketcher[worker], &named, o->ignore_dates, o->ids_repeat);
        g->kept[i] = s ? malloc(s->size) : NULL;
        if (g->kept[i]) memcpy(g->kept[i], s, s->size);
    }
}

/* Sketches in memory get their numbers in their order. */
static samestory_status keep_gathered(const gathering *g, size_t count, samestory_error *error)
{
    bool good = true;
    for (size_t i = 0; i < count && good; i++) {
        ss_sketch *kept = ss_keep_sketch(g->e, g->kept[i]);
        good = kept && ss_keep_document(g->e, kept, ss_document_id(&g->documents[i]));
    }
    return good ? SAMESTORY_OK : ss_fail_memory(error);
}

static samestory_status spill_gathered(const gathering *g, size_t count, samestory_error *error)
{
    samestory_string *id = malloc(count * sizeof *id);
    char(*made)[SS_CONTENT_ID] = malloc(count * sizeof *made);
    bool good = id && made;
    for (size_t i = 0; i < count && good; i++) {
        id[i] = ss_document_id(&g->documents[i]);
        if (!id[i].size) id[i] = ss_id_of_content(g->kept[i], made[i]);
    }
    samestory_status status = good ? ss_spill_add(g->e, (const ss_sketch *const *)g->kept, id,
                                                  count, error)
                                   : ss_fail_memory(error);
    free(id);
    free(made);
    return status;
}

/* A document that an earlier run has sketched must be the one that it was. */
static samestory_status check_taken_up(const samestory_engine *e, const samestory_document *d,
                                       size_t number, samestory_error *error)
{
    const ss_sketch *s = e->sketch[number];
    char made[SS_CONTENT_ID];
    samestory_string id = ss_document_id(d), known = e->id[number];
    if (!id.size) id = ss_id_of_content(s, made);
    if (ss_content_hash(d) == s->text_hash && id.size == known.size &&
        !memcmp(id.data, known.data, id.size))
        return SAMESTORY_OK;
    return ss_fail(error, SAMESTORY_INPUT_FAILED,
                   "the input is not the one that the run to be resumed had: start it anew");
}

static samestory_status gather_new(samestory_engine *e, const samestory_document *documents,
                                   size_t count, samestory_error *error)
{
    gathering g = {e, documents, calloc(count, sizeof *g.kept)};
    if (!g.kept) return ss_fail_memory(error);
    ss_parallel(e->options.threads, count, 8, sketch_documents, &g);
    bool good = true;
    for (size_t i = 0; i < count; i++) good = good && g.kept[i];
    samestory_status status = !good         ? ss_fail_memory(error)
                              : e->sketches ? spill_gathered(&g, count, error)
                                            : keep_gathered(&g, count, error);
    for (size_t i = 0; i < count; i++) free(g.kept[i]);
    free(g.kept);
    return status;
}

samestory_status samestory_gather(samestory_engine *e, const samestory_document *documents,
                                  size_t count, samestory_error *error)
{
    if (!e || (count && !documents) || (e->phase != SS_EMPTY && e->phase != SS_GATHERING))
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT,
                       "gather comes first, and in an engine of its own: see samestory_gather");
    samestory_status status = SAMESTORY_OK;
    for (size_t i = 0; i < count && !status; i++) status = ss_check_document(&documents[i], error);
    if (status || !count) return status;
    e->phase = SS_GATHERING;
    for (; count && !status && e->gathered < e->taken_up; count--, documents++) {
        status = check_taken_up(e, documents, e->gathered++, error);
        ss_shelf_relieve(e->shelf);
    }
    if (status || !count) return status;
    e->gathered += count;
    return gather_new(e, documents, count, error);
}

/* ---- Freezing ------------------------------------------------------------------------------------------- */

typedef struct placed {
    int64_t place;
    uint32_t number;
} placed;

static int by_place(const void *a, const void *b)
{
    const placed *x = a, *y = b;
    if (x->place != y->place) return x->place < y->place ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

/* The order of arrival: by date; a document without one stands where the latest date before it, in the
 * order given, does (or the earliest of all). Repeats don't arrive, unless `repeats` says so. Returns how
 * many do. */
static size_t order_arrivals(const samestory_engine *e, bool repeats, placed *order)
{
    int64_t earliest = SAMESTORY_NO_DATE, latest;
    for (size_t i = 0; i < e->count; i++) {
        int64_t date = e->sketch[i]->date;
        if (i % 64 == 0) ss_shelf_relieve(e->shelf);
        if (date != SAMESTORY_NO_DATE && (earliest == SAMESTORY_NO_DATE || date < earliest))
            earliest = date;
        order[i] = (placed){date, (uint32_t)i};
    }
    latest = earliest;
    size_t count = 0;
    for (size_t i = 0; i < e->count; i++) {
        int64_t date = order[i].place;
        if (e->original[i] != i && !repeats) continue;
        if (date != SAMESTORY_NO_DATE && date > latest) latest = date;
        order[count++] = (placed){date != SAMESTORY_NO_DATE ? date : latest, (uint32_t)i};
    }
    if (count) qsort(order, count, sizeof *order, by_place);
    return count;
}

static void copy_rows(void *context, unsigned worker, size_t begin, size_t end)
{
    samestory_engine *e = context;
    size_t d = e->model->dimension;
    (void)worker;
    for (size_t i = begin; i < end; i++) {
        memcpy((int8_t *)e->rows.data + i * d, ss_sketch_vector(e->arrived[i]), d);
        if (i % 64 == 0) ss_shelf_relieve(e->shelf);
    }
}

static bool file_all(samestory_engine *e)
{
    placed *order = malloc((e->count + 1) * sizeof *order);
    size_t count = order ? order_arrivals(e, false, order) : 0;
    /* sketches on a shelf may be let go: what the kernel reads again and again stands closer together */
    bool good = order && (!e->shelf || ss_shelve(e->shelf, &e->rows, count * e->model->dimension));
    for (size_t i = 0; i < count && good; i++) {
        good = ss_file_document(e, order[i].number, order[i].place);
        if (i % 64 == 0) ss_shelf_relieve(e->shelf);
    }
    free(order);
    if (good && e->shelf) ss_parallel(e->options.threads, count, 4096, copy_rows, e);
    return good;
}

/* Counts the arrived in slices: by day, as a stream's documents are. */
static bool count_all(samestory_engine *e)
{
    uint32_t *slice = malloc((e->arrived_count + 1) * sizeof *slice), number = 0;
    for (size_t i = 0, first = 0; slice && i < e->arrived_count; i++) {
        if (i - first == SS_SLICE_DOCUMENTS || ss_slice_day(e->place[i]) != ss_slice_day(e->place[first])) {
            first = i;
            number++;
        }
        slice[i] = number;
    }
    bool good = slice && ss_statistics_count_all(e->statistics, e->arrived, slice, e->arrived_count,
                                                 e->shelf, e->options.threads, sorting_room(e));
    free(slice);
    return good;
}

samestory_status samestory_freeze(samestory_engine *e, samestory_error *error)
{
    if (!e || e->phase == SS_STREAM)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "a stream freezes its statistics by itself");
    if (e->phase >= SS_FROZEN) return SAMESTORY_OK;
    if (e->gathered < e->taken_up)
        return ss_fail(error, SAMESTORY_INPUT_FAILED,
                       "the input is shorter than that of the run to be resumed: start it anew");
    if (!file_all(e) || !count_all(e)) return ss_fail_memory(error);
    e->phase = SS_FROZEN;
    return SAMESTORY_OK;
}

/* ---- Settling ------------------------------------------------------------------------------------------- */

/* Why an edge is one: anchors of its later document. */
typedef struct edge_reason {
    uint16_t reason[SAMESTORY_REASONS];
    uint8_t reasons;
} edge_reason;

/* One block of a collection, by order of arrival. Until all have their answers, edges name arrivals. */
typedef struct settling {
    samestory_engine *e;
    size_t first;         /* arrival of the block's first document */
    ss_finding *findings; /* (JUDGE_BLOCK) */
    ss_shelved why;       /* edge_reason (edges) */
    void (*progress)(void *context, size_t done);
    void *context;
} settling;

static void judge_arrivals(void *context, unsigned worker, size_t begin, size_t end)
{
    settling *s = context;
    const samestory_engine *e = s->e;
    for (size_t i = begin; i < end; i++) {
        uint32_t at = (uint32_t)(s->first + i);
        ss_judge_document(e, worker, e->arrived[at], e->place[at], e->date[at], at, e->twin[at],
                       &s->findings[i]);
        ss_shelf_relieve(e->shelf);
    }
}

static bool keep_edges(settling *s, uint32_t at, const ss_finding *f)
{
    samestory_engine *e = s->e;
    size_t count = e->edge_count + f->links;
    if (!ss_shelve(e->shelf, &e->edges, count * sizeof *e->edge) ||
        !ss_shelve(e->shelf, &s->why, count * sizeof(edge_reason)))
        return false;
    e->edge = e->edges.data;
    edge_reason *why = s->why.data;
    for (size_t i = 0; i < f->links; i++) {
        edge_reason *w = &why[e->edge_count];
        memcpy(w->reason, f->reason[i], sizeof w->reason);
        w->reasons = f->reasons[i];
        e->edge[e->edge_count++] = (samestory_edge){.a = f->link[i].document,
                                                    .b = at,
                                                    .relation = f->link[i].relation,
                                                    .dated = f->link[i].dated,
                                                    .alone = f->link[i].probability};
    }
    return true;
}

/* Judges arrivals first .. first + count: each sees those before it only. */
static bool judge_block(settling *s, size_t count)
{
    samestory_engine *e = s->e;
    ss_parallel(e->options.threads, count, 8, judge_arrivals, s);
    for (size_t i = 0; i < count; i++) {
        const ss_finding *f = &s->findings[i];
        uint32_t at = (uint32_t)(s->first + i);
        if (f->failed || !keep_edges(s, at, f)) return false;
        e->answer[e->arrival[at]] = (ss_answer){.probability = f->best};
        ss_count_finding(e, f);
    }
    return true;
}

/* The edges of an arrival, which stand together from *edge on, as what it found. */
static void find_again(const settling *s, uint32_t at, size_t *edge, ss_finding *f)
{
    const samestory_engine *e = s->e;
    const edge_reason *why = s->why.data;
    f->best = e->answer[e->arrival[at]].probability;
    f->links = 0;
    for (; *edge < e->edge_count && e->edge[*edge].b == at; ++*edge) {
        const samestory_edge *from = &e->edge[*edge];
        if (!f->links || from->probability > f->best) f->best = from->probability;
        memcpy(f->reason[f->links], why[*edge].reason, sizeof f->reason[0]);
        f->reasons[f->links] = why[*edge].reasons;
        f->link[f->links++] = (ss_link){.document = (uint32_t)from->a,
                                        .relation = from->relation,
                                        .dated = from->dated,
                                        .probability = from->probability};
    }
}

/* Answers are given one after the other: each is told the stories of those before it. */
static bool answer_all(settling *s)
{
    samestory_engine *e = s->e;
    ss_finding *f = &s->findings[0];
    size_t edge = 0;
    for (size_t at = 0; at < e->arrived_count; at++) {
        uint32_t number = e->arrival[at];
        find_again(s, (uint32_t)at, &edge, f);
        ss_answer answer = ss_answer_of(e, number, e->arrived[at], e->date[at], f);
        answer.order = (uint32_t)at;
        if (!ss_enter_story(e, (uint32_t)at, &answer, f)) return false;
        e->answer[number] = answer;
        ss_count_answer(e, &answer);
        ss_shelf_relieve(e->shelf);
    }
    for (size_t i = 0; i < e->edge_count; i++) {
        if (i % 64 == 0) ss_shelf_relieve(e->shelf);
        e->edge[i].a = e->arrival[e->edge[i].a];
        e->edge[i].b = e->arrival[e->edge[i].b];
    }
    return true;
}

/* What the documents of a bucket share, told from its first. */
static void name_bucket(const samestory_engine *e, const ss_worst *worst, samestory_bucket *out)
{
    ss_key keys[SS_KEYS_MAX];
    const ss_sketch *s = e->arrived[worst->document];
    size_t count = ss_keys_of(e->model, s, 0, keys);
    out->documents = worst->count;
    strcpy(out->what, "words");
    for (size_t i = 0; i < count; i++) {
        const ss_anchor *anchor = &ss_sketch_anchors(s)[keys[i].frequency_of];
        if (ss_posting_tag(&keys[i]) != worst->tag) continue;
        if (keys[i].kind == SS_KEY_SAME) strcpy(out->what, "id or address");
        if (keys[i].kind != SS_KEY_NAME) return;
        size_t size = anchor->text_size < sizeof out->what ? anchor->text_size : sizeof out->what - 1;
        memcpy(out->what, ss_sketch_pool(s) + anchor->text, size);
        out->what[size] = 0;
        return;
    }
}

_Static_assert((int)SS_WORST_BUCKETS == (int)SAMESTORY_FULLEST, "as many as are told");

static void name_fullest(samestory_engine *e)
{
    ss_worst worst[SS_WORST_BUCKETS];
    samestory_report *r = &e->report;
    r->fullest_count = ss_postings_worst(e->postings, worst);
    for (size_t i = 0; i < r->fullest_count; i++) name_bucket(e, &worst[i], &r->fullest[i]);
}

static bool make_index(samestory_engine *e)
{
    ss_view view = ss_view_of(e);
    e->near = ss_near_new(&view, e->options.threads);
    if (!e->near) return false;
    e->postings = ss_postings_new(e->model, e->arrived, e->arrived_count, e->shelf,
                                  e->options.threads, sorting_room(e));
    if (e->postings) name_fullest(e);
    return e->postings != NULL;
}

/* Who settles under a cap has more use for the memory than for another look at the candidates. */
static void drop_index(samestory_engine *e)
{
    ss_postings_free(e->postings);
    ss_near_free(e->near);
    ss_shelved_free(e->shelf, &e->rows);
    e->postings = NULL;
    e->near = NULL;
}

static bool settle_slab(settling *s, size_t count)
{
    if (!ss_near_find(s->e->near, (uint32_t)s->first, (uint32_t)count)) return false;
    for (size_t end = s->first + count, block; s->first < end; s->first += block) {
        block = end - s->first < JUDGE_BLOCK ? end - s->first : JUDGE_BLOCK;
        if (!judge_block(s, block)) return false;
        if (s->progress) s->progress(s->context, s->first);
    }
    return true;
}

static bool settle_all(settling *s)
{
    s->findings = malloc(JUDGE_BLOCK * sizeof *s->findings);
    if (!s->findings || !make_index(s->e)) return false;
    for (size_t all = s->e->arrived_count; s->first < all;) {
        size_t left = all - s->first;
        if (!settle_slab(s, left < SS_NEAR_SLAB ? left : SS_NEAR_SLAB)) return false;
    }
    if (s->e->shelf) drop_index(s->e);
    return ss_ask_neighbours(s->e->model->judge_parsed, s->e->edge, s->e->edge_count, s->e->arrived_count,
                             s->e->shelf, s->e->options.threads) &&
           answer_all(s);
}

static samestory_status settle_stream(samestory_engine *e, void (*progress)(void *context, size_t done),
                                      void *context, samestory_error *error)
{
    placed *order = malloc((e->count + 1) * sizeof *order);
    uint32_t *number = malloc((e->count + 1) * sizeof *number);
    samestory_status status = order && number ? SAMESTORY_OK : ss_fail_memory(error);
    size_t count = status ? 0 : order_arrivals(e, true, order);
    for (size_t i = 0; i < count; i++) number[i] = order[i].number;
    if (!status) status = ss_settle_as_stream(e, number, count, progress, context, error);
    free(order);
    free(number);
    if (status) return status;
    e->phase = SS_SETTLED;
    if (progress) progress(context, count);
    return SAMESTORY_OK;
}

samestory_status samestory_settle(samestory_engine *e, void (*progress)(void *context, size_t done),
                                  void *context, samestory_error *error)
{
    samestory_status status = samestory_freeze(e, error);
    if (status || e->phase == SS_SETTLED) return status;
    if (e->options.as_stream) return settle_stream(e, progress, context, error);
    settling s = {.e = e, .progress = progress, .context = context};
    if (e->attempted)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT,
                       "settling has failed before, for want of memory: gather anew");
    e->attempted = true;
    if (ss_spill_load(e)) {
        e->phase = SS_SETTLED;
        return SAMESTORY_OK;
    }
    bool good = settle_all(&s);
    free(s.findings);
    ss_shelved_free(e->shelf, &s.why);
    if (!good) return ss_fail_memory(error);
    e->report.repeated = e->count - e->arrived_count;
    e->phase = SS_SETTLED;
    if (progress) progress(context, e->arrived_count);
    return ss_spill_save(e, error);
}
