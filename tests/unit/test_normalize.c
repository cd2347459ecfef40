/* Normalisation: the same words however a text is encoded, whatever bytes come. */
#include "unit.h"

#include "scripts.h"
#include "text/normalize.h"
#include "text/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

static ss_normalizer *normalizer;

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

static ss_words split(const char *text)
{
    ss_words words = {0};
    assert_int_equal(ss_words_split(normalizer, text, strlen(text), &words), SAMESTORY_OK);
    return words;
}

static void assert_bytes(const char *bytes, size_t size, const char *expected)
{
    if (size != strlen(expected) || memcmp(bytes, expected, size))
        fail_msg("got \"%.*s\", not \"%s\"", (int)size, bytes, expected);
}

/* The decomposed form of a text; the caller frees it. */
static char *decomposed(const char *text)
{
    enum { ROOM = 2048 };
    UErrorCode status = U_ZERO_ERROR;
    UChar wide[ROOM], apart[ROOM];
    int32_t size = 0;
    u_strFromUTF8(wide, ROOM, &size, text, -1, &status);
    int32_t apart_size =
        unorm2_normalize(unorm2_getNFDInstance(&status), wide, size, apart, ROOM, &status);
    char *out = malloc(4 * ROOM);
    assert_non_null(out);
    u_strToUTF8(out, 4 * ROOM, NULL, apart, apart_size, &status);
    assert_true(U_SUCCESS(status));
    return out;
}

static void assert_same_words(const ss_words *a, const ss_words *b)
{
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        const ss_word *u = &a->items[i], *v = &b->items[i];
        assert_int_equal(u->form_size, v->form_size);
        assert_memory_equal(u->form, v->form, u->form_size);
        assert_int_equal(u->folded_size, v->folded_size);
        assert_memory_equal(u->folded, v->folded, u->folded_size);
        assert_int_equal(u->letter_case, v->letter_case);
        assert_int_equal(u->script, v->script);
        assert_int_equal(u->run, v->run);
        assert_int_equal(u->digits, v->digits);
    }
}

static void composed_and_decomposed_give_the_same_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < SCRIPT_SAMPLES; i++) {
        char *apart = decomposed(script_samples[i].text);
        ss_words a = split(script_samples[i].text), b = split(apart);
        assert_true(a.count > 0);
        assert_same_words(&a, &b);
        ss_words_free(&a);
        ss_words_free(&b);
        free(apart);
    }
}

/* Runs longer than a word may be are cut at the same places in both. */
static void long_runs_are_cut_alike(void **state)
{
    (void)state;
    for (size_t i = 0; i < SCRIPT_SAMPLES; i++) {
        char text[8192] = "";
        for (size_t used = 0; used < 1500; used = strlen(text))
            strcat(text, script_samples[i].text);
        char *apart = decomposed(text);
        ss_words a = split(text), b = split(apart);
        assert_same_words(&a, &b);
        ss_words_free(&a);
        ss_words_free(&b);
        free(apart);
    }
}

typedef struct folding {
    const char *word, *form, *folded;
} folding;

