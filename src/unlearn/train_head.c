/* SPDX-License-Identifier: MIT
 * Training of the last layer alone. See train_head.h. */
#include "unlearn/train_head.h"

#include <string.h>

#include "base/alloc.h"

/* The layer the logits come from: as many units as classes, with a bias, used at one position. */
static enum lethe_err find_layer(size_t *found, const struct lethe_graph *graph,
                                 struct lethe_error *err)
{
    size_t layers = lethe_graph_layer_count(graph), classes = lethe_graph_classes(graph);
    const struct lethe_layer *layer = layers ? lethe_graph_layer(graph, layers - 1) : NULL;
    if (!layer || layer->units != classes || !layer->single || !layer->has_bias ||
        layer->unit_params != layer->fan_in + 1)
        return lethe_fail(err, LETHE_EARG,
                          "training of the head alone needs a network that ends in a linear layer "
                          "with a bias; 'head N' adds one");
    *found = layers - 1;
    return LETHE_OK;
}

int lethe_head_possible(const struct lethe_graph *graph)
{
    size_t layer;
    return find_layer(&layer, graph, NULL) == LETHE_OK;
}

void lethe_head_features_release(struct lethe_head_features *features)
{
    lethe_free(features->x);
    lethe_free(features->labels);
    *features = (struct lethe_head_features){0};
}

/* One batch after the other. That the layer's outputs are the logits is checked, not hoped. */
static enum lethe_err pass(struct lethe_head_features *features, double *logits, size_t layer,
                           struct lethe_problem *problem, struct lethe_watch *watch,
                           struct lethe_error *err)
{
    const struct lethe_graph *graph = lethe_problem_graph(problem);
    struct lethe_exec *exec = lethe_problem_exec(problem);
    const size_t classes = lethe_graph_classes(graph);
    double *outputs = logits + lethe_problem_batch(problem) * classes;
    enum lethe_err code = LETHE_OK;
    for (size_t b = 0, first = 0, n = 0; b < lethe_problem_batches(problem) && !code; b++) {
        code = lethe_watch_step(watch, "features", (long)first, (long)features->count, err);
        if (!code)
            code = lethe_problem_forward(problem, b, logits, &first, &n, err);
        if (code)
            break;
        lethe_exec_input(exec, layer, features->x + first * features->width);
        lethe_exec_preact(exec, layer, outputs);
        if (memcmp(outputs, logits, n * classes * sizeof *outputs) != 0)
            code =
                lethe_fail(err, LETHE_EARG,
                           "the last layer '%s' does not make the logits; 'head N' adds one that "
                           "does",
                           lethe_graph_layer(graph, layer)->name);
        first += n;
    }
    return code;
}

enum lethe_err lethe_head_features_make(struct lethe_head_features *features, const double *w,
                                        struct lethe_problem *problem, struct lethe_watch *watch,
                                        struct lethe_error *err)
{
    const struct lethe_graph *graph = lethe_problem_graph(problem);
    const size_t classes = lethe_graph_classes(graph);
    struct lethe_head_features made = {.count = lethe_problem_count(problem)};
    size_t layer = 0;
    enum lethe_err code = find_layer(&layer, graph, err);
    if (code)
        return code;
    made.width = lethe_graph_layer(graph, layer)->fan_in;
    made.x = lethe_alloc(made.count, made.width * sizeof *made.x);
    made.labels = lethe_alloc(made.count, sizeof *made.labels);
    double *logits = lethe_alloc(2 * lethe_problem_batch(problem), classes * sizeof *logits);
    if (!made.x || !made.labels || !logits)
        code = lethe_fail_memory(err, "features", made.count * made.width, sizeof(double));
    if (!code) {
        memcpy(made.labels, lethe_problem_labels(problem), made.count * sizeof *made.labels);
        lethe_problem_weights(problem, w);
        code = pass(&made, logits, layer, problem, watch, err);
    }
    lethe_free(logits);
    if (code)
        lethe_head_features_release(&made);
    else
        *features = made;
    return code;
}

