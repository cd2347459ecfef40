#include "source.h"

#include "samestory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/ubrk.h>
#include <unicode/utext.h>

void *grown(void *memory, size_t *capacity, size_t need, size_t element)
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

void put(buffer *b, const char *bytes, size_t size)
{
    b->bytes = grown(b->bytes, &b->capacity, b->size + size + 1, 1);
    memcpy(b->bytes + b->size, bytes, size);
    b->size += size;
    b->bytes[b->size] = 0;
}

void put_text(buffer *b, const char *text)
{
    put(b, text, strlen(text));
}

/* ---- Characters --------------------------------------------------------------------------------
 */

static unsigned decode(const char *at, size_t size)
{
    const unsigned char *c = (const unsigned char *)at;
    switch (size) {
    case 1: return c[0];
    case 2: return (c[0] & 31u) << 6 | (c[1] & 63u);
    case 3: return (c[0] & 15u) << 12 | (c[1] & 63u) << 6 | (c[2] & 63u);
    default: return (c[0] & 7u) << 18 | (c[1] & 63u) << 12 | (c[2] & 63u) << 6 | (c[3] & 63u);
    }
}

/* General punctuation, CJK punctuation, full-width signs, the Arabic and Devanagari stops. */
static bool is_letter(unsigned c)
{
    if (c < 0x80) return (c | 32) >= 'a' && (c | 32) <= 'z';
    if (c < 0xC0) return false;
    if (c >= 0x2000 && c < 0x2070) return false;
    if (c >= 0x3000 && c < 0x3040) return c == 0x3005;
    if (c >= 0xFF00 && c < 0xFF66) return false;
    return c != 0x60C && c != 0x61B && c != 0x61F && c != 0x6D4 && c != 0x964;
}

static bool is_capital(piece word)
{
    if (!word.size) return false;
    unsigned c = decode(word.start, character_size(*word.start));
    return (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE) || (c >= 0x391 && c <= 0x3A9) ||
           (c >= 0x400 && c <= 0x42F);
}

/* A token without what clings to it: quotes, commas, brackets. */
static piece bare_word(piece whole)
{
    const char *begin = whole.start, *end = whole.start + whole.size, *last = begin;
    while (begin < end && !is_letter(decode(begin, character_size(*begin))))
        begin += character_size(*begin);
    for (const char *at = begin; at < end; at += character_size(*at))
        if (is_letter(decode(at, character_size(*at)))) last = at + character_size(*at);
    return (piece){begin, begin < end ? (size_t)(last - begin) : 0};
}

/* Vowels and tone marks of Thai that stand above and below. */
static bool is_mark(unsigned c)
{
    return c == 0xE31 || (c >= 0xE34 && c <= 0xE3A) || (c >= 0xE47 && c <= 0xE4E);
}

const char *token_end(const language *l, const char *start, const char *end)
{
    const char *at = start;
    size_t letters = 0;
    if (l->spaces) {
        while (at < end && *at != ' ' && *at != '\n') at++;
        return at;
    }
    while (at < end) {
        size_t size = character_size(*at);
        unsigned c = decode(at, size);
        bool letter = c >= 0x80 && is_letter(c);
        if ((letters && !letter) || (letters >= 2 && !is_mark(c))) break;
        at += size;
        letters += letter;
        if (!letter) break;
    }
    return at;
}

/* ---- Languages ---------------------------------------------------------------------------------
 */

static bool named(const char *code, const char *wanted)
{
    size_t size = strlen(code);
    for (const char *at = wanted; at; at = strchr(at, ',')) {
        at += *at == ',';
        if (!strncmp(at, code, size) && (at[size] == ',' || !at[size])) return true;
    }
    return !wanted;
}

static void set_writing(language *l)
{
    static const struct {
        const char *codes;
        writing writing;
    } known[] = {{"be,bg,mk,ru,sr,uk", CYRILLIC},
                 {"el", GREEK},
                 {"ar,fa,ur", ARABIC},
                 {"hi,mr,ne", DEVANAGARI},
                 {"th", THAI},
                 {"ko", HANGUL},
                 {"zh", HAN},
                 {"ja", KANA}};
    l->writing = LATIN;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (named(l->code, known[i].codes)) l->writing = known[i].writing;
    l->spaces = l->writing != HAN && l->writing != KANA && l->writing != THAI;
}

static language *language_of(source *s, samestory_string code)
{
    char text[sizeof s->language->code] = "";
    if (code.size < 2 || code.size >= sizeof text) return NULL;
    memcpy(text, code.data, code.size);
    for (size_t i = 0; i < s->count; i++)
        if (!strcmp(s->language[i].code, text)) return &s->language[i];
    if (s->count == LANGUAGES_MAX) return NULL;
    language *l = &s->language[s->count++];
    memcpy(l->code, text, sizeof text);
    set_writing(l);
    return l;
}

/* ---- Texts to sentences ------------------------------------------------------------------------
 */

static token token_of(piece whole)
{
    piece word = bare_word(whole);
    const char *end = whole.start + whole.size;
    token t = {.start = whole.start, .capital = is_capital(word)};
    t.before = (uint16_t)(word.start - whole.start);
    t.word = (uint16_t)word.size;
    t.after = (uint16_t)(end - (word.start + word.size));
    for (const char *at = whole.start; at < end; at++) t.digits |= *at >= '0' && *at <= '9';
    return t;
}

/* Where words begin, the end last; ends[] are offsets. SIZE_MAX: more than `most`. */
static size_t split_spaced(const char *start, size_t size, size_t *ends, size_t most)
{
    size_t count = 0;
    for (size_t i = 0; i < size; count++) {
        while (i < size && start[i] != ' ') i++;
        while (i < size && start[i] == ' ') i++;
        if (count == most) return SIZE_MAX;
        ends[count] = i;
    }
    return count;
}

