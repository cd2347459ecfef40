/* Stage normalize. Comes in: UTF-8. Goes out: words in two forms (see the header).
 *
 * Case is folded as ICU's NFKC_Casefold does, whose results are stable between Unicode versions for
 * assigned characters: by a table, made once from ICU, of the code points that fold alone, and by
 * ICU itself where a word has others. The table of accents is made once from ICU's canonical
 * decompositions, which are stable as well. */
#include "text/normalize.h"

#include "base/array.h"
#include "text/utf8.h"

#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum { PLANE = 0x10000 };

typedef enum point_kind { KIND_BREAK, KIND_SPACED, KIND_RUN, KIND_MARK } point_kind;

struct ss_normalizer {
    const UNormalizer2 *casefold; /* NFKC_Casefold */
    const UNormalizer2 *nfc;
    uint16_t simple[PLANE]; /* what `casefold` makes of it whatever stands around; 0: ask ICU */
    uint16_t folded[PLANE];       /* the letter without its accents; 0: takes no room */
    uint8_t kind[PLANE];          /* point_kind */
    uint8_t script[PLANE];        /* ss_script */
};

/* ---- What a code point is -------------------------------------------------------------------- */

static ss_script script_of(uint32_t c)
{
    static const struct {
        uint32_t first, last;
        ss_script script;
    } ranges[] = {
        {0x0041, 0x024F, SS_SCRIPT_LATIN},  {0x0250, 0x02AF, SS_SCRIPT_LATIN},
        {0x0370, 0x03FF, SS_SCRIPT_GREEK},  {0x0400, 0x052F, SS_SCRIPT_CYRILLIC},
        {0x0590, 0x05FF, SS_SCRIPT_HEBREW}, {0x0600, 0x08FF, SS_SCRIPT_ARABIC},
        {0x0900, 0x0DFF, SS_SCRIPT_INDIC},  {0x0E00, 0x0EFF, SS_SCRIPT_THAI},
        {0x1000, 0x109F, SS_SCRIPT_THAI},   {0x1100, 0x11FF, SS_SCRIPT_HANGUL},
        {0x1780, 0x17FF, SS_SCRIPT_THAI},   {0x1C80, 0x1C8F, SS_SCRIPT_CYRILLIC},
        {0x1E00, 0x1EFF, SS_SCRIPT_LATIN},  {0x1F00, 0x1FFF, SS_SCRIPT_GREEK},
        {0x2C60, 0x2C7F, SS_SCRIPT_LATIN},  {0x2E80, 0x2FDF, SS_SCRIPT_HAN},
        {0x3005, 0x3007, SS_SCRIPT_HAN},    {0x3021, 0x303B, SS_SCRIPT_HAN},
        {0x3041, 0x30FF, SS_SCRIPT_KANA},   {0x3130, 0x318F, SS_SCRIPT_HANGUL},
        {0x31F0, 0x31FF, SS_SCRIPT_KANA},   {0x3400, 0x9FFF, SS_SCRIPT_HAN},
        {0xA640, 0xA69F, SS_SCRIPT_CYRILLIC}, {0xA720, 0xA7FF, SS_SCRIPT_LATIN},
        {0xA960, 0xA97F, SS_SCRIPT_HANGUL}, {0xA9E0, 0xA9FF, SS_SCRIPT_THAI},
        {0xAA60, 0xAA7F, SS_SCRIPT_THAI},   {0xAC00, 0xD7FF, SS_SCRIPT_HANGUL},
        {0xF900, 0xFAFF, SS_SCRIPT_HAN},    {0xFB00, 0xFB06, SS_SCRIPT_LATIN},
        {0xFB1D, 0xFB4F, SS_SCRIPT_HEBREW}, {0xFB50, 0xFDFF, SS_SCRIPT_ARABIC},
        {0xFE70, 0xFEFE, SS_SCRIPT_ARABIC}, {0xFF21, 0xFF5A, SS_SCRIPT_LATIN},
        {0xFF66, 0xFF9F, SS_SCRIPT_KANA},   {0xFFA0, 0xFFDC, SS_SCRIPT_HANGUL},
        {0x20000, 0x3FFFF, SS_SCRIPT_HAN},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (c >= ranges[i].first && c <= ranges[i].last) return ranges[i].script;
    return SS_SCRIPT_OTHER;
}

static bool script_is_run(ss_script s)
{
    return s == SS_SCRIPT_HAN || s == SS_SCRIPT_KANA || s == SS_SCRIPT_THAI;
}

static point_kind kind_of(uint32_t c)
{
    uint32_t mask = U_MASK(u_charType((UChar32)c));
    if (mask & U_GC_M_MASK) return KIND_MARK;
    if (!(mask & (U_GC_L_MASK | U_GC_ND_MASK)) && c != 0x3007) return KIND_BREAK;
    return script_is_run(script_of(c)) && !(mask & U_GC_ND_MASK) ? KIND_RUN : KIND_SPACED;
}

static point_kind kind_at(const ss_normalizer *n, uint32_t c)
{
    return c < PLANE ? (point_kind)n->kind[c] : c == SS_BAD_POINT ? KIND_BREAK : kind_of(c);
}

/* Marks that writers leave out or that differ between spellings: Latin, Greek and Cyrillic accents,
 * Hebrew points, Arabic vowels and hamza signs. Vowel signs of Indic and Thai stay: they are letters. */
static bool is_accent(uint32_t c)
{
    return (c >= 0x0300 && c <= 0x036F) || (c >= 0x0591 && c <= 0x05C7 && c != 0x05BE) ||
           (c >= 0x0610 && c <= 0x061A) || (c >= 0x064B && c <= 0x065F) || c == 0x0670 ||
           (c >= 0x06D6 && c <= 0x06ED && kind_of(c) == KIND_MARK) || c == 0x0640 || c == 0x200D ||
           c == 0x200C;
}

/* Letters whose other spelling no decomposition gives. */
static uint32_t other_spelling(uint32_t c)
{
    switch (c) {
    case 0x0111: return 'd';    /* đ */
    case 0x00F0: return 'd';    /* ð */
    case 0x0131: return 'i';    /* ı */
    case 0x0142: return 'l';    /* ł */
    case 0x00F8: return 'o';    /* ø */
    case 0x0127: return 'h';    /* ħ */
    case 0x0167: return 't';    /* ŧ */
    case 0x0259: return 'a';    /* ə, Azerbaijani, written ä or a abroad */
    case 0x0649: return 0x064A; /* ى -> ي */
    case 0x06CC: return 0x064A; /* Persian ی -> ي */
    case 0x06A9: return 0x0643; /* Persian ک -> ك */
    case 0x0629: return 0x0647; /* ة -> ه */
    case 0x06C1: return 0x0647; /* Urdu ہ -> ه */
    case 0x06C3: return 0x0647; /* ۃ -> ه */
    default: return c;
    }
}

static uint16_t fold_of(const UNormalizer2 *nfd, uint32_t c)
{
    if (is_accent(c)) return 0;
    for (;;) {
        UChar parts[16];
        UErrorCode status = U_ZERO_ERROR;
        int32_t size = unorm2_getDecomposition(nfd, (UChar32)c, parts, 16, &status);
        if (U_FAILURE(status) || size < 2) break;
        if (c >= 0xAC00 && c <= 0xD7FF) break; /* Hangul syllables stay whole */
        uint32_t base = parts[0];
        /* a letter with an accent gives up the accent; anything else stays as it is */
        bool accents = base < 0xD800;
        for (int32_t i = 1; i < size; i++) accents = accents && is_accent(parts[i]);
        if (!accents) break;
        c = base;
    }
    return (uint16_t)other_spelling(c);
}

/* What NFKC_Casefold makes of a code point, if that is a single one of the BMP that is no break,
 * and if the code point never joins what is before it: a string of such is folded one by one. Else
 * 0. */
static uint16_t simple_of(const ss_normalizer *n, uint32_t c)
{
    UChar one = (UChar)c, folded[2];
    UErrorCode status = U_ZERO_ERROR;
    if (n->kind[c] == KIND_BREAK || !unorm2_hasBoundaryBefore(n->casefold, (UChar32)c)) return 0;
    if (unorm2_isInert(n->casefold, (UChar32)c)) return one;
    int32_t size = unorm2_normalize(n->casefold, &one, 1, folded, 2, &status);
    bool single = !U_FAILURE(status) && size == 1 && !U16_IS_SURROGATE(folded[0]);
    return single && n->kind[folded[0]] != KIND_BREAK ? folded[0] : 0;
}

ss_normalizer *ss_normalizer_new(void)
{
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *casefold = unorm2_getNFKCCasefoldInstance(&status);
    const UNormalizer2 *nfc = unorm2_getNFCInstance(&status);
    const UNormalizer2 *nfd = unorm2_getNFDInstance(&status);
    if (U_FAILURE(status)) return NULL;
    ss_normalizer *n = malloc(sizeof *n);
    if (!n) return NULL;
    n->casefold = casefold;
    n->nfc = nfc;
    for (uint32_t c = 0; c < PLANE; c++) {
        bool surrogate = c >= 0xD800 && c <= 0xDFFF;
        n->kind[c] = surrogate ? (uint8_t)KIND_BREAK : (uint8_t)kind_of(c);
        n->script[c] = (uint8_t)script_of(c);
        n->folded[c] = surrogate ? (uint16_t)c : fold_of(nfd, c);
    }
    for (uint32_t c = 0; c < PLANE; c++) n->simple[c] = simple_of(n, c);
    return n;
}

void ss_normalizer_free(ss_normalizer *normalizer)
{
    free(normalizer);
}

/* ---- The forms of one word ------------------------------------------------------------------- */

/* The short way of `casefold`, for words whose code points fold one by one, as almost all do. 0: a
 * code point of the word, or the one that follows its last one looked at, does not. */
static size_t casefold_simply(const ss_normalizer *n, const char *text, size_t size, char *out)
{
    size_t used = 0;
    for (size_t at = 0, points = 0; at < size; points++) {
        uint32_t c = ss_utf8_next(text, size, &at);
        if (c >= PLANE || !n->simple[c]) return 0;
        if (points == SS_WORD_POINTS_MAX) break;
        used += ss_utf8_put(n->simple[c], out + used);
    }
    return used;
}

/* The long way: ICU. */
static size_t casefold_by_icu(const ss_normalizer *n, const char *text, size_t size, char *out,
                              size_t capacity)
{
    UChar wide[4 * SS_WORD_POINTS_MAX], folded[8 * SS_WORD_POINTS_MAX];
    int32_t wide_size = 0;
    for (size_t at = 0; at < size && wide_size < 4 * SS_WORD_POINTS_MAX - 1;) {
        uint32_t c = ss_utf8_next(text, size, &at);
        if (c == SS_BAD_POINT) continue;
        if (c >= 0x10000) wide[wide_size++] = U16_LEAD(c), wide[wide_size++] = U16_TRAIL(c);
        else wide[wide_size++] = (UChar)c;
    }
    UErrorCode status = U_ZERO_ERROR;
    int32_t folded_size = unorm2_normalize(n->casefold, wide, wide_size, folded,
                                           (int32_t)(sizeof folded / sizeof *folded), &status);
    if (U_FAILURE(status)) return 0;
    size_t used = 0, points = 0;
    for (int32_t i = 0; i < folded_size && points < SS_WORD_POINTS_MAX;) {
        uint32_t c = folded[i++];
        if (U16_IS_LEAD(c) && i < folded_size && U16_IS_TRAIL(folded[i]))
            c = 0x10000 + ((c - 0xD800) << 10) + (folded[i++] - 0xDC00u);
        if (kind_at(n, c) == KIND_BREAK) continue; /* what ﷺ and its like unfold to */
        if (used + 4 > capacity) break;
        used += ss_utf8_put(c, out + used);
        points++;
    }
    return used;
}

/* NFKC case folding of text[0..size), of at most SS_WORD_POINTS_MAX code points; writes UTF-8 to
 * out and returns its size. `capacity` is enough for that many code points. */
static size_t casefold(const ss_normalizer *n, const char *text, size_t size, char *out,
                       size_t capacity)
{
    bool ascii = true;
    for (size_t i = 0; i < size && ascii; i++) ascii = (unsigned char)text[i] < 0x80;
    if (ascii) {
        if (size > SS_WORD_POINTS_MAX) size = SS_WORD_POINTS_MAX;
        for (size_t i = 0; i < size; i++)
            out[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] + 32) : text[i];
        return size;
    }
    size_t used = casefold_simply(n, text, size, out);
    return used ? used : casefold_by_icu(n, text, size, out, capacity);
}

