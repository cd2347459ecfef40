/* Which blocks of a page are its report. Comes in: blocks with their weight, share of links and the
 * ranges that the page's structure names as surroundings or as the article. Goes out: keep or not.
 *
 * Long blocks of sentences with few links are good, blocks of links are bad, and short ones go with
 * their neighbours: so Kohlschuetter et al., "Boilerplate detection using shallow text features"
 * (2010), and Pomikalek's jusText (2011). No word of any language is looked at. Cost: two passes
 * over the blocks and a sort of the short ones. */
#include "text/html_blocks.h"

#include "text/utf8.h"

#include <stdlib.h>
#include <xxhash.h>

enum {
    LONG = 140,      /* letters: a paragraph, whatever stands around it (jusText's lengths) */
    SENTENCE = 70,   /* letters: a paragraph if it ends as a sentence does */
    LINKED_BAD = 50, /* percent of links that make a block bad */
    LINKED_GOOD = 35,
    REPEATS = 3,         /* a short line that comes so often says nothing */
    HEADING_REACH = 3,   /* a heading looks so many blocks ahead for its text */
    ARTICLE_LEAST = 250, /* letters that an <article> must hold to be the page's */
    ARTICLE_SHARE = 40,  /* and percent of all that is good */
    RESULT_LEAST = 140,  /* letters: with less, the rules may have been wrong about the page */
    NOTE_LEAST = 30,     /* letters that make a note, where the page says that it is the article */
    REPORT_LEAST = 2000  /* letters that are a report rather than all of a page's surroundings */
};

enum { BAD, SHORT, HEADING, GOOD };

/* ---- One block ------------------------------------------------------------------------------ */

static bool ends_sentence(uint32_t c)
{
    switch (c) {
    case '.':
    case '!':
    case '?':
    case 0x2026:
    case 0x3002:
    case 0xFF01:
    case 0xFF1F:
    case 0xFF0E:
    case 0x0964:
    case 0x0965:
    case 0x06D4:
    case 0x061F:
    case 0x0589:
    case 0x1362:
    case 0x104B:
    case 0x17D4:
    case 0x203C:
    case 0x2049: return true;
    default: return false;
    }
}

static bool closes_quote(uint32_t c)
{
    switch (c) {
    case '"':
    case '\'':
    case ')':
    case ']':
    case 0xBB:
    case 0xAB:
    case 0x2019:
    case 0x201D:
    case 0x201C:
    case 0x300D:
    case 0x300F:
    case 0xFF09: return true;
    default: return false;
    }
}

/* Thai writes no mark at the end of a sentence. */
static bool is_thai(uint32_t c)
{
    return c >= 0x0E00 && c <= 0x0EFF;
}

void ss_html_weigh(ss_html_block *b, const char *text)
{
    uint32_t weight = 0, last = 0;
    for (size_t at = 0; at < b->size;) {
        uint32_t c = ss_utf8_next(text, b->size, &at);
        weight += c >= 0x2E80 && c != SS_BAD_POINT ? 3 : 1;
        if (c != ' ' && !closes_quote(c)) last = c;
    }
    b->weight = weight;
    b->sentence = ends_sentence(last) || is_thai(last);
    b->hash = XXH3_64bits(text, b->size);
}

static bool linked_more(const ss_html_block *b, unsigned percent)
{
    return (uint64_t)b->linked * 100 > (uint64_t)b->size * percent;
}

static uint8_t worth_of(const ss_html_block *b)
{
    if (linked_more(b, LINKED_BAD)) return BAD;
    if (b->heading) return HEADING;
    if (b->weight >= LONG && !linked_more(b, LINKED_GOOD)) return GOOD;
    if (b->weight >= SENTENCE && b->sentence && !linked_more(b, LINKED_GOOD)) return GOOD;
    return SHORT;
}

/* ---- Lines that come again and again -------------------------------------------------------- */

static int by_hash(const void *a, const void *b)
{
    const ss_html_block *const *x = a, *const *y = b;
    return ((*x)->hash > (*y)->hash) - ((*x)->hash < (*y)->hash);
}

static bool drop_repeats(ss_html_blocks *blocks)
{
    ss_html_block **line = malloc((blocks->count + 1) * sizeof *line);
    if (!line) return false;
    size_t count = 0;
    for (size_t i = 0; i < blocks->count; i++)
        if (blocks->item[i].weight < SENTENCE) line[count++] = &blocks->item[i];
    qsort(line, count, sizeof *line, by_hash);
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && line[end]->hash == line[i]->hash;) end++;
        for (size_t k = i; end - i >= REPEATS && k < end; k++) line[k]->worth = BAD;
    }
    free(line);
    return true;
}

/* ---- Short blocks and headings go with their neighbours ------------------------------------- */

/* A run of short blocks [first, end): all of it between good ones; else the sentences next to a
 * good one; else nothing. */
static void settle_run(ss_html_blocks *blocks, size_t first, size_t end, bool left, bool right)
{
    ss_html_block *b = blocks->item;
    size_t head = first, tail = end;
    while (left && head < end && (right || b[head].sentence)) head++;
    while (right && tail > head && b[tail - 1].sentence) tail--;
    for (size_t i = first; i < end; i++) b[i].keep = i < head || i >= tail;
}

