/* HTML to text. Comes in: bytes. Goes out: title and text (see the header).
 *
 * The parser is libxml2's for HTML, as a stream of events without a tree. gumbo, the other one that
 * Debian 12 has for C, was measured beside it: on a news page of 35 KB 23 MB/s against 108; a MiB
 * of nested <div> or <i> ended it by a full stack or took more than a minute (it frees its tree by
 * recursion and looks through all open elements at each tag). libxml2 keeps a list of names only,
 * and two things in it that grow with the square of the input are kept from growing here: elements
 * nested deeper than DEPTH (the parser is started anew at that place, with nothing open) and tags
 * of more than ATTRIBUTES attributes (closed there). What it doesn't know, the names of characters
 * that HTML 5 added, stays as it is written.
 *
 * Of a page, blocks are gathered with their share of links, and ranges of blocks are named as
 * surroundings by structure alone: <nav>, <footer>, <aside>, roles, hidden elements, lists of
 * links, boxes with buttons and little text. html_choose.c then tells the report from the rest. */
#include "text/html.h"

#include "base/array.h"
#include "base/status.h"
#include "text/html_blocks.h"
#include "text/normalize.h"
#include "text/utf8.h"

#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>
#include <string.h>
#include <strings.h>

enum {
    DEPTH = 256,      /* browsers stop at 512; a MiB of tags that close nothing takes .3 s */
    ATTRIBUTES = 200, /* each is compared with those before it: 15 s for a MiB of them otherwise */
    TITLE_BYTES = 1000,
    DECLARED_BYTES = 2048, /* of a language, date or address that a page declares */
    LINKS_LEAST = 3,       /* a box is a list of links from so many on, */
    LINKS_SHARE = 60,      /* and this share of its text, in percent; */
    ITEMS_SHARE = 30,      /* less where nearly each item of a list has its link: teasers */
    BANNER_BUTTONS = 2,    /* a box with so many buttons and less text than this is a banner */
    BANNER_BYTES = 900
};

/* What an element is. */
enum {
    BLOCK = 1,   /* begins and ends a line */
    SKIPPED = 2, /* its content is never text */
    AROUND = 4,  /* surroundings of a page */
    LIST = 8,
    ITEM = 16,
    ARTICLE = 32,
    LINK = 64,
    BUTTON = 128,
    HEADING = 256,
    EMPTY_LINE = 512, /* <br>: ends a line, has no content */
    BOX = 1024,       /* may be a banner or a list of links */
    DECLARES = 2048,  /* says something about the page */
    HEAD = 4096       /* <header>: surroundings, unless of an article */
};

typedef struct element {
    const char *name;
    unsigned is;
} element;

