/* edges.jsonl, stories.jsonl and report.json. */
#include "results.h"
#include "cli.h"
#include "groups.h"
#include "ids.h"
#include "model.h"

#include <stdlib.h>
#include <string.h>

/* ---- Members
 * -------------------------------------------------------------------------------------- */

static void put_name(output *out, const char *name)
{
    output_text(out, ",\"");
    output_text(out, name);
    output_text(out, "\":");
}

static void put_count(output *out, const char *name, uint64_t count)
{
    put_name(out, name);
    output_count(out, count);
}

static void put_number(output *out, const char *name, double number)
{
    put_name(out, name);
    output_number(out, number, 6);
}

static void put_text(output *out, const char *name, const char *text)
{
    put_name(out, name);
    if (text)
        output_json_text(out, text);
    else
        output_text(out, "null");
}

static void put_bool(output *out, const char *name, bool value)
{
    put_name(out, name);
    output_text(out, value ? "true" : "false");
}

/* ---- Edges
 * ----------------------------------------------------------------------------------------- */

static samestory_status put_edge(const collection *c, const samestory_edge *edge, output *out)
{
    samestory_evidence e = {.struct_size = sizeof e};
    samestory_status status = samestory_pair(c->engine, edge->a, edge->b, &e);
    if (status) return status;
    output_text(out, "{\"a\":");
    output_json_string(out, samestory_id(c->engine, edge->a));
    put_name(out, "b");
    output_json_string(out, samestory_id(c->engine, edge->b));
    put_text(out, "relation", samestory_relation_name(e.relation));
    put_number(out, "p", e.probability);
    if (e.alone < e.probability || e.alone > e.probability) put_number(out, "alone", e.alone);
    put_number(out, "cosine", e.cosine);
    put_number(out, "jaccard", e.jaccard);
    put_count(out, "names", e.names);
    put_count(out, "dates", e.dates);
    put_count(out, "numbers", e.numbers);
    put_name(out, "because");
    output_text(out, "[");
    for (size_t i = 0; i < e.reason_count; i++) {
        if (i) output_text(out, ",");
        output_json_text(out, e.reasons[i]);
    }
    output_text(out, "]}\n");
    return SAMESTORY_OK;
}

int results_edges(const collection *c, output *out)
{
    const samestory_edge *edges;
    size_t count;
    samestory_status status = samestory_edges(c->engine, &edges, &count);
    for (size_t i = 0; !status && !out->error && i < count; i++)
        status = put_edge(c, &edges[i], out);
    return status ? cli_fail_status(status) : 0;
}

/* ---- Stories
 * ---------------------------------------------------------------------------------------- */

/* The documents ordered by story and then by arrival, as chains: next[n] follows n in its story,
 * and first[s] begins the story whose lowest number is s. */
typedef struct chains {
    size_t *story, *first, *last, *next, *size;
    uint64_t *arrived, *sorted; /* hashes of the stories as of arrival */
} chains;

static void chains_free(chains *k)
{
    free(k->story);
    free(k->first);
    free(k->last);
    free(k->next);
    free(k->size);
    free(k->arrived);
    free(k->sorted);
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static int hash_arrivals(const collection *c, chains *k)
{
    for (size_t n = 0; n < c->documents; n++) {
        samestory_verdict v = SAMESTORY_VERDICT_INIT;
        samestory_status status = samestory_verdict_of(c->engine, n, &v);
        if (status) return cli_fail_status(status);
        k->arrived[n] = k->sorted[n] = ids_hash(v.story);
    }
    qsort(k->sorted, c->documents, sizeof *k->sorted, by_value);
    return 0;
}

static int chains_build(const collection *c, chains *k)
{
    size_t n = c->documents + 1, *order = NULL;
    *k = (chains){.first = malloc(n * sizeof *k->first),
                  .last = malloc(n * sizeof *k->last),
                  .next = malloc(n * sizeof *k->next),
                  .size = calloc(n, sizeof *k->size),
                  .arrived = malloc(n * sizeof *k->arrived),
                  .sorted = malloc(n * sizeof *k->sorted)};
    if (!k->first || !k->last || !k->next || !k->size || !k->arrived || !k->sorted)
        return cli_fail_memory();
    int code = groups_stories(c, NULL, &k->story);
    if (!code) code = hash_arrivals(c, k);
    if (!code) code = groups_arrival(c, &order);
    for (size_t i = 0; !code && i < c->documents; i++) {
        size_t d = order[i], s = k->story[d];
        if (k->size[s]++)
            k->next[k->last[s]] = d;
        else
            k->first[s] = d;
        k->last[s] = d;
        k->next[d] = SIZE_MAX;
    }
    free(order);
    return code;
}

/* How many documents had this story when they arrived. */
static size_t count_of(const uint64_t *sorted, size_t count, uint64_t hash)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sorted[middle] < hash)
            low = middle + 1;
        else
            high = middle;
    }
    size_t end = low;
    while (end < count && sorted[end] == hash) end++;
    return end - low;
}

/* Did these documents, and no others, make one story as they arrived? */
static bool same_as_arrival(const collection *c, const chains *k, size_t s)
{
    uint64_t hash = k->arrived[k->first[s]];
    for (size_t d = k->first[s]; d != SIZE_MAX; d = k->next[d])
        if (k->arrived[d] != hash) return false;
    return count_of(k->sorted, c->documents, hash) == k->size[s];
}

