/* SPDX-License-Identifier: MIT
 * Lanczos with full reorthogonalisation and preconditioned conjugate gradients (Golub and Van Loan,
 * Matrix Computations, chapters 10 and 11). In exact arithmetic k steps of either from the same
 * start are the same approximation; Lanczos keeps its basis, so that (T + mu I) y = |b| e_1 costs
 * O(k) and x = Q'y O(k size) for every mu, with residual beta_k |y_k|. Check value: the dense solve
 * of the same system. */
#include "unlearn/krylov.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "tensor/blas.h"
#include "tensor/lapack.h"

/* ---- Lanczos --------------------------------------------------------------------------------- */

/* |y_k| of T y = |b| e_1 as rows come in; pivot <= 0 from where T is not positive definite. */
struct last {
    double pivot, z;
};

static double next_last(struct last *s, double diagonal, double before, size_t k)
{
    if (k && !(s->pivot > 0))
        return HUGE_VAL;
    if (k) {
        s->z *= -before / s->pivot;
        s->pivot = diagonal - before * before / s->pivot;
    } else {
        s->pivot = diagonal;
    }
    return s->pivot > 0 ? fabs(s->z / s->pivot) : HUGE_VAL;
}

/* r -= Q'(Q r), twice; with few rows lost digits come back. */
static void orthogonalise(double *r, const struct lethe_lanczos *l, double *work)
{
    const struct lethe_gemm into = {.m = l->count, .k = l->size, .alpha = 1};
    const struct lethe_gemm back = {.m = l->count, .k = l->size, .ta = 1, .alpha = -1, .beta = 1};
    for (int pass = 0; pass < 2; pass++) {
        lethe_dgemv(work, l->basis, r, &into);
        lethe_dgemv(r, l->basis, work, &back);
    }
}

static enum lethe_err grow(struct lethe_lanczos *l, struct lethe_product *product, double *r,
                           double *work, double small, size_t most, struct lethe_watch *watch,
                           struct lethe_error *err)
{
    struct last last = {0, l->norm};
    double scale = 0;
    while (l->count < most) {
        const size_t k = l->count;
        double *q = l->basis + k * l->size;
        const double norm = lethe_dnorm(r, l->size), before = k ? l->beside[k - 1] : 0;
        for (size_t i = 0; i < l->size; i++)
            q[i] = r[i] / norm;
        l->count++;
        enum lethe_err rc = lethe_watch_step(watch, "solving", (long)k, (long)most, err);
        if (!rc)
            rc = lethe_product_apply(product, r, q, watch, err);
        if (rc)
            return rc;
        l->diagonal[k] = lethe_ddot(r, q, l->size);
        orthogonalise(r, l, work);
        l->beside[k] = lethe_dnorm(r, l->size);
        scale = fmax(scale, fabs(l->diagonal[k]) + before);
        if (l->beside[k] <= 1e-14 * scale) /* nothing left to add */
            l->beside[k] = 0;
        const double y = next_last(&last, l->diagonal[k], before, k);
        if (l->beside[k] == 0 || l->beside[k] * y <= small)
            break;
    }
    return LETHE_OK;
}

enum lethe_err lethe_lanczos_init(struct lethe_lanczos *l, struct lethe_product *product,
                                  const double *b, double small, size_t most,
                                  struct lethe_watch *watch, struct lethe_error *err)
{
    const size_t size = lethe_product_size(product);
    most = most < size ? most : size;
    *l = (struct lethe_lanczos){.size = size, .norm = lethe_dnorm(b, size)};
    double *r = lethe_alloc(size, sizeof *r), *work = lethe_alloc(2 * most, sizeof *work);
    l->basis = lethe_alloc_aligned(most * size, sizeof *l->basis);
    l->diagonal = lethe_alloc(most, sizeof *l->diagonal);
    l->beside = lethe_alloc(most, sizeof *l->beside);
    l->values = lethe_alloc(most, sizeof *l->values);
    enum lethe_err rc = LETHE_OK;
    if (!r || !work || !l->basis || !l->diagonal || !l->beside || !l->values)
        rc = lethe_fail_memory(err, "a Lanczos basis", most, size * sizeof *r);
    if (!rc) {
        memcpy(r, b, size * sizeof *r);
        rc = grow(l, product, r, work, small, most, watch, err);
    }
    if (!rc)
        rc = lethe_tridiagonal_values(l->values, work, l->diagonal, l->beside, l->count, err);
    lethe_free(r);
    lethe_free(work);
    if (rc)
        lethe_lanczos_release(l);
    return rc;
}

void lethe_lanczos_release(struct lethe_lanczos *l)
{
    lethe_free(l->basis);
    lethe_free(l->diagonal);
    lethe_free(l->beside);
    lethe_free(l->values);
    *l = (struct lethe_lanczos){0};
}

