/* SPDX-License-Identifier: MIT
 * Sessions on the disk: what is written is read, what is damaged is refused by name. */
#include "tests/support/session_world.h"

#include <dirent.h>

#include "base/file.h"

static struct lethe_error err;

static void path_in(char *path, const char *dir, const char *name)
{
    snprintf(path, 200, "%.120s/%.70s", dir, name);
}

static struct lethe_session *reopen(const char *dir)
{
    struct lethe_session *session = NULL;
    if (lethe_session_open(&session, dir, &err))
        fail_msg("%s", err.message);
    return session;
}

/* A session with two branches, redo, draft and journal. */
static struct lethe_session *rich(const char *dir)
{
    struct lethe_session *s = begin(dir);
    commit_ok(s, 17);
    assert_int_equal(lethe_session_branch(s, "try", &err), LETHE_OK);
    commit_ok(s, 3);
    commit_ok(s, 4);
    assert_int_equal(lethe_session_undo(s, &err), LETHE_OK);
    lethe_session_draft_set(s, "forget", "9,12-40", &err);
    lethe_session_draft_set(s, "odd \"key\"\n", "\\ \t \xc3\xa9", &err);
    lethe_session_note(s, "forget add 17; commit 'first \"one\"'", &err);
    assert_int_equal(lethe_session_sync(s, &err), LETHE_OK);
    return s;
}

static void assert_same_state(const struct lethe_state *a, const struct lethe_state *b)
{
    double x[SIZE], y[SIZE];
    weights_of(x, a);
    weights_of(y, b);
    assert_memory_equal(x, y, sizeof x);
    assert_string_equal(lethe_state_id(a), lethe_state_id(b));
    assert_string_equal(lethe_state_kind(a), lethe_state_kind(b));
    assert_string_equal(lethe_state_message(a), lethe_state_message(b));
    assert_string_equal(lethe_state_metrics(a), lethe_state_metrics(b));
    assert_int_equal(lethe_state_seed(a), lethe_state_seed(b));
    assert_int_equal(lethe_state_time(a), lethe_state_time(b));
    assert_int_equal(lethe_state_changed(a), lethe_state_changed(b));
}

static void assert_same_session(const struct lethe_session *a, const struct lethe_session *b)
{
    assert_int_equal(lethe_session_count(a), lethe_session_count(b));
    for (size_t i = 0; i < lethe_session_count(a); i++)
        assert_same_state(lethe_session_state(a, i), lethe_session_state(b, i));
    assert_string_equal(head_id(a), head_id(b));
    assert_string_equal(lethe_session_on(a), lethe_session_on(b));
    assert_int_equal(lethe_session_branch_count(a), lethe_session_branch_count(b));
    assert_int_equal(lethe_session_can_redo(a), lethe_session_can_redo(b));
    const struct lethe_pairs *p = lethe_session_draft(a), *q = lethe_session_draft(b);
    assert_int_equal(p->count, q->count);
    for (size_t i = 0; i < p->count; i++) {
        assert_string_equal(p->at[i].key, q->at[i].key);
        assert_string_equal(p->at[i].value, q->at[i].value);
    }
    assert_int_equal(lethe_session_note_count(a), lethe_session_note_count(b));
    for (size_t i = 0; i < lethe_session_note_count(a); i++)
        assert_string_equal(lethe_session_note_line(a, i, NULL),
                            lethe_session_note_line(b, i, NULL));
}

static void a_reopened_session_continues_where_it_was(void **state)
{
    char dir[200];
    path_in(dir, *state, "deep/session");
    struct lethe_session *s = rich(dir), *memory = rich(NULL);
    lethe_session_close(s);
    assert_true(lethe_session_exists(dir));
    s = reopen(dir);
    assert_same_session(s, memory);
    assert_string_equal(lethe_session_source(s)->path, "digits.bundle");
    assert_int_equal(lethe_session_redo(s, &err), LETHE_OK);
    commit_ok(s, 5);
    assert_int_equal(lethe_session_redo(memory, &err), LETHE_OK);
    commit_ok(memory, 5);
    assert_string_equal(head_id(s), head_id(memory));
    lethe_session_close(s);
    s = reopen(dir);
    assert_same_session(s, memory);
    lethe_session_close(s);
    lethe_session_close(memory);
}

