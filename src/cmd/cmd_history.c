/* SPDX-License-Identifier: MIT
 * commit, undo, redo, log, diff, branch, checkout, save, open: deciding, and the way back. */
#include <stdio.h>
#include <string.h>
#include "base/alloc.h"
#include "cmd/commands.h"
#include "workbench/answer_preview.h"
#include "workbench/answer_session.h"
#include "workbench/class_diff.h"
#include "workbench/pipeline.h"
#include "workbench/report_figures.h"
#include "workbench/session_script.h"
#include "workbench/workbench.h"

enum { SHORT_ID = 10 };

static void put_ids(struct lethe_value *out, const char *key, const size_t *ids, size_t count)
{
    struct lethe_value *list = lethe_put_list(out, key);
    for (size_t i = 0; i < count; i++)
        lethe_hint(lethe_put_count(list, NULL, ids[i]), LETHE_HINT_PLAIN);
}

static void put_state(struct lethe_value *out, const struct lethe_state *state)
{
    size_t count = 0;
    const size_t *ids = lethe_state_forget(state, &count);
    const struct lethe_state *parent = lethe_state_parent(state);
    lethe_put_text(out, "id", lethe_state_id(state));
    lethe_put_text(out, "parent", parent ? lethe_state_id(parent) : NULL);
    lethe_put_text(out, "model", lethe_state_weights_hash(state));
    put_ids(out, "forget", ids, count);
    lethe_put_text(out, "message", lethe_state_message(state));
}

static void put_figure(struct lethe_value *to, const char *key, double before, double now,
                       unsigned hints)
{
    struct lethe_value *figure = lethe_hint(lethe_put_object(to, key), LETHE_HINT_FIGURE);
    lethe_hint(lethe_put_real(figure, "before", before), hints);
    lethe_hint(lethe_put_real(figure, "now", now), hints);
}

/* Adds "report" to an answer; nothing when it is not known. */
static void put_report(struct lethe_value *out, const struct lethe_report_figures *final)
{
    if (!final->known)
        return;
    struct lethe_value *report = lethe_put_object(out, "report");
    put_figure(report, "accuracy", final->before.heldout.accuracy, final->now.heldout.accuracy,
               LETHE_HINT_PERCENT);
    put_figure(report, "loss", final->before.heldout.loss, final->now.heldout.loss, 0);
    put_figure(report, "auc", final->before.attack.auc.value, final->now.attack.auc.value,
               LETHE_HINT_FIXED);
}

/* ---- commit ---------------------------------------------------------------------------------- */

static enum lethe_err commit(struct lethe_workbench *wb, const char *message,
                             struct lethe_value *out, struct lethe_error *err)
{
    struct lethe_result figures;
    struct lethe_text metrics = {0};
    struct lethe_state *state = NULL;
    struct lethe_report_figures final;
    enum lethe_err code = lethe_report_figures_measure(&final, wb, err);
    if (code)
        return code;
    lethe_result_init(&figures);
    lethe_preview_put(&figures.root, wb);
    put_report(&figures.root, &final);
    code = lethe_report_figures_put_classes(&figures.root, wb, err);
    lethe_render_json_known(&metrics, &figures.root);
    if (!code)
        code = lethe_result_ok(&figures, err);
    if (!code)
        code = lethe_text_ok(&metrics, err);
    if (!code)
        code = lethe_workbench_commit(wb, &state, message, lethe_text_get(&metrics), err);
    if (!code) {
        put_state(out, state);
        put_report(out, &final);
    }
    lethe_text_release(&metrics);
    lethe_result_release(&figures);
    return code;
}

static char *message_of(const struct lethe_args *args)
{
    return lethe_strdup(lethe_args_text(args, "MESSAGE", ""));
}

struct committing {
    struct lethe_workbench *wb; /* borrowed */
    struct lethe_pipeline *work;
    char *message;
};

static enum lethe_err work_commit(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct committing *committing = arg;
    return lethe_pipeline_run(committing->work, watch, err);
}

