/* samestory plan: what dedup will take, from a sample.
 *
 * The sample is gathered, judged and annotated in a process of its own, whose time and memory the
 * system counts, and which leaves nothing behind in ours. What grows with the documents is counted
 * for all of them; what grows faster, by the constants below. */
#include "plan.h"
#include "cli.h"
#include "collection.h"
#include "commands.h"
#include "output.h"
#include "progress.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of the first 3,000 documents each takes a third longer than of a million, since many of their
 * words are new: hence a second half, by which time is foretold. */
enum { SAMPLE = 6000, SAMPLE_FILES = 10 };

/* Memory for each document, in bytes, beside its sketch and its id: numbers, dates, answers, tables
 * of ids and texts, statistics, postings, nearest, and what writing the stories takes: 370 of a
 * million generated documents, 300 of 100,000. Under a cap with room to spare, since the command
 * refuses what would not fit. */
static const double plain_bytes = 430, capped_bytes = 770;
/* What judging a slab takes, or before that sorting the postings; and what is read between two
 * looks at the memory. */
static const double slab_bytes = 22e6, sort_bytes = 256.0 * 1048576, sort_per_document = 80 * 8,
                    margin_bytes = 48e6;
/* Files of --tmp: sketches in segments of this size, and of each document its vector, its answer, what its
 * neighbours are found by, and its edges: 1 or 2 a document of generated ones, 17 of press releases without
 * dates. A large collection has more of them than the sample, and room for twice what it has. */
static const double segment_bytes = 64.0 * 1048576, judged_bytes = 256 + 40 + 28, edge_bytes = 2 * 64;
/* Judging costs more in a larger collection: so much of its time for each tenfold. */
static const double tenfold = 0.35;

/* What the sample's process says. */
typedef struct sampled {
    int code;
    double documents, bytes, total; /* bytes of the files read for them, and of all files */
    double text_bytes;              /* of the records */
    double sketches, outputs;       /* bytes in temporary files and in results */
    double edges;                   /* kept pairs */
    double gather, settle, write;   /* seconds */
    double early, early_gather; /* documents of the sample's first half, and their part of gather */
    double resident;            /* the most, in bytes */
} sampled;

/* ---- The sample
 * -------------------------------------------------------------------------------------- */

/* Some of the operands, evenly: a sample of all. */
static void choose_files(cli_options *o)
{
    size_t count = o->operand_count, few = count < SAMPLE_FILES ? count : SAMPLE_FILES;
    for (size_t i = 0; i < few; i++) o->operands[i] = o->operands[i * count / few];
    o->operand_count = few;
}

/* The second pass over the sample, its results thrown away. */
static int annotate_all(collection *c, double *outputs)
{
    samestory_error error;
    samestory_status status = samestory_reader_rewind(c->reader, true, &error);
    for (size_t record = 0, n = 0; !status && record < c->records; record++) {
        samestory_record r = SAMESTORY_RECORD_INIT;
        samestory_verdict v = SAMESTORY_VERDICT_INIT;
        status = samestory_reader_next(c->reader, &r, &error);
        if (status == SAMESTORY_BAD_RECORD) status = SAMESTORY_OK;
        if (status || collection_is_bad(c, record) || r.is_blank || n >= c->documents) continue;
        char *text;
        size_t size;
        status = samestory_verdict_of(c->engine, n++, &v);
        if (!status) status = samestory_annotate(&r, &v, &text, &size);
        if (status) return cli_fail_status(status);
        *outputs += (double)size + 1;
        samestory_free(text);
    }
    return status ? cli_fail(&error) : 0;
}

/* Bytes of all files, and how many of them the sample took. What a plain file gave to the buffers
 * ahead of the last record is not counted. */
