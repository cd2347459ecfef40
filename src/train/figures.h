/* Figures of labelled sets: what is measured, named, in an order that depends on the sets alone. */
#ifndef SS_TRAIN_FIGURES_H
#define SS_TRAIN_FIGURES_H

#include "train/embed.h"
#include "train/scores.h"

typedef struct figure {
    const char *set;  /* name of the set, which must outlive the figure */
    const char *what; /* "f1": all pairs; "near": across languages within 7 days; "half-first",
                         "half-f1": of halves; "english": F1 of a language's pairs with English */
    char languages[8];
    interval value;
    double threshold; /* NaN: none */
    uint64_t pairs, positives;
} figure;

typedef struct figure_list {
    figure *item;
    size_t count, capacity;
} figure_list;

/* Appends the figures of one set. `english`: also those by language. */
samestory_status figures_measure(const embedder *e, const eval_set *set, unsigned resamples,
                                 bool english, figure_list *out, samestory_error *error);
void figures_free(figure_list *f);

/* Measures sets while a table is trained: a line to stderr and one to the log. */
typedef struct figure_watch {
    const corpus *c;
    const ss_normalizer *normalizer;
    const eval_set *set;
    size_t sets;
    const char *log; /* TSV: step, samples, seconds, loss, then figures "set.what.languages" */
    size_t lines;    /* written by this run */
} figure_watch;

/* For table_watch.see: context is a figure_watch. */
samestory_status figures_see(void *context, const table *t, samestory_error *error);

#endif
