/* Stage writer: a record with its verdict added, every other byte as it was.
 *
 * The verdict goes where the record's member "samestory" was, or behind its last member. The record
 * has been parsed before, so that here only strings and brackets are told apart; what is no object
 * after all is refused, never damaged. Cost: one scan of the record, about 1 GB/s, and one copy. */
#include "samestory.h"
#include "text/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Output that counts first (data = NULL) and is written then. */
typedef struct output {
    char *data;
    size_t size;
} output;

static void put(output *o, const char *bytes, size_t size)
{
    if (o->data && size) memcpy(o->data + o->size, bytes, size);
    o->size += size;
}

static void put_text(output *o, const char *text)
{
    put(o, text, strlen(text));
}

/* ---- JSON values ----------------------------------------------------------------------------- */

static void put_control(output *o, char c)
{
    static const char digits[] = "0123456789abcdef";
    char escape[6] = {'\\', 'u', '0', '0', digits[(unsigned char)c >> 4], digits[c & 15]};
    switch (c) {
    case '\n': put(o, "\\n", 2); break;
    case '\r': put(o, "\\r", 2); break;
    case '\t': put(o, "\\t", 2); break;
    default: put(o, escape, sizeof escape); break;
    }
}

/* A JSON string of any bytes; what is no UTF-8 becomes U+FFFD. */
static void put_string(output *o, samestory_string s)
{
    put(o, "\"", 1);
    for (size_t i = 0; i < s.size;) {
        size_t begin = i;
        uint32_t point = ss_utf8_next(s.data, s.size, &i);
        if (point == SS_BAD_POINT) {
            put(o, "\xEF\xBF\xBD", 3);
        } else if (point < 0x20 || point == 0x7F) {
            put_control(o, (char)point);
        } else {
            if (point == '"' || point == '\\') put(o, "\\", 1);
            put(o, s.data + begin, i - begin);
        }
    }
    put(o, "\"", 1);
}

/* 0..1 with at most six decimals, in any locale. */
static void put_probability(output *o, double p)
{
    if (!(p > 0)) p = 0; /* also NaN */
    if (p > 1) p = 1;
    long left = lround(p * 1e6);
    char digits[8] = {(char)('0' + left / 1000000), '.', 0};
    size_t size = 1;
    left %= 1000000;
    for (long unit = 100000; left; unit /= 10) {
        if (size == 1) size = 2;
        digits[size++] = (char)('0' + left / unit);
        left %= unit;
    }
    put(o, digits, size);
}

static const char *relation_text(samestory_relation relation)
{
    return relation == SAMESTORY_COPY       ? "copy"
           : relation == SAMESTORY_REVISION ? "revision"
           : relation == SAMESTORY_STORY    ? "story"
                                            : "new";
}

static void put_verdict(output *o, const samestory_verdict *v)
{
    bool is_new = v->relation == SAMESTORY_NONE;
    put_text(o, "{\"story\":");
    put_string(o, v->story);
    put_text(o, ",\"relation\":\"");
    put_text(o, relation_text(v->relation));
    put_text(o, "\",\"of\":");
    if (is_new)
        put_text(o, "null");
    else
        put_string(o, v->of);
    put_text(o, ",\"p\":");
    put_probability(o, v->probability);
    put_text(o, ",\"because\":[");
    for (size_t i = 0; !is_new && i < v->reason_count && i < SAMESTORY_REASONS; i++) {
        if (i) put(o, ",", 1);
        put_string(o, v->reasons[i]);
    }
    put_text(o, "]}");
}

/* ---- Finding the place ----------------------------------------------------------------------- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static const char *skip_spaces(const char *p, const char *end)
{
    while (p < end && is_space(*p)) p++;
    return p;
}

/* Behind the string that begins at p, or NULL when it does not end. */
static const char *skip_string(const char *p, const char *end)
{
    for (p++; p < end; p++) {
        if (*p == '"') return p + 1;
        if (*p == '\\') p++;
    }
    return NULL;
}

/* Behind the value at p: a string, something in brackets, or what goes on to a comma or bracket. */
static const char *skip_value(const char *p, const char *end)
{
    size_t depth = 0;
    const char *begin = p;
    while (p < end) {
        char c = *p;
        if (c == '"') {
            p = skip_string(p, end);
            if (!p || !depth) return p;
            continue;
        }
        bool closes = c == '}' || c == ']';
        if (!depth && (closes || c == ',' || is_space(c))) return p > begin ? p : NULL;
        p++;
        if (c == '{' || c == '[') depth++;
        if (closes && !--depth) return p;
    }
    return NULL;
}

