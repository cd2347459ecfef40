/* A crowd: documents that have nothing to do with each other or with a labelled set, made of the
 * training texts. Where every link is false, false links can be counted, and learnt from.
 *
 * Of every block of lines of one pair of languages one document is made, some lines in a row of one
 * side, from a headline to a report of some 600 words. A block with lines that an earlier one had,
 * in whatever language, is left out: so no two documents are translations or parts of each other,
 * as far as the sources repeat one side word for word. */
#ifndef SS_TRAIN_CROWD_H
#define SS_TRAIN_CROWD_H

#include "train/corpus.h"

/* Blocks fall into two halves by their first line. Of the one the judge may be fitted, of the other
 * measured. */
typedef enum crowd_half { CROWD_FITTED, CROWD_MEASURED } crowd_half;

/* News and the like (sources of weight 2 and more); manuals, stories and subtitles; sentences that
 * were never neighbours. */
typedef enum crowd_kind { CROWD_NEWS, CROWD_OTHER, CROWD_SENTENCES, CROWD_KINDS } crowd_kind;
extern const char *const crowd_kind_name[CROWD_KINDS];

typedef struct crowd_document {
    crowd_kind kind;
    char *title; /* "": none */
    char *text;
    char source[48], language[8];
} crowd_document;

typedef struct crowd {
    crowd_document *document; /* in the order of the sources, each at most a sixth of all */
    size_t count, capacity;
} crowd;

/* Up to `wish` documents of the sources of files->data that may be joined to texts (see
 * sources.tsv). The same for the same files. */
samestory_status crowd_read(const corpus_files *files, crowd_half half, size_t wish, crowd *out,
                            samestory_error *error);
void crowd_free(crowd *c);

#endif
