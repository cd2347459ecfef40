/* The learning curve (see the header): a panel for the loss and one for each set, two beside each other,
 * axes from nothing to the last sample. Colour tells what is measured, dashes the languages. Lines and
 * letters are of middle tones, legible on white and on black. */
#include "train/curve.h"

#include "base/array.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SERIES_MAX = 128, PANELS_MAX = 32, NAME = 96 };
enum { PANEL_WIDTH = 440, PANEL_HEIGHT = 260, LEFT = 52, RIGHT = 14, TOP = 34, BOTTOM = 40, LEGEND = 64 };

typedef struct series {
    char name[NAME];
    char panel[NAME], what[16], level[16]; /* "flores-dev", "half-f1", "18" */
    double *x, *y;
    size_t count, x_capacity, y_capacity;
} series;

typedef struct curve {
    series item[SERIES_MAX];
    size_t count;
    size_t column[SERIES_MAX]; /* series of each column of the present header, 0 is samples */
    size_t columns;
    double most_x, most_loss;
} curve;

static const struct {
    const char *what, *colour, *said;
} kinds[] = {{"f1", "#3b82c4", "F1, all pairs"},
             {"near", "#b45fbf", "F1, other languages within 7 days"},
             {"half-first", "#2f9e6e", "halves: P@1"},
             {"half-f1", "#d9822b", "halves: F1"},
             {"loss", "#8a8f98", "loss"}};
enum { KINDS = sizeof kinds / sizeof *kinds };

static const struct {
    const char *level, *dash, *said;
} dashes[] = {{"4", "none", "en de nl vi"}, {"18", "7 3", "18 languages"}, {"all", "2 3", "all languages"}};
enum { DASHES = sizeof dashes / sizeof *dashes };

/* ---- Reading ---------------------------------------------------------------------------------------- */

