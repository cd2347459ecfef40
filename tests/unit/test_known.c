/* Words that are known: remembering words changes what a sketch costs, never one of its bytes. */
#include "unit.h"

#include "samestory.h"
#include "sketch/known.h"
#include "sketch/sketch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TINY = 8, MUTATIONS = 3, TEXT_MAX = 1 << 16 };

static samestory_model *model;
/* One looks at every word anew; one forgets almost all of them, so that words push each other out
 * and find no place in the middle of a text; one forgets none; one is what users have. */
static ss_sketcher *plain, *tiny, *huge, *usual;

static int open_model(void **state)
{
    (void)state;
    samestory_error error;
    if (samestory_model_open(SAMESTORY_MODEL_PATH, &model, &error)) return -1;
    plain = ss_sketcher_new_with(model, 0);
    tiny = ss_sketcher_new_with(model, TINY);
    huge = ss_sketcher_new_with(model, SIZE_MAX);
    usual = ss_sketcher_new(model);
    return plain && tiny && huge && usual ? 0 : -1;
}

static int close_model(void **state)
{
    (void)state;
    ss_sketcher_free(plain);
    ss_sketcher_free(tiny);
    ss_sketcher_free(huge);
    ss_sketcher_free(usual);
    samestory_model_free(model);
    return 0;
}

/* The same sketch and the same places of anchors. */
static void assert_same(ss_sketcher *other, const samestory_document *d)
{
    const ss_sketch *a = ss_sketch_make(plain, d, false, false);
    const ss_sketch *b = ss_sketch_make(other, d, false, false);
    assert_true(a && b);
    assert_int_equal(a->size, b->size);
    assert_memory_equal(a, b, a->size);
    const ss_anchors *x = ss_sketcher_anchors(plain), *y = ss_sketcher_anchors(other);
    assert_int_equal(x->count, y->count);
    assert_memory_equal(x->place, y->place, x->count * sizeof *x->place);
}

static void assert_all_same(const samestory_document *d)
{
    assert_same(tiny, d);
    assert_same(huge, d);
    assert_same(usual, d);
}

static uint64_t random_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    return *state ^= *state << 17;
}

/* What texts are seldom made of: marks that join, digits of other scripts, broken bytes, dates. */
static const char *const odd[] = {"\xCC\x81",
                                  "\xE3\x82\x99",
                                  "\xEF\xB7\xBA",
                                  "\xC4\xB0",
                                  "\xFF",
                                  "\xF0\x9F\x98\x80",
                                  "《",
                                  "》",
                                  "12%",
                                  "14. März ",
                                  "\xD9\xB1",
                                  "१२",
                                  "Ａ１",
                                  "\xF0\xA0\x80\x80",
                                  "\n",
                                  "-",
                                  "'",
                                  "ﬁ",
                                  "ǅ",
                                  "K",
                                  "Ⅳ",
                                  "一百二十",
                                  "นาย",
                                  "アメリカ"};

/* The text with some bytes changed, moved, left out or put in; returns its size. */
static size_t mutated(samestory_string text, uint64_t *r, char out[TEXT_MAX])
{
    size_t size = text.size < TEXT_MAX / 2 ? text.size : TEXT_MAX / 2;
    memcpy(out, text.data, size);
    for (uint64_t n = random_next(r) % 30; n > 0 && size; n--) {
        size_t at = random_next(r) % size, from = random_next(r) % size,
               most = size - (at > from ? at : from);
        const char *piece = odd[random_next(r) % (sizeof odd / sizeof *odd)];
        switch (random_next(r) % 4) {
        case 0: out[at] = (char)random_next(r); break;
        case 1: out[at] = (char)(out[at] ^ 1 << random_next(r) % 8); break;
        case 2: memmove(out + at, out + from, random_next(r) % (most < 40 ? most + 1 : 40)); break;
        default:
            memmove(out + at + strlen(piece), out + at, size - at);
            memcpy(out + at, piece, strlen(piece));
            size += strlen(piece);
        }
    }
    return random_next(r) % 16 ? size : random_next(r) % (size + 1);
}

