/* Final stories: a pure function of the set of edges; verified membership, never a chain. And the
 * story that a document joins as it arrives. */
#include "unit.h"

#include "samestory.h"
#include "shuffled.h"
#include "story/story.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const double threshold = 0.5;

static samestory_edge edge(size_t a, size_t b, double probability)
{
    return (samestory_edge){.a = a,
                            .b = b,
                            .relation = SAMESTORY_STORY,
                            .alone = probability,
                            .probability = probability};
}

static samestory_edge copy_edge(size_t a, size_t b, double probability)
{
    samestory_edge e = edge(a, b, probability);
    e.relation = SAMESTORY_COPY;
    return e;
}

static void build(const samestory_edge *edges, size_t count, size_t documents, size_t *story)
{
    samestory_error error = {0};
    if (samestory_stories(edges, count, documents, threshold, story, &error))
        fail_msg("%s", error.message);
    for (size_t i = 0; i < documents; i++) { /* a story is named by its first document */
        assert_true(story[i] <= i);
        assert_int_equal(story[story[i]], story[i]);
    }
}

/* Edges between all of first..first+count. */
static size_t add_clique(samestory_edge *edges, size_t first, size_t count, double probability)
{
    size_t n = 0;
    for (size_t b = first; b < first + count; b++)
        for (size_t a = first; a < b; a++) edges[n++] = edge(a, b, probability);
    return n;
}

static void without_edges_every_document_is_its_own_story(void **state)
{
    (void)state;
    size_t story[5];
    build(NULL, 0, 5, story);
    for (size_t i = 0; i < 5; i++) assert_int_equal(story[i], i);
    assert_int_equal(samestory_stories(NULL, 0, 0, threshold, story, NULL), SAMESTORY_OK);
}

static void an_edge_links_from_the_threshold_on(void **state)
{
    (void)state;
    size_t story[4];
    const samestory_edge edges[] = {edge(0, 2, 0.5), edge(1, 3, 0.499999)};
    build(edges, 2, 4, story);
    assert_int_equal(story[2], 0);
    assert_int_equal(story[3], 3);
    assert_int_equal(story[1], 1);
}

static void all_that_hold_together_are_one_story(void **state)
{
    (void)state;
    samestory_edge edges[200];
    size_t story[14], count = add_clique(edges, 0, 14, 0.7);
    build(edges, count, 14, story);
    for (size_t i = 0; i < 14; i++) assert_int_equal(story[i], 0);
}

static void copies_of_one_text_are_one_story(void **state)
{
    (void)state;
    /* each copy is held by the original alone: a star, which stories by report need not become */
    samestory_edge edges[30];
    size_t story[31];
    for (size_t i = 0; i < 30; i++) edges[i] = copy_edge(0, i + 1, 0.99);
    build(edges, 30, 31, story);
    for (size_t i = 0; i < 31; i++) assert_int_equal(story[i], 0);
}

/* Ten copies of one report are one witness, not ten. */
static void copies_do_not_outvote(void **state)
{
    (void)state;
    samestory_edge edges[400];
    size_t story[24], count = 0;
    for (size_t i = 1; i < 10; i++) edges[count++] = copy_edge(0, i, 0.99);
    count += add_clique(edges + count, 10, 6, 0.9);
    for (size_t i = 0; i < 10; i++)
        edges[count++] = edge(i, 12, 0.6); /* all to one report of six */
    build(edges, count, 16, story);
    for (size_t i = 0; i < 16; i++) assert_int_equal(story[i], i < 10 ? 0 : 10);
}

static void a_chain_is_not_one_story(void **state)
{
    (void)state;
    enum { LENGTH = 40 };
    samestory_edge edges[LENGTH];
    size_t story[LENGTH + 1], largest = 0;
    for (size_t i = 0; i < LENGTH; i++) edges[i] = edge(i, i + 1, 0.6 + 0.001 * (double)(i % 7));
    build(edges, LENGTH, LENGTH + 1, story);
    for (size_t i = 0; i <= LENGTH; i++) {
        size_t members = 0;
        for (size_t k = 0; k <= LENGTH; k++) members += story[k] == story[i];
        if (members > largest) largest = members;
    }
    assert_true(largest <= 6);
}

static void one_weak_edge_does_not_merge_two_stories(void **state)
{
    (void)state;
    samestory_edge edges[200];
    size_t story[12], count = add_clique(edges, 0, 6, 0.9);
    count += add_clique(edges + count, 6, 6, 0.9);
    edges[count++] = edge(3, 9, 0.55);
    build(edges, count, 12, story);
    for (size_t i = 0; i < 12; i++) assert_int_equal(story[i], i < 6 ? 0 : 6);
}

