/* Stage anchors: a document in, the rare, language-neutral things it names out.
 *
 * An anchor has a type, a normal form (hashed to `key`; two anchors of one type are the same thing
 * when their keys are equal), a rarity weight taken from the language alone, its place in the text,
 * and a readable text. What an anchor proves in a collection, the judge decides. */
#ifndef SS_SKETCH_ANCHORS_H
#define SS_SKETCH_ANCHORS_H

#include "sketch/model.h"
#include "text/normalize.h"

typedef enum ss_anchor_type {
    SS_ANCHOR_NAME, /* a word common in no language, in Latin letters: "jamieson"; or a place, which
                       has one key in all languages: "vietnam" */
    SS_ANCHOR_PAIR, /* two capitalised words that stand together, in either order: "jamieson greer"
                     */
    SS_ANCHOR_SKELETON, /* the consonant skeleton of a name, the same in every script; its text is
                           the name: "lindqvist" */
    SS_ANCHOR_NUMBER, /* value with its scale, three digits kept: "1.2 million", "12 %", "3,940"; a
                         version or a score as it stands: "7.6.1", "3-2" */
    SS_ANCHOR_DATE,   /* month and day named in the text: "14 nov"; key = month x 32 + day, + year x
                         512 where the year is not the record's. Of a record without a date also
                         a weekday: key = SS_WEEKDAY_KEY + 1 (Monday) to 7 */
    SS_ANCHOR_LINK,   /* host and path of a URL, hashtag, case or flight number */
    SS_ANCHOR_TYPES
} ss_anchor_type;

#define SS_WEEKDAY_KEY (13 * 32)

enum {
    SS_ANCHOR_TITLE = 1,   /* flags: it stands in the title, */
    SS_ANCHOR_LEAD = 2,    /* in the first 60 words of the text, */
    SS_ANCHOR_KNOWN = 4,   /* it is a country, a nationality or a capital */
    SS_ANCHOR_CAPITAL = 8, /* it was written with a capital, or in a script without */
    SS_ANCHOR_DERIVED = 16, /* a number as another report may give it: rounded, or in metric units */
    SS_ANCHOR_SURE = 32, /* a rare word that its capital makes a name: not one that any word would have there */
    SS_ANCHOR_CITY = 64  /* one of the cities that have one key in all languages */
};

/* 12 bytes; kept in sketches as it is. */
typedef struct ss_anchor {
    uint32_t key;
    uint16_t text;     /* offset of its readable text in the pool */
    uint8_t text_size; /* bytes, 0..63 */
    uint8_t type;      /* ss_anchor_type */
    uint8_t weight; /* rarity x 32: 0..8 in Zipf units, larger is rarer. Names: 3 for a word in no
                       list; pairs: 1 to 4; numbers: 0.9 (below a hundred) to 2.6 (three digits) */
    uint8_t flags;
    uint8_t count; /* times it occurs, 255 and more as 255 */
    uint8_t zero;
} ss_anchor;

/* What one document gave: anchors ordered by (type, key), each once; strongest kept where a type
 * has more than SS_ANCHORS_OF_TYPE. */
#define SS_ANCHORS_OF_TYPE                                                                         \
    {                                                                                              \
        32, 16, 24, 24, 8, 4                                                                       \
    }
#define SS_ANCHORS_MAX 108
#define SS_POOL_MAX    1024
typedef struct ss_place {
    uint32_t start, end; /* bytes of the text */
} ss_place;
typedef struct ss_anchors {
    ss_anchor items[SS_ANCHORS_MAX];
    ss_place place[SS_ANCHORS_MAX]; /* where each stands first; not kept in sketches */
    size_t count;
    char pool[SS_POOL_MAX];
    size_t pool_size;
} ss_anchors;

typedef struct ss_anchor_scratch
    ss_anchor_scratch; /* memory used again from document to document */
ss_anchor_scratch *ss_anchor_scratch_new(void);
void ss_anchor_scratch_free(ss_anchor_scratch *scratch);

/* text: title, newline, body, as it was split into words; title_size: bytes of it that are the
 * title (0: none); language: index or SS_LANGUAGE_UNKNOWN; date: the record's, or
 * SAMESTORY_NO_DATE. false when memory is out. */
bool ss_anchors_find(const samestory_model *model, const char *text, size_t size, size_t title_size,
                     const ss_words *words, unsigned language, int64_t date,
                     ss_anchor_scratch *scratch, ss_anchors *out);

/* "name", "pair", "skeleton", "number", "date" or "link". */
const char *ss_anchor_type_name(unsigned type);

#endif
