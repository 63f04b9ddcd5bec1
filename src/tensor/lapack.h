/* SPDX-License-Identifier: MIT
 * Dense symmetric systems in double: Cholesky factors and tridiagonal forms.
 *
 * Matrices are (n, n) row-major and symmetric; only the lower triangle is read, and it is
 * overwritten. A Cholesky factor of the whole holds that of every leading block, so one factor
 * serves every blanket size. A tridiagonal form A = Q T Q' serves every shift: (A + mu I) x = b
 * costs one product with Q and a sweep of n steps. */
#ifndef LETHE_TENSOR_LAPACK_H
#define LETHE_TENSOR_LAPACK_H

#include <stddef.h>
#include "lethe/error.h"

enum { LETHE_LAPACK_MAX = 30000 }; /* order of the largest matrix: 7.2 GB */

/* a = L L' with L in the lower triangle. When a is not positive definite: LETHE_ENUM, *minor (may
 * be NULL) is the order of the first leading block that is not, and a is spoilt. */
enum lethe_err lethe_cholesky(double *a, size_t n, size_t *minor, struct lethe_error *err);
/* x = inverse of the leading (k, k) block times x, k <= n; factor from lethe_cholesky. */
void lethe_cholesky_solve(double *x, const double *factor, size_t k, size_t n);
/* x = L^-1 x for the leading (k, k) block; |x|^2 is then the quadratic form of the inverse. */
void lethe_cholesky_forward(double *x, const double *factor, size_t k, size_t n);
/* The same for every row of rows (count, k): one matrix product's worth of work instead of `count`
 * passes over the factor. */
void lethe_cholesky_forward_rows(double *rows, size_t count, const double *factor, size_t k,
                                 size_t n);

struct lethe_tridiagonal {
    size_t n;
    double *reflectors;        /* (n, n): the overwritten matrix, owned by the caller */
    double *scale;             /* (n) tau of each reflector */
    double *diagonal, *beside; /* (n) T's diagonal and, n - 1 of them, its off-diagonal */
    double *values;            /* (n) eigenvalues, ascending */
};
/* Takes about 4/3 n^3 operations and cannot be interrupted. a is borrowed and must outlive t. */
enum lethe_err lethe_tridiagonal_init(struct lethe_tridiagonal *t, double *a, size_t n,
                                      struct lethe_error *err);
void lethe_tridiagonal_release(struct lethe_tridiagonal *t); /* zeroed ok; leaves a alone */
/* x = Q' x (into the basis of T) and x = Q x (back). */
void lethe_tridiagonal_into(const struct lethe_tridiagonal *t, double *x);
void lethe_tridiagonal_back(const struct lethe_tridiagonal *t, double *x);
/* x = (T + mu I)^-1 x in the basis of T; work is (n). LETHE_ENUM when T + mu I is not positive
 * definite: then the smallest eigenvalue is named. */
enum lethe_err lethe_tridiagonal_solve(const struct lethe_tridiagonal *t, double *x, double mu,
                                       double *work, struct lethe_error *err);

/* The eigenvalues alone, ascending, of the tridiagonal matrix with that diagonal (n) and
 * off-diagonal (n - 1). values and spoilt are (n); diagonal and beside are left as they are. */
enum lethe_err lethe_tridiagonal_values(double *values, double *spoilt, const double *diagonal,
                                        const double *beside, size_t n, struct lethe_error *err);

/* Eigenvalues ascending in values (n), eigenvector k in row k of a. */
enum lethe_err lethe_eigen(double *values, double *a, size_t n, struct lethe_error *err);

#endif
