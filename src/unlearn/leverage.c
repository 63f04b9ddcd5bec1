/* SPDX-License-Identifier: MIT
 * Leverage of samples: h_i = lambda_max(B_i (H + mu I)^-1 B_i') / n, from V = L^-1 B_i' with the
 * Cholesky factor L of H + mu I and the (classes, classes) matrix V'V.
 * Check value: over the samples of a Gauss-Newton matrix the traces add up to the effective degrees
 * of freedom sum s / (s + lambda + mu), and every h is below 1. */
#include "lethe/leverage.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "tensor/blas.h"
#include "tensor/lapack.h"
#include "unlearn/factor.h"
#include "unlearn/outer.h"

enum { GROUPS = 10 }; /* of labels, one left out at a time */

struct levers {
    struct lethe_outer outer;
    struct lethe_outer_rows space;
    const struct lethe_leverage_spec *spec;
    size_t size;            /* |P| */
    double *rows, *ordered; /* (batch, size) of one direction; (batch, directions, size) */
    double *solved;        /* (directions, size + 2): where the factor is not Cholesky's; or work */
    double *gram, *values; /* (directions, directions), (directions) */
};

static enum lethe_err allocate(struct levers *l, struct lethe_error *err)
{
    const size_t q = l->outer.directions, cells = l->outer.batch * l->size;
    l->rows = lethe_alloc_aligned(cells, sizeof *l->rows);
    l->ordered = lethe_alloc_aligned(q * cells, sizeof *l->ordered);
    l->gram = lethe_alloc(q * q, sizeof *l->gram);
    l->values = lethe_alloc(q, sizeof *l->values);
    l->solved = lethe_alloc(q * (l->size + 2), sizeof *l->solved);
    if (!l->rows || !l->ordered || !l->solved || !l->gram || !l->values)
        return lethe_fail_memory(err, "leverages", (q + 1) * cells, sizeof *l->rows);
    return lethe_outer_rows_init(&l->space, &l->outer, err);
}

/* ordered: of each sample its directions one after another. */
static enum lethe_err gather(struct levers *l, size_t first, size_t n, struct lethe_error *err)
{
    const size_t q = l->outer.directions, size = l->size;
    for (size_t k = 0; k < q; k++) {
        enum lethe_err rc = lethe_outer_backward(&l->outer, k, first, n, err);
        if (!rc)
            rc = lethe_outer_fill(l->rows, &l->space, &l->outer, n, err);
        if (rc)
            return rc;
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < size; j++)
                l->ordered[(i * q + k) * size + j] = l->rows[i * size + j];
    }
    return LETHE_OK;
}

/* gram = B (H + mu I)^-1 B' / n from rows v: L^-1 B' already when `forward`, else B. */
static enum lethe_err fill_gram(struct levers *l, const double *v, int forward,
                                struct lethe_error *err)
{
    const size_t q = l->outer.directions;
    const struct lethe_gemm square = {.n = q, .k = l->size, .alpha = 1 / l->spec->n};
    const struct lethe_gemm product = {
        .m = q, .n = q, .k = l->size, .tb = 1, .alpha = 1 / l->spec->n};
    enum lethe_err rc = LETHE_OK;
    if (forward) {
        lethe_dsyrk(l->gram, v, &square);
        return LETHE_OK;
    }
    memcpy(l->solved, v, q * l->size * sizeof *v);
    for (size_t k = 0; !rc && k < q; k++)
        rc =
            lethe_factor_solve(l->spec->factor, l->solved + k * l->size, l->size, l->spec->mu, err);
    if (!rc)
        lethe_dgemm(l->gram, v, l->solved, &product);
    return rc;
}

/* Largest eigenvalue of the directions of gram that are not in group g of `groups`, as if those
 * left were all of them; by iteration, x and y (directions). */
static double largest_without(const struct levers *l, size_t g, size_t groups, double *x, double *y)
{
    const size_t q = l->outer.directions;
    size_t left = 0;
    double value = 0;
    for (size_t i = 0; i < q; i++) {
        left += i % groups != g;
        x[i] = i % groups == g ? 0 : 1 + 0.01 * (double)i;
    }
    for (int step = 0; step < 100; step++) {
        double square = 0, before = value;
        for (size_t i = 0; i < q; i++) {
            y[i] = i % groups == g ? 0 : lethe_ddot(l->gram + i * q, x, q);
            square += y[i] * y[i];
        }
        value = sqrt(square);
        for (size_t i = 0; i < q; i++)
            x[i] = value > 0 ? y[i] / value : 0;
        if (fabs(value - before) <= 1e-6 * value)
            break;
    }
    return left ? value * (double)q / (double)left : 0;
}

