/* SPDX-License-Identifier: MIT
 * The journal: what it says is done again, a torn end is cut off, anything else is refused;
 * sessions of version 1 go on; the cost of a commit does not grow with their number. */
#include "tests/support/session_world.h"

#include <dirent.h>
#include <time.h>

#include "base/file.h"
#include "session/state.h"

static struct lethe_error err;

static void path_in(char path[200], const char *dir, const char *name)
{
    snprintf(path, 200, "%.99s/%.99s", dir, name);
}

static struct lethe_session *reopen(const char *dir)
{
    struct lethe_session *session = NULL;
    if (lethe_session_open(&session, dir, &err))
        fail_msg("%s", err.message);
    return session;
}

/* The path of the only journal of a session; until the next call. */
static const char *journal_of(const char *dir)
{
    static char path[200];
    int found = 0;
    DIR *list = opendir(dir);
    assert_non_null(list);
    for (struct dirent *e; (e = readdir(list));)
        if (!strncmp(e->d_name, "journal-", 8)) {
            path_in(path, dir, e->d_name);
            found++;
        }
    closedir(list);
    assert_int_equal(found, 1);
    return path;
}

static size_t size_of(const char *path)
{
    struct stat status;
    return stat(path, &status) ? 0 : (size_t)status.st_size;
}

static size_t head_size(const char *dir)
{
    char path[200];
    path_in(path, dir, "head.json");
    return size_of(path);
}

static void copy_session(const char *to, const char *from)
{
    char command[700];
    snprintf(command, sizeof command, "rm -rf '%.199s' && cp -r '%.199s' '%.199s'", to, from, to);
    assert_int_equal(system(command), 0);
}

static void a_line_of_the_script_and_the_draft_come_with_the_decision(void **state)
{
    char dir[200];
    const char *head;
    path_in(dir, *state, "s");
    struct lethe_session *s = begin(dir);
    assert_int_equal(lethe_session_draft_set(s, "forget", "17", &err), LETHE_OK);
    assert_int_equal(lethe_session_note(s, "forget add 17", &err), LETHE_OK);
    assert_int_equal(lethe_session_sync(s, &err), LETHE_OK);
    char journal[200];
    strcpy(journal, journal_of(dir));
    const size_t before = size_of(journal);
    assert_int_equal(lethe_session_draft_set(s, "forget", "", &err), LETHE_OK);
    assert_int_equal(lethe_session_announce(s, "commit it", &err), LETHE_OK);
    assert_true(lethe_session_announced(s));
    commit_ok(s, 17);
    assert_false(lethe_session_announced(s));
    struct lethe_bytes bytes;
    assert_int_equal(lethe_file_read(&bytes, journal, SIZE_MAX, &err), LETHE_OK);
    const char *line = (const char *)bytes.data + before;
    assert_ptr_equal(strchr(line, '\n') + 1, (const char *)bytes.data + bytes.size); /* one line */
    assert_non_null(strstr(line, "\"forget\":\"\""));
    assert_non_null(strstr(line, "commit it"));
    free(bytes.data);
    lethe_session_close(s);
    s = reopen(dir);
    assert_string_equal(lethe_pairs_get(lethe_session_draft(s), "forget"), "");
    assert_int_equal(lethe_session_note_count(s), 2);
    assert_string_equal(lethe_session_note_line(s, 1, &head), "commit it");
    assert_string_equal(head, head_id(s));
    lethe_session_close(s);
}

/* Every length of the last line: what opens is the session before it, and the end can be written
 * to again. */
static void a_torn_end_is_cut_off_and_said(void **state)
{
    char dir[200], cut[200];
    path_in(dir, *state, "s");
    path_in(cut, *state, "cut");
    struct lethe_session *s = begin(dir);
    commit_ok(s, 17);
    const size_t before = size_of(journal_of(dir));
    commit_ok(s, 3);
    lethe_session_close(s);
    const size_t whole = size_of(journal_of(dir));
    for (size_t length = before; length <= whole; length += 1 + length / 90) {
        copy_session(cut, dir);
        assert_int_equal(truncate(journal_of(cut), (off_t)length), 0);
        s = reopen(cut);
        assert_int_equal(lethe_session_count(s), length == whole ? 3 : 2);
        assert_int_equal(*lethe_session_remark(s) != '\0', length != whole && length != before);
        commit_ok(s, 4);
        char expected[LETHE_HASH_HEX];
        strcpy(expected, head_id(s));
        lethe_session_close(s);
        s = reopen(cut);
        assert_string_equal(lethe_session_remark(s), "");
        assert_string_equal(head_id(s), expected);
        lethe_session_close(s);
    }
}