static void the_order_of_edges_does_not_count(void **state)
{
    (void)state;
    enum { DOCUMENTS = 120, EDGES = 600 };
    samestory_edge edges[EDGES];
    size_t expected[DOCUMENTS], story[DOCUMENTS];
    for (int round = 0; round < 30; round++) {
        for (size_t i = 0; i < EDGES; i++) {
            size_t b = 1 + draw(DOCUMENTS - 1), a = draw(b);
            if (draw(4)) a = a / 10 * 10 < b / 10 * 10 ? b / 10 * 10 : a; /* mostly within tens */
            if (a >= b) a = b - 1;
            edges[i] = edge(a, b, (double)draw(11) / 10); /* many ties */
            edges[i].relation = (samestory_relation)(1 + draw(3));
        }
        /* each pair once: a set, not a list with contradictions */
        size_t count = 0;
        for (size_t i = 0; i < EDGES; i++) {
            bool seen = false;
            for (size_t k = 0; k < count && !seen; k++)
                seen = edges[k].a == edges[i].a && edges[k].b == edges[i].b;
            if (!seen) edges[count++] = edges[i];
        }
        build(edges, count, DOCUMENTS, expected);
        for (int order = 0; order < 10; order++) {
            shuffle(edges, count);
            build(edges, count, DOCUMENTS, story);
            assert_memory_equal(story, expected, sizeof story);
        }
    }
}

static void bad_edges_are_refused(void **state)
{
    (void)state;
    size_t story[3] = {7, 7, 7};
    samestory_error error;
    const samestory_edge bad[] = {edge(0, 3, 0.9), edge(3, 1, 0.9), edge(SIZE_MAX, 1, 0.9)};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(samestory_stories(&bad[i], 1, 3, threshold, story, &error),
                         SAMESTORY_BAD_ARGUMENT);
        assert_int_equal(story[0], 7); /* untouched on failure */
    }
    assert_int_equal(samestory_stories(NULL, 2, 3, threshold, story, &error),
                     SAMESTORY_BAD_ARGUMENT);
    assert_int_equal(samestory_stories(bad, 0, 3, threshold, NULL, &error), SAMESTORY_BAD_ARGUMENT);
}

static void edges_need_no_order_of_their_ends(void **state)
{
    (void)state;
    size_t story[3];
    const samestory_edge edges[] = {edge(2, 0, 0.9), edge(1, 1, 0.9)};
    build(edges, 2, 3, story);
    assert_int_equal(story[2], 0);
    assert_int_equal(story[1], 1);
}

static void probabilities_that_are_no_numbers_link_nothing(void **state)
{
    (void)state;
    size_t story[3];
    const samestory_edge edges[] = {edge(0, 1, (double)NAN), edge(1, 2, -INFINITY)};
    if (samestory_stories(edges, 2, 3, threshold, story, NULL) == SAMESTORY_OK)
        for (size_t i = 0; i < 3; i++) assert_int_equal(story[i], i);
}

static void a_hundred_thousand_documents_take_no_time(void **state)
{
    (void)state;
    enum { DOCUMENTS = 100000 };
    samestory_edge *edges = malloc(2 * DOCUMENTS * sizeof *edges);
    size_t *story = malloc(DOCUMENTS * sizeof *story), count = 0;
    assert_non_null(edges);
    assert_non_null(story);
    for (size_t i = 1; i < DOCUMENTS; i++) {
        edges[count++] = edge(i - 1, i, 0.6); /* one long chain, */
        edges[count++] = edge(0, i, 0.51);    /* and one hub */
    }
    build(edges, count, DOCUMENTS, story); /* the test's own time limit is the measure */
    free(edges);
    free(story);
}

/* A large story that touches thousands of others by an edge or two each: no pair of them has
 * enough, and each is asked more than once. */
static void a_story_with_many_neighbours_takes_no_time(void **state)
{
    (void)state;
    enum { MEMBERS = 600, OTHERS = 6000, DOCUMENTS = MEMBERS + OTHERS * 6 };
    samestory_edge *edges = malloc((MEMBERS * MEMBERS / 2 + OTHERS * 20) * sizeof *edges);
    size_t *story = malloc(DOCUMENTS * sizeof *story), count = 0;
    assert_non_null(edges);
    assert_non_null(story);
    for (size_t a = 0; a < MEMBERS; a++)
        for (size_t b = a + 1; b < MEMBERS; b++) edges[count++] = edge(a, b, 0.9);
    for (size_t o = 0; o < OTHERS; o++) {
        size_t first = MEMBERS + 6 * o;
        for (size_t a = 0; a < 6; a++)
            for (size_t b = a + 1; b < 6; b++) edges[count++] = edge(first + a, first + b, 0.9);
        for (size_t k = 0; k < 4; k++) edges[count++] = edge(first + k, (7 * o + k) % MEMBERS, 0.6);
    }
    build(edges, count, DOCUMENTS, story);
    for (size_t i = 0; i < MEMBERS; i++) assert_int_equal(story[i], 0);
    for (size_t i = MEMBERS; i < DOCUMENTS; i++)
        assert_int_equal(story[i], MEMBERS + (i - MEMBERS) / 6 * 6);
    free(edges);
    free(story);
}

