/* The judge: a probability that grows with the evidence, and the same bits everywhere. */
#include "unit.h"

#include "match/judge.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static ss_judge *parse(const char *text)
{
    ss_judge *judge = NULL;
    samestory_error error = {0};
    if (ss_judge_parse(text, &judge, &error))
        fail_msg("line %d: %s", (int)error.line, error.message);
    return judge;
}

static double probability(const char *text, ss_signal signal, double value, bool dated)
{
    ss_judge *judge = parse(text);
    ss_evidence e = {.dated = dated, .words = 100};
    e.signal[SS_SIGNAL_ONE] = 1;
    e.signal[signal] = value;
    ss_judgement j = ss_judge_of(judge, &e);
    ss_judge_free(judge);
    return j.probability;
}

static void own_exp_and_log_agree_with_libm(void **state)
{
    (void)state;
    for (double x = -50; x < 50; x += 0.037) {
        assert_true(fabs(ss_exp(x) / exp(x) - 1) < 1e-14);
        double y = exp(x);
        assert_true(fabs(ss_log(y) - log(y)) < 1e-14 * (1 + fabs(x)));
    }
    assert_true(ss_exp(-1000) >= 0 && ss_exp(-1000) < 1e-300);
    assert_true(ss_exp(1000) > 1e300 && ss_exp(1000) < INFINITY);
    assert_true(ss_exp(0) >= 1 && ss_exp(0) <= 1);
    assert_true(ss_log(1) >= 0 && ss_log(1) <= 0);
}

static void every_signal_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < SS_SIGNALS; i++) {
        assert_non_null(ss_signal_name[i]);
        assert_null(strchr(ss_signal_name[i], ' '));
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(ss_signal_name[i], ss_signal_name[k]);
    }
    assert_true((int)SS_SIGNALS <= (int)SAMESTORY_SIGNALS);
}

static void probability_is_the_logistic_of_the_sum(void **state)
{
    (void)state;
    const char *text = "signal one -1.5 0.5\nsignal dates 2 0.25\n";
    assert_near(probability(text, SS_SIGNAL_DATES, 0, false), 0.182426, 1e-9);
    assert_near(probability(text, SS_SIGNAL_DATES, 1, false), 0.622459, 1e-9);
    assert_near(probability(text, SS_SIGNAL_DATES, 2, true), 0.731059, 1e-9);
    assert_near(probability("", SS_SIGNAL_DATES, 2, true), 0.5, 1e-9);
}

static void probability_stays_in_range_and_grows_with_evidence(void **state)
{
    (void)state;
    const char *text = "signal one -3 -3\nsignal names-weight 1.25 1.5\n";
    double last = 0;
    for (double value = -10000; value < 10000; value += value < -20 || value > 20 ? 997 : 0.5) {
        double p = probability(text, SS_SIGNAL_NAMES_WEIGHT, value, false);
        assert_true(p >= last && p <= 1);
        last = p;
    }
    assert_true(last > 0.999999);
}

static void probability_has_six_decimals(void **state)
{
    (void)state;
    for (double value = -5; value < 5; value += 0.113) {
        double p = probability("signal one 0.1 0\nsignal gap 1 1\n", SS_SIGNAL_GAP, value, false);
        double millions = p * 1e6;
        assert_true(fabs(millions - round(millions)) < 1e-6);
    }
}

static void the_same_text_is_a_copy_whatever_the_weights_say(void **state)
{
    (void)state;
    ss_judge *judge = parse("signal one -9 -9\n");
    ss_evidence e = {.words = 100, .same_text = true, .jaccard = 1, .containment = 1, .clash = true};
    e.signal[SS_SIGNAL_ONE] = 1;
    ss_judgement j = ss_judge_of(judge, &e);
    assert_int_equal(j.relation, SAMESTORY_COPY);
    assert_true(j.probability >= 1 && j.probability <= 1);
    ss_judge_free(judge);
}

