/* The command that fits judge.txt: labelled files in, the evidence of their pairs, two logistic models
 * (with and without dates), and their scores on folds that the fit did not see.
 *
 * Every file is a collection of its own, twice: whole, and cut to its first words, for there the judge
 * must learn to say no. Its pairs are sampled, true and others, up to a number of each. Folds are of
 * families (or stories): no family is on both sides.
 *
 * In a feed nearly all pairs lie within days of each other; in the sets only true ones do. So the
 * model with dates also sees every undated pair as if both were of one week. */
#include "base/array.h"
#include "base/file.h"
#include "engine.h"
#include "story/measure.h"
#include "train/commands.h"
#include "train/logistic.h"
#include "train/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum {
    FOLDS = 5,
    POSITIVES_MAX = 4000,
    NEGATIVES_MAX = 34000,
    FILES_MAX = 16,
    SETS_OF_FILE = 3, /* dates ignored, with dates, cut */
    CUT = 160         /* bytes of title and text together */
};

/* What a signal may say: for (+1), against (-1), either (0). A weight of the other sign would be an
 * accident of the sets, and does harm on others. */
static const signed char signal_sign[SS_SIGNALS] = {
    [SS_SIGNAL_COSINE_CROSS] = 1,      [SS_SIGNAL_COSINE_SAME] = 1,
    [SS_SIGNAL_NAMES_COSINE] = 1,      [SS_SIGNAL_NAMES_WEIGHT] = 1,
    [SS_SIGNAL_NAMES_RARE] = 1,        [SS_SIGNAL_NAMES_SHARE] = 1,
    [SS_SIGNAL_PAIRS_RARE] = 1,        [SS_SIGNAL_SKELETONS_WEIGHT] = 1,
    [SS_SIGNAL_SKELETONS_RARE] = 1,    [SS_SIGNAL_NUMBERS_WEIGHT] = 1,
    [SS_SIGNAL_NUMBERS_RARE] = 1,      [SS_SIGNAL_NUMBERS_SHARE] = 1,
    [SS_SIGNAL_NUMBERS_CLASH] = -1,    [SS_SIGNAL_DATES] = 1,
    [SS_SIGNAL_DATES_RARE] = 1,        [SS_SIGNAL_DATES_CLASH] = -1,
    [SS_SIGNAL_LINKS] = 1,             [SS_SIGNAL_TITLE_NAMES] = 1,
    [SS_SIGNAL_KNOWN] = 1,             [SS_SIGNAL_NOTHING] = -1,
    [SS_SIGNAL_NAMES_NUMBERS] = 1,     [SS_SIGNAL_COSINE_NAMES] = 1,
    [SS_SIGNAL_COSINE_NUMBERS] = 1,    [SS_SIGNAL_JACCARD] = 1,
    [SS_SIGNAL_JACCARD_CLASH] = -1,    [SS_SIGNAL_COSINE_SHORT] = 1,
    [SS_SIGNAL_GAP] = -1,              [SS_SIGNAL_GAP_NEAR] = 1,
    [SS_SIGNAL_GAP_FAR] = -1,
};

/* Enough to keep thirty weights quiet on a few hundred true pairs; other values were not compared. */
static const double ridge = 3;
/* What one set weighs against the others: the first is the one the product is for. */
static const double first_weight = 1, other_weight = 0.3, cut_weight = 0.2;

typedef struct sample {
    float x[SS_SIGNALS];
    float floor; /* probability that a copy's text alone gives it; 0: none */
    uint8_t fold_a, fold_b;
    bool positive, cross;
} sample;

typedef struct set {
    const char *path;
    bool dated; /* fitted and scored with dates */
    bool cut;   /* every text cut to its first bytes: fitted, not scored */
    samestory_engine *engine;
    uint64_t *story, *family;
    size_t count, capacity, family_capacity;
    sample *sample;
    size_t samples, sample_capacity;
    double take_positive, take_negative; /* share of the pairs that was sampled */
} set;

/* ---- Reading ---------------------------------------------------------------------------------------- */

static uint64_t label_hash(const samestory_record *r)
{
    return r->label.size ? XXH3_64bits(r->label.data, r->label.size) : 0;
}

static size_t cut_to(samestory_string text, size_t size)
{
    while (size < text.size && size && ((unsigned char)text.data[size] & 0xC0) == 0x80) size--;
    return size < text.size ? size : text.size;
}

static void cut_document(samestory_document *d)
{
    d->title.size = cut_to(d->title, CUT);
    d->text.size = cut_to(d->text, CUT - (d->title.size < CUT ? d->title.size : CUT));
}

