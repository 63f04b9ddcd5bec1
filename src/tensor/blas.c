/* SPDX-License-Identifier: MIT
 * The only includer of cblas.h. */
#include "tensor/blas.h"

#include <assert.h>
#include <limits.h>

#include <cblas.h>

#include "tensor/blas_buffers.h"

static int narrow(size_t n)
{
    assert(n <= INT_MAX);
    return (int)n;
}

static int row(size_t given, size_t length)
{
    return narrow(given ? given : length ? length : 1);
}

static CBLAS_TRANSPOSE flag(int transposed)
{
    return transposed ? CblasTrans : CblasNoTrans;
}

void lethe_blas_threads(int threads)
{
    openblas_set_num_threads(threads);
}

const char *lethe_blas_core(void)
{
    return openblas_get_corename();
}

void lethe_dgemm(double *c, const double *a, const double *b, const struct lethe_gemm *how)
{
    if (how->m == 0 || how->n == 0)
        return;
    lethe_blas_enter();
    cblas_dgemm(CblasRowMajor, flag(how->ta), flag(how->tb), narrow(how->m), narrow(how->n),
                narrow(how->k), how->alpha, a, row(how->lda, how->ta ? how->m : how->k), b,
                row(how->ldb, how->tb ? how->k : how->n), how->beta, c, row(how->ldc, how->n));
    lethe_blas_leave();
}

void lethe_sgemm(float *c, const float *a, const float *b, const struct lethe_gemm *how)
{
    if (how->m == 0 || how->n == 0)
        return;
    lethe_blas_enter();
    cblas_sgemm(CblasRowMajor, flag(how->ta), flag(how->tb), narrow(how->m), narrow(how->n),
                narrow(how->k), (float)how->alpha, a, row(how->lda, how->ta ? how->m : how->k), b,
                row(how->ldb, how->tb ? how->k : how->n), (float)how->beta, c,
                row(how->ldc, how->n));
    lethe_blas_leave();
}

void lethe_dgemv(double *y, const double *a, const double *x, const struct lethe_gemm *how)
{
    if (how->m == 0 || how->k == 0) {
        size_t length = how->ta ? how->k : how->m;
        for (size_t i = 0; i < length; i++)
            y[i] = how->beta == 0 ? 0 : y[i] * how->beta;
        return;
    }
    lethe_blas_enter();
    cblas_dgemv(CblasRowMajor, flag(how->ta), narrow(how->m), narrow(how->k), how->alpha, a,
                row(how->lda, how->k), x, 1, how->beta, y, 1);
    lethe_blas_leave();
}

void lethe_sgemv(float *y, const float *a, const float *x, const struct lethe_gemm *how)
{
    if (how->m == 0 || how->k == 0) {
        size_t length = how->ta ? how->k : how->m;
        for (size_t i = 0; i < length; i++)
            y[i] = how->beta == 0 ? 0 : y[i] * (float)how->beta;
        return;
    }
    lethe_blas_enter();
    cblas_sgemv(CblasRowMajor, flag(how->ta), narrow(how->m), narrow(how->k), (float)how->alpha, a,
                row(how->lda, how->k), x, 1, (float)how->beta, y, 1);
    lethe_blas_leave();
}

void lethe_dsyrk(double *c, const double *a, const struct lethe_gemm *how)
{
    size_t n = how->n, ldc = how->ldc ? how->ldc : n;
    if (n == 0)
        return;
    lethe_blas_enter();
    cblas_dsyrk(CblasRowMajor, CblasLower, flag(how->ta), narrow(n), narrow(how->k), how->alpha, a,
                row(how->lda, how->ta ? n : how->k), how->beta, c, narrow(ldc));
    lethe_blas_leave();
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            c[j * ldc + i] = c[i * ldc + j];
}

double lethe_ddot(const double *x, const double *y, size_t n)
{
    return cblas_ddot(narrow(n), x, 1, y, 1);
}

double lethe_dnorm(const double *x, size_t n)
{
    return cblas_dnrm2(narrow(n), x, 1);
}

void lethe_daxpy(double *y, double alpha, const double *x, size_t n)
{
    cblas_daxpy(narrow(n), alpha, x, 1, y, 1);
}
