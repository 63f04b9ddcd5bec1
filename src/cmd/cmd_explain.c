/* SPDX-License-Identifier: MIT
 * explain: what a word that the program prints means, and the number it stands for now. */
#include "cmd/commands.h"
#include "workbench/explanation.h"

static enum lethe_err run_explain(struct lethe_call *call, struct lethe_error *err)
{
    return lethe_explain(call->out, call->wb, call->commands,
                         lethe_args_text(&call->args, "TERM", NULL), err);
}

static const struct lethe_arg_spec explain_args[] = {
    {.name = "TERM",
     .kind = LETHE_ARG_TEXT,
     .flags = LETHE_ARG_REST,
     .help = "without it, all are listed"},
};

const struct lethe_command lethe_command_explain = {
    .name = "explain",
    .group = LETHE_GROUP_OTHER,
    .summary = "Explain a word, with the number it stands for now",
    .detail = "Any word that an answer, a pane or help prints: what it means, the formula, what is "
              "good, and what it is mistaken for.",
    .examples = "explain blanket\nexplain attack.auc",
    LETHE_ARGS(explain_args),
    .run = run_explain,
};
