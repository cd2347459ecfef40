/* Stage features. Comes in: a word. Goes out: hashed n-grams (see the header). */
#include "sketch/features.h"

#include "text/utf8.h"

#include <string.h>
#include <xxhash.h>

enum { SEED_WORD = 1, SEED_GRAM = 2, SEED_FOLDED = 3 };

uint64_t ss_word_hash(const char *form, size_t size)
{
    return XXH3_64bits_withSeed(form, size, SEED_WORD);
}

uint64_t ss_folded_hash(const char *folded, size_t size)
{
    return XXH3_64bits_withSeed(folded, size, SEED_FOLDED);
}

/* Byte offset of each code point of text, and of its end; at most `capacity` - 1 code points. */
static size_t point_offsets(const char *text, size_t size, uint16_t *offset, size_t capacity)
{
    size_t points = 0, at = 0;
    while (at < size && points + 1 < capacity) {
        offset[points++] = (uint16_t)at;
        at += ss_utf8_length((unsigned char)text[at]);
    }
    offset[points] = (uint16_t)(at < size ? at : size);
    return points;
}

static size_t grams(const char *text, size_t size, size_t shortest, size_t longest, uint64_t *ids)
{
    uint16_t offset[SS_WORD_POINTS_MAX + 3];
    size_t points = point_offsets(text, size, offset, sizeof offset / sizeof *offset);
    size_t count = 0;
    for (size_t n = shortest; n <= longest; n++)
        for (size_t i = 0; i + n <= points; i++)
            ids[count++] = XXH3_64bits_withSeed(text + offset[i], (size_t)(offset[i + n] - offset[i]),
                                                SEED_GRAM);
    return count;
}

size_t ss_word_features(const ss_word *word, uint64_t *ids)
{
    if (word->run) return grams(word->form, word->form_size, 1, 3, ids);
    char marked[4 * SS_WORD_POINTS_MAX + 2];
    size_t size = word->folded_size;
    marked[0] = '<';
    memcpy(marked + 1, word->folded, size);
    marked[size + 1] = '>';
    ids[0] = ss_word_hash(word->form, word->form_size);
    return 1 + grams(marked, size + 2, 3, 5, ids + 1);
}
