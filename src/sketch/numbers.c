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

static const double DERIVED_FACTOR = 0.4; /* of the weight, for a form that was not written */

/* value x 10^exponent */
typedef struct amount {
    uint64_t value;
    int exponent;
    unsigned kept;     /* digits in value */
    unsigned decimals; /* digits written after the decimal mark */
    bool percent, scaled, grouped;
    uint64_t worth; /* of the unit after it: see ss_unit_worth */
} amount;

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
    size_t word = ss_word_beginning(f, i, at);
    return ss_word_among(f, word, "uhr hrs uur am pm wib น") ||
           (count == 2 && g[0].mark == '.' && g[1].digits == 2 && i > 0 &&
            ss_word_among(f, i - 1, "um kl klo klockan pukul ore alle at o saat"));
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
    int exponent = w->end - *at <= sizeof tail ? ss_scale_of(f, tail, size) : 0;
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
    static const char *const units[] = {"日", "月", "時", "时", "点", "號", "号", "일",
                                        "월", "시", "分", "秒", "분", "초", NULL};
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

static void add_to(amount *sum, amount part)
{
    if (sum->value == 0) sum->exponent = part.exponent;
    align(sum, part.exponent);
    align(&part, sum->exponent);
    if (sum->exponent == part.exponent) sum->value += part.value;
}

/* "1億2000万", "5조7천억", "4천300", "3 พันล้าน": *a holds the first digits, *at stands after them.
 * Small units (百, 千) count within what the next large one (万, 億) multiplies. False if no unit
 * follows. */
