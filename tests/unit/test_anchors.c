/* Anchors: names meet across languages and scripts, common words are none, and any bytes will do.
 */
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

/* ---- Names ----------------------------------------------------------------------------------- */

static void a_rare_word_is_a_name_and_a_common_one_is_not(void **state)
{
    (void)state;
    const ss_anchors *found = anchors_of(a, "en", "The minister Jamieson said");
    const ss_anchor *name = anchor_named(found, SS_ANCHOR_NAME, "jamieson");
    assert_non_null(name);
    assert_true(name->flags & SS_ANCHOR_CAPITAL);
    assert_int_equal(name->weight, 96); /* (4.2 - 1.2) x 32: in no list at all */
    assert_null(anchor_named(found, SS_ANCHOR_NAME, "minister"));
    assert_null(anchor_named(found, SS_ANCHOR_NAME, "said"));
}

/* In the middle of a sentence a capital makes a rare word a name; at its start any word has one. */
static void a_capital_makes_a_name_where_others_have_none(void **state)
{
    (void)state;
    const ss_anchors *found = anchors_of(a, "en", "The envoy Jamieson met delegates quorumish here");
    assert_true(anchor_named(found, SS_ANCHOR_NAME, "jamieson")->flags & SS_ANCHOR_SURE);
    assert_false(anchor_named(found, SS_ANCHOR_NAME, "quorumish")->flags & SS_ANCHOR_SURE);
}

static void possessives_and_elisions_are_the_name(void **state)
{
    (void)state;
    assert_non_null(
        anchor_named(anchors_of(a, "en", "Jamieson's visit"), SS_ANCHOR_NAME, "jamieson"));
    assert_non_null(anchor_named(anchors_of(a, "fr", "l’Élysée"), SS_ANCHOR_NAME, "elysee"));
    assert_non_null(anchor_named(anchors_of(a, "tr", "Jamieson'ın"), SS_ANCHOR_NAME, "jamieson"));
}

static const ss_anchor *first_of(const ss_anchors *found, unsigned type)
{
    for (size_t i = 0; i < found->count; i++)
        if (found->items[i].type == type) return &found->items[i];
    return NULL;
}

static void korean_particles_are_no_part_of_a_name(void **state)
{
    (void)state;
    assert_non_null(
        anchor_named(anchors_of(a, "ko", "Jamieson은 말했다"), SS_ANCHOR_NAME, "jamieson"));
    assert_non_null(
        anchor_named(anchors_of(a, "ko", "홀루브는 말했다"), SS_ANCHOR_NAME, "hollubeu"));
}

static void a_pair_is_the_same_in_both_orders(void **state)
{
    (void)state;
    const ss_anchor *pair =
        anchor_named(anchors_of(a, "en", "with Jamieson Greer"), SS_ANCHOR_PAIR, "jamieson greer");
    assert_non_null(pair);
    uint32_t key = pair->key;
    pair = anchor_named(anchors_of(a, "hu", "a Greer Jamieson"), SS_ANCHOR_PAIR, "greer jamieson");
    assert_non_null(pair);
    assert_int_equal(pair->key, key);
    pair =
        anchor_named(anchors_of(a, "de", "mit Greer-Jamieson"), SS_ANCHOR_PAIR, "greer jamieson");
    assert_non_null(pair);
    assert_int_equal(pair->key, key);
}

static void three_capitals_are_two_pairs(void **state)
{
    (void)state;
    char got[256];
    texts_of(anchors_of(a, "de", "traf Trinh Vam Khai gestern"), SS_ANCHOR_PAIR, got, sizeof got);
    assert_string_equal(got, "trinh vam|vam khai");
}

static void the_capital_that_begins_a_sentence_makes_no_pair(void **state)
{
    (void)state;
    assert_null(first_of(anchors_of(a, "en", "Yesterday Jamieson said"), SS_ANCHOR_PAIR));
    assert_null(first_of(anchors_of(a, "de", "Er sagte: Gestern Minister"), SS_ANCHOR_PAIR));
    assert_null(first_of(anchors_of(a, "en", "Jamieson. Greer"), SS_ANCHOR_PAIR));
    assert_non_null(first_of(anchors_of(a, "en", "to the Foreign Minister"), SS_ANCHOR_PAIR));
    assert_null(first_of(anchors_of(a, "de", "mit Minister Prasident"), SS_ANCHOR_PAIR));
}

/* The syllables of a Vietnamese name are everyday words there, and rare ones elsewhere. */
static void vietnamese_names_meet_their_forms_abroad(void **state)
{
    (void)state;
    const ss_anchor *there = anchor_named(anchors_of(a, "vi", "Bộ trưởng Trịnh Văn Khải gặp"),
                                          SS_ANCHOR_PAIR, "trinh van");
    assert_non_null(there);
    uint32_t key = there->key;
    const ss_anchor *here =
        anchor_named(anchors_of(a, "de", "traf Trinh Van Khai"), SS_ANCHOR_PAIR, "trinh van");
    assert_non_null(here);
    assert_int_equal(here->key, key);
}

/* ---- Skeletons ------------------------------------------------------------------------------- */

