/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>

#include "lethe/job.h"
#include "base/alloc.h"

/* What a test job does, and what became of it. */
struct task {
    sem_t begun;         /* posted when it runs */
    sem_t *gate;         /* waited for before the end; NULL: none */
    int steps;           /* watch steps to make after the gate; -1: until cancelled */
    int fail;            /* ends with LETHE_ENUM */
    int result;          /* set by the worker */
    int done, released;  /* set by the owner's thread */
    enum lethe_err code; /* as given to done */
    int order;           /* place among the deliveries */
    char message[480];
    struct lethe_jobs *submit_again; /* done submits `next` */
    struct task *next;
};

static int deliveries;

static enum lethe_err work(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct task *task = arg;
    sem_post(&task->begun);
    if (task->gate)
        while (sem_wait(task->gate))
            ;
    for (int i = 0; task->steps < 0 || i < task->steps; i++) {
        enum lethe_err code = lethe_watch_step(watch, "testing", i + 1, task->steps, err);
        if (code)
            return code;
    }
    if (task->fail)
        return lethe_fail(err, LETHE_ENUM, "the matrix is singular");
    task->result = 42;
    return LETHE_OK;
}

static void submit(struct lethe_jobs *jobs, struct task *task, enum lethe_lane lane);

static void done(void *arg, enum lethe_err code, const struct lethe_error *err)
{
    struct task *task = arg;
    task->done++;
    task->code = code;
    task->order = ++deliveries;
    if (code)
        snprintf(task->message, sizeof task->message, "%s", err->message);
    if (task->submit_again)
        submit(task->submit_again, task->next, LETHE_LANE_INTERACTIVE);
}

static void release(void *arg)
{
    struct task *task = arg;
    task->released++;
}

static struct lethe_job job_of(struct task *task, enum lethe_lane lane)
{
    sem_init(&task->begun, 0, 0);
    return (struct lethe_job){
        .name = "test", .lane = lane, .run = work, .done = done, .release = release, .arg = task};
}

static void submit(struct lethe_jobs *jobs, struct task *task, enum lethe_lane lane)
{
    struct lethe_job job = job_of(task, lane);
    assert_int_equal(lethe_jobs_submit(jobs, NULL, &job, NULL), LETHE_OK);
}

static int set_up(void **state)
{
    deliveries = 0;
    return lethe_jobs_new((struct lethe_jobs **)state, 2, NULL);
}

static int tear_down(void **state)
{
    lethe_jobs_free(*state);
    return 0;
}

static void results_come_back_on_the_owners_thread(void **state)
{
    struct lethe_jobs *jobs = *state;
    struct task good = {.steps = 3}, bad = {.fail = 1};
    submit(jobs, &good, LETHE_LANE_INTERACTIVE);
    struct pollfd wake = {.fd = lethe_jobs_fd(jobs), .events = POLLIN};
    assert_int_equal(poll(&wake, 1, 5000), 1);
    assert_int_equal(good.done, 0);
    assert_int_equal(lethe_jobs_deliver(jobs), 1);
    assert_int_equal(good.done, 1);
    assert_int_equal(good.released, 1);
    assert_int_equal(good.result, 42);
    assert_int_equal(good.code, LETHE_OK);
    assert_int_equal(poll(&wake, 1, 0), 0);

    submit(jobs, &bad, LETHE_LANE_BACKGROUND);
    assert_int_equal(lethe_jobs_wait(jobs, 0, 5000), 1);
    assert_int_equal(bad.code, LETHE_ENUM);
    assert_string_equal(bad.message, "the matrix is singular");

    struct lethe_job_info info[4];
    assert_int_equal(lethe_jobs_list(jobs, info, 4), 2);
    assert_int_equal(info[0].state, LETHE_JOB_DONE);
    assert_int_equal(info[0].step, 3);
    assert_string_equal(info[0].stage, "testing");
    assert_int_equal(info[1].state, LETHE_JOB_FAILED);
    assert_string_equal(info[1].message, "the matrix is singular");
    assert_string_equal(lethe_job_state_name(info[1].state), "failed");
}