/* ---- As of arrival --------------------------------------------------------------------------- */

static ss_link report_link(uint32_t document, double probability, uint32_t story, uint32_t size)
{
    return (ss_link){.document = document,
                     .relation = SAMESTORY_STORY,
                     .probability = probability,
                     .story = story,
                     .story_size = size};
}

static void a_report_joins_by_its_best_link_above_the_threshold(void **state)
{
    (void)state;
    const ss_link links[] = {report_link(4, 0.6, 4, 1), report_link(2, 0.8, 1, 2),
                             report_link(7, 0.8, 7, 1), report_link(9, 0.49, 9, 1)};
    assert_int_equal(ss_story_join(links, 4, threshold), 1); /* of two as good the earlier */
    assert_int_equal(ss_story_join(links, 4, 0.81), -1);
    assert_int_equal(ss_story_join(links + 3, 1, threshold), -1);
    assert_int_equal(ss_story_join(NULL, 0, threshold), -1);
}

static void a_large_story_wants_two_links_or_one_that_is_nearly_certain(void **state)
{
    (void)state;
    ss_link links[] = {report_link(4, 0.8, 1, 3), report_link(6, 0.6, 6, 2)};
    assert_int_equal(ss_story_join(links, 2, threshold), 1);
    links[0].probability = 0.9;
    assert_int_equal(ss_story_join(links, 2, threshold), 0);
    links[0].probability = 0.8;
    links[1] = report_link(3, 0.5, 1, 3);
    assert_int_equal(ss_story_join(links, 2, threshold), 0);
    links[0].relation = SAMESTORY_REVISION;
    assert_int_equal(ss_story_join(links, 1, threshold), 0);
}

static void a_story_that_is_over_takes_no_report(void **state)
{
    (void)state;
    ss_link links[] = {report_link(4, 0.99, 1, 2), report_link(6, 0.6, 6, 2),
                       report_link(8, 0.7, 1, 2)};
    links[0].over = links[2].over = true;
    assert_int_equal(ss_story_join(links, 3, threshold), 1);  /* the next best of another story */
    assert_int_equal(ss_story_join(links, 1, threshold), -1); /* or a story of its own */
    links[1].over = true;
    assert_int_equal(ss_story_join(links, 3, threshold), -1);
}

static void copies_and_revisions_join_a_story_that_is_over(void **state)
{
    (void)state;
    ss_link links[] = {report_link(4, 0.99, 1, 9), report_link(6, 0.6, 6, 2)};
    links[0].over = true;
    links[0].relation = SAMESTORY_COPY;
    assert_int_equal(ss_story_join(links, 2, threshold), 0);
    links[0].relation = SAMESTORY_REVISION;
    assert_int_equal(ss_story_join(links, 2, threshold), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_edges_every_document_is_its_own_story),
        cmocka_unit_test(an_edge_links_from_the_threshold_on),
        cmocka_unit_test(all_that_hold_together_are_one_story),
        cmocka_unit_test(copies_of_one_text_are_one_story),
        cmocka_unit_test(copies_do_not_outvote),
        cmocka_unit_test(a_chain_is_not_one_story),
        cmocka_unit_test(one_weak_edge_does_not_merge_two_stories),
        cmocka_unit_test(the_order_of_edges_does_not_count),
        cmocka_unit_test(bad_edges_are_refused),
        cmocka_unit_test(edges_need_no_order_of_their_ends),
        cmocka_unit_test(probabilities_that_are_no_numbers_link_nothing),
        cmocka_unit_test(a_hundred_thousand_documents_take_no_time),
        cmocka_unit_test(a_story_with_many_neighbours_takes_no_time),
        cmocka_unit_test(a_report_joins_by_its_best_link_above_the_threshold),
        cmocka_unit_test(a_large_story_wants_two_links_or_one_that_is_nearly_certain),
        cmocka_unit_test(a_story_that_is_over_takes_no_report),
        cmocka_unit_test(copies_and_revisions_join_a_story_that_is_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
