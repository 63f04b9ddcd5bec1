/* SPDX-License-Identifier: MIT
 * train: makes a model from data, or trains the one there is further. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/alloc.h"
#include "workbench/answer_session.h"
#include "cmd/commands.h"
#include "workbench/architecture.h"
#include "workbench/derived_model.h"
#include "workbench/movable.h"
#include "workbench/training.h"
#include "workbench/workbench.h"

static enum lethe_err finish_train(struct lethe_workbench *wb, void *arg, struct lethe_value *out,
                                   struct lethe_error *err)
{
    struct lethe_training *training = arg;
    const struct lethe_project *fresh = &training->fresh;
    enum lethe_err code = LETHE_OK;
    if (training->stood[0] != wb->project.graph || training->stood[1] != wb->project.train)
        return lethe_fail(
            err, LETHE_ECANCEL,
            "what 'train' made was let go: another model or other data came meanwhile");
    if (fresh->train)
        code = lethe_workbench_begin(wb, fresh->name, fresh->train, fresh->heldout, err);
    if (!code)
        code =
            training->further
                ? lethe_workbench_trained(wb, training->w, "trained further",
                                          training->last_layer_only ? lethe_workbench_features(wb)
                                                                    : LETHE_FEATURES_OWN,
                                          training->decay, err)
                : lethe_workbench_model(wb, training->graph, training->w, training->decay, err);
    if (code)
        return code;
    if (!training->further)
        wb->project.features = LETHE_FEATURES_OWN;
    lethe_training_put(out, training);
    if (!training->further)
        lethe_derived_model_note(out, wb);
    return LETHE_OK;
}

/* ---- what to train, and how ------------------------------------------------------------------ */

static enum lethe_err read_options(struct lethe_training *training,
                                   const struct lethe_project *project,
                                   const struct lethe_settings *settings,
                                   const struct lethe_args *args, struct lethe_error *err)
{
    struct lethe_train_options *options = &training->options;
    enum lethe_err code = lethe_project_recipe(options, &training->decay, project, err);
    if (code)
        return code;
    const char *model = lethe_args_text(args, "model", NULL);
    const size_t usual = model ? lethe_architecture_method(model) : options->method;
    const size_t method = lethe_args_choice(args, "optimizer", usual);
    if (lethe_args_given(args, "optimizer") || (model && method != options->method)) {
        uint64_t seed = options->seed;
        *options = lethe_train_defaults((enum lethe_train_method)method);
        options->seed = seed;
    }
    if (!project->bundle)
        options->seed = lethe_settings_count(settings, LETHE_SET_SEED);
    double setting =
        training->fresh.train ? NAN : lethe_settings_real(settings, LETHE_SET_WEIGHT_DECAY);
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
    return lethe_penalty_read(&training->penalty, args, options->method,
                              lethe_settings_count(settings, LETHE_SET_SEED), err);
}

