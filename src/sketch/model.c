/* The model file: opening, checking, looking up, writing. Every offset and count of the file is
 * checked against its size before anything points into it, so that a damaged or hostile file is
 * refused and a good one needs no checks later. */
#include "sketch/model.h"

#include "base/file.h"
#include "base/large.h"
#include "base/status.h"
#include "match/judge.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include <zstd.h>
#include <zstd_errors.h>

enum {
    HEADER = 64,
    ENTRY = 32,
    ALIGN = 64,
    JUDGE_MAX = 8 << 20, /* of its text, in bytes; as many trees as it may have are below 1 MB */
    JUDGE_LEVEL = 19     /* of zstd: it is packed once, and unpacks as fast as at any level */
};

typedef struct header {
    char magic[16];
    uint32_t format, normalizer, features, sections;
    uint64_t size, stamp, check, zero;
} header;

typedef struct section {
    uint32_t kind, zero;
    uint64_t offset, size, check;
} section;

_Static_assert(sizeof(header) == HEADER, "header layout");
_Static_assert(sizeof(section) == ENTRY, "section layout");
_Static_assert(sizeof(ss_langid_head) == ALIGN, "LANGID layout");

static const char not_a_model[] = "is no samestory model: name a file that samestory-train made";
static const char damaged[] = "is damaged: fetch or make the model anew";
static const char judge_damaged[] = "has a judge that does not unpack: fetch or make the model anew";
static const char judge_too_large[] =
    "has a judge that claims more than 8 MiB: fetch or make the model anew";
static const char other_version[] =
    "is a model of another version: use the samestory that it was made with, or a model for this one";

static size_t aligned(size_t size)
{
    return (size + ALIGN - 1) / ALIGN * ALIGN;
}

/* ---- Checking ----------------------------------------------------------------------------------- */

static uint64_t stamp_of(const section *table, uint32_t count)
{
    uint64_t stamp = 0;
    for (uint32_t i = 0; i < count; i++)
        if (table[i].kind != SS_JUDGE && table[i].kind != SS_NOTES)
            stamp = XXH3_64bits_withSeed(&table[i].check, sizeof table[i].check,
                                         stamp + table[i].kind);
    return stamp;
}

static uint64_t header_check(const header *h, const section *table)
{
    uint64_t sum = XXH3_64bits(h, 48);
    return XXH3_64bits_withSeed(table, h->sections * sizeof *table, sum);
}

static bool table_sound(samestory_model *m, const char *data, size_t size)
{
    if (size < 64) return false;
    uint32_t head[4];
    memcpy(head, data, sizeof head);
    m->bits = head[0];
    m->dimension = head[1];
    m->rows = head[2];
    m->shared = head[3];
    if (m->bits < 9 || m->bits > 26 || m->dimension < 16 || m->dimension > 1024 ||
        m->dimension % 16 || m->rows > (uint32_t)1 << 26 ||
        m->shared > m->rows)
        return false;
    size_t buckets = (size_t)1 << m->bits;
    size_t present = 16, rank = present + buckets / 8;
    size_t scale = aligned(rank + buckets / 512 * 4);
    size_t row = scale + aligned(m->rows);
    if (size != row + (size_t)m->rows * m->dimension / 2) return false;
    m->present = (const uint64_t *)(const void *)(data + present);
    m->rank = (const uint32_t *)(const void *)(data + rank);
    m->scale = (const uint8_t *)(data + scale);
    m->row = (const uint8_t *)(data + row);
    size_t seen = 0;
    for (size_t word = 0; word < buckets / 64; word++) {
        if (word % 8 == 0 && m->rank[word / 8] != seen) return false;
        seen += (size_t)__builtin_popcountll(m->present[word]);
    }
    if (seen != m->rows - m->shared) return false;
    for (size_t i = 0; i < m->rows; i++)
        if (m->scale[i] > 127) return false;
    return true;
}

static double square_of(const float *x, size_t d)
{
    double square = 0;
    for (size_t i = 0; i < d; i++) square += (double)x[i] * (double)x[i];
    return square;
}

