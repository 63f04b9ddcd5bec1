/* SPDX-License-Identifier: MIT
 * Blanket: units in the order they were selected, with what decided it (T for one sample; for
 * several how many chose the unit, then the gain summed over them); a cut line at the current size;
 * runners-up below it, dimmed; a dotted line where the selection itself stopped. */
#include <math.h>
#include <stdio.h>

#include "ui/term/glyph.h"
#include "ui/term/key.h"
#include "ui/view/format.h"
#include "ui/view/pane.h"
#include "ui/view/sentence.h"

static void put_caption(char *out, size_t room, const struct lethe_view *view,
                        const struct lethe_screen *screen)
{
    (void)screen;
    if (view->blanket_all)
        snprintf(out, room, "all units");
    else if (view->weight_count)
        snprintf(out, room, "%zu of %zu weights", view->weights, view->params);
    else if (view->blanket_units)
        snprintf(out, room, "%zu of %zu units", view->blanket_size, view->blanket_units);
}

/* The same without the words between. */
static void put_brief(char *out, size_t room, const struct lethe_view *view,
                      const struct lethe_screen *screen)
{
    if (!view->weight_count || view->blanket_all)
        put_caption(out, room, view, screen);
    else
        snprintf(out, room, "%zu/%zu weights", view->weights, view->params);
}

/* Right ends of the columns; 0: there is no room for it, or nothing to say. */
struct columns {
    int name, votes, score, bar, reach, stable;
};

static struct columns columns_of(int cols, const struct lethe_view *view)
{
    struct columns at = {0};
    int end = cols - 1;
    const int known = view->blanket_count && view->blanket[0].runs > 0;
    at.name = 5 + (cols >= 44 || view->weight_count ? 18 : 12); /* "fc1[17]: 12 of 785" */
    if (view->deciding > 1)
        at.votes = at.name + 7;
    at.score = (at.votes ? at.votes : at.name) + 6;
    if (known && cols >= 40) {
        at.stable = end;
        end -= 7;
    }
    if (view->blanket_count && !isnan(view->blanket[0].reach) && end - at.score >= 7) {
        at.reach = end;
        end -= 7;
    }
    at.bar = end - at.score - 1 >= 4 ? end : 0;
    return at;
}

static void heading_row(struct lethe_area area, const struct lethe_view *view)
{
    const struct columns at = columns_of(area.cols, view);
    lethe_draw_text(area, 0, 5, LETHE_INK_DIM, "unit");
    if (at.votes)
        lethe_draw_right(area, 0, at.votes, LETHE_INK_DIM, "chosen by");
    lethe_draw_right(area, 0, at.score, LETHE_INK_DIM,
                     view->score_name ? view->score_name : "score");
    if (at.reach)
        lethe_draw_right(area, 0, at.reach, LETHE_INK_DIM, "reach");
    if (at.stable)
        lethe_draw_right(area, 0, at.stable, LETHE_INK_DIM, "stable");
}

/* "12 %", an estimate "~12 %". */
static void put_reach(char *out, size_t room, const struct lethe_view_unit *unit)
{
    snprintf(out, room, "%s%.0f %%", unit->reach_is_estimate ? "~" : "", 100 * unit->reach);
}

/* The bar is as long as what orders the units: the samples that chose one, or its score. */
static double bar_of(const struct lethe_view *view, const struct lethe_view_unit *unit, double hi)
{
    if (view->deciding > 1)
        return (double)unit->votes / (double)view->deciding;
    return hi > 0 && unit->gain > 0 ? unit->gain / hi : 0;
}

static void unit_row(struct lethe_area area, int y, const struct lethe_view *view, size_t k,
                     double hi)
{
    const struct lethe_view_unit *unit = &view->blanket[k];
    const struct columns at = columns_of(area.cols, view);
    const int taken = k < view->blanket_size;
    const uint16_t ink = taken ? LETHE_INK_TEXT : LETHE_INK_DIM;
    char text[LETHE_FORMAT_ROOM];
    snprintf(text, sizeof text, "%zu", k + 1);
    lethe_draw_right(area, y, 4, LETHE_INK_DIM, text);
    char words[96];
    if (view->weight_count)
        snprintf(words, sizeof words, "%s: %zu of %zu", unit->name, unit->parameters, unit->of);
    lethe_draw_fit(area, y, 5, at.name - 6, ink, view->weight_count ? words : unit->name);
    if (at.votes) {
        snprintf(text, sizeof text, "%zu/%zu", unit->votes, view->deciding);
        lethe_draw_right(area, y, at.votes, ink, text);
    }
    lethe_format_figure(text, unit->gain, LETHE_FIGURE_FRACTION);
    lethe_draw_right(area, y, at.score, ink, text);
    if (at.bar)
        lethe_chart_bar(lethe_area_part(area, y, at.score + 1, 1, at.bar - at.score - 1),
                        bar_of(view, unit, hi), taken ? LETHE_INK_ACCENT : LETHE_INK_DIM);
    if (at.reach && !isnan(unit->reach)) {
        put_reach(text, sizeof text, unit);
        lethe_draw_right(area, y, at.reach, ink, text);
    }
    if (at.stable) {
        snprintf(text, sizeof text, "%zu/%zu", unit->times, unit->runs);
        lethe_draw_right(area, y, at.stable, LETHE_INK_DIM, text);
    }
}

