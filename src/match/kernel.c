/* The kernel's common part: the choice of a variant, blocks of rows, thresholds, the order of hits.
 */
#include "match/kernel_tiles.h"

#include "base/array.h"
#include "match/cpu.h"

#include <string.h>

enum {
    BLOCK = 480, /* rows of a that are prepared together, 120 KB at d = 256: a panel is read for as
                    many; a multiple of every variant's tile */
    BLAS_ROWS = 1024, /* OpenBLAS's tile: its scores are written to memory and read again, */
    BLAS_COLUMNS = 256,
    ROWS_MAX = 1024,
    FEW = 3, /* so many rows of a are not worth packing b for */
    DOTS = 256
};

static const ss_kernel *const variants[] = {
    &ss_kernel_c,    &ss_kernel_blas,
#if defined(__x86_64__)
    &ss_kernel_avx2, &ss_kernel_avxvnni, &ss_kernel_avx512vnni,
#elif defined(__aarch64__)
    &ss_kernel_neon, &ss_kernel_dotprod, &ss_kernel_i8mm,
#endif
};

const ss_kernel *const *ss_kernels(size_t *count)
{
    *count = sizeof variants / sizeof *variants;
    return variants;
}

const ss_kernel *ss_kernel_best(void)
{
    unsigned have = ss_cpu_features();
    for (size_t i = sizeof variants / sizeof *variants; i-- > 0;)
        if ((variants[i]->needs & ~have) == 0) return variants[i];
    return &ss_kernel_c;
}

int32_t ss_dot(const int8_t *a, const int8_t *b, size_t d)
{
    int32_t sum;
    ss_kernel_best()->dots(a, b, 1, d, &sum);
    return sum;
}

/* ---- Scratch memory
 * -------------------------------------------------------------------------------- */

typedef struct buffer {
    void *at; /* 64-byte aligned */
    size_t size;
} buffer;

struct ss_kernel_scratch {
    buffer prepared, opened; /* a block of a and a panel in the form of the variant's tiles */
    buffer a32, b32, scores; /* OpenBLAS's tile */
    ss_hit *moved;           /* hits on their way to their order */
    size_t moved_capacity;
    ss_hit *best; /* (ROWS_MAX, most): each row's nearest so far */
    size_t best_capacity;
    const int8_t *row[ROWS_MAX];
    size_t found[ROWS_MAX + 1];
    int32_t least[ROWS_MAX];
    ss_panels packed;
};

static bool make_room(buffer *b, size_t size)
{
    if (size <= b->size) return true;
    size = (size + 63) / 64 * 64;
    void *bigger = aligned_alloc(64, size);
    if (!bigger) return false;
    free(b->at);
    *b = (buffer){bigger, size};
    return true;
}

static struct ss_kernel_scratch *scratch_of(ss_hits *hits)
{
    if (!hits->scratch) hits->scratch = calloc(1, sizeof *hits->scratch);
    return hits->scratch;
}

void ss_hits_free(ss_hits *hits)
{
    struct ss_kernel_scratch *s = hits->scratch;
    if (s) {
        free(s->prepared.at);
        free(s->opened.at);
        free(s->a32.at);
        free(s->b32.at);
        free(s->scores.at);
        free(s->moved);
        free(s->best);
        ss_panels_free(&s->packed);
        free(s);
    }
    free(hits->items);
    *hits = (ss_hits){0};
}

/* ---- Collecting hits
 * ------------------------------------------------------------------------------- */

/* A block of a against packed rows. */
typedef struct job {
    const int8_t *const *a; /* (rows) */
    size_t rows, a_first;   /* a_first: number of the block's first row */
    const ss_panels *b;
    size_t first, last; /* rows of b that were asked for */
    size_t most;        /* nearest of each row; 0: all */
    ss_hits *hits;
    struct ss_kernel_scratch *scratch;
} job;

/* Keeps the best `most` of a row, and raises its threshold once it has as many. Rows of b come in
 * rising order: an equal one that comes later is not better. */
