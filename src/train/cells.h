/* The cells of the index: centroids of texts of all languages, by spherical k-means (Dhillon and Modha
 * 2001, "Concept Decompositions for Large Sparse Text Data Using Clustering"). */
#ifndef SS_TRAIN_CELLS_H
#define SS_TRAIN_CELLS_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

/* Finds `cells` centroids of count unit vectors point (count, d), count >= cells: centroid (cells, d),
 * unit vectors. The same for any number of threads. Cost: rounds x count x cells x d multiplications:
 * 4,096 cells of 123,000 points at d = 256 take about a minute of one core. */
samestory_status cells_find(const float *point, size_t count, size_t d, size_t cells, uint64_t seed,
                            unsigned threads, float *centroid, samestory_error *error);

#endif
