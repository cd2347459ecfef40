/* Texts for the language identifier (see langid.h): both sides of the training pairs, a number of
 * each language and source, drawn evenly (reservoir sampling, Vitter 1985), by a fixed seed. */
#include "base/array.h"
#include "train/dropped.h"
#include "train/langid.h"
#include "train/random.h"
#include "train/zstd_lines.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum {
    KEPT = 5000,         /* of a language and source */
    KEPT_ENTRIES = 3000, /* the same, of word lists */
    KEPT_HELD = 400,
    HELD = 16,     /* one text of so many, by its hash, is held back from training */
    TEXT_MAX = 600 /* bytes kept of a text */
};

static size_t cut(const char *text, size_t size)
{
    if (size <= TEXT_MAX) return size;
    size = TEXT_MAX;
    while (size && ((unsigned char)text[size] & 0xC0) == 0x80) size--;
    return size;
}

static bool shelve(langid_shelf *s, size_t most, const char *text, size_t size, uint64_t *seed)
{
    size_t place = s->count;
    if (s->seen++ >= most) {
        place = random_below(seed, s->seen);
        if (place >= most) return true;
    }
    if (!ss_reserve(&s->text, &s->capacity, s->count + 1)) return false;
    char *copy = malloc(size + 1);
    if (!copy) return false;
    memcpy(copy, text, size);
    copy[size] = 0;
    if (place < s->count)
        free(s->text[place]);
    else
        s->count++;
    s->text[place] = copy;
    return true;
}

static bool add_side(const samestory_model *m, langid_texts *t, size_t source, const char *code,
                     size_t code_size, const char *text, size_t size, uint64_t *seed)
{
    unsigned language = ss_model_language(m, code, code_size);
    if (language == SS_LANGUAGE_UNKNOWN) return true;
    size = cut(text, size);
    bool held = XXH3_64bits(text, size) % HELD == 0;
    langid_shelf *shelf = held ? &t->held[source][language] : &t->shelf[source][language];
    size_t most = held ? KEPT_HELD : t->sentences[source] ? KEPT : KEPT_ENTRIES;
    return shelve(shelf, most, text, size, seed);
}

static samestory_status read_source(const samestory_model *m, const char *path, size_t source,
                                    const dropped_lines *dropped, langid_texts *t,
                                    samestory_error *error)
{
    zstd_lines *lines = NULL;
    samestory_error inner = {0};
    size_t size;
    uint64_t seed = source + 1;
    samestory_status status = zstd_lines_open(path, &lines, error);
    if (status) return status;
    for (char *line; !status && (line = zstd_lines_next(lines, &size, &inner));) {
        if (dropped_has(dropped, line, size)) continue;
        char *a = memchr(line, '\t', size);
        char *z = a ? memchr(a + 1, '\t', size - (size_t)(a + 1 - line)) : NULL;
        char *dash = a ? memchr(line, '-', (size_t)(a - line)) : NULL;
        if (!z || !dash) continue;
        if (!add_side(m, t, source, line, (size_t)(dash - line), a + 1, (size_t)(z - a - 1),
                      &seed) ||
            !add_side(m, t, source, dash + 1, (size_t)(a - dash - 1), z + 1,
                      size - (size_t)(z + 1 - line), &seed))
            status = ss_fail_memory(error);
    }
    return zstd_lines_end(lines, status, &inner, error);
}

static samestory_status read_sources(const samestory_model *m, const corpus_files *files,
                                     const dropped_lines *dropped, langid_texts *t,
                                     samestory_error *error)
{
    source_weight weight[SOURCE_WEIGHTS_MAX];
    size_t weights = 0;
    struct dirent **names;
    samestory_status status =
        corpus_weights(files->sources, weight, SOURCE_WEIGHTS_MAX, &weights, error);
    int count = status ? -1 : corpus_list(files->data, &names, error);
    if (count < 0) return status ? status : SAMESTORY_INPUT_FAILED;
    for (int i = 0; i < count && !status && t->sources < LANGID_SOURCES; i++) {
        source_file file = corpus_source(files->data, names[i]);
        const source_weight *rule = corpus_weight_of(weight, weights, file.source);
        if (rule && !(rule->weight > 0)) continue;
        size_t s = t->sources++;
        t->weight[s] = rule ? rule->weight : 1;
        t->sentences[s] = !rule || rule->chain;
        t->names[s] = !strncmp(file.source, "names-", 6);
        status = read_source(m, file.path, s, dropped, t, error);
    }
    corpus_list_free(names, count);
    return status;
}

samestory_status langid_texts_read(const samestory_model *m, const corpus_files *files,
                                   langid_texts *out, samestory_error *error)
{
    dropped_lines dropped;
    memset(out, 0, sizeof *out);
    samestory_status status = dropped_read(files->dropped, &dropped, error);
    if (status) return status;
    status = read_sources(m, files, &dropped, out, error);
    dropped_free(&dropped);
    if (status) langid_texts_free(out);
    return status;
}

static void shelf_free(langid_shelf *s)
{
    for (size_t i = 0; i < s->count; i++) free(s->text[i]);
    free(s->text);
    *s = (langid_shelf){0};
}

void langid_texts_free(langid_texts *t)
{
    for (size_t s = 0; s < t->sources; s++)
        for (size_t l = 0; l < SS_LANGUAGES_MAX; l++) {
            shelf_free(&t->shelf[s][l]);
            shelf_free(&t->held[s][l]);
        }
    t->sources = 0;
}
