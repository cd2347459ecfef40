/* samestory dedup: every record with the story that it tells.
 *
 * First pass: all records are gathered; then they are judged; second pass: the input is read again
 * and written in its order, each record with its verdict. Between the passes the command itself
 * holds a bit a record, and with -o or --keep some 100 bytes a document. */
#include "cli.h"
#include "collection.h"
#include "commands.h"
#include "groups.h"
#include "plan.h"
#include "progress.h"
#include "results.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct dedup {
    const cli_options *options;
    collection c;
    size_t *kept; /* (documents) what stays for each; NULL: all stay */
    dedup_figures figures;
    output documents, removed;
    size_t record, number; /* of the second pass */
    bool owes_newline;     /* the record written last had none, and may not be the last one */
    const char *last_file;
    uint64_t last_line;
} dedup;

/* ---- Second pass --------------------------------------------------------------------------------
 */

/* Writes a record's bytes and line end. The last line of a file may have no end, and another file
 * may follow; the pieces of an overlong line belong together. */
static void put_record(dedup *d, const samestory_record *r, const char *bytes, size_t size)
{
    bool same_line = d->last_file == r->file && d->last_line == r->line;
    if (d->owes_newline && !same_line) output_text(&d->documents, "\n");
    output_bytes(&d->documents, bytes, size);
    if (r->is_json)
        output_bytes(&d->documents, r->line_end.data, r->line_end.size);
    else
        output_text(&d->documents, "\n");
    d->owes_newline = r->is_json && !r->line_end.size;
    d->last_file = r->file;
    d->last_line = r->line;
}

/* The relation of a removed document to the one that stays; where the two are held together by
 * others only, that of its arrival. */
static samestory_status verdict_on_removed(const dedup *d, size_t n, samestory_evidence *e,
                                           samestory_verdict *v)
{
    size_t kept = d->kept[n];
    samestory_status status = samestory_pair(d->c.engine, kept, n, e);
    if (status || e->relation == SAMESTORY_NONE) return status;
    v->relation = e->relation;
    v->probability = e->probability;
    v->of = samestory_id(d->c.engine, kept);
    v->reason_count = e->reason_count;
    for (size_t i = 0; i < e->reason_count; i++)
        v->reasons[i] = (samestory_string){e->reasons[i], strlen(e->reasons[i])};
    return SAMESTORY_OK;
}

/* The annotated record, with "dup_of" as one member more. */
static int put_removed(dedup *d, size_t n, const samestory_record *r, samestory_verdict *v)
{
    samestory_evidence e = {.struct_size = sizeof e};
    char *text;
    size_t size;
    samestory_status status = verdict_on_removed(d, n, &e, v);
    if (!status) status = samestory_annotate(r, v, &text, &size);
    if (status) return cli_fail_status(status);
    while (size && text[size - 1] != '}') size--; /* the object's own, which is not empty */
    output_bytes(&d->removed, text, size - 1);
    output_text(&d->removed, ",\"dup_of\":");
    output_json_string(&d->removed, samestory_id(d->c.engine, d->kept[n]));
    output_text(&d->removed, "}\n");
    samestory_free(text);
    return 0;
}

static int put_document(dedup *d, const samestory_record *r)
{
    size_t n = d->number++;
    samestory_verdict v = SAMESTORY_VERDICT_INIT;
    samestory_status status = samestory_verdict_of(d->c.engine, n, &v);
    if (status) return cli_fail_status(status);
    if (d->kept && d->kept[n] != n) {
        d->figures.removed++;
        return d->options->output_folder ? put_removed(d, n, r, &v) : 0;
    }
    char *text;
    size_t size;
    status = samestory_annotate(r, &v, &text, &size);
    if (status) return cli_fail_status(status);
    put_record(d, r, text, size);
    samestory_free(text);
    return 0;
}

static int input_changed(void)
{
    cli_say("the input changed between the two passes: start again when it is complete");
    return EXIT_IO;
}

static int put_any(dedup *d, const samestory_record *r)
{
    if (d->record == d->c.records) return input_changed();
    if (collection_is_bad(&d->c, d->record++)) {
        if (r->is_json) put_record(d, r, r->raw.data, r->raw.size);
        return 0;
    }
    if (r->is_blank) {
        put_record(d, r, r->raw.data, r->raw.size);
        return 0;
    }
    return d->number < d->c.documents ? put_document(d, r) : input_changed();
}

