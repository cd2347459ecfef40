/* The index of a collection: a key that documents share leads to all of them in the order of
 * arrival, and the nearest of a document are those that comparing one by one would give; whatever
 * the threads, the memory and the slabs. */
#include "unit.h"

#include "hand_sketch.h"
#include "index/near.h"
#include "index/statistics.h"

#include <stdbool.h>
#include <stdio.h>

enum { DOCUMENTS = 3000, CELLS = 40 };
static int8_t centroids[CELLS * HAND_D];
static const samestory_model model = {.dimension = HAND_D, .cells = CELLS, .cell = centroids};
static ss_sketch *sketches[DOCUMENTS];
static int64_t places[DOCUMENTS];

static uint32_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

/* Every document has a name of its own, one of 400, and one that all have; every fifth has the
 * signature of the one before it. Vectors lie around a few directions. An hour lies between two
 * documents. */
static int make_sketches(void **state)
{
    (void)state;
    uint64_t seed = 41;
    for (size_t i = 0; i < sizeof centroids; i++)
        centroids[i] = (int8_t)((int)(next_random(&seed) & 127) - 64);
    for (uint32_t d = 0; d < DOCUMENTS; d++) {
        const ss_anchor anchors[] = {hand_anchor(SS_ANCHOR_NAME, 7, 3),
                                     hand_anchor(SS_ANCHOR_NAME, 1000 + d % 400, 3),
                                     hand_anchor(SS_ANCHOR_NAME, 100000 + d, 3)};
        ss_sketch *s = sketches[d] = hand_sketch(anchors, 3);
        for (size_t i = 0; i < SS_SIGNATURE; i++) s->signature[i] = (uint8_t)next_random(&seed);
        if (d % 5 == 4) memcpy(s->signature, sketches[d - 1]->signature, SS_SIGNATURE);
        const int8_t *middle = centroids + (next_random(&seed) % CELLS) * HAND_D;
        for (size_t i = 0; i < HAND_D; i++)
            hand_vector(s)[i] = (int8_t)(middle[i] + (int)(next_random(&seed) & 31) - 16);
        places[d] = (int64_t)d * 3600;
    }
    return 0;
}

static int free_sketches(void **state)
{
    (void)state;
    for (size_t d = 0; d < DOCUMENTS; d++) free(sketches[d]);
    return 0;
}

static const ss_sketch *const *arrived(void)
{
    return (const ss_sketch *const *)sketches;
}

/* ---- Postings
 * ----------------------------------------------------------------------------------------- */

/* Key `which` of a document: names come after the bands. */
static ss_key key_of(uint32_t document, size_t which)
{
    ss_key keys[SS_KEYS_MAX];
    size_t count = ss_keys_of(&model, sketches[document], 0, keys);
    assert_int_equal(count, SS_BANDS + 3);
    return keys[which];
}

static void a_key_leads_to_all_its_documents_in_their_order(void **state)
{
    (void)state;
    ss_postings *p = ss_postings_new(&model, arrived(), DOCUMENTS, NULL, 2, SIZE_MAX);
    assert_non_null(p);
    for (uint32_t d = 0; d < DOCUMENTS; d += 17) {
        ss_key key = key_of(d, SS_BANDS + 1);
        ss_bucket b;
        ss_postings_find(p, &key, 1, &b);
        uint32_t expected = d % 400, seen = 0;
        for (uint32_t i = 0; i < b.count; i++) {
            assert_true(!i || b.document[i] > b.document[i - 1]);
            if (b.document[i] != expected) continue; /* another key of the same 32 bits */
            expected += 400;
            seen++;
        }
        assert_int_equal(seen, (DOCUMENTS - 1 - d % 400) / 400 + 1);
    }
    ss_postings_free(p);
    ss_postings_free(NULL);
}

static void copies_share_all_bands(void **state)
{
    (void)state;
    ss_postings *p = ss_postings_new(&model, arrived(), DOCUMENTS, NULL, 1, SIZE_MAX);
    assert_non_null(p);
    for (size_t band = 0; band < SS_BANDS; band++) {
        ss_key key = key_of(1003, band);
        ss_bucket b;
        ss_postings_find(p, &key, 1, &b);
        bool copy = false;
        for (uint32_t i = 0; i < b.count; i++) copy = copy || b.document[i] == 1004;
        assert_true(copy);
    }
    ss_postings_free(p);
}

