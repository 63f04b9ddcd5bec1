/* SPDX-License-Identifier: MIT
 * From a parsed model to a graph: inputs, initializers, nodes, outputs, in the file's order. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/ops.h"
#include "onnx/builder.h"

enum { OLDEST = 7, NEWEST = 24 };

enum lethe_err lethe_onnx_add_tensor(struct lethe_onnx_builder *b, const Onnx__TensorProto *proto,
                                     const char *name, int initializer)
{
    struct lethe_onnx_tensor tensor = {0};
    size_t id;
    if (lethe_onnx_is_texts(proto))
        return lethe_onnx_add_texts(b, proto, name, initializer);
    enum lethe_err code = lethe_onnx_tensor_read(&tensor, proto, b->folder, b->err);
    if (code)
        return code;
    struct lethe_tensor_value value = {.name = name,
                                       .elem = tensor.elem,
                                       .stored = tensor.stored,
                                       .shape = tensor.shape,
                                       .own = tensor.data,
                                       .initializer = initializer};
    code = lethe_graph_add_tensor(b->graph, &id, &value);
    if (code) {
        lethe_free(tensor.data);
        return lethe_onnx_no_memory(b);
    }
    code = lethe_onnx_define(b, name, id);
    /* Single constants are double in networks of float, too (a clamp's limit). */
    if (tensor.elem == LETHE_ELEM_DOUBLE && initializer && tensor.shape.ndim > 0)
        b->graph->dtype = LETHE_F64;
    if (lethe_elem_is_half(tensor.stored) && initializer && tensor.shape.ndim > 0)
        b->graph->stored = tensor.stored;
    return code;
}

/* ---- inputs ---------------------------------------------------------------------------------- */

/* 0: the file leaves it open, which some write as -1. */
static enum lethe_err input_dim(size_t *size, struct lethe_onnx_builder *b,
                                const Onnx__ValueInfoProto *info, size_t d)
{
    const Onnx__TensorShapeProto__Dimension *dim = info->type->tensor_type->shape->dim[d];
    const int given = dim->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
    const int64_t value = given && dim->dim_value > 0 ? dim->dim_value : 0;
    const char *input = lethe_onnx_text(info->name);
    if (value > INT_MAX)
        return lethe_fail(b->err, LETHE_EFORMAT,
                          "dimension %zu of input '%s' is %lld: more than %d is not supported", d,
                          input, (long long)value, INT_MAX);
    if (!value && d > 0 && !b->graph->literal && given && dim->dim_value == 0)
        return lethe_fail(b->err, LETHE_EFORMAT,
                          "dimension %zu of input '%s' is 0: there is nothing in a sample", d,
                          input);
    if (!value && d > 0 && !b->graph->literal)
        return lethe_fail(
            b->err, LETHE_EFORMAT,
            "input '%s' leaves dimension %zu open; export the model with a fixed size "
            "there",
            input, d);
    *size = (size_t)value;
    return LETHE_OK;
}

static enum lethe_err input_shape(struct lethe_onnx_builder *b, struct lethe_shape *shape,
                                  const Onnx__ValueInfoProto *info,
                                  const Onnx__TypeProto__Tensor *type)
{
    size_t ndim = type->shape ? type->shape->n_dim : 0;
    if (!type->shape || ndim > LETHE_SHAPE_DIMS)
        return lethe_fail(b->err, LETHE_EFORMAT, "input '%s' has no usable shape",
                          lethe_onnx_text(info->name));
    shape->ndim = ndim;
    enum lethe_err code = LETHE_OK;
    for (size_t d = 0; d < ndim && !code; d++)
        code = input_dim(&shape->dims[d], b, info, d);
    return code;
}

static enum lethe_err add_input(struct lethe_onnx_builder *b, const Onnx__ValueInfoProto *info)
{
    const Onnx__TypeProto *type = info->type;
    if (lethe_onnx_find(b, lethe_onnx_text(info->name)) != LETHE_NONE)
        return LETHE_OK; /* an initializer listed as an input, as old files do */
    if (!type || type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE || !type->tensor_type)
        return lethe_fail(b->err, LETHE_EFORMAT, "input '%s' is not a tensor",
                          lethe_onnx_text(info->name));
    struct lethe_shape shape = {0};
    enum lethe_err code = input_shape(b, &shape, info, type->tensor_type);
    if (code)
        return code;
    size_t id;
    int stored = type->tensor_type->elem_type;
    int elem = lethe_elem_is_half(stored) ? LETHE_ELEM_FLOAT : stored;
    if (elem == LETHE_ELEM_DOUBLE)
        b->graph->dtype = LETHE_F64;
    if (shape.ndim > 0 && b->graph->input_count == 0)
        b->graph->file_batch = shape.dims[0];
    if (lethe_graph_add_input(b->graph, &id, lethe_onnx_text(info->name), elem, &shape))
        return lethe_onnx_no_memory(b);
    b->graph->values[id].stored = stored;
    return lethe_onnx_define(b, lethe_onnx_text(info->name), id);
}

