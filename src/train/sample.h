/* Labelled files in, sampled pairs with their evidence out: what the judge is fitted on and
 * measured by.
 *
 * A file is a collection, judged with its own frozen statistics, once without and once with dates.
 * A crowd is all files together and, among them, documents of training texts that have nothing to do
 * with them or with each other (crowd.h), of the same days: all pairs are false unless they have one
 * label in one file. Pairs are of four kinds: proposed by
 * the index (within the window), not proposed but true, not proposed but near by the vector, and
 * all others. Of each kind at most some are taken, at random; a pair stands for those that were not
 * taken (`stands_for`). */
#ifndef SS_TRAIN_SAMPLE_H
#define SS_TRAIN_SAMPLE_H

#include "match/evidence.h"
#include "train/crowd.h"
#include "train/events.h"

typedef struct sample {
    float x[SS_SIGNALS];
    float stands_for;
    float floor;               /* probability that a copy's text alone gives it; 0: none */
    float most;                /* and what caution leaves of certainty; 1: all */
    uint32_t a, b;             /* document numbers, in the order of the files */
    uint32_t group_a, group_b; /* families (events where there are none), numbered by hash */
    uint8_t kind; /* in a crowd: crowd_kind of the later document, CROWD_KINDS: labelled */
    bool positive, cross, proposed, in_week, first_file;
    bool doubtful; /* two labels of one event: nothing to learn from */
} sample;

typedef struct sample_set {
    const char *const *files;
    size_t file_count;
    const event_list *events; /* or NULL */
    const crowd *crowd; /* or NULL; of a crowd only what the index proposes is taken */
    bool dated; /* with dates */
    size_t documents;
    sample *sample;
    size_t count, capacity;
} sample_set;

/* false in *any: the file has no dates (most records), and was asked for with them. */
samestory_status sample_read(const samestory_model *model, unsigned threads, sample_set *set,
                             bool *any, samestory_error *error);
void sample_free(sample_set *set);

/* The name of a set's file, and whether it was read with dates. */
const char *sample_name(const sample_set *set);

#endif
