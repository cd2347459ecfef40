/* The commands of the language identifier: langid trains it into a model, languages reports on it.
 */
#include "base/status.h"
#include "text/lang.h"
#include "train/commands.h"
#include "train/export.h"
#include "train/langid.h"
#include "train/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

samestory_status langid_add(const char *from, const train_options *o, samestory_error *error)
{
    samestory_model *m = NULL;
    blob section = {0};
    samestory_status status = samestory_model_open(from, &m, error);
    corpus_files files = {o->data, o->sources, o->dropped, NULL};
    if (!status) status = langid_train(m, &files, o->frequencies, &section, error);
    if (!status) {
        ss_model_section sections[SS_SECTIONS];
        ss_model_sections(m, sections);
        sections[SS_LANGID] = (ss_model_section){section.data, section.size};
        status = ss_model_write(o->output, sections, error);
    }
    samestory_model_free(m);
    free(section.data);
    return status;
}

samestory_status command_langid(const train_options *o, samestory_error *error)
{
    if (!o->data) return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "--data DIR is missing");
    if (!o->sources) return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "--sources FILE is missing");
    if (!o->model) return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "--model FILE is missing");
    if (!o->output) return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "--output FILE is missing");
    return langid_add(o->model, o, error);
}

/* ---- Report ---------------------------------------------------------------------------------- */

enum {
    CODE = 16,
    OTHERS = SS_LANGUAGES_MAX /* languages that the model has not */,
    KEPT_TEXTS = 4096
};

typedef struct tally {
    size_t count, right, unknown;
    size_t as[SS_LANGUAGES_MAX];
} tally;

typedef struct report {
    const samestory_model *model;
    ss_words words;
    tally texts[OTHERS + 1], lines[OTHERS + 1];
    char *kept[KEPT_TEXTS]; /* to make junk of */
    unsigned kept_language[KEPT_TEXTS];
    size_t kept_count;
    samestory_status status;
} report;

static unsigned answer(report *r, const char *text, size_t size)
{
    if (ss_words_split(r->model->normalizer, text, size, &r->words)) {
        r->status = SAMESTORY_NO_MEMORY;
        return SS_LANGUAGE_UNKNOWN;
    }
    return ss_language_identify(r->model, &r->words);
}

/* Where a record says "sh", Croatian and Serbian are both right. */
static void count(report *r, tally *t, unsigned truth, bool either, const char *text, size_t size)
{
    unsigned got = answer(r, text, size);
    t->count++;
    t->unknown += got == SS_LANGUAGE_UNKNOWN;
    if (got != SS_LANGUAGE_UNKNOWN) t->as[got]++;
    t->right += truth == SS_LANGUAGE_UNKNOWN
                    ? got == truth
                    : got == truth || (either && got == ss_model_language(r->model, "sr", 2));
}

static void count_record(report *r, const samestory_document *d)
{
    unsigned truth = ss_model_language(r->model, d->language.data, d->language.size);
    bool either = d->language.size == 2 && !memcmp(d->language.data, "sh", 2);
    size_t place = truth == SS_LANGUAGE_UNKNOWN ? OTHERS : truth;
    count(r, &r->texts[place], truth, either, d->text.data, d->text.size);
    for (size_t at = 0; at < d->text.size;) {
        const char *line = d->text.data + at, *end = memchr(line, '\n', d->text.size - at);
        size_t size = end ? (size_t)(end - line) : d->text.size - at;
        if (size) count(r, &r->lines[place], truth, either, line, size);
        at += size + 1;
    }
    if (r->kept_count == KEPT_TEXTS || d->text.size > 4000 || truth == SS_LANGUAGE_UNKNOWN) return;
    char *copy = malloc(d->text.size + 1);
    if (!copy) return;
    if (d->text.size) memcpy(copy, d->text.data, d->text.size);
    copy[d->text.size] = 0;
    r->kept[r->kept_count] = copy;
    r->kept_language[r->kept_count++] = truth;
}

