/* SPDX-License-Identifier: MIT
 * From a parsed model to a graph: inputs, initializers, nodes, outputs, in the file's order. */
#include <limits.h>
#include <string.h>

#include "base/alloc.h"
#include "onnx/model.h"

enum { OLDEST = 7, NEWEST = 21 };

/* Values by name: open addressing, a power of two of slots, at most half full. */
struct names {
    size_t room;
    const char **key;
    size_t *value;
};

struct builder {
    const Onnx__GraphProto *source;
    const char *folder;
    struct lethe_graph *graph;
    struct names names;
    struct lethe_error *err;
};

static size_t slot_of(const struct names *names, const char *key)
{
    size_t h = 1469598103u;
    for (const unsigned char *c = (const unsigned char *)key; *c; c++)
        h = (h ^ *c) * 1099511628211u;
    h &= names->room - 1;
    while (names->key[h] && strcmp(names->key[h], key))
        h = (h + 1) & (names->room - 1);
    return h;
}

static size_t find(const struct builder *b, const char *name)
{
    size_t slot = slot_of(&b->names, name);
    return b->names.key[slot] ? b->names.value[slot] : LETHE_NONE;
}

static enum lethe_err define(struct builder *b, const char *name, size_t value)
{
    size_t slot = slot_of(&b->names, name);
    if (b->names.key[slot])
        return lethe_fail(b->err, LETHE_EFORMAT, "value '%s' is defined twice", name);
    b->names.key[slot] = name;
    b->names.value[slot] = value;
    return LETHE_OK;
}

static enum lethe_err no_memory(struct builder *b)
{
    return lethe_fail_memory(b->err, "the network", b->source->n_node, sizeof(struct lethe_node));
}

static enum lethe_err add_tensor(struct builder *b, const Onnx__TensorProto *proto,
                                 const char *name, int initializer)
{
    struct lethe_onnx_tensor tensor = {0};
    size_t id;
    enum lethe_err code = lethe_onnx_tensor_read(&tensor, proto, b->folder, b->err);
    if (code)
        return code;
    struct lethe_tensor_value value = {.name = name,
                                       .elem = tensor.elem,
                                       .shape = tensor.shape,
                                       .data = tensor.data,
                                       .initializer = initializer};
    code = lethe_graph_add_tensor(b->graph, &id, &value) ? no_memory(b) : define(b, name, id);
    /* Single constants are double in networks of float, too (a clamp's limit). */
    if (tensor.elem == LETHE_ELEM_DOUBLE && initializer && tensor.shape.ndim > 0)
        b->graph->dtype = LETHE_F64;
    lethe_free(tensor.data);
    return code;
}

/* ---- inputs ---------------------------------------------------------------------------------- */

static enum lethe_err input_shape(struct builder *b, struct lethe_shape *shape,
                                  const Onnx__ValueInfoProto *info,
                                  const Onnx__TypeProto__Tensor *type)
{
    size_t ndim = type->shape ? type->shape->n_dim : 0;
    if (!type->shape || ndim > LETHE_SHAPE_DIMS)
        return lethe_fail(b->err, LETHE_EFORMAT, "input '%s' has no usable shape",
                          lethe_onnx_text(info->name));
    shape->ndim = ndim;
    for (size_t d = 0; d < ndim; d++) {
        const Onnx__TensorShapeProto__Dimension *dim = type->shape->dim[d];
        int64_t given = dim->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE
                            ? dim->dim_value
                            : 0;
        if (given < 0 || given > INT_MAX || (given == 0 && d > 0 && !b->graph->literal))
            return lethe_fail(b->err, LETHE_EFORMAT,
                              "input '%s' leaves dimension %zu open; export "
                              "the model with a fixed size there",
                              lethe_onnx_text(info->name), d);
        shape->dims[d] = (size_t)given;
    }
    return LETHE_OK;
}

static enum lethe_err add_input(struct builder *b, const Onnx__ValueInfoProto *info)
{
    const Onnx__TypeProto *type = info->type;
    if (find(b, lethe_onnx_text(info->name)) != LETHE_NONE)
        return LETHE_OK; /* an initializer listed as an input, as old files do */
    if (!type || type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE || !type->tensor_type)
        return lethe_fail(b->err, LETHE_EFORMAT, "input '%s' is not a tensor",
                          lethe_onnx_text(info->name));
    struct lethe_shape shape = {0};
    enum lethe_err code = input_shape(b, &shape, info, type->tensor_type);
    if (code)
        return code;
    size_t id;
    int elem = type->tensor_type->elem_type;
    if (elem == LETHE_ELEM_DOUBLE)
        b->graph->dtype = LETHE_F64;
    if (shape.ndim > 0 && b->graph->input_count == 0)
        b->graph->file_batch = shape.dims[0];
    if (lethe_graph_add_input(b->graph, &id, lethe_onnx_text(info->name), elem, &shape))
        return no_memory(b);
    return define(b, lethe_onnx_text(info->name), id);
}