static int count_bytes(const collection *c, const cli_options *all, sampled *s)
{
    enum { BUFFERS = 4 << 20 };
    uint64_t done, total;
    samestory_error error;
    samestory_reader *reader = NULL;
    const char **paths = malloc((all->operand_count + 1) * sizeof *paths);
    if (!paths) return cli_fail_memory();
    for (size_t i = 0; i < all->operand_count; i++) paths[i] = all->operands[i];
    samestory_status status =
        samestory_reader_open(paths, all->operand_count, &all->reader, &reader, &error);
    free(paths);
    if (status) return cli_fail(&error);
    samestory_reader_progress(reader, NULL, &total);
    samestory_reader_free(reader);
    samestory_reader_progress(c->reader, &done, NULL);
    bool ahead = done > c->bytes && done - c->bytes < BUFFERS;
    s->bytes = ahead ? (double)c->bytes : (double)done;
    s->total = (double)total;
    return 0;
}

static int take_sample(const cli_options *all, const cli_options *few, sampled *s)
{
    collection c;
    samestory_report r = {.struct_size = sizeof r};
    const samestory_edge *edges;
    size_t edge_count;
    int code = collection_read(&c, few, KEEP_MARKS | KEEP_DATES);
    if (!code) code = count_bytes(&c, all, s);
    if (!code) code = collection_settle(&c, few, &s->settle);
    double started = progress_clock();
    if (!code) code = annotate_all(&c, &s->outputs);
    s->write = progress_clock() - started;
    s->gather = c.seconds;
    s->early = (double)c.early;
    s->early_gather = c.early_seconds;
    s->documents = (double)c.documents;
    s->text_bytes = (double)c.bytes;
    if (!code && !samestory_engine_report(c.engine, &r)) s->sketches = (double)r.kept_bytes;
    if (!code && !samestory_edges(c.engine, &edges, &edge_count)) s->edges = (double)edge_count;
    /* all of it was read: nothing need be guessed */
    if (!code && c.documents < few->sample && all->operand_count == few->operand_count)
        s->bytes = s->total;
    collection_free(&c);
    return code;
}

static void sample_here(const cli_options *options, sampled *s)
{
    cli_options few = *options;
    struct rusage usage;
    few.operands = malloc((options->operand_count + 1) * sizeof *few.operands);
    if (!few.operands) {
        s->code = cli_fail_memory();
        return;
    }
    memcpy(few.operands, options->operands, options->operand_count * sizeof *few.operands);
    choose_files(&few);
    few.quiet = true;
    few.sample = SAMPLE;
    few.reject = NULL;
    few.engine.folder = NULL;
    few.engine.memory = 0;
    s->code = take_sample(options, &few, s);
    free(few.operands);
    if (!getrusage(RUSAGE_SELF, &usage)) s->resident = (double)usage.ru_maxrss * 1024;
}

static int failed(void)
{
    cli_say("can't take a sample: %s", strerror(errno));
    return EXIT_IO;
}

/* In a process of its own: what it takes is then the sample's alone. */
static int sample_apart(const cli_options *options, sampled *s)
{
    int ends[2], state;
    if (pipe(ends)) return failed();
    fflush(NULL);
    pid_t child = fork();
    if (child < 0) return failed();
    if (!child) {
        close(ends[0]);
        sample_here(options, s);
        _exit(write(ends[1], s, sizeof *s) == (ssize_t)sizeof *s ? 0 : EXIT_IO);
    }
    close(ends[1]);
    ssize_t got = read(ends[0], s, sizeof *s);
    close(ends[0]);
    while (waitpid(child, &state, 0) < 0 && errno == EINTR) {
    }
    if (got == (ssize_t)sizeof *s) return s->code;
    if (WIFSIGNALED(state)) return 128 + WTERMSIG(state);
    return failed();
}

/* ---- The prediction
 * ------------------------------------------------------------------------------------ */

static double least(double a, double b)
{
    return a < b ? a : b;
}

/* log10 of x >= 1, near enough */
static double tens(double x)
{
    double log = 0;
    for (; x >= 10; x /= 10) log++;
    return log + (x - 1) / 9;
}

