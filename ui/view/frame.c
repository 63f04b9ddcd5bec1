/* SPDX-License-Identifier: MIT
 * The frame around the panes: header, title rules, command line with completions, key bar. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/visible.h"
#include "ui/term/glyph.h"
#include "ui/view/format.h"
#include "ui/view/layout.h"
#include "ui/view/panes.h"

/* What a person must not forget about the session; "" when it is kept. */
static const char *keeping_words(const struct lethe_view *view)
{
    return view->reading ? "READ ONLY" : view->unkept ? "NOT KEPT" : "";
}

static const char *state_words(const struct lethe_view *view)
{
    return view->uncommitted ? "○ uncommitted" : view->commit_count ? "● committed" : "";
}

/* What stands at the right end keeps its place. */
static int right_columns(const struct lethe_view *view)
{
    const int keeping = lethe_glyph_columns(keeping_words(view));
    return lethe_glyph_columns(state_words(view)) + 2 + (keeping ? keeping + 1 : 0);
}

static int part(struct lethe_area row, int x, const char *name, const char *value)
{
    if (!value || !*value)
        return x;
    int need = lethe_glyph_columns(name) + lethe_glyph_columns(value) + (*name != 0);
    if (x + need > row.cols)
        return row.cols;
    x = lethe_draw_text(row, 0, x, LETHE_INK_DIM, name);
    return lethe_draw_text(row, 0, x + (*name != 0), LETHE_INK_TEXT, value) + 2;
}

static void header(struct lethe_area whole, const struct lethe_view *view)
{
    char text[128];
    struct lethe_area row =
        lethe_area_part(whole, 0, 0, 1, whole.cols - right_columns(view)); /* the left of it */
    int x = lethe_draw_text(row, 0, 1, LETHE_INK_STRONG, "lethe") + 2;
    x = part(row, x, "", view->model ? view->model : "no model");
    if (view->gone) {
        snprintf(text, sizeof text, "%zu gone", view->gone);
        x = part(row, x, view->resumed ? "resumed:" : "", text);
    }
    x = part(row, x, "forget", view->forget ? view->forget : "nothing");
    if (view->unlearning)
        x = part(row, x, "method", view->unlearning);
    x = part(row, x, "on", view->branch);
    if (view->train) {
        snprintf(text, sizeof text, "%zu train · %zu held-out", view->train, view->heldout);
        x = part(row, x, "", text);
    }
    if (!view->unlearning || view->masked)
        x = part(row, x, "select", view->method);
    if (!view->unlearning)
        x = part(row, x, "curvature", view->curvature);
    if (view->params && (!view->unlearning || view->masked)) {
        snprintf(text, sizeof text, "%zu of %zu", view->blanket_params, view->params);
        part(row, x, "parameters", text);
    }
    lethe_draw_right(whole, 0, whole.cols - 1, view->uncommitted ? LETHE_INK_STRONG : LETHE_INK_DIM,
                     state_words(view));
    lethe_draw_right(whole, 0, whole.cols - 2 - lethe_glyph_columns(state_words(view)),
                     LETHE_INK_WARN, keeping_words(view));
    lethe_draw_paper(whole, 0, 0, whole.cols, LETHE_INK_HEADER);
}

static void title(struct lethe_area all, const struct lethe_rect *rect, enum lethe_pane pane,
                  const struct lethe_view *view, const struct lethe_screen *screen)
{
    char caption[128] = "", name[48];
    int focused = screen->focus == pane;
    struct lethe_area row = lethe_area_part(all, rect->y, rect->x, 1, rect->cols);
    snprintf(name, sizeof name, focused ? "▸%s " : " %s ", lethe_panes[pane]->title);
    int end = lethe_draw_text(row, 0, 1, focused ? LETHE_INK_FOCUS : LETHE_INK_TITLE, name);
    if (lethe_lesson_points(view, "pane", lethe_panes[pane]->name))
        end = lethe_draw_text(row, 0, end, LETHE_INK_WARN, "◂ here ");
    if (lethe_panes[pane]->caption)
        lethe_panes[pane]->caption(caption, sizeof caption, view, screen);
    int wide = lethe_glyph_columns(caption);
    if (wide + 5 > rect->cols - end && lethe_panes[pane]->brief) {
        lethe_panes[pane]->brief(caption, sizeof caption, view, screen);
        wide = lethe_glyph_columns(caption);
    }
    if (wide && wide + 5 > rect->cols - end)
        wide = rect->cols - end - 5;
    if (*caption && wide >= 6) {
        int x = rect->cols - wide - 3;
        lethe_draw_glyph(row, 0, x, ' ', LETHE_INK_DIM);
        x = lethe_draw_fit(row, 0, x + 1, wide, LETHE_INK_DIM, caption);
        lethe_draw_glyph(row, 0, x, ' ', LETHE_INK_DIM);
    }
}

