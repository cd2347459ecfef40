/* JSON Feed (jsonfeed.org, 1.0 and 1.1) to entries. Comes in: the feed's bytes. Goes out: entries
 * with their place. The feed is parsed as a whole first, so that what is broken is refused; then
 * each entry for itself. Cost: about 400 MB/s, and that of the HTML in it. */
#include "text/feed.h"
#include "text/input.h"
#include "text/json.h"
#include "text/json_spans.h"

#include <stdlib.h>
#include <string.h>

typedef struct reading {
    samestory_feed *feed;
    ss_json *json;
    const char *base, *end; /* a copy of the feed, padded */
    samestory_status status;
} reading;

static bool keep(reading *r, samestory_string string, ss_feed_text *out)
{
    if (!ss_feed_keep(&r->feed->strings, string, out)) r->status = SAMESTORY_NO_MEMORY;
    return out->size > 0;
}

static bool keep_field(reading *r, const char *const *names, ss_feed_text *out)
{
    char number[SS_JSON_NUMBER_BYTES];
    samestory_string found;
    for (; *names; names++)
        if (ss_json_text(r->json, *names, number, &found)) return keep(r, found, out);
    return false;
}

static bool keep_html(reading *r, const char *name, bool always, ss_feed_text *out)
{
    char number[SS_JSON_NUMBER_BYTES];
    samestory_string found;
    ss_html_result result;
    if (!ss_json_text(r->json, name, number, &found)) return false;
    if (!always && !ss_html_is_markup(found.data, found.size)) return keep(r, found, out);
    r->status = ss_html_read(r->feed->html, SS_HTML_FRAGMENT, found.data, found.size, &result);
    return !r->status && keep(r, result.text, out);
}

/* The parts of the entry that was parsed last. */
static void keep_parts(reading *r, ss_feed_entry *e)
{
    static const char *const ids[] = {"id", NULL}, *const urls[] = {"url", "external_url", NULL},
                             *const languages[] = {"language", NULL},
                             *const plain[] = {"content_text", NULL},
                             *const dates[] = {"date_published", "date_modified"};
    char number[SS_JSON_NUMBER_BYTES];
    samestory_string date;
    keep_field(r, ids, &e->id);
    keep_field(r, urls, &e->url);
    if (!e->id.size) e->id = e->url;
    keep_field(r, languages, &e->language);
    keep_html(r, "title", false, &e->title);
    if (!keep_field(r, plain, &e->text) && !keep_html(r, "content_html", true, &e->text))
        keep_html(r, "summary", false, &e->text);
    for (size_t i = 0; i < 2 && e->date == SAMESTORY_NO_DATE; i++)
        if (ss_json_text(r->json, dates[i], number, &date))
            e->date = samestory_parse_date(date.data, date.size);
}

/* ---- Places --------------------------------------------------------------------------------- */

static size_t offset(const reading *r, const char *at)
{
    return (size_t)(at - r->base);
}

static void find_tag(const reading *r, ss_feed_entry *e, const ss_json_span *tags)
{
    static const char ours[] = "\"samestory:";
    ss_json_walk walk = {tags->value, r->end, false, false, false};
    ss_json_span tag;
    e->tags = *tags->value == '[' ? SS_TAGS_EMPTY : SS_TAGS_STRANGE;
    if (e->tags == SS_TAGS_STRANGE) return;
    e->tag.start = e->tag.end = offset(r, tags->value) + 1;
    while (e->tags != SS_TAGS_OURS && ss_json_next(&walk, &tag)) {
        e->tags = SS_TAGS_OTHER;
        if ((size_t)(tag.value_end - tag.value) <= sizeof ours ||
            memcmp(tag.value, ours, sizeof ours - 1) != 0)
            continue;
        e->tags = SS_TAGS_OURS;
        e->tag = (ss_feed_place){offset(r, tag.value), offset(r, tag.value_end)};
    }
}

