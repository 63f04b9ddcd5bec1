/* SPDX-License-Identifier: MIT
 * See train_head.h. */
#include "workbench/train_head.h"

#include <string.h>

#include "base/alloc.h"

struct head {
    struct lethe_graph *graph; /* whole network */
    size_t layer, width, classes, count;
    double *features, *logits; /* (count, width), (batch, classes) */
    size_t *from, *to;         /* (width + 1): a unit's entries in both networks */
};

/* The layer the logits come from: as many units as classes, with a bias, used at one position. */
static enum lethe_err find_layer(struct head *head, struct lethe_error *err)
{
    size_t layers = lethe_graph_layer_count(head->graph);
    const struct lethe_layer *layer = layers ? lethe_graph_layer(head->graph, layers - 1) : NULL;
    if (!layer || layer->units != head->classes || layer->positions != 1 || !layer->has_bias ||
        layer->unit_params != layer->fan_in + 1)
        return lethe_fail(err, LETHE_EARG,
                          "'train head' needs a network that ends in a linear layer with a bias; "
                          "'head N' adds one");
    head->layer = layers - 1;
    head->width = layer->fan_in;
    return LETHE_OK;
}

/* What the layer sees of every sample. That its outputs are the logits is checked, not hoped. */
static enum lethe_err find_features(struct head *head, struct lethe_problem *problem,
                                    struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_exec *exec = lethe_problem_exec(problem);
    size_t batch = lethe_problem_batch(problem), first = 0, n = 0;
    head->features = lethe_alloc(head->count, head->width * sizeof *head->features);
    head->logits = lethe_alloc(2 * batch, head->classes * sizeof *head->logits);
    if (!head->features || !head->logits)
        return lethe_fail_memory(err, "features", head->count * head->width, sizeof(double));
    double *outputs = head->logits + batch * head->classes;
    enum lethe_err code = LETHE_OK;
    for (size_t b = 0; b < lethe_problem_batches(problem) && !code; b++) {
        code = lethe_watch_step(watch, "features", (long)first, (long)head->count, err);
        if (!code)
            code = lethe_problem_forward(problem, b, head->logits, &first, &n, err);
        if (code)
            break;
        lethe_exec_input(exec, head->layer, head->features + first * head->width);
        lethe_exec_preact(exec, head->layer, outputs);
        if (memcmp(outputs, head->logits, n * head->classes * sizeof *outputs) != 0)
            code = lethe_fail(err, LETHE_EARG,
                              "'train head': the last layer '%s' does not make the logits; 'head "
                              "N' adds one that does",
                              lethe_graph_layer(head->graph, head->layer)->name);
    }
    return code;
}

/* Between the layer in w and softmax regression in v. */
static void copy_units(const struct head *head, const struct lethe_graph *regression, double *w,
                       double *v, int back)
{
    for (size_t unit = 0; unit < head->classes; unit++) {
        lethe_graph_unit_params(head->graph, head->layer, unit, head->from);
        lethe_graph_unit_params(regression, 0, unit, head->to);
        for (size_t i = 0; i <= head->width; i++) {
            if (back)
                w[head->from[i]] = v[head->to[i]];
            else
                v[head->to[i]] = w[head->from[i]];
        }
    }
}

static enum lethe_err regress(struct head *head, double *w, struct lethe_train_report *report,
                              const struct lethe_problem *problem,
                              const struct lethe_train_options *options, struct lethe_watch *watch,
                              struct lethe_error *err)
{
    const size_t widths[2] = {head->width, head->classes};
    struct lethe_problem_spec spec = {
        .count = head->count, .decay = lethe_problem_decay(problem), .dtype = LETHE_F64};
    struct lethe_problem *made = NULL;
    double *v = lethe_alloc_zero((head->width + 1) * head->classes, sizeof *v);
    head->from = lethe_alloc(head->width + 1, sizeof *head->from);
    head->to = lethe_alloc(head->width + 1, sizeof *head->to);
    enum lethe_err code = LETHE_OK;
    if (!v || !head->from || !head->to)
        code = lethe_fail_memory(err, "the head", head->width * head->classes, sizeof *v);
    if (!code)
        code = lethe_dataset_from(&spec.data, head->features, lethe_problem_labels(problem),
                                  head->count, head->width, err);
    if (!code)
        code = lethe_graph_mlp(&spec.graph, widths, 2, "tanh", err);
    if (!code)
        code = lethe_problem_new(&made, &spec, err);
    if (!code)
        copy_units(head, spec.graph, w, v, 0);
    if (!code)
        code = lethe_train(v, report, made, options, watch, err);
    if (!code)
        copy_units(head, spec.graph, w, v, 1);
    lethe_problem_free(made);
    lethe_dataset_unref(spec.data);
    lethe_graph_unref(spec.graph);
    lethe_free(v);
    return code;
}

enum lethe_err lethe_train_head(double *w, struct lethe_train_report *report,
                                struct lethe_problem *problem,
                                const struct lethe_train_options *options,
                                struct lethe_watch *watch, struct lethe_error *err)
{
    struct head head = {.graph = lethe_problem_graph(problem),
                        .count = lethe_problem_count(problem)};
    head.classes = lethe_graph_classes(head.graph);
    enum lethe_err code = find_layer(&head, err);
    if (!code)
        lethe_problem_weights(problem, w);
    if (!code)
        code = find_features(&head, problem, watch, err);
    if (!code)
        code = regress(&head, w, report, problem, options, watch, err);
    lethe_free(head.features);
    lethe_free(head.logits);
    lethe_free(head.from);
    lethe_free(head.to);
    return code;
}
