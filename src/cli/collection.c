/* The first pass: records to documents, in blocks that the engine sketches on all its threads.
 *
 * A record's strings live until the next one is read, so a block holds a copy of them; documents
 * that are larger than a block are handed over as they are, alone. */
#include "collection.h"
#include "cli.h"
#include "model.h"
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_DOCUMENTS = 512, BLOCK_BYTES = 4 << 20, BAD_RECORDS_NAMED = 20 };

typedef struct block {
    samestory_document documents[BLOCK_DOCUMENTS];
    size_t count;
    char *bytes;
    size_t used;
} block;

typedef struct pass {
    collection *c;
    const cli_options *options;
    block block;
    size_t gathered;
    output reject;
    bool rejecting;
    progress progress;
} pass;

/* ---- What is kept of each document -------------------------------------------------------------
 */

static bool room_for(void *array, size_t *capacity, size_t need, size_t element)
{
    if (need <= *capacity) return true;
    size_t wish = need + need / 2 + 64;
    void **place = array,
         *moved = wish > SIZE_MAX / element ? NULL : realloc(*place, wish * element);
    if (!moved) return false;
    *place = moved;
    *capacity = wish;
    return true;
}

static bool keep_label(collection *c, samestory_string label)
{
    size_t n = c->documents;
    if (!room_for(&c->labels, &c->labels_capacity, n + 2, sizeof *c->labels)) return false;
    if (!n) c->labels[0] = 0;
    uint64_t at = c->labels[n];
    if (!room_for(&c->label_bytes, &c->label_bytes_capacity, at + label.size + 1, 1)) return false;
    if (label.size) memcpy(c->label_bytes + at, label.data, label.size);
    c->labels[n + 1] = at + label.size;
    return true;
}

static bool keep_of(collection *c, const samestory_record *r)
{
    const samestory_document *d = &r->document;
    size_t n = c->documents;
    if (c->kept & KEEP_LABELS && !keep_label(c, r->label)) return false;
    if (c->kept & KEEP_DATES) {
        if (!room_for(&c->dates, &c->dates_capacity, n + 1, sizeof *c->dates)) return false;
        c->dates[n] = c->ignore_dates ? SAMESTORY_NO_DATE : d->date;
    }
    if (c->kept & KEEP_LENGTHS) {
        if (!room_for(&c->lengths, &c->lengths_capacity, n + 1, sizeof *c->lengths)) return false;
        c->lengths[n] = (uint64_t)d->title.size + d->text.size;
    }
    return true;
}

static bool mark(collection *c, size_t record, bool bad)
{
    if (!(c->kept & KEEP_MARKS)) return true;
    if (!room_for(&c->marks, &c->marks_capacity, record / 64 + 1, sizeof *c->marks)) return false;
    if (record % 64 == 0) c->marks[record / 64] = 0;
    if (bad) c->marks[record / 64] |= (uint64_t)1 << record % 64;
    return true;
}

/* ---- Blocks
 * ---------------------------------------------------------------------------------------- */

/* Half of a sample has been gathered. */
static void note_half(pass *p)
{
    collection *c = p->c;
    p->gathered += p->block.count;
    if (c->early || p->gathered < p->options->sample / 2) return;
    c->early = p->gathered;
    c->early_seconds = progress_clock() - p->progress.started;
}

static int flush_block(pass *p)
{
    samestory_error error;
    if (!p->block.count) return 0;
    samestory_status status =
        samestory_gather(p->c->engine, p->block.documents, p->block.count, &error);
    if (p->options->sample) note_half(p);
    p->block.count = p->block.used = 0;
    return status ? cli_fail(&error) : 0;
}

static void copy_string(block *b, samestory_string *s)
{
    if (!s->size) return;
    char *to = b->bytes + b->used;
    memcpy(to, s->data, s->size);
    b->used += s->size;
    s->data = to;
}

