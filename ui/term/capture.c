/* SPDX-License-Identifier: MIT
 * Pictures of a canvas: plain text (":save-display", tests), text with terminal colours, and SVG
 * for documents. A run of cells that display alike becomes one code or one element. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "ui/term/canvas.h"
#include "ui/term/glyph.h"

/* Text under construction; data is NULL after a failed allocation and stays so. */
struct text {
    char *data;
    size_t used, room;
};

static void text_add(struct text *text, const char *more, size_t length)
{
    if (text->room && text->used + length + 1 > text->room) {
        size_t room = 2 * (text->used + length + 1);
        char *grown = lethe_realloc(text->data, room, 1);
        if (!grown) {
            lethe_free(text->data);
            *text = (struct text){0};
            return;
        }
        text->data = grown;
        text->room = room;
    }
    if (!text->data)
        return;
    memcpy(text->data + text->used, more, length);
    text->used += length;
    text->data[text->used] = 0;
}

static struct text text_start(size_t room)
{
    struct text text = {lethe_alloc(room, 1), 0, room};
    if (!text.data)
        return (struct text){0};
    text.data[0] = 0;
    return text;
}

__attribute__((format(printf, 2, 3))) static void text_addf(struct text *text, const char *format,
                                                            ...)
{
    char line[256];
    va_list list;
    va_start(list, format);
    int length = vsnprintf(line, sizeof line, format, list);
    va_end(list);
    text_add(text, line, (size_t)length < sizeof line ? (size_t)length : sizeof line - 1);
}

/* What a cell shows: its glyph, or the ASCII twin. The right half of a wide glyph adds nothing in
 * Unicode and a blank in ASCII, where the left half is one character. */
size_t lethe_cell_text(char out[LETHE_CELL_ROOM], const struct lethe_canvas *canvas,
                       struct lethe_cell cell)
{
    if (canvas->display.charset != LETHE_ASCII)
        return cell.glyph ? (size_t)lethe_glyph_encode(out, cell.glyph) : 0;
    out[0] = cell.glyph ? lethe_glyph_ascii(cell.glyph) : ' ';
    out[1] = 0;
    return 1;
}

static const struct lethe_cell *row_of(const struct lethe_canvas *canvas, int y)
{
    return canvas->cells + (size_t)y * (size_t)canvas->cols;
}

static int is_blank(struct lethe_cell cell)
{
    return cell.glyph == ' ';
}

char *lethe_canvas_text(const struct lethe_canvas *canvas)
{
    struct text text = text_start((size_t)canvas->rows * ((size_t)canvas->cols + 1) + 64);
    for (int y = 0; y < canvas->rows; y++) {
        const struct lethe_cell *row = row_of(canvas, y);
        int last = canvas->cols;
        while (last > 0 && is_blank(row[last - 1]))
            last--;
        for (int x = 0; x < last; x++) {
            char out[5] = "";
            size_t length = lethe_cell_text(out, canvas, row[x]);
            text_add(&text, out, length);
        }
        text_add(&text, "\n", 1);
    }
    return text.data;
}

static struct lethe_paint paint_of(const struct lethe_canvas *canvas, struct lethe_cell cell)
{
    return lethe_theme_paint(cell.ink, cell.paper, canvas->display.colours);
}

static int same_paint(struct lethe_paint a, struct lethe_paint b)
{
    return a.fg == b.fg && a.bg == b.bg && a.attributes == b.attributes;
}

size_t lethe_paint_sgr(char out[LETHE_SGR_ROOM], struct lethe_paint paint)
{
    static const struct {
        unsigned attribute;
        const char *code;
    } codes[] = {
        {LETHE_BOLD, ";1"}, {LETHE_FAINT, ";2"}, {LETHE_UNDERLINE, ";4"}, {LETHE_REVERSE, ";7"}};
    size_t used = (size_t)snprintf(out, LETHE_SGR_ROOM, "\033[0");
    for (size_t k = 0; k < sizeof codes / sizeof codes[0]; k++)
        if (paint.attributes & codes[k].attribute)
            used += (size_t)snprintf(out + used, LETHE_SGR_ROOM - used, "%s", codes[k].code);
    if (paint.fg >= 0)
        used += (size_t)snprintf(out + used, LETHE_SGR_ROOM - used, ";38;5;%d", paint.fg);
    if (paint.bg >= 0)
        used += (size_t)snprintf(out + used, LETHE_SGR_ROOM - used, ";48;5;%d", paint.bg);
    return used + (size_t)snprintf(out + used, LETHE_SGR_ROOM - used, "m");
}

