/* Stage keys (see the header). The cost is that of the nearest cells: one dot product a centroid. */
#include "index/keys.h"

#include "match/kernel.h"

#include <xxhash.h>

enum { SEED_BAND = 11, SEED_NAME = 12, SEED_CELL = 13, SEED_ID = 14, SEED_URL = 15, CELL_BLOCK = 256 };

/* A name that is weaker than this proposes nobody: weight 1 is a Zipf frequency of 3.2. */
enum { LEAST_WEIGHT = 32 };

static size_t same_keys(const ss_sketch *s, ss_key *keys)
{
    size_t count = 0;
    if (s->id) keys[count++] = (ss_key){XXH3_64bits_withSeed(&s->id, 8, SEED_ID), 0, SS_KEY_SAME};
    if (s->url) keys[count++] = (ss_key){XXH3_64bits_withSeed(&s->url, 8, SEED_URL), 0, SS_KEY_SAME};
    return count;
}

static size_t copy_keys(const ss_sketch *s, ss_key *keys)
{
    if (!s->shingles) return 0;
    for (uint32_t band = 0; band < SS_BANDS; band++) {
        uint64_t hash = XXH3_64bits_withSeed(s->signature + band * SS_BAND_ROWS, SS_BAND_ROWS,
                                             SEED_BAND + (uint64_t)band * 64);
        keys[band] = (ss_key){hash, 0, SS_KEY_COPY};
    }
    return SS_BANDS;
}

static bool proposes(const ss_anchor *a)
{
    switch (a->type) {
    case SS_ANCHOR_DATE: return false; /* everything of a day shares it */
    case SS_ANCHOR_PAIR:
    case SS_ANCHOR_LINK: return true;
    default: return a->weight >= LEAST_WEIGHT && !(a->flags & SS_ANCHOR_KNOWN);
    }
}

static size_t name_keys(const ss_sketch *s, ss_key *keys)
{
    const ss_anchor *anchor = ss_sketch_anchors(s);
    size_t count = 0;
    for (uint32_t i = 0; i < s->anchors; i++) {
        if (!proposes(&anchor[i])) continue;
        uint64_t what = (uint64_t)anchor[i].type << 32 | anchor[i].key;
        keys[count++] = (ss_key){XXH3_64bits_withSeed(&what, sizeof what, SEED_NAME), i, SS_KEY_NAME};
    }
    return count;
}

size_t ss_nearest_cells(const samestory_model *m, const int8_t *vector, size_t wish, uint32_t *cell)
{
    int32_t best[SS_CELLS_NEAREST_MAX], dots[CELL_BLOCK];
    size_t found = 0;
    /* the OpenBLAS variant has no dots of its own; keys must be the same on every CPU */
    ss_dots *dots_of = ss_kernel_best()->dots ? ss_kernel_best()->dots : ss_kernel_c.dots;
    if (wish > SS_CELLS_NEAREST_MAX) wish = SS_CELLS_NEAREST_MAX;
    for (uint32_t first = 0; wish && first < m->cells; first += CELL_BLOCK) {
        uint32_t rows = m->cells - first < CELL_BLOCK ? m->cells - first : CELL_BLOCK;
        dots_of(vector, m->cell + (size_t)first * m->dimension, rows, m->dimension, dots);
        for (uint32_t r = 0; r < rows; r++) {
            if (found == wish && dots[r] <= best[wish - 1]) continue;
            size_t at = found;
            while (at > 0 && dots[r] > best[at - 1]) at--;
            if (found < wish) found++;
            for (size_t k = found - 1; k > at; k--) best[k] = best[k - 1], cell[k] = cell[k - 1];
            best[at] = dots[r];
            cell[at] = first + r;
        }
    }
    return found;
}

static size_t cell_keys(const samestory_model *m, const ss_sketch *s, size_t cells, ss_key *keys)
{
    uint32_t cell[SS_CELLS_NEAREST_MAX];
    if (!s->words) return 0;
    size_t found = ss_nearest_cells(m, ss_sketch_vector(s), cells, cell);
    for (size_t i = 0; i < found; i++)
        keys[i] = (ss_key){XXH3_64bits_withSeed(&cell[i], sizeof *cell, SEED_CELL), 0, SS_KEY_CELL};
    return found;
}

size_t ss_keys_of(const samestory_model *model, const ss_sketch *sketch, size_t cells, ss_key *keys)
{
    if (cells > SS_CELLS_OF_QUERY) cells = SS_CELLS_OF_QUERY;
    size_t count = same_keys(sketch, keys);
    count += copy_keys(sketch, keys + count);
    count += name_keys(sketch, keys + count);
    return count + cell_keys(model, sketch, cells, keys + count);
}
