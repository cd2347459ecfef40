/* Index: keys come from the sketch alone and are the same on every CPU; the window walks each
 * bucket from the latest document to the first; statistics count documents. */
#include "unit.h"

#include "hand_sketch.h"
#include "index/statistics.h"
#include "index/window.h"
#include "match/cpu.h"

#include <stdbool.h>
#include <stdio.h>

enum { CELLS = 300 };
static int8_t centroids[CELLS * HAND_D];
static const samestory_model model = {.dimension = HAND_D, .cells = CELLS, .cell = centroids};

static int fill_centroids(void **state)
{
    (void)state;
    uint64_t seed = 23;
    for (size_t i = 0; i < sizeof centroids; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        centroids[i] = (int8_t)((int)(seed >> 33 & 127) - 64);
    }
    return 0;
}

static size_t of_kind(const ss_key *keys, size_t count, ss_key_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) n += keys[i].kind == kind;
    return n;
}

/* ---- Keys
 * ------------------------------------------------------------------------------------------- */

static void a_document_has_keys_of_each_kind(void **state)
{
    (void)state;
    const ss_anchor anchors[] = {
        hand_anchor(SS_ANCHOR_NAME, 5, 4),
        hand_anchor(SS_ANCHOR_NAME, 6, 0.1),
        hand_anchor(SS_ANCHOR_NUMBER, 5, 4),
        hand_anchor(SS_ANCHOR_DATE, 5, 4),
    };
    ss_sketch *s = hand_sketch(anchors, 4);
    memcpy(hand_vector(s), centroids + 7 * HAND_D, HAND_D);
    ss_key keys[SS_KEYS_MAX];
    size_t count = ss_keys_of(&model, s, 2, keys);
    assert_true(count <= SS_KEYS_MAX);
    assert_int_equal(of_kind(keys, count, SS_KEY_COPY), SS_BANDS);
    assert_int_equal(of_kind(keys, count, SS_KEY_NAME), 2); /* not the common name, not the date */
    assert_int_equal(of_kind(keys, count, SS_KEY_CELL), 2);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < i; k++) assert_true(keys[i].bucket != keys[k].bucket);
        if (keys[i].kind == SS_KEY_NAME) assert_true(keys[i].frequency_of < s->anchors);
    }
    free(s);
}

static void nearest_cells_come_first(void **state)
{
    (void)state;
    ss_sketch *s = hand_sketch(NULL, 0), *same = hand_sketch(NULL, 0);
    ss_key one[SS_KEYS_MAX], all[SS_KEYS_MAX];
    for (size_t cell = 0; cell < CELLS; cell += 37) {
        memcpy(hand_vector(s), centroids + cell * HAND_D, HAND_D);
        memcpy(hand_vector(same), centroids + cell * HAND_D, HAND_D);
        size_t count = ss_keys_of(&model, s, 1, one);
        size_t more = ss_keys_of(&model, same, SS_CELLS_OF_QUERY, all);
        assert_int_equal(more, count + SS_CELLS_OF_QUERY - 1);
        assert_true(one[count - 1].bucket == all[count - 1].bucket);
    }
    free(s);
    free(same);
}

static void keys_are_the_same_on_every_cpu(void **state)
{
    (void)state;
    ss_sketch *s = hand_sketch(NULL, 0);
    for (size_t i = 0; i < HAND_D; i++) hand_vector(s)[i] = (int8_t)(i * 5 - 60);
    ss_key best[SS_KEYS_MAX], plain[SS_KEYS_MAX];
    memset(best, 0, sizeof best);
    memset(plain, 0, sizeof plain);
    size_t count = ss_keys_of(&model, s, SS_CELLS_OF_QUERY, best);
    for (unsigned off = 1; off <= 1u << SS_CPU_FEATURES; off <<= 1) {
        ss_cpu_disable(off >> SS_CPU_FEATURES ? ~0u : off);
        assert_int_equal(ss_keys_of(&model, s, SS_CELLS_OF_QUERY, plain), count);
        assert_memory_equal(plain, best, sizeof best);
    }
    ss_cpu_disable(0);
    free(s);
}

