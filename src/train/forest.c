/* Boosted trees (see the header). Values are put into at most BINS bins, so that a split is found
 * by one pass over the examples a feature: some 10 ms a tree for 60,000 examples of 77 features. */
#include "train/forest.h"

#include "train/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BINS = 64, LEAVES = SS_TREE_LEAVES };

/* Small steps, little trust in leaves that few examples reach. Each tree is grown of some of the
 * examples, each level of some of the features: so the trees make different mistakes (Friedman
 * 2002). */
static const double rate = 0.15, ridge = 3, least_weight = 0.5, drawn_share = 0.7,
                    tried_share = 0.3;

typedef struct forest {
    const example **example; /* (count): those that are used */
    size_t count, features;
    double (*edge)[BINS];  /* (features): upper ends of the bins but the last */
    size_t *edges;         /* (features) */
    uint8_t *bin;          /* (features, count) */
    double *odds;          /* (count) */
    double *slope, *curve; /* (count): of the loss at the present odds */
    uint8_t *leaf;         /* (count) */
    uint32_t *drawn;       /* (draws): examples that the present tree is grown of */
    size_t draws;
    uint64_t random;
} forest;

static const double nowhere = 1e6; /* above all values */

static double rounded(double x, double digits)
{
    return floor(x * digits + 0.5) / digits;
}

/* ---- Bins
 * --------------------------------------------------------------------------------------------- */

typedef struct valued {
    float value;
    double weight; /* both classes weigh 1 in all */
} valued;

