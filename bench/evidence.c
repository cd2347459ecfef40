/* Measures what judging a proposed pair costs, on one thread, in computing time.
 *
 *   bench-evidence MODEL CORPUS.jsonl ROUNDS
 *
 * Settles the corpus as `samestory dedup` does, with its dates and without them, and goes ROUNDS times
 * over all pairs that the index proposes, as the engine does: what is asked of a document is found out
 * once, then the evidence beside each of its candidates, then the verdict on the two alone. Prints a JSON
 * object:
 *   dated, undated   of the collection with its dates, and with dates ignored:
 *     documents, pairs, linked   that have candidates; proposed; and at or above the threshold
 *     side_ns        a document's own side, once for all of its candidates
 *     evidence_ns    the evidence of a pair beside it
 *     verdict_ns     the judge's answer to the evidence
 *     pair_ns        all of it, the side shared out among the pairs
 *   limit_ns         what a pair may cost
 * All are medians of the rounds. A round that answers otherwise than the first is a failure. (No pair asks
 * for memory: tests/unit/test_steady.c.) */
#include "peak.h"

#include "engine/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS_MAX = 1001, LIMIT_NS = 2000 };

/* How far a round goes: what the next step costs is the difference. */
typedef enum step { SIDES, EVIDENCE, VERDICTS, STEPS } step;

/* A document that has candidates. */
typedef struct query {
    const ss_sketch *sketch;
    uint32_t *frequency; /* (anchors of the sketch) */
    size_t first, count; /* its pairs */
} query;

typedef struct pair {
    const ss_sketch *other;
    int32_t dot;
    uint32_t around;
} pair;

typedef struct bench {
    const samestory_engine *engine;
    query *query; /* (documents of the engine) */
    size_t queries;
    pair *pair; /* (documents of the engine x SS_CANDIDATES_MAX) */
    size_t pairs, linked;
    double sum; /* of what the last round found: keeps the compiler from leaving work out */
} bench;

static int complain(const samestory_error *error)
{
    fprintf(stderr, "bench-evidence: %s: %s\n", error->file, error->message);
    return 3;
}

/* ---- Gathering ---------------------------------------------------------------------------------
 */

static samestory_status gather(samestory_engine *engine, const char *path, samestory_error *error)
{
    samestory_reader *reader = NULL;
    samestory_record record = SAMESTORY_RECORD_INIT;
    samestory_status status = samestory_reader_open(&path, 1, NULL, &reader, error);
    while (!status) {
        status = samestory_reader_next(reader, &record, error);
        if (!status && !record.is_blank)
            status = samestory_gather(engine, &record.document, 1, error);
    }
    samestory_reader_free(reader);
    return status == SAMESTORY_END ? samestory_settle(engine, NULL, NULL, error) : status;
}

static void take_proposal(bench *b, const samestory_engine *e, size_t at,
                          const ss_proposal *proposal)
{
    const ss_sketch *s = e->arrived[at];
    uint32_t all = ss_around(e, SAMESTORY_NO_DATE, 0), around = ss_around(e, s->date, 0);
    query *q = &b->query[b->queries++];
    *q =
        (query){s, calloc((size_t)s->anchors + 1, sizeof *q->frequency), b->pairs, proposal->count};
    if (!q->frequency) exit(5);
    ss_statistics_of(e->statistics, s, q->frequency);
    for (size_t i = 0; i < proposal->count; i++) {
        const ss_candidate *c = &proposal->candidate[i];
        const ss_sketch *other = e->arrived[c->document];
        b->pair[b->pairs++] =
            (pair){other, c->dot, other->date != SAMESTORY_NO_DATE ? around : all};
    }
}

static bool take_pairs(bench *b, const samestory_engine *e)
{
    static ss_proposal proposal;
    b->engine = e;
    b->query = malloc((e->arrived_count + 1) * sizeof *b->query);
    b->pair = malloc((e->arrived_count + 1) * SS_CANDIDATES_MAX * sizeof *b->pair);
    if (!b->query || !b->pair) return false;
    for (size_t at = 0; at < e->arrived_count; at++) {
        if (!ss_engine_propose(e, at, &proposal)) return false;
        if (proposal.count) take_proposal(b, e, at, &proposal);
    }
    return true;
}

