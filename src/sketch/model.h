/* The model file, mapped read-only and checked: everything learned that the library needs.
 *
 * Layout, little-endian, every section at a multiple of 64 bytes:
 *
 *   offset  bytes  what
 *   0       16     magic "samestory model\n"
 *   16      4      format version (SS_MODEL_FORMAT)
 *   20      4      normaliser version
 *   24      4      features version
 *   28      4      number of sections n
 *   32      8      size of the file
 *   40      8      stamp: XXH3 of the sections that sketches depend on (all but JUDGE and NOTES)
 *   48      8      XXH3 of the bytes 0..47 and of the section table
 *   56      8      zero
 *   64      32 n   section table: { u32 kind, u32 zero, u64 offset, u64 size, u64 XXH3 of the bytes }
 *
 * Sections (kind: contents):
 *   1 NOTES      text: lines of key TAB value, NUL-terminated
 *   2 TABLE      u32 bits, u32 d, u32 rows, u32 shared;
 *                u64 present[2^bits / 64]: bit b is set when bucket b has a row;
 *                u32 rank[2^bits / 512]: rows before each group of 512 buckets; padding to 64;
 *                u8 scale[rows], padding to 64; u8 row[rows][d / 2].
 *                A feature's bucket is its top `bits` bits. A bucket that is not present uses one of
 *                the last `shared` rows: number (low 32 bits of the feature) mod shared of them; with
 *                shared = 0 it has no row. Byte k of a row has component k in its lower four bits and
 *                component k + d / 2 in its upper ones; n stands for the level 2 n - 15, times
 *                (16 + scale % 16) << scale / 16 (ss_row_level, ss_row_scale).
 *   3 LANGUAGES  u32 n, u32 d, u32 r, 4 zero bytes; n x { char code[8]; u32 documents; u32 zero },
 *                padding to 64; f32 mean[n + 1][d]: the mean unit vector of each language, and of all;
 *                f32 direction[r][d]: orthogonal unit vectors, in which the means differ most.
 *   4 WORDS      background frequencies: u32 log2 of the number of buckets, u32 entries, 8 zero bytes;
 *                u32 first[buckets + 1]; u32 entry[entries], ordered by bucket.
 *                A word's bucket is the top bits of its hash (XXH3 of its folded form);
 *                an entry is fingerprint (low 18 bits of the hash) << 14 | language << 8 | Zipf x 25.
 *   5 CELLS      u32 n, u32 d, 8 zero bytes; i8 centroid[n][d], scaled as document vectors.
 *   6 JUDGE      text: judge.txt, NUL-terminated; or a zstd frame (RFC 8878) of it that says how much it
 *                unpacks to, 8 MiB at most
 *   7 LATIN      char latin[65536][8]: for a code point of the BMP, what ICU's
 *                "Any-Latin; Latin-ASCII; Lower" makes of it, NUL-padded (empty: nothing).
 *   8 LEXICON    u32 n, 12 zero bytes; n x { u64 hash; u8 kind; u8 language; i16 value; u32 zero },
 *                ordered by hash, kind, language (255: any): months, weekdays, places, number words
 *                (ss_lexicon_kind); hash as in WORDS, of the folded form, single spaces between words.
 *   9 LANGID     u32 rows, u32 n languages (as LANGUAGES), u32 stride (n rounded up to 16), u32 signals;
 *                f32 log odds that a unit of a score stands for; u32 units that 1/25 Zipf counts;
 *                f32 weight[signals] (ss_lang_signal), in all 64 bytes; f32 typical[n][4]: what texts of each language are wont to have (mean
 *                Zipf frequency of a word, share of words known, what the rows give a word, share of
 *                words not written as names are), padding to 64;
 *                i8 row[rows][stride]: what an n-gram or word adds to each language. How they find
 *                their rows: ss_lang_rows. A file may end without this section.
 */
#ifndef SS_SKETCH_MODEL_H
#define SS_SKETCH_MODEL_H

#include "samestory.h"
#include "sketch/features.h"
#include "text/normalize.h"

#define SS_MODEL_FORMAT 2
#define SS_MODEL_MAGIC  "samestory model\n"

