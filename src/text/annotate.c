/* Stage writer: a record with its verdict added, every other byte as it was.
 *
 * The verdict goes where the record's member "samestory" was, or behind its last member. The record
 * has been parsed before, so that here only strings and brackets are told apart; what is no object
 * after all is refused, never damaged. Cost: one scan of the record, about 1 GB/s, and one copy. */
#include "text/annotate.h"

#include "text/json_spans.h"
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

void ss_probability_text(double p, char out[16])
{
    if (!(p > 0)) p = 0; /* also NaN */
    if (p > 1) p = 1;
    long left = lround(p * 1e6);
    out[0] = (char)('0' + left / 1000000);
    out[1] = '.';
    size_t size = 1;
    left %= 1000000;
    for (long unit = 100000; left; unit /= 10) {
        if (size == 1) size = 2;
        out[size++] = (char)('0' + left / unit);
        left %= unit;
    }
    out[size] = 0;
}

const char *ss_relation_text(samestory_relation relation)
{
    return relation == SAMESTORY_COPY       ? "copy"
           : relation == SAMESTORY_REVISION ? "revision"
           : relation == SAMESTORY_STORY    ? "story"
                                            : "new";
}

static void put_verdict(output *o, const samestory_verdict *v)
{
    bool is_new = v->relation == SAMESTORY_NONE;
    char p[16];
    ss_probability_text(v->probability, p);
    put_text(o, "{\"story\":");
    put_string(o, v->story);
    put_text(o, ",\"relation\":\"");
    put_text(o, ss_relation_text(v->relation));
    put_text(o, "\",\"of\":");
    if (is_new)
        put_text(o, "null");
    else
        put_string(o, v->of);
    put_text(o, ",\"p\":");
    put_text(o, p);
    put_text(o, ",\"because\":[");
    for (size_t i = 0; !is_new && i < v->reason_count && i < SAMESTORY_REASONS; i++) {
        if (i) put(o, ",", 1);
        put_string(o, v->reasons[i]);
    }
    put_text(o, v->dropped ? "],\"dropped\":true}" : "]}");
}

size_t ss_verdict_json(const samestory_verdict *verdict, char *out)
{
    output o = {out, 0};
    put_verdict(&o, verdict);
    return o.size;
}

/* ---- Finding the place ----------------------------------------------------------------------- */

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
        p = ss_json_skip_spaces(p, end);
        if (p < end && *p == '}' && !*any) break;
        if (p == end || *p != '"') return false;
        const char *key = p;
        p = ss_json_skip_string(p, end);
        if (!p) return false;
        bool ours = is_our_key(key, p);
        p = ss_json_skip_spaces(p, end);
        if (p == end || *p != ':') return false;
        const char *value = ss_json_skip_spaces(p + 1, end);
        p = ss_json_skip_value(value, end);
        if (!p) return false;
        if (ours) {
            put(o, copied, (size_t)(value - copied));
            put_verdict(o, v);
            copied = p;
            *done = true;
        }
        *any = true;
        *tail = p;
        p = ss_json_skip_spaces(p, end);
        if (p == end) return false;
        if (*p == '}') break;
        if (*p++ != ',') return false;
    }
    put(o, copied, (size_t)(*tail - copied));
    return ss_json_skip_spaces(p + 1, end) == end;
}

static bool put_json_record(output *o, samestory_string raw, const samestory_verdict *v)
{
    const char *p = raw.data, *end = raw.data + raw.size, *tail;
    bool any, done;
    if (raw.size >= 3 && !memcmp(p, "\xEF\xBB\xBF", 3)) p += 3;
    p = ss_json_skip_spaces(p, end);
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

/* The digits of a number from that of `unit` on, and what follows. */
static void put_digits(output *o, int64_t number, int64_t unit, const char *behind)
{
    for (; unit; unit /= 10) {
        char digit = (char)('0' + number / unit % 10);
        put(o, &digit, 1);
    }
    put_text(o, behind);
}

/* A moment as ISO 8601 has it, from year 0 to 9999; others are left out. The calendar of civil days
 * since 1970 after H. Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
static void put_date(output *o, int64_t moment)
{
    int64_t day = moment / 86400 - (moment % 86400 < 0), second = moment - day * 86400;
    int64_t shifted = day + 719468, era = shifted / 146097;
    if (shifted < 0 || era > 25) return;
    int64_t of_era = shifted - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153, in_month = of_year - (153 * month + 2) / 5 + 1;
    year += era * 400 + (month >= 10);
    month += month < 10 ? 3 : -9;
    if (year > 9999) return;
    put_text(o, ",\"date\":\"");
    put_digits(o, year, 1000, "-");
    put_digits(o, month, 10, "-");
    put_digits(o, in_month, 10, "T");
    put_digits(o, second / 3600, 10, ":");
    put_digits(o, second / 60 % 60, 10, ":");
    put_digits(o, second % 60, 10, "Z\"");
}

static bool put_new_record(output *o, const samestory_document *d, const samestory_verdict *v)
{
    put_text(o, "{\"id\":");
    put_string(o, d->id);
    if (d->url.size) {
        put_text(o, ",\"url\":");
        put_string(o, d->url);
    }
    put_text(o, ",\"title\":");
    put_string(o, d->title);
    if (d->date != SAMESTORY_NO_DATE) put_date(o, d->date);
    put_text(o, ",\"samestory\":");
    put_verdict(o, v);
    put_text(o, "}");
    return true;
}

static bool put_record(output *o, const samestory_record *record, const samestory_verdict *v)
{
    if (record->is_json) return put_json_record(o, record->raw, v);
    return put_new_record(o, &record->document, v);
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

static void put_line(output *o, samestory_string id, const samestory_verdict *v)
{
    put_text(o, "{\"id\":");
    put_string(o, id);
    put_text(o, ",\"samestory\":");
    put_verdict(o, v);
    put_text(o, "}");
}

samestory_status samestory_verdict_line(samestory_string id, const samestory_verdict *verdict, char **out,
                                        size_t *size)
{
    if (!verdict || !out || !size || (id.size && !id.data)) return SAMESTORY_BAD_ARGUMENT;
    output o = {NULL, 0};
    put_line(&o, id, verdict);
    o.data = malloc(o.size + 1);
    if (!o.data) return SAMESTORY_NO_MEMORY;
    o.size = 0;
    put_line(&o, id, verdict);
    o.data[o.size] = 0;
    *out = o.data;
    *size = o.size;
    return SAMESTORY_OK;
}

void samestory_free(void *pointer)
{
    free(pointer);
}
