/* SPDX-License-Identifier: MIT
 * Stage one: which units, in which order. */
#include "removal/stage_common.h"

#include <string.h>

#include "base/clock.h"

static void release_selected(struct lethe_selected *selected)
{
    lethe_selection_release(&selected->selection);
}
LETHE_SHARED(selected)

static enum lethe_several several(const char *name)
{
    return !strcmp(name, "mean")      ? LETHE_SEVERAL_MEAN
           : !strcmp(name, "stacked") ? LETHE_SEVERAL_STACKED
                                      : LETHE_SEVERAL_UNION;
}

static struct lethe_select_options select_options(const struct lethe_settings *settings)
{
    struct lethe_select_options options = lethe_select_defaults();
    options.max = lethe_settings_count(settings, LETHE_SET_SELECT_MAX);
    options.stop = !strcmp(settings->text[LETHE_SET_SELECT_STOP], "on");
    options.several = several(settings->text[LETHE_SET_SELECT_SEVERAL]);
    options.scaling = strcmp(settings->text[LETHE_SET_SELECT_SCALING], "none") ? LETHE_SCALING_SD
                                                                               : LETHE_SCALING_NONE;
    options.jitter = lethe_settings_real(settings, LETHE_SET_SELECT_JITTER);
    options.seed = lethe_stage_seed(settings);
    options.perturb.count = lethe_settings_count(settings, LETHE_SET_PERTURB_COUNT);
    options.perturb.sigma = lethe_settings_real(settings, LETHE_SET_PERTURB_SIGMA);
    options.perturb.tokens = lethe_settings_count(settings, LETHE_SET_PERTURB_TOKENS);
    options.perturb.seed = lethe_stage_seed(settings);
    return options;
}

enum lethe_err lethe_selected_make(struct lethe_selected **selected,
                                   struct lethe_snapshot *snapshot,
                                   const struct lethe_settings *settings, struct lethe_watch *watch,
                                   struct lethe_error *err)
{
    const double start = lethe_clock();
    const struct lethe_select_options options = select_options(settings);
    const struct lethe_select_method *method;
    const struct lethe_removal *removal = NULL;
    struct lethe_problem *samples = NULL;
    struct lethe_selected *made = lethe_alloc_zero(1, sizeof *made);
    enum lethe_err code =
        made ? lethe_select_find(&method, settings->text[LETHE_SET_SELECT_METHOD], err)
             : lethe_fail_memory(err, "a selection", 1, sizeof *made);
    if (!code)
        code = lethe_snapshot_removal(&removal, snapshot, 0, watch, err);
    if (!code)
        code = lethe_stage_samples(&samples, snapshot, settings, LETHE_F64, err);
    const struct lethe_select_input input = {.graph = snapshot->graph,
                                             .data = snapshot->train,
                                             .w = snapshot->w,
                                             .forget = snapshot->forget.at,
                                             .m = snapshot->forget.count,
                                             .removal = removal,
                                             .curvature = samples};
    if (!code)
        code = lethe_select(&made->selection, method, &input, &options, watch, err);
    lethe_problem_free(samples);
    if (code) {
        lethe_free(made);
        return code;
    }
    made->refs = 1;
    made->seconds = lethe_clock() - start;
    *selected = made;
    return LETHE_OK;
}
