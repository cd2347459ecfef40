/* Stage evidence (see the header): two ordered lists of anchors, merged where a bit of each
 * anchor's key says that both may have it. */
#include "match/evidence.h"

#include "match/judge.h"

#include <math.h>
#include <string.h>

const char *const ss_signal_name[SS_SIGNALS] = {
    [SS_SIGNAL_ONE] = "one",
    [SS_SIGNAL_CROSS] = "cross-language",
    [SS_SIGNAL_COSINE_CROSS] = "cosine-cross",
    [SS_SIGNAL_COSINE_SAME] = "cosine-same",
    [SS_SIGNAL_NAMES_COSINE] = "names-cosine",
    [SS_SIGNAL_NAMES_WEIGHT] = "names-weight",
    [SS_SIGNAL_NAMES_RARE] = "names-rare",
    [SS_SIGNAL_NAMES_SHARE] = "names-share",
    [SS_SIGNAL_PAIRS_RARE] = "pairs-rare",
    [SS_SIGNAL_SKELETONS_WEIGHT] = "skeletons-weight",
    [SS_SIGNAL_SKELETONS_RARE] = "skeletons-rare",
    [SS_SIGNAL_NUMBERS_WEIGHT] = "numbers-weight",
    [SS_SIGNAL_NUMBERS_RARE] = "numbers-rare",
    [SS_SIGNAL_NUMBERS_SHARE] = "numbers-share",
    [SS_SIGNAL_NUMBERS_CLASH] = "numbers-clash",
    [SS_SIGNAL_DATES] = "dates",
    [SS_SIGNAL_DATES_RARE] = "dates-rare",
    [SS_SIGNAL_DATES_CLASH] = "dates-clash",
    [SS_SIGNAL_LINKS] = "links",
    [SS_SIGNAL_TITLE_NAMES] = "title-names",
    [SS_SIGNAL_KNOWN] = "known-places",
    [SS_SIGNAL_NOTHING] = "nothing-shared",
    [SS_SIGNAL_NAMES_NUMBERS] = "names-numbers",
    [SS_SIGNAL_COSINE_NAMES] = "cosine-names",
    [SS_SIGNAL_COSINE_NUMBERS] = "cosine-numbers",
    [SS_SIGNAL_JACCARD] = "jaccard",
    [SS_SIGNAL_JACCARD_CLASH] = "jaccard-clash",
    [SS_SIGNAL_LENGTH] = "length",
    [SS_SIGNAL_COSINE_SHORT] = "cosine-short",
    [SS_SIGNAL_GAP] = "gap",
    [SS_SIGNAL_GAP_NEAR] = "gap-near",
    [SS_SIGNAL_GAP_FAR] = "gap-far",
    [SS_SIGNAL_GAP_DAY] = "gap-day",
    [SS_SIGNAL_SHORT] = "short",
    [SS_SIGNAL_LENGTH_RATIO] = "length-ratio",
    [SS_SIGNAL_USUAL] = "usual",
    [SS_SIGNAL_RELATIVE_CROSS] = "relative-cross",
    [SS_SIGNAL_RELATIVE_SAME] = "relative-same",
    [SS_SIGNAL_NEAR_CROSS] = "near-cross",
    [SS_SIGNAL_NEAR_SAME] = "near-same",
    [SS_SIGNAL_FAR] = "far",
    [SS_SIGNAL_RELATIVE_SHORT] = "relative-short",
    [SS_SIGNAL_NEAR_SHORT] = "near-short",
    [SS_SIGNAL_NAMES_MISSED] = "names-missed",
    [SS_SIGNAL_PAIRS_MISSED] = "pairs-missed",
    [SS_SIGNAL_SKELETONS_MISSED] = "skeletons-missed",
    [SS_SIGNAL_NUMBERS_MISSED] = "numbers-missed",
    [SS_SIGNAL_DATES_MISSED] = "dates-missed",
    [SS_SIGNAL_NAMES_NONE] = "names-none",
    [SS_SIGNAL_SKELETONS_NONE] = "skeletons-none",
    [SS_SIGNAL_NUMBERS_NONE] = "numbers-none",
    [SS_SIGNAL_KNOWN_NONE] = "known-none",
    [SS_SIGNAL_SKELETONS_SHARE] = "skeletons-share",
    [SS_SIGNAL_DATES_SHARE] = "dates-share",
    [SS_SIGNAL_NUMBERS_LEAD] = "numbers-lead",
    [SS_SIGNAL_DATES_LEAD] = "dates-lead",
    [SS_SIGNAL_ANCHORS] = "anchors",
    [SS_SIGNAL_RELATIVE_ANCHORS] = "relative-anchors",
    [SS_SIGNAL_CLASH_NEAR] = "clash-near",
    [SS_SIGNAL_CONTAINMENT] = "containment",
    [SS_SIGNAL_ONLY_KNOWN] = "only-known",
    [SS_SIGNAL_UNTITLED] = "untitled",
    [SS_SIGNAL_UNTITLED_RELATIVE] = "untitled-relative",
    [SS_SIGNAL_STRANGERS] = "strangers",
    [SS_SIGNAL_TITLE_STRANGERS] = "title-strangers",
    [SS_SIGNAL_CITIES_CLASH] = "cities-clash",
    [SS_SIGNAL_KNOWN_CLASH] = "known-clash",
    [SS_SIGNAL_LEAD_NAMES_LEAST] = "lead-names-least",
    [SS_SIGNAL_LEAD_NAMES_MOST] = "lead-names-most",
    [SS_SIGNAL_LEAD_FACTS_LEAST] = "lead-facts-least",
    [SS_SIGNAL_LEAD_FACTS_MOST] = "lead-facts-most",
    [SS_SIGNAL_TITLE_LEAST] = "title-least",
    [SS_SIGNAL_TITLE_MOST] = "title-most",
    [SS_SIGNAL_FEW] = "few",
    [SS_SIGNAL_WEEKDAYS] = "weekdays",
    [SS_SIGNAL_WEEKDAYS_CLASH] = "weekdays-clash",
    [SS_SIGNAL_AROUND] = "around",
};

