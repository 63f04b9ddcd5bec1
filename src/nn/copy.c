/* SPDX-License-Identifier: MIT
 * See copy.h. */
#include "nn/copy.h"

#include "base/alloc.h"

static enum lethe_err copy_tensor(struct lethe_copy *copy, size_t v)
{
    struct lethe_tensor_value tensor = copy->from->values[v];
    if (tensor.param != LETHE_NONE)
        tensor.data = copy->w + copy->from->params[tensor.param].offset;
    return lethe_graph_add_tensor(copy->to, &copy->now[v], &tensor);
}

static enum lethe_err copy_node(struct lethe_copy *copy, const struct lethe_node *node)
{
    const char **names = lethe_arena_alloc(&copy->arena, node->out_count, sizeof *names);
    size_t *outs = lethe_arena_alloc(&copy->arena, node->out_count, sizeof *outs);
    size_t *ins = lethe_arena_alloc(&copy->arena, node->in_count, sizeof *ins);
    if (!names || !outs || !ins)
        return LETHE_ENOMEM;
    struct lethe_node moved = *node;
    moved.in = ins;
    for (size_t k = 0; k < node->in_count; k++)
        ins[k] = node->in[k] == LETHE_NONE ? LETHE_NONE : copy->now[node->in[k]];
    for (size_t k = 0; k < node->out_count; k++)
        names[k] = node->out[k] == LETHE_NONE ? "" : copy->from->values[node->out[k]].name;
    enum lethe_err code = copy->replace ? copy->replace(copy, outs, &moved, names)
                                        : lethe_graph_add_node(copy->to, outs, &moved, names);
    for (size_t k = 0; k < node->out_count && !code; k++)
        if (node->out[k] != LETHE_NONE)
            copy->now[node->out[k]] = outs[k];
    return code;
}

enum lethe_err lethe_copy_make(struct lethe_copy *copy)
{
    const struct lethe_graph *from = copy->from;
    copy->to = lethe_graph_new(from->dtype, from->opset);
    copy->now = lethe_alloc(from->value_count + 1, sizeof *copy->now);
    if (!copy->to || !copy->now)
        return LETHE_ENOMEM;
    copy->to->file_batch = from->file_batch;
    copy->to->producer = lethe_arena_strdup(&copy->to->arena, from->producer);
    enum lethe_err code = copy->to->producer ? LETHE_OK : LETHE_ENOMEM;
    size_t nodes = 0;
    for (size_t v = 0; v < from->value_count && !code; v++) {
        const struct lethe_tensor_value *value = &from->values[v];
        if (value->kind == LETHE_VALUE_TENSOR)
            code = copy_tensor(copy, v);
        else if (value->kind == LETHE_VALUE_INPUT)
            code = lethe_graph_add_input(copy->to, &copy->now[v], value->name, value->elem,
                                         &value->shape);
        else
            for (; nodes <= value->node && !code; nodes++)
                code = copy_node(copy, &from->nodes[nodes]);
    }
    for (; nodes < from->node_count && !code; nodes++)
        code = copy_node(copy, &from->nodes[nodes]);
    return code;
}

void lethe_copy_release(struct lethe_copy *copy)
{
    lethe_free(copy->now);
    lethe_arena_release(&copy->arena);
    copy->now = NULL;
}
