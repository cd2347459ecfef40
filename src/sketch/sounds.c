/* Stage anchors, sounds of a name. Comes in: a word's folded form. Goes out: its Latin letters and
 * its skeleton, read with more care than skeleton.c does for vectors: names must meet themselves in
 * every script. Cost: below a microsecond a name. */
#include "sketch/finder.h"

#include "text/utf8.h"

#include <string.h>

enum {
    RESPELLED_MAX = 4 * SS_WORD_POINTS_MAX,
    NAME_CLASSES = 6 /* what comes after them is often an ending: Samarqanddagi, Славянскідегі. Of
                        sentences in two scripts that tell the same, .509 share a name or a skeleton
                        and .0192 of others do; .504 and .0189 with all of a name's classes */
};

/* ---- Letters --------------------------------------------------------------------------------- */

/* Letters that ICU's Any-Latin, and so the model's table, leaves out: of Kazakh and its neighbours,
 * Urdu, Pashto, Kurdish, and all of Sinhala. By code point. */
static const struct letter {
    uint16_t point;
    char latin[4];
} more_letters[] = {
    {0x0493, "g"},   {0x0497, "j"},   {0x04A3, "n"},   {0x04AF, "u"},   {0x04B1, "u"},
    {0x04B3, "h"},   {0x04B7, "j"},   {0x04BB, "h"},   {0x04D9, "a"},   {0x04E9, "o"},
    {0x0679, "t"},   {0x067B, "b"},   {0x0681, "dz"},  {0x0685, "ts"},  {0x0688, "d"},
    {0x0689, "d"},   {0x0691, "r"},   {0x0693, "r"},   {0x0695, "r"},   {0x0696, "zh"},
    {0x06AB, "g"},   {0x06B5, "l"},   {0x06BA, "n"},   {0x06BC, "n"},   {0x06BE, "h"},
    {0x06C0, "e"},   {0x06C1, "h"},   {0x06C2, "h"},   {0x06C3, "h"},   {0x06C6, "o"},
    {0x06C7, "u"},   {0x06C8, "u"},   {0x06C9, "o"},   {0x06CD, "e"},   {0x06CE, "e"},
    {0x06D0, "e"},   {0x06D2, "e"},   {0x06D3, "e"},   {0x06D5, "e"},   {0x0D82, "n"},
    {0x0D83, "h"},   {0x0D85, "a"},   {0x0D86, "a"},   {0x0D87, "a"},   {0x0D88, "a"},
    {0x0D89, "i"},   {0x0D8A, "i"},   {0x0D8B, "u"},   {0x0D8C, "u"},   {0x0D91, "e"},
    {0x0D92, "e"},   {0x0D93, "ai"},  {0x0D94, "o"},   {0x0D95, "o"},   {0x0D96, "au"},
    {0x0D9A, "ka"},  {0x0D9B, "ka"},  {0x0D9C, "ga"},  {0x0D9D, "ga"},  {0x0D9E, "na"},
    {0x0D9F, "nga"}, {0x0DA0, "cha"}, {0x0DA1, "cha"}, {0x0DA2, "ja"},  {0x0DA3, "ja"},
    {0x0DA4, "na"},  {0x0DA5, "na"},  {0x0DA6, "nja"}, {0x0DA7, "ta"},  {0x0DA8, "ta"},
    {0x0DA9, "da"},  {0x0DAA, "da"},  {0x0DAB, "na"},  {0x0DAC, "nda"}, {0x0DAD, "ta"},
    {0x0DAE, "ta"},  {0x0DAF, "da"},  {0x0DB0, "da"},  {0x0DB1, "na"},  {0x0DB3, "nda"},
    {0x0DB4, "pa"},  {0x0DB5, "pa"},  {0x0DB6, "ba"},  {0x0DB7, "ba"},  {0x0DB8, "ma"},
    {0x0DB9, "mba"}, {0x0DBA, "ya"},  {0x0DBB, "ra"},  {0x0DBD, "la"},  {0x0DC0, "va"},
    {0x0DC1, "sha"}, {0x0DC2, "sha"}, {0x0DC3, "sa"},  {0x0DC4, "ha"},  {0x0DC5, "la"},
    {0x0DC6, "fa"},  {0x0DCF, "a"},   {0x0DD0, "a"},   {0x0DD1, "a"},   {0x0DD2, "i"},
    {0x0DD3, "i"},   {0x0DD4, "u"},   {0x0DD6, "u"},   {0x0DD8, "ru"},  {0x0DD9, "e"},
    {0x0DDA, "e"},   {0x0DDB, "ai"},  {0x0DDC, "o"},   {0x0DDD, "o"},   {0x0DDE, "au"},
};

