/* SPDX-License-Identifier: MIT
 * Logistic regression by Newton's method with step halving, for attacks on losses and for linear
 * probes. The objective is scikit-learn's: c * sum of losses + |w|^2 / 2, free intercept.
 * Sources: the starting kit of the NeurIPS 2023 unlearning challenge (ten stratified 90/10 splits);
 * losses are clipped to [-100, 100] as SCRUB does (Kurmanji et al., NeurIPS 2023).
 * Check: tests/golden/eval-sklearn.sh compares coefficients with scikit-learn. */
#include "lethe/audit.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "eval/measure.h"
#include "eval/order.h"
#include "lethe/rng.h"
#include "tensor/lapack.h"

enum { SPLITS = 10, NEWTON_STEPS = 100 };

static double decision(const double *w, const double *x, size_t d)
{
    double t = w[d];
    for (size_t j = 0; j < d; j++)
        t += w[j] * x[j];
    return t;
}

static double softplus(double t)
{
    return t > 0 ? t + log1p(exp(-t)) : log1p(exp(t));
}

static double objective(const double *w, const struct lethe_logistic *p)
{
    double sum = 0, square = 0;
    for (size_t i = 0; i < p->n; i++) {
        double t = decision(w, p->x + i * p->d, p->d);
        sum += softplus(p->y[i] ? -t : t);
    }
    for (size_t j = 0; j < p->d; j++)
        square += w[j] * w[j];
    return p->c * sum + square / 2;
}

/* Gradient (d + 1) and lower triangle of the Hessian (d + 1, d + 1). */
static void derivatives(double *g, double *h, const double *w, const struct lethe_logistic *p)
{
    size_t d = p->d, k = d + 1;
    memset(h, 0, k * k * sizeof *h);
    for (size_t j = 0; j < k; j++)
        g[j] = j < d ? w[j] : 0;
    for (size_t j = 0; j < d; j++)
        h[j * k + j] = 1;
    /* a grain on the free intercept keeps the matrix positive definite when all is separated */
    h[d * k + d] = 1e-12;
    for (size_t i = 0; i < p->n; i++) {
        const double *x = p->x + i * d;
        double q = 1 / (1 + exp(-decision(w, x, d)));
        double first = p->c * (q - p->y[i]), second = p->c * q * (1 - q);
        for (size_t a = 0; a < k; a++) {
            double xa = a < d ? x[a] : 1;
            g[a] += first * xa;
            for (size_t b = 0; b <= a; b++)
                h[a * k + b] += second * xa * (b < d ? x[b] : 1);
        }
    }
}

/* Moves w against step by 1, 1/2, 1/4 ...; returns the new value, or the old when none is less. */
static double descend(double *w, double *trial, const double *step, double value,
                      const struct lethe_logistic *p)
{
    for (int halvings = 0; halvings < 30; halvings++) {
        double length = ldexp(1, -halvings);
        for (size_t j = 0; j <= p->d; j++)
            trial[j] = w[j] - length * step[j];
        double next = objective(trial, p);
        if (next < value) {
            memcpy(w, trial, (p->d + 1) * sizeof *w);
            return next;
        }
    }
    return value;
}

enum lethe_err lethe_logistic_fit(double *w, const struct lethe_logistic *problem,
                                  struct lethe_error *err)
{
    size_t k = problem->d + 1;
    double *work = lethe_alloc(k, (k + 2) * sizeof *work);
    if (!work)
        return lethe_fail_memory(err, "logistic regression", k, (k + 2) * sizeof *work);
    double *h = work, *g = work + k * k, *trial = g + k;
    enum lethe_err code = LETHE_OK;
    memset(w, 0, k * sizeof *w);
    double value = objective(w, problem);
    for (int step = 0; step < NEWTON_STEPS; step++) {
        derivatives(g, h, w, problem);
        code = lethe_cholesky(h, k, NULL, err);
        if (code)
            break;
        lethe_cholesky_solve(g, h, k, k);
        double next = descend(w, trial, g, value, problem);
        if (!(value - next > 1e-14 * fabs(value)))
            break;
        value = next;
    }
    lethe_free(work);
    return code;
}

/* The rows of both groups in one array; `take` of each group in the order of a shuffle. */
struct table {
    double *x;        /* (2 take, d): members first */
    unsigned char *y; /* (2 take) */
    double *train;    /* room for the training rows of one split */
    unsigned char *train_y;
    size_t *order; /* (take) */
    double *w;
    size_t take, d;
};

static void table_release(struct table *t)
{
    lethe_free(t->x);
    lethe_free(t->y);
    lethe_free(t->train);
    lethe_free(t->train_y);
    lethe_free(t->order);
    lethe_free(t->w);
}

/* Draws `take` of the rows of one group; order has room for all of them. */
static void draw_rows(double *x, const double *from, size_t have, const struct table *t,
                      struct lethe_rng *rng)
{
    for (size_t i = 0; i < have; i++)
        t->order[i] = i;
    lethe_rng_shuffle(rng, t->order, have);
    for (size_t i = 0; i < t->take; i++)
        memcpy(x + i * t->d, from + t->order[i] * t->d, t->d * sizeof *x);
}

