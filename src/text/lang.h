/* Stage lang: words in, language out, or "unknown" where none of the model's languages fits.
 *
 * Looked at are 100 words at most: of a longer text the first 50 and 5
 * stretches of 10 up to its end. Where letters of Han, Kana, Hangul or Thai prevail, the script
 * tells. Else a linear classifier over hashed letter n-grams and words (section LANGID), on top of
 * the words' background frequencies, gives each language a score, and a second, small one decides
 * from a few signals whether the best may be believed: how common the words are in that language
 * against what its texts are wont to have, how far the best is before the next, whether parts of
 * the text say something else. A model without that section is asked for its word frequencies alone
 * (naive Bayes). Cost: bench/run, stage "language". Joulin et al. 2017, "Bag of Tricks for
 * Efficient Text Classification". */
#ifndef SS_TEXT_LANG_H
#define SS_TEXT_LANG_H

#include "sketch/model.h"
#include "text/normalize.h"

enum {
    SS_LANG_WORDS = 100, /* looked at */
    SS_LANG_BLOCK = 10,  /* words of a stretch */
    SS_LANG_ROWS = 128   /* of a word, at most */
};

/* Index of the language, or SS_LANGUAGE_UNKNOWN. */
unsigned ss_language_identify(const samestory_model *model, const ss_words *words);

/* ---- The parts, for the trainer -------------------------------------------------------------- */

/* Rows of a table of `rows` rows that a spaced word has: row[SS_LANG_ROWS]; returns how many. */
size_t ss_lang_rows(const ss_word *word, uint32_t rows, uint32_t *row);

/* Adds to score[languages] what the frequencies say of a word, in 1/25 Zipf; to zipf and known,
 * where they are not NULL, its Zipf x 25 and 1 for each language that knows it. */
void ss_lang_count(const samestory_model *model, uint64_t folded_hash, int32_t *score,
                   int32_t *zipf, int32_t *known);

typedef struct ss_lang_evidence {
    unsigned best;                  /* SS_LANGUAGE_UNKNOWN when no word was of use */
    float typical[SS_LANG_TYPICAL]; /* as LANGID has it */
    float signal[SS_LANG_SIGNALS];
} ss_lang_evidence;

/* What the section LANGID makes of the words; bit l of `without` leaves language l out. The model
 * must have that section. */
void ss_lang_measure(const samestory_model *model, const ss_words *words, uint64_t without,
                     ss_lang_evidence *out);

#endif
