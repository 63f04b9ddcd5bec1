/* SPDX-License-Identifier: MIT
 * Running a graph on whole batches. Shapes are inferred anew when the number of samples changes;
 * memory is allocated once, for the largest batch. Forward keeps every value, so backward and
 * jvp can follow it any number of times. */
#include "nn/exec.h"

#include <string.h>

#include "base/alloc.h"

void lethe_exec_out(const struct lethe_exec *exec, double *to, const void *from, size_t n, int add)
{
    if (!add)
        for (size_t i = 0; i < n; i++)
            to[i] = lethe_exec_get(exec, from, i);
    else
        for (size_t i = 0; i < n; i++)
            to[i] += lethe_exec_get(exec, from, i);
}

void lethe_exec_in(const struct lethe_exec *exec, void *to, const double *from, size_t n)
{
    if (exec->dtype == LETHE_F64) {
        memcpy(to, from, n * sizeof(double));
        return;
    }
    float *f = to;
    for (size_t i = 0; i < n; i++)
        f[i] = (float)from[i];
}

/* Shapes of every value for n samples. Slots of inputs get the batch as their first dimension. */
static enum lethe_err infer(struct lethe_exec *exec, size_t n, struct lethe_error *err)
{
    const struct lethe_graph *graph = exec->graph;
    for (size_t k = 0; k < graph->ninputs; k++) {
        const struct lethe_tensor *sample = &graph->values[graph->inputs[k]].fixed;
        size_t dims[LETHE_MAX_DIMS] = {n};
        memcpy(dims + 1, sample->dims, sample->ndim * sizeof *dims);
        lethe_tensor_shape(&exec->slots[graph->inputs[k]].value, sample->ndim + 1, dims);
    }
    for (size_t i = 0; i < graph->nnodes; i++) {
        enum lethe_err code = exec->calls[i].node->op->shape(&exec->calls[i], err);
        if (code)
            return code;
    }
    exec->n = n;
    return LETHE_OK;
}

/* Which values depend on a trainable parameter. */
static void mark_trained(struct lethe_exec *exec)
{
    const struct lethe_graph *graph = exec->graph;
    for (size_t v = 0; v < graph->nvalues; v++)
        exec->slots[v].trained = graph->values[v].kind == LETHE_VALUE_PARAM &&
                                 graph->params[graph->values[v].param].trainable;
    for (size_t i = 0; i < graph->nnodes; i++) {
        const struct lethe_node *node = &graph->nodes[i];
        int trained = 0;
        for (size_t k = 0; k < node->nin; k++)
            trained |= node->in[k] >= 0 && exec->slots[node->in[k]].trained;
        for (size_t k = 0; k < node->nout; k++)
            exec->slots[node->out[k]].trained = trained;
    }
}

static enum lethe_err allocate(struct lethe_exec *exec, struct lethe_error *err)
{
    const struct lethe_graph *graph = exec->graph;
    for (size_t v = 0; v < graph->nvalues; v++) {
        struct lethe_slot *slot = &exec->slots[v];
        const struct lethe_value *value = &graph->values[v];
        int source = value->kind == LETHE_VALUE_PARAM ? exec->sources[value->param] : (int)v;
        if (source != (int)v)
            continue;
        slot->room = slot->value.size;
        slot->value.data = lethe_alloc_aligned(slot->room, slot->value.integer ? 8 : exec->width);
        if (slot->trained)
            slot->gradient = lethe_alloc_aligned(slot->room, exec->width);
        if (!slot->value.data || (slot->trained && !slot->gradient))
            return lethe_fail_memory(err, "an executor", slot->room, exec->width);
        if (value->kind == LETHE_VALUE_CONST && value->fixed.integer)
            memcpy(slot->value.data, value->fixed.data, slot->room * 8);
        else if (value->kind == LETHE_VALUE_CONST)
            lethe_exec_in(exec, slot->value.data, value->fixed.data, slot->room);
    }
    for (size_t v = 0; v < graph->nvalues; v++) { /* other names of a parameter share its slot */
        const struct lethe_value *value = &graph->values[v];
        if (value->kind == LETHE_VALUE_PARAM) {
            exec->slots[v].value.data = exec->slots[exec->sources[value->param]].value.data;
            exec->slots[v].gradient = exec->slots[exec->sources[value->param]].gradient;
        }
    }
    return LETHE_OK;
}

