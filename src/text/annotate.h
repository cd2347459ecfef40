/* Stage writer: a verdict as JSON. */
#ifndef SS_TEXT_ANNOTATE_H
#define SS_TEXT_ANNOTATE_H

#include "samestory.h"

/* Writes {"story":...,"relation":...,"of":...,"p":...,"because":[...]} to `out` and returns its
 * size; with out = NULL only the size is told. */
size_t ss_verdict_json(const samestory_verdict *verdict, char *out);

/* Writes 0..1 with at most six decimals, in any locale, and a NUL. */
void ss_probability_text(double p, char out[16]);

/* "new", "copy", "revision", "story": as records carry it. */
const char *ss_relation_text(samestory_relation relation);

#endif
