/* SPDX-License-Identifier: MIT
 * What exporters write around a network: branches that shapes decide, masks beside weights, names
 * they make up, batch sizes folded into constants. Models are put together here, not read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "onnx/model.h"

enum { ROOM = 32 };

/* A model in the making; everything lies in the arena. */
struct maker {
    struct lethe_arena arena;
    Onnx__ModelProto model;
    Onnx__OperatorSetIdProto set, *sets;
    Onnx__GraphProto graph;
    struct lethe_graph *made;
    double *w;
    struct lethe_error err;
};

static void open_maker(struct maker *m, const char *producer)
{
    *m = (struct maker){0};
    onnx__model_proto__init(&m->model);
    onnx__operator_set_id_proto__init(&m->set);
    onnx__graph_proto__init(&m->graph);
    m->set.version = 14;
    m->sets = &m->set;
    m->model.producer_name = (char *)producer;
    m->model.n_opset_import = 1;
    m->model.opset_import = &m->sets;
    m->model.graph = &m->graph;
}

static void close_maker(struct maker *m)
{
    lethe_graph_unref(m->made);
    lethe_free(m->w);
    lethe_arena_release(&m->arena);
}

static void *get(struct maker *m, size_t size)
{
    void *memory = lethe_arena_alloc(&m->arena, 1, size);
    assert_non_null(memory);
    return memory;
}

