/* SPDX-License-Identifier: MIT
 * quit: ends the program; a person is asked once before commits are lost. */
#include "cmd/commands.h"
#include "workbench/answer_session.h"
#include "workbench/workbench.h"

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
