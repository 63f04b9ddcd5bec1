/* SPDX-License-Identifier: MIT
 * curvature: shows or sets the matrix the step is solved with; auto tries ggn and the exact
 * Hessian and sets the one that lowers the retained objective more. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "cmd/commands.h"
#include "study/curvature_choice.h"
#include "workbench/workbench.h"

/* ---- auto ------------------------------------------------------------------------------------ */

struct choosing {
    struct lethe_snapshot *origin; /* the workbench's, when it was asked */
    struct lethe_comparison_base base;
    struct lethe_curvature_choice choice;
};

static void free_choosing(void *arg)
{
    struct choosing *choosing = arg;
    lethe_comparison_base_release(&choosing->base);
    lethe_snapshot_unref(choosing->origin);
    lethe_free(choosing);
}

static enum lethe_err work_choosing(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct choosing *choosing = arg;
    enum lethe_err code = lethe_comparison_base_move(&choosing->base, watch, err);
    return code ? code : lethe_curvature_choose(&choosing->choice, &choosing->base, watch, err);
}

static void put_tried(struct lethe_value *list, const char *name, double change)
{
    struct lethe_value *row = lethe_put_object(list, NULL);
    lethe_put_text(row, "curvature", name);
    lethe_put_real(row, "actual_change", change);
}

static enum lethe_err finish_choosing(struct lethe_workbench *wb, void *arg,
                                      struct lethe_value *out, struct lethe_error *err)
{
    const struct choosing *choosing = arg;
    const struct lethe_curvature_choice *choice = &choosing->choice;
    if (wb->snapshot != choosing->origin)
        return lethe_fail(err, LETHE_ECANCEL,
                          "the samples changed meanwhile: 'curvature auto' again");
    enum lethe_err code = lethe_workbench_set(wb, LETHE_SET_CURVATURE, choice->name, err);
    if (code)
        return code;
    lethe_put_text(out, "curvature", choice->name);
    struct lethe_value *list = lethe_put_list(out, "curvatures");
    put_tried(list, "ggn", choice->ggn);
    put_tried(list, "hessian", choice->hessian);
    if (isnan(choice->hessian))
        lethe_put_note(out,
                       "the exact Hessian makes no step here, as for samples the network fits "
                       "badly it is often indefinite (%s): ggn stays",
                       choice->why);
    else
        lethe_put_note(out,
                       "the step of the whole network with %s lowers the retained objective more, "
                       "or as much, so that is what 'curvature' is set to; it was decided for the "
                       "samples that are chosen now",
                       choice->name);
    return LETHE_OK;
}

static enum lethe_err choose(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    struct lethe_snapshot *snapshot;
    if (!lethe_workbench_has_forget(wb))
        return lethe_fail(err, LETHE_EARG,
                          "'curvature auto' tries steps and needs samples to forget: "
                          "'forget add SPEC' first");
    enum lethe_err code = lethe_workbench_snapshot(wb, &snapshot, err);
    if (code)
        return code;
    struct choosing *choosing = lethe_alloc_zero(1, sizeof *choosing);
    if (!choosing)
        return lethe_fail_memory(err, "a comparison", 1, sizeof *choosing);
    choosing->origin = lethe_snapshot_ref(snapshot);
    lethe_call_task(call, work_choosing, finish_choosing, free_choosing, choosing);
    return lethe_comparison_base_init(&choosing->base, snapshot, &wb->settings, NULL, NULL, err);
}

/* ---- command --------------------------------------------------------------------------------- */

/* The methods, then auto. */
static const char *method_or_auto(size_t n)
{
    const char *name = lethe_setting_curvature(n);
    return !name && n && lethe_setting_curvature(n - 1) ? "auto" : name;
}

static enum lethe_err run_curvature(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    char words[LETHE_CURVATURE_WORDS];
    const char *name = lethe_args_text(&call->args, "METHOD", NULL);
    const char *samples = lethe_args_text(&call->args, "samples", NULL);
    enum lethe_err code = LETHE_OK;
    const int automatic = name && !strcmp(name, "auto");
    if (name && !automatic)
        code = lethe_workbench_set(wb, LETHE_SET_CURVATURE, name, err);
    if (!code && samples)
        code = lethe_workbench_set(wb, LETHE_SET_CURVATURE_SAMPLES, samples, err);
    if (!code && automatic)
        return choose(call, err);
    if (code)
        return code;
    const struct lethe_curvature_method *method = NULL;
    code = lethe_curvature_find(&method, wb->settings.text[LETHE_SET_CURVATURE], err);
    if (code)
        return code;
    lethe_put_text(call->out, "curvature", lethe_workbench_curvature(words, wb));
    lethe_put_text(call->out, "meaning", method->summary);
    const char *wanted = wb->settings.text[LETHE_SET_CURVATURE_SAMPLES];
    if (!strcmp(wanted, "auto") || !strcmp(wanted, "all"))
        lethe_put_text(call->out, "samples", wanted);
    else
        lethe_put_count(call->out, "samples",
                        lethe_settings_count(&wb->settings, LETHE_SET_CURVATURE_SAMPLES));
    return LETHE_OK;
}

static const struct lethe_arg_spec curvature_args[] = {
    {.name = "METHOD",
     .kind = LETHE_ARG_CHOICE,
     .choice = method_or_auto,
     .help = "of the retained objective; auto: the better of ggn and hessian (ggn)"},
    {.name = "samples",
     .kind = LETHE_ARG_COUNT,
     .flags = LETHE_ARG_KEYED,
     .help = "retained samples it is made from: a number, auto or all (auto)"},
};

const struct lethe_command lethe_command_curvature = {
    .name = "curvature",
    .group = LETHE_GROUP_UPDATE,
    .flags = LETHE_NOTED,
    .summary = "Show or set the curvature the step is made with",
    .detail =
        "A matrix up to 4,000 parameters in networks of plain linear layers, elsewhere up to what "
        "is made within a second; beyond that ggn, hessian and fisher are known by their products "
        "alone, and the step is solved by conjugate gradients in a subspace that serves every "
        "damping, preconditioned with EKFAC of the whole network. They end when the forget "
        "samples' predicted logits have settled ('set solve.settled'). 'explain' has a line on "
        "each. auto makes the step of the whole network with ggn and with the exact Hessian, "
        "measures by how much each lowers the retained objective, and sets the better one: for "
        "samples that the network fits well that is mostly the Hessian, for hard ones it is often "
        "indefinite, and ggn stays.",
    .examples = "curvature hessian\ncurvature ggn samples=500\nforget add 17; curvature auto",
    LETHE_ARGS(curvature_args),
    .run = run_curvature,
};
