/* Stage reader: HTML in, readable text out.
 *
 * In: the bytes of a page or of a piece of one, UTF-8 (the charset is the caller's: ss_html_charset
 * says what a page declares). Out: its title and its text, a line a block element, entities
 * decoded, spaces collapsed; of a page also what it says of itself (language, date, address). Cost:
 * one pass, about 60 MB/s a core; memory about twice the input and the text. */
#ifndef SS_TEXT_HTML_H
#define SS_TEXT_HTML_H

#include "samestory.h"

/* Of a page only this much is looked at. */
#define SS_HTML_BYTES_MAX ((size_t)32 << 20)

typedef enum ss_html_mode {
    SS_HTML_PAGE,    /* a whole page: what is the same on every page of a site is left out */
    SS_HTML_FRAGMENT /* the content of a feed's entry or a record: all that a reader would see */
} ss_html_mode;

/* What was read. Strings live until the next call with the same ss_html. */
typedef struct ss_html_result {
    samestory_string title; /* of the page, without the name of the site where that can be told */
    samestory_string text;
    samestory_string language; /* as the page declares it, or empty */
    samestory_string url;      /* the page's canonical address, or empty */
    int64_t date;              /* of publication, as the page declares it, or SAMESTORY_NO_DATE */
    bool cut;                  /* there was more than SS_HTML_BYTES_MAX bytes or a text too long */
} ss_html_result;

/* The memory that reading needs, used again by each call. Belongs to one thread at a time. */
typedef struct ss_html ss_html;

ss_html *ss_html_new(void); /* NULL when memory is out */
void ss_html_free(ss_html *html);

/* Reads any bytes: what is not UTF-8 counts as a space, and nesting is as deep as it likes. Fails
 * only when memory is out. */
samestory_status ss_html_read(ss_html *html, ss_html_mode mode, const char *bytes, size_t size,
                              ss_html_result *out);

/* Does a text hold tags or character references, as HTML does and plain text hardly ever? */
bool ss_html_is_markup(const char *text, size_t size);

/* The encoding that a page declares: a byte order mark, else the first <meta> of the first 1,024
 * bytes that names one (the HTML standard's prescan). Writes its name, lower-case and terminated,
 * to `name`; false when there is none or it doesn't fit. UTF-16 in a <meta> means UTF-8 (the bytes
 * have just been read as ASCII). */
bool ss_html_charset(const char *bytes, size_t size, char *name, size_t capacity);

#endif
