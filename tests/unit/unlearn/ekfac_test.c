/* SPDX-License-Identifier: MIT
 * EKFAC against the dense Gauss-Newton matrix of small networks: each measured value is a quadratic
 * form of that matrix, bases diagonalise the sums they are made from, solves are those of the
 * matrix that bases and values stand for, and blocks that are exact are the matrix itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/rng.h"
#include "tensor/lapack.h"
#include "tests/support/net_ekfac.h"
#include "tests/support/nets.h"
#include "unlearn/ekfac.h"
#include "unlearn/ekfac_pack.h"

enum { SAMPLES = 40 };

/* ---- the obvious reference ------------------------------------------------------------------- */

/* matrix (size, size): mean over the samples of sum_c g g', g = sqrt(p_c) J'(e_c - p), one sample
 * at a time. */
static double *dense(const struct net *net, const size_t *ids, size_t count)
{
    const size_t size = lethe_graph_size(net->graph), classes = lethe_graph_classes(net->graph);
    double *matrix = lethe_alloc_zero(size * size, sizeof *matrix), z[8], p[8], a[8];
    double *g = lethe_alloc(size, sizeof *g), *x = lethe_alloc(512, sizeof *x);
    struct lethe_exec *exec = lethe_exec_new(net->graph, LETHE_F64, 1, NULL);
    lethe_exec_weights(exec, net->w);
    for (size_t i = 0; i < count; i++) {
        const double *inputs[] = {x};
        lethe_dataset_batch(net->data, x, NULL, ids ? ids + i : &i, 1);
        assert_int_equal(lethe_exec_forward(exec, z, inputs, 1, NULL), LETHE_OK);
        lethe_softmax(p, z, 1, classes);
        for (size_t q = 0; q < classes; q++) {
            for (size_t c = 0; c < classes; c++)
                a[c] = sqrt(p[q]) * ((c == q) - p[c]);
            memset(g, 0, size * sizeof *g);
            assert_int_equal(lethe_exec_backward(exec, g, a, NULL), LETHE_OK);
            for (size_t r = 0; r < size; r++)
                for (size_t s = 0; s < size; s++)
                    matrix[r * size + s] += g[r] * g[s] / (double)count;
        }
    }
    lethe_exec_free(exec);
    lethe_free(g);
    lethe_free(x);
    return matrix;
}

static double along(const double *matrix, const double *v, size_t size)
{
    double sum = 0;
    for (size_t r = 0; r < size; r++)
        for (size_t s = 0; s < size; s++)
            sum += v[r] * matrix[r * size + s] * v[s];
    return sum;
}

