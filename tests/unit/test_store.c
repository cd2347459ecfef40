/* An index on disk answers as a stream in memory does, whatever is stopped and begun again, and
 * keeps what was committed. */
#include "unit.h"

#include "documents.h"
#include "index_folder.h"
#include "sketch/model.h"

#include <stdbool.h>
#include <unistd.h>

static samestory_model *model;
static documents news, reports, press, itn;

enum { DAY = 86400 };

/* ---- Streams
 * ------------------------------------------------------------------------------------------- */

static int by_date(const void *a, const void *b)
{
    const samestory_document *const *x = a, *const *y = b;
    if ((*x)->date != (*y)->date) return (*x)->date < (*y)->date ? -1 : 1;
    return (*x > *y) - (*x < *y);
}

/* A collection as a stream: by date. */
static const samestory_document **in_order(const documents *d)
{
    const samestory_document **order = malloc((d->count + 1) * sizeof *order);
    assert_non_null(order);
    for (size_t i = 0; i < d->count; i++) order[i] = &d->items[i];
    qsort(order, d->count, sizeof *order, by_date);
    return order;
}

static samestory_engine *open_index(const samestory_options *options)
{
    samestory_engine *engine = NULL;
    samestory_error error = {0};
    if (samestory_engine_open(model, folder, options, &engine, &error))
        fail_msg("%s: %s (%d)", error.file, error.message, error.system_error);
    return engine;
}

static samestory_verdict add(samestory_engine *engine, const samestory_document *document)
{
    samestory_verdict verdict = SAMESTORY_VERDICT_INIT;
    samestory_error error = {0};
    if (samestory_add(engine, document, &verdict, &error))
        fail_msg("%s: %s", error.file, error.message);
    return verdict;
}

static void commit(samestory_engine *engine)
{
    samestory_error error = {0};
    if (samestory_commit(engine, &error)) fail_msg("%s: %s", error.file, error.message);
}

static bool same_string(samestory_string a, samestory_string b)
{
    return a.size == b.size && (!a.size || !memcmp(a.data, b.data, a.size));
}

static void assert_same_verdict(const samestory_verdict *a, const samestory_verdict *b, size_t n)
{
    bool same = a->relation == b->relation && a->probability >= b->probability &&
                a->probability <= b->probability && same_string(a->story, b->story) &&
                same_string(a->of, b->of) && a->reason_count == b->reason_count;
    for (size_t i = 0; same && i < a->reason_count; i++)
        same = same_string(a->reasons[i], b->reasons[i]);
    if (!same)
        fail_msg("document %zu: %s of %.*s, p %.6f, story %.*s; in memory %s of %.*s, p %.6f, "
                 "story %.*s",
                 n, samestory_relation_name(a->relation), (int)a->of.size, a->of.data,
                 a->probability, (int)a->story.size, a->story.data,
                 samestory_relation_name(b->relation), (int)b->of.size, b->of.data, b->probability,
                 (int)b->story.size, b->story.data);
}

static uint64_t seed;

static size_t draw(size_t limit)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(seed >> 33) % limit;
}

/* Feeds the documents to a stream in memory and to an index that is committed after some `step` of
 * them, and now and then closed without a commit, so that the uncommitted ones are given again. */
static void assert_same_stream(const documents *d, const samestory_options *options, size_t step)
{
    const samestory_document **order = in_order(d);
    samestory_engine *memory = NULL, *disk;
    assert_int_equal(samestory_engine_new(model, options, &memory, NULL), SAMESTORY_OK);
    clear_folder();
    disk = open_index(options);
    size_t restarts = 0, *after = calloc(d->count + 1, sizeof *after);
    assert_non_null(after);
    for (size_t i = 0; i < d->count; i++) {
        samestory_verdict expected = add(memory, order[i]), answer = add(disk, order[i]);
        assert_same_verdict(&answer, &expected, i);
        after[i] = samestory_count(disk);
        if (draw(step) == 0) commit(disk);
        if (draw(step * 2) != 0) continue;
        samestory_engine_free(disk);
        disk = open_index(options);
        restarts++;
        size_t kept = samestory_count(disk), k = i + 1;
        while (k && after[k - 1] > kept) k--;
        for (; k <= i; k++) {
            expected = add(memory, order[k]);
            answer = add(disk, order[k]);
            assert_same_verdict(&answer, &expected, k);
        }
    }
    print_message("%zu documents, %zu restarts\n", d->count, restarts);
    samestory_engine_free(memory);
    samestory_engine_free(disk);
    free(order);
    free(after);
}