/* Takes the bias out of h, of drawn labels, and says how sure it is (Efron's jackknife). gram is
 * whole. */
static void jackknife(double *h, double *error, struct levers *l)
{
    const size_t q = l->outer.directions, groups = q < GROUPS ? q : GROUPS;
    double parts[GROUPS], sum = 0, square = 0, n = (double)groups;
    for (size_t g = 0; g < groups; g++) {
        parts[g] = largest_without(l, g, groups, l->solved, l->solved + q);
        sum += parts[g];
    }
    for (size_t g = 0; g < groups; g++)
        square += (parts[g] - sum / n) * (parts[g] - sum / n);
    const double corrected = n * *h - (n - 1) * sum / n;
    *h = corrected > 0 ? corrected : 0;
    *error = sqrt((n - 1) / n * square);
}

/* Of sample `at` of the problem. */
static enum lethe_err weigh(struct lethe_leverages *out, size_t at, struct levers *l,
                            const double *v, int forward, struct lethe_error *err)
{
    const size_t q = l->outer.directions;
    double sum = 0, h = 0, error = 0;
    enum lethe_err rc = fill_gram(l, v, forward, err);
    for (size_t k = 0; !rc && k < q; k++)
        sum += l->gram[k * q + k];
    if (!rc && l->outer.drawn) {
        h = largest_without(l, GROUPS, GROUPS, l->solved, l->solved + q);
        jackknife(&h, &error, l);
    } else if (!rc) {
        rc = lethe_eigen(l->values, l->gram, q, err);
        h = l->values[q - 1] > 0 ? l->values[q - 1] : 0;
    }
    if (rc)
        return rc;
    if (l->spec->outside) {
        error /= (1 + h) * (1 + h);
        h /= 1 + h;
    }
    out->h[at] = h;
    if (out->traces)
        out->traces[at] = sum;
    if (out->errors)
        out->errors[at] = error;
    return LETHE_OK;
}

static enum lethe_err measure(struct lethe_leverages *out, struct levers *l,
                              struct lethe_watch *watch, struct lethe_error *err)
{
    const size_t batches = lethe_problem_batches(l->outer.problem), q = l->outer.directions;
    const int forward = lethe_factor_cheap_rows(l->spec->factor);
    for (size_t b = 0; b < batches; b++) {
        size_t first = 0, n = 0;
        enum lethe_err rc = lethe_watch_step(watch, "leverage", (long)b, (long)batches, err);
        if (!rc)
            rc = lethe_outer_forward(&l->outer, b, &first, &n, err);
        if (!rc)
            rc = gather(l, first, n, err);
        if (!rc && forward)
            rc = lethe_factor_forward(l->spec->factor, l->ordered, n * q, l->size, err);
        for (size_t i = 0; !rc && i < n; i++)
            rc = weigh(out, first + i, l, l->ordered + i * q * l->size, forward, err);
        if (rc)
            return rc;
    }
    return LETHE_OK;
}

enum lethe_err lethe_leverage_measure(struct lethe_leverages *out, struct lethe_problem *problem,
                                      const double *w, const struct lethe_leverage_spec *spec,
                                      struct lethe_watch *watch, struct lethe_error *err)
{
    if (spec->units < 1 || spec->units > spec->blanket->count)
        return lethe_fail(err, LETHE_EARG, "%zu units: the blanket has 1 to %zu", spec->units,
                          spec->blanket->count);
    struct lethe_blanket head = *spec->blanket; /* borrows; never released */
    head.count = spec->units;
    struct levers l = {.spec = spec, .size = head.offset[head.count]};
    const struct lethe_outer_spec rows = {
        .problem = problem, .w = w, .blanket = &head, .seed = spec->seed, .labels = spec->labels};
    enum lethe_err rc = lethe_outer_init(&l.outer, &rows, err);
    if (!rc)
        rc = allocate(&l, err);
    if (!rc)
        rc = measure(out, &l, watch, err);
    if (!rc)
        out->drawn = l.outer.drawn;
    lethe_outer_rows_release(&l.space);
    lethe_outer_release(&l.outer);
    lethe_free(l.rows);
    lethe_free(l.ordered);
    lethe_free(l.solved);
    lethe_free(l.gram);
    lethe_free(l.values);
    return rc;
}