static enum lethe_err finish_commit(struct lethe_workbench *wb, void *arg, struct lethe_value *out,
                                    struct lethe_error *err)
{
    struct committing *committing = arg;
    enum lethe_err code = lethe_pipeline_adopt(wb, committing->work, err);
    if (!code && !wb->preview)
        code = lethe_fail(err, LETHE_ECANCEL, "the settings changed meanwhile: 'commit' again");
    return code ? code : commit(wb, committing->message, out, err);
}

static void free_committing(void *arg)
{
    struct committing *committing = arg;
    committing->wb->committing--;
    lethe_pipeline_release(committing->work);
    lethe_free(committing->message);
    lethe_free(committing);
}

static enum lethe_err run_commit(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    if (wb->preview && (!wb->preview->partial || wb->preview->sparing) && wb->preview->canonical)
        return commit(wb, lethe_args_text(&call->args, "MESSAGE", ""), call->out, err);
    struct committing *committing = lethe_alloc_zero(1, sizeof *committing);
    if (!committing)
        return lethe_fail_memory(err, "commit", 1, sizeof *committing);
    committing->wb = wb;
    wb->committing++;
    lethe_call_task(call, work_commit, finish_commit, free_committing, committing);
    committing->message = message_of(&call->args);
    if (!committing->message)
        return lethe_fail_memory(err, "message", 1, 1);
    return lethe_pipeline_preview(wb, &committing->work, LETHE_PIPELINE_CANONICAL, err);
}

static const struct lethe_arg_spec commit_args[] = {
    {.name = "MESSAGE", .kind = LETHE_ARG_TEXT, .flags = LETHE_ARG_REST, .help = "what and why"},
};

const struct lethe_command lethe_command_commit = {
    .name = "commit",
    .group = LETHE_GROUP_DECIDE,
    .flags = LETHE_NEEDS_MODEL | LETHE_NEEDS_DATA | LETHE_NEEDS_FORGET | LETHE_NOTED | LETHE_ADDS,
    .summary = "Carry the removal out",
    .detail = "The previewed step (made first when there is none) changes the model; the retained "
              "samples become the training set, and the forget set is empty. The half of the "
              "held-out samples that no preview looked at is measured now, as 'report'. With a "
              "session the "
              "new state is on disk before this returns. 'undo' takes it back.",
    .examples = "commit wrong label, reported by the archive",
    LETHE_ARGS(commit_args),
    .run = run_commit,
};

/* ---- undo, redo, checkout, branch ------------------------------------------------------------ */

static enum lethe_err move(struct lethe_call *call, enum lethe_err code)
{
    if (code)
        return code;
    const struct lethe_session *session = call->wb->session;
    const char *branch = lethe_session_on(session);
    lethe_put_text(call->out, "head", lethe_state_id(lethe_session_head(session)));
    lethe_put_text(call->out, "kind", lethe_state_kind(lethe_session_head(session)));
    lethe_put_text(call->out, "branch", branch[0] ? branch : NULL);
    return LETHE_OK;
}

static enum lethe_err run_undo(struct lethe_call *call, struct lethe_error *err)
{
    enum lethe_err code = lethe_workbench_need_session(call->wb, err);
    return move(call, code ? code : lethe_workbench_undo(call->wb, err));
}

static enum lethe_err run_redo(struct lethe_call *call, struct lethe_error *err)
{
    enum lethe_err code = lethe_workbench_need_session(call->wb, err);
    return move(call, code ? code : lethe_workbench_redo(call->wb, err));
}

static enum lethe_err run_checkout(struct lethe_call *call, struct lethe_error *err)
{
    const char *name = lethe_args_text(&call->args, "STATE", "");
    enum lethe_err code = lethe_workbench_need_session(call->wb, err);
    return move(call, code ? code : lethe_workbench_checkout(call->wb, name, err));
}

static enum lethe_err run_branch(struct lethe_call *call, struct lethe_error *err)
{
    const char *name = lethe_args_text(&call->args, "NAME", NULL);
    enum lethe_err code = lethe_workbench_need_session(call->wb, err);
    if (!code && name)
        return move(call, lethe_workbench_branch(call->wb, name, err));
    if (code)
        return code;
    const struct lethe_session *session = call->wb->session;
    struct lethe_value *list = lethe_put_list(call->out, "branches");
    for (size_t i = 0; i < lethe_session_branch_count(session); i++) {
        struct lethe_state *at = NULL;
        const char *branch = lethe_session_branch_name(session, i, &at);
        struct lethe_value *item = lethe_put_object(list, NULL);
        lethe_put_text(item, "branch", branch);
        lethe_put_text(item, "at", lethe_state_id(at));
        lethe_put_bool(item, "current", strcmp(branch, lethe_session_on(session)) == 0);
    }
    return LETHE_OK;
}

