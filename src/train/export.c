/* Quantising a trained table, and what is measured with it: language means and cells. */
#include "train/export.h"

#include "base/pool.h"
#include "base/status.h"
#include "sketch/vector.h"
#include "train/random.h"

#include <cblas.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { JOIN = 6, SHIFT_MAX = 8, ROUNDS = 12, ALIGN = 64 };

/* ---- TABLE --------------------------------------------------------------------------------------------- */

static float largest(const float *row, size_t d)
{
    float most = 0;
    for (size_t i = 0; i < d; i++) most = fmaxf(most, fabsf(row[i]));
    return most;
}

samestory_status export_quantise(const table *t, quantised *out, samestory_error *error)
{
    size_t d = t->options.dimension;
    *out = (quantised){.rows = t->rows, .dimension = d};
    out->shift = malloc(t->rows);
    out->row = malloc(t->rows * d);
    if (!out->shift || !out->row) {
        quantised_free(out);
        return ss_fail_memory(error);
    }
    float most = largest(t->row, t->rows * d);
    double unit = most > 0 ? most / (127.0 * (1 << SHIFT_MAX)) : 1;
    double wrong = 0, all = 0;
    for (size_t r = 0; r < t->rows; r++) {
        const float *row = t->row + r * d;
        unsigned shift = 0;
        while (shift < SHIFT_MAX && largest(row, d) > 127.0 * unit * (1 << shift)) shift++;
        double step = unit * (1 << shift);
        out->shift[r] = (uint8_t)shift;
        for (size_t i = 0; i < d; i++) {
            double q = fmin(127, fmax(-127, round(row[i] / step)));
            out->row[r * d + i] = (int8_t)q;
            wrong += (row[i] - q * step) * (row[i] - q * step);
            all += (double)row[i] * row[i];
        }
    }
    out->lost = all > 0 ? sqrt(wrong / all) : 0;
    return SAMESTORY_OK;
}

void quantised_free(quantised *q)
{
    free(q->shift);
    free(q->row);
    *q = (quantised){0};
}

static size_t aligned(size_t size)
{
    return (size + ALIGN - 1) / ALIGN * ALIGN;
}

samestory_status export_table(const table *t, const quantised *q, blob *out, samestory_error *error)
{
    size_t buckets = (size_t)1 << t->options.bits;
    size_t rank = 16 + buckets / 8, shift = aligned(rank + buckets / 512 * 4);
    size_t row = shift + aligned(q->rows);
    out->size = row + q->rows * q->dimension;
    char *to = out->data = calloc(1, out->size);
    if (!to) return ss_fail_memory(error);
    uint32_t head[4] = {t->options.bits, (uint32_t)q->dimension, (uint32_t)q->rows,
                        (uint32_t)t->options.shared};
    memcpy(to, head, sizeof head);
    memcpy(to + 16, t->present, buckets / 8);
    for (size_t i = 0; i < buckets / 512; i++) memcpy(to + rank + 4 * i, &t->rank[8 * i], 4);
    memcpy(to + shift, q->shift, q->rows);
    memcpy(to + row, q->row, q->rows * q->dimension);
    return SAMESTORY_OK;
}

/* ---- Texts of the corpus as vectors ---------------------------------------------------------------------- */

/* Some neighbouring pairs, one side of them. */
typedef struct draw {
    uint32_t pair, count;
    uint8_t side, language;
} draw;

typedef struct texts {
    const corpus *c;
    const table *t;
    const quantised *q;
    draw *draw;
    size_t count;
    double *unit; /* (count, d): unit vectors */
} texts;

static void sum_texts(void *context, unsigned worker, size_t begin, size_t end)
{
    texts *x = context;
    const corpus *c = x->c;
    size_t d = x->q->dimension;
    (void)worker;
    for (size_t i = begin; i < end; i++) {
        int64_t sum[SS_DIMENSION_MAX] = {0};
        const draw *w = &x->draw[i];
        for (uint32_t p = w->pair; p < w->pair + w->count; p++) {
            const uint32_t *unit = c->unit + c->pair[p].first + (w->side ? c->pair[p].units[0] : 0);
            for (size_t u = 0; u < c->pair[p].units[w->side]; u++)
                for (uint64_t f = c->feature_first[unit[u]]; f < c->feature_first[unit[u] + 1]; f++) {
                    int64_t row = table_row(x->t, c->feature[f]);
                    if (row < 0) continue;
                    const int8_t *from = x->q->row + (size_t)row * d;
                    int32_t times = (int32_t)1 << x->q->shift[row];
                    for (size_t k = 0; k < d; k++) sum[k] += from[k] * times;
                }
        }
        if (!ss_vector_unit(sum, d, x->unit + i * d)) memset(x->unit + i * d, 0, d * sizeof(double));
    }
}

