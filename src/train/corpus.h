/* The training corpus in memory: parallel texts as lists of units.
 *
 * A unit is what the table's rows are summed over first: a spaced word with all its features, or one
 * n-gram of a script without spaces. Words come again and again, so a text of units is ten times
 * smaller than one of features, and a batch sums each word once.
 *
 * Input: FOLDER/<source>.tsv.zst, lines "de-en TAB text TAB text", neighbours of one pair of languages
 * belonging together. Memory: about 1.5 GB for 9 M pairs, mapped when it comes from a cache. */
#ifndef SS_TRAIN_CORPUS_H
#define SS_TRAIN_CORPUS_H

#include "sketch/model.h"

typedef struct text_pair {
    uint64_t first;    /* of its units in corpus.unit: side 0, then side 1 */
    uint16_t units[2]; /* how many on each side */
    uint32_t hash[2];  /* of each side's text, to know equal texts */
} text_pair;

/* Pairs of one source and one pair of languages, in the order of the source. */
typedef struct text_group {
    char source[48];
    uint8_t language[2];
    uint8_t chain;       /* neighbours may be joined to longer texts */
    float weight;        /* the source's weight, from sources.tsv */
    uint32_t first, end; /* range in corpus.pair */
} text_group;

typedef struct corpus {
    text_pair *pair;
    size_t pairs;
    uint32_t *unit; /* unit numbers of all texts */
    size_t unit_count;
    text_group *group;
    size_t groups;
    size_t unit_kinds;      /* distinct units */
    uint64_t *feature;      /* features of all units */
    uint64_t *feature_first; /* (unit_kinds + 1): range of each unit in feature */
    uint64_t *folded;       /* (unit_kinds): ss_folded_hash of a spaced word, 0 for a gram */
    ss_language_entry language[SS_LANGUAGES_MAX];
    size_t languages;
    void *map; /* all arrays lie in this mapped file; NULL: they are allocated */
    size_t map_size;
} corpus;

/* What a corpus is made of. */
typedef struct corpus_files {
    const char *data;    /* folder of SOURCE.tsv.zst */
    const char *sources; /* how each is weighed: lines "prefix TAB weight TAB chain TAB licence" */
    const char *dropped; /* lines that are not read (dropped.h), or NULL */
    const char *cache;   /* the corpus as it was read before: used if valid, else written; or NULL */
} corpus_files;

/* The corpus of these files, from the cache if it is valid. */
samestory_status corpus_open(const corpus_files *files, const ss_normalizer *normalizer, corpus *out,
                             samestory_error *error);
/* The same without a cache. */
samestory_status corpus_read(const corpus_files *files, const ss_normalizer *normalizer, corpus *out,
                             samestory_error *error);
void corpus_free(corpus *c);

/* How sources whose name begins so are weighed; the last that fits a source holds. */
typedef struct source_weight {
    char prefix[48];
    float weight;
    int chain;
} source_weight;

enum { SOURCE_WEIGHTS_MAX = 128 };

samestory_status corpus_weights(const char *path, source_weight *weights, size_t capacity,
                                size_t *count, samestory_error *error);

/* The rule that holds for a source; NULL: none, it counts as weight 1, chain 1. */
const source_weight *corpus_weight_of(const source_weight *weights, size_t count, const char *source);

/* The source files of a folder, by name; < 0: none, and *error says so. Free with corpus_list_free. */
struct dirent;
int corpus_list(const char *folder, struct dirent ***names, samestory_error *error);
void corpus_list_free(struct dirent **names, int count);

/* A file of that list: where it lies, and its source's name, without ".tsv.zst". */
typedef struct source_file {
    char path[2048], source[256];
} source_file;

source_file corpus_source(const char *folder, const struct dirent *entry);

/* Units that one text keeps, at most. */
enum { TEXT_UNITS_MAX = 192 };

#endif