enum { LIKELY = 128 /* anchors looked at together */ };

/* What the two documents' anchors of one type add up to. */
typedef struct type_sum {
    double weight; /* of the shared */
    double rare;   /* sum of 1 / others of the shared */
    double square; /* for the cosine of bags */
    double lead;   /* weight of the shared in title or lead of both */
    unsigned shared;
} type_sum;

typedef struct merge {
    type_sum type[SS_ANCHOR_TYPES];
    const ss_anchor_count *a, *b;
    double title_weight;
    unsigned known, told;         /* told: shared, not known */
    ss_anchor_count a_met, b_met; /* of their sure names those that the other one has */
    unsigned cities, countries;   /* in title or lead of both */
    unsigned weekdays;
    double few;
    ss_evidence *out;
} merge;

static const unsigned title_or_lead = SS_ANCHOR_TITLE | SS_ANCHOR_LEAD;

static double weight_of(const ss_anchor *a)
{
    return a->weight / 32.0;
}

/* Keeps the strongest few shared anchors, best first; ties in the order of the anchors. */
static void keep_strongest(ss_evidence *e, uint16_t anchor, float strength)
{
    size_t at = e->shared;
    while (at > 0 && strength > e->shared_strength[at - 1]) at--;
    if (at == SS_SHARED_MAX) return;
    if (e->shared < SS_SHARED_MAX) e->shared++;
    for (size_t k = e->shared - 1; k > at; k--) {
        e->shared_anchor[k] = e->shared_anchor[k - 1];
        e->shared_strength[k] = e->shared_strength[k - 1];
    }
    e->shared_anchor[at] = anchor;
    e->shared_strength[at] = strength;
}

/* What of the names in title or lead is looked at by itself. */
static inline void count_lead(const ss_anchor *a, ss_anchor_count *c)
{
    unsigned f = a->flags;
    bool lead = (f & title_or_lead) != 0, sure = (f & SS_ANCHOR_SURE) && !(f & SS_ANCHOR_KNOWN);
    c->sure_lead += lead && sure;
    c->sure_title += (f & SS_ANCHOR_TITLE) && sure;
    c->cities += lead && (f & SS_ANCHOR_CITY);
    c->countries += lead && (f & SS_ANCHOR_KNOWN);
}

static inline bool is_weekday(const ss_anchor *a)
{
    return a->type == SS_ANCHOR_DATE && a->key > SS_WEEKDAY_KEY && a->key <= SS_WEEKDAY_KEY + 7;
}

