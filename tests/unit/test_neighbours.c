/* Neighbours: what the documents around a pair say of it, told from the set of pairs alone. */
#include "unit.h"

#include "hand_judge.h"
#include "shuffled.h"
#include "story/neighbours.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { A, B, C, D, E };

static samestory_edge edge(size_t a, size_t b, double p)
{
    return (samestory_edge){
        .a = a, .b = b, .relation = SAMESTORY_STORY, .alone = p, .probability = p};
}

/* ---- Opinions on hand-made graphs ------------------------------------------------------------ */

/* What is said of the first of these edges. */
static void ask_first(const samestory_edge *edges, size_t count, double opinion[SS_OPINIONS])
{
    ss_neighbours *n = ss_neighbours_new(edges, count, 8, NULL);
    assert_non_null(n);
    ss_neighbours_ask(n, &edges[0], opinion);
    ss_neighbours_free(n);
}

#define ASK(opinion, ...)                                                                          \
    ask_first((const samestory_edge[]){__VA_ARGS__},                                               \
              sizeof((const samestory_edge[]){__VA_ARGS__}) / sizeof(samestory_edge), opinion)

static void a_lonely_pair_is_told_nothing(void **state)
{
    (void)state;
    double o[SS_OPINIONS];
    ASK(o, edge(A, B, 0.8), edge(C, D, 0.9)); /* others know nobody here */
    assert_near(o[SS_OPINION_ALONE], log(4), 1e-12);
    assert_near(o[SS_OPINION_PAIR], log(4), 1e-12);
    assert_near(o[SS_OPINION_BRIDGE], 0, 0);
    assert_near(o[SS_OPINION_SECOND], 0, 0);
    assert_near(o[SS_OPINION_COMMON], 0, 0);
    assert_near(o[SS_OPINION_APART], 0, 0);
    assert_near(o[SS_OPINION_LESS], 0, 0);
    assert_near(o[SS_OPINION_MORE], 0, 0);
}

/* A third report that agrees with both is as good a bridge as its weaker end. */
static void who_agrees_with_both_is_a_bridge(void **state)
{
    (void)state;
    double o[SS_OPINIONS];
    ASK(o, edge(A, B, 0.3), edge(A, C, 0.9), edge(B, C, 0.8));
    assert_near(o[SS_OPINION_BRIDGE], 0.8, 1e-6);
    assert_near(o[SS_OPINION_SECOND], 0, 0);
    assert_near(o[SS_OPINION_COMMON], 0.9 * 0.8, 1e-6);
    /* what A has with others, and B, but for what they have in common */
    assert_near(o[SS_OPINION_APART], 0.9 + 0.8 - 2 * 0.9 * 0.8, 1e-6);
    assert_near(o[SS_OPINION_LESS], 0.8, 1e-6);
    assert_near(o[SS_OPINION_MORE], 0.9, 1e-6);
}

static void the_second_bridge_is_told_as_well(void **state)
{
    (void)state;
    double o[SS_OPINIONS];
    ASK(o, edge(A, B, 0.3), edge(A, C, 0.4), edge(C, B, 0.5), edge(A, D, 0.9), edge(D, B, 0.7),
        edge(E, A, 0.6), edge(B, E, 0.95));
    assert_near(o[SS_OPINION_BRIDGE], 0.7, 1e-6); /* D */
    assert_near(o[SS_OPINION_SECOND], 0.6, 1e-6); /* E */
    assert_near(o[SS_OPINION_COMMON], 0.4 * 0.5 + 0.9 * 0.7 + 0.6 * 0.95, 1e-6);
}

/* Each has friends of its own, whom the other doesn't know. */
static void who_agrees_with_one_stands_apart(void **state)
{
    (void)state;
    double o[SS_OPINIONS];
    ASK(o, edge(A, B, 0.99), edge(A, C, 0.75), edge(A, D, 0.5), edge(E, B, 0.25));
    assert_near(o[SS_OPINION_BRIDGE], 0, 0);
    assert_near(o[SS_OPINION_COMMON], 0, 0);
    assert_near(o[SS_OPINION_APART], 0.75 + 0.5 + 0.25, 1e-6);
    /* the surest that each has beside the other, however sure the pair itself is */
    assert_near(o[SS_OPINION_LESS], 0.25, 1e-6);
    assert_near(o[SS_OPINION_MORE], 0.75, 1e-6);
    ASK(o, edge(A, B, 0.3), edge(A, C, 0.75)); /* B has nobody else */
    assert_near(o[SS_OPINION_LESS], 0, 0);
    assert_near(o[SS_OPINION_MORE], 0.75, 1e-6);
    assert_near(o[SS_OPINION_APART], 0.75, 1e-6);
}

