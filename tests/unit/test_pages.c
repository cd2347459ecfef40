/* Pages of a crawl are read whatever they are packed and written in. */
#include "crawl.h"

#include <brotli/encode.h>

/* ---- One page -------------------------------------------------------------------------------- */

#define TITLE "Hafenbrücke wird erneuert"
#define LINE                                                                                       \
    "Der Rat der Stadt beschloss am Dienstag, die alte Hafenbrücke für 14 Millionen zu erneuern."
#define PAGE                                                                                       \
    "<!DOCTYPE html>\n<html><head><title>" TITLE                                                   \
    "</title></head><body><nav><a href=/>Start</a></nav>"                                          \
    "<article><h1>" TITLE "</h1><p>" LINE "</p></article></body></html>\n"

/* A response with more header lines in `more`; the body holds any bytes. */
static void add_response(bytes *b, const char *record_more, const char *more, const bytes *body)
{
    char head[512];
    int size = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nServer: x\r\n%s\r\n", more);
    add_format(b,
               "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
               "WARC-Target-URI: https://example.org/bruecke\r\nWARC-Date: 2024-11-14T08:30:00Z\r\n"
               "%sContent-Type: application/http; msgtype=response\r\nContent-Length: %zu\r\n\r\n",
               record_more, (size_t)size + body->size);
    add(b, head, (size_t)size);
    add(b, body->data, body->size);
    add(b, "\r\n\r\n", 4);
}

static bytes bytes_of(const char *text)
{
    bytes b = {0};
    add(&b, text, strlen(text));
    return b;
}

static bool holds(samestory_string text, const char *words)
{
    for (size_t i = 0, size = strlen(words); i + size <= text.size; i++)
        if (!memcmp(text.data + i, words, size)) return true;
    return false;
}

/* The page comes out, however it went in; a text record behind it as well. */
static void expect_page_with(const char *record_more, const char *more, bytes *body,
                             const char *title, const char *words)
{
    bytes b = {0};
    add_response(&b, record_more, more, body);
    add_text(&b, 2);
    samestory_reader *reader = opened(&b, NULL);
    samestory_record r = SAMESTORY_RECORD_INIT;
    samestory_error error = {0};
    if (samestory_reader_next(reader, &r, &error)) fail_msg("%s: %s", more, error.message);
    expect_text(r.document.title, title);
    if (!holds(r.document.text, words))
        fail_msg("%s: %.*s", more, (int)r.document.text.size, r.document.text.data);
    expect_text(r.document.id, "<urn:uuid:1>");
    expect_text(r.document.url, "https://example.org/bruecke");
    assert_int_equal(r.document.date, samestory_parse_date("2024-11-14T08:30:00Z", 20));
    assert_int_equal(samestory_reader_next(reader, &r, NULL), SAMESTORY_OK);
    assert_int_equal(samestory_reader_next(reader, &r, NULL), SAMESTORY_END);
    samestory_reader_free(reader);
    clear(&b), clear(body);
}

static void expect_page(const char *more, bytes body)
{
    expect_page_with("", more, &body, TITLE, LINE);
}

/* The page is a bad record for a reason that holds `word`; what follows is read. */
static void expect_refused(const char *more, bytes body, const char *word)
{
    bytes b = {0};
    add_response(&b, "", more, &body);
    add_text(&b, 2);
    samestory_reader *reader = opened(&b, NULL);
    samestory_record r = SAMESTORY_RECORD_INIT;
    samestory_error error = {0};
    assert_int_equal(samestory_reader_next(reader, &r, &error), SAMESTORY_BAD_RECORD);
    if (!strstr(error.message, word)) fail_msg("\"%s\" does not say %s", error.message, word);
    assert_int_equal(error.line, 1);
    assert_int_equal(samestory_reader_next(reader, &r, NULL), SAMESTORY_OK);
    assert_int_equal(samestory_reader_next(reader, &r, NULL), SAMESTORY_END);
    samestory_reader_free(reader);
    clear(&b), clear(&body);
}

static bytes gzipped(const char *text)
{
    bytes from = bytes_of(text), b = {0};
    add_gzip(&b, &from);
    clear(&from);
    return b;
}

static bytes zstandard(const char *text)
{
    bytes from = bytes_of(text), b = {0};
    add_zstd(&b, &from);
    clear(&from);
    return b;
}

