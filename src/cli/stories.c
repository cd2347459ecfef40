/* samestory stories: edges in, stories out. Documents are numbered in the order of their ids, so
 * that the stories are the same in whatever order the edges come. A million edges take seconds. */
#include "cli.h"
#include "commands.h"
#include "ids.h"
#include "model.h"
#include "output.h"

#include <stdlib.h>
#include <string.h>

typedef struct end { /* of an edge: an id, and where its number goes */
    size_t id;       /* where it begins in the bytes */
    size_t size;
    size_t edge;
    bool is_b;
} end;

typedef struct edges {
    samestory_edge *items;
    end *ends; /* two of an edge */
    size_t count, capacity, end_capacity;
    char *bytes;
    size_t size, byte_capacity;
} edges;

static bool grow(void *array, size_t *capacity, size_t need, size_t element)
{
    void *old;
    memcpy(&old, array, sizeof old);
    if (need <= *capacity && old) return true;
    size_t wish = *capacity + *capacity / 2 > need ? *capacity + *capacity / 2 : need + 64;
    void *moved = wish > SIZE_MAX / element ? NULL : realloc(old, wish * element);
    if (!moved) return false;
    *capacity = wish;
    memcpy(array, &moved, sizeof moved);
    return true;
}

static bool keep_end(edges *e, samestory_string id, bool is_b)
{
    if (!grow(&e->bytes, &e->byte_capacity, e->size + id.size + 1, 1)) return false;
    memcpy(e->bytes + e->size, id.data, id.size);
    e->ends[2 * e->count + is_b] = (end){e->size, id.size, e->count, is_b};
    e->size += id.size;
    return true;
}

static samestory_relation relation_named(samestory_string name)
{
    for (int r = SAMESTORY_COPY; r < SAMESTORY_STORY; r++) {
        const char *known = samestory_relation_name((samestory_relation)r);
        if (strlen(known) == name.size && !memcmp(known, name.data, name.size))
            return (samestory_relation)r;
    }
    return SAMESTORY_STORY;
}

/* A line that the reader has taken apart: a is its id, b its text, p its label. */
static int keep_edge(edges *e, const samestory_record *r)
{
    char number[64], *after;
    size_t size = r->label.size < sizeof number - 1 ? r->label.size : sizeof number - 1;
    memcpy(number, r->label.data ? r->label.data : "", size);
    number[size] = 0;
    double p = strtod(number, &after);
    if (after == number || *after || !(p >= 0 && p <= 1) || !r->is_json) {
        cli_say("%s:%llu: no edge: give {\"a\":ID,\"b\":ID,\"relation\":...,\"p\":0..1}", r->file,
                (unsigned long long)r->line);
        return EXIT_IO;
    }
    if (!grow(&e->items, &e->capacity, e->count + 1, sizeof *e->items) ||
        !grow(&e->ends, &e->end_capacity, 2 * e->count + 2, sizeof *e->ends) ||
        !keep_end(e, r->document.id, false) || !keep_end(e, r->document.text, true))
        return cli_fail_memory();
    e->items[e->count++] =
        (samestory_edge){.relation = relation_named(r->document.source), .probability = p};
    return 0;
}

static int read_edges(const cli_options *options, edges *e)
{
    samestory_error error;
    samestory_reader *reader = NULL;
    samestory_reader_options fields = options->reader;
    fields.id_field = "a";
    fields.text_field = "b";
    fields.source_field = "relation";
    fields.label_field = "p";
    samestory_status status = samestory_reader_open(
        (const char *const *)options->operands, options->operand_count, &fields, &reader, &error);
    int code = 0;
    while (!status && !code) {
        samestory_record r = SAMESTORY_RECORD_INIT;
        status = samestory_reader_next(reader, &r, &error);
        if (!status && !r.is_blank) code = keep_edge(e, &r);
    }
    samestory_reader_free(reader);
    return status && status != SAMESTORY_END ? cli_fail(&error) : code;
}

/* ---- Numbers ------------------------------------------------------------------------------------
 */