/* Takes the accents off a case-folded form; never longer than the form. */
static size_t fold_form(const ss_normalizer *n, const char *form, size_t size, char *out)
{
    size_t used = 0;
    for (size_t at = 0; at < size;) {
        uint32_t c = ss_utf8_next(form, size, &at);
        if (c < PLANE) c = n->folded[c];
        if (c) used += ss_utf8_put(c, out + used);
    }
    return used;
}

/* The end of the stretch at `at` whose code points are all breaks, or all none. */
static size_t stretch_end(const ss_normalizer *n, const char *text, size_t size, size_t at,
                          bool *is_break)
{
    *is_break = kind_at(n, ss_utf8_next(text, size, &at)) == KIND_BREAK;
    while (at < size) {
        size_t next = at;
        if ((kind_at(n, ss_utf8_next(text, size, &next)) == KIND_BREAK) != *is_break) break;
        at = next;
    }
    return at;
}

size_t ss_fold(const ss_normalizer *normalizer, const char *text, size_t size, char *out,
               size_t capacity)
{
    size_t used = 0;
    for (size_t at = 0; at < size;) {
        bool is_break;
        size_t end = stretch_end(normalizer, text, size, at, &is_break);
        char form[4 * SS_WORD_POINTS_MAX], folded[4 * SS_WORD_POINTS_MAX];
        const char *part = text + at;
        size_t part_size = end - at;
        if (!is_break) {
            part_size = casefold(normalizer, text + at, end - at, form, sizeof form);
            part_size = fold_form(normalizer, form, part_size, folded);
            part = folded;
        }
        if (part_size > capacity - used) return 0;
        memcpy(out + used, part, part_size);
        used += part_size;
        at = end;
    }
    return used;
}

