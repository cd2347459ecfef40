/* Stage reader: an HTTP response as a crawler stored it, its header read and its body unpacked.
 *
 * In: the block of a WARC response record. Out: status, media type and charset, and the body
 * without its transfer and content encodings. Memory: two buffers that grow to the largest body, at
 * most SS_HTTP_BODY_BYTES each. RFC 9110, RFC 9112. */
#ifndef SS_TEXT_HTTP_H
#define SS_TEXT_HTTP_H

#include "samestory.h"

/* What a body may unpack to; a page is a hundredth of it. */
#define SS_HTTP_BODY_BYTES ((size_t)16 << 20)

typedef struct ss_http {
    unsigned status;
    samestory_string media_type, charset; /* of Content-Type; empty where it is not told */
    samestory_string transfer, encoding;  /* Transfer-Encoding, Content-Encoding */
    samestory_string body;                /* as stored */
} ss_http;

/* Reads the header of a response. NULL, or why it can't be read. */
const char *ss_http_read(samestory_string block, ss_http *http);

/* The media type and the charset that a Content-Type names, into http->media_type and ->charset. */
void ss_http_read_type(samestory_string value, ss_http *http);

/* text/html, application/xhtml+xml, or, where no type is told, a body that begins as a page does.
 */
bool ss_http_is_page(const ss_http *http);

/* Buffers and decoders of one thread. */
typedef struct ss_http_space ss_http_space;
ss_http_space *ss_http_space_new(void); /* NULL when memory is out */
void ss_http_space_free(ss_http_space *space);

/* The body without its encodings; *out lives until the next call. `truncated`: what is missing at
 * its end is no mistake. SAMESTORY_BAD_RECORD: *message says why. */
samestory_status ss_http_body(ss_http_space *space, const ss_http *http, bool truncated,
                              samestory_string *out, const char **message);

#endif
