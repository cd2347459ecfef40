/* Any bytes in place of a crawl: they are read to their end, in bounded steps, twice the same. */
#include "fuzz.h"
#include "samestory.h"

#include <unistd.h>
#include <xxhash.h>
#include <zlib.h>

/* ---- What must hold -------------------------------------------------------------------------- */

static uint64_t mix(uint64_t sum, samestory_string s)
{
    must(s.size == 0 || s.data);
    return XXH3_64bits_withSeed(s.data ? s.data : "", s.size, sum + s.size);
}

/* Touches every byte that the reader gives; returns a sum of all. */
static uint64_t read_all(samestory_reader *reader, size_t limit)
{
    uint64_t sum = 0;
    for (size_t count = 0;; count++) {
        samestory_record r = SAMESTORY_RECORD_INIT;
        samestory_error error = {0};
        samestory_status status = samestory_reader_next(reader, &r, &error);
        if (status == SAMESTORY_END) break;
        must(count <= limit);
        must(status == SAMESTORY_OK || status == SAMESTORY_BAD_RECORD ||
             status == SAMESTORY_INPUT_FAILED);
        if (status) must(error.message && error.message[0] && error.file[0]);
        if (status == SAMESTORY_INPUT_FAILED) break;
        sum = mix(mix(sum, r.raw), r.line_end);
        if (r.is_json) continue; /* a second pass parses none */
        sum += (uint64_t)status;
        if (status) continue;
        const samestory_document *d = &r.document;
        must(d->id.size);
        sum = mix(mix(mix(mix(sum, d->id), d->title), d->url), d->language);
        sum = mix(sum, d->text);
    }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[] = "/tmp/samestory-fuzz.XXXXXX";
    const char *const paths[] = {path};
    int file = mkstemp(path);
    must(file >= 0);
    must(write(file, data, size) == (ssize_t)size);
    close(file);
    samestory_reader_options o = SAMESTORY_READER_OPTIONS_INIT;
    samestory_reader *reader;
    samestory_error error;
    o.max_record_bytes = 1 << 20;
    must(!samestory_reader_open(paths, 1, &o, &reader, &error));
    /* A damaged member may be looked at again from its second byte on. */
    size_t limit = 64 * size + 64;
    uint64_t first = read_all(reader, limit);
    must(!samestory_reader_rewind(reader, true, &error));
    must(read_all(reader, limit) == first);
    samestory_reader_free(reader);
    unlink(path);
    return 0;
}

/* ---- Likely inputs --------------------------------------------------------------------------- */

#ifndef SAMESTORY_LIBFUZZER
typedef struct text {
    char data[8192];
    size_t size;
} text;

static void put(text *t, const char *words)
{
    size_t size = strlen(words);
    if (size > sizeof t->data - t->size) return;
    memcpy(t->data + t->size, words, size);
    t->size += size;
}

static const char *one_of(uint64_t *seed, const char *const *words, uint32_t count)
{
    return words[fuzz_random(seed, count)];
}

static void put_body(text *t, uint64_t *seed)
{
    static const char *const parts[] = {"<html><head><title>A title</title>",
                                        "<meta charset=shift_jis>",
                                        "<p>\x93\x8C\x8B\x9E</p>",
                                        "Some words of a text. ",
                                        "\r\n",
                                        "\n",
                                        "5\r\nwords\r\n",
                                        "0\r\n\r\n",
                                        "FFFFFFFF\r\n",
                                        "\xEF\xBB\xBF",
                                        "\xFF\xFE",
                                        "\x1F\x8B\x08",
                                        "\x28\xB5\x2F\xFD",
                                        "WARC/1.0\r\n",
                                        "\x78\x9C"};
    for (uint32_t n = fuzz_random(seed, 8); n; n--) put(t, one_of(seed, parts, 15));
}

