/* SPDX-License-Identifier: MIT
 * A result as aligned text. Scalars of an object stand in two columns; a list of objects, and an
 * object of similar objects, is a table; figures are gathered in one table with the columns
 * before, now, retrain and, where known, sd and z. Nothing is said by colour alone. */
#include "text/result.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/visible.h"
#include "text/grid.h"

struct page {
    struct lethe_text *out;
    struct lethe_look look;
    size_t indent;
};

/* ---- scalars --------------------------------------------------------------------------------- */

static void add_grouped(struct lethe_text *out, int64_t integer, int plain)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRId64, integer);
    size_t length = strlen(digits);
    size_t sign = digits[0] == '-';
    for (size_t i = 0; i < length; i++) {
        if (!plain && i > sign && (length - i) % 3 == 0)
            lethe_text_add(out, ",");
        lethe_text_add_bytes(out, digits + i, 1);
    }
}

static void add_real(struct lethe_text *out, double real, unsigned hints)
{
    if (!isfinite(real))
        lethe_text_add(out, "-");
    else if (hints & LETHE_HINT_PERCENT)
        lethe_text_addf(out, "%.2f%%", 100 * real);
    else if (hints & LETHE_HINT_FIXED)
        lethe_text_addf(out, "%.3f", real + 0.0);
    else if (hints & LETHE_HINT_SECONDS)
        lethe_text_addf(out, real < 10 ? "%.2f s" : "%.0f s", real);
    else
        lethe_text_addf(out, "%.4g", real);
}

/* A bar of ten cells for a share of one. */
static void add_bar(struct lethe_text *out, double share, int ascii)
{
    double clipped = share > 1 ? 1 : share;
    lethe_text_add(out, " ");
    for (int cell = 0; cell < (int)(clipped * 10 + 0.5); cell++)
        lethe_text_add(out, ascii ? "#" : "\u2588");
}

static void add_scalar(struct lethe_text *out, const struct lethe_value *value, int ascii)
{
    switch (value->kind) {
    case LETHE_VALUE_BOOL:
        lethe_text_add(out, value->truth ? "yes" : "no");
        break;
    case LETHE_VALUE_INT:
        add_grouped(out, value->integer, value->hints & LETHE_HINT_PLAIN ? 1 : 0);
        break;
    case LETHE_VALUE_REAL:
        if (value->hints & LETHE_HINT_ABOUT && isfinite(value->real))
            lethe_text_add(out, "~");
        add_real(out, value->real, value->hints);
        if (value->hints & LETHE_HINT_BAR && isfinite(value->real))
            add_bar(out, value->real, ascii);
        break;
    case LETHE_VALUE_TEXT:
        lethe_text_add_visible(out, value->text, "");
        break;
    default:
        lethe_text_add(out, "-");
    }
}

static int is_scalar(const struct lethe_value *value)
{
    return value->kind != LETHE_VALUE_LIST && value->kind != LETHE_VALUE_OBJECT;
}

static int is_right(const struct lethe_value *value)
{
    return (value->kind == LETHE_VALUE_INT || value->kind == LETHE_VALUE_REAL) &&
           !(value->hints & LETHE_HINT_BAR);
}

static int is_figure(const struct lethe_value *value)
{
    return value->kind == LETHE_VALUE_OBJECT && value->hints & LETHE_HINT_FIGURE;
}

static int holds_figures(const struct lethe_value *value)
{
    return value->kind == LETHE_VALUE_OBJECT && value->first && is_figure(value->first);
}

/* Keys are written with '_' in JSON and with blanks on screen. */
static void add_key(struct lethe_text *out, const char *key)
{
    char piece[LETHE_VISIBLE_ROOM];
    while (lethe_visible_next(piece, &key))
        lethe_text_add(out, strcmp(piece, "_") == 0 ? " " : piece);
}

/* ---- tables ---------------------------------------------------------------------------------- */

