/* The encoding that a page declares, and whether a text is HTML at all. Comes in: bytes. Goes out:
 * a name, or yes or no.
 *
 * The prescan is that of the HTML standard ("prescan a byte stream to determine its encoding"),
 * over the first 1,024 bytes. */
#include "text/html.h"

#include <string.h>
#include <strings.h>

enum { PRESCAN = 1024 };

/* Where the scan is. */
typedef struct cursor {
    const char *at, *end;
} cursor;

typedef struct span {
    const char *data;
    size_t size;
} span;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool starts(const cursor *c, const char *word)
{
    size_t size = strlen(word);
    return (size_t)(c->end - c->at) >= size && !strncasecmp(c->at, word, size);
}

static bool is(span s, const char *word)
{
    return s.size == strlen(word) && !strncasecmp(s.data, word, s.size);
}

/* ---- Attributes ----------------------------------------------------------------------------- */

static span read_value(cursor *c)
{
    char quote = *c->at;
    if (quote == '"' || quote == '\'') {
        const char *begin = ++c->at;
        while (c->at < c->end && *c->at != quote) c->at++;
        span value = {begin, (size_t)(c->at - begin)};
        if (c->at < c->end) c->at++;
        return value;
    }
    const char *begin = c->at;
    while (c->at < c->end && !is_blank(*c->at) && *c->at != '>') c->at++;
    return (span){begin, (size_t)(c->at - begin)};
}

/* The next attribute of the tag; false at its end. */
static bool read_attribute(cursor *c, span *name, span *value)
{
    while (c->at < c->end && (is_blank(*c->at) || *c->at == '/')) c->at++;
    *name = *value = (span){c->at, 0};
    if (c->at >= c->end || *c->at == '>') return false;
    do c->at++;
    while (c->at < c->end && !is_blank(*c->at) && !strchr("=/>", *c->at));
    name->size = (size_t)(c->at - name->data);
    const char *behind = c->at;
    while (c->at < c->end && is_blank(*c->at)) c->at++;
    if (c->at >= c->end || *c->at != '=') {
        c->at = behind;
        return true;
    }
    c->at++;
    while (c->at < c->end && is_blank(*c->at)) c->at++;
    if (c->at < c->end) *value = read_value(c);
    return true;
}

/* The encoding in "text/html; charset=NAME". */
static span charset_in(span content)
{
    cursor c = {content.data, content.data + content.size};
    for (; c.at < c.end; c.at++) {
        if (!starts(&c, "charset")) continue;
        c.at += 7;
        while (c.at < c.end && is_blank(*c.at)) c.at++;
        if (c.at >= c.end || *c.at != '=') {
            c.at--;
            continue;
        }
        c.at++;
        while (c.at < c.end && is_blank(*c.at)) c.at++;
        if (c.at >= c.end) break;
        span name = read_value(&c);
        const char *semicolon = memchr(name.data, ';', name.size);
        if (semicolon) name.size = (size_t)(semicolon - name.data);
        return name;
    }
    return (span){NULL, 0};
}

/* The encoding that a <meta ...> names, the cursor being behind "<meta". */
static span read_meta(cursor *c)
{
    span name, value, own = {NULL, 0}, content = {NULL, 0};
    bool pragma = false;
    while (read_attribute(c, &name, &value)) {
        if (is(name, "http-equiv")) pragma |= is(value, "content-type");
        if (is(name, "content") && !content.size) content = charset_in(value);
        if (is(name, "charset") && !own.size) own = value;
    }
    return own.size ? own : pragma ? content : (span){NULL, 0};
}

/* ---- The scan ------------------------------------------------------------------------------- */

static void skip_to(cursor *c, const char *word)
{
    while (c->at < c->end && !starts(c, word)) c->at++;
}

