/* SPDX-License-Identifier: MIT
 * Growing a subspace by residuals (generalised Davidson; Morgan and Scott, 1986, for solves). The
 * first vector is b itself, the solution's direction at large dampings; then each damping of a
 * short list in turn adds its residual, preconditioned at that damping, until a vector of its own
 * moves the predicted logits by less than the share that counts as settled, or its residual is
 * small. Check values: conjugate gradients, and the dense solve. */
#include "unlearn/subspace.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "tensor/blas.h"
#include "tensor/lapack.h"

enum { DAMPINGS = 5, TARGETS = DAMPINGS * LETHE_SUBSPACE_SIDES };

struct grower {
    const struct lethe_subspace_spec *spec;
    struct lethe_subspace *s;
    double *hq; /* (most, size) H of each vector */
    double *jq; /* (most, logits) forecasts of each vector */
    double mu[DAMPINGS];
    double *y, *r, *work, *core; /* (most), (size), (2 most), (most, most) */
    double *now;                 /* (logits) */
    double first[DAMPINGS];      /* length of the first side's forecast at each damping */
    unsigned char done[TARGETS];
    double floor; /* least shift to precondition with */
};

/* ---- solving in the subspace ----------------------------------------------------------------- */

/* y (count) = (T + mu I)^-1 Q b. */
static enum lethe_err solve_inside(double *y, double *core, const struct lethe_subspace *s,
                                   int side, double mu, struct lethe_error *err)
{
    const size_t k = s->count;
    for (size_t i = 0; i < k; i++) {
        memcpy(core + i * k, s->t + i * s->most, (i + 1) * sizeof *core);
        core[i * k + i] += mu;
    }
    memcpy(y, s->qb[side], k * sizeof *y);
    enum lethe_err rc = lethe_cholesky(core, k, NULL, err);
    if (!rc)
        lethe_cholesky_solve(y, core, k, k);
    return rc;
}

/* ---- growing --------------------------------------------------------------------------------- */

static int side_of(size_t target)
{
    return (int)(target / DAMPINGS);
}

/* r = b - (H + mu I) Q'y; returns |r|. */
static double residual_of(struct grower *g, size_t target)
{
    const struct lethe_subspace *s = g->s;
    const struct lethe_gemm back = {.m = s->count, .k = s->size, .ta = 1, .alpha = -1, .beta = 1};
    memcpy(g->r, g->spec->b[side_of(target)], s->size * sizeof *g->r);
    lethe_dgemv(g->r, g->hq, g->y, &back);
    for (size_t i = 0; i < s->count; i++)
        g->work[i] = g->mu[target % DAMPINGS] * g->y[i];
    lethe_dgemv(g->r, s->q, g->work, &back);
    return lethe_dnorm(g->r, s->size);
}

static enum lethe_err precondition(struct grower *g, double mu, struct lethe_error *err)
{
    const struct lethe_subspace_spec *spec = g->spec;
    const double shift = fmax(spec->decay + mu, g->floor);
    if (spec->mask)
        return lethe_mask_precondition(spec->mask, g->r, g->r, shift, err);
    for (size_t i = 0; spec->scale && i < g->s->size; i++)
        g->r[i] /= spec->scale[i] + mu;
    return LETHE_OK;
}

