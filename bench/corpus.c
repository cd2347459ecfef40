/* Makes a corpus to measure on, JSONL on stdout, as fast as a disk takes it.
 *
 *   bench-corpus [option]... FILE...
 *
 *   --documents N       how many (10,000), the planted ones not counted
 *   --from N, --to M    of those only the N-th (0 is the first) to the one before the M-th
 *   --seed N            another seed, another corpus (1); the same everywhere
 *   --languages A,B     of those that FILEs have enough text in (all)
 *   --words MIN-MAX     of a document (200-300); "mixed": headlines to long reads
 *   --copies K          each K-th document is a near-copy of an earlier one (10); 0: none
 *   --halves K          each K-th shares half its sentences with an earlier one, and is no copy
 * (50)
 *   --titles            documents have titles
 *   --days D            documents have dates, in D days, in no order
 *   --start DATE        the first of those days (2025-06-01)
 *   --ordered           dates rise from document to document
 *   --plant FILE        its records stand between the others, as they are, evenly spread
 *
 * FILEs are records with text and language: sentences to make documents of (see invent.h). A copy
 * names its original in "copy_of" and what was done to it in "kind": 3 % of the words replaced, a
 * paragraph dropped, or a byline and a footer added; a half names the other in "half_of". */
#include "invent.h"
#include "random.h"

#include "samestory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct options {
    plan plan;
    size_t documents, days, from, to;
    const char *languages, *plant;
    int64_t start;
    bool titles, ordered;
} options;

static int usage(void)
{
    fputs("usage: bench-corpus [--documents N] [--from N] [--to M] [--seed N] [--languages A,B]\n"
          "    [--words MIN-MAX|mixed] [--copies K] [--halves K] [--titles] [--days D]\n"
          "    [--start DATE] [--ordered] [--plant FILE] FILE...\n",
          stderr);
    return 2;
}

static bool take_number(const char *text, size_t *out)
{
    char *end;
    *out = (size_t)strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end;
}

static bool take_words(const char *text, plan *p)
{
    unsigned min, max;
    p->words_max = 0;
    if (!strcmp(text, "mixed")) return true;
    if (sscanf(text, "%u-%u", &min, &max) != 2 || min > max || !max) return false;
    p->words_min = min;
    p->words_max = max;
    return true;
}

static bool take_option(options *o, const char *name, const char *value)
{
    size_t number = 0;
    bool good = take_number(value, &number);
    if (!strcmp(name, "--documents")) return o->documents = number, good;
    if (!strcmp(name, "--from")) return o->from = number, good;
    if (!strcmp(name, "--to")) return o->to = number, good;
    if (!strcmp(name, "--seed")) return o->plan.seed = number, good;
    if (!strcmp(name, "--copies")) return o->plan.copy_every = (unsigned)number, good;
    if (!strcmp(name, "--halves")) return o->plan.half_every = (unsigned)number, good;
    if (!strcmp(name, "--days")) return o->days = number, good;
    if (!strcmp(name, "--languages")) return o->languages = value, true;
    if (!strcmp(name, "--plant")) return o->plant = value, true;
    if (!strcmp(name, "--words")) return take_words(value, &o->plan);
    if (strcmp(name, "--start")) return false;
    o->start = samestory_parse_date(value, strlen(value));
    return o->start != SAMESTORY_NO_DATE;
}

/* ---- Writing -----------------------------------------------------------------------------------
 */

enum { BLOCK = 1 << 20 };

static void write_out(buffer *out)
{
    if (fwrite(out->bytes, 1, out->size, stdout) == out->size) {
        out->size = 0;
        return;
    }
    perror("bench-corpus: stdout");
    exit(3);
}

static void put_string(buffer *out, const char *name, const buffer *text)
{
    put_text(out, ",\"");
    put_text(out, name);
    put_text(out, "\":\"");
    for (size_t i = 0; i < text->size; i++) {
        size_t start = i;
        while (i < text->size && text->bytes[i] != '"' && text->bytes[i] != '\\' &&
               text->bytes[i] != '\n')
            i++;
        put(out, text->bytes + start, i - start);
        if (i == text->size) break;
        put_text(out, text->bytes[i] == '"' ? "\\\"" : text->bytes[i] == '\n' ? "\\n" : "\\\\");
    }
    put_text(out, "\"");
}

/* Days since 1970 to year, month and day (Hinnant, "chrono-compatible low-level date algorithms").
 */
