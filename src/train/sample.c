/* Sampling pairs (see the header). */
#include "train/sample.h"

#include "base/array.h"
#include "engine/engine.h"
#include "train/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { PROPOSED_TRUE, PROPOSED_FALSE, OTHER_TRUE, NEAR_FALSE, FAR_FALSE, KINDS, WEEK = 7 };
enum { DATE_JITTER = 3 * 86400, CROWDED_FROM = 1767225600 /* a Thursday, as was 1 January 1970 */ };

/* Pairs taken of a kind, at most. All that a pair's neighbours could say must be there, so nearly all of the present
 * sets are taken but those that the index leaves alone: a million pairs, of which a fit takes five minutes on two
 * cores. Of a crowd only those that the index proposes. */
static const double most_taken[2][KINDS] = {{100000, 100000, 100000, 20000, 12000}, {100000, 400000}};
/* From this cosine on, a pair that the index does not propose may still be taken for a story. */
static const double near_cosine = 0.4;

typedef struct reading {
    const sample_set *set;
    samestory_engine *engine;
    uint64_t *story, *family, *event;
    size_t first_count;       /* documents of the first file */
    size_t labelled;          /* documents of all files */
    size_t count, story_room, family_room, event_room;
} reading;

static void reading_free(reading *r)
{
    samestory_engine_free(r->engine);
    free(r->story);
    free(r->family);
    free(r->event);
}

/* May this record be used? With dates, a crowd is made of those that have one. */
static bool belongs(const sample_set *set, const samestory_record *r)
{
    return !r->is_blank && (!set->crowd || !set->dated || r->document.date != SAMESTORY_NO_DATE);
}

/* What a record's labels become: labels of different files are different, a document of no story is one of
 * its own. */
static bool take_labels(reading *r, const samestory_record *record, size_t file)
{
    if (!ss_reserve(&r->story, &r->story_room, r->count + 1) ||
        !ss_reserve(&r->event, &r->event_room, r->count + 1))
        return false;
    samestory_string label = record->label;
    uint64_t story = label.size ? XXH3_64bits_withSeed(label.data, label.size, file) : r->count + 1;
    uint32_t event = r->set->events ? event_of(r->set->events, label.data, label.size) : SS_LOOKUP_NONE;
    r->story[r->count] = story;
    r->event[r->count++] = event == SS_LOOKUP_NONE ? story : XXH3_64bits(&event, sizeof event);
    return true;
}

static bool take_family(reading *r, const samestory_record *record, size_t file, size_t number)
{
    if (!ss_reserve(&r->family, &r->family_room, number + 1)) return false;
    samestory_string label = record->label;
    r->family[number] =
        label.size ? XXH3_64bits_withSeed(label.data, label.size, file) : r->event[number];
    return true;
}

/* With dates, a crowd is as dense as a busy feed: all of it falls into six weeks. Days of the week, and the
 * days between reports of one story, stay as they are, but for the few that the six weeks cut apart. */
static int64_t crowded_date(const sample_set *set, int64_t date)
{
    const int64_t weeks = (int64_t)6 * WEEK * 86400;
    if (!set->crowd || !set->dated || date == SAMESTORY_NO_DATE) return date;
    return CROWDED_FROM + (date % weeks + weeks) % weeks;
}

/* Goes over a file's records that may be used: the first time for stories, the second for families. */
static samestory_status read_labels(reading *r, size_t file, bool families, size_t number,
                                    samestory_error *error)
{
    samestory_reader *reader;
    samestory_reader_options options = SAMESTORY_READER_OPTIONS_INIT;
    options.label_field = families ? "family" : "story";
    samestory_status status =
        samestory_reader_open(&r->set->files[file], 1, &options, &reader, error);
    if (status) return status;
    for (;;) {
        samestory_record record = SAMESTORY_RECORD_INIT;
        status = samestory_reader_next(reader, &record, error);
        if (status) break;
        if (!belongs(r->set, &record)) continue;
        bool good = families ? take_family(r, &record, file, number++) : take_labels(r, &record, file);
        record.document.date = crowded_date(r->set, record.document.date);
        if (!good) status = ss_fail_memory(error);
        else if (!families) status = samestory_gather(r->engine, &record.document, 1, error);
        if (status) break;
    }
    samestory_reader_free(reader);
    return status == SAMESTORY_END ? SAMESTORY_OK : status;
}

static samestory_status read_files(reading *r, samestory_error *error)
{
    samestory_status status = SAMESTORY_OK;
    for (size_t i = 0; i < r->set->file_count && !status; i++) {
        size_t first = r->count;
        status = read_labels(r, i, false, first, error);
        if (!status) status = read_labels(r, i, true, first, error);
        if (!i) r->first_count = r->count;
    }
    return status;
}

/* ---- The crowd
 * --------------------------------------------------------------------------------------- */

/* Dated as a labelled document is, give or take. */
static int64_t some_date(const reading *r, size_t labelled, uint64_t *random)
{
    int64_t date = r->engine->sketch[random_below(random, labelled)]->date;
    int64_t off = (int64_t)random_below(random, 2 * DATE_JITTER) - DATE_JITTER;
    return date == SAMESTORY_NO_DATE ? date : date + off;
}

