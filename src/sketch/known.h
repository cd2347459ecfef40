/* The words met lately, one such memory a sketcher: most words of a text have been seen before, and
 * what the stages find out about a word depends on its bytes (and the text's language) alone. A
 * word of a new text that is still here costs one look-up, and each stage finds its answer there.
 *
 * Words are found by their raw bytes, compared in full, and they keep their place while the text
 * that they stand in is worked on; what is forgotten is found out again. So the memory changes the
 * cost, never an answer. Cost: 1 KB a place at d = 256. */
#ifndef SS_SKETCH_KNOWN_H
#define SS_SKETCH_KNOWN_H

#include "sketch/model.h"
#include "text/normalize.h"

/* 64 MB at d = 256. Sketching generated news takes, for 16,384, 32,768 and 65,536 places, English 1,
 * .90 and .84, five languages mixed 1, .84 and .79. */
#define SS_KNOWN_PLACES 65536

enum {
    SS_KNOWN_BYTES = 70,     /* of a word, its form and its folded form */
    SS_KNOWN_LANGUAGES = 32, /* whose frequencies are kept as a list */
    SS_KNOWN_LOW = 4         /* bits of a vector that 16 don't hold */
};

/* What `has` tells: the members of that name are filled, or can't be. */
enum {
    SS_KNOWS_VECTOR = 1,
    SS_KNOWS_NO_VECTOR = 2,
    SS_KNOWS_LOW = 4, /* the vector has low bits as well */
    SS_KNOWS_LETTERS = 8,
    SS_KNOWS_FREQUENCIES = 16,
    SS_KNOWS_NO_FREQUENCIES = 32,
    SS_KNOWS_SKELETON = 64,
    SS_KNOWS_NAME = 128 /* `compound` and `city`, of the language */
};

/* Four cache lines: what finds the word and what is asked of most words come first. */
typedef struct ss_known {
    uint64_t hash;                   /* of the bytes */
    uint64_t word_hash, folded_hash; /* see features.h */
    int16_t *vector;                 /* (dimension); << shift: the sum of the word's rows */
    int16_t *letters;                /* (langid_stride): what its n-grams add to each language */
    uint32_t text;                   /* number of the last text it stood in, */
    uint32_t first, times;           /* which of its words it is first, and how many */
    uint8_t size;                    /* of the bytes; 0: the place is free */
    uint8_t has;
    uint8_t shift;
    uint8_t frequencies; /* how many */
    /* Of a language, what anchors.c asks of a word alone; told: it is there. */
    uint8_t language;
    bool told : 1, dull : 1, compound : 1;
    bool open : 1;   /* the skeleton may have another reading */
    uint8_t classes; /* of the skeleton */
    int16_t place;
    uint16_t kinds;
    float zipf;
    uint32_t entry;       /* of the lexicon, if `kinds` has a bit */
    uint32_t skeleton[2]; /* keys: of all its classes, and of all but the last */
    ss_word word;         /* all but its place */
    char bytes[SS_KNOWN_BYTES];
    int16_t city; /* of the lexicon, or 0 */
    /* language << 8 | Zipf x 25; if `frequencies` are more: uint8_t [SS_LANGUAGES_MAX], Zipf x 25
     */
    uint16_t frequency[SS_KNOWN_LANGUAGES];
} ss_known;

/* (dimension / 2): the low bits of components k and k + dimension / 2 of the vector. */
static inline uint8_t *ss_known_low(const ss_known *known, size_t dimension)
{
    return (uint8_t *)(known->vector + dimension);
}

typedef struct ss_known_words ss_known_words;

/* places: rounded up to a power of two, from 8 to 65,536. NULL: memory is out. */
ss_known_words *ss_known_words_new(const samestory_model *model, size_t places);
void ss_known_words_free(ss_known_words *known);

/* Fills the frequencies; `has` tells then whether they fit. */
void ss_known_frequencies(const samestory_model *model, ss_known *known);

/* As ss_words_split; the words that are known, or are from now on, have their `known` set.
 * text[size .. size + 7] must be readable. */
samestory_status ss_words_recall(ss_known_words *known, const char *text, size_t size,
                                 ss_words *words);

#endif
