/* SPDX-License-Identifier: MIT
 * train: makes a model from data, or trains the one there is further. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/alloc.h"
#include "cmd/commands.h"
#include "workbench/architecture.h"
#include "workbench/derived_model.h"
#include "workbench/train_head.h"
#include "workbench/workbench.h"

struct training {
    struct lethe_graph *graph;
    struct lethe_dataset *data;
    size_t *ids, count; /* samples trained on */
    double *w;          /* (size + buffers) */
    double decay;
    enum lethe_dtype dtype;
    struct lethe_train_options options;
    struct lethe_train_report report;
    int further;         /* from the weights at the head of the history */
    int last_layer_only; /* 'train head' */
    char widths[200];    /* of a network made by description: "64-32-10"; "" else */
};

static void free_training(void *arg)
{
    struct training *training = arg;
    lethe_graph_unref(training->graph);
    lethe_dataset_unref(training->data);
    lethe_free(training->ids);
    lethe_free(training->w);
    lethe_free(training);
}

static enum lethe_err work_train(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct training *training = arg;
    const struct lethe_problem_spec spec = {.graph = training->graph,
                                            .data = training->data,
                                            .ids = training->ids,
                                            .count = training->count,
                                            .decay = training->decay,
                                            .dtype = training->dtype};
    struct lethe_problem *problem = NULL;
    enum lethe_err code = lethe_problem_new(&problem, &spec, err);
    if (!code)
        code = (training->last_layer_only ? lethe_train_head : lethe_train)(
            training->w, &training->report, problem, &training->options, watch, err);
    lethe_problem_free(problem);
    return code;
}

static enum lethe_err finish_train(struct lethe_workbench *wb, void *arg, struct lethe_value *out,
                                   struct lethe_error *err)
{
    struct training *training = arg;
    const struct lethe_train_report *report = &training->report;
    enum lethe_err code =
        training->further
            ? lethe_workbench_trained(wb, training->w, "trained further", err)
            : lethe_workbench_model(wb, training->graph, training->w, training->decay, err);
    if (code)
        return code;
    if (*training->widths)
        lethe_put_text(out, "network", training->widths);
    lethe_put_text(out, "optimizer", lethe_train_method_name(training->options.method));
    lethe_put_real(out, "weight_decay", training->decay);
    lethe_put_count(out, "samples", training->count);
    lethe_put_count(out, "iterations", report->iterations);
    lethe_put_real(out, "objective", report->value);
    lethe_put_real(out, "gradient", report->gradient);
    lethe_put_bool(out, "converged", report->converged);
    lethe_hint(lethe_put_real(out, "time", report->seconds), LETHE_HINT_SECONDS);
    if (!report->converged)
        lethe_put_note(out,
                       "not converged: removal then also finishes the training; see 'help form'");
    if (!report->converged && training->options.method == LETHE_TRAIN_LBFGS &&
        lethe_graph_corner(training->graph) == 0.0)
        lethe_put_note(out, "the minimum of a network with Relus lies on their corners, where no "
                            "gradient is 0: 'smooth 0.01' rounds them; see 'help smooth'");
    if (!training->further)
        lethe_derived_model_note(out, wb);
    return LETHE_OK;
}

/* ---- what to train, and how -------------------------------------------------------------------
 */

