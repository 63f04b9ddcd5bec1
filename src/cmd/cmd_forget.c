/* SPDX-License-Identifier: MIT
 * forget: adds samples to the forget set, takes them out, clears it, lists it. Nothing is
 * removed from the model here. */
#include <string.h>
#include "base/alloc.h"
#include "cmd/commands.h"
#include "workbench/forget_set.h"
#include "workbench/put_class.h"
#include "workbench/sample_spec.h"
#include "workbench/workbench.h"

enum action { ADD, REMOVE, CLEAR, LIST };

static void put_sample(struct lethe_value *list, const struct lethe_dataset *data, size_t id)
{
    struct lethe_value *item = lethe_put_object(list, NULL);
    int label = lethe_dataset_label(data, id), truth = lethe_dataset_true_label(data, id);
    int group = lethe_dataset_group(data, id);
    lethe_hint(lethe_put_count(item, "id", id), LETHE_HINT_PLAIN);
    lethe_put_class(item, "label", "class", data, label);
    if (truth != label)
        lethe_put_class(item, "true_label", "true_class", data, truth);
    const char *name = group >= 0 ? lethe_dataset_group_name(data, (size_t)group) : NULL;
    if (group >= 0)
        lethe_put_int(item, "group", group);
    if (name)
        lethe_put_text(item, "group_name", name);
}

enum { SHOWN_LETTERS = 160, SHOWN_ROWS = 50 };

/* The numbers as ranges; a long list is cut where people read it. */
static void put_ids(struct lethe_value *out, const struct lethe_ids *ids)
{
    char *text = lethe_ids_text(ids);
    size_t length = text ? strlen(text) : 0, cut = SHOWN_LETTERS;
    struct lethe_value *whole = lethe_put_text(out, "forget", text);
    if (length > SHOWN_LETTERS) {
        while (cut > 0 && text[cut] != ',')
            cut--;
        lethe_hint(whole, LETHE_HINT_QUIET);
        lethe_put_note(out, "forget: %.*s, ... ('forget list' pages through all %zu)", (int)cut,
                       text, ids->count);
    }
    lethe_free(text);
}

static void put_forget(struct lethe_value *out, const struct lethe_workbench *wb)
{
    const struct lethe_ids *ids = &wb->project.forget;
    lethe_put_count(out, "count", ids->count);
    put_ids(out, ids);
    lethe_put_count(out, "retained",
                    lethe_dataset_count(wb->project.train) - ids->count -
                        wb->project.removed.count);
}

/* Samples `from` to from + rows - 1 of the forget set. */
static void put_list(struct lethe_value *out, const struct lethe_workbench *wb, size_t from,
                     size_t rows)
{
    const struct lethe_ids *ids = &wb->project.forget;
    if (from >= ids->count)
        return;
    size_t end = ids->count - from < rows ? ids->count : from + rows;
    struct lethe_value *list = lethe_put_list(out, "samples");
    for (size_t i = from; i < end; i++)
        put_sample(list, wb->project.train, ids->at[i]);
    if (end < ids->count)
        lethe_put_note(out, "%zu to %zu of %zu: 'forget list from=%zu' shows more", from, end - 1,
                       ids->count, end);
}

/* Samples that would stay although they are nearly the same as one to forget. */
static enum lethe_err put_near(struct lethe_value *out, const struct lethe_project *project,
                               struct lethe_error *err)
{
    enum { NEAR_SHOWN = 10 };
    size_t found = 0;
    int too_many = 0;
    struct lethe_near *pairs = NULL;
    const enum lethe_err code = lethe_near_forget_set(&pairs, &found, &too_many, project, err);
    if (too_many)
        lethe_put_note(out, "too many samples to look for near-duplicates of them");
    struct lethe_value *list = found ? lethe_put_list(out, "near_duplicates") : NULL;
    for (size_t i = 0; i < found && i < NEAR_SHOWN; i++) {
        struct lethe_value *item = lethe_put_object(list, NULL);
        lethe_hint(lethe_put_count(item, "stays", pairs[i].retained), LETHE_HINT_PLAIN);
        lethe_hint(lethe_put_count(item, "near", pairs[i].forget), LETHE_HINT_PLAIN);
        lethe_put_real(item, "distance", pairs[i].distance);
    }
    if (found)
        lethe_put_note(out,
                       "%zu retained samples are nearly the same: forgetting has little "
                       "effect while they stay",
                       found);
    lethe_free(pairs);
    return code;
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
                                "top-loss:20, random:20, generated or file:ids.txt%s",
                          lethe_args_text(&call->args, "ACTION", ""), spec ? spec : "");
    if (spec)
        code = lethe_sample_spec_read(&given, wb, spec, err);
    if (!code && action == CLEAR)
        code = lethe_workbench_forget(wb, NULL, 0, err);
    else if (!code && action != LIST)
        code = action == REMOVE ? lethe_workbench_forget_less(wb, &given, err)
                                : lethe_workbench_forget_more(wb, &given, err);
    lethe_free(given.at);
    if (!code)
        put_forget(call->out, wb);
    if (!code && action == LIST)
        put_list(call->out, wb, lethe_args_count(&call->args, "from", 0),
                 lethe_args_count(&call->args, "rows", SHOWN_ROWS));
    return code || action != ADD ? code : put_near(call->out, &wb->project, err);
}

static const struct lethe_arg_spec forget_args[] = {
    {.name = "ACTION",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_NEEDED,
     .choices = "add|remove|clear|list",
     .help = "what to do with the forget set"},
    {.name = "SPEC", .kind = LETHE_ARG_SPEC, .help = "samples, by number or by what they are"},
    {.name = "from",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .max = 1e15,
     .help = "list: number of the first to show (0)"},
    {.name = "rows",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 1,
     .max = 1e15,
     .help = "list: how many to show (50)"},
};

const struct lethe_command lethe_command_forget = {
    .name = "forget",
    .group = LETHE_GROUP_FORGET,
    .flags = LETHE_NEEDS_DATA | LETHE_NOTED,
    .summary = "Choose the training samples to forget",
    .detail = "SPEC is 17, or 3,9,12-40, or class:7 (class:7[:50] for its first 50; also by name, "
              "class:cat,dog), group:NAME, misclassified, top-loss:20, random:20, generated "
              "(generated[:20] for the first 20), or "
              "file:ids.txt with one number a line. Nothing is removed before 'commit'.",
    .examples = "forget add 17\nforget add generated[:20]\nforget remove 3,9\nforget list",
    LETHE_ARGS(forget_args),
    .run = run_forget,
};
