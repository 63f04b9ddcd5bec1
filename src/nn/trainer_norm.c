/* SPDX-License-Identifier: MIT
 * BatchNormalization with a batch's own statistics, forward and backward, in both precisions with
 * sums in double. */
#include "nn/batch_norm.h"
#include "nn/trainer_inside.h"

#include <math.h>

/* First entry of a call's statistics among the buffers. */
static size_t buffer_of(const struct lethe_trainer *t, const struct lethe_node *node, size_t input)
{
    const size_t param = t->graph->values[lethe_graph_origin(t->graph, node->in[input])].param;
    return param == LETHE_NONE ? LETHE_NONE : t->graph->params[param].offset - t->graph->size;
}

void lethe_trainer_norm_forward(struct lethe_trainer *t, const struct lethe_op_call *call,
                                const struct lethe_data *data, double *w)
{
    const struct lethe_axis_args *a = &call->args.axis;
    const size_t at_mean = buffer_of(t, call->node, 3), at_var = buffer_of(t, call->node, 4);
    const double keep = lethe_node_float(call->node, "momentum", 0.9);
    const double count = (double)(a->outer * a->inner);
    const size_t first = t->first[call->node - t->graph->nodes];
    for (size_t c = 0; c < a->length; c++) {
        double mean, var, shift = lethe_trainer_entry(t, data->x[2], c);
        lethe_batch_norm_measure(&mean, &var, a, data->x[0], c, t->dtype);
        const double inverse = 1 / sqrt(var + a->epsilon),
                     by = inverse * lethe_trainer_entry(t, data->x[1], c);
        const struct lethe_batch_norm how = {mean, inverse, by, shift};
        lethe_batch_norm_forward(data->y[0], data->x[0], a, c, &how, t->dtype);
        t->mean[first + c] = mean;
        t->inverse[first + c] = inverse;
        double *running = w + t->graph->size;
        running[at_mean + c] = keep * running[at_mean + c] + (1 - keep) * mean;
        running[at_var + c] =
            keep * running[at_var + c] + (1 - keep) * var * (count > 1 ? count / (count - 1) : 1);
    }
}

void lethe_trainer_norm_backward(struct lethe_trainer *t, const struct lethe_op_call *call,
                                 const struct lethe_data *data)
{
    const struct lethe_axis_args *a = &call->args.axis;
    const size_t at = t->first[call->node - t->graph->nodes];
    for (size_t c = 0; c < a->length; c++) {
        const double scale = lethe_trainer_entry(t, data->x[1], c), mean = t->mean[at + c],
                     inverse = t->inverse[at + c];
        const struct lethe_batch_norm how = {mean, inverse, scale * inverse, 0};
        lethe_batch_norm_backward(data, a, c, &how, t->dtype);
    }
}

int lethe_trainer_has_statistics(const struct lethe_trainer *t, const struct lethe_node *node,
                                 const struct lethe_trainer_batch *batch)
{
    if (batch->inference || !lethe_trainer_is_norm(node))
        return 0;
    const size_t mean = buffer_of(t, node, 3), var = buffer_of(t, node, 4);
    return mean < t->graph->buffers && var < t->graph->buffers;
}
