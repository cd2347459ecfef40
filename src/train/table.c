/* Training the table. One step: draw a batch of pairs (some of them joined neighbours), sum rows to
 * units and units to texts, compare all texts of one side with all of the other (sgemm), and carry
 * the gradient back the same way: texts -> units -> rows, each row changed once, by one thread. So a
 * run gives the same table for any number of threads on one CPU path.
 *
 * Cost at d = 256, batch 2048: 7,000 to 10,000 pairs/s on two cores (AMD Zen 4), bound by memory; 6
 * bytes x d a row, and 2 for every unit of the batch. */
#include "train/table.h"

#include "base/file.h"
#include "base/pool.h"
#include "train/loops.h"
#include "train/random.h"

#include <cblas.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

enum { JOIN_MAX = 6, DIMENSION_MAX = 1024, DROP_LEAST = 5 /* units */, AHEAD = 3 /* rows asked for before they are needed */, HUGE_PAGE = 1 << 21 };

/* Memory that is walked at random: on huge pages where the system has them. */
static void *rows_new(size_t count, size_t item)
{
    size_t size = (count * item + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    void *rows = aligned_alloc(HUGE_PAGE, size);
#ifdef MADV_HUGEPAGE
    if (rows) madvise(rows, size, MADV_HUGEPAGE); /* a wish: no harm if it fails */
#endif
    return rows;
}

/* ---- Rows ------------------------------------------------------------------------------------------ */

int64_t table_row(const table *t, uint64_t feature)
{
    uint32_t bucket = (uint32_t)(feature >> (64 - t->options.bits));
    uint64_t word = t->present[bucket >> 6], bit = (uint64_t)1 << (bucket & 63);
    if (word & bit)
        return (int64_t)t->rank[bucket >> 6] + __builtin_popcountll(word & (bit - 1));
    size_t shared = t->options.shared;
    return shared ? (int64_t)(t->rows - shared + (uint32_t)feature % shared) : -1;
}

/* Languages with more than this share of the texts are not drawn less for it. */
static const double frequent_language = 0.1;

double *group_draws(const corpus *c, const table_options *o)
{
    double *draw = malloc(c->groups * sizeof *draw), share[SS_LANGUAGES_MAX] = {0}, total = 0;
    if (!draw) return NULL;
    for (size_t g = 0; g < c->groups; g++) {
        const text_group *x = &c->group[g];
        double size = (double)(x->end - x->first);
        draw[g] = size > 0 ? x->weight * pow(size, o->alpha - 1) : 0;
        for (int side = 0; side < 2; side++) share[x->language[side]] += draw[g] * size;
        total += draw[g] * size;
    }
    for (size_t g = 0; g < c->groups; g++) {
        const uint8_t *language = c->group[g].language;
        double rarer = fmin(share[language[0]], share[language[1]]) / total;
        if (rarer > 0) draw[g] *= pow(fmin(rarer / frequent_language, 1), -o->balance);
    }
    return draw;
}

/* How often each unit is drawn, in expectation. */
static double *unit_counts(const corpus *c, const table_options *o)
{
    double *draw = group_draws(c, o), *count = calloc(c->unit_kinds, sizeof *count);
    for (size_t g = 0; draw && count && g < c->groups; g++)
        for (size_t p = c->group[g].first; p < c->group[g].end; p++) {
            const text_pair *pair = &c->pair[p];
            size_t units = (size_t)pair->units[0] + pair->units[1];
            for (size_t i = 0; i < units; i++) count[c->unit[pair->first + i]] += draw[g];
        }
    if (!draw) {
        free(count);
        count = NULL;
    }
    free(draw);
    return count;
}

static int descending(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x < y) - (x > y);
}

