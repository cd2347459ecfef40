/* The engine: calls the rooms in order. Documents are sketched, filed and judged here, as a stream (one
 * at a time) or as a collection (all gathered, statistics frozen, then all judged).
 *
 * Numbers and arrivals. A document's number is the order in which it was given; its arrival is its
 * place in time (by date, ties by number). A stream's documents arrive as they are given. */
#include "engine.h"

#include "base/array.h"
#include "base/pool.h"
#include "base/status.h"

#include <stdio.h>
#include <string.h>

enum {
    BLOCK = 4 << 20,      /* memory for sketches is taken in pieces of this size */
    SLICE = 65536,        /* a slice closes with its day, or after so many documents */
    DAY = 86400,
    WEEK = 7 * DAY,
    COPY_DAYS = 90,
    LINKS_KEPT = 64,      /* edges kept of a document */
    SETTLE_BLOCK = 1024,  /* documents of a collection filed at once, at most, */
    SETTLE_SHARE = 32     /* and for each thread: a walk passes over those filed after its document */
};

/* Pairs below this are no evidence worth keeping as edges. */
static const double least_edge = 0.05;

/* ---- Birth and death ------------------------------------------------------------------------------ */

void samestory_engine_free(samestory_engine *e)
{
    if (!e) return;
    for (unsigned i = 0; i < e->options.threads; i++) {
        if (e->sketcher) ss_sketcher_free(e->sketcher[i]);
        if (e->proposer) ss_proposer_free(e->proposer[i]);
    }
    free(e->sketcher);
    free(e->proposer);
    free(e->sketch);
    free(e->id);
    free(e->original);
    free(e->answer);
    ss_lookup_free(&e->known);
    ss_lookup_free(&e->texts);
    free(e->twin);
    for (size_t i = 0; i < e->block_count; i++) free(e->block[i]);
    free(e->block);
    ss_statistics_free(e->statistics);
    ss_window_free(e->window);
    free(e->arrival);
    free(e->arrived);
    free(e->place);
    free(e->date);
    free(e->story);
    free(e->story_size);
    free(e->edge);
    free(e);
}

samestory_status samestory_engine_new(const samestory_model *model, const samestory_options *options,
                                      samestory_engine **out, samestory_error *error)
{
    static const samestory_options standard = SAMESTORY_OPTIONS_INIT;
    if (!model || !out)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "model and out must not be NULL");
    if (!options) options = &standard;
    if (options->struct_size != sizeof *options || options->threads > 1024 ||
        (unsigned)options->preset >= SAMESTORY_PRESETS ||
        !(options->threshold >= 0 && options->threshold <= 1))
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT,
                       "options: use SAMESTORY_OPTIONS_INIT; threads <= 1024; threshold 0..1");
    samestory_engine *e = calloc(1, sizeof *e);
    if (!e) return ss_fail_memory(error);
    e->model = model;
    e->options = *options;
    if (!e->options.threads) e->options.threads = 1;
    if (!e->options.window) e->options.window = WEEK;
    e->threshold = options->threshold > 0
                       ? options->threshold
                       : ss_judge_threshold(model->judge_parsed, options->preset);
    e->latest = SAMESTORY_NO_DATE;
    e->sketcher = calloc(e->options.threads, sizeof *e->sketcher);
    e->proposer = calloc(e->options.threads, sizeof *e->proposer);
    e->statistics = ss_statistics_new();
    e->window = ss_window_new();
    bool good = e->sketcher && e->proposer && e->statistics && e->window;
    for (unsigned i = 0; good && i < e->options.threads; i++) {
        e->sketcher[i] = ss_sketcher_new(model);
        e->proposer[i] = ss_proposer_new();
        good = e->sketcher[i] && e->proposer[i];
    }
    if (!good) {
        samestory_engine_free(e);
        return ss_fail_memory(error);
    }
    e->report = (samestory_report){.struct_size = sizeof e->report, .threshold = e->threshold};
    *out = e;
    return SAMESTORY_OK;
}

/* ---- Keeping documents ------------------------------------------------------------------------------ */

