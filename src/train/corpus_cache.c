/* The corpus cache (see the header). */
#include "train/corpus_cache.h"

#include "base/file.h"
#include "sketch/features.h"
#include "train/lexicon.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

enum { CACHE_VERSION = 1, SECTIONS = 7, CACHE_ALIGN = 64 };

static const char magic[16] = "samestory corpus";

typedef struct cache_head {
    char magic[16];
    uint64_t version, stamp, size;
    uint64_t pairs, units, groups, unit_kinds, features, languages;
    uint64_t hash[SECTIONS]; /* XXH3 of each section */
    uint64_t head_hash;      /* of all of the above */
} cache_head;

/* ---- Stamp -------------------------------------------------------------------------------------- */

/* What normaliser and features make of a text with words of many kinds: it changes with them, also
 * where somebody forgot to raise their versions. */
static samestory_status add_features(XXH3_state_t *state, const ss_normalizer *normalizer,
                                     samestory_error *error)
{
    static const char text[] = "The Prime Minister's 14th visit; Nguyễn Hồng Diên, Größe, Москвы "
                               "東京とソウル 서울에서 ประเทศไทย القاهرة हिन्दी 3,5 % U.S. naïve";
    ss_words words = {0};
    samestory_model letters = {0};
    samestory_status status = ss_letters_new(normalizer, &letters, error);
    if (!status) status = ss_words_split(normalizer, text, sizeof text - 1, &words);
    for (size_t i = 0; !status && i < words.count; i++) {
        uint64_t ids[SS_WORD_FEATURES_MAX];
        size_t count = ss_word_features(&letters, &words.items[i], ids);
        XXH3_64bits_update(state, ids, count * sizeof *ids);
    }
    ss_words_free(&words);
    ss_letters_free(&letters);
    return status ? ss_fail_memory(error) : SAMESTORY_OK;
}

static samestory_status add_file(XXH3_state_t *state, const char *path, samestory_error *error)
{
    void *data;
    size_t size;
    if (!path) return SAMESTORY_OK;
    samestory_status status = ss_file_map(path, &data, &size, error);
    if (status) return status;
    uint64_t hash = size ? XXH3_64bits(data, size) : 0;
    XXH3_64bits_update(state, &hash, sizeof hash);
    ss_file_unmap(data, size);
    return SAMESTORY_OK;
}

samestory_status corpus_stamp(const corpus_files *files, const ss_normalizer *normalizer,
                              uint64_t *stamp, samestory_error *error)
{
    struct dirent **names;
    int count = corpus_list(files->data, &names, error);
    if (count < 0) return SAMESTORY_INPUT_FAILED;
    XXH3_state_t *state = XXH3_createState();
    samestory_status status = state ? SAMESTORY_OK : ss_fail_memory(error);
    const uint64_t versions[] = {SS_NORMALIZER_VERSION, SS_FEATURES_VERSION, TEXT_UNITS_MAX,
                                 sizeof(text_pair), sizeof(text_group)};
    if (!status) {
        XXH3_64bits_reset(state);
        XXH3_64bits_update(state, versions, sizeof versions);
        status = add_features(state, normalizer, error);
    }
    if (!status) status = add_file(state, files->sources, error);
    if (!status) status = add_file(state, files->dropped, error);
    for (int i = 0; i < count; i++) {
        source_file file = corpus_source(files->data, names[i]);
        if (!status) XXH3_64bits_update(state, names[i]->d_name, strlen(names[i]->d_name) + 1);
        if (!status) status = add_file(state, file.path, error);
    }
    corpus_list_free(names, count);
    if (!status) *stamp = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    return status;
}

/* ---- Layout --------------------------------------------------------------------------------------- */

/* Sizes of the sections; false when the numbers can't be true. */
static bool section_sizes(const cache_head *h, uint64_t size[SECTIONS])
{
    const uint64_t count[SECTIONS] = {h->pairs,        h->units,      h->groups,   h->features,
                                      h->unit_kinds + 1, h->unit_kinds, h->languages};
    const uint64_t element[SECTIONS] = {sizeof(text_pair),        sizeof(uint32_t),
                                        sizeof(text_group),       sizeof(uint64_t),
                                        sizeof(uint64_t),         sizeof(uint64_t),
                                        sizeof(ss_language_entry)};
    for (int i = 0; i < SECTIONS; i++) {
        if (count[i] > (uint64_t)1 << 40) return false;
        size[i] = count[i] * element[i];
    }
    return h->languages <= SS_LANGUAGES_MAX && h->pairs < UINT32_MAX && h->unit_kinds < UINT32_MAX;
}

static uint64_t aligned(uint64_t size)
{
    return (size + CACHE_ALIGN - 1) / CACHE_ALIGN * CACHE_ALIGN;
}

