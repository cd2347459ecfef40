/* An index on disk answers as a stream in memory does, whatever is stopped and begun again, and keeps what
 * was committed. */
#include "unit.h"

#include "documents.h"

#include <dirent.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static samestory_model *model;
static documents news, reports, press, itn;
static char folder[256];

enum { DAY = 86400 };

/* ---- Folders ------------------------------------------------------------------------------------------ */

static void clear_folder(void)
{
    char path[600];
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d));) {
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        if (e->d_name[0] != '.') unlink(path);
    }
    if (d) closedir(d);
    rmdir(folder);
}

/* Files in the folder whose name ends so, and their bytes. */
static inline size_t files_named(const char *end, uint64_t *bytes)
{
    char path[600];
    size_t count = 0;
    struct stat is;
    DIR *d = opendir(folder);
    if (bytes) *bytes = 0;
    for (struct dirent *e; d && (e = readdir(d));) {
        size_t size = strlen(e->d_name), tail = strlen(end);
        if (size < tail || strcmp(e->d_name + size - tail, end) != 0) continue;
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        if (bytes && !stat(path, &is)) *bytes += (uint64_t)is.st_size;
        count++;
    }
    if (d) closedir(d);
    return count;
}

/* ---- Streams ------------------------------------------------------------------------------------------- */

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
    if (samestory_add(engine, document, &verdict, &error)) fail_msg("%s: %s", error.file, error.message);
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
    bool same = a->relation == b->relation && a->probability >= b->probability && a->probability <= b->probability &&
                same_string(a->story, b->story) && same_string(a->of, b->of) && a->reason_count == b->reason_count;
    for (size_t i = 0; same && i < a->reason_count; i++) same = same_string(a->reasons[i], b->reasons[i]);
    if (!same)
        fail_msg("document %zu: %s of %.*s, p %.6f, story %.*s; in memory %s of %.*s, p %.6f, story %.*s", n,
                 samestory_relation_name(a->relation), (int)a->of.size, a->of.data, a->probability,
                 (int)a->story.size, a->story.data, samestory_relation_name(b->relation), (int)b->of.size,
                 b->of.data, b->probability, (int)b->story.size, b->story.data);
}

static uint64_t seed;

static size_t draw(size_t limit)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(seed >> 33) % limit;
}

/* Feeds the documents to a stream in memory and to an index that is committed after some `step` of them, and
 * now and then closed without a commit, so that the uncommitted ones are given again. */
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

/* ---- Laws ------------------------------------------------------------------------------------------------ */

static void an_index_answers_as_a_stream_in_memory_does(void **state)
{
    (void)state;
    static const int64_t window[][2] = {{0, 0}, {DAY, 2 * DAY}, {3 * DAY, DAY}, {-1, -1}, {20 * DAY, 60 * DAY}};
    const documents *const all[] = {&reports, &press, &itn, &news};
    for (size_t w = 0; w < sizeof window / sizeof *window; w++)
        for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
            samestory_options options = SAMESTORY_OPTIONS_INIT;
            options.window = window[w][0];
            options.copy_window = window[w][1];
            assert_same_stream(all[i], &options, i == 3 ? 1 : 5 + w * 20);
        }
}

static int open_all(void **state)
{
    (void)state;
    samestory_error error = {0};
    bool memory = !access("/dev/shm", W_OK); /* what is tested takes many syncs, which a disk is slow at */
    snprintf(folder, sizeof folder, "%s/samestory-store-%d", memory ? "/dev/shm" : "/tmp", (int)getpid());
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
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