static void keep_nearest(const job *j, size_t row, ss_hit hit)
{
    ss_hit *best = j->scratch->best + row * j->most;
    size_t *found = &j->scratch->found[row], at = *found;
    while (at > 0 && hit.dot > best[at - 1].dot) at--;
    if (at == j->most) return;
    if (*found < j->most) ++*found;
    memmove(best + at + 1, best + at, (*found - 1 - at) * sizeof *best);
    best[at] = hit;
    if (*found == j->most && best[j->most - 1].dot >= j->scratch->least[row])
        j->scratch->least[row] = best[j->most - 1].dot + 1;
}

/* Of the scores of one row with a panel, (32), those that are hits. */
static bool collect(const job *j, size_t row, size_t panel, const int32_t *scores)
{
    size_t from = panel * SS_PANEL, until = from + SS_PANEL;
    if (from < j->first) from = j->first;
    if (until > j->last) until = j->last;
    ss_hits *hits = j->hits;
    if (!j->most && !ss_reserve(&hits->items, &hits->capacity, hits->count + SS_PANEL))
        return false;
    for (size_t b = from; b < until; b++) {
        int32_t dot = scores[b - panel * SS_PANEL];
        if (dot < j->scratch->least[row]) continue;
        ss_hit hit = {(uint32_t)(j->a_first + row), (uint32_t)b, dot};
        if (j->most)
            keep_nearest(j, row, hit);
        else
            hits->items[hits->count++] = hit;
    }
    return true;
}

/* Hits of a block come panel by panel: brings those from `begin` on into the order of their rows,
 * and keeps the order within a row (counting sort). */
static bool order(const job *j, size_t begin)
{
    struct ss_kernel_scratch *s = j->scratch;
    ss_hit *item = j->hits->items + begin;
    size_t count = j->hits->count - begin, *place = s->found;
    if (j->rows == 1 || count < 2) return true;
    if (!ss_reserve(&s->moved, &s->moved_capacity, count)) return false;
    memset(place, 0, (j->rows + 1) * sizeof *place);
    for (size_t i = 0; i < count; i++) place[item[i].a - j->a_first + 1]++;
    for (size_t r = 0; r < j->rows; r++) place[r + 1] += place[r];
    for (size_t i = 0; i < count; i++) s->moved[place[item[i].a - j->a_first]++] = item[i];
    memcpy(item, s->moved, count * sizeof *item);
    return true;
}

static bool append_nearest(const job *j)
{
    ss_hits *hits = j->hits;
    for (size_t r = 0; r < j->rows; r++) {
        size_t found = j->scratch->found[r];
        if (!ss_reserve(&hits->items, &hits->capacity, hits->count + found)) return false;
        if (found)
            memcpy(hits->items + hits->count, j->scratch->best + r * j->most,
                   found * sizeof *hits->items);
        hits->count += found;
    }
    return true;
}

/* ---- Tiles in registers
 * ---------------------------------------------------------------------------- */

static size_t round_up(size_t n, size_t to)
{
    return (n + to - 1) / to * to;
}

/* Rows are dealt out evenly: 13 are 7 and 6, not 12 and 1. */
static size_t tile_rows(const ss_tiles *t, size_t left)
{
    size_t tiles = (left + t->rows - 1) / t->rows;
    size_t rows = round_up((left + tiles - 1) / tiles, t->round);
    return rows < left ? rows : left;
}

static bool panel_by_tiles(const job *j, const ss_tiles *t, size_t panel)
{
    int32_t scores[SS_PANEL * SS_PANEL];
    size_t d = j->b->dimension;
    const char *prepared = j->scratch->prepared.at;
    const void *opened = j->b->panels + panel * SS_PANEL * d;
    bool single = t->single && j->rows <= t->rows;
    if (t->open && !single) {
        t->open(opened, d, j->scratch->opened.at);
        opened = j->scratch->opened.at;
    }
    for (size_t row = 0, rows; row < j->rows; row += rows) {
        rows = tile_rows(t, j->rows - row);
        uint32_t hit =
            (single ? t->single : t->tile)(prepared, rows, opened, j->b->sums + panel * SS_PANEL, d,
                                           j->scratch->least + row, scores);
        for (size_t r = 0; hit; r++, hit >>= 1)
            if ((hit & 1) && !collect(j, row + r, panel, scores + r * SS_PANEL)) return false;
        prepared += round_up(rows, t->round) * d * t->bytes;
    }
    return true;
}

