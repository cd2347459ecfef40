/* Evaluation: figures that can be counted by hand come out as counted. */
#include "unit.h"

#include "documents.h"

#include <stdbool.h>

static samestory_model *model;

static int open_model(void **state)
{
    (void)state;
    samestory_error error = {0};
    return samestory_model_open(SAMESTORY_MODEL_PATH, &model, &error) ? -1 : 0;
}

static int close_model(void **state)
{
    (void)state;
    samestory_model_free(model);
    return 0;
}

/* The number at a path of member names, e.g. "pairs same f1"; NaN when it is null or not there. */
static double number_at(const char *json, const char *names)
{
    const char *at = json;
    char path[128];
    snprintf(path, sizeof path, "%s", names);
    for (char *name = strtok(path, " "); name; name = strtok(NULL, " ")) {
        char quoted[64];
        snprintf(quoted, sizeof quoted, "\"%s\"", name);
        at = strstr(at, quoted);
        if (!at) fail_msg("no \"%s\" of \"%s\" in %s", name, names, json);
        at += strlen(quoted);
    }
    at += strspn(at, " :\n");
    char *end;
    double value = strtod(at, &end);
    return end > at ? value : (double)NAN;
}

/* What samestory_measure says of documents whose texts and labels are given; free with
 * samestory_free. */
static char *measured(const documents *d, const samestory_string *labels, unsigned threads)
{
    samestory_engine *engine = NULL;
    samestory_error error = {0};
    samestory_options options = SAMESTORY_OPTIONS_INIT;
    options.threads = threads;
    char *json = NULL;
    assert_int_equal(samestory_engine_new(model, &options, &engine, &error), SAMESTORY_OK);
    assert_int_equal(samestory_gather(engine, d->items, d->count, &error), SAMESTORY_OK);
    assert_int_equal(samestory_settle(engine, NULL, NULL, &error), SAMESTORY_OK);
    if (samestory_measure(engine, labels, &json, &error)) fail_msg("%s", error.message);
    samestory_engine_free(engine);
    return json;
}

/* Four texts that have nothing in common, each three times: 12 documents, 66 pairs. */
static documents copies(void)
{
    static const char *const texts[4] = {
        "The ferry Blankenwater ran aground off Port Ellery with 214 people on board, all rescued.",
        "Surgeons in Tarnoveld have transplanted a larynx, an operation of nineteen hours.",
        "Striker Ousmane Kettering scored four goals as Rovers beat United in the cup final.",
        "A late frost has destroyed half of the apricot harvest in the Zelmira valley.",
    };
    documents d = {0};
    for (int i = 0; i < 12; i++) {
        char id[16];
        snprintf(id, sizeof id, "%d", i);
        documents_add_text(&d, id, texts[i % 4], 1762905600 + i);
    }
    return d;
}

static void perfect_answers_score_one(void **state)
{
    (void)state;
    documents d = copies();
    samestory_string labels[12];
    static const char *const names[4] = {"ferry", "surgery", "football", "frost"};
    for (int i = 0; i < 12; i++) labels[i] = string_of(names[i % 4]);
    char *json = measured(&d, labels, 1);
    static const char *const ones[] = {"pairs same f1", "pairs same precision", "pairs same recall",
                                       "pairs same ap", "pairs all f1",         "pairs all best f1",
                                       "bcubed f1",     "bcubed precision",     "bcubed recall",
                                       "clusters f1",   "candidates recall"};
    for (size_t i = 0; i < sizeof ones / sizeof *ones; i++)
        assert_near(number_at(json, ones[i]), 1, 1e-9);
    assert_near(number_at(json, "pairs all n"), 66, 0);
    assert_near(number_at(json, "pairs all positives"), 12, 0);
    assert_near(number_at(json, "pairs cross n"), 0, 0);
    double share = number_at(json, "candidates share");
    assert_true(share >= 12. / 66 && share <= 1);
    samestory_free(json);
    documents_free(&d);
}

static void wrong_labels_are_counted_as_wrong(void **state)
{
    (void)state;
    documents d = copies();
    samestory_string labels[12];
    /* the third copy of each text is called a story of its own: of 12 pairs found, 4 are true */
    char own[12][16];
    for (int i = 0; i < 12; i++) {
        snprintf(own[i], sizeof own[i], "s%d", i < 8 ? i % 4 : i);
        labels[i] = string_of(own[i]);
    }
    char *json = measured(&d, labels, 1);
    assert_near(number_at(json, "pairs all positives"), 4, 0);
    assert_near(number_at(json, "pairs all recall"), 1, 1e-9);
    assert_near(number_at(json, "pairs all precision"), 1. / 3, 1e-4);
    assert_near(number_at(json, "pairs all f1"), .5, 1e-4);
    assert_near(number_at(json, "clusters precision"), 1. / 3, 1e-4);
    assert_near(number_at(json, "bcubed recall"), 1, 1e-9);
    /* of three in a cluster, two see 2/3 of their own, one 1/3 */
    assert_near(number_at(json, "bcubed precision"), 5. / 9, 1e-4);
    samestory_free(json);
    documents_free(&d);
}

static void threads_do_not_count(void **state)
{
    (void)state;
    documents d = documents_read("reports.jsonl.zst");
    char *one = measured(&d, d.label, 1), *two = measured(&d, d.label, 2);
    assert_string_equal(one, two);
    assert_true(number_at(one, "pairs cross n") > 20000);
    double ece = number_at(one, "calibration ece");
    assert_true(ece >= 0 && ece <= 1);
    double f1 = number_at(one, "pairs cross f1"), best = number_at(one, "pairs cross best f1");
    assert_true(best >= f1 && best <= 1);
    samestory_free(one);
    samestory_free(two);
    documents_free(&d);
}

static void unlabelled_documents_are_left_out(void **state)
{
    (void)state;
    documents d = copies();
    samestory_string labels[12] = {{NULL, 0}};
    char *json = measured(&d, labels, 1);
    assert_near(number_at(json, "pairs all n"), 0, 0);
    samestory_free(json);
    labels[0] = labels[4] = string_of("ferry");
    json = measured(&d, labels, 1);
    assert_near(number_at(json, "pairs all n"), 1, 0);
    assert_near(number_at(json, "pairs all positives"), 1, 0);
    samestory_free(json);
    documents_free(&d);
}

static void mistakes_are_told(void **state)
{
    (void)state;
    documents d = copies();
    samestory_engine *engine = NULL;
    samestory_error error = {0};
    char *json = NULL;
    assert_int_equal(samestory_engine_new(model, NULL, &engine, &error), SAMESTORY_OK);
    assert_int_equal(samestory_gather(engine, d.items, d.count, &error), SAMESTORY_OK);
    assert_int_equal(samestory_measure(engine, d.label, &json, &error), SAMESTORY_BAD_ARGUMENT);
    assert_int_equal(samestory_settle(engine, NULL, NULL, &error), SAMESTORY_OK);
    assert_int_equal(samestory_measure(engine, NULL, &json, &error), SAMESTORY_BAD_ARGUMENT);
    assert_int_equal(samestory_measure(engine, d.label, NULL, &error), SAMESTORY_BAD_ARGUMENT);
    assert_null(json);
    samestory_engine_free(engine);
    documents_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(perfect_answers_score_one),
        cmocka_unit_test(wrong_labels_are_counted_as_wrong),
        cmocka_unit_test(threads_do_not_count),
        cmocka_unit_test(unlabelled_documents_are_left_out),
        cmocka_unit_test(mistakes_are_told),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}