/* Appends r, made orthonormal; *added is 0 when nothing of it is new. */
static enum lethe_err append(struct grower *g, int *added, struct lethe_watch *watch,
                             struct lethe_error *err)
{
    struct lethe_subspace *s = g->s;
    const size_t k = s->count, n = s->size, logits = g->spec->forecast.count;
    const struct lethe_gemm into = {.m = k, .k = n, .alpha = 1};
    const struct lethe_gemm back = {.m = k, .k = n, .ta = 1, .alpha = -1, .beta = 1};
    const double before = lethe_dnorm(g->r, n);
    for (int pass = 0; k && pass < 2; pass++) {
        lethe_dgemv(g->work, s->q, g->r, &into);
        lethe_dgemv(g->r, s->q, g->work, &back);
    }
    const double norm = lethe_dnorm(g->r, n);
    *added = norm > 1e-10 * before;
    if (!*added)
        return LETHE_OK;
    double *q = s->q + k * n, *hq = g->hq + k * n;
    for (size_t i = 0; i < n; i++)
        q[i] = g->r[i] / norm;
    enum lethe_err rc = g->spec->h.times(g->spec->h.self, hq, q, watch, err);
    if (!rc && logits)
        rc = g->spec->forecast.predict(g->spec->forecast.self, g->jq + k * logits, q, err);
    if (rc)
        return rc;
    s->count++;
    for (size_t i = 0; i <= k; i++) {
        const double a = lethe_ddot(s->q + i * n, hq, n), b = lethe_ddot(g->hq + i * n, q, n);
        s->t[k * s->most + i] = s->t[i * s->most + k] = (a + b) / 2;
        s->square[k * s->most + i] = s->square[i * s->most + k] = lethe_ddot(g->hq + i * n, hq, n);
    }
    for (int side = 0; side < LETHE_SUBSPACE_SIDES; side++)
        if (s->qb[side]) {
            s->qb[side][k] = lethe_ddot(q, g->spec->b[side], n);
            s->hqb[side][k] = lethe_ddot(hq, g->spec->b[side], n);
        }
    return LETHE_OK;
}

/* |J x| of the solution y, x = Q'y. */
static double forecast_of(struct grower *g, const double *y)
{
    const size_t logits = g->spec->forecast.count;
    const struct lethe_gemm how = {.m = g->s->count, .k = logits, .ta = 1, .alpha = 1};
    lethe_dgemv(g->now, g->jq, y, &how);
    return lethe_dnorm(g->now, logits);
}

/* Would the vector that a target is about to add, r, move its forecast by little? As a share of
 * what the first side predicts, or its own side if that is more. Costs no product. */
static enum lethe_err settled(struct grower *g, size_t target, int *yes, struct lethe_error *err)
{
    const struct lethe_forecast *forecast = &g->spec->forecast;
    *yes = 0;
    if (!forecast->count)
        return LETHE_OK;
    double whole = forecast_of(g, g->y);
    if (side_of(target))
        whole = fmax(whole, g->first[target % DAMPINGS]);
    else
        g->first[target] = whole;
    enum lethe_err rc = forecast->predict(forecast->self, g->now, g->r, err);
    *yes = !rc && lethe_dnorm(g->now, forecast->count) < g->spec->settled * whole;
    return rc;
}

/* One vector for one target. */
static enum lethe_err serve(struct grower *g, size_t target, struct lethe_watch *watch,
                            struct lethe_error *err)
{
    const double mu = g->mu[target % DAMPINGS];
    int added = 0, yes = 0;
    if (solve_inside(g->y, g->core, g->s, side_of(target), mu, NULL) ||
        residual_of(g, target) <= g->spec->tolerance * g->s->norm[0]) {
        g->done[target] = 1; /* indefinite here, so there is nothing to be had; or solved */
        return LETHE_OK;
    }
    enum lethe_err rc = precondition(g, mu, err);
    if (!rc)
        rc = settled(g, target, &yes, err);
    if (!rc && !yes)
        rc = append(g, &added, watch, err);
    g->done[target] = yes || !added;
    return rc;
}

static enum lethe_err grow(struct grower *g, struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_subspace *s = g->s;
    enum lethe_err rc = LETHE_OK;
    int added, left = 1;
    for (int side = 0; !rc && side < LETHE_SUBSPACE_SIDES; side++) {
        if (!s->qb[side] || s->count == s->most)
            continue;
        memcpy(g->r, g->spec->b[side], s->size * sizeof *g->r);
        rc = append(g, &added, watch, err);
    }
    while (!rc && left) {
        left = 0;
        for (size_t target = 0; !rc && target < TARGETS; target++) {
            if (g->done[target] || !s->qb[side_of(target)] || s->count == s->most)
                continue;
            rc = lethe_watch_step(watch, "solving", (long)s->count, (long)s->most, err);
            if (!rc)
                rc = serve(g, target, watch, err);
            left = 1;
        }
    }
    return rc;
}

