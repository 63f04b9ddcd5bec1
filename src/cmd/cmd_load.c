/* SPDX-License-Identifier: MIT
 * load: puts a model on the workbench, with its data when it comes in a bundle. */
#include "cmd/commands.h"
#include "workbench/answer_project.h"
#include "workbench/answer_session.h"
#include "workbench/workbench.h"

static enum lethe_err run_load(struct lethe_call *call, struct lethe_error *err)
{
    if (lethe_standing_leave(call, err))
        return LETHE_EARG;
    struct lethe_workbench *wb = call->wb;
    enum lethe_err code = lethe_workbench_load(wb, lethe_args_text(&call->args, "PATH", ""), err);
    if (code)
        return code;
    /* a kept session goes on: its journal begins with a load already */
    call->unnoted = wb->session && lethe_session_note_count(wb->session);
    lethe_put_project(call->out, wb);
    lethe_put_unknown_keys(call->out, wb->project.bundle);
    lethe_put_model_notes(call->out, wb->project.graph);
    lethe_put_idle_classes(call->out, &wb->project);
    lethe_put_data_notes(call->out, &wb->project);
    lethe_standing_put_notes(call->out, wb);
    if (!wb->project.graph)
        lethe_put_note(call->out, "there is no model yet: 'train' makes it");
    return LETHE_OK;
}

static const struct lethe_arg_spec load_args[] = {
    {.name = "PATH",
     .kind = LETHE_ARG_PATH,
     .flags = LETHE_ARG_NEEDED,
     .help = "folder with a bundle.json, a bundle.json, or an ONNX file"},
};

const struct lethe_command lethe_command_load = {
    .name = "load",
    .group = LETHE_GROUP_MODEL,
    .flags = LETHE_NOTED,
    .summary = "Load a model, with its data when it comes in a bundle",
    .detail =
        "Replaces what was on the workbench: forget set, results and history begin anew. When "
        "a session of this model is kept, it continues where it was.",
    .examples =
        "load sample_models/digits-mlp\nload net.onnx; data train.csv; set weight_decay 1e-3",
    LETHE_ARGS(load_args),
    .run = run_load,
};
