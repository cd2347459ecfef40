/* Member names that known corpora and tools use, and the way from a record to a document.
 *
 * Of each list the first name that holds text wins. More telling names come before vaguer ones (a
 * publication date before a crawl date, plain text before HTML), top-level ones before nested ones.
 * Sources: C4, CC-News, FineWeb, OSCAR, dolma, datatrove, Event Registry, miniflux, JSON Feed,
 * HPLT, news-please. Cost: below 1 us a record. */
#include "text/fields.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <xxhash.h>

static const char *const text_names[] = {
    "text",        "content",       "body",    "content_text", "content_html", "maintext",
    "raw_content", "metadata.text", "article", "description",  "summary",      NULL};
static const char *const title_names[] = {"title", "headline", "metadata.title", NULL};
static const char *const id_names[] = {
    "id", "uri", "warc_headers.warc-record-id", "guid", "hash", "metadata.id", NULL};
static const char *const url_names[] = {"url", "metadata.url", "warc_headers.warc-target-uri",
                                        "u",   "link",         NULL};
static const char *const source_names[] = {"source",    "source.uri",      "source.title",
                                           "outlet",    "publisher",       "sitename",
                                           "site_name", "metadata.source", NULL};
static const char *const language_names[] = {"language",          "lang",
                                             "metadata.language", "metadata.identification.label",
                                             "metadata.lang",     NULL};
static const char *const date_names[] = {
    "date_published", "published_at", "published", "dateTime",      "date_publish",
    "date",           "timestamp",    "created",   "metadata.date", "warc_headers.warc-date",
    "added",          "ts",           NULL};

/* The text of the field that the user named, else of the first known one; *name says of which. */
static samestory_string find_named(const ss_json *json, const char *own, const char *const *names,
                                   char *number, const char **name)
{
    samestory_string found = {NULL, 0};
    *name = own;
    if (own) {
        ss_json_text(json, own, number, &found);
        return found;
    }
    while (*names && !ss_json_text(json, *names, number, &found)) names++;
    *name = *names;
    return found;
}

static samestory_string find(const ss_json *json, const char *own, const char *const *names,
                             char *number)
{
    const char *name;
    return find_named(json, own, names, number, &name);
}

/* ---- HTML ------------------------------------------------------------------------------------ */

/* Does a tag of this name begin at `p`: "<br>", "<br/>", "</p>"? */
static bool is_tag(const char *p, const char *end, const char *name)
{
    size_t size = strlen(name);
    if ((size_t)(end - p) < size + 2 || strncasecmp(p + 1, name, size) != 0) return false;
    return p[1 + size] == '>' || p[1 + size] == '/' || p[1 + size] == ' ';
}

static bool holds_blocks(samestory_string text)
{
    static const char *const tags[] = {"/p",  "br",  "/div", "/li", "/h1",      "/h2",
                                       "/h3", "/ul", "/tr",  "/td", "/article", "/blockquote"};
    const char *end = text.data + text.size;
    for (const char *p = text.data; p < end; p++) {
        p = memchr(p, '<', (size_t)(end - p));
        if (!p) return false;
        for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
            if (is_tag(p, end, tags[i])) return true;
    }
    return false;
}

static bool is_html(const char *name, bool own, samestory_string text)
{
    static const char *const members[] = {"content", "body", "article", "description", "summary"};
    bool may = own;
    if (!strcmp(name, "content_html")) return true;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) may |= !strcmp(name, members[i]);
    if (!may) return false;
    while (text.size && strchr(" \t\r\n", *text.data)) text.data++, text.size--;
    if (!text.size) return false;
    size_t first = text.size < 4096 ? text.size : 4096;
    return (*text.data == '<' && ss_html_is_markup(text.data, first)) || holds_blocks(text);
}

static samestory_status read_html(ss_field_space *space, samestory_string *text)
{
    ss_html_result found;
    if (!space->html) space->html = ss_html_new();
    if (!space->html || ss_html_read(space->html, SS_HTML_FRAGMENT, text->data, text->size, &found))
        return SAMESTORY_NO_MEMORY;
    *text = found.text;
    return SAMESTORY_OK;
}

/* ---- Dates ----------------------------------------------------------------------------------- */

