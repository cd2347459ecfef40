/* What the other documents of a settled collection make of two of them: who agrees with both, and
 * who with one only, by the final probabilities (see samestory_settle). */
#ifndef CLI_AGREEMENT_H
#define CLI_AGREEMENT_H

#include "collection.h"

enum { BRIDGES = 3 };

/* A document that is paired with both, and the probability of each of the two pairs. */
typedef struct bridge {
    size_t document;
    double with_a, with_b;
} bridge;

typedef struct agreement {
    const samestory_edge *edge; /* between the two; NULL: they were not held against each other */
    size_t both, only_a,
        only_b;             /* documents whose pairs with both, or with one, reach .5: they agree */
    bridge bridge[BRIDGES]; /* the surest first, by the smaller of the two probabilities; also */
    size_t bridges;         /* such as do not agree */
} agreement;

/* Goes through all edges once; 16 bytes a document meanwhile. 0 or an exit code. */
int agreement_find(const collection *c, size_t a, size_t b, agreement *out);

#endif
