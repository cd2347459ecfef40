/* Streams: each document is judged against those that came before, with the statistics of closed
 * slices, and then kept: in memory, or in a store (stored.c). A document's number is its arrival.
 */
#include "engine/engine.h"

#include "base/array.h"
#include "base/pool.h"
#include "base/status.h"

#include <stdlib.h>
#include <string.h>

enum { SLICE = SS_SLICE_DOCUMENTS }; /* a slice closes with its day, or after so many documents */

/* ---- Slices
 * ----------------------------------------------------------------------------------------- */

bool ss_slice_ends(const samestory_engine *e, uint32_t next, int64_t place)
{
    uint32_t first = e->tail.store ? ss_store_open_slice(e->tail.store) : (uint32_t)e->slice_start;
    if (next <= first) return false;
    if (next - first >= SLICE) return true;
    return place != SAMESTORY_NO_DATE && ss_slice_day(place) != ss_slice_day(ss_place_at(e, first));
}

int64_t ss_oldest_kept(const samestory_engine *e, int64_t place)
{
    int64_t story = e->options.window, copy = ss_copy_seconds(e);
    int64_t longest = story > copy ? story : copy;
    if (story < 0 || copy < 0 || place == SAMESTORY_NO_DATE || place < INT64_MIN + 1 + longest)
        return SAMESTORY_NO_DATE;
    return place - longest;
}

/* Forgets slices that ended before `oldest`; what they counted is taken back when a slice closes.
 */
static void forget_spans(samestory_engine *e, int64_t oldest)
{
    while (e->spans_forgotten < e->spans && e->span[e->spans_forgotten].last_place < oldest)
        e->live = e->span[e->spans_forgotten++].end;
}

/* Closes the open slice of a stream in memory: only now do its documents count in the statistics.
 */
static bool close_span(samestory_engine *e, int64_t oldest)
{
    uint32_t next = (uint32_t)e->arrived_count;
    if (!ss_reserve(&e->span, &e->span_capacity, e->spans + 1)) return false;
    forget_spans(e, oldest);
    if (!ss_statistics_count(e->statistics, e->arrived + e->slice_start, next - e->slice_start))
        return false;
    for (; e->spans_uncounted < e->spans_forgotten; e->spans_uncounted++) {
        const ss_span *span = &e->span[e->spans_uncounted];
        if (!ss_statistics_uncount(e->statistics, e->arrived + span->first,
                                   span->end - span->first))
            return false;
    }
    e->span[e->spans++] = (ss_span){(uint32_t)e->slice_start, next, e->place[next - 1]};
    e->slice_start = next;
    return true;
}

/* Closes the open slice. */
static samestory_status make_way(samestory_engine *e, int64_t place, samestory_error *error)
{
    if (e->tail.store) return ss_stored_close(e, place, error);
    return close_span(e, ss_oldest_kept(e, place)) ? SAMESTORY_OK : ss_fail_memory(error);
}

/* ---- What is here already
 * ------------------------------------------------------------------------------ */

/* Is live document n of this text, and as wanted: with that id, or else the head of its text? */
static bool is_same(const samestory_engine *e, uint32_t n, const ss_sketch *s, bool by_id)
{
    if (n < e->live || n >= e->base + e->count || ss_flags_at(e, n) & SS_ROW_DELETED) return false;
    const ss_sketch *other = ss_sketch_at(e, n);
    if (other->text_hash != s->text_hash) return false;
    return by_id ? other->id == s->id : (ss_flags_at(e, n) & SS_ROW_HEAD) != 0;
}

static uint32_t find_same(const samestory_engine *e, const ss_sketch *s, bool by_id)
{
    uint64_t bucket = by_id ? ss_identity_bucket(s) : ss_text_bucket(s);
    for (uint32_t at = ss_window_latest(e->window, bucket); at != SS_NO_POSTING;) {
        const ss_posting *p = ss_window_posting(e->window, at);
        if (is_same(e, p->document, s, by_id)) return p->document;
        at = p->before;
    }
    if (!e->tail.store) return UINT32_MAX;
    ss_store_walk walk = ss_store_walk_new(e->tail.store, bucket);
    for (uint32_t n; (n = ss_store_walk_next(e->tail.store, &walk)) != UINT32_MAX;)
        if (is_same(e, n, s, by_id)) return n;
    return UINT32_MAX;
}

