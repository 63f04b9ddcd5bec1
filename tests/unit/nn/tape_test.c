/* SPDX-License-Identifier: MIT
 * Tapes: what they compute is what the executor computes batch by batch, in any order and for every
 * number of threads; Hessian products against a network worked out by hand and against differences
 * of gradients; directions that move few parameters; captures; running out of memory. */
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
#include "nn/exec.h"
#include "nn/tape.h"
#include "tests/support/block_net.h"

enum { N = BLOCK_BATCH, C = BLOCK_CLASSES };

/* M of a softmax is what the unit under test meets most often; any symmetric one will do. */
static void weigh(void *context, double *rows, size_t first, size_t n)
{
    const size_t classes = *(const size_t *)context;
    for (size_t i = 0; i < n; i++) {
        double *u = rows + i * classes, mean = 0;
        for (size_t c = 0; c < classes; c++)
            mean += u[c] / (double)classes;
        for (size_t c = 0; c < classes; c++)
            u[c] = (1 + 0.1 * (double)((first + i) % 7)) * (u[c] - mean);
    }
}

static double apart(const double *a, const double *b, size_t n)
{
    double off = 0, scale = 0;
    for (size_t i = 0; i < n; i++) {
        off = fmax(off, fabs(a[i] - b[i]));
        scale = fmax(scale, fabs(b[i]));
    }
    return off / (scale + 1e-300);
}

struct taped {
    struct block_net net;
    struct lethe_exec *exec, *plain;
    struct lethe_tape *tape;
    size_t classes;
    double *moved, *g, *reference; /* (N, C), (size) twice */
    struct lethe_tape_pass pass;
};

static void open_tape(struct taped *t, enum block_kind kind, enum lethe_dtype dtype, size_t n)
{
    double z[N * C];
    block_net_init(&t->net, kind);
    t->classes = C;
    t->moved = calloc(N * C, sizeof(double));
    t->g = calloc(t->net.size, sizeof(double));
    t->reference = calloc(t->net.size, sizeof(double));
    t->exec = lethe_exec_new(t->net.graph, dtype, N, NULL);
    t->plain = lethe_exec_new(t->net.graph, dtype, N, NULL);
    lethe_exec_weights(t->exec, t->net.w);
    lethe_exec_weights(t->plain, t->net.w);
    assert_int_equal(lethe_tape_new(&t->tape, t->exec, n, NULL), 0);
    assert_int_equal(lethe_tape_record(t->tape, t->moved, t->net.inputs, NULL), 0);
    assert_int_equal(lethe_exec_forward(t->plain, z, t->net.inputs, n, NULL), 0);
    assert_memory_equal(z, t->moved, n * C * sizeof *z);
    assert_int_equal(lethe_tape_direction(t->exec, t->net.v, 1, NULL), 0);
    t->pass = (struct lethe_tape_pass){.weigh = weigh,
                                       .context = &t->classes,
                                       .dlogits = t->net.u,
                                       .grad = t->g,
                                       .moved = t->moved};
}

static void close_tape(struct taped *t)
{
    lethe_tape_free(t->tape);
    lethe_exec_free(t->exec);
    lethe_exec_free(t->plain);
    free(t->moved);
    free(t->g);
    free(t->reference);
    block_net_release(&t->net);
}

static void clear_grad(struct taped *t)
{
    memset(t->g, 0, t->net.size * sizeof *t->g);
    memset(t->reference, 0, t->net.size * sizeof *t->g);
}

static void check_first_order(struct taped *t, size_t n)
{
    double jv[N * C];
    assert_int_equal(lethe_exec_jvp(t->plain, jv, t->net.v, NULL), 0);
    assert_int_equal(lethe_tape_jvp(t->tape, &t->pass, NULL), 0);
    assert_memory_equal(jv, t->moved, n * C * sizeof *jv);
    clear_grad(t);
    assert_int_equal(lethe_exec_backward(t->plain, t->reference, t->net.u, NULL), 0);
    assert_int_equal(lethe_tape_vjp(t->tape, &t->pass, NULL), 0);
    assert_memory_equal(t->reference, t->g, t->net.size * sizeof *t->g);
    clear_grad(t);
    weigh(&t->classes, jv, 0, n);
    assert_int_equal(lethe_exec_backward(t->plain, t->reference, jv, NULL), 0);
    assert_int_equal(lethe_tape_ggn(t->tape, &t->pass, NULL), 0);
    assert_memory_equal(t->reference, t->g, t->net.size * sizeof *t->g);
}