/* Arrays of pointers for every call, carved from one block. */
static enum lethe_err wire(struct lethe_exec *exec, struct lethe_error *err)
{
    const struct lethe_graph *graph = exec->graph;
    size_t total = 0;
    for (size_t i = 0; i < graph->nnodes; i++)
        total += 3 * (graph->nodes[i].nin + graph->nodes[i].nout);
    void **next = lethe_alloc_zero(total, sizeof *next);
    if (!next)
        return lethe_fail_memory(err, "an executor", total, sizeof *next);
    exec->pointers = next;
    for (size_t i = 0; i < graph->nnodes; i++) {
        const struct lethe_node *node = &graph->nodes[i];
        struct lethe_call *call = &exec->calls[i];
        call->node = node;
        call->in = (struct lethe_tensor **)next, next += node->nin;
        call->out = (struct lethe_tensor **)next, next += node->nout;
        call->din = next, next += node->nin;
        call->dout = next, next += node->nout;
        call->tin = next, next += node->nin;
        call->tout = next, next += node->nout;
        for (size_t k = 0; k < node->nin; k++)
            call->in[k] = node->in[k] < 0 ? NULL : &exec->slots[node->in[k]].value;
        for (size_t k = 0; k < node->nout; k++)
            call->out[k] = &exec->slots[node->out[k]].value;
    }
    return LETHE_OK;
}

static void wire_gradients(struct lethe_exec *exec)
{
    const struct lethe_graph *graph = exec->graph;
    for (size_t i = 0; i < graph->nnodes; i++) {
        const struct lethe_node *node = &graph->nodes[i];
        for (size_t k = 0; k < node->nin; k++)
            exec->calls[i].din[k] = node->in[k] < 0 ? NULL : exec->slots[node->in[k]].gradient;
        for (size_t k = 0; k < node->nout; k++)
            exec->calls[i].dout[k] = exec->slots[node->out[k]].gradient;
    }
}

static enum lethe_err work_space(struct lethe_exec *exec, struct lethe_error *err)
{
    for (size_t i = 0; i < exec->graph->nnodes; i++) {
        struct lethe_call *call = &exec->calls[i];
        if (!call->work_size)
            continue;
        call->work = lethe_alloc_aligned(call->work_size, exec->width);
        if (!call->work)
            return lethe_fail_memory(err, "an executor", call->work_size, exec->width);
    }
    return LETHE_OK;
}

/* The shapes that are known before any node runs: parameters and constants. */
static void fix_shapes(struct lethe_exec *exec)
{
    const struct lethe_graph *graph = exec->graph;
    for (size_t p = 0; p < graph->nparams; p++)
        exec->sources[p] = LETHE_NO_VALUE;
    for (size_t v = 0; v < graph->nvalues; v++) {
        const struct lethe_value *value = &graph->values[v];
        exec->slots[v].value = value->fixed; /* constants lend their integers to shape inference */
        if (value->kind == LETHE_VALUE_PARAM && exec->sources[value->param] == LETHE_NO_VALUE)
            exec->sources[value->param] = (int)v;
    }
}

static enum lethe_err check_output(const struct lethe_exec *exec, struct lethe_error *err)
{
    const struct lethe_tensor *out = &exec->slots[exec->graph->output].value;
    if (out->ndim != 2 || out->dims[0] != exec->n)
        return lethe_fail(err, LETHE_EFORMAT,
                          "the output '%s' has %zu dimensions; logits are (batch, classes)",
                          exec->graph->values[exec->graph->output].name, out->ndim);
    return LETHE_OK;
}

