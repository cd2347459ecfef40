/* Streams on disk: an engine over a store.
 *
 * Documents are judged at once and held in the tail until they are committed. A commit takes the
 * store's lock; what other processes have committed meanwhile is looked at first, and if there is
 * any, the tail is decided again on top of it. The window in memory holds the keys of the tail and
 * of those few documents of the store that are in no postings file yet. */
#include "engine/engine.h"

#include "base/array.h"
#include "base/status.h"

#include <stdlib.h>
#include <string.h>

/* ---- The window in memory
 * ---------------------------------------------------------------------------------- */

bool ss_stored_note(samestory_engine *e, const ss_key *keys, size_t count, uint32_t number)
{
    ss_tail *t = &e->tail;
    if (!ss_reserve(&t->filing, &t->filing_capacity, t->filings + count)) return false;
    for (size_t i = 0; i < count; i++)
        t->filing[t->filings++] = (uint64_t)ss_key_tag(keys[i].bucket) << 32 | number;
    t->window_end = number + 1;
    return true;
}

static bool empty_window(samestory_engine *e)
{
    ss_window *window = ss_window_new();
    if (!window) return false;
    ss_window_free(e->window);
    e->window = window;
    e->tail.window_first = e->tail.window_end = ss_store_filed(e->tail.store);
    e->tail.filings = 0;
    return true;
}

/* Puts the store's documents that no postings file has into the window. */
static bool fill_window(samestory_engine *e)
{
    ss_tail *t = &e->tail;
    ss_key keys[SS_FILED_KEYS];
    bool fits = t->window_first == ss_store_filed(t->store) && t->window_end <= e->base;
    if (!fits && !empty_window(e)) return false;
    for (uint32_t n = t->window_end; n < e->base; n++) {
        size_t count = ss_filed_keys(e->model, ss_store_checked_sketch(t->store, n),
                                     ss_store_row(t->store, n)->flags, keys);
        if (!ss_window_add(e->window, keys, count, n) || !ss_stored_note(e, keys, count, n))
            return false;
    }
    return true;
}

/* ---- The tail
 * -------------------------------------------------------------------------------------------------
 */

static void forget_tail_stories(ss_tail *t)
{
    ss_lookup_free(&t->story);
    t->stories = 0;
}

/* Begins an empty tail behind what the store has. */
static bool begin_tail(samestory_engine *e)
{
    e->base = ss_store_documents(e->tail.store);
    e->live = ss_store_live(e->tail.store);
    e->latest = ss_store_latest(e->tail.store);
    e->count = e->arrived_count = 0;
    e->tail.appended = 0;
    forget_tail_stories(&e->tail);
    return fill_window(e);
}

/* Gives back the memory of a tail that is committed, but for one block. */
static void free_tail_memory(samestory_engine *e)
{
    while (e->block_count > 1) free(e->block[--e->block_count]);
    if (e->block_count) e->block_used = 0;
    if (e->block_count && e->block_size > SS_BLOCK) free(e->block[--e->block_count]);
}

bool ss_stored_join(samestory_engine *e, uint32_t story)
{
    ss_tail *t = &e->tail;
    uint32_t at = ss_lookup_find(&t->story, story * 0x9E3779B97F4A7C15u);
    if (at == SS_LOOKUP_NONE) {
        at = (uint32_t)t->stories;
        if (!ss_reserve(&t->added, &t->story_capacity, t->stories + 1) ||
            !ss_lookup_add(&t->story, story * 0x9E3779B97F4A7C15u, at))
            return false;
        t->added[t->stories++] = 0;
    }
    t->added[at]++;
    return true;
}

uint32_t ss_stored_story_size(const samestory_engine *e, uint32_t story)
{
    uint32_t at = ss_lookup_find(&e->tail.story, story * 0x9E3779B97F4A7C15u);
    return ss_store_story_size(e->tail.store, story) +
           (at == SS_LOOKUP_NONE ? 0 : e->tail.added[at]);
}