static void a_tape_is_a_pass_that_stays(void **state)
{
    (void)state;
    for (int kind = BLOCK_SMOOTH; kind <= BLOCK_MAXIMUM; kind++)
        for (int dtype = LETHE_F32; dtype <= LETHE_F64; dtype++)
            for (int few = 0; few < 2; few++) {
                const size_t n = few ? N - 5 : N;
                struct lethe_tape *other = NULL;
                double z[N * C], zeros[3 * BLOCK_WIDTH] = {0};
                const double *inputs[] = {zeros};
                struct taped t;
                open_tape(&t, (enum block_kind)kind, (enum lethe_dtype)dtype, n);
                check_first_order(&t, n);
                assert_int_equal(lethe_tape_new(&other, t.exec, 3, NULL), 0);
                assert_int_equal(lethe_tape_record(other, z, inputs, NULL), 0);
                check_first_order(&t, n);
                lethe_tape_free(other);
                check_first_order(&t, n);
                assert_true(lethe_tape_bytes(t.exec, n) > 0);
                close_tape(&t);
            }
}

static void threads_change_no_bit(void **state)
{
    (void)state;
    for (int dtype = LETHE_F32; dtype <= LETHE_F64; dtype++) {
        struct taped t;
        open_tape(&t, BLOCK_SMOOTH, (enum lethe_dtype)dtype, N);
        clear_grad(&t);
        assert_int_equal(lethe_tape_hvp(t.tape, &t.pass, NULL), 0);
        memcpy(t.reference, t.g, t.net.size * sizeof *t.g);
        for (unsigned threads = 2; threads <= 5; threads += 3) {
            assert_int_equal(lethe_exec_threads(t.exec, threads, NULL), 0);
            memset(t.g, 0, t.net.size * sizeof *t.g);
            assert_int_equal(lethe_tape_hvp(t.tape, &t.pass, NULL), 0);
            assert_memory_equal(t.reference, t.g, t.net.size * sizeof *t.g);
        }
        close_tape(&t);
    }
}

/* grad = sum of J'(u + M (z - z0)) at w + h v: its derivative by h at 0 is the Hessian product. */
static void gradient_beside(struct taped *t, double *grad, const double *z0, double h)
{
    double z[N * C];
    double *w = malloc((t->net.size + 4096) * sizeof *w);
    memcpy(w, t->net.w, (t->net.size + lethe_graph_buffers(t->net.graph)) * sizeof *w);
    for (size_t i = 0; i < t->net.size; i++)
        w[i] += h * t->net.v[i];
    lethe_exec_weights(t->plain, w);
    assert_int_equal(lethe_exec_forward(t->plain, z, t->net.inputs, N, NULL), 0);
    for (size_t i = 0; i < N * C; i++)
        z[i] -= z0[i];
    weigh(&t->classes, z, 0, N);
    for (size_t i = 0; i < N * C; i++)
        z[i] += t->net.u[i];
    memset(grad, 0, t->net.size * sizeof *grad);
    assert_int_equal(lethe_exec_backward(t->plain, grad, z, NULL), 0);
    free(w);
}

static void hessians_of_smooth_networks_are_what_differences_say(void **state)
{
    (void)state;
    const double h = 1e-6;
    double z0[N * C];
    struct taped t;
    open_tape(&t, BLOCK_SMOOTH, LETHE_F64, N);
    double *low = malloc(t.net.size * sizeof *low);
    memcpy(z0, t.moved, sizeof z0);
    clear_grad(&t);
    assert_int_equal(lethe_tape_hvp(t.tape, &t.pass, NULL), 0);
    gradient_beside(&t, t.reference, z0, h);
    gradient_beside(&t, low, z0, -h);
    for (size_t i = 0; i < t.net.size; i++)
        t.reference[i] = (t.reference[i] - low[i]) / (2 * h);
    assert_true(apart(t.g, t.reference, t.net.size) < 1e-6);
    free(low);
    close_tape(&t);
}

static void float_follows_double(void **state)
{
    (void)state;
    for (int kind = BLOCK_SMOOTH; kind <= BLOCK_MAXIMUM; kind++) {
        struct taped single, t;
        open_tape(&t, (enum block_kind)kind, LETHE_F64, N);
        open_tape(&single, (enum block_kind)kind, LETHE_F32, N);
        clear_grad(&t);
        clear_grad(&single);
        assert_int_equal(lethe_tape_hvp(t.tape, &t.pass, NULL), 0);
        assert_int_equal(lethe_tape_hvp(single.tape, &single.pass, NULL), 0);
        assert_true(apart(single.g, t.g, t.net.size) < 1e-3);
        close_tape(&t);
        close_tape(&single);
    }
}

