/* A page out of a crawl; see page.h. */
#include "text/page.h"
#include "text/charset.h"
#include "text/html.h"

#include <stdlib.h>

struct ss_page {
    ss_http_space *http;
    ss_charset *charset;
    ss_html *html;
};

ss_page *ss_page_new(void)
{
    ss_page *p = calloc(1, sizeof *p);
    if (!p) return NULL;
    p->http = ss_http_space_new();
    p->charset = ss_charset_new();
    p->html = ss_html_new();
    if (p->http && p->charset && p->html) return p;
    ss_page_free(p);
    return NULL;
}

void ss_page_free(ss_page *p)
{
    if (!p) return;
    ss_http_space_free(p->http);
    ss_charset_free(p->charset);
    ss_html_free(p->html);
    free(p);
}

samestory_status ss_page_read(ss_page *p, const ss_http *http, bool truncated,
                              samestory_document *document, const char **message)
{
    samestory_string body, utf8;
    ss_html_result found;
    samestory_status status = ss_http_body(p->http, http, truncated, &body, message);
    if (status) return status;
    *message = "out of memory";
    status = ss_charset_to_utf8(p->charset, http->charset, body, &utf8);
    if (!status) status = ss_html_read(p->html, SS_HTML_PAGE, utf8.data, utf8.size, &found);
    if (status) return status;
    document->title = found.title;
    document->text = found.text;
    /* The language that a page declares is that of its template as often as its own, and the text
     * tells it better. */
    if (found.date != SAMESTORY_NO_DATE) document->date = found.date;
    return SAMESTORY_OK;
}
