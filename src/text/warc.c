/* WARC records; see warc.h. */
#include "text/warc.h"
#include "base/status.h"

#include <string.h>

enum {
    HEADER_BYTES = 64 << 10, /* of a record; Common Crawl's have 300 to 2,000 */
    HEADER_FIRST = 4 << 10,  /* looked at first */
    BAD_BYTES = 1 << 20,     /* of a bad record that are given */
    MARK_BYTES = 12,         /* of "WARC/1.10\r\n" and one more */
    TAIL_BYTES = 16          /* of line ends behind a block that belong to it */
};

/* ---- Finding records ------------------------------------------------------------------------- */

/* Bytes of the line "WARC/1.0" that begins here, line end included, or 0. */
static size_t mark_at(const char *p, size_t left)
{
    size_t i = 7;
    if (left < 10 || memcmp(p, "WARC/", 5) != 0 || (p[5] != '0' && p[5] != '1') || p[6] != '.')
        return 0;
    while (i < left && i < 9 && p[i] >= '0' && p[i] <= '9') i++;
    if (i == 7 || i == left) return 0;
    if (p[i] == '\r') i++;
    return i < left && p[i] == '\n' ? i + 1 : 0;
}

/* Where the first line that begins a record is, from `from` on, or `size`. */
static size_t find_mark(const char *bytes, size_t size, size_t from)
{
    if (!from && mark_at(bytes, size)) return 0;
    for (const char *p = bytes + (from ? from - 1 : 0), *end = bytes + size; p < end; p++) {
        p = memchr(p, '\n', (size_t)(end - p));
        if (!p) break;
        if (mark_at(p + 1, (size_t)(end - p - 1))) return (size_t)(p + 1 - bytes);
    }
    return size;
}

bool ss_warc_begins(samestory_string bytes)
{
    size_t i = 0;
    while (i < bytes.size && (bytes.data[i] == '\r' || bytes.data[i] == '\n')) i++;
    if (mark_at(bytes.data + i, bytes.size - i)) return true;
    /* A file that has lost its beginning; a JSON record or a text can't be taken for one, as the
     * line stands there with a named field below it. */
    size_t at =
        bytes.size && bytes.data[0] == '{' ? bytes.size : find_mark(bytes.data, bytes.size, i);
    if (at == bytes.size) return false;
    size_t line = mark_at(bytes.data + at, bytes.size - at);
    return bytes.size - at - line >= 5 && (!memcmp(bytes.data + at + line, "WARC-", 5) ||
                                           !memcmp(bytes.data + at + line, "Conte", 5));
}

void ss_warc_start(ss_warc *w, ss_input *input, const char *name, size_t max_bytes)
{
    w->input = input;
    w->name = name;
    w->max_bytes = max_bytes < SS_WARC_BLOCK_BYTES ? max_bytes : SS_WARC_BLOCK_BYTES;
    w->number = 0;
    w->given = 0;
    w->lost = w->damaged = false;
}

/* As ss_input_peek, but damage is no failure: it is noted, and the bytes before it are given. */
static samestory_status peek(ss_warc *w, size_t want, samestory_string *bytes, const char **damage,
                             samestory_error *error)
{
    samestory_error why;
    *damage = NULL;
    samestory_status status = ss_input_peek(w->input, want, bytes, &why);
    if (!status) return status;
    if (status == SAMESTORY_INPUT_FAILED && ss_input_damaged(w->input, NULL)) {
        *damage = why.message;
        return SAMESTORY_OK;
    }
    if (error) *error = why;
    return status;
}

/* Passes over bytes up to the next line that begins a record, or the file's end. */
static samestory_status find_next(ss_warc *w, samestory_error *error)
{
    const char *damage;
    samestory_string bytes;
    while (w->lost) {
        samestory_status status = peek(w, BAD_BYTES, &bytes, &damage, error);
        if (status) return status;
        size_t at = find_mark(bytes.data, bytes.size, 0);
        if (at < bytes.size) {
            w->lost = false;
        } else if (damage) {
            w->lost = false;
            status = ss_input_recover(w->input, error);
            if (status) return status;
            continue;
        } else if (bytes.size < BAD_BYTES) {
            w->lost = false;
        } else {
            at -= MARK_BYTES + 1; /* a line may have begun, its line end before it */
        }
        ss_input_drop(w->input, at);
    }
    return SAMESTORY_OK;
}

