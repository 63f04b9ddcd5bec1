/* SPDX-License-Identifier: MIT
 * EKFAC is begun as soon as a person has model and data, once for each state of the weights; it
 * goes on when the forget set changes, and its result is there for who asks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/alloc.h"
#include "cmd/registry.h"
#include "removal/ekfac_store.h"
#include "tests/support/blobs.h"
#include "workbench/execute.h"
#include "workbench/workbench.h"

enum { SAMPLES = 1200, SIDE = 16, CLASSES = 4, JOBS = 16 };

static void open_bench(struct lethe_workbench **wb, int interactive)
{
    const struct lethe_cnn_layer layers[] = {{12, 0, 1}, {24, 0, 0}};
    const struct lethe_cnn cnn = {1, SIDE, SIDE, CLASSES, 2, layers, LETHE_CNN_PLAIN};
    struct lethe_dataset *data = blobs(SAMPLES, SIDE * SIDE, CLASSES, 3);
    struct lethe_graph *graph = NULL;
    assert_int_equal(lethe_graph_cnn(&graph, &cnn, NULL), LETHE_OK);
    double *w = lethe_alloc(lethe_graph_size(graph) + lethe_graph_buffers(graph), sizeof *w);
    lethe_graph_init(graph, 2, w);
    assert_true(lethe_ekfac_is_work(graph, SAMPLES));
    assert_int_equal(lethe_workbench_new(wb, NULL), LETHE_OK);
    (*wb)->commands = &lethe_command_registry;
    (*wb)->interactive = interactive;
    assert_int_equal(lethe_workbench_data(*wb, data, NULL, NULL), LETHE_OK);
    assert_int_equal(lethe_workbench_model(*wb, graph, w, 1e-3, NULL), LETHE_OK);
    lethe_dataset_unref(data);
    lethe_graph_unref(graph);
    lethe_free(w);
}

static void run(struct lethe_workbench *wb, const char *text)
{
    const struct lethe_sink nobody = {0};
    assert_int_equal(lethe_execute_text(wb, text, 0, &nobody), LETHE_OK);
}

/* Jobs of that kind; *done of them to the end. */
static size_t count_jobs(struct lethe_workbench *wb, size_t *done)
{
    struct lethe_job_info list[JOBS];
    const size_t count = wb->jobs ? lethe_jobs_list(wb->jobs, list, JOBS) : 0;
    size_t found = 0;
    *done = 0;
    for (size_t i = 0; i < count; i++)
        if (!strcmp(list[i].name, "curvature ahead")) {
            found++;
            *done += list[i].state == LETHE_JOB_DONE;
        }
    return found;
}

static void it_is_begun_once_and_goes_on(void **state)
{
    (void)state;
    struct lethe_workbench *wb = NULL;
    size_t done = 0;
    open_bench(&wb, 1);
    run(wb, "info");
    assert_int_equal(count_jobs(wb, &done), 1);
    run(wb, "forget add 3,5; forget remove 5; info");
    assert_int_equal(count_jobs(wb, &done), 1);
    assert_true(lethe_jobs_wait(wb->jobs, 0, -1));
    assert_int_equal(count_jobs(wb, &done), 1);
    assert_int_equal(done, 1);
    run(wb, "set seed 5"); /* other samples */
    assert_int_equal(count_jobs(wb, &done), 2);
    lethe_workbench_free(wb);
}

static void scripts_do_without(void **state)
{
    (void)state;
    struct lethe_workbench *wb = NULL;
    size_t done = 0;
    open_bench(&wb, 0);
    run(wb, "info; forget add 3");
    assert_int_equal(count_jobs(wb, &done), 0);
    lethe_workbench_free(wb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_begun_once_and_goes_on),
        cmocka_unit_test(scripts_do_without),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
