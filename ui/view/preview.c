/* SPDX-License-Identifier: MIT
 * Preview: every figure before | now | after retraining | z. A figure that changed carries a dot, a
 * partial one a tilde, a warning an exclamation mark. The verdict stands below, above when the step
 * makes things worse than doing nothing; notes come last. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/term/glyph.h"
#include "ui/view/format.h"
#include "ui/view/pane.h"
#include "ui/view/sentence.h"

static void put_caption(char *out, size_t room, const struct lethe_view *view,
                        const struct lethe_screen *screen)
{
    (void)screen;
    snprintf(out, room, "%s%s%s", view->form ? view->form : "",
             view->form && view->half ? "  " : "", view->half ? view->half : "");
}

struct columns {
    int before, now, retrain, z; /* right ends */
};

static struct columns columns_of(int cols)
{
    int z = cols - 1, retrain = z - 6, step = cols >= 60 ? 11 : 8;
    int wide = cols >= 60 ? 15 : 11; /* "6.55±.22" needs room */
    return (struct columns){retrain - wide - step, retrain - wide, retrain, z};
}

static int differs(const struct lethe_view_figure *figure)
{
    char before[LETHE_FORMAT_ROOM], now[LETHE_FORMAT_ROOM];
    lethe_format_figure(before, figure->before, figure->kind);
    lethe_format_figure(now, figure->now, figure->kind);
    return !isnan(figure->now) && !isnan(figure->before) && strcmp(before, now) != 0;
}

static uint16_t z_ink(const struct lethe_view_figure *figure)
{
    if (figure->warning || fabs(figure->z) > 2)
        return LETHE_INK_WARN;
    return isnan(figure->z) ? LETHE_INK_TEXT : LETHE_INK_GOOD;
}

/* Mean and spread with as many decimals as the spread has something to say: two significant
 * digits, one where the pane is narrow. */
static void format_retrain(char *out, size_t room, const struct lethe_view_figure *figure,
                           struct lethe_area area)
{
    const char *sign = area.canvas->display.charset == LETHE_ASCII ? "+-" : "±";
    int digits = area.cols >= 60 ? 2 : 1;
    char text[LETHE_FORMAT_ROOM];
    if (isnan(figure->retrain) || !(figure->sd > 0)) {
        lethe_format_figure(text, figure->retrain, figure->kind);
        snprintf(out, room, "%s", text);
        return;
    }
    double scale = figure->kind == LETHE_FIGURE_PERCENT ? 100 : 1;
    int decimals = digits - 1 - (int)floor(log10(figure->sd * scale));
    decimals = decimals < 1 ? 1 : decimals > digits + 2 ? digits + 2 : decimals;
    snprintf(text, sizeof text, "%.*f", decimals, figure->sd * scale);
    int says = strtod(text, NULL) > 0; /* not when the spread rounds to nothing */
    snprintf(out, room, "%.*f%s%s", decimals, figure->retrain * scale, says ? sign : "",
             says ? text + (text[0] == '0' && text[1] == '.') : "");
    if (out[0] == '0' && out[1] == '.')
        memmove(out, out + 1, strlen(out));
}

/* "forget accuracy" becomes "forget acc." where the pane is narrow. */
static void figure_name(struct lethe_area area, int y, int width, const char *name)
{
    static const char tail[] = "accuracy";
    char text[64];
    const char *at = strstr(name, tail);
    if (at && lethe_glyph_columns(name) > width)
        snprintf(text, sizeof text, "%.*sacc.%s", (int)(at - name), name, at + sizeof tail - 1);
    else
        snprintf(text, sizeof text, "%s", name);
    lethe_draw_fit(area, y, 1, width, LETHE_INK_TEXT, text);
}

static void figure_row(struct lethe_area area, int y, const struct lethe_view_figure *figure)
{
    struct columns at = columns_of(area.cols);
    char text[2 * LETHE_FORMAT_ROOM + 4], now[LETHE_FORMAT_ROOM];
    figure_name(area, y, at.before - 7, figure->name);
    lethe_format_figure(text, figure->before, figure->kind);
    lethe_draw_right(area, y, at.before, LETHE_INK_DIM, text);
    lethe_format_figure(now, figure->now, figure->kind);
    if (figure->partial && isnan(figure->now))
        snprintf(text, sizeof text, "…"); /* on its way */
    else
        snprintf(text, sizeof text, "%s%s", figure->partial ? "~" : "", now);
    int changed = differs(figure);
    lethe_draw_right(area, y, at.now, changed ? LETHE_INK_STRONG : LETHE_INK_TEXT, text);
    if (changed)
        lethe_draw_glyph(area, y, at.now, 0x2022, LETHE_INK_ACCENT);
    format_retrain(text, sizeof text, figure, area);
    lethe_draw_right(area, y, at.retrain,
                     isnan(figure->retrain) ? LETHE_INK_DIM : LETHE_INK_RETRAIN, text);
    lethe_format_z(text, figure->z);
    lethe_draw_right(area, y, at.z, z_ink(figure), text);
    if (figure->warning || fabs(figure->z) > 2)
        lethe_draw_glyph(area, y, at.z, '!', LETHE_INK_WARN);
}

