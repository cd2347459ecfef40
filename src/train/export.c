/* Quantising a trained table, and what is measured with it: language means and cells. */
#include "train/export.h"

#include "base/pool.h"
#include "base/status.h"
#include "sketch/vector.h"
#include "train/cells.h"
#include "train/texts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGN = 64, TEXTS_OF_CELL = 30, SCALES = 128, MOST_LEVEL = 15 };

/* ---- TABLE --------------------------------------------------------------------------------------------- */

static float largest(const float *row, size_t d)
{
    float most = 0;
    for (size_t i = 0; i < d; i++) most = fmaxf(most, fabsf(row[i]));
    return most;
}

/* The nearest of the odd levels -15 .. 15. */
static int nearest_level(float value, float step)
{
    float half = floorf(value / step / 2);
    return (int)fminf(MOST_LEVEL, fmaxf(-MOST_LEVEL, 2 * half + 1));
}

static double square_error(const float *row, float step, size_t d)
{
    double wrong = 0;
    for (size_t i = 0; i < d; i++) {
        float miss = row[i] - step * (float)nearest_level(row[i], step);
        wrong += (double)miss * (double)miss;
    }
    return wrong;
}

typedef struct quantising {
    const table *t;
    quantised *out;
    double unit;   /* what 1 stands for */
    double *wrong; /* (rows): square errors */
} quantising;

/* A row may be clipped where that makes its error smaller: scales from the one that holds its largest
 * value down to a third of it are tried. */
static void quantise_rows(void *context, unsigned worker, size_t begin, size_t end)
{
    const quantising *x = context;
    size_t d = x->out->dimension;
    (void)worker;
    for (size_t r = begin; r < end; r++) {
        const float *row = x->t->row + r * d;
        double most = (double)largest(row, d) / x->unit / MOST_LEVEL;
        unsigned code = 0;
        while (code + 1 < SCALES && ss_row_scale((uint8_t)code) < most) code++;
        x->wrong[r] = INFINITY;
        for (unsigned c = code + 1; c-- > 0 && (c == code || ss_row_scale((uint8_t)c) > most / 3);) {
            double wrong = square_error(row, (float)(ss_row_scale((uint8_t)c) * x->unit), d);
            if (wrong >= x->wrong[r]) continue;
            x->wrong[r] = wrong;
            x->out->scale[r] = (uint8_t)c;
        }
        float step = (float)(ss_row_scale(x->out->scale[r]) * x->unit);
        uint8_t *to = x->out->row + r * d / 2;
        for (size_t i = 0; i < d / 2; i++)
            to[i] = (uint8_t)((nearest_level(row[i], step) + MOST_LEVEL) / 2 |
                              (nearest_level(row[i + d / 2], step) + MOST_LEVEL) / 2 << 4);
    }
}

samestory_status export_quantise(const table *t, quantised *out, samestory_error *error)
{
    size_t d = t->options.dimension;
    *out = (quantised){.rows = t->rows, .dimension = d};
    out->scale = calloc(t->rows, 1);
    out->row = malloc(t->rows * d / 2);
    quantising x = {.t = t, .out = out, .wrong = malloc(t->rows * sizeof *x.wrong)};
    if (!out->scale || !out->row || !x.wrong) {
        free(x.wrong);
        quantised_free(out);
        return ss_fail_memory(error);
    }
    double most = (double)largest(t->row, t->rows * d), wrong = 0, all = 0;
    x.unit = most > 0 ? most / MOST_LEVEL / ss_row_scale(SCALES - 1) : 1;
    ss_parallel(t->options.threads ? t->options.threads : 1, t->rows, 256, quantise_rows, &x);
    for (size_t r = 0; r < t->rows; r++) {
        wrong += x.wrong[r];
        for (size_t i = 0; i < d; i++) all += (double)t->row[r * d + i] * (double)t->row[r * d + i];
    }
    out->lost = all > 0 ? sqrt(wrong / all) : 0;
    free(x.wrong);
    return SAMESTORY_OK;
}