/* Those that come after the sample take as long as its second half did. */
static double gather_seconds(const sampled *s, double all)
{
    double late = s->documents - s->early;
    if (!(s->early > 0) || late < s->early / 2)
        return s->gather * all / (s->documents > 0 ? s->documents : 1);
    return s->early_gather + (s->gather - s->early_gather) * (all - s->early) / late;
}

static void predict(const sampled *s, plan *p)
{
    double n = s->documents > 0 ? s->documents : 1, kept = s->sketches / n;
    double all = s->bytes > 0 ? s->documents * s->total / s->bytes : s->documents;
    if (all < s->documents) all = s->documents;
    double slab = slab_bytes * least(1, all / 65536),
           sort = least(sort_bytes, all * sort_per_document);
    double base = s->resident - s->documents * (kept + plain_bytes + sort_per_document);
    p->documents = all;
    p->bytes = s->total;
    p->sample = (size_t)s->documents;
    p->memory = base + all * (kept + plain_bytes) + (sort > slab ? sort : slab);
    p->memory_least = 1.1 * (base + all * capped_bytes + slab + margin_bytes);
    p->temporary = ceil(all * kept * 1.01 / segment_bytes) * segment_bytes +
                   all * (judged_bytes + edge_bytes * (s->edges / n + 1));
    p->output = all * s->outputs / n + all * 100;
    double slower = 1 + tenfold * tens(all / n);
    p->seconds = gather_seconds(s, all) + all / n * (s->settle * slower + s->write);
}

int plan_make(const cli_options *options, plan *out)
{
    sampled s = {.code = 0};
    int code = sample_apart(options, &s);
    if (!code) predict(&s, out);
    return code;
}

/* ---- The command
 * --------------------------------------------------------------------------------------- */

static void put(output *out, const char *before, const char *name, double value, int digits)
{
    output_text(out, before);
    output_text(out, "\"");
    output_text(out, name);
    output_text(out, "\":");
    if (digits)
        output_number(out, value, digits);
    else
        output_count(out, (uint64_t)(value + 0.5));
}

static void put_verdict(output *out, const char *name, bool value)
{
    output_text(out, ",\"");
    output_text(out, name);
    output_text(out, value ? "\":true" : "\":false");
}

static int put_room(const cli_options *options, const plan *p, output *out)
{
    struct statvfs disk;
    if (statvfs(options->tmp, &disk)) {
        cli_say("%s: can't look at this folder: make it first (%s)", options->tmp, strerror(errno));
        return EXIT_IO;
    }
    put_verdict(out, "tmp_has_room", (double)disk.f_bavail * (double)disk.f_frsize >= p->temporary);
    return 0;
}

int plan_run(const cli_options *options)
{
    plan p;
    output out;
    if (!options->operand_count) {
        cli_say("plan wants files: what comes from a pipe can't be sampled");
        return EXIT_USAGE;
    }
    int code = plan_make(options, &p);
    if (!code) code = output_open(&out, NULL);
    if (code) return code;
    put(&out, "{", "documents", p.documents, 0);
    put(&out, ",", "input_bytes", p.bytes, 0);
    put(&out, ",", "memory_bytes", p.memory, 0);
    put(&out, ",", "memory_least_bytes", p.memory_least, 0);
    put(&out, ",", "tmp_bytes", p.temporary, 0);
    put(&out, ",", "output_bytes", p.output, 0);
    put(&out, ",", "seconds", p.seconds, 1);
    put(&out, ",", "threads", options->engine.threads, 0);
    put(&out, ",", "sample_documents", (double)p.sample, 0);
    double cap = (double)options->engine.memory;
    if (cap > 0) put_verdict(&out, "memory_holds", p.memory_least <= cap);
    if (options->tmp) code = put_room(options, &p, &out);
    output_text(&out, "}\n");
    return code ? (output_drop(&out), code) : output_close(&out);
}
