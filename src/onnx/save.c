/* SPDX-License-Identifier: MIT
 * Writes a graph with weights as ONNX. The model is built in an arena and packed in one go. With
 * another precision than the file's, every floating tensor, input, cast and constant changes with
 * it. What was made here (hidden) is left out, with what depends on it. */
#include "lethe/onnx.h"

#include <math.h>
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
    int real;             /* element type of floating numbers in the file; 0: each as it came */
    unsigned char *lacks; /* by value: the file cannot have it */
    unsigned char *reads; /* by value: something in the file reads it */
    struct lethe_arena arena;
    int failed;
};

static void *get(struct writer *out, size_t count, size_t size)
{
    void *memory = lethe_arena_alloc(&out->arena, count + 1, size);
    out->failed |= !memory;
    return memory;
}

/* The arena as an allocator of parsed messages. */
static void *arena_get(void *out, size_t size)
{
    return get(out, size, 1);
}

static void arena_keep(void *out, void *memory)
{
    (void)out;
    (void)memory;
}

/* stored: the type it had in the file it came from, 0: none. */
static int type_of(const struct writer *out, int elem, int stored)
{
    if (!lethe_elem_is_real(elem) && !lethe_elem_is_half(elem))
        return elem;
    return out->real ? out->real : stored ? stored : elem;
}

static Onnx__TensorProto *tensor(struct writer *out, const char *name, int type,
                                 const struct lethe_shape *shape, const double *data)
{
    Onnx__TensorProto *t = get(out, 1, sizeof *t);
    size_t n = lethe_shape_size(shape), width = lethe_onnx_number_size(type);
    int64_t *dims = get(out, shape->ndim, sizeof *dims);
    unsigned char *bytes = get(out, n, width);
    if (out->failed)
        return NULL;
    *t = (Onnx__TensorProto)ONNX__TENSOR_PROTO__INIT;
    for (size_t d = 0; d < shape->ndim; d++)
        dims[d] = (int64_t)shape->dims[d];
    for (size_t i = 0; i < n; i++)
        lethe_onnx_number_write(bytes + i * width, data[i], type);
    t->name = (char *)name;
    t->n_dims = shape->ndim;
    t->dims = dims;
    t->has_data_type = 1;
    t->data_type = type;
    t->has_raw_data = 1;
    t->raw_data = (ProtobufCBinaryData){.len = n * width, .data = bytes};
    return t;
}