/* q (parameters) = the block's direction of vector s of one side and a of the other. */
static void direction(double *q, const struct lethe_ekfac *ekfac, const struct lethe_ekfac_block *b,
                      size_t s, size_t a)
{
    double *m = lethe_alloc_zero(b->units * b->width, sizeof *m);
    for (size_t j = 0; j < b->units; j++)
        for (size_t i = 0; i < b->width; i++)
            m[j * b->width + i] = (b->out.v ? b->out.v[s * b->units + j] : j == s) *
                                  (b->in.v ? b->in.v[a * b->width + i] : i == a);
    memset(q, 0, ekfac->size * sizeof *q);
    lethe_ekfac_scatter(q, ekfac, b, m);
    lethe_free(m);
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void blocks_hold_every_parameter_once(void **state)
{
    (void)state;
    for (int kind = 0; kind < NET_ALL; kind++) {
        struct net net = net_open((enum net_kind)kind, SAMPLES, 2);
        struct lethe_ekfac *ekfac = net_ekfac(&net, NULL, SAMPLES, (struct lethe_ekfac_spec){0});
        double *count = lethe_alloc_zero(ekfac->size, sizeof *count);
        double *v = lethe_alloc(ekfac->size, sizeof *v);
        for (size_t b = 0; b < ekfac->count; b++) {
            const struct lethe_ekfac_block *block = &ekfac->blocks[b];
            double *m = lethe_alloc(block->units * block->width, sizeof *m);
            for (size_t i = 0; i < block->units * block->width; i++)
                m[i] = 2.385;
            memset(v, 0, ekfac->size * sizeof *v);
            lethe_ekfac_scatter(v, ekfac, block, m);
            for (size_t i = 0; i < ekfac->size; i++)
                count[i] += v[i];
            lethe_ekfac_gather(m, ekfac, block, v);
            for (size_t i = 0; i < block->units * block->width; i++)
                assert_true(m[i] == 2.385);
            lethe_free(m);
        }
        for (size_t i = 0; i < ekfac->size; i++)
            assert_true(count[i] == 2.385);
        lethe_free(count);
        lethe_free(v);
        lethe_ekfac_unref(ekfac);
        net_close(&net);
    }
}

static void values_are_quadratic_forms_of_the_matrix(void **state)
{
    (void)state;
    for (int kind = 0; kind < NET_ALL; kind++)
        for (uint64_t seed = 0; seed < (kind > NET_BEHIND ? 1 : 3) && kind != NET_BEHIND; seed++) {
            struct net net = net_open((enum net_kind)kind, SAMPLES, seed);
            struct lethe_ekfac *ekfac =
                net_ekfac(&net, NULL, SAMPLES, (struct lethe_ekfac_spec){0});
            double *f = dense(&net, NULL, SAMPLES), *q = lethe_alloc(ekfac->size, sizeof *q);
            for (size_t b = 0; b < ekfac->count; b++) {
                const struct lethe_ekfac_block *block = &ekfac->blocks[b];
                assert_int_equal(block->out.rank, block->units);
                assert_int_equal(block->in.rank, block->width);
                for (size_t s = 0; s < block->units; s++)
                    for (size_t a = 0; a < block->width; a++) {
                        direction(q, ekfac, block, s, a);
                        const double want = along(f, q, ekfac->size);
                        assert_true(fabs(block->values[s * block->width + a] - want) <
                                    1e-12 + 1e-9 * want);
                    }
            }
            lethe_free(f);
            lethe_free(q);
            lethe_ekfac_unref(ekfac);
            net_close(&net);
        }
}

/* Of whole bases of tensors' rows: their block of the matrix is diagonal in them. */
static void blocks_of_single_rows_are_exact(void **state)
{
    (void)state;
    size_t found = 0;
    for (int kind = NET_CONV; kind <= NET_TOKENS; kind++) {
        struct net net = net_open((enum net_kind)kind, SAMPLES, 5);
        struct lethe_ekfac *ekfac = net_ekfac(&net, NULL, SAMPLES, (struct lethe_ekfac_spec){0});
        const size_t size = ekfac->size;
        double *f = dense(&net, NULL, SAMPLES), *q = lethe_alloc(size, sizeof *q);
        double *r = lethe_alloc(size, sizeof *r);
        for (size_t b = 0; b < ekfac->count; b++) {
            const struct lethe_ekfac_block *block = &ekfac->blocks[b];
            if (block->kind != LETHE_EKFAC_ROWS || block->units > 1)
                continue;
            found++;
            for (size_t a = 0; a < block->width; a++)
                for (size_t c = 0; c < a; c++) {
                    double cross = 0;
                    direction(q, ekfac, block, 0, a);
                    direction(r, ekfac, block, 0, c);
                    for (size_t i = 0; i < size; i++)
                        for (size_t j = 0; j < size; j++)
                            cross += q[i] * f[i * size + j] * r[j];
                    assert_true(fabs(cross) < 1e-9);
                }
        }
        lethe_free(f);
        lethe_free(q);
        lethe_free(r);
        lethe_ekfac_unref(ekfac);
        net_close(&net);
    }
    assert_true(found >= 5);
}

/* The first layer's inputs are the data: sums over patches of the images, made here by hand. */
static void bases_of_inputs_diagonalise_their_sum(void **state)
{
    (void)state;
    struct net net = net_open(NET_CONV, SAMPLES, 8);
    struct lethe_ekfac *ekfac = net_ekfac(&net, NULL, SAMPLES, (struct lethe_ekfac_spec){0});
    const struct lethe_ekfac_block *block = &ekfac->blocks[0];
    enum { C = 2, S = 6, P = C * 9 + 1 };
    double sum[P][P] = {{0}}, x[C * S * S], patch[P];
    assert_int_equal(block->width, P);
    for (size_t i = 0; i < SAMPLES; i++) {
        lethe_dataset_batch(net.data, x, NULL, &i, 1);
        for (int r = 0; r < S; r++)
            for (int c = 0; c < S; c++) {
                for (int k = 0; k < P - 1; k++) {
                    const int y = r + k / 3 % 3 - 1, z = c + k % 3 - 1;
                    patch[k] =
                        y < 0 || z < 0 || y >= S || z >= S ? 0 : x[k / 9 * S * S + y * S + z];
                }
                patch[P - 1] = 1;
                for (int k = 0; k < P; k++)
                    for (int l = 0; l < P; l++)
                        sum[k][l] += patch[k] * patch[l];
            }
    }
    for (size_t a = 0; a < P; a++)
        for (size_t b = 0; b <= a; b++) {
            double cross = 0;
            for (size_t k = 0; k < P; k++)
                for (size_t l = 0; l < P; l++)
                    cross += block->in.v[a * P + k] * sum[k][l] * block->in.v[b * P + l];
            assert_true(a == b ? cross > 1 : fabs(cross) < 1e-8);
        }
    lethe_ekfac_unref(ekfac);
    net_close(&net);
}

/* The matrix that bases and values stand for, whatever lies outside them: widest 3 leaves much. */
static double *stands_for(const struct lethe_ekfac *ekfac, double shift)
{
    const size_t n = ekfac->size;
    double *e = lethe_alloc_zero(n * n, sizeof *e), *q = lethe_alloc(n, sizeof *q);
    for (size_t b = 0; b < ekfac->count; b++) {
        const struct lethe_ekfac_block *k = &ekfac->blocks[b];
        const size_t vi = lethe_side_values(&k->in), ro = k->out.rank, ri = k->in.rank;
        double *u = lethe_alloc_zero(k->units * k->units, sizeof *u);
        double *v = lethe_alloc_zero(k->width * k->width, sizeof *v);
        double *m = lethe_alloc(k->units * k->width, sizeof *m);
        for (size_t s = 0; s <= ro; s++)
            for (size_t a = 0; a <= ri; a++) {
                if ((s == ro && ro == k->units) || (a == ri && ri == k->width))
                    continue;
                /* projections on one vector each, or on what is outside all of them */
                for (size_t i = 0; i < k->units * k->units; i++)
                    u[i] = s == ro && i % (k->units + 1) == 0;
                for (size_t t = s == ro ? 0 : s; t < (s == ro ? ro : s + 1); t++)
                    for (size_t i = 0; i < k->units * k->units; i++)
                        u[i] += (s == ro ? -1 : 1) *
                                (k->out.v ? k->out.v[t * k->units + i / k->units] *
                                                k->out.v[t * k->units + i % k->units]
                                          : i / k->units == t && i % k->units == t);
                for (size_t i = 0; i < k->width * k->width; i++)
                    v[i] = a == ri && i % (k->width + 1) == 0;
                for (size_t t = a == ri ? 0 : a; t < (a == ri ? ri : a + 1); t++)
                    for (size_t i = 0; i < k->width * k->width; i++)
                        v[i] +=
                            (a == ri ? -1 : 1) * (k->in.v ? k->in.v[t * k->width + i / k->width] *
                                                                k->in.v[t * k->width + i % k->width]
                                                          : i / k->width == t && i % k->width == t);
                for (size_t j = 0; j < k->units * k->width; j++) {
                    double column = -1;
                    for (size_t i = 0; i < k->units * k->width; i++)
                        m[i] = k->values[s * vi + a] * u[i / k->width * k->units + j / k->width] *
                               v[i % k->width * k->width + j % k->width];
                    memset(q, 0, n * sizeof *q);
                    lethe_ekfac_scatter(q, ekfac, k, m);
                    for (size_t i = 0; i < k->units * k->width; i++)
                        m[i] = i == j;
                    double *at = lethe_alloc_zero(n, sizeof *at);
                    lethe_ekfac_scatter(at, ekfac, k, m);
                    for (size_t i = 0; i < n; i++)
                        column = at[i] > 0 ? (double)i : column;
                    for (size_t i = 0; i < n; i++)
                        e[i * n + (size_t)column] += q[i];
                    lethe_free(at);
                }
            }
        lethe_free(u);
        lethe_free(v);
        lethe_free(m);
    }
    for (size_t i = 0; i < n; i++)
        e[i * n + i] += shift;
    lethe_free(q);
    return e;
}

static void solves_are_those_of_the_matrix(void **state)
{
    (void)state;
    for (int kind = 0; kind < NET_KINDS; kind++)
        for (size_t widest = 3; widest < 64; widest += 60) {
            struct net net = net_open((enum net_kind)kind, SAMPLES, 11);
            struct lethe_ekfac *ekfac =
                net_ekfac(&net, NULL, SAMPLES, (struct lethe_ekfac_spec){.widest = widest});
            const size_t n = ekfac->size;
            const double shift = widest > 3 ? 1e-3 : 0.2385;
            double *e = stands_for(ekfac, shift), *x = lethe_alloc(n, sizeof *x);
            double *y = lethe_alloc(n, sizeof *y);
            for (size_t i = 0; i < n; i++)
                x[i] = sin(2.385 * (double)i);
            for (size_t i = 0; i < n; i++)
                for (size_t j = 0, first = 1; j < n; j++, first = 0)
                    y[i] = (first ? 0 : y[i]) + e[i * n + j] * x[j];
            struct lethe_ekfac_turned turned;
            double *again = lethe_alloc(n, sizeof *again);
            assert_int_equal(lethe_ekfac_turn(&turned, ekfac, y, NULL, NULL), LETHE_OK);
            assert_int_equal(lethe_ekfac_solve(ekfac, y, shift, NULL), LETHE_OK);
            for (size_t i = 0; i < n; i++)
                assert_true(fabs(y[i] - x[i]) < 1e-9);
            /* what was turned once serves every shift, and bit for bit alike */
            assert_int_equal(lethe_ekfac_solve_turned(ekfac, again, 3, &turned, NULL, NULL),
                             LETHE_OK);
            assert_memory_not_equal(again, y, n * sizeof *y);
            assert_int_equal(lethe_ekfac_solve_turned(ekfac, again, shift, &turned, NULL, NULL),
                             LETHE_OK);
            assert_memory_equal(again, y, n * sizeof *y);
            lethe_ekfac_turned_release(&turned);
            lethe_free(again);
            assert_int_equal(lethe_ekfac_times(ekfac, y, shift, NULL), LETHE_OK);
            for (size_t i = 0; i < n; i++) {
                double want = 0;
                for (size_t j = 0; j < n; j++)
                    want += e[i * n + j] * x[j];
                assert_true(fabs(y[i] - want) < 1e-9);
            }
            lethe_free(e);
            lethe_free(x);
            lethe_free(y);
            lethe_ekfac_unref(ekfac);
            net_close(&net);
        }
}

/* What lies outside incomplete bases: the trace of the matrix there, divided evenly. */
static void nothing_of_the_trace_is_lost(void **state)
{
    (void)state;
    for (int kind = 0; kind < NET_BEHIND; kind++)
        for (size_t widest = 2; widest < 10; widest += 3) {
            struct net net = net_open((enum net_kind)kind, SAMPLES, 13);
            struct lethe_ekfac *ekfac =
                net_ekfac(&net, NULL, SAMPLES, (struct lethe_ekfac_spec){.widest = widest});
            struct lethe_ekfac_figures figures;
            double *f = dense(&net, NULL, SAMPLES), trace = 0;
            for (size_t i = 0; i < ekfac->size; i++)
                trace += f[i * ekfac->size + i];
            lethe_ekfac_read(ekfac, &figures);
            assert_true(fabs(figures.mean * (double)ekfac->size - trace) < 1e-9 * trace);
            assert_true(widest > 2 || figures.kept < 1);
            lethe_free(f);
            lethe_ekfac_unref(ekfac);
            net_close(&net);
        }
}

static void a_diagonal_is_estimated_where_samples_are_not_apart(void **state)
{
    (void)state;
    enum { MANY = 400, SEEDS = 40, BATCHES = MANY / 16 };
    struct net net = net_open(NET_BEHIND, MANY, 3);
    const size_t size = lethe_graph_size(net.graph);
    double *f = dense(&net, NULL, MANY), *got = lethe_alloc_zero(size, sizeof *got);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct lethe_ekfac *ekfac =
            net_ekfac(&net, NULL, MANY, (struct lethe_ekfac_spec){.seed = seed});
        struct lethe_ekfac_figures figures;
        lethe_ekfac_read(ekfac, &figures);
        assert_int_equal(figures.estimated, 4 * 5 + 5);
        for (size_t b = 0; b < ekfac->count; b++) {
            const struct lethe_ekfac_block *block = &ekfac->blocks[b];
            for (size_t i = 0; block->kind == LETHE_EKFAC_LEFT && i < block->width; i++)
                got[lethe_graph_param(net.graph, block->tensor[0])->offset + i] +=
                    block->values[i] / SEEDS;
        }
        lethe_ekfac_unref(ekfac);
    }
    for (size_t k = 0; k < lethe_graph_param_count(net.graph); k++) {
        const struct lethe_param *param = lethe_graph_param(net.graph, k);
        double mean = 0;
        for (size_t i = param->offset; i < param->offset + param->size; i++)
            mean += f[i * size + i] / (double)param->size;
        for (size_t i = param->offset; got[i] > 0 && i < param->offset + param->size; i++) {
            const double want = (BATCHES * f[i * size + i] + 4 * mean) / (BATCHES + 4);
            assert_true(fabs(got[i] / want - 1) < 0.25);
        }
    }
    lethe_free(f);
    lethe_free(got);
    net_close(&net);
}

