/* SPDX-License-Identifier: MIT
 * The path of passes as a plot. */
#include "base/alloc.h"
#include "workbench/path_figures.h"
#include "workbench/plots.h"
#include "workbench/workbench.h"

enum lethe_err lethe_plots_path(struct lethe_sheet *sheet, const struct lethe_workbench *wb,
                                struct lethe_error *err)
{
    const struct lethe_path *path = wb->preview ? wb->preview->path : NULL;
    if (!path)
        return lethe_fail(err, LETHE_EARG,
                          "there is no path yet: 'update passes=16; blanket all; preview' first");
    double *x = lethe_alloc(2 * path->count, sizeof *x), *y = x + path->count;
    if (!x)
        return lethe_fail_memory(err, "a path", 2 * path->count, sizeof *x);
    int positive = 1;
    for (size_t k = 0; k < path->count; k++) {
        x[k] = (double)k;
        y[k] = wb->warm ? lethe_path_kl(path, k, wb->warm) : path->at[k].forget_loss;
        positive &= y[k] > 0;
    }
    const char *words = wb->warm ? "KL to retraining" : "forget loss (nats)";
    const struct lethe_plot_axis across = {.label = "iterations after the step"},
                                 up = {.label = words, .log = wb->warm && positive};
    const struct lethe_plot_series line = {
        .title = words, .style = LETHE_PLOT_LINE, .x = x, .y = y, .n = path->count};
    enum lethe_err code = lethe_sheet_axes(sheet, &across, &up, err);
    if (!code)
        code = lethe_sheet_series(sheet, &line, err);
    lethe_free(x);
    return code;
}