static void nobody_stands_apart_where_all_agree(void **state)
{
    (void)state;
    double o[SS_OPINIONS];
    ASK(o, edge(A, B, 1), edge(A, C, 1), edge(B, C, 1), edge(A, D, 1), edge(B, D, 1));
    assert_near(o[SS_OPINION_APART], 0, 1e-6);
    assert_true(o[SS_OPINION_APART] >= 0);
    assert_near(o[SS_OPINION_COMMON], 2, 1e-6);
    assert_true(isfinite(o[SS_OPINION_PAIR]) && o[SS_OPINION_PAIR] > 5); /* certain, yet a number */
}

/* ---- Laws ------------------------------------------------------------------------------------ */

/* Trees that ask everything, dated and not, so that whatever changes is seen. */
static ss_judge *curious_judge(void)
{
    static const char *const kinds[] = {"neighbours 1 undated", "neighbours 1 dated",
                                        "neighbours 2 undated", "neighbours 2 dated"};
    static char text[HAND_TEXT];
    strcpy(text, "signal one 0 0\n");
    for (int i = 1; i < 40; i++) {
        double step = i * 0.05;
        for (int o = 0; o < SS_OPINIONS; o++) {
            char question[64];
            snprintf(question, sizeof question, "%s %.4f", ss_opinion_name[o],
                     o == SS_OPINION_PAIR    ? 8 * step - 8
                     : o == SS_OPINION_APART ? 8 * step
                                             : step);
            if ((i + o) % 3 == 0)
                hand_split(text, kinds[(i + o) / 3 % 4], question, -0.01 * o - 0.003,
                           0.02 * o + 0.007);
        }
    }
    return hand_judge(text);
}

/* Pairs of `documents` documents, each once, in stories of about `story`, and some between them. */
static samestory_edge *random_edges(size_t documents, size_t story, size_t wish, size_t *count)
{
    samestory_edge *edges = malloc(wish * sizeof *edges);
    bool *seen = calloc(documents * documents, sizeof *seen);
    assert_non_null(edges);
    assert_non_null(seen);
    *count = 0;
    for (size_t i = 0; i < wish; i++) {
        size_t a = draw(documents), b = draw(4) ? a / story * story + draw(story) : draw(documents);
        if (b >= documents || a == b || seen[a * documents + b]) continue;
        seen[a * documents + b] = seen[b * documents + a] = true;
        samestory_edge *e = &edges[(*count)++];
        *e = edge(a, b, 0.02 + (double)draw(99) / 100); /* many ties */
        if (e->alone > 1) e->alone = 1;
        e->dated = draw(2);
        if (draw(8) == 0) e->relation = draw(9) ? SAMESTORY_REVISION : SAMESTORY_COPY;
    }
    free(seen);
    return edges;
}

static samestory_edge *copied(const samestory_edge *edges, size_t count)
{
    samestory_edge *out = malloc((count + 1) * sizeof *out);
    assert_non_null(out);
    memcpy(out, edges, count * sizeof *out);
    return out;
}

static int by_pair(const void *x, const void *y)
{
    const samestory_edge *a = x, *b = y;
    size_t al = a->a < a->b ? a->a : a->b, ah = a->a < a->b ? a->b : a->a;
    size_t bl = b->a < b->b ? b->a : b->b, bh = b->a < b->b ? b->b : b->a;
    if (al != bl) return al < bl ? -1 : 1;
    return (ah > bh) - (ah < bh);
}

/* The same pairs in any order have the same probabilities, bit by bit. */
static void assert_same(samestory_edge *x, samestory_edge *y, size_t count)
{
    qsort(x, count, sizeof *x, by_pair);
    qsort(y, count, sizeof *y, by_pair);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(by_pair(&x[i], &y[i]), 0);
        assert_memory_equal(&x[i].probability, &y[i].probability, sizeof x[i].probability);
    }
}

