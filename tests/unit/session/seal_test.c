/* SPDX-License-Identifier: MIT
 * Sealing drops the past for good, and only the receipt opens it again. Also `diff`. */
#include "tests/support/session_world.h"

#include <signal.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "base/file.h"

static struct lethe_error err;

static struct lethe_session *with_past(const char *dir)
{
    struct lethe_session *s = begin(dir);
    lethe_session_note(s, "forget add 17", &err);
    commit_ok(s, 17);
    lethe_session_note(s, "commit seventeen", &err);
    commit_ok(s, 104);
    lethe_session_note(s, "commit hundred-and-four", &err);
    lethe_session_note(s, "forget add 5", &err);
    commit_ok(s, 5);
    lethe_session_note(s, "commit five", &err);
    assert_int_equal(lethe_session_sync(s, &err), LETHE_OK);
    return s;
}

/* Prepares a seal and carries it out; *receipt (lethe_free) also when that failed half way. */
static enum lethe_err seal(struct lethe_session *s, char **receipt, const char *name, int64_t time,
                           struct lethe_error *e)
{
    struct lethe_seal *made = NULL;
    int done = 0;
    enum lethe_err code = lethe_seal_new(&made, s, name, NULL, time, e);
    if (code)
        return code;
    char *text = lethe_strdup(lethe_seal_receipt(made));
    code = lethe_session_seal(s, made, &done, e);
    assert_int_equal(done, !code);
    lethe_seal_free(made);
    if (code)
        lethe_free(text);
    else
        *receipt = text;
    return code;
}

/* 1 when any file of the session holds the text. */
static int mentions(const char *dir, const char *text)
{
    char command[300];
    snprintf(command, sizeof command, "grep -rqF -e '%.100s' '%.150s'", text, dir);
    return system(command) == 0;
}

static void sealing_the_head_leaves_weights_and_hashes_only(void **state)
{
    char dir[200], old[4][LETHE_HASH_HEX], *receipt = NULL;
    double before[SIZE], after[SIZE];
    size_t *ids, count;
    snprintf(dir, sizeof dir, "%s/s", (char *)*state);
    struct lethe_session *s = with_past(dir);
    for (size_t i = 0; i < 4; i++)
        strcpy(old[i], lethe_state_id(lethe_session_state(s, i)));
    weights_of(before, lethe_session_head(s));
    assert_true(mentions(dir, "seventeen") && mentions(dir, old[1]) && mentions(dir, "modelhash"));
    assert_int_equal(seal(s, &receipt, "head", 1700000001, &err), LETHE_OK);
    lethe_session_close(s);

    assert_int_equal(lethe_session_open(&s, dir, &err), LETHE_OK);
    weights_of(after, lethe_session_head(s));
    assert_memory_equal(before, after, sizeof before);
    assert_int_equal(lethe_session_count(s), 1);
    assert_int_equal(lethe_session_note_count(s), 0);
    assert_int_equal(lethe_session_sealed(s), 3);
    assert_int_equal(lethe_session_undo(s, &err), LETHE_EARG);
    const char *traces[] = {"seventeen", "damping", "heldout", "modelhash"};
    for (size_t i = 0; i < sizeof traces / sizeof *traces; i++)
        assert_false(mentions(dir, traces[i]));
    for (size_t i = 0; i < 4; i++)
        assert_false(mentions(dir, old[i]));
    assert_non_null(strstr(receipt, head_id(s)));
    assert_int_equal(lethe_session_check(s, "any model", "datahash", &err), LETHE_OK);

    assert_int_equal(lethe_session_sealed_ids(&ids, &count, s, receipt, 1437, &err), LETHE_OK);
    assert_int_equal(count, 3);
    assert_true(ids[0] == 5 && ids[1] == 17 && ids[2] == 104);
    lethe_free(ids);
    char *other = strdup(receipt);
    char *digit = strstr(other, "\"salt\"") + 12;
    *digit = *digit == '0' ? '1' : '0';
    assert_int_equal(lethe_session_sealed_ids(&ids, &count, s, other, 1437, &err), LETHE_EARG);
    assert_int_equal(lethe_session_sealed_ids(&ids, &count, s, "{}", 1437, &err), LETHE_EFORMAT);
    assert_int_equal(lethe_session_sealed_ids(&ids, &count, s, "?", 1437, &err), LETHE_EFORMAT);
    free(other);
    lethe_free(receipt);
    lethe_session_close(s);
}