static void removed_samples_take_their_share_along(void **state)
{
    (void)state;
    for (int kind = 0; kind < NET_BEHIND; kind++) {
        struct net net = net_open((enum net_kind)kind, SAMPLES, 19);
        const size_t gone[] = {3, 17, 18, 39};
        size_t kept[SAMPLES], count = 0;
        for (size_t i = 0; i < SAMPLES; i++)
            if (i != 3 && i != 17 && i != 18 && i != 39)
                kept[count++] = i;
        for (size_t draws = 0; draws < 3; draws += 2) {
            struct lethe_ekfac *all =
                net_ekfac(&net, NULL, SAMPLES, (struct lethe_ekfac_spec){.draws = draws});
            struct lethe_ekfac *less = NULL;
            struct lethe_problem *removed = net_problem(&net, gone, 4, LETHE_F64);
            double *f = dense(&net, kept, count), *q = lethe_alloc(all->size, sizeof *q);
            assert_int_equal(lethe_ekfac_without(&less, all, removed, net.w, NULL, NULL), LETHE_OK);
            lethe_ekfac_unref(all); /* the bases live on */
            assert_int_equal(less->samples, count);
            for (size_t b = 0; draws == 0 && b < less->count; b++)
                for (size_t s = 0; s < less->blocks[b].units; s++)
                    for (size_t a = 0; a < less->blocks[b].width; a++) {
                        direction(q, less, &less->blocks[b], s, a);
                        const double want = along(f, q, less->size);
                        assert_true(fabs(less->blocks[b].values[s * less->blocks[b].width + a] -
                                         want) < 1e-12 + 1e-8 * want);
                    }
            for (size_t b = 0; b < less->count; b++)
                for (size_t i = 0; i < less->blocks[b].units * less->blocks[b].width; i++)
                    assert_true(less->blocks[b].values[i] >= 0);
            lethe_problem_free(removed);
            lethe_ekfac_unref(less);
            lethe_free(f);
            lethe_free(q);
        }
        net_close(&net);
    }
}

