/* Stage anchors, inside: what the finders of names, numbers, dates and links share.
 *
 * The finders run over one document in the order links, dates, numbers, names; each marks the words
 * it has used up, so that "14 November" is a date and not a number and a name. */
#ifndef SS_SKETCH_FINDER_H
#define SS_SKETCH_FINDER_H

#include "sketch/anchors.h"
#include "sketch/calendar.h"
#include "sketch/letters.h"

#include <string.h>

/* How a language writes; the rows are in anchors.c. */
enum {
    SS_COMMA_DECIMAL = 1,  /* 1.200,5 */
    SS_SPACE_GROUPS = 2,   /* 1 200 000 */
    SS_NOUN_CAPITALS = 4,  /* every noun has a capital */
    SS_DAY_SLASH = 8,      /* 3/9 is a date */
    SS_DAY_DOT = 16,       /* 3.9. is a date */
    SS_MONTH_FIRST = 32,   /* November 14 */
    SS_LETTERED_ENDS = 64, /* Latin names take endings: Greerem, Greera */
    SS_WRITES_COMPOUNDS = 128,
    SS_SYLLABLES = 256, /* names are made of everyday syllables */
    SS_NO_ENDINGS = 512 /* names keep one form */
};

/* What is asked of every few characters of a run, and mostly answered by no: filters of hashes,
 * made once for each language. A bit that is not set tells for certain. */
enum { SS_COMMON_BITS = 19, SS_LEXICON_BITS = 17 };
typedef struct ss_common_filter { /* words that are common in the language or in English */
    uint64_t bits[(1u << SS_COMMON_BITS) / 64];
} ss_common_filter;
typedef struct ss_lexicon_filter { /* what the lexicon has in the language, and its places and
                                      cities */
    uint64_t any[(1u << SS_LEXICON_BITS) / 64], place[(1u << SS_LEXICON_BITS) / 64];
} ss_lexicon_filter;

/* The same for characters of the BMP: what one can be, or begin. */
enum {
    SS_MARK_SOUND = 1,     /* Chinese, kept for foreign sounds */
    SS_MARK_PARTICLE = 2,  /* stands beside names */
    SS_MARK_FAMILY = 4,    /* a family name */
    SS_MARK_DAY = 8,       /* begins a day's name */
    SS_MARK_AMOUNT = 16,   /* begins an amount */
    SS_MARK_SYLLABLE = 32, /* Korean: may be a foreign one, */
    SS_MARK_FOREIGN = 64,  /* surely is; */
    SS_MARK_TWICE = 128    /* counts as two */
};
enum {
    SS_MARKS = 65536,
    SS_PAIR_BITS = 12,
    SS_THAI_LETTERS = 0x50,
    SS_THAI_PAIRS = SS_THAI_LETTERS * SS_THAI_LETTERS
};
typedef struct ss_marks {
    uint8_t mark[SS_MARKS];
    uint64_t
        family[(1u << SS_PAIR_BITS) / 64]; /* the first two characters of Japanese family names */
    uint16_t
        thai[SS_THAI_PAIRS + 1]; /* of each pair of letters: the first Thai word from there on */
} ss_marks;

/* A name at the end of a run, which may go on in the next one. */
typedef struct ss_part {
    size_t word; /* number of the run's word + 1; 0: none */
    const char *text;
    size_t size;
    ss_script script;
    double weight;
} ss_part;

typedef struct ss_finder {
    const samestory_model *model;
    const char *text;
    size_t size, title_size, lead_end;
    const ss_words *words;
    unsigned language;
    unsigned traits;
    unsigned reading;     /* how the language reads its letters: SS_READ_H, SS_READ_PERSIAN */
    char code[8];         /* the language's, "" when unknown */
    bool dated;           /* the record has a date: */
    int64_t record_days;  /* days since 1970, in UTC, */
    ss_day record;        /* and the same as year, month, day */
    int named_month;      /* the last month that the text gave a day of */
    bool has_frequencies; /* the model knows this language's words */
    ss_anchor_scratch *scratch;
    const ss_marks *marks;
    const ss_lexicon_filter *lexicon; /* of the document's language */
    const uint64_t *hash;             /* of each spaced word's folded form */
    uint8_t *used;                    /* words that a finder has used up */
    const uint16_t
        *listed;     /* of each word: bit k: the lexicon has an entry of kind k that it begins */
    ss_part part[2]; /* of the runs with even and odd numbers */
    const uint8_t *quiet; /* of each word: bits of ss_quiet */
} ss_finder;

