/* Lines of sfeed; see sfeed.h. */
#include "text/sfeed.h"
#include "base/array.h"

#include <string.h>

enum { TIME, TITLE, LINK, CONTENT, TYPE, ID, FIELDS_READ, FIELDS_LEAST = 8 };

/* Splits a line; returns how many fields it has, at most FIELDS_LEAST. */
static size_t split(samestory_string line, samestory_string field[FIELDS_LEAST])
{
    const char *p = line.data, *end = p + line.size;
    size_t count = 0;
    while (count < FIELDS_LEAST) {
        const char *tab = p < end ? memchr(p, '\t', (size_t)(end - p)) : NULL;
        field[count++] = (samestory_string){p, (size_t)((tab ? tab : end) - p)};
        if (!tab) break;
        p = tab + 1;
    }
    return count;
}

static bool is(samestory_string s, const char *word)
{
    return s.size == strlen(word) && !memcmp(s.data, word, s.size);
}

static bool is_time(samestory_string s)
{
    size_t i = 0;
    while (i < s.size && s.data[i] >= '0' && s.data[i] <= '9') i++;
    return i == s.size && s.size <= 12;
}

static bool is_address(samestory_string s)
{
    for (size_t i = 0; i + 2 < s.size; i++)
        if (!memcmp(s.data + i, "://", 3)) return true;
    return false;
}

bool ss_sfeed_begins(samestory_string bytes)
{
    samestory_string field[FIELDS_LEAST];
    const char *newline = bytes.size ? memchr(bytes.data, '\n', bytes.size) : NULL;
    if (!newline) return false;
    bytes.size = (size_t)(newline - bytes.data);
    if (split(bytes, field) < FIELDS_LEAST || !is_time(field[TIME])) return false;
    bool typed = is(field[TYPE], "html") || is(field[TYPE], "plain");
    bool empty = !field[TYPE].size && !field[CONTENT].size;
    return typed ? is_address(field[LINK]) || !field[LINK].size
                 : empty && field[TIME].size && is_address(field[LINK]);
}

/* The content with its escapes undone. */
static bool unescape(ss_sfeed *space, samestory_string *content)
{
    if (!content->size) return true;
    if (!ss_reserve(&space->content, &space->capacity, content->size)) return false;
    size_t size = 0;
    for (size_t i = 0; i < content->size; i++) {
        char c = content->data[i];
        if (c == '\\' && i + 1 < content->size) {
            char next = content->data[++i];
            c = next == 'n' ? '\n' : next == 't' ? '\t' : next;
        }
        space->content[size++] = c;
    }
    *content = (samestory_string){space->content, size};
    return true;
}

samestory_status ss_sfeed_read(ss_sfeed *space, ss_html *html, samestory_string line,
                               samestory_document *document)
{
    samestory_string field[FIELDS_LEAST] = {{NULL, 0}};
    ss_html_result found;
    if (split(line, field) < FIELDS_READ || !is_time(field[TIME])) return SAMESTORY_BAD_RECORD;
    samestory_document d = SAMESTORY_DOCUMENT_INIT;
    d.date = samestory_parse_date(field[TIME].data, field[TIME].size);
    d.title = field[TITLE];
    d.url = field[LINK];
    d.id = field[ID].size ? field[ID] : field[LINK];
    d.text = field[CONTENT];
    if (!unescape(space, &d.text)) return SAMESTORY_NO_MEMORY;
    if (is(field[TYPE], "html")) {
        if (ss_html_read(html, SS_HTML_FRAGMENT, d.text.data, d.text.size, &found))
            return SAMESTORY_NO_MEMORY;
        d.text = found.text;
    }
    *document = d;
    return SAMESTORY_OK;
}
