/* Stage features. Comes in: a word. Goes out: hashed n-grams (see the header). */
#include "sketch/features.h"

#include "base/hash.h"
#include "text/utf8.h"

#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum { SEED_WORD = 1, SEED_GRAM = 2, SEED_FOLDED = 3, SEED_SKELETON = 4 };

enum { LEAST_CLASSES = 3, KANA_BYTES = 3 };

uint64_t ss_word_hash(const char *form, size_t size)
{
    return ss_hash(form, size, SEED_WORD);
}

uint64_t ss_folded_hash(const char *folded, size_t size)
{
    return ss_hash(folded, size, SEED_FOLDED);
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

/* The n-grams of a text of so many bytes a letter. Bytes and n are constants where it is called, so
 * that the hash is that of its length alone. */
static inline size_t grams_of(const char *text, size_t points, size_t bytes, size_t n,
                              uint64_t *ids)
{
    size_t count = points < n ? 0 : points - n + 1;
    for (size_t i = 0; i < count; i++)
        ids[i] = XXH3_64bits_withSeed(text + bytes * i, bytes * n, SEED_GRAM);
    return count;
}

/* Have all letters three bytes, as in Chinese? */
static bool all_wide(const uint16_t *offset, size_t points)
{
    unsigned other = 0;
    for (size_t i = 0; i < points; i++) other |= (unsigned)(offset[i + 1] - offset[i]) ^ 3;
    return !other;
}

static size_t grams(const char *text, size_t size, size_t shortest, size_t longest, uint64_t *ids)
{
    uint16_t offset[SS_WORD_POINTS_MAX + 3];
    size_t points = point_offsets(text, size, offset, sizeof offset / sizeof *offset);
    size_t count = 0;
    if (points == size && shortest == 3 && longest == 5) {
        count = grams_of(text, points, 1, 3, ids);
        count += grams_of(text, points, 1, 4, ids + count);
        return count + grams_of(text, points, 1, 5, ids + count);
    }
    if (all_wide(offset, points) && shortest == 1 && longest == 3) {
        count = grams_of(text, points, 3, 1, ids);
        count += grams_of(text, points, 3, 2, ids + count);
        return count + grams_of(text, points, 3, 3, ids + count);
    }
    for (size_t n = shortest; n <= longest; n++)
        for (size_t i = 0; i + n <= points; i++)
            ids[count++] =
                ss_hash(text + offset[i], (size_t)(offset[i + n] - offset[i]), SEED_GRAM);
    return count;
}

/* n-grams of "<text>". */
static size_t marked_grams(const char *text, size_t size, size_t shortest, uint64_t *ids)
{
    char marked[4 * SS_WORD_POINTS_MAX + 2];
    marked[0] = '<';
    memcpy(marked + 1, text, size);
    marked[size + 1] = '>';
    return grams(marked, size + 2, shortest, 5, ids);
}

static size_t latin_grams(const samestory_model *model, const ss_word *word, uint64_t *ids)
{
    char latin[SS_LATIN_MAX];
    size_t size = ss_latin_form(model, word->folded, word->folded_size, latin);
    return size < 2 ? 0
                    : marked_grams(latin, size < SS_WORD_POINTS_MAX ? size : SS_WORD_POINTS_MAX, 3, ids);
}

static size_t skeleton(const samestory_model *model, const char *form, size_t size, ss_script script,
                       uint64_t *id)
{
    char classes[SS_SKELETON_MAX];
    size_t count = ss_skeleton(model, form, size, script, classes);
    if (count < LEAST_CLASSES) return 0;
    *id = ss_hash(classes, count, SEED_SKELETON);
    return 1;
}

/* U+30A0 to U+30FF, at text[0 .. 2]. */
static bool is_katakana(const char *text)
{
    const unsigned char *c = (const unsigned char *)text;
    return c[0] == 0xE3 && (c[1] == 0x83 || (c[1] == 0x82 && c[2] >= 0xA0));
}

/* One for each piece of three or more Katakana. */
static size_t katakana_skeletons(const samestory_model *model, const ss_word *word, uint64_t *ids)
{
    size_t count = 0, size = word->form_size;
    for (size_t i = 0; i < size;) {
        size_t end = i;
        while (end + KANA_BYTES <= size && is_katakana(word->form + end)) end += KANA_BYTES;
        if (end - i >= 3 * KANA_BYTES)
            count += skeleton(model, word->form + i, end - i, SS_SCRIPT_KANA, ids + count);
        i = end > i ? end : i + ss_utf8_length((unsigned char)word->form[i]);
    }
    return count;
}

size_t ss_word_features(const samestory_model *model, const ss_word *word, uint64_t *ids)
{
    if (word->run) {
        size_t count = grams(word->form, word->form_size, 1, 3, ids);
        return count + katakana_skeletons(model, word, ids + count);
    }
    ss_script script = (ss_script)word->script;
    ids[0] = ss_word_hash(word->form, word->form_size);
    size_t shortest = script == SS_SCRIPT_HANGUL ? 2 : 3;
    size_t count = 1 + marked_grams(word->folded, word->folded_size, shortest, ids + 1);
    if (script == SS_SCRIPT_DIGITS) return count;
    if (script != SS_SCRIPT_LATIN) count += latin_grams(model, word, ids + count);
    return count + skeleton(model, word->form, word->form_size, script, ids + count);
}
