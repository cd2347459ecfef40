/* A collection that is settled as a stream: its documents arrive by date, each is judged with what
 * a stream knew then, and the answers come back to the collection's numbers. */
#include "engine/engine.h"

#include "base/array.h"
#include "base/status.h"

#include <stdlib.h>
#include <string.h>

typedef struct rerun {
    samestory_engine *e, *stream;
    uint32_t *number; /* by the stream's number: the collection's */
    size_t capacity;
} rerun;

static bool keep_edges(rerun *r, const ss_finding *f, uint32_t number)
{
    samestory_engine *e = r->e;
    if (!ss_shelve(e->shelf, &e->edges, (e->edge_count + f->links) * sizeof *e->edge)) return false;
    e->edge = e->edges.data;
    for (size_t i = 0; i < f->links; i++)
        e->edge[e->edge_count++] = (samestory_edge){.a = r->number[f->link[i].document],
                                                    .b = number,
                                                    .relation = f->link[i].relation,
                                                    .dated = f->link[i].dated,
                                                    .alone = f->link[i].probability,
                                                    .probability = f->link[i].probability};
    return true;
}

static samestory_status arrive(rerun *r, uint32_t number, samestory_error *error)
{
    samestory_engine *e = r->e, *s = r->stream;
    int64_t place;
    uint32_t known;
    ss_finding f;
    samestory_status status =
        ss_stream_judge(s, e->sketch[number], true, &place, &known, &f, error);
    if (status) return status;
    e->original[number] = known == UINT32_MAX ? number : r->number[known];
    if (known != UINT32_MAX) {
        e->report.repeated++;
        return SAMESTORY_OK;
    }
    status = ss_stream_keep(s, e->sketch[number], e->id[number], place, &f, error);
    if (status) return status;
    size_t at = s->count - 1;
    if (!ss_reserve(&r->number, &r->capacity, at + 1)) return ss_fail_memory(error);
    r->number[at] = number;
    ss_answer *answer = &e->answer[number];
    *answer = s->answer[at];
    answer->order = (uint32_t)at;
    answer->story = r->number[answer->story];
    if (answer->of != UINT32_MAX) answer->of = r->number[answer->of];
    ss_count_finding(e, &f);
    ss_count_answer(e, answer);
    return keep_edges(r, &f, number) ? SAMESTORY_OK : ss_fail_memory(error);
}

samestory_status ss_settle_as_stream(samestory_engine *e, const uint32_t *order, size_t count,
                                     void (*progress)(void *context, size_t done), void *context,
                                     samestory_error *error)
{
    enum { TOLD = 256 };
    rerun r = {.e = e};
    samestory_options options = e->options;
    options.threads = 1;
    options.folder = NULL; /* it borrows the sketches */
    samestory_status status = samestory_engine_new(e->model, &options, &r.stream, error);
    if (!status) ss_begin_stream(r.stream);
    for (size_t i = 0; !status && i < count; i++) {
        if (progress && i % TOLD == 0) progress(context, i);
        ss_shelf_relieve(e->shelf);
        status = arrive(&r, order[i], error);
    }
    samestory_engine_free(r.stream);
    free(r.number);
    return status;
}