/* Marks the `own` most frequent buckets as present, and ranks them. */
static bool choose_rows(table *t, const float *bucket_count)
{
    size_t buckets = (size_t)1 << t->options.bits;
    float *sorted = malloc(buckets * sizeof *sorted);
    t->present = calloc(buckets / 64, sizeof *t->present);
    t->rank = calloc(buckets / 64, sizeof *t->rank);
    if (!sorted || !t->present || !t->rank) {
        free(sorted);
        return false;
    }
    memcpy(sorted, bucket_count, buckets * sizeof *sorted);
    qsort(sorted, buckets, sizeof *sorted, descending);
    size_t own = t->options.own < buckets ? t->options.own : buckets;
    float least = own ? sorted[own - 1] : INFINITY;
    free(sorted);
    size_t rows = 0, ties = own;
    for (size_t b = 0; b < buckets; b++) ties -= bucket_count[b] > least;
    for (size_t b = 0; b < buckets; b++) { /* of those as frequent as the last one, the first */
        if (b % 64 == 0) t->rank[b / 64] = (uint32_t)rows;
        bool tie = !(bucket_count[b] > least) && !(bucket_count[b] < least);
        if (bucket_count[b] <= 0 || bucket_count[b] < least || (tie && !ties)) continue;
        ties -= tie;
        t->present[b / 64] |= (uint64_t)1 << (b % 64);
        rows++;
    }
    t->rows = rows + t->options.shared;
    return true;
}

static samestory_status start_rows(const corpus *c, table *t, samestory_error *error)
{
    samestory_status status = SAMESTORY_NO_MEMORY;
    const table_options *o = &t->options;
    size_t buckets = (size_t)1 << o->bits;
    double *units = unit_counts(c, o), total = 0;
    float *bucket_count = calloc(buckets, sizeof *bucket_count);
    double *row_count = NULL;
    if (!units || !bucket_count) goto done;
    for (size_t u = 0; u < c->unit_kinds; u++)
        for (uint64_t f = c->feature_first[u]; f < c->feature_first[u + 1]; f++) {
            bucket_count[c->feature[f] >> (64 - o->bits)] += (float)units[u];
            total += units[u];
        }
    if (!choose_rows(t, bucket_count)) goto done;
    size_t size = t->rows * o->dimension;
    t->row = rows_new(size, sizeof *t->row);
    t->weight = malloc(t->rows * sizeof *t->weight);
    t->spent = calloc(t->rows, sizeof *t->spent);
    row_count = calloc(t->rows, sizeof *row_count);
    if (!t->row || !t->weight || !t->spent || !row_count) goto done;
    for (size_t u = 0; u < c->unit_kinds; u++)
        for (uint64_t f = c->feature_first[u]; f < c->feature_first[u + 1]; f++) {
            int64_t row = table_row(t, c->feature[f]);
            if (row >= 0) row_count[row] += units[u];
        }
    for (size_t r = 0; r < t->rows; r++)
        t->weight[r] = (float)(o->sif / (o->sif + row_count[r] / total));
    uint64_t random = o->seed;
    float spread = 0.35f / sqrtf((float)o->dimension);
    for (size_t i = 0; i < size; i++) t->row[i] = ((float)random_unit(&random) - 0.5f) * spread;
    status = SAMESTORY_OK;
done:
    free(units);
    free(bucket_count);
    free(row_count);
    return status ? ss_fail_memory(error) : SAMESTORY_OK;
}

/* ---- A batch ------------------------------------------------------------------------------------------ */

/* A sparse matrix: entries first[i] .. first[i + 1] of `entry` belong to row i. */
typedef struct sparse {
    uint32_t *first, *entry;
    size_t rows, entries, row_capacity, entry_capacity;
} sparse;

typedef struct trainer {
    const corpus *c;
    table *t;
    int32_t *unit_row;        /* rows of the features of every unit, -1: none; as corpus.feature */
    double *cumulative;       /* (groups): for drawing */
    uint32_t *seen_unit, *seen_row; /* local number + 1 in this batch, 0: not in it */
    uint32_t *units, *rows;   /* local number -> unit, row */
    size_t unit_count, row_count;
    sparse text_units, unit_texts, row_units;
    uint32_t *hash[2];        /* (batch) */
    bfloat16 *near;           /* (rows, d): weight x row, for summing */
    bfloat16 *unit_sum;       /* (unit_count, d): vectors, then gradients */
    size_t unit_sum_capacity;
    float *text[2], *gradient[2]; /* (batch, d) */
    bfloat16 *text_gradient;      /* (2 batch, d): both gradients, for summing */
    float *norm[2];
    float *score;             /* (batch, batch) */
    float *row_inverse, *column_inverse;
    double *loss;
    float rate;
} trainer;

