/* SPDX-License-Identifier: MIT
 * A batch in parts: the same bits for every number of threads, with everything kept or only what is
 * needed, computed whole or again from a changed weight on; places of values that are alive
 * together do not overlap. The network is that of block_net.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/rng.h"
#include "nn/exec.h"
#include "nn/graph.h"
#include "tests/support/block_net.h"

/* Everything an executor computes, one after the other in one block. */
struct results {
    size_t count;
    double *all;
};

static double *next(struct results *r, size_t n)
{
    r->all = realloc(r->all, (r->count + n) * sizeof *r->all);
    memset(r->all + r->count, 0, n * sizeof *r->all);
    r->count += n;
    return r->all + r->count - n;
}

static struct results run(const struct block_net *net, enum lethe_dtype dtype, unsigned threads)
{
    struct results r = {0};
    const size_t units[] = {7, 0, 12};
    struct lethe_exec *exec = lethe_exec_new(net->graph, dtype, BLOCK_BATCH, NULL);
    assert_int_equal(lethe_exec_threads(exec, threads, NULL), 0);
    assert_true(exec->part_room > 1);
    lethe_exec_weights(exec, net->w);
    for (int round = 0; round < 2; round++) { /* a smaller batch, too, and back */
        size_t n = round ? BLOCK_BATCH - 5 : BLOCK_BATCH;
        assert_int_equal(
            lethe_exec_forward(exec, next(&r, n * BLOCK_CLASSES), net->inputs, n, NULL), 0);
        assert_int_equal(lethe_exec_backward(exec, next(&r, net->size), net->u, NULL), 0);
        for (size_t l = 0; l < lethe_graph_layer_count(net->graph); l++) {
            const struct lethe_layer *layer = lethe_graph_layer(net->graph, l);
            lethe_exec_preact(exec, l, next(&r, n * layer->units));
            lethe_exec_delta(exec, l, next(&r, n * layer->units));
            size_t some = layer->units < 13 ? 1 : 3;
            lethe_exec_unit_grads(exec, next(&r, n * some * layer->unit_params), l,
                                  units + (some == 1), some, NULL);
        }
        assert_int_equal(lethe_exec_jvp(exec, next(&r, n * BLOCK_CLASSES), net->v, NULL), 0);
    }
    lethe_exec_free(exec);
    return r;
}

static void threads_change_no_bit(void **state)
{
    (void)state;
    struct block_net net;
    block_net_init(&net, BLOCK_RELU);
    for (int dtype = LETHE_F32; dtype <= LETHE_F64; dtype++) {
        struct results one = run(&net, (enum lethe_dtype)dtype, 1);
        for (unsigned threads = 2; threads < 6; threads += 3) {
            struct results many = run(&net, (enum lethe_dtype)dtype, threads);
            assert_int_equal(one.count, many.count);
            assert_memory_equal(one.all, many.all, one.count * sizeof *one.all);
            free(many.all);
        }
        free(one.all);
    }
    block_net_release(&net);
}

/* oneDNN's convolutions beside our own, in parts of different sizes. */
/* An executor that gave its memory back between two rounds computes the same bits again, and a
 * pass back that would need what is gone says so. */
static void rest_changes_no_bit(void **state)
{
    (void)state;
    struct block_net net;
    block_net_init(&net, BLOCK_RELU);
    const size_t logits = BLOCK_BATCH * BLOCK_CLASSES;
    for (int dtype = LETHE_F32; dtype <= LETHE_F64; dtype++) {
        struct lethe_exec *exec =
            lethe_exec_new(net.graph, (enum lethe_dtype)dtype, BLOCK_BATCH, NULL);
        struct results r[3] = {{0}, {0}, {0}};
        lethe_exec_weights(exec, net.w);
        for (int round = 0; round < 3; round++) {
            struct results *to = &r[round];
            assert_int_equal(
                lethe_exec_forward(exec, next(to, logits), net.inputs, BLOCK_BATCH, NULL), 0);
            assert_int_equal(lethe_exec_backward(exec, next(to, net.size), net.u, NULL), 0);
            assert_int_equal(lethe_exec_jvp(exec, next(to, logits), net.v, NULL), 0);
            assert_non_null(exec->parts[0].values);
            lethe_exec_rest(exec, round ? 0 : (size_t)1 << 40);
            assert_int_equal(exec->parts[0].values == NULL, round > 0);
            assert_int_equal(exec->workers[0].loose == NULL, round > 0);
            assert_int_equal(lethe_exec_jvp(exec, next(to, logits), net.v, NULL),
                             round ? LETHE_EBUG : LETHE_OK);
        }
        for (int round = 1; round < 3; round++)
            assert_memory_equal(r[0].all, r[round].all, (r[0].count - logits) * sizeof *r[0].all);
        for (int round = 0; round < 3; round++)
            free(r[round].all);
        lethe_exec_free(exec);
    }
    block_net_release(&net);
}

