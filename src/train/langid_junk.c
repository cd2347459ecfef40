/* Junk for the language identifier (see langid.h): what looks like text at first glance and is
 * none. */
#include "text/utf8.h"
#include "train/langid.h"
#include "train/random.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LETTERS_MAX = 2048 };

typedef struct writer {
    char *out;
    size_t used, capacity;
    uint64_t *seed;
    uint32_t letter[LETTERS_MAX]; /* of the text, with their frequencies */
    size_t letters;
} writer;

static unsigned below(writer *w, unsigned n)
{
    return (unsigned)random_below(w->seed, n);
}

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static void
put(writer *w, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(w->out + w->used, w->capacity - w->used, format, arguments);
    va_end(arguments);
    if (size > 0 && (size_t)size < w->capacity - w->used) w->used += (size_t)size;
    w->out[w->used] = 0;
}

/* Letters as the text has them: its bytes that are no ASCII punctuation, digit or space. */
static void collect_letters(writer *w, const char *text)
{
    size_t size = strlen(text);
    for (size_t at = 0; at < size && w->letters < LETTERS_MAX;) {
        uint32_t c = ss_utf8_next(text, size, &at);
        if (c == SS_BAD_POINT || c < 'A' || (c > 'Z' && c < 'a') || (c > 'z' && c < 0xC0)) continue;
        if (c >= 0x2000 && c < 0x2C00) continue;
        w->letter[w->letters++] = c;
    }
    while (w->letters < 8) w->letter[w->letters++] = 'a' + below(w, 26);
}

static void put_letter(writer *w, uint32_t c)
{
    char bytes[5] = {0};
    ss_utf8_put(c, bytes);
    put(w, "%s", bytes);
}

static void numbers(writer *w)
{
    static const char *const units[] = {"", "", "", "%", " km", " kg", "°", " €", "$", " m", "th"};
    unsigned a = below(w, 100), b = below(w, 60), c = below(w, 10000);
    switch (below(w, 7)) {
    case 0: put(w, "%u.%u ", a, b); break;
    case 1: put(w, "%u,%03u%s ", a, b, units[below(w, 11)]); break;
    case 2: put(w, "%u:%02u ", a % 24, b); break;
    case 3: put(w, "%u/%u/%u ", 1 + a % 28, 1 + b % 12, 1950 + c % 90); break;
    case 4: put(w, "%u-%u; ", a, b); break;
    case 5: put(w, "+%u %u%s\n", c, c * 7 + a, units[below(w, 11)]); break;
    default: put(w, "%u%s ", c, units[below(w, 11)]); break;
    }
}

static void syllables(writer *w, unsigned count)
{
    static const char *const parts[] = {
        "buf",  "len",  "ptr",  "str",  "get",  "set", "idx",  "num",  "val",
        "tmp",  "src",  "dst",  "node", "list", "key", "data", "item", "file",
        "path", "user", "name", "init", "calc", "xml", "json", "http", "util",
        "ctx",  "cfg",  "err",  "ret",  "obj",  "arr", "map",  "size", "count"};
    bool snake = below(w, 2);
    for (unsigned i = 0; i < count; i++) {
        const char *part = parts[below(w, sizeof parts / sizeof *parts)];
        if (i && snake)
            put(w, "_%s", part);
        else if (i)
            put(w, "%c%s", part[0] - 32, part + 1);
        else
            put(w, "%s", part);
    }
}

static void code(writer *w)
{
    static const char *const keywords[] = {"if",    "while", "return", "for",    "else", "int",
                                           "void",  "def",   "import", "const",  "let",  "function",
                                           "class", "self",  "null",   "static", "new",  "public",
                                           "var",   "elif",  "try",    "print"};
    static const char *const glue[] = {" = ",  "(",   ") {\n    ", ", ",  ");\n", ".",
                                       "->",   " + ", " == ",      "[i]", ": ",   ";\n",
                                       " && ", "() ", "\": \"",    "<",   "/>\n", " * "};
    if (below(w, 3) == 0)
        put(w, "%s ", keywords[below(w, sizeof keywords / sizeof *keywords)]);
    else
        syllables(w, 1 + below(w, 3));
    put(w, "%s", glue[below(w, sizeof glue / sizeof *glue)]);
    if (below(w, 6) == 0) put(w, "%u", below(w, 4096));
}

static void link_or_hash(writer *w)
{
    static const char *const ends[] = {"com", "org", "de",    "net", "vn",
                                       "io",  "gov", "co.uk", "nl",  "ru"};
    switch (below(w, 4)) {
    case 0:
        put(w, "https://www.");
        syllables(w, 1 + below(w, 2));
        put(w, ".%s/", ends[below(w, 10)]);
        syllables(w, 2);
        put(w, "/%u?id=%x\n", below(w, 5000), below(w, 1 << 20));
        break;
    case 1:
        put(w, "/usr/");
        syllables(w, 1);
        put(w, "/");
        syllables(w, 2);
        put(w, ".%s ", below(w, 2) ? "html" : "so");
        break;
    case 2:
        put(w, "%08x%08x\n", (unsigned)random_next(w->seed), (unsigned)random_next(w->seed));
        break;
    default:
        syllables(w, 1);
        put(w, "@");
        syllables(w, 1);
        put(w, ".%s, ", ends[below(w, 10)]);
        break;
    }
}

static void random_word(writer *w, bool keys)
{
    for (unsigned n = 2 + below(w, 9); n > 0; n--)
        put_letter(w, keys ? 'a' + below(w, 26) : w->letter[below(w, (unsigned)w->letters)]);
    put(w, " ");
}

/* The text's words, the letters of each in another order. */
static void shuffled(writer *w, const char *text, size_t size)
{
    uint32_t word[64];
    size_t letters = 0, end = strlen(text);
    for (size_t at = 0; at <= end && w->used < size;) {
        uint32_t c = at < end ? ss_utf8_next(text, end, &at) : (uint32_t)(at++, ' ');
        if (c > ' ' && c != SS_BAD_POINT && letters < 64) {
            word[letters++] = c;
            continue;
        }
        for (size_t i = letters; i > 1; i--) {
            size_t k = below(w, (unsigned)i);
            uint32_t swap = word[i - 1];
            word[i - 1] = word[k];
            word[k] = swap;
        }
        for (size_t i = 0; i < letters; i++) put_letter(w, word[i]);
        if (letters) put(w, " ");
        letters = 0;
    }
}

const char *langid_junk_name(langid_junk kind)
{
    static const char *const names[JUNK_KINDS] = {"numbers", "code", "links", "letters",
                                                  "shuffled"};
    return names[kind];
}

size_t langid_junk_make(langid_junk kind, const char *text, size_t size, uint64_t *seed, char *out,
                        size_t capacity)
{
    writer w = {.out = out, .capacity = capacity, .seed = seed};
    bool keys = below(&w, 3) == 0;
    if (size > capacity - 64) size = capacity - 64;
    out[0] = 0;
    collect_letters(&w, text);
    if (kind == JUNK_SHUFFLED) shuffled(&w, text, size);
    while (kind != JUNK_SHUFFLED && w.used < size) switch (kind) {
        case JUNK_NUMBERS: numbers(&w); break;
        case JUNK_CODE: code(&w); break;
        case JUNK_LINKS: link_or_hash(&w); break;
        default: random_word(&w, keys); break;
        }
    return w.used;
}
