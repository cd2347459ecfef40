/* Stage reader: files to documents.
 *
 * In: files of JSON lines or of WARC records (crawl dumps: WARC, WET), text files; packed or not;
 * folders of them, lists of them, pipes. Out: one record after the other, its bytes as they stand
 * in the file, and the document that they tell of. All records pass through one buffer: memory is
 * that of the longest record, whatever the size of the input (and a path a file). Files that can't
 * be read twice are spooled when they are opened. */
#include "base/status.h"
#include "text/fields.h"
#include "text/input.h"
#include "text/notes.h"
#include "text/page.h"
#include "text/sfeed.h"
#include "text/sources.h"
#include "text/warc.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A record's size limit when the caller names none, and at all: the JSON parser's. */
#define RECORD_BYTES_DEFAULT ((size_t)1 << 30)
#define RECORD_BYTES_MAX     ((size_t)0xFFFFFF00)

enum {
    STRINGS = 10,           /* in samestory_reader_options */
    LOOKED_BYTES = 64 << 10 /* of a file, to tell what it holds */
};

struct samestory_reader {
    samestory_reader_options options;
    char *names[STRINGS]; /* what the options point to */
    bool named_lines;     /* options.lines_only when it was opened: every file is lines */
    ss_sources sources;
    uint64_t done; /* bytes as stored, of the files read to their end */
    size_t current;
    bool started;   /* sources.items[current] is open in `input` */
    int fd;         /* of it */
    uint64_t given; /* records of it, in all shares */
    ss_input *input;
    ss_json *json;
    ss_warc warc;
    ss_page *page; /* made when the first one comes */
    ss_field_space space;
    ss_sfeed sfeed;
    ss_notes notes;
    uint64_t notes_left; /* of the source that is being read from them, counted down */
};

/* ---- Opening --------------------------------------------------------------------------------- */

/* Takes the caller's options, with copies of their strings. */
static bool copy_options(samestory_reader *r, const samestory_reader_options *given)
{
    samestory_reader_options *o = &r->options;
    size_t size = given->struct_size < sizeof *o ? given->struct_size : sizeof *o;
    memcpy(o, given, size);
    o->struct_size = sizeof *o;
    const char **strings[STRINGS] = {
        &o->id_field,       &o->title_field, &o->text_field,  &o->url_field,    &o->source_field,
        &o->language_field, &o->date_field,  &o->label_field, &o->spool_folder, &o->paths_base};
    for (size_t i = 0; i < STRINGS; i++) {
        if (!*strings[i]) continue;
        r->names[i] = strdup(*strings[i]);
        if (!r->names[i]) return false;
        *strings[i] = r->names[i];
    }
    if (!o->max_record_bytes) o->max_record_bytes = RECORD_BYTES_DEFAULT;
    if (o->max_record_bytes > RECORD_BYTES_MAX) o->max_record_bytes = RECORD_BYTES_MAX;
    return true;
}

samestory_status samestory_reader_open(const char *const *paths, size_t count,
                                       const samestory_reader_options *options,
                                       samestory_reader **out, samestory_error *error)
{
    static const samestory_reader_options defaults = SAMESTORY_READER_OPTIONS_INIT;
    if (!out || (count && !paths))
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "paths and out must not be NULL");
    samestory_reader *r = calloc(1, sizeof *r);
    if (!r) return ss_fail_memory(error);
    r->notes.fd = -1;
    samestory_status status = SAMESTORY_OK;
    r->input = ss_input_new();
    r->json = ss_json_new();
    if (!r->input || !r->json || !copy_options(r, options ? options : &defaults))
        status = ss_fail_memory(error);
    r->named_lines = r->options.lines_only;
    if (!status && r->options.keep_notes) ss_notes_open(&r->notes, r->options.spool_folder);
    if (!status) status = ss_sources_open(&r->sources, paths, count, &r->options, error);
    if (status)
        samestory_reader_free(r);
    else
        *out = r;
    return status;
}

