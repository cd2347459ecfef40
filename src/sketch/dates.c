/* Stage anchors, dates. Comes in: the words. Goes out: days of the year that the text names.
 *
 * A date is read as: a day, perhaps a second day ("12 to 14", "12.-14."), and a month in letters or
 * in digits; or month first ("November 14", "11月14日"). Month names are the model's lexicon
 * (CLDR). The year is left out: reports of an event rarely write it, and never disagree about it.
 * Scores, versions and times look like dates: digits alone must have more that speaks for them. */
#include "sketch/finder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Words between two days of one month, and words that come before a date in digits; folded. */
static const char range_words[] =
    "bis und to and til till tot en et au al a y e do az i po по и до та og och ja es ir un si sa op auf "
    "den va "
    "dan hingga sampai ile ve και εως الى و through until thru zum zu hasta ate la le z и к u";
static const char date_words[] = "am vom den dem zum ab bis seit der ngay sang chieu toi trua hom "
                                 "tu do dne dnia w on del dal il le "
                                 "lo du au el dia op van tot med d с до по от на з від pa fra til "
                                 "tanggal tgl pada od po du ir hari "
                                 "thu nay qua между senin selasa rabu kamis jumat sabtu minggu";
static const char time_words[] =
    "uhr h hrs uur kl klo pukul ore alle um at ore hodin hod godz wib o saat";

/* A number as digits only: value, digits, where they end. */
typedef struct digits {
    int value;
    unsigned count;
    size_t end;
} digits;

static bool read_digits(const ss_finder *f, size_t at, digits *out)
{
    *out = (digits){0, 0, at};
    for (int d; (d = ss_digit_at(f, &at)) >= 0; out->end = at) {
        if (++out->count > 4) return false;
        out->value = out->value * 10 + d;
    }
    return out->count > 0;
}

static bool is_day(const digits *d)
{
    return d->count <= 2 && d->value >= 1 && d->value <= 31;
}

static bool digit_follows(const ss_finder *f, size_t at)
{
    return ss_digit_at(f, &at) >= 0;
}

/* Is there a digit just before `at`, perhaps with a mark between ("3.14.11")? */
static bool digit_precedes(const ss_finder *f, size_t at)
{
    if (at == 0) return false;
    char c = f->text[at - 1];
    if ((c == '.' || c == ',' || c == '/' || c == ':' || c == '-') && at >= 2) c = f->text[at - 2];
    return c >= '0' && c <= '9';
}

/* A day of another year is no day of this report: an anniversary, a precedent, a term to come. */
static bool is_of_another_time(const ss_finder *f, ss_day day)
{
    enum { FAR = 200 };
    if (!f->dated || !day.year || !ss_day_exists(day)) return false;
    int64_t gap = ss_days_of(day) - f->record_days;
    return gap > FAR || gap < -FAR;
}

void ss_add_day(ss_finder *f, size_t i, size_t end, ss_day d, double weight)
{
    static const char names[12][4] = {"jan", "feb", "mar", "apr", "may", "jun",
                                      "jul", "aug", "sep", "oct", "nov", "dec"};
    enum { LEAP_YEAR = 2000 };
    if (!ss_day_exists((ss_day){LEAP_YEAR, d.month, d.day})) return;
    bool other = is_of_another_time(f, d);
    char text[24];
    int size = snprintf(text, sizeof text, "%d %s", d.day, names[d.month - 1]);
    if (other) size = snprintf(text, sizeof text, "%d %s %d", d.day, names[d.month - 1], d.year);
    uint32_t key = (uint32_t)(d.month * 32 + d.day + (other ? d.year * 512 : 0));
    ss_place place = {f->words->items[i].start, (uint32_t)end};
    ss_add_anchor(f, SS_ANCHOR_DATE, key, weight, 0, place, text, (size_t)size);
}

/* The Gregorian day of one in the Persian calendar; without a year, the one nearest to the record.
 */
