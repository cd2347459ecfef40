/* How many of the links that exhaustive judging finds the index proposes.
 *
 *   bench-candidates MODEL CORPUS.jsonl QUERIES THREADS
 *
 * Settles the whole corpus as `samestory dedup` does; then QUERIES sampled documents, a third of
 * them planted reports and a third copies where there are such, are judged against every other
 * document of the corpus. A pair at or above the threshold that lies within the window (copies: at
 * any distance) is confirmed; it was proposed if it is among the engine's edges, or a pair of the
 * same two texts is: one text is found without an index, and stands for all that have it. Prints a
 * JSON object. */
#include "peak.h"
#include "random.h"

#include "samestory.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { BLOCK = 1000, THREADS_MAX = 64, WINDOW_DAYS = 7 };

typedef struct numbers {
    size_t *items, count, capacity;
} numbers;

static void keep(numbers *list, size_t number)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity * 2 + 64;
        list->items = realloc(list->items, list->capacity * sizeof *list->items);
        if (!list->items) exit(5);
    }
    list->items[list->count++] = number;
}

static int complain(const samestory_error *error)
{
    fprintf(stderr, "bench-candidates: %s: %s\n", error->file, error->message);
    return 3;
}

/* ---- Gathering ---------------------------------------------------------------------------------
 */

typedef struct block { /* documents whose text lives until they are gathered */
    samestory_document document[BLOCK];
    char *bytes[BLOCK];
    size_t count;
} block;

static samestory_string copied(char **at, samestory_string text)
{
    samestory_string copy = {*at, text.size};
    if (text.size) memcpy(*at, text.data, text.size);
    *at += text.size;
    return copy;
}

static void keep_document(block *b, const samestory_document *d)
{
    char *at = malloc(d->id.size + d->title.size + d->text.size + d->language.size + 1);
    if (!at) exit(5);
    b->bytes[b->count] = at;
    samestory_document *to = &b->document[b->count++];
    *to = (samestory_document)SAMESTORY_DOCUMENT_INIT;
    to->id = copied(&at, d->id);
    to->title = copied(&at, d->title);
    to->text = copied(&at, d->text);
    to->language = copied(&at, d->language);
    to->date = d->date;
}

static samestory_status gather(samestory_engine *e, block *b, samestory_error *error)
{
    samestory_status status = samestory_gather(e, b->document, b->count, error);
    for (size_t i = 0; i < b->count; i++) free(b->bytes[i]);
    b->count = 0;
    return status;
}

static bool has_member(samestory_string record, const char *key)
{
    size_t size = strlen(key);
    for (size_t i = 0; i + size <= record.size && i < 200;
         i++) /* they stand in front of the text */
        if (!memcmp(record.data + i, key, size)) return true;
    return false;
}

/* texts: a hash of each document's title and text; planted: the numbers of copies, and of reports.
 */
static samestory_status gather_all(samestory_engine *e, const char *path, numbers planted[2],
                                   numbers *texts, samestory_error *error)
{
    static block b;
    samestory_reader *reader = NULL;
    samestory_record record = SAMESTORY_RECORD_INIT;
    samestory_status status = samestory_reader_open(&path, 1, NULL, &reader, error);
    for (size_t number = 0; !status;) {
        status = samestory_reader_next(reader, &record, error);
        if (status || record.is_blank) continue;
        if (has_member(record.raw, "\"copy_of\":")) keep(&planted[0], number);
        if (has_member(record.raw, "\"story\":")) keep(&planted[1], number);
        const samestory_document *d = &record.document;
        keep(texts, (size_t)(XXH3_64bits(d->title.data, d->title.size) ^
                             3 * XXH3_64bits(d->text.data, d->text.size)));
        keep_document(&b, d);
        number++;
        if (b.count == BLOCK) status = gather(e, &b, error);
    }
    if (status == SAMESTORY_END) status = gather(e, &b, error);
    samestory_reader_free(reader);
    return status;
}

/* ---- The edges, to look up ---------------------------------------------------------------------
 */

/* Pairs of texts; a set of hashes. */
typedef struct edge_set {
    uint64_t *slot; /* 0: free */
    size_t slots;
} edge_set;

static uint64_t edge_key(const size_t *text, size_t a, size_t b)
{
    uint64_t x = text[a], y = text[b];
    uint64_t key = x < y ? x * 0x9E3779B97F4A7C15u + y : y * 0x9E3779B97F4A7C15u + x;
    return key ? key : 1;
}

static uint64_t *edge_slot(const edge_set *s, uint64_t key)
{
    size_t at = key & (s->slots - 1);
    while (s->slot[at] && s->slot[at] != key) at = (at + 1) & (s->slots - 1);
    return &s->slot[at];
}

static samestory_status take_edges(const samestory_engine *e, const size_t *text, double threshold,
                                   edge_set *s)
{
    const samestory_edge *edges;
    size_t count;
    samestory_status status = samestory_edges(e, &edges, &count);
    if (status) return status;
    for (s->slots = 64; s->slots < 2 * count;) s->slots *= 2;
    s->slot = calloc(s->slots, sizeof *s->slot);
    if (!s->slot) return SAMESTORY_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        uint64_t key = edge_key(text, edges[i].a, edges[i].b);
        if (edges[i].probability >= threshold) *edge_slot(s, key) = key;
    }
    return SAMESTORY_OK;
}

