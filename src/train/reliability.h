/* Is a probability of .7 right seven times in ten? Over the pairs that the index proposes. */
#ifndef SS_TRAIN_RELIABILITY_H
#define SS_TRAIN_RELIABILITY_H

#include "train/sample.h"

/* Expected calibration error, in nine bins of p between .05 and .95. */
double reliability_error(const sample_set *set, const float *score);
/* A diagram of all sets that are no crowds, as SVG: p across, share of true pairs up, a dot's area
 * the number of pairs. */
samestory_status reliability_draw(const char *path, const sample_set *sets, size_t count,
                                  float *const *score, samestory_error *error);

#endif
