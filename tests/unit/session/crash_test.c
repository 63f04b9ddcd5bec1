/* SPDX-License-Identifier: MIT
 * kill -9 and a full disk at every single step of a commit, a save and a first writing: afterwards
 * the directory holds exactly the old or the new session. */
#include "tests/support/session_world.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/file.h"

enum { MOST_STEPS = 60 };

static struct lethe_error err;

static void commit_next(const char *dir)
{
    struct lethe_session *s = NULL;
    if (lethe_session_open(&s, dir, NULL) || forget_one(s, 99, 5, NULL))
        _exit(1);
    lethe_session_close(s);
}

static void save_rich(const char *dir)
{
    struct lethe_session *s = begin(NULL);
    for (size_t id = 0; id < 3; id++)
        if (forget_one(s, id, 5, NULL))
            _exit(1);
    if (lethe_session_save(s, dir, NULL))
        _exit(1);
    lethe_session_close(s);
}

static void begin_anew(const char *dir)
{
    lethe_session_close(begin(dir));
}

/* Runs the act in a child that is killed at its step `step`; 1 when it came to its end instead. */
static int killed_at(long step, void (*act)(const char *), const char *dir)
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (!child) {
        lethe_file_fault(step, 1);
        act(dir);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status))
        assert_int_equal(WTERMSIG(status), SIGKILL);
    else
        assert_int_equal(WEXITSTATUS(status), 0);
    return WIFEXITED(status);
}

static size_t forgotten_on_disk(const char *dir, double *w)
{
    struct lethe_session *s = NULL;
    size_t *ids, count;
    if (lethe_session_open(&s, dir, &err))
        fail_msg("%s", err.message);
    if (w)
        weights_of(w, lethe_session_head(s));
    assert_int_equal(lethe_state_forgotten(&ids, &count, lethe_session_head(s), &err), LETHE_OK);
    free(ids);
    lethe_session_close(s);
    return count;
}

static void remake(const char *dir)
{
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    assert_int_equal(system(command), 0);
    struct lethe_session *s = begin(dir);
    commit_ok(s, 1);
    lethe_session_close(s);
}

static void killing_a_commit_leaves_the_old_or_the_new_state(void **state)
{
    char dir[200];
    double before[SIZE], after[SIZE], found[SIZE];
    snprintf(dir, sizeof dir, "%s/s", (char *)*state);
    remake(dir);
    forgotten_on_disk(dir, before);
    commit_next(dir);
    forgotten_on_disk(dir, after);
    int old = 0, new = 0, ended = 0;
    for (long step = 0; !ended; step++) {
        remake(dir);
        ended = killed_at(step, commit_next, dir);
        size_t count = forgotten_on_disk(dir, found);
        assert_memory_equal(found, count == 1 ? before : after, sizeof found);
        old += count == 1;
        new += count == 2;
        assert_true(step < MOST_STEPS);
        assert_true(!ended || count == 2);
    }
    assert_true(old >= 7); /* open, write, flush, rename, flush of a blob; and of head.json */
    assert_true(new >= 2); /* after the rename; at the end */
}

static void killing_a_save_leaves_the_old_or_the_new_copy(void **state)
{
    char dir[200];
    snprintf(dir, sizeof dir, "%s/s", (char *)*state);
    int old = 0, new = 0, ended = 0;
    for (long step = 0; !ended; step++) {
        remake(dir);
        ended = killed_at(step, save_rich, dir);
        size_t count = forgotten_on_disk(dir, NULL);
        assert_true(count == 1 || count == 3);
        old += count == 1;
        new += count == 3;
        assert_true(step < MOST_STEPS);
    }
    assert_true(old >= 15 && new >= 2);
}

static void killing_a_first_writing_leaves_nothing_or_a_session(void **state)
{
    char dir[200], command[300];
    snprintf(dir, sizeof dir, "%s/s", (char *)*state);
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    int ended = 0;
    for (long step = 0; !ended; step++) {
        assert_int_equal(system(command), 0);
        ended = killed_at(step, begin_anew, dir);
        if (lethe_session_exists(dir))
            assert_int_equal(forgotten_on_disk(dir, NULL), 0);
        else
            begin_anew(dir); /* the remains are no obstacle */
        assert_true(step < MOST_STEPS);
    }
}

static void a_full_disk_fails_the_commit_and_loses_nothing(void **state)
{
    char dir[200];
    snprintf(dir, sizeof dir, "%s/s", (char *)*state);
    int failures = 0, done = 0;
    for (long step = 0; !done; step++) {
        remake(dir);
        struct lethe_session *s = NULL;
        assert_int_equal(lethe_session_open(&s, dir, &err), LETHE_OK);
        char before[LETHE_HASH_HEX];
        strcpy(before, head_id(s));
        lethe_file_fault(step, 0);
        enum lethe_err code = forget_one(s, 99, 5, &err);
        lethe_file_fault(-1, 0);
        done = !code;
        if (code) {
            failures++;
            assert_int_equal(code, LETHE_EIO);
            assert_non_null(strstr(err.message, "No space left"));
            assert_string_equal(head_id(s), before);
            assert_int_equal(lethe_session_count(s), 2);
            assert_int_equal(lethe_session_sync(s, &err), LETHE_OK);
        }
        lethe_session_close(s);
        assert_int_equal(forgotten_on_disk(dir, NULL), done ? 2 : 1);
        assert_true(step < MOST_STEPS);
    }
    assert_true(failures >= 8);
}

/* The same with the system's own refusal: no file may grow beyond 600 bytes. */
static void a_file_size_limit_fails_the_commit(void **state)
{
    char dir[200];
    snprintf(dir, sizeof dir, "%s/s", (char *)*state);
    remake(dir);
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (!child) {
        struct lethe_session *s = NULL;
        struct rlimit limit = {600, 600};
        signal(SIGXFSZ, SIG_IGN);
        if (lethe_session_open(&s, dir, NULL) || setrlimit(RLIMIT_FSIZE, &limit))
            _exit(1);
        _exit(forget_one(s, 99, 5, &err) == LETHE_EIO ? 0 : 2);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_int_equal(forgotten_on_disk(dir, NULL), 1);
}

int main(void)
{
#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_set_up, folder_tear_down)
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(killing_a_commit_leaves_the_old_or_the_new_state),
        WITH_FOLDER(killing_a_save_leaves_the_old_or_the_new_copy),
        WITH_FOLDER(killing_a_first_writing_leaves_nothing_or_a_session),
        WITH_FOLDER(a_full_disk_fails_the_commit_and_loses_nothing),
        WITH_FOLDER(a_file_size_limit_fails_the_commit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