static enum lethe_err read_options(struct training *training, const struct lethe_workbench *wb,
                                   const struct lethe_args *args, struct lethe_error *err)
{
    struct lethe_train_options *options = &training->options;
    enum lethe_err code = lethe_project_recipe(options, &training->decay, &wb->project, err);
    if (code)
        return code;
    if (lethe_args_given(args, "optimizer")) {
        uint64_t seed = options->seed;
        *options =
            lethe_train_defaults((enum lethe_train_method)lethe_args_choice(args, "optimizer", 0));
        options->seed = seed;
    }
    if (!wb->project.bundle)
        options->seed = lethe_settings_count(&wb->settings, LETHE_SET_SEED);
    double setting = lethe_settings_real(&wb->settings, LETHE_SET_WEIGHT_DECAY);
    training->decay =
        lethe_args_real(args, "weight_decay", isnan(setting) ? training->decay : setting);
    if (isnan(training->decay))
        training->decay = 1e-3;
    if (training->further)
        options->metric = LETHE_TRAIN_METRIC;
    options->tolerance = lethe_args_real(args, "tolerance", options->tolerance);
    options->iterations = lethe_args_count(args, "epochs", options->iterations);
    options->batch = lethe_args_count(args, "batch", options->batch);
    options->rate = lethe_args_real(args, "rate", options->rate);
    options->momentum = lethe_args_real(args, "momentum", options->momentum);
    options->schedule =
        (enum lethe_train_schedule)lethe_args_choice(args, "schedule", options->schedule);
    options->seed = lethe_args_count(args, "seed", options->seed);
    options->dropout = lethe_args_real(args, "dropout", options->dropout);
    options->flip = lethe_args_choice(args, "flip", (size_t)options->flip) == 1;
    options->crop = lethe_args_count(args, "crop", options->crop);
    return LETHE_OK;
}

static enum lethe_err take_graph(struct training *training, const struct lethe_workbench *wb,
                                 const struct lethe_args *args, struct lethe_error *err)
{
    const struct lethe_project *project = &wb->project;
    const struct lethe_bundle *bundle = project->bundle;
    const char *model = lethe_args_text(args, "model", NULL);
    const char *activation =
        lethe_args_text(args, "activation", bundle ? bundle->activation : NULL);
    if (!model && project->graph) {
        training->graph = lethe_graph_ref(project->graph);
        return LETHE_OK;
    }
    if (!model)
        model = bundle ? bundle->architecture : NULL;
    if (!model)
        return lethe_fail(err, LETHE_EARG,
                          "'train' needs a model: model=mlp:32-16 or model=logreg");
    enum lethe_err code = lethe_architecture_make(&training->graph, model, activation,
                                                  lethe_dataset_width(project->train),
                                                  lethe_dataset_classes(project->train), err);
    if (!code)
        lethe_architecture_text(training->widths, training->graph);
    return code;
}

static enum lethe_err take_samples(struct training *training, const struct lethe_project *project,
                                   struct lethe_error *err)
{
    size_t n = lethe_dataset_count(project->train);
    training->data = lethe_dataset_ref(project->train);
    training->ids = lethe_alloc(n, sizeof *training->ids);
    if (!training->ids)
        return lethe_fail_memory(err, "samples", n, sizeof *training->ids);
    for (size_t id = 0; id < n; id++)
        if (!training->further || !lethe_ids_has(&project->removed, id))
            training->ids[training->count++] = id;
    return LETHE_OK;
}

static enum lethe_err take_weights(struct training *training, const struct lethe_project *project,
                                   struct lethe_error *err)
{
    size_t size = lethe_graph_size(training->graph) + lethe_graph_buffers(training->graph);
    training->w = lethe_alloc(size, sizeof *training->w);
    if (!training->w)
        return lethe_fail_memory(err, "weights", size, sizeof *training->w);
    if (training->further)
        memcpy(training->w, project->w, size * sizeof *training->w);
    else
        lethe_graph_init(training->graph, training->options.seed, training->w);
    return LETHE_OK;
}

static enum lethe_err run_train(struct lethe_call *call, struct lethe_error *err)
{
    const struct lethe_project *project = &call->wb->project;
    struct training *training = lethe_alloc_zero(1, sizeof *training);
    if (!training)
        return lethe_fail_memory(err, "training", 1, sizeof *training);
    call->task = (struct lethe_task){.run = work_train,
                                     .finish = finish_train,
                                     .release = free_training,
                                     .arg = training,
                                     .lane = LETHE_LANE_INTERACTIVE};
    training->further = lethe_args_given(&call->args, "MORE");
    training->last_layer_only = lethe_args_choice(&call->args, "MORE", 0) == 1;
    if (training->further && (!project->graph || lethe_args_given(&call->args, "model")))
        return lethe_fail(err, LETHE_EARG, "'train continue' goes on with the model there is%s",
                          project->graph ? ": leave 'model=' out" : ": 'load PATH' first");
    enum lethe_err code = read_options(training, call->wb, &call->args, err);
    if (!code)
        code = take_graph(training, call->wb, &call->args, err);
    training->dtype = LETHE_F64;
    if (!code && training->last_layer_only)
        training->dtype = lethe_graph_passes(project->graph);
    if (!code)
        code = take_samples(training, project, err);
    return code ? code : take_weights(training, project, err);
}