static void panes(struct lethe_area all, const struct lethe_layout *layout,
                  const struct lethe_view *view, const struct lethe_screen *screen)
{
    for (int k = 0; k < LETHE_PANES; k++) {
        const struct lethe_rect *rect = &layout->pane[k];
        if (rect->rows < 1)
            continue;
        int left = rect->x > 0, reach = left + rect->cols + (rect->x + rect->cols < all.cols);
        lethe_draw_hrule(all, rect->y, rect->x - left, reach, LETHE_INK_RULE);
        if (left)
            lethe_draw_vrule(all, rect->y, rect->x - 1, rect->rows + 1, LETHE_INK_RULE);
    }
    lethe_draw_hrule(all, layout->slider_row, 0, all.cols, LETHE_INK_RULE);
    for (int k = 0; k < LETHE_PANES; k++) {
        const struct lethe_rect *rect = &layout->pane[k];
        if (rect->rows < 1)
            continue;
        title(all, rect, (enum lethe_pane)k, view, screen);
        lethe_panes[k]->draw(lethe_layout_inside(all, rect, screen), view, screen);
    }
}

static void candidates(struct lethe_area all, int line_row, const struct lethe_screen *screen)
{
    int shown = (int)(screen->candidate_count < 8 ? screen->candidate_count : 8), wide = 0;
    size_t top = lethe_pane_top(screen->candidate, screen->candidate_count, shown);
    for (int k = 0; k < shown; k++) {
        int columns = lethe_glyph_columns(screen->candidates[top + (size_t)k]);
        wide = columns > wide ? columns : wide;
    }
    for (int k = 0; k < shown; k++) {
        struct lethe_area row = lethe_area_part(all, line_row - shown + k, 1, 1, wide + 2);
        lethe_area_fill(row, ' ', LETHE_INK_TEXT);
        lethe_draw_text(row, 0, 1, LETHE_INK_TEXT, screen->candidates[top + (size_t)k]);
        int chosen = top + (size_t)k == screen->candidate;
        lethe_draw_paper(row, 0, 0, row.cols, chosen ? LETHE_INK_SELECT : LETHE_INK_HEADER);
        if (chosen)
            lethe_draw_text(row, 0, 0, LETHE_INK_TEXT, "▸");
    }
}

/* "3 s left", or how long it has taken where that is not known. */
static void time_left(char *out, size_t room, const struct lethe_view_job *job)
{
    char text[LETHE_FORMAT_ROOM];
    if (isnan(job->left) && !(job->seconds >= 1)) {
        out[0] = 0;
        return;
    }
    lethe_format_whole_seconds(text, isnan(job->left) ? job->seconds : ceil(job->left));
    snprintf(out, room, isnan(job->left) ? "%s" : "%s left", text);
}

/* The job that runs, with its stage, how far it is and what is left, at the right end of the rule
 * above the sliders, where it takes room from nothing. */
static void activity(struct lethe_area all, int y, const struct lethe_view *view)
{
    enum { BAR = 8 };
    const struct lethe_view_job *job = lethe_view_running(view);
    size_t running = 0;
    for (size_t j = 0; j < view->job_count; j++)
        running += strcmp(view->jobs[j].state, "running") == 0;
    if (!job)
        return;
    char what[96], more[24] = "", far[48] = "", left[LETHE_FORMAT_ROOM + 8];
    if (running > 1)
        snprintf(more, sizeof more, " +%zu", running - 1);
    snprintf(what, sizeof what, " %s%s ", job->stage && *job->stage ? job->stage : job->name, more);
    time_left(left, sizeof left, job);
    const int known = !isnan(job->fraction);
    if (known)
        snprintf(far, sizeof far, "%3.0f%%%s%s ", 100 * job->fraction, *left ? "  " : "", left);
    else if (*left)
        snprintf(far, sizeof far, "%s ", left);
    const int wide = lethe_glyph_columns(what) + (known ? BAR : 0) + lethe_glyph_columns(far);
    int x = all.cols - wide - 2;
    if (x < 1)
        return;
    x = lethe_draw_text(all, y, x, LETHE_INK_TEXT, what);
    if (known) {
        struct lethe_area track = lethe_area_part(all, y, x, 1, BAR);
        for (int c = 0; c < BAR; c++)
            lethe_draw_glyph(track, 0, c, 0x2500, LETHE_INK_RULE);
        lethe_chart_bar(track, job->fraction, LETHE_INK_ACCENT);
        x += BAR;
    }
    lethe_draw_text(all, y, x, LETHE_INK_TEXT, far);
}