static void accents_and_case_are_folded(void **state)
{
    (void)state;
    static const folding cases[] = {
        {"Nguyễn", "nguyễn", "nguyen"},
        {"NGUYỄN", "nguyễn", "nguyen"},
        {"Đà", "đà", "da"},
        {"Łódź", "łódź", "lodz"},
        {"Straße", "strasse", "strasse"},
        {"ÅNGSTRÖM", "ångström", "angstrom"},
        {"Ｔｏｋｙｏ", "tokyo", "tokyo"},
        {"ﬁnance", "finance", "finance"},
        {"Москвы", "москвы", "москвы"},
        {"Йод", "йод", "иод"},
        {"أحمد", "أحمد", "احمد"},
        {"רֹאשׁ", "רֹאשׁ", "ראש"},
        {"Αθήνα", "αθήνα", "αθηνα"},
        {"서울", "서울", "서울"},
        {"İstanbul", "i̇stanbul", "istanbul"},
        {"क़रार", "क़रार", "क़रार"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ss_words words = split(cases[i].word);
        assert_int_equal(words.count, 1);
        assert_bytes(words.items[0].form, words.items[0].form_size, cases[i].form);
        assert_bytes(words.items[0].folded, words.items[0].folded_size, cases[i].folded);
        ss_words_free(&words);
    }
}

static void words_end_at_what_is_no_letter(void **state)
{
    (void)state;
    static const char *const expected[] = {"jean", "luc", "o",    "brien", "3",
                                           "5",    "new", "york", "a1"};
    ss_words words = split("Jean-Luc O'Brien\t3.5\xC2\xA0New\nYork\xE2\x80\x94"
                           "a1!");
    assert_int_equal(words.count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < words.count; i++)
        assert_bytes(words.items[i].form, words.items[i].form_size, expected[i]);
    assert_false(words.items[0].digits);
    assert_true(words.items[4].digits);
    assert_int_equal(words.items[4].script, SS_SCRIPT_DIGITS);
    assert_true(words.items[8].digits);
    assert_int_equal(words.items[8].script, SS_SCRIPT_LATIN);
    ss_words_free(&words);
}

static void case_as_written_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        ss_case expected;
    } cases[] = {
        {"news", SS_LOWER},    {"News", SS_CAPITAL},     {"NATO", SS_UPPER},
        {"A", SS_CAPITAL},     {"McGill", SS_CAPITAL},   {"iPhone", SS_LOWER},
        {"2025", SS_CASELESS}, {"Đà", SS_CAPITAL},       {"Москва", SS_CAPITAL},
        {"США", SS_UPPER},     {"القاهرة", SS_CASELESS}, {"서울", SS_CASELESS},
        {"北京", SS_CASELESS},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ss_words words = split(cases[i].word);
        assert_int_equal(words.count, 1);
        assert_int_equal(words.items[0].letter_case, cases[i].expected);
        ss_words_free(&words);
    }
}

static void scripts_without_spaces_become_runs(void **state)
{
    (void)state;
    ss_words words = split("G7会议在Tokyo举行，กรุงเทพ");
    static const struct {
        const char *form;
        bool run;
        ss_script script;
    } expected[] = {
        {"g7", false, SS_SCRIPT_LATIN},    {"会议在", true, SS_SCRIPT_HAN},
        {"tokyo", false, SS_SCRIPT_LATIN}, {"举行", true, SS_SCRIPT_HAN},
        {"กรุงเทพ", true, SS_SCRIPT_THAI},
    };
    assert_int_equal(words.count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < words.count; i++) {
        assert_bytes(words.items[i].form, words.items[i].form_size, expected[i].form);
        assert_int_equal(words.items[i].run, expected[i].run);
        assert_int_equal(words.items[i].script, expected[i].script);
    }
    ss_words_free(&words);
}

/* What must hold of the words of any bytes at all. */
static void assert_sound(const ss_words *words, size_t size)
{
    size_t last = 0;
    for (size_t i = 0; i < words->count; i++) {
        const ss_word *w = &words->items[i];
        assert_true(w->start >= last && w->start < w->end && w->end <= size);
        last = w->end;
        assert_true(w->form_size > 0 && w->folded_size > 0);
        const char *forms[2] = {w->form, w->folded};
        size_t sizes[2] = {w->form_size, w->folded_size};
        for (int f = 0; f < 2; f++) {
            size_t points = 0;
            for (size_t at = 0; at < sizes[f]; points++)
                assert_int_not_equal(ss_utf8_next(forms[f], sizes[f], &at), SS_BAD_POINT);
            assert_true(points <= SS_WORD_POINTS_MAX);
        }
    }
}

