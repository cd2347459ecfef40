/* The kernel: every variant gives the hits of the plainest loop, bit for bit and in the same order.
 *
 *   test_kernel             what is common to all
 *   test_kernel VARIANT     one of them; skipped where the CPU doesn't have it */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "unit.h"

#include "match/cpu.h"
#include "match/kernel.h"
#include "match/kernel_tiles.h"
#include "samestory.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* ---- Rows ------------------------------------------------------------------------------------------ */

static uint64_t seed = 1;

static unsigned random_number(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33);
}

/* Exactly as many bytes as the rows have, so that a sanitizer sees a variant that reads further.
 * Components within +-most. */
static int8_t *random_rows(size_t rows, size_t d, unsigned most)
{
    int8_t *out = malloc(rows * d + (rows == 0));
    assert_non_null(out);
    for (size_t i = 0; i < rows * d; i++)
        out[i] = (int8_t)((int)(random_number() % (2 * most + 1)) - (int)most);
    return out;
}

/* Where each of some rows is. */
static const int8_t **places(const int8_t *rows, size_t count, size_t d)
{
    const int8_t **at = malloc((count + 1) * sizeof *at);
    assert_non_null(at);
    for (size_t i = 0; i < count; i++) at[i] = rows + i * d;
    return at;
}

static int32_t plain_dot(const int8_t *a, const int8_t *b, size_t d)
{
    int64_t dot = 0;
    for (size_t k = 0; k < d; k++) dot += a[k] * b[k];
    return (int32_t)dot;
}

/* ---- What must come out ------------------------------------------------------------------------------ */

typedef struct question {
    const int8_t *a, *b;
    size_t a_rows, b_rows, d, first, last;
    int32_t least;
    size_t most; /* nearest of each row; 0: all */
} question;

/* Best first, of equal ones the lower row. */
static int by_nearness(const void *left, const void *right)
{
    const ss_hit *x = left, *y = right;
    if (x->dot != y->dot) return x->dot < y->dot ? 1 : -1;
    return (x->b > y->b) - (x->b < y->b);
}

/* What the header promises, in the plainest words. */
static ss_hits plain_hits(const question *q)
{
    ss_hits hits = {.items = malloc((q->a_rows * q->b_rows + 1) * sizeof *hits.items)};
    assert_non_null(hits.items);
    for (size_t i = 0; i < q->a_rows; i++) {
        size_t begin = hits.count;
        for (size_t j = q->first; j < q->last && j < q->b_rows; j++) {
            int32_t dot = plain_dot(q->a + i * q->d, q->b + j * q->d, q->d);
            if (dot >= q->least) hits.items[hits.count++] = (ss_hit){(uint32_t)i, (uint32_t)j, dot};
        }
        if (!q->most) continue;
        qsort(hits.items + begin, hits.count - begin, sizeof *hits.items, by_nearness);
        if (hits.count - begin > q->most) hits.count = begin + q->most;
    }
    return hits;
}

static const ss_kernel *tested;

static void assert_same(const question *q, const char *how, const ss_hits *hits,
                        const ss_hits *expected)
{
    if (hits->count != expected->count ||
        (hits->count && memcmp(hits->items, expected->items, hits->count * sizeof *hits->items)))
        fail_msg("%s, %s: %zu x %zu rows from %zu to %zu, d %zu, least %d, nearest %zu: %zu hits "
                 "that are not the %zu expected",
                 tested->name, how, q->a_rows, q->b_rows, q->first, q->last, q->d, (int)q->least,
                 q->most, hits->count, expected->count);
}

static void assert_answers(const question *q)
{
    ss_hits expected = plain_hits(q), hits = {0};
    ss_panels packed = {0};
    const int8_t **a = places(q->a, q->a_rows, q->d);
    assert_true(ss_panels_add(&packed, q->b, q->b_rows, q->d));
    if (q->most)
        assert_true(
            ss_nearest(tested, a, q->a_rows, &packed, q->first, q->last, q->least, q->most, &hits));
    else
        assert_true(ss_match(tested, a, q->a_rows, &packed, q->first, q->last, q->least, &hits));
    assert_same(q, "packed", &hits, &expected);
    if (!q->most && !q->first && q->last >= q->b_rows) {
        hits.count = 0;
        assert_true(
            ss_kernel_hits(tested, q->a, q->a_rows, q->b, q->b_rows, q->d, q->least, &hits));
        assert_same(q, "two arrays", &hits, &expected);
    }
    free(a);
    free(expected.items);
    ss_panels_free(&packed);
    ss_hits_free(&hits);
}

