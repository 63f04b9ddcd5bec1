/* SPDX-License-Identifier: MIT */
#include "tests/support/session_world.h"

#include "lethe/report.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/json.h"

static struct lethe_error err;

/* Two commits on the way, one beside it; the message of the second wants to be markup. */
static struct lethe_session *story(void)
{
    struct lethe_session *s = begin(NULL);
    commit_ok(s, 900);
    assert_int_equal(lethe_session_undo(s, &err), LETHE_OK);
    commit_ok(s, 17);
    double w[SIZE];
    weights_of(w, lethe_session_head(s));
    w[8] = 2.385;
    size_t ids[] = {3, 9, 12, 13, 14};
    struct lethe_commit c = {
        .kind = "forget",
        .message = "<script>alert('x')</script> | *bold*",
        .forget = ids,
        .forget_count = 5,
        .w = w,
        .metrics = "{\"heldout\":{\"accuracy\":{\"before\":0.90561,\"now\":"
                   "0.90833,\"retrain\":null,\"says\":\"cannot tell\"}},\"recovery\":0.98612,"
                   "\"converged\":true}",
        .time = 1700000000};
    assert_int_equal(lethe_session_commit(s, NULL, &c, &err), LETHE_OK);
    return s;
}

static char *text_of(const struct lethe_session *s, enum lethe_report_format format)
{
    char *text = NULL;
    if (lethe_report_text(&text, s, format, NULL, &err))
        fail_msg("%s", err.message);
    return text;
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no '%s' in:\n%s", part, text);
}

static void markdown_tells_the_way_to_the_head(void **state)
{
    (void)state;
    struct lethe_session *s = story();
    char *text = text_of(s, LETHE_REPORT_MARKDOWN);
    assert_has(text, "# What was forgotten\n");
    assert_has(text, "6 training samples were forgotten");
    assert_has(text, "3, 9, 12-14, 17");
    assert_has(text, "\n## 1. forget: forget 17\n");
    assert_has(text,
               "2023-11-14 22:13:20 UTC; 1 of 200 weights changed; forgotten here: 3, 9, 12-14.");
    assert_has(text, "| damping | 1e-3 |");
    assert_has(text,
               "| figure | before | now | says |"); /* columns without an entry are left out */
    assert_has(text, "| held-out accuracy | 90.56 % | 90.83 % | cannot tell |");
    assert_has(text, "| recovery, logits | 0.9861 |");
    assert_has(text, "| converged | yes |");
    assert_has(text, "What still holds them");
    assert_has(text, "## Method");
    assert_has(text, "## How to do it again");
    assert_null(strstr(text, "1970"));
    assert_has(text, "\\<script\\>alert('x')\\</script\\> \\| \\*bold\\*");
    assert_has(text, "not sealed");
    assert_null(strstr(text, "900")); /* beside the way */
    lethe_free(text);
    lethe_session_close(s);
}

static void deletion_and_lecture_are_parts_of_it(void **state)
{
    (void)state;
    struct lethe_session *s = story();
    const struct lethe_report_picture picture = {"<svg></svg>", "a <caption>"};
    struct lethe_report_options options = {.what = LETHE_REPORT_DELETION,
                                           .pictures = &picture,
                                           .picture_count = 1,
                                           .not_drawn = "One is missing."};
    char *text = NULL;
    assert_int_equal(lethe_report_text(&text, s, LETHE_REPORT_HTML, &options, &err), LETHE_OK);
    assert_has(text, "<figure>\n<svg></svg><figcaption>a &lt;caption&gt;</figcaption></figure>");
    assert_has(text, "<h2>How to do it again</h2>");
    assert_null(strstr(text, "<h2>Method</h2>"));
    assert_has(text, "One is missing.");
    lethe_free(text);
    options.what = LETHE_REPORT_LECTURE;
    assert_int_equal(lethe_report_text(&text, s, LETHE_REPORT_MARKDOWN, &options, &err), LETHE_OK);
    assert_has(text, "## Method");
    assert_has(text, "    F(w) = (1/n) sum_i f(w; x_i, y_i)");
    assert_null(strstr(text, "How to do it again"));
    assert_null(strstr(text, "<svg>"));
    lethe_free(text);
    lethe_session_close(s);
}