static void bad_bytes_separate_words(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "\x80",
        "\xFF",
        "\xC0\xAF",
        "\xC3",
        "\xE2\x82",
        "\xED\xA0\x80",
        "\xF0\x9F\x98",
        "\xF4\x90\x80\x80",
        "\xF8\x88\x80\x80\x80",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[64];
        snprintf(text, sizeof text, "trade%stalks%s", bad[i], bad[i]);
        ss_words words = split(text);
        assert_int_equal(words.count, 2);
        assert_bytes(words.items[0].form, words.items[0].form_size, "trade");
        assert_bytes(words.items[1].form, words.items[1].form_size, "talks");
        ss_words_free(&words);
    }
}

static void any_bytes_give_sound_words(void **state)
{
    (void)state;
    uint64_t seed = 1;
    ss_words words = {0};
    for (int round = 0; round < 400; round++) {
        size_t size = (size_t)round * 7;
        char *text = malloc(size + 1); /* of its exact size, so that a sanitizer sees an overrun */
        assert_non_null(text);
        for (size_t i = 0; i < size; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            uint8_t byte = (uint8_t)(seed >> 56);
            /* half of the rounds: mostly leading and trailing bytes of long sequences */
            text[i] = (char)(round & 1 && byte > 64 ? 0x80 | byte : byte);
        }
        assert_int_equal(ss_words_split(normalizer, text, size, &words), SAMESTORY_OK);
        assert_sound(&words, size);
        free(text);
    }
    ss_words_free(&words);
}

static void samples_cut_anywhere_give_sound_words(void **state)
{
    (void)state;
    ss_words words = {0};
    for (size_t i = 0; i < SCRIPT_SAMPLES; i++) {
        size_t size = strlen(script_samples[i].text);
        for (size_t cut = 0; cut <= size; cut++) {
            char *text = malloc(cut + 1);
            assert_non_null(text);
            memcpy(text, script_samples[i].text, cut);
            assert_int_equal(ss_words_split(normalizer, text, cut, &words), SAMESTORY_OK);
            assert_sound(&words, cut);
            free(text);
        }
    }
    ss_words_free(&words);
}

static void empty_text_has_no_words(void **state)
{
    (void)state;
    ss_words words = {0};
    assert_int_equal(ss_words_split(normalizer, "", 0, &words), SAMESTORY_OK);
    assert_int_equal(words.count, 0);
    assert_int_equal(ss_words_split(normalizer, NULL, 0, &words), SAMESTORY_OK);
    assert_int_equal(words.count, 0);
    assert_int_equal(ss_words_split(normalizer, " .,\n\0!", 6, &words), SAMESTORY_OK);
    assert_int_equal(words.count, 0);
    ss_words_free(&words);
}

static void long_word_is_cut(void **state)
{
    (void)state;
    enum { SIZE = 100000 };
    char *text = malloc(SIZE);
    assert_non_null(text);
    memset(text, 'a', SIZE);
    ss_words words = {0};
    assert_int_equal(ss_words_split(normalizer, text, SIZE, &words), SAMESTORY_OK);
    assert_int_equal(words.count, 1);
    assert_int_equal(words.items[0].form_size, SS_WORD_POINTS_MAX);
    assert_int_equal(words.items[0].end, SIZE);
    ss_words_free(&words);
    free(text);
}

/* U+FDFA unfolds to 18 code points, U+0390 to one with three: forms must not overrun their room. */
static void code_points_that_unfold_stay_in_bounds(void **state)
{
    (void)state;
    static const char *const points[] = {"\xEF\xB7\xBA", "\xCE\x90", "\xEF\xAC\x83",
                                         "\xE3\x8E\xAF"};
    for (size_t p = 0; p < sizeof points / sizeof *points; p++) {
        char text[1024] = "";
        for (int i = 0; i < 200; i++) strcat(text, points[p]);
        ss_words words = split(text);
        assert_sound(&words, strlen(text));
        ss_words_free(&words);
    }
}

