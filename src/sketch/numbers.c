/* Stage anchors, numbers. Comes in: the words. Goes out: amounts, with scale ("1,2 Mio." = 1.2
 * million = 120万) and percent, three significant digits kept, and codes of letters and digits
 * ("MH370").
 *
 * Years and single digits say nothing and are left out; times of day, too. Amounts are kept as
 * decimal integers with an exponent, so that the same amount has the same key on every machine. */
#include "sketch/finder.h"

#include "text/utf8.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>

enum { GROUPS_MAX = 16, DIGITS_KEPT = 15, LITERAL_MAX = 40 };

/* value x 10^exponent */
typedef struct amount {
    uint64_t value;
    int exponent;
    unsigned kept;     /* digits in value */
    unsigned decimals; /* digits written after the decimal mark */
    bool percent, scaled, grouped;
} amount;

/* Scale words, folded, in the order of their bytes. A "billion" is a million millions in most of
 * Europe. */
static const ss_scale scales[] = {
    {"b", 9, "en"},
    {"bi", 9, "pt"},
    {"bilhao", 9, "pt"},
    {"bilhoes", 9, "pt"},
    {"biliao", 12, "pt"},
    {"bilijon*", 12, "pl cs sk ro it sl hr sh sr"},
    {"bilijun*", 12, "pl cs sk ro it sl hr sh sr"},
    {"bilioes", 12, "pt"},
    {"bilion", 9, "ms"},
    {"bilion*", 12, "pl cs sk ro it sl hr sh sr"},
    {"biljoen", 12, "nl"},
    {"biljon*", 12, "sv"},
    {"biljoon*", 12, "fi"},
    {"billio*", 12, "de fr da nb no nn hu"},
    {"billion*", 12, "de fr da nb no nn hu"},
    {"billion*", 9, "en"},
    {"billon", 12, "es"},
    {"billones", 12, "es"},
    {"bilyon*", 9, "fil tl"},
    {"bin", 3, "tr az"},
    {"bn", 9, "en"},
    {"chuc", 1, "vi"},
    {"crore*", 7, NULL},
    {"duizend*", 3, NULL},
    {"ezer", 3, "hu"},
    {"hiljad*", 3, NULL},
    {"hundred", 2, "en"},
    {"jt", 6, "id ms"},
    {"juta", 6, NULL},
    {"k", 3, NULL},
    {"lac", 5, "en"},
    {"lacs", 5, "en"},
    {"lakh*", 5, NULL},
    {"libo", 3, "fil tl"},
    {"libong", 3, "fil tl"},
    {"m", 6, "en"},
    {"md", 9, "fr"},
    {"mds", 9, "fr"},
    {"mi", 6, "pt"},
    {"mia", 9, "da nb no nn"},
    {"mie", 3, "ro"},
    {"mii", 3, "ro"},
    {"mil", 6, "en"},
    {"mil", 3, "es pt ca gl it"},
    {"mila", 3, "it"},
    {"mila", 3, "eu"},
    {"milers", 3, NULL},
    {"milhao", 6, NULL},
    {"milhar*", 3, NULL},
    {"milhoes", 6, NULL},
    {"miliar", 9, NULL},
    {"miliard*", 9, NULL},
    {"milijard*", 9, NULL},
    {"milijon*", 6, NULL},
    {"milijun*", 6, NULL},
    {"milio", 6, NULL},
    {"milioi*", 6, NULL},
    {"milion*", 6, NULL},
    {"milions", 6, NULL},
    {"miljard*", 9, NULL},
    {"miljoen*", 6, NULL},
    {"miljon*", 6, NULL},
    {"miljoon*", 6, NULL},
    {"mill", 6, "da nb no nn es"},
    {"millar*", 3, NULL},
    {"millard*", 9, NULL},
    {"mille", 3, "fr it"},
    {"milliard*", 9, NULL},
    {"milliers", 3, "fr"},
    {"millio", 6, NULL},
    {"million", 6, NULL},
    {"million*", 6, NULL},
    {"millioner", 6, NULL},
    {"milljard*", 9, NULL},
    {"milljon*", 6, NULL},
    {"millon", 6, NULL},
    {"millones", 6, NULL},
    {"millor*", 6, NULL},
    {"milyar*", 9, NULL},
    {"milyon*", 6, NULL},
    {"mio", 6, NULL},
    {"mld", 9, NULL},
    {"mln", 6, NULL},
    {"mlrd", 9, NULL},
    {"mn", 6, "en"},
    {"mrd", 9, NULL},
    {"ngan", 3, "vi"},
    {"nghin", 3, NULL},
    {"rb", 3, "id ms"},
    {"ribu", 3, NULL},
    {"tausend*", 3, NULL},
    {"thousand*", 3, NULL},
    {"ti", 9, "vi"},
    {"tisic*", 3, NULL},
    {"tisoc*", 3, NULL},
    {"tisuc*", 3, NULL},
    {"tn", 12, "en"},
    {"tr", 6, "vi"},
    {"tram", 2, "vi"},
    {"trieu", 6, NULL},
    {"trilhao", 12, "pt"},
    {"trilhoes", 12, "pt"},
    {"trilion", 12, "ms"},
    {"triliun", 12, "id"},
    {"trillion*", 12, "en"},
    {"trilyon*", 12, "fil tl"},
    {"trilyon*", 12, "tr az"},
    {"trn", 12, "en"},
    {"tsd", 3, "de nl sv da nb no"},
    {"tuhan*", 3, NULL},
    {"tuhat*", 3, NULL},
    {"tukst*", 3, NULL},
    {"tusen", 3, NULL},
    {"tusind*", 3, NULL},
    {"ty", 9, "vi"},
    {"tys", 3, NULL},
    {"tysiac*", 3, NULL},
    {"tysiec*", 3, NULL},
    {"þusund*", 3, NULL},
    {"δισ", 9, NULL},
    {"δισεκατομμυρι*", 9, NULL},
    {"εκατ", 6, NULL},
    {"εκατομμυρι*", 6, NULL},
    {"τρισ", 12, NULL},
    {"τρισεκατομμυρι*", 12, NULL},
    {"χιλ", 3, NULL},
    {"χιλιαδ*", 3, NULL},
    {"илјад*", 3, NULL},
    {"милиард*", 9, NULL},
    {"милион*", 6, NULL},
    {"милијард*", 9, NULL},
    {"милијун*", 6, NULL},
    {"миллиард*", 9, NULL},
    {"миллион*", 6, NULL},
    {"млн", 6, NULL},
    {"млрд", 9, NULL},
    {"мільион*", 6, NULL},
    {"мільярд*", 9, NULL},
    {"тис", 3, NULL},
    {"тисяч*", 3, NULL},
    {"трилион*", 12, NULL},
    {"триллион*", 12, NULL},
    {"трильион*", 12, NULL},
    {"трлн", 12, NULL},
    {"тыс", 3, NULL},
    {"тысяч*", 3, NULL},
    {"хил", 3, NULL},
    {"хиляд*", 3, NULL},
    {"хиљад*", 3, NULL},
    {"אלף", 3, NULL},
    {"אלפי", 3, NULL},
    {"אלפים", 3, NULL},
    {"טריליון*", 12, NULL},
    {"מיליארד*", 9, NULL},
    {"מיליון", 6, NULL},
    {"מיליוני", 6, NULL},
    {"מליון", 6, NULL},
    {"ارب", 9, "ur"},
    {"الاف", 3, NULL},
    {"الالاف", 3, NULL},
    {"الف", 3, NULL},
    {"تريليون*", 12, NULL},
    {"كروڑ", 7, NULL},
    {"لاكھ", 5, NULL},
    {"ملايين", 6, NULL},
    {"مليار*", 9, NULL},
    {"مليارات", 9, NULL},
    {"ملين", 6, NULL},
    {"مليون*", 6, NULL},
    {"ميليارد", 9, NULL},
    {"ميليون", 6, NULL},
    {"هزار", 3, NULL},
    {"अरब", 9, "hi"},
    {"करोड़", 7, NULL},
    {"ट्रिलियन", 12, NULL},
    {"बिलियन", 9, "hi"},
    {"मिलियन", 6, NULL},
    {"लाख", 5, NULL},
    {"हज़ार", 3, NULL},
    {"हजार", 3, NULL},
    {"কোটি", 7, NULL},
    {"ট্রিলিয়ন", 12, NULL},
    {"বিলিয়ন", 9, "bn"},
    {"মিলিয়ন", 6, NULL},
    {"লক্ষ", 5, NULL},
    {"লাখ", 5, NULL},
    {"হাজার", 3, NULL},
    {"ஆயிர*", 3, NULL},
    {"கோடி", 7, NULL},
    {"மில்லியன்*", 6, NULL},
    {"லட்ச*", 5, NULL},
    {"พัน", 3, NULL},
    {"ล้าน", 6, NULL},
    {"หมื่น", 4, NULL},
    {"แสน", 5, NULL},
    {"万", 4, NULL},
    {"亿", 8, NULL},
    {"億", 8, NULL},
    {"兆", 12, NULL},
    {"十亿", 9, "ja zh"},
    {"十億", 9, "ja zh"},
    {"千", 3, NULL},
    {"百", 2, "zh ja"},
    {"萬", 4, NULL},
    {"만", 4, NULL},
    {"백", 2, NULL},
    {"십백", 2, NULL},
    {"억", 8, NULL},
    {"조", 12, NULL},
    {"천", 3, NULL},
};