static void print_row(const report *r, const char *name, const tally *texts, const tally *lines)
{
    printf("| %s | %zu | %.3f | %.3f | %zu | %.3f | %.3f |", name, texts->count,
           (double)texts->right / (double)(texts->count + !texts->count),
           (double)texts->unknown / (double)(texts->count + !texts->count), lines->count,
           (double)lines->right / (double)(lines->count + !lines->count),
           (double)lines->unknown / (double)(lines->count + !lines->count));
    for (unsigned l = 0; l < r->model->languages; l++)
        if (strcmp(r->model->language[l].code, name) && lines->as[l] * 100 > lines->count)
            printf(" %s %zu", r->model->language[l].code, lines->as[l]);
    printf(" |\n");
}

static void print_junk(report *r, const char *name, size_t count_of, size_t unknown)
{
    (void)r;
    printf("| %s | %zu | %.3f |\n", name, count_of,
           (double)unknown / (double)(count_of + !count_of));
}

/* Junk with the letters of the records, and mixtures: half of one, half of another. */
static void report_junk(report *r)
{
    enum { EACH = 1000, ROOM = 16384 };
    static char out[ROOM];
    uint64_t seed = 7;
    if (!r->kept_count) return;
    printf("\n| no language | texts | unknown |\n|---|---|---|\n");
    for (int kind = 0; kind < JUNK_KINDS; kind++) {
        size_t unknown = 0;
        for (size_t n = 0; n < EACH; n++) {
            size_t size =
                langid_junk_make((langid_junk)kind, r->kept[random_below(&seed, r->kept_count)],
                                 60 + random_below(&seed, 600), &seed, out, ROOM);
            unknown += answer(r, out, size) == SS_LANGUAGE_UNKNOWN;
        }
        print_junk(r, langid_junk_name((langid_junk)kind), EACH, unknown);
    }
    size_t unknown = 0, made = 0;
    for (size_t n = 0; n < EACH; n++) {
        size_t a = random_below(&seed, r->kept_count), b = random_below(&seed, r->kept_count);
        size_t size[2] = {strlen(r->kept[a]), strlen(r->kept[b])};
        if (r->kept_language[a] == r->kept_language[b] || size[0] > 2 * size[1] ||
            size[1] > 2 * size[0])
            continue;
        snprintf(out, ROOM, "%s\n%s", r->kept[a], r->kept[b]);
        unknown += answer(r, out, strlen(out)) == SS_LANGUAGE_UNKNOWN;
        made++;
    }
    print_junk(r, "two languages", made, unknown);
}

static void print_report(report *r)
{
    tally texts = {0}, lines = {0};
    printf("| language | texts | right | unknown | lines | right | unknown | lines taken for |\n"
           "|---|---|---|---|---|---|---|---|\n");
    for (unsigned l = 0; l < r->model->languages; l++) {
        if (!r->texts[l].count) continue;
        print_row(r, r->model->language[l].code, &r->texts[l], &r->lines[l]);
        texts.count += r->texts[l].count, lines.count += r->lines[l].count;
        texts.right += r->texts[l].right, lines.right += r->lines[l].right;
        texts.unknown += r->texts[l].unknown, lines.unknown += r->lines[l].unknown;
    }
    print_row(r, "all", &texts, &lines);
    if (r->texts[OTHERS].count)
        print_row(r, "others (right: unknown)", &r->texts[OTHERS], &r->lines[OTHERS]);
    report_junk(r);
}

samestory_status command_languages(const train_options *o, samestory_error *error)
{
    samestory_model *m = NULL;
    samestory_reader *reader = NULL;
    samestory_reader_options options = SAMESTORY_READER_OPTIONS_INIT;
    samestory_record record = SAMESTORY_RECORD_INIT;
    if (!o->model) return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "--model FILE is missing");
    if (!o->file_count)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "name files of labelled records");
    report *r = calloc(1, sizeof *r);
    if (!r) return ss_fail_memory(error);
    samestory_status status = samestory_model_open(o->model, &m, error);
    if (!status) status = samestory_reader_open(o->files, o->file_count, &options, &reader, error);
    r->model = m;
    while (!status && !(status = samestory_reader_next(reader, &record, error)))
        if (!record.is_blank) count_record(r, &record.document);
    if (status == SAMESTORY_END) status = r->status ? ss_fail_memory(error) : SAMESTORY_OK;
    if (!status) print_report(r);
    for (size_t i = 0; i < r->kept_count; i++) free(r->kept[i]);
    ss_words_free(&r->words);
    free(r);
    samestory_reader_free(reader);
    samestory_model_free(m);
    return status;
}
