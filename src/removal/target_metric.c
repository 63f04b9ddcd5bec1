/* SPDX-License-Identifier: MIT
 * What the outcomes of a softmax regression are compared in: probabilities. Its Jacobian is the
 * same wherever a step leads, so what is fitted is what is seen; in KL a tenth of the weights loses
 * three hundredths of it more. */
#include "removal/stage_common.h"
#include "removal/target.h"

/* One linear layer, whose units are the logits. */
static int is_regression(const struct lethe_graph *graph)
{
    return lethe_graph_layer_count(graph) == 1 &&
           lethe_graph_layer(graph, 0)->units == lethe_graph_classes(graph) &&
           lethe_stage_plain(graph);
}

enum lethe_err lethe_target_measure(struct lethe_target *target,
                                    const struct lethe_settings *settings,
                                    struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_blanket_curvature *whole = target->whole;
    const struct lethe_snapshot *snapshot = whole->snapshot;
    const size_t size = whole->curvature.size;
    const struct lethe_curvature_options options = {.seed = lethe_stage_seed(settings),
                                                    .probs = LETHE_TARGET_PROBS};
    const struct lethe_curvature_method *ggn = NULL;
    struct lethe_problem *samples = NULL;
    if (!whole->curvature.matrix || whole->curvature.outer || !is_regression(snapshot->graph))
        return LETHE_OK;
    enum lethe_err code = lethe_curvature_find(&ggn, "ggn", err);
    if (!code)
        code =
            lethe_stage_samples(&samples, snapshot, settings,
                                lethe_curvature_count(snapshot, settings, size, 0), LETHE_F64, err);
    if (!code)
        code = lethe_curvature_make(&target->metric, ggn, samples, snapshot->w, &whole->blanket,
                                    &options, watch, err);
    for (size_t i = 0; !code && i < size; i++)
        target->metric.matrix[i * size + i] -= (1 - LETHE_TARGET_PROBS) * target->metric.decay;
    lethe_problem_free(samples);
    return code;
}
