/* Stage story (see the header). Copies of one text are united first and count as one document from
 * then on. Final stories are built from the strongest edge down; two groups merge only when enough
 * verified edges run between them, so that a chain of look-alikes stays apart. */
#include "story/story.h"

#include <stdlib.h>
#include <string.h>

/* ---- As of arrival --------------------------------------------------------------------------- */

static const double nearly_certain = 0.9;
enum { SMALL_STORY = 3, LINKS_NEEDED = 2 };

/* What ties two texts closest: one text before one that holds the other, before one that tells the
 * same; a report of which all is known can be surer than a copy with a word changed. */
static int closeness(const ss_link *link)
{
    return link->relation == SAMESTORY_COPY ? 2 : link->relation == SAMESTORY_REVISION;
}

static bool better(const ss_link *a, const ss_link *b)
{
    if (closeness(a) != closeness(b)) return closeness(a) > closeness(b);
    if (a->probability > b->probability || a->probability < b->probability)
        return a->probability > b->probability;
    return a->document < b->document;
}

int64_t ss_story_join(const ss_link *links, size_t count, double threshold, const uint32_t *story,
                      const uint32_t *size)
{
    int64_t best = -1;
    for (size_t i = 0; i < count; i++) {
        if (links[i].probability < threshold) continue;
        uint32_t of = story[links[i].document], support = 0;
        for (size_t k = 0; k < count; k++)
            support += links[k].probability >= threshold && story[links[k].document] == of;
        bool joins = links[i].relation != SAMESTORY_STORY || size[of] < SMALL_STORY ||
                     support >= LINKS_NEEDED || links[i].probability >= nearly_certain;
        if (joins && (best < 0 || better(&links[i], &links[best]))) best = (int64_t)i;
    }
    return best;
}

/* ---- Final ----------------------------------------------------------------------------------- */

/* Of the pairs between two groups, counted over at most CORE documents of each, this share must be
 * verified edges. */
static const double support_share = 0.34;
enum { CORE = 5, PASSES = 3 };

/* Edges of a document, to both sides, in one array. */
typedef struct graph {
    size_t *first; /* (documents + 1) */
    size_t *neighbour;
    size_t *root, *next, *last, *size; /* groups as linked lists; root: union-find */
} graph;

static size_t root_of(graph *g, size_t document)
{
    while (g->root[document] != document) {
        g->root[document] = g->root[g->root[document]];
        document = g->root[document];
    }
    return document;
}

static void graph_free(graph *g)
{
    free(g->first);
    free(g->neighbour);
    free(g->root);
    free(g->next);
    free(g->last);
    free(g->size);
}

static bool graph_new(graph *g, const samestory_edge *edges, size_t count, size_t documents)
{
    *g = (graph){0};
    g->first = calloc(documents + 2, sizeof *g->first);
    g->neighbour = malloc((2 * count + 1) * sizeof *g->neighbour);
    g->root = malloc((documents + 1) * sizeof *g->root);
    g->next = malloc((documents + 1) * sizeof *g->next);
    g->last = malloc((documents + 1) * sizeof *g->last);
    g->size = malloc((documents + 1) * sizeof *g->size);
    if (!g->first || !g->neighbour || !g->root || !g->next || !g->last || !g->size) return false;
    for (size_t i = 0; i < count; i++) {
        g->first[edges[i].a + 2]++;
        g->first[edges[i].b + 2]++;
    }
    for (size_t i = 2; i < documents + 2; i++) g->first[i] += g->first[i - 1];
    for (size_t i = 0; i < count; i++) {
        g->neighbour[g->first[edges[i].a + 1]++] = edges[i].b;
        g->neighbour[g->first[edges[i].b + 1]++] = edges[i].a;
    }
    for (size_t i = 0; i < documents; i++) {
        g->root[i] = g->last[i] = i;
        g->next[i] = SIZE_MAX;
        g->size[i] = 1;
    }
    return true;
}

/* Do enough edges run between the groups a and b (roots)? */
static bool supported(graph *g, size_t a, size_t b)
{
    if (g->size[a] > g->size[b]) {
        size_t swap = a;
        a = b;
        b = swap;
    }
    double core_a = (double)(g->size[a] < CORE ? g->size[a] : CORE);
    double core_b = (double)(g->size[b] < CORE ? g->size[b] : CORE);
    double need = support_share * core_a * core_b;
    size_t seen = 0;
    for (size_t i = a; i != SIZE_MAX; i = g->next[i])
        for (size_t k = g->first[i]; k < g->first[i + 1]; k++)
            if (root_of(g, g->neighbour[k]) == b && (double)++seen >= need) return true;
    return false;
}