static void the_order_of_pairs_and_of_their_ends_does_not_count(void **state)
{
    (void)state;
    enum { DOCUMENTS = 90 };
    ss_judge *judge = curious_judge();
    seed = 5;
    for (int round = 0; round < 20; round++) {
        size_t count;
        samestory_edge *expected = random_edges(DOCUMENTS, 9, 600, &count);
        samestory_edge *edges = copied(expected, count);
        assert_true(ss_ask_neighbours(judge, expected, count, DOCUMENTS, NULL, 1));
        shuffle(edges, count);
        for (size_t i = 0; i < count; i++) {
            if (draw(2)) continue;
            size_t a = edges[i].a;
            edges[i].a = edges[i].b;
            edges[i].b = a;
        }
        assert_true(ss_ask_neighbours(judge, edges, count, DOCUMENTS, NULL, 1));
        assert_same(edges, expected, count);
        free(edges);
        free(expected);
    }
    ss_judge_free(judge);
}

static void threads_do_not_count(void **state)
{
    (void)state;
    enum { DOCUMENTS = 1500 };
    ss_judge *judge = curious_judge();
    size_t count;
    seed = 6;
    samestory_edge *expected = random_edges(DOCUMENTS, 30, 40000, &count);
    samestory_edge *pairs = copied(expected, count);
    assert_true(count > 10000);
    assert_true(ss_ask_neighbours(judge, expected, count, DOCUMENTS, NULL, 1));
    size_t changed = 0;
    for (size_t i = 0; i < count; i++)
        changed += fabs(expected[i].probability - pairs[i].alone) > 0;
    assert_true(changed > count / 2);
    for (unsigned threads = 2; threads <= 8; threads += 3) {
        samestory_edge *edges = copied(pairs, count);
        assert_true(ss_ask_neighbours(judge, edges, count, DOCUMENTS, NULL, threads));
        assert_same(edges, expected, count);
        free(edges);
    }
    free(pairs);
    free(expected);
    ss_judge_free(judge);
}

/* In files of a folder, with all memory that there is, or so little that all is let go at once. */
static void on_a_shelf_the_same_bytes(void **state)
{
    (void)state;
    enum { DOCUMENTS = 800 };
    char folder[] = "/tmp/samestory-test-XXXXXX";
    assert_non_null(mkdtemp(folder));
    ss_judge *judge = curious_judge();
    size_t count;
    seed = 7;
    samestory_edge *expected = random_edges(DOCUMENTS, 20, 20000, &count);
    samestory_edge *pairs = copied(expected, count);
    assert_true(ss_ask_neighbours(judge, expected, count, DOCUMENTS, NULL, 1));
    for (size_t limit = 0; limit < 2; limit++) {
        ss_shelf *shelf = NULL;
        samestory_edge *edges = copied(pairs, count);
        assert_int_equal(ss_shelf_new(folder, limit, &shelf, NULL), SAMESTORY_OK);
        assert_true(ss_ask_neighbours(judge, edges, count, DOCUMENTS, shelf, 2));
        assert_same(edges, expected, count);
        ss_shelf_free(shelf);
        free(edges);
    }
    free(pairs);
    free(expected);
    ss_judge_free(judge);
    assert_int_equal(rmdir(folder), 0); /* nothing is left behind */
}

static void copies_and_revisions_stay_as_they_are(void **state)
{
    (void)state;
    static char text[HAND_TEXT];
    *text = 0;
    hand_split(text, "neighbours 1 undated", "bridge 0.5", -9, 5);
    ss_judge *judge = hand_judge(text);
    samestory_edge edges[] = {edge(A, B, 0.97), edge(C, D, 0.9), edge(A, E, 0.9)};
    edges[0].relation = SAMESTORY_COPY;
    edges[1].relation = SAMESTORY_REVISION;
    assert_true(ss_ask_neighbours(judge, edges, 3, 5, NULL, 1));
    assert_near(edges[0].probability, 0.97, 0);
    assert_near(edges[1].probability, 0.9, 0);
    assert_true(edges[2].probability < 0.01);
    ss_judge_free(judge);
}

/* A revision is the same text, told on, as long as no number of it stands against the other's. */
static void a_sure_revision_is_the_same_witness(void **state)
{
    (void)state;
    double o[SS_OPINIONS];
    samestory_edge edges[] = {edge(A, B, 0.3), edge(A, C, 0.9), edge(B, C, 0.8)};
    edges[1].relation = SAMESTORY_REVISION;
    ask_first(edges, 3, o);
    assert_near(o[SS_OPINION_BRIDGE], 0, 0);
    assert_near(o[SS_OPINION_MORE], 0, 0);
    edges[1].alone = 0.89;
    ask_first(edges, 3, o); /* another text, perhaps, and heard */
    assert_near(o[SS_OPINION_BRIDGE], 0.8, 1e-6);
}

