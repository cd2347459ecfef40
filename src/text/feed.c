/* Feeds: entries out, and the feed back without some of them or with verdicts in it. Comes in: a
 * feed's bytes. Goes out: documents, oldest first; and the same bytes but for what was decided. */
#include "text/feed.h"

#include "base/array.h"
#include "base/lookup.h"
#include "text/utf8.h"

#include <string.h>
#include <xxhash.h>

enum { PHRASE = 300 /* bytes of a text that may be the same under several titles, at most */ };

/* ---- Memory --------------------------------------------------------------------------------- */

bool ss_feed_keep(ss_feed_buffer *b, samestory_string s, ss_feed_text *out)
{
    if (!ss_reserve(&b->data, &b->capacity, b->size + s.size + 1)) return false;
    if (s.size) memcpy(b->data + b->size, s.data, s.size);
    *out = (ss_feed_text){b->size, s.size};
    b->size += s.size;
    return true;
}

samestory_string ss_feed_string(const ss_feed_buffer *b, ss_feed_text t)
{
    return (samestory_string){b->data ? b->data + t.start : NULL, t.size};
}

ss_feed_entry *ss_feed_add_entry(samestory_feed *f)
{
    if (!ss_reserve(&f->entry, &f->entry_capacity, f->entries + 1)) return NULL;
    ss_feed_entry *e = &f->entry[f->entries++];
    *e = (ss_feed_entry){.date = SAMESTORY_NO_DATE};
    return e;
}

bool ss_feed_add_cut(samestory_feed *f, ss_feed_cut cut)
{
    if (!ss_reserve(&f->cut, &f->cut_capacity, f->cuts + 1)) return false;
    f->cut[f->cuts++] = cut;
    return true;
}

char ss_feed_character(const samestory_feed *f, size_t at)
{
    if (at >= f->size || f->size - at < f->unit) return 0;
    if (f->unit == 1) return f->bytes[at];
    char high = f->bytes[at + !f->big_endian], low = f->bytes[at + f->big_endian];
    return high ? 0 : low;
}

void samestory_feed_free(samestory_feed *f)
{
    if (!f) return;
    free(f->strings.data);
    free(f->marks.data);
    free(f->entry);
    free(f->cut);
    free(f->order);
    ss_html_free(f->html);
    free(f);
}

/* ---- Reading -------------------------------------------------------------------------------- */

/* An id that no other feed has: the entry's own, a space and the address of its feed. Room is made
 * first, so that nothing moves while parts of the buffer are copied behind its end. */
static bool name_entry(samestory_feed *f, ss_feed_entry *e)
{
    samestory_string address = ss_feed_string(&f->strings, f->address);
    bool usable = address.size && !memchr(address.data, ' ', address.size) &&
                  memchr(address.data, ':', address.size);
    ss_feed_text own = e->id, ignored;
    if (!own.size || !usable) return true;
    size_t need = own.size + address.size + 2;
    if (!ss_reserve(&f->strings.data, &f->strings.capacity, f->strings.size + need)) return false;
    e->id = (ss_feed_text){f->strings.size, need - 1};
    return ss_feed_keep(&f->strings, ss_feed_string(&f->strings, own), &ignored) &&
           ss_feed_keep(&f->strings, (samestory_string){" ", 1}, &ignored) &&
           ss_feed_keep(&f->strings, ss_feed_string(&f->strings, f->address), &ignored);
}

static uint64_t hash_of(const samestory_feed *f, ss_feed_text text)
{
    return XXH3_64bits(ss_feed_string(&f->strings, text).data, text.size);
}

static bool is_same(const samestory_feed *f, ss_feed_text a, ss_feed_text b)
{
    return a.size == b.size &&
           !memcmp(f->strings.data + a.start, f->strings.data + b.start, a.size);
}