/* The memory of the words moves while it grows: earlier words must move with it. */
static void many_words_stay_where_they_are(void **state)
{
    (void)state;
    enum { WORDS = 60000 };
    char *text = malloc((size_t)WORDS * 8 + 1);
    assert_non_null(text);
    size_t size = 0;
    for (int i = 0; i < WORDS; i++) size += (size_t)sprintf(text + size, "w%d ", i);
    ss_words words = {0};
    assert_int_equal(ss_words_split(normalizer, text, size, &words), SAMESTORY_OK);
    assert_int_equal(words.count, WORDS);
    for (int i = 0; i < WORDS; i += 997) {
        char expected[16];
        snprintf(expected, sizeof expected, "w%d", i);
        assert_bytes(words.items[i].form, words.items[i].form_size, expected);
        assert_bytes(words.items[i].folded, words.items[i].folded_size, expected);
    }
    ss_words_free(&words);
    free(text);
}

static void only_the_first_4_mib_count(void **state)
{
    (void)state;
    size_t size = SS_TEXT_BYTES_MAX + 100;
    char *text = malloc(size);
    assert_non_null(text);
    memset(text, ' ', size);
    memcpy(text, "first", 5);
    memcpy(text + size - 4, "last", 4);
    ss_words words = {0};
    assert_int_equal(ss_words_split(normalizer, text, size, &words), SAMESTORY_OK);
    assert_int_equal(words.count, 1);
    ss_words_free(&words);
    free(text);
}

static void words_are_the_same_when_memory_is_used_again(void **state)
{
    (void)state;
    ss_words kept = {0};
    for (size_t i = 0; i < SCRIPT_SAMPLES; i++) {
        const char *text = script_samples[i].text;
        ss_words fresh = split(text);
        assert_int_equal(ss_words_split(normalizer, text, strlen(text), &kept), SAMESTORY_OK);
        assert_same_words(&kept, &fresh);
        ss_words_free(&fresh);
    }
    ss_words_free(&kept);
}

static void fold_keeps_what_separates(void **state)
{
    (void)state;
    char out[64];
    const char *text = "Côte d’Ivoire";
    size_t size = ss_fold(normalizer, text, strlen(text), out, sizeof out);
    assert_bytes(out, size, "cote d’ivoire");
    assert_int_equal(ss_fold(normalizer, text, strlen(text), out, 5), 0); /* does not fit */
    assert_int_equal(ss_fold(normalizer, "", 0, out, sizeof out), 0);
}

static void assert_composes(const char *text, const char *expected)
{
    size_t size = strlen(text);
    char *copy = malloc(size ? size : 1); /* its end is watched by the sanitizers */
    assert_non_null(copy);
    memcpy(copy, text, size);
    assert_bytes(copy, ss_compose(normalizer, copy, size), expected);
    free(copy);
}

static bool is_letter(const char *text, size_t at)
{
    unsigned char c = (unsigned char)text[at];
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c >= 0x80;
}

/* Every word begins after what is no letter and goes on to what is none, wherever it stands. */
static void words_are_as_long_as_their_letters(void **state)
{
    (void)state;
    enum { TIMES = 20000, SIZE = 61, PAST_END = 8 };
    static const char bytes[] = " .@[`{/:09AZaz-m";
    uint64_t seed = 11;
    for (int t = 0; t < TIMES; t++) {
        char text[SIZE + PAST_END] = {0};
        unsigned few = t % 3 ? 16 : 24; /* more letters than others */
        for (size_t i = 0; i < SIZE; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            unsigned x = (unsigned)(seed >> 33) % few;
            text[i] = x < 16 ? bytes[x] : 'e';
            if (t % 2 && seed >> 60 == 0 && i + 1 < SIZE) { /* é */
                text[i++] = '\xC3';
                text[i] = '\xA9';
            }
        }
        size_t size = SIZE - (size_t)(t % 40), at = 0;
        while (size && ((unsigned char)text[size] & 0xC0) == 0x80) size--;
        ss_cut cut;
        for (size_t i = 0; i < size;) {
            size_t end = i;
            while (end < size && is_letter(text, end)) end++;
            if (end > i) {
                assert_true(ss_cut_next(normalizer, text, size, at, &cut));
                assert_int_equal(cut.start, i);
                assert_int_equal(cut.end, end);
                at = end;
            }
            i = end + 1;
        }
        assert_false(ss_cut_next(normalizer, text, size, at, &cut));
    }
}