static int add_document(pass *p, const samestory_record *r)
{
    const samestory_document *d = &r->document;
    size_t parts[] = {d->id.size,  d->title.size,  d->text.size,
                      d->url.size, d->source.size, d->language.size};
    size_t size = 0;
    int code = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) size += parts[i];
    if (!keep_of(p->c, r)) return cli_fail_memory();
    p->c->documents++;
    block *b = &p->block;
    if (b->count == BLOCK_DOCUMENTS || size > BLOCK_BYTES - b->used) code = flush_block(p);
    if (code) return code;
    samestory_document *copy = &b->documents[b->count++];
    *copy = *d;
    if (size > BLOCK_BYTES) return flush_block(p);
    copy_string(b, &copy->id);
    copy_string(b, &copy->title);
    copy_string(b, &copy->text);
    copy_string(b, &copy->url);
    copy_string(b, &copy->source);
    copy_string(b, &copy->language);
    return 0;
}

/* ---- Records
 * ---------------------------------------------------------------------------------------- */

static int bad_record(pass *p, const samestory_record *r, const samestory_error *error)
{
    if (p->options->stop_on_error) return cli_fail(error);
    p->c->bad++;
    if (!p->options->quiet && p->c->bad <= BAD_RECORDS_NAMED) {
        progress_end(&p->progress);
        cli_fail(error);
    }
    if (!p->rejecting) return 0;
    output_bytes(&p->reject, r->raw.data, r->raw.size);
    output_bytes(&p->reject, r->line_end.data, r->line_end.size);
    return 0;
}

static int take_record(pass *p, samestory_status status, const samestory_record *r,
                       const samestory_error *error)
{
    collection *c = p->c;
    bool bad = status == SAMESTORY_BAD_RECORD;
    if (!mark(c, c->records, bad)) return cli_fail_memory();
    c->records++;
    c->bytes += r->raw.size + r->line_end.size;
    if (bad) return bad_record(p, r, error);
    if (!r->is_blank) return add_document(p, r);
    c->blank++;
    return 0;
}

static int read_all(pass *p)
{
    collection *c = p->c;
    int code = 0;
    while (!code) {
        if (p->options->sample && c->documents >= p->options->sample) return flush_block(p);
        samestory_record r = SAMESTORY_RECORD_INIT;
        samestory_error error;
        samestory_status status = samestory_reader_next(c->reader, &r, &error);
        if (status == SAMESTORY_END) return flush_block(p);
        if (status && status != SAMESTORY_BAD_RECORD) return cli_fail(&error);
        code = take_record(p, status, &r, &error);
        if (c->records % 64 == 0) {
            uint64_t done, total;
            samestory_reader_progress(c->reader, &done, &total);
            progress_show(&p->progress, c->documents, c->bytes, done, total);
        }
    }
    return code;
}

/* Says how many bad records were not named. */
static void tell_rest(const collection *c, const cli_options *options)
{
    if (!options->quiet && c->bad > BAD_RECORDS_NAMED)
        cli_say("%zu more bad record%s; --reject FILE keeps all of them",
                c->bad - BAD_RECORDS_NAMED, c->bad - BAD_RECORDS_NAMED == 1 ? "" : "s");
}

/* A field that no record has is a typing mistake: of the text it ends the work, as nothing could be
 * found; of others it is said. */
static int check_fields(const collection *c, const cli_options *options)
{
    const samestory_reader_options *o = &options->reader;
    const struct {
        const char *option, *name;
    } fields[SAMESTORY_FIELDS] = {[SAMESTORY_FIELD_TEXT] = {"text", o->text_field},
                                  [SAMESTORY_FIELD_TITLE] = {"title", o->title_field},
                                  [SAMESTORY_FIELD_ID] = {"id", o->id_field},
                                  [SAMESTORY_FIELD_URL] = {"url", o->url_field},
                                  [SAMESTORY_FIELD_DATE] = {"date", o->date_field},
                                  [SAMESTORY_FIELD_LANGUAGE] = {"language", o->language_field},
                                  [SAMESTORY_FIELD_SOURCE] = {"source", o->source_field},
                                  [SAMESTORY_FIELD_LABEL] = {"label", o->label_field}};
    for (int i = SAMESTORY_FIELDS - 1; i >= 0; i--) {
        bool fatal = i == SAMESTORY_FIELD_TEXT;
        if (!samestory_reader_missed(c->reader, (samestory_field)i)) continue;
        if (fatal || !options->quiet)
            cli_say("--%s-field %s: no record has this field: give its name, or a dotted path such "
                    "as metadata.%s",
                    fields[i].option, fields[i].name, fields[i].option);
        if (fatal) return EXIT_USAGE;
    }
    return 0;
}

