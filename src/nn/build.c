/* SPDX-License-Identifier: MIT
 * The builder: growing arrays of values, parameters and nodes. Identity of a parameter is the
 * parameter itself (exporters merge equal tensors that way). */
#include "nn/build.h"

#include <string.h>

#include "base/alloc.h"
#include "nn/exec.h"
#include "nn/layers.h"

struct lethe_build {
    struct lethe_graph *graph;
    double **initial; /* values of each parameter */
    size_t room_values, room_nodes, room_params, room_initial, room_inputs;
};

#define GROW(array, count, room, err)                                                              \
    grow((void **)&(array), sizeof *(array), (count), &(room), (err))

static enum lethe_err grow(void **array, size_t size, size_t count, size_t *room,
                           struct lethe_error *err)
{
    if (count < *room)
        return LETHE_OK;
    size_t more = *room ? *room * 2 : 16;
    void *larger = lethe_realloc(*array, more, size);
    if (!larger)
        return lethe_fail_memory(err, "a graph", more, size);
    *array = larger;
    *room = more;
    return LETHE_OK;
}

struct lethe_build *lethe_build_new(enum lethe_dtype dtype, struct lethe_error *err)
{
    struct lethe_build *build = lethe_alloc_zero(1, sizeof *build);
    if (build)
        build->graph = lethe_alloc_zero(1, sizeof *build->graph);
    if (!build || !build->graph) {
        lethe_fail_memory(err, "a graph", 1, sizeof *build->graph);
        lethe_build_free(build);
        return NULL;
    }
    build->graph->dtype = dtype;
    build->graph->output = LETHE_NO_VALUE;
    atomic_init(&build->graph->refs, 1);
    return build;
}

void lethe_build_free(struct lethe_build *build)
{
    if (!build)
        return;
    if (build->initial && build->graph)
        for (size_t i = 0; i < build->graph->nparams; i++)
            lethe_free(build->initial[i]);
    lethe_free(build->initial);
    lethe_graph_unref(build->graph);
    lethe_free(build);
}

static int find_value(const struct lethe_graph *graph, const char *name)
{
    for (size_t i = graph->nvalues; i-- > 0;)
        if (!strcmp(graph->values[i].name, name))
            return (int)i;
    return LETHE_NO_VALUE;
}

/* Adds an empty value and returns it, or NULL with err filled. */
static struct lethe_value *add_value(struct lethe_build *build, const char *name,
                                     enum lethe_value_kind kind, struct lethe_error *err)
{
    struct lethe_graph *graph = build->graph;
    if (find_value(graph, name) >= 0) {
        lethe_fail(err, LETHE_EFORMAT, "the value '%s' is defined twice", name);
        return NULL;
    }
    if (GROW(graph->values, graph->nvalues, build->room_values, err))
        return NULL;
    struct lethe_value *value = &graph->values[graph->nvalues];
    *value = (struct lethe_value){.name = lethe_strdup(name), .kind = kind};
    if (!value->name) {
        lethe_fail_memory(err, "a name", strlen(name), 1);
        return NULL;
    }
    graph->nvalues++;
    return value;
}

enum lethe_err lethe_build_input(struct lethe_build *build, const char *name, size_t ndim,
                                 const size_t *dims, struct lethe_error *err)
{
    struct lethe_graph *graph = build->graph;
    if (ndim + 1 > LETHE_MAX_DIMS)
        return lethe_fail(err, LETHE_EFORMAT, "input '%s' has more than %d dimensions", name,
                          LETHE_MAX_DIMS);
    if (GROW(graph->inputs, graph->ninputs, build->room_inputs, err))
        return LETHE_ENOMEM;
    struct lethe_value *value = add_value(build, name, LETHE_VALUE_INPUT, err);
    if (!value)
        return err ? err->code : LETHE_EFORMAT;
    lethe_tensor_shape(&value->fixed, ndim, dims);
    value->input = graph->ninputs;
    graph->inputs[graph->ninputs++] = (int)(graph->nvalues - 1);
    return LETHE_OK;
}