/* In the order of strcmp. */
static const element elements[] = {
    {"a", LINK},
    {"address", BLOCK},
    {"applet", SKIPPED},
    {"article", BLOCK | ARTICLE},
    {"aside", BLOCK | AROUND},
    {"audio", SKIPPED},
    {"blockquote", BLOCK},
    {"body", BLOCK},
    {"br", EMPTY_LINE},
    {"button", BUTTON},
    {"canvas", SKIPPED},
    {"caption", BLOCK},
    {"center", BLOCK | BOX},
    {"datalist", SKIPPED},
    {"dd", BLOCK},
    {"details", BLOCK},
    {"dialog", BLOCK | AROUND},
    {"dir", BLOCK | BOX | LIST},
    {"div", BLOCK | BOX},
    {"dl", BLOCK | BOX | LIST},
    {"dt", BLOCK | ITEM},
    {"embed", SKIPPED},
    {"fieldset", BLOCK | BOX},
    {"figcaption", BLOCK},
    {"figure", BLOCK},
    {"footer", BLOCK | AROUND},
    {"form", BLOCK | BOX},
    {"frameset", SKIPPED},
    {"h1", BLOCK | HEADING},
    {"h2", BLOCK | HEADING},
    {"h3", BLOCK | HEADING},
    {"h4", BLOCK | HEADING},
    {"h5", BLOCK | HEADING},
    {"h6", BLOCK | HEADING},
    {"header", BLOCK | HEAD},
    {"hgroup", BLOCK},
    {"hr", EMPTY_LINE},
    {"html", BLOCK | DECLARES},
    {"iframe", SKIPPED},
    {"input", BUTTON | DECLARES},
    {"legend", BLOCK},
    {"li", BLOCK | ITEM},
    {"link", DECLARES},
    {"listing", BLOCK},
    {"main", BLOCK | ARTICLE},
    {"map", SKIPPED},
    {"menu", BLOCK | AROUND},
    {"meta", DECLARES},
    {"nav", BLOCK | AROUND},
    {"noembed", SKIPPED},
    {"noframes", SKIPPED},
    {"noscript", SKIPPED},
    {"object", SKIPPED},
    {"ol", BLOCK | BOX | LIST},
    {"optgroup", BLOCK},
    {"option", BLOCK},
    {"p", BLOCK},
    {"pre", BLOCK},
    {"rp", SKIPPED},
    {"rt", SKIPPED},
    {"rtc", SKIPPED},
    {"script", SKIPPED | DECLARES},
    {"search", BLOCK | AROUND},
    {"section", BLOCK | BOX},
    {"select", SKIPPED},
    {"style", SKIPPED},
    {"summary", BLOCK},
    {"svg", SKIPPED},
    {"table", BLOCK | BOX},
    {"tbody", BLOCK},
    {"td", BLOCK | BOX},
    {"template", SKIPPED},
    {"textarea", SKIPPED},
    {"tfoot", BLOCK},
    {"th", BLOCK},
    {"thead", BLOCK},
    {"time", DECLARES},
    {"title", DECLARES},
    {"tr", BLOCK},
    {"ul", BLOCK | BOX | LIST},
    {"video", SKIPPED},
    {"xmp", BLOCK},
};

/* An open element, with the counts as they were when it began. */
typedef struct open_element {
    unsigned is;
    uint32_t text, linked;                     /* bytes, links' own among them */
    uint32_t links, buttons, articles, titles; /* titles: <h1> */
    uint32_t first_block;
    uint32_t items, linked_items; /* of a list: its own, not counts from before */
} open_element;

typedef struct buffer {
    char *data;
    size_t size, capacity;
} buffer;

struct ss_html {
    ss_html_mode mode;
    htmlParserCtxtPtr parser;
    bool failed, stopped, cut;
    size_t resume; /* where to go on after `stopped`, from where the parser began */
    buffer source, text, result, title, social, script;
    ss_html_blocks blocks;
    open_element open[DEPTH];
    unsigned depth, skipped, articles_open, links_open;
    bool in_title, in_data, space; /* space: one is due before the next character */
    size_t block_start, link_start;
    uint32_t block_linked;
    uint8_t heading;     /* of the line that is being read, 0: none */
    int64_t around;      /* due to the next block */
    open_element so_far; /* counts */
    char headline[TITLE_BYTES], language[64], url[DECLARED_BYTES];
    size_t headline_size;
    bool headline_in_article;
    int64_t date;
    int date_rank; /* how telling the place was where it was found */
};

/* ---- Memory --------------------------------------------------------------------------------- */

ss_html *ss_html_new(void)
{
    xmlInitParser();
    return calloc(1, sizeof(ss_html));
}

void ss_html_free(ss_html *h)
{
    if (!h) return;
    free(h->source.data);
    free(h->text.data);
    free(h->result.data);
    free(h->title.data);
    free(h->social.data);
    free(h->script.data);
    free(h->blocks.item);
    free(h->blocks.article);
    free(h);
}

/* Room for `more` bytes and a NUL. */
static bool make_room(ss_html *h, buffer *b, size_t more)
{
    if (b->data && b->capacity - b->size > more) return true;
    if (ss_reserve(&b->data, &b->capacity, b->size + more + 1)) return true;
    h->failed = true;
    return false;
}