static void newest_request_replaces_the_waiting_one(void **state)
{
    struct lethe_jobs *jobs = *state;
    sem_t gate;
    sem_init(&gate, 0, 0);
    struct task first = {.gate = &gate}, middle[5] = {{.steps = 1}}, last = {.steps = 1};
    submit(jobs, &first, LETHE_LANE_INTERACTIVE);
    sem_wait(&first.begun);
    for (int i = 0; i < 5; i++)
        submit(jobs, &middle[i], LETHE_LANE_INTERACTIVE);
    submit(jobs, &last, LETHE_LANE_INTERACTIVE);
    sem_post(&gate);
    assert_int_equal(lethe_jobs_wait(jobs, 0, 5000), 1);
    assert_int_equal(first.done, 1);
    assert_int_equal(first.code, LETHE_OK);
    assert_int_equal(last.done, 1);
    assert_int_equal(last.result, 42);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(middle[i].done, 0);
        assert_int_equal(middle[i].result, 0);
        assert_int_equal(middle[i].released, 1);
    }
}

static void superseding_request_cancels_the_running_one(void **state)
{
    struct lethe_jobs *jobs = *state;
    struct task endless = {.steps = -1}, next = {.steps = 1};
    submit(jobs, &endless, LETHE_LANE_INTERACTIVE);
    sem_wait(&endless.begun);
    struct lethe_job job = job_of(&next, LETHE_LANE_INTERACTIVE);
    job.supersedes = 1;
    unsigned long id = 0;
    assert_int_equal(lethe_jobs_submit(jobs, &id, &job, NULL), LETHE_OK);
    assert_int_equal(lethe_jobs_wait(jobs, id, 5000), 1);
    assert_int_equal(endless.done, 0); /* nobody is told of a request that a newer one replaced */
    assert_int_equal(endless.released, 1);
    assert_int_equal(next.code, LETHE_OK);
    struct lethe_job_info info[4];
    assert_int_equal(lethe_jobs_list(jobs, info, 4), 2);
    assert_int_equal(info[0].state, LETHE_JOB_REPLACED);
}

static void what_was_cancelled_before_it_was_replaced_stays_cancelled(void **state)
{
    struct lethe_jobs *jobs = *state;
    sem_t gate;
    sem_init(&gate, 0, 0);
    struct task held = {.gate = &gate, .steps = -1}, next = {.steps = 1};
    submit(jobs, &held, LETHE_LANE_INTERACTIVE);
    sem_wait(&held.begun);
    assert_int_equal(lethe_jobs_cancel(jobs, 1), 1);
    struct lethe_job job = job_of(&next, LETHE_LANE_INTERACTIVE);
    job.supersedes = 1;
    assert_int_equal(lethe_jobs_submit(jobs, NULL, &job, NULL), LETHE_OK);
    sem_post(&gate);
    assert_int_equal(lethe_jobs_wait(jobs, 0, 5000), 1);
    assert_int_equal(held.done, 1);
    assert_int_equal(held.code, LETHE_ECANCEL);
}

