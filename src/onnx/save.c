/* SPDX-License-Identifier: MIT
 * Writes a graph with weights as ONNX. The model is built in an arena and packed in one go. With
 * another precision than the file's, every floating tensor, input, cast and constant changes with
 * it. */
#include "lethe/onnx.h"

#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "nn/ops.h"
#include "nn/plan.h"
#include "onnx/model.h"

struct writer {
    const struct lethe_graph *graph;
    const double *w;
    int real; /* element type of floating numbers in the file */
    struct lethe_arena arena;
    int failed;
};

static void *get(struct writer *out, size_t count, size_t size)
{
    void *memory = lethe_arena_alloc(&out->arena, count + 1, size);
    out->failed |= !memory;
    return memory;
}

static int type_of(const struct writer *out, int elem)
{
    return lethe_elem_is_real(elem) ? out->real : elem;
}

static int64_t whole(double x)
{
    return x >= 9223372036854775808.0 ? INT64_MAX : (int64_t)x;
}

static void put(unsigned char *to, double x, int type)
{
    float f = (float)x;
    int64_t i8 = type == LETHE_ELEM_FLOAT || type == LETHE_ELEM_DOUBLE ? 0 : whole(x);
    int32_t i4 = (int32_t)i8;
    int16_t i2 = (int16_t)i8;
    int8_t i1 = (int8_t)i8;
    switch (type) {
    case LETHE_ELEM_FLOAT:
        memcpy(to, &f, sizeof f);
        break;
    case LETHE_ELEM_DOUBLE:
        memcpy(to, &x, sizeof x);
        break;
    case LETHE_ELEM_INT64:
    case LETHE_ELEM_UINT64:
        memcpy(to, &i8, sizeof i8);
        break;
    case LETHE_ELEM_INT32:
    case LETHE_ELEM_UINT32:
        memcpy(to, &i4, sizeof i4);
        break;
    case LETHE_ELEM_INT16:
    case LETHE_ELEM_UINT16:
        memcpy(to, &i2, sizeof i2);
        break;
    default:
        memcpy(to, &i1, sizeof i1);
    }
}

static size_t width_of(int type)
{
    switch (type) {
    case LETHE_ELEM_DOUBLE:
    case LETHE_ELEM_INT64:
    case LETHE_ELEM_UINT64:
        return 8;
    case LETHE_ELEM_FLOAT:
    case LETHE_ELEM_INT32:
    case LETHE_ELEM_UINT32:
        return 4;
    case LETHE_ELEM_INT16:
    case LETHE_ELEM_UINT16:
        return 2;
    default:
        return 1;
    }
}

static Onnx__TensorProto *tensor(struct writer *out, const char *name, int elem,
                                 const struct lethe_shape *shape, const double *data)
{
    Onnx__TensorProto *t = get(out, 1, sizeof *t);
    int type = type_of(out, elem);
    size_t n = lethe_shape_size(shape), width = width_of(type);
    int64_t *dims = get(out, shape->ndim, sizeof *dims);
    unsigned char *bytes = get(out, n, width);
    if (out->failed)
        return NULL;
    *t = (Onnx__TensorProto)ONNX__TENSOR_PROTO__INIT;
    for (size_t d = 0; d < shape->ndim; d++)
        dims[d] = (int64_t)shape->dims[d];
    for (size_t i = 0; i < n; i++)
        put(bytes + i * width, data[i], type);
    t->name = (char *)name;
    t->n_dims = shape->ndim;
    t->dims = dims;
    t->has_data_type = 1;
    t->data_type = type;
    t->has_raw_data = 1;
    t->raw_data = (ProtobufCBinaryData){.len = n * width, .data = bytes};
    return t;
}

/* Floats survive the way through double; a tensor attribute keeps its one-dimensional shape. */
static Onnx__AttributeProto *attribute(struct writer *out, const struct lethe_node *node,
                                       const struct lethe_attr *attr)
{
    Onnx__AttributeProto *a = get(out, 1, sizeof *a);
    int64_t *ints = get(out, attr->count, sizeof *ints);
    float *floats = get(out, attr->count, sizeof *floats);
    if (out->failed)
        return NULL;
    *a = (Onnx__AttributeProto)ONNX__ATTRIBUTE_PROTO__INIT;
    a->name = (char *)attr->name;
    a->has_type = 1;
    int cast = !strcmp(node->type, "Cast") && !strcmp(attr->name, "to");
    for (size_t i = 0; i < attr->count && attr->type == LETHE_ATTR_INTS; i++)
        ints[i] = cast ? type_of(out, (int)attr->ints[i]) : attr->ints[i];
    for (size_t i = 0; i < attr->count && attr->type == LETHE_ATTR_FLOATS; i++)
        floats[i] = (float)attr->floats[i];
    if (attr->type == LETHE_ATTR_TENSOR) {
        struct lethe_shape shape = {.ndim = 1, .dims = {attr->count}};
        a->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSOR;
        a->t = tensor(out, "value", (int)attr->ints[0], &shape, attr->floats);
    } else if (attr->type == LETHE_ATTR_TEXT) {
        a->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING;
        a->has_s = 1;
        a->s = (ProtobufCBinaryData){.len = strlen(attr->text), .data = (uint8_t *)attr->text};
    } else if (attr->type == LETHE_ATTR_INTS) {
        a->type = attr->single ? ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT
                               : ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS;
        a->has_i = attr->single;
        a->i = attr->single ? ints[0] : 0;
        a->n_ints = attr->single ? 0 : attr->count;
        a->ints = ints;
    } else {
        a->type = attr->single ? ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT
                               : ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOATS;
        a->has_f = attr->single;
        a->f = attr->single ? floats[0] : 0;
        a->n_floats = attr->single ? 0 : attr->count;
        a->floats = floats;
    }
    return a;
}

