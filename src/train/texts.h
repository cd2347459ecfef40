/* Texts drawn from the corpus, as vectors: what means and cells are made of. */
#ifndef SS_TRAIN_TEXTS_H
#define SS_TRAIN_TEXTS_H

#include "train/export.h"

/* One side of some neighbouring pairs. */
typedef struct drawn_text {
    uint32_t pair, count;
    uint8_t side, language;
} drawn_text;

typedef struct drawn_texts {
    drawn_text *text; /* ordered by language */
    size_t count, dimension;
    float *unit; /* (count, dimension): unit vectors */
} drawn_texts;

/* Draws `of_language` texts of each language, one to six neighbours joined, as often as training draws
 * them, from sources whose neighbours may be joined; and sums the rows of each: of q in integers, or, q
 * being NULL, those of t as they are in training. The same for any number of threads. */
samestory_status texts_draw(const corpus *c, const table *t, const quantised *q, size_t of_language,
                            uint64_t seed, drawn_texts *out, samestory_error *error);
void texts_free(drawn_texts *texts);

/* Means of each language's vectors, and the directions in which they differ. Languages with few texts
 * are drawn to the mean of all. */
samestory_status texts_means(const corpus *c, const drawn_texts *texts, language_means *out,
                             samestory_error *error);
/* Takes them off, in place; unit length again. */
void texts_centre(drawn_texts *texts, const language_means *means);

#endif
