/* Reliability (see the header). */
#include "train/reliability.h"

#include "base/status.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BINS = 9, SIDE = 360, LEFT = 50, TOP = 20, LINE = 18 };

typedef struct bins {
    double sum[BINS], positive[BINS], weight[BINS], all;
} bins;

static bins bins_of(const sample_set *set, const float *score)
{
    bins b = {0};
    for (size_t k = 0; k < set->count; k++) {
        const sample *p = &set->sample[k];
        double value = (double)score[k];
        if (!p->proposed || value < 0.05 || value > 0.95) continue;
        size_t bin = (size_t)((value - 0.05) / 0.1);
        if (bin >= BINS) bin = BINS - 1;
        double weight = (double)p->stands_for;
        b.sum[bin] += weight * value;
        b.positive[bin] += weight * p->positive;
        b.weight[bin] += weight;
        b.all += weight;
    }
    return b;
}

static double error_of(const bins *b)
{
    double error = 0;
    for (size_t k = 0; k < BINS; k++) error += fabs(b->sum[k] - b->positive[k]);
    return b->all > 0 ? error / b->all : 0;
}

double reliability_error(const sample_set *set, const float *score)
{
    bins b = bins_of(set, score);
    return error_of(&b);
}

static void draw_set(FILE *f, const sample_set *s, const bins *b, int number)
{
    static const char *const colours[] = {"#4477aa", "#ee6677", "#228833", "#ccbb44",
                                          "#66ccee", "#aa3377", "#bbbbbb"};
    const char *colour = colours[number % 7];
    double largest = 1;
    for (size_t k = 0; k < BINS; k++) largest = fmax(largest, b->weight[k]);
    fprintf(f, "<g fill=\"%s\" stroke=\"%s\" fill-opacity=\".6\"><polyline fill=\"none\" points=\"",
            colour, colour);
    for (size_t k = 0; k < BINS; k++)
        if (b->weight[k] > 0)
            fprintf(f, "%.1f,%.1f ", LEFT + SIDE * b->sum[k] / b->weight[k],
                    TOP + SIDE * (1 - b->positive[k] / b->weight[k]));
    fputs("\"/>\n", f);
    for (size_t k = 0; k < BINS; k++)
        if (b->weight[k] > 0)
            fprintf(f, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"/>\n",
                    LEFT + SIDE * b->sum[k] / b->weight[k],
                    TOP + SIDE * (1 - b->positive[k] / b->weight[k]),
                    2 + 8 * sqrt(b->weight[k] / largest));
    fprintf(f, "</g><text x=\"%d\" y=\"%d\" fill=\"%s\">", LEFT + SIDE + 16,
            TOP + LINE * (number + 1), colour);
    for (const char *c = sample_name(s); *c; c++)
        fputc(*c < ' ' || strchr("<>&\"'", *c) ? '?' : *c, f);
    fprintf(f, "%s: %.3f</text>\n", s->dated ? ", dates" : "", error_of(b));
}

samestory_status reliability_draw(const char *path, const sample_set *sets, size_t count,
                                  float *const *score, samestory_error *error)
{
    FILE *f = fopen(path, "w");
    if (!f) return ss_fail_at(error, SAMESTORY_OUTPUT_FAILED, "can't write", path, 0, 0);
    fprintf(f,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"760\" height=\"430\" "
            "font-family=\"sans-serif\" font-size=\"12\"><rect width=\"100%%\" height=\"100%%\" "
            "fill=\"#fff\"/><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" "
            "stroke=\"#888\"/><path d=\"M%d %dL%d %d\" stroke=\"#888\" stroke-dasharray=\"4\"/>\n"
            "<text x=\"%d\" y=\"%d\">probability given</text><text x=\"14\" y=\"%d\" "
            "transform=\"rotate(-90 14 %d)\">share of true pairs</text>\n",
            LEFT, TOP, SIDE, SIDE, LEFT, TOP + SIDE, LEFT + SIDE, TOP, LEFT + SIDE / 2 - 50,
            TOP + SIDE + 34, TOP + SIDE / 2 + 50, TOP + SIDE / 2 + 50);
    for (int tenth = 0; tenth <= 10; tenth += 2)
        fprintf(f, "<text x=\"%d\" y=\"%d\">%.1f</text><text x=\"%d\" y=\"%d\">%.1f</text>\n",
                LEFT + SIDE * tenth / 10 - 8, TOP + SIDE + 16, tenth / 10.0, LEFT - 26,
                TOP + SIDE - SIDE * tenth / 10 + 4, tenth / 10.0);
    int number = 0;
    for (size_t i = 0; i < count; i++) {
        if (sets[i].crowd) continue;
        bins b = bins_of(&sets[i], score[i]);
        draw_set(f, &sets[i], &b, number++);
    }
    fputs("</svg>\n", f);
    if (fclose(f)) return ss_fail_at(error, SAMESTORY_OUTPUT_FAILED, "can't write", path, 0, 0);
    return SAMESTORY_OK;
}
