/* SPDX-License-Identifier: MIT
 * A comparison on a snapshot of the workbench: which study answers it, and what of that work the
 * workbench can keep. */
#include "workbench/comparison.h"

#include <string.h>

#include "base/alloc.h"
#include "lethe/plot.h"
#include "study/cold_retrains.h"
#include "workbench/plots.h"
#include "workbench/trail.h"
#include "workbench/workbench.h"

void lethe_comparison_free(void *arg)
{
    struct lethe_comparison *c = arg;
    for (size_t i = 0; c->colds && i < c->cold_count; i++)
        lethe_retrained_unref(c->colds[i]);
    lethe_free(c->picture);
    lethe_free(c->colds);
    lethe_free(c->seeds);
    lethe_variants_release(&c->variants);
    lethe_sweep_release(&c->sweep);
    lethe_comparison_base_release(&c->base);
    lethe_training_context_release(&c->training);
    lethe_snapshot_unref(c->origin);
    lethe_free(c->methods);
    lethe_free(c);
}

static enum lethe_err draw_selectors(const struct lethe_comparison *c, struct lethe_watch *watch,
                                     struct lethe_error *err)
{
    struct lethe_sheet *sheet = lethe_sheet_new("Selectors at the same budget", "", err);
    if (!sheet)
        return LETHE_ENOMEM;
    enum lethe_err code = lethe_plots_selectors(sheet, &c->benchmark, err);
    if (!code)
        code = lethe_plot_save(lethe_sheet_plot(sheet), c->picture, watch, err);
    lethe_sheet_unref(sheet);
    return code;
}

static enum lethe_err compare_selectors(struct lethe_comparison *c, struct lethe_watch *watch,
                                        struct lethe_error *err)
{
    enum lethe_err code = lethe_selector_benchmark_run(
        &c->benchmark, c->base.snapshot, &c->base.settings, &c->benchmark_options, watch, err);
    return code || !c->picture ? code : draw_selectors(c, watch, err);
}

enum lethe_err lethe_comparison_run(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_comparison *c = arg;
    const int of_network = c->what == LETHE_COMPARE_METHODS || c->what == LETHE_COMPARE_MASKS ||
                           c->what == LETHE_COMPARE_PROXIMAL;
    enum lethe_err code = of_network ? LETHE_OK : lethe_comparison_base_move(&c->base, watch, err);
    if (code)
        return code;
    if (c->what == LETHE_COMPARE_SELECTORS)
        return compare_selectors(c, watch, err);
    if (c->what == LETHE_COMPARE_PROXIMAL)
        return lethe_proximal_path_make(&c->proximal, &c->base, c->training_seeds, 0, watch, err);
    if (c->what == LETHE_COMPARE_SINGLES)
        return lethe_leave_one_out_run(&c->one_by_one, &c->base, c->samples, &c->budgets,
                                       &c->training, watch, err);
    code = lethe_comparison_base_prepare(&c->base, &c->training, watch, err);
    if (!code && c->cold_count)
        code = lethe_cold_retrains_make(c->colds, c->seeds, c->cold_count, c->base.network,
                                        &c->training, watch, err);
    if (code)
        return code;
    switch (c->what) {
    case LETHE_COMPARE_METHODS:
    case LETHE_COMPARE_MASKS:
        return lethe_method_comparison_run(c->methods, &c->base, c->colds, c->cold_count,
                                           &c->training, &c->methods_options, watch, err);
    case LETHE_COMPARE_LADDER:
        return lethe_approximations_run(&c->variants, &c->base, c->colds, c->cold_count, watch,
                                        err);
    case LETHE_COMPARE_CURVATURES:
        return lethe_curvatures_try(&c->variants, &c->base, watch, err);
    default:
        return lethe_damping_sweep(&c->sweep, &c->base, watch, err);
    }
}

/* What was made on the way and still holds. */
static void adopt_made(struct lethe_workbench *wb, struct lethe_comparison *c)
{
    if (wb->snapshot != c->origin)
        return;
    if (!wb->warm && c->base.warm) {
        wb->warm = lethe_retrained_ref(c->base.warm);
        wb->version++;
    }
    if (!wb->selected && c->base.selected && !c->base.snapshot->of &&
        !memcmp(&wb->settings, &c->base.settings, sizeof wb->settings)) {
        wb->selected = lethe_selected_ref(c->base.selected);
        wb->version++;
    }
}

enum lethe_err lethe_comparison_adopt(struct lethe_workbench *wb, struct lethe_comparison *c,
                                      struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    adopt_made(wb, c);
    for (size_t i = 0; !code && wb->snapshot == c->origin && i < c->cold_count; i++)
        code = lethe_workbench_add_cold(wb, c->colds[i], err);
    if (!code && c->methods && wb->snapshot == c->origin)
        code = lethe_trail_note_table(wb, c->methods, c->what == LETHE_COMPARE_MASKS, err);
    return code;
}

enum lethe_err lethe_comparison_take_colds(struct lethe_comparison *c,
                                           const struct lethe_workbench *wb, size_t k,
                                           struct lethe_error *err)
{
    if (!c->origin->whole)
        return LETHE_OK;
    c->colds = lethe_alloc_zero(k, sizeof *c->colds);
    c->seeds = lethe_alloc(k, sizeof *c->seeds);
    if (!c->colds || !c->seeds)
        return lethe_fail_memory(err, "retrained models", k, sizeof *c->colds);
    for (c->cold_count = 0; c->cold_count < k; c->cold_count++) {
        const size_t i = c->cold_count;
        c->seeds[i] = c->origin->seed + 1 + i;
        for (size_t j = 0; j < wb->cold_count; j++)
            if (wb->colds[j]->seed == c->seeds[i])
                c->colds[i] = lethe_retrained_ref(wb->colds[j]);
    }
    return lethe_workbench_training_context(&c->training, wb, err);
}

enum lethe_err lethe_comparison_take_methods(struct lethe_comparison *c, int tuned, size_t trials,
                                             double budget, struct lethe_error *err)
{
    enum lethe_err code = lethe_snapshot_whole(c->origin, "retraining is", err);
    if (code)
        return code;
    c->methods_options =
        (struct lethe_method_comparison_options){.tuned = tuned,
                                                 .masks = c->what == LETHE_COMPARE_MASKS,
                                                 .trials = trials,
                                                 .budget = budget};
    c->methods = lethe_alloc_zero(1, sizeof *c->methods);
    return c->methods ? LETHE_OK : lethe_fail_memory(err, "a table", 1, sizeof *c->methods);
}
