/* SPDX-License-Identifier: MIT
 * EKFAC from passes in float keeps its vectors in float: what a solve is off by is bounded by what
 * a float holds, a solve from kept parts has the same bits, and so has one that was packed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "tensor/blas.h"
#include "tests/support/net_ekfac.h"
#include "tests/support/nets.h"
#include "unlearn/ekfac.h"
#include "unlearn/ekfac_pack.h"

enum { SAMPLES = 40 };

static struct lethe_ekfac *in_float(const struct net *net, size_t widest)
{
    struct lethe_ekfac *made = NULL;
    const struct lethe_ekfac_spec spec = {
        .problem = net_problem(net, NULL, SAMPLES, LETHE_F32), .w = net->w, .widest = widest};
    assert_int_equal(lethe_ekfac_new(&made, &spec, NULL, NULL), LETHE_OK);
    lethe_problem_free(spec.problem);
    return made;
}

/* The same vectors in double; how many numbers they are. */
static size_t lengthen(struct lethe_ekfac_side *side)
{
    const size_t count = side->single ? side->rank * side->n : 0;
    side->v = count ? lethe_alloc(count, sizeof *side->v) : NULL;
    for (size_t i = 0; i < count; i++)
        side->v[i] = (double)side->single[i];
    lethe_free(side->single);
    side->single = NULL;
    return count;
}

/* |a - b| / bound must be below 1 and, where floats are in play, not 0. */
static void is_near(const double *a, const double *b, size_t n, double bound)
{
    double square = 0;
    for (size_t i = 0; i < n; i++)
        square += (a[i] - b[i]) * (a[i] - b[i]);
    assert_true(square > 0 && sqrt(square) < bound);
}

/* With e the spacing of floats and n the longest sum, each of the four products of a solve is off
 * by at most some sqrt(n) e of its length, and what it is divided by is no smaller than the shift;
 * the product back is multiplied by the largest value instead. */
static void a_solve_is_off_by_what_a_float_holds(void **state)
{
    (void)state;
    for (int kind = 0; kind < NET_KINDS; kind++)
        for (size_t widest = 7; widest < 1000; widest += 900) {
            struct net net = net_open((enum net_kind)kind, SAMPLES, 41);
            struct lethe_ekfac *ekfac = in_float(&net, widest);
            struct lethe_ekfac_figures figures;
            const size_t n = ekfac->size;
            const double shift = 1e-3, e = FLT_EPSILON;
            double *g = lethe_alloc(5 * n, sizeof *g), *a = g + n, *b = a + n, *c = b + n;
            double *again = c + n;
            struct lethe_ekfac_turned turned;
            size_t longest = 1, numbers = 0;
            lethe_ekfac_read(ekfac, &figures);
            for (size_t i = 0; i < n; i++)
                g[i] = a[i] = b[i] = c[i] = again[i] = cos(2.385 * (double)i);
            assert_int_equal(lethe_ekfac_turn(&turned, ekfac, again, NULL, NULL), LETHE_OK);
            assert_int_equal(lethe_ekfac_solve_turned(ekfac, again, shift, &turned, NULL, NULL),
                             LETHE_OK);
            assert_int_equal(lethe_ekfac_solve(ekfac, a, shift, NULL), LETHE_OK);
            assert_memory_equal(again, a, n * sizeof *a);
            memcpy(again, g, n * sizeof *g);
            assert_int_equal(lethe_ekfac_times(ekfac, again, shift, NULL), LETHE_OK);
            for (size_t k = 0; k < ekfac->count; k++) {
                numbers += lengthen(&ekfac->blocks[k].out) + lengthen(&ekfac->blocks[k].in);
                longest = ekfac->blocks[k].units > longest ? ekfac->blocks[k].units : longest;
                longest = ekfac->blocks[k].width > longest ? ekfac->blocks[k].width : longest;
            }
            assert_true(numbers > 0);
            assert_int_equal(lethe_ekfac_solve(ekfac, b, shift, NULL), LETHE_OK);
            assert_int_equal(lethe_ekfac_times(ekfac, c, shift, NULL), LETHE_OK);
            const double off = 4 * sqrt((double)longest) * e * lethe_dnorm(g, n);
            is_near(a, b, n, off / shift);
            is_near(again, c, n, off * (figures.largest + shift));
            lethe_ekfac_turned_release(&turned);
            lethe_free(g);
            lethe_ekfac_unref(ekfac);
            net_close(&net);
        }
}