/* Memory that lives as long as the engine, at a multiple of 8. */
static void *keep_bytes(samestory_engine *e, size_t size)
{
    size = (size + 7) / 8 * 8;
    if (!e->block_count || e->block_size - e->block_used < size) {
        size_t wish = size > BLOCK ? size : BLOCK;
        if (!ss_reserve(&e->block, &e->block_capacity, e->block_count + 1)) return NULL;
        char *block = malloc(wish);
        if (!block) return NULL;
        e->block[e->block_count++] = block;
        e->block_size = wish;
        e->block_used = 0;
    }
    void *out = e->block[e->block_count - 1] + e->block_used;
    e->block_used += size;
    return out;
}

/* An array that grows in step with the documents: all of them hold `capacity` elements. */
#define GROW(array, wish) ss_reserve_bytes(&(array), &(size_t){0}, (wish), sizeof *(array))

static bool reserve_documents(samestory_engine *e, size_t need)
{
    if (need <= e->capacity) return true;
    size_t wish = e->capacity + e->capacity / 2;
    if (wish < need) wish = need;
    if (wish < 64) wish = 64;
    if (wish >= UINT32_MAX || !GROW(e->sketch, wish) || !GROW(e->id, wish) ||
        !GROW(e->original, wish) || !GROW(e->answer, wish))
        return false;
    e->capacity = wish;
    return true;
}

static bool reserve_arrivals(samestory_engine *e, size_t need)
{
    if (need <= e->arrived_capacity) return true;
    size_t wish = e->arrived_capacity + e->arrived_capacity / 2;
    if (wish < need) wish = need;
    if (wish < 64) wish = 64;
    if (!GROW(e->arrival, wish) || !GROW(e->arrived, wish) || !GROW(e->place, wish) ||
        !GROW(e->date, wish) || !GROW(e->twin, wish) || !GROW(e->story, wish) || !GROW(e->story_size, wish))
        return false;
    e->arrived_capacity = wish;
    return true;
}

/* What makes a document the same document: its id and its text; 0: it has no id. */
static uint64_t identity_of(const ss_sketch *s)
{
    return s->id ? s->id * 0x9E3779B97F4A7C15u ^ s->text_hash : 0;
}

/* The first document with this id and this text, or -1. */
static int64_t find_known(const samestory_engine *e, const ss_sketch *s)
{
    uint32_t number = s->id ? ss_lookup_find(&e->known, identity_of(s)) : SS_LOOKUP_NONE;
    return number == SS_LOOKUP_NONE ? -1 : (int64_t)number;
}

enum { HASH_ID = 24 };

/* What a document without id and URL is called: a hash of its content. */
static samestory_string id_of_content(const ss_sketch *s, char out[HASH_ID])
{
    int size = snprintf(out, HASH_ID, "xxh3:%016llx", (unsigned long long)s->text_hash);
    return (samestory_string){out, (size_t)size};
}

static samestory_string document_id(const samestory_document *d)
{
    return d->id.size ? d->id : d->url;
}

/* Gives a sketch its number; copies it when it is not kept already. */
static bool keep_document(samestory_engine *e, ss_sketch *kept, samestory_string id)
{
    if (!reserve_documents(e, e->count + 1)) return false;
    char hash[HASH_ID];
    if (!id.size) id = id_of_content(kept, hash);
    char *bytes = keep_bytes(e, id.size + 1);
    if (!bytes) return false;
    memcpy(bytes, id.data, id.size);
    bytes[id.size] = 0;
    uint32_t number = (uint32_t)e->count;
    int64_t original = find_known(e, kept);
    e->sketch[number] = kept;
    e->id[number] = (samestory_string){bytes, id.size};
    e->original[number] = original < 0 ? number : (uint32_t)original;
    e->answer[number] = (ss_answer){.of = UINT32_MAX, .story = e->original[number]};
    e->count++;
    return original >= 0 || !kept->id || ss_lookup_add(&e->known, identity_of(kept), number);
}

static ss_sketch *copy_sketch(samestory_engine *e, const ss_sketch *s)
{
    ss_sketch *kept = keep_bytes(e, s->size);
    if (kept) memcpy(kept, s, s->size);
    return kept;
}

static samestory_status check_document(const samestory_document *d, samestory_error *error)
{
    if (!d || d->struct_size != sizeof *d)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT,
                       "document: begin with SAMESTORY_DOCUMENT_INIT");
    const samestory_string *part[] = {&d->id, &d->title, &d->text, &d->url, &d->source, &d->language};
    for (size_t i = 0; i < sizeof part / sizeof *part; i++)
        if (part[i]->size && !part[i]->data)
            return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "document: a string has a size but no data");
    return SAMESTORY_OK;
}

