/* Stage reader: which members of a record hold the parts of a document. */
#ifndef SS_TEXT_FIELDS_H
#define SS_TEXT_FIELDS_H

#include "samestory.h"
#include "text/html.h"
#include "text/json.h"

/* What a document's strings point to that is not in the parsed record. */
typedef struct ss_field_space {
    char numbers[8][SS_JSON_NUMBER_BYTES];
    char id[32];
    ss_html *html;    /* made for the first text that is HTML; the owner frees it */
    uint64_t records; /* that have been read */
    unsigned matched; /* bit of samestory_field: one of them had the member that the options name */
} ss_field_space;

/* Fills *document and *label from the record that `json` parsed last. The id is never empty: the
 * record's own, else its URL, else a hash of title and text.
 *
 * HTML is read as such: what content_html holds; and of members that feeds, readers and news
 * services write HTML to (content, body, article, description, summary, and one that the options
 * name) what begins with a tag, or holds the end of a paragraph, a list's item, a block, or a <br>.
 * Fails only when memory is out. */
samestory_status ss_fields_read(const ss_json *json, const samestory_reader_options *options,
                                ss_field_space *space, samestory_document *document,
                                samestory_string *label);

/* "xxh3:" and 16 digits: an id for a document without one. */
samestory_string ss_fields_content_id(const samestory_document *document, ss_field_space *space);

#endif