static const char *more_letter(uint32_t c)
{
    size_t low = 0, high = sizeof more_letters / sizeof *more_letters;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (more_letters[middle].point == c) return more_letters[middle].latin;
        if (more_letters[middle].point < c)
            low = middle + 1;
        else
            high = middle;
    }
    return "";
}

/* How a letter sounds, where that is another than its spelling in Latin letters: ख is no х, χ no
 * ch, and the Latin letters that stand for Armenian and Serbian ones have lost their hooks. NULL:
 * as it is spelled. */
static const char *sound_of(uint32_t c, unsigned reading)
{
    switch (c) {
    case 0x03C7: return "kh"; /* Greek chi */
    case 0x0433: return reading & SS_READ_H ? "h" : NULL;
    case 0x0458: return "y"; /* Serbian j, lj, nj, c, and Macedonian gj, kj */
    case 0x0459: return "l";
    case 0x045A: return "n";
    case 0x045B: return "ch";
    case 0x0453: return "g";
    case 0x045C: return "k";
    case 0x056D: return "kh"; /* Armenian */
    case 0x056E:
    case 0x0581: return "ts";
    case 0x0573:
    case 0x0579: return "ch";
    case 0x0577: return "sh";
    case 0x0582: return "u";
    default: break;
    }
    if (c >= 0x0900 && c < 0x0D80) switch (c & 0x7F) {
        case 0x16: return "ka";
        case 0x1A:
        case 0x1B: return "cha";
        default: break;
        }
    return NULL;
}

/* May a form have a letter that the model's table leaves out? A word's letters are of one script, so
 * that their first bytes tell enough. */
static bool may_be_left_out(const char *form, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)form[i];
        if ((c >= 0xD2 && c <= 0xD3) || (c >= 0xD9 && c <= 0xDB)) return true;
        if (c == 0xE0 && i + 1 < size && (unsigned char)form[i + 1] >= 0xB6 &&
            (unsigned char)form[i + 1] < 0xB8)
            return true;
    }
    return false;
}

static bool is_sinhala_sign(uint32_t c)
{
    return c == 0x0DCA || (c >= 0x0DCF && c <= 0x0DDF);
}

/* Writes a form with the letters that the model's table lacks, and if `spoken` those that sound
 * otherwise, in ASCII, which ss_latin_form takes as it stands. */
static size_t respell(const samestory_model *model, const char *form, size_t size, bool spoken,
                      unsigned reading, char out[RESPELLED_MAX])
{
    size_t used = 0;
    for (size_t at = 0; at < size;) {
        size_t start = at;
        uint32_t c = ss_utf8_next(form, size, &at);
        const char *sound = spoken ? sound_of(c, reading) : NULL;
        if (!sound && c >= 0x0490 && !ss_model_latin(model, c)[0]) {
            sound = more_letter(c);
            if (!sound[0]) sound = NULL;
        }
        /* the consonant before a sign loses its own "a" */
        if (is_sinhala_sign(c) && used && out[used - 1] == 'a') used--;
        size_t length = sound ? strlen(sound) : at - start;
        if (length > RESPELLED_MAX - used) break;
        memcpy(out + used, sound ? sound : form + start, length);
        used += length;
    }
    return used;
}

size_t ss_name_form(const samestory_model *model, const char *folded, size_t size, char *out)
{
    char changed[RESPELLED_MAX];
    if (ss_ascii(folded, size) || !may_be_left_out(folded, size))
        return ss_latin_form(model, folded, size, out);
    size = respell(model, folded, size, false, 0, changed);
    return ss_latin_form(model, changed, size, out);
}