/* Which of the three sums of title and lead an anchor belongs to. */
static const signed char lead_group[SS_ANCHOR_TYPES] = {SS_LEAD_NAMES, SS_LEAD_NAMES, SS_LEAD_SKELETONS,
                                                        SS_LEAD_FACTS, SS_LEAD_FACTS, -1 /* links */};

static inline void add_lead(const ss_anchor *a, ss_anchor_count *c)
{
    unsigned f = a->flags;
    if (!(f & title_or_lead) || f & SS_ANCHOR_DERIVED || lead_group[a->type] < 0) return;
    double weight = weight_of(a);
    if (!(f & SS_ANCHOR_KNOWN)) c->lead[lead_group[a->type]] += weight;
    if (f & SS_ANCHOR_TITLE && a->type != SS_ANCHOR_PAIR && a->type != SS_ANCHOR_SKELETON) c->title += weight;
}

/* A name that both have. */
static void meet_name(merge *m, const ss_anchor *a, const ss_anchor *b)
{
    count_lead(a, &m->a_met);
    count_lead(b, &m->b_met);
    if (!(a->flags & title_or_lead) || !(b->flags & title_or_lead)) return;
    m->cities += ((a->flags | b->flags) & SS_ANCHOR_CITY) != 0;
    m->countries += ((a->flags | b->flags) & SS_ANCHOR_KNOWN) != 0;
}

enum { HANDFUL = 6 /* of other documents that have an anchor: as many as a story may have reports */ };

static void meet(merge *m, const ss_anchor *a, const ss_anchor *b, uint16_t number,
                 uint32_t frequency)
{
    type_sum *t = &m->type[a->type];
    double least = weight_of(a->weight < b->weight ? a : b);
    bool derived = (a->flags | b->flags) & SS_ANCHOR_DERIVED;
    if (a->flags & b->flags & SS_ANCHOR_DERIVED) return; /* 1,874 and 1,912 are both some 1,900 */
    if (is_weekday(a)) {
        m->weekdays++;
        return;
    }
    if (!derived) t->shared++;
    if (a->type == SS_ANCHOR_NAME) meet_name(m, a, b);
    add_lead(a, &m->a_met);
    add_lead(b, &m->b_met);
    if ((a->flags | b->flags) & SS_ANCHOR_KNOWN) {
        m->known++;
        return;
    }
    m->told++;
    /* the two documents themselves are in the count, when it is of the whole collection */
    double others = frequency > 2 ? (double)frequency - 2 : 0;
    t->weight += least;
    t->rare += least / 3 / (1 + others);
    m->few += least / 3 / (1 + others * others / (HANDFUL * HANDFUL));
    t->square += least * least;
    if (a->flags & title_or_lead && b->flags & title_or_lead) {
        t->lead += least;
        if (a->type == SS_ANCHOR_NAME || a->type == SS_ANCHOR_PAIR) m->title_weight += least;
    }
    if (!a->text_size) return;
    double telling = a->type == SS_ANCHOR_PAIR ? 2 : a->type == SS_ANCHOR_SKELETON ? 0.5 : 1;
    keep_strongest(m->out, number, (float)(telling * least / (1 + 0.2 * others)));
}

static uint64_t rank_of(const ss_anchor *anchor)
{
    return (uint64_t)anchor->type << 32 | anchor->key;
}

/* Which of the bits `keys` an anchor has. */
static inline unsigned bit_of(const ss_anchor *anchor)
{
    return anchor->key * 0x9E3779B1u >> (32 - SS_SIDE_BITS);
}

/* Counts anchors first .. end - 1, which are of one type. */
static inline void count_type(const ss_anchor *anchor, size_t first, size_t end, ss_anchor_count *c)
{
    uint32_t sum = 0;
    unsigned derived = 0, known = 0, flags = 0, weekdays = 0;
    for (size_t i = first; i < end; i++) {
        if (is_weekday(&anchor[i])) {
            weekdays++;
            continue;
        }
        add_lead(&anchor[i], c);
        sum += (uint32_t)anchor[i].weight * anchor[i].weight;
        known += (anchor[i].flags & SS_ANCHOR_KNOWN) != 0;
        derived += (anchor[i].flags & SS_ANCHOR_DERIVED) != 0;
        flags |= anchor[i].flags;
    }
    c->all[anchor[first].type] = (unsigned)(end - first) - derived - weekdays;
    c->weekdays += weekdays;
    c->square[anchor[first].type] = sum;
    c->known += known;
    c->flags |= flags;
    if (anchor[first].type != SS_ANCHOR_NAME) return;
    for (size_t i = first; i < end; i++) count_lead(&anchor[i], c);
}