static void damage_in_the_middle_is_refused_and_left_alone(void **state)
{
    char dir[200];
    path_in(dir, *state, "s");
    struct lethe_session *s = begin(dir);
    commit_ok(s, 17);
    const size_t first = size_of(journal_of(dir));
    commit_ok(s, 3);
    lethe_session_close(s);
    struct lethe_bytes bytes;
    char journal[200];
    strcpy(journal, journal_of(dir));
    assert_int_equal(lethe_file_read(&bytes, journal, SIZE_MAX, &err), LETHE_OK);
    for (size_t at = 0; at < first; at += 7) {
        bytes.data[at] ^= 4;
        lethe_file_write_plain(journal, bytes.data, bytes.size, NULL);
        if (!lethe_session_open(&s, dir, &err))
            fail_msg("opened with byte %zu changed", at);
        assert_non_null(strstr(err.message, "journal-"));
        bytes.data[at] ^= 4;
        assert_int_equal(size_of(journal), bytes.size);
    }
    lethe_file_write_plain(journal, bytes.data + first, bytes.size - first, NULL); /* left out */
    s = reopen(dir); /* nothing follows head.json any more: an end that is torn off */
    assert_int_equal(lethe_session_count(s), 1);
    assert_true(*lethe_session_remark(s));
    lethe_session_close(s);
    free(bytes.data);
}

/* Notes are not synced one by one: after a power cut a later one may be whole, an earlier one not.
 */
static void torn_notes_are_cut_off_with_those_after_them(void **state)
{
    char dir[200];
    path_in(dir, *state, "s");
    struct lethe_session *s = begin(dir);
    commit_ok(s, 17);
    const size_t before = size_of(journal_of(dir));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(lethe_session_note(s, i ? "forget add 4" : "forget add 3", &err),
                         LETHE_OK);
        assert_int_equal(lethe_session_sync(s, &err), LETHE_OK);
    }
    lethe_session_close(s);
    struct lethe_bytes bytes;
    char journal[200];
    strcpy(journal, journal_of(dir));
    assert_int_equal(lethe_file_read(&bytes, journal, SIZE_MAX, &err), LETHE_OK);
    bytes.data[before + 100] ^= 1;
    lethe_file_write_plain(journal, bytes.data, bytes.size, NULL);
    free(bytes.data);
    s = reopen(dir);
    assert_int_equal(lethe_session_count(s), 2);
    assert_int_equal(lethe_session_note_count(s), 0);
    assert_true(*lethe_session_remark(s));
    lethe_session_close(s);
}

static void messages_and_times_belong_to_the_act(void **state)
{
    char dir[200], copy[200];
    path_in(dir, *state, "s");
    path_in(copy, *state, "copy");
    struct lethe_session *s = begin(dir);
    double w[SIZE];
    size_t id = 9;
    weights(w, 2);
    struct lethe_commit act = {
        .kind = "forget", .forget = &id, .forget_count = 1, .w = w, .message = "foo", .time = 100};
    assert_int_equal(lethe_session_commit(s, NULL, &act, &err), LETHE_OK);
    char first[LETHE_HASH_HEX];
    strcpy(first, head_id(s));
    assert_int_equal(lethe_session_undo(s, &err), LETHE_OK);
    act.message = "bar";
    act.time = 200;
    assert_int_equal(lethe_session_commit(s, NULL, &act, &err), LETHE_OK);
    assert_string_equal(head_id(s), first); /* found by its content */
    for (int round = 0; round < 3; round++) {
        int64_t when = 0;
        const struct lethe_state *head = lethe_session_head(s);
        assert_int_equal(lethe_session_count(s), 2);
        assert_string_equal(lethe_state_message(head), "bar");
        assert_int_equal(lethe_state_time(head), 200);
        assert_int_equal(lethe_state_acts(head), 2);
        assert_string_equal(lethe_state_act(head, 1, &when), "foo");
        assert_int_equal(when, 100);
        if (round == 0)
            assert_int_equal(lethe_session_save(s, copy, &err), LETHE_OK);
        lethe_session_close(s);
        s = reopen(round ? copy : dir); /* from a journal, from a head.json */
    }
    lethe_session_close(s);
}

