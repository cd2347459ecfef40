/* Stage anchors, names. Comes in: the words. Goes out: names, pairs of names, consonant skeletons.
 *
 * A name is a word that is rare in the document's language and in English. Across scripts it is met
 * by its skeleton: the classes of its consonants, much as Soundex (Russell 1918) has them, taken
 * from the name's Latin letters: Вайдтман, ワイトマン, Weidtmann. Scripts that write no spaces give
 * up only names that something sets off: Katakana, the dot between parts of a foreign name, the
 * characters Chinese keeps for foreign sounds, Thai titles, quoted titles. What the lexicon knows
 * as a country, a people or a capital is the same thing in all languages. */
#include "sketch/finder.h"

#include "text/utf8.h"

#include <string.h>
#include <xxhash.h>

enum { NONE = -1 };

static const double COMMON = 4.2;  /* Zipf frequency from which a word is no name */
static const double UNKNOWN = 1.2; /* the model's lists end at 2.2; rarer is not told apart */
static const double PLACE_WEIGHT = 1.0;
static const double UNHEARD_WEIGHT = 1.8; /* of a capital in a language whose words aren't known */
static const double SOUND_WEIGHT = 2.0;   /* of a name written by its sound in Han characters */

static size_t points_of(const char *text, size_t size)
{
    size_t points = 0;
    for (size_t i = 0; i < size; i++) points += ((unsigned char)text[i] & 0xC0) != 0x80;
    return points;
}

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
    size_t used = 0;
    uint32_t last = 0;
    for (size_t at = 0; at < size && used + 8 < SS_LATIN_MAX;) {
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
        bool tail = script == SS_SCRIPT_HAN; /* 曼 man, 昂 ang: -n and -ng are one abroad */
        for (size_t k = 0; k < 8 && latin[k]; k++) {
            if (tail && latin[k] == 'g' && k && latin[k - 1] == 'n') continue;
            out[used++] = latin[k];
        }
        before = c;
    }
    return used;
}

static bool is_vowel(char c)
{
    return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y';
}

/* The class of the consonant at s[i], 1 to 6, or 0; *length: letters it takes. */
static int consonant(const char *s, size_t size, size_t i, bool pinyin, size_t *length)
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

size_t ss_skeleton(const samestory_model *model, const char *form, size_t size, ss_script script,
                   char *out)
{
    char s[SS_LATIN_MAX];
    size_t count = 0, length = 1;
    size = spoken_form(model, form, size, script, s);
    bool pinyin = script == SS_SCRIPT_HAN;
    int before = 0;
    for (size_t i = 0; i < size && count < SS_SKELETON_MAX; i += length) {
        int class = consonant(s, size, i, pinyin, &length);
        /* Уилсон, ウィルソン: u before a vowel is Wilson's w */
        bool glide =
            i == 0 && s[0] == 'u' && size > 1 && is_vowel(s[1]) && script != SS_SCRIPT_LATIN;
        if (glide) class = 1;
        if (class == 7) continue;
        if (s[i] == 'x' && i > 0 && !pinyin && before != 2 && count + 1 < SS_SKELETON_MAX)
            out[count++] = '2';
        if (class && class != before)
            out[count++] = (char)('0' + class);
        else if (i == 0 && !class)
            out[count++] = '0';
        before = class;
    }
    return count;
}

/* ---- Adding ---------------------------------------------------------------------------------- */

/* Three classes meet by chance, five hardly ever. */
static double skeleton_trust(size_t classes)
{
    return classes < 4 ? 0.5 : classes == 4 ? 0.85 : 1.0;
}

static void add_skeleton(ss_finder *f, size_t i, const char *form, size_t size, ss_script script,
                         double weight, const char *shown, size_t shown_size, bool inflected)
{
    char classes[SS_SKELETON_MAX];
    size_t count = ss_skeleton(f->model, form, size, script, classes);
    if (count < 3) return;
    ss_add_anchor(f, SS_ANCHOR_SKELETON, (uint32_t)XXH3_64bits(classes, count),
                  weight * skeleton_trust(count), SS_ANCHOR_CAPITAL, i, shown, shown_size);
    if (inflected && count >= 4)
        ss_add_anchor(f, SS_ANCHOR_SKELETON, (uint32_t)XXH3_64bits(classes, count - 1),
                      0.7 * weight * skeleton_trust(count - 1), SS_ANCHOR_CAPITAL, i, shown,
                      shown_size);
}

