/* Stage reader: the entries of a feed as sfeed keeps them, a line of fields split by tabs.
 *
 * Fields: 1 time (seconds since 1970), 2 title, 3 link, 4 content, with \n, \t and \\ for newline,
 * tab and backslash, 5 its type (html or plain), 6 id, 7 author, 8 enclosure, 9 category. sfeed(5).
 */
#ifndef SS_TEXT_SFEED_H
#define SS_TEXT_SFEED_H

#include "samestory.h"
#include "text/html.h"

/* Does a file that begins with these bytes hold such lines? Its first line must have eight fields,
 * a number, an address and a type where these belong. */
bool ss_sfeed_begins(samestory_string bytes);

/* What reading takes, to be zeroed first; the owner frees `content`. */
typedef struct ss_sfeed {
    char *content;
    size_t capacity;
} ss_sfeed;

/* One line to a document, whose strings live as long as the line, and until the next call with the
 * same `space` or `html`. The id may be empty. SAMESTORY_BAD_RECORD: no such line. */
samestory_status ss_sfeed_read(ss_sfeed *space, ss_html *html, samestory_string line,
                               samestory_document *document);

#endif
