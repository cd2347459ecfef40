/* Logistic regression with a ridge, by Newton's method (iteratively reweighted least squares). */
#ifndef SS_TRAIN_LOGISTIC_H
#define SS_TRAIN_LOGISTIC_H

#include <stdbool.h>
#include <stddef.h>

typedef struct example {
    const float *x; /* (features); x[0] is 1 */
    float weight;
    bool positive;
    bool used; /* false: left out of this fit */
} example;

/* Fits weight[features]; the ridge works on features scaled to unit variance, and not on the constant.
 * sign[k]: +1, -1: the only sign that the weight of feature k may have, else it is 0; 0: any. A feature
 * that never changes gets weight 0. false when memory is out. */
bool logistic_fit(const example *examples, size_t count, size_t features, double ridge,
                  const signed char *sign, double *weight);

#endif