/* ---- Composing -------------------------------------------------------------------------------- */

#if defined(__SSE2__)

static inline __m128i equal_bytes(__m128i x, int byte)
{
    return _mm_cmpeq_epi8(x, _mm_set1_epi8((char)byte));
}

/* A bit for each of the 16 bytes that first_joining looks for. */
static inline unsigned joining_of(const unsigned char *s)
{
    const __m128i c = _mm_loadu_si128((const __m128i *)(const void *)s);
    if (!_mm_movemask_epi8(c)) return 0;
    const __m128i next = _mm_loadu_si128((const __m128i *)(const void *)(s + 1));
    const __m128i third = _mm_loadu_si128((const __m128i *)(const void *)(s + 2));
    __m128i accent = equal_bytes(_mm_and_si128(c, _mm_set1_epi8((char)0xFE)), 0xCC);
    __m128i jamo = _mm_and_si128(
        equal_bytes(c, 0xE1), equal_bytes(_mm_and_si128(next, _mm_set1_epi8((char)0xFC)), 0x84));
    __m128i voicing = _mm_and_si128(
        _mm_and_si128(equal_bytes(c, 0xE3), equal_bytes(next, 0x82)),
        equal_bytes(_mm_or_si128(third, _mm_set1_epi8(3)), 0x9B));
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(accent, _mm_or_si128(jamo, voicing)));
}

