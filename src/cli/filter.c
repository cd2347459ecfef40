/* samestory filter: a stage of a stream. A line in, at once a line out.
 *
 * Lines are read as they come and answered at once; those that have come together are sketched
 * together, on all threads. The index is committed by time or number, also while nothing comes.
 * Memory: the longest line, and what is not committed yet. */
#include "cli.h"
#include "commands.h"
#include "feed.h"
#include "model.h"
#include "output.h"
#include "progress.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    BUFFER_BYTES = 1 << 20, /* of the line buffer at first */
    PADDING = 64,           /* that the parser looks ahead */
    BATCH = 64,             /* records sketched together, at most, */
    BATCH_BYTES = 4 << 20,  /* and their texts */
    DAY = 86400
};

/* A longer line passes as it is. */
static const size_t longest_line = (size_t)1 << 30;

typedef struct filter {
    const cli_options *options;
    samestory_model *model;
    samestory_engine *engine;
    samestory_reader *parser;
    output out, reject;
    bool buffered; /* stdout is a file: write when there is enough, or nothing more to read */
    char *buffer;  /* [start, end) is waiting; [start, searched) holds no line end */
    size_t capacity, start, searched, end;
    bool ended, passing; /* passing: an overlong line */
    bool looked_at;      /* the input's first bytes have been */
    samestory_record
        record[BATCH]; /* parsed, but not answered yet: their lines are in the buffer, */
    samestory_document document[BATCH]; /* their strings in batch_bytes */
    size_t waiting, batch_used;
    char *batch_bytes;
    int batch_code; /* of writing an answer */
    size_t lines, documents, bad, blank, dropped, relation[4], commits, pending;
    double started, next_commit;
} filter;

/* ---- Signals
 * ------------------------------------------------------------------------------------------ */

static volatile sig_atomic_t ending;

static void note_end(int number)
{
    ending = number;
}

static void catch_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = note_end}, before;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (sigaction(numbers[i], NULL, &before) || before.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    action.sa_handler = SIG_IGN; /* what a closed pipe means is told by the write */
    sigaction(SIGPIPE, &action, NULL);
}

/* Ends as the signal would have it. */
static void end_by(int number)
{
    signal(number, SIG_DFL);
    raise(number);
}

/* ---- Committing
 * ------------------------------------------------------------------------------------------ */

static int commit(filter *f)
{
    samestory_error error;
    f->next_commit = 0;
    if (!f->pending || f->options->query) return 0;
    if (samestory_commit(f->engine, &error)) return cli_fail(&error);
    f->pending = 0;
    f->commits++;
    return 0;
}

static bool commit_is_due(const filter *f)
{
    if (!f->pending) return false;
    if (f->options->commit_records) return f->pending >= f->options->commit_records;
    return progress_clock() >= f->next_commit;
}

/* A document has been added. */
static void note_pending(filter *f)
{
    if (!f->pending++ && !f->options->commit_records)
        f->next_commit = progress_clock() + f->options->commit_seconds;
}

/* ---- Reading
 * --------------------------------------------------------------------------------------------- */

static void tell_progress(const filter *f)
{
    double seconds = progress_clock() - f->started;
    cli_say("%zu lines in %.0f s, %.1f a second: %zu documents, %zu copies, %zu revisions, %zu "
            "reports of a known story; "
            "%zu bad records, %zu dropped, %zu not committed yet",
            f->lines, seconds, seconds > 0 ? (double)f->lines / seconds : 0, f->documents,
            f->relation[SAMESTORY_COPY], f->relation[SAMESTORY_REVISION],
            f->relation[SAMESTORY_STORY], f->bad, f->dropped, f->pending);
}

/* Milliseconds until something must be done; -1: nothing. */
static int patience(const filter *f)
{
    if (!f->pending || f->options->commit_records || f->options->query) return -1;
    double left = f->next_commit - progress_clock();
    return left <= 0 ? 0 : left > 1e6 ? 1000000000 : (int)(left * 1000) + 1;
}

/* Waits for input; commits meanwhile when it is time. *ready: there is some, or the end. Signals
 * arrive only while it waits or between records, so that none is missed. */