static enum lethe_err table_init(struct table *t, const struct lethe_features *groups,
                                 uint64_t seed, struct lethe_error *err)
{
    size_t m = groups->members, n = groups->nonmembers, take = m < n ? m : n, d = groups->d;
    *t = (struct table){.take = take, .d = d};
    t->x = lethe_alloc(2 * take, d * sizeof *t->x);
    t->y = lethe_alloc(2 * take, 1);
    t->train = lethe_alloc(2 * take, d * sizeof *t->train);
    t->train_y = lethe_alloc(2 * take, 1);
    t->order = lethe_alloc(m + n, sizeof *t->order);
    t->w = lethe_alloc(d + 1, sizeof *t->w);
    if (!t->x || !t->y || !t->train || !t->train_y || !t->order || !t->w)
        return lethe_fail_memory(err, "the splits of an attack", 4 * take, d * sizeof *t->x);
    struct lethe_rng rng;
    lethe_rng_init(&rng, seed, LETHE_RNG_EVAL, 2, 0);
    draw_rows(t->x, groups->member, m, t, &rng);
    draw_rows(t->x + take * d, groups->nonmember, n, t, &rng);
    for (size_t i = 0; i < 2 * take; i++)
        t->y[i] = i < take;
    return LETHE_OK;
}

static void standardise(double *x, size_t n, size_t d)
{
    for (size_t j = 0; j < d; j++) {
        double mean = 0, square = 0;
        for (size_t i = 0; i < n; i++)
            mean += x[i * d + j];
        mean /= (double)n;
        for (size_t i = 0; i < n; i++)
            square += (x[i * d + j] - mean) * (x[i * d + j] - mean);
        double sd = sqrt(square / (double)n);
        for (size_t i = 0; i < n; i++)
            x[i * d + j] = sd > 0 ? (x[i * d + j] - mean) / sd : 0;
    }
}

/* One split: a random tenth of each group tests, the rest trains. */
static enum lethe_err split_accuracy(double *accuracy, struct table *t, struct lethe_rng *rng,
                                     struct lethe_error *err)
{
    size_t test = (t->take + 5) / 10, train = 0, right = 0, d = t->d;
    unsigned char *tested = t->y; /* bit 1 marks the rows that test */
    for (size_t group = 0; group < 2; group++) {
        for (size_t i = 0; i < t->take; i++)
            t->order[i] = group * t->take + i;
        lethe_rng_shuffle(rng, t->order, t->take);
        for (size_t i = 0; i < t->take; i++)
            tested[t->order[i]] = (unsigned char)((t->y[t->order[i]] & 1) | (i < test) << 1);
    }
    for (size_t i = 0; i < 2 * t->take; i++)
        if (!(tested[i] & 2)) {
            memcpy(t->train + train * d, t->x + i * d, d * sizeof *t->train);
            t->train_y[train++] = t->y[i] & 1;
        }
    const struct lethe_logistic problem = {t->train, t->train_y, train, d, 1};
    enum lethe_err code = lethe_logistic_fit(t->w, &problem, err);
    for (size_t i = 0; !code && i < 2 * t->take; i++)
        if (tested[i] & 2)
            right += (decision(t->w, t->x + i * d, d) > 0) == (t->y[i] & 1);
    *accuracy = (double)right / (double)(2 * test);
    return code;
}

static enum lethe_err run_splits(struct lethe_measure *accuracy, struct table *t, uint64_t seed,
                                 struct lethe_error *err)
{
    double results[SPLITS];
    for (size_t s = 0; s < SPLITS; s++) {
        struct lethe_rng rng;
        lethe_rng_init(&rng, seed, LETHE_RNG_EVAL, 3, s);
        enum lethe_err code = split_accuracy(&results[s], t, &rng, err);
        if (code)
            return code;
    }
    double mean = lethe_mean(results, SPLITS), sd = lethe_sd(results, SPLITS);
    lethe_measure_set(accuracy, mean);
    accuracy->low = fmax(0, mean - 2 * sd);
    accuracy->high = fmin(1, mean + 2 * sd);
    return LETHE_OK;
}

static enum lethe_err attack(struct lethe_measure *accuracy, const struct lethe_features *groups,
                             uint64_t seed, int scaled, struct lethe_error *err)
{
    size_t m = groups->members, n = groups->nonmembers;
    if (m < SPLITS || n < SPLITS) {
        lethe_measure_needs(accuracy, m < SPLITS ? "m" : "N", m < SPLITS ? m : n, SPLITS);
        return LETHE_OK;
    }
    struct table t;
    enum lethe_err code = table_init(&t, groups, seed, err);
    if (code)
        goto out;
    if (scaled)
        standardise(t.x, 2 * t.take, t.d);
    else
        for (size_t i = 0; i < 2 * t.take * t.d; i++)
            t.x[i] = fmax(-100, fmin(100, t.x[i]));
    code = run_splits(accuracy, &t, seed, err);
out:
    table_release(&t);
    return code;
}

enum lethe_err lethe_logistic_attack(struct lethe_measure *accuracy,
                                     const struct lethe_features *groups, uint64_t seed,
                                     struct lethe_error *err)
{
    return attack(accuracy, groups, seed, 0, err);
}

enum lethe_err lethe_linear_probe(struct lethe_measure *accuracy,
                                  const struct lethe_features *groups, uint64_t seed,
                                  struct lethe_error *err)
{
    return attack(accuracy, groups, seed, 1, err);
}
