/* Groups of documents: final stories, and the one of each that --keep lets stand. */
#include "groups.h"
#include "cli.h"

#include <stdlib.h>
#include <string.h>

/* ---- Arrival
 * --------------------------------------------------------------------------------------- */

typedef struct arrival {
    int64_t date;
    size_t number;
} arrival;

static int by_arrival(const void *a, const void *b)
{
    const arrival *x = a, *y = b;
    if (x->date != y->date) return x->date < y->date ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

int groups_arrival(const collection *c, size_t **order)
{
    arrival *a = malloc((c->documents + 1) * sizeof *a);
    *order = malloc((c->documents + 1) * sizeof **order);
    if (a && *order) {
        int64_t latest = INT64_MAX;
        for (size_t n = 0; n < c->documents; n++)
            if (c->dates[n] != SAMESTORY_NO_DATE && c->dates[n] < latest) latest = c->dates[n];
        for (size_t n = 0; n < c->documents; n++) {
            bool dated = c->dates[n] != SAMESTORY_NO_DATE;
            if (dated && c->dates[n] > latest) latest = c->dates[n];
            a[n] = (arrival){dated ? c->dates[n] : latest, n};
        }
        qsort(a, c->documents, sizeof *a, by_arrival);
        for (size_t n = 0; n < c->documents; n++) (*order)[n] = a[n].number;
    }
    free(a);
    return a && *order ? 0 : cli_fail_memory();
}

/* ---- Stories
 * ---------------------------------------------------------------------------------------- */

/* The edges that count: links of other relations are none, but what says that two documents are not
 * one story stays. NULL when memory is out. */
static samestory_edge *chosen_edges(const samestory_edge *edges, size_t *count, const bool *drop,
                                    double threshold)
{
    samestory_edge *chosen = malloc((*count + 1) * sizeof *chosen);
    size_t n = 0;
    for (size_t i = 0; chosen && i < *count; i++)
        if (edges[i].probability < threshold || drop[edges[i].relation]) chosen[n++] = edges[i];
    *count = n;
    return chosen;
}

int groups_stories(const collection *c, const bool *drop, size_t **story)
{
    const samestory_edge *edges;
    samestory_edge *chosen = NULL;
    samestory_error error;
    size_t count;
    double threshold = collection_threshold(c);
    *story = malloc((c->documents + 1) * sizeof **story);
    if (!*story) return cli_fail_memory();
    samestory_status status = samestory_edges(c->engine, &edges, &count);
    if (status) return cli_fail_status(status);
    if (drop) {
        chosen = chosen_edges(edges, &count, drop, threshold);
        if (!chosen) return cli_fail_memory();
        edges = chosen;
    }
    status = samestory_stories(edges, count, c->documents, threshold, *story, &error);
    free(chosen);
    if (status) return cli_fail(&error);
    /* A record that came again has no edges of its own. */
    for (size_t n = 0; n < c->documents; n++)
        (*story)[n] = (*story)[samestory_original(c->engine, n)];
    return 0;
}

/* ---- Keeping
 * ------------------------------------------------------------------------------------------ */

/* Does document a stay rather than b, which arrived before it? */
static bool is_better(const collection *c, cli_keep keep, size_t a, size_t b)
{
    if (keep == KEEP_LONGEST) return c->lengths[a] > c->lengths[b];
    if (keep == KEEP_NEWEST) return c->dates[a] >= c->dates[b]; /* no date is the oldest */
    return false;
}

int groups_kept(const collection *c, const cli_options *options, size_t **kept)
{
    size_t *story = NULL, *order = NULL, *best = malloc((c->documents + 1) * sizeof *best);
    int code = best ? groups_stories(c, options->drop, &story) : cli_fail_memory();
    if (!code) code = groups_arrival(c, &order);
    if (!code) {
        for (size_t n = 0; n < c->documents; n++) best[n] = SIZE_MAX;
        for (size_t i = 0; i < c->documents; i++) {
            size_t n = order[i], *winner = &best[story[n]];
            if (*winner == SIZE_MAX || is_better(c, options->keep, n, *winner)) *winner = n;
        }
        for (size_t n = 0; n < c->documents; n++) story[n] = best[story[n]];
        *kept = story;
        story = NULL;
    }
    free(order);
    free(best);
    free(story);
    return code;
}
