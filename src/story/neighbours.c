/* Stage story, neighbours (see the header). Versions of a text go by the number of the first of
 * them. Each document's list is ordered by its neighbours' numbers, so that those that two have in
 * common are found by going through both. */
#include "story/neighbours.h"

#include "base/pool.h"
#include "story/roots.h"

#include <stdlib.h>
#include <string.h>

enum { RELIEVE = 64 /* places looked at between two looks at the memory */ };

typedef struct neighbour {
    uint32_t document;
    float p;
} neighbour;

typedef struct around {
    size_t first;          /* of its neighbours */
    float sum, best, next; /* of their p: all, the largest and the one after it */
    uint32_t best_document;
} around;

struct ss_neighbours {
    ss_shelf *shelf;
    ss_shelved lists, documents, units;
    neighbour *list;  /* (2 edges), by document */
    around *document; /* (documents + 1) */
    uint32_t *unit;   /* (documents): the first version of its text, through any number of them */
};

/* The surest of each first. */
static int by_document(const void *a, const void *b)
{
    const neighbour *x = a, *y = b;
    if (x->document != y->document) return x->document < y->document ? -1 : 1;
    return (x->p < y->p) - (x->p > y->p);
}

/* Copies, and revisions of which the judge is sure: of the 76 such revisions of tests/data/itn all
 * tell one event. */
static bool are_versions(const samestory_edge *e)
{
    static const double sure = 0.9;
    return (e->relation == SAMESTORY_COPY || e->relation == SAMESTORY_REVISION) && e->alone >= sure;
}

static void unite_versions(uint32_t *unit, const samestory_edge *edges, size_t count,
                           size_t documents, ss_shelf *shelf)
{
    for (size_t i = 0; i < documents; i++) unit[i] = (uint32_t)i;
    for (size_t i = 0; i < count; i++) {
        if (i % RELIEVE == 0) ss_shelf_relieve(shelf);
        if (are_versions(&edges[i])) ss_unite(unit, (uint32_t)edges[i].a, (uint32_t)edges[i].b);
    }
    for (size_t i = 0; i < documents; i++) unit[i] = ss_root_of(unit, (uint32_t)i);
}

static size_t degree_of(const ss_neighbours *n, size_t document)
{
    return n->document[document + 1].first - n->document[document].first;
}

/* Counts, then places: document i + 1 holds the end of the list of i while it is filled. */
static void fill_lists(ss_neighbours *n, const samestory_edge *edges, size_t count,
                       size_t documents)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t a = n->unit[edges[i].a], b = n->unit[edges[i].b];
        if (i % RELIEVE == 0) ss_shelf_relieve(n->shelf);
        if (a == b) continue;
        n->document[a].first++;
        n->document[b].first++;
    }
    size_t end = 0;
    for (size_t i = 0; i <= documents; i++) {
        end += n->document[i].first;
        n->document[i].first = end;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t a = n->unit[edges[i].a], b = n->unit[edges[i].b];
        float p = (float)edges[i].probability;
        if (i % RELIEVE == 0) ss_shelf_relieve(n->shelf);
        if (a == b) continue;
        n->list[--n->document[a].first] = (neighbour){b, p};
        n->list[--n->document[b].first] = (neighbour){a, p};
    }
}

static void sum_up(around *d, const neighbour *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        d->sum += list[i].p;
        if (list[i].p > d->best) {
            d->next = d->best;
            d->best = list[i].p;
            d->best_document = list[i].document;
        } else if (list[i].p > d->next) {
            d->next = list[i].p;
        }
    }
}

/* Orders the lists and moves them together: of the pairs of two texts, the surest counts. */
static void finish_lists(ss_neighbours *n, size_t documents)
{
    size_t begin = 0, kept = 0;
    for (size_t i = 0; i < documents; i++) {
        size_t end = n->document[i + 1].first, first = kept;
        if (end - begin > 1) qsort(n->list + begin, end - begin, sizeof *n->list, by_document);
        for (; begin < end; begin++)
            if (kept == first || n->list[begin].document != n->list[kept - 1].document)
                n->list[kept++] = n->list[begin];
        n->document[i].first = first;
        sum_up(&n->document[i], n->list + first, kept - first);
        if (i % RELIEVE == 0) ss_shelf_relieve(n->shelf);
    }
    n->document[documents].first = kept;
}

ss_neighbours *ss_neighbours_new(const samestory_edge *edges, size_t count, size_t documents,
                                 ss_shelf *shelf)
{
    ss_neighbours *n = calloc(1, sizeof *n);
    if (!n) return NULL;
    n->shelf = shelf;
    if (!ss_shelve(shelf, &n->lists, (2 * count + 1) * sizeof *n->list) ||
        !ss_shelve(shelf, &n->documents, (documents + 1) * sizeof *n->document) ||
        !ss_shelve(shelf, &n->units, (documents + 1) * sizeof *n->unit)) {
        ss_neighbours_free(n);
        return NULL;
    }
    n->list = n->lists.data;
    n->document = n->documents.data;
    n->unit = n->units.data;
    unite_versions(n->unit, edges, count, documents, shelf);
    memset(n->document, 0, (documents + 1) * sizeof *n->document);
    fill_lists(n, edges, count, documents);
    finish_lists(n, documents);
    return n;
}