static void count_anchors(const ss_anchor *anchor, size_t count, ss_anchor_count *c)
{
    memset(c, 0, sizeof *c);
    for (size_t i = 0, first = 0; first < count; first = i) {
        for (i = first + 1; i < count && anchor[i].type == anchor[first].type;) i++;
        count_type(anchor, first, i, c);
    }
}

/* Anchors of b that a may have, in their order; returns how many. */
static size_t find_likely(const ss_side *a, const ss_anchor *anchor, size_t count,
                          uint16_t likely[LIKELY])
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned bit = bit_of(&anchor[i]);
        likely[found] = (uint16_t)i; /* no branch: which ones they are is anybody's guess */
        found += a->keys[bit >> 6] >> (bit & 63) & 1;
    }
    return found;
}

/* The anchors that both have, in their order. */
static void merge_anchors(merge *m, const ss_side *a, const ss_sketch *b)
{
    const ss_anchor *x = ss_sketch_anchors(a->sketch), *y = ss_sketch_anchors(b);
    uint16_t likely[LIKELY + 1];
    for (size_t first = 0, i = 0; first < b->anchors; first += LIKELY) {
        size_t left = b->anchors - first;
        size_t count = find_likely(a, y + first, left < LIKELY ? left : LIKELY, likely);
        for (size_t k = 0; k < count; k++) {
            const ss_anchor *one = &y[first + likely[k]];
            uint64_t rank = rank_of(one);
            while (i < a->sketch->anchors && rank_of(&x[i]) < rank) i++;
            if (i == a->sketch->anchors) return;
            if (rank_of(&x[i]) != rank) continue;
            meet(m, &x[i], one, (uint16_t)i, a->frequency[i]);
            i++;
        }
    }
}

/* Of the anchors of the document that has fewer of this type. */
static double share_of(const merge *m, unsigned type)
{
    unsigned a = m->a->all[type], b = m->b->all[type];
    return (double)m->type[type].shared / (1.0 + (a < b ? a : b));
}

static double rare_of(const type_sum *t)
{
    return ss_log(1 + 4 * t->rare);
}

/* A link says much, but may stand at the foot of every text of an outlet. */
static const double links_most = 0.2;

static void anchor_signals(const merge *m, ss_evidence *e)
{
    const type_sum *name = &m->type[SS_ANCHOR_NAME], *pair = &m->type[SS_ANCHOR_PAIR],
                   *skeleton = &m->type[SS_ANCHOR_SKELETON], *number = &m->type[SS_ANCHOR_NUMBER],
                   *date = &m->type[SS_ANCHOR_DATE], *link = &m->type[SS_ANCHOR_LINK];
    double *s = e->signal;
    uint32_t a_square = m->a->square[SS_ANCHOR_NAME] + m->a->square[SS_ANCHOR_PAIR];
    uint32_t b_square = m->b->square[SS_ANCHOR_NAME] + m->b->square[SS_ANCHOR_PAIR];
    double squares = (a_square / 1024.0) * (b_square / 1024.0);
    if (squares > 0) s[SS_SIGNAL_NAMES_COSINE] = (name->square + pair->square) / sqrt(squares);
    s[SS_SIGNAL_NAMES_WEIGHT] = sqrt(name->weight + pair->weight);
    s[SS_SIGNAL_NAMES_RARE] = rare_of(name);
    s[SS_SIGNAL_NAMES_SHARE] = share_of(m, SS_ANCHOR_NAME);
    s[SS_SIGNAL_PAIRS_RARE] = rare_of(pair);
    s[SS_SIGNAL_SKELETONS_WEIGHT] = ss_log(1 + skeleton->weight);
    s[SS_SIGNAL_SKELETONS_RARE] = rare_of(skeleton);
    s[SS_SIGNAL_NUMBERS_WEIGHT] = ss_log(1 + number->weight);
    s[SS_SIGNAL_NUMBERS_RARE] = rare_of(number);
    s[SS_SIGNAL_NUMBERS_SHARE] = share_of(m, SS_ANCHOR_NUMBER);
    unsigned a_only = m->a->all[SS_ANCHOR_NUMBER] - number->shared;
    unsigned b_only = m->b->all[SS_ANCHOR_NUMBER] - number->shared;
    unsigned fewer_only = a_only < b_only ? a_only : b_only;
    s[SS_SIGNAL_NUMBERS_CLASH] = (double)fewer_only / (1.0 + fewer_only + number->shared);
    e->clash = fewer_only > 0 && 4 * fewer_only >= number->shared;
    s[SS_SIGNAL_DATES] = date->shared < 3 ? date->shared : 3;
    s[SS_SIGNAL_DATES_RARE] = rare_of(date);
    s[SS_SIGNAL_DATES_CLASH] =
        m->a->all[SS_ANCHOR_DATE] && m->b->all[SS_ANCHOR_DATE] && !date->shared;
    double links = ss_log(1 + link->rare);
    s[SS_SIGNAL_LINKS] = links < links_most ? links : links_most;
    s[SS_SIGNAL_TITLE_NAMES] = ss_log(1 + m->title_weight);
    s[SS_SIGNAL_KNOWN] = m->known < 4 ? m->known : 4;
    e->names = name->shared > skeleton->shared ? name->shared : skeleton->shared;
    e->dates = date->shared;
    e->numbers = number->shared;
    s[SS_SIGNAL_NOTHING] = !(name->shared + pair->shared + skeleton->shared + number->shared +
                             date->shared + link->shared);
}

