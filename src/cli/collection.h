/* First pass of every subcommand: the records of all files, gathered into an engine. */
#ifndef CLI_COLLECTION_H
#define CLI_COLLECTION_H

#include "options.h"
#include "output.h"

/* What a subcommand wants to be kept of each document. */
enum {
    KEEP_LABELS = 1,  /* the label's text */
    KEEP_DATES = 2,   /* 8 bytes */
    KEEP_LENGTHS = 4, /* 8 bytes */
    KEEP_MARKS = 8    /* which records are no documents: a bit a record, for a second pass */
};

typedef struct collection {
    samestory_model *model;
    samestory_engine *engine;
    samestory_reader *reader;
    size_t records;   /* all that the reader gave: documents, bad records, empty lines */
    size_t documents; /* the engine's */
    size_t bad, blank;
    uint64_t skipped[SAMESTORY_SKIPS]; /* records of a crawl that hold no text */
    uint64_t bytes; /* of records, decompressed */
    double seconds;
    size_t early; /* of a sample: documents gathered while words were still new, half of all, */
    double early_seconds; /* and how long that took */

    unsigned kept;
    bool ignore_dates;
    uint64_t *marks; /* bit i: record i is bad */
    size_t marks_capacity;
    int64_t *dates;    /* (documents) SAMESTORY_NO_DATE where there is none */
    uint64_t *lengths; /* (documents) bytes of title and text */
    uint64_t *labels;  /* (documents + 1) where each label begins in label_bytes */
    size_t dates_capacity, lengths_capacity, labels_capacity;
    char *label_bytes;
    size_t label_bytes_capacity;
} collection;

/* Opens the model, makes an engine and gathers all records of options->operands (none: stdin). 0,
 * or an exit code, explained on stderr; collection_free in any case. */
int collection_read(collection *c, const cli_options *options, unsigned keep);
void collection_free(collection *c);

/* Judges all, with progress. 0 or an exit code. */
int collection_settle(collection *c, const cli_options *options, double *seconds);

static inline bool collection_is_bad(const collection *c, size_t record)
{
    return c->marks[record / 64] >> record % 64 & 1;
}

/* The probability from which an edge is a link. */
double collection_threshold(const collection *c);

#endif