/* Reads one label of every document into *out; gives the documents to the engine, if any. */
static samestory_status read_labels(const char *path, const char *field, bool cut, uint64_t **out,
                                    size_t *capacity, size_t *count, samestory_engine *engine,
                                    samestory_error *error)
{
    samestory_reader *reader;
    samestory_reader_options options = SAMESTORY_READER_OPTIONS_INIT;
    options.label_field = field;
    samestory_status status = samestory_reader_open(&path, 1, &options, &reader, error);
    if (status) return status;
    *count = 0;
    for (;;) {
        samestory_record record = SAMESTORY_RECORD_INIT;
        status = samestory_reader_next(reader, &record, error);
        if (status) break;
        if (record.is_blank) continue;
        if (!ss_reserve(out, capacity, *count + 1)) status = ss_fail_memory(error);
        else (*out)[(*count)++] = label_hash(&record);
        if (cut) cut_document(&record.document);
        if (!status && engine) status = samestory_gather(engine, &record.document, 1, error);
        if (status) break;
    }
    samestory_reader_free(reader);
    return status == SAMESTORY_END ? SAMESTORY_OK : status;
}

static samestory_status read_set(const samestory_model *m, unsigned threads, set *s,
                                 samestory_error *error)
{
    samestory_options options = SAMESTORY_OPTIONS_INIT;
    options.threads = threads;
    options.ignore_dates = !s->dated;
    options.ids_repeat = true;
    size_t families;
    samestory_status status = samestory_engine_new(m, &options, &s->engine, error);
    if (!status)
        status = read_labels(s->path, "story", s->cut, &s->story, &s->capacity, &s->count, s->engine,
                             error);
    if (!status)
        status = read_labels(s->path, "family", false, &s->family, &s->family_capacity, &families, NULL,
                             error);
    if (!status) status = samestory_freeze(s->engine, error);
    for (size_t i = 0; !status && i < s->count; i++)
        if (!s->family[i]) s->family[i] = s->story[i];
    return status;
}

/* ---- Pairs ------------------------------------------------------------------------------------------- */

static bool is_dated(const set *s)
{
    size_t dated = 0;
    for (size_t i = 0; i < s->count; i++) dated += s->engine->sketch[i]->date != SAMESTORY_NO_DATE;
    return dated * 2 > s->count;
}

static bool add_sample(set *s, size_t a, size_t b, const ss_evidence *e)
{
    if (!ss_reserve(&s->sample, &s->sample_capacity, s->samples + 1)) return false;
    sample *p = &s->sample[s->samples++];
    for (size_t i = 0; i < SS_SIGNALS; i++) p->x[i] = (float)e->signal[i];
    static const ss_judge blank = {.threshold = 0.5, .weight = {{-50}, {-50}}};
    p->floor = (float)ss_judge_of(&blank, e).probability;
    p->fold_a = (uint8_t)(s->family[a] % FOLDS);
    p->fold_b = (uint8_t)(s->family[b] % FOLDS);
    p->positive = s->story[a] == s->story[b];
    p->cross = e->signal[SS_SIGNAL_CROSS] > 0;
    return true;
}

/* Every how manieth pair of a kind is taken, so that at most `most` are. */
static double share_of(size_t count, size_t most)
{
    return count > most ? (double)most / (double)count : 1;
}

/* Samples a set's pairs; two passes: count, then take. */
static samestory_status sample_pairs(set *s, samestory_error *error)
{
    size_t positives = 0;
    for (size_t a = 0; a < s->count; a++)
        for (size_t b = a + 1; b < s->count; b++) positives += s->story[a] == s->story[b];
    size_t all = s->count * (s->count - 1) / 2;
    double take_positive = share_of(positives, POSITIVES_MAX);
    double take_negative = share_of(all - positives, NEGATIVES_MAX);
    uint64_t random = 5;
    s->take_positive = take_positive;
    s->take_negative = take_negative;
    for (size_t a = 0; a < s->count; a++)
        for (size_t b = a + 1; b < s->count; b++) {
            bool positive = s->story[a] == s->story[b];
            if (random_unit(&random) >= (positive ? take_positive : take_negative)) continue;
            ss_evidence e;
            ss_engine_evidence(s->engine, a, b, &e);
            if (!add_sample(s, a, b, &e)) return ss_fail_memory(error);
        }
    return SAMESTORY_OK;
}

/* ---- Fitting ------------------------------------------------------------------------------------------- */

/* One of the two models in the making. */
typedef struct fit {
    const set *sets;
    size_t count;
    bool dated;
    example *examples;
    uint8_t (*fold)[2]; /* of each example's two documents */
    float (*week)[SS_SIGNALS]; /* signals of undated pairs put into one week */
    size_t example_count, week_count;
} fit;

/* An undated pair as one of a feed: true ones up to three days apart, others anywhere in the week. */
static const float *put_into_week(fit *f, const sample *p, uint64_t *random)
{
    float *x = f->week[f->week_count++];
    memcpy(x, p->x, sizeof p->x);
    double days = random_unit(random) * (p->positive ? 3 : 7);
    x[SS_SIGNAL_GAP] = (float)(days / 10);
    x[SS_SIGNAL_GAP_NEAR] = days <= 3;
    return x;
}

