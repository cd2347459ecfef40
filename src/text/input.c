/* The bytes of a file as lines; see input.h. */
#include "text/input.h"
#include "base/status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum {
    PACKED_BYTES = 256 << 10, /* of a compressed file, read at a time */
    LINE_BYTES = 1 << 20      /* the line buffer's first size, and what is read of a plain file */
};

typedef enum packing { PLAIN, GZIP, ZSTD } packing;

struct ss_input {
    int fd;
    off_t at; /* where the next pread begins */
    uint64_t consumed;
    const char *name;
    packing packing;

    unsigned char *packed; /* bytes as stored; of a plain file only its first ones */
    size_t packed_at, packed_size;
    bool packed_end;  /* the file has no more */
    bool inside;      /* a member or frame has begun and not ended */
    bool full;        /* the decoder may hold more than there was room for */
    uint64_t members; /* that have ended */
    z_stream gzip;
    bool gzip_ready;
    ZSTD_DStream *zstd;

    char *buffer; /* [start, end) is waiting; [start, searched) holds no line end */
    size_t capacity, start, searched, end;
    bool ended; /* nothing comes after `end` */
    uint64_t line, offset;
    bool in_pieces;
};

ss_input *ss_input_new(void)
{
    ss_input *in = calloc(1, sizeof *in);
    if (!in) return NULL;
    in->capacity = LINE_BYTES + SS_INPUT_PADDING;
    in->buffer = calloc(1, in->capacity);
    in->packed = malloc(PACKED_BYTES);
    if (in->buffer && in->packed) return in;
    ss_input_free(in);
    return NULL;
}

void ss_input_free(ss_input *in)
{
    if (!in) return;
    if (in->gzip_ready) inflateEnd(&in->gzip);
    ZSTD_freeDStream(in->zstd);
    free(in->buffer);
    free(in->packed);
    free(in);
}

uint64_t ss_input_consumed(const ss_input *in)
{
    return in->consumed;
}

/* ---- Bytes as stored ------------------------------------------------------------------------- */

static samestory_status read_some(ss_input *in, void *out, size_t room, size_t *got,
                                  samestory_error *error)
{
    ssize_t n;
    do n = pread(in->fd, out, room, in->at);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return ss_fail_errno(error, SAMESTORY_INPUT_FAILED,
                             "reading failed: check the file and the disk it is on", in->name);
    in->at += n;
    in->consumed += (uint64_t)n;
    *got = (size_t)n;
    return SAMESTORY_OK;
}

/* Makes packed bytes available, unless the file has ended. */
static samestory_status fill_packed(ss_input *in, samestory_error *error)
{
    if (in->packed_at < in->packed_size || in->packed_end) return SAMESTORY_OK;
    in->packed_at = in->packed_size = 0;
    samestory_status status = read_some(in, in->packed, PACKED_BYTES, &in->packed_size, error);
    if (!status && !in->packed_size) in->packed_end = true;
    return status;
}

static samestory_status fail_packed(const ss_input *in, const char *message, samestory_error *error)
{
    return ss_fail_at(error, SAMESTORY_INPUT_FAILED, message, in->name, in->line + 1,
                      in->consumed - (in->packed_size - in->packed_at));
}

#define TRUNCATED                                                                                  \
    "the compressed file ends too early: it was cut off; get it again or decompress what there is"

/* ---- Decompression --------------------------------------------------------------------------- */

static samestory_status start_gzip(ss_input *in, samestory_error *error)
{
    if (in->gzip_ready)
        return inflateReset(&in->gzip) == Z_OK ? SAMESTORY_OK : ss_fail_memory(error);
    in->gzip = (z_stream){0};
    if (inflateInit2(&in->gzip, 15 + 16) != Z_OK) return ss_fail_memory(error);
    in->gzip_ready = true;
    return SAMESTORY_OK;
}

/* Behind the last member some writers leave zeros up to the end of a block. */
static samestory_status skip_zeros(ss_input *in, samestory_error *error)
{
    while (!in->inside && in->members) {
        samestory_status status = fill_packed(in, error);
        if (status) return status;
        if (in->packed_at == in->packed_size || in->packed[in->packed_at]) return SAMESTORY_OK;
        in->packed_at++;
    }
    return SAMESTORY_OK;
}

