/* Stage vector (see the header). Cost: a random row of d / 2 bytes a feature, about 40 ns with its
 * look-up (bench/run, stage features_vector); the rows of a word are asked for before the first is added,
 * and words met lately are not summed again. */
#include "sketch/vector.h"

#include "sketch/features.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double ss_vector_scale(size_t dimension)
{
    return SS_VECTOR_SCALE * sqrt((double)dimension / 256.0);
}

/* not under ThreadSanitizer, which the choice of a clone would run before it is ready */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__SANITIZE_THREAD__)
#define FOR_EACH_CPU(...) __attribute__((target_clones(__VA_ARGS__, "default")))
#else
#define FOR_EACH_CPU(...)
#endif

FOR_EACH_CPU("avx512f", "avx2")
static void add_row(int32_t *restrict sum, const uint8_t *restrict row, int32_t scale, size_t d)
{
    int32_t least = 15 * scale;
    for (size_t i = 0; i < d / 2; i++) sum[i] += 2 * scale * (row[i] & 15) - least;
    for (size_t i = 0; i < d / 2; i++) sum[d / 2 + i] += 2 * scale * (row[i] >> 4) - least;
}

FOR_EACH_CPU("avx512f", "avx2")
static void add_sum(int32_t *restrict sum, const int32_t *restrict word, size_t d)
{
    for (size_t i = 0; i < d; i++) sum[i] += word[i];
}

/* The rows of features, each asked for from memory as soon as it is known. */
FOR_EACH_CPU("popcnt")
static void find_rows(const samestory_model *m, const uint64_t *ids, size_t count, int64_t *rows)
{
    for (size_t i = 0; i < count; i++) {
        rows[i] = ss_model_row(m, ids[i]);
        if (rows[i] < 0) continue;
        const uint8_t *row = m->row + (size_t)rows[i] * m->dimension / 2;
        for (size_t k = 0; k < m->dimension / 2; k += 64) __builtin_prefetch(row + k);
    }
}

static void add_word(const samestory_model *m, const ss_word *word, int32_t *sum)
{
    uint64_t ids[SS_WORD_FEATURES_MAX];
    int64_t rows[SS_WORD_FEATURES_MAX];
    size_t d = m->dimension, count = ss_word_features(m, word, ids);
    find_rows(m, ids, count, rows);
    for (size_t i = 0; i < count; i++)
        if (rows[i] >= 0) add_row(sum, m->row + (size_t)rows[i] * d / 2, ss_row_scale(m->scale[rows[i]]), d);
}

/* ---- Words met lately: a word has one place, and the last to come there holds it ----------------- */

enum { PLACES = 8192 };

struct ss_word_sums {
    uint64_t key[PLACES]; /* hash of the word; 0: empty */
    int32_t *sum;         /* (PLACES, dimension) */
};

ss_word_sums *ss_word_sums_new(const samestory_model *model)
{
    ss_word_sums *s = calloc(1, sizeof *s);
    if (!s) return NULL;
    s->sum = malloc((size_t)PLACES * model->dimension * sizeof *s->sum);
    if (!s->sum) {
        free(s);
        return NULL;
    }
    return s;
}

void ss_word_sums_free(ss_word_sums *sums)
{
    if (!sums) return;
    free(sums->sum);
    free(sums);
}

static void add_known_word(const samestory_model *m, ss_word_sums *known, const ss_word *word,
                           int32_t *sum)
{
    uint64_t key = ss_word_hash(word->form, word->form_size);
    int32_t *place = known->sum + key % PLACES * m->dimension;
    if (known->key[key % PLACES] != key || !key) {
        memset(place, 0, m->dimension * sizeof *place);
        add_word(m, word, place);
        known->key[key % PLACES] = key;
    }
    add_sum(sum, place, m->dimension);
}

void ss_vector_sum(const samestory_model *model, ss_word_sums *known, const ss_words *words,
                   int64_t *sum)
{
    /* 64 words of 448 features of at most 15 x 3,968 stay below 2^31 */
    enum { FLUSH = 64 };
    int32_t part[SS_DIMENSION_MAX];
    size_t d = model->dimension;
    memset(sum, 0, d * sizeof *sum);
    for (size_t i = 0; i < words->count;) {
        memset(part, 0, d * sizeof *part);
        for (size_t k = 0; k < FLUSH && i < words->count; k++, i++) {
            if (known && !words->items[i].run) add_known_word(model, known, &words->items[i], part);
            else add_word(model, &words->items[i], part);
        }
        for (size_t k = 0; k < d; k++) sum[k] += part[k];
    }
}

bool ss_make_unit(double *x, size_t d)
{
    double square = 0;
    for (size_t i = 0; i < d; i++) square += x[i] * x[i];
    if (!(square > 0)) return false;
    double norm = sqrt(square);
    for (size_t i = 0; i < d; i++) x[i] /= norm;
    return true;
}

bool ss_vector_unit(const int64_t *sum, size_t dimension, double *unit)
{
    for (size_t i = 0; i < dimension; i++) unit[i] = (double)sum[i];
    return ss_make_unit(unit, dimension);
}

void ss_vector_centre(double *x, size_t d, const float *mean, const float *directions, size_t count)
{
    for (size_t i = 0; i < d; i++) x[i] -= (double)mean[i];
    for (size_t r = 0; r < count; r++, directions += d) {
        double dot = 0;
        for (size_t i = 0; i < d; i++) dot += x[i] * (double)directions[i];
        for (size_t i = 0; i < d; i++) x[i] -= dot * (double)directions[i];
    }
}

void ss_vector_finish(const samestory_model *model, const int64_t *sum, unsigned language,
                      int8_t *vector)
{
    double x[SS_DIMENSION_MAX];
    size_t d = model->dimension;
    const float *mean =
        model->mean + (language < model->languages ? language : model->languages) * d;
    memset(vector, 0, d);
    if (!ss_vector_unit(sum, d, x)) return;
    ss_vector_centre(x, d, mean, model->direction, model->directions);
    if (!ss_make_unit(x, d)) return;
    double scale = ss_vector_scale(d);
    for (size_t i = 0; i < d; i++) {
        double y = round(x[i] * scale);
        vector[i] = (int8_t)(y > 127 ? 127 : y < -127 ? -127 : y);
    }
}
