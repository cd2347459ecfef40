/* Stage index -> store: postings files ("runs"). Written when 256 documents have gathered, and
 * merged four by four up to 65,536 documents: a document's postings are written five times, and a
 * lookup visits three runs of each size at most. */
#include "index/store_parts.h"

#include "base/array.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { TAGS = 65536, BEGIN_BYTES = (TAGS + 1) * 4 };

/* ---- What a document is filed under
 * ------------------------------------------------------------------------ */

uint64_t ss_identity_bucket(const ss_sketch *s)
{
    return s->id * 0x9E3779B97F4A7C15u ^ s->text_hash ^ 0x1D;
}

uint64_t ss_text_bucket(const ss_sketch *s)
{
    return s->text_hash << 32 | s->text_hash >> 32;
}

size_t ss_filed_keys(const samestory_model *model, const ss_sketch *s, uint8_t flags, ss_key *keys)
{
    size_t count = ss_keys_of(model, s, SS_CELLS_OF_DOCUMENT, keys);
    if (s->id) keys[count++] = (ss_key){ss_identity_bucket(s), 0, SS_KEY_SAME};
    if (flags & SS_ROW_HEAD) keys[count++] = (ss_key){ss_text_bucket(s), 0, SS_KEY_SAME};
    return count;
}

/* ---- Reading
 * --------------------------------------------------------------------------------------------- */

samestory_status ss_run_map(ss_store *s, ss_run *run, samestory_error *error)
{
    char name[SS_NAME_BYTES];
    ss_name_run(run->first, run->count, name);
    samestory_status status = ss_store_map(s, name, 0, 0, &run->map, error);
    if (status) return status;
    const ss_file_head *head = run->map.data;
    const char *wrong = ss_head_wrong(s, head, SS_FILE_KEYS, run->first);
    size_t body = run->map.size - sizeof *head;
    run->begin = (const uint32_t *)(const void *)(head + 1);
    run->posting = run->begin + TAGS + 1;
    if (!wrong && (head->count != run->count || body < BEGIN_BYTES ||
                   (body - BEGIN_BYTES) / 4 != run->begin[TAGS]))
        wrong = "is damaged: run samestory index rebuild";
    if (!wrong) return SAMESTORY_OK;
    ss_store_unmap(&run->map);
    char *path = ss_store_path(s, name);
    ss_fail_at(error, SAMESTORY_INPUT_FAILED, wrong, path, 0, 0);
    free(path);
    return SAMESTORY_INPUT_FAILED;
}

/* Postings with this tag: [begin, end). A damaged table gives nothing beyond the file. */
static void find(const ss_run *run, uint32_t tag, const uint32_t **begin, const uint32_t **end)
{
    uint32_t most = run->begin[TAGS], low = run->begin[tag >> 16],
             high = run->begin[(tag >> 16) + 1];
    *begin = *end = run->posting;
    if (low > high || high > most) return;
    uint32_t last = high, least = tag << 16;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (run->posting[middle] >= least)
            high = middle;
        else
            low = middle + 1;
    }
    *begin = run->posting + low;
    while (low < last && run->posting[low] >> 16 == (tag & 0xFFFF)) low++;
    *end = run->posting + low;
}

ss_store_walk ss_store_walk_new(const ss_store *store, uint64_t bucket)
{
    return (ss_store_walk){.tag = ss_key_tag(bucket), .file = (uint32_t)store->runs};
}

uint32_t ss_store_walk_next(const ss_store *s, ss_store_walk *w)
{
    while (w->at == w->begin) {
        if (!w->file) return UINT32_MAX;
        const ss_run *run = &s->run[--w->file];
        w->first = run->first;
        find(run, w->tag, &w->begin, &w->at);
    }
    return w->first + (*--w->at & 0xFFFF);
}

/* ---- Sorting
 * ------------------------------------------------------------------------------------------------
 */

static bool sort_pass(const uint64_t *from, uint64_t *to, size_t count, unsigned shift)
{
    size_t *at = calloc(TAGS, sizeof *at), sum = 0;
    if (!at) return false;
    for (size_t i = 0; i < count; i++) at[from[i] >> shift & 0xFFFF]++;
    for (size_t i = 0; i < TAGS; i++) {
        size_t here = at[i];
        at[i] = sum;
        sum += here;
    }
    for (size_t i = 0; i < count; i++) to[at[from[i] >> shift & 0xFFFF]++] = from[i];
    free(at);
    return true;
}

bool ss_sort_tags(uint64_t *items, uint64_t *spare, size_t count)
{
    return sort_pass(items, spare, count, 32) && sort_pass(spare, items, count, 48);
}

/* ---- Writing
 * -------------------------------------------------------------------------------------------------
 */

/* Writes begin[] and posting[], which lie in `body`, and puts the run on the list in the place of
 * the last `instead` ones. */
