/* SPDX-License-Identifier: MIT
 * L-BFGS by reverse communication. Check value: Rosenbrock's function from (-1.2, 1) ends at (1, 1)
 * with |g| <= 1e-10 in fewer than 60 iterations (tests/unit/nn/optim_test.c). */
#include "nn/optim.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"

enum { TRIALS = 40 };

static const double sufficient = 1e-4; /* Armijo's constant */
static const double flat = 0.9;        /* of the curvature condition */
static const double rounding = 1e-14;  /* differences of f below this share of |f| mean nothing */

enum lethe_err lethe_lbfgs_init(struct lethe_lbfgs *opt, size_t n, size_t memory,
                                struct lethe_error *err)
{
    *opt = (struct lethe_lbfgs){.n = n, .memory = memory};
    size_t pairs = memory <= SIZE_MAX / (n + 1) ? memory * n : SIZE_MAX;
    opt->s = lethe_alloc(pairs, sizeof *opt->s);
    opt->y = lethe_alloc(pairs, sizeof *opt->y);
    opt->inverse = lethe_alloc(memory, sizeof *opt->inverse);
    opt->alpha = lethe_alloc(memory, sizeof *opt->alpha);
    opt->start = lethe_alloc(n, sizeof *opt->start);
    opt->slope = lethe_alloc(n, sizeof *opt->slope);
    opt->direction = lethe_alloc(n, sizeof *opt->direction);
    if (opt->s && opt->y && opt->inverse && opt->alpha && opt->start && opt->slope &&
        opt->direction)
        return LETHE_OK;
    lethe_lbfgs_release(opt);
    return lethe_fail_memory(err, "the optimiser", (2 * memory + 3) * n, sizeof(double));
}

void lethe_lbfgs_release(struct lethe_lbfgs *opt)
{
    lethe_free(opt->s);
    lethe_free(opt->y);
    lethe_free(opt->inverse);
    lethe_free(opt->alpha);
    lethe_free(opt->start);
    lethe_free(opt->slope);
    lethe_free(opt->direction);
    *opt = (struct lethe_lbfgs){0};
}

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static void add(double *y, double a, const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] += a * x[i];
}

/* The multiple of I or of a rough metric that fits the newest pair: s'y / y'M^-1 y. Where M lacks a
 * curvature, as that of corners, steps would be too long without it and the line search would pay.
 * Leaves direction undefined. */
static double fit(struct lethe_lbfgs *opt)
{
    if (!opt->pairs || (opt->metric && !opt->rough))
        return 1;
    const double *y = opt->y + opt->newest * opt->n;
    memcpy(opt->direction, y, opt->n * sizeof *y);
    if (opt->metric)
        opt->metric(opt->metric_context, opt->direction);
    return 1 / (opt->inverse[opt->newest] * dot(opt->direction, y, opt->n));
}

/* direction = -H g by the two-loop recursion, beginning with a multiple of the metric or of I. */
static void descend(struct lethe_lbfgs *opt, const double *g)
{
    size_t n = opt->n, m = opt->memory;
    double *d = opt->direction;
    const double scale = fit(opt);
    for (size_t i = 0; i < n; i++)
        d[i] = -g[i];
    for (size_t k = 0; k < opt->pairs; k++) {
        size_t slot = (opt->newest + m - k) % m;
        opt->alpha[slot] = opt->inverse[slot] * dot(opt->s + slot * n, d, n);
        add(d, -opt->alpha[slot], opt->y + slot * n, n);
    }
    if (opt->metric)
        opt->metric(opt->metric_context, d);
    for (size_t i = 0; i < n; i++)
        d[i] *= scale;
    for (size_t k = opt->pairs; k-- > 0;) {
        size_t slot = (opt->newest + m - k) % m;
        double beta = opt->inverse[slot] * dot(opt->y + slot * n, d, n);
        add(d, opt->alpha[slot] - beta, opt->s + slot * n, n);
    }
    opt->slope0 = dot(d, g, n);
}

