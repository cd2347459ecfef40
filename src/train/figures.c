/* Figures of labelled sets (see the header). Cost of a watch: about ten seconds on two threads for the
 * four development sets, 9,000 documents; the means of training texts take half of it. */
#include "train/figures.h"

#include "base/array.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TEXTS_OF_LANGUAGE = 600 };

static samestory_status add(figure_list *f, const eval_set *set, const char *what, const char *languages,
                            interval value, double threshold, uint64_t pairs, uint64_t positives,
                            samestory_error *error)
{
    if (!ss_reserve(&f->item, &f->capacity, f->count + 1)) return ss_fail_memory(error);
    figure *to = &f->item[f->count++];
    *to = (figure){.set = set->name, .what = what, .value = value, .threshold = threshold,
                   .pairs = pairs, .positives = positives};
    snprintf(to->languages, sizeof to->languages, "%s", languages);
    return SAMESTORY_OK;
}

/* One figure for each group of languages that has true pairs. */
static samestory_status add_levels(figure_list *f, const eval_set *set, const char *what, bool first,
                                   const scores *s, samestory_error *error)
{
    samestory_status status = SAMESTORY_OK;
    for (int level = 0; level < LEVELS && !status; level++) {
        if (!s->positives[level]) continue;
        if (level && s->pairs[level] == s->pairs[level - 1]) continue; /* the same languages */
        status = add(f, set, what, level_name[level], first ? s->first[level] : s->f1[level],
                     first ? NAN : s->threshold[level], first ? s->queries[level] : s->pairs[level],
                     s->positives[level], error);
    }
    return status;
}

static samestory_status add_english(figure_list *f, const eval_set *set, const scores *s,
                                    samestory_error *error)
{
    samestory_status status = SAMESTORY_OK;
    for (size_t l = 0; l < set->languages && !status; l++)
        if (!isnan(s->english[l].value))
            status = add(f, set, "english", set->code[l], s->english[l], s->threshold[LEVEL_ALL], 0, 0,
                         error);
    return status;
}

static samestory_status measure_halves(const embedder *e, const eval_set *set, unsigned resamples,
                                       float *a, float *b, figure_list *out, samestory_error *error)
{
    scores s;
    samestory_status status = embed_part(e, set, PART_ODD, a, error);
    if (!status) status = embed_part(e, set, PART_EVEN, b, error);
    if (!status)
        status = scores_measure(set, PAIRS_HALVES, a, b, e->dimension, e->threads, resamples, &s,
                                error);
    if (!status) status = add_levels(out, set, "half-first", true, &s, error);
    if (!status) status = add_levels(out, set, "half-f1", false, &s, error);
    return status;
}

samestory_status figures_measure(const embedder *e, const eval_set *set, unsigned resamples,
                                 bool english, figure_list *out, samestory_error *error)
{
    scores s;
    size_t d = e->dimension;
    float *a = malloc(set->count * d * sizeof *a), *b = malloc(set->count * d * sizeof *b);
    samestory_status status = a && b ? SAMESTORY_OK : ss_fail_memory(error);
    if (!status) status = embed_part(e, set, PART_WHOLE, a, error);
    if (!status)
        status = scores_measure(set, PAIRS_ALL, a, NULL, d, e->threads, resamples, &s, error);
    if (!status) status = add_levels(out, set, "f1", false, &s, error);
    if (!status && english) status = add_english(out, set, &s, error);
    if (!status && set->dated) {
        status = scores_measure(set, PAIRS_NEAR, a, NULL, d, e->threads, resamples, &s, error);
        if (!status) status = add_levels(out, set, "near", false, &s, error);
    }
    if (!status && set->halved) status = measure_halves(e, set, resamples, a, b, out, error);
    free(a);
    free(b);
    return status;
}

void figures_free(figure_list *f)
{
    free(f->item);
    *f = (figure_list){0};
}

/* ---- Watching ------------------------------------------------------------------------------------------- */

static samestory_status write_log(figure_watch *w, const table *t, const figure_list *f,
                                  samestory_error *error)
{
    if (!w->log) return SAMESTORY_OK;
    FILE *file = fopen(w->log, "a");
    if (!file) return ss_fail_errno(error, SAMESTORY_OUTPUT_FAILED, "can't write", w->log);
    if (!w->lines++) { /* a run says anew what its columns are */
        fputs("step\tsamples\tseconds\tloss", file);
        for (size_t i = 0; i < f->count; i++)
            fprintf(file, "\t%s.%s.%s", f->item[i].set, f->item[i].what, f->item[i].languages);
        fputc('\n', file);
    }
    fprintf(file, "%llu\t%llu\t%.0f\t%.5f", (unsigned long long)t->step,
            (unsigned long long)(t->step * t->options.batch), t->seconds, t->loss);
    for (size_t i = 0; i < f->count; i++) fprintf(file, "\t%.4f", f->item[i].value.value);
    fputc('\n', file);
    return fclose(file) ? ss_fail_errno(error, SAMESTORY_OUTPUT_FAILED, "can't write", w->log)
                        : SAMESTORY_OK;
}

static double seconds_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void print_line(const table *t, const figure_list *f, double seconds)
{
    fprintf(stderr, "after %llu samples:", (unsigned long long)(t->step * t->options.batch));
    for (size_t i = 0; i < f->count; i++) {
        const figure *x = &f->item[i];
        bool again = i && !strcmp(x->set, f->item[i - 1].set) && !strcmp(x->what, f->item[i - 1].what);
        if (!again) fprintf(stderr, "  %s %s", x->set, x->what);
        fprintf(stderr, " %s=%.3f", x->languages, x->value.value);
    }
    fprintf(stderr, "  (%.0f s)\n", seconds);
}

samestory_status figures_see(void *context, const table *t, samestory_error *error)
{
    figure_watch *w = context;
    double began = seconds_now();
    embedder e = {0};
    figure_list f = {0};
    samestory_status status =
        embedder_of_table(w->c, t, w->normalizer, TEXTS_OF_LANGUAGE, &e, error);
    for (size_t i = 0; i < w->sets && !status; i++)
        status = figures_measure(&e, &w->set[i], 0, false, &f, error);
    if (!status) print_line(t, &f, seconds_now() - began);
    if (!status) status = write_log(w, t, &f, error);
    embedder_free(&e);
    figures_free(&f);
    return status;
}
