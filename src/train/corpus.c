/* Reads the training pairs and turns them into units (see the header). */
#include "train/corpus.h"

#include "base/array.h"
#include "base/file.h"
#include "sketch/features.h"
#include "train/corpus_cache.h"
#include "train/dropped.h"
#include "train/lexicon.h"
#include "train/zstd_lines.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* ---- Dictionary of units ---------------------------------------------------------------------- */

typedef struct slot {
    uint64_t key;
    uint32_t unit; /* number + 1; 0: empty */
} slot;

typedef struct builder {
    corpus *c;
    const ss_normalizer *normalizer;
    dropped_lines dropped;
    const samestory_model *letters; /* with its table of Latin letters only */
    ss_words words;
    slot *slots;
    size_t mask;
    size_t pair_capacity, unit_capacity, group_capacity, kind_capacity, folded_capacity,
        feature_capacity, features;
} builder;

static bool grow_slots(builder *b)
{
    size_t size = b->slots ? (b->mask + 1) * 2 : (size_t)1 << 16;
    slot *slots = calloc(size, sizeof *slots);
    if (!slots) return false;
    for (size_t i = 0; b->slots && i <= b->mask; i++) {
        if (!b->slots[i].unit) continue;
        size_t at = b->slots[i].key & (size - 1);
        while (slots[at].unit) at = (at + 1) & (size - 1);
        slots[at] = b->slots[i];
    }
    free(b->slots);
    b->slots = slots;
    b->mask = size - 1;
    return true;
}

/* The number of the unit with this key, made with these features if it is new; -1: out of memory. */
static int64_t unit_number(builder *b, uint64_t key, const uint64_t *ids, size_t count,
                           uint64_t folded)
{
    corpus *c = b->c;
    if ((!b->slots || c->unit_kinds * 2 > b->mask) && !grow_slots(b)) return -1;
    size_t at = key & b->mask;
    for (; b->slots[at].unit; at = (at + 1) & b->mask)
        if (b->slots[at].key == key) return (int64_t)b->slots[at].unit - 1;
    if (!ss_reserve(&c->feature_first, &b->kind_capacity, c->unit_kinds + 2) ||
        !ss_reserve(&c->folded, &b->folded_capacity, c->unit_kinds + 1) ||
        !ss_reserve(&c->feature, &b->feature_capacity, b->features + count))
        return -1;
    if (!c->unit_kinds) c->feature_first[0] = 0;
    memcpy(c->feature + b->features, ids, count * sizeof *ids);
    b->features += count;
    c->folded[c->unit_kinds] = folded;
    c->feature_first[++c->unit_kinds] = b->features;
    b->slots[at] = (slot){key, (uint32_t)c->unit_kinds};
    return (int64_t)c->unit_kinds - 1;
}

static bool add_unit(builder *b, uint64_t key, const uint64_t *ids, size_t count, uint64_t folded,
                     uint32_t *units, size_t *used)
{
    if (*used == TEXT_UNITS_MAX) return true;
    int64_t unit = unit_number(b, key, ids, count, folded);
    if (unit < 0) return false;
    units[(*used)++] = (uint32_t)unit;
    return true;
}

/* The units of a text; false when memory is out. */
static bool text_units(builder *b, const char *text, size_t size, uint32_t *units, size_t *used)
{
    *used = 0;
    if (ss_words_split(b->normalizer, text, size, &b->words)) return false;
    for (size_t i = 0; i < b->words.count && *used < TEXT_UNITS_MAX; i++) {
        const ss_word *w = &b->words.items[i];
        uint64_t ids[SS_WORD_FEATURES_MAX];
        size_t count = ss_word_features(b->letters, w, ids);
        if (w->run) {
            for (size_t k = 0; k < count; k++)
                if (!add_unit(b, ids[k], &ids[k], 1, 0, units, used)) return false;
        } else {
            uint64_t folded = ss_folded_hash(w->folded, w->folded_size);
            if (!add_unit(b, ids[0], ids, count, folded, units, used)) return false;
        }
    }
    return true;
}

/* ---- Sources ---------------------------------------------------------------------------------------- */

samestory_status corpus_weights(const char *path, source_weight *weights, size_t capacity,
                                size_t *count, samestory_error *error)
{
    FILE *file = fopen(path, "r");
    if (!file) return ss_fail_errno(error, SAMESTORY_INPUT_FAILED, "can't open: check the name", path);
    char line[1024];
    *count = 0;
    for (uint64_t number = 1; fgets(line, sizeof line, file); number++) {
        if (line[0] == '#' || line[0] == '\n') continue;
        source_weight w;
        if (*count == capacity || sscanf(line, "%47s %f %d", w.prefix, &w.weight, &w.chain) != 3) {
            fclose(file);
            return ss_fail_at(error, SAMESTORY_INPUT_FAILED,
                              "expected: prefix, weight, chain, licence (at most 128 lines)", path,
                              number, 0);
        }
        weights[(*count)++] = w;
    }
    fclose(file);
    return SAMESTORY_OK;
}

