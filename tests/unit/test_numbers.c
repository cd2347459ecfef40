/* Numbers: the same amount is the same anchor however a language writes it. */
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

/* What a text must give, all of it and nothing else. */
static const struct {
    const char *language, *text, *numbers;
} cases[] = {
    /* one amount, in each language's writing */
    {"en", "some 1.2 million people", "1.2 million"},
    {"en", "a loss of £1.2m", "1.2 million"},
    {"en", "1,200,000 people", "1.2 million"},
    {"de", "rund 1,2 Millionen Menschen", "1.2 million"},
    {"de", "etwa 1,2 Mio. Euro", "1.2 million"},
    {"de", "1.200.000 Euro", "1.2 million"},
    {"fr", "1,2 million d'euros", "1.2 million"},
    {"fr", "1 200 000 euros", "1.2 million"},
    {"fr", "1\u202F200\u202F000 euros", "1.2 million"},
    {"nl", "1,2 miljoen mensen", "1.2 million"},
    {"es", "1,2 millones de personas", "1.2 million"},
    {"it", "1,2 milioni di persone", "1.2 million"},
    {"pt", "1,2 milhão de pessoas", "1.2 million"},
    {"sv", "1,2 miljoner människor", "1.2 million"},
    {"fi", "1,2 miljoonaa ihmistä", "1.2 million"},
    {"hu", "1,2 millió ember", "1.2 million"},
    {"pl", "1,2 mln osób", "1.2 million"},
    {"cs", "1,2 milionu lidí", "1.2 million"},
    {"ru", "1,2 миллиона человек", "1.2 million"},
    {"ru", "1,2 млн человек", "1.2 million"},
    {"uk", "1,2 мільйона людей", "1.2 million"},
    {"el", "1,2 εκατομμύρια άνθρωποι", "1.2 million"},
    {"tr", "1,2 milyon kişi", "1.2 million"},
    {"vi", "1,2 triệu người", "1.2 million"},
    {"id", "1,2 juta orang", "1.2 million"},
    {"ar", "١٫٢ مليون شخص", "1.2 million"},
    {"fa", "۱٫۲ میلیون نفر", "1.2 million"},
    {"he", "1.2 מיליון איש", "1.2 million"},
    {"hi", "12 लाख लोग", "1.2 million"},
    {"hi", "12,00,000 लोग", "1.2 million"},
    {"en", "12 lakh voters", "1.2 million"},
    {"th", "1.2 ล้านคน", "1.2 million"},
    {"zh", "120万人", "1.2 million"},
    {"ja", "120万人", "1.2 million"},
    {"ko", "120만명", "1.2 million"},
    /* scale upon scale, and words that differ from country to country */
    {"vi", "5 nghìn tỷ đồng", "5 trillion"},
    {"es", "3 mil millones de euros", "3 billion"},
    {"en", "3 billion euros", "3 billion"},
    {"de", "3 Billionen Euro", "3 trillion"},
    {"fr", "3 milliards d'euros", "3 billion"},
    {"hi", "3 करोड़ रुपये", "30 million"},
    {"ja", "1億2000万円", "120 million"},
    {"ko", "5조7천억 원", "5.7 trillion"},
    {"ko", "34억 유로", "3.4 billion"},
    {"th", "3 พันล้านบาท", "3 billion"},
    {"pt", "9 mil pessoas", "9,000"},
    {"ko", "주민 4천300명이", "4,300"},
    {"ko", "2억8천400만 유로", "284 million"},
    {"ko", "1천500여 명", "1,500"},
    {"ja", "2千3百万円", "23 million"},
    {"pl", "8,9 proc. przypadków", "8.9 %"},
    /* in letters */
    {"de", "fünf Milliarden Euro", "5 billion"},
    {"ar", "خمسة مليارات دولار", "5 billion"},
    {"en", "five billion dollars", "5 billion"},
    {"de", "vor fünfzig Jahren", "50"},
    {"fr", "vingt-deux entreprises", "22"},
    {"en", "twenty-two companies", "22"},
    {"en", "two or three companies", ""},
    /* percent, before or after */
    {"en", "up 12% on the year", "12 %"},
    {"en", "12 per cent of voters", "12 %"},
    {"de", "um 12 Prozent", "12 %"},
    {"de", "um 0,25 Prozent", "0.25 %"},
    {"fr", "12 % des voix", "12 %"},
    {"fr", "12 pour cent des voix", "12 %"},
    {"es", "el 12 por ciento", "12 %"},
    {"ru", "на 12 процентов", "12 %"},
    {"pl", "o 12 procent", "12 %"},
    {"tr", "yüzde 12 arttı", "12 %"},
    {"tr", "%12 arttı", "12 %"},
    {"vi", "tăng 12 phần trăm", "12 %"},
    {"id", "naik 12 persen", "12 %"},
    {"hi", "12 प्रतिशत", "12 %"},
    {"th", "ร้อยละ 12", "12 %"},
    {"zh", "百分之12", "12 %"},
    {"ja", "12パーセント", "12 %"},
    {"en", "5% of it", "5 %"},
    /* marks that mean one thing here, another there */
    {"en", "a rise of 1.125 percent", "1.125 %"},
    {"de", "1,234 Millionen", "1.23 million"},
    {"de", "10.000 Menschen", "10,000"},
    {"en", "10,000 people", "10,000"},
    {"vi", "10.000 người", "10,000"},
    {"en", "10.5 points", "10.5"},
    {"de", "1.234,5 Punkte", "1,234.5"},
    {"en", "1,234.5 points", "1,234.5"},
    {"ja", "1ドル=156円90銭", "156.90"},
    /* versions are not to be mixed up */
    {"en", "Debian 7.6 is out", "7.6"},
    {"en", "Debian 7.7 is out", "7.7"},
    {"en", "Debian 8.10 is out", "8.10|8.10"},
    {"en", "version 7.6.1 fixes it", "7.6.1"},
    {"en", "version 7.6rc1 is out", "7.6rc1"},
    /* what says nothing: years, single digits, times */
    {"en", "in 2025, for 3 days", ""},
    {"en", "by 2030", ""},
    {"pt", "às 22h19 de terça-feira", ""},
    {"en", "at 10:30 and at 11:45:12", ""},
    {"de", "um 19.30 Uhr", ""},
    {"ja", "午後10時、11月", ""},
    {"en", "founded in 1953", "1953"},
    {"en", "the 50th anniversary", "50"},
    {"de", "zum 50. Jahrestag", "50"},
    /* scores, in the order of their size */
    {"en", "won 3-2 on Sunday", "3-2"},
    {"de", "gewann 3:2 am Sonntag", "3-2"},
    {"vi", "thắng 6-4, 3-6, 7-6", "6-3|6-4|7-6"},
    {"ja", "6―3で惜敗", "6-3"},
    {"en", "some 2-3% more", "2 %|3 %"},
    {"en", "2 to 3 million people", "2 million|3 million"},
    {"de", "20 bis 30 Prozent", "20 %|30 %"},
    {"vi", "153,2 - 154,7 triệu đồng", "153 million|155 million"},
    {"vi", "từ 5 đến 6 tỷ đồng", "5 billion|6 billion"},
    {"ja", "20～30万人", "200,000|300,000"},
    {"en", "20 to 30 people", "20|30"},
    /* which one of a row */
    {"en", "the 8th round of talks", "8th"},
    {"en", "the eighth round of talks", "8th"},
    {"en", "round 8 of the talks", "8th"},
    {"en", "a third of the voters", ""},
    {"en", "for the second time", ""},
    {"de", "in der 8. Runde", "8th"},
    {"de", "die achte Runde", "8th"},
    {"de", "der achten Runde", "8th"},
    {"de", "Es waren 8. Die Polizei", ""},
    {"nl", "de 8e ronde", "8th"},
    {"nl", "de achtste ronde", "8th"},
    {"nl", "ronde 8", "8th"},
    {"vi", "vòng đàm phán thứ 8", "8th"},
    {"vi", "phiên thứ tám", "8th"},
    {"vi", "lần thứ 8", "8th"},
    {"vi", "kỳ họp thứ XIV", "14th"},
    {"vi", "Đại hội XIV", "14th"},
    {"fr", "le 8e cycle", "8th"},
    {"fr", "la huitième session", "8th"},
    {"es", "la 8.ª ronda", "8th"},
    {"es", "la octava ronda", "8th"},
    {"it", "l'ottavo round", "8th"},
    {"pt", "a 8ª rodada", "8th"},
    {"sv", "den 8:e rundan", "8th"},
    {"sv", "den åttonde rundan", "8th"},
    {"da", "den ottende runde", "8th"},
    {"cs", "v 8. kole", "8th"},
    {"pl", "ósma runda", "8th"},
    {"ro", "runda a opta", "8th"},
    {"uk", "восьмого раунду", "8th"},
    {"ru", "8-й раунд", "8th"},
    {"ru", "восьмой раунд", "8th"},
    {"ru", "восьмого раунда", "8th"},
    {"ru", "XIV съезд", "14th"},
    {"uk", "8-й раунд", "8th"},
    {"el", "ο 8ος γύρος", "8th"},
    {"tr", "8'inci tur", "8th"},
    {"hu", "a nyolcadik forduló", "8th"},
    {"id", "putaran ke-8", "8th"},
    {"id", "putaran kedelapan", "8th"},
    {"ar", "الجولة الثامنة", "8th"},
    {"hi", "8वें दौर", "8th"},
    {"th", "ครั้งที่ 8", "8th"},
    {"zh", "第8轮谈判", "8th"},
    {"zh", "第八轮谈判", "8th"},
    {"ja", "第8回会合", "8th"},
    {"ja", "第八回会合", "8th"},
    {"ko", "제8차 회의", "8th"},
    /* Chinese characters */
    {"zh", "十四个油气生产国", "14"},
    {"zh", "一百二十人", "120"},
    {"zh", "三千二百人", "3200"},
    {"zh", "两百万人", "2 million"},
    {"zh", "百分之二十", "20 %"},
    {"zh", "十二月, 万一, 十分", ""},
    {"zh", "二〇二五年", ""},
    {"ja", "二十人", "20"},
    /* letters against digits */
    {"en", "Boeing 737 and Level B1", "737"},
    {"en", "a 20km run", "20"},
    {"en", "5,000 to 6,000 people", "5,000|6,000"},
    {"en", "0 degrees", ""},
};

