/* SPDX-License-Identifier: MIT
 * The language of lessons: conditions against the tree they ask, and every mistake a file can hold
 * by its line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/alloc.h"
#include "text/lesson.h"

static const char tree[] =
    "{\"forget\":{\"count\":2,\"ids\":[3,57]},\"damping\":0,\"perturb.count\":1000,"
    "\"curvature\":\"ggn\",\"model\":\"rings\",\"retrained\":true,\"undone\":false,\"null\":null,"
    "\"preview\":{\"forget\":{\"loss\":{\"now\":0.374,\"retrain\":null}}},"
    "\"selected\":{\"order\":[\"fc3[0]\",\"fc1[12]\"],\"method\":\"lfoci\"},\"empty\":[],\"no\":"
    "\"\"}";

static void conditions_ask_the_tree(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int holds;
    } cases[] = {
        {"retrained", 1},
        {"undone", 0},
        {"not undone", 1},
        {"missing", 0},
        {"not missing", 1},
        {"null", 0},
        {"empty", 0},
        {"no", 0},
        {"damping", 0},
        {"damping == 0", 1},
        {"damping<=0", 1},
        {"damping < 0", 0},
        {"forget.count == 2 and forget.ids has 57", 1},
        {"forget.ids has 5", 0},
        {"not forget.ids has 5", 1},
        {"not forget.ids has 57", 0},
        {"missing has 5", 0},
        {"missing < 5", 0},
        {"missing != 5", 0},
        {"perturb.count >= 1e3", 1},
        {"preview.forget.loss.now > .3", 1},
        {"preview.forget.loss.retrain > 0", 0},
        {"preview.forget.loss", 1},
        {"model == rings", 1},
        {"model != rings", 0},
        {"model == moons or model == rings", 1},
        {"selected.order has 'fc3[0]'", 1},
        {"selected.method == 'lfoci'", 1},
        {"curvature == 5", 0},
        {"curvature < 5", 0},
        {"retrained == true", 1},
        {"undone == false", 1},
        {"missing and retrained or model == rings and damping == 0", 1},
        {"missing and retrained or model == rings and damping == 1", 0},
        {"retrained or missing and missing", 1},
        {"forget.count.more == 2", 0},
    };
    struct lethe_json *json = NULL;
    assert_int_equal(lethe_json_parse(&json, tree, strlen(tree), "tree", NULL), LETHE_OK);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct lethe_condition *condition = NULL;
        struct lethe_text why = {0};
        assert_int_equal(lethe_condition_parse(&condition, cases[k].text, NULL), LETHE_OK);
        if (lethe_condition_holds(condition, json) != cases[k].holds)
            printf("'%s' does not give %d\n", cases[k].text, cases[k].holds);
        assert_int_equal(lethe_condition_holds(condition, json), cases[k].holds);
        lethe_condition_why(&why, condition, json);
        if (!cases[k].holds)
            assert_true(why.length > 0);
        lethe_text_release(&why);
        lethe_condition_free(condition);
    }
    lethe_json_free(json);
}

/* Of several ways the first of which something is there is told, else the first. */
static void what_lacks_is_told(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"here > 0.6", "here > 0.6: it is 0.25"},
        {"gone > 0.6 or here > 0.6", "here > 0.6: it is 0.25"},
        {"gone > 0.6 and here > 0.6", "gone > 0.6: there is none yet"},
        {"name == b or here > 0.6", "name == b: it is a"},
        {"name == a and gone or not here", "not here: it is 0.25"},
        {"gone or lost", "gone: there is none yet"}};
    const char *small = "{\"here\":0.25,\"name\":\"a\"}";
    struct lethe_json *json = NULL;
    assert_int_equal(lethe_json_parse(&json, small, strlen(small), "tree", NULL), LETHE_OK);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct lethe_condition *condition = NULL;
        struct lethe_text why = {0};
        assert_int_equal(lethe_condition_parse(&condition, cases[k][0], NULL), LETHE_OK);
        lethe_condition_why(&why, condition, json);
        assert_string_equal(lethe_text_get(&why), cases[k][1]);
        lethe_text_release(&why);
        lethe_condition_free(condition);
    }
    lethe_json_free(json);
}