static void what_comes_after_the_seal_stays(void **state)
{
    (void)state;
    struct lethe_session *s = with_past(NULL);
    double before[SIZE], after[SIZE];
    size_t *ids, count;
    char *receipt = NULL, *second = NULL;
    weights_of(before, lethe_session_head(s));
    assert_int_equal(lethe_session_checkout(s, "head~2", &err), LETHE_OK);
    assert_int_equal(lethe_session_branch(s, "aside", &err), LETHE_OK);
    commit_ok(s, 700);
    assert_int_equal(lethe_session_checkout(s, "main", &err), LETHE_OK);
    assert_int_equal(seal(s, &receipt, "aside", 1, &err), LETHE_EARG);
    assert_int_equal(seal(s, &receipt, "nowhere", 1, &err), LETHE_EARG);
    assert_int_equal(seal(s, &receipt, "head~1", 1, &err), LETHE_OK);
    assert_int_equal(lethe_session_count(s), 2);
    weights_of(after, lethe_session_head(s));
    assert_memory_equal(before, after, sizeof before);
    assert_int_equal(lethe_session_branch_count(s), 1); /* "aside" went */
    assert_string_equal(lethe_session_on(s), "main");
    assert_int_equal(lethe_state_forgotten(&ids, &count, lethe_session_head(s), &err), LETHE_OK);
    assert_true(count == 1 && ids[0] == 5);
    lethe_free(ids);
    const char *head;
    assert_int_equal(lethe_session_note_count(s), 2);
    assert_string_equal(lethe_session_note_line(s, 0, &head), "forget add 5");
    assert_string_equal(head, lethe_state_id(lethe_session_state(s, 0)));
    assert_string_equal(lethe_session_note_line(s, 1, &head), "commit five");
    assert_string_equal(head, head_id(s));

    assert_int_equal(seal(s, &second, "head", 2, &err), LETHE_OK);
    assert_int_equal(lethe_session_sealed(s), 3);
    assert_int_equal(lethe_session_sealed_ids(&ids, &count, s, receipt, 1437, &err), LETHE_OK);
    assert_true(count == 2 && ids[0] == 17 && ids[1] == 104);
    lethe_free(ids);
    assert_int_equal(lethe_session_sealed_ids(&ids, &count, s, second, 1437, &err), LETHE_OK);
    assert_true(count == 1 && ids[0] == 5);
    lethe_free(ids);
    lethe_free(receipt);
    lethe_free(second);
    lethe_session_close(s);
}