static ss_day from_persian(const ss_finder *f, ss_day d)
{
    enum { GAP = 621, USUAL_YEAR = 1404 };
    bool told = d.year >= 1300 && d.year <= 1450;
    if (!told) d.year = f->dated ? f->record.year - GAP : USUAL_YEAR;
    int64_t days = ss_days_of_persian(d);
    if (!told && f->dated && days - f->record_days > 182) {
        d.year--;
        days = ss_days_of_persian(d);
    }
    ss_day day = ss_day_of(days);
    if (!told) day.year = 0;
    return day;
}

/* month: 13 to 24 are those of the Persian calendar. */
static void add_date(ss_finder *f, size_t i, size_t end, int year, int month, int day)
{
    ss_day d = {year, month, day};
    if (month > 12) {
        d.month -= 12;
        if (d.month > 12 || day < 1 || day > 31) return;
        d = from_persian(f, d);
    } else {
        f->named_month = month;
    }
    double weight = d.day == 1 && (d.month == 1 || d.month == 5) ? 1.2 : 2.0;
    ss_add_day(f, i, end, d, weight);
}

/* A year of four digits as it is counted where the language is spoken, or 0. In the Persian
 * calendar, it stays. */
static int gregorian_year(const ss_finder *f, const digits *year)
{
    enum { BUDDHIST = 543 };
    if (year->count != 4) return 0;
    if (year->value >= 2400 && year->value < 2700 && strcmp(f->code, "th") == 0)
        return year->value - BUDDHIST;
    if (year->value >= 1300 && year->value <= 1450 && strcmp(f->code, "fa") == 0)
        return year->value;
    return year->value >= 1800 && year->value < 2200 ? year->value : 0;
}

static void use_until(ss_finder *f, size_t i, size_t end)
{
    for (; i < f->words->count && f->words->items[i].start < end; i++) f->used[i] = 1;
}

/* The month that words i.. name, or 0; *end: the byte after it. */
static int month_at(const ss_finder *f, size_t i, size_t *end)
{
    if (i >= f->words->count) return 0;
    const ss_word *w = &f->words->items[i];
    if (w->digits) return 0;
    size_t count = 1;
    int month = ss_finder_phrase(f, i, SS_LEX_MONTH, &count);
    if (month) {
        *end = f->words->items[i + count - 1].end;
        return month;
    }
    if (w->script == SS_SCRIPT_HEBREW &&
        w->folded_size > 4) { /* "in" is written against the month */
        *end = w->end;
        return ss_finder_lexicon(f, ss_folded_hash(w->folded + 2, w->folded_size - 2u),
                                 SS_LEX_MONTH);
    }
    if (!w->run) {
        *end = w->end;
        return w->folded_size >= 6 ? ss_finder_inflected(f, w->folded, w->folded_size, SS_LEX_MONTH)
                                   : 0;
    }
    /* Thai and its like: the run may go on after the month */
    for (size_t size = w->folded_size; size >= 6; size--) {
        if (size < w->folded_size && ((unsigned char)w->folded[size] & 0xC0) == 0x80) continue;
        if (size > 60) continue;
        month = ss_finder_lexicon(f, ss_folded_hash(w->folded, size), SS_LEX_MONTH);
        if (month) {
            *end = w->start + size < w->end ? w->start + size : w->end;
            return month;
        }
    }
    return 0;
}

/* After a day: "." and an ordinal's letters ("14th", "1er", "14-én" is the caller's). */
static void skip_ordinal(const ss_finder *f, size_t *at)
{
    static const char *const endings[] = {"st", "nd", "rd", "th", "er", "re",  "ste", "de",
                                          "te", "º",  "ª",  "o",  "e",  "-го", "-е",  "η"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t next = *at;
        if (!ss_accept(f, &next, endings[i])) continue;
        if (next < f->size && ((unsigned char)f->text[next] >= 0x80 ||
                               (f->text[next] >= 'a' && f->text[next] <= 'z')))
            continue;
        *at = next;
        break;
    }
    if (*at < f->size && f->text[*at] == '.') ++*at;
}