/* Gives what is at hand as a bad record: up to the next one, at most BAD_BYTES. */
static samestory_status bad(ss_warc *w, const char *message, ss_warc_record *r,
                            samestory_error *error)
{
    const char *damage;
    samestory_string bytes;
    samestory_status status = peek(w, BAD_BYTES, &bytes, &damage, error);
    if (status) return status;
    size_t limit = bytes.size < BAD_BYTES ? bytes.size : BAD_BYTES;
    size_t next = find_mark(bytes.data, limit, 1);
    if (next == limit && damage) {
        next = bytes.size; /* ss_input_recover forgets all of it */
        w->damaged = true;
    } else if (next == limit && next == BAD_BYTES) {
        next -= MARK_BYTES + 1;
        w->lost = true;
    }
    w->given = w->damaged ? 0 : next;
    r->raw = (samestory_string){bytes.data, next};
    return ss_fail_at(error, SAMESTORY_BAD_RECORD, message, w->name, r->number, r->offset);
}

/* ---- Headers --------------------------------------------------------------------------------- */

/* A value's place in a record, whose bytes may move while more of it is read. */
typedef struct span {
    size_t at, size;
} span;

typedef enum field { TYPE, LENGTH, ID, URL, DATE, LANGUAGE, MEDIA, TRUNCATED, FIELDS } field;

typedef struct header {
    span field[FIELDS];
    size_t size; /* of the header, the empty line included */
} header;

static bool same_name(const char *name, size_t size, const char *known)
{
    for (size_t i = 0; i < size; i++) {
        char c = name[i];
        if (c >= 'A' && c <= 'Z') c = (char)(c + 32);
        if (!known[i] || c != known[i]) return false;
    }
    return !known[size];
}

static void take_field(header *h, const char *base, const char *line, size_t size)
{
    static const char *const names[FIELDS] = {"warc-type",      "content-length",
                                              "warc-record-id", "warc-target-uri",
                                              "warc-date",      "warc-identified-content-language",
                                              "content-type",   "warc-truncated"};
    const char *colon = memchr(line, ':', size);
    if (!colon) return;
    size_t name = (size_t)(colon - line), at = name + 1;
    while (at < size && (line[at] == ' ' || line[at] == '\t')) at++;
    while (size > at && (line[size - 1] == ' ' || line[size - 1] == '\t')) size--;
    for (int f = 0; f < FIELDS; f++)
        if (!h->field[f].at && same_name(line, name, names[f]))
            h->field[f] = (span){(size_t)(line - base) + at, size - at};
}

/* Reads the lines behind the mark up to the empty one. false: it is not there yet; *broken: it
 * never will be, as another record begins first (were that not seen, a file of nothing but marks
 * would cost HEADER_BYTES for each). */
static bool read_header(samestory_string bytes, header *h, bool *broken)
{
    const char *p = bytes.data, *end = p + bytes.size;
    *h = (header){.size = 0};
    *broken = false;
    for (p += mark_at(p, bytes.size); p < end;) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        if (!newline) return false;
        size_t size = (size_t)(newline - p);
        if (size && p[size - 1] == '\r') size--;
        if (!size) {
            h->size = (size_t)(newline + 1 - bytes.data);
            return true;
        }
        *broken = mark_at(p, (size_t)(end - p)) != 0;
        if (*broken) return false;
        take_field(h, bytes.data, p, size);
        p = newline + 1;
    }
    return false;
}

static samestory_string value(samestory_string bytes, span s)
{
    return (samestory_string){bytes.data + s.at, s.size};
}

/* Digits and nothing else, below 2^60. */
static bool read_length(samestory_string digits, uint64_t *out)
{
    if (!digits.size || digits.size > 18) return false;
    *out = 0;
    for (size_t i = 0; i < digits.size; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9') return false;
        *out = *out * 10 + (uint64_t)(digits.data[i] - '0');
    }
    return true;
}

/* ---- Kinds ----------------------------------------------------------------------------------- */

typedef enum kind {
    CONVERSION = SAMESTORY_SKIPS, /* lower ones are samestory_skip */
    RESPONSE,
    RESOURCE
} kind;

