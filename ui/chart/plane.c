/* SPDX-License-Identifier: MIT
 * Three layers, each over the one below. Ground: with 256 colours the class is a tint that grows
 * with its probability; else doubt is a shade. Lines: dots on a grid finer than the cells, 2 x 4 in
 * braille, 1 x 2 in half blocks, 1 x 1 in ASCII; before is dotted, now whole, retrained dashed.
 * Samples: a letter for their class, a disc when they are to be forgotten. */
#include "ui/chart/plane.h"

#include <math.h>

#include "ui/term/glyph.h"

struct frame {
    struct lethe_area area;
    const struct lethe_plane_chart *plane;
    int dots_x, dots_y; /* per cell */
};

/* Of Okabe and Ito (2008), as far as they go. */
static const double colours[][3] = {{0.34, 0.71, 0.91}, {0.90, 0.62, 0.00}, {0.00, 0.75, 0.55},
                                    {0.85, 0.55, 0.75}, {0.94, 0.89, 0.26}, {0.84, 0.45, 0.10},
                                    {0.55, 0.55, 0.95}, {0.70, 0.70, 0.70}, {0.75, 0.35, 0.35},
                                    {0.55, 0.75, 0.30}};
enum { COLOURS = sizeof colours / sizeof *colours };

uint16_t lethe_chart_plane_ink(int label)
{
    const double *c = colours[(size_t)label % COLOURS];
    return lethe_theme_rgb(c[0], c[1], c[2]);
}

/* The same hue as dark as the palette has it, for the ground under light letters. */
static uint16_t deep_ink(int label)
{
    static const short dark[] = {17, 52, 22, 53, 58, 94, 54, 237, 88, 23};
    _Static_assert(sizeof dark / sizeof *dark == COLOURS, "a ground for each colour");
    return (uint16_t)(LETHE_INK_PALETTE + dark[(size_t)label % COLOURS]);
}