static void count_skipped(collection *c)
{
    for (int i = 0; i < SAMESTORY_SKIPS; i++)
        c->skipped[i] = samestory_reader_skipped(c->reader, (samestory_skip)i);
}

static int gather(collection *c, const cli_options *options)
{
    pass *p = calloc(1, sizeof *p);
    if (!p) return cli_fail_memory();
    *p = (pass){.c = c, .options = options, .rejecting = options->reject != NULL};
    p->block.bytes = malloc(BLOCK_BYTES);
    int code = p->block.bytes ? 0 : cli_fail_memory();
    if (!code && p->rejecting) code = output_open(&p->reject, options->reject);
    progress_start(&p->progress, options->quiet, "reading");
    if (!code) code = read_all(p);
    c->seconds = progress_end(&p->progress);
    tell_rest(c, options);
    count_skipped(c);
    if (!code) code = check_fields(c, options);
    if (!code && p->rejecting) code = output_close(&p->reject);
    if (p->rejecting) output_drop(&p->reject);
    free(p->block.bytes);
    free(p);
    return code;
}

int collection_read(collection *c, const cli_options *options, unsigned keep)
{
    static char standard_input[] = "-";
    char *only_stdin[] = {standard_input};
    *c = (collection){.kept = keep, .ignore_dates = options->engine.ignore_dates};
    int code = model_open(options, &c->model);
    if (code) return code;
    samestory_error error;
    bool named = options->operand_count != 0;
    /* The reader wants pointers to const, which C does not take from pointers to char. */
    const char **paths = malloc((options->operand_count + 1) * sizeof *paths);
    if (!paths) return cli_fail_memory();
    size_t count = named ? options->operand_count : 1;
    for (size_t i = 0; i < count; i++) paths[i] = named ? options->operands[i] : only_stdin[i];
    samestory_reader_options reader = options->reader;
    reader.keep_notes = keep & KEEP_MARKS; /* there will be a second pass */
    samestory_status status = samestory_engine_new(c->model, &options->engine, &c->engine, &error);
    if (!status) status = samestory_reader_open(paths, count, &reader, &c->reader, &error);
    free(paths);
    return status ? cli_fail(&error) : gather(c, options);
}

void collection_free(collection *c)
{
    samestory_reader_free(c->reader);
    samestory_engine_free(c->engine);
    samestory_model_free(c->model);
    free(c->marks);
    free(c->dates);
    free(c->lengths);
    free(c->labels);
    free(c->label_bytes);
    *c = (collection){0};
}

/* ---- Judging
 * --------------------------------------------------------------------------------------- */

typedef struct settling {
    progress progress;
    size_t total;
} settling;

static void show_settling(void *context, size_t done)
{
    settling *s = context;
    progress_show(&s->progress, done, 0, done, s->total);
}

int collection_settle(collection *c, const cli_options *options, double *seconds)
{
    settling s = {.total = c->documents};
    samestory_error error;
    progress_start(&s.progress, options->quiet, "judging");
    samestory_status status = samestory_settle(c->engine, show_settling, &s, &error);
    double taken = progress_end(&s.progress);
    if (seconds) *seconds = taken;
    return status ? cli_fail(&error) : 0;
}

double collection_threshold(const collection *c)
{
    samestory_report report = {.struct_size = sizeof report};
    return samestory_engine_report(c->engine, &report) ? 1 : report.threshold;
}
