/* Stage story: verdicts in, stories out. Two answers (architecture): as of arrival, and the final one,
 * a pure function of the set of edges.
 *
 * As of arrival a story drifts by no more than its window: links reach from report to report, each within
 * the window of the one before, so a report that comes later than that after the story's first document
 * begins a new one, or joins a nearer one. Copies and revisions come back when they like. */
#ifndef SS_STORY_STORY_H
#define SS_STORY_STORY_H

#include "base/status.h"

/* What a document that arrives knows of one earlier document. */
typedef struct ss_link {
    uint32_t document; /* by arrival */
    samestory_relation relation;
    bool dated; /* both have a date */
    double probability;
    uint32_t story, story_size; /* its story's first document, and how many that has; of links only, */
    bool over; /* and: does that story, which began a window ago, take no more reports? */
} ss_link;

/* Where a document that has just arrived belongs: the link it joins by, or -1: a new story. links:
 * `count` of them, in any order. Copies and revisions join by one link; other
 * reports join a story that is not over, and one of three and more only by two links, or by one that is
 * nearly certain. */
int64_t ss_story_join(const ss_link *links, size_t count, double threshold);

#endif