static samestory_status read_gzip(ss_input *in, char *out, size_t room, size_t *got,
                                  samestory_error *error)
{
    z_stream *z = &in->gzip;
    z->next_out = (unsigned char *)out;
    z->avail_out = room > (1u << 30) ? 1u << 30 : (uInt)room;
    uInt asked = z->avail_out;
    while (z->avail_out == asked) {
        samestory_status status = fill_packed(in, error);
        if (!status) status = skip_zeros(in, error);
        if (status) return status;
        if (in->packed_at == in->packed_size && !in->full) {
            if (in->inside) return fail_packed(in, TRUNCATED, error);
            break;
        }
        in->inside = true;
        z->next_in = in->packed + in->packed_at;
        z->avail_in = (uInt)(in->packed_size - in->packed_at);
        int result = inflate(z, Z_NO_FLUSH);
        in->packed_at = in->packed_size - z->avail_in;
        in->full = !z->avail_out;
        if (result == Z_STREAM_END) {
            in->inside = in->full = false;
            in->members++;
            if (inflateReset(z) != Z_OK) return ss_fail_memory(error);
        } else if (result == Z_MEM_ERROR) {
            return ss_fail_memory(error);
        } else if (result != Z_OK && result != Z_BUF_ERROR) {
            return fail_packed(in, "damaged gzip data: get the file again", error);
        }
    }
    *got = asked - z->avail_out;
    return SAMESTORY_OK;
}

static samestory_status start_zstd(ss_input *in, samestory_error *error)
{
    if (!in->zstd) in->zstd = ZSTD_createDStream();
    if (!in->zstd || ZSTD_isError(ZSTD_initDStream(in->zstd))) return ss_fail_memory(error);
    return SAMESTORY_OK;
}

static samestory_status fail_zstd(const ss_input *in, size_t result, samestory_error *error)
{
    switch (ZSTD_getErrorCode(result)) {
    case ZSTD_error_memory_allocation: return ss_fail_memory(error);
    case ZSTD_error_frameParameter_windowTooLarge:
        return fail_packed(in, "zstd window over 128 MiB: compress again without --long", error);
    case ZSTD_error_dictionary_wrong:
        return fail_packed(in, "the zstd file needs a dictionary: decompress it first", error);
    default: return fail_packed(in, "damaged zstd data: get the file again", error);
    }
}

static samestory_status read_zstd(ss_input *in, char *out, size_t room, size_t *got,
                                  samestory_error *error)
{
    ZSTD_outBuffer to = {out, room, 0};
    while (!to.pos) {
        samestory_status status = fill_packed(in, error);
        if (status) return status;
        if (in->packed_at == in->packed_size && !in->full) {
            if (in->inside) return fail_packed(in, TRUNCATED, error);
            break;
        }
        ZSTD_inBuffer from = {in->packed, in->packed_size, in->packed_at};
        size_t result = ZSTD_decompressStream(in->zstd, &to, &from);
        in->packed_at = from.pos;
        if (ZSTD_isError(result)) return fail_zstd(in, result, error);
        in->inside = result != 0;
        in->full = in->inside && to.pos == to.size;
    }
    *got = to.pos;
    return SAMESTORY_OK;
}

static samestory_status read_plain(ss_input *in, char *out, size_t room, size_t *got,
                                   samestory_error *error)
{
    size_t waiting = in->packed_size - in->packed_at;
    if (!waiting) return read_some(in, out, room, got, error);
    *got = waiting < room ? waiting : room;
    memcpy(out, in->packed + in->packed_at, *got);
    in->packed_at += *got;
    return SAMESTORY_OK;
}

static packing packing_of(const unsigned char *first, size_t size)
{
    if (size >= 3 && first[0] == 0x1f && first[1] == 0x8b && first[2] == 8) return GZIP;
    if (size < 4) return PLAIN;
    uint32_t magic = (uint32_t)first[0] | (uint32_t)first[1] << 8 | (uint32_t)first[2] << 16 |
                     (uint32_t)first[3] << 24;
    bool zstd = magic == 0xFD2FB528u || (magic & 0xFFFFFFF0u) == 0x184D2A50u; /* or skippable */
    return zstd ? ZSTD : PLAIN;
}

samestory_status ss_input_start(ss_input *in, int fd, off_t base, const char *name,
                                samestory_error *error)
{
    in->fd = fd;
    in->at = base;
    in->name = name;
    in->consumed = in->members = in->line = in->offset = 0;
    in->packed_at = in->packed_size = in->start = in->searched = in->end = 0;
    in->packed_end = in->inside = in->full = in->ended = in->in_pieces = false;
    samestory_status status = fill_packed(in, error);
    if (status) return status;
    in->packing = packing_of(in->packed, in->packed_size);
    if (in->packing == GZIP) return start_gzip(in, error);
    if (in->packing == ZSTD) return start_zstd(in, error);
    return SAMESTORY_OK;
}

/* Why a file that begins like this can't be read, where it is known; else NULL. No record
 * begins like any of these. */
