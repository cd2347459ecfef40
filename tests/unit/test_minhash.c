/* MinHash: the signatures' estimate stays near the exact Jaccard similarity of the shingle sets. */
#include "unit.h"

#include "scripts.h"
#include "sketch/minhash.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ss_normalizer *normalizer;
static uint64_t seed = 7;

static int open_normalizer(void **state)
{
    (void)state;
    normalizer = ss_normalizer_new();
    return normalizer ? 0 : -1;
}

static int close_normalizer(void **state)
{
    (void)state;
    ss_normalizer_free(normalizer);
    return 0;
}

static unsigned draw(unsigned limit)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)((seed >> 33) % limit);
}

static size_t signature_of(const char *text, uint8_t signature[SS_SIGNATURE])
{
    ss_words words = {0};
    ss_shingles shingles = {0};
    assert_int_equal(ss_words_split(normalizer, text, strlen(text), &words), SAMESTORY_OK);
    size_t count = ss_minhash(&words, &shingles, signature);
    ss_words_free(&words);
    ss_shingles_free(&shingles);
    return count;
}

/* ---- Texts of numbered words, whose shingle sets can be counted
 * ------------------------------------ */

enum { LONGEST = 600 };

typedef struct sequence {
    unsigned word[LONGEST];
    size_t count;
} sequence;

static void write_text(const sequence *s, char *out)
{
    for (size_t i = 0; i < s->count; i++) out += sprintf(out, "wort%u ", s->word[i]);
}

static bool has_shingle(const sequence *s, size_t end, const unsigned shingle[3])
{
    for (size_t i = 0; i + 3 <= end; i++)
        if (!memcmp(s->word + i, shingle, 3 * sizeof *shingle)) return true;
    return false;
}

static double exact_jaccard(const sequence *a, const sequence *b)
{
    size_t only_a = 0, only_b = 0, both = 0;
    for (size_t i = 0; i + 3 <= a->count; i++) {
        if (has_shingle(a, i + 2, a->word + i)) continue; /* seen before */
        if (has_shingle(b, b->count, a->word + i))
            both++;
        else
            only_a++;
    }
    for (size_t i = 0; i + 3 <= b->count; i++)
        if (!has_shingle(b, i + 2, b->word + i) && !has_shingle(a, a->count, b->word + i)) only_b++;
    return (double)both / (double)(only_a + only_b + both);
}

static sequence random_sequence(size_t count)
{
    sequence s = {.count = count};
    for (size_t i = 0; i < count; i++) s.word[i] = draw(2000);
    return s;
}

/* ---- Laws
 * ------------------------------------------------------------------------------------------- */

static void estimate_is_near_the_exact_jaccard(void **state)
{
    (void)state;
    enum { PAIRS = 300 };
    static char text[LONGEST * 12];
    double error_sum = 0, square_sum = 0;
    for (int pair = 0; pair < PAIRS; pair++) {
        sequence a = random_sequence(40 + draw(LONGEST - 40)), b = a;
        unsigned percent =
            draw(40); /* of the words are replaced: Jaccard from 1 down to about .1 */
        for (size_t i = 0; i < b.count; i++)
            if (draw(100) < percent) b.word[i] = draw(2000);
        uint8_t signature_a[SS_SIGNATURE], signature_b[SS_SIGNATURE];
        write_text(&a, text);
        signature_of(text, signature_a);
        write_text(&b, text);
        signature_of(text, signature_b);
        double error = ss_minhash_jaccard(signature_a, signature_b) - exact_jaccard(&a, &b);
        if (fabs(error) > .2)
            fail_msg("off by %.3f with %zu words, %u %% replaced", error, a.count, percent);
        error_sum += error;
        square_sum += error * error;
    }
    assert_true(fabs(error_sum / PAIRS) < .01); /* no bias */
    assert_true(sqrt(square_sum / PAIRS) < .05);
}

static void same_words_are_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < SCRIPT_SAMPLES; i++) {
        uint8_t a[SS_SIGNATURE], b[SS_SIGNATURE];
        assert_true(signature_of(script_samples[i].text, a) > 0);
        signature_of(script_samples[i].text, b);
        assert_true(ss_minhash_jaccard(a, b) >= 1.0 && ss_minhash_jaccard(a, b) <= 1.0);
    }
    uint8_t a[SS_SIGNATURE], b[SS_SIGNATURE];
    signature_of("Five ships, left the PORT -- on Monday.", a);
    signature_of("five ships left the port on monday", b);
    assert_memory_equal(a, b, SS_SIGNATURE); /* case and punctuation say nothing */
}

static void different_texts_are_far_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < SCRIPT_SAMPLES; i++)
        for (size_t j = 0; j < i; j++) {
            uint8_t a[SS_SIGNATURE], b[SS_SIGNATURE];
            signature_of(script_samples[i].text, a);
            signature_of(script_samples[j].text, b);
            assert_true(ss_minhash_jaccard(a, b) < .1);
            assert_true(ss_minhash_jaccard(a, b) <= ss_minhash_jaccard(b, a) &&
                        ss_minhash_jaccard(a, b) >= 0);
        }
}

static void empty_and_short_texts_have_signatures_too(void **state)
{
    (void)state;
    uint8_t a[SS_SIGNATURE], b[SS_SIGNATURE], zero[SS_SIGNATURE] = {0};
    assert_int_equal(signature_of("", a), 0);
    assert_memory_equal(a, zero, SS_SIGNATURE);
    assert_int_equal(signature_of("?!", a), 0);
    assert_int_equal(signature_of("quake", a), 1);
    assert_int_equal(signature_of("quake peru", b), 1);
    assert_true(ss_minhash_jaccard(a, b) < .1);
    assert_int_equal(signature_of("地震", a), 1);
}

static void shingles_are_words_by_three_or_characters_by_five(void **state)
{
    (void)state;
    uint8_t signature[SS_SIGNATURE];
    assert_int_equal(signature_of("one two three", signature), 1);
    assert_int_equal(signature_of("one two three four five", signature), 3);
    assert_int_equal(signature_of("贸易部长在华盛顿", signature), 4);
}

/* A signature must not change by accident: signatures are stored. */
static void signature_is_what_it_always_was(void **state)
{
    (void)state;
    static const uint8_t first[8] = {141, 217, 219, 147, 196, 7, 116, 40};
    uint8_t signature[SS_SIGNATURE];
    signature_of("Five ships left the port on Monday, and none of them has come back since",
                 signature);
    for (int i = 0; i < 8; i++)
        if (signature[i] != first[i])
            fail_msg("byte %d is %u; first: %u %u %u %u %u %u %u %u", i, signature[i], signature[0],
                     signature[1], signature[2], signature[3], signature[4], signature[5],
                     signature[6], signature[7]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(estimate_is_near_the_exact_jaccard),
        cmocka_unit_test(same_words_are_the_same),
        cmocka_unit_test(different_texts_are_far_apart),
        cmocka_unit_test(empty_and_short_texts_have_signatures_too),
        cmocka_unit_test(shingles_are_words_by_three_or_characters_by_five),
        cmocka_unit_test(signature_is_what_it_always_was),
    };
    return cmocka_run_group_tests(tests, open_normalizer, close_normalizer);
}
