/* The kernel: every variant gives the hits of the plainest loop, bit for bit and in the same order.
 */
#include "unit.h"

#include "match/cpu.h"
#include "match/kernel.h"
#include "samestory.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static uint64_t seed = 1;

static int8_t random_component(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (int8_t)((int)((seed >> 33) % 255) - 127);
}

/* Exactly as many bytes as the rows have, so that a sanitizer sees a variant that reads further. */
static int8_t *random_rows(size_t rows, size_t d)
{
    int8_t *out = malloc(rows * d + (rows == 0));
    assert_non_null(out);
    for (size_t i = 0; i < rows * d; i++) out[i] = random_component();
    return out;
}

static bool can_run(const ss_kernel *kernel)
{
    return (kernel->needs & ~ss_cpu_features()) == 0;
}

/* What the header promises, in the plainest words. */
static void plain_hits(const int8_t *a, size_t a_rows, const int8_t *b, size_t b_rows, size_t d,
                       int32_t least, ss_hits *hits)
{
    hits->items = malloc((a_rows * b_rows + 1) * sizeof *hits->items);
    assert_non_null(hits->items);
    for (size_t i = 0; i < a_rows; i++)
        for (size_t j = 0; j < b_rows; j++) {
            int64_t dot = 0;
            for (size_t k = 0; k < d; k++) dot += a[i * d + k] * b[j * d + k];
            if (dot >= least)
                hits->items[hits->count++] = (ss_hit){(uint32_t)i, (uint32_t)j, (int32_t)dot};
        }
}

static void assert_all_variants(const int8_t *a, size_t a_rows, const int8_t *b, size_t b_rows,
                                size_t d, int32_t least)
{
    ss_hits expected = {0};
    plain_hits(a, a_rows, b, b_rows, d, least, &expected);
    size_t count;
    const ss_kernel *const *all = ss_kernels(&count);
    for (size_t v = 0; v < count; v++) {
        if (!can_run(all[v])) continue;
        ss_hits hits = {0};
        assert_true(ss_kernel_hits(all[v], a, a_rows, b, b_rows, d, least, &hits));
        if (hits.count != expected.count ||
            (hits.count &&
             memcmp(hits.items, expected.items, hits.count * sizeof *hits.items) != 0))
            fail_msg("%s: %zu x %zu rows, d %zu, least %d: %zu hits, not the %zu expected",
                     all[v]->name, a_rows, b_rows, d, (int)least, hits.count, expected.count);
        ss_hits_free(&hits);
    }
    free(expected.items);
}

static void every_size_gives_the_same_hits(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 2, 3, 15, 17, 63, 64, 65, 255, 257};
    enum { SIZES = sizeof sizes / sizeof *sizes, D = 64 };
    for (size_t i = 0; i < SIZES; i++)
        for (size_t j = 0; j < SIZES; j++) {
            int8_t *a = random_rows(sizes[i], D), *b = random_rows(sizes[j], D);
            assert_all_variants(a, sizes[i], b, sizes[j], D, 30000);
            free(a);
            free(b);
        }
}

static void every_dimension_gives_the_same_hits(void **state)
{
    (void)state;
    for (size_t d = 16; d <= 1024; d += d < 160 ? 16 : 144) {
        int8_t *a = random_rows(9, d), *b = random_rows(33, d);
        assert_all_variants(a, 9, b, 33, d, 0);
        free(a);
        free(b);
    }
}

static void thresholds_include_the_dot_product_itself(void **state)
{
    (void)state;
    int8_t *a = random_rows(5, 32), *b = random_rows(70, 32);
    ss_hits all = {0};
    plain_hits(a, 5, b, 70, 32, INT32_MIN, &all);
    assert_int_equal(all.count, 5 * 70);
    for (size_t i = 0; i < all.count; i += 7) {
        assert_all_variants(a, 5, b, 70, 32, all.items[i].dot);
        assert_all_variants(a, 5, b, 70, 32, all.items[i].dot + 1);
    }
    assert_all_variants(a, 5, b, 70, 32, INT32_MIN);
    assert_all_variants(a, 5, b, 70, 32, INT32_MAX);
    free(all.items);
    free(a);
    free(b);
}

/* 1024 x 127 x 127 is the most that can come; a float still holds it exactly. */
static void largest_vectors_are_exact(void **state)
{
    (void)state;
    enum { D = 1024, ROWS = 20 };
    int8_t *a = malloc(D), *b = malloc(ROWS * D);
    assert_non_null(a);
    assert_non_null(b);
    memset(a, 127, D);
    for (size_t row = 0; row < ROWS; row++)
        for (size_t k = 0; k < D; k++) b[row * D + k] = (int8_t)(row & 1 ? -127 : 127);
    for (size_t row = 0; row < ROWS; row++) b[row * D + row * 50] = (int8_t)row;
    assert_all_variants(a, 1, b, ROWS, D, INT32_MIN);
    assert_int_equal(ss_dot(a, a, D), 1024 * 127 * 127);
    free(a);
    free(b);
}

static void rows_need_no_alignment(void **state)
{
    (void)state;
    int8_t *a = random_rows(4, 64 + 1), *b = random_rows(40, 64 + 1);
    for (size_t shift = 0; shift < 4; shift++)
        assert_all_variants(a + shift, 4, b + shift, 40, 64, -1000);
    free(a);
    free(b);
}

static void hits_are_appended(void **state)
{
    (void)state;
    int8_t *a = random_rows(3, 16);
    size_t count;
    const ss_kernel *const *all = ss_kernels(&count);
    for (size_t v = 0; v < count; v++) {
        if (!can_run(all[v])) continue;
        ss_hits hits = {0};
        for (size_t round = 1; round <= 3; round++) {
            assert_true(ss_kernel_hits(all[v], a, 3, a, 3, 16, INT32_MIN, &hits));
            assert_int_equal(hits.count, 9 * round);
        }
        assert_memory_equal(hits.items, hits.items + 9, 9 * sizeof *hits.items);
        ss_hits_free(&hits);
    }
    free(a);
}

/* With each feature switched off there is another best variant, with the same dot products. */
static void cpu_features_can_be_switched_off(void **state)
{
    (void)state;
    int8_t *a = random_rows(2, 256);
    int32_t expected = ss_dot(a, a + 256, 256);
    const char *best = ss_kernel_best()->name;
    assert_string_equal(samestory_cpu_path(), best);
    for (unsigned i = 0; i < SS_CPU_FEATURES; i++) {
        unsigned feature = 1u << i;
        ss_cpu_disable(feature);
        assert_false(ss_cpu_features() & feature);
        assert_false(ss_kernel_best()->needs & feature);
        assert_int_equal(ss_dot(a, a + 256, 256), expected);
        assert_string_equal(samestory_cpu_path(), ss_kernel_best()->name);
    }
    ss_cpu_disable(~0u);
    assert_int_equal(ss_kernel_best()->needs, 0);
    assert_int_equal(ss_dot(a, a + 256, 256), expected);
    ss_cpu_disable(0);
    assert_string_equal(ss_kernel_best()->name, best);
    free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size_gives_the_same_hits),
        cmocka_unit_test(every_dimension_gives_the_same_hits),
        cmocka_unit_test(thresholds_include_the_dot_product_itself),
        cmocka_unit_test(largest_vectors_are_exact),
        cmocka_unit_test(rows_need_no_alignment),
        cmocka_unit_test(hits_are_appended),
        cmocka_unit_test(cpu_features_can_be_switched_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
