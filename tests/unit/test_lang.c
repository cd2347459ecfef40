/* The language of a text, and that what has none is not given one. The sentences are our own. */
#include "unit.h"

#include "documents.h"
#include "shipped_model.h"
#include "text/lang.h"

#include <stdbool.h>

static unsigned language_of_bytes(const char *text, size_t size)
{
    ss_words words = {0};
    assert_int_equal(ss_words_split(model->normalizer, text, size, &words), SAMESTORY_OK);
    unsigned language = ss_language_identify(model, &words);
    assert_int_equal(ss_language_identify(model, &words), language);
    ss_words_free(&words);
    return language;
}

/* Its code, or "?". */
static const char *language_of(const char *text)
{
    unsigned language = language_of_bytes(text, strlen(text));
    return language == SS_LANGUAGE_UNKNOWN ? "?" : model->language[language].code;
}

static void need_identifier(void)
{
    if (model->langid) return;
    print_message("# this model has no language identifier\n");
    skip();
}

static const struct {
    const char *code, *text;
} sentences[] = {
    {"ar", "قال وزير الخارجية إن المحادثات سوف تستأنف في الأسبوع المقبل بعد انتهاء العطلة."},
    {"bg", "Министърът заяви, че преговорите ще продължат през следващата седмица в София."},
    {"bn", "পররাষ্ট্রমন্ত্রী বলেছেন, আগামী সপ্তাহে আবার আলোচনা শুরু হবে।"},
    {"ca", "El ministre va dir que les converses continuaran la setmana vinent a Barcelona."},
    {"cs", "Ministr uvedl, že jednání budou pokračovat příští týden, až se delegace vrátí."},
    {"da",
     "Ministeren sagde, at forhandlingerne fortsætter i næste uge, når gæsterne er rejst hjem."},
    {"de", "Der Minister sagte, dass die Gespräche in der kommenden Woche fortgesetzt werden."},
    {"el", "Ο υπουργός δήλωσε ότι οι συνομιλίες θα συνεχιστούν την επόμενη εβδομάδα."},
    {"en", "The minister said that the talks would go on next week, once the guests had left."},
    {"es", "El ministro dijo que las conversaciones continuarán la próxima semana en Madrid."},
    {"fa", "وزیر امور خارجه گفت که گفتگوها هفته آینده در تهران ادامه خواهد یافت."},
    {"fi", "Ministeri sanoi, että neuvottelut jatkuvat ensi viikolla, kun vieraat ovat lähteneet."},
    {"fr", "Le ministre a déclaré que les discussions reprendraient la semaine prochaine à Paris."},
    {"he", "השר אמר כי השיחות יימשכו בשבוע הבא לאחר שהאורחים יעזבו את העיר."},
    {"hi", "मंत्री ने कहा कि बातचीत अगले सप्ताह दिल्ली में फिर से शुरू होगी।"},
    {"hr", "Ministar je rekao da će se razgovori nastaviti sljedeći tjedan kada gosti odu."},
    {"hu", "A miniszter azt mondta, hogy a tárgyalások a jövő héten folytatódnak."},
    {"id",
     "Menteri mengatakan bahwa pembicaraan akan dilanjutkan pekan depan karena tamu sudah pulang."},
    {"it", "Il ministro ha detto che i colloqui riprenderanno la settimana prossima a Roma."},
    {"ja", "大臣は、来週も協議を続けると述べた。"},
    {"ko", "장관은 다음 주에 회담이 계속될 것이라고 말했다."},
    {"lt", "Ministras sakė, kad derybos tęsis kitą savaitę, kai svečiai išvyks."},
    {"lv", "Ministrs teica, ka sarunas turpināsies nākamajā nedēļā, kad viesi būs aizbraukuši."},
    {"mk", "Министерот изјави дека преговорите ќе продолжат следната недела во Скопје."},
    {"nl", "De minister zei dat de gesprekken volgende week worden voortgezet in Den Haag."},
    {"no", "Statsråden sa at samtalene skal fortsette neste uke, når gjestene har reist hjem."},
    {"pl", "Minister powiedział, że rozmowy będą kontynuowane w przyszłym tygodniu."},
    {"pt", "O ministro disse que as conversas continuarão na próxima semana em Lisboa."},
    {"ro", "Ministrul a spus că discuțiile vor continua săptămâna viitoare la București."},
    {"ru", "Министр сказал, что переговоры продолжатся на следующей неделе в Москве."},
    {"sk", "Minister povedal, že rokovania budú pokračovať budúci týždeň, keď hostia odídu."},
    {"sl", "Minister je povedal, da se bodo pogovori nadaljevali prihodnji teden."},
    {"sr", "Министар је рекао да ће се разговори наставити следеће недеље у Београду."},
    {"sv", "Ministern sade att samtalen fortsätter nästa vecka, när gästerna har åkt hem."},
    {"sw", "Waziri alisema kwamba mazungumzo yataendelea wiki ijayo mjini Nairobi."},
    {"ta", "பேச்சுவார்த்தை அடுத்த வாரம் தொடரும் என்று அமைச்சர் கூறினார்."},
    {"th", "รัฐมนตรีกล่าวว่าการเจรจาจะดำเนินต่อไปในสัปดาห์หน้า"},
    {"tl", "Sinabi ng ministro na magpapatuloy ang mga pag-uusap sa susunod na linggo."},
    {"tr", "Bakan, görüşmelerin gelecek hafta Ankara'da devam edeceğini söyledi."},
    {"uk", "Міністр сказав, що переговори продовжаться наступного тижня у Києві."},
    {"ur", "وزیر نے کہا کہ بات چیت اگلے ہفتے اسلام آباد میں جاری رہے گی۔"},
    {"vi", "Bộ trưởng nói rằng các cuộc đàm phán sẽ tiếp tục vào tuần tới."},
    {"zh", "部长表示，会谈将于下周客人离开之后继续进行。"},
};

