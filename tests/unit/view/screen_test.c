/* SPDX-License-Identifier: MIT
 * Screens without a terminal, compared with tests/fixtures/screen/NAME.txt. After a wanted change:
 * LETHE_TEST_UPDATE=1 build/tests/view/screen_test writes them anew; read the diff. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/support/screen_fixture.h"
#include "ui/term/glyph.h"
#include "ui/view/layout.h"
#include "ui/view/panes.h"

static char *render(const struct lethe_view *view, const struct lethe_screen *screen, int rows,
                    int cols, struct lethe_display display)
{
    struct lethe_canvas canvas;
    assert_int_equal(lethe_canvas_init(&canvas, rows, cols, display, NULL), LETHE_OK);
    lethe_view_draw(&canvas, view, screen);
    char *text = lethe_canvas_text(&canvas);
    assert_non_null(text);
    lethe_canvas_release(&canvas);
    return text;
}

static char *slurp(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    char *text = lethe_alloc_zero(1 << 17, 1);
    size_t got = fread(text, 1, (1 << 17) - 1, file);
    text[got] = 0;
    fclose(file);
    return text;
}

/* Compares, or writes when LETHE_TEST_UPDATE is set; a mismatch is printed whole. */
static void golden(const char *name, char *shown)
{
    char path[160];
    snprintf(path, sizeof path, "tests/fixtures/screen/%s.txt", name);
    if (getenv("LETHE_TEST_UPDATE")) {
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        fputs(shown, file);
        fclose(file);
    }
    char *expected = slurp(path);
    if (!expected || strcmp(expected, shown) != 0)
        printf("%s differs; shown now:\n%s", path, shown);
    assert_non_null(expected);
    assert_string_equal(shown, expected);
    lethe_free(expected);
    lethe_free(shown);
}

static const struct lethe_display braille = {LETHE_BRAILLE, 256}, ascii = {LETHE_ASCII, 0};
static const struct {
    const char *name;
    int rows, cols;
} sizes[] = {{"80x24", 24, 80}, {"120x40", 40, 120}, {"200x60", 60, 200}, {"250x70", 70, 250}};

static void whole_screens(void **state)
{
    (void)state;
    char name[64];
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++)
        for (int plain = 0; plain < 2; plain++) {
            struct lethe_screen screen = screen_fixture_screen();
            snprintf(name, sizeof name, "main-%s%s", sizes[k].name, plain ? "-ascii" : "");
            golden(name, render(screen_fixture(), &screen, sizes[k].rows, sizes[k].cols,
                                plain ? ascii : braille));
        }
}

/* A selection for several samples names how many chose a unit; harm stands above the figures; what
 * must not be missed about the session stands in the header; long messages are whole. */
static void what_must_not_be_missed(void **state)
{
    (void)state;
    struct lethe_view view = *screen_fixture();
    struct lethe_view_unit units[4];
    struct lethe_screen screen = screen_fixture_screen();
    memcpy(units, view.blanket, sizeof units);
    for (size_t k = 0; k < 4; k++)
        units[k].votes = 50 - 12 * k;
    units[0].gain = 3.223;
    units[1].reach = 0.014;
    view.blanket = units;
    view.blanket_count = 4;
    view.deciding = 50;
    view.score_name = "gain";
    view.verdict = "worse than doing nothing: KL to retraining 0.84, before 0.3; try more damping: "
                   "':damping 0.01'";
    view.verdict_bad = 1;
    view.unkept = 1;
    view.gone = 20;
    view.resumed = 2;
    view.model = "\033]0;title\007red\xe2\x80\xae";
    screen.message = "this session is not kept: the session in "
                     "'/home/somebody/.local/state/lethe/sessions/0123456789abcdef' is in use by "
                     "another process";
    screen.message_bad = 0;
    golden("missed-80x24", render(&view, &screen, 24, 80, braille));
    golden("missed-120x40", render(&view, &screen, 40, 120, braille));
    view.reading = 1; /* may not be written */
    view.unkept = 0;
    golden("reading-80x24", render(&view, &screen, 24, 80, braille));
    screen.message_bad = 1;
    screen.linear = 1;
    screen.focus = LETHE_PANE_BLANKET;
    golden("linear-missed", render(&view, &screen, 24, 80, ascii));
}