/* ---- nodes ----------------------------------------------------------------------------------- */

/* Constant: its value becomes a tensor of the graph. */
static enum lethe_err add_constant(struct lethe_onnx_builder *b, const Onnx__NodeProto *node)
{
    char place[96];
    const Onnx__AttributeProto *attr = node->n_attribute == 1 ? node->attribute[0] : NULL;
    if (!attr || node->n_output != 1)
        return lethe_fail(b->err, LETHE_EFORMAT, "operator 'Constant' at %s has no value",
                          lethe_onnx_place(place, b, node));
    if (attr->type == ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSOR && attr->t)
        return lethe_onnx_add_tensor(b, attr->t, node->output[0], 0);
    if (attr->type == ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING ||
        attr->type == ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRINGS)
        return lethe_onnx_add_words(b, attr, node->output[0]);
    struct lethe_attr read = {0};
    enum lethe_err code = lethe_onnx_attr_read(&read, &b->graph->arena, attr, b->folder, b->err);
    if (code)
        return code;
    if (read.type != LETHE_ATTR_INTS && read.type != LETHE_ATTR_FLOATS)
        return lethe_fail(b->err, LETHE_EFORMAT, "operator 'Constant' at %s holds no numbers",
                          lethe_onnx_place(place, b, node));
    double *data = lethe_alloc(read.count + 1, sizeof *data);
    if (!data)
        return lethe_onnx_no_memory(b);
    for (size_t i = 0; i < read.count; i++)
        data[i] = read.ints ? (double)read.ints[i] : read.floats[i];
    struct lethe_tensor_value value = {
        .name = node->output[0],
        .elem = read.ints ? LETHE_ELEM_INT64 : LETHE_ELEM_FLOAT,
        .shape = {.ndim = !read.single, .dims = {read.count}},
        .data = data,
    };
    size_t id;
    code = lethe_graph_add_tensor(b->graph, &id, &value)
               ? lethe_onnx_no_memory(b)
               : lethe_onnx_define(b, node->output[0], id);
    lethe_free(data);
    return code;
}

/* If whose condition follows from shapes (exporters write it for a squeeze of a free axis): the
 * branch taken stands in its place. *done stays 0 when the condition depends on the data. An output
 * of If is another name for an output of its branch. */
static enum lethe_err add_branch(struct lethe_onnx_builder *b, const Onnx__NodeProto *proto,
                                 int *done)
{
    const Onnx__GraphProto *branch = NULL;
    double condition;
    if (strcmp(lethe_onnx_text(proto->op_type), "If") != 0)
        return LETHE_OK;
    size_t value = proto->n_input == 1 ? lethe_onnx_find(b, proto->input[0]) : LETHE_NONE;
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
        code = lethe_onnx_add_tensor(b, branch->initializer[i],
                                     lethe_onnx_text(branch->initializer[i]->name), 0);
    for (size_t i = 0; i < branch->n_node && !code; i++)
        code = b->add_node(b, branch->node[i]);
    for (size_t k = 0; k < proto->n_output && !code; k++)
        code = lethe_onnx_add_alias(b, proto->output[k], lethe_onnx_text(branch->output[k]->name));
    return code;
}

/* The bytes of a node that no operator of ours stands for: an export has it as it was. */
static enum lethe_err keep_bytes(const struct lethe_onnx_builder *b, struct lethe_node *spec,
                                 const Onnx__NodeProto *proto)
{
    unsigned char *bytes;
    spec->proto_size = onnx__node_proto__get_packed_size(proto);
    bytes = lethe_arena_alloc(&b->graph->arena, spec->proto_size + 1, 1);
    if (!bytes)
        return lethe_onnx_no_memory(b);
    onnx__node_proto__pack(proto, bytes);
    spec->proto = bytes;
    return LETHE_OK;
}