/* Between the layer in w and softmax regression in v. from and to: room for a unit's entries. */
static void copy_units(double *w, double *v, const struct lethe_graph *graph,
                       const struct lethe_graph *regression, size_t *entries, int back)
{
    const size_t layer = lethe_graph_layer_count(graph) - 1;
    const size_t width = lethe_graph_layer(graph, layer)->fan_in;
    size_t *from = entries, *to = entries + width + 1;
    for (size_t unit = 0; unit < lethe_graph_classes(graph); unit++) {
        lethe_graph_unit_params(graph, layer, unit, from);
        lethe_graph_unit_params(regression, 0, unit, to);
        for (size_t i = 0; i <= width; i++) {
            if (back)
                w[from[i]] = v[to[i]];
            else
                v[to[i]] = w[from[i]];
        }
    }
}

/* The rows chosen as a dataset of its own. */
static enum lethe_err choose_rows(struct lethe_dataset **data,
                                  const struct lethe_head_features *features, const size_t *rows,
                                  size_t count, struct lethe_error *err)
{
    const size_t width = features->width;
    if (!rows)
        return lethe_dataset_from(data, features->x, features->labels, features->count, width, err);
    double *x = lethe_alloc(count, width * sizeof *x);
    int *labels = lethe_alloc(count, sizeof *labels);
    enum lethe_err code = LETHE_OK;
    if (!x || !labels)
        code = lethe_fail_memory(err, "features", count * width, sizeof *x);
    for (size_t i = 0; i < count && !code; i++) {
        memcpy(x + i * width, features->x + rows[i] * width, width * sizeof *x);
        labels[i] = features->labels[rows[i]];
    }
    if (!code)
        code = lethe_dataset_from(data, x, labels, count, width, err);
    lethe_free(x);
    lethe_free(labels);
    return code;
}

enum lethe_err lethe_head_features_train(double *w, struct lethe_train_report *report,
                                         const struct lethe_graph *graph,
                                         const struct lethe_head_features *features,
                                         const size_t *rows, size_t count, double decay,
                                         const struct lethe_train_options *options,
                                         struct lethe_watch *watch, struct lethe_error *err)
{
    const size_t widths[2] = {features->width, lethe_graph_classes(graph)};
    struct lethe_problem_spec spec = {
        .count = rows ? count : features->count, .decay = decay, .dtype = LETHE_F64};
    struct lethe_problem *made = NULL;
    double *v = lethe_alloc_zero((widths[0] + 1) * widths[1], sizeof *v);
    size_t *entries = lethe_alloc(2 * (widths[0] + 1), sizeof *entries);
    enum lethe_err code = LETHE_OK;
    if (!v || !entries)
        code = lethe_fail_memory(err, "the head", widths[0] * widths[1], sizeof *v);
    if (!code)
        code = choose_rows(&spec.data, features, rows, count, err);
    if (!code)
        code = lethe_graph_mlp(&spec.graph, widths, 2, "tanh", err);
    if (!code)
        code = lethe_problem_new(&made, &spec, err);
    if (!code)
        copy_units(w, v, graph, spec.graph, entries, 0);
    if (!code)
        code = lethe_train(v, report, made, options, watch, err);
    if (!code)
        copy_units(w, v, graph, spec.graph, entries, 1);
    lethe_problem_free(made);
    lethe_dataset_unref(spec.data);
    lethe_graph_unref(spec.graph);
    lethe_free(v);
    lethe_free(entries);
    return code;
}

enum lethe_err lethe_train_head(double *w, struct lethe_train_report *report,
                                struct lethe_problem *problem,
                                const struct lethe_train_options *options,
                                struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_head_features features = {0};
    enum lethe_err code = lethe_head_features_make(&features, w, problem, watch, err);
    if (!code)
        code = lethe_head_features_train(w, report, lethe_problem_graph(problem), &features, NULL,
                                         0, lethe_problem_decay(problem), options, watch, err);
    lethe_head_features_release(&features);
    return code;
}
