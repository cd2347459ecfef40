/* Documents that nobody wrote, made of a source's sentences: numbers are drawn again, a third of
 * the words is replaced by others of the language as often as they are used, a few by words that
 * are rare, and names are invented, a cast for each document. So no two documents tell the same,
 * and each has names and numbers of its own. Document i depends on the seed and on i alone. */
#ifndef BENCH_INVENT_H
#define BENCH_INVENT_H

#include "source.h"

typedef enum kind { ORIGINAL, WORDS, PARAGRAPH, BYLINE, HALF, KINDS } kind;
extern const char *const kind_names[KINDS];

typedef struct plan {
    const source *source;
    uint64_t seed;
    unsigned words_min, words_max; /* of a document; max 0: mixed, from headlines to long reads */
    unsigned copy_every;           /* each so many-th document is a near-copy; 0: none */
    unsigned half_every; /* each so many-th shares half its sentences with another; 0: none */
} plan;

typedef struct invented {
    kind kind;
    size_t
        original; /* the document that this is a copy or the half of; its own number if of none */
    const language *language;
    buffer title, text;
    buffer spare;    /* the original of a copy */
    pieces sentence; /* of the text, by offset from NULL */
} invented;

/* Document `number` from 0. Copies and halves are of documents with a lower number. */
void invent(const plan *p, size_t number, invented *out);
void invented_free(invented *document);

#endif
