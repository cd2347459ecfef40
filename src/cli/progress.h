/* A line on the terminal that tells how far the work is: documents/s, MB/s, time left. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct progress {
    bool shown;       /* stderr is a terminal, and nobody asked for quiet */
    bool line_stands; /* something is written that must be wiped */
    const char *verb; /* "reading" */
    double started, next;
} progress;

/* SIGUSR1 asks for progress on stderr, terminal or not: makes it do so. Call first. */
void progress_catch_signal(void);
/* Has it been asked for since it was answered? */
bool progress_is_asked_for(void);
void progress_answered(void);

/* Seconds on a clock that only goes forward. */
double progress_clock(void);

/* Begins a phase. */
void progress_start(progress *p, bool quiet, const char *verb);
/* `done` of `total` (bytes or documents: what tells the time left), `documents` and `bytes` for the
 * rates; 0 where a number does not apply. Cheap: writes at most five times a second. */
void progress_show(progress *p, uint64_t documents, uint64_t bytes, uint64_t done, uint64_t total);
/* Ends a phase, wipes the line, returns the seconds that it took. */
double progress_end(progress *p);

#endif