static void put_scalar(struct lethe_grid *grid, size_t row, size_t column,
                       const struct lethe_value *value, int ascii)
{
    struct lethe_text cell = {0};
    if (is_scalar(value)) {
        add_scalar(&cell, value, ascii);
    } else {
        for (const struct lethe_value *member = value->first; member; member = member->next) {
            add_scalar(&cell, member, ascii);
            if (member->next)
                lethe_text_add(&cell, ", ");
        }
    }
    lethe_grid_set(grid, row, column, lethe_text_get(&cell), is_right(value));
    lethe_text_release(&cell);
}

static size_t column_of(struct lethe_grid *grid, const char *key)
{
    struct lethe_text heading = {0};
    add_key(&heading, key);
    size_t column = lethe_grid_column(grid, lethe_text_get(&heading));
    lethe_text_release(&heading);
    return column;
}

/* A row's own key, as it is. */
static void put_name(struct lethe_grid *grid, size_t row, const char *name)
{
    struct lethe_text shown = {0};
    lethe_text_add_visible(&shown, name, "");
    lethe_grid_set(grid, row, lethe_grid_column(grid, ""), lethe_text_get(&shown), 0);
    lethe_text_release(&shown);
}

/* Rows are objects; when they have keys of their own, those stand in the first column. */
static void add_table(struct page *page, const struct lethe_value *list)
{
    struct lethe_grid grid = {0};
    size_t row = 0;
    for (const struct lethe_value *item = list->first; item; item = item->next, row++) {
        if (item->key)
            put_name(&grid, row, item->key);
        if (is_scalar(item))
            put_scalar(&grid, row, lethe_grid_column(&grid, ""), item, page->look.ascii);
        for (const struct lethe_value *cell = item->first; cell; cell = cell->next)
            if (!(cell->hints & LETHE_HINT_QUIET))
                put_scalar(&grid, row, column_of(&grid, cell->key ? cell->key : ""), cell,
                           page->look.ascii);
    }
    lethe_grid_draw(page->out, &grid, page->indent, page->look.width, page->look.ansi);
    lethe_grid_release(&grid);
}

static void add_figure(struct page *page, struct lethe_grid *grid, const char *group,
                       const struct lethe_value *figure)
{
    static const char *const columns[] = {"before", "now", "retrain", "sd", "z", "says"};
    struct lethe_text name = {0};
    if (group) {
        add_key(&name, group);
        lethe_text_add(&name, " ");
    }
    add_key(&name, figure->key);
    size_t row = grid->rows;
    lethe_grid_set(grid, row, lethe_grid_column(grid, ""), lethe_text_get(&name), 0);
    for (size_t c = 0; c < sizeof columns / sizeof *columns; c++) {
        const struct lethe_value *value = lethe_value_get(figure, columns[c]);
        int known = value && (value->kind == LETHE_VALUE_REAL ? isfinite(value->real)
                                                              : value->kind == LETHE_VALUE_TEXT);
        if (known && c == 5) /* stands behind z, though the first figure may have none */
            lethe_grid_column(grid, columns[4]);
        if ((value && c < 3) || known)
            lethe_grid_column(grid, columns[c]);
        if (known)
            put_scalar(grid, row, lethe_grid_column(grid, columns[c]), value, page->look.ascii);
        else if (value && c < 3)
            lethe_grid_set(grid, row, lethe_grid_column(grid, columns[c]), "-", 1);
    }
    lethe_text_release(&name);
}

/* All figures of an object, its own and those of its members, in one table. */
static void add_figures(struct page *page, const struct lethe_value *object)
{
    struct lethe_grid grid = {0};
    for (const struct lethe_value *member = object->first; member; member = member->next) {
        if (member->hints & LETHE_HINT_QUIET)
            continue;
        if (is_figure(member))
            add_figure(page, &grid, NULL, member);
        else if (holds_figures(member))
            for (const struct lethe_value *figure = member->first; figure; figure = figure->next)
                add_figure(page, &grid, member->key, figure);
    }
    lethe_grid_draw(page->out, &grid, page->indent, page->look.width, page->look.ansi);
    lethe_grid_release(&grid);
}