static void headings(struct lethe_area area, int y, const struct lethe_view *view)
{
    struct columns at = columns_of(area.cols);
    lethe_draw_right(area, y, at.before, LETHE_INK_DIM, "before");
    lethe_draw_right(area, y, at.now, LETHE_INK_DIM, view->previewed ? "now" : "now (=)");
    lethe_draw_right(area, y, at.retrain, LETHE_INK_DIM, "retrain");
    lethe_draw_right(area, y, at.z, LETHE_INK_DIM, "z");
}

/* The verdict is always there in full; the notes give way to five figures. */
static int verdict_rows(struct lethe_area area, const struct lethe_view *view)
{
    return view->verdict ? lethe_pane_rows(area.cols, view->verdict) : 0;
}

static int note_rows(struct lethe_area area, const struct lethe_view *view)
{
    enum { FIGURES = 5 };
    int rows = view->answers ? lethe_pane_rows(area.cols, view->answers) : 0;
    const int room = area.rows - 1 - verdict_rows(area, view) - FIGURES;
    for (size_t k = 0; k < view->note_count; k++)
        rows += lethe_pane_rows(area.cols, view->notes[k]);
    return rows < room ? rows : room > 0 ? room : 0;
}

/* The figure in large digits above the table, for an audience; NULL: none. */
static const struct lethe_view_figure *large_figure(const struct lethe_view *view,
                                                    const struct lethe_screen *screen)
{
    for (size_t k = 0; screen->presenting && k < view->figure_count; k++)
        if (lethe_present_spots(view, view->figures[k].name))
            return &view->figures[k];
    return NULL;
}

static int large_rows(struct lethe_area area, const struct lethe_view *view,
                      const struct lethe_screen *screen)
{
    return large_figure(view, screen) ? lethe_present_rows(area) : 0;
}

static int preview_first(struct lethe_area area, const struct lethe_view *view,
                         const struct lethe_screen *screen)
{
    return 1 + (view->verdict_bad ? verdict_rows(area, view) : 0) + large_rows(area, view, screen);
}

/* Lines that are left for figures. */
static int preview_lines(struct lethe_area area, const struct lethe_view *view,
                         const struct lethe_screen *screen)
{
    const int rows = area.rows - 1 - verdict_rows(area, view) - note_rows(area, view) -
                     large_rows(area, view, screen);
    return rows > 0 ? rows : 0;
}

/* Lines a figure takes: for an audience every second one stays free when all have room so. */
static int figure_lines(struct lethe_area area, const struct lethe_view *view,
                        const struct lethe_screen *screen)
{
    return screen->presenting && 2 * (int)view->figure_count <= preview_lines(area, view, screen)
               ? 2
               : 1;
}

static int put_verdict(struct lethe_area area, int y, const struct lethe_view *view)
{
    return view->verdict
               ? lethe_pane_say(area, y, view->verdict_bad ? LETHE_INK_BAD : LETHE_INK_STRONG,
                                view->verdict)
               : 0;
}

/* The answers of the figures that several retrains judge, then what must be said besides. */
static void put_notes(struct lethe_area area, int y, const struct lethe_view *view)
{
    if (view->answers && y < area.rows)
        y += lethe_pane_say(area, y, LETHE_INK_TEXT, view->answers);
    for (size_t k = 0; k < view->note_count && y < area.rows; k++) {
        lethe_draw_glyph(area, y, 0, '!', LETHE_INK_WARN);
        y += lethe_pane_say(area, y, LETHE_INK_WARN, view->notes[k]);
    }
}

/* The row that stands out: marked on both sides, so that it does without colour. */
static void spot_row(struct lethe_area area, int y)
{
    lethe_draw_glyph(area, y, 0, 0x25b8, LETHE_INK_WARN);
    lethe_draw_paper(area, y, 1, area.cols - 1, LETHE_INK_SELECT);
}

