/* SPDX-License-Identifier: MIT
 * The path of passes as a plot; while they are made, as far as it goes. */
#include <math.h>

#include "base/alloc.h"
#include "workbench/path_figures.h"
#include "workbench/plots.h"
#include "workbench/workbench.h"

static enum lethe_err draw(struct lethe_sheet *sheet, const struct lethe_path *path, size_t count,
                           const struct lethe_workbench *wb, struct lethe_error *err)
{
    const struct lethe_evaluation *before = wb->preview ? &wb->preview->before : NULL;
    enum { NUMBERS = 12 }; /* along the axis */
    double *x = lethe_alloc(2 * count, sizeof *x);
    if (!x)
        return lethe_fail_memory(err, "a path", 2 * count, sizeof *x);
    double *const y = x + count;
    int positive = 1;
    for (size_t k = 0; k < count; k++) {
        const double kl = lethe_path_figures(path, k, before, wb->warm).kl;
        x[k] = (double)k;
        y[k] = isnan(kl) ? path->at[k].forget_loss : kl;
        positive &= !isnan(kl) && kl > 0;
    }
    const int distance = !isnan(lethe_path_figures(path, 0, before, wb->warm).kl);
    const char *words = distance ? "KL to retraining" : "forget loss (nats)";
    const struct lethe_plot_axis across = {.label = "iterations after the step",
                                           .step = ceil((double)count / NUMBERS)},
                                 up = {.label = words, .log = positive};
    const struct lethe_plot_series line = {.style = LETHE_PLOT_LINE, .x = x, .y = y, .n = count};
    enum lethe_err code = lethe_sheet_axes(sheet, &across, &up, err);
    if (!code)
        code = lethe_sheet_series(sheet, &line, err);
    lethe_free(x);
    return code;
}

enum lethe_err lethe_plots_path(struct lethe_sheet *sheet, const struct lethe_workbench *wb,
                                struct lethe_error *err)
{
    struct lethe_path *path = lethe_workbench_path(wb);
    const size_t count = path ? path->count : 0;
    enum lethe_err code =
        count ? draw(sheet, path, count, wb, err)
              : lethe_fail(err, LETHE_EARG,
                           "there is no path yet: 'update passes=16; blanket all; preview' first");
    lethe_path_unref(path);
    return code;
}