/* ---- objects --------------------------------------------------------------------------------- */

static void start_block(struct page *page)
{
    if (page->out->length)
        lethe_text_add(page->out, "\n");
}

static void add_heading(struct page *page, const char *key)
{
    lethe_text_add_char(page->out, ' ', page->indent);
    lethe_text_add(page->out, page->look.ansi ? "\033[1m" : "");
    add_key(page->out, key);
    lethe_text_add(page->out, page->look.ansi ? "\033[0m\n" : "\n");
}

/* Bytes up to the next place to break: a blank, or in a word longer than a line its last comma that
 * fits. */
static size_t next_word(const char *text, size_t most)
{
    size_t length = strcspn(text, " ");
    size_t cut = length > most ? most : 0;
    while (cut && text[cut - 1] != ',')
        cut--;
    return cut ? cut : length;
}

/* Words of a sentence, broken before the last column. */
static void add_wrapped(struct page *page, const char *text, size_t indent, size_t column)
{
    size_t width = page->look.width;
    while (*text) {
        size_t length = next_word(text, width > indent ? width - indent : 1);
        char word[256];
        snprintf(word, sizeof word, "%.*s", (int)(length < 255 ? length : 255), text);
        size_t columns = length < 255 ? lethe_text_columns(word) : length;
        if (column > indent && column + 1 + columns > width) {
            lethe_text_add(page->out, "\n");
            lethe_text_add_char(page->out, ' ', indent);
            column = indent;
        } else if (column > indent) {
            lethe_text_add(page->out, " ");
            column++;
        }
        lethe_text_add_bytes(page->out, text, length);
        column += columns;
        text += length;
        text += strspn(text, " ");
    }
    lethe_text_add(page->out, "\n");
}

static int is_table(const struct lethe_value *value)
{
    if (value->kind == LETHE_VALUE_LIST)
        return value->first && (!is_scalar(value->first) || value->hints & LETHE_HINT_WIDE);
    if (value->kind != LETHE_VALUE_OBJECT || !value->first)
        return 0;
    for (const struct lethe_value *member = value->first; member; member = member->next)
        if (member->kind != LETHE_VALUE_OBJECT || is_figure(member))
            return 0;
    return 1;
}

static int on_a_line(const struct lethe_value *value)
{
    return (is_scalar(value) || (value->kind == LETHE_VALUE_LIST && !is_table(value))) &&
           !(value->hints & (LETHE_HINT_QUIET | LETHE_HINT_NOTE | LETHE_HINT_SENTENCE |
                             LETHE_HINT_PAGE | LETHE_HINT_HEADING));
}

static size_t key_columns(const char *key)
{
    struct lethe_text shown = {0};
    add_key(&shown, key);
    const size_t columns = lethe_text_columns(lethe_text_get(&shown));
    lethe_text_release(&shown);
    return columns;
}

static size_t key_width(const struct lethe_value *object)
{
    size_t width = 0;
    for (const struct lethe_value *member = object->first; member; member = member->next)
        if (on_a_line(member) && key_columns(member->key) > width)
            width = key_columns(member->key);
    return width;
}

/* "3, 9-12, 40": three and more in a row are a range; how many there are in the place of many. */
static void add_ids(struct lethe_text *out, const struct lethe_value *list)
{
    enum { MOST = 40, ROW = 3 };
    size_t shown = 0, count = 0;
    for (const struct lethe_value *item = list->first; item; item = item->next)
        count++;
    for (const struct lethe_value *item = list->first; item; item = item->next) {
        const struct lethe_value *last = item;
        size_t row = 1;
        for (; last->next && last->next->integer == last->integer + 1; last = last->next)
            row++;
        lethe_text_add(out, shown ? ", " : "");
        if (shown++ == MOST) {
            lethe_text_addf(out, "... (%zu in all)", count);
            return;
        }
        lethe_text_addf(out, "%lld", (long long)item->integer);
        if (row >= ROW) {
            lethe_text_addf(out, "-%lld", (long long)last->integer);
            item = last;
        }
    }
}

