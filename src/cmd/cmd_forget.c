/* SPDX-License-Identifier: MIT
 * forget: what is to be forgotten next. */
#include <string.h>
#include "base/alloc.h"
#include "cmd/commands.h"
#include "cmd/spec.h"
#include "cmd/workbench.h"

enum action { ADD, REMOVE, CLEAR, LIST };

/* to = a united with, or without, b; both increasing. Room for both. */
static size_t combine(size_t *to, const struct lethe_ids *a, const struct lethe_ids *b, int remove)
{
    size_t i = 0, j = 0, n = 0;
    while (i < a->count || j < b->count) {
        int from_a = j == b->count || (i < a->count && a->at[i] < b->at[j]);
        int both = i < a->count && j < b->count && a->at[i] == b->at[j];
        if (both ? !remove : (from_a || !remove))
            to[n++] = from_a || both ? a->at[i] : b->at[j];
        i += from_a || both;
        j += !from_a || both;
    }
    return n;
}

static enum lethe_err change(struct lethe_workbench *wb, const struct lethe_ids *given, int remove,
                             struct lethe_error *err)
{
    const struct lethe_ids *have = &wb->subject.forget;
    for (size_t i = 0; i < given->count; i++) {
        int there = lethe_ids_has(have, given->at[i]);
        if (there != remove)
            return lethe_fail(err, LETHE_EARG,
                              remove ? "sample %zu is not in the forget set"
                                     : "sample %zu is in the forget set already",
                              given->at[i]);
    }
    size_t *ids = lethe_alloc(have->count + given->count, sizeof *ids);
    if (!ids)
        return lethe_fail_memory(err, "forget set", have->count + given->count, sizeof *ids);
    size_t count = combine(ids, have, given, remove);
    enum lethe_err code = lethe_workbench_forget(wb, ids, count, err);
    lethe_free(ids);
    return code;
}

static void put_sample(struct lethe_value *list, const struct lethe_dataset *data, size_t id)
{
    struct lethe_value *item = lethe_put_object(list, NULL);
    int label = lethe_dataset_label(data, id), truth = lethe_dataset_true_label(data, id);
    lethe_hint(lethe_put_count(item, "id", id), LETHE_HINT_PLAIN);
    lethe_put_int(item, "label", label);
    if (truth != label)
        lethe_put_int(item, "true_label", truth);
    if (lethe_dataset_group(data, id) >= 0)
        lethe_put_int(item, "group", lethe_dataset_group(data, id));
}

static void put_forget(struct lethe_value *out, const struct lethe_workbench *wb, int listed)
{
    const struct lethe_ids *ids = &wb->subject.forget;
    char *text = lethe_ids_text(ids);
    lethe_put_count(out, "count", ids->count);
    lethe_put_text(out, "forget", text);
    lethe_put_count(out, "retained",
                    lethe_dataset_count(wb->subject.train) - ids->count -
                        wb->subject.removed.count);
    lethe_free(text);
    if (!listed || !ids->count)
        return;
    struct lethe_value *list = lethe_put_list(out, "samples");
    for (size_t i = 0; i < ids->count; i++)
        put_sample(list, wb->subject.train, ids->at[i]);
}

static enum lethe_err run_forget(struct lethe_call *call, struct lethe_error *err)
{
    enum action action = (enum action)lethe_args_choice(&call->args, "ACTION", LIST);
    const char *spec = lethe_args_text(&call->args, "SPEC", NULL);
    struct lethe_workbench *wb = call->wb;
    struct lethe_ids given = {0};
    enum lethe_err code = LETHE_OK;
    if ((action == ADD || action == REMOVE) != (spec != NULL))
        return lethe_fail(err, LETHE_EARG,
                          spec
                              ? "'forget %s' takes nothing more, not '%s'"
                              : "'forget %s' needs samples: 17, 3,9,12-40, class:7, misclassified, "
                                "top-loss:20, generated or file:ids.txt%s",
                          lethe_args_text(&call->args, "ACTION", ""), spec ? spec : "");
    if (spec)
        code = lethe_spec_read(&given, wb, spec, err);
    if (!code && action == CLEAR)
        code = lethe_workbench_forget(wb, NULL, 0, err);
    else if (!code && action != LIST)
        code = change(wb, &given, action == REMOVE, err);
    lethe_free(given.at);
    if (!code)
        put_forget(call->out, wb, action == LIST);
    return code;
}

static const struct lethe_arg_spec forget_args[] = {
    {.name = "ACTION",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_NEEDED,
     .choices = "add|remove|clear|list",
     .help = "what to do with the forget set"},
    {.name = "SPEC", .kind = LETHE_ARG_SPEC, .help = "samples, by number or by what they are"},
};

const struct lethe_command lethe_command_forget = {
    .name = "forget",
    .group = LETHE_GROUP_FORGET,
    .flags = LETHE_NEEDS_DATA | LETHE_NOTED,
    .summary = "Choose the training samples to forget",
    .detail = "SPEC is 17, or 3,9,12-40, or class:7 (class:7[:50] for its first 50), group:NAME, "
              "misclassified, top-loss:20, generated (generated[:20] for the first 20), or "
              "file:ids.txt with one number a line. Nothing is removed before 'commit'.",
    .examples = "forget add 17\nforget add generated[:20]\nforget remove 3,9\nforget list",
    LETHE_ARGS(forget_args),
    .run = run_forget,
};