static void float_follows_double(void **state)
{
    (void)state;
    struct block_net net;
    block_net_init(&net, BLOCK_RELU);
    struct results single = run(&net, LETHE_F32, 1), twice = run(&net, LETHE_F64, 1);
    double worst = 0, scale = 0;
    assert_int_equal(single.count, twice.count);
    for (size_t i = 0; i < twice.count; i++) {
        worst = fmax(worst, fabs(single.all[i] - twice.all[i]));
        scale = fmax(scale, fabs(twice.all[i]));
    }
    assert_true(worst < 1e-4 * scale);
    free(single.all);
    free(twice.all);
    block_net_release(&net);
}

/* A sample's logits do not depend on its neighbours. */
static void samples_are_independent(void **state)
{
    (void)state;
    struct block_net net;
    block_net_init(&net, BLOCK_RELU);
    double all[BLOCK_BATCH * BLOCK_CLASSES], one[BLOCK_CLASSES];
    struct lethe_exec *exec = lethe_exec_new(net.graph, LETHE_F64, BLOCK_BATCH, NULL);
    struct lethe_exec *single = lethe_exec_new(net.graph, LETHE_F64, 1, NULL);
    lethe_exec_weights(exec, net.w);
    lethe_exec_weights(single, net.w);
    lethe_exec_forward(exec, all, net.inputs, BLOCK_BATCH, NULL);
    for (size_t i = 0; i < BLOCK_BATCH; i++) {
        const double *input[] = {net.x + i * BLOCK_WIDTH};
        assert_int_equal(lethe_exec_forward(single, one, input, 1, NULL), 0);
        for (size_t c = 0; c < BLOCK_CLASSES; c++)
            assert_true(fabs(one[c] - all[i * BLOCK_CLASSES + c]) < 1e-12);
    }
    lethe_exec_free(exec);
    lethe_exec_free(single);
    block_net_release(&net);
}

static void what_is_not_kept_changes_nothing(void **state)
{
    (void)state;
    struct block_net net;
    struct lethe_error err = {0};
    block_net_init(&net, BLOCK_RELU);
    for (int dtype = LETHE_F32; dtype <= LETHE_F64; dtype++) {
        double kept[BLOCK_BATCH * BLOCK_CLASSES], lean[BLOCK_BATCH * BLOCK_CLASSES];
        double *full = calloc(2 * net.size, sizeof *full), *grad = full + net.size;
        struct lethe_exec *exec =
            lethe_exec_new(net.graph, (enum lethe_dtype)dtype, BLOCK_BATCH, NULL);
        lethe_exec_weights(exec, net.w);
        lethe_exec_forward(exec, kept, net.inputs, BLOCK_BATCH, NULL);
        assert_int_equal(lethe_exec_backward(exec, full, net.u, NULL), 0);
        assert_int_equal(lethe_exec_gradient(exec, grad, net.u, NULL), 0);
        assert_memory_equal(full, grad, net.size * sizeof *full);
        assert_int_equal(lethe_exec_unit_grads(exec, full, 0, (const size_t[]){0}, 1, &err),
                         LETHE_EBUG);
        assert_int_equal(lethe_exec_logits(exec, lean, net.inputs, BLOCK_BATCH, NULL), 0);
        assert_memory_equal(kept, lean, sizeof kept);
        assert_int_equal(lethe_exec_gradient(exec, grad, net.u, &err), LETHE_EBUG);
        assert_int_equal(lethe_exec_reforward(exec, lean, net.w, &err), LETHE_EBUG);
        assert_true(exec->values.kept_size < exec->pure.loose_size * 4);
        assert_true(exec->lean.loose_size < exec->captured.kept_size);
        lethe_exec_free(exec);
        free(full);
    }
    block_net_release(&net);
}

