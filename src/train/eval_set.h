/* A labelled set: documents with story, language and perhaps date, and the halves of each, for scoring
 * vectors alone.
 *
 * Halves: the lines of a document (its title is one) dealt out alternately; a document of one line has
 * none. */
#ifndef SS_TRAIN_EVAL_SET_H
#define SS_TRAIN_EVAL_SET_H

#include "base/status.h"
#include "sketch/model.h"

#include <stdint.h>

/* Groups of languages that figures are given for; each holds those before it. */
enum { LEVEL_FOUR, LEVEL_EIGHTEEN, LEVEL_ALL, LEVELS };
extern const char *const level_name[LEVELS];

enum { PART_WHOLE, PART_ODD, PART_EVEN, PARTS };

typedef struct eval_document {
    char *text[PARTS]; /* NULL: it has no halves */
    size_t size[PARTS];
    char code[12];     /* the language as the set calls it */
    uint32_t story;    /* number of the story in this set */
    uint8_t language;  /* number of the language in this set, by code after mapping */
    uint8_t level;     /* the smallest group that holds its language */
    int64_t date;      /* seconds, or SAMESTORY_NO_DATE */
} eval_document;

typedef struct eval_set {
    char name[64]; /* of the file, up to its first dot */
    eval_document *document; /* ordered by language */
    size_t count, stories, languages, halved;
    bool dated; /* all documents have a date */
    char code[256][8]; /* of each language */
} eval_set;

samestory_status eval_set_read(const char *path, eval_set *out, samestory_error *error);
void eval_set_free(eval_set *set);

#endif
