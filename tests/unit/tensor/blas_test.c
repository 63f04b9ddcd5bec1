/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "lethe/rng.h"
#include "tensor/blas.h"

enum { MAX = 9 * 9 };

static void fill(double *x, float *f, size_t n, uint64_t name)
{
    struct lethe_rng rng;
    lethe_rng_init(&rng, 5, LETHE_RNG_TEST, name, 0);
    for (size_t i = 0; i < n; i++)
        f[i] = (float)(x[i] = lethe_rng_normal(&rng));
}

static double at(const double *a, int transposed, size_t i, size_t j, size_t stored)
{
    return transposed ? a[j * stored + i] : a[i * stored + j];
}

static void products_meet_the_triple_loop(void **state)
{
    (void)state;
    double a[MAX], b[MAX], c[MAX], d[MAX];
    float fa[MAX], fb[MAX], fc[MAX];
    for (int kind = 0; kind < 4; kind++) {
        struct lethe_gemm how = {
            .m = 5, .n = 7, .k = 6, .ta = kind & 1, .tb = kind >> 1, .alpha = 1.37, .beta = -0.61};
        size_t la = how.ta ? how.m : how.k, lb = how.tb ? how.k : how.n;
        fill(a, fa, MAX, 1);
        fill(b, fb, MAX, 2);
        fill(c, fc, MAX, 3);
        for (size_t i = 0; i < how.m; i++)
            for (size_t j = 0; j < how.n; j++) {
                double sum = 0;
                for (size_t k = 0; k < how.k; k++)
                    sum += at(a, how.ta, i, k, la) * at(b, how.tb, k, j, lb);
                d[i * how.n + j] = how.alpha * sum + how.beta * c[i * how.n + j];
            }
        lethe_dgemm(c, a, b, &how);
        lethe_sgemm(fc, fa, fb, &how);
        for (size_t i = 0; i < how.m * how.n; i++) {
            assert_true(fabs(c[i] - d[i]) < 1e-12);
            assert_true(fabs((double)fc[i] - d[i]) < 1e-4);
        }
    }
}

static void vector_products_and_squares_agree_with_products(void **state)
{
    (void)state;
    double a[MAX], x[MAX], y[MAX], z[MAX];
    float fa[MAX], fx[MAX], fy[MAX];
    fill(a, fa, MAX, 1);
    fill(x, fx, MAX, 2);
    for (int t = 0; t < 2; t++) {
        fill(y, fy, MAX, 3);
        fill(z, fy, MAX, 3);
        struct lethe_gemm how = {.m = 5, .k = 6, .ta = t, .alpha = 2.1, .beta = 0.3};
        lethe_dgemv(y, a, x, &how);
        lethe_sgemv(fy, fa, fx, &how);
        struct lethe_gemm full = {
            .m = t ? 6 : 5, .n = 1, .k = t ? 5 : 6, .ta = t, .alpha = 2.1, .beta = 0.3};
        lethe_dgemm(z, a, x, &full);
        for (size_t i = 0; i < full.m; i++) {
            assert_true(fabs(y[i] - z[i]) < 1e-12);
            assert_true(fabs((double)fy[i] - z[i]) < 1e-4);
        }
        struct lethe_gemm square = {.n = 4, .k = 8, .ta = t, .alpha = 0.7};
        lethe_dsyrk(y, a, &square);
        struct lethe_gemm product = {.m = 4, .n = 4, .k = 8, .ta = t, .tb = !t, .alpha = 0.7};
        lethe_dgemm(z, a, a, &product);
        for (size_t i = 0; i < 16; i++)
            assert_true(fabs(y[i] - z[i]) < 1e-12);
    }
}

static void empty_sides_are_harmless(void **state)
{
    (void)state;
    double a[1] = {3}, y[2] = {4, 5};
    lethe_dgemm(y, a, a, &(struct lethe_gemm){.m = 0, .n = 2, .k = 3, .alpha = 1});
    assert_true(y[0] == 4 && y[1] == 5);
    lethe_dgemm(y, a, a, &(struct lethe_gemm){.m = 1, .n = 2, .k = 0, .alpha = 1, .beta = 2});
    assert_true(y[0] == 8 && y[1] == 10);
    lethe_dgemv(y, a, a, &(struct lethe_gemm){.m = 2, .k = 0, .alpha = 1, .beta = 0.5});
    assert_true(y[0] == 4 && y[1] == 5);
}

int main(void)
{
    lethe_blas_threads(1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_meet_the_triple_loop),
        cmocka_unit_test(vector_products_and_squares_agree_with_products),
        cmocka_unit_test(empty_sides_are_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
