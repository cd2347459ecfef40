/* HTTP responses out of a crawl; see http.h. */
#include "text/http.h"

#include <brotli/decode.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

enum { HEADER_BYTES = 256 << 10, FIRST_BYTES = 64 << 10, LOOKED_BYTES = 1024 };

/* ---- Words ----------------------------------------------------------------------------------- */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Does s begin with `known`, which is in small letters? */
static bool begins(samestory_string s, const char *known)
{
    size_t i = 0;
    while (known[i] && i < s.size && lower(s.data[i]) == known[i]) i++;
    return !known[i];
}

static bool is(samestory_string s, const char *known)
{
    return s.size == strlen(known) && begins(s, known);
}

static samestory_string trimmed(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\r')) p++;
    while (end > p && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r')) end--;
    return (samestory_string){p, (size_t)(end - p)};
}

/* The next of the words that `separator` splits, out of *rest. */
static samestory_string next_word(samestory_string *rest, char separator)
{
    const char *end = rest->data + rest->size;
    const char *cut = rest->size ? memchr(rest->data, separator, rest->size) : NULL;
    samestory_string word = trimmed(rest->data, cut ? cut : end);
    *rest = cut ? (samestory_string){cut + 1, (size_t)(end - cut - 1)} : (samestory_string){end, 0};
    return word;
}

/* ---- Header ---------------------------------------------------------------------------------- */

void ss_http_read_type(samestory_string value, ss_http *http)
{
    samestory_string rest = value;
    if (!value.size) return;
    http->media_type = next_word(&rest, ';');
    while (rest.size) {
        samestory_string word = next_word(&rest, ';');
        if (!begins(word, "charset=")) continue;
        word.data += 8;
        word.size -= 8;
        while (word.size && strchr("\"' ", word.data[word.size - 1])) word.size--;
        while (word.size && strchr("\"' ", *word.data)) word.data++, word.size--;
        http->charset = word;
        return;
    }
}

static void read_field(const char *line, const char *end, ss_http *http)
{
    const char *colon = memchr(line, ':', (size_t)(end - line));
    if (!colon) return;
    samestory_string name = trimmed(line, colon), value = trimmed(colon + 1, end);
    if (!http->media_type.size && is(name, "content-type")) ss_http_read_type(value, http);
    if (!http->transfer.size && is(name, "transfer-encoding")) http->transfer = value;
    if (!http->encoding.size && is(name, "content-encoding")) http->encoding = value;
}

/* "HTTP/1.1 200 OK": the number, or 0. */
static unsigned read_status(samestory_string block)
{
    unsigned status = 0;
    size_t i = 5;
    if (!begins(block, "http/")) return 0;
    while (i < block.size && block.data[i] > ' ') i++;
    while (i < block.size && block.data[i] == ' ') i++;
    for (size_t digits = 0; digits < 3; digits++, i++) {
        if (i >= block.size || block.data[i] < '0' || block.data[i] > '9') return 0;
        status = status * 10 + (unsigned)(block.data[i] - '0');
    }
    return status;
}

const char *ss_http_read(samestory_string block, ss_http *http)
{
    *http = (ss_http){.status = read_status(block)};
    if (!http->status) return "the record holds no HTTP response";
    size_t limit = block.size < HEADER_BYTES ? block.size : HEADER_BYTES;
    const char *p = block.data, *end = p + limit;
    while (p < end) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        if (!newline) break;
        if (newline == p || (newline == p + 1 && *p == '\r')) {
            newline++;
            http->body = (samestory_string){newline, block.size - (size_t)(newline - block.data)};
            return NULL;
        }
        read_field(p, newline, http);
        p = newline + 1;
    }
    return limit == HEADER_BYTES ? "an HTTP header of more than 256 KiB"
                                 : "the HTTP header does not end";
}

bool ss_http_is_page(const ss_http *http)
{
    samestory_string media = http->media_type, body = http->body;
    if (media.size) return is(media, "text/html") || is(media, "application/xhtml+xml");
    if (body.size > LOOKED_BYTES) body.size = LOOKED_BYTES;
    for (; body.size; body.data++, body.size--)
        if (*body.data == '<' && (begins(body, "<html") || begins(body, "<!doctype html")))
            return true;
    return false;
}

/* ---- Space ----------------------------------------------------------------------------------- */

typedef struct buffer {
    char *data;
    size_t size, capacity;
} buffer;