static void invalidation_drops_results_unseen(void **state)
{
    struct lethe_jobs *jobs = *state;
    sem_t gate;
    sem_init(&gate, 0, 0);
    struct task stale = {.gate = &gate}, waiting = {.steps = 1}, lasting = {.gate = &gate};
    submit(jobs, &stale, LETHE_LANE_INTERACTIVE);
    struct lethe_job job = job_of(&lasting, LETHE_LANE_BACKGROUND);
    job.lasting = 1;
    assert_int_equal(lethe_jobs_submit(jobs, NULL, &job, NULL), LETHE_OK);
    sem_wait(&stale.begun);
    sem_wait(&lasting.begun);
    submit(jobs, &waiting, LETHE_LANE_INTERACTIVE);
    lethe_jobs_invalidate(jobs);
    sem_post(&gate);
    sem_post(&gate);
    assert_int_equal(lethe_jobs_wait(jobs, 0, 5000), 1);
    assert_int_equal(stale.done, 0);
    assert_int_equal(stale.released, 1);
    assert_int_equal(waiting.done, 0);
    assert_int_equal(waiting.released, 1);
    assert_int_equal(lasting.done, 1);
    assert_int_equal(lasting.code, LETHE_OK);

    /* Finished, not delivered yet: the result is as stale as any other. */
    struct task late = {.steps = 1};
    submit(jobs, &late, LETHE_LANE_INTERACTIVE);
    struct pollfd wake = {.fd = lethe_jobs_fd(jobs), .events = POLLIN};
    assert_int_equal(poll(&wake, 1, 5000), 1);
    lethe_jobs_invalidate(jobs);
    assert_int_equal(lethe_jobs_deliver(jobs), 1);
    assert_int_equal(late.done, 0);
    assert_int_equal(late.released, 1);
}

static void cancel_ends_waiting_running_and_uninterruptible_jobs(void **state)
{
    struct lethe_jobs *jobs = *state;
    sem_t gate;
    sem_init(&gate, 0, 0);
    struct task endless = {.steps = -1}, deaf = {.gate = &gate}, waiting = {.steps = 1};
    submit(jobs, &endless, LETHE_LANE_BACKGROUND);
    submit(jobs, &deaf, LETHE_LANE_BACKGROUND);
    sem_wait(&endless.begun);
    sem_wait(&deaf.begun);
    submit(jobs, &waiting, LETHE_LANE_BACKGROUND);
    assert_int_equal(lethe_jobs_active(jobs, LETHE_LANE_BACKGROUND), 3);
    assert_int_equal(lethe_jobs_cancel(jobs, 0), 3);
    assert_int_equal(lethe_jobs_cancel(jobs, 0), 0);
    sem_post(&gate);
    assert_int_equal(lethe_jobs_wait(jobs, 0, 5000), 1);
    assert_int_equal(endless.code, LETHE_ECANCEL);
    assert_string_equal(endless.message, "cancelled while testing");
    assert_int_equal(deaf.code, LETHE_ECANCEL);
    assert_string_equal(deaf.message, "cancelled: its result was abandoned");
    assert_int_equal(waiting.code, LETHE_ECANCEL);
    assert_int_equal(waiting.result, 0);
    assert_int_equal(lethe_jobs_active(jobs, LETHE_LANE_BACKGROUND), 0);
}

static void background_pauses_while_the_interactive_lane_runs(void **state)
{
    struct lethe_jobs *jobs = *state;
    sem_t gate, background_gate;
    sem_init(&gate, 0, 0);
    sem_init(&background_gate, 0, 0);
    struct task front = {.gate = &gate}, back = {.gate = &background_gate, .steps = 2},
                late = {.steps = 1};
    submit(jobs, &back, LETHE_LANE_BACKGROUND);
    sem_wait(&back.begun);
    submit(jobs, &front, LETHE_LANE_INTERACTIVE);
    sem_wait(&front.begun);
    submit(jobs, &late, LETHE_LANE_BACKGROUND);
    sem_post(&background_gate);
    assert_int_equal(lethe_jobs_wait(jobs, 0, 30), 0); /* nothing ends while the front runs */
    assert_int_equal(back.done, 0);
    assert_int_equal(late.done, 0);
    sem_post(&gate);
    assert_int_equal(lethe_jobs_wait(jobs, 0, 5000), 1);
    assert_int_equal(back.result, 42);
    assert_int_equal(late.result, 42);
    assert_int_equal(front.order, 1);
}

static void done_may_submit_the_next_request(void **state)
{
    struct lethe_jobs *jobs = *state;
    struct task next = {.steps = 1}, first = {.submit_again = jobs, .next = &next};
    submit(jobs, &first, LETHE_LANE_INTERACTIVE);
    assert_int_equal(lethe_jobs_wait(jobs, 0, 5000), 1);
    assert_int_equal(next.result, 42);
}