/* ---- Exhaustive judging ------------------------------------------------------------------------
 */

typedef struct work {
    const samestory_engine *engine;
    const edge_set *edges;
    const size_t *query, *text;
    size_t begin, end; /* queries of this thread */
    double threshold;
    size_t confirmed[2], proposed[2]; /* copies and revisions, stories */
    size_t same_text;
} work;

static void judge_pair(work *w, size_t a, size_t b)
{
    samestory_evidence e = {.struct_size = sizeof e};
    if (w->text[a] == w->text[b]) {
        w->same_text++;
        return;
    }
    if (samestory_pair(w->engine, a < b ? a : b, a < b ? b : a, &e)) exit(3);
    if (e.probability < w->threshold) return;
    bool story = e.relation == SAMESTORY_STORY;
    if (story && e.gap_days > WINDOW_DAYS) return;
    w->confirmed[story]++;
    w->proposed[story] += *edge_slot(w->edges, edge_key(w->text, a, b)) != 0;
}

static void *judge_queries(void *context)
{
    work *w = context;
    size_t documents = samestory_count(w->engine);
    for (size_t q = w->begin; q < w->end; q++)
        for (size_t d = 0; d < documents; d++)
            if (d != w->query[q]) judge_pair(w, w->query[q], d);
    return NULL;
}

static void judge_all(work *w, size_t queries, size_t threads)
{
    static work part[THREADS_MAX];
    pthread_t thread[THREADS_MAX];
    for (size_t i = 0; i < threads; i++) {
        part[i] = *w;
        part[i].begin = queries * i / threads;
        part[i].end = queries * (i + 1) / threads;
        if (pthread_create(&thread[i], NULL, judge_queries, &part[i])) exit(3);
    }
    for (size_t i = 0; i < threads; i++) {
        pthread_join(thread[i], NULL);
        for (int k = 0; k < 2; k++) w->confirmed[k] += part[i].confirmed[k];
        for (int k = 0; k < 2; k++) w->proposed[k] += part[i].proposed[k];
        w->same_text += part[i].same_text;
    }
}

static double share(size_t part, size_t whole)
{
    return whole ? (double)part / (double)whole : 1;
}

static void print(const work *w, const samestory_report *r, size_t queries, double seconds)
{
    size_t confirmed = w->confirmed[0] + w->confirmed[1],
           proposed = w->proposed[0] + w->proposed[1];
    double n = (double)r->documents, pairs = n * (n - 1) / 2;
    printf("{\"queries\":%zu,\"confirmed\":%zu,\"recall\":%.5f,\"recall_copies\":%.5f,"
           "\"recall_stories\":%.5f,\"confirmed_stories\":%zu,\"same_text\":%zu,\"compared\":%zu,"
           "\"judged\":%zu,\"compared_share\":%.6f,\"exhaustive_seconds\":%.2f}\n",
           queries, confirmed, share(proposed, confirmed), share(w->proposed[0], w->confirmed[0]),
           share(w->proposed[1], w->confirmed[1]), w->confirmed[1], w->same_text, r->compared,
           r->candidates, pairs > 0 ? (double)r->compared / pairs : 0, seconds);
}

/* A third of each kind; of a kind that there is none of, any. */
static void choose(numbers *query, size_t queries, const numbers planted[2], size_t documents)
{
    uint64_t r = 1;
    for (size_t i = 0; i < queries; i++) {
        const numbers *kind = i % 3 < 2 ? &planted[i % 3] : NULL;
        keep(query, kind && kind->count ? kind->items[random_below(&r, kind->count)]
                                        : random_below(&r, documents));
    }
}

int main(int count, char **arguments)
{
    samestory_error error;
    samestory_model *model = NULL;
    samestory_engine *engine = NULL;
    samestory_options options = SAMESTORY_OPTIONS_INIT;
    samestory_report report = {.struct_size = sizeof report};
    numbers planted[2] = {{0}}, texts = {0}, query = {0};
    edge_set edges = {0};
    size_t queries = count == 5 ? strtoull(arguments[3], NULL, 10) : 0;
    size_t threads = count == 5 ? strtoull(arguments[4], NULL, 10) : 0;
    if (!queries || !threads || threads > THREADS_MAX) {
        fputs("usage: bench-candidates MODEL CORPUS.jsonl QUERIES THREADS\n", stderr);
        return 2;
    }
    options.threads = (unsigned)threads;
    options.window = (int64_t)WINDOW_DAYS * 86400;
    if (samestory_model_open(arguments[1], &model, &error) ||
        samestory_engine_new(model, &options, &engine, &error) ||
        gather_all(engine, arguments[2], planted, &texts, &error) ||
        samestory_settle(engine, NULL, NULL, &error))
        return complain(&error);
    if (samestory_engine_report(engine, &report) ||
        take_edges(engine, texts.items, report.threshold, &edges))
        return 3;
    if (report.documents) choose(&query, queries, planted, samestory_count(engine));
    work w = {.engine = engine,
              .edges = &edges,
              .query = query.items,
              .text = texts.items,
              .threshold = report.threshold};
    double begin = clock_seconds();
    judge_all(&w, query.count, threads);
    print(&w, &report, query.count, clock_seconds() - begin);
    for (int k = 0; k < 2; k++) free(planted[k].items);
    free(texts.items);
    free(query.items);
    free(edges.slot);
    samestory_engine_free(engine);
    samestory_model_free(model);
    return 0;
}
