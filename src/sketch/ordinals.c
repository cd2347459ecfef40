/* Stage anchors, ordinals. Comes in: the words. Goes out: which meeting, round, day or match of a
 * row it is: "8th round", "die dritte Runde", "phiên thứ 8", "XIV съезд", "第三轮". They are
 * numbers of a kind of their own: the third round is not three people.
 *
 * From 20 on they are mostly anniversaries, and the same as amounts: the 50th, fifty years. "First"
 * and "second" are said of everything, and left out where they are words. */
#include "sketch/finder.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>

enum { LARGEST = 99, LAST_ROUND = 19, LEAST_SPELLED = 3 };

static const double ORDINAL_WEIGHT = 1.2, SECOND_WEIGHT = 0.8;

static void add_ordinal(ss_finder *f, ss_place place, int value)
{
    enum { AMOUNT = 0, ORDINAL = 2 }; /* as numbers.c has it; 1 is percent */
    bool zero = value % 10 == 0;
    int32_t normal[3] = {value, 0, ORDINAL};
    if (value > LAST_ROUND) normal[2] = AMOUNT;
    if (value > LAST_ROUND && zero) normal[0] = value / 10, normal[1] = 1;
    char text[16];
    bool teen = value % 100 / 10 == 1;
    const char *end = teen              ? "th"
                      : value % 10 == 1 ? "st"
                      : value % 10 == 2 ? "nd"
                      : value % 10 == 3 ? "rd"
                                        : "th";
    int size = snprintf(text, sizeof text, "%d%s", value, value > LAST_ROUND ? "" : end);
    ss_add_anchor(f, SS_ANCHOR_NUMBER, (uint32_t)XXH3_64bits(normal, sizeof normal),
                  value > 2 ? ORDINAL_WEIGHT : SECOND_WEIGHT, 0, place, text, (size_t)size);
}

/* ---- Digits ---------------------------------------------------------------------------------- */

/* Folded words that a number follows, or that follow a number with a dot, when they are counted. */
static const char counted_before[] =
    "round runde ronde runda rundan kolo kierros raund vong phien khoa ky lan tour ronda matchday "
    "spieltag speelronde speeldag giornata jornada etapa etape stage rodada sesi putaran pertemuan "
    "раунд раунда раунде тур тура раундът γυρος الجوله الدوره";
static const char articles[] = "der die das dem den des zum zur im am beim vom ihrem ihrer seiner "
                               "seinem ihre seine einer eine";

