/* Crawl dumps are read as they are: every record that holds a text is a document, every other one
 * is counted, and a damaged one costs itself only. */
#include "crawl.h"

#include <zdict.h>

/* ---- As they should be ----------------------------------------------------------------------- */

static void conversion_is_a_document(void **state)
{
    (void)state;
    bytes b = {0};
    add_record(&b, "warcinfo", 1, "", "isPartOf: CC-MAIN-2024-10\r\n");
    add_record(&b, "conversion", 2,
               "warc-target-uri:   https://example.org/a?b=1  \r\n"
               "WARC-Date: 2024-11-14T08:30:00Z\r\nContent-Type: text/plain\r\n"
               "WARC-Identified-Content-Language: vie,eng\r\n",
               "Một tiêu đề\nDòng đầu.\nDòng sau.");
    samestory_reader *reader = opened(&b, NULL);
    samestory_record r = SAMESTORY_RECORD_INIT;
    assert_int_equal(samestory_reader_next(reader, &r, NULL), SAMESTORY_OK);
    expect_text(r.document.id, "<urn:uuid:2>");
    expect_text(r.document.url, "https://example.org/a?b=1");
    expect_text(r.document.title, "Một tiêu đề");
    expect_text(r.document.text, "Dòng đầu.\nDòng sau.");
    expect_text(r.document.language, "vie");
    assert_int_equal(r.document.date, samestory_parse_date("2024-11-14T08:30:00Z", 20));
    assert_int_equal(r.line, 2);
    expect_text(r.line_end, "\r\n\r\n");
    assert_memory_equal(r.raw.data, "WARC/1.0\r\n", 10);
    assert_int_equal(samestory_reader_next(reader, &r, NULL), SAMESTORY_END);
    assert_int_equal(samestory_reader_skipped(reader, SAMESTORY_SKIPPED_WARCINFO), 1);
    samestory_reader_free(reader);
    clear(&b);
}

static void without_id_the_url_without_url_the_content(void **state)
{
    (void)state;
    bytes b = {0};
    add_format(&b, "WARC/1.0\nWARC-Type: conversion\nWARC-Target-URI: <http://a.org/>\n"
                   "Content-Length: 4\n\ntext\n\n");
    add_format(&b, "WARC/1.1\nWARC-Type: conversion\nContent-Length: 4\n\ntext\n\n");
    samestory_reader *reader = opened(&b, NULL);
    samestory_record r = SAMESTORY_RECORD_INIT;
    assert_int_equal(samestory_reader_next(reader, &r, NULL), SAMESTORY_OK);
    expect_text(r.document.id, "http://a.org/");
    assert_int_equal(r.document.date, SAMESTORY_NO_DATE);
    assert_int_equal(samestory_reader_next(reader, &r, NULL), SAMESTORY_OK);
    assert_memory_equal(r.document.id.data, "xxh3:", 5);
    assert_int_equal(samestory_reader_next(reader, &r, NULL), SAMESTORY_END);
    samestory_reader_free(reader);
    clear(&b);
}

static void other_records_are_counted(void **state)
{
    (void)state;
    static const char *const types[] = {"request",  "metadata",     "revisit",
                                        "warcinfo", "continuation", "of-tomorrow"};
    bytes b = {0};
    for (int i = 0; i < 6; i++) add_record(&b, types[i], i, "", "GET / HTTP/1.1\r\n\r\n");
    add_record(&b, "conversion", 7, "Content-Type: application/json\r\n", "{}");
    add_record(&b, "response", 8, "Content-Type: application/http; msgtype=response\r\n",
               "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<html>gone</html>");
    add_record(&b, "response", 9, "Content-Type: application/http; msgtype=response\r\n",
               "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n\x89PNG");
    add_record(&b, "response", 10, "Content-Type: text/dns\r\n", "20240101000000\nexample.org.\n");
    add_text(&b, 11);
    samestory_reader *reader = opened(&b, NULL);
    expect_stream(reader, "11");
    static const unsigned counts[SAMESTORY_SKIPS] = {2, 1, 1, 1, 1, 1, 3};
    for (int i = 0; i < SAMESTORY_SKIPS; i++) {
        if (samestory_reader_skipped(reader, (samestory_skip)i) != counts[i])
            fail_msg("%s", samestory_skip_name((samestory_skip)i));
    }
    samestory_reader_free(reader);
    clear(&b);
}