/* zlib's format, or without its frame. */
static bytes deflated(const char *text, int bits)
{
    z_stream z = {0};
    char out[4096];
    bytes from = bytes_of(text), b = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (unsigned char *)from.data;
    z.avail_in = (uInt)from.size;
    z.next_out = (unsigned char *)out;
    z.avail_out = sizeof out;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    add(&b, out, z.total_out);
    deflateEnd(&z);
    clear(&from);
    return b;
}

static bytes brotli(const char *text)
{
    bytes b = {0};
    uint8_t out[4096];
    size_t size = sizeof out;
    assert_true(BrotliEncoderCompress(5, 22, BROTLI_MODE_TEXT, strlen(text), (const uint8_t *)text,
                                      &size, out));
    add(&b, out, size);
    return b;
}

static bytes chunked(bytes from)
{
    bytes b = {0};
    for (size_t i = 0; i < from.size; i += 50) {
        size_t n = from.size - i < 50 ? from.size - i : 50;
        add_format(&b, "%zX%s\r\n", n, i ? "" : " ;name=value");
        add(&b, from.data + i, n);
        add(&b, "\r\n", 2);
    }
    add(&b, "0\r\n\r\n", 5);
    clear(&from);
    return b;
}

/* ---- What it is packed in -------------------------------------------------------------------- */

#define HTML "Content-Type: text/html; charset=UTF-8\r\n"

static void any_packing(void **state)
{
    (void)state;
    expect_page(HTML, bytes_of(PAGE));
    expect_page(HTML "Content-Encoding: gzip\r\n", gzipped(PAGE));
    expect_page(HTML "content-encoding: X-GZIP\r\n", gzipped(PAGE));
    expect_page(HTML "Content-Encoding: deflate\r\n", deflated(PAGE, 15));
    expect_page(HTML "Content-Encoding: deflate\r\n", deflated(PAGE, -15));
    expect_page(HTML "Content-Encoding: br\r\n", brotli(PAGE));
    expect_page(HTML "Content-Encoding: zstd\r\n", zstandard(PAGE));
    expect_page(HTML "Transfer-Encoding: chunked\r\n", chunked(bytes_of(PAGE)));
    expect_page(HTML "Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n",
                chunked(gzipped(PAGE)));
    expect_page("content-type:TEXT/HTML\r\n", bytes_of(PAGE));
    expect_page("Content-Type: application/xhtml+xml\r\n", bytes_of(PAGE));
    expect_page("", bytes_of(PAGE));
}

/* Common Crawl and others store what they have unpacked under the header that came. */
static void header_that_is_no_longer_true(void **state)
{
    (void)state;
    expect_page(HTML "Content-Encoding: gzip\r\n", bytes_of(PAGE));
    expect_page(HTML "Content-Encoding: deflate\r\n", bytes_of(PAGE));
    expect_page(HTML "Content-Encoding: br\r\n", bytes_of(PAGE));
    expect_page(HTML "Content-Encoding: zstd\r\n", bytes_of(PAGE));
    expect_page(HTML "Content-Encoding: utf-8\r\n", bytes_of(PAGE));
    expect_page(HTML "Transfer-Encoding: chunked\r\n", bytes_of(PAGE));
}

static void what_was_cut_off_is_refused_unless_the_crawler_says_so(void **state)
{
    (void)state;
    const char *header = HTML "Content-Encoding: gzip\r\n";
    bytes cut = gzipped(PAGE);
    cut.size -= 12;
    expect_refused(header, cut, "cut off");
    cut = gzipped(PAGE);
    cut.size -= 12;
    expect_page_with("WARC-Truncated: length\r\n", header, &cut, TITLE, "Der Rat der Stadt");
    cut = chunked(bytes_of(PAGE));
    cut.size -= 60;
    expect_refused(HTML "Transfer-Encoding: chunked\r\n", cut, "cut off");
    bytes damaged = gzipped(PAGE);
    memset(damaged.data + 15, 0xFF, damaged.size - 15);
    expect_refused(header, damaged, "damaged");
    damaged = brotli(PAGE);
    memset(damaged.data + 5, 0xFF, damaged.size - 5);
    expect_refused(HTML "Content-Encoding: br\r\n", damaged, "brotli");
}

