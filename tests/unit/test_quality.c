/* Quality floors: what the shipped model and judge must reach on the shipped sets. */
#include "unit.h"

#include "documents.h"
#include "shipped_model.h"

#include <stdbool.h>

static samestory_engine *gathered(const documents *d, bool ignore_dates)
{
    samestory_options options = SAMESTORY_OPTIONS_INIT;
    options.threads = 2;
    options.ignore_dates = ignore_dates;
    samestory_engine *engine = NULL;
    samestory_error error = {0};
    if (samestory_engine_new(model, &options, &engine, &error) ||
        samestory_gather(engine, d->items, d->count, &error))
        fail_msg("%s", error.message);
    return engine;
}

/* ---- The judge and the stories
 * ---------------------------------------------------------------------- */

/* The number after the members "pairs", `of` and "f1". */
static double pair_f1(const char *json, const char *of)
{
    char name[32];
    snprintf(name, sizeof name, "\"%s\"", of);
    const char *at = strstr(json, "\"pairs\"");
    at = at ? strstr(at, name) : NULL;
    at = at ? strstr(at, "\"f1\"") : NULL;
    at = at ? strchr(at, ':') : NULL;
    if (!at) fail_msg("no pairs.%s.f1 in %s", of, json);
    return strtod(at + 1, NULL);
}

static void assert_floor(const char *file, bool ignore_dates, const char *of, double floor)
{
    documents d = documents_read(file);
    samestory_engine *engine = gathered(&d, ignore_dates);
    samestory_error error = {0};
    char *json = NULL;
    if (samestory_settle(engine, NULL, NULL, &error) ||
        samestory_measure(engine, d.label, &json, &error))
        fail_msg("%s", error.message);
    double f1 = pair_f1(json, of);
    print_message("# %s, %s, %s: pair F1 %.3f (floor %.2f)\n", file,
                  ignore_dates ? "no dates" : "dates", of, f1, floor);
    if (!(f1 >= floor)) fail_msg("%s: pair F1 %.3f is below the floor %.2f", file, f1, floor);
    samestory_free(json);
    samestory_engine_free(engine);
    documents_free(&d);
}

static void reports_across_languages_with_dates(void **state)
{
    (void)state;
    assert_floor("reports.jsonl.zst", false, "cross", .97);
}

static void reports_across_languages_without_dates(void **state)
{
    (void)state;
    assert_floor("reports.jsonl.zst", true, "cross", .92);
}

static void long_documents_of_one_template_with_dates(void **state)
{
    (void)state;
    assert_floor("debian-press.jsonl.zst", false, "cross", .97);
}

static void headlines_with_dates(void **state)
{
    (void)state;
    assert_floor("itn.jsonl.zst", false, "all", .75);
}

/* Reports of other look-alikes than those that the judge was fitted to. */
static void look_alikes_never_seen_with_dates(void **state)
{
    (void)state;
    assert_floor("unseen.jsonl.zst", false, "cross", .81);
}

static void look_alikes_never_seen_without_dates(void **state)
{
    (void)state;
    assert_floor("unseen.jsonl.zst", true, "cross", .7);
}

/* Long articles that no fit has seen. */
static void articles_never_seen_with_dates(void **state)
{
    (void)state;
    assert_floor("unseen-articles.jsonl.zst", false, "cross", .82);
}

static void articles_never_seen_without_dates(void **state)
{
    (void)state;
    assert_floor("unseen-articles.jsonl.zst", true, "cross", .73);
}

static void short_texts_without_dates(void **state)
{
    (void)state;
    assert_floor("flores.jsonl.zst", true, "cross", .95);
}

/* ---- The vector alone
 * --------------------------------------------------------------------------------- */

typedef struct scored {
    double score;
    bool same;
} scored;

static int best_first(const void *x, const void *y)
{
    const scored *a = x, *b = y;
    return (a->score < b->score) - (a->score > b->score);
}

/* F1 under the one threshold that suits all pairs best. */
static double best_f1(scored *pairs, size_t count)
{
    qsort(pairs, count, sizeof *pairs, best_first);
    size_t positives = 0, found = 0;
    for (size_t i = 0; i < count; i++) positives += pairs[i].same;
    double best = 0;
    for (size_t i = 0; i < count; i++) {
        found += pairs[i].same;
        double f1 = 2 * (double)found / (double)(i + 1 + positives);
        bool tie = i + 1 < count && pairs[i + 1].score >= pairs[i].score;
        if (!tie && f1 > best) best = f1;
    }
    return best;
}

static void vectors_of_four_languages_meet_under_one_threshold(void **state)
{
    (void)state;
    documents d = documents_read("flores.jsonl.zst");
    samestory_engine *engine = gathered(&d, false);
    size_t dimension = samestory_model_dimension(model), count = 0;
    float *vectors = malloc(d.count * dimension * sizeof *vectors);
    scored *pairs = malloc(d.count * d.count / 2 * sizeof *pairs);
    assert_non_null(vectors);
    assert_non_null(pairs);
    for (size_t i = 0; i < d.count; i++)
        assert_int_equal(samestory_vector(engine, i, vectors + i * dimension), SAMESTORY_OK);
    for (size_t i = 0; i < d.count; i++)
        for (size_t j = 0; j < i; j++) {
            double dot = 0;
            for (size_t k = 0; k < dimension; k++)
                dot += vectors[i * dimension + k] * vectors[j * dimension + k];
            bool same = d.label[i].size == d.label[j].size &&
                        !memcmp(d.label[i].data, d.label[j].data, d.label[i].size);
            pairs[count++] = (scored){dot, same};
        }
    double f1 = best_f1(pairs, count);
    print_message("# flores, en de nl vi: best F1 of the vector %.3f (floor .93)\n", f1);
    if (!(f1 >= .93)) fail_msg("best F1 %.3f is below the floor .93", f1);
    free(vectors);
    free(pairs);
    samestory_engine_free(engine);
    documents_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports_across_languages_with_dates),
        cmocka_unit_test(reports_across_languages_without_dates),
        cmocka_unit_test(long_documents_of_one_template_with_dates),
        cmocka_unit_test(headlines_with_dates),
        cmocka_unit_test(look_alikes_never_seen_with_dates),
        cmocka_unit_test(look_alikes_never_seen_without_dates),
        cmocka_unit_test(articles_never_seen_with_dates),
        cmocka_unit_test(articles_never_seen_without_dates),
        cmocka_unit_test(short_texts_without_dates),
        cmocka_unit_test(vectors_of_four_languages_meet_under_one_threshold),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}