/* Stops the parser; it may be started again `resume` bytes from where it began. */
static void stop(ss_html *h, size_t resume)
{
    if (h->stopped) return;
    h->stopped = true;
    h->resume = resume;
    xmlStopParser(h->parser);
}

/* ---- Characters ----------------------------------------------------------------------------- */

/* What U+0080 to U+009F mean where a page's writer took Windows-1252 for Unicode (HTML standard,
 * "numeric character reference end state"). 0: nothing. */
static uint32_t windows_point(unsigned char low)
{
    static const uint16_t points[32] = {
        0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
        0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
        0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};
    return points[low & 31];
}

/* Adds text with each run of spaces as one, and none before the first character behind `begin`. */
static void put_text(ss_html *h, buffer *b, size_t begin, const unsigned char *s, size_t size)
{
    if (!make_room(h, b, 2 * size + 1)) return;
    char *out = b->data + b->size;
    const char *first = b->data + begin;
    for (size_t i = 0; i < size; i++) {
        if (s[i] <= ' ' || (s[i] == 0xC2 && i + 1 < size && s[i + 1] == 0xA0)) {
            i += s[i] == 0xC2;
            h->space = true;
            continue;
        }
        bool control = s[i] == 0xC2 && i + 1 < size && s[i + 1] < 0xA0;
        bool soft_hyphen = s[i] == 0xC2 && i + 1 < size && s[i + 1] == 0xAD;
        if (soft_hyphen) {
            i++;
            continue;
        }
        if (h->space && out > first) *out++ = ' ';
        h->space = false;
        if (!control) {
            *out++ = (char)s[i];
            continue;
        }
        uint32_t point = windows_point(s[++i]);
        if (point) out += ss_utf8_put(point, out);
    }
    b->size = (size_t)(out - b->data);
}

static void put_data(ss_html *h, buffer *b, const unsigned char *s, size_t size)
{
    if (!make_room(h, b, size)) return;
    memcpy(b->data + b->size, s, size);
    b->size += size;
}

static void on_text(void *context, const xmlChar *s, int length)
{
    ss_html *h = context;
    size_t size = length > 0 ? (size_t)length : 0;
    if (h->stopped || h->failed) return;
    if (h->in_data)
        put_data(h, &h->script, s, size);
    else if (h->in_title)
        put_text(h, &h->title, 0, s, h->title.size < TITLE_BYTES ? size : 0);
    else if (!h->skipped)
        put_text(h, &h->text, h->block_start, s, size);
    if (h->failed) stop(h, 0);
}

/* ---- Blocks --------------------------------------------------------------------------------- */

static void count_linked(ss_html *h)
{
    size_t end = h->text.size;
    if (h->links_open && end > h->link_start) h->block_linked += (uint32_t)(end - h->link_start);
    h->link_start = end;
}

/* The page's headline is part of its title, which has the site's name besides: the longest one in
 * an article, else the longest one. */
static void note_headline(ss_html *h, const char *text, size_t size)
{
    bool in_article = h->articles_open > 0;
    if (size >= sizeof h->headline || size * 3 < h->title.size) return;
    if (in_article == h->headline_in_article ? size <= h->headline_size : !in_article) return;
    for (size_t i = 0; i + size <= h->title.size; i++) {
        if (memcmp(h->title.data + i, text, size) != 0) continue;
        memcpy(h->headline, text, size);
        h->headline_size = size;
        h->headline_in_article = in_article;
        return;
    }
}

static void add_block(ss_html *h, size_t size)
{
    ss_html_blocks *b = &h->blocks;
    const char *text = h->text.data + h->block_start;
    if (!ss_reserve(&b->item, &b->capacity, b->count + 1)) {
        h->failed = true;
        return;
    }
    ss_html_block block = {.start = (uint32_t)h->block_start,
                           .size = (uint32_t)size,
                           .linked = h->block_linked,
                           .around = h->around,
                           .heading = h->heading};
    ss_html_weigh(&block, text);
    b->item[b->count++] = block;
    h->around = 0;
    h->so_far.linked += block.linked;
    h->so_far.text += block.size;
    if (h->heading == 1) note_headline(h, text, size);
}

