/* A readable copy of a JSON record; see repair.h. Runs for the rare record only, twice over its
 * bytes: about 1 GB/s each time. */
#include "text/repair.h"
#include "text/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef struct copy {
    char *out; /* NULL: count only */
    size_t size;
} copy;

static void put(copy *c, const char *bytes, size_t size)
{
    if (c->out) memcpy(c->out + c->size, bytes, size);
    c->size += size;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits(const char *p, size_t left)
{
    size_t n = 0;
    while (n < left && is_digit(p[n])) n++;
    return n;
}

/* The length of the JSON number at p, or 0 when there is none. */
static size_t number_length(const char *p, size_t left)
{
    size_t n = left && p[0] == '-', more;
    more = digits(p + n, left - n);
    if (!more || (more > 1 && p[n] == '0')) return 0;
    n += more;
    if (n < left && p[n] == '.') {
        more = digits(p + n + 1, left - n - 1);
        if (!more) return 0;
        n += 1 + more;
    }
    if (n < left && (p[n] == 'e' || p[n] == 'E')) {
        size_t sign = n + 1 < left && (p[n + 1] == '+' || p[n + 1] == '-');
        more = digits(p + n + 1 + sign, left - n - 1 - sign);
        if (!more) return 0;
        n += 1 + sign + more;
    }
    return n;
}

/* Does a value end here? Quotes around anything else would make JSON of what is none: {1 : 2}. */
static bool value_ends(const char *p, size_t left)
{
    while (left && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n')) p++, left--;
    return !left || *p == ',' || *p == '}' || *p == ']';
}

/* The value of \uXXXX at p, or -1. */
static long escaped_unit(const char *p, size_t left)
{
    if (left < 6 || p[0] != '\\' || p[1] != 'u') return -1;
    long value = 0;
    for (size_t i = 2; i < 6; i++) {
        char c = p[i];
        int digit = is_digit(c)              ? c - '0'
                    : (c >= 'a' && c <= 'f') ? c - 'a' + 10
                    : (c >= 'A' && c <= 'F') ? c - 'A' + 10
                                             : -1;
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* Copies an escape, the half of a pair as U+FFFD; returns the bytes it took. */
static size_t copy_escape(copy *c, const char *p, size_t left)
{
    long unit = escaped_unit(p, left);
    size_t size = unit >= 0 ? 6 : left < 2 ? left : 2;
    if (unit >= 0xD800 && unit <= 0xDBFF) {
        long low = escaped_unit(p + 6, left - 6);
        if (low >= 0xDC00 && low <= 0xDFFF) size = 12;
    }
    if (unit >= 0xD800 && unit <= 0xDFFF && size == 6)
        put(c, "\\ufffd", 6);
    else
        put(c, p, size);
    return size;
}

size_t ss_json_repair(const char *data, size_t size, char *out)
{
    copy c = {out, 0};
    bool in_string = false;
    for (size_t i = 0; i < size;) {
        const char *p = data + i;
        size_t left = size - i, taken = 1;
        if (in_string && *p == '\\') {
            /* The byte behind a backslash may begin a sequence that is not UTF-8. */
            if (left > 1 && (unsigned char)p[1] >= 0x80)
                put(&c, p, 1);
            else
                taken = copy_escape(&c, p, left);
        } else if ((unsigned char)*p >= 0x80) {
            size_t next = i;
            bool good = ss_utf8_next(data, size, &next) != SS_BAD_POINT;
            taken = next - i;
            put(&c, good ? p : "\xEF\xBF\xBD", good ? taken : 3);
        } else if (!in_string && (is_digit(*p) || *p == '-')) {
            size_t number = number_length(p, left);
            bool whole = number && value_ends(p + number, left - number);
            taken = number ? number : 1;
            if (whole) put(&c, "\"", 1);
            put(&c, p, taken);
            if (whole) put(&c, "\"", 1);
        } else {
            if (*p == '"') in_string = !in_string;
            put(&c, p, 1);
        }
        i += taken;
    }
    return c.size;
}
