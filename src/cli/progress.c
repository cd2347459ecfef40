/* The progress line; see progress.h. It uses no colours, so NO_COLOR asks for nothing more. */
#include "progress.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { LINE_WIDTH = 78 };

static volatile sig_atomic_t asked_for;

static void ask(int number)
{
    (void)number;
    asked_for = 1;
}

void progress_catch_signal(void)
{
    struct sigaction action = {.sa_handler = ask, .sa_flags = SA_RESTART};
    sigaction(SIGUSR1, &action, NULL);
}

bool progress_is_asked_for(void)
{
    return asked_for;
}

void progress_answered(void)
{
    asked_for = 0;
}

double progress_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void progress_start(progress *p, bool quiet, const char *verb)
{
    double now = progress_clock();
    *p = (progress){
        .shown = !quiet && isatty(STDERR_FILENO), .verb = verb, .started = now, .next = now + 0.3};
}

void progress_show(progress *p, uint64_t documents, uint64_t bytes, uint64_t done, uint64_t total)
{
    bool asked = progress_is_asked_for();
    if (!p->shown && !asked) return;
    double now = progress_clock();
    if (now < p->next && !asked) return;
    p->next = now + 0.2;
    double seconds = now - p->started, share = total ? (double)done / (double)total : 0;
    char text[160], left[32] = "", rate[32] = "";
    if (share > 0.001 && share <= 1) {
        double eta = seconds / share - seconds;
        if (eta < 359999)
            snprintf(left, sizeof left, "  %.0f%%, %d:%02d left", share * 100, (int)eta / 60,
                     (int)eta % 60);
    }
    if (bytes) snprintf(rate, sizeof rate, "  %.1f MB/s", (double)bytes / seconds * 1e-6);
    snprintf(text, sizeof text, "%s  %" PRIu64 " documents  %.0f/s%s%s", p->verb, documents,
             (double)documents / seconds, rate, left);
    if (asked) {
        progress_answered();
        fprintf(stderr, "samestory: %s\n", text);
        return;
    }
    fprintf(stderr, "\r%-*.*s\r", LINE_WIDTH, LINE_WIDTH, text);
    fflush(stderr);
    p->line_stands = true;
}

double progress_end(progress *p)
{
    if (p->line_stands) fprintf(stderr, "\r%*s\r", LINE_WIDTH, "");
    p->line_stands = false;
    return progress_clock() - p->started;
}