/* A document of the tail as the store takes it. */
static ss_arrival arrival_of(const samestory_engine *e, uint32_t i)
{
    const ss_answer *a = &e->answer[i];
    ss_arrival out = {.sketch = e->sketch[i], .id = e->id[i]};
    out.row = (ss_row){.place = e->place[i],
                       .date = e->date[i],
                       .of = a->of,
                       .story = e->story[i],
                       .probability = (uint32_t)(a->probability * 1e6 + 0.5),
                       .relation = a->relation,
                       .reasons = a->reasons,
                       .flags = a->flags};
    memcpy(out.row.reason, a->reason, sizeof out.row.reason);
    if (a->of == UINT32_MAX) return out;
    const ss_sketch *of = ss_sketch_at(e, a->of);
    out.row.words = ss_words_code(
        ss_relation_words((samestory_relation)a->relation, e->sketch[i], of, a->reasons > 0));
    out.of = ss_id_at(e, a->of);
    out.story = ss_story_id_at(e, a->of, a->story);
    return out;
}

/* Writes documents of the tail up to `end`; no slice ends between them. */
static samestory_status append(samestory_engine *e, uint32_t end, samestory_error *error)
{
    ss_tail *t = &e->tail;
    samestory_status status = SAMESTORY_OK;
    size_t count = end - t->appended;
    ss_arrival *arrival = malloc((count + 1) * sizeof *arrival);
    if (!arrival) return ss_fail_memory(error);
    for (uint32_t i = t->appended; i < end; i++) arrival[i - t->appended] = arrival_of(e, i);
    status = ss_store_append(t->store, arrival, count, error);
    free(arrival);
    for (uint32_t i = t->appended; !status && i < end; i++)
        if (e->story[i] != e->base + i)
            status = ss_store_grow_story(t->store, e->story[i], 1, e->base + i, error);
    if (!status) t->appended = end;
    return status;
}

/* What the part of the tail that is not written adds to stories of the store. */
static bool note_stories(samestory_engine *e)
{
    forget_tail_stories(&e->tail);
    for (uint32_t i = e->tail.appended; i < e->count; i++)
        if (e->story[i] < e->base && !ss_stored_join(e, e->story[i])) return false;
    return true;
}

/* Writes the tail, with the slices that end between its documents closed. */
static samestory_status write_tail(samestory_engine *e, samestory_error *error)
{
    ss_tail *t = &e->tail;
    samestory_status status = SAMESTORY_OK;
    for (uint32_t i = t->appended; !status && i < e->count; i++) {
        if (!ss_slice_ends(e, e->base + i, e->place[i])) continue;
        status = append(e, i, error);
        if (!status) status = ss_store_close_slice(t->store, ss_oldest_kept(e, e->place[i]), error);
        e->live = ss_store_live(t->store);
    }
    if (!status) status = append(e, (uint32_t)e->count, error);
    if (!status && !note_stories(e)) status = ss_fail_memory(error);
    return status;
}

/* ---- Deciding again
 * --------------------------------------------------------------------------------------------- */

/* A tail's documents, put aside. */
typedef struct aside {
    ss_sketch **sketch;
    samestory_string *id;
    size_t count;
} aside;

static bool put_aside(const samestory_engine *e, aside *out)
{
    *out = (aside){malloc((e->count + 1) * sizeof *out->sketch),
                   malloc((e->count + 1) * sizeof *out->id), e->count};
    if (!out->sketch || !out->id) return false;
    if (!e->count) return true;
    memcpy(out->sketch, e->sketch, e->count * sizeof *out->sketch);
    memcpy(out->id, e->id, e->count * sizeof *out->id);
    return true;
}

static samestory_status decide(samestory_engine *e, ss_sketch *sketch, samestory_string id,
                               samestory_error *error)
{
    int64_t place;
    uint32_t known;
    ss_finding f;
    samestory_status status = ss_stream_judge(e, sketch, true, &place, &known, &f, error);
    if (status || known != UINT32_MAX) return status;
    return ss_stream_keep(e, sketch, id, place, &f, error);
}