int results_stories(const collection *c, output *out, size_t *stories)
{
    chains k;
    *stories = 0;
    int code = chains_build(c, &k);
    for (size_t s = 0; !code && s < c->documents; s++) {
        if (!k.size[s]) continue;
        ++*stories;
        output_text(out, "{\"story\":");
        output_json_string(out, samestory_id(c->engine, k.first[s]));
        put_count(out, "size", k.size[s]);
        put_name(out, "documents");
        for (size_t d = k.first[s]; d != SIZE_MAX; d = k.next[d]) {
            output_text(out, d == k.first[s] ? "[" : ",");
            output_json_string(out, samestory_id(c->engine, d));
        }
        output_text(out, "]");
        put_bool(out, "arrival_differs", !same_as_arrival(c, &k, s));
        output_text(out, "}\n");
    }
    chains_free(&k);
    return code;
}

/* ---- Report
 * ----------------------------------------------------------------------------------------- */

static void put_seconds_or_null(output *out, const char *name, int64_t seconds, bool null)
{
    put_name(out, name);
    if (null)
        output_text(out, "null");
    else
        output_count(out, (uint64_t)seconds);
}

static void put_options(const cli_options *options, double threshold, output *out)
{
    const samestory_options *e = &options->engine;
    put_name(out, "options");
    output_text(out, "{\"files\":[");
    for (size_t i = 0; i < options->operand_count; i++) {
        if (i) output_text(out, ",");
        output_json_text(out, options->operands[i]);
    }
    output_text(out, options->operand_count ? "]" : "\"-\"]");
    put_seconds_or_null(out, "window_seconds", e->window ? e->window : 7 * 86400, e->window < 0);
    put_seconds_or_null(out, "copy_window_seconds", e->copy_window, e->copy_window <= 0);
    put_number(out, "threshold", threshold);
    put_bool(out, "dates", !e->ignore_dates);
    put_bool(out, "ids_repeat", e->ids_repeat);
    put_text(out, "keep", options->keep_name);
    put_name(out, "drop");
    const char *before = "[";
    for (int r = SAMESTORY_COPY; r <= SAMESTORY_STORY; r++) {
        if (!options->keep || !options->drop[r]) continue;
        output_text(out, before);
        output_json_text(out, samestory_relation_name((samestory_relation)r));
        before = ",";
    }
    output_text(out, options->keep ? "]" : "[]");
    put_count(out, "threads", e->threads);
    output_text(out, "}");
}

static void put_engine(const samestory_report *r, output *out)
{
    put_name(out, "engine");
    output_text(out, "{\"documents\":");
    output_count(out, r->documents);
    put_count(out, "repeated", r->repeated);
    put_count(out, "candidates", r->candidates);
    put_count(out, "compared", r->compared);
    put_count(out, "hot_keys", r->hot_keys);
    put_count(out, "copies", r->copies);
    put_count(out, "revisions", r->revisions);
    put_count(out, "stories", r->stories);
    put_name(out, "fullest_buckets");
    for (size_t i = 0; i < r->fullest_count; i++) {
        output_text(out, i ? ",{\"what\":" : "[{\"what\":");
        output_json_text(out, r->fullest[i].what);
        put_count(out, "documents", r->fullest[i].documents);
        output_text(out, "}");
    }
    output_text(out, r->fullest_count ? "]}" : "[]}");
}

static void put_times(const collection *c, const dedup_figures *f, output *out)
{
    double total = c->seconds + f->settle_seconds + f->write_seconds;
    put_name(out, "seconds");
    output_text(out, "{\"read\":");
    output_number(out, c->seconds, 3);
    put_number(out, "judge", f->settle_seconds);
    put_number(out, "write", f->write_seconds);
    put_number(out, "total", total);
    output_text(out, "}");
    put_number(out, "documents_per_second", total > 0 ? (double)c->documents / total : 0);
    put_number(out, "megabytes_per_second", total > 0 ? (double)c->bytes * 1e-6 / total : 0);
}

/* Records of a crawl that were passed over, by why. */
static void put_skipped(const collection *c, output *out)
{
    put_name(out, "skipped");
    for (int i = 0; i < SAMESTORY_SKIPS; i++) {
        output_text(out, i ? "," : "{");
        output_json_text(out, samestory_skip_name((samestory_skip)i));
        output_text(out, ":");
        output_count(out, c->skipped[i]);
    }
    output_text(out, "}");
}

int results_report(const collection *c, const cli_options *options, const dedup_figures *figures,
                   output *out)
{
    char stamp[80];
    samestory_report report = {.struct_size = sizeof report};
    samestory_status status = samestory_engine_report(c->engine, &report);
    if (status) return cli_fail_status(status);
    model_describe(c->model, "stamp", stamp, sizeof stamp);
    output_text(out, "{\"version\":");
    output_json_text(out, samestory_version());
    put_text(out, "model_stamp", stamp);
    put_text(out, "cpu_path", samestory_cpu_path());
    put_text(out, "openblas_core", samestory_blas_core());
    put_options(options, report.threshold, out);
    put_count(out, "records", c->records - c->blank);
    put_count(out, "documents", c->documents);
    put_count(out, "bad_records", c->bad);
    put_count(out, "empty_lines", c->blank);
    put_skipped(c, out);
    put_count(out, "bytes", c->bytes);
    put_count(out, "stories", figures->stories);
    put_count(out, "removed", figures->removed);
    put_engine(&report, out);
    put_times(c, figures, out);
    output_text(out, "}\n");
    return 0;
}
