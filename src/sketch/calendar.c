/* Days and dates (see the header). */
#include "sketch/calendar.h"

static int64_t days_before_year(int64_t year)
{
    int64_t y = year - 1;
    return 365 * (year - 1970) + (y / 4 - 1969 / 4) - (y / 100 - 1969 / 100) +
           (y / 400 - 1969 / 400);
}

static int month_length(int year, int month)
{
    static const int lengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return lengths[month - 1] + (month == 2 && leap);
}

bool ss_day_exists(ss_day d)
{
    return d.year >= 1 && d.year <= 9999 && d.month >= 1 && d.month <= 12 && d.day >= 1 &&
           d.day <= month_length(d.year, d.month);
}

int64_t ss_days_of(ss_day d)
{
    int64_t days = days_before_year(d.year);
    for (int month = 1; month < d.month; month++) days += month_length(d.year, month);
    return days + d.day - 1;
}

ss_day ss_day_of(int64_t days)
{
    int64_t year = 1970 + days * 400 / 146097;
    while (days < days_before_year(year)) year--;
    while (days >= days_before_year(year + 1)) year++;
    ss_day d = {(int)year, 1, (int)(days - days_before_year(year)) + 1};
    for (; d.day > month_length(d.year, d.month); d.month++) d.day -= month_length(d.year, d.month);
    return d;
}

int ss_weekday_of(int64_t days)
{
    int64_t since = (days + 3) % 7; /* 1970-01-01 was a Thursday */
    return (int)(since < 0 ? since + 7 : since) + 1;
}

static bool is_persian_leap(int year)
{
    int in_cycle = year % 33;
    return in_cycle == 1 || in_cycle == 5 || in_cycle == 9 || in_cycle == 13 || in_cycle == 17 ||
           in_cycle == 22 || in_cycle == 26 || in_cycle == 30;
}

int64_t ss_days_of_persian(ss_day d)
{
    int64_t days = ss_days_of((ss_day){1921, 3, 21}); /* the first day of 1300 */
    for (int year = 1300; year < d.year; year++) days += 365 + is_persian_leap(year);
    return days + (d.month <= 7 ? (d.month - 1) * 31 : (d.month - 1) * 30 + 6) + d.day - 1;
}
