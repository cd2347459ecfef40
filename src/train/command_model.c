/* The commands that make model files: table, model, pack. */
#include "base/file.h"
#include "match/judge.h"
#include "train/commands.h"
#include "train/export.h"
#include "train/figures.h"
#include "train/lexicon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXTS_OF_LANGUAGE = 1500, NOTES_MAX = 16384 };

static samestory_status need(const char *value, const char *message, samestory_error *error)
{
    return value ? SAMESTORY_OK : ss_fail(error, SAMESTORY_BAD_ARGUMENT, message);
}

samestory_status command_corpus(const train_options *o, ss_normalizer **normalizer, corpus *c,
                                samestory_error *error)
{
    char beside[4096];
    corpus_files files = {o->data, o->sources, o->dropped, o->cache};
    samestory_status status = need(o->data, "--data DIR is missing", error);
    if (!status) status = need(o->sources, "--sources FILE is missing", error);
    if (status) return status;
    if (!files.cache && o->checkpoint) {
        const char *slash = strrchr(o->checkpoint, '/');
        int folder = slash ? (int)(slash + 1 - o->checkpoint) : 0;
        int size = snprintf(beside, sizeof beside, "%.*scorpus.cache", folder, o->checkpoint);
        if (size > 0 && (size_t)size < sizeof beside) files.cache = beside;
    }
    *normalizer = ss_normalizer_new();
    if (!*normalizer) return ss_fail_memory(error);
    fprintf(stderr, "reading %s\n", o->data);
    status = corpus_open(&files, *normalizer, c, error);
    if (!status)
        fprintf(stderr, "%zu pairs, %zu groups, %zu languages, %zu kinds of units, %zu units%s\n",
                c->pairs, c->groups, c->languages, c->unit_kinds, c->unit_count,
                c->map ? ", from the cache" : "");
    return status;
}

/* The sets that are measured while training, named by --evaluate and what is left on the line. */
static samestory_status read_sets(const train_options *o, eval_set **sets, samestory_error *error)
{
    size_t count = o->evaluate_count + o->file_count;
    samestory_status status = SAMESTORY_OK;
    *sets = calloc(count + 1, sizeof **sets);
    if (!*sets) return ss_fail_memory(error);
    for (size_t i = 0; i < count && !status; i++) {
        size_t file = i - o->evaluate_count;
        const char *path = i < o->evaluate_count ? o->evaluate[i] : o->files[file];
        status = eval_set_read(path, &(*sets)[i], error);
    }
    return status;
}

static samestory_status train_watched(const train_options *o, const eval_set *sets, const corpus *c,
                                      const ss_normalizer *normalizer, samestory_error *error)
{
    table t = {0};
    char beside[4096];
    snprintf(beside, sizeof beside, "%.4000s.tsv", o->checkpoint);
    figure_watch figures = {.c = c, .normalizer = normalizer, .set = sets,
                            .sets = o->evaluate_count + o->file_count,
                            .log = o->log ? o->log : beside};
    table_watch watch = {figures_see, &figures, o->evaluate_minutes};
    samestory_status status = table_train(c, &o->table, figures.sets ? &watch : NULL, &t, error);
    table_free(&t);
    return status;
}

samestory_status command_table(const train_options *o, samestory_error *error)
{
    ss_normalizer *normalizer = NULL;
    corpus c = {0};
    eval_set *sets = NULL;
    samestory_status status = need(o->checkpoint, "--checkpoint FILE is missing", error);
    if (!status) status = read_sets(o, &sets, error);
    if (!status) status = command_corpus(o, &normalizer, &c, error);
    if (!status) status = train_watched(o, sets, &c, normalizer, error);
    for (size_t i = 0; sets && i < o->evaluate_count + o->file_count; i++) eval_set_free(&sets[i]);
    free(sets);
    corpus_free(&c);
    ss_normalizer_free(normalizer);
    return status;
}

static samestory_status read_text(const char *path, char **out, samestory_error *error)
{
    void *data;
    size_t size;
    samestory_status status = ss_file_map(path, &data, &size, error);
    if (status) return status;
    *out = malloc(size + 1);
    if (!*out) {
        ss_file_unmap(data, size);
        return ss_fail_memory(error);
    }
    if (size) memcpy(*out, data, size);
    (*out)[size] = 0;
    ss_file_unmap(data, size);
    return SAMESTORY_OK;
}

static void write_notes(const corpus *c, const table *t, const quantised *q, char *notes)
{
    const table_options *o = &t->options;
    int at = snprintf(notes, NOTES_MAX,
                      "samples\t%llu of %llu\nseconds\t%.0f\nbatch\t%zu\nrate\t%g\nseed\t%llu\n"
                      "dimension\t%zu\nrows\t%zu own, %zu shared\nquantisation\t%.4f relative error\n"
                      "languages\t",
                      (unsigned long long)(t->step * o->batch), (unsigned long long)o->samples,
                      t->seconds, o->batch, o->rate, (unsigned long long)o->seed, o->dimension, o->own,
                      o->shared, q->lost);
    for (size_t l = 0; l < c->languages; l++)
        at += snprintf(notes + at, (size_t)(NOTES_MAX - at), "%s%s", l ? " " : "", c->language[l].code);
    at += snprintf(notes + at, (size_t)(NOTES_MAX - at), "\nsources\t");
    for (size_t g = 0; g < c->groups && at < NOTES_MAX - 64; g++)
        if (!g || strcmp(c->group[g].source, c->group[g - 1].source))
            at += snprintf(notes + at, (size_t)(NOTES_MAX - at), "%s%s", g ? " " : "",
                           c->group[g].source);
    snprintf(notes + at, (size_t)(NOTES_MAX - at), "\n");
}