static bool sparse_reserve(sparse *s, size_t rows, size_t entries)
{
    if (rows + 2 > s->row_capacity) {
        s->row_capacity = rows * 3 / 2 + 64;
        free(s->first);
        s->first = malloc(s->row_capacity * sizeof *s->first);
    }
    if (entries + 1 > s->entry_capacity) {
        s->entry_capacity = entries * 3 / 2 + 64;
        free(s->entry);
        s->entry = malloc(s->entry_capacity * sizeof *s->entry);
    }
    s->rows = rows;
    s->entries = entries;
    return s->first && s->entry;
}

/* to = transpose of `from`, whose entries are below `columns`. */
static bool sparse_transpose(const sparse *from, size_t columns, sparse *to)
{
    if (!sparse_reserve(to, columns, from->entries)) return false;
    memset(to->first, 0, (columns + 2) * sizeof *to->first);
    for (size_t i = 0; i < from->entries; i++) to->first[from->entry[i] + 2]++;
    for (size_t i = 2; i < columns + 2; i++) to->first[i] += to->first[i - 1];
    for (size_t r = 0; r < from->rows; r++)
        for (uint32_t i = from->first[r]; i < from->first[r + 1]; i++)
            to->entry[to->first[from->entry[i] + 1]++] = (uint32_t)r;
    return true;
}

static size_t draw_group(const trainer *t, uint64_t *random)
{
    double x = random_unit(random) * t->cumulative[t->c->groups - 1];
    size_t low = 0, high = t->c->groups - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (t->cumulative[middle] > x) high = middle;
        else low = middle + 1;
    }
    return low;
}

static uint32_t local_unit(trainer *t, uint32_t unit)
{
    if (!t->seen_unit[unit]) {
        t->units[t->unit_count++] = unit;
        t->seen_unit[unit] = (uint32_t)t->unit_count;
    }
    return t->seen_unit[unit] - 1;
}

/* Draws the texts of a step: text_units has 2 x batch rows, side 0 first. */
static bool draw_texts(trainer *t, uint64_t step)
{
    const table_options *o = &t->t->options;
    const corpus *c = t->c;
    typedef struct draw {
        uint32_t pair;
        uint8_t count, flip;
    } draw;
    draw *draws = malloc(o->batch * sizeof *draws);
    if (!draws) return false;
    uint64_t random = o->seed * 0x9E3779B97F4A7C15u + step + 1;
    size_t entries = 0;
    for (size_t i = 0; i < o->batch; i++) {
        const text_group *g = &c->group[draw_group(t, &random)];
        draw *d = &draws[i];
        d->pair = g->first + (uint32_t)random_below(&random, g->end - g->first);
        d->flip = random_next(&random) & 1;
        d->count = 1;
        if (g->chain && random_unit(&random) < o->join) {
            uint32_t want = 2 + (uint32_t)random_below(&random, JOIN_MAX - 1);
            uint32_t left = g->end - d->pair;
            d->count = (uint8_t)(want < left ? want : left);
        }
        for (uint32_t k = 0; k < d->count; k++)
            entries += (size_t)c->pair[d->pair + k].units[0] + c->pair[d->pair + k].units[1];
    }
    bool good = sparse_reserve(&t->text_units, 2 * o->batch, entries);
    size_t at = 0;
    for (size_t side = 0; side < 2 && good; side++)
        for (size_t i = 0; i < o->batch; i++) {
            const draw *d = &draws[i];
            size_t s = side ^ d->flip;
            uint32_t hash = 0;
            t->text_units.first[side * o->batch + i] = (uint32_t)at;
            for (uint32_t k = 0; k < d->count; k++) {
                const text_pair *p = &c->pair[d->pair + k];
                const uint32_t *unit = c->unit + p->first + (s ? p->units[0] : 0);
                for (size_t u = 0; u < p->units[s]; u++)
                    if (p->units[s] < DROP_LEAST || random_unit(&random) >= o->dropout)
                        t->text_units.entry[at++] = local_unit(t, unit[u]);
                hash = hash * 31 + p->hash[s];
            }
            t->hash[side][i] = hash;
        }
    if (good) {
        t->text_units.first[2 * o->batch] = (uint32_t)at;
        t->text_units.entries = at;
    }
    free(draws);
    return good;
}

