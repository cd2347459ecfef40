/* Dates: the same day is the same anchor however a language writes it; scores and versions are
 * none. */
#include "anchor_model.h"

static anchor_model *a;

static int set_up(void **state)
{
    (void)state;
    a = anchor_model_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    anchor_model_free(a);
    return 0;
}

static const struct {
    const char *language, *text, *dates;
} cases[] = {
    /* one day, in each language's writing */
    {"en", "on 14 November", "14 nov"},
    {"en", "on November 14", "14 nov"},
    {"en", "on November 14th, 2025", "14 nov"},
    {"en", "on Nov. 14", "14 nov"},
    {"en", "the 14th of November", "14 nov"},
    {"en", "11/14/2025", "14 nov"},
    {"en", "14/11/2025", "14 nov"},
    {"en", "2025-11-14", "14 nov"},
    {"de", "am 14. November", "14 nov"},
    {"de", "am 14.11.", "14 nov"},
    {"de", "am 14.11.2025", "14 nov"},
    {"de", "am 14. 11. 2025", "14 nov"},
    {"fr", "le 14 novembre", "14 nov"},
    {"fr", "le 1er juin", "1 jun"},
    {"es", "el 14 de noviembre", "14 nov"},
    {"pt", "14 de novembro de 2025", "14 nov"},
    {"it", "il 14 novembre", "14 nov"},
    {"nl", "op 14 november", "14 nov"},
    {"sv", "den 14 november", "14 nov"},
    {"da", "den 14. november", "14 nov"},
    {"fi", "14. marraskuuta", "14 nov"},
    {"pl", "14 listopada", "14 nov"},
    {"cs", "14. listopadu", "14 nov"},
    {"hu", "november 14-én", "14 nov"},
    {"hu", "2025. november 14.", "14 nov"},
    {"hu", "a Fold 3 november 14-én", "14 nov"},
    {"lt", "lapkričio 14 d.", "14 nov"},
    {"lv", "14. novembrī", "14 nov"},
    {"ro", "14 noiembrie", "14 nov"},
    {"ru", "14 ноября", "14 nov"},
    {"uk", "14 листопада", "14 nov"},
    {"bg", "14 ноември", "14 nov"},
    {"el", "στις 14 Νοεμβρίου", "14 nov"},
    {"tr", "14 Kasım'da", "14 nov"},
    {"id", "14 November lalu", "14 nov"},
    {"vi", "ngày 14/11", "14 nov"},
    {"vi", "ngày 14 tháng 11", "14 nov"},
    {"vi", "sáng 3/9", "3 sep"},
    {"vi", "ngày 14-11", "14 nov"},
    {"ar", "في 14 نوفمبر", "14 nov"},
    {"ar", "في ١٤ تشرين الثاني", "14 nov"},
    {"fa", "۱۴ نوامبر", "14 nov"},
    {"he", "ב-14 בנובמבר", "14 nov"},
    {"hi", "14 नवंबर को", "14 nov"},
    {"th", "วันที่ 14 พฤศจิกายน", "14 nov"},
    {"th", "1 กันยายนนี้", "1 sep"},
    {"zh", "11月14日", "14 nov"},
    {"zh", "2025年11月14日", "14 nov"},
    {"ja", "11月14日", "14 nov"},
    {"ko", "11월 14일", "14 nov"},
    /* from a day to another */
    {"en", "12-14 November", "12 nov|14 nov"},
    {"en", "12 to 14 November", "12 nov|14 nov"},
    {"en", "November 12-14", "12 nov|14 nov"},
    {"en", "from November 12 to 14", "12 nov|14 nov"},
    {"en", "from 30 November to 2 December", "2 dec|30 nov"},
    {"de", "12. bis 14. November", "12 nov|14 nov"},
    {"de", "vom 12. bis zum 14. November", "12 nov|14 nov"},
    {"de", "vom 12. bis 14.11.", "12 nov|14 nov"},
    {"nl", "van 12 tot 14 november", "12 nov|14 nov"},
    {"fr", "du 12 au 14 novembre", "12 nov|14 nov"},
    {"es", "del 12 al 14 de noviembre", "12 nov|14 nov"},
    {"vi", "từ ngày 12 đến 14/11", "12 nov|14 nov"},
    {"vi", "12-14/11", "12 nov|14 nov"},
    {"ru", "с 12 по 14 ноября", "12 nov|14 nov"},
    {"zh", "11月12日至14日", "12 nov|14 nov"},
    {"ja", "11月12日から14日", "12 nov|14 nov"},
    {"ko", "11월 12∼14일", "12 nov|14 nov"},
    {"zh", "11月12日，14日上午", "12 nov|14 nov"},
    {"ja", "14日間", ""},
    /* what only looks like a date */
    {"en", "won 3-2 at home", ""},
    {"en", "Debian 7.6 is out", ""},
    {"en", "Debian 12.10 is out", ""},
    {"en", "open 24/7", ""},
    {"en", "3/4 of them", ""},
    {"en", "it may 14 times", ""},
    {"de", "ein Plus von 3,11 Prozent", ""},
    {"de", "um 10.12 Uhr", ""},
    {"de", "Version 7.6.", ""},
    {"en", "32 November", ""},
    {"en", "31 February", ""},
    {"en", "10.10.10.10", ""},
    {"de", "MySQL 5.1.49", ""},
    {"en", "November 2025", ""},
    {"vi", "tháng 11/2025", ""},
};