static void a_document_without_words_has_no_keys(void **state)
{
    (void)state;
    ss_sketch *s = hand_sketch(NULL, 0);
    s->words = s->shingles = 0;
    ss_key keys[SS_KEYS_MAX];
    assert_int_equal(ss_keys_of(&model, s, SS_CELLS_OF_QUERY, keys), 0);
    free(s);
}

/* Two texts of Jaccard j share a band with 1 - (1 - j^4)^32: .87 at .5, .99 at .6. */
static void near_copies_share_a_band(void **state)
{
    (void)state;
    ss_sketch *x = hand_sketch(NULL, 0), *y = hand_sketch(NULL, 0);
    uint64_t seed = 31;
    unsigned met = 0;
    enum { ROUNDS = 400 };
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < SS_SIGNATURE; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            x->signature[i] = (uint8_t)(seed >> 56);
            bool agree = (seed >> 40 & 0xFFFF) < 0.6 * 65536;
            y->signature[i] =
                agree ? x->signature[i] : (uint8_t)(x->signature[i] + 1 + (seed >> 20 & 63));
        }
        ss_key a[SS_KEYS_MAX], b[SS_KEYS_MAX];
        size_t n = ss_keys_of(&model, x, 0, a);
        assert_int_equal(ss_keys_of(&model, y, 0, b), n);
        bool meet = false;
        for (size_t i = 0; i < n; i++) meet = meet || a[i].bucket == b[i].bucket;
        met += meet;
    }
    assert_true(met > ROUNDS * 0.97);
    free(x);
    free(y);
}

/* ---- Window
 * ------------------------------------------------------------------------------------------- */

static void buckets_are_walked_from_the_latest(void **state)
{
    (void)state;
    enum { DOCUMENTS = 5000, BUCKETS = 701 };
    ss_window *window = ss_window_new();
    assert_non_null(window);
    for (uint32_t d = 0; d < DOCUMENTS; d++) {
        const ss_key keys[3] = {
            {d % BUCKETS, 0, 0}, {(uint64_t)(d % 7) << 40 | 0xABCDE, 0, 0}, {UINT64_MAX - d, 0, 0}};
        assert_true(ss_window_add(window, keys, 3, d));
    }
    for (uint32_t bucket = 0; bucket < BUCKETS; bucket++) {
        uint32_t expected = (DOCUMENTS - 1 - bucket) / BUCKETS * BUCKETS + bucket, seen = 0;
        uint32_t at = ss_window_latest(window, bucket);
        while (at != SS_NO_POSTING) {
            const ss_posting *p = ss_window_posting(window, at);
            assert_int_equal(p->document, expected);
            expected -= BUCKETS;
            seen++;
            at = p->before;
        }
        assert_int_equal(seen, (DOCUMENTS - 1 - bucket) / BUCKETS + 1);
    }
    assert_int_equal(ss_window_latest(window, 123456789), SS_NO_POSTING);
    assert_int_equal(ss_window_posting(window, ss_window_latest(window, UINT64_MAX - 9))->document,
                     9);
    ss_window_free(window);
    ss_window_free(NULL);
}

static void an_empty_window_has_nothing(void **state)
{
    (void)state;
    ss_window *window = ss_window_new();
    assert_int_equal(ss_window_latest(window, 0), SS_NO_POSTING);
    assert_true(ss_window_add(window, NULL, 0, 0));
    assert_int_equal(ss_window_latest(window, 0), SS_NO_POSTING);
    ss_window_free(window);
}

/* ---- Statistics
 * ------------------------------------------------------------------------------------------ */

/* `count` documents that all have name 1, every tenth name 100 + d % 10, and each a number of its own. */
static void count_slice(ss_statistics *statistics, uint32_t count, uint32_t first_number, int64_t date)
{
    ss_sketch **slice = malloc(count * sizeof *slice);
    assert_non_null(slice);
    for (uint32_t d = 0; d < count; d++) {
        const ss_anchor anchors[] = {hand_anchor(SS_ANCHOR_NAME, 1, 1),
                                     hand_anchor(SS_ANCHOR_NAME, 100 + d % 10, 1),
                                     hand_anchor(SS_ANCHOR_NUMBER, first_number + d, 1)};
        slice[d] = hand_sketch(anchors, 3);
        slice[d]->date = date;
    }
    assert_true(ss_statistics_count(statistics, (const ss_sketch *const *)slice, count));
    for (uint32_t d = 0; d < count; d++) free(slice[d]);
    free(slice);
}