/* A short text under several titles ("Comments", "Log in to read on") is none of theirs. */
static bool drop_phrases(samestory_feed *f)
{
    ss_lookup seen = {0};
    bool kept = true;
    for (size_t i = 0; kept && i < f->entries; i++) {
        ss_feed_entry *e = &f->entry[i];
        if (!e->text.size || e->text.size > PHRASE) continue;
        uint64_t hash = hash_of(f, e->text);
        uint32_t first = ss_lookup_find(&seen, hash);
        if (first == SS_LOOKUP_NONE)
            kept = ss_lookup_add(&seen, hash, (uint32_t)i);
        else if (!is_same(f, f->entry[first].title, e->title))
            f->entry[first].phrase = true;
    }
    for (size_t i = f->entries; kept && i-- > 0;) {
        ss_feed_entry *e = &f->entry[i];
        uint32_t first = e->text.size && e->text.size <= PHRASE
                             ? ss_lookup_find(&seen, hash_of(f, e->text))
                             : SS_LOOKUP_NONE;
        if (first != SS_LOOKUP_NONE && f->entry[first].phrase && e->title.size) e->text.size = 0;
    }
    ss_lookup_free(&seen);
    return kept;
}

typedef struct dated {
    int64_t date;
    size_t number;
} dated;

/* Oldest first, ties in the order of the feed. */
static int by_date(const void *a, const void *b)
{
    const dated *x = a, *y = b;
    if (x->date != y->date) return (x->date > y->date) - (x->date < y->date);
    return (x->number > y->number) - (x->number < y->number);
}

static bool put_in_order(samestory_feed *f)
{
    dated *list = malloc((f->entries + 1) * sizeof *list);
    f->order = malloc((f->entries + 1) * sizeof *f->order);
    if (!list || !f->order) {
        free(list);
        return false;
    }
    int64_t date = INT64_MIN; /* without a date, an entry goes with the one before it */
    for (size_t i = 0; i < f->entries; i++) {
        if (f->entry[i].date != SAMESTORY_NO_DATE) date = f->entry[i].date;
        list[i] = (dated){date, i};
    }
    qsort(list, f->entries, sizeof *list, by_date);
    for (size_t i = 0; i < f->entries; i++) f->order[i] = list[i].number;
    free(list);
    return true;
}

/* A feed in JSON begins with a brace, behind a byte order mark and spaces. */
static bool is_json(const char *bytes, size_t size)
{
    size_t at = size >= 3 && !memcmp(bytes, "\xEF\xBB\xBF", 3) ? 3 : 0;
    while (at < size && strchr(" \t\r\n", bytes[at]) && bytes[at]) at++;
    return at < size && bytes[at] == '{';
}

static samestory_status read_places(samestory_feed *f, samestory_error *error)
{
    if (!f->size) return ss_fail(error, SAMESTORY_BAD_RECORD, "no feed: there is nothing");
    if (f->size > SS_FEED_BYTES_MAX)
        return ss_fail(error, SAMESTORY_BAD_RECORD, "the feed is longer than 256 MiB");
    return is_json(f->bytes, f->size) ? ss_feed_read_json(f, error) : ss_feed_read_xml(f, error);
}

samestory_status samestory_feed_open(const char *bytes, size_t size, samestory_feed **out,
                                     samestory_error *error)
{
    if (!out || (size && !bytes))
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "bytes and out must not be NULL");
    samestory_feed *f = calloc(1, sizeof *f);
    if (!f) return ss_fail_memory(error);
    f->bytes = bytes;
    f->size = size;
    f->html = ss_html_new();
    samestory_status status = f->html ? read_places(f, error) : ss_fail_memory(error);
    for (size_t i = 0; !status && i < f->entries; i++)
        if (!name_entry(f, &f->entry[i])) status = ss_fail_memory(error);
    if (!status && (!drop_phrases(f) || !put_in_order(f))) status = ss_fail_memory(error);
    if (status)
        samestory_feed_free(f);
    else
        *out = f;
    return status;
}

