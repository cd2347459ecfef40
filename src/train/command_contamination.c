/* The command that looks for evaluation texts in the training data: every training line of which one side
 * is an evaluation sentence, nearly, or holds one, or is a part of one (sentences.h).
 *
 * Output: the list that --dropped takes, "source, hash of the line, line, how near, document", and the
 * numbers by source and set on stderr. Cost: a pass over the data, two minutes of two cores for 9.5
 * million pairs; memory: some hundred bytes for each word of the evaluation texts. */
#include "base/array.h"
#include "base/pool.h"
#include "train/commands.h"
#include "train/dropped.h"
#include "train/sentences.h"
#include "train/zstd_lines.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 8192, SETS_MAX = 16, ID = 80 };

static const char *const match_name[] = {"", "exact", "near", "part", ""};

typedef struct checked_line {
    size_t at, size; /* in the batch's text */
    uint64_t number;
    sentence_match match;
    uint32_t sentence;
    double near;
} checked_line;

typedef struct check {
    const ss_normalizer *normalizer;
    sentence_index index;
    struct named {
        char id[ID];
        unsigned set;
    } *document;
    size_t documents, document_capacity, sets;
    sentence_scratch *scratch; /* one a thread */
    unsigned threads;
    dropped_lines known;
    FILE *list;
    uint64_t by_set[SETS_MAX], lines, found, fresh;
    char *text; /* of a batch */
    size_t text_size, text_capacity, count;
    checked_line line[BATCH];
} check;

/* ---- Evaluation texts ----------------------------------------------------------------------------------- */

static void take_id(samestory_string id, char *to)
{
    size_t size = id.size < ID - 1 ? id.size : ID - 1;
    for (size_t i = 0; i < size; i++) to[i] = (unsigned char)id.data[i] > ' ' ? id.data[i] : '_';
    to[size] = 0;
}

static samestory_status add_set(check *k, const char *path, unsigned set, samestory_error *error)
{
    samestory_reader *reader = NULL;
    samestory_reader_options options = SAMESTORY_READER_OPTIONS_INIT;
    samestory_status status = samestory_reader_open(&path, 1, &options, &reader, error);
    while (!status) {
        samestory_record record = SAMESTORY_RECORD_INIT;
        status = samestory_reader_next(reader, &record, error);
        if (status || record.is_blank) continue;
        if (!ss_reserve(&k->document, &k->document_capacity, k->documents + 1)) {
            status = ss_fail_memory(error);
            continue;
        }
        uint32_t number = (uint32_t)k->documents++;
        k->document[number].set = set;
        take_id(record.document.id, k->document[number].id);
        const samestory_string text[2] = {record.document.title, record.document.text};
        for (int i = 0; i < 2 && !status; i++)
            if (text[i].size)
                status = sentences_add(&k->index, k->normalizer, k->scratch, text[i].data,
                                       text[i].size, number, error);
    }
    samestory_reader_free(reader);
    return status == SAMESTORY_END ? SAMESTORY_OK : status;
}

/* ---- Training lines --------------------------------------------------------------------------------------- */

static void check_line(const check *k, sentence_scratch *scratch, checked_line *l)
{
    const char *line = k->text + l->at, *end = line + l->size;
    const char *a = memchr(line, '\t', l->size);
    const char *z = a ? memchr(a + 1, '\t', (size_t)(end - a - 1)) : NULL;
    l->match = MATCH_NONE;
    if (!z) return;
    const char *side[2] = {a + 1, z + 1};
    const size_t size[2] = {(size_t)(z - a - 1), (size_t)(end - z - 1)};
    for (int i = 0; i < 2; i++) {
        uint32_t sentence = 0;
        double near = 0;
        sentence_match match = sentences_find(&k->index, k->normalizer, scratch, side[i], size[i],
                                              &sentence, &near);
        if (match == MATCH_FAILED) {
            l->match = match;
            return;
        }
        if (!match || (l->match && l->match <= match)) continue;
        l->match = match;
        l->sentence = sentence;
        l->near = near;
    }
}

static void check_lines(void *context, unsigned worker, size_t begin, size_t end)
{
    check *k = context;
    for (size_t i = begin; i < end; i++) check_line(k, &k->scratch[worker], &k->line[i]);
}

/* Tells what was found in a batch; the number of lines, or -1 when memory was out. */
static int64_t finish_batch(check *k, const char *source)
{
    int64_t found = 0;
    ss_parallel(k->threads, k->count, 256, check_lines, k);
    for (size_t i = 0; i < k->count; i++) {
        const checked_line *l = &k->line[i];
        if (l->match == MATCH_FAILED) return -1;
        if (!l->match) continue;
        const struct named *d = &k->document[k->index.sentence[l->sentence].document];
        uint64_t hash = dropped_hash(k->text + l->at, l->size);
        fprintf(k->list, "%s\t%016llx\t%llu\t%s %.2f\t%s\n", source, (unsigned long long)hash,
                (unsigned long long)l->number, match_name[l->match], l->near, d->id);
        found++;
        k->by_set[d->set]++;
        k->fresh += !dropped_has(&k->known, k->text + l->at, l->size);
    }
    k->lines += k->count;
    k->found += (uint64_t)found;
    k->count = k->text_size = 0;
    return found;
}