static double set_weight(const fit *f, const set *s)
{
    double positives = 0, first = 0;
    for (size_t k = 0; k < s->samples; k++) positives += s->sample[k].positive;
    for (size_t k = 0; k < f->sets[0].samples; k++) first += f->sets[0].sample[k].positive;
    double weight = s->path == f->sets[0].path ? first_weight : other_weight;
    return weight * (s->cut ? cut_weight : 1) * first / (positives > 0 ? positives : 1);
}

/* Gathers the sets' samples; every set's true pairs together weigh as much as the first one's, times
 * its weight. */
static bool gather_examples(fit *f)
{
    size_t all = 0;
    uint64_t random = 9;
    for (size_t i = 0; i < f->count; i++) all += f->sets[i].samples;
    f->examples = malloc((all + 1) * sizeof *f->examples);
    f->fold = malloc((all + 1) * sizeof *f->fold);
    f->week = malloc((all + 1) * sizeof *f->week);
    if (!f->examples || !f->fold || !f->week) return false;
    for (size_t i = 0; i < f->count; i++) {
        const set *s = &f->sets[i];
        if (s->dated && !f->dated) continue;
        float weight = (float)set_weight(f, s);
        for (size_t k = 0; k < s->samples; k++) {
            const sample *p = &s->sample[k];
            const float *x = f->dated && !s->dated ? put_into_week(f, p, &random) : p->x;
            f->fold[f->example_count][0] = p->fold_a;
            f->fold[f->example_count][1] = p->fold_b;
            f->examples[f->example_count++] = (example){x, weight, p->positive, false};
        }
    }
    return true;
}

/* Fits on everything but one fold (FOLDS: on everything). */
static bool fit_without(const fit *f, size_t fold, double *weight)
{
    for (size_t i = 0; i < f->example_count; i++)
        f->examples[i].used = f->fold[i][0] != fold && f->fold[i][1] != fold;
    return logistic_fit(f->examples, f->example_count, SS_SIGNALS, ridge, signal_sign, weight);
}

static void fit_free(fit *f)
{
    free(f->examples);
    free(f->fold);
    free(f->week);
}

static float score(const sample *p, const double *weight)
{
    double odds = 0;
    for (size_t i = 0; i < SS_SIGNALS; i++) odds += weight[i] * (double)p->x[i];
    float value = (float)(1 / (1 + ss_exp(-odds)));
    return value > p->floor ? value : p->floor;
}

/* Scores of a set's pairs by the fits that did not see their first document's family. */
static size_t unseen_scores(const set *s, double (*weight)[SS_SIGNALS], int cross, ss_scored *out)
{
    size_t count = 0;
    for (size_t k = 0; k < s->samples; k++)
        if (cross < 0 || s->sample[k].cross == (cross > 0))
            out[count++] =
                (ss_scored){score(&s->sample[k], weight[s->sample[k].fold_a]), s->sample[k].positive};
    return count;
}

/* ---- The whole ------------------------------------------------------------------------------------------- */

typedef struct fitted {
    double weight[2][SS_SIGNALS];
    double fold[2][FOLDS][SS_SIGNALS];
} fitted;

static bool fit_all(const set *sets, size_t count, fitted *out)
{
    for (int dated = 0; dated < 2; dated++) {
        fit f = {.sets = sets, .count = count, .dated = dated};
        bool good = gather_examples(&f);
        for (size_t fold = 0; good && fold < FOLDS; fold++)
            good = fit_without(&f, fold, out->fold[dated][fold]);
        good = good && fit_without(&f, FOLDS, out->weight[dated]);
        fit_free(&f);
        if (!good) return false;
    }
    return true;
}

/* F1 of a set's cross-language pairs at a threshold, by fits that did not see them, as it would be over
 * all pairs: a sampled pair stands for all that were not. */
static double unseen_f1(const set *s, fitted *f, double threshold, ss_scored *scored)
{
    size_t n = unseen_scores(s, f->fold[s->dated], 1, scored);
    double hits = 0, missed = 0, wrong = 0;
    for (size_t i = 0; i < n; i++) {
        bool found = (double)scored[i].score >= threshold;
        if (scored[i].positive) *(found ? &hits : &missed) += 1 / s->take_positive;
        else if (found) wrong += 1 / s->take_negative;
    }
    return hits > 0 ? 2 * hits / (2 * hits + missed + wrong) : 0;
}

