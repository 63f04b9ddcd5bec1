/* SPDX-License-Identifier: MIT
 * Row-major matrix products in float and double: the program's only door to BLAS. Sizes are
 * size_t here and must stay below 2^31 each; a product with an empty side does what the formula
 * says (c is scaled by beta). Nothing here starts threads once lethe_blas_threads(1) was called,
 * which the executors rely on for the same bits at every thread count. */
#ifndef LETHE_TENSOR_BLAS_H
#define LETHE_TENSOR_BLAS_H

#include <stddef.h>

/* c(m, n) = alpha * op(a)(m, k) * op(b)(k, n) + beta * c, op = transpose when ta or tb is set.
 * lda, ldb, ldc are the lengths of a stored row; 0 means "no gap". */
struct lethe_gemm {
    size_t m, n, k;
    int ta, tb;
    double alpha, beta;
    size_t lda, ldb, ldc;
};

void lethe_blas_threads(int threads);
const char *lethe_blas_core(void); /* the kernels BLAS chose: "Haswell", "Zen", ... */

void lethe_dgemm(double *c, const double *a, const double *b, const struct lethe_gemm *how);
void lethe_sgemm(float *c, const float *a, const float *b, const struct lethe_gemm *how);

/* y = alpha * op(a) x + beta * y; a is stored (m, k): op(a) = a, or its transpose with ta. */
void lethe_dgemv(double *y, const double *a, const double *x, const struct lethe_gemm *how);
void lethe_sgemv(float *y, const float *a, const float *x, const struct lethe_gemm *how);

/* c(n, n) = alpha * op(a) op(a)' + beta * c, both triangles filled; op(a) is (n, k). how->n is n,
 * how->ta says that a is stored (k, n). m and tb are not read. */
void lethe_dsyrk(double *c, const double *a, const struct lethe_gemm *how);

double lethe_ddot(const double *x, const double *y, size_t n);
double lethe_dnorm(const double *x, size_t n);                        /* Euclidean */
void lethe_daxpy(double *y, double alpha, const double *x, size_t n); /* y += alpha x */

#endif
