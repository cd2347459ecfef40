/* Stage reader and writer: where the values of a JSON text begin and end, for those who copy its
 * bytes.
 *
 * The text has been parsed before: only strings and brackets are told apart here. All functions
 * move in p..end, never past it. Cost: strings at some 5 GB/s, the rest at about 1. */
#ifndef SS_TEXT_JSON_SPANS_H
#define SS_TEXT_JSON_SPANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline bool ss_json_is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static inline const char *ss_json_skip_spaces(const char *p, const char *end)
{
    while (p < end && ss_json_is_space(*p)) p++;
    return p;
}

/* Has one of the eight bytes this value? (Mycroft 1987: zero bytes of the difference) */
static inline bool ss_json_any_is(uint64_t bytes, char value)
{
    const uint64_t ones = 0x0101010101010101u;
    uint64_t zero = bytes ^ ones * (uint8_t)value;
    return (zero - ones) & ~zero & ones << 7;
}

/* Over eight bytes at a time that have neither a quote nor a backslash. */
static inline const char *ss_json_skip_plain(const char *p, const char *end)
{
    for (uint64_t bytes; end - p >= 8; p += 8) {
        memcpy(&bytes, p, 8);
        if (ss_json_any_is(bytes, '"') || ss_json_any_is(bytes, '\\')) break;
    }
    return p;
}

/* Behind the string that begins at p, or NULL when it does not end. */
static inline const char *ss_json_skip_string(const char *p, const char *end)
{
    for (p++; (p = ss_json_skip_plain(p, end)) < end; p++) {
        if (*p == '"') return p + 1;
        if (*p == '\\') p++;
    }
    return NULL;
}

/* Behind the value at p: a string, something in brackets, or what goes on to a comma or bracket. */
static inline const char *ss_json_skip_value(const char *p, const char *end)
{
    size_t depth = 0;
    const char *begin = p;
    while (p < end) {
        char c = *p;
        if (c == '"') {
            p = ss_json_skip_string(p, end);
            if (!p || !depth) return p;
            continue;
        }
        bool closes = c == '}' || c == ']';
        if (!depth && (closes || c == ',' || ss_json_is_space(c))) return p > begin ? p : NULL;
        p++;
        if (c == '{' || c == '[') depth++;
        if (closes && !--depth) return p;
    }
    return NULL;
}

/* A member of an object or an element of an array. */
typedef struct ss_json_span {
    const char *key, *key_end; /* quotes included; an element has none: NULL */
    const char *value, *value_end;
} ss_json_span;

/* A walk over an object or array: begin with {opening bracket, end}. */
typedef struct ss_json_walk {
    const char *at, *end;
    bool begun, object, broken; /* broken: this was no JSON after all */
} ss_json_walk;

/* The key or value at w->at, which moves behind it. */
static inline bool ss_json_take(ss_json_walk *w, const char **begin, const char **behind)
{
    *begin = ss_json_skip_spaces(w->at, w->end);
    *behind = *begin < w->end ? ss_json_skip_value(*begin, w->end) : NULL;
    w->broken = !*behind;
    if (*behind) w->at = ss_json_skip_spaces(*behind, w->end);
    return *behind != NULL;
}

/* The next span; false at the closing bracket, where w->at is then, and when broken. */
static inline bool ss_json_next(ss_json_walk *w, ss_json_span *span)
{
    bool first = !w->begun;
    if (w->broken) return false;
    if (first) {
        w->begun = true;
        w->object = *w->at == '{';
        w->at = ss_json_skip_spaces(w->at + 1, w->end);
    }
    w->broken = w->at == w->end;
    if (w->broken || *w->at == '}' || *w->at == ']') return false;
    if (!first) {
        w->broken = *w->at != ',';
        if (w->broken) return false;
        w->at++;
    }
    span->key = span->key_end = NULL;
    if (w->object) {
        if (!ss_json_take(w, &span->key, &span->key_end)) return false;
        w->broken = w->at == w->end || *w->at != ':' || *span->key != '"';
        if (w->broken) return false;
        w->at++;
    }
    return ss_json_take(w, &span->value, &span->value_end);
}

/* Is the member's key `name`, written without escapes? */
static inline bool ss_json_key_is(const ss_json_span *span, const char *name)
{
    size_t size = strlen(name);
    return span->key && (size_t)(span->key_end - span->key) == size + 2 &&
           !memcmp(span->key + 1, name, size);
}

#endif
