/* RSS 0.9x, 1.0, 2.0 and Atom to entries. Comes in: the feed's bytes. Goes out: entries with their
 * place, cuts. Cost: expat's, about 200 MB/s, and that of the HTML in it.
 *
 * Names are taken as they are written, without namespaces: many feeds use prefixes that they don't
 * declare, and nobody writes "content:encoded" otherwise. Of the parts of an entry the first that
 * holds anything counts; of its texts the fullest kind: content:encoded, content, then description
 * or summary. External entities are never loaded; entities that are made of entities are refused,
 * and with them what grows without bound (expat's own limit of amplification stays on). expat seeds
 * its hash tables at random by itself. */
#include "text/feed.h"

#include "base/array.h"

#define XML_DTD 1 /* expat.h hides its limits otherwise */
#include <expat.h>
#include <stdio.h>
#include <string.h>

enum {
    PIECE = 1 << 20,         /* bytes given to expat at once */
    MOST_AMPLIFIED = 20,     /* what entities may make of the input, */
    AMPLIFIED_FROM = 1 << 20 /* from so many bytes on */
};

/* What is gathered of an entry, or of the feed itself. */
enum field {
    TITLE,
    ENCODED,
    CONTENT,
    SUMMARY,
    ID,
    LINK,
    PUBLISHED,
    UPDATED,
    LANGUAGE,
    CATEGORY, /* only to see whether it is ours */
    FIELDS,
    NO_FIELD = FIELDS
};

enum form { FORM_GUESS, FORM_PLAIN, FORM_HTML };

typedef struct gathered {
    char *data;
    size_t size, capacity;
    enum form form;
} gathered;

typedef struct reading {
    samestory_feed *feed;
    XML_Parser parser;
    samestory_status status;
    const char *message;
    size_t depth, entry_depth, field_depth; /* 0: not in one */
    size_t field_start, part_start;         /* bytes, of the tag that began it */
    enum field field;
    bool untouchable;  /* the entry comes out of an entity */
    bool is_permalink; /* its guid is a link */
    bool in_list;      /* a line of the list of contents: the last cut */
    gathered part[FIELDS], of_feed[FIELDS], address;
} reading;

static void give_up(reading *r, samestory_status status, const char *message)
{
    if (r->status) return;
    r->status = status;
    r->message = message;
    XML_StopParser(r->parser, XML_FALSE);
}

/* ---- Names and attributes ------------------------------------------------------------------- */

static const char *local_name(const char *name)
{
    const char *colon = strchr(name, ':');
    return colon ? colon + 1 : name;
}

static const char *attribute(const char **attributes, const char *name)
{
    for (; attributes[0]; attributes += 2)
        if (!strcmp(attributes[0], name)) return attributes[1];
    return NULL;
}

typedef struct named {
    const char *name;
    enum field field;
} named;

static enum field find_name(const named *list, const char *name)
{
    while (list->name && strcmp(list->name, name) != 0) list++;
    return list->name ? list->field : NO_FIELD;
}

/* The field that a child of an entry holds. `prefix`: what entries' own names begin with. */
static enum field field_of(const reading *r, const char *name, size_t prefix)
{
    static const named rss[] = {
        {"title", TITLE},       {"description", SUMMARY}, {"link", LINK},         {"guid", ID},
        {"pubDate", PUBLISHED}, {"category", CATEGORY},   {"language", LANGUAGE}, {NULL, NO_FIELD}};
    static const named atom[] = {
        {"title", TITLE},     {"summary", SUMMARY},     {"content", CONTENT},
        {"id", ID},           {"published", PUBLISHED}, {"issued", PUBLISHED},
        {"updated", UPDATED}, {"modified", UPDATED},    {NULL, NO_FIELD}};
    static const named others[] = {{"content:encoded", ENCODED}, {"dc:date", UPDATED},
                                   {"dc:language", LANGUAGE},    {"atom:published", PUBLISHED},
                                   {"atom:updated", UPDATED},    {"dc:description", SUMMARY},
                                   {"dc:subject", CATEGORY},     {NULL, NO_FIELD}};
    enum field found = find_name(others, name);
    if (found != NO_FIELD) return found;
    const char *local = local_name(name);
    if ((size_t)(local - name) != prefix) return NO_FIELD;
    return find_name(r->feed->kind == SS_FEED_ATOM ? atom : rss, local);
}

