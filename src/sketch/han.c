/* Stage anchors, names in Chinese. Comes in: a run of Chinese characters, and which of them a known
 * place has taken. Goes out: the names that are left when the words of the language are taken off.
 *
 * Foreign names are written with characters kept for their sounds; what is in no word list and made
 * of them is a name. A family name before one or two characters that are in no word is a person:
 * read in Mandarin, "guo yanming", and, where every character has one, as Vietnam reads it: 郑文凯
 * is Trịnh Văn Khải. Cost: a few lookups of words for each character. */
#include "sketch/finder.h"

#include "text/utf8.h"

#include <string.h>
#include <xxhash.h>

static const double SOUND_WEIGHT = 2.0; /* of a name written by its sound */
static const double PERSON_WEIGHT = 2.0, SYLLABLE_WEIGHT = 1.2;

/* The characters that Chinese keeps for the sounds of foreign names (Xinhua's tables, the common
 * ones), simplified and traditional, as ranges would not serve: one string, in the order of their
 * sounds. */
static const char sound_characters[] =
    "阿埃艾安昂奥奧澳巴贝貝比宾賓波伯博布查达達代戴丹德登邓迪丁杜多"
    "厄恩尔爾法菲费費芬弗佛福格根古哈海汉漢赫亨"
    "胡霍基吉加贾賈杰金卡凯凱坎考科柯克肯孔库庫昆拉莱萊兰蘭朗劳勞勒雷"
    "里利莉林琳卢盧鲁魯路伦倫罗羅洛吕马馬玛瑪迈邁"
    "曼梅门門蒙米明莫姆穆纳納娜奈南内尼妮纽紐诺諾欧歐帕潘佩彭皮珀普奇契齐"
    "恰乔喬切琼瓊让热茹瑞萨薩塞森沙莎申圣施什史舒斯瑟桑绥丝絲苏蘇孙"
    "索塔泰坦汤湯特蒂廷图圖托瓦万萬旺威韦韋维維温溫文翁沃乌烏伍"
    "希锡西夏先谢辛休许雅亚亞延扬揚耶伊因英尤约約"
    "泽澤扎札詹珍兹茲祖卓宗佐翰魏"
    "夫丽麗娅婭拜班邦鲍鮑本彼俄芙戈贡圭豪惠季津喀奎蕾列隆麦麥芒孟摩墨默涅宁努"
    "庞龐蓬蒲钦若赛賽绍舍陶提突叶易哲茨茜黛"
    "顿頓逊遜盖蓋葛捷敦别別历歷弥彌忒耳谟謨甸缇緹薇凡铎鐸朵妲斐柏芭碧培毕畢迭撒芮恺愷冈岡戛噶菈茱迦"
    "埔侯仑侖朱丘邱柳滕腾騰岑楚珊姗菅雯霞廖璐萝蘿瑙聂聶欣逸赞贊赖賴凌芝姬梭";

/* Family names of China, Korea and Vietnam. */
static const char family_names[] =
    "王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何高林罗羅郑鄭梁谢謝宋唐许許韩韓冯馮邓鄧"
    "曹彭曾肖田董潘袁蔡蒋蔣余于杜叶葉程苏蘇魏吕呂丁任卢盧姚沈钟鍾姜崔谭譚陆陸范汪廖石金韦韋贾賈"
    "夏付方邹鄒熊白孟秦邱侯江尹薛闫段雷龙龍黎史陶贺賀毛郝顾顧龚龔邵万萬钱錢覃武戴严嚴莫孔向汤湯"
    "阮裴阚朴赖賴洪文权權申安柳全裕吉乔喬温溫庄莊章鲁魯";

/* Words of one character that stand beside names. */
static const char particles[] =
    "的了在是和与及也并将为等对称说已由于就把被从到向以而但则仍又还都其此该这那"
    "當對與說將為從這個个后前至";

