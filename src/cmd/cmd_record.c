/* SPDX-License-Identifier: MIT
 * replay, report, seal: what a session leaves behind. */
#include <string.h>
#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"
#include "cmd/commands.h"
#include "cmd/execute.h"
#include "lethe/report.h"
#include "workbench/derived_model.h"
#include "workbench/workbench.h"

static enum lethe_err need_session(const struct lethe_workbench *wb, struct lethe_error *err)
{
    return wb->session ? LETHE_OK
                       : lethe_fail(err, LETHE_EARG, "there is no history yet: 'load PATH' first");
}

/* ---- replay -----------------------------------------------------------------------------------
 */

/* The journal of a session as a script, and the id it ended at. */
static enum lethe_err read_journal(struct lethe_text *script, char id[LETHE_HASH_HEX],
                                   const char *path, struct lethe_error *err)
{
    struct lethe_session *session = NULL;
    enum lethe_err code = lethe_session_open(&session, path, err);
    if (code)
        return code;
    for (size_t i = 0; i < lethe_session_note_count(session); i++) {
        lethe_text_add(script, lethe_session_note_line(session, i, NULL));
        lethe_text_add(script, "\n");
    }
    memcpy(id, lethe_state_id(lethe_session_head(session)), LETHE_HASH_HEX);
    size_t sealed = lethe_session_sealed(session);
    lethe_session_close(session);
    if (sealed || !script->length)
        return lethe_fail(err, LETHE_EARG, "'%s' has no journal: it was sealed", path);
    return lethe_text_ok(script, err);
}

static enum lethe_err run_replay(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    struct lethe_text script = {0};
    char id[LETHE_HASH_HEX];
    const char *path = lethe_args_text(&call->args, "PATH", "");
    enum lethe_err code = read_journal(&script, id, path, err);
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

/* ---- report -----------------------------------------------------------------------------------
 */

static enum lethe_err run_report(struct lethe_call *call, struct lethe_error *err)
{
    const char *path = lethe_args_text(&call->args, "PATH", "");
    enum lethe_err code = need_session(call->wb, err);
    if (!code)
        code = lethe_report_write(call->wb->session, path, err);
    if (!code)
        lethe_put_text(call->out, "path", path);
    return code;
}

static const struct lethe_arg_spec report_args[] = {
    {.name = "PATH",
     .kind = LETHE_ARG_PATH,
     .flags = LETHE_ARG_NEEDED,
     .help = "file to write: .html, .md or .json"},
};

const struct lethe_command lethe_command_report = {
    .name = "report",
    .group = LETHE_GROUP_DECIDE,
    .summary = "Write what was forgotten, how, and what it was worth",
    .examples = "report removal.html",
    LETHE_ARGS(report_args),
    .run = run_report,
};

/* ---- seal -------------------------------------------------------------------------------------
 */

static enum lethe_err run_seal(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    const char *path = lethe_args_text(&call->args, "receipt", "");
    char *receipt = NULL;
    enum lethe_err code = need_session(wb, err);
    /* where the receipt goes is tried first: it cannot be made a second time */
    if (!code && lethe_file_exists(path))
        code = lethe_fail(err, LETHE_EARG, "'%s' exists already: a receipt is never overwritten",
                          path);
    if (!code)
        code = lethe_file_write(path, "", 0, err);
    if (!code)
        code = lethe_derived_model_sealing(&wb->project, wb->session, err);
    if (!code)
        code =
            lethe_session_seal(wb->session, &receipt, lethe_args_text(&call->args, "STATE", "head"),
                               lethe_clock_now(), err);
    if (code)
        return code;
    lethe_derived_model_sealed(&wb->project, wb->session);
    code = lethe_file_write(path, receipt, strlen(receipt), err);
    lethe_free(receipt);
    if (code)
        return code;
    lethe_put_text(call->out, "receipt", path);
    lethe_put_count(call->out, "sealed", lethe_session_sealed(wb->session));
    lethe_put_note(call->out, "what came before is gone from this session; the original model and "
                              "the data are not touched");
    return LETHE_OK;
}

static const struct lethe_arg_spec seal_args[] = {
    {.name = "STATE", .kind = LETHE_ARG_STATE, .help = "up to which commit (head)"},
    {.name = "receipt",
     .kind = LETHE_ARG_PATH,
     .flags = LETHE_ARG_KEYED | LETHE_ARG_NEEDED,
     .help = "new file for the proof of what was forgotten"},
};

const struct lethe_command lethe_command_seal = {
    .name = "seal",
    .group = LETHE_GROUP_DECIDE,
    .summary = "Drop the history before a commit for good",
    .detail = "Earlier weights and the journal are deleted, the numbers of the forgotten samples "
              "are replaced by salted hashes. Only the receipt can open them again. There is no "
              "undo.",
    .examples = "seal receipt=removal-receipt.json",
    LETHE_ARGS(seal_args),
    .run = run_seal,
};
