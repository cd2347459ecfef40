/* Stage index, of collections (see the header). Within a cell the documents that ask and those that
 * are asked both stand in the order of arrival, so what is to be compared is a band along a
 * diagonal: tiles of it go to the kernel, and hits beside the band are dropped. */
#include "index/near.h"

#include "base/array.h"
#include "base/pool.h"

#include <stdatomic.h>

enum {
    CELL_WALK = 1024, /* documents of a cell that a query is compared with, the latest */
    /* A window of so many is compared whole: it costs no more than the cells would. Of a million
     * documents in windows of 14,000, whole windows took 38 s more, and found 1172 true links between
     * reports instead of 1149, and 369 false ones instead of 127. */
    EXHAUSTIVE = CELL_WALK * SS_CELLS_OF_QUERY / 4,
    QUERIES = 64,       /* rows of a tile */
    ROWS = 256,         /* gathered at a time of those that they are compared with; */
    PACKED = 16384,     /* so many of which are kept packed for the tiles that follow */
    WINDOWS = 512,      /* documents whose windows are compared whole by one thread, in a row */
    CELLS_AT_ONCE = 64, /* documents whose cells are found together */
    LOCKS = 1024,
    RELIEF = 64, /* rows read between two calls of ss_shelf_relieve */
    NOWHERE = UINT16_MAX
};

/* Cosine below which the vector alone makes no candidate: unrelated news stays below it. */
static const double least_cosine = 0.30;

typedef struct list {
    uint32_t *document;
    size_t count, capacity;
} list;

/* What is known of a document of the slab. */
typedef struct found {
    ss_candidate best[SS_NEAR]; /* the nearest first; of equals the earlier */
    atomic_int floor;           /* what is below it is not among them */
    uint32_t count, most, compared;
    uint32_t start; /* first document of its window */
    uint16_t cell[SS_CELLS_OF_QUERY];
    bool mute; /* no words */
} found;

struct ss_near {
    ss_view view;
    unsigned threads;
    list *member;   /* (cells): documents filed under each */
    list *asking;   /* (cells): documents of the slab that look into it; [cells]: into the whole
                       window */
    uint32_t filed; /* documents filed so far */
    uint32_t first, count;
    found *found;    /* (SS_NEAR_SLAB) */
    ss_panels cells; /* the model's */
    ss_hits *hits;   /* (threads) */
    atomic_flag lock[LOCKS];
    atomic_bool failed;
};

ss_near *ss_near_new(const ss_view *view, unsigned threads)
{
    ss_near *n = calloc(1, sizeof *n);
    if (!n) return NULL;
    n->view = *view;
    n->threads = threads ? threads : 1;
    n->member = calloc(view->model->cells + 1, sizeof *n->member);
    n->asking = calloc(view->model->cells + 1, sizeof *n->asking);
    n->found = malloc(SS_NEAR_SLAB * sizeof *n->found);
    n->hits = calloc(n->threads, sizeof *n->hits);
    const samestory_model *m = view->model;
    bool packed = !m->cells || ss_panels_add(&n->cells, m->cell, m->cells, m->dimension);
    for (size_t i = 0; i < LOCKS; i++) atomic_flag_clear(&n->lock[i]);
    atomic_init(&n->failed, false);
    if (n->member && n->asking && n->found && n->hits && packed) return n;
    ss_near_free(n);
    return NULL;
}

void ss_near_free(ss_near *n)
{
    if (!n) return;
    for (size_t c = 0; n->member && n->asking && c <= n->view.model->cells; c++) {
        free(n->member[c].document);
        free(n->asking[c].document);
    }
    for (unsigned i = 0; n->hits && i < n->threads; i++) ss_hits_free(&n->hits[i]);
    ss_panels_free(&n->cells);
    free(n->hits);
    free(n->member);
    free(n->asking);
    free(n->found);
    free(n);
}