/* Draws up to `wish` texts of one language, from groups whose neighbours may be joined, as often as
 * training draws them. */
static void draw_language(texts *x, unsigned language, size_t wish, uint64_t *random)
{
    const corpus *c = x->c;
    double total = 0;
    for (size_t g = 0; g < c->groups; g++)
        if (c->group[g].chain && (c->group[g].language[0] == language ||
                                  c->group[g].language[1] == language))
            total += group_draw(&c->group[g], x->t->options.alpha) *
                     (c->group[g].end - c->group[g].first);
    for (size_t i = 0; i < wish && total > 0; i++) {
        double at = random_unit(random) * total;
        const text_group *found = NULL;
        for (size_t g = 0; g < c->groups; g++) {
            const text_group *here = &c->group[g];
            if (!here->chain || (here->language[0] != language && here->language[1] != language))
                continue;
            found = here;
            at -= group_draw(here, x->t->options.alpha) * (here->end - here->first);
            if (at < 0) break;
        }
        draw *w = &x->draw[x->count++];
        w->language = (uint8_t)language;
        w->side = found->language[0] == language ? 0 : 1;
        w->pair = found->first + (uint32_t)random_below(random, found->end - found->first);
        uint32_t want = 1 + (uint32_t)random_below(random, JOIN), left = found->end - w->pair;
        w->count = want < left ? want : left;
    }
}

/* ---- LANGUAGES ------------------------------------------------------------------------------------------- */

/* Languages with few texts are drawn towards the mean of all: as if they had this many more of it. */
static const double shrinkage = 20;

static samestory_status language_means(const texts *x, blob *out, samestory_error *error)
{
    const corpus *c = x->c;
    size_t d = x->q->dimension, mean_at = aligned(16 + c->languages * sizeof(ss_language_entry));
    out->size = mean_at + (c->languages + 1) * d * sizeof(float);
    char *to = out->data = calloc(1, out->size);
    double *sum = calloc((c->languages + 1) * d, sizeof *sum);
    size_t count[SS_LANGUAGES_MAX + 1] = {0};
    if (!to || !sum) {
        free(sum);
        return ss_fail_memory(error);
    }
    for (size_t i = 0; i < x->count; i++) {
        size_t l = x->draw[i].language;
        count[l]++;
        for (size_t k = 0; k < d; k++) sum[l * d + k] += x->unit[i * d + k];
    }
    double *all = sum + c->languages * d;
    for (size_t l = 0; l < c->languages; l++)
        for (size_t k = 0; k < d && count[l]; k++)
            all[k] += sum[l * d + k] / (double)count[l] / (double)c->languages;
    uint32_t head[2] = {(uint32_t)c->languages, (uint32_t)d};
    memcpy(to, head, sizeof head);
    for (size_t l = 0; l <= c->languages; l++) {
        if (l < c->languages) {
            ss_language_entry entry = c->language[l];
            entry.documents = (uint32_t)count[l];
            memcpy(to + 16 + l * sizeof entry, &entry, sizeof entry);
        }
        for (size_t k = 0; k < d; k++) {
            double mean = l == c->languages
                              ? all[k]
                              : (sum[l * d + k] + shrinkage * all[k]) / ((double)count[l] + shrinkage);
            float value = (float)mean;
            memcpy(to + mean_at + (l * d + k) * sizeof value, &value, sizeof value);
        }
    }
    free(sum);
    return SAMESTORY_OK;
}

/* ---- CELLS ------------------------------------------------------------------------------------------------- */

/* Takes the means off: point (count, d) receives unit vectors as floats. */
static void centre(const texts *x, const blob *languages, float *point)
{
    size_t d = x->q->dimension, count = x->c->languages;
    const char *means = (const char *)languages->data + aligned(16 + count * sizeof(ss_language_entry));
    for (size_t i = 0; i < x->count; i++) {
        double square = 1e-30;
        for (size_t k = 0; k < d; k++) {
            float mean;
            memcpy(&mean, means + (x->draw[i].language * d + k) * sizeof mean, sizeof mean);
            double y = x->unit[i * d + k] - (double)mean;
            point[i * d + k] = (float)y;
            square += y * y;
        }
        for (size_t k = 0; k < d; k++) point[i * d + k] /= (float)sqrt(square);
    }
}

