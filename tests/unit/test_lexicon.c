/* The trainer's tables from ICU: Latin letters for every script, months and places of every
 * language. */
#include "anchor_model.h"

static anchor_model *a;

static int set_up(void **state)
{
    (void)state;
    a = anchor_model_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    anchor_model_free(a);
    return 0;
}

static int lexicon_value(const char *language, const char *name, ss_lexicon_kind kind)
{
    uint64_t hash = ss_folded_hash(name, strlen(name));
    const ss_lexicon_entry *e = ss_model_lexicon(&a->model, hash);
    for (; e && e < a->model.lexicon + a->model.lexicon_size && e->hash == hash; e++)
        if (e->kind == kind &&
            (e->language == anchor_language(language) || e->language == SS_LANGUAGE_UNKNOWN))
            return e->value;
    return 0;
}

static void letters_have_latin_letters(void **state)
{
    (void)state;
    static const struct {
        uint32_t point;
        const char *latin;
    } letters[] = {
        {'a', "a"},        {0x00E9, "e"},  {0x0436, "zh"},  {0x0449, "sh"},  {0x044C, ""},
        {0x03B8, "th"},    {0x0634, "sh"}, {0x05E9, "s"},   {0x30B7, "shi"}, {0x30FC, ""},
        {0x4E2D, "zhong"}, {0x0E21, "m"},  {0xD55C, "han"}, {0x0915, "ka"},  {'-', ""},
        {0xD800, ""},      {0xFFFF, ""},   {'7', "7"},
    };
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
        char latin[9] = "";
        memcpy(latin, ss_model_latin(&a->model, letters[i].point), 8);
        assert_string_equal(latin, letters[i].latin);
    }
    assert_string_equal(ss_model_latin(&a->model, 0x20000), "");
}

static void every_byte_of_latin_is_a_small_letter_or_a_digit(void **state)
{
    (void)state;
    for (size_t i = 0; i < (size_t)65536 * 8; i++) {
        char c = a->model.latin[i];
        assert_true(c == 0 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'));
        if (c && i % 8) assert_int_not_equal(a->model.latin[i - 1], 0);
    }
}

static void entries_are_ordered_and_stand_once(void **state)
{
    (void)state;
    assert_true(a->model.lexicon_size > 10000);
    for (uint32_t i = 1; i < a->model.lexicon_size; i++) {
        const ss_lexicon_entry *x = &a->model.lexicon[i - 1], *y = x + 1;
        bool ordered = x->hash < y->hash ||
                       (x->hash == y->hash &&
                        (x->kind < y->kind || (x->kind == y->kind && x->language < y->language)));
        assert_true(ordered);
        assert_true(y->kind > 0 && y->kind < SS_LEX_KINDS);
        assert_int_equal(y->zero, 0);
    }
}

static void months_weekdays_numbers_and_places_are_known(void **state)
{
    (void)state;
    static const struct {
        const char *language, *name;
        ss_lexicon_kind kind;
        int value;
    } entries[] = {
        {"en", "november", SS_LEX_MONTH, 11},     {"en", "nov", SS_LEX_MONTH, 11},
        {"de", "marz", SS_LEX_MONTH, 3},          {"de", "janner", SS_LEX_MONTH, 1},
        {"ru", "ноября", SS_LEX_MONTH, 11},       {"ru", "ноябрь", SS_LEX_MONTH, 11},
        {"cs", "listopadu", SS_LEX_MONTH, 11},    {"sh", "listopada", SS_LEX_MONTH, 10},
        {"pl", "listopada", SS_LEX_MONTH, 11},    {"fi", "marraskuuta", SS_LEX_MONTH, 11},
        {"ar", "تشرين الثاني", SS_LEX_MONTH, 11}, {"hi", "नवंबर", SS_LEX_MONTH, 11},
        {"th", "กันยายน", SS_LEX_MONTH, 9},        {"de", "november", SS_LEX_MONTH, 11},
        {"en", "monday", SS_LEX_WEEKDAY, 1},      {"de", "sonntag", SS_LEX_WEEKDAY, 7},
        {"ja", "金曜日", SS_LEX_WEEKDAY, 5},      {"de", "funfzig", SS_LEX_NUMBER, 50},
        {"fr", "treize", SS_LEX_NUMBER, 13},      {"ru", "пять", SS_LEX_NUMBER, 5},
        {"de", "vietnam", SS_LEX_PLACE, 704},     {"ja", "ベトナム", SS_LEX_PLACE, 704},
        {"en", "south korea", SS_LEX_PLACE, 410}, {"en", "vietnamese", SS_LEX_PLACE, 1704},
        {"de", "warschau", SS_LEX_PLACE, 2616},   {"zh", "河内", SS_LEX_PLACE, 2704},
        {"en", "jamieson", SS_LEX_PLACE, 0},      {"zh", "november", SS_LEX_MONTH, 0},
    };
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
        int value = lexicon_value(entries[i].language, entries[i].name, entries[i].kind);
        if (value != entries[i].value)
            print_message("# %s %s: %d, not %d\n", entries[i].language, entries[i].name, value,
                          entries[i].value),
                wrong++;
    }
    assert_int_equal(wrong, 0);
}

static void the_same_icu_gives_the_same_bytes(void **state)
{
    (void)state;
    void *again;
    size_t size;
    assert_int_equal(build_lexicon(a, &again, &size), SAMESTORY_OK);
    assert_int_equal(size, 16 + a->model.lexicon_size * sizeof(ss_lexicon_entry));
    assert_memory_equal(again, a->lexicon, size);
    free(again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_have_latin_letters),
        cmocka_unit_test(every_byte_of_latin_is_a_small_letter_or_a_digit),
        cmocka_unit_test(entries_are_ordered_and_stand_once),
        cmocka_unit_test(months_weekdays_numbers_and_places_are_known),
        cmocka_unit_test(the_same_icu_gives_the_same_bytes),
    };
    return cmocka_run_group_tests_name("lexicon", tests, set_up, tear_down);
}