/* Ends the line that is being read. */
static void end_line(ss_html *h)
{
    size_t size = h->text.size - h->block_start;
    h->space = false;
    if (!size || h->failed) return;
    count_linked(h);
    if (h->mode == SS_HTML_PAGE) add_block(h, size);
    h->block_linked = 0;
    put_data(h, &h->text, (const unsigned char *)"\n", 1);
    h->block_start = h->link_start = h->text.size;
    if (h->text.size < SS_TEXT_BYTES_MAX) return;
    h->cut = true;
    stop(h, SIZE_MAX);
}

/* Names the blocks since `first` as surroundings. */
static void mark_around(ss_html *h, uint32_t first)
{
    if (h->blocks.count <= first) return;
    h->blocks.item[first].around++;
    h->around--;
}

static void mark_article(ss_html *h, uint32_t first)
{
    ss_html_blocks *b = &h->blocks;
    if (b->count <= first) return;
    if (!ss_reserve(&b->article, &b->article_capacity, b->articles + 1))
        h->failed = true;
    else
        b->article[b->articles++] = (ss_html_range){first, (uint32_t)b->count};
}

/* ---- What a page says of itself ------------------------------------------------------------- */

/* The value of an attribute, or "". */
static const char *attribute(const xmlChar **attributes, const char *name)
{
    for (; attributes && attributes[0]; attributes += 2)
        if (!strcmp((const char *)attributes[0], name))
            return attributes[1] ? (const char *)attributes[1] : "";
    return "";
}

static bool has_attribute(const xmlChar **attributes, const char *name)
{
    for (; attributes && attributes[0]; attributes += 2)
        if (!strcmp((const char *)attributes[0], name)) return true;
    return false;
}

static bool is_one_of(const char *word, const char *const *list)
{
    while (*list && strcasecmp(word, *list) != 0) list++;
    return *list != NULL;
}

/* Keeps a short value that has not been found yet. */
static void keep(char *place, size_t capacity, const char *value)
{
    size_t size = strlen(value);
    if (!*place && size < capacity) memcpy(place, value, size + 1);
}

static void keep_url(ss_html *h, const char *url)
{
    if (!strncasecmp(url, "http://", 7) || !strncasecmp(url, "https://", 8))
        keep(h->url, sizeof h->url, url);
}

enum { RANK_TIME = 1, RANK_NAMED, RANK_DATA, RANK_PUBLISHED };

static void keep_date(ss_html *h, const char *text, size_t size, int rank)
{
    if (rank <= h->date_rank) return;
    int64_t date = samestory_parse_date(text, size);
    if (date == SAMESTORY_NO_DATE) return;
    h->date = date;
    h->date_rank = rank;
}

static void read_meta(ss_html *h, const xmlChar **attributes)
{
    static const char *const dates[] = {"date",
                                        "pubdate",
                                        "publishdate",
                                        "publish-date",
                                        "dc.date",
                                        "dc.date.issued",
                                        "dcterms.created",
                                        "parsely-pub-date",
                                        "sailthru.date",
                                        "article.published",
                                        NULL};
    static const char *const published[] = {"article:published_time", "og:article:published_time",
                                            "datepublished", NULL};
    const char *content = attribute(attributes, "content");
    const char *places[] = {attribute(attributes, "property"), attribute(attributes, "name"),
                            attribute(attributes, "itemprop")};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const char *name = places[i];
        if (!strcasecmp(name, "og:title") && !h->social.size) {
            h->space = false;
            put_text(h, &h->social, 0, (const unsigned char *)content,
                     strnlen(content, TITLE_BYTES));
        } else if (!strcasecmp(name, "og:url")) {
            keep_url(h, content);
        } else if (is_one_of(name, published)) {
            keep_date(h, content, strlen(content), RANK_PUBLISHED);
        } else if (is_one_of(name, dates)) {
            keep_date(h, content, strlen(content), RANK_NAMED);
        }
    }
    if (!strcasecmp(attribute(attributes, "http-equiv"), "content-language"))
        keep(h->language, sizeof h->language, content);
}

