/* SPDX-License-Identifier: MIT
 * info: what is on the workbench: sizes, precision, session, and what a reader should know of it.
 */
#include "cmd/commands.h"
#include "tensor/blas.h"
#include "workbench/answer_project.h"
#include "workbench/answer_session.h"
#include "workbench/closing.h"
#include "workbench/workbench.h"

static void put_data(struct lethe_value *out, const struct lethe_workbench *wb)
{
    const struct lethe_project *project = &wb->project;
    if (!project->train)
        return;
    struct lethe_text shape = {0};
    for (size_t axis = 0; axis < lethe_dataset_ndim(project->train); axis++)
        lethe_text_addf(&shape, "%s%zu", axis ? "x" : "", lethe_dataset_dim(project->train, axis));
    lethe_put_count(out, "train", lethe_dataset_count(project->train));
    lethe_put_count(out, "heldout", project->heldout ? lethe_dataset_count(project->heldout) : 0);
    lethe_put_text(out, "sample", lethe_text_get(&shape));
    lethe_put_count(out, "classes", lethe_dataset_classes(project->train));
    lethe_put_count(out, "trained_on", project->trained_on);
    lethe_put_count(out, "forgotten", project->removed.count);
    lethe_put_count(out, "forget", project->forget.count);
    lethe_put_count(out, "generated", project->bundle ? project->bundle->generated.count : 0);
    lethe_text_release(&shape);
}

static enum lethe_err run_info(struct lethe_call *call, struct lethe_error *err)
{
    (void)err;
    const struct lethe_workbench *wb = call->wb;
    const struct lethe_graph *graph = wb->project.graph;
    struct lethe_value *out = call->out;
    lethe_put_text(out, "model", wb->project.name);
    lethe_put_text(out, "path", wb->project.path);
    if (graph) {
        size_t layers = lethe_graph_layer_count(graph);
        lethe_put_count(out, "parameters", lethe_graph_size(graph));
        lethe_put_count(out, "layers", layers);
        lethe_put_count(out, "units", lethe_unit_count(graph));
        lethe_put_count(out, "classes", lethe_graph_classes(graph));
        lethe_put_text(out, "output", lethe_graph_end_text(lethe_graph_end(graph)));
        lethe_put_text(out, "file_precision", lethe_graph_stored(graph));
        lethe_put_text(out, "precision",
                       lethe_graph_passes(graph) == LETHE_F64
                           ? "float64; perturbation in float32, solves in float64"
                           : "float32 with sums in float64, solves in float64");
        if (lethe_graph_corner(graph) > 0)
            lethe_put_real(out, "round_corners", lethe_graph_corner(graph));
    }
    put_data(out, wb);
    lethe_put_real(out, "weight_decay", lethe_settings_real(&wb->settings, LETHE_SET_WEIGHT_DECAY));
    lethe_put_text(out, "processor", lethe_blas_core());
    if (wb->session) {
        lethe_put_text(out, "head", lethe_state_id(lethe_session_head(wb->session)));
        lethe_standing_put(out, wb);
    }
    lethe_put_model_notes(out, graph);
    lethe_put_idle_classes(out, &wb->project);
    lethe_put_data_notes(out, &wb->project);
    struct lethe_text closing = {0};
    lethe_closing_info(&closing, wb);
    lethe_hint(lethe_put_text(out, "summary", lethe_text_get(&closing)), LETHE_HINT_SENTENCE);
    lethe_text_release(&closing);
    return LETHE_OK;
}

const struct lethe_command lethe_command_info = {
    .name = "info",
    .group = LETHE_GROUP_MODEL,
    .summary = "Tell what is on the workbench",
    .run = run_info,
};
