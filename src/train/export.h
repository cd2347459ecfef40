/* From a trained table to the sections of a model file. Each function fills *out (free with free). */
#ifndef SS_TRAIN_EXPORT_H
#define SS_TRAIN_EXPORT_H

#include "train/table.h"

typedef struct blob {
    void *data;
    size_t size;
} blob;

/* A table's rows as int8 with a shift each, and how they are found. */
typedef struct quantised {
    size_t rows, dimension;
    uint8_t *shift;
    int8_t *row;
    double lost; /* root of the mean square error, relative to the rows' */
} quantised;

samestory_status export_quantise(const table *t, quantised *out, samestory_error *error);
void quantised_free(quantised *q);

/* TABLE. */
samestory_status export_table(const table *t, const quantised *q, blob *out, samestory_error *error);

/* LANGUAGES: the means of up to `of_language` texts of each, as the corpus joins them. */
samestory_status export_languages(const corpus *c, const table *t, const quantised *q,
                                  size_t of_language, blob *out, samestory_error *error);

/* CELLS: centroids of mean-free texts of all languages alike, 30 for each cell; `languages` as
 * export_languages made it. */
samestory_status export_cells(const corpus *c, const table *t, const quantised *q, size_t cells,
                              const blob *languages, blob *out, samestory_error *error);

/* WORDS: background frequencies from FOLDER/xx.tsv.zst ("word TAB Zipf"); languages without a file are
 * counted in the corpus. */
samestory_status export_words(const corpus *c, const ss_normalizer *normalizer, const char *folder,
                              blob *out, samestory_error *error);

#endif
