/* The trainer's commands and the options that they share. */
#ifndef SS_TRAIN_COMMANDS_H
#define SS_TRAIN_COMMANDS_H

#include "train/table.h"

typedef struct train_options {
    const char *data, *sources, *dropped, *cache, *frequencies, *checkpoint, *judge, *model, *output,
        *log, *reliability, *mistakes, *events;
    table_options table;
    size_t cells;
    const char *evaluate[8]; /* labelled sets, before those in `files` */
    size_t evaluate_count;
    double evaluate_minutes;
    const char *const *files; /* what is left on the command line */
    size_t file_count;
    bool lexicon; /* pack: make the tables from ICU anew */
} train_options;

/* The corpus that training and export are made from, from its cache where that is valid (beside the
 * checkpoint unless an option names it). Free both. */
samestory_status command_corpus(const train_options *o, ss_normalizer **normalizer, corpus *c,
                                samestory_error *error);

/* Each prints its progress to stderr. */
samestory_status command_table(const train_options *o, samestory_error *error); /* train, resumable */
samestory_status command_model(const train_options *o, samestory_error *error); /* export a model */
samestory_status command_judge(const train_options *o, samestory_error *error); /* fit judge.txt */
samestory_status command_crowd(const train_options *o, samestory_error *error); /* false links */
samestory_status command_pack(const train_options *o, samestory_error *error);  /* judge -> model */
samestory_status command_evaluate(const train_options *o, samestory_error *error); /* figures of sets */
samestory_status command_curve(const train_options *o, samestory_error *error);    /* log -> SVG */
samestory_status command_probe(const train_options *o, samestory_error *error);    /* cells */
samestory_status command_contamination(const train_options *o, samestory_error *error);
samestory_status command_langid(const train_options *o, samestory_error *error);    /* LANGID */
samestory_status command_languages(const train_options *o, samestory_error *error); /* its figures */

/* Trains LANGID for the model file `from` and writes both to o->output, which may be the same file. */
samestory_status langid_add(const char *from, const train_options *o, samestory_error *error);

#endif