static void read_skeleton(const char *name, unsigned reading, char out[SS_SKELETON_MAX + 1])
{
    ss_words words = {0};
    assert_int_equal(ss_words_split(a->model.normalizer, name, strlen(name), &words), SAMESTORY_OK);
    assert_int_equal(words.count, 1);
    const ss_word *w = &words.items[0];
    bool latin = w->script == SS_SCRIPT_LATIN;
    size_t size = ss_name_skeleton(&a->model, latin ? w->form : w->folded,
                              latin ? w->form_size : w->folded_size, (ss_script)w->script, reading, out);
    out[size] = '\0';
    ss_words_free(&words);
}

static void skeleton_of(const char *name, char out[SS_SKELETON_MAX + 1])
{
    read_skeleton(name, 0, out);
}

/* A name in Latin letters, and as other scripts write it. */
static const struct {
    const char *latin, *other;
} spellings[] = {
    {"Weidtmann", "Вайдтман"}, /* Russian */
    {"Lindqvist", "Линдквист"},
    {"Jamieson", "Джеймисон"},
    {"Shumakher", "Шумахер"},
    {"Obama", "Обама"},
    {"Wilson", "Уилсон"},
    {"Khai", "Кхай"},
    {"Merkel", "Меркель"},            /* Ukrainian reads the same letters */
    {"Dimitrov", "Димитров"},         /* Bulgarian */
    {"Papadopoulos", "Παπαδόπουλος"}, /* Greek */
    {"Berbatov", "Μπερμπάτοφ"},
    {"Macron", "ماكرون"}, /* Arabic: waw is a vowel here, */
    {"Wilson", "ويلسون"}, /* and a consonant here */
    {"Bambang", "بامبانغ"},
    {"Trump", "ترامب"},
    {"Macron", "מקרון"}, /* Hebrew */
    {"Marek", "มาเร็ก"},  /* Thai */
    {"Suriyan", "สุริยันต์"},
    {"Modi", "मोदी"}, /* Hindi */
    {"Macron", "मैक्रों"},
    {"Lindqvist", "린드크비스트"}, /* Korean */
    {"Merkel", "메르켈"},
    {"Merkel", "メルケル"}, /* Japanese */
    {"Lindqvist", "リンドクビスト"},
    {"Wilson", "ウィルソン"},
    {"Weidtmann", "魏特曼"}, /* Chinese, by sound */
    {"Sabina", "萨比娜"},
    {"Kovačević", "Kovasevis"}, /* accents that say the sound */
    {"Schumacher", "Šumaser"},
    {"Bialiațki", "Бяляцкий"},
    {"Ernaux", "Эрно"}, /* letters that nobody hears */
    {"Ernaux", "에르노"},
    {"Ernaux", "ერნო"}, /* Georgian */
    {"Ernaux", "எர்னோ"}, /* Tamil */
    {"Ernaux", "එර්නෝ"}, /* Sinhala */
    {"Ernaux", "এর্নো"},   /* Bengali */
    {"Wright", "Райт"},
    {"Brown", "Браун"},
    {"Andrew", "Эндрю"},
    {"Christina", "Кристина"},
    {"Kaczmarek", "Качмарек"},
    {"Benedict", "බෙනඩික්ට්"},
    {"Castillo", "காசுத்தீலியோ"},
    {"Putin", "Պուտին"}, /* Armenian: two letters are one vowel, */
    {"Chavez", "Չավես"},   /* and c has lost its hook */
    {"Trump", "ٹرمپ"},     /* Urdu's own letters */
    {"Barzani", "بارزانی"},
    {"Iraqi", "عراقی"}, /* a first vowel's letter */
    {"Alon", "אלון"},
    {"Khristos", "Χρίστος"},
    {"Milinković", "Милинковић"}, /* Serbian */
    {"Nurzhan", "Нұржан"},        /* Kazakh */
    {"Kirin", "खिरिन"},
    {"Kampong", "คำปง"}, /* Thai: k, not the sound of Bach, */
    {"Nongbua", "หนองบัว"}, /* a silent h, a w that is a vowel, */
    {"Pele", "เปเล่"},        /* and vowels written before what they follow */
    {"Amini", "แอมีนี"},
    {"Wanna", "วรรณา"},
    {"Chan", "จันทร์"},
};

/* Names that meet by the other reading of what their letters leave open. */
static const struct {
    const char *one, *other;
} readings[] = {
    {"Johannes", "Йоханнес"}, {"Jovanović", "Јовановић"}, {"Đukanović", "Джуканович"}, {"Bacher", "Бахер"},
    {"Petrovic", "Петрович"}, {"Khalistan", "ਖਾਲਿਸਤਾਨ"},  {"Gerald", "Джеральд"},
    {"Gorbatschow", "Горбачёв"}, {"Hipkins", "Гипкинс"}, {"Artemis", "อาร์ทิมิส"},
    {"James", "เจมส์"},       {"Jermani", "เจอร์มานี"},
};

static void a_name_has_one_skeleton_in_every_script(void **state)
{
    (void)state;
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        char left[SS_SKELETON_MAX + 1], right[SS_SKELETON_MAX + 1];
        skeleton_of(spellings[i].latin, left);
        skeleton_of(spellings[i].other, right);
        if (strcmp(left, right) != 0)
            print_message("# %s is %s, %s is %s\n", spellings[i].latin, left, spellings[i].other,
                          right),
                wrong++;
    }
    assert_int_equal(wrong, 0);
}