const struct lethe_command lethe_command_undo = {
    .name = "undo",
    .group = LETHE_GROUP_DECIDE,
    .flags = LETHE_NOTED,
    .summary = "Take the last commit back",
    .detail = "What it forgot is in the forget set again, ready to be done otherwise.",
    .run = run_undo,
};

const struct lethe_command lethe_command_redo = {
    .name = "redo",
    .group = LETHE_GROUP_DECIDE,
    .flags = LETHE_NOTED,
    .summary = "Do again what was undone",
    .run = run_redo,
};

static const struct lethe_arg_spec checkout_args[] = {
    {.name = "STATE",
     .kind = LETHE_ARG_STATE,
     .flags = LETHE_ARG_NEEDED,
     .help = "branch, commit (four digits or more), head~1 or root"},
};

const struct lethe_command lethe_command_checkout = {
    .name = "checkout",
    .group = LETHE_GROUP_DECIDE,
    .flags = LETHE_NOTED,
    .summary = "Go to another commit or branch",
    LETHE_ARGS(checkout_args),
    .run = run_checkout,
};

static const struct lethe_arg_spec branch_args[] = {
    {.name = "NAME",
     .kind = LETHE_ARG_TEXT,
     .help = "new branch at the head; without it, list them"},
};

const struct lethe_command lethe_command_branch = {
    .name = "branch",
    .group = LETHE_GROUP_DECIDE,
    .flags = LETHE_NOTED,
    .summary = "Begin a branch here, or list the branches",
    LETHE_ARGS(branch_args),
    .run = run_branch,
};

/* ---- log, diff ------------------------------------------------------------------------------- */

/* A state that was committed more than once: what was said the other times. */
static void put_earlier(struct lethe_value *item, const struct lethe_state *state)
{
    const size_t acts = lethe_state_acts(state);
    if (acts < 2)
        return;
    struct lethe_value *list = lethe_hint(lethe_put_list(item, "earlier"), LETHE_HINT_QUIET);
    for (size_t i = 1; i < acts; i++) {
        int64_t time;
        const char *message = lethe_state_act(state, i, &time);
        struct lethe_value *act = lethe_put_object(list, NULL);
        lethe_put_time(act, "time", time);
        lethe_put_text(act, "message", message);
    }
}

static enum lethe_err run_log(struct lethe_call *call, struct lethe_error *err)
{
    enum lethe_err code = lethe_workbench_need_session(call->wb, err);
    if (code)
        return code;
    const struct lethe_session *session = call->wb->session;
    const struct lethe_state *head = lethe_session_head(session);
    struct lethe_value *list = lethe_put_list(call->out, "states");
    for (size_t i = lethe_session_count(session); i-- > 0;) {
        const struct lethe_state *state = lethe_session_state(session, i);
        const struct lethe_state *parent = lethe_state_parent(state);
        size_t count = 0;
        const size_t *ids = lethe_state_forget(state, &count);
        struct lethe_value *item = lethe_put_object(list, NULL);
        lethe_put_text(item, "at", state == head ? "*" : "");
        lethe_hint(lethe_put_text(item, "id", lethe_state_id(state)), LETHE_HINT_QUIET);
        lethe_put_textf(item, "state", "%.*s", SHORT_ID, lethe_state_id(state));
        lethe_put_textf(item, "after", "%.*s", SHORT_ID, parent ? lethe_state_id(parent) : "");
        lethe_put_text(item, "kind", lethe_state_kind(state));
        lethe_put_time(item, "time", lethe_state_time(state));
        lethe_put_count(item, "samples", count);
        lethe_put_count(item, "weights", lethe_state_changed(state));
        lethe_put_text(item, "message", lethe_state_message(state));
        put_ids(item, "forget", ids, count);
        lethe_hint(item->last, LETHE_HINT_QUIET);
        put_earlier(item, state);
    }
    return LETHE_OK;
}