void ss_neighbours_free(ss_neighbours *n)
{
    if (!n) return;
    ss_shelved_free(n->shelf, &n->lists);
    ss_shelved_free(n->shelf, &n->documents);
    ss_shelved_free(n->shelf, &n->units);
    free(n);
}

/* What two lists have in common. */
typedef struct common {
    double sum;         /* of the products */
    float bridge, next; /* the two largest of what both are sure of */
} common;

static inline void add_common(common *c, float p, float q)
{
    float both = p < q ? p : q;
    c->sum += (double)p * (double)q;
    if (both > c->bridge) {
        c->next = c->bridge;
        c->bridge = both;
    } else if (both > c->next) {
        c->next = both;
    }
}

/* The first of list[from..count) that is not below `document`: soon, where it is near. */
static size_t skip_to(const neighbour *list, size_t from, size_t count, uint32_t document)
{
    size_t step = 1, low = from;
    while (low + step < count && list[low + step].document < document) {
        low += step;
        step *= 2;
    }
    size_t high = low + step < count ? low + step : count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list[middle].document < document)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static common common_of(const ss_neighbours *n, size_t a, size_t b)
{
    common c = {0, 0, 0};
    if (degree_of(n, a) > degree_of(n, b)) {
        size_t swap = a;
        a = b;
        b = swap;
    }
    const neighbour *x = n->list + n->document[a].first, *y = n->list + n->document[b].first;
    size_t few = degree_of(n, a), many = degree_of(n, b);
    for (size_t i = 0, k = 0; i < few && k < many; i++) {
        k = skip_to(y, k, many, x[i].document);
        if (k < many && y[k].document == x[i].document) add_common(&c, x[i].p, y[k].p);
    }
    return c;
}

/* How sure a is of b. */
static double sure_of(const ss_neighbours *n, size_t a, uint32_t b)
{
    const neighbour *list = n->list + n->document[a].first;
    size_t count = degree_of(n, a), at = skip_to(list, 0, count, b);
    return at < count && list[at].document == b ? (double)list[at].p : 0;
}

/* The surest neighbour of a beside b. */
static double best_beside(const around *a, size_t b)
{
    return (double)(a->best > 0 && a->best_document == b ? a->next : a->best);
}

static double log_odds(double p)
{
    p = p < 1e-4 ? 1e-4 : p > 1 - 1e-4 ? 1 - 1e-4 : p;
    return ss_log(p / (1 - p));
}

void ss_neighbours_ask(const ss_neighbours *n, const samestory_edge *edge,
                       double opinion[SS_OPINIONS])
{
    uint32_t a = n->unit[edge->a], b = n->unit[edge->b];
    const around *x = &n->document[a], *y = &n->document[b];
    common c = common_of(n, a, b);
    double apart = (double)x->sum + (double)y->sum - 2 * sure_of(n, a, b) - 2 * c.sum;
    double one = best_beside(x, b), other = best_beside(y, a);
    opinion[SS_OPINION_ALONE] = log_odds(edge->alone);
    opinion[SS_OPINION_PAIR] = log_odds(edge->probability);
    opinion[SS_OPINION_BRIDGE] = (double)c.bridge;
    opinion[SS_OPINION_SECOND] = (double)c.next;
    opinion[SS_OPINION_COMMON] = c.sum;
    opinion[SS_OPINION_APART] = apart > 0 ? apart : 0;
    opinion[SS_OPINION_LESS] = one < other ? one : other;
    opinion[SS_OPINION_MORE] = one < other ? other : one;
}

typedef struct asking {
    const ss_judge *judge;
    const ss_neighbours *n;
    samestory_edge *edges;
    unsigned round;
} asking;

static void ask(void *context, unsigned worker, size_t begin, size_t end)
{
    const asking *q = context;
    (void)worker;
    for (size_t i = begin; i < end; i++) {
        samestory_edge *e = &q->edges[i];
        double opinion[SS_OPINIONS];
        if (i % RELIEVE == 0) ss_shelf_relieve(q->n->shelf);
        if (e->relation != SAMESTORY_STORY || !q->judge->neighbour_trees[q->round][e->dated] ||
            q->n->unit[e->a] == q->n->unit[e->b])
            continue;
        ss_neighbours_ask(q->n, e, opinion);
        e->probability = ss_judge_again(q->judge, q->round, e->dated, opinion);
    }
}

bool ss_ask_neighbours(const ss_judge *judge, samestory_edge *edges, size_t count, size_t documents,
                       ss_shelf *shelf, unsigned threads)
{
    for (size_t i = 0; i < count; i++) {
        if (i % RELIEVE == 0) ss_shelf_relieve(shelf);
        edges[i].probability = edges[i].alone;
    }
    for (unsigned round = 0; round < SS_ROUNDS; round++) {
        ss_neighbours *n = ss_neighbours_new(edges, count, documents, shelf);
        asking q = {judge, n, edges, round};
        if (!n) return false;
        ss_parallel(threads, count, 1024, ask, &q);
        ss_neighbours_free(n);
    }
    return true;
}
