/* Scoring vectors alone: the figures are those that sorting all pairs gives, whatever the threads; and
 * labelled sets are read with their languages mapped and their lines dealt out. */
#include "unit.h"

#include "train/eval_set.c"
#include "train/scores.c"

#include <stdio.h>
#include <unistd.h>

enum { D = 16, STORIES = 40, SPOKEN = 6 };

static const char *const codes[SPOKEN] = {"en", "de", "nb", "ja", "eng", "xx"};

/* Every story in six "languages", of which two are English; two days apart from story to story. */
static eval_set make_set(void)
{
    char path[] = "/tmp/samestory-set-XXXXXX";
    int fd = mkstemp(path);
    FILE *file = fdopen(fd, "w");
    eval_set set;
    assert_non_null(file);
    for (int s = 0; s < STORIES; s++)
        for (int l = 0; l < SPOKEN; l++)
            fprintf(file,
                    "{\"id\":\"%d-%d\",\"story\":\"s%d\",\"lang\":\"%s\",\"date\":\"2025-%02d-%02d\","
                    "\"text\":\"one\\n\\ntwo\\nthree\"}\n",
                    s, l, s, codes[l], 1 + s / 14, 1 + 2 * (s % 14));
    fclose(file);
    assert_int_equal(eval_set_read(path, &set, NULL), SAMESTORY_OK);
    unlink(path);
    return set;
}

/* Vectors near a centre for each story: near enough to be found often, not always. */
static float *make_vectors(const eval_set *set, uint64_t seed, double noise)
{
    float *v = malloc(set->count * D * sizeof *v);
    assert_non_null(v);
    for (size_t i = 0; i < set->count; i++) {
        uint64_t story = 77 + set->document[i].story;
        double square = 0, x[D];
        for (int k = 0; k < D; k++) {
            x[k] = random_unit(&story) - 0.5 + noise * (random_unit(&seed) - 0.5);
            square += x[k] * x[k];
        }
        for (int k = 0; k < D; k++) v[i * D + (size_t)k] = (float)(x[k] / sqrt(square));
    }
    return v;
}

typedef struct pair {
    double score;
    bool same;
} pair;

static int falling(const void *a, const void *b)
{
    double x = ((const pair *)a)->score, y = ((const pair *)b)->score;
    return (x < y) - (x > y);
}

static double dot(const float *a, const float *b)
{
    double sum = 0;
    for (int k = 0; k < D; k++) sum += (double)a[k] * (double)b[k];
    return sum;
}

/* The best F1 of all pairs of a group of languages, by sorting them. */
static double sorted_f1(const eval_set *set, pair_kind kind, const float *a, const float *b,
                        int level)
{
    pair *p = malloc(set->count * set->count * sizeof *p);
    size_t count = 0, positives = 0, right = 0;
    double best = 0;
    assert_non_null(p);
    for (size_t i = 0; i < set->count; i++)
        for (size_t j = 0; j < set->count; j++) {
            const eval_document *x = &set->document[i], *y = &set->document[j];
            if (kind != PAIRS_HALVES && j <= i) continue;
            if (kind != PAIRS_ALL && x->language == y->language) continue;
            if (kind == PAIRS_NEAR && llabs(x->date - y->date) > 7 * 86400) continue;
            if (x->level > level || y->level > level) continue;
            p[count++] = (pair){dot(a + i * D, b + j * D), x->story == y->story};
            positives += x->story == y->story;
        }
    qsort(p, count, sizeof *p, falling);
    for (size_t i = 0; i < count; i++) {
        right += p[i].same;
        best = fmax(best, 2 * (double)right / (double)(i + 1 + positives));
    }
    free(p);
    return best;
}

static double sorted_first(const eval_set *set, const float *a, const float *b)
{
    size_t asked = 0, right = 0;
    for (size_t i = 0; i < set->count; i++)
        for (size_t l = 0; l < set->languages; l++) {
            size_t best = set->count;
            if (set->document[i].language == l) continue;
            for (size_t j = 0; j < set->count; j++)
                if (set->document[j].language == l &&
                    (best == set->count || dot(a + i * D, b + j * D) > dot(a + i * D, b + best * D)))
                    best = j;
            asked++;
            right += set->document[best].story == set->document[i].story;
        }
    return (double)right / (double)asked;
}