/* The rows that the batch's units use: row_units, by way of unit -> rows. */
static bool find_rows(trainer *t, sparse *unit_rows)
{
    const corpus *c = t->c;
    size_t entries = 0;
    for (size_t u = 0; u < t->unit_count; u++)
        entries += c->feature_first[t->units[u] + 1] - c->feature_first[t->units[u]];
    if (!sparse_reserve(unit_rows, t->unit_count, entries)) return false;
    size_t at = 0;
    for (size_t u = 0; u < t->unit_count; u++) {
        unit_rows->first[u] = (uint32_t)at;
        for (uint64_t f = c->feature_first[t->units[u]]; f < c->feature_first[t->units[u] + 1]; f++) {
            int32_t row = t->unit_row[f];
            if (row < 0) continue;
            if (!t->seen_row[row]) {
                t->rows[t->row_count++] = (uint32_t)row;
                t->seen_row[row] = (uint32_t)t->row_count;
            }
            unit_rows->entry[at++] = t->seen_row[row] - 1;
        }
    }
    unit_rows->first[t->unit_count] = (uint32_t)at;
    unit_rows->entries = at;
    return sparse_transpose(unit_rows, t->row_count, &t->row_units);
}

static bool draw_batch(trainer *t, uint64_t step, sparse *unit_rows)
{
    for (size_t i = 0; i < t->unit_count; i++) t->seen_unit[t->units[i]] = 0;
    for (size_t i = 0; i < t->row_count; i++) t->seen_row[t->rows[i]] = 0;
    t->unit_count = t->row_count = 0;
    if (!draw_texts(t, step) || !sparse_transpose(&t->text_units, t->unit_count, &t->unit_texts) ||
        !find_rows(t, unit_rows))
        return false;
    size_t d = t->t->options.dimension;
    if (t->unit_count > t->unit_sum_capacity) {
        free(t->unit_sum);
        t->unit_sum_capacity = t->unit_count * 5 / 4;
        t->unit_sum = rows_new(t->unit_sum_capacity * d, sizeof *t->unit_sum);
    }
    return t->unit_sum != NULL;
}

/* ---- Forward -------------------------------------------------------------------------------------------- */

typedef struct pass {
    trainer *t;
    const sparse *unit_rows;
} pass;

static void sum_units(void *context, unsigned worker, size_t begin, size_t end)
{
    const pass *p = context;
    trainer *t = p->t;
    size_t d = t->t->options.dimension;
    float sum[DIMENSION_MAX];
    uint32_t last = p->unit_rows->first[end];
    (void)worker;
    for (size_t u = begin; u < end; u++) {
        row_zero(sum, d);
        for (uint32_t i = p->unit_rows->first[u]; i < p->unit_rows->first[u + 1]; i++) {
            if (i + AHEAD < last)
                row_prefetch(t->near + t->rows[p->unit_rows->entry[i + AHEAD]] * d, d * sizeof *t->near);
            row_gather(sum, t->near + t->rows[p->unit_rows->entry[i]] * d, d);
        }
        row_narrow(t->unit_sum + u * d, sum, d);
    }
}

static void sum_texts(void *context, unsigned worker, size_t begin, size_t end)
{
    const pass *p = context;
    trainer *t = p->t;
    size_t d = t->t->options.dimension, batch = t->t->options.batch;
    uint32_t last = t->text_units.first[end];
    (void)worker;
    for (size_t i = begin; i < end; i++) {
        float *sum = t->text[i / batch] + i % batch * d;
        row_zero(sum, d);
        for (uint32_t k = t->text_units.first[i]; k < t->text_units.first[i + 1]; k++) {
            if (k + AHEAD < last)
                row_prefetch(t->unit_sum + t->text_units.entry[k + AHEAD] * d,
                             d * sizeof *t->unit_sum);
            row_gather(sum, t->unit_sum + t->text_units.entry[k] * d, d);
        }
        float norm = sqrtf(row_dot(sum, sum, d) + 1e-12f);
        t->norm[i / batch][i % batch] = norm;
        row_scale(sum, 1 / norm, d);
    }
}