static void read_time(ss_html *h, const xmlChar **attributes)
{
    const char *date = attribute(attributes, "datetime");
    bool named = !strcasecmp(attribute(attributes, "itemprop"), "datePublished");
    bool here = h->articles_open || has_attribute(attributes, "pubdate");
    if (*date && (named || here)) keep_date(h, date, strlen(date), named ? RANK_DATA : RANK_TIME);
}

/* What the element declares; `in_title` and `in_data` are set while its content does. */
static void read_declaration(ss_html *h, const char *name, const xmlChar **attributes)
{
    if (!strcmp(name, "html")) {
        keep(h->language, sizeof h->language, attribute(attributes, "lang"));
        keep(h->language, sizeof h->language, attribute(attributes, "xml:lang"));
    } else if (!strcmp(name, "meta")) {
        read_meta(h, attributes);
    } else if (!strcmp(name, "title")) {
        h->in_title = !h->title.size;
    } else if (!strcmp(name, "link")) {
        if (!strcasecmp(attribute(attributes, "rel"), "canonical")) {
            h->url[0] = 0; /* more telling than og:url */
            keep_url(h, attribute(attributes, "href"));
        }
    } else if (!strcmp(name, "time")) {
        read_time(h, attributes);
    } else if (!strcmp(name, "script")) {
        h->in_data = !strcasecmp(attribute(attributes, "type"), "application/ld+json");
        h->script.size = 0;
    }
}

/* The date in a script of linked data: "datePublished": "2024-11-14T10:30:00Z". */
static void read_data(ss_html *h)
{
    static const char name[] = "\"datePublished\"";
    h->in_data = false;
    if (!make_room(h, &h->script, 1)) return;
    h->script.data[h->script.size] = 0;
    const char *at = strstr(h->script.data, name);
    if (!at) return;
    at += sizeof name - 1;
    at += strspn(at, " \t\r\n:");
    if (*at == '"') keep_date(h, at + 1, strcspn(at + 1, "\""), RANK_DATA);
}

/* ---- Elements ------------------------------------------------------------------------------- */

static int by_name(const void *key, const void *entry)
{
    return strcmp(key, ((const element *)entry)->name);
}

static bool is_hidden(const xmlChar **attributes)
{
    const char *style = attribute(attributes, "style");
    const char *display = strstr(style, "display:");
    return has_attribute(attributes, "hidden") ||
           !strcmp(attribute(attributes, "aria-hidden"), "true") ||
           (display && !strncmp(display + 8 + strspn(display + 8, " "), "none", 4));
}

/* What roles and other attributes make of an element of a page. */
static unsigned by_attributes(const xmlChar **attributes, unsigned is)
{
    static const char *const around[] = {
        "navigation", "contentinfo", "complementary", "search",  "dialog", "alertdialog",
        "menu",       "menubar",     "toolbar",       "tablist", NULL};
    static const char *const article[] = {"main", "article", NULL};
    if (!attributes) return is;
    const char *role = attribute(attributes, "role");
    if (is_hidden(attributes)) is |= is & BLOCK ? AROUND : SKIPPED; /* scripts may show it yet */
    if (is_one_of(role, around)) is |= BLOCK | AROUND;
    if (is_one_of(role, article)) is |= BLOCK | ARTICLE;
    if (!strcasecmp(role, "banner")) is |= BLOCK | HEAD;
    if (!strcasecmp(role, "button")) is |= BUTTON;
    if (!strcasecmp(attribute(attributes, "itemprop"), "articleBody")) is |= BLOCK | ARTICLE;
    return is;
}

static bool is_button(const char *name, const xmlChar **attributes)
{
    static const char *const kinds[] = {"button", "submit", "reset", "image", NULL};
    return strcmp(name, "input") != 0 || is_one_of(attribute(attributes, "type"), kinds);
}