static void golden_pair(const char *name, const struct lethe_view *view,
                        const struct lethe_screen *screen)
{
    char file[64];
    for (size_t k = 0; k < 2; k++)
        for (int plain = 0; plain < 2; plain++) {
            struct lethe_screen taken = *screen;
            lethe_present_take(&taken, view, sizes[k].rows, sizes[k].cols);
            taken.lesson_rows = lethe_lesson_rows(view, sizes[k].rows, sizes[k].cols);
            snprintf(file, sizeof file, "%s-%s%s", name, sizes[k].name, plain ? "-ascii" : "");
            golden(file,
                   render(view, &taken, sizes[k].rows, sizes[k].cols, plain ? ascii : braille));
        }
}

/* For an audience: few panes, a caption, a figure in large digits, free lines. */
static void presented_to_an_audience(void **state)
{
    (void)state;
    static const char *const two[] = {"plane", "preview"};
    struct lethe_view view = *screen_fixture();
    struct lethe_screen screen = screen_fixture_screen();
    view.staging = (struct lethe_view_staging){
        .on = 1, .panes = two, .pane_count = 2, .caption = "What is left of sample 17?"};
    golden_pair("present-two", &view, &screen);
    view.staging.panes = two + 1;
    view.staging.pane_count = 1;
    view.staging.spot = "Forget Loss";
    golden_pair("present-figure", &view, &screen);
    view.staging = (struct lethe_view_staging){.on = 1};
    golden_pair("present-focus", &view, &screen);
}

/* Nothing on a presented screen is in faint ink. */
static void contrast_is_high(void **state)
{
    (void)state;
    struct lethe_view view = *screen_fixture();
    for (int pane = 0; pane < LETHE_PANES; pane++) {
        struct lethe_screen screen = screen_fixture_screen();
        struct lethe_canvas canvas;
        int faint = 0;
        view.staging.on = 1;
        screen.focus = (enum lethe_pane)pane;
        lethe_present_take(&screen, &view, 40, 120);
        assert_int_equal(lethe_canvas_init(&canvas, 40, 120, braille, NULL), LETHE_OK);
        lethe_view_draw(&canvas, &view, &screen);
        for (int k = 0; k < 40 * 120; k++)
            faint += canvas.cells[k].ink == LETHE_INK_DIM || canvas.cells[k].ink == LETHE_INK_RULE;
        assert_int_equal(faint, 0);
        lethe_canvas_release(&canvas);
    }
}

