/* Stage anchors, names in scripts without spaces. Comes in: a run. Goes out: the names that
 * something sets off: Katakana, the dot between parts of a foreign name, the characters Chinese
 * keeps for foreign sounds, Thai titles, quoted titles; and the places that the lexicon has. */
#include "sketch/finder.h"

#include "text/utf8.h"

#include <string.h>
#include <xxhash.h>

static const double SOUND_WEIGHT = 2.0; /* of a name written by its sound */
static const double CITY_WEIGHT = 1.2;

static bool is_katakana(uint32_t c)
{
    return (c >= 0x30A1 && c <= 0x30FA) || c == 0x30FC;
}

ss_place ss_place_in_run(const ss_finder *f, size_t i, const char *part, size_t size)
{
    const ss_word *w = &f->words->items[i];
    if (w->end - w->start != w->folded_size) return ss_place_of(f, i);
    uint32_t start = w->start + (uint32_t)(part - w->folded);
    return (ss_place){start, start + (uint32_t)size};
}

/* A name found inside a run, as name and as skeleton. */
void ss_add_run_name(ss_finder *f, size_t i, const char *text, size_t size, ss_script script,
                     double weight)
{
    char latin[SS_LATIN_MAX];
    if (size > 96) return;
    size_t latin_size = ss_name_form(f->model, text, size, latin);
    if (latin_size < 3) return;
    ss_place place = ss_place_in_run(f, i, text, size);
    ss_add_anchor(f, SS_ANCHOR_NAME, ss_name_key(latin, latin_size), weight, SS_ANCHOR_CAPITAL,
                  place, latin, latin_size);
    ss_add_skeleton(f, place, text, size, script, weight, latin, latin_size, false);
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

void ss_add_run_part(ss_finder *f, size_t i, const char *text, size_t size, ss_script script,
                     double weight)
{
    const ss_word *w = &f->words->items[i];
    const ss_part part = {i + 1, text, size, script, weight};
    const ss_part *before = &f->part[(i + 1) & 1];
    bool joined = text == w->folded && before->word == i && i > 0 &&
                  (dotted(f, i) || ss_gap_before(f, i) == SS_GAP_SPACE);
    if (joined) ss_add_pair_of_parts(f, before, &part);
    if (text + size == w->folded + w->folded_size) f->part[i & 1] = part;
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
        if (points >= 2) {
            uint64_t hash = ss_folded_hash(w->folded + start, here - start);
            double weight = 0.7 * ss_rarity(ss_finder_zipf(f, hash));
            int place = ss_finder_lexicon(f, hash, SS_LEX_PLACE);
            if (weight > 0 && !place && points >= 3)
                ss_add_run_name(f, i, w->folded + start, here - start, SS_SCRIPT_KANA, weight);
            if (!place)
                ss_add_run_part(f, i, w->folded + start, here - start, SS_SCRIPT_KANA, weight);
        }
        points = 0;
        if (!c) break;
    }
}

/* Places in a run: every stretch of two to eight points that the lexicon has; longest first. */
static void places_in_run(ss_finder *f, size_t i, ss_run *run)
{
    enum { LONGEST = 12 };
    for (size_t first = 0; first < run->points;) {
        size_t count = run->points - first < LONGEST ? run->points - first : LONGEST, step = 1;
        const char *text = run->text + run->at[first];
        for (size_t k = count; k >= 2; k--) {
            size_t size = (size_t)(run->at[first + k] - run->at[first]);
            uint64_t hash = ss_folded_hash(text, size);
            if (!ss_finder_may_be_place(f, hash)) continue;
            int place = ss_finder_lexicon(f, hash, SS_LEX_PLACE);
            int city = place ? 0 : ss_finder_lexicon(f, hash, SS_LEX_CITY);
            if (city && k == 2 && ss_rarity(ss_finder_zipf(f, hash)) <= 0) city = 0;
            if (!place && !city) continue;
            char latin[SS_LATIN_MAX];
            size_t latin_size = ss_name_form(f->model, text, size, latin);
            ss_place where = ss_place_in_run(f, i, text, size);
            if (city)
                ss_add_anchor(f, SS_ANCHOR_NAME, ss_city_key(city), CITY_WEIGHT,
                              SS_ANCHOR_CAPITAL | SS_ANCHOR_CITY, where, latin, latin_size);
            else
                ss_add_place_key(f, where, place, latin, latin_size);
            memset(run->taken + first, 1, k);
            step = k;
            break;
        }
        first += step;
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
    ss_add_run_name(f, i, w->folded + after, w->folded_size - after, SS_SCRIPT_THAI, SOUND_WEIGHT);
    const ss_word *next = w + 1;
    if (i + 1 < f->words->count && next->run && ss_gap_before(f, i + 1) == SS_GAP_SPACE &&
        next->folded_size >= 6 && next->folded_size <= 48)
        ss_add_run_name(f, i + 1, next->folded, next->folded_size, SS_SCRIPT_THAI,
                        0.8 * SOUND_WEIGHT);
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

/* Cuts a run into its code points. */
static void read_run(const ss_word *w, ss_run *run)
{
    run->text = w->folded;
    run->points = 0;
    size_t at = 0;
    while (at < w->folded_size && run->points < SS_RUN_MAX) {
        run->at[run->points] = (uint16_t)at;
        run->taken[run->points++] = 0;
        at += ss_utf8_length((unsigned char)w->folded[at]);
        if (at > w->folded_size) at = w->folded_size;
    }
    run->at[run->points] = (uint16_t)at;
}

void ss_find_in_run(ss_finder *f, size_t i)
{
    uint8_t script = f->words->items[i].script;
    ss_run run;
    read_run(&f->words->items[i], &run);
    places_in_run(f, i, &run);
    if (script == SS_SCRIPT_THAI) {
        thai_names(f, i);
        ss_find_thai_names(f, i, &run);
        return;
    }
    katakana_names(f, i);
    if (!ss_language_among(f, "ja") || !f->code[0])
        ss_find_han_names(f, i, &run, dotted(f, i), dotted(f, i + 1));
    if (script == SS_SCRIPT_HAN) ss_find_kanji_names(f, i, &run);
    quoted_title(f, i);
}