static void every_writing_gives_its_amount(void **state)
{
    (void)state;
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char got[512];
        texts_of(anchors_of(a, cases[i].language, cases[i].text), SS_ANCHOR_NUMBER, got,
                 sizeof got);
        if (strcmp(got, cases[i].numbers) != 0)
            print_message("# %s: \"%s\" gave \"%s\", not \"%s\"\n", cases[i].language,
                          cases[i].text, got, cases[i].numbers),
                wrong++;
    }
    assert_int_equal(wrong, 0);
}

static uint32_t only_key(const char *language, const char *text)
{
    const ss_anchors *found = anchors_of(a, language, text);
    const ss_anchor *one = NULL;
    for (size_t i = 0; i < found->count; i++)
        if (found->items[i].type == SS_ANCHOR_NUMBER &&
            !(found->items[i].flags & SS_ANCHOR_DERIVED)) {
            if (one) fail_msg("more than one number in \"%s\"", text);
            one = &found->items[i];
        }
    if (!one) fail_msg("no number in \"%s\"", text);
    return one->key;
}

static void one_amount_has_one_key(void **state)
{
    (void)state;
    uint32_t key = only_key("en", "1.2 million people");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (strcmp(cases[i].numbers, "1.2 million") == 0)
            assert_int_equal(only_key(cases[i].language, cases[i].text), key);
    assert_int_equal(only_key("en", "153.2 points"), only_key("en", "153.4 points"));
}

