/* The judge: a calibrated probability from named evidence. A logistic model whose text form,
 * models/judge.txt, is the source; lines of
 *
 *   threshold 0.5
 *   signal NAME UNDATED DATED
 *
 * and comments (#): the weight of a signal where a date is missing, and where both records have one.
 * A signal that the text does not name weighs nothing. */
#ifndef SS_MATCH_JUDGE_H
#define SS_MATCH_JUDGE_H

#include "base/status.h"
#include "match/evidence.h"

typedef struct ss_judge {
    double threshold;
    double weight[2][SS_SIGNALS]; /* [dated] */
} ss_judge;

typedef struct ss_judgement {
    samestory_relation relation; /* as if linked; the caller compares probability and threshold */
    double probability;          /* rounded to 1e-6, in 0..1 */
} ss_judgement;

/* Parses judge.txt; SAMESTORY_MODEL_MISMATCH with the line when it can't be read. */
samestory_status ss_judge_parse(const char *text, ss_judge **out, samestory_error *error);
void ss_judge_free(ss_judge *judge);

/* Probability that the two documents tell the same story, and how they are related if so. A copy is
 * certain by its text alone: identical, or nearly so with no numbers that stand against each other. */
ss_judgement ss_judge_of(const ss_judge *judge, const ss_evidence *evidence);

/* exp and log that give the same bits on every machine (libm's need not). */
double ss_exp(double x);
double ss_log(double x);

#endif