/* Of the anchors that both could have shared, those that they don't: what stands against. */
static double missed(const merge *m, unsigned type)
{
    unsigned a = m->a->all[type], b = m->b->all[type], fewer = a < b ? a : b;
    if (!fewer) return 0;
    return ss_log(1.0 + fewer) * (fewer - m->type[type].shared) / fewer;
}

static double none_of(const merge *m, unsigned type)
{
    return m->a->all[type] && m->b->all[type] && !m->type[type].shared;
}

static unsigned less(unsigned a, unsigned b)
{
    return a > b ? a - b : 0;
}

/* Names that each has and the other hasn't, of the one that has fewer of them; one that met as a
 * skeleton is no stranger. */
static double strangers(unsigned a, unsigned a_met, unsigned b, unsigned b_met, unsigned spelt)
{
    a = less(a, a_met > spelt ? a_met : spelt);
    b = less(b, b_met > spelt ? b_met : spelt);
    return ss_log(1.0 + (a < b ? a : b));
}

/* Where a side names nothing, half of it counts as met. */
static double covered(double met, double all)
{
    return (met + 1) / (all + 2);
}

/* The smaller share goes to the signal, the larger one to the next. */
static void put_shares(double *s, ss_signal least, double a, double b)
{
    s[least] = a < b ? a : b;
    s[least + 1] = a < b ? b : a;
}

/* How much of what each names in title and lead the other has at all. A report of the same event has most of it;
 * one that tells the event as background has the other's, but not the other its own. */
static void coverage_signals(const merge *m, double *s)
{
    const ss_anchor_count *a = m->a, *b = m->b, *x = &m->a_met, *y = &m->b_met;
    double share[SS_LEAD_GROUPS][2];
    for (size_t g = 0; g < SS_LEAD_GROUPS; g++) {
        share[g][0] = covered(x->lead[g], a->lead[g]);
        share[g][1] = covered(y->lead[g], b->lead[g]);
    }
    for (size_t i = 0; i < 2; i++) /* in another script names meet by their skeletons */
        if (share[SS_LEAD_SKELETONS][i] > share[SS_LEAD_NAMES][i])
            share[SS_LEAD_NAMES][i] = share[SS_LEAD_SKELETONS][i];
    put_shares(s, SS_SIGNAL_LEAD_NAMES_LEAST, share[SS_LEAD_NAMES][0], share[SS_LEAD_NAMES][1]);
    put_shares(s, SS_SIGNAL_LEAD_FACTS_LEAST, share[SS_LEAD_FACTS][0], share[SS_LEAD_FACTS][1]);
    put_shares(s, SS_SIGNAL_TITLE_LEAST, covered(x->title, a->title), covered(y->title, b->title));
}