static enum lethe_err read_inputs(const struct lethe_onnx_builder *b, size_t *in,
                                  const Onnx__NodeProto *proto)
{
    char place[96];
    for (size_t k = 0; k < proto->n_input; k++) {
        in[k] = *proto->input[k] ? lethe_onnx_find(b, proto->input[k]) : LETHE_NONE;
        if (*proto->input[k] && in[k] == LETHE_NONE)
            return lethe_fail(b->err, LETHE_EFORMAT,
                              "%s reads '%s', which nothing before it "
                              "defines",
                              lethe_onnx_place(place, b, proto), proto->input[k]);
    }
    return LETHE_OK;
}

/* Names of the outputs. Operators always have their first one, so one that the file leaves out is
 * given a name. */
static const char *const *output_names(const struct lethe_onnx_builder *b,
                                       const Onnx__NodeProto *proto)
{
    const char *const *given = (const char *const *)proto->output;
    size_t k = 0;
    while (k < proto->n_output && !*given[k])
        k++;
    if (k == 0 || k == proto->n_output)
        return given;
    const char **names = lethe_arena_copy(&b->graph->arena, given, proto->n_output, sizeof *names);
    size_t room = strlen(given[k]) + 16;
    char *name = lethe_arena_alloc(&b->graph->arena, room, 1);
    if (!names || !name)
        return NULL;
    snprintf(name, room, "%s/output_0", given[k]);
    names[0] = name;
    return names;
}

static int is_standard(const char *domain)
{
    return !*domain || !strcmp(domain, "ai.onnx");
}

static enum lethe_err add_operator(struct lethe_onnx_builder *b, const Onnx__NodeProto *proto)
{
    struct lethe_arena *arena = &b->graph->arena;
    size_t *in = lethe_arena_alloc(arena, proto->n_input + 1, sizeof *in);
    size_t *out = lethe_arena_alloc(arena, proto->n_output + 1, sizeof *out);
    struct lethe_attr *attrs = lethe_arena_alloc(arena, proto->n_attribute + 1, sizeof *attrs);
    const char *const *names = output_names(b, proto);
    if (!in || !out || !attrs || (!names && proto->n_output))
        return lethe_onnx_no_memory(b);
    struct lethe_node spec = {.name = lethe_onnx_text(proto->name),
                              .type = lethe_onnx_text(proto->op_type),
                              .domain = lethe_onnx_text(proto->domain),
                              .place = b->graph->place,
                              .in = in,
                              .in_count = proto->n_input,
                              .out_count = proto->n_output,
                              .attrs = attrs};
    enum lethe_err code = read_inputs(b, in, proto);
    /* Attributes of an operator we do not know may be of any kind; it is reported by name later. */
    for (size_t k = 0; k < proto->n_attribute && !code; k++) {
        code = lethe_onnx_attr_read(&attrs[spec.attr_count], arena, proto->attribute[k], b->folder,
                                    NULL);
        if (code == LETHE_ENOMEM)
            return lethe_onnx_no_memory(b);
        spec.attr_count += !code;
        code = LETHE_OK;
    }
    if (is_standard(spec.domain))
        spec.domain = "";
    if (!code && (*spec.domain || !lethe_op_find(spec.type)))
        code = keep_bytes(b, &spec, proto);
    if (!code && lethe_graph_add_node(b->graph, out, &spec, names))
        code = lethe_onnx_no_memory(b);
    for (size_t k = 0; k < proto->n_output && !code; k++)
        if (out[k] != LETHE_NONE)
            code = lethe_onnx_define(b, b->graph->values[out[k]].name, out[k]);
    return code;
}

static enum lethe_err add_node(struct lethe_onnx_builder *b, const Onnx__NodeProto *proto)
{
    static lethe_onnx_reader *const readers[] = {lethe_onnx_inline, add_branch,
                                                 lethe_onnx_quantized, lethe_onnx_classical,
                                                 lethe_onnx_composed};
    int done = 0;
    if (!strcmp(lethe_onnx_text(proto->op_type), "Constant") &&
        is_standard(lethe_onnx_text(proto->domain)))
        return add_constant(b, proto);
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        enum lethe_err code = readers[i](b, proto, &done);
        if (code || done)
            return code;
    }
    return add_operator(b, proto);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static enum lethe_err check_opset(int *opset, const Onnx__ModelProto *model, int literal,
                                  struct lethe_error *err)
{
    /* a file of classical operators alone names no set of ONNX's own; these are what we add */
    int64_t version = model->n_opset_import && !literal ? 17 : 0;
    for (size_t i = 0; i < model->n_opset_import; i++) {
        const char *domain = lethe_onnx_text(model->opset_import[i]->domain);
        if (is_standard(domain))
            version = model->opset_import[i]->version;
    }
    if ((version < OLDEST && !literal) || version > NEWEST || version < 0)
        return lethe_fail(err, LETHE_EFORMAT, "the model uses opset %lld; %d to %d are supported",
                          (long long)version, OLDEST, NEWEST);
    *opset = (int)version;
    return LETHE_OK;
}