enum lethe_err lethe_lanczos_solve(double *x, double *residual, const struct lethe_lanczos *l,
                                   double mu, struct lethe_error *err)
{
    if (l->values[0] + mu <= 0)
        return lethe_fail(
            err, LETHE_ENUM,
            "negative curvature: an eigenvalue is %.3g or lower, so damping above %.3g "
            "or the ggn curvature is needed",
            l->values[0], -l->values[0]);
    double *y = lethe_alloc_zero(2 * l->count, sizeof *y);
    if (!y)
        return lethe_fail_memory(err, "a solve", 2 * l->count, sizeof *y);
    const struct lethe_tridiagonal t = {
        .n = l->count, .diagonal = l->diagonal, .beside = l->beside, .values = l->values};
    y[0] = l->norm;
    enum lethe_err rc = lethe_tridiagonal_solve(&t, y, mu, y + l->count, err);
    const struct lethe_gemm back = {.m = l->count, .k = l->size, .ta = 1, .alpha = 1};
    if (!rc) {
        lethe_dgemv(x, l->basis, y, &back);
        /* rounding leaves more than the formula where a basis is complete */
        *residual = fmax(l->beside[l->count - 1] * fabs(y[l->count - 1]), 1e-15 * l->norm);
    }
    lethe_free(y);
    return rc;
}

/* ---- conjugate gradients --------------------------------------------------------------------- */

/* z = M^-1 r with M = diag + mu. */
static void precondition(double *z, const double *r, const struct lethe_cg *cg, size_t size)
{
    for (size_t i = 0; i < size; i++)
        z[i] = cg->scale ? r[i] / (cg->scale[i] + cg->mu) : r[i];
}

/* out = (H + mu I) v */
static enum lethe_err times(double *out, const double *v, const struct lethe_cg *cg,
                            struct lethe_product *product, struct lethe_watch *watch,
                            struct lethe_error *err)
{
    enum lethe_err rc = lethe_product_apply(product, out, v, watch, err);
    if (!rc)
        lethe_daxpy(out, cg->mu, v, lethe_product_size(product));
    return rc;
}

/* work is (4, size): r, z, p, A p. */
static enum lethe_err iterate(double *x, struct lethe_cg *cg, struct lethe_product *product,
                              double *work, double norm, struct lethe_watch *watch,
                              struct lethe_error *err)
{
    const size_t n = lethe_product_size(product);
    double *r = work, *z = work + n, *p = work + 2 * n, *ap = work + 3 * n;
    precondition(z, r, cg, n);
    memcpy(p, z, n * sizeof *p);
    double rz = lethe_ddot(r, z, n);
    cg->residual = lethe_dnorm(r, n) / norm;
    for (cg->iterations = 0; cg->residual > cg->tolerance && cg->iterations < cg->most;) {
        enum lethe_err rc = lethe_watch_step(watch, "conjugate gradients", (long)cg->iterations,
                                             (long)cg->most, err);
        if (!rc)
            rc = times(ap, p, cg, product, watch, err);
        if (rc)
            return rc;
        const double curvature = lethe_ddot(p, ap, n);
        if (!(curvature > 0))
            return lethe_fail(err, LETHE_ENUM,
                              "negative curvature: p'(H + mu I)p is %.3g of |p|^2 in step %zu of "
                              "conjugate gradients, so more damping or the ggn curvature is needed",
                              curvature / lethe_ddot(p, p, n), cg->iterations + 1);
        const double step = rz / curvature, old = rz;
        lethe_daxpy(x, step, p, n);
        lethe_daxpy(r, -step, ap, n);
        precondition(z, r, cg, n);
        rz = lethe_ddot(r, z, n);
        for (size_t i = 0; i < n; i++)
            p[i] = z[i] + rz / old * p[i];
        cg->iterations++;
        cg->residual = lethe_dnorm(r, n) / norm;
    }
    return LETHE_OK;
}

enum lethe_err lethe_conjugate_gradients(double *x, struct lethe_cg *cg,
                                         struct lethe_product *product, const double *b,
                                         struct lethe_watch *watch, struct lethe_error *err)
{
    const size_t n = lethe_product_size(product);
    const double norm = lethe_dnorm(b, n);
    cg->iterations = 0;
    cg->residual = 0;
    if (norm == 0) {
        memset(x, 0, n * sizeof *x);
        return LETHE_OK;
    }
    double *work = lethe_alloc(4 * n, sizeof *work);
    if (!work)
        return lethe_fail_memory(err, "conjugate gradients", 4 * n, sizeof *work);
    enum lethe_err rc = times(work, x, cg, product, watch, err);
    for (size_t i = 0; !rc && i < n; i++)
        work[i] = b[i] - work[i];
    if (!rc)
        rc = iterate(x, cg, product, work, norm, watch, err);
    lethe_free(work);
    return rc;
}
