/* SPDX-License-Identifier: MIT
 * Completion, and that every row of the command table is fit to be shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "base/alloc.h"
#include "workbench/complete.h"
#include "cmd/registry.h"
#include "tests/support/folder.h"
#include "text/line.h"
#include "workbench/execute.h"
#include "workbench/workbench.h"

static struct lethe_workbench *wb;

static int set_up(void **state)
{
    if (make_folder(state) || lethe_workbench_new(&wb, NULL))
        return -1;
    wb->commands = &lethe_command_registry;
    return 0;
}

static int tear_down(void **state)
{
    lethe_workbench_free(wb);
    return remove_folder(state);
}

static void expect(const char *text, const char *first, size_t count, size_t start)
{
    struct lethe_candidates found;
    assert_int_equal(lethe_complete(&found, wb, text, NULL), LETHE_OK);
    if (count)
        assert_int_equal(found.count, count);
    assert_true(found.count > 0);
    assert_string_equal(found.at[0], first);
    assert_int_equal(found.start, start);
    lethe_candidates_release(&found);
}

static void completes(void **state)
{
    (void)state;
    expect("qu", "quit", 1, 0);
    expect("undo; qu", "quit", 1, 6);
    expect("codec sc", "scaling=", 1, 6);
    expect("codec scaling=n", "none", 1, 14);
    expect("set dam", "damping", 1, 4);
    expect("help fo", "forget", 3, 5);
    expect("source tests/unit/cmd/complete_te", "tests/unit/cmd/complete_test.c", 1, 7);
    expect("source tests/un", "tests/unit/", 1, 7);
}

static void run(const char *text)
{
    const struct lethe_sink nobody = {0};
    struct lethe_line line = {0};
    assert_int_equal(lethe_line_next(&line, &text, NULL), LETHE_OK);
    assert_int_equal(lethe_execute(wb, &line, 0, &nobody), LETHE_OK);
    lethe_line_release(&line);
}

static size_t forgotten(const char *spec)
{
    struct lethe_text line = {0};
    run("forget clear");
    lethe_text_addf(&line, "forget add %s", spec);
    run(lethe_text_get(&line));
    lethe_text_release(&line);
    return wb->project.forget.count;
}

/* Names of classes and groups as people have them: with blanks, commas, quotes. What is completed
 * is what 'forget add' takes. */
static void completes_names(void **state)
{
    (void)state;
    static const char table[] = "a,group,label\n"
                                "1,Sales,red car\n2,\"Sales, North\",red car\n"
                                "3,Sales,\"cat, dog\"\n4,R&D,cat\n5,R&D,\"5\"\" nail\"\n";
    char *path = put_file("named.csv", table, sizeof table - 1);
    struct lethe_text line = {0};
    lethe_text_addf(&line, "data %s", path);
    run(lethe_text_get(&line));
    lethe_text_release(&line);
    lethe_free(path);

    expect("forget add c", "class:", 1, 11);
    expect("forget add class:", "class:\"5\\\" nail\"", 4, 11);
    expect("forget add class:r", "class:\"red car\"", 1, 11);
    expect("forget add class:red", "class:\"red car\"", 1, 11);
    expect("forget add class:\"red c", "class:\"red car\"", 1, 11);
    expect("forget add 'class:red c", "'class:red car'", 1, 11);
    expect("forget add \"class:cat, d", "\"class:cat, dog\"", 1, 11);
    expect("forget add class:'5", "class:'5\" nail'", 1, 11);
    expect("forget add class:cat", "class:cat", 2, 11);
    expect("forget add class:cat,", "class:\"cat, dog\"", 1, 11);
    expect("forget add group:Sales", "group:Sales", 2, 11);
    expect("forget add group:\"Sales,", "group:\"Sales, North\"", 1, 11);
    expect("forget add group:R", "group:\"R&D\"", 1, 11);

    assert_int_equal(forgotten("class:\"red car\""), 2);
    assert_int_equal(forgotten("class:\"cat, dog\""), 1);
    assert_int_equal(forgotten("class:\"5\\\" nail\""), 1);
    assert_int_equal(forgotten("'class:cat,cat, dog,red car'"), 4);
    assert_int_equal(forgotten("'group:Sales, North,R&D'"), 3);
}

/* What may not reach a terminal is offered, and taken, as it is shown. */
static void completes_names_that_are_not_to_be_shown(void **state)
{
    (void)state;
    static const char table[] = "a,label\n1,ev\x1b]0;T\x07il\n2,bi\xe2\x80\xae"
                                "di\n3,plain\n";
    char *path = put_file("escapes.csv", table, sizeof table - 1);
    struct lethe_text line = {0};
    lethe_text_addf(&line, "data %s", path);
    run(lethe_text_get(&line));
    lethe_text_release(&line);
    lethe_free(path);

    expect("forget add class:", "class:\"bi\\\\u202edi\"", 3, 11);
    expect("forget add class:ev", "class:\"ev\\\\x1b]0;T\\\\x07il\"", 1, 11);
    expect("forget add \"class:ev\\\\x1", "\"class:ev\\\\x1b]0;T\\\\x07il\"", 1, 11);
    expect("forget add class:b", "class:\"bi\\\\u202edi\"", 1, 11);
    assert_int_equal(forgotten("class:\"ev\\\\x1b]0;T\\\\x07il\""), 1);
    assert_int_equal(forgotten("'class:bi\\u202edi,plain'"), 2);
    assert_int_equal(forgotten("\"class:ev\x1b]0;T\x07il\""), 1);
}

static void offers_nothing_for_nonsense(void **state)
{
    (void)state;
    struct lethe_candidates found;
    assert_int_equal(lethe_complete(&found, wb, "nonsense x", NULL), LETHE_OK);
    assert_int_equal(found.count, 0);
    lethe_candidates_release(&found);
    assert_int_equal(lethe_complete(&found, wb, "commit 'open", NULL), LETHE_OK);
    lethe_candidates_release(&found);
}

static void rows_are_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < lethe_command_registry.count; i++) {
        const struct lethe_command *command = lethe_command_registry.at[i];
        assert_non_null(command->run);
        assert_true(strlen(command->name) <= 12);
        assert_true(strlen(command->summary) <= 64);
        assert_true(command->summary[strlen(command->summary) - 1] != '.');
        assert_ptr_equal(lethe_command_find(&lethe_command_registry, command->name, NULL), command);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(command->name, lethe_command_registry.at[k]->name);
        for (size_t a = 0; a < command->arg_count; a++) {
            char allowed[300];
            assert_non_null(command->args[a].help);
            lethe_arg_describe(&command->args[a], allowed, sizeof allowed);
            assert_true(allowed[0] != '\0');
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(completes),
        cmocka_unit_test(offers_nothing_for_nonsense),
        cmocka_unit_test(completes_names),
        cmocka_unit_test(completes_names_that_are_not_to_be_shown),
        cmocka_unit_test(rows_are_whole),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