/* ---- by hand --------------------------------------------------------------------------------- */

struct two_layers {
    size_t in, hidden, classes, n;
    const double *w, *v, *x, *u;
};

/* Row j of the first layer with its bias is at j (in + 1), or so the parameters' offsets say. */
static double dense(const double *w, const struct lethe_param *weight,
                    const struct lethe_param *bias, size_t j, const double *x, size_t width,
                    double with_bias)
{
    double sum = with_bias * w[bias->offset + j];
    for (size_t k = 0; k < width; k++)
        sum += w[weight->offset + j * width + k] * x[k];
    return sum;
}

/* With a = relu(W1 x + b1) and z = W2 a + b2, at all w but corners:
 *   da = mask (V1 x + c1), dz = W2 da + V2 a + c2, r = M dz
 *   W2: r a' + u da', W1: mask (W2'r + V2'u) x' */
static void by_hand(double *g, const struct lethe_graph *graph, const struct two_layers *t)
{
    const struct lethe_param *p[4];
    double a[64], da[64], r[64], delta[64];
    for (size_t k = 0; k < 4; k++)
        p[k] = lethe_graph_param(graph, k);
    for (size_t i = 0; i < t->n; i++) {
        const double *x = t->x + i * t->in, *u = t->u + i * t->classes;
        for (size_t j = 0; j < t->hidden; j++) {
            a[j] = fmax(0, dense(t->w, p[0], p[1], j, x, t->in, 1));
            da[j] = a[j] > 0 ? dense(t->v, p[0], p[1], j, x, t->in, 1) : 0;
            delta[j] = 0;
        }
        for (size_t c = 0; c < t->classes; c++)
            r[c] = dense(t->w, p[2], p[3], c, da, t->hidden, 0) +
                   dense(t->v, p[2], p[3], c, a, t->hidden, 1);
        size_t classes = t->classes;
        weigh(&classes, r, i, 1);
        for (size_t c = 0; c < t->classes; c++) {
            g[p[3]->offset + c] += r[c];
            for (size_t j = 0; j < t->hidden; j++) {
                const size_t at = p[2]->offset + c * t->hidden + j;
                g[at] += r[c] * a[j] + u[c] * da[j];
                delta[j] += a[j] > 0 ? t->w[at] * r[c] + t->v[at] * u[c] : 0;
            }
        }
        for (size_t j = 0; j < t->hidden; j++) {
            g[p[1]->offset + j] += delta[j];
            for (size_t k = 0; k < t->in; k++)
                g[p[0]->offset + j * t->in + k] += delta[j] * x[k];
        }
    }
}

static void hessians_of_relu_networks_are_exact(void **state)
{
    (void)state;
    struct lethe_rng rng;
    lethe_rng_init(&rng, 11, LETHE_RNG_TEST, 3, 0);
    for (int round = 0; round < 200; round++) {
        struct two_layers t = {.in = 1 + lethe_rng_below(&rng, 9),
                               .hidden = 1 + lethe_rng_below(&rng, 17),
                               .classes = 2 + lethe_rng_below(&rng, 6),
                               .n = 1 + lethe_rng_below(&rng, 12)};
        const size_t widths[] = {t.in, t.hidden, t.classes};
        struct lethe_graph *graph = NULL;
        struct lethe_tape *tape = NULL;
        assert_int_equal(lethe_graph_mlp(&graph, widths, 3, "relu", NULL), 0);
        const size_t size = lethe_graph_size(graph);
        double *all = malloc((4 * size + t.n * (t.in + 3 * t.classes)) * sizeof *all);
        double *w = all, *v = w + size, *g = v + size, *hand = g + size, *x = hand + size;
        double *u = x + t.n * t.in, *moved = u + t.n * t.classes;
        for (size_t i = 0; i < 4 * size + t.n * (t.in + 3 * t.classes); i++)
            all[i] = lethe_rng_normal(&rng);
        memset(g, 0, 2 * size * sizeof *g);
        t.w = w, t.v = v, t.x = x, t.u = u;
        const double *inputs[] = {x};
        struct lethe_exec *exec = lethe_exec_new(graph, LETHE_F64, t.n, NULL);
        struct lethe_tape_pass pass = {
            .weigh = weigh, .context = &t.classes, .dlogits = u, .grad = g, .moved = moved};
        lethe_exec_weights(exec, w);
        assert_int_equal(lethe_tape_new(&tape, exec, t.n, NULL), 0);
        assert_int_equal(lethe_tape_record(tape, moved, inputs, NULL), 0);
        assert_int_equal(lethe_tape_direction(exec, v, 1, NULL), 0);
        assert_int_equal(lethe_tape_hvp(tape, &pass, NULL), 0);
        by_hand(hand, graph, &t);
        assert_true(apart(g, hand, size) < 1e-12);
        lethe_tape_free(tape);
        lethe_exec_free(exec);
        lethe_graph_unref(graph);
        free(all);
    }
}

