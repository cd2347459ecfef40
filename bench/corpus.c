/* Makes a corpus to measure on: English and German documents of about 250 words, JSONL on stdout.
 *
 *   bench-corpus COUNT SEED FILE...
 *
 * Sentences come from the records of FILEs (language en or de), and are made new: numbers are drawn
 * again, a quarter of the words is replaced by others of the language as often as they are used,
 * and names are invented, a cast for each document. Every tenth document is a near-copy of an
 * earlier one, which its member "copy_of" names: some words replaced, a paragraph dropped, or a
 * byline and a footer added. Document i depends on SEED and i alone. */
#include "random.h"

#include "samestory.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LANGUAGES = 2, CAST = 4, WORD_ROOM = 64, WORDS_MIN = 200, WORDS_SPREAD = 101 };

typedef struct piece { /* a word or a sentence of the source, in place */
    const char *start;
    size_t size;
} piece;

typedef struct pieces {
    piece *items;
    size_t count, capacity;
} pieces;

typedef struct language {
    pieces sentences;
    pieces lower, capital; /* words as often as they occur, by their first letter */
} language;

typedef struct buffer {
    char *bytes;
    size_t size, capacity;
} buffer;

static void *grown(void *memory, size_t *capacity, size_t need, size_t element)
{
    if (need <= *capacity) return memory;
    *capacity = need + need / 2 + 64;
    memory = realloc(memory, *capacity * element);
    if (!memory) {
        fputs("bench-corpus: out of memory\n", stderr);
        exit(3);
    }
    return memory;
}

static void keep(pieces *list, const char *start, size_t size)
{
    list->items = grown(list->items, &list->capacity, list->count + 1, sizeof *list->items);
    list->items[list->count++] = (piece){start, size};
}

static void put(buffer *b, const char *bytes, size_t size)
{
    b->bytes = grown(b->bytes, &b->capacity, b->size + size + 1, 1);
    memcpy(b->bytes + b->size, bytes, size);
    b->size += size;
    b->bytes[b->size] = 0;
}

static void put_text(buffer *b, const char *text)
{
    put(b, text, strlen(text));
}

/* ---- The source
 * ---------------------------------------------------------------------------------- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

/* A word without what clings to it: quotes, commas. */
static piece bare_word(piece word)
{
    while (word.size && !is_letter(word.start[0])) word.start++, word.size--;
    while (word.size && !is_letter(word.start[word.size - 1])) word.size--;
    return word;
}

static void keep_sentence(language *l, const char *start, size_t size)
{
    size_t words = 1;
    for (size_t i = 0; i < size; i++) words += start[i] == ' ';
    if (words < 5 || words > 45) return;
    keep(&l->sentences, start, size);
    for (size_t i = 0; i < size;) {
        size_t end = i;
        while (end < size && start[end] != ' ') end++;
        piece word = bare_word((piece){start + i, end - i});
        bool first = i == 0; /* a capital there says nothing */
        if (word.size > 1 && word.size < WORD_ROOM / 2 && !first)
            keep(word.start[0] >= 'A' && word.start[0] <= 'Z' ? &l->capital : &l->lower, word.start,
                 word.size);
        i = end + 1;
    }
}

static void keep_text(language *l, samestory_string text)
{
    char *copy = malloc(text.size + 1); /* lives as long as the program */
    if (!copy) exit(3);
    for (size_t i = 0; i < text.size; i++)
        copy[i] = (unsigned char)text.data[i] < ' ' && text.data[i] != '\n' ? ' ' : text.data[i];
    copy[text.size] = 0;
    for (size_t start = 0, i = 0; i <= text.size; i++) {
        bool stop = i == text.size || copy[i] == '\n' ||
                    (i && copy[i] == ' ' && strchr(".!?", copy[i - 1]) && copy[i + 1] >= 'A' &&
                     copy[i + 1] <= 'Z' && i - start > 40);
        if (!stop) continue;
        keep_sentence(l, copy + start, i - start);
        start = i + 1;
    }
}

