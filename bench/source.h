/* Sentences and words to make documents of: the texts of labelled files, language by language. */
#ifndef BENCH_SOURCE_H
#define BENCH_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LANGUAGES_MAX = 64, SENTENCES_MIN = 100 /* a language with fewer is left out */ };

typedef struct piece { /* a word or a sentence of the source, in place */
    const char *start;
    size_t size;
} piece;

typedef struct pieces {
    piece *items;
    size_t count, capacity;
} pieces;

/* A token of a sentence, in place: what clings to the word before and after it, and spaces. */
typedef struct token {
    const char *start;
    uint16_t before, word, after; /* bytes; word 0: there is none */
    bool capital, digits;
} token;

typedef struct sentence {
    token *tokens;
    size_t count;
} sentence;

typedef struct sentences {
    sentence *items;
    size_t count, capacity;
} sentences;

typedef struct buffer {
    char *bytes; /* NUL-terminated once something was put */
    size_t size, capacity;
} buffer;

typedef enum writing {
    LATIN,
    CYRILLIC,
    GREEK,
    ARABIC,
    DEVANAGARI,
    THAI,
    HANGUL,
    HAN,
    KANA
} writing;

typedef struct language {
    char code[4];
    writing writing;
    bool spaces; /* between words; otherwise a "word" is two characters */
    sentences sentences;
    pieces lower, capital; /* words as often as they occur, by their first letter */
} language;

typedef struct source {
    language language[LANGUAGES_MAX];
    size_t count;
} source;

/* Reads the records of the files that have a language. The sentences live as long as the program.
 * Languages that `wanted` (codes with commas between, NULL: all) does not name, or that have too
 * few sentences, are left out; the others stand in the order of their codes. false, after a
 * message: a file can't be read, or nothing is left. */
bool source_read(source *s, const char *const *paths, size_t count, const char *wanted);

void put(buffer *b, const char *bytes, size_t size);
void put_text(buffer *b, const char *text);
void *grown(void *memory, size_t *capacity, size_t need, size_t element);

/* Bytes of the character that begins with this byte. */
static inline size_t character_size(char first)
{
    unsigned char c = (unsigned char)first;
    return c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
}

/* Where the token ends that begins at `start`: at a space where words have spaces between, else
 * after two characters of a word, or after what stands between words. For texts whose words nobody
 * knows. */
const char *token_end(const language *l, const char *start, const char *end);

#endif