static unsigned kind_of(ss_html *h, const char *name, const xmlChar **attributes)
{
    const element *e =
        bsearch(name, elements, sizeof elements / sizeof *elements, sizeof *elements, by_name);
    unsigned is = e ? e->is : 0;
    if (h->mode == SS_HTML_FRAGMENT) return is & (BLOCK | EMPTY_LINE | SKIPPED);
    is = by_attributes(attributes, is);
    if (is & HEAD && !h->articles_open) is |= AROUND;
    if (is & BUTTON && !is_button(name, attributes)) is &= ~(unsigned)BUTTON;
    return is;
}

/* The parser has got too deep: it begins anew behind this tag. */
static void climb_out(ss_html *h)
{
    const xmlParserInput *in = h->parser->input;
    size_t at = (size_t)in->consumed + (size_t)(in->cur - in->base);
    const xmlChar *next = in->cur;
    if (next < in->end && *next == '/') next++;
    if (next < in->end && *next == '>') at += (size_t)(next - in->cur) + 1;
    stop(h, at);
}

static void begin_element(ss_html *h, const char *name, const xmlChar **attributes, unsigned is)
{
    if (is & (BLOCK | EMPTY_LINE)) end_line(h);
    if (is & DECLARES) read_declaration(h, name, attributes);
    if (is & SKIPPED) h->skipped++;
    if (is & ARTICLE) h->articles_open++;
    if (is & BUTTON) h->so_far.buttons++;
    if (is & HEADING) {
        h->heading = (uint8_t)(name[1] - '0');
        h->so_far.titles += h->heading == 1;
    }
    if (is & LINK) {
        count_linked(h);
        h->links_open++;
        h->so_far.links++;
    }
}

static void on_start(void *context, const xmlChar *tag, const xmlChar **attributes)
{
    ss_html *h = context;
    const char *name = (const char *)tag;
    if (h->stopped) return;
    if (h->depth == DEPTH) {
        climb_out(h);
        return;
    }
    open_element *o = &h->open[h->depth++];
    unsigned is = h->skipped ? 0 : kind_of(h, name, attributes);
    if (is & (BLOCK | EMPTY_LINE)) end_line(h);
    *o = h->so_far;
    o->is = is;
    o->first_block = (uint32_t)h->blocks.count;
    o->items = o->linked_items = 0;
    begin_element(h, name, attributes, is);
    if (h->failed) stop(h, 0);
}

/* Is the box that ends here a list of links, or a banner that asks to be clicked away? */
static bool is_clutter(const ss_html *h, const open_element *o)
{
    const open_element *now = &h->so_far;
    uint64_t text = now->text - o->text, linked = now->linked - o->linked;
    uint32_t links = now->links - o->links;
    if (links >= LINKS_LEAST && linked * 100 >= text * LINKS_SHARE) return true;
    if (o->is & LIST && o->items >= LINKS_LEAST && o->linked_items * 5 >= o->items * 4 &&
        linked * 100 >= text * ITEMS_SHARE)
        return true;
    return now->buttons - o->buttons >= BANNER_BUTTONS && text < BANNER_BYTES &&
           now->titles == o->titles && now->articles == o->articles && !h->articles_open;
}

static void count_item(ss_html *h, const open_element *item)
{
    open_element *list = h->depth ? &h->open[h->depth - 1] : NULL;
    if (!list || !(list->is & LIST)) return;
    list->items++;
    list->linked_items += h->so_far.links > item->links;
}

static void end_element(ss_html *h, const open_element *o)
{
    if (o->is & LINK) {
        count_linked(h);
        h->links_open--;
    }
    if (o->is & BLOCK) end_line(h);
    if (o->is & HEADING) h->heading = 0;
    if (o->is & SKIPPED) h->skipped--;
    if (o->is & ITEM) count_item(h, o);
    if (o->is & ARTICLE) {
        h->articles_open--;
        h->so_far.articles++;
        mark_article(h, o->first_block);
    }
    if (o->is & AROUND || (o->is & BOX && is_clutter(h, o))) mark_around(h, o->first_block);
}

