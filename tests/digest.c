/* Digests of what must be the same bytes on every machine, for tests/run --arm64 to compare.
 *
 *   digest MODEL FILE...
 *
 * A line for each file: hashes of its documents' sketches and keys, of the evidence of neighbours in the
 * file, of the
 * answers and edges of the collection, and of the answers of the stream. */
#include "samestory.h"

#include "index/keys.h"
#include "sketch/sketch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

typedef struct digest {
    XXH3_state_t *state;
    size_t count;
} digest;

enum { SKETCHES, KEYS, EVIDENCE, ANSWERS, EDGES, STREAM, DIGESTS };
static const char *const names[DIGESTS] = {"sketches", "keys",  "evidence",
                                           "answers",  "edges", "stream"};

static void stop(const char *what, const samestory_error *error)
{
    fprintf(stderr, "digest: %s: %s\n", what, error ? error->message : "out of memory");
    exit(3);
}

static void take(digest *d, const void *bytes, size_t size)
{
    XXH3_64bits_update(d->state, bytes, size);
}

static void take_number(digest *d, double number)
{
    if (number != number)
        take(d, "NaN", 3); /* which NaN means nothing */
    else
        take(d, &number, sizeof number);
}

static void take_string(digest *d, samestory_string s)
{
    take_number(d, (double)s.size);
    if (s.size) take(d, s.data, s.size);
}

static void take_verdict(digest *d, const samestory_verdict *v)
{
    d->count++;
    take_number(d, (double)v->relation);
    take_number(d, v->probability);
    take_string(d, v->story);
    take_string(d, v->of);
    for (size_t i = 0; i < v->reason_count; i++) take_string(d, v->reasons[i]);
}

static void take_evidence(digest *d, const samestory_evidence *e)
{
    d->count++;
    take_number(d, (double)e->relation);
    take_number(d, e->probability);
    take_number(d, e->cosine);
    take_number(d, e->jaccard);
    take_number(d, e->containment);
    take_number(d, e->gap_days);
    take_number(d, e->names + 1e3 * e->dates + 1e6 * e->numbers);
    for (size_t i = 0; i < e->signal_count; i++) {
        take_number(d, e->signal_value[i]);
        take_number(d, e->signal_effect[i]);
    }
    for (size_t i = 0; i < e->reason_count; i++) take(d, e->reasons[i], strlen(e->reasons[i]));
}

static void take_sketch(digest *all, const samestory_model *model, ss_sketcher *sketcher,
                        const samestory_document *document)
{
    ss_key keys[SS_KEYS_MAX];
    const ss_sketch *sketch = ss_sketch_make(sketcher, document, false, false);
    if (!sketch) stop("sketch", NULL);
    size_t count = ss_keys_of(model, sketch, SS_CELLS_OF_QUERY, keys);
    take(&all[SKETCHES], sketch, sketch->size);
    all[SKETCHES].count++;
    for (size_t i = 0; i < count; i++) take(&all[KEYS], &keys[i].bucket, sizeof keys[i].bucket);
    all[KEYS].count += count;
}

/* The collection, gathered already. */
static void take_collection(digest *all, samestory_engine *engine)
{
    samestory_error error = {0};
    const samestory_edge *edges;
    size_t count = samestory_count(engine), edge_count;
    if (samestory_settle(engine, NULL, NULL, &error)) stop("settle", &error);
    for (size_t i = 0; i < count; i++) {
        samestory_verdict verdict = SAMESTORY_VERDICT_INIT;
        samestory_verdict_of(engine, i, &verdict);
        take_verdict(&all[ANSWERS], &verdict);
    }
    for (size_t i = 1; i < count; i++)
        for (size_t back = 1; back <= 8 && back <= i; back++) {
            samestory_evidence evidence = {.struct_size = sizeof evidence};
            if (samestory_pair(engine, i - back, i, &evidence)) stop("pair", NULL);
            take_evidence(&all[EVIDENCE], &evidence);
        }
    if (samestory_edges(engine, &edges, &edge_count)) stop("edges", NULL);
    for (size_t i = 0; i < edge_count; i++) {
        take_number(&all[EDGES], (double)edges[i].a);
        take_number(&all[EDGES], (double)edges[i].b);
        take_number(&all[EDGES], (double)edges[i].relation);
        take_number(&all[EDGES], edges[i].probability);
    }
    all[EDGES].count = edge_count;
}

static void take_file(digest *all, const samestory_model *model, const char *path)
{
    samestory_error error = {0};
    samestory_reader *reader = NULL;
    samestory_engine *collection = NULL, *stream = NULL;
    samestory_record record = SAMESTORY_RECORD_INIT;
    samestory_status status;
    ss_sketcher *sketcher = ss_sketcher_new(model);
    if (!sketcher || samestory_engine_new(model, NULL, &collection, &error) ||
        samestory_engine_new(model, NULL, &stream, &error) ||
        samestory_reader_open(&path, 1, NULL, &reader, &error))
        stop(path, &error);
    while ((status = samestory_reader_next(reader, &record, &error)) == SAMESTORY_OK) {
        samestory_verdict verdict = SAMESTORY_VERDICT_INIT;
        if (record.is_blank) continue;
        take_sketch(all, model, sketcher, &record.document);
        if (samestory_gather(collection, &record.document, 1, &error) ||
            samestory_add(stream, &record.document, &verdict, &error))
            stop(path, &error);
        take_verdict(&all[STREAM], &verdict);
    }
    if (status != SAMESTORY_END) stop(path, &error);
    take_collection(all, collection);
    samestory_engine_free(collection);
    samestory_engine_free(stream);
    samestory_reader_free(reader);
    ss_sketcher_free(sketcher);
}

int main(int count, char **arguments)
{
    samestory_error error = {0};
    samestory_model *model = NULL;
    if (count < 3) {
        fputs("usage: digest MODEL FILE...\n", stderr);
        return 2;
    }
    if (samestory_model_open(arguments[1], &model, &error)) stop(arguments[1], &error);
    for (int file = 2; file < count; file++) {
        const char *slash = strrchr(arguments[file], '/');
        digest all[DIGESTS] = {{0}};
        for (size_t i = 0; i < DIGESTS; i++) {
            all[i].state = XXH3_createState();
            if (!all[i].state) stop("digest", NULL);
            XXH3_64bits_reset(all[i].state);
        }
        take_file(all, model, arguments[file]);
        printf("%s:", slash ? slash + 1 : arguments[file]);
        for (size_t i = 0; i < DIGESTS; i++) {
            printf(" %zu %s %016llx%s", all[i].count, names[i],
                   (unsigned long long)XXH3_64bits_digest(all[i].state),
                   i + 1 < DIGESTS ? "," : "\n");
            XXH3_freeState(all[i].state);
        }
    }
    samestory_model_free(model);
    return 0;
}