/* ---- Thai ------------------------------------------------------------------------------------ */

/* Thai consonants from KO KAI on, as they sound at the beginning of a syllable; 'c' is ch, 'N' ng,
 * 'R' the vowel letter ri. */
static const char thai_sounds[] = "kkkkkkNcccscydttttndttttnbppfpfpmyrRllwssshloh";

static bool is_thai_consonant(uint32_t c)
{
    return c >= 0x0E01 && c <= 0x0E2E;
}

static bool is_thai_vowel(uint32_t c)
{
    return (c >= 0x0E30 && c <= 0x0E39) || c == 0x0E2D;
}

/* Tone marks and the like, which no sound of ours depends on. */
static bool is_thai_tone(uint32_t c)
{
    return c >= 0x0E47 && c <= 0x0E4B;
}

/* The consonant at `c` is under the sign of silence, with or without a vowel between: พันธุ์. */
static bool thai_silent(const uint32_t *c, size_t left)
{
    size_t sign = 1;
    while (sign < left && (is_thai_tone(c[sign]) || c[sign] == 0x0E34 || c[sign] == 0x0E38)) sign++;
    return sign < left && c[sign] == 0x0E4C;
}

/* The sound of the consonant at c[i]; '\0': none. */
static char thai_sound(const uint32_t *c, size_t i, size_t count)
{
    uint32_t next = i + 1 < count ? c[i + 1] : 0;
    bool opens =
        i + 1 < count &&
        (is_thai_vowel(next) || (is_thai_tone(next) && i + 2 < count && is_thai_vowel(c[i + 2])));
    bool led = i > 0 && c[i - 1] >= 0x0E40 && c[i - 1] <= 0x0E44; /* by a vowel written before it */
    switch (c[i]) {
    case 0x0E27: return i == 0 || opens || led ? 'w' : 'u';
    case 0x0E0D: return i == 0 || opens || led ? 'y' : 'n';
    case 0x0E2B: /* silent before ng, y, n, m, r, l, w, whose tone it changes */
        return next == 0x0E07 || next == 0x0E0D || next == 0x0E19 || next == 0x0E21 ||
                       next == 0x0E22 || next == 0x0E23 || next == 0x0E25 || next == 0x0E27
                   ? '\0'
                   : 'h';
    default: return thai_sounds[c[i] - 0x0E01];
    }
}

/* Thai as it sounds: vowels matter only where they begin a word, which they do after อ. silent:
 * also what is under the sign of silence, which foreign names write and their Latin form has. */
static size_t spoken_thai(const char *form, size_t size, bool silent, char *out)
{
    uint32_t c[SS_WORD_POINTS_MAX];
    size_t count = 0, used = 0;
    for (size_t at = 0; at < size && count < SS_WORD_POINTS_MAX;)
        c[count++] = ss_utf8_next(form, size, &at);
    for (size_t i = 0; i < count && used + 2 < SS_LATIN_MAX; i++) {
        if (!is_thai_consonant(c[i])) {
            if (is_thai_vowel(c[i])) out[used++] = 'a';
            if (c[i] == 0x0E4D) out[used++] = 'm'; /* am, which folding takes apart */
            continue;
        }
        bool cluster = i + 1 < count && c[i + 1] == 0x0E23 && /* จันทร์: both are silent */
                       (c[i] == 0x0E17 || c[i] == 0x0E15) && thai_silent(c + i + 1, count - i - 1);
        if (!silent && (cluster || thai_silent(c + i, count - i))) continue;
        if (c[i] == 0x0E23 && i + 1 < count && c[i + 1] == 0x0E23) { /* ธรรม tham, สวรรค์ sawan */
            out[used++] = 'a';
            bool closed = i + 2 < count && is_thai_consonant(c[i + 2]) &&
                          !thai_silent(c + i + 2, count - i - 2);
            if (!closed) out[used++] = 'n';
            i++;
            continue;
        }
        char sound = thai_sound(c, i, count);
        if (!sound) continue;
        out[used++] = sound == 'N' ? 'n' : sound == 'R' ? 'r' : sound;
        if (sound == 'N' || sound == 'c') out[used++] = sound == 'N' ? 'g' : 'h';
    }
    return used;
}