static samestory_status export_all(const train_options *o, const ss_normalizer *normalizer,
                                   const corpus *c, table *t, samestory_error *error)
{
    blob part[SS_SECTIONS] = {{0}};
    quantised q = {0};
    language_means means = {0};
    city_names cities = {0};
    char *notes = calloc(1, NOTES_MAX), *judge = NULL, *packed = NULL;
    size_t packed_size = 0;
    samestory_status status = notes ? SAMESTORY_OK : ss_fail_memory(error);
    table_finish(t);
    t->options.threads = o->table.threads;
    if (!status) status = export_quantise(t, &q, error);
    if (!status) status = export_table(t, &q, &part[SS_TABLE], error);
    if (!status)
        status = export_languages(c, t, &q, TEXTS_OF_LANGUAGE, &means, &part[SS_LANGUAGES], error);
    if (!status)
        status = export_cells(c, t, &q, o->cells, &means, &part[SS_CELLS], error);
    if (!status) status = export_words(c, normalizer, o->frequencies, &part[SS_WORDS], error);
    if (!status)
        status = ss_build_latin(normalizer, &part[SS_LATIN].data, &part[SS_LATIN].size, error);
    if (!status) status = cities_read(o->data, &cities, error);
    if (!status)
        status = ss_build_lexicon(normalizer, c->language, c->languages, &cities, &part[SS_LEXICON].data,
                                  &part[SS_LEXICON].size, error);
    if (!status) status = read_text(o->judge, &judge, error);
    if (!status) status = ss_model_pack_judge(judge, &packed, &packed_size, error);
    if (!status) {
        write_notes(c, t, &q, notes);
        ss_model_section sections[SS_SECTIONS];
        for (int i = 1; i < SS_SECTIONS; i++)
            sections[i] = (ss_model_section){part[i].data, part[i].size};
        sections[SS_NOTES] = (ss_model_section){notes, strlen(notes) + 1};
        sections[SS_JUDGE] = (ss_model_section){packed, packed_size};
        status = ss_model_write(o->output, sections, error);
    }
    for (int i = 1; i < SS_SECTIONS; i++) free(part[i].data);
    quantised_free(&q);
    language_means_free(&means);
    cities_free(&cities);
    free(notes);
    free(packed);
    free(judge);
    return status;
}

samestory_status command_model(const train_options *o, samestory_error *error)
{
    ss_normalizer *normalizer = NULL;
    corpus c = {0};
    table t = {0};
    samestory_status status = need(o->checkpoint, "--checkpoint FILE is missing", error);
    if (!status) status = need(o->frequencies, "--frequencies DIR is missing", error);
    if (!status) status = need(o->judge, "--judge FILE is missing", error);
    if (!status) status = need(o->output, "--output FILE is missing", error);
    if (!status) status = command_corpus(o, &normalizer, &c, error);
    if (!status) status = table_load(&c, o->checkpoint, &t, error);
    if (!status) status = export_all(o, normalizer, &c, &t, error);
    table_free(&t);
    corpus_free(&c);
    ss_normalizer_free(normalizer);
    if (!status) status = langid_add(o->output, o, error); /* needs the model's words and languages */
    return status;
}

samestory_status command_pack(const train_options *o, samestory_error *error)
{
    samestory_model *m = NULL;
    ss_judge *parsed = NULL;
    char *judge = NULL, *packed = NULL;
    size_t packed_size = 0;
    blob latin = {0}, lexicon = {0};
    city_names cities = {0};
    samestory_status status = need(o->model, "--model FILE is missing", error);
    if (!status) status = need(o->judge, "--judge FILE is missing", error);
    if (!status) status = need(o->output, "--output FILE is missing", error);
    if (!status) status = read_text(o->judge, &judge, error);
    if (!status) status = ss_judge_parse(judge, &parsed, error);
    if (!status) status = ss_model_pack_judge(judge, &packed, &packed_size, error);
    if (!status) status = samestory_model_open(o->model, &m, error);
    if (!status && o->lexicon && o->data) status = cities_read(o->data, &cities, error);
    if (!status && o->lexicon)
        status = ss_build_latin(m->normalizer, &latin.data, &latin.size, error);
    if (!status && o->lexicon)
        status = ss_build_lexicon(m->normalizer, m->language, m->languages, &cities,
                                  &lexicon.data, &lexicon.size, error);
    if (!status) {
        ss_model_section sections[SS_SECTIONS];
        ss_model_sections(m, sections);
        sections[SS_JUDGE] = (ss_model_section){packed, packed_size};
        if (latin.data) sections[SS_LATIN] = (ss_model_section){latin.data, latin.size};
        if (lexicon.data) sections[SS_LEXICON] = (ss_model_section){lexicon.data, lexicon.size};
        status = ss_model_write(o->output, sections, error);
    }
    free(latin.data);
    free(lexicon.data);
    cities_free(&cities);
    samestory_model_free(m);
    ss_judge_free(parsed);
    free(packed);
    free(judge);
    return status;
}