/* ---- One document
 * ------------------------------------------------------------------------------------------ */

samestory_status ss_stream_judge(samestory_engine *e, const ss_sketch *s, bool arriving,
                                 int64_t *place, uint32_t *known, ss_finding *f,
                                 samestory_error *error)
{
    for (;;) { /* again after a slice has closed: what others committed is seen only then */
        *known = s->id ? find_same(e, s, true) : UINT32_MAX;
        if (*known != UINT32_MAX) return SAMESTORY_OK;
        *place = s->date != SAMESTORY_NO_DATE && s->date > e->latest ? s->date : e->latest;
        if (!arriving || !ss_slice_ends(e, e->base + (uint32_t)e->count, *place)) break;
        samestory_status status = make_way(e, *place, error);
        if (status) return status;
    }
    f->twin = find_same(e, s, false);
    ss_judge_document(e, 0, s, *place, ss_date_of(s, *place), e->base + (uint32_t)e->count, f->twin,
                      f);
    if (f->failed) return ss_fail_memory(error);
    return e->tail.store ? ss_store_damage(e->tail.store, error) : SAMESTORY_OK;
}

samestory_status ss_stream_keep(samestory_engine *e, const ss_sketch *kept, samestory_string id,
                                int64_t place, const ss_finding *f, samestory_error *error)
{
    ss_key keys[SS_FILED_KEYS];
    uint32_t number = e->base + (uint32_t)e->count;
    ss_answer answer = ss_answer_of(e, number, kept, ss_date_of(kept, place), f);
    answer.flags = f->twin == UINT32_MAX ? SS_ROW_HEAD : 0;
    size_t count = ss_filed_keys(e->model, kept, answer.flags, keys);
    if (number == UINT32_MAX - 1)
        return ss_fail(error, SAMESTORY_OUTPUT_FAILED,
                       "a stream takes 2^32 documents: begin a new one");
    if (!ss_keep_document(e, kept, id) || !ss_window_add(e->window, keys, count, number) ||
        !ss_file_document(e, number, place) || !ss_enter_story(e, number, &answer, f))
        return ss_fail_memory(error);
    if (e->tail.store && !ss_stored_note(e, keys, count, number)) return ss_fail_memory(error);
    e->latest = place;
    e->answer[number - e->base] = answer;
    ss_count_finding(e, f);
    ss_count_answer(e, &answer);
    return SAMESTORY_OK;
}

static samestory_status enter_stream(samestory_engine *e, const samestory_document *document,
                                     samestory_verdict *out, samestory_error *error)
{
    if (!e || !out || out->struct_size != sizeof *out)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "verdict: begin with SAMESTORY_VERDICT_INIT");
    samestory_status status = ss_check_document(document, error);
    if (status) return status;
    if (e->phase > SS_STREAM)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT,
                       "this engine gathers a collection: open another one for a stream");
    if (e->phase != SS_STREAM) ss_begin_stream(e);
    return e->tail.store ? ss_stored_begin(e, error) : SAMESTORY_OK;
}

static const ss_sketch *make_sketch(const samestory_engine *e, unsigned worker,
                                    const samestory_document *document)
{
    samestory_document named = *document;
    named.id = ss_document_id(document);
    return ss_sketch_make(e->sketcher[worker], &named, e->options.ignore_dates,
                          e->options.ids_repeat);
}

static samestory_status add_sketch(samestory_engine *e, const ss_sketch *s, samestory_string id,
                                   samestory_verdict *out, samestory_error *error)
{
    int64_t place;
    uint32_t known;
    ss_finding f;
    if (e->tail.store && e->options.read_only)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "the index was opened to be asked only");
    samestory_status status = ss_stream_judge(e, s, true, &place, &known, &f, error);
    if (status) return status;
    if (known != UINT32_MAX) {
        e->report.repeated++;
        return samestory_verdict_of(e, known, out);
    }
    ss_sketch *kept = ss_keep_sketch(e, s);
    if (!kept) return ss_fail_memory(error);
    status = ss_stream_keep(e, kept, id, place, &f, error);
    return status ? status : samestory_verdict_of(e, e->base + e->count - 1, out);
}

