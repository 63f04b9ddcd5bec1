/* SPDX-License-Identifier: MIT
 * method: which way a removal is made, and its parameters. */
#include "cmd/commands.h"
#include "workbench/answer_method.h"

static enum lethe_err run_method(struct lethe_call *call, struct lethe_error *err)
{
    const char *name = lethe_args_text(&call->args, "NAME", NULL);
    enum lethe_err code = LETHE_OK;
    if (name)
        code =
            lethe_method_choose(call->wb, name, lethe_args_text(&call->args, "VALUES", NULL), err);
    call->unnoted = !name;
    if (code)
        return code;
    lethe_method_put(call->out, call->wb);
    if (!name)
        lethe_method_put_list(call->out, call->wb);
    return LETHE_OK;
}

static const struct lethe_arg_spec method_args[] = {
    {.name = "NAME",
     .kind = LETHE_ARG_CHOICE,
     .choice = lethe_setting_method,
     .help = "of the method; without it, all of them (newton)"},
    {.name = "VALUES",
     .kind = LETHE_ARG_TEXT,
     .flags = LETHE_ARG_REST,
     .help = "its parameters, key=value (as published)"},
};

const struct lethe_command lethe_command_method = {
    .name = "method",
    .group = LETHE_GROUP_UPDATE,
    .flags = LETHE_NOTED,
    .summary = "Show or set how the removal is made: the Newton step, or a rival",
    .detail =
        "preview, commit, remove-each and audit go by it. Methods but newton train the "
        "network on, or change it in one go; their parameters begin as published, and the "
        "answer shows the range that is usual. Another method begins with its own. Those that "
        "train take mask=SELECTOR (salun has its own, saliency): the blanket is then the "
        "mask, or, with 'blanket all', the leading half of its order (salun: threshold). On "
        "the screen m opens the list.",
    .examples = "method\nmethod scrub\nmethod finetune rate=0.05 epochs=3; preview\nmethod salun "
                "mask=lfoci",
    LETHE_ARGS(method_args),
    .run = run_method,
};