static void packed_in_any_way(void **state)
{
    (void)state;
    bytes plain = {0}, one = {0}, members = {0}, whole = {0}, frames = {0};
    for (int i = 1; i <= 5; i++) {
        clear(&one);
        add_text(&one, i);
        add(&plain, one.data, one.size);
        add_gzip(&members, &one);
        add_zstd(&frames, &one);
    }
    add_gzip(&whole, &plain);
    expect(&plain, "1 2 3 4 5");
    expect(&members, "1 2 3 4 5");
    expect(&whole, "1 2 3 4 5");
    expect(&frames, "1 2 3 4 5");
    clear(&plain), clear(&one), clear(&members), clear(&whole), clear(&frames);
}

/* .warc.zst: the first frame is a skippable one with the dictionary of all others, itself packed or
 * not. */
static void frames_with_a_dictionary(void **state)
{
    (void)state;
    bytes samples = {0};
    size_t sizes[400];
    for (int i = 0; i < 400; i++) {
        size_t before = samples.size;
        add_text(&samples, i * 7919);
        sizes[i] = samples.size - before;
    }
    char dictionary[8192];

    size_t size = ZDICT_trainFromBuffer(dictionary, sizeof dictionary, samples.data, sizes, 400);
    assert_false(ZSTD_isError(size));
    for (int packed = 0; packed < 2; packed++) {
        bytes b = {0}, inner = {0}, one = {0};
        bytes given = {dictionary, size, 0};
        if (packed)
            add_zstd(&inner, &given);
        else
            add(&inner, dictionary, size);
        unsigned char head[8] = {
            0x5D, 0x2A, 0x4D, 0x18, (unsigned char)inner.size, (unsigned char)(inner.size >> 8)};
        add(&b, head, 8);
        add(&b, inner.data, inner.size);
        ZSTD_CCtx *context = ZSTD_createCCtx();
        for (int i = 1; i <= 3; i++) {
            char out[4096];
            clear(&one);
            add_text(&one, i);
            size_t n = ZSTD_compress_usingDict(context, out, sizeof out, one.data, one.size,
                                               dictionary, size, 3);
            assert_false(ZSTD_isError(n));
            add(&b, out, n);
        }
        ZSTD_freeCCtx(context);
        expect(&b, "1 2 3");
        clear(&b), clear(&inner), clear(&one);
    }
    clear(&samples);
}

static void shares_are_whole_and_apart(void **state)
{
    (void)state;
    bytes b = {0};
    for (int i = 1; i <= 7; i++) {
        add_record(&b, "request", 100 + i, "", "GET /");
        add_text(&b, i);
    }
    static const char *const shares[] = {"1 4 7", "2 5", "3 6", "1 4 7"};
    for (unsigned i = 0; i < 4; i++) {
        samestory_reader_options o = SAMESTORY_READER_OPTIONS_INIT;
        o.shard = i;
        o.shards = 3;
        samestory_reader *reader = opened(&b, &o);
        expect_stream(reader, shares[i]);
        samestory_reader_free(reader);
    }
    clear(&b);
}

