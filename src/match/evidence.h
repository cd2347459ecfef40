/* Stage evidence: two sketches in, named measurements out. No allocation; .6 us a pair, and .3 us once
 * a document (bench-evidence). */
#ifndef SS_MATCH_EVIDENCE_H
#define SS_MATCH_EVIDENCE_H

#include "sketch/sketch.h"

/* What the judge is told of a pair. Sums over anchors are over those that both share; "rare" counts in
 * how few other documents of the collection they stand, "weight" how rare they are in the language. */
typedef enum ss_signal {
    SS_SIGNAL_ONE,             /* 1 */
    SS_SIGNAL_CROSS,           /* 1 when the languages differ */
    SS_SIGNAL_COSINE_CROSS,    /* cosine of the vectors, languages differ */
    SS_SIGNAL_COSINE_SAME,     /* the same, one language */
    SS_SIGNAL_NAMES_COSINE,    /* cosine of the bags of names, by weight */
    SS_SIGNAL_NAMES_WEIGHT,    /* root of the shared names' weight */
    SS_SIGNAL_NAMES_RARE,      /* log(1 + 4 sum 1 / others) */
    SS_SIGNAL_NAMES_SHARE,     /* of the names of the document that has fewer */
    SS_SIGNAL_PAIRS_RARE,      /* pairs of names that stand together */
    SS_SIGNAL_SKELETONS_WEIGHT,
    SS_SIGNAL_SKELETONS_RARE,
    SS_SIGNAL_NUMBERS_WEIGHT,
    SS_SIGNAL_NUMBERS_RARE,
    SS_SIGNAL_NUMBERS_SHARE,
    SS_SIGNAL_NUMBERS_CLASH,   /* both have numbers that the other lacks: share of all */
    SS_SIGNAL_DATES,           /* dates in the texts, at most 3 */
    SS_SIGNAL_DATES_RARE,
    SS_SIGNAL_DATES_CLASH,     /* both name dates, and none is shared */
    SS_SIGNAL_LINKS,
    SS_SIGNAL_TITLE_NAMES,     /* names that stand in the title or lead of both, by weight */
    SS_SIGNAL_KNOWN,           /* countries and the like, at most 4 */
    SS_SIGNAL_NOTHING,         /* no anchor is shared */
    SS_SIGNAL_NAMES_NUMBERS,   /* names' cosine x numbers' weight */
    SS_SIGNAL_COSINE_NAMES,    /* cosine x names' cosine */
    SS_SIGNAL_COSINE_NUMBERS,
    SS_SIGNAL_JACCARD,         /* of the shingles, one language */
    SS_SIGNAL_JACCARD_CLASH,   /* Jaccard x numbers' clash: one template, other numbers */
    SS_SIGNAL_LENGTH,          /* log of the shorter text's words, taken as 20 at least, 500 at most */
    SS_SIGNAL_COSINE_SHORT,    /* cosine / log length: of short texts the vector tells more */
    SS_SIGNAL_GAP,             /* between the record's dates, in tens of days, at most 3 */
    SS_SIGNAL_GAP_NEAR,        /* at most 3 days */
    SS_SIGNAL_GAP_FAR,         /* more than 7 days */
    SS_SIGNAL_GAP_DAY,         /* at most one day */
    SS_SIGNAL_SHORT,           /* 1: the shorter text is a headline, 0: a report of 150 words and more */
    SS_SIGNAL_LENGTH_RATIO,    /* log of longer / shorter */
    SS_SIGNAL_USUAL,           /* how near the two vectors are to what is common: see ss_sketch.usual */
    SS_SIGNAL_RELATIVE_CROSS,  /* cosine / usual, languages differ */
    SS_SIGNAL_RELATIVE_SAME,   /* the same, one language */
    SS_SIGNAL_NEAR_CROSS,      /* what it has above 1.1 */
    SS_SIGNAL_NEAR_SAME,       /* what it has above 1.3 */
    SS_SIGNAL_FAR,             /* what it lacks to .8 */
    SS_SIGNAL_RELATIVE_SHORT,  /* relative cosine x short */
    SS_SIGNAL_NEAR_SHORT,
    SS_SIGNAL_NAMES_MISSED,    /* both have names: log of how many x the share that is not shared; */
    SS_SIGNAL_PAIRS_MISSED,
    SS_SIGNAL_SKELETONS_MISSED,
    SS_SIGNAL_NUMBERS_MISSED,
    SS_SIGNAL_DATES_MISSED,
    SS_SIGNAL_NAMES_NONE,      /* both have names and share none */
    SS_SIGNAL_SKELETONS_NONE,
    SS_SIGNAL_NUMBERS_NONE,
    SS_SIGNAL_KNOWN_NONE,
    SS_SIGNAL_SKELETONS_SHARE,
    SS_SIGNAL_DATES_SHARE,
    SS_SIGNAL_NUMBERS_LEAD,    /* shared numbers in title or lead of both, by weight */
    SS_SIGNAL_DATES_LEAD,
    SS_SIGNAL_ANCHORS,         /* all that is rare together: the second name says less than the first */
    SS_SIGNAL_RELATIVE_ANCHORS, /* relative cosine x the same */
    SS_SIGNAL_CLASH_NEAR,      /* numbers' clash x what the relative cosine has above 1 */
    SS_SIGNAL_CONTAINMENT,     /* of the shingles, one language */
    SS_SIGNAL_ONLY_KNOWN,      /* countries and the like are all that is shared */
    SS_SIGNAL_UNTITLED,        /* neither has a title that names anything, and the shorter is short: the
                                  square of short. A sentence, a headline, a piece of a text */
    SS_SIGNAL_UNTITLED_RELATIVE, /* the same x relative cosine */
    SS_SIGNAL_STRANGERS,         /* both name in title or lead what the other doesn't: log of how many, of the
                                    one that has fewer; names that are sure */
    SS_SIGNAL_TITLE_STRANGERS,   /* the same of titles */
    SS_SIGNAL_CITIES_CLASH,      /* both name cities in title or lead, and share none there */
    SS_SIGNAL_KNOWN_CLASH,       /* the same of countries */
    /* each LEAST is followed by its MOST */
    SS_SIGNAL_LEAD_NAMES_LEAST,  /* of the names in one's title and lead, those that the other one has anywhere: */
    SS_SIGNAL_LEAD_NAMES_MOST,   /* the smaller and the larger share of the two documents */
    SS_SIGNAL_LEAD_FACTS_LEAST,  /* the same of numbers and dates */
    SS_SIGNAL_LEAD_FACTS_MOST,
    SS_SIGNAL_TITLE_LEAST,       /* the same of all that the title names */
    SS_SIGNAL_TITLE_MOST,
    SS_SIGNAL_FEW,               /* all that is rare together, where a handful of others is still rare */
    SS_SIGNAL_WEEKDAYS,          /* of records without date: weekdays in title or lead; one is shared, */
    SS_SIGNAL_WEEKDAYS_CLASH,    /* or none though both name some */
    SS_SIGNAL_AROUND,            /* log of how many documents the pair was found among, SS_AROUND_LEAST to
                                    SS_AROUND_MOST: the more there are, the more are alike by chance */
    SS_SIGNALS
} ss_signal;

