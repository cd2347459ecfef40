/* The command that fits judge.txt: labelled files in, the evidence of their pairs, two models (with
 * and without dates), their scores on folds that the fit did not see, and what the presets reach.
 *
 * It is fitted on what it will be asked: the pairs that the index proposes within the window. With
 * --data and --sources also all files together, in a crowd of training texts (crowd.h): there nearly
 * every candidate is wrong, as in a feed. Folds are of families (or stories): no family is on both sides.
 *
 * A file without dates also teaches the model with dates, as if it were the reports of one week. */
#include "base/file.h"
#include "story/measure.h"
#include "train/commands.h"
#include "train/forest.h"
#include "train/random.h"
#include "train/reliability.h"
#include "train/sample.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CROWD = 30000, FOLDS = 5, SETS_MAX = 36, TREES = 250, RESAMPLED = 200 };

/* What a signal may say: for (+1), against (-1), either (0). A weight of the other sign would be an
 * accident of the sets, and does harm on others. */
static const signed char signal_sign[SS_SIGNALS] = {
    [SS_SIGNAL_COSINE_CROSS] = 1,
    [SS_SIGNAL_COSINE_SAME] = 1,
    [SS_SIGNAL_NAMES_COSINE] = 1,
    [SS_SIGNAL_NAMES_WEIGHT] = 1,
    [SS_SIGNAL_NAMES_RARE] = 1,
    [SS_SIGNAL_NAMES_SHARE] = 1,
    [SS_SIGNAL_PAIRS_RARE] = 1,
    [SS_SIGNAL_SKELETONS_WEIGHT] = 1,
    [SS_SIGNAL_SKELETONS_RARE] = 1,
    [SS_SIGNAL_NUMBERS_WEIGHT] = 1,
    [SS_SIGNAL_NUMBERS_RARE] = 1,
    [SS_SIGNAL_NUMBERS_SHARE] = 1,
    [SS_SIGNAL_NUMBERS_CLASH] = -1,
    [SS_SIGNAL_DATES] = 1,
    [SS_SIGNAL_DATES_RARE] = 1,
    [SS_SIGNAL_DATES_CLASH] = -1,
    [SS_SIGNAL_LINKS] = 1,
    [SS_SIGNAL_TITLE_NAMES] = 1,
    [SS_SIGNAL_KNOWN] = 1,
    [SS_SIGNAL_NOTHING] = -1,
    [SS_SIGNAL_NAMES_NUMBERS] = 1,
    [SS_SIGNAL_COSINE_NAMES] = 1,
    [SS_SIGNAL_COSINE_NUMBERS] = 1,
    [SS_SIGNAL_JACCARD] = 1,
    [SS_SIGNAL_JACCARD_CLASH] = -1,
    [SS_SIGNAL_COSINE_SHORT] = 1,
    [SS_SIGNAL_GAP] = -1,
    [SS_SIGNAL_GAP_NEAR] = 1,
    [SS_SIGNAL_GAP_FAR] = -1,
    [SS_SIGNAL_GAP_DAY] = 1,
    [SS_SIGNAL_RELATIVE_CROSS] = 1,
    [SS_SIGNAL_RELATIVE_SAME] = 1,
    [SS_SIGNAL_NEAR_CROSS] = 1,
    [SS_SIGNAL_NEAR_SAME] = 1,
    [SS_SIGNAL_FAR] = -1,
    [SS_SIGNAL_NAMES_MISSED] = -1,
    [SS_SIGNAL_PAIRS_MISSED] = -1,
    [SS_SIGNAL_SKELETONS_MISSED] = -1,
    [SS_SIGNAL_NUMBERS_MISSED] = -1,
    [SS_SIGNAL_DATES_MISSED] = -1,
    [SS_SIGNAL_NAMES_NONE] = -1,
    [SS_SIGNAL_SKELETONS_NONE] = -1,
    [SS_SIGNAL_NUMBERS_NONE] = -1,
    [SS_SIGNAL_KNOWN_NONE] = -1,
    [SS_SIGNAL_SKELETONS_SHARE] = 1,
    [SS_SIGNAL_DATES_SHARE] = 1,
    [SS_SIGNAL_NUMBERS_LEAD] = 1,
    [SS_SIGNAL_DATES_LEAD] = 1,
    [SS_SIGNAL_ANCHORS] = 1,
    [SS_SIGNAL_RELATIVE_ANCHORS] = 1,
    [SS_SIGNAL_CLASH_NEAR] = -1,
    [SS_SIGNAL_CONTAINMENT] = 1,
    [SS_SIGNAL_ONLY_KNOWN] = -1,
    [SS_SIGNAL_STRANGERS] = -1,
    [SS_SIGNAL_TITLE_STRANGERS] = -1,
    [SS_SIGNAL_AROUND] = -1,
    [SS_SIGNAL_LEAD_NAMES_LEAST] = 1,
    [SS_SIGNAL_LEAD_NAMES_MOST] = 1,
    [SS_SIGNAL_LEAD_FACTS_LEAST] = 1,
    [SS_SIGNAL_LEAD_FACTS_MOST] = 1,
    [SS_SIGNAL_TITLE_LEAST] = 1,
    [SS_SIGNAL_TITLE_MOST] = 1,
    [SS_SIGNAL_FEW] = 1,
    [SS_SIGNAL_WEEKDAYS] = 1,
    [SS_SIGNAL_WEEKDAYS_CLASH] = -1,
    [SS_SIGNAL_CITIES_CLASH] = -1,
    [SS_SIGNAL_KNOWN_CLASH] = -1,
};