/* Where a byte that first_joining looks for stands, or from where on 18 bytes are too many. */
static size_t first_likely(const unsigned char *s, size_t size)
{
    enum { BLOCK = 16, READ = BLOCK + 2 };
    size_t i = 0;
    for (; i + READ <= size; i += BLOCK) {
        unsigned found = joining_of(s + i);
        if (found) return i + (unsigned)__builtin_ctz(found);
    }
    return i;
}

#else

static size_t first_likely(const unsigned char *s, size_t size)
{
    (void)s, (void)size;
    return 0;
}

#endif

/* Where the first code point begins that may join the one before it, or `size`: U+0300 to U+037F,
 * the conjoining jamo U+1100 to U+11FF, the voicing marks U+3099 and U+309A. */
static size_t first_joining(const char *text, size_t size)
{
    const unsigned char *s = (const unsigned char *)text;
    for (size_t i = first_likely(s, size); i + 1 < size; i++) {
        uint64_t eight;
        while (i + sizeof eight < size && (memcpy(&eight, s + i, sizeof eight), true) &&
               !(eight & 0x8080808080808080u))
            i += sizeof eight;
        if (i + 1 >= size) break;
        if (s[i] < 0xCC || s[i] > 0xE3) continue;
        if (s[i] <= 0xCD) return i;
        if (s[i] == 0xE1 && s[i + 1] >= 0x84 && s[i + 1] <= 0x87) return i;
        if (s[i] == 0xE3 && s[i + 1] == 0x82 && i + 2 < size && (s[i + 2] | 3) == 0x9B) return i;
    }
    return size;
}