/* One entry of each parameter in turn: whole and again are the same, and again is less work. */
static void only_what_changed_is_computed_again(void **state)
{
    (void)state;
    struct block_net net;
    block_net_init(&net, BLOCK_RELU);
    for (int dtype = LETHE_F32; dtype <= LETHE_F64; dtype++) {
        double again[BLOCK_BATCH * BLOCK_CLASSES], whole[BLOCK_BATCH * BLOCK_CLASSES];
        struct lethe_exec *exec =
            lethe_exec_new(net.graph, (enum lethe_dtype)dtype, BLOCK_BATCH, NULL);
        struct lethe_exec *other =
            lethe_exec_new(net.graph, (enum lethe_dtype)dtype, BLOCK_BATCH, NULL);
        lethe_exec_threads(exec, 2, NULL);
        lethe_exec_weights(exec, net.w);
        lethe_exec_forward(exec, again, net.inputs, BLOCK_BATCH, NULL);
        const size_t all = exec->ran;
        for (size_t p = 0; p < lethe_graph_param_count(net.graph); p++) {
            const struct lethe_param *param = lethe_graph_param(net.graph, p);
            if (!param->trainable)
                continue;
            net.w[param->offset + param->size / 2] += 0.25;
            assert_int_equal(lethe_exec_reforward(exec, again, net.w, NULL), 0);
            lethe_exec_weights(other, net.w);
            lethe_exec_forward(other, whole, net.inputs, BLOCK_BATCH, NULL);
            assert_memory_equal(again, whole, sizeof whole);
            size_t most = !strncmp(param->name, "fc", 2)   ? 1
                          : !strncmp(param->name, "n3", 2) ? 5
                          : !strncmp(param->name, "c3", 2) ? 6
                                                           : all;
            assert_true(exec->ran <= most);
        }
        lethe_exec_free(exec);
        lethe_exec_free(other);
    }
    block_net_release(&net);
}

/* Above once, below under several weights: the bits of the whole. */
static void below_a_cut_is_the_whole(void **state)
{
    (void)state;
    static const char *const from[] = {"fc.bias", "n3.shift", "c3.weight", "c2.bias", "c1.weight"};
    struct block_net net;
    block_net_init(&net, BLOCK_RELU);
    size_t params = lethe_graph_param_count(net.graph), bytes, smaller = 0;
    unsigned char *changed = calloc(params, 1);
    for (int dtype = LETHE_F32; dtype <= LETHE_F64; dtype++) {
        double z[BLOCK_BATCH * BLOCK_CLASSES], whole[BLOCK_BATCH * BLOCK_CLASSES];
        struct lethe_exec *exec =
            lethe_exec_new(net.graph, (enum lethe_dtype)dtype, BLOCK_BATCH, NULL);
        assert_int_equal(lethe_exec_below(exec, z, NULL, BLOCK_BATCH, NULL), LETHE_EBUG);
        lethe_exec_threads(exec, 2, NULL);
        memset(changed, 0, params);
        for (size_t k = 0; k < 5; k++) {
            const struct lethe_param *param = NULL;
            for (size_t p = 0; p < params; p++)
                if (!strcmp(lethe_graph_param(net.graph, p)->name, from[k])) {
                    param = lethe_graph_param(net.graph, p);
                    changed[p] = 1;
                }
            assert_int_equal(lethe_exec_cut(exec, &bytes, changed, NULL), 0);
            assert_true((bytes == 0) == (k == 4)); /* nothing is above the first layer */
            char *store = malloc(BLOCK_BATCH * bytes + 1);
            lethe_exec_weights(exec, net.w);
            if (bytes == 0) {
                assert_int_equal(lethe_exec_above(exec, z, store, net.inputs, BLOCK_BATCH, NULL),
                                 LETHE_EBUG);
                free(store);
                break;
            }
            assert_int_equal(lethe_exec_above(exec, z, store, net.inputs, BLOCK_BATCH, NULL), 0);
            size_t all = exec->ran;
            lethe_exec_logits(exec, whole, net.inputs, BLOCK_BATCH, NULL);
            assert_memory_equal(z, whole, sizeof z);
            for (int again = 0; again < 3; again++) {
                net.w[param->offset] += 0.5;
                lethe_exec_weights(exec, net.w);
                assert_int_equal(lethe_exec_below(exec, z, store, BLOCK_BATCH, NULL), 0);
                smaller += exec->ran < all;
                lethe_exec_logits(exec, whole, net.inputs, BLOCK_BATCH, NULL);
                assert_memory_equal(z, whole, sizeof z);
            }
            free(store);
        }
        lethe_exec_free(exec);
    }
    assert_int_equal(smaller, 2 * 4 * 3);
    free(changed);
    block_net_release(&net);
}

