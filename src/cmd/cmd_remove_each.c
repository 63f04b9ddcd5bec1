/* SPDX-License-Identifier: MIT
 * remove-each: forgets samples one (or a few) after another, one commit each, until the list is
 * done or the held-out accuracy has fallen too far (the stop of the paper's loop). What it runs are
 * ordinary commands, so that the journal replays it and a killed run goes on with `resume`. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/alloc.h"
#include "base/clock.h"
#include "cmd/commands.h"
#include "eval/order.h"
#include "workbench/answer_method.h"
#include "workbench/execute.h"
#include "workbench/sample_spec.h"
#include "workbench/workbench.h"

enum { SHOWN = 20 }; /* rows of the table that are for people; all are in the JSON */

struct loop {
    struct lethe_workbench *wb;
    struct lethe_sink outer;
    struct lethe_error err; /* of the line that failed */
    struct lethe_value *rows;
    double start, now,
        gap;            /* held-out accuracy at the root and after the last; how far it may fall */
    size_t done, steps; /* samples and commits */
    int beside;         /* each removal beside the warm retrain without the sample */
    double *fold, *probs; /* (count) of those: KL nearer by, recovery of probabilities */
    double before, after; /* sums of the removed samples' losses, before and after their own step */
};

/* ---- lines without an audience --------------------------------------------------------------- */

static void take_silently(void *user, const struct lethe_outcome *outcome)
{
    struct loop *loop = user;
    if (outcome->code)
        loop->err = *outcome->err;
}

static int pass_tick(void *user, const struct lethe_job_info *job)
{
    const struct loop *loop = user;
    return loop->outer.tick ? loop->outer.tick(loop->outer.user, job) : 0;
}

static enum lethe_err execute(struct loop *loop, const char *text, struct lethe_error *err)
{
    const struct lethe_sink silent = {.take = take_silently, .user = loop, .tick = pass_tick};
    enum lethe_err code = lethe_execute_text(loop->wb, text, 0, &silent);
    if (code && err)
        *err = loop->err;
    return code;
}

/* ---- loop ------------------------------------------------------------------------------------ */

static void put_row(struct loop *loop, const struct lethe_ids *ids, const struct lethe_preview *p,
                    double seconds)
{
    struct lethe_value *row = lethe_put_object(loop->rows, NULL);
    lethe_hint(lethe_put_count(row, "sample", ids->at[0]), LETHE_HINT_PLAIN);
    if (ids->count > 1)
        lethe_put_count(row, "samples", ids->count);
    lethe_put_count(row, "units", p->units);
    lethe_put_count(row, "parameters", p->parameters);
    lethe_put_real(row, "forget_loss_before", p->before.figures.forget.loss);
    lethe_put_real(row, "forget_loss", p->now.figures.forget.loss);
    lethe_put_share(row, "heldout_accuracy", p->now.figures.heldout.accuracy);
    if (!loop->wb->sparing)
        lethe_put_real(row, "residual_gradient", p->residual_now);
    if (loop->beside) {
        struct lethe_figure_rows figures;
        lethe_workbench_figure_rows(loop->wb, &figures);
        loop->fold[loop->steps] = figures.compared.fold;
        loop->probs[loop->steps] = figures.compared.recovery.probs;
        lethe_put_real(row, "kl_fold", figures.compared.fold);
        lethe_hint(lethe_put_real(row, "recovery_probs", figures.compared.recovery.probs),
                   LETHE_HINT_FIXED);
    }
    lethe_hint(lethe_put_real(row, "time", seconds), LETHE_HINT_SECONDS);
}

/* Chooses the samples and makes the step. */
static enum lethe_err step(struct loop *loop, const struct lethe_ids *ids, struct lethe_error *err)
{
    struct lethe_text line = {0};
    lethe_text_add(&line, "forget clear; forget add ");
    for (size_t i = 0; i < ids->count; i++)
        lethe_text_addf(&line, "%s%zu", i ? "," : "", ids->at[i]);
    lethe_text_addf(&line, "; %spreview", loop->beside ? "retrain warm; " : "");
    enum lethe_err code = lethe_text_ok(&line, err);
    if (!code)
        code = execute(loop, lethe_text_get(&line), err);
    lethe_text_release(&line);
    return code;
}