static void clean_up(bench *b)
{
    for (size_t i = 0; i < b->queries; i++) free(b->query[i].frequency);
    free(b->query);
    free(b->pair);
}

/* ---- Measuring ---------------------------------------------------------------------------------
 */

/* Computing time of one round. */
static double round_seconds(bench *b, step last)
{
    const ss_judge *judge = b->engine->model->judge_parsed;
    double begin = thread_seconds();
    b->sum = 0;
    b->linked = 0;
    for (size_t i = 0; i < b->queries; i++) {
        const query *q = &b->query[i];
        ss_side side;
        ss_side_of(q->sketch, q->frequency, &side);
        b->sum += (double)side.keys[0];
        if (last == SIDES) continue;
        for (const pair *p = b->pair + q->first; p < b->pair + q->first + q->count; p++) {
            ss_evidence evidence;
            ss_evidence_beside(&side, p->other, p->dot, p->around, &evidence);
            b->sum += evidence.signal[SS_SIGNAL_ANCHORS];
            if (last == EVIDENCE) continue;
            double probability = ss_judge_of(judge, &evidence).probability;
            b->sum += probability;
            b->linked += probability >= b->engine->threshold;
        }
    }
    return thread_seconds() - begin;
}

static int order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Median seconds of each step; steps take turns, so that what the machine does meanwhile meets all
 * of them. false when two rounds differ in what they find. */
static bool measure(bench *b, size_t rounds, double median[STEPS])
{
    static double seconds[STEPS][ROUNDS_MAX];
    double sum[STEPS];
    for (size_t r = 0; r < rounds; r++)
        for (int s = 0; s < STEPS; s++) {
            seconds[s][r] = round_seconds(b, (step)s);
            if (!r) sum[s] = b->sum;
            if (b->sum < sum[s] || b->sum > sum[s]) return false;
        }
    for (int s = 0; s < STEPS; s++) {
        qsort(seconds[s], rounds, sizeof seconds[s][0], order);
        median[s] = seconds[s][rounds / 2];
    }
    return true;
}

/* One collection; prints a member of the result. 0, or the exit status. */
static int run(const samestory_model *model, const char *path, size_t rounds, bool ignore_dates)
{
    samestory_error error;
    samestory_engine *engine = NULL;
    samestory_options options = SAMESTORY_OPTIONS_INIT;
    bench b = {0};
    double median[STEPS];
    options.ignore_dates = ignore_dates;
    if (samestory_engine_new(model, &options, &engine, &error) || gather(engine, path, &error))
        return complain(&error);
    if (!take_pairs(&b, engine)) return 5;
    if (!b.pairs || !measure(&b, rounds, median)) {
        fprintf(stderr, "bench-evidence: %s: %s\n", path,
                b.pairs ? "two rounds differ" : "no pair is proposed");
        return 1;
    }
    double pairs = (double)b.pairs;
    printf("\"%s\":{\"documents\":%zu,\"pairs\":%zu,\"linked\":%zu,\"side_ns\":%.1f,"
           "\"evidence_ns\":%.1f,\"verdict_ns\":%.1f,\"pair_ns\":%.1f},",
           ignore_dates ? "undated" : "dated", b.queries, b.pairs, b.linked,
           1e9 * median[SIDES] / (double)b.queries,
           1e9 * (median[EVIDENCE] - median[SIDES]) / pairs,
           1e9 * (median[VERDICTS] - median[EVIDENCE]) / pairs, 1e9 * median[VERDICTS] / pairs);
    clean_up(&b);
    samestory_engine_free(engine);
    return 0;
}

int main(int count, char **arguments)
{
    samestory_error error;
    samestory_model *model = NULL;
    size_t rounds = count == 4 ? strtoull(arguments[3], NULL, 10) : 0;
    if (!rounds || rounds > ROUNDS_MAX) {
        fputs("usage: bench-evidence MODEL CORPUS.jsonl ROUNDS\n", stderr);
        return 2;
    }
    if (samestory_model_open(arguments[1], &model, &error)) return complain(&error);
    printf("{");
    int status = run(model, arguments[2], rounds, false);
    if (!status) status = run(model, arguments[2], rounds, true);
    printf("\"limit_ns\":%d}\n", LIMIT_NS);
    samestory_model_free(model);
    return status;
}
