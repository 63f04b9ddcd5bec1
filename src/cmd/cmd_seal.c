/* SPDX-License-Identifier: MIT
 * seal: drops the history before a commit for good, and checks the receipt of an earlier seal. */
#include <string.h>
#include "cmd/commands.h"
#include "workbench/sealing.h"
#include "workbench/workbench.h"

static enum lethe_err seal(struct lethe_call *call, const char *path, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    enum lethe_err code =
        lethe_workbench_seal(wb, lethe_args_text(&call->args, "STATE", "head"), path, err);
    if (code)
        return code;
    lethe_put_text(call->out, "receipt", path);
    lethe_put_count(call->out, "sealed", lethe_session_sealed(wb->session));
    lethe_put_note(call->out, "what came before is gone from this session; the original model and "
                              "the data are not touched");
    if (wb->project.bundle && wb->project.bundle->generated.count)
        lethe_put_note(call->out, "which samples 'generate' changed is still written there: the "
                                  "data are made again from it");
    lethe_put_note(call->out, "'seal verify %s' checks the receipt against the session", path);
    return LETHE_OK;
}

static enum lethe_err verify(struct lethe_call *call, const char *path, struct lethe_error *err)
{
    struct lethe_seal_check check;
    size_t samples = 0;
    enum lethe_err code = lethe_workbench_seal_verify(&check, &samples, call->wb, path, err);
    if (code)
        return code;
    lethe_put_bool(call->out, "holds", 1);
    lethe_put_time(call->out, "time", check.time);
    lethe_put_count(call->out, "samples", check.promised);
    if (samples)
        lethe_put_count(call->out, "opened", check.opened);
    else
        lethe_put_null(call->out, "opened");
    lethe_put_count(call->out, "sealed", check.sealed);
    lethe_put_bool(call->out, "last_seal", check.last);
    if (!check.last)
        lethe_put_note(call->out, "the session was sealed again since: the weights of this seal "
                                  "are not there any more to be compared");
    return LETHE_OK;
}

static enum lethe_err run_seal(struct lethe_call *call, struct lethe_error *err)
{
    const char *path = lethe_args_text(&call->args, "receipt", NULL);
    const char *checked = lethe_args_text(&call->args, "RECEIPT", NULL);
    const int verifies = strcmp(lethe_args_text(&call->args, "STATE", "head"), "verify") == 0;
    enum lethe_err code = lethe_workbench_need_session(call->wb, err);
    if (code)
        return code;
    if (verifies && checked && !path)
        return verify(call, checked, err);
    if (verifies && !path)
        return lethe_fail(err, LETHE_EARG, "which receipt? 'seal verify RECEIPT'");
    if (checked || !path)
        return lethe_fail(err, LETHE_EARG,
                          "a seal leaves a receipt: 'seal receipt=FILE', 'seal verify FILE'");
    code = lethe_session_check_writing(call->wb->session, err);
    return code ? code : seal(call, path, err);
}

static const struct lethe_arg_spec seal_args[] = {
    {.name = "STATE",
     .kind = LETHE_ARG_STATE,
     .help = "up to which commit (head); 'verify' checks a receipt"},
    {.name = "RECEIPT", .kind = LETHE_ARG_PATH, .help = "after 'verify': the receipt to check"},
    {.name = "receipt",
     .kind = LETHE_ARG_PATH,
     .flags = LETHE_ARG_KEYED,
     .help = "new file for the proof of what was forgotten"},
};

const struct lethe_command lethe_command_seal = {
    .name = "seal",
    .group = LETHE_GROUP_DECIDE,
    .summary = "Drop the history before a commit for good",
    .detail = "Earlier weights, the script, the forget set that was not committed and retrained "
              "models are deleted, the numbers of the forgotten samples are replaced by salted "
              "hashes. Only the receipt can open them again; it is on the disk before anything is "
              "deleted. There is no undo. 'seal verify RECEIPT' fails unless the session was "
              "sealed with it, it opens as many samples as it promises, and no file of the time "
              "before is left.",
    .examples = "seal receipt=removal-receipt.json\nseal verify removal-receipt.json",
    LETHE_ARGS(seal_args),
    .run = run_seal,
};