static void assert_all_hits(const int8_t *a, size_t a_rows, const int8_t *b, size_t b_rows,
                            size_t d, int32_t least)
{
    assert_answers(&(question){a, b, a_rows, b_rows, d, 0, b_rows, least, 0});
}

/* ---- Every variant ----------------------------------------------------------------------------------- */

static void every_number_of_rows_gives_the_same_hits(void **state)
{
    (void)state;
    static const size_t more[] = {0, 1, 2, 3, 4, 5, 31, 32, 33, 64, 65, 97, 129, 130, 481, 520};
    enum { MORE = sizeof more / sizeof *more, MOST = 520, D = 48 };
    int8_t *a = random_rows(MOST, D, 127), *b = random_rows(MOST, D, 127);
    for (size_t rows = 1; rows <= 130; rows++) assert_all_hits(a, rows, b, 37, D, 40000);
    for (size_t rows = 1; rows <= 130; rows++) assert_all_hits(a, 11, b, rows, D, 40000);
    for (size_t i = 0; i < MORE; i++)
        for (size_t j = 0; j < MORE; j++) assert_all_hits(a, more[i], b, more[j], D, 50000);
    free(a);
    free(b);
}

static void every_dimension_gives_the_same_hits(void **state)
{
    (void)state;
    for (size_t d = 16; d <= 1024; d += d < 512 ? 16 : 128)
        for (size_t rows = 1; rows <= 13; rows += 3) {
            int8_t *a = random_rows(rows, d, 127), *b = random_rows(33, d, 127);
            assert_all_hits(a, rows, b, 33, d, 0);
            free(a);
            free(b);
        }
}

static void thresholds_include_the_dot_product_itself(void **state)
{
    (void)state;
    enum { A = 5, B = 70, D = 32 };
    int8_t *a = random_rows(A, D, 127), *b = random_rows(B, D, 127);
    question all = {a, b, A, B, D, 0, B, INT32_MIN, 0};
    ss_hits hits = plain_hits(&all);
    assert_int_equal(hits.count, A * B);
    for (size_t i = 0; i < hits.count; i += 3) {
        assert_all_hits(a, A, b, B, D, hits.items[i].dot);
        assert_all_hits(a, A, b, B, D, hits.items[i].dot + 1);
    }
    assert_all_hits(a, A, b, B, D, INT32_MIN);
    assert_all_hits(a, A, b, B, D, INT32_MAX);
    free(hits.items);
    free(a);
    free(b);
}

/* 1024 x 127 x 127 is the most that can come; a float still holds it exactly. */
static void largest_vectors_are_exact(void **state)
{
    (void)state;
    enum { D = 1024, A = 7, B = 40, MOST = D * 127 * 127 };
    int8_t *a = malloc(A * D), *b = malloc(B * D);
    assert_non_null(a);
    assert_non_null(b);
    for (size_t row = 0; row < A; row++) memset(a + row * D, row & 1 ? -127 : 127, D);
    for (size_t row = 0; row < B; row++) memset(b + row * D, row & 1 ? -127 : 127, D);
    for (size_t row = 4; row < B; row++) b[row * D + row * 25] = (int8_t)row;
    assert_all_hits(a, A, b, B, D, INT32_MIN);
    assert_all_hits(a, A, b, B, D, MOST);
    assert_all_hits(a, A, b, B, D, MOST - 1);
    assert_all_hits(a, 1, b, 3, D, -MOST);
    free(a);
    free(b);
}

static void a_part_of_the_packed_rows_can_be_asked_for(void **state)
{
    (void)state;
    enum { A = 14, B = 150, D = 64 };
    int8_t *a = random_rows(A, D, 127), *b = random_rows(B, D, 127);
    static const size_t ends[] = {0, 1, 31, 32, 33, 95, 96, 97, 149, 150, 151, 1000};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        for (size_t j = 0; j < sizeof ends / sizeof *ends; j++) {
            assert_answers(&(question){a, b, A, B, D, ends[i], ends[j], 20000, 0});
            assert_answers(&(question){a, b, A, B, D, ends[i], ends[j], 20000, 3});
        }
    free(a);
    free(b);
}

/* Components of -1, 0 and 1 give many equal dot products. */
static void the_nearest_are_ordered_and_ties_go_to_the_lower_row(void **state)
{
    (void)state;
    enum { A = 25, B = 400, D = 16 };
    int8_t *a = random_rows(A, D, 1), *b = random_rows(B, D, 1);
    static const size_t most[] = {1, 2, 3, 8, 40, 399, 400, 401, 5000};
    for (size_t i = 0; i < sizeof most / sizeof *most; i++) {
        assert_answers(&(question){a, b, A, B, D, 0, B, INT32_MIN, most[i]});
        assert_answers(&(question){a, b, A, B, D, 0, B, 3, most[i]});
        assert_answers(&(question){a, b, 1, B, D, 0, B, 3, most[i]});
    }
    ss_hits none = {0};
    ss_panels packed = {0};
    const int8_t *one[] = {a};
    assert_true(ss_panels_add(&packed, b, B, D));
    assert_true(ss_nearest(tested, one, 1, &packed, 0, B, INT32_MIN, 0, &none));
    assert_int_equal(none.count, 0);
    ss_panels_free(&packed);
    ss_hits_free(&none);
    free(a);
    free(b);
}

