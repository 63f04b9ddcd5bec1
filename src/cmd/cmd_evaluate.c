/* SPDX-License-Identifier: MIT
 * evaluate: accuracy and loss of the model as it stands, on every set of samples or on a file of
 * its own, which is read block by block and may be larger than memory. */
#include <string.h>
#include "base/alloc.h"
#include "cmd/commands.h"
#include "study/evaluate_sets.h"
#include "workbench/workbench.h"

enum set { TRAIN, FORGET, RETAIN, HELDOUT, TUNE, REPORT, STREAM, SETS };

static const char *const set_names[] = {
    [TRAIN] = "train", [FORGET] = "forget", [RETAIN] = "retain", [HELDOUT] = "heldout",
    [TUNE] = "tune",   [REPORT] = "report", [STREAM] = "file",
};
_Static_assert(sizeof set_names / sizeof *set_names == SETS, "a set without a name");

struct evaluation {
    struct lethe_graph *graph;
    double *w;
    enum lethe_dtype dtype;
    struct lethe_dataset *train, *heldout; /* NULL: not there */
    struct lethe_evaluated_set sets[SETS];
    struct lethe_stream *stream;
    char *paths[2];     /* of the stream's samples and labels */
    const char **names; /* its classes', borrowed from the training samples; NULL: none */
    struct lethe_dataset *named;
    size_t classes;
    int by_class;
};

static void free_evaluation(void *arg)
{
    struct evaluation *evaluation = arg;
    for (int set = 0; set < SETS; set++)
        lethe_evaluated_set_release(&evaluation->sets[set]);
    lethe_dataset_unref(evaluation->train);
    lethe_dataset_unref(evaluation->heldout);
    lethe_stream_free(evaluation->stream);
    lethe_free(evaluation->paths[0]);
    lethe_free(evaluation->paths[1]);
    lethe_free(evaluation->names);
    lethe_dataset_unref(evaluation->named);
    lethe_graph_unref(evaluation->graph);
    lethe_free(evaluation->w);
    lethe_free(evaluation);
}

static enum lethe_err work_evaluate(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct evaluation *e = arg;
    const struct lethe_evaluated_model model = {e->graph, e->w, e->dtype};
    if (e->stream)
        return lethe_evaluate_stream(&e->sets[STREAM], &model, e->stream, watch, err);
    enum lethe_err code =
        lethe_evaluate_sets(&e->sets[TRAIN], HELDOUT - TRAIN, &model, e->train, watch, err);
    return code ? code
                : lethe_evaluate_sets(&e->sets[HELDOUT], STREAM - HELDOUT, &model, e->heldout,
                                      watch, err);
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
        if (evaluation->sets[set].ids.count)
            put_figures(lethe_put_object(sets, set_names[set]), &evaluation->sets[set].figures);
    struct lethe_value *list = evaluation->by_class ? lethe_put_list(out, "classes") : NULL;
    for (int set = 0; set < SETS && list; set++)
        for (size_t c = 0; evaluation->sets[set].ids.count && c < evaluation->classes; c++) {
            if (!evaluation->sets[set].per_class[c].n)
                continue;
            struct lethe_value *item = lethe_put_object(list, NULL);
            lethe_put_text(item, "set", set_names[set]);
            lethe_put_count(item, "class", c);
            put_figures(item, &evaluation->sets[set].per_class[c]);
        }
    return LETHE_OK;
}

static enum lethe_err take_sets(struct evaluation *evaluation, const struct lethe_project *project,
                                struct lethe_error *err)
{
    const struct lethe_ids none[2] = {{0}, {0}}, gone[2] = {project->removed, {0}};
    const struct lethe_ids both[2] = {project->removed, project->forget};
    evaluation->train = lethe_dataset_ref(project->train);
    evaluation->heldout = project->heldout ? lethe_dataset_ref(project->heldout) : NULL;
    enum lethe_err code = lethe_ids_without(&evaluation->sets[TRAIN].ids,
                                            lethe_dataset_count(project->train), NULL, gone, err);
    if (!code && project->forget.count)
        code = lethe_ids_without(&evaluation->sets[FORGET].ids, lethe_dataset_count(project->train),
                                 &project->forget, none, err);
    if (!code && project->forget.count)
        code = lethe_ids_without(&evaluation->sets[RETAIN].ids, lethe_dataset_count(project->train),
                                 NULL, both, err);
    if (!code && project->heldout)
        code = lethe_ids_without(&evaluation->sets[HELDOUT].ids,
                                 lethe_dataset_count(project->heldout), NULL, none, err);
    if (!code && project->heldout)
        code = lethe_ids_without(&evaluation->sets[TUNE].ids, lethe_dataset_count(project->heldout),
                                 &project->tune, none, err);
    if (!code && project->heldout)
        code =
            lethe_ids_without(&evaluation->sets[REPORT].ids, lethe_dataset_count(project->heldout),
                              &project->report, none, err);
    return code;
}

