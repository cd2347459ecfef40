/* Logistic regression (see the header). */
#include "train/logistic.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 25, FEATURES_MAX = 64 };

/* Solves a x = b for a symmetric positive definite a (n, n), by Cholesky; b becomes x. */
static void solve(double *a, double *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j <= i; j++) {
            double sum = a[i * n + j];
            for (size_t k = 0; k < j; k++) sum -= a[i * n + k] * a[j * n + k];
            a[i * n + j] = i == j ? sqrt(sum > 1e-12 ? sum : 1e-12) : sum / a[j * n + j];
        }
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++) b[i] -= a[i * n + k] * b[k];
        b[i] /= a[i * n + i];
    }
    for (size_t i = n; i-- > 0;) {
        for (size_t k = i + 1; k < n; k++) b[i] -= a[k * n + i] * b[k];
        b[i] /= a[i * n + i];
    }
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

/* Fits the features whose scale is not 0, in scaled units, from the weights that are there. */
static void fit_scaled(const example *examples, size_t count, size_t n, double ridge,
                       const double *mean, const double *scale, double *hessian, double *step,
                       double *weight)
{
    double x[FEATURES_MAX];
    size_t active[FEATURES_MAX], used = 0; /* features that change, and were not left out */
    for (size_t k = 0; k < n; k++)
        if (scale[k] > 1e-9) active[used++] = k;
    for (int round = 0; round < ROUNDS; round++) {
        memset(hessian, 0, used * used * sizeof *hessian);
        for (size_t a = 0; a < used; a++) {
            step[a] = active[a] ? -ridge * weight[active[a]] : 0;
            hessian[a * used + a] = active[a] ? ridge : 1e-9;
        }
        for (size_t i = 0; i < count; i++) {
            const example *e = &examples[i];
            if (!e->used) continue;
            double odds = 0;
            for (size_t a = 0; a < used; a++) {
                size_t k = active[a];
                x[a] = ((double)e->x[k] - mean[k]) / scale[k];
                odds += weight[k] * x[a];
            }
            double p = 1 / (1 + exp(-odds)), w = (double)e->weight * (p * (1 - p) + 1e-9);
            double error = (double)e->weight * ((e->positive ? 1.0 : 0.0) - p);
            for (size_t a = 0; a < used; a++) step[a] += error * x[a];
            for (size_t a = 0; a < used; a++) {
                double *row = hessian + a * used, wx = w * x[a];
                for (size_t b = 0; b <= a; b++) row[b] += wx * x[b];
            }
        }
        solve(hessian, step, used);
        double largest = 0;
        for (size_t a = 0; a < used; a++) {
            double move = step[a] > 4 ? 4 : step[a] < -4 ? -4 : step[a];
            weight[active[a]] += move;
            largest = fmax(largest, fabs(move));
        }
        if (largest < 1e-4) break;
    }
}

bool logistic_fit(const example *examples, size_t count, size_t n, double ridge,
                  const signed char *sign, double *weight)
{
    double mean[FEATURES_MAX], scale[FEATURES_MAX];
    double *hessian = malloc(n * n * sizeof *hessian), *step = malloc(n * sizeof *step);
    if (!hessian || !step || n > FEATURES_MAX) {
        free(hessian);
        free(step);
        return false;
    }
    scales(examples, count, n, mean, scale);
    memset(weight, 0, n * sizeof *weight);
    for (bool wrong = true; wrong;) {
        fit_scaled(examples, count, n, ridge, mean, scale, hessian, step, weight);
        wrong = false;
        for (size_t k = 1; k < n; k++) {
            if (!(weight[k] * sign[k] < -1e-9)) continue;
            scale[k] = weight[k] = 0;
            wrong = true;
        }
    }
    for (size_t k = 1; k < n; k++) {
        weight[k] = scale[k] > 1e-9 ? weight[k] / scale[k] : 0;
        weight[0] -= weight[k] * mean[k];
    }
    free(hessian);
    free(step);
    return true;
}