/* One hexadecimal digit, or -1. */
static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Is the string key..end (quotes included) "samestory", however its letters are escaped? */
static bool is_our_key(const char *key, const char *end)
{
    static const char name[] = "samestory";
    const char *p = key + 1, *last = end - 1, *letter = name;
    for (; p < last && *letter; letter++) {
        if (*p != '\\') {
            if (*p++ != *letter) return false;
            continue;
        }
        if (last - p < 6 || p[1] != 'u' || p[2] != '0' || p[3] != '0') return false;
        if (hex(p[4]) * 16 + hex(p[5]) != *letter) return false;
        p += 6;
    }
    return p == last && !*letter;
}

/* Copies the members of the object at p, with the verdict in the place of each value of ours. On
 * return *tail is the first byte that is not copied yet: what follows the last member. */
static bool put_members(output *o, const char *p, const char *end, const samestory_verdict *v,
                        const char **tail, bool *any, bool *done)
{
    const char *copied = p++;
    *tail = p;
    *any = *done = false;
    for (;;) {
        p = skip_spaces(p, end);
        if (p < end && *p == '}' && !*any) break;
        if (p == end || *p != '"') return false;
        const char *key = p;
        p = skip_string(p, end);
        if (!p) return false;
        bool ours = is_our_key(key, p);
        p = skip_spaces(p, end);
        if (p == end || *p != ':') return false;
        const char *value = skip_spaces(p + 1, end);
        p = skip_value(value, end);
        if (!p) return false;
        if (ours) {
            put(o, copied, (size_t)(value - copied));
            put_verdict(o, v);
            copied = p;
            *done = true;
        }
        *any = true;
        *tail = p;
        p = skip_spaces(p, end);
        if (p == end) return false;
        if (*p == '}') break;
        if (*p++ != ',') return false;
    }
    put(o, copied, (size_t)(*tail - copied));
    return skip_spaces(p + 1, end) == end;
}

static bool put_json_record(output *o, samestory_string raw, const samestory_verdict *v)
{
    const char *p = raw.data, *end = raw.data + raw.size, *tail;
    bool any, done;
    if (raw.size >= 3 && !memcmp(p, "\xEF\xBB\xBF", 3)) p += 3;
    p = skip_spaces(p, end);
    if (p == end || *p != '{') return false;
    put(o, raw.data, (size_t)(p - raw.data));
    if (!put_members(o, p, end, v, &tail, &any, &done)) return false;
    if (!done) {
        if (any) put(o, ",", 1);
        put_text(o, "\"samestory\":");
        put_verdict(o, v);
    }
    put(o, tail, (size_t)(end - tail));
    return true;
}

static bool put_text_record(output *o, const samestory_document *d, const samestory_verdict *v)
{
    put_text(o, "{\"id\":");
    put_string(o, d->id);
    put_text(o, ",\"title\":");
    put_string(o, d->title);
    put_text(o, ",\"samestory\":");
    put_verdict(o, v);
    put_text(o, "}");
    return true;
}

static bool put_record(output *o, const samestory_record *record, const samestory_verdict *v)
{
    if (record->is_json) return put_json_record(o, record->raw, v);
    return put_text_record(o, &record->document, v);
}

samestory_status samestory_annotate(const samestory_record *record,
                                    const samestory_verdict *verdict, char **out, size_t *size)
{
    if (!record || !verdict || !out || !size) return SAMESTORY_BAD_ARGUMENT;
    if (record->is_blank || (record->is_json && !record->raw.data)) return SAMESTORY_BAD_RECORD;
    output o = {NULL, 0};
    if (!put_record(&o, record, verdict)) return SAMESTORY_BAD_RECORD;
    o.data = malloc(o.size + 1);
    if (!o.data) return SAMESTORY_NO_MEMORY;
    o.size = 0;
    put_record(&o, record, verdict);
    o.data[o.size] = 0;
    *out = o.data;
    *size = o.size;
    return SAMESTORY_OK;
}

void samestory_free(void *pointer)
{
    free(pointer);
}
