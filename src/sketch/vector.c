/* Stage vector (see the header). Cost: a random row of d / 2 bytes a feature, about 40 ns with its
 * look-up (bench/run, stage features_vector); rows are asked for from memory many words before they
 * are added, and the sums of words met lately are kept (known.h). */
#include "sketch/vector.h"

#include "base/clones.h"
#include "sketch/features.h"
#include "sketch/known.h"
#include "sketch/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double ss_vector_scale(size_t dimension)
{
    return SS_VECTOR_SCALE * sqrt((double)dimension / 256.0);
}

enum {
    FEATURES = 256, /* looked up at a time, so that their rows come from memory side by side */
    FEATURES_MAX = FEATURES + SS_WORD_FEATURES_MAX,
    READY = 32 /* known words, half of which are added when there are so many */
};

/* Features that wait for their rows, word by word. */
typedef struct waiting {
    uint64_t feature[FEATURES_MAX];
    uint32_t row[FEATURES_MAX];
    size_t features;
    struct {
        ss_known *known; /* NULL: words that nobody remembers */
        size_t end;      /* of its features; then of its rows */
    } word[FEATURES];
    size_t words;
} waiting;

/* The sum of a document: what doesn't fit into 32 bits any more, and a part that does. Words that
 * are known wait for their vectors to come from memory. */
typedef struct running {
    int64_t *total, most; /* what is in the part and in those that wait stays below `most` */
    int32_t part[SS_DIMENSION_MAX];
    size_t dimension, ready_count;
    ss_scaled ready[READY];
    const ss_known *known[READY];
} running;

/* ---- Rows ------------------------------------------------------------------------------------ */

/* The rows of features, those that have one, each asked for from memory as soon as it is known. */
FOR_EACH_CPU("popcnt")
static size_t find_rows(const samestory_model *m, const uint64_t *ids, size_t count, uint32_t *rows)
{
    size_t found = 0, half = m->dimension / 2;
    for (size_t i = 0; i < count; i++) {
        int64_t number = ss_model_row(m, ids[i]);
        if (number < 0) continue;
        const uint8_t *row = m->row + (size_t)number * half;
        __builtin_prefetch(&m->scale[number]);
        for (size_t k = 0; k < half; k += 64) __builtin_prefetch(row + k);
        rows[found++] = (uint32_t)number;
    }
    return found;
}

/* ---- Sums -------------------------------------------------------------------------------------
 */

/* Adds what 16 bits don't hold of a word: four more are in `low`, two components a byte. */
FOR_EACH_CPU("avx512f", "avx2")
static void add_low(int32_t *restrict sum, const uint8_t *restrict low, int32_t times, size_t d)
{
    for (size_t i = 0; i < d / 2; i++) sum[i] += (low[i] & 15) * times;
    for (size_t i = 0; i < d / 2; i++) sum[d / 2 + i] += (low[i] >> 4) * times;
}

/* Adds the first of the known words. */
static void add_ready(running *s, size_t count)
{
    ss_scaled_add(s->ready, count, s->dimension, s->part);
    for (size_t i = 0; i < count; i++) {
        const ss_known *known = s->known[i];
        if (known->has & SS_KNOWS_LOW)
            add_low(s->part, ss_known_low(known, s->dimension), s->ready[i].scale >> known->shift,
                    s->dimension);
    }
    s->ready_count -= count;
    memmove(s->ready, s->ready + count, s->ready_count * sizeof *s->ready);
    memmove(s->known, s->known + count, s->ready_count * sizeof *s->known);
}

/* Makes room in the part for components of up to `most`. */
static void make_room(running *s, int64_t most)
{
    s->most += most;
    if (s->most <= INT32_MAX) return;
    add_ready(s, s->ready_count);
    for (size_t k = 0; k < s->dimension; k++) s->total[k] += s->part[k];
    memset(s->part, 0, s->dimension * sizeof *s->part);
    s->most = most;
}

enum {
    FEATURE_MOST = 15 * 3968,
    TIMES = 64,   /* that a word is added at once: so often its 448 features stay below 2^31, */
    SHIFT_MAX = 8 /* and TIMES << SHIFT_MAX fits 16 bits */
};

_Static_assert((int64_t)TIMES * SS_WORD_FEATURES_MAX * FEATURE_MOST <= INT32_MAX, "room for a word");

/* Arithmetic shift, whatever the compiler does to negative numbers. */
static int32_t shifted(int32_t x, unsigned shift)
{
    return x < 0 ? ~(~x >> shift) : x >> shift;
}

/* What all components have in common: bits that some has, the least and the largest. */
typedef struct extent {
    uint32_t bits;
    int32_t least, most;
} extent;

