/* Fits the judge: sampled pairs in, its looks out, for all and without one fold each.
 *
 * The first look is at the pair alone: a logistic model over all signals, and trees for the pairs
 * that it finds worth a look. The later ones are at what the neighbours say (story/neighbours.h):
 * trees over the probabilities of the look before, which for this are those of judges that had not
 * seen the pair's family.
 *
 * Folds are of families (or stories): no family is on both sides. A file without dates also teaches
 * the model with dates, as if it were the reports of one week. */
#ifndef SS_TRAIN_JUDGING_H
#define SS_TRAIN_JUDGING_H

#include "match/judge.h"
#include "train/sample.h"

enum { FOLDS = 5, SETS_MAX = 36 };

typedef struct fitting {
    sample_set set[SETS_MAX];
    /* (set.count) by the judge that did not see the family of the pair's first document: the first
     * look's probability, and that after all */
    float *alone[SETS_MAX], *score[SETS_MAX];
    size_t count;
    ss_judge judge;       /* of all */
    ss_judge fold[FOLDS]; /* without one fold each */
} fitting;

/* Fits all judges and scores all sets. false when memory is out. */
bool fit_all(fitting *all, unsigned threads);
void fitting_free(fitting *all);

/* Is it of the first file? */
bool is_first(const fitting *all, const sample_set *s);
/* Is there a set of the same file with dates? */
bool has_dated(const fitting *all, const sample_set *s);

#endif