/* Beginnings of words that mean percent; folded. */
static const char *const percents[] = {
    "ehuneko",  "odstotk",    "pct",      "peratus",  "percent",   "percento", "persen",
    "porcento", "porsiyento", "posto",    "pourcent", "pourcents", "procent",  "prosen",
    "prosent",  "protsent",   "prozent",  "szazalek", "відсот",    "одсто",    "отсто",
    "посто",    "проценат",   "процент",  "אחוז",     "بالمايه",   "بالميه",   "درصد",
    "فيصد",     "प्रतिशत",     "फ़ीसदी",    "फीसदी",    "শতাংশ",     "சதவிகித",  "சதவீத",
    "เปอร์เซ็นต์", "パーセント", "ポイント", "个百分点", "百分点",    "퍼센트",   NULL};
/* ... and pairs of words. */
static const char *const percent_pairs[] = {"la suta",   "per cen",    "per cent",  "per cento",
                                            "phan tram", "po sto",     "por cento", "por ciento",
                                            "pour cent", "τοισ εκατο", "на сто",    "по сто",
                                            "في المايه", "في الميه",   NULL};

const ss_scale *ss_scales(size_t *count)
{
    *count = sizeof scales / sizeof *scales;
    return scales;
}

/* ---- Scale ----------------------------------------------------------------------------------- */