/* Title and lead tell what a text is about: what they name that the other doesn't. */
static void lead_signals(const merge *m, ss_evidence *e)
{
    double *s = e->signal;
    const ss_anchor_count *a = m->a, *b = m->b;
    unsigned spelt = m->type[SS_ANCHOR_SKELETON].shared;
    s[SS_SIGNAL_STRANGERS] =
        strangers(a->sure_lead, m->a_met.sure_lead, b->sure_lead, m->b_met.sure_lead, spelt);
    s[SS_SIGNAL_TITLE_STRANGERS] =
        strangers(a->sure_title, m->a_met.sure_title, b->sure_title, m->b_met.sure_title, spelt);
    s[SS_SIGNAL_CITIES_CLASH] = a->cities && b->cities && !m->cities;
    coverage_signals(m, s);
    s[SS_SIGNAL_FEW] = ss_log(1 + m->few);
    s[SS_SIGNAL_WEEKDAYS] = m->weekdays > 0;
    s[SS_SIGNAL_WEEKDAYS_CLASH] = a->weekdays && b->weekdays && !m->weekdays;
    s[SS_SIGNAL_KNOWN_CLASH] = a->countries && b->countries && !m->countries;
}

static void missing_signals(const merge *m, ss_evidence *e)
{
    double *s = e->signal;
    s[SS_SIGNAL_NAMES_MISSED] = missed(m, SS_ANCHOR_NAME);
    s[SS_SIGNAL_PAIRS_MISSED] = missed(m, SS_ANCHOR_PAIR);
    s[SS_SIGNAL_SKELETONS_MISSED] = missed(m, SS_ANCHOR_SKELETON);
    s[SS_SIGNAL_NUMBERS_MISSED] = missed(m, SS_ANCHOR_NUMBER);
    s[SS_SIGNAL_DATES_MISSED] = missed(m, SS_ANCHOR_DATE);
    s[SS_SIGNAL_NAMES_NONE] = none_of(m, SS_ANCHOR_NAME);
    s[SS_SIGNAL_SKELETONS_NONE] = none_of(m, SS_ANCHOR_SKELETON);
    s[SS_SIGNAL_NUMBERS_NONE] = none_of(m, SS_ANCHOR_NUMBER);
    s[SS_SIGNAL_KNOWN_NONE] = m->a->known && m->b->known && !m->known;
    s[SS_SIGNAL_ONLY_KNOWN] = m->known && !m->told;
    s[SS_SIGNAL_SKELETONS_SHARE] = share_of(m, SS_ANCHOR_SKELETON);
    s[SS_SIGNAL_DATES_SHARE] = share_of(m, SS_ANCHOR_DATE);
    s[SS_SIGNAL_NUMBERS_LEAD] = ss_log(1 + m->type[SS_ANCHOR_NUMBER].lead);
    s[SS_SIGNAL_DATES_LEAD] = ss_log(1 + m->type[SS_ANCHOR_DATE].lead);
    s[SS_SIGNAL_ANCHORS] =
        ss_log(1 + s[SS_SIGNAL_NAMES_RARE] + s[SS_SIGNAL_PAIRS_RARE] + s[SS_SIGNAL_SKELETONS_RARE] +
               s[SS_SIGNAL_NUMBERS_RARE] + s[SS_SIGNAL_DATES_RARE]);
}

static double above(double x, double least)
{
    return x > least ? x - least : 0;
}

/* A sketch that has no usual nearness is taken as an ordinary one. */
static double usual_of(const ss_sketch *s)
{
    double usual = s->usual ? s->usual / 255.0 : 0.35;
    return usual < 0.1 ? 0.1 : usual;
}

/* The cosine against what is usual for texts like these two, and how long they are. Headlines have
 * wilder cosines than reports. */
