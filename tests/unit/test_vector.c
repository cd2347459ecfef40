/* Vectors: sums are exact and order does not count; canonical vectors keep their scale. */
#include "unit.h"

#include "tiny_model.h"

#include "match/cpu.h"
#include "sketch/rows.h"
#include "sketch/vector.h"

#include <math.h>
#include <unistd.h>

static samestory_model *model;

static int open_model(void **state)
{
    (void)state;
    char path[] = "/tmp/samestory-test-XXXXXX";
    int file = mkstemp(path);
    if (file < 0) return -1;
    close(file);
    tiny_model t = tiny_model_new();
    samestory_error error;
    if (ss_model_write(path, t.section, &error)) return -1;
    tiny_model_free(&t);
    if (samestory_model_open(path, &model, &error)) return -1;
    return unlink(path);
}

static int close_model(void **state)
{
    (void)state;
    samestory_model_free(model);
    return 0;
}

static void sum_of(const char *text, int64_t sum[TINY_D])
{
    ss_words words = {0};
    assert_int_equal(ss_words_split(model->normalizer, text, strlen(text), &words), SAMESTORY_OK);
    ss_vector_sum(model, &words, sum);
    ss_words_free(&words);
}

static void vector_of(const char *text, unsigned language, int8_t vector[TINY_D])
{
    int64_t sum[TINY_D];
    sum_of(text, sum);
    ss_vector_finish(model, sum, language, vector);
}

static void a_sum_is_that_of_the_rows(void **state)
{
    (void)state;
    ss_words words = {0};
    const char *text = "Minister Nguyễn in 北京市 12,5";
    assert_int_equal(ss_words_split(model->normalizer, text, strlen(text), &words), SAMESTORY_OK);
    int64_t expected[TINY_D] = {0}, sum[TINY_D];
    for (size_t w = 0; w < words.count; w++) {
        uint64_t ids[SS_WORD_FEATURES_MAX];
        size_t count = ss_word_features(model, &words.items[w], ids);
        for (size_t i = 0; i < count; i++) {
            size_t row = (size_t)ss_model_row(model, ids[i]);
            for (size_t k = 0; k < TINY_D; k++)
                expected[k] += (int64_t)ss_row_scale(model->scale[row]) *
                               ss_row_level(model->row + row * TINY_D / 2, TINY_D, k);
        }
    }
    ss_vector_sum(model, &words, sum);
    assert_memory_equal(sum, expected, sizeof sum);
    ss_words_free(&words);
}

static void order_of_words_does_not_count(void **state)
{
    (void)state;
    int64_t a[TINY_D], b[TINY_D];
    sum_of("ships left the port on monday", a);
    sum_of("Monday: on port THE left ships", b);
    assert_memory_equal(a, b, sizeof a);
}

/* Far more words than one part of the sum holds. */
static void long_texts_do_not_overflow(void **state)
{
    (void)state;
    enum { TIMES = 20000 };
    static char text[TIMES * 9 + 1];
    for (int i = 0; i < TIMES; i++) memcpy(text + i * 9, "minister ", 9);
    int64_t one[TINY_D], many[TINY_D];
    sum_of("minister", one);
    sum_of(text, many);
    for (size_t k = 0; k < TINY_D; k++) assert_int_equal(many[k], one[k] * TIMES);
    int8_t a[TINY_D], b[TINY_D];
    ss_vector_finish(model, one, 0, a);
    ss_vector_finish(model, many, 0, b);
    assert_memory_equal(a, b, sizeof a); /* the length of a text is no part of its vector */
}

static void canonical_vectors_have_one_length(void **state)
{
    (void)state;
    static const char *const texts[] = {"ships", "talks in Washington", "贸易部长",
                                        "a b c d e f g"};
    double scale = ss_vector_scale(TINY_D);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (unsigned language = 0; language < 4; language++) {
            int8_t vector[TINY_D];
            vector_of(texts[i], language, vector);
            double square = 0;
            for (size_t k = 0; k < TINY_D; k++) {
                assert_int_not_equal(vector[k], -128);
                square += vector[k] * vector[k];
            }
            assert_true(fabs(sqrt(square) / scale - 1) <
                        .05); /* less where a component is clipped */
        }
}

static void language_means_are_taken_off(void **state)
{
    (void)state;
    int8_t english[TINY_D], german[TINY_D], unknown[TINY_D], beyond[TINY_D];
    vector_of("talks in Washington", 0, english);
    vector_of("talks in Washington", 1, german);
    vector_of("talks in Washington", SS_LANGUAGE_UNKNOWN, unknown);
    vector_of("talks in Washington", 200, beyond);
    assert_memory_not_equal(english, german, TINY_D);
    assert_memory_not_equal(english, unknown, TINY_D);
    assert_memory_equal(unknown, beyond, TINY_D);
}