/* Lines that are out of date are dropped when they are half of what is read. */
static void a_wasteful_journal_is_written_anew(void **state)
{
    char dir[200];
    path_in(dir, *state, "s");
    struct lethe_session *s = begin(dir);
    commit_ok(s, 17);
    for (int i = 0; i < 600; i++) {
        assert_int_equal(lethe_session_undo(s, &err), LETHE_OK);
        assert_int_equal(lethe_session_redo(s, &err), LETHE_OK);
        char value[16];
        snprintf(value, sizeof value, "%d", i);
        lethe_session_draft_set(s, "damping", value, &err);
    }
    assert_int_equal(lethe_session_sync(s, &err), LETHE_OK);
    lethe_session_close(s);
    s = reopen(dir);
    assert_int_equal(lethe_session_count(s), 2);
    commit_ok(s, 4);
    assert_true(size_of(journal_of(dir)) < 1 << 16);
    assert_string_equal(lethe_pairs_get(lethe_session_draft(s), "damping"), "599");
    char expected[LETHE_HASH_HEX];
    strcpy(expected, head_id(s));
    lethe_session_close(s);
    s = reopen(dir);
    assert_string_equal(head_id(s), expected);
    lethe_session_close(s);
}

/* A crash between a new head.json and the end of the journal before it. */
static void a_journal_of_another_head_is_swept(void **state)
{
    char dir[200], old[200];
    path_in(dir, *state, "s");
    path_in(old, *state, "old");
    struct lethe_session *s = begin(dir);
    commit_ok(s, 17);
    copy_session(old, dir);
    assert_int_equal(lethe_session_save(s, old, &err), LETHE_OK); /* a head.json with everything */
    lethe_session_close(s);
    char command[900];
    snprintf(command, sizeof command, "cp '%s' '%s/'", journal_of(dir), old);
    assert_int_equal(system(command), 0);
    s = reopen(old);
    assert_int_equal(lethe_session_count(s), 2);
    assert_string_equal(lethe_session_remark(s), "");
    lethe_session_close(s);
    snprintf(command, sizeof command, "ls '%s' | grep -q journal", old);
    assert_int_not_equal(system(command), 0);
}

/* tests/fixtures/session-1 was written by the program when its sessions had no journal. */
static void a_session_of_version_1_goes_on(void **state)
{
    char dir[200];
    path_in(dir, *state, "s");
    copy_session(dir, "tests/fixtures/session-1");
    struct lethe_session *s = reopen(dir), *memory = begin(NULL);
    assert_int_equal(head_size(dir),
                     size_of("tests/fixtures/session-1/head.json")); /* reading changes nothing */
    commit_ok(memory, 17);
    assert_int_equal(lethe_session_branch(memory, "try", &err), LETHE_OK);
    commit_ok(memory, 3);
    assert_string_equal(head_id(s), head_id(memory)); /* names of states are what they were */
    assert_string_equal(lethe_session_on(s), "try");
    assert_int_equal(lethe_session_count(s), 4);
    assert_true(lethe_session_can_redo(s));
    assert_string_equal(lethe_pairs_get(lethe_session_draft(s), "forget"), "9,12-40");
    assert_string_equal(lethe_state_message(lethe_session_head(s)), "forget 3");
    assert_int_equal(lethe_session_note_count(s), 1);
    commit_ok(s, 50);
    commit_ok(memory, 50);
    lethe_session_close(s);
    s = reopen(dir);
    assert_string_equal(head_id(s), head_id(memory));
    lethe_session_close(s);
    lethe_session_close(memory);
    struct lethe_bytes bytes;
    char path[200];
    path_in(path, dir, "head.json");
    assert_int_equal(lethe_file_read(&bytes, path, 1 << 20, &err), LETHE_OK);
    assert_non_null(strstr((char *)bytes.data, "\"version\": 2"));
    free(bytes.data);
}

