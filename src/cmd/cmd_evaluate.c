/* SPDX-License-Identifier: MIT
 * evaluate: accuracy and loss of the model as it stands, on every set of samples. */
#include <math.h>
#include "base/alloc.h"
#include "cmd/commands.h"
#include "cmd/workbench.h"

enum set { TRAIN, FORGET, RETAIN, HELDOUT, TUNE, REPORT, SETS };

static const char *const set_names[] = {
    [TRAIN] = "train",     [FORGET] = "forget", [RETAIN] = "retain",
    [HELDOUT] = "heldout", [TUNE] = "tune",     [REPORT] = "report",
};
_Static_assert(sizeof set_names / sizeof *set_names == SETS, "a set without a name");

struct evaluation {
    struct lethe_graph *graph;
    double *w;
    struct lethe_dataset *data[SETS];
    struct lethe_ids ids[SETS]; /* count 0: the set is not there */
    struct lethe_set_figures figures[SETS], *per_class[SETS];
    size_t classes;
    int by_class;
};

static void free_evaluation(void *arg)
{
    struct evaluation *evaluation = arg;
    for (int set = 0; set < SETS; set++) {
        lethe_dataset_unref(evaluation->data[set]);
        lethe_free(evaluation->ids[set].at);
        lethe_free(evaluation->per_class[set]);
    }
    lethe_graph_unref(evaluation->graph);
    lethe_free(evaluation->w);
    lethe_free(evaluation);
}

static enum lethe_err measure(struct evaluation *evaluation, int set, struct lethe_watch *watch,
                              struct lethe_error *err)
{
    const struct lethe_problem_spec spec = {.graph = evaluation->graph,
                                            .data = evaluation->data[set],
                                            .ids = evaluation->ids[set].at,
                                            .count = evaluation->ids[set].count,
                                            .dtype = LETHE_F64};
    struct lethe_problem *problem = NULL;
    size_t classes = evaluation->classes;
    double *logits = lethe_alloc(spec.count, classes * sizeof *logits);
    enum lethe_err code = LETHE_OK;
    if (!logits)
        code = lethe_fail_memory(err, "logits", spec.count * classes, sizeof *logits);
    if (!code)
        code = lethe_problem_new(&problem, &spec, err);
    if (!code)
        code = lethe_problem_logits(problem, logits, evaluation->w, watch, err);
    if (!code) {
        const struct lethe_outputs out = {logits, lethe_problem_labels(problem), spec.count,
                                          classes};
        code = lethe_outputs_check(&out, set_names[set], err);
        if (!code)
            lethe_set_measure(&evaluation->figures[set], &out);
        if (!code && evaluation->by_class)
            lethe_set_per_class(evaluation->per_class[set], &out);
    }
    lethe_problem_free(problem);
    lethe_free(logits);
    return code;
}

static enum lethe_err work_evaluate(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct evaluation *evaluation = arg;
    enum lethe_err code = LETHE_OK;
    for (int set = 0; set < SETS && !code; set++)
        if (evaluation->ids[set].count)
            code = measure(evaluation, set, watch, err);
    return code;
}

static void put_figures(struct lethe_value *item, const struct lethe_set_figures *figures)
{
    lethe_put_count(item, "samples", figures->n);
    lethe_put_count(item, "correct", figures->correct);
    lethe_put_share(item, "accuracy", figures->accuracy);
    lethe_put_real(item, "loss", figures->loss);
}

static enum lethe_err finish_evaluate(struct lethe_workbench *wb, void *arg,
                                      struct lethe_value *out, struct lethe_error *err)
{
    (void)wb;
    (void)err;
    const struct evaluation *evaluation = arg;
    struct lethe_value *sets = evaluation->by_class ? lethe_put_object(out, "sets") : out;
    for (int set = 0; set < SETS; set++)
        if (evaluation->ids[set].count)
            put_figures(lethe_put_object(sets, set_names[set]), &evaluation->figures[set]);
    struct lethe_value *list = evaluation->by_class ? lethe_put_list(out, "classes") : NULL;
    for (int set = 0; set < SETS && list; set++)
        for (size_t c = 0; evaluation->ids[set].count && c < evaluation->classes; c++) {
            if (!evaluation->per_class[set][c].n)
                continue;
            struct lethe_value *item = lethe_put_object(list, NULL);
            lethe_put_text(item, "set", set_names[set]);
            lethe_put_count(item, "class", c);
            put_figures(item, &evaluation->per_class[set][c]);
        }
    return LETHE_OK;
}

