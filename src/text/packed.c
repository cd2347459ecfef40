/* A file's bytes, unpacked; see packed.h. */
#include "text/packed.h"
#include "base/status.h"

#include <errno.h>
#include <libdeflate.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum {
    STORED_BYTES = 256 << 10,    /* read at a time */
    MEMBER_HEAD = 10,            /* bytes that tell that a gzip member begins */
    DICTIONARY_BYTES = 16 << 20, /* a dictionary's size, as stored and as used, at most */
    RESCANNED_BYTES = 64 << 20,  /* gone back to look for members inside damaged ones, in a file */
    XZ_MEMORY_BYTES = 256 << 20  /* xz -9 asks for 65 MiB */
};

typedef enum packing { PLAIN, GZIP, ZSTD, XZ } packing;

struct ss_packed {
    int fd;
    off_t base, at; /* where the file begins, and the next pread */
    const char *name;
    packing packing;

    unsigned char *stored; /* bytes as stored; of a plain file only its first ones */
    size_t stored_at, stored_size;
    bool stored_end;  /* the file has no more */
    bool inside;      /* a member or frame has begun and not ended */
    bool full;        /* the decoder may hold more than there was room for */
    bool ended;       /* nothing comes any more */
    uint64_t members; /* that have ended */
    uint64_t given;   /* bytes */

    const char *damage; /* what is wrong behind the bytes given, or NULL */
    off_t member_at;    /* where the member that was begun last begins */
    uint64_t member_given;
    uint64_t rescanned;

    z_stream gzip;
    bool gzip_ready;
    struct libdeflate_decompressor *deflate;
    ZSTD_DStream *zstd;
    lzma_stream xz;
};

ss_packed *ss_packed_new(void)
{
    static const lzma_stream no_stream = LZMA_STREAM_INIT;
    ss_packed *p = calloc(1, sizeof *p);
    if (!p) return NULL;
    p->xz = no_stream;
    p->stored = malloc(STORED_BYTES);
    if (p->stored) return p;
    free(p);
    return NULL;
}

void ss_packed_free(ss_packed *p)
{
    if (!p) return;
    if (p->gzip_ready) inflateEnd(&p->gzip);
    if (p->deflate) libdeflate_free_decompressor(p->deflate);
    ZSTD_freeDStream(p->zstd);
    lzma_end(&p->xz);
    free(p->stored);
    free(p);
}

uint64_t ss_packed_consumed(const ss_packed *p)
{
    return (uint64_t)(p->at - p->base);
}

/* ---- Bytes as stored ------------------------------------------------------------------------- */

static samestory_status read_at(const ss_packed *p, off_t at, void *out, size_t room, size_t *got,
                                samestory_error *error)
{
    ssize_t n;
    do n = pread(p->fd, out, room, at);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return ss_fail_errno(error, SAMESTORY_INPUT_FAILED,
                             "reading failed: check the file and the disk it is on", p->name);
    *got = (size_t)n;
    return SAMESTORY_OK;
}

static samestory_status read_some(ss_packed *p, void *out, size_t room, size_t *got,
                                  samestory_error *error)
{
    samestory_status status = read_at(p, p->at, out, room, got, error);
    if (!status) p->at += (off_t)*got;
    return status;
}

/* Makes stored bytes available, unless the file has ended. */
static samestory_status fill_stored(ss_packed *p, samestory_error *error)
{
    if (p->stored_at < p->stored_size || p->stored_end) return SAMESTORY_OK;
    p->stored_at = p->stored_size = 0;
    samestory_status status = read_some(p, p->stored, STORED_BYTES, &p->stored_size, error);
    if (!status && !p->stored_size) p->stored_end = true;
    return status;
}

/* Where in the file the next stored byte is. */
static off_t stored_offset(const ss_packed *p)
{
    return p->at - (off_t)(p->stored_size - p->stored_at);
}

#define TRUNCATED                                                                                  \
    "the compressed file ends too early: it was cut off; get it again or decompress what there is"

static void begin_member(ss_packed *p, size_t decoded)
{
    if (p->inside) return;
    p->inside = true;
    p->member_at = stored_offset(p);
    p->member_given = p->given + decoded;
}