static void relative_signals(const ss_sketch *a, const ss_sketch *b, bool titled, ss_evidence *e)
{
    static const double headline = 2.0794415416798357,
                        report = 5.010635294096256; /* log 8, log 150 */
    double *s = e->signal;
    bool cross = a->language != b->language;
    double shorter = a->words < b->words ? a->words : b->words;
    double longer = a->words < b->words ? b->words : a->words;
    shorter = ss_log(shorter < 4 ? 4 : shorter > 400 ? 400 : shorter);
    longer = ss_log(longer < 4 ? 4 : longer > 400 ? 400 : longer);
    double is_short = (report - shorter) / (report - headline);
    is_short = is_short < 0 ? 0 : is_short > 1 ? 1 : is_short;
    double usual = sqrt(usual_of(a) * usual_of(b)), relative = e->cosine / usual;
    relative = relative < -0.5 ? -0.5 : relative > 3 ? 3 : relative;
    s[SS_SIGNAL_SHORT] = is_short;
    s[SS_SIGNAL_LENGTH_RATIO] = longer - shorter;
    s[SS_SIGNAL_USUAL] = usual;
    s[cross ? SS_SIGNAL_RELATIVE_CROSS : SS_SIGNAL_RELATIVE_SAME] = relative;
    s[cross ? SS_SIGNAL_NEAR_CROSS : SS_SIGNAL_NEAR_SAME] = above(relative, cross ? 1.1 : 1.3);
    s[SS_SIGNAL_FAR] = above(0.8, relative);
    s[SS_SIGNAL_RELATIVE_SHORT] = relative * is_short;
    s[SS_SIGNAL_NEAR_SHORT] = above(relative, 1.1) * is_short;
    s[SS_SIGNAL_RELATIVE_ANCHORS] = relative * s[SS_SIGNAL_ANCHORS];
    s[SS_SIGNAL_CLASH_NEAR] = above(relative, 1) * s[SS_SIGNAL_NUMBERS_CLASH];
    s[SS_SIGNAL_UNTITLED] = titled ? 0 : ss_untitled(is_short);
    s[SS_SIGNAL_UNTITLED_RELATIVE] = relative * s[SS_SIGNAL_UNTITLED];
    s[SS_SIGNAL_CONTAINMENT] = cross ? 0 : e->containment;
    s[SS_SIGNAL_GAP_DAY] = e->dated && e->gap_days <= 1;
}

static double gap_between(const ss_sketch *a, const ss_sketch *b)
{
    return fabs((double)a->date - (double)b->date) / 86400.0;
}

static void measure(const ss_sketch *a, const ss_sketch *b, int32_t dot, ss_evidence *e)
{
    double scale = ss_vector_scale(a->dimension);
    e->cosine = dot / (scale * scale);
    if (e->cosine > 1) e->cosine = 1;
    if (e->cosine < -1) e->cosine = -1;
    e->words = a->words < b->words ? a->words : b->words;
    e->same_text = a->text_hash == b->text_hash;
    e->same_identity = (a->id && a->id == b->id) || (a->url && a->url == b->url);
    if (a->shingles && b->shingles) {
        double j = ss_minhash_jaccard(a->signature, b->signature);
        double fewer = a->shingles < b->shingles ? a->shingles : b->shingles;
        double both = j * ((double)a->shingles + b->shingles) / (1 + j);
        e->jaccard = j;
        e->containment = both < fewer ? both / fewer : 1;
    }
    e->dated = a->date != SAMESTORY_NO_DATE && b->date != SAMESTORY_NO_DATE;
    e->gap_days = e->dated ? gap_between(a, b) : NAN;
}

static void other_signals(const ss_sketch *a, const ss_sketch *b, ss_evidence *e)
{
    double *s = e->signal;
    bool cross = a->language != b->language;
    double words = a->words < b->words ? a->words : b->words;
    double length = ss_log(words < 20 ? 20 : words > 500 ? 500 : words);
    s[SS_SIGNAL_ONE] = 1;
    s[SS_SIGNAL_CROSS] = cross;
    s[cross ? SS_SIGNAL_COSINE_CROSS : SS_SIGNAL_COSINE_SAME] = e->cosine;
    s[SS_SIGNAL_NAMES_NUMBERS] = s[SS_SIGNAL_NAMES_COSINE] * s[SS_SIGNAL_NUMBERS_WEIGHT];
    s[SS_SIGNAL_COSINE_NAMES] = e->cosine * s[SS_SIGNAL_NAMES_COSINE];
    s[SS_SIGNAL_COSINE_NUMBERS] = e->cosine * s[SS_SIGNAL_NUMBERS_WEIGHT];
    s[SS_SIGNAL_JACCARD] = cross ? 0 : e->jaccard;
    s[SS_SIGNAL_JACCARD_CLASH] = cross ? 0 : e->jaccard * s[SS_SIGNAL_NUMBERS_CLASH];
    s[SS_SIGNAL_LENGTH] = length;
    s[SS_SIGNAL_COSINE_SHORT] = e->cosine / length;
    if (!e->dated) return;
    s[SS_SIGNAL_GAP] = (e->gap_days < 30 ? e->gap_days : 30) / 10;
    s[SS_SIGNAL_GAP_NEAR] = e->gap_days <= 3;
    s[SS_SIGNAL_GAP_FAR] = e->gap_days > 7;
}