static bool append(list *l, uint32_t document)
{
    if (!ss_reserve(&l->document, &l->capacity, l->count + 1)) return false;
    l->document[l->count++] = document;
    return true;
}

/* ---- Where to look
 * ------------------------------------------------------------------------------------ */

/* Number of the first document whose place lies inside the window. */
static uint32_t window_start(const ss_view *v, uint32_t document)
{
    uint32_t low = 0, high = document;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (ss_within(v->place[middle], v->place[document], v->window_seconds))
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static const int8_t *vector_of(const ss_view *v, uint32_t document)
{
    return v->rows ? v->rows + (size_t)document * v->model->dimension
                   : ss_sketch_vector(v->sketch[document]);
}

static void start_document(ss_near *n, size_t i)
{
    const ss_view *v = &n->view;
    uint32_t document = n->first + (uint32_t)i;
    found *f = &n->found[i];
    f->count = f->compared = 0;
    f->start = window_start(v, document);
    f->most = document - f->start <= EXHAUSTIVE ? SS_NEAR : SS_NEAR_CELLS;
    f->mute = !v->sketch[document]->words;
    atomic_init(&f->floor, INT32_MIN);
    for (size_t c = 0; c < SS_CELLS_OF_QUERY; c++) f->cell[c] = NOWHERE;
}

/* The nearest cells of a few documents, by the kernel. */
static bool nearest_cells(ss_near *n, unsigned worker, size_t begin, size_t end)
{
    const ss_view *v = &n->view;
    const int8_t *row[CELLS_AT_ONCE];
    ss_hits *hits = &n->hits[worker];
    uint8_t known[CELLS_AT_ONCE] = {0};
    for (size_t i = begin; i < end; i++) row[i - begin] = vector_of(v, n->first + (uint32_t)i);
    hits->count = 0;
    if (!ss_nearest(ss_kernel_best(), row, end - begin, &n->cells, 0, n->cells.count, INT32_MIN,
                    SS_CELLS_OF_QUERY, hits))
        return false;
    for (size_t k = 0; k < hits->count; k++) {
        const ss_hit *h = &hits->items[k];
        found *f = &n->found[begin + h->a];
        if (!f->mute) f->cell[known[h->a]++] = (uint16_t)h->b;
    }
    return true;
}

static void find_cells(void *context, unsigned worker, size_t begin, size_t end)
{
    ss_near *n = context;
    for (size_t i = begin; i < end; i++) {
        if (i % 8 == 0) ss_shelf_relieve(n->view.shelf);
        start_document(n, i);
    }
    if (n->cells.count && !nearest_cells(n, worker, begin, end)) atomic_store(&n->failed, true);
}

/* Files the slab's documents, and lists who looks where. */
static bool list_slab(ss_near *n)
{
    size_t cells = n->view.model->cells;
    for (size_t c = 0; c <= cells; c++) n->asking[c].count = 0;
    for (uint32_t i = 0; i < n->count; i++) {
        uint32_t document = n->first + i;
        const found *f = &n->found[i];
        if (f->cell[0] != NOWHERE && document >= n->filed &&
            !append(&n->member[f->cell[0]], document))
            return false;
        if (f->mute) continue;
        if (f->most == SS_NEAR) {
            if (!append(&n->asking[cells], document)) return false;
            continue;
        }
        for (size_t c = 0; c < SS_CELLS_OF_QUERY && f->cell[c] != NOWHERE; c++)
            if (!append(&n->asking[f->cell[c]], document)) return false;
    }
    if (n->filed < n->first + n->count) n->filed = n->first + n->count;
    return true;
}

/* ---- Comparing
 * ---------------------------------------------------------------------------------------- */

/* The documents that a run of queries may be compared with: all, or the members of a cell. */
typedef struct band {
    const uint32_t *query, *member; /* member NULL: documents are their own numbers */
    size_t queries, members;
} band;

/* Where in the members the first document of this number or more stands. */
static size_t member_at(const band *b, uint32_t document)
{
    if (!b->member) return document < b->members ? document : b->members;
    size_t low = 0, high = b->members;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (b->member[middle] < document)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void keep_near(ss_near *n, uint32_t query, uint32_t document, int32_t dot)
{
    found *f = &n->found[query - n->first];
    if (dot < atomic_load_explicit(&f->floor, memory_order_relaxed)) return;
    atomic_flag *lock = &n->lock[query % LOCKS];
    while (atomic_flag_test_and_set_explicit(lock, memory_order_acquire)) {
    }
    size_t at = f->count;
    while (at > 0 && (dot > f->best[at - 1].dot ||
                      (dot == f->best[at - 1].dot && document < f->best[at - 1].document)))
        at--;
    if (at < f->most) {
        if (f->count < f->most) f->count++;
        memmove(f->best + at + 1, f->best + at, (f->count - 1 - at) * sizeof *f->best);
        f->best[at] = (ss_candidate){document, dot};
        if (f->count == f->most)
            atomic_store_explicit(&f->floor, f->best[f->most - 1].dot, memory_order_relaxed);
    }
    atomic_flag_clear_explicit(lock, memory_order_release);
}

/* A tile: up to QUERIES documents, and of the members those that any of them is compared with. */
typedef struct tile {
    uint32_t query[QUERIES];
    size_t low[QUERIES], high[QUERIES]; /* members of each */
    size_t queries;
    ss_panels panels; /* members from `first` on */
    size_t first;
    int8_t *rows; /* (ROWS, d) */
    ss_hits *hits;
} tile;

static void take_hits(ss_near *n, const band *b, const tile *t)
{
    const ss_view *v = &n->view;
    for (size_t i = 0; i < t->hits->count; i++) {
        const ss_hit *h = &t->hits->items[i];
        size_t at = t->first + h->b;
        if (at < t->low[h->a] || at >= t->high[h->a]) continue;
        uint32_t query = t->query[h->a], document = b->member ? b->member[at] : (uint32_t)at;
        if (ss_within(v->date[document], v->date[query], v->window_seconds))
            keep_near(n, query, document, h->dot);
    }
}

/* Has members low .. high packed; those that earlier tiles had are there already. */
static bool pack_members(ss_near *n, const band *b, tile *t, size_t low, size_t high)
{
    const ss_view *v = &n->view;
    size_t d = v->model->dimension;
    if (low >= t->first + t->panels.count || low - t->first > PACKED) {
        ss_panels_clear(&t->panels);
        t->first = low;
    }
    for (size_t at = t->first + t->panels.count, rows; at < high; at += rows) {
        rows = high - at < ROWS ? high - at : ROWS;
        for (size_t r = 0; r < rows; r++) {
            uint32_t document = b->member ? b->member[at + r] : (uint32_t)(at + r);
            memcpy(t->rows + r * d, vector_of(v, document), d);
            if (r % RELIEF == 0) ss_shelf_relieve(v->shelf);
        }
        if (!ss_panels_add(&t->panels, t->rows, rows, d)) return false;
    }
    return true;
}

/* What any of the tile's documents may still want. */
static int32_t least_of(ss_near *n, const tile *t)
{
    double scale = ss_vector_scale(n->view.model->dimension);
    int32_t floor = INT32_MAX, least = (int32_t)(least_cosine * scale * scale);
    for (size_t q = 0; q < t->queries; q++) {
        int32_t one =
            atomic_load_explicit(&n->found[t->query[q] - n->first].floor, memory_order_relaxed);
        if (one < floor) floor = one;
    }
    return floor > least ? floor : least;
}

/* Part by part, the latest first: what the first parts found lets the kernel drop most of the others. */
static bool compare_tile(ss_near *n, const band *b, tile *t)
{
    const int8_t *row[QUERIES];
    size_t low = SIZE_MAX, high = 0;
    for (size_t q = 0; q < t->queries; q++) {
        row[q] = vector_of(&n->view, t->query[q]);
        if (t->low[q] < low) low = t->low[q];
        if (t->high[q] > high) high = t->high[q];
    }
    if (!pack_members(n, b, t, low, high)) return false;
    for (size_t first, last = high; last > low; last = first) {
        /* from a panel's first row on */
        first = last - low > ROWS ? t->first + (last - ROWS - t->first) / SS_PANEL * SS_PANEL : low;
        if (first < low) first = low;
        t->hits->count = 0;
        if (!ss_match(ss_kernel_best(), row, t->queries, &t->panels, first - t->first,
                      last - t->first, least_of(n, t), t->hits))
            return false;
        take_hits(n, b, t);
    }
    return true;
}

/* Cells are compared by several threads at once, and a document looks into several cells. */
static void count_compared(ss_near *n, uint32_t query, size_t compared)
{
    atomic_flag *lock = &n->lock[query % LOCKS];
    while (atomic_flag_test_and_set_explicit(lock, memory_order_acquire)) {
    }
    n->found[query - n->first].compared += (uint32_t)compared;
    atomic_flag_clear_explicit(lock, memory_order_release);
}

static bool compare_band(ss_near *n, const band *b, tile *t)
{
    ss_panels_clear(&t->panels);
    t->first = 0;
    for (size_t q = 0; q < b->queries;) {
        t->queries = 0;
        for (; q < b->queries && t->queries < QUERIES; q++) {
            uint32_t query = b->query[q];
            size_t high = member_at(b, query), low = member_at(b, n->found[query - n->first].start);
            if (b->member && high - low > CELL_WALK) low = high - CELL_WALK;
            if (low >= high) continue;
            t->query[t->queries] = query;
            t->low[t->queries] = low;
            t->high[t->queries++] = high;
            count_compared(n, query, high - low);
        }
        if (t->queries && !compare_tile(n, b, t)) return false;
    }
    return true;
}

static void compare_cells(void *context, unsigned worker, size_t begin, size_t end)
{
    ss_near *n = context;
    tile t = {.hits = &n->hits[worker], .rows = malloc(ROWS * n->view.model->dimension)};
    bool good = t.rows != NULL;
    for (size_t c = begin; c < end && good; c++) {
        band b = {n->asking[c].document, n->member[c].document, n->asking[c].count,
                  n->member[c].count};
        if (b.queries && b.members) good = compare_band(n, &b, &t);
    }
    free(t.rows);
    ss_panels_free(&t.panels);
    if (!good) atomic_store(&n->failed, true);
}

/* The whole windows of some of the documents that are compared with theirs. */
static void compare_windows(void *context, unsigned worker, size_t begin, size_t end)
{
    ss_near *n = context;
    const list *asking = &n->asking[n->view.model->cells];
    tile t = {.hits = &n->hits[worker], .rows = malloc(ROWS * n->view.model->dimension)};
    band b = {asking->document + begin, NULL, end - begin, (size_t)n->first + n->count};
    bool good = t.rows && compare_band(n, &b, &t);
    free(t.rows);
    ss_panels_free(&t.panels);
    if (!good) atomic_store(&n->failed, true);
}

bool ss_near_find(ss_near *n, uint32_t first, uint32_t count)
{
    n->first = first;
    n->count = count;
    ss_parallel(n->threads, count, CELLS_AT_ONCE, find_cells, n);
    if (!list_slab(n)) return false;
    size_t cells = n->view.model->cells;
    ss_parallel(n->threads, cells, 8, compare_cells, n);
    ss_parallel(n->threads, n->asking[cells].count, WINDOWS, compare_windows, n);
    return !atomic_load(&n->failed);
}

const ss_candidate *ss_near_of(const ss_near *n, uint32_t document, size_t *count, size_t *compared)
{
    const found *f = &n->found[document - n->first];
    *count = f->count;
    *compared = f->compared;
    return f->best;
}
