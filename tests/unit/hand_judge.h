/* Judges written by hand, as lines of judge.txt. */
#ifndef HAND_JUDGE_H
#define HAND_JUDGE_H

#include "match/judge.h"

#include <stdio.h>
#include <string.h>

enum { HAND_TEXT = 1 << 20 };

/* Appends text; what doesn't fit is cut off. */
static void hand_put(char text[HAND_TEXT], const char *more)
{
    size_t used = strlen(text);
    snprintf(text + used, HAND_TEXT - used, "%s", more);
}

/* Appends a tree's line: kind such as "tree dated", its six questions "NAME EDGE", its answers. */
static void hand_tree(char text[HAND_TEXT], const char *kind,
                      const char *const question[SS_TREE_DEPTH],
                      const double answer[SS_TREE_LEAVES])
{
    char number[32];
    hand_put(text, kind);
    for (int d = 0; d < SS_TREE_DEPTH; d++) {
        hand_put(text, " ");
        hand_put(text, question[d]);
    }
    for (int l = 0; l < SS_TREE_LEAVES; l++) {
        snprintf(number, sizeof number, " %.4f", answer[l]);
        hand_put(text, number);
    }
    hand_put(text, "\n");
}

/* A tree of one question: `high` where the signal is above the edge, else `low`. */
static inline void hand_split(char text[HAND_TEXT], const char *kind, const char *question,
                              double low, double high)
{
    static const char never[] = " 1000000"; /* above all values */
    char rest[64];
    double answer[SS_TREE_LEAVES] = {low, high};
    snprintf(rest, sizeof rest, "%.*s%s", (int)strcspn(question, " "), question, never);
    const char *all[SS_TREE_DEPTH] = {question, rest, rest, rest, rest, rest};
    hand_tree(text, kind, all, answer);
}

static inline ss_judge *hand_judge(const char *text)
{
    ss_judge *judge = NULL;
    samestory_error error = {0};
    if (ss_judge_parse(text, &judge, &error))
        fail_msg("line %d: %s", (int)error.line, error.message);
    return judge;
}

#endif