static void many_commits_reopen_across_whole_states(void **state)
{
    char dir[200];
    path_in(dir, *state, "s");
    struct lethe_session *s = begin(dir);
    for (size_t id = 0; id < 70; id++)
        commit_ok(s, id);
    assert_int_equal(lethe_session_checkout(s, "head~35", &err), LETHE_OK);
    commit_ok(s, 500);
    lethe_session_close(s);
    struct lethe_session *again = reopen(dir), *memory = begin(NULL);
    for (size_t id = 0; id < 70; id++)
        commit_ok(memory, id);
    assert_int_equal(lethe_session_checkout(memory, "head~35", &err), LETHE_OK);
    commit_ok(memory, 500);
    assert_same_session(again, memory);
    lethe_session_close(again);
    lethe_session_close(memory);
}

static void two_processes_conflict_with_one_line(void **state)
{
    char dir[200], expected[64];
    path_in(dir, *state, "s");
    struct lethe_session *s = begin(dir), *second = NULL;
    assert_int_equal(lethe_session_open(&second, dir, &err), LETHE_EIO);
    assert_null(second);
    snprintf(expected, sizeof expected, "is open in another lethe (process %ld)", (long)getpid());
    assert_non_null(strstr(err.message, expected));
    struct lethe_session *memory = begin(NULL);
    assert_int_equal(lethe_session_save(memory, dir, &err), LETHE_EIO);
    lethe_session_close(memory);
    lethe_session_close(s);
    lethe_session_close(reopen(dir)); /* the lock is free again */
}

static void new_sessions_and_copies_spare_what_is_there(void **state)
{
    char dir[200], other[200], file[200];
    struct lethe_session *made = NULL;
    double w[SIZE];
    weights(w, 1);
    path_in(dir, *state, "s");
    lethe_session_close(begin(dir));
    assert_int_equal(lethe_session_new(&made, dir, &source, w, SIZE, &err), LETHE_EARG);
    assert_non_null(strstr(err.message, "holds a session already"));
    path_in(other, *state, "photos");
    assert_int_equal(lethe_folder_make(other, &err), LETHE_OK);
    path_in(file, other, "cat.png");
    assert_int_equal(lethe_file_write(file, "x", 1, &err), LETHE_OK);
    struct lethe_session *s = rich(NULL);
    assert_int_equal(lethe_session_save(s, other, &err), LETHE_EARG);
    assert_int_equal(lethe_session_save(s, file, &err), LETHE_EARG);
    path_in(other, *state, "copy");
    assert_int_equal(lethe_session_save(s, other, &err), LETHE_OK);
    struct lethe_session *copy = reopen(other);
    assert_same_session(s, copy);
    assert_int_equal(lethe_session_save(copy, other, &err), LETHE_OK); /* onto itself: sync */
    lethe_session_close(copy);
    assert_int_equal(lethe_session_save(s, dir, &err), LETHE_OK); /* replaces a session */
    copy = reopen(dir);
    assert_same_session(s, copy);
    lethe_session_close(copy);
    lethe_session_close(s);
    path_in(other, *state, "nowhere");
    assert_int_equal(lethe_session_open(&made, other, &err), LETHE_EIO);
    assert_non_null(strstr(err.message, "no head.json there"));
    assert_int_equal(lethe_folder_exists(other), 0);
}

static void standing_says_kept_resumed_and_unsaved(void **state)
{
    char dir[200], copy[200];
    struct lethe_standing standing;
    path_in(dir, *state, "s");
    path_in(copy, *state, "copy");
    struct lethe_session *s = rich(dir); /* 17 and 3 are gone, 4 was taken back */
    lethe_session_standing(&standing, s);
    assert_true(standing.kept && !standing.resumed && !standing.unsaved);
    assert_true(standing.commits == 2 && standing.gone == 2);
    lethe_session_close(s);
    s = reopen(dir);
    lethe_session_standing(&standing, s);
    assert_true(standing.kept && standing.resumed && standing.commits == 2 && standing.gone == 2);
    assert_string_equal(lethe_session_remark(s), "");
    lethe_session_close(s);
    s = rich(NULL);
    lethe_session_standing(&standing, s);
    assert_true(!standing.kept && !standing.resumed && standing.unsaved == 3);
    assert_int_equal(lethe_session_save(s, copy, &err), LETHE_OK);
    lethe_session_standing(&standing, s);
    assert_int_equal(standing.unsaved, 0);
    commit_ok(s, 50);
    lethe_session_standing(&standing, s);
    assert_int_equal(standing.unsaved, 1);
    lethe_session_close(s);
}

