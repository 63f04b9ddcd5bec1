/* SPDX-License-Identifier: MIT
 * damping, curvature, form: how the step is made. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "cmd/commands.h"
#include "cmd/workbench.h"

/* ---- damping ----------------------------------------------------------------------------------
 */

static enum lethe_err run_damping(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    const char *text = lethe_args_text(&call->args, "X", NULL);
    enum lethe_err code = text ? lethe_workbench_set(wb, LETHE_SET_DAMPING, text, err) : LETHE_OK;
    if (code)
        return code;
    double mu = lethe_settings_real(&wb->settings, LETHE_SET_DAMPING);
    struct lethe_spectrum spectrum;
    lethe_put_real(call->out, "damping", mu);
    if (!wb->factor || !lethe_factor_spectrum(wb->factor, &spectrum))
        return LETHE_OK;
    lethe_put_real(call->out, "smallest_eigenvalue", spectrum.smallest);
    lethe_put_real(call->out, "mean_eigenvalue", spectrum.mean);
    lethe_put_real(call->out, "largest_eigenvalue", spectrum.largest);
    lethe_put_real(call->out, "degrees_of_freedom", lethe_spectrum_freedom(&spectrum, mu));
    return LETHE_OK;
}

static const struct lethe_arg_spec damping_args[] = {
    {.name = "X", .kind = LETHE_ARG_REAL, .max = 1e12, .help = "mu, added to the curvature (0)"},
};

const struct lethe_command lethe_command_damping = {
    .name = "damping",
    .group = LETHE_GROUP_UPDATE,
    .flags = LETHE_NOTED,
    .summary = "Show or set the damping of the step",
    .detail = "Added to the curvature beside the weight decay of the training. 0 is right where "
              "the curvature is well conditioned; larger values make the step smaller.",
    .examples = "damping 1e-3\ndamping 0",
    LETHE_ARGS(damping_args),
    .run = run_damping,
};

/* ---- curvature --------------------------------------------------------------------------------
 */

static enum lethe_err run_curvature(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    const char *name = lethe_args_text(&call->args, "METHOD", NULL);
    const char *samples = lethe_args_text(&call->args, "samples", NULL);
    enum lethe_err code = LETHE_OK;
    if (name)
        code = lethe_workbench_set(wb, LETHE_SET_CURVATURE, name, err);
    if (!code && samples)
        code = lethe_workbench_set(wb, LETHE_SET_CURVATURE_SAMPLES, samples, err);
    if (code)
        return code;
    const struct lethe_curvature_method *method = NULL;
    code = lethe_curvature_find(&method, wb->settings.text[LETHE_SET_CURVATURE], err);
    if (code)
        return code;
    lethe_put_text(call->out, "curvature", method->name);
    lethe_put_text(call->out, "meaning", method->summary);
    lethe_put_count(call->out, "samples",
                    lethe_settings_count(&wb->settings, LETHE_SET_CURVATURE_SAMPLES));
    return LETHE_OK;
}

static const struct lethe_arg_spec curvature_args[] = {
    {.name = "METHOD",
     .kind = LETHE_ARG_CHOICE,
     .choice = lethe_setting_curvature,
     .help = "of the retained objective (ggn)"},
    {.name = "samples",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 1,
     .max = 10000000,
     .help = "retained samples it is made from (2000)"},
};

const struct lethe_command lethe_command_curvature = {
    .name = "curvature",
    .group = LETHE_GROUP_UPDATE,
    .flags = LETHE_NOTED,
    .summary = "Show or set the curvature the step is made with",
    .examples = "curvature hessian\ncurvature ggn samples=500",
    LETHE_ARGS(curvature_args),
    .run = run_curvature,
};

/* ---- form -------------------------------------------------------------------------------------
 */

static enum lethe_err run_form(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    const char *text = lethe_args_text(&call->args, "FORM", NULL);
    enum lethe_err code = text ? lethe_workbench_set(wb, LETHE_SET_FORM, text, err) : LETHE_OK;
    if (code)
        return code;
    lethe_put_text(call->out, "form", wb->settings.text[LETHE_SET_FORM]);
    if (wb->preview)
        lethe_put_text(call->out, "used", lethe_form_name(wb->preview->update.form));
    return LETHE_OK;
}

static const struct lethe_arg_spec form_args[] = {
    {.name = "FORM",
     .kind = LETHE_ARG_CHOICE,
     .choices = "auto|residual|influence",
     .help = "which right-hand side the step has (auto)"},
};

const struct lethe_command lethe_command_form = {
    .name = "form",
    .group = LETHE_GROUP_UPDATE,
    .flags = LETHE_NOTED,
    .summary = "Show or set the form of the step",
    .detail = "influence removes the pull of the forget samples; residual follows the gradient of "
              "the retained samples and so also finishes a training that stopped early. auto "
              "takes residual while finishing is at most a tenth of the step.",
    LETHE_ARGS(form_args),
    .run = run_form,
};