const source_weight *corpus_weight_of(const source_weight *weights, size_t count, const char *source)
{
    const source_weight *rule = NULL;
    for (size_t i = 0; i < count; i++)
        if (!strncmp(source, weights[i].prefix, strlen(weights[i].prefix))) rule = &weights[i];
    return rule;
}

static int language_number(corpus *c, const char *code, size_t size)
{
    static const char *const merged[][2] = {{"fil", "tl"}, {"nb", "no"}, {"sh", "hr"}};
    char name[8] = {0};
    if (size < 2 || size > 7) return -1;
    memcpy(name, code, size);
    for (size_t i = 0; i < sizeof merged / sizeof *merged; i++)
        if (!strcmp(name, merged[i][0])) strcpy(name, merged[i][1]);
    for (size_t i = 0; i < c->languages; i++)
        if (!strcmp(c->language[i].code, name)) return (int)i;
    if (c->languages == SS_LANGUAGES_MAX - 1) return -1;
    memcpy(c->language[c->languages].code, name, sizeof name);
    return (int)c->languages++;
}

/* The group of this source and pair of languages among those from `from` on, made if it is new. */
static text_group *group_of(builder *b, size_t from, const char *source, const source_weight *weight,
                            int a, int z)
{
    corpus *c = b->c;
    for (size_t i = from; i < c->groups; i++)
        if (c->group[i].language[0] == a && c->group[i].language[1] == z) return &c->group[i];
    if (!ss_reserve(&c->group, &b->group_capacity, c->groups + 1)) return NULL;
    text_group *g = &c->group[c->groups++];
    *g = (text_group){.language = {(uint8_t)a, (uint8_t)z},
                      .chain = weight ? (uint8_t)weight->chain : 1,
                      .weight = weight ? weight->weight : 1};
    snprintf(g->source, sizeof g->source, "%.*s", (int)sizeof g->source - 1, source);
    return g;
}

/* Pairs of one file as they come, each with its group's number, for sorting. */
typedef struct raw_pair {
    text_pair pair;
    uint32_t group;
} raw_pair;

static samestory_status read_pair(builder *b, char *line, size_t from, const char *source,
                                  const source_weight *weight, raw_pair *out, bool *kept)
{
    corpus *c = b->c;
    *kept = false;
    char *a = strchr(line, '\t');
    char *z = a ? strchr(a + 1, '\t') : NULL;
    char *dash = memchr(line, '-', a ? (size_t)(a - line) : 0);
    if (!z || !dash) return SAMESTORY_OK;
    int la = language_number(c, line, (size_t)(dash - line));
    int lz = language_number(c, dash + 1, (size_t)(a - dash - 1));
    if (la < 0 || lz < 0) return SAMESTORY_OK;
    text_group *g = group_of(b, from, source, weight, la, lz);
    if (!g) return SAMESTORY_NO_MEMORY;
    const char *text[2] = {a + 1, z + 1};
    size_t size[2] = {(size_t)(z - a - 1), strlen(z + 1)};
    uint32_t units[2][TEXT_UNITS_MAX];
    size_t used[2];
    for (int side = 0; side < 2; side++)
        if (!text_units(b, text[side], size[side], units[side], &used[side]))
            return SAMESTORY_NO_MEMORY;
    if (!used[0] || !used[1]) return SAMESTORY_OK;
    if (!ss_reserve(&c->unit, &b->unit_capacity, c->unit_count + used[0] + used[1]))
        return SAMESTORY_NO_MEMORY;
    *out = (raw_pair){.group = (uint32_t)(g - c->group), .pair.first = c->unit_count};
    for (int side = 0; side < 2; side++) {
        memcpy(c->unit + c->unit_count, units[side], used[side] * sizeof **units);
        c->unit_count += used[side];
        out->pair.units[side] = (uint16_t)used[side];
        out->pair.hash[side] = (uint32_t)XXH3_64bits(units[side], used[side] * sizeof **units);
    }
    *kept = true;
    return SAMESTORY_OK;
}

/* Puts a file's pairs behind those that are there, group by group, each in its order. */
static samestory_status append_grouped(builder *b, const raw_pair *raw, size_t count, size_t from)
{
    corpus *c = b->c;
    if (!ss_reserve(&c->pair, &b->pair_capacity, c->pairs + count + 1)) return SAMESTORY_NO_MEMORY;
    for (size_t g = from; g < c->groups; g++) {
        c->group[g].first = (uint32_t)c->pairs;
        for (size_t i = 0; i < count; i++)
            if (raw[i].group == g) c->pair[c->pairs++] = raw[i].pair;
        c->group[g].end = (uint32_t)c->pairs;
    }
    return SAMESTORY_OK;
}