static void killing_a_seal_leaves_all_or_none_of_the_past(void **state)
{
    char dir[200], command[300], *receipt = NULL;
    snprintf(dir, sizeof dir, "%s/s", (char *)*state);
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    int ended = 0, old = 0, new = 0;
    for (long step = 0; !ended && step < 60; step++) {
        int status;
        assert_int_equal(system(command), 0);
        lethe_session_close(with_past(dir));
        pid_t child = fork();
        assert_true(child >= 0);
        struct lethe_session *s = NULL;
        if (!child) {
            if (lethe_session_open(&s, dir, NULL))
                _exit(1);
            lethe_file_fault(step, 1);
            _exit((int)seal(s, &receipt, "head", 1, NULL));
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        ended = WIFEXITED(status);
        assert_true(!ended || WEXITSTATUS(status) == 0);
        assert_int_equal(lethe_session_open(&s, dir, &err), LETHE_OK);
        size_t count = lethe_session_count(s);
        assert_true(count == 4 || count == 1);
        old += count == 4;
        new += count == 1;
        lethe_session_close(s);
        assert_int_equal(mentions(dir, "seventeen"), count == 4);
    }
    assert_true(ended && old >= 7 && new >= 4);
}

static void a_failed_seal_changes_nothing(void **state)
{
    char dir[200], *receipt = NULL;
    snprintf(dir, sizeof dir, "%s/s", (char *)*state);
    struct lethe_session *s = with_past(dir);
    char head[LETHE_HASH_HEX];
    strcpy(head, head_id(s));
    lethe_file_fault(3, 0);
    assert_int_equal(seal(s, &receipt, "head", 1, &err), LETHE_EIO);
    lethe_file_fault(-1, 0);
    for (long n = 0; n < 30; n++) {
        lethe_alloc_fail_after(n);
        enum lethe_err code = seal(s, &receipt, "head~1", 1, &err);
        lethe_alloc_fail_after(-1);
        if (!code)
            fail_msg("a seal came through with only %ld allocations", n);
        assert_int_equal(code, LETHE_ENOMEM);
    }
    assert_null(receipt);
    assert_string_equal(head_id(s), head);
    assert_int_equal(lethe_session_count(s), 4);
    assert_int_equal(lethe_session_note_count(s), 5);
    assert_string_equal(lethe_session_source(s)->model_hash, "modelhash");
    assert_int_equal(lethe_session_sync(s, &err), LETHE_OK);
    lethe_session_close(s);
    assert_int_equal(lethe_session_open(&s, dir, &err), LETHE_OK);
    assert_int_equal(lethe_session_count(s), 4);
    lethe_session_close(s);
}

static void diff_names_settings_samples_and_weights(void **state)
{
    (void)state;
    struct lethe_session *s = begin(NULL);
    commit_ok(s, 17);
    struct lethe_state *a = lethe_session_head(s), *b;
    double w[SIZE];
    weights_of(w, a);
    w[3] += 3;
    w[100] -= 4;
    size_t ids[] = {2, 40};
    struct lethe_pairs settings = {0};
    lethe_pairs_set(&settings, "form", "residual", &err);
    lethe_pairs_set(&settings, "damping", "0.1", &err);
    lethe_pairs_set(&settings, "noise", "off", &err);
    struct lethe_commit c = {.kind = "forget", .forget = ids, .forget_count = 2, .w = w};
    c.settings = &settings;
    assert_int_equal(lethe_session_commit(s, &b, &c, &err), LETHE_OK);
    lethe_pairs_release(&settings);
    struct lethe_state_diff diff;
    assert_int_equal(lethe_state_diff(&diff, a, b, &err), LETHE_OK);
    assert_int_equal(diff.setting_count, 2);
    assert_string_equal(diff.settings[0].key, "damping");
    assert_string_equal(diff.settings[0].a, "1e-3");
    assert_string_equal(diff.settings[0].b, "0.1");
    assert_string_equal(diff.settings[1].key, "noise");
    assert_null(diff.settings[1].a);
    assert_int_equal(diff.only_a_count, 0);
    assert_int_equal(diff.only_b_count, 2);
    assert_true(diff.only_b[0] == 2 && diff.only_b[1] == 40);
    assert_int_equal(diff.changed, 2);
    assert_true(fabs(diff.norm - 5) < 1e-14 && fabs(diff.largest - 4) < 1e-14);
    lethe_state_diff_release(&diff);
    lethe_session_close(s);
}

int main(void)
{
#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_set_up, folder_tear_down)
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(sealing_the_head_leaves_weights_and_hashes_only),
        cmocka_unit_test(what_comes_after_the_seal_stays),
        WITH_FOLDER(killing_a_seal_leaves_all_or_none_of_the_past),
        WITH_FOLDER(a_failed_seal_changes_nothing),
        cmocka_unit_test(diff_names_settings_samples_and_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