static void conditions_refuse_nonsense(void **state)
{
    (void)state;
    static const char *const texts[] = {"",      "and",       "a <",          "a b",
                                        "a and", "Name == 1", "a or or b",    "not",
                                        "< 5",   "a == 1 b",  "a == 'x' 'y'", "1 < a"};
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        struct lethe_condition *condition = NULL;
        struct lethe_error err = {0};
        assert_int_equal(lethe_condition_parse(&condition, texts[k], &err), LETHE_EFORMAT);
        assert_true(*err.message);
    }
    char many[400] = "a";
    for (int k = 0; k < 12; k++)
        strcat(many, " and a");
    struct lethe_condition *condition = NULL;
    assert_int_equal(lethe_condition_parse(&condition, many, NULL), LETHE_EFORMAT);
}

/* ---- files ------------------------------------------------------------------------------------
 */

static char path[64];

static void write_file(const char *text)
{
    FILE *file;
    snprintf(path, sizeof path, "/tmp/lethe-lesson-%ld", (long)getpid());
    file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

struct faults {
    size_t count, lines[16];
    char text[16][200];
};

static void add(void *user, size_t line, const char *text)
{
    struct faults *faults = user;
    assert_true(faults->count < 16);
    faults->lines[faults->count] = line;
    snprintf(faults->text[faults->count++], 200, "%s", text);
}

#define HEAD "lesson T\nabout A\nminutes 3\nsetup load x\n"
#define TAIL "learnt L\nalone C\n"

static void a_lesson_is_read_whole(void **state)
{
    (void)state;
    struct lethe_lesson *lesson = NULL;
    write_file("# a remark\n" HEAD "step One\nread some words\n  that go on \n\ttwice\n\n"
               "task do it\ndo forget add 5; v\nuntil forget.count == 1\npoint figure KL forget\n"
               "wrong forget.count > 1 -- too many -- of them\nhint h\nthen t\n"
               "step Two\nask why?\nchoice a: b -- no\nright c -- yes\n" TAIL);
    assert_int_equal(lethe_lesson_load(&lesson, path, NULL, NULL, NULL), LETHE_OK);
    const struct lethe_lesson_step *one = &lesson->steps[0], *two = &lesson->steps[1];
    assert_int_equal(lesson->step_count, 2);
    assert_int_equal(lesson->minutes, 3);
    assert_string_equal(one->read, "some words that go on twice");
    assert_string_equal(one->commands, "forget add 5; v");
    assert_string_equal(one->point_kind, "figure");
    assert_string_equal(one->point, "KL forget");
    assert_string_equal(one->replies[0].text, "too many -- of them");
    assert_int_equal(one->line, 6);
    assert_int_equal(two->choice_count, 2);
    assert_string_equal(two->choices[0].text, "a: b");
    assert_true(!two->choices[0].right && two->choices[1].right);
    assert_string_equal(lesson->alone, "C");
    lethe_lesson_free(lesson);
}

static void mistakes_are_told_by_line(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t line;
        const char *says;
    } cases[] = {
        {"about A\nsetup s\nstep S\nread r\n" TAIL, 0, "'lesson TITLE' is missing"},
        {HEAD TAIL, 0, "there is no step"},
        {HEAD "step S\nread r\nalone C\n", 0, "'learnt' is missing"},
        {HEAD "step S\n" TAIL, 5, "says nothing"},
        {HEAD "read r\nstep S\nread r\n" TAIL, 5, "belongs to a step"},
        {HEAD "step S\nreed r\n" TAIL, 6, "no word 'reed'"},
        {HEAD "step S\nread r\nread q\n" TAIL, 7, "a second 'read'"},
        {HEAD "step S\ntask t\nuntil forget\n" TAIL, 5, "wants something done"},
        {HEAD "step S\ntask t\ndo v\nuntil forget <\n" TAIL, 8, "a number or a word is wanted"},
        {HEAD "step S\nread r\nuntil forget\n" TAIL, 5, "no 'task'"},
        {HEAD "step S\nask q\nchoice a -- b\n" TAIL, 5, "two answers or more"},
        {HEAD "step S\nask q\nchoice a -- b\nchoice c -- d\n" TAIL, 5, "one of them right"},
        {HEAD "step S\nask q\nright a\nchoice c -- d\n" TAIL, 7, "why it is right"},
        {HEAD "step S\nread r\npoint pane nowhere\n" TAIL, 7, "no pane 'nowhere'"},
        {HEAD "step S\nread r\npoint at it\n" TAIL, 7, "pane NAME, key K"},
        {HEAD "step S\nread r\npoint slider volume\n" TAIL, 7, "sliders are"},
        {HEAD "step S\nread r\nwrong forget\n" TAIL, 7, "CONDITION -- what to say"},
        {HEAD "step S\nread r\nright a -- b\nchoice c -- d\n" TAIL, 5, "answers and no question"},
        {"lesson T\nabout A\nminutes soon\nsetup s\nstep S\nread r\n" TAIL, 3, "a number from 1"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct lethe_lesson *lesson = NULL;
        struct faults faults = {0};
        struct lethe_error err = {0};
        size_t at = 0;
        write_file(cases[k].text);
        assert_int_equal(lethe_lesson_load(&lesson, path, add, &faults, &err), LETHE_EFORMAT);
        while (at < faults.count && !strstr(faults.text[at], cases[k].says))
            at++;
        if (at == faults.count)
            printf("nobody says '%s': %s\n", cases[k].says, err.message);
        assert_true(at < faults.count);
        assert_int_equal(faults.lines[at], cases[k].line);
        assert_non_null(strstr(err.message, faults.text[0]));
    }
}

static void long_texts_and_too_many_are_mistakes(void **state)
{
    (void)state;
    char text[8192] = HEAD "step S\nread ";
    struct lethe_lesson *lesson = NULL;
    struct lethe_error err = {0};
    for (int k = 0; k < 80; k++)
        strcat(text, "words ");
    strcat(text, "\n" TAIL);
    write_file(text);
    assert_int_equal(lethe_lesson_load(&lesson, path, NULL, NULL, &err), LETHE_EFORMAT);
    assert_non_null(strstr(err.message, "fit on the screen"));
    strcpy(text, HEAD "step S\nask q\nright a -- b\n");
    for (int k = 0; k < 4; k++)
        strcat(text, "choice c -- d\n");
    strcat(text, TAIL);
    write_file(text);
    assert_int_equal(lethe_lesson_load(&lesson, path, NULL, NULL, &err), LETHE_EFORMAT);
    assert_non_null(strstr(err.message, "at most 4 answers"));
    strcpy(text, HEAD);
    for (int k = 0; k < 41; k++)
        strcat(text, "step S\nread r\n");
    strcat(text, TAIL);
    write_file(text);
    assert_int_equal(lethe_lesson_load(&lesson, path, NULL, NULL, &err), LETHE_EFORMAT);
    assert_non_null(strstr(err.message, "at most 40 steps"));
    assert_int_equal(lethe_lesson_load(&lesson, "/nowhere/x.lesson", NULL, NULL, &err), LETHE_EIO);
    assert_int_equal(remove(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conditions_ask_the_tree),
        cmocka_unit_test(what_lacks_is_told),
        cmocka_unit_test(conditions_refuse_nonsense),
        cmocka_unit_test(a_lesson_is_read_whole),
        cmocka_unit_test(mistakes_are_told_by_line),
        cmocka_unit_test(long_texts_and_too_many_are_mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