/* How Vietnam reads the characters of its own names. */
static const struct {
    char character[4];
    char reading[8];
} vietnamese[] = {
    {"阮", "nguyen"}, {"陈", "tran"},   {"陳", "tran"},   {"黎", "le"},    {"范", "pham"},
    {"黄", "hoang"},  {"黃", "hoang"},  {"潘", "phan"},   {"武", "vu"},    {"邓", "dang"},
    {"鄧", "dang"},   {"裴", "bui"},    {"杜", "do"},     {"胡", "ho"},    {"吴", "ngo"},
    {"吳", "ngo"},    {"杨", "duong"},  {"楊", "duong"},  {"李", "ly"},    {"郑", "trinh"},
    {"鄭", "trinh"},  {"张", "truong"}, {"張", "truong"}, {"丁", "dinh"},  {"林", "lam"},
    {"段", "doan"},   {"陶", "dao"},    {"何", "ha"},     {"高", "cao"},   {"梁", "luong"},
    {"刘", "luu"},    {"劉", "luu"},    {"苏", "to"},     {"蘇", "to"},    {"莫", "mac"},
    {"谭", "dam"},    {"朱", "chu"},    {"郭", "quach"},  {"阙", "khuat"}, {"赵", "trieu"},
    {"谢", "ta"},     {"尹", "doan"},   {"王", "vuong"},  {"曹", "tao"},   {"蔡", "thai"},
    {"文", "van"},    {"氏", "thi"},    {"明", "minh"},   {"德", "duc"},   {"光", "quang"},
    {"国", "quoc"},   {"國", "quoc"},   {"英", "anh"},    {"友", "huu"},   {"祥", "tuong"},
    {"凯", "khai"},   {"魄", "phach"},  {"桂", "que"},    {"芝", "chi"},   {"永", "vinh"},
    {"康", "khang"},  {"富", "phu"},    {"仲", "trong"},  {"重", "trong"}, {"春", "xuan"},
    {"福", "phuc"},   {"晋", "tan"},    {"勇", "dung"},   {"政", "chinh"}, {"正", "chinh"},
    {"强", "cuong"},  {"雄", "hung"},   {"兴", "hung"},   {"庭", "dinh"},  {"廷", "dinh"},
    {"惠", "hue"},    {"山", "son"},    {"海", "hai"},    {"河", "ha"},    {"江", "giang"},
    {"兰", "lan"},    {"梅", "mai"},    {"花", "hoa"},    {"华", "hoa"},   {"和", "hoa"},
    {"平", "binh"},   {"安", "an"},     {"宁", "ninh"},   {"龙", "long"},  {"凤", "phuong"},
    {"方", "phuong"}, {"芳", "phuong"}, {"红", "hong"},   {"鸿", "hong"},  {"云", "van"},
    {"玉", "ngoc"},   {"金", "kim"},    {"银", "ngan"},   {"珠", "chau"},  {"秋", "thu"},
    {"冬", "dong"},   {"夏", "ha"},     {"清", "thanh"},  {"青", "thanh"}, {"成", "thanh"},
    {"城", "thanh"},  {"诚", "thanh"},  {"善", "thien"},  {"天", "thien"}, {"全", "toan"},
    {"胜", "thang"},  {"进", "tien"},   {"俊", "tuan"},   {"松", "tung"},  {"竹", "truc"},
    {"忠", "trung"},  {"中", "trung"},  {"志", "chi"},    {"智", "tri"},   {"越", "viet"},
    {"日", "nhat"},   {"一", "nhat"},   {"义", "nghia"},  {"仁", "nhan"},  {"礼", "le"},
    {"信", "tin"},    {"维", "duy"},    {"惟", "duy"},    {"世", "the"},   {"太", "thai"},
    {"泰", "thai"},   {"新", "tan"},    {"心", "tam"},    {"三", "tam"},   {"士", "si"},
    {"仕", "si"},     {"创", "sang"},   {"贵", "quy"},    {"权", "quyen"}, {"军", "quan"},
    {"坤", "khon"},   {"庆", "khanh"},  {"科", "khoa"},   {"魁", "khoi"},  {"坚", "kien"},
    {"建", "kien"},   {"乔", "kieu"},   {"琼", "quynh"},  {"莲", "lien"},  {"柳", "lieu"},
    {"禄", "loc"},    {"利", "loi"},    {"良", "luong"},  {"玲", "linh"},  {"灵", "linh"},
    {"面", "dien"},   {"延", "dien"},   {"年", "nien"},   {"南", "nam"},   {"儿", "nhi"},
    {"如", "nhu"},    {"绒", "nhung"},  {"厚", "hau"},    {"贤", "hien"},  {"显", "hien"},
    {"孝", "hieu"},   {"欢", "hoan"},   {"环", "hoan"},   {"会", "hoi"},   {"香", "huong"},
    {"嘉", "gia"},    {"家", "gia"},    {"丽", "le"},     {"伟", "vi"},    {"伯", "ba"},
    {"宝", "bao"},    {"北", "bac"},    {"边", "bien"},   {"景", "canh"},  {"甲", "giap"},
    {"战", "chien"},  {"公", "cong"},   {"功", "cong"},   {"菊", "cuc"},   {"耀", "dieu"},
    {"妙", "dieu"},   {"盈", "doanh"},  {"东", "dong"},   {"同", "dong"},  {"容", "dung"},
    {"达", "dat"},    {"道", "dao"},    {"名", "danh"},   {"定", "dinh"},  {"度", "do"},
    {"独", "doc"},    {"怀", "hoai"},   {"学", "hoc"},    {"沛", "boi"},   {"才", "tai"},
    {"在", "tai"},    {"藏", "tang"},   {"谅", "luong"},  {"量", "luong"}, {"思", "tu"},
    {"秀", "tu"},     {"绪", "tu"},     {"虎", "ho"},     {"湖", "ho"},    {"月", "nguyet"},
    {"原", "nguyen"}, {"源", "nguyen"}, {"元", "nguyen"}, {"必", "tat"},   {"毕", "tat"},
    {"燕", "yen"},    {"意", "y"},      {"水", "thuy"},   {"翠", "thuy"},  {"诗", "thi"},
    {"妆", "trang"},  {"庄", "trang"},  {"雪", "tuyet"},  {"宣", "tuyen"}, {"旺", "vuong"},
};

