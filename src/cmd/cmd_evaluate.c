/* SPDX-License-Identifier: MIT
 * evaluate: accuracy and loss of the model as it stands, on every set of samples or on a file of
 * its own, which is read block by block and may be larger than memory. */
#include "cmd/commands.h"
#include "workbench/measured_sets.h"
#include "workbench/put_class.h"
#include "workbench/workbench.h"

static void put_figures(struct lethe_value *item, const struct lethe_set_figures *figures)
{
    lethe_put_count(item, "samples", figures->n);
    lethe_put_count(item, "correct", figures->correct);
    lethe_put_share(item, "accuracy", figures->accuracy);
    lethe_put_real(item, "loss", figures->loss);
}

static void put_classes(struct lethe_value *list, const char *name,
                        const struct lethe_evaluated_set *set, size_t classes,
                        const struct lethe_dataset *named)
{
    for (size_t c = 0; set->ids.count && c < classes; c++) {
        if (!set->per_class[c].n)
            continue;
        struct lethe_value *item = lethe_put_object(list, NULL);
        lethe_put_text(item, "set", name);
        lethe_put_class(item, "class", "class_name", named, (int)c);
        put_figures(item, &set->per_class[c]);
    }
}

static void put_sets(struct lethe_value *out, const struct lethe_measured_sets *m)
{
    for (int set = 0; set < LETHE_MEASURED_SETS; set++)
        if (m->sets[set].ids.count)
            put_figures(lethe_put_object(out, lethe_measured_set_name(set)), &m->sets[set].figures);
}

static enum lethe_err finish_evaluate(struct lethe_workbench *wb, void *arg,
                                      struct lethe_value *out, struct lethe_error *err)
{
    (void)wb;
    (void)err;
    put_sets(out, arg);
    return LETHE_OK;
}

static enum lethe_err finish_by_class(struct lethe_workbench *wb, void *arg,
                                      struct lethe_value *out, struct lethe_error *err)
{
    (void)err;
    const struct lethe_measured_sets *m = arg;
    put_sets(lethe_put_object(out, "sets"), m);
    struct lethe_value *list = lethe_put_list(out, "classes");
    for (int set = 0; set < LETHE_MEASURED_SETS; set++)
        put_classes(list, lethe_measured_set_name(set), &m->sets[set], m->classes,
                    wb->project.train);
    return LETHE_OK;
}

static enum lethe_err run_evaluate(struct lethe_call *call, struct lethe_error *err)
{
    const struct lethe_project *project = &call->wb->project;
    struct lethe_measured_sets *sets = NULL;
    enum lethe_err code = lethe_measured_sets_new(&sets, project, err);
    if (code)
        return code;
    const int by_class = lethe_args_choice(&call->args, "classes", 0) == 1;
    lethe_call_task(call, lethe_measured_sets_run, by_class ? finish_by_class : finish_evaluate,
                    lethe_measured_sets_free, sets);
    const struct lethe_measured_file file = {.path = lethe_args_text(&call->args, "data", NULL),
                                             .labels = lethe_args_text(&call->args, "labels", NULL),
                                             .format = lethe_args_text(&call->args, "format", NULL),
                                             .megabytes =
                                                 lethe_args_count(&call->args, "memory", 64)};
    if (file.path)
        return lethe_measured_sets_open(sets, project, &file, err);
    if (!project->train)
        return lethe_fail(
            err, LETHE_EARG,
            "'evaluate' needs training data: 'data PATH' first, or a file by 'data='");
    return lethe_measured_sets_take(sets, project, err);
}

static const struct lethe_arg_spec evaluate_args[] = {
    {.name = "classes",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "off|on",
     .help = "on: also class by class (off)"},
    {.name = "data",
     .kind = LETHE_ARG_PATH,
     .flags = LETHE_ARG_KEYED,
     .help = "a file to evaluate instead, read in blocks"},
    {.name = "labels",
     .kind = LETHE_ARG_PATH,
     .flags = LETHE_ARG_KEYED,
     .help = "file of its labels (default: a column of it)"},
    {.name = "format",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "idx|npy|csv|cifar|text",
     .help = "when it cannot be told from the content"},
    {.name = "memory",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 1,
     .max = 1 << 20,
     .help = "megabytes a block of the file may take (64)"},
};

const struct lethe_command lethe_command_evaluate = {
    .name = "evaluate",
    .group = LETHE_GROUP_MODEL,
    .flags = LETHE_NEEDS_MODEL,
    .summary = "Measure accuracy and loss of the model as it stands",
    .detail = "On the training samples that are not forgotten, on the forget set and what would "
              "be retained, and on the held-out samples with their two halves: previews look at "
              "'tune' only, 'report' is for the end. With 'data=' on a file, normalised like the "
              "training samples, that may be larger than memory.",
    .examples = "evaluate\nevaluate data=t10k-images.gz labels=t10k-labels.gz memory=16",
    LETHE_ARGS(evaluate_args),
    .run = run_evaluate,
};