/* The same of single weights, which stand by their units. */
static void weights_text(char *out, size_t room, const struct lethe_view *view, int cols)
{
    const size_t weights = view->weights, units = view->blanket_count;
    const char *plural = units == 1 ? "" : "s";
    const struct lethe_view_unit measured = {.reach = view->weights_reach,
                                             .reach_is_estimate = view->weights_reach_is_estimate};
    char reach[24];
    snprintf(out, room, " %zu weights of %zu unit%s ", weights, units, plural);
    if (isnan(measured.reach))
        return;
    put_reach(reach, sizeof reach, &measured);
    snprintf(out, room, " %zu weights of %zu unit%s, reach %s ", weights, units, plural, reach);
    if (lethe_glyph_columns(out) > cols)
        snprintf(out, room, " %zu weights, reach %s ", weights, reach);
}

/* The rule between what is taken and what is not: its size, and what it can do where that is known,
 * in words or shorter. */
static void cut_text(char *out, size_t room, const struct lethe_view *view, int cols)
{
    const size_t units = view->blanket_size, parameters = view->blanket_params;
    const struct lethe_view_unit *last = units ? &view->blanket[units - 1] : NULL;
    char reach[24];
    const char *plural = units == 1 ? "" : "s";
    if (!last || isnan(last->reach)) {
        snprintf(out, room, " %zu unit%s, %zu parameter%s ", units, plural, parameters,
                 parameters == 1 ? "" : "s");
        return;
    }
    put_reach(reach, sizeof reach, last);
    snprintf(out, room, " %zu unit%s, %zu parameters, reach %s ", units, plural, parameters, reach);
    if (lethe_glyph_columns(out) > cols)
        snprintf(out, room, " %zu unit%s, reach %s ", units, plural, reach);
}

/* That rule, and the one where the selection stopped. */
static void cut_row(struct lethe_area area, int y, const struct lethe_view *view, size_t size)
{
    if (size == view->blanket_size) {
        char text[96];
        if (view->weight_count)
            weights_text(text, sizeof text, view, area.cols - 4);
        else
            cut_text(text, sizeof text, view, area.cols - 4);
        for (int x = 1; x < area.cols - 1; x++)
            lethe_draw_glyph(area, y, x, 0x2501, LETHE_INK_ACCENT);
        lethe_draw_fit(area, y, 3, area.cols - 4, LETHE_INK_ACCENT, text);
        return;
    }
    for (int x = 1; x < area.cols - 1; x++)
        lethe_draw_glyph(area, y, x, 0x254c, LETHE_INK_DIM);
    lethe_draw_fit(area, y, 3, area.cols - 4, LETHE_INK_DIM, " the selection stops here ");
}

/* Units the selection itself chose, before its stop rule. */
static size_t natural_size(const struct lethe_view *view)
{
    size_t k = 0;
    while (k < view->blanket_count && !view->blanket[k].after_stop)
        k++;
    return k;
}

/* Rows of the list below the heading: the two rules need a line each. */
static int list_rows(struct lethe_area area)
{
    return area.rows - 1 - 2;
}

static size_t row_at(struct lethe_area area, int y, const struct lethe_view *view,
                     const struct lethe_screen *screen)
{
    size_t k =
        lethe_pane_top(screen->cursor[LETHE_PANE_BLANKET], view->blanket_count, list_rows(area));
    for (int line = 1; k < view->blanket_count; k++, line++) {
        line += k == view->blanket_size || k == natural_size(view); /* the rule before it */
        if (line == y)
            return k;
        if (line > y)
            break;
    }
    return (size_t)-1;
}

