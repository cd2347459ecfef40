/* The judge (see the header). */
#include "match/judge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- The same bits everywhere -------------------------------------------------------------------- */

/* exp by 2^k and the Taylor series on [-ln2/2, ln2/2]: relative error below 1e-15. */
double ss_exp(double x)
{
    if (x > 700) x = 700;
    if (x < -700) return 0;
    double k = floor(x * 1.4426950408889634 + 0.5);
    double r = (x - k * 0.693147180369123816490) - k * 1.90821492927058770002e-10;
    double sum = 1, term = 1;
    for (int i = 1; i < 14; i++) {
        term = term * r / i;
        sum += term;
    }
    return ldexp(sum, (int)k);
}

/* log by the exponent and the series of atanh on [sqrt(1/2), sqrt(2)]; x > 0. */
double ss_log(double x)
{
    if (x <= 1 && x >= 1) return 0; /* most sums of evidence are empty */
    int k;
    double m = frexp(x, &k);
    if (m < 0.70710678118654752440) {
        m *= 2;
        k--;
    }
    double t = (m - 1) / (m + 1), square = t * t, sum = 0;
    for (int i = 21; i >= 1; i -= 2) sum = sum * square + 1.0 / i;
    return 2 * t * sum + k * 0.693147180559945309417;
}

/* ---- judge.txt -------------------------------------------------------------------------------------- */

static const char bad_line[] =
    "judge.txt: expected \"threshold P\" or \"signal NAME UNDATED DATED\": fit it with samestory-train";

/* A decimal number such as -12.345, after spaces: strtod would ask the locale for its point. */
static bool parse_number(const char **at, double *out)
{
    const char *p = *at;
    while (*p == ' ') p++;
    bool negative = *p == '-';
    if (negative) p++;
    double value = 0, unit = 1;
    unsigned digits = 0;
    bool fraction = false;
    for (; (*p >= '0' && *p <= '9') || (*p == '.' && !fraction); p++) {
        if (*p == '.') {
            fraction = true;
            continue;
        }
        value = value * 10 + (*p - '0');
        if (fraction) unit *= 10;
        if (++digits > 15) return false;
    }
    if (!digits || (*p != ' ' && *p != 0)) return false;
    *at = p;
    *out = (negative ? -value : value) / unit;
    return true;
}

static bool skip_word(const char **at, const char *word)
{
    size_t size = strlen(word);
    if (strncmp(*at, word, size) || (*at)[size] != ' ') return false;
    *at += size + 1;
    return true;
}

static bool parse_line(const char *line, ss_judge *judge)
{
    if (*line == '#' || *line == '\n' || *line == 0) return true;
    if (skip_word(&line, "threshold"))
        return parse_number(&line, &judge->threshold) && *line == 0 && judge->threshold > 0 &&
               judge->threshold < 1;
    if (!skip_word(&line, "signal")) return false;
    for (size_t i = 0; i < SS_SIGNALS; i++)
        if (skip_word(&line, ss_signal_name[i]))
            return parse_number(&line, &judge->weight[0][i]) &&
                   parse_number(&line, &judge->weight[1][i]) && *line == 0;
    return false;
}

samestory_status ss_judge_parse(const char *text, ss_judge **out, samestory_error *error)
{
    ss_judge *judge = calloc(1, sizeof *judge);
    if (!judge) return ss_fail_memory(error);
    judge->threshold = 0.5;
    uint64_t number = 1;
    for (const char *line = text; *line; number++) {
        const char *end = strchr(line, '\n');
        size_t size = end ? (size_t)(end - line) : strlen(line);
        char one[256];
        bool good = size < sizeof one;
        if (good) {
            memcpy(one, line, size);
            one[size] = 0;
            good = parse_line(one, judge);
        }
        if (!good) {
            free(judge);
            return ss_fail_at(error, SAMESTORY_MODEL_MISMATCH, bad_line, "judge.txt", number, 0);
        }
        line += end ? size + 1 : size;
    }
    *out = judge;
    return SAMESTORY_OK;
}

void ss_judge_free(ss_judge *judge)
{
    free(judge);
}

/* ---- Judging ------------------------------------------------------------------------------------------ */

/* A text that has this Jaccard with another is its copy; one that holds this share of the other, and
 * is not a copy, its revision. 3 % of changed words leave .84 of shingles of three words, one
 * paragraph of five dropped .8; texts of one template with other facts stay below. */
static const double copy_jaccard = 0.7, revision_containment = 0.75, revision_jaccard = 0.3;

static bool is_copy(const ss_evidence *e)
{
    return e->same_text || (e->jaccard >= copy_jaccard && !e->clash);
}

static bool is_revision(const ss_evidence *e)
{
    return e->jaccard >= copy_jaccard ||
           (e->containment >= revision_containment && e->jaccard >= revision_jaccard);
}

/* Caution. Where no anchor is shared and the vectors are no nearer than those of one topic are (of 22,400
 * unlike pairs of the development reports that share nothing, five reach .55), or where a text is a word
 * or three, nobody can know: whatever the weights make of it, the answer is no. */
static const double topic_cosine = 0.55, cautious = 0.05;
enum { LEAST_WORDS = 4 };

static bool says_too_little(const ss_evidence *e)
{
    return e->words < LEAST_WORDS ||
           (e->signal[SS_SIGNAL_NOTHING] > 0 && e->cosine < topic_cosine);
}

ss_judgement ss_judge_of(const ss_judge *judge, const ss_evidence *e)
{
    if (!e->words) return (ss_judgement){SAMESTORY_NONE, 0};
    const double *weight = judge->weight[e->dated];
    double odds = 0;
    for (size_t i = 0; i < SS_SIGNALS; i++) odds += weight[i] * e->signal[i];
    double p = 1 / (1 + ss_exp(-odds));
    if (says_too_little(e) && p > cautious) p = cautious;
    samestory_relation relation = SAMESTORY_STORY;
    if (is_copy(e)) {
        relation = SAMESTORY_COPY;
        double sure = e->same_text ? 1 : 0.9 + 0.1 * e->jaccard;
        if (p < sure) p = sure;
    } else if (e->same_identity) { /* by contract: the same id or URL with another text */
        relation = SAMESTORY_REVISION;
        if (p < 0.99) p = 0.99;
    } else if (is_revision(e)) {
        relation = SAMESTORY_REVISION;
        if (!e->clash && p < 0.9) p = 0.9;
    }
    return (ss_judgement){relation, floor(p * 1e6 + 0.5) / 1e6};
}
