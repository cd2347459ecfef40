/* Stage anchors, names in Thai. Comes in: a run of Thai, and which of it a known place has taken.
 * Goes out: the names that are left when the words of the language are taken off.
 *
 * Thai writes no spaces between words, so that the run is cut the cheapest way: a word of the list
 * costs little, a longer one less than two, and what is in no list costs by its letters and a
 * little more for being there at all, so that a name is not broken by the short words inside it.
 * Cost: a look into a table of pairs for each letter, and a few comparisons. */
#include "sketch/finder.h"

#include "text/utf8.h"

#include <string.h>

static const double THAI_WEIGHT = 1.6; /* of a stretch that is in no list */
static const double PART_WEIGHT = 1.1; /* of one together with a short word beside it */
enum { NAME_POINTS = 3, NAME_POINTS_MAX = 24, PART_POINTS = 4 };

/* Of one cut, by how the Thai headlines and reports of the development sets are cut. */
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

/* A pair of letters as a number; more than any pair's where one is no Thai letter. */
static size_t pair_of(const char *text)
{
    uint32_t first = ss_three_bytes(text) - 0x0E00, second = ss_three_bytes(text + 3) - 0x0E00;
    return first < SS_THAI_LETTERS && second < SS_THAI_LETTERS ? first * SS_THAI_LETTERS + second
                                                               : SS_THAI_PAIRS;
}

void ss_index_thai_words(ss_marks *marks)
{
    size_t count, at = 0;
    const char *const *words = ss_thai_words(&count);
    for (size_t pair = 0; pair <= SS_THAI_PAIRS; pair++) {
        while (at < count && pair_of(words[at]) < pair) at++;
        marks->thai[pair] = (uint16_t)at;
    }
}

/* The words of the range that go on with these three bytes. */
static range narrow(const char *const *words, range r, size_t depth, const char *bytes)
{
    while (r.low < r.high && strncmp(words[r.low] + depth, bytes, 3) < 0) r.low++;
    size_t high = r.low;
    while (high < r.high && strncmp(words[high] + depth, bytes, 3) == 0) high++;
    return (range){r.low, high};
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

static int cost_of(const char *word, size_t points)
{
    if (points > 2) return WORD_COST;
    return strcmp(word, "ใน") == 0 ? IN_COST : SHORT_COST;
}

/* The words that begin at point k. free: how many points from there on no place has taken. */
static void offer_words(const ss_finder *f, const ss_run *run, size_t k, size_t free,
                        const bool *may_end, cut *cuts)
{
    size_t count;
    const char *const *words = ss_thai_words(&count), *text = run->text + run->at[k];
    size_t pair = free < 2 ? SS_THAI_PAIRS : pair_of(text);
    if (pair == SS_THAI_PAIRS) return;
    range r = {f->marks->thai[pair], f->marks->thai[pair + 1]};
    for (size_t points = 2; r.low < r.high; points++) {
        if (words[r.low][3 * points] == '\0' && may_end[k + points])
            offer(&cuts[k + points], cuts[k].cost + cost_of(words[r.low], points), k, true);
        if (points == free) return;
        r = narrow(words, r, 3 * points, text + 3 * points);
    }
}

/* The cheapest cut of the run. A stretch in no list grows letter by letter; it may end wherever a
 * word may. */
static void cut_run(const ss_finder *f, const ss_run *run, cut cuts[SS_RUN_MAX + 1])
{
    bool may_end[SS_RUN_MAX + 1];
    size_t free = 0, from = 0;
    int cost = NEVER; /* of the cut whose last piece is a stretch up to here, since `from` */
    for (size_t k = 0; k <= run->points; k++) {
        cuts[k].cost = NEVER;
        may_end[k] = may_cut(run, k);
    }
    cuts[0] = (cut){0, 0, true};
    for (size_t k = 0; k < run->points; k++) {
        if (may_end[k]) offer(&cuts[k], cost, from, false);
        if (run->taken[k]) {
            offer(&cuts[k + 1], cuts[k].cost, k, true);
            cost = NEVER;
            continue;
        }
        if (k == 0 || free == 0)
            for (free = 0; k + free < run->points && !run->taken[k + free];) free++;
        if (cuts[k].cost < NEVER) offer_words(f, run, k, free, may_end, cuts);
        if (cuts[k].cost < NEVER && cuts[k].word && cuts[k].cost + NAME_COST < cost) {
            cost = cuts[k].cost + NAME_COST;
            from = k;
        }
        if (cost < NEVER) cost += LETTER_COST;
        free--;
    }
    offer(&cuts[run->points], cost, from, false);
}

/* ---- Names ----------------------------------------------------------------------------------- */

/* Words that stand before and behind names, and are no part of them. */
static bool stands_beside(const char *text, size_t size)
{
    static const char *const words[] = {"ใน", "ที่",   "ของ",  "จาก", "กับ", "และ", "ว่า", "ถึง",  "ใกล้",
                                        "ตก", "ชาว", "เกาะ", "กรุง", "ได้", "มี",   "ถูก", "เป็น", "ให้"};
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
    cut_run(f, run, cuts);
    size_t behind = run->points; /* where the piece behind ends */
    for (size_t end = run->points; end > 0; behind = end, end = cuts[end].from) {
        if (cuts[end].cost == NEVER) return;
        size_t from = cuts[end].from, before = cuts[from].from;
        if (cuts[end].word) continue;
        add_stretch(f, i, run, from, end, THAI_WEIGHT);
        if (from > 0 && may_be_part(run, cuts, before, from))
            add_stretch(f, i, run, before, end, PART_WEIGHT);
        if (may_be_part(run, cuts, end, behind)) add_stretch(f, i, run, from, behind, PART_WEIGHT);
    }
}