/* ---- Judging ------------------------------------------------------------------------------------------ */

static ss_view view_of(const samestory_engine *e)
{
    int64_t copies = e->options.copy_window;
    if (!copies) copies = e->phase == SS_STREAM ? (int64_t)COPY_DAYS * DAY : -1;
    return (ss_view){.model = e->model,
                     .window = e->window,
                     .sketch = e->arrived,
                     .place = e->place,
                     .date = e->date,
                     .window_seconds = e->options.window,
                     .copy_seconds = copies};
}

bool ss_engine_propose(const samestory_engine *e, size_t at, ss_proposal *out)
{
    uint32_t frequency[SS_ANCHORS_MAX];
    ss_view view = view_of(e);
    ss_statistics_of(e->statistics, e->arrived[at], frequency);
    return ss_propose(e->proposer[0], &view, e->arrived[at], frequency, e->place[at], e->date[at],
                      (uint32_t)at, out);
}

/* What one document's arrival found. */
typedef struct finding {
    ss_link link[LINKS_KEPT];
    size_t links;
    uint16_t reason[LINKS_KEPT][SAMESTORY_REASONS];
    uint8_t reasons[LINKS_KEPT];
    double best; /* probability of the best candidate */
    size_t judged, compared, hot;
    bool failed;
} finding;

/* Keeps the strongest links; ties in the order of arrival. */
static void keep_link(finding *f, const ss_link *link, const ss_sketch *s,
                      const ss_evidence *evidence)
{
    size_t at = f->links;
    while (at > 0 && link->probability > f->link[at - 1].probability) at--;
    if (at == LINKS_KEPT) return;
    if (f->links < LINKS_KEPT) f->links++;
    for (size_t k = f->links - 1; k > at; k--) {
        f->link[k] = f->link[k - 1];
        memcpy(f->reason[k], f->reason[k - 1], sizeof f->reason[k]);
        f->reasons[k] = f->reasons[k - 1];
    }
    f->link[at] = *link;
    f->reasons[at] = (uint8_t)ss_reasons_of(evidence, s, f->reason[at], SAMESTORY_REASONS);
}

/* Judges a sketch placed at (place, date) against everything that arrived before; twin: the first of
 * those with the very same text, or SS_LOOKUP_NONE: it is then the only candidate. */
static void judge_document(const samestory_engine *e, unsigned worker, const ss_sketch *s,
                           int64_t place, int64_t date, uint32_t before, uint32_t twin, finding *f)
{
    uint32_t frequency[SS_ANCHORS_MAX];
    ss_proposal proposal = {.count = 0};
    ss_view view = view_of(e);
    f->links = f->judged = 0;
    f->best = 0;
    f->failed = false;
    ss_statistics_of(e->statistics, s, frequency);
    if (twin < before && s->words && ss_within(e->date[twin], date, view.copy_seconds)) {
        int32_t dot = ss_dot(ss_sketch_vector(s), ss_sketch_vector(s), s->dimension);
        proposal.candidate[proposal.count++] = (ss_candidate){twin, dot};
        proposal.compared = 1;
    } else {
        f->failed =
            !ss_propose(e->proposer[worker], &view, s, frequency, place, date, before, &proposal);
    }
    if (f->failed) return;
    f->compared = proposal.compared;
    f->hot = proposal.hot;
    f->judged = proposal.count;
    for (size_t i = 0; i < proposal.count; i++) {
        ss_evidence evidence;
        const ss_candidate *c = &proposal.candidate[i];
        ss_evidence_of(s, frequency, e->arrived[c->document], c->dot, &evidence);
        ss_judgement j = ss_judge_of(e->model->judge_parsed, &evidence);
        if (j.probability > f->best) f->best = j.probability;
        if (j.probability < least_edge) continue;
        ss_link link = {c->document, j.relation, j.probability};
        keep_link(f, &link, s, &evidence);
    }
}

/* The answer to the document that arrives as `at` (after all before it have theirs). */
static ss_answer answer_of(const samestory_engine *e, uint32_t number, const finding *f)
{
    ss_answer a = {.probability = f->best, .of = UINT32_MAX, .story = number};
    int64_t joined = ss_story_join(f->link, f->links, e->threshold, e->story, e->story_size);
    if (joined < 0) return a;
    const ss_link *link = &f->link[joined];
    a.probability = link->probability;
    a.relation = (uint8_t)link->relation;
    a.of = e->arrival[link->document];
    a.story = e->arrival[e->story[link->document]];
    a.reasons = f->reasons[joined];
    memcpy(a.reason, f->reason[joined], sizeof a.reason);
    return a;
}

