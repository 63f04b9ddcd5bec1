/* SPDX-License-Identifier: MIT
 * The program's host over a real workbench: command lines in, answers, news and views out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "tensor/blas.h"
#include "ui/tui_host.h"
#include "workbench/tutor.h"

static struct lethe_workbench *wb;
static struct lethe_tui_host *made;
static const struct lethe_host *host;

static int start(void **state)
{
    (void)state;
    struct lethe_error err = {0};
    lethe_blas_threads(1);
    if (lethe_workbench_new(&wb, &err) || lethe_tui_host_new(&made, wb, 0, &err))
        return -1;
    host = lethe_tui_host_of(made);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    lethe_tui_host_free(made);
    lethe_workbench_free(wb);
    return 0;
}

static const char *answer(const char *line)
{
    static char text[4096];
    struct lethe_error err = {0};
    const char *got = "";
    enum lethe_err code = host->execute(host->self, line, &got, &err);
    strncpy(text, code ? err.message : got, sizeof text - 1);
    return text;
}

static void settle(void)
{
    while (host->busy(host->self)) {
        struct pollfd wait = {host->fd(host->self), POLLIN, 0};
        poll(&wait, 1, 1000);
        host->deliver(host->self);
    }
}

static void commands_need_what_they_need(void **state)
{
    (void)state;
    size_t count = 0, from = 9;
    const char *const *words = NULL;
    assert_non_null(strstr(host->refusal(host->self, "preview"), "needs a model"));
    assert_null(host->refusal(host->self, "help"));
    assert_non_null(strstr(host->refusal(host->self, "unheard of"), "no such command"));
    assert_non_null(strstr(answer("preveiw"), "preview"));
    const struct lethe_view_entry *rows = host->commands(host->self, &count);
    assert_true(count > 20);
    for (size_t k = 0; k < count; k++)
        assert_true(*rows[k].name && *rows[k].help);
    assert_int_equal(host->complete(host->self, "forg", 4, &words, &from), 1);
    assert_string_equal(words[0], "forget");
    assert_int_equal(from, 0);
    assert_int_equal(host->fd(host->self), -1);
}

static void a_loaded_model_gets_its_losses(void **state)
{
    (void)state;
    answer("load sample_models/digits-mlp");
    const struct lethe_view *view = host->view(host->self, (size_t)-1);
    assert_string_equal(view->model, "digits-mlp");
    settle();
    view = host->view(host->self, (size_t)-1);
    for (size_t k = 0; k < view->sample_count; k++)
        assert_true(view->samples[k].before >= 0); /* NaN is not */
    assert_non_null(strstr(host->refusal(host->self, "preview"), "samples to forget"));
}

static void work_that_was_begun_becomes_news(void **state)
{
    (void)state;
    const char *text = "";
    assert_non_null(strstr(answer("forget add 17"), "1 to forget"));
    answer("set perturb.count 100");
    assert_string_equal(answer("preview"), "");
    assert_int_equal(host->news(host->self, &text), 0);
    settle();
    assert_int_equal(host->news(host->self, &text), 1);
    assert_non_null(strstr(text, "parameters moved by"));
    assert_string_equal(host->news_command(host->self), "preview");
    assert_int_equal(host->news(host->self, &text), 0);
    assert_true(host->view(host->self, 17)->uncommitted);
    assert_non_null(strstr(host->view(host->self, 17)->picture.caption, "#17"));
    assert_non_null(strstr(answer("commit first"), "now at "));
    assert_false(host->view(host->self, 17)->uncommitted);
    assert_string_equal(host->view(host->self, 17)->commits[0].message, "first");
}

/* On one line commands wait for those before them, as at the prompt, unless '&' says otherwise;
 * what fails ends the line. */
static void a_line_goes_in_its_order(void **state)
{
    (void)state;
    const char *text = "";
    stop(state);
    assert_int_equal(start(state), 0); /* a workbench without commits that would end */
    assert_string_equal(
        answer("train model=mlp:8 data=rings epochs=15; forget add 57; forget add 58"), "");
    settle();
    const struct lethe_view *view = host->view(host->self, (size_t)-1);
    assert_int_equal(view->forgetting, 2);
    assert_int_equal(view->train, 300);
    assert_int_equal(host->news(host->self, &text), 1);
    assert_non_null(strstr(text, "2 to forget"));
    answer("preview; forget add 58; forget clear"); /* 58 is there already */
    settle();
    assert_int_equal(host->news(host->self, &text), -1);
    assert_non_null(strstr(text, "already"));
    assert_int_equal(host->view(host->self, (size_t)-1)->forgetting, 2);
    answer("retrain warm &; forget clear");
    assert_int_equal(host->view(host->self, (size_t)-1)->forgetting, 0);
    settle();
}