static void composing_brings_nfd_back(void **state)
{
    (void)state;
    static const char *const texts[] = {"5조 7천억 원, 14일 서울에서", "100億ドル、ポンドとガバナー",
                                        "Nguyễn Hồng Đạt ở Łódź, 2,5 tỷ", "Її Йошкар-Олу", "x ≠ y"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *apart = decomposed(texts[i]);
        assert_string_not_equal(apart, texts[i]);
        assert_composes(apart, texts[i]);
        assert_composes(texts[i], texts[i]);
        free(apart);
    }
}

/* A pair that is joined, between letters of its script, wherever it stands. */
static void pairs_are_joined_anywhere(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"a", "e\xCC\x81", "é"},
        {"я", "и\xCC\x86", "й"},
        {"か", "か\xE3\x82\x99", "が"},
        {"ハ", "ハ\xE3\x82\x9A", "パ"},
        {"가", "\xE1\x84\x80\xE1\x85\xA1", "가"},
    };
    enum { LETTERS = 40, ROOM = 4 * LETTERS };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        for (size_t place = 0; place < LETTERS; place++)
            for (size_t letters = place; letters < LETTERS; letters++) {
                char text[ROOM] = "", expected[ROOM] = "";
                for (size_t i = 0; i <= letters; i++) {
                    strcat(text, cases[c][i == place]);
                    strcat(expected, cases[c][i == place ? 2 : 0]);
                }
                size_t size = ss_compose(normalizer, text, strlen(text));
                assert_bytes(text, size, expected);
            }
}

static void composing_leaves_other_bytes_alone(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "plain", "\xCC", "\xCC\x81", "e\xCC", "\xE1\x84",
                                        "\xE3\x82\x99", "\xE1\x84\x80", "e\xFF\xCC\x81", "\xFF\xFE\xCC",
                                        "1\xCC\x81", "\xE3\x82", "\x80\x80\xCC\x81", "eight by\xE1",
                                        "eight by\xE3"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) assert_composes(texts[i], texts[i]);
    assert_composes("a\xFF" "e\xCC\x81\xFF", "a\xFF\xC3\xA9\xFF");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_as_long_as_their_letters),
        cmocka_unit_test(pairs_are_joined_anywhere),
        cmocka_unit_test(composed_and_decomposed_give_the_same_words),
        cmocka_unit_test(long_runs_are_cut_alike),
        cmocka_unit_test(accents_and_case_are_folded),
        cmocka_unit_test(words_end_at_what_is_no_letter),
        cmocka_unit_test(case_as_written_is_told),
        cmocka_unit_test(scripts_without_spaces_become_runs),
        cmocka_unit_test(bad_bytes_separate_words),
        cmocka_unit_test(any_bytes_give_sound_words),
        cmocka_unit_test(samples_cut_anywhere_give_sound_words),
        cmocka_unit_test(empty_text_has_no_words),
        cmocka_unit_test(long_word_is_cut),
        cmocka_unit_test(code_points_that_unfold_stay_in_bounds),
        cmocka_unit_test(many_words_stay_where_they_are),
        cmocka_unit_test(only_the_first_4_mib_count),
        cmocka_unit_test(words_are_the_same_when_memory_is_used_again),
        cmocka_unit_test(fold_keeps_what_separates),
        cmocka_unit_test(composing_brings_nfd_back),
        cmocka_unit_test(composing_leaves_other_bytes_alone),
    };
    return cmocka_run_group_tests(tests, open_normalizer, close_normalizer);
}
