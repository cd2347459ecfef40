/* The judge: a probability that grows with the evidence, and the same bits everywhere. */
#include "unit.h"

#include "hand_judge.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static double probability(const char *text, ss_signal signal, double value, bool dated)
{
    ss_judge *judge = hand_judge(text);
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
    ss_judge *judge = hand_judge("signal one -9 -9\n");
    ss_evidence e = {
        .words = 100, .same_text = true, .jaccard = 1, .containment = 1, .clash = true};
    e.signal[SS_SIGNAL_ONE] = 1;
    ss_judgement j = ss_judge_of(judge, &e);
    assert_int_equal(j.relation, SAMESTORY_COPY);
    assert_true(j.probability >= 1 && j.probability <= 1);
    ss_judge_free(judge);
}

/* A headline without date that shares no anchor is linked to nothing, however near; a report may
 * be, and with dates on both, which two reports of one event hardly have alone, only when it is
 * very near. */
static void what_names_nothing_needs_length_and_nearness(void **state)
{
    (void)state;
    samestory_error error = {0};
    ss_judge *judge;
    assert_int_equal(ss_judge_parse("threshold 0.5\nsignal one 9 9\n", &judge, &error),
                     SAMESTORY_OK);
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

/* A headline of one sentence names little: of two of one week that share a country, or are very
 * near, the weights decide; of short reports with titles they don't. */
static void dated_headlines_are_left_to_the_weights(void **state)
{
    (void)state;
    ss_judge *judge = hand_judge("signal one 9 9\n");
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
    ss_judge *judge = hand_judge("signal one -4 -4\n");
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
    ss_judge *judge = hand_judge("# a comment\n\nthreshold 0.625\nsignal cosine-cross -0.5 12.25");
    assert_near(judge->threshold, 0.625, 0);
    assert_near(judge->weight[0][SS_SIGNAL_COSINE_CROSS], -0.5, 0);
    assert_near(judge->weight[1][SS_SIGNAL_COSINE_CROSS], 12.25, 0);
    assert_near(judge->weight[0][SS_SIGNAL_GAP], 0, 0);
    ss_judge_free(judge);
    ss_judge_free(NULL);
}

static void a_stream_has_thresholds_of_its_own(void **state)
{
    (void)state;
    ss_judge *judge = hand_judge("threshold 0.5\npreset standard 0.5 0.9 0.8\npreset strict 0.75 0.95 0.6\n"
                                 "alone standard 0.625 0.9 0.7\n");
    assert_near(ss_judge_threshold(judge, SAMESTORY_STANDARD, false), 0.5, 0);
    assert_near(ss_judge_threshold(judge, SAMESTORY_STANDARD, true), 0.625, 0);
    assert_near(ss_judge_threshold(judge, SAMESTORY_STRICT, true), 0.75, 0); /* none of its own */
    assert_near(ss_judge_threshold(judge, SAMESTORY_LOOSE, true), 0.5, 0);
    ss_judge_free(judge);
    samestory_error error;
    static const char *const bad[] = {"alone standard 0.5 0.9\n", "alone sure 0.5 0.9 0.9\n",
                                      "alone strict 1.5 0.9 0.9\n", "alone\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(ss_judge_parse(bad[i], &judge, &error), SAMESTORY_MODEL_MISMATCH);
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

/* Two texts that share nothing, of one topic or of a word each, are no story whatever they weigh.
 */
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

/* ---- Trees ----------------------------------------------------------------------------------- */

static double odds_of(const ss_judge *judge, bool dated, ss_signal signal, double value)
{
    ss_evidence e = {.dated = dated, .words = 100};
    e.signal[SS_SIGNAL_ONE] = 1;
    e.signal[signal] = value;
    return ss_judge_odds(judge, &e, NULL);
}

static void trees_are_asked_where_the_sum_reaches_the_look(void **state)
{
    (void)state;
    static char text[HAND_TEXT];
    strcpy(text, "look -2.5\nsignal one -3 -3\nsignal dates 1 1\n");
    hand_split(text, "tree undated", "dates 0.1", 0.25, 4);
    ss_judge *judge = hand_judge(text);
    assert_near(judge->look, -2.5, 0);
    assert_near(odds_of(judge, false, SS_SIGNAL_DATES, 0.4375), -3 + 0.4375, 0); /* below it */
    assert_near(odds_of(judge, false, SS_SIGNAL_DATES, 0.5), -3 + 0.5 + 4, 0);
    assert_near(odds_of(judge, false, SS_SIGNAL_GAP, 1), -3, 0);
    assert_near(odds_of(judge, true, SS_SIGNAL_DATES, 0.5), -3 + 0.5, 0); /* no tree of that kind */
    ss_judge_free(judge);
}

/* Six questions, 64 answers: number 1 if the first is answered with yes, + 2 for the second ... */
static void a_tree_gives_the_answer_that_its_questions_lead_to(void **state)
{
    (void)state;
    static char text[HAND_TEXT];
    static const char *const question[SS_TREE_DEPTH] = {
        "dates 0", "gap -1", "names-rare 0.5", "links 2.25", "dates-rare 7", "weekdays-clash 0"};
    static const ss_signal signal[SS_TREE_DEPTH] = {SS_SIGNAL_DATES,      SS_SIGNAL_GAP,
                                                    SS_SIGNAL_NAMES_RARE, SS_SIGNAL_LINKS,
                                                    SS_SIGNAL_DATES_RARE, SS_SIGNAL_WEEKDAYS_CLASH};
    static const double edge[SS_TREE_DEPTH] = {0, -1, 0.5, 2.25, 7, 0};
    double answer[SS_TREE_LEAVES];
    for (int l = 0; l < SS_TREE_LEAVES; l++) answer[l] = l + 1;
    *text = 0;
    hand_tree(text, "tree dated", question, answer);
    ss_judge *judge = hand_judge(text);
    for (unsigned l = 0; l < SS_TREE_LEAVES; l++) {
        ss_evidence e = {.dated = true, .words = 100};
        for (unsigned d = 0; d < SS_TREE_DEPTH; d++)
            e.signal[signal[d]] = edge[d] + (l >> d & 1 ? 0.125 : 0);
        assert_near(ss_judge_odds(judge, &e, NULL), answer[l], 0);
    }
    ss_judge_free(judge);
}

static void what_each_signal_says_adds_up_to_all(void **state)
{
    (void)state;
    static char text[HAND_TEXT];
    static const char *const question[SS_TREE_DEPTH] = {"dates 0.5", "gap 0.25",    "dates 1.5",
                                                        "links 0.5", "jaccard 0.5", "dates 2.5"};
    uint64_t seed = 23;
    strcpy(text, "look -99\nsignal one -1.5 0.25\nsignal dates 0.75 0.5\nsignal links -2 1\n");
    for (int tree = 0; tree < 5; tree++) {
        double answer[SS_TREE_LEAVES];
        for (int l = 0; l < SS_TREE_LEAVES; l++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            answer[l] = (double)(seed >> 50) / 4096 - 2;
        }
        hand_tree(text, tree % 2 ? "tree dated" : "tree undated", question, answer);
    }
    ss_judge *judge = hand_judge(text);
    for (unsigned n = 0; n < 128; n++) {
        ss_evidence e = {.dated = n & 1, .words = 100};
        double effect[SS_SIGNALS], sum = 0;
        e.signal[SS_SIGNAL_ONE] = 1;
        e.signal[SS_SIGNAL_DATES] = n >> 1 & 3;
        e.signal[SS_SIGNAL_GAP] = n >> 3 & 1;
        e.signal[SS_SIGNAL_LINKS] = n >> 4 & 1;
        e.signal[SS_SIGNAL_JACCARD] = n >> 5 & 1;
        double odds = ss_judge_odds(judge, &e, effect);
        for (size_t i = 0; i < SS_SIGNALS; i++) sum += effect[i];
        assert_near(sum, odds, 1e-9);
        assert_near(effect[SS_SIGNAL_NAMES_RARE], 0, 0); /* nobody asks it */
        assert_near(ss_judge_odds(judge, &e, NULL), odds, 0);
    }
    ss_judge_free(judge);
}

/* ---- The second look ------------------------------------------------------------------------- */

static void every_opinion_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < SS_OPINIONS; i++) {
        assert_non_null(ss_opinion_name[i]);
        assert_null(strchr(ss_opinion_name[i], ' '));
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(ss_opinion_name[i], ss_opinion_name[k]);
    }
}

static double again(const ss_judge *judge, unsigned round, bool dated, double odds, double bridge)
{
    double opinion[SS_OPINIONS] = {0};
    opinion[SS_OPINION_PAIR] = odds;
    opinion[SS_OPINION_BRIDGE] = bridge;
    return ss_judge_again(judge, round, dated, opinion);
}

static void neighbours_answers_are_added_to_the_pair_s_odds(void **state)
{
    (void)state;
    static char text[HAND_TEXT];
    *text = 0;
    hand_split(text, "neighbours 1 undated", "bridge 0.5", -1, 2);
    hand_split(text, "neighbours 1 undated", "pair -3", 0, 0.5);
    hand_split(text, "neighbours 1 dated", "bridge 0.75", 0, 3);
    hand_split(text, "neighbours 2 undated", "bridge 0.5", 0, 1);
    ss_judge *judge = hand_judge(text);
    assert_near(again(judge, 0, false, 0, 0.5), 0.377541, 1e-9);   /* -0.5 */
    assert_near(again(judge, 0, false, 0, 0.51), 0.924142, 1e-9);  /* 2.5 */
    assert_near(again(judge, 0, false, -3, 0.51), 0.268941, 1e-9); /* -1 */
    assert_near(again(judge, 1, false, 0, 0.51), 0.731059, 1e-9);  /* 1 */
    assert_near(again(judge, 0, true, 0, 0.51), 0.5, 0);
    assert_near(again(judge, 0, true, 0, 0.76), 0.952574, 1e-9); /* 3 */
    ss_judge_free(judge);
}

static void without_trees_a_second_look_sees_what_the_first_saw(void **state)
{
    (void)state;
    ss_judge *judge = hand_judge("signal one -4 3\n");
    for (double p = 0.000001; p < 1; p += 0.000997)
        for (int dated = 0; dated < 2; dated++)
            assert_near(again(judge, 1, dated, ss_log(p / (1 - p)), 0.9),
                        floor(p * 1e6 + 0.5) / 1e6, 1e-12);
    ss_judge_free(judge);
}

/* ---- What is no judge ------------------------------------------------------------------------ */

/* A line of a tree whose questions all are `question`, with so many answers, and `end`. */
static const char *tree_line(const char *kind, const char *question, int answers, const char *end)
{
    static char line[HAND_TEXT];
    strcpy(line, kind);
    for (int d = 0; d < SS_TREE_DEPTH; d++) {
        hand_put(line, " ");
        hand_put(line, question);
    }
    for (int l = 0; l < answers; l++) hand_put(line, " 0.125");
    hand_put(line, end);
    return line;
}

static void assert_refused(const char *line)
{
    static char text[HAND_TEXT];
    ss_judge *judge = NULL;
    samestory_error error = {0};
    strcpy(text, "threshold 0.5\nlook -1\n");
    hand_put(text, line);
    hand_put(text, "\nsignal one 1 1\n");
    if (ss_judge_parse(text, &judge, &error) != SAMESTORY_MODEL_MISMATCH)
        fail_msg("taken: %s", line);
    assert_int_equal(error.line, 3);
    assert_string_equal(error.file, "judge.txt");
    assert_null(judge);
}

static void a_look_is_one_number(void **state)
{
    (void)state;
    static const char *const bad[] = {"look",     "look ",    "look near",  "look 1 2",
                                      "look --1", "look 1e3", "look 1.2.3", "look nan",
                                      "look inf", "look -",   "looks 1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_refused(bad[i]);
}

static void a_tree_asks_what_it_can_know(void **state)
{
    (void)state;
    ss_judge_free(hand_judge(tree_line("tree dated", "dates-rare 1.5", SS_TREE_LEAVES, "\n")));
    ss_judge_free(
        hand_judge(tree_line("neighbours 1 dated", "surer-other 1.5", SS_TREE_LEAVES, "")));
    assert_refused(
        tree_line("tree dated", "surer-other 1.5", SS_TREE_LEAVES, "")); /* asked of neighbours */
    assert_refused(tree_line("neighbours 1 dated", "dates-rare 1.5", SS_TREE_LEAVES, ""));
    assert_refused(tree_line("neighbours 1 dated", "surer 1.5", SS_TREE_LEAVES, ""));
    assert_refused(tree_line("neighbours 1 dated", "surer-other", SS_TREE_LEAVES, ""));
    assert_refused(tree_line("neighbours 1 someday", "surer-other 1", SS_TREE_LEAVES, ""));
    assert_refused(tree_line("neighbours 1", "surer-other 1", SS_TREE_LEAVES, ""));
    assert_refused(tree_line("neighbour dated", "surer-other 1", SS_TREE_LEAVES, ""));
    static const char *const round[] = {"neighbours dated",   "neighbours 0 dated",
                                        "neighbours 4 dated", "neighbours 11 dated",
                                        "neighbours 1dated",  "neighbours two dated"};
    for (size_t i = 0; i < sizeof round / sizeof *round; i++)
        assert_refused(tree_line(round[i], "surer-other 1", SS_TREE_LEAVES, ""));
    assert_refused("neighbours");
    assert_refused("neighbours ");
    assert_refused("neighbours 1");
    assert_refused("tree");
}

static void a_tree_has_an_answer_for_every_case(void **state)
{
    (void)state;
    static const char *const kind[] = {"tree undated", "neighbours 1 undated"};
    static const char *const question[] = {"dates 0", "common 0"};
    for (int i = 0; i < 2; i++) {
        assert_refused(tree_line(kind[i], question[i], SS_TREE_LEAVES - 1, ""));
        assert_refused(tree_line(kind[i], question[i], SS_TREE_LEAVES + 1, ""));
        assert_refused(tree_line(kind[i], question[i], SS_TREE_LEAVES - 1, " much"));
        assert_refused(tree_line(kind[i], question[i], SS_TREE_LEAVES, " "));
        assert_refused(tree_line(kind[i], question[i], 0, ""));
    }
}

/* As many as there is room for, and no more. */
static void trees_without_end_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *question;
        int most;
    } all[] = {{"tree undated", "dates 0", SS_TREES_MAX},
               {"tree dated", "dates 0", SS_TREES_MAX},
               {"neighbours 1 undated", "common 0", SS_NEIGHBOUR_TREES_MAX},
               {"neighbours 2 dated", "common 0", SS_NEIGHBOUR_TREES_MAX}};
    static char text[HAND_TEXT];
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const char *line = tree_line(all[i].kind, all[i].question, SS_TREE_LEAVES, "\n");
        size_t size = strlen(line);
        assert_true(size * ((size_t)all[i].most + 1) < sizeof text);
        for (size_t k = 0; k <= (size_t)all[i].most; k++) memcpy(text + k * size, line, size + 1);
        ss_judge *judge = NULL;
        samestory_error error = {0};
        assert_int_equal(ss_judge_parse(text, &judge, &error), SAMESTORY_MODEL_MISMATCH);
        assert_int_equal(error.line, all[i].most + 1);
        text[(size_t)all[i].most * size] = 0;
        ss_judge_free(hand_judge(text));
    }
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
        cmocka_unit_test(a_stream_has_thresholds_of_its_own),
        cmocka_unit_test(errors_name_the_line),
        cmocka_unit_test(trees_are_asked_where_the_sum_reaches_the_look),
        cmocka_unit_test(a_tree_gives_the_answer_that_its_questions_lead_to),
        cmocka_unit_test(what_each_signal_says_adds_up_to_all),
        cmocka_unit_test(every_opinion_has_a_name_of_its_own),
        cmocka_unit_test(neighbours_answers_are_added_to_the_pair_s_odds),
        cmocka_unit_test(without_trees_a_second_look_sees_what_the_first_saw),
        cmocka_unit_test(a_look_is_one_number),
        cmocka_unit_test(a_tree_asks_what_it_can_know),
        cmocka_unit_test(a_tree_has_an_answer_for_every_case),
        cmocka_unit_test(trees_without_end_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