static void make_unit(float *x, size_t d)
{
    double square = 1e-30;
    for (size_t k = 0; k < d; k++) square += (double)x[k] * x[k];
    for (size_t k = 0; k < d; k++) x[k] /= (float)sqrt(square);
}

/* One round of k-means: every point to its nearest centroid, centroids to the mean of their points; a
 * centroid without points takes a random one. */
static void move_centroids(const float *point, size_t count, float *centroid, size_t cells, size_t d,
                           float *score, float *next, size_t *members, uint64_t *random)
{
    enum { BLOCK = 512 };
    memset(next, 0, cells * d * sizeof *next);
    memset(members, 0, cells * sizeof *members);
    for (size_t i = 0; i < count; i += BLOCK) {
        size_t rows = count - i < BLOCK ? count - i : BLOCK;
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)rows, (int)cells, (int)d, 1,
                    point + i * d, (int)d, centroid, (int)d, 0, score, (int)cells);
        for (size_t r = 0; r < rows; r++) {
            const float *s = score + r * cells;
            size_t best = 0;
            for (size_t k = 1; k < cells; k++)
                if (s[k] > s[best]) best = k;
            members[best]++;
            for (size_t k = 0; k < d; k++) next[best * d + k] += point[(i + r) * d + k];
        }
    }
    for (size_t k = 0; k < cells; k++) {
        const float *from = members[k] ? next + k * d : point + random_below(random, count) * d;
        memcpy(centroid + k * d, from, d * sizeof *from);
        make_unit(centroid + k * d, d);
    }
}

static samestory_status find_cells(const texts *x, const blob *languages, size_t cells, blob *out,
                                   samestory_error *error)
{
    size_t d = x->q->dimension;
    samestory_status status = SAMESTORY_OK;
    uint64_t random = x->t->options.seed + 77;
    if (cells > x->count) cells = x->count;
    float *point = malloc(x->count * d * sizeof *point), *centroid = malloc(cells * d * sizeof *point);
    float *next = malloc(cells * d * sizeof *next), *score = malloc(512 * cells * sizeof *score + 1);
    size_t *members = malloc(cells * sizeof *members + 1);
    out->size = 16 + cells * d;
    int8_t *to = out->data = calloc(1, out->size);
    if (!point || !centroid || !next || !score || !members || !to) {
        status = ss_fail_memory(error);
        goto done;
    }
    centre(x, languages, point);
    for (size_t k = 0; k < cells; k++)
        memcpy(centroid + k * d, point + random_below(&random, x->count) * d, d * sizeof *point);
    for (int round = 0; round < ROUNDS; round++)
        move_centroids(point, x->count, centroid, cells, d, score, next, members, &random);
    uint32_t head[2] = {(uint32_t)cells, (uint32_t)d};
    memcpy(to, head, sizeof head);
    double scale = ss_vector_scale(d);
    for (size_t i = 0; i < cells * d; i++)
        to[16 + i] = (int8_t)fmin(127, fmax(-127, round(centroid[i] * scale)));
done:
    free(point);
    free(centroid);
    free(next);
    free(score);
    free(members);
    return status;
}

samestory_status export_means_and_cells(const corpus *c, const table *t, const quantised *q,
                                        size_t count, size_t cells, blob *languages, blob *centroids,
                                        samestory_error *error)
{
    texts x = {.c = c, .t = t, .q = q};
    samestory_status status = SAMESTORY_OK;
    uint64_t random = t->options.seed + 99;
    x.draw = malloc(c->languages * count * sizeof *x.draw);
    x.unit = malloc(c->languages * count * q->dimension * sizeof *x.unit);
    if (!x.draw || !x.unit) {
        status = ss_fail_memory(error);
        goto done;
    }
    for (unsigned l = 0; l < c->languages; l++) draw_language(&x, l, count, &random);
    ss_parallel(t->options.threads ? t->options.threads : 1, x.count, 64, sum_texts, &x);
    status = language_means(&x, languages, error);
    if (!status) status = find_cells(&x, languages, cells, centroids, error);
done:
    free(x.draw);
    free(x.unit);
    return status;
}
