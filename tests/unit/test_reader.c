/* The reader gives back every byte of its files, and the documents that they tell of. */
#include "unit.h"

#include "samestory.h"
#include "text/repair.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

/* ---- Files to read --------------------------------------------------------------------------- */

static char folder[64];

/* A path in the test's folder; valid until the eighth call from here. */
static const char *in_folder(const char *name)
{
    static char paths[8][256];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static const char *file_of(const char *name, const void *bytes, size_t size)
{
    const char *path = in_folder(name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    if (size) assert_int_equal(fwrite(bytes, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
    return path;
}

static const char *text_file(const char *name, const char *text)
{
    return file_of(name, text, strlen(text));
}

/* Appends `text` as one gzip member, or zstd frame, to out; returns the new size. */
static size_t add_gzip(const char *text, unsigned char *out, size_t size, size_t capacity)
{
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    unsigned char *in = (unsigned char *)strdup(text);
    z.next_in = in;
    z.avail_in = (uInt)strlen(text);
    z.next_out = out + size;
    z.avail_out = (uInt)(capacity - size);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    size += z.total_out;
    deflateEnd(&z);
    free(in);
    return size;
}

static size_t add_zstd(const char *text, unsigned char *out, size_t size, size_t capacity)
{
    size_t n = ZSTD_compress(out + size, capacity - size, text, strlen(text), 3);
    assert_false(ZSTD_isError(n));
    return size + n;
}

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/samestory-reader.XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

/* ---- Reading them
 * ---------------------------------------------------------------------------------- */

static samestory_reader *opened_with(const char *path, const samestory_reader_options *options)
{
    samestory_reader *reader = NULL;
    samestory_error error = {0};
    samestory_status status = samestory_reader_open(&path, 1, options, &reader, &error);
    if (status) fail_msg("%s: %s", path, error.message);
    return reader;
}

static samestory_reader *opened(const char *path)
{
    return opened_with(path, NULL);
}

static void expect_text(samestory_string got, const char *expected)
{
    if (got.size != strlen(expected) || memcmp(got.data, expected, got.size) != 0)
        fail_msg("got \"%.*s\", not \"%s\"", (int)got.size, got.data ? got.data : "", expected);
}

static samestory_record next(samestory_reader *reader, samestory_status expected)
{
    samestory_record record = SAMESTORY_RECORD_INIT;
    samestory_error error = {0};
    samestory_status status = samestory_reader_next(reader, &record, &error);
    if (status != expected)
        fail_msg("%s instead of %s: %s", samestory_status_name(status),
                 samestory_status_name(expected), status ? error.message : "");
    return record;
}

/* The only record of a file. */
static samestory_record only(samestory_reader **reader, const char *json)
{
    *reader = opened(text_file("one.jsonl", json));
    return next(*reader, SAMESTORY_OK);
}

/* Puts a file together again from its records; counts them. */
static char *read_back(samestory_reader *reader, size_t *count)
{
    char *all = NULL;
    size_t size = 0;
    for (*count = 0;; (*count)++) {
        samestory_record r = SAMESTORY_RECORD_INIT;
        samestory_status status = samestory_reader_next(reader, &r, NULL);
        if (status == SAMESTORY_END) break;
        assert_true(status == SAMESTORY_OK || status == SAMESTORY_BAD_RECORD);
        all = realloc(all, size + r.raw.size + r.line_end.size + 1);
        memcpy(all + size, r.raw.data, r.raw.size);
        memcpy(all + size + r.raw.size, r.line_end.data, r.line_end.size);
        size += r.raw.size + r.line_end.size;
    }
    if (!all) all = malloc(1);
    all[size] = 0;
    return all;
}

static void expect_back(samestory_reader *reader, const char *text, size_t records)
{
    size_t count;
    char *all = read_back(reader, &count);
    assert_string_equal(all, text);
    assert_int_equal(count, records);
    free(all);
}

static void expect_failure(const char *path, const char *word)
{
    samestory_reader *reader = NULL;
    samestory_error error = {0};
    samestory_record record = SAMESTORY_RECORD_INIT;
    samestory_status status = samestory_reader_open(&path, 1, NULL, &reader, &error);
    while (!status || status == SAMESTORY_BAD_RECORD)
        status = samestory_reader_next(reader, &record, &error);
    assert_int_equal(status, SAMESTORY_INPUT_FAILED);
    assert_string_equal(error.file, path);
    if (!strstr(error.message, word)) fail_msg("\"%s\" does not say %s", error.message, word);
    samestory_reader_free(reader);
}

/* ---- Fields
 * --------------------------------------------------------------------------------------- */

static void fields_of_known_corpora(void **state)
{
    (void)state;
    static const char *const records[] = {
        /* C4, CC-News, FineWeb, OSCAR, dolma, datatrove, Event Registry, miniflux, JSON Feed, HPLT
         */
        "{\"text\":\"T\",\"url\":\"U\",\"timestamp\":\"2024-11-14T00:00:00Z\"}",
        "{\"title\":\"H\",\"text\":\"T\",\"url\":\"U\",\"date\":\"2024-11-14 00:00:00\"}",
        "{\"text\":\"T\",\"id\":\"I\",\"url\":\"U\",\"date\":\"2024-11-14\",\"language\":\"nl\"}",
        "{\"content\":\"T\",\"warc_headers\":{\"warc-record-id\":\"I\",\"warc-target-uri\":\"U\","
        "\"warc-date\":\"2024-11-14T00:00:00Z\"},\"metadata\":{\"identification\":{\"label\":"
        "\"nl\","
        "\"prob\":0.9}}}",
        "{\"id\":\"I\",\"text\":\"T\",\"created\":\"2024-11-14T00:00:00Z\",\"added\":\"2025-01-"
        "01\","
        "\"metadata\":{\"title\":\"H\",\"url\":\"U\"}}",
        "{\"id\":\"I\",\"text\":\"T\",\"metadata\":{\"title\":\"H\",\"url\":\"U\",\"date\":"
        "\"2024-11-14\",\"language\":\"nl\"}}",
        "{\"uri\":\"I\",\"body\":\"T\",\"title\":\"H\",\"url\":\"U\",\"date\":\"2024-11-14\","
        "\"time\":"
        "\"00:00:00\",\"lang\":\"nl\"}",
        "{\"id\":7,\"title\":\"H\",\"content\":\"T\",\"url\":\"U\",\"published_at\":"
        "\"2024-11-14T01:00:00+01:00\"}",
        "{\"id\":\"I\",\"title\":\"H\",\"content_html\":\"T\",\"url\":\"U\",\"date_published\":"
        "\"2024-11-14T00:00:00Z\",\"language\":\"nl\"}",
        "{\"id\":\"I\",\"u\":\"U\",\"ts\":\"2024-11-14T00:00:00Z\",\"text\":\"T\",\"lang\":[\"nl\"]"
        "}",
    };
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        samestory_reader *reader;
        samestory_record r = only(&reader, records[i]);
        expect_text(r.document.text, "T");
        expect_text(r.document.url, "U");
        expect_text(r.document.id, i < 2 ? "U" : i == 7 ? "7" : "I");
        assert_int_equal(r.document.date, 1731542400);
        if (strstr(records[i], "title")) expect_text(r.document.title, "H");
        if (strstr(records[i], "nl")) expect_text(r.document.language, "nl");
        samestory_reader_free(reader);
    }
}

static void html_in_records_is_read_as_such(void **state)
{
    (void)state;
    static const char *const records[][2] = {
        {"{\"content_html\":\"one &amp; two\"}", "one & two"},
        {"{\"content\":\"<p>First.</p><p>Caf&eacute;.</p>\"}", "First.\nCafé."},
        {"{\"content\":\"A line<br>and <b>another<\\/b>\"}", "A line\nand another"},
        {"{\"summary\":\" <a href='x'>linked</a> words\"}", "linked words"},
        {"{\"metadata\":{\"page\":\"<div>in a div</div>\"}}", "in a div"},
        /* What only looks like it stays. */
        {"{\"content\":\"1 < 2 &amp; 3 > 2\"}", "1 < 2 &amp; 3 > 2"},
        {"{\"content\":\"The tag <b> makes bold\"}", "The tag <b> makes bold"},
        {"{\"text\":\"<p>A manual of HTML.</p>\"}", "<p>A manual of HTML.</p>"},
    };
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        samestory_reader_options o = SAMESTORY_READER_OPTIONS_INIT;
        if (i == 4) o.text_field = "metadata.page";
        samestory_reader *reader = opened_with(text_file("html.jsonl", records[i][0]), &o);
        samestory_record r = next(reader, SAMESTORY_OK);
        expect_text(r.document.text, records[i][1]);
        samestory_reader_free(reader);
    }
}

static void lines_of_sfeed_are_documents(void **state)
{
    (void)state;
    static const char lines[] =
        "1731542400\tFirst\thttps://a.org/1\t<p>One</p>\\n<p>two</p>\thtml\tid-1\tA. "
        "Author\t\tnews\n"
        "1731542401\tSecond\thttps://a.org/2\ttab\\tnewline\\nbackslash\\\\n\tplain\t\t\t\t\n"
        "no line of sfeed\n"
        "\tThird\t\t\t\t\t\t\t\n";
    samestory_reader *reader = opened(text_file("feed", lines));
    for (int lines_only = 0; lines_only < 2; lines_only++) {
        assert_int_equal(samestory_reader_rewind(reader, lines_only, NULL), SAMESTORY_OK);
        samestory_record r = next(reader, SAMESTORY_OK);
        assert_false(r.is_json);
        expect_text(r.document.id, "id-1");
        expect_text(r.document.title, "First");
        expect_text(r.document.url, "https://a.org/1");
        expect_text(r.document.text, "One\ntwo");
        assert_int_equal(r.document.date, 1731542400);
        r = next(reader, SAMESTORY_OK);
        expect_text(r.document.id, "https://a.org/2");
        expect_text(r.document.text, "tab\tnewline\nbackslash\\n");
        r = next(reader, SAMESTORY_BAD_RECORD);
        assert_int_equal(r.line, 3);
        r = next(reader, SAMESTORY_OK);
        assert_int_equal(r.document.date, SAMESTORY_NO_DATE);
        assert_memory_equal(r.document.id.data, "xxh3:", 5);
        next(reader, SAMESTORY_END);
    }
    samestory_reader_free(reader);
    /* A table of anything else is none. */
    reader = opened(text_file("table", "1\t2\t3\t4\t5\t6\t7\t8\t9\n"));
    assert_true(next(reader, SAMESTORY_BAD_RECORD).is_json);
    samestory_reader_free(reader);
}

static void field_that_no_record_has_is_told(void **state)
{
    (void)state;
    samestory_reader_options o = SAMESTORY_READER_OPTIONS_INIT;
    o.text_field = "txet";
    o.title_field = "head.line";
    samestory_reader *reader =
        opened_with(text_file("f.jsonl", "{\"text\":\"a\"}\n{\"head\":{\"line\":\"b\"}}\n"), &o);
    assert_false(samestory_reader_missed(reader, SAMESTORY_FIELD_TEXT)); /* nothing read yet */
    next(reader, SAMESTORY_OK);
    next(reader, SAMESTORY_OK);
    assert_true(samestory_reader_missed(reader, SAMESTORY_FIELD_TEXT));
    assert_false(samestory_reader_missed(reader, SAMESTORY_FIELD_TITLE));
    assert_false(samestory_reader_missed(reader, SAMESTORY_FIELD_ID)); /* nobody named it */
    samestory_reader_free(reader);
}

static void names_with_dots_are_found(void **state)
{
    (void)state;
    samestory_reader *reader;
    samestory_record r = only(&reader, "{\"text\":\"t\",\"metadata.title\":\"flat\"}");
    expect_text(r.document.title, "flat");
    samestory_reader_free(reader);
    samestory_reader_options o = SAMESTORY_READER_OPTIONS_INIT;
    o.text_field = "a.b.c";
    reader =
        opened_with(text_file("dots.jsonl", "{\"a.b\":{\"c\":\"1\"}}\n{\"a\":{\"b.c\":\"2\"}}\n"
                                            "{\"a\":{\"b\":{\"c\":\"3\"}}}\n{\"text\":\"4\"}\n"),
                    &o);
    for (const char *text = "123"; *text; text++)
        expect_text(next(reader, SAMESTORY_OK).document.text, (char[]){*text, 0});
    assert_int_equal(next(reader, SAMESTORY_OK).document.text.size, 0);
    samestory_reader_free(reader);
}

static void named_fields_win(void **state)
{
    (void)state;
    samestory_reader_options o = SAMESTORY_READER_OPTIONS_INIT;
    o.text_field = "x";
    o.title_field = "y";
    o.id_field = "z.i";
    o.date_field = "d";
    o.label_field = "story";
    samestory_reader *reader = opened_with(
        text_file("named.jsonl",
                  "{\"text\":\"no\",\"title\":\"no\",\"id\":\"no\",\"date\":\"2001-01-01\","
                  "\"x\":\"text\",\"y\":\"title\",\"z\":{\"i\":\"id\"},"
                  "\"d\":1731542400000,\"story\":12}"),
        &o);
    samestory_record r = next(reader, SAMESTORY_OK);
    expect_text(r.document.text, "text");
    expect_text(r.document.title, "title");
    expect_text(r.document.id, "id");
    expect_text(r.label, "12");
    assert_int_equal(r.document.date, 1731542400);
    samestory_reader_free(reader);
}

static void numbers_are_ids_as_they_stand(void **state)
{
    (void)state;
    static const char *const ids[] = {
        "7", "-12", "18446744073709551615", "1.5", "0", "123456789012345678901234567890", "1e999"};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        char json[128];
        snprintf(json, sizeof json, "{\"id\":%s,\"text\":\"t\"}", ids[i]);
        samestory_reader *reader;
        expect_text(only(&reader, json).document.id, ids[i]);
        samestory_reader_free(reader);
    }
}

static void record_without_anything_is_a_document(void **state)
{
    (void)state;
    samestory_reader *reader = opened(
        text_file("empty.jsonl", "{}\n{}\n{\"text\":\"x\"}\n{\"title\":\"x\"}\n{\"a\":null}\n"));
    char first[64];
    samestory_record r = next(reader, SAMESTORY_OK);
    assert_int_equal(r.document.text.size, 0);
    assert_int_equal(r.document.date, SAMESTORY_NO_DATE);
    assert_int_equal(r.document.id.size, 21);
    memcpy(first, r.document.id.data, 21);
    assert_memory_equal(first, "xxh3:", 5);
    assert_memory_equal(next(reader, SAMESTORY_OK).document.id.data, first, 21);
    char text[64];
    memcpy(text, next(reader, SAMESTORY_OK).document.id.data, 21);
    assert_memory_not_equal(text, first, 21);
    assert_memory_not_equal(next(reader, SAMESTORY_OK).document.id.data, text, 21);
    assert_memory_equal(next(reader, SAMESTORY_OK).document.id.data, first, 21);
    next(reader, SAMESTORY_END);
    samestory_reader_free(reader);
}

/* ---- Lines
 * ----------------------------------------------------------------------------------------- */

static void broken_records_are_named_and_passed_over(void **state)
{
    (void)state;
    const char *text =
        "{\"id\":\"1\"}\n{\"id\":\"2\"}\n{\"id\":\"3\n{\"id\":\"4\"}\n3\n[]\n\"x\"\n"
        "{\"a\":1}{\"b\":2}\n{\"a\":01}\n{\"a\":tru}\n{1:2}\n{1 :2}\n{\"a\":\"\t\"}\n"
        "{\"a\":\"\\x\"}\nnull\n{\"a\":1,}\n{\"id\":\"17\"}\n";
    const char *path = text_file("broken.jsonl", text);
    samestory_reader *reader = opened(path);
    for (uint64_t line = 1; line <= 17; line++) {
        bool good = line == 1 || line == 2 || line == 4 || line == 17;
        samestory_record r = SAMESTORY_RECORD_INIT;
        samestory_error error = {0};
        samestory_status status = samestory_reader_next(reader, &r, &error);
        if (status != (good ? SAMESTORY_OK : SAMESTORY_BAD_RECORD))
            fail_msg("line %d: %s", (int)line, samestory_status_name(status));
        assert_int_equal(r.line, line);
        if (good) continue;
        assert_int_equal(error.line, line);
        assert_string_equal(error.file, path);
    }
    next(reader, SAMESTORY_END);
    assert_int_equal(samestory_reader_rewind(reader, true, NULL), SAMESTORY_OK);
    expect_back(reader, text, 17);
    samestory_reader_free(reader);
}

static void every_byte_comes_back(void **state)
{
    (void)state;
    const char *text =
        "\xEF\xBB\xBF{\"id\":\"1\"}\r\n\r\n \t \n{ \"id\" : \"2\" } \r\n\n{\"id\":\"3\"}";
    samestory_reader *reader = opened(text_file("bytes.jsonl", text));
    samestory_record r = next(reader, SAMESTORY_OK);
    expect_text(r.document.id, "1");
    expect_text(r.line_end, "\r\n");
    assert_true(next(reader, SAMESTORY_OK).is_blank);
    assert_true(next(reader, SAMESTORY_OK).is_blank);
    r = next(reader, SAMESTORY_OK);
    expect_text(r.document.id, "2");
    assert_false(r.is_blank);
    assert_true(next(reader, SAMESTORY_OK).is_blank);
    r = next(reader, SAMESTORY_OK);
    expect_text(r.document.id, "3");
    expect_text(r.line_end, "");
    next(reader, SAMESTORY_END);
    next(reader, SAMESTORY_END);
    for (int lines_only = 0; lines_only < 2; lines_only++) {
        assert_int_equal(samestory_reader_rewind(reader, lines_only, NULL), SAMESTORY_OK);
        expect_back(reader, text, 6);
    }
    samestory_reader_free(reader);
}

static void empty_files_have_no_records(void **state)
{
    (void)state;
    samestory_reader *reader = opened(text_file("nothing.jsonl", ""));
    next(reader, SAMESTORY_END);
    samestory_reader_free(reader);
    reader = opened("/dev/null");
    next(reader, SAMESTORY_END);
    samestory_reader_free(reader);
    assert_int_equal(samestory_reader_open(NULL, 0, NULL, &reader, NULL), SAMESTORY_OK);
    next(reader, SAMESTORY_END);
    samestory_reader_free(reader);
}

static void bytes_that_are_not_utf8_are_replaced_in_the_document_only(void **state)
{
    (void)state;
    samestory_reader *reader;
    const char *raw =
        "{\"id\":\"a\xFF\",\"text\":\"\xC3(\xE4\xBA\",\"title\":\"\\ud800 \\ud83d\\ude00\"}";
    samestory_record r = only(&reader, raw);
    expect_text(r.raw, raw);
    expect_text(r.document.id, "a\xEF\xBF\xBD");
    expect_text(r.document.text, "\xEF\xBF\xBD(\xEF\xBF\xBD\xEF\xBF\xBD");
    expect_text(r.document.title, "\xEF\xBF\xBD \xF0\x9F\x98\x80");
    samestory_reader_free(reader);
}

static void long_records_come_in_pieces(void **state)
{
    (void)state;
    samestory_reader_options o = SAMESTORY_READER_OPTIONS_INIT;
    o.max_record_bytes = 10;
    const char *text = "{\"a\":\"567\"}\n{\"a\":1234}\r\n0123456789\r\n{}\n01234567890\n{}";
    samestory_reader *reader = opened_with(text_file("pieces.jsonl", text), &o);
    uint64_t lines[] = {1, 1, 2, 3, 4, 5, 5, 6};
    for (size_t i = 0; i < 8; i++) {
        bool good = lines[i] == 2 || lines[i] == 4 || lines[i] == 6;
        assert_int_equal(next(reader, good ? SAMESTORY_OK : SAMESTORY_BAD_RECORD).line, lines[i]);
    }
    next(reader, SAMESTORY_END);
    assert_int_equal(samestory_reader_rewind(reader, true, NULL), SAMESTORY_OK);
    expect_back(reader, text, 8);
    samestory_reader_free(reader);
}

/* Lines around the size of the buffer and of its growth; all lengths must come back. */
static void lines_of_any_length(void **state)
{
    (void)state;
    static const size_t lengths[] = {0,       1,       262143,  262144, 1048575,
                                     1048576, 1048577, 3000000, 5,      5242880};
    size_t size = 0, count = sizeof lengths / sizeof *lengths;
    char *text = malloc(13 << 20);
    for (size_t i = 0; i < count; i++) {
        memset(text + size, 'a' + (int)i, lengths[i]);
        size += lengths[i];
        text[size++] = '\n';
    }
    text[size] = 0;
    samestory_reader_options o = SAMESTORY_READER_OPTIONS_INIT;
    o.lines_only = true;
    samestory_reader *reader = opened_with(file_of("lengths.jsonl", text, size), &o);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(next(reader, SAMESTORY_OK).raw.size, lengths[i]);
    next(reader, SAMESTORY_END);
    assert_int_equal(samestory_reader_rewind(reader, true, NULL), SAMESTORY_OK);
    expect_back(reader, text, count);
    samestory_reader_free(reader);
    free(text);
}

static void parsed_strings_outlive_the_padding_of_the_last_record(void **state)
{
    (void)state;
    for (size_t size = 1; size < 200; size++) {
        char json[256];
        snprintf(json, sizeof json, "{\"text\":\"%0*d\"}", (int)size, 7);
        samestory_reader *reader;
        assert_int_equal(only(&reader, json).document.text.size, size);
        samestory_reader_free(reader);
    }
}

/* ---- Compression
 * ------------------------------------------------------------------------------------- */

static const char two_lines[] = "{\"id\":\"1\"}\n{\"id\":\"2\"}\n";

static void gzip_of_two_members(void **state)
{
    (void)state;
    unsigned char packed[1024];
    size_t size = add_gzip("{\"id\":\"1\"}\n{\"id\"", packed, 0, sizeof packed);
    size = add_gzip(":\"2\"}\n", packed, size, sizeof packed);
    memset(packed + size, 0, 100); /* padding, as tapes have it */
    for (size_t zeros = 0; zeros <= 100; zeros += 50) {
        samestory_reader *reader = opened(file_of("named-at-will", packed, size + zeros));
        expect_back(reader, two_lines, 2);
        assert_int_equal(samestory_reader_rewind(reader, false, NULL), SAMESTORY_OK);
        expect_text(next(reader, SAMESTORY_OK).document.id, "1");
        expect_text(next(reader, SAMESTORY_OK).document.id, "2");
        samestory_reader_free(reader);
    }
}

static void zstd_of_two_frames(void **state)
{
    (void)state;
    unsigned char packed[1024];
    size_t size = add_zstd("{\"id\":\"1\"}\n{\"id\"", packed, 0, sizeof packed);
    memcpy(packed + size, "\x50\x2A\x4D\x18\x04\0\0\0skip", 12);
    size = add_zstd(":\"2\"}\n", packed, size + 12, sizeof packed);
    samestory_reader *reader = opened(file_of("frames", packed, size));
    expect_back(reader, two_lines, 2);
    uint64_t done, total;
    samestory_reader_progress(reader, &done, &total);
    assert_int_equal(done, size);
    assert_int_equal(total, size);
    samestory_reader_free(reader);
}

/* Every way of cutting a compressed file short is noticed, and none is taken for its end. */
static void truncated_files_fail(void **state)
{
    (void)state;
    unsigned char packed[1024];
    size_t size = add_gzip(two_lines, packed, 0, sizeof packed);
    for (size_t cut = 3; cut < size; cut++)
        expect_failure(file_of("cut.gz", packed, cut), "too early");
    size = add_zstd(two_lines, packed, 0, sizeof packed);
    for (size_t cut = 4; cut < size; cut++)
        expect_failure(file_of("cut.zst", packed, cut), "too early");
}

static void damaged_files_fail(void **state)
{
    (void)state;
    unsigned char packed[1024];
    size_t size = add_gzip(two_lines, packed, 0, sizeof packed);
    packed[size - 6] ^= 0x55; /* in the checksum */
    expect_failure(file_of("bad.gz", packed, size), "damaged");
    packed[size - 6] ^= 0x55;
    memcpy(packed + size, "garbage", 7);
    expect_failure(file_of("tail.gz", packed, size + 7), "damaged");
    size = add_zstd(two_lines, packed, 0, sizeof packed);
    memcpy(packed + size, "garbage", 7);
    expect_failure(file_of("tail.zst", packed, size + 7), "damaged");
}

/* ---- Files, folders, pipes
 * ------------------------------------------------------------------------------ */

static void files_that_cannot_be_read(void **state)
{
    (void)state;
    expect_failure(in_folder("nowhere.jsonl"), "can't open");
    expect_failure(in_folder("one.jsonl/x"), "can't open");
}

static void text_file_is_a_document(void **state)
{
    (void)state;
    const char *path = text_file("story.txt", "\xEF\xBB\xBFThe title\r\nThe text.\nMore.");
    samestory_reader *reader = opened(path);
    for (int lines_only = 0; lines_only < 2; lines_only++) {
        samestory_record r = next(reader, SAMESTORY_OK);
        assert_false(r.is_json);
        expect_text(r.document.id, path);
        expect_text(r.document.title, "The title");
        expect_text(r.document.text, "The text.\nMore.");
        next(reader, SAMESTORY_END);
        assert_int_equal(samestory_reader_rewind(reader, true, NULL), SAMESTORY_OK);
    }
    samestory_reader_free(reader);
}

static void folder_is_walked_in_byte_order(void **state)
{
    (void)state;
    static const char *const folders[] = {"walk", "walk/b", "walk/a", "walk/.hidden", "walk/empty"};
    for (size_t i = 0; i < 5; i++) assert_int_equal(mkdir(in_folder(folders[i]), 0777), 0);
    text_file("walk/b/two", "Title two\nText");
    text_file("walk/a/one.html", "Title one");
    text_file("walk/c.txt", "");
    text_file("walk/B.jsonl", "{\"id\":\"line 1\"}\n{\"id\":\"line 2\"}\n");
    text_file("walk/.hidden/x", "never");
    text_file("walk/.secret", "never");
    assert_int_equal(symlink("../walk", in_folder("walk/loop")), 0);
    const char *ends[] = {"line 1", "line 2", "walk/a/one.html", "walk/b/two", "walk/c.txt"};
    samestory_reader *reader = opened(in_folder("walk"));
    for (size_t i = 0; i < 5; i++) {
        samestory_record r = next(reader, SAMESTORY_OK);
        expect_text(r.document.id, i < 2 ? ends[i] : in_folder(ends[i]));
        if (i == 2) expect_text(r.document.title, "Title one");
    }
    next(reader, SAMESTORY_END);
    samestory_reader_free(reader);
    reader = opened(in_folder("walk/b/")); /* no second slash */
    expect_text(next(reader, SAMESTORY_OK).document.id, in_folder("walk/b/two"));
    samestory_reader_free(reader);
}

static void pipe_is_read_twice(void **state)
{
    (void)state;
    int ends[2];
    char path[64];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], two_lines, strlen(two_lines)), (ssize_t)strlen(two_lines));
    close(ends[1]);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    samestory_reader *reader = opened(path);
    close(ends[0]);
    expect_back(reader, two_lines, 2);
    assert_int_equal(samestory_reader_rewind(reader, true, NULL), SAMESTORY_OK);
    expect_back(reader, two_lines, 2);
    samestory_reader_free(reader);
}

