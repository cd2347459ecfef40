/* Stage reader: dates as people and programs write them, to seconds since 1970-01-01T00:00:00Z.
 *
 * In: ISO 8601 (extended or basic, with or without time and zone), RFC 822 and its successors,
 * Unix time in seconds to nanoseconds. Out: seconds, or SAMESTORY_NO_DATE; a date that is out of
 * range in any part is none. Without a zone, UTC. Years 1 to 9999. Cost: some 50 ns. */
#include "samestory.h"

#include <string.h>

/* What is left to read. */
typedef struct cursor {
    const char *at, *end;
} cursor;

typedef struct moment {
    int year, month, day, hour, minute, second, zone; /* zone: seconds east of Greenwich */
} moment;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool is_letter(char c)
{
    return lower(c) >= 'a' && lower(c) <= 'z';
}

static bool take(cursor *c, char wanted)
{
    if (c->at == c->end || lower(*c->at) != wanted) return false;
    c->at++;
    return true;
}

static void skip_spaces(cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || (*c->at >= '\t' && *c->at <= '\r'))) c->at++;
}

static size_t digits_ahead(const cursor *c)
{
    const char *p = c->at;
    while (p < c->end && is_digit(*p)) p++;
    return (size_t)(p - c->at);
}

/* Exactly `count` digits, which are within least..most. */
static bool take_number(cursor *c, size_t count, int least, int most, int *out)
{
    if ((size_t)(c->end - c->at) < count) return false;
    int value = 0;
    for (size_t i = 0; i < count; i++) {
        if (!is_digit(c->at[i])) return false;
        value = value * 10 + (c->at[i] - '0');
    }
    if (value < least || value > most) return false;
    c->at += count;
    *out = value;
    return true;
}

/* 0001-01-01T00:00:00Z */
#define FIRST_SECOND (-62135596800)

/* ---- Calendar -------------------------------------------------------------------------------- */

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_of_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

static int64_t days_before_year(int year) /* since 0001-01-01 */
{
    int64_t y = year - 1;
    return y * 365 + y / 4 - y / 100 + y / 400;
}

static int64_t moment_seconds(const moment *m)
{
    if (m->month < 1 || m->month > 12 || m->day < 1 || m->day > days_of_month(m->year, m->month))
        return SAMESTORY_NO_DATE;
    int64_t days = days_before_year(m->year) - days_before_year(1970) + m->day - 1;
    for (int month = 1; month < m->month; month++) days += days_of_month(m->year, month);
    return days * 86400 + m->hour * 3600 + m->minute * 60 + m->second - m->zone;
}

/* ---- Unix time ------------------------------------------------------------------------------- */

/* A number, which may have a sign and a fraction: seconds, or milli-, micro- or nanoseconds, told
 * by size. Seconds stay below the year 5138, milliseconds begin in 1973. Rounded down. */
static int64_t parse_epoch(cursor c)
{
    bool negative = take(&c, '-'), rest = false;
    size_t count = digits_ahead(&c);
    if (!count || count > 19) return SAMESTORY_NO_DATE;
    uint64_t value = 0;
    for (; count; count--) value = value * 10 + (uint64_t)(*c.at++ - '0');
    if (take(&c, '.')) {
        if (!digits_ahead(&c)) return SAMESTORY_NO_DATE;
        for (; digits_ahead(&c); c.at++) rest = rest || *c.at != '0';
    }
    if (c.at != c.end) return SAMESTORY_NO_DATE;
    uint64_t unit = 1;
    while (value / unit >= 100000000000u) unit *= 1000;
    rest = rest || value % unit;
    int64_t seconds = (int64_t)(value / unit);
    if (!negative) return seconds;
    return -seconds - rest >= FIRST_SECOND ? -seconds - rest : SAMESTORY_NO_DATE;
}

/* ---- Times and zones ------------------------------------------------------------------------- */

/* hh[:mm[:ss[.fraction]]], or hhmm[ss[.fraction]] */
static bool parse_time(cursor *c, moment *m)
{
    if (!take_number(c, 2, 0, 24, &m->hour)) return false;
    bool colon = take(c, ':');
    if (!colon && !digits_ahead(c)) return false;
    if (!take_number(c, 2, 0, 59, &m->minute)) return false;
    if (colon ? take(c, ':') : digits_ahead(c) >= 2) {
        if (!take_number(c, 2, 0, 60, &m->second)) return false; /* 60: a leap second */
        if (take(c, '.') || take(c, ',')) {
            size_t fraction = digits_ahead(c);
            if (!fraction) return false;
            c->at += fraction;
        }
    }
    return m->hour < 24 || (!m->minute && !m->second);
}

static bool parse_offset(cursor *c, moment *m)
{
    int sign = *c->at++ == '-' ? -1 : 1, hours, minutes = 0;
    if (!take_number(c, 2, 0, 14, &hours)) return false;
    bool colon = take(c, ':');
    if ((colon || digits_ahead(c)) && !take_number(c, 2, 0, 59, &minutes)) return false;
    if (hours == 14 && minutes) return false;
    m->zone = sign * (hours * 3600 + minutes * 60);
    return true;
}