static void count_answer(samestory_engine *e, const ss_answer *a, const finding *f)
{
    samestory_report *r = &e->report;
    r->candidates += f->judged;
    r->compared += f->compared;
    r->hot_keys += f->hot;
    r->copies += a->relation == SAMESTORY_COPY;
    r->revisions += a->relation == SAMESTORY_REVISION;
    r->stories += a->relation == SAMESTORY_STORY;
}

/* Puts document `at` (by arrival) into the story of its answer. */
static void enter_story(samestory_engine *e, uint32_t at, const ss_answer *a, const finding *f)
{
    uint32_t story = at;
    if (a->of != UINT32_MAX)
        for (size_t i = 0; i < f->links; i++)
            if (e->arrival[f->link[i].document] == a->of) story = e->story[f->link[i].document];
    e->story[at] = story;
    if (story == at) e->story_size[at] = 0;
    e->story_size[story]++;
}

static void fill_verdict(const samestory_engine *e, const ss_sketch *s, const ss_answer *a,
                         samestory_string own_id, samestory_verdict *out)
{
    const ss_anchor *anchor = ss_sketch_anchors(s);
    *out = (samestory_verdict){.struct_size = sizeof *out,
                               .relation = (samestory_relation)a->relation,
                               .probability = a->probability,
                               .story = a->story == UINT32_MAX ? own_id : e->id[a->story]};
    if (a->of == UINT32_MAX) return;
    out->of = e->id[a->of];
    const char *words = ss_relation_words(out->relation, s, e->sketch[a->of], a->reasons > 0);
    if (words) out->reasons[out->reason_count++] = (samestory_string){words, strlen(words)};
    for (size_t i = 0; i < a->reasons && out->reason_count < SAMESTORY_REASONS; i++)
        if (anchor[a->reason[i]].text_size)
            out->reasons[out->reason_count++] =
                (samestory_string){ss_sketch_pool(s) + anchor[a->reason[i]].text,
                                   anchor[a->reason[i]].text_size};
}

/* ---- Streams ------------------------------------------------------------------------------------------- */

static int64_t day_of(int64_t date)
{
    return date == SAMESTORY_NO_DATE ? date : date / DAY - (date % DAY < 0);
}

/* Closes the open slice when a document of a later day arrives, or when it is full: only now do its
 * documents count in the statistics. */
static bool close_slice(samestory_engine *e, int64_t place)
{
    size_t open = e->arrived_count - e->slice_start;
    if (!open) return true;
    bool new_day = place != SAMESTORY_NO_DATE && day_of(place) != day_of(e->place[e->slice_start]);
    if (!new_day && open < SLICE) return true;
    for (size_t i = e->slice_start; i < e->arrived_count; i++)
        if (!ss_statistics_count(e->statistics, e->arrived[i])) return false;
    e->slice_start = e->arrived_count;
    return true;
}

/* A document's own date, or its place in time when it has none. */
static int64_t date_of(const ss_sketch *s, int64_t place)
{
    return s->date != SAMESTORY_NO_DATE ? s->date : place;
}

static bool file_keys(samestory_engine *e, uint32_t number, int64_t place, const ss_key *keys,
                      size_t count)
{
    uint32_t at = (uint32_t)e->arrived_count;
    if (!reserve_arrivals(e, e->arrived_count + 1) || !ss_window_add(e->window, keys, count, at) ||
        !ss_lookup_add(&e->texts, e->sketch[number]->text_hash, at))
        return false;
    e->twin[at] = ss_lookup_find(&e->texts, e->sketch[number]->text_hash);
    e->arrival[at] = number;
    e->arrived[at] = e->sketch[number];
    e->place[at] = place;
    e->date[at] = date_of(e->sketch[number], place);
    e->arrived_count++;
    return true;
}

static bool file_document(samestory_engine *e, uint32_t number, int64_t place)
{
    ss_key keys[SS_KEYS_MAX];
    size_t count = ss_keys_of(e->model, e->sketch[number], SS_CELLS_OF_DOCUMENT, keys);
    return file_keys(e, number, place, keys, count);
}