static void directions_of_languages_are_taken_off(void **state)
{
    (void)state;
    int8_t vector[TINY_D];
    vector_of("talks in Washington", 0, vector);
    for (size_t r = 0; r < TINY_DIRECTIONS; r++) assert_int_equal(vector[3 * r], 0);
    const float mean[4] = {0}, directions[8] = {0.6f, 0.8f, 0, 0, 0, 0, 1, 0};
    double x[4] = {3, 4, 5, 6};
    ss_vector_centre(x, 4, mean, directions, 2);
    assert_near(x[0], 0, 1e-6);
    assert_near(x[1], 0, 1e-6);
    assert_near(x[2], 0, 1e-6);
    assert_near(x[3], 6, 1e-6);
}

static void nothing_gives_the_zero_vector(void **state)
{
    (void)state;
    int8_t vector[TINY_D], zero[TINY_D] = {0};
    memset(vector, 1, sizeof vector);
    vector_of("", 0, vector);
    assert_memory_equal(vector, zero, TINY_D);
    double unit[TINY_D];
    int64_t sum[TINY_D] = {0};
    assert_false(ss_vector_unit(sum, TINY_D, unit));
    sum[3] = -5;
    assert_true(ss_vector_unit(sum, TINY_D, unit));
    assert_true(unit[3] <= -1 && unit[3] >= -1);
}

static void a_component_keeps_its_size_in_any_dimension(void **state)
{
    (void)state;
    for (size_t d = 16; d <= 1024; d *= 2)
        assert_near(ss_vector_scale(d) / sqrt((double)d), SS_VECTOR_SCALE / 16, 1e-9);
}