/* ---- life ------------------------------------------------------------------------------------ */

/* Dampings that span what a slider can ask for: none, and from a hundredth of the eigenvalues' mean
 * evenly (in the logarithm) to the largest. The first vector answers for what lies beyond. */
static void choose_dampings(struct grower *g)
{
    struct lethe_ekfac_figures figures = {0};
    double sum = 0, most = 0;
    const size_t n = g->s->size;
    if (g->spec->mask)
        lethe_ekfac_read(g->spec->mask->ekfac, &figures);
    for (size_t i = 0; !g->spec->mask && g->spec->scale && i < n; i++) {
        sum += g->spec->scale[i] / (double)n;
        most = fmax(most, g->spec->scale[i]);
    }
    const double mean = fmax(g->spec->mask ? figures.mean : sum, 1e-300);
    const double largest = fmax(g->spec->mask ? figures.largest : most, mean);
    for (size_t k = 1; k < DAMPINGS; k++)
        g->mu[k] = 0.01 * mean * pow(100 * largest / mean, (double)(k - 1) / (DAMPINGS - 1));
    g->floor = 1e-6 * mean + 1e-300;
}

static enum lethe_err open_subspace(struct lethe_subspace *s,
                                    const struct lethe_subspace_spec *spec, struct lethe_error *err)
{
    const size_t n = spec->h.size, most = spec->most < n ? spec->most : n;
    *s = (struct lethe_subspace){.size = n, .most = most};
    s->q = lethe_alloc_aligned(most * n, sizeof *s->q);
    s->t = lethe_alloc(most * most, sizeof *s->t);
    s->square = lethe_alloc(most * most, sizeof *s->square);
    s->values = lethe_alloc(most, sizeof *s->values);
    int ok = s->q && s->t && s->square && s->values;
    for (int side = 0; side < LETHE_SUBSPACE_SIDES; side++) {
        s->norm[side] = spec->b[side] ? lethe_dnorm(spec->b[side], n) : 0;
        if (!(s->norm[side] > 0))
            continue;
        s->qb[side] = lethe_alloc(most, sizeof *s->qb[side]);
        s->hqb[side] = lethe_alloc(most, sizeof *s->hqb[side]);
        ok = ok && s->qb[side] && s->hqb[side];
    }
    return ok ? LETHE_OK : lethe_fail_memory(err, "a subspace", most, n * sizeof *s->q);
}

static enum lethe_err open_grower(struct grower *g, struct lethe_error *err)
{
    const size_t most = g->s->most, n = g->s->size, logits = g->spec->forecast.count;
    g->hq = lethe_alloc_aligned(most * n, sizeof *g->hq);
    g->jq = lethe_alloc(most * logits + 1, sizeof *g->jq);
    g->y = lethe_alloc(most, sizeof *g->y);
    g->r = lethe_alloc(n, sizeof *g->r);
    g->work = lethe_alloc(2 * most, sizeof *g->work);
    g->core = lethe_alloc(most * most, sizeof *g->core);
    g->now = lethe_alloc(logits + 1, sizeof *g->now);
    if (!g->hq || !g->jq || !g->y || !g->r || !g->work || !g->core || !g->now)
        return lethe_fail_memory(err, "a subspace", most, n * sizeof *g->hq);
    return LETHE_OK;
}

static void close_grower(struct grower *g)
{
    lethe_free(g->hq);
    lethe_free(g->jq);
    lethe_free(g->y);
    lethe_free(g->r);
    lethe_free(g->work);
    lethe_free(g->core);
    lethe_free(g->now);
}