static void other_amounts_have_other_keys(void **state)
{
    (void)state;
    const char *const different[] = {"1.2 million", "1.3 million", "1.2 billion", "12 million",
                                     "12 percent",  "12 people",   "7.6",         "7.7",
                                     "76 people",   "7.6.1"};
    size_t count = sizeof different / sizeof *different;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(only_key("en", different[i]), only_key("en", different[j]));
}

/* 8.10 is the price of 8.1, and not the version 8.1: it has one anchor of each kind. */
static void a_last_zero_is_told(void **state)
{
    (void)state;
    uint32_t key = only_key("en", "8.1 euros");
    const ss_anchors *found = anchors_of(a, "en", "Debian 8.10");
    unsigned same = 0, numbers = 0;
    for (size_t i = 0; i < found->count; i++) {
        numbers += found->items[i].type == SS_ANCHOR_NUMBER;
        same += found->items[i].key == key;
    }
    assert_int_equal(numbers, 2);
    assert_int_equal(same, 1);
}

static unsigned weight(const char *text)
{
    const ss_anchors *found = anchors_of(a, "en", text);
    size_t i = 0;
    while (found->items[i].flags & SS_ANCHOR_DERIVED) i++;
    return found->items[i].weight;
}

static void more_digits_are_rarer(void **state)
{
    (void)state;
    assert_true(weight("81 people") < weight("5,000 people") + 1);
    assert_true(weight("5,000 people") < weight("5,300 people"));
    assert_true(weight("5,300 people") < weight("5,317 people"));
    assert_true(weight("12 percent") < weight("12.7 percent"));
}

