/* SPDX-License-Identifier: MIT
 * Factors of M = H_R + mu I + (1/n) sum J'FJ, and the step they make. H itself, which what a step
 * promises is measured with, stays beside the factor: its diagonal in `plain`, the rest in the
 * upper triangle, which Cholesky's method does not touch. */
#include "unlearn/projection_step.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "tensor/blas.h"
#include "unlearn/factor.h"

const struct lethe_projection *lethe_factor_projection(const struct lethe_factor *factor)
{
    return factor->projection;
}

static enum lethe_err new_factor(struct lethe_factor **factor, const struct lethe_curvature *c,
                                 struct lethe_projection *projection, struct lethe_error *err)
{
    struct lethe_factor *f = lethe_alloc_zero(1, sizeof *f);
    if (!f)
        return lethe_fail_memory(err, "a factor", 1, sizeof *f);
    atomic_init(&f->refs, 1);
    f->kind = c->matrix ? LETHE_FACTOR_CHOLESKY : LETHE_FACTOR_FITTED;
    f->size = c->size;
    f->mu = projection->mu;
    f->decay = c->decay;
    f->name = c->method->name;
    f->projection = lethe_projection_ref(projection);
    *factor = f;
    return LETHE_OK;
}

static void keep_plain(struct lethe_factor *f, const struct lethe_curvature *c)
{
    enum { TILE = 64 };
    const size_t n = f->size;
    for (size_t i = 0; i < n; i++)
        f->plain[i] = c->matrix[i * n + i];
    for (size_t top = 0; top < n; top += TILE)
        for (size_t left = 0; left <= top; left += TILE)
            for (size_t i = top; i < n && i < top + TILE; i++)
                for (size_t j = left; j < i && j < left + TILE; j++)
                    f->matrix[j * n + i] = c->matrix[i * n + j];
}

static enum lethe_err fill(struct lethe_factor *f, const struct lethe_curvature *c,
                           const double *metric, const struct lethe_blanket *blanket,
                           struct lethe_problem *forget, const double *w, struct lethe_watch *watch,
                           struct lethe_error *err)
{
    const size_t n = f->size;
    f->matrix = lethe_alloc_aligned(n, n * sizeof *f->matrix);
    f->plain = lethe_alloc(n, sizeof *f->plain);
    if (!f->matrix || !f->plain)
        return lethe_fail_memory(err, "a factor", n, n * sizeof *f->matrix);
    for (size_t i = 0; i < n; i++) {
        memcpy(f->matrix + i * n, (metric ? metric : c->matrix) + i * n,
               (i + 1) * sizeof *f->matrix);
        f->matrix[i * n + i] += lethe_projection_ridge(f->projection);
    }
    enum lethe_err rc =
        lethe_projection_add(f->matrix, n, blanket->index, f->projection, forget, w, watch, err);
    if (!rc)
        rc = lethe_cholesky(f->matrix, n, NULL, err);
    if (rc == LETHE_ENUM)
        return lethe_fail(err, LETHE_ENUM,
                          "the curvature '%s' is indefinite, so the outcome cannot be fitted at "
                          "damping %g: use more damping or the ggn curvature",
                          f->name, f->mu);
    if (!rc)
        keep_plain(f, c);
    return rc;
}

enum lethe_err lethe_factor_outcome(struct lethe_factor **factor, const struct lethe_curvature *c,
                                    const double *metric, const struct lethe_blanket *blanket,
                                    struct lethe_projection *projection,
                                    struct lethe_problem *forget, const double *w,
                                    struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_factor *f = NULL;
    if (!c->matrix)
        return lethe_fail(err, LETHE_EBUG, "an outcome without a matrix is fitted by products");
    enum lethe_err rc = new_factor(&f, c, projection, err);
    if (!rc)
        rc = fill(f, c, metric, blanket, forget, w, watch, err);
    if (rc)
        lethe_factor_unref(f);
    else
        *factor = f;
    return rc;
}