/* Removes samples; *stop when the accuracy would fall too far: they stay chosen, not removed. */
static enum lethe_err remove_some(struct loop *loop, const struct lethe_ids *ids, int *stop,
                                  struct lethe_error *err)
{
    const double begin = lethe_clock();
    char line[96];
    enum lethe_err code = step(loop, ids, err);
    const struct lethe_preview *p = loop->wb->preview;
    if (code || !p)
        return code ? code : lethe_fail(err, LETHE_EBUG, "a preview was not kept");
    if (p->now.figures.heldout.accuracy < loop->start - loop->gap) {
        *stop = 1;
        return LETHE_OK;
    }
    put_row(loop, ids, p, lethe_clock() - begin);
    const double now = p->now.figures.heldout.accuracy, before = p->before.figures.forget.loss,
                 after = p->now.figures.forget.loss;
    if (ids->count > 1)
        snprintf(line, sizeof line, "commit samples %zu and %zu more", ids->at[0], ids->count - 1);
    else
        snprintf(line, sizeof line, "commit sample %zu", ids->at[0]);
    code = execute(loop, line, err);
    if (code)
        return code;
    loop->done += ids->count;
    loop->steps++;
    loop->now = now;
    loop->before += before * (double)ids->count;
    loop->after += after * (double)ids->count;
    return LETHE_OK;
}

/* Median and quartiles of those of n values that are numbers; values are sorted. */
static void put_quartiles(struct lethe_value *out, const char *key, double *values, size_t n,
                          unsigned hint)
{
    char name[48];
    size_t known = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i]))
            values[known++] = values[i];
    lethe_sort(values, known);
    snprintf(name, sizeof name, "%s_quartiles", key);
    lethe_hint(lethe_put_real(out, key, lethe_quantile(values, known, 0.5)), hint);
    struct lethe_value *range = lethe_put_list(out, name);
    lethe_hint(lethe_put_real(range, NULL, lethe_quantile(values, known, 0.25)), hint);
    lethe_hint(lethe_put_real(range, NULL, lethe_quantile(values, known, 0.75)), hint);
}

/* " of class 6 (shirt)" where all samples are of one class, else "". */
static void put_class(char out[96], const struct lethe_workbench *wb, const struct lethe_ids *ids)
{
    const struct lethe_dataset *data = wb->project.train;
    const int label = lethe_dataset_label(data, ids->at[0]);
    const char *name = lethe_dataset_class_name(data, (size_t)label);
    *out = '\0';
    for (size_t k = 1; k < ids->count; k++)
        if (lethe_dataset_label(data, ids->at[k]) != label)
            return;
    if (name)
        snprintf(out, 96, " of class %d (%.60s)", label, name);
    else
        snprintf(out, 96, " of class %d", label);
}

static void put_sentence(struct lethe_value *out, const struct loop *loop,
                         const struct lethe_ids *ids, size_t by)
{
    const struct lethe_settings *settings = &loop->wb->settings;
    const char *method = settings->text[LETHE_SET_METHOD];
    const int newton = !strcmp(method, lethe_setting_method(0));
    const int whole = newton && !strcmp(settings->text[LETHE_SET_BLANKET], "all");
    char pace[48] = "one after another", class[96];
    if (by > 1)
        snprintf(pace, sizeof pace, "%zu at a time", by);
    put_class(class, loop->wb, ids);
    lethe_put_note(out,
                   "%zu of %zu samples%s are removed, %s, %s%s: held-out accuracy was %.1f %% at "
                   "the start and is %.1f %% now",
                   loop->done, ids->count, class, pace,
                   whole    ? "steps of the whole network"
                   : newton ? "steps of the blanket by "
                            : "by ",
                   whole    ? ""
                   : newton ? settings->text[LETHE_SET_SELECT_METHOD]
                            : method,
                   100 * loop->start, 100 * loop->now);
    if (loop->done)
        lethe_put_note(out, "their loss is %.4g on average before their own step and %.4g after it",
                       loop->before / (double)loop->done, loop->after / (double)loop->done);
}

static enum lethe_err run_all(struct loop *loop, const struct lethe_ids *ids, size_t by,
                              struct lethe_value *out, struct lethe_error *err)
{
    int stop = 0;
    size_t next = 0;
    struct lethe_ids some = {0};
    enum lethe_err code = LETHE_OK;
    loop->rows = lethe_put_list(out, "removals");
    if (ids->count > by * SHOWN)
        lethe_hint(loop->rows, LETHE_HINT_QUIET);
    for (; !code && !stop && next < ids->count; next += some.count) {
        some = (struct lethe_ids){ids->at + next, ids->count - next < by ? ids->count - next : by};
        code = remove_some(loop, &some, &stop, err);
    }
    if (code && loop->done)
        lethe_error_at(err, "sample %zu, after %zu removals", some.at[0], loop->done);
    if (code)
        return code;
    (void)lethe_method_put_name(out, &loop->wb->settings);
    lethe_put_count(out, "removed", loop->done);
    lethe_put_count(out, "left", ids->count - loop->done);
    lethe_put_share(out, "heldout_accuracy_at_start", loop->start);
    if (loop->beside) {
        put_quartiles(out, "kl_fold", loop->fold, loop->steps, 0);
        put_quartiles(out, "recovery_probs", loop->probs, loop->steps, LETHE_HINT_FIXED);
    }
    if (stop)
        lethe_put_note(out,
                       "stopped before sample %zu: held-out accuracy would be more than %g below "
                       "the start; %s chosen, but not removed",
                       some.at[0], loop->gap,
                       some.count > 1 ? "it and those with it are" : "it is");
    put_sentence(out, loop, ids, by);
    return LETHE_OK;
}