static void drawn_labels_are_right_on_average(void **state)
{
    (void)state;
    struct net net = net_open(NET_CONV, SAMPLES, 23);
    struct lethe_ekfac *exact = net_ekfac(&net, NULL, SAMPLES, (struct lethe_ekfac_spec){0});
    struct lethe_ekfac *drawn =
        net_ekfac(&net, NULL, SAMPLES, (struct lethe_ekfac_spec){.draws = 400, .positions = 7});
    struct lethe_ekfac_figures a, b;
    lethe_ekfac_read(exact, &a);
    lethe_ekfac_read(drawn, &b);
    assert_true(fabs(b.mean / a.mean - 1) < 0.05);
    assert_int_equal(b.draws, 400);
    lethe_ekfac_unref(exact);
    lethe_ekfac_unref(drawn);
    net_close(&net);
}

static void float_passes_are_close_to_double_ones(void **state)
{
    (void)state;
    for (int kind = 0; kind < NET_KINDS; kind++) {
        struct net net = net_open((enum net_kind)kind, SAMPLES, 29);
        struct lethe_ekfac_spec spec = {.problem = net_problem(&net, NULL, SAMPLES, LETHE_F32),
                                        .w = net.w};
        struct lethe_ekfac *f32 = NULL;
        struct lethe_ekfac *f64 = net_ekfac(&net, NULL, SAMPLES, (struct lethe_ekfac_spec){0});
        struct lethe_ekfac_figures a, b;
        assert_int_equal(lethe_ekfac_new(&f32, &spec, NULL, NULL), LETHE_OK);
        lethe_ekfac_read(f32, &a);
        lethe_ekfac_read(f64, &b);
        assert_true(fabs(a.mean / b.mean - 1) < 1e-5);
        lethe_problem_free(spec.problem);
        lethe_ekfac_unref(f32);
        lethe_ekfac_unref(f64);
        net_close(&net);
    }
}

