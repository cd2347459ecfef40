/* Any charset to UTF-8; see charset.h. */
#include "text/charset.h"
#include "text/html.h"
#include "text/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/ucnv.h>
#include <unicode/ucsdet.h>

enum {
    NAME_BYTES = 40,
    CONVERTERS = 8,           /* kept open */
    DETECTED_BYTES = 32 << 10 /* that the detector looks at */
};

struct ss_charset {
    struct {
        char name[NAME_BYTES];
        UConverter *converter;
    } open[CONVERTERS];
    size_t next; /* whose place a new one takes */
    UConverter *utf8;
    UCharsetDetector *detector;
    char *out;
    size_t capacity;
};

ss_charset *ss_charset_new(void)
{
    UErrorCode code = U_ZERO_ERROR;
    ss_charset *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    c->utf8 = ucnv_open("UTF-8", &code);
    c->detector = ucsdet_open(&code);
    if (U_SUCCESS(code)) return c;
    ss_charset_free(c);
    return NULL;
}

void ss_charset_free(ss_charset *c)
{
    if (!c) return;
    for (size_t i = 0; i < CONVERTERS; i++) ucnv_close(c->open[i].converter);
    ucnv_close(c->utf8);
    ucsdet_close(c->detector);
    free(c->out);
    free(c);
}

/* ---- Names ----------------------------------------------------------------------------------- */

/* What pages call an encoding, and what they mean, where ICU would understand something else. */
static const char *meant(const char *name)
{
    static const char *const names[][2] = {{"ascii", "windows-1252"},
                                           {"us-ascii", "windows-1252"},
                                           {"iso-8859-1", "windows-1252"},
                                           {"iso8859-1", "windows-1252"},
                                           {"iso_8859-1", "windows-1252"},
                                           {"latin1", "windows-1252"},
                                           {"l1", "windows-1252"},
                                           {"iso-8859-9", "windows-1254"},
                                           {"iso8859-9", "windows-1254"},
                                           {"latin5", "windows-1254"},
                                           {"iso-8859-11", "windows-874"},
                                           {"tis-620", "windows-874"},
                                           {"gb2312", "gb18030"},
                                           {"gb_2312-80", "gb18030"},
                                           {"gbk", "gb18030"},
                                           {"x-gbk", "gb18030"},
                                           {"big5", "big5-hkscs"},
                                           {"x-x-big5", "big5-hkscs"},
                                           {"euc-kr", "windows-949"},
                                           {"ks_c_5601-1987", "windows-949"},
                                           {"ks_c_5601", "windows-949"},
                                           {"ksc5601", "windows-949"},
                                           {"korean", "windows-949"},
                                           {"shift_jis", "windows-31j"},
                                           {"shift-jis", "windows-31j"},
                                           {"sjis", "windows-31j"},
                                           {"x-sjis", "windows-31j"},
                                           {"utf-16", "utf-16le"},
                                           {"unicode", "utf-16le"},
                                           {"utf8", "utf-8"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i][0])) return names[i][1];
    return name;
}