/* A second pass from notes gives what dedup writes, and the same records in the same places. */
static void second_pass_from_notes(void **state)
{
    (void)state;
    bytes b = {0};
    add_text(&b, 1);
    add_record(&b, "request", 100, "", "GET /");
    add_format(&b, "garbage\r\n\r\n");
    add_record(&b, "conversion", 2,
               "WARC-Target-URI: http://a.org/\r\nWARC-Date: 2024-11-14T00:00:00Z\r\n",
               "Title\nText");
    samestory_reader_options o = SAMESTORY_READER_OPTIONS_INIT;
    o.keep_notes = true;
    samestory_reader *reader = opened(&b, &o);
    expect_stream(reader, "1 !3 2");
    for (int pass = 0; pass < 2; pass++) {
        assert_int_equal(samestory_reader_rewind(reader, true, NULL), SAMESTORY_OK);
        expect_stream(reader, "1 !3 2");
    }
    assert_int_equal(samestory_reader_rewind(reader, true, NULL), SAMESTORY_OK);
    samestory_record r = SAMESTORY_RECORD_INIT;
    assert_int_equal(samestory_reader_next(reader, &r, NULL), SAMESTORY_OK);
    assert_int_equal(samestory_reader_next(reader, &r, NULL), SAMESTORY_BAD_RECORD);
    assert_int_equal(samestory_reader_next(reader, &r, NULL), SAMESTORY_OK);
    expect_text(r.document.title, "Title");
    expect_text(r.document.url, "http://a.org/");
    expect_text(r.document.text, ""); /* not read again */
    assert_int_equal(r.document.date, samestory_parse_date("2024-11-14", 10));
    assert_int_equal(r.line, 4);
    /* Not a second pass: all is read. */
    assert_int_equal(samestory_reader_rewind(reader, false, NULL), SAMESTORY_OK);
    assert_int_equal(samestory_reader_next(reader, &r, NULL), SAMESTORY_OK);
    expect_text(r.document.text, "Text of number 1.\nIt ends.\n");
    /* Nor is one that comes too early: it reads what has not been noted. */
    assert_int_equal(samestory_reader_rewind(reader, true, NULL), SAMESTORY_OK);
    expect_stream(reader, "1 !3 2");
    samestory_reader_free(reader);
    /* Without a place for notes it works as well. */
    o.spool_folder = "/nowhere/at/all";
    reader = opened(&b, &o);
    expect_stream(reader, "1 !3 2");
    assert_int_equal(samestory_reader_rewind(reader, true, NULL), SAMESTORY_OK);
    expect_stream(reader, "1 !3 2");
    samestory_reader_free(reader);
    clear(&b);
}

/* ---- As they should not be ------------------------------------------------------------------- */

/* Between two good records. */
static void expect_bad(const char *record, const char *expected)
{
    bytes b = {0};
    add_text(&b, 1);
    add(&b, record, strlen(record));
    add_text(&b, 2);
    expect(&b, expected);
    clear(&b);
}

static void broken_headers_cost_one_record(void **state)
{
    (void)state;
    expect_bad("WARC/1.0\r\nContent-Length: 2\r\n\r\nab\r\n\r\n", "1 !2 2");
    expect_bad("WARC/1.0\r\nWARC-Type: conversion\r\n\r\nab\r\n\r\n", "1 !2 2");
    static const char *const lengths[] = {
        "-5",          "", "2x", "0x2", "1e3", "99999999999999999999", "18446744073709551617",
        "999999999999"};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        char record[256];
        snprintf(record, sizeof record,
                 "WARC/1.0\r\nWARC-Type: conversion\r\nContent-Length: %s\r\n\r\nab\r\n\r\n",
                 lengths[i]);
        expect_bad(record, "1 !2 2");
    }
}

static void wrong_lengths_cost_one_record(void **state)
{
    (void)state;
    for (int length = 0; length < 600; length++) {
        if (length == 25) continue;
        char record[256];
        snprintf(record, sizeof record,
                 "WARC/1.0\r\nWARC-Type: conversion\r\nContent-Length: %d\r\n\r\n"
                 "A text of 25 characters.\n\r\n\r\n",
                 length);
        /* Where the next record happens to end, no length tells that it is wrong. */
        bytes next = {0};
        add_text(&next, 2);
        bool lucky = length >= 24 && length <= 29;
        bool swallows = (size_t)length >= 29 + next.size - 5 && (size_t)length <= 29 + next.size;
        if (!lucky && !swallows) expect_bad(record, "1 !2 2");
        clear(&next);
    }
}

