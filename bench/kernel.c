/* Measures the kernel's variants on one thread, in computing time, against what the core can do.
 *
 *   bench-kernel DIMENSION SECONDS
 *
 * Prints a JSON object. A dot product of d components counts as 2 d operations, whatever the
 * instructions are; so int8 variants may pass the float peak.
 *   peaks                Gop/s of each instruction that this CPU has
 *   openblas_gflops      sgemm alone; openblas_peak_ratio: of the float peak
 *   variants, gpairs     Gop/s, and billions of pairs of rows a second, of each variant
 *   peak_ratios          of the peak of the instruction that the variant uses (instructions)
 *   batches              Gop/s with few rows against all, by their number
 *   best, best_name      Gop/s of the variant that the library chooses here
 *   int8_peak_ratio      its peak_ratio
 *   int8_vs_openblas     against sgemm and the scan of its scores
 * One side is packed before the clock starts, as the index keeps it. All variants must give the same
 * hits. */
#include "peak.h"
#include "random.h"

#include "match/cpu.h"
#include "match/kernel.h"
#include "samestory.h"

#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 2048, SGEMM = 1024, HITS_OF_ROWS = 20, BATCHES = 5, RUNS_MIN = 3, VARIANTS_MAX = 16 };

static const size_t batches[BATCHES] = {1, 3, 8, 16, 63};

static void fill(int8_t *rows, size_t count, uint64_t *r)
{
    for (size_t i = 0; i < count; i++) {
        int sum = 0; /* of four: near to normal, as components are */
        for (int k = 0; k < 4; k++) sum += (int)random_below(r, 53) - 26;
        rows[i] = (int8_t)sum;
    }
}

typedef struct task {
    const int8_t *const *a; /* (ROWS) */
    ss_panels b;
    size_t d;
    int32_t least;
    double seconds; /* a measurement takes */
} task;

/* The best rate of some runs: other work on the machine can only slow them. Small batches are
 * repeated within a run. */
static double variant_rate(const ss_kernel *kernel, const task *t, size_t rows, double seconds,
                           size_t *hit_count)
{
    ss_hits hits = {0};
    size_t repeat = ROWS / rows, runs = 0;
    double best = 0, end = thread_seconds() + seconds;
    do {
        double begin = thread_seconds();
        for (size_t i = 0; i < repeat; i++) {
            hits.count = 0;
            if (!ss_match(kernel, t->a, rows, &t->b, 0, ROWS, t->least, &hits)) exit(3);
        }
        double operations = 2.0 * (double)(repeat * rows) * ROWS * (double)t->d;
        double rate = operations / (thread_seconds() - begin) * 1e-9;
        if (rate > best) best = rate;
    } while (++runs < RUNS_MIN || thread_seconds() < end);
    *hit_count = hits.count;
    ss_hits_free(&hits);
    return best;
}

static double sgemm_rate(const int8_t *a, const int8_t *b, size_t d, double seconds)
{
    float *fa = malloc(SGEMM * d * sizeof *fa), *fb = malloc(SGEMM * d * sizeof *fb);
    float *scores = malloc((size_t)SGEMM * SGEMM * sizeof *scores);
    if (!fa || !fb || !scores) exit(3);
    for (size_t i = 0; i < SGEMM * d; i++) fa[i] = a[i], fb[i] = b[i];
    double best = 0, end = thread_seconds() + seconds;
    do {
        double begin = thread_seconds();
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, SGEMM, SGEMM, (blasint)d, 1, fa,
                    (blasint)d, fb, (blasint)d, 0, scores, SGEMM);
        double rate = 2.0 * SGEMM * SGEMM * (double)d / (thread_seconds() - begin) * 1e-9;
        if (rate > best) best = rate;
    } while (thread_seconds() < end);
    free(fa);
    free(fb);
    free(scores);
    return best;
}

static void print_peaks(void)
{
    const char *name = "", *separator = "";
    double rate;
    printf("\"peaks\":{");
    for (size_t i = 0; (rate = peak_at(i, &name)) >= 0; i++) {
        if (!(rate > 0)) continue;
        printf("%s\"%s\":%.1f", separator, name, rate);
        separator = ",";
    }
    printf("},");
}

typedef struct measured {
    const ss_kernel *kernel;
    size_t hits;
    double rate, batch[BATCHES]; /* Gop/s */
} measured;

/* Every variant that this CPU has; false when they differ in their hits, or found none. */
static bool measure(const task *t, measured *list, size_t *count)
{
    size_t variants, found;
    const ss_kernel *const *all = ss_kernels(&variants);
    bool same = true;
    *count = 0;
    for (size_t i = 0; i < variants; i++) {
        if (all[i]->needs & ~ss_cpu_features()) continue;
        measured *m = &list[(*count)++];
        m->kernel = all[i];
        m->rate = variant_rate(all[i], t, ROWS, t->seconds, &m->hits);
        for (size_t k = 0; k < BATCHES; k++)
            m->batch[k] = variant_rate(all[i], t, batches[k], t->seconds / BATCHES, &found);
        same = same && m->hits == list->hits;
    }
    if (!same || !list->hits) fputs("bench-kernel: the variants differ in their hits\n", stderr);
    return same && list->hits;
}

