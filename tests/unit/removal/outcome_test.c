/* SPDX-License-Identifier: MIT
 * The outcome fitted by masked products, against the same one fitted with the dense M: on random
 * networks of every kind of layer, for blankets of a few single weights, of many and of all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/rng.h"
#include "removal/outcome_products.h"
#include "removal/stage_common.h"
#include "tests/support/stand.h"

enum { SAMPLES = 41, GONE = 3 };
static const size_t gone[GONE] = {4, 11, 29};

struct fixture {
    struct net net;
    struct lethe_snapshot *snapshot;
    struct lethe_settings settings;
    struct lethe_target *target;
    struct lethe_selected chosen;
    size_t size;
};

static struct fixture open_fixture(enum net_kind kind, uint64_t seed, double mu)
{
    struct fixture f = {.net = net_open(kind, SAMPLES, seed)};
    f.snapshot = stand_open(&f.net, SAMPLES, gone, GONE);
    f.size = lethe_graph_size(f.net.graph);
    lethe_settings_init(&f.settings);
    lethe_settings_put(&f.settings, LETHE_SET_SOLVE_SETTLED, "0", NULL); /* to the tolerance */
    assert_int_equal(lethe_target_make(&f.target, f.snapshot, &f.settings, mu, NULL, NULL, NULL),
                     LETHE_OK);
    f.chosen.selection.picks = lethe_alloc(f.size, sizeof *f.chosen.selection.picks);
    f.chosen.selection.weights = 1;
    f.chosen.target = f.target;
    return f;
}

static void close_fixture(struct fixture *f)
{
    lethe_free(f->chosen.selection.picks);
    lethe_target_unref(f->target);
    lethe_snapshot_unref(f->snapshot);
    net_close(&f->net);
}

/* `count` weights of the network in an order drawn from the seed. */
static void choose(struct fixture *f, size_t count, uint64_t seed)
{
    const size_t first = lethe_unit_of_weight(f->net.graph, 0);
    size_t *order = lethe_alloc(f->size, sizeof *order);
    struct lethe_rng rng;
    lethe_rng_init(&rng, seed, LETHE_RNG_SHUFFLE, 0, 0);
    for (size_t i = 0; i < f->size; i++)
        order[i] = i;
    lethe_rng_shuffle(&rng, order, f->size);
    for (size_t k = 0; k < count; k++)
        f->chosen.selection.picks[k] = (struct lethe_pick){.unit = first + order[k]};
    f->chosen.selection.count = f->chosen.selection.accepted = count;
    lethe_free(order);
}

/* The curve over the chosen weights, with a matrix or (dense 0) by products; aimed at the target.
 */
static struct lethe_blanket_curvature *curve_of(struct fixture *f, size_t dense)
{
    struct lethe_blanket_curvature *curve = NULL;
    struct lethe_selected head = f->chosen;
    head.target = NULL; /* else products would be given the part of a matrix */
    assert_int_equal(lethe_blanket_curvature_begin(&curve, f->snapshot, &head, 1, NULL, NULL),
                     LETHE_OK);
    assert_int_equal(lethe_blanket_curvature_measure(curve, &head, &f->settings, dense, NULL, NULL),
                     LETHE_OK);
    curve->target = lethe_target_ref(f->target);
    return curve;
}

static struct lethe_update step_of(struct fixture *f, size_t dense)
{
    struct lethe_blanket_curvature *curve = curve_of(f, dense);
    struct lethe_factor *factor = NULL;
    struct lethe_update update = {0};
    const double mu = f->target->projection->mu;
    assert_int_equal(lethe_blanket_curvature_by_products(curve), dense == 0);
    assert_int_equal(
        lethe_step_factor(&factor, curve, curve->blanket.count, mu, 0, &f->settings, NULL, NULL),
        LETHE_OK);
    const struct lethe_step_spec spec = {
        .curve = curve, .factor = factor, .units = curve->blanket.count, .mu = mu};
    assert_int_equal(lethe_step_make(&update, &spec, NULL), LETHE_OK);
    assert_int_equal(update.form, LETHE_FORM_OUTCOME);
    lethe_factor_unref(factor);
    lethe_blanket_curvature_unref(curve);
    return update;
}

/* |a - b| / |b| */
static double apart(const double *a, const double *b, size_t n)
{
    double difference = 0, size = 0;
    for (size_t i = 0; i < n; i++) {
        difference += (a[i] - b[i]) * (a[i] - b[i]);
        size += b[i] * b[i];
    }
    return sqrt(difference / size);
}