/* Does the entry stand for the word? */
static bool is_scale(const ss_scale *s, const char *word, size_t size)
{
    size_t length = strlen(s->word);
    if (s->word[length - 1] != '*') return length == size && memcmp(s->word, word, size) == 0;
    length--;
    if (size < length || memcmp(s->word, word, length) != 0) return false;
    size_t more = 0;
    for (size_t i = length; i < size; i++) more += ((unsigned char)word[i] & 0xC0) != 0x80;
    return more <= 3;
}

/* The exponent of a folded word in the document's language, or 0. */
static int scale_of(const ss_finder *f, const char *word, size_t size)
{
    size_t low = 0, high = sizeof scales / sizeof *scales;
    if (size == 0) return 0;
    while (low < high) { /* the first entry with the word's first byte or a larger one */
        size_t middle = (low + high) / 2;
        if ((unsigned char)scales[middle].word[0] < (unsigned char)word[0])
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < sizeof scales / sizeof *scales && scales[low].word[0] == word[0]; low++)
        if (is_scale(&scales[low], word, size) &&
            (!scales[low].languages || ss_language_among(f, scales[low].languages)))
            return scales[low].exponent;
    return 0;
}

/* Units of scripts that write them against the digits and go on after them. */
static int unit_at(const ss_finder *f, size_t *at)
{
    static const struct {
        const char *text;
        int exponent;
    } units[] = {{"万", 4},  {"萬", 4},  {"만", 4},  {"亿", 8}, {"億", 8}, {"억", 8},
                 {"兆", 12}, {"조", 12}, {"千", 3},  {"천", 3}, {"百", 2}, {"백", 2},
                 {"ล้าน", 6}, {"แสน", 5}, {"หมื่น", 4}, {"พัน", 3}};
    if (*at >= f->size || (unsigned char)f->text[*at] < 0xE0) return 0;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (ss_accept(f, at, units[i].text)) return units[i].exponent;
    return 0;
}

/* ---- Digits ---------------------------------------------------------------------------------- */

typedef struct group {
    size_t start, end;
    unsigned digits;
    uint32_t mark; /* between it and the next */
} group;

static void push_digit(amount *a, int digit)
{
    if (a->kept < DIGITS_KEPT) {
        a->value = a->value * 10 + (uint64_t)digit;
        a->kept += a->value > 0;
    } else {
        a->exponent++;
    }
}

/* One stretch of digits; *at moves past it. */
static unsigned skip_digits(const ss_finder *f, size_t *at)
{
    unsigned count = 0;
    while (ss_digit_at(f, at) >= 0) count += count < 1000;
    return count;
}

