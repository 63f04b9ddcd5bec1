/* SPDX-License-Identifier: MIT
 * noise: the noise of a certified removal. */
#include <stdio.h>
#include <string.h>
#include "cmd/commands.h"
#include "workbench/workbench.h"

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
