/* SPDX-License-Identifier: MIT
 * dump: what stands in the file is what the workbench holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cmd/registry.h"
#include "lethe/array.h"
#include "lethe/perturb.h"
#include "workbench/execute.h"
#include "workbench/workbench.h"

static char path[] = "/tmp/lethe-dump-XXXXXX";

static void take(void *user, const struct lethe_outcome *outcome)
{
    if (outcome->code)
        snprintf(user, 480, "%s", outcome->err->message);
}

static struct lethe_workbench *bench(const char *commands)
{
    static char said[480];
    struct lethe_workbench *wb;
    const struct lethe_sink sink = {.take = take, .user = said};
    assert_int_equal(lethe_workbench_new(&wb, NULL), LETHE_OK);
    wb->commands = &lethe_command_registry;
    if (lethe_execute_text(wb, commands, 0, &sink))
        fail_msg("%s", said);
    return wb;
}

static const double *array(const struct lethe_npz *npz, const char *name, size_t *count)
{
    for (size_t i = 0; i < npz->count; i++)
        if (!strcmp(npz->names[i], name)) {
            assert_int_equal(npz->arrays[i].type, LETHE_DOUBLE);
            *count = npz->arrays[i].count;
            return npz->arrays[i].data;
        }
    fail_msg("no array '%s'", name);
    return NULL;
}

#define BEGIN "load sample_models/digits-logreg; forget add 3,17; set retrain off; blanket all; "

static void arrays_are_the_workbenchs(void **state)
{
    (void)state;
    char commands[300];
    size_t n, m;
    struct lethe_npz npz;
    snprintf(commands, sizeof commands, BEGIN "preview; dump delta to=%s", path);
    struct lethe_workbench *wb = bench(commands);
    assert_int_equal(lethe_npz_read(&npz, path, NULL), LETHE_OK);
    const double *before = array(&npz, "before", &n), *delta = array(&npz, "delta", &m);
    assert_int_equal(n, 650);
    assert_memory_equal(before, wb->snapshot->w, n * sizeof *before);
    for (size_t i = 0; i < n; i++)
        assert_true(delta[i] == wb->preview->w[i] - wb->snapshot->w[i]);
    lethe_npz_release(&npz);
    lethe_workbench_free(wb);

    snprintf(commands, sizeof commands, BEGIN "preview; dump losses to=%s", path);
    wb = bench(commands);
    assert_int_equal(lethe_npz_read(&npz, path, NULL), LETHE_OK);
    const double *ids = array(&npz, "forget", &n), *losses = array(&npz, "forget_loss_now", &m);
    assert_true(n == 2 && m == 2 && ids[0] == 3 && ids[1] == 17);
    assert_true(fabs((losses[0] + losses[1]) / 2 - wb->preview->now.figures.forget.loss) < 1e-14);
    array(&npz, "tune_margin_before", &n);
    assert_int_equal(n, wb->snapshot->tune.count);
    lethe_npz_release(&npz);
    lethe_workbench_free(wb);
}

static void activations_are_those_of_perturbing(void **state)
{
    (void)state;
    char commands[300];
    size_t n, m;
    struct lethe_npz npz;
    struct lethe_perturbation p;
    snprintf(commands, sizeof commands, BEGIN "perturb count=40; dump activations to=%s", path);
    struct lethe_workbench *wb = bench(commands);
    struct lethe_perturb_options options = lethe_perturb_defaults();
    options.count = 40;
    assert_int_equal(lethe_perturb(&p, wb->snapshot->graph, wb->snapshot->train, wb->snapshot->w,
                                   17, &options, NULL, NULL),
                     LETHE_OK);
    assert_int_equal(lethe_npz_read(&npz, path, NULL), LETHE_OK);
    const double *a = array(&npz, "activations_17", &n), *losses = array(&npz, "losses_17", &m);
    assert_int_equal(n, 400);
    for (size_t i = 0; i < n; i++)
        assert_true(a[i] == (double)p.a[i]);
    assert_memory_equal(losses, p.loss, m * sizeof *losses);
    lethe_perturbation_release(&p);
    lethe_npz_release(&npz);
    lethe_workbench_free(wb);

    snprintf(commands, sizeof commands, BEGIN "perturb count=100; select; dump scores to=%s", path);
    wb = bench(commands);
    assert_int_equal(lethe_npz_read(&npz, path, NULL), LETHE_OK);
    const double *index = array(&npz, "index", &n), *score = array(&npz, "score", &m);
    const struct lethe_selection *selection = &wb->selected->selection;
    assert_int_equal(n, selection->count);
    for (size_t i = 0; i < n; i++) {
        assert_true(index[i] == (double)selection->picks[i].unit); /* one layer */
        assert_true(score[i] == selection->picks[i].score);
    }
    lethe_npz_release(&npz);
    lethe_workbench_free(wb);
}

static int end(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays_are_the_workbenchs),
        cmocka_unit_test(activations_are_those_of_perturbing),
    };
    int file = mkstemp(path);
    if (file < 0)
        return 1;
    close(file);
    return cmocka_run_group_tests(tests, NULL, end);
}
