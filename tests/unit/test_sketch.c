/* Sketches: everything that is kept of a document, the same bytes however and wherever it is made.
 */
#include "unit.h"

#include "scripts.h"
#include "tiny_model.h"

#include "sketch/sketch.h"

#include <unistd.h>
#include <xxhash.h>

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

static samestory_string string_of(const char *text)
{
    return (samestory_string){text, strlen(text)};
}

static samestory_document document_of(const char *title, const char *text)
{
    samestory_document d = SAMESTORY_DOCUMENT_INIT;
    d.id = string_of("an id");
    d.title = string_of(title);
    d.text = string_of(text);
    d.date = 1762905600;
    return d;
}

/* A copy of the sketch of a document, made by a new sketcher. The caller frees it. */
static ss_sketch *sketch_of(const samestory_document *document)
{
    ss_sketcher *sketcher = ss_sketcher_new(model);
    assert_non_null(sketcher);
    const ss_sketch *s = ss_sketch_make(sketcher, document, false, false);
    assert_non_null(s);
    ss_sketch *copy = malloc(s->size);
    assert_non_null(copy);
    memcpy(copy, s, s->size);
    ss_sketcher_free(sketcher);
    return copy;
}

/* What must hold of any sketch: a reader of stored sketches relies on it. */
static void assert_sound(const ss_sketch *s)
{
    assert_int_equal(s->version, SS_SKETCH_VERSION);
    assert_int_equal(s->dimension, TINY_D);
    assert_int_equal(s->size % 8, 0);
    size_t used = sizeof *s + TINY_D + s->anchors * sizeof(ss_anchor) + s->pool;
    assert_true(s->size >= used && s->size < used + 8);
    assert_true(s->anchors <= SS_ANCHORS_MAX && s->pool <= SS_POOL_MAX);
    const ss_anchor *anchor = ss_sketch_anchors(s);
    for (size_t i = 0; i < s->anchors; i++) {
        assert_true(anchor[i].type < SS_ANCHOR_TYPES);
        assert_true(anchor[i].text + anchor[i].text_size <= s->pool);
        assert_true(!i || anchor[i - 1].type < anchor[i].type ||
                    (anchor[i - 1].type == anchor[i].type && anchor[i - 1].key < anchor[i].key));
    }
}

static const char *const body =
    "Vom 12. bis 14. November verhandelt eine Delegation unter Pham Quoc Thinh in Washington; "
    "strittig sind Zölle von 20 Prozent, 1.870 Tonnen und 2,4 Millionen Euro. www.example.org/a?b";

static void sketches_are_sound_in_every_script(void **state)
{
    (void)state;
    for (size_t i = 0; i < SCRIPT_SAMPLES; i++) {
        samestory_document d = document_of(script_samples[i].name, script_samples[i].text);
        ss_sketch *s = sketch_of(&d);
        assert_sound(s);
        assert_true(s->words > 0 && s->shingles > 0);
        free(s);
    }
}

/* Units such as 조 (10^12) are read beside the words. */
static void composed_and_decomposed_text_make_one_sketch(void **state)
{
    (void)state;
    samestory_document d = SAMESTORY_DOCUMENT_INIT;
    d.id = string_of("a");
    d.language = string_of("ko");
    d.title = string_of("caf\xC3\xA9");
    d.text = string_of("34\xEC\xA1\xB0 \xEC\x9B\x90");
    ss_sketch *composed = sketch_of(&d);
    d.title = string_of("cafe\xCC\x81");
    d.text = string_of("34\xE1\x84\x8C\xE1\x85\xA9 \xE1\x84\x8B\xE1\x85\xAF\xE1\x86\xAB");
    ss_sketch *apart = sketch_of(&d);
    assert_true(composed->anchors > 0);
    assert_int_equal(apart->size, composed->size);
    apart->text_hash = composed->text_hash; /* of the bytes as they came */
    assert_memory_equal(apart, composed, composed->size);
    free(composed);
    free(apart);
}

static void a_sketcher_that_was_used_before_makes_the_same_bytes(void **state)
{
    (void)state;
    ss_sketcher *used = ss_sketcher_new(model);
    for (int round = 0; round < 3; round++)
        for (size_t i = 0; i < SCRIPT_SAMPLES; i++) {
            samestory_document d = document_of(body, script_samples[i].text);
            ss_sketch *fresh = sketch_of(&d);
            const ss_sketch *s = ss_sketch_make(used, &d, false, false);
            assert_non_null(s);
            assert_int_equal(s->size, fresh->size);
            assert_memory_equal(s, fresh, s->size);
            free(fresh);
        }
    ss_sketcher_free(used);
    ss_sketcher_free(NULL);
}

/* Vector and signature of stored sketches are compared with new ones: they must not change. */
static void vector_and_signature_are_what_they_always_were(void **state)
{
    (void)state;
    samestory_document d = document_of("Minister Nguyễn: 12,5 % für Łódź", body);
    ss_sketch *s = sketch_of(&d);
    uint64_t vector = XXH3_64bits(ss_sketch_vector(s), TINY_D);
    uint64_t signature = XXH3_64bits(s->signature, SS_SIGNATURE);
    if (vector != 0x0d19877478174d0au || signature != 0xa538e92c6d5ad613u)
        fail_msg("vector %016llx signature %016llx", (unsigned long long)vector,
                 (unsigned long long)signature);
    free(s);
}