static bool read_units(const ss_finder *f, size_t *at, amount *a)
{
    amount total = {0}, section = {0}, part = *a;
    bool korean = strcmp(f->code, "ko") == 0, any = false;
    size_t next = *at;
    if (korean || strcmp(f->code, "th") == 0) ss_skip_spaces(f, &next);
    for (unsigned n = 0; n < 8; n++) {
        int unit = ss_unit_at(f, &next);
        if (!unit) break;
        any = true;
        for (; unit && unit < 4; unit = ss_unit_at(f, &next)) part.exponent += unit;
        add_to(&section, part);
        part = (amount){0};
        bool large = unit != 0;
        for (; unit; unit = ss_unit_at(f, &next)) section.exponent += unit;
        if (large) {
            add_to(&total, section);
            section = (amount){0};
        }
        *at = next;
        if (korean && large) ss_skip_spaces(f, &next);
        bool spaced = next != *at;
        size_t digits = next;
        if (!skip_digits(f, &next) || next - digits > 8) break;
        while (digits < next) push_digit(&part, ss_digit_at(f, &digits));
        size_t ahead = next;
        if (ss_unit_at(f, &ahead)) continue;
        if (!spaced) { /* 4천300 */
            add_to(&section, part);
            *at = next;
        }
        break;
    }
    if (!any) return false;
    add_to(&total, section);
    a->value = total.value;
    a->exponent = total.exponent;
    a->scaled = true;
    return true;
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
    if (small) return 0.9;
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

/* Adds what `a`, written as `text`, is in two digits, or in other units. */
static void add_derived(ss_finder *f, ss_place place, const amount *a, bool converted,
                        const char *text, size_t size)
{
    uint64_t digits, last = 0;
    int exponent;
    three_digits(a, &digits, &exponent);
    for (unsigned keep = converted ? 3 : 2; keep >= 2; keep--) {
        if (keep == 2 && digits >= 100) {
            amount two = {.value = (digits + 5) / 10, .exponent = exponent + 1};
            three_digits(&two, &digits, &exponent);
        }
        if (digits == last) break;
        last = digits;
        int32_t normal[3] = {(int32_t)digits, exponent, a->percent};
        ss_add_anchor(f, SS_ANCHOR_NUMBER, (uint32_t)XXH3_64bits(normal, sizeof normal),
                      DERIVED_FACTOR * rarity(a, digits, exponent), SS_ANCHOR_DERIVED, place, text,
                      size);
    }
}

/* 1,874 is "1,900" elsewhere, 12.4 % is 12 %, ten miles are 16 km; worth: see ss_unit_worth. */
static void add_other_forms(ss_finder *f, ss_place place, const amount *a, uint64_t worth,
                            const char *text, size_t size)
{
    enum { LARGEST = 1000000000, LEAST_ROUNDED = 1000 };
    if (worth && a->value <= LARGEST) {
        amount metric = *a;
        metric.value *= worth;
        metric.exponent -= 6;
        metric.percent = false;
        if (metric.value) add_derived(f, place, &metric, true, text, size);
    }
    bool year = !a->scaled && !a->grouped && !a->decimals && a->value < 2100;
    if (a->scaled || (a->percent && a->decimals) ||
        (!a->decimals && a->value >= LEAST_ROUNDED && !year))
        add_derived(f, place, a, false, text, size);
}

static void add_amount(ss_finder *f, ss_place place, const amount *a, double factor)
{
    uint64_t digits;
    int exponent;
    char text[64];
    three_digits(a, &digits, &exponent);
    int32_t normal[3] = {(int32_t)digits, exponent, a->percent};
    size_t size = print_amount(a, digits, exponent, text, sizeof text);
    ss_add_anchor(f, SS_ANCHOR_NUMBER, (uint32_t)XXH3_64bits(normal, sizeof normal),
                  factor * rarity(a, digits, exponent), 0, place, text, size);
    if (digits >= 100 || a->worth) add_other_forms(f, place, a, a->worth, text, size);
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
        if (c == ' ') continue; /* LH 716 is LH716 */
        text[size++] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    if (end - start > sizeof text) return;
    ss_add_anchor(f, type, (uint32_t)XXH3_64bits(text, size), weight,
                  type == SS_ANCHOR_NAME ? SS_ANCHOR_CAPITAL : 0,
                  (ss_place){f->words->items[i].start, (uint32_t)end}, text, size);
}

/* "2-3 million", "20 bis 30 Prozent": what the first of two numbers takes from the second. */
static void take_from_second(const ss_finder *f, size_t i, size_t at, amount *a)
{
    static const char *const marks[] = {"-",  "–",  "—",    "~", "～", "〜",
                                        "至", "到", "から", "∼", NULL};
    bool any = false;
    ss_skip_spaces(f, &at);
    for (const char *const *m = marks; *m && !any; m++) any = ss_accept(f, &at, *m);
    size_t word = ss_word_beginning(f, i, at);
    if (!any && ss_word_among(f, word, "to bis tot den a do til till es и до hingga sampai"))
        any = true, at = f->words->items[word].end;
    ss_skip_spaces(f, &at);
    if (!any || at >= f->size || !skip_digits(f, &at)) return;
    while (at < f->size && (f->text[at] == '.' || f->text[at] == ',')) {
        at++;
        if (!skip_digits(f, &at)) return;
    }
    i = ss_word_at(f, i, at); /* the word after the second number */
    size_t last = i > 0 ? i - 1 : 0, end = at;
    int exponent = ss_scale_after(f, last, &end);
    for (int unit = exponent ? 0 : ss_unit_at(f, &end); unit; unit = ss_unit_at(f, &end))
        exponent += unit;
    a->exponent += exponent;
    a->scaled = exponent > 0;
    a->percent = ss_percent_after(f, last, &end);
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
    bool scaled =
        ss_unit_at(f, &at) || ss_scale_after(f, last, &at) || ss_percent_after(f, last, &at);
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
    if (clock && !ss_percent_after(f, last, &at)) return w->end > at ? w->end : at;
    int exponent = 0;
    if (!read_units(f, &at, &a) && (exponent = ss_scale_after(f, last, &at)) != 0) {
        a.exponent += exponent;
        a.scaled = true;
    } else if (!a.scaled && w->end > end && !glued_tail(f, w, &at, &a)) {
        add_literal(f, SS_ANCHOR_NUMBER, i, start, w->end, 2.4);
        return w->end;
    }
    if (!a.scaled) add_sen(f, &at, &a);
    size_t unit_at = at;
    a.percent = ss_percent_after(f, last, &at) || ss_percent_before(f, i, start);
    if (!a.percent && !a.scaled && !a.grouped) take_from_second(f, last, at, &a);
    bool dotted = decimals && used == 2 && g[0].mark == '.';
    if (dotted && a.value % 10 == 0 && !a.percent && !a.scaled) /* 8.10 may be no 8.1 */
        add_literal(f, SS_ANCHOR_NUMBER, i, start, end, 2.0);
    if (!a.percent)
        a.worth = ss_unit_worth(f, last, unit_at, a.decimals || (a.value < 10 && !a.scaled));
    ss_place place = {(uint32_t)start, (uint32_t)at};
    if (!says_nothing(&a, g[0].digits))
        add_amount(f, place, &a, 1.0);
    else if (a.worth && a.value > 1)
        add_other_forms(f, place, &a, a.worth, f->text + start, end - start);
    return at;
}

/* "3-2", "3:2", "6–4": the larger first, whoever won. Returns the byte after it, or 0. */
static size_t score_at(ss_finder *f, size_t i)
{
    static const char *const marks[] = {"-", "–", ":", "―", "－", "−", "‑", "—", "：", "対", "比"};
    size_t start = f->words->items[i].start, at = start, end;
    char before = start ? f->text[start - 1] : ' ';
    int left = ss_digit_at(f, &at), right = -1;
    if (before == '.' || before == ',' || before == '-' || before == ':' || before == '/') return 0;
    for (size_t k = 0; right < 0 && k < sizeof marks / sizeof *marks; k++) {
        end = at;
        if (ss_accept(f, &end, marks[k])) right = ss_digit_at(f, &end);
    }
    if (left < 0 || right < 0) return 0;
    at = end;
    if (ss_digit_at(f, &at) >= 0) return 0;
    if (end < f->size && strchr(".,:/-", f->text[end]) && f->text[end]) {
        at = end + 1;
        if (ss_digit_at(f, &at) >= 0) return 0;
    }
    at = end;
    if (ss_percent_after(f, i, &at) || ss_scale_after(f, i, &at) || ss_unit_at(f, &at)) return 0;
    char text[8];
    int size = snprintf(text, sizeof text, "%d-%d", left > right ? left : right,
                        left > right ? right : left);
    ss_add_anchor(f, SS_ANCHOR_NUMBER, (uint32_t)XXH3_64bits(text, (size_t)size), 0.9, 0,
                  (ss_place){(uint32_t)start, (uint32_t)end}, text, (size_t)size);
    return end;
}

/* A number in letters, with a scale ("five billion"), or alone from eleven on. */
static size_t spelled_number(ss_finder *f, size_t i)
{
    const ss_word *w = &f->words->items[i];
    int value = ss_finder_word(f, i, SS_LEX_NUMBER);
    if (!value || !f->code[0]) return 0;
    if (i > 0 && ss_gap_before(f, i) == SS_GAP_HYPHEN) return 0; /* the end of "quatre-vingts" */
    size_t at = w->end, last = i;
    if (value >= 20 && value % 10 == 0) {
        size_t next = i + 1;
        if (ss_word_among(f, next, "y et e si and og och i und")) next++;
        ss_gap gap = next < f->words->count ? ss_gap_before(f, next) : SS_GAP_OTHER;
        int more = gap == SS_GAP_SPACE || gap == SS_GAP_HYPHEN
                       ? ss_finder_word(f, next, SS_LEX_NUMBER)
                       : 0;
        if (more >= 2 && more <= 9) {
            value += more;
            at = f->words->items[next].end;
            last = next;
        }
    }
    amount a = {.value = (uint64_t)value, .kept = 2};
    int exponent = ss_scale_after(f, last, &at);
    a.exponent = exponent;
    a.scaled = exponent > 0;
    a.percent = ss_percent_after(f, last, &at);
    if (!a.scaled && !a.percent && value < 11) return 0;
    add_amount(f, (ss_place){w->start, (uint32_t)at}, &a, a.scaled || a.percent ? 1.0 : 0.8);
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

/* ---- Chinese characters ---------------------------------------------------------------------- */

static const struct han_unit {
    const char *text;
    uint64_t worth;
} han_units[] = {{"十", 10},    {"百", 100},       {"千", 1000},     {"万", 10000},
                 {"萬", 10000}, {"亿", 100000000}, {"億", 100000000}};

void ss_mark_amounts(ss_marks *marks)
{
    ss_mark_all(marks, "零一二三四五六七八九两", SS_MARK_AMOUNT); /* as ss_han_digit has them */
    for (size_t k = 0; k < sizeof han_units / sizeof *han_units; k++)
        ss_mark_all(marks, han_units[k].text, SS_MARK_AMOUNT);
}

/* 一百二十, 三千二百万: what it is worth, or 0 for what is no number of more than one digit; moves
 * *at past it. */
static uint64_t han_amount(const char *text, size_t size, size_t *at)
{
    const struct han_unit *units = han_units;
    const size_t unit_count = sizeof han_units / sizeof *han_units;
    enum { LARGE = 10000, NONE = -1 };
    uint64_t total = 0, section = 0;
    int digit = NONE;
    bool told = false, scaled = false;
    while (*at + 3 <= size) {
        int d = ss_han_digit(text, size, at);
        if (d >= 0) {
            if (digit > 0) return 0; /* 二〇二五 */
            digit = d;
            told = told || d > 0;
            continue;
        }
        size_t k = 0;
        while (k < unit_count && memcmp(text + *at, units[k].text, 3) != 0) k++;
        if (k == unit_count || total > LARGE * (uint64_t)units[k].worth) break;
        *at += 3;
        scaled = true;
        if (units[k].worth >= LARGE) {
            total += (section + (digit > 0 ? (uint64_t)digit : 0)) * units[k].worth;
            section = 0;
        } else {
            section += (digit > 0 ? (uint64_t)digit : 1) * units[k].worth;
        }
        digit = NONE;
    }
    return told && scaled ? total + section + (digit > 0 ? (uint64_t)digit : 0) : 0;
}

static void amounts_in_run(ss_finder *f, size_t i)
{
    static const char *const before[] = {"第", "初"}, *const after[] = {"月", "日", "号", "時",
                                                                        "时", "点", "嵐"};
    static const char percent[] = "百分之";
    const ss_word *w = &f->words->items[i];
    if (w->script != SS_SCRIPT_HAN && w->script != SS_SCRIPT_KANA) return;
    for (size_t at = 0; at + 6 <= w->folded_size;) {
        size_t begin = at, size = w->folded_size;
        if (!(ss_marks_at(f, w->folded + at) & SS_MARK_AMOUNT)) {
            at++;
            continue;
        }
        uint64_t value = han_amount(w->folded, size, &at);
        if (at == begin) {
            at++;
            continue;
        }
        bool amount_of_things = value > 10;
        for (size_t k = 0; k < sizeof before / sizeof *before; k++)
            if (begin >= 3 && memcmp(w->folded + begin - 3, before[k], 3) == 0)
                amount_of_things = false;
        for (size_t k = 0; k < sizeof after / sizeof *after; k++)
            if (at + 3 <= size && memcmp(w->folded + at, after[k], 3) == 0)
                amount_of_things = false;
        if (!amount_of_things) continue;
        amount a = {.value = value, .kept = 2, .scaled = value >= 10000};
        a.percent = begin >= sizeof percent - 1 && memcmp(w->folded + begin - (sizeof percent - 1),
                                                          percent, sizeof percent - 1) == 0;
        add_amount(f, ss_place_in_run(f, i, w->folded + begin, at - begin), &a, 0.8);
    }
}

/* "Flug LH 716", "flight VN 30": the code of a flight, with a space in it. */
static size_t flight_at(ss_finder *f, size_t i)
{
    static const char flights[] =
        "flight flug vlucht vol vuelo volo voo flyg bay рейс рейса рейсом "
        "penerbangan lento lot let seferi رحله";
    const ss_word *w = &f->words->items[i];
    if (i == 0 || i + 1 >= f->words->count || w->letter_case != SS_UPPER || w->folded_size != 2 ||
        ss_gap_before(f, i + 1) != SS_GAP_SPACE || !ss_starts_with_digit(f, i + 1) ||
        w[1].end - w[1].start > 4 || !ss_word_among(f, i - 1, flights))
        return 0;
    bool code = w[1].end - w[1].start >= 3; /* as code_at has it */
    add_literal(f, code ? SS_ANCHOR_LINK : SS_ANCHOR_NAME, i, w->start, w[1].end, code ? 3.0 : 2.2);
    return w[1].end;
}

void ss_find_numbers(ss_finder *f)
{
    for (size_t i = 0; i < f->words->count; i++) {
        const ss_word *w = &f->words->items[i];
        size_t end = 0;
        if (f->quiet[i] & SS_QUIET_NUMBERS || f->used[i]) continue;
        if (w->run) {
            amounts_in_run(f, i);
            ss_ordinals_in_run(f, i);
            continue;
        }
        if (ss_starts_with_digit(f, i)) {
            end = score_at(f, i);
            if (!end) end = ss_ordinal_in_digits(f, i);
            if (!end) end = number_at(f, i);
        } else if (w->digits) {
            if (w->script == SS_SCRIPT_HANGUL) end = ss_ordinal_in_digits(f, i);
            if (!end) end = code_at(f, i);
        } else if (i + 1 < f->words->count && f->words->items[i + 1].digits &&
                   w->letter_case >= SS_CAPITAL) {
            end = flight_at(f, i);
            if (!end) end = code_at(f, i);
        }
        if (!end && !w->digits) end = ss_ordinal_in_letters(f, i);
        if (!end && !w->digits) end = spelled_number(f, i);
        for (; end && i < f->words->count && f->words->items[i].start < end; i++) f->used[i] = 1;
        if (end) i--;
    }
}
