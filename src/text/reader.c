/* Stage reader: files to documents.
 *
 * In: JSONL files (plain, .gz, .zst), folders of text files, pipes. Out: one record a line or text
 * file, its bytes as they stand in the file, and the document that they tell of. All records pass
 * through one buffer: memory is that of the longest record, whatever the size of the input (and a
 * path a file). Files that can't be read twice are spooled when they are opened. */
#include "base/array.h"
#include "base/status.h"
#include "text/fields.h"
#include "text/input.h"
#include "text/spool.h"
#include "text/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A record's size limit when the caller names none, and at all: the JSON parser's. */
#define RECORD_BYTES_DEFAULT ((size_t)1 << 30)
#define RECORD_BYTES_MAX     ((size_t)0xFFFFFF00)

enum { FIELDS = 8 }; /* names in samestory_reader_options */

typedef struct source {
    const char *name; /* the path, as given or found; ids and errors show it */
    bool text;        /* a text file, not JSONL */
    bool kept;        /* `fd` is a spooled pipe or standard input, and stays open */
    int fd;
    off_t base;       /* where it begins */
    struct stat seen; /* when it was opened: it must not change until it is read again */
} source;

struct samestory_reader {
    samestory_reader_options options;
    char *names[FIELDS + 1]; /* what the options point to */
    ss_paths paths;
    source *sources;
    size_t count, capacity;
    uint64_t total, done; /* bytes as stored: of all sources, of those read to their end */
    size_t current;
    bool started; /* sources[current] is open in `input` */
    int fd;       /* of it */
    ss_input *input;
    ss_json *json;
    ss_field_space space;
};

/* ---- Opening --------------------------------------------------------------------------------- */

static bool ends_with(const char *name, const char *end)
{
    size_t size = strlen(name), tail = strlen(end);
    return size >= tail && !strcmp(name + size - tail, end);
}