/* Are means and directions as long as the format says, and few? See vector.c. */
static bool lengths_are_usual(const samestory_model *m)
{
    enum { FEW = 64 };
    for (size_t r = 0; r <= m->languages; r++)
        if (!(square_of(m->mean + r * m->dimension, m->dimension) < 1.001)) return false;
    for (size_t r = 0; r < m->directions; r++) {
        double square = square_of(m->direction + r * m->dimension, m->dimension);
        if (!(square > .999 && square < 1.001)) return false;
    }
    return m->directions <= FEW;
}

static bool languages_sound(samestory_model *m, const char *data, size_t size)
{
    if (size < 16) return false;
    uint32_t head[3];
    memcpy(head, data, sizeof head);
    if (head[0] > SS_LANGUAGES_MAX || head[1] != m->dimension || head[2] > m->dimension) return false;
    size_t mean = aligned(16 + head[0] * sizeof(ss_language_entry));
    size_t values = ((size_t)head[0] + 1 + head[2]) * m->dimension;
    if (size != mean + values * sizeof(float)) return false;
    m->languages = head[0];
    m->directions = head[2];
    m->language = (const ss_language_entry *)(const void *)(data + 16);
    m->mean = (const float *)(const void *)(data + mean);
    m->direction = m->mean + ((size_t)head[0] + 1) * m->dimension;
    for (uint32_t i = 0; i < m->languages; i++)
        if (!memchr(m->language[i].code, 0, sizeof m->language[i].code)) return false;
    for (size_t i = 0; i < values; i++)
        if (!(m->mean[i] >= -1.0f && m->mean[i] <= 1.0f)) return false;
    m->usual_lengths = lengths_are_usual(m);
    return true;
}

static bool words_sound(samestory_model *m, const char *data, size_t size)
{
    if (size < 16) return false;
    uint32_t head[2];
    memcpy(head, data, sizeof head);
    if (head[0] < 1 || head[0] > 28) return false;
    size_t buckets = (size_t)1 << head[0];
    if (size != 16 + (buckets + 1) * 4 + (size_t)head[1] * 4) return false;
    m->word_bits = head[0];
    m->word_entries = head[1];
    m->word_first = (const uint32_t *)(const void *)(data + 16);
    m->word_entry = m->word_first + buckets + 1;
    if (m->word_first[0] != 0 || m->word_first[buckets] != m->word_entries) return false;
    for (size_t i = 0; i < buckets; i++)
        if (m->word_first[i] > m->word_first[i + 1]) return false;
    return true;
}

static bool cells_sound(samestory_model *m, const char *data, size_t size)
{
    if (size < 16) return false;
    uint32_t head[2];
    memcpy(head, data, sizeof head);
    if (head[1] != m->dimension || head[0] > 65536 ||
        size != 16 + (size_t)head[0] * m->dimension)
        return false;
    m->cells = head[0];
    m->cell = (const int8_t *)(data + 16);
    return true;
}

static bool lexicon_sound(samestory_model *m, const char *data, size_t size)
{
    if (size < 16) return false;
    uint32_t count;
    memcpy(&count, data, sizeof count);
    if ((size - 16) / sizeof(ss_lexicon_entry) != count ||
        (size - 16) % sizeof(ss_lexicon_entry))
        return false;
    m->lexicon_size = count;
    m->lexicon = (const ss_lexicon_entry *)(const void *)(data + 16);
    for (uint32_t i = 1; i < count; i++)
        if (m->lexicon[i].hash < m->lexicon[i - 1].hash) return false;
    return true;
}

/* Large weights would do no harm, but a trainer writes none. */
static bool floats_sound(const float *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!(x[i] >= -1e4f && x[i] <= 1e4f)) return false;
    return true;
}

