/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/child.h"

static enum lethe_err run(struct lethe_child_result *result, const char *const *argv,
                          const char *input, struct lethe_error *err)
{
    struct lethe_child child = {argv, input, input ? strlen(input) : 0, 1 << 22, 20000, NULL};
    return lethe_child_run(result, &child, err);
}

static void output_errors_and_status_come_back(void **state)
{
    (void)state;
    const char *const argv[] = {"sh", "-c", "cat; echo trouble >&2; exit 7", NULL};
    struct lethe_child_result result;
    assert_int_equal(run(&result, argv, "hello `date` $HOME", NULL), LETHE_OK);
    assert_string_equal(result.output, "hello `date` $HOME");
    assert_string_equal(result.errors, "trouble\n");
    assert_int_equal(result.status, 7);
    lethe_free(result.output);
}

static void much_input_and_output_do_not_block(void **state)
{
    (void)state;
    const size_t n = 3000000;
    char *text = lethe_alloc(n + 1, 1);
    for (size_t i = 0; i < n; i++)
        text[i] = (char)('a' + i * i % 23);
    text[n] = '\0';
    const char *const argv[] = {"cat", NULL};
    struct lethe_child_result result;
    assert_int_equal(run(&result, argv, text, NULL), LETHE_OK);
    assert_int_equal(result.size, n);
    assert_memory_equal(result.output, text, n);
    lethe_free(result.output);
    lethe_free(text);
}

static void a_reader_that_leaves_does_not_kill_us(void **state)
{
    (void)state;
    const size_t n = 3000000;
    char *text = lethe_alloc_zero(n + 1, 1);
    memset(text, 'x', n);
    const char *const argv[] = {"true", NULL};
    struct lethe_child_result result;
    assert_int_equal(run(&result, argv, text, NULL), LETHE_OK);
    assert_int_equal(result.status, 0);
    sigset_t pending;
    sigpending(&pending);
    assert_false(sigismember(&pending, SIGPIPE));
    lethe_free(result.output);
    lethe_free(text);
}

static void a_missing_program_is_named(void **state)
{
    (void)state;
    const char *const argv[] = {"lethe-no-such-program", NULL};
    struct lethe_child_result result;
    struct lethe_error err;
    assert_int_equal(run(&result, argv, NULL, &err), LETHE_EIO);
    assert_string_equal(err.message, "cannot run 'lethe-no-such-program': no such program");
}

static void the_deadline_ends_the_whole_group(void **state)
{
    (void)state;
    /* the grandchild keeps the pipe open: killing only the shell would leave it */
    const char *const argv[] = {"sh", "-c", "sleep 60 & sleep 60; wait", NULL};
    struct lethe_child child = {argv, NULL, 0, 100, 100, NULL};
    struct lethe_child_result result;
    struct lethe_error err;
    time_t before = time(NULL);
    assert_int_equal(lethe_child_run(&result, &child, &err), LETHE_EIO);
    assert_string_equal(err.message, "'sh' took more than 100 ms and was ended");
    assert_true(time(NULL) - before < 30);
    assert_null(result.output);
}

static void too_much_output_and_cancelling_are_errors(void **state)
{
    (void)state;
    const char *const argv[] = {"yes", NULL};
    struct lethe_child child = {argv, NULL, 0, 5000, 20000, NULL};
    struct lethe_child_result result;
    struct lethe_error err;
    assert_int_equal(lethe_child_run(&result, &child, &err), LETHE_EIO);
    assert_string_equal(err.message, "'yes' wrote more than 5000 bytes");
    struct lethe_watch watch;
    lethe_watch_init(&watch);
    lethe_watch_cancel(&watch);
    const char *const slow[] = {"sleep", "60", NULL};
    child.argv = slow;
    child.watch = &watch;
    assert_int_equal(lethe_child_run(&result, &child, &err), LETHE_ECANCEL);
}

static void a_signal_shows_in_the_status(void **state)
{
    (void)state;
    const char *const argv[] = {"sh", "-c", "kill -TERM $$", NULL};
    struct lethe_child_result result;
    assert_int_equal(run(&result, argv, NULL, NULL), LETHE_OK);
    assert_int_equal(result.status, 128 + SIGTERM);
    lethe_free(result.output);
}

static void no_descriptors_are_left_open(void **state)
{
    (void)state;
    int before = dup(0), after;
    close(before);
    for (int i = 0; i < 5; i++) {
        const char *const argv[] = {"true", NULL}, *const missing[] = {"lethe-none", NULL};
        struct lethe_child_result result;
        assert_int_equal(run(&result, argv, "x", NULL), LETHE_OK);
        lethe_free(result.output);
        assert_int_equal(run(&result, missing, "x", NULL), LETHE_EIO);
    }
    after = dup(0);
    close(after);
    assert_int_equal(before, after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_errors_and_status_come_back),
        cmocka_unit_test(much_input_and_output_do_not_block),
        cmocka_unit_test(a_reader_that_leaves_does_not_kill_us),
        cmocka_unit_test(a_missing_program_is_named),
        cmocka_unit_test(the_deadline_ends_the_whole_group),
        cmocka_unit_test(too_much_output_and_cancelling_are_errors),
        cmocka_unit_test(a_signal_shows_in_the_status),
        cmocka_unit_test(no_descriptors_are_left_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