static int wait_for_input(filter *f, bool *ready)
{
    sigset_t ours, before;
    sigemptyset(&ours);
    sigaddset(&ours, SIGINT);
    sigaddset(&ours, SIGTERM);
    sigaddset(&ours, SIGHUP);
    sigaddset(&ours, SIGUSR1);
    *ready = false;
    sigprocmask(SIG_BLOCK, &ours, &before);
    if (!ending && !progress_is_asked_for()) {
        fd_set in;
        FD_ZERO(&in);
        FD_SET(STDIN_FILENO, &in);
        int milliseconds = patience(f);
        struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
        *ready = pselect(STDIN_FILENO + 1, &in, NULL, NULL, milliseconds < 0 ? NULL : &time,
                         &before) > 0;
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    return !*ready && commit_is_due(f) ? commit(f) : 0;
}

static bool make_room(filter *f)
{
    if (f->start) {
        memmove(f->buffer, f->buffer + f->start, f->end - f->start);
        f->searched -= f->start;
        f->end -= f->start;
        f->start = 0;
    }
    if (f->capacity - f->end > PADDING + BUFFER_BYTES / 4) return true;
    char *moved = realloc(f->buffer, f->capacity * 2);
    if (!moved) return false;
    f->buffer = moved;
    f->capacity *= 2;
    return true;
}

/* Reads what there is. */
static int fill(filter *f)
{
    if (!make_room(f)) return cli_fail_memory();
    ssize_t n = read(STDIN_FILENO, f->buffer + f->end, f->capacity - f->end - PADDING);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) return 0;
    if (n < 0) {
        cli_say("-: reading failed: check where the input comes from (%s)", strerror(errno));
        return EXIT_IO;
    }
    f->ended = !n;
    f->end += (size_t)n;
    memset(f->buffer + f->end, 0, PADDING);
    return 0;
}

/* The next line that is there, its end included; false: none yet. At the end of the input the rest
 * of it. */
static bool take_line(filter *f, samestory_string *line, size_t *end_size)
{
    const char *begin = f->buffer + f->start;
    const char *newline = memchr(f->buffer + f->searched, '\n', f->end - f->searched);
    size_t size = newline ? (size_t)(newline - begin) + 1 : f->end - f->start;
    f->searched = newline ? (size_t)(newline - f->buffer) + 1 : f->end;
    bool piece = !newline && size > longest_line;
    if (!newline && !piece && (!f->ended || !size)) return false;
    *line = (samestory_string){begin, size};
    *end_size = !newline ? 0 : size > 1 && begin[size - 2] == '\r' ? 2 : 1;
    f->start = f->searched;
    return true;
}

/* ---- Writing
 * -----------------------------------------------------------------------------------------------
 */

/* Ends the command when nobody reads any more. */
static int check_output(filter *f)
{
    if (!f->out.error) return 0;
    int code = commit(f);
    if (f->out.error == EPIPE && !code) end_by(SIGPIPE);
    return code ? code : output_close(&f->out);
}

static int put(filter *f, const char *bytes, size_t size, const char *line_end, size_t end_size)
{
    output_bytes(&f->out, bytes, size);
    output_bytes(&f->out, line_end, end_size);
    if (!f->buffered) output_flush(&f->out);
    return check_output(f);
}

/* The record with its verdict, unless it is to be dropped. */
static int put_verdict(filter *f, const samestory_record *r, samestory_verdict *v)
{
    char *text;
    size_t size;
    v->dropped =
        f->options->dropping && v->relation != SAMESTORY_NONE && f->options->drop[v->relation];
    f->dropped += v->dropped;
    if (v->dropped && !f->options->mark) return 0;
    samestory_status status = f->options->verdict_only
                                  ? samestory_verdict_line(r->document.id, v, &text, &size)
                                  : samestory_annotate(r, v, &text, &size);
    if (status) return cli_fail_status(status);
    size_t end_size = r->line_end.size ? r->line_end.size : f->options->verdict_only;
    int code = put(f, text, size, r->line_end.size ? r->line_end.data : "\n", end_size);
    samestory_free(text);
    return code;
}

/* ---- Records
 * -----------------------------------------------------------------------------------------------
 */

/* A date in the future must not make all that is known old: one day ahead is the most. What the
 * index has seen already stays allowed, also when the clock goes back. */
static int64_t clamped(const filter *f, int64_t date)
{
    int64_t most = (int64_t)time(NULL) + DAY, latest = samestory_latest(f->engine);
    if (latest > most) most = latest;
    return date > most ? most : date;
}