static void what_proposes_nobody_takes_no_room(void **state)
{
    (void)state;
    ss_postings *p = ss_postings_new(&model, arrived(), DOCUMENTS, NULL, 1, SIZE_MAX);
    assert_non_null(p);
    ss_key alone = key_of(11, SS_BANDS + 2), common = key_of(11, SS_BANDS);
    ss_bucket b;
    ss_postings_find(p, &alone, 1, &b);
    assert_true(b.count == 0 || b.count > 1);
    ss_postings_find(p, &common, 1, &b);
    assert_int_equal(b.count, DOCUMENTS);
    ss_worst worst[SS_WORST_BUCKETS]; /* the fullest is named */
    assert_true(ss_postings_worst(p, worst) > 1);
    assert_int_equal(worst[0].count, DOCUMENTS);
    assert_int_equal(worst[0].tag, ss_posting_tag(&common));
    assert_true(worst[1].count < 100);
    ss_postings_free(p);
}

static void threads_and_room_change_nothing(void **state)
{
    (void)state;
    ss_postings *one = ss_postings_new(&model, arrived(), DOCUMENTS, NULL, 1, SIZE_MAX);
    assert_non_null(one);
    for (unsigned threads = 1; threads <= 3; threads++) {
        ss_postings *p = ss_postings_new(&model, arrived(), DOCUMENTS, NULL, threads,
                                         threads == 3 ? 0 : 20000 * threads);
        assert_non_null(p);
        for (uint32_t d = 0; d < DOCUMENTS; d += 7) {
            ss_key keys[SS_KEYS_MAX];
            ss_bucket a[SS_KEYS_MAX], b[SS_KEYS_MAX];
            size_t count = ss_keys_of(&model, sketches[d], 0, keys);
            ss_postings_find(one, keys, count, a);
            ss_postings_find(p, keys, count, b);
            for (size_t i = 0; i < count; i++) {
                assert_int_equal(a[i].count, b[i].count);
                if (a[i].count)
                    assert_memory_equal(a[i].document, b[i].document,
                                        a[i].count * sizeof *a[i].document);
            }
        }
        ss_worst x[SS_WORST_BUCKETS], y[SS_WORST_BUCKETS];
        size_t count = ss_postings_worst(one, x);
        assert_int_equal(ss_postings_worst(p, y), count);
        assert_memory_equal(x, y, count * sizeof *x);
        ss_postings_free(p);
    }
    ss_postings_free(one);
}

static void an_empty_collection_has_an_empty_index(void **state)
{
    (void)state;
    ss_postings *p = ss_postings_new(&model, NULL, 0, NULL, 2, 0);
    assert_non_null(p);
    ss_key key = key_of(1, 1);
    ss_bucket b;
    ss_postings_find(p, &key, 1, &b);
    assert_int_equal(b.count, 0);
    ss_postings_free(p);
}

/* ---- Statistics
 * ------------------------------------------------------------------------------------------ */

/* Slices of 100 documents; every third has no date. What is missing from the table counts one. */
static void a_collection_counts_as_its_slices_do(void **state)
{
    (void)state;
    static uint32_t slice[DOCUMENTS];
    ss_statistics *slices = ss_statistics_new();
    for (uint32_t d = 0; d < DOCUMENTS; d++) {
        slice[d] = d / 100;
        sketches[d]->date = d % 3 ? places[d] : SAMESTORY_NO_DATE;
    }
    for (uint32_t d = 0; d < DOCUMENTS; d += 100)
        assert_true(ss_statistics_count(slices, arrived() + d, 100));
    for (unsigned threads = 1; threads <= 3; threads++) {
        ss_statistics *all = ss_statistics_new();
        size_t room = threads == 1 ? SIZE_MAX : threads == 2 ? 20000 : 0;
        assert_true(ss_statistics_count_all(all, arrived(), slice, DOCUMENTS, NULL, threads, room));
        for (uint32_t d = 0; d < DOCUMENTS; d++) {
            uint32_t a[SS_ANCHORS_MAX], b[SS_ANCHORS_MAX];
            ss_statistics_of(all, sketches[d], a);
            ss_statistics_of(slices, sketches[d], b);
            assert_memory_equal(a, b, sketches[d]->anchors * sizeof *a);
        }
        ss_statistics_free(all);
    }
    ss_statistics_free(slices);
}

/* ---- The nearest
 * ---------------------------------------------------------------------------------------- */

static ss_view view_of(int64_t window)
{
    return (ss_view){.model = &model,
                     .sketch = arrived(),
                     .place = places,
                     .date = places,
                     .window_seconds = window,
                     .copy_seconds = -1};
}

