/* The trainer's inner loops over rows of d numbers, compiled for several instruction sets.
 *
 * What is gathered at random from memory (rows of the table, sums of units, their gradients) is read
 * as bfloat16, the upper half of a float: training is bound by memory, and this halves it. What is
 * accumulated, and the table that is stepped, stay float. */
#ifndef SS_TRAIN_LOOPS_H
#define SS_TRAIN_LOOPS_H

#include <stddef.h>
#include <stdint.h>

void row_zero(float *to, size_t d);
void row_add(float *to, const float *from, size_t d);
void row_add_scaled(float *to, const float *from, float scale, size_t d);
void row_scale(float *to, float scale, size_t d);

typedef uint16_t bfloat16;
/* to += from */
void row_gather(float *to, const bfloat16 *from, size_t d);
/* to = from, rounded to the nearest. */
void row_narrow(bfloat16 *to, const float *from, size_t d);
/* to = scale * from, rounded to the nearest. */
void row_narrow_scaled(bfloat16 *to, const float *from, float scale, size_t d);
/* Asks for a row of so many bytes that will be needed soon. */
static inline void row_prefetch(const void *row, size_t bytes)
{
    for (size_t i = 0; i < bytes; i += 64) __builtin_prefetch((const char *)row + i);
}
float row_dot(const float *a, const float *b, size_t d);
/* to[i] = exp(to[i] - shift); returns the sum. Relative error below 2e-7 for results over 1e-30. */
float row_exp(float *to, float shift, size_t d);
/* to[j] *= a + b[j] */
void row_weigh(float *to, float a, const float *b, size_t d);
/* to[j] = 0 where a[j] == x or b[j] == y */
void row_mask(float *to, const uint32_t *a, uint32_t x, const uint32_t *b, uint32_t y, size_t d);

#endif