/* ---- Other scripts --------------------------------------------------------------------------- */

/* Arabic and Hebrew. The letters that carry a first vowel are 'a' there; waw is a consonant only at
 * the start and beside alif. Persian and Urdu say z for the letters that Arabic lisps. */
static size_t spoken_semitic(const samestory_model *model, const char *form, size_t size,
                             unsigned reading, char *out)
{
    size_t used = 0;
    uint32_t before = 0;
    for (size_t at = 0; at < size && used + 8 < SS_LATIN_MAX;) {
        uint32_t c = ss_utf8_next(form, size, &at);
        size_t peek = at;
        uint32_t next = at < size ? ss_utf8_next(form, size, &peek) : 0;
        const char *latin = ss_model_latin(model, c);
        if (!latin[0]) latin = more_letter(c);
        if (c == 0x0648 || c == 0x05D5) {
            bool beside =
                before == 0 || before == c || next == 0x0627 || before == 0x0627 || next == 0x05D0;
            latin = beside ? "w" : "o";
        }
        if (!before && (c == 0x05D0 || c == 0x05E2 || c == 0x0639)) latin = "a";
        if (reading & SS_READ_PERSIAN) {
            if (c == 0x0630 || c == 0x0636) latin = "z";
            if (c == 0x062B) latin = "s";
        }
        for (size_t k = 0; k < 8 && latin[k]; k++) out[used++] = latin[k];
        before = c;
    }
    return used;
}

/* Latin letters with accents, and Chinese, whose -n and -ng are one abroad (曼 man, 昂 ang). */
static size_t spoken_letters(const samestory_model *model, const char *form, size_t size,
                             bool chinese, unsigned reading, char *out)
{
    size_t used = 0;
    for (size_t at = 0; at < size && used + 8 < SS_LATIN_MAX;) {
        uint32_t c = ss_utf8_next(form, size, &at);
        const char *latin = ss_model_latin(model, c);
        if (c == 0x0107 || c == 0x010D || c == 0x00E7) latin = "s"; /* ć č ç */
        if (c == 0x021B || c == 0x0163) latin = "ts";               /* ț */
        if (c == 0x0111 && reading & SS_READ_OTHER) latin = "dz";   /* đ, but in Vietnamese */
        for (size_t k = 0; k < 8 && latin[k]; k++) {
            if (chinese && latin[k] == 'g' && k && latin[k - 1] == 'n') continue;
            out[used++] = latin[k];
        }
    }
    return used;
}

/* The letters as they sound, as far as the script tells more than its Latin letters do. Cyrillic g
 * is h in Ukrainian and Belarusian, and where Russian takes over an h. */
static size_t spoken_form(const samestory_model *model, const char *form, size_t size,
                          ss_script script, unsigned reading, char *out)
{
    char changed[RESPELLED_MAX];
    switch (script) {
    case SS_SCRIPT_ARABIC:
    case SS_SCRIPT_HEBREW: return spoken_semitic(model, form, size, reading, out);
    case SS_SCRIPT_LATIN:
    case SS_SCRIPT_HAN:
        return spoken_letters(model, form, size, script == SS_SCRIPT_HAN, reading, out);
    case SS_SCRIPT_THAI: return spoken_thai(form, size, reading & SS_READ_OTHER, out);
    case SS_SCRIPT_KANA:
    case SS_SCRIPT_HANGUL: return ss_latin_form(model, form, size, out);
    case SS_SCRIPT_CYRILLIC:
        if (reading & SS_READ_OTHER) reading ^= SS_READ_H;
        break;
    default: break;
    }
    size = respell(model, form, size, true, reading, changed);
    return ss_latin_form(model, changed, size, out);
}

/* ---- Skeleton -------------------------------------------------------------------------------- */

