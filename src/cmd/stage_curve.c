/* SPDX-License-Identifier: MIT
 * Stage two: curvature of the blanket's parameters. */
#include "cmd/stage.h"

#include <string.h>

#include "base/clock.h"

static void release_curve(struct lethe_curve *curve)
{
    lethe_blanket_release(&curve->blanket);
    lethe_curvature_release(&curve->curvature);
    lethe_removal_release(&curve->removal);
}
LETHE_SHARED(curve)

/* Units of the order as far as their parameters fit into a dense matrix, at least one. */
static enum lethe_err order_blanket(struct lethe_blanket *blanket, const struct lethe_scene *scene,
                                    const struct lethe_selection *selection,
                                    struct lethe_error *err)
{
    size_t *units = lethe_alloc(selection->count, sizeof *units), count = 0, params = 0;
    if (!units)
        return lethe_fail_memory(err, "a blanket", selection->count, sizeof *units);
    for (; count < selection->count; count++) {
        units[count] = selection->picks[count].unit;
        params += lethe_unit_at(scene->graph, units[count]).params;
        if (count && params > LETHE_CURVATURE_DENSE)
            break;
    }
    enum lethe_err code = lethe_blanket_init(blanket, scene->graph, units, count, err);
    lethe_free(units);
    return code;
}

enum lethe_err lethe_curve_make(struct lethe_curve **curve, struct lethe_scene *scene,
                                const struct lethe_chosen *chosen,
                                const struct lethe_settings *settings, struct lethe_watch *watch,
                                struct lethe_error *err)
{
    const double start = lethe_clock();
    const struct lethe_curvature_method *method;
    struct lethe_curvature_options options = {.seed = lethe_stage_seed(settings)};
    struct lethe_problem *samples = NULL;
    struct lethe_curve *made = lethe_alloc_zero(1, sizeof *made);
    enum lethe_err code =
        made ? lethe_curvature_find(&method, settings->text[LETHE_SET_CURVATURE], err)
             : lethe_fail_memory(err, "a curvature", 1, sizeof *made);
    if (code)
        goto out;
    made->refs = 1;
    made->all = !chosen;
    made->extent = chosen ? chosen->selection.count : 0;
    code = chosen ? order_blanket(&made->blanket, scene, &chosen->selection, err)
                  : lethe_blanket_all(&made->blanket, scene->graph, err);
    if (!code)
        code = lethe_stage_removal(&made->removal, scene, 1, watch, err);
    if (!code && made->blanket.count)
        code = lethe_stage_samples(&samples, scene, settings, err);
    options.pull = made->removal.pull;
    options.n = made->removal.n;
    options.m = made->removal.m;
    if (!code && made->blanket.count)
        code = lethe_curvature_make(&made->curvature, method, samples, scene->w, &made->blanket,
                                    &options, watch, err);
out:
    lethe_problem_free(samples);
    if (code) {
        lethe_curve_unref(made);
        return code;
    }
    made->seconds = lethe_clock() - start;
    *curve = made;
    return LETHE_OK;
}

size_t lethe_curve_extent(const struct lethe_scene *scene, const struct lethe_chosen *chosen,
                          const struct lethe_settings *settings)
{
    const size_t most = chosen->selection.count;
    if (lethe_graph_size(scene->graph) <= LETHE_CURVATURE_DENSE)
        return most;
    const size_t wanted = strcmp(settings->text[LETHE_SET_BLANKET], "auto")
                              ? lethe_settings_count(settings, LETHE_SET_BLANKET)
                              : chosen->selection.accepted;
    return wanted < most ? wanted : most;
}

enum lethe_err lethe_curve_wanted(struct lethe_curve **curve, struct lethe_scene *scene,
                                  const struct lethe_chosen *chosen,
                                  const struct lethe_settings *settings, struct lethe_watch *watch,
                                  struct lethe_error *err)
{
    if (!strcmp(settings->text[LETHE_SET_BLANKET], "all"))
        return lethe_curve_make(curve, scene, NULL, settings, watch, err);
    struct lethe_chosen head = *chosen; /* borrows; never released */
    head.selection.count = lethe_curve_extent(scene, chosen, settings);
    return lethe_curve_make(curve, scene, &head, settings, watch, err);
}
