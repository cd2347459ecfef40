/* Stage anchors, measures. Comes in: a number and the words after it. Goes out: the same amount as
 * other reports may give it: in metric units, a tonne in kilograms, rounded to two digits. Those
 * anchors are marked as derived: nobody wrote them, so that one that meets nothing is missed by
 * nobody. Whole numbers only, so that every machine gets the same. */
#include "sketch/finder.h"

#include <string.h>

/* Folded; worth: millionths of the metric unit that reports elsewhere use. A last '*' stands for up
 * to three letters more. */
static const struct unit {
    const char *word;
    uint64_t worth;
    const char *languages; /* NULL: all */
    bool small_only;       /* only of numbers below ten or with decimals: 1.2 km is 1,200 m */
} units[] = {
    {"mile*", 1609344, "en", false},       {"mi", 1609344, "en", false},
    {"mph", 1609344, NULL, false},         {"meile*", 1609344, "de", false},
    {"mijl*", 1609344, "nl", false},       {"dam", 1609344, "vi", false},
    {"milla*", 1609344, "es", false},      {"мил*", 1609344, "ru uk bg", false},
    {"knots", 1852000, "en", false},       {"feet", 304800, "en", false},
    {"foot", 304800, "en", false},         {"ft", 304800, "en", false},
    {"fuss", 304800, "de", false},         {"yard*", 914400, "en", false},
    {"inch*", 2540000, "en", false},       {"pound*", 453592, "en", false},
    {"lbs", 453592, "en", false},          {"acre*", 404686, "en fr es nl", false},
    {"gallon*", 3785412, "en", false},     {"km", 1000000000, NULL, true},
    {"kilomet*", 1000000000, NULL, true},  {"километр*", 1000000000, NULL, true},
    {"кілометр*", 1000000000, NULL, true}, {"км", 1000000000, NULL, true},
    {"t", 1000000000, NULL, true},         {"ton*", 1000000000, NULL, true},
    {"tonne*", 1000000000, NULL, true},    {"tan", 1000000000, "vi", true},
    {"тонн*", 1000000000, NULL, true},     {"gw", 1000000000, NULL, true},
    {"gigawatt*", 1000000000, NULL, true},
};

static const struct run_unit {
    const char *text;
    uint64_t worth;
} run_units[] = {{"英里", 1609344},    {"英尺", 304800},     {"英亩", 404686},
                 {"マイル", 1609344},  {"吨", 1000000000},   {"噸", 1000000000},
                 {"トン", 1000000000}, {"公里", 1000000000}, {"千米", 1000000000},
                 {"キロ", 1000000000}, {"톤", 1000000000},   {"킬로미터", 1000000000}};

static bool is_unit(const struct unit *u, const ss_word *w)
{
    if (!w->folded_size || *u->word != *w->folded) return false;
    size_t length = strlen(u->word);
    if (u->word[length - 1] != '*')
        return length == w->folded_size && memcmp(u->word, w->folded, length) == 0;
    length--;
    return w->folded_size >= length && w->folded_size <= length + 6 &&
           memcmp(u->word, w->folded, length) == 0;
}

uint64_t ss_unit_worth(const ss_finder *f, size_t i, size_t at, bool small)
{
    size_t next = at;
    ss_skip_spaces(f, &next);
    for (size_t k = 0; k < sizeof run_units / sizeof *run_units; k++) {
        size_t end = next;
        if (!ss_accept(f, &end, run_units[k].text)) continue;
        return run_units[k].worth < 1000000000 || small ? run_units[k].worth : 0;
    }
    if (next < f->size && f->text[next] == '-') next++; /* 10-mile */
    size_t word = ss_word_beginning(f, i, next);
    if (word >= f->words->count || f->words->items[word].digits) return 0;
    for (size_t k = 0; k < sizeof units / sizeof *units; k++)
        if (is_unit(&units[k], &f->words->items[word]) && (small || !units[k].small_only) &&
            (!units[k].languages || ss_language_among(f, units[k].languages)))
            return units[k].worth;
    return 0;
}