struct lethe_exec *lethe_exec_new(struct lethe_graph *graph, enum lethe_dtype dtype, size_t batch,
                                  struct lethe_error *err)
{
    struct lethe_exec *exec = lethe_alloc_zero(1, sizeof *exec);
    if (!exec) {
        lethe_fail_memory(err, "an executor", 1, sizeof *exec);
        return NULL;
    }
    exec->graph = lethe_graph_ref(graph);
    exec->dtype = dtype;
    exec->batch = batch;
    exec->width = dtype == LETHE_F32 ? sizeof(float) : sizeof(double);
    exec->slots = lethe_alloc_zero(graph->nvalues, sizeof *exec->slots);
    exec->calls = lethe_alloc_zero(graph->nnodes, sizeof *exec->calls);
    exec->sources = lethe_alloc(graph->nparams, sizeof *exec->sources);
    if (!exec->slots || !exec->calls || !exec->sources) {
        lethe_fail_memory(err, "an executor", graph->nvalues, sizeof *exec->slots);
        lethe_free(exec->slots);
        exec->slots = NULL;
        goto fail;
    }
    fix_shapes(exec);
    mark_trained(exec);
    enum lethe_err code = wire(exec, err);
    if (!code)
        code = infer(exec, batch, err);
    if (!code)
        code = check_output(exec, err);
    for (size_t v = 0; v < graph->nvalues; v++)
        exec->slots[v].value.data = NULL; /* lent by the graph until here */
    if (code || allocate(exec, err) || work_space(exec, err))
        goto fail;
    wire_gradients(exec);
    return exec;
fail:
    lethe_exec_free(exec);
    return NULL;
}

void lethe_exec_free(struct lethe_exec *exec)
{
    if (!exec)
        return;
    const struct lethe_graph *graph = exec->graph;
    for (size_t v = 0; exec->slots && v < graph->nvalues; v++) {
        if (!exec->slots[v].room)
            continue;
        lethe_free(exec->slots[v].value.data);
        lethe_free(exec->slots[v].gradient);
        lethe_free(exec->slots[v].tangent);
    }
    for (size_t i = 0; exec->calls && i < graph->nnodes; i++)
        lethe_free(exec->calls[i].work);
    lethe_free(exec->pointers);
    lethe_free(exec->slots);
    lethe_free(exec->calls);
    lethe_free(exec->sources);
    lethe_graph_unref(exec->graph);
    lethe_free(exec);
}

size_t lethe_exec_batch(const struct lethe_exec *exec)
{
    return exec->batch;
}

void lethe_exec_weights(struct lethe_exec *exec, const double *w)
{
    const struct lethe_graph *graph = exec->graph;
    for (size_t p = 0; p < graph->nparams; p++)
        if (exec->sources[p] >= 0)
            lethe_exec_in(exec, exec->slots[exec->sources[p]].value.data,
                          w + graph->params[p].offset, graph->params[p].size);
}

static enum lethe_err check_finite(const struct lethe_exec *exec, const double *logits,
                                   struct lethe_error *err)
{
    for (size_t i = 0; i < exec->n * exec->graph->classes; i++)
        if (logits[i] - logits[i] != 0)
            return lethe_fail(err, LETHE_ENUM,
                              "the network's output is not finite (sample %zu of the batch, logit "
                              "%zu); weights or inputs are too large",
                              i / exec->graph->classes, i % exec->graph->classes);
    return LETHE_OK;
}

enum lethe_err lethe_exec_forward(struct lethe_exec *exec, double *logits,
                                  const double *const *inputs, size_t n, struct lethe_error *err)
{
    const struct lethe_graph *graph = exec->graph;
    if (!n || n > exec->batch)
        return lethe_fail(err, LETHE_EBUG, "a batch of %zu for an executor of %zu", n, exec->batch);
    enum lethe_err code = n == exec->n ? LETHE_OK : infer(exec, n, err);
    if (code)
        return code;
    for (size_t k = 0; k < graph->ninputs; k++) {
        struct lethe_tensor *x = &exec->slots[graph->inputs[k]].value;
        lethe_exec_in(exec, x->data, inputs[k], x->size);
    }
    for (size_t i = 0; i < graph->nnodes; i++)
        graph->nodes[i].op->forward[exec->dtype](&exec->calls[i]);
    lethe_exec_out(exec, logits, exec->slots[graph->output].value.data, n * graph->classes, 0);
    return check_finite(exec, logits, err);
}

