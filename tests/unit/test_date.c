/* Dates: every way of writing one moment gives the same second; what is no date gives none. */
#include "unit.h"

#include "samestory.h"

#include <stdio.h>
#include <string.h>

#define MOMENT 1731580200 /* 2024-11-14T10:30:00Z */
#define DAY    1731542400 /* 2024-11-14T00:00:00Z */

typedef struct example {
    const char *text;
    int64_t seconds;
} example;

static void check(const example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int64_t got = samestory_parse_date(examples[i].text, strlen(examples[i].text));
        if (got != examples[i].seconds)
            fail_msg("\"%s\" gave %lld, not %lld", examples[i].text, (long long)got,
                     (long long)examples[i].seconds);
    }
}

#define CHECK(...)                                                                                 \
    do {                                                                                           \
        static const example examples[] = {__VA_ARGS__};                                           \
        check(examples, sizeof examples / sizeof *examples);                                       \
    } while (0)

static void iso_8601(void **state)
{
    (void)state;
    CHECK({"2024-11-14T10:30:00Z", MOMENT}, {"2024-11-14t10:30:00z", MOMENT},
          {"2024-11-14T10:30:00", MOMENT}, {"2024-11-14 10:30:00", MOMENT},
          {"2024-11-14 10:30:00 UTC", MOMENT}, {"2024-11-14T10:30", MOMENT},
          {"2024-11-14T11:30:00+01:00", MOMENT}, {"2024-11-14T11:30:00+0100", MOMENT},
          {"2024-11-14T11:30:00+01", MOMENT}, {"2024-11-14T05:00:00-05:30", MOMENT},
          {"2024-11-14T10:30:00.123456Z", MOMENT}, {"2024-11-14T10:30:00,5+00:00", MOMENT},
          {"20241114T103000Z", MOMENT}, {"20241114103000", MOMENT},
          {" 2024-11-14T10:30:00Z\n", MOMENT}, {"2024/11/14 10:30:00", MOMENT});
}

static void day_only(void **state)
{
    (void)state;
    CHECK({"2024-11-14", DAY}, {"20241114", DAY}, {"2024/11/14", DAY}, {"14 Nov 2024", DAY},
          {"Thu, 14 Nov 2024", DAY}, {"14 November 2024", DAY});
}

static void rfc_822(void **state)
{
    (void)state;
    CHECK({"Thu, 14 Nov 2024 10:30:00 GMT", MOMENT}, {"Thu, 14 Nov 2024 10:30:00 +0000", MOMENT},
          {"14 Nov 2024 10:30 UT", MOMENT}, {"Thu, 14 Nov 2024 05:30:00 EST", MOMENT},
          {"Thu, 14 Nov 2024 11:30:00 +0100 (CET)", MOMENT}, {"14 Nov 24 10:30:00 Z", MOMENT},
          {"Thursday, 14-Nov-24 10:30:00 GMT", MOMENT}, {"thu, 14 nov 2024 10:30:00 gmt", MOMENT},
          {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777}, {"6 Nov 94 08:49:37 GMT", 784111777});
}

static void unix_time(void **state)
{
    (void)state;
    CHECK({"1731580200", MOMENT}, {"1731580200000", MOMENT}, {"1731580200.75", MOMENT},
          {"1731580200999", MOMENT}, {"1731580200123456", MOMENT}, {"0", 0}, {"-1", -1},
          {"-0.5", -1}, {"-1.0", -1}, {"-86400", -86400});
}

static void calendar(void **state)
{
    (void)state;
    CHECK({"1970-01-01", 0}, {"1969-12-31T23:59:59Z", -1}, {"2000-02-29", 951782400},
          {"2024-02-29", 1709164800}, {"0001-01-01", -62135596800},
          {"9999-12-31T23:59:59Z", 253402300799}, {"2024-11-13T24:00:00Z", DAY},
          {"2016-12-31T23:59:60Z", 1483228800}, {"1900-03-01", -2203891200});
}

static void out_of_range(void **state)
{
    (void)state;
    int64_t none = SAMESTORY_NO_DATE;
    const example examples[] = {
        {"2024-13-01", none},
        {"2024-00-10", none},
        {"2024-11-31", none},
        {"2023-02-29", none},
        {"1900-02-29", none},
        {"2024-11-00", none},
        {"0000-01-01", none},
        {"2024-11-14T25:00:00Z", none},
        {"2024-11-14T24:00:01Z", none},
        {"2024-11-14T10:60:00Z", none},
        {"2024-11-14T10:30:61Z", none},
        {"2024-11-14T10:30:00+15:00", none},
        {"2024-11-14T10:30:00+14:30", none},
        {"2024-11-14T10:30:00+01:60", none},
        {"32 Nov 2024", none},
        {"31 Nov 2024", none},
        {"20241399", none},
        {"99999999999999999999", none},
        {"-99999999999", none},
    };
    check(examples, sizeof examples / sizeof *examples);
}

static void no_date(void **state)
{
    (void)state;
    int64_t none = SAMESTORY_NO_DATE;
    const example examples[] = {
        {"", none},
        {"   ", none},
        {"yesterday", none},
        {"2024", none},
        {"2024-11", none},
        {"2024-11-14T", none},
        {"2024-11-14x", none},
        {"2024-11-14T10:30:00Q", none},
        {"14 Foo 2024", none},
        {"14.11.2024", none},
        {"1.2.3", none},
        {"-", none},
        {".5", none},
        {"1.", none},
        {"2024-11/14", none},
        {"Thu, 14 Nov 2024 10:30:00 XYZ", none},
        {"2024-11-14T10:30:00.Z", none},
        {"2024-11-14 (open", none},
        {"NaN", none},
        {"1e9", none},
    };
    check(examples, sizeof examples / sizeof *examples);
}

/* The bytes behind the end must not be read: each beginning of a date stands alone on the heap. */
static void every_beginning_is_safe(void **state)
{
    (void)state;
    static const char *const texts[] = {"2024-11-14T10:30:00.5+01:00 (x)",
                                        "Thu, 14 Nov 2024 10:30:00 +0100 (CET)", "-1731580200.25"};
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
        for (size_t size = 0; size <= strlen(texts[t]); size++) {
            char *exact = test_malloc(size ? size : 1);
            memcpy(exact, texts[t], size);
            int64_t date = samestory_parse_date(exact, size);
            assert_true(date == SAMESTORY_NO_DATE || date <= 253402300799);
            test_free(exact);
        }
    assert_int_equal(samestory_parse_date(NULL, 0), SAMESTORY_NO_DATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(iso_8601), cmocka_unit_test(day_only),
        cmocka_unit_test(rfc_822),  cmocka_unit_test(unix_time),
        cmocka_unit_test(calendar), cmocka_unit_test(out_of_range),
        cmocka_unit_test(no_date),  cmocka_unit_test(every_beginning_is_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
