/* From reader to sketch, a document in the steady state asks for no memory. */
#include "unit.h"

#include "samestory.h"
#include "sketch/sketch.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_document_asks_for_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