static void bombs_are_bounded(void **state)
{
    (void)state;
    size_t size = (size_t)64 << 20;
    char *zeros = malloc(size + 1);
    memset(zeros, ' ', size);
    zeros[size] = 0;
    expect_refused(HTML "Content-Encoding: gzip\r\n", gzipped(zeros), "16 MiB");
    expect_refused(HTML "Content-Encoding: zstd\r\n", zstandard(zeros), "16 MiB");
    /* A chunk that says it is longer than any page, and gives none of it. */
    expect_refused(HTML "Transfer-Encoding: chunked\r\n", bytes_of("FFFFFFF\r\nabc\r\n"),
                   "cut off");
    memset(zeros, 'a', size);
    memcpy(zeros, "X: ", 3);
    zeros[300000] = 0;
    bytes header = bytes_of(zeros);
    bytes b = {0}, body = {0};
    add_format(&b,
               "WARC/1.0\r\nWARC-Type: response\r\nContent-Length: %zu\r\n\r\nHTTP/1.1 200 OK\r\n",
               header.size + 17);
    add(&b, header.data, header.size);
    add(&b, "\r\n\r\n", 4);
    add_text(&b, 2);
    expect(&b, "!1 2");
    clear(&b), clear(&body), clear(&header);
    free(zeros);
}

static void responses_that_are_none(void **state)
{
    (void)state;
    bytes b = {0};
    const char *type = "Content-Type: application/http\r\n";
    add_record(&b, "response", 1, type, "");
    add_record(&b, "response", 2, type, "garbage");
    add_record(&b, "response", 3, type, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n");
    add_record(&b, "response", 4, type, "HTTP/1.1 2");
    add_record(&b, "response", 5, type, "HTTP/1.0 200\r\nContent-Type: text/html\r\n\r\n");
    add_record(&b, "response", 6, type, "HTTP/2 200 \n\n<html>A page of few words.");
    expect(&b, "!1 !2 !3 !4 5 6");
    clear(&b);
}

/* ---- What it is written in ------------------------------------------------------------------- */

static void expect_charset(const char *more, const char *text, size_t size, const char *title,
                           const char *words)
{
    bytes body = {0};
    add(&body, text, size);
    expect_page_with("", more, &body, title, words);
}

#define BYTES(text) text, sizeof(text) - 1

#define LATIN                                                                                      \
    "<html><head>%s<title>Hafenbr\xFC"                                                             \
    "cke \x80</title></head><body><p>F\xFCr die Stra\xDF"                                          \
    "e in "                                                                                        \
    "M\xFCnchen und K\xF6ln wird die alte Br\xFC"                                                  \
    "cke \xFC"                                                                                     \
    "ber den Flu\xDF gesperrt.</p></body></html>"

static void any_charset(void **state)
{
    (void)state;
    char page[512];
    const char *title = "Hafenbrücke €", *words = "alte Brücke über den Fluß";
    /* Told by the header, by the page, by nothing. */
    int size = snprintf(page, sizeof page, LATIN, "");
    expect_charset("Content-Type: text/html; charset=\"ISO-8859-1\"\r\n", page, (size_t)size, title,
                   words);
    expect_charset("Content-Type: text/html\r\n", page, (size_t)size, title, words);
    expect_charset("Content-Type: text/html; charset=no-such-thing\r\n", page, (size_t)size, title,
                   words);
    size = snprintf(page, sizeof page, LATIN, "<meta charset=windows-1252>");
    expect_charset("Content-Type: text/html\r\n", page, (size_t)size, title, words);
    /* A byte order mark beats the header. */
    expect_charset("Content-Type: text/html; charset=iso-8859-1\r\n", BYTES("\xEF\xBB\xBF" PAGE),
                   TITLE, LINE);
    expect_charset("Content-Type: text/html; charset=Shift_JIS\r\n",
                   BYTES("<title>\x93\x8C\x8B\x9E</title><p>a"), "東京", "a");
    expect_charset("Content-Type: text/html; charset=windows-1251\r\n",
                   BYTES("<title>\xCC\xEE\xF1\xEA\xE2\xE0</title><p>a"), "Москва", "a");
    expect_charset("Content-Type: text/html; charset=gb2312\r\n",
                   BYTES("<title>\xB1\xB1\xBE\xA9</title><p>a"), "北京", "a");
    expect_charset("Content-Type: text/html\r\n",
                   BYTES("\xFF\xFE<\0t\0i\0t\0l\0e\0>\0\x1c\x04<\0/\0t\0i\0t\0l\0e\0>\0a\0"), "М",
                   "a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_packing),
        cmocka_unit_test(header_that_is_no_longer_true),
        cmocka_unit_test(what_was_cut_off_is_refused_unless_the_crawler_says_so),
        cmocka_unit_test(bombs_are_bounded),
        cmocka_unit_test(responses_that_are_none),
        cmocka_unit_test(any_charset),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
