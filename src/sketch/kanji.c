/* Stage anchors, names in Japanese characters. Comes in: a run of Japanese. Goes out: family names,
 * as Latin letters spell them abroad. How a name is read, its characters do not tell: this is a
 * list of family names that the news have often. */
#include "sketch/finder.h"

#include <string.h>

static const double FAMILY_WEIGHT = 1.6;

/* Ordered by nothing: a run has few places where a name may begin. Old and Chinese forms of the
 * characters beside the Japanese ones. */
static const struct family {
    const char *characters, *reading;
} families[] = {
    {"佐藤", "sato"},      {"鈴木", "suzuki"},    {"铃木", "suzuki"},     {"高橋", "takahashi"},
    {"高桥", "takahashi"}, {"田中", "tanaka"},    {"伊藤", "ito"},        {"渡辺", "watanabe"},
    {"渡边", "watanabe"},  {"渡邊", "watanabe"},  {"山本", "yamamoto"},   {"中村", "nakamura"},
    {"小林", "kobayashi"}, {"加藤", "kato"},      {"吉田", "yoshida"},    {"山田", "yamada"},
    {"佐々木", "sasaki"},  {"山口", "yamaguchi"}, {"松本", "matsumoto"},  {"井上", "inoue"},
    {"木村", "kimura"},    {"斎藤", "saito"},     {"斉藤", "saito"},      {"清水", "shimizu"},
    {"山崎", "yamazaki"},  {"阿部", "abe"},       {"安倍", "abe"},        {"池田", "ikeda"},
    {"橋本", "hashimoto"}, {"桥本", "hashimoto"}, {"石川", "ishikawa"},   {"山下", "yamashita"},
    {"小川", "ogawa"},     {"石井", "ishii"},     {"長谷川", "hasegawa"}, {"後藤", "goto"},
    {"岡田", "okada"},     {"冈田", "okada"},     {"近藤", "kondo"},      {"前田", "maeda"},
    {"藤田", "fujita"},    {"遠藤", "endo"},      {"青木", "aoki"},       {"坂本", "sakamoto"},
    {"村上", "murakami"},  {"太田", "ota"},       {"金子", "kaneko"},     {"藤井", "fujii"},
    {"福田", "fukuda"},    {"西村", "nishimura"}, {"三浦", "miura"},      {"竹内", "takeuchi"},
    {"中川", "nakagawa"},  {"岡本", "okamoto"},   {"松田", "matsuda"},    {"原田", "harada"},
    {"中野", "nakano"},    {"小野", "ono"},       {"田村", "tamura"},     {"藤原", "fujiwara"},
    {"中山", "nakayama"},  {"石田", "ishida"},    {"小島", "kojima"},     {"和田", "wada"},
    {"森田", "morita"},    {"内田", "uchida"},    {"柴田", "shibata"},    {"酒井", "sakai"},
    {"原口", "haraguchi"}, {"高木", "takagi"},    {"横山", "yokoyama"},   {"宮崎", "miyazaki"},
    {"上田", "ueda"},      {"植田", "ueda"},      {"島田", "shimada"},    {"工藤", "kudo"},
    {"宮本", "miyamoto"},  {"杉山", "sugiyama"},  {"今井", "imai"},       {"丸山", "maruyama"},
    {"増田", "masuda"},    {"高田", "takada"},    {"村田", "murata"},     {"平野", "hirano"},
    {"大塚", "otsuka"},    {"菅原", "sugawara"},  {"武田", "takeda"},     {"新井", "arai"},
    {"荒井", "arai"},      {"小山", "koyama"},    {"野口", "noguchi"},    {"桜井", "sakurai"},
    {"千葉", "chiba"},     {"岩崎", "iwasaki"},   {"佐野", "sano"},       {"谷口", "taniguchi"},
    {"上野", "ueno"},      {"松井", "matsui"},    {"河野", "kono"},       {"菊地", "kikuchi"},
    {"菊池", "kikuchi"},   {"野村", "nomura"},    {"木下", "kinoshita"},  {"松尾", "matsuo"},
    {"大野", "ono"},       {"杉本", "sugimoto"},  {"佐久間", "sakuma"},   {"浜田", "hamada"},
    {"菅野", "kanno"},     {"市川", "ichikawa"},  {"古川", "furukawa"},   {"水野", "mizuno"},
    {"小松", "komatsu"},   {"島津", "shimazu"},   {"渡部", "watanabe"},   {"安藤", "ando"},
    {"大久保", "okubo"},   {"岸田", "kishida"},   {"石破", "ishiba"},     {"高市", "takaichi"},
    {"小泉", "koizumi"},   {"麻生", "aso"},       {"茂木", "motegi"},     {"上川", "kamikawa"},
    {"岩屋", "iwaya"},     {"片山", "katayama"},  {"黒田", "kuroda"},     {"黑田", "kuroda"},
    {"大谷", "ohtani"},    {"大坂", "osaka"},     {"錦織", "nishikori"},  {"羽生", "hanyu"},
    {"久保", "kubo"},      {"三笘", "mitoma"},    {"本田", "honda"},      {"香川", "kagawa"},
    {"長友", "nagatomo"},  {"吉村", "yoshimura"}, {"玉木", "tamaki"},     {"野田", "noda"},
    {"枝野", "edano"},     {"志位", "shii"},      {"橋下", "hashimoto"},  {"小池", "koike"},
    {"石原", "ishihara"},  {"細川", "hosokawa"},  {"宮沢", "miyazawa"},   {"中曽根", "nakasone"},
    {"鳩山", "hatoyama"},  {"二階", "nikai"},     {"西田", "nishida"},    {"荒木", "araki"},
    {"稲田", "inada"},     {"沢田", "sawada"},    {"関口", "sekiguchi"},  {"永井", "nagai"},
    {"永田", "nagata"},    {"川崎", "kawasaki"},  {"川口", "kawaguchi"},  {"服部", "hattori"},
    {"樋口", "higuchi"},   {"土屋", "tsuchiya"},  {"星野", "hoshino"},    {"大橋", "ohashi"},
    {"大島", "oshima"},    {"飯田", "iida"},      {"須藤", "sudo"},       {"矢野", "yano"},
    {"松岡", "matsuoka"},  {"森本", "morimoto"},  {"吉川", "yoshikawa"},  {"富田", "tomita"},
    {"川上", "kawakami"},  {"熊谷", "kumagai"},   {"北村", "kitamura"},   {"安田", "yasuda"},
    {"奥村", "okumura"},   {"福島", "fukushima"}, {"堀内", "horiuchi"},
};

