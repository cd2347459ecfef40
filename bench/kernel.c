/* Measures the kernel's variants on one thread, in computing time, against what the core can do.
 *
 *   bench-kernel DIMENSION SECONDS
 *
 * Prints a JSON object. A dot product of d components counts as 2 d operations, whatever the
 * instructions are; so int8 variants may pass the float peak. "openblas" in "variants" is sgemm and
 * the scan of its scores, openblas_gflops is sgemm alone. All variants must give the same hits. */
#include "peak.h"
#include "random.h"

#include "match/cpu.h"
#include "match/kernel.h"
#include "samestory.h"

#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 2048, SGEMM = 1024 };

static void fill(int8_t *rows, size_t count, uint64_t *r)
{
    for (size_t i = 0; i < count; i++) {
        int sum = 0; /* of four: near to normal, as components are */
        for (int k = 0; k < 4; k++) sum += (int)random_below(r, 53) - 26;
        rows[i] = (int8_t)sum;
    }
}

static double variant_rate(const ss_kernel *kernel, const int8_t *a, const int8_t *b, size_t d,
                           int32_t least, double seconds, size_t *hit_count)
{
    ss_hits hits = {0};
    double best = 0, end = thread_seconds() + seconds;
    do {
        hits.count = 0;
        double begin = thread_seconds();
        if (!ss_kernel_hits(kernel, a, ROWS, b, ROWS, d, least, &hits)) exit(3);
        double rate = 2.0 * ROWS * ROWS * (double)d / (thread_seconds() - begin) * 1e-9;
        if (rate > best) best = rate;
    } while (thread_seconds() < end);
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
    openblas_set_num_threads(1);
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

int main(int count, char **arguments)
{
    size_t d = count == 3 ? strtoull(arguments[1], NULL, 10) : 0;
    double seconds = count == 3 ? strtod(arguments[2], NULL) : 0;
    if (!d || d % 16 || d > 4096) {
        fputs("usage: bench-kernel DIMENSION SECONDS\n", stderr);
        return 2;
    }
    int8_t *a = malloc(ROWS * d), *b = malloc(ROWS * d);
    if (!a || !b) return 3;
    uint64_t r = 1;
    fill(a, ROWS * d, &r);
    fill(b, ROWS * d, &r);
    memcpy(b + d * (ROWS / 2), a, d); /* something to find */
    int32_t least = ss_dot(a, a, d) / 2;

    const char *instructions;
    double peak = peak_f32(&instructions), sgemm = sgemm_rate(a, b, d, seconds);
    printf("{\"dimension\":%zu,\"peak_gflops\":%.1f,\"peak_instructions\":\"%s\","
           "\"openblas_core\":\"%s\",\"openblas_gflops\":%.1f,\"openblas_peak_ratio\":%.3f,"
           "\"variants\":{",
           d, peak, instructions, openblas_get_corename(), sgemm, sgemm / peak);
    size_t variants, expected = SIZE_MAX;
    const ss_kernel *const *all = ss_kernels(&variants);
    const ss_kernel *chosen = ss_kernel_best();
    double best = 0;
    bool first = true, same = true;
    for (size_t i = 0; i < variants; i++) {
        if (all[i]->needs & ~ss_cpu_features()) continue;
        size_t hits;
        double rate = variant_rate(all[i], a, b, d, least, seconds, &hits);
        if (expected == SIZE_MAX) expected = hits;
        same = same && hits == expected;
        printf("%s\"%s\":%.1f", first ? "" : ",", all[i]->name, rate);
        first = false;
        if (all[i] == chosen) best = rate;
    }
    printf("},\"best_name\":\"%s\",\"best\":%.1f,\"best_peak_ratio\":%.3f}\n", chosen->name, best,
           best / peak);
    free(a);
    free(b);
    if (!same || !expected) fputs("bench-kernel: the variants differ in their hits\n", stderr);
    return same && expected ? 0 : 1;
}
