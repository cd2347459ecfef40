/* From reader to sketch, a document in the steady state asks for no memory; nor does a pair from its two
 * sketches to the verdict. */
#include "unit.h"

#include "engine/engine.h"
#include "samestory.h"

#include <stdio.h>
#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED
#endif

#if defined(__GLIBC__) && !defined(SANITIZED)
#define COUNTED
/* glibc calls these wherever it and other libraries ask for memory. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

static size_t asked;

void *malloc(size_t size)
{
    asked++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    asked++;
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    asked++;
    return __libc_realloc(memory, size);
}

/* Reads and sketches all documents of a file; returns how often they asked for memory. */
static size_t sketch_all(ss_sketcher *sketcher, const char *name)
{
    char path[512];
    const char *paths = path;
    samestory_reader *reader = NULL;
    samestory_error error;
    samestory_record record = SAMESTORY_RECORD_INIT;
    snprintf(path, sizeof path, "%s/%s", SAMESTORY_TEST_DATA, name);
    assert_int_equal(samestory_reader_open(&paths, 1, NULL, &reader, &error), SAMESTORY_OK);
    size_t before = asked, documents = 0;
    for (; !samestory_reader_next(reader, &record, &error); documents++) {
        record.document.language = (samestory_string){NULL, 0};
        assert_non_null(ss_sketch_make(sketcher, &record.document, false, false));
    }
    size_t after = asked;
    assert_true(documents >= 400);
    samestory_reader_free(reader);
    return after - before;
}

/* A settled engine with all documents of a file. */
static samestory_engine *settle_all(const samestory_model *model, const char *name)
{
    char path[512];
    const char *paths = path;
    samestory_reader *reader = NULL;
    samestory_engine *engine = NULL;
    samestory_error error;
    samestory_record record = SAMESTORY_RECORD_INIT;
    samestory_options options = SAMESTORY_OPTIONS_INIT;
    snprintf(path, sizeof path, "%s/%s", SAMESTORY_TEST_DATA, name);
    assert_int_equal(samestory_reader_open(&paths, 1, NULL, &reader, &error), SAMESTORY_OK);
    assert_int_equal(samestory_engine_new(model, &options, &engine, &error), SAMESTORY_OK);
    while (!samestory_reader_next(reader, &record, &error))
        assert_int_equal(samestory_gather(engine, &record.document, 1, &error), SAMESTORY_OK);
    assert_int_equal(samestory_settle(engine, NULL, NULL, &error), SAMESTORY_OK);
    samestory_reader_free(reader);
    return engine;
}

/* Judges one document beside its candidates; returns how often that asked for memory. */
static size_t judge_all(const samestory_engine *e, const ss_sketch *sketch,
                        const ss_proposal *proposal, size_t *linked)
{
    size_t before = asked;
    uint32_t frequency[SS_ANCHORS_MAX], around = ss_around(e, sketch->date, 0);
    ss_side side;
    ss_statistics_of(e->statistics, sketch, frequency);
    ss_side_of(sketch, frequency, &side);
    for (size_t i = 0; i < proposal->count; i++) {
        const ss_candidate *c = &proposal->candidate[i];
        ss_evidence evidence;
        ss_evidence_beside(&side, e->arrived[c->document], c->dot, around, &evidence);
        *linked += ss_judge_of(e->model->judge_parsed, &evidence).probability >= e->threshold;
    }
    return asked - before;
}
#endif

static void no_document_asks_for_memory(void **state)
{
    (void)state;
#ifdef COUNTED
    enum {
        OF_THE_READER = 100 /* which reads in blocks, and has buffers that grow with the file */
    };
    static const char *const files[] = {"flores.jsonl.zst", "itn.jsonl.zst"};
    samestory_model *model = NULL;
    samestory_error error;
    assert_int_equal(samestory_model_open(SAMESTORY_MODEL_PATH, &model, &error), SAMESTORY_OK);
    ss_sketcher *sketcher = ss_sketcher_new(model);
    assert_non_null(sketcher);
    size_t before = asked;
    for (size_t i = 0; i < 2; i++) sketch_all(sketcher, files[i]);
    assert_true(asked > before); /* the count counts */
    for (size_t i = 0; i < 2; i++) assert_true(sketch_all(sketcher, files[i]) < OF_THE_READER);
    ss_sketcher_free(sketcher);
    samestory_model_free(model);
#else
    skip();
#endif
}

static void no_pair_asks_for_memory(void **state)
{
    (void)state;
#ifdef COUNTED
    samestory_model *model = NULL;
    samestory_error error;
    static ss_proposal proposal;
    size_t pairs = 0, linked = 0, before = asked;
    assert_int_equal(samestory_model_open(SAMESTORY_MODEL_PATH, &model, &error), SAMESTORY_OK);
    samestory_engine *engine = settle_all(model, "lookalikes.jsonl.zst");
    assert_true(asked > before); /* the count counts */
    for (size_t at = 0; at < engine->arrived_count; at++) {
        assert_true(ss_engine_propose(engine, at, &proposal));
        assert_int_equal(judge_all(engine, engine->arrived[at], &proposal, &linked), 0);
        pairs += proposal.count;
    }
    assert_true(pairs > 1000 && linked > 100 && linked < pairs);
    samestory_engine_free(engine);
    samestory_model_free(model);
#else
    skip();
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_document_asks_for_memory),
                                       cmocka_unit_test(no_pair_asks_for_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