/* "-", "–", "/" or a word between two days: moves *at past it. */
static bool skip_range(const ss_finder *f, size_t i, size_t *at)
{
    size_t next = *at;
    ss_skip_spaces(f, &next);
    if (ss_accept(f, &next, "-") || ss_accept(f, &next, "–") || ss_accept(f, &next, "—") ||
        ss_accept(f, &next, "/") || ss_accept(f, &next, "&")) {
        ss_skip_spaces(f, &next);
        *at = next;
        return digit_follows(f, next);
    }
    for (unsigned tries = 0; tries < 2; tries++) { /* "bis zum" */
        size_t word = ss_word_at(f, i, next);
        if (word >= f->words->count || f->words->items[word].start != next ||
            !ss_word_among(f, word, range_words))
            return false;
        next = f->words->items[word].end;
        ss_skip_spaces(f, &next);
        *at = next;
        if (digit_follows(f, next)) return true;
    }
    return false;
}

/* A month in letters after a day, with "de", "of", "tháng" or the like between. */
static int lettered_month(const ss_finder *f, size_t i, size_t at, size_t *end)
{
    ss_skip_spaces(f, &at);
    for (unsigned links = 0; links < 3; links++) {
        size_t word = ss_word_at(f, i, at);
        if (word >= f->words->count || f->words->items[word].start != at) return 0;
        int month = month_at(f, word, end);
        if (month) return month;
        const ss_word *w = &f->words->items[word];
        if (ss_word_among(f, word, "thang")) {
            size_t number = w->end;
            digits m;
            ss_skip_spaces(f, &number);
            if (!read_digits(f, number, &m) || m.count > 2 || m.value > 12) return 0;
            *end = m.end;
            return m.value;
        }
        if (!ss_word_among(f, word, "de di of d del da the เดือน ng bulan")) return 0;
        at = w->end;
        if (!ss_accept(f, &at, "'") && !ss_accept(f, &at, "’")) ss_skip_spaces(f, &at);
    }
    return 0;
}

/* ---- Digits only ----------------------------------------------------------------------------- */

/* A year of two or four digits after `mark`, or 0. */
static int skip_year(const ss_finder *f, char mark, size_t *at)
{
    digits year;
    if (*at >= f->size || f->text[*at] != mark) return 0;
    size_t next = *at + 1;
    if (mark == '.') ss_skip_spaces(f, &next);
    if (!read_digits(f, next, &year)) return 0;
    int value = gregorian_year(f, &year);
    if (year.count == 2 && next == *at + 1) value = year.value + (year.value < 70 ? 2000 : 1900);
    if (value) *at = year.end;
    return value;
}

/* The year after a month in letters, with or without "de", "năm", "พ.ศ." and a comma before it; 0:
 * none is told. */
static int year_after(const ss_finder *f, size_t i, size_t at)
{
    digits year;
    ss_accept(f, &at, ".");
    ss_accept(f, &at, ",");
    ss_skip_spaces(f, &at);
    size_t word = ss_word_beginning(f, i, at);
    if (ss_word_among(f, word, "de del nam")) at = f->words->items[word].end;
    if (ss_accept(f, &at, "พ.ศ.")) ss_skip_spaces(f, &at);
    ss_skip_spaces(f, &at);
    return read_digits(f, at, &year) ? gregorian_year(f, &year) : 0;
}

static bool time_stands_near(const ss_finder *f, size_t i, size_t end)
{
    size_t next = end;
    ss_skip_spaces(f, &next);
    size_t word = ss_word_at(f, i, next);
    return (i > 0 && ss_word_among(f, i - 1, time_words)) ||
           (word < f->words->count && f->words->items[word].start == next &&
            ss_word_among(f, word, "uhr h hrs uur hodin hod godz wib am pm"));
}