/* Where the entry's mark and tag go. */
static void find_places(const reading *r, ss_feed_entry *e, const ss_json_span *item)
{
    ss_json_walk walk = {item->value, r->end, false, false, false};
    ss_json_span member;
    size_t last = offset(r, item->value) + 1;
    e->place = (ss_feed_place){offset(r, item->value), offset(r, item->value_end)};
    e->bare = true;
    while (ss_json_next(&walk, &member)) {
        e->bare = false;
        last = offset(r, member.value_end);
        if (ss_json_key_is(&member, "tags")) find_tag(r, e, &member);
        if (!ss_json_key_is(&member, "_samestory")) continue;
        e->has_mark = true;
        e->mark = (ss_feed_place){offset(r, member.value), offset(r, member.value_end)};
    }
    if (!e->has_mark) e->mark = (ss_feed_place){last, last};
    e->can_mark = !walk.broken;
}

/* ---- The whole ------------------------------------------------------------------------------ */

static void read_item(reading *r, const ss_json_span *item)
{
    const char *message;
    ss_feed_entry *e = *item->value == '{' ? ss_feed_add_entry(r->feed) : NULL;
    if (!e) {
        r->status = *item->value == '{' ? SAMESTORY_NO_MEMORY : SAMESTORY_BAD_RECORD;
        return;
    }
    find_places(r, e, item);
    if (r->feed->places_only) return;
    r->status =
        ss_json_parse(r->json, item->value, (size_t)(item->value_end - item->value), &message);
    if (!r->status) keep_parts(r, e);
}

/* The array "items"; false when there is none. */
static bool find_items(const reading *r, ss_json_span *items)
{
    size_t mark = r->feed->size >= 3 && !memcmp(r->base, "\xEF\xBB\xBF", 3) ? 3 : 0;
    ss_json_walk walk = {ss_json_skip_spaces(r->base + mark, r->end), r->end, false, false, false};
    if (walk.at == r->end || *walk.at != '{') return false;
    while (ss_json_next(&walk, items))
        if (ss_json_key_is(items, "items")) return *items->value == '[';
    return false;
}

static samestory_status read_feed(reading *r, samestory_error *error)
{
    static const char *const addresses[] = {"feed_url", "home_page_url", NULL};
    static const char *const languages[] = {"language", NULL};
    const char *message = "this JSON is no feed: it has no array \"items\"";
    ss_json_span items, item;
    size_t mark = r->feed->size >= 3 && !memcmp(r->base, "\xEF\xBB\xBF", 3) ? 3 : 0;
    r->status = ss_json_parse(r->json, r->base + mark, r->feed->size - mark, &message);
    if (!r->status) {
        keep_field(r, addresses, &r->feed->address);
        keep_field(r, languages, &r->feed->language);
        if (!find_items(r, &items)) r->status = SAMESTORY_BAD_RECORD;
    }
    if (!r->status) {
        ss_json_walk walk = {items.value, r->end, false, false, false};
        message = "an entry of this JSON feed is no object";
        while (!r->status && ss_json_next(&walk, &item)) read_item(r, &item);
        if (!r->status && walk.broken) r->status = SAMESTORY_BAD_RECORD;
    }
    if (r->status == SAMESTORY_NO_MEMORY) return ss_fail_memory(error);
    return r->status ? ss_fail(error, r->status, message) : SAMESTORY_OK;
}

samestory_status ss_feed_read_json(samestory_feed *f, samestory_error *error)
{
    samestory_status status;
    char *copy = malloc(f->size + SS_INPUT_PADDING);
    reading r = {f, ss_json_new(), copy, copy + f->size, SAMESTORY_OK};
    f->kind = SS_FEED_JSON;
    f->unit = 1;
    if (!copy || !r.json) {
        status = ss_fail_memory(error);
    } else {
        memcpy(copy, f->bytes, f->size);
        memset(copy + f->size, 0, SS_INPUT_PADDING);
        status = read_feed(&r, error);
    }
    ss_json_free(r.json);
    free(copy);
    return status;
}
