/* SPDX-License-Identifier: MIT
 * Reading a batch of arrays and running it through a graph, forward and backward. */
#include "unlearn/array_gradients.h"

#include <math.h>

#include "base/alloc.h"
#include "lethe/array.h"

enum { BLOCK = 32 }; /* samples at a time */

enum lethe_err lethe_array_batch_input(struct lethe_array_batch *batch,
                                       const struct lethe_graph *graph, const char *path,
                                       struct lethe_error *err)
{
    struct lethe_array array = {0};
    const size_t which = batch->input_count;
    enum lethe_err code = lethe_array_read(&array, path, err);
    if (code)
        return code;
    size_t n = array.ndim ? array.dims[0] : 0, width = n ? array.count / n : 0;
    size_t wanted = lethe_graph_input_width(graph, which);
    double *values = NULL;
    if (!n || width != wanted)
        code = lethe_fail(err, LETHE_EFORMAT,
                          "'%s' has %zu values a sample, the model's input %zu takes %zu", path,
                          width, which, wanted);
    else if (which && n != batch->n)
        code = lethe_fail(err, LETHE_EFORMAT, "'%s' has %zu samples, the input before it %zu", path,
                          n, batch->n);
    else if (!(values = lethe_alloc(array.count, sizeof *values)))
        code = lethe_fail_memory(err, "input", array.count, sizeof *values);
    for (size_t i = 0; !code && i < array.count; i++) {
        values[i] = lethe_array_get(&array, i);
        if (!isfinite(values[i]))
            code = lethe_fail(err, LETHE_EFORMAT, "'%s': value %zu is not finite", path, i);
    }
    lethe_array_release(&array);
    if (code) {
        lethe_free(values);
        return code;
    }
    batch->n = n;
    batch->inputs[batch->input_count++] = values;
    return LETHE_OK;
}

enum lethe_err lethe_array_batch_labels(struct lethe_array_batch *batch,
                                        const struct lethe_graph *graph, const char *path,
                                        struct lethe_error *err)
{
    struct lethe_array array = {0};
    size_t classes = lethe_graph_classes(graph);
    enum lethe_err code = lethe_array_read(&array, path, err);
    if (code)
        return code;
    if (array.count != batch->n)
        code = lethe_fail(err, LETHE_EFORMAT, "'%s' has %zu labels, the input %zu samples", path,
                          array.count, batch->n);
    if (!code && !(batch->labels = lethe_alloc(batch->n, sizeof *batch->labels)))
        code = lethe_fail_memory(err, "labels", batch->n, sizeof *batch->labels);
    for (size_t i = 0; !code && i < array.count; i++) {
        double label = lethe_array_get(&array, i);
        if (!(label >= 0 && label < (double)classes) || label != floor(label))
            code = lethe_fail(err, LETHE_EFORMAT, "'%s': label %zu is %g, allowed are 0 to %zu",
                              path, i, label, classes - 1);
        else
            batch->labels[i] = (int)label;
    }
    lethe_array_release(&array);
    return code;
}

void lethe_array_batch_release(struct lethe_array_batch *batch)
{
    for (size_t i = 0; i < batch->input_count; i++)
        lethe_free(batch->inputs[i]);
    lethe_free(batch->labels);
    *batch = (struct lethe_array_batch){0};
}

static enum lethe_err run_block(struct lethe_array_gradients *made, struct lethe_exec *exec,
                                const struct lethe_graph *graph,
                                const struct lethe_array_batch *batch, size_t first, size_t n,
                                double *dlogits, struct lethe_error *err)
{
    const double *at[LETHE_ARRAY_INPUTS];
    size_t classes = lethe_graph_classes(graph);
    double *logits = made->logits + first * classes, losses[BLOCK];
    for (size_t i = 0; i < batch->input_count; i++)
        at[i] = batch->inputs[i] + first * lethe_graph_input_width(graph, i);
    enum lethe_err code = lethe_exec_forward(exec, logits, at, n, err);
    if (code || !batch->labels)
        return code;
    made->loss += lethe_cross_entropy(losses, dlogits, logits, batch->labels + first, n, classes,
                                      1 / (double)batch->n);
    return lethe_exec_backward(exec, made->gradient, dlogits, err);
}

enum lethe_err lethe_array_gradients(struct lethe_array_gradients *result,
                                     struct lethe_graph *graph, const double *w,
                                     const struct lethe_array_batch *batch,
                                     struct lethe_watch *watch, struct lethe_error *err)
{
    const size_t classes = lethe_graph_classes(graph), size = lethe_graph_size(graph);
    double *dlogits = lethe_alloc(BLOCK, classes * sizeof *dlogits);
    struct lethe_exec *exec = lethe_exec_new(graph, LETHE_F64, BLOCK, err);
    struct lethe_array_gradients made = {.logits =
                                             lethe_alloc(batch->n, classes * sizeof *made.logits),
                                         .gradient = lethe_alloc_zero(size, sizeof *made.gradient)};
    enum lethe_err code = exec ? LETHE_OK : LETHE_ENOMEM;
    if (!code && (!dlogits || !made.logits || !made.gradient))
        code = lethe_fail_memory(err, "gradient", size, sizeof(double));
    if (!code)
        lethe_exec_weights(exec, w);
    for (size_t first = 0, n; !code && first < batch->n; first += n) {
        n = batch->n - first < BLOCK ? batch->n - first : BLOCK;
        code = lethe_watch_step(watch, "gradients", (long)first, (long)batch->n, err);
        if (!code)
            code = run_block(&made, exec, graph, batch, first, n, dlogits, err);
    }
    made.loss /= (double)batch->n;
    lethe_exec_free(exec);
    lethe_free(dlogits);
    if (code)
        lethe_array_gradients_release(&made);
    else
        *result = made;
    return code;
}

void lethe_array_gradients_release(struct lethe_array_gradients *result)
{
    lethe_free(result->logits);
    lethe_free(result->gradient);
    *result = (struct lethe_array_gradients){0};
}

enum lethe_err lethe_array_gradients_write_logits(const struct lethe_array_gradients *result,
                                                  const struct lethe_graph *graph, size_t n,
                                                  const char *path, struct lethe_error *err)
{
    size_t classes = lethe_graph_classes(graph);
    const struct lethe_array array = {.type = LETHE_DOUBLE,
                                      .ndim = 2,
                                      .dims = {n, classes},
                                      .count = n * classes,
                                      .data = result->logits};
    return lethe_npy_write(path, &array, err);
}

enum lethe_err lethe_array_gradients_write(const struct lethe_array_gradients *result,
                                           const struct lethe_graph *graph, const char *path,
                                           struct lethe_error *err)
{
    size_t count = lethe_graph_param_count(graph), used = 0;
    struct lethe_npz_member *members = lethe_alloc_zero(count, sizeof *members);
    if (!members)
        return lethe_fail_memory(err, "members", count, sizeof *members);
    for (size_t i = 0; i < count; i++) {
        const struct lethe_param *param = lethe_graph_param(graph, i);
        struct lethe_array *array = &members[used].array;
        if (!param->trainable)
            continue;
        members[used++].name = param->name;
        *array = (struct lethe_array){.type = LETHE_DOUBLE,
                                      .ndim = param->ndim,
                                      .count = param->size,
                                      .data = result->gradient + param->offset};
        for (size_t axis = 0; axis < param->ndim; axis++)
            array->dims[axis] = param->dims[axis];
    }
    enum lethe_err code = lethe_npz_write(path, members, used, err);
    lethe_free(members);
    return code;
}