/* Others have committed: the tail is decided on top of that, under the lock. */
static samestory_status decide_again(samestory_engine *e, samestory_error *error)
{
    aside a;
    samestory_status status = SAMESTORY_OK;
    e->tail.window_end =
        UINT32_MAX; /* the window has the tail, which is not committed: it is made anew */
    if (!put_aside(e, &a) || !begin_tail(e)) status = ss_fail_memory(error);
    for (size_t i = 0; !status && i < a.count; i++) status = decide(e, a.sketch[i], a.id[i], error);
    free(a.sketch);
    free(a.id);
    return status;
}

/* ---- Committing
 * -------------------------------------------------------------------------------------------------
 */

static samestory_status lock(samestory_engine *e, samestory_error *error)
{
    bool changed;
    if (e->tail.failed)
        return ss_fail(error, SAMESTORY_OUTPUT_FAILED,
                       "an earlier commit failed: open the index again, and give what was not "
                       "committed again");
    samestory_status status = ss_store_lock(e->tail.store, &changed, error);
    if (status) return status;
    if (changed) status = decide_again(e, error);
    if (status) {
        ss_store_unlock(e->tail.store, false, NULL);
        e->tail.failed = true;
    }
    return status;
}

/* Writes postings files, and ends the transaction. SAMESTORY_END: once more, from the lock on. */
static samestory_status finish(samestory_engine *e, samestory_status status, samestory_error *error)
{
    ss_tail *t = &e->tail;
    if (!status)
        status =
            ss_store_file(t->store, ss_store_documents(t->store), t->filing, t->filings, error);
    if (!status) {
        status = ss_store_unlock(t->store, true, error);
    } else {
        samestory_status back = ss_store_unlock(t->store, false, NULL);
        if (status == SAMESTORY_END || back == SAMESTORY_END) status = back;
    }
    if (status == SAMESTORY_END) {
        t->appended = 0;
        e->live = ss_store_live(t->store);
        if (note_stories(e)) return SAMESTORY_END;
        status = ss_fail_memory(error);
    }
    if (!status) {
        bool good = begin_tail(e);
        free_tail_memory(e);
        if (good) return SAMESTORY_OK;
        status = ss_fail_memory(error);
    }
    t->failed = true;
    return status;
}

samestory_status samestory_commit(samestory_engine *e, samestory_error *error)
{
    if (!e) return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "engine must not be NULL");
    samestory_status status = SAMESTORY_END;
    while (status == SAMESTORY_END && e->tail.store && e->count) {
        status = lock(e, error);
        if (!status) status = finish(e, write_tail(e, error), error);
    }
    return status == SAMESTORY_END ? SAMESTORY_OK : status;
}

samestory_status ss_stored_close(samestory_engine *e, int64_t place, samestory_error *error)
{
    samestory_status status = SAMESTORY_END;
    if (ss_store_locked(e->tail.store)) { /* while deciding again */
        status = write_tail(e, error);
        if (!status) status = ss_store_close_slice(e->tail.store, ss_oldest_kept(e, place), error);
        e->live = ss_store_live(e->tail.store);
        return status;
    }
    while (status == SAMESTORY_END) {
        status = lock(e, error);
        if (status) return status;
        status = write_tail(e, error);
        if (!status && ss_slice_ends(e, e->base + (uint32_t)e->count, place))
            status = ss_store_close_slice(e->tail.store, ss_oldest_kept(e, place), error);
        status = finish(e, status, error);
    }
    return status;
}

samestory_status ss_stored_begin(samestory_engine *e, samestory_error *error)
{
    bool changed;
    if (e->count || ss_store_locked(e->tail.store)) return SAMESTORY_OK;
    samestory_status status = ss_store_refresh(e->tail.store, &changed, error);
    if (!status && changed && !begin_tail(e)) status = ss_fail_memory(error);
    return status;
}

/* ---- Forgetting and taking down
 * ----------------------------------------------------------------------------------- */

static bool is_old(const samestory_engine *e, int64_t before)
{
    uint32_t next = e->base + (uint32_t)e->count;
    return next > ss_store_open_slice(e->tail.store) && e->latest < before;
}