static void score_rows(void *context, unsigned worker, size_t begin, size_t end)
{
    const pass *p = context;
    trainer *t = p->t;
    const table_options *o = &t->t->options;
    int d = (int)o->dimension, batch = (int)o->batch;
    float scale = (float)o->scale;
    (void)worker;
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)(end - begin), batch, d, scale,
                t->text[0] + begin * o->dimension, d, t->text[1], d, 0,
                t->score + begin * o->batch, batch);
    for (size_t i = begin; i < end; i++) {
        float *row = t->score + i * o->batch, own = row[i];
        t->loss[i] = -2.0 * (own - scale);
        row_exp(row, scale, o->batch);
        own = row[i];
        row_mask(row, t->hash[0], t->hash[0][i], t->hash[1], t->hash[1][i], o->batch);
        row[i] = own;
        float sum = 0;
        for (size_t j = 0; j < o->batch; j++) sum += row[j];
        t->row_inverse[i] = 1 / sum;
        t->loss[i] += log(sum);
    }
}

static void sum_columns(void *context, unsigned worker, size_t begin, size_t end)
{
    const pass *p = context;
    trainer *t = p->t;
    size_t batch = t->t->options.batch;
    (void)worker;
    row_zero(t->column_inverse + begin, end - begin);
    for (size_t i = 0; i < batch; i++)
        row_add(t->column_inverse + begin, t->score + i * batch + begin, end - begin);
    for (size_t j = begin; j < end; j++) {
        t->loss[j] += log(t->column_inverse[j]);
        t->column_inverse[j] = 1 / t->column_inverse[j];
    }
}

/* ---- Backward ---------------------------------------------------------------------------------------------- */

static void weigh_scores(void *context, unsigned worker, size_t begin, size_t end)
{
    const pass *p = context;
    trainer *t = p->t;
    size_t batch = t->t->options.batch;
    (void)worker;
    for (size_t i = begin; i < end; i++) {
        row_weigh(t->score + i * batch, t->row_inverse[i], t->column_inverse, batch);
        t->score[i * batch + i] -= 2;
    }
}

/* The gradient of the texts' sums, from that of their unit vectors. */
static void through_norm(trainer *t, size_t side, size_t begin, size_t end)
{
    size_t d = t->t->options.dimension;
    for (size_t i = begin; i < end; i++) {
        float *g = t->gradient[side] + i * d, *x = t->text[side] + i * d;
        row_add_scaled(g, x, -row_dot(g, x, d), d);
        row_narrow_scaled(t->text_gradient + (side * t->t->options.batch + i) * d, g,
                          1 / t->norm[side][i], d);
    }
}

static void text_gradients(void *context, unsigned worker, size_t begin, size_t end)
{
    const pass *p = context;
    trainer *t = p->t;
    const table_options *o = &t->t->options;
    int d = (int)o->dimension, batch = (int)o->batch, rows = (int)(end - begin);
    float half = (float)o->scale / 2;
    (void)worker;
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, d, batch, half,
                t->score + begin * o->batch, batch, t->text[1], d, 0,
                t->gradient[0] + begin * o->dimension, d);
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, rows, d, batch, half, t->score + begin,
                batch, t->text[0], d, 0, t->gradient[1] + begin * o->dimension, d);
    through_norm(t, 0, begin, end);
    through_norm(t, 1, begin, end);
}

static void unit_gradients(void *context, unsigned worker, size_t begin, size_t end)
{
    const pass *p = context;
    trainer *t = p->t;
    size_t d = t->t->options.dimension;
    float sum[DIMENSION_MAX];
    (void)worker;
    for (size_t u = begin; u < end; u++) {
        row_zero(sum, d);
        for (uint32_t i = t->unit_texts.first[u]; i < t->unit_texts.first[u + 1]; i++)
            row_gather(sum, t->text_gradient + t->unit_texts.entry[i] * d, d);
        row_narrow(t->unit_sum + u * d, sum, d);
    }
}