static char **names(struct writer *out, const size_t *values, size_t count)
{
    char **list = get(out, count, sizeof *list);
    for (size_t k = 0; list && k < count; k++)
        list[k] = (char *)(values[k] == LETHE_NONE ? "" : out->graph->values[values[k]].name);
    return list;
}

static Onnx__NodeProto *node_proto(struct writer *out, const struct lethe_node *node)
{
    Onnx__NodeProto *n = get(out, 1, sizeof *n);
    Onnx__AttributeProto **attrs = get(out, node->attr_count, sizeof *attrs);
    if (out->failed)
        return NULL;
    *n = (Onnx__NodeProto)ONNX__NODE_PROTO__INIT;
    n->name = (char *)node->name;
    n->op_type = (char *)node->type;
    n->n_input = node->in_count;
    n->input = names(out, node->in, node->in_count);
    n->n_output = node->out_count;
    n->output = names(out, node->out, node->out_count);
    n->n_attribute = node->attr_count;
    n->attribute = attrs;
    for (size_t k = 0; k < node->attr_count; k++)
        attrs[k] = attribute(out, node, &node->attrs[k]);
    return n;
}

static Onnx__NodeProto *constant_proto(struct writer *out, const struct lethe_tensor_value *value)
{
    Onnx__NodeProto *n = get(out, 1, sizeof *n);
    Onnx__AttributeProto *a = get(out, 1, sizeof *a), **list = get(out, 1, sizeof *list);
    char **output = get(out, 1, sizeof *output);
    if (out->failed)
        return NULL;
    *a = (Onnx__AttributeProto)ONNX__ATTRIBUTE_PROTO__INIT;
    a->name = "value";
    a->has_type = 1;
    a->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSOR;
    a->t = tensor(out, value->name, value->elem, &value->shape, value->data);
    *n = (Onnx__NodeProto)ONNX__NODE_PROTO__INIT;
    n->name = n->op_type = "Constant";
    n->name = (char *)value->name;
    n->n_output = 1;
    n->output = output;
    output[0] = (char *)value->name;
    n->n_attribute = 1;
    n->attribute = list;
    list[0] = a;
    return n;
}

/* shape->dims[0] == 0 is the free batch, written by name. */
static Onnx__ValueInfoProto *info(struct writer *out, const char *name, int elem,
                                  const struct lethe_shape *shape)
{
    Onnx__ValueInfoProto *v = get(out, 1, sizeof *v);
    Onnx__TypeProto *type = get(out, 1, sizeof *type);
    Onnx__TypeProto__Tensor *t = get(out, 1, sizeof *t);
    Onnx__TensorShapeProto *s = get(out, 1, sizeof *s);
    Onnx__TensorShapeProto__Dimension *dims = get(out, shape->ndim, sizeof *dims);
    Onnx__TensorShapeProto__Dimension **list = get(out, shape->ndim, sizeof *list);
    if (out->failed)
        return NULL;
    *v = (Onnx__ValueInfoProto)ONNX__VALUE_INFO_PROTO__INIT;
    *type = (Onnx__TypeProto)ONNX__TYPE_PROTO__INIT;
    *t = (Onnx__TypeProto__Tensor)ONNX__TYPE_PROTO__TENSOR__INIT;
    *s = (Onnx__TensorShapeProto)ONNX__TENSOR_SHAPE_PROTO__INIT;
    for (size_t d = 0; d < shape->ndim; d++) {
        dims[d] = (Onnx__TensorShapeProto__Dimension)ONNX__TENSOR_SHAPE_PROTO__DIMENSION__INIT;
        dims[d].value_case = shape->dims[d] ? ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE
                                            : ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
        if (shape->dims[d])
            dims[d].dim_value = (int64_t)shape->dims[d];
        else
            dims[d].dim_param = "batch";
        list[d] = &dims[d];
    }
    s->n_dim = shape->ndim;
    s->dim = list;
    t->has_elem_type = 1;
    t->elem_type = type_of(out, elem);
    t->shape = s;
    type->value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    type->tensor_type = t;
    v->name = (char *)name;
    v->type = type;
    return v;
}

