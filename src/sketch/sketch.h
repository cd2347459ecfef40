/* The sketch: all that is ever kept of a document. Fixed head, then the vector, the anchors and the pool
 * of their texts: 0.6 KB for a headline, 1.6 KB for 600 words, 2.7 KB at most (d = 256). Little-endian, the same bytes on every machine. */
#ifndef SS_SKETCH_SKETCH_H
#define SS_SKETCH_SKETCH_H

#include "sketch/anchors.h"
#include "sketch/minhash.h"
#include "sketch/vector.h"

#define SS_SKETCH_VERSION 4

typedef struct ss_sketch {
    uint32_t size; /* bytes in all, a multiple of 8 */
    uint16_t version, dimension;
    int64_t date;       /* seconds, or SAMESTORY_NO_DATE */
    uint64_t text_hash; /* of title and text, byte for byte */
    uint64_t id;        /* hash of the id; 0: none, or ids mean nothing */
    uint64_t source;    /* hash of the outlet; 0: unknown */
    uint64_t url;       /* hash of the URL; 0: none */
    uint32_t words;     /* in title and text */
    uint32_t shingles;
    uint16_t anchors, pool;
    uint8_t language; /* index, or SS_LANGUAGE_UNKNOWN */
    uint8_t usual; /* how near the vector is to what news is commonly about: mean cosine with its
                      nearest cells x 255; 0: unknown */
    uint8_t zero[2];
    uint8_t signature[SS_SIGNATURE];
    /* int8_t vector[dimension]; ss_anchor anchor[anchors]; char pool[pool] */
} ss_sketch;

static inline const int8_t *ss_sketch_vector(const ss_sketch *s)
{
    return (const int8_t *)(s + 1);
}

static inline const ss_anchor *ss_sketch_anchors(const ss_sketch *s)
{
    return (const ss_anchor *)(const void *)(ss_sketch_vector(s) + s->dimension);
}

static inline const char *ss_sketch_pool(const ss_sketch *s)
{
    return (const char *)(ss_sketch_anchors(s) + s->anchors);
}

/* Everything that making a sketch needs, used again from document to document; one a thread. It
 * takes 17 MB at d = 256, and a document asks for no more once the longest has been seen. */
typedef struct ss_sketcher ss_sketcher;
ss_sketcher *ss_sketcher_new(const samestory_model *model);
/* The same with as many places for words met lately; 0: every word is looked at anew. */
ss_sketcher *ss_sketcher_new_with(const samestory_model *model, size_t places);
void ss_sketcher_free(ss_sketcher *sketcher);

/* The sketch of a document; lives until the next call on the sketcher. NULL when memory is out. */
const ss_sketch *ss_sketch_make(ss_sketcher *sketcher, const samestory_document *document,
                                bool ignore_date, bool ignore_id);
/* The text_hash of a document's sketch. */
uint64_t ss_content_hash(const samestory_document *document);
/* Of the document sketched last: its anchors with their places, and the text that the places are
 * of (title, newline, body, composed); *title_size: how much of it is the title. */
const ss_anchors *ss_sketcher_anchors(const ss_sketcher *sketcher);
const char *ss_sketcher_text(const ss_sketcher *sketcher, size_t *size, size_t *title_size);

#endif