static void open_letters_are_read_both_ways(void **state)
{
    (void)state;
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof readings / sizeof *readings; i++) {
        char one[2][SS_SKELETON_MAX + 1], other[2][SS_SKELETON_MAX + 1];
        for (unsigned r = 0; r < 2; r++) {
            read_skeleton(readings[i].one, r ? SS_READ_OTHER : 0, one[r]);
            read_skeleton(readings[i].other, r ? SS_READ_OTHER : 0, other[r]);
        }
        bool meets = false;
        for (unsigned k = 0; k < 4; k++) meets = meets || !strcmp(one[k & 1], other[k >> 1]);
        if (!meets || !strcmp(one[0], other[0]))
            print_message("# %s is %s or %s, %s is %s or %s\n", readings[i].one, one[0], one[1],
                          readings[i].other, other[0], other[1]),
                wrong++;
    }
    assert_int_equal(wrong, 0);
}

static void ukrainian_reads_h_where_russian_has_g(void **state)
{
    (void)state;
    char latin[SS_SKELETON_MAX + 1], ukrainian[SS_SKELETON_MAX + 1];
    skeleton_of("Hrytsenko", latin);
    read_skeleton("Гриценко", SS_READ_H, ukrainian);
    assert_string_equal(latin, ukrainian);
}

static void names_that_differ_have_other_skeletons(void **state)
{
    (void)state;
    const char *const names[] = {"Weidtmann", "Lindqvist",  "Jamieson", "Merkel",   "Obama",
                                 "Kurosawa",  "Ellerbrock", "Holub",    "Wulandari"};
    size_t count = sizeof names / sizeof *names;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++) {
            char left[SS_SKELETON_MAX + 1], right[SS_SKELETON_MAX + 1];
            skeleton_of(names[i], left);
            skeleton_of(names[j], right);
            assert_string_not_equal(left, right);
        }
}

static bool share_a_skeleton(const char *language, const char *text, const char *other_language,
                             const char *other_text)
{
    ss_anchors first = *anchors_of(a, language, text);
    const ss_anchors *second = anchors_of(a, other_language, other_text);
    for (size_t i = 0; i < first.count; i++)
        for (size_t j = 0; j < second->count; j++)
            if (first.items[i].type == SS_ANCHOR_SKELETON &&
                second->items[j].type == SS_ANCHOR_SKELETON &&
                first.items[i].key == second->items[j].key)
                return true;
    return false;
}

/* The text of the skeleton that both texts have, as the first shows it; NULL: none. */
static const char *shared_pair(const char *language, const char *text, const char *other_language,
                               const char *other_text)
{
    static char shown[64];
    ss_anchors first = *anchors_of(a, language, text);
    const ss_anchors *second = anchors_of(a, other_language, other_text);
    for (size_t i = 0; i < first.count; i++)
        for (size_t j = 0; j < second->count; j++) {
            const ss_anchor *x = &first.items[i], *y = &second->items[j];
            if (x->type != SS_ANCHOR_SKELETON || y->type != x->type || x->key != y->key) continue;
            memcpy(shown, first.pool + x->text, x->text_size);
            shown[x->text_size] = '\0';
            if (strchr(shown, ' ')) return shown;
        }
    return NULL;
}

static void assert_pair(const char *language, const char *text, const char *pair,
                        const char *other_language, const char *other_text)
{
    const char *shown = shared_pair(language, text, other_language, other_text);
    assert_non_null(shown);
    assert_string_equal(shown, pair);
}

static void texts_in_two_scripts_share_the_skeleton_of_a_name(void **state)
{
    (void)state;
    const char *german = "Gestern sagte Johannes Weidtmann in Hanoi";
    assert_true(share_a_skeleton("de", german, "ru", "Президент Йоханнес Вайдтман сказал"));
    assert_true(share_a_skeleton("de", german, "ru", "встретил Вайдтманом")); /* inflected */
    assert_true(share_a_skeleton("de", german, "zh", "德国总统约翰内斯·魏特曼访问越南"));
    assert_true(share_a_skeleton("de", "mit Lindqvist", "ko",
                                 "린드크비스트는 말했다")); /* with a particle */
    assert_true(share_a_skeleton("de", "mit Lindqvist", "ja", "リンドクビスト氏は述べた"));
    assert_true(share_a_skeleton("en", "with Marek Holub", "th", "ด้านนายมาเร็ก โฮลุบ ระบุว่า"));
    assert_true(share_a_skeleton("en", "with Macron", "ar", "قال الماكرون")); /* with the article */
    assert_true(share_a_skeleton("en", "with Bambang", "ar", "وبامبانغ"));    /* with "and" */
    assert_false(share_a_skeleton("de", german, "ru", "Президент сказал"));
    assert_false(
        share_a_skeleton("en", "with Daiter", "ja", "データ")); /* a common word is no name */
}

/* Names that everybody knows are met across scripts if they are long enough. */
static void a_known_name_needs_a_long_skeleton(void **state)
{
    (void)state;
    assert_true(share_a_skeleton("en", "said Bernardo", "ru", "вчера Бернардо"));
    assert_false(share_a_skeleton("en", "said Marko", "ru", "вчера Марко"));
    assert_true(share_a_skeleton("en", "said Mirko", "ru", "вчера Мирко")); /* in no list */
}