/* Day and time can stand apart: "date" and "time", as Event Registry has it. */
static int64_t with_time(const ss_json *json, int64_t day, samestory_string date)
{
    char number[SS_JSON_NUMBER_BYTES], whole[64];
    samestory_string time;
    if (date.size != 10 || !ss_json_text(json, "time", number, &time)) return day;
    if (time.size > sizeof whole - 11) return day;
    memcpy(whole, date.data, 10);
    whole[10] = 'T';
    memcpy(whole + 11, time.data, time.size);
    int64_t moment = samestory_parse_date(whole, 11 + time.size);
    return moment == SAMESTORY_NO_DATE ? day : moment;
}

/* The first field that holds a date, not only text. */
static int64_t find_date(const ss_json *json, const char *own)
{
    const char *const mine[] = {own, NULL};
    char number[SS_JSON_NUMBER_BYTES];
    for (const char *const *name = own ? mine : date_names; *name; name++) {
        samestory_string text;
        if (!ss_json_text(json, *name, number, &text)) continue;
        int64_t date = samestory_parse_date(text.data, text.size);
        if (date == SAMESTORY_NO_DATE) continue;
        return own || strcmp(*name, "date") != 0 ? date : with_time(json, date, text);
    }
    return SAMESTORY_NO_DATE;
}

/* ---- Documents ------------------------------------------------------------------------------- */

samestory_string ss_fields_content_id(const samestory_document *document, ss_field_space *space)
{
    /* Two hashes, the first one as the seed of the second: no copy of a long text. */
    uint64_t hash = XXH3_64bits(document->title.data, document->title.size);
    hash = XXH3_64bits_withSeed(document->text.data, document->text.size, hash);
    int size = snprintf(space->id, sizeof space->id, "xxh3:%016llx", (unsigned long long)hash);
    return (samestory_string){space->id, (size_t)size};
}

/* With a name of the user's own a part is there only if that member was. */
static void note_matches(const samestory_document *d, const samestory_string *label,
                         ss_field_space *space)
{
    bool there[SAMESTORY_FIELDS] = {[SAMESTORY_FIELD_TEXT] = d->text.size,
                                    [SAMESTORY_FIELD_TITLE] = d->title.size,
                                    [SAMESTORY_FIELD_ID] = d->id.size,
                                    [SAMESTORY_FIELD_URL] = d->url.size,
                                    [SAMESTORY_FIELD_DATE] = d->date != SAMESTORY_NO_DATE,
                                    [SAMESTORY_FIELD_LANGUAGE] = d->language.size,
                                    [SAMESTORY_FIELD_SOURCE] = d->source.size,
                                    [SAMESTORY_FIELD_LABEL] = label->size};
    for (unsigned i = 0; i < SAMESTORY_FIELDS; i++) space->matched |= (unsigned)there[i] << i;
    space->records++;
}

samestory_status ss_fields_read(const ss_json *json, const samestory_reader_options *options,
                                ss_field_space *space, samestory_document *document,
                                samestory_string *label)
{
    const samestory_reader_options *o = options;
    samestory_document d = SAMESTORY_DOCUMENT_INIT;
    d.title = find(json, o->title_field, title_names, space->numbers[0]);
    const char *name;
    d.text = find_named(json, o->text_field, text_names, space->numbers[1], &name);
    d.id = find(json, o->id_field, id_names, space->numbers[2]);
    d.url = find(json, o->url_field, url_names, space->numbers[3]);
    d.source = find(json, o->source_field, source_names, space->numbers[4]);
    d.language = find(json, o->language_field, language_names, space->numbers[5]);
    d.date = find_date(json, o->date_field);
    *label = (samestory_string){NULL, 0};
    if (o->label_field) ss_json_text(json, o->label_field, space->numbers[6], label);
    note_matches(&d, label, space);
    if (d.text.size && is_html(name, o->text_field != NULL, d.text) && read_html(space, &d.text))
        return SAMESTORY_NO_MEMORY;
    if (!d.id.size) d.id = d.url;
    if (!d.id.size) d.id = ss_fields_content_id(&d, space);
    *document = d;
    return SAMESTORY_OK;
}