static void rows_can_lie_anywhere(void **state)
{
    (void)state;
    enum { ROWS = 70 };
    for (size_t d = 16; d <= 512; d += 48) {
        int8_t *query = random_rows(1, d, 127), *row[ROWS];
        int32_t dots[ROWS];
        for (size_t i = 0; i < ROWS; i++) row[i] = random_rows(1, d, 127);
        for (size_t rows = 0; rows <= ROWS; rows++) {
            memset(dots, 0, sizeof dots);
            const int8_t *at[ROWS];
            for (size_t i = 0; i < rows; i++) at[i] = row[(i * 31) % ROWS];
            tested->dots_at(query, at, rows, d, dots);
            for (size_t i = 0; i < rows; i++) assert_int_equal(dots[i], plain_dot(query, at[i], d));
            for (size_t i = rows; i < ROWS; i++) assert_int_equal(dots[i], 0);
        }
        for (size_t i = 0; i < ROWS; i++) free(row[i]);
        free(query);
    }
}

static void rows_need_no_alignment(void **state)
{
    (void)state;
    int8_t *a = random_rows(5, 64 + 1, 127), *b = random_rows(40, 64 + 1, 127);
    for (size_t shift = 0; shift < 4; shift++)
        assert_all_hits(a + shift, 5, b + shift, 40, 64, -1000);
    free(a);
    free(b);
}

static void hits_are_appended(void **state)
{
    (void)state;
    enum { A = 5, D = 16 };
    int8_t *a = random_rows(A, D, 127);
    const int8_t **at = places(a, A, D);
    ss_hits hits = {0};
    ss_panels packed = {0};
    assert_true(ss_panels_add(&packed, a, A, D));
    for (size_t round = 1; round <= 3; round++) {
        assert_true(ss_match(tested, at, A, &packed, 0, A, INT32_MIN, &hits));
        assert_int_equal(hits.count, A * A * (2 * round - 1));
        assert_true(ss_nearest(tested, at, A, &packed, 0, A, INT32_MIN, A, &hits));
        assert_int_equal(hits.count, A * A * 2 * round);
    }
    assert_memory_equal(hits.items, hits.items + 2 * A * A, 2 * A * A * sizeof *hits.items);
    ss_panels_free(&packed);
    ss_hits_free(&hits);
    free(at);
    free(a);
}

/* A page that can't be read follows the last row. */
static void nothing_behind_the_last_row_is_read(void **state)
{
    (void)state;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    int8_t *map = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(map != MAP_FAILED);
    assert_int_equal(mprotect(map + 2 * page, page, PROT_NONE), 0);
    for (size_t i = 0; i < 2 * page; i++) map[i] = (int8_t)(random_number() % 255 - 127);
    for (size_t d = 16; d <= 272; d += 32)
        for (size_t rows = 1; rows <= 15; rows++) {
            const int8_t *last = map + 2 * page - rows * d;
            int32_t dots[15];
            assert_all_hits(last, rows, last, rows, d, 0);
            tested->dots(last, last, rows, d, dots);
            for (size_t i = 0; i < rows; i++)
                assert_int_equal(dots[i], plain_dot(last, last + i * d, d));
        }
    assert_int_equal(munmap(map, 3 * page), 0);
}

/* ---- What is common to all ----------------------------------------------------------------------------- */

static void assert_packed_alike(const ss_panels *x, const ss_panels *y)
{
    size_t rows = (x->count + SS_PANEL - 1) / SS_PANEL * SS_PANEL;
    assert_int_equal(x->count, y->count);
    assert_memory_equal(x->panels, y->panels, rows * x->dimension);
    assert_memory_equal(x->sums, y->sums, rows * sizeof *x->sums);
}

