/* SPDX-License-Identifier: MIT
 * What the removal is solved with: a Cholesky factor for one damping and every blanket size, or a
 * tridiagonal form for one size and every damping. Either is immutable and reference-counted. */
#include "lethe/update.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "base/alloc.h"
#include "tensor/blas.h"
#include "tensor/lapack.h"
#include "unlearn/factor.h"

struct lethe_factor {
    atomic_int refs;
    size_t size;
    double *matrix; /* (size, size) overwritten: L, or the reflectors of t */
    double mu;      /* Cholesky: of this damping */
    double decay;
    int spectral;
    struct lethe_tridiagonal t;
};

/* A factor holding the leading (size, size) block of the curvature. */
static enum lethe_err copy_block(struct lethe_factor **factor, const struct lethe_curvature *c,
                                 size_t size, struct lethe_error *err)
{
    if (size < 1 || size > c->size)
        return lethe_fail(err, LETHE_EARG, "a block of %zu parameters: 1 to %zu are there", size,
                          c->size);
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

enum lethe_err lethe_factor_spectral(struct lethe_factor **factor, const struct lethe_curvature *c,
                                     size_t size, struct lethe_error *err)
{
    struct lethe_factor *f = NULL;
    enum lethe_err rc = copy_block(&f, c, size, err);
    if (rc)
        return rc;
    f->spectral = 1;
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
    enum lethe_err rc = lethe_factor_attempt(factor, c, mu, err);
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
    lethe_free(factor);
}

int lethe_factor_takes(const struct lethe_factor *factor, size_t size)
{
    return factor->spectral ? size == factor->size : size <= factor->size;
}

int lethe_factor_serves(const struct lethe_factor *factor, size_t size, double mu)
{
    return lethe_factor_takes(factor, size) && (factor->spectral || mu == factor->mu);
}

void lethe_factor_into(const struct lethe_factor *factor, double *x)
{
    if (factor->spectral)
        lethe_tridiagonal_into(&factor->t, x);
}

void lethe_factor_back(const struct lethe_factor *factor, double *x)
{
    if (factor->spectral)
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
    if (factor->spectral)
        return lethe_tridiagonal_solve(&factor->t, x, mu, work, err);
    lethe_cholesky_solve(x, factor->matrix, size, factor->size);
    return LETHE_OK;
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

int lethe_factor_is_cholesky(const struct lethe_factor *factor)
{
    return !factor->spectral;
}

enum lethe_err lethe_factor_forward(const struct lethe_factor *factor, double *rows, size_t count,
                                    size_t size, struct lethe_error *err)
{
    if (factor->spectral || size > factor->size)
        return lethe_fail(err, LETHE_EARG, "no Cholesky factor of %zu parameters", size);
    lethe_cholesky_forward_rows(rows, count, factor->matrix, size, factor->size);
    return LETHE_OK;
}

int lethe_factor_spectrum(const struct lethe_factor *factor, struct lethe_spectrum *spectrum)
{
    if (!factor->spectral)
        return 0;
    double sum = 0;
    for (size_t i = 0; i < factor->size; i++)
        sum += factor->t.values[i];
    *spectrum = (struct lethe_spectrum){.size = factor->size,
                                        .values = factor->t.values,
                                        .smallest = factor->t.values[0],
                                        .mean = sum / (double)factor->size,
                                        .largest = factor->t.values[factor->size - 1],
                                        .decay = factor->decay};
    return 1;
}

double lethe_spectrum_freedom(const struct lethe_spectrum *spectrum, double mu)
{
    double sum = 0;
    for (size_t i = 0; i < spectrum->size; i++) {
        double s = fmax(spectrum->values[i] - spectrum->decay, 0);
        if (s > 0)
            sum += s / (s + spectrum->decay + mu);
    }
    return sum;
}

/* log |d| and log |H d - rhs| = log (mu |d|) at one mu, from the basis of T. */
static enum lethe_err curve_point(const struct lethe_factor *f, const double *rhs, double mu,
                                  double *x, double *work, double *point, struct lethe_error *err)
{
    memcpy(x, rhs, f->size * sizeof *x);
    enum lethe_err rc = lethe_tridiagonal_solve(&f->t, x, mu, work, err);
    if (rc)
        return rc;
    double norm = lethe_dnorm(x, f->size);
    point[0] = log(mu * norm);
    point[1] = log(norm);
    return LETHE_OK;
}

/* Menger curvature of three points, positive at the corner of an L. */
static double bend(const double *a, const double *b, const double *c)
{
    double ab = hypot(b[0] - a[0], b[1] - a[1]), bc = hypot(c[0] - b[0], c[1] - b[1]);
    double ca = hypot(c[0] - a[0], c[1] - a[1]);
    double area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
    return ab * bc * ca > 0 ? 2 * area / (ab * bc * ca) : 0;
}

enum lethe_err lethe_factor_hints(const struct lethe_factor *factor,
                                  struct lethe_damping_hints *hints, const double *rhs,
                                  struct lethe_error *err)
{
    struct lethe_spectrum spectrum;
    if (!lethe_factor_spectrum(factor, &spectrum))
        return lethe_fail(err, LETHE_EARG,
                          "damping hints need the spectrum: it is still being made");
    size_t n = factor->size;
    double *turned = lethe_alloc(3 * n, sizeof *turned);
    if (!turned)
        return lethe_fail_memory(err, "damping hints", 3 * n, sizeof *turned);
    double best = 0, points[3][2], *x = turned + n, *work = turned + 2 * n;
    const double factor_of_grid = pow(10, 0.25);
    struct lethe_damping_hints h = {.lift = fmax(-spectrum.smallest, 0),
                                    .tenth = 0.1 * spectrum.mean};
    enum lethe_err rc = LETHE_OK;
    memcpy(turned, rhs, n * sizeof *turned);
    lethe_tridiagonal_into(&factor->t, turned);
    double mu = h.lift * 1.01 + 1e-8;
    for (size_t k = 0; !rc && mu <= 1e2; k++, mu *= factor_of_grid) {
        memmove(points[0], points[1], 2 * sizeof points[0]);
        rc = curve_point(factor, turned, mu, x, work, points[2], err);
        double corner = k >= 2 ? bend(points[0], points[1], points[2]) : 0;
        if (corner > best) {
            best = corner;
            h.corner = mu / factor_of_grid;
        }
    }
    if (!rc)
        *hints = h;
    lethe_free(turned);
    return rc;
}

double lethe_damping_next(double mu, double rho)
{
    if (!(rho >= 0.25))
        return mu > 0 ? mu * 1.5 : 1e-8;
    return rho > 0.75 ? mu * 2 / 3 : mu;
}
