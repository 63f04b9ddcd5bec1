/* SPDX-License-Identifier: MIT
 * damping, form, update, noise: how the step is made. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "cmd/commands.h"
#include "removal/damping.h"
#include "workbench/answer_preview.h"
#include "workbench/workbench.h"

/* ---- damping --------------------------------------------------------------------------------- */

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

/* ---- form ------------------------------------------------------------------------------------ */

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
     .choices = "auto|residual|influence|outcome",
     .help = "which right-hand side the step has (auto)"},
};

const struct lethe_command lethe_command_form = {
    .name = "form",
    .group = LETHE_GROUP_UPDATE,
    .flags = LETHE_NOTED,
    .summary = "Show or set the form of the step",
    .detail = "influence removes the pull of the forget samples; residual follows the gradient of "
              "the retained samples and so also finishes a training that stopped early. auto "
              "takes residual while finishing is at most a tenth of the step. outcome fits the "
              "parameters of the blanket to what the step of the whole network makes of the "
              "forgotten samples; for single weights auto means that.",
    LETHE_ARGS(form_args),
    .run = run_form,
};

/* ---- update ---------------------------------------------------------------------------------- */

static enum lethe_err run_update(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    const char *text = lethe_args_text(&call->args, "steps", NULL);
    const char *passes = lethe_args_text(&call->args, "passes", NULL);
    enum lethe_err code = text ? lethe_workbench_set(wb, LETHE_SET_STEPS, text, err) : LETHE_OK;
    if (!code && passes)
        code = lethe_workbench_set(wb, LETHE_SET_PASSES, passes, err);
    if (code)
        return code;
    lethe_put_count(call->out, "steps", lethe_settings_count(&wb->settings, LETHE_SET_STEPS));
    lethe_put_count(call->out, "passes", lethe_settings_count(&wb->settings, LETHE_SET_PASSES));
    if (lethe_settings_count(&wb->settings, LETHE_SET_PASSES))
        lethe_put_note(call->out, "with enough passes this is warm retraining, and its end is the "
                                  "yardstick: what is saved is the passes that are left out");
    return LETHE_OK;
}

static const struct lethe_arg_spec update_args[] = {
    {.name = "steps",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 1,
     .max = 20,
     .help = "steps of a removal (1)"},
    {.name = "passes",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .max = 1000,
     .help = "iterations of L-BFGS after the step (0)"},
};

const struct lethe_command lethe_command_update = {
    .name = "update",
    .group = LETHE_GROUP_UPDATE,
    .flags = LETHE_NOTED,
    .summary = "Show or set how many steps and passes a removal takes",
    .detail =
        "One step is the answer of a quadratic model; each further one makes gradient and "
        "curvature anew where the last one led, in the residual form, on the same blanket, and "
        "is halved until the retained objective falls. "
        "Forgetting many samples, as a whole class, needs more than one. Every step costs what "
        "the first one did, and all retained samples must be here. passes: that many iterations of "
        "L-BFGS on the retained objective from where the step of the whole network led, "
        "preconditioned with its curvature: the bridge from one step to retraining. With a blanket "
        "of single weights or the form outcome, what they reach is what the step is fitted to. "
        "'preview' shows the path, and so does 'plot path'; Ctrl-C gives it up.",
    .examples = "forget add class:3; blanket all; update steps=3; preview\n"
                "blanket all; update passes=16; preview; plot path",
    LETHE_ARGS(update_args),
    .run = run_update,
};

/* ---- noise ----------------------------------------------------------------------------------- */

/* "1" or "1,delta=1e-5", as `eps=1,delta=1e-5` leaves it: the second half into delta. */
static void split(char *eps, size_t size, char *delta, size_t delta_size, const char *text)
{
    const char *comma = strchr(text, ',');
    snprintf(eps, size, "%.*s", (int)(comma ? comma - text : (ptrdiff_t)strlen(text)), text);
    if (comma && strncmp(comma + 1, "delta=", 6) == 0)
        snprintf(delta, delta_size, "%s", comma + 7);
    else if (comma)
        snprintf(delta, delta_size, "%s", comma + 1); /* refused by its check, and named there */
}

static enum lethe_err set_noise(struct lethe_workbench *wb, const struct lethe_args *args,
                                struct lethe_error *err)
{
    char eps[LETHE_SETTING_TEXT] = "0", delta[LETHE_SETTING_TEXT] = "";
    const int off = lethe_args_given(args, "OFF");
    const struct lethe_settings before = wb->settings;
    if (off && (lethe_args_given(args, "eps") || lethe_args_given(args, "delta")))
        return lethe_fail(err, LETHE_EARG, "'noise off' takes no eps and no delta");
    if (!off && lethe_args_given(args, "delta") && !lethe_args_given(args, "eps"))
        return lethe_fail(err, LETHE_EARG,
                          "'noise delta=' needs an eps too: 'noise eps=1,delta=1e-5'");
    if (lethe_args_given(args, "eps"))
        split(eps, sizeof eps, delta, sizeof delta, lethe_args_text(args, "eps", "0"));
    if (lethe_args_given(args, "delta"))
        snprintf(delta, sizeof delta, "%s", lethe_args_text(args, "delta", ""));
    enum lethe_err code =
        delta[0] ? lethe_workbench_set(wb, LETHE_SET_NOISE_DELTA, delta, err) : LETHE_OK;
    if (!code)
        code = lethe_workbench_set(wb, LETHE_SET_NOISE_EPS, eps, err);
    if (code)
        wb->settings = before;
    return code;
}

static enum lethe_err run_noise(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    const int asked = lethe_args_given(&call->args, "OFF") ||
                      lethe_args_given(&call->args, "eps") ||
                      lethe_args_given(&call->args, "delta");
    enum lethe_err code = asked ? set_noise(wb, &call->args, err) : LETHE_OK;
    if (code)
        return code;
    const double eps = lethe_settings_real(&wb->settings, LETHE_SET_NOISE_EPS);
    lethe_put_text(call->out, "noise", eps > 0 ? "on" : "off");
    if (!(eps > 0))
        return LETHE_OK;
    lethe_put_real(call->out, "eps", eps);
    lethe_put_real(call->out, "delta", lethe_settings_real(&wb->settings, LETHE_SET_NOISE_DELTA));
    if (wb->preview)
        lethe_put_real(call->out, "sigma", wb->preview->sigma);
    return LETHE_OK;
}

static const struct lethe_arg_spec noise_args[] = {
    {.name = "OFF",
     .kind = LETHE_ARG_CHOICE,
     .choices = "off",
     .help = "no noise, as it is from the start"},
    {.name = "eps",
     .kind = LETHE_ARG_TEXT,
     .flags = LETHE_ARG_KEYED,
     .help = "privacy of the removal, up to 100; also eps=E,delta=D"},
    {.name = "delta",
     .kind = LETHE_ARG_REAL,
     .flags = LETHE_ARG_KEYED | LETHE_ARG_OPEN,
     .max = 0.5,
     .help = "chance that it does not hold (1e-5)"},
};

const struct lethe_command lethe_command_noise = {
    .name = "noise",
    .group = LETHE_GROUP_UPDATE,
    .flags = LETHE_NOTED,
    .summary = "Show or set the noise of a certified removal",
    .detail =
        "Gaussian noise on every parameter after the step, of the size 'certificate' names for "
        "all samples removed so far, from the seed. Above eps 1 it is that of the analytic "
        "Gaussian mechanism. A preview with noise is refused where the certificate is void.",
    .examples = "noise eps=1,delta=1e-5\nnoise off",
    LETHE_ARGS(noise_args),
    .run = run_noise,
};
