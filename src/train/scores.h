/* How well vectors tell which documents of a labelled set tell one story, under one threshold for all.
 *
 * All pairs are scored block by block (sgemm) and only counted, in a histogram of 65,536 steps of
 * cosine; so 16 million pairs cost a second, and the best F1 is exact to 3e-5 of cosine. */
#ifndef SS_TRAIN_SCORES_H
#define SS_TRAIN_SCORES_H

#include "train/eval_set.h"

typedef enum pair_kind {
    PAIRS_ALL,   /* every two documents */
    PAIRS_NEAR,  /* of different languages, dated within seven days */
    PAIRS_HALVES /* one half of a document and the other half of one in another language */
} pair_kind;

typedef struct interval {
    double value, low, high; /* low, high: 95 % by bootstrap over stories; NaN when not asked for */
} interval;

typedef struct scores {
    interval f1[LEVELS];      /* at the best threshold of that group of languages */
    double threshold[LEVELS]; /* cosine */
    uint64_t pairs[LEVELS], positives[LEVELS];
    interval first[LEVELS];   /* P@1, of halves: the nearest in each other language is the right one */
    uint64_t queries[LEVELS];
    interval english[256];    /* by language of the set: F1 of its pairs with English documents, at
                                 the threshold of all; NaN: no true pair */
} scores;

/* a: vectors of the whole documents, or of the odd halves, whose other halves are then b; (count, d).
 * resamples = 0: no intervals. The same figures for any number of threads. */
samestory_status scores_measure(const eval_set *set, pair_kind kind, const float *a, const float *b,
                                size_t d, unsigned threads, unsigned resamples, scores *out,
                                samestory_error *error);

#endif