static void refusals_name_the_cause(void **state)
{
    (void)state;
    struct net net = net_open(NET_PLAIN, 6, 31);
    struct lethe_ekfac *ekfac = net_ekfac(&net, NULL, 6, (struct lethe_ekfac_spec){0}),
                       *less = NULL;
    struct lethe_problem *all = net_problem(&net, NULL, 6, LETHE_F64);
    struct lethe_error err = {0};
    struct lethe_watch watch;
    double x[256] = {1};
    assert_int_equal(lethe_ekfac_solve(ekfac, x, 0, &err), LETHE_EARG);
    assert_non_null(strstr(err.message, "damping"));
    assert_int_equal(lethe_ekfac_without(&less, ekfac, all, net.w, NULL, &err), LETHE_EARG);
    lethe_watch_init(&watch);
    lethe_watch_cancel(&watch);
    const struct lethe_ekfac_spec spec = {.problem = all, .w = net.w};
    assert_int_equal(lethe_ekfac_new(&less, &spec, &watch, &err), LETHE_ECANCEL);
    for (long n = 0; n < 400; n++) { /* every allocation fails once */
        lethe_alloc_fail_after(n);
        const enum lethe_err rc = lethe_ekfac_new(&less, &spec, NULL, &err);
        lethe_alloc_fail_after(-1);
        if (rc == LETHE_OK) {
            assert_true(n > 20);
            lethe_ekfac_unref(less);
            break;
        }
        assert_int_equal(rc, LETHE_ENOMEM);
    }
    lethe_problem_free(all);
    lethe_ekfac_unref(ekfac);
    net_close(&net);
}

