/* samestory filter --feed. The feed is read whole; a child process finds out what is known of it
 * and gives the new feed back through a pipe. Should it fail, hang or be killed, the feed goes out
 * as it came in: the parent does nothing that could go wrong but reading and writing. Memory: four
 * times the feed, and the index. */
#include "feed.h"
#include "cli.h"
#include "model.h"
#include "output.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    PATIENCE = 60,       /* seconds that the child may take; feed readers give up later */
    PIECE = 1 << 16,     /* bytes read at once, at least */
    LONGEST = 256 << 20, /* a longer input is passed on unread */
    DAY = 86400
};

/* Bytes that are read until their end. */
typedef struct bytes {
    char *data;
    size_t size, capacity;
} bytes;

/* ---- Reading -------------------------------------------------------------------------------- */

/* Reads some bytes: 1, 0 at the end, -1 when that fails. */
static int read_some(int fd, bytes *b)
{
    if (b->capacity - b->size < PIECE) {
        size_t wish = b->capacity ? b->capacity * 2 : 4 * PIECE;
        char *moved = realloc(b->data, wish);
        if (!moved) {
            errno = ENOMEM;
            return -1;
        }
        b->data = moved;
        b->capacity = wish;
    }
    ssize_t n;
    do n = read(fd, b->data + b->size, b->capacity - b->size);
    while (n < 0 && errno == EINTR);
    if (n > 0) b->size += (size_t)n;
    return n > 0 ? 1 : (int)n;
}

/* All of stdin, or LONGEST bytes and a little; false, having said so, when not all could be read.
 */
static bool read_input(bytes *b, bool *more)
{
    int got = 1;
    while (got > 0 && b->size < LONGEST) got = read_some(STDIN_FILENO, b);
    *more = got > 0;
    if (got < 0) cli_say("standard input: reading failed (%s)", strerror(errno));
    return got >= 0;
}

/* ---- The child: what is known --------------------------------------------------------------- */

typedef struct sifter {
    const cli_options *options;
    samestory_model *model;
    samestory_engine *engine;
    samestory_feed *feed;
    samestory_error error;
} sifter;

/* Says what is wrong, if that is wanted. */
static int trouble(const sifter *s, const char *where)
{
    const samestory_error *e = &s->error;
    const char *file = e->file[0] ? e->file : where;
    if (s->options->quiet) return EXIT_IO;
    if (e->line)
        cli_say("%s:%llu: %s; the feed is passed on as it is", file, (unsigned long long)e->line,
                e->message);
    else
        cli_say("%s: %s; the feed is passed on as it is", file, e->message);
    return EXIT_IO;
}

/* Entries without text and title say nothing. */
static bool next_entry(sifter *s, samestory_document *d)
{
    do *d = (samestory_document)SAMESTORY_DOCUMENT_INIT;
    while (!samestory_feed_next(s->feed, d, &s->error) && !d->text.size && !d->title.size);
    if (!d->text.size && !d->title.size) return false;
    int64_t most = (int64_t)time(NULL) + DAY, latest = samestory_latest(s->engine);
    if (latest > most) most = latest;
    if (d->date > most) d->date = most; /* one bad date must not make all that is known old */
    return true;
}

/* Adds every entry; the answers that count are asked for afterwards, as others may have committed
 * the same in between. */
static samestory_status add_all(sifter *s)
{
    samestory_document d;
    samestory_verdict v = SAMESTORY_VERDICT_INIT;
    samestory_status status = SAMESTORY_OK;
    if (s->options->query) return status;
    while (!status && next_entry(s, &d)) status = samestory_add(s->engine, &d, &v, &s->error);
    return status ? status : samestory_commit(s->engine, &s->error);
}

static bool is_same(samestory_string a, samestory_string b)
{
    return a.size == b.size && (!a.size || !memcmp(a.data, b.data, a.size));
}

/* A later version of an entry is no duplicate of it. */
static bool is_unwanted(const cli_options *o, const samestory_document *d,
                        const samestory_verdict *v)
{
    if (v->relation == SAMESTORY_NONE || is_same(v->of, d->id)) return false;
    if (o->dropping) return o->drop[v->relation];
    return o->mark || v->relation == SAMESTORY_COPY;
}