/* The strip: something to read and to do, a question behind a wrong turn, and what it points at. */
static void strip_of_the_lesson(void **state)
{
    (void)state;
    struct lethe_view view = *screen_fixture();
    struct lethe_screen screen = screen_fixture_screen();
    screen.dock[0] = LETHE_PANE_PLANE;
    view.lesson = (struct lethe_view_lesson){
        .title = "Forgetting and its yardstick",
        .step_title = "One point",
        .step = 2,
        .steps = 7,
        .said = "",
        .read =
            "#57 lies among the outer ring and was called inner. Whoever owns it wants it gone: "
            "not only the row in the table, but what the network has learnt from it.",
        .task = "Mark sample 57 to be forgotten.",
        .point_kind = "pane",
        .point = "plane"};
    golden_pair("lesson-task", &view, &screen);
    view.lesson.point_kind = "slider";
    view.lesson.point = "damping";
    golden_pair("lesson-slider", &view, &screen);
    view.lesson.point_kind = "key";
    view.lesson.point = "c";
    golden_pair("lesson-key", &view, &screen);
    view.lesson = (struct lethe_view_lesson){
        .title = "Forgetting and its yardstick",
        .step_title = "The yardstick",
        .step = 7,
        .steps = 7,
        .said = "It rose, but \"higher\" is no aim: the aim is where retraining ends, 2.54.",
        .said_bad = 1,
        .ask = "The forget loss is .37 now. Is that good?",
        .choices = {"Yes, it rose", "No, it should be as high as possible",
                    "Only beside retraining can one say"},
        .choice_count = 3,
        .point_kind = "figure",
        .point = "forget loss"};
    golden_pair("lesson-question", &view, &screen);
    struct lethe_view_lesson asked = view.lesson;
    struct lethe_screen narrow = screen;
    view.lesson.said = "What is said of the last turn is longer here than there is room for in the "
                       "strip, in two lines: and it gives way to what is asked.";
    view.lesson.ask = "What is asked takes two lines, too, at this width, and so does it when it "
                      "has all its words: is it whole?";
    narrow.lesson_rows = lethe_lesson_rows(&view, 24, 80);
    char *shown = render(&view, &narrow, 24, 80, (struct lethe_display){0});
    assert_non_null(strstr(shown, "its words: is it whole?"));
    assert_non_null(strstr(shown, "c Only beside retraining can one say"));
    lethe_free(shown);
    view.lesson = asked;
    view.staging = (struct lethe_view_staging){.on = 1};
    screen.focus = LETHE_PANE_PREVIEW;
    golden_pair("lesson-presented", &view, &screen);
}

static void every_pane_zoomed(void **state)
{
    (void)state;
    char name[64];
    for (int pane = 0; pane < LETHE_PANES; pane++)
        for (size_t k = 0; k < 3; k++)
            for (int plain = 0; plain < 2; plain++) {
                struct lethe_screen screen = screen_fixture_screen();
                screen.focus = (enum lethe_pane)pane;
                screen.zoom = 1;
                snprintf(name, sizeof name, "%s-%s%s", lethe_panes[pane]->name, sizes[k].name,
                         plain ? "-ascii" : "");
                golden(name, render(screen_fixture(), &screen, sizes[k].rows, sizes[k].cols,
                                    plain ? ascii : braille));
            }
}

static void every_pane_in_sentences(void **state)
{
    (void)state;
    char name[64];
    for (int pane = 0; pane < LETHE_PANES; pane++) {
        struct lethe_screen screen = screen_fixture_screen();
        screen.focus = (enum lethe_pane)pane;
        screen.linear = 1;
        snprintf(name, sizeof name, "linear-%s", lethe_panes[pane]->name);
        golden(name, render(screen_fixture(), &screen, 24, 80, ascii));
    }
}

/* What several retrains answer: in words below the figures, whatever the width, and in the sentence
 * of a figure. */
static void answers_are_words(void **state)
{
    (void)state;
    struct lethe_view view = *screen_fixture();
    struct lethe_view_figure figures[3];
    struct lethe_screen screen = screen_fixture_screen();
    memcpy(figures, view.figures, sizeof figures);
    figures[0].says = "as retraining";
    figures[1].says = "different";
    figures[2].says = "cannot tell";
    view.figures = figures;
    view.figure_count = 3;
    view.answers = "as retraining: forget accuracy; different: forget loss; cannot tell: retain "
                   "accuracy";
    golden("answers-80x24", render(&view, &screen, 24, 80, braille));
    golden("answers-120x40", render(&view, &screen, 40, 120, braille));
    screen.linear = 1;
    screen.focus = LETHE_PANE_PREVIEW;
    golden("linear-answers", render(&view, &screen, 24, 80, ascii));
}

/* The numbers of a method in the place of damping and blanket, a page of them where there is no
 * room for all; in sentences, too; and the list that chooses one. */
