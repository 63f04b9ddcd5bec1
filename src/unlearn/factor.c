/* SPDX-License-Identifier: MIT
 * What the removal is solved with: a Cholesky factor for one damping and every blanket size, a
 * tridiagonal form for one size and every damping, or, where the curvature is a multiple of I and
 * one outer product, that itself. All are immutable and reference-counted. */
#include "lethe/update.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/leverage.h"
#include "tensor/blas.h"
#include "unlearn/factor.h"

/* A factor holding the leading (size, size) block of the curvature. */
static enum lethe_err copy_block(struct lethe_factor **factor, const struct lethe_curvature *c,
                                 size_t size, struct lethe_error *err)
{
    if (size < 1 || size > c->size)
        return lethe_fail(err, LETHE_EARG, "a block of %zu parameters: 1 to %zu are there", size,
                          c->size);
    if (!c->matrix)
        return lethe_fail(err, LETHE_EARG,
                          "%zu parameters have no matrix, which is for at most %d: try a smaller "
                          "blanket",
                          size, (int)LETHE_CURVATURE_DENSE);
    struct lethe_factor *f = lethe_alloc_zero(1, sizeof *f);
    if (f)
        f->matrix = lethe_alloc_aligned(size * size, sizeof *f->matrix);
    if (!f || !f->matrix) {
        lethe_free(f);
        return lethe_fail_memory(err, "a factor", size, size * sizeof(double));
    }
    atomic_init(&f->refs, 1);
    f->size = size;
    f->decay = c->decay;
    f->name = c->method->name;
    for (size_t i = 0; i < size; i++)
        memcpy(f->matrix + i * size, c->matrix + i * c->size, (i + 1) * sizeof *f->matrix);
    *factor = f;
    return LETHE_OK;
}

static enum lethe_err check_damping(double mu, struct lethe_error *err)
{
    if (mu >= 0 && isfinite(mu))
        return LETHE_OK;
    return lethe_fail(err, LETHE_EARG, "damping %g: it must be 0 or more", mu);
}

/* ---- a multiple of I and one outer product --------------------------------------------------- */

static enum lethe_err outer_factor(struct lethe_factor **factor, const struct lethe_curvature *c,
                                   size_t size, struct lethe_error *err)
{
    struct lethe_factor *f = lethe_alloc_zero(1, sizeof *f);
    if (f) {
        f->outer = lethe_alloc(size, sizeof *f->outer);
        f->values = lethe_alloc(size, sizeof *f->values);
    }
    if (!f || !f->outer || !f->values) {
        if (f)
            lethe_free(f->outer);
        lethe_free(f);
        return lethe_fail_memory(err, "a factor", size, 2 * sizeof(double));
    }
    atomic_init(&f->refs, 1);
    f->kind = LETHE_FACTOR_OUTER;
    f->size = size;
    f->decay = c->decay;
    f->flat = c->flat + c->decay;
    f->scale = c->scale;
    f->as_is = c->method->emulation;
    f->name = c->method->name;
    memcpy(f->outer, c->outer, size * sizeof *f->outer);
    for (size_t i = 0; i < size; i++)
        f->values[i] = f->flat;
    f->values[f->scale < 0 ? 0 : size - 1] += f->scale * lethe_ddot(f->outer, f->outer, size);
    *factor = f;
    return LETHE_OK;
}

/* Sherman and Morrison: x = (a I + s v v')^-1 x with a = flat + mu. */
static enum lethe_err outer_solve(const struct lethe_factor *f, double *x, size_t size, double mu,
                                  struct lethe_error *err)
{
    const double a = f->flat + mu, along = f->scale * lethe_ddot(f->outer, f->outer, size);
    if (!(a > 0) || a + along == 0)
        return lethe_fail(err, LETHE_ENUM,
                          "the curvature '%s' is singular at damping %g: use more damping", f->name,
                          mu);
    if (a + along < 0 && !f->as_is)
        return lethe_fail(err, LETHE_ENUM,
                          "the curvature '%s' is indefinite: its smallest eigenvalue is %.3g, so "
                          "damping above %.3g or the ggn curvature is needed",
                          f->name, f->flat + along, -(f->flat + along));
    lethe_daxpy(x, -f->scale * lethe_ddot(f->outer, x, size) / (a + along), f->outer, size);
    for (size_t i = 0; i < size; i++)
        x[i] /= a;
    return LETHE_OK;
}

