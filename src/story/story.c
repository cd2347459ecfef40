/* Stage story (see the header). Copies of one text are united first and count as one document from
 * then on. Final stories are built from the strongest edge down; two groups merge only when enough
 * verified edges run between them, so that a chain of look-alikes stays apart. */
#include "story/story.h"

#include "base/array.h"
#include "story/roots.h"

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

int64_t ss_story_join(const ss_link *links, size_t count, double threshold)
{
    int64_t best = -1;
    for (size_t i = 0; i < count; i++) {
        if (links[i].probability < threshold) continue;
        uint32_t support = 0;
        for (size_t k = 0; k < count; k++)
            support += links[k].probability >= threshold && links[k].story == links[i].story;
        bool enough = links[i].story_size < SMALL_STORY || support >= LINKS_NEEDED ||
                      links[i].probability >= nearly_certain;
        bool joins = links[i].relation != SAMESTORY_STORY || (enough && !links[i].over);
        if (joins && (best < 0 || better(&links[i], &links[best]))) best = (int64_t)i;
    }
    return best;
}

/* ---- Final ----------------------------------------------------------------------------------- */

/* Of the pairs between two groups, counted over at most CORE documents of each, this share must be
 * verified edges. */
static const double support_share = 0.34;
enum { CORE = 5, PASSES = 3 };

/* Verified edges between two groups, by their roots; a slot of a table with open addressing. */
typedef struct between {
    uint64_t roots; /* the lower one << 32 | the other; they differ, so it is never 0 */
    uint32_t edges;
} between;

/* A group's neighbours, as a list of notes; the root that a note was made of may have merged since, and
 * one neighbour may be noted more than once. */
typedef struct note {
    uint32_t document, next; /* next: number of a note + 1, or 0 */
} note;

typedef struct graph {
    between *slot;
    size_t mask, used;
    note *note;
    size_t notes, note_room;
    uint32_t *first, *last; /* notes + 1 of each root */
    uint32_t *noted;        /* how many those are */
    uint32_t *root, *size;  /* union-find */
} graph;

static void graph_free(graph *g)
{
    free(g->slot);
    free(g->note);
    free(g->first);
    free(g->last);
    free(g->noted);
    free(g->root);
    free(g->size);
}

static uint64_t pair_of(uint32_t a, uint32_t b)
{
    return a < b ? (uint64_t)a << 32 | b : (uint64_t)b << 32 | a;
}

/* The pair's slot, or the free one where it belongs. */
static between *find_between(const graph *g, uint64_t roots)
{
    size_t at = (roots * 0x9E3779B97F4A7C15u >> 20) & g->mask;
    while (g->slot[at].roots && g->slot[at].roots != roots) at = (at + 1) & g->mask;
    return &g->slot[at];
}

/* Room for twice as many pairs. Those that merged away are left behind: they have no edges. */
static bool rehash(graph *g)
{
    between *old = g->slot;
    size_t slots = g->mask + 1;
    g->slot = calloc(2 * slots, sizeof *g->slot);
    if (!g->slot) {
        g->slot = old;
        return false;
    }
    g->mask = 2 * slots - 1;
    g->used = 0;
    for (size_t i = 0; i < slots; i++) {
        if (!old[i].edges) continue;
        *find_between(g, old[i].roots) = old[i];
        g->used++;
    }
    free(old);
    return true;
}

static bool add_edges(graph *g, uint32_t a, uint32_t b, uint32_t edges)
{
    if (g->used * 4 > g->mask * 3 && !rehash(g)) return false;
    between *slot = find_between(g, pair_of(a, b));
    g->used += !slot->roots;
    slot->roots = pair_of(a, b);
    slot->edges += edges;
    return true;
}

static bool take_note(graph *g, uint32_t group, uint32_t neighbour)
{
    if (g->notes >= UINT32_MAX - 1 || !ss_reserve(&g->note, &g->note_room, g->notes + 1)) return false;
    g->note[g->notes++] = (note){neighbour, 0};
    uint32_t number = (uint32_t)g->notes;
    if (g->noted[group]++)
        g->note[g->last[group] - 1].next = number;
    else
        g->first[group] = number;
    g->last[group] = number;
    return true;
}

static bool graph_new(graph *g, const samestory_edge *edges, size_t count, size_t documents)
{
    *g = (graph){.mask = 1023};
    while (g->mask < 2 * count) g->mask = g->mask * 2 + 1;
    g->slot = calloc(g->mask + 1, sizeof *g->slot);
    g->first = calloc(documents + 1, sizeof *g->first);
    g->last = calloc(documents + 1, sizeof *g->last);
    g->noted = calloc(documents + 1, sizeof *g->noted);
    g->root = malloc((documents + 1) * sizeof *g->root);
    g->size = malloc((documents + 1) * sizeof *g->size);
    if (!g->slot || !g->first || !g->last || !g->noted || !g->root || !g->size) return false;
    for (size_t i = 0; i < documents; i++) {
        g->root[i] = (uint32_t)i;
        g->size[i] = 1;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t a = (uint32_t)edges[i].a, b = (uint32_t)edges[i].b;
        if (!add_edges(g, a, b, 1) || !take_note(g, a, b) || !take_note(g, b, a)) return false;
    }
    return true;
}