static void step_rows(void *context, unsigned worker, size_t begin, size_t end)
{
    const pass *p = context;
    trainer *t = p->t;
    size_t d = t->t->options.dimension;
    float sum[DIMENSION_MAX];
    uint32_t last = t->row_units.first[end];
    (void)worker;
    for (size_t r = begin; r < end; r++) {
        size_t row = t->rows[r];
        row_prefetch(t->t->row + row * d, d * sizeof *t->t->row);
        row_zero(sum, d);
        for (uint32_t i = t->row_units.first[r]; i < t->row_units.first[r + 1]; i++) {
            if (i + AHEAD < last)
                row_prefetch(t->unit_sum + t->row_units.entry[i + AHEAD] * d,
                             d * sizeof *t->unit_sum);
            row_gather(sum, t->unit_sum + t->row_units.entry[i] * d, d);
        }
        float weight = t->t->weight[row];
        t->t->spent[row] += row_dot(sum, sum, d) * weight * weight / (float)d;
        float rate = t->rate * weight / sqrtf(t->t->spent[row] + 1e-12f);
        row_add_scaled(t->t->row + row * d, sum, -rate, d);
        row_narrow_scaled(t->near + row * d, t->t->row + row * d, weight, d);
    }
}

static double train_step(trainer *t, const sparse *unit_rows)
{
    const table_options *o = &t->t->options;
    pass p = {t, unit_rows};
    unsigned n = o->threads;
    ss_parallel(n, t->unit_count, 512, sum_units, &p);
    ss_parallel(n, 2 * o->batch, 64, sum_texts, &p);
    ss_parallel(n, o->batch, 256, score_rows, &p);
    ss_parallel(n, o->batch, 256, sum_columns, &p);
    ss_parallel(n, o->batch, 256, weigh_scores, &p);
    ss_parallel(n, o->batch, 256, text_gradients, &p);
    ss_parallel(n, t->unit_count, 512, unit_gradients, &p);
    ss_parallel(n, t->row_count, 1024, step_rows, &p);
    double loss = 0;
    for (size_t i = 0; i < o->batch; i++) loss += t->loss[i];
    return loss / (2.0 * (double)o->batch);
}

/* ---- Checkpoints ------------------------------------------------------------------------------------------ */

typedef struct checkpoint_head {
    char magic[16];
    table_options options; /* what must be the same to go on; the rest is zero */
    uint64_t rows, step, samples;
    uint64_t present; /* XXH3 of which buckets have rows: another corpus would give others */
    double seconds;
} checkpoint_head;

static checkpoint_head head_of(const table *t)
{
    checkpoint_head h;
    memset(&h, 0, sizeof h);
    memcpy(h.magic, "samestory train\n", 16);
    h.options.bits = t->options.bits;
    h.options.own = t->options.own;
    h.options.shared = t->options.shared;
    h.options.dimension = t->options.dimension;
    h.options.batch = t->options.batch;
    h.options.seed = t->options.seed;
    h.options.rate = t->options.rate;
    h.options.scale = t->options.scale;
    h.options.sif = t->options.sif;
    h.options.alpha = t->options.alpha;
    h.options.balance = t->options.balance;
    h.options.join = t->options.join;
    h.options.dropout = t->options.dropout;
    h.rows = t->rows;
    h.present = XXH3_64bits(t->present, ((size_t)1 << t->options.bits) / 8);
    h.step = t->step;
    h.samples = t->options.samples;
    h.seconds = t->seconds;
    return h;
}

static samestory_status checkpoint_write(const table *t, samestory_error *error)
{
    if (!t->options.checkpoint) return SAMESTORY_OK;
    checkpoint_head h = head_of(t);
    ss_piece pieces[] = {{&h, sizeof h},
                         {t->row, t->rows * t->options.dimension * sizeof *t->row},
                         {t->spent, t->rows * sizeof *t->spent}};
    return ss_file_write(t->options.checkpoint, pieces, 3, error);
}

