/* SPDX-License-Identifier: MIT
 * save: writes the session to a folder, or its commands to a script. */
#include "cmd/commands.h"
#include "workbench/session_script.h"
#include "workbench/workbench.h"

static enum lethe_err run_save(struct lethe_call *call, struct lethe_error *err)
{
    const char *path = lethe_args_text(&call->args, "PATH", NULL);
    struct lethe_session *session = call->wb->session;
    enum lethe_err code = lethe_workbench_need_session(call->wb, err);
    if (!code && !path && !lethe_session_dir(session))
        code = lethe_fail(err, LETHE_EARG, "this session is kept in memory: 'save PATH'");
    if (!code && call->wb->committing)
        code = lethe_fail(err, LETHE_EARG,
                          "a commit is still being made and would be missing: "
                          "'save' again once it is there");
    if (!code)
        code = lethe_workbench_sync(call->wb, err);
    if (!code && path)
        code = lethe_is_script(path) ? lethe_session_script_save(session, path, err)
                                     : lethe_workbench_save(call->wb, path, err);
    if (code)
        return code;
    lethe_put_text(call->out, "path", path ? path : lethe_session_dir(session));
    if (lethe_is_script(path)) {
        lethe_put_count(call->out, "lines", lethe_session_note_count(session));
        return LETHE_OK;
    }
    lethe_put_count(call->out, "states", lethe_session_count(session));
    if (!*lethe_session_source(session)->path)
        lethe_put_note(call->out,
                       "it knows its samples by their hash alone: 'data' as it is now "
                       "comes before 'open'; 'export FOLDER/' writes them with the model");
    if (lethe_session_count(session) > 1)
        lethe_put_note(call->out, "the saved session still contains what was forgotten, so that "
                                  "'undo' can bring it back");
    return LETHE_OK;
}

static const struct lethe_arg_spec save_args[] = {
    {.name = "PATH",
     .kind = LETHE_ARG_PATH,
     .help = "folder to write (the session's own); FILE.lethe: its commands as a script"},
};

const struct lethe_command lethe_command_save = {
    .name = "save",
    .group = LETHE_GROUP_DECIDE,
    .summary = "Save the session to a folder",
    .detail = "All commits, the forget set and the settings. A crash leaves the old or the new "
              "content, never something between.",
    .examples = "save kept.session\nsave removal.lethe",
    LETHE_ARGS(save_args),
    .run = run_save,
};
