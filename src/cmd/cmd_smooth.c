/* SPDX-License-Identifier: MIT
 * smooth: rounds the corners of the network's rectifiers. */
#include "base/alloc.h"
#include "workbench/answer_session.h"
#include "cmd/commands.h"
#include "workbench/derived_model.h"

static enum lethe_err run_smooth(struct lethe_call *call, struct lethe_error *err)
{
    if (lethe_standing_leave(call, err))
        return LETHE_EARG;
    struct lethe_workbench *wb = call->wb;
    const double width = lethe_args_real(&call->args, "WIDTH", 0);
    const double before = lethe_graph_corner(wb->project.graph);
    struct lethe_graph *made = NULL;
    double *w = NULL;
    enum lethe_err code =
        lethe_graph_smooth(&made, &w, wb->project.graph, wb->project.w, width, err);
    if (!code)
        code = lethe_workbench_model(
            wb, made, w, lethe_settings_real(&wb->settings, LETHE_SET_WEIGHT_DECAY), err);
    if (!code) {
        lethe_put_real(call->out, "width_before", before);
        lethe_put_real(call->out, "width", lethe_graph_corner(made));
        lethe_put_real(call->out, "raised_by_at_most", lethe_graph_corner(made) / 4);
        lethe_put_note(call->out, "the weights are the same, the minimum is not: 'train continue' "
                                  "before anything is forgotten");
        lethe_derived_model_note(call->out, wb);
    }
    lethe_graph_unref(made);
    lethe_free(w);
    return code;
}

static const struct lethe_arg_spec smooth_args[] = {
    {.name = "WIDTH",
     .kind = LETHE_ARG_REAL,
     .flags = LETHE_ARG_NEEDED | LETHE_ARG_OPEN,
     .max = 1e6,
     .help = "half width of the corner, in what a Relu is given (0.01 is little)"},
};

const struct lethe_command lethe_command_smooth = {
    .name = "smooth",
    .group = LETHE_GROUP_MODEL,
    .flags = LETHE_NEEDS_MODEL | LETHE_NOTED,
    .summary = "Round the corners of the network's Relus",
    .detail =
        "A network with Relus has the minimum of its objective on many of their corners, where "
        "the gradient jumps and never becomes 0: training does not end, and no curvature sees "
        "the corners. With a round corner the slope goes from 0 to 1 in a straight line over "
        "(-WIDTH, WIDTH), the output is at most WIDTH/4 higher, and training ends at a gradient "
        "of 0. 'export' writes the round corners in standard operators. Again with another WIDTH "
        "to change it. Begins a new history.",
    .examples = "smooth 0.01; train continue optimizer=lbfgs tolerance=1e-5",
    LETHE_ARGS(smooth_args),
    .run = run_smooth,
};