/* In small letters and terminated; false when it doesn't fit or is empty. */
static bool copy_name(samestory_string from, char *name)
{
    if (!from.size || from.size >= NAME_BYTES) return false;
    for (size_t i = 0; i < from.size; i++) {
        char c = from.data[i];
        name[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    name[from.size] = 0;
    return true;
}

/* An open converter of this name, or NULL. */
static UConverter *converter_of(ss_charset *c, const char *name)
{
    UErrorCode code = U_ZERO_ERROR;
    for (size_t i = 0; i < CONVERTERS; i++)
        if (c->open[i].converter && !strcmp(c->open[i].name, name)) return c->open[i].converter;
    UConverter *opened = ucnv_open(name, &code);
    if (U_FAILURE(code)) return NULL;
    size_t at = c->next++ % CONVERTERS;
    ucnv_close(c->open[at].converter);
    strcpy(c->open[at].name, name);
    c->open[at].converter = opened;
    return opened;
}

/* ---- Guesses --------------------------------------------------------------------------------- */

static bool is_utf8(samestory_string s)
{
    for (size_t i = 0; i < s.size;) {
        if ((unsigned char)s.data[i] < 0x80)
            i++;
        else if (ss_utf8_next(s.data, s.size, &i) == SS_BAD_POINT)
            return s.size - i < 4; /* a character that is cut off at the end is none the less one */
    }
    return true;
}

static bool detect(ss_charset *c, samestory_string bytes, char *name)
{
    UErrorCode code = U_ZERO_ERROR;
    size_t size = bytes.size < DETECTED_BYTES ? bytes.size : DETECTED_BYTES;
    ucsdet_enableInputFilter(c->detector, true); /* tags say nothing about the language */
    ucsdet_setText(c->detector, bytes.data, (int32_t)size, &code);
    const UCharsetMatch *match = ucsdet_detect(c->detector, &code);
    const char *found = match ? ucsdet_getName(match, &code) : NULL;
    if (U_FAILURE(code) || !found) return false;
    return copy_name((samestory_string){found, strlen(found)}, name);
}

/* The name of what the bytes are in, "utf-8" if in doubt. */
static void name_of(ss_charset *c, samestory_string declared, samestory_string bytes, char *name)
{
    char found[NAME_BYTES];
    const unsigned char *b = (const unsigned char *)bytes.data;
    const char *utf8 = "utf-8", *best = utf8;
    if (bytes.size >= 2 && ((b[0] == 0xFE && b[1] == 0xFF) || (b[0] == 0xFF && b[1] == 0xFE)))
        best = b[0] == 0xFE ? "utf-16be" : "utf-16le";
    else if (bytes.size >= 3 && !memcmp(b, "\xEF\xBB\xBF", 3))
        best = utf8;
    else if (copy_name(declared, found) && converter_of(c, meant(found)))
        best = meant(found);
    else if (ss_html_charset(bytes.data, bytes.size, found, sizeof found) &&
             converter_of(c, meant(found)))
        best = meant(found);
    else if (!is_utf8(bytes) && detect(c, bytes, found) && converter_of(c, meant(found)))
        best = meant(found);
    strcpy(name, best);
}

/* ---- Conversion ------------------------------------------------------------------------------ */

static bool grow(ss_charset *c)
{
    size_t wish = c->capacity ? c->capacity * 2 : (size_t)256 << 10;
    char *moved = realloc(c->out, wish);
    if (!moved) return false;
    c->out = moved;
    c->capacity = wish;
    return true;
}

/* At most three bytes come of one, so that the buffer stays in proportion to the page. */
static samestory_status convert(ss_charset *c, UConverter *from, samestory_string bytes,
                                samestory_string *out)
{
    UChar pivot[1024], *pivot_in = pivot, *pivot_out = pivot;
    const char *source = bytes.data, *end = bytes.data + bytes.size;
    size_t used = 0;
    UErrorCode code = U_BUFFER_OVERFLOW_ERROR;
    for (bool first = true; code == U_BUFFER_OVERFLOW_ERROR; first = false) {
        if (used == c->capacity && !grow(c)) return SAMESTORY_NO_MEMORY;
        char *target = c->out + used;
        code = U_ZERO_ERROR;
        ucnv_convertEx(c->utf8, from, &target, c->out + c->capacity, &source, end, pivot, &pivot_in,
                       &pivot_out, pivot + 1024, first, true, &code);
        bool full = target == c->out + c->capacity;
        used = (size_t)(target - c->out);
        if (code == U_BUFFER_OVERFLOW_ERROR && !full && !grow(c)) return SAMESTORY_NO_MEMORY;
    }
    if (code == U_MEMORY_ALLOCATION_ERROR) return SAMESTORY_NO_MEMORY;
    *out = (samestory_string){c->out, used};
    return SAMESTORY_OK;
}

samestory_status ss_charset_to_utf8(ss_charset *c, samestory_string declared,
                                    samestory_string bytes, samestory_string *out)
{
    char name[NAME_BYTES];
    name_of(c, declared, bytes, name);
    *out = bytes;
    if (!strcmp(name, "utf-8")) {
        size_t mark = bytes.size >= 3 && !memcmp(bytes.data, "\xEF\xBB\xBF", 3) ? 3 : 0;
        *out = (samestory_string){bytes.data + mark, bytes.size - mark};
        return SAMESTORY_OK;
    }
    UConverter *from = converter_of(c, name);
    if (!from) return SAMESTORY_OK;
    bool mark = bytes.size >= 2 && !memcmp(name, "utf-16", 6) &&
                ((unsigned char)bytes.data[0] | (unsigned char)bytes.data[1]) == 0xFF;
    if (mark) bytes.data += 2, bytes.size -= 2;
    return convert(c, from, bytes, out);
}