samestory_status samestory_feed_next(samestory_feed *f, samestory_document *document,
                                     samestory_error *error)
{
    if (!f || !document || document->struct_size < sizeof *document)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT,
                       "feed and document must be there, struct_size set to its size");
    if (f->next == f->entries) return SAMESTORY_END;
    const ss_feed_entry *e = &f->entry[f->order[f->next++]];
    const ss_feed_buffer *s = &f->strings;
    *document = (samestory_document){
        .struct_size = document->struct_size,
        .id = ss_feed_string(s, e->id),
        .title = ss_feed_string(s, e->title),
        .text = ss_feed_string(s, e->text),
        .url = ss_feed_string(s, e->url),
        .language = ss_feed_string(s, e->language.size ? e->language : f->language),
        .date = e->date};
    return SAMESTORY_OK;
}

void samestory_feed_rewind(samestory_feed *f)
{
    if (f) f->next = 0;
}

/* ---- Deciding ------------------------------------------------------------------------------- */

static ss_feed_entry *last_given(samestory_feed *f)
{
    return f && f->next ? &f->entry[f->order[f->next - 1]] : NULL;
}

samestory_status samestory_feed_drop(samestory_feed *f)
{
    ss_feed_entry *e = last_given(f);
    if (!e) return SAMESTORY_BAD_ARGUMENT;
    e->dropped = e->place.end > e->place.start;
    return SAMESTORY_OK;
}

samestory_status samestory_feed_mark(samestory_feed *f, const samestory_verdict *verdict)
{
    ss_feed_entry *e = last_given(f);
    if (!e || !verdict || verdict->struct_size < sizeof *verdict) return SAMESTORY_BAD_ARGUMENT;
    if (!e->can_mark) return SAMESTORY_OK;
    e->marked = f->kind == SS_FEED_JSON ? ss_feed_mark_json(f, e, verdict)
                                        : ss_feed_mark_xml(f, e, verdict);
    return e->marked ? SAMESTORY_OK : SAMESTORY_NO_MEMORY;
}

/* ---- Writing -------------------------------------------------------------------------------- */

/* Bytes of the feed that are replaced. */
typedef struct edit {
    ss_feed_place place;
    samestory_string by;
} edit;

typedef struct edits {
    edit *item;
    size_t count, capacity;
    bool failed;
} edits;

static void add_edit(edits *list, ss_feed_place place, samestory_string by)
{
    if (!ss_reserve(&list->item, &list->capacity, list->count + 1))
        list->failed = true;
    else
        list->item[list->count++] = (edit){place, by};
}

static void remove_place(edits *list, ss_feed_place place)
{
    add_edit(list, place, (samestory_string){NULL, 0});
}

/* An element goes with the blanks before it. */
static ss_feed_place with_blanks(const samestory_feed *f, ss_feed_place place)
{
    while (place.start >= f->unit) {
        char c = ss_feed_character(f, place.start - f->unit);
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r') break;
        place.start -= f->unit;
    }
    return place;
}

/* An element of an array goes with the comma before it, or, when none stays before it, with the one
 * behind. */
static ss_feed_place with_comma(const samestory_feed *f, size_t i, bool any_kept)
{
    const ss_feed_entry *e = &f->entry[i];
    if (any_kept) return (ss_feed_place){e[-1].place.end, e->place.end};
    return (ss_feed_place){e->place.start, i + 1 < f->entries ? e[1].place.start : e->place.end};
}

static void add_entry(const samestory_feed *f, size_t i, bool any_kept, edits *list)
{
    const ss_feed_entry *e = &f->entry[i];
    if (e->dropped) {
        bool json = f->kind == SS_FEED_JSON;
        remove_place(list, json ? with_comma(f, i, any_kept) : with_blanks(f, e->place));
        return;
    }
    if (!e->marked) return;
    if (e->tag_text.size) add_edit(list, e->tag, ss_feed_string(&f->marks, e->tag_text));
    add_edit(list, e->mark, ss_feed_string(&f->marks, e->mark_text));
}

