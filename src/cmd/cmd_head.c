/* SPDX-License-Identifier: MIT
 * head: a linear classifier on top of a network that ends in features. */
#include "base/alloc.h"
#include "cmd/commands.h"
#include "workbench/answer_session.h"
#include "workbench/derived_model.h"

static enum lethe_err run_head(struct lethe_call *call, struct lethe_error *err)
{
    if (lethe_standing_leave(call, err))
        return LETHE_EARG;
    struct lethe_workbench *wb = call->wb;
    const size_t classes = lethe_args_count(&call->args, "CLASSES", 0);
    struct lethe_graph *made = NULL;
    double *w = NULL;
    const int other = lethe_graph_classes(wb->project.graph) != classes; /* than it was made for */
    enum lethe_err code =
        lethe_graph_head(&made, &w, wb->project.graph, wb->project.w, classes,
                         lethe_settings_count(&wb->settings, LETHE_SET_SEED), err);
    if (!code)
        code = lethe_workbench_model(
            wb, made, w, lethe_settings_real(&wb->settings, LETHE_SET_WEIGHT_DECAY), err);
    if (!code && other && wb->project.features == LETHE_FEATURES_UNKNOWN)
        wb->project.features = LETHE_FEATURES_GIVEN;
    if (!code) {
        lethe_put_count(call->out, "classes", classes);
        lethe_put_count(call->out, "parameters", lethe_graph_size(made));
        lethe_put_count(call->out, "units", lethe_unit_count(made));
        lethe_put_note(call->out, "its weights are fresh: 'train head' (it alone) or 'train "
                                  "continue' before anything is forgotten");
        lethe_derived_model_note(call->out, wb);
    }
    lethe_graph_unref(made);
    lethe_free(w);
    return code;
}

static const struct lethe_arg_spec head_args[] = {
    {.name = "CLASSES",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_NEEDED,
     .min = 2,
     .max = 100000,
     .help = "classes to tell apart: people, writers, ..."},
};

const struct lethe_command lethe_command_head = {
    .name = "head",
    .group = LETHE_GROUP_MODEL,
    .flags = LETHE_NEEDS_MODEL | LETHE_NOTED,
    .summary = "Put a linear classifier on the model's output",
    .detail = "For networks that end in features, as those for faces and people do: with a head, "
              "identities are classes and can be forgotten. Begins a new history. The head's "
              "weights are drawn from the seed.",
    .examples = "head 40; train head",
    LETHE_ARGS(head_args),
    .run = run_head,
};
