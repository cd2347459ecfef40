/* Boosted trees on top of a logistic model (Friedman 2001; all splits of one level alike, as in
 * CatBoost, Prokhorenkova et al. 2018). They see what a sum can't say: this only matters when that
 * is missing. */
#ifndef SS_TRAIN_FOREST_H
#define SS_TRAIN_FOREST_H

#include "match/judge.h"
#include "train/logistic.h"

/* Fits `trees` trees to what the log odds `odds[count]` leave over, of the examples that are used. Numbers are
 * rounded as judge.txt writes them. false when memory is out. */
bool forest_fit(const example *examples, size_t count, size_t features, const double *odds,
                ss_tree *tree, size_t trees);

#endif