static enum lethe_err find_values(struct lethe_subspace *s, struct lethe_error *err)
{
    const size_t k = s->count;
    double *core = lethe_alloc(k * k, sizeof *core);
    if (!core)
        return lethe_fail_memory(err, "eigenvalues", k, k * sizeof *core);
    for (size_t i = 0; i < k; i++)
        memcpy(core + i * k, s->t + i * s->most, k * sizeof *core);
    enum lethe_err rc = lethe_eigen(s->values, core, k, err);
    lethe_free(core);
    return rc;
}

enum lethe_err lethe_subspace_init(struct lethe_subspace *subspace,
                                   const struct lethe_subspace_spec *spec,
                                   struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_subspace made;
    struct grower g = {.spec = spec, .s = &made};
    enum lethe_err rc = open_subspace(&made, spec, err);
    if (!rc)
        rc = open_grower(&g, err);
    if (!rc) {
        choose_dampings(&g);
        rc = grow(&g, watch, err);
    }
    close_grower(&g);
    if (!rc)
        rc = find_values(&made, err);
    if (rc)
        lethe_subspace_release(&made);
    else
        *subspace = made;
    return rc;
}

void lethe_subspace_release(struct lethe_subspace *subspace)
{
    lethe_free(subspace->q);
    lethe_free(subspace->t);
    lethe_free(subspace->square);
    lethe_free(subspace->values);
    for (int side = 0; side < LETHE_SUBSPACE_SIDES; side++) {
        lethe_free(subspace->qb[side]);
        lethe_free(subspace->hqb[side]);
    }
    *subspace = (struct lethe_subspace){0};
}

/* |b - (H + mu) Q'y|^2 from products of the vectors alone. */
static double left_of(const struct lethe_subspace *s, const double *y, int side, double mu)
{
    double sum = s->norm[side] * s->norm[side];
    for (size_t i = 0; i < s->count; i++) {
        sum += y[i] * (mu * mu * y[i] - 2 * s->hqb[side][i] - 2 * mu * s->qb[side][i]);
        for (size_t j = 0; j < s->count; j++)
            sum += y[i] * y[j] * (s->square[i * s->most + j] + 2 * mu * s->t[i * s->most + j]);
    }
    return sqrt(fmax(sum, 0));
}

enum lethe_err lethe_subspace_solve(double *x, double *residual,
                                    const struct lethe_subspace *subspace, int side, double mu,
                                    struct lethe_error *err)
{
    const struct lethe_subspace *s = subspace;
    const struct lethe_gemm back = {.m = s->count, .k = s->size, .ta = 1, .alpha = 1};
    if (s->values[0] + mu <= 0)
        return lethe_fail(
            err, LETHE_ENUM,
            "negative curvature: an eigenvalue is %.3g or lower, so damping above %.3g "
            "or the ggn curvature is needed",
            s->values[0], -s->values[0]);
    double *y = lethe_alloc(s->count + s->count * s->count, sizeof *y);
    if (!y)
        return lethe_fail_memory(err, "a solve", s->count * s->count, sizeof *y);
    enum lethe_err rc = solve_inside(y, y + s->count, s, side, mu, err);
    if (!rc) {
        lethe_dgemv(x, s->q, y, &back);
        *residual = left_of(s, y, side, mu);
    }
    lethe_free(y);
    return rc;
}

enum lethe_err lethe_subspace_inside(double *y, const struct lethe_subspace *subspace, int side,
                                     double mu, struct lethe_error *err)
{
    const size_t k = subspace->count;
    double *core = lethe_alloc(k * k, sizeof *core);
    if (!core)
        return lethe_fail_memory(err, "a solve", k * k, sizeof *core);
    enum lethe_err rc = solve_inside(y, core, subspace, side, mu, err);
    lethe_free(core);
    return rc;
}
