/* A model of a few kilobytes, made up on the spot: three languages, random rows, eight cells. */
#ifndef TINY_MODEL_H
#define TINY_MODEL_H

#include "sketch/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TINY_D = 32, TINY_BITS = 10, TINY_SHARED = 3, TINY_CELLS = 8, TINY_DIRECTIONS = 2, TINY_WORD_BITS = 4 };
enum { TINY_PRESENT = 1 << (TINY_BITS - 1), TINY_ROWS = TINY_PRESENT + TINY_SHARED };

/* Sections in memory of their own, so that a test can damage them before they are written. */
typedef struct tiny_model {
    ss_model_section section[SS_SECTIONS];
    char *bytes[SS_SECTIONS];
} tiny_model;

static size_t tiny_aligned(size_t size)
{
    return (size + 63) / 64 * 64;
}

static char *tiny_room(tiny_model *t, enum ss_section kind, size_t size)
{
    t->bytes[kind] = calloc(1, size);
    assert_non_null(t->bytes[kind]);
    t->section[kind] = (ss_model_section){t->bytes[kind], size};
    return t->bytes[kind];
}

static void tiny_text(tiny_model *t, enum ss_section kind, const char *text)
{
    memcpy(tiny_room(t, kind, strlen(text) + 1), text, strlen(text));
}

static int8_t tiny_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (int8_t)((int)(*seed >> 33 & 255) - 128);
}

/* Every second bucket has a row. */
static void tiny_table(tiny_model *t)
{
    size_t rank = 16 + (1 << TINY_BITS) / 8;
    size_t scale = tiny_aligned(rank + (1 << TINY_BITS) / 512 * 4);
    size_t row = scale + tiny_aligned(TINY_ROWS);
    char *at = tiny_room(t, SS_TABLE, row + TINY_ROWS * TINY_D / 2);
    const uint32_t head[4] = {TINY_BITS, TINY_D, TINY_ROWS, TINY_SHARED};
    memcpy(at, head, sizeof head);
    memset(at + 16, 0x55, (1 << TINY_BITS) / 8);
    for (uint32_t group = 0; group < (1 << TINY_BITS) / 512; group++) {
        uint32_t before = group * 256;
        memcpy(at + rank + group * 4, &before, 4);
    }
    uint64_t seed = 3;
    for (size_t i = 0; i < TINY_ROWS; i++) at[scale + i] = (char)(i % 40);
    for (size_t i = 0; i < TINY_ROWS * TINY_D / 2; i++) at[row + i] = (char)tiny_random(&seed);
}

static void tiny_languages(tiny_model *t)
{
    static const ss_language_entry languages[] = {{"en", 9, 0}, {"de", 9, 0}, {"vi", 9, 0}};
    size_t mean = tiny_aligned(16 + sizeof languages);
    char *at = tiny_room(t, SS_LANGUAGES, mean + (4 + TINY_DIRECTIONS) * TINY_D * sizeof(float));
    const uint32_t head[3] = {3, TINY_D, TINY_DIRECTIONS};
    memcpy(at, head, sizeof head);
    memcpy(at + 16, languages, sizeof languages);
    uint64_t seed = 5;
    for (size_t i = 0; i < 4 * TINY_D; i++) {
        float value = (float)tiny_random(&seed) / 2048;
        memcpy(at + mean + i * sizeof value, &value, sizeof value);
    }
    for (size_t r = 0; r < TINY_DIRECTIONS; r++) {
        const float one = 1;
        memcpy(at + mean + ((4 + r) * TINY_D + 3 * r) * sizeof one, &one, sizeof one);
    }
}

typedef struct tiny_word {
    const char *folded;
    uint32_t language, zipf25;
} tiny_word;

static const tiny_word tiny_words[] = {
    {"the", 0, 190}, {"and", 0, 185}, {"of", 0, 185},  {"minister", 0, 120}, {"talks", 0, 110},
    {"der", 1, 190}, {"und", 1, 188}, {"die", 1, 190}, {"minister", 1, 125}, {"die", 0, 120},
    {"cua", 2, 180}, {"va", 2, 182},  {"bo", 2, 160},  {"truong", 2, 165},
};
enum { TINY_WORDS = sizeof tiny_words / sizeof *tiny_words };

