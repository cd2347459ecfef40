/* Stage anchors, links. Comes in: the text. Goes out: host and path of each URL, and hashtags. The
 * words of a URL are used up: "https" and "html" are no names. */
#include "sketch/finder.h"

#include <string.h>
#include <xxhash.h>

enum { LINK_MAX = 512, TAG_MAX = 63 };

static bool ends_link(unsigned char c)
{
    return c <= ' ' || c == '"' || c == '<' || c == '>' || c == '\\' || c == '^' || c == '`' ||
           c == '{' || c == '|' || c == '}' || c >= 0x7F;
}

/* Uses up the words of text[start..end). */
static size_t use_words(ss_finder *f, size_t i, size_t start, size_t end)
{
    i = ss_word_at(f, i, start);
    for (; i < f->words->count && f->words->items[i].start < end; i++) f->used[i] = 1;
    return i;
}

/* host and path: from after "://", "www." taken off, up to a query, fragment, or closing bracket.
 */
static void add_link(ss_finder *f, size_t word, size_t start, size_t end)
{
    if (end - start > 4 && memcmp(f->text + start, "www.", 4) == 0) start += 4;
    size_t stop = start;
    while (stop < end && f->text[stop] != '?' && f->text[stop] != '#') stop++;
    while (stop > start && strchr("/.,;:!)]'*", f->text[stop - 1])) stop--;
    if (stop - start < 4) return;
    char plain[LINK_MAX];
    size_t size = stop - start < sizeof plain ? stop - start : sizeof plain;
    bool dot = false, path = false;
    for (size_t i = 0; i < size; i++) {
        char c = f->text[start + i];
        dot = dot || c == '.';
        path = path || c == '/';
        plain[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    if (!dot) return;
    /* a bare host is an outlet or an organisation, less telling than a page */
    ss_add_anchor(f, SS_ANCHOR_LINK, (uint32_t)XXH3_64bits(plain, size), path ? 4.0 : 2.0, 0,
                  (ss_place){f->words->items[word].start, (uint32_t)end}, plain, size);
}

static void add_hashtag(ss_finder *f, size_t i)
{
    const ss_word *w = &f->words->items[i];
    char text[TAG_MAX] = "#";
    if (w->folded_size < 3 || w->folded_size > sizeof text - 1) return;
    memcpy(text + 1, w->folded, w->folded_size);
    ss_add_anchor(f, SS_ANCHOR_LINK, (uint32_t)XXH3_64bits(text, 1u + w->folded_size), 2.5, 0,
                  ss_place_of(f, i), text, 1u + w->folded_size);
}

void ss_find_links(ss_finder *f)
{
    size_t word = 0;
    for (size_t at = 0; at < f->size;) {
        const char *colon = memchr(f->text + at, ':', f->size - at);
        if (!colon) break;
        at = (size_t)(colon - f->text) + 1;
        if (f->size - at < 2 || colon[1] != '/' || colon[2] != '/') continue;
        size_t scheme = at - 1, end = at + 2;
        while (scheme > 0 && at - scheme < 8 && f->text[scheme - 1] >= 'a' &&
               f->text[scheme - 1] <= 'z')
            scheme--;
        while (end < f->size && !ends_link((unsigned char)f->text[end])) end++;
        size_t first = ss_word_at(f, word, scheme);
        if (first < f->words->count) add_link(f, first, at + 2, end);
        word = use_words(f, first, scheme, end);
        at = end;
    }
    if (!f->size || !memchr(f->text, '#', f->size)) return;
    for (size_t i = 0; i < f->words->count; i++) {
        size_t start = f->words->items[i].start;
        if (start && f->text[start - 1] == '#' && !f->used[i] && !f->words->items[i].digits)
            add_hashtag(f, i);
    }
}