static samestory_status checkpoint_read(table *t, samestory_error *error)
{
    const char *path = t->options.checkpoint;
    if (!path || access(path, R_OK)) return SAMESTORY_OK;
    void *data;
    size_t size, row_bytes = t->rows * t->options.dimension * sizeof *t->row;
    samestory_status status = ss_file_map(path, &data, &size, error);
    if (status) return status;
    checkpoint_head h, mine = head_of(t);
    bool good = size == sizeof h + row_bytes + t->rows * sizeof *t->spent;
    if (good) {
        memcpy(&h, data, sizeof h);
        mine.step = h.step;
        mine.samples = h.samples; /* more or fewer than was laid out at first: the rate follows */
        mine.seconds = h.seconds;
        good = !memcmp(&h, &mine, sizeof h);
    }
    if (good) {
        memcpy(t->row, (const char *)data + sizeof h, row_bytes);
        memcpy(t->spent, (const char *)data + sizeof h + row_bytes, t->rows * sizeof *t->spent);
        t->step = h.step;
        t->seconds = h.seconds;
    } else {
        status = ss_fail_at(error, SAMESTORY_MODEL_MISMATCH,
                            "is a checkpoint of another training, or of other data: remove it, or name another", path,
                            0, 0);
    }
    ss_file_unmap(data, size);
    return status;
}

/* ---- The run ------------------------------------------------------------------------------------------------ */

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static bool trainer_start(trainer *r, const corpus *c, table *t)
{
    const table_options *o = &t->options;
    *r = (trainer){.c = c, .t = t};
    size_t features = c->feature_first[c->unit_kinds];
    r->unit_row = malloc(features * sizeof *r->unit_row);
    r->cumulative = malloc(c->groups * sizeof *r->cumulative);
    r->seen_unit = calloc(c->unit_kinds, sizeof *r->seen_unit);
    r->seen_row = calloc(t->rows, sizeof *r->seen_row);
    r->units = malloc(c->unit_kinds * sizeof *r->units);
    r->rows = malloc(t->rows * sizeof *r->rows);
    r->near = rows_new(t->rows * o->dimension, sizeof *r->near);
    r->text_gradient = aligned_alloc(64, 2 * o->batch * o->dimension * sizeof *r->text_gradient);
    r->score = rows_new(o->batch * o->batch, sizeof *r->score);
    r->row_inverse = malloc(o->batch * sizeof *r->row_inverse);
    r->column_inverse = malloc(o->batch * sizeof *r->column_inverse);
    r->loss = malloc(o->batch * sizeof *r->loss);
    bool good = r->unit_row && r->near && r->text_gradient && r->cumulative && r->seen_unit && r->seen_row && r->units && r->rows &&
                r->score && r->row_inverse && r->column_inverse && r->loss;
    for (int side = 0; side < 2; side++) {
        r->text[side] = aligned_alloc(64, o->batch * o->dimension * sizeof(float));
        r->gradient[side] = aligned_alloc(64, o->batch * o->dimension * sizeof(float));
        r->norm[side] = malloc(o->batch * sizeof(float));
        r->hash[side] = malloc(o->batch * sizeof(uint32_t));
        good = good && r->text[side] && r->gradient[side] && r->norm[side] && r->hash[side];
    }
    if (!good) return false;
    for (size_t f = 0; f < features; f++) r->unit_row[f] = (int32_t)table_row(t, c->feature[f]);
    for (size_t row = 0; row < t->rows; row++)
        row_narrow_scaled(r->near + row * o->dimension, t->row + row * o->dimension, t->weight[row],
                          o->dimension);
    double *draw = group_draws(c, o), sum = 0;
    for (size_t g = 0; draw && g < c->groups; g++) {
        sum += draw[g] * (double)(c->group[g].end - c->group[g].first);
        r->cumulative[g] = sum;
    }
    free(draw);
    return draw != NULL;
}

static void sparse_free(sparse *s)
{
    free(s->first);
    free(s->entry);
}

static void trainer_end(trainer *r)
{
    free(r->unit_row);
    free(r->cumulative);
    free(r->seen_unit);
    free(r->seen_row);
    free(r->units);
    free(r->rows);
    free(r->score);
    free(r->row_inverse);
    free(r->column_inverse);
    free(r->loss);
    free(r->near);
    free(r->unit_sum);
    free(r->text_gradient);
    for (int side = 0; side < 2; side++) {
        free(r->text[side]);
        free(r->gradient[side]);
        free(r->norm[side]);
        free(r->hash[side]);
    }
    sparse_free(&r->text_units);
    sparse_free(&r->unit_texts);
    sparse_free(&r->row_units);
}

/* Warm-up over 5 % of the steps, then linear decay. */
static float rate_at(const table_options *o, uint64_t step, uint64_t steps)
{
    double part = (double)step / (double)steps;
    double warm = part < 0.05 ? part / 0.05 : 1;
    return (float)(o->rate * (warm * (1 - part) + 0.005));
}

