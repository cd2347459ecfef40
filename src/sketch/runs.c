/* Stage anchors, names in scripts without spaces. Comes in: a run. Goes out: the names that
 * something sets off: Katakana, the dot between parts of a foreign name, the characters Chinese
 * keeps for foreign sounds, Thai titles, quoted titles; and the places that the lexicon has. */
#include "sketch/finder.h"

#include "text/utf8.h"

#include <string.h>
#include <xxhash.h>

static const double SOUND_WEIGHT = 2.0; /* of a name written by its sound */

static bool is_katakana(uint32_t c)
{
    return (c >= 0x30A1 && c <= 0x30FA) || c == 0x30FC;
}

/* A name found inside a run, as name and as skeleton. */
ss_place ss_place_in_run(const ss_finder *f, size_t i, const char *part, size_t size)
{
    const ss_word *w = &f->words->items[i];
    if (w->end - w->start != w->folded_size) return ss_place_of(f, i);
    uint32_t start = w->start + (uint32_t)(part - w->folded);
    return (ss_place){start, start + (uint32_t)size};
}

static void add_run_name(ss_finder *f, size_t i, const char *text, size_t size, ss_script script,
                         double weight)
{
    char latin[SS_LATIN_MAX];
    if (size > 96) return;
    size_t latin_size = ss_latin_form(f->model, text, size, latin);
    if (latin_size < 3) return;
    ss_place place = ss_place_in_run(f, i, text, size);
    ss_add_anchor(f, SS_ANCHOR_NAME, ss_name_key(latin, latin_size), weight, SS_ANCHOR_CAPITAL,
                  place, latin, latin_size);
    ss_add_skeleton(f, place, text, size, script, weight, latin, latin_size, false);
}

static void katakana_names(ss_finder *f, size_t i)
{
    const ss_word *w = &f->words->items[i];
    size_t start = 0, points = 0;
    for (size_t at = 0; at <= w->folded_size;) {
        size_t here = at;
        uint32_t c = at < w->folded_size ? ss_utf8_next(w->folded, w->folded_size, &at) : 0;
        if (c && is_katakana(c)) {
            if (points++ == 0) start = here;
            continue;
        }
        if (points >= 3) {
            uint64_t hash = ss_folded_hash(w->folded + start, here - start);
            double weight = 0.7 * ss_rarity(ss_finder_zipf(f, hash));
            int place = ss_finder_lexicon(f, hash, SS_LEX_PLACE);
            if (weight > 0 && !place)
                add_run_name(f, i, w->folded + start, here - start, SS_SCRIPT_KANA, weight);
        }
        points = 0;
        if (!c) break;
    }
}

/* The characters that Chinese keeps for the sounds of foreign names (Xinhua's tables, the common
 * ones), simplified and traditional, as ranges would not serve: one string, in the order of their
 * sounds. */
static const char sound_characters[] = "阿埃艾安昂奥奧澳巴贝貝比宾賓波博布查达達代戴丹德登迪丁杜多"
                                       "厄恩尔爾法菲费費芬弗佛福格根古哈海汉漢赫亨"
                                       "胡霍基吉加贾賈杰金卡凯凱坎考科克肯库庫拉莱萊兰蘭朗劳勞勒雷"
                                       "里利莉林琳卢盧鲁魯路伦倫罗羅洛吕马馬玛瑪迈邁"
                                       "曼梅门門蒙米明莫姆穆纳納娜奈南内尼妮纽紐诺諾帕佩皮珀普奇契"
                                       "恰乔喬切琼瓊萨薩塞森沙莎申圣施什史舒斯絲丝苏蘇"
                                       "索塔泰坦汤湯特蒂廷图圖托瓦万萬旺威韦韋维維温溫文翁沃乌烏伍"
                                       "希锡夏先辛休许雅亚亞延扬揚耶伊因英尤约約"
                                       "泽澤扎札詹兹茲宗佐翰魏";

static bool is_sound_character(uint32_t c)
{
    char text[4];
    if (c < 0x3400 || c > 0x9FFF) return false;
    size_t size = ss_utf8_put(c, text);
    for (size_t at = 0; at + size < sizeof sound_characters; at += 3)
        if (memcmp(sound_characters + at, text, 3) == 0) return true;
    return false;
}

/* Is the gap before word i the dot between the parts of a foreign name? */
static bool dotted(const ss_finder *f, size_t i)
{
    if (i == 0 || i >= f->words->count) return false;
    size_t at = f->words->items[i - 1].end, end = f->words->items[i].start;
    if (at == end) return false;
    uint32_t c = ss_utf8_next(f->text, end, &at);
    return at == end && (c == 0xB7 || c == 0x30FB || c == 0x2027 || c == 0x2022 || c == 0x2E31);
}