/* ---- nodes ----------------------------------------------------------------------------------- */

/* Constant: its value becomes a tensor of the graph. */
static enum lethe_err add_constant(struct builder *b, const Onnx__NodeProto *node)
{
    const Onnx__AttributeProto *attr = node->n_attribute == 1 ? node->attribute[0] : NULL;
    if (!attr || node->n_output != 1)
        return lethe_fail(b->err, LETHE_EFORMAT, "operator 'Constant' at node '%s' has no value",
                          lethe_onnx_text(node->name));
    if (attr->type == ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSOR && attr->t)
        return add_tensor(b, attr->t, node->output[0], 0);
    struct lethe_attr read = {0};
    enum lethe_err code = lethe_onnx_attr_read(&read, &b->graph->arena, attr, b->folder, b->err);
    if (code)
        return code;
    if (read.type != LETHE_ATTR_INTS && read.type != LETHE_ATTR_FLOATS)
        return lethe_fail(b->err, LETHE_EFORMAT, "operator 'Constant' at node '%s' holds text",
                          lethe_onnx_text(node->name));
    double *data = lethe_alloc(read.count + 1, sizeof *data);
    if (!data)
        return no_memory(b);
    for (size_t i = 0; i < read.count; i++)
        data[i] = read.ints ? (double)read.ints[i] : read.floats[i];
    struct lethe_tensor_value value = {
        .name = node->output[0],
        .elem = read.ints ? LETHE_ELEM_INT64 : LETHE_ELEM_FLOAT,
        .shape = {.ndim = !read.single, .dims = {read.count}},
        .data = data,
    };
    size_t id;
    code = lethe_graph_add_tensor(b->graph, &id, &value) ? no_memory(b)
                                                         : define(b, node->output[0], id);
    lethe_free(data);
    return code;
}

static enum lethe_err add_node(struct builder *b, const Onnx__NodeProto *proto);

/* An output of If is another name for an output of its branch. */
static enum lethe_err add_alias(struct builder *b, const char *name, const char *of)
{
    char *ends[2] = {(char *)of, (char *)name};
    Onnx__NodeProto node = ONNX__NODE_PROTO__INIT;
    node.op_type = "Identity";
    node.name = ends[1];
    node.n_input = node.n_output = 1;
    node.input = &ends[0];
    node.output = &ends[1];
    return add_node(b, &node);
}

/* If whose condition follows from shapes (exporters write it for a squeeze of a free axis): the
 * branch taken stands in its place. *done stays 0 when the condition depends on the data. */
static enum lethe_err add_branch(struct builder *b, const Onnx__NodeProto *proto, int *done)
{
    const Onnx__GraphProto *branch = NULL;
    double condition;
    size_t value = proto->n_input == 1 ? find(b, proto->input[0]) : LETHE_NONE;
    enum lethe_err code = LETHE_OK;
    if (value == LETHE_NONE || !lethe_graph_fold(b->graph, value, &condition))
        return LETHE_OK;
    for (size_t k = 0; k < proto->n_attribute; k++)
        if (!strcmp(lethe_onnx_text(proto->attribute[k]->name),
                    condition != 0 ? "then_branch" : "else_branch"))
            branch = proto->attribute[k]->g;
    if (!branch || branch->n_output != proto->n_output)
        return LETHE_OK;
    *done = 1;
    for (size_t i = 0; i < branch->n_initializer && !code; i++)
        code =
            add_tensor(b, branch->initializer[i], lethe_onnx_text(branch->initializer[i]->name), 0);
    for (size_t i = 0; i < branch->n_node && !code; i++)
        code = add_node(b, branch->node[i]);
    for (size_t k = 0; k < proto->n_output && !code; k++)
        code = add_alias(b, proto->output[k], lethe_onnx_text(branch->output[k]->name));
    return code;
}