/* Packed and read again it is the same to the bit; cut off, or of another network, it is refused.
 */
static void bytes_give_it_back(void **state)
{
    (void)state;
    for (int kind = 0; kind < NET_KINDS; kind++) {
        struct net net = net_open((enum net_kind)kind, SAMPLES, 5);
        struct net other = net_open(kind == NET_PLAIN ? NET_CONV : NET_PLAIN, SAMPLES, 5);
        struct lethe_ekfac_spec how = {.seed = 3, .draws = 1, .widest = kind == NET_PLAIN ? 7 : 0};
        struct lethe_ekfac *made = net_ekfac(&net, NULL, SAMPLES, how), *read = NULL;
        unsigned char *data = NULL;
        size_t size = 0;
        assert_int_equal(lethe_ekfac_pack(&data, &size, made, NULL), LETHE_OK);
        how.problem = net_problem(&net, NULL, SAMPLES, LETHE_F64);
        how.w = net.w;
        assert_int_equal(lethe_ekfac_unpack(&read, &how, data, size, NULL), LETHE_OK);
        double *a = lethe_alloc(made->size, sizeof *a), *b = lethe_alloc(made->size, sizeof *b);
        for (size_t i = 0; i < made->size; i++)
            a[i] = b[i] = net.w[i] + 0.385;
        assert_int_equal(lethe_ekfac_solve(made, a, 0.01, NULL), LETHE_OK);
        assert_int_equal(lethe_ekfac_solve(read, b, 0.01, NULL), LETHE_OK);
        assert_memory_equal(a, b, made->size * sizeof *a);
        lethe_ekfac_unref(read);
        for (size_t cut = 0; cut < size; cut += 1 + size / 37)
            assert_int_equal(lethe_ekfac_unpack(&read, &how, data, cut, NULL), LETHE_EFORMAT);
        how.seed++;
        assert_int_equal(lethe_ekfac_unpack(&read, &how, data, size, NULL), LETHE_EFORMAT);
        how.seed--;
        lethe_problem_free(how.problem);
        how.problem = net_problem(&other, NULL, SAMPLES, LETHE_F64);
        assert_int_equal(lethe_ekfac_unpack(&read, &how, data, size, NULL), LETHE_EFORMAT);
        lethe_problem_free(how.problem);
        lethe_ekfac_unref(made);
        lethe_free(data);
        lethe_free(a);
        lethe_free(b);
        net_close(&other);
        net_close(&net);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_give_it_back),
        cmocka_unit_test(blocks_hold_every_parameter_once),
        cmocka_unit_test(values_are_quadratic_forms_of_the_matrix),
        cmocka_unit_test(blocks_of_single_rows_are_exact),
        cmocka_unit_test(bases_of_inputs_diagonalise_their_sum),
        cmocka_unit_test(solves_are_those_of_the_matrix),
        cmocka_unit_test(nothing_of_the_trace_is_lost),
        cmocka_unit_test(a_diagonal_is_estimated_where_samples_are_not_apart),
        cmocka_unit_test(removed_samples_take_their_share_along),
        cmocka_unit_test(drawn_labels_are_right_on_average),
        cmocka_unit_test(float_passes_are_close_to_double_ones),
        cmocka_unit_test(refusals_name_the_cause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