static void draw(struct lethe_area area, const struct lethe_view *view,
                 const struct lethe_screen *screen)
{
    if (!view->blanket_count) {
        if (view->stopped)
            lethe_pane_say(area, 0, LETHE_INK_DIM, view->stopped);
        else if (view->unlearning && !view->masked)
            lethe_pane_say(area, 0, LETHE_INK_DIM,
                           "the method that is set changes weights without a blanket; m chooses "
                           "another");
        else
            lethe_pane_empty(
                area, view, NULL,
                view->blanket_all  ? "the step may change every weight: no selection is needed; s "
                                     "scores the units all the same"
                : view->forgetting ? "no selection yet: press s, or v for the preview too"
                                   : "no selection yet: choose what to forget first");
        return;
    }
    double hi = 0;
    for (size_t k = 0; k < view->blanket_count; k++)
        hi = fmax(hi, view->blanket[k].gain);
    size_t natural = natural_size(view), cursor = screen->cursor[LETHE_PANE_BLANKET];
    size_t top = lethe_pane_top(cursor, view->blanket_count, list_rows(area));
    int y = 1;
    heading_row(area, view);
    for (size_t k = top; k <= view->blanket_count && y < area.rows; k++) {
        int at_cut = k == view->blanket_size, at_stop = k == natural && k < view->blanket_count;
        if (at_cut || at_stop)
            cut_row(area, y++, view, k);
        if (k == view->blanket_count)
            break;
        unit_row(area, y, view, k, hi);
        if (k == cursor)
            lethe_pane_select(area, y, screen, LETHE_PANE_BLANKET);
        y++;
    }
}

static size_t blanket_rows(const struct lethe_view *view, const struct lethe_screen *screen)
{
    (void)screen;
    return view->blanket_count;
}

static void say_unit(struct lethe_sentence *to, const struct lethe_view *view,
                     const struct lethe_screen *screen, size_t k)
{
    (void)screen;
    const struct lethe_view_unit *unit = &view->blanket[k];
    if (view->weight_count) {
        lethe_say(to, "%s: %zu of %zu weights taken", unit->name, unit->parameters, unit->of);
        return;
    }
    lethe_say(to, "%zu: %s, %s", k + 1, unit->name, k < view->blanket_size ? "taken" : "not taken");
    if (view->deciding > 1)
        lethe_say(to, ", chosen by %zu of %zu samples", unit->votes, view->deciding);
    lethe_say_figure(to, view->score_name ? view->score_name : "score", unit->gain,
                     LETHE_FIGURE_FRACTION);
    lethe_say_figure(to, "reach", unit->reach, LETHE_FIGURE_FRACTION);
    if (unit->runs)
        lethe_say(to, ", selected again in %zu of %zu runs", unit->times, unit->runs);
    if (unit->after_stop)
        lethe_say(to, ", after the selection stopped");
}

static const char *word(const struct lethe_view *view, const struct lethe_screen *screen)
{
    (void)screen;
    return view->blanket_count ? view->score_name : NULL;
}

static void why(struct lethe_pane_request *ask, const struct lethe_view *view,
                struct lethe_screen *screen, uint32_t code)
{
    (void)code;
    const size_t at = screen->cursor[LETHE_PANE_BLANKET];
    if (at < view->blanket_count)
        snprintf(ask->line, sizeof ask->line, "why %s", view->blanket[at].name);
    else
        snprintf(ask->refusal, sizeof ask->refusal, "%s", LETHE_NO_UNIT);
}

/* The blanket ends at the unit under the cursor. */
static void take(struct lethe_pane_request *ask, const struct lethe_view *view,
                 struct lethe_screen *screen, uint32_t code)
{
    (void)code;
    if (view->weight_count)
        snprintf(ask->refusal, sizeof ask->refusal,
                 "a blanket of single weights has no last unit: the arrows or "
                 "':blanket 10%%' set its size");
    else
        lethe_pane_slide(ask, LETHE_SLIDER_BLANKET,
                         (long)screen->cursor[LETHE_PANE_BLANKET] + 1 - (long)view->blanket_size);
}

static const struct lethe_pane_key keys[] = {
    {LETHE_KEY_ENTER, 0, "Enter", NULL, "make the blanket end at this unit", NULL, take},
    {'w', 0, "w", "why", "activation against loss of the unit under the cursor", "why", why},
    {0},
};

const struct lethe_pane_ops lethe_pane_blanket = {
    .name = "blanket",
    .title = "Blanket",
    .caption = put_caption,
    .brief = put_brief,
    .draw = draw,
    .rows = blanket_rows,
    .at = row_at,
    .word = "blanket",
    .word_at = word,
    .keys = keys,
    .press = LETHE_KEY_ENTER,
    .say = say_unit,
};
