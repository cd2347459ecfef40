/* Stage anchors, names in Thai. Comes in: a run of Thai, and which of it a known place has taken.
 * Goes out: the names that are left when the words of the language are taken off.
 *
 * Thai writes no spaces between words, so that the run is cut the cheapest way: a word of the list
 * costs little, a longer one less than two, and what is in no list costs by its letters and a
 * little more for being there at all, so that a name is not broken by the short words inside it.
 * Cost: some forty comparisons of three bytes for each letter. */
#include "sketch/finder.h"

#include "text/utf8.h"

#include <string.h>

static const double THAI_WEIGHT = 1.6; /* of a stretch that is in no list */
static const double PART_WEIGHT = 1.1; /* of one together with a short word beside it */
enum { NAME_POINTS = 3, NAME_POINTS_MAX = 24, PART_POINTS = 4 };

/* Of one cut, by what shared/data's Thai headlines and reports are cut into. */
enum {
    WORD_COST = 4,
    SHORT_COST = 6, /* of two letters, as many names have in them, */
    IN_COST = 2,    /* but for one that stands before places */
    NAME_COST = 7,
    LETTER_COST = 2,
    NEVER = 1 << 20
};

/* ---- Letters --------------------------------------------------------------------------------- */

static uint32_t point(const ss_run *run, size_t k)
{
    return ss_three_bytes(run->text + run->at[k]);
}

static bool is_leading_vowel(uint32_t c)
{
    return c >= 0x0E40 && c <= 0x0E44;
}

static bool begins_syllable(uint32_t c)
{
    return (c >= 0x0E01 && c <= 0x0E2E) || is_leading_vowel(c);
}

/* May a word end before point k and another begin there? */
static bool may_cut(const ss_run *run, size_t k)
{
    if (k == 0 || k >= run->points || run->taken[k] || run->taken[k - 1]) return true;
    if (!begins_syllable(point(run, k)) || is_leading_vowel(point(run, k - 1))) return false;
    return k + 1 >= run->points || point(run, k + 1) != 0x0E4C; /* not before a silent letter */
}

/* ---- Words ----------------------------------------------------------------------------------- */

/* The words that begin with the same bytes: from `low` to before `high`. */
typedef struct range {
    size_t low, high;
} range;

/* The first word of the range whose bytes at `depth` are not less than these three (or, if `after`,
 * are more). */
static size_t first_at(const char *const *words, range r, size_t depth, const char *bytes,
                       bool after)
{
    while (r.low < r.high) {
        size_t middle = (r.low + r.high) / 2;
        int order = strncmp(words[middle] + depth, bytes, 3);
        if (order < 0 || (after && order == 0))
            r.low = middle + 1;
        else
            r.high = middle;
    }
    return r.low;
}

/* What the cheapest cut up to a point costs, and where its last piece begins. */
typedef struct cut {
    int cost;
    uint8_t from;
    bool word; /* the last piece is one, or a place */
} cut;

static void offer(cut *c, int cost, size_t from, bool word)
{
    if (cost < c->cost) *c = (cut){cost, (uint8_t)from, word};
}

/* The words that begin at point k. */
static void offer_words(const ss_run *run, size_t k, cut *cuts)
{
    size_t count;
    const char *const *words = ss_thai_words(&count);
    range r = {0, count};
    for (size_t end = k; end < run->points && !run->taken[end]; end++) {
        const char *bytes = run->text + run->at[end];
        size_t depth = (size_t)(run->at[end] - run->at[k]);
        r = (range){first_at(words, r, depth, bytes, false), first_at(words, r, depth, bytes, true)};
        if (r.low == r.high) return;
        if (words[r.low][depth + 3] != '\0' || !may_cut(run, end + 1)) continue;
        int cost = end - k >= 2                       ? WORD_COST
                   : strcmp(words[r.low], "ใน") == 0 ? IN_COST
                                                      : SHORT_COST;
        offer(&cuts[end + 1], cuts[k].cost + cost, k, true);
    }
}

/* Stretches in no list that begin at point k. */
static void offer_names(const ss_run *run, size_t k, cut *cuts)
{
    int cost = cuts[k].cost + NAME_COST;
    for (size_t end = k; end < run->points && !run->taken[end]; end++) {
        cost += LETTER_COST;
        if (may_cut(run, end + 1)) offer(&cuts[end + 1], cost, k, false);
    }
}

static void cut_run(const ss_run *run, cut cuts[SS_RUN_MAX + 1])
{
    for (size_t k = 0; k <= run->points; k++) cuts[k].cost = NEVER;
    cuts[0] = (cut){0, 0, true};
    for (size_t k = 0; k < run->points; k++) {
        if (cuts[k].cost == NEVER) continue;
        if (run->taken[k]) {
            offer(&cuts[k + 1], cuts[k].cost, k, true);
            continue;
        }
        offer_words(run, k, cuts);
        if (cuts[k].word) offer_names(run, k, cuts);
    }
}

/* ---- Names ----------------------------------------------------------------------------------- */

/* Words that stand before and behind names, and are no part of them. */
static bool stands_beside(const char *text, size_t size)
{
    static const char *const words[] = {"ใน",  "ที่",  "ของ", "จาก", "กับ", "และ", "ว่า", "ถึง", "ใกล้",
                                        "ตก", "ชาว", "เกาะ", "กรุง", "ได้", "มี",  "ถูก", "เป็น", "ให้"};
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (strlen(words[k]) == size && memcmp(words[k], text, size) == 0) return true;
    return false;
}

/* Is the piece a short word that may be part of a name it touches: กัน in กันดาฮาร์? */
static bool may_be_part(const ss_run *run, const cut *cuts, size_t from, size_t end)
{
    size_t size = (size_t)(run->at[end] - run->at[from]);
    return end > from && cuts[end].word && end - from <= PART_POINTS && !run->taken[from] &&
           !stands_beside(run->text + run->at[from], size);
}

static void add_stretch(ss_finder *f, size_t i, const ss_run *run, size_t from, size_t end,
                        double weight)
{
    const char *text = run->text + run->at[from];
    size_t size = (size_t)(run->at[end] - run->at[from]);
    if (end - from < NAME_POINTS || end - from > NAME_POINTS_MAX) return;
    ss_add_run_name(f, i, text, size, SS_SCRIPT_THAI, weight);
    ss_add_run_part(f, i, text, size, SS_SCRIPT_THAI, weight);
}

void ss_find_thai_names(ss_finder *f, size_t i, ss_run *run)
{
    cut cuts[SS_RUN_MAX + 1];
    for (size_t k = 0; k < run->points; k++) {
        uint32_t c = point(run, k);
        if (c < 0x0E01 || c > 0x0E4E || c == 0x0E2F || c == 0x0E46) run->taken[k] = 1;
    }
    cut_run(run, cuts);
    size_t behind = run->points; /* where the piece behind ends */
    for (size_t end = run->points; end > 0; behind = end, end = cuts[end].from) {
        if (cuts[end].cost == NEVER) return;
        size_t from = cuts[end].from, before = cuts[from].from;
        if (cuts[end].word) continue;
        add_stretch(f, i, run, from, end, THAI_WEIGHT);
        if (from > 0 && may_be_part(run, cuts, before, from))
            add_stretch(f, i, run, before, end, PART_WEIGHT);
        if (may_be_part(run, cuts, end, behind))
            add_stretch(f, i, run, from, behind, PART_WEIGHT);
    }
}