static size_t blob_names(char names[][80], const char *dir)
{
    char path[200];
    size_t count = 0;
    path_in(path, dir, "blobs");
    DIR *folder = opendir(path);
    assert_non_null(folder);
    for (struct dirent *e; (e = readdir(folder));)
        if (e->d_name[0] != '.' && count < 16)
            snprintf(names[count++], 80, "blobs/%.64s", e->d_name);
    closedir(folder);
    return count;
}

/* Opening must fail with LETHE_EFORMAT or LETHE_EIO naming the file, and leave its bytes alone. */
static void assert_refused(const char *dir, const char *name)
{
    struct lethe_session *s = NULL;
    enum lethe_err code = lethe_session_open(&s, dir, &err);
    if (!code)
        fail_msg("'%s' was opened though '%s' is damaged", dir, name);
    assert_true(code == LETHE_EFORMAT || code == LETHE_EIO);
    if (!strstr(err.message, name))
        fail_msg("no '%s' in: %s", name, err.message);
}

static void every_flipped_bit_and_cut_is_refused_by_name(void **state)
{
    char dir[200], path[200], names[17][80];
    path_in(dir, *state, "s");
    struct lethe_session *s = begin(dir);
    commit_ok(s, 17);
    lethe_session_note(s, "forget add 17", &err);
    assert_int_equal(lethe_session_sync(s, &err), LETHE_OK);
    char expected[LETHE_HASH_HEX];
    strcpy(expected, head_id(s));
    lethe_session_close(s);
    size_t files = blob_names(names, dir);
    assert_int_equal(files, 2);
    strcpy(names[files++], "head.json");
    struct lethe_rng rng;
    lethe_rng_init(&rng, 11, LETHE_RNG_TEST, 0, 0);
    for (size_t f = 0; f < files; f++) {
        struct lethe_bytes bytes;
        path_in(path, dir, names[f]);
        assert_int_equal(lethe_file_read(&bytes, path, SIZE_MAX, &err), LETHE_OK);
        for (int round = 0; round < 60; round++) {
            size_t at = (size_t)lethe_rng_below(&rng, bytes.size - 2);
            unsigned char bit = (unsigned char)(1u << lethe_rng_below(&rng, 8));
            bytes.data[at] ^= bit;
            lethe_file_write_plain(path, bytes.data, bytes.size, NULL);
            bytes.data[at] ^= bit;
            struct lethe_session *opened = NULL;
            /* A flip may hit a blank outside the checked text: then nothing is lost either. */
            if (!lethe_session_open(&opened, dir, &err)) {
                assert_string_equal(names[f], "head.json");
                assert_string_equal(head_id(opened), expected);
                lethe_session_close(opened);
            } else if (!strstr(err.message, names[f])) {
                fail_msg("byte %zu of '%s': %s", at, names[f], err.message);
            }
            lethe_file_write_plain(path, bytes.data, at, NULL);
            assert_refused(dir, names[f]);
        }
        unlink(path);
        assert_refused(dir, f == files - 1 ? dir : names[f]);
        lethe_file_write_plain(path, bytes.data, bytes.size, NULL);
        free(bytes.data);
    }
    s = reopen(dir); /* after all that: unharmed */
    assert_string_equal(head_id(s), expected);
    lethe_session_close(s);
}

static void newer_versions_and_other_files_are_named(void **state)
{
    char dir[200], path[200];
    path_in(dir, *state, "s");
    lethe_session_close(begin(dir));
    path_in(path, dir, "head.json");
    const char *newer = "{\"format\": \"lethe session\", \"version\": 3, \"anything\": []}";
    lethe_file_write(path, newer, strlen(newer), &err);
    assert_refused(dir, "written by a newer lethe (session version 3, this one reads 2)");
    const char *others[] = {"",
                            "{}",
                            "[1,2]",
                            "hello",
                            "{\"format\": \"lethe session\"}",
                            "{\"format\": \"lethe session\", \"version\": 1}",
                            "{\"format\": \"lethe session\", \"version\": 1, \"check\": \"\","
                            "\"session\":{}}"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        lethe_file_write(path, others[i], strlen(others[i]), &err);
        assert_refused(dir, "head.json");
    }
}

