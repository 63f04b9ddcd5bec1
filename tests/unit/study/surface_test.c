/* SPDX-License-Identifier: MIT
 * Every cell of a surface against the step that is taken there by itself, on every kind of network,
 * and its axes: ascending, with the point that is set on them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "base/alloc.h"
#include "removal/damping.h"
#include "study/surface.h"
#include "tests/support/stand.h"

enum { SAMPLES = 41, GONE = 3, ROWS = 5, COLUMNS = 6 };
static const size_t gone[GONE] = {4, 11, 29};

struct fixture {
    struct net net;
    struct lethe_snapshot *snapshot;
    struct lethe_comparison_base base;
    struct lethe_blanket_curvature *curve;
};

static struct fixture open_fixture(enum net_kind kind, const char *blanket, const char *damping)
{
    struct lethe_settings settings;
    struct fixture f = {.net = net_open(kind, SAMPLES, 3)};
    f.snapshot = stand_open(&f.net, SAMPLES, gone, GONE);
    f.snapshot->warm.iterations = 20; /* any yardstick will do */
    lethe_settings_init(&settings);
    assert_int_equal(lethe_settings_put(&settings, LETHE_SET_SELECT_METHOD, "gradnorm", NULL), 0);
    assert_int_equal(lethe_settings_put(&settings, LETHE_SET_BLANKET, blanket, NULL), 0);
    assert_int_equal(lethe_settings_put(&settings, LETHE_SET_DAMPING, damping, NULL), 0);
    assert_int_equal(lethe_comparison_base_init(&f.base, f.snapshot, &settings, NULL, NULL, NULL),
                     LETHE_OK);
    assert_int_equal(lethe_comparison_base_prepare(&f.base, NULL, NULL, NULL), LETHE_OK);
    assert_int_equal(lethe_comparison_base_order(&f.curve, &f.base, NULL, NULL), LETHE_OK);
    return f;
}

static void close_fixture(struct fixture *f)
{
    lethe_blanket_curvature_unref(f->curve);
    lethe_comparison_base_release(&f->base);
    lethe_snapshot_unref(f->snapshot);
    net_close(&f->net);
}

/* Mean KL of the forget samples to the warm retrain after the step of one cell; NAN: none there. */
static double step_alone(const struct fixture *f, size_t units, double mu)
{
    struct lethe_variant variant = {0};
    struct lethe_variant_spec spec = {
        .name = "a cell", .curve = f->curve, .units = units, .mu = mu};
    double *w = lethe_comparison_base_weights(&f->base, NULL);
    lethe_form_find(&spec.form, f->base.settings.text[LETHE_SET_FORM], NULL);
    assert_int_equal(lethe_variant_take(&variant, w, &f->base, &spec, NULL, NULL), LETHE_OK);
    lethe_free(w);
    return variant.failed || variant.mu > mu ? NAN : variant.kl_forget;
}

static void cells_are_steps_taken_alone(void **state)
{
    (void)state;
    size_t compared = 0;
    for (int kind = 0; kind < NET_KINDS; kind++) {
        struct fixture f = open_fixture((enum net_kind)kind, "3", "0.02");
        struct lethe_surface *s;
        const struct lethe_surface_spec spec = {f.curve, ROWS, COLUMNS, LETHE_SURFACE_KL};
        assert_int_equal(lethe_surface_make(&s, &f.base, &spec, NULL, NULL), LETHE_OK);
        for (size_t r = 0; r < s->rows; r++)
            for (size_t c = 0; c < s->columns; c++) {
                const double cell = s->value[r * s->columns + c];
                const double alone = step_alone(&f, s->sizes[c], s->dampings[r]);
                if (isnan(cell) || isnan(alone))
                    continue;
                assert_true(fabs(cell - alone) <= 1e-7 * (1 + fabs(alone)));
                compared++;
            }
        lethe_surface_unref(s);
        close_fixture(&f);
    }
    assert_true(compared >= NET_KINDS * ROWS * 3); /* most have a step */
}

static void check_axes(struct fixture *f, size_t units, const char *damping)
{
    char blanket[8];
    struct lethe_surface *s;
    struct lethe_settings *settings = &f->base.settings;
    const struct lethe_surface_spec spec = {f->curve, ROWS, COLUMNS, LETHE_SURFACE_KL};
    snprintf(blanket, sizeof blanket, "%zu", units);
    assert_int_equal(lethe_settings_put(settings, LETHE_SET_BLANKET, blanket, NULL), 0);
    assert_int_equal(lethe_settings_put(settings, LETHE_SET_DAMPING, damping, NULL), 0);
    assert_int_equal(lethe_surface_make(&s, &f->base, &spec, NULL, NULL), LETHE_OK);
    for (size_t r = 1; r < s->rows; r++)
        assert_true(s->dampings[r] > s->dampings[r - 1]);
    for (size_t c = 1; c < s->columns; c++)
        assert_true(s->sizes[c] > s->sizes[c - 1] && s->parameters[c] > s->parameters[c - 1]);
    assert_int_equal(s->sizes[s->column], units);
    assert_true(s->dampings[s->row] == lethe_damping_of(settings, f->snapshot));
    assert_false(s->predicted);
    lethe_surface_unref(s);
}

static void axes_ascend_and_hold_what_is_set(void **state)
{
    (void)state;
    static const char *const dampings[] = {"0", "3e-7", "0.02", "40"};
    struct fixture f = open_fixture(NET_PLAIN, "3", "0");
    for (size_t units = 1; units < 6; units++)
        for (int k = 0; k < 4; k++)
            check_axes(&f, units, dampings[k]);
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_steps_taken_alone),
        cmocka_unit_test(axes_ascend_and_hold_what_is_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
