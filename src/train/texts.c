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

enum { JOIN = 6, ROUNDS = 300 };

/* ---- Vectors -------------------------------------------------------------------------------------- */

typedef struct summing {
    const corpus *c;
    const table *t;
    const quantised *q;
    drawn_texts *texts;
} summing;

/* Makes x a unit vector, and to its copy; zero when x is zero. */
static void unit_of(double *x, size_t d, float *to)
{
    ss_make_unit(x, d);
    for (size_t k = 0; k < d; k++) to[k] = (float)x[k];
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
    const uint8_t *from = s->q->row + (size_t)row * d / 2;
    int32_t scale = ss_row_scale(s->q->scale[row]);
    for (size_t k = 0; k < d; k++) whole[k] += scale * ss_row_level(from, d, k);
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

/* share: how often each group is drawn. */
static void draw_language(const corpus *c, const double *share, unsigned language, size_t wish,
                          uint64_t *random, drawn_texts *out)
{
    double total = 0;
    for (size_t g = 0; g < c->groups; g++)
        if (speaks(&c->group[g], language)) total += share[g];
    for (size_t i = 0; i < wish && total > 0; i++) {
        double at = random_unit(random) * total;
        const text_group *found = NULL;
        for (size_t g = 0; g < c->groups; g++) {
            if (!speaks(&c->group[g], language) || c->group[g].first == c->group[g].end) continue;
            found = &c->group[g];
            at -= share[g];
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
    double *share = group_draws(c, &t->options);
    if (!out->text || !out->unit || !share) {
        texts_free(out);
        free(share);
        return ss_fail_memory(error);
    }
    for (size_t g = 0; g < c->groups; g++) share[g] *= c->group[g].end - c->group[g].first;
    for (unsigned l = 0; l < c->languages; l++)
        draw_language(c, share, l, of_language, &random, out);
    free(share);
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

/* The directions in which the means differ most, by power iteration: far from the mean of its own
 * texts, a language's vectors still lean there. */
static void find_directions(double *mean, size_t languages, size_t d, float *direction)
{
    for (size_t r = 0; r < LANGUAGE_DIRECTIONS; r++) {
        double x[SS_DIMENSION_MAX], next[SS_DIMENSION_MAX], at[SS_LANGUAGES_MAX];
        for (size_t k = 0; k < d; k++) x[k] = 1.0 / (double)(k + 1);
        for (int round = 0; round < ROUNDS; round++) {
            memset(next, 0, sizeof next);
            for (size_t l = 0; l < languages; l++) {
                at[l] = 0;
                for (size_t k = 0; k < d; k++) at[l] += mean[l * d + k] * x[k];
                for (size_t k = 0; k < d; k++) next[k] += mean[l * d + k] * at[l];
            }
            if (!ss_make_unit(next, d)) break;
            memcpy(x, next, d * sizeof *x);
        }
        bool some = ss_make_unit(x, d);
        for (size_t l = 0; l < languages; l++) { /* what is left for the next */
            double dot = 0;
            for (size_t k = 0; k < d; k++) dot += mean[l * d + k] * x[k];
            for (size_t k = 0; k < d; k++) mean[l * d + k] -= dot * x[k];
        }
        for (size_t k = 0; k < d; k++) direction[r * d + k] = some ? (float)x[k] : 0;
    }
}

samestory_status texts_means(const corpus *c, const drawn_texts *texts, language_means *out,
                             samestory_error *error)
{
    size_t d = texts->dimension, languages = c->languages;
    double *sum = calloc((languages + 1) * d, sizeof *sum);
    *out = (language_means){.languages = languages, .dimension = d};
    out->mean = calloc((languages + 1 + LANGUAGE_DIRECTIONS) * d, sizeof *out->mean);
    out->documents = calloc(languages + 1, sizeof *out->documents);
    if (!sum || !out->mean || !out->documents) {
        free(sum);
        language_means_free(out);
        return ss_fail_memory(error);
    }
    for (size_t i = 0; i < texts->count; i++) {
        size_t l = texts->text[i].language;
        out->documents[l]++;
        for (size_t k = 0; k < d; k++) sum[l * d + k] += (double)texts->unit[i * d + k];
    }
    double *all = sum + languages * d;
    for (size_t l = 0; l < languages; l++)
        for (size_t k = 0; k < d && out->documents[l]; k++)
            all[k] += sum[l * d + k] / out->documents[l] / (double)languages;
    for (size_t l = 0; l < languages; l++)
        for (size_t k = 0; k < d; k++) {
            double mean = (sum[l * d + k] + shrinkage * all[k]) / (out->documents[l] + shrinkage);
            out->mean[l * d + k] = (float)mean;
            sum[l * d + k] = mean - all[k];
        }
    for (size_t k = 0; k < d; k++) out->mean[languages * d + k] = (float)all[k];
    find_directions(sum, languages, d, out->mean + (languages + 1) * d);
    free(sum);
    return SAMESTORY_OK;
}

void language_means_free(language_means *m)
{
    free(m->mean);
    free(m->documents);
    *m = (language_means){0};
}

void language_means_centre(const language_means *m, unsigned language, double *x)
{
    size_t l = language < m->languages ? language : m->languages, d = m->dimension;
    ss_vector_centre(x, d, m->mean + l * d, m->mean + (m->languages + 1) * d, LANGUAGE_DIRECTIONS);
}

void texts_centre(drawn_texts *texts, const language_means *means)
{
    size_t d = texts->dimension;
    for (size_t i = 0; i < texts->count; i++) {
        double x[SS_DIMENSION_MAX];
        float *unit = texts->unit + i * d;
        for (size_t k = 0; k < d; k++) x[k] = (double)unit[k];
        language_means_centre(means, texts->text[i].language, x);
        unit_of(x, d, unit);
    }
}