static bool block_by_tiles(const job *j, const ss_tiles *t)
{
    size_t d = j->b->dimension;
    if (!make_room(&j->scratch->prepared, round_up(j->rows, t->round) * d * t->bytes) ||
        !make_room(&j->scratch->opened, SS_PANEL * d * t->panel_bytes))
        return false;
    char *to = j->scratch->prepared.at;
    for (size_t row = 0, rows; row < j->rows; row += rows) {
        rows = tile_rows(t, j->rows - row);
        t->prepare(j->a + row, rows, d, to);
        to += round_up(rows, t->round) * d * t->bytes;
    }
    for (size_t panel = j->first / SS_PANEL; panel * SS_PANEL < j->last; panel++)
        if (!panel_by_tiles(j, t, panel)) return false;
    return true;
}

/* ---- Tiles by OpenBLAS
 * ----------------------------------------------------------------------------- */

/* Panels -> (d, columns) floats. */
static void panels_to_float(const int8_t *panel, size_t panels, size_t d, float *to)
{
    size_t columns = panels * SS_PANEL;
    for (size_t p = 0; p < panels; p++, to += SS_PANEL)
        for (size_t k = 0; k < d; k += 4, panel += 4 * SS_PANEL)
            for (size_t i = 0; i < 4; i++)
                for (size_t r = 0; r < SS_PANEL; r++) to[(k + i) * columns + r] = panel[4 * r + i];
}

static bool any_reaches(const float *scores, float least)
{
    int any = 0;
    for (size_t i = 0; i < SS_PANEL; i++) any |= scores[i] >= least;
    return any;
}

/* The hits among a tile's scores, (rows, columns). Scores are whole numbers below 2^24: a threshold
 * that a float can't hold is above all of them. */
static bool scan(const job *j, size_t panel, size_t panels)
{
    int32_t whole[SS_PANEL];
    const float *scores = j->scratch->scores.at;
    for (size_t row = 0; row < j->rows; row++)
        for (size_t p = panel; p < panel + panels; p++, scores += SS_PANEL) {
            if (!any_reaches(scores, (float)j->scratch->least[row])) continue;
            for (size_t i = 0; i < SS_PANEL; i++) whole[i] = (int32_t)scores[i];
            if (!collect(j, row, p, whole)) return false;
        }
    return true;
}

static bool block_by_blas(const job *j)
{
    struct ss_kernel_scratch *s = j->scratch;
    size_t d = j->b->dimension, end = (j->last + SS_PANEL - 1) / SS_PANEL;
    if (!make_room(&s->a32, j->rows * d * sizeof(float)) ||
        !make_room(&s->b32, BLAS_COLUMNS * d * sizeof(float)) ||
        !make_room(&s->scores, j->rows * BLAS_COLUMNS * sizeof(float)))
        return false;
    float *a32 = s->a32.at;
    for (size_t row = 0; row < j->rows; row++)
        for (size_t i = 0; i < d; i++) *a32++ = j->a[row][i];
    for (size_t panel = j->first / SS_PANEL, panels; panel < end; panel += panels) {
        panels = end - panel < BLAS_COLUMNS / SS_PANEL ? end - panel : BLAS_COLUMNS / SS_PANEL;
        panels_to_float(j->b->panels + panel * SS_PANEL * d, panels, d, s->b32.at);
        ss_blas_scores(s->a32.at, j->rows, s->b32.at, panels * SS_PANEL, d, s->scores.at);
        if (!scan(j, panel, panels)) return false;
    }
    return true;
}

/* ---- The work
 * -------------------------------------------------------------------------------------- */