static void a_sentence_is_enough(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++) {
        const char *got = language_of(sentences[i].text);
        if (strcmp(got, sentences[i].code))
            fail_msg("%s, not %s: %s", got, sentences[i].code, sentences[i].text);
    }
}

static void case_and_accents_apart_do_not_matter(void **state)
{
    (void)state;
    need_identifier();
    assert_string_equal(language_of("THE MINISTER SAID THAT THE TALKS WOULD GO ON NEXT WEEK"),
                        "en");
    assert_string_equal(language_of("Minister Says the Talks With the Union Will Go on Next Week"),
                        "en");
    assert_string_equal(language_of("BỘ TRƯỞNG NÓI RẰNG CÁC CUỘC ĐÀM PHÁN SẼ TIẾP TỤC"), "vi");
    assert_string_equal(
        language_of("Bo truong noi rang cac cuoc dam phan se tiep tuc vao tuan toi"), "vi");
}

static void names_and_a_quotation_do_not_mislead(void **state)
{
    (void)state;
    need_identifier();
    assert_string_equal(language_of("Nguyễn Hồng Diên und Jamieson Greer haben sich am Freitag in "
                                    "Washington zu weiteren Gesprächen über die Zölle getroffen."),
                        "de");
    assert_string_equal(
        language_of(
            "Der Sänger sagte am Abend vor dem Konzert in Hamburg, er habe seit Jahren nicht "
            "mehr so viel Freude an der Arbeit gehabt. „This is the best year of my life“, "
            "rief er, und die Zuschauer in der vollen Halle feierten ihn dafür noch lange."),
        "de");
}

static void what_is_no_text_is_unknown(void **state)
{
    (void)state;
    need_identifier();
    static const char *const junk[] = {
        "",
        "   \n\t  ",
        "12 345 67,8 90 % 11:30 2024-05-06 +49 30 1234567 3:2 (1:0)",
        "for (size_t i = 0; i < n; i++) { buf[i] = src[i] ^ key[i % len]; if (!buf[i]) return -1; "
        "}",
        "def f(x): return [int(y) for y in x.split(',') if y] or None # TODO(x): rm -rf tmp/*.log",
        "https://cdn.example.com/assets/js/app.min.js?v=8812 http://static.example.net/img/a_1.png",
        "d41d8cd98f00b204e9800998ecf8427e 9e107d9d372bb6826bd81d3542a419d6 "
        "e4d909c290d0fb1ca068ffad",
        "xqzv brrtkl wpfgh zzxcv qwrtp mnbvcx lkjhgf dfgjk plmokn ijbuhv ygctfx rdzesw aqswde",
        "asdf jkl; asdf jkl; qwer uiop zxcv nm,. hjkl asdf qwer zxcv uiop jklö asdf",
        "🙂🙂🙂 !!! ??? --- ... *** ♥♥♥",
    };
    for (size_t i = 0; i < sizeof junk / sizeof *junk; i++)
        if (strcmp(language_of(junk[i]), "?")) fail_msg("%s: %s", language_of(junk[i]), junk[i]);
}

static void languages_that_it_has_not_are_unknown(void **state)
{
    (void)state;
    need_identifier();
    static const char *const others[] = {
        "მინისტრმა განაცხადა, რომ მოლაპარაკებები მომავალ კვირას გაგრძელდება.", /* Georgian */
        "Նախարարն ասաց, որ բանակցությունները կշարունակվեն հաջորդ շաբաթ։",      /* Armenian */
        "ລັດຖະມົນຕີກ່າວວ່າ ການເຈລະຈາຈະສືບຕໍ່ໃນອາທິດໜ້າ",                                 /* Lao */
        "Dywedodd y gweinidog y byddai'r trafodaethau yn parhau yr wythnos nesaf yng Nghaerdydd "
        "ar ôl i'r gwesteion adael.", /* Welsh */
        "Dúirt an tAire go leanfadh na cainteanna ar aghaidh an tseachtain seo chugainn i mBaile "
        "Átha Cliath.", /* Irish */
        "Ministri tha se bisedimet do të vazhdojnë javën e ardhshme në Tiranë pasi të largohen "
        "të ftuarit.", /* Albanian */
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(language_of(others[i]), "?"))
            fail_msg("%s: %s", language_of(others[i]), others[i]);
}

