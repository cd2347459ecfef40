/* Days and dates: days since 1970-01-01 to year, month, day in the proleptic Gregorian calendar,
 * and the Persian calendar, which Iran's press uses. */
#ifndef SS_SKETCH_CALENDAR_H
#define SS_SKETCH_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

typedef struct ss_day {
    int year, month, day;
} ss_day;

/* month 1..12, year 1..9999 */
int64_t ss_days_of(ss_day day);
/* Of days within the years 1 to 9999. */
ss_day ss_day_of(int64_t days);
/* Does the month have such a day? */
bool ss_day_exists(ss_day day);
/* 1 (Monday) .. 7 */
int ss_weekday_of(int64_t days);
/* Days since 1970 of a date in the Persian calendar, years 1300 to 1472 (by the cycle of 33 years,
 * which is that of the sky for those). */
int64_t ss_days_of_persian(ss_day day);

#endif