enum lethe_err lethe_factor_fitted(struct lethe_factor **factor, const struct lethe_curvature *c,
                                   struct lethe_projection *projection,
                                   const struct lethe_update *update, struct lethe_error *err)
{
    struct lethe_factor *f = NULL;
    enum lethe_err rc = new_factor(&f, c, projection, err);
    if (rc)
        return rc;
    f->size = update->size;
    f->solved[0] = lethe_alloc(update->size, sizeof *f->solved[0]);
    if (!f->solved[0]) {
        lethe_factor_unref(f);
        return lethe_fail_memory(err, "a step", update->size, sizeof(double));
    }
    memcpy(f->solved[0], update->step, update->size * sizeof *f->solved[0]);
    f->left[0] = update->left;
    f->products = update->products;
    f->predicted = update->predicted;
    f->predicted_forget = update->predicted_forget;
    *factor = f;
    return LETHE_OK;
}

/* What was kept of a step that products made. */
static void recall(struct lethe_update *u, const struct lethe_factor *f)
{
    memcpy(u->step, f->solved[0], u->size * sizeof *u->step);
    u->left = f->left[0];
    u->products = f->products;
    u->predicted = f->predicted;
    u->predicted_forget = f->predicted_forget;
}

/* x' H x from what keep_plain kept. */
static double quadratic(const struct lethe_factor *f, const double *x, size_t size)
{
    double sum = 0;
    for (size_t i = 0; i < size; i++) {
        const double *row = f->matrix + i * f->size;
        sum += x[i] * (f->plain[i] * x[i] + 2 * lethe_ddot(row + i + 1, x + i + 1, size - i - 1));
    }
    return sum;
}

static void promise(struct lethe_update *u, const struct lethe_factor *f,
                    const struct lethe_removal *removal, const struct lethe_blanket *blanket)
{
    double along = 0, pull = 0;
    for (size_t i = 0; i < u->size; i++) {
        pull += removal->pull[blanket->index[i]] * u->step[i];
        along += removal->residual ? removal->residual[blanket->index[i]] * u->step[i] : 0;
    }
    u->predicted = removal->residual ? quadratic(f, u->step, u->size) / 2 - along : NAN;
    u->predicted_forget = pull * (double)(removal->n - removal->m) / (double)removal->m;
}

enum lethe_err lethe_projection_step(struct lethe_update *update, const struct lethe_factor *factor,
                                     const struct lethe_removal *removal,
                                     const struct lethe_blanket *blanket, size_t units, double mu,
                                     struct lethe_error *err)
{
    struct lethe_update u = {.units = units,
                             .size = blanket->offset[units],
                             .form = LETHE_FORM_OUTCOME,
                             .mu = mu,
                             .influence_norm = NAN,
                             .unfinished_norm = NAN};
    u.step = lethe_alloc(u.size, sizeof *u.step);
    if (!u.step)
        return lethe_fail_memory(err, "a step", u.size, sizeof *u.step);
    const int made = factor->kind == LETHE_FACTOR_FITTED;
    for (size_t i = 0; i < u.size; i++)
        u.step[i] = factor->projection->target[blanket->index[i]];
    enum lethe_err rc = LETHE_OK;
    if (made && !lethe_factor_serves(factor, u.size, mu))
        rc = lethe_fail(err, LETHE_EBUG, "a step of %zu parameters was asked for %zu", factor->size,
                        u.size);
    else if (made)
        recall(&u, factor);
    else
        rc = lethe_factor_solve(factor, u.step, u.size, mu, err);
    u.norm = lethe_dnorm(u.step, u.size);
    if (!rc && !isfinite(u.norm))
        rc = lethe_fail(err, LETHE_ENUM, "the step is not finite: more damping is needed");
    if (rc) {
        lethe_free(u.step);
        return rc;
    }
    if (!made)
        promise(&u, factor, removal, blanket);
    *update = u;
    return LETHE_OK;
}
