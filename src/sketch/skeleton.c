/* Stage features, forms of a word. Comes in: a word's folded form. Goes out: its Latin letters, and
 * its skeleton: the classes of its consonants, much as Soundex (Russell 1918) has them, which are
 * the same in every script: Вайдтман, ワイトマン, Weidtmann. The vectors were trained with these
 * forms, so they stay as they are; names are read with more care in sounds.c. */
#include "sketch/finder.h"

#include "text/utf8.h"

#include <string.h>

/* ---- Latin form ------------------------------------------------------------------------------ */

static bool is_indic(uint32_t c)
{
    return c >= 0x0900 && c < 0x0D80;
}

/* A vowel sign or the sign of no vowel: the consonant before it loses its own "a". */
static bool takes_vowel(uint32_t c)
{
    return is_indic(c) && (c & 0x7F) >= 0x3E && (c & 0x7F) <= 0x4D;
}

/* Greek writes b, d, g as two letters. */
static const char *greek_pair(uint32_t c, uint32_t next)
{
    if (c == 0x03BC && next == 0x03C0) return "b";
    if (c == 0x03BD && next == 0x03C4) return "d";
    if (c == 0x03B3 && (next == 0x03BA || next == 0x03B3)) return "g";
    if (c == 0x03BF && next == 0x03C5) return "ou";
    return NULL;
}

/* A Thai letter under the sign of silence. */
static bool is_silenced(uint32_t c, const char *text, size_t size, size_t at)
{
    return c >= 0x0E01 && c <= 0x0E2E && at < size && ss_utf8_next(text, size, &at) == 0x0E4C;
}

size_t ss_latin_form(const samestory_model *model, const char *folded, size_t size, char *out)
{
    enum { MOST = SS_LATIN_MAX - 8 };
    size_t used = 0;
    uint32_t last = 0;
    if (ss_ascii(folded, size)) {
        used = size < MOST ? size : MOST;
        memcpy(out, folded, used);
        return used;
    }
    for (size_t at = 0; at < size && used < MOST;) {
        uint32_t c = ss_utf8_next(folded, size, &at);
        last = c;
        if (c < 0x80) {
            out[used++] = (char)c;
            continue;
        }
        if (c >= 0x0370 && c < 0x0400 && at < size) {
            size_t next = at;
            const char *pair = greek_pair(c, ss_utf8_next(folded, size, &next));
            if (pair) {
                size_t length = strlen(pair);
                memcpy(out + used, pair, length);
                used += length;
                at = next;
                continue;
            }
        }
        if (takes_vowel(c) && used && out[used - 1] == 'a') used--;
        if (is_silenced(c, folded, size, at)) continue;
        if (c == 0x0445 && used && strchr("ktpg", out[used - 1])) { /* Кхай, Тхи: Khai, Thi */
            out[used++] = 'h';
            continue;
        }
        const char *latin = ss_model_latin(model, c);
        for (size_t k = 0; k < 8 && latin[k]; k++) out[used++] = latin[k];
    }
    bool silent = last >= 0x0900 && last < 0x0B00 && !takes_vowel(last); /* Hindi: Rām, not Rāma */
    if (silent && used > 2 && out[used - 1] == 'a') used--;
    return used;
}

/* ---- Skeleton -------------------------------------------------------------------------------- */