static samestory_status write_run(ss_store *s, uint32_t first, uint32_t count, const uint32_t *body,
                                  size_t instead, samestory_error *error)
{
    char name[SS_NAME_BYTES];
    ss_run run = {.first = first, .count = count};
    if (!ss_reserve(&s->run, &s->run_capacity, s->runs + 1)) return ss_fail_memory(error);
    ss_name_run(first, count, name);
    size_t size = BEGIN_BYTES + (size_t)body[TAGS] * 4;
    samestory_status status =
        ss_store_write(s, name, SS_FILE_KEYS, first, count, body, size, error);
    s->made_files = true;
    if (!status) status = ss_run_map(s, &run, error);
    for (; !status && instead; instead--) {
        ss_run *old = &s->run[s->runs - 1];
        ss_name_run(old->first, old->count, name);
        status = ss_store_doom(s, name, error);
        if (!status && instead > 1)
            status = ss_catalogue_remove(s, SS_TABLE_RUNS, old->first, error);
        if (status) break;
        ss_store_unmap(&old->map);
        s->runs--;
    }
    if (!status) status = ss_catalogue_put(s, SS_TABLE_RUNS, first, &count, sizeof count, error);
    if (status)
        ss_store_unmap(&run.map);
    else
        s->run[s->runs++] = run;
    return status;
}

/* The filings of documents first .. first + size, sorted, as a run. */
static samestory_status write_filings(ss_store *s, uint32_t first, uint32_t size,
                                      const ss_filing *filings, size_t count,
                                      samestory_error *error)
{
    uint64_t *items = malloc((count + 1) * 2 * sizeof *items);
    uint32_t *body = calloc(BEGIN_BYTES / 4 + count, sizeof *body);
    samestory_status status = SAMESTORY_OK;
    if (items) memcpy(items, filings, count * sizeof *items);
    if (!items || !body || count > UINT32_MAX / 2 || !ss_sort_tags(items, items + count, count))
        status = ss_fail_memory(error);
    for (size_t i = 0; !status && i < count; i++) {
        body[(items[i] >> 48) + 1]++;
        body[TAGS + 1 + i] = (uint32_t)(items[i] >> 32) << 16 | ((uint32_t)items[i] - first);
    }
    for (size_t h = 0; !status && h < TAGS; h++) body[h + 1] += body[h];
    if (!status) status = write_run(s, first, size, body, 0, error);
    free(items);
    free(body);
    return status;
}

/* Merges what several runs have for one upper half of a tag; returns the end of what it wrote. */
static uint32_t *merge_tags(const ss_run *run, size_t h, uint32_t *to)
{
    const uint32_t *at[SS_RUN_GROWTH], *end[SS_RUN_GROWTH];
    for (size_t r = 0; r < SS_RUN_GROWTH; r++) {
        uint32_t low = run[r].begin[h], high = run[r].begin[h + 1], most = run[r].begin[TAGS];
        if (low > high || high > most) low = high = 0;
        at[r] = run[r].posting + low;
        end[r] = run[r].posting + high;
    }
    for (;;) {
        size_t best = SS_RUN_GROWTH;
        for (size_t r = 0; r < SS_RUN_GROWTH; r++)
            if (at[r] < end[r] && (best == SS_RUN_GROWTH || *at[r] >> 16 < *at[best] >> 16))
                best = r;
        if (best == SS_RUN_GROWTH) return to;
        *to++ = *at[best]++ + (run[best].first - run[0].first);
    }
}

/* Merges the last runs into one. */
static samestory_status merge(ss_store *s, samestory_error *error)
{
    const ss_run *run = &s->run[s->runs - SS_RUN_GROWTH];
    size_t count = 0;
    for (size_t r = 0; r < SS_RUN_GROWTH; r++) count += run[r].begin[TAGS];
    uint32_t *body = calloc(BEGIN_BYTES / 4 + count, sizeof *body);
    if (!body) return ss_fail_memory(error);
    uint32_t *posting = body + TAGS + 1, *to = posting;
    for (size_t h = 0; h < TAGS; h++) {
        body[h] = (uint32_t)(to - posting);
        to = merge_tags(run, h, to);
    }
    body[TAGS] = (uint32_t)(to - posting);
    samestory_status status =
        write_run(s, run[0].first, run[0].count * SS_RUN_GROWTH, body, SS_RUN_GROWTH, error);
    free(body);
    return status;
}

/* Are the last runs as large as each other, do they begin where a larger one may, and do they live?
 */
static bool can_merge(const ss_store *s)
{
    if (s->runs < SS_RUN_GROWTH) return false;
    const ss_run *run = &s->run[s->runs - SS_RUN_GROWTH];
    uint32_t size = run->count;
    if (size >= SS_RUN_MOST || run->first % (size * SS_RUN_GROWTH) || run->first < s->state.live)
        return false;
    for (uint32_t r = 1; r < SS_RUN_GROWTH; r++)
        if (run[r].count != size || run[r].first != run->first + r * size) return false;
    return true;
}

samestory_status ss_store_file(ss_store *s, uint32_t end, const ss_filing *filings, size_t count,
                               samestory_error *error)
{
    samestory_status status = SAMESTORY_OK;
    while (!status && end - s->state.filed >= SS_RUN_DOCUMENTS) {
        uint32_t first = s->state.filed, there = end - first, size = SS_RUN_DOCUMENTS;
        while (size < SS_RUN_MOST && first % (size * SS_RUN_GROWTH) == 0 &&
               there >= size * SS_RUN_GROWTH)
            size *= SS_RUN_GROWTH;
        size_t used = 0;
        while (used < count && (uint32_t)filings[used] - first < size) used++;
        status = write_filings(s, first, size, filings, used, error);
        filings += used;
        count -= used;
        s->state.filed += size;
        while (!status && can_merge(s)) status = merge(s, error);
    }
    return status;
}