static bool read_source(const char *const *paths, size_t count, language languages[LANGUAGES])
{
    samestory_reader *reader = NULL;
    samestory_error error;
    samestory_record record = SAMESTORY_RECORD_INIT;
    if (samestory_reader_open(paths, count, NULL, &reader, &error)) goto fail;
    for (;;) {
        samestory_status status = samestory_reader_next(reader, &record, &error);
        if (status == SAMESTORY_END) break;
        if (status) goto fail;
        samestory_string code = record.document.language;
        if (record.is_blank || code.size != 2) continue;
        if (!memcmp(code.data, "en", 2)) keep_text(&languages[0], record.document.text);
        if (!memcmp(code.data, "de", 2)) keep_text(&languages[1], record.document.text);
    }
    samestory_reader_free(reader);
    if (languages[0].sentences.count && languages[1].sentences.count && languages[0].lower.count &&
        languages[1].lower.count && languages[0].capital.count && languages[1].capital.count)
        return true;
    fputs("bench-corpus: no English or no German text in the files\n", stderr);
    return false;
fail:
    fprintf(stderr, "bench-corpus: %s: %s\n", error.file, error.message);
    samestory_reader_free(reader);
    return false;
}

/* ---- A document
 * ------------------------------------------------------------------------------------ */

typedef struct cast {
    char name[CAST][WORD_ROOM];
} cast;

static void invent_name(uint64_t *r, char name[WORD_ROOM])
{
    static const char *const first[] = {"Ba",  "Bre", "Da",  "Dro", "El",  "Fa",  "Gra", "Ha",
                                        "Ile", "Ja",  "Kol", "La",  "Mar", "Ni",  "Or",  "Pe",
                                        "Ra",  "Sto", "Tha", "Ul",  "Ve",  "Wen", "Ya",  "Zo"};
    static const char *const middle[] = {"ri",  "men", "lo", "ka", "sse", "du",  "nta", "vi",
                                         "ber", "go",  "li", "ra", "mi",  "tze", "no",  "ha"};
    static const char *const last[] = {"n",   "rt",  "ski", "berg", "na",  "dis",  "mann", "vic",
                                       "son", "ler", "ra",  "tti",  "oux", "lund", "ez",   "ke"};
    int size = snprintf(name, WORD_ROOM, "%s", first[random_below(r, 24)]);
    for (size_t n = random_below(r, 3); n > 0; n--)
        size += snprintf(name + size, WORD_ROOM - (size_t)size, "%s", middle[random_below(r, 16)]);
    snprintf(name + size, WORD_ROOM - (size_t)size, "%s", last[random_below(r, 16)]);
}

static void put_new_word(buffer *out, const language *l, const cast *names, bool german, piece word,
                         uint64_t *r)
{
    bool capital = word.start[0] >= 'A' && word.start[0] <= 'Z';
    if (capital && random_chance(r, german ? 12 : 40)) {
        put_text(out, names->name[random_below(r, CAST)]);
    } else if (random_chance(r, 25)) {
        const pieces *pool = capital ? &l->capital : &l->lower;
        piece other = pool->items[random_below(r, pool->count)];
        put(out, other.start, other.size);
        if (german && capital && random_chance(r, 15)) { /* a compound nobody has written yet */
            other = l->lower.items[random_below(r, l->lower.count)];
            put(out, other.start, other.size);
        }
    } else {
        put(out, word.start, word.size);
    }
}

/* Writes a sentence, made new, and returns its words. */
static size_t put_sentence(buffer *out, const language *l, const cast *names, bool german,
                           piece sentence, uint64_t *r)
{
    size_t words = 0;
    for (size_t i = 0; i < sentence.size; words++) {
        size_t end = i;
        while (end < sentence.size && sentence.start[end] != ' ') end++;
        piece whole = {sentence.start + i, end - i}, word = bare_word(whole);
        if (words) put(out, " ", 1);
        size_t before = (size_t)(word.start - whole.start);
        if (word.size && words) {
            put(out, whole.start, before);
            put_new_word(out, l, names, german, word, r);
            put(out, word.start + word.size, whole.size - before - word.size);
        } else {
            size_t at = out->size;
            put(out, whole.start, whole.size);
            for (; at < out->size; at++) /* numbers anew, a leading 0 never made */
                if (out->bytes[at] >= '1' && out->bytes[at] <= '9')
                    out->bytes[at] = (char)('1' + random_below(r, 9));
        }
        i = end + 1;
    }
    return words;
}

