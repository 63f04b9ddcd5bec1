/* SPDX-License-Identifier: MIT
 * Stage one: which units, in which order. */
#include "removal/stage_common.h"

#include <string.h>

#include "base/clock.h"

static void release_chosen(struct lethe_chosen *chosen)
{
    lethe_selection_release(&chosen->selection);
}
LETHE_SHARED(chosen)

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

enum lethe_err lethe_chosen_make(struct lethe_chosen **chosen, struct lethe_scene *scene,
                                 const struct lethe_settings *settings, struct lethe_watch *watch,
                                 struct lethe_error *err)
{
    const double start = lethe_clock();
    const struct lethe_select_options options = select_options(settings);
    const struct lethe_select_method *method;
    struct lethe_removal removal = {0};
    struct lethe_problem *samples = NULL;
    struct lethe_chosen *made = lethe_alloc_zero(1, sizeof *made);
    enum lethe_err code =
        made ? lethe_select_find(&method, settings->text[LETHE_SET_SELECT_METHOD], err)
             : lethe_fail_memory(err, "a selection", 1, sizeof *made);
    if (!code)
        code = lethe_stage_removal(&removal, scene, 0, watch, err);
    if (!code)
        code = lethe_stage_samples(&samples, scene, settings, err);
    const struct lethe_select_input input = {.graph = scene->graph,
                                             .data = scene->train,
                                             .w = scene->w,
                                             .forget = scene->forget.at,
                                             .m = scene->forget.count,
                                             .removal = &removal,
                                             .curvature = samples};
    if (!code)
        code = lethe_select(&made->selection, method, &input, &options, watch, err);
    lethe_removal_release(&removal);
    lethe_problem_free(samples);
    if (code) {
        lethe_free(made);
        return code;
    }
    made->refs = 1;
    made->seconds = lethe_clock() - start;
    *chosen = made;
    return LETHE_OK;
}