static ProtobufCBinaryData *words(struct writer *out, const struct lethe_attr *attr)
{
    ProtobufCBinaryData *list = get(out, attr->count, sizeof *list);
    const char *at = attr->text;
    for (size_t k = 0; list && k < attr->count; k++, at += strlen(at) + 1)
        list[k] = (ProtobufCBinaryData){.len = strlen(at), .data = (uint8_t *)at};
    return list;
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
        ints[i] = cast ? type_of(out, (int)attr->ints[i], (int)attr->ints[i]) : attr->ints[i];
    for (size_t i = 0; i < attr->count && attr->type == LETHE_ATTR_FLOATS; i++)
        floats[i] = (float)attr->floats[i];
    if (attr->type == LETHE_ATTR_TENSOR) {
        struct lethe_shape shape = {.ndim = 1, .dims = {attr->count}};
        a->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSOR;
        a->t = tensor(out, "value", type_of(out, (int)attr->ints[0], (int)attr->ints[1]), &shape,
                      attr->floats);
    } else if (attr->type == LETHE_ATTR_TEXTS) {
        a->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRINGS;
        a->strings = words(out, attr);
        a->n_strings = a->strings ? attr->count : 0;
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

/* Numbers, with the weights as they stand, or the texts of the file. */
static Onnx__TensorProto *tensor_of(struct writer *out, const struct lethe_tensor_value *value,
                                    const double *data)
{
    ProtobufCAllocator inside = {.alloc = arena_get, .free = arena_keep, .allocator_data = out};
    if (!value->proto)
        return tensor(out, value->name, type_of(out, value->elem, value->stored), &value->shape,
                      data);
    Onnx__TensorProto *t = onnx__tensor_proto__unpack(&inside, value->proto_size, value->proto);
    out->failed |= !t;
    if (t)
        t->name = (char *)value->name;
    return t;
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
    a->t = tensor_of(out, value, value->data);
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
static Onnx__ValueInfoProto *info(struct writer *out, const char *name, int type_number,
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
    t->elem_type = type_number;
    t->shape = s;
    type->value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    type->tensor_type = t;
    v->name = (char *)name;
    v->type = type;
    return v;
}

/* Tensors that nothing reads (weights in whole numbers, once they are real ones) are left out, but
 * not parameters. */
static void mark_reads(struct writer *out)
{
    const struct lethe_graph *graph = out->graph;
    for (size_t i = 0; i < graph->node_count; i++)
        for (size_t k = 0; k < graph->nodes[i].in_count; k++)
            if (graph->nodes[i].in[k] != LETHE_NONE)
                out->reads[graph->nodes[i].in[k]] = 1;
    for (size_t k = 0; k < graph->file_output_count; k++)
        out->reads[graph->file_outputs[k].value] = 1;
    for (size_t p = 0; p < graph->param_count; p++)
        out->reads[graph->param_value[p]] = 1;
}

static void write_tensors(struct writer *out, Onnx__GraphProto *g)
{
    const struct lethe_graph *graph = out->graph;
    g->initializer = get(out, graph->value_count, sizeof *g->initializer);
    for (size_t v = 0; v < graph->value_count && !out->failed; v++) {
        const struct lethe_tensor_value *value = &graph->values[v];
        if (value->kind != LETHE_VALUE_TENSOR || value->hidden || !out->reads[v])
            continue;
        const double *data =
            value->param == LETHE_NONE ? value->data : out->w + graph->params[value->param].offset;
        if (value->initializer)
            g->initializer[g->n_initializer++] = tensor_of(out, value, data);
        else
            g->node[g->n_node++] = constant_proto(out, value);
    }
}

/* An output of the file under the name and type it had. */
static Onnx__ValueInfoProto *output_as_it_was(struct writer *out,
                                              const struct lethe_file_output *from)
{
    ProtobufCAllocator inside = {.alloc = arena_get, .free = arena_keep, .allocator_data = out};
    Onnx__ValueInfoProto *v = onnx__value_info_proto__unpack(&inside, from->info_size, from->info);
    out->failed |= !v;
    if (v && v->type && v->type->value_case == ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE &&
        v->type->tensor_type) {
        int was = v->type->tensor_type->elem_type;
        v->type->tensor_type->elem_type = type_of(out, was, was);
    }
    return v;
}

/* The logits of a network that was made here. */
static void write_logits(struct writer *out, Onnx__GraphProto *g, const struct lethe_plan *plan)
{
    const struct lethe_graph *graph = out->graph;
    const struct lethe_plan_value *logits = &plan->values[graph->outputs[0]];
    struct lethe_shape shape = logits->shape;
    shape.dims[0] = graph->file_batch;
    g->output[g->n_output++] = info(out, graph->values[graph->outputs[0]].name,
                                    type_of(out, logits->elem, graph->stored), &shape);
}

static void write_ends(struct writer *out, Onnx__GraphProto *g, const struct lethe_plan *plan)
{
    const struct lethe_graph *graph = out->graph;
    g->input = get(out, graph->input_count, sizeof *g->input);
    g->output = get(out, graph->file_output_count + 1, sizeof *g->output);
    for (size_t k = 0; k < graph->input_count && !out->failed; k++) {
        const struct lethe_tensor_value *value = &graph->values[graph->inputs[k]];
        struct lethe_shape shape = value->shape;
        shape.dims[0] = graph->file_batch;
        g->input[g->n_input++] =
            info(out, value->name, type_of(out, value->elem, value->stored), &shape);
    }
    for (size_t k = 0; k < graph->file_output_count && !out->failed; k++)
        if (!out->lacks[graph->file_outputs[k].value])
            g->output[g->n_output++] = output_as_it_was(out, &graph->file_outputs[k]);
    if (!out->failed && !g->n_output)
        write_logits(out, g, plan);
}

/* A node that no operator of ours stands for is written as it was. */
static Onnx__NodeProto *node_as_it_was(struct writer *out, const struct lethe_node *node)
{
    ProtobufCAllocator inside = {.alloc = arena_get, .free = arena_keep, .allocator_data = out};
    Onnx__NodeProto *n = onnx__node_proto__unpack(&inside, node->proto_size, node->proto);
    out->failed |= !n;
    return n;
}

/* Nodes that were made here, and those that read what the file cannot have, are left out. */
static void write_nodes(struct writer *out, Onnx__GraphProto *g)
{
    for (size_t i = 0; i < out->graph->node_count && !out->failed; i++) {
        const struct lethe_node *node = &out->graph->nodes[i];
        int lacks = node->hidden || (!node->op && !node->proto);
        for (size_t k = 0; k < node->in_count; k++)
            lacks |= node->in[k] != LETHE_NONE && out->lacks[node->in[k]];
        for (size_t k = 0; k < node->out_count; k++)
            if (node->out[k] != LETHE_NONE)
                out->lacks[node->out[k]] = (unsigned char)lacks;
        if (!lacks)
            g->node[g->n_node++] = node->proto ? node_as_it_was(out, node) : node_proto(out, node);
    }
}

/* ONNX's own set of operators and those that nodes written as they were belong to. */
static void write_domains(struct writer *out, Onnx__ModelProto *model)
{
    const struct lethe_graph *graph = out->graph;
    Onnx__OperatorSetIdProto *sets = get(out, graph->domain_count + 1, sizeof *sets);
    model->opset_import = get(out, graph->domain_count + 1, sizeof *model->opset_import);
    for (size_t d = 0; d <= graph->domain_count && !out->failed; d++) {
        const struct lethe_domain *domain = d ? &graph->domains[d - 1] : NULL;
        int used = !domain;
        for (size_t i = 0; i < graph->node_count && !used; i++)
            used = graph->nodes[i].proto && !strcmp(graph->nodes[i].domain, domain->name);
        if (!used)
            continue;
        onnx__operator_set_id_proto__init(&sets[d]);
        sets[d].domain = (char *)(domain ? domain->name : "");
        sets[d].has_version = 1;
        sets[d].version = domain ? domain->version : graph->opset;
        model->opset_import[model->n_opset_import++] = &sets[d];
    }
}

/* The oldest version of the format that has the operators. */
static int64_t ir_version(const struct lethe_graph *graph)
{
    static const struct {
        int opset, version;
    } table[] = {{23, 11}, {21, 10}, {19, 9}, {15, 8}, {0, 7}};
    size_t i = 0;
    while (graph->opset < table[i].opset)
        i++;
    return graph->ir_version > table[i].version ? graph->ir_version : table[i].version;
}

static enum lethe_err pack(struct lethe_bytes *bytes, struct writer *out, Onnx__GraphProto *g,
                           struct lethe_error *err)
{
    Onnx__ModelProto model = ONNX__MODEL_PROTO__INIT;
    write_domains(out, &model);
    if (out->failed)
        return lethe_fail_memory(err, "a model", 1, 1);
    model.has_ir_version = 1;
    model.ir_version = ir_version(out->graph);
    model.producer_name = out->graph->producer[0] ? (char *)out->graph->producer : "lethe";
    model.graph = g;
    size_t size = onnx__model_proto__get_packed_size(&model);
    bytes->data = lethe_alloc(size + 1, 1);
    if (!bytes->data)
        return lethe_fail_memory(err, "a model", size, 1);
    onnx__model_proto__pack(&model, bytes->data);
    bytes->size = size;
    return LETHE_OK;
}

/* Half precision ends at 65504, which a weight must not pass. */
static enum lethe_err check_range(const struct writer *out, struct lethe_error *err)
{
    const struct lethe_graph *graph = out->graph;
    for (size_t p = 0; p < graph->param_count; p++) {
        const struct lethe_tensor_value *value = &graph->values[graph->param_value[p]];
        const double *w = out->w + graph->params[p].offset;
        if (type_of(out, value->elem, value->stored) != LETHE_ELEM_HALF)
            continue;
        for (size_t i = 0; i < graph->params[p].size; i++)
            if (fabs(w[i]) >= 65520)
                return lethe_fail(err, LETHE_EARG,
                                  "weights '%s' hold %g, more than float16 can; export them as "
                                  "float32 or bfloat16",
                                  value->name, w[i]);
    }
    return LETHE_OK;
}

static enum lethe_err encode(struct lethe_bytes *made, const struct lethe_graph *graph,
                             const double *w, int real, struct lethe_error *err)
{
    struct writer out = {.graph = graph, .w = w, .real = real};
    Onnx__GraphProto g = ONNX__GRAPH_PROTO__INIT;
    struct lethe_plan *plan = lethe_plan_new(graph, 2, err);
    if (!plan)
        return err && err->code ? err->code : LETHE_ENOMEM;
    g.name = "lethe";
    g.node = get(&out, graph->node_count + graph->value_count, sizeof *g.node);
    out.lacks = get(&out, graph->value_count, 1);
    out.reads = get(&out, graph->value_count, 1);
    enum lethe_err code = check_range(&out, err);
    if (!out.failed && !code)
        mark_reads(&out);
    if (!out.failed && !code)
        write_tensors(&out, &g);
    if (!out.failed && !code)
        write_nodes(&out, &g);
    if (!out.failed && !code)
        write_ends(&out, &g, plan);
    if (out.failed)
        code = lethe_fail_memory(err, "a model", graph->size, sizeof *w);
    if (!code)
        code = pack(made, &out, &g, err);
    lethe_plan_free(plan);
    lethe_arena_release(&out.arena);
    return code;
}

static int element_of(enum lethe_onnx_real type)
{
    switch (type) {
    case LETHE_ONNX_FLOAT32:
        return LETHE_ELEM_FLOAT;
    case LETHE_ONNX_FLOAT64:
        return LETHE_ELEM_DOUBLE;
    case LETHE_ONNX_FLOAT16:
        return LETHE_ELEM_HALF;
    case LETHE_ONNX_BFLOAT16:
        return LETHE_ELEM_BRAIN;
    default:
        return 0;
    }
}

enum lethe_err lethe_onnx_encode(unsigned char **bytes, size_t *size,
                                 const struct lethe_graph *graph, const double *w,
                                 enum lethe_dtype dtype, struct lethe_error *err)
{
    struct lethe_bytes made = {0};
    enum lethe_err code =
        encode(&made, graph, w, dtype == LETHE_F32 ? LETHE_ELEM_FLOAT : LETHE_ELEM_DOUBLE, err);
    if (!code) {
        *bytes = made.data;
        *size = made.size;
    }
    return code;
}

enum lethe_err lethe_onnx_save_as(const struct lethe_graph *graph, const double *w,
                                  const char *path, enum lethe_onnx_real type,
                                  struct lethe_error *err)
{
    struct lethe_bytes made = {0};
    enum lethe_err code =
        type == LETHE_ONNX_BFLOAT16 ? lethe_onnx_takes_bfloat16(graph, err) : LETHE_OK;
    if (!code)
        code = encode(&made, graph, w, element_of(type), err);
    if (!code)
        code = lethe_file_write(path, made.data, made.size, err);
    lethe_free(made.data);
    return code;
}

enum lethe_err lethe_onnx_save(const struct lethe_graph *graph, const double *w, const char *path,
                               enum lethe_dtype dtype, struct lethe_error *err)
{
    return lethe_onnx_save_as(graph, w, path,
                              dtype == LETHE_F32 ? LETHE_ONNX_FLOAT32 : LETHE_ONNX_FLOAT64, err);
}