/* Nobody asks for them: the null band, the stability and what `why` saw come to the panes. */
static void evidence_fills_in(void **state)
{
    (void)state;
    const char *text = "";
    answer("forget add 30");
    answer("select");
    settle();
    host->news(host->self, &text);
    host->view(host->self, (size_t)-1); /* the screen that is drawn asks */
    settle();
    const struct lethe_view *view = host->view(host->self, (size_t)-1);
    assert_true(view->null_band > 0 && view->null_band < 1);
    assert_non_null(view->stability);
    assert_non_null(strstr(view->stability, "/5"));
    assert_true(view->blanket[0].runs == 5 && view->blanket[0].times <= 5);
    assert_int_equal(host->news(host->self, &text), 0); /* in silence */
    char line[64];
    snprintf(line, sizeof line, "why %s", view->blanket[0].name);
    assert_string_equal(answer(line), "");
    settle();
    assert_int_equal(host->news(host->self, &text), 1);
    assert_non_null(strstr(text, "T = "));
    view = host->view(host->self, (size_t)-1);
    size_t k = 0;
    while (k < view->plot_count && strcmp(view->plots[k].kind, "why") != 0)
        k++;
    assert_true(k < view->plot_count && view->plots[k].sheet->series[0].n == 100);
    answer("forget add 31"); /* another question: what is known about the old one goes */
    view = host->view(host->self, (size_t)-1);
    assert_true(isnan(view->null_band) && !view->stability);
}

static void a_retrain_outlives_the_sliders(void **state)
{
    (void)state;
    assert_non_null(strstr(answer("load sample_models/digits-logreg"), "once more goes on"));
    answer("load sample_models/digits-logreg"); /* retrains in no time */
    answer("set retrain off");
    answer("set perturb.count 100");
    answer("forget add 30");
    answer("preview");
    settle();
    answer("retrain cold k=1 &");
    for (int k = 1; k < 4; k++) {
        char line[32];
        snprintf(line, sizeof line, "blanket %d", k);
        answer(line);
        answer("preview");
    }
    settle();
    assert_int_equal(wb->cold_count, 1);
    assert_true(host->view(host->self, 0)->previewed);
}

static void branches_have_lanes(void **state)
{
    (void)state;
    answer("commit first");
    settle();
    answer("undo");
    answer("branch aside");
    answer("forget clear");
    answer("forget add 40");
    answer("preview");
    settle();
    answer("commit second");
    settle();
    const struct lethe_view *view = host->view(host->self, (size_t)-1);
    assert_int_equal(view->commit_count, 3);
    assert_string_equal(view->commits[0].message, "second");
    assert_string_equal(view->commits[0].branches, "aside");
    assert_int_equal(view->commits[0].lane, 0);
    assert_int_equal(view->commits[1].lane, 1); /* first, on main, beside the way to the head */
    assert_true(view->commits[1].undone);
    assert_int_equal(view->commits[view->commit_count - 1].lane, 0);
    unsigned joined = 0;
    for (size_t k = 0; k < view->commit_count; k++)
        joined |= view->commits[k].joins;
    assert_int_equal(joined, 2);
    assert_non_null(strstr(view->commits[0].figures, "held-out "));
}

static void drawings_are_kept_with_their_scene(void **state)
{
    (void)state;
    answer("forget add 41");
    answer("blanket 2");
    answer("plot ladder");
    settle();
    const struct lethe_view *view = host->view(host->self, (size_t)-1);
    size_t k = 0;
    while (k < view->plot_count && strcmp(view->plots[k].kind, "ladder") != 0)
        k++;
    assert_true(k < view->plot_count);
    assert_string_equal(view->plots[k].title, "ladder");
    answer("blanket 3");
    assert_string_equal(host->view(host->self, 0)->plots[k].title, "ladder, earlier settings");
    answer("forget add 42");
    view = host->view(host->self, 0);
    for (k = 0; k < view->plot_count; k++)
        assert_string_not_equal(view->plots[k].kind, "ladder");
}

/* A wide screen gets wide answers, within reason; a narrow one as much as 80 columns hold. */
static void answers_are_as_wide_as_the_screen(void **state)
{
    (void)state;
    static const struct {
        int cols;
        size_t least, most;
    } cases[] = {{200, 100, 132}, {80, 50, 76}, {20, 50, 76}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        host->wide(host->self, cases[k].cols);
        size_t widest = 0;
        for (const char *line = answer("explain recovery"); *line;) {
            const size_t length = strcspn(line, "\n");
            widest = length > widest ? length : widest;
            line += length + (line[length] == '\n');
        }
        assert_in_range(widest, cases[k].least, cases[k].most);
    }
    host->wide(host->self, 80);
}