static uint32_t name_key(const char *latin, size_t size)
{
    return (uint32_t)XXH3_64bits(latin, size);
}

/* A place, named in any language, is the same anchor: country and people as one. */
static void add_place(ss_finder *f, size_t i, size_t count, int value)
{
    const ss_word *w = &f->words->items[i];
    char text[SS_LATIN_MAX];
    size_t size = ss_latin_form(f->model, w->folded, w->folded_size, text);
    for (size_t k = 1; k < count && size + 1 < SS_LATIN_MAX / 2; k++) {
        char more[SS_LATIN_MAX];
        size_t length = ss_latin_form(f->model, w[k].folded, w[k].folded_size, more);
        if (size + 1 + length > sizeof text) break;
        text[size++] = ' ';
        memcpy(text + size, more, length);
        size += length;
    }
    int32_t place = value >= 1000 && value < 2000 ? value - 1000 : value;
    ss_add_anchor(f, SS_ANCHOR_NAME, (uint32_t)XXH3_64bits_withSeed(&place, sizeof place, 1),
                  PLACE_WEIGHT, SS_ANCHOR_KNOWN | SS_ANCHOR_CAPITAL, i, text, size);
}

/* ---- Spaced words ---------------------------------------------------------------------------- */

/* Prefixes that scripts write against the word: "and", "in", "the", ... Returns the bytes to take
 * off, or 0. */
static size_t prefix_of(const ss_word *w)
{
    static const char *const arabic[] = {"وال", "بال", "كال", "فال", "لل", "ال",
                                         "و",   "ب",   "ل",   "ف",   "ك"};
    static const char *const hebrew[] = {"וה", "שה", "ה", "ו", "ב", "ל", "מ", "ש", "כ"};
    bool is_arabic = w->script == SS_SCRIPT_ARABIC;
    if (!is_arabic && w->script != SS_SCRIPT_HEBREW) return 0;
    const char *const *list = is_arabic ? arabic : hebrew;
    size_t count = is_arabic ? sizeof arabic / sizeof *arabic : sizeof hebrew / sizeof *hebrew;
    for (size_t k = 0; k < count; k++) {
        size_t size = strlen(list[k]);
        if (w->folded_size >= size + 6 && memcmp(w->folded, list[k], size) == 0) return size;
    }
    return 0;
}

/* Korean particles, longest first: bytes to take off the end, or 0. */
static size_t particle_of(const ss_word *w)
{
    static const char *const particles[] = {
        "에서는", "으로", "에서", "에게", "까지", "부터", "이라", "은", "는", "이", "가",
        "을",     "를",   "의",   "에",   "로",   "와",   "과",   "도", "만", "씨"};
    if (w->script != SS_SCRIPT_HANGUL) return 0;
    for (size_t k = 0; k < sizeof particles / sizeof *particles; k++) {
        size_t size = strlen(particles[k]);
        if (w->folded_size >= size + 6 &&
            memcmp(w->folded + w->folded_size - size, particles[k], size) == 0)
            return size;
    }
    return 0;
}

static double rarity_of(double zipf)
{
    double weight = COMMON - (zipf > UNKNOWN ? zipf : UNKNOWN);
    return weight > 0 ? weight : 0;
}

/* A word without what is written against it. */
typedef struct stem {
    const char *text;
    size_t size;
    double weight;
    size_t prefix; /* bytes of a prefix that is perhaps one */
} stem;

