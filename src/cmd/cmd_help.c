/* SPDX-License-Identifier: MIT
 * help: all commands by group, or one in full. */
#include "cmd/commands.h"
#include "workbench/workbench.h"

static enum lethe_err run_help(struct lethe_call *call, struct lethe_error *err)
{
    const char *name = lethe_args_text(&call->args, "COMMAND", NULL);
    struct lethe_text text = {0};
    if (name) {
        const struct lethe_command *command = lethe_command_find(call->commands, name, err);
        if (!command)
            return LETHE_EARG;
        lethe_help_command(&text, command, &call->wb->look);
    } else {
        lethe_help_overview(&text, call->commands, &call->wb->look);
    }
    lethe_hint(lethe_put_text(call->out, "help", lethe_text_get(&text)), LETHE_HINT_PAGE);
    enum lethe_err code = lethe_text_ok(&text, err);
    lethe_text_release(&text);
    return code;
}

static const struct lethe_arg_spec help_args[] = {
    {.name = "COMMAND", .kind = LETHE_ARG_COMMAND, .help = "one command; without it, all"},
};

const struct lethe_command lethe_command_help = {
    .name = "help",
    .group = LETHE_GROUP_OTHER,
    .summary = "Explain the commands",
    LETHE_ARGS(help_args),
    .run = run_help,
};
