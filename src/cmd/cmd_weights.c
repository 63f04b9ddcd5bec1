/* SPDX-License-Identifier: MIT
 * weights: parameters by name from a safetensors file. */
#include "base/alloc.h"
#include "cmd/commands.h"
#include "lethe/onnx.h"
#include "workbench/answer_session.h"
#include "workbench/derived_model.h"

static enum lethe_err run_weights(struct lethe_call *call, struct lethe_error *err)
{
    if (lethe_standing_leave(call, err))
        return LETHE_EARG;
    struct lethe_workbench *wb = call->wb;
    const struct lethe_project *project = &wb->project;
    const char *path = lethe_args_text(&call->args, "PATH", "");
    const size_t size = lethe_graph_size(project->graph) + lethe_graph_buffers(project->graph);
    double *w = lethe_alloc(size, sizeof *w);
    if (!w)
        return lethe_fail_memory(err, "weights", size, sizeof *w);
    enum lethe_err code = lethe_safetensors_load(w, project->graph, path, err);
    if (!code)
        code = lethe_workbench_model(
            wb, project->graph, w, lethe_settings_real(&wb->settings, LETHE_SET_WEIGHT_DECAY), err);
    lethe_free(w);
    if (code)
        return code;
    lethe_put_text(call->out, "path", path);
    lethe_put_count(call->out, "parameters", lethe_graph_size(project->graph));
    lethe_derived_model_note(call->out, wb);
    return LETHE_OK;
}

static const struct lethe_arg_spec weights_args[] = {
    {.name = "PATH",
     .kind = LETHE_ARG_PATH,
     .flags = LETHE_ARG_NEEDED,
     .help = "safetensors file (a PyTorch state dict)"},
};

const struct lethe_command lethe_command_weights = {
    .name = "weights",
    .group = LETHE_GROUP_MODEL,
    .flags = LETHE_NEEDS_MODEL | LETHE_NOTED,
    .summary = "Take the weights from a safetensors file",
    .detail = "By name, every parameter and running statistic of the model or none. Begins a new "
              "history.",
    .examples = "weights epoch12.safetensors",
    LETHE_ARGS(weights_args),
    .run = run_weights,
};
