/* Stage vector (see the header). Cost: a random row of d / 2 bytes a feature, about 40 ns with its
 * look-up (bench/run, stage features_vector); rows are asked for from memory many words before they
 * are added, and the sums of words met lately are kept (known.h). */
#include "sketch/vector.h"

#include "sketch/features.h"
#include "sketch/known.h"

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

enum {
    FEATURES = 256, /* looked up at a time, so that their rows come from memory side by side */
    FEATURES_MAX = FEATURES + SS_WORD_FEATURES_MAX,
    BLOCK = 32, /* bytes of a row that are summed at a time, in registers */
    LEAST_BLOCK = 8
};

/* Features that wait for their rows, word by word. */
typedef struct waiting {
    uint64_t feature[FEATURES_MAX];
    int64_t row[FEATURES_MAX];
    size_t features;
    struct {
        ss_known *known; /* NULL: words that nobody remembers */
        size_t end;      /* of its features */
    } word[FEATURES];
    size_t words;
} waiting;

/* The sum of a document, and what has been added to it since there was room for `weight` more. */
typedef struct running {
    int64_t *total;
    int32_t part[SS_DIMENSION_MAX];
    size_t dimension, weight;
} running;

/* ---- Rows ------------------------------------------------------------------------------------ */

/* The rows of features, each asked for from memory as soon as it is known. */
FOR_EACH_CPU("popcnt")
static void find_rows(const samestory_model *m, const uint64_t *ids, size_t count, int64_t *rows)
{
    for (size_t i = 0; i < count; i++) {
        rows[i] = ss_model_row(m, ids[i]);
        if (rows[i] < 0) continue;
        const uint8_t *row = m->row + (size_t)rows[i] * m->dimension / 2;
        __builtin_prefetch(&m->scale[rows[i]]);
        for (size_t k = 0; k < m->dimension / 2; k += 64) __builtin_prefetch(row + k);
    }
}

/* A row's scale is a mantissa from 16 to 31 times 2^class: rows of one class are summed in 16 bits, so many
 * at a time. */
enum { CLASSES = 8, ROWS_AT_ONCE = UINT16_MAX / (15 * 31) };

/* Adds bytes first .. first + size - 1 of rows of one class: their nibbles times their scales, twice. */
static inline void add_block(const samestory_model *m, const uint32_t *rows, size_t count, int class,
                             size_t first, size_t size, int32_t *restrict sum)
{
    uint16_t low[BLOCK] = {0}, high[BLOCK] = {0};
    size_t half = m->dimension / 2;
    for (size_t r = 0; r < count; r++) {
        const uint8_t *row = m->row + (size_t)rows[r] * half + first;
        uint16_t mantissa = (uint16_t)(16 + (m->scale[rows[r]] & 15));
        for (size_t i = 0; i < size; i++) low[i] = (uint16_t)(low[i] + mantissa * (row[i] & 15));
        for (size_t i = 0; i < size; i++) high[i] = (uint16_t)(high[i] + mantissa * (row[i] >> 4));
    }
    for (size_t i = 0; i < size; i++) sum[first + i] += 2 * low[i] << class;
    for (size_t i = 0; i < size; i++) sum[half + first + i] += 2 * high[i] << class;
}

FOR_EACH_CPU("arch=x86-64-v4", "avx2")
static void add_class(const samestory_model *m, const uint32_t *rows, size_t count, int class,
                      int32_t *restrict sum)
{
    size_t first = 0, half = m->dimension / 2;
    for (; first + BLOCK <= half; first += BLOCK)
        add_block(m, rows, count, class, first, BLOCK, sum);
    for (; first < half; first += LEAST_BLOCK)
        add_block(m, rows, count, class, first, LEAST_BLOCK, sum);
}

