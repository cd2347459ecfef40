/* The command that counts false links in a crowd: labelled files are settled alone, and again among
 * documents of training texts that have nothing to do with them or with each other (crowd.h; the
 * half that no judge is fitted on). In the crowd every link of the relation `story` is false unless
 * both documents have one label. Says how many there are in 1,000 documents, and how many of the
 * true pairs are still linked. With dates, the crowd has those of the labelled documents, give or
 * take three days; one in ten has none. */
#include "base/array.h"
#include "base/status.h"
#include "engine/engine.h"
#include "train/commands.h"
#include "train/crowd.h"
#include "train/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { CROWD = 100000, DATE_JITTER = 3 * 86400, SHOWN = 300 };

/* What is known of the labelled documents, by number. */
typedef struct labelled {
    uint64_t *story;
    int64_t *date;
    char (*text)[SHOWN];
    size_t count, story_room, date_room, text_room;
} labelled;

static void labelled_free(labelled *l)
{
    free(l->story);
    free(l->date);
    free(l->text);
    *l = (labelled){0};
}

/* The beginning of a text, for a column of a table. */
static void shorten(char out[SHOWN], const char *text, size_t size)
{
    size_t used = size < SHOWN - 1 ? size : SHOWN - 1;
    while (used < size && used && ((unsigned char)text[used] & 0xC0) == 0x80) used--;
    for (size_t i = 0; i < used; i++) {
        char c = text[i];
        out[i] = c == '\n' || c == '\t' || c == '\r' ? ' ' : c;
    }
    out[used] = 0;
}

static samestory_status add_labelled(labelled *l, const samestory_record *r, size_t file,
                                     samestory_error *error)
{
    if (!ss_reserve(&l->story, &l->story_room, l->count + 1) ||
        !ss_reserve(&l->date, &l->date_room, l->count + 1) ||
        !ss_reserve(&l->text, &l->text_room, l->count + 1))
        return ss_fail_memory(error);
    /* a record without label is a story of its own */
    l->story[l->count] =
        r->label.size ? XXH3_64bits_withSeed(r->label.data, r->label.size, file) : l->count + 1;
    l->date[l->count] = r->document.date;
    shorten(l->text[l->count], r->document.text.data, r->document.text.size);
    l->count++;
    return SAMESTORY_OK;
}

static samestory_status gather_labelled(const train_options *o, samestory_engine *engine,
                                        labelled *l, samestory_error *error)
{
    samestory_status status = SAMESTORY_OK;
    l->count = 0;
    for (size_t file = 0; file < o->file_count && !status; file++) {
        samestory_reader *reader;
        samestory_reader_options options = SAMESTORY_READER_OPTIONS_INIT;
        options.label_field = "story";
        status = samestory_reader_open(&o->files[file], 1, &options, &reader, error);
        if (status) return status;
        while (!status) {
            samestory_record record = SAMESTORY_RECORD_INIT;
            status = samestory_reader_next(reader, &record, error);
            if (status || record.is_blank) continue;
            status = add_labelled(l, &record, file, error);
            if (!status) status = samestory_gather(engine, &record.document, 1, error);
        }
        samestory_reader_free(reader);
        if (status == SAMESTORY_END) status = SAMESTORY_OK;
    }
    return status;
}

static samestory_status gather_crowd(const crowd *c, samestory_engine *engine, const labelled *l,
                                     samestory_error *error)
{
    uint64_t random = 3;
    samestory_document *d = calloc(c->count + 1, sizeof *d);
    if (!d) return ss_fail_memory(error);
    for (size_t i = 0; i < c->count; i++) {
        const crowd_document *from = &c->document[i];
        d[i] = (samestory_document)SAMESTORY_DOCUMENT_INIT;
        d[i].title = (samestory_string){from->title, strlen(from->title)};
        d[i].text = (samestory_string){from->text, strlen(from->text)};
        d[i].language = (samestory_string){from->language, strlen(from->language)};
        int64_t date = l->count ? l->date[random_below(&random, l->count)] : SAMESTORY_NO_DATE;
        int64_t off = (int64_t)random_below(&random, 2 * DATE_JITTER) - DATE_JITTER;
        if (random_below(&random, 10) && date != SAMESTORY_NO_DATE) d[i].date = date + off;
    }
    samestory_status status = samestory_gather(engine, d, c->count, error);
    free(d);
    return status;
}

/* ---- Counting
 * ----------------------------------------------------------------------------------------- */

static bool is_true_pair(const labelled *l, size_t a, size_t b)
{
    return a < l->count && b < l->count && l->story[a] == l->story[b];
}

/* True pairs that are linked: edges at the threshold, whatever the relation. */
static size_t count_true(const samestory_engine *e, const labelled *l)
{
    size_t found = 0;
    for (size_t i = 0; i < e->edge_count; i++)
        found +=
            e->edge[i].probability >= e->threshold && is_true_pair(l, e->edge[i].a, e->edge[i].b);
    return found;
}

static void describe(FILE *out, const labelled *l, const crowd *c, size_t number)
{
    char text[SHOWN];
    if (number < l->count) {
        fprintf(out, "\tlabelled\t%s", l->text[number]);
        return;
    }
    const crowd_document *d = &c->document[number - l->count];
    shorten(text, d->text, strlen(d->text));
    fprintf(out, "\t%s, %s\t%s%s%s", d->source, d->language, d->title, *d->title ? ": " : "", text);
}

