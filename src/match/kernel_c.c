/* The kernel in plain C: what every other variant must agree with, and what a CPU without any of
 * their instructions runs for rows that are not packed. */
#include "match/kernel_tiles.h"

#include <string.h>

enum { ROWS = 4 };

static int32_t dot(const int8_t *a, const int8_t *b, size_t d)
{
    int32_t sum = 0;
    for (size_t i = 0; i < d; i++) sum += a[i] * b[i];
    return sum;
}

static void dots(const int8_t *a, const int8_t *b, size_t rows, size_t d, int32_t *out)
{
    for (size_t r = 0; r < rows; r++, b += d) out[r] = dot(a, b, d);
}

static void dots_at(const int8_t *a, const int8_t *const *b, size_t rows, size_t d, int32_t *out)
{
    for (size_t r = 0; r < rows; r++) out[r] = dot(a, b[r], d);
}

static void prepare(const int8_t *const *a, size_t rows, size_t d, void *to)
{
    int8_t *out = to;
    for (size_t r = 0; r < rows; r++) memcpy(out + r * d, a[r], d);
}

static uint32_t tile(const void *a, size_t rows, const void *panel, const int32_t *sums, size_t d,
                     const int32_t *least, int32_t *scores)
{
    const int8_t *row = a, *column = panel;
    uint32_t hit = 0;
    (void)sums;
    for (size_t r = 0; r < rows; r++, row += d, scores += SS_PANEL) {
        memset(scores, 0, SS_PANEL * sizeof *scores);
        for (size_t k = 0; k < d; k += 4)
            for (size_t j = 0; j < SS_PANEL; j++)
                scores[j] += dot(row + k, column + k * SS_PANEL + 4 * j, 4);
        for (size_t j = 0; j < SS_PANEL; j++) hit |= (uint32_t)(scores[j] >= least[r]) << r;
    }
    return hit;
}

static const ss_tiles tiles = {ROWS, 1, 1, prepare, 0, NULL, NULL, tile};
const ss_kernel ss_kernel_c = {"c", "none", 0, dots, dots_at, &tiles};
