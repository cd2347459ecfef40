/* The trainer's commands and the options that they share. */
#ifndef SS_TRAIN_COMMANDS_H
#define SS_TRAIN_COMMANDS_H

#include "train/table.h"

typedef struct train_options {
    const char *data, *sources, *frequencies, *checkpoint, *judge, *model, *output;
    table_options table;
    const char *const *files; /* what is left on the command line */
    size_t file_count;
    bool lexicon; /* pack: make the tables from ICU anew */
} train_options;

/* Each prints its progress to stderr. */
samestory_status command_table(const train_options *o, samestory_error *error); /* train, resumable */
samestory_status command_model(const train_options *o, samestory_error *error); /* export a model */
samestory_status command_judge(const train_options *o, samestory_error *error); /* fit judge.txt */
samestory_status command_pack(const train_options *o, samestory_error *error);  /* judge -> model */

#endif