/* ---- From file to file ----------------------------------------------------------------------- */

static void close_source(samestory_reader *r)
{
    if (r->started && !r->sources.items[r->current].kept) close(r->fd);
    r->started = false;
}

void samestory_reader_free(samestory_reader *r)
{
    if (!r) return;
    close_source(r);
    ss_sources_free(&r->sources);
    for (size_t i = 0; i < STRINGS; i++) free(r->names[i]);
    ss_input_free(r->input);
    ss_json_free(r->json);
    ss_page_free(r->page);
    ss_notes_close(&r->notes);
    ss_html_free(r->space.html);
    free(r->sfeed.content);
    free(r);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* A record as JSONL has them: what no text begins with. */
static bool begins_as_object(samestory_string bytes)
{
    size_t i = 0;
    if (!bytes.size || bytes.data[i++] != '{') return false;
    while (i < bytes.size && is_space(bytes.data[i])) i++;
    return i < bytes.size && bytes.data[i] == '"';
}

/* A file that is damaged from its first byte on: a crawl goes on behind that. */
static samestory_status begin_behind_damage(samestory_reader *r, ss_source *s,
                                            samestory_status damage, samestory_error *error)
{
    samestory_string bytes;
    samestory_error unused;
    if (ss_input_recover(r->input, &unused)) return damage;
    ss_input_peek(r->input, LOOKED_BYTES, &bytes, &unused);
    if (!ss_warc_begins(bytes)) return damage;
    s->kind = SS_WARC;
    return ss_input_start(r->input, r->fd, s->base, s->name, error);
}

/* What a file holds: WARC records wherever they are found, else text where the name says so, or
 * nothing does and a folder was named; else lines. */
static samestory_status tell_kind(samestory_reader *r, ss_source *s, samestory_error *error)
{
    samestory_string bytes;
    samestory_status status = ss_input_peek(r->input, LOOKED_BYTES, &bytes, error);
    /* Of a damaged file, what comes before the damage tells. */
    if (status && !ss_input_damaged(r->input, NULL)) return status;
    if (status && !bytes.size) return begin_behind_damage(r, s, status, error);
    if (r->named_lines)
        s->kind = SS_LINES;
    else if (ss_warc_begins(bytes))
        s->kind = SS_WARC;
    else if (s->named_text || (s->in_folder && !begins_as_object(bytes)))
        s->kind = SS_TEXT;
    else
        s->kind = ss_sfeed_begins(bytes) ? SS_SFEED : SS_LINES;
    return s->kind == SS_LINES ? ss_input_check_lines(r->input, error) : SAMESTORY_OK;
}

/* Can the source be read from notes? That the file is still the same is checked all the same. */
static bool from_notes(const samestory_reader *r)
{
    return r->options.lines_only && r->notes.fd >= 0 && r->sources.items[r->current].noted;
}

static samestory_status start_source(samestory_reader *r, samestory_error *error)
{
    ss_source *s = &r->sources.items[r->current];
    samestory_status status = ss_source_open(s, &r->fd, error);
    if (status) return status;
    r->started = true;
    r->given = 0;
    r->notes_left = s->notes;
    if (from_notes(r)) {
        status = ss_input_start(r->input, r->notes.fd, (off_t)s->notes_at, s->name, error);
        if (status) close_source(r);
        return status;
    }
    s->noted = false;
    s->notes = 0;
    s->notes_at = ss_notes_at(&r->notes);
    status = ss_input_start(r->input, r->fd, s->base, s->name, error);
    if (!status && s->kind == SS_UNKNOWN) status = tell_kind(r, s, error);
    if (!status && s->kind == SS_WARC)
        ss_warc_start(&r->warc, r->input, s->name, r->options.max_record_bytes);
    if (status) close_source(r);
    return status;
}

static void finish_source(samestory_reader *r)
{
    ss_source *s = &r->sources.items[r->current];
    if (from_notes(r)) {
        r->done += (uint64_t)(s->seen.st_size - s->base);
    } else {
        r->done += ss_input_consumed(r->input);
        s->noted = r->notes.fd >= 0 && (s->kind == SS_WARC || s->kind == SS_SFEED);
    }
    close_source(r);
    r->current++;
}

samestory_status samestory_reader_rewind(samestory_reader *r, bool lines_only,
                                         samestory_error *error)
{
    if (!r) return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "reader must not be NULL");
    close_source(r);
    r->current = 0;
    r->done = 0;
    r->options.lines_only = lines_only;
    memset(r->warc.skipped, 0, sizeof r->warc.skipped);
    r->space.records = 0;
    r->space.matched = 0;
    ss_notes_flush(&r->notes);
    samestory_status status = SAMESTORY_OK;
    for (size_t i = 0; !status && i < r->sources.count; i++)
        status = ss_source_unchanged(&r->sources.items[i], error);
    return status;
}