bool ss_model_langid(samestory_model *m, const char *data, size_t size)
{
    ss_langid_head head;
    if (size < sizeof head) return false;
    memcpy(&head, data, sizeof head);
    uint32_t stride = (m->languages + 15) / 16 * 16;
    size_t typical = (size_t)m->languages * SS_LANG_TYPICAL;
    size_t row = aligned(sizeof head + typical * sizeof(float));
    if (!head.rows || head.rows > 1 << 20 || head.languages != m->languages || head.stride != stride ||
        head.signals != SS_LANG_SIGNALS || size != row + (size_t)head.rows * stride)
        return false;
    const float *floats = (const float *)(const void *)(data + sizeof head);
    if (!(head.scale > 0 && head.scale <= 1) || head.zipf_units > 1000 || !floats_sound(head.weight, SS_LANG_SIGNALS) ||
        !floats_sound(floats, typical))
        return false;
    m->langid_head = (const ss_langid_head *)(const void *)data;
    m->langid_rows = head.rows;
    m->langid_stride = stride;
    m->langid_typical = floats;
    m->langid = (const int8_t *)(data + row);
    return true;
}

static bool text_sound(const char *data, size_t size)
{
    return size && data[size - 1] == 0 && strlen(data) == size - 1;
}

static bool section_sound(samestory_model *m, uint32_t kind, const char *data, size_t size)
{
    switch (kind) {
    case SS_NOTES: m->notes = data; return text_sound(data, size);
    case SS_JUDGE: m->judge = data; return (m->judge_size = size) > 0; /* the rest: unpack_judge */
    case SS_TABLE: return table_sound(m, data, size);
    case SS_LANGUAGES: return languages_sound(m, data, size);
    case SS_WORDS: return words_sound(m, data, size);
    case SS_CELLS: return cells_sound(m, data, size);
    case SS_LATIN: m->latin = data; return size == 65536 * 8;
    case SS_LEXICON: return lexicon_sound(m, data, size);
    case SS_LANGID: return ss_model_langid(m, data, size);
    default: return false;
    }
}

static samestory_status check(samestory_model *m, const char *path, samestory_error *error)
{
    const char *bytes = m->map;
    header h;
    if (m->map_size < HEADER || memcmp(bytes, SS_MODEL_MAGIC, 16))
        return ss_fail_at(error, SAMESTORY_MODEL_MISMATCH, not_a_model, path, 0, 0);
    memcpy(&h, bytes, sizeof h);
    if (h.format != SS_MODEL_FORMAT || h.normalizer != SS_NORMALIZER_VERSION ||
        h.features != SS_FEATURES_VERSION)
        return ss_fail_at(error, SAMESTORY_MODEL_MISMATCH, other_version, path, 0, 16);
    if (h.size != m->map_size || h.sections < SS_SECTIONS_LEAST || h.sections >= SS_SECTIONS ||
        m->map_size < HEADER + h.sections * sizeof(section))
        return ss_fail_at(error, SAMESTORY_MODEL_MISMATCH, damaged, path, 0, 28);
    section table[SS_SECTIONS - 1];
    memcpy(table, bytes + HEADER, h.sections * sizeof *table);
    if (h.check != header_check(&h, table) || h.stamp != stamp_of(table, h.sections))
        return ss_fail_at(error, SAMESTORY_MODEL_MISMATCH, damaged, path, 0, 40);
    for (uint32_t i = 0; i < h.sections; i++) {
        const section *s = &table[i];
        if (s->kind != i + 1 || s->offset % ALIGN || s->offset > m->map_size ||
            s->size > m->map_size - s->offset ||
            XXH3_64bits(bytes + s->offset, s->size) != s->check ||
            !section_sound(m, s->kind, bytes + s->offset, s->size))
            return ss_fail_at(error, SAMESTORY_MODEL_MISMATCH, damaged, path, 0, s->offset);
    }
    m->stamp = h.stamp;
    return SAMESTORY_OK;
}

