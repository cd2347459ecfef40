/* Encodings that expat doesn't know (it knows UTF-8, UTF-16, ISO-8859-1, ASCII), through ICU's
 * converters: those of one byte a character, and those of two or three where the first byte tells
 * the length (GBK, Big5, EUC, Shift_JIS). Not: ISO-2022-JP, which has states, and the four-byte
 * part of GB18030. */
#include "text/feed.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unicode/ucnv.h>

enum { BAD = -1, LONGEST = 3 };

typedef struct decoder {
    UConverter *converter;
    uint8_t length[256]; /* of a character, by its first byte */
} decoder;

/* The code point of a sequence; BAD when it is none, -(size + 1) when more bytes must follow. */
static int point_of(UConverter *converter, const char *bytes, int size)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar out[4];
    ucnv_resetToUnicode(converter);
    int32_t length = ucnv_toUChars(converter, out, 4, bytes, size, &status);
    if (status == U_TRUNCATED_CHAR_FOUND) return -size - 1;
    if (U_FAILURE(status) || length != 1 || out[0] == 0xFFFD) return BAD;
    return U16_IS_SURROGATE(out[0]) ? BAD : out[0]; /* expat takes no more than 16 bits */
}

/* What expat's table says of a first byte. */
static int describe(UConverter *converter, int first)
{
    char bytes[2] = {(char)first, (char)0xA1};
    int found = point_of(converter, bytes, 1);
    if (found != -2) return found;
    return point_of(converter, bytes, 2) == -LONGEST ? -LONGEST : -2;
}

static int convert(void *data, const char *bytes)
{
    decoder *d = data;
    int found = point_of(d->converter, bytes, d->length[(unsigned char)*bytes]);
    return found < 0 ? BAD : found;
}

static void release(void *data)
{
    decoder *d = data;
    ucnv_close(d->converter);
    free(d);
}

/* What feeds call an encoding, and what they mean (WHATWG, Encoding standard). */
static const char *meant(const char *name)
{
    static const char *const names[][2] = {{"gb2312", "GBK"},
                                           {"gb18030", "GBK"},
                                           {"shift_jis", "windows-31j"},
                                           {"euc-kr", "windows-949"},
                                           {"iso-8859-9", "windows-1254"},
                                           {"iso-8859-11", "windows-874"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcasecmp(name, names[i][0])) return names[i][1];
    return name;
}

static bool can_be_described(const UConverter *converter)
{
    switch (ucnv_getType(converter)) {
    case UCNV_SBCS:
    case UCNV_DBCS:
    case UCNV_MBCS:
    case UCNV_LATIN_1:
    case UCNV_US_ASCII: return true;
    default: return false;
    }
}

int ss_feed_encoding(const char *name, void *out)
{
    XML_Encoding *info = out;
    UErrorCode status = U_ZERO_ERROR;
    decoder *d = calloc(1, sizeof *d);
    if (!d) return XML_STATUS_ERROR;
    d->converter = ucnv_open(meant(name), &status);
    if (U_SUCCESS(status))
        ucnv_setToUCallBack(d->converter, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &status);
    if (U_FAILURE(status) || !can_be_described(d->converter)) {
        release(d);
        return XML_STATUS_ERROR;
    }
    for (int i = 0; i < 256; i++) {
        int found = i < 0x80 ? i : describe(d->converter, i);
        info->map[i] = found;
        d->length[i] = (uint8_t)(found < BAD ? -found : 1);
    }
    info->data = d;
    info->convert = convert;
    info->release = release;
    return XML_STATUS_OK;
}