struct ss_http_space {
    buffer chunks, unpacked[2];
    z_stream z;
    bool z_ready;
    ZSTD_DCtx *zstd;
};

ss_http_space *ss_http_space_new(void)
{
    return calloc(1, sizeof(ss_http_space));
}

void ss_http_space_free(ss_http_space *s)
{
    if (!s) return;
    free(s->chunks.data);
    free(s->unpacked[0].data);
    free(s->unpacked[1].data);
    if (s->z_ready) inflateEnd(&s->z);
    ZSTD_freeDCtx(s->zstd);
    free(s);
}

static const char TOO_LARGE[] = "the body unpacks to more than 16 MiB: no page does";
static const char CUT_OFF[] = "the body was cut off";
static const char NO_MEMORY[] = "out of memory";

/* Room for more; NULL, or why there is none. */
static const char *grow(buffer *b)
{
    if (b->size < b->capacity) return NULL;
    if (b->capacity >= SS_HTTP_BODY_BYTES) return TOO_LARGE;
    size_t wish = b->capacity ? b->capacity * 2 : FIRST_BYTES;
    char *moved = realloc(b->data, wish);
    if (!moved) return NO_MEMORY;
    b->data = moved;
    b->capacity = wish;
    return NULL;
}

static const char *append(buffer *b, const char *bytes, size_t size)
{
    while (size) {
        const char *problem = grow(b);
        if (problem) return problem;
        size_t room = b->capacity - b->size, n = size < room ? size : room;
        memcpy(b->data + b->size, bytes, n);
        b->size += n;
        bytes += n;
        size -= n;
    }
    return NULL;
}

/* ---- Chunks ---------------------------------------------------------------------------------- */