static void put_date(buffer *out, int64_t time)
{
    int64_t days = time / 86400, second = time % 86400, z = days + 719468, era = z / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    int64_t day = doy - (153 * mp + 2) / 5 + 1, month = mp < 10 ? mp + 3 : mp - 9;
    int64_t year = yoe + era * 400 + (month <= 2);
    char text[96];
    snprintf(text, sizeof text, ",\"date\":\"%04d-%02d-%02dT%02d:%02d:%02dZ\"", (int)year,
             (int)month, (int)day, (int)(second / 3600), (int)(second / 60 % 60),
             (int)(second % 60));
    put_text(out, text);
}

/* A copy comes up to a quarter of the days after its original. */
static int64_t date_of(const options *o, size_t number, const invented *d)
{
    uint64_t span = (uint64_t)o->days * 86400, r = o->plan.seed * 15485863 + d->original;
    if (o->ordered) return o->start + (int64_t)(span * number / (o->documents + 1));
    uint64_t at = random_below(&r, span);
    if (d->original == number) return o->start + (int64_t)at;
    r += number;
    at += random_below(&r, span / 4 + 1);
    return o->start + (int64_t)(at < span ? at : span - 1);
}

static void put_document(buffer *out, const options *o, size_t number, const invented *d)
{
    char text[96];
    snprintf(text, sizeof text, "{\"id\":\"d%07zu\"", number);
    put_text(out, text);
    if (d->original != number) {
        snprintf(text, sizeof text, ",\"%s\":\"d%07zu\",\"kind\":\"%s\"",
                 d->kind == HALF ? "half_of" : "copy_of", d->original, kind_names[d->kind]);
        put_text(out, text);
    }
    if (o->days) put_date(out, date_of(o, number, d));
    if (o->titles) put_string(out, "title", &d->title);
    put_string(out, "text", &d->text);
    put_text(out, "}\n");
}

/* ---- Planted records ---------------------------------------------------------------------------
 */

static bool read_planted(const char *path, buffer **lines, size_t *count)
{
    samestory_reader *reader = NULL;
    samestory_reader_options raw = SAMESTORY_READER_OPTIONS_INIT;
    samestory_error error;
    samestory_record record = SAMESTORY_RECORD_INIT;
    size_t capacity = 0;
    raw.lines_only = true;
    samestory_status status = samestory_reader_open(&path, 1, &raw, &reader, &error);
    while (!status && !(status = samestory_reader_next(reader, &record, &error))) {
        *lines = grown(*lines, &capacity, *count + 1, sizeof **lines);
        (*lines)[*count] = (buffer){0};
        put(&(*lines)[*count], record.raw.data, record.raw.size);
        put_text(&(*lines)[(*count)++], "\n");
    }
    samestory_reader_free(reader);
    if (status == SAMESTORY_END) return true;
    fprintf(stderr, "bench-corpus: %s: %s\n", error.file, error.message);
    return false;
}

static void make_corpus(const options *o, const buffer *planted, size_t planted_count)
{
    buffer out = {0};
    invented document = {0};
    size_t end = o->to && o->to < o->documents ? o->to : o->documents;
    size_t next = o->from ? (o->from * planted_count + o->documents - 1) / o->documents : 0;
    for (size_t i = o->from; i <= end; i++) {
        while (next < planted_count && next * o->documents <= i * planted_count) {
            put(&out, planted[next].bytes, planted[next].size);
            next++;
        }
        if (i == end) break;
        invent(&o->plan, i, &document);
        put_document(&out, o, i, &document);
        if (out.size >= BLOCK) write_out(&out);
    }
    if (out.size) write_out(&out);
    free(out.bytes);
    invented_free(&document);
}

int main(int count, char **arguments)
{
    static source made_of;
    options o = {.plan = {&made_of, 1, 200, 300, 10, 50}, .documents = 10000};
    o.start = samestory_parse_date("2025-06-01", 10);
    int at = 1;
    for (; at < count && !strncmp(arguments[at], "--", 2); at++) {
        if (!strcmp(arguments[at], "--titles")) {
            o.titles = true;
        } else if (!strcmp(arguments[at], "--ordered")) {
            o.ordered = true;
        } else if (at + 1 == count || !take_option(&o, arguments[at], arguments[at + 1])) {
            return usage();
        } else {
            at++;
        }
    }
    if (at == count) return usage();
    if (!source_read(&made_of, (const char *const *)arguments + at, (size_t)(count - at),
                     o.languages))
        return 3;
    buffer *planted = NULL;
    size_t planted_count = 0;
    if (o.plant && !read_planted(o.plant, &planted, &planted_count)) return 3;
    make_corpus(&o, planted, planted_count);
    for (size_t i = 0; i < planted_count; i++) free(planted[i].bytes);
    free(planted);
    if (!fflush(stdout)) return 0;
    perror("bench-corpus: stdout");
    return 3;
}