/* mutations: of each document; under sanitizers, which are slow, none. */
static void check_file(const char *name, int mutations)
{
    if (getenv("SAMESTORY_SANITIZED")) mutations = 0;
    char path[512];
    static char text[TEXT_MAX];
    samestory_reader *reader = NULL;
    samestory_error error;
    samestory_record record = SAMESTORY_RECORD_INIT;
    const char *paths = path;
    uint64_t r = 88172645463325252u;
    snprintf(path, sizeof path, "%s/%s", SAMESTORY_TEST_DATA, name);
    assert_int_equal(samestory_reader_open(&paths, 1, NULL, &reader, &error), SAMESTORY_OK);
    size_t documents = 0;
    for (; !samestory_reader_next(reader, &record, &error); documents++) {
        samestory_document d = record.document;
        assert_all_same(&d);
        d.language = (samestory_string){NULL, 0};
        assert_all_same(&d);
        for (int m = 0; m < mutations; m++) {
            size_t size = mutated(record.document.text, &r, text);
            d.text = (samestory_string){text, size};
            d.title = (samestory_string){text, random_next(&r) % 2 ? size / 9 : 0};
            d.language =
                random_next(&r) % 2 ? record.document.language : (samestory_string){NULL, 0};
            assert_all_same(&d);
        }
    }
    assert_true(documents > 0);
    samestory_reader_free(reader);
}

static void texts_of_45_languages_have_the_same_sketches(void **state)
{
    (void)state;
    check_file("flores.jsonl.zst", MUTATIONS);
}

static void reports_have_the_same_sketches(void **state)
{
    (void)state;
    check_file("reports.jsonl.zst", MUTATIONS);
}

static void press_releases_have_the_same_sketches(void **state)
{
    (void)state;
    check_file("debian-press.jsonl.zst", 1);
}

static void short_items_have_the_same_sketches(void **state)
{
    (void)state;
    check_file("itn.jsonl.zst", MUTATIONS);
}

/* A letter may stand in one script and fold into another: the Kelvin sign is no Latin letter, and
 * yet its word folds as one with a Latin k does. */
static void words_of_one_form_are_kept_apart(void **state)
{
    (void)state;
    static const char *const texts[] = {"kelvin Kelvin KELVIN",
                                        "\xE2\x84\xAA"
                                        "elvin Kelvin",
                                        "kelvin \xE2\x84\xAA"
                                        "elvin",
                                        "Ångström \xE2\x84\xABngstr\xC3\xB6m A\xCC\x8Angstrom"};
    for (int round = 0; round < 3; round++)
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
            samestory_document d = SAMESTORY_DOCUMENT_INIT;
            d.text = (samestory_string){texts[i], strlen(texts[i])};
            assert_all_same(&d);
        }
}

static void assert_same_words(const ss_words *a, const ss_words *b)
{
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        const ss_word *v = &a->items[i], *w = &b->items[i];
        assert_int_equal(v->form_size, w->form_size);
        assert_memory_equal(v->form, w->form, v->form_size);
        assert_int_equal(v->folded_size, w->folded_size);
        assert_memory_equal(v->folded, w->folded, v->folded_size);
        assert_true(v->start == w->start && v->end == w->end && v->letter_case == w->letter_case &&
                    v->script == w->script && v->run == w->run && v->digits == w->digits);
    }
}

static void the_words_of_a_text_are_the_same(void **state)
{
    (void)state;
    static const char text[] =
        "A text, a TEXT: Straße, STRASSE, straße; Москва 2025 वर्ष, 東京都で アメリカ, a text. "
        "supercalifragilisticexpialidociousnesses supercalifragilisticexpialidociousnesses x";
    ss_known_words *known = ss_known_words_new(model, TINY);
    ss_words recalled = {0}, split = {0};
    assert_non_null(known);
    for (int round = 0; round < 3; round++)
        for (size_t size = 0; size + 8 < sizeof text; size++) {
            assert_int_equal(ss_words_recall(known, text, size, &recalled), SAMESTORY_OK);
            assert_int_equal(ss_words_split(model->normalizer, text, size, &split), SAMESTORY_OK);
            assert_same_words(&split, &recalled);
        }
    ss_words_free(&recalled);
    ss_words_free(&split);
    ss_known_words_free(known);
    ss_known_words_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_words_of_a_text_are_the_same),
        cmocka_unit_test(words_of_one_form_are_kept_apart),
        cmocka_unit_test(texts_of_45_languages_have_the_same_sketches),
        cmocka_unit_test(reports_have_the_same_sketches),
        cmocka_unit_test(press_releases_have_the_same_sketches),
        cmocka_unit_test(short_items_have_the_same_sketches),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}