static kind kind_of(samestory_string type)
{
    static const struct {
        const char *name;
        int kind;
    } known[] = {{"conversion", CONVERSION},
                 {"response", RESPONSE},
                 {"resource", RESOURCE},
                 {"request", SAMESTORY_SKIPPED_REQUEST},
                 {"metadata", SAMESTORY_SKIPPED_METADATA},
                 {"warcinfo", SAMESTORY_SKIPPED_WARCINFO},
                 {"revisit", SAMESTORY_SKIPPED_REVISIT}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (same_name(type.data, type.size, known[i].name)) return (kind)known[i].kind;
    return (kind)SAMESTORY_SKIPPED_OTHER;
}

/* Does a media type begin so? In any case. */
static bool media_begins(samestory_string media, const char *known)
{
    size_t size = strlen(known);
    return media.size >= size && same_name(media.data, size, known);
}

/* What a record is in the end, once its block is there. *message: what is wrong with it. */
static kind look_into(kind k, samestory_string media, ss_warc_record *r, const char **message)
{
    *message = NULL;
    r->http = (ss_http){.status = 200, .body = r->block};
    if (k == CONVERSION)
        return !media.size || media_begins(media, "text/plain") ? k
                                                                : (kind)SAMESTORY_SKIPPED_NOT_TEXT;
    if (k == RESPONSE) {
        if (media.size && !media_begins(media, "application/http"))
            return (kind)SAMESTORY_SKIPPED_OTHER;
        *message = ss_http_read(r->block, &r->http);
        if (*message) return k;
        if (r->http.status != 200) return (kind)SAMESTORY_SKIPPED_STATUS;
    } else if (k == RESOURCE) {
        ss_http_read_type(media, &r->http);
    } else {
        return k;
    }
    r->is_page = ss_http_is_page(&r->http);
    return r->is_page ? k : (kind)SAMESTORY_SKIPPED_NOT_TEXT;
}

/* ---- Records --------------------------------------------------------------------------------- */

/* Bytes of the line ends behind the block (which begins at `block`, and of whose `left` bytes
 * `size` are its own), or SIZE_MAX when something else stands there than the end of a record: its
 * length is wrong. */
static size_t tail_size(const char *block, size_t size, size_t left)
{
    const char *p = block + size;
    size_t tail = 0, lines = 0;
    left -= size;
    while (tail < left && tail < TAIL_BYTES && (p[tail] == '\r' || p[tail] == '\n'))
        lines += p[tail++] == '\n';
    if (tail == left || mark_at(p + tail, left - tail)) return tail;
    /* Garbage, or the empty line below the header of a record that has been swallowed. */
    return lines >= 2 && find_mark(block, size, 0) == size ? tail : SIZE_MAX;
}

static samestory_string without_brackets(samestory_string s)
{
    if (s.size < 2 || s.data[0] != '<' || s.data[s.size - 1] != '>') return s;
    return (samestory_string){s.data + 1, s.size - 2};
}

static void describe(const header *h, samestory_string bytes, size_t block, size_t tail,
                     ss_warc_record *r)
{
    r->raw = (samestory_string){bytes.data, h->size + block};
    r->tail = (samestory_string){bytes.data + h->size + block, tail};
    r->block = (samestory_string){bytes.data + h->size, block};
    r->id = value(bytes, h->field[ID]);
    r->url = without_brackets(value(bytes, h->field[URL]));
    r->date = value(bytes, h->field[DATE]);
    r->language = value(bytes, h->field[LANGUAGE]);
    /* Of several languages the first has most of the text. */
    const char *comma = r->language.size ? memchr(r->language.data, ',', r->language.size) : NULL;
    if (comma) r->language.size = (size_t)(comma - r->language.data);
    r->truncated = h->field[TRUNCATED].at != 0;
}

/* The header of the record that begins at the input's next byte. *message: why it is a bad one. */
static samestory_status get_header(ss_warc *w, header *h, samestory_string *bytes,
                                   const char **message, samestory_error *error)
{
    for (size_t want = HEADER_FIRST;; want *= 4) {
        const char *damage;
        samestory_status status = peek(w, want, bytes, &damage, error);
        if (status) return status;
        samestory_string looked = {bytes->data,
                                   bytes->size < HEADER_BYTES ? bytes->size : HEADER_BYTES};
        *message = NULL;
        bool broken;
        if (read_header(looked, h, &broken)) return SAMESTORY_OK;
        *message = broken                 ? "the record's header does not end"
                   : damage               ? damage
                   : bytes->size < want   ? "the file ends inside a record's header"
                   : want >= HEADER_BYTES ? "a record's header of more than 64 KiB"
                                          : NULL;
        if (*message) return SAMESTORY_OK;
    }
}

/* The damage that this record has, if it is the only one of a member that is damaged. A member of
 * several has lost only those that are not there. */
static const char *damage_of(const ss_warc *w, const ss_warc_record *r, samestory_string bytes,
                             size_t size)
{
    uint64_t from;
    if (!ss_input_damaged(w->input, &from) || from < r->offset || from >= r->offset + size)
        return NULL;
    return find_mark(bytes.data, bytes.size, 1) < bytes.size
               ? NULL
               : "damaged compressed data in this record: get the file again";
}

/* The whole record, in the input's buffer. */
static samestory_status get_record(ss_warc *w, const header *h, uint64_t length, ss_warc_record *r,
                                   const char **message, samestory_error *error)
{
    const char *damage;
    samestory_string bytes;
    size_t block = (size_t)length, size = h->size + block;
    samestory_status status = peek(w, size + TAIL_BYTES + MARK_BYTES, &bytes, &damage, error);
    if (status) return status;
    *message = damage_of(w, r, bytes, size);
    if (*message) return SAMESTORY_OK;
    size_t tail =
        bytes.size < size ? SIZE_MAX : tail_size(bytes.data + h->size, block, bytes.size - h->size);
    if (tail == SIZE_MAX) {
        *message = damage              ? damage
                   : bytes.size < size ? "the file ends inside the record, or its Content-Length "
                                         "is too large"
                                       : "no record ends there: its Content-Length is wrong";
        return SAMESTORY_OK;
    }
    describe(h, bytes, block, tail, r);
    w->given = size + tail;
    return SAMESTORY_OK;
}

/* A record that is longer than the limit: a bad one, unless its beginning says that it would be
 * passed over anyway. Its length may be wrong as well, so the next one is searched for. */
static samestory_status pass_over(ss_warc *w, const header *h, ss_warc_record *r, kind *k,
                                  samestory_error *error)
{
    const char *damage, *message;
    samestory_string bytes;
    samestory_status status = peek(w, h->size + HEADER_BYTES, &bytes, &damage, error);
    if (status) return status;
    r->block = (samestory_string){bytes.data + h->size, bytes.size - h->size};
    *k = look_into(*k, value(bytes, h->field[MEDIA]), r, &message);
    if (message || *k >= CONVERSION) return bad(w, "record longer than the limit", r, error);
    w->lost = true;
    ss_input_drop(w->input, h->size);
    return SAMESTORY_OK;
}

/* Reads one record; *k says what it is. SAMESTORY_BAD_RECORD for one that can't be read. */
static samestory_status read_one(ss_warc *w, ss_warc_record *r, kind *k, samestory_error *error)
{
    header h;
    samestory_string bytes;
    const char *message;
    uint64_t length;
    samestory_status status = get_header(w, &h, &bytes, &message, error);
    if (status) return status;
    if (message) return bad(w, message, r, error);
    if (!h.field[TYPE].size) return bad(w, "the record has no WARC-Type", r, error);
    if (!read_length(value(bytes, h.field[LENGTH]), &length))
        return bad(w, "the record has no Content-Length, or one that is no number", r, error);
    *k = kind_of(value(bytes, h.field[TYPE]));
    if (length > w->max_bytes) return pass_over(w, &h, r, k, error);
    status = get_record(w, &h, length, r, &message, error);
    if (status) return status;
    if (message) return bad(w, message, r, error);
    samestory_string media = {r->raw.data + h.field[MEDIA].at, h.field[MEDIA].size};
    *k = look_into(*k, media, r, &message);
    if (!message) return SAMESTORY_OK;
    return ss_fail_at(error, SAMESTORY_BAD_RECORD, message, w->name, r->number, r->offset);
}

/* To the first byte of the next record; *there is false at the end of the file. */
static samestory_status go_on(ss_warc *w, bool *there, bool *garbage, samestory_error *error)
{
    const char *damage;
    samestory_string bytes;
    ss_input_drop(w->input, w->given);
    w->given = 0;
    samestory_status status = w->damaged ? ss_input_recover(w->input, error) : SAMESTORY_OK;
    w->damaged = false;
    if (!status) status = find_next(w, error);
    while (!status) {
        status = peek(w, MARK_BYTES, &bytes, &damage, error);
        if (status) return status;
        size_t i = 0;
        while (i < bytes.size && (bytes.data[i] == '\r' || bytes.data[i] == '\n')) i++;
        *there = i < bytes.size || damage;
        *garbage = !mark_at(bytes.data + i, bytes.size - i);
        if (!i) break;
        ss_input_drop(w->input, i);
    }
    return status;
}

samestory_status ss_warc_next(ss_warc *w, ss_warc_record *r, samestory_error *error)
{
    for (;;) {
        bool there, garbage;
        samestory_status status = go_on(w, &there, &garbage, error);
        if (status) return status;
        if (!there) return SAMESTORY_END;
        *r = (ss_warc_record){.number = ++w->number, .offset = ss_input_offset(w->input)};
        if (garbage) {
            const char *damage;
            samestory_string bytes;
            status = peek(w, MARK_BYTES, &bytes, &damage, error);
            if (status) return status;
            return bad(w, damage ? damage : "no WARC record begins here", r, error);
        }
        kind k = (kind)SAMESTORY_SKIPPED_OTHER;
        status = read_one(w, r, &k, error);
        if (status) return status;
        if (k >= CONVERSION) return SAMESTORY_OK;
        w->skipped[k]++;
    }
}
