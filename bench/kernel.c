/* Measures the kernel's variants on one thread, in computing time, against what the core can do.
 *
 *   bench-kernel DIMENSION SECONDS
 *
 * Prints a JSON object. A dot product of d components counts as 2 d operations, whatever the
 * instructions are; so int8 variants may pass the float peak.
 *   peaks                  billions of operations a second of each instruction that this CPU has
 *   openblas_gflops        sgemm alone; openblas_peak_ratio: of the float peak
 *   variants.NAME          gops, gpairs_per_s; peak_ratio: of the peak of its instruction;
 *                          batches.N: gops with N rows against all
 *   best, best_name        gops of the variant that the library chooses here
 *   int8_peak_ratio        of that variant; int8_vs_openblas: against sgemm and the scan of its
 * scores Both sides are packed or converted before the clock starts where the variant allows it:
 * one side packed, as the index keeps it. All variants must give the same hits. */
#include "peak.h"
#include "random.h"

#include "match/cpu.h"
#include "match/kernel.h"
#include "samestory.h"

#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 2048, SGEMM = 1024, HITS_OF_ROWS = 20, BATCHES = 5, RUNS_MIN = 3 };

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
    ss_packed b;
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

/* What is measured and printed of one variant. */
static double print_variant(const ss_kernel *kernel, const task *t, size_t *hits)
{
    double rate = variant_rate(kernel, t, ROWS, t->seconds, hits);
    double peak = peak_of(kernel->instruction);
    printf("\"%s\":{\"gops\":%.1f,\"gpairs_per_s\":%.4f,\"instruction\":\"%s\",", kernel->name,
           rate, rate / (2 * (double)t->d), kernel->instruction);
    if (peak > 0) printf("\"peak_ratio\":%.3f,", rate / peak);
    printf("\"batches\":{");
    for (size_t i = 0; i < BATCHES; i++) {
        size_t found;
        printf("%s\"%zu\":%.1f", i ? "," : "", batches[i],
               variant_rate(kernel, t, batches[i], t->seconds / BATCHES, &found));
    }
    printf("}}");
    return rate;
}

static int print_variants(const task *t)
{
    size_t variants, expected = SIZE_MAX;
    const ss_kernel *const *all = ss_kernels(&variants), *chosen = ss_kernel_best();
    double best = 0, blas = 0;
    bool same = true;
    printf("\"variants\":{");
    for (size_t i = 0; i < variants; i++) {
        if (all[i]->needs & ~ss_cpu_features()) continue;
        size_t hits;
        if (expected != SIZE_MAX) printf(",");
        double rate = print_variant(all[i], t, &hits);
        if (expected == SIZE_MAX) expected = hits;
        same = same && hits == expected;
        if (all[i] == &ss_kernel_blas) blas = rate;
        if (all[i] == chosen) best = rate;
    }
    double peak = peak_of(chosen->instruction);
    printf("},\"hits\":%zu,\"best_name\":\"%s\",\"best\":%.1f,\"best_gpairs_per_s\":%.4f,",
           expected, chosen->name, best, best / (2 * (double)t->d));
    if (peak > 0) printf("\"int8_peak_ratio\":%.3f,", best / peak);
    printf("\"int8_vs_openblas\":%.3f}\n", best / blas);
    if (!same || !expected) fputs("bench-kernel: the variants differ in their hits\n", stderr);
    return same && expected ? 0 : 1;
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
    if (!ss_packed_add(&t.b, b, ROWS, d)) return 3;
    t.least = threshold(&t);

    const char *instruction;
    double peak = peak_f32(&instruction), sgemm = sgemm_rate(a, b, d, seconds);
    printf("{\"dimension\":%zu,\"peak_gflops\":%.1f,\"peak_instructions\":\"%s\",", d, peak,
           instruction);
    print_peaks();
    printf("\"openblas_core\":\"%s\",\"openblas_gflops\":%.1f,\"openblas_peak_ratio\":%.3f,",
           openblas_get_corename(), sgemm, sgemm / peak);
    int status = print_variants(&t);
    ss_packed_free(&t.b);
    free(row);
    free(a);
    free(b);
    return status;
}