enum ss_section {
    SS_NOTES = 1,
    SS_TABLE,
    SS_LANGUAGES,
    SS_WORDS,
    SS_CELLS,
    SS_JUDGE,
    SS_LATIN,
    SS_LEXICON,
    SS_LANGID,
    SS_SECTIONS,
    SS_SECTIONS_LEAST = SS_LANGID - 1 /* those that no file may lack: SS_SECTIONS - 1 would be all */
};

/* A language is an index into the model's list; SS_LANGUAGE_UNKNOWN stands for none of them. */
#define SS_LANGUAGE_UNKNOWN 255
#define SS_LANGUAGES_MAX    64

/* By what the answer of LANGID is believed or not; see text/langid.c for how each is measured. */
typedef enum ss_lang_signal {
    SS_LANG_ONE,         /* 1 */
    SS_LANG_ZIPF,        /* mean Zipf frequency of the words against what is usual */
    SS_LANG_ZIPF_SHORT,  /* the same / sqrt(words) */
    SS_LANG_KNOWN,       /* share of words known, if .3 and more below what is usual */
    SS_LANG_SCORE,       /* what the rows give a word, before the mean of all, against what is usual */
    SS_LANG_MARGIN,      /* log odds before the next language */
    SS_LANG_PLAIN,       /* share of words not written as names are, against what is usual */
    SS_LANG_FOREIGN,     /* how far the text would rather be another language in part: 0..1 */
    SS_LANG_ODD,         /* share of words with digits, and of single letters beyond .15 */
    SS_LANG_SHORT,       /* 1 / sqrt(words) */
    SS_LANG_SIGNALS
} ss_lang_signal;

enum { SS_LANG_TYPICAL = 4 };

typedef struct ss_langid_head {
    uint32_t rows, languages, stride, signals;
    float scale;
    uint32_t zipf_units;
    float weight[SS_LANG_SIGNALS];
} ss_langid_head;

typedef enum ss_lexicon_kind {
    SS_LEX_MONTH = 1, /* value 1..12; in the Persian calendar 13..24 */
    SS_LEX_WEEKDAY,   /* value 1 (Monday) .. 7 */
    SS_LEX_PLACE,     /* a country, its people or its capital: value = M.49 number of the territory,
                         + 1000 for the people (or their language), + 2000 for the capital */
    SS_LEX_NUMBER,    /* a number in letters, one word: value 2..99 */
    SS_LEX_DAY,       /* "yesterday": value = days from today + SS_LEX_TODAY */
    SS_LEX_ORDINAL,   /* "third": value 2..30 */
    SS_LEX_BEGINNING, /* the first word of a longer entry: value 1 */
    SS_LEX_CITY,      /* a city or a region: value = a number of its own */
    SS_LEX_KINDS
} ss_lexicon_kind;

#define SS_LEX_TODAY 100

typedef struct ss_lexicon_entry {
    uint64_t hash;
    uint8_t kind, language;
    int16_t value;
    uint32_t zero;
} ss_lexicon_entry;

typedef struct ss_language_entry {
    char code[8];
    uint32_t documents, zero;
} ss_language_entry;

/* 64 buckets of the table: which of them have a row, and the number of rows before theirs. */
typedef struct ss_bucket_group {
    uint64_t present, rank;
} ss_bucket_group;

/* Views into the mapped file, and what is made of it when it is opened. */
struct samestory_model {
    void *map;
    size_t map_size;
    ss_normalizer *normalizer;
    uint64_t stamp;
    const char *notes, *judge; /* texts; */
    size_t judge_size;         /* with the NUL */
    char *judge_text;          /* the judge's, where the file has it packed; else NULL */
    char *description;         /* the stamp and the notes */
    uint32_t bits, dimension, rows, shared;
    const uint64_t *present;
    const uint32_t *rank;
    ss_bucket_group *group;     /* the same side by side, to be found by one look at memory */
    const uint8_t *scale, *row; /* (rows), (rows, dimension / 2) */
    uint32_t languages;
    const ss_language_entry *language;
    const float *mean; /* (languages + 1, dimension) */
    uint32_t directions;
    const float *direction; /* (directions, dimension) */
    bool usual_lengths;     /* directions are of length 1, and 64 at most; means no longer */
    uint32_t word_bits, word_entries;
    const uint32_t *word_first, *word_entry;
    uint32_t cells;
    const int8_t *cell; /* (cells, dimension) */
    const char *latin;  /* (65536, 8) */
    uint32_t lexicon_size;
    const ss_lexicon_entry *lexicon;
    uint32_t langid_rows, langid_stride;
    const ss_langid_head *langid_head; /* NULL without LANGID, as the next two */
    const float *langid_typical;       /* (languages, SS_LANG_TYPICAL) */
    const int8_t *langid;              /* (langid_rows, langid_stride) */
    struct ss_judge *judge_parsed;
};