static void count_false(const samestory_engine *e, const labelled *l, const crowd *c,
                        const char *kind, FILE *list, size_t wrong[CROWD_KINDS + 1])
{
    for (size_t i = 0; i < e->count; i++) {
        const ss_answer *a = &e->answer[i];
        if (a->relation != SAMESTORY_STORY || a->of == UINT32_MAX || is_true_pair(l, i, a->of))
            continue;
        wrong[i < l->count ? CROWD_KINDS : c->document[i - l->count].kind]++;
        if (!list) continue;
        samestory_verdict v = SAMESTORY_VERDICT_INIT;
        ss_fill_verdict(e, e->sketch[i], a, e->id[i], &v);
        bool both =
            e->sketch[i]->date != SAMESTORY_NO_DATE && e->sketch[a->of]->date != SAMESTORY_NO_DATE;
        fprintf(list, "%s%s\t%.3f\t", kind, both ? "-pair" : "", a->probability);
        for (size_t k = 0; k < v.reason_count; k++)
            fprintf(list, "%s%.*s", k ? ", " : "", (int)v.reasons[k].size, v.reasons[k].data);
        describe(list, l, c, a->of);
        describe(list, l, c, i);
        fputc('\n', list);
    }
}

typedef struct run_result {
    size_t found, documents;
    size_t wrong[CROWD_KINDS + 1]; /* by the later document: of the crowd, or labelled */
} run_result;

/* crowd NULL: the labelled files alone. */
static samestory_status settle(const train_options *o, const samestory_model *m, bool dated,
                               const crowd *c, labelled *l, FILE *list, run_result *out,
                               samestory_error *error)
{
    samestory_engine *engine = NULL;
    samestory_options options = SAMESTORY_OPTIONS_INIT;
    options.threads = o->table.threads;
    options.ignore_dates = !dated;
    samestory_status status = samestory_engine_new(m, &options, &engine, error);
    if (!status) status = gather_labelled(o, engine, l, error);
    if (!status && c) status = gather_crowd(c, engine, l, error);
    if (!status) status = samestory_settle(engine, NULL, NULL, error);
    if (!status) {
        out->documents = samestory_count(engine);
        out->found = count_true(engine, l);
        if (c) count_false(engine, l, c, dated ? "dated" : "undated", list, out->wrong);
    }
    samestory_engine_free(engine);
    return status;
}

static void report(bool dated, const labelled *l, const crowd *c, const run_result *alone,
                   const run_result *among)
{
    size_t wrong = among->wrong[CROWD_KINDS], of_kind[CROWD_KINDS] = {0};
    for (size_t i = 0; i < c->count; i++) of_kind[c->document[i].kind]++;
    for (int k = 0; k < CROWD_KINDS; k++) wrong += among->wrong[k];
    printf("%s: %zu labelled documents among %zu: %.2f false story links in 1,000 documents "
           "(labelled %zu",
           dated ? "with dates" : "dates ignored", l->count, c->count,
           1000 * (double)wrong / (double)among->documents, among->wrong[CROWD_KINDS]);
    for (int k = 0; k < CROWD_KINDS; k++)
        printf("; %s %zu of %zu", crowd_kind_name[k], among->wrong[k], of_kind[k]);
    printf("); true pairs linked %zu, without the crowd %zu: %.3f\n", among->found, alone->found,
           alone->found ? (double)among->found / (double)alone->found : 0);
}

static samestory_status measure(const train_options *o, const samestory_model *m, const crowd *c,
                                FILE *list, samestory_error *error)
{
    labelled l = {0};
    samestory_status status = SAMESTORY_OK;
    for (int dated = 1; dated >= 0 && !status; dated--) {
        run_result alone = {0}, among = {0};
        status = settle(o, m, dated, NULL, &l, NULL, &alone, error);
        if (!status) status = settle(o, m, dated, c, &l, list, &among, error);
        if (!status) report(dated, &l, c, &alone, &among);
    }
    labelled_free(&l);
    return status;
}

samestory_status command_crowd(const train_options *o, samestory_error *error)
{
    corpus_files files = {o->data, o->sources, o->dropped, NULL};
    crowd c;
    samestory_model *m;
    if (!o->model || !o->data || !o->sources || !o->file_count)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT,
                       "crowd needs --model, --data, --sources and labelled files");
    samestory_status status = crowd_read(&files, CROWD_MEASURED, CROWD, &c, error);
    if (status) return status;
    for (size_t i = 0, from = 0; i < c.count; i++)
        if (i + 1 == c.count || strcmp(c.document[i].source, c.document[i + 1].source)) {
            fprintf(stderr, "%-36s %7zu documents\n", c.document[i].source, i + 1 - from);
            from = i + 1;
        }
    status = samestory_model_open(o->model, &m, error);
    if (!status) {
        FILE *list = o->mistakes ? fopen(o->mistakes, "w") : NULL;
        if (o->mistakes && !list)
            status = ss_fail_errno(error, SAMESTORY_OUTPUT_FAILED, "can't write", o->mistakes);
        if (!status) status = measure(o, m, &c, list, error);
        if (list && fclose(list) && !status)
            status = ss_fail_errno(error, SAMESTORY_OUTPUT_FAILED, "can't write", o->mistakes);
        samestory_model_free(m);
    }
    crowd_free(&c);
    return status;
}
