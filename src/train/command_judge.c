/* The command that fits judge.txt: labelled files in, the evidence of their pairs, two models (with
 * and without dates), their scores on folds that the fit did not see, and what the presets reach.
 *
 * It is fitted on what it will be asked: the pairs that the index proposes within the window. With
 * --data and --sources also all files together, in a crowd of training texts (crowd.h): there nearly
 * every candidate is wrong, as in a feed. How: see judging.h. */
#include "base/file.h"
#include "story/measure.h"
#include "train/commands.h"
#include "train/judging.h"
#include "train/random.h"
#include "train/reliability.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CROWD = 30000, RESAMPLED = 200 };

/* ---- Scores on unseen folds
 * -------------------------------------------------------------------------------- */

typedef struct counted {
    double hits, missed, wrong;
} counted;

static double f1_of(counted c)
{
    return c.hits > 0 ? 2 * c.hits / (2 * c.hits + c.missed + c.wrong) : 0;
}

static double precision_of(counted c)
{
    return c.hits > 0 ? c.hits / (c.hits + c.wrong) : 0;
}

static double recall_of(counted c)
{
    return c.hits > 0 ? c.hits / (c.hits + c.missed) : 0;
}

/* How often a family is drawn in a round of resampling: Poisson of mean 1. Round 0: once. */
static double times_drawn(uint32_t group, unsigned round)
{
    if (!round) return 1;
    uint64_t state = (uint64_t)group << 16 | round;
    double left = random_unit(&state), share = 0.36787944117144233;
    unsigned times = 0;
    while (left >= share && times < 8) {
        left -= share;
        share /= ++times;
    }
    return times;
}

enum which { SAME, CROSS, WEEK };