static void make_document(buffer *title, buffer *text, const language *languages, uint64_t seed,
                          size_t number, bool *german)
{
    uint64_t r = seed * 1000003 + number;
    random_next(&r);
    *german = random_chance(&r, 50);
    const language *l = &languages[*german];
    cast names;
    for (int i = 0; i < CAST; i++) invent_name(&r, names.name[i]);
    title->size = text->size = 0;
    put_text(title, names.name[0]);
    put_text(title, ": ");
    piece headline = l->sentences.items[random_below(&r, l->sentences.count)];
    while (headline.size > 60) headline.size--;
    while (headline.size && headline.start[headline.size] != ' ') headline.size--;
    put_sentence(title, l, &names, *german, headline, &r);
    size_t wanted = WORDS_MIN + random_below(&r, WORDS_SPREAD);
    for (size_t words = 0, sentences = 0; words < wanted; sentences++) {
        if (sentences) put_text(text, sentences % 3 ? " " : "\n\n");
        words += put_sentence(text, l, &names, *german,
                              l->sentences.items[random_below(&r, l->sentences.count)], &r);
    }
}

/* ---- Near-copies
 * -------------------------------------------------------------------------------------- */

static bool is_copy(size_t number)
{
    return number % 10 == 9;
}

static size_t original_of(uint64_t seed, size_t number)
{
    uint64_t r = seed * 7919 + number;
    size_t original = random_below(&r, number);
    return is_copy(original) ? original - 1 : original;
}

static void replace_words(const buffer *from, buffer *to, const language *l, uint64_t *r)
{
    for (size_t i = 0; i < from->size;) {
        size_t end = i;
        while (end < from->size && from->bytes[end] != ' ') end++;
        if (random_chance(r, 3)) {
            piece other = l->lower.items[random_below(r, l->lower.count)];
            put(to, other.start, other.size);
        } else {
            put(to, from->bytes + i, end - i);
        }
        if (end < from->size) put(to, " ", 1);
        i = end + 1;
    }
}

static void drop_paragraph(const buffer *from, buffer *to)
{
    const char *end = strstr(from->bytes, "\n\n");
    const char *next = end ? strstr(end + 2, "\n\n") : NULL;
    if (!next) {
        put(to, from->bytes, from->size);
        return;
    }
    put(to, from->bytes, (size_t)(end - from->bytes));
    put_text(to, next);
}

static void make_copy(const buffer *from, buffer *to, const language *l, uint64_t seed,
                      size_t number)
{
    uint64_t r = seed * 104729 + number;
    char author[WORD_ROOM];
    to->size = 0;
    switch (number / 10 % 3) {
    case 0: replace_words(from, to, l, &r); break;
    case 1: drop_paragraph(from, to); break;
    default:
        invent_name(&r, author);
        put_text(to, "By ");
        put_text(to, author);
        put_text(to, "\n\n");
        put(to, from->bytes, from->size);
        put_text(to, "\n\nAll rights reserved. This material may not be published again.");
    }
}

/* ---- Writing
 * --------------------------------------------------------------------------------------------- */

static void write_json_string(const char *name, const buffer *text)
{
    printf(",\"%s\":\"", name);
    for (size_t i = 0; i < text->size; i++) {
        char c = text->bytes[i];
        if (c == '"' || c == '\\') putchar('\\');
        if (c == '\n')
            fputs("\\n", stdout);
        else
            putchar(c);
    }
    putchar('"');
}

int main(int count, char **arguments)
{
    if (count < 4) {
        fputs("usage: bench-corpus COUNT SEED FILE...\n", stderr);
        return 2;
    }
    size_t documents = strtoull(arguments[1], NULL, 10);
    uint64_t seed = strtoull(arguments[2], NULL, 10);
    language languages[LANGUAGES] = {0};
    if (!read_source((const char *const *)arguments + 3, (size_t)count - 3, languages)) return 3;
    fprintf(stderr, "bench-corpus: %zu English and %zu German sentences\n",
            languages[0].sentences.count, languages[1].sentences.count);
    buffer title = {0}, text = {0}, copy = {0};
    for (size_t i = 0; i < documents; i++) {
        bool german;
        size_t original = is_copy(i) ? original_of(seed, i) : i;
        make_document(&title, &text, languages, seed, original, &german);
        printf("{\"id\":\"d%06zu\"", i);
        if (original != i) {
            make_copy(&text, &copy, &languages[german], seed, i);
            printf(",\"copy_of\":\"d%06zu\"", original);
        }
        write_json_string("title", &title);
        write_json_string("text", original != i ? &copy : &text);
        puts("}");
    }
    if (fflush(stdout) || ferror(stdout)) {
        perror("bench-corpus: stdout");
        return 3;
    }
    return 0;
}