static void add_line(struct page *page, const struct lethe_value *member, size_t width)
{
    struct lethe_text value = {0};
    lethe_text_add_char(page->out, ' ', page->indent);
    lethe_text_add(page->out, page->look.ansi ? "\033[2m" : "");
    add_key(page->out, member->key);
    lethe_text_add(page->out, page->look.ansi ? "\033[0m" : "");
    lethe_text_add_char(page->out, ' ', width + 2 - key_columns(member->key));
    if (is_scalar(member)) {
        add_scalar(&value, member, page->look.ascii);
    } else if (member->hints & LETHE_HINT_IDS && member->first) {
        add_ids(&value, member);
    } else {
        for (const struct lethe_value *item = member->first; item; item = item->next) {
            add_scalar(&value, item, page->look.ascii);
            lethe_text_add(&value, item->next ? ", " : "");
        }
        if (!member->first)
            lethe_text_add(&value, "none");
    }
    add_wrapped(page, lethe_text_get(&value), page->indent + width + 2, page->indent + width + 2);
    lethe_text_release(&value);
}

static void add_note(struct page *page, const char *text)
{
    struct lethe_text shown = {0};
    lethe_text_add_visible(&shown, text, "");
    lethe_text_add_char(page->out, ' ', page->indent);
    add_wrapped(page, lethe_text_get(&shown), page->indent, page->indent);
    lethe_text_release(&shown);
}

static void add_title(struct page *page, const char *text)
{
    const size_t columns = lethe_text_columns(text), width = page->look.width;
    lethe_text_add(page->out, "\n");
    add_note(page, text);
    lethe_text_add_char(page->out, '-', columns < width ? columns : width);
    lethe_text_add(page->out, "\n");
}

static void add_object(struct page *page, const struct lethe_value *object)
{
    size_t width = key_width(object);
    int figures = 0;
    for (const struct lethe_value *member = object->first; member; member = member->next) {
        if (member->hints & LETHE_HINT_QUIET)
            continue;
        if (member->hints & LETHE_HINT_NOTE) {
            add_note(page, member->text);
        } else if (member->hints & LETHE_HINT_HEADING) {
            add_title(page, member->text);
        } else if (member->hints & LETHE_HINT_SENTENCE) {
            start_block(page);
            add_note(page, member->text);
        } else if (member->hints & LETHE_HINT_PAGE) {
            lethe_text_add(page->out, member->text); /* made here, with codes of its own */
        } else if (on_a_line(member)) {
            add_line(page, member, width);
        } else if (is_figure(member) || holds_figures(member)) {
            if (!figures++) {
                start_block(page);
                add_figures(page, object);
                lethe_text_add(page->out, "\n");
            }
        } else if (is_table(member)) {
            start_block(page);
            if (object->first != object->last && !(member->hints & LETHE_HINT_WIDE))
                add_heading(page, member->key);
            add_table(page, member);
        } else if (member->first) {
            start_block(page);
            add_heading(page, member->key);
            page->indent += 2;
            add_object(page, member);
            page->indent -= 2;
        }
    }
}

void lethe_render_text(struct lethe_text *out, const struct lethe_result *result,
                       const struct lethe_look *look)
{
    struct lethe_text body = {0};
    struct page page = {&body, *look, 0};
    if (!page.look.width)
        page.look.width = 80;
    if (is_table(&result->root))
        add_table(&page, &result->root);
    else
        add_object(&page, &result->root);
    lethe_text_add(out, lethe_text_get(&body));
    if (body.failed)
        out->failed = 1;
    lethe_text_release(&body);
}