static bool percent_follows(const ss_finder *f, size_t at)
{
    ss_skip_spaces(f, &at);
    return ss_accept(f, &at, "%");
}

/* May "3/9", "3.9", "3-9" without a year be a date? i: the word of the day. */
static bool plausible(const ss_finder *f, size_t i, char mark, const digits *day,
                      const digits *month, bool closed)
{
    bool called = i > 0 && ss_word_among(f, i - 1, date_words);
    bool long_form = month->count == 2;
    bool unknown = f->language == SS_LANGUAGE_UNKNOWN;
    if (percent_follows(f, month->end) || time_stands_near(f, i, month->end)) return false;
    if (mark == '/') {
        if (day->value == 24 && month->value == 7) return called || (f->traits & SS_DAY_SLASH);
        return called || f->traits & SS_DAY_SLASH || day->count == 2 || long_form;
    }
    if (mark == '-')
        return strcmp(f->code, "vi") == 0 && (called || (long_form && day->count == 2));
    bool dotted = f->traits & SS_DAY_DOT || unknown || strcmp(f->code, "vi") == 0;
    if (!dotted) return false;
    if (closed) return called || long_form; /* "3.9." */
    return called && long_form;
}

/* Day and month in digits, the day already read and `at` on the mark after it. Returns the end, or
 * 0. */
static size_t numeric_month(const ss_finder *f, size_t i, const digits *day, size_t at, ss_day *out)
{
    char mark = at < f->size ? f->text[at] : '\0';
    digits month;
    if (mark != '/' && mark != '.' && mark != '-') return 0;
    size_t next = at + 1;
    if (mark == '.' && f->traits & SS_DAY_DOT && next < f->size && f->text[next] == ' ') next++;
    bool spaced = next != at + 1; /* "14. 11. 2025" */
    if (!read_digits(f, next, &month) || month.count > 2 || month.value == 0) return 0;
    int d = day->value, m = month.value;
    if (m > 12) { /* 11/14: month first */
        if (mark != '/' || d > 12 || !ss_language_among(f, "en es fil tl")) return 0;
        d = month.value;
        m = day->value;
    }
    size_t end = month.end;
    int year = skip_year(f, mark, &end);
    bool short_form = day->count == 1 && month.count == 1;
    if (year && end == month.end + 3 && short_form) return 0; /* 5.1.49 */
    bool closed =
        !year && mark == '.' && end < f->size && f->text[end] == '.' && !digit_follows(f, end + 1);
    if (spaced && !year && !closed) return 0;
    if (end < f->size && digit_follows(f, end + 1) &&
        (f->text[end] == '.' || f->text[end] == ',' || f->text[end] == ':' || f->text[end] == mark))
        return 0;
    if (!year && !plausible(f, i, mark, day, &month, closed)) return 0;
    if (d > 31) return 0;
    *out = (ss_day){year, m, d};
    return end;
}

/* ---- The forms of a date --------------------------------------------------------------------- */

/* 2025-11-14, 2025/11/14, 2025. 11. 14. */
static size_t year_first(ss_finder *f, size_t i, const digits *year)
{
    size_t at = year->end;
    char mark = at < f->size ? f->text[at] : '\0';
    digits month, day;
    int told = gregorian_year(f, year);
    if (!told || (mark != '-' && mark != '/' && mark != '.')) return 0;
    at++;
    if (mark == '.') ss_skip_spaces(f, &at);
    if (!read_digits(f, at, &month) || month.count > 2 || month.value < 1 || month.value > 12)
        return 0;
    at = month.end;
    if (at >= f->size || f->text[at] != mark) return 0;
    at++;
    if (mark == '.') ss_skip_spaces(f, &at);
    if (!read_digits(f, at, &day) || !is_day(&day)) return 0;
    add_date(f, i, day.end, told, month.value, day.value);
    return day.end;
}

static bool accept_any(const ss_finder *f, size_t *at, const char *const *marks)
{
    for (; *marks; marks++)
        if (ss_accept(f, at, *marks)) return true;
    return false;
}

