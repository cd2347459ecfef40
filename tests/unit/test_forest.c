/* Boosted trees: they learn what a sum of signals can't tell, and the judge reads them as they were
 * fitted. */
#include "unit.h"

#include "hand_judge.h"

#include "train/logistic.c" /* before the other, which has a name of its own for one of its parameters */

#include "train/forest.c"

#include <stdlib.h>

enum { COUNT = 3000, TREES = 60 };

static const ss_signal first = SS_SIGNAL_NAMES_RARE, second = SS_SIGNAL_GAP;

/* Examples whose answer is yes where one of two signals is high, not both; some signals are noise.
 */
typedef struct lesson {
    float x[COUNT][SS_SIGNALS];
    example examples[COUNT];
    double odds[COUNT]; /* that the trees begin with: 0 */
} lesson;

static lesson *either_or(uint64_t seed)
{
    lesson *l = calloc(1, sizeof *l);
    assert_non_null(l);
    for (size_t i = 0; i < COUNT; i++) {
        float *x = l->x[i];
        x[SS_SIGNAL_ONE] = 1;
        x[first] = (float)random_unit(&seed);
        x[second] = (float)random_unit(&seed) * 8 - 4;
        x[SS_SIGNAL_LENGTH] = (float)random_unit(&seed);
        x[SS_SIGNAL_DATES] = random_unit(&seed) < 0.5 ? 0 : 1;
        bool yes = (x[first] > 0.5F) != (x[second] > 1);
        l->examples[i] = (example){.x = x, .weight = 1, .positive = yes, .used = true};
    }
    return l;
}

static ss_tree *grown(const lesson *l)
{
    ss_tree *tree = calloc(TREES, sizeof *tree);
    assert_non_null(tree);
    assert_true(forest_fit(l->examples, COUNT, SS_SIGNALS, l->odds, tree, TREES));
    return tree;
}

/* The share of the examples that log odds get right. */
static double share_right(const lesson *l, const double *odds)
{
    size_t right = 0;
    for (size_t i = 0; i < COUNT; i++) right += (odds[i] > 0) == l->examples[i].positive;
    return (double)right / COUNT;
}

/* The log odds that a judge with these trees has of each example. */
static void judge_all(const lesson *l, const ss_tree *tree, double *odds)
{
    ss_judge *judge = hand_judge("look -99\n");
    judge->trees[1] = TREES;
    memcpy(judge->tree[1], tree, TREES * sizeof *tree);
    for (size_t i = 0; i < COUNT; i++) {
        ss_evidence e = {.dated = true, .words = 100};
        for (size_t k = 0; k < SS_SIGNALS; k++) e.signal[k] = (double)l->x[i][k];
        odds[i] = ss_judge_odds(judge, &e, NULL);
    }
    ss_judge_free(judge);
}

static void trees_learn_what_a_sum_cannot_say(void **state)
{
    (void)state;
    static const signed char any[SS_SIGNALS];
    lesson *l = either_or(11), *unseen = either_or(12);
    double weight[SS_SIGNALS], *odds = calloc(COUNT, sizeof *odds);
    assert_non_null(odds);
    assert_true(logistic_fit(l->examples, COUNT, SS_SIGNALS, 1, any, weight));
    for (size_t i = 0; i < COUNT; i++)
        for (size_t k = 0; k < SS_SIGNALS; k++) odds[i] += weight[k] * (double)l->x[i][k];
    double sum = share_right(l, odds);
    ss_tree *tree = grown(l);
    judge_all(l, tree, odds);
    double seen = share_right(l, odds);
    judge_all(unseen, tree, odds);
    double other = share_right(unseen, odds);
    print_message("# right: a sum %.3f, trees %.3f, on unseen examples %.3f\n", sum, seen, other);
    assert_true(sum < 0.7);
    assert_true(seen > 0.97);
    assert_true(other > 0.95);
    free(tree);
    free(odds);
    free(l);
    free(unseen);
}

static void the_same_examples_give_the_same_trees(void **state)
{
    (void)state;
    lesson *l = either_or(13);
    ss_tree *one = grown(l), *two = grown(l);
    assert_memory_equal(one, two, TREES * sizeof *one);
    free(one);
    free(two);
    free(l);
}

/* Examples that are left out lie, and are nevertheless not believed. */
static void what_is_left_out_is_not_looked_at(void **state)
{
    (void)state;
    lesson *l = either_or(14), *few = either_or(14);
    size_t used = 0;
    for (size_t i = 0; i < COUNT; i++) {
        if (i % 3) {
            few->examples[used] = l->examples[i];
            few->odds[used++] = l->odds[i] = 0.01 * (double)(i % 7);
            continue;
        }
        l->examples[i].used = false;
        l->examples[i].positive = !l->examples[i].positive;
        l->odds[i] = -5;
    }
    ss_tree *tree = grown(l), *expected = calloc(TREES, sizeof *expected);
    assert_non_null(expected);
    assert_true(forest_fit(few->examples, used, SS_SIGNALS, few->odds, expected, TREES));
    assert_memory_equal(tree, expected, TREES * sizeof *tree);
    free(tree);
    free(expected);
    free(few);
    free(l);
}

