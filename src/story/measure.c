/* Measures (see the header). */
#include "story/measure.h"

#include <stdlib.h>

static int by_score(const void *a, const void *b)
{
    float x = ((const ss_scored *)a)->score, y = ((const ss_scored *)b)->score;
    return (x < y) - (x > y);
}

static double harmonic(double p, double r)
{
    return p + r > 0 ? 2 * p * r / (p + r) : 0;
}

ss_pair_measure ss_measure_pairs(ss_scored *pairs, size_t count, double threshold)
{
    ss_pair_measure m = {.count = count};
    if (count) qsort(pairs, count, sizeof *pairs, by_score);
    for (size_t i = 0; i < count; i++) m.positives += pairs[i].positive;
    size_t hits = 0, at_hits = 0, at_found = 0;
    for (size_t i = 0; i < count;) {
        size_t start = i, before = hits;
        for (; i < count && !(pairs[i].score < pairs[start].score); i++) hits += pairs[i].positive;
        double precision = (double)hits / (double)i;
        double recall = m.positives ? (double)hits / (double)m.positives : 0;
        if (m.positives)
            m.average_precision += precision * (double)(hits - before) / (double)m.positives;
        if (harmonic(precision, recall) > m.best_f1) {
            m.best_f1 = harmonic(precision, recall);
            m.best_threshold = (double)pairs[start].score;
        }
        if (pairs[start].score >= (float)threshold) {
            at_hits = hits;
            at_found = i;
        }
    }
    m.precision = at_found ? (double)at_hits / (double)at_found : 0;
    m.recall = m.positives ? (double)at_hits / (double)m.positives : 0;
    m.f1 = harmonic(m.precision, m.recall);
    return m;
}

/* ---- Groups -------------------------------------------------------------------------------------------- */

typedef struct member {
    size_t cluster, truth;
} member;

static int by_cluster(const void *a, const void *b)
{
    const member *x = a, *y = b;
    if (x->cluster != y->cluster) return x->cluster < y->cluster ? -1 : 1;
    return (x->truth > y->truth) - (x->truth < y->truth);
}

static int by_truth(const void *a, const void *b)
{
    const member *x = a, *y = b;
    if (x->truth != y->truth) return x->truth < y->truth ? -1 : 1;
    return (x->cluster > y->cluster) - (x->cluster < y->cluster);
}

static member *members_of(const size_t *cluster, const size_t *truth, size_t count, size_t *kept)
{
    member *m = malloc((count + 1) * sizeof *m);
    *kept = 0;
    for (size_t i = 0; m && i < count; i++)
        if (truth[i] != SIZE_MAX) m[(*kept)++] = (member){cluster[i], truth[i]};
    return m;
}

/* Sums over the groups that `outer` makes: for B-cubed, sum of (part^2 / whole); for pairs, numbers of
 * pairs in a part and in a whole. `m` is ordered by outer, then inner. */
typedef struct group_sum {
    double squares, part_pairs, whole_pairs;
} group_sum;

static double pairs_of(size_t n)
{
    return (double)n * ((double)n - 1) / 2;
}

static group_sum sum_groups(const member *m, size_t count, bool outer_is_cluster)
{
    group_sum s = {0};
    for (size_t i = 0; i < count;) {
        size_t outer = outer_is_cluster ? m[i].cluster : m[i].truth, start = i;
        double square = 0;
        while (i < count && (outer_is_cluster ? m[i].cluster : m[i].truth) == outer) {
            size_t part = i;
            while (i < count && m[i].cluster == m[part].cluster && m[i].truth == m[part].truth) i++;
            square += (double)(i - part) * (double)(i - part);
            s.part_pairs += pairs_of(i - part);
        }
        s.squares += square / (double)(i - start);
        s.whole_pairs += pairs_of(i - start);
    }
    return s;
}

/* The sums over the clusters (found) and over the stories (all); how many documents have a label in
 * *kept. false when memory is out. */
static bool sum_both(const size_t *cluster, const size_t *truth, size_t count, size_t *kept,
                     group_sum *found, group_sum *all)
{
    member *m = members_of(cluster, truth, count, kept);
    if (!m) return false;
    qsort(m, *kept, sizeof *m, by_cluster);
    *found = sum_groups(m, *kept, true);
    qsort(m, *kept, sizeof *m, by_truth);
    *all = sum_groups(m, *kept, false);
    free(m);
    return true;
}

static ss_group_measure measure_of(double precision, double recall)
{
    return (ss_group_measure){precision, recall, harmonic(precision, recall)};
}

bool ss_measure_bcubed(const size_t *cluster, const size_t *truth, size_t count,
                       ss_group_measure *out)
{
    size_t kept;
    group_sum found, all;
    if (!sum_both(cluster, truth, count, &kept, &found, &all)) return false;
    double documents = kept ? (double)kept : 1;
    *out = measure_of(found.squares / documents, all.squares / documents);
    return true;
}

bool ss_measure_clusters(const size_t *cluster, const size_t *truth, size_t count,
                         ss_group_measure *out)
{
    size_t kept;
    group_sum found, all;
    if (!sum_both(cluster, truth, count, &kept, &found, &all)) return false;
    *out = measure_of(found.whole_pairs > 0 ? found.part_pairs / found.whole_pairs : 0,
                      all.whole_pairs > 0 ? all.part_pairs / all.whole_pairs : 0);
    return true;
}