size_t ss_compose(const ss_normalizer *normalizer, char *text, size_t size)
{
    size_t at = first_joining(text, size);
    if (at == size) return size;
    while (at > 0 && ((unsigned char)text[at - 1] & 0xC0) == 0x80) at--;
    if (at > 0) at--; /* where the letter begins that may be joined */
    uint32_t last = SS_BAD_POINT;
    size_t used = at, last_at = at;
    while (at < size) {
        size_t start = at;
        uint32_t c = ss_utf8_next(text, size, &at);
        bool both = c != SS_BAD_POINT && last != SS_BAD_POINT && c >= 0x300;
        int32_t joined =
            both ? unorm2_composePair(normalizer->nfc, (UChar32)last, (UChar32)c) : U_SENTINEL;
        char bytes[4];
        size_t joined_size = joined < 0 ? 0 : ss_utf8_put((uint32_t)joined, bytes);
        if (joined_size && joined_size <= at - last_at) {
            memcpy(text + last_at, bytes, joined_size);
            used = last_at + joined_size;
            last = (uint32_t)joined;
            continue;
        }
        memmove(text + used, text + start, at - start);
        last_at = used;
        used += at - start;
        last = c;
    }
    return used;
}

/* ---- Cutting a text into words ------------------------------------------------------------------ */

static ss_case case_of(const char *text, size_t size)
{
    unsigned upper = 0, lower = 0;
    bool first_upper = false;
    for (size_t at = 0; at < size;) {
        uint32_t c = ss_utf8_next(text, size, &at);
        if (c == SS_BAD_POINT) continue;
        bool is_upper = c < 0x80 ? c >= 'A' && c <= 'Z'
                                 : u_isupper((UChar32)c) || u_istitle((UChar32)c);
        bool georgian = c >= 0x10D0 && c <= 0x10FF; /* lower case to Unicode, and no other in print */
        bool is_lower = c < 0x80 ? c >= 'a' && c <= 'z' : !georgian && u_islower((UChar32)c);
        if (is_upper && !upper && !lower) first_upper = true;
        upper += is_upper;
        lower += is_lower;
    }
    if (upper && !lower) return upper > 1 ? SS_UPPER : SS_CAPITAL;
    if (first_upper) return SS_CAPITAL;
    return upper || lower ? SS_LOWER : SS_CASELESS;
}