/* Letters, digits and a few signs, which mean nothing in XML; others become "?". */
static void copy_name(const char *from, size_t size, char *to, size_t room)
{
    size_t i = 0;
    for (; i < size && i + 1 < room; i++) {
        char c = from[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '.' || c == '-' || c == '_';
        to[i] = c;
        if (!plain) to[i] = '?';
    }
    to[i] = 0;
}

/* "set.what.level" into its parts; loss is a panel of its own. */
static void split_name(series *s)
{
    char *last = strrchr(s->name, '.');
    char *before = last;
    while (before && before > s->name && *--before != '.') continue;
    if (!last || !before || before == s->name) {
        memcpy(s->panel, s->name, sizeof s->panel);
        snprintf(s->what, sizeof s->what, "loss");
        return;
    }
    copy_name(s->name, (size_t)(before - s->name), s->panel, sizeof s->panel);
    copy_name(before + 1, (size_t)(last - before - 1), s->what, sizeof s->what);
    copy_name(last + 1, strlen(last + 1), s->level, sizeof s->level);
}

/* The series of a column, made if it is new; SERIES_MAX: not drawn. */
static size_t series_of(curve *c, const char *field, size_t size)
{
    char name[NAME];
    copy_name(field, size, name, sizeof name);
    if (!strcmp(name, "step") || !strcmp(name, "seconds")) return SERIES_MAX;
    for (size_t i = 0; i < c->count; i++)
        if (!strcmp(c->item[i].name, name)) return i;
    if (c->count == SERIES_MAX) return SERIES_MAX;
    series *s = &c->item[c->count];
    memcpy(s->name, name, sizeof name);
    split_name(s);
    return c->count++;
}

static void read_header(curve *c, const char *line)
{
    c->columns = 0;
    for (const char *at = line; c->columns < SERIES_MAX; at++) {
        size_t size = strcspn(at, "\t\r\n");
        c->column[c->columns++] = series_of(c, at, size);
        at += size;
        if (*at != '\t') break;
    }
}

/* A training that was stopped goes on from its checkpoint: what came after that is measured again. */
static void forget_from(curve *c, double x)
{
    for (size_t i = 0; i < c->count; i++)
        while (c->item[i].count && c->item[i].x[c->item[i].count - 1] >= x) c->item[i].count--;
}

static bool add_point(series *s, double x, double y)
{
    if (!isfinite(y)) return true;
    if (!ss_reserve(&s->x, &s->x_capacity, s->count + 1) ||
        !ss_reserve(&s->y, &s->y_capacity, s->count + 1))
        return false;
    s->x[s->count] = x;
    s->y[s->count++] = y;
    return true;
}

static bool read_row(curve *c, const char *line)
{
    double value[SERIES_MAX], x = NAN;
    size_t count = 0;
    for (const char *at = line; count < c->columns; at++) {
        char *end;
        value[count] = strtod(at, &end);
        if (end == at) value[count] = NAN;
        if (c->column[count] < SERIES_MAX && !strcmp(c->item[c->column[count]].name, "samples"))
            x = value[count];
        count++;
        at = end + strcspn(end, "\t\n");
        if (*at != '\t') break;
    }
    if (!isfinite(x) || x < 0) return true;
    forget_from(c, x);
    for (size_t i = 0; i < count; i++)
        if (c->column[i] < SERIES_MAX && !add_point(&c->item[c->column[i]], x, value[i])) return false;
    return true;
}

static samestory_status read_log(const char *path, curve *c, samestory_error *error)
{
    FILE *file = fopen(path, "r");
    if (!file) return ss_fail_errno(error, SAMESTORY_INPUT_FAILED, "can't open: check the name", path);
    char *line = NULL;
    size_t capacity = 0;
    bool good = true;
    while (good && getline(&line, &capacity, file) >= 0) {
        if (!strncmp(line, "step\t", 5)) read_header(c, line);
        else good = read_row(c, line);
    }
    free(line);
    fclose(file);
    if (!good) return ss_fail_memory(error);
    for (size_t i = 0; i < c->count; i++)
        for (size_t k = 0; k < c->item[i].count; k++) {
            c->most_x = fmax(c->most_x, c->item[i].x[k]);
            if (!strcmp(c->item[i].name, "loss")) c->most_loss = fmax(c->most_loss, c->item[i].y[k]);
        }
    return c->most_x > 0 ? SAMESTORY_OK
                         : ss_fail_at(error, SAMESTORY_INPUT_FAILED,
                                      "no measurements: expected the log of a training", path, 0, 0);
}

/* ---- Drawing ------------------------------------------------------------------------------------------ */

/* A round number near a fifth of `most`: 1, 2 or 5 times a power of ten. */
static double tick_of(double most)
{
    double power = pow(10, floor(log10(most / 5)));
    double times = most / 5 / power;
    return power * (times < 1.5 ? 1 : times < 3.5 ? 2 : times < 7.5 ? 5 : 10);
}

typedef struct panel {
    double x, y, most_x, most_y; /* corner of the panel; ends of its axes */
} panel;

static double place_x(const panel *p, double x)
{
    return p->x + LEFT + x / p->most_x * (PANEL_WIDTH - LEFT - RIGHT);
}

static double place_y(const panel *p, double y)
{
    double part = y < 0 ? 0 : y > p->most_y ? 1 : y / p->most_y;
    return p->y + PANEL_HEIGHT - BOTTOM - part * (PANEL_HEIGHT - TOP - BOTTOM);
}

static void draw_axes(FILE *out, const panel *p, const char *title)
{
    double tick = tick_of(p->most_y), left = place_x(p, 0), right = place_x(p, p->most_x);
    bool millions = p->most_x >= 1e6;
    double scale = millions ? 1e6 : 1e3;
    fprintf(out, "<text class=\"title\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", left, p->y + 20, title);
    for (double y = 0; y <= p->most_y * 1.0001; y += tick)
        fprintf(out,
                "<path class=\"grid\" d=\"M%.1f %.1fH%.1f\"/><text class=\"y\" x=\"%.1f\" y=\"%.1f\">"
                "%g</text>\n",
                left, place_y(p, y), right, left - 6, place_y(p, y) + 4, y);
    tick = tick_of(p->most_x);
    for (double x = 0; x <= p->most_x * 1.0001; x += tick)
        fprintf(out, "<text class=\"x\" x=\"%.1f\" y=\"%.1f\">%g</text>\n", place_x(p, x),
                place_y(p, 0) + 16, x / scale);
    fprintf(out, "<text class=\"x\" x=\"%.1f\" y=\"%.1f\">%s samples</text>\n", (left + right) / 2,
            place_y(p, 0) + 32, millions ? "million" : "thousand");
}

static void draw_series(FILE *out, const panel *p, const series *s)
{
    const char *colour = kinds[KINDS - 1].colour, *dash = "none";
    for (size_t k = 0; k < KINDS; k++)
        if (!strcmp(kinds[k].what, s->what)) colour = kinds[k].colour;
    for (size_t k = 0; k < DASHES; k++)
        if (!strcmp(dashes[k].level, s->level)) dash = dashes[k].dash;
    fprintf(out, "<path class=\"line\" stroke=\"%s\" stroke-dasharray=\"%s\" d=\"", colour, dash);
    for (size_t i = 0; i < s->count; i++)
        fprintf(out, "%c%.1f %.1f", i ? 'L' : 'M', place_x(p, s->x[i]), place_y(p, s->y[i]));
    fprintf(out, "\"><title>%s</title></path>\n", s->name);
    if (s->count)
        fprintf(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\" fill=\"%s\"/>\n",
                place_x(p, s->x[s->count - 1]), place_y(p, s->y[s->count - 1]), colour);
}

static void draw_legend(FILE *out, double y)
{
    double x = LEFT;
    for (size_t k = 0; k + 1 < KINDS; k++) {
        fprintf(out, "<path class=\"line\" stroke=\"%s\" d=\"M%.1f %.1fh24\"/>"
                     "<text x=\"%.1f\" y=\"%.1f\">%s</text>\n",
                kinds[k].colour, x, y + 16, x + 30, y + 20, kinds[k].said);
        x += 46 + 6.4 * (double)strlen(kinds[k].said);
    }
    x = LEFT;
    for (size_t k = 0; k < DASHES; k++) {
        fprintf(out, "<path class=\"line mute\" stroke-dasharray=\"%s\" d=\"M%.1f %.1fh24\"/>"
                     "<text x=\"%.1f\" y=\"%.1f\">%s</text>\n",
                dashes[k].dash, x, y + 38, x + 30, y + 42, dashes[k].said);
        x += 46 + 6.4 * (double)strlen(dashes[k].said);
    }
}

static const char style[] =
    "<style>text{font:12px system-ui,sans-serif;fill:#57606a}.title{font-weight:600;font-size:13px}"
    ".y{text-anchor:end}.x{text-anchor:middle}.grid{stroke:#8a8f98;stroke-opacity:.3;fill:none}"
    ".line{fill:none;stroke-width:1.8;stroke-linejoin:round}.mute{stroke:#8a8f98}"
    "@media(prefers-color-scheme:dark){text{fill:#adbac7}}</style>\n";

/* The panels in the order of the log: loss first, then each set. */
static size_t list_panels(const curve *c, const char *panels[PANELS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < c->count; i++) {
        const series *s = &c->item[i];
        size_t k = 0;
        if (!s->count || !strcmp(s->name, "samples")) continue;
        while (k < count && strcmp(panels[k], s->panel)) k++;
        if (k == count && count < PANELS_MAX) panels[count++] = s->panel;
    }
    return count;
}

static void draw(FILE *out, const curve *c)
{
    const char *panels[PANELS_MAX];
    size_t count = list_panels(c, panels), rows = (count + 1) / 2;
    double width = 2 * PANEL_WIDTH, height = (double)(rows * PANEL_HEIGHT + LEGEND);
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %g %g\" width=\"%g\" "
            "height=\"%g\" role=\"img\" aria-label=\"Learning curve\">\n%s",
            width, height, width, height, style);
    for (size_t k = 0; k < count; k++) {
        bool loss = !strcmp(panels[k], "loss");
        panel p = {(double)(k % 2 * PANEL_WIDTH), (double)(k / 2 * PANEL_HEIGHT), c->most_x,
                   loss && c->most_loss > 0 ? c->most_loss * 1.05 : 1};
        draw_axes(out, &p, panels[k]);
        for (size_t i = 0; i < c->count; i++)
            if (!strcmp(c->item[i].panel, panels[k])) draw_series(out, &p, &c->item[i]);
    }
    draw_legend(out, (double)(rows * PANEL_HEIGHT));
    fputs("</svg>\n", out);
}

samestory_status curve_draw(const char *log, const char *output, samestory_error *error)
{
    curve *c = calloc(1, sizeof *c);
    if (!c) return ss_fail_memory(error);
    samestory_status status = read_log(log, c, error);
    FILE *out = NULL;
    if (!status && !(out = fopen(output, "w")))
        status = ss_fail_errno(error, SAMESTORY_OUTPUT_FAILED, "can't write", output);
    if (out) {
        draw(out, c);
        bool good = !ferror(out);
        if (fclose(out) || !good)
            status = ss_fail_errno(error, SAMESTORY_OUTPUT_FAILED, "can't write", output);
    }
    for (size_t i = 0; i < c->count; i++) {
        free(c->item[i].x);
        free(c->item[i].y);
    }
    free(c);
    return status;
}