static void settle_short(ss_html_blocks *blocks)
{
    bool left = false;
    for (size_t i = 0, end; i < blocks->count; i = end) {
        const ss_html_block *b = &blocks->item[i];
        end = i + 1;
        if (b->worth != SHORT) {
            if (b->worth != HEADING) left = b->worth == GOOD;
            continue;
        }
        while (end < blocks->count && blocks->item[end].worth == SHORT) end++;
        size_t next = end;
        while (next < blocks->count && blocks->item[next].worth == HEADING) next++;
        settle_run(blocks, i, end, left, next < blocks->count && blocks->item[next].worth == GOOD);
    }
}

/* A heading stays when a block that stays follows soon. */
static void settle_headings(ss_html_blocks *blocks)
{
    size_t kept = SIZE_MAX; /* the next block that stays */
    for (size_t i = blocks->count; i-- > 0;) {
        ss_html_block *b = &blocks->item[i];
        if (b->worth == HEADING) b->keep = kept != SIZE_MAX && kept - i <= HEADING_REACH;
        if (b->keep) kept = i;
    }
}

/* ---- The article ---------------------------------------------------------------------------- */

/* Weight of the good blocks before each one; sum[count] is that of all. */
static uint64_t *good_before(const ss_html_blocks *blocks)
{
    uint64_t *sum = malloc((blocks->count + 1) * sizeof *sum);
    if (!sum) return NULL;
    sum[0] = 0;
    for (size_t i = 0; i < blocks->count; i++)
        sum[i + 1] = sum[i] + (blocks->item[i].worth == GOOD ? blocks->item[i].weight : 0);
    return sum;
}

/* The smallest of the ranges that hold nearly as much as the fullest one. */
static bool find_article(const ss_html_blocks *blocks, const uint64_t *sum, ss_html_range *found)
{
    uint64_t most = 0;
    for (size_t i = 0; i < blocks->articles; i++) {
        const ss_html_range *r = &blocks->article[i];
        uint64_t good = sum[r->end] - sum[r->first];
        if (good > most) most = good;
    }
    if (most < ARTICLE_LEAST || most * 100 < sum[blocks->count] * ARTICLE_SHARE) return false;
    bool any = false;
    for (size_t i = 0; i < blocks->articles; i++) {
        const ss_html_range *r = &blocks->article[i];
        if ((sum[r->end] - sum[r->first]) * 10 < most * 7) continue;
        if (any && r->end - r->first >= found->end - found->first) continue;
        *found = *r;
        any = true;
    }
    return any;
}

static bool keep_to_article(ss_html_blocks *blocks)
{
    ss_html_range article = {0, 0};
    uint64_t *sum = good_before(blocks);
    if (!sum) return false;
    if (find_article(blocks, sum, &article))
        for (uint32_t i = 0; i < blocks->count; i++)
            if (i < article.first || i >= article.end) blocks->item[i].worth = BAD;
    free(sum);
    return true;
}

/* ---- When that leaves next to nothing ------------------------------------------------------- */

static uint64_t kept_weight(const ss_html_blocks *blocks)
{
    uint64_t weight = 0;
    for (size_t i = 0; i < blocks->count; i++)
        if (blocks->item[i].keep) weight += blocks->item[i].weight;
    return weight;
}

/* Keeps of blocks [first, end) those that are no links, surroundings or not; returns their weight.
 */
static uint64_t keep_range(ss_html_blocks *blocks, ss_html_range range, bool surroundings)
{
    for (uint32_t i = 0; i < blocks->count; i++) {
        ss_html_block *b = &blocks->item[i];
        b->keep = i >= range.first && i < range.end && (surroundings || !b->around) &&
                  !linked_more(b, LINKED_BAD);
    }
    return kept_weight(blocks);
}

/* A note of one line, or a page that the rules don't fit (everything inside a <nav> that is never
 * closed): the article if the page names one; else what is no surroundings, unless they hold a
 * whole report; else all but links; else everything. */
static void be_generous(ss_html_blocks *blocks)
{
    const ss_html_range all = {0, (uint32_t)blocks->count};
    ss_html_range article = {0, 0};
    for (size_t i = 0; i < blocks->articles; i++)
        if (blocks->article[i].end - blocks->article[i].first > article.end - article.first)
            article = blocks->article[i];
    if (keep_range(blocks, article, false) >= NOTE_LEAST) return;
    uint64_t plain = keep_range(blocks, all, true);
    if (plain < REPORT_LEAST && keep_range(blocks, all, false)) return;
    if (keep_range(blocks, all, true)) return;
    for (size_t i = 0; i < blocks->count; i++) blocks->item[i].keep = true;
}

/* ---- All of it ------------------------------------------------------------------------------ */

bool ss_html_choose(ss_html_blocks *blocks)
{
    int64_t around = 0;
    for (size_t i = 0; i < blocks->count; i++) {
        ss_html_block *b = &blocks->item[i];
        around += b->around;
        b->around = around > 0;
        b->worth = b->around ? BAD : worth_of(b);
    }
    if (!drop_repeats(blocks) || !keep_to_article(blocks)) return false;
    for (size_t i = 0; i < blocks->count; i++) blocks->item[i].keep = blocks->item[i].worth == GOOD;
    settle_short(blocks);
    settle_headings(blocks);
    if (kept_weight(blocks) < RESULT_LEAST) be_generous(blocks);
    return true;
}