/* ---- gzip ------------------------------------------------------------------------------------ */

static samestory_status start_gzip(ss_packed *p, samestory_error *error)
{
    if (!p->deflate) p->deflate = libdeflate_alloc_decompressor();
    if (!p->deflate) return ss_fail_memory(error);
    if (p->gzip_ready) return inflateReset(&p->gzip) == Z_OK ? SAMESTORY_OK : ss_fail_memory(error);
    p->gzip = (z_stream){0};
    if (inflateInit2(&p->gzip, 15 + 16) != Z_OK) return ss_fail_memory(error);
    p->gzip_ready = true;
    return SAMESTORY_OK;
}

/* Behind the last member some writers leave zeros up to the end of a block. */
static samestory_status skip_zeros(ss_packed *p, samestory_error *error)
{
    while (!p->inside && p->members) {
        samestory_status status = fill_stored(p, error);
        if (status) return status;
        if (p->stored_at == p->stored_size || p->stored[p->stored_at]) return SAMESTORY_OK;
        p->stored_at++;
    }
    return SAMESTORY_OK;
}

/* A member whose end is at hand, in one go: small members, a crawl's records, are unpacked at 370
 * MB/s instead of zlib's 200 (20,000 WET records of 4 KB, AMD EPYC, one thread). false,
 * and nothing has happened, where it is cut off by what has been read, larger than the room, or
 * damaged. */
static bool inflate_whole(ss_packed *p, size_t asked)
{
    z_stream *z = &p->gzip;
    size_t in, out;
    if (p->inside || libdeflate_gzip_decompress_ex(p->deflate, p->stored + p->stored_at,
                                                   p->stored_size - p->stored_at, z->next_out,
                                                   z->avail_out, &in, &out) != LIBDEFLATE_SUCCESS)
        return false;
    begin_member(p, asked - z->avail_out);
    p->inside = p->full = false;
    p->members++;
    p->stored_at += in;
    z->next_out += out;
    z->avail_out -= (uInt)out;
    return true;
}

/* One step of inflate; *more is false at the end of the file and at damage. */
static samestory_status inflate_some(ss_packed *p, uInt asked, bool *more, samestory_error *error)
{
    z_stream *z = &p->gzip;
    *more = false;
    samestory_status status = fill_stored(p, error);
    if (!status) status = skip_zeros(p, error);
    if (status) return status;
    if (p->stored_at == p->stored_size && !p->full) {
        if (p->inside) p->damage = TRUNCATED;
        return SAMESTORY_OK;
    }
    *more = true;
    if (inflate_whole(p, asked)) return SAMESTORY_OK;
    begin_member(p, asked - z->avail_out);
    z->next_in = p->stored + p->stored_at;
    z->avail_in = (uInt)(p->stored_size - p->stored_at);
    int result = inflate(z, Z_NO_FLUSH);
    p->stored_at = p->stored_size - z->avail_in;
    p->full = !z->avail_out;
    if (result == Z_STREAM_END) {
        p->inside = p->full = false;
        p->members++;
        if (inflateReset(z) != Z_OK) return ss_fail_memory(error);
    } else if (result == Z_MEM_ERROR) {
        return ss_fail_memory(error);
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
        p->damage = "damaged gzip data: get the file again";
        *more = false;
    }
    return SAMESTORY_OK;
}

static samestory_status read_gzip(ss_packed *p, char *out, size_t room, size_t *got,
                                  samestory_error *error)
{
    z_stream *z = &p->gzip;
    z->next_out = (unsigned char *)out;
    z->avail_out = room > (1u << 30) ? 1u << 30 : (uInt)room;
    uInt asked = z->avail_out;
    bool more = true;
    while (more && z->avail_out) {
        samestory_status status = inflate_some(p, asked, &more, error);
        if (status) return status;
    }
    *got = asked - z->avail_out;
    return SAMESTORY_OK;
}

/* ---- zstd ------------------------------------------------------------------------------------ */

