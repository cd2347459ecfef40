/* WORDS: which words are common in which language (see model.h for the layout). */
#include "base/array.h"
#include "sketch/features.h"
#include "text/utf8.h"
#include "train/export.h"
#include "train/zstd_lines.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUCKET_WORDS = 12 /* words a bucket, about: one cache line */ };

/* Counted words are given frequencies only when they came this often. */
static const double least_count = 3;

typedef struct entry {
    uint64_t hash;
    uint32_t language, zipf;
} entry;

typedef struct entries {
    entry *items;
    size_t count, capacity;
} entries;

static bool add(entries *e, uint64_t hash, unsigned language, double zipf)
{
    if (!ss_reserve(&e->items, &e->capacity, e->count + 1)) return false;
    double steps = floor(zipf * 25 + 0.5);
    e->items[e->count++] =
        (entry){hash, language, (uint32_t)(steps < 1 ? 1 : steps > 255 ? 255 : steps)};
    return true;
}

static bool add_word(entries *e, const ss_normalizer *n, const char *word, size_t size,
                     unsigned language, double zipf)
{
    char folded[512];
    size_t folded_size = ss_fold(n, word, size, folded, sizeof folded);
    return !folded_size || add(e, ss_folded_hash(folded, folded_size), language, zipf);
}

/* Serbian is written in both alphabets; the frequencies come in Latin letters. */
static size_t serbian_cyrillic(const char *latin, size_t size, char *out, size_t capacity)
{
    static const struct {
        const char *latin, *cyrillic;
    } letters[] = {
        {"lj", "љ"}, {"nj", "њ"}, {"dž", "џ"}, {"a", "а"}, {"b", "б"}, {"v", "в"}, {"g", "г"},
        {"d", "д"},  {"đ", "ђ"},  {"e", "е"},  {"ž", "ж"}, {"z", "з"}, {"i", "и"}, {"j", "ј"},
        {"k", "к"},  {"l", "л"},  {"m", "м"},  {"n", "н"}, {"o", "о"}, {"p", "п"}, {"r", "р"},
        {"s", "с"},  {"t", "т"},  {"ć", "ћ"},  {"u", "у"}, {"f", "ф"}, {"h", "х"}, {"c", "ц"},
        {"č", "ч"},  {"š", "ш"},
    };
    size_t used = 0;
    for (size_t at = 0; at < size;) {
        size_t i = 0, count = sizeof letters / sizeof *letters;
        for (; i < count; i++) {
            size_t length = strlen(letters[i].latin);
            if (length <= size - at && !memcmp(latin + at, letters[i].latin, length)) break;
        }
        if (i == count) return 0;
        size_t length = strlen(letters[i].cyrillic);
        if (used + length > capacity) return 0;
        memcpy(out + used, letters[i].cyrillic, length);
        used += length;
        at += strlen(letters[i].latin);
    }
    return used;
}

static samestory_status read_file(const char *path, const ss_normalizer *n, unsigned language,
                                  bool cyrillic, entries *e, samestory_error *error)
{
    zstd_lines *lines;
    samestory_error inner = {0};
    size_t size;
    samestory_status status = zstd_lines_open(path, &lines, error);
    if (status) return status;
    for (char *line; !status && (line = zstd_lines_next(lines, &size, &inner));) {
        char *tab = strchr(line, '\t'), other[256];
        if (!tab) continue;
        size_t length = (size_t)(tab - line);
        const char *word = line;
        if (cyrillic) {
            length = serbian_cyrillic(line, length, other, sizeof other);
            word = other;
        }
        if (length && !add_word(e, n, word, length, language, strtod(tab + 1, NULL)))
            status = ss_fail_memory(error);
    }
    return zstd_lines_end(lines, status, &inner, error);
}

/* Words of a language that has no file, counted in its side of the corpus. */
static samestory_status count_words(const corpus *c, unsigned language, entries *e,
                                    samestory_error *error)
{
    double *count = calloc(c->unit_kinds, sizeof *count), total = 0;
    if (!count) return ss_fail_memory(error);
    for (size_t g = 0; g < c->groups; g++)
        for (size_t side = 0; side < 2; side++) {
            if (c->group[g].language[side] != language || !c->group[g].chain) continue;
            for (size_t p = c->group[g].first; p < c->group[g].end; p++) {
                const text_pair *pair = &c->pair[p];
                const uint32_t *unit = c->unit + pair->first + (side ? pair->units[0] : 0);
                for (size_t i = 0; i < pair->units[side]; i++) count[unit[i]]++;
                total += pair->units[side];
            }
        }
    samestory_status status = SAMESTORY_OK;
    for (size_t u = 0; u < c->unit_kinds && !status; u++)
        if (c->folded[u] && count[u] >= least_count &&
            !add(e, c->folded[u], language, log10(count[u] / total * 1e9)))
            status = ss_fail_memory(error);
    free(count);
    return status;
}

static int by_hash(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    if (x->hash != y->hash) return x->hash < y->hash ? -1 : 1;
    if (x->language != y->language) return x->language < y->language ? -1 : 1;
    return x->zipf < y->zipf ? 1 : x->zipf > y->zipf ? -1 : 0;
}

static samestory_status pack(entries *e, blob *out, samestory_error *error)
{
    if (e->count) qsort(e->items, e->count, sizeof *e->items, by_hash);
    size_t kept = 0;
    for (size_t i = 0; i < e->count; i++) { /* of equal folded words the most frequent */
        const entry *last = kept ? &e->items[kept - 1] : NULL;
        if (last && last->hash == e->items[i].hash && last->language == e->items[i].language) continue;
        e->items[kept++] = e->items[i];
    }
    uint32_t bits = 1;
    while (bits < 28 && ((size_t)BUCKET_WORDS << bits) < kept) bits++;
    size_t buckets = (size_t)1 << bits;
    out->size = 16 + (buckets + 1) * 4 + kept * 4;
    uint32_t *to = out->data = calloc(1, out->size);
    if (!to) return ss_fail_memory(error);
    to[0] = bits;
    to[1] = (uint32_t)kept;
    uint32_t *first = to + 4, *packed = first + buckets + 1;
    for (size_t i = 0; i < kept; i++) {
        const entry *x = &e->items[i];
        first[(x->hash >> (64 - bits)) + 1]++;
        packed[i] = (uint32_t)(x->hash & 0x3FFFF) << 14 | x->language << 8 | x->zipf;
    }
    for (size_t b = 0; b < buckets; b++) first[b + 1] += first[b];
    return SAMESTORY_OK;
}

samestory_status export_words(const corpus *c, const ss_normalizer *normalizer, const char *folder,
                              blob *out, samestory_error *error)
{
    /* what the frequency files call a language, where the model calls it otherwise */
    static const char *const files[][2] = {{"no", "nb"}, {"hr", "sh"}, {"sr", "sh"}, {"tl", "fil"}};
    entries e = {0};
    samestory_status status = SAMESTORY_OK;
    for (unsigned l = 0; l < c->languages && !status; l++) {
        const char *code = c->language[l].code;
        for (size_t i = 0; i < sizeof files / sizeof *files; i++)
            if (!strcmp(c->language[l].code, files[i][0])) code = files[i][1];
        char path[2048];
        snprintf(path, sizeof path, "%s/%s.tsv.zst", folder, code);
        status = access(path, R_OK)
                     ? count_words(c, l, &e, error)
                     : read_file(path, normalizer, l, !strcmp(c->language[l].code, "sr"), &e, error);
    }
    if (!status) status = pack(&e, out, error);
    free(e.items);
    return status;
}
