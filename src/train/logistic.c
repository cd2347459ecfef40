/* Logistic regression (see the header). */
#include "train/logistic.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 30, SWEEPS = 500, FEATURES_MAX = 80, STEP_MAX = 4 };

/* The step from `weight` that is best for the quadratic with this slope and Hessian (n, n), while no
 * weight gets a sign that is forbidden: cyclic coordinate descent (Friedman et al. 2010, "Regularization
 * Paths for Generalized Linear Models"), which is exact here, since the quadratic is convex. Takes the
 * step, at most STEP_MAX a weight; returns the largest. */
static double take_step(const double *hessian, const double *slope, const signed char *sign,
                        double *weight, double *step, size_t n)
{
    double largest = 0;
    memset(step, 0, n * sizeof *step);
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        double moved = 0;
        for (size_t i = 0; i < n; i++) {
            const double *row = hessian + i * n;
            double rest = slope[i];
            for (size_t k = 0; k < n; k++) rest -= row[k] * step[k];
            double next = step[i] + rest / row[i];
            next = fmax(-STEP_MAX, fmin(STEP_MAX, next));
            if (sign[i] > 0) next = fmax(next, -weight[i]);
            if (sign[i] < 0) next = fmin(next, -weight[i]);
            moved = fmax(moved, fabs(next - step[i]));
            step[i] = next;
        }
        if (moved < 1e-7) break;
    }
    for (size_t i = 0; i < n; i++) {
        weight[i] += step[i];
        largest = fmax(largest, fabs(step[i]));
    }
    return largest;
}

static void scales(const example *e, size_t count, size_t n, double *mean, double *scale)
{
    double total = 0;
    memset(mean, 0, n * sizeof *mean);
    memset(scale, 0, n * sizeof *scale);
    for (size_t i = 0; i < count; i++) {
        if (!e[i].used) continue;
        total += (double)e[i].weight;
        for (size_t k = 0; k < n; k++) mean[k] += (double)e[i].weight * (double)e[i].x[k];
    }
    for (size_t k = 0; k < n; k++) mean[k] /= total > 0 ? total : 1;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; e[i].used && k < n; k++) {
            double d = (double)e[i].x[k] - mean[k];
            scale[k] += (double)e[i].weight * d * d;
        }
    for (size_t k = 0; k < n; k++) scale[k] = sqrt(scale[k] / (total > 0 ? total : 1));
    mean[0] = 0;
    scale[0] = 1;
}

/* Newton's method in scaled units; `room`: (n + 2) n doubles. */
static void fit_scaled(const example *examples, size_t count, size_t n, double ridge,
                       const double *mean, const double *scale, const signed char *sign, double *room,
                       double *weight)
{
    double x[FEATURES_MAX], *hessian = room, *slope = room + n * n, *step = slope + n;
    for (int round = 0; round < ROUNDS; round++) {
        memset(hessian, 0, n * n * sizeof *hessian);
        for (size_t k = 0; k < n; k++) {
            slope[k] = k ? -ridge * weight[k] : 0;
            hessian[k * n + k] = k ? ridge : 1e-9;
        }
        for (size_t i = 0; i < count; i++) {
            const example *e = &examples[i];
            if (!e->used) continue;
            double odds = 0;
            for (size_t k = 0; k < n; k++) {
                x[k] = scale[k] > 1e-9 ? ((double)e->x[k] - mean[k]) / scale[k] : 0;
                odds += weight[k] * x[k];
            }
            double p = 1 / (1 + exp(-odds)), w = (double)e->weight * (p * (1 - p) + 1e-9);
            double error = (double)e->weight * ((e->positive ? 1.0 : 0.0) - p);
            for (size_t k = 0; k < n; k++) slope[k] += error * x[k];
            for (size_t a = 0; a < n; a++) {
                double *row = hessian + a * n, wx = w * x[a];
                for (size_t b = 0; b <= a; b++) row[b] += wx * x[b];
            }
        }
        for (size_t a = 0; a < n; a++)
            for (size_t b = 0; b < a; b++) hessian[b * n + a] = hessian[a * n + b];
        if (take_step(hessian, slope, sign, weight, step, n) < 1e-4) break;
    }
}

bool logistic_fit(const example *examples, size_t count, size_t n, double ridge,
                  const signed char *sign, double *weight)
{
    double mean[FEATURES_MAX], scale[FEATURES_MAX];
    double *room = malloc((n + 2) * n * sizeof *room);
    if (!room || n > FEATURES_MAX) {
        free(room);
        return false;
    }
    scales(examples, count, n, mean, scale);
    memset(weight, 0, n * sizeof *weight);
    fit_scaled(examples, count, n, ridge, mean, scale, sign, room, weight);
    for (size_t k = 1; k < n; k++) {
        weight[k] = scale[k] > 1e-9 ? weight[k] / scale[k] : 0;
        weight[0] -= weight[k] * mean[k];
    }
    free(room);
    return true;
}