enum lethe_err lethe_build_param(struct lethe_build *build, const char *name,
                                 const struct lethe_tensor *tensor, int trainable,
                                 struct lethe_error *err)
{
    struct lethe_graph *graph = build->graph;
    if (GROW(graph->params, graph->nparams, build->room_params, err) ||
        GROW(build->initial, graph->nparams, build->room_initial, err))
        return LETHE_ENOMEM;
    double *copy = lethe_alloc(tensor->size, sizeof *copy);
    if (!copy)
        return lethe_fail_memory(err, name, tensor->size, sizeof *copy);
    memcpy(copy, tensor->data, tensor->size * sizeof *copy);
    struct lethe_value *value = add_value(build, name, LETHE_VALUE_PARAM, err);
    if (!value) {
        lethe_free(copy);
        return err ? err->code : LETHE_EFORMAT;
    }
    value->param = graph->nparams;
    lethe_tensor_shape(&value->fixed, tensor->ndim, tensor->dims);
    struct lethe_param *param = &graph->params[graph->nparams];
    *param = (struct lethe_param){.name = value->name,
                                  .size = tensor->size,
                                  .ndim = tensor->ndim,
                                  .trainable = trainable,
                                  .layer = -1};
    memcpy(param->dims, tensor->dims, sizeof param->dims);
    build->initial[graph->nparams++] = copy;
    return LETHE_OK;
}

enum lethe_err lethe_build_const(struct lethe_build *build, const char *name,
                                 const struct lethe_tensor *tensor, struct lethe_error *err)
{
    void *copy = lethe_alloc(tensor->size, 8);
    if (!copy)
        return lethe_fail_memory(err, name, tensor->size, 8);
    memcpy(copy, tensor->data, tensor->size * 8);
    struct lethe_value *value = add_value(build, name, LETHE_VALUE_CONST, err);
    if (!value) {
        lethe_free(copy);
        return err ? err->code : LETHE_EFORMAT;
    }
    lethe_tensor_shape(&value->fixed, tensor->ndim, tensor->dims);
    value->fixed.integer = tensor->integer;
    value->fixed.data = copy;
    return LETHE_OK;
}

static enum lethe_err copy_attr(struct lethe_attr *to, const struct lethe_attr *from,
                                struct lethe_error *err)
{
    *to = (struct lethe_attr){.f = from->f, .count = from->count};
    to->name = lethe_strdup(from->name);
    to->s = from->s ? lethe_strdup(from->s) : NULL;
    to->ints = from->ints ? lethe_alloc(from->count, sizeof *to->ints) : NULL;
    to->floats = from->floats ? lethe_alloc(from->count, sizeof *to->floats) : NULL;
    if (!to->name || (from->s && !to->s) || (from->ints && !to->ints) ||
        (from->floats && !to->floats))
        return lethe_fail_memory(err, "an attribute", from->count, 8);
    if (to->ints)
        memcpy(to->ints, from->ints, from->count * sizeof *to->ints);
    if (to->floats)
        memcpy(to->floats, from->floats, from->count * sizeof *to->floats);
    return LETHE_OK;
}

static enum lethe_err connect(struct lethe_build *build, struct lethe_node *node,
                              const struct lethe_node_spec *spec, struct lethe_error *err)
{
    for (size_t i = 0; i < spec->nin; i++) {
        node->in[i] = LETHE_NO_VALUE;
        if (!spec->in[i] || !*spec->in[i])
            continue;
        node->in[i] = find_value(build->graph, spec->in[i]);
        if (node->in[i] < 0)
            return lethe_fail(err, LETHE_EFORMAT, "node '%s' (%s) uses '%s', which nothing defines",
                              spec->name, spec->op, spec->in[i]);
    }
    for (size_t i = 0; i < spec->nout; i++) {
        if (!add_value(build, spec->out[i], LETHE_VALUE_NODE, err))
            return err ? err->code : LETHE_EFORMAT;
        node->out[i] = (int)(build->graph->nvalues - 1);
    }
    for (size_t i = 0; i < spec->nattr; i++, node->nattr++)
        if (copy_attr(&node->attr[i], &spec->attr[i], err))
            return node->nattr++, LETHE_ENOMEM;
    return LETHE_OK;
}

/* Identity of a parameter or constant: another name for the same value. */
static int is_alias(const struct lethe_build *build, const struct lethe_node_spec *spec)
{
    if (strcmp(spec->op, "Identity") || spec->nin != 1)
        return 0;
    int source = find_value(build->graph, spec->in[0]);
    return source >= 0 && (build->graph->values[source].kind == LETHE_VALUE_PARAM ||
                           build->graph->values[source].kind == LETHE_VALUE_CONST);
}