static size_t split_by_dictionary(const language *l, const char *start, size_t size, size_t *ends,
                                  size_t most)
{
    static UBreakIterator *words; /* of the language that came last */
    static char code[sizeof l->code];
    UErrorCode error = U_ZERO_ERROR;
    UText *text = utext_openUTF8(NULL, start, (int64_t)size, &error);
    if (strcmp(code, l->code)) {
        ubrk_close(words);
        words = ubrk_open(UBRK_WORD, l->code, NULL, 0, &error);
        memcpy(code, l->code, sizeof code);
    }
    if (words) ubrk_setUText(words, text, &error);
    if (U_FAILURE(error)) {
        fprintf(stderr, "bench-corpus: ICU can't split %s: %s\n", l->code, u_errorName(error));
        exit(3);
    }
    size_t count = 0;
    ubrk_first(words);
    for (int32_t end = ubrk_next(words); end != UBRK_DONE && count <= most; end = ubrk_next(words))
        if (count++ < most) ends[count - 1] = (size_t)end;
    utext_close(text);
    return count > most ? SIZE_MAX : count;
}

static void keep_sentence(language *l, const char *start, size_t size)
{
    enum { WORDS_LEAST = 5, WORDS_MOST = 90 };
    size_t ends[WORDS_MOST];
    while (size && *start == ' ') start++, size--;
    size_t count = l->spaces ? split_spaced(start, size, ends, WORDS_MOST)
                             : split_by_dictionary(l, start, size, ends, WORDS_MOST);
    if (count < WORDS_LEAST || count == SIZE_MAX || size > UINT16_MAX) return;
    token *tokens = malloc(count * sizeof *tokens); /* lives as long as the program */
    if (!tokens) exit(3);
    for (size_t i = 0, at = 0; i < count; at = ends[i++])
        tokens[i] = token_of((piece){start + at, ends[i] - at});
    sentences *s = &l->sentences;
    s->items = grown(s->items, &s->capacity, s->count + 1, sizeof *s->items);
    s->items[s->count++] = (sentence){tokens, count};
    for (size_t i = 1; i < count; i++) /* a capital of the first word says nothing */
        if (tokens[i].word > 1 && tokens[i].word < 40)
            keep(tokens[i].capital ? &l->capital : &l->lower, tokens[i].start + tokens[i].before,
                 tokens[i].word);
}

/* Does a sentence end before text[i]? */
static bool sentence_ends(const char *text, size_t i, size_t start)
{
    static const char *const stops[] = {"\xE3\x80\x82", "\xEF\xBC\x81", "\xEF\xBC\x9F", /* 。！？ */
                                        "\xE0\xA5\xA4"};                                /* । */
    if (i - start < 12) return false;
    for (size_t k = 0; k < sizeof stops / sizeof *stops; k++)
        if (i >= 3 && !memcmp(text + i - 3, stops[k], 3)) return true;
    if (text[i] != ' ' || i - start < 40) return false;
    bool stop = strchr(".!?", text[i - 1]) ||
                (i >= 2 && (!memcmp(text + i - 2, "\xD8\x9F", 2) || /* Arabic ? */
                            !memcmp(text + i - 2, "\xDB\x94", 2))); /* Urdu . */
    unsigned char next = (unsigned char)text[i + 1];
    return stop && ((next >= 'A' && next <= 'Z') || next >= 0x80);
}

static void keep_text(language *l, samestory_string text)
{
    char *copy = malloc(text.size + 2); /* lives as long as the program */
    if (!copy) exit(3);
    for (size_t i = 0; i < text.size; i++)
        copy[i] = (unsigned char)text.data[i] < ' ' && text.data[i] != '\n' ? ' ' : text.data[i];
    copy[text.size] = copy[text.size + 1] = 0;
    for (size_t start = 0, i = 0; i <= text.size; i++) {
        if (i < text.size && copy[i] != '\n' && !sentence_ends(copy, i, start)) continue;
        keep_sentence(l, copy + start, i - start);
        start = i + (copy[i] == '\n' || copy[i] == ' ');
    }
}

static int by_code(const void *a, const void *b)
{
    return strcmp(((const language *)a)->code, ((const language *)b)->code);
}

/* Leaves out the languages that have too little. */
static void choose(source *s)
{
    size_t count = 0;
    for (size_t i = 0; i < s->count; i++) {
        language *l = &s->language[i];
        if (l->sentences.count < SENTENCES_MIN || l->lower.count < SENTENCES_MIN) continue;
        if (!l->capital.count) l->capital = l->lower;
        s->language[count++] = *l;
    }
    s->count = count;
    qsort(s->language, s->count, sizeof *s->language, by_code);
}

bool source_read(source *s, const char *const *paths, size_t count, const char *wanted)
{
    samestory_reader *reader = NULL;
    samestory_error error;
    samestory_record record = SAMESTORY_RECORD_INIT;
    samestory_status status = samestory_reader_open(paths, count, NULL, &reader, &error);
    while (!status) {
        status = samestory_reader_next(reader, &record, &error);
        if (status) break;
        language *l = record.is_blank ? NULL : language_of(s, record.document.language);
        if (l && named(l->code, wanted)) keep_text(l, record.document.text);
    }
    samestory_reader_free(reader);
    if (status != SAMESTORY_END) {
        fprintf(stderr, "bench-corpus: %s: %s\n", error.file, error.message);
        return false;
    }
    choose(s);
    if (!s->count) fputs("bench-corpus: not enough text in such a language in the files\n", stderr);
    return s->count > 0;
}