samestory_status corpus_cache_write(const char *path, uint64_t stamp, const corpus *c,
                                    samestory_error *error)
{
    static const char zero[CACHE_ALIGN] = {0};
    const void *data[SECTIONS] = {c->pair,          c->unit,   c->group,   c->feature,
                                  c->feature_first, c->folded, c->language};
    cache_head h = {.version = CACHE_VERSION, .stamp = stamp, .pairs = c->pairs,
                    .units = c->unit_count, .groups = c->groups, .unit_kinds = c->unit_kinds,
                    .features = c->feature_first[c->unit_kinds], .languages = c->languages};
    uint64_t size[SECTIONS];
    ss_piece pieces[2 + 2 * SECTIONS] = {{&h, sizeof h}, {zero, aligned(sizeof h) - sizeof h}};
    memcpy(h.magic, magic, sizeof magic);
    if (!section_sizes(&h, size))
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "the corpus is too large for a cache");
    h.size = aligned(sizeof h);
    for (int i = 0; i < SECTIONS; i++) {
        h.hash[i] = XXH3_64bits(data[i], size[i]);
        h.size += aligned(size[i]);
        pieces[2 + 2 * i] = (ss_piece){data[i], size[i]};
        pieces[3 + 2 * i] = (ss_piece){zero, aligned(size[i]) - size[i]};
    }
    h.head_hash = XXH3_64bits(&h, offsetof(cache_head, head_hash));
    return ss_file_write(path, pieces, sizeof pieces / sizeof *pieces, error);
}

/* ---- Reading ---------------------------------------------------------------------------------------- */

static bool pairs_good(const corpus *c)
{
    for (size_t g = 0; g < c->groups; g++) {
        const text_group *group = &c->group[g];
        if (group->first > group->end || group->end > c->pairs ||
            group->language[0] >= c->languages || group->language[1] >= c->languages ||
            !memchr(group->source, 0, sizeof group->source))
            return false;
    }
    for (size_t p = 0; p < c->pairs; p++) {
        const text_pair *pair = &c->pair[p];
        uint64_t units = (uint64_t)pair->units[0] + pair->units[1];
        if (pair->first > c->unit_count || units > c->unit_count - pair->first ||
            pair->units[0] > TEXT_UNITS_MAX || pair->units[1] > TEXT_UNITS_MAX)
            return false;
    }
    return true;
}

static bool numbers_good(const corpus *c, uint64_t features)
{
    uint32_t most = 0;
    for (size_t i = 0; i < c->unit_count; i++) most = c->unit[i] > most ? c->unit[i] : most;
    if (c->unit_count && most >= c->unit_kinds) return false;
    if (c->feature_first[0] || c->feature_first[c->unit_kinds] != features) return false;
    for (size_t u = 0; u < c->unit_kinds; u++)
        if (c->feature_first[u] > c->feature_first[u + 1]) return false;
    for (size_t l = 0; l < c->languages; l++)
        if (!memchr(c->language[l].code, 0, sizeof c->language[l].code)) return false;
    return pairs_good(c);
}

/* The parts of a mapped cache; false when it is not what it should be. */
static bool take_parts(char *data, size_t size, uint64_t stamp, corpus *out)
{
    cache_head h;
    uint64_t part[SECTIONS], at = aligned(sizeof h);
    char *where[SECTIONS];
    if (size < at) return false;
    memcpy(&h, data, sizeof h);
    if (memcmp(h.magic, magic, sizeof magic) || h.version != CACHE_VERSION || h.stamp != stamp ||
        h.size != size || h.head_hash != XXH3_64bits(&h, offsetof(cache_head, head_hash)) ||
        !section_sizes(&h, part))
        return false;
    for (int i = 0; i < SECTIONS; i++) {
        where[i] = data + at;
        if (part[i] > size - at || aligned(part[i]) > size - at) return false;
        if (XXH3_64bits(where[i], part[i]) != h.hash[i]) return false;
        at += aligned(part[i]);
    }
    *out = (corpus){.pair = (void *)where[0],    .pairs = h.pairs,
                    .unit = (void *)where[1],    .unit_count = h.units,
                    .group = (void *)where[2],   .groups = h.groups,
                    .feature = (void *)where[3], .feature_first = (void *)where[4],
                    .folded = (void *)where[5],  .unit_kinds = h.unit_kinds,
                    .languages = h.languages,    .map = data,
                    .map_size = size};
    memcpy(out->language, where[6], part[6]);
    return at == size && numbers_good(out, h.features);
}

samestory_status corpus_cache_map(const char *path, uint64_t stamp, corpus *out, bool *valid,
                                  samestory_error *error)
{
    void *data;
    size_t size;
    *valid = false;
    if (access(path, F_OK)) return SAMESTORY_OK;
    samestory_status status = ss_file_map(path, &data, &size, error);
    if (status) return status;
    *valid = data && take_parts(data, size, stamp, out);
    if (*valid) return SAMESTORY_OK;
    *out = (corpus){0};
    ss_file_unmap(data, size);
    return SAMESTORY_OK;
}