/* Two short names that stand together prove as much as a long one. */
static void two_skeletons_in_a_row_are_one(void **state)
{
    (void)state;
    const char *english = "protests for Mahsa Amini";
    assert_pair("en", english, "mahsa amini", "ru", "вчера Махса Амини");
    assert_pair("en", english, "mahsa amini", "fa", "برای مهسا امینی");
    assert_pair("en", english, "mahsa amini", "bn", "মাহসা আমিনি");
    assert_pair("en", english, "mahsa amini", "th", "การเสียชีวิตของแมฮ์ซอ แอมีนี");
    assert_pair("en", english, "mahsa amini", "ka", "მაჰსა ამინი");
    assert_pair("en", english, "mahsa amini", "ru", "вчера Амини Махса"); /* in either order */
    assert_pair("en", "for Nina Lund", "nina lund", "ja", "ニーナ・ルンド氏");
    assert_pair("en", "for Sergey Belov", "sergey belov", "zh", "谢尔盖·别洛夫");
    assert_pair("en", english, "mahsa amini", "ar", "قالت ومهسا أميني"); /* without "and" */
    assert_null(shared_pair("en", english, "ru", "вчера Махса и Амини")); /* not together */
    assert_null(shared_pair("en", "said Amini", "ru", "вчера Амини"));
    assert_null(shared_pair("en", "by the President Minister", "fr", "le President Minister"));
    assert_null(shared_pair("en", "for An Li", "ru", "вчера Ан Ли")); /* hardly a consonant */
}

static void thai_names_stand_between_words(void **state)
{
    (void)state;
    assert_true(share_a_skeleton("en", "said Artemis", "th", "ปล่อยยานไร้คนขับ อาร์ทิมิส 1"));
    assert_true(share_a_skeleton("en", "in Kandahar", "th", "ระเบิดในกันดาฮาร์ มีผู้เสียชีวิต"));
    assert_true(share_a_skeleton("en", "of Esmeraldas", "th", "จังหวัดเอสเมรัลดาส"));
    const ss_anchors *found = anchors_of(a, "th", "ประชุมคณะรัฐมนตรีวันนี้ มีผู้เสียชีวิตอย่างน้อย");
    for (size_t i = 0; i < found->count; i++)
        assert_int_not_equal(found->items[i].type, SS_ANCHOR_SKELETON);
}

static void thai_words_stand_in_order(void **state)
{
    (void)state;
    size_t count;
    const char *const *words = ss_thai_words(&count);
    for (size_t i = 1; i < count; i++) assert_true(strcmp(words[i - 1], words[i]) < 0);
    for (size_t i = 0; i < count; i++) assert_int_equal(strlen(words[i]) % 3, 0);
}

static bool share_a_pair(const char *language, const char *text, const char *pair)
{
    return anchor_named(anchors_of(a, language, text), SS_ANCHOR_PAIR, pair) != NULL;
}

/* What is left of a Chinese sentence when its words are taken off. */
static void chinese_names_stand_between_words(void **state)
{
    (void)state;
    assert_true(share_a_pair("zh", "越南主席郑文凯表示", "trinh van"));
    assert_true(share_a_pair("zh", "越南主席郑文凯表示", "van khai"));
    assert_true(share_a_pair("zh", "代表团团长郭彦明表示", "guo yanming"));
    assert_true(share_a_skeleton("en", "in Helmond", "zh", "荷兰海尔蒙德工厂"));
    assert_true(share_a_skeleton("en", "with Mokonde", "zh", "外长莫孔德表示"));
    assert_false(share_a_pair("zh", "越南主席表示", "yue nan"));
}

static void japanese_families_are_read(void **state)
{
    (void)state;
    assert_non_null(
        anchor_named(anchors_of(a, "ja", "高市早苗首相は述べた"), SS_ANCHOR_NAME, "takaichi"));
    assert_true(share_a_skeleton("en", "with Nakamura", "ja", "中村氏は述べた"));
    assert_null(anchor_named(anchors_of(a, "ja", "首相は述べた"), SS_ANCHOR_NAME, "takaichi"));
}

/* ---- Places ---------------------------------------------------------------------------------- */

static int city_number(const anchor_model *model, const char *language, const char *name)
{
    uint64_t hash = ss_folded_hash(name, strlen(name));
    const ss_lexicon_entry *e = ss_model_lexicon(&model->model, hash);
    const ss_lexicon_entry *end = model->model.lexicon + model->model.lexicon_size;
    for (; e && e < end && e->hash == hash; e++)
        if (e->kind == SS_LEX_CITY &&
            (e->language == anchor_language(language) || e->language == SS_LANGUAGE_UNKNOWN))
            return e->value;
    return 0;
}

static uint32_t place_key(const char *language, const char *text)
{
    const ss_anchors *found = anchors_of(a, language, text);
    for (size_t i = 0; i < found->count; i++)
        if (found->items[i].flags & SS_ANCHOR_KNOWN) return found->items[i].key;
    fail_msg("%s: no place in \"%s\"", language, text);
    return 0;
}