samestory_status ss_stored_expire(samestory_engine *e, int64_t before, samestory_error *error)
{
    samestory_status status = SAMESTORY_END;
    while (status == SAMESTORY_END) {
        status = lock(e, error);
        if (status) return status;
        status = write_tail(e, error);
        if (!status && is_old(e, before))
            status = ss_store_close_slice(e->tail.store, SAMESTORY_NO_DATE, error);
        if (!status) status = ss_store_forget(e->tail.store, before, error);
        status = finish(e, status, error);
    }
    return status;
}

static bool has_id(const samestory_engine *e, uint32_t n, samestory_string id)
{
    if (ss_flags_at(e, n) & SS_ROW_DELETED) return false;
    samestory_string is = ss_id_at(e, n);
    return is.size == id.size && !memcmp(is.data, id.data, id.size);
}

samestory_status ss_stored_delete(samestory_engine *e, samestory_string id, size_t *deleted,
                                  samestory_error *error)
{
    samestory_status status = SAMESTORY_END;
    size_t found = 0;
    while (status == SAMESTORY_END) {
        status = lock(e, error);
        if (status) return status;
        status = write_tail(e, error);
        found = 0;
        for (uint32_t n = e->live; !status && n < ss_store_documents(e->tail.store); n++) {
            if (!has_id(e, n, id)) continue;
            status = ss_store_delete(e->tail.store, n, error);
            found++;
        }
        status = finish(e, status, error);
    }
    if (!status && deleted) *deleted = found;
    return status;
}

/* ---- Verdicts
 * --------------------------------------------------------------------------------------------------------
 */

void ss_stored_verdict(const samestory_engine *e, uint32_t number, samestory_verdict *out)
{
    ss_stored s = ss_store_get(e->tail.store, number);
    ss_verdict_of_row(ss_store_row(e->tail.store, number), &s, out);
}

void ss_verdict_of_row(const ss_row *row, const ss_stored *stored, samestory_verdict *out)
{
    const ss_stored s = *stored;
    const ss_anchor *anchor = ss_sketch_anchors(s.sketch);
    *out = (samestory_verdict){.struct_size = sizeof *out,
                               .relation = row->relation > SAMESTORY_STORY
                                               ? SAMESTORY_NONE
                                               : (samestory_relation)row->relation,
                               .probability = row->probability / 1e6,
                               .story = s.story.size ? s.story : s.id};
    if (row->of == UINT32_MAX) return;
    out->of = s.of;
    const char *words = ss_words_of_code(row->words);
    if (words) out->reasons[out->reason_count++] = (samestory_string){words, strlen(words)};
    for (size_t i = 0;
         i < row->reasons && i < SAMESTORY_REASONS && out->reason_count < SAMESTORY_REASONS; i++) {
        if (row->reason[i] >= s.sketch->anchors) continue;
        const ss_anchor *a = &anchor[row->reason[i]];
        if (a->text_size && (size_t)a->text + a->text_size <= s.sketch->pool)
            out->reasons[out->reason_count++] =
                (samestory_string){ss_sketch_pool(s.sketch) + a->text, a->text_size};
    }
}

/* ---- Birth and death
 * ---------------------------------------------------------------------------------------------------
 */

samestory_status samestory_engine_open(const samestory_model *model, const char *folder,
                                       const samestory_options *options, samestory_engine **out,
                                       samestory_error *error)
{
    samestory_engine *e = NULL;
    if (!folder || !out)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "folder and out must not be NULL");
    samestory_status status = samestory_engine_new(model, options, &e, error);
    if (status) return status;
    status = ss_store_open(folder, model, e->options.read_only ? SS_STORE_READ : SS_STORE_WRITE,
                           &e->tail.store, error);
    ss_begin_stream(e);
    if (!status && !begin_tail(e)) status = ss_fail_memory(error);
    if (!status) status = ss_store_damage(e->tail.store, error);
    if (status)
        samestory_engine_free(e);
    else
        *out = e;
    return status;
}

int64_t samestory_latest(const samestory_engine *engine)
{
    return engine ? engine->latest : SAMESTORY_NO_DATE;
}

void ss_stored_free(samestory_engine *e)
{
    ss_store_free(e->tail.store);
    free(e->tail.filing);
    free(e->tail.added);
    ss_lookup_free(&e->tail.story);
    free(e->span);
}
