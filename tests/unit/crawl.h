/* WARC files, made in a test's own folder and read back. */
#ifndef CRAWL_H
#define CRAWL_H

#include "unit.h"

#include "samestory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

/* ---- Files to read --------------------------------------------------------------------------- */

static char folder[64];

static inline int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/samestory-warc.XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static inline int remove_folder(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

/* Bytes that grow. */
typedef struct bytes {
    char *data;
    size_t size, capacity;
} bytes;

static inline void add(bytes *b, const void *data, size_t size)
{
    if (b->size + size >= b->capacity) {
        b->capacity = 2 * (b->size + size) + 64;
        b->data = realloc(b->data, b->capacity);
        assert_non_null(b->data);
    }
    if (size) memcpy(b->data + b->size, data, size);
    b->size += size;
    b->data[b->size] = 0;
}

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static inline void add_format(bytes *b, const char *format, ...)
{
    char text[4096];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    assert_in_range(size, 0, sizeof text - 1);
    add(b, text, (size_t)size);
}

static inline void clear(bytes *b)
{
    free(b->data);
    *b = (bytes){0};
}

/* A record with more header lines in `more`. */
static inline void add_record(bytes *b, const char *type, int number, const char *more,
                              const char *block)
{
    add_format(b, "WARC/1.0\r\nWARC-Type: %s\r\nWARC-Record-ID: <urn:uuid:%d>\r\n%s", type, number,
               more);
    add_format(b, "Content-Length: %zu\r\n\r\n", strlen(block));
    add(b, block, strlen(block));
    add(b, "\r\n\r\n", 4);
}

static inline void add_text(bytes *b, int number)
{
    char block[128];
    snprintf(block, sizeof block, "Title %d\nText of number %d.\nIt ends.\n", number, number);
    add_record(b, "conversion", number, "Content-Type: text/plain\r\n", block);
}

/* `from` as one gzip member, or zstd frame, behind b. */
static inline void add_gzip(bytes *b, const bytes *from)
{
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t room = deflateBound(&z, (uLong)from->size) + 32;
    char *out = malloc(room);
    z.next_in = (unsigned char *)from->data;
    z.avail_in = (uInt)from->size;
    z.next_out = (unsigned char *)out;
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    add(b, out, z.total_out);
    deflateEnd(&z);
    free(out);
}

static inline void add_zstd(bytes *b, const bytes *from)
{
    size_t room = ZSTD_compressBound(from->size);
    char *out = malloc(room);
    size_t n = ZSTD_compress(out, room, from->data, from->size, 3);
    assert_false(ZSTD_isError(n));
    add(b, out, n);
    free(out);
}

static inline const char *file_named(const char *name, const bytes *b)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    if (b->size) assert_int_equal(fwrite(b->data, 1, b->size, f), b->size);
    assert_int_equal(fclose(f), 0);
    return path;
}

/* ---- Reading them ---------------------------------------------------------------------------- */

static inline samestory_reader *opened(const bytes *b, const samestory_reader_options *options)
{
    /* No name tells what is in it. */
    const char *path = file_named("crawl", b);
    samestory_reader *reader = NULL;
    samestory_error error;
    if (samestory_reader_open(&path, 1, options, &reader, &error)) fail_msg("%s", error.message);
    return reader;
}

/* What a file gives, as one line: "1 2 !3:word", ids without "urn:uuid:", and of bad records their
 * number in the file. `word` is the first of the message that is looked for. */
static inline void expect_stream(samestory_reader *reader, const char *expected)
{
    char got[8192] = "";
    size_t used = 0;
    for (;;) {
        samestory_record r = SAMESTORY_RECORD_INIT;
        samestory_error error = {0};
        samestory_status status = samestory_reader_next(reader, &r, &error);
        if (status == SAMESTORY_END) break;
        if (status && status != SAMESTORY_BAD_RECORD) fail_msg("%s after %s", error.message, got);
        if (used > 500) fail_msg("%s: %s", got, status ? error.message : "");
        if (status) {
            assert_string_equal(error.file, r.file);
            assert_int_equal(error.line, r.line);
            used += (size_t)snprintf(got + used, 32, "!%u ", (unsigned)error.line);
        } else {
            int skip = r.document.id.size > 10 ? 10 : 0; /* "<urn:uuid:" */
            used +=
                (size_t)snprintf(got + used, 64, "%.*s ", (int)r.document.id.size - skip - !!skip,
                                 r.document.id.data + skip);
            assert_false(r.is_json);
        }
    }
    if (used) got[used - 1] = 0;
    assert_string_equal(got, expected);
}

static inline void expect(const bytes *b, const char *expected)
{
    samestory_reader *reader = opened(b, NULL);
    expect_stream(reader, expected);
    /* A second pass gives the same. */
    for (int lines_only = 0; lines_only < 2; lines_only++) {
        assert_int_equal(samestory_reader_rewind(reader, lines_only, NULL), SAMESTORY_OK);
        expect_stream(reader, expected);
    }
    samestory_reader_free(reader);
}

static inline void expect_text(samestory_string got, const char *expected)
{
    if (got.size != strlen(expected) || (got.size && memcmp(got.data, expected, got.size) != 0))
        fail_msg("got \"%.*s\", not \"%s\"", (int)got.size, got.data ? got.data : "", expected);
}

#endif