static void add_sgr(struct text *text, struct lethe_paint paint)
{
    char code[LETHE_SGR_ROOM];
    text_add(text, code, lethe_paint_sgr(code, paint));
}

char *lethe_canvas_ansi(const struct lethe_canvas *canvas)
{
    struct text text = text_start((size_t)canvas->rows * ((size_t)canvas->cols + 8) + 64);
    const struct lethe_paint plain = {-1, -1, 0};
    for (int y = 0; y < canvas->rows; y++) {
        struct lethe_paint now = plain;
        for (int x = 0; x < canvas->cols; x++) {
            struct lethe_cell cell = row_of(canvas, y)[x];
            struct lethe_paint paint = paint_of(canvas, cell);
            if (!same_paint(paint, now))
                add_sgr(&text, paint);
            now = paint;
            char out[5] = "";
            size_t length = lethe_cell_text(out, canvas, cell);
            text_add(&text, out, length);
        }
        if (!same_paint(now, plain))
            text_add(&text, "\033[0m", 4);
        text_add(&text, "\n", 1);
    }
    return text.data;
}

static void add_escaped(struct text *text, const char *glyph)
{
    const char *safe = *glyph == '&'   ? "&amp;"
                       : *glyph == '<' ? "&lt;"
                       : *glyph == '>' ? "&gt;"
                       : *glyph == ' ' ? "&#160;" /* browsers join blanks */
                                       : glyph;
    text_add(text, safe, strlen(safe));
}

enum { CELL_W = 8, CELL_H = 17 }; /* pixels of one cell in the picture */

static void add_svg_run(struct text *text, const struct lethe_canvas *canvas, int y, int x, int end)
{
    const struct lethe_cell *row = row_of(canvas, y);
    struct lethe_paint paint = paint_of(canvas, row[x]);
    uint32_t fg = paint.fg >= 0 ? lethe_theme_palette(paint.fg) : 0xd8d8d8;
    uint32_t bg = paint.bg >= 0 ? lethe_theme_palette(paint.bg) : 0x16181d;
    int reversed = (paint.attributes & LETHE_REVERSE) != 0;
    if (reversed || paint.bg >= 0)
        text_addf(text, "<rect x='%d' y='%d' width='%d' height='%d' fill='#%06x'/>", x * CELL_W,
                  y * CELL_H, (end - x) * CELL_W, CELL_H, reversed ? fg : bg);
    int first = x;
    while (first < end && is_blank(row[first]))
        first++;
    while (end > first && is_blank(row[end - 1]))
        end--;
    if (first == end)
        return;
    text_addf(text, "<text x='%d' y='%d' textLength='%d' fill='#%06x'%s%s>", first * CELL_W,
              y * CELL_H + 13, (end - first) * CELL_W, reversed ? bg : fg,
              paint.attributes & LETHE_BOLD ? " font-weight='bold'" : "",
              paint.attributes & LETHE_FAINT ? " opacity='.6'" : "");
    for (int k = first; k < end; k++) {
        char out[5] = "";
        if (lethe_cell_text(out, canvas, row[k]))
            add_escaped(text, out);
    }
    text_add(text, "</text>\n", 8);
}

char *lethe_canvas_svg(const struct lethe_canvas *canvas)
{
    struct text text = text_start((size_t)canvas->rows * (size_t)canvas->cols * 8 + 512);
    text_addf(&text,
              "<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%d' "
              "xml:space='preserve' ",
              canvas->cols * CELL_W, canvas->rows * CELL_H);
    text_addf(&text, "font-family='DejaVu Sans Mono,Menlo,Consolas,monospace' font-size='13'>\n"
                     "<rect width='100%%' height='100%%' fill='#16181d'/>\n");
    for (int y = 0; y < canvas->rows; y++) {
        const struct lethe_cell *row = row_of(canvas, y);
        for (int x = 0, end; x < canvas->cols; x = end) {
            for (end = x + 1; end < canvas->cols; end++)
                if (!same_paint(paint_of(canvas, row[x]), paint_of(canvas, row[end])))
                    break;
            add_svg_run(&text, canvas, y, x, end);
        }
    }
    text_add(&text, "</svg>\n", 7);
    return text.data;
}