/* A mark that can stand inside a number, with a digit after it; 0: none. */
static uint32_t inner_mark(const ss_finder *f, size_t *at, const group *last)
{
    if (*at >= f->size) return 0;
    size_t next = *at, digit;
    uint32_t c = ss_utf8_next(f->text, f->size, &next);
    bool space = c == ' ' || c == 0xA0 || c == 0x202F || c == 0x2009;
    bool mark = c == '.' || c == ',' || c == '\'' || c == 0x2019 || c == 0x066B || c == 0x066C ||
                c == 0x060C || c == 0xFF0E || c == 0xFF0C;
    digit = next;
    if ((!space && !mark) || ss_digit_at(f, &digit) < 0) return 0;
    if (space) {
        size_t end = next;
        if (last->digits > 3 || skip_digits(f, &end) != 3) return 0;
        if (c == ' ' && f->code[0] && !(f->traits & SS_SPACE_GROUPS)) return 0;
        c = ' ';
    }
    if (c == 0x2019) c = '\'';
    if (c == 0xFF0E) c = '.';
    if (c == 0xFF0C || c == 0x060C) c = ',';
    *at = next;
    return c;
}

static size_t read_groups(const ss_finder *f, size_t at, group *groups)
{
    size_t count = 0;
    while (count < GROUPS_MAX) {
        group *g = &groups[count++];
        *g = (group){at, at, 0, 0};
        g->digits = skip_digits(f, &g->end);
        at = g->end;
        g->mark = inner_mark(f, &at, g);
        if (!g->mark) break;
        if (count == GROUPS_MAX) g->mark = 0;
    }
    return count;
}

/* How many groups, from the first, are thousands: 12,345,678 or, in India, 1,23,45,678. */
static size_t thousands(const group *g, size_t count)
{
    size_t n = 1;
    if (g[0].digits > 3 || !g[0].mark) return 1;
    while (n < count && g[n].digits == 3 && g[n - 1].mark == g[0].mark) n++;
    if (n > 1 || g[0].mark != ',' || g[0].digits > 2) return n;
    while (n < count && g[n].digits == 2 && g[n - 1].mark == ',') n++;
    return n > 1 && n < count && g[n].digits == 3 && g[n - 1].mark == ',' ? n + 1 : 1;
}

/* "1.200" is 1200, but one and a fifth where ... `scaled` says that a scale or percent sign
 * follows. */
static bool one_mark_is_decimal(const ss_finder *f, const group *g, bool scaled)
{
    size_t at = g[0].start;
    if (g[0].mark == ' ' || g[0].mark == '\'' || g[0].mark == 0x066C) return false;
    if (g[0].mark == 0x066B) return true;
    if (g[1].digits != 3) return true;
    if (g[0].digits == 1 && ss_digit_at(f, &at) == 0) return true; /* 0,125 */
    if (g[0].mark == '.')
        return f->code[0] && !(f->traits & SS_COMMA_DECIMAL) && !ss_language_among(f, "es");
    return scaled && f->traits & SS_COMMA_DECIMAL;
}

/* Which groups are whole thousands, which is the decimals; returns how many belong to the number.
 */
static size_t layout(const ss_finder *f, const group *g, size_t count, bool scaled, bool *decimals)
{
    size_t n = thousands(g, count);
    *decimals = false;
    if (n == 1) {
        if (count == 2 || (count > 2 && g[1].mark != g[0].mark))
            *decimals = one_mark_is_decimal(f, g, scaled);
        return *decimals ? 2 : 1;
    }
    if (n == 2 && one_mark_is_decimal(f, g, scaled)) {
        *decimals = true;
        return 2;
    }
    if (n < count && g[n - 1].mark != g[0].mark && g[n - 1].mark != ' ') {
        *decimals = true;
        return n + 1;
    }
    return n;
}

static void read_value(const ss_finder *f, const group *g, size_t count, bool decimals, amount *a)
{
    for (size_t k = 0; k < count; k++) {
        size_t at = g[k].start;
        bool fraction = decimals && k + 1 == count;
        for (int d; at < g[k].end && (d = ss_digit_at(f, &at)) >= 0;) {
            if (fraction && a->kept >= DIGITS_KEPT) break;
            push_digit(a, d);
            if (!fraction) continue;
            a->decimals++;
            a->exponent--;
        }
    }
    a->grouped = count > 1u + decimals;
}