/* ---- parts of it ----------------------------------------------------------------------------- */

/* The tape anew for another support; bytes it keeps. */
static size_t support_only(struct taped *t, const unsigned char *support)
{
    assert_int_equal(lethe_tape_support(t->exec, support, NULL), 0);
    lethe_tape_free(t->tape);
    assert_int_equal(lethe_tape_new(&t->tape, t->exec, N, NULL), 0);
    assert_int_equal(lethe_tape_record(t->tape, t->moved, t->net.inputs, NULL), 0);
    return lethe_tape_bytes(t->exec, N);
}

/* v is 0 but for one tensor: leaving out what it does not reach changes nothing for it, and the
 * nearer to the end it is the less a tape keeps. */
static void what_one_tensor_reaches_is_enough(void **state)
{
    (void)state;
    struct taped t;
    open_tape(&t, BLOCK_SMOOTH, LETHE_F64, N);
    const size_t params = lethe_graph_param_count(t.net.graph);
    unsigned char *support = calloc(params, 1);
    double *v = calloc(t.net.size, sizeof *v);
    const size_t all = lethe_tape_bytes(t.exec, N);
    size_t least = all;
    for (size_t p = 0; p < params; p++) {
        const struct lethe_param *param = lethe_graph_param(t.net.graph, p);
        if (!param->trainable)
            continue;
        memset(v, 0, t.net.size * sizeof *v);
        memcpy(v + param->offset, t.net.v + param->offset, param->size * sizeof *v);
        clear_grad(&t);
        assert_int_equal(lethe_tape_direction(t.exec, v, 1, NULL), 0);
        assert_true(support_only(&t, NULL) == all);
        assert_int_equal(lethe_tape_hvp(t.tape, &t.pass, NULL), 0);
        memcpy(t.reference, t.g, t.net.size * sizeof *t.g);
        memset(t.g, 0, t.net.size * sizeof *t.g);
        memset(support, 0, params);
        support[p] = 1;
        const size_t bytes = support_only(&t, support);
        assert_true(bytes <= all);
        least = bytes < least ? bytes : least;
        assert_int_equal(lethe_tape_hvp(t.tape, &t.pass, NULL), 0);
        assert_true(apart(t.g + param->offset, t.reference + param->offset, param->size) < 1e-12);
        for (size_t q = 0; q < params; q++) { /* what comes before is not even looked at */
            const struct lethe_param *other = lethe_graph_param(t.net.graph, q);
            for (size_t i = 0; q != p && other->trainable && i < other->size; i++)
                assert_true(t.g[other->offset + i] == 0);
        }
    }
    assert_true(least < all / 4);
    free(v);
    free(support);
    close_tape(&t);
}

