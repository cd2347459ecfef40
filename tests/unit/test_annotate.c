/* The writer adds one member, and changes nothing else. */
#include "unit.h"

#include "samestory.h"
#include "text/input.h"
#include "text/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define S(text)                                                                                    \
    {                                                                                              \
        text, sizeof text - 1                                                                      \
    }

#define NEW "{\"story\":\"a\",\"relation\":\"new\",\"of\":null,\"p\":0,\"because\":[]}"

static const samestory_verdict verdict_new = {
    .struct_size = sizeof(samestory_verdict), .relation = SAMESTORY_NONE, .story = S("a")};

static const samestory_verdict verdict_story = {
    .struct_size = sizeof(samestory_verdict),
    .relation = SAMESTORY_STORY,
    .probability = 0.97,
    .story = S("a"),
    .of = S("b"),
    .reason_count = 3,
    .reasons = {S("jamieson greer"), S("14 nov"), S("12 %")}};

/* The annotated record as a string, or NULL when it is refused. Copied to its exact size, so that a
 * read behind its end is found by the sanitizer. */
static char *annotated(const char *raw, size_t size, const samestory_verdict *verdict)
{
    char *exact = malloc(size ? size : 1), *out = NULL;
    size_t out_size = 0;
    memcpy(exact, raw, size);
    samestory_record record = SAMESTORY_RECORD_INIT;
    record.raw = (samestory_string){exact, size};
    record.is_json = true;
    samestory_status status = samestory_annotate(&record, verdict, &out, &out_size);
    free(exact);
    if (status) {
        assert_null(out);
        return NULL;
    }
    assert_int_equal(strlen(out), out_size);
    return out;
}

static void check(const char *raw, const char *expected, const samestory_verdict *verdict)
{
    char *out = annotated(raw, strlen(raw), verdict);
    if (!out) fail_msg("refused: %s", raw);
    assert_string_equal(out, expected);
    samestory_free(out);
}

static void member_is_added_last(void **state)
{
    (void)state;
    check("{\"id\":\"a\"}", "{\"id\":\"a\",\"samestory\":" NEW "}", &verdict_new);
    check("{\"id\":\"b\"}",
          "{\"id\":\"b\",\"samestory\":{\"story\":\"a\",\"relation\":\"story\",\"of\":\"b\",\"p\":"
          "0.97,"
          "\"because\":[\"jamieson greer\",\"14 nov\",\"12 %\"]}}",
          &verdict_story);
}

static void empty_object_gets_no_comma(void **state)
{
    (void)state;
    check("{}", "{\"samestory\":" NEW "}", &verdict_new);
    check(" { } ", " {\"samestory\":" NEW " } ", &verdict_new);
}

static void every_other_byte_stays(void **state)
{
    (void)state;
    check(
        "\xEF\xBB\xBF { \"b\" : 1.50e+00 , \"a\":[ 1,{\"x\":\"}\"} ],\t\"b\":\"\\u0041\xFF\" } \r",
        "\xEF\xBB\xBF { \"b\" : 1.50e+00 , \"a\":[ 1,{\"x\":\"}\"} ],\t\"b\":\"\\u0041\xFF\","
        "\"samestory\":" NEW " } \r",
        &verdict_new);
    check("{\"big\":123456789012345678901234567890}",
          "{\"big\":123456789012345678901234567890,\"samestory\":" NEW "}", &verdict_new);
}

static void member_that_is_there_is_replaced(void **state)
{
    (void)state;
    check("{\"samestory\":null,\"id\":1}", "{\"samestory\":" NEW ",\"id\":1}", &verdict_new);
    check("{\"a\":1, \"samestory\" : {\"s\":\"}\\\"]{\",\"t\":[[{}],\"\\\\\"]} ,\"id\":1}",
          "{\"a\":1, \"samestory\" : " NEW " ,\"id\":1}", &verdict_new);
    check("{\"samestory\":[1,2]}", "{\"samestory\":" NEW "}", &verdict_new);
    check("{\"samestory\":-1.5e3}", "{\"samestory\":" NEW "}", &verdict_new);
    check("{\"samestory\":\"a,}\\\"\"}", "{\"samestory\":" NEW "}", &verdict_new);
}

static void replaced_however_its_name_is_escaped(void **state)
{
    (void)state;
    check("{\"s\\u0061me\\u0073tory\":1}", "{\"s\\u0061me\\u0073tory\":" NEW "}", &verdict_new);
}