/* A spelling in Latin letters, or what another script's letters are spelled as. */
typedef struct spelling {
    const char *s;
    size_t size;
    bool latin, pinyin;
    bool other; /* the other reading of what Latin letters leave open */
} spelling;

/* Latin spellings have several readings: Johannes and Jackson, Bach and Machado, Khan and Phuket's
 * kh, Krakow and Brown, Gert and George. */
static int open_consonant(const spelling *x, size_t i, size_t *length)
{
    char c = x->s[i], next = i + 1 < x->size ? x->s[i + 1] : '\0';
    char third = i + 2 < x->size ? x->s[i + 2] : '\0';
    switch (c) {
    case 'c':
        if (next == 'z') {
            *length = 2;
            return 3;
        }
        if (!next && x->other && i > 1 && x->s[i - 1] == 'i') return 3; /* Petrovic */
        if (next != 'h') return -1;
        *length = 2;
        if (third == 'r' || third == 'l') return 2; /* Christian, Chloe */
        return x->other && i > 0 ? 0 : 3;
    case 'g':
        if (next == 'h' && third == 't') return 0; /* Wright */
        if (x->other && (next == 'e' || next == 'i')) return 3;
        return -1;
    case 'j': return x->other ? 0 : 3;
    case 'k':
        if (next != 'h') return -1;
        *length = 2;
        return x->other ? 2 : 0;
    case 'w': /* Wright; Brown, Andrew */
        if (i == 0 && next == 'r') return 7;
        if (i == 0 || !ss_is_vowel(x->s[i - 1]) || ss_is_vowel(next)) return -1;
        return x->other ? 1 : 0;
    case 'q': return x->other && next == 'i' ? 3 : -1; /* Qi Baishi */
    case 'x':                                          /* Ernaux, Bordeaux */
        return !next && i > 1 && x->s[i - 1] == 'u' && ss_is_vowel(x->s[i - 2]) ? 0 : -1;
    default: return -1;
    }
}

/* The class of the consonant at letter i, as ss_consonant. */
static int consonant(const spelling *x, size_t i, size_t *length)
{
    *length = 1;
    int class = x->latin ? open_consonant(x, i, length) : -1;
    return class >= 0 ? class : ss_consonant(x->s, x->size, i, x->pinyin, length);
}

size_t ss_name_skeleton(const samestory_model *model, const char *form, size_t size,
                        ss_script script, unsigned reading, char *out)
{
    char s[SS_LATIN_MAX];
    size_t length = 1;
    size = spoken_form(model, form, size, script, reading, s);
    const spelling x = {s, size, script == SS_SCRIPT_LATIN, script == SS_SCRIPT_HAN,
                        reading & SS_READ_OTHER};
    ss_bones bones = {.out = out, .most = NAME_CLASSES};
    for (size_t i = 0; i < size && bones.count < NAME_CLASSES; i += length)
        ss_add_bone(&bones, s, size, i, script, consonant(&x, i, &length));
    return bones.count;
}

bool ss_skeleton_is_open(const char *form, size_t size, ss_script script)
{
    for (size_t i = 0; i < size; i++) {
        char c = form[i], next = i + 1 < size ? form[i + 1] : '\0';
        switch (script) {
        case SS_SCRIPT_LATIN:
            if (c == 'j' || c == 'w' || (c == 'q' && next == 'i')) return true;
            if ((c == 'c' || c == 'k') && next == 'h') return true;
            if (c == '\xC4' && next == '\x91') return true; /* đ */
            if (c == 'c' && !next && i > 1 && form[i - 1] == 'i') return true;
            if (c == 'g' && (next == 'e' || next == 'i')) return true;
            break;
        case SS_SCRIPT_CYRILLIC:
            if (c == '\xD0' && next == '\xB3') return true; /* г */
            break;
        case SS_SCRIPT_THAI:
            if (i + 2 < size && !memcmp(form + i, "\xE0\xB9\x8C", 3)) return true; /* the sign */
            break;
        default: return false;
        }
    }
    return false;
}
