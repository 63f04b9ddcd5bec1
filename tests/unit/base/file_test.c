/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "tests/support/folder.h"

static void read_undoes_gzip_and_refuses_damage(void **state)
{
    (void)state;
    char *path = lethe_path_join(folder, "x.gz");
    struct lethe_bytes bytes;
    struct lethe_error err;
    char big[5000];
    for (size_t i = 0; i < sizeof big; i++)
        big[i] = (char)(i * i * 7 % 251);
    gzFile file = gzopen(path, "wb");
    gzwrite(file, big, sizeof big);
    gzclose(file);
    assert_int_equal(lethe_file_read(&bytes, path, 1 << 20, &err), LETHE_OK);
    assert_int_equal(bytes.size, sizeof big);
    assert_memory_equal(bytes.data, big, sizeof big);
    lethe_free(bytes.data);
    assert_int_equal(lethe_file_read(&bytes, path, 100, &err), LETHE_EFORMAT);
    assert_non_null(strstr(err.message, "limit"));
    assert_int_equal(truncate(path, 200), 0);
    assert_int_equal(lethe_file_read(&bytes, path, 1 << 20, &err), LETHE_EFORMAT);
    assert_non_null(strstr(err.message, "ends too early"));
    assert_int_equal(lethe_file_read(&bytes, folder, 100, &err), LETHE_EIO);
    assert_int_equal(lethe_file_read(&bytes, "/nowhere/x", 100, &err), LETHE_EIO);
    assert_string_equal(err.message, "cannot open '/nowhere/x': No such file or directory");
    lethe_free(path);
}

static void what_is_made_to_fill_memory_is_refused_early(void **state)
{
    (void)state;
    enum { MEGABYTE = 1 << 20 };
    static const char zeros[MEGABYTE];
    char *path = lethe_path_join(folder, "zeros.gz");
    struct lethe_bytes bytes;
    struct lethe_error err;
    gzFile file = gzopen(path, "wb1");
    for (int i = 0; i < 80; i++)
        assert_int_equal(gzwrite(file, zeros, MEGABYTE), MEGABYTE);
    gzclose(file);
    assert_int_equal(lethe_file_read(&bytes, path, (size_t)4 * LETHE_FILE_LIMIT, &err),
                     LETHE_EFORMAT);
    assert_non_null(strstr(err.message, "grows more than 150-fold"));
    assert_false(lethe_file_is_trap(10 << 20, (size_t)400 << 20)); /* text */
    assert_false(lethe_file_is_trap(1, 1 << 20));                  /* too little to hurt */
    assert_true(lethe_file_most(100) == 100 && lethe_file_most(SIZE_MAX) < SIZE_MAX);
    lethe_free(path);
}

static void check_content(const char *path, const char *a, const char *b)
{
    struct lethe_bytes bytes;
    assert_int_equal(lethe_file_read(&bytes, path, 100, NULL), LETHE_OK);
    assert_true(!strcmp((char *)bytes.data, a) || !strcmp((char *)bytes.data, b));
    lethe_free(bytes.data);
}

static void a_write_that_fails_or_dies_leaves_old_or_new(void **state)
{
    (void)state;
    char *path = lethe_path_join(folder, "a");
    struct lethe_error err;
    assert_int_equal(lethe_file_write(path, "old", 3, &err), LETHE_OK);
    lethe_file_fault(-1, 0);
    assert_int_equal(lethe_file_write(path, "old", 3, &err), LETHE_OK);
    long steps = lethe_file_fault(-1, 0);
    assert_true(steps >= 4);
    for (long k = 0; k < steps; k++) {
        lethe_file_fault(k, 0);
        assert_int_equal(lethe_file_write(path, "new", 3, &err), LETHE_EIO);
        lethe_file_fault(-1, 0);
        check_content(path, "old", "new");
        assert_int_equal(lethe_file_write(path, "old", 3, &err), LETHE_OK);
        pid_t child = fork();
        if (child == 0) {
            lethe_file_fault(k, 1);
            lethe_file_write(path, "new", 3, &err);
            _exit(0);
        }
        int status;
        waitpid(child, &status, 0);
        assert_true(WIFSIGNALED(status));
        check_content(path, "old", "new");
    }
    lethe_free(path);
}