/* Do enough edges run between the groups a and b (roots)? */
static bool supported(const graph *g, uint32_t a, uint32_t b)
{
    double core_a = (double)(g->size[a] < CORE ? g->size[a] : CORE);
    double core_b = (double)(g->size[b] < CORE ? g->size[b] : CORE);
    return (double)find_between(g, pair_of(a, b))->edges >= support_share * core_a * core_b;
}

/* The group with fewer notes goes through them and hands its edges over: each note is handled as often as
 * its group doubles, so all merging together takes edges x log edges. The first document of both is
 * found at the end. */
static bool merge(graph *g, uint32_t a, uint32_t b)
{
    if (g->noted[a] < g->noted[b]) {
        uint32_t swap = a;
        a = b;
        b = swap;
    }
    for (uint32_t i = g->first[b]; i; i = g->note[i - 1].next) {
        uint32_t other = ss_root_of(g->root, g->note[i - 1].document);
        if (other == a || other == b) continue;
        between *slot = find_between(g, pair_of(b, other));
        uint32_t edges = slot->edges;
        slot->edges = 0;
        if (edges && (!add_edges(g, a, other, edges) || !take_note(g, other, a))) return false;
    }
    if (g->noted[b]) {
        if (g->noted[a])
            g->note[g->last[a] - 1].next = g->first[b];
        else
            g->first[a] = g->first[b];
        g->last[a] = g->last[b];
        g->noted[a] += g->noted[b];
    }
    g->size[a] += g->size[b];
    g->root[b] = a;
    return true;
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

/* unit[i]: the first of the documents that document i is a copy of, through any number of copies. */
static void unite_copies(const samestory_edge *edges, size_t count, size_t documents,
                         double threshold, uint32_t *unit)
{
    for (size_t i = 0; i < documents; i++) unit[i] = (uint32_t)i;
    for (size_t i = 0; i < count; i++) {
        if (edges[i].relation == SAMESTORY_COPY && edges[i].probability >= threshold)
            ss_unite(unit, (uint32_t)edges[i].a, (uint32_t)edges[i].b);
    }
    for (size_t i = 0; i < documents; i++) unit[i] = ss_root_of(unit, (uint32_t)i);
}

/* The edges between units at or above the threshold, each pair once, strongest first. */
static samestory_edge *verified(const samestory_edge *edges, size_t count, double threshold,
                                const uint32_t *unit, size_t *kept)
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
    if (!story || (edge_count && !edges) || documents >= UINT32_MAX || edge_count >= UINT32_MAX / 4)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT,
                       "edges and story must not be NULL; at most a thousand million edges");
    for (size_t i = 0; i < edge_count; i++)
        if (edges[i].a >= documents || edges[i].b >= documents)
            return ss_fail(error, SAMESTORY_BAD_ARGUMENT,
                           "an edge names a document past the number of documents");
    size_t kept;
    graph g = {0};
    samestory_edge *strong = NULL;
    uint32_t *unit = malloc((documents + 1) * sizeof *unit);
    size_t *earliest = malloc((documents + 1) * sizeof *earliest);
    if (!unit || !earliest) goto fail;
    unite_copies(edges, edge_count, documents, threshold, unit);
    strong = verified(edges, edge_count, threshold, unit, &kept);
    if (!strong || !graph_new(&g, strong, kept, documents)) goto fail;
    bool changed = true;
    for (int pass = 0; pass < PASSES && changed; pass++) {
        changed = false;
        for (size_t i = 0; i < kept; i++) {
            uint32_t a = ss_root_of(g.root, (uint32_t)strong[i].a);
            uint32_t b = ss_root_of(g.root, (uint32_t)strong[i].b);
            if (a == b || !supported(&g, a, b)) continue;
            if (!merge(&g, a, b)) goto fail;
            changed = true;
        }
    }
    for (size_t i = documents; i-- > 0;) earliest[ss_root_of(g.root, unit[i])] = i;
    for (size_t i = 0; i < documents; i++) story[i] = earliest[ss_root_of(g.root, unit[i])];
    graph_free(&g);
    free(strong);
    free(unit);
    free(earliest);
    return SAMESTORY_OK;
fail:
    graph_free(&g);
    free(strong);
    free(unit);
    free(earliest);
    return ss_fail_memory(error);
}