/* Adds the rows, their levels times their scales; a level is twice its nibble, less 15. */
static void add_rows(const samestory_model *m, const int64_t *rows, size_t count, int32_t *sum)
{
    uint32_t sorted[FEATURES_MAX];
    size_t end[CLASSES] = {0};
    int32_t least = 0;
    for (size_t r = 0; r < count; r++) {
        if (rows[r] < 0) continue;
        uint8_t scale = m->scale[rows[r]];
        least += 15 * ss_row_scale(scale);
        end[scale >> 4]++;
    }
    for (size_t c = 1; c < CLASSES; c++) end[c] += end[c - 1];
    size_t at[CLASSES] = {0};
    memcpy(at + 1, end, (CLASSES - 1) * sizeof *at);
    for (size_t r = 0; r < count; r++)
        if (rows[r] >= 0) sorted[at[m->scale[rows[r]] >> 4]++] = (uint32_t)rows[r];
    for (size_t c = 0, first = 0; c < CLASSES; first = end[c++])
        for (; first < end[c]; first += ROWS_AT_ONCE) {
            size_t left = end[c] - first;
            add_class(m, sorted + first, left < ROWS_AT_ONCE ? left : ROWS_AT_ONCE, (int)c, sum);
        }
    for (size_t k = 0; k < m->dimension; k++) sum[k] -= least;
}

/* ---- Sums -------------------------------------------------------------------------------------
 */

/* A word's 448 features of at most 15 x 3,968, 64 times, stay below 2^31. */
enum { WORD_WEIGHT = SS_WORD_FEATURES_MAX, WEIGHT_MAX = 64 * WORD_WEIGHT };

/* How many of `left` times a word there is room for in an empty part. */
static int32_t times_at_once(uint32_t left)
{
    enum { MOST = WEIGHT_MAX / WORD_WEIGHT };
    return left < MOST ? (int32_t)left : MOST;
}

/* Makes room for `weight` features more in the part. */
static void make_room(running *s, size_t weight)
{
    s->weight += weight;
    if (s->weight <= WEIGHT_MAX) return;
    for (size_t k = 0; k < s->dimension; k++) s->total[k] += s->part[k];
    memset(s->part, 0, s->dimension * sizeof *s->part);
    s->weight = weight;
}

/* Adds a word, whose sum is word[k] * scale. */
FOR_EACH_CPU("avx512f", "avx2")
static void add_known(int32_t *restrict sum, const int16_t *restrict word, int32_t scale, size_t d)
{
    for (size_t i = 0; i < d; i++) sum[i] += (int32_t)word[i] * scale;
}

/* Adds what 16 bits don't hold of it: four more are in `low`, two components a byte. */
FOR_EACH_CPU("avx512f", "avx2")
static void add_low(int32_t *restrict sum, const uint8_t *restrict low, int32_t times, size_t d)
{
    for (size_t i = 0; i < d / 2; i++) sum[i] += (low[i] & 15) * times;
    for (size_t i = 0; i < d / 2; i++) sum[d / 2 + i] += (low[i] >> 4) * times;
}

/* Arithmetic shift, whatever the compiler does to negative numbers. */
static int32_t shifted(int32_t x, unsigned shift)
{
    return x < 0 ? ~(~x >> shift) : x >> shift;
}

/* Keeps the sum of a word's rows. Frequent features have small scales, so that frequent words fit
 * 16 bits; scales have common factors of two, so that many rare ones do. */
static void keep_sum(ss_known *known, const int32_t *word, size_t d)
{
    uint32_t bits = 0;
    int32_t least = 0, most = 0;
    for (size_t i = 0; i < d; i++) {
        bits |= (uint32_t)word[i];
        least = word[i] < least ? word[i] : least;
        most = word[i] > most ? word[i] : most;
    }
    unsigned shift = bits ? (unsigned)__builtin_ctz(bits) : 0;
    bool narrow = shifted(least, shift) >= INT16_MIN && shifted(most, shift) <= INT16_MAX;
    if (!narrow) shift = SS_KNOWN_LOW;
    if (shifted(least, shift) < INT16_MIN || shifted(most, shift) > INT16_MAX) {
        known->has |= SS_KNOWS_NO_VECTOR;
        return;
    }
    known->has |= narrow ? SS_KNOWS_VECTOR : SS_KNOWS_VECTOR | SS_KNOWS_LOW;
    known->shift = (uint8_t)shift;
    for (size_t i = 0; i < d; i++) known->vector[i] = (int16_t)shifted(word[i], shift);
    uint8_t *low = ss_known_low(known, d);
    for (size_t i = 0; i < d / 2 && !narrow; i++)
        low[i] = (uint8_t)((word[i] & 15) | (word[d / 2 + i] & 15) << 4);
}