/* A headline without date that shares no anchor is linked to nothing, however near; a report may be, and with
 * dates on both, which two reports of one event hardly have alone, only when it is very near. */
static void what_names_nothing_needs_length_and_nearness(void **state)
{
    (void)state;
    samestory_error error = {0};
    ss_judge *judge;
    assert_int_equal(ss_judge_parse("threshold 0.5\nsignal one 9 9\n", &judge, &error), SAMESTORY_OK);
    ss_evidence e = {.words = 29, .cosine = .7};
    e.signal[SS_SIGNAL_ONE] = e.signal[SS_SIGNAL_NOTHING] = 1;
    e.signal[SS_SIGNAL_RELATIVE_CROSS] = 2;
    assert_true(ss_judge_of(judge, &e).probability < .1);
    e.words = 30;
    assert_true(ss_judge_of(judge, &e).probability > .9);
    e.dated = true;
    assert_true(ss_judge_of(judge, &e).probability < .1);
    e.signal[SS_SIGNAL_RELATIVE_CROSS] = 2.5;
    assert_true(ss_judge_of(judge, &e).probability > .9);
    ss_judge_free(judge);
}

/* A headline of one sentence names little: of two of one week that share a country, or are very near, the
 * weights decide; of short reports with titles they don't. */
static void dated_headlines_are_left_to_the_weights(void **state)
{
    (void)state;
    ss_judge *judge = parse("signal one 9 9\n");
    ss_evidence e = {.words = 15, .cosine = .5, .dated = true};
    e.signal[SS_SIGNAL_ONE] = e.signal[SS_SIGNAL_ONLY_KNOWN] = e.signal[SS_SIGNAL_KNOWN] = 1;
    e.signal[SS_SIGNAL_RELATIVE_CROSS] = 1.5;
    e.signal[SS_SIGNAL_UNTITLED] = .5;
    assert_true(ss_judge_of(judge, &e).probability > .9);
    e.signal[SS_SIGNAL_UNTITLED] = 0;
    assert_true(ss_judge_of(judge, &e).probability < .1);
    e.signal[SS_SIGNAL_UNTITLED] = .5;
    e.signal[SS_SIGNAL_ONLY_KNOWN] = e.signal[SS_SIGNAL_KNOWN] = 0;
    e.signal[SS_SIGNAL_NOTHING] = 1;
    assert_true(ss_judge_of(judge, &e).probability < .1);
    e.signal[SS_SIGNAL_RELATIVE_CROSS] = 1.9;
    assert_true(ss_judge_of(judge, &e).probability > .9);
    e.words = 11;
    assert_true(ss_judge_of(judge, &e).probability < .1);
    e.dated = false;
    e.words = 15;
    assert_true(ss_judge_of(judge, &e).probability < .1);
    ss_judge_free(judge);
}

static void near_copies_revisions_and_templates_are_told_apart(void **state)
{
    (void)state;
    ss_judge *judge = parse("signal one -4 -4\n");
    ss_evidence copy = {.words = 100, .jaccard = .85, .containment = .93};
    ss_evidence revision = {.words = 100, .jaccard = .5, .containment = .95};
    ss_evidence template = {.words = 100, .jaccard = .85, .containment = .93, .clash = true};
    ss_evidence other = {.words = 100, .jaccard = .05, .containment = .1};
    copy.signal[SS_SIGNAL_ONE] = revision.signal[SS_SIGNAL_ONE] = 1;
    template.signal[SS_SIGNAL_ONE] = other.signal[SS_SIGNAL_ONE] = 1;
    ss_judgement j = ss_judge_of(judge, &copy);
    assert_int_equal(j.relation, SAMESTORY_COPY);
    assert_true(j.probability > judge->threshold);
    j = ss_judge_of(judge, &revision);
    assert_int_equal(j.relation, SAMESTORY_REVISION);
    assert_true(j.probability > judge->threshold);
    /* the same words around other numbers: its text alone does not make it the same */
    assert_true(ss_judge_of(judge, &template).probability < judge->threshold);
    assert_true(ss_judge_of(judge, &other).probability < judge->threshold);
    assert_int_equal(ss_judge_of(judge, &other).relation, SAMESTORY_STORY);
    ss_judge_free(judge);
}