static bool has_key(const ss_anchors *found, uint32_t key, bool derived)
{
    for (size_t i = 0; i < found->count; i++)
        if (found->items[i].type == SS_ANCHOR_NUMBER && found->items[i].key == key &&
            ((found->items[i].flags & SS_ANCHOR_DERIVED) != 0) == derived)
            return true;
    return false;
}

/* A number, and what another report makes of it. */
static void other_forms_of_an_amount_are_derived(void **state)
{
    (void)state;
    static const struct {
        const char *language, *written, *other_language, *other;
    } forms[] = {
        {"en", "1,874 cases", "de", "rund 1.900 Fälle"},
        {"en", "$31.9 million", "vi", "32 triệu USD"},
        {"en", "rose 12.4 percent", "nl", "ruim 12 procent"},
        {"en", "a 10-mile zone", "de", "16 Kilometer"},
        {"en", "90 mph winds", "de", "145 Kilometer pro Stunde"},
        {"en", "6.2 miles deep", "nl", "10 kilometer diep"},
        {"en", "10,000 feet", "de", "3.050 Meter"},
        {"en", "500 acres", "de", "200 Hektar"},
        {"en", "100 pounds", "fr", "45 kilos"},
        {"vi", "10 dặm", "de", "16 km"},
        {"de", "1,26 Tonnen", "ko", "1천260㎏"},
        {"nl", "1,2 km", "en", "1,200 metres"},
        {"zh", "1.2公里", "en", "1,200 metres"},
        {"en", "5 miles", "de", "8,05 Kilometer"},
    };
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        uint32_t key = only_key(forms[i].other_language, forms[i].other);
        if (!has_key(anchors_of(a, forms[i].language, forms[i].written), key, true))
            print_message("# \"%s\" is not \"%s\"\n", forms[i].written, forms[i].other), wrong++;
    }
    assert_int_equal(wrong, 0);
    uint32_t key = only_key("en", "1,900 cases");
    assert_true(has_key(anchors_of(a, "en", "1,874 cases, or 1,900"), key, false));
    assert_true(has_key(anchors_of(a, "en", "1,900 cases, or 1,874"), key, false));
    assert_false(has_key(anchors_of(a, "en", "the 1,974 and the 1905"), key, true));
}

/* The table is searched by bytes: it must be in their order, and folded as words are. */
static void scale_words_are_ordered_and_folded(void **state)
{
    (void)state;
    size_t count;
    const ss_scale *scale = ss_scales(&count);
    assert_true(count > 150);
    for (size_t i = 0; i < count; i++) {
        if (i && (unsigned char)scale[i].word[0] < (unsigned char)scale[i - 1].word[0])
            fail_msg("\"%s\" stands after \"%s\"", scale[i].word, scale[i - 1].word);
        char word[64], folded[256];
        size_t size = strcspn(scale[i].word, "*");
        memcpy(word, scale[i].word, size);
        size_t folded_size = ss_fold(a->model.normalizer, word, size, folded, sizeof folded);
        if (folded_size != size || memcmp(folded, word, size) != 0)
            fail_msg("\"%s\" is not folded", scale[i].word);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_writing_gives_its_amount),
        cmocka_unit_test(one_amount_has_one_key),
        cmocka_unit_test(other_amounts_have_other_keys),
        cmocka_unit_test(more_digits_are_rarer),
        cmocka_unit_test(other_forms_of_an_amount_are_derived),
        cmocka_unit_test(a_last_zero_is_told),
        cmocka_unit_test(scale_words_are_ordered_and_folded),
    };
    return cmocka_run_group_tests_name("numbers", tests, set_up, tear_down);
}