/* One by one: the nearest of a document's whole window. */
static size_t nearest(uint32_t document, int64_t window, ss_candidate out[SS_NEAR])
{
    size_t count = 0;
    double scale = ss_vector_scale(HAND_D);
    for (uint32_t d = 0; d < document; d++) {
        if (places[document] - places[d] > window) continue;
        int32_t dot = ss_dot(hand_vector(sketches[document]), hand_vector(sketches[d]), HAND_D);
        if (dot < (int32_t)(0.3 * scale * scale)) continue;
        size_t at = count;
        while (at > 0 && dot > out[at - 1].dot) at--;
        if (at == SS_NEAR) continue;
        if (count < SS_NEAR) count++;
        memmove(out + at + 1, out + at, (count - 1 - at) * sizeof *out);
        out[at] = (ss_candidate){d, dot};
    }
    return count;
}

static void a_small_window_is_compared_whole(void **state)
{
    (void)state;
    enum { DAYS = 10 * 86400 };
    ss_view view = view_of(DAYS);
    ss_near *near = ss_near_new(&view, 2);
    assert_non_null(near);
    assert_true(ss_near_find(near, 0, DOCUMENTS));
    for (uint32_t d = 0; d < DOCUMENTS; d += 13) {
        ss_candidate expected[SS_NEAR];
        size_t count, compared, wish = nearest(d, DAYS, expected);
        const ss_candidate *found = ss_near_of(near, d, &count, &compared);
        assert_int_equal(count, wish);
        assert_int_equal(compared, d < 240 ? d : 240);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(found[i].document, expected[i].document);
            assert_int_equal(found[i].dot, expected[i].dot);
        }
    }
    ss_near_free(near);
    ss_near_free(NULL);
}

static void slabs_and_threads_change_nothing(void **state)
{
    (void)state;
    ss_view view = view_of(-1); /* larger than what is compared whole: cells */
    ss_near *all = ss_near_new(&view, 1), *parts = ss_near_new(&view, 3);
    assert_non_null(all);
    assert_non_null(parts);
    assert_true(ss_near_find(all, 0, DOCUMENTS));
    bool from_cells = false;
    for (uint32_t first = 0, size = 1; first < DOCUMENTS; first += size, size = size * 2 + 1) {
        if (size > DOCUMENTS - first) size = DOCUMENTS - first;
        assert_true(ss_near_find(parts, first, size));
        for (uint32_t d = first; d < first + size; d++) {
            size_t a_count, b_count, a_compared, b_compared;
            const ss_candidate *a = ss_near_of(all, d, &a_count, &a_compared);
            const ss_candidate *b = ss_near_of(parts, d, &b_count, &b_compared);
            assert_int_equal(a_count, b_count);
            assert_int_equal(a_compared, b_compared);
            if (a_count) assert_memory_equal(a, b, a_count * sizeof *a);
            from_cells = from_cells || (a_count && a_compared < d);
        }
    }
    assert_true(from_cells);
    ss_near_free(all);
    ss_near_free(parts);
}

static void what_was_found_is_found_again(void **state)
{
    (void)state;
    ss_view view = view_of(-1);
    ss_near *near = ss_near_new(&view, 1);
    assert_non_null(near);
    assert_true(ss_near_find(near, 0, DOCUMENTS));
    ss_candidate before[SS_NEAR];
    size_t count, compared, again, compared_again;
    memcpy(before, ss_near_of(near, 2500, &count, &compared), sizeof before);
    assert_true(ss_near_find(near, 2500, 1));
    const ss_candidate *found = ss_near_of(near, 2500, &again, &compared_again);
    assert_int_equal(again, count);
    assert_int_equal(compared_again, compared);
    assert_true(count > 0);
    assert_memory_equal(found, before, count * sizeof *found);
    ss_near_free(near);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_leads_to_all_its_documents_in_their_order),
        cmocka_unit_test(copies_share_all_bands),
        cmocka_unit_test(what_proposes_nobody_takes_no_room),
        cmocka_unit_test(threads_and_room_change_nothing),
        cmocka_unit_test(an_empty_collection_has_an_empty_index),
        cmocka_unit_test(a_collection_counts_as_its_slices_do),
        cmocka_unit_test(a_small_window_is_compared_whole),
        cmocka_unit_test(slabs_and_threads_change_nothing),
        cmocka_unit_test(what_was_found_is_found_again),
    };
    return cmocka_run_group_tests(tests, make_sketches, free_sketches);
}