/* Lets the watcher see the table after this step; the time that it takes is not training's. */
static samestory_status show(table *t, const table_watch *watch, double *start,
                             samestory_error *error)
{
    double began = now();
    t->step++;
    samestory_status status = watch->see(watch->context, t, error);
    t->step--;
    *start += now() - began;
    return status;
}

static samestory_status run(trainer *r, const table_watch *watch, samestory_error *error)
{
    table *t = r->t;
    uint64_t steps = t->options.samples / t->options.batch, first = t->step;
    uint64_t stop = t->options.stop ? t->options.stop / t->options.batch : steps;
    if (stop > steps) stop = steps;
    double start = now(), before = t->seconds, written = start, shown = start, loss = 0;
    sparse unit_rows = {0};
    samestory_status status = SAMESTORY_OK;
    for (uint64_t since = 0; t->step < stop && !status; t->step++) {
        if (!draw_batch(r, t->step, &unit_rows)) {
            status = ss_fail_memory(error);
            break;
        }
        r->rate = rate_at(&t->options, t->step, steps);
        loss += train_step(r, &unit_rows);
        t->seconds = before + now() - start;
        if (++since == 200 || t->step + 1 == stop) {
            double speed = (double)((t->step + 1 - first) * t->options.batch) / (now() - start);
            t->loss = loss / (double)since;
            fprintf(stderr, "step %llu/%llu  loss %.4f  %.0f pairs/s  %.0f min left\n",
                    (unsigned long long)(t->step + 1), (unsigned long long)steps, t->loss, speed,
                    (double)((steps - t->step - 1) * t->options.batch) / speed / 60);
            since = 0;
            loss = 0;
        }
        if (watch && (t->step + 1 == stop || now() - shown > watch->minutes * 60)) {
            if (since) t->loss = loss / (double)since;
            status = show(t, watch, &start, error);
            shown = now();
        }
        if (!status && now() - written > t->options.minutes * 60) {
            t->step++;
            status = checkpoint_write(t, error);
            t->step--;
            written = now();
        }
    }
    sparse_free(&unit_rows);
    return status ? status : checkpoint_write(t, error);
}

samestory_status table_train(const corpus *c, const table_options *options, const table_watch *watch,
                             table *out, samestory_error *error)
{
    if (options->dimension > DIMENSION_MAX || options->dimension % 16 || options->batch < 2 ||
        options->bits < 9 || options->bits > 26)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT,
                       "dimension: a multiple of 16 up to 1024; bits: 9 to 26; batch: 2 and more");
    *out = (table){.options = *options};
    trainer r = {0};
    samestory_status status = start_rows(c, out, error);
    if (!status) status = checkpoint_read(out, error);
    if (!status && !trainer_start(&r, c, out)) status = ss_fail_memory(error);
    if (!status) status = run(&r, watch, error);
    trainer_end(&r);
    if (status) table_free(out);
    return status;
}

samestory_status table_load(const corpus *c, const char *checkpoint, table *out,
                            samestory_error *error)
{
    void *data;
    size_t size;
    samestory_status status = ss_file_map(checkpoint, &data, &size, error);
    if (status) return status;
    checkpoint_head h = {0};
    if (size >= sizeof h) memcpy(&h, data, sizeof h);
    ss_file_unmap(data, size);
    if (memcmp(h.magic, "samestory train\n", 16))
        return ss_fail_at(error, SAMESTORY_INPUT_FAILED, "is no checkpoint of samestory-train",
                          checkpoint, 0, 0);
    *out = (table){.options = h.options};
    out->options.samples = h.samples;
    out->options.checkpoint = checkpoint;
    status = start_rows(c, out, error);
    if (!status) status = checkpoint_read(out, error);
    if (status) table_free(out);
    return status;
}

void table_finish(table *t)
{
    for (size_t r = 0; r < t->rows; r++)
        row_scale(t->row + r * t->options.dimension, t->weight[r], t->options.dimension);
}

void table_free(table *t)
{
    free(t->present);
    free(t->rank);
    free(t->row);
    free(t->weight);
    free(t->spent);
    *t = (table){0};
}