static void tiny_frequencies(tiny_model *t)
{
    enum { BUCKETS = 1 << TINY_WORD_BITS };
    char *at = tiny_room(t, SS_WORDS, 16 + (BUCKETS + 1) * 4 + TINY_WORDS * 4);
    const uint32_t head[2] = {TINY_WORD_BITS, TINY_WORDS};
    memcpy(at, head, sizeof head);
    uint32_t written = 0, *first = (uint32_t *)(void *)(at + 16), *entry = first + BUCKETS + 1;
    for (uint32_t bucket = 0; bucket < BUCKETS; bucket++) {
        first[bucket] = written;
        for (size_t i = 0; i < TINY_WORDS; i++) {
            const tiny_word *w = &tiny_words[i];
            uint64_t hash = ss_folded_hash(w->folded, strlen(w->folded));
            if (hash >> (64 - TINY_WORD_BITS) != bucket) continue;
            entry[written++] = (uint32_t)(hash & 0x3FFFF) << 14 | w->language << 8 | w->zipf25;
        }
    }
    first[BUCKETS] = written;
}

static void tiny_cells(tiny_model *t)
{
    char *at = tiny_room(t, SS_CELLS, 16 + TINY_CELLS * TINY_D);
    const uint32_t head[2] = {TINY_CELLS, TINY_D};
    memcpy(at, head, sizeof head);
    uint64_t seed = 11;
    for (size_t i = 0; i < TINY_CELLS * TINY_D; i++) at[16 + i] = (char)(tiny_random(&seed) / 2);
}

/* Latin letters stand for themselves, as the real table has them. */
static void tiny_latin(tiny_model *t)
{
    char *at = tiny_room(t, SS_LATIN, 65536 * 8);
    for (size_t c = 'a'; c <= 'z'; c++) at[c * 8] = (char)c, at[(c - 32) * 8] = (char)c;
}

static void tiny_lexicon(tiny_model *t)
{
    const uint64_t hash = ss_folded_hash("november", 8);
    const ss_lexicon_entry entries[2] = {{hash, SS_LEX_MONTH, 0, 11, 0},
                                         {hash, SS_LEX_MONTH, 1, 11, 0}};
    char *at = tiny_room(t, SS_LEXICON, 16 + sizeof entries);
    at[0] = 2;
    memcpy(at + 16, entries, sizeof entries);
}

/* Whatever its few rows say, it goes by the frequencies, and is always sure. */
enum { TINY_LANGID_ROWS = 40, TINY_STRIDE = 16 };

static void tiny_langid(tiny_model *t)
{
    ss_langid_head head = {.rows = TINY_LANGID_ROWS,
                           .languages = 3,
                           .stride = TINY_STRIDE,
                           .signals = SS_LANG_SIGNALS,
                           .scale = 0.01f,
                           .zipf_units = 100};
    head.weight[SS_LANG_ONE] = 1;
    size_t row = tiny_aligned(sizeof head + 3 * SS_LANG_TYPICAL * sizeof(float));
    char *at = tiny_room(t, SS_LANGID, row + TINY_LANGID_ROWS * TINY_STRIDE);
    memcpy(at, &head, sizeof head);
    uint64_t seed = 13;
    for (size_t i = 0; i < TINY_LANGID_ROWS * TINY_STRIDE; i++)
        at[row + i] = (char)(tiny_random(&seed) / 8);
}

static tiny_model tiny_model_new(void)
{
    tiny_model t = {0};
    tiny_text(&t, SS_NOTES, "name\ttiny\n");
    tiny_table(&t);
    tiny_languages(&t);
    tiny_frequencies(&t);
    tiny_cells(&t);
    tiny_text(&t, SS_JUDGE, "# made up\nthreshold 0.5\nsignal one -1 -1\n");
    tiny_latin(&t);
    tiny_lexicon(&t);
    tiny_langid(&t);
    return t;
}

static void tiny_model_free(tiny_model *t)
{
    for (size_t i = 0; i < SS_SECTIONS; i++) free(t->bytes[i]);
}

#endif
