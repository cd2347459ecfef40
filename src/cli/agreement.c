/* Who agrees with two documents (see the header). */
#include "agreement.h"
#include "cli.h"

#include <stdlib.h>
#include <string.h>

/* How sure the pairs of one document with two others are; 0: no pair. */
typedef struct beside {
    double a, b;
} beside;

static double least_of(const bridge *x)
{
    return x->with_a < x->with_b ? x->with_a : x->with_b;
}

/* Keeps the surest, ties in the order of the documents. */
static void keep_bridge(agreement *out, bridge found)
{
    size_t at = out->bridges;
    while (at > 0 && least_of(&found) > least_of(&out->bridge[at - 1])) at--;
    if (at == BRIDGES) return;
    if (out->bridges < BRIDGES) out->bridges++;
    memmove(&out->bridge[at + 1], &out->bridge[at], (out->bridges - 1 - at) * sizeof *out->bridge);
    out->bridge[at] = found;
}

static void count_document(agreement *out, size_t document, beside p)
{
    static const double agrees = 0.5;
    out->both += p.a >= agrees && p.b >= agrees;
    out->only_a += p.a >= agrees && p.b < agrees;
    out->only_b += p.b >= agrees && p.a < agrees;
    if (p.a > 0 && p.b > 0) keep_bridge(out, (bridge){document, p.a, p.b});
}

/* Notes an edge between document x and another, whose place for it is the one or the other. */
static void note(const samestory_edge *e, size_t x, beside *of, bool is_b)
{
    if (e->a != x && e->b != x) return;
    beside *other = &of[e->a == x ? e->b : e->a];
    *(is_b ? &other->b : &other->a) = e->probability;
}

int agreement_find(const collection *c, size_t a, size_t b, agreement *out)
{
    const samestory_edge *edges;
    size_t count;
    a = samestory_original(c->engine, a);
    b = samestory_original(c->engine, b);
    *out = (agreement){0};
    samestory_status status = samestory_edges(c->engine, &edges, &count);
    if (status) return cli_fail_status(status);
    beside *of = calloc(c->documents + 1, sizeof *of);
    if (!of) return cli_fail_memory();
    for (size_t i = 0; i < count; i++) {
        const samestory_edge *e = &edges[i];
        note(e, a, of, false);
        note(e, b, of, true);
        if ((e->a == a && e->b == b) || (e->a == b && e->b == a)) out->edge = e;
    }
    for (size_t i = 0; i < c->documents; i++)
        if (i != a && i != b) count_document(out, i, of[i]);
    free(of);
    return 0;
}