enum lethe_err lethe_exec_backward(struct lethe_exec *exec, double *grad, const double *dlogits,
                                   struct lethe_error *err)
{
    const struct lethe_graph *graph = exec->graph;
    (void)err;
    for (size_t v = 0; v < graph->nvalues; v++)
        if (exec->slots[v].gradient)
            memset(exec->slots[v].gradient, 0, exec->slots[v].value.size * exec->width);
    struct lethe_slot *output = &exec->slots[graph->output];
    if (!output->gradient)
        return LETHE_OK;
    lethe_exec_in(exec, output->gradient, dlogits, output->value.size);
    for (size_t i = graph->nnodes; i-- > 0;)
        if (exec->slots[graph->nodes[i].out[0]].trained)
            graph->nodes[i].op->backward[exec->dtype](&exec->calls[i]);
    for (size_t p = 0; grad && p < graph->nparams; p++)
        if (graph->params[p].trainable && exec->sources[p] >= 0)
            lethe_exec_out(exec, grad + graph->params[p].offset,
                           exec->slots[exec->sources[p]].gradient, graph->params[p].size, 1);
    return LETHE_OK;
}

/* Tangent blocks are made at the first use: few executors need them. */
static enum lethe_err make_tangents(struct lethe_exec *exec, struct lethe_error *err)
{
    const struct lethe_graph *graph = exec->graph;
    for (size_t v = 0; v < graph->nvalues; v++) {
        struct lethe_slot *slot = &exec->slots[v];
        if (!slot->trained || !slot->room || slot->tangent)
            continue;
        slot->tangent = lethe_alloc_aligned(slot->room, exec->width);
        if (!slot->tangent)
            return lethe_fail_memory(err, "tangents", slot->room, exec->width);
    }
    for (size_t i = 0; i < graph->nnodes; i++) {
        const struct lethe_node *node = &graph->nodes[i];
        for (size_t k = 0; k < node->nin; k++) {
            if (node->in[k] < 0)
                continue;
            const struct lethe_value *value = &graph->values[node->in[k]];
            int slot = value->kind == LETHE_VALUE_PARAM ? exec->sources[value->param] : node->in[k];
            exec->calls[i].tin[k] = exec->slots[slot].tangent;
        }
        for (size_t k = 0; k < node->nout; k++)
            exec->calls[i].tout[k] = exec->slots[node->out[k]].tangent;
    }
    exec->has_tangents = 1;
    return LETHE_OK;
}

enum lethe_err lethe_exec_jvp(struct lethe_exec *exec, double *dlogits, const double *v,
                              struct lethe_error *err)
{
    const struct lethe_graph *graph = exec->graph;
    const struct lethe_slot *output = &exec->slots[graph->output];
    if (!exec->has_tangents && make_tangents(exec, err))
        return LETHE_ENOMEM;
    for (size_t p = 0; p < graph->nparams; p++)
        if (graph->params[p].trainable && exec->sources[p] >= 0)
            lethe_exec_in(exec, exec->slots[exec->sources[p]].tangent, v + graph->params[p].offset,
                          graph->params[p].size);
    for (size_t i = 0; i < graph->nnodes; i++)
        if (exec->slots[graph->nodes[i].out[0]].trained)
            graph->nodes[i].op->jvp[exec->dtype](&exec->calls[i]);
    if (output->trained)
        lethe_exec_out(exec, dlogits, output->tangent, output->value.size, 0);
    else
        memset(dlogits, 0, output->value.size * sizeof *dlogits);
    return LETHE_OK;
}