static void a_country_is_the_same_in_all_languages(void **state)
{
    (void)state;
    uint32_t vietnam = place_key("en", "in Vietnam");
    assert_int_equal(place_key("de", "nach Vietnam"), vietnam);
    assert_int_equal(place_key("fr", "au Viêt Nam"), vietnam);
    assert_int_equal(place_key("vi", "tại Việt Nam"), vietnam);
    assert_int_equal(place_key("ru", "во Вьетнаме"), vietnam);
    assert_int_equal(place_key("uk", "у В'єтнамі"), vietnam);
    assert_int_equal(place_key("ja", "首相はベトナムを訪問した"), vietnam);
    assert_int_equal(place_key("zh", "总理访问越南"), vietnam);
    assert_int_equal(place_key("ko", "베트남 총리"), vietnam);
    assert_int_equal(place_key("th", "ประเทศเวียดนาม"), vietnam);
    assert_int_equal(place_key("en", "the Vietnamese"), vietnam);
    uint32_t hanoi = place_key("en", "in Hanoi");
    assert_int_not_equal(hanoi, vietnam);
    assert_int_equal(place_key("zh", "在河内举行"), hanoi);
    assert_int_equal(place_key("fr", "à Hanoï"), hanoi);
    assert_int_equal(place_key("en", "in South Korea"), place_key("de", "in Südkorea"));
}

static uint32_t city_key(const char *language, const char *text)
{
    const ss_anchors *found = anchors_of(a, language, text);
    uint32_t geneva = ss_city_key(city_number(a, "en", "geneva"));
    for (size_t i = 0; i < found->count; i++)
        if (found->items[i].type == SS_ANCHOR_NAME && found->items[i].key == geneva) return geneva;
    return 0;
}

static void a_city_is_the_same_in_all_languages(void **state)
{
    (void)state;
    static const char *const texts[][2] = {
        {"en", "talks in Geneva"}, {"de", "in Genf"},          {"nl", "in Genève"},
        {"vi", "tại Geneva"},      {"es", "en Ginebra"},       {"ru", "в Женеве"},
        {"zh", "在日内瓦举行"},    {"ja", "ジュネーブで開催"}, {"ko", "제네바에서"},
        {"th", "ที่เจนีวา"},          {"ar", "في جنيف"},          {"pl", "w Genewie"}};
    unsigned wrong = 0;
    assert_int_not_equal(city_number(a, "en", "geneva"), 0);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!city_key(texts[i][0], texts[i][1]))
            print_message("# no city in \"%s\"\n", texts[i][1]), wrong++;
    assert_int_equal(wrong, 0);
    int da_nang = city_number(a, "vi", "da nang");
    assert_int_not_equal(da_nang, 0);
    assert_int_equal(city_number(a, "zh", "岘港"), da_nang);
    assert_int_equal(city_number(a, "ko", "다낭"), da_nang);
}

/* ---- Links ----------------------------------------------------------------------------------- */

static void links_hashtags_and_codes_are_links(void **state)
{
    (void)state;
    const ss_anchors *found = anchors_of(
        a, "en",
        "See https://www.Example.org/a/b.html?utm=1#top, #DebConf, flight MH370, CVE-2014-3470.");
    char got[256];
    assert_string_equal(texts_of(found, SS_ANCHOR_LINK, got, sizeof got),
                        "#debconf|cve-2014-3470|example.org/a/b.html|mh370");
    assert_null(anchor_named(found, SS_ANCHOR_NAME, "https"));
    assert_null(anchor_named(found, SS_ANCHOR_NAME, "html"));
    const char *const flights[][2] = {{"de", "Der Flug LH 716 nach Tokio"},
                                      {"en", "on flight LH716 to Tokyo"},
                                      {"vi", "chuyến bay LH 716 đi Tokyo"},
                                      {"nl", "vlucht LH716 naar Tokio"}};
    for (size_t i = 0; i < sizeof flights / sizeof *flights; i++)
        assert_string_equal(
            texts_of(anchors_of(a, flights[i][0], flights[i][1]), SS_ANCHOR_LINK, got, sizeof got),
            "lh716");
    assert_non_null(anchor_named(anchors_of(a, "en", "at DebConf16"), SS_ANCHOR_NAME, "debconf16"));
}

/* ---- Newswire -------------------------------------------------------------------------------- */

/* One event as agencies write it in four languages: datelines, abbreviations, quotes, bylines. */
static const struct {
    const char *language, *text;
} wires[] = {
    {"de",
     "HANOI (dpa) - Bundesaußenminister Johann Weidtmann (CDU) ist am Donnerstag in Hanoi mit "
     "seinem Amtskollegen Le Hoai Trung zusammengekommen. Beide unterzeichneten in der 8. "
     "Runde ihrer Gespräche eine Absichtserklärung über 27,5 Mio. Euro. »Ein Schlüsselpartner«, "
     "sagte Weidtmann. Das Handelsvolumen stieg um 12,4 Prozent."},
    {"vi", "(TTXVN) - Ngày 13/11, tại Hà Nội, Bộ trưởng Ngoại giao Lê Hoài Trung đã hội đàm với Bộ "
           "trưởng Ngoại giao CHLB Đức Johann Weidtmann tại vòng đàm phán thứ 8. Hai bên ký Ý định "
           "thư trị giá 27,5 triệu euro. Kim ngạch thương mại tăng 12,4%."},
    {"en",
     "HANOI, Nov 13 (Reuters) - German Foreign Minister Johann Weidtmann met his counterpart Le "
     "Hoai Trung on Thursday for the eighth round of their talks and signed a letter of intent "
     "worth 27.5 million euros ($31.9 million). Trade grew 12.4%. (Reporting by Jane Doe)"},
    {"nl",
     "HANOI (ANP/AFP) - De Duitse minister Johann Weidtmann heeft donderdag in Hanoi tijdens de "
     "achtste ronde een intentieverklaring van 27,5 miljoen euro getekend met zijn ambtgenoot Le "
     "Hoai Trung. De handel groeide met 12,4 procent."},
};