static bool is_jsonl_name(const char *name)
{
    static const char *const ends[] = {".jsonl",  ".jsonl.gz",  ".jsonl.zst",
                                       ".json",   ".json.gz",   ".json.zst",
                                       ".ndjson", ".ndjson.gz", ".ndjson.zst"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (ends_with(name, ends[i])) return true;
    return false;
}

static bool is_text_name(const char *name)
{
    static const char *const ends[] = {".txt", ".txt.gz", ".txt.zst", ".md", ".md.gz", ".md.zst"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (ends_with(name, ends[i])) return true;
    return false;
}

/* A name of its own for a path, which lives as long as the reader. */
static const char *keep_path(samestory_reader *r, const char *path)
{
    if (!ss_reserve(&r->paths.items, &r->paths.capacity, r->paths.count + 1)) return NULL;
    char *copy = strdup(path);
    if (copy) r->paths.items[r->paths.count++] = copy;
    return copy;
}

static samestory_status add_source(samestory_reader *r, source s, samestory_error *error)
{
    if (!ss_reserve(&r->sources, &r->capacity, r->count + 1)) return ss_fail_memory(error);
    off_t size = s.seen.st_size - s.base;
    r->total += size > 0 ? (uint64_t)size : 0;
    r->sources[r->count++] = s;
    return SAMESTORY_OK;
}

/* A descriptor that is no regular file, or standard input: kept open, spooled if need be. */
static samestory_status add_kept(samestory_reader *r, int fd, source s, samestory_error *error)
{
    if (fstat(fd, &s.seen))
        return ss_fail_errno(error, SAMESTORY_INPUT_FAILED, "can't be read: is it open?", s.name);
    s.base = S_ISREG(s.seen.st_mode) ? lseek(fd, 0, SEEK_CUR) : -1;
    if (s.base >= 0) {
        s.fd = dup(fd);
        if (s.fd < 0)
            return ss_fail_errno(error, SAMESTORY_INPUT_FAILED, "too many open files", s.name);
    } else {
        s.base = 0;
        samestory_status status = ss_spool(fd, s.name, r->options.spool_folder, &s.fd, error);
        if (status) return status;
        if (fstat(s.fd, &s.seen)) memset(&s.seen, 0, sizeof s.seen);
    }
    s.kept = true;
    samestory_status status = add_source(r, s, error);
    if (status) close(s.fd);
    return status;
}

static samestory_status add_stdin(samestory_reader *r, samestory_error *error)
{
    for (size_t i = 0; i < r->count; i++)
        if (!strcmp(r->sources[i].name, "-"))
            return ss_fail_at(error, SAMESTORY_INPUT_FAILED,
                              "standard input is named twice: it can be read once", "-", 0, 0);
    return add_kept(r, STDIN_FILENO, (source){.name = "-"}, error);
}

static samestory_status add_folder(samestory_reader *r, const char *path, samestory_error *error)
{
    ss_paths found = {0};
    samestory_status status = ss_walk(path, &found, error);
    for (size_t i = 0; !status && i < found.count; i++) {
        source s = {.name = found.items[i], .text = !is_jsonl_name(found.items[i])};
        if (stat(s.name, &s.seen)) {
            status = ss_fail_errno(error, SAMESTORY_INPUT_FAILED,
                                   "can't look at this file: check its permissions", s.name);
        } else if (!ss_reserve(&r->paths.items, &r->paths.capacity, r->paths.count + 1)) {
            status = ss_fail_memory(error);
        } else {
            r->paths.items[r->paths.count++] = found.items[i];
            found.items[i] = NULL;
            status = add_source(r, s, error);
        }
    }
    ss_paths_free(&found);
    return status;
}

static samestory_status open_file(const char *path, int *fd, struct stat *is,
                                  samestory_error *error)
{
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (*fd < 0)
        return ss_fail_errno(error, SAMESTORY_INPUT_FAILED,
                             "can't open this file: check its name and permissions", path);
    if (!fstat(*fd, is)) return SAMESTORY_OK;
    int kept = errno;
    close(*fd);
    errno = kept;
    return ss_fail_errno(error, SAMESTORY_INPUT_FAILED, "can't look at this file", path);
}

static samestory_status add_path(samestory_reader *r, const char *path, samestory_error *error)
{
    if (!strcmp(path, "-")) return add_stdin(r, error);
    source s = {.name = keep_path(r, path), .text = is_text_name(path)};
    if (!s.name) return ss_fail_memory(error);
    int fd;
    samestory_status status = open_file(path, &fd, &s.seen, error);
    if (status) return status;
    if (S_ISDIR(s.seen.st_mode))
        status = add_folder(r, s.name, error);
    else if (S_ISREG(s.seen.st_mode))
        status = add_source(r, s, error);
    else
        status = add_kept(r, fd, s, error);
    close(fd);
    return status;
}

/* Takes the caller's options, with copies of their strings. */
static bool copy_options(samestory_reader *r, const samestory_reader_options *given)
{
    samestory_reader_options *o = &r->options;
    size_t size = given->struct_size < sizeof *o ? given->struct_size : sizeof *o;
    memcpy(o, given, size);
    o->struct_size = sizeof *o;
    const char **strings[FIELDS + 1] = {&o->id_field,   &o->title_field,  &o->text_field,
                                        &o->url_field,  &o->source_field, &o->language_field,
                                        &o->date_field, &o->label_field,  &o->spool_folder};
    for (size_t i = 0; i <= FIELDS; i++) {
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
    samestory_status status = SAMESTORY_OK;
    r->input = ss_input_new();
    r->json = ss_json_new();
    if (!r->input || !r->json || !copy_options(r, options ? options : &defaults))
        status = ss_fail_memory(error);
    for (size_t i = 0; !status && i < count; i++) status = add_path(r, paths[i], error);
    if (status)
        samestory_reader_free(r);
    else
        *out = r;
    return status;
}

/* ---- From file to file ----------------------------------------------------------------------- */

static void close_source(samestory_reader *r)
{
    if (r->started && !r->sources[r->current].kept) close(r->fd);
    r->started = false;
}

void samestory_reader_free(samestory_reader *r)
{
    if (!r) return;
    close_source(r);
    for (size_t i = 0; i < r->count; i++)
        if (r->sources[i].kept) close(r->sources[i].fd);
    for (size_t i = 0; i <= FIELDS; i++) free(r->names[i]);
    free(r->sources);
    ss_paths_free(&r->paths);
    ss_input_free(r->input);
    ss_json_free(r->json);
    free(r);
}

static samestory_status check_unchanged(const source *s, const struct stat *now,
                                        samestory_error *error)
{
    const struct stat *then = &s->seen;
    if (now->st_size == then->st_size && now->st_mtim.tv_sec == then->st_mtim.tv_sec &&
        now->st_mtim.tv_nsec == then->st_mtim.tv_nsec && now->st_ino == then->st_ino)
        return SAMESTORY_OK;
    return ss_fail_at(error, SAMESTORY_INPUT_FAILED,
                      "the file changed while it was being read: start again when it is complete",
                      s->name, 0, 0);
}

static samestory_status start_source(samestory_reader *r, samestory_error *error)
{
    source *s = &r->sources[r->current];
    samestory_status status = SAMESTORY_OK;
    r->fd = s->fd;
    if (!s->kept) {
        struct stat now;
        status = open_file(s->name, &r->fd, &now, error);
        if (status) return status;
        status = check_unchanged(s, &now, error);
        r->started = true;
    }
    r->started = true;
    if (!status) status = ss_input_start(r->input, r->fd, s->base, s->name, error);
    if (!status && !s->text) status = ss_input_check_lines(r->input, error);
    if (status) close_source(r);
    return status;
}

static void finish_source(samestory_reader *r)
{
    r->done += ss_input_consumed(r->input);
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
    for (size_t i = 0; i < r->count; i++) {
        const source *s = &r->sources[i];
        struct stat now;
        if (s->kept ? fstat(s->fd, &now) : stat(s->name, &now))
            return ss_fail_errno(error, SAMESTORY_INPUT_FAILED,
                                 "the file is gone and can't be read again", s->name);
        samestory_status status = check_unchanged(s, &now, error);
        if (status) return status;
    }
    return SAMESTORY_OK;
}

void samestory_reader_progress(const samestory_reader *r, uint64_t *done, uint64_t *total)
{
    uint64_t here = r->done + (r->started ? ss_input_consumed(r->input) : 0);
    if (done) *done = here;
    if (total) *total = r->total > here ? r->total : here;
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

static void describe(const source *s, const ss_line *line, samestory_record *record)
{
    size_t size = record->struct_size;
    *record = (samestory_record){.struct_size = size,
                                 .document = SAMESTORY_DOCUMENT_INIT,
                                 .raw = line->bytes,
                                 .line_end = line->line_end,
                                 .file = s->name,
                                 .line = line->number,
                                 .is_json = !s->text};
}

/* A text file: its first line is the title, its path the id. */
static samestory_status next_text(samestory_reader *r, samestory_record *record,
                                  samestory_error *error)
{
    const source *s = &r->sources[r->current];
    ss_line line;
    samestory_status status = ss_input_whole(r->input, r->options.max_record_bytes, &line, error);
    if (status && status != SAMESTORY_BAD_RECORD) return status;
    describe(s, &line, record);
    finish_source(r);
    if (status) return status;
    samestory_document *d = &record->document;
    size_t begin = mark_bytes(line.bytes);
    const char *text = line.bytes.data + begin;
    size_t left = line.bytes.size - begin;
    const char *newline = memchr(text, '\n', left);
    size_t title = newline ? (size_t)(newline - text) : left, rest = title + !!newline;
    d->text = (samestory_string){text + rest, left - rest};
    if (title && text[title - 1] == '\r') title--;
    d->title = (samestory_string){text, title};
    d->id = (samestory_string){s->name, strlen(s->name)};
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
    ss_fields_read(r->json, &r->options, &r->space, &record->document, &record->label);
    return SAMESTORY_OK;
}

static samestory_status next_line(samestory_reader *r, samestory_record *record,
                                  samestory_error *error)
{
    ss_line line;
    samestory_status status = ss_input_line(r->input, r->options.max_record_bytes, &line, error);
    if (status) return status;
    describe(&r->sources[r->current], &line, record);
    if (line.piece)
        return ss_fail_at(error, SAMESTORY_BAD_RECORD, "record longer than the limit: split it",
                          record->file, line.number, line.offset);
    record->is_blank = is_blank(line.bytes);
    if (record->is_blank || r->options.lines_only) return SAMESTORY_OK;
    return parse_record(r, &line, record, error);
}

samestory_status samestory_reader_next(samestory_reader *r, samestory_record *record,
                                       samestory_error *error)
{
    if (!r || !record || record->struct_size < sizeof *record)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT,
                       "reader and record must be there, record->struct_size set to its size");
    while (r->current < r->count) {
        samestory_status status = r->started ? SAMESTORY_OK : start_source(r, error);
        if (status) return status;
        if (r->sources[r->current].text) return next_text(r, record, error);
        status = next_line(r, record, error);
        if (status != SAMESTORY_END) return status;
        finish_source(r);
    }
    return SAMESTORY_END;
}
