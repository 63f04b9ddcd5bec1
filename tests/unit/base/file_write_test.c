/* SPDX-License-Identifier: MIT
 * Where output goes: regular files are replaced whole, links are followed, anything else is written
 * to or refused; what lethe keeps by itself is for its owner alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "tests/support/folder.h"

static struct lethe_error err;

static const char *in_folder(const char *name)
{
    static char path[4][300];
    static int next;
    char *at = path[next++ % 4];
    snprintf(at, 300, "%.200s/%.90s", folder, name);
    return at;
}

static void write_ok(const char *path, const char *text)
{
    if (lethe_file_write(path, text, strlen(text), &err))
        fail_msg("%s", err.message);
}

static void write_fails(const char *path, const char *why)
{
    assert_int_equal(lethe_file_write(path, "new", 3, &err), LETHE_EIO);
    if (!strstr(err.message, why))
        fail_msg("no '%s' in: %s", why, err.message);
}

static void holds(const char *path, const char *text)
{
    struct lethe_bytes bytes;
    if (lethe_file_read(&bytes, path, 1 << 20, &err))
        fail_msg("%s", err.message);
    assert_string_equal((char *)bytes.data, text);
    lethe_free(bytes.data);
}

static mode_t mode_of(const char *path)
{
    struct stat status;
    assert_int_equal(lstat(path, &status), 0);
    return status.st_mode;
}

/* Nothing is left of what writing needed on the way. */
static void no_temporary_file_is_left(void)
{
    DIR *list = opendir(folder);
    for (struct dirent *e; (e = readdir(list));)
        if (strstr(e->d_name, ".tmp"))
            fail_msg("'%s' is left", e->d_name);
    closedir(list);
}

static void links_are_followed(void **state)
{
    (void)state;
    write_ok(in_folder("target"), "old");
    assert_int_equal(symlink("target", in_folder("near")), 0);
    assert_int_equal(symlink(in_folder("near"), in_folder("far")), 0);
    write_ok(in_folder("far"), "new");
    assert_true(S_ISLNK(mode_of(in_folder("far"))) && S_ISLNK(mode_of(in_folder("near"))));
    assert_true(S_ISREG(mode_of(in_folder("target"))));
    holds(in_folder("target"), "new");
    assert_int_equal(symlink("not-there-yet", in_folder("dangling")), 0);
    write_ok(in_folder("dangling"), "made");
    assert_true(S_ISLNK(mode_of(in_folder("dangling"))));
    holds(in_folder("not-there-yet"), "made");
    assert_int_equal(symlink("b", in_folder("a")), 0);
    assert_int_equal(symlink("a", in_folder("b")), 0);
    write_fails(in_folder("a"), "symbolic links");
    no_temporary_file_is_left();
}

static void a_file_keeps_its_mode_and_a_new_one_follows_the_umask(void **state)
{
    (void)state;
    write_ok(in_folder("x"), "old");
    assert_int_equal(chmod(in_folder("x"), 0751), 0);
    write_ok(in_folder("x"), "new");
    assert_int_equal(mode_of(in_folder("x")) & 07777, 0751);
    mode_t before = umask(027);
    write_ok(in_folder("y"), "new");
    umask(before);
    assert_int_equal(mode_of(in_folder("y")) & 07777, 0640);
    char name[256];
    memset(name, 'n', 255);
    name[255] = '\0'; /* the longest that a file system allows */
    char *longest = lethe_path_join(folder, name);
    write_ok(longest, "long");
    write_ok(longest, "longer");
    holds(longest, "longer");
    lethe_free(longest);
}

static void devices_and_folders_stay_what_they_are(void **state)
{
    (void)state;
    write_ok("/dev/null", "gone");
    assert_true(S_ISCHR(mode_of("/dev/null")));
    write_fails("/dev/full", "No space left");
    assert_true(S_ISCHR(mode_of("/dev/full")));
    write_fails(folder, "it is a folder");
    write_fails(in_folder("nowhere/x"), "No such file");
    no_temporary_file_is_left();
}

static void a_pipe_is_written_to_or_refused(void **state)
{
    (void)state;
    char text[16] = "";
    assert_int_equal(mkfifo(in_folder("pipe"), 0600), 0);
    write_fails(in_folder("pipe"), "nobody reads");
    int reader = open(in_folder("pipe"), O_RDONLY | O_NONBLOCK);
    write_ok(in_folder("pipe"), "through");
    assert_int_equal(read(reader, text, sizeof text - 1), 7);
    assert_string_equal(text, "through");
    close(reader);
    assert_true(S_ISFIFO(mode_of(in_folder("pipe"))));
}