/* Samples of `data` that are in no `without`. */
static enum lethe_err take(struct evaluation *evaluation, int set, struct lethe_dataset *data,
                           const struct lethe_ids *only, const struct lethe_ids *without,
                           struct lethe_error *err)
{
    size_t n = only ? only->count : lethe_dataset_count(data);
    struct lethe_ids *ids = &evaluation->ids[set];
    evaluation->data[set] = lethe_dataset_ref(data);
    ids->at = lethe_alloc(n, sizeof *ids->at);
    evaluation->per_class[set] =
        lethe_alloc_zero(evaluation->classes, sizeof *evaluation->per_class[set]);
    if (!ids->at || !evaluation->per_class[set])
        return lethe_fail_memory(err, "samples", n, sizeof *ids->at);
    for (size_t i = 0; i < n; i++) {
        size_t id = only ? only->at[i] : i;
        if (!lethe_ids_has(&without[0], id) && !lethe_ids_has(&without[1], id))
            ids->at[ids->count++] = id;
    }
    return LETHE_OK;
}

static enum lethe_err take_sets(struct evaluation *evaluation, const struct lethe_subject *subject,
                                struct lethe_error *err)
{
    const struct lethe_ids none[2] = {{0}, {0}}, gone[2] = {subject->removed, {0}};
    const struct lethe_ids both[2] = {subject->removed, subject->forget};
    enum lethe_err code = take(evaluation, TRAIN, subject->train, NULL, gone, err);
    if (!code && subject->forget.count)
        code = take(evaluation, FORGET, subject->train, &subject->forget, none, err);
    if (!code && subject->forget.count)
        code = take(evaluation, RETAIN, subject->train, NULL, both, err);
    if (!code && subject->heldout)
        code = take(evaluation, HELDOUT, subject->heldout, NULL, none, err);
    if (!code && subject->heldout)
        code = take(evaluation, TUNE, subject->heldout, &subject->tune, none, err);
    if (!code && subject->heldout)
        code = take(evaluation, REPORT, subject->heldout, &subject->report, none, err);
    return code;
}

static enum lethe_err run_evaluate(struct lethe_call *call, struct lethe_error *err)
{
    const struct lethe_subject *subject = &call->wb->subject;
    size_t size = lethe_graph_size(subject->graph) + lethe_graph_buffers(subject->graph);
    struct evaluation *evaluation = lethe_alloc_zero(1, sizeof *evaluation);
    if (!evaluation)
        return lethe_fail_memory(err, "evaluation", 1, sizeof *evaluation);
    call->task = (struct lethe_task){.run = work_evaluate,
                                     .finish = finish_evaluate,
                                     .release = free_evaluation,
                                     .arg = evaluation,
                                     .lane = LETHE_LANE_INTERACTIVE};
    evaluation->graph = lethe_graph_ref(subject->graph);
    evaluation->classes = lethe_graph_classes(subject->graph);
    evaluation->by_class = lethe_args_choice(&call->args, "classes", 0) == 1;
    evaluation->w = lethe_alloc(size, sizeof *evaluation->w);
    if (!evaluation->w)
        return lethe_fail_memory(err, "weights", size, sizeof *evaluation->w);
    for (size_t i = 0; i < size; i++)
        evaluation->w[i] = subject->w[i];
    return take_sets(evaluation, subject, err);
}

static const struct lethe_arg_spec evaluate_args[] = {
    {.name = "classes",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "off|on",
     .help = "on: also class by class (off)"},
};

const struct lethe_command lethe_command_evaluate = {
    .name = "evaluate",
    .group = LETHE_GROUP_MODEL,
    .flags = LETHE_NEEDS_MODEL | LETHE_NEEDS_DATA,
    .summary = "Measure accuracy and loss of the model as it stands",
    .detail = "On the training samples that are not forgotten, on the forget set and what would "
              "be retained, and on the held-out samples with their two halves: previews look at "
              "'tune' only, 'report' is for the end.",
    LETHE_ARGS(evaluate_args),
    .run = run_evaluate,
};
