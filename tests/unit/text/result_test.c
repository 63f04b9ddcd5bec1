/* SPDX-License-Identifier: MIT
 * Results as JSON and as text, and building one while memory runs out at every allocation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>
#include "base/alloc.h"
#include "text/result.h"

static void fill(struct lethe_result *result)
{
    struct lethe_value *root = &result->root;
    lethe_put_text(root, "name", "a \"b\"\n");
    lethe_put_real(root, "third", 1.0 / 3);
    lethe_put_real(root, "unknown", NAN);
    lethe_put_count(root, "big_count", 1234567);
    lethe_put_share(root, "share", 0.90556);
    lethe_put_ids(root, "samples", (const size_t[]){1500, 3}, 2);
    lethe_put_note(root, "note %d", 1);
    lethe_put_note(root, "note %d", 2);
    struct lethe_value *list = lethe_put_list(root, "rows");
    for (int i = 0; i < 2; i++) {
        struct lethe_value *row = lethe_put_object(list, NULL);
        lethe_put_textf(row, "unit", "fc%d[7]", i + 1);
        lethe_hint(lethe_put_real(row, "score", 0.5 + i), LETHE_HINT_FIXED);
    }
    struct lethe_value *group = lethe_put_object(root, "forget");
    struct lethe_value *figure = lethe_hint(lethe_put_object(group, "accuracy"), LETHE_HINT_FIGURE);
    lethe_put_share(figure, "before", 1);
    lethe_put_share(figure, "now", 0.25);
    lethe_put_share(figure, "retrain", NAN);
    lethe_put_share(figure, "sd", NAN);
    lethe_put_share(figure, "z", NAN);
}

static void renders_json(void **state)
{
    (void)state;
    struct lethe_result result;
    struct lethe_text out = {0};
    lethe_result_init(&result);
    fill(&result);
    lethe_render_json(&out, "try", &result);
    assert_string_equal(
        lethe_text_get(&out),
        "{\"v\":1,\"command\":\"try\",\"ok\":true,\"result\":{\"name\":\"a \\\"b\\\"\\u000a\","
        "\"third\":0.3333333333333333,\"unknown\":null,\"big_count\":1234567,\"share\":0.90556,"
        "\"samples\":[1500,3],"
        "\"rows\":[{\"unit\":\"fc1[7]\",\"score\":0.5},{\"unit\":\"fc2[7]\",\"score\":1.5}],"
        "\"forget\":{\"accuracy\":{\"before\":1,\"now\":0.25,\"retrain\":null,\"sd\":null,"
        "\"z\":null}},\"notes\":[\"note 1\",\"note 2\"]}}");
    lethe_text_release(&out);
    lethe_result_release(&result);
}

/* What is kept leaves out what is not known, and objects that hold nothing else. */
static void renders_what_is_known(void **state)
{
    (void)state;
    struct lethe_result result;
    struct lethe_text out = {0};
    lethe_result_init(&result);
    fill(&result);
    struct lethe_value *empty = lethe_put_object(&result.root, "kl");
    lethe_put_real(lethe_put_object(empty, "forget"), "before", NAN);
    struct lethe_value *list = lethe_put_list(&result.root, "of");
    lethe_put_real(list, NULL, NAN);
    lethe_put_real(list, NULL, 2);
    lethe_render_json_known(&out, &result.root);
    assert_string_equal(
        lethe_text_get(&out),
        "{\"name\":\"a \\\"b\\\"\\u000a\",\"third\":0.3333333333333333,"
        "\"big_count\":1234567,\"share\":0.90556,"
        "\"samples\":[1500,3],"
        "\"rows\":[{\"unit\":\"fc1[7]\",\"score\":0.5},{\"unit\":\"fc2[7]\",\"score\":1.5}],"
        "\"forget\":{\"accuracy\":{\"before\":1,\"now\":0.25}},\"of\":[null,2],"
        "\"notes\":[\"note 1\",\"note 2\"]}");
    lethe_text_release(&out);
    lethe_result_release(&result);
}

/* The last words of a row go on below where the line ends, never cut. */
static void long_words_go_on_below(void **state)
{
    (void)state;
    struct lethe_result result;
    struct lethe_text out = {0};
    const struct lethe_look look = {.width = 30};
    lethe_result_init(&result);
    struct lethe_value *list = lethe_put_list(&result.root, "rows");
    struct lethe_value *row = lethe_put_object(list, NULL);
    lethe_put_text(row, "figure", "linear probe");
    lethe_put_text(row, "says", "n/a (one layer: its features are the inputs)");
    row = lethe_put_object(list, NULL);
    lethe_put_text(row, "figure", "relearn");
    lethe_put_text(row, "says", "averyveryverylongword indeed");
    lethe_render_text(&out, &result, &look);
    assert_string_equal(lethe_text_get(&out), "figure       says\n"
                                              "linear probe n/a (one layer:\n"
                                              "             its features are\n"
                                              "             the inputs)\n"
                                              "relearn      averyveryverylong\n"
                                              "             word indeed\n");
    lethe_text_release(&out);
    lethe_result_release(&result);
}