/* Over all pairs of a kind, as far as the sampled ones stand for them. */
static counted count_pairs(const sample_set *s, const float *score, double threshold,
                           enum which which, unsigned round)
{
    counted c = {0};
    for (size_t k = 0; k < s->count; k++) {
        const sample *p = &s->sample[k];
        if (which == WEEK ? !p->in_week : p->cross != (which == CROSS)) continue;
        double weight = (double)p->stands_for * times_drawn(p->group_a, round);
        if (p->group_a != p->group_b) weight *= times_drawn(p->group_b, round);
        bool found = (double)score[k] >= threshold;
        if (p->positive)
            *(found ? &c.hits : &c.missed) += weight;
        else if (found)
            c.wrong += weight;
    }
    return c;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void interval(const sample_set *s, const float *score, double threshold, enum which which,
                     double out[2])
{
    double f1[RESAMPLED];
    for (unsigned r = 0; r < RESAMPLED; r++)
        f1[r] = f1_of(count_pairs(s, score, threshold, which, r + 1));
    qsort(f1, RESAMPLED, sizeof *f1, by_size);
    out[0] = f1[RESAMPLED * 5 / 200];
    out[1] = f1[RESAMPLED * 195 / 200];
}

/* ---- Thresholds
 * ------------------------------------------------------------------------------------------------
 */

/* How much a set counts where one threshold is chosen: the first file most; undated where there are
 * dates, little. */
static double vote_of(const fitting *all, const sample_set *s)
{
    if (s->crowd) return 0;
    if (is_first(all, s)) return 2;
    return s->dated || !has_dated(all, s) ? 1 : 0.3;
}

/* A wrong link costs a reader a little more than a missed one: F in which recall counts nine tenths. Most of
 * the caution is in the fit: in a crowd it has learnt what chance makes alike. */
static double cautious_f(counted c)
{
    double p = precision_of(c), r = recall_of(c);
    return p + r > 0 ? 1.9 * p * r / (0.9 * p + r) : 0;
}

/* Votes' mean of the sets' precision (hits) and recall (missed), and of their cautious F. score: of each set. */
static counted mean_at(const fitting *all, float *const *score, double threshold, double *f)
{
    counted mean = {0};
    double votes = 0;
    *f = 0;
    for (size_t i = 0; i < all->count; i++) {
        double vote = vote_of(all, &all->set[i]);
        if (!(vote > 0)) continue;
        counted c = count_pairs(&all->set[i], score[i], threshold, CROSS, 0);
        *f += vote * cautious_f(c);
        mean.hits += vote * precision_of(c);
        mean.missed += vote * recall_of(c);
        votes += vote;
    }
    *f /= votes > 0 ? votes : 1;
    mean.hits /= votes > 0 ? votes : 1;
    mean.missed /= votes > 0 ? votes : 1;
    return mean;
}

/* Where no neighbours are asked, the presets' links are as sure: the least threshold of their precision, or
 * where none has it that of the highest. */
static void choose_alone(fitting *all)
{
    double f;
    for (int preset = 0; preset < SAMESTORY_PRESETS; preset++) {
        ss_preset *best = &all->judge.alone[preset];
        *best = (ss_preset){0};
        for (int percent = 5; percent <= 99; percent++) {
            counted c = mean_at(all, all->alone, percent / 100.0, &f);
            if (c.hits > best->precision)
                *best = (ss_preset){percent / 100.0, c.hits, c.missed};
            if (c.hits >= all->judge.preset[preset].precision) break;
        }
    }
}

/* The best mean of the cautious F is the threshold, of those as good the surest; strict and loose are
 * where mean precision and recall of the sets are half as far from 1 as there, at the next hundredth. */
static void choose_thresholds(fitting *all)
{
    static const double flat = 0.005; /* a difference that says nothing: intervals are five times wider */
    double best = -1, f;
    ss_judge *j = &all->judge;
    for (int percent = 25; percent <= 90; percent++) {
        mean_at(all, all->score, percent / 100.0, &f);
        if (f > best) best = f;
    }
    for (int percent = 25; percent <= 90; percent++) {
        mean_at(all, all->score, percent / 100.0, &f);
        if (f >= best - flat) j->threshold = percent / 100.0;
    }
    counted at = mean_at(all, all->score, j->threshold, &f);
    j->preset[SAMESTORY_STANDARD] = (ss_preset){j->threshold, at.hits, at.missed};
    j->preset[SAMESTORY_STRICT] = j->preset[SAMESTORY_LOOSE] = j->preset[SAMESTORY_STANDARD];
    for (int percent = (int)(j->threshold * 100 + 0.5); percent <= 99; percent++) {
        counted c = mean_at(all, all->score, percent / 100.0, &f);
        j->preset[SAMESTORY_STRICT] = (ss_preset){percent / 100.0, c.hits, c.missed};
        if (c.hits >= (1 + at.hits) / 2) break;
    }
    for (int percent = (int)(j->threshold * 100 + 0.5); percent >= 5; percent--) {
        counted c = mean_at(all, all->score, percent / 100.0, &f);
        j->preset[SAMESTORY_LOOSE] = (ss_preset){percent / 100.0, c.hits, c.missed};
        if (c.missed >= (1 + at.missed) / 2) break;
    }
}

/* ---- judge.txt
 * ---------------------------------------------------------------------------------------------------
 */

enum { ROOM = 1 << 22 };

typedef struct page {
    char *text;
    size_t size;
    bool cut; /* there was no room for all */
} page;

__attribute__((format(printf, 2, 3))) static void put(page *p, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int size = vsnprintf(p->text + p->size, ROOM - p->size, format, list);
    va_end(list);
    if (size < 0 || (size_t)size >= ROOM - p->size) p->cut = true;
    else p->size += (size_t)size;
}

static void report_pairs(page *out, const sample_set *s, const float *score, double threshold,
                         enum which which)
{
    static const char *const kinds[] = {"same-language", "cross-language", "within a week, all"};
    counted c = count_pairs(s, score, threshold, which, 0);
    double range[2], best = 0, best_at = 0;
    if (!(c.hits + c.missed > 0)) return;
    for (int percent = 2; percent < 100; percent++) {
        double f1 = f1_of(count_pairs(s, score, percent / 100.0, which, 0));
        if (f1 > best) best = f1, best_at = percent / 100.0;
    }
    interval(s, score, threshold, which, range);
    put(out,
        "#   %s, %s, %s pairs: F1 %.3f (%.3f to %.3f), P %.3f R %.3f, best %.3f at %.2f; %.0f "
        "true\n",
        sample_name(s), s->dated ? "with dates" : "dates ignored", kinds[which], f1_of(c), range[0],
        range[1], precision_of(c), recall_of(c), best, best_at, c.hits + c.missed);
}

/* Pairs that would be linked wrongly, for each kind of document of the crowd. */
static void report_crowd(page *out, const sample_set *s, const float *score, double threshold)
{
    double hits = 0, missed = 0, wrong[CROWD_KINDS + 1] = {0};
    for (size_t k = 0; k < s->count; k++) {
        const sample *p = &s->sample[k];
        bool found = (double)score[k] >= threshold;
        if (p->positive) *(found ? &hits : &missed) += (double)p->stands_for;
        else if (found && p->floor < 0.5F) wrong[p->kind] += (double)p->stands_for;
    }
    put(out, "#   %s of %zu, %s: R %.3f of what is proposed; pairs linked wrongly: labelled %.0f",
        sample_name(s), s->documents, s->dated ? "with dates" : "dates ignored", hits / (hits + missed),
        wrong[CROWD_KINDS]);
    for (int k = 0; k < CROWD_KINDS; k++) put(out, ", %s %.0f", crowd_kind_name[k], wrong[k]);
    put(out, "\n#     expected calibration error over proposed pairs: %.3f\n", reliability_error(s, score));
}

static void put_tree(page *out, const char *kind, bool dated, const ss_tree *t, const char *const *names)
{
    put(out, "%s %s", kind, dated ? "dated" : "undated");
    for (size_t d = 0; d < SS_TREE_DEPTH; d++) put(out, " %s %.4f", names[t->signal[d]], (double)t->edge[d]);
    for (size_t l = 0; l < SS_TREE_LEAVES; l++) put(out, " %.3f", (double)t->leaf[l]);
    put(out, "\n");
}

static void put_trees(page *out, const ss_judge *j)
{
    char kind[32];
    for (int dated = 0; dated < 2; dated++) {
        for (size_t i = 0; i < j->trees[dated]; i++)
            put_tree(out, "tree", dated, &j->tree[dated][i], ss_signal_name);
        for (int round = 0; round < SS_ROUNDS; round++) {
            snprintf(kind, sizeof kind, "neighbours %d", round + 1);
            for (size_t i = 0; i < j->neighbour_trees[round][dated]; i++)
                put_tree(out, kind, dated, &j->neighbour_tree[round][dated][i], ss_opinion_name);
        }
    }
}

static void put_presets(page *out, const char *kind, const ss_preset *preset)
{
    static const char *const names[] = {"standard", "strict", "loose"};
    for (size_t i = 0; i < SAMESTORY_PRESETS; i++)
        put(out, "%s %s %.2f %.3f %.3f\n", kind, names[i], preset[i].threshold, preset[i].precision,
            preset[i].recall);
}

static void put_model(page *out, const ss_judge *j)
{
    put(out, "threshold %.2f\nlook %.2f\n", j->threshold, j->look);
    put_presets(out, "preset", j->preset);
    put_presets(out, "alone", j->alone);
    for (size_t i = 0; i < SS_SIGNALS; i++)
        put(out, "signal %s %.4f %.4f\n", ss_signal_name[i], j->weight[0][i], j->weight[1][i]);
    put_trees(out, j);
}

static samestory_status write_judge(const char *path, const fitting *all, samestory_error *error)
{
    page out = {calloc(1, ROOM), 0, false};
    if (!out.text) return ss_fail_memory(error);
    double threshold = all->judge.threshold;
    put(&out, "# The judge: a logistic model over the evidence of a pair (src/match/evidence.h); trees for the "
              "pairs\n# whose sum reaches `look`; and trees over what a pair's neighbours say "
              "(src/story/neighbours.h).\n# Columns of signals: weight where a date is missing, weight where "
              "both records have one. Presets:\n# threshold, precision, recall (means over the sets below); "
              "`alone`: those of a stream, which asks no neighbours.\n"
              "# Fitted by: samestory-train judge, see models/train.sh. On folds of families that the fit did "
              "not see\n# (pairs sampled, intervals by family):\n");
    for (size_t i = 0; i < all->count; i++) {
        const sample_set *s = &all->set[i];
        if (s->crowd) {
            report_crowd(&out, s, all->score[i], threshold);
            continue;
        }
        report_pairs(&out, s, all->score[i], threshold, CROSS);
        report_pairs(&out, s, all->score[i], threshold, SAME);
        if (s->dated) report_pairs(&out, s, all->score[i], threshold, WEEK);
        put(&out, "#     expected calibration error over proposed pairs: %.3f\n",
            reliability_error(s, all->score[i]));
    }
    fputs(out.text, stderr);
    put_model(&out, &all->judge);
    ss_piece piece = {out.text, out.size};
    samestory_status status = out.cut ? ss_fail_memory(error) : ss_file_write(path, &piece, 1, error);
    free(out.text);
    return status;
}

/* ---- Mistakes
 * --------------------------------------------------------------------------------------- */

enum { WORST = 20 };

/* The surest mistakes of a set on unseen folds, each family at most twice: what was said, what is
 * true, and the numbers of the two records in their file, from 1. */
static void put_mistakes(page *out, const sample_set *s, const float *score, double threshold)
{
    uint32_t told[WORST];
    bool *shown = calloc(s->count + 1, sizeof *shown);
    for (size_t n = 0; shown && n < WORST; n++) {
        size_t worst = s->count;
        double most = 0;
        for (size_t k = 0; k < s->count; k++) {
            const sample *p = &s->sample[k];
            double value = (double)score[k];
            double off = p->positive ? threshold - value : value - threshold;
            size_t times = 0;
            for (size_t i = 0; i < n; i++) times += told[i] == p->group_a;
            if (!shown[k] && times < 2 && off > most && (p->proposed || !p->positive))
                most = off, worst = k;
        }
        if (worst == s->count) break;
        const sample *p = &s->sample[worst];
        shown[worst] = true;
        told[n] = p->group_a;
        put(out, "%s\t%s\t%s\t%.3f\t%u\t%u\n", sample_name(s), s->dated ? "dated" : "undated",
            p->positive ? "missed" : "wrong", (double)score[worst], p->a + 1, p->b + 1);
    }
    free(shown);
}

static samestory_status write_mistakes(const char *path, const fitting *all, samestory_error *error)
{
    page out = {calloc(1, ROOM), 0, false};
    if (!out.text) return ss_fail_memory(error);
    for (size_t i = 0; i < all->count; i++)
        if (!all->set[i].crowd) put_mistakes(&out, &all->set[i], all->score[i], all->judge.threshold);
    ss_piece piece = {out.text, out.size};
    samestory_status status = out.cut ? ss_fail_memory(error) : ss_file_write(path, &piece, 1, error);
    free(out.text);
    return status;
}

/* ---- The whole
 * ------------------------------------------------------------------------------------------- */

static samestory_status read_set(const samestory_model *m, const train_options *o, sample_set set,
                                 fitting *all, samestory_error *error)
{
    samestory_status status = SAMESTORY_OK;
    for (int dated = 0; dated < 2 && !status; dated++) {
        bool any;
        sample_set *s = &all->set[all->count];
        *s = set;
        s->dated = dated;
        status = sample_read(m, o->table.threads, s, &any, error);
        if (any && !status)
            all->count++;
        else
            sample_free(s);
    }
    return status;
}

static samestory_status report_all(const train_options *o, fitting *all, samestory_error *error)
{
    choose_thresholds(all);
    choose_alone(all);
    samestory_status status = write_judge(o->output, all, error);
    if (!status && o->reliability)
        status = reliability_draw(o->reliability, all->set, all->count, all->score, error);
    if (!status && o->mistakes) status = write_mistakes(o->mistakes, all, error);
    return status;
}

samestory_status command_judge(const train_options *o, samestory_error *error)
{
    if (!o->model || !o->output || !o->file_count || 2 * (o->file_count + 1) > SETS_MAX)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT,
                       "judge needs --model, --output and 1 to 17 labelled files");
    samestory_model *m;
    samestory_status status = samestory_model_open(o->model, &m, error);
    if (status) return status;
    event_list events;
    status = events_read(o->events, &events, error);
    fitting *all = calloc(1, sizeof *all);
    if (!status && !all) status = ss_fail_memory(error);
    for (size_t i = 0; i < o->file_count && !status; i++)
        status = read_set(
            m, o, (sample_set){.files = &o->files[i], .file_count = 1, .events = &events}, all, error);
    corpus_files texts = {o->data, o->sources, o->dropped, NULL};
    crowd people = {0};
    if (!status && o->data) status = crowd_read(&texts, CROWD_FITTED, CROWD, &people, error);
    sample_set mixed = {
        .files = o->files, .file_count = o->file_count, .events = &events, .crowd = &people};
    if (!status && o->data) status = read_set(m, o, mixed, all, error);
    if (!status && !fit_all(all, o->table.threads)) status = ss_fail_memory(error);
    if (!status) status = report_all(o, all, error);
    fitting_free(all);
    events_free(&events);
    crowd_free(&people);
    samestory_model_free(m);
    return status;
}