static void documents_without_dates_count_one_each(void **state)
{
    (void)state;
    enum { DOCUMENTS = 3000 };
    ss_statistics *statistics = ss_statistics_new();
    assert_non_null(statistics);
    count_slice(statistics, DOCUMENTS, 5000, SAMESTORY_NO_DATE);
    assert_int_equal(ss_statistics_frequency(statistics, SS_ANCHOR_NAME, 1), DOCUMENTS);
    assert_int_equal(ss_statistics_frequency(statistics, SS_ANCHOR_NAME, 103), DOCUMENTS / 10);
    assert_int_equal(ss_statistics_frequency(statistics, SS_ANCHOR_NUMBER, 103), 0);
    const ss_anchor anchors[] = {hand_anchor(SS_ANCHOR_NAME, 1, 1),
                                 hand_anchor(SS_ANCHOR_NAME, 2, 1),
                                 hand_anchor(SS_ANCHOR_NUMBER, 5017, 1)};
    ss_sketch *s = hand_sketch(anchors, 3);
    uint32_t frequency[3];
    ss_statistics_of(statistics, s, frequency);
    assert_int_equal(frequency[0], DOCUMENTS);
    assert_int_equal(frequency[1], 0);
    assert_int_equal(frequency[2], 1);
    free(s);
    ss_statistics_free(statistics);
    ss_statistics_free(NULL);
}

/* Three hundred reports of one day are news; a report on each of three hundred days is routine. */
static void a_name_of_one_day_is_rarer_than_one_of_every_day(void **state)
{
    (void)state;
    ss_statistics *burst = ss_statistics_new(), *daily = ss_statistics_new();
    assert_true(burst && daily);
    count_slice(burst, 300, 5000, 86400);
    for (uint32_t day = 0; day < 300; day++) count_slice(daily, 1, 5000 + day, (int64_t)day * 86400);
    assert_int_equal(ss_statistics_frequency(burst, SS_ANCHOR_NAME, 1), 9); /* 256 <= 300 < 512 */
    assert_int_equal(ss_statistics_frequency(daily, SS_ANCHOR_NAME, 1), 300);
    ss_statistics_free(burst);
    ss_statistics_free(daily);
}

static void what_a_slice_counted_can_be_taken_back(void **state)
{
    (void)state;
    ss_statistics *statistics = ss_statistics_new();
    assert_non_null(statistics);
    count_slice(statistics, 5, 5000, 86400);
    const ss_anchor anchors[] = {hand_anchor(SS_ANCHOR_NAME, 1, 1), hand_anchor(SS_ANCHOR_NUMBER, 7, 1)};
    ss_sketch *s = hand_sketch(anchors, 2);
    const ss_sketch *slice[] = {s, s, s};
    assert_true(ss_statistics_count(statistics, slice, 3));
    assert_true(ss_statistics_uncount(statistics, slice, 3));
    assert_int_equal(ss_statistics_frequency(statistics, SS_ANCHOR_NAME, 1), 3); /* five: 4 <= 5 < 8 */
    assert_int_equal(ss_statistics_frequency(statistics, SS_ANCHOR_NUMBER, 7), 0);
    free(s);
    ss_statistics_free(statistics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_has_keys_of_each_kind),
        cmocka_unit_test(nearest_cells_come_first),
        cmocka_unit_test(keys_are_the_same_on_every_cpu),
        cmocka_unit_test(a_document_without_words_has_no_keys),
        cmocka_unit_test(near_copies_share_a_band),
        cmocka_unit_test(buckets_are_walked_from_the_latest),
        cmocka_unit_test(an_empty_window_has_nothing),
        cmocka_unit_test(documents_without_dates_count_one_each),
        cmocka_unit_test(a_name_of_one_day_is_rarer_than_one_of_every_day),
        cmocka_unit_test(what_a_slice_counted_can_be_taken_back),
    };
    return cmocka_run_group_tests(tests, fill_centroids, NULL);
}