static void garbage_between_records_is_named_and_passed_over(void **state)
{
    (void)state;
    expect_bad("garbage\r\nof two lines\r\n", "1 !2 2");
    expect_bad("WARC/1.0", "1 !2");
    expect_bad("WARC/2.0\r\n", "1 !2 2");
    expect_bad("WARC/1.0\r\nWARC-Type: conversion\r\nContent-Length: 2\r\n", "1 !2 2");
    expect_bad("\r\n\r\n\r\n\r\n\n\n\n", "1 2");
    expect_bad("WARC/", "1 !2");
    bytes b = {0};
    add(&b, "a lost end\r\n\r\n", 14);
    add_text(&b, 1);
    expect(&b, "!1 1");
    clear(&b);
}

static void file_that_ends_inside_a_record(void **state)
{
    (void)state;
    bytes b = {0};
    add_text(&b, 1);
    size_t first = b.size;
    add_text(&b, 2);
    size_t whole = b.size;
    for (size_t size = first + 1; size < whole - 4; size++) {
        b.size = size;
        expect(&b, "1 !2");
    }
    for (size_t size = whole - 4; size <= whole; size++) {
        b.size = size;
        expect(&b, "1 2");
    }
    clear(&b);
}

static void header_bombs_are_bounded(void **state)
{
    (void)state;
    bytes b = {0};
    add_text(&b, 1);
    add_format(&b, "WARC/1.0\r\nWARC-Type: conversion\r\nX: ");
    for (int i = 0; i < 5000; i++) add(&b, "endless endless endless endless ", 32);
    add_format(&b, "\r\nContent-Length: 1\r\n\r\na\r\n\r\n");
    add_text(&b, 2);
    add_format(&b, "WARC/1.0\r\nWARC-Type: conversion\r\n");
    for (int i = 0; i < 100000; i++) add_format(&b, "X-%d: y\r\n", i);
    add_format(&b, "Content-Length: 1\r\n\r\na\r\n\r\n");
    add_text(&b, 3);
    expect(&b, "1 !2 2 !4 3");
    clear(&b);
}

/* Were the end of its header looked for from each of them, 20 GB would be looked at. */
static void file_of_nothing_but_beginnings(void **state)
{
    (void)state;
    bytes b = {0}, lines = {0};
    for (int i = 0; i < 1000; i++) add(&lines, "WARC/1.0\r\n", 10);
    for (int i = 0; i < 300; i++) add(&b, lines.data, lines.size);
    samestory_reader *reader = opened(&b, NULL);
    samestory_record r = SAMESTORY_RECORD_INIT;
    size_t count = 0;
    while (samestory_reader_next(reader, &r, NULL) == SAMESTORY_BAD_RECORD) count++;
    assert_int_equal(count, 300000);
    samestory_reader_free(reader);
    clear(&b), clear(&lines);
}

static void records_over_the_limit(void **state)
{
    (void)state;
    bytes b = {0}, block = {0};
    for (int i = 0; i < 40000; i++) add(&block, "A line of the long text, and no end.\r\n", 38);
    add_text(&b, 1);
    add_record(&b, "conversion", 2, "", block.data);
    add_record(&b, "request", 3, "", block.data);
    /* A film: it would have been passed over anyway. */
    memcpy(block.data, "HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n\r\n", 45);
    add_record(&b, "response", 4, "Content-Type: application/http\r\n", block.data);
    add_text(&b, 4);
    samestory_reader_options o = SAMESTORY_READER_OPTIONS_INIT;
    o.max_record_bytes = 1000000;
    samestory_reader *reader = opened(&b, &o);
    expect_stream(reader, "1 !2 4");
    samestory_reader_free(reader);
    clear(&b), clear(&block);
}

