/* SPDX-License-Identifier: MIT
 * The map of a figure over blanket size and damping: cells of equal size, since both scales are
 * lists and one of them begins with 0. A damping rule stands between the rows it lies between, on a
 * logarithmic scale.
 * Check: rows 1e-4 and 1e-2 at 2 and 3: the rule 1e-3 stands at 2.5. */
#include "plot/script.h"

#include <math.h>
#include <stdio.h>

#include "base/alloc.h"

enum { NAME = 16 };

/* Position 1, 2, 3 ... of a damping among the rows; half way above a row of 0. */
static double place(double damping, const double *rows, size_t count)
{
    size_t above = 0;
    while (above < count && rows[above] < damping)
        above++;
    if (above == 0)
        return 1;
    if (above == count)
        return (double)count;
    double low = rows[above - 1], high = rows[above];
    double part = low > 0 ? log(damping / low) / log(high / low) : 0.5;
    return (double)above + (damping == high ? 1 : part);
}

static enum lethe_err mark_points(struct lethe_sheet *sheet, const struct lethe_plot_surface *s,
                                  struct lethe_error *err)
{
    if (s->row >= s->rows || s->column >= s->columns)
        return LETHE_OK;
    double x = (double)(s->column + 1);
    struct lethe_plot_mark mark = {x, (double)(s->row + 1), "now"};
    enum lethe_err code = lethe_sheet_mark(sheet, &mark, err);
    for (size_t i = 0; !code && i < s->rule_count; i++) {
        mark = (struct lethe_plot_mark){x, place(s->rules[i].damping, s->dampings, s->rows),
                                        s->rules[i].label};
        code = lethe_sheet_mark(sheet, &mark, err);
    }
    return code;
}

static enum lethe_err name_axes(struct lethe_sheet *sheet, const struct lethe_plot_surface *s,
                                struct lethe_error *err)
{
    size_t all = s->rows + s->columns;
    char(*texts)[NAME] = lethe_alloc(all, NAME);
    const char **names = lethe_alloc(all, sizeof *names);
    enum lethe_err code = LETHE_ENOMEM;
    if (!texts || !names) {
        lethe_fail_memory(err, "a plot", all, NAME);
        goto out;
    }
    for (size_t i = 0; i < all; i++) {
        names[i] = texts[i];
        if (i < s->columns)
            snprintf(texts[i], NAME, "%zu", s->sizes[i]);
        else
            lethe_script_short(texts[i], NAME, s->dampings[i - s->columns]);
    }
    const struct lethe_plot_axis x = {
        .label = "blanket (units)", .names = names, .name_count = s->columns};
    const struct lethe_plot_axis y = {
        .label = "damping", .names = names + s->columns, .name_count = s->rows};
    code = lethe_sheet_axes(sheet, &x, &y, err);
out:
    lethe_free(texts);
    lethe_free(names);
    return code;
}

enum lethe_err lethe_sheet_surface(struct lethe_sheet *sheet,
                                   const struct lethe_plot_surface *surface,
                                   struct lethe_error *err)
{
    struct lethe_plot_cells cells = {surface->value, surface->rows, surface->columns,
                                     surface->label, 1};
    for (size_t i = 0; i < surface->rows * surface->columns; i++)
        if (surface->value[i] <= 0) /* a change of loss has both signs: no logarithm then */
            cells.log = 0;
    enum lethe_err code = name_axes(sheet, surface, err);
    if (!code)
        code = lethe_sheet_cells(sheet, &cells, err);
    if (!code)
        code = mark_points(sheet, surface, err);
    return code;
}