/* ---- Laws
 * ------------------------------------------------------------------------------------------------
 */

static void an_index_answers_as_a_stream_in_memory_does(void **state)
{
    (void)state;
    static const int64_t window[][2] = {
        {0, 0}, {DAY, 2 * DAY}, {3 * DAY, DAY}, {-1, -1}, {20 * DAY, 60 * DAY}};
    const documents *const all[] = {&reports, &press, &itn, &news};
    for (size_t w = 0; w < sizeof window / sizeof *window; w++)
        for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
            samestory_options options = SAMESTORY_OPTIONS_INIT;
            options.window = window[w][0];
            options.copy_window = window[w][1];
            assert_same_stream(all[i], &options, i == 3 ? 1 : 5 + w * 20);
        }
}

/* What a batch answered, copied: a verdict lives until the next one. */
typedef struct batch_answers {
    samestory_verdict verdict[64];
    char of[64][256];
} batch_answers;

static void keep_answer(void *context, size_t number, const samestory_verdict *verdict)
{
    batch_answers *b = context;
    b->verdict[number] = *verdict;
    snprintf(b->of[number], sizeof b->of[number], "%.*s", (int)verdict->of.size, verdict->of.data);
}

static void a_batch_is_answered_as_its_documents_one_by_one(void **state)
{
    (void)state;
    static batch_answers b;
    const samestory_document **order = in_order(&reports);
    samestory_options options = SAMESTORY_OPTIONS_INIT;
    samestory_engine *one = NULL, *many = NULL;
    samestory_error error = {0};
    assert_int_equal(samestory_engine_new(model, &options, &one, NULL), SAMESTORY_OK);
    options.threads = 2;
    assert_int_equal(samestory_engine_new(model, &options, &many, NULL), SAMESTORY_OK);
    for (size_t first = 0; first < reports.count; first += 50) {
        samestory_document block[50];
        size_t count = reports.count - first < 50 ? reports.count - first : 50;
        for (size_t i = 0; i < count; i++) block[i] = *order[first + i];
        assert_int_equal(samestory_add_batch(many, block, count, keep_answer, &b, &error),
                         SAMESTORY_OK);
        for (size_t i = 0; i < count; i++) {
            samestory_verdict v = add(one, order[first + i]);
            assert_int_equal(v.relation, b.verdict[i].relation);
            assert_true(v.probability >= b.verdict[i].probability &&
                        v.probability <= b.verdict[i].probability);
            assert_true(same_string(v.of, string_of(b.of[i])));
        }
    }
    samestory_engine_free(one);
    samestory_engine_free(many);
    free(order);
}

static void what_is_taken_down_is_unknown(void **state)
{
    (void)state;
    samestory_error error = {0};
    for (int on_disk = 0; on_disk < 2; on_disk++) {
        samestory_engine *engine = NULL;
        clear_folder();
        if (on_disk)
            engine = open_index(NULL);
        else
            assert_int_equal(samestory_engine_new(model, NULL, &engine, NULL), SAMESTORY_OK);
        for (size_t i = 0; i < news.count; i++) add(engine, &news.items[i]);
        commit(engine);
        size_t copy = documents_find(&news, "wd-1"), deleted = 0;
        samestory_verdict v = add(engine, &news.items[copy]);
        assert_int_equal(v.relation, SAMESTORY_COPY);
        char of[256];
        snprintf(of, sizeof of, "%.*s", (int)v.of.size, v.of.data);
        assert_int_equal(samestory_delete(engine, string_of(of), &deleted, &error), SAMESTORY_OK);
        assert_int_equal(deleted, 1);
        assert_int_equal(samestory_delete(engine, string_of("no such id"), &deleted, &error),
                         SAMESTORY_OK);
        assert_int_equal(deleted, 0);
        v = add(engine,
                &news.items[documents_find(&news, of)]); /* it comes again, and is decided again */
        assert_int_equal(v.relation, SAMESTORY_COPY);
        assert_true(same_string(v.of, string_of("wd-1")));
        samestory_engine_free(engine);
    }
}