static int write_documents(dedup *d)
{
    progress p;
    samestory_error error;
    int code = 0;
    progress_start(&p, d->options->quiet, "writing");
    samestory_status status = samestory_reader_rewind(d->c.reader, true, &error);
    while (!status && !code && !d->documents.error && !d->removed.error) {
        samestory_record r = SAMESTORY_RECORD_INIT;
        status = samestory_reader_next(d->c.reader, &r, &error);
        if (status == SAMESTORY_BAD_RECORD) status = SAMESTORY_OK;
        if (!status) code = put_any(d, &r);
        progress_show(&p, d->number, d->documents.written, d->number, d->c.documents);
    }
    d->figures.write_seconds = progress_end(&p);
    if (status && status != SAMESTORY_END) return cli_fail(&error);
    bool whole = d->record == d->c.records;
    return code || d->documents.error || d->removed.error || whole ? code : input_changed();
}

/* ---- Files
 * ------------------------------------------------------------------------------------------ */

static int open_in(const char *folder, const char *name, output *out)
{
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = malloc(size);
    if (!path) return cli_fail_memory();
    snprintf(path, size, "%s/%s", folder, name);
    int code = output_open(out, path);
    free(path);
    return code;
}

/* Makes a folder and those above it. */
static int make_folder(const char *folder)
{
    size_t size = strlen(folder);
    char *path = malloc(size + 1);
    if (!path) return cli_fail_memory();
    memcpy(path, folder, size + 1);
    int error = 0;
    for (size_t i = 1; i <= size && !error; i++) {
        if (folder[i] != '/' && folder[i]) continue;
        path[i] = 0;
        if (mkdir(path, 0777) && errno != EEXIST) error = errno;
        path[i] = folder[i];
    }
    free(path);
    if (!error) return 0;
    cli_say("%s: can't make this folder: check the one above it (%s)", folder, strerror(error));
    return EXIT_IO;
}

/* Closes an output whose content is written: well, or not (`code`). */
static int close_after(output *out, int code)
{
    if (code) {
        output_drop(out);
        return code;
    }
    return output_close(out);
}

static int write_edges(dedup *d, const char *folder)
{
    output out;
    int code = open_in(folder, "edges.jsonl", &out);
    return code ? code : close_after(&out, results_edges(&d->c, &out));
}

static int write_stories(dedup *d, const char *folder)
{
    output out;
    int code = open_in(folder, "stories.jsonl", &out);
    if (code) return code;
    return close_after(&out, results_stories(&d->c, &out, &d->figures.stories));
}

static int write_report(dedup *d, const char *folder)
{
    output out;
    int code = open_in(folder, "report.json", &out);
    if (code) return code;
    return close_after(&out, results_report(&d->c, d->options, &d->figures, &out));
}

static int write_folder(dedup *d, const char *folder)
{
    double started = progress_clock();
    int code = open_in(folder, "documents.jsonl", &d->documents);
    if (!code) code = open_in(folder, "removed.jsonl", &d->removed);
    if (!code) {
        code = write_documents(d);
        code = close_after(&d->documents, code);
        code = close_after(&d->removed, code);
    }
    output_drop(&d->documents);
    if (!code) code = write_edges(d, folder);
    if (!code) code = write_stories(d, folder);
    d->figures.write_seconds = progress_clock() - started;
    return code ? code : write_report(d, folder);
}

static int write_stdout(dedup *d)
{
    int code = output_open(&d->documents, NULL);
    if (code) return code;
    code = write_documents(d);
    int closed = output_close(&d->documents); /* what is written is right, as far as it goes */
    return code ? code : closed;
}

/* ---- The whole
 * ---------------------------------------------------------------------------------------- */

/* Records of a crawl that hold no text, by why. */
static void tell_skipped(const collection *c)
{
    char text[512];
    size_t used = 0;
    for (int i = 0; i < SAMESTORY_SKIPS; i++)
        if (c->skipped[i])
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%" PRIu64 " %s",
                                     used ? ", " : "", c->skipped[i],
                                     samestory_skip_name((samestory_skip)i));
    if (used) cli_say("passed over, as they hold no text: %s", text);
}

