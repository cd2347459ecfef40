/* samestory pairs: the judge's view of pairs, all of a file or those that a list names. */
#include "cli.h"
#include "collection.h"
#include "commands.h"
#include "ids.h"
#include "progress.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char header[] =
    "a\tb\trelation\tp\tcosine\tjaccard\tnames\tdates\tnumbers\tgap_days\n";

static void put_count(output *out, unsigned count)
{
    output_text(out, "\t");
    output_count(out, count);
}

static void put_measure(output *out, double value)
{
    output_text(out, "\t");
    output_number(out, value, 6);
}

/* One line of the table. The earlier document of the input is judged first, so that a pair has one
 * verdict, whichever way round it is asked for. */
static samestory_status put_pair(const collection *c, size_t a, size_t b, output *out)
{
    samestory_evidence e = {.struct_size = sizeof e};
    samestory_status status = samestory_pair(c->engine, a < b ? a : b, a < b ? b : a, &e);
    if (status) return status;
    output_tsv(out, samestory_id(c->engine, a));
    output_text(out, "\t");
    output_tsv(out, samestory_id(c->engine, b));
    output_text(out, "\t");
    output_text(out, samestory_relation_name(e.relation));
    put_measure(out, e.probability);
    put_measure(out, e.cosine);
    put_measure(out, e.jaccard);
    put_count(out, e.names);
    put_count(out, e.dates);
    put_count(out, e.numbers);
    if (isnan(e.gap_days))
        output_text(out, "\t");
    else
        put_measure(out, e.gap_days);
    output_text(out, "\n");
    return SAMESTORY_OK;
}

static int put_all(const collection *c, const cli_options *options, output *out)
{
    progress p;
    samestory_status status = SAMESTORY_OK;
    uint64_t n = c->documents, done = 0, total = n ? n * (n - 1) / 2 : 0;
    progress_start(&p, options->quiet, "judging");
    for (size_t a = 0; !status && !out->error && a < n; a++) {
        for (size_t b = a + 1; !status && !out->error && b < n; b++)
            status = put_pair(c, a, b, out);
        done += n - 1 - a;
        progress_show(&p, a + 1, 0, done, total);
    }
    progress_end(&p);
    return status ? cli_fail_status(status) : 0;
}

/* ---- Lists -------------------------------------------------------------------------------------
 */

/* Takes \t, \n, \r and \\ back, as output_tsv wrote them; returns the new size. */
static size_t unescape(char *text, size_t size)
{
    size_t to = 0;
    for (size_t i = 0; i < size; i++, to++) {
        static const char from[] = "tnr\\", into[] = "\t\n\r\\";
        const char *which =
            text[i] == '\\' && i + 1 < size && text[i + 1] ? strchr(from, text[i + 1]) : NULL;
        text[to] = which ? into[which - from] : text[i];
        i += which != NULL;
    }
    return to;
}

static int find_id(const ids *known, const cli_options *options, uint64_t line, char *text,
                   size_t size, size_t *number)
{
    *number = ids_find(known, (samestory_string){text, unescape(text, size)});
    if (*number != IDS_NONE) return 0;
    cli_say("%s:%llu: no document has the id %.*s: take it out of the list, or add its record",
            options->list, (unsigned long long)line, size > 200 ? 200 : (int)size, text);
    return EXIT_IO;
}

static int put_listed_line(const collection *c, const ids *known, const cli_options *options,
                           const samestory_record *r, output *out)
{
    char *text = malloc(r->raw.size + 1);
    if (!text) return cli_fail_memory();
    memcpy(text, r->raw.data, r->raw.size);
    char *end = text + r->raw.size, *tab = memchr(text, '\t', r->raw.size);
    char *next = tab ? memchr(tab + 1, '\t', (size_t)(end - tab - 1)) : NULL;
    size_t a, b;
    int code = 0;
    if (!tab) {
        cli_say("%s:%llu: no tab: give two ids a line, with a tab between them", options->list,
                (unsigned long long)r->line);
        code = EXIT_IO;
    }
    if (!code) code = find_id(known, options, r->line, text, (size_t)(tab - text), &a);
    if (!code)
        code =
            find_id(known, options, r->line, tab + 1, (size_t)((next ? next : end) - tab - 1), &b);
    if (!code) {
        samestory_status status = put_pair(c, a, b, out);
        if (status) code = cli_fail_status(status);
    }
    free(text);
    return code;
}

/* The reader gives the list's lines, whatever they are packed in. */
static int put_listed(const collection *c, const cli_options *options, output *out)
{
    ids known;
    samestory_error error;
    samestory_reader *reader = NULL;
    samestory_reader_options lines = SAMESTORY_READER_OPTIONS_INIT;
    lines.lines_only = true;
    lines.spool_folder = options->reader.spool_folder;
    if (!ids_build(&known, c->engine)) return cli_fail_memory();
    samestory_status status = samestory_reader_open(&options->list, 1, &lines, &reader, &error);
    int code = 0;
    while (!status && !code && !out->error) {
        samestory_record r = SAMESTORY_RECORD_INIT;
        status = samestory_reader_next(reader, &r, &error);
        if (!status && !r.is_blank) code = put_listed_line(c, &known, options, &r, out);
    }
    if (status && status != SAMESTORY_END) code = cli_fail(&error);
    samestory_reader_free(reader);
    ids_free(&known);
    return code;
}

int pairs_run(const cli_options *options)
{
    collection c;
    output out;
    samestory_error error;
    if (options->all_pairs == (options->list != NULL)) {
        cli_say("pairs needs either --all or --list IDS.tsv: see \"samestory help pairs\"");
        return EXIT_USAGE;
    }
    int code = collection_read(&c, options, 0);
    if (!code && samestory_freeze(c.engine, &error)) code = cli_fail(&error);
    if (!code) code = output_open(&out, NULL);
    if (!code) {
        output_text(&out, header);
        code = options->list ? put_listed(&c, options, &out) : put_all(&c, options, &out);
        int closed = output_close(&out);
        if (!code) code = closed;
    }
    collection_free(&c);
    return code;
}