FOR_EACH_CPU("arch=x86-64-v4", "avx2")
static extent extent_of(const int32_t *word, size_t d)
{
    uint32_t bits = 0;
    int32_t least = 0, most = 0;
    for (size_t i = 0; i < d; i++) bits |= (uint32_t)word[i];
    for (size_t i = 0; i < d; i++) least = word[i] < least ? word[i] : least;
    for (size_t i = 0; i < d; i++) most = word[i] > most ? word[i] : most;
    return (extent){bits, least, most};
}

FOR_EACH_CPU("arch=x86-64-v4", "avx2")
static void shift_all(const int32_t *restrict word, unsigned shift, int16_t *restrict out, size_t d)
{
    for (size_t i = 0; i < d; i++) out[i] = (int16_t)shifted(word[i], shift);
}

FOR_EACH_CPU("arch=x86-64-v4", "avx2")
static void take_low(const int32_t *restrict word, uint8_t *restrict low, size_t d)
{
    for (size_t i = 0; i < d / 2; i++)
        low[i] = (uint8_t)((word[i] & 15) | (word[d / 2 + i] & 15) << 4);
}

/* Keeps the sum of a word's rows. Frequent features have small scales, so that frequent words fit
 * 16 bits; scales have common factors of two, so that many rare ones do. */
static void keep_sum(ss_known *known, const int32_t *word, size_t d)
{
    extent e = extent_of(word, d);
    unsigned shift = e.bits ? (unsigned)__builtin_ctz(e.bits) : 0;
    if (shift > SHIFT_MAX) shift = SHIFT_MAX;
    bool narrow = shifted(e.least, shift) >= INT16_MIN && shifted(e.most, shift) <= INT16_MAX;
    if (!narrow) shift = SS_KNOWN_LOW;
    if (shifted(e.least, shift) < INT16_MIN || shifted(e.most, shift) > INT16_MAX) {
        known->has |= SS_KNOWS_NO_VECTOR;
        return;
    }
    known->has |= narrow ? SS_KNOWS_VECTOR : SS_KNOWS_VECTOR | SS_KNOWS_LOW;
    known->shift = (uint8_t)shift;
    shift_all(word, shift, known->vector, d);
    if (!narrow) take_low(word, ss_known_low(known, d), d);
}

FOR_EACH_CPU("avx512f", "avx2")
static void add_sum(int32_t *restrict sum, const int32_t *restrict word, int32_t times, size_t d)
{
    for (size_t i = 0; i < d; i++) sum[i] += word[i] * times;
}

/* Adds the rows of a word as often as the text has it, and keeps their sum. */
static void add_new(const samestory_model *m, const uint32_t *rows, size_t count, ss_known *known,
                    running *s)
{
    int32_t word[SS_DIMENSION_MAX];
    memset(word, 0, s->dimension * sizeof *word);
    ss_rows_add(m, rows, count, word);
    if (!(known->has & SS_KNOWS_NO_VECTOR)) keep_sum(known, word, s->dimension);
    for (uint32_t left = known->times, times; left > 0; left -= times) {
        times = left < TIMES ? left : TIMES;
        make_room(s, (int64_t)(times * count) * FEATURE_MOST);
        add_sum(s->part, word, (int32_t)times, s->dimension);
    }
}

static void add_waiting(const samestory_model *m, waiting *w, running *s)
{
    for (size_t i = 0, start = 0, rows = 0; i < w->words; i++) {
        size_t features = w->word[i].end - start;
        start = w->word[i].end;
        rows += find_rows(m, w->feature + start - features, features, w->row + rows);
        w->word[i].end = rows;
    }
    for (size_t i = 0, start = 0; i < w->words; i++) {
        size_t count = w->word[i].end - start;
        if (w->word[i].known) {
            add_new(m, w->row + start, count, w->word[i].known, s);
        } else {
            make_room(s, (int64_t)count * FEATURE_MOST);
            ss_rows_add(m, w->row + start, count, s->part);
        }
        start = w->word[i].end;
    }
    w->words = w->features = 0;
}

static void wait_for(const samestory_model *m, const ss_word *word, waiting *w)
{
    uint64_t *feature = w->feature + w->features;
    size_t count = ss_word_features(m, word, feature);
    for (size_t i = 0; i < count; i++) ss_model_row_soon(m, feature[i]);
    w->features += count;
    bool joins = !word->known && w->words && !w->word[w->words - 1].known;
    if (!joins) w->word[w->words++].known = word->known;
    w->word[w->words - 1].end = w->features;
}

/* Asks for the vector of a known word, to add it as often as the text has it. */
static void wait_for_known(running *s, const ss_known *known)
{
    const char *vector = (const char *)known->vector;
    size_t size = s->dimension * sizeof *known->vector;
    for (size_t at = 0; at < size; at += 64) __builtin_prefetch(vector + at);
    size_t low = known->has & SS_KNOWS_LOW ? size : 0; /* else what is asked for already */
    for (size_t at = 0; at < s->dimension / 2; at += 64) __builtin_prefetch(vector + low + at);
    for (uint32_t left = known->times, times; left > 0; left -= times) {
        times = left < TIMES ? left : TIMES;
        if (s->ready_count == READY) add_ready(s, READY / 2);
        make_room(s, (int64_t)times << (15 + known->shift));
        s->known[s->ready_count] = known;
        s->ready[s->ready_count++] = (ss_scaled){known->vector, (int32_t)times << known->shift};
    }
}