/* A message that is longer than its line takes the lines above too, until the next one: nothing is
 * cut. */
static void tall_message(struct lethe_area all, int y, const struct lethe_screen *screen)
{
    const uint16_t ink = screen->message_bad ? LETHE_INK_BAD : LETHE_INK_TEXT;
    const int indent = screen->message_bad ? 2 : 0, room = all.cols - indent;
    int rows = lethe_pane_rows(room, screen->message);
    rows = rows < y - 1 ? rows : y - 1;
    struct lethe_area box = lethe_area_part(all, y - rows + 1, 0, rows, all.cols);
    lethe_area_fill(box, ' ', LETHE_INK_TEXT);
    if (screen->message_bad)
        lethe_draw_text(box, 0, 1, ink, "✗");
    lethe_pane_say(lethe_area_part(box, 0, indent, rows, room), 0, ink, screen->message);
    for (int row = 0; row < rows - 1; row++)
        lethe_draw_paper(box, row, 0, all.cols, LETHE_INK_HEADER);
}

static void message_line(struct lethe_area all, int y, const struct lethe_screen *screen)
{
    const int above = y - (screen->lesson_rows ? screen->lesson_rows + 1
                                               : 0); /* what a lesson says stays in sight */
    const char *message = screen->message ? screen->message : "";
    const int sign = screen->message_bad ? 2 : 0;
    if (lethe_glyph_columns(message) + sign + 2 > all.cols) {
        tall_message(all, above, screen);
        return;
    }
    const uint16_t ink = screen->message_bad ? LETHE_INK_BAD : LETHE_INK_TEXT;
    if (screen->message_bad)
        lethe_draw_text(all, y, 1, ink, "✗");
    lethe_draw_text(all, y, 1 + sign, ink, message);
}

static void command_line(struct lethe_area all, int y, const struct lethe_screen *screen)
{
    if (!screen->prompt) {
        message_line(all, y, screen);
        return;
    }
    int x = lethe_draw_text(all, y, 1, LETHE_INK_ACCENT, screen->prompt);
    char before[1024];
    size_t length =
        screen->input_cursor < sizeof before - 1 ? screen->input_cursor : sizeof before - 1;
    memcpy(before, screen->input, length);
    before[length] = 0;
    int cursor = lethe_glyph_columns(before), room = all.cols - x - 2;
    int shift = cursor > room ? cursor - room : 0; /* long lines move left under the cursor */
    const char *text = screen->input;
    for (int skipped = 0; skipped < shift && lethe_visible_next(before, &text);)
        skipped += lethe_glyph_columns(before);
    lethe_draw_text(all, y, x, LETHE_INK_TEXT, text);
    lethe_draw_paper(all, y, x + cursor - shift, 1, LETHE_INK_SELECT);
    if (screen->candidate_count)
        candidates(all, y, screen);
}

static int key_columns(const struct lethe_view_entry *key)
{
    return lethe_glyph_columns(key->key) + 1 + lethe_glyph_columns(key->name);
}

static int put_key(struct lethe_area row, int x, const struct lethe_view_entry *key,
                   const struct lethe_view *view)
{
    const int from = x;
    x = lethe_draw_text(row, 0, x, key->off ? LETHE_INK_KEY_OFF : LETHE_INK_KEY, key->key) + 1;
    x = lethe_draw_text(row, 0, x, key->off ? LETHE_INK_KEY_OFF : LETHE_INK_DIM, key->name);
    if (view && lethe_lesson_points(view, "key", key->key)) {
        lethe_draw_paper(row, 0, from, x - from, LETHE_INK_SELECT);
        lethe_draw_glyph(row, 0, x, 0x25c2, LETHE_INK_WARN);
    }
    return x + 2;
}

/* What the keys mean while a line is typed or something lies over the panes. */
static size_t other_keys(const struct lethe_view_entry **keys, const struct lethe_screen *screen)
{
    static const struct lethe_view_entry line[] = {{"Enter", "does it", NULL, NULL},
                                                   {"Esc", "leaves the line", NULL, NULL},
                                                   {"Tab", "completes", NULL, NULL},
                                                   {"↑↓", "earlier lines", NULL, NULL}};
    static const struct lethe_view_entry filter[] = {{"Enter", "keeps the filter", NULL, NULL},
                                                     {"Esc", "shows all samples", NULL, NULL}};
    static const struct lethe_view_entry palette[] = {{"Enter", "takes it", NULL, NULL},
                                                      {"Esc", "closes", NULL, NULL},
                                                      {"↑↓", "choose", NULL, NULL}};
    static const struct lethe_view_entry text[] = {{"Esc", "closes", NULL, NULL},
                                                   {"↑↓", "scroll", NULL, NULL},
                                                   {"Space", "a page on", NULL, NULL}};
    if (screen->overlay == LETHE_OVERLAY_PALETTE)
        return *keys = palette, sizeof palette / sizeof *palette;
    if (screen->overlay == LETHE_OVERLAY_HELP || screen->overlay == LETHE_OVERLAY_TEXT)
        return *keys = text, sizeof text / sizeof *text;
    if (screen->prompt && screen->prompt[0] == '/')
        return *keys = filter, sizeof filter / sizeof *filter;
    if (screen->prompt)
        return *keys = line, sizeof line / sizeof *line;
    return 0;
}

