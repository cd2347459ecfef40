/* Vectors of a labelled set's documents: of the table in training, or of a model file. */
#ifndef SS_TRAIN_EMBED_H
#define SS_TRAIN_EMBED_H

#include "train/eval_set.h"
#include "train/export.h"

/* Either a model, whose vectors are the library's own; or a table that is not finished, with the
 * corpus's languages and means from training text. */
typedef struct embedder {
    const samestory_model *model;
    const table *table;
    const ss_normalizer *normalizer;
    const ss_language_entry *language;
    size_t languages, dimension;
    samestory_model letters; /* with its table of Latin letters only */
    language_means means;
    unsigned threads;
} embedder;

/* An embedder of a model; free with embedder_free. */
void embedder_of_model(const samestory_model *model, unsigned threads, embedder *out);
/* One of the table as it is now: its means are those of `of_language` training texts a language. */
samestory_status embedder_of_table(const corpus *c, const table *t, const ss_normalizer *normalizer,
                                   size_t of_language, embedder *out, samestory_error *error);
void embedder_free(embedder *e);

/* vector (set->count, dimension): unit vectors of this part of every document, zero where it has none. */
samestory_status embed_part(const embedder *e, const eval_set *set, int part, float *vector,
                            samestory_error *error);

#endif