static void only_the_top_level_member_is_meant(void **state)
{
    (void)state;
    check("{\"meta\":{\"samestory\":1},\"x\":\"samestory\"}",
          "{\"meta\":{\"samestory\":1},\"x\":\"samestory\",\"samestory\":" NEW "}", &verdict_new);
    check("{\"samestory2\":1,\"amestory\":2,\"samestor\":3}",
          "{\"samestory2\":1,\"amestory\":2,\"samestor\":3,\"samestory\":" NEW "}", &verdict_new);
}

static void all_of_several_are_replaced(void **state)
{
    (void)state;
    check("{\"samestory\":1,\"samestory\":2}", "{\"samestory\":" NEW ",\"samestory\":" NEW "}",
          &verdict_new);
}

static void annotating_twice_is_annotating_once(void **state)
{
    (void)state;
    const char *raw = "{\"id\":\"x\",\"text\":\"}{\"}";
    char *once = annotated(raw, strlen(raw), &verdict_story);
    char *twice = annotated(once, strlen(once), &verdict_story);
    assert_string_equal(once, twice);
    samestory_free(once);
    samestory_free(twice);
}

static void what_is_no_object_is_refused(void **state)
{
    (void)state;
    static const char *const broken[] = {"",
                                         "3",
                                         "[]",
                                         "{",
                                         "{\"a\"",
                                         "{\"a\":",
                                         "{\"a\":1",
                                         "{\"a\":1,",
                                         "{\"a\":1,}",
                                         "{\"a\" 1}",
                                         "{a:1}",
                                         "{\"a\":1}}",
                                         "{\"a\":}",
                                         "{} x",
                                         "{\"a\":\"\\",
                                         "{\"samestory",
                                         "{\"samestory\\",
                                         "{\"a\":\"b}",
                                         "{\"samestory\":{",
                                         "{,}",
                                         "\xEF\xBB\xBF",
                                         "{\"s\\u00"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        assert_null(annotated(broken[i], strlen(broken[i]), &verdict_new));
}

/* Whatever the bytes are, the scan stays inside them. */
static void every_beginning_is_safe(void **state)
{
    (void)state;
    const char *raw =
        "{\"s\\u0061mestory\":{\"a\":[\"\\\"}\",{}]} , \"b\" : [1,\"x\"],\"c\":\"\\\\\"}";
    for (size_t size = 0; size <= strlen(raw); size++)
        samestory_free(annotated(raw, size, &verdict_new));
}

static void any_id_gives_valid_json(void **state)
{
    (void)state;
    samestory_verdict v = verdict_story;
    const char id[] = "q\"b\\s\x01\x1f\n\t\x7f\xFF\xC3(\xE4\xBA\xAC\0z";
    v.of = v.story = (samestory_string){id, sizeof id - 1};
    v.reason_count = 0;
    check("{}",
          "{\"samestory\":{\"story\":"
          "\"q\\\"b\\\\s\\u0001\\u001f\\n\\t\\u007f\xEF\xBF\xBD\xEF\xBF\xBD("
          "\xE4\xBA\xAC\\u0000z\",\"relation\":\"story\",\"of\":\"q\\\"b\\\\s\\u0001\\u001f\\n\\t"
          "\\u007f\xEF\xBF\xBD\xEF\xBF\xBD(\xE4\xBA\xAC\\u0000z\",\"p\":0.97,\"because\":[]}}",
          &v);
}

static void probability_is_short(void **state)
{
    (void)state;
    static const struct {
        double p;
        const char *text;
    } cases[] = {{0, "0"},
                 {1, "1"},
                 {0.5, "0.5"},
                 {0.000001, "0.000001"},
                 {0.123456, "0.123456"},
                 {0.1 + 0.2, "0.3"},
                 {0.99999999, "1"},
                 {1e-9, "0"},
                 {0.05, "0.05"},
                 {-1, "0"},
                 {7, "1"},
                 {NAN, "0"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        samestory_verdict v = verdict_new;
        v.probability = cases[i].p;
        char *out = annotated("{}", 2, &v), expected[64] = "\"p\":";
        strcat(strcat(expected, cases[i].text), ",");
        if (!strstr(out, expected)) fail_msg("%s is not in %s", expected, out);
        samestory_free(out);
    }
}

static void text_file_becomes_a_record(void **state)
{
    (void)state;
    samestory_record record = SAMESTORY_RECORD_INIT;
    record.document.id = (samestory_string)S("news/a.txt");
    record.document.title = (samestory_string)S("He said \"no\"");
    record.raw = (samestory_string)S("He said \"no\"\nAnd went.");
    char *out;
    size_t size;
    assert_int_equal(samestory_annotate(&record, &verdict_new, &out, &size), SAMESTORY_OK);
    assert_string_equal(
        out, "{\"id\":\"news/a.txt\",\"title\":\"He said \\\"no\\\"\",\"samestory\":" NEW "}");
    samestory_free(out);
}

static void blank_lines_and_nulls_are_refused(void **state)
{
    (void)state;
    samestory_record record = SAMESTORY_RECORD_INIT;
    record.is_json = record.is_blank = true;
    char *out = NULL;
    size_t size;
    assert_int_equal(samestory_annotate(&record, &verdict_new, &out, &size), SAMESTORY_BAD_RECORD);
    assert_int_equal(samestory_annotate(NULL, &verdict_new, &out, &size), SAMESTORY_BAD_ARGUMENT);
    assert_null(out);
}

/* ---- Bytes at random
 * ----------------------------------------------------------------------------- */

static unsigned next_random(void)
{
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state >> 11);
}

/* Changes a few bytes of text[size], which has room for eight more; returns its new size. */
static size_t spoil(char *text, size_t size)
{
    static const char likely[] = "{}[]\",:\\0u9e-. \x80\xe4t";
    for (unsigned changes = next_random() % 6; changes && size; changes--) {
        size_t at = next_random() % size;
        switch (next_random() % 4) {
        case 0: text[at] = (char)(1 + next_random() % 255); break; /* the result is a C string */
        case 1: memmove(text + at, text + at + 1, --size - at); break;
        case 2: size = at; break;
        default:
            memmove(text + at + 1, text + at, size++ - at);
            text[at] = likely[next_random() % (sizeof likely - 1)];
            break;
        }
    }
    return size;
}

/* What the reader takes for a record, the writer annotates, and the result is a record again. */
static void what_is_valid_stays_valid(void **state)
{
    (void)state;
    static const char *const seeds[] = {
        ("{\"id\":\"a\",\"t\":\"x \\ud83d\\ude00 \\\"}{\",\"samestory\":{\"a\":[1,{\"b\":\"]\"}]},"
         "\"n\":[1.5e3,-0,123456789012345678901234567890,true,null]}"),
        "{ \"s\\u0061mestory\" : -1.5 , \"m\":{\"title\":\"\xE4\xBA\xAC\xFF\"}}", "{}"};
    ss_json *json = ss_json_new();
    size_t valid = 0;
    for (int i = 0; i < 100000; i++) {
        char text[256] = "";
        const char *message;
        strcpy(text, seeds[i % 3]);
        size_t size = spoil(text, strlen(text));
        memset(text + size, 0, SS_INPUT_PADDING);
        if (ss_json_parse(json, text, size, &message)) {
            assert_non_null(message);
            samestory_free(annotated(text, size, &verdict_story)); /* whatever it does, no harm */
            continue;
        }
        valid++;
        char *out = annotated(text, size, &verdict_story);
        assert_non_null(out);
        size_t out_size = strlen(out);
        out = realloc(out, out_size + SS_INPUT_PADDING);
        memset(out + out_size, 0, SS_INPUT_PADDING);
        if (ss_json_parse(json, out, out_size, &message)) fail_msg("%s: %s", message, out);
        samestory_free(out);
    }
    assert_in_range(valid, 10000, 90000);
    ss_json_free(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(member_is_added_last),
        cmocka_unit_test(empty_object_gets_no_comma),
        cmocka_unit_test(every_other_byte_stays),
        cmocka_unit_test(member_that_is_there_is_replaced),
        cmocka_unit_test(replaced_however_its_name_is_escaped),
        cmocka_unit_test(only_the_top_level_member_is_meant),
        cmocka_unit_test(all_of_several_are_replaced),
        cmocka_unit_test(annotating_twice_is_annotating_once),
        cmocka_unit_test(what_is_no_object_is_refused),
        cmocka_unit_test(every_beginning_is_safe),
        cmocka_unit_test(any_id_gives_valid_json),
        cmocka_unit_test(probability_is_short),
        cmocka_unit_test(text_file_becomes_a_record),
        cmocka_unit_test(blank_lines_and_nulls_are_refused),
        cmocka_unit_test(what_is_valid_stays_valid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