/* /dev/stdout while the output goes to a file: behind what stands there, which is not replaced. */
static void the_standard_output_is_written_to(void **state)
{
    (void)state;
    int kept = dup(STDOUT_FILENO);
    fflush(stdout);
    int file = open(in_folder("out"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(file, STDOUT_FILENO);
    printf("before ");
    enum lethe_err code = lethe_file_write("/dev/stdout", "it", 2, &err);
    printf(" after");
    fflush(stdout);
    dup2(kept, STDOUT_FILENO);
    close(file);
    close(kept);
    assert_int_equal(code, LETHE_OK);
    holds(in_folder("out"), "before it after");
}

static void what_lethe_keeps_is_for_its_owner_alone(void **state)
{
    (void)state;
    const mode_t masks[] = {0, 022, 0777};
    mode_t before = umask(0);
    for (size_t i = 0; i < 3; i++) {
        char deep[64], file[80];
        snprintf(deep, sizeof deep, "d%zu/e", i);
        snprintf(file, sizeof file, "%s/f", deep);
        umask(masks[i]);
        assert_int_equal(lethe_folder_make(in_folder(deep), &err), LETHE_OK);
        assert_int_equal(lethe_file_keep(in_folder(file), "x", 1, NULL, &err), LETHE_OK);
        assert_int_equal(mode_of(in_folder(deep)) & 07777, 0700);
        assert_int_equal(mode_of(in_folder(file)) & 07777, 0600);
        snprintf(file, sizeof file, "%s/g", deep);
        assert_int_equal(lethe_file_create(in_folder(file), "x", 1, &err), LETHE_OK);
        assert_int_equal(mode_of(in_folder(file)) & 07777, 0600);
        assert_int_equal(lethe_file_create(in_folder(file), "y", 1, &err), LETHE_EIO);
        holds(in_folder(file), "x");
        assert_int_equal(chmod(in_folder(file), 0644), 0);
        lethe_file_make_private(in_folder(file));
        assert_int_equal(mode_of(in_folder(file)) & 07777, 0600);
    }
    umask(before);
}

static void a_limit_on_size_is_an_error_and_leaves_nothing(void **state)
{
    (void)state;
    char big[5000] = "";
    struct rlimit old, small;
    memset(big, 'x', sizeof big - 1);
    write_ok(in_folder("x"), "old");
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){1000, old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    enum lethe_err code = lethe_file_write(in_folder("x"), big, sizeof big, &err);
    enum lethe_err made = lethe_file_create(in_folder("y"), big, sizeof big, NULL);
    setrlimit(RLIMIT_FSIZE, &old);
    signal(SIGXFSZ, handler);
    assert_int_equal(code, LETHE_EIO);
    assert_non_null(strstr(err.message, "File too large"));
    assert_int_equal(made, LETHE_EIO);
    holds(in_folder("x"), "old");
    assert_false(lethe_file_exists(in_folder("y")));
    no_temporary_file_is_left();
}

/* A failed append is cut off again, so that the next one follows what was good. */
static void a_failed_append_is_cut_off(void **state)
{
    (void)state;
    int file = open(in_folder("log"), O_WRONLY | O_CREAT | O_APPEND, 0600);
    size_t end = 0;
    assert_int_equal(lethe_file_append(file, "log", "one\n", 4, &end, 1, &err), LETHE_OK);
    for (long step = 0; step < 2; step++) {
        lethe_file_fault(step, 0);
        assert_int_equal(lethe_file_append(file, "log", "two\n", 4, &end, 1, &err), LETHE_EIO);
        lethe_file_fault(-1, 0);
        assert_int_equal(end, 4);
        holds(in_folder("log"), "one\n");
    }
    assert_int_equal(lethe_file_append(file, "log", "three\n", 6, &end, 1, &err), LETHE_OK);
    close(file);
    assert_int_equal(end, 10);
    holds(in_folder("log"), "one\nthree\n");
}

int main(void)
{
#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(links_are_followed),
        WITH_FOLDER(a_file_keeps_its_mode_and_a_new_one_follows_the_umask),
        WITH_FOLDER(devices_and_folders_stay_what_they_are),
        WITH_FOLDER(a_pipe_is_written_to_or_refused),
        WITH_FOLDER(the_standard_output_is_written_to),
        WITH_FOLDER(what_lethe_keeps_is_for_its_owner_alone),
        WITH_FOLDER(a_limit_on_size_is_an_error_and_leaves_nothing),
        WITH_FOLDER(a_failed_append_is_cut_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