/* Enough to keep some seventy weights quiet on a few hundred true pairs; other values were not compared.
 */
static const double ridge = 3;
static const double first_look = -5;
/* The proposed true pairs of a set weigh `true_weight` together, and so do those of the first file in
 * the crowd. The false pairs with a document of the crowd weigh `crowd_weight` for each kind of it, without
 * and with dates: with dates little is lost by much (10,000 against 2,000: 3.3 wrong links in 1,000 documents
 * of a crowd instead of 5.0, reports F1 .968 against .971); without, texts that name nothing are all
 * that tells FLORES from a crowd (1,000 against 200: FLORES F1 less by .02 to .05; 300 against 200
 * changes nothing). */
static const double true_weight = 400, crowd_weight[2] = {300, 10000};

/* The share of a titled pair that teaches as one without title. */
static const double titleless_share = 0.15;

/* What a set without dates weighs in the model with dates. */
static const double week_share = 0.2;

typedef struct fitting {
    sample_set set[SETS_MAX];
    size_t count;
    ss_judge judge;       /* of all */
    ss_judge fold[FOLDS]; /* without one fold each */
} fitting;

/* ---- Fitting
 * ------------------------------------------------------------------------------------------- */

/* The examples of one of the two models in the making. */
typedef struct fit {
    example *examples;
    uint8_t (*fold)[2];        /* of each example's two documents */
    float (*made)[SS_SIGNALS]; /* signals of undated pairs put into one week, of titled ones without */
    double *odds;
    size_t count, made_count;
} fit;

static uint8_t fold_of(uint32_t group)
{
    return (uint8_t)((group * 2654435761u >> 8) % FOLDS);
}

/* An undated pair as one of a feed: true ones up to three days apart, others anywhere in the week.
 */
static const float *put_into_week(fit *f, const sample *p, uint64_t *random)
{
    float *x = f->made[f->made_count++];
    memcpy(x, p->x, sizeof p->x);
    double days = random_unit(random) * (p->positive ? 3 : 7);
    x[SS_SIGNAL_GAP] = (float)(days / 10);
    x[SS_SIGNAL_GAP_NEAR] = days <= 3;
    x[SS_SIGNAL_GAP_DAY] = days <= 1;
    return x;
}

/* Is it of the first file? */
static bool is_first(const fitting *all, const sample_set *s)
{
    return !s->crowd && s->files == all->set[0].files;
}

/* Of a crowd, only the first file's true pairs count, for the largest file would have most of them; and of
 * the false ones those with a document of the crowd itself: the files' own have been counted. */
static bool counts(const sample_set *s, const sample *p)
{
    if (!p->proposed || p->doubtful) return false;
    if (!s->crowd) return true;
    return p->positive ? p->first_file : p->kind != CROWD_KINDS;
}

