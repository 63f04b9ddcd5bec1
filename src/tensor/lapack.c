/* SPDX-License-Identifier: MIT
 * The only caller of LAPACK. Debian's OpenBLAS carries LAPACK but no LAPACKE, so the few routines
 * are declared here. A row-major lower triangle is LAPACK's column-major upper one, which decides
 * every 'U' below: with UPLO = 'U' dsytrd returns Q = H(n-1) ... H(1), reflector i having its
 * vector in the first i - 1 entries of column i + 1 (our row i), entry i equal to 1. */
#include "tensor/lapack.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "tensor/blas.h"
#include "tensor/blas_buffers.h"

void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info);
void dtrsv_(const char *uplo, const char *trans, const char *diag, const int *n, const double *a,
            const int *lda, double *x, const int *incx);
void dtrsm_(const char *side, const char *uplo, const char *trans, const char *diag, const int *m,
            const int *n, const double *alpha, const double *a, const int *lda, double *b,
            const int *ldb);
void dsytrd_(const char *uplo, const int *n, double *a, const int *lda, double *d, double *e,
             double *tau, double *work, const int *lwork, int *info);
void dsterf_(const int *n, double *d, double *e, int *info);
void dsyevd_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w,
             double *work, const int *lwork, int *iwork, const int *liwork, int *info);

static enum lethe_err check_order(size_t n, struct lethe_error *err)
{
    if (n >= 1 && n <= LETHE_LAPACK_MAX)
        return LETHE_OK;
    return lethe_fail(err, LETHE_EARG, "a dense matrix of order %zu: 1 to %d are possible", n,
                      LETHE_LAPACK_MAX);
}

enum lethe_err lethe_cholesky(double *a, size_t n, size_t *minor, struct lethe_error *err)
{
    enum lethe_err rc = check_order(n, err);
    if (rc)
        return rc;
    int order = (int)n, info = 0;
    lethe_blas_enter();
    dpotrf_("U", &order, a, &order, &info);
    lethe_blas_leave();
    if (info == 0)
        return LETHE_OK;
    if (minor)
        *minor = (size_t)info;
    return lethe_fail(err, LETHE_ENUM,
                      "the matrix of order %zu is not positive definite from row %d on: more "
                      "damping, or the ggn curvature, makes it so",
                      n, info);
}

void lethe_cholesky_forward(double *x, const double *factor, size_t k, size_t n)
{
    int order = (int)k, stride = (int)n, one = 1;
    lethe_blas_enter();
    dtrsv_("U", "T", "N", &order, factor, &stride, x, &one);
    lethe_blas_leave();
}

void lethe_cholesky_forward_rows(double *rows, size_t count, const double *factor, size_t k,
                                 size_t n)
{
    int order = (int)k, columns = (int)count, stride = (int)n;
    const double one = 1;
    lethe_blas_enter();
    dtrsm_("L", "U", "T", "N", &order, &columns, &one, factor, &stride, rows, &order);
    lethe_blas_leave();
}

void lethe_cholesky_solve(double *x, const double *factor, size_t k, size_t n)
{
    int order = (int)k, stride = (int)n, one = 1;
    lethe_blas_enter();
    dtrsv_("U", "T", "N", &order, factor, &stride, x, &one);
    dtrsv_("U", "N", "N", &order, factor, &stride, x, &one);
    lethe_blas_leave();
}

enum lethe_err lethe_tridiagonal_values(double *values, double *spoilt, const double *diagonal,
                                        const double *beside, size_t n, struct lethe_error *err)
{
    int order = (int)n, info = 0;
    memcpy(values, diagonal, n * sizeof *values);
    memcpy(spoilt, beside, (n - 1) * sizeof *spoilt);
    dsterf_(&order, values, spoilt, &info);
    if (info || !isfinite(values[0]) || !isfinite(values[n - 1]))
        return lethe_fail(err, LETHE_ENUM, "the matrix of order %zu has no finite eigenvalues", n);
    return LETHE_OK;
}