/* Six times the sentence of language a, then of b: they say the same, nearly. */
static const char *language_of_both(size_t a, size_t b)
{
    char text[8192];
    size_t used = 0;
    for (int i = 0; i < 12; i++)
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%s ", sentences[i < 6 ? a : b].text);
    return language_of(text);
}

static size_t sentence_in(const char *code)
{
    size_t i = 0;
    while (strcmp(sentences[i].code, code)) i++;
    return i;
}

static void halves_of_two_languages_are_unknown(void **state)
{
    (void)state;
    need_identifier();
    static const char *const pairs[][2] = {{"en", "de"}, {"vi", "en"}, {"ru", "fr"}, {"ar", "en"},
                                           {"nl", "fi"}, {"pl", "es"}, {"tr", "hu"}, {"el", "it"},
                                           {"zh", "en"}, {"th", "en"}, {"ko", "de"}, {"ja", "ru"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const char *got = language_of_both(sentence_in(pairs[i][0]), sentence_in(pairs[i][1]));
        if (strcmp(got, "?")) fail_msg("%s and %s: %s", pairs[i][0], pairs[i][1], got);
    }
}

/* Any bytes have some language or none; that of a text in an odd place of memory is the same. */
static void any_bytes_are_safe(void **state)
{
    (void)state;
    uint64_t seed = 17;
    char bytes[3001];
    for (int run = 0; run < 300; run++) {
        size_t size = 0;
        while (size < sizeof bytes - 1) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            char c = (char)(seed >> 56);
            bytes[size++] = run % 3 == 0   ? c
                            : run % 3 == 1 ? (char)('a' + (c & 15))
                                           : (char)(c | 0x40);
            if (run % 3 && (seed >> 32 & 7) == 0) bytes[size - 1] = ' ';
        }
        size -= (size_t)run * 9;
        unsigned language = language_of_bytes(bytes, size);
        assert_true(language == SS_LANGUAGE_UNKNOWN || language < model->languages);
        memmove(bytes + 1, bytes, size);
        assert_int_equal(language_of_bytes(bytes + 1, size), language);
    }
}

static void a_words_rows_lie_in_the_table(void **state)
{
    (void)state;
    static const char text[] =
        "a né Москвы Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen";
    ss_words words = {0};
    uint32_t row[SS_LANG_ROWS];
    assert_int_equal(ss_words_split(model->normalizer, text, sizeof text - 1, &words),
                     SAMESTORY_OK);
    assert_int_equal(words.count, 4);
    assert_int_equal(ss_lang_rows(&words.items[0], 1000, row), 1 + 2 + 1);
    assert_int_equal(ss_lang_rows(&words.items[1], 1000, row), 1 + 3 + 2);
    for (size_t i = 0; i < words.count; i++)
        for (uint32_t rows = 1; rows < 100000; rows = rows * 7 + 1) {
            size_t count = ss_lang_rows(&words.items[i], rows, row);
            assert_in_range(count, 4, SS_LANG_ROWS);
            for (size_t k = 0; k < count; k++) assert_true(row[k] < rows);
        }
    ss_words_free(&words);
}

/* The share of a file's documents whose language comes out as the record says. */
static void assert_told(const char *file, double floor)
{
    documents d = documents_read(file);
    size_t count = 0, right = 0;
    for (size_t i = 0; i < d.count; i++) {
        samestory_string code = d.items[i].language, text = d.items[i].text;
        unsigned language = ss_model_language(model, code.data, code.size);
        if (language == SS_LANGUAGE_UNKNOWN) continue;
        count++;
        right += language_of_bytes(text.data, text.size) == language;
    }
    double share = (double)right / (double)count;
    print_message("# %s: language right in %.3f of %zu (floor %.2f)\n", file, share, count, floor);
    assert_true(count > 200);
    if (!(share >= floor)) fail_msg("%s: %.3f is below the floor %.2f", file, share, floor);
    documents_free(&d);
}

static void texts_of_the_shipped_sets_are_told(void **state)
{
    (void)state;
    assert_told("flores.jsonl.zst", .99);
    assert_told("reports.jsonl.zst", .98);
    assert_told("debian-press.jsonl.zst", .97);
    assert_told("itn.jsonl.zst", .93);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sentence_is_enough),
        cmocka_unit_test(case_and_accents_apart_do_not_matter),
        cmocka_unit_test(names_and_a_quotation_do_not_mislead),
        cmocka_unit_test(what_is_no_text_is_unknown),
        cmocka_unit_test(languages_that_it_has_not_are_unknown),
        cmocka_unit_test(halves_of_two_languages_are_unknown),
        cmocka_unit_test(texts_of_the_shipped_sets_are_told),
        cmocka_unit_test(any_bytes_are_safe),
        cmocka_unit_test(a_words_rows_lie_in_the_table),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}