/* The same words from another mouth: neither for the pair nor against it. */
static void a_copy_is_no_witness_in_its_own_matter(void **state)
{
    (void)state;
    double o[SS_OPINIONS];
    samestory_edge edges[] = {edge(A, B, 0.3), edge(A, C, 0.99), edge(B, C, 0.4), edge(B, D, 1)};
    edges[1].relation = edges[3].relation = SAMESTORY_COPY;
    ask_first(edges, 4, o);
    assert_near(o[SS_OPINION_PAIR], log(0.3 / 0.7), 1e-9);
    assert_near(o[SS_OPINION_BRIDGE], 0, 0);
    assert_near(o[SS_OPINION_COMMON], 0, 0);
    assert_near(o[SS_OPINION_APART], 0, 0);
    assert_near(o[SS_OPINION_LESS], 0, 0);
    assert_near(o[SS_OPINION_MORE], 0, 0);
}

/* What a copy is paired with, the text is paired with; of several copies the surest counts. */
static void what_one_copy_knows_its_text_knows(void **state)
{
    (void)state;
    enum { A2 = 5, A3 = 6 };
    double o[SS_OPINIONS];
    samestory_edge edges[] = {edge(A, B, 0.3),  edge(A, A2, 1),   edge(A2, A3, 1),
                              edge(A3, C, 0.9), edge(A2, C, 0.7), edge(A2, B, 0.25),
                              edge(B, C, 0.8)};
    edges[1].relation = edges[2].relation = SAMESTORY_COPY;
    ask_first(edges, 7, o);
    assert_near(o[SS_OPINION_BRIDGE], 0.8, 1e-6);
    assert_near(o[SS_OPINION_SECOND], 0, 0);
    assert_near(o[SS_OPINION_COMMON], 0.9 * 0.8, 1e-6);
    assert_near(o[SS_OPINION_APART], 0.9 + 0.8 - 2 * 0.9 * 0.8, 1e-6);
}

/* However often the wire is copied, the originals are judged as if they were alone. */
static void copies_of_everything_change_nothing(void **state)
{
    (void)state;
    enum { DOCUMENTS = 60, COPIES = 4 };
    ss_judge *judge = curious_judge();
    seed = 9;
    for (int round = 0; round < 10; round++) {
        size_t count, all;
        samestory_edge *expected = random_edges(DOCUMENTS, 10, 400, &count);
        samestory_edge *edges = malloc((count + COPIES * DOCUMENTS) * sizeof *edges);
        assert_non_null(edges);
        memcpy(edges, expected, count * sizeof *edges);
        all = count;
        for (size_t i = 0; i < COPIES * DOCUMENTS; i++) {
            edges[all] = edge(i % DOCUMENTS, DOCUMENTS + i, 1);
            edges[all++].relation = SAMESTORY_COPY;
        }
        assert_true(ss_ask_neighbours(judge, expected, count, DOCUMENTS, NULL, 1));
        assert_true(ss_ask_neighbours(judge, edges, all, DOCUMENTS * (COPIES + 1), NULL, 2));
        assert_same(edges, expected, count);
        free(edges);
        free(expected);
    }
    ss_judge_free(judge);
}

/* Nothing but D speaks for B and C, and nothing but C for A and B: only the second round hears it.
 */
static void the_second_round_hears_what_the_first_found(void **state)
{
    (void)state;
    static char text[HAND_TEXT];
    *text = 0;
    hand_split(text, "neighbours 1 undated", "bridge 0.5", 0, 5);
    ss_judge *once = hand_judge(text);
    hand_split(text, "neighbours 2 undated", "bridge 0.5", 0, 2);
    ss_judge *twice = hand_judge(text);
    samestory_edge edges[] = {edge(A, B, 0.3), edge(A, C, 0.9), edge(B, C, 0.3), edge(B, D, 0.9),
                              edge(C, D, 0.9)};
    assert_true(ss_ask_neighbours(once, edges, 5, 4, NULL, 1));
    assert_near(edges[0].probability, 0.3, 1e-6);
    assert_true(edges[2].probability > 0.98);
    assert_true(ss_ask_neighbours(twice, edges, 5, 4, NULL, 1));
    assert_near(edges[0].probability, 0.3 * exp(2) / (0.3 * exp(2) + 0.7), 1e-6);
    assert_near(edges[0].alone, 0.3, 0); /* what was first remains to be seen */
    ss_judge_free(once);
    ss_judge_free(twice);
}