/* ---- dense ----------------------------------------------------------------------------------- */

enum lethe_err lethe_factor_spectral(struct lethe_factor **factor, const struct lethe_curvature *c,
                                     size_t size, struct lethe_error *err)
{
    struct lethe_factor *f = NULL;
    if (c->outer && size >= 1 && size <= c->size)
        return outer_factor(factor, c, size, err);
    enum lethe_err rc = copy_block(&f, c, size, err);
    if (rc)
        return rc;
    f->kind = LETHE_FACTOR_SPECTRAL;
    rc = lethe_tridiagonal_init(&f->t, f->matrix, size, err);
    if (rc)
        lethe_factor_unref(f);
    else
        *factor = f;
    return rc;
}

/* Says how indefinite the matrix is. */
static enum lethe_err refuse(const struct lethe_curvature *c, double mu, struct lethe_error *err)
{
    struct lethe_factor *f = NULL;
    enum lethe_err rc = lethe_factor_spectral(&f, c, c->size, err);
    if (rc)
        return rc;
    double smallest = f->t.values[0];
    lethe_factor_unref(f);
    if (smallest > -1e-12)
        return lethe_fail(err, LETHE_ENUM,
                          "the curvature '%s' is singular at damping %g: use more damping",
                          c->method->name, mu);
    return lethe_fail(err, LETHE_ENUM,
                      "the curvature '%s' is indefinite: its smallest eigenvalue is %.3g, so "
                      "damping above %.3g or the ggn curvature is needed",
                      c->method->name, smallest, -smallest);
}

enum lethe_err lethe_factor_attempt(struct lethe_factor **factor, const struct lethe_curvature *c,
                                    double mu, struct lethe_error *err)
{
    struct lethe_factor *f = NULL;
    enum lethe_err rc = check_damping(mu, err);
    if (!rc)
        rc = copy_block(&f, c, c->size, err);
    if (rc)
        return rc;
    f->mu = mu;
    for (size_t i = 0; i < f->size; i++)
        f->matrix[i * f->size + i] += mu;
    rc = lethe_cholesky(f->matrix, f->size, NULL, err);
    if (rc)
        lethe_factor_unref(f);
    else
        *factor = f;
    return rc;
}

enum lethe_err lethe_factor_cholesky(struct lethe_factor **factor, const struct lethe_curvature *c,
                                     double mu, struct lethe_error *err)
{
    enum lethe_err rc = check_damping(mu, err);
    if (!rc && c->outer)
        return outer_factor(factor, c, c->size, err);
    if (!rc)
        rc = lethe_factor_attempt(factor, c, mu, err);
    return rc == LETHE_ENUM ? refuse(c, mu, err) : rc;
}

struct lethe_factor *lethe_factor_ref(struct lethe_factor *factor)
{
    atomic_fetch_add(&factor->refs, 1);
    return factor;
}

void lethe_factor_unref(struct lethe_factor *factor)
{
    if (!factor || atomic_fetch_sub(&factor->refs, 1) != 1)
        return;
    lethe_tridiagonal_release(&factor->t);
    lethe_free(factor->matrix);
    lethe_free(factor->outer);
    lethe_free(factor->values);
    lethe_subspace_release(&factor->space);
    lethe_free(factor->solved[0]);
    lethe_free(factor->solved[1]);
    lethe_ekfac_turned_release(&factor->turned[0]);
    lethe_ekfac_turned_release(&factor->turned[1]);
    if (factor->mask.ekfac)
        lethe_mask_release(&factor->mask);
    lethe_projection_unref(factor->projection);
    lethe_free(factor->plain);
    lethe_free(factor);
}

const char *lethe_factor_words(const struct lethe_factor *factor)
{
    static const char *const words[] = {
        [LETHE_FACTOR_CHOLESKY] = "Cholesky", [LETHE_FACTOR_SPECTRAL] = "spectrum",
        [LETHE_FACTOR_OUTER] = "rank one",    [LETHE_FACTOR_SUBSPACE] = "PCG, EKFAC",
        [LETHE_FACTOR_ONCE] = "PCG, EKFAC",   [LETHE_FACTOR_EKFAC] = "EKFAC",
        [LETHE_FACTOR_FITTED] = "PCG, EKFAC"};
    return words[factor->kind];
}