static void reports_of_agencies_share_what_they_tell(void **state)
{
    (void)state;
    static const struct {
        unsigned type;
        const char *text;
    } told[] = {{SS_ANCHOR_DATE, "13 nov"},          {SS_ANCHOR_NUMBER, "27.5 million"},
                {SS_ANCHOR_NUMBER, "12.4 %"},        {SS_ANCHOR_NUMBER, "8th"},
                {SS_ANCHOR_PAIR, "hoai trung"},      {SS_ANCHOR_NAME, "weidtmann"},
                {SS_ANCHOR_PAIR, "johann weidtmann"}};
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof wires / sizeof *wires; i++) {
        size_t size = strlen(wires[i].text);
        assert_int_equal(ss_words_split(a->model.normalizer, wires[i].text, size, &a->words),
                         SAMESTORY_OK);
        assert_true(ss_anchors_find(&a->model, wires[i].text, size, 0, &a->words,
                                    anchor_language(wires[i].language), 1763121600, a->scratch,
                                    &a->found));
        for (size_t k = 0; k < sizeof told / sizeof *told; k++)
            if (!anchor_named(&a->found, told[k].type, told[k].text))
                print_message("# %s: no \"%s\"\n", wires[i].language, told[k].text), wrong++;
        static const char *const agencies[] = {"reuters", "dpa", "ttxvn", "afp", "anp"};
        for (size_t k = 0; k < sizeof agencies / sizeof *agencies; k++)
            assert_null(anchor_named(&a->found, SS_ANCHOR_NAME, agencies[k]));
    }
    assert_int_equal(wrong, 0);
}

/* ---- What is kept ---------------------------------------------------------------------------- */

static void flags_say_where_an_anchor_stands(void **state)
{
    (void)state;
    char text[4096] = "Jamieson\n";
    for (int i = 0; i < 70; i++) strcat(text, i == 5 ? "Greer " : "the ");
    strcat(text, "Holub Greer");
    const ss_anchors *found = anchors_of_bytes(a, "en", text, strlen(text), 9);
    const ss_anchor *title = anchor_named(found, SS_ANCHOR_NAME, "jamieson");
    const ss_anchor *lead = anchor_named(found, SS_ANCHOR_NAME, "greer");
    const ss_anchor *late = anchor_named(found, SS_ANCHOR_NAME, "holub");
    assert_non_null(title);
    assert_non_null(lead);
    assert_non_null(late);
    int places = SS_ANCHOR_TITLE | SS_ANCHOR_LEAD;
    assert_int_equal(title->flags & places, SS_ANCHOR_TITLE);
    assert_int_equal(lead->flags & places, SS_ANCHOR_LEAD);
    assert_int_equal(late->flags & places, 0);
    assert_int_equal(lead->count, 2);
    assert_int_equal(late->count, 1);
}

static void assert_place(const ss_anchors *found, const char *text, unsigned type,
                         const char *anchor, const char *written)
{
    const ss_anchor *x = anchor_named(found, type, anchor);
    if (!x) fail_msg("no \"%s\" in \"%s\"", anchor, text);
    const ss_place *p = &found->place[x - found->items];
    assert_true(p->start < p->end && p->end <= strlen(text));
    if (p->end - p->start != strlen(written) || memcmp(text + p->start, written, strlen(written)))
        fail_msg("\"%s\" stands at \"%.*s\"", anchor, (int)(p->end - p->start), text + p->start);
}

static void every_anchor_has_its_place_in_the_text(void **state)
{
    (void)state;
    const char *text = "Am 14. November sagte Jamieson Greer in Hanoi, 1,2 Mio. Euro und #DebConf "
                       "seien genug; Greer vom 12. bis 14.11. in Hanoi, https://a.org/b/ ist zu";
    const ss_anchors *found = anchors_of(a, "de", text);
    assert_place(found, text, SS_ANCHOR_DATE, "14 nov", "14. November");
    assert_place(found, text, SS_ANCHOR_DATE, "12 nov", "12. bis 14.11");
    assert_place(found, text, SS_ANCHOR_NAME, "greer", "Greer");
    assert_place(found, text, SS_ANCHOR_PAIR, "jamieson greer", "Jamieson Greer");
    assert_place(found, text, SS_ANCHOR_NAME, "hanoi", "Hanoi");
    assert_place(found, text, SS_ANCHOR_NUMBER, "1.2 million", "1,2 Mio");
    assert_place(found, text, SS_ANCHOR_LINK, "#debconf", "DebConf");
    assert_place(found, text, SS_ANCHOR_LINK, "a.org/b", "https://a.org/b/");
    text = "德国总统约翰内斯·魏特曼访问越南";
    found = anchors_of(a, "zh", text);
    assert_place(found, text, SS_ANCHOR_NAME, "weiteman", "魏特曼");
    assert_place(found, text, SS_ANCHOR_NAME, "yuenan", "越南");
}