static uint32_t little_endian(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

#define ZSTD_FRAME      0xFD2FB528u
#define ZSTD_DICTIONARY 0xEC30A437u
#define DICTIONARY_HERE 0x184D2A5Du /* the skippable frame of a .warc.zst that holds one */

/* Gives the decoder a dictionary, which may be a zstd frame itself. What is neither is another
 * program's skippable frame, and none of our business. */
static samestory_status load_dictionary(ss_packed *p, const unsigned char *bytes, size_t size,
                                        samestory_error *error)
{
    unsigned char *plain = NULL;
    samestory_status status = SAMESTORY_OK;
    if (size < 8) return SAMESTORY_OK;
    if (little_endian(bytes) == ZSTD_FRAME) {
        unsigned long long whole = ZSTD_getFrameContentSize(bytes, size);
        size_t room = whole < DICTIONARY_BYTES ? (size_t)whole + 1 : DICTIONARY_BYTES;
        plain = malloc(room);
        if (!plain) return ss_fail_memory(error);
        size = ZSTD_decompress(plain, room, bytes, size);
        bytes = plain;
        if (ZSTD_isError(size) || size < 8) size = 0;
    }
    if (size && little_endian(bytes) == ZSTD_DICTIONARY &&
        ZSTD_isError(ZSTD_DCtx_loadDictionary(p->zstd, bytes, size)))
        status =
            ss_fail_at(error, SAMESTORY_INPUT_FAILED,
                       "the zstd file's dictionary is damaged: get the file again", p->name, 0, 0);
    free(plain);
    return status;
}

/* The dictionary that the file begins with, if it does. */
static samestory_status find_dictionary(ss_packed *p, samestory_error *error)
{
    if (p->stored_size < 8 || little_endian(p->stored) != DICTIONARY_HERE) return SAMESTORY_OK;
    size_t size = little_endian(p->stored + 4), have = 0;
    if (size > DICTIONARY_BYTES) return SAMESTORY_OK; /* the frames that need it will say so */
    unsigned char *bytes = malloc(size + 1);
    if (!bytes) return ss_fail_memory(error);
    samestory_status status = SAMESTORY_OK;
    for (size_t got = 1; !status && got && have < size; have += got)
        status = read_at(p, p->base + 8 + (off_t)have, bytes + have, size - have, &got, error);
    if (!status && have == size) status = load_dictionary(p, bytes, size, error);
    free(bytes);
    return status;
}

static samestory_status start_zstd(ss_packed *p, samestory_error *error)
{
    if (!p->zstd) p->zstd = ZSTD_createDStream();
    if (!p->zstd || ZSTD_isError(ZSTD_initDStream(p->zstd))) return ss_fail_memory(error);
    return find_dictionary(p, error);
}

static const char *zstd_damage(size_t result)
{
    switch (ZSTD_getErrorCode(result)) {
    case ZSTD_error_frameParameter_windowTooLarge:
        return "zstd window over 128 MiB: compress again without --long";
    case ZSTD_error_dictionary_wrong:
        return "the zstd file needs a dictionary: decompress it first";
    default: return "damaged zstd data: get the file again";
    }
}

static samestory_status read_zstd(ss_packed *p, char *out, size_t room, size_t *got,
                                  samestory_error *error)
{
    ZSTD_outBuffer to = {out, room, 0};
    while (to.pos < to.size && !p->damage) {
        samestory_status status = fill_stored(p, error);
        if (status) return status;
        if (p->stored_at == p->stored_size && !p->full) {
            if (p->inside) p->damage = TRUNCATED;
            break;
        }
        begin_member(p, to.pos);
        ZSTD_inBuffer from = {p->stored, p->stored_size, p->stored_at};
        size_t result = ZSTD_decompressStream(p->zstd, &to, &from);
        p->stored_at = from.pos;
        if (ZSTD_isError(result) && ZSTD_getErrorCode(result) == ZSTD_error_memory_allocation)
            return ss_fail_memory(error);
        if (ZSTD_isError(result)) p->damage = zstd_damage(result);
        p->inside = result != 0;
        p->full = p->inside && to.pos == to.size;
    }
    *got = to.pos;
    return SAMESTORY_OK;
}

/* ---- xz -------------------------------------------------------------------------------------- */

static samestory_status start_xz(ss_packed *p, samestory_error *error)
{
    lzma_ret result = lzma_stream_decoder(&p->xz, XZ_MEMORY_BYTES, LZMA_CONCATENATED);
    return result == LZMA_OK ? SAMESTORY_OK : ss_fail_memory(error);
}

static samestory_status read_xz(ss_packed *p, char *out, size_t room, size_t *got,
                                samestory_error *error)
{
    lzma_stream *x = &p->xz;
    x->next_out = (unsigned char *)out;
    x->avail_out = room;
    while (x->avail_out && !p->damage && !p->ended) {
        samestory_status status = fill_stored(p, error);
        if (status) return status;
        begin_member(p, room - x->avail_out);
        x->next_in = p->stored + p->stored_at;
        x->avail_in = p->stored_size - p->stored_at;
        lzma_ret result = lzma_code(x, p->stored_end ? LZMA_FINISH : LZMA_RUN);
        p->stored_at = p->stored_size - x->avail_in;
        switch (result) {
        case LZMA_OK: break;
        case LZMA_STREAM_END: p->ended = true; break;
        case LZMA_MEM_ERROR: return ss_fail_memory(error);
        case LZMA_MEMLIMIT_ERROR:
            p->damage = "xz data that take more than 256 MiB to unpack: decompress them first";
            break;
        case LZMA_BUF_ERROR: p->damage = TRUNCATED; break;
        default: p->damage = "damaged xz data: get the file again"; break;
        }
    }
    *got = room - x->avail_out;
    return SAMESTORY_OK;
}

/* ---- Any ------------------------------------------------------------------------------------- */

static samestory_status read_plain(ss_packed *p, char *out, size_t room, size_t *got,
                                   samestory_error *error)
{
    size_t waiting = p->stored_size - p->stored_at;
    if (!waiting) return read_some(p, out, room, got, error);
    *got = waiting < room ? waiting : room;
    memcpy(out, p->stored + p->stored_at, *got);
    p->stored_at += *got;
    return SAMESTORY_OK;
}

static bool begins_with(const ss_packed *p, const char *magic, size_t size)
{
    return p->stored_size >= size && !memcmp(p->stored, magic, size);
}

#define XZ_MAGIC                                                                                   \
    "\xFD"                                                                                         \
    "7zXZ\0"

static packing packing_of(const ss_packed *p)
{
    if (begins_with(p, "\x1F\x8B\x08", 3)) return GZIP;
    if (begins_with(p, XZ_MAGIC, 6)) return XZ;
    if (p->stored_size < 4) return PLAIN;
    uint32_t magic = little_endian(p->stored);
    return magic == ZSTD_FRAME || (magic & 0xFFFFFFF0u) == 0x184D2A50u ? ZSTD : PLAIN;
}

samestory_status ss_packed_start(ss_packed *p, int fd, off_t base, const char *name,
                                 samestory_error *error)
{
    p->fd = fd;
    p->base = p->at = p->member_at = base;
    p->name = name;
    p->stored_at = p->stored_size = 0;
    p->stored_end = p->inside = p->full = p->ended = false;
    p->members = p->given = p->member_given = p->rescanned = 0;
    p->damage = NULL;
    samestory_status status = fill_stored(p, error);
    if (status) return status;
    p->packing = packing_of(p);
    switch (p->packing) {
    case GZIP: return start_gzip(p, error);
    case ZSTD: return start_zstd(p, error);
    case XZ: return start_xz(p, error);
    default: return SAMESTORY_OK;
    }
}

samestory_status ss_packed_read(ss_packed *p, char *out, size_t room, size_t *got,
                                samestory_error *error)
{
    samestory_status status = SAMESTORY_OK;
    *got = 0;
    if (!p->damage && !p->ended) {
        switch (p->packing) {
        case GZIP: status = read_gzip(p, out, room, got, error); break;
        case ZSTD: status = read_zstd(p, out, room, got, error); break;
        case XZ: status = read_xz(p, out, room, got, error); break;
        default: status = read_plain(p, out, room, got, error); break;
        }
    }
    p->given += *got;
    if (!status && !*got && p->damage)
        return ss_fail_at(error, SAMESTORY_INPUT_FAILED, p->damage, p->name, 0,
                          (uint64_t)(stored_offset(p) - p->base));
    return status;
}

const char *ss_packed_foreign(const ss_packed *p)
{
    static const struct {
        const char *magic;
        size_t size;
        const char *message;
    } known[] = {
        {"BZh91AY&SY", 10, "bzip2 data: decompress it first (bzip2 -dc FILE | ...)"},
        {"PK\x03\x04", 4, "a zip archive: unpack it first"},
        {"PAR1\x15", 5, "a Parquet file: give its rows as JSON lines, for example through duckdb"},
        {"\xFF\xFE", 2, "UTF-16: convert it first (iconv -f UTF-16 -t UTF-8 FILE | ...)"},
        {"\xFE\xFF", 2, "UTF-16: convert it first (iconv -f UTF-16 -t UTF-8 FILE | ...)"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (begins_with(p, known[i].magic, known[i].size)) return known[i].message;
    return NULL;
}

/* ---- Damage ---------------------------------------------------------------------------------- */

bool ss_packed_damaged(const ss_packed *p, uint64_t *from)
{
    *from = p->member_given;
    return p->damage != NULL;
}

/* Does a member or frame begin with these bytes (MEMBER_HEAD of them)? By chance one place in a
 * thousand million does; it then fails at once, and the search goes on. */
static bool begins_member(const ss_packed *p, const unsigned char *b)
{
    if (p->packing == ZSTD) return little_endian(b) == ZSTD_FRAME;
    if (b[0] != 0x1F || b[1] != 0x8B || b[2] != 8 || b[3] & 0xE0) return false;
    return (b[8] == 0 || b[8] == 2 || b[8] == 4) && (b[9] < 14 || b[9] == 255);
}

/* Moves stored_at to the next place that looks like a beginning; *found false: there is none. */
static samestory_status seek_member(ss_packed *p, bool *found, samestory_error *error)
{
    *found = false;
    for (;;) {
        samestory_status status = fill_stored(p, error);
        if (status) return status;
        size_t i = p->stored_at, size = p->stored_size;
        while (i + MEMBER_HEAD <= size && !begins_member(p, p->stored + i)) i++;
        p->stored_at = i;
        *found = i + MEMBER_HEAD <= size;
        if (*found || p->stored_end) return SAMESTORY_OK;
        /* The last bytes may be the first of a beginning: they are read again with the next ones.
         */
        size_t tail = size - i;
        p->at -= (off_t)tail;
        p->stored_at = p->stored_size = 0;
        status = fill_stored(p, error);
        if (status) return status;
        if (p->stored_size <= tail) {
            p->stored_at = p->stored_size;
            p->stored_end = true;
        }
    }
}

/* A member that was cut off runs on into the next one, so the search begins in the damaged member,
 * unless that has been done for so many bytes that a file made for it could cost any time. */
static void go_back(ss_packed *p)
{
    off_t here = stored_offset(p);
    p->rescanned += (uint64_t)(here - p->member_at);
    if (p->rescanned <= RESCANNED_BYTES || here <= p->member_at) here = p->member_at + 1;
    p->at = here;
    p->stored_at = p->stored_size = 0;
    p->stored_end = false;
}

samestory_status ss_packed_recover(ss_packed *p, samestory_error *error)
{
    bool found = false;
    if (p->packing == GZIP || p->packing == ZSTD) {
        go_back(p);
        samestory_status status = seek_member(p, &found, error);
        if (status) return status;
    }
    p->inside = p->full = false;
    p->damage = NULL;
    p->ended = !found;
    if (!found) return SAMESTORY_OK;
    if (p->packing == GZIP)
        return inflateReset(&p->gzip) == Z_OK ? SAMESTORY_OK : ss_fail_memory(error);
    /* The session begins anew, the dictionary stays. */
    return ZSTD_isError(ZSTD_DCtx_reset(p->zstd, ZSTD_reset_session_only)) ? ss_fail_memory(error)
                                                                           : SAMESTORY_OK;
}
