/* SPDX-License-Identifier: MIT
 * Layers: one row per layer, a strip with one cell per unit whose height is the unit's marginal T.
 * Units under the null band are dots, units of the blanket are marked on the line below when there
 * is room for it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ui/term/glyph.h"
#include "ui/view/format.h"
#include "ui/view/pane.h"
#include "ui/view/sentence.h"

static void caption(char *out, size_t room, const struct lethe_view *view, const char *stable)
{
    char band[LETHE_FORMAT_ROOM] = "", text[LETHE_FORMAT_ROOM + 40] = "";
    if (!isnan(view->null_band)) {
        lethe_format_figure(band, view->null_band, LETHE_FIGURE_FRACTION);
        if (view->null_of_many)
            snprintf(text, sizeof text, "null %s of #%zu", band, view->null_sample);
        else
            snprintf(text, sizeof text, "null %s", band);
    }
    snprintf(out, room, "%s%s%s%s", text, *text && view->stability ? " " : "",
             view->stability ? stable : "", view->stability ? view->stability : "");
}

static void put_caption(char *out, size_t room, const struct lethe_view *view,
                        const struct lethe_screen *screen)
{
    (void)screen;
    caption(out, room, view, "stable ");
}

static void put_brief(char *out, size_t room, const struct lethe_view *view,
                      const struct lethe_screen *screen)
{
    (void)screen;
    caption(out, room, view, "st. ");
}

/* Two lines a layer where there is room for the marks of the blanket. */
static int tall_of(struct lethe_area area, const struct lethe_view *view)
{
    return (int)view->layer_count * 2 <= area.rows ? 2 : 1;
}

/* Lines left for layers: the last one explains the marks where it costs none. */
static int rows_of(struct lethe_area area, const struct lethe_view *view)
{
    return (int)view->layer_count * tall_of(area, view) < area.rows ? area.rows - 1 : area.rows;
}

static size_t row_at(struct lethe_area area, int y, const struct lethe_view *view,
                     const struct lethe_screen *screen)
{
    const int tall = tall_of(area, view);
    const size_t row = lethe_pane_top(screen->cursor[LETHE_PANE_LAYERS], view->layer_count,
                                      rows_of(area, view) / tall) +
                       (size_t)(y / tall);
    return row < view->layer_count ? row : (size_t)-1;
}

/* What dots and marks mean, when there are scores. */
static void legend(struct lethe_area area, int y, const struct lethe_view *view)
{
    char text[96];
    if (!view->layer_count || !view->layers[0].scores)
        return;
    if (view->weight_count)
        snprintf(text, sizeof text, "height: %s in the blanket",
                 area.cols >= 46 ? "share of its weights" : "share");
    else if (isnan(view->null_band))
        snprintf(text, sizeof text, "height: T   ▴ in the blanket");
    else
        snprintf(text, sizeof text, "%s   ▴ in the blanket",
                 area.cols >= 50 ? "· no more than chance gives" : "· chance");
    lethe_draw_fit(area, y, 1, area.cols - 2, LETHE_INK_DIM, text);
}

static double highest(const struct lethe_view *view)
{
    double hi = 0;
    for (size_t k = 0; k < view->layer_count; k++)
        for (size_t u = 0; view->layers[k].scores && u < view->layers[k].units; u++)
            hi = fmax(hi, view->layers[k].scores[u]);
    return hi;
}

static void marks(struct lethe_area row, const struct lethe_view_layer *layer)
{
    size_t cells = layer->units < (size_t)row.cols ? layer->units : (size_t)row.cols;
    for (size_t u = 0; u < layer->units && layer->chosen; u++)
        if (layer->chosen[u])
            lethe_draw_glyph(row, 0, (int)(u * cells / layer->units), 0x25b4, LETHE_INK_ACCENT);
}