enum lethe_err lethe_tridiagonal_init(struct lethe_tridiagonal *t, double *a, size_t n,
                                      struct lethe_error *err)
{
    *t = (struct lethe_tridiagonal){.n = n, .reflectors = a};
    double *work = NULL, *spoilt = NULL;
    enum lethe_err rc = check_order(n, err);
    if (rc)
        return rc;
    int order = (int)n, lwork = (int)(n * 32), info = 0;
    work = lethe_alloc((size_t)lwork, sizeof *work);
    spoilt = lethe_alloc(n, sizeof *spoilt);
    t->scale = lethe_alloc_zero(n, sizeof *t->scale);
    t->diagonal = lethe_alloc(n, sizeof *t->diagonal);
    t->beside = lethe_alloc_zero(n, sizeof *t->beside);
    t->values = lethe_alloc(n, sizeof *t->values);
    if (!work || !spoilt || !t->scale || !t->diagonal || !t->beside || !t->values) {
        rc = lethe_fail_memory(err, "a tridiagonal form", n * 37, sizeof *work);
        goto out;
    }
    lethe_blas_enter();
    dsytrd_("U", &order, a, &order, t->diagonal, t->beside, t->scale, work, &lwork, &info);
    lethe_blas_leave();
    rc = lethe_tridiagonal_values(t->values, spoilt, t->diagonal, t->beside, n, err);
out:
    if (rc)
        lethe_tridiagonal_release(t);
    lethe_free(work);
    lethe_free(spoilt);
    return rc;
}

void lethe_tridiagonal_release(struct lethe_tridiagonal *t)
{
    lethe_free(t->scale);
    lethe_free(t->diagonal);
    lethe_free(t->beside);
    lethe_free(t->values);
    *t = (struct lethe_tridiagonal){0};
}

/* x -= tau v (v'x) where v is the first i entries of row i + 1 with entry i replaced by 1. */
static void reflect(const struct lethe_tridiagonal *t, size_t i, double *x)
{
    const double *v = t->reflectors + (i + 1) * t->n;
    double dot = t->scale[i] * (x[i] + lethe_ddot(v, x, i));
    lethe_daxpy(x, -dot, v, i);
    x[i] -= dot;
}

void lethe_tridiagonal_into(const struct lethe_tridiagonal *t, double *x)
{
    for (size_t i = t->n - 1; i-- > 0;)
        reflect(t, i, x);
}

void lethe_tridiagonal_back(const struct lethe_tridiagonal *t, double *x)
{
    for (size_t i = 0; i + 1 < t->n; i++)
        reflect(t, i, x);
}

/* T + mu I = L D L' with unit bidiagonal L: work holds D. */
enum lethe_err lethe_tridiagonal_solve(const struct lethe_tridiagonal *t, double *x, double mu,
                                       double *work, struct lethe_error *err)
{
    size_t n = t->n;
    for (size_t i = 0; i < n; i++) {
        double slope = i ? t->beside[i - 1] / work[i - 1] : 0;
        work[i] = t->diagonal[i] + mu - (i ? slope * t->beside[i - 1] : 0);
        if (!(work[i] > 0))
            return lethe_fail(err, LETHE_ENUM,
                              "the curvature is indefinite: its smallest eigenvalue is %.3g, so "
                              "damping above %.3g or the ggn curvature is needed",
                              t->values[0], -t->values[0]);
        if (i)
            x[i] -= slope * x[i - 1];
    }
    for (size_t i = n; i-- > 0;) {
        x[i] /= work[i];
        if (i + 1 < n)
            x[i] -= t->beside[i] / work[i] * x[i + 1];
    }
    return LETHE_OK;
}

enum lethe_err lethe_eigen(double *values, double *a, size_t n, struct lethe_error *err)
{
    enum lethe_err rc = check_order(n, err);
    if (rc)
        return rc;
    if (n > LETHE_LAPACK_MAX / 2)
        return lethe_fail(err, LETHE_EARG, "eigenvectors of a matrix of order %zu: at most %d", n,
                          LETHE_LAPACK_MAX / 2);
    int order = (int)n, lwork = (int)(1 + 6 * n + 2 * n * n), liwork = (int)(3 + 5 * n), info = 0;
    double *work = lethe_alloc((size_t)lwork, sizeof *work);
    int *iwork = lethe_alloc((size_t)liwork, sizeof *iwork);
    if (!work || !iwork)
        rc = lethe_fail_memory(err, "eigenvectors", (size_t)lwork, sizeof *work);
    lethe_blas_enter();
    if (!rc)
        dsyevd_("V", "U", &order, a, &order, values, work, &lwork, iwork, &liwork, &info);
    lethe_blas_leave();
    if (info)
        rc = lethe_fail(err, LETHE_ENUM, "the matrix of order %zu has no finite eigenvalues", n);
    lethe_free(work);
    lethe_free(iwork);
    return rc;
}