/* 11月14日, 11월 14일, and ranges of them: 11月14日至16日, 11월 14∼16일. */
static size_t east_asian(ss_finder *f, size_t i, int year, const digits *month)
{
    static const char *const months[] = {"月", "월", NULL}, *const days[] = {"日", "일", "號", "号",
                                                                             NULL};
    static const char *const to[] = {"至", "到", "から", "～", "〜", "~", "∼",
                                     "-",  "–",  "부터", "、", "·",  NULL};
    size_t at = month->end;
    digits day;
    ss_skip_spaces(f, &at);
    if (month->count > 2 || month->value > 12 || !accept_any(f, &at, months)) return 0;
    size_t end = 0;
    for (unsigned n = 0; n < 3; n++) {
        ss_skip_spaces(f, &at);
        if (!read_digits(f, at, &day) || !is_day(&day)) break;
        at = day.end;
        bool named = accept_any(f, &at, days);
        size_t next = at;
        ss_skip_spaces(f, &next);
        bool more = accept_any(f, &next, to);
        if (!named && !more) break;
        size_t ahead = next;
        digits second;
        ss_skip_spaces(f, &ahead);
        bool second_day =
            more && read_digits(f, ahead, &second) && accept_any(f, &second.end, days);
        if (!named && !second_day) break;
        add_date(f, i, at, year, month->value, day.value);
        end = at;
        if (!second_day) break;
        at = next;
    }
    return end;
}

/* "a Fold 3 július 25-én": where the month comes first, the number before it is something else. */
static bool day_belongs_to_month_before(const ss_finder *f, size_t at)
{
    digits day;
    if (!(f->traits & SS_MONTH_FIRST) || ss_language_among(f, "en fil tl")) return false;
    ss_skip_spaces(f, &at);
    return read_digits(f, at, &day) && is_day(&day);
}

/* 14 November; 12.-14. November; 12 đến 14/11; 14.11.2025 */
static size_t day_first(ss_finder *f, size_t i, const digits *first)
{
    size_t at = first->end, end = 0;
    ss_day d = {0};
    end = numeric_month(f, i, first, at, &d);
    if (end) {
        add_date(f, i, end, d.year, d.month, d.day);
        return end;
    }
    skip_ordinal(f, &at);
    d.month = lettered_month(f, i, at, &end);
    if (d.month && day_belongs_to_month_before(f, end)) return 0;
    if (d.month) {
        add_date(f, i, end, year_after(f, i, end), d.month, first->value);
        return end;
    }
    size_t next = at;
    digits second;
    if (!skip_range(f, i, &next) || !read_digits(f, next, &second) || !is_day(&second)) return 0;
    size_t second_word = ss_word_at(f, i, next);
    end = numeric_month(f, i, &second, second.end, &d);
    if (!end) {
        at = second.end;
        d.day = second.value;
        skip_ordinal(f, &at);
        d.month = lettered_month(f, i, at, &end);
        if (!d.month) return 0;
        d.year = year_after(f, i, end);
    }
    add_date(f, i, end, d.year, d.month, first->value);
    if (second_word < f->words->count) add_date(f, second_word, end, d.year, d.month, d.day);
    return end;
}

/* November 14; November 12-14. Word i is a month that ends at `at`. */
static size_t month_first(ss_finder *f, size_t i, int month, size_t at)
{
    digits day, second;
    if (f->language != SS_LANGUAGE_UNKNOWN && !(f->traits & SS_MONTH_FIRST)) return 0;
    if (at < f->size && f->text[at] == '.') at++;
    ss_skip_spaces(f, &at);
    if (!read_digits(f, at, &day) || !is_day(&day)) return 0;
    at = day.end;
    if (at < f->size && (f->text[at] == ':' || f->text[at] == '.' || f->text[at] == ',') &&
        digit_follows(f, at + 1))
        return 0; /* November 14:30, 14.5 */
    if (percent_follows(f, at)) return 0;
    size_t day_end = at;
    skip_ordinal(f, &at);
    size_t next = at, end = at, other;
    if (skip_range(f, i, &next) && read_digits(f, next, &second) && is_day(&second) &&
        !lettered_month(f, i, second.end, &other) && !percent_follows(f, second.end)) {
        end = second.end;
        add_date(f, i, end, year_after(f, i, end), month, second.value);
    }
    add_date(f, i, day_end, year_after(f, i, end), month, day.value);
    return end;
}