uint32_t lethe_chart_plane_letter(int label, size_t classes)
{
    static const char two[] = "ox", many[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    if (classes <= 2)
        return (uint32_t)two[label & 1];
    return label < (int)sizeof many - 1 ? (uint32_t)many[label] : '+';
}

void lethe_chart_plane_point(double at[2], const struct lethe_plane_chart *plane,
                             struct lethe_area area, int y, int x)
{
    const double fx = (x + 0.5) / area.cols, fy = 1 - (y + 0.5) / area.rows;
    at[0] = plane->low[0] + fx * (plane->high[0] - plane->low[0]);
    at[1] = plane->low[1] + fy * (plane->high[1] - plane->low[1]);
}

/* ---- ground ---------------------------------------------------------------------------------- */

static size_t nearest(double at, double low, double high, size_t count)
{
    const double k = round((at - low) / (high - low) * (double)(count - 1));
    return k > 0 ? (k < (double)count ? (size_t)k : count - 1) : 0;
}

/* From 0, as likely as any other class, to 1. */
static double confidence(const struct lethe_plane_chart *plane, size_t k)
{
    const double chance = 1 / (double)(plane->classes ? plane->classes : 1);
    return chance < 1 ? (plane->sure[k] - chance) / (1 - chance) : 1;
}

static void ground_cell(const struct frame *f, int y, int x)
{
    static const uint32_t shades[] = {' ', 0x2591, 0x2592, 0x2593};
    enum { LEVELS = 5 };
    const struct lethe_plane_chart *plane = f->plane;
    double at[2];
    lethe_chart_plane_point(at, plane, f->area, y, x);
    const size_t k = nearest(at[1], plane->low[1], plane->high[1], plane->rows) * plane->cols +
                     nearest(at[0], plane->low[0], plane->high[0], plane->cols);
    const double sure = confidence(plane, k);
    const struct lethe_display display = f->area.canvas->display;
    if (display.colours >= 256) {
        const uint16_t deep = deep_ink(plane->top[k]);
        const int level = (int)fmin(LEVELS - 1, fmax(0, LEVELS * sure));
        lethe_draw_cell(f->area, y, x,
                        level == LEVELS - 1
                            ? (struct lethe_cell){' ', LETHE_INK_TEXT, deep}
                            : (struct lethe_cell){shades[level], deep, LETHE_INK_TEXT});
    } else if (sure < 0.8) {
        const int little = sure < 0.4;
        const uint32_t glyph = display.charset == LETHE_ASCII ? (little ? '=' : '-')
                               : little                       ? 0x2592
                                                              : 0x2591;
        lethe_draw_glyph(f->area, y, x, glyph, LETHE_INK_DIM);
    }
}

static void draw_ground(const struct frame *f)
{
    for (int y = 0; f->plane->top && f->plane->sure && y < f->area.rows; y++)
        for (int x = 0; x < f->area.cols; x++)
            ground_cell(f, y, x);
}

/* ---- lines ----------------------------------------------------------------------------------- */

static const struct style {
    uint16_t ink;
    int period, drawn; /* dots of a dash, of them drawn */
    char mark;
} styles[] = {
    {LETHE_INK_DIM, 3, 1, '.'}, {LETHE_INK_STRONG, 1, 1, '#'}, {LETHE_INK_RETRAIN, 6, 4, '+'}};

/* A cell keeps its paper, and its dots when they are of the same line. */
static void dot(const struct frame *f, int sx, int sy, const struct style *style)
{
    static const unsigned braille[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    const int x = sx / f->dots_x, y = sy / f->dots_y;
    if (sx < 0 || sy < 0 || x >= f->area.cols || y >= f->area.rows)
        return;
    struct lethe_canvas *canvas = f->area.canvas;
    struct lethe_cell cell = canvas->cells[(f->area.y + y) * canvas->cols + f->area.x + x];
    const int own = cell.ink == style->ink;
    if (f->dots_x == 2) {
        const uint32_t base =
            own && cell.glyph >= 0x2800 && cell.glyph < 0x2900 ? cell.glyph : 0x2800;
        cell.glyph = base | braille[sy % 4][sx % 2];
    } else if (f->dots_y == 2) {
        const uint32_t half = sy % 2 ? 0x2584 : 0x2580;
        const int both =
            own && (cell.glyph == 0x2588 ||
                    ((cell.glyph == 0x2584 || cell.glyph == 0x2580) && cell.glyph != half));
        cell.glyph = both ? 0x2588 : half;
    } else {
        cell.glyph = (uint32_t)style->mark;
    }
    cell.ink = style->ink;
    lethe_draw_cell(f->area, y, x, cell);
}

static void segment(const struct frame *f, const double from[2], const double to[2],
                    const struct style *style, int *walked)
{
    const int period = f->dots_x == 2 ? style->period : 1;
    const double length = fmax(fabs(to[0] - from[0]), fabs(to[1] - from[1]));
    const int steps = (int)fmin(ceil(length), 4096);
    for (int k = 1; k <= steps; k++) {
        const double t = (double)k / steps;
        if (*walked % period < style->drawn)
            dot(f, (int)lround(from[0] + t * (to[0] - from[0])),
                (int)lround(from[1] + t * (to[1] - from[1])), style);
        ++*walked;
    }
}

static void draw_line(const struct frame *f, const struct lethe_plane_line *line, int which)
{
    const struct lethe_plane_chart *plane = f->plane;
    double last[2] = {NAN, NAN};
    int walked = 0;
    for (size_t k = 0; line->at && k < line->count; k++) {
        const double *at = line->at + 2 * k;
        const double now[2] = {
            (at[0] - plane->low[0]) / (plane->high[0] - plane->low[0]) * f->area.cols * f->dots_x -
                0.5,
            (plane->high[1] - at[1]) / (plane->high[1] - plane->low[1]) * f->area.rows * f->dots_y -
                0.5};
        if (isfinite(last[0]) && isfinite(now[0]))
            segment(f, last, now, &styles[which], &walked);
        last[0] = now[0];
        last[1] = now[1];
    }
}

static struct frame frame_of(struct lethe_area area, const struct lethe_plane_chart *plane)
{
    const enum lethe_charset charset = area.canvas->display.charset;
    return (struct frame){area, plane, charset == LETHE_BRAILLE ? 2 : 1,
                          charset == LETHE_BRAILLE ? 4
                          : charset == LETHE_ASCII ? 1
                                                   : 2};
}

void lethe_chart_plane_swatch(struct lethe_area row, int which)
{
    const struct frame f = frame_of(row, NULL);
    const int middle = (f.dots_y - 1) / 2;
    const double from[2] = {-1, middle}, to[2] = {3 * f.dots_x - 1, middle};
    int walked = 0;
    segment(&f, from, to, &styles[which], &walked);
}

/* ---- samples --------------------------------------------------------------------------------- */

static void draw_sample(const struct frame *f, size_t k)
{
    const struct lethe_plane_chart *plane = f->plane;
    const double *at = plane->at + 2 * k;
    const int x = (int)((at[0] - plane->low[0]) / (plane->high[0] - plane->low[0]) * f->area.cols);
    const int y = (int)((plane->high[1] - at[1]) / (plane->high[1] - plane->low[1]) * f->area.rows);
    struct lethe_canvas *canvas = f->area.canvas;
    if (x < 0 || y < 0 || x >= f->area.cols || y >= f->area.rows)
        return;
    struct lethe_cell cell = canvas->cells[(f->area.y + y) * canvas->cols + f->area.x + x];
    cell.glyph = lethe_chart_plane_letter(plane->label[k], plane->classes);
    cell.ink =
        canvas->display.colours >= 256 ? lethe_chart_plane_ink(plane->label[k]) : LETHE_INK_TEXT;
    if (plane->mark[k] == LETHE_MARK_GONE)
        cell.ink = LETHE_INK_DIM;
    if (plane->mark[k] == LETHE_MARK_FORGET) {
        cell.glyph = canvas->display.charset == LETHE_ASCII ? '@' : 0x25cf;
        cell.ink = LETHE_INK_FORGET;
    }
    if (k == plane->cursor)
        cell.paper = LETHE_INK_SELECT;
    lethe_draw_cell(f->area, y, x, cell);
}

static void draw_samples(const struct frame *f)
{
    static const unsigned char order[] = {LETHE_MARK_GONE, LETHE_MARK_SAMPLE, LETHE_MARK_FORGET};
    const struct lethe_plane_chart *plane = f->plane;
    for (size_t o = 0; o < sizeof order; o++)
        for (size_t k = 0; k < plane->count; k++)
            if (plane->mark[k] == order[o])
                draw_sample(f, k);
    if (plane->cursor < plane->count)
        draw_sample(f, plane->cursor);
}

void lethe_chart_plane(struct lethe_area area, const struct lethe_plane_chart *plane)
{
    const struct frame f = frame_of(area, plane);
    if (area.rows < 1 || area.cols < 1 || !(plane->high[0] > plane->low[0]) ||
        !(plane->high[1] > plane->low[1]))
        return;
    draw_ground(&f);
    draw_line(&f, &plane->before, 0);
    draw_line(&f, &plane->retrained, 2);
    draw_line(&f, &plane->now, 1);
    draw_samples(&f);
}