/* Where the judge is packed, m->judge points to its text from then on. */
static samestory_status unpack_judge(samestory_model *m, const char *path, samestory_error *error)
{
    const char *packed = m->judge;
    size_t size = m->judge_size;
    uint64_t at = (uint64_t)(packed - (const char *)m->map);
    uint32_t magic = 0;
    if (size >= sizeof magic) memcpy(&magic, packed, sizeof magic);
    if (magic == ZSTD_MAGICNUMBER) {
        unsigned long long claim = ZSTD_getFrameContentSize(packed, size);
        if (claim == ZSTD_CONTENTSIZE_UNKNOWN || claim == ZSTD_CONTENTSIZE_ERROR || !claim)
            return ss_fail_at(error, SAMESTORY_MODEL_MISMATCH, judge_damaged, path, 0, at);
        if (claim > JUDGE_MAX)
            return ss_fail_at(error, SAMESTORY_MODEL_MISMATCH, judge_too_large, path, 0, at);
        m->judge_text = malloc((size_t)claim);
        if (!m->judge_text) return ss_fail_memory(error);
        size_t got = ZSTD_decompress(m->judge_text, (size_t)claim, packed, size);
        if (ZSTD_getErrorCode(got) == ZSTD_error_memory_allocation) return ss_fail_memory(error);
        if (got != claim)
            return ss_fail_at(error, SAMESTORY_MODEL_MISMATCH, judge_damaged, path, 0, at);
        m->judge = m->judge_text;
        m->judge_size = got;
    }
    if (text_sound(m->judge, m->judge_size)) return SAMESTORY_OK;
    return ss_fail_at(error, SAMESTORY_MODEL_MISMATCH, damaged, path, 0, at);
}

static bool group_buckets(samestory_model *m)
{
    size_t groups = ((size_t)1 << m->bits) / 64;
    m->group = ss_large_new(groups * sizeof *m->group);
    if (!m->group) return false;
    uint64_t rank = 0;
    for (size_t g = 0; g < groups; g++) {
        m->group[g] = (ss_bucket_group){m->present[g], rank};
        rank += (uint64_t)__builtin_popcountll(m->present[g]);
    }
    return true;
}

/* The stamp depends on the other sections, so that it can't stand in the notes itself; the judge is
 * fitted after them. */
static char *describe(const samestory_model *m)
{
    static const char *const presets[] = {"standard", "strict", "loose"};
    enum { PRESET_LINE = 128 };
    size_t size = strlen(m->notes) + 32 + 2 * (size_t)SAMESTORY_PRESETS * PRESET_LINE;
    char *text = malloc(size);
    if (!text) return NULL;
    int at = snprintf(text, size, "stamp\t%016" PRIx64 "\n%s", m->stamp, m->notes);
    for (int i = 0; i < 2 * SAMESTORY_PRESETS && at > 0; i++) {
        bool alone = i >= SAMESTORY_PRESETS;
        const ss_judge *judge = m->judge_parsed;
        const ss_preset *p = &(alone ? judge->alone : judge->preset)[i % SAMESTORY_PRESETS];
        if (p->threshold > 0)
            at += snprintf(text + at, size - (size_t)at,
                           "%s-%s\tthreshold %u %%, precision %u %%, recall %u %%\n",
                           alone ? "stream" : "preset", presets[i % SAMESTORY_PRESETS],
                           (unsigned)(100 * p->threshold + 0.5), (unsigned)(100 * p->precision + 0.5),
                           (unsigned)(100 * p->recall + 0.5));
    }
    return text;
}

samestory_status samestory_model_open(const char *path, samestory_model **out,
                                      samestory_error *error)
{
    if (!path || !out)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "path and out must not be NULL");
    samestory_model *m = calloc(1, sizeof *m);
    if (!m) return ss_fail_memory(error);
    samestory_status status = ss_file_map(path, &m->map, &m->map_size, error);
    if (status) goto fail;
    status = check(m, path, error);
    if (status) goto fail;
    status = unpack_judge(m, path, error);
    if (status) goto fail;
    status = ss_judge_parse(m->judge, &m->judge_parsed, error);
    if (status) goto fail;
    m->normalizer = ss_normalizer_new();
    m->description = describe(m);
    if (!m->normalizer || !m->description || !group_buckets(m)) {
        status = ss_fail_memory(error);
        goto fail;
    }
    *out = m;
    return SAMESTORY_OK;
fail:
    samestory_model_free(m);
    return status;
}

void samestory_model_free(samestory_model *model)
{
    if (!model) return;
    ss_judge_free(model->judge_parsed);
    ss_normalizer_free(model->normalizer);
    free(model->description);
    free(model->judge_text);
    free(model->group);
    ss_file_unmap(model->map, model->map_size);
    free(model);
}

size_t samestory_model_dimension(const samestory_model *model)
{
    return model->dimension;
}