/* Keeps the pair (w - start, g - slope) unless it has no positive curvature. */
static void remember(struct lethe_lbfgs *opt, const double *w, const double *g)
{
    size_t n = opt->n, slot = opt->pairs ? (opt->newest + 1) % opt->memory : 0;
    double *s = opt->s + slot * n, *y = opt->y + slot * n;
    for (size_t i = 0; i < n; i++) {
        s[i] = w[i] - opt->start[i];
        y[i] = g[i] - opt->slope[i];
    }
    double curvature = dot(s, y, n);
    if (!(curvature > 1e-12 * sqrt(dot(s, s, n)) * sqrt(dot(y, y, n)))) {
        opt->pairs = 0; /* the slot may have held the oldest pair */
        return;
    }
    opt->inverse[slot] = 1 / curvature;
    opt->newest = slot;
    if (opt->pairs < opt->memory)
        opt->pairs++;
}

static enum lethe_lbfgs_ask move(struct lethe_lbfgs *opt, double *w)
{
    memcpy(w, opt->start, opt->n * sizeof *w);
    add(w, opt->step, opt->direction, opt->n);
    return LETHE_LBFGS_EVALUATE;
}

/* Starts a line at opt->start with its f0 and slope. */
static enum lethe_lbfgs_ask begin_line(struct lethe_lbfgs *opt, double *w)
{
    const double *g = opt->slope;
    descend(opt, g);
    if (!(opt->slope0 < 0) && opt->pairs) {
        opt->pairs = 0;
        descend(opt, g);
    }
    if (!(opt->slope0 < 0))
        return LETHE_LBFGS_STALLED;
    opt->step = opt->pairs || opt->metric ? 1 : 1 / fmax(1, sqrt(dot(g, g, opt->n)));
    opt->low = opt->high = 0;
    opt->low_slope = opt->slope0;
    opt->trials = 0;
    opt->on_line = 1;
    return move(opt, w);
}

/* Narrows the bracket around a rejected step and picks the next one: the zero of the secant of the
 * slope, kept away from both ends. */
static void narrow(struct lethe_lbfgs *opt, int too_long, double slope)
{
    if (too_long) {
        opt->high = opt->step;
        opt->high_slope = slope;
    } else {
        opt->low = opt->step;
        opt->low_slope = slope;
    }
    if (opt->high == 0) {
        opt->step *= 3;
        return;
    }
    double width = opt->high - opt->low, share = 0.5;
    if (opt->high_slope > 0 && opt->low_slope < 0)
        share = opt->low_slope / (opt->low_slope - opt->high_slope);
    opt->step = opt->low + width * fmin(fmax(share, 0.1), 0.9);
}

enum lethe_lbfgs_ask lethe_lbfgs_next(struct lethe_lbfgs *opt, double *w, double f, const double *g)
{
    if (!opt->on_line) {
        opt->f0 = f;
        memcpy(opt->start, w, opt->n * sizeof *w);
        memcpy(opt->slope, g, opt->n * sizeof *g);
        return begin_line(opt, w);
    }
    double slope = dot(opt->direction, g, opt->n), noise = rounding * fabs(opt->f0);
    int decrease = f <= opt->f0 + sufficient * opt->step * opt->slope0 ||
                   (f <= opt->f0 + noise && slope <= (2 * sufficient - 1) * opt->slope0);
    if (isfinite(f) && decrease && fabs(slope) <= -flat * opt->slope0) {
        remember(opt, w, g);
        opt->on_line = 0;
        return LETHE_LBFGS_ITERATE;
    }
    if (++opt->trials < TRIALS) {
        narrow(opt, !isfinite(f) || !decrease || slope > 0, slope);
        return move(opt, w);
    }
    opt->on_line = 0;
    memcpy(w, opt->start, opt->n * sizeof *w);
    if (opt->pairs == 0)
        return LETHE_LBFGS_STALLED;
    opt->pairs = 0; /* once more from here, along the gradient */
    return begin_line(opt, w);
}