static void a_title_that_the_body_repeats_counts_once(void **state)
{
    (void)state;
    char both[1024];
    snprintf(both, sizeof both, "Zölle auf Möbel. %s", body);
    samestory_document once = document_of("Zölle auf Möbel. ", body);
    samestory_document twice = document_of("Zölle auf Möbel. ", both);
    ss_sketch *a = sketch_of(&once), *b = sketch_of(&twice);
    assert_int_equal(a->words, b->words);
    assert_memory_equal(ss_sketch_vector(a), ss_sketch_vector(b), TINY_D);
    assert_memory_equal(a->signature, b->signature, SS_SIGNATURE);
    assert_true(a->text_hash != b->text_hash);
    free(a);
    free(b);
}

static void the_record_decides_on_language_and_date(void **state)
{
    (void)state;
    samestory_document d = document_of("", "der Minister und die Truong");
    ss_sketch *s = sketch_of(&d);
    assert_int_equal(s->language, 1); /* identified */
    free(s);
    d.language = string_of("en-GB");
    s = sketch_of(&d);
    assert_int_equal(s->language, 0);
    free(s);
    d.language = string_of("tlh"); /* not among the model's: identified again */
    s = sketch_of(&d);
    assert_int_equal(s->language, 1);
    assert_int_equal(s->date, d.date);
    free(s);
    ss_sketcher *sketcher = ss_sketcher_new(model);
    assert_int_equal(ss_sketch_make(sketcher, &d, true, false)->date, SAMESTORY_NO_DATE);
    assert_true(ss_sketch_make(sketcher, &d, false, false)->id != 0);
    assert_true(ss_sketch_make(sketcher, &d, false, true)->id == 0);
    ss_sketcher_free(sketcher);
}

static void the_outlet_is_the_source_or_the_host(void **state)
{
    (void)state;
    samestory_document d = document_of("", body);
    static const char *const same_host[] = {"https://www.example.org/a", "http://example.org/b?c",
                                            "https://example.org:8080/"};
    uint64_t host = 0;
    for (size_t i = 0; i < 3; i++) {
        d.url = string_of(same_host[i]);
        ss_sketch *s = sketch_of(&d);
        assert_true(s->source != 0 && s->url != 0);
        assert_true(!i || s->source == host);
        host = s->source;
        free(s);
    }
    static const char *const odd[] = {"",           ":", "://", "http://", "://x", "no url at all",
                                      "http://www."};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        d.url = string_of(odd[i]);
        ss_sketch *s = sketch_of(&d);
        assert_true(s->source != host);
        free(s);
    }
    d.source = string_of("Hafenzeitung");
    d.url = string_of(same_host[0]);
    ss_sketch *s = sketch_of(&d);
    assert_true(s->source != host && s->source != 0);
    free(s);
}

static void nothing_and_rubbish_have_sketches(void **state)
{
    (void)state;
    samestory_document empty = SAMESTORY_DOCUMENT_INIT;
    ss_sketch *s = sketch_of(&empty);
    assert_sound(s);
    assert_int_equal(s->words, 0);
    assert_int_equal(s->anchors, 0);
    free(s);
    uint64_t seed = 51;
    for (size_t size = 1; size < 3000; size += 97) {
        char *bytes = malloc(size);
        assert_non_null(bytes);
        for (size_t i = 0; i < size; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            bytes[i] = (char)(seed >> 56);
        }
        samestory_document d = SAMESTORY_DOCUMENT_INIT;
        d.title = (samestory_string){bytes, size / 3};
        d.text = (samestory_string){bytes, size};
        d.language = (samestory_string){bytes, size < 20 ? size : 20};
        d.url = (samestory_string){bytes, size};
        d.date = (int64_t)seed;
        s = sketch_of(&d);
        assert_sound(s);
        free(s);
        free(bytes);
    }
}

/* Everything at once, more than any limit: titles of megabytes, thousands of names and numbers. */
static void a_document_of_many_megabytes_has_a_small_sketch(void **state)
{
    (void)state;
    enum { SIZE = 9 << 20 };
    char *text = malloc(SIZE + 64);
    assert_non_null(text);
    size_t size = 0;
    for (unsigned i = 0; size < SIZE; i++)
        size += (size_t)sprintf(text + size, "Xar%xo Zel%xa %u.%u ", i * 7919 % 65521, i % 4099, i,
                                i % 97);
    samestory_document d = SAMESTORY_DOCUMENT_INIT;
    d.title = (samestory_string){text + 1000, 3 << 20};
    d.text = (samestory_string){text, size};
    ss_sketch *s = sketch_of(&d);
    assert_sound(s);
    assert_true(s->size < 4096);
    assert_true(s->words > 100000);
    free(s);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sketches_are_sound_in_every_script),
        cmocka_unit_test(a_sketcher_that_was_used_before_makes_the_same_bytes),
        cmocka_unit_test(composed_and_decomposed_text_make_one_sketch),
        cmocka_unit_test(vector_and_signature_are_what_they_always_were),
        cmocka_unit_test(a_title_that_the_body_repeats_counts_once),
        cmocka_unit_test(the_record_decides_on_language_and_date),
        cmocka_unit_test(the_outlet_is_the_source_or_the_host),
        cmocka_unit_test(nothing_and_rubbish_have_sketches),
        cmocka_unit_test(a_document_of_many_megabytes_has_a_small_sketch),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}