/* Both probabilities of a pair can be asked for. */
static void a_pair_tells_what_it_was_alone_and_what_it_is(void **state)
{
    (void)state;
    double o[SS_OPINIONS];
    samestory_edge e = edge(A, B, 0.8);
    e.probability = 0.2;
    ask_first(&e, 1, o);
    assert_near(o[SS_OPINION_ALONE], log(4), 1e-12);
    assert_near(o[SS_OPINION_PAIR], -log(4), 1e-12);
}

/* Where a date is missing, other trees are asked. */
static void pairs_with_dates_have_trees_of_their_own(void **state)
{
    (void)state;
    static char text[HAND_TEXT];
    *text = 0;
    hand_split(text, "neighbours 1 dated", "apart 0.5", 3, -3);
    ss_judge *judge = hand_judge(text);
    samestory_edge edges[] = {edge(A, B, 0.5), edge(A, C, 0.9), edge(D, E, 0.5)};
    edges[0].dated = edges[2].dated = true;
    assert_true(ss_ask_neighbours(judge, edges, 3, 5, NULL, 1));
    assert_true(edges[0].probability < 0.05);
    assert_near(edges[1].probability, 0.9, 0);
    assert_true(edges[2].probability > 0.95);
    ss_judge_free(judge);
}

static void a_judge_without_such_trees_changes_nothing(void **state)
{
    (void)state;
    ss_judge *judge = hand_judge("threshold 0.5\nsignal one 2 -2\n");
    size_t count;
    seed = 8;
    samestory_edge *edges = random_edges(200, 10, 2000, &count);
    edges[0].alone = 0.999999;
    for (size_t i = 0; i < count; i++) edges[i].probability = -1;
    assert_true(ss_ask_neighbours(judge, edges, count, 200, NULL, 2));
    for (size_t i = 0; i < count; i++) assert_near(edges[i].probability, edges[i].alone, 0);
    free(edges);
    ss_judge_free(judge);
}

static void no_pairs_and_no_documents_are_fine(void **state)
{
    (void)state;
    ss_judge *judge = curious_judge();
    samestory_edge none;
    assert_true(ss_ask_neighbours(judge, &none, 0, 0, NULL, 2));
    assert_true(ss_ask_neighbours(judge, NULL, 0, 1000, NULL, 2));
    ss_neighbours_free(NULL);
    ss_judge_free(judge);
}

/* One document that is paired with all others, each of which also knows the next: going through all
 * that the hub knows for each of its pairs would be 160,000 million steps. */
static void a_hub_takes_no_time(void **state)
{
    (void)state;
    enum { DOCUMENTS = 400000 };
    ss_judge *judge = curious_judge();
    samestory_edge *edges = malloc(2 * (size_t)DOCUMENTS * sizeof *edges);
    assert_non_null(edges);
    size_t count = 0;
    for (size_t i = 1; i < DOCUMENTS; i++) {
        edges[count++] = edge(0, i, 0.3);
        if (i > 1) edges[count++] = edge(i - 1, i, 0.6);
    }
    clock_t start = clock();
    assert_true(ss_ask_neighbours(judge, edges, count, DOCUMENTS, NULL, 1));
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    print_message("# %.2f s of computing\n", seconds);
    assert_true(seconds < 30); /* 0.3 s; under an emulator twenty times as long */
    free(edges);
    ss_judge_free(judge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lonely_pair_is_told_nothing),
        cmocka_unit_test(who_agrees_with_both_is_a_bridge),
        cmocka_unit_test(the_second_bridge_is_told_as_well),
        cmocka_unit_test(who_agrees_with_one_stands_apart),
        cmocka_unit_test(nobody_stands_apart_where_all_agree),
        cmocka_unit_test(the_order_of_pairs_and_of_their_ends_does_not_count),
        cmocka_unit_test(threads_do_not_count),
        cmocka_unit_test(on_a_shelf_the_same_bytes),
        cmocka_unit_test(copies_and_revisions_stay_as_they_are),
        cmocka_unit_test(a_sure_revision_is_the_same_witness),
        cmocka_unit_test(a_copy_is_no_witness_in_its_own_matter),
        cmocka_unit_test(what_one_copy_knows_its_text_knows),
        cmocka_unit_test(copies_of_everything_change_nothing),
        cmocka_unit_test(the_second_round_hears_what_the_first_found),
        cmocka_unit_test(a_pair_tells_what_it_was_alone_and_what_it_is),
        cmocka_unit_test(pairs_with_dates_have_trees_of_their_own),
        cmocka_unit_test(a_judge_without_such_trees_changes_nothing),
        cmocka_unit_test(no_pairs_and_no_documents_are_fine),
        cmocka_unit_test(a_hub_takes_no_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