static samestory_status decide_all(sifter *s)
{
    samestory_document d;
    samestory_verdict v = SAMESTORY_VERDICT_INIT;
    samestory_status status = SAMESTORY_OK;
    samestory_feed_rewind(s->feed);
    while (!status && next_entry(s, &d)) {
        status = samestory_query(s->engine, &d, &v, &s->error);
        if (status || !is_unwanted(s->options, &d, &v)) continue;
        status = s->options->mark ? samestory_feed_mark(s->feed, &v) : samestory_feed_drop(s->feed);
    }
    return status;
}

static int open_index(sifter *s)
{
    const cli_options *o = s->options;
    samestory_options engine = o->engine;
    engine.threads = 1; /* many feeds are filtered at once */
    engine.read_only = o->query;
    int code = model_open(o, &s->model);
    if (code) return code;
    return samestory_engine_open(s->model, o->index, &engine, &s->engine, &s->error)
               ? trouble(s, o->index)
               : 0;
}

/* Writes the new feed to `fd`. 0, or anything else when the feed must stay as it is. */
static int sift(const cli_options *options, const bytes *in, int fd)
{
    sifter s = {.options = options};
    char *out = NULL;
    size_t size = 0;
    if (samestory_feed_open(in->data, in->size, &s.feed, &s.error))
        return trouble(&s, "standard input");
    int code = open_index(&s);
    if (!code && (add_all(&s) || decide_all(&s))) code = trouble(&s, options->index);
    if (!code && samestory_feed_write(s.feed, &out, &size, &s.error))
        code = trouble(&s, "standard input");
    for (size_t at = 0; !code && at < size;) {
        ssize_t n = write(fd, out + at, size - at);
        if (n < 0 && errno != EINTR) code = EXIT_IO;
        if (n > 0) at += (size_t)n;
    }
    samestory_free(out);
    samestory_feed_free(s.feed);
    samestory_engine_free(s.engine);
    samestory_model_free(s.model);
    return code;
}

/* ---- The parent ----------------------------------------------------------------------------- */

static int64_t milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Reads what the child writes; false when it takes too long or reading fails. */
static bool read_answer(int fd, bytes *out)
{
    int64_t until = milliseconds() + PATIENCE * 1000;
    for (;;) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        int64_t left = until - milliseconds();
        int found = left > 0 ? poll(&ready, 1, (int)left) : 0;
        if (found < 0 && errno == EINTR) continue;
        if (found <= 0) return false;
        int got = read_some(fd, out);
        if (got <= 0) return !got;
    }
}

/* Lets a child make *out of the feed; false when it has to stay as it is. */
static bool ask_child(const cli_options *options, const bytes *in, bytes *out)
{
    int ends[2], status;
    if (pipe(ends)) return false;
    pid_t child = fork();
    if (!child) {
        close(ends[0]);
        _exit(sift(options, in, ends[1]));
    }
    close(ends[1]);
    bool whole = child > 0 && read_answer(ends[0], out);
    close(ends[0]);
    if (child < 0) return false;
    if (!whole) kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (whole && WIFEXITED(status)) return !WEXITSTATUS(status);
    if (!options->quiet)
        cli_say(whole ? "the filter broke down; the feed is passed on as it is"
                      : "the index did not answer in time; the feed is passed on as it is");
    return false;
}

/* What has been read, and what has not. */
static int pass_on(bytes *b, bool more)
{
    output out;
    int code = output_open(&out, NULL);
    if (code) return code;
    output_bytes(&out, b->data, b->size);
    while (more && !out.error) {
        b->size = 0;
        more = read_some(STDIN_FILENO, b) > 0;
        output_bytes(&out, b->data, b->size);
    }
    return output_close(&out);
}

int feed_pass(void)
{
    bytes in = {NULL, 0, 0};
    int code = pass_on(&in, true);
    free(in.data);
    return code;
}

int feed_run(const cli_options *options)
{
    bytes in = {NULL, 0, 0}, out = {NULL, 0, 0};
    bool more = false, changed = false;
    signal(SIGPIPE, SIG_IGN); /* a reader that has gone is told by the write */
    bool whole = read_input(&in, &more);
    if (more && !options->quiet)
        cli_say("the feed is longer than 256 MiB; it is passed on as it is");
    if (!options->index)
        cli_say("filter needs --index DIR: where it keeps what it has seen; the feed is passed on "
                "as it is");
    else if (whole && !more)
        changed = ask_child(options, &in, &out);
    int code = changed ? pass_on(&out, false) : pass_on(&in, more);
    free(in.data);
    free(out.data);
    return code;
}
