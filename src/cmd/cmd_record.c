/* SPDX-License-Identifier: MIT
 * replay, report, seal: what a session leaves behind. */
#include <string.h>
#include "base/alloc.h"
#include "base/file.h"
#include "cmd/commands.h"
#include "lethe/report.h"
#include "workbench/report_pictures.h"
#include "workbench/derived_model.h"
#include "workbench/execute.h"
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
    static const enum lethe_report_what kinds[] = {LETHE_REPORT_FULL, LETHE_REPORT_DELETION,
                                                   LETHE_REPORT_LECTURE};
    const char *path = lethe_args_text(&call->args, "PATH", "");
    enum lethe_report_format format;
    struct lethe_report_pictures pictures = {0};
    enum lethe_err code = need_session(call->wb, err);
    if (!code)
        code = lethe_report_format_of(&format, path, err);
    if (!code)
        code = lethe_report_pictures_make(&pictures, call->wb, NULL, err);
    const struct lethe_report_options options = {kinds[lethe_args_choice(&call->args, "what", 0)],
                                                 pictures.at, pictures.count};
    if (!code)
        code = lethe_report_write(call->wb->session, path, &options, err);
    if (!code)
        lethe_put_text(call->out, "path", path);
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

/* ---- seal -------------------------------------------------------------------------------------
 */

/* The receipt is on the disk before anything is deleted: it cannot be made a second time. When
 * nothing was sealed it is worth nothing, and goes. */
static enum lethe_err carry_out(struct lethe_workbench *wb, struct lethe_seal *seal,
                                const char *path, struct lethe_error *err)
{
    const char *receipt = lethe_seal_receipt(seal);
    int done = 0;
    enum lethe_err code = lethe_file_create(path, receipt, strlen(receipt), err);
    if (code)
        return code;
    code = lethe_workbench_seal(wb, seal, &done, err);
    if (!done)
        lethe_file_remove(path, NULL);
    return code;
}

static enum lethe_err seal(struct lethe_call *call, const char *path, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    struct lethe_seal *made = NULL;
    if (lethe_file_exists(path))
        return lethe_fail(err, LETHE_EARG, "'%s' exists already: a receipt is never overwritten",
                          path);
    enum lethe_err code =
        lethe_workbench_prepare_seal(wb, &made, lethe_args_text(&call->args, "STATE", "head"), err);
    if (!code)
        code = carry_out(wb, made, path, err);
    lethe_seal_free(made);
    if (code)
        return code;
    lethe_put_text(call->out, "receipt", path);
    lethe_put_count(call->out, "sealed", lethe_session_sealed(wb->session));
    lethe_put_note(call->out, "what came before is gone from this session; the original model and "
                              "the data are not touched");
    lethe_put_note(call->out, "'seal verify %s' checks the receipt against the session", path);
    return LETHE_OK;
}

/* Everything the receipt promises, or the first thing that does not hold. */
static enum lethe_err judge(const struct lethe_seal_check *check, const char *path, int counted,
                            struct lethe_error *err)
{
    if (!check->weights)
        return lethe_fail(err, LETHE_EFORMAT,
                          "'%s' does not hold: the session begins with other weights than those "
                          "that were sealed",
                          path);
    if (counted && check->opened != check->promised)
        return lethe_fail(err, LETHE_EFORMAT,
                          "'%s' does not hold: it promises %zu samples and opens %zu", path,
                          check->promised, check->opened);
    if (check->leftovers)
        return lethe_fail(err, LETHE_EIO,
                          "'%s' does not hold: of the time before, %zu %s still there, the first "
                          "is '%s': remove %s",
                          path, check->leftovers, check->leftovers == 1 ? "file is" : "files are",
                          check->leftover, check->leftovers == 1 ? "it" : "them");
    return LETHE_OK;
}

static enum lethe_err verify(struct lethe_call *call, const char *path, struct lethe_error *err)
{
    enum { LONGEST = 1 << 20 };
    const struct lethe_workbench *wb = call->wb;
    const size_t samples = wb->project.train ? lethe_dataset_count(wb->project.train) : 0;
    struct lethe_seal_check check;
    struct lethe_bytes text = {0};
    enum lethe_err code = lethe_file_read(&text, path, LONGEST, err);
    if (!code)
        code = lethe_session_seal_check(&check, wb->session, (const char *)text.data, samples, err);
    lethe_free(text.data);
    if (!code)
        code = judge(&check, path, samples > 0, err);
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
    enum lethe_err code = need_session(call->wb, err);
    if (code)
        return code;
    if (verifies && checked && !path)
        return verify(call, checked, err);
    if (verifies && !path)
        return lethe_fail(err, LETHE_EARG, "which receipt? 'seal verify RECEIPT'");
    if (checked || !path)
        return lethe_fail(err, LETHE_EARG,
                          "a seal leaves a receipt: 'seal receipt=FILE', 'seal verify FILE'");
    return seal(call, path, err);
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