/* The threshold with the best mean F1 over all sets, the first one counted four times. */
static double choose_threshold(const set *sets, size_t count, fitted *f)
{
    size_t most = 0;
    for (size_t i = 0; i < count; i++) most = sets[i].samples > most ? sets[i].samples : most;
    double best = 0.5, best_f1 = -1;
    ss_scored *scored = malloc((most + 1) * sizeof *scored);
    for (int percent = 30; scored && percent <= 80; percent++) {
        double sum = 0, threshold = percent / 100.0;
        for (size_t i = 0; i < count; i++)
            sum += sets[i].cut ? 0 : unseen_f1(&sets[i], f, threshold, scored) *
                   (sets[i].path == sets[0].path ? 4 : 1);
        if (sum > best_f1) best_f1 = sum, best = threshold;
    }
    free(scored);
    return best;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int report_set(const set *s, double (*fold)[SS_SIGNALS], double threshold, char *out,
                      size_t room)
{
    static const char *const kinds[] = {"cross-language", "same-language"};
    int at = 0;
    ss_scored *scored = malloc((s->samples + 1) * sizeof *scored);
    for (int cross = 1; scored && cross >= 0; cross--) {
        size_t n = unseen_scores(s, fold, cross, scored);
        ss_pair_measure m = ss_measure_pairs(scored, n, threshold);
        at += snprintf(out + at, room - (size_t)at,
                       "#   %s, %s, %s pairs: F1 %.3f (P %.3f R %.3f), best %.3f at %.2f, AP %.3f; "
                       "%zu of %zu true\n",
                       base_name(s->path), s->dated ? "with dates" : "dates ignored",
                       kinds[!cross], m.f1, m.precision, m.recall, m.best_f1, m.best_threshold,
                       m.average_precision, m.positives, m.count);
    }
    free(scored);
    return at;
}

static samestory_status write_judge(const char *path, const set *sets, size_t count, fitted *f,
                                    samestory_error *error)
{
    enum { ROOM = 65536 };
    char *text = calloc(1, ROOM);
    if (!text) return ss_fail_memory(error);
    double threshold = choose_threshold(sets, count, f);
    int at = snprintf(text, ROOM,
                      "# The judge's weights: a logistic model over the evidence of a pair "
                      "(src/match/evidence.h).\n# Columns: signal, weight where a date is missing, "
                      "weight where both records have one.\n# Fitted by: samestory-train judge. On "
                      "folds of families that the fit did not see (pairs sampled):\n");
    for (size_t i = 0; i < count; i++)
        at += sets[i].cut ? 0 : report_set(&sets[i], f->fold[sets[i].dated], threshold, text + at, ROOM - (size_t)at);
    fputs(text, stderr);
    at += snprintf(text + at, ROOM - (size_t)at, "threshold %.2f\n", threshold);
    for (size_t i = 0; i < SS_SIGNALS; i++)
        at += snprintf(text + at, ROOM - (size_t)at, "signal %s %.4f %.4f\n", ss_signal_name[i],
                       f->weight[0][i], f->weight[1][i]);
    ss_piece piece = {text, (size_t)at};
    samestory_status status = ss_file_write(path, &piece, 1, error);
    free(text);
    return status;
}

static void free_set(set *s)
{
    samestory_engine_free(s->engine);
    free(s->story);
    free(s->family);
    free(s->sample);
}

samestory_status command_judge(const train_options *o, samestory_error *error)
{
    if (!o->model || !o->output || !o->file_count || o->file_count > FILES_MAX)
        return ss_fail(error, SAMESTORY_BAD_ARGUMENT,
                       "judge needs --model, --output and 1 to 16 labelled files");
    samestory_model *m;
    samestory_status status = samestory_model_open(o->model, &m, error);
    if (status) return status;
    set sets[SETS_OF_FILE * FILES_MAX] = {{0}};
    size_t count = 0;
    for (size_t i = 0; i < SETS_OF_FILE * o->file_count && !status; i++) {
        set *s = &sets[count];
        *s = (set){.path = o->files[i / SETS_OF_FILE],
                   .dated = i % SETS_OF_FILE == 1,
                   .cut = i % SETS_OF_FILE == 2};
        status = read_set(m, o->table.threads, s, error);
        if (!status && s->dated && !is_dated(s)) {
            free_set(s);
            *s = (set){0};
            continue;
        }
        count++;
        if (!status) status = sample_pairs(s, error);
        if (!status)
            fprintf(stderr, "%s, %s: %zu documents, %zu pairs taken\n", base_name(s->path),
                    s->cut ? "cut" : s->dated ? "with dates" : "dates ignored", s->count, s->samples);
    }
    fitted *f = calloc(1, sizeof *f);
    if (!status && (!f || !fit_all(sets, count, f))) status = ss_fail_memory(error);
    if (!status) status = write_judge(o->output, sets, count, f, error);
    for (size_t i = 0; i < count; i++) free_set(&sets[i]);
    free(f);
    samestory_model_free(m);
    return status;
}