static void many_jobs_are_all_delivered_and_the_record_stays_short(void **state)
{
    struct lethe_jobs *jobs = *state;
    struct task tasks[100];
    memset(tasks, 0, sizeof tasks);
    for (int i = 0; i < 100; i++) {
        tasks[i].steps = i % 3;
        submit(jobs, &tasks[i], LETHE_LANE_BACKGROUND);
    }
    assert_int_equal(lethe_jobs_wait(jobs, 0, 10000), 1);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(tasks[i].result, 42);
        assert_int_equal(tasks[i].released, 1);
    }
    struct lethe_job_info info[100] = {{0}};
    size_t listed = lethe_jobs_list(jobs, info, 100);
    assert_true(listed >= 8 && listed <= 32);
    unsigned long newest = 0;
    for (size_t i = 0; i < listed; i++)
        newest = info[i].id > newest ? info[i].id : newest;
    assert_int_equal(newest, 100);
}

static void free_releases_what_never_ran(void **state)
{
    (void)state;
    struct lethe_jobs *jobs = NULL;
    assert_int_equal(lethe_jobs_new(&jobs, 1, NULL), LETHE_OK);
    struct task running = {.steps = -1}, waiting = {.steps = 1};
    submit(jobs, &running, LETHE_LANE_BACKGROUND);
    sem_wait(&running.begun);
    submit(jobs, &waiting, LETHE_LANE_BACKGROUND);
    lethe_jobs_free(jobs);
    assert_int_equal(running.released, 1);
    assert_int_equal(waiting.released, 1);
    assert_int_equal(waiting.result, 0);
}

static void failed_submission_leaves_the_argument_with_the_caller(void **state)
{
    struct lethe_jobs *jobs = *state;
    struct task task = {.steps = 1};
    struct lethe_job job = job_of(&task, LETHE_LANE_BACKGROUND);
    struct lethe_error err;
    lethe_alloc_fail_after(0);
    enum lethe_err code = lethe_jobs_submit(jobs, NULL, &job, &err);
    enum lethe_err made = lethe_jobs_new(&jobs, 1, &err);
    lethe_alloc_fail_after(-1);
    assert_int_equal(code, LETHE_ENOMEM);
    assert_int_equal(made, LETHE_ENOMEM);
    assert_int_equal(task.released, 0);
}

static enum lethe_err look_at_signals(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    (void)watch;
    (void)err;
    sigset_t blocked;
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    *(int *)arg = sigismember(&blocked, SIGINT) && sigismember(&blocked, SIGWINCH);
    return LETHE_OK;
}

static void workers_block_signals(void **state)
{
    struct lethe_jobs *jobs = *state;
    int blocked = 0;
    struct lethe_job job = {.name = "signals", .run = look_at_signals, .arg = &blocked};
    assert_int_equal(lethe_jobs_submit(jobs, NULL, &job, NULL), LETHE_OK);
    assert_int_equal(lethe_jobs_wait(jobs, 0, 5000), 1);
    assert_int_equal(blocked, 1);
    sigset_t mine;
    pthread_sigmask(SIG_SETMASK, NULL, &mine);
    assert_int_equal(sigismember(&mine, SIGINT), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(results_come_back_on_the_owners_thread, set_up, tear_down),
        cmocka_unit_test_setup_teardown(newest_request_replaces_the_waiting_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(superseding_request_cancels_the_running_one, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_was_cancelled_before_it_was_replaced_stays_cancelled,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(invalidation_drops_results_unseen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(cancel_ends_waiting_running_and_uninterruptible_jobs,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(background_pauses_while_the_interactive_lane_runs, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(done_may_submit_the_next_request, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_jobs_are_all_delivered_and_the_record_stays_short,
                                        set_up, tear_down),
        cmocka_unit_test(free_releases_what_never_ran),
        cmocka_unit_test_setup_teardown(failed_submission_leaves_the_argument_with_the_caller,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(workers_block_signals, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
