/* The judge: a calibrated probability from named evidence. A logistic model whose text form,
 * models/judge.txt, is the source; lines of
 *
 *   threshold 0.5
 *   preset NAME THRESHOLD PRECISION RECALL
 *   alone NAME THRESHOLD PRECISION RECALL
 *   signal NAME UNDATED DATED
 *   look LOG_ODDS
 *   tree undated|dated (NAME EDGE)*6 ANSWER*64
 *   neighbours 1|2|3 undated|dated (NAME EDGE)*6 ANSWER*64
 *
 * and comments (#): the weight of a signal where a date is missing, and where both records have
 * one. A signal that the text does not name weighs nothing. Pairs whose weighted sum reaches `look`
 * are asked of the trees, each of which adds one of its answers to the log odds: answer number 1 if
 * the first signal is above its edge, + 2 for the second, + 4 for the third, and so on. The trees
 * `neighbours` are asked of a collection's pairs once all are judged, in three rounds
 * (story/neighbours.h). Presets are thresholds for those who want to be surer, or to miss less,
 * with the precision and recall that they had when the judge was fitted, neighbours asked; `alone`
 * has those for links as sure where no neighbours are asked. Without `look`, trees are asked from
 * log odds of 0 on. */
#ifndef SS_MATCH_JUDGE_H
#define SS_MATCH_JUDGE_H

#include "base/status.h"
#include "match/evidence.h"

enum {
    SS_TREE_DEPTH = 6,
    SS_TREE_LEAVES = 1 << SS_TREE_DEPTH,
    SS_TREES_MAX = 512,
    SS_NEIGHBOUR_TREES_MAX = 128,
    SS_ROUNDS = 3
};

/* What the documents around a pair say of it: a tree asks these as it asks signals. */
typedef enum ss_opinion {
    SS_OPINION_ALONE,  /* log odds of the pair by itself, */
    SS_OPINION_PAIR,   /* and after the round before */
    SS_OPINION_BRIDGE, /* of a document that agrees with both: the smaller of the two probabilities;
                          the largest, */
    SS_OPINION_SECOND, /* and the second largest */
    SS_OPINION_COMMON, /* sum over all that are paired with both: product of the two */
    SS_OPINION_APART,  /* the same over all that agree with one of them: with this one, and not with
                          that one */
    SS_OPINION_LESS,   /* the surest other pair of each of the two: the less sure one, */
    SS_OPINION_MORE,   /* and the surer */
    SS_OPINIONS
} ss_opinion;

extern const char *const ss_opinion_name[SS_OPINIONS];

/* A pair that is less probable by itself is nobody's neighbour, and is not judged again. Of many
 * neighbours that each are much in doubt much can be learnt: with .02 instead FLORES' F1 is .90, not
 * .98, and average precision of look-alikes never seen (tests/data/unseen) .88 and .75, with dates
 * and without, not .94 and .82. */
#define SS_NEIGHBOUR_LEAST SAMESTORY_EDGE_LEAST

typedef struct ss_tree {
    uint8_t signal[SS_TREE_DEPTH];
    float edge[SS_TREE_DEPTH];
    float leaf[SS_TREE_LEAVES];
    float mean[SS_TREE_LEAVES -
               1]; /* of the answers that are left once some splits are known: see share_answer */
} ss_tree;

typedef struct ss_preset {
    double threshold, precision, recall; /* threshold 0: not measured */
} ss_preset;

typedef struct ss_judge {
    double threshold;
    ss_preset preset[SAMESTORY_PRESETS]; /* by samestory_preset */
    ss_preset alone[SAMESTORY_PRESETS];  /* where no neighbours are asked */
    double look;                         /* log odds from which on the trees are asked */
    double weight[2][SS_SIGNALS];        /* [dated] */
    size_t trees[2];
    ss_tree tree[2][SS_TREES_MAX];
    size_t neighbour_trees[SS_ROUNDS][2];
    ss_tree neighbour_tree[SS_ROUNDS][2][SS_NEIGHBOUR_TREES_MAX]; /* over opinions */
} ss_judge;

typedef struct ss_judgement {
    samestory_relation relation; /* as if linked; the caller compares probability and threshold */
    double probability;          /* rounded to 1e-6, in 0..1 */
} ss_judgement;

/* Parses judge.txt; SAMESTORY_MODEL_MISMATCH with the line when it can't be read. */
samestory_status ss_judge_parse(const char *text, ss_judge **out, samestory_error *error);
void ss_judge_free(ss_judge *judge);

/* Probability that the two documents tell the same story, and how they are related if so. A copy is
 * certain by its text alone: identical, or nearly so with no numbers that stand against each other.
 */
ss_judgement ss_judge_of(const ss_judge *judge, const ss_evidence *evidence);

/* The log odds before caution and copies; effect (may be NULL): what each signal has in them, which
 * adds up to the whole. A tree's answer is shared out along its splits. */
double ss_judge_odds(const ss_judge *judge, const ss_evidence *evidence, double effect[SS_SIGNALS]);
/* Probability of the relation story once the neighbours have been asked in this round, 0 to
 * SS_ROUNDS - 1; a judge without trees for that leaves what it was. */
double ss_judge_again(const ss_judge *judge, unsigned round, bool dated,
                      const double opinion[SS_OPINIONS]);
/* The threshold of a preset; alone: of a stream. */
double ss_judge_threshold(const ss_judge *judge, samestory_preset preset, bool alone);

/* exp and log that give the same bits on every machine (libm's need not). */
double ss_exp(double x);
double ss_log(double x);

#endif