static void spool_folder_must_be_there(void **state)
{
    (void)state;
    samestory_reader_options o = SAMESTORY_READER_OPTIONS_INIT;
    o.spool_folder = "/nowhere/at/all";
    const char *path = "/dev/null";
    samestory_reader *reader = NULL;
    samestory_error error;
    assert_int_equal(samestory_reader_open(&path, 1, &o, &reader, &error), SAMESTORY_INPUT_FAILED);
    assert_string_equal(error.file, o.spool_folder);
    assert_null(reader);
}

static void changed_file_is_not_read_again(void **state)
{
    (void)state;
    const char *path = text_file("changing.jsonl", two_lines);
    samestory_reader *reader = opened(path);
    expect_back(reader, two_lines, 2);
    FILE *f = fopen(path, "a");
    fputs("{}\n", f);
    fclose(f);
    samestory_error error;
    assert_int_equal(samestory_reader_rewind(reader, true, &error), SAMESTORY_INPUT_FAILED);
    assert_string_equal(error.file, path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(samestory_reader_rewind(reader, true, &error), SAMESTORY_INPUT_FAILED);
    samestory_reader_free(reader);
}

static void several_files_are_one_input(void **state)
{
    (void)state;
    char a[256], b[256];
    strcpy(a, text_file("a.jsonl", "{\"id\":\"1\"}"));
    strcpy(b, text_file("b.jsonl", "\xEF\xBB\xBF{\"id\":\"2\"}\n"));
    const char *paths[] = {a, b};
    samestory_reader *reader;
    assert_int_equal(samestory_reader_open(paths, 2, NULL, &reader, NULL), SAMESTORY_OK);
    samestory_record r = next(reader, SAMESTORY_OK);
    assert_string_equal(r.file, a);
    expect_text(r.document.id, "1");
    r = next(reader, SAMESTORY_OK);
    assert_string_equal(r.file, b);
    assert_int_equal(r.line, 1);
    expect_text(r.document.id, "2");
    next(reader, SAMESTORY_END);
    samestory_reader_free(reader);
}

static void mistakes_of_the_caller_are_told(void **state)
{
    (void)state;
    samestory_reader *reader = NULL;
    assert_int_equal(samestory_reader_open(NULL, 1, NULL, &reader, NULL), SAMESTORY_BAD_ARGUMENT);
    assert_int_equal(samestory_reader_open(NULL, 0, NULL, NULL, NULL), SAMESTORY_BAD_ARGUMENT);
    assert_int_equal(samestory_reader_next(NULL, NULL, NULL), SAMESTORY_BAD_ARGUMENT);
    assert_int_equal(samestory_reader_rewind(NULL, false, NULL), SAMESTORY_BAD_ARGUMENT);
    samestory_reader_free(NULL);
}

/* ---- Repair
 * ------------------------------------------------------------------------------------------------
 */

static void repair_stays_within_its_count(void **state)
{
    (void)state;
    const char *text =
        "{\"a\\\xFF\\u\\ud8\\ud800\\ud800\\udc00\\\":[-1.5e+3, 00,1 , -,1:2],\"\xF0\x9F\\";
    for (size_t size = 0; size <= strlen(text); size++) {
        char *exact = malloc(size ? size : 1);
        memcpy(exact, text, size);
        size_t needed = ss_json_repair(exact, size, NULL);
        assert_true(needed <= 3 * size);
        char *out = malloc(needed ? needed : 1);
        assert_int_equal(ss_json_repair(exact, size, out), needed);
        free(out);
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_of_known_corpora),
        cmocka_unit_test(html_in_records_is_read_as_such),
        cmocka_unit_test(lines_of_sfeed_are_documents),
        cmocka_unit_test(field_that_no_record_has_is_told),
        cmocka_unit_test(names_with_dots_are_found),
        cmocka_unit_test(named_fields_win),
        cmocka_unit_test(numbers_are_ids_as_they_stand),
        cmocka_unit_test(record_without_anything_is_a_document),
        cmocka_unit_test(broken_records_are_named_and_passed_over),
        cmocka_unit_test(every_byte_comes_back),
        cmocka_unit_test(empty_files_have_no_records),
        cmocka_unit_test(bytes_that_are_not_utf8_are_replaced_in_the_document_only),
        cmocka_unit_test(long_records_come_in_pieces),
        cmocka_unit_test(lines_of_any_length),
        cmocka_unit_test(parsed_strings_outlive_the_padding_of_the_last_record),
        cmocka_unit_test(gzip_of_two_members),
        cmocka_unit_test(zstd_of_two_frames),
        cmocka_unit_test(truncated_files_fail),
        cmocka_unit_test(damaged_files_fail),
        cmocka_unit_test(files_that_cannot_be_read),
        cmocka_unit_test(text_file_is_a_document),
        cmocka_unit_test(folder_is_walked_in_byte_order),
        cmocka_unit_test(pipe_is_read_twice),
        cmocka_unit_test(spool_folder_must_be_there),
        cmocka_unit_test(changed_file_is_not_read_again),
        cmocka_unit_test(several_files_are_one_input),
        cmocka_unit_test(mistakes_of_the_caller_are_told),
        cmocka_unit_test(repair_stays_within_its_count),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