void quantised_free(quantised *q)
{
    free(q->scale);
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
    size_t rank = 16 + buckets / 8, scale = aligned(rank + buckets / 512 * 4);
    size_t row = scale + aligned(q->rows);
    out->size = row + q->rows * q->dimension / 2;
    char *to = out->data = calloc(1, out->size);
    if (!to) return ss_fail_memory(error);
    uint32_t head[4] = {t->options.bits, (uint32_t)q->dimension, (uint32_t)q->rows,
                        (uint32_t)t->options.shared};
    memcpy(to, head, sizeof head);
    memcpy(to + 16, t->present, buckets / 8);
    for (size_t i = 0; i < buckets / 512; i++) memcpy(to + rank + 4 * i, &t->rank[8 * i], 4);
    memcpy(to + scale, q->scale, q->rows);
    memcpy(to + row, q->row, q->rows * q->dimension / 2);
    return SAMESTORY_OK;
}

/* ---- LANGUAGES and CELLS -------------------------------------------------------------------------------- */

static samestory_status write_languages(const corpus *c, const language_means *means, blob *out,
                                        samestory_error *error)
{
    size_t mean_at = aligned(16 + c->languages * sizeof(ss_language_entry));
    size_t mean_size =
        (means->languages + 1 + LANGUAGE_DIRECTIONS) * means->dimension * sizeof *means->mean;
    out->size = mean_at + mean_size;
    char *to = out->data = calloc(1, out->size);
    if (!to) return ss_fail_memory(error);
    uint32_t head[3] = {(uint32_t)c->languages, (uint32_t)means->dimension, LANGUAGE_DIRECTIONS};
    memcpy(to, head, sizeof head);
    for (size_t l = 0; l < c->languages; l++) {
        ss_language_entry entry = c->language[l];
        entry.documents = means->documents[l];
        memcpy(to + 16 + l * sizeof entry, &entry, sizeof entry);
    }
    memcpy(to + mean_at, means->mean, mean_size);
    return SAMESTORY_OK;
}

samestory_status export_languages(const corpus *c, const table *t, const quantised *q,
                                  size_t of_language, language_means *means, blob *out,
                                  samestory_error *error)
{
    drawn_texts texts = {0};
    samestory_status status = texts_draw(c, t, q, of_language, t->options.seed + 99, &texts, error);
    if (!status) status = texts_means(c, &texts, means, error);
    if (!status) status = write_languages(c, means, out, error);
    texts_free(&texts);
    return status;
}

static samestory_status write_cells(const float *centroid, size_t cells, size_t d, blob *out,
                                    samestory_error *error)
{
    out->size = 16 + cells * d;
    char *to = out->data = calloc(1, out->size);
    if (!to) return ss_fail_memory(error);
    uint32_t head[2] = {(uint32_t)cells, (uint32_t)d};
    memcpy(to, head, sizeof head);
    double scale = ss_vector_scale(d);
    for (size_t i = 0; i < cells * d; i++)
        to[16 + i] = (char)(int8_t)fmin(127, fmax(-127, round((double)centroid[i] * scale)));
    return SAMESTORY_OK;
}

samestory_status export_cells(const corpus *c, const table *t, const quantised *q, size_t cells,
                              const language_means *means, blob *out, samestory_error *error)
{
    drawn_texts texts = {0};
    size_t d = q->dimension, wish = cells * TEXTS_OF_CELL / (c->languages + !c->languages) + 1;
    float *centroid = malloc(cells * d * sizeof *centroid + 1);
    samestory_status status = centroid ? SAMESTORY_OK : ss_fail_memory(error);
    if (!status) status = texts_draw(c, t, q, wish, t->options.seed + 77, &texts, error);
    if (!status) texts_centre(&texts, means);
    if (cells > texts.count) cells = texts.count;
    if (!status)
        status = cells_find(texts.unit, texts.count, d, cells, t->options.seed + 77,
                            t->options.threads, centroid, error);
    if (!status) status = write_cells(centroid, cells, d, out, error);
    texts_free(&texts);
    free(centroid);
    return status;
}