static void a_method_has_sliders(void **state)
{
    (void)state;
    char name[64];
    struct lethe_view view = *screen_fixture();
    screen_fixture_method(&view, 0);
    for (size_t k = 0; k < 3; k++)
        for (int plain = 0; plain < 2; plain++) {
            struct lethe_screen screen = screen_fixture_screen();
            screen.slider = LETHE_SLIDER_PARAM;
            screen.param = 2;
            snprintf(name, sizeof name, "method-%s%s", sizes[k].name, plain ? "-ascii" : "");
            golden(name,
                   render(&view, &screen, sizes[k].rows, sizes[k].cols, plain ? ascii : braille));
        }
    struct lethe_screen screen = screen_fixture_screen();
    screen.slider = LETHE_SLIDER_PARAM;
    screen.linear = 1;
    golden("linear-method", render(&view, &screen, 24, 80, ascii));
    screen.linear = 0;
    screen.overlay = LETHE_OVERLAY_PALETTE;
    screen.title = "Method of the removal";
    screen.entries = view.methods;
    screen.entry_count = view.method_count;
    screen.input = "";
    golden("method-list-80x24",
           render(&view, &screen, 24, 80, (struct lethe_display){LETHE_BRAILLE, 0}));
}

/* The embedding seen otherwise: letters, one set, nearer to a sample; without colours, in ASCII,
 * and the sample's bars in the place of its picture. */
static void views_are_looked_at_otherwise(void **state)
{
    (void)state;
    static const struct lethe_display mono = {LETHE_BRAILLE, 0};
    struct lethe_screen screen = screen_fixture_screen();
    screen.focus = LETHE_PANE_EMBEDDING;
    screen.zoom = 1;
    golden("embedding-mono", render(screen_fixture(), &screen, 24, 80, mono));
    screen.embedding_letters = 1;
    golden("embedding-letters", render(screen_fixture(), &screen, 40, 120, mono));
    screen.embedding_zoom = 2;
    screen.embedding_model = LETHE_VIEW_RETRAINED;
    screen.embedding_sets = LETHE_EMBEDDING_HELDOUT;
    golden("embedding-near", render(screen_fixture(), &screen, 24, 80, ascii));
    screen.focus = LETHE_PANE_SAMPLE;
    screen.bars = 1;
    golden("bars-80x24", render(screen_fixture(), &screen, 24, 80, braille));
    golden("bars-80x24-ascii", render(screen_fixture(), &screen, 24, 80, ascii));
    screen.zoom = 0;
    lethe_layout_focus(&screen, 24, 80, LETHE_PANE_SAMPLE);
    golden("bars-dock", render(screen_fixture(), &screen, 24, 80, mono));
    struct lethe_view view = *screen_fixture(); /* without a retrained model, and out of date */
    view.by_class.at[LETHE_VIEW_RETRAINED] = view.confusion.at[LETHE_VIEW_RETRAINED] =
        view.embedding.at[LETHE_VIEW_RETRAINED] = NULL;
    view.by_class.stale = view.confusion.stale = view.embedding.stale = view.cka.stale = 1;
    for (int pane = LETHE_PANE_CLASSES; pane <= LETHE_PANE_EMBEDDING; pane++) {
        char name[64];
        screen = screen_fixture_screen();
        lethe_layout_focus(&screen, 40, 120, (enum lethe_pane)pane);
        snprintf(name, sizeof name, "stale-%s", lethe_panes[pane]->name);
        golden(name, render(&view, &screen, 40, 120, mono));
    }
}

static void docked_panes_at_80x24(void **state)
{
    (void)state;
    char name[64];
    for (int pane = LETHE_PANE_PLOT; pane < LETHE_PANES; pane++) {
        struct lethe_screen screen = screen_fixture_screen();
        lethe_layout_focus(&screen, 24, 80, (enum lethe_pane)pane);
        snprintf(name, sizeof name, "dock-%s", lethe_panes[pane]->name);
        golden(name, render(screen_fixture(), &screen, 24, 80, braille));
    }
}