static stem stem_of(const ss_finder *f, size_t i)
{
    const ss_word *w = &f->words->items[i];
    double zipf = ss_finder_zipf(f, f->hash[i]);
    stem s = {w->folded, w->folded_size, rarity_of(zipf), 0};
    size_t prefix = prefix_of(w), particle = particle_of(w);
    if (prefix || particle) {
        const char *text = w->folded + prefix;
        size_t size = w->folded_size - prefix - particle;
        double inner = ss_finder_zipf(f, ss_folded_hash(text, size));
        /* it is cut off where what remains is a word, and where no name begins or ends so; a letter
         * that may be the name's own first is only tried without */
        if (prefix != 2 || inner > zipf)
            s = (stem){text, size, rarity_of(inner > zipf ? inner : zipf), 0};
        else
            s.prefix = prefix;
    }
    if (!f->has_frequencies) {
        bool cased = w->letter_case >= SS_CAPITAL;
        s.weight = cased && !ss_sentence_start(f, i) ? UNHEARD_WEIGHT : 0.3;
    }
    return s;
}

/* How much of a Korean word known words of two syllables and more cover, from the left; in bytes.
 */
static size_t covered(const ss_finder *f, const char *text, size_t size)
{
    size_t known = 0;
    for (size_t at = 0; at + 6 <= size;) {
        size_t longest = 0;
        for (size_t end = at + 6; end <= size && end <= at + 15; end += 3)
            if (ss_finder_zipf(f, ss_folded_hash(text + at, end - at)) >= 3.6F) longest = end - at;
        known += longest;
        at += longest ? longest : 3;
    }
    return known;
}

/* Long words of languages that write compounds in one: rare, and yet no names. */
static bool is_compound(const ss_finder *f, const ss_word *w, const stem *s)
{
    if (w->script == SS_SCRIPT_HANGUL)
        return s->size >= 9 && 3 * covered(f, s->text, s->size) >= 2 * s->size;
    if (!(f->traits & SS_WRITES_COMPOUNDS) || s->size < 11 || w->letter_case == SS_UPPER)
        return false;
    for (size_t at = 4; at + 4 <= s->size; at++) {
        if (((unsigned char)s->text[at] & 0xC0) == 0x80) continue;
        if (ss_finder_zipf(f, ss_folded_hash(s->text + at, s->size - at)) < 3.3F) continue;
        if (s->size - at >= 6)
            return true; /* no family name ends in a whole common word of six letters */
        if (ss_finder_zipf(f, ss_folded_hash(s->text, at)) >= 3.0F) return true;
        char last = s->text[at - 1]; /* Arbeit-s-recht, Woche-n-ende */
        if ((last == 's' || last == 'n' || last == 'e') && at > 4 &&
            ss_finder_zipf(f, ss_folded_hash(s->text, at - 1)) >= 3.0F)
            return true;
    }
    return false;
}

static bool latin_word(const ss_word *w)
{
    return w->script == SS_SCRIPT_LATIN;
}

/* Verbs and adjectives of Korean that stand where names do. */
static bool hangul_verb(const ss_word *w)
{
    static const char *const ends[] = {"다", "며", "고", "던", "된", "한", "할",
                                       "해", "면", "서", "는", "지", "게", "야"};
    if (w->script != SS_SCRIPT_HANGUL || w->folded_size < 6) return false;
    for (size_t k = 0; k < sizeof ends / sizeof *ends; k++)
        if (memcmp(w->folded + w->folded_size - 3, ends[k], 3) == 0) return true;
    return false;
}

/* Vietnamese names are made of everyday syllables; abroad they are rare words. They stand out by
 * their capitals: two and more in a row, not at the start of a sentence. */
static bool in_name_of_syllables(const ss_finder *f, size_t i)
{
    const ss_word *w = &f->words->items[i];
    if (!(f->traits & SS_SYLLABLES) || w->letter_case != SS_CAPITAL) return false;
    bool after = i > 0 && ss_gap_before(f, i) == SS_GAP_SPACE && w[-1].letter_case == SS_CAPITAL &&
                 !ss_sentence_start(f, i - 1);
    bool before = i + 1 < f->words->count && ss_gap_before(f, i + 1) == SS_GAP_SPACE &&
                  w[1].letter_case == SS_CAPITAL;
    return after || (before && !ss_sentence_start(f, i));
}