static void draw(struct lethe_area area, const struct lethe_view *view,
                 const struct lethe_screen *screen)
{
    if (!view->figure_count) {
        lethe_pane_empty(area, view, NULL,
                         view->forgetting
                             ? "press v to see what the removal would do"
                             : "nothing to compare yet: mark samples with ':forget add "
                               "17' or Space in Samples, then press v");
        return;
    }
    int y = view->verdict_bad ? put_verdict(area, 0, view) : 0;
    if (large_rows(area, view, screen))
        y += lethe_present_figure(area, y, large_figure(view, screen));
    headings(area, y++, view);
    const int lines = figure_lines(area, view, screen);
    const int rows = preview_lines(area, view, screen) / lines;
    const size_t cursor = screen->cursor[LETHE_PANE_PREVIEW];
    const size_t top = lethe_pane_top(cursor, view->figure_count, rows);
    for (size_t k = top; k < view->figure_count && (int)(k - top) < rows; k++, y += lines) {
        figure_row(area, y, &view->figures[k]);
        if (lethe_present_spots(view, view->figures[k].name))
            spot_row(area, y);
        if (k == cursor)
            lethe_pane_select(area, y, screen, LETHE_PANE_PREVIEW);
    }
    if (!view->verdict_bad)
        y += put_verdict(area, y, view);
    put_notes(area, y, view);
}

static size_t figure_rows(const struct lethe_view *view, const struct lethe_screen *screen)
{
    (void)screen;
    return view->figure_count;
}

static size_t figure_at(struct lethe_area area, int y, const struct lethe_view *view,
                        const struct lethe_screen *screen)
{
    const int lines = figure_lines(area, view, screen), first = preview_first(area, view, screen);
    if (y < first || (y - first) % lines)
        return (size_t)-1;
    return lethe_pane_row_at((y - first) / lines, 0, preview_lines(area, view, screen) / lines,
                             screen->cursor[LETHE_PANE_PREVIEW], view->figure_count);
}

/* To those who hear the screen the verdict is read first. */
static size_t verdict_count(const struct lethe_view *view)
{
    return view->verdict && view->figure_count ? 1 : 0;
}

static size_t sentences(const struct lethe_view *view, const struct lethe_screen *screen)
{
    (void)screen;
    return view->figure_count ? verdict_count(view) + view->figure_count + view->note_count : 0;
}

static void say_figure_row(struct lethe_sentence *to, const struct lethe_view *view,
                           const struct lethe_screen *screen, size_t k)
{
    (void)screen;
    const size_t first = verdict_count(view);
    if (k < first) {
        lethe_say(to, "%s", view->verdict);
        return;
    }
    k -= first;
    if (k >= view->figure_count) {
        lethe_say(to, "note: %s", view->notes[k - view->figure_count]);
        return;
    }
    const struct lethe_view_figure *figure = &view->figures[k];
    lethe_say(to, "%s", figure->name);
    lethe_say_figure(to, "before", figure->before, figure->kind);
    lethe_say_figure(to, figure->partial ? "now about" : "now", figure->now, figure->kind);
    if (figure->partial && isnan(figure->now))
        lethe_say(to, ", now on its way");
    lethe_say_figure(to, "retrained", figure->retrain, figure->kind);
    lethe_say_figure(to, "z", figure->z, LETHE_FIGURE_FRACTION);
    if (figure->says)
        lethe_say(to, ", %s", figure->says);
    if (figure->warning)
        lethe_say(to, ", warning");
}

static const char *word(const struct lethe_view *view, const struct lethe_screen *screen)
{
    const size_t at = screen->cursor[LETHE_PANE_PREVIEW];
    return at < view->figure_count ? view->figures[at].name : NULL;
}

/* The figure under the cursor stands out from now on, or no longer. */
static void act_spotlight(struct lethe_pane_request *ask, const struct lethe_view *view,
                          struct lethe_screen *screen, uint32_t code)
{
    (void)code;
    const char *figure = word(view, screen);
    if (!figure)
        snprintf(ask->refusal, sizeof ask->refusal, "no figure under the cursor: press v first");
    else
        snprintf(ask->line, sizeof ask->line, "spotlight %s",
                 view->staging.spot && strcmp(view->staging.spot, figure) == 0 ? "off" : figure);
}

static const struct lethe_pane_key keys[] = {
    {.code = 'o',
     .key = "o",
     .help = "make the figure under the cursor stand out; again: no longer",
     .act = act_spotlight},
    {0}};

const struct lethe_pane_ops lethe_pane_preview = {
    .name = "preview",
    .title = "Preview",
    .caption = put_caption,
    .draw = draw,
    .rows = figure_rows,
    .at = figure_at,
    .word = "preview",
    .word_at = word,
    .keys = keys,
    .press = 'e',
    .press_first = 1,
    .sentences = sentences,
    .say = say_figure_row,
};
