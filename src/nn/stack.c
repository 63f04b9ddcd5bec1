/* SPDX-License-Identifier: MIT
 * A network while it is built layer on layer: the first error sticks, and every step after it
 * does nothing. See stack.h. */
#include "nn/stack.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

enum { NAME = 160, MOST_INTS = 8 };

void lethe_stack_init(struct lethe_stack *stack, int opset)
{
    *stack = (struct lethe_stack){.graph = lethe_graph_new(LETHE_F32, opset)};
    stack->code = stack->graph ? LETHE_OK : LETHE_ENOMEM;
}

enum lethe_err lethe_stack_finish(struct lethe_stack *stack, struct lethe_graph **graph,
                                  struct lethe_error *err)
{
    if (!stack->code)
        stack->code = lethe_graph_add_output(stack->graph, stack->top);
    if (stack->code)
        lethe_fail_memory(err, "a network", 1, sizeof *stack->graph);
    else
        stack->code = lethe_graph_finish(stack->graph, NULL, err);
    if (stack->code)
        lethe_graph_unref(stack->graph);
    else
        *graph = stack->graph;
    stack->graph = NULL;
    return stack->code;
}

static struct lethe_shape shape_of(const size_t *dims, size_t ndim)
{
    struct lethe_shape shape = {.ndim = ndim};
    for (size_t d = 0; d < ndim; d++)
        shape.dims[d] = dims[d];
    return shape;
}

void lethe_stack_input(struct lethe_stack *stack, int elem, const size_t *dims, size_t ndim)
{
    struct lethe_shape shape = {.ndim = ndim + 1};
    for (size_t d = 0; d < ndim; d++)
        shape.dims[d + 1] = dims[d];
    if (!stack->code)
        stack->code = lethe_graph_add_input(stack->graph, &stack->top, "input", elem, &shape);
}

size_t lethe_stack_param(struct lethe_stack *stack, const char *name, const size_t *dims,
                         size_t ndim)
{
    size_t id = 0;
    const struct lethe_shape shape = shape_of(dims, ndim);
    if (!stack->code)
        stack->code = lethe_graph_add_zeros(stack->graph, &id, name, &shape);
    return id;
}

size_t lethe_stack_number(struct lethe_stack *stack, const char *name, double number)
{
    size_t id = 0;
    if (!stack->code)
        stack->code = lethe_graph_add_number(stack->graph, &id, name, number);
    return id;
}

size_t lethe_stack_ints(struct lethe_stack *stack, const char *name, const long long *list,
                        size_t count)
{
    size_t id = 0;
    double data[MOST_INTS];
    for (size_t i = 0; i < count && i < MOST_INTS; i++)
        data[i] = (double)list[i];
    const struct lethe_tensor_value tensor = {.name = name,
                                              .elem = LETHE_ELEM_INT64,
                                              .data = data,
                                              .shape = {.ndim = 1, .dims = {count}}};
    if (!stack->code)
        stack->code = lethe_graph_add_tensor(stack->graph, &id, &tensor);
    return id;
}

size_t lethe_stack_op(struct lethe_stack *stack, const char *name, const char *type,
                      const size_t *in, size_t in_count, const struct lethe_attr *attrs,
                      size_t attr_count)
{
    char node[NAME], out[NAME + 16];
    const char *const names = out;
    size_t ends[8], id = 0;
    if (stack->code)
        return 0;
    snprintf(node, sizeof node, "/%s/%s", name, type);
    snprintf(out, sizeof out, "%s_output_0", node);
    memcpy(ends, in, in_count * sizeof *ends);
    const struct lethe_node spec = {.name = node,
                                    .type = type,
                                    .in = ends,
                                    .in_count = in_count,
                                    .out_count = 1,
                                    .attrs = attrs,
                                    .attr_count = attr_count};
    stack->code = lethe_graph_add_node(stack->graph, &id, &spec, &names);
    return id;
}

void lethe_stack_unary(struct lethe_stack *stack, const char *name, const char *type)
{
    const size_t in[1] = {stack->top};
    stack->top = lethe_stack_op(stack, name, type, in, 1, NULL, 0);
}

struct lethe_attr lethe_stack_int(const char *name, const long long *value)
{
    return (struct lethe_attr){
        .name = name, .type = LETHE_ATTR_INTS, .single = 1, .count = 1, .ints = value};
}

struct lethe_attr lethe_stack_list(const char *name, const long long *list, size_t count)
{
    return (struct lethe_attr){.name = name, .type = LETHE_ATTR_INTS, .count = count, .ints = list};
}

/* "fc.weight", "fc.bias". */
static size_t part(struct lethe_stack *stack, const char *name, const char *suffix,
                   const size_t *dims, size_t ndim)
{
    char full[NAME];
    snprintf(full, sizeof full, "%s.%s", name, suffix);
    return lethe_stack_param(stack, full, dims, ndim);
}

void lethe_stack_linear(struct lethe_stack *stack, const char *name, size_t in, size_t out,
                        int matrix)
{
    static const long long one = 1;
    const struct lethe_attr transposed = lethe_stack_int("transB", &one);
    const size_t by_unit[2] = {out, in}, by_input[2] = {in, out}, row[1] = {out};
    const size_t weight = part(stack, name, "weight", matrix ? by_unit : by_input, 2);
    const size_t bias = part(stack, name, "bias", row, 1);
    const size_t ends[3] = {stack->top, weight, bias};
    stack->top = matrix ? lethe_stack_op(stack, name, "Gemm", ends, 3, &transposed, 1)
                        : lethe_stack_op(stack, name, "MatMul", ends, 2, NULL, 0);
    const size_t sum[2] = {stack->top, bias};
    if (!matrix)
        stack->top = lethe_stack_op(stack, name, "Add", sum, 2, NULL, 0);
}