/* How an Atom element's text is to be read; NO: not at all. */
static bool form_of(const char **attributes, enum form *form)
{
    const char *type = attribute(attributes, "type"), *mode = attribute(attributes, "mode");
    *form = FORM_PLAIN;
    if (mode && !strcmp(mode, "base64")) return false;
    if (!type || !strcmp(type, "text") || !strcmp(type, "text/plain")) return true;
    if (strcmp(type, "html") != 0 && strcmp(type, "xhtml") != 0 && strcmp(type, "text/html") != 0 &&
        strcmp(type, "application/xhtml+xml") != 0)
        return false;
    *form = FORM_HTML;
    return true;
}

/* ---- Gathering ------------------------------------------------------------------------------ */

static void put(reading *r, gathered *g, const char *bytes, size_t size)
{
    if (!ss_reserve(&g->data, &g->capacity, g->size + size + 1)) {
        give_up(r, SAMESTORY_NO_MEMORY, "");
        return;
    }
    memcpy(g->data + g->size, bytes, size);
    g->size += size;
    g->data[g->size] = 0;
}

static void put_word(reading *r, gathered *g, const char *word)
{
    put(r, g, word, strlen(word));
}

/* Markup that stands in the feed unescaped becomes HTML again. */
static void put_tag(reading *r, const char *opening, const char *name)
{
    gathered *g = &r->part[r->field];
    if (r->feed->places_only) return;
    g->form = FORM_HTML;
    put_word(r, g, opening);
    put_word(r, g, local_name(name));
    put_word(r, g, ">");
}

static void put_escaped(reading *r, gathered *g, const char *text, size_t size)
{
    for (size_t i = 0, begin = 0; i <= size; i++) {
        if (i < size && text[i] != '<' && text[i] != '&') continue;
        put(r, g, text + begin, i - begin);
        if (i < size) put_word(r, g, text[i] == '<' ? "&lt;" : "&amp;");
        begin = i + 1;
    }
}

static samestory_string trimmed(const gathered *g)
{
    size_t from = 0, to = g->size;
    while (from < to && (unsigned char)g->data[from] <= ' ') from++;
    while (to > from && (unsigned char)g->data[to - 1] <= ' ') to--;
    return (samestory_string){g->data ? g->data + from : "", to - from};
}

/* The text a reader would see, trimmed; lives until the next call. */
static samestory_string readable(reading *r, const gathered *g)
{
    samestory_string text = trimmed(g);
    ss_html_result result;
    bool html =
        g->form == FORM_HTML || (g->form == FORM_GUESS && ss_html_is_markup(text.data, text.size));
    if (!html) return text;
    if (ss_html_read(r->feed->html, SS_HTML_FRAGMENT, text.data, text.size, &result)) {
        give_up(r, SAMESTORY_NO_MEMORY, "");
        return (samestory_string){"", 0};
    }
    return result.text;
}

static void keep(reading *r, samestory_string string, ss_feed_text *out)
{
    if (!ss_feed_keep(&r->feed->strings, string, out)) give_up(r, SAMESTORY_NO_MEMORY, "");
}

/* ---- Places --------------------------------------------------------------------------------- */

static size_t here(const reading *r)
{
    return (size_t)XML_GetCurrentByteIndex(r->parser);
}

static bool is_tag_here(const reading *r)
{
    return ss_feed_character(r->feed, here(r)) == '<';
}

/* Of the element that ends here: where its end tag begins, and where it ends. false when it is an
 * empty one, "<item/>": expat then gives its end as the place, and no bytes. */
static bool end_of(const reading *r, size_t *tag, size_t *end)
{
    int size = XML_GetCurrentByteCount(r->parser);
    *tag = here(r);
    *end = *tag + (size > 0 ? (size_t)size : 0);
    return size > 0;
}

static void cut(reading *r, size_t start, size_t end, size_t entry, const char *about)
{
    ss_feed_cut c = {{start, end}, entry, {0, 0}};
    if (about) keep(r, (samestory_string){about, strlen(about)}, &c.about);
    if (!r->status && !ss_feed_add_cut(r->feed, c)) give_up(r, SAMESTORY_NO_MEMORY, "");
}

/* ---- Entries -------------------------------------------------------------------------------- */