static span prescan(const char *bytes, size_t size)
{
    cursor c = {bytes, bytes + (size < PRESCAN ? size : PRESCAN)};
    for (; c.at < c.end; c.at++) {
        span name, value;
        if (*c.at != '<') continue;
        if (starts(&c, "<!--")) {
            c.at += 2; /* "<!-->" ends itself */
            skip_to(&c, "-->");
            c.at += 2;
        } else if (starts(&c, "<meta") && c.end - c.at > 5 &&
                   (is_blank(c.at[5]) || c.at[5] == '/')) {
            c.at += 5;
            name = read_meta(&c);
            if (name.size) return name;
        } else if (c.end - c.at > 2 &&
                   (is_letter(c.at[1]) || (c.at[1] == '/' && is_letter(c.at[2])))) {
            while (c.at < c.end && !is_blank(*c.at) && *c.at != '>') c.at++;
            while (read_attribute(&c, &name, &value)) {
            }
        } else if (c.end - c.at > 1 && strchr("!/?", c.at[1])) {
            skip_to(&c, ">");
        }
        if (c.at >= c.end) break;
    }
    return (span){NULL, 0};
}

static span by_mark(const char *bytes, size_t size)
{
    static const struct {
        const char *mark, *name;
        size_t size;
    } marks[] = {
        {"\xEF\xBB\xBF", "utf-8", 3}, {"\xFE\xFF", "utf-16be", 2}, {"\xFF\xFE", "utf-16le", 2}};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (size >= marks[i].size && !memcmp(bytes, marks[i].mark, marks[i].size))
            return (span){marks[i].name, strlen(marks[i].name)};
    return (span){NULL, 0};
}

bool ss_html_charset(const char *bytes, size_t size, char *name, size_t capacity)
{
    span found = by_mark(bytes, size);
    if (!found.size) {
        found = prescan(bytes, size);
        if (found.size >= 6 && !strncasecmp(found.data, "utf-16", 6)) found = (span){"utf-8", 5};
        if (is(found, "x-user-defined")) found = (span){"windows-1252", 12};
    }
    while (found.size && is_blank(*found.data)) found.data++, found.size--;
    while (found.size && is_blank(found.data[found.size - 1])) found.size--;
    if (!found.size || found.size >= capacity) return false;
    for (size_t i = 0; i < found.size; i++) {
        char c = found.data[i];
        name[i] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    name[found.size] = 0;
    return true;
}

/* ---- Is it HTML? ---------------------------------------------------------------------------- */

enum { TAG_BYTES = 4096 /* a tag that a text is known by ends within so many */ };

static bool is_tag_name(const char *name, size_t size)
{
    static const char *const names[] = {
        "a",      "article", "b",     "blockquote", "body",   "br",     "center", "code",
        "dd",     "div",     "dl",    "dt",         "em",     "figure", "font",   "h1",
        "h2",     "h3",      "h4",    "h5",         "h6",     "head",   "hr",     "html",
        "i",      "iframe",  "img",   "li",         "meta",   "ol",     "p",      "pre",
        "script", "section", "small", "span",       "strong", "style",  "sub",    "sup",
        "table",  "tbody",   "td",    "th",         "tr",     "u",      "ul",     "video"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == size && !strncasecmp(names[i], name, size)) return true;
    return false;
}

/* "<p>", "<br/>", "</b>", "<a href=...>", "<!--" */
static bool is_tag(const char *at, const char *end)
{
    if (end - at > TAG_BYTES) end = at + TAG_BYTES;
    const char *c = at + 1;
    if (end - at >= 4 && !memcmp(at, "<!--", 4)) return true;
    if (c < end && *c == '/') c++;
    const char *name = c;
    while (c < end && (is_letter(*c) || (c > name && *c >= '0' && *c <= '9'))) c++;
    if (!is_tag_name(name, (size_t)(c - name))) return false;
    if (c < end && *c == '/') c++;
    if (c < end && *c == '>') return true;
    return c < end && is_blank(*c) && memchr(c, '>', (size_t)(end - c));
}

/* "&amp;", "&#8217;", "&#x2019;" */
static bool is_reference(const char *at, const char *end)
{
    const char *c = at + 1;
    if (c < end && *c == '#') c++;
    const char *name = c;
    while (c < end && c - name <= 8 && (is_letter(*c) || (*c >= '0' && *c <= '9'))) c++;
    return c > name + 1 && c - name <= 8 && c < end && *c == ';';
}

bool ss_html_is_markup(const char *text, size_t size)
{
    const char *end = text + size;
    for (const char *c = text; c < end; c++) {
        if (*c == '<' && is_tag(c, end)) return true;
        if (*c == '&' && is_reference(c, end)) return true;
    }
    return false;
}