static const char *sort_bytes; /* qsort passes no context */

static int by_id(const void *x, const void *y)
{
    const end *a = x, *b = y;
    size_t size = a->size < b->size ? a->size : b->size;
    int order = size ? memcmp(sort_bytes + a->id, sort_bytes + b->id, size) : 0;
    return order ? order : (a->size > b->size) - (a->size < b->size);
}

/* Gives every edge its documents' numbers; the ends become one of each document, in their order. */
static size_t number_documents(edges *e)
{
    size_t documents = 0, count = 2 * e->count;
    sort_bytes = e->bytes;
    if (count) qsort(e->ends, count, sizeof *e->ends, by_id);
    for (size_t i = 0; i < count; i++) {
        end here = e->ends[i];
        if (!documents || by_id(&e->ends[documents - 1], &here)) e->ends[documents++] = here;
        samestory_edge *edge = &e->items[here.edge];
        *(here.is_b ? &edge->b : &edge->a) = documents - 1;
    }
    return documents;
}

/* ---- Stories
 * ------------------------------------------------------------------------------------- */

static int model_threshold(const cli_options *options, double *threshold)
{
    samestory_model *model = NULL;
    samestory_engine *engine = NULL;
    samestory_error error;
    samestory_report report = {.struct_size = sizeof report};
    int code = model_open(options, &model);
    if (code) return code;
    if (samestory_engine_new(model, &options->engine, &engine, &error)) code = cli_fail(&error);
    if (!code && !samestory_engine_report(engine, &report)) *threshold = report.threshold;
    samestory_engine_free(engine);
    samestory_model_free(model);
    return code;
}

static void put_id(const edges *e, size_t document, output *out)
{
    const end *id = &e->ends[document];
    output_json_string(out, (samestory_string){e->bytes + id->id, id->size});
}

/* next[d] follows d in its story; the first one of a story is its name. */
static int put_stories(const edges *e, const size_t *story, size_t documents, output *out)
{
    size_t *next = malloc((documents + 1) * sizeof *next);
    size_t *last = malloc((documents + 1) * sizeof *last);
    size_t *size = calloc(documents + 1, sizeof *size);
    int code = next && last && size ? 0 : cli_fail_memory();
    for (size_t d = 0; !code && d < documents; d++) {
        size_t s = story[d];
        if (size[s]++) next[last[s]] = d;
        last[s] = d;
        next[d] = SIZE_MAX;
    }
    for (size_t s = 0; !code && s < documents; s++) {
        if (!size[s]) continue;
        output_text(out, "{\"story\":");
        put_id(e, s, out);
        output_text(out, ",\"size\":");
        output_count(out, size[s]);
        for (size_t d = s; d != SIZE_MAX; d = next[d]) {
            output_text(out, d == s ? ",\"documents\":[" : ",");
            put_id(e, d, out);
        }
        output_text(out, "]}\n");
    }
    free(next);
    free(last);
    free(size);
    return code;
}

static int make_stories(edges *e, double threshold)
{
    samestory_error error;
    output out;
    size_t documents = number_documents(e);
    size_t *story = malloc((documents + 1) * sizeof *story);
    int code = story ? 0 : cli_fail_memory();
    if (!code && samestory_stories(e->items, e->count, documents, threshold, story, &error))
        code = cli_fail(&error);
    if (!code) code = output_open(&out, NULL);
    if (!code) {
        code = put_stories(e, story, documents, &out);
        int closed = output_close(&out);
        if (!code) code = closed;
    }
    free(story);
    return code;
}

int stories_run(const cli_options *options)
{
    edges e = {0};
    double threshold = options->engine.threshold;
    if (!options->operand_count) {
        cli_say("stories needs a file of edges: samestory stories EDGES.jsonl");
        return EXIT_USAGE;
    }
    int code = threshold > 0 ? 0 : model_threshold(options, &threshold);
    if (!code) code = read_edges(options, &e);
    if (!code) code = make_stories(&e, threshold);
    free(e.items);
    free(e.ends);
    free(e.bytes);
    return code;
}