static void every_writing_gives_its_day(void **state)
{
    (void)state;
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char got[512];
        texts_of(anchors_of(a, cases[i].language, cases[i].text), SS_ANCHOR_DATE, got, sizeof got);
        if (strcmp(got, cases[i].dates) != 0)
            print_message("# %s: \"%s\" gave \"%s\", not \"%s\"\n", cases[i].language,
                          cases[i].text, got, cases[i].dates),
                wrong++;
    }
    assert_int_equal(wrong, 0);
}

static void the_key_is_month_and_day(void **state)
{
    (void)state;
    const ss_anchor *date =
        anchor_named(anchors_of(a, "de", "am 14. November"), SS_ANCHOR_DATE, "14 nov");
    assert_non_null(date);
    assert_int_equal(date->key, 11 * 32 + 14);
}

static void a_bare_day_takes_the_month_of_the_record(void **state)
{
    (void)state;
    static const struct {
        int64_t date;
        const char *text, *day;
    } records[] = {
        {1763164800, "14日に発表した", "14 nov"}, /* 2025-11-15 */
        {1764633600, "28日に発表した", "28 nov"}, /* 2025-12-02: last month's */
        {1767225600, "31日に発表した", "31 dec"}, /* 2026-01-01 */
        {1764460800, "2日に始まる", "2 dec"},     /* 2025-11-30: next month's */
        {951782400, "29日に", "29 feb"},          /* 2000-02-29 */
        {-86400, "31日に", "31 dec"},             /* 1969-12-31 */
        {SAMESTORY_NO_DATE, "14日に発表した", ""},
        {INT64_MAX, "14日に発表した", ""},
    };
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        size_t size = strlen(records[i].text);
        char got[64];
        assert_int_equal(ss_words_split(a->model.normalizer, records[i].text, size, &a->words),
                         SAMESTORY_OK);
        assert_true(ss_anchors_find(&a->model, records[i].text, size, 0, &a->words,
                                    anchor_language("ja"), records[i].date, a->scratch, &a->found));
        assert_string_equal(texts_of(&a->found, SS_ANCHOR_DATE, got, sizeof got), records[i].day);
    }
}