static samestory_status enter_stream(samestory_engine *e, const samestory_document *document,
                                     samestory_verdict *out, samestory_error *error)
{
    if (!e || !out || out->struct_size != sizeof *out)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "verdict: begin with SAMESTORY_VERDICT_INIT");
    samestory_status status = check_document(document, error);
    if (status) return status;
    if (e->phase > SS_STREAM)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT,
                       "this engine gathers a collection: open another one for a stream");
    e->phase = SS_STREAM;
    return SAMESTORY_OK;
}

/* Judges a document of the stream; *known: it is here already, with this number. A document that is
 * only asked about is not `arriving`: it closes no slice, and so leaves no trace in later answers. */
static samestory_status judge_next(samestory_engine *e, const samestory_document *document,
                                   bool arriving, const ss_sketch **sketch, int64_t *place,
                                   int64_t *known, finding *f, samestory_error *error)
{
    samestory_document named = *document;
    named.id = document_id(document);
    const ss_sketch *s =
        ss_sketch_make(e->sketcher[0], &named, e->options.ignore_dates, e->options.ids_repeat);
    if (!s) return ss_fail_memory(error);
    *sketch = s;
    *known = find_known(e, s);
    if (*known >= 0) return SAMESTORY_OK;
    *place = s->date != SAMESTORY_NO_DATE && s->date > e->latest ? s->date : e->latest;
    if (arriving && !close_slice(e, *place)) return ss_fail_memory(error);
    judge_document(e, 0, s, *place, date_of(s, *place), (uint32_t)e->arrived_count,
                   ss_lookup_find(&e->texts, s->text_hash), f);
    return f->failed ? ss_fail_memory(error) : SAMESTORY_OK;
}

samestory_status samestory_add(samestory_engine *e, const samestory_document *document,
                               samestory_verdict *out, samestory_error *error)
{
    const ss_sketch *s;
    int64_t place, known;
    finding f;
    samestory_status status = enter_stream(e, document, out, error);
    if (!status) status = judge_next(e, document, true, &s, &place, &known, &f, error);
    if (status) return status;
    if (known >= 0) {
        e->report.repeated++;
        return samestory_verdict_of(e, (size_t)known, out);
    }
    uint32_t number = (uint32_t)e->count, at = (uint32_t)e->arrived_count;
    ss_sketch *kept = copy_sketch(e, s);
    ss_answer answer = answer_of(e, number, &f);
    if (!kept || !keep_document(e, kept, document_id(document)) ||
        !file_document(e, number, place))
        return ss_fail_memory(error);
    e->latest = place;
    enter_story(e, at, &answer, &f);
    e->answer[number] = answer;
    count_answer(e, &answer, &f);
    return samestory_verdict_of(e, number, out);
}

samestory_status samestory_query(samestory_engine *e, const samestory_document *document,
                                 samestory_verdict *out, samestory_error *error)
{
    const ss_sketch *s;
    int64_t place, known;
    finding f;
    samestory_status status = enter_stream(e, document, out, error);
    if (!status) status = judge_next(e, document, false, &s, &place, &known, &f, error);
    if (status) return status;
    if (known >= 0) return samestory_verdict_of(e, (size_t)known, out);
    ss_answer answer = answer_of(e, UINT32_MAX, &f);
    samestory_string id = document_id(document);
    fill_verdict(e, s, &answer, id.size ? id : id_of_content(s, e->query_id), out);
    return SAMESTORY_OK;
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
        named.id = document_id(&named);
        const ss_sketch *s =
            ss_sketch_make(g->e->sketcher[worker], &named, o->ignore_dates, o->ids_repeat);
        g->kept[i] = s ? malloc(s->size) : NULL;
        if (g->kept[i]) memcpy(g->kept[i], s, s->size);
    }
}

samestory_status samestory_gather(samestory_engine *e, const samestory_document *documents,
                                  size_t count, samestory_error *error)
{
    if (!e || (count && !documents) || (e->phase != SS_EMPTY && e->phase != SS_GATHERING))
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT,
                       "gather comes first, and in an engine of its own: see samestory_gather");
    samestory_status status = SAMESTORY_OK;
    for (size_t i = 0; i < count && !status; i++) status = check_document(&documents[i], error);
    if (status || !count) return status;
    gathering g = {e, documents, calloc(count, sizeof *g.kept)};
    if (!g.kept) return ss_fail_memory(error);
    e->phase = SS_GATHERING;
    ss_parallel(e->options.threads, count, 8, sketch_documents, &g);
    bool good = true;
    for (size_t i = 0; i < count; i++) {
        ss_sketch *kept = good && g.kept[i] ? copy_sketch(e, g.kept[i]) : NULL;
        good = kept && keep_document(e, kept, document_id(&documents[i]));
        free(g.kept[i]);
    }
    free(g.kept);
    return good ? SAMESTORY_OK : ss_fail_memory(error);
}

