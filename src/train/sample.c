/* Sampling pairs (see the header). */
#include "train/sample.h"

#include "base/array.h"
#include "engine.h"
#include "train/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { PROPOSED_TRUE, PROPOSED_FALSE, OTHER_TRUE, NEAR_FALSE, FAR_FALSE, KINDS, WEEK = 7 };

/* Pairs taken of a kind, at most: enough for sixty weights, few enough for minutes. */
static const double most_taken[KINDS] = {10000, 24000, 4000, 20000, 12000};
/* From this cosine on, a pair that the index does not propose may still be taken for a story. */
static const double near_cosine = 0.4;

typedef struct reading {
    const sample_set *set;
    samestory_engine *engine;
    uint64_t *story, *family;
    size_t count, story_room, family_room;
} reading;

static void reading_free(reading *r)
{
    samestory_engine_free(r->engine);
    free(r->story);
    free(r->family);
}

/* Reads one label of every document into *out; gives the documents to the engine, if any. */
static samestory_status read_labels(const char *path, const char *field, uint64_t **out, size_t *room,
                                    size_t *count, samestory_engine *engine, samestory_error *error)
{
    samestory_reader *reader;
    samestory_reader_options options = SAMESTORY_READER_OPTIONS_INIT;
    options.label_field = field;
    samestory_status status = samestory_reader_open(&path, 1, &options, &reader, error);
    if (status) return status;
    *count = 0;
    for (;;) {
        samestory_record record = SAMESTORY_RECORD_INIT;
        status = samestory_reader_next(reader, &record, error);
        if (status) break;
        if (record.is_blank) continue;
        if (!ss_reserve(out, room, *count + 1))
            status = ss_fail_memory(error);
        else
            (*out)[(*count)++] =
                record.label.size ? XXH3_64bits(record.label.data, record.label.size) : 0;
        if (!status && engine) status = samestory_gather(engine, &record.document, 1, error);
        if (status) break;
    }
    samestory_reader_free(reader);
    return status == SAMESTORY_END ? SAMESTORY_OK : status;
}

static samestory_status read_documents(const samestory_model *m, unsigned threads, reading *r,
                                       samestory_error *error)
{
    samestory_options options = SAMESTORY_OPTIONS_INIT;
    options.threads = threads;
    options.ignore_dates = !r->set->dated;
    options.ids_repeat = true;
    size_t families;
    samestory_status status = samestory_engine_new(m, &options, &r->engine, error);
    if (!status)
        status = read_labels(r->set->path, "story", &r->story, &r->story_room, &r->count, r->engine,
                             error);
    if (!status)
        status = read_labels(r->set->path, "family", &r->family, &r->family_room, &families, NULL,
                             error);
    if (!status) status = samestory_settle(r->engine, NULL, NULL, error);
    for (size_t i = 0; !status && i < r->count; i++) {
        if (!r->story[i]) r->story[i] = i + 1; /* a document of no story is one of its own */
        if (!r->family[i]) r->family[i] = r->story[i];
    }
    return status;
}

static bool is_dated(const reading *r)
{
    size_t dated = 0;
    for (size_t i = 0; i < r->count; i++) dated += r->engine->sketch[i]->date != SAMESTORY_NO_DATE;
    return dated * 2 > r->count;
}

/* ---- Pairs ----------------------------------------------------------------------------------------- */

static bool add_sample(sample_set *set, const reading *r, size_t a, size_t b, bool proposed,
                       double share)
{
    static const ss_judge blank = {.threshold = 0.5, .weight = {{-50}, {-50}}};
    if (!ss_reserve(&set->sample, &set->capacity, set->count + 1)) return false;
    sample *p = &set->sample[set->count++];
    ss_evidence e;
    ss_engine_evidence(r->engine, a, b, &e);
    for (size_t i = 0; i < SS_SIGNALS; i++) p->x[i] = (float)e.signal[i];
    p->stands_for = (float)(1 / share);
    p->floor = (float)ss_judge_of(&blank, &e).probability;
    p->group_a = (uint32_t)(r->family[a] >> 20);
    p->group_b = (uint32_t)(r->family[b] >> 20);
    p->positive = r->story[a] == r->story[b];
    p->cross = e.signal[SS_SIGNAL_CROSS] > 0;
    p->proposed = proposed;
    p->in_week = !e.dated || e.gap_days <= WEEK;
    return true;
}

static int kind_of(const reading *r, size_t a, size_t b, bool proposed)
{
    if (r->story[a] == r->story[b]) return proposed ? PROPOSED_TRUE : OTHER_TRUE;
    if (proposed) return PROPOSED_FALSE;
    if (r->set->crowd) return FAR_FALSE;
    const ss_sketch *x = r->engine->sketch[a], *y = r->engine->sketch[b];
    double scale = ss_vector_scale(x->dimension);
    int32_t dot = ss_dot(ss_sketch_vector(x), ss_sketch_vector(y), x->dimension);
    return dot >= near_cosine * scale * scale ? NEAR_FALSE : FAR_FALSE;
}

/* Goes over all pairs: the first time it counts their kinds (seen), the second time it takes them. */
static samestory_status walk_pairs(sample_set *set, const reading *r, size_t seen[KINDS], bool take,
                                   samestory_error *error)
{
    const samestory_engine *e = r->engine;
    bool *proposed = calloc(e->arrived_count + 1, sizeof *proposed);
    ss_proposal *p = malloc(sizeof *p);
    uint64_t random = 5;
    bool good = proposed && p;
    for (size_t at = 0; good && at < e->arrived_count; at++) {
        good = ss_engine_propose(e, at, p);
        for (size_t i = 0; good && i < p->count; i++) proposed[p->candidate[i].document] = true;
        for (size_t k = 0; good && k < at; k++) {
            size_t a = e->arrival[at], b = e->arrival[k];
            int kind = kind_of(r, a, b, proposed[k]);
            double most = set->crowd && kind > PROPOSED_FALSE ? 0 : most_taken[kind];
            if (!take) seen[kind]++;
            if (!take || !(most > 0)) continue;
            double share = (double)seen[kind] > most ? most / (double)seen[kind] : 1;
            if (random_unit(&random) < share) good = add_sample(set, r, a, b, proposed[k], share);
        }
        for (size_t i = 0; good && i < p->count; i++) proposed[p->candidate[i].document] = false;
    }
    free(proposed);
    free(p);
    return good ? SAMESTORY_OK : ss_fail_memory(error);
}

samestory_status sample_read(const samestory_model *model, unsigned threads, sample_set *set, bool *any,
                             samestory_error *error)
{
    reading r = {.set = set};
    size_t seen[KINDS] = {0};
    samestory_status status = read_documents(model, threads, &r, error);
    *any = !status && (!set->dated || is_dated(&r));
    if (*any) status = walk_pairs(set, &r, seen, false, error);
    if (*any && !status) status = walk_pairs(set, &r, seen, true, error);
    set->documents = r.count;
    if (*any && !status)
        fprintf(stderr, "%s, %s: %zu documents, %zu pairs taken (%zu true and %zu false proposed)\n",
                sample_name(set), set->dated ? "with dates" : "dates ignored", r.count, set->count,
                seen[PROPOSED_TRUE], seen[PROPOSED_FALSE]);
    reading_free(&r);
    return status;
}

void sample_free(sample_set *set)
{
    free(set->sample);
    *set = (sample_set){0};
}

const char *sample_name(const sample_set *set)
{
    const char *slash = strrchr(set->path, '/');
    return slash ? slash + 1 : set->path;
}
