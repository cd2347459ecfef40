/* Quantising a trained table, and what is measured with it: language means and cells. */
#include "train/export.h"

#include "base/status.h"
#include "sketch/vector.h"
#include "train/cells.h"
#include "train/texts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SHIFT_MAX = 8, ALIGN = 64, TEXTS_OF_CELL = 30 };

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

/* ---- LANGUAGES and CELLS -------------------------------------------------------------------------------- */

static samestory_status write_languages(const corpus *c, const float *mean, const uint32_t *documents,
                                        size_t d, blob *out, samestory_error *error)
{
    size_t mean_at = aligned(16 + c->languages * sizeof(ss_language_entry));
    size_t mean_size = (c->languages + 1) * d * sizeof *mean;
    out->size = mean_at + mean_size;
    char *to = out->data = calloc(1, out->size);
    if (!to) return ss_fail_memory(error);
    uint32_t head[2] = {(uint32_t)c->languages, (uint32_t)d};
    memcpy(to, head, sizeof head);
    for (size_t l = 0; l < c->languages; l++) {
        ss_language_entry entry = c->language[l];
        entry.documents = documents[l];
        memcpy(to + 16 + l * sizeof entry, &entry, sizeof entry);
    }
    memcpy(to + mean_at, mean, mean_size);
    return SAMESTORY_OK;
}

samestory_status export_languages(const corpus *c, const table *t, const quantised *q,
                                  size_t of_language, blob *out, samestory_error *error)
{
    drawn_texts texts = {0};
    uint32_t documents[SS_LANGUAGES_MAX];
    size_t d = q->dimension;
    float *mean = malloc((c->languages + 1) * d * sizeof *mean);
    samestory_status status = mean ? SAMESTORY_OK : ss_fail_memory(error);
    if (!status) status = texts_draw(c, t, q, of_language, t->options.seed + 99, &texts, error);
    if (!status) status = texts_means(c, &texts, mean, documents, error);
    if (!status) status = write_languages(c, mean, documents, d, out, error);
    texts_free(&texts);
    free(mean);
    return status;
}

/* The means as export_languages wrote them. */
static float *means_of(const corpus *c, const blob *languages)
{
    size_t at = aligned(16 + c->languages * sizeof(ss_language_entry));
    float *mean = malloc(languages->size - at);
    if (mean) memcpy(mean, (const char *)languages->data + at, languages->size - at);
    return mean;
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
                              const blob *languages, blob *out, samestory_error *error)
{
    drawn_texts texts = {0};
    size_t d = q->dimension, wish = cells * TEXTS_OF_CELL / (c->languages + !c->languages) + 1;
    float *mean = means_of(c, languages), *centroid = malloc(cells * d * sizeof *centroid + 1);
    samestory_status status = mean && centroid ? SAMESTORY_OK : ss_fail_memory(error);
    if (!status) status = texts_draw(c, t, q, wish, t->options.seed + 77, &texts, error);
    if (!status) texts_centre(&texts, mean);
    if (cells > texts.count) cells = texts.count;
    if (!status)
        status = cells_find(texts.unit, texts.count, d, cells, t->options.seed + 77,
                            t->options.threads, centroid, error);
    if (!status) status = write_cells(centroid, cells, d, out, error);
    texts_free(&texts);
    free(mean);
    free(centroid);
    return status;
}