static void begin_entry(reading *r, const char *name, const char **attributes)
{
    ss_feed_entry *e = ss_feed_add_entry(r->feed);
    if (!e) {
        give_up(r, SAMESTORY_NO_MEMORY, "");
        return;
    }
    r->entry_depth = r->depth;
    r->untouchable = !is_tag_here(r);
    r->is_permalink = true;
    e->place.start = here(r);
    e->prefix = (size_t)(local_name(name) - name);
    for (size_t i = 0; i < FIELDS; i++) r->part[i].size = 0, r->part[i].form = FORM_GUESS;
    const char *about = attribute(attributes, "rdf:about");
    if (about) keep(r, (samestory_string){about, strlen(about)}, &e->about);
    const char *language = attribute(attributes, "xml:lang");
    if (language) put_word(r, &r->part[LANGUAGE], language);
}

static bool is_web(samestory_string s)
{
    return s.size > 8 && (!memcmp(s.data, "http://", 7) || !memcmp(s.data, "https://", 8));
}

static void keep_text(reading *r, ss_feed_entry *e)
{
    static const enum field kinds[] = {ENCODED, CONTENT, SUMMARY};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && !e->text.size; i++)
        if (r->part[kinds[i]].size) keep(r, readable(r, &r->part[kinds[i]]), &e->text);
}

static void keep_address(reading *r, ss_feed_entry *e)
{
    samestory_string id = trimmed(&r->part[ID]), url = trimmed(&r->part[LINK]);
    if (!url.size && r->is_permalink && is_web(id)) url = id;
    keep(r, id, &e->id);
    if (url.size)
        keep(r, url, &e->url);
    else
        e->url = e->about;
    if (!e->id.size) e->id = e->url;
}

static void keep_parts(reading *r, ss_feed_entry *e)
{
    const gathered *date = &r->part[r->part[PUBLISHED].size ? PUBLISHED : UPDATED];
    keep_address(r, e);
    keep(r, readable(r, &r->part[TITLE]), &e->title);
    keep_text(r, e);
    keep(r, trimmed(&r->part[LANGUAGE]), &e->language);
    e->date = samestory_parse_date(trimmed(date).data, trimmed(date).size);
}

static void end_entry(reading *r)
{
    ss_feed_entry *e = &r->feed->entry[r->feed->entries - 1];
    size_t tag;
    r->entry_depth = 0;
    if (!r->feed->places_only) keep_parts(r, e);
    e->can_mark = end_of(r, &tag, &e->place.end) && !r->untouchable;
    e->mark = (ss_feed_place){tag, tag};
    if (r->untouchable) e->place = (ss_feed_place){0, 0};
}

/* ---- Children of an entry and of the feed --------------------------------------------------- */

/* <link href="..." rel="alternate"/> */
static void read_link(reading *r, const char **attributes)
{
    const char *rel = attribute(attributes, "rel"), *href = attribute(attributes, "href");
    gathered *link = r->entry_depth ? &r->part[LINK] : &r->of_feed[LINK];
    if (!href) return;
    if (rel && !strcmp(rel, "self") && !r->entry_depth) {
        if (!r->address.size) put_word(r, &r->address, href);
    } else if ((!rel || !strcmp(rel, "alternate")) && !link->size) {
        put_word(r, link, href);
    }
}

static void begin_field(reading *r, enum field field)
{
    r->field = field;
    r->field_depth = r->depth;
}

static void begin_part(reading *r, const char *name, const char **attributes)
{
    samestory_feed *f = r->feed;
    const ss_feed_entry *e = &f->entry[f->entries - 1];
    enum form form = FORM_GUESS;
    r->part_start = here(r);
    if (!strcmp(local_name(name), "link") && attribute(attributes, "href")) {
        read_link(r, attributes);
        return;
    }
    if (f->kind == SS_FEED_ATOM && !strcmp(local_name(name), "category")) {
        const char *term = attribute(attributes, "term");
        if (term) put_word(r, &r->part[CATEGORY], term);
        return;
    }
    enum field field = field_of(r, name, e->prefix);
    if (field == NO_FIELD || r->part[field].size) return;
    bool typed =
        f->kind == SS_FEED_ATOM && (field == TITLE || field == CONTENT || field == SUMMARY);
    if (typed && !form_of(attributes, &form)) return;
    if (field == ID) {
        const char *permalink = attribute(attributes, "isPermaLink");
        r->is_permalink = !permalink || strcmp(permalink, "false") != 0;
    }
    r->part[field].form = form;
    begin_field(r, field);
}