static void figures_are_those_of_sorting(void **state)
{
    eval_set set = make_set();
    float *a = make_vectors(&set, 1, 1.2), *b = make_vectors(&set, 2, 1.8);
    scores s;
    (void)state;
    for (pair_kind kind = PAIRS_ALL; kind <= PAIRS_HALVES; kind++) {
        const float *other = kind == PAIRS_HALVES ? b : a;
        assert_int_equal(scores_measure(&set, kind, a, other, D, 2, 0, &s, NULL), SAMESTORY_OK);
        for (int level = 0; level < LEVELS; level++) {
            double f1 = sorted_f1(&set, kind, a, other, level);
            if (!(f1 > 0.1 && f1 < 1)) fail_msg("kind %d level %d: %.3f", (int)kind, level, f1);
            assert_near(s.f1[level].value, f1, 0.004); /* ties of a bin */
        }
    }
    assert_near(s.first[LEVEL_ALL].value, sorted_first(&set, a, b), 1e-9);
    free(a);
    free(b);
    eval_set_free(&set);
}

static void threads_do_not_matter_and_intervals_hold_the_figure(void **state)
{
    eval_set set = make_set();
    float *a = make_vectors(&set, 3, 1.2);
    scores one, two;
    (void)state;
    assert_int_equal(scores_measure(&set, PAIRS_HALVES, a, a, D, 1, 100, &one, NULL), SAMESTORY_OK);
    assert_int_equal(scores_measure(&set, PAIRS_HALVES, a, a, D, 3, 100, &two, NULL), SAMESTORY_OK);
    for (int level = 0; level < LEVELS; level++) {
        assert_memory_equal(&one.f1[level], &two.f1[level], sizeof one.f1[level]);
        assert_memory_equal(&one.first[level], &two.first[level], sizeof one.first[level]);
        interval x = one.f1[level];
        assert_true(x.low < x.value && x.value < x.high);
        assert_true(x.high - x.low < 0.3);
    }
    size_t with_english = 0;
    for (size_t l = 0; l < set.languages; l++) {
        assert_memory_equal(&one.english[l], &two.english[l], sizeof one.english[l]);
        with_english += isnan(one.english[l].value) ? 0 : 1;
    }
    assert_int_equal(with_english, set.languages - 1);
    free(a);
    eval_set_free(&set);
}

static void right_vectors_are_perfect(void **state)
{
    eval_set set = make_set();
    float *a = make_vectors(&set, 3, 0);
    scores s;
    (void)state;
    assert_int_equal(scores_measure(&set, PAIRS_ALL, a, NULL, D, 2, 50, &s, NULL), SAMESTORY_OK);
    assert_near(s.f1[LEVEL_ALL].value, 1, 0);
    assert_near(s.f1[LEVEL_ALL].low, 1, 0);
    for (size_t l = 0; l < set.languages; l++)
        if (strcmp(set.code[l], "en") != 0) assert_near(s.english[l].low, 1, 0);
    free(a);
    eval_set_free(&set);
}

static void languages_are_mapped_and_lines_dealt_out(void **state)
{
    eval_set set = make_set();
    (void)state;
    assert_int_equal(set.count, STORIES * SPOKEN);
    assert_int_equal(set.stories, STORIES);
    assert_int_equal(set.languages, 5); /* en and eng are one */
    assert_true(set.dated);
    assert_int_equal(set.halved, set.count);
    for (size_t i = 0; i < set.count; i++) {
        const eval_document *d = &set.document[i];
        assert_int_equal(d->size[PART_ODD], 9);
        assert_memory_equal(d->text[PART_ODD], "one\nthree", 9);
        assert_int_equal(d->size[PART_EVEN], 3);
        assert_memory_equal(d->text[PART_EVEN], "two", 3);
        if (!strcmp(d->code, "nb")) assert_string_equal(set.code[d->language], "no");
        if (!strcmp(d->code, "eng")) assert_int_equal(d->level, LEVEL_FOUR);
        if (!strcmp(d->code, "xx")) assert_int_equal(d->level, LEVEL_ALL);
    }
    eval_set_free(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_are_those_of_sorting),
        cmocka_unit_test(threads_do_not_matter_and_intervals_hold_the_figure),
        cmocka_unit_test(right_vectors_are_perfect),
        cmocka_unit_test(languages_are_mapped_and_lines_dealt_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