static samestory_status check_source(check *k, const char *path, const char *source,
                                     samestory_error *error)
{
    zstd_lines *lines = NULL;
    size_t size;
    uint64_t number = 0, found = 0;
    samestory_error inner = {0};
    samestory_status status = zstd_lines_open(path, &lines, error);
    if (status) return status;
    for (bool more = true; more && !status;) {
        const char *line = zstd_lines_next(lines, &size, &inner);
        more = line != NULL;
        if (line && !ss_reserve(&k->text, &k->text_capacity, k->text_size + size + 1))
            status = ss_fail_memory(error);
        if (line && !status) {
            if (size) memcpy(k->text + k->text_size, line, size);
            k->line[k->count++] = (checked_line){.at = k->text_size, .size = size, .number = ++number};
            k->text_size += size;
        }
        if (!status && (k->count == BATCH || !more)) {
            int64_t here = finish_batch(k, source);
            if (here < 0) status = ss_fail_memory(error);
            else found += (uint64_t)here;
        }
    }
    if (found)
        fprintf(stderr, "%-36s %8llu of %llu lines\n", source, (unsigned long long)found,
                (unsigned long long)number);
    return zstd_lines_end(lines, status, &inner, error);
}

static samestory_status check_folder(check *k, const char *folder, samestory_error *error)
{
    struct dirent **names;
    samestory_status status = SAMESTORY_OK;
    int files = corpus_list(folder, &names, error);
    if (files < 0) return SAMESTORY_INPUT_FAILED;
    for (int i = 0; i < files && !status; i++) {
        source_file file = corpus_source(folder, names[i]);
        status = check_source(k, file.path, file.source, error);
    }
    corpus_list_free(names, files);
    return status;
}

/* ---- The command -------------------------------------------------------------------------------------------- */

static samestory_status run_check(const train_options *o, check *k, samestory_error *error)
{
    samestory_status status = SAMESTORY_OK;
    for (size_t i = 0; i < o->file_count && !status; i++)
        status = add_set(k, o->files[i], (unsigned)i, error);
    if (!status) status = sentences_finish(&k->index, error);
    if (status) return status;
    fprintf(stderr, "%zu sentences of %zu evaluation texts\n", k->index.count, k->documents);
    fprintf(k->list, "# Training lines with an evaluation text in them, which are not read: source, XXH3 "
                     "of the\n# line, its number, how near, document. Made by samestory-train "
                     "contamination.\n");
    status = check_folder(k, o->data, error);
    if (status) return status;
    for (size_t i = 0; i < o->file_count; i++)
        fprintf(stderr, "%s: in %llu lines\n", o->files[i], (unsigned long long)k->by_set[i]);
    fprintf(stderr, "%llu of %llu lines hold an evaluation text; %llu of them are not on the list\n",
            (unsigned long long)k->found, (unsigned long long)k->lines,
            (unsigned long long)k->fresh);
    return k->fresh ? SAMESTORY_END : SAMESTORY_OK;
}

static void check_free(check *k)
{
    sentences_free(&k->index);
    for (unsigned i = 0; i < k->threads && k->scratch; i++) sentence_scratch_free(&k->scratch[i]);
    free(k->scratch);
    free(k->document);
    free(k->text);
    dropped_free(&k->known);
    free(k);
}

/* The list goes to a file of its own, which is whole or not at all. */
static samestory_status open_list(const char *path, char *temporary, size_t room, FILE **out,
                                  samestory_error *error)
{
    *out = stdout;
    if (!path) return SAMESTORY_OK;
    int size = snprintf(temporary, room, "%s.new", path);
    *out = size > 0 && (size_t)size < room ? fopen(temporary, "w") : NULL;
    return *out ? SAMESTORY_OK : ss_fail_errno(error, SAMESTORY_OUTPUT_FAILED, "can't write", path);
}

static samestory_status close_list(const char *path, const char *temporary, FILE *list, bool good,
                                   samestory_error *error)
{
    if (!path) return SAMESTORY_OK;
    bool wrong = ferror(list) != 0;
    wrong = fclose(list) || wrong;
    if (good && !wrong && !rename(temporary, path)) return SAMESTORY_OK;
    remove(temporary);
    return good ? ss_fail_errno(error, SAMESTORY_OUTPUT_FAILED, "can't write", path) : SAMESTORY_OK;
}

samestory_status command_contamination(const train_options *o, samestory_error *error)
{
    char temporary[4096];
    ss_normalizer *normalizer = ss_normalizer_new();
    check *k = calloc(1, sizeof *k);
    if (!o->data || !o->file_count || o->file_count > SETS_MAX) {
        free(k);
        ss_normalizer_free(normalizer);
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT,
                       "--data DIR is missing, or the files to look for (at most 16)");
    }
    if (!normalizer || !k) {
        free(k);
        ss_normalizer_free(normalizer);
        return ss_fail_memory(error);
    }
    k->normalizer = normalizer;
    k->threads = o->table.threads ? o->table.threads : 1;
    k->scratch = calloc(k->threads, sizeof *k->scratch);
    samestory_status status = k->scratch ? dropped_read(o->dropped, &k->known, error)
                                         : ss_fail_memory(error);
    if (!status) status = open_list(o->output, temporary, sizeof temporary, &k->list, error);
    if (!status) {
        status = run_check(o, k, error);
        bool good = !status || status == SAMESTORY_END;
        samestory_status closed = close_list(o->output, temporary, k->list, good, error);
        if (closed) status = closed;
    }
    check_free(k);
    ss_normalizer_free(normalizer);
    return status;
}