/* The finders that a word has nothing for, as itself and the digits after it tell. */
typedef enum ss_quiet {
    SS_QUIET_DATES = 1,
    SS_QUIET_DAYS = 2,
    SS_QUIET_NUMBERS = 4,
    SS_QUIET_NAMES = 8
} ss_quiet;

/* What stands between word i - 1 and word i. */
typedef enum ss_gap {
    SS_GAP_SPACE,
    SS_GAP_HYPHEN,
    SS_GAP_APOSTROPHE,
    SS_GAP_NONE,
    SS_GAP_OTHER
} ss_gap;
ss_gap ss_gap_before(const ss_finder *f, size_t i);
/* Word i begins a sentence, a line or a quotation. */
bool ss_sentence_start(const ss_finder *f, size_t i);

/* Word i's place in the text, and that of words first to last. */
static inline ss_place ss_place_of_words(const ss_finder *f, size_t first, size_t last)
{
    return (ss_place){f->words->items[first].start, f->words->items[last].end};
}
static inline ss_place ss_place_of(const ss_finder *f, size_t i)
{
    return ss_place_of_words(f, i, i);
}

/* Adds an anchor, or strengthens the one with the same type and key. */
void ss_add_anchor(ss_finder *f, unsigned type, uint32_t key, double weight, unsigned flags,
                   ss_place place, const char *text, size_t size);

/* Larger of the word's Zipf frequencies in the document's language and in English; cached. */
float ss_finder_zipf(const ss_finder *f, uint64_t folded_hash);

/* The same of word i. */
float ss_finder_zipf_of(const ss_finder *f, size_t i);

/* The word's Zipf frequency in English alone. */
float ss_finder_english(const ss_finder *f, uint64_t folded_hash);

/* Is the word's Zipf frequency, as ss_finder_zipf has it, SS_WORD_ZIPF or more? Quick when it is
 * not. */
#define SS_WORD_ZIPF 3.3F
bool ss_finder_common(const ss_finder *f, uint64_t folded_hash);
/* May the lexicon have it as a place or a city in the document's language? */
bool ss_finder_may_be_place(const ss_finder *f, uint64_t folded_hash);

/* The value of a lexicon entry of this kind in the document's language (or one that holds in any;
 * in an unknown language every entry does), or 0. */
int ss_finder_lexicon(const ss_finder *f, uint64_t folded_hash, ss_lexicon_kind kind);
/* The same for word i. */
int ss_listed_word(const ss_finder *f, size_t i, ss_lexicon_kind kind);
static inline int ss_finder_word(const ss_finder *f, size_t i, ss_lexicon_kind kind)
{
    bool listed = i < f->words->count && f->listed[i] >> kind & 1;
    return listed ? ss_listed_word(f, i, kind) : 0;
}
/* The same for a word, with up to three letters of ending taken off. */
int ss_finder_inflected(const ss_finder *f, const char *folded, size_t size, ss_lexicon_kind kind);
/* The same for words i.., as many as make one entry; *count: how many they are. */
int ss_listed_phrase(const ss_finder *f, size_t i, ss_lexicon_kind kind, size_t *count);
static inline int ss_finder_phrase(const ss_finder *f, size_t i, ss_lexicon_kind kind,
                                   size_t *count)
{
    return f->listed[i] >> kind & 1 ? ss_listed_phrase(f, i, kind, count) : 0;
}