/* Lines of the list of contents go with their entries, earlier marks when there are new ones. */
static void add_cuts(const samestory_feed *f, edits *list)
{
    ss_lookup dropped = {0};
    for (size_t i = 0; i < f->entries && f->cuts; i++)
        if (f->entry[i].dropped && f->entry[i].about.size &&
            !ss_lookup_add(&dropped, hash_of(f, f->entry[i].about), (uint32_t)i))
            list->failed = true;
    for (size_t i = 0; i < f->cuts; i++) {
        const ss_feed_cut *c = &f->cut[i];
        bool goes = c->entry == SIZE_MAX
                        ? ss_lookup_find(&dropped, hash_of(f, c->about)) != SS_LOOKUP_NONE
                        : f->entry[c->entry].marked && !f->entry[c->entry].dropped;
        if (goes) remove_place(list, c->entry == SIZE_MAX ? with_blanks(f, c->place) : c->place);
    }
    ss_lookup_free(&dropped);
}

static int by_place(const void *a, const void *b)
{
    const ss_feed_place *x = &((const edit *)a)->place, *y = &((const edit *)b)->place;
    if (x->start != y->start) return (x->start > y->start) - (x->start < y->start);
    return (x->end > y->end) - (x->end < y->end);
}

/* The bytes with all edits made, or NULL: out of memory. */
static char *apply(const samestory_feed *f, const edits *list, size_t *size)
{
    size_t need = f->size + 1, at = 0, used = 0;
    for (size_t i = 0; i < list->count; i++) need += list->item[i].by.size;
    char *out = malloc(need);
    if (!out) return NULL;
    for (size_t i = 0; i < list->count; i++) {
        const edit *e = &list->item[i];
        if (e->place.start < at) continue; /* inside of what has gone */
        memcpy(out + used, f->bytes + at, e->place.start - at);
        used += e->place.start - at;
        if (e->by.size) memcpy(out + used, e->by.data, e->by.size);
        used += e->by.size;
        at = e->place.end;
    }
    memcpy(out + used, f->bytes + at, f->size - at);
    used += f->size - at;
    out[used] = 0;
    *size = used;
    return out;
}

/* What is written must be a feed with as many entries as have stayed. */
static samestory_status check(const samestory_feed *f, const char *bytes, size_t size,
                              samestory_error *error)
{
    samestory_feed again = {.bytes = bytes, .size = size, .places_only = true};
    size_t kept = 0;
    for (size_t i = 0; i < f->entries; i++) kept += !f->entry[i].dropped;
    samestory_status status = read_places(&again, error);
    if (!status && again.entries != kept)
        status = ss_fail(error, SAMESTORY_BAD_RECORD, "this feed can't be rewritten without harm");
    free(again.strings.data);
    free(again.entry);
    free(again.cut);
    return status;
}

samestory_status samestory_feed_write(const samestory_feed *f, char **out, size_t *size,
                                      samestory_error *error)
{
    if (!f || !out || !size)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT, "feed, out and size must not be NULL");
    edits list = {0};
    bool any_kept = false;
    for (size_t i = 0; i < f->entries; i++) {
        add_entry(f, i, any_kept, &list);
        any_kept |= !f->entry[i].dropped;
    }
    add_cuts(f, &list);
    if (list.count) qsort(list.item, list.count, sizeof *list.item, by_place);
    size_t bytes = 0;
    char *made = list.failed ? NULL : apply(f, &list, &bytes);
    free(list.item);
    if (!made) return ss_fail_memory(error);
    samestory_status status = check(f, made, bytes, error);
    if (status) {
        free(made);
        return status;
    }
    *out = made;
    *size = bytes;
    return SAMESTORY_OK;
}