/* Whatever the text, the result keeps its promises. */
static void assert_sound(const ss_anchors *found)
{
    static const size_t room[SS_ANCHOR_TYPES] = SS_ANCHORS_OF_TYPE;
    size_t of_type[SS_ANCHOR_TYPES] = {0};
    assert_true(found->count <= SS_ANCHORS_MAX);
    assert_true(found->pool_size <= SS_POOL_MAX);
    for (size_t i = 0; i < found->count; i++) {
        const ss_anchor *x = &found->items[i];
        assert_true(x->type < SS_ANCHOR_TYPES);
        assert_true(++of_type[x->type] <= room[x->type]);
        assert_true(x->text_size < 64);
        assert_true((size_t)x->text + x->text_size <= found->pool_size || x->text_size == 0);
        assert_true(x->count > 0);
        assert_int_equal(x->zero, 0);
        if (i == 0) continue;
        const ss_anchor *y = x - 1;
        assert_true(y->type < x->type || (y->type == x->type && y->key < x->key));
    }
}

static void the_strongest_are_kept(void **state)
{
    (void)state;
    char text[8192] = "";
    for (int i = 0; i < 200; i++) {
        char word[32];
        snprintf(word, sizeof word, "qu%c%cxal ", 'a' + i / 26, 'a' + i % 26);
        strcat(text, word);
    }
    strcat(text, "Jamieson Jamieson Jamieson");
    const ss_anchors *found = anchors_of(a, "en", text);
    assert_sound(found);
    assert_non_null(anchor_named(found, SS_ANCHOR_NAME, "jamieson"));
}

static void the_same_text_gives_the_same_bytes(void **state)
{
    (void)state;
    const char *text =
        "Jamieson Greer sagte am 14. November in Hanoi: 1,2 Mio. Euro, 12 %. ワイトマン";
    ss_anchors first = *anchors_of(a, "de", text);
    anchors_of(a, "en", "Something else entirely, with Holub, 17 people, 3 May");
    const ss_anchors *again = anchors_of(a, "de", text);
    assert_int_equal(first.count, again->count);
    assert_memory_equal(first.items, again->items, first.count * sizeof *first.items);
    assert_int_equal(first.pool_size, again->pool_size);
    assert_memory_equal(first.pool, again->pool, first.pool_size);
    ss_anchor_scratch *old = a->scratch;
    a->scratch = ss_anchor_scratch_new();
    again = anchors_of(a, "de", text);
    assert_memory_equal(first.items, again->items, first.count * sizeof *first.items);
    ss_anchor_scratch_free(old);
}

/* The memory of words is used again: what an earlier text left behind the last word is not read. */
static void the_text_before_leaves_no_trace(void **state)
{
    (void)state;
    static const char name[] = "นายแพท", before[] = "กกกกกกกกกกกกย์ก";
    const ss_anchors fresh = *anchors_of(a, "th", name);
    assert_true(fresh.count > 0);
    anchors_of(a, "th", before); /* where it ends, "แพทย์" (a physician) would be read */
    const ss_anchors *again = anchors_of(a, "th", name);
    assert_int_equal(again->count, fresh.count);
    assert_memory_equal(again->items, fresh.items, fresh.count * sizeof *fresh.items);
}

static void composed_and_decomposed_letters_are_the_same(void **state)
{
    (void)state;
    ss_anchors first = *anchors_of(a, "vi", "ông Nguyễn Hồng Diên");
    const ss_anchors *second = anchors_of(a, "vi", "ông Nguyễn Hồng Diên");
    assert_int_equal(first.count, second->count);
    for (size_t i = 0; i < first.count; i++)
        assert_int_equal(first.items[i].key, second->items[i].key);
}

/* ---- Hostile bytes --------------------------------------------------------------------------- */

/* The bytes in a block of their own, so that a sanitizer sees a step past either end. */
static void try_bytes(const char *bytes, size_t size)
{
    static const char *const languages[] = {"en", "de", "vi", "zh", "ar", "th", "ko", "ru", "xx"};
    char *block = malloc(size ? size : 1);
    assert_non_null(block);
    memcpy(block, bytes, size);
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++) {
        assert_sound(anchors_of_bytes(a, languages[i], block, size, 0));
        assert_sound(anchors_of_bytes(a, languages[i], block, size, size / 2));
    }
    free(block);
}

