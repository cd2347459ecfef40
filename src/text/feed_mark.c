/* Verdicts in a feed: what is written into an entry. Comes in: a verdict. Goes out: a piece of XML
 * or of JSON, and where it goes. */
#include "text/annotate.h"
#include "text/feed.h"
#include "text/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMESPACE "urn:x-samestory:verdict"

/* Writes to `marks`, and remembers when memory was out. */
typedef struct marker {
    ss_feed_buffer *out;
    bool failed;
} marker;

static void put_bytes(marker *m, const char *bytes, size_t size)
{
    ss_feed_text ignored;
    if (!ss_feed_keep(m->out, (samestory_string){bytes, size}, &ignored)) m->failed = true;
}

static void put(marker *m, const char *text)
{
    put_bytes(m, text, strlen(text));
}

/* The id that an entry has in its own feed: without the address behind it (see
 * samestory_feed_next). */
static samestory_string own_id(samestory_string id)
{
    for (size_t i = id.size; i-- > 0;) {
        if (id.data[i] != ' ') continue;
        bool address = memchr(id.data + i, ':', id.size - i) != NULL;
        return address ? (samestory_string){id.data, i} : id;
    }
    return id;
}

/* ---- XML ------------------------------------------------------------------------------------ */

/* A character that XML 1.0 can hold, whatever the feed's encoding. */
static void put_point(marker *m, uint32_t c)
{
    char reference[16];
    bool allowed = c >= ' ' && c != 0x7F && c != 0xFFFE && c != 0xFFFF && c != SS_BAD_POINT;
    if (allowed && c < 0x80 && c != '<' && c != '>' && c != '&' && c != '"') {
        char plain = (char)c;
        put_bytes(m, &plain, 1);
        return;
    }
    allowed = allowed || c == '\t' || c == '\n' || c == '\r';
    snprintf(reference, sizeof reference, "&#x%X;", (unsigned)(allowed ? c : 0xFFFD));
    put(m, reference);
}

static void put_attribute(marker *m, const char *name, samestory_string value)
{
    put(m, " ");
    put(m, name);
    put(m, "=\"");
    for (size_t at = 0; at < value.size;) put_point(m, ss_utf8_next(value.data, value.size, &at));
    put(m, "\"");
}

/* <category>samestory:copy</category>, as the kind of feed has it */
static void put_category(marker *m, const samestory_feed *f, const ss_feed_entry *e,
                         const char *relation)
{
    const char *prefix_bytes = f->bytes + e->place.start + f->unit;
    char prefix[64] = "";
    for (size_t i = 0; i < e->prefix && i + 1 < sizeof prefix; i++)
        prefix[i] = ss_feed_character(f, (size_t)(prefix_bytes - f->bytes) + i * f->unit);
    if (f->kind == SS_FEED_RDF) {
        put(m, "<dc:subject xmlns:dc=\"http://purl.org/dc/elements/1.1/\">samestory:");
        put(m, relation);
        put(m, "</dc:subject>");
        return;
    }
    put(m, "<");
    put(m, prefix);
    put(m, f->kind == SS_FEED_ATOM ? "category term=\"samestory:" : "category>samestory:");
    put(m, relation);
    if (f->kind == SS_FEED_ATOM) {
        put(m, "\"/>");
        return;
    }
    put(m, "</");
    put(m, prefix);
    put(m, "category>");
}

/* ASCII to UTF-16, where the feed is that. */
static void widen(marker *m, const samestory_feed *f, ss_feed_text *text)
{
    size_t size = text->size;
    if (f->unit == 1 || m->failed) return;
    char *copy = malloc(size + 1);
    if (!copy) {
        m->failed = true;
        return;
    }
    memcpy(copy, m->out->data + text->start, size);
    m->out->size = text->start;
    for (size_t i = 0; i < size; i++) {
        char pair[2] = {0, 0};
        pair[f->big_endian] = copy[i];
        put_bytes(m, pair, 2);
    }
    free(copy);
    text->size = size * 2;
}

bool ss_feed_mark_xml(samestory_feed *f, ss_feed_entry *e, const samestory_verdict *v)
{
    marker m = {&f->marks, false};
    const char *relation = ss_relation_text(v->relation);
    char p[16];
    size_t start = f->marks.size;
    bool is_new = v->relation == SAMESTORY_NONE;
    ss_probability_text(v->probability, p);
    if (!is_new) put_category(&m, f, e, relation);
    put(&m, "<samestory:verdict xmlns:samestory=\"" NAMESPACE "\"");
    put_attribute(&m, "relation", (samestory_string){relation, strlen(relation)});
    if (!is_new) put_attribute(&m, "of", own_id(v->of));
    put_attribute(&m, "story", own_id(v->story));
    put_attribute(&m, "p", (samestory_string){p, strlen(p)});
    put(&m, "/>");
    e->mark_text = (ss_feed_text){start, f->marks.size - start};
    widen(&m, f, &e->mark_text);
    return !m.failed;
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static void put_verdict(marker *m, const samestory_verdict *verdict)
{
    samestory_verdict v = *verdict;
    v.of = own_id(v.of);
    v.story = own_id(v.story);
    size_t size = ss_verdict_json(&v, NULL);
    char *json = malloc(size);
    if (!json) {
        m->failed = true;
        return;
    }
    ss_verdict_json(&v, json);
    put_bytes(m, json, size);
    free(json);
}

static void put_tag(marker *m, const char *before, const char *relation, const char *behind)
{
    put(m, before);
    put(m, "\"samestory:");
    put(m, relation);
    put(m, "\"");
    put(m, behind);
}

bool ss_feed_mark_json(samestory_feed *f, ss_feed_entry *e, const samestory_verdict *v)
{
    marker m = {&f->marks, false};
    const char *relation = ss_relation_text(v->relation);
    size_t start = f->marks.size;
    bool tagged = v->relation != SAMESTORY_NONE;
    if (tagged && e->tags != SS_TAGS_NONE && e->tags != SS_TAGS_STRANGE)
        put_tag(&m, "", relation, e->tags == SS_TAGS_OTHER ? "," : "");
    e->tag_text = (ss_feed_text){start, f->marks.size - start};
    start = f->marks.size;
    if (!e->has_mark) put(&m, e->bare ? "\"_samestory\":" : ",\"_samestory\":");
    put_verdict(&m, v);
    if (tagged && e->tags == SS_TAGS_NONE && !e->has_mark)
        put_tag(&m, ",\"tags\":[", relation, "]");
    e->mark_text = (ss_feed_text){start, f->marks.size - start};
    return !m.failed;
}