/* The record's date is Friday, 14 November 2025. */
static const struct {
    const char *language, *text, *dates;
} dated_cases[] = {
    /* the nearest weekday, in the cases that "on" asks for */
    {"en", "Ministers said on Thursday", "13 nov"},
    {"en", "talks will open on Saturday", "15 nov"},
    {"en", "signed on Monday", "10 nov"},
    {"en", "will meet next Monday", "17 nov"},
    {"en", "was told last Friday", "7 nov"},
    {"en", "said on Friday", "14 nov"},
    {"de", "am Donnerstag in Hanoi", "13 nov"},
    {"de", "am Donnerstagabend", "13 nov"},
    {"de", "am kommenden Montag", "17 nov"},
    {"de", "am vergangenen Freitag", "7 nov"},
    {"de", "am Sonntag treffen sich", "16 nov"},
    {"nl", "donderdagavond in Den Haag", "13 nov"},
    {"nl", "maakte dinsdag bekend", "11 nov"},
    {"nl", "volgende week maandag", "17 nov"},
    {"de", "Montag kommender Woche", "17 nov"},
    {"vi", "sáng thứ Năm", "13 nov"},
    {"vi", "hôm thứ ba", "11 nov"},
    {"vi", "lần thứ ba", ""},
    {"vi", "chiều Chủ nhật", "16 nov"},
    {"vi", "thứ Hai tuần sau", "17 nov"},
    {"fr", "jeudi à Hanoï", "13 nov"},
    {"fr", "lundi prochain", "17 nov"},
    {"es", "el jueves pasado", "13 nov"},
    {"it", "giovedì scorso", "13 nov"},
    {"pt", "na quinta-feira", "13 nov"},
    {"sv", "på torsdagen", "13 nov"},
    {"da", "torsdag aften", "13 nov"},
    {"fi", "torstaina", "13 nov"},
    {"pl", "w środę", "12 nov"},
    {"pl", "w czwartek", "13 nov"},
    {"cs", "ve středu", "12 nov"},
    {"hu", "csütörtökön", "13 nov"},
    {"ru", "в среду", "12 nov"},
    {"ru", "в четверг", "13 nov"},
    {"uk", "у середу", "12 nov"},
    {"el", "την Πέμπτη", "13 nov"},
    {"tr", "perşembe günü", "13 nov"},
    {"id", "Kamis (13/11)", "13 nov"},
    {"id", "dua minggu", ""},
    {"ar", "يوم الخميس", "13 nov"},
    {"he", "ביום חמישי", "13 nov"},
    {"hi", "गुरुवार को", "13 nov"},
    {"th", "เมื่อวันพฤหัสบดี", "13 nov"},
    {"zh", "本周四表示", "13 nov"},
    {"zh", "上周四表示", "6 nov"},
    {"ja", "木曜日に発表した", "13 nov"},
    {"ko", "목요일에 밝혔다", "13 nov"},
    /* days beside the record's */
    {"en", "said yesterday", "13 nov"},
    {"en", "starts tomorrow", "15 nov"},
    {"de", "wie er gestern sagte", "13 nov"},
    {"de", "heute in Hanoi", "14 nov"},
    {"nl", "zei hij gisteren", "13 nov"},
    {"vi", "hôm qua", "13 nov"},
    {"vi", "ngày mai", "15 nov"},
    {"ru", "вчера вечером", "13 nov"},
    {"zh", "昨天表示", "13 nov"},
    {"ja", "昨日発表した", "13 nov"},
    {"ko", "어제 밝혔다", "13 nov"},
    /* a weekday and its date are one */
    {"de", "am Donnerstag, dem 13. November", "13 nov"},
    {"en", "on Tuesday, 14 May", "14 may"},
    {"vi", "thứ Năm, ngày 13/11", "13 nov"},
    /* another year is another time */
    {"en", "on 14 November 2025", "14 nov"},
    {"en", "on November 14, 2013", "14 nov 2013"},
    {"de", "am 14.11.2013", "14 nov 2013"},
    {"de", "am 14. November 2013", "14 nov 2013"},
    {"vi", "ngày 14 tháng 11 năm 2013", "14 nov 2013"},
    {"vi", "ngày 14/11/2013", "14 nov 2013"},
    {"zh", "2013年11月14日", "14 nov 2013"},
    {"ko", "2013년 11월 14일", "14 nov 2013"},
    {"de", "vom 12. bis 14. November 2013", "12 nov 2013|14 nov 2013"},
    {"en", "on 3 January 2026", "3 jan"},
    /* calendars of other countries */
    {"th", "วันที่ 14 พฤศจิกายน 2568", "14 nov"},
    {"th", "วันที่ 14 พฤศจิกายน พ.ศ. 2556", "14 nov 2013"},
    {"ja", "令和7年11月14日", "14 nov"},
    {"ja", "平成25年11月14日", "14 nov 2013"},
    {"zh", "民國114年11月14日", "14 nov"},
    {"fa", "۲۳ آبان ۱۴۰۴", "14 nov"},
    {"fa", "۲۳ آبان", "14 nov"},
};