static void sound_names(ss_finder *f, size_t i)
{
    const ss_word *w = &f->words->items[i];
    size_t start = 0, points = 0;
    bool first_is_part = dotted(f, i), last_is_part = dotted(f, i + 1);
    for (size_t at = 0; at <= w->folded_size;) {
        size_t here = at;
        uint32_t c = at < w->folded_size ? ss_utf8_next(w->folded, w->folded_size, &at) : 0;
        if (c && is_sound_character(c)) {
            if (points++ == 0) start = here;
            continue;
        }
        bool part = (start == 0 && first_is_part) || (here == w->folded_size && last_is_part);
        if (points >= (part ? 2u : 3u)) {
            uint64_t hash = ss_folded_hash(w->folded + start, here - start);
            double weight = ss_rarity(ss_finder_zipf(f, hash));
            if (weight > SOUND_WEIGHT) weight = SOUND_WEIGHT;
            if (weight > 0 && !ss_finder_lexicon(f, hash, SS_LEX_PLACE))
                add_run_name(f, i, w->folded + start, here - start, SS_SCRIPT_HAN,
                             part ? weight : 0.8 * weight);
        }
        points = 0;
        if (!c) break;
    }
}

/* Places in a run: every stretch of two to eight points that the lexicon has; longest first. */
static void places_in_run(ss_finder *f, size_t i)
{
    const ss_word *w = &f->words->items[i];
    enum { LONGEST = 12 };
    for (size_t at = 0; at < w->folded_size;) {
        size_t ends[LONGEST], count = 0, next = at;
        while (next < w->folded_size && count < LONGEST) {
            next += ss_utf8_length((unsigned char)w->folded[next]);
            if (next > w->folded_size) next = w->folded_size;
            ends[count++] = next;
        }
        size_t step = count ? ends[0] : w->folded_size;
        for (size_t k = count; k >= 2; k--) {
            int place = ss_finder_lexicon(f, ss_folded_hash(w->folded + at, ends[k - 1] - at),
                                          SS_LEX_PLACE);
            if (!place) continue;
            char latin[SS_LATIN_MAX];
            size_t size = ss_latin_form(f->model, w->folded + at, ends[k - 1] - at, latin);
            ss_add_place_key(f, ss_place_in_run(f, i, w->folded + at, ends[k - 1] - at), place,
                             latin, size);
            step = ends[k - 1];
            break;
        }
        at = step > at ? step : at + 1;
    }
}

/* Thai: a title stands against the first name, the family name follows after a space. */
static void thai_names(ss_finder *f, size_t i)
{
    static const char *const titles[] = {"นางสาว", "นาง", "นาย"};
    static const char *const others[] = {"กรัฐ",  "ทุน",    "จ้าง", "ทหาร", "หน้า",
                                         "แพทย์", "ตำรวจ", "ก",   "งาน"};
    const ss_word *w = &f->words->items[i];
    size_t at = 0, after = 0;
    for (; at + 9 <= w->folded_size && !after; at++)
        for (size_t t = 0; t < 3 && !after; t++) {
            size_t size = strlen(titles[t]);
            if (w->folded_size - at >= size && memcmp(w->folded + at, titles[t], size) == 0)
                after = at + size;
        }
    if (!after || w->folded_size - after < 6 || w->folded_size - after > 60) return;
    for (size_t k = 0; k < sizeof others / sizeof *others; k++)
        if (w->folded_size - after >= strlen(others[k]) &&
            memcmp(w->folded + after, others[k], strlen(others[k])) == 0)
            return;
    add_run_name(f, i, w->folded + after, w->folded_size - after, SS_SCRIPT_THAI, SOUND_WEIGHT);
    const ss_word *next = w + 1;
    if (i + 1 < f->words->count && next->run && ss_gap_before(f, i + 1) == SS_GAP_SPACE &&
        next->folded_size >= 6 && next->folded_size <= 48)
        add_run_name(f, i + 1, next->folded, next->folded_size, SS_SCRIPT_THAI, 0.8 * SOUND_WEIGHT);
}

/* 《…》 『…』: the title of a book, a film, a law. */
static void quoted_title(ss_finder *f, size_t i)
{
    const ss_word *w = &f->words->items[i];
    if (w->start < 3 || f->size - w->end < 3) return;
    const char *open = f->text + w->start - 3, *close = f->text + w->end;
    bool quoted = (memcmp(open, "《", 3) == 0 && memcmp(close, "》", 3) == 0) ||
                  (memcmp(open, "『", 3) == 0 && memcmp(close, "』", 3) == 0);
    size_t points = ss_points(w->folded, w->folded_size);
    if (!quoted || points < 2 || points > 12) return;
    ss_add_anchor(f, SS_ANCHOR_NAME, ss_name_key(w->folded, w->folded_size), SOUND_WEIGHT,
                  SS_ANCHOR_CAPITAL, ss_place_of(f, i), w->folded, w->folded_size);
}

void ss_find_in_run(ss_finder *f, size_t i)
{
    uint8_t script = f->words->items[i].script;
    places_in_run(f, i);
    if (script == SS_SCRIPT_THAI) {
        thai_names(f, i);
        return;
    }
    katakana_names(f, i);
    if (!ss_language_among(f, "ja")) sound_names(f, i);
    quoted_title(f, i);
}