static void any_bytes_will_do(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        " ",
        "1",
        "1.",
        "1,",
        "1 ",
        "-1",
        "12.",
        "12.1",
        "12.1.",
        "1/",
        "1/1",
        "1-",
        "1月",
        "1月1",
        "100000000年",
        "November",
        "November ",
        "November 1",
        "1 November",
        "12-",
        "12 bis",
        "12 bis ",
        "%",
        "%1",
        "1%",
        "# #a ##",
        "://",
        "a://",
        "http://",
        "http://a",
        "http://a.b/",
        "\xC3",
        "\xE4\xB8",
        "A\xFF"
        "B 1\xFF"
        "2",
        "\xF0\x9F\x98",
        "·",
        "约·",
        "·约翰",
        "约·翰·",
        "《",
        "《a》",
        "นาย",
        "นาย ",
        "นายก",
        "ー",
        "ーーー",
        "ー・ー",
        "ال",
        "وال",
        "A-1-2-3-4-5-6",
        "A-1",
        "1e99999999999",
        "0.00000000000000000000000001",
        "99999999999999999999999999",
        "999999999999 million billion trillion",
        "1億1億1億1億1億",
        "9億9億",
        "٠٠٠",
        "١.",
        "twenty",
        "twenty-",
        "twenty ",
        "1.2.3.4.5.6.7.8.9.0.1.2.3.4.5.6.7.8.9.0",
        "1,1,1,1,1,1",
        "1 000 000 000 000 000 000 000 000 000 000",
        "999.5",
        "9995 10000 99999999 million",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) try_bytes(texts[i], strlen(texts[i]));
    static const char nuls[] = "Jamieson\0Greer\0\0 12\0 14\0November \0";
    try_bytes(nuls, sizeof nuls);
}

static void random_bytes_will_do(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "12",  ".",       ",",   "-",  "/",        " ",   "%",        "November", "Hanoi",
        "Van", "\xFF",    "万",  "億", "月",       "日",  "·",        "约翰",     "ภาษา",
        "นาย", "million", "bis", "٣",  "\xCC\x81", "://", "#",        "a",        "Z",
        "'",   "’",       "ال",  "ッ", "한국",     "\n",  "のデータ", "व"};
    uint64_t seed = 1;
    for (int round = 0; round < 300; round++) {
        char text[512];
        size_t size = 0;
        while (size < 400) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            if (seed >> 61 == 0) {
                text[size++] = (char)(seed >> 40);
                continue;
            }
            const char *piece = pieces[(seed >> 33) % (sizeof pieces / sizeof *pieces)];
            memcpy(text + size, piece, strlen(piece));
            size += strlen(piece);
        }
        try_bytes(text, size);
    }
}

/* A megabyte of the same thing takes no more than linear time: the test would not end else. */
static void endless_texts_will_do(void **state)
{
    (void)state;
    static const char *const pieces[] = {"1",
                                         ".",
                                         "1.",
                                         "1,",
                                         "1 000 ",
                                         "1-",
                                         "1/",
                                         "A1-",
                                         "12 November ",
                                         "12 bis ",
                                         "Jamieson Greer ",
                                         "约翰·",
                                         "メ",
                                         "http://a.b/c ",
                                         "한국",
                                         "www.",
                                         "://",
                                         "twenty-",
                                         "million ",
                                         "1万",
                                         "#a",
                                         "\xFF",
                                         "ال"};
    enum { SIZE = 1 << 20 };
    char *text = malloc(SIZE);
    assert_non_null(text);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        size_t length = strlen(pieces[i]);
        for (size_t at = 0; at < SIZE; at++) text[at] = pieces[i][at % length];
        assert_sound(anchors_of_bytes(a, "en", text, SIZE, 0));
        assert_sound(anchors_of_bytes(a, "zh", text, SIZE, 100));
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rare_word_is_a_name_and_a_common_one_is_not),
        cmocka_unit_test(a_capital_makes_a_name_where_others_have_none),
        cmocka_unit_test(possessives_and_elisions_are_the_name),
        cmocka_unit_test(korean_particles_are_no_part_of_a_name),
        cmocka_unit_test(a_pair_is_the_same_in_both_orders),
        cmocka_unit_test(three_capitals_are_two_pairs),
        cmocka_unit_test(the_capital_that_begins_a_sentence_makes_no_pair),
        cmocka_unit_test(vietnamese_names_meet_their_forms_abroad),
        cmocka_unit_test(a_name_has_one_skeleton_in_every_script),
        cmocka_unit_test(open_letters_are_read_both_ways),
        cmocka_unit_test(ukrainian_reads_h_where_russian_has_g),
        cmocka_unit_test(names_that_differ_have_other_skeletons),
        cmocka_unit_test(texts_in_two_scripts_share_the_skeleton_of_a_name),
        cmocka_unit_test(a_known_name_needs_a_long_skeleton),
        cmocka_unit_test(two_skeletons_in_a_row_are_one),
        cmocka_unit_test(thai_names_stand_between_words),
        cmocka_unit_test(thai_words_stand_in_order),
        cmocka_unit_test(chinese_names_stand_between_words),
        cmocka_unit_test(japanese_families_are_read),
        cmocka_unit_test(a_country_is_the_same_in_all_languages),
        cmocka_unit_test(a_city_is_the_same_in_all_languages),
        cmocka_unit_test(links_hashtags_and_codes_are_links),
        cmocka_unit_test(reports_of_agencies_share_what_they_tell),
        cmocka_unit_test(flags_say_where_an_anchor_stands),
        cmocka_unit_test(every_anchor_has_its_place_in_the_text),
        cmocka_unit_test(the_strongest_are_kept),
        cmocka_unit_test(the_same_text_gives_the_same_bytes),
        cmocka_unit_test(the_text_before_leaves_no_trace),
        cmocka_unit_test(composed_and_decomposed_letters_are_the_same),
        cmocka_unit_test(any_bytes_will_do),
        cmocka_unit_test(random_bytes_will_do),
        cmocka_unit_test(endless_texts_will_do),
    };
    return cmocka_run_group_tests_name("anchors", tests, set_up, tear_down);
}