/* Every document of the crowd is a story of its own. */
static samestory_status add_crowd(reading *r, samestory_error *error)
{
    size_t labelled = r->count, crowd_size = r->set->crowd->count;
    uint64_t random = 7;
    samestory_document *d = calloc(crowd_size + 1, sizeof *d);
    if (!d || !ss_reserve(&r->story, &r->story_room, r->count + crowd_size) ||
        !ss_reserve(&r->family, &r->family_room, r->count + crowd_size) ||
        !ss_reserve(&r->event, &r->event_room, r->count + crowd_size)) {
        free(d);
        return ss_fail_memory(error);
    }
    for (size_t i = 0; i < crowd_size; i++) {
        const crowd_document *from = &r->set->crowd->document[i];
        d[i] = (samestory_document)SAMESTORY_DOCUMENT_INIT;
        d[i].title = (samestory_string){from->title, strlen(from->title)};
        d[i].text = (samestory_string){from->text, strlen(from->text)};
        d[i].language = (samestory_string){from->language, strlen(from->language)};
        if (r->set->dated && labelled) d[i].date = some_date(r, labelled, &random);
        uint64_t label = XXH3_64bits(from->text, d[i].text.size);
        r->story[r->count] = r->family[r->count] = r->event[r->count] = label;
        r->count++;
    }
    samestory_status status = samestory_gather(r->engine, d, crowd_size, error);
    free(d);
    return status;
}

static samestory_status read_documents(const samestory_model *m, unsigned threads, reading *r,
                                       samestory_error *error)
{
    samestory_options options = SAMESTORY_OPTIONS_INIT;
    options.threads = threads;
    options.ignore_dates = !r->set->dated;
    options.ids_repeat = true;
    *error = (samestory_error){.status = SAMESTORY_OK};
    samestory_status status = samestory_engine_new(m, &options, &r->engine, error);
    if (!status) status = read_files(r, error);
    r->labelled = r->count;
    if (!status && r->set->crowd) status = add_crowd(r, error);
    if (!status) status = samestory_settle(r->engine, NULL, NULL, error);
    return status;
}

static bool is_dated(const reading *r)
{
    size_t dated = 0;
    for (size_t i = 0; i < r->count; i++) dated += r->engine->sketch[i]->date != SAMESTORY_NO_DATE;
    return dated * 2 > r->count;
}

/* ---- Pairs
 * ----------------------------------------------------------------------------------------- */

static crowd_kind crowd_kind_of(const reading *r, size_t document)
{
    if (document < r->labelled) return CROWD_KINDS;
    return r->set->crowd->document[document - r->labelled].kind;
}

static bool add_sample(sample_set *set, const reading *r, size_t a, size_t b, bool proposed,
                       double share)
{
    static const ss_judge blank = {.threshold = 0.5, .weight = {{-50}, {-50}}};
    static const ss_judge eager = {.threshold = 0.5, .weight = {{50}, {50}}};
    if (!ss_reserve(&set->sample, &set->capacity, set->count + 1)) return false;
    sample *p = &set->sample[set->count++];
    ss_evidence e;
    ss_engine_evidence(r->engine, a, b, &e);
    for (size_t i = 0; i < SS_SIGNALS; i++) p->x[i] = (float)e.signal[i];
    p->a = (uint32_t)(a < b ? a : b);
    p->b = (uint32_t)(a < b ? b : a);
    p->stands_for = (float)(1 / share);
    p->floor = (float)ss_judge_of(&blank, &e).probability;
    p->most = (float)ss_judge_of(&eager, &e).probability;
    p->group_a = (uint32_t)(r->family[a] >> 20);
    p->group_b = (uint32_t)(r->family[b] >> 20);
    p->positive = r->story[a] == r->story[b];
    p->doubtful = !p->positive && r->event[a] == r->event[b];
    p->kind = (uint8_t)crowd_kind_of(r, a > b ? a : b);
    p->cross = e.signal[SS_SIGNAL_CROSS] > 0;
    p->first_file = a < r->first_count && b < r->first_count;
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

/* Goes over all pairs: the first time it counts their kinds (seen), the second time it takes them.
 */
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
            double most = most_taken[set->crowd != NULL][kind];
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

samestory_status sample_read(const samestory_model *model, unsigned threads, sample_set *set,
                             bool *any, samestory_error *error)
{
    reading r = {.set = set};
    size_t seen[KINDS] = {0};
    samestory_status status = read_documents(model, threads, &r, error);
    *any = !status && (!set->dated || is_dated(&r));
    if (*any) status = walk_pairs(set, &r, seen, false, error);
    if (*any && !status) status = walk_pairs(set, &r, seen, true, error);
    set->documents = r.count;
    if (*any && !status)
        fprintf(stderr,
                "%s, %s: %zu documents, %zu pairs taken (%zu true and %zu false proposed)\n",
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
    if (set->crowd) return "a crowd";
    const char *slash = strrchr(set->files[0], '/');
    return slash ? slash + 1 : set->files[0];
}
