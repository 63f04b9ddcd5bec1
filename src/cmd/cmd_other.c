/* SPDX-License-Identifier: MIT
 * source, help, quit. */
#include <string.h>
#include "base/alloc.h"
#include "base/file.h"
#include "workbench/answer_session.h"
#include "cmd/commands.h"
#include "workbench/execute.h"
#include "workbench/workbench.h"

enum { DEEPEST = 16, LONGEST = 16 << 20 };

static enum lethe_err run_source(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    const char *path = lethe_args_text(&call->args, "PATH", "");
    if (wb->depth == DEEPEST)
        return lethe_fail(err, LETHE_EARG,
                          "'%s' is sourced more than %d deep: does it source itself?", path,
                          (int)DEEPEST);
    struct lethe_bytes text = {0};
    enum lethe_err code = lethe_file_read(&text, path, LONGEST, err);
    if (code)
        return code;
    if (memchr(text.data, '\0', text.size)) {
        lethe_free(text.data);
        return lethe_fail(err, LETHE_EFORMAT, "'%s' is not a text file", path);
    }
    struct lethe_sink sink = wb->sink;
    wb->depth++;
    code = lethe_execute_text(wb, (const char *)text.data, 0, &sink);
    wb->depth--;
    lethe_free(text.data);
    if (code)
        return lethe_fail(err, code, "'%s' stopped at the command that failed", path);
    return LETHE_OK;
}

static const struct lethe_arg_spec source_args[] = {
    {.name = "PATH", .kind = LETHE_ARG_PATH, .flags = LETHE_ARG_NEEDED, .help = "file of commands"},
};

const struct lethe_command lethe_command_source = {
    .name = "source",
    .group = LETHE_GROUP_OTHER,
    .summary = "Run the commands in a file",
    .detail = "Stops at the first command that fails; those before it stay done.",
    LETHE_ARGS(source_args),
    .run = run_source,
};

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

/* A person is asked once before commits are lost. */
static enum lethe_err run_quit(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    struct lethe_text loss = {0};
    enum lethe_err code = LETHE_OK;
    if (wb->interactive && wb->asked_to_quit != wb->version)
        lethe_standing_loss(&loss, wb);
    if (wb->interactive && wb->asked_to_quit != wb->version && wb->committing)
        lethe_text_addf(&loss, "%sa commit is still being made", loss.length ? "; " : "");
    if (loss.length)
        code = lethe_fail(err, LETHE_EARG, "%s; 'quit' once more leaves without it",
                          lethe_text_get(&loss));
    wb->asked_to_quit = wb->version;
    wb->quit = !code;
    lethe_text_release(&loss);
    return code;
}

const struct lethe_command lethe_command_quit = {
    .name = "quit",
    .group = LETHE_GROUP_OTHER,
    .summary = "End",
    .detail = "Background work is cancelled. What was committed is on disk already; the forget "
              "set and the settings are kept in the session.",
    .run = run_quit,
};
