/* UTF-8 by hand, for bytes that are known to be good or are checked here. */
#ifndef SS_TEXT_UTF8_H
#define SS_TEXT_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define SS_BAD_POINT UINT32_MAX

/* The code point at text[*at], moving *at past it. A byte that starts no valid sequence gives
 * SS_BAD_POINT and is passed over alone. Needs *at < size. */
static inline uint32_t ss_utf8_next(const char *text, size_t size, size_t *at)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t i = *at;
    uint32_t c = s[i++];
    *at = i;
    if (c < 0x80) return c;
    unsigned more;
    uint32_t least;
    if (c >= 0xC2 && c <= 0xDF) {
        more = 1, least = 0x80, c &= 0x1F;
    } else if ((c & 0xF0) == 0xE0) {
        more = 2, least = 0x800, c &= 0x0F;
    } else if (c >= 0xF0 && c <= 0xF4) {
        more = 3, least = 0x10000, c &= 0x07;
    } else {
        return SS_BAD_POINT;
    }
    if (size - i < more) return SS_BAD_POINT;
    for (unsigned k = 0; k < more; k++) {
        if ((s[i + k] & 0xC0) != 0x80) return SS_BAD_POINT;
        c = c << 6 | (s[i + k] & 0x3F);
    }
    if (c < least || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return SS_BAD_POINT;
    *at = i + more;
    return c;
}

/* Are all bytes ASCII? */
static inline bool ss_ascii(const char *text, size_t size)
{
    enum { EIGHT = sizeof(uint64_t) };
    uint64_t all = 0, part;
    if (size < EIGHT) {
        for (size_t i = 0; i < size; i++) all |= (unsigned char)text[i];
        return !(all & 0x80);
    }
    for (size_t i = 0; i + EIGHT <= size; i += EIGHT) {
        memcpy(&part, text + i, EIGHT);
        all |= part;
    }
    memcpy(&part, text + size - EIGHT, EIGHT);
    return !((all | part) & UINT64_C(0x8080808080808080));
}

/* Writes code point c (valid) to out, which has room for 4 bytes; returns the bytes written. */
static inline size_t ss_utf8_put(uint32_t c, char *out)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

/* Bytes of the sequence that a valid leading byte starts. */
static inline size_t ss_utf8_length(unsigned char lead)
{
    return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

#endif