static void on_end(void *context, const xmlChar *tag)
{
    ss_html *h = context;
    (void)tag;
    if (h->stopped || !h->depth) return;
    open_element o = h->open[--h->depth];
    if (h->in_data) read_data(h);
    h->in_title = false;
    end_element(h, &o);
    if (h->failed) stop(h, 0);
}

/* ---- One page ------------------------------------------------------------------------------- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* Bytes of the run of printable ASCII, tabs and line ends that begins here; the parser loses form
 * feeds. */
static size_t plain_run(const char *bytes, size_t size)
{
    const uint64_t ones = UINT64_MAX / 255;
    size_t i = 0;
    for (; size - i >= 8; i += 8) {
        uint64_t word;
        memcpy(&word, bytes + i, 8);
        if ((word | (word - ones * ' ')) & ones << 7)
            break; /* one is < ' ' (or behind one) or > 7F */
    }
    for (; i < size; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c >= 0x80 || (c < ' ' && (c == '\f' || !is_blank((char)c)))) break;
        if (c < ' ' && i + 1 < size && (unsigned char)bytes[i + 1] >= ' ') return i + 1;
    }
    return i;
}

/* Copies the page. What is not UTF-8, and control characters, become spaces: the parser would read
 * all that follows as Latin-1. */
static bool copy_clean(ss_html *h, const char *bytes, size_t size)
{
    h->source.size = 0;
    if (!make_room(h, &h->source, size)) return false;
    char *out = h->source.data;
    for (size_t i = 0; i < size;) {
        size_t run = plain_run(bytes + i, size - i);
        memcpy(out + i, bytes + i, run);
        i += run;
        if (i == size) break;
        if (run) continue;
        size_t at = i;
        uint32_t c = ss_utf8_next(bytes, size, &at);
        if (c == SS_BAD_POINT || c < ' ')
            memset(out + i, ' ', at - i);
        else
            memcpy(out + i, bytes + i, at - i);
        i = at;
    }
    out[size] = 0;
    h->source.size = size;
    return true;
}

/* Closes the tag at `at`, should it go on and on: a '>' takes the place of a separator outside of
 * quotes. Returns where it ends. */
