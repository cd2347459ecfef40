/* Stage reader: the records of a WARC file, crawl dumps as they are (WARC and WET).
 *
 * In: the bytes of a file through ss_input. Out: one after the other the records that hold a text,
 * `conversion` (plain text), `response` and `resource` (HTML); all others are passed over and
 * counted. A record that is not as it should be is given as a bad one, and the search goes on for
 * the next line that begins a record. Memory: the input's buffer, which holds one record.
 * Cost: one scan of the header; a block is looked at where its kind asks for it. ISO 28500. */
#ifndef SS_TEXT_WARC_H
#define SS_TEXT_WARC_H

#include "samestory.h"
#include "text/http.h"
#include "text/input.h"

/* A longer block is none that holds a text: Common Crawl cuts at 1 to 5 MiB. */
#define SS_WARC_BLOCK_BYTES ((size_t)64 << 20)

typedef struct ss_warc {
    ss_input *input;
    const char *name;
    size_t max_bytes; /* of a block */
    uint64_t number;  /* of the record given last, from 1; records that are passed over count */
    size_t given;     /* bytes of it that still are in the input */
    bool lost;        /* the next record must be searched for */
    bool damaged;     /* so must the next member */
    uint64_t skipped[SAMESTORY_SKIPS]; /* the owner's to set to 0 */
} ss_warc;

typedef struct ss_warc_record {
    samestory_string raw;  /* header and block; of a bad record at most 1 MiB of it */
    samestory_string tail; /* the line ends behind it */
    samestory_string id, url, date, language; /* empty where the header has none */
    samestory_string block;
    bool is_page;   /* a page in HTML, described by `http`, else plain text */
    bool truncated; /* the crawler did not keep all of it */
    ss_http http;   /* its strings point into the block */
    uint64_t number, offset;
} ss_warc_record;

/* Does a file that begins with these bytes hold WARC records? */
bool ss_warc_begins(samestory_string bytes);

/* Begins with a file that `input` has started; `max_bytes` limits a block. Keeps w->skipped. */
void ss_warc_start(ss_warc *w, ss_input *input, const char *name, size_t max_bytes);

/* The next record that holds a text; its strings live until the next call. SAMESTORY_BAD_RECORD:
 * raw, number and offset are set, *error says why, and reading may go on. */
samestory_status ss_warc_next(ss_warc *w, ss_warc_record *record, samestory_error *error);

#endif
