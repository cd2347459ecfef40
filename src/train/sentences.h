/* Sentences of evaluation texts, found again in other texts: the same, or nearly.
 *
 * Two texts are compared as the pipeline compares copies: by the sets of their shingles (minhash.h), here
 * counted out instead of estimated. They meet when all words are the same (five words and more), when
 * Jaccard is NEAR_JACCARD, or when NEAR_SHARE of the shorter one's shingles are in the longer (eight
 * words and more; eight characters of a script without spaces stand for three words). Shorter texts
 * say nothing: "thank you very much" is nobody's. */
#ifndef SS_TRAIN_SENTENCES_H
#define SS_TRAIN_SENTENCES_H

#include "base/lookup.h"
#include "base/status.h"
#include "sketch/minhash.h"

#define NEAR_JACCARD 0.6
#define NEAR_SHARE   0.8

typedef struct eval_sentence {
    uint32_t document; /* number that the caller gave */
    uint32_t shingles; /* different ones */
    uint32_t words;
} eval_sentence;

typedef struct sentence_index {
    eval_sentence *sentence;
    size_t count, capacity;
    uint64_t *shingle;       /* while it grows: hash and sentence, pair by pair */
    size_t shingles, shingle_capacity;
    ss_lookup exact, lookup; /* all words -> sentence; shingle -> its place in `first` */
    uint32_t *first, *member; /* sentences of a shingle: member[first[place] .. first[place + 1]] */
    uint64_t *seen;          /* bits of the shingles that there are, by their top bits */
} sentence_index;

/* Scratch of one thread; zero-initialised. */
typedef struct sentence_scratch {
    ss_words words;
    ss_shingles shingles;
    size_t length; /* of the text in words */
    uint32_t *hits, *touched; /* by sentence */
    size_t room;
} sentence_scratch;

typedef enum sentence_match { MATCH_NONE, MATCH_EXACT, MATCH_NEAR, MATCH_PART, MATCH_FAILED } sentence_match;

/* Adds the sentences of a text: its lines, cut at full stops. */
samestory_status sentences_add(sentence_index *index, const ss_normalizer *normalizer,
                               sentence_scratch *scratch, const char *text, size_t size,
                               uint32_t document, samestory_error *error);
/* To be called once, after the last text. */
samestory_status sentences_finish(sentence_index *index, samestory_error *error);
/* The evaluation sentence that is nearest to a text, or in it, or holds it: its number and how near
 * (Jaccard, or the share of MATCH_PART). */
sentence_match sentences_find(const sentence_index *index, const ss_normalizer *normalizer,
                              sentence_scratch *scratch, const char *text, size_t size,
                              uint32_t *sentence, double *near);
void sentence_scratch_free(sentence_scratch *scratch);
void sentences_free(sentence_index *index);

#endif
