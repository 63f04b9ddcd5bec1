/* SPDX-License-Identifier: MIT
 * A copy of a graph that differs from it here and there: values and nodes are added again in
 * their old order, a maker may put something else in a node's place. See copy.h. */
#include "nn/copy.h"

#include "base/alloc.h"

static enum lethe_err copy_tensor(struct lethe_copy *copy, size_t v)
{
    struct lethe_tensor_value tensor = copy->from->values[v];
    tensor.own = NULL;
    if (tensor.param != LETHE_NONE)
        tensor.data = copy->w + copy->from->params[tensor.param].offset;
    return lethe_graph_add_tensor(copy->to, &copy->now[v], &tensor);
}

static enum lethe_err copy_input(struct lethe_copy *copy, size_t v)
{
    const struct lethe_tensor_value *value = &copy->from->values[v];
    enum lethe_err code =
        lethe_graph_add_input(copy->to, &copy->now[v], value->name, value->elem, &value->shape);
    if (!code)
        copy->to->values[copy->now[v]].stored = value->stored;
    return code;
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

/* What the graph knows of the file it came from. */
static enum lethe_err copy_origin(struct lethe_copy *copy)
{
    const struct lethe_graph *from = copy->from;
    struct lethe_graph *to = copy->to;
    to->file_batch = from->file_batch;
    to->stored = from->stored;
    to->ir_version = from->ir_version;
    to->file_nodes = from->file_nodes;
    to->end = from->end;
    to->domain_count = from->domain_count;
    to->producer = lethe_arena_strdup(&to->arena, from->producer);
    to->domains =
        lethe_arena_copy(&to->arena, from->domains, from->domain_count, sizeof *from->domains);
    if (!to->producer || !to->domains)
        return LETHE_ENOMEM;
    for (size_t i = 0; i < to->domain_count; i++)
        if (!(to->domains[i].name = lethe_arena_strdup(&to->arena, from->domains[i].name)))
            return LETHE_ENOMEM;
    for (size_t i = 0; i < from->note_count; i++)
        if (lethe_graph_add_note(to, "%s", from->notes[i]))
            return LETHE_ENOMEM;
    return LETHE_OK;
}

static enum lethe_err copy_file_outputs(struct lethe_copy *copy)
{
    const struct lethe_graph *from = copy->from;
    struct lethe_graph *to = copy->to;
    to->file_output_count = from->file_output_count;
    to->file_outputs = lethe_arena_copy(&to->arena, from->file_outputs, from->file_output_count,
                                        sizeof *from->file_outputs);
    for (size_t i = 0; to->file_outputs && i < to->file_output_count; i++) {
        struct lethe_file_output *out = &to->file_outputs[i];
        out->value = copy->now[out->value];
        out->info = lethe_arena_copy(&to->arena, out->info, out->info_size + 1, 1);
        if (!out->info)
            return LETHE_ENOMEM;
    }
    return to->file_outputs ? LETHE_OK : LETHE_ENOMEM;
}

enum lethe_err lethe_copy_make(struct lethe_copy *copy)
{
    const struct lethe_graph *from = copy->from;
    copy->to = lethe_graph_new(from->dtype, from->opset);
    copy->now = lethe_alloc(from->value_count + 1, sizeof *copy->now);
    if (!copy->to || !copy->now)
        return LETHE_ENOMEM;
    enum lethe_err code = copy_origin(copy);
    size_t nodes = 0;
    for (size_t v = 0; v < from->value_count && !code; v++) {
        const struct lethe_tensor_value *value = &from->values[v];
        if (value->kind == LETHE_VALUE_TENSOR)
            code = copy_tensor(copy, v);
        else if (value->kind == LETHE_VALUE_INPUT)
            code = copy_input(copy, v);
        else
            for (; nodes <= value->node && !code; nodes++)
                code = copy_node(copy, &from->nodes[nodes]);
    }
    for (; nodes < from->node_count && !code; nodes++)
        code = copy_node(copy, &from->nodes[nodes]);
    return code ? code : copy_file_outputs(copy);
}

void lethe_copy_release(struct lethe_copy *copy)
{
    lethe_free(copy->now);
    lethe_arena_release(&copy->arena);
    copy->now = NULL;
}