/* ---- Collections: freezing and settling ------------------------------------------------------------------ */

samestory_status samestory_freeze(samestory_engine *e, samestory_error *error)
{
    if (!e || e->phase == SS_STREAM)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "a stream freezes its statistics by itself");
    if (e->phase >= SS_FROZEN) return SAMESTORY_OK;
    for (size_t i = 0; i < e->count; i++)
        if (e->original[i] == i && !ss_statistics_count(e->statistics, e->sketch[i]))
            return ss_fail_memory(error);
    e->phase = SS_FROZEN;
    return SAMESTORY_OK;
}

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
 * order given, does (or the earliest of all). Repeats don't arrive. Returns how many do. */
static size_t order_arrivals(const samestory_engine *e, placed *order)
{
    int64_t earliest = SAMESTORY_NO_DATE, latest;
    for (size_t i = 0; i < e->count; i++) {
        int64_t date = e->sketch[i]->date;
        if (date != SAMESTORY_NO_DATE && (earliest == SAMESTORY_NO_DATE || date < earliest))
            earliest = date;
    }
    latest = earliest;
    size_t count = 0;
    for (size_t i = 0; i < e->count; i++) {
        if (e->original[i] != i) continue;
        int64_t date = e->sketch[i]->date;
        if (date != SAMESTORY_NO_DATE && date > latest) latest = date;
        order[count++] = (placed){date_of(e->sketch[i], latest), (uint32_t)i};
    }
    if (count) qsort(order, count, sizeof *order, by_place);
    return count;
}

/* One block of a collection, by order of arrival. */
typedef struct settling {
    samestory_engine *e;
    placed *order;         /* (count) of all documents */
    size_t count, first;   /* first: arrival of the block's first document */
    finding *findings;     /* (SETTLE_BLOCK) */
    ss_key (*keys)[SS_KEYS_MAX];
    uint32_t *key_count;
} settling;

static void judge_arrivals(void *context, unsigned worker, size_t begin, size_t end)
{
    settling *s = context;
    const samestory_engine *e = s->e;
    for (size_t i = begin; i < end; i++) {
        uint32_t at = (uint32_t)(s->first + i);
        judge_document(e, worker, e->arrived[at], e->place[at], e->date[at], at, e->twin[at],
                       &s->findings[i]);
    }
}

static bool keep_edges(samestory_engine *e, uint32_t at, const finding *f)
{
    if (!ss_reserve(&e->edge, &e->edge_capacity, e->edge_count + f->links)) return false;
    for (size_t i = 0; i < f->links; i++)
        e->edge[e->edge_count++] = (samestory_edge){.a = e->arrival[f->link[i].document],
                                                    .b = e->arrival[at],
                                                    .relation = f->link[i].relation,
                                                    .probability = f->link[i].probability};
    return true;
}

static void make_keys(void *context, unsigned worker, size_t begin, size_t end)
{
    (void)worker;
    settling *s = context;
    for (size_t i = begin; i < end; i++)
        s->key_count[i] =
            (uint32_t)ss_keys_of(s->e->model, s->e->sketch[s->order[s->first + i].number],
                                 SS_CELLS_OF_DOCUMENT, s->keys[i]);
}

/* Files the block. Not all of the collection at once: a walk through a bucket would have to pass over
 * everything that comes after the document which asks. */
static bool file_block(settling *s, size_t count)
{
    samestory_engine *e = s->e;
    ss_parallel(e->options.threads, count, 4, make_keys, s);
    for (size_t i = 0; i < count; i++) {
        const placed *p = &s->order[s->first + i];
        if (!file_keys(e, p->number, p->place, s->keys[i], s->key_count[i])) return false;
    }
    return true;
}

/* Judges arrivals first .. first + count: each sees those before it only. Answers are given one after
 * the other. */