/* Is root alive at a call, by looking at every call? */
static int alive(const struct lethe_graph *graph, const struct lethe_plan *plan, size_t root,
                 size_t call)
{
    int before = graph->values[root].kind == LETHE_VALUE_INPUT, after = 0;
    for (size_t k = 0; k < graph->output_count; k++)
        after |= plan->values[graph->outputs[k]].root == root;
    for (size_t i = 0; i < plan->call_count; i++) {
        const struct lethe_node *node = plan->calls[i].node;
        for (size_t k = 0; k < node->out_count; k++)
            before |= i <= call && node->out[k] == root;
        for (size_t k = 0; k < node->in_count + node->out_count; k++) {
            size_t v = k < node->in_count ? node->in[k] : node->out[k - node->in_count];
            after |= i >= call && v != LETHE_NONE && plan->values[v].root == root;
        }
    }
    return before && after;
}

static void check_places(const struct lethe_exec *exec, const struct lethe_memory_layout *layout)
{
    const struct lethe_plan *plan = exec->forms[0].plan;
    size_t count = exec->graph->value_count;
    for (size_t call = 0; call < plan->call_count; call++)
        for (size_t a = 0; a < count; a++) {
            if (layout->offset[a] == LETHE_NONE || !alive(exec->graph, plan, a, call))
                continue;
            size_t start = layout->offset[a],
                   end = start + lethe_shape_size(&plan->values[a].shape);
            assert_true(end <= (layout->kept[a] ? layout->kept_size : layout->loose_size));
            for (size_t b = 0; b < a; b++)
                if (layout->offset[b] != LETHE_NONE && layout->kept[a] == layout->kept[b] &&
                    alive(exec->graph, plan, b, call))
                    assert_true(layout->offset[b] >= end ||
                                layout->offset[b] + lethe_shape_size(&plan->values[b].shape) <=
                                    start);
        }
}

static void places_of_living_values_do_not_overlap(void **state)
{
    (void)state;
    struct block_net net;
    block_net_init(&net, BLOCK_RELU);
    struct lethe_exec *exec = lethe_exec_new(net.graph, LETHE_F32, BLOCK_BATCH, NULL);
    check_places(exec, &exec->values);
    check_places(exec, &exec->pure);
    check_places(exec, &exec->captured);
    check_places(exec, &exec->lean);
    lethe_exec_free(exec);
    block_net_release(&net);
}

static void fail_at_every_allocation(const struct block_net *given, enum lethe_dtype dtype)
{
    const struct block_net net = *given;
    double z[BLOCK_BATCH * BLOCK_CLASSES], *grad = calloc(net.size, sizeof *grad);
    int done = 0;
    for (long after = 0; after < 2000 && !done; after++) {
        struct lethe_error err = {0};
        lethe_alloc_fail_after(after);
        struct lethe_exec *exec = lethe_exec_new(net.graph, dtype, 5, &err);
        if (exec)
            lethe_exec_weights(exec, net.w);
        done = exec && !lethe_exec_threads(exec, 2, &err) &&
               !lethe_exec_forward(exec, z, net.inputs, 5, &err) &&
               !lethe_exec_backward(exec, grad, net.u, &err) &&
               !lethe_exec_jvp(exec, z, net.v, &err) &&
               !lethe_exec_logits(exec, z, net.inputs, 3, &err);
        lethe_alloc_fail_after(-1);
        assert_true(done || err.code == LETHE_ENOMEM);
        lethe_exec_free(exec);
    }
    assert_true(done);
    free(grad);
}

static void running_out_of_memory_is_reported(void **state)
{
    (void)state;
    struct block_net net;
    block_net_init(&net, BLOCK_RELU);
    fail_at_every_allocation(&net, LETHE_F32);
    fail_at_every_allocation(&net, LETHE_F64);
    block_net_release(&net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(rest_changes_no_bit),
        cmocka_unit_test(float_follows_double),
        cmocka_unit_test(samples_are_independent),
        cmocka_unit_test(what_is_not_kept_changes_nothing),
        cmocka_unit_test(only_what_changed_is_computed_again),
        cmocka_unit_test(below_a_cut_is_the_whole),
        cmocka_unit_test(places_of_living_values_do_not_overlap),
        cmocka_unit_test(running_out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