const char *samestory_model_description(const samestory_model *model)
{
    return model->description;
}

/* ---- Looking up ----------------------------------------------------------------------------------- */

float ss_model_zipf(const samestory_model *m, uint64_t folded_hash, unsigned language)
{
    const uint32_t *end, *entry = ss_model_entries(m, folded_hash, &end);
    uint32_t print = ss_model_print(folded_hash), most = 0;
    for (; entry < end; entry++) {
        unsigned l = *entry >> 8 & 63;
        if (*entry >> 14 != print || l >= m->languages) continue;
        bool counts = language == SS_LANGUAGE_UNKNOWN || l == language ||
                      !strcmp(m->language[l].code, "en");
        if (counts && (*entry & 255) > most) most = *entry & 255;
    }
    return (float)most / 25;
}

const ss_lexicon_entry *ss_model_lexicon(const samestory_model *m, uint64_t folded_hash)
{
    size_t low = 0, high = m->lexicon_size;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (m->lexicon[middle].hash < folded_hash) low = middle + 1;
        else high = middle;
    }
    return low < m->lexicon_size && m->lexicon[low].hash == folded_hash ? &m->lexicon[low] : NULL;
}

/* ---- Writing ---------------------------------------------------------------------------------------- */

void ss_model_sections(const samestory_model *m, ss_model_section out[SS_SECTIONS])
{
    const char *bytes = m->map;
    header h;
    memcpy(&h, bytes, sizeof h);
    for (uint32_t kind = 0; kind < SS_SECTIONS; kind++) out[kind] = (ss_model_section){NULL, 0};
    for (uint32_t i = 0; i < h.sections; i++) {
        section s;
        memcpy(&s, bytes + HEADER + i * sizeof s, sizeof s);
        out[s.kind] = (ss_model_section){bytes + s.offset, s.size};
    }
}

samestory_status ss_model_pack_judge(const char *text, char **packed, size_t *size,
                                     samestory_error *error)
{
    size_t text_size = strlen(text) + 1;
    if (text_size > JUDGE_MAX)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "judge.txt is larger than 8 MiB: fit a smaller one");
    size_t room = ZSTD_compressBound(text_size);
    char *to = malloc(room);
    size_t got = to ? ZSTD_compress(to, room, text, text_size, JUDGE_LEVEL) : 0;
    if (!to || ZSTD_isError(got)) { /* with this room it fails for lack of memory only */
        free(to);
        return ss_fail_memory(error);
    }
    *packed = to;
    *size = got;
    return SAMESTORY_OK;
}

samestory_status ss_model_write(const char *path, const ss_model_section sections[SS_SECTIONS],
                                samestory_error *error)
{
    static const char padding[ALIGN];
    header h = {.format = SS_MODEL_FORMAT,
                .normalizer = SS_NORMALIZER_VERSION,
                .features = SS_FEATURES_VERSION,
                .sections = sections[SS_LANGID].data ? SS_SECTIONS - 1 : SS_SECTIONS_LEAST};
    memcpy(h.magic, SS_MODEL_MAGIC, 16);
    section table[SS_SECTIONS - 1];
    ss_piece pieces[3 + 2 * SS_SECTIONS];
    size_t count = 3, table_size = h.sections * sizeof *table;
    size_t at = aligned(HEADER + table_size);
    pieces[0] = (ss_piece){&h, sizeof h};
    pieces[1] = (ss_piece){table, table_size};
    pieces[2] = (ss_piece){padding, at - HEADER - table_size};
    for (uint32_t kind = 1; kind <= h.sections; kind++) {
        const ss_model_section *s = &sections[kind];
        size_t end = aligned(at + s->size);
        table[kind - 1] = (section){.kind = kind,
                                    .offset = at,
                                    .size = s->size,
                                    .check = XXH3_64bits(s->data, s->size)};
        pieces[count++] = (ss_piece){s->data, s->size};
        pieces[count++] = (ss_piece){padding, end - at - s->size};
        at = end;
    }
    h.size = at;
    h.stamp = stamp_of(table, h.sections);
    h.check = header_check(&h, table);
    return ss_file_write(path, pieces, count, error);
}
