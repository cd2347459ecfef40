/* Texts drawn from the corpus (see the header). Cost: a row of d numbers a feature, two seconds for
 * 100,000 texts of 60 words on one core. */
#include "train/texts.h"

#include "base/pool.h"
#include "base/status.h"
#include "sketch/vector.h"
#include "train/loops.h"
#include "train/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { JOIN = 6 };

/* ---- Vectors -------------------------------------------------------------------------------------- */

typedef struct summing {
    const corpus *c;
    const table *t;
    const quantised *q;
    drawn_texts *texts;
} summing;

/* to = from / |from|; zero when that is zero. */
static void unit_of(const double *from, size_t d, float *to)
{
    double square = 0;
    for (size_t k = 0; k < d; k++) square += from[k] * from[k];
    double norm = square > 0 ? sqrt(square) : 1;
    for (size_t k = 0; k < d; k++) to[k] = (float)(from[k] / norm);
}

static void add_feature(const summing *s, uint64_t feature, int64_t *whole, float *part)
{
    size_t d = s->texts->dimension;
    int64_t row = table_row(s->t, feature);
    if (row < 0) return;
    if (!s->q) {
        row_add_scaled(part, s->t->row + (size_t)row * d, s->t->weight[row], d);
        return;
    }
    const int8_t *from = s->q->row + (size_t)row * d;
    int32_t times = (int32_t)1 << s->q->shift[row];
    for (size_t k = 0; k < d; k++) whole[k] += from[k] * times;
}

static void sum_texts(void *context, unsigned worker, size_t begin, size_t end)
{
    const summing *s = context;
    const corpus *c = s->c;
    size_t d = s->texts->dimension;
    (void)worker;
    for (size_t i = begin; i < end; i++) {
        int64_t whole[SS_DIMENSION_MAX] = {0};
        float part[SS_DIMENSION_MAX] = {0};
        double sum[SS_DIMENSION_MAX];
        const drawn_text *w = &s->texts->text[i];
        for (uint32_t p = w->pair; p < w->pair + w->count; p++) {
            const uint32_t *unit = c->unit + c->pair[p].first + (w->side ? c->pair[p].units[0] : 0);
            for (size_t u = 0; u < c->pair[p].units[w->side]; u++)
                for (uint64_t f = c->feature_first[unit[u]]; f < c->feature_first[unit[u] + 1]; f++)
                    add_feature(s, c->feature[f], whole, part);
        }
        for (size_t k = 0; k < d; k++) sum[k] = s->q ? (double)whole[k] : (double)part[k];
        unit_of(sum, d, s->texts->unit + i * d);
    }
}

/* ---- Drawing ---------------------------------------------------------------------------------------- */

static bool speaks(const text_group *g, unsigned language)
{
    return g->chain && (g->language[0] == language || g->language[1] == language);
}

static double drawn_share(const text_group *g, double alpha)
{
    return group_draw(g, alpha) * (g->end - g->first);
}

static void draw_language(const corpus *c, double alpha, unsigned language, size_t wish,
                          uint64_t *random, drawn_texts *out)
{
    double total = 0;
    for (size_t g = 0; g < c->groups; g++)
        if (speaks(&c->group[g], language)) total += drawn_share(&c->group[g], alpha);
    for (size_t i = 0; i < wish && total > 0; i++) {
        double at = random_unit(random) * total;
        const text_group *found = NULL;
        for (size_t g = 0; g < c->groups; g++) {
            if (!speaks(&c->group[g], language) || c->group[g].first == c->group[g].end) continue;
            found = &c->group[g];
            at -= drawn_share(found, alpha);
            if (at < 0) break;
        }
        if (!found) return;
        drawn_text *w = &out->text[out->count++];
        w->language = (uint8_t)language;
        w->side = found->language[0] == language ? 0 : 1;
        w->pair = found->first + (uint32_t)random_below(random, found->end - found->first);
        uint32_t want = 1 + (uint32_t)random_below(random, JOIN), left = found->end - w->pair;
        w->count = want < left ? want : left;
    }
}

samestory_status texts_draw(const corpus *c, const table *t, const quantised *q, size_t of_language,
                            uint64_t seed, drawn_texts *out, samestory_error *error)
{
    uint64_t random = seed;
    *out = (drawn_texts){.dimension = t->options.dimension};
    size_t most = c->languages * of_language;
    out->text = malloc(most * sizeof *out->text + 1);
    out->unit = malloc(most * out->dimension * sizeof *out->unit + 1);
    if (!out->text || !out->unit) {
        texts_free(out);
        return ss_fail_memory(error);
    }
    for (unsigned l = 0; l < c->languages; l++)
        draw_language(c, t->options.alpha, l, of_language, &random, out);
    summing s = {c, t, q, out};
    ss_parallel(t->options.threads ? t->options.threads : 1, out->count, 64, sum_texts, &s);
    return SAMESTORY_OK;
}

void texts_free(drawn_texts *texts)
{
    free(texts->text);
    free(texts->unit);
    *texts = (drawn_texts){0};
}

/* ---- Means -------------------------------------------------------------------------------------------- */

/* Languages with few texts are drawn towards the mean of all: as if they had this many more of it. */
static const double shrinkage = 20;

samestory_status texts_means(const corpus *c, const drawn_texts *texts, float *mean,
                             uint32_t *documents, samestory_error *error)
{
    size_t d = texts->dimension, languages = c->languages;
    double *sum = calloc((languages + 1) * d, sizeof *sum);
    if (!sum) return ss_fail_memory(error);
    memset(documents, 0, languages * sizeof *documents);
    for (size_t i = 0; i < texts->count; i++) {
        size_t l = texts->text[i].language;
        documents[l]++;
        for (size_t k = 0; k < d; k++) sum[l * d + k] += (double)texts->unit[i * d + k];
    }
    double *all = sum + languages * d;
    for (size_t l = 0; l < languages; l++)
        for (size_t k = 0; k < d && documents[l]; k++)
            all[k] += sum[l * d + k] / documents[l] / (double)languages;
    for (size_t l = 0; l < languages; l++)
        for (size_t k = 0; k < d; k++)
            mean[l * d + k] =
                (float)((sum[l * d + k] + shrinkage * all[k]) / (documents[l] + shrinkage));
    for (size_t k = 0; k < d; k++) mean[languages * d + k] = (float)all[k];
    free(sum);
    return SAMESTORY_OK;
}

void texts_centre(drawn_texts *texts, const float *mean)
{
    size_t d = texts->dimension;
    for (size_t i = 0; i < texts->count; i++) {
        double x[SS_DIMENSION_MAX];
        float *unit = texts->unit + i * d;
        for (size_t k = 0; k < d; k++)
            x[k] = (double)unit[k] - (double)mean[texts->text[i].language * d + k];
        unit_of(x, d, unit);
    }
}