/* What a true (or false) pair that stands for one weighs. */
static double set_weight(const sample_set *s, const sample *one)
{
    double sum = 0;
    bool crowd_false = s->crowd && !one->positive;
    for (size_t k = 0; k < s->count; k++) {
        const sample *p = &s->sample[k];
        if (!counts(s, p) || p->positive != !crowd_false) continue;
        if (!crowd_false || p->kind == one->kind) sum += (double)p->stands_for;
    }
    return (crowd_false ? crowd_weight[s->dated] : true_weight) / (sum > 0 ? sum : 1);
}

/* Is there a set of the same file with dates? */
static bool has_dated(const fitting *all, const sample_set *s)
{
    for (size_t i = 0; i < all->count; i++)
        if (all->set[i].dated && !all->set[i].crowd && all->set[i].files == s->files) return true;
    return false;
}

/* A pair with titles as one without. */
static const float *without_title(fit *f, const float *titled)
{
    float *x = f->made[f->made_count++];
    memcpy(x, titled, sizeof *f->made);
    float relative = x[SS_SIGNAL_RELATIVE_CROSS] + x[SS_SIGNAL_RELATIVE_SAME]; /* one of them is 0 */
    x[SS_SIGNAL_UNTITLED] = (float)ss_untitled((double)x[SS_SIGNAL_SHORT]);
    x[SS_SIGNAL_UNTITLED_RELATIVE] = relative * x[SS_SIGNAL_UNTITLED];
    return x;
}

static void add_example(fit *f, const sample *p, const float *x, double stands_for)
{
    f->fold[f->count][0] = fold_of(p->group_a);
    f->fold[f->count][1] = fold_of(p->group_b);
    f->examples[f->count++] = (example){x, (float)stands_for, p->positive, false};
}

static void gather_set(fit *f, const sample_set *s, bool dated, uint64_t *random)
{
    const double as_week = dated && !s->dated ? week_share : 1;
    double weight[CROWD_KINDS + 1][2] = {{0}};
    for (size_t k = 0; k < s->count; k++) {
        double *w = &weight[s->sample[k].kind][s->sample[k].positive];
        if (!(*w > 0)) *w = as_week * set_weight(s, &s->sample[k]);
    }
    for (size_t k = 0; k < s->count; k++) {
        const sample *p = &s->sample[k];
        if (!counts(s, p) || p->floor > 0.5F || p->most < 0.5F) continue; /* no need of weights */
        const float *x = dated && !s->dated ? put_into_week(f, p, random) : p->x;
        double stands_for = weight[p->kind][p->positive] * (double)p->stands_for;
        if (!(p->x[SS_SIGNAL_UNTITLED] > 0)) {
            add_example(f, p, without_title(f, x), titleless_share * stands_for);
            stands_for *= 1 - titleless_share;
        }
        add_example(f, p, x, stands_for);
    }
}

static bool gather_examples(fit *f, const fitting *all, bool dated)
{
    size_t most = 0;
    uint64_t random = 9;
    for (size_t i = 0; i < all->count; i++) most += all->set[i].count;
    f->examples = malloc((2 * most + 1) * sizeof *f->examples);
    f->fold = malloc((2 * most + 1) * sizeof *f->fold);
    f->made = malloc((2 * most + 1) * sizeof *f->made);
    f->odds = malloc((2 * most + 1) * sizeof *f->odds);
    if (!f->examples || !f->fold || !f->made || !f->odds) return false;
    for (size_t i = 0; i < all->count; i++) {
        const sample_set *s = &all->set[i];
        if (s->dated == dated || (dated && !s->crowd && !has_dated(all, s)))
            gather_set(f, s, dated, &random);
    }
    return true;
}

static void fit_free(fit *f)
{
    free(f->examples);
    free(f->fold);
    free(f->made);
    free(f->odds);
}

/* Fits on everything but one fold (FOLDS: on everything): the sum first, then the trees. */
static bool fit_without(const fit *f, size_t fold, bool dated, ss_judge *out)
{
    double *weight = out->weight[dated];
    for (size_t i = 0; i < f->count; i++)
        f->examples[i].used = f->fold[i][0] != fold && f->fold[i][1] != fold;
    if (!logistic_fit(f->examples, f->count, SS_SIGNALS, ridge, signal_sign, weight)) return false;
    for (size_t k = 0; k < SS_SIGNALS; k++) weight[k] = floor(weight[k] * 1e4 + 0.5) / 1e4;
    out->look = first_look;
    for (size_t i = 0; i < f->count; i++) {
        f->odds[i] = 0;
        for (size_t k = 0; k < SS_SIGNALS; k++)
            f->odds[i] += weight[k] * (double)f->examples[i].x[k];
        if (f->odds[i] < first_look) f->examples[i].used = false;
    }
    out->trees[dated] = TREES;
    return forest_fit(f->examples, f->count, SS_SIGNALS, f->odds, out->tree[dated], TREES);
}