static int answer(filter *f, samestory_record *r)
{
    samestory_verdict v = SAMESTORY_VERDICT_INIT;
    samestory_error error;
    samestory_document *d = &r->document;
    d->date = clamped(f, d->date);
    samestory_status status = f->options->query ? samestory_query(f->engine, d, &v, &error)
                                                : samestory_add(f->engine, d, &v, &error);
    if (status) return cli_fail(&error);
    f->documents++;
    f->relation[v.relation]++;
    note_pending(f);
    int code = 0;
    bool first_safe =
        f->options->commit_records == 1; /* then an answer is safe before it is given */
    if (!first_safe) code = put_verdict(f, r, &v);
    if (!code && commit_is_due(f)) code = commit(f);
    if (!code && first_safe && !f->options->query) {
        status = samestory_query(f->engine, d, &v,
                                 &error); /* what was said points into what is committed now */
        if (status) return cli_fail(&error);
    }
    return !code && first_safe ? put_verdict(f, r, &v) : code;
}

static void put_answer(void *context, size_t number, const samestory_verdict *verdict)
{
    filter *f = context;
    samestory_verdict v = *verdict;
    f->documents++;
    f->relation[v.relation]++;
    note_pending(f);
    if (!f->batch_code) f->batch_code = put_verdict(f, &f->record[number], &v);
}

/* Answers the records that wait. */
static int answer_waiting(filter *f)
{
    samestory_error error;
    size_t count = f->waiting;
    f->waiting = f->batch_used = 0;
    if (!count) return 0;
    samestory_status status =
        samestory_add_batch(f->engine, f->document, count, put_answer, f, &error);
    if (status) return cli_fail(&error);
    return f->batch_code ? f->batch_code : commit_is_due(f) ? commit(f) : 0;
}

static void copy_string(filter *f, samestory_string *s)
{
    if (s->size) memcpy(f->batch_bytes + f->batch_used, s->data, s->size);
    s->data = f->batch_bytes + f->batch_used;
    f->batch_used += s->size;
}

/* Records may wait for others that are here as well, unless each must be committed by itself. */
static bool may_wait(const filter *f)
{
    return f->options->engine.threads > 1 && !f->options->query && f->options->commit_records != 1;
}

static int take_document(filter *f, samestory_record *r)
{
    samestory_document *d = &r->document;
    size_t size =
        d->id.size + d->title.size + d->text.size + d->url.size + d->source.size + d->language.size;
    int code = size > BATCH_BYTES - f->batch_used ? answer_waiting(f) : 0;
    if (code) return code;
    if (!may_wait(f) || size > BATCH_BYTES) return answer(f, r);
    d->date = clamped(f, d->date);
    copy_string(f, &d->id);
    copy_string(f, &d->title);
    copy_string(f, &d->text);
    copy_string(f, &d->url);
    copy_string(f, &d->source);
    copy_string(f, &d->language);
    f->record[f->waiting] = *r;
    f->document[f->waiting++] = *d;
    bool full = f->waiting == BATCH || (f->options->commit_records &&
                                        f->pending + f->waiting >= f->options->commit_records);
    return full ? answer_waiting(f) : 0;
}

/* A line that has no verdict: after those before it. */
static int pass(filter *f, samestory_string line, size_t end_size)
{
    int code = answer_waiting(f);
    size_t size = line.size - end_size;
    return code ? code : put(f, line.data, size, line.data + size, end_size);
}

static int pass_bad(filter *f, samestory_string line, size_t end_size, const samestory_error *error)
{
    int code = answer_waiting(f);
    if (code) return code;
    if (f->options->stop_on_error) return cli_fail(error);
    f->bad += !f->passing;
    if (f->options->verbose) cli_fail(error);
    if (f->options->reject) output_bytes(&f->reject, line.data, line.size);
    return pass(f, line, end_size);
}

static int take_record(filter *f, samestory_string line, size_t end_size)
{
    samestory_record r = SAMESTORY_RECORD_INIT;
    samestory_error error;
    if (!f->passing) f->lines++;
    if (f->passing || (!end_size && line.size > longest_line)) {
        error = (samestory_error){
            .message = "record longer than 1 GiB: split it", .file = "-", .line = f->lines};
        int code = pass_bad(f, line, end_size, &error);
        f->passing = !end_size;
        return code;
    }
    samestory_string record = {line.data, line.size - end_size};
    samestory_status status = samestory_reader_parse(f->parser, record, f->lines, &r, &error);
    if (status == SAMESTORY_BAD_RECORD) return pass_bad(f, line, end_size, &error);
    if (status) return cli_fail(&error);
    r.line_end = (samestory_string){line.data + record.size, end_size};
    if (!r.is_blank) return take_document(f, &r);
    f->blank++;
    return pass(f, line, end_size);
}

