/* SPDX-License-Identifier: MIT
 * A training of the project's samples: which network, which samples, from which weights. See
 * training.h. */
#include "workbench/training.h"

#include <string.h>

#include "base/alloc.h"
#include "workbench/architecture.h"
#include "unlearn/train_head.h"

void lethe_training_free(void *arg)
{
    struct lethe_training *training = arg;
    lethe_graph_unref(training->graph);
    lethe_dataset_unref(training->data);
    lethe_project_release(&training->fresh);
    lethe_penalty_release(&training->penalty);
    lethe_free(training->ids);
    lethe_free(training->w);
    lethe_free(training);
}

enum lethe_err lethe_training_run(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_training *training = arg;
    const struct lethe_problem_spec spec = {.graph = training->graph,
                                            .data = training->data,
                                            .ids = training->ids,
                                            .count = training->count,
                                            .decay = training->decay,
                                            .dtype = training->dtype};
    struct lethe_problem *problem = NULL;
    enum lethe_err code = lethe_problem_new(&problem, &spec, err);
    if (!code && training->penalty.text)
        code = lethe_penalty_make(&training->options.penalty, &training->penalty, training->graph,
                                  training->data, training->ids, training->count, watch, err);
    if (!code)
        code = (training->last_layer_only ? lethe_train_head : lethe_train)(
            training->w, &training->report, problem, &training->options, watch, err);
    lethe_problem_free(problem);
    return code;
}

static enum lethe_err take_graph(struct lethe_training *training,
                                 const struct lethe_project *project, const char *model,
                                 const char *activation, struct lethe_error *err)
{
    const struct lethe_bundle *bundle = project->bundle;
    if (!model && project->graph) {
        training->graph = lethe_graph_ref(project->graph);
        return LETHE_OK;
    }
    if (!model)
        model = bundle ? bundle->architecture : NULL;
    if (!model)
        return lethe_fail(err, LETHE_EARG,
                          "'train' needs a model: model=mlp:32-16, model=logreg, "
                          "model=cnn:16p-32p-64 or model=text:64x2");
    if (!activation && bundle && lethe_architecture_method(model) == LETHE_TRAIN_LBFGS)
        activation = bundle->activation;
    const struct lethe_samples_shape data = lethe_samples_shape_of(project->train);
    enum lethe_err code = lethe_architecture_make(&training->graph, model, activation, &data, err);
    if (!code)
        lethe_architecture_text(training->widths, model, training->graph);
    return code;
}

static enum lethe_err take_samples(struct lethe_training *training,
                                   const struct lethe_project *project, struct lethe_error *err)
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

static enum lethe_err take_weights(struct lethe_training *training,
                                   const struct lethe_project *project, struct lethe_error *err)
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

enum lethe_err lethe_training_begin(struct lethe_training *training,
                                    const struct lethe_project *project, const char *model,
                                    const char *activation, struct lethe_error *err)
{
    enum lethe_err code = take_graph(training, project, model, activation, err);
    if (code)
        return code;
    const int minimises = training->options.method == LETHE_TRAIN_LBFGS;
    if (minimises && *training->widths && lethe_graph_buffers(training->graph))
        return lethe_fail(err, LETHE_EARG,
                          "L-BFGS would leave the running statistics of the batch normalisation "
                          "as they begin: optimizer=sgd or optimizer=adam");
    training->dtype =
        minimises && !training->last_layer_only ? LETHE_F64 : lethe_graph_passes(training->graph);
    code = take_samples(training, project, err);
    if (!code && training->penalty.text)
        code =
            lethe_penalty_begin(&training->penalty, project, training->graph, training->data, err);
    return code ? code : take_weights(training, project, err);
}

void lethe_training_put(struct lethe_value *out, const struct lethe_training *training)
{
    const struct lethe_train_report *report = &training->report;
    if (*training->widths)
        lethe_put_text(out, "network", training->widths);
    lethe_put_text(out, "optimizer", lethe_train_method_name(training->options.method));
    lethe_put_real(out, "weight_decay", training->decay);
    lethe_put_count(out, "samples", training->count);
    lethe_penalty_put(out, &training->penalty, training->graph);
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
}