static const struct lethe_arg_spec train_args[] = {
    {.name = "MORE",
     .kind = LETHE_ARG_CHOICE,
     .choices = "continue|head",
     .help = "go on from the weights there are (head: the last layer only)"},
    {.name = "model",
     .kind = LETHE_ARG_TEXT,
     .flags = LETHE_ARG_KEYED,
     .help = "mlp:64-32-10, mlp:32 (hidden only) or logreg (the bundle's)"},
    {.name = "activation",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "tanh|relu|sigmoid",
     .help = "between its layers (tanh)"},
    {.name = "optimizer",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "lbfgs|sgd|adam",
     .help = "lbfgs ends at a minimum, which removal needs (lbfgs)"},
    {.name = "weight_decay",
     .kind = LETHE_ARG_REAL,
     .flags = LETHE_ARG_KEYED,
     .max = 1e6,
     .help = "lambda of lambda/2 |w|^2 (the bundle's, else 1e-3)"},
    {.name = "tolerance",
     .kind = LETHE_ARG_REAL,
     .flags = LETHE_ARG_KEYED,
     .max = 1,
     .help = "largest entry of the gradient at the end (1e-7)"},
    {.name = "epochs",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 1,
     .max = 1e7,
     .help = "epochs, or iterations of lbfgs, at most"},
    {.name = "batch",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 1,
     .max = 1e7,
     .help = "samples a step, sgd and adam (64)"},
    {.name = "rate",
     .kind = LETHE_ARG_REAL,
     .flags = LETHE_ARG_KEYED | LETHE_ARG_OPEN,
     .max = 1e6,
     .help = "learning rate, sgd (0.1) and adam (1e-3)"},
    {.name = "momentum",
     .kind = LETHE_ARG_REAL,
     .flags = LETHE_ARG_KEYED,
     .max = 1,
     .help = "of sgd (0.9)"},
    {.name = "schedule",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "constant|cosine|step",
     .help = "of the learning rate (cosine)"},
    {.name = "seed",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .max = 9007199254740992.0,
     .help = "of fresh weights and the order of samples"},
    {.name = "dropout",
     .kind = LETHE_ARG_REAL,
     .flags = LETHE_ARG_KEYED,
     .max = 0.999,
     .help = "share of the last layer's inputs dropped, sgd and adam (0)"},
    {.name = "flip",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "off|on",
     .help = "images turned left to right half the time, sgd and adam (off)"},
    {.name = "crop",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .max = 1000,
     .help = "images moved by up to so many pixels, sgd and adam (0)"},
};

const struct lethe_command lethe_command_train = {
    .name = "train",
    .group = LETHE_GROUP_TRAIN,
    .flags = LETHE_NEEDS_DATA | LETHE_NOTED,
    .summary = "Train a model",
    .detail =
        "By the recipe of the bundle unless told otherwise. The default, L-BFGS on all "
        "samples in double precision, runs to a minimum. A fresh training begins a new "
        "history; 'train continue' adds a state to the one there is, as does 'train head', which "
        "changes the last layer only: softmax regression on what the network makes of the "
        "samples, quick for any network.",
    .examples = "train model=logreg weight_decay=1e-2\ntrain model=mlp:64-32-10 seed=7\n"
                "train continue tolerance=1e-8",
    LETHE_ARGS(train_args),
    .run = run_train,
};