/* One member a record, as crawls have them. */
static void damaged_members_cost_one_record(void **state)
{
    (void)state;
    for (int way = 0; way < 2; way++) {
        bytes b = {0}, one = {0}, packed = {0};
        size_t begin = 0, end = 0;
        for (int i = 1; i <= 5; i++) {
            clear(&one);
            add_text(&one, i);
            if (i == 3) begin = b.size;
            if (way)
                add_zstd(&b, &one);
            else
                add_gzip(&b, &one);
            if (i == 3) end = b.size;
        }
        /* Cut short anywhere, also within its own beginning. */
        for (size_t size = 1; size < end - begin; size++) {
            clear(&packed);
            add(&packed, b.data, begin + size);
            add(&packed, b.data + end, b.size - end);
            expect(&packed, "1 2 !3 4 5");
        }
        /* Overwritten, so that it can't be unpacked. */
        clear(&packed);
        add(&packed, b.data, b.size);
        memset(packed.data + begin + 20, 0xFF, end - begin - 20);
        expect(&packed, "1 2 !3 4 5");
        /* The last one cut off. */
        clear(&packed);
        add(&packed, b.data, b.size - 5);
        expect(&packed, "1 2 3 4 !5");
        /* The first one damaged from its beginning. */
        clear(&packed);
        add(&packed, b.data, b.size);
        memset(packed.data + 10, 0xFF, 20);
        expect(&packed, "!1 2 3 4 5");
        clear(&b), clear(&one), clear(&packed);
    }
}

static void garbage_between_members(void **state)
{
    (void)state;
    bytes b = {0}, one = {0};
    add_text(&one, 1);
    add_gzip(&b, &one);
    for (int i = 0; i < 100000; i++) add(&b, "\x1F\x8B garbage", 10);
    clear(&one);
    add_text(&one, 2);
    add_gzip(&b, &one);
    expect(&b, "1 !2 2");
    clear(&b), clear(&one);
}

static void whole_file_member_that_is_damaged_ends_there(void **state)
{
    (void)state;
    bytes plain = {0}, b = {0};
    for (int i = 1; i <= 20; i++) add_text(&plain, i);
    add_gzip(&b, &plain);
    b.size -= 9; /* only the last data and the sum are missing */
    samestory_reader *reader = opened(&b, NULL);
    samestory_record r = SAMESTORY_RECORD_INIT;
    samestory_status status;
    unsigned good = 0, bad = 0;
    while ((status = samestory_reader_next(reader, &r, NULL)) != SAMESTORY_END) {
        good += status == SAMESTORY_OK;
        bad += status == SAMESTORY_BAD_RECORD;
    }
    assert_true(good >= 18);
    assert_int_equal(bad, 1);
    samestory_reader_free(reader);
    clear(&plain), clear(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conversion_is_a_document),
        cmocka_unit_test(without_id_the_url_without_url_the_content),
        cmocka_unit_test(other_records_are_counted),
        cmocka_unit_test(packed_in_any_way),
        cmocka_unit_test(frames_with_a_dictionary),
        cmocka_unit_test(shares_are_whole_and_apart),
        cmocka_unit_test(second_pass_from_notes),
        cmocka_unit_test(broken_headers_cost_one_record),
        cmocka_unit_test(wrong_lengths_cost_one_record),
        cmocka_unit_test(garbage_between_records_is_named_and_passed_over),
        cmocka_unit_test(file_that_ends_inside_a_record),
        cmocka_unit_test(header_bombs_are_bounded),
        cmocka_unit_test(file_of_nothing_but_beginnings),
        cmocka_unit_test(records_over_the_limit),
        cmocka_unit_test(damaged_members_cost_one_record),
        cmocka_unit_test(garbage_between_members),
        cmocka_unit_test(whole_file_member_that_is_damaged_ends_there),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