/* Korean writes foreign names with syllables that its own words seldom have. */
static bool sounds_foreign(const char *text, size_t size)
{
    static const char syllables[] =
        "가고그기나네노니더데도드디딩라라란랄랑래랜램랭러런럴레렉렌렐렘로록론롤롬루룩룬룸르리"
        "린릴림링마만메멘모무므미밀바반버베벤벨보볼부브블비빈빌사산세셀소쇼수슈스시아안알에"
        "엘오올와우울웨위윌이인일자조즈지체츠치카칸칼캐커케켄코콜쿠쿤크클키킨타탄터테텔토톤"
        "투트티틴파판페펜펠포폴푸풀프플피핀필하한할해허헤호후휴흐히힐";
    static const char sure[] =
        "그드라란랄래러런레렌렐렉로론롤루르른므브블비빌스즈츠치카칸칼커케켄코쿠크클키타터테텔"
        "토톤투트티틴파페펜펠포폴푸프플피핀필헤흐히";
    size_t known = 0, certain = 0, points = 0;
    for (size_t at = 0; at + 3 <= size; at += 3, points++) {
        for (size_t k = 0; k + 3 < sizeof syllables; k += 3)
            known += memcmp(syllables + k, text + at, 3) == 0;
        for (size_t k = 0; k + 3 < sizeof sure; k += 3)
            certain += memcmp(sure + k, text + at, 3) == 0;
    }
    return certain * 3 >= points && known + 1 >= points;
}

/* Adds name and skeleton of word i; returns its rarity. */
static double add_word(ss_finder *f, size_t i)
{
    const ss_word *w = &f->words->items[i];
    if (points_of(w->folded, w->folded_size) < (w->script == SS_SCRIPT_HANGUL ? 2u : 3u)) return 0;
    stem s = stem_of(f, i);
    if (in_name_of_syllables(f, i)) s.weight = 0.8 * rarity_of(ss_finder_english(f, f->hash[i]));
    if (s.weight <= 0) return 0;
    double weight = s.weight;
    bool capital = w->letter_case != SS_LOWER;
    if (is_compound(f, w, &s)) weight *= 0.3;
    if (hangul_verb(w))
        weight *= 0.3;
    else if (w->script == SS_SCRIPT_HANGUL && !sounds_foreign(s.text, s.size))
        weight *= 0.5;
    char latin[SS_LATIN_MAX];
    size_t size = ss_latin_form(f->model, s.text, s.size, latin);
    if (size >= 3)
        ss_add_anchor(f, SS_ANCHOR_NAME, name_key(latin, size), weight,
                      capital ? SS_ANCHOR_CAPITAL : 0, i, latin, size);
    if (capital && weight >= 0.4) {
        bool inflected = w->script == SS_SCRIPT_CYRILLIC || w->script == SS_SCRIPT_GREEK ||
                         w->script == SS_SCRIPT_INDIC || f->traits & SS_LETTERED_ENDS;
        const char *form = latin_word(w) ? w->form : s.text;
        size_t form_size = latin_word(w) ? w->form_size : s.size;
        add_skeleton(f, i, form, form_size, (ss_script)w->script, weight, latin, size, inflected);
        if (s.prefix)
            add_skeleton(f, i, s.text + s.prefix, s.size - s.prefix, (ss_script)w->script,
                         0.6 * weight, latin, size, false);
    }
    return s.weight;
}

/* Pairs are written in the order of the text, and keyed in the order of the letters: in Asia and in
 * lists the family name comes first. */
static void add_pair(ss_finder *f, size_t first, double weight)
{
    const ss_word *a = &f->words->items[first], *b = a + 1;
    char left[SS_LATIN_MAX], right[SS_LATIN_MAX], text[2 * SS_LATIN_MAX + 1];
    size_t left_size = ss_latin_form(f->model, a->folded, a->folded_size, left);
    size_t right_size = ss_latin_form(f->model, b->folded, b->folded_size, right);
    if (left_size < 2 || right_size < 2) return;
    uint64_t x = XXH3_64bits(left, left_size), y = XXH3_64bits(right, right_size);
    uint64_t both[2] = {x < y ? x : y, x < y ? y : x};
    memcpy(text, left, left_size);
    text[left_size] = ' ';
    memcpy(text + left_size + 1, right, right_size);
    ss_add_anchor(f, SS_ANCHOR_PAIR, (uint32_t)XXH3_64bits(both, sizeof both), weight,
                  SS_ANCHOR_CAPITAL, first, text, left_size + 1 + right_size);
}