static void rows_are_packed_alike_one_by_one_and_at_once(void **state)
{
    (void)state;
    enum { ROWS = 107, D = 80 };
    int8_t *rows = random_rows(ROWS, D, 127);
    ss_panels once = {0}, single = {0}, pieces = {0};
    assert_true(ss_panels_add(&once, rows, ROWS, D));
    for (size_t i = 0; i < ROWS; i++) assert_true(ss_panels_add(&single, rows + i * D, 1, D));
    assert_packed_alike(&once, &single);
    for (size_t i = 0, more = 1; i < ROWS; i += more, more = more % 9 + 1) {
        if (more > ROWS - i) more = ROWS - i;
        assert_true(ss_panels_add(&pieces, rows + i * D, more, D));
    }
    assert_packed_alike(&once, &pieces);
    for (size_t i = 0; i < ROWS; i++)
        for (size_t k = 0; k < D; k++) /* as the header describes it */
            assert_int_equal(once.panels[i / 32 * 32 * D + k / 4 * 128 + i % 32 * 4 + k % 4],
                             rows[i * D + k]);
    ss_panels_clear(&pieces);
    assert_int_equal(pieces.count, 0);
    assert_true(ss_panels_add(&pieces, rows + D, ROWS - 40, D));
    ss_panels_clear(&single);
    for (size_t i = 1; i <= ROWS - 40; i++) assert_true(ss_panels_add(&single, rows + i * D, 1, D));
    assert_packed_alike(&pieces, &single);
    ss_panels_clear(&single); /* another dimension may follow */
    assert_true(ss_panels_add(&single, rows, 3, 16));
    assert_int_equal(single.dimension, 16);
    ss_panels_free(&once);
    ss_panels_free(&single);
    ss_panels_free(&pieces);
    free(rows);
}

/* With each feature switched off there is another best variant, with the same dot products. */
static void cpu_features_can_be_switched_off(void **state)
{
    (void)state;
    int8_t *a = random_rows(2, 256, 127);
    int32_t expected = plain_dot(a, a + 256, 256);
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

/* ---- AVX-VNNI's tiles on CPUs that have the instruction in AVX-512's encoding only -------------------- */

#if defined(__x86_64__)
#include <immintrin.h>
enum { ROWS = 6, BIAS = 128 };
#define TARGET      __attribute__((target("avx512f,avx512vl,avx512vnni")))
#define DPBUSD      "vpdpbusd"
#define REGISTER(v) "v"(v)
#include "match/kernel_vnni256.h"

static void prepare(const int8_t *const *a, size_t rows, size_t d, void *to)
{
    ss_interleave(a, rows, d, rows, BIAS, to);
}

static const ss_kernel *stand_in(const ss_kernel *kernel)
{
    static const ss_tiles tiles = {ROWS, 1, 1, prepare, 0, NULL, NULL, tile};
    static ss_kernel other;
    other = (ss_kernel){"avxvnni in the encoding of AVX-512",
                        "",
                        SS_CPU_AVX512VNNI,
                        ss_kernel_avx2.dots,
                        ss_kernel_avx2.dots_at,
                        &tiles};
    return kernel == &ss_kernel_avxvnni ? &other : kernel;
}
#else
static const ss_kernel *stand_in(const ss_kernel *kernel)
{
    return kernel;
}
#endif

/* ---- The choice ------------------------------------------------------------------------------------------ */

static bool can_run(const ss_kernel *kernel)
{
    return (kernel->needs & ~ss_cpu_features()) == 0;
}

static void this_cpu_lacks_it(void **state)
{
    (void)state;
    skip();
}

static int test_variant(const char *name)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_of_rows_gives_the_same_hits),
        cmocka_unit_test(every_dimension_gives_the_same_hits),
        cmocka_unit_test(thresholds_include_the_dot_product_itself),
        cmocka_unit_test(largest_vectors_are_exact),
        cmocka_unit_test(a_part_of_the_packed_rows_can_be_asked_for),
        cmocka_unit_test(the_nearest_are_ordered_and_ties_go_to_the_lower_row),
        cmocka_unit_test(rows_can_lie_anywhere),
        cmocka_unit_test(rows_need_no_alignment),
        cmocka_unit_test(hits_are_appended),
        cmocka_unit_test(nothing_behind_the_last_row_is_read),
    };
    const struct CMUnitTest lacking[] = {cmocka_unit_test(this_cpu_lacks_it)};
    size_t count;
    const ss_kernel *const *all = ss_kernels(&count);
    for (size_t i = 0; i < count; i++)
        if (!strcmp(all[i]->name, name)) tested = all[i];
    if (!tested) {
        fprintf(stderr, "test_kernel: there is no variant %s\n", name);
        return 2;
    }
    if (!can_run(tested)) tested = stand_in(tested);
    if (!can_run(tested)) return cmocka_run_group_tests(lacking, NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_packed_alike_one_by_one_and_at_once),
        cmocka_unit_test(cpu_features_can_be_switched_off),
    };
    if (count == 2) return test_variant(arguments[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