static const char *dated(const char *language, int64_t date, const char *text, char *out,
                         size_t capacity)
{
    size_t size = strlen(text);
    assert_int_equal(ss_words_split(a->model.normalizer, text, size, &a->words), SAMESTORY_OK);
    assert_true(ss_anchors_find(&a->model, text, size, 0, &a->words, anchor_language(language),
                                date, a->scratch, &a->found));
    return texts_of(&a->found, SS_ANCHOR_DATE, out, capacity);
}

static void days_are_told_beside_the_date_of_the_record(void **state)
{
    (void)state;
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof dated_cases / sizeof *dated_cases; i++) {
        char got[512];
        dated(dated_cases[i].language, 1763121600, dated_cases[i].text, got, sizeof got);
        if (strcmp(got, dated_cases[i].dates) != 0)
            print_message("# %s: \"%s\" gave \"%s\", not \"%s\"\n", dated_cases[i].language,
                          dated_cases[i].text, got, dated_cases[i].dates),
                wrong++;
    }
    assert_int_equal(wrong, 0);
}

static void without_a_date_the_weekday_is_kept(void **state)
{
    (void)state;
    char got[64];
    texts_of(anchors_of(a, "de", "am Donnerstag in Hanoi"), SS_ANCHOR_DATE, got, sizeof got);
    assert_string_equal(got, "thursday");
    texts_of(anchors_of(a, "vi", "sáng thứ Năm"), SS_ANCHOR_DATE, got, sizeof got);
    assert_string_equal(got, "thursday");
    texts_of(anchors_of(a, "en", "said yesterday"), SS_ANCHOR_DATE, got, sizeof got);
    assert_string_equal(got, "");
}

static void days_are_counted_right(void **state)
{
    (void)state;
    for (int64_t days = -719162; days < 2932896; days += 97) {
        ss_day d = ss_day_of(days);
        assert_true(ss_day_exists(d));
        assert_int_equal(ss_days_of(d), days);
    }
    assert_int_equal(ss_days_of((ss_day){2025, 11, 14}), 1763078400 / 86400);
    assert_int_equal(ss_weekday_of(ss_days_of((ss_day){2025, 11, 14})), 5);
    assert_int_equal(ss_weekday_of(ss_days_of((ss_day){1969, 12, 31})), 3);
    assert_int_equal(ss_days_of_persian((ss_day){1404, 1, 1}), ss_days_of((ss_day){2025, 3, 21}));
    assert_int_equal(ss_days_of_persian((ss_day){1403, 12, 30}), ss_days_of((ss_day){2025, 3, 20}));
    assert_int_equal(ss_days_of_persian((ss_day){1357, 11, 22}), ss_days_of((ss_day){1979, 2, 11}));
}

static void a_date_is_no_number(void **state)
{
    (void)state;
    char got[256];
    texts_of(anchors_of(a, "en", "from 12 to 14 November 2025"), SS_ANCHOR_NUMBER, got, sizeof got);
    assert_string_equal(got, "");
    texts_of(anchors_of(a, "vi", "ngày 14/11/2025 có 15 người"), SS_ANCHOR_NUMBER, got, sizeof got);
    assert_string_equal(got, "15");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_writing_gives_its_day),
        cmocka_unit_test(the_key_is_month_and_day),
        cmocka_unit_test(a_bare_day_takes_the_month_of_the_record),
        cmocka_unit_test(days_are_told_beside_the_date_of_the_record),
        cmocka_unit_test(without_a_date_the_weekday_is_kept),
        cmocka_unit_test(days_are_counted_right),
        cmocka_unit_test(a_date_is_no_number),
    };
    return cmocka_run_group_tests_name("dates", tests, set_up, tear_down);
}
