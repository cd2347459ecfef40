/* Stage features: a word in, hashed features out.
 *
 * A spaced word has one feature for its form, and one for every 3-, 4- and 5-gram of code points of
 * "<folded>" (from 2-grams on in Hangul, whose letters are syllables); in a script other than Latin
 * also those n-grams of its Latin letters, so that names and loans meet across scripts; and one for
 * its skeleton, the classes of its consonants, when it has three or more. A run of a script without
 * spaces has one for each of its 1-, 2- and 3-grams, and one for the skeleton of each piece in
 * Katakana. A feature is the XXH3 (64 bits) of its bytes, seeded by its kind, so that no kind meets
 * another. Bojanowski et al. 2017, "Enriching Word Vectors with Subword Information". */
#ifndef SS_SKETCH_FEATURES_H
#define SS_SKETCH_FEATURES_H

#include "sketch/letters.h"
#include "text/normalize.h"

#define SS_FEATURES_VERSION 2

/* More than any word has: the form, 2- to 5-grams of 66 code points, 3- to 5-grams of 66 letters, and
 * the skeleton; or 1- to 3-grams of 64, and 21 skeletons. */
#define SS_WORD_FEATURES_MAX 448

/* Writes the features of a word to ids[SS_WORD_FEATURES_MAX]; returns how many. The same feature can
 * come twice. Of the model only the table of Latin letters is used. */
size_t ss_word_features(const samestory_model *model, const ss_word *word, uint64_t *ids);

/* The hash of a spaced word's form, which is also its first feature. */
uint64_t ss_word_hash(const char *form, size_t size);

/* The hash of a folded form, by which background frequencies and the lexicon know a word. */
uint64_t ss_folded_hash(const char *folded, size_t size);

#endif