/* ---- Characters ------------------------------------------------------------------------------ */

void ss_mark_han_names(ss_marks *marks)
{
    ss_mark_all(marks, sound_characters, SS_MARK_SOUND);
    ss_mark_all(marks, particles, SS_MARK_PARTICLE);
    ss_mark_all(marks, family_names, SS_MARK_FAMILY);
}

static bool is_han(uint32_t c)
{
    return c >= 0x3400 && c <= 0x9FFF; /* three bytes of UTF-8 each */
}

static const char *vietnamese_reading(const char *character)
{
    for (size_t k = 0; k < sizeof vietnamese / sizeof *vietnamese; k++)
        if (memcmp(vietnamese[k].character, character, 3) == 0) return vietnamese[k].reading;
    return NULL;
}

/* ---- Words ----------------------------------------------------------------------------------- */

static size_t bytes_between(const ss_run *run, size_t first, size_t end)
{
    return (size_t)(run->at[end] - run->at[first]);
}

/* Takes off the words of the language, longest first: two to four characters. Words made of sounds
 * alone may be names, and stay. */
static void take_words(const ss_finder *f, ss_run *run)
{
    enum { LONGEST = 4 };
    for (size_t k = 0; k < run->points;) {
        size_t length = run->points - k < LONGEST ? run->points - k : LONGEST;
        for (; length >= 2; length--) {
            bool free = true, sounds = true;
            for (size_t n = 0; n < length; n++) {
                free = free && !run->taken[k + n];
                sounds = sounds && run->sound[k + n];
            }
            if (!free || (sounds && length > 1)) continue;
            uint64_t hash =
                ss_folded_hash(run->text + run->at[k], bytes_between(run, k, k + length));
            if (ss_finder_common(f, hash)) break; /* what is rarer is no word that hides a name */
        }
        if (length < 2) {
            k++;
            continue;
        }
        memset(run->taken + k, 1, length);
        k += length;
    }
}

/* ---- Persons --------------------------------------------------------------------------------- */

static void add_pair_of_syllables(ss_finder *f, ss_place place, const char *left, const char *right)
{
    ss_add_pair(f, place, left, strlen(left), right, strlen(right), PERSON_WEIGHT);
}

/* 郑文凯: "trinh van", "van khai", as Latin texts have the pairs of words. */
static void add_vietnamese(ss_finder *f, ss_place place, const ss_run *run, size_t first,
                           size_t count)
{
    const char *reading[4];
    for (size_t k = 0; k < count; k++) {
        reading[k] = vietnamese_reading(run->text + run->at[first + k]);
        if (!reading[k]) return;
    }
    for (size_t k = 0; k < count; k++) {
        size_t size = strlen(reading[k]);
        if (size >= 3)
            ss_add_anchor(f, SS_ANCHOR_NAME, ss_name_key(reading[k], size), SYLLABLE_WEIGHT,
                          SS_ANCHOR_CAPITAL, place, reading[k], size);
        if (k) add_pair_of_syllables(f, place, reading[k - 1], reading[k]);
    }
}