static void text_form_is_read_as_written(void **state)
{
    (void)state;
    ss_judge *judge = parse("# a comment\n\nthreshold 0.625\nsignal cosine-cross -0.5 12.25");
    assert_near(judge->threshold, 0.625, 0);
    assert_near(judge->weight[0][SS_SIGNAL_COSINE_CROSS], -0.5, 0);
    assert_near(judge->weight[1][SS_SIGNAL_COSINE_CROSS], 12.25, 0);
    assert_near(judge->weight[0][SS_SIGNAL_GAP], 0, 0);
    ss_judge_free(judge);
    ss_judge_free(NULL);
}

static void errors_name_the_line(void **state)
{
    (void)state;
    ss_judge *judge = NULL;
    samestory_error error;
    assert_int_equal(ss_judge_parse("threshold 0.5\n# fine\nsignal\n", &judge, &error),
                     SAMESTORY_MODEL_MISMATCH);
    assert_int_equal(error.line, 3);
    assert_null(judge);
    char longest[5000];
    memset(longest, '#', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    assert_int_equal(ss_judge_parse(longest, &judge, &error), SAMESTORY_MODEL_MISMATCH);
    assert_int_equal(error.line, 1);
}

/* Two texts that share nothing, of one topic or of a word each, are no story whatever they weigh. */
static void caution_goes_before_the_weights(void **state)
{
    (void)state;
    ss_judge *judge = NULL;
    assert_int_equal(ss_judge_parse("signal one 5 5\n", &judge, NULL), SAMESTORY_OK);
    ss_evidence topic = {.words = 100, .cosine = .5}, close = {.words = 100, .cosine = .7};
    ss_evidence word = {.words = 1, .cosine = .9}, empty = {.cosine = .9};
    ss_evidence *all[] = {&topic, &close, &word, &empty};
    for (size_t i = 0; i < 4; i++) all[i]->signal[SS_SIGNAL_ONE] = 1;
    topic.signal[SS_SIGNAL_NOTHING] = close.signal[SS_SIGNAL_NOTHING] = 1;
    topic.signal[SS_SIGNAL_RELATIVE_CROSS] = 1;
    close.signal[SS_SIGNAL_RELATIVE_CROSS] = 2;
    assert_true(ss_judge_of(judge, &topic).probability < .1);
    assert_true(ss_judge_of(judge, &close).probability > .9);
    assert_true(ss_judge_of(judge, &word).probability < .1);
    assert_true(ss_judge_of(judge, &empty).probability <= 0);
    topic.signal[SS_SIGNAL_NOTHING] = 0;
    topic.dates = 1; /* a day of the news is everybody's */
    assert_true(ss_judge_of(judge, &topic).probability < .1);
    topic.numbers = 1;
    assert_true(ss_judge_of(judge, &topic).probability > .9);
    ss_judge_free(judge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_exp_and_log_agree_with_libm),
        cmocka_unit_test(every_signal_has_a_name_of_its_own),
        cmocka_unit_test(probability_is_the_logistic_of_the_sum),
        cmocka_unit_test(probability_stays_in_range_and_grows_with_evidence),
        cmocka_unit_test(probability_has_six_decimals),
        cmocka_unit_test(the_same_text_is_a_copy_whatever_the_weights_say),
        cmocka_unit_test(caution_goes_before_the_weights),
        cmocka_unit_test(what_names_nothing_needs_length_and_nearness),
        cmocka_unit_test(dated_headlines_are_left_to_the_weights),
        cmocka_unit_test(near_copies_revisions_and_templates_are_told_apart),
        cmocka_unit_test(text_form_is_read_as_written),
        cmocka_unit_test(errors_name_the_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
