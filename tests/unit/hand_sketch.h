/* Sketches written by hand: a vector, a signature and anchors of the test's choice. */
#ifndef HAND_SKETCH_H
#define HAND_SKETCH_H

#include "sketch/sketch.h"

#include <stdlib.h>
#include <string.h>

enum { HAND_D = 32 };

/* Anchors must be ordered by type, then key. The caller frees the sketch. */
static ss_sketch *hand_sketch(const ss_anchor *anchors, size_t count)
{
    size_t size = (sizeof(ss_sketch) + HAND_D + count * sizeof *anchors + 7) / 8 * 8;
    ss_sketch *s = calloc(1, size);
    assert_non_null(s);
    s->size = (uint32_t)size;
    s->version = SS_SKETCH_VERSION;
    s->dimension = HAND_D;
    s->date = SAMESTORY_NO_DATE;
    s->words = 100;
    s->shingles = 98;
    s->anchors = (uint16_t)count;
    char *at = (char *)(s + 1) + HAND_D;
    if (count) memcpy(at, anchors, count * sizeof *anchors);
    return s;
}

static inline int8_t *hand_vector(ss_sketch *s)
{
    return (int8_t *)(s + 1);
}

static ss_anchor hand_anchor(ss_anchor_type type, uint32_t key, double weight)
{
    ss_anchor a = {.key = key, .type = (uint8_t)type, .weight = (uint8_t)(weight * 32), .count = 1};
    a.text_size = 1; /* readable: worth naming as a reason */
    return a;
}

#endif