/* Lists of a graph, made for ROOM entries when the first one comes. */
#define PUSH(m, g, list, item)                                                                     \
    do {                                                                                           \
        if (!(g)->n_##list)                                                                        \
            (g)->list = get(m, ROOM * sizeof *(g)->list);                                          \
        (g)->list[(g)->n_##list++] = (item);                                                       \
    } while (0)

static Onnx__ValueInfoProto *info(struct maker *m, const char *name, int elem, const char *shape)
{
    Onnx__ValueInfoProto *v = get(m, sizeof *v);
    onnx__value_info_proto__init(v);
    onnx__type_proto__init(v->type = get(m, sizeof *v->type));
    Onnx__TypeProto__Tensor *t = get(m, sizeof *t);
    onnx__type_proto__tensor__init(t);
    onnx__tensor_shape_proto__init(t->shape = get(m, sizeof *t->shape));
    v->name = (char *)name;
    v->type->value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    v->type->tensor_type = t;
    t->elem_type = elem;
    while (*shape) {
        Onnx__TensorShapeProto__Dimension *d = get(m, sizeof *d);
        onnx__tensor_shape_proto__dimension__init(d);
        d->dim_value = strtoll(shape, (char **)&shape, 10);
        d->value_case = d->dim_value ? ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE
                                     : ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
        PUSH(m, t->shape, dim, d);
        shape += *shape == 'x';
    }
    return v;
}

/* dims "2x3", "" for a single number; values in their order. */
static void tensor(struct maker *m, const char *name, int elem, const char *dims,
                   const double *values)
{
    Onnx__TensorProto *t = get(m, sizeof *t);
    size_t n = 1;
    onnx__tensor_proto__init(t);
    t->name = (char *)name;
    t->data_type = elem;
    t->dims = get(m, ROOM * sizeof *t->dims);
    for (; *dims; dims += *dims == 'x')
        n *= (size_t)(t->dims[t->n_dims++] = strtoll(dims, (char **)&dims, 10));
    t->float_data = get(m, n * sizeof *t->float_data);
    t->int64_data = get(m, n * sizeof *t->int64_data);
    for (size_t i = 0; i < n; i++) {
        t->float_data[i] = (float)values[i];
        t->int64_data[i] = elem == LETHE_ELEM_INT64 ? (int64_t)values[i] : 0;
    }
    *(elem == LETHE_ELEM_INT64 ? &t->n_int64_data : &t->n_float_data) = n;
    PUSH(m, &m->graph, initializer, t);
}

/* Numbers 0.3, -0.1, ... that are no mask. */
static void weights(struct maker *m, const char *name, const char *dims)
{
    double values[256];
    for (int i = 0; i < 256; i++)
        values[i] = 0.3 * cos(1.7 * i);
    tensor(m, name, LETHE_ELEM_FLOAT, dims, values);
}

static char **split(struct maker *m, size_t *count, const char *list)
{
    char **names = get(m, ROOM * sizeof *names);
    char *copy = lethe_arena_strdup(&m->arena, list), *rest = NULL;
    for (char *name = strtok_r(copy, " ", &rest); name; name = strtok_r(NULL, " ", &rest))
        names[(*count)++] = name;
    return names;
}

/* ints: one attribute "perm=1,0,2", or NULL. */
static Onnx__NodeProto *node(struct maker *m, Onnx__GraphProto *g, const char *type,
                             const char *inputs, const char *outputs, const char *ints)
{
    Onnx__NodeProto *n = get(m, sizeof *n);
    onnx__node_proto__init(n);
    n->op_type = (char *)type;
    n->output = split(m, &n->n_output, outputs);
    n->input = split(m, &n->n_input, inputs);
    n->name = n->output[0];
    if (ints) {
        Onnx__AttributeProto *a = get(m, sizeof *a);
        onnx__attribute_proto__init(a);
        a->name = lethe_arena_strdup(&m->arena, ints);
        *strchr(a->name, '=') = '\0';
        a->ints = get(m, ROOM * sizeof *a->ints);
        const char *number = strchr(ints, '=') + 1;
        for (; *number; number += *number == ',')
            a->ints[a->n_ints++] = strtoll(number, (char **)&number, 10);
        a->type = a->n_ints == 1 ? ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT
                                 : ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS;
        a->i = a->ints[0];
        PUSH(m, n, attribute, a);
    }
    PUSH(m, g, node, n);
    return n;
}

static void branch(struct maker *m, Onnx__NodeProto *n, const char *name, const char *type,
                   const char *input, const char *output)
{
    Onnx__AttributeProto *a = get(m, sizeof *a);
    onnx__attribute_proto__init(a);
    onnx__graph_proto__init(a->g = get(m, sizeof *a->g));
    a->name = (char *)name;
    a->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__GRAPH;
    node(m, a->g, type, input, output, NULL);
    PUSH(m, a->g, output, info(m, output, LETHE_ELEM_FLOAT, ""));
    PUSH(m, n, attribute, a);
}

static enum lethe_err build(struct maker *m)
{
    PUSH(m, &m->graph, output, info(m, "logits", LETHE_ELEM_FLOAT, ""));
    return lethe_onnx_build(&m->made, &m->w, &m->model, NULL, 0, &m->err);
}

static int is_parameter(const struct maker *m, const char *name)
{
    for (size_t p = 0; p < lethe_graph_param_count(m->made); p++)
        if (!strcmp(lethe_graph_param(m->made, p)->name, name))
            return lethe_graph_param(m->made, p)->trainable;
    return 0;
}

/* logits(n, classes) of inputs that are counted through. */
static void run(struct maker *m, double *logits, const double *x, size_t n)
{
    struct lethe_exec *exec = lethe_exec_new(m->made, LETHE_F64, n, &m->err);
    assert_non_null(exec);
    lethe_exec_weights(exec, m->w);
    assert_int_equal(lethe_exec_forward(exec, logits, &x, n, &m->err), LETHE_OK);
    lethe_exec_free(exec);
}

/* ---- branches -------------------------------------------------------------------------------- */

/* x is squeezed where its last axis has length 1, as PyTorch writes it; then 3 -> 2. */
static void squeeze_if(struct maker *m, const char *shape, const char *condition)
{
    const double last = 2, one = 1;
    open_maker(m, "pytorch");
    PUSH(m, &m->graph, input, info(m, "x", LETHE_ELEM_FLOAT, shape));
    tensor(m, "last", LETHE_ELEM_INT64, "1", &last);
    tensor(m, "one", LETHE_ELEM_INT64, "1", &one);
    weights(m, "fc.weight", "3x2");
    node(m, &m->graph, "Shape", "x", "shape", NULL);
    node(m, &m->graph, "Gather", "shape last", "length", NULL);
    node(m, &m->graph, "Equal", "length one", "single", NULL);
    node(m, &m->graph, "ReduceMax", "x", "largest", "keepdims=0");
    Onnx__NodeProto *n = node(m, &m->graph, "If", condition, "y", NULL);
    branch(m, n, "then_branch", "Squeeze", "x last", "squeezed");
    branch(m, n, "else_branch", "Identity", "x", "kept");
    node(m, &m->graph, "MatMul", "y fc.weight", "logits", NULL);
}

static void the_branch_that_shapes_decide_is_taken(void **state)
{
    (void)state;
    struct maker m;
    double logits[4];
    const double x[6] = {1, 2, 3, 4, 5, 6};
    squeeze_if(&m, "0x3x1", "single");
    if (build(&m))
        fail_msg("%s", m.err.message);
    assert_int_equal(lethe_graph_classes(m.made), 2);
    run(&m, logits, x, 2);
    assert_true(fabs(logits[2] - (4 * m.w[0] + 5 * m.w[2] + 6 * m.w[4])) < 1e-12);
    close_maker(&m);
    squeeze_if(&m, "0x5x3", "single");
    if (build(&m))
        fail_msg("%s", m.err.message);
    assert_int_equal(lethe_graph_classes(m.made), 10);
    close_maker(&m);
}

static void a_branch_that_the_data_decide_is_unsupported(void **state)
{
    (void)state;
    struct maker m;
    squeeze_if(&m, "0x3x1", "largest");
    assert_int_equal(build(&m), LETHE_EFORMAT);
    assert_non_null(strstr(m.err.message, "unsupported operator 'If' at node 'y' (opset 14)"));
    close_maker(&m);
}

/* ---- parameters ------------------------------------------------------------------------------ */

static void masks_and_folded_constants_are_no_parameters(void **state)
{
    (void)state;
    struct maker m;
    const double mask[4] = {0, -INFINITY, 0, -INFINITY}, keep[4] = {1, 0, 1, 1}, one = 2.5;
    open_maker(&m, "pytorch");
    PUSH(&m, &m.graph, input, info(&m, "x", LETHE_ELEM_FLOAT, "0x4"));
    tensor(&m, "mask", LETHE_ELEM_FLOAT, "4", mask);
    tensor(&m, "keep", LETHE_ELEM_FLOAT, "4", keep);
    tensor(&m, "temperature", LETHE_ELEM_FLOAT, "", &one);
    tensor(&m, "onnx::Mul_3", LETHE_ELEM_FLOAT, "", &one);
    weights(&m, "centre", "4");
    weights(&m, "onnx::Sub_7", "4");
    weights(&m, "onnx::MatMul_8", "4x4");
    weights(&m, "bias", "4");
    node(&m, &m.graph, "Mul", "x keep", "a", NULL);
    node(&m, &m.graph, "Sub", "a centre", "b", NULL);
    node(&m, &m.graph, "Sub", "b onnx::Sub_7", "c", NULL);
    node(&m, &m.graph, "MatMul", "c onnx::MatMul_8", "d", NULL);
    node(&m, &m.graph, "Add", "d bias", "e", NULL);
    node(&m, &m.graph, "Mul", "e temperature", "f", NULL);
    node(&m, &m.graph, "Mul", "f onnx::Mul_3", "g", NULL);
    node(&m, &m.graph, "Add", "g mask", "h", NULL);
    node(&m, &m.graph, "Softmax", "h", "logits", NULL);
    if (build(&m))
        fail_msg("%s", m.err.message);
    assert_int_equal(lethe_graph_param_count(m.made), 4);
    assert_true(is_parameter(&m, "centre") && is_parameter(&m, "onnx::MatMul_8"));
    assert_true(is_parameter(&m, "bias") && is_parameter(&m, "temperature"));
    close_maker(&m);
}

static void an_infinite_weight_is_no_mask(void **state)
{
    (void)state;
    struct maker m;
    const double bias[4] = {0, 0.5, -INFINITY, 1};
    open_maker(&m, "");
    PUSH(&m, &m.graph, input, info(&m, "x", LETHE_ELEM_FLOAT, "0x4"));
    tensor(&m, "bias", LETHE_ELEM_FLOAT, "4", bias);
    node(&m, &m.graph, "Add", "x bias", "logits", NULL);
    assert_int_equal(build(&m), LETHE_EFORMAT);
    assert_non_null(strstr(m.err.message, "weights 'bias' hold infinity at entry 2"));
    close_maker(&m);
}

/* ---- batch sizes in constants ---------------------------------------------------------------- */

/* Two heads over three tokens of width 4, with a batch of 1 in every shape:
 * (B, 3, 4) -> (3, B, 4) -> (3, 2 B, 2) -> (2 B, 3, 2) -> mean -> (2 B, 2) -> (B, 4) -> logits. */
static void fixed_heads(struct maker *m, const double *last)
{
    const double heads[3] = {3, 2, 2};
    open_maker(m, "pytorch");
    PUSH(m, &m->graph, input, info(m, "x", LETHE_ELEM_FLOAT, "1x3x4"));
    tensor(m, "heads", LETHE_ELEM_INT64, "3", heads);
    tensor(m, "rows", LETHE_ELEM_INT64, "2", last);
    weights(m, "fc.weight", "4x2");
    node(m, &m->graph, "Transpose", "x", "a", "perm=1,0,2");
    node(m, &m->graph, "Reshape", "a heads", "b", NULL);
    node(m, &m->graph, "Transpose", "b", "c", "perm=1,0,2");
    node(m, &m->graph, "ReduceMean", "c", "d", "axes=1");
}

static void a_fixed_batch_is_followed_through_shapes(void **state)
{
    (void)state;
    struct maker m;
    const double rows[2] = {1, 4};
    double x[3 * 12], one[2], all[6];
    fixed_heads(&m, rows);
    node(&m, &m.graph, "Reshape", "d rows", "e", NULL);
    node(&m, &m.graph, "MatMul", "e fc.weight", "logits", NULL);
    if (build(&m))
        fail_msg("%s", m.err.message);
    for (int i = 0; i < 36; i++)
        x[i] = sin(i);
    run(&m, all, x, 3);
    for (size_t i = 0; i < 3; i++) {
        run(&m, one, x + 12 * i, 1);
        assert_true(fabs(one[0] - all[2 * i]) < 1e-12 && fabs(one[1] - all[2 * i + 1]) < 1e-12);
    }
    close_maker(&m);
}

/* A mean over heads that lies on the batch's axis: with more samples it would be another mean. */
static void a_fixed_batch_that_cannot_be_undone_is_refused(void **state)
{
    (void)state;
    struct maker m;
    const double rows[2] = {1, 4};
    fixed_heads(&m, rows);
    node(&m, &m.graph, "Squeeze", "d", "f", "axes=1");
    node(&m, &m.graph, "ReduceMean", "f", "g", "axes=0");
    node(&m, &m.graph, "Sub", "f g", "h", NULL);
    node(&m, &m.graph, "Reshape", "h rows", "e", NULL);
    node(&m, &m.graph, "MatMul", "e fc.weight", "logits", NULL);
    assert_int_equal(build(&m), LETHE_EFORMAT);
    assert_non_null(strstr(m.err.message, "fixes the batch size at 1 in a way that cannot"));
    close_maker(&m);
}

/* ---- sizes of the input ---------------------------------------------------------------------- */

/* x of a shape times a matrix of its own; NULL: it is read, else a part of the message. */
static void sized(const char *shape, const char *message)
{
    struct maker m;
    open_maker(&m, "somebody");
    PUSH(&m, &m.graph, input, info(&m, "x", LETHE_ELEM_FLOAT, shape));
    weights(&m, "fc.weight", "4x3");
    node(&m, &m.graph, "MatMul", "x fc.weight", "logits", NULL);
    assert_int_equal(build(&m), message ? LETHE_EFORMAT : LETHE_OK);
    if (message && !strstr(m.err.message, message))
        fail_msg("%s: %s", shape, m.err.message);
    close_maker(&m);
}

static void sizes_are_said_as_they_are(void **state)
{
    (void)state;
    sized("0x4", NULL);
    sized("-1x4", NULL); /* open, as some write it */
    sized("0x0", "input 'x' leaves dimension 1 open");
    sized("0x-1", "input 'x' leaves dimension 1 open");
    sized("0x1125899906842624", "dimension 1 of input 'x' is 1125899906842624: more than");
    sized("1125899906842624x4", "dimension 0 of input 'x' is 1125899906842624: more than");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_branch_that_shapes_decide_is_taken),
        cmocka_unit_test(a_branch_that_the_data_decide_is_unsupported),
        cmocka_unit_test(masks_and_folded_constants_are_no_parameters),
        cmocka_unit_test(an_infinite_weight_is_no_mask),
        cmocka_unit_test(a_fixed_batch_is_followed_through_shapes),
        cmocka_unit_test(a_fixed_batch_that_cannot_be_undone_is_refused),
        cmocka_unit_test(sizes_are_said_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