static samestory_status read_source(builder *b, const char *path, const char *source,
                                    const source_weight *weight, samestory_error *error)
{
    zstd_lines *lines = NULL;
    raw_pair *raw = NULL;
    size_t count = 0, capacity = 0, size, from = b->c->groups;
    samestory_error inner = {0};
    samestory_status status = zstd_lines_open(path, &lines, error);
    if (status) return status;
    for (char *line; !status && (line = zstd_lines_next(lines, &size, &inner));) {
        bool kept = false;
        if (dropped_has(&b->dropped, line, size)) continue;
        if (!ss_reserve(&raw, &capacity, count + 1)) status = ss_fail_memory(error);
        else status = read_pair(b, line, from, source, weight, &raw[count], &kept);
        count += kept;
    }
    status = zstd_lines_end(lines, status, &inner, error);
    if (!status) status = append_grouped(b, raw, count, from);
    free(raw);
    return status;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static const char source_end[] = ".tsv.zst";

static int is_source(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name), end = sizeof source_end - 1;
    return size > end && !strcmp(entry->d_name + size - end, source_end);
}

int corpus_list(const char *folder, struct dirent ***names, samestory_error *error)
{
    int files = scandir(folder, names, is_source, by_name);
    if (files > 0) return files;
    if (!files) free(*names);
    ss_fail_at(error, SAMESTORY_INPUT_FAILED, "no .tsv.zst files in this folder", folder, 0, 0);
    return -1;
}

void corpus_list_free(struct dirent **names, int count)
{
    for (int i = 0; i < count; i++) free(names[i]);
    free(names);
}

source_file corpus_source(const char *folder, const struct dirent *entry)
{
    source_file file;
    size_t size = strlen(entry->d_name) - (sizeof source_end - 1);
    snprintf(file.path, sizeof file.path, "%s/%s", folder, entry->d_name);
    snprintf(file.source, sizeof file.source, "%.*s", (int)size, entry->d_name);
    return file;
}

static samestory_status read_sources(builder *b, const char *folder, const source_weight *weights,
                                     size_t weight_count, samestory_error *error)
{
    struct dirent **names;
    samestory_status status = SAMESTORY_OK;
    int files = corpus_list(folder, &names, error);
    if (files < 0) return SAMESTORY_INPUT_FAILED;
    for (int i = 0; i < files && !status; i++) {
        source_file file = corpus_source(folder, names[i]);
        const source_weight *weight = corpus_weight_of(weights, weight_count, file.source);
        if (!weight || weight->weight > 0)
            status = read_source(b, file.path, file.source, weight, error);
    }
    corpus_list_free(names, files);
    return status;
}

samestory_status corpus_read(const corpus_files *files, const ss_normalizer *normalizer, corpus *out,
                             samestory_error *error)
{
    source_weight weights[SOURCE_WEIGHTS_MAX];
    size_t weight_count = 0;
    builder b = {.c = out, .normalizer = normalizer};
    *out = (corpus){0};
    samestory_status status = corpus_weights(files->sources, weights, SOURCE_WEIGHTS_MAX, &weight_count, error);
    samestory_model letters = {0};
    b.letters = &letters;
    if (!status) status = ss_letters_new(normalizer, &letters, error);
    if (!status) status = dropped_read(files->dropped, &b.dropped, error);
    if (!status) status = read_sources(&b, files->data, weights, weight_count, error);
    ss_letters_free(&letters);
    free(b.slots);
    ss_words_free(&b.words);
    dropped_free(&b.dropped);
    if (!status && !out->pairs)
        status = ss_fail_at(error, SAMESTORY_INPUT_FAILED, "no pairs of texts in this folder",
                            files->data, 0, 0);
    if (status) corpus_free(out);
    return status == SAMESTORY_NO_MEMORY ? ss_fail_memory(error) : status;
}

samestory_status corpus_open(const corpus_files *files, const ss_normalizer *normalizer, corpus *out,
                             samestory_error *error)
{
    uint64_t stamp = 0;
    bool valid = false;
    if (!files->cache) return corpus_read(files, normalizer, out, error);
    samestory_status status = corpus_stamp(files, normalizer, &stamp, error);
    if (!status) status = corpus_cache_map(files->cache, stamp, out, &valid, error);
    if (status || valid) return status;
    status = corpus_read(files, normalizer, out, error);
    if (!status) status = corpus_cache_write(files->cache, stamp, out, error);
    if (status) corpus_free(out);
    return status;
}

void corpus_free(corpus *c)
{
    if (c->map) {
        ss_file_unmap(c->map, c->map_size);
        *c = (corpus){0};
        return;
    }
    free(c->pair);
    free(c->unit);
    free(c->group);
    free(c->feature);
    free(c->feature_first);
    free(c->folded);
    *c = (corpus){0};
}
