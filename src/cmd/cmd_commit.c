/* SPDX-License-Identifier: MIT
 * commit: carries the removal out and keeps it as a state with the figures it was decided by. */
#include "base/alloc.h"
#include "cmd/commands.h"
#include "workbench/answer_preview.h"
#include "workbench/pipeline.h"
#include "workbench/report_figures.h"
#include "workbench/workbench.h"

static void put_state(struct lethe_value *out, const struct lethe_state *state)
{
    size_t count = 0;
    const size_t *ids = lethe_state_forget(state, &count);
    const struct lethe_state *parent = lethe_state_parent(state);
    lethe_put_text(out, "id", lethe_state_id(state));
    lethe_put_text(out, "parent", parent ? lethe_state_id(parent) : NULL);
    lethe_put_text(out, "model", lethe_state_weights_hash(state));
    lethe_put_ids(out, "forget", ids, count);
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