static void merge(graph *g, size_t a, size_t b)
{
    if (b < a) { /* the earliest document stays the root */
        size_t swap = a;
        a = b;
        b = swap;
    }
    g->next[g->last[a]] = b;
    g->last[a] = g->last[b];
    g->size[a] += g->size[b];
    g->root[b] = a;
}

static int by_strength(const void *x, const void *y)
{
    const samestory_edge *a = x, *b = y;
    if (a->probability > b->probability || a->probability < b->probability)
        return a->probability > b->probability ? -1 : 1;
    if (a->a != b->a) return a->a < b->a ? -1 : 1;
    return (a->b > b->b) - (a->b < b->b);
}

/* By pair, the strongest of a pair first. */
static int by_pair(const void *x, const void *y)
{
    const samestory_edge *a = x, *b = y;
    if (a->a != b->a) return a->a < b->a ? -1 : 1;
    if (a->b != b->b) return a->b < b->b ? -1 : 1;
    return by_strength(x, y);
}

static size_t unit_of(size_t *unit, size_t document)
{
    while (unit[document] != document) {
        unit[document] = unit[unit[document]];
        document = unit[document];
    }
    return document;
}

/* unit[i]: the first of the documents that document i is a copy of, through any number of copies. */
static void unite_copies(const samestory_edge *edges, size_t count, size_t documents,
                         double threshold, size_t *unit)
{
    for (size_t i = 0; i < documents; i++) unit[i] = i;
    for (size_t i = 0; i < count; i++) {
        if (edges[i].relation != SAMESTORY_COPY || !(edges[i].probability >= threshold)) continue;
        size_t a = unit_of(unit, edges[i].a), b = unit_of(unit, edges[i].b);
        if (a < b)
            unit[b] = a;
        else
            unit[a] = b;
    }
    for (size_t i = 0; i < documents; i++) unit[i] = unit_of(unit, i);
}

/* The edges between units at or above the threshold, each pair once, strongest first. */
static samestory_edge *verified(const samestory_edge *edges, size_t count, double threshold,
                                const size_t *unit, size_t *kept)
{
    samestory_edge *out = malloc((count + 1) * sizeof *out);
    *kept = 0;
    for (size_t i = 0; out && i < count; i++) {
        size_t a = unit[edges[i].a], b = unit[edges[i].b];
        if (!(edges[i].probability >= threshold) || a == b) continue;
        out[*kept] = edges[i];
        out[*kept].a = a < b ? a : b;
        out[*kept].b = a < b ? b : a;
        ++*kept;
    }
    if (!out || !*kept) return out;
    qsort(out, *kept, sizeof *out, by_pair);
    size_t unique = 1;
    for (size_t i = 1; i < *kept; i++)
        if (out[i].a != out[unique - 1].a || out[i].b != out[unique - 1].b) out[unique++] = out[i];
    *kept = unique;
    qsort(out, unique, sizeof *out, by_strength);
    return out;
}

samestory_status samestory_stories(const samestory_edge *edges, size_t edge_count, size_t documents,
                                   double threshold, size_t *story, samestory_error *error)
{
    if (!story || (edge_count && !edges) || documents > SIZE_MAX / 64 ||
        edge_count > SIZE_MAX / 128)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "edges and story must not be NULL");
    for (size_t i = 0; i < edge_count; i++)
        if (edges[i].a >= documents || edges[i].b >= documents)
            return ss_fail(error, SAMESTORY_BAD_ARGUMENT,
                           "an edge names a document past the number of documents");
    size_t kept;
    graph g = {0};
    samestory_edge *strong = NULL;
    size_t *unit = malloc((documents + 1) * sizeof *unit);
    if (!unit) goto fail;
    unite_copies(edges, edge_count, documents, threshold, unit);
    strong = verified(edges, edge_count, threshold, unit, &kept);
    if (!strong || !graph_new(&g, strong, kept, documents)) goto fail;
    bool changed = true;
    for (int pass = 0; pass < PASSES && changed; pass++) {
        changed = false;
        for (size_t i = 0; i < kept; i++) {
            size_t a = root_of(&g, strong[i].a), b = root_of(&g, strong[i].b);
            if (a == b || !supported(&g, a, b)) continue;
            merge(&g, a, b);
            changed = true;
        }
    }
    for (size_t i = 0; i < documents; i++) story[i] = root_of(&g, unit[i]);
    graph_free(&g);
    free(strong);
    free(unit);
    return SAMESTORY_OK;
fail:
    graph_free(&g);
    free(strong);
    free(unit);
    return ss_fail_memory(error);
}