static void write_tensors(struct writer *out, Onnx__GraphProto *g)
{
    const struct lethe_graph *graph = out->graph;
    g->initializer = get(out, graph->value_count, sizeof *g->initializer);
    for (size_t v = 0; v < graph->value_count && !out->failed; v++) {
        const struct lethe_tensor_value *value = &graph->values[v];
        if (value->kind != LETHE_VALUE_TENSOR)
            continue;
        const double *data =
            value->param == LETHE_NONE ? value->data : out->w + graph->params[value->param].offset;
        if (value->initializer)
            g->initializer[g->n_initializer++] =
                tensor(out, value->name, value->elem, &value->shape, data);
        else
            g->node[g->n_node++] = constant_proto(out, value);
    }
}

/* Inputs as they were; of the outputs only the first has a known shape. */
static void write_ends(struct writer *out, Onnx__GraphProto *g, const struct lethe_plan *plan)
{
    const struct lethe_graph *graph = out->graph;
    g->input = get(out, graph->input_count, sizeof *g->input);
    g->output = get(out, graph->output_count, sizeof *g->output);
    for (size_t k = 0; k < graph->input_count && !out->failed; k++) {
        const struct lethe_tensor_value *value = &graph->values[graph->inputs[k]];
        struct lethe_shape shape = value->shape;
        shape.dims[0] = graph->file_batch;
        g->input[g->n_input++] = info(out, value->name, value->elem, &shape);
    }
    if (out->failed)
        return;
    const struct lethe_plan_value *logits = &plan->values[graph->outputs[0]];
    struct lethe_shape shape = logits->shape;
    shape.dims[0] = graph->file_batch;
    g->output[g->n_output++] =
        info(out, graph->values[graph->outputs[0]].name, logits->elem, &shape);
}

static void write_nodes(struct writer *out, Onnx__GraphProto *g)
{
    for (size_t i = 0; i < out->graph->node_count && !out->failed; i++)
        g->node[g->n_node++] = node_proto(out, &out->graph->nodes[i]);
}

static enum lethe_err pack(struct lethe_bytes *bytes, const struct writer *out, Onnx__GraphProto *g,
                           struct lethe_error *err)
{
    Onnx__ModelProto model = ONNX__MODEL_PROTO__INIT;
    Onnx__OperatorSetIdProto set = ONNX__OPERATOR_SET_ID_PROTO__INIT, *sets = &set;
    set.domain = "";
    set.has_version = 1;
    set.version = out->graph->opset;
    model.has_ir_version = 1;
    model.ir_version = out->graph->opset > 14 ? 8 : 7;
    model.producer_name = out->graph->producer[0] ? (char *)out->graph->producer : "lethe";
    model.n_opset_import = 1;
    model.opset_import = &sets;
    model.graph = g;
    size_t size = onnx__model_proto__get_packed_size(&model);
    bytes->data = lethe_alloc(size + 1, 1);
    if (!bytes->data)
        return lethe_fail_memory(err, "a model", size, 1);
    onnx__model_proto__pack(&model, bytes->data);
    bytes->size = size;
    return LETHE_OK;
}

enum lethe_err lethe_onnx_encode(unsigned char **bytes, size_t *size,
                                 const struct lethe_graph *graph, const double *w,
                                 enum lethe_dtype dtype, struct lethe_error *err)
{
    struct lethe_bytes made = {0};
    struct writer out = {
        .graph = graph, .w = w, .real = dtype == LETHE_F32 ? LETHE_ELEM_FLOAT : LETHE_ELEM_DOUBLE};
    Onnx__GraphProto g = ONNX__GRAPH_PROTO__INIT;
    enum lethe_err code = LETHE_ENOMEM;
    struct lethe_plan *plan = lethe_plan_new(graph, 2, err);
    if (!plan)
        return err ? err->code : LETHE_ENOMEM;
    g.name = "lethe";
    g.node = get(&out, graph->node_count + graph->value_count, sizeof *g.node);
    if (!out.failed)
        write_tensors(&out, &g);
    if (!out.failed)
        write_nodes(&out, &g);
    if (!out.failed)
        write_ends(&out, &g, plan);
    if (out.failed)
        lethe_fail_memory(err, "a model", graph->size, sizeof *w);
    else
        code = pack(&made, &out, &g, err);
    if (!code) {
        *bytes = made.data;
        *size = made.size;
    }
    lethe_plan_free(plan);
    lethe_arena_release(&out.arena);
    return code;
}

enum lethe_err lethe_onnx_save(const struct lethe_graph *graph, const double *w, const char *path,
                               enum lethe_dtype dtype, struct lethe_error *err)
{
    unsigned char *bytes = NULL;
    size_t size = 0;
    enum lethe_err code = lethe_onnx_encode(&bytes, &size, graph, w, dtype, err);
    if (!code)
        code = lethe_file_write(path, bytes, size, err);
    lethe_free(bytes);
    return code;
}