/* Our own marks of an earlier run are noted, so that new ones take their place. */
static void end_part(reading *r, const char *name)
{
    static const char ours[] = "samestory:";
    samestory_string category = trimmed(&r->part[CATEGORY]);
    bool is_category = !strcmp(local_name(name), "category") || !strcmp(name, "dc:subject");
    bool is_ours =
        !strcmp(name, "samestory:verdict") || (is_category && category.size > sizeof ours - 1 &&
                                               !memcmp(category.data, ours, sizeof ours - 1));
    size_t tag, end;
    if (is_ours && !r->untouchable && ss_feed_character(r->feed, r->part_start) == '<') {
        end_of(r, &tag, &end);
        cut(r, r->part_start, end, r->feed->entries - 1, NULL);
    }
    if (is_category) r->part[CATEGORY].size = 0;
}

/* What the feed says of itself; its children are as deep as entries, in RSS those of <channel>. */
static void begin_of_feed(reading *r, const char *name, const char **attributes)
{
    static const named parts[] = {{"link", LINK},
                                  {"id", ID},
                                  {"language", LANGUAGE},
                                  {"dc:language", LANGUAGE},
                                  {NULL, NO_FIELD}};
    bool atom = r->feed->kind == SS_FEED_ATOM;
    const char *about = attribute(attributes, "rdf:about");
    if (about && !r->address.size && !strcmp(local_name(name), "channel"))
        put_word(r, &r->address, about);
    if (r->depth > 3 || r->depth < (atom ? 2 : 3)) return;
    if (!strcmp(local_name(name), "link") && attribute(attributes, "href")) {
        read_link(r, attributes);
        return;
    }
    enum field field = find_name(parts, name);
    if (field != NO_FIELD && !r->of_feed[field].size && r->depth == (atom ? 2 : 3))
        begin_field(r, field);
}

/* <rdf:li rdf:resource="..."/> of RSS 1.0's list of contents */
static void begin_list_item(reading *r, const char **attributes)
{
    const char *resource = attribute(attributes, "rdf:resource");
    r->in_list = resource && is_tag_here(r);
    if (r->in_list) cut(r, here(r), here(r), SIZE_MAX, resource);
}

static void end_list_item(reading *r)
{
    size_t tag;
    r->in_list = false;
    end_of(r, &tag, &r->feed->cut[r->feed->cuts - 1].place.end);
}

/* ---- expat's events ------------------------------------------------------------------------- */

static void begin_feed(reading *r, const char *name, const char **attributes)
{
    const char *local = local_name(name), *language = attribute(attributes, "xml:lang");
    if (!strcmp(local, "rss"))
        r->feed->kind = SS_FEED_RSS;
    else if (!strcmp(local, "RDF"))
        r->feed->kind = SS_FEED_RDF;
    else if (!strcmp(local, "feed"))
        r->feed->kind = SS_FEED_ATOM;
    else
        give_up(r, SAMESTORY_BAD_RECORD, "this XML is no feed: neither RSS nor Atom");
    if (language) put_word(r, &r->of_feed[LANGUAGE], language);
}

static bool is_entry(const reading *r, const char *name)
{
    bool atom = r->feed->kind == SS_FEED_ATOM;
    return r->depth <= (atom ? 2 : 3) && !strcmp(local_name(name), atom ? "entry" : "item");
}

static void XMLCALL on_start(void *context, const char *name, const char **attributes)
{
    reading *r = context;
    r->depth++;
    if (r->status) return;
    if (r->depth == 1)
        begin_feed(r, name, attributes);
    else if (r->field_depth && r->entry_depth)
        put_tag(r, "<", name);
    else if (r->entry_depth && r->depth == r->entry_depth + 1)
        begin_part(r, name, attributes);
    else if (r->entry_depth)
        return;
    else if (is_entry(r, name))
        begin_entry(r, name, attributes);
    else if (!strcmp(name, "rdf:li"))
        begin_list_item(r, attributes);
    else
        begin_of_feed(r, name, attributes);
}

static void XMLCALL on_end(void *context, const char *name)
{
    reading *r = context;
    if (r->status) return;
    if (r->field_depth == r->depth)
        r->field_depth = 0;
    else if (r->field_depth && r->entry_depth)
        put_tag(r, "</", name);
    if (r->entry_depth && r->depth == r->entry_depth + 1) end_part(r, name);
    if (r->entry_depth == r->depth) end_entry(r);
    if (r->in_list && !strcmp(name, "rdf:li")) end_list_item(r);
    r->depth--;
}

