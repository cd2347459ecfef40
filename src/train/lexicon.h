/* Builds the model's sections that come from ICU's data (Unicode CLDR), so that a model gives the same
 * anchors whatever ICU the machine has. Each function fills *out (free with free) and *size. */
#ifndef SS_TRAIN_LEXICON_H
#define SS_TRAIN_LEXICON_H

#include "sketch/model.h"
#include "train/cities.h"

/* LATIN: 65536 x 8 bytes. */
samestory_status ss_build_latin(const ss_normalizer *normalizer, void **out, size_t *size,
                                samestory_error *error);
/* LEXICON: months, weekdays, numbers and places of the given languages (codes of the model), and the
 * cities; cities may be NULL. */
samestory_status ss_build_lexicon(const ss_normalizer *normalizer,
                                  const ss_language_entry *languages, size_t language_count,
                                  const city_names *cities, void **out, size_t *size, samestory_error *error);

/* A model of Latin letters only, as ss_word_features needs it; free with ss_letters_free. */
samestory_status ss_letters_new(const ss_normalizer *normalizer, samestory_model *out,
                                samestory_error *error);
void ss_letters_free(samestory_model *letters);

#endif