/* The other sets of operators that the file names, for its nodes that stay as they were. */
static enum lethe_err keep_domains(struct lethe_onnx_builder *b)
{
    struct lethe_graph *graph = b->graph;
    graph->domains =
        lethe_arena_alloc(&graph->arena, b->model->n_opset_import + 1, sizeof *graph->domains);
    if (!graph->domains)
        return lethe_onnx_no_memory(b);
    for (size_t i = 0; i < b->model->n_opset_import; i++) {
        const Onnx__OperatorSetIdProto *set = b->model->opset_import[i];
        if (is_standard(lethe_onnx_text(set->domain)))
            continue;
        struct lethe_domain *kept = &graph->domains[graph->domain_count++];
        kept->version = set->version;
        if (!(kept->name = lethe_arena_strdup(&graph->arena, set->domain)))
            return lethe_onnx_no_memory(b);
    }
    return LETHE_OK;
}

/* The bytes of an initializer that has been read, so that they are not there beside the numbers. */
static void drop_bytes(Onnx__TensorProto *proto)
{
    const size_t bytes = proto->raw_data.len + proto->n_float_data * sizeof(float) +
                         proto->n_double_data * sizeof(double);
    free(proto->raw_data.data);
    free(proto->float_data);
    free(proto->double_data);
    proto->raw_data = (ProtobufCBinaryData){0};
    proto->float_data = NULL;
    proto->double_data = NULL;
    proto->n_float_data = proto->n_double_data = 0;
    lethe_alloc_trim(bytes);
}

static enum lethe_err add_all(struct lethe_onnx_builder *b, int consume)
{
    const Onnx__GraphProto *source = b->model->graph;
    enum lethe_err code = keep_domains(b);
    for (size_t i = 0; i < source->n_initializer && !code; i++) {
        code = lethe_onnx_add_tensor(b, source->initializer[i],
                                     lethe_onnx_text(source->initializer[i]->name), 1);
        if (consume)
            drop_bytes(source->initializer[i]);
    }
    for (size_t i = 0; i < source->n_input && !code; i++)
        code = add_input(b, source->input[i]);
    b->graph->file_nodes = source->n_node;
    for (size_t i = 0; i < source->n_node && !code; i++) {
        b->graph->place = i + 1;
        code = add_node(b, source->node[i]);
    }
    return code ? code : lethe_onnx_add_outputs(b, source);
}

enum lethe_err lethe_onnx_build(struct lethe_graph **graph, double **w,
                                const Onnx__ModelProto *model, const char *folder, unsigned how,
                                struct lethe_error *err)
{
    const int literal = how & LETHE_ONNX_LITERAL ? 1 : 0;
    int opset = 0;
    if (!model->graph)
        return lethe_fail(err, LETHE_EFORMAT, "no graph in it: not an ONNX model");
    enum lethe_err code = check_opset(&opset, model, literal, err);
    if (code)
        return code;
    struct lethe_onnx_builder b = {
        .model = model, .folder = folder, .add_node = add_node, .err = err};
    b.graph = lethe_graph_new(LETHE_F32, opset);
    if (!b.graph)
        return lethe_onnx_no_memory(&b);
    b.graph->literal = literal;
    b.graph->ir_version = model->ir_version;
    b.graph->producer = lethe_arena_strdup(&b.graph->arena, lethe_onnx_text(model->producer_name));
    code = b.graph->producer ? add_all(&b, how & LETHE_ONNX_CONSUME ? 1 : 0)
                             : lethe_onnx_no_memory(&b);
    if (!code)
        code = lethe_graph_finish(b.graph, w, err);
    if (!code) {
        *graph = b.graph;
        b.graph = NULL;
    }
    lethe_graph_unref(b.graph);
    lethe_free(b.names.key);
    lethe_free(b.names.value);
    return code;
}