const struct lethe_command lethe_command_log = {
    .name = "log",
    .group = LETHE_GROUP_DECIDE,
    .summary = "List the commits, newest first",
    .run = run_log,
};

static enum lethe_err run_diff(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_state *a = NULL, *b = NULL;
    struct lethe_state_diff diff = {0};
    const struct lethe_session *session = call->wb->session;
    enum lethe_err code = lethe_workbench_need_session(call->wb, err);
    if (!code)
        code = lethe_session_find(&a, session, lethe_args_text(&call->args, "A", ""), err);
    if (!code)
        code = lethe_session_find(&b, session, lethe_args_text(&call->args, "B", ""), err);
    if (!code)
        code = lethe_state_diff(&diff, a, b, err);
    if (code)
        return code;
    lethe_put_text(call->out, "a", lethe_state_id(a));
    lethe_put_text(call->out, "b", lethe_state_id(b));
    put_ids(call->out, "forgotten_in_a", diff.only_a, diff.only_a_count);
    put_ids(call->out, "forgotten_in_b", diff.only_b, diff.only_b_count);
    lethe_put_count(call->out, "weights_changed", diff.changed);
    lethe_put_real(call->out, "norm", diff.norm);
    lethe_put_real(call->out, "largest", diff.largest);
    struct lethe_value *list = lethe_put_list(call->out, "settings");
    for (size_t i = 0; i < diff.setting_count; i++) {
        struct lethe_value *item = lethe_put_object(list, NULL);
        lethe_put_text(item, "setting", diff.settings[i].key);
        lethe_put_text(item, "a", diff.settings[i].a);
        lethe_put_text(item, "b", diff.settings[i].b);
    }
    lethe_state_diff_release(&diff);
    if (lethe_args_choice(&call->args, "classes", 0) != 1)
        return LETHE_OK;
    struct lethe_class_diff *by_class = NULL;
    code = lethe_class_diff_new(&by_class, call->wb, a, b, err);
    call->task = (struct lethe_task){.run = lethe_class_diff_run,
                                     .finish = lethe_class_diff_adopt,
                                     .release = lethe_class_diff_free,
                                     .arg = by_class,
                                     .lane = LETHE_LANE_INTERACTIVE};
    return code;
}

static const struct lethe_arg_spec diff_args[] = {
    {.name = "A", .kind = LETHE_ARG_STATE, .flags = LETHE_ARG_NEEDED, .help = "a commit or branch"},
    {.name = "B", .kind = LETHE_ARG_STATE, .flags = LETHE_ARG_NEEDED, .help = "another one"},
    {.name = "classes",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "off|on",
     .help = "on: also class by class, most changed first (off)"},
};

const struct lethe_command lethe_command_diff = {
    .name = "diff",
    .group = LETHE_GROUP_DECIDE,
    .summary = "Compare two commits",
    .examples = "diff root head\ndiff head~1 head classes=on",
    LETHE_ARGS(diff_args),
    .run = run_diff,
};

/* ---- save, open ------------------------------------------------------------------------------ */

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

static enum lethe_err run_open(struct lethe_call *call, struct lethe_error *err)
{
    if (lethe_standing_leave(call, err))
        return LETHE_EARG;
    enum lethe_err code =
        lethe_workbench_open(call->wb, lethe_args_text(&call->args, "PATH", ""), err);
    if (!code)
        code = move(call, code);
    if (!code)
        lethe_standing_put_notes(call->out, call->wb);
    return code;
}

static const struct lethe_arg_spec open_args[] = {
    {.name = "PATH", .kind = LETHE_ARG_PATH, .flags = LETHE_ARG_NEEDED, .help = "a saved session"},
};

const struct lethe_command lethe_command_open = {
    .name = "open",
    .group = LETHE_GROUP_DECIDE,
    .summary = "Open a saved session and go on where it was",
    .detail =
        "Loads the model and the data it was begun with; it is refused when they changed. One "
        "that may not be written is opened for reading: nothing in it changes, and 'save "
        "FOLDER' makes a copy to go on in.",
    LETHE_ARGS(open_args),
    .run = run_open,
};
