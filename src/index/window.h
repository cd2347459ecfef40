/* The index in memory: postings from keys to documents, walked backwards in time as far as the window
 * reaches. Documents are numbered by arrival; their dates never decrease with their numbers. */
#ifndef SS_INDEX_WINDOW_H
#define SS_INDEX_WINDOW_H

#include "index/keys.h"

typedef struct ss_window ss_window;

ss_window *ss_window_new(void);
void ss_window_free(ss_window *window);

/* Files document `number`, which is not lower than any before it; false when memory is out. */
bool ss_window_add(ss_window *window, const ss_key *keys, size_t count, uint32_t number);

/* A walk through one bucket, from the latest document to the earliest. */
typedef struct ss_posting {
    uint32_t document, before; /* `before`: the next posting's number, or SS_NO_POSTING */
} ss_posting;
#define SS_NO_POSTING UINT32_MAX

/* The latest posting of a bucket, or SS_NO_POSTING. */
uint32_t ss_window_latest(const ss_window *window, uint64_t bucket);
const ss_posting *ss_window_posting(const ss_window *window, uint32_t posting);

#endif