/* Captured tangents of a tanh network against differences of captured values. */
static void captured_tangents_are_what_differences_say(void **state)
{
    (void)state;
    enum { IN = 6, HIDDEN = 5, K = 3, M = 7 };
    const double h = 1e-6;
    const size_t widths[] = {IN, HIDDEN, K};
    struct lethe_graph *graph = NULL;
    struct lethe_tape *tape = NULL;
    struct lethe_rng rng;
    lethe_rng_init(&rng, 5, LETHE_RNG_TEST, 4, 0);
    assert_int_equal(lethe_graph_mlp(&graph, widths, 3, "tanh", NULL), 0);
    const size_t size = lethe_graph_size(graph);
    double w[80], v[80], x[M * IN], u[M * K], z[M * K], r[M * K], z0[M * K];
    double input[M * HIDDEN], delta[M * HIDDEN], sides[2][2][M * HIDDEN];
    assert_true(size <= 80);
    for (size_t i = 0; i < size; i++) {
        w[i] = lethe_rng_normal(&rng);
        v[i] = lethe_rng_normal(&rng);
    }
    for (size_t i = 0; i < M * IN; i++)
        x[i] = lethe_rng_normal(&rng);
    for (size_t i = 0; i < M * K; i++)
        u[i] = lethe_rng_normal(&rng);
    const double *inputs[] = {x};
    struct lethe_exec *exec = lethe_exec_new(graph, LETHE_F64, M, NULL);
    size_t classes = K;
    lethe_exec_weights(exec, w);
    assert_int_equal(lethe_exec_forward(exec, z0, inputs, M, NULL), 0);
    for (int side = 0; side < 2; side++) {
        double moved[80];
        for (size_t i = 0; i < size; i++)
            moved[i] = w[i] + (side ? h : -h) * v[i];
        lethe_exec_weights(exec, moved);
        assert_int_equal(lethe_exec_forward(exec, z, inputs, M, NULL), 0);
        for (size_t i = 0; i < M * K; i++)
            r[i] = z[i] - z0[i];
        weigh(&classes, r, 0, M);
        for (size_t i = 0; i < M * K; i++)
            r[i] += u[i];
        assert_int_equal(lethe_exec_backward(exec, NULL, r, NULL), 0);
        lethe_exec_input(exec, 1, sides[side][0]);
        lethe_exec_delta(exec, 0, sides[side][1]);
    }
    double first[M * IN], second[M * K];
    const struct lethe_tape_layer to[] = {{1, input, second}, {0, first, delta}};
    struct lethe_tape_pass pass = {.weigh = weigh,
                                   .context = &classes,
                                   .dlogits = u,
                                   .moved = z,
                                   .layers = to,
                                   .layer_count = 2};
    lethe_exec_weights(exec, w);
    assert_int_equal(lethe_tape_new(&tape, exec, M, NULL), 0);
    assert_int_equal(lethe_tape_record(tape, z, inputs, NULL), 0);
    assert_int_equal(lethe_tape_direction(exec, v, 1, NULL), 0);
    assert_int_equal(lethe_tape_hvp(tape, &pass, NULL), 0);
    for (size_t i = 0; i < M * HIDDEN; i++) {
        sides[1][0][i] = (sides[1][0][i] - sides[0][0][i]) / (2 * h);
        sides[1][1][i] = (sides[1][1][i] - sides[0][1][i]) / (2 * h);
    }
    assert_true(apart(input, sides[1][0], M * HIDDEN) < 1e-7);
    assert_true(apart(delta, sides[1][1], M * HIDDEN) < 1e-7);
    for (size_t i = 0; i < M * IN; i++)
        assert_true(first[i] == 0);
    lethe_tape_free(tape);
    lethe_exec_free(exec);
    lethe_graph_unref(graph);
}

static void a_pass_can_be_stopped(void **state)
{
    (void)state;
    atomic_int stop = 1;
    struct taped t;
    open_tape(&t, BLOCK_RELU, LETHE_F32, N);
    clear_grad(&t);
    t.pass.stop = &stop;
    assert_int_equal(lethe_tape_hvp(t.tape, &t.pass, NULL), 0);
    assert_memory_equal(t.g, t.reference, t.net.size * sizeof *t.g);
    close_tape(&t);
}

static void running_out_of_memory_is_reported(void **state)
{
    (void)state;
    struct taped t;
    open_tape(&t, BLOCK_RELU, LETHE_F32, N);
    int done = 0;
    for (long after = 0; after < 2000 && !done; after++) {
        struct lethe_error err = {0};
        struct lethe_tape *tape = NULL;
        lethe_alloc_fail_after(after);
        struct lethe_exec *exec = lethe_exec_new(t.net.graph, LETHE_F32, 5, &err);
        done = exec && !lethe_tape_support(exec, NULL, &err) &&
               !lethe_tape_new(&tape, exec, 5, &err) &&
               !lethe_tape_record(tape, t.moved, t.net.inputs, &err) &&
               !lethe_tape_direction(exec, t.net.v, 1, &err) &&
               !lethe_tape_hvp(tape, &t.pass, &err);
        lethe_alloc_fail_after(-1);
        assert_true(done || err.code == LETHE_ENOMEM);
        lethe_tape_free(tape);
        lethe_exec_free(exec);
    }
    assert_true(done);
    close_tape(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tape_is_a_pass_that_stays),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(hessians_of_smooth_networks_are_what_differences_say),
        cmocka_unit_test(float_follows_double),
        cmocka_unit_test(hessians_of_relu_networks_are_exact),
        cmocka_unit_test(what_one_tensor_reaches_is_enough),
        cmocka_unit_test(captured_tangents_are_what_differences_say),
        cmocka_unit_test(a_pass_can_be_stopped),
        cmocka_unit_test(running_out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
