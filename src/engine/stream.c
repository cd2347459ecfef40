/* Streams: each document is judged against those that came before, with the statistics of closed slices,
 * and then kept. */
#include "engine/engine.h"

#include "base/status.h"

enum { SLICE = 65536 }; /* a slice closes with its day, or after so many documents */

static int64_t day_of(int64_t date)
{
    return date == SAMESTORY_NO_DATE ? date : date / SS_DAY - (date % SS_DAY < 0);
}

/* Closes the open slice when a document of a later day arrives, or when it is full: only now do its
 * documents count in the statistics. */
static bool close_slice(samestory_engine *e, int64_t place)
{
    size_t open = e->arrived_count - e->slice_start;
    if (!open) return true;
    bool new_day = place != SAMESTORY_NO_DATE && day_of(place) != day_of(e->place[e->slice_start]);
    if (!new_day && open < SLICE) return true;
    for (size_t i = e->slice_start; i < e->arrived_count; i++)
        if (!ss_statistics_count(e->statistics, e->arrived[i])) return false;
    e->slice_start = e->arrived_count;
    return true;
}

static bool file_document(samestory_engine *e, uint32_t number, int64_t place)
{
    ss_key keys[SS_KEYS_MAX];
    size_t count = ss_keys_of(e->model, e->sketch[number], SS_CELLS_OF_DOCUMENT, keys);
    return ss_window_add(e->window, keys, count, (uint32_t)e->arrived_count) &&
           ss_file_document(e, number, place);
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
    e->phase = SS_STREAM;
    return SAMESTORY_OK;
}

/* Judges a document of the stream; *known: it is here already, with this number. A document that is
 * only asked about is not `arriving`: it closes no slice, and so leaves no trace in later answers. */
static samestory_status judge_next(samestory_engine *e, const samestory_document *document,
                                   bool arriving, const ss_sketch **sketch, int64_t *place,
                                   int64_t *known, ss_finding *f, samestory_error *error)
{
    samestory_document named = *document;
    named.id = ss_document_id(document);
    const ss_sketch *s =
        ss_sketch_make(e->sketcher[0], &named, e->options.ignore_dates, e->options.ids_repeat);
    if (!s) return ss_fail_memory(error);
    *sketch = s;
    *known = ss_find_known(e, s);
    if (*known >= 0) return SAMESTORY_OK;
    *place = s->date != SAMESTORY_NO_DATE && s->date > e->latest ? s->date : e->latest;
    if (arriving && !close_slice(e, *place)) return ss_fail_memory(error);
    ss_judge_document(e, 0, s, *place, ss_date_of(s, *place), (uint32_t)e->arrived_count,
                   ss_lookup_find(&e->texts, s->text_hash), f);
    return f->failed ? ss_fail_memory(error) : SAMESTORY_OK;
}

samestory_status samestory_add(samestory_engine *e, const samestory_document *document,
                               samestory_verdict *out, samestory_error *error)
{
    const ss_sketch *s;
    int64_t place, known;
    ss_finding f;
    samestory_status status = enter_stream(e, document, out, error);
    if (!status) status = judge_next(e, document, true, &s, &place, &known, &f, error);
    if (status) return status;
    if (known >= 0) {
        e->report.repeated++;
        return samestory_verdict_of(e, (size_t)known, out);
    }
    uint32_t number = (uint32_t)e->count, at = (uint32_t)e->arrived_count;
    ss_sketch *kept = ss_keep_sketch(e, s);
    ss_answer answer = ss_answer_of(e, number, &f);
    if (!kept || !ss_keep_document(e, kept, ss_document_id(document)) ||
        !file_document(e, number, place))
        return ss_fail_memory(error);
    e->latest = place;
    ss_enter_story(e, at, &answer, &f);
    e->answer[number] = answer;
    ss_count_answer(e, &answer, &f);
    return samestory_verdict_of(e, number, out);
}

samestory_status samestory_query(samestory_engine *e, const samestory_document *document,
                                 samestory_verdict *out, samestory_error *error)
{
    const ss_sketch *s;
    int64_t place, known;
    ss_finding f;
    samestory_status status = enter_stream(e, document, out, error);
    if (!status) status = judge_next(e, document, false, &s, &place, &known, &f, error);
    if (status) return status;
    if (known >= 0) return samestory_verdict_of(e, (size_t)known, out);
    ss_answer answer = ss_answer_of(e, UINT32_MAX, &f);
    samestory_string id = ss_document_id(document);
    ss_fill_verdict(e, s, &answer, id.size ? id : ss_id_of_content(s, e->query_id), out);
    return SAMESTORY_OK;
}
