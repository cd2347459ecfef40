/* Stage reader, feeds: what the two ways to read a feed (feed_xml.c, feed_json.c) and the one to
 * write it (feed.c) share.
 *
 * An entry knows which bytes of the feed it takes, so that those of the others are never touched.
 */
#ifndef SS_TEXT_FEED_H
#define SS_TEXT_FEED_H

#include "base/status.h"
#include "text/html.h"

/* A longer feed is not looked at. */
#define SS_FEED_BYTES_MAX ((size_t)256 << 20)

typedef enum ss_feed_kind { SS_FEED_RSS, SS_FEED_RDF, SS_FEED_ATOM, SS_FEED_JSON } ss_feed_kind;

/* Bytes [start, end) of the feed; from 0 to 0: there are none. */
typedef struct ss_feed_place {
    size_t start, end;
} ss_feed_place;

/* A string in a buffer, which moves while it grows. */
typedef struct ss_feed_text {
    size_t start, size;
} ss_feed_text;

typedef struct ss_feed_buffer {
    char *data;
    size_t size, capacity;
} ss_feed_buffer;

/* How a JSON Feed's entry has tags. */
typedef enum ss_feed_tags {
    SS_TAGS_NONE,   /* no member "tags" */
    SS_TAGS_EMPTY,  /* [] */
    SS_TAGS_OTHER,  /* some, none of them ours */
    SS_TAGS_OURS,   /* one of an earlier run */
    SS_TAGS_STRANGE /* no array */
} ss_feed_tags;

typedef struct ss_feed_entry {
    ss_feed_place place;
    ss_feed_place mark; /* what a mark replaces: an earlier one, or nothing where one fits */
    size_t prefix;      /* XML: bytes of the namespace prefix of its name, colon included */
    bool can_mark;
    bool has_mark;     /* JSON: it carries one */
    bool bare;         /* JSON: it has no members */
    ss_feed_tags tags; /* JSON */
    ss_feed_place tag; /* JSON: of a tag of ours, or behind the '[' of the tags */
    ss_feed_text id, url, title, text, language;
    ss_feed_text about; /* RSS 1.0: what the list of contents calls it */
    int64_t date;
    bool phrase; /* its text stands under other titles, too */
    bool dropped, marked;
    ss_feed_text mark_text, tag_text; /* in `marks` */
} ss_feed_entry;

/* Bytes that go when the entry does that is `about`, or, with an entry's number, when that is
 * marked. */
typedef struct ss_feed_cut {
    ss_feed_place place;
    size_t entry; /* or SIZE_MAX */
    ss_feed_text about;
} ss_feed_cut;

struct samestory_feed {
    const char *bytes;
    size_t size;
    bool places_only; /* no strings are wanted */
    ss_feed_kind kind;
    unsigned unit;   /* bytes of an ASCII character: 2 in UTF-16 */
    bool big_endian; /* UTF-16: its order */
    ss_feed_buffer strings, marks;
    ss_feed_entry *entry;
    size_t entries, entry_capacity;
    ss_feed_cut *cut;
    size_t cuts, cut_capacity;
    ss_feed_text address, language; /* of the feed itself */
    size_t *order;                  /* of samestory_feed_next */
    size_t next;
    ss_html *html;
};

/* Both fill a feed whose bytes, size and html are there. SAMESTORY_BAD_RECORD: no feed. */
samestory_status ss_feed_read_xml(samestory_feed *feed, samestory_error *error);
samestory_status ss_feed_read_json(samestory_feed *feed, samestory_error *error);

/* Copies a string, which must not lie in the buffer, behind what is there; false when memory is
 * out. */
bool ss_feed_keep(ss_feed_buffer *buffer, samestory_string string, ss_feed_text *out);
samestory_string ss_feed_string(const ss_feed_buffer *buffer, ss_feed_text text);
/* A new entry, zeroed but for its date, or NULL. */
ss_feed_entry *ss_feed_add_entry(samestory_feed *feed);
bool ss_feed_add_cut(samestory_feed *feed, ss_feed_cut cut);
/* The character at a place of the feed if it is ASCII, else 0. */
char ss_feed_character(const samestory_feed *feed, size_t at);

/* Fills the marks of an entry with a verdict. */
bool ss_feed_mark_xml(samestory_feed *feed, ss_feed_entry *entry, const samestory_verdict *verdict);
bool ss_feed_mark_json(samestory_feed *feed, ss_feed_entry *entry,
                       const samestory_verdict *verdict);

/* For expat, `info` being its XML_Encoding: an encoding that it doesn't know by itself. 1: done. */
int ss_feed_encoding(const char *name, void *info);

#endif