/* The letters as they sound, as far as the script tells more than its Latin letters do. */
static size_t spoken_form(const samestory_model *model, const char *form, size_t size,
                          ss_script script, char *out)
{
    bool semitic = script == SS_SCRIPT_ARABIC || script == SS_SCRIPT_HEBREW;
    if (!semitic && script != SS_SCRIPT_LATIN && script != SS_SCRIPT_HAN)
        return ss_latin_form(model, form, size, out);
    size_t used = 0;
    uint32_t before = 0;
    for (size_t at = 0; at < size && used + 8 < SS_LATIN_MAX;) {
        uint32_t c = ss_utf8_next(form, size, &at);
        size_t peek = at;
        uint32_t next = at < size ? ss_utf8_next(form, size, &peek) : 0;
        const char *latin = ss_model_latin(model, c);
        if (c == 0x0107 || c == 0x010D || c == 0x00E7) latin = "s"; /* ć č ç */
        if (c == 0x0648 || c == 0x05D5) { /* waw: a consonant only at the start and beside alif */
            bool beside =
                before == 0 || before == c || next == 0x0627 || before == 0x0627 || next == 0x05D0;
            latin = beside ? "w" : "o";
        }
        if (latin[0] && !latin[1]) {
            out[used++] = latin[0];
            before = c;
            continue;
        }
        bool tail = script == SS_SCRIPT_HAN; /* 曼 man, 昂 ang: -n and -ng are one abroad */
        for (size_t k = 0; k < 8 && latin[k]; k++) {
            if (tail && latin[k] == 'g' && k && latin[k - 1] == 'n') continue;
            out[used++] = latin[k];
        }
        before = c;
    }
    return used;
}

bool ss_is_vowel(char c)
{
    return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y';
}

int ss_consonant(const char *s, size_t size, size_t i, bool pinyin, size_t *length)
{
    char c = s[i], next = i + 1 < size ? s[i + 1] : '\0', third = i + 2 < size ? s[i + 2] : '\0';
    *length = 1;
    switch (c) {
    case 'p':
        if (next == 'h') *length = 2;
        return 1;
    case 'b':
    case 'f':
    case 'v':
    case 'w': return 1;
    case 'k':
        if (next == 'h') { /* the sound of Bach: h in other scripts */
            *length = 2;
            return 0;
        }
        return 2;
    case 'c':
        if (next == 'h') {
            *length = 2;
            return 3;
        }
        if (next == 'k') *length = 2;
        return pinyin || next == 'e' || next == 'i' || next == 'y' ? 3 : 2;
    case 'q': return pinyin ? 3 : 2;
    case 'g': return 2;
    case 's':
        if (next == 'c' && third == 'h')
            *length = 3;
        else if (next == 'h')
            *length = 2;
        return 3;
    case 'z':
        if (next == 'h') *length = 2;
        return 3;
    case 'j': return 3;
    case 'x': return 3; /* with its k, if it has one: see ss_skeleton */
    case 't':
        if (next == 's' || next == 'z' || (next == 'c' && third == 'h'))
            return 7; /* part of the next */
        if (next == 'h') *length = 2;
        return 4;
    case 'd':
        if (next == 'z' || next == 'j') return 7;
        return 4;
    case 'l':
    case 'r': return 5;
    case 'm':
    case 'n': return 6;
    default: return 0;
    }
}

void ss_add_bone(ss_bones *b, const char *s, size_t size, size_t i, ss_script script, int class)
{
    /* Уилсон, ウィルソン: u before a vowel is Wilson's w */
    bool glide =
        i == 0 && s[0] == 'u' && size > 1 && ss_is_vowel(s[1]) && script != SS_SCRIPT_LATIN;
    if (glide) class = 1;
    if (class == 7) return;
    bool k = s[i] == 'x' && class && i > 0 && script != SS_SCRIPT_HAN && b->last != 2;
    if (k && b->count + 1 < b->most) b->out[b->count++] = '2';
    if (class && class != b->last)
        b->out[b->count++] = (char)('0' + class);
    else if (i == 0 && !class)
        b->out[b->count++] = '0';
    b->last = class;
}

size_t ss_skeleton(const samestory_model *model, const char *form, size_t size, ss_script script,
                   char *out)
{
    char s[SS_LATIN_MAX];
    size_t length = 1;
    size = spoken_form(model, form, size, script, s);
    ss_bones bones = {.out = out, .most = SS_SKELETON_MAX};
    for (size_t i = 0; i < size && bones.count < SS_SKELETON_MAX; i += length) {
        int class = ss_consonant(s, size, i, script == SS_SCRIPT_HAN, &length);
        ss_add_bone(&bones, s, size, i, script, class);
    }
    return bones.count;
}