static void unreferenced_blobs_and_temporary_files_are_swept(void **state)
{
    char dir[200], stray[300], temporary[300], foreign[300], names[16][80];
    path_in(dir, *state, "s");
    struct lethe_session *s = rich(dir);
    lethe_session_close(s);
    size_t before = blob_names(names, dir);
    snprintf(stray, sizeof stray, "%s/blobs/%064d", dir, 7);
    snprintf(temporary, sizeof temporary, "%s/head.json.123.tmp", dir);
    snprintf(foreign, sizeof foreign, "%s/notes.txt", dir);
    lethe_file_write(stray, "x", 1, &err);
    lethe_file_write(temporary, "x", 1, &err);
    lethe_file_write(foreign, "x", 1, &err);
    lethe_session_close(reopen(dir));
    assert_int_equal(blob_names(names, dir), before);
    assert_false(lethe_file_exists(temporary));
    assert_true(lethe_file_exists(foreign));
}

/* A folder of a person's own, with other things in it, keeps them and its rights. */
static void what_is_not_lethes_is_left_alone(void **state)
{
    char dir[200], file[200], other[200];
    struct stat status;
    path_in(dir, *state, "own");
    path_in(file, dir, "notes.tmp");
    path_in(other, dir, "photo.png");
    assert_int_equal(lethe_folder_make(dir, &err), LETHE_OK);
    assert_int_equal(chmod(dir, 01777), 0);
    assert_int_equal(lethe_file_write(file, "x", 1, &err), LETHE_OK);
    assert_int_equal(lethe_file_write(other, "x", 1, &err), LETHE_OK);
    assert_int_equal(chmod(other, 0644), 0);
    lethe_session_close(begin(dir));
    lethe_session_close(reopen(dir));
    assert_true(lethe_file_exists(file) && lethe_file_exists(other));
    assert_true(!stat(dir, &status) && (status.st_mode & 07777) == 01777);
    assert_true(!stat(other, &status) && (status.st_mode & 07777) == 0644);
    path_in(file, dir, "head.json");
    assert_true(!stat(file, &status) && (status.st_mode & 07777) == 0600);
    path_in(file, dir, "blobs");
    assert_true(!stat(file, &status) && (status.st_mode & 07777) == 0700);
}

static void the_home_of_a_session_follows_the_absolute_path(void **state)
{
    (void)state;
    char *a = NULL, *b = NULL, *c = NULL;
    assert_int_equal(lethe_session_home(&a, "/state/lethe", "tests/unit", &err), LETHE_OK);
    assert_int_equal(lethe_session_home(&b, "/state/lethe", "./tests/../tests/unit/", &err),
                     LETHE_OK);
    assert_int_equal(lethe_session_home(&c, "/state/lethe", "no/such model!.onnx", &err), LETHE_OK);
    assert_string_equal(a, b);
    assert_int_equal(strncmp(a, "/state/lethe/sessions/unit-", 27), 0);
    assert_int_equal(strlen(a), 27 + 12);
    assert_int_equal(strncmp(c, "/state/lethe/sessions/such-model-.onnx-", 39), 0);
    free(a);
    free(b);
    free(c);
}

int main(void)
{
#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_set_up, folder_tear_down)
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(a_reopened_session_continues_where_it_was),
        WITH_FOLDER(many_commits_reopen_across_whole_states),
        WITH_FOLDER(two_processes_conflict_with_one_line),
        WITH_FOLDER(standing_says_kept_resumed_and_unsaved),
        WITH_FOLDER(new_sessions_and_copies_spare_what_is_there),
        WITH_FOLDER(every_flipped_bit_and_cut_is_refused_by_name),
        WITH_FOLDER(newer_versions_and_other_files_are_named),
        cmocka_unit_test(the_home_of_a_session_follows_the_absolute_path),
        WITH_FOLDER(what_is_not_lethes_is_left_alone),
        WITH_FOLDER(unreferenced_blobs_and_temporary_files_are_swept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