static int by_value(const void *a, const void *b)
{
    const valued *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

/* Ends bins where a share of the examples' weight lies below, and at 0: many signals are mostly 0.
 */
static void find_edges(forest *f, size_t feature, valued *room, const double total[2])
{
    size_t n = f->count, edges = 0;
    for (size_t i = 0; i < n; i++) {
        const example *e = f->example[i];
        room[i] = (valued){e->x[feature], (double)e->weight / total[e->positive]};
    }
    if (n) qsort(room, n, sizeof *room, by_value);
    double sum = 0, step = 2.0 / (BINS - 2), next = step;
    for (size_t i = 0; i + 1 < n && edges < BINS - 1; i++) {
        sum += room[i].weight;
        bool zero = !(room[i].value > 0) && room[i + 1].value > 0;
        if (!(room[i + 1].value > room[i].value) || (sum < next && !zero)) continue;
        double middle = rounded(((double)room[i].value + (double)room[i + 1].value) / 2, 1e4);
        if (zero && middle <= 0) middle = 0;
        if (!edges || middle > f->edge[feature][edges - 1]) f->edge[feature][edges++] = middle;
        while (next <= sum) next += step;
    }
    f->edges[feature] = edges;
}

static void fill_bins(forest *f, size_t feature)
{
    uint8_t *bin = f->bin + feature * f->count;
    for (size_t i = 0; i < f->count; i++) {
        size_t low = 0, high = f->edges[feature];
        while (low < high) {
            size_t middle = (low + high) / 2;
            if (f->example[i]->x[feature] > (float)f->edge[feature][middle]) /* as the judge does */
                low = middle + 1;
            else
                high = middle;
        }
        bin[i] = (uint8_t)low;
    }
}

static bool make_bins(forest *f)
{
    valued *room = malloc((f->count + 1) * sizeof *room);
    double total[2] = {1e-9, 1e-9};
    if (!room) return false;
    for (size_t i = 0; i < f->count; i++)
        total[f->example[i]->positive] += (double)f->example[i]->weight;
    for (size_t k = 0; k < f->features; k++) {
        find_edges(f, k, room, total);
        fill_bins(f, k);
    }
    free(room);
    return true;
}

/* ---- One tree
 * ------------------------------------------------------------------------------------------- */

typedef struct sums {
    double slope, curve;
} sums;

static double answer_of(sums s)
{
    return s.slope / (s.curve + ridge);
}

static double gain_of(sums s)
{
    return s.slope * s.slope / (s.curve + ridge);
}

/* What splitting all leaves at the end of a bin gains. */
static double gain_at(const sums *whole, const sums *below, size_t leaves)
{
    double gain = 0;
    for (size_t l = 0; l < leaves; l++) {
        sums above = {whole[l].slope - below[l].slope, whole[l].curve - below[l].curve};
        if (below[l].curve < least_weight || above.curve < least_weight) continue;
        gain += gain_of(below[l]) + gain_of(above) - gain_of(whole[l]);
    }
    return gain;
}

static double best_split(const forest *f, size_t feature, size_t leaves, size_t *at)
{
    sums part[LEAVES][BINS], whole[LEAVES] = {{0, 0}}, below[LEAVES] = {{0, 0}};
    const uint8_t *bin = f->bin + feature * f->count;
    double best = 0;
    memset(part, 0, leaves * sizeof *part);
    for (size_t k = 0; k < f->draws; k++) {
        size_t i = f->drawn[k];
        sums *s = &part[f->leaf[i]][bin[i]];
        s->slope += f->slope[i];
        s->curve += f->curve[i];
    }
    for (size_t l = 0; l < leaves; l++)
        for (size_t b = 0; b < BINS; b++) {
            whole[l].slope += part[l][b].slope;
            whole[l].curve += part[l][b].curve;
        }
    for (size_t b = 0; b < f->edges[feature]; b++) {
        for (size_t l = 0; l < leaves; l++) {
            below[l].slope += part[l][b].slope;
            below[l].curve += part[l][b].curve;
        }
        double gain = gain_at(whole, below, leaves);
        if (gain > best) best = gain, *at = b;
    }
    return best;
}

static void fill_leaves(const forest *f, ss_tree *t)
{
    sums s[LEAVES] = {{0, 0}};
    for (size_t k = 0; k < f->draws; k++) {
        size_t i = f->drawn[k];
        s[f->leaf[i]].slope += f->slope[i];
        s[f->leaf[i]].curve += f->curve[i];
    }
    for (unsigned l = 0; l < LEAVES; l++) t->leaf[l] = (float)rounded(rate * answer_of(s[l]), 1e3);
}

/* Splits level by level; a level that gains nothing splits at a value that all lie below. */
static void grow_tree(forest *f, ss_tree *t)
{
    memset(f->leaf, 0, f->count);
    for (unsigned d = 0; d < SS_TREE_DEPTH; d++) {
        double best = 0;
        size_t feature = 0, at = 0;
        for (size_t k = 0; k < f->features; k++) {
            size_t here = 0;
            if (!f->edges[k] || random_unit(&f->random) >= tried_share) continue;
            double gain = best_split(f, k, (size_t)1 << d, &here);
            if (gain > best) best = gain, feature = k, at = here;
        }
        t->signal[d] = (uint8_t)feature;
        t->edge[d] = (float)(best > 0 ? f->edge[feature][at] : nowhere);
        if (!(best > 0)) continue;
        for (size_t i = 0; i < f->count; i++)
            f->leaf[i] |= (uint8_t)((f->bin[feature * f->count + i] > at) << d);
    }
    fill_leaves(f, t);
}

static void aim(forest *f)
{
    f->draws = 0;
    for (size_t i = 0; i < f->count; i++) {
        const example *e = f->example[i];
        double p = 1 / (1 + exp(-f->odds[i]));
        f->slope[i] = (double)e->weight * ((e->positive ? 1.0 : 0.0) - p);
        f->curve[i] = (double)e->weight * (p * (1 - p) + 1e-9);
        if (random_unit(&f->random) < drawn_share) f->drawn[f->draws++] = (uint32_t)i;
    }
}

static void take_used(forest *f, const example *examples, size_t count, const double *odds)
{
    for (size_t i = 0; i < count; i++) {
        if (!examples[i].used) continue;
        f->odds[f->count] = odds[i];
        f->example[f->count++] = &examples[i];
    }
}

bool forest_fit(const example *examples, size_t count, size_t features, const double *odds,
                ss_tree *tree, size_t trees)
{
    forest f = {.features = features, .random = 3};
    f.example = malloc((count + 1) * sizeof *f.example);
    f.edge = calloc(features, sizeof *f.edge);
    f.edges = calloc(features, sizeof *f.edges);
    f.bin = malloc(features * count + 1);
    f.odds = malloc((count + 1) * sizeof *f.odds);
    f.slope = malloc((count + 1) * sizeof *f.slope);
    f.curve = malloc((count + 1) * sizeof *f.curve);
    f.leaf = malloc(count + 1);
    f.drawn = malloc((count + 1) * sizeof *f.drawn);
    bool good = f.example && f.edge && f.edges && f.bin && f.odds && f.slope && f.curve && f.leaf &&
                f.drawn;
    if (good) take_used(&f, examples, count, odds);
    good = good && make_bins(&f);
    for (size_t t = 0; good && t < trees; t++) {
        aim(&f);
        grow_tree(&f, &tree[t]);
        for (size_t i = 0; i < f.count; i++) f.odds[i] += (double)tree[t].leaf[f.leaf[i]];
    }
    free(f.example);
    free(f.edge);
    free(f.edges);
    free(f.bin);
    free(f.odds);
    free(f.slope);
    free(f.curve);
    free(f.leaf);
    free(f.drawn);
    return good;
}