static bool may_pair(const ss_word *w)
{
    return w->letter_case >= SS_CAPITAL && !w->digits && !w->run;
}

/* A title in which most words have capitals says nothing by them. */
static bool title_is_capitalised(const ss_finder *f)
{
    size_t words = 0, capitals = 0;
    for (size_t i = 0; i < f->words->count && f->words->items[i].start < f->title_size; i++) {
        const ss_word *w = &f->words->items[i];
        if (w->folded_size < 4 || w->letter_case == SS_CASELESS) continue;
        words++;
        capitals += w->letter_case >= SS_CAPITAL;
    }
    return words > 3 && capitals * 10 > words * 7;
}

/* ---- Scripts without spaces ------------------------------------------------------------------ */

static bool is_katakana(uint32_t c)
{
    return (c >= 0x30A1 && c <= 0x30FA) || c == 0x30FC;
}

/* A name found inside a run, as name and as skeleton. */
static void add_run_name(ss_finder *f, size_t i, const char *text, size_t size, ss_script script,
                         double weight)
{
    char latin[SS_LATIN_MAX];
    if (size > 96) return;
    size_t latin_size = ss_latin_form(f->model, text, size, latin);
    if (latin_size < 3) return;
    ss_add_anchor(f, SS_ANCHOR_NAME, name_key(latin, latin_size), weight, SS_ANCHOR_CAPITAL, i,
                  latin, latin_size);
    add_skeleton(f, i, text, size, script, weight, latin, latin_size, false);
}

static void katakana_names(ss_finder *f, size_t i)
{
    const ss_word *w = &f->words->items[i];
    size_t start = 0, points = 0;
    for (size_t at = 0; at <= w->folded_size;) {
        size_t here = at;
        uint32_t c = at < w->folded_size ? ss_utf8_next(w->folded, w->folded_size, &at) : 0;
        if (c && is_katakana(c)) {
            if (points++ == 0) start = here;
            continue;
        }
        if (points >= 3) {
            uint64_t hash = ss_folded_hash(w->folded + start, here - start);
            double weight = 0.7 * rarity_of(ss_finder_zipf(f, hash));
            int place = ss_finder_lexicon(f, hash, SS_LEX_PLACE);
            if (weight > 0 && !place)
                add_run_name(f, i, w->folded + start, here - start, SS_SCRIPT_KANA, weight);
        }
        points = 0;
        if (!c) break;
    }
}

/* The characters that Chinese keeps for the sounds of foreign names (Xinhua's tables, the common
 * ones), simplified and traditional, as ranges would not serve: one string, in the order of their
 * sounds. */
static const char sound_characters[] = "阿埃艾安昂奥奧澳巴贝貝比宾賓波博布查达達代戴丹德登迪丁杜多"
                                       "厄恩尔爾法菲费費芬弗佛福格根古哈海汉漢赫亨"
                                       "胡霍基吉加贾賈杰金卡凯凱坎考科克肯库庫拉莱萊兰蘭朗劳勞勒雷"
                                       "里利莉林琳卢盧鲁魯路伦倫罗羅洛吕马馬玛瑪迈邁"
                                       "曼梅门門蒙米明莫姆穆纳納娜奈南内尼妮纽紐诺諾帕佩皮珀普奇契"
                                       "恰乔喬切琼瓊萨薩塞森沙莎申圣施什史舒斯絲丝苏蘇"
                                       "索塔泰坦汤湯特蒂廷图圖托瓦万萬旺威韦韋维維温溫文翁沃乌烏伍"
                                       "希锡夏先辛休许雅亚亞延扬揚耶伊因英尤约約"
                                       "泽澤扎札詹兹茲宗佐翰魏";

