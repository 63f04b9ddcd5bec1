/* SPDX-License-Identifier: MIT
 * damping: what is added to the curvature, beside the usual rules for it. */
#include "cmd/commands.h"
#include "removal/damping.h"
#include "workbench/answer_preview.h"
#include "workbench/workbench.h"

static void put_spectrum(struct lethe_value *out, const struct lethe_spectrum *spectrum, double mu)
{
    lethe_put_real(out, "smallest_eigenvalue", spectrum->smallest);
    lethe_put_real(out, "mean_eigenvalue", spectrum->mean);
    lethe_put_real(out, "largest_eigenvalue", spectrum->largest);
    lethe_put_real(out, "degrees_of_freedom", lethe_spectrum_freedom(spectrum, mu));
}

/* Which of the rules comes first. */
static void put_advice(struct lethe_value *out, const struct lethe_snapshot *snapshot)
{
    const double automatic = lethe_damping_auto(snapshot);
    if (automatic > 0)
        lethe_put_note(out,
                       "for a network that follows a recipe 'damping auto' comes first, 1/T = %.3g "
                       "here: its retraining goes no further than such a step; the rules of the "
                       "spectrum do not know how long it goes on",
                       automatic);
    else if (snapshot->warm.method == LETHE_TRAIN_LBFGS)
        lethe_put_note(out, "for a network trained to a minimum 0 is right: damping only loses "
                            "there, and so does a line search; watch rho");
    else
        lethe_put_note(out, "Adam's steps have no length that 1/T could stand for, so auto is 0: "
                            "watch rho, or 'compare damping'");
}

static enum lethe_err run_damping(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    const char *text = lethe_args_text(&call->args, "X", NULL);
    enum lethe_err code = text ? lethe_workbench_set(wb, LETHE_SET_DAMPING, text, err) : LETHE_OK;
    if (code)
        return code;
    struct lethe_snapshot *snapshot = NULL; /* what auto stands for follows from the samples */
    lethe_workbench_snapshot(wb, &snapshot, NULL);
    const double mu = lethe_workbench_damping(wb);
    struct lethe_spectrum spectrum;
    lethe_put_real(call->out, "damping", mu);
    if (lethe_damping_is_auto(&wb->settings))
        lethe_put_text(call->out, "rule", "auto");
    const int known = wb->factor && lethe_factor_spectrum(wb->factor, &spectrum);
    if (known)
        put_spectrum(call->out, &spectrum, mu);
    if (wb->preview)
        lethe_preview_put_hints(call->out, wb->preview, mu);
    if (snapshot)
        put_advice(call->out, snapshot);
    if (known && spectrum.smallest + mu <= 0)
        lethe_put_note(
            call->out,
            "smallest eigenvalue %.3g: the curvature is indefinite here: use damping above "
            "%.3g, or curvature ggn",
            spectrum.smallest, -spectrum.smallest);
    return LETHE_OK;
}

static const struct lethe_arg_spec damping_args[] = {
    {.name = "X",
     .kind = LETHE_ARG_REAL,
     .flags = LETHE_ARG_AUTO,
     .max = 1e12,
     .help = "mu, added to the curvature (auto)"},
};

const struct lethe_command lethe_command_damping = {
    .name = "damping",
    .group = LETHE_GROUP_UPDATE,
    .flags = LETHE_NOTED,
    .summary = "Show or set the damping of the step",
    .detail = "Added to the curvature beside the weight decay of the training; larger values make "
              "the step smaller. auto: 0 where retraining goes on to a minimum, with rho to watch; "
              "1/T for networks that follow a recipe, T the sum over the retraining's steps of "
              "rate / (1 - momentum), for a retraining by that recipe moves no further than a step "
              "with this damping.",
    .examples = "damping 1e-3\ndamping auto",
    LETHE_ARGS(damping_args),
    .run = run_damping,
};