static void last_words_stand_below_where_little_is_left(void **state)
{
    (void)state;
    struct lethe_result result;
    struct lethe_text out = {0};
    const struct lethe_look look = {.width = 30};
    lethe_result_init(&result);
    struct lethe_value *list = lethe_put_list(&result.root, "rows");
    struct lethe_value *row = lethe_put_object(list, NULL);
    lethe_put_text(row, "way", "one that takes its time");
    lethe_put_text(row, "with", "damping=auto,curvature=ggn,form=auto");
    row = lethe_put_object(list, NULL);
    lethe_put_text(row, "way", "short");
    lethe_put_text(row, "with", "k=1");
    lethe_render_text(&out, &result, &look);
    assert_string_equal(lethe_text_get(&out), "way\n"
                                              "  with\n"
                                              "one that takes its time\n"
                                              "  damping=auto,curvature=ggn,\n"
                                              "  form=auto\n"
                                              "short\n"
                                              "  k=1\n");
    lethe_text_release(&out);
    lethe_result_release(&result);
}

static void renders_text(void **state)
{
    (void)state;
    struct lethe_result result;
    struct lethe_text out = {0};
    const struct lethe_look look = {.width = 60};
    lethe_result_init(&result);
    fill(&result);
    lethe_render_text(&out, &result, &look);
    assert_string_equal(lethe_text_get(&out), "name       a \"b\"\\n\n"
                                              "third      0.3333\n"
                                              "unknown    -\n"
                                              "big count  1,234,567\n"
                                              "share      90.56%\n"
                                              "samples    1500, 3\n"
                                              "note 1\n"
                                              "note 2\n"
                                              "\n"
                                              "rows\n"
                                              "unit    score\n"
                                              "fc1[7]  0.500\n"
                                              "fc2[7]  1.500\n"
                                              "\n"
                                              "                  before     now  retrain\n"
                                              "forget accuracy  100.00%  25.00%        -\n"
                                              "\n");
    lethe_text_release(&out);
    lethe_result_release(&result);
}

static void renders_errors(void **state)
{
    (void)state;
    struct lethe_error err;
    struct lethe_text out = {0};
    lethe_fail(&err, LETHE_EIO, "cannot open '%s': no such file", "x.onnx");
    lethe_error_at(&err, "x.onnx");
    lethe_render_json_error(&out, "load", &err);
    assert_string_equal(
        lethe_text_get(&out),
        "{\"v\":1,\"command\":\"load\",\"ok\":false,\"error\":{\"code\":\"io\","
        "\"message\":\"cannot open 'x.onnx': no such file\",\"where\":\"x.onnx\"}}");
    lethe_text_release(&out);
}

static void remembers_lack_of_memory(void **state)
{
    (void)state;
    int succeeded = 0;
    for (long n = 0; !succeeded; n++) {
        struct lethe_result result;
        lethe_result_init(&result);
        lethe_alloc_fail_after(n);
        fill(&result);
        lethe_alloc_fail_after(-1);
        succeeded = lethe_result_ok(&result, NULL) == LETHE_OK;
        assert_true(n < 200);
        assert_true(succeeded || n > 0 || result.root.first == NULL);
        lethe_result_release(&result);
    }
}

/* Sample numbers: ranges, and of many only the first. JSON has all of them. */
static void renders_sample_numbers(void **state)
{
    (void)state;
    const struct lethe_look look = {.width = 300};
    struct lethe_result result;
    struct lethe_text out = {0}, json = {0};
    const size_t few[] = {0, 1, 2, 3, 7, 8, 1500};
    size_t many[100];
    for (size_t i = 0; i < 100; i++)
        many[i] = 2 * i;
    lethe_result_init(&result);
    lethe_put_ids(&result.root, "few", few, 7);
    lethe_put_ids(&result.root, "none", NULL, 0);
    lethe_put_ids(&result.root, "many", many, 100);
    lethe_render_text(&out, &result, &look);
    assert_non_null(strstr(lethe_text_get(&out), "few   0-3, 7, 8, 1500\n"));
    assert_non_null(strstr(lethe_text_get(&out), "none  none\n"));
    assert_non_null(strstr(lethe_text_get(&out), "many  0, 2, 4, "));
    assert_non_null(strstr(lethe_text_get(&out), "76, 78, ... (100 in all)\n"));
    lethe_render_json(&json, "try", &result);
    assert_non_null(strstr(lethe_text_get(&json), "\"few\":[0,1,2,3,7,8,1500]"));
    assert_non_null(strstr(lethe_text_get(&json), "196,198]"));
    lethe_text_release(&out);
    lethe_text_release(&json);
    lethe_result_release(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(renders_sample_numbers),
        cmocka_unit_test(renders_json),
        cmocka_unit_test(renders_what_is_known),
        cmocka_unit_test(renders_text),
        cmocka_unit_test(long_words_go_on_below),
        cmocka_unit_test(last_words_stand_below_where_little_is_left),
        cmocka_unit_test(renders_errors),
        cmocka_unit_test(remembers_lack_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