/* Is the document's language one of "es pt ca"? In an unknown language: yes. */
bool ss_language_among(const ss_finder *f, const char *codes);
/* Is the folded form of word i one of "am vom den"? */
bool ss_word_among(const ss_finder *f, size_t i, const char *list);
/* Moves *at past `what`, which is not empty, if it stands there. */
static inline bool ss_accept(const ss_finder *f, size_t *at, const char *what)
{
    if (*at >= f->size || f->text[*at] != what[0]) return false;
    size_t size = strlen(what);
    if (f->size - *at < size || memcmp(f->text + *at, what, size) != 0) return false;
    *at += size;
    return true;
}
/* Moves *at past spaces (also no-break ones). */
void ss_skip_spaces(const ss_finder *f, size_t *at);
/* The digit (of any script) at *at, moving past it, or -1. */
int ss_digit_at(const ss_finder *f, size_t *at);
bool ss_starts_with_digit(const ss_finder *f, size_t i);
/* The first word that starts at `at` or later, looking from word i on. */
size_t ss_word_at(const ss_finder *f, size_t i, size_t at);
/* The same, but only a word that starts right there; else the number of words. */
size_t ss_word_beginning(const ss_finder *f, size_t i, size_t at);

void ss_find_links(ss_finder *f);
void ss_find_dates(ss_finder *f);
void ss_find_days(ss_finder *f); /* weekdays, "yesterday" */
void ss_find_numbers(ss_finder *f);
void ss_find_names(ss_finder *f);

/* ---- Dates, between their two finders -------------------------------------------------------- */

/* Adds a day at word i, up to byte `end`; year 0: not told. A year that is not the record's makes
 * another key of it. */
void ss_add_day(ss_finder *f, size_t i, size_t end, ss_day day, double weight);

/* ---- Ordinals, between the finders of numbers and names ---------------------------------------
 */

/* "8th", "8. Runde", "thứ 8" at word i: the byte after it, or 0. */
size_t ss_ordinal_in_digits(ss_finder *f, size_t i);
/* "third", "XIV" */
size_t ss_ordinal_in_letters(ss_finder *f, size_t i);
/* 第三 */
void ss_ordinals_in_run(ss_finder *f, size_t i);
/* A digit in Chinese characters at *at, moving past it, or -1. */
int ss_han_digit(const char *text, size_t size, size_t *at);

/* Where a part of a run's folded form stands in the text: folding seldom changes its bytes. */
ss_place ss_place_in_run(const ss_finder *f, size_t i, const char *part, size_t size);

/* ---- Characters of runs ---------------------------------------------------------------------- */

/* The code point at `text`, if it takes three bytes as those of the scripts without spaces do, else
 * 0. */
static inline uint32_t ss_three_bytes(const char *text)
{
    const unsigned char *c = (const unsigned char *)text;
    if ((c[0] & 0xF0) != 0xE0) return 0;
    return (c[0] & 15u) << 12 | (c[1] & 63u) << 6 | (c[2] & 63u);
}
static inline unsigned ss_marks_at(const ss_finder *f, const char *text)
{
    return f->marks->mark[ss_three_bytes(text)];
}
static inline uint32_t ss_pair_bit(const char *text)
{
    return (ss_three_bytes(text) * 31u + ss_three_bytes(text + 3) * 17u) &
           ((1u << SS_PAIR_BITS) - 1);
}
/* Marks each of the characters, of three bytes. */
void ss_mark_all(ss_marks *marks, const char *characters, unsigned mark);
/* Each file marks its own. */
void ss_mark_days(ss_marks *marks);
void ss_mark_amounts(ss_marks *marks);
void ss_mark_syllables(ss_marks *marks);
void ss_mark_han_names(ss_marks *marks);
void ss_mark_kanji_names(ss_marks *marks);
void ss_index_thai_words(ss_marks *marks);

/* ---- Names ----------------------------------------------------------------------------------- */

static inline size_t ss_points(const char *text, size_t size)
{
    size_t points = 0;
    for (size_t i = 0; i < size; i++) points += ((unsigned char)text[i] & 0xC0) != 0x80;
    return points;
}

