/* SPDX-License-Identifier: MIT
 * replay, report, seal: what a session leaves behind. */
#include <string.h>
#include "cmd/commands.h"
#include "lethe/report.h"
#include "workbench/report_pictures.h"
#include "workbench/derived_model.h"
#include "workbench/execute.h"
#include "workbench/session_script.h"
#include "workbench/sealing.h"
#include "workbench/workbench.h"

/* ---- replay ---------------------------------------------------------------------------------- */

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

/* ---- report ---------------------------------------------------------------------------------- */

static enum lethe_err run_report(struct lethe_call *call, struct lethe_error *err)
{
    static const enum lethe_report_what kinds[] = {LETHE_REPORT_FULL, LETHE_REPORT_DELETION,
                                                   LETHE_REPORT_LECTURE};
    const char *path = lethe_args_text(&call->args, "PATH", "");
    enum lethe_report_format format;
    struct lethe_report_pictures pictures = {0};
    enum lethe_err code = lethe_workbench_need_session(call->wb, err);
    if (!code)
        code = lethe_report_format_of(&format, path, err);
    if (!code)
        code = lethe_report_pictures_make(&pictures, call->wb, NULL, err);
    unsigned char salt[LETHE_REPORT_SALT];
    char salt_text[2 * LETHE_REPORT_SALT + 1];
    const int hashed = lethe_args_choice(&call->args, "ids", 0) == 1;
    const struct lethe_report_options options = {
        .what = kinds[lethe_args_choice(&call->args, "what", 0)],
        .pictures = pictures.at,
        .picture_count = pictures.count,
        .not_drawn = pictures.not_drawn,
        .salt = hashed ? salt : NULL};
    if (!code && hashed)
        code = lethe_report_make_salt(salt, salt_text, err);
    if (!code)
        code = lethe_report_write(call->wb->session, path, &options, err);
    if (!code)
        lethe_put_text(call->out, "path", path);
    if (!code && hashed)
        lethe_put_text(call->out, "salt", salt_text);
    if (!code && pictures.missing)
        lethe_put_note(call->out, "%s", pictures.missing);
    lethe_report_pictures_release(&pictures);
    return code;
}

static const struct lethe_arg_spec report_args[] = {
    {.name = "PATH",
     .kind = LETHE_ARG_PATH,
     .flags = LETHE_ARG_NEEDED,
     .help = "file to write: .html, .md or .json"},
    {.name = "what",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "full|deletion|lecture",
     .help = "deletion: what is filed with a request; lecture: with the method and without the "
             "script; full: all of it (full)"},
    {.name = "ids",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "numbers|hashed",
     .help = "hashed: samples by salted hashes; the answer has the salt (numbers)"},
};

const struct lethe_command lethe_command_report = {
    .name = "report",
    .group = LETHE_GROUP_DECIDE,
    .summary = "Write what was forgotten, how, and what it was worth",
    .detail =
        "In sentences first: who asked, what was done, whether it is like never having seen "
        "the samples, what still holds them; then figures, pictures (HTML, with gnuplot), the "
        "method and how to do it again. HTML is one file that needs nothing else and prints.",
    .examples = "report removal.html\nreport request-17.html what=deletion",
    LETHE_ARGS(report_args),
    .run = run_report,
};

/* ---- seal ------------------------------------------------------------------------------------ */

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