static void add_person(ss_finder *f, size_t i, const ss_run *run, size_t first, size_t count)
{
    const char *text = run->text + run->at[first];
    size_t size = bytes_between(run, first, first + count);
    ss_place place = ss_place_in_run(f, i, text, size);
    char family[SS_LATIN_MAX], given[SS_LATIN_MAX];
    size_t family_size = ss_name_form(f->model, text, 3, family);
    size_t given_size = ss_name_form(f->model, text + 3, size - 3, given);
    if (family_size < 2 || given_size < 2) return;
    ss_add_pair(f, place, family, family_size, given, given_size, PERSON_WEIGHT);
    ss_add_skeleton(f, place, text + 3, size - 3, SS_SCRIPT_HAN, SYLLABLE_WEIGHT, given, given_size,
                    false);
    if (given_size >= 5)
        ss_add_anchor(f, SS_ANCHOR_NAME, ss_name_key(given, given_size), SYLLABLE_WEIGHT,
                      SS_ANCHOR_CAPITAL, place, given, given_size);
    add_vietnamese(f, place, run, first, count);
}

/* ---- Names ----------------------------------------------------------------------------------- */

/* A foreign name: points first to end. */
static void add_spelled(ss_finder *f, size_t i, const ss_run *run, size_t first, size_t end,
                        bool part)
{
    const char *text = run->text + run->at[first];
    size_t size = bytes_between(run, first, end);
    if (end - first < (part ? 2u : 3u)) return;
    double weight = ss_rarity(ss_finder_zipf(f, ss_folded_hash(text, size)));
    if (weight > SOUND_WEIGHT) weight = SOUND_WEIGHT;
    if (weight > 0) ss_add_run_name(f, i, text, size, SS_SCRIPT_HAN, part ? weight : 0.8 * weight);
    if (part) ss_add_run_part(f, i, text, size, SS_SCRIPT_HAN, weight);
}

/* A stretch of characters that no word has taken: points first to end. A name by its sounds may
 * have one other character inside. */
static void names_of_stretch(ss_finder *f, size_t i, const ss_run *run, size_t first, size_t end,
                             bool first_is_part, bool last_is_part)
{
    size_t count = end - first, sounds = 0;
    for (size_t k = first; k < end; k++) sounds += run->sound[k];
    const char *text = run->text + run->at[first];
    bool family = ss_marks_at(f, text) & SS_MARK_FAMILY;
    bool part = first_is_part || last_is_part;
    if (family && !part && count >= 2 && count <= 4 && sounds < count)
        add_person(f, i, run, first, count);
    for (size_t k = first; k < end;) {
        size_t stop = k;
        while (stop < end &&
               (run->sound[stop] || (stop > k && stop + 1 < end && run->sound[stop - 1] &&
                                     run->sound[stop + 1] && end - first < 8)))
            stop++;
        if (stop > k)
            add_spelled(f, i, run, k, stop,
                        (k == first && first_is_part) || (stop == end && last_is_part));
        k = stop + 1;
    }
}

void ss_find_han_names(ss_finder *f, size_t i, ss_run *run, bool first_is_part, bool last_is_part)
{
    for (size_t k = 0; k < run->points; k++) {
        size_t at = run->at[k];
        bool han = is_han(ss_utf8_next(run->text, run->at[run->points], &at));
        unsigned marks = han ? ss_marks_at(f, run->text + run->at[k]) : 0;
        run->sound[k] = (marks & SS_MARK_SOUND) != 0;
        bool binds = marks & SS_MARK_PARTICLE;
        if (!han || binds) run->taken[k] = 1;
    }
    take_words(f, run);
    for (size_t k = 0; k < run->points;) {
        size_t end = k;
        while (end < run->points && !run->taken[end]) end++;
        if (end - k >= 2)
            names_of_stretch(f, i, run, k, end, k == 0 && first_is_part,
                             end == run->points && last_is_part);
        k = end + 1;
    }
}