/* ---- What stands around the digits ----------------------------------------------------------- */

static bool starts_with(const char *word, size_t size, const char *what)
{
    size_t length = strlen(what);
    return size >= length && memcmp(word, what, length) == 0;
}

/* The word that begins at `at`, or count. */
static size_t word_beginning(const ss_finder *f, size_t i, size_t at)
{
    i = ss_word_at(f, i, at);
    return i < f->words->count && f->words->items[i].start == at ? i : f->words->count;
}

static bool percent_after(const ss_finder *f, size_t i, size_t *at)
{
    size_t next = *at;
    ss_skip_spaces(f, &next);
    if (ss_accept(f, &next, "%") || ss_accept(f, &next, "٪") || ss_accept(f, &next, "％")) {
        *at = next;
        return true;
    }
    if (next < f->size && f->text[next] == '-') next++; /* 5-prozentig */
    size_t word = word_beginning(f, i, next);
    if (word == f->words->count) return false;
    const ss_word *w = &f->words->items[word];
    for (const char *const *p = percents; *p; p++)
        if (starts_with(w->folded, w->folded_size, *p)) {
            *at = w->run ? w->start + strlen(*p) : w->end;
            if (*at > w->end) *at = w->end;
            return true;
        }
    char pair[64];
    const ss_word *second = w + 1;
    if (word + 1 >= f->words->count || w->folded_size + second->folded_size + 2u > sizeof pair)
        return false;
    memcpy(pair, w->folded, w->folded_size);
    pair[w->folded_size] = ' ';
    memcpy(pair + w->folded_size + 1, second->folded, second->folded_size);
    size_t size = w->folded_size + 1u + second->folded_size;
    for (const char *const *p = percent_pairs; *p; p++)
        if (strlen(*p) == size && memcmp(*p, pair, size) == 0) {
            *at = second->end;
            return true;
        }
    return false;
}

static bool ends_with(const ss_finder *f, size_t at, const char *what)
{
    size_t size = strlen(what);
    while (at > 0 && f->text[at - 1] == ' ') at--;
    return at >= size && memcmp(f->text + at - size, what, size) == 0;
}

static bool percent_before(const ss_finder *f, size_t i, size_t start)
{
    if (start && f->text[start - 1] == '%') return true;
    return ends_with(f, start, "ร้อยละ") || ends_with(f, start, "百分之") ||
           (i > 0 && ss_word_among(f, i - 1, "yuzde"));
}

/* 10:30, 19.30 Uhr, 7h30 */
static bool is_time(const ss_finder *f, size_t i, const group *g, size_t count, size_t end)
{
    size_t at = end, two;
    if (g[0].digits > 2) return false;
    if (g[0].start && f->text[g[0].start - 1] == ':') return true;
    if (ss_accept(f, &at, ":") || ss_accept(f, &at, "h") || ss_accept(f, &at, "：") ||
        ss_accept(f, &at, "時") || ss_accept(f, &at, "点") || ss_accept(f, &at, "시")) {
        two = at;
        if (skip_digits(f, &two) == 2) return true;
    }
    at = end;
    ss_skip_spaces(f, &at);
    size_t word = word_beginning(f, i, at);
    return ss_word_among(f, word, "uhr hrs uur am pm wib น") ||
           (count == 2 && g[0].mark == '.' && g[1].digits == 2 && i > 0 &&
            ss_word_among(f, i - 1, "um kl klo klockan pukul ore alle at o saat"));
}

/* The scale words after a number; returns the exponent, and moves *at past them. */
static int scale_after(const ss_finder *f, size_t i, size_t *at)
{
    int exponent = 0;
    for (unsigned n = 0; n < 3; n++) {
        size_t next = *at;
        ss_skip_spaces(f, &next);
        int unit = unit_at(f, &next);
        if (!unit) {
            if (n == 0 && next < f->size && f->text[next] == '-') next++; /* 5-million */
            size_t word = word_beginning(f, i, next);
            if (word == f->words->count || f->words->items[word].digits) break;
            const ss_word *w = &f->words->items[word];
            bool letter = w->folded_size == 1; /* m, k, b must stand against the digits */
            unit = letter ? 0 : scale_of(f, w->folded, w->folded_size);
            next = w->end;
        }
        if (!unit || (n > 0 && exponent > 5)) break;
        exponent += unit;
        *at = next;
    }
    return exponent;
}

/* "1.2m", "5bn", "50년", "34억": letters against the digits. Returns false if it is a version
 * ("6rc1"). */