int lethe_factor_is_estimate(const struct lethe_factor *factor)
{
    return factor->kind == LETHE_FACTOR_EKFAC;
}

int lethe_factor_is_leading(const struct lethe_factor *factor)
{
    return factor->kind == LETHE_FACTOR_CHOLESKY && !factor->projection;
}

int lethe_factor_has_sides(const struct lethe_factor *factor)
{
    return factor->kind == LETHE_FACTOR_SUBSPACE || factor->kind == LETHE_FACTOR_ONCE ||
           factor->kind == LETHE_FACTOR_EKFAC;
}

int lethe_factor_takes(const struct lethe_factor *factor, size_t size)
{
    const int one = factor->kind == LETHE_FACTOR_SPECTRAL || factor->kind == LETHE_FACTOR_FITTED ||
                    lethe_factor_has_sides(factor);
    return one ? size == factor->size : size <= factor->size;
}

int lethe_factor_serves(const struct lethe_factor *factor, size_t size, double mu)
{
    return lethe_factor_takes(factor, size) &&
           ((factor->kind != LETHE_FACTOR_CHOLESKY && factor->kind != LETHE_FACTOR_ONCE &&
             !factor->projection) ||
            mu == factor->mu);
}

void lethe_factor_into(const struct lethe_factor *factor, double *x)
{
    if (factor->kind == LETHE_FACTOR_SPECTRAL)
        lethe_tridiagonal_into(&factor->t, x);
}

void lethe_factor_back(const struct lethe_factor *factor, double *x)
{
    if (factor->kind == LETHE_FACTOR_SPECTRAL)
        lethe_tridiagonal_back(&factor->t, x);
}

enum lethe_err lethe_factor_solve_inside(const struct lethe_factor *factor, double *x, size_t size,
                                         double mu, double *work, struct lethe_error *err)
{
    enum lethe_err rc = check_damping(mu, err);
    if (rc)
        return rc;
    if (!lethe_factor_serves(factor, size, mu))
        return lethe_fail(err, LETHE_EBUG, "a factor of %zu parameters was asked for %zu at %g",
                          factor->size, size, mu);
    switch (factor->kind) {
    case LETHE_FACTOR_SPECTRAL:
        return lethe_tridiagonal_solve(&factor->t, x, mu, work, err);
    case LETHE_FACTOR_OUTER:
        return outer_solve(factor, x, size, mu, err);
    case LETHE_FACTOR_SUBSPACE:
    case LETHE_FACTOR_ONCE:
    case LETHE_FACTOR_EKFAC:
    case LETHE_FACTOR_FITTED:
        return lethe_fail(err, LETHE_EBUG, "a factor that solves for its own right-hand sides");
    default:
        lethe_cholesky_solve(x, factor->matrix, size, factor->size);
        return LETHE_OK;
    }
}

enum lethe_err lethe_factor_solve(const struct lethe_factor *factor, double *x, size_t size,
                                  double mu, struct lethe_error *err)
{
    double *work = lethe_alloc(size, sizeof *work);
    if (!work)
        return lethe_fail_memory(err, "a solve", size, sizeof *work);
    if (lethe_factor_serves(factor, size, mu))
        lethe_factor_into(factor, x);
    enum lethe_err rc = lethe_factor_solve_inside(factor, x, size, mu, work, err);
    if (!rc)
        lethe_factor_back(factor, x);
    lethe_free(work);
    return rc;
}

int lethe_factor_cheap_rows(const struct lethe_factor *factor)
{
    return factor->kind == LETHE_FACTOR_CHOLESKY;
}

enum lethe_err lethe_factor_forward(const struct lethe_factor *factor, double *rows, size_t count,
                                    size_t size, struct lethe_error *err)
{
    if (!lethe_factor_cheap_rows(factor) || size > factor->size)
        return lethe_fail(err, LETHE_EARG, "no Cholesky factor of %zu parameters", size);
    lethe_cholesky_forward_rows(rows, count, factor->matrix, size, factor->size);
    return LETHE_OK;
}