static void what_was_asked_only_is_not_kept(void **state)
{
    (void)state;
    samestory_error error = {0};
    samestory_verdict v = SAMESTORY_VERDICT_INIT;
    clear_folder();
    samestory_engine *engine = open_index(NULL);
    for (size_t i = 0; i < news.count; i += 2) add(engine, &news.items[i]);
    commit(engine);
    size_t count = samestory_count(engine);
    for (size_t i = 0; i < news.count; i++)
        assert_int_equal(samestory_query(engine, &news.items[i], &v, &error), SAMESTORY_OK);
    assert_int_equal(samestory_count(engine), count);
    samestory_engine_free(engine);
    samestory_options options = SAMESTORY_OPTIONS_INIT;
    options.read_only = true;
    engine = open_index(&options);
    assert_int_equal(samestory_count(engine), count);
    assert_int_equal(samestory_query(engine, &news.items[1], &v, &error), SAMESTORY_OK);
    assert_int_equal(samestory_add(engine, &news.items[1], &v, &error), SAMESTORY_BAD_ARGUMENT);
    samestory_engine_free(engine);
}

/* The shipped model with another value in its cells: another stamp. */
static void an_index_of_another_model_is_refused(void **state)
{
    (void)state;
    samestory_error error = {0};
    samestory_engine *engine = NULL;
    samestory_model *other = NULL;
    ss_model_section section[SS_SECTIONS];
    char path[300];
    clear_folder();
    engine = open_index(NULL);
    for (size_t i = 0; i < news.count; i++) add(engine, &news.items[i]);
    commit(engine);
    samestory_engine_free(engine);
    ss_model_sections(model, section);
    char *cells = malloc(section[SS_CELLS].size);
    assert_non_null(cells);
    memcpy(cells, section[SS_CELLS].data, section[SS_CELLS].size);
    cells[section[SS_CELLS].size - 1] ^= 1;
    section[SS_CELLS].data = cells;
    snprintf(path, sizeof path, "%s.model", folder);
    assert_int_equal(ss_model_write(path, section, &error), SAMESTORY_OK);
    assert_int_equal(samestory_model_open(path, &other, &error), SAMESTORY_OK);
    assert_int_equal(samestory_engine_open(other, folder, NULL, &engine, &error),
                     SAMESTORY_MODEL_MISMATCH);
    assert_non_null(strstr(error.message, "samestory index rebuild"));
    uint64_t kept, lost;
    assert_int_equal(samestory_index_rebuild(other, folder, &kept, &lost, &error),
                     SAMESTORY_MODEL_MISMATCH);
    assert_int_equal(samestory_index_rebuild(model, folder, &kept, &lost, &error), SAMESTORY_OK);
    assert_int_equal(kept, news.count);
    assert_int_equal(lost, 0);
    samestory_model_free(other);
    unlink(path);
    free(cells);
}

static int open_all(void **state)
{
    (void)state;
    samestory_error error = {0};
    name_folder("store");
    if (samestory_model_open(SAMESTORY_MODEL_PATH, &model, &error)) {
        print_error("%s: %s\n", SAMESTORY_MODEL_PATH, error.message);
        return -1;
    }
    news = documents_read("news.jsonl");
    reports = documents_read("reports.jsonl.zst");
    press = documents_read("debian-press.jsonl.zst");
    itn = documents_read("itn.jsonl.zst");
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    clear_folder();
    documents_free(&news);
    documents_free(&reports);
    documents_free(&press);
    documents_free(&itn);
    samestory_model_free(model);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_index_answers_as_a_stream_in_memory_does),
        cmocka_unit_test(a_batch_is_answered_as_its_documents_one_by_one),
        cmocka_unit_test(what_is_taken_down_is_unknown),
        cmocka_unit_test(what_was_asked_only_is_not_kept),
        cmocka_unit_test(an_index_of_another_model_is_refused),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