static bool glued_tail(const ss_finder *f, const ss_word *w, size_t *at, amount *a)
{
    char tail[16];
    size_t size = 0;
    for (size_t k = *at; k < w->end; k++) {
        char c = f->text[k];
        if (c >= '0' && c <= '9') return false;
        if (size < sizeof tail) tail[size++] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    int exponent = w->end - *at <= sizeof tail ? scale_of(f, tail, size) : 0;
    if (exponent) {
        a->exponent += exponent;
        a->scaled = true;
    }
    *at = w->end;
    return true;
}

/* 156円90銭 */
static void add_sen(const ss_finder *f, size_t *at, amount *a)
{
    size_t next = *at, digits;
    if (a->decimals || !ss_accept(f, &next, "円")) return;
    digits = next;
    if (skip_digits(f, &next) != 2) return;
    size_t end = next;
    if (!ss_accept(f, &next, "銭")) return;
    while (digits < end) push_digit(a, ss_digit_at(f, &digits));
    a->exponent -= 2;
    a->decimals = 2;
    *at = next;
}

/* Days, months, hours and the like, counted from one: no amounts. */
static bool is_ordinal_unit(const ss_finder *f, size_t at)
{
    static const char *const units[] = {"日", "月", "時", "时", "点", "號",
                                        "号", "일", "월", "시", NULL};
    for (const char *const *u = units; *u; u++)
        if (ss_accept(f, &at, *u)) return !ss_accept(f, &at, "間") && !ss_accept(f, &at, "간");
    return false;
}

static void align(amount *a, int exponent)
{
    while (a->exponent > exponent && a->value < UINT64_C(1000000000000000)) {
        a->value *= 10;
        a->exponent--;
    }
}

/* Adds what follows in "1億2000万", "5조7천억": a smaller amount with a scale of its own. */
static void add_compound(const ss_finder *f, size_t *at, amount *a, int exponent)
{
    for (unsigned n = 0; n < 3; n++) {
        size_t next = *at, start;
        if (f->code[0] == 'k') ss_skip_spaces(f, &next);
        amount part = {0};
        start = next;
        if (skip_digits(f, &next) == 0 || next - start > 8) return;
        for (size_t k = start; k < next;) push_digit(&part, ss_digit_at(f, &k));
        int unit = unit_at(f, &next), more;
        if (unit && unit < exponent && (more = unit_at(f, &next)) != 0) unit += more;
        if (!unit || unit >= exponent) return;
        part.exponent = exponent = unit;
        align(a, part.exponent);
        align(&part, a->exponent);
        if (a->exponent != part.exponent) return;
        a->value += part.value;
        *at = next;
    }
}

/* ---- Anchors --------------------------------------------------------------------------------- */

/* Rounds to three digits; trailing zeros go into the exponent. */
static void three_digits(const amount *a, uint64_t *digits, int *exponent)
{
    uint64_t v = a->value;
    int e = a->exponent;
    unsigned dropped = 0;
    while (v >= 1000) {
        dropped = (unsigned)(v % 10);
        v /= 10;
        e++;
    }
    v += dropped >= 5;
    while (v && v % 10 == 0) {
        v /= 10;
        e++;
    }
    *digits = v;
    *exponent = v ? e : 0;
}

/* Writes digits x 10^exponent, -12 <= exponent <= 6, with commas between thousands. */
static size_t print_decimal(uint64_t digits, int exponent, char *out, size_t capacity)
{
    char plain[48];
    while (exponent > 0) {
        digits *= 10;
        exponent--;
    }
    while (exponent < 0 && digits % 10 == 0) {
        digits /= 10;
        exponent++;
    }
    int size = snprintf(plain, sizeof plain, "%0*llu", 1 - exponent, (unsigned long long)digits);
    int whole = size + exponent;
    size_t used = 0;
    for (int i = 0; i < size && used + 2 < capacity; i++) {
        if (i == whole)
            out[used++] = '.';
        else if (i > 0 && i < whole && (whole - i) % 3 == 0)
            out[used++] = ',';
        out[used++] = plain[i];
    }
    return used;
}

/* "1.2 million", "3,940", "6.9", "12 %" */
static size_t print_amount(const amount *a, uint64_t digits, int exponent, char *out,
                           size_t capacity)
{
    static const char *const names[] = {" million", " billion", " trillion"};
    int size = 0;
    for (uint64_t v = digits; v; v /= 10) size++;
    const char *unit = a->percent ? " %" : "";
    size_t used;
    if (size + exponent > 6) {
        int step = (size + exponent - 7) / 3;
        if (step > 2) step = 2;
        if (exponent - 6 - 3 * step > 6)
            return (size_t)snprintf(out, capacity, "%llue%d", (unsigned long long)digits, exponent);
        used = print_decimal(digits, exponent - 6 - 3 * step, out, capacity - 16);
        unit = names[step];
    } else if (a->exponent >= -6 && a->value < 100000000) {
        /* as written */
        if (!a->grouped && !a->scaled && !a->exponent && a->value < 10000)
            used = (size_t)snprintf(out, capacity - 16, "%u", (unsigned)a->value);
        else
            used = print_decimal(a->value, a->exponent, out, capacity - 16);
    } else if (exponent >= -12) {
        used = print_decimal(digits, exponent, out, capacity - 16);
    } else {
        return 0;
    }
    memcpy(out + used, unit, strlen(unit));
    return used + strlen(unit);
}

/* The more digits, the rarer; a round number is said of many things. */
static double rarity(const amount *a, uint64_t digits, int exponent)
{
    bool whole = exponent >= 0;
    double magnitude = digits >= 100 ? 3 : digits >= 10 ? 2 : 1;
    if (a->percent) return whole && magnitude < 2 ? 1.4 : whole ? 1.7 : 2.3;
    if (!whole) return magnitude > 2 ? 2.4 : 1.8;
    bool year = !a->scaled && !a->grouped && !a->decimals && a->value >= 1800 && a->value < 1990;
    if (year) return 1.4;
    bool small = !a->scaled && ((digits < 100 && exponent == 0) || (digits < 10 && exponent == 1));
    if (small) return 1.0;
    return magnitude > 2 ? 2.6 : magnitude > 1 ? 2.0 : 1.4;
}

static bool says_nothing(const amount *a, unsigned first_digits)
{
    if (a->percent || a->scaled) return a->value == 0 && !a->percent;
    if (a->decimals) return a->value == 0;
    if (a->exponent > 0) return false;
    if (a->value < 10) return true;
    return !a->grouped && first_digits == 4 && a->value >= 1990 && a->value <= 2030;
}

static void add_amount(ss_finder *f, size_t i, const amount *a, double factor)
{
    uint64_t digits;
    int exponent;
    char text[64];
    three_digits(a, &digits, &exponent);
    int32_t normal[3] = {(int32_t)digits, exponent, a->percent};
    size_t size = print_amount(a, digits, exponent, text, sizeof text);
    ss_add_anchor(f, SS_ANCHOR_NUMBER, (uint32_t)XXH3_64bits(normal, sizeof normal),
                  factor * rarity(a, digits, exponent), 0, i, text, size);
}

/* A word of letters and digits as it stands: version, flight, case, model. */
static void add_literal(ss_finder *f, unsigned type, size_t i, size_t start, size_t end,
                        double weight)
{
    char text[LITERAL_MAX];
    size_t size = 0;
    for (size_t k = start; k < end && size < sizeof text; k++) {
        char c = f->text[k];
        if ((unsigned char)c >= 0x80) return;
        text[size++] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    if (end - start > sizeof text) return;
    ss_add_anchor(f, type, (uint32_t)XXH3_64bits(text, size), weight,
                  type == SS_ANCHOR_NAME ? SS_ANCHOR_CAPITAL : 0, i, text, size);
}

/* ---- One number ------------------------------------------------------------------------------ */

/* Reads the number that begins with word i; returns the byte after it. */
static size_t number_at(ss_finder *f, size_t i)
{
    group g[GROUPS_MAX];
    amount a = {0};
    size_t start = f->words->items[i].start;
    size_t count = read_groups(f, start, g);
    size_t end = g[count - 1].end;
    size_t last = i;
    while (last + 1 < f->words->count && f->words->items[last + 1].start < end) last++;
    const ss_word *w = &f->words->items[last];
    size_t at = end;
    bool scaled = scale_after(f, last, &at) || percent_after(f, last, &at);
    bool decimals, plain_dots = true;
    for (size_t k = 0; k + 1 < count; k++) plain_dots = plain_dots && g[k].mark == '.';
    size_t used = layout(f, g, count, scaled, &decimals);
    if (used < count) {
        if (used == 1 && plain_dots && count > 2) { /* 7.6.1 */
            add_literal(f, SS_ANCHOR_NUMBER, i, start, w->end, 2.4);
            return w->end;
        }
        end = g[used - 1].end;
        last = ss_word_at(f, i, g[used].start) - 1;
        w = &f->words->items[last];
    }
    read_value(f, g, used, decimals, &a);
    at = end;
    bool clock = is_time(f, i, g, used, end) || is_ordinal_unit(f, end) ||
                 (i > 0 && a.value <= 12 && ss_word_among(f, i - 1, "thang"));
    int exponent = scale_after(f, last, &at);
    if (!exponent) add_sen(f, &at, &a);
    if (exponent) {
        a.exponent += exponent;
        a.scaled = true;
        add_compound(f, &at, &a, exponent);
    } else if (w->end > end && !glued_tail(f, w, &at, &a)) {
        add_literal(f, SS_ANCHOR_NUMBER, i, start, w->end, 2.4);
        return w->end;
    }
    a.percent = percent_after(f, last, &at) || percent_before(f, i, start);
    if (clock && !a.percent && !a.scaled) return at;
    if (!says_nothing(&a, g[0].digits)) add_amount(f, i, &a, 1.0);
    return at;
}

/* A number in letters, with a scale ("five billion"), or alone from eleven on. */
static size_t spelled_number(ss_finder *f, size_t i)
{
    const ss_word *w = &f->words->items[i];
    int value = ss_finder_lexicon(f, f->hash[i], SS_LEX_NUMBER);
    if (!value || !f->code[0]) return 0;
    if (i > 0 && ss_gap_before(f, i) == SS_GAP_HYPHEN) return 0; /* the end of "quatre-vingts" */
    size_t at = w->end, last = i;
    if (value >= 20 && value % 10 == 0) {
        size_t next = i + 1;
        if (ss_word_among(f, next, "y et e si and og och i und")) next++;
        ss_gap gap = next < f->words->count ? ss_gap_before(f, next) : SS_GAP_OTHER;
        int more = gap == SS_GAP_SPACE || gap == SS_GAP_HYPHEN
                       ? ss_finder_lexicon(f, f->hash[next], SS_LEX_NUMBER)
                       : 0;
        if (more >= 2 && more <= 9) {
            value += more;
            at = f->words->items[next].end;
            last = next;
        }
    }
    amount a = {.value = (uint64_t)value, .kept = 2};
    int exponent = scale_after(f, last, &at);
    a.exponent = exponent;
    a.scaled = exponent > 0;
    a.percent = percent_after(f, last, &at);
    if (!a.scaled && !a.percent && value < 11) return 0;
    add_amount(f, i, &a, a.scaled || a.percent ? 1.0 : 0.8);
    return at;
}

/* "MH370", "CVE-2014-3470", "COVID-19": returns the byte after it, or 0. */
static size_t code_at(ss_finder *f, size_t i)
{
    size_t last = i, letters = 0, digits = 0, upper = 0;
    const ss_word *w = &f->words->items[i];
    while (last + 1 < f->words->count && ss_gap_before(f, last + 1) == SS_GAP_HYPHEN &&
           f->words->items[last + 1].digits && last < i + 3)
        last++;
    size_t end = f->words->items[last].end;
    if ((last == i && !w->digits) || end - w->start > LITERAL_MAX) return 0;
    for (size_t k = w->start; k < end; k++) {
        char c = f->text[k];
        if ((unsigned char)c >= 0x80) return 0;
        digits += c >= '0' && c <= '9';
        upper += c >= 'A' && c <= 'Z';
        letters += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }
    if (!letters || !digits || letters + digits < 3) return end;
    bool code = upper == letters && digits >= 3;
    add_literal(f, code ? SS_ANCHOR_LINK : SS_ANCHOR_NAME, i, w->start, end, code ? 3.0 : 2.2);
    return end;
}

void ss_find_numbers(ss_finder *f)
{
    for (size_t i = 0; i < f->words->count; i++) {
        const ss_word *w = &f->words->items[i];
        size_t end = 0;
        if (f->used[i] || w->run) continue;
        if (ss_starts_with_digit(f, i))
            end = number_at(f, i);
        else if (w->digits)
            end = code_at(f, i);
        else if (i + 1 < f->words->count && f->words->items[i + 1].digits &&
                 w->letter_case >= SS_CAPITAL)
            end = code_at(f, i);
        if (!end && !w->digits) end = spelled_number(f, i);
        for (; end && i < f->words->count && f->words->items[i].start < end; i++) f->used[i] = 1;
        if (end) i--;
    }
}