/* The row of a feature, or -1 when it has none. */
static inline int64_t ss_model_row(const samestory_model *m, uint64_t feature)
{
    uint32_t bucket = (uint32_t)(feature >> (64 - m->bits));
    const ss_bucket_group *group = &m->group[bucket >> 6];
    uint64_t bit = (uint64_t)1 << (bucket & 63);
    if (!(group->present & bit))
        return m->shared ? (int64_t)(m->rows - m->shared + (uint32_t)feature % m->shared) : -1;
    return (int64_t)group->rank + __builtin_popcountll(group->present & (bit - 1));
}

/* Asks for what ss_model_row reads. */
static inline void ss_model_row_soon(const samestory_model *m, uint64_t feature)
{
    __builtin_prefetch(&m->group[feature >> (64 - m->bits) >> 6]);
}

/* What a row's levels are multiplied by: 16 to 3,968, for scales below 128. */
static inline int32_t ss_row_scale(uint8_t scale)
{
    return (16 + (scale & 15)) << (scale >> 4);
}

/* Component k of a row in table[rows][d / 2]: an odd number from -15 to 15. */
static inline int32_t ss_row_level(const uint8_t *row, size_t d, size_t k)
{
    return 2 * (k < d / 2 ? row[k] & 15 : row[k - d / 2] >> 4) - 15;
}

/* The entries of a word's bucket; those whose upper 18 bits are ss_model_print(hash) are of the word. */
static inline const uint32_t *ss_model_entries(const samestory_model *m, uint64_t folded_hash,
                                               const uint32_t **end)
{
    size_t bucket = folded_hash >> (64 - m->word_bits);
    *end = m->word_entry + m->word_first[bucket + 1];
    return m->word_entry + m->word_first[bucket];
}

static inline uint32_t ss_model_print(uint64_t folded_hash)
{
    return folded_hash & 0x3FFFF;
}

/* How common a word is: the larger of its Zipf frequencies (log10 of its occurrences in 10^9 words) in
 * `language` and in English; in an unknown language, the largest of all. 0: common in neither. */
float ss_model_zipf(const samestory_model *m, uint64_t folded_hash, unsigned language);

/* The first lexicon entry with this hash, or NULL; more may follow it while `hash` stays the same and
 * the end (m->lexicon + m->lexicon_size) is not reached. */
const ss_lexicon_entry *ss_model_lexicon(const samestory_model *m, uint64_t folded_hash);

/* Latin letters for a code point, at most 8 bytes, NUL-padded; "" when there is none. */
static inline const char *ss_model_latin(const samestory_model *m, uint32_t point)
{
    return point < 65536 ? m->latin + (size_t)point * 8 : "";
}

/* The model's index of a language code (BCP 47, ISO 639-1/2/3, any case: "pt-BR", "nob", "zh_TW"),
 * or SS_LANGUAGE_UNKNOWN. */
unsigned ss_model_language(const samestory_model *m, const char *code, size_t size);

/* Whether `data` (at a multiple of 64 bytes) is a sound LANGID section for this model, which then uses
 * it for as long as it lives. For the loader and the trainer. */
bool ss_model_langid(samestory_model *m, const char *data, size_t size);

/* Writing. Collects sections, then writes a file in one go, through a temporary name. */
typedef struct ss_model_section {
    const void *data;
    size_t size;
} ss_model_section;
/* The sections of an open model, as they lie in its file; {NULL, 0} for one that it lacks. */
void ss_model_sections(const samestory_model *m, ss_model_section section[SS_SECTIONS]);
/* The section JUDGE of the text of a judge.txt, packed; *packed is freed with free. */
samestory_status ss_model_pack_judge(const char *text, char **packed, size_t *size,
                                     samestory_error *error);
/* section[kind]: all of them; LANGID may be {NULL, 0}. */
samestory_status ss_model_write(const char *path, const ss_model_section section[SS_SECTIONS],
                                samestory_error *error);

#endif