/* What is not needed at once is read and checked when it is. */
static void damage_far_back_is_found_when_it_is_used(void **state)
{
    enum { LARGE = 40000, COMMITS = 40 };
    static double w[LARGE];
    char dir[200];
    path_in(dir, *state, "s");
    struct lethe_session *s = NULL;
    for (size_t i = 0; i < LARGE; i++)
        w[i] = (double)i / 7;
    assert_int_equal(lethe_session_new(&s, dir, &source, w, LARGE, &err), LETHE_OK);
    for (size_t k = 0; k < COMMITS; k++) {
        for (size_t i = 0; i < LARGE; i += 2 + k % 3) /* some are whole, some are changes */
            w[i] += 1;
        struct lethe_commit c = {.kind = "train", .w = w, .seed = k};
        assert_int_equal(lethe_session_commit(s, NULL, &c, &err), LETHE_OK);
    }
    lethe_session_close(s);
    s = reopen(dir);
    static double found[LARGE];
    weights_of(found, lethe_session_head(s));
    assert_memory_equal(found, w, sizeof w);
    const char *blob = lethe_session_state(s, 20)->blob;
    char command[500];
    snprintf(command, sizeof command,
             "printf X | dd of='%s/blobs/%s' bs=1 seek=5000 conv=notrunc 2>/dev/null", dir, blob);
    assert_int_equal(system(command), 0);
    size_t refused = 0;
    for (size_t i = 0; i <= COMMITS; i++) {
        enum lethe_err code = lethe_state_weights(lethe_session_state(s, i), found, &err);
        refused += code != LETHE_OK;
        if (code && !strstr(err.message, blob))
            fail_msg("no '%s' in: %s", blob, err.message);
    }
    assert_true(refused >= 1 && refused <= 20);
    lethe_session_close(s);
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* A thousand commits write a thousand lines, none longer for those before it. */
static void the_thousandth_commit_costs_what_the_second_did(void **state)
{
    char dir[200];
    path_in(dir, *state, "s");
    struct lethe_session *s = begin(dir);
    const size_t head = head_size(dir);
    commit_ok(s, 0);
    const size_t one = size_of(journal_of(dir));
    commit_ok(s, 1);
    const size_t two = size_of(journal_of(dir));
    for (size_t id = 2; id < 1000; id++)
        commit_ok(s, id);
    assert_int_equal(head_size(dir), head);
    assert_true(size_of(journal_of(dir)) <= one + 999 * (two - one + 10));
    char expected[LETHE_HASH_HEX];
    strcpy(expected, head_id(s));
    lethe_session_close(s);
    const double from = seconds();
    s = reopen(dir);
    const double spent = seconds() - from;
    assert_string_equal(head_id(s), expected);
    assert_int_equal(lethe_session_count(s), 1001);
    if (spent > 0.3) /* a tenth of a second is the promise; sanitizers take longer */
        print_message("opening took %.3f s of processor time\n", spent);
    assert_true(spent < 2);
    lethe_session_close(s);
}

int main(void)
{
#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_set_up, folder_tear_down)
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(a_line_of_the_script_and_the_draft_come_with_the_decision),
        WITH_FOLDER(a_torn_end_is_cut_off_and_said),
        WITH_FOLDER(damage_in_the_middle_is_refused_and_left_alone),
        WITH_FOLDER(torn_notes_are_cut_off_with_those_after_them),
        WITH_FOLDER(messages_and_times_belong_to_the_act),
        WITH_FOLDER(a_wasteful_journal_is_written_anew),
        WITH_FOLDER(a_journal_of_another_head_is_swept),
        WITH_FOLDER(a_session_of_version_1_goes_on),
        WITH_FOLDER(damage_far_back_is_found_when_it_is_used),
        WITH_FOLDER(the_thousandth_commit_costs_what_the_second_did),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