static const char *foreign(const unsigned char *first, size_t size)
{
    static const struct {
        const char *magic;
        size_t size;
        const char *message;
    } known[] = {
        {"\xFD"
         "7zXZ\0",
         6, "xz data: decompress it first (xz -dc FILE | ...)"},
        {"BZh91AY&SY", 10, "bzip2 data: decompress it first (bzip2 -dc FILE | ...)"},
        {"PK\x03\x04", 4, "a zip archive: unpack it first"},
        {"PAR1\x15", 5, "a Parquet file: give its rows as JSON lines, for example through duckdb"},
        {"\xFF\xFE", 2, "UTF-16: convert it first (iconv -f UTF-16 -t UTF-8 FILE | ...)"},
        {"\xFE\xFF", 2, "UTF-16: convert it first (iconv -f UTF-16 -t UTF-8 FILE | ...)"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (size >= known[i].size && !memcmp(first, known[i].magic, known[i].size))
            return known[i].message;
    return NULL;
}

samestory_status ss_input_check_lines(const ss_input *in, samestory_error *error)
{
    const char *message = foreign(in->packed, in->packed_size);
    return message ? ss_fail_at(error, SAMESTORY_INPUT_FAILED, message, in->name, 0, 0)
                   : SAMESTORY_OK;
}

/* ---- Lines ----------------------------------------------------------------------------------- */

/* Room for at least one more byte and the padding behind it. */
static bool make_room(ss_input *in)
{
    size_t waiting = in->end - in->start;
    if (in->start && (waiting < in->capacity / 2 || in->capacity - in->end <= SS_INPUT_PADDING)) {
        memmove(in->buffer, in->buffer + in->start, waiting);
        in->searched -= in->start;
        in->start = 0;
        in->end = waiting;
    }
    if (in->capacity - in->end > SS_INPUT_PADDING + LINE_BYTES / 4) return true;
    if (in->capacity > SIZE_MAX / 2) return false;
    char *moved = realloc(in->buffer, in->capacity * 2);
    if (!moved) return false;
    in->buffer = moved;
    in->capacity *= 2;
    return true;
}

static samestory_status fill(ss_input *in, samestory_error *error)
{
    if (!make_room(in)) return ss_fail_memory(error);
    char *out = in->buffer + in->end;
    size_t room = in->capacity - in->end - SS_INPUT_PADDING, got = 0;
    samestory_status status;
    switch (in->packing) {
    case GZIP: status = read_gzip(in, out, room, &got, error); break;
    case ZSTD: status = read_zstd(in, out, room, &got, error); break;
    default: status = read_plain(in, out, room, &got, error); break;
    }
    if (status) return status;
    if (!got) in->ended = true;
    in->end += got;
    memset(in->buffer + in->end, 0, SS_INPUT_PADDING);
    return SAMESTORY_OK;
}

/* Cuts `size` bytes and a line end of `end_size` from the front of what is waiting. */
static void take(ss_input *in, size_t size, size_t end_size, ss_line *line)
{
    const char *data = in->buffer + in->start;
    bool goes_on = in->in_pieces;
    *line = (ss_line){{data, size}, {data + size, end_size}, in->line + 1, in->offset, goes_on};
    in->start += size + end_size;
    in->offset += size + end_size;
    in->searched = in->start;
}

samestory_status ss_input_line(ss_input *in, size_t max_bytes, ss_line *line,
                               samestory_error *error)
{
    for (;;) {
        const char *data = in->buffer + in->start;
        size_t waiting = in->end - in->start, size = waiting, end_size = 0;
        const char *newline = memchr(in->buffer + in->searched, '\n', in->end - in->searched);
        in->searched = in->end;
        if (newline) {
            size = (size_t)(newline - data);
            end_size = 1;
            if (size && data[size - 1] == '\r') size--, end_size++;
        }
        /* Without a line end in sight, one more byte may still be its "\r". */
        if (newline || in->ended ? size > max_bytes : size > max_bytes + 1) {
            in->in_pieces = true;
            take(in, max_bytes, 0, line);
            return SAMESTORY_OK;
        }
        if (newline || (in->ended && waiting)) {
            take(in, size, end_size, line);
            in->in_pieces = false;
            in->line++;
            return SAMESTORY_OK;
        }
        if (in->ended) return SAMESTORY_END;
        samestory_status status = fill(in, error);
        if (status) return status;
    }
}

samestory_status ss_input_whole(ss_input *in, size_t max_bytes, ss_line *line,
                                samestory_error *error)
{
    while (!in->ended && in->end - in->start <= max_bytes) {
        samestory_status status = fill(in, error);
        if (status) return status;
    }
    if (in->end - in->start > max_bytes) {
        *line = (ss_line){.number = 1, .piece = true};
        return ss_fail_at(error, SAMESTORY_BAD_RECORD,
                          "file longer than a record may be: raise max_record_bytes", in->name, 1,
                          0);
    }
    take(in, in->end - in->start, 0, line);
    return SAMESTORY_OK;
}