static bool fit_all(fitting *all)
{
    for (int dated = 0; dated < 2; dated++) {
        fit f = {0};
        bool good = gather_examples(&f, all, dated);
        fprintf(stderr, "fitting %s dates on %zu pairs\n", dated ? "with" : "without", f.count);
        for (size_t fold = 0; good && fold < FOLDS; fold++)
            good = fit_without(&f, fold, dated, &all->fold[fold]);
        good = good && fit_without(&f, FOLDS, dated, &all->judge);
        fit_free(&f);
        if (!good) return false;
    }
    return true;
}

/* ---- Scores on unseen folds
 * -------------------------------------------------------------------------------- */

/* By the judge that did not see the family of the pair's first document. */
static void score_set(const fitting *all, const sample_set *s, float *out)
{
    for (size_t k = 0; k < s->count; k++) {
        const sample *p = &s->sample[k];
        ss_evidence e = {.dated = s->dated && p->x[SS_SIGNAL_GAP] >= 0, .words = 100};
        for (size_t i = 0; i < SS_SIGNALS; i++) e.signal[i] = (double)p->x[i];
        double odds = ss_judge_odds(&all->fold[fold_of(p->group_a)], &e, NULL);
        float value = (float)(1 / (1 + ss_exp(-odds)));
        if (value > p->most) value = p->most;
        out[k] = value > p->floor ? value : p->floor;
    }
}

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

/* Votes' mean of the sets' precision (hits) and recall (missed), and of their cautious F. */
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

/* The best mean of the cautious F is the threshold, of those as good the surest; strict and loose are
 * where mean precision and recall of the sets are half as far from 1 as there, at the next hundredth. */
static void choose_thresholds(fitting *all, float *const *score)
{
    static const double flat = 0.002; /* a difference that says nothing: intervals are ten times wider */
    double best = -1, f;
    ss_judge *j = &all->judge;
    for (int percent = 25; percent <= 90; percent++) {
        mean_at(all, score, percent / 100.0, &f);
        if (f > best) best = f;
    }
    for (int percent = 25; percent <= 90; percent++) {
        mean_at(all, score, percent / 100.0, &f);
        if (f >= best - flat) j->threshold = percent / 100.0;
    }
    counted at = mean_at(all, score, j->threshold, &f);
    j->preset[SAMESTORY_STANDARD] = (ss_preset){j->threshold, at.hits, at.missed};
    j->preset[SAMESTORY_STRICT] = j->preset[SAMESTORY_LOOSE] = j->preset[SAMESTORY_STANDARD];
    for (int percent = (int)(j->threshold * 100 + 0.5); percent <= 99; percent++) {
        counted c = mean_at(all, score, percent / 100.0, &f);
        j->preset[SAMESTORY_STRICT] = (ss_preset){percent / 100.0, c.hits, c.missed};
        if (c.hits >= (1 + at.hits) / 2) break;
    }
    for (int percent = (int)(j->threshold * 100 + 0.5); percent >= 5; percent--) {
        counted c = mean_at(all, score, percent / 100.0, &f);
        j->preset[SAMESTORY_LOOSE] = (ss_preset){percent / 100.0, c.hits, c.missed};
        if (c.missed >= (1 + at.missed) / 2) break;
    }
}

/* ---- judge.txt
 * ---------------------------------------------------------------------------------------------------
 */

enum { ROOM = 1 << 20};

typedef struct page {
    char *text;
    size_t size;
} page;