static enum lethe_err run_remove_each(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    struct loop loop = {
        .wb = wb, .outer = wb->sink, .gap = lethe_args_real(&call->args, "gap", 0.05)};
    struct lethe_ids ids = {0};
    enum lethe_err code =
        lethe_sample_spec_again(&ids, wb, lethe_args_text(&call->args, "SPEC", ""),
                                lethe_args_given(&call->args, "MORE"), err);
    loop.beside = lethe_args_choice(&call->args, "retrain", 1) == 0;
    const int sparing = lethe_args_choice(&call->args, "figures", 0) == 1;
    if (!code && sparing && loop.beside)
        code = lethe_fail(err, LETHE_EARG, "'retrain=on' compares all figures: 'figures=all'");
    loop.fold = lethe_alloc(ids.count, sizeof *loop.fold);
    loop.probs = lethe_alloc(ids.count, sizeof *loop.probs);
    if (!code && (!loop.fold || !loop.probs))
        code = lethe_fail_memory(err, "figures", ids.count, sizeof *loop.fold);
    if (!code)
        code = lethe_workbench_root_accuracy(&loop.start, wb, err);
    loop.now = loop.start;
    if (!code) {
        wb->many_commits = 1;
        wb->sparing = sparing;
        if (sparing)
            lethe_workbench_drop(wb, LETHE_PART_ALL);
        code = run_all(&loop, &ids, lethe_args_count(&call->args, "by", 1), call->out, err);
        if (code) /* what was not removed is not chosen either */
            execute(&loop, "forget clear", NULL);
        wb->many_commits = wb->sparing = 0;
        if (sparing) /* looks of another kind are not for others */
            lethe_workbench_drop(wb, LETHE_PART_ALL);
        enum lethe_err synced = lethe_workbench_sync(wb, code ? NULL : err);
        code = code ? code : synced;
    }
    lethe_free(loop.fold);
    lethe_free(loop.probs);
    lethe_free(ids.at);
    return code;
}

static const struct lethe_arg_spec remove_each_args[] = {
    {.name = "SPEC",
     .kind = LETHE_ARG_SPEC,
     .flags = LETHE_ARG_NEEDED,
     .help = "samples as for 'forget add', or a file of ids"},
    {.name = "MORE",
     .kind = LETHE_ARG_CHOICE,
     .choices = "resume",
     .help = "leave out what was forgotten before"},
    {.name = "gap",
     .kind = LETHE_ARG_REAL,
     .flags = LETHE_ARG_KEYED,
     .max = 1,
     .help = "stop when held-out accuracy falls this far below the start (0.05)"},
    {.name = "by",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 1,
     .max = 1e6,
     .help = "samples that go at once, one step and commit for all of them (1)"},
    {.name = "figures",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "all|heldout",
     .help = "heldout: of the forget samples and the tune half only, without a pass over what is "
             "retained, where that takes long (all)"},
    {.name = "retrain",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "on|off",
     .help = "on: each removal beside the warm retrain without the sample, with quartiles (off)"},
};

const struct lethe_command lethe_command_remove_each = {
    .name = "remove-each",
    .group = LETHE_GROUP_DECIDE,
    .flags = LETHE_NEEDS_MODEL | LETHE_NEEDS_DATA | LETHE_ADDS,
    .summary = "Forget samples one after another, one commit each",
    .detail = "Every sample is selected for, stepped and committed with the settings as they are, "
              "in the order of its number. Stops before the removal that would lower the held-out "
              "accuracy (the half for choosing) by more than the gap below the model the history "
              "began with. What is done is committed: a run that was stopped or killed goes on "
              "with 'resume'.",
    .examples = "remove-each generated[:20]\nremove-each ids.txt gap=0.02 resume\n"
                "remove-each class:6[:100] by=10 figures=heldout",
    LETHE_ARGS(remove_each_args),
    .run = run_remove_each,
};