void samestory_reader_progress(const samestory_reader *r, uint64_t *done, uint64_t *total)
{
    uint64_t here = r->done;
    if (r->started && !from_notes(r)) here += ss_input_consumed(r->input);
    if (done) *done = here;
    if (total) *total = r->sources.total > here ? r->sources.total : here;
}

uint64_t samestory_reader_skipped(const samestory_reader *r, samestory_skip why)
{
    return r && (unsigned)why < SAMESTORY_SKIPS ? r->warc.skipped[why] : 0;
}

const char *samestory_skip_name(samestory_skip why)
{
    static const char *const names[SAMESTORY_SKIPS] = {
        "not text", "other status", "revisit", "request", "metadata", "warcinfo", "other"};
    return (unsigned)why < SAMESTORY_SKIPS ? names[why] : "unknown";
}

bool samestory_reader_missed(const samestory_reader *r, samestory_field field)
{
    if (!r || (unsigned)field >= SAMESTORY_FIELDS) return false;
    const samestory_reader_options *o = &r->options;
    const char *const named[SAMESTORY_FIELDS] = {o->text_field,   o->title_field, o->id_field,
                                                 o->url_field,    o->date_field,  o->language_field,
                                                 o->source_field, o->label_field};
    return named[field] && r->space.records && !(r->space.matched >> field & 1);
}

/* Is record number `index` (from 0) of the only file in this share? */
static bool in_share(const samestory_reader *r, uint64_t index)
{
    unsigned shards = r->options.shards;
    return shards < 2 || !r->sources.one || index % shards == r->options.shard % shards;
}

/* ---- Records --------------------------------------------------------------------------------- */

/* Bytes of a byte order mark, which Windows programs put before UTF-8. */
static size_t mark_bytes(samestory_string text)
{
    return text.size >= 3 && !memcmp(text.data, "\xEF\xBB\xBF", 3) ? 3 : 0;
}

static bool is_blank(samestory_string line)
{
    for (size_t i = mark_bytes(line); i < line.size; i++)
        if (line.data[i] != ' ' && line.data[i] != '\t' && line.data[i] != '\r') return false;
    return true;
}

static void describe(const ss_source *s, const ss_line *line, samestory_record *record)
{
    size_t size = record->struct_size;
    *record = (samestory_record){.struct_size = size,
                                 .document = SAMESTORY_DOCUMENT_INIT,
                                 .raw = line->bytes,
                                 .line_end = line->line_end,
                                 .file = s->name,
                                 .line = line->number,
                                 .is_json = s->kind == SS_LINES};
}

/* The first line is the title, the rest the text. */
static void split_title(samestory_string whole, samestory_document *d)
{
    const char *newline = whole.size ? memchr(whole.data, '\n', whole.size) : NULL;
    size_t title = newline ? (size_t)(newline - whole.data) : whole.size, rest = title + !!newline;
    d->text = (samestory_string){whole.data + rest, whole.size - rest};
    if (title && whole.data[title - 1] == '\r') title--;
    d->title = (samestory_string){whole.data, title};
}