/* The key that a lesson points at, below `count`; count: none of them. */
static size_t pointed_key(const struct lethe_view *view, const struct lethe_screen *screen,
                          size_t count)
{
    size_t k = 0;
    while (k < count && !lethe_lesson_points(view, "key", screen->keys[k].key))
        k++;
    return k;
}

/* The last two keys (help, quit) always have their place; of the others as many as fit. */
static void key_bar(struct lethe_area row, const struct lethe_view *view,
                    const struct lethe_screen *screen)
{
    const struct lethe_view_entry *others = NULL;
    const size_t other = other_keys(&others, screen);
    if (other || screen->overlay == LETHE_OVERLAY_ASK) {
        for (size_t k = 0, x = 1; k < other; k++)
            x = (size_t)put_key(row, (int)x, &others[k], NULL);
        return;
    }
    size_t count = screen->key_count, pinned = count < 2 ? count : 2;
    int end = row.cols - 1, x = 1;
    for (size_t k = count - pinned; k < count; k++)
        end -= key_columns(&screen->keys[k]) + 2;
    const size_t pointed = pointed_key(view, screen, count - pinned);
    if (pointed < count - pinned) /* it has its place whatever the width */
        x = put_key(row, x, &screen->keys[pointed], view);
    for (size_t k = 0; k < count - pinned; k++) {
        if (k == pointed)
            continue;
        if (x + key_columns(&screen->keys[k]) > end)
            break;
        x = put_key(row, x, &screen->keys[k], view);
    }
    for (size_t k = count - pinned; k < count; k++)
        x = put_key(row, x, &screen->keys[k], view);
}

void lethe_view_draw(struct lethe_canvas *canvas, const struct lethe_view *view,
                     const struct lethe_screen *screen)
{
    struct lethe_layout layout;
    struct lethe_area all = lethe_area_all(canvas);
    lethe_canvas_clear(canvas);
    lethe_layout_make(&layout, canvas->rows, canvas->cols, screen);
    if (layout.too_small) {
        lethe_draw_fit(all, 0, 0, all.cols, LETHE_INK_STRONG, "lethe: the terminal is too small");
        lethe_draw_textf(all, 1, 0, LETHE_INK_TEXT, "it is %d x %d, 60 x 16 is needed", all.cols,
                         all.rows);
        return;
    }
    if (screen->linear) {
        lethe_view_linear(all, view, screen);
        lethe_view_overlay(lethe_area_part(all, 1, 0, all.rows - 2, all.cols), screen);
        return;
    }
    header(lethe_area_part(all, 0, 0, 1, all.cols), view);
    if (screen->presenting)
        lethe_present_caption(
            lethe_area_part(all, layout.caption_row, 0, screen->caption_rows, all.cols), view);
    panes(all, &layout, view, screen);
    activity(all, layout.slider_row, view);
    lethe_view_sliders(lethe_area_part(all, layout.slider_row + 1, 0, 1, all.cols), view, screen);
    lethe_view_overlay(lethe_area_part(all, 1, 0, layout.slider_row - 1, all.cols), screen);
    command_line(all, layout.line_row, screen);
    if (screen->lesson_rows)
        lethe_view_lesson(lethe_area_part(all, layout.lesson_row, 0, screen->lesson_rows, all.cols),
                          view);
    key_bar(lethe_area_part(all, layout.key_row, 0, 1, all.cols), view, screen);
    if (screen->presenting)
        lethe_present_contrast(canvas);
}

void lethe_view_say(struct lethe_canvas *canvas, const struct lethe_screen *screen,
                    const char *words)
{
    struct lethe_layout layout;
    struct lethe_screen told = *screen;
    struct lethe_area all = lethe_area_all(canvas);
    lethe_layout_make(&layout, canvas->rows, canvas->cols, screen);
    const int y = screen->linear ? canvas->rows - 1 : layout.line_row;
    if (layout.too_small)
        return;
    told.message = words;
    told.message_bad = 0;
    lethe_area_fill(lethe_area_part(all, y, 0, 1, all.cols), ' ', LETHE_INK_TEXT);
    message_line(all, y, &told);
}
