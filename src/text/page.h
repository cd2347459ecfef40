/* Stage reader: a page out of a crawl, from the bytes of an HTTP response to title and text.
 *
 * In: a response (http.h). Out: the parts of a document. Cost: that of its steps: unpacking,
 * charset, HTML; the last takes nearly all. */
#ifndef SS_TEXT_PAGE_H
#define SS_TEXT_PAGE_H

#include "samestory.h"
#include "text/http.h"

/* What the steps need, used again by each page. Belongs to one thread at a time. */
typedef struct ss_page ss_page;

ss_page *ss_page_new(void); /* NULL when memory is out */
void ss_page_free(ss_page *page);

/* Title, text, and, where the page tells it, the date of publication into *document; its other
 * parts stay as they are. Strings live until the next call. `truncated`: the crawler did not keep
 * all of it. SAMESTORY_BAD_RECORD: *message says why. */
samestory_status ss_page_read(ss_page *page, const ss_http *http, bool truncated,
                              samestory_document *document, const char **message);

#endif