static bool judge_block(settling *s, size_t count)
{
    samestory_engine *e = s->e;
    ss_parallel(e->options.threads, count, 4, judge_arrivals, s);
    for (size_t i = 0; i < count; i++) {
        const finding *f = &s->findings[i];
        uint32_t at = (uint32_t)(s->first + i), number = e->arrival[at];
        if (f->failed) return false;
        ss_answer answer = answer_of(e, number, f);
        enter_story(e, at, &answer, f);
        e->answer[number] = answer;
        count_answer(e, &answer, f);
        if (!keep_edges(e, at, f)) return false;
    }
    return true;
}

static bool settle_all(settling *s, void (*progress)(void *context, size_t done), void *context)
{
    s->order = malloc((s->e->count + 1) * sizeof *s->order);
    s->findings = malloc(SETTLE_BLOCK * sizeof *s->findings);
    s->keys = malloc(SETTLE_BLOCK * sizeof *s->keys);
    s->key_count = malloc(SETTLE_BLOCK * sizeof *s->key_count);
    if (!s->order || !s->findings || !s->keys || !s->key_count) return false;
    s->count = order_arrivals(s->e, s->order);
    size_t room = (size_t)s->e->options.threads * SETTLE_SHARE;
    if (room > SETTLE_BLOCK) room = SETTLE_BLOCK;
    if (room < SETTLE_SHARE) room = SETTLE_SHARE;
    for (size_t block; s->first < s->count; s->first += block) {
        block = s->count - s->first < room ? s->count - s->first : room;
        if (progress) progress(context, s->first);
        if (!file_block(s, block) || !judge_block(s, block)) return false;
    }
    return true;
}

samestory_status samestory_settle(samestory_engine *e, void (*progress)(void *context, size_t done),
                                  void *context, samestory_error *error)
{
    samestory_status status = samestory_freeze(e, error);
    if (status || e->phase == SS_SETTLED) return status;
    settling s = {.e = e};
    bool good = settle_all(&s, progress, context);
    free(s.order);
    free(s.findings);
    free(s.keys);
    free(s.key_count);
    if (!good) return ss_fail_memory(error);
    e->report.repeated = e->count - e->arrived_count;
    e->phase = SS_SETTLED;
    if (progress) progress(context, e->arrived_count);
    return SAMESTORY_OK;
}

/* ---- Looking ------------------------------------------------------------------------------------------------ */

size_t samestory_count(const samestory_engine *engine)
{
    return engine->count;
}

samestory_string samestory_id(const samestory_engine *engine, size_t number)
{
    return number < engine->count ? engine->id[number] : (samestory_string){NULL, 0};
}

size_t samestory_original(const samestory_engine *engine, size_t number)
{
    return number < engine->count ? engine->original[number] : number;
}

samestory_status samestory_verdict_of(const samestory_engine *e, size_t number,
                                      samestory_verdict *out)
{
    if (!e || !out || out->struct_size != sizeof *out || number >= e->count ||
        (e->phase != SS_SETTLED && e->phase != SS_STREAM))
        return SAMESTORY_BAD_ARGUMENT;
    size_t original = e->original[number];
    fill_verdict(e, e->sketch[original], &e->answer[original], e->id[number], out);
    return SAMESTORY_OK;
}

samestory_status samestory_vector(const samestory_engine *e, size_t number, float *out)
{
    if (!e || !out || number >= e->count) return SAMESTORY_BAD_ARGUMENT;
    const ss_sketch *s = e->sketch[number];
    double scale = ss_vector_scale(s->dimension);
    for (size_t i = 0; i < s->dimension; i++)
        out[i] = (float)(ss_sketch_vector(s)[i] / scale);
    return SAMESTORY_OK;
}

samestory_status samestory_edges(const samestory_engine *e, const samestory_edge **out, size_t *count)
{
    if (!e || !out || !count || e->phase != SS_SETTLED) return SAMESTORY_BAD_ARGUMENT;
    *out = e->edge;
    *count = e->edge_count;
    return SAMESTORY_OK;
}

samestory_status samestory_engine_report(const samestory_engine *e, samestory_report *out)
{
    if (!e || !out || out->struct_size != sizeof *out) return SAMESTORY_BAD_ARGUMENT;
    *out = e->report;
    out->documents = e->count;
    return SAMESTORY_OK;
}

const char *samestory_relation_name(samestory_relation relation)
{
    static const char *const names[] = {"none", "copy", "revision", "story"};
    return (unsigned)relation < 4 ? names[relation] : "unknown";
}