static bool is_sound_character(uint32_t c)
{
    char text[4];
    if (c < 0x3400 || c > 0x9FFF) return false;
    size_t size = ss_utf8_put(c, text);
    for (size_t at = 0; at + size < sizeof sound_characters; at += 3)
        if (memcmp(sound_characters + at, text, 3) == 0) return true;
    return false;
}

/* Is the gap before word i the dot between the parts of a foreign name? */
static bool dotted(const ss_finder *f, size_t i)
{
    if (i == 0 || i >= f->words->count) return false;
    size_t at = f->words->items[i - 1].end, end = f->words->items[i].start;
    if (at == end) return false;
    uint32_t c = ss_utf8_next(f->text, end, &at);
    return at == end && (c == 0xB7 || c == 0x30FB || c == 0x2027 || c == 0x2022 || c == 0x2E31);
}

static void sound_names(ss_finder *f, size_t i)
{
    const ss_word *w = &f->words->items[i];
    size_t start = 0, points = 0;
    bool first_is_part = dotted(f, i), last_is_part = dotted(f, i + 1);
    for (size_t at = 0; at <= w->folded_size;) {
        size_t here = at;
        uint32_t c = at < w->folded_size ? ss_utf8_next(w->folded, w->folded_size, &at) : 0;
        if (c && is_sound_character(c)) {
            if (points++ == 0) start = here;
            continue;
        }
        bool part = (start == 0 && first_is_part) || (here == w->folded_size && last_is_part);
        if (points >= (part ? 2u : 3u)) {
            uint64_t hash = ss_folded_hash(w->folded + start, here - start);
            double weight = rarity_of(ss_finder_zipf(f, hash));
            if (weight > SOUND_WEIGHT) weight = SOUND_WEIGHT;
            if (weight > 0 && !ss_finder_lexicon(f, hash, SS_LEX_PLACE))
                add_run_name(f, i, w->folded + start, here - start, SS_SCRIPT_HAN,
                             part ? weight : 0.8 * weight);
        }
        points = 0;
        if (!c) break;
    }
}

/* Places in a run: every stretch of two to eight points that the lexicon has; longest first. */
static void places_in_run(ss_finder *f, size_t i)
{
    const ss_word *w = &f->words->items[i];
    enum { LONGEST = 12 };
    for (size_t at = 0; at < w->folded_size;) {
        size_t ends[LONGEST], count = 0, next = at;
        while (next < w->folded_size && count < LONGEST) {
            next += ss_utf8_length((unsigned char)w->folded[next]);
            if (next > w->folded_size) next = w->folded_size;
            ends[count++] = next;
        }
        size_t step = count ? ends[0] : w->folded_size;
        for (size_t k = count; k >= 2; k--) {
            int place = ss_finder_lexicon(f, ss_folded_hash(w->folded + at, ends[k - 1] - at),
                                          SS_LEX_PLACE);
            if (!place) continue;
            char latin[SS_LATIN_MAX];
            size_t size = ss_latin_form(f->model, w->folded + at, ends[k - 1] - at, latin);
            int32_t known = place >= 1000 && place < 2000 ? place - 1000 : place;
            ss_add_anchor(f, SS_ANCHOR_NAME,
                          (uint32_t)XXH3_64bits_withSeed(&known, sizeof known, 1), PLACE_WEIGHT,
                          SS_ANCHOR_KNOWN | SS_ANCHOR_CAPITAL, i, latin, size);
            step = ends[k - 1];
            break;
        }
        at = step > at ? step : at + 1;
    }
}

