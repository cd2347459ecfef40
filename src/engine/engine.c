/* The engine: its birth and death, and looking at it from outside. What it does with documents:
 * documents.c keeps and files them, arrival.c judges them, stream.c and collection.c call these in order. */
#include "engine/engine.h"

#include "base/status.h"
#include "sketch/known.h"

#include <stdlib.h>

enum {
    WEEK = 7 * SS_DAY,
    FEW_THREADS = 2 /* whose sketchers keep as many words as they can */
};

/* ---- Birth and death ------------------------------------------------------------------------------ */

void samestory_engine_free(samestory_engine *e)
{
    if (!e) return;
    for (unsigned i = 0; i < e->options.threads; i++) {
        if (e->sketcher) ss_sketcher_free(e->sketcher[i]);
        if (e->proposer) ss_proposer_free(e->proposer[i]);
    }
    free(e->sketcher);
    free(e->proposer);
    free(e->sketch);
    free(e->id);
    free(e->original);
    free(e->answer);
    ss_lookup_free(&e->known);
    ss_lookup_free(&e->texts);
    free(e->twin);
    for (size_t i = 0; i < e->block_count; i++) free(e->block[i]);
    free(e->block);
    ss_statistics_free(e->statistics);
    ss_window_free(e->window);
    ss_near_free(e->near);
    ss_postings_free(e->postings);
    free(e->arrival);
    free(e->arrived);
    free(e->place);
    free(e->date);
    free(e->story);
    free(e->story_size);
    ss_spill_free(e);
    ss_stored_free(e);
    free(e);
}

static void choose_threshold(samestory_engine *e, bool stream)
{
    const samestory_options *o = &e->options;
    const ss_judge *judge = e->model->judge_parsed;
    bool given = o->threshold > 0;
    e->alone = given ? o->threshold : ss_judge_threshold(judge, o->preset, true);
    e->threshold = given || stream ? e->alone : ss_judge_threshold(judge, o->preset, false);
    e->report.threshold = e->threshold;
}

void ss_begin_stream(samestory_engine *e)
{
    e->phase = SS_STREAM;
    choose_threshold(e, true);
}

samestory_status samestory_engine_new(const samestory_model *model, const samestory_options *options,
                                      samestory_engine **out, samestory_error *error)
{
    static const samestory_options standard = SAMESTORY_OPTIONS_INIT;
    if (!model || !out)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "model and out must not be NULL");
    if (!options) options = &standard;
    if (options->struct_size != sizeof *options || options->threads > 1024 ||
        (unsigned)options->preset >= SAMESTORY_PRESETS ||
        !(options->threshold >= 0 && options->threshold <= 1))
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT,
                       "options: use SAMESTORY_OPTIONS_INIT; threads <= 1024; threshold 0..1");
    samestory_engine *e = calloc(1, sizeof *e);
    if (!e) return ss_fail_memory(error);
    e->model = model;
    e->options = *options;
    if (!e->options.threads) e->options.threads = 1;
    if (!e->options.window) e->options.window = WEEK;
    e->latest = SAMESTORY_NO_DATE;
    e->sketcher = calloc(e->options.threads, sizeof *e->sketcher);
    e->proposer = calloc(e->options.threads, sizeof *e->proposer);
    e->statistics = ss_statistics_new();
    e->window = ss_window_new();
    bool good = e->sketcher && e->proposer && e->statistics && e->window;
    /* many threads have to do with less memory each */
    size_t places = e->options.threads > FEW_THREADS ? SS_KNOWN_PLACES / 2 : SS_KNOWN_PLACES;
    for (unsigned i = 0; good && i < e->options.threads; i++) {
        e->sketcher[i] = ss_sketcher_new_with(model, places);
        e->proposer[i] = ss_proposer_new();
        good = e->sketcher[i] && e->proposer[i];
    }
    if (!good) {
        samestory_engine_free(e);
        return ss_fail_memory(error);
    }
    e->report = (samestory_report){.struct_size = sizeof e->report};
    choose_threshold(e, options->as_stream);
    samestory_status status = e->options.folder ? ss_spill_open(e, error) : SAMESTORY_OK;
    if (status) {
        samestory_engine_free(e);
        return status;
    }
    *out = e;
    return SAMESTORY_OK;
}

/* ---- Looking ------------------------------------------------------------------------------------------------ */

size_t samestory_count(const samestory_engine *engine)
{
    return engine->base + engine->count;
}

size_t samestory_taken_up(const samestory_engine *engine)
{
    return engine->taken_up;
}

samestory_string samestory_id(const samestory_engine *engine, size_t number)
{
    size_t count = engine->base + engine->count;
    ss_shelf_relieve(engine->shelf); /* ids stand beside the sketches */
    return number < count && number >= engine->live ? ss_id_at(engine, (uint32_t)number)
                                                    : (samestory_string){NULL, 0};
}

size_t samestory_original(const samestory_engine *engine, size_t number)
{
    size_t i = number - engine->base;
    return number >= engine->base && i < engine->count ? engine->original[i] : number;
}

samestory_status samestory_verdict_of(const samestory_engine *e, size_t number,
                                      samestory_verdict *out)
{
    if (!e || !out || out->struct_size != sizeof *out || number >= e->base + e->count || number < e->live ||
        (e->phase != SS_SETTLED && e->phase != SS_STREAM))
        return SAMESTORY_BAD_ARGUMENT;
    if (number < e->base) {
        ss_stored_verdict(e, (uint32_t)number, out);
        return SAMESTORY_OK;
    }
    ss_shelf_relieve(e->shelf);
    size_t i = number - e->base, original = e->original[i] - e->base;
    ss_fill_verdict(e, e->sketch[original], &e->answer[original], e->id[i], out);
    return SAMESTORY_OK;
}

samestory_status samestory_vector(const samestory_engine *e, size_t number, float *out)
{
    if (!e || !out || number >= e->count) return SAMESTORY_BAD_ARGUMENT;
    const ss_sketch *s = e->sketch[number];
    double scale = ss_vector_scale(s->dimension);
    for (size_t i = 0; i < s->dimension; i++)
        out[i] = (float)(ss_sketch_vector(s)[i] / scale);
    return SAMESTORY_OK;
}

samestory_status samestory_edges(const samestory_engine *e, const samestory_edge **out, size_t *count)
{
    if (!e || !out || !count || e->phase != SS_SETTLED) return SAMESTORY_BAD_ARGUMENT;
    *out = e->edge;
    *count = e->edge_count;
    return SAMESTORY_OK;
}

samestory_status samestory_engine_report(const samestory_engine *e, samestory_report *out)
{
    if (!e || !out || out->struct_size != sizeof *out) return SAMESTORY_BAD_ARGUMENT;
    *out = e->report;
    out->documents = e->count;
    return SAMESTORY_OK;
}

const char *samestory_relation_name(samestory_relation relation)
{
    static const char *const names[] = {"none", "copy", "revision", "story"};
    return (unsigned)relation < 4 ? names[relation] : "unknown";
}
