/* Within stage lang: the trained part, over the words that were chosen (see lang.h). */
#ifndef SS_TEXT_LANGID_H
#define SS_TEXT_LANGID_H

#include "text/lang.h"

/* The words that are looked at, in their order. The first `opening` of them are the text's first;
 * each of the others stands for `rest` words of the text. */
typedef struct ss_lang_words {
    const ss_word *word[SS_LANG_WORDS];
    size_t count, opening;
    float rest;
} ss_lang_words;

void ss_lang_sample(const ss_words *words, ss_lang_words *out);

/* The measures of a sample; see ss_lang_measure. */
void ss_lang_weigh(const samestory_model *model, const ss_lang_words *sample, uint64_t without,
                   ss_lang_evidence *out);

/* Whether the best language may be believed. */
bool ss_lang_believed(const samestory_model *model, const ss_lang_evidence *evidence);

#endif