static size_t close_long_tag(char *s, size_t at, size_t size)
{
    unsigned parts = 0;
    char quote = 0;
    for (; at < size; at++) {
        char c = s[at];
        if (quote) {
            if (c == quote) quote = 0, parts++;
        } else if (c == '>') {
            break;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if ((is_blank(c) || c == '/') && !is_blank(s[at - 1]) && ++parts > ATTRIBUTES) {
            s[at] = '>';
            break;
        }
    }
    return at;
}

static void close_long_tags(char *s, size_t size)
{
    for (size_t at = 0; at < size;) {
        const char *next = memchr(s + at, '<', size - at);
        if (!next) break;
        at = (size_t)(next - s) + 1;
        if (at < size && is_letter(s[at])) at = close_long_tag(s, at, size);
    }
}

/* Parses source[from..) until its end, or until a handler has stopped the parser. */
static void parse(ss_html *h, size_t from)
{
    htmlParserCtxtPtr parser =
        htmlCreateMemoryParserCtxt(h->source.data + from, (int)(h->source.size - from));
    if (!parser) {
        h->failed = true;
        return;
    }
    htmlSAXHandler handler = {.initialized = XML_SAX2_MAGIC,
                              .startElement = on_start,
                              .endElement = on_end,
                              .characters = on_text,
                              .ignorableWhitespace = on_text,
                              .cdataBlock = on_text};
    *parser->sax = handler;
    parser->userData = h;
    htmlCtxtUseOptions(parser, HTML_PARSE_RECOVER | HTML_PARSE_IGNORE_ENC | HTML_PARSE_NOERROR |
                                   HTML_PARSE_NOWARNING | HTML_PARSE_NONET);
    xmlSwitchEncoding(parser, XML_CHAR_ENCODING_UTF8);
    h->parser = parser;
    h->stopped = false;
    htmlParseDocument(parser);
    if (parser->errNo == XML_ERR_NO_MEMORY) h->failed = true;
    h->parser = NULL;
    htmlFreeParserCtxt(parser);
}

/* Nothing is open any more. */
static void close_all(ss_html *h)
{
    if (h->in_data) read_data(h);
    end_line(h);
    h->depth = h->skipped = h->articles_open = h->links_open = 0;
    h->in_title = false;
    h->heading = 0;
}

static void parse_all(ss_html *h)
{
    for (size_t from = 0; from < h->source.size && !h->failed;) {
        parse(h, from);
        bool stopped = h->stopped;
        h->stopped = true; /* there is no parser to stop */
        close_all(h);
        if (!stopped || h->cut || h->resume > h->source.size - from) break;
        from += h->resume ? h->resume : 1;
    }
}

static void begin_page(ss_html *h, ss_html_mode mode)
{
    h->mode = mode;
    h->failed = h->stopped = h->cut = h->in_title = h->in_data = h->space = false;
    h->text.size = h->result.size = h->title.size = h->social.size = h->script.size = 0;
    h->blocks.count = h->blocks.articles = 0;
    h->depth = h->skipped = h->articles_open = h->links_open = 0;
    h->block_start = h->link_start = 0;
    h->block_linked = 0;
    h->heading = 0;
    h->around = 0;
    h->so_far = (open_element){0};
    h->headline_size = 0;
    h->headline_in_article = false;
    h->language[0] = h->url[0] = 0;
    h->date = SAMESTORY_NO_DATE;
    h->date_rank = 0;
}

/* ---- What goes out -------------------------------------------------------------------------- */

static samestory_string string_of(const buffer *b)
{
    return (samestory_string){b->data, b->size};
}

static samestory_string title_of(const ss_html *h)
{
    if (h->headline_size) return (samestory_string){h->headline, h->headline_size};
    return string_of(h->social.size ? &h->social : &h->title);
}

/* The blocks that stay, but for the headline, which is the title. */
static samestory_string chosen_text(ss_html *h, samestory_string title)
{
    buffer *out = &h->result;
    for (size_t i = 0; i < h->blocks.count; i++) {
        const ss_html_block *b = &h->blocks.item[i];
        const char *text = h->text.data + b->start;
        bool is_title = b->heading && b->size == title.size && !memcmp(text, title.data, b->size);
        if (!b->keep || is_title) continue;
        if (out->size) put_data(h, out, (const unsigned char *)"\n", 1);
        put_data(h, out, (const unsigned char *)text, b->size);
    }
    return string_of(out);
}

samestory_status ss_html_read(ss_html *h, ss_html_mode mode, const char *bytes, size_t size,
                              ss_html_result *out)
{
    begin_page(h, mode);
    if (size > SS_HTML_BYTES_MAX) {
        size = SS_HTML_BYTES_MAX;
        h->cut = true;
    }
    bool cut = h->cut;
    h->cut = false;
    if (!copy_clean(h, bytes, size)) return SAMESTORY_NO_MEMORY;
    close_long_tags(h->source.data, size);
    parse_all(h);
    if (h->failed || !ss_html_choose(&h->blocks)) return SAMESTORY_NO_MEMORY;
    ss_html_result result = {.title = title_of(h),
                             .language = {h->language, strlen(h->language)},
                             .url = {h->url, strlen(h->url)},
                             .date = h->date,
                             .cut = cut || h->cut};
    if (h->text.size) h->text.size--; /* the last line's end */
    result.text = mode == SS_HTML_PAGE ? chosen_text(h, result.title) : string_of(&h->text);
    if (h->failed) return SAMESTORY_NO_MEMORY;
    *out = result;
    return SAMESTORY_OK;
}