/* A name of RFC 822, or an offset, or nothing. */
static bool parse_zone(cursor *c, moment *m)
{
    static const struct {
        char name[4];
        int hours;
    } zones[] = {{"z", 0},    {"ut", 0},   {"utc", 0},  {"gmt", 0},  {"est", -5}, {"edt", -4},
                 {"cst", -6}, {"cdt", -5}, {"mst", -7}, {"mdt", -6}, {"pst", -8}, {"pdt", -7}};
    skip_spaces(c);
    if (c->at == c->end) return true;
    if (*c->at == '+' || *c->at == '-') return parse_offset(c, m);
    char name[4] = "";
    size_t size = 0;
    while (c->at < c->end && is_letter(*c->at)) {
        if (size == 3) return false;
        name[size++] = lower(*c->at++);
    }
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
        if (!strcmp(name, zones[i].name)) {
            m->zone = zones[i].hours * 3600;
            return true;
        }
    return false;
}

/* Nothing may follow but spaces and a comment: "(UTC)". */
static bool at_end(cursor *c)
{
    skip_spaces(c);
    if (take(c, '(')) {
        while (c->at < c->end && *c->at != ')') c->at++;
        if (!take(c, ')')) return false;
        skip_spaces(c);
    }
    return c->at == c->end;
}

/* ---- ISO 8601 -------------------------------------------------------------------------------- */

static int64_t parse_iso(cursor c)
{
    moment m = {0};
    if (!take_number(&c, 4, 1, 9999, &m.year)) return SAMESTORY_NO_DATE;
    char mark = take(&c, '-') ? '-' : take(&c, '/') ? '/' : 0;
    if (!take_number(&c, 2, 1, 12, &m.month)) return SAMESTORY_NO_DATE;
    if (mark && !take(&c, mark)) return SAMESTORY_NO_DATE;
    if (!take_number(&c, 2, 1, 31, &m.day)) return SAMESTORY_NO_DATE;
    bool packed = !mark && digits_ahead(&c) == 6; /* 20241114093000, as Common Crawl writes */
    bool time = packed || take(&c, 't');
    if (!time && c.at < c.end && *c.at == ' ') {
        skip_spaces(&c);
        time = digits_ahead(&c) > 0;
    }
    if (time && (!parse_time(&c, &m) || !parse_zone(&c, &m))) return SAMESTORY_NO_DATE;
    return at_end(&c) ? moment_seconds(&m) : SAMESTORY_NO_DATE;
}

/* ---- RFC 822, 1123, 2822, 5322 --------------------------------------------------------------- */

/* The number (from 1) of the name that stands here, in full or as its first three letters. */
static int take_name(cursor *c, const char *const *names, int count)
{
    size_t size = 0;
    while (c->at + size < c->end && is_letter(c->at[size])) size++;
    for (int i = 0; i < count; i++) {
        if (size != 3 && size != strlen(names[i])) continue;
        size_t same = 0;
        while (same < size && lower(c->at[same]) == names[i][same]) same++;
        if (same < size) continue;
        c->at += size;
        return i + 1;
    }
    return 0;
}

static bool take_year(cursor *c, int *year)
{
    size_t count = digits_ahead(c);
    if (count == 4) return take_number(c, 4, 1, 9999, year);
    if (count != 2 || !take_number(c, 2, 0, 99, year)) return false;
    *year += *year < 50 ? 2000 : 1900; /* RFC 2822, 4.3 */
    return true;
}

static int64_t parse_mail(cursor c)
{
    static const char *const weekdays[] = {"monday", "tuesday",  "wednesday", "thursday",
                                           "friday", "saturday", "sunday"};
    static const char *const months[] = {"january",   "february", "march",    "april",
                                         "may",       "june",     "july",     "august",
                                         "september", "october",  "november", "december"};
    moment m = {0};
    if (take_name(&c, weekdays, 7)) {
        take(&c, ',');
        skip_spaces(&c);
    }
    size_t count = digits_ahead(&c);
    if (count < 1 || count > 2 || !take_number(&c, count, 1, 31, &m.day)) return SAMESTORY_NO_DATE;
    bool dashes = take(&c, '-'); /* "14-Nov-2024" */
    skip_spaces(&c);
    m.month = take_name(&c, months, 12);
    if (!m.month || (dashes && !take(&c, '-'))) return SAMESTORY_NO_DATE;
    skip_spaces(&c);
    if (!take_year(&c, &m.year)) return SAMESTORY_NO_DATE;
    skip_spaces(&c);
    if (digits_ahead(&c) && (!parse_time(&c, &m) || !parse_zone(&c, &m))) return SAMESTORY_NO_DATE;
    return at_end(&c) ? moment_seconds(&m) : SAMESTORY_NO_DATE;
}

int64_t samestory_parse_date(const char *text, size_t size)
{
    if (!text) return SAMESTORY_NO_DATE;
    cursor c = {text, text + size};
    skip_spaces(&c);
    while (c.end > c.at && (c.end[-1] == ' ' || (c.end[-1] >= '\t' && c.end[-1] <= '\r'))) c.end--;
    if (c.at == c.end) return SAMESTORY_NO_DATE;
    size_t count = digits_ahead(&c);
    bool number = (size_t)(c.end - c.at) == count || *c.at == '-' || c.at[count] == '.';
    if (!number || count == 8 || count == 14) {
        int64_t date = parse_iso(c);
        if (date == SAMESTORY_NO_DATE && !number) date = parse_mail(c);
        if (date != SAMESTORY_NO_DATE || !number) return date;
    }
    /* "2024" and "20241399" are meant as years and days rather than as seconds of 1970. */
    bool year = (count == 4 || count == 8) && (!memcmp(c.at, "19", 2) || !memcmp(c.at, "20", 2));
    return year ? SAMESTORY_NO_DATE : parse_epoch(c);
}