/* Thai: a title stands against the first name, the family name follows after a space. */
static void thai_names(ss_finder *f, size_t i)
{
    static const char *const titles[] = {"นางสาว", "นาง", "นาย"};
    static const char *const others[] = {"กรัฐ",  "ทุน",    "จ้าง", "ทหาร", "หน้า",
                                         "แพทย์", "ตำรวจ", "ก",   "งาน"};
    const ss_word *w = &f->words->items[i];
    size_t at = 0, after = 0;
    for (; at + 9 <= w->folded_size && !after; at++)
        for (size_t t = 0; t < 3 && !after; t++) {
            size_t size = strlen(titles[t]);
            if (w->folded_size - at >= size && memcmp(w->folded + at, titles[t], size) == 0)
                after = at + size;
        }
    if (!after || w->folded_size - after < 6 || w->folded_size - after > 60) return;
    for (size_t k = 0; k < sizeof others / sizeof *others; k++)
        if (strncmp(w->folded + after, others[k], strlen(others[k])) == 0) return;
    add_run_name(f, i, w->folded + after, w->folded_size - after, SS_SCRIPT_THAI, SOUND_WEIGHT);
    const ss_word *next = w + 1;
    if (i + 1 < f->words->count && next->run && ss_gap_before(f, i + 1) == SS_GAP_SPACE &&
        next->folded_size >= 6 && next->folded_size <= 48)
        add_run_name(f, i + 1, next->folded, next->folded_size, SS_SCRIPT_THAI, 0.8 * SOUND_WEIGHT);
}

/* 《…》 『…』: the title of a book, a film, a law. */
static void quoted_title(ss_finder *f, size_t i)
{
    const ss_word *w = &f->words->items[i];
    if (w->start < 3 || f->size - w->end < 3) return;
    const char *open = f->text + w->start - 3, *close = f->text + w->end;
    bool quoted = (memcmp(open, "《", 3) == 0 && memcmp(close, "》", 3) == 0) ||
                  (memcmp(open, "『", 3) == 0 && memcmp(close, "』", 3) == 0);
    size_t points = points_of(w->folded, w->folded_size);
    if (!quoted || points < 2 || points > 12) return;
    ss_add_anchor(f, SS_ANCHOR_NAME, name_key(w->folded, w->folded_size), SOUND_WEIGHT,
                  SS_ANCHOR_CAPITAL, i, w->folded, w->folded_size);
}

static void names_in_run(ss_finder *f, size_t i)
{
    uint8_t script = f->words->items[i].script;
    places_in_run(f, i);
    if (script == SS_SCRIPT_THAI) {
        thai_names(f, i);
        return;
    }
    katakana_names(f, i);
    if (!ss_language_among(f, "ja")) sound_names(f, i);
    quoted_title(f, i);
}

/* ---- The finder ------------------------------------------------------------------------------ */

/* Weight of the pair of words i - 1 and i, or 0 when they are none. */
static double pair_weight(const ss_finder *f, size_t i, double left, double right,
                          bool capitals_mean_little)
{
    bool common_left = left <= 0, common_right = right <= 0;
    if (common_left && (ss_sentence_start(f, i - 1) || capitals_mean_little)) return 0;
    if (common_left && common_right && f->traits & SS_NOUN_CAPITALS) return 0;
    if (common_right && capitals_mean_little) return 0;
    return 1.0 + (left + right) / 2;
}

void ss_find_names(ss_finder *f)
{
    bool loud_title = title_is_capitalised(f);
    double before = NONE; /* rarity of the word before, if that one can begin a pair */
    for (size_t i = 0; i < f->words->count; i++) {
        const ss_word *w = &f->words->items[i];
        bool open = before > NONE;
        double left = before;
        before = NONE;
        if (f->used[i] || w->digits) continue;
        if (w->run) {
            names_in_run(f, i);
            continue;
        }
        size_t count = 1;
        int place = w->letter_case != SS_LOWER ? ss_finder_phrase(f, i, SS_LEX_PLACE, &count) : 0;
        if (!place && w->letter_case != SS_LOWER && w->folded_size >= 6)
            place = ss_finder_inflected(f, w->folded, w->folded_size, SS_LEX_PLACE);
        double rarity = 0;
        if (place)
            add_place(f, i, count, place);
        else
            rarity = add_word(f, i);
        if (!may_pair(w)) continue;
        ss_gap gap = ss_gap_before(f, i);
        bool stands_together = open && (gap == SS_GAP_SPACE || gap == SS_GAP_HYPHEN);
        double weight = stands_together ? pair_weight(f, i, left, rarity,
                                                      loud_title && w->start < f->title_size)
                                        : 0;
        if (weight > 0) add_pair(f, i - 1, weight);
        before = rarity;
        i += count - 1; /* the rest of "South Korea" */
    }
}
