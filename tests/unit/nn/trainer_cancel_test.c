/* SPDX-License-Identifier: MIT
 * A mini-batch that is cancelled while a layer computes ends with that layer, on the way there and
 * back. Counted in layers: each is run by a stand-in that cancels at its turn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "lethe/rng.h"
#include "nn/trainer_inside.h"
#include "tests/support/blobs.h"

enum { N = 5, IMAGE = 6 * 6, CLASSES = 3, MOST = 64, ROOM = 2000 };

/* What stands in for the operators of the plan's calls, by call. */
static struct {
    struct lethe_op ops[MOST];
    const struct lethe_op *own[MOST];
    const struct lethe_plan *plan;
    size_t ran, at; /* layers so far; the one in which it is cancelled */
    struct lethe_watch watch;
} turn;

static const struct lethe_op *next_turn(const struct lethe_op_call *call)
{
    if (turn.ran++ == turn.at)
        lethe_watch_cancel(&turn.watch);
    return turn.own[call - turn.plan->calls];
}

static void there(const struct lethe_op_call *call, const struct lethe_data *data)
{
    next_turn(call)->forward[LETHE_F64](call, data);
}

static void back(const struct lethe_op_call *call, const struct lethe_data *data)
{
    next_turn(call)->backward[LETHE_F64](call, data);
}

static void stand_in(struct lethe_plan *plan)
{
    assert_in_range(plan->call_count, 4, MOST);
    turn.plan = plan;
    for (size_t i = 0; i < plan->call_count; i++) {
        turn.own[i] = plan->calls[i].op;
        turn.ops[i] = *turn.own[i];
        turn.ops[i].forward[LETHE_F64] = there;
        turn.ops[i].backward[LETHE_F64] = back;
        plan->calls[i].op = &turn.ops[i];
    }
}

static enum lethe_err step(struct lethe_trainer *t, double *grad, double *w, size_t at,
                           int inference, struct lethe_error *err)
{
    static double x[N * IMAGE];
    static const int labels[N] = {0, 1, 2, 1, 0};
    const double *input = x;
    double loss = 0;
    struct lethe_rng rng;
    lethe_rng_init(&rng, 3, LETHE_RNG_TEST, 0, 0);
    for (size_t i = 0; i < N * IMAGE; i++)
        x[i] = lethe_rng_normal(&rng);
    lethe_watch_init(&turn.watch);
    turn.ran = 0;
    turn.at = at;
    const struct lethe_trainer_batch batch = {
        .inputs = &input, .labels = labels, .n = N, .inference = inference, .watch = &turn.watch};
    memset(grad, 0, lethe_graph_size(t->graph) * sizeof *grad);
    return lethe_trainer_step(t, &loss, grad, w, &batch, err);
}

static void a_cancelled_batch_ends_with_its_layer(void **state)
{
    (void)state;
    struct lethe_graph *graph = blobs_cnn();
    struct lethe_error err = {0};
    const size_t size = lethe_graph_size(graph);
    static double w[ROOM], grad[ROOM];
    struct lethe_trainer *t = lethe_trainer_new(graph, LETHE_F64, N, &err);
    assert_non_null(t);
    assert_in_range(size + lethe_graph_buffers(graph), 1, ROOM);
    lethe_graph_init(graph, 7, w);
    stand_in(t->plan);
    for (int inference = 0; inference <= 1; inference++) {
        assert_int_equal(step(t, grad, w, LETHE_NONE, inference, &err), LETHE_OK);
        const size_t layers = turn.ran;
        assert_true(layers >= 8);
        /* in the last one there is nothing left to end */
        for (size_t at = 0; at + 1 < layers; at++) {
            assert_int_equal(step(t, grad, w, at, inference, &err), LETHE_ECANCEL);
            assert_int_equal(turn.ran, at + 1);
            assert_string_equal(err.message, "cancelled while training");
            for (size_t i = 0; i < size; i++)
                assert_true(grad[i] == 0);
        }
        assert_int_equal(step(t, grad, w, LETHE_NONE, inference, &err), LETHE_OK);
        assert_int_equal(turn.ran, layers);
    }
    lethe_trainer_free(t);
    lethe_graph_unref(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_cancelled_batch_ends_with_its_layer)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