static void XMLCALL on_text(void *context, const char *text, int size)
{
    reading *r = context;
    if (r->status || !r->field_depth || size <= 0 || r->feed->places_only) return;
    gathered *g = r->entry_depth ? &r->part[r->field] : &r->of_feed[r->field];
    if (r->entry_depth && r->depth > r->field_depth)
        put_escaped(r, g, text, (size_t)size);
    else
        put(r, g, text, (size_t)size);
}

/* An entity of the feed's own: harmless as long as it holds no other. */
static void XMLCALL on_entity(void *context, const char *name, int is_parameter, const char *value,
                              int size, const char *base, const char *system, const char *public_id,
                              const char *notation)
{
    (void)name, (void)is_parameter, (void)base, (void)system, (void)public_id, (void)notation;
    for (int i = 0; value && i < size; i++) {
        if (value[i] == '&' && size > 1 && !(i + 1 < size && value[i + 1] == '#'))
            give_up(context, SAMESTORY_BAD_RECORD, "entities made of entities are not expanded");
    }
}

static int XMLCALL on_encoding(void *context, const XML_Char *name, XML_Encoding *info)
{
    (void)context;
    return ss_feed_encoding(name, info);
}

/* ---- The whole ------------------------------------------------------------------------------ */

static XML_Parser new_parser(reading *r)
{
    XML_Parser p = XML_ParserCreate(NULL);
    if (!p) return NULL;
    XML_SetUserData(p, r);
    XML_SetElementHandler(p, on_start, on_end);
    XML_SetCharacterDataHandler(p, on_text);
    XML_SetEntityDeclHandler(p, on_entity);
    XML_SetUnknownEncodingHandler(p, on_encoding, NULL);
    XML_SetBillionLaughsAttackProtectionMaximumAmplification(p, MOST_AMPLIFIED);
    XML_SetBillionLaughsAttackProtectionActivationThreshold(p, AMPLIFIED_FROM);
    return p;
}

static samestory_status parse(reading *r, samestory_error *error)
{
    samestory_feed *f = r->feed;
    enum XML_Status status = XML_STATUS_OK;
    for (size_t at = 0; status == XML_STATUS_OK && at < f->size;) {
        size_t size = f->size - at < PIECE ? f->size - at : PIECE;
        at += size;
        status = XML_Parse(r->parser, f->bytes + at - size, (int)size, at == f->size);
    }
    if (r->status == SAMESTORY_NO_MEMORY || XML_GetErrorCode(r->parser) == XML_ERROR_NO_MEMORY)
        return ss_fail_memory(error);
    if (status == XML_STATUS_OK) return SAMESTORY_OK;
    const char *message = r->status ? r->message : XML_ErrorString(XML_GetErrorCode(r->parser));
    return ss_fail_at(error, SAMESTORY_BAD_RECORD, message, "", XML_GetCurrentLineNumber(r->parser),
                      here(r));
}

/* The feed's own address and language, for entries. */
static void finish(reading *r)
{
    const gathered *address = &r->address;
    if (!address->size) address = &r->of_feed[ID];
    if (!address->size) address = &r->of_feed[LINK];
    keep(r, trimmed(address), &r->feed->address);
    keep(r, trimmed(&r->of_feed[LANGUAGE]), &r->feed->language);
}

static void find_unit(samestory_feed *f)
{
    const unsigned char *b = (const unsigned char *)f->bytes;
    bool two = f->size >= 2;
    f->big_endian = two && ((b[0] == 0xFE && b[1] == 0xFF) || (!b[0] && b[1]));
    bool little = two && ((b[0] == 0xFF && b[1] == 0xFE) || (b[0] && !b[1]));
    f->unit = f->big_endian || little ? 2 : 1;
}

samestory_status ss_feed_read_xml(samestory_feed *f, samestory_error *error)
{
    reading *r = calloc(1, sizeof *r);
    if (!r) return ss_fail_memory(error);
    r->feed = f;
    r->field = NO_FIELD;
    r->parser = new_parser(r);
    find_unit(f);
    samestory_status status = r->parser ? parse(r, error) : ss_fail_memory(error);
    if (!status) finish(r);
    if (!status && r->status) status = ss_fail_memory(error);
    if (r->parser) XML_ParserFree(r->parser);
    for (size_t i = 0; i < FIELDS; i++) {
        free(r->part[i].data);
        free(r->of_feed[i].data);
    }
    free(r->address.data);
    free(r);
    return status;
}