void ss_vector_sum(const samestory_model *model, const ss_words *words, int64_t *total)
{
    waiting w;
    running s;
    s.total = total;
    s.dimension = model->dimension;
    s.most = 0;
    s.ready_count = w.features = w.words = 0;
    memset(s.part, 0, s.dimension * sizeof *s.part);
    memset(total, 0, s.dimension * sizeof *total);
    for (size_t i = 0; i < words->count; i++) {
        ss_known *known = words->items[i].known;
        if (known && known->first != i) continue; /* it is added with the first */
        if (known && known->has & SS_KNOWS_VECTOR) {
            wait_for_known(&s, known);
            continue;
        }
        wait_for(model, &words->items[i], &w);
        if (w.features >= FEATURES || w.words == FEATURES) add_waiting(model, &w, &s);
    }
    add_waiting(model, &w, &s);
    add_ready(&s, s.ready_count);
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

/* ---- The canonical vector ----------------------------------------------------------------------
 *
 * Its definition adds up one component after the other, and each addition waits for the one before.
 * So it is first done in the order that is quick here, which differs from the definition by roundings
 * alone: two such sums of 1,024 products of components of vectors no longer than 2 by less than
 * 2.5e-13, what is left after 64 directions by 2e-11, and the canonical components, 960 times as
 * large at most and divided by a length of .05 or more, by 4e-7. Where none of them comes as near to
 * a half as 1e-6, rounding gives the same bytes. One vector in 2,000 is done again. */

enum { LANES = 16 };

static const double quick_error = 1e-6, quick_length = .05;
static const double to_whole = 0x1.8p52; /* what is added to it loses its fraction */

static inline double lane_sum(const double lane[LANES])
{
    double sum = 0;
    for (size_t i = 0; i < LANES; i++) sum += lane[i];
    return sum;
}

static inline double quick_square(const double *x, size_t d)
{
    double lane[LANES] = {0};
    for (size_t i = 0; i < d; i += LANES)
        for (size_t k = 0; k < LANES; k++) lane[k] += x[i + k] * x[i + k];
    return lane_sum(lane);
}

static inline double quick_dot(const double *x, const float *y, size_t d)
{
    double lane[LANES] = {0};
    for (size_t i = 0; i < d; i += LANES)
        for (size_t k = 0; k < LANES; k++) lane[k] += x[i + k] * (double)y[i + k];
    return lane_sum(lane);
}

/* false: whether the vector is the canonical one is not certain. d: a multiple of 16. */
FOR_EACH_CPU("arch=x86-64-v4", "avx2")
static bool finish_quickly(const samestory_model *m, const int64_t *sum, const float *mean,
                           double scale, int8_t *restrict vector)
{
    double x[SS_DIMENSION_MAX];
    size_t d = m->dimension;
    for (size_t i = 0; i < d; i++) x[i] = (double)sum[i];
    double square = quick_square(x, d), factor = 1 / sqrt(square);
    if (!(square > 0)) return false;
    for (size_t i = 0; i < d; i++) x[i] = x[i] * factor - (double)mean[i];
    for (size_t r = 0; r < m->directions; r++) {
        const float *direction = m->direction + r * d;
        double dot = quick_dot(x, direction, d);
        for (size_t i = 0; i < d; i++) x[i] -= dot * (double)direction[i];
    }
    square = quick_square(x, d);
    if (!(square > quick_length * quick_length)) return false;
    factor = scale / sqrt(square);
    int64_t doubtful = 0;
    for (size_t i = 0; i < d; i++) {
        double y = x[i] * factor;
        y = y > 127 ? 127 : y;
        x[i] = y < -127 ? -127 : y;
    }
    for (size_t i = 0; i < d; i++) { /* halves go to even numbers here, but those are doubtful */
        double whole = x[i] + to_whole - to_whole;
        doubtful += fabs(x[i] - whole) > .5 - quick_error ? 1 : 0;
        vector[i] = (int8_t)(int32_t)whole;
    }
    return !doubtful;
}

/* As the definition has it. */
static void finish(const samestory_model *model, const int64_t *sum, const float *mean,
                   int8_t *vector)
{
    double x[SS_DIMENSION_MAX];
    size_t d = model->dimension;
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

void ss_vector_finish(const samestory_model *model, const int64_t *sum, unsigned language,
                      int8_t *vector)
{
    const float *mean = model->mean + (language < model->languages ? language : model->languages) *
                                          (size_t)model->dimension;
    if (!model->usual_lengths ||
        !finish_quickly(model, sum, mean, ss_vector_scale(model->dimension), vector))
        finish(model, sum, mean, vector);
}
