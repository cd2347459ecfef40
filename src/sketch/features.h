/* Stage features: a word in, hashed features out.
 *
 * A word has one feature for its form, and one for every 3-, 4- and 5-gram of code points of
 * "<folded>". A run of a script without spaces has one for each of its 1-, 2- and 3-grams. A feature
 * is the XXH3 (64 bits) of its UTF-8 bytes, seeded by its kind, so that no kind meets another.
 * Bojanowski et al. 2017, "Enriching Word Vectors with Subword Information". */
#ifndef SS_SKETCH_FEATURES_H
#define SS_SKETCH_FEATURES_H

#include "text/normalize.h"

#define SS_FEATURES_VERSION 1

/* More than any word has: 1 + 64 + 63 + 62 or 3 x 64. */
#define SS_WORD_FEATURES_MAX 200

/* Writes the features of a word to ids[SS_WORD_FEATURES_MAX]; returns how many. The same feature can
 * come twice. */
size_t ss_word_features(const ss_word *word, uint64_t *ids);

/* The hash of a spaced word's form, which is also its first feature. */
uint64_t ss_word_hash(const char *form, size_t size);

/* The hash of a folded form, by which background frequencies and the lexicon know a word. */
uint64_t ss_folded_hash(const char *folded, size_t size);

#endif
