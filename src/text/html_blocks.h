/* Stage reader, HTML: the blocks of a page, between html.c, which finds them, and html_choose.c,
 * which tells the report from what stands around it. */
#ifndef SS_TEXT_HTML_BLOCKS_H
#define SS_TEXT_HTML_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The text of a block element, up to the next one. */
typedef struct ss_html_block {
    uint32_t start, size; /* bytes of the page's text */
    uint32_t linked;      /* bytes of these that are links */
    int64_t around;       /* ranges of surroundings that begin here, less those that end */
    uint64_t hash;        /* of the text */
    uint32_t weight;      /* letters; one that stands for a syllable or a word counts 3 */
    uint8_t heading;      /* 1 to 6, or 0 */
    bool sentence;        /* ends as a sentence does */
    uint8_t worth;        /* ss_html_choose's own */
    bool keep;            /* what ss_html_choose says */
} ss_html_block;

/* Blocks [first, end) are an <article>, a <main> or the like. */
typedef struct ss_html_range {
    uint32_t first, end;
} ss_html_range;

typedef struct ss_html_blocks {
    ss_html_block *item;
    size_t count, capacity;
    ss_html_range *article; /* inner ones before those around them */
    size_t articles, article_capacity;
} ss_html_blocks;

/* Fills weight, hash and sentence of a block from its text. */
void ss_html_weigh(ss_html_block *block, const char *text);

/* Sets `keep` of every block. false when memory is out. */
bool ss_html_choose(ss_html_blocks *blocks);

#endif