static enum lethe_err add_node(struct builder *b, const Onnx__NodeProto *proto)
{
    struct lethe_arena *arena = &b->graph->arena;
    if (!strcmp(lethe_onnx_text(proto->op_type), "Constant"))
        return add_constant(b, proto);
    if (!strcmp(lethe_onnx_text(proto->op_type), "If")) {
        int done = 0;
        enum lethe_err code = add_branch(b, proto, &done);
        if (code || done)
            return code;
    }
    size_t *in = lethe_arena_alloc(arena, proto->n_input + 1, sizeof *in);
    size_t *out = lethe_arena_alloc(arena, proto->n_output + 1, sizeof *out);
    struct lethe_attr *attrs = lethe_arena_alloc(arena, proto->n_attribute + 1, sizeof *attrs);
    if (!in || !out || !attrs)
        return no_memory(b);
    struct lethe_node spec = {.name = lethe_onnx_text(proto->name),
                              .type = lethe_onnx_text(proto->op_type),
                              .in = in,
                              .in_count = proto->n_input,
                              .out_count = proto->n_output,
                              .attrs = attrs};
    for (size_t k = 0; k < proto->n_input; k++) {
        in[k] = *proto->input[k] ? find(b, proto->input[k]) : LETHE_NONE;
        if (*proto->input[k] && in[k] == LETHE_NONE)
            return lethe_fail(b->err, LETHE_EFORMAT,
                              "node '%s' reads '%s', which nothing before "
                              "it defines",
                              lethe_onnx_text(proto->name), proto->input[k]);
    }
    /* Attributes of an operator we do not know may be of any kind; it is reported by name later. */
    for (size_t k = 0; k < proto->n_attribute; k++) {
        enum lethe_err code = lethe_onnx_attr_read(&attrs[spec.attr_count], arena,
                                                   proto->attribute[k], b->folder, NULL);
        if (code == LETHE_ENOMEM)
            return no_memory(b);
        spec.attr_count += !code;
    }
    enum lethe_err code =
        lethe_graph_add_node(b->graph, out, &spec, (const char *const *)proto->output);
    if (code)
        return no_memory(b);
    for (size_t k = 0; k < proto->n_output && !code; k++)
        if (out[k] != LETHE_NONE)
            code = define(b, proto->output[k], out[k]);
    return code;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static enum lethe_err check_opset(int *opset, const Onnx__ModelProto *model, int literal,
                                  struct lethe_error *err)
{
    int64_t version = 0;
    for (size_t i = 0; i < model->n_opset_import; i++) {
        const char *domain = lethe_onnx_text(model->opset_import[i]->domain);
        if (!*domain || !strcmp(domain, "ai.onnx"))
            version = model->opset_import[i]->version;
    }
    if ((version < OLDEST && !literal) || version > NEWEST || version < 0)
        return lethe_fail(err, LETHE_EFORMAT, "the model uses opset %lld; %d to %d are supported",
                          (long long)version, OLDEST, NEWEST);
    *opset = (int)version;
    return LETHE_OK;
}

static enum lethe_err add_all(struct builder *b)
{
    const Onnx__GraphProto *source = b->source;
    enum lethe_err code = LETHE_OK;
    for (size_t i = 0; i < source->n_initializer && !code; i++)
        code =
            add_tensor(b, source->initializer[i], lethe_onnx_text(source->initializer[i]->name), 1);
    for (size_t i = 0; i < source->n_input && !code; i++)
        code = add_input(b, source->input[i]);
    for (size_t i = 0; i < source->n_node && !code; i++)
        code = add_node(b, source->node[i]);
    for (size_t i = 0; i < source->n_output && !code; i++) {
        size_t value = find(b, lethe_onnx_text(source->output[i]->name));
        if (value == LETHE_NONE)
            return lethe_fail(b->err, LETHE_EFORMAT, "output '%s' is not computed by any node",
                              lethe_onnx_text(source->output[i]->name));
        if (lethe_graph_add_output(b->graph, value))
            code = no_memory(b);
    }
    return code;
}

/* Names a graph can define, with those of its branches. */
static size_t count_names(const Onnx__GraphProto *source)
{
    size_t count = source->n_initializer + source->n_input;
    for (size_t i = 0; i < source->n_node; i++) {
        const Onnx__NodeProto *node = source->node[i];
        count += node->n_output;
        for (size_t k = 0; k < node->n_attribute; k++)
            count += node->attribute[k]->g ? count_names(node->attribute[k]->g) : 0;
    }
    return count;
}

static size_t room_for(size_t count)
{
    size_t room = 64;
    while (room < 2 * (count + 8))
        room *= 2;
    return room;
}

enum lethe_err lethe_onnx_build(struct lethe_graph **graph, double **w,
                                const Onnx__ModelProto *model, const char *folder, int literal,
                                struct lethe_error *err)
{
    int opset = 0;
    if (!model->graph)
        return lethe_fail(err, LETHE_EFORMAT, "no graph in it: not an ONNX model");
    enum lethe_err code = check_opset(&opset, model, literal, err);
    if (code)
        return code;
    struct builder b = {.source = model->graph, .folder = folder, .err = err};
    b.names.room = room_for(count_names(model->graph));
    b.names.key = lethe_alloc_zero(b.names.room, sizeof *b.names.key);
    b.names.value = lethe_alloc(b.names.room, sizeof *b.names.value);
    b.graph = lethe_graph_new(LETHE_F32, opset);
    if (!b.names.key || !b.names.value || !b.graph) {
        code = no_memory(&b);
        goto out;
    }
    b.graph->literal = literal;
    b.graph->producer = lethe_arena_strdup(&b.graph->arena, lethe_onnx_text(model->producer_name));
    code = b.graph->producer ? add_all(&b) : no_memory(&b);
    if (!code)
        code = lethe_graph_finish(b.graph, w, err);
    if (code)
        goto out;
    *graph = b.graph;
    b.graph = NULL;
out:
    lethe_graph_unref(b.graph);
    lethe_free(b.names.key);
    lethe_free(b.names.value);
    return code;
}