FOR_EACH_CPU("avx512f", "avx2")
static void add_sum(int32_t *restrict sum, const int32_t *restrict word, int32_t times, size_t d)
{
    for (size_t i = 0; i < d; i++) sum[i] += word[i] * times;
}

/* Adds the rows of a word as often as the text has it, and keeps their sum. */
static void add_new(const samestory_model *m, const int64_t *rows, size_t count, ss_known *known,
                    running *s)
{
    int32_t word[SS_DIMENSION_MAX];
    memset(word, 0, s->dimension * sizeof *word);
    add_rows(m, rows, count, word);
    if (!(known->has & SS_KNOWS_NO_VECTOR)) keep_sum(known, word, s->dimension);
    for (uint32_t left = known->times; left > 0;) {
        int32_t times = times_at_once(left);
        make_room(s, (size_t)times * WORD_WEIGHT);
        add_sum(s->part, word, times, s->dimension);
        left -= (uint32_t)times;
    }
}

static void add_waiting(const samestory_model *m, waiting *w, running *s)
{
    find_rows(m, w->feature, w->features, w->row);
    for (size_t i = 0, start = 0; i < w->words; i++) {
        size_t count = w->word[i].end - start;
        if (w->word[i].known) {
            add_new(m, w->row + start, count, w->word[i].known, s);
        } else {
            make_room(s, count);
            add_rows(m, w->row + start, count, s->part);
        }
        start = w->word[i].end;
    }
    w->words = w->features = 0;
}

static void wait_for(const samestory_model *m, const ss_word *word, waiting *w)
{
    uint64_t *feature = w->feature + w->features;
    size_t count = ss_word_features(m, word, feature);
    for (size_t i = 0; i < count; i++) {
        size_t bucket = feature[i] >> (64 - m->bits);
        __builtin_prefetch(&m->rank[bucket >> 9]);
        __builtin_prefetch(&m->present[bucket >> 9 << 3]);
        __builtin_prefetch(&m->present[bucket >> 6]);
    }
    w->features += count;
    bool joins = !word->known && w->words && !w->word[w->words - 1].known;
    if (!joins) w->word[w->words++].known = word->known;
    w->word[w->words - 1].end = w->features;
}

/* Adds a word as often as the text has it. */
static void add_times(running *s, const ss_known *known)
{
    for (uint32_t left = known->times; left > 0;) {
        int32_t times = times_at_once(left);
        make_room(s, (size_t)times * WORD_WEIGHT);
        add_known(s->part, known->vector, times << known->shift, s->dimension);
        if (known->has & SS_KNOWS_LOW)
            add_low(s->part, ss_known_low(known, s->dimension), times, s->dimension);
        left -= (uint32_t)times;
    }
}

void ss_vector_sum(const samestory_model *model, const ss_words *words, int64_t *total)
{
    waiting w;
    running s;
    s.total = total;
    s.dimension = model->dimension;
    s.weight = w.features = w.words = 0;
    memset(s.part, 0, s.dimension * sizeof *s.part);
    memset(total, 0, s.dimension * sizeof *total);
    for (size_t i = 0; i < words->count; i++) {
        ss_known *known = words->items[i].known;
        if (known && known->first != i) continue; /* it is added with the first */
        if (known && known->has & SS_KNOWS_VECTOR) {
            add_times(&s, known);
            continue;
        }
        wait_for(model, &words->items[i], &w);
        if (w.features >= FEATURES || w.words == FEATURES) add_waiting(model, &w, &s);
    }
    add_waiting(model, &w, &s);
    for (size_t k = 0; k < s.dimension; k++) total[k] += s.part[k];
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
