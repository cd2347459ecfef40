/* Stage story, neighbours: judged pairs in, the same pairs out, with what the documents around them
 * make of them.
 *
 * Two reports of one event may share little, and yet both agree with a third; two of one subject
 * may share much, and yet each agrees with others that the other has nothing in common with. So all
 * pairs are judged by themselves first; then each again by its two documents' other pairs, in
 * SS_ROUNDS rounds (collective resolution: Bhattacharya and Getoor 2007). What that tells is
 * measured on the probabilities of the round before alone, and weighed by trees of the judge: it is
 * a function of the set of pairs, whatever their order. Copies and revisions stay as they are;
 * versions of one text are one witness, not many, and a text is no witness in its own matter. Cost:
 * some 1 us a pair and round. */
#ifndef SS_STORY_NEIGHBOURS_H
#define SS_STORY_NEIGHBOURS_H

#include "base/shelf.h"
#include "match/judge.h"

/* Pairs, by document: who is whose neighbour, and how surely. */
typedef struct ss_neighbours ss_neighbours;

/* edges: each pair once, of documents below `documents`, with its present `probability`. shelf:
 * where it is kept, or NULL. NULL: memory is out. */
ss_neighbours *ss_neighbours_new(const samestory_edge *edges, size_t count, size_t documents,
                                 ss_shelf *shelf);
void ss_neighbours_free(ss_neighbours *n);

/* What the neighbours make of one of the edges, which is not of two versions of one text. Symmetric
 * in its documents. */
void ss_neighbours_ask(const ss_neighbours *n, const samestory_edge *edge,
                       double opinion[SS_OPINIONS]);

/* Sets `probability` of all edges from their `alone`, which is at least SS_NEIGHBOUR_LEAST. false
 * when memory is out. */
bool ss_ask_neighbours(const ss_judge *judge, samestory_edge *edges, size_t count, size_t documents,
                       ss_shelf *shelf, unsigned threads);

#endif
