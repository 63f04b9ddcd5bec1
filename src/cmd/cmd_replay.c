/* SPDX-License-Identifier: MIT
 * replay: does all commands of a session again and compares the commit it ends at. */
#include <string.h>
#include "cmd/commands.h"
#include "workbench/execute.h"
#include "workbench/session_script.h"
#include "workbench/workbench.h"

static enum lethe_err run_replay(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    struct lethe_text script = {0};
    char id[LETHE_HASH_HEX];
    const char *path = lethe_args_text(&call->args, "PATH", "");
    enum lethe_err code = lethe_session_script_read(&script, id, path, err);
    if (!code) {
        struct lethe_sink sink = wb->sink;
        code = lethe_execute_text(wb, lethe_text_get(&script), 0, &sink);
        if (code)
            lethe_fail(err, code, "the replay of '%s' stopped at the command that failed", path);
    }
    lethe_text_release(&script);
    if (code)
        return code;
    const char *head = lethe_state_id(lethe_session_head(wb->session));
    int same = strcmp(head, id) == 0;
    if (!same)
        return lethe_fail(err, LETHE_ENUM,
                          "the replay of '%s' ends at %.10s instead of %.10s: another program, "
                          "processor or data made it",
                          path, head, id);
    lethe_put_text(call->out, "head", head);
    lethe_put_bool(call->out, "same", same);
    return LETHE_OK;
}

static const struct lethe_arg_spec replay_args[] = {
    {.name = "PATH", .kind = LETHE_ARG_PATH, .flags = LETHE_ARG_NEEDED, .help = "a saved session"},
};

const struct lethe_command lethe_command_replay = {
    .name = "replay",
    .group = LETHE_GROUP_DECIDE,
    .summary = "Do all commands of a session again and compare the end",
    .detail =
        "Succeeds when the last commit has the same id, which covers the bits of the weights.",
    LETHE_ARGS(replay_args),
    .run = run_replay,
};
