/* From a trained table to the sections of a model file. Each function fills *out (free with free). */
#ifndef SS_TRAIN_EXPORT_H
#define SS_TRAIN_EXPORT_H

#include "train/table.h"

typedef struct blob {
    void *data;
    size_t size;
} blob;

/* A table's rows as the model file has them: 4 bits a value, a scale a row (see sketch/model.h). */
typedef struct quantised {
    size_t rows, dimension;
    uint8_t *scale, *row;
    double lost; /* root of the mean square error, relative to the rows' */
} quantised;

samestory_status export_quantise(const table *t, quantised *out, samestory_error *error);
void quantised_free(quantised *q);

/* TABLE. */
samestory_status export_table(const table *t, const quantised *q, blob *out, samestory_error *error);

/* What is taken off the vectors of a language: its mean; and, off all, the directions in which the
 * means differ most, in which a text of another kind than the training texts still leans. */
enum { LANGUAGE_DIRECTIONS = 15 };

typedef struct language_means {
    size_t languages, dimension;
    float *mean;         /* (languages + 1, dimension): the last is that of all; then (LANGUAGE_DIRECTIONS,
                            dimension): the directions */
    uint32_t *documents; /* (languages): how many texts each is of */
} language_means;

void language_means_free(language_means *means);
/* Takes them off a unit vector of this language; unit length again. */
void language_means_centre(const language_means *means, unsigned language, double *unit);

/* LANGUAGES: the means of up to `of_language` texts of each, as the corpus joins them; *means: the same,
 * freed with language_means_free. */
samestory_status export_languages(const corpus *c, const table *t, const quantised *q,
                                  size_t of_language, language_means *means, blob *out,
                                  samestory_error *error);

/* CELLS: centroids of mean-free texts of all languages alike, 30 for each cell. */
samestory_status export_cells(const corpus *c, const table *t, const quantised *q, size_t cells,
                              const language_means *means, blob *out, samestory_error *error);

/* WORDS: background frequencies from FOLDER/xx.tsv.zst ("word TAB Zipf"); languages without a file are
 * counted in the corpus. */
samestory_status export_words(const corpus *c, const ss_normalizer *normalizer, const char *folder,
                              blob *out, samestory_error *error);

#endif
