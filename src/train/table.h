/* The table in training: rows of f32 for the features that are kept, and how they are trained.
 *
 * Loss: symmetric in-batch softmax over cosines of bag sums (Yang et al. 2019, "Improving Multilingual
 * Sentence Embedding using Bi-directional Dual Encoder with Additive Margin Softmax", without margin);
 * weights of features: SIF (Arora et al. 2017); steps: row-wise Adagrad (Duchi et al. 2011). */
#ifndef SS_TRAIN_TABLE_H
#define SS_TRAIN_TABLE_H

#include "train/corpus.h"

typedef struct table_options {
    unsigned bits;      /* of the bucket of a feature */
    size_t own, shared; /* rows for the most frequent buckets; rows that all others share */
    size_t dimension, batch;
    uint64_t samples;   /* pairs to see in all, over which the rate decays */
    uint64_t stop;      /* pairs to see in this run; 0: all */
    uint64_t seed;
    double rate, scale, sif;
    double alpha;   /* a group is drawn as often as its size^alpha ... */
    double balance; /* ... times its rarer language's share^-balance */
    double join;    /* share of samples that join neighbours */
    double dropout; /* share of units that a sample leaves out */
    unsigned threads;
    const char *checkpoint;  /* file, written every `minutes`; read at the start when it exists */
    double minutes;
} table_options;

typedef struct table {
    table_options options;
    size_t rows;
    uint64_t *present; /* 2^bits / 64 words: which buckets have a row of their own */
    uint32_t *rank;    /* rows before each 64 buckets */
    float *row;        /* (rows, dimension) */
    float *weight;     /* (rows): SIF weight, already multiplied into row by table_finish */
    float *spent;      /* (rows): Adagrad's sum of squares */
    uint64_t step;
    double loss;       /* mean of the last progress line */
    double seconds;    /* spent training, over all runs */
} table;

/* Somebody who looks at the table every so many minutes, and at its end. */
typedef struct table_watch {
    samestory_status (*see)(void *context, const table *t, samestory_error *error);
    void *context;
    double minutes;
} table_watch;

/* Chooses the rows by the corpus's weighted counts and trains them; progress to stderr. `watch` may be
 * NULL. */
samestory_status table_train(const corpus *c, const table_options *options, const table_watch *watch,
                             table *out, samestory_error *error);
/* A table as its checkpoint has it, finished or not; the corpus must be the one it was trained on. */
samestory_status table_load(const corpus *c, const char *checkpoint, table *out,
                            samestory_error *error);
/* Row of a feature, or -1. */
int64_t table_row(const table *t, uint64_t feature);
/* Multiplies the weights into the rows: what is exported. */
void table_finish(table *t);
void table_free(table *t);

/* How often a pair of each group is drawn, relative to others: weight x size^(alpha - 1) x balance;
 * NULL: out of memory. */
double *group_draws(const corpus *c, const table_options *options);

#endif