/* Each of the three says what it did. */
static void staging_says_what_it_did(void **state)
{
    (void)state;
    static const char *const lines[][2] = {
        {"caption One step", "the caption is set: F presents"},
        {"spotlight forget loss", "forget loss stands out: F presents"},
        {"present plane", "presenting: F goes back, Tab goes on to the next pane"},
        {"spotlight attack AUC", "attack AUC stands out: ':present preview' shows it"},
        {"present preview", "presenting: F goes back, Tab goes on to the next pane"},
        {"spotlight KL forget", "KL forget stands out"},
        {"caption Two", "the caption stands above the panes"},
        {"caption off", "no caption"},
        {"spotlight off", "no figure stands out"},
        {"present off", "not presenting"}};
    for (size_t k = 0; k < sizeof lines / sizeof *lines; k++) {
        const char *said = answer(lines[k][0]);
        const size_t length = strcspn(said, "\n");
        assert_int_equal(length, strlen(lines[k][1]));
        assert_memory_equal(said, lines[k][1], length);
    }
}

/* A plot that the screen came to by its keys is as good as one that a command drew. */
static void a_lesson_sees_the_plot_on_the_screen(void **state)
{
    (void)state;
    const unsigned pane = 1u << LETHE_PANE_PLOT;
    const char *text = "";
    answer("lesson 5");
    settle();
    host->seen(host->self, pane, "roc");
    answer("lesson next");
    host->view(host->self, 0);
    assert_int_equal(wb->tutor->step, 1);
    host->seen(host->self, pane, "margins");
    assert_int_equal(host->view(host->self, 0)->lesson.said_bad, 0); /* on the way there */
    assert_int_equal(wb->tutor->step, 1);
    host->seen(host->self, pane, "loss");
    host->view(host->self, 0);
    assert_int_equal(wb->tutor->step, 2);
    answer("plot loss threshold=0.5");
    settle();
    assert_int_equal(host->news(host->self, &text), 1);
    assert_string_equal(text,
                        "taken for members at a loss of 0.5: 0 of 6 that were, 98 of 100 others");
    answer("lesson stop");
}

/* A training says what it came to, in one line. */
static void a_training_says_what_it_came_to(void **state)
{
    (void)state;
    const char *text = "";
    answer("train model=mlp:4 data=rings epochs=3");
    settle();
    assert_int_equal(host->news(host->self, &text), 1);
    assert_int_equal(strncmp(text, "trained: 3 iterations to gradient ", 34), 0);
    assert_non_null(strstr(text, ", not at a minimum, in "));
    assert_string_equal(host->news_command(host->self), "train");
}

/* All that news gives until it holds these words. */
static int hears(const char *words)
{
    const char *text = "";
    while (host->news(host->self, &text))
        if (strstr(text, words))
            return 1;
    return 0;
}

/* What is done while a training goes on does not end it; another model lets its outcome go. */
static void a_training_is_not_lost(void **state)
{
    (void)state;
    int heard = 0;
    answer("load sample_models/rings");
    answer("train model=mlp:4 epochs=3000");
    answer("forget add 3");
    while (host->busy(host->self)) {
        struct pollfd wait = {host->fd(host->self), POLLIN, 0};
        poll(&wait, 1, 1000);
        host->deliver(host->self);
        heard |= hears("trained: ");
    }
    assert_true(heard || hears("trained: "));
    assert_int_equal(lethe_graph_size(wb->project.graph), 22);
    answer("train model=mlp:4 epochs=3000 seed=9");
    answer("load sample_models/moons");
    settle();
    assert_true(hears("another model or other data came meanwhile"));
    assert_string_equal(wb->project.name, "moons");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_need_what_they_need),
        cmocka_unit_test(a_loaded_model_gets_its_losses),
        cmocka_unit_test(work_that_was_begun_becomes_news),
        cmocka_unit_test(evidence_fills_in),
        cmocka_unit_test(a_retrain_outlives_the_sliders),
        cmocka_unit_test(branches_have_lanes),
        cmocka_unit_test(drawings_are_kept_with_their_scene),
        cmocka_unit_test(a_line_goes_in_its_order),
        cmocka_unit_test(answers_are_as_wide_as_the_screen),
        cmocka_unit_test(staging_says_what_it_did),
        cmocka_unit_test(a_lesson_sees_the_plot_on_the_screen),
        cmocka_unit_test(a_training_says_what_it_came_to),
        cmocka_unit_test(a_training_is_not_lost),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