static void relative_is(const char *from, const char *to, const char *expected)
{
    char *a = lethe_path_join(folder, from), *b = lethe_path_join(folder, to);
    char *path = lethe_path_relative(a, b);
    assert_string_equal(path, expected);
    lethe_free(path);
    lethe_free(a);
    lethe_free(b);
}

static void relative_paths_go_up_and_down(void **state)
{
    (void)state;
    char *deep = lethe_path_join(folder, "ab/abc");
    assert_int_equal(lethe_folder_make(deep, NULL), LETHE_OK);
    lethe_free(deep);
    deep = lethe_path_join(folder, "abd");
    assert_int_equal(lethe_folder_make(deep, NULL), LETHE_OK);
    lethe_free(deep);
    relative_is("ab", "abd", "../abd");
    relative_is("ab", "ab/abc", "abc");
    relative_is("ab/abc", "abd", "../../abd");
    relative_is("ab", "ab", ".");
    relative_is("ab/abc", "ab", "../../ab");
    relative_is("ab/../abd", "ab/abc", "../ab/abc");
    char *path = lethe_path_relative(folder, "not/there");
    assert_string_equal(path, "not/there");
    lethe_free(path);
}

static void json_is_strict_and_keeps_bits(void **state)
{
    (void)state;
    struct lethe_json *root = lethe_json_object();
    struct lethe_error err;
    uint64_t seed = 0;
    double number = 0;
    lethe_json_add_u64(root, "seed", UINT64_MAX);
    lethe_json_add_number(root, "third", 1.0 / 3);
    lethe_json_add_number(root, "nan", 0.0 / 0.0);
    char *text = lethe_json_text(root, 0);
    assert_string_equal(
        text, "{\"seed\":\"18446744073709551615\",\"third\":0.33333333333333331,\"nan\":null}");
    lethe_json_free(root);
    assert_int_equal(lethe_json_parse(&root, text, strlen(text), "t", &err), LETHE_OK);
    assert_true(lethe_json_as_u64(lethe_json_get(root, "seed"), &seed) && seed == UINT64_MAX);
    assert_true(lethe_json_as_number(lethe_json_get(root, "third"), &number) && number == 1.0 / 3);
    const struct lethe_json_reader r = {root, "t", &err};
    assert_int_equal(lethe_json_read_number(&r, "third", &number, 1, 2, 1), LETHE_EFORMAT);
    assert_string_equal(err.message, "t: 'third' must be a number from 1 to 2");
    assert_int_equal(lethe_json_read_number(&r, "none", &number, 1, 2, 0), LETHE_OK);
    assert_int_equal(lethe_json_read_number(&r, "none", &number, 1, 2, 1), LETHE_EFORMAT);
    lethe_json_free(root);
    lethe_free(text);
    assert_int_equal(lethe_json_parse(&root, "{\"a\":1}\n x", 10, "t", &err), LETHE_EFORMAT);
    assert_string_equal(err.message, "t: not valid JSON at line 2, column 2");
}

static void hash_meets_its_known_answer(void **state)
{
    (void)state;
    char text[LETHE_HASH_TEXT];
    lethe_hash_of(text, "abc", 3);
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(read_undoes_gzip_and_refuses_damage, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(what_is_made_to_fill_memory_is_refused_early, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(a_write_that_fails_or_dies_leaves_old_or_new, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(relative_paths_go_up_and_down, make_folder, remove_folder),
        cmocka_unit_test(json_is_strict_and_keeps_bits),
        cmocka_unit_test(hash_meets_its_known_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