static void nothing_loaded(void **state)
{
    (void)state;
    struct lethe_screen screen = screen_fixture_screen();
    screen.order_count = 0;
    screen.message = NULL;
    golden("empty-120x40", render(screen_fixture_empty(), &screen, 40, 120, braille));
}

/* A pane that only its own work fills does not wait for another's. */
static void empty_panes_know_their_work(void **state)
{
    (void)state;
    struct lethe_view_job job = {.name = "retrain warm", .state = "running", .stage = "training"};
    const struct lethe_view view = {.model = "m", .jobs = &job, .job_count = 1, .forgetting = 1};
    struct lethe_screen screen = screen_fixture_screen();
    screen.zoom = 1;
    for (int own = 0; own < 2; own++)
        for (int k = 0; k < 2; k++) {
            screen.focus = k ? LETHE_PANE_METHODS : LETHE_PANE_SURFACE;
            job.name = !own ? "retrain warm" : k ? "compare methods" : "surface";
            char *text = render(&view, &screen, 24, 80, ascii);
            assert_int_equal(strstr(text, "under way: training") != NULL, own);
            assert_int_equal(strstr(text, k ? "x compares them" : "press g") == NULL, own);
            lethe_free(text);
        }
}

static void too_small_says_what_is_needed(void **state)
{
    (void)state;
    struct lethe_screen screen = screen_fixture_screen();
    char *text = render(screen_fixture(), &screen, 3, 40, braille);
    assert_string_equal(text,
                        "lethe: the terminal is too small\nit is 40 x 3, 60 x 16 is needed\n\n");
    lethe_free(text);
}

static void overlays_and_command_line(void **state)
{
    (void)state;
    static const struct lethe_view_entry entries[] = {
        {"c", "commit [message]", "keep the preview as a new state", NULL},
        {"", "compare selectors", "what other ways of choosing units would do", NULL},
        {"u", "undo", "go back to the state before", "nothing to undo"},
    };
    static const char *const words[] = {"damping", "data", "diff", "dump"};
    struct lethe_screen screen = screen_fixture_screen();
    screen.overlay = LETHE_OVERLAY_PALETTE;
    screen.title = "Commands";
    screen.entries = entries;
    screen.entry_count = 3;
    screen.entry_cursor = 1;
    screen.input = "co";
    golden("palette", render(screen_fixture(), &screen, 24, 80, braille));
    screen.overlay = LETHE_OVERLAY_HELP;
    screen.title = "Keys of the blanket pane";
    golden("help", render(screen_fixture(), &screen, 24, 80, braille));
    screen.overlay = LETHE_OVERLAY_TEXT;
    screen.title = "log";
    screen.text = "9f31c2aa  before lunch   17\n0c77aa10  first try      3,9,12-40\n";
    golden("text", render(screen_fixture(), &screen, 24, 80, braille));
    screen.overlay = LETHE_OVERLAY_NONE;
    screen.prompt = ":";
    screen.input = "da";
    screen.input_cursor = 2;
    screen.candidates = words;
    screen.candidate_count = 4;
    screen.candidate = 1;
    golden("line", render(screen_fixture(), &screen, 24, 80, braille));
    screen.prompt = NULL;
    screen.message = "damping: -3 is below 0; give 0 or a positive number";
    screen.message_bad = 1;
    golden("refusal", render(screen_fixture(), &screen, 24, 80, braille));
}

/* Every size from the smallest up is drawn without a row too long and with nothing cut in half. */
static void every_size_draws(void **state)
{
    (void)state;
    static const char *const panes[] = {"preview", "plane", "samples"};
    for (int rows = 1; rows <= 72; rows += rows < 30 ? 1 : 7)
        for (int cols = 1; cols <= 260; cols += cols < 130 ? 3 : 17)
            for (int pane = 0; pane < LETHE_PANES; pane++) {
                struct lethe_screen screen = screen_fixture_screen();
                struct lethe_view view = *screen_fixture();
                screen.zoom = (rows + pane) % 2;
                view.staging = (struct lethe_view_staging){.on = (rows + pane) % 3 == 0,
                                                           .panes = panes,
                                                           .pane_count = (size_t)(pane % 4),
                                                           .caption = "a caption of some length",
                                                           .spot = "forget loss"};
                lethe_present_take(&screen, &view, rows, cols);
                lethe_layout_focus(&screen, rows, cols, (enum lethe_pane)pane);
                char *text = render(&view, &screen, rows, cols, braille);
                int lines = 0;
                for (const char *line = text; *line; lines++) {
                    const char *end = strchr(line, '\n');
                    assert_true(end - line <= 3 * cols);
                    line = end + 1;
                }
                assert_int_equal(lines, rows);
                lethe_free(text);
            }
}

