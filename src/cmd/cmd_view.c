/* SPDX-License-Identifier: MIT
 * view: three models beside each other by class, by layer, in the plane, on one sample. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cmd/commands.h"
#include "workbench/views.h"
#include "workbench/workbench.h"

/* The name of a model or a commit. */
static enum lethe_err take_name(char name[LETHE_VIEW_NAME], const struct lethe_args *args,
                                const char *key, const char *usual, struct lethe_error *err)
{
    const char *text = lethe_args_text(args, key, usual);
    if (strlen(text) >= LETHE_VIEW_NAME)
        return lethe_fail(err, LETHE_EARG, "there is no model or commit '%.20s...'", text);
    snprintf(name, LETHE_VIEW_NAME, "%s", text);
    return LETHE_OK;
}

static enum lethe_err run_view(struct lethe_call *call, struct lethe_error *err)
{
    static const enum lethe_side sides[] = {LETHE_SIDE_TUNE, LETHE_SIDE_FORGET, LETHE_SIDE_RETAIN};
    const char *path = lethe_args_text(&call->args, "to", NULL);
    struct lethe_model_view_work *work = NULL;
    enum lethe_plot_format format;
    struct lethe_model_view_request request = {
        .kind = (enum lethe_model_view_kind)lethe_args_choice(&call->args, "WHAT", 0),
        .set = sides[lethe_args_choice(&call->args, "set", 0)],
        .of = lethe_args_choice(&call->args, "of", 1),
        .discriminants = lethe_args_choice(&call->args, "by", 0) == 1,
        .sample = lethe_args_count(&call->args, "ID", 0)};
    enum lethe_err code = take_name(request.a, &call->args, "a", "before", err);
    if (!code)
        code = take_name(request.b, &call->args, "b", "now", err);
    if (code)
        return code;
    if (request.kind == LETHE_VIEW_SAMPLE && !lethe_args_given(&call->args, "ID"))
        return lethe_fail(err, LETHE_EARG, "which sample? 'view sample 17'");
    if (request.kind != LETHE_VIEW_SAMPLE && lethe_args_given(&call->args, "ID"))
        return lethe_fail(err, LETHE_EARG, "a number is for 'view sample'");
    code = path ? lethe_plot_format_of(&format, path, err) : LETHE_OK;
    if (!code)
        code = lethe_model_view_work_new(&work, call->wb, &request, path, err);
    lethe_call_task(call, lethe_model_view_work_run, lethe_model_view_work_adopt,
                    lethe_model_view_work_free, work);
    return code;
}

static const struct lethe_arg_spec view_args[] = {
    {.name = "WHAT",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_NEEDED,
     .choices = "classes|confusion|layers|embedding|sample",
     .help = "what is looked at"},
    {.name = "ID", .kind = LETHE_ARG_INT, .max = 1e9, .help = "sample: its number"},
    {.name = "set",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "heldout|forget|retain",
     .help = "classes, confusion: of which samples (heldout)"},
    {.name = "of",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "before|now|retrain",
     .help = "confusion: the model that is drawn (now)"},
    {.name = "a",
     .kind = LETHE_ARG_TEXT,
     .flags = LETHE_ARG_KEYED,
     .help = "layers: before, now, retrain or a commit (before)"},
    {.name = "b", .kind = LETHE_ARG_TEXT, .flags = LETHE_ARG_KEYED, .help = "the other one (now)"},
    {.name = "by",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "components|discriminants",
     .help = "embedding: which axes (components)"},
    {.name = "to",
     .kind = LETHE_ARG_PATH,
     .flags = LETHE_ARG_KEYED,
     .help = "picture: FILE.png, .svg, .pdf or .six"},
};

const struct lethe_command lethe_command_view = {
    .name = "view",
    .group = LETHE_GROUP_LOOK,
    .flags = LETHE_NEEDS_MODEL | LETHE_NEEDS_DATA,
    .summary = "Before, now and retrained by class, by layer, in the plane",
    .detail = "Of the preview. classes: accuracy, loss and attack AUC of each, most changed first. "
              "confusion: what is taken for what. layers: how alike two models' activations are "
              "(linear CKA), and where the weights changed. embedding: what the last layer is "
              "given, on the two main axes of the network before. sample: the probabilities of "
              "one. 'plot KIND' draws the last view of a kind again; --json has the numbers.",
    .examples = "view classes\nview confusion of=retrain to=confusion.png\nview layers a=now "
                "b=retrain\nview embedding by=discriminants\nview sample 17",
    LETHE_ARGS(view_args),
    .run = run_view,
};