samestory_status samestory_add(samestory_engine *e, const samestory_document *document,
                               samestory_verdict *out, samestory_error *error)
{
    samestory_status status = enter_stream(e, document, out, error);
    if (status) return status;
    const ss_sketch *s = make_sketch(e, 0, document);
    return s ? add_sketch(e, s, ss_document_id(document), out, error) : ss_fail_memory(error);
}

/* Documents that are sketched side by side. */
typedef struct batch {
    const samestory_engine *e;
    const samestory_document *document;
    ss_sketch **sketch; /* malloc'd by the workers */
} batch;

static void sketch_batch(void *context, unsigned worker, size_t begin, size_t end)
{
    batch *b = context;
    for (size_t i = begin; i < end; i++) {
        const ss_sketch *s = make_sketch(b->e, worker, &b->document[i]);
        b->sketch[i] = s ? malloc(s->size) : NULL;
        if (b->sketch[i]) memcpy(b->sketch[i], s, s->size);
    }
}

samestory_status samestory_add_batch(samestory_engine *e, const samestory_document *documents,
                                     size_t count,
                                     void (*answered)(void *context, size_t number,
                                                      const samestory_verdict *verdict),
                                     void *context, samestory_error *error)
{
    samestory_verdict verdict = SAMESTORY_VERDICT_INIT;
    samestory_status status = SAMESTORY_OK;
    if (!answered) return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "answered must not be NULL");
    for (size_t i = 0; !status && i < count; i++)
        status = enter_stream(e, &documents[i], &verdict, error);
    if (status || !count) return status;
    batch b = {e, documents, calloc(count, sizeof *b.sketch)};
    if (!b.sketch) return ss_fail_memory(error);
    enum { WORTH_THREADS = 4 };
    ss_parallel(count < WORTH_THREADS ? 1 : e->options.threads, count, 1, sketch_batch, &b);
    for (size_t i = 0; !status && i < count; i++) {
        status =
            b.sketch[i] ? enter_stream(e, &documents[i], &verdict, error) : ss_fail_memory(error);
        if (!status)
            status = add_sketch(e, b.sketch[i], ss_document_id(&documents[i]), &verdict, error);
        if (!status) answered(context, i, &verdict);
    }
    for (size_t i = 0; i < count; i++) free(b.sketch[i]);
    free(b.sketch);
    return status;
}

samestory_status samestory_query(samestory_engine *e, const samestory_document *document,
                                 samestory_verdict *out, samestory_error *error)
{
    int64_t place;
    uint32_t known;
    ss_finding f;
    samestory_status status = enter_stream(e, document, out, error);
    if (status) return status;
    const ss_sketch *s = make_sketch(e, 0, document);
    if (!s) return ss_fail_memory(error);
    status = ss_stream_judge(e, s, false, &place, &known, &f, error);
    if (status) return status;
    if (known != UINT32_MAX) return samestory_verdict_of(e, known, out);
    ss_answer answer = ss_answer_of(e, UINT32_MAX, s, ss_date_of(s, place), &f);
    samestory_string id = ss_document_id(document);
    ss_fill_verdict(e, s, &answer, id.size ? id : ss_id_of_content(s, e->query_id), out);
    return SAMESTORY_OK;
}

/* ---- Forgetting
 * -------------------------------------------------------------------------------------------- */

samestory_status samestory_expire(samestory_engine *e, int64_t before, samestory_error *error)
{
    if (!e || e->phase > SS_STREAM)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "only streams forget");
    if (e->tail.store) return ss_stored_expire(e, before, error);
    if (e->arrived_count > e->slice_start && e->place[e->arrived_count - 1] < before &&
        !close_span(e, SAMESTORY_NO_DATE))
        return ss_fail_memory(error);
    forget_spans(e, before);
    return SAMESTORY_OK;
}

samestory_status samestory_delete(samestory_engine *e, samestory_string id, size_t *deleted,
                                  samestory_error *error)
{
    if (!e || e->phase > SS_STREAM)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "only streams take documents down");
    if (e->tail.store) return ss_stored_delete(e, id, deleted, error);
    size_t found = 0;
    for (size_t i = e->live; i < e->count; i++) {
        bool same = e->id[i].size == id.size && !memcmp(e->id[i].data, id.data, id.size);
        if (!same || e->answer[i].flags & SS_ROW_DELETED) continue;
        e->answer[i].flags = SS_ROW_DELETED;
        found++;
    }
    if (deleted) *deleted = found;
    return SAMESTORY_OK;
}