/* Passes of networks with shared weights are in float. */
static double tolerance(enum net_kind kind)
{
    return kind == NET_PLAIN ? 1e-4 : 3e-3;
}

static void products_are_the_dense_fit(void **state)
{
    (void)state;
    static const double dampings[] = {0, 1e-2};
    for (int kind = 0; kind < NET_KINDS; kind++)
        for (uint64_t seed = 1; seed <= 4; seed++) {
            struct fixture f = open_fixture((enum net_kind)kind, seed, dampings[seed % 2]);
            const size_t counts[] = {3, f.size / 4, f.size / 2, f.size};
            for (size_t k = 0; k < 4; k++) {
                choose(&f, counts[k], 10 * seed + k);
                struct lethe_update dense = step_of(&f, LETHE_CURVATURE_DENSE);
                struct lethe_update products = step_of(&f, 0);
                const double off = apart(products.step, dense.step, dense.size);
                if (off > tolerance((enum net_kind)kind))
                    fail_msg("%s, seed %d, %zu of %zu weights: %g apart",
                             net_name((enum net_kind)kind), (int)seed, counts[k], f.size, off);
                assert_true(fabs(products.norm - dense.norm) <
                            2 * tolerance((enum net_kind)kind) * dense.norm);
                assert_true(products.products > 1 && dense.products == 0);
                lethe_update_release(&products);
                lethe_update_release(&dense);
            }
            close_fixture(&f);
        }
}

/* All weights reproduce the step of the whole network. */
static void everything_gives_the_whole_step(void **state)
{
    (void)state;
    for (int kind = 0; kind < NET_KINDS; kind++) {
        struct fixture f = open_fixture((enum net_kind)kind, 7, 1e-3);
        choose(&f, f.size, 3);
        struct lethe_update products = step_of(&f, 0);
        double *d = lethe_alloc(f.size, sizeof *d);
        const size_t first = lethe_unit_of_weight(f.net.graph, 0);
        for (size_t i = 0; i < f.size; i++)
            d[i] = f.target->projection->step[f.chosen.selection.picks[i].unit - first];
        assert_true(apart(products.step, d, f.size) < tolerance((enum net_kind)kind));
        lethe_free(d);
        lethe_update_release(&products);
        close_fixture(&f);
    }
}

/* Outputs that are certain weigh nothing: M is H_R, and the fit the restricted step. */
static void without_outcome_it_is_the_restricted_step(void **state)
{
    (void)state;
    for (int kind = 0; kind < NET_KINDS; kind++) {
        struct fixture f = open_fixture((enum net_kind)kind, 9, 1e-2);
        struct lethe_projection *p = f.target->projection;
        struct lethe_factor *factor = NULL;
        struct lethe_update plain = {0};
        for (size_t i = 0; i < p->samples * p->classes; i++)
            p->weight[i] = i % p->classes == 0;
        memcpy(p->target, f.target->rhs, p->size * sizeof *p->target);
        choose(&f, f.size / 3, 5);
        struct lethe_update products = step_of(&f, 0);
        struct lethe_blanket_curvature *curve = curve_of(&f, LETHE_CURVATURE_DENSE);
        lethe_target_unref(curve->target);
        curve->target = NULL;
        assert_int_equal(lethe_plain_factor(&factor, curve, curve->blanket.count, p->mu, 0,
                                            &f.settings, NULL, NULL),
                         LETHE_OK);
        const int influence =
            !memcmp(f.target->rhs, curve->removal.pull, p->size * sizeof *f.target->rhs);
        const struct lethe_step_spec spec = {.curve = curve,
                                             .factor = factor,
                                             .units = curve->blanket.count,
                                             .mu = p->mu,
                                             .form = influence ? LETHE_FORM_INFLUENCE
                                                               : LETHE_FORM_RESIDUAL};
        assert_int_equal(lethe_step_make(&plain, &spec, NULL), LETHE_OK);
        assert_true(apart(products.step, plain.step, plain.size) < tolerance((enum net_kind)kind));
        lethe_factor_unref(factor);
        lethe_blanket_curvature_unref(curve);
        lethe_update_release(&plain);
        lethe_update_release(&products);
        close_fixture(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_are_the_dense_fit),
        cmocka_unit_test(everything_gives_the_whole_step),
        cmocka_unit_test(without_outcome_it_is_the_restricted_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
