/* SPDX-License-Identifier: MIT
 * Cholesky and tridiagonal solves against residuals A x - b computed entry by entry. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/rng.h"
#include "tensor/lapack.h"

/* A random symmetric matrix with eigenvalues from about low to low + n. */
static double *random_matrix(size_t n, double low)
{
    struct lethe_rng rng;
    lethe_rng_init(&rng, 11, LETHE_RNG_TEST, n, 0);
    double *b = lethe_alloc(n * n, sizeof *b), *a = lethe_alloc_zero(n * n, sizeof *a);
    for (size_t i = 0; i < n * n; i++)
        b[i] = lethe_rng_normal(&rng) / sqrt((double)n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            for (size_t k = 0; k < n; k++)
                a[i * n + j] += b[i * n + k] * b[j * n + k];
            if (i == j)
                a[i * n + j] += low;
        }
    lethe_free(b);
    return a;
}

/* Largest entry of (A + mu) x - b over the leading (k, k) block of a with row length n. */
static double residual(const double *a, const double *x, const double *b, size_t k, size_t n,
                       double mu)
{
    double worst = 0;
    for (size_t i = 0; i < k; i++) {
        double sum = mu * x[i] - b[i];
        for (size_t j = 0; j < k; j++)
            sum += a[i * n + j] * x[j];
        worst = fmax(worst, fabs(sum));
    }
    return worst;
}

static void one_factor_serves_every_leading_block(void **state)
{
    (void)state;
    enum { N = 61 };
    double *a = random_matrix(N, 0.37), *l = lethe_alloc(N * N, sizeof *l);
    memcpy(l, a, N * N * sizeof *l);
    assert_int_equal(lethe_cholesky(l, N, NULL, NULL), LETHE_OK);
    for (size_t k = 1; k <= N; k++) {
        double b[N], x[N], half[N], form = 0, square = 0;
        for (size_t i = 0; i < k; i++)
            x[i] = half[i] = b[i] = sin(2.385 * (double)(i + k));
        lethe_cholesky_solve(x, l, k, N);
        lethe_cholesky_forward(half, l, k, N);
        for (size_t i = 0; i < k; i++) {
            form += b[i] * x[i];
            square += half[i] * half[i];
        }
        assert_true(residual(a, x, b, k, N, 0) < 1e-12);
        assert_true(fabs(form - square) < 1e-11 * form);
    }
    lethe_free(a);
    lethe_free(l);
}

static void rows_go_forward_together(void **state)
{
    (void)state;
    enum { N = 23, K = 17, ROWS = 5 };
    double *l = random_matrix(N, 0.37), rows[ROWS * K], one[K];
    assert_int_equal(lethe_cholesky(l, N, NULL, NULL), LETHE_OK);
    for (size_t i = 0; i < ROWS * K; i++)
        rows[i] = sin(2.385 * (double)i);
    lethe_cholesky_forward_rows(rows, ROWS, l, K, N);
    for (size_t r = 0; r < ROWS; r++) {
        for (size_t i = 0; i < K; i++)
            one[i] = sin(2.385 * (double)(r * K + i));
        lethe_cholesky_forward(one, l, K, N);
        for (size_t i = 0; i < K; i++)
            assert_true(fabs(one[i] - rows[r * K + i]) < 1e-13);
    }
    lethe_free(l);
}

static void indefinite_matrices_are_refused_by_row(void **state)
{
    (void)state;
    double a[9] = {4, 0, 0, 2, 1, 0, 1, 1, 3}; /* leading block of order 2 is singular */
    size_t minor = 0;
    struct lethe_error err;
    assert_int_equal(lethe_cholesky(a, 3, &minor, &err), LETHE_ENUM);
    assert_int_equal(minor, 2);
    assert_non_null(strstr(err.message, "row 2"));
    assert_int_equal(lethe_cholesky(a, 0, NULL, NULL), LETHE_EARG);
    assert_int_equal(lethe_cholesky(a, LETHE_LAPACK_MAX + 1, NULL, NULL), LETHE_EARG);
}

static void one_tridiagonal_form_serves_every_shift(void **state)
{
    (void)state;
    const size_t orders[] = {1, 2, 3, 40, 97};
    for (size_t o = 0; o < 5; o++) {
        size_t n = orders[o];
        double *a = random_matrix(n, 0.021), *kept = lethe_alloc(n * n, sizeof *kept);
        double b[97] = {0}, x[97], y[97], work[97], trace = 0, sum = 0;
        memcpy(kept, a, n * n * sizeof *a);
        struct lethe_tridiagonal t;
        assert_int_equal(lethe_tridiagonal_init(&t, a, n, NULL), LETHE_OK);
        for (size_t i = 0; i < n; i++) {
            b[i] = cos(1.7 * (double)i);
            trace += kept[i * n + i];
            sum += t.values[i];
        }
        assert_true(fabs(trace - sum) < 1e-11 * trace);
        memcpy(x, b, sizeof x);
        lethe_tridiagonal_into(&t, x);
        memcpy(y, x, sizeof y);
        lethe_tridiagonal_back(&t, y);
        for (size_t i = 0; i < n; i++)
            assert_true(fabs(y[i] - b[i]) < 1e-12);
        for (double mu = 0; mu < 30; mu = mu * 10 + 1e-3) {
            memcpy(y, x, sizeof y);
            assert_int_equal(lethe_tridiagonal_solve(&t, y, mu, work, NULL), LETHE_OK);
            lethe_tridiagonal_back(&t, y);
            assert_true(residual(kept, y, b, n, n, mu) < 1e-11);
        }
        struct lethe_error err;
        assert_int_equal(lethe_tridiagonal_solve(&t, y, -t.values[0] - 1e-3, work, &err),
                         LETHE_ENUM);
        assert_non_null(strstr(err.message, "smallest eigenvalue"));
        lethe_tridiagonal_release(&t);
        lethe_free(a);
        lethe_free(kept);
    }
}

static void eigenvectors_stand_in_rows(void **state)
{
    (void)state;
    enum { N = 23 };
    double *a = random_matrix(N, 0.1), *q = lethe_alloc(N * N, sizeof *q), values[N], zero[N] = {0};
    memcpy(q, a, N * N * sizeof *q);
    assert_int_equal(lethe_eigen(values, q, N, NULL), LETHE_OK);
    for (size_t k = 0; k < N; k++)
        assert_true(residual(a, q + k * N, zero, N, N, -values[k]) < 1e-12);
    lethe_free(a);
    lethe_free(q);
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    double *a = random_matrix(9, 1), values[9];
    struct lethe_tridiagonal t;
    for (long n = 0; n < 6; n++) {
        lethe_alloc_fail_after(n);
        assert_int_equal(lethe_tridiagonal_init(&t, a, 9, NULL), LETHE_ENOMEM);
    }
    for (long n = 0; n < 2; n++) {
        lethe_alloc_fail_after(n);
        assert_int_equal(lethe_eigen(values, a, 9, NULL), LETHE_ENOMEM);
    }
    lethe_alloc_fail_after(-1);
    lethe_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_factor_serves_every_leading_block),
        cmocka_unit_test(rows_go_forward_together),
        cmocka_unit_test(indefinite_matrices_are_refused_by_row),
        cmocka_unit_test(one_tridiagonal_form_serves_every_shift),
        cmocka_unit_test(eigenvectors_stand_in_rows),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
