/* The trainer's inner loops over rows of d floats, compiled for several instruction sets. */
#ifndef SS_TRAIN_LOOPS_H
#define SS_TRAIN_LOOPS_H

#include <stddef.h>
#include <stdint.h>

void row_zero(float *to, size_t d);
void row_add(float *to, const float *from, size_t d);
void row_add_scaled(float *to, const float *from, float scale, size_t d);
void row_scale(float *to, float scale, size_t d);
/* Asks for a row that will be needed soon. */
void row_prefetch(const float *row, size_t d);
float row_dot(const float *a, const float *b, size_t d);
/* to[i] = exp(to[i] - shift); returns the sum. Relative error below 2e-7 for results over 1e-30. */
float row_exp(float *to, float shift, size_t d);
/* to[j] *= a + b[j] */
void row_weigh(float *to, float a, const float *b, size_t d);
/* to[j] = 0 where a[j] == x or b[j] == y */
void row_mask(float *to, const uint32_t *a, uint32_t x, const uint32_t *b, uint32_t y, size_t d);

#endif