enum { SS_AROUND_LEAST = 30, SS_AROUND_MOST = 30000 };

extern const char *const ss_signal_name[SS_SIGNALS];

/* The signal UNTITLED of a pair without titles, from its signal SHORT. */
static inline double ss_untitled(double is_short)
{
    return is_short * is_short;
}

enum { SS_SHARED_MAX = 8 };

typedef struct ss_evidence {
    double signal[SS_SIGNALS];
    bool dated;          /* both records have a date */
    double cosine, jaccard, containment, gap_days;
    unsigned words;      /* of the shorter text; 0: nothing can be said */
    bool same_identity;  /* one id or URL */
    bool same_text, clash; /* clash: numbers of both stand against each other */
    unsigned names, dates, numbers;
    size_t shared;       /* the strongest shared anchors of a, best first */
    uint16_t shared_anchor[SS_SHARED_MAX];
    float shared_strength[SS_SHARED_MAX];
} ss_evidence;

/* frequency[a->anchors]: in how many documents of the collection each anchor of a stands (see
 * ss_statistics_of). Symmetric in a and b, but for `shared_anchor`. dot: of the vectors. around: how many
 * documents of the window the later one was held against. */
void ss_evidence_of(const ss_sketch *a, const uint32_t *frequency, const ss_sketch *b, int32_t dot,
                    uint32_t around, ss_evidence *out);

/* The same of one document and many others: what is asked of the first is found out once. A side
 * lives as long as its sketch and frequencies. */
enum { SS_LEAD_NAMES, SS_LEAD_SKELETONS, SS_LEAD_FACTS, SS_LEAD_GROUPS }; /* facts: numbers and dates */
typedef struct ss_anchor_count {
    unsigned all[SS_ANCHOR_TYPES];    /* anchors that are not derived */
    uint32_t square[SS_ANCHOR_TYPES]; /* sum of all squared weights, in 1/1024 */
    unsigned known, flags;            /* known places; flags that any of them has */
    unsigned sure_lead, sure_title;   /* names that are sure, in title or lead, in the title; */
    unsigned cities, countries;       /* cities and countries in title or lead */
    unsigned weekdays;
    double lead[SS_LEAD_GROUPS], title; /* weight of what title and lead name, and the title alone */
} ss_anchor_count;

enum { SS_SIDE_BITS = 10 };

typedef struct ss_side {
    const ss_sketch *sketch;
    const uint32_t *frequency;
    ss_anchor_count count;
    uint64_t keys[(1 << SS_SIDE_BITS) / 64]; /* a bit for each anchor, by a hash of its key */
} ss_side;

void ss_side_of(const ss_sketch *a, const uint32_t *frequency, ss_side *side);
void ss_evidence_beside(const ss_side *side, const ss_sketch *b, int32_t dot,
                        uint32_t around, ss_evidence *out);

/* Of the strongest shared anchors the few that a reader wants to see: none that repeats a word of one
 * before it ("nguyen thi", "thi bich"). Writes their numbers to out[most]; returns how many. */
size_t ss_reasons_of(const ss_evidence *evidence, const ss_sketch *a, uint16_t *out, size_t most);

#endif
