/* Stage lang: words in, language out, from the background frequencies: the language in which the words
 * are likeliest (naive Bayes over words, Zipf frequencies as log probabilities), and from the script
 * where that decides alone. */
#ifndef SS_TEXT_LANG_H
#define SS_TEXT_LANG_H

#include "sketch/model.h"
#include "text/normalize.h"

/* Index of the language, or SS_LANGUAGE_UNKNOWN when too little speaks for any. */
unsigned ss_language_identify(const samestory_model *model, const ss_words *words);

#endif