/* Trees are fitted to what is left over: nothing, where the odds are right already. */
static void what_is_known_already_is_not_told_again(void **state)
{
    (void)state;
    lesson *l = either_or(15);
    for (size_t i = 0; i < COUNT; i++) l->odds[i] = l->examples[i].positive ? 12 : -12;
    ss_tree *tree = grown(l);
    for (size_t t = 0; t < TREES; t++)
        for (size_t a = 0; a < SS_TREE_LEAVES; a++) assert_near((double)tree[t].leaf[a], 0, 0.002);
    free(tree);
    free(l);
}

/* What weighs much is learnt, what weighs little is not, though there is more of it. */
static void weights_count_as_so_many_examples(void **state)
{
    (void)state;
    lesson *l = either_or(16);
    double *odds = calloc(COUNT, sizeof *odds);
    assert_non_null(odds);
    for (size_t i = 0; i < COUNT; i++) {
        bool heavy = i % 4 == 0;
        l->examples[i].positive =
            (l->x[i][first] > 0.5F) == heavy; /* the others say the contrary */
        l->examples[i].weight = heavy ? 2 : 0.1F;
    }
    ss_tree *tree = grown(l);
    judge_all(l, tree, odds);
    size_t believed = 0;
    for (size_t i = 0; i < COUNT; i++) believed += (odds[i] > 0) == (l->x[i][first] > 0.5F);
    assert_true(believed > COUNT * 97 / 100);
    free(odds);
    free(tree);
    free(l);
}

/* Numbers are those that judge.txt can tell: a tree that was written and read is the same tree. */
static void trees_survive_being_written(void **state)
{
    (void)state;
    static char text[HAND_TEXT];
    lesson *l = either_or(17);
    ss_tree *tree = grown(l);
    *text = 0;
    for (size_t t = 0; t < TREES; t++) {
        char question[SS_TREE_DEPTH][64];
        const char *all[SS_TREE_DEPTH];
        double answer[SS_TREE_LEAVES];
        for (size_t d = 0; d < SS_TREE_DEPTH; d++) {
            snprintf(question[d], sizeof question[d], "%s %.4f", ss_signal_name[tree[t].signal[d]],
                     tree[t].edge[d]);
            all[d] = question[d];
        }
        for (size_t a = 0; a < SS_TREE_LEAVES; a++) answer[a] = (double)tree[t].leaf[a];
        hand_tree(text, "tree undated", all, answer);
    }
    ss_judge *judge = hand_judge(text);
    assert_int_equal(judge->trees[0], TREES);
    for (size_t t = 0; t < TREES; t++) {
        const ss_tree *read = &judge->tree[0][t];
        assert_memory_equal(read->signal, tree[t].signal, sizeof read->signal);
        assert_memory_equal(read->edge, tree[t].edge, sizeof read->edge);
        assert_memory_equal(read->leaf, tree[t].leaf, sizeof read->leaf);
    }
    ss_judge_free(judge);
    free(tree);
    free(l);
}

static void nothing_to_learn_from_says_nothing(void **state)
{
    (void)state;
    lesson *l = either_or(18);
    ss_tree tree[2];
    memset(tree, 0xFF, sizeof tree);
    assert_true(forest_fit(l->examples, 0, SS_SIGNALS, l->odds, tree, 2));
    for (size_t t = 0; t < 2; t++)
        for (size_t a = 0; a < SS_TREE_LEAVES; a++) assert_near((double)tree[t].leaf[a], 0, 0);
    for (size_t i = 0; i < COUNT; i++) l->examples[i].used = false;
    assert_true(forest_fit(l->examples, COUNT, SS_SIGNALS, l->odds, tree, 2));
    for (size_t a = 0; a < SS_TREE_LEAVES; a++) assert_near((double)tree[1].leaf[a], 0, 0);
    for (size_t i = 0; i < COUNT; i++) l->examples[i] = (example){l->x[i], 1, true, true};
    assert_true(forest_fit(l->examples, COUNT, SS_SIGNALS, l->odds, tree, 2)); /* all say yes */
    for (size_t a = 0; a < SS_TREE_LEAVES; a++) assert_true(tree[0].leaf[a] >= 0);
    free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees_learn_what_a_sum_cannot_say),
        cmocka_unit_test(the_same_examples_give_the_same_trees),
        cmocka_unit_test(what_is_left_out_is_not_looked_at),
        cmocka_unit_test(what_is_known_already_is_not_told_again),
        cmocka_unit_test(weights_count_as_so_many_examples),
        cmocka_unit_test(trees_survive_being_written),
        cmocka_unit_test(nothing_to_learn_from_says_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