/* What a Zipf frequency is worth as a name: 0 for a common word, 3 for one in no list. */
double ss_rarity(double zipf);
uint32_t ss_name_key(const char *latin, size_t size);
/* Adds the skeleton of a form, shown to readers as `shown`; inflected: also without its last class.
 */
void ss_add_skeleton(ss_finder *f, ss_place place, const char *form, size_t size, ss_script script,
                     double weight, const char *shown, size_t shown_size, bool inflected);
/* Two skeletons in a row: the last name of a run and the first of the next. */
void ss_add_pair_of_parts(ss_finder *f, const ss_part *left, const ss_part *right);
/* The key of a city or region, which is the same in all languages. */
uint32_t ss_city_key(int city);
/* What is said of word i whatever stands around it, for ss_known: the place it names in an
 * inflected form, or as a people, and whether it gives no name. */
int ss_place_alone(const ss_finder *f, size_t i);
bool ss_is_dull(const ss_finder *f, size_t i);
/* Is word i the name of a news agency? */
bool ss_is_agency(const ss_finder *f, size_t i);
/* A place, named in any language, is the same anchor: country and people as one. */
void ss_add_place_key(ss_finder *f, ss_place place, int value, const char *text, size_t size);
/* A pair of words that stand together, in either order. */
void ss_add_pair(ss_finder *f, ss_place place, const char *left, size_t left_size,
                 const char *right, size_t right_size, double weight);
/* A name inside the run that is word i, as name and as skeleton. */
void ss_add_run_name(ss_finder *f, size_t i, const char *text, size_t size, ss_script script,
                     double weight);

/* Notes a name that stands at the end of the run, and adds it with the one that ends the run before
 * if it stands at the beginning: アニー・エルノー. */
void ss_add_run_part(ss_finder *f, size_t i, const char *text, size_t size, ss_script script,
                     double weight);

/* A run and what has been found in it, point for point. */
#define SS_RUN_MAX SS_WORD_POINTS_MAX
typedef struct ss_run {
    const char *text;
    size_t points;
    uint16_t at[SS_RUN_MAX + 1]; /* bytes at which the points begin, and the end */
    uint8_t taken[SS_RUN_MAX];   /* part of a place or a word */
    uint8_t sound[SS_RUN_MAX];   /* a character kept for the sounds of foreign names */
} ss_run;
/* Names in a run of Chinese; *_is_part: a dot joins its first or last name to another. */
void ss_find_han_names(ss_finder *f, size_t i, ss_run *run, bool first_is_part, bool last_is_part);
/* Japanese family names in a run. */
void ss_find_kanji_names(ss_finder *f, size_t i, const ss_run *run);
/* Names in a run of Thai. */
void ss_find_thai_names(ss_finder *f, size_t i, ss_run *run);
/* Common words of Thai, in the order of their bytes. */
const char *const *ss_thai_words(size_t *count);
/* The names in word i, a run. */
void ss_find_in_run(ss_finder *f, size_t i);

/* ---- Scale words, also for tests ------------------------------------------------------------- */

typedef struct ss_scale {
    const char *word;      /* folded; a last '*' stands for up to three more letters */
    int exponent;          /* million: 6 */
    const char *languages; /* codes, or NULL for all */
} ss_scale;
const ss_scale *ss_scales(size_t *count);

/* The exponent of a folded word in the document's language, or 0. */
int ss_scale_of(const ss_finder *f, const char *word, size_t size);
/* The scale words after a number, looked for from word i on: their exponents' sum, or 0; moves *at.
 */
int ss_scale_after(const ss_finder *f, size_t i, size_t *at);
/* A unit such as 万, 억 or ล้าน at *at: its exponent, or 0; moves *at. */
int ss_unit_at(const ss_finder *f, size_t *at);
/* Millionths of a metric unit that the measure after a number at `at` is worth ("miles": of km), or
 * 0; looked for from word i on. small: the number is below ten or has decimals. */
uint64_t ss_unit_worth(const ss_finder *f, size_t i, size_t at, bool small);
bool ss_percent_after(const ss_finder *f, size_t i, size_t *at);
bool ss_percent_before(const ss_finder *f, size_t i, size_t start);

#endif
