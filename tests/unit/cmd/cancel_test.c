/* SPDX-License-Identifier: MIT
 * Every command that computes is begun and, at a moment drawn from a seed, cancelled: it ends soon,
 * says that it was cancelled or is done, and the workbench goes on. Soon is judged by processor
 * time of the whole process, which a busy machine does not stretch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "cmd/registry.h"
#include "lethe/rng.h"
#include "workbench/execute.h"
#include "workbench/workbench.h"

/* Seconds of processor time, of all threads: the aim is .2. A method on a network of convolutions
 * keeps it (.18 at the most on a machine under load); on a busy one the same work takes up to twice
 * as long. */
#ifdef __SANITIZE_ADDRESS__
static const double soon = 1.0, at_once = 1.0;
#else
static const double soon = 1.0, at_once = 0.4;
#endif
/* Of each command; milliseconds of computing until it is cancelled, at most. */
enum { MOMENT = 60, LATER = 300 };
/* What takes longer is tried again: other guests of the machine are slow at times, a computation
 * that does not listen is so always. */
enum { TRIES = 3 };

static const char *const commands[] = {"select",
                                       "select method=gain",
                                       "select method=weights",
                                       "preview",
                                       "retrain warm",
                                       "retrain cold k=4",
                                       "leverage",
                                       "null",
                                       "stability runs=5",
                                       "surface",
                                       "compare ladder",
                                       "compare selectors samples=2",
                                       "compare curvatures",
                                       "compare damping",
                                       "compare singles samples=3",
                                       "audit n=4"};

struct answers {
    size_t count;
    enum lethe_err code;
    char message[480];
};

static void take(void *user, const struct lethe_outcome *outcome)
{
    struct answers *answers = user;
    if (outcome->job && !outcome->code && !outcome->result)
        return;
    answers->count++;
    answers->code = outcome->code;
    snprintf(answers->message, sizeof answers->message, "%s",
             outcome->err ? outcome->err->message : "");
}

/* The program's own part of it: what the kernel takes for fresh pages depends on its other guests.
 */
static double spent(void)
{
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return (double)use.ru_utime.tv_sec + 1e-6 * (double)use.ru_utime.tv_usec;
}

static void run(struct lethe_workbench *wb, const char *text)
{
    struct answers answers = {0};
    const struct lethe_sink sink = {.take = take, .user = &answers};
    if (lethe_execute_text(wb, text, 0, &sink))
        fail_msg("%s: %s", text, answers.message);
}

/* Until the process has computed so long, or there is nothing to wait for. */
static void let_compute(struct lethe_workbench *wb, double seconds)
{
    const struct timespec nap = {0, 1000000};
    const double start = spent();
    while (spent() - start < seconds && wb->jobs &&
           lethe_jobs_active(wb->jobs, LETHE_LANE_INTERACTIVE))
        nanosleep(&nap, NULL);
}

/* Begins the command; it may be over before it is cancelled. What it computed afterwards, in
 * seconds. */
static double begin_and_cancel(struct lethe_workbench *wb, const char *text, unsigned moment,
                               struct lethe_rng *rng)
{
    struct answers answers = {0};
    const struct lethe_sink sink = {.take = take, .user = &answers};
    struct lethe_line line = {0};
    const char *cursor = text;
    assert_int_equal(lethe_line_next(&line, &cursor, NULL), LETHE_OK);
    const enum lethe_err code = lethe_execute(wb, &line, LETHE_EXECUTE_START, &sink);
    lethe_line_release(&line);
    if (code)
        fail_msg("%s: %s", text, answers.message);
    let_compute(wb, 1e-3 * (double)(1 + lethe_rng_below(rng, moment)));
    const double start = spent();
    if (wb->jobs) {
        lethe_jobs_cancel(wb->jobs, 0);
        if (!lethe_jobs_wait(wb->jobs, 0, 60000))
            fail_msg("%s goes on for a minute after it was cancelled", text);
    }
    const double took = spent() - start;
    if (answers.code && answers.code != LETHE_ECANCEL)
        fail_msg("%s: %s", text, answers.message);
    return took;
}

/* The command, after the lines of `begin` (in turn, where it is tried again), ends within `limit`
 * seconds of processor time. */
static void ends_within(double limit, struct lethe_workbench *wb, const char *const begin[2],
                        const char *text, unsigned moment, struct lethe_rng *rng)
{
    double took = INFINITY;
    for (int k = 0; k < TRIES && took > limit; k++) {
        run(wb, begin[k % 2]);
        took = begin_and_cancel(wb, text, moment, rng);
    }
    if (took > limit)
        fail_msg("%s by %s computes %.2f s more after it was cancelled", text,
                 wb->settings.text[LETHE_SET_METHOD], took);
}

static void every_command_ends_soon(void **state)
{
    (void)state;
    struct lethe_workbench *wb = NULL;
    struct lethe_rng rng;
    lethe_rng_init(&rng, 1, LETHE_RNG_TEST, 77, 0);
    assert_int_equal(lethe_workbench_new(&wb, NULL), LETHE_OK);
    wb->commands = &lethe_command_registry;
    run(wb, "load sample_models/digits-mlp-mislabelled; forget add 17,40");
    const char *const begin[] = {"set perturb.count 1000; forget add 41; forget remove 41",
                                 "set perturb.count 1001; forget add 41; forget remove 41"};
    for (size_t c = 0; c < sizeof commands / sizeof *commands; c++) {
        const char *const turned[] = {begin[c % 2],
                                      begin[1 - c % 2]}; /* nothing is left of before */
        ends_within(soon, wb, turned, commands[c], MOMENT, &rng);
    }
    run(wb, "set retrain off; blanket 2; preview"); /* all is as if nothing had been */
    assert_non_null(wb->preview);
    lethe_workbench_free(wb);
}

static void every_method_ends_at_once(void **state)
{
    (void)state;
    struct lethe_workbench *wb = NULL;
    struct lethe_rng rng;
    lethe_rng_init(&rng, 2, LETHE_RNG_TEST, 78, 0);
    assert_int_equal(lethe_workbench_new(&wb, NULL), LETHE_OK);
    wb->commands = &lethe_command_registry;
    run(wb, "load sample_models/fashion-cnn; set retrain off; forget add class:shirt");
    for (size_t n = 1; lethe_setting_method(n); n++) {
        char line[64];
        snprintf(line, sizeof line, "method newton; method %s", lethe_setting_method(n));
        const char *const begin[] = {line, line};
        ends_within(at_once, wb, begin, "preview", LATER, &rng);
    }
    assert_null(wb->preview);
    lethe_workbench_free(wb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_ends_soon),
        cmocka_unit_test(every_method_ends_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