/* What begins like this is no stream of lines. */
static int check_plain(const filter *f)
{
    static const char *const packed[] = {"\x1f\x8b", "\x28\xb5\x2f\xfd", "\xfd\x37zXZ"};
    for (size_t i = 0; i < sizeof packed / sizeof *packed; i++) {
        size_t size = strlen(packed[i]);
        if (f->end - f->start < size || memcmp(f->buffer + f->start, packed[i], size) != 0)
            continue;
        cli_say("-: the input is compressed: unpack it first (gzip -dc, zstd -dc, xz -dc ...)");
        return EXIT_IO;
    }
    return 0;
}

static int run(filter *f)
{
    samestory_string line;
    size_t end_size;
    int code = 0;
    while (!code && !ending) {
        if (progress_is_asked_for()) {
            progress_answered();
            tell_progress(f);
        }
        if (take_line(f, &line, &end_size)) {
            code = take_record(f, line, end_size);
            continue;
        }
        code = answer_waiting(f);
        if (f->ended || code) break;
        bool ready;
        output_flush(&f->out);
        code = check_output(f);
        if (!code) code = wait_for_input(f, &ready);
        if (!code && ready) code = fill(f);
        if (!code && f->end > f->start && !f->looked_at) {
            f->looked_at = true;
            code = check_plain(f);
        }
    }
    return code ? code : answer_waiting(f);
}

/* Standard input, or the files that are named, one after the other in its place. */
static int run_all(filter *f)
{
    size_t files = f->options->operand_count;
    int code = files ? 0 : run(f);
    for (size_t i = 0; i < files && !code && !ending; i++) {
        const char *path = f->options->operands[i];
        int file = strcmp(path, "-") != 0 ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
        if (file < 0 || (file != STDIN_FILENO && dup2(file, STDIN_FILENO) < 0)) {
            cli_say("%s: can't open this file: check its name and permissions (%s)", path,
                    strerror(errno));
            code = EXIT_IO;
        }
        if (file > STDIN_FILENO) close(file);
        f->ended = f->looked_at = false;
        if (!code) code = run(f);
    }
    return code;
}

/* ---- The whole
 * -----------------------------------------------------------------------------------------------
 */

static int open_all(filter *f)
{
    const cli_options *o = f->options;
    samestory_error error;
    struct stat is;
    samestory_options engine = o->engine;
    if (!o->index) {
        cli_say("filter needs --index DIR: where it keeps what it has seen");
        return EXIT_USAGE;
    }
    engine.read_only = o->query;
    int code = model_open(o, &f->model);
    if (code) return code;
    samestory_status status =
        samestory_engine_open(f->model, o->index, &engine, &f->engine, &error);
    if (!status) status = samestory_reader_open(NULL, 0, &o->reader, &f->parser, &error);
    if (status) return cli_fail(&error);
    f->capacity = BUFFER_BYTES;
    f->buffer = malloc(f->capacity);
    f->batch_bytes = malloc(BATCH_BYTES);
    if (!f->buffer || !f->batch_bytes) return cli_fail_memory();
    f->buffered = !fstat(STDOUT_FILENO, &is) && S_ISREG(is.st_mode);
    code = output_open(&f->out, NULL);
    return code || !o->reject ? code : output_open(&f->reject, o->reject);
}

int filter_run(const cli_options *options)
{
    if (options->feed) return feed_run(options);
    filter *f = calloc(1, sizeof *f);
    if (!f) return cli_fail_memory();
    f->options = options;
    f->out.fd = f->reject.fd = -1;
    f->started = progress_clock();
    catch_signals();
    int code = open_all(f);
    if (!code) {
        code = run_all(f);
        int written = f->out.fd < 0 ? 0 : output_close(&f->out), safe = commit(f);
        if (!code) code = written ? written : safe;
        if (!code && options->reject) code = output_close(&f->reject);
        if (!options->quiet && (options->verbose || isatty(STDERR_FILENO))) tell_progress(f);
    }
    output_drop(&f->out);
    output_drop(&f->reject);
    samestory_reader_free(f->parser);
    samestory_engine_free(f->engine);
    samestory_model_free(f->model);
    free(f->buffer);
    free(f->batch_bytes);
    free(f);
    if (!code && ending) end_by(ending);
    return code;
}
