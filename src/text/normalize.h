/* Stage normalize: text in, words out.
 *
 * A text is cut into words at everything that is not a letter, digit or mark; runs of scripts that
 * write no spaces (Han, Kana, Thai, Lao, Khmer, Myanmar) become words of their own kind. Each word is
 * given in two forms, both UTF-8: `form` is its NFKC case folding, `folded` has the accents taken off
 * as well (Nguyễn -> nguyen, Москвы stays москвы, أ -> ا). NFC and NFD of a text give the same words.
 * Bytes that are not UTF-8 separate words. Cost: see bench/run, stage "normalize". */
#ifndef SS_TEXT_NORMALIZE_H
#define SS_TEXT_NORMALIZE_H

#include "samestory.h"

#define SS_NORMALIZER_VERSION 1

/* Of a text, only this much is looked at (a sketch of more would cost without telling more). */
#define SS_TEXT_BYTES_MAX ((size_t)4 << 20)
/* Of a word, this many code points; the rest of it is passed over. */
#define SS_WORD_POINTS_MAX 64

typedef enum ss_case { SS_CASELESS, SS_LOWER, SS_CAPITAL, SS_UPPER } ss_case;

typedef enum ss_script {
    SS_SCRIPT_OTHER,
    SS_SCRIPT_LATIN,
    SS_SCRIPT_CYRILLIC,
    SS_SCRIPT_GREEK,
    SS_SCRIPT_ARABIC,
    SS_SCRIPT_HEBREW,
    SS_SCRIPT_INDIC, /* Devanagari to Sinhala */
    SS_SCRIPT_HANGUL,
    SS_SCRIPT_HAN,
    SS_SCRIPT_KANA,
    SS_SCRIPT_THAI, /* and Lao, Khmer, Myanmar */
    SS_SCRIPT_DIGITS /* a word of digits only */
} ss_script;

struct ss_known; /* see sketch/known.h */

typedef struct ss_word {
    const char *form, *folded; /* not terminated; live until the next split into the same ss_words */
    uint16_t form_size, folded_size; /* bytes */
    uint32_t start, end;             /* bytes of the text that it was cut from */
    uint8_t letter_case;             /* ss_case of the word as written */
    uint8_t script;                  /* ss_script of its first letter */
    bool run;                        /* a piece of a script without spaces */
    bool digits;                     /* holds a decimal digit, of any script */
    struct ss_known *known;          /* NULL: nothing is kept of it beyond this text */
} ss_word;

/* The words of one text, and the memory they live in, which is used again by the next split. */
typedef struct ss_words {
    ss_word *items;
    size_t count, capacity;
    char *bytes;
    size_t bytes_used, bytes_capacity;
} ss_words;

typedef struct ss_normalizer ss_normalizer; /* immutable, shared by threads */

/* NULL when memory is out or ICU has lost its data. */
ss_normalizer *ss_normalizer_new(void);
void ss_normalizer_free(ss_normalizer *normalizer);

/* Composes in place what stands apart in NFD (letter and accent, jamo, kana and voicing mark), for
 * those who look at the text beside its words: units such as 조 and ドル. Returns the new size, never
 * larger. A text without such marks costs one look at its bytes, about 1 GB/s. */
size_t ss_compose(const ss_normalizer *normalizer, char *text, size_t size);

/* Fills *words (zero-initialised before its first use) with the words of text. */
samestory_status ss_words_split(const ss_normalizer *normalizer, const char *text, size_t size,
                                ss_words *words);
void ss_words_free(ss_words *words);

/* ---- The parts of ss_words_split, for who knows some of the words already ---------------------
 */

typedef struct ss_cut {
    size_t start, end; /* bytes of the text */
    bool run;
} ss_cut;

/* The first word that begins at byte `at` of text[0 .. size) or after it; false: there is none.
 * What else an ss_word tells than its place depends on its bytes and on `run` alone. */
bool ss_cut_next(const ss_normalizer *normalizer, const char *text, size_t size, size_t at,
                 ss_cut *cut);
/* Adds a word that was cut, unless nothing of it is left when it is folded. */
samestory_status ss_words_add(const ss_normalizer *normalizer, const char *text, const ss_cut *cut,
                              ss_words *words);

/* Folds one string as words are folded, spaces and all, for tables: writes at most `capacity` bytes
 * and returns the size, or 0 if it does not fit. */
size_t ss_fold(const ss_normalizer *normalizer, const char *text, size_t size, char *out,
               size_t capacity);

#endif