/* A text file: its first line is the title, its path the id. */
static samestory_status next_text(samestory_reader *r, samestory_record *record,
                                  samestory_error *error)
{
    const ss_source *s = &r->sources.items[r->current];
    ss_line line;
    samestory_status status = ss_input_whole(r->input, r->options.max_record_bytes, &line, error);
    if (status && status != SAMESTORY_BAD_RECORD) return status;
    describe(s, &line, record);
    finish_source(r);
    if (status) return status;
    samestory_document *d = &record->document;
    size_t begin = mark_bytes(line.bytes);
    split_title((samestory_string){line.bytes.data + begin, line.bytes.size - begin}, d);
    d->id = (samestory_string){s->name, strlen(s->name)};
    return SAMESTORY_OK;
}

/* Title, text and perhaps a better date of a record whose other parts are there. */
static samestory_status read_page(samestory_reader *r, const ss_warc_record *w,
                                  samestory_document *d, samestory_error *error)
{
    const char *message;
    if (!r->page) r->page = ss_page_new();
    if (!r->page) return ss_fail_memory(error);
    samestory_status status = ss_page_read(r->page, &w->http, w->truncated, d, &message);
    if (status == SAMESTORY_NO_MEMORY) return ss_fail_memory(error);
    return status ? ss_fail_at(error, status, message, r->warc.name, w->number, w->offset) : status;
}

/* A record of a crawl. */
static samestory_status next_warc(samestory_reader *r, samestory_record *record,
                                  samestory_error *error)
{
    ss_warc_record w;
    samestory_status status;
    do {
        status = ss_warc_next(&r->warc, &w, error);
        if (status && status != SAMESTORY_BAD_RECORD) return status;
    } while (!in_share(r, r->given++));
    ss_line line = {w.raw, w.tail, w.number, w.offset, false};
    describe(&r->sources.items[r->current], &line, record);
    if (status) return status;
    samestory_document *d = &record->document;
    d->date = samestory_parse_date(w.date.data, w.date.size);
    if (w.is_page)
        status = read_page(r, &w, d, error);
    else
        split_title(w.block, d);
    if (status) return status;
    d->id = w.id;
    d->url = w.url;
    d->language = w.language;
    if (!d->id.size) d->id = d->url;
    if (!d->id.size) d->id = ss_fields_content_id(d, &r->space);
    return SAMESTORY_OK;
}

static samestory_status parse_record(samestory_reader *r, const ss_line *line,
                                     samestory_record *record, samestory_error *error)
{
    size_t mark = line->number == 1 ? mark_bytes(line->bytes) : 0;
    const char *message = NULL;
    samestory_status status =
        ss_json_parse(r->json, line->bytes.data + mark, line->bytes.size - mark, &message);
    if (status) return ss_fail_at(error, status, message, record->file, line->number, line->offset);
    status = ss_fields_read(r->json, &r->options, &r->space, &record->document, &record->label);
    return status ? ss_fail_memory(error) : SAMESTORY_OK;
}

static samestory_status read_sfeed(samestory_reader *r, const ss_line *line,
                                   samestory_record *record, samestory_error *error)
{
    samestory_document *d = &record->document;
    if (!r->space.html) r->space.html = ss_html_new();
    if (!r->space.html) return ss_fail_memory(error);
    samestory_status status = ss_sfeed_read(&r->sfeed, r->space.html, line->bytes, d);
    if (status == SAMESTORY_NO_MEMORY) return ss_fail_memory(error);
    if (status)
        return ss_fail_at(error, status, "no line of sfeed: a time and five more fields, with tabs",
                          record->file, line->number, line->offset);
    if (!d->id.size) d->id = ss_fields_content_id(d, &r->space);
    return SAMESTORY_OK;
}