/* Names that were found in the training file stand for the same classes in this one. */
static enum lethe_err take_names(struct lethe_data_source *source, struct evaluation *evaluation,
                                 struct lethe_dataset *train, struct lethe_error *err)
{
    const size_t classes = train ? lethe_dataset_classes(train) : 0;
    if (source->class_name_count || !classes || !lethe_dataset_class_name(train, 0))
        return LETHE_OK;
    evaluation->names = lethe_alloc(classes, sizeof *evaluation->names);
    if (!evaluation->names)
        return lethe_fail_memory(err, "names", classes, sizeof *evaluation->names);
    evaluation->named = lethe_dataset_ref(train);
    for (size_t c = 0; c < classes && lethe_dataset_class_name(train, c); c++) {
        evaluation->names[c] = lethe_dataset_class_name(train, c);
        source->class_name_count = c + 1;
    }
    source->class_names = evaluation->names;
    return LETHE_OK;
}

/* The file as the samples of the workbench are: normalised, classed and cut into tokens like them.
 */
static enum lethe_err open_stream(struct evaluation *evaluation,
                                  const struct lethe_project *project,
                                  const struct lethe_args *args, struct lethe_error *err)
{
    static const char *const names[2] = {"data", "labels"};
    struct lethe_data_source source = {0};
    for (int k = 0; k < 2; k++) {
        const char *text = lethe_args_text(args, names[k], NULL);
        if (text && !(evaluation->paths[k] = lethe_strdup(text)))
            return lethe_fail_memory(err, "a path", strlen(text), 1);
    }
    if (project->bundle)
        source = project->bundle->train;
    else if (project->train)
        source.normalize = lethe_dataset_normalize(project->train);
    source.path = evaluation->paths[0];
    source.labels = evaluation->paths[1];
    source.groups = NULL;
    source.like = project->train;
    source.first = source.last = 0;
    source.format = lethe_args_text(args, "format", NULL);
    enum lethe_err code = take_names(&source, evaluation, project->train, err);
    if (code)
        return code;
    if (!source.classes && !source.class_name_count)
        source.classes = evaluation->classes;
    size_t megabytes = lethe_args_count(args, "memory", 64);
    return lethe_stream_open(&evaluation->stream, &source, megabytes << 20, err);
}

static enum lethe_err take_weights(struct evaluation *evaluation,
                                   const struct lethe_project *project, struct lethe_error *err)
{
    size_t size = lethe_graph_size(project->graph) + lethe_graph_buffers(project->graph);
    evaluation->graph = lethe_graph_ref(project->graph);
    evaluation->dtype = lethe_graph_passes(project->graph);
    evaluation->classes = lethe_graph_classes(project->graph);
    evaluation->w = lethe_alloc(size, sizeof *evaluation->w);
    if (!evaluation->w)
        return lethe_fail_memory(err, "weights", size, sizeof *evaluation->w);
    memcpy(evaluation->w, project->w, size * sizeof *evaluation->w);
    enum lethe_err code = LETHE_OK;
    for (int set = 0; set < SETS && !code; set++)
        code = lethe_evaluated_set_init(&evaluation->sets[set], set_names[set], evaluation->classes,
                                        err);
    return code;
}

static enum lethe_err run_evaluate(struct lethe_call *call, struct lethe_error *err)
{
    const struct lethe_project *project = &call->wb->project;
    struct evaluation *evaluation = lethe_alloc_zero(1, sizeof *evaluation);
    if (!evaluation)
        return lethe_fail_memory(err, "evaluation", 1, sizeof *evaluation);
    call->task = (struct lethe_task){.run = work_evaluate,
                                     .finish = finish_evaluate,
                                     .release = free_evaluation,
                                     .arg = evaluation,
                                     .lane = LETHE_LANE_INTERACTIVE};
    evaluation->by_class = lethe_args_choice(&call->args, "classes", 0) == 1;
    enum lethe_err code = take_weights(evaluation, project, err);
    if (code)
        return code;
    if (lethe_args_given(&call->args, "data"))
        return open_stream(evaluation, project, &call->args, err);
    if (!project->train)
        return lethe_fail(
            err, LETHE_EARG,
            "'evaluate' needs training data: 'data PATH' first, or a file by 'data='");
    return take_sets(evaluation, project, err);
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