/* The number in hexadecimal that a chunk begins with; *line is behind its line. false: none. */
static bool chunk_size(const char **line, const char *end, size_t *size)
{
    const char *p = *line, *newline = memchr(p, '\n', (size_t)(end - p));
    size_t digits = 0;
    *size = 0;
    for (; newline && p < newline && digits < 8; p++, digits++) {
        char c = lower(*p);
        if (c >= '0' && c <= '9')
            *size = *size * 16 + (size_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            *size = *size * 16 + (size_t)(c - 'a') + 10;
        else
            break;
    }
    if (!newline || !digits || !strchr(" ;\t\r\n", *p)) return false;
    *line = newline + 1;
    return true;
}

/* Puts the chunks together. A body whose first line is no chunk's has been put together by the
 * crawler, who left the header as it was. */
static const char *join_chunks(buffer *to, samestory_string *body)
{
    const char *p = body->data, *end = p + body->size;
    size_t size;
    to->size = 0;
    for (bool first = true;; first = false) {
        if (!chunk_size(&p, end, &size)) {
            if (first) return NULL;
            break;
        }
        size_t left = (size_t)(end - p);
        const char *problem = append(to, p, size < left ? size : left);
        if (problem) return problem;
        if (!size || size > left) break;
        p += size;
        if (p < end && *p == '\r') p++;
        if (p < end && *p == '\n') p++;
    }
    bool whole = !size && p > body->data && p <= end && p[-1] == '\n';
    *body = (samestory_string){to->data, to->size};
    return whole ? NULL : CUT_OFF;
}

/* ---- Packings -------------------------------------------------------------------------------- */

/* gzip with `bits` 31, zlib 15, raw deflate -15. */
static const char *unpack_deflate(ss_http_space *s, int bits, samestory_string in, buffer *to)
{
    z_stream *z = &s->z;
    if (!s->z_ready && inflateInit2(z, bits) != Z_OK) return NO_MEMORY;
    s->z_ready = true;
    if (inflateReset2(z, bits) != Z_OK) return NO_MEMORY;
    /* zlib takes no pointer to const, and changes nothing. */
    memcpy(&z->next_in, &in.data, sizeof in.data);
    z->avail_in = (uInt)in.size; /* at most SS_WARC_BLOCK_BYTES */
    for (;;) {
        const char *problem = grow(to);
        if (problem) return problem;
        z->next_out = (unsigned char *)to->data + to->size;
        z->avail_out = (uInt)(to->capacity - to->size);
        int result = inflate(z, Z_NO_FLUSH);
        to->size = to->capacity - z->avail_out;
        if (result == Z_STREAM_END) return NULL;
        if (result == Z_MEM_ERROR) return NO_MEMORY;
        if (result == Z_BUF_ERROR || (result == Z_OK && !z->avail_in && z->avail_out))
            return CUT_OFF;
        if (result != Z_OK) return "the body's gzip or deflate data are damaged";
    }
}

static const char *unpack_brotli(samestory_string in, buffer *to)
{
    BrotliDecoderState *state = BrotliDecoderCreateInstance(NULL, NULL, NULL);
    if (!state) return NO_MEMORY;
    const uint8_t *next = (const uint8_t *)in.data;
    size_t left = in.size;
    const char *problem = NULL;
    for (BrotliDecoderResult result = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
         !problem && result != BROTLI_DECODER_RESULT_SUCCESS;) {
        problem = grow(to);
        if (problem) break;
        uint8_t *out = (uint8_t *)to->data + to->size;
        size_t room = to->capacity - to->size;
        result = BrotliDecoderDecompressStream(state, &left, &next, &room, &out, NULL);
        to->size = to->capacity - room;
        if (result == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT) problem = CUT_OFF;
        if (result == BROTLI_DECODER_RESULT_ERROR) problem = "the body's brotli data are damaged";
    }
    BrotliDecoderDestroyInstance(state);
    return problem;
}

static const char *unpack_zstd(ss_http_space *s, samestory_string in, buffer *to)
{
    if (!s->zstd) s->zstd = ZSTD_createDCtx();
    if (!s->zstd || ZSTD_isError(ZSTD_DCtx_reset(s->zstd, ZSTD_reset_session_only)))
        return NO_MEMORY;
    ZSTD_inBuffer from = {in.data, in.size, 0};
    for (;;) {
        const char *problem = grow(to);
        if (problem) return problem;
        ZSTD_outBuffer out = {to->data, to->capacity, to->size};
        size_t result = ZSTD_decompressStream(s->zstd, &out, &from);
        if (ZSTD_isError(result)) return "the body's zstd data are damaged";
        to->size = out.pos;
        if (!result) return NULL;
        if (from.pos == from.size && out.pos < out.size) return CUT_OFF;
    }
}

/* A header may tell of a packing that the crawler has undone: where the data have a mark, it must
 * be there; *done is false where it is not. */
static const char *unpack(ss_http_space *s, samestory_string name, samestory_string in, buffer *to,
                          bool *done)
{
    const unsigned char *b = (const unsigned char *)in.data;
    *done = true;
    to->size = 0;
    if (in.size >= 2 && (is(name, "gzip") || is(name, "x-gzip")) && b[0] == 0x1F && b[1] == 0x8B)
        return unpack_deflate(s, 31, in, to);
    if (in.size >= 2 && is(name, "deflate") && *b != '<') {
        bool zlib = (b[0] & 15) == 8 && (b[0] * 256 + b[1]) % 31 == 0;
        return unpack_deflate(s, zlib ? 15 : -15, in, to);
    }
    if (in.size && is(name, "br") && *b != '<') return unpack_brotli(in, to);
    if (in.size >= 4 && is(name, "zstd") && !memcmp(b, "\x28\xB5\x2F\xFD", 4))
        return unpack_zstd(s, in, to);
    *done = false;
    return NULL;
}

samestory_status ss_http_body(ss_http_space *s, const ss_http *http, bool truncated,
                              samestory_string *out, const char **message)
{
    enum { PACKINGS = 4 };
    samestory_string body = http->body, rest = http->encoding, names[PACKINGS];
    size_t count = 0;
    const char *problem = NULL;
    if (begins(http->transfer, "chunked") && body.size) problem = join_chunks(&s->chunks, &body);
    while (rest.size && count < PACKINGS) names[count++] = next_word(&rest, ',');
    for (size_t i = 0; count && (!problem || problem == CUT_OFF); i++) {
        bool done;
        buffer *to = &s->unpacked[i % 2];
        /* They were laid on in the order of their names. */
        const char *now = unpack(s, names[--count], body, to, &done);
        if (now) problem = now;
        if (done) body = (samestory_string){to->data, to->size};
    }
    *out = body;
    *message = problem;
    if (problem == NO_MEMORY) return SAMESTORY_NO_MEMORY;
    if (!problem || (truncated && problem == CUT_OFF)) return SAMESTORY_OK;
    return SAMESTORY_BAD_RECORD;
}