static void put_http(text *t, uint64_t *seed)
{
    static const char *const lines[] = {"Content-Type: text/html\r\n",
                                        "Content-Type: text/html; charset=\"utf-16\"\r\n",
                                        "Content-Type: image/png\r\n",
                                        "Transfer-Encoding: chunked\r\n",
                                        "Content-Encoding: gzip\r\n",
                                        "Content-Encoding: deflate, br, zstd\r\n",
                                        "Content-Encoding: br\r\n",
                                        "no colon\r\n",
                                        ":\r\n"};
    put(t, fuzz_random(seed, 8) ? "HTTP/1.1 200 OK\r\n" : "HTTP/1.1 404\r\n");
    for (uint32_t n = fuzz_random(seed, 5); n; n--) put(t, one_of(seed, lines, 9));
    if (fuzz_random(seed, 16)) put(t, "\r\n");
    put_body(t, seed);
}

static void put_record(text *t, uint64_t *seed)
{
    static const char *const types[] = {"conversion", "response", "resource", "request",
                                        "warcinfo",   "revisit",  "strange"};
    static const char *const lines[] = {"WARC-Record-ID: <urn:uuid:1>\r\n",
                                        "WARC-Target-URI: <http://a.org/>\r\n",
                                        "WARC-Date: 2024-11-14T00:00:00Z\r\n",
                                        "WARC-Truncated: length\r\n",
                                        "\r\n",
                                        "X:\r\n",
                                        "WARC-Identified-Content-Language: ,\r\n",
                                        "Content-Type: application/http\r\n"};
    static const char *const wrong[] = {"-1", "", "1e9", "99999999999999999999", "100000", "3"};
    text block = {.size = 0};
    char length[64];
    const char *type = one_of(seed, types, 7);
    if (*type == 'r')
        put_http(&block, seed);
    else
        put_body(&block, seed);
    put(t, fuzz_random(seed, 30) ? "WARC/1.0\r\nWARC-Type: " : "garbage\nWARC-Type: ");
    put(t, type);
    put(t, "\r\n");
    for (uint32_t n = fuzz_random(seed, 4); n; n--) put(t, one_of(seed, lines, 8));
    snprintf(length, sizeof length, "%zu", block.size);
    put(t, "Content-Length: ");
    put(t, fuzz_random(seed, 8) ? length : one_of(seed, wrong, 6));
    put(t, "\r\n\r\n");
    if (block.size <= sizeof t->data - t->size) {
        memcpy(t->data + t->size, block.data, block.size);
        t->size += block.size;
    }
    if (fuzz_random(seed, 8)) put(t, "\r\n\r\n");
}

/* Packs what is in `t` as one gzip member; returns its size, 0 when there is no room. */
static size_t pack(const text *t, uint8_t *out, size_t room)
{
    z_stream z = {0};
    char copy[sizeof t->data];
    memcpy(copy, t->data, t->size);
    must(deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    z.next_in = (unsigned char *)copy;
    z.avail_in = (uInt)t->size;
    z.next_out = out;
    z.avail_out = (uInt)room;
    bool whole = deflate(&z, Z_FINISH) == Z_STREAM_END;
    size_t size = z.total_out;
    deflateEnd(&z);
    return whole ? size : 0;
}

static size_t make_input(uint64_t seed, uint8_t *out, size_t capacity)
{
    size_t size = 0;
    bool packed = fuzz_random(&seed, 2);
    for (uint32_t n = 1 + fuzz_random(&seed, 6); n; n--) {
        text t = {.size = 0};
        put_record(&t, &seed);
        if (packed) {
            size += pack(&t, out + size, capacity - size);
        } else if (t.size <= capacity - size) {
            memcpy(out + size, t.data, t.size);
            size += t.size;
        }
    }
    for (uint32_t n = fuzz_random(&seed, 4); n && size; n--)
        out[fuzz_random(&seed, (uint32_t)size)] = (uint8_t)fuzz_random(&seed, 256);
    if (size && !fuzz_random(&seed, 4)) size = fuzz_random(&seed, (uint32_t)size);
    return size;
}

int main(int argc, char **argv)
{
    return fuzz_main(argc, argv, "crawl dumps", 4000, 1 << 16);
}
#endif