/* No two panes share a cell, and a focused pane is always shown. */
static void panes_never_overlap(void **state)
{
    (void)state;
    static char used[80][260];
    for (int rows = LETHE_LAYOUT_MIN_ROWS; rows <= 75; rows += 3)
        for (int cols = LETHE_LAYOUT_MIN_COLS; cols <= 255; cols += 5)
            for (int pane = 0; pane < LETHE_PANES; pane++) {
                struct lethe_screen screen = screen_fixture_screen();
                struct lethe_layout layout;
                screen.presenting = (rows + cols) % 2;
                screen.caption_rows = pane % 3;
                screen.staged[0] = LETHE_PANE_PREVIEW;
                screen.staged[1] = LETHE_PANE_PLANE;
                screen.staged[2] = LETHE_PANE_SAMPLES;
                screen.staged_count = (size_t)(pane % 4);
                lethe_layout_focus(&screen, rows, cols, (enum lethe_pane)pane);
                lethe_layout_make(&layout, rows, cols, &screen);
                assert_true(layout.pane[pane].rows >= 3);
                memset(used, 0, sizeof used);
                for (int k = 0; k < LETHE_PANES; k++) {
                    const struct lethe_rect *rect = &layout.pane[k];
                    assert_true(rect->rows == 0 || rect->y + rect->rows <= layout.slider_row);
                    assert_true(rect->x + rect->cols <= cols);
                    for (int y = rect->y; y < rect->y + rect->rows; y++)
                        for (int x = rect->x; x < rect->x + rect->cols; x++)
                            assert_int_equal(used[y][x]++, 0);
                }
            }
}

/* An ASCII screen is ASCII, and no glyph of ours lacks its twin. */
static void ascii_screens_have_no_question_marks(void **state)
{
    (void)state;
    for (int pane = 0; pane < LETHE_PANES; pane++) {
        struct lethe_screen screen = screen_fixture_screen();
        screen.key_count = 0; /* "?" is a key */
        lethe_layout_focus(&screen, 60, 200, (enum lethe_pane)pane);
        char *text = render(screen_fixture(), &screen, 60, 200, ascii);
        for (const char *c = text; *c; c++)
            assert_true(*c == '\n' || (*c >= ' ' && *c <= '~' && *c != '?'));
        lethe_free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_screens),
        cmocka_unit_test(what_must_not_be_missed),
        cmocka_unit_test(presented_to_an_audience),
        cmocka_unit_test(contrast_is_high),
        cmocka_unit_test(strip_of_the_lesson),
        cmocka_unit_test(every_pane_zoomed),
        cmocka_unit_test(every_pane_in_sentences),
        cmocka_unit_test(answers_are_words),
        cmocka_unit_test(a_method_has_sliders),
        cmocka_unit_test(views_are_looked_at_otherwise),
        cmocka_unit_test(docked_panes_at_80x24),
        cmocka_unit_test(nothing_loaded),
        cmocka_unit_test(empty_panes_know_their_work),
        cmocka_unit_test(too_small_says_what_is_needed),
        cmocka_unit_test(overlays_and_command_line),
        cmocka_unit_test(every_size_draws),
        cmocka_unit_test(panes_never_overlap),
        cmocka_unit_test(ascii_screens_have_no_question_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