static void draw(struct lethe_area area, const struct lethe_view *view,
                 const struct lethe_screen *screen)
{
    if (!view->layer_count) {
        lethe_pane_say(area, 0, LETHE_INK_DIM, "no model: load a bundle with ':load PATH'");
        return;
    }
    int wide = 3;
    for (size_t k = 0; k < view->layer_count; k++) {
        int columns = lethe_glyph_columns(view->layers[k].name);
        wide = columns > wide ? columns : wide;
    }
    wide = wide < area.cols / 3 ? wide : area.cols / 3;
    int tall = tall_of(area, view), rows = rows_of(area, view);
    if (rows < area.rows)
        legend(area, area.rows - 1, view);
    double hi = highest(view);
    size_t cursor = screen->cursor[LETHE_PANE_LAYERS];
    size_t top = lethe_pane_top(cursor, view->layer_count, rows / tall);
    for (size_t k = top; k < view->layer_count && (int)(k - top + 1) * tall <= rows; k++) {
        const struct lethe_view_layer *layer = &view->layers[k];
        int y = (int)(k - top) * tall;
        char units[16];
        snprintf(units, sizeof units, "%zu", layer->units);
        lethe_draw_fit(area, y, 1, wide, LETHE_INK_TEXT, layer->name);
        lethe_draw_right(area, y, wide + 6, LETHE_INK_DIM, units);
        if (k == cursor)
            lethe_pane_select(lethe_area_part(area, y, 0, 1, wide + 7), 0, screen,
                              LETHE_PANE_LAYERS);
        struct lethe_area strip = lethe_area_part(area, y, wide + 8, tall, area.cols - wide - 9);
        if (!layer->scores) {
            lethe_draw_text(strip, 0, 0, LETHE_INK_DIM, "not scored");
            continue;
        }
        struct lethe_strip values = {layer->scores, layer->units, hi,
                                     isnan(view->null_band) ? 0 : view->null_band, LETHE_INK_RAMP};
        lethe_chart_strip(strip, &values);
        if (tall == 2)
            marks(lethe_area_part(strip, 1, 0, 1, strip.cols), layer);
    }
}

static size_t layer_rows(const struct lethe_view *view, const struct lethe_screen *screen)
{
    (void)screen;
    return view->layer_count;
}

static void say_layer(struct lethe_sentence *to, const struct lethe_view *view,
                      const struct lethe_screen *screen, size_t k)
{
    (void)screen;
    const struct lethe_view_layer *layer = &view->layers[k];
    size_t best = 0, chosen = 0;
    lethe_say(to, "%s: %zu units", layer->name, layer->units);
    for (size_t u = 0; u < layer->units; u++) {
        chosen += layer->chosen && layer->chosen[u];
        if (layer->scores && (layer->scores[u] > layer->scores[best] || isnan(layer->scores[best])))
            best = u;
    }
    if (!layer->scores) {
        lethe_say(to, ", not scored");
        return;
    }
    lethe_say(to, ", %s is %zu", view->weight_count ? "most in the blanket" : "best", best);
    lethe_say_figure(to, view->weight_count ? "share" : "T", layer->scores[best],
                     LETHE_FIGURE_FRACTION);
    if (layer->scores[best] <= view->null_band)
        lethe_say(to, ", no more than chance gives");
    lethe_say(to, ", %zu in the blanket", chosen);
}

/* Asks why the unit of the layer under the cursor that scores highest was chosen. */
static void why(struct lethe_pane_request *ask, const struct lethe_view *view,
                struct lethe_screen *screen, uint32_t code)
{
    (void)code;
    const size_t at = screen->cursor[LETHE_PANE_LAYERS];
    const struct lethe_view_layer *layer = at < view->layer_count ? &view->layers[at] : NULL;
    size_t best = 0;
    if (!layer || !layer->scores || !layer->units) {
        snprintf(ask->refusal, sizeof ask->refusal, "%s", LETHE_NO_UNIT);
        return;
    }
    for (size_t u = 1; u < layer->units; u++)
        if (layer->scores[u] > layer->scores[best] || isnan(layer->scores[best]))
            best = u;
    snprintf(ask->line, sizeof ask->line, "why %s[%zu]", layer->name, best);
}

static const struct lethe_pane_key keys[] = {
    {'w', 0, "w", "why", "activation against loss of the layer's best unit", "why", why},
    {0},
};

const struct lethe_pane_ops lethe_pane_layers = {
    .name = "layers",
    .title = "Layers",
    .caption = put_caption,
    .draw = draw,
    .rows = layer_rows,
    .at = row_at,
    .brief = put_brief,
    .word = "marginal",
    .keys = keys,
    .say = say_layer,
};