static void tell_summary(const dedup *d)
{
    samestory_report r = {.struct_size = sizeof r};
    const dedup_figures *f = &d->figures;
    double seconds = d->c.seconds + f->settle_seconds + f->write_seconds;
    if (d->options->quiet || samestory_engine_report(d->c.engine, &r)) return;
    size_t known = r.repeated + r.copies + r.revisions + r.stories;
    cli_say(
        "%zu document%s: %zu new, %zu repeated, %zu %s, %zu revision%s, %zu report%s of a known "
        "story; %zu bad record%s, %zu removed",
        d->c.documents, d->c.documents == 1 ? "" : "s", d->c.documents - known, r.repeated,
        r.copies, r.copies == 1 ? "copy" : "copies", r.revisions, r.revisions == 1 ? "" : "s",
        r.stories, r.stories == 1 ? "" : "s", d->c.bad, d->c.bad == 1 ? "" : "s", f->removed);
    tell_skipped(&d->c);
    cli_say("%.1f s, %.0f documents/s, %.1f MB/s, threshold %.3f", seconds,
            seconds > 0 ? (double)d->c.documents / seconds : 0,
            seconds > 0 ? (double)d->c.bytes * 1e-6 / seconds : 0, r.threshold);
}

/* ---- Under a cap
 * ---------------------------------------------------------------------------------------- */

/* What sketches depend on beside the records: the names of the members they are read from. */
static uint64_t stamp_of_fields(const samestory_reader_options *r)
{
    const char *const field[] = {r->id_field,     r->title_field,    r->text_field, r->url_field,
                                 r->source_field, r->language_field, r->date_field};
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (size_t i = 0; i < sizeof field / sizeof *field; i++)
        for (const char *c = field[i] ? field[i] : ""; hash = (hash ^ (uint8_t)*c) * 1099511628211u, *c;
             c++) {}
    return hash;
}

/* What can be read once can't be sampled. */
static bool has_pipe(const cli_options *o)
{
    struct stat info;
    for (size_t i = 0; i < o->operand_count; i++)
        if (!strcmp(o->operands[i], "-") ||
            (!stat(o->operands[i], &info) && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)))
            return true;
    return false;
}

static int refuse(const cli_options *options, const plan *p)
{
    const double mib = 1048576;
    cli_say("--memory: %.0f MiB can't hold about %.0f documents; give %.0f MiB, or parts of the input "
            "to several runs (nothing has been written)",
            (double)options->engine.memory / mib, p->documents, p->memory_least / mib + 1);
    return EXIT_MEMORY;
}

/* Where temporary files go and whether the cap will hold; o: a copy of the options, completed. */
static int prepare(cli_options *o)
{
    samestory_options *e = &o->engine;
    if (e->resume && !o->tmp) {
        cli_say("--resume needs --tmp DIR: the folder that the run to be resumed was given");
        return EXIT_USAGE;
    }
    if (!e->memory && !o->tmp) return 0;
    if (o->tmp) o->reader.spool_folder = o->tmp;
    const char *folder = o->reader.spool_folder;
    e->folder = folder ? folder : "/tmp";
    e->resumable = o->tmp != NULL;
    e->input_stamp = stamp_of_fields(&o->reader);
    int code = o->tmp ? make_folder(o->tmp) : 0;
    plan p;
    bool known = e->memory && o->operand_count && !has_pipe(o);
    if (!code && known) code = plan_make(o, &p);
    if (!code && known && p.memory_least > (double)e->memory) code = refuse(o, &p);
    return code;
}

static int run(const cli_options *options)
{
    const char *folder = options->output_folder;
    unsigned keep = KEEP_MARKS;
    if (folder || options->keep) keep |= KEEP_DATES;
    if (options->keep == KEEP_LONGEST) keep |= KEEP_LENGTHS;
    dedup *d = calloc(1, sizeof *d);
    if (!d) return cli_fail_memory();
    d->options = options;
    d->documents.fd = d->removed.fd = -1;
    int code = folder ? make_folder(folder) : 0;
    if (!code) code = collection_read(&d->c, options, keep);
    if (!code) code = collection_settle(&d->c, options, &d->figures.settle_seconds);
    if (!code && options->keep) code = groups_kept(&d->c, options, &d->kept);
    if (!code) code = folder ? write_folder(d, folder) : write_stdout(d);
    if (!code) samestory_discard(d->c.engine);
    if (!code) tell_summary(d);
    free(d->kept);
    collection_free(&d->c);
    free(d);
    return code;
}

int dedup_run(const cli_options *given)
{
    cli_options options = *given;
    int code = prepare(&options);
    return code ? code : run(&options);
}