void ss_side_of(const ss_sketch *a, const uint32_t *frequency, ss_side *side)
{
    const ss_anchor *anchor = ss_sketch_anchors(a);
    side->sketch = a;
    side->frequency = frequency;
    count_anchors(anchor, a->anchors, &side->count);
    memset(side->keys, 0, sizeof side->keys);
    for (size_t i = 0; i < a->anchors; i++) {
        unsigned bit = bit_of(&anchor[i]);
        side->keys[bit >> 6] |= (uint64_t)1 << (bit & 63);
    }
}

/* Within what the judge has learnt of. */
static uint32_t around_within(uint32_t around)
{
    return around < SS_AROUND_LEAST ? SS_AROUND_LEAST
           : around > SS_AROUND_MOST ? SS_AROUND_MOST
                                     : around;
}

void ss_evidence_beside(const ss_side *side, const ss_sketch *b, int32_t dot, uint32_t around,
                        ss_evidence *out)
{
    const ss_sketch *a = side->sketch;
    ss_anchor_count count;
    merge m;
    memset(&m, 0, sizeof m);
    memset(out, 0, sizeof *out);
    count_anchors(ss_sketch_anchors(b), b->anchors, &count);
    m.a = &side->count;
    m.b = &count;
    m.out = out;
    merge_anchors(&m, side, b);
    anchor_signals(&m, out);
    missing_signals(&m, out);
    lead_signals(&m, out);
    measure(a, b, dot, out);
    other_signals(a, b, out);
    relative_signals(a, b, (m.a->flags | m.b->flags) & SS_ANCHOR_TITLE, out);
    out->signal[SS_SIGNAL_AROUND] = ss_log(around_within(around));
}

void ss_evidence_of(const ss_sketch *a, const uint32_t *frequency, const ss_sketch *b, int32_t dot,
                    uint32_t around, ss_evidence *out)
{
    ss_side side;
    ss_side_of(a, frequency, &side);
    ss_evidence_beside(&side, b, dot, around, out);
}

/* ---- Reasons
 * ------------------------------------------------------------------------------------------ */

/* Is a word of `text` one of `known`? Words end at spaces. */
static bool shares_word(const char *text, size_t size, const char *known, size_t known_size)
{
    for (size_t i = 0; i < size;) {
        size_t end = i;
        while (end < size && text[end] != ' ') end++;
        for (size_t k = 0; k < known_size;) {
            size_t stop = k;
            while (stop < known_size && known[stop] != ' ') stop++;
            if (stop - k == end - i && !memcmp(text + i, known + k, end - i)) return true;
            k = stop + 1;
        }
        i = end + 1;
    }
    return false;
}

size_t ss_reasons_of(const ss_evidence *evidence, const ss_sketch *a, uint16_t *out, size_t most)
{
    const ss_anchor *anchor = ss_sketch_anchors(a);
    const char *pool = ss_sketch_pool(a);
    size_t count = 0;
    for (size_t i = 0; i < evidence->shared && count < most; i++) {
        const ss_anchor *x = &anchor[evidence->shared_anchor[i]];
        bool repeats = !x->text_size;
        for (size_t k = 0; k < count && !repeats; k++) {
            const ss_anchor *y = &anchor[out[k]];
            bool numbers = x->type == SS_ANCHOR_NUMBER || x->type == SS_ANCHOR_DATE;
            repeats = x->type == y->type && numbers
                          ? x->text_size == y->text_size &&
                                !memcmp(pool + x->text, pool + y->text, x->text_size)
                          : shares_word(pool + x->text, x->text_size, pool + y->text, y->text_size);
        }
        if (!repeats) out[count++] = evidence->shared_anchor[i];
    }
    return count;
}