void ss_mark_kanji_names(ss_marks *marks)
{
    for (size_t n = 0; n < sizeof families / sizeof *families; n++) {
        uint32_t bit = ss_pair_bit(families[n].characters);
        marks->family[bit >> 6] |= (uint64_t)1 << (bit & 63);
    }
}

/* May the two characters there begin a family name? */
static bool may_begin(const ss_finder *f, const char *text)
{
    uint32_t bit = ss_pair_bit(text);
    return f->marks->family[bit >> 6] >> (bit & 63) & 1;
}

static bool begins_with(const char *text, size_t size, const char *what)
{
    size_t length = strlen(what);
    return length <= size && memcmp(text, what, length) == 0;
}

void ss_find_kanji_names(ss_finder *f, size_t i, const ss_run *run)
{
    for (size_t k = 0; k + 1 < run->points; k++) {
        const char *text = run->text + run->at[k];
        size_t size = (size_t)(run->at[run->points] - run->at[k]);
        if (run->taken[k] || size < 6 || !may_begin(f, text)) continue;
        for (size_t n = 0; n < sizeof families / sizeof *families; n++) {
            const char *reading = families[n].reading;
            if (!begins_with(text, size, families[n].characters)) continue;
            ss_place place = ss_place_in_run(f, i, text, strlen(families[n].characters));
            ss_add_anchor(f, SS_ANCHOR_NAME, ss_name_key(reading, strlen(reading)), FAMILY_WEIGHT,
                          SS_ANCHOR_CAPITAL, place, reading, strlen(reading));
            ss_add_skeleton(f, place, reading, strlen(reading), SS_SCRIPT_LATIN, FAMILY_WEIGHT,
                            reading, strlen(reading), false);
            break;
        }
    }
}