static uint32_t random_bits(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

enum { ROWS = 101, D_MAX = 288 };

static void sums_of_rows_are_the_same_on_every_cpu(void **state)
{
    (void)state;
    static uint8_t row[ROWS * D_MAX / 2], scale[ROWS];
    static const size_t dimensions[] = {16, 32, 96, 128, 256, 288};
    static const unsigned without[] = {0, SS_CPU_AVX512VNNI, SS_CPU_AVX512VNNI | SS_CPU_AVX2};
    uint64_t seed = 7;
    for (size_t i = 0; i < sizeof row; i++) row[i] = (uint8_t)random_bits(&seed);
    for (size_t i = 0; i < ROWS; i++) scale[i] = i < 9 ? 127 : (uint8_t)(random_bits(&seed) & 127);
    for (size_t n = 0; n < sizeof dimensions / sizeof *dimensions; n++) {
        size_t d = dimensions[n];
        samestory_model m = {.dimension = (uint32_t)d, .row = row, .scale = scale};
        uint32_t rows[2 * ROWS];
        for (size_t count = 0; count <= 2 * ROWS; count += count < 9 ? 1 : 193) {
            int32_t expected[D_MAX];
            for (size_t i = 0; i < count; i++) rows[i] = random_bits(&seed) % ROWS;
            for (size_t k = 0; k < d; k++) {
                expected[k] = (int32_t)k - 9;
                for (size_t i = 0; i < count; i++)
                    expected[k] +=
                        ss_row_scale(scale[rows[i]]) * ss_row_level(row + rows[i] * d / 2, d, k);
            }
            for (size_t w = 0; w < sizeof without / sizeof *without; w++) {
                int32_t sum[D_MAX];
                for (size_t k = 0; k < d; k++) sum[k] = (int32_t)k - 9;
                ss_cpu_disable(without[w]);
                ss_rows_add(&m, rows, count, sum);
                ss_cpu_disable(0);
                assert_memory_equal(sum, expected, d * sizeof *sum);
            }
        }
    }
}

static void sums_of_words_are_the_same_on_every_cpu(void **state)
{
    (void)state;
    enum { VECTORS = 7 };
    static int16_t vector[VECTORS][D_MAX];
    static const size_t dimensions[] = {16, 32, 96, 128, 256, 288};
    static const unsigned without[] = {0, SS_CPU_AVX512VNNI, SS_CPU_AVX512VNNI | SS_CPU_AVX2};
    static const int32_t scales[VECTORS] = {1, 64 << 8, 7, 2, 0, 1, 1000};
    uint64_t seed = 8;
    for (size_t v = 0; v < VECTORS; v++)
        for (size_t k = 0; k < D_MAX; k++) vector[v][k] = (int16_t)random_bits(&seed);
    vector[0][0] = vector[1][0] = INT16_MIN;
    vector[0][1] = vector[1][1] = INT16_MAX;
    for (size_t n = 0; n < sizeof dimensions / sizeof *dimensions; n++)
        for (size_t count = 0; count <= VECTORS; count++) {
            ss_scaled scaled[VECTORS];
            int32_t expected[D_MAX] = {5, -5};
            for (size_t v = 0; v < count; v++) scaled[v] = (ss_scaled){vector[v], scales[v]};
            for (size_t k = 0; k < dimensions[n]; k++)
                for (size_t v = 0; v < count; v++) expected[k] += vector[v][k] * scales[v];
            for (size_t w = 0; w < sizeof without / sizeof *without; w++) {
                int32_t sum[D_MAX] = {5, -5};
                ss_cpu_disable(without[w]);
                ss_scaled_add(scaled, count, dimensions[n], sum);
                ss_cpu_disable(0);
                assert_memory_equal(sum, expected, sizeof sum);
            }
        }
}

/* What ss_vector_finish gives, step by step as its header has it. */
static void defined(const samestory_model *m, const int64_t *sum, int8_t *vector)
{
    double x[D_MAX];
    memset(vector, 0, m->dimension);
    if (!ss_vector_unit(sum, m->dimension, x)) return;
    ss_vector_centre(x, m->dimension, m->mean, m->direction, m->directions);
    if (!ss_make_unit(x, m->dimension)) return;
    for (size_t i = 0; i < m->dimension; i++) {
        double y = round(x[i] * ss_vector_scale(m->dimension));
        vector[i] = (int8_t)(y > 127 ? 127 : y < -127 ? -127 : y);
    }
}

static void canonical_vectors_are_as_defined(void **state)
{
    (void)state;
    enum { D = 64, DIRECTIONS = 3, TIMES = 30000 };
    float mean[2 * D], direction[DIRECTIONS * D] = {0};
    uint64_t seed = 9;
    for (size_t i = 0; i < 2 * D; i++) mean[i] = (float)(random_bits(&seed) % 100) / 2000;
    for (size_t r = 0; r < DIRECTIONS; r++)
        direction[r * D + 5 * r] = 0.6F, direction[r * D + 5 * r + 1] = -0.8F;
    samestory_model m = {.dimension = D,
                         .languages = 1,
                         .mean = mean,
                         .direction = direction,
                         .directions = DIRECTIONS,
                         .usual_lengths = true};
    for (int t = 0; t < TIMES; t++) {
        int64_t sum[D];
        int8_t vector[D], expected[D];
        for (size_t i = 0; i < D; i++) sum[i] = (int32_t)random_bits(&seed) % 2000 - 1000;
        if (t % 3 == 0) sum[t % D] = 40000; /* clipped */
        if (t % 5 == 0)                     /* two sizes alone: halves are likely */
            for (size_t i = 0; i < D; i++) sum[i] = sum[i] < 0 ? -1 : t % 40;
        ss_vector_finish(&m, sum, 0, vector);
        defined(&m, sum, expected);
        assert_memory_equal(vector, expected, D);
    }
    memset(mean, 0, sizeof mean);
    m.directions = 0;
    for (int64_t n = 1; n < 100; n++) { /* of length 32 n: components of 52.5, exactly */
        int64_t sum[D] = {0};
        int8_t vector[D];
        for (size_t i = 0; i < 16; i++) sum[i] = i % 2 ? 7 * n : -7 * n;
        for (size_t i = 16; i < 31; i++) sum[i] = 4 * n;
        ss_vector_finish(&m, sum, 0, vector);
        assert_int_equal(vector[0], -53);
        assert_int_equal(vector[1], 53);
        assert_int_equal(vector[16], 30);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sum_is_that_of_the_rows),
        cmocka_unit_test(order_of_words_does_not_count),
        cmocka_unit_test(long_texts_do_not_overflow),
        cmocka_unit_test(canonical_vectors_have_one_length),
        cmocka_unit_test(language_means_are_taken_off),
        cmocka_unit_test(directions_of_languages_are_taken_off),
        cmocka_unit_test(nothing_gives_the_zero_vector),
        cmocka_unit_test(a_component_keeps_its_size_in_any_dimension),
        cmocka_unit_test(sums_of_rows_are_the_same_on_every_cpu),
        cmocka_unit_test(sums_of_words_are_the_same_on_every_cpu),
        cmocka_unit_test(canonical_vectors_are_as_defined),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}