static bool letter_at(const ss_finder *f, size_t at)
{
    unsigned char c = at < f->size ? (unsigned char)f->text[at] : ' ';
    return c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The ending that makes an ordinal of digits: "8th", "8e", "8-й", "8ª", "8:e". */
static bool ordinal_ending(const ss_finder *f, size_t *at)
{
    static const struct {
        const char *ending, *languages;
    } endings[] = {
        {"th", "en"},
        {"st", "en"},
        {"nd", "en"},
        {"rd", "en"},
        {"ste", "nl"},
        {"de", "nl"},
        {"e", "nl fr"},
        {"ème", "fr"},
        {"eme", "fr"},
        {"er", "fr ca"},
        {"re", "fr"},
        {"ª", "es pt it gl ca"},
        {"º", "es pt it gl ca"},
        {".ª", "es pt"},
        {".º", "es pt"},
        {"°", "it"},
        {":e", "sv fi"},
        {":a", "sv"},
        {":s", "fi"},
        {"-й", "ru uk bg mk"},
        {"-го", "ru uk"},
        {"-м", "ru"},
        {"-я", "ru"},
        {"-ю", "ru"},
        {"-ої", "uk"},
        {"-му", "uk"},
        {"-та", "bg"},
        {"-ти", "bg"},
        {"-ри", "bg"},
        {"-ият", "bg"},
        {"ος", "el"},
        {"ο", "el"},
        {"η", "el"},
        {"ης", "el"},
        {"वें", "hi"},
        {"वां", "hi"},
        {"वीं", "hi"},
        {"번째", "ko"},
        {"차", "ko"},
        {"'inci", "tr"},
        {"’inci", "tr"},
        {"'ıncı", "tr"},
        {"’ıncı", "tr"},
        {"'üncü", "tr"},
        {"’üncü", "tr"},
        {"'uncu", "tr"},
        {"’uncu", "tr"},
        {"'nci", "tr"},
        {"-ik", "hu"},
        {"th", "ms id fil"},
        {"回目", "ja"},
    };
    if (!f->code[0]) return false;
    for (size_t k = 0; k < sizeof endings / sizeof *endings; k++) {
        size_t end = *at;
        if (!ss_accept(f, &end, endings[k].ending) || letter_at(f, end) ||
            !ss_language_among(f, endings[k].languages))
            continue;
        *at = end;
        return true;
    }
    return false;
}

/* "8. Runde", "8. kolo": the dot of an ordinal, and not of a sentence. */
static bool ordinal_dot(const ss_finder *f, size_t i, size_t *at)
{
    size_t end = *at, next = i + 1;
    if (!(f->traits & SS_DAY_DOT) || strcmp(f->code, "ru") == 0 || !ss_accept(f, &end, ".") ||
        next >= f->words->count || f->words->items[next].start != end + 1 || f->text[end] != ' ' ||
        f->words->items[next].digits)
        return false;
    bool lower = f->words->items[next].letter_case == SS_LOWER;
    if (strcmp(f->code, "de") == 0)
        lower = i > 0 && ss_word_among(f, i - 1, articles) &&
                f->words->items[next].letter_case == SS_CAPITAL;
    if (lower) *at = end;
    return lower;
}

static bool stands_before(const ss_finder *f, size_t start, const char *what)
{
    size_t size = strlen(what);
    while (start > 0 && f->text[start - 1] == ' ') start--;
    return start >= size && memcmp(f->text + start - size, what, size) == 0;
}

static bool called_ordinal(const ss_finder *f, size_t i, size_t start)
{
    static const char *const marks[] = {"第", "ที่"}, thai_day[] = "วันที่";
    for (size_t k = 0; k < sizeof marks / sizeof *marks; k++)
        if (stands_before(f, start, marks[k])) return !stands_before(f, start, thai_day);
    if (i == 0) return false;
    if (ss_word_among(f, i - 1, "ke")) return ss_gap_before(f, i) == SS_GAP_HYPHEN;
    if (ss_gap_before(f, i) != SS_GAP_SPACE) return false;
    if (strcmp(f->code, "vi") == 0 && ss_word_among(f, i - 1, "thu lan")) return true;
    return ss_word_among(f, i - 1, counted_before) && f->words->items[i].folded_size <= 2;
}

size_t ss_ordinal_in_digits(ss_finder *f, size_t i)
{
    size_t start = f->words->items[i].start, at = start;
    bool korean = ss_accept(f, &at, "제");
    int value = 0, digit;
    unsigned count = 0;
    while (count < 4 && (digit = ss_digit_at(f, &at)) >= 0) {
        value = value * 10 + digit;
        count++;
    }
    if (count > 3 || value < 2 || value > LARGEST) return 0;
    size_t end = at, next = at;
    bool decimal = next < f->size && (f->text[next] == '.' || f->text[next] == ',');
    next++;
    if (decimal && ss_digit_at(f, &next) >= 0) return 0;
    next = at;
    if (ss_percent_after(f, i, &next) || ss_scale_after(f, i, &next)) return 0;
    if (korean)
        end = f->words->items[i].end; /* 제8차 */
    else if (!ordinal_ending(f, &end) && !called_ordinal(f, i, start) && !ordinal_dot(f, i, &end))
        return 0;
    add_ordinal(f, (ss_place){(uint32_t)start, (uint32_t)end}, value);
    return end;
}

/* ---- Words ----------------------------------------------------------------------------------- */

/* XIV; from two letters on, and none that is a word ("DI", "MIX", "CD"). */
static int roman_value(const ss_finder *f, const ss_word *w)
{
    int value = 0, before = 0;
    size_t size = w->end - w->start;
    if (w->letter_case != SS_UPPER || size < 2 || size > 6) return 0;
    for (size_t k = size; k-- > 0;) {
        char c = f->text[w->start + k];
        int v = c == 'I' ? 1 : c == 'V' ? 5 : c == 'X' ? 10 : 0;
        if (!v) return 0;
        value += v < before ? -v : v;
        if (v > before) before = v;
    }
    return value >= LEAST_SPELLED ? value : 0;
}

size_t ss_ordinal_in_letters(ss_finder *f, size_t i)
{
    const ss_word *w = &f->words->items[i];
    int value = w->script == SS_SCRIPT_LATIN ? roman_value(f, w) : 0;
    size_t count = 1;
    if (!value && f->code[0]) value = ss_finder_phrase(f, i, SS_LEX_ORDINAL, &count);
    if (value < LEAST_SPELLED) return 0;
    if (count == 1 && ss_word_among(f, i + 1, "of")) return 0; /* "a third of" */
    size_t last = i + count - 1;
    add_ordinal(f, ss_place_of_words(f, i, last), value);
    return f->words->items[last].end;
}

/* ---- Runs ------------------------------------------------------------------------------------ */

int ss_han_digit(const char *text, size_t size, size_t *at)
{
    static const char digits[] = "零一二三四五六七八九", *const two = "两";
    for (int k = 0; k < 10 && *at + 3 <= size; k++)
        if (memcmp(text + *at, digits + 3 * k, 3) == 0) {
            *at += 3;
            return k;
        }
    if (*at + 3 <= size && memcmp(text + *at, two, 3) == 0) {
        *at += 3;
        return 2;
    }
    return -1;
}

static bool accept(const char *text, size_t size, size_t *at, const char *what)
{
    size_t length = strlen(what);
    if (size - *at < length || text[*at] != *what || memcmp(text + *at, what, length) != 0)
        return false;
    *at += length;
    return true;
}

static int han_number(const char *text, size_t size, size_t *at)
{
    size_t start = *at;
    int value = 0, digit = ss_han_digit(text, size, at);
    bool units = false;
    if (digit > 0 && accept(text, size, at, "百")) {
        units = true;
        value = 100 * digit;
        accept(text, size, at, "零");
        digit = ss_han_digit(text, size, at);
    }
    if (accept(text, size, at, "十")) {
        units = true;
        value += 10 * (digit > 0 ? digit : 1);
        digit = ss_han_digit(text, size, at);
    }
    if (digit > 0) value += digit;
    if (!units && digit < 0) *at = start;
    return value;
}

void ss_ordinals_in_run(ss_finder *f, size_t i)
{
    const ss_word *w = &f->words->items[i];
    for (size_t at = 0; at + 6 <= w->folded_size;) {
        size_t begin = at;
        if (!accept(w->folded, w->folded_size, &at, "第")) {
            at += 1;
            continue;
        }
        int value = han_number(w->folded, w->folded_size, &at);
        if (value >= 2 && value <= LARGEST)
            add_ordinal(f, ss_place_in_run(f, i, w->folded + begin, at - begin), value);
    }
}