/* 14日, 14일: the month is the one named before, else the record's, if the day has just been or is
 * near. */
static size_t bare_day(ss_finder *f, size_t i, const digits *day)
{
    static const char *const days[] = {"日", "일", NULL};
    size_t at = day->end;
    if (!is_day(day) || !accept_any(f, &at, days)) return 0;
    size_t end = at;
    if (ss_accept(f, &at, "間") || ss_accept(f, &at, "间") || ss_accept(f, &at, "간")) return 0;
    int month = f->named_month;
    if (f->dated) {
        int ahead = day->value - f->record.day, near = f->record.month;
        near += ahead > 15 ? -1 : ahead < -20 ? 1 : 0;
        bool news = abs(ahead) <= 7 || abs(ahead) >= 24; /* of this week: no month before matters */
        if (!month || news) month = near < 1 ? 12 : near > 12 ? 1 : near;
    }
    if (month) add_date(f, i, end, 0, month, day->value);
    return month ? end : 0;
}

/* 2025年11月14日, 2025년 11월 14일; 令和7年, 民國114年. */
static size_t east_asian_year(ss_finder *f, size_t i, const digits *number)
{
    static const char *const years[] = {"年", "년", NULL};
    static const struct {
        const char *name;
        int before;
    } eras[] = {{"令和", 2018}, {"平成", 1988}, {"昭和", 1925}, {"民國", 1911}, {"民国", 1911}};
    size_t at = number->end, start = f->words->items[i].start;
    int year = gregorian_year(f, number);
    digits month;
    if (!accept_any(f, &at, years)) return 0;
    for (size_t k = 0; k < sizeof eras / sizeof *eras; k++) {
        size_t size = strlen(eras[k].name);
        if (start >= size && memcmp(f->text + start - size, eras[k].name, size) == 0)
            year = eras[k].before + number->value;
    }
    ss_skip_spaces(f, &at);
    if (!year || !read_digits(f, at, &month)) return 0;
    return east_asian(f, i, year, &month);
}

/* English months are words as well (may, march): there they need their capital. */
static bool month_is_written_so(const ss_finder *f, size_t i)
{
    return f->words->items[i].letter_case != SS_LOWER || strcmp(f->code, "en") != 0;
}

static size_t date_at(ss_finder *f, size_t i)
{
    const ss_word *w = &f->words->items[i];
    digits first;
    size_t end;
    if (!w->digits) {
        bool number_next = i + 1 < f->words->count && w[1].digits;
        if (w->run || !number_next || !month_is_written_so(f, i)) return 0;
        int month = month_at(f, i, &end);
        return month ? month_first(f, i, month, end) : 0;
    }
    if (!ss_starts_with_digit(f, i) || digit_precedes(f, w->start) ||
        !read_digits(f, w->start, &first))
        return 0;
    end = east_asian_year(f, i, &first);
    if (end) return end;
    if (first.count == 4) return year_first(f, i, &first);
    end = east_asian(f, i, 0, &first);
    if (!end) end = bare_day(f, i, &first);
    return end || !is_day(&first) ? end : day_first(f, i, &first);
}

void ss_find_dates(ss_finder *f)
{
    for (size_t i = 0; i < f->words->count; i++) {
        if (f->quiet[i] & SS_QUIET_DATES || f->used[i]) continue;
        size_t end = date_at(f, i);
        if (end) use_until(f, i, end);
    }
}