/* What the letters and digits of a word tell. */
typedef struct makeup {
    bool digits, letters;
    uint8_t script; /* of the first letter */
} makeup;

static makeup makeup_of(const ss_normalizer *n, const char *text, const ss_cut *cut)
{
    makeup m = {false, false, SS_SCRIPT_OTHER};
    for (size_t at = cut->start; at < cut->end;) {
        uint32_t c = ss_utf8_next(text, cut->end, &at);
        if (kind_at(n, c) == KIND_MARK) continue;
        bool digit = c < 0x80 ? c >= '0' && c <= '9' : !cut->run && u_isdigit((UChar32)c);
        m.digits = m.digits || digit;
        if (digit || m.letters) continue;
        m.letters = true;
        m.script = (uint8_t)(c < PLANE ? n->script[c] : script_of(c));
        if (cut->run) break; /* no digit in a run counts, and its first letter tells its script */
    }
    return m;
}

/* Room for `need` more bytes of forms; the forms there move with it. */
static bool reserve_forms(ss_words *words, size_t need)
{
    if (words->bytes_capacity - words->bytes_used >= need) return true;
    uintptr_t old = (uintptr_t)words->bytes;
    char *moved = ss_grown(words->bytes, &words->bytes_capacity, words->bytes_used + need, 1);
    if (!moved) return false;
    words->bytes = moved;
    for (size_t i = 0; i < words->count; i++) {
        ss_word *w = &words->items[i];
        if (w->known) continue;
        w->form = moved + ((uintptr_t)w->form - old);
        w->folded = moved + ((uintptr_t)w->folded - old);
    }
    return true;
}

samestory_status ss_words_add(const ss_normalizer *n, const char *text, const ss_cut *cut,
                              ss_words *words)
{
    enum { ROOM = 4 * SS_WORD_POINTS_MAX }; /* of a form */
    if (!ss_reserve(&words->items, &words->capacity, words->count + 1) ||
        !reserve_forms(words, 2 * ROOM))
        return SAMESTORY_NO_MEMORY;
    size_t size = cut->end - cut->start;
    char *form = words->bytes + words->bytes_used;
    size_t form_size = casefold(n, text + cut->start, size, form, ROOM);
    if (!form_size) return SAMESTORY_OK;
    char *folded = form + form_size;
    size_t folded_size = fold_form(n, form, form_size, folded);
    if (!folded_size) { /* nothing but accents: the form stands for itself */
        memcpy(folded, form, form_size);
        folded_size = form_size;
    }
    words->bytes_used += form_size + folded_size;
    makeup made = makeup_of(n, text, cut);
    words->items[words->count++] = (ss_word){
        .form = form,
        .folded = folded,
        .form_size = (uint16_t)form_size,
        .folded_size = (uint16_t)folded_size,
        .start = (uint32_t)cut->start,
        .end = (uint32_t)cut->end,
        .letter_case = (uint8_t)(cut->run ? SS_CASELESS : case_of(text + cut->start, size)),
        .script = made.letters ? made.script : (uint8_t)SS_SCRIPT_DIGITS,
        .run = cut->run,
        .digits = made.digits,
    };
    return SAMESTORY_OK;
}

/* The end of the spaced word that goes on at `at`; most are ASCII. */
static size_t spaced_end(const ss_normalizer *n, const char *text, size_t size, size_t at)
{
    for (;;) {
        while (at < size && (unsigned char)text[at] < 0x80 && n->kind[(unsigned char)text[at]])
            at++;
        if (at >= size || (unsigned char)text[at] < 0x80) return at;
        size_t next = at;
        point_kind kind = kind_at(n, ss_utf8_next(text, size, &next));
        if (kind != KIND_SPACED && kind != KIND_MARK) return at;
        at = next;
    }
}