static enum lethe_err run_train(struct lethe_call *call, struct lethe_error *err)
{
    const struct lethe_project *project = &call->wb->project;
    struct lethe_training *training = lethe_alloc_zero(1, sizeof *training);
    if (!training)
        return lethe_fail_memory(err, "training", 1, sizeof *training);
    lethe_call_task(call, lethe_training_run, finish_train, lethe_training_free, training);
    training->further = lethe_args_given(&call->args, "MORE");
    training->stood[0] = project->graph;
    training->stood[1] = project->train;
    if (call->wb->interactive) { /* what a person does meanwhile does not take its place */
        call->task.lane = LETHE_LANE_BACKGROUND;
        call->task.lasting = call->task.independent = !training->further;
    }
    if (!training->further && lethe_standing_leave(call, err))
        return LETHE_EARG;
    training->last_layer_only = lethe_args_choice(&call->args, "MORE", 0) == 1;
    const char *data = lethe_args_text(&call->args, "data", NULL);
    if (training->further && (!project->graph || data || lethe_args_given(&call->args, "model")))
        return lethe_fail(err, LETHE_EARG, "'train continue' goes on with the model there is%s",
                          project->graph ? ": leave 'model=' and 'data=' out"
                                         : ": 'load PATH' first");
    if (!data && !project->train)
        return lethe_fail(err, LETHE_EARG,
                          "'train' needs training data: 'data PATH' first, or "
                          "data=PATH (data=rings makes some)");
    enum lethe_err code = training->further && call->wb->session
                              ? lethe_session_check_writing(call->wb->session, err)
                              : LETHE_OK;
    if (!code && data)
        code = lethe_project_read(&training->fresh, data, err);
    if (data)
        project = &training->fresh;
    if (!code)
        code = read_options(training, project, &call->wb->settings, &call->args, err);
    return code ? code
                : lethe_training_begin(training, project,
                                       lethe_args_text(&call->args, "model", NULL),
                                       lethe_args_text(&call->args, "activation", NULL), err);
}

static const struct lethe_arg_spec train_args[] = {
    {.name = "MORE",
     .kind = LETHE_ARG_CHOICE,
     .choices = "continue|head",
     .help = "go on from the weights there are (head: the last layer only)"},
    {.name = "model",
     .kind = LETHE_ARG_TEXT,
     .flags = LETHE_ARG_KEYED,
     .help = "logreg, mlp:32-16, cnn:16p-32, resnet:16x3, mobilenet:16x1-24x2p, densenet:12x6, "
             "text:64x2"},
    {.name = "data",
     .kind = LETHE_ARG_PATH,
     .flags = LETHE_ARG_KEYED,
     .help = "as 'data' has it, or rings, moons, blobs (those loaded)"},
    {.name = "activation",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "tanh|relu|sigmoid",
     .help = "between the layers of mlp (tanh)"},
    {.name = "optimizer",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "lbfgs|sgd|adam",
     .help = "lbfgs ends at a minimum, which removal needs (by the model)"},
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
    LETHE_ARGS_OF_PENALTIES,
};

const struct lethe_command lethe_command_train = {
    .name = "train",
    .group = LETHE_GROUP_TRAIN,
    .flags = LETHE_NOTED,
    .summary = "Train a model",
    .detail =
        "By the recipe of the bundle unless told otherwise. The default, L-BFGS on all "
        "samples in double precision, runs to a minimum. A fresh training begins a new "
        "history; 'train continue' adds a state to the one there is, as does 'train head', which "
        "changes the last layer only: softmax regression on what the network makes of the "
        "samples, quick for any network.\n"
        "Models by description: logreg; mlp:64-32-10 or mlp:32 (hidden layers only); "
        "cnn:16p-32p-64, filters of 3 x 3 convolutions with batch normalisation, p where the image "
        "is halved; resnet:16x3-32x3-64x3, filters x residual blocks; mobilenet:16x1-24x2-32x3p, "
        "filters x inverted residual blocks, p where a stage halves; densenet:12x6-12x12, growth x "
        "layers; text:64x2, width x attention layers. By default L-BFGS trains the first two, SGD "
        "what has convolutions, Adam text.\n"
        "penalty= keeps units from telling marked samples of a class from unmarked ones ('generate "
        "mark', 'spurious'): strength/2 times the square of what the mark adds to the unit given "
        "the label, in the unit's standard deviations, in every mini-batch. Large batches measure "
        "that better.",
    .examples = "train model=logreg weight_decay=1e-2\ntrain model=mlp:64-32-10 seed=7\n"
                "train model=mlp:16-8 data=rings\n"
                "train model=cnn:16p-32p-64 epochs=20 flip=on\n"
                "train continue tolerance=1e-8\n"
                "train continue optimizer=sgd batch=256 penalty=spurious[:8]",
    LETHE_ARGS(train_args),
    .run = run_train,
};
