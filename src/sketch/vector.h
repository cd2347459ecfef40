/* Stage vector: words in, the document's canonical int8 vector out.
 *
 * The rows of all features are summed in integers, word by word, so the sum is exact; then, in double
 * and without contraction: unit length, the language's mean and the directions of
 * languages taken off, unit length again, times
 * SS_VECTOR_SCALE, rounded half away from zero and clipped to +-127. A dot product of two vectors
 * stays below 2^24, exact in int32 and in float. */
#ifndef SS_SKETCH_VECTOR_H
#define SS_SKETCH_VECTOR_H

#include "sketch/model.h"
#include "text/normalize.h"

/* At d = 256 a component is typically 1/16, and this factor costs .001 of cosine; other lengths have a
 * factor that keeps a component's typical size. */
#define SS_VECTOR_SCALE 480.0
double ss_vector_scale(size_t dimension);

#define SS_DIMENSION_MAX 1024

/* Sums the rows of the words' features: sum[dimension]. Sums of words that are known are taken from
 * there, or kept there; such words must be all those of a text (ss_words_recall), the last one. */
void ss_vector_sum(const samestory_model *model, const ss_words *words, int64_t *sum);
/* sum -> canonical vector; language: index or SS_LANGUAGE_UNKNOWN. All zero when the sum is zero. */
void ss_vector_finish(const samestory_model *model, const int64_t *sum, unsigned language,
                      int8_t *vector);
/* Takes a mean off x, and then what is left of it in these orthogonal directions[count][dimension]. */
void ss_vector_centre(double *x, size_t dimension, const float *mean, const float *directions,
                      size_t count);
/* x / |x|; false, and x as it was, when it is zero. */
bool ss_make_unit(double *x, size_t dimension);
/* Unit vector of a sum, nothing taken off; false when the sum is zero. */
bool ss_vector_unit(const int64_t *sum, size_t dimension, double *unit);

#endif