/* The same for a run, whose words are cut at SS_WORD_POINTS_MAX. */
static size_t run_end(const ss_normalizer *n, const char *text, size_t size, size_t at)
{
    for (size_t points = 1; at < size;) {
        size_t next = at;
        uint32_t c = ss_utf8_next(text, size, &next);
        point_kind kind = kind_at(n, c);
        if (kind != KIND_RUN && kind != KIND_MARK) break;
        if (points >= SS_WORD_POINTS_MAX && kind == KIND_RUN) break;
        at = next;
        points += c != 0x3099 && c != 0x309A; /* voicing marks: NFD has them, NFC does not */
    }
    return at;
}

_Static_assert(KIND_BREAK == 0, "spaced_end asks for any other");

#if defined(__SSE2__)

/* Of 16 bytes, a bit for each letter and digit of ASCII. */
static inline unsigned plain_letters(const char *text)
{
    const __m128i c = _mm_loadu_si128((const __m128i *)(const void *)text);
    __m128i letter = _mm_sub_epi8(_mm_or_si128(c, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
    __m128i digit = _mm_sub_epi8(c, _mm_set1_epi8('0'));
    __m128i is_letter = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(25)), letter);
    __m128i is_digit = _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit);
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(is_letter, is_digit));
}

/* Cuts off a word of ASCII that begins and ends within 16 bytes, by no branch for each of them;
 * false: look closer. */
static inline bool cut_plain(const char *text, size_t size, size_t at, ss_cut *cut)
{
    enum { BYTES = 16 };
    if (size - at < BYTES || (text[at] | text[at + 1]) & 0x80) return false;
    const __m128i c = _mm_loadu_si128((const __m128i *)(const void *)(text + at));
    unsigned letters = plain_letters(text + at) | 1u << BYTES;
    unsigned start = (unsigned)__builtin_ctz(letters);
    unsigned end = start + (unsigned)__builtin_ctz(~(letters >> start));
    unsigned other = (unsigned)_mm_movemask_epi8(c) | 1u << BYTES; /* may be part of the word */
    *cut = (ss_cut){at + start, at + end, false};
    return end < (unsigned)__builtin_ctz(other);
}

#else

static inline bool cut_plain(const char *text, size_t size, size_t at, ss_cut *cut)
{
    (void)text, (void)size, (void)at, (void)cut;
    return false;
}

#endif

bool ss_cut_next(const ss_normalizer *n, const char *text, size_t size, size_t at, ss_cut *cut)
{
    if (at < size && cut_plain(text, size, at, cut)) return true;
    while (at < size) {
        if ((unsigned char)text[at] < 0x80 && !n->kind[(unsigned char)text[at]]) {
            at++;
            continue;
        }
        cut->start = at;
        point_kind kind = kind_at(n, ss_utf8_next(text, size, &at));
        if (kind == KIND_BREAK) continue;
        cut->run = kind == KIND_RUN;
        cut->end = cut->run ? run_end(n, text, size, at) : spaced_end(n, text, size, at);
        return true;
    }
    return false;
}

samestory_status ss_words_split(const ss_normalizer *normalizer, const char *text, size_t size,
                                ss_words *words)
{
    ss_cut cut = {.end = 0};
    words->count = 0;
    words->bytes_used = 0;
    if (size > SS_TEXT_BYTES_MAX) size = SS_TEXT_BYTES_MAX;
    while (ss_cut_next(normalizer, text, size, cut.end, &cut))
        if (ss_words_add(normalizer, text, &cut, words)) return SAMESTORY_NO_MEMORY;
    return SAMESTORY_OK;
}

void ss_words_free(ss_words *words)
{
    free(words->items);
    free(words->bytes);
    *words = (ss_words){0};
}