static void html_is_escaped_and_stands_alone(void **state)
{
    (void)state;
    struct lethe_session *s = story();
    char *text = text_of(s, LETHE_REPORT_HTML);
    assert_has(text, "<!DOCTYPE html>");
    assert_has(text, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;");
    assert_null(strstr(text, "<script"));
    assert_null(strstr(text, "http"));
    assert_null(strstr(text, "src="));
    assert_has(text, "<td>90.83 %</td>");
    assert_string_equal(text + strlen(text) - 15, "</body></html>\n");
    lethe_free(text);
    lethe_session_close(s);
}

static void json_holds_every_figure(void **state)
{
    (void)state;
    struct lethe_session *s = story();
    char *text = text_of(s, LETHE_REPORT_JSON);
    struct lethe_json *json = NULL;
    assert_int_equal(lethe_json_parse(&json, text, strlen(text), "report", &err), LETHE_OK);
    assert_int_equal(lethe_json_count(lethe_json_get(json, "forgotten")), 6);
    const struct lethe_json *states = lethe_json_get(json, "states");
    assert_int_equal(lethe_json_count(states), 3);
    const struct lethe_json *last = lethe_json_at(states, 2);
    double recovery;
    assert_true(lethe_json_as_number(lethe_json_get(lethe_json_get(last, "metrics"), "recovery"),
                                     &recovery));
    assert_true(recovery == 0.98612);
    assert_string_equal(lethe_json_as_string(lethe_json_get(last, "id")), head_id(s));
    lethe_json_free(json);
    lethe_free(text);
    lethe_session_close(s);
}

static void a_file_is_written_by_its_ending_or_refused(void **state)
{
    char path[200];
    struct lethe_session *s = story();
    snprintf(path, sizeof path, "%s/report.HTML", (char *)*state);
    assert_int_equal(lethe_report_write(s, path, NULL, &err), LETHE_OK);
    assert_true(lethe_file_exists(path));
    const char *bad[] = {"report", "report.pdf", "report.md.txt", ""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(lethe_report_write(s, bad[i], NULL, &err), LETHE_EARG);
    snprintf(path, sizeof path, "%s/none/report.md", (char *)*state);
    assert_int_equal(lethe_report_write(s, path, NULL, &err), LETHE_EIO);
    lethe_session_close(s);
}

static void sealed_sessions_say_how_many_but_not_which(void **state)
{
    (void)state;
    struct lethe_session *s = story();
    struct lethe_seal *seal = NULL;
    int done = 0;
    assert_int_equal(lethe_seal_new(&seal, s, "head", NULL, 1, &err), LETHE_OK);
    assert_int_equal(lethe_session_seal(s, seal, &done, &err), LETHE_OK);
    lethe_seal_free(seal);
    char *text = text_of(s, LETHE_REPORT_MARKDOWN);
    assert_has(text, "6 training samples were forgotten before this session was sealed");
    assert_null(strstr(text, "12-14"));
    assert_null(strstr(text, "not sealed"));
    lethe_free(text);
    lethe_session_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markdown_tells_the_way_to_the_head),
        cmocka_unit_test(deletion_and_lecture_are_parts_of_it),
        cmocka_unit_test(html_is_escaped_and_stands_alone),
        cmocka_unit_test(json_holds_every_figure),
        cmocka_unit_test_setup_teardown(a_file_is_written_by_its_ending_or_refused, folder_set_up,
                                        folder_tear_down),
        cmocka_unit_test(sealed_sessions_say_how_many_but_not_which),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