static bool run_block(const ss_kernel *kernel, const job *j, int32_t least)
{
    size_t begin = j->hits->count;
    for (size_t r = 0; r < j->rows; r++) j->scratch->least[r] = least;
    if (j->most) memset(j->scratch->found, 0, j->rows * sizeof *j->scratch->found);
    bool good = kernel->tiles ? block_by_tiles(j, kernel->tiles) : block_by_blas(j);
    return good && (j->most ? append_nearest(j) : order(j, begin));
}

static bool run(const ss_kernel *kernel, const int8_t *const *a, size_t a_rows, const ss_panels *b,
                size_t first, size_t last, int32_t least, size_t most, ss_hits *hits)
{
    size_t block = kernel->tiles ? BLOCK : BLAS_ROWS;
    if (last > b->count) last = b->count;
    if (!a_rows || first >= last) return true;
    if (most > last - first) most = last - first;
    job j = {NULL, 0, 0, b, first, last, most, hits, scratch_of(hits)};
    if (!j.scratch) return false;
    if (most && (most > SIZE_MAX / ROWS_MAX ||
                 !ss_reserve(&j.scratch->best, &j.scratch->best_capacity, ROWS_MAX * most)))
        return false;
    for (; j.a_first < a_rows; j.a_first += j.rows) {
        j.rows = a_rows - j.a_first < block ? a_rows - j.a_first : block;
        j.a = a + j.a_first;
        if (!run_block(kernel, &j, least)) return false;
    }
    return true;
}

bool ss_match(const ss_kernel *kernel, const int8_t *const *a, size_t a_rows, const ss_panels *b,
              size_t first, size_t last, int32_t least, ss_hits *hits)
{
    return run(kernel, a, a_rows, b, first, last, least, 0, hits);
}

bool ss_nearest(const ss_kernel *kernel, const int8_t *const *a, size_t a_rows, const ss_panels *b,
                size_t first, size_t last, int32_t least, size_t most, ss_hits *hits)
{
    return !most || run(kernel, a, a_rows, b, first, last, least, most, hits);
}

static bool few_rows(const ss_kernel *kernel, const int8_t *a, size_t a_rows, const int8_t *b,
                     size_t b_rows, size_t d, int32_t least, ss_hits *hits)
{
    int32_t dots[DOTS];
    for (size_t i = 0; i < a_rows; i++)
        for (size_t j = 0; j < b_rows; j += DOTS) {
            size_t count = b_rows - j < DOTS ? b_rows - j : DOTS;
            kernel->dots(a + i * d, b + j * d, count, d, dots);
            if (!ss_reserve(&hits->items, &hits->capacity, hits->count + count)) return false;
            for (size_t k = 0; k < count; k++)
                if (dots[k] >= least)
                    hits->items[hits->count++] = (ss_hit){(uint32_t)i, (uint32_t)(j + k), dots[k]};
        }
    return true;
}

bool ss_kernel_hits(const ss_kernel *kernel, const int8_t *a, size_t a_rows, const int8_t *b,
                    size_t b_rows, size_t d, int32_t least, ss_hits *hits)
{
    if (!a_rows || !b_rows) return true;
    if (a_rows <= FEW) return few_rows(kernel, a, a_rows, b, b_rows, d, least, hits);
    struct ss_kernel_scratch *s = scratch_of(hits);
    if (!s) return false;
    ss_panels_clear(&s->packed);
    if (!ss_panels_add(&s->packed, b, b_rows, d)) return false;
    for (size_t i = 0, rows; i < a_rows; i += rows) {
        rows = a_rows - i < ROWS_MAX ? a_rows - i : ROWS_MAX;
        for (size_t r = 0; r < rows; r++) s->row[r] = a + (i + r) * d;
        size_t begin = hits->count;
        if (!ss_match(kernel, s->row, rows, &s->packed, 0, b_rows, least, hits)) return false;
        for (size_t k = begin; k < hits->count; k++) hits->items[k].a += (uint32_t)i;
    }
    return true;
}
