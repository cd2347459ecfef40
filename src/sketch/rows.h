/* Within stage vector: sums of rows of the table, and of those of words that are known. */
#ifndef SS_SKETCH_ROWS_H
#define SS_SKETCH_ROWS_H

#include "sketch/model.h"

/* Adds these rows of the table, their levels times their scales: sum[dimension]. Each is there, and
 * they are fewer than 2,000, so that what they add up to stays below 2^31. */
void ss_rows_add(const samestory_model *model, const uint32_t *rows, size_t count, int32_t *sum);

/* Adds vectors[dimension], each times its scale, from 0 to 32,767. */
typedef struct ss_scaled {
    const int16_t *vector;
    int32_t scale;
} ss_scaled;
void ss_scaled_add(const ss_scaled *scaled, size_t count, size_t dimension, int32_t *sum);

#endif