static void print_batches(const measured *m)
{
    for (size_t i = 0; i < BATCHES; i++)
        printf("%s\"%zu\":%.1f", i ? "," : "{", batches[i], m->batch[i]);
    printf("}");
}

static double share_of_peak(const measured *m)
{
    const char *instruction;
    double peak = m->kernel->tiles ? peak_of(m->kernel->instruction) : peak_f32(&instruction);
    return peak > 0 ? m->rate / peak : 0;
}

/* A member of the result: a value for each variant. */
static void print_each(const char *name, const measured *list, size_t count, double d)
{
    printf("\"%s\":", name);
    for (size_t i = 0; i < count; i++) {
        printf("%s\"%s\":", i ? "," : "{", list[i].kernel->name);
        if (!strcmp(name, "variants"))
            printf("%.1f", list[i].rate);
        else if (!strcmp(name, "gpairs"))
            printf("%.4f", list[i].rate / (2 * d));
        else if (!strcmp(name, "peak_ratios"))
            printf("%.3f", share_of_peak(&list[i]));
        else if (!strcmp(name, "instructions"))
            printf("\"%s\"", list[i].kernel->instruction);
        else
            print_batches(&list[i]);
    }
    printf("},");
}

static void print_variants(const measured *list, size_t count, double d)
{
    static const char *const members[] = {"variants", "gpairs", "peak_ratios", "instructions",
                                          "batches"};
    const measured *best = list, *blas = list;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        print_each(members[i], list, count, d);
    for (size_t i = 0; i < count; i++) {
        if (list[i].kernel == ss_kernel_best()) best = &list[i];
        if (list[i].kernel == &ss_kernel_blas) blas = &list[i];
    }
    printf("\"hits\":%zu,\"best_name\":\"%s\",\"best\":%.1f,\"int8_peak_ratio\":%.3f,"
           "\"int8_vs_openblas\":%.3f}\n",
           best->hits, best->kernel->name, best->rate, share_of_peak(best),
           best->rate / blas->rate);
}

/* A threshold that as many pairs reach as a window of news has pairs worth judging. */
static int32_t threshold(const task *t)
{
    int32_t *dots = malloc(ROWS * sizeof *dots), best = 0;
    if (!dots) exit(3);
    for (size_t i = 1; i <= HITS_OF_ROWS; i++) {
        ss_kernel_best()->dots_at(t->a[ROWS - i], t->a, ROWS - i, t->d, dots);
        for (size_t j = 0; j < ROWS - i; j++)
            if (dots[j] > best) best = dots[j];
    }
    free(dots);
    return best;
}

int main(int count, char **arguments)
{
    size_t d = count == 3 ? strtoull(arguments[1], NULL, 10) : 0;
    double seconds = count == 3 ? strtod(arguments[2], NULL) : 0;
    if (!d || d % 16 || d > 1024) {
        fputs("usage: bench-kernel DIMENSION SECONDS\n", stderr);
        return 2;
    }
    openblas_set_num_threads(1);
    int8_t *a = malloc(ROWS * d), *b = malloc(ROWS * d);
    const int8_t **row = malloc(ROWS * sizeof *row);
    if (!a || !b || !row) return 3;
    uint64_t r = 1;
    fill(a, ROWS * d, &r);
    fill(b, ROWS * d, &r);
    memcpy(b + d * (ROWS / 2), a, d); /* something to find */
    for (size_t i = 0; i < ROWS; i++) row[i] = a + i * d;
    task t = {row, {0}, d, 0, seconds};
    if (!ss_panels_add(&t.b, b, ROWS, d)) return 3;
    t.least = threshold(&t);

    const char *instruction;
    double peak = peak_f32(&instruction), sgemm = sgemm_rate(a, b, d, seconds);
    printf("{\"dimension\":%zu,\"peak_gflops\":%.1f,\"peak_instructions\":\"%s\",", d, peak,
           instruction);
    print_peaks();
    printf("\"openblas_core\":\"%s\",\"openblas_gflops\":%.1f,\"openblas_peak_ratio\":%.3f,",
           openblas_get_corename(), sgemm, sgemm / peak);
    measured list[VARIANTS_MAX];
    size_t variants;
    bool good = measure(&t, list, &variants);
    print_variants(list, variants, (double)d);
    ss_panels_free(&t.b);
    free(row);
    free(a);
    free(b);
    return good ? 0 : 1;
}
