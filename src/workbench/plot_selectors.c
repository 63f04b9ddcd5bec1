/* SPDX-License-Identifier: MIT
 * What each selector makes of a budget: how many times nearer to retraining, one line a selector.
 */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "workbench/plots.h"

/* before / now of the medians at every budget, ascending; NAN where there is none. */
static enum lethe_err add_line(struct lethe_sheet *sheet, const struct lethe_selector_benchmark *b,
                               const struct lethe_rival *rival, double *x, double *y,
                               struct lethe_error *err)
{
    const int own = rival->order || rival->form; /* colours come again: these have points, too */
    const struct lethe_plot_series line = {.title = rival->name,
                                           .style = own ? LETHE_PLOT_LINE_POINTS : LETHE_PLOT_LINE,
                                           .x = x,
                                           .y = y,
                                           .n = b->budgets.count,
                                           .reference = !strcmp(rival->method, "random")};
    for (size_t k = 0; k < b->budgets.count; k++) {
        const double now = rival->at[k].median;
        x[k] = (double)b->budgets.parameters[k];
        y[k] = now > 0 ? b->before.median / now : NAN;
    }
    return lethe_sheet_series(sheet, &line, err);
}

enum lethe_err lethe_plots_selectors(struct lethe_sheet *sheet,
                                     const struct lethe_selector_benchmark *benchmark,
                                     struct lethe_error *err)
{
    const struct lethe_plot_axis across = {.label = "parameters that may change", .log = 1},
                                 up = {.label = "times nearer to retraining (KL)", .log = 1};
    double x[LETHE_BUDGETS_MOST], y[LETHE_BUDGETS_MOST];
    enum lethe_err code = lethe_sheet_axes(sheet, &across, &up, err);
    for (size_t k = 0; !code && k < benchmark->count; k++)
        code = add_line(sheet, benchmark, &benchmark->rival[k], x, y, err);
    return code;
}