static samestory_status next_line(samestory_reader *r, samestory_record *record,
                                  samestory_error *error)
{
    ss_line line;
    samestory_status status;
    do {
        status = ss_input_line(r->input, r->options.max_record_bytes, &line, error);
        if (status) return status;
    } while (!in_share(r, line.number - 1));
    describe(&r->sources.items[r->current], &line, record);
    if (line.piece)
        return ss_fail_at(error, SAMESTORY_BAD_RECORD, "record longer than the limit: split it",
                          record->file, line.number, line.offset);
    record->is_blank = is_blank(line.bytes);
    if (record->is_blank) return SAMESTORY_OK;
    if (r->sources.items[r->current].kind == SS_SFEED) return read_sfeed(r, &line, record, error);
    if (r->options.lines_only) return SAMESTORY_OK;
    return parse_record(r, &line, record, error);
}

samestory_status samestory_reader_parse(samestory_reader *r, samestory_string line, uint64_t number,
                                        samestory_record *record, samestory_error *error)
{
    static const ss_source memory = {.name = "-", .kind = SS_LINES};
    if (!r || !record || record->struct_size < sizeof *record)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT,
                       "reader and record must be there, record->struct_size set to its size");
    ss_line l = {.bytes = line, .number = number};
    describe(&memory, &l, record);
    record->is_blank = is_blank(line);
    return record->is_blank ? SAMESTORY_OK : parse_record(r, &l, record, error);
}

/* Notes a record for the second pass, whose reading was `status`. */
static void take_note(samestory_reader *r, samestory_status status, const samestory_record *record)
{
    const samestory_document *d = &record->document;
    ss_source *s = &r->sources.items[r->current];
    if (r->notes.fd < 0 || (status && status != SAMESTORY_BAD_RECORD)) return;
    ss_notes_add(&r->notes, &(ss_note){status != SAMESTORY_OK, record->line, d->date, d->id, d->url,
                                       d->title});
    s->notes++;
}

static samestory_status next_noted(samestory_reader *r, samestory_record *record,
                                   samestory_error *error)
{
    ss_note note;
    if (!r->notes_left) return SAMESTORY_END;
    samestory_status status = ss_notes_next(r->input, &note, error);
    if (status) return status;
    r->notes_left--;
    describe(&r->sources.items[r->current], &(ss_line){.number = note.number}, record);
    record->document.id = note.id;
    record->document.url = note.url;
    record->document.title = note.title;
    record->document.date = note.date;
    if (!note.bad) return SAMESTORY_OK;
    return ss_fail_at(error, SAMESTORY_BAD_RECORD, "a bad record of the first pass", record->file,
                      record->line, 0);
}

/* The next record of the source that has been started. */
static samestory_status next_of_source(samestory_reader *r, samestory_record *record,
                                       samestory_error *error)
{
    samestory_status status;
    if (from_notes(r)) return next_noted(r, record, error);
    switch (r->sources.items[r->current].kind) {
    case SS_WARC: status = next_warc(r, record, error); break;
    case SS_SFEED: status = next_line(r, record, error); break;
    default: return next_line(r, record, error);
    }
    take_note(r, status, record);
    return status;
}

samestory_status samestory_reader_next(samestory_reader *r, samestory_record *record,
                                       samestory_error *error)
{
    if (!r || !record || record->struct_size < sizeof *record)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT,
                       "reader and record must be there, record->struct_size set to its size");
    while (r->current < r->sources.count) {
        samestory_status status = r->started ? SAMESTORY_OK : start_source(r, error);
        if (status) return status;
        bool text = r->sources.items[r->current].kind == SS_TEXT;
        if (text && in_share(r, 0)) return next_text(r, record, error);
        status = text ? SAMESTORY_END : next_of_source(r, record, error);
        if (status != SAMESTORY_END) return status;
        finish_source(r);
    }
    return SAMESTORY_END;
}