static enum lethe_err add_alias(struct lethe_build *build, const struct lethe_node_spec *spec,
                                struct lethe_error *err)
{
    int source = find_value(build->graph, spec->in[0]);
    const enum lethe_value_kind kind = build->graph->values[source].kind;
    struct lethe_value *alias = add_value(build, spec->out[0], kind, err);
    if (!alias)
        return err ? err->code : LETHE_EFORMAT;
    const struct lethe_value *from = &build->graph->values[source];
    alias->param = from->param;
    alias->fixed = from->fixed;
    if (kind == LETHE_VALUE_CONST) {
        alias->fixed.data = lethe_alloc(from->fixed.size, 8);
        if (!alias->fixed.data)
            return lethe_fail_memory(err, "a constant", from->fixed.size, 8);
        memcpy(alias->fixed.data, from->fixed.data, from->fixed.size * 8);
    }
    return LETHE_OK;
}

enum lethe_err lethe_build_node(struct lethe_build *build, const struct lethe_node_spec *spec,
                                struct lethe_error *err)
{
    struct lethe_graph *graph = build->graph;
    const struct lethe_op *op = lethe_op_find(spec->op);
    if (!op)
        return lethe_fail(err, LETHE_EFORMAT, "unsupported operator '%s' at node '%s'", spec->op,
                          spec->name);
    if ((int)spec->nin < op->min_in || (op->max_in >= 0 && (int)spec->nin > op->max_in))
        return lethe_fail(err, LETHE_EFORMAT, "node '%s' (%s) has %zu inputs", spec->name, spec->op,
                          spec->nin);
    if (is_alias(build, spec))
        return add_alias(build, spec, err);
    if (GROW(graph->nodes, graph->nnodes, build->room_nodes, err))
        return LETHE_ENOMEM;
    struct lethe_node *node = &graph->nodes[graph->nnodes++];
    /* Room for one input more than given: kernels test optional inputs up to max_in. */
    size_t room = op->max_in > (int)spec->nin ? (size_t)op->max_in : spec->nin;
    *node = (struct lethe_node){.op = op, .nin = room, .nout = spec->nout};
    node->name = lethe_strdup(spec->name);
    node->in = lethe_alloc(room, sizeof *node->in);
    node->out = lethe_alloc_zero(spec->nout, sizeof *node->out);
    node->attr = lethe_alloc_zero(spec->nattr, sizeof *node->attr);
    if (!node->name || !node->in || !node->out || !node->attr)
        return lethe_fail_memory(err, "a node", 1, sizeof *node);
    for (size_t i = spec->nin; i < room; i++)
        node->in[i] = LETHE_NO_VALUE;
    return connect(build, node, spec, err);
}

/* Trainable parameters first, running statistics after them, each in file order. */
static void lay_out(struct lethe_graph *graph)
{
    for (int trainable = 1; trainable >= 0; trainable--)
        for (size_t i = 0; i < graph->nparams; i++) {
            struct lethe_param *param = &graph->params[i];
            if (param->trainable != trainable)
                continue;
            param->offset = graph->size + graph->buffers;
            *(trainable ? &graph->size : &graph->buffers) += param->size;
        }
}

enum lethe_err lethe_build_done(struct lethe_graph **graph, double **w, struct lethe_build *build,
                                const char *output, struct lethe_error *err)
{
    struct lethe_graph *made = build->graph;
    double *values = NULL;
    made->output = find_value(made, output);
    if (made->output < 0)
        return lethe_fail(err, LETHE_EFORMAT, "the graph's output '%s' is not defined", output);
    lay_out(made);
    enum lethe_err code = lethe_layers_find(made, err);
    if (code)
        return code;
    if (w) {
        values = lethe_alloc(made->size + made->buffers, sizeof *values);
        if (!values)
            return lethe_fail_memory(err, "weights", made->size, sizeof *values);
        for (size_t i = 0; i < made->nparams; i++)
            memcpy(values + made->params[i].offset, build->initial[i],
                   made->params[i].size * sizeof *values);
    }
    struct lethe_exec *probe = lethe_exec_new(made, LETHE_F32, 1, err); /* checks every shape */
    if (!probe) {
        lethe_free(values);
        return err ? err->code : LETHE_EFORMAT;
    }
    made->classes = probe->slots[made->output].value.dims[1];
    lethe_exec_free(probe);
    if (w)
        *w = values;
    *graph = lethe_graph_ref(made);
    return LETHE_OK;
}