__attribute__((format(printf, 2, 3))) static void put(page *p, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int size = vsnprintf(p->text + p->size, ROOM - p->size, format, list);
    va_end(list);
    if (size > 0) p->size += (size_t)size < ROOM - p->size ? (size_t)size : ROOM - p->size - 1;
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

static void put_model(page *out, const ss_judge *j)
{
    static const char *const names[] = {"standard", "strict", "loose"};
    put(out, "threshold %.2f\nlook %.2f\n", j->threshold, j->look);
    for (size_t i = 0; i < SAMESTORY_PRESETS; i++)
        put(out, "preset %s %.2f %.3f %.3f\n", names[i], j->preset[i].threshold,
            j->preset[i].precision, j->preset[i].recall);
    for (size_t i = 0; i < SS_SIGNALS; i++)
        put(out, "signal %s %.4f %.4f\n", ss_signal_name[i], j->weight[0][i], j->weight[1][i]);
    for (int dated = 0; dated < 2; dated++)
        for (size_t i = 0; i < j->trees[dated]; i++) {
            const ss_tree *t = &j->tree[dated][i];
            put(out, "tree %s", dated ? "dated" : "undated");
            for (size_t d = 0; d < SS_TREE_DEPTH; d++)
                put(out, " %s %.4f", ss_signal_name[t->signal[d]], t->edge[d]);
            for (size_t l = 0; l < SS_TREE_LEAVES; l++) put(out, " %.3f", (double)t->leaf[l]);
            put(out, "\n");
        }
}

static samestory_status write_judge(const char *path, fitting *all, float *const *score,
                                    samestory_error *error)
{
    page out = {calloc(1, ROOM), 0};
    if (!out.text) return ss_fail_memory(error);
    double threshold = all->judge.threshold;
    put(&out, "# The judge: a logistic model over the evidence of a pair (src/match/evidence.h), "
              "and trees on\n"
              "# top of it. Columns of signals: weight where a date is missing, weight where both "
              "records have\n"
              "# one. Presets: threshold, precision, recall (means over the sets below).\n"
              "# Fitted by: samestory-train judge, see models/train.sh. On folds of families that "
              "the fit did\n"
              "# not see (pairs sampled, intervals by family):\n");
    for (size_t i = 0; i < all->count; i++) {
        const sample_set *s = &all->set[i];
        if (s->crowd) {
            report_crowd(&out, s, score[i], threshold);
            continue;
        }
        report_pairs(&out, s, score[i], threshold, CROSS);
        report_pairs(&out, s, score[i], threshold, SAME);
        if (s->dated) report_pairs(&out, s, score[i], threshold, WEEK);
        put(&out, "#     expected calibration error over proposed pairs: %.3f\n",
            reliability_error(s, score[i]));
    }
    fputs(out.text, stderr);
    put_model(&out, &all->judge);
    ss_piece piece = {out.text, out.size};
    samestory_status status = ss_file_write(path, &piece, 1, error);
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

static samestory_status write_mistakes(const char *path, const fitting *all, float *const *score,
                                       samestory_error *error)
{
    page out = {calloc(1, ROOM), 0};
    if (!out.text) return ss_fail_memory(error);
    for (size_t i = 0; i < all->count; i++)
        if (!all->set[i].crowd) put_mistakes(&out, &all->set[i], score[i], all->judge.threshold);
    ss_piece piece = {out.text, out.size};
    samestory_status status = ss_file_write(path, &piece, 1, error);
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
    float *score[SETS_MAX] = {NULL};
    bool good = true;
    for (size_t i = 0; i < all->count; i++) {
        score[i] = malloc((all->set[i].count + 1) * sizeof *score[i]);
        good = good && score[i];
        if (score[i]) score_set(all, &all->set[i], score[i]);
    }
    samestory_status status = SAMESTORY_OK;
    if (good) {
        choose_thresholds(all, score);
        status = write_judge(o->output, all, score, error);
        if (!status && o->reliability)
            status = reliability_draw(o->reliability, all->set, all->count, score, error);
        if (!status && o->mistakes) status = write_mistakes(o->mistakes, all, score, error);
    } else {
        status = ss_fail_memory(error);
    }
    for (size_t i = 0; i < all->count; i++) free(score[i]);
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
    if (!status && !fit_all(all)) status = ss_fail_memory(error);
    if (!status) status = report_all(o, all, error);
    for (size_t i = 0; all && i < all->count; i++) sample_free(&all->set[i]);
    free(all);
    events_free(&events);
    crowd_free(&people);
    samestory_model_free(m);
    return status;
}