static void bytes_give_it_back(void **state)
{
    (void)state;
    struct net net = net_open(NET_CONV, SAMPLES, 43);
    struct lethe_ekfac *made = in_float(&net, 0), *read = NULL;
    struct lethe_ekfac_spec how = {.problem = net_problem(&net, NULL, SAMPLES, LETHE_F32),
                                   .w = net.w};
    struct lethe_ekfac_figures a, b;
    unsigned char *data = NULL;
    size_t size = 0;
    assert_int_equal(lethe_ekfac_pack(&data, &size, made, NULL), LETHE_OK);
    assert_int_equal(lethe_ekfac_unpack(&read, &how, data, size, NULL), LETHE_OK);
    lethe_ekfac_read(made, &a);
    lethe_ekfac_read(read, &b);
    assert_true(a.bytes == b.bytes && a.bytes < size);
    double *x = lethe_alloc(2 * made->size, sizeof *x), *y = x + made->size;
    for (size_t i = 0; i < made->size; i++)
        x[i] = y[i] = net.w[i] + 0.385;
    assert_int_equal(lethe_ekfac_solve(made, x, 0.01, NULL), LETHE_OK);
    assert_int_equal(lethe_ekfac_solve(read, y, 0.01, NULL), LETHE_OK);
    assert_memory_equal(x, y, made->size * sizeof *x);
    lethe_free(x);
    lethe_free(data);
    lethe_problem_free(how.problem);
    lethe_ekfac_unref(made);
    lethe_ekfac_unref(read);
    net_close(&net);
}

/* Without memory for the floats of a product it is made number by number. */
static void a_product_without_memory_is_made_all_the_same(void **state)
{
    (void)state;
    struct net net = net_open(NET_CONV, SAMPLES, 47);
    struct lethe_ekfac *ekfac = in_float(&net, 7);
    size_t met = 0;
    for (size_t k = 0; k < ekfac->count; k++) {
        const struct lethe_ekfac_side *side = &ekfac->blocks[k].in;
        double rows[2][3 * 300], made[2][3 * 300];
        if (!side->single || side->n > 300)
            continue;
        met++;
        for (size_t i = 0; i < 3 * side->n; i++)
            rows[0][i] = rows[1][i] = sin((double)i);
        for (long fails = 0; fails < 2; fails++) {
            lethe_alloc_fail_after(fails ? 0 : -1);
            lethe_side_into(side, made[fails], rows[fails], 3);
            lethe_alloc_fail_after(fails ? 0 : -1);
            lethe_side_back(side, rows[fails], made[fails], 3, -0.5);
            lethe_alloc_fail_after(fails ? 0 : -1);
            lethe_side_left(side, made[fails], rows[fails], 3);
            lethe_alloc_fail_after(fails ? 0 : -1);
            lethe_side_left_back(side, rows[fails], made[fails], 3, 2);
            lethe_alloc_fail_after(-1);
        }
        for (size_t i = 0; i < 3 * side->n; i++)
            assert_true(fabs(rows[0][i] - rows[1][i]) < 1e-4);
    }
    assert_true(met > 0);
    lethe_ekfac_unref(ekfac);
    net_close(&net);
}

int main(void)
{
    lethe_blas_threads(1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_solve_is_off_by_what_a_float_holds),
        cmocka_unit_test(bytes_give_it_back),
        cmocka_unit_test(a_product_without_memory_is_made_all_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
