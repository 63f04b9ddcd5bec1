/* SPDX-License-Identifier: MIT
 * Life of a graph, the steps to build one, and what is asked of a finished one. */
#include "nn/graph.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/ops.h"
#include "nn/plan.h"

struct lethe_graph *lethe_graph_new(enum lethe_dtype dtype, int opset)
{
    struct lethe_graph *graph = lethe_alloc_zero(1, sizeof *graph);
    if (!graph)
        return NULL;
    atomic_init(&graph->refs, 1);
    graph->dtype = dtype;
    graph->opset = opset;
    graph->producer = "";
    return graph;
}

struct lethe_graph *lethe_graph_ref(struct lethe_graph *graph)
{
    atomic_fetch_add(&graph->refs, 1);
    return graph;
}

void lethe_graph_unref(struct lethe_graph *graph)
{
    if (!graph || atomic_fetch_sub(&graph->refs, 1) != 1)
        return;
    lethe_free(graph->values);
    lethe_free(graph->nodes);
    lethe_free(graph->inputs);
    lethe_free(graph->outputs);
    lethe_arena_release(&graph->arena);
    lethe_free(graph);
}

/* Room for one more entry of an array that doubles. */
static int grow(void **array, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return 1;
    size_t larger = *room ? 2 * *room : 32;
    void *moved = lethe_realloc(*array, larger, size);
    if (!moved)
        return 0;
    *array = moved;
    *room = larger;
    return 1;
}

static struct lethe_tensor_value *new_value(struct lethe_graph *graph, size_t *id, const char *name)
{
    void *values = graph->values;
    char *copy = lethe_arena_strdup(&graph->arena, name);
    if (!copy || !grow(&values, graph->value_count, &graph->value_room, sizeof *graph->values))
        return NULL;
    graph->values = values;
    *id = graph->value_count++;
    graph->values[*id] =
        (struct lethe_tensor_value){.name = copy, .param = LETHE_NONE, .node = LETHE_NONE};
    return &graph->values[*id];
}

static enum lethe_err append(size_t **list, size_t *count, size_t *room, size_t item)
{
    void *moved = *list;
    if (!grow(&moved, *count, room, sizeof **list))
        return LETHE_ENOMEM;
    *list = moved;
    (*list)[(*count)++] = item;
    return LETHE_OK;
}

enum lethe_err lethe_graph_add_input(struct lethe_graph *graph, size_t *id, const char *name,
                                     int elem, const struct lethe_shape *shape)
{
    struct lethe_tensor_value *value = new_value(graph, id, name);
    if (!value)
        return LETHE_ENOMEM;
    value->kind = LETHE_VALUE_INPUT;
    value->elem = elem;
    value->shape = *shape;
    return append(&graph->inputs, &graph->input_count, &graph->input_room, *id);
}

enum lethe_err lethe_graph_add_tensor(struct lethe_graph *graph, size_t *id,
                                      const struct lethe_tensor_value *tensor)
{
    struct lethe_tensor_value *value = new_value(graph, id, tensor->name);
    if (!value)
        return LETHE_ENOMEM;
    value->kind = LETHE_VALUE_TENSOR;
    value->elem = tensor->elem;
    value->shape = tensor->shape;
    value->initializer = tensor->initializer;
    value->data = lethe_arena_copy(&graph->arena, tensor->data, lethe_shape_size(&tensor->shape),
                                   sizeof *tensor->data);
    return value->data ? LETHE_OK : LETHE_ENOMEM;
}

static int own_type(const struct lethe_graph *graph)
{
    return graph->dtype == LETHE_F32 ? LETHE_ELEM_FLOAT : LETHE_ELEM_DOUBLE;
}

enum lethe_err lethe_graph_add_number(struct lethe_graph *graph, size_t *id, const char *name,
                                      double number)
{
    const struct lethe_tensor_value tensor = {
        .name = name, .elem = own_type(graph), .data = &number};
    return lethe_graph_add_tensor(graph, id, &tensor);
}

enum lethe_err lethe_graph_add_zeros(struct lethe_graph *graph, size_t *id, const char *name,
                                     const struct lethe_shape *shape)
{
    double *zeros = lethe_alloc_zero(lethe_shape_size(shape) + 1, sizeof *zeros);
    const struct lethe_tensor_value tensor = {
        .name = name, .shape = *shape, .initializer = 1, .elem = own_type(graph), .data = zeros};
    enum lethe_err code = zeros ? lethe_graph_add_tensor(graph, id, &tensor) : LETHE_ENOMEM;
    lethe_free(zeros);
    return code;
}

static const struct lethe_attr *copy_attrs(struct lethe_arena *arena,
                                           const struct lethe_attr *attrs, size_t count)
{
    struct lethe_attr *copy = lethe_arena_copy(arena, attrs, count, sizeof *attrs);
    for (size_t i = 0; copy && i < count; i++) {
        copy[i].name = lethe_arena_strdup(arena, attrs[i].name);
        if (attrs[i].text)
            copy[i].text = lethe_arena_strdup(arena, attrs[i].text);
        if (attrs[i].ints)
            copy[i].ints = lethe_arena_copy(arena, attrs[i].ints,
                                            attrs[i].type == LETHE_ATTR_TENSOR ? 1 : attrs[i].count,
                                            sizeof *attrs[i].ints);
        if (attrs[i].floats)
            copy[i].floats =
                lethe_arena_copy(arena, attrs[i].floats, attrs[i].count, sizeof *attrs[i].floats);
        if (!copy[i].name || (attrs[i].text && !copy[i].text) || (attrs[i].ints && !copy[i].ints) ||
            (attrs[i].floats && !copy[i].floats))
            return NULL;
    }
    return copy;
}

enum lethe_err lethe_graph_add_node(struct lethe_graph *graph, size_t *outs,
                                    const struct lethe_node *spec, const char *const *out_names)
{
    void *nodes = graph->nodes;
    if (!grow(&nodes, graph->node_count, &graph->node_room, sizeof *graph->nodes))
        return LETHE_ENOMEM;
    graph->nodes = nodes;
    struct lethe_arena *arena = &graph->arena;
    struct lethe_node node = *spec;
    node.name = lethe_arena_strdup(arena, spec->name);
    node.type = lethe_arena_strdup(arena, spec->type);
    node.op = lethe_op_find(spec->type);
    node.in = lethe_arena_copy(arena, spec->in, spec->in_count, sizeof *spec->in);
    node.out = lethe_arena_alloc(arena, spec->out_count, sizeof *node.out);
    node.attrs = copy_attrs(arena, spec->attrs, spec->attr_count);
    if (!node.name || !node.type || !node.in || !node.out || !node.attrs)
        return LETHE_ENOMEM;
    for (size_t k = 0; k < spec->out_count; k++) {
        outs[k] = LETHE_NONE;
        if (*out_names[k]) {
            struct lethe_tensor_value *value = new_value(graph, &outs[k], out_names[k]);
            if (!value)
                return LETHE_ENOMEM;
            value->kind = LETHE_VALUE_NODE;
            value->node = graph->node_count;
        }
        node.out[k] = outs[k];
    }
    graph->nodes[graph->node_count++] = node;
    return LETHE_OK;
}

enum lethe_err lethe_graph_add_output(struct lethe_graph *graph, size_t value)
{
    return append(&graph->outputs, &graph->output_count, &graph->output_room, value);
}

/* ---- finish ---------------------------------------------------------------------------------- */

/* Lists every operator that is missing, not only the first. */
static enum lethe_err check_operators(const struct lethe_graph *graph, struct lethe_error *err)
{
    char text[400] = "", more[32] = "";
    size_t used = 0, left_out = 0;
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct lethe_node *node = &graph->nodes[i];
        if (node->op)
            continue;
        if (used > sizeof text - 120) {
            snprintf(more, sizeof more, "; and %zu more", ++left_out);
            continue;
        }
        int wrote = snprintf(text + used, sizeof text - used,
                             "%sunsupported operator '%.40s' at "
                             "node '%.60s'",
                             used ? "; " : "", node->type, node->name);
        used += wrote > 0 ? (size_t)wrote : 0;
    }
    return used ? lethe_fail(err, LETHE_EFORMAT, "%s%s (opset %d)", text, more, graph->opset)
                : LETHE_OK;
}

static int arity_fits(const struct lethe_node *node)
{
    int fits = node->in_count >= node->op->min_in && node->in_count <= node->op->max_in &&
               node->out_count >= 1 && node->out[0] != LETHE_NONE;
    int variadic = node->op->max_in > LETHE_SHAPE_DIMS;
    for (size_t k = 0; k < node->in_count && (variadic || k < node->op->min_in); k++)
        fits &= node->in[k] != LETHE_NONE;
    return fits;
}

static enum lethe_err check_arity(const struct lethe_graph *graph, struct lethe_error *err)
{
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct lethe_node *node = &graph->nodes[i];
        if (!arity_fits(node))
            return lethe_fail(err, LETHE_EFORMAT,
                              "operator '%s' at node '%s' has %zu inputs and "
                              "%zu outputs, which does not fit it",
                              node->type, node->name, node->in_count, node->out_count);
    }
    return LETHE_OK;
}

/* Marks what the logits depend on. A value that no operator fills is an error there. */
static enum lethe_err mark_used(struct lethe_graph *graph, struct lethe_error *err)
{
    for (size_t i = graph->node_count; i-- > 0;) {
        struct lethe_node *node = &graph->nodes[i];
        for (size_t k = 0; k < node->out_count; k++) {
            size_t v = node->out[k];
            int wanted = v != LETHE_NONE && (v == graph->outputs[0] || graph->values[v].wanted);
            if (wanted && k >= node->op->max_out)
                return lethe_fail(err, LETHE_EFORMAT,
                                  "output %zu of operator '%s' at node '%s' is "
                                  "not supported",
                                  k + 1, node->type, node->name);
            node->used |= wanted;
        }
        for (size_t k = 0; node->used && k < node->in_count; k++)
            if (node->in[k] != LETHE_NONE)
                graph->values[node->in[k]].wanted = 1;
    }
    return LETHE_OK;
}

/* Marks what one value depends on; 0 when an operator there cannot be run. */
static int mark_ancestors(struct lethe_graph *graph, size_t value)
{
    graph->values[value].wanted = 1;
    for (size_t i = graph->node_count; i-- > 0;) {
        struct lethe_node *node = &graph->nodes[i];
        for (size_t k = 0; k < node->out_count; k++)
            if (node->out[k] != LETHE_NONE && graph->values[node->out[k]].wanted) {
                node->used = 1;
                if (!node->op || k >= node->op->max_out || !arity_fits(node))
                    return 0;
            }
        for (size_t k = 0; node->used && k < node->in_count; k++)
            if (node->in[k] != LETHE_NONE)
                graph->values[node->in[k]].wanted = 1;
    }
    return 1;
}

static int is_known(const struct lethe_graph *graph, size_t value, size_t n, double *number)
{
    struct lethe_plan *plan = lethe_plan_new(graph, n, NULL);
    const struct lethe_plan_value *found = plan ? &plan->values[value] : NULL;
    int known = found && found->known && lethe_shape_size(&found->shape) == 1;
    *number = known ? found->data[0] : 0;
    lethe_plan_free(plan);
    return known;
}

int lethe_graph_fold(struct lethe_graph *graph, size_t value, double *number)
{
    double other;
    for (size_t k = 0; k < graph->input_count && !graph->literal; k++)
        if (graph->values[graph->inputs[k]].shape.ndim == 0)
            return 0;
    int known = mark_ancestors(graph, value) && is_known(graph, value, 2, number) &&
                is_known(graph, value, 3, &other) && *number <= other && *number >= other;
    for (size_t i = 0; i < graph->node_count; i++)
        graph->nodes[i].used = 0;
    for (size_t v = 0; v < graph->value_count; v++)
        graph->values[v].wanted = 0;
    return known;
}

/* Runs shape inference at two batch sizes: the logits must be (n, C) at both. */
static enum lethe_err check_logits(struct lethe_graph *graph, struct lethe_error *err)
{
    size_t classes[2];
    for (size_t n = 2; n <= 3; n++) {
        struct lethe_plan *plan = lethe_plan_new(graph, n, err);
        if (!plan)
            return err ? err->code : LETHE_EFORMAT;
        struct lethe_shape shape = plan->values[graph->outputs[0]].shape;
        int fed = plan->values[graph->outputs[0]].fed;
        lethe_plan_free(plan);
        char text[128];
        if (!fed || shape.ndim == 0 || shape.dims[0] != n || lethe_shape_size(&shape) == 0)
            return lethe_fail(err, LETHE_EFORMAT,
                              "output '%s' has shape %s for a batch of %zu; "
                              "one row of logits per sample is needed",
                              graph->values[graph->outputs[0]].name, lethe_shape_text(text, &shape),
                              n);
        classes[n - 2] = lethe_shape_size(&shape) / n;
    }
    if (classes[0] != classes[1])
        return lethe_fail(err, LETHE_EFORMAT, "the number of logits depends on the batch size");
    graph->classes = classes[0];
    return LETHE_OK;
}

/* Every batch size must do; see batches.c for files that fix one. */
static enum lethe_err check_batches(struct lethe_graph *graph, struct lethe_error *err)
{
    enum lethe_err code = check_logits(graph, err);
    if (!code || !graph->file_batch || !lethe_graph_loosen(graph))
        return code;
    if (check_logits(graph, NULL)) {
        struct lethe_error strict = err ? *err : (struct lethe_error){0};
        return lethe_fail(err, LETHE_EFORMAT,
                          "%s (the file fixes its batch size at %zu; exported with a free batch "
                          "dimension it may load)",
                          strict.message, graph->file_batch);
    }
    if (err)
        *err = (struct lethe_error){0};
    return LETHE_OK;
}

static enum lethe_err gather(const struct lethe_graph *graph, double **w, struct lethe_error *err)
{
    double *all = lethe_alloc(graph->size + graph->buffers + 1, sizeof *all);
    if (!all)
        return lethe_fail_memory(err, "weights", graph->size, sizeof *all);
    for (size_t i = 0; i < graph->param_count; i++)
        memcpy(all + graph->params[i].offset, graph->values[graph->param_value[i]].data,
               graph->params[i].size * sizeof *all);
    *w = all;
    return LETHE_OK;
}

enum lethe_err lethe_graph_finish(struct lethe_graph *graph, double **w, struct lethe_error *err)
{
    double *all = NULL;
    if ((graph->input_count == 0 && !graph->literal) || graph->output_count == 0)
        return lethe_fail(err, LETHE_EFORMAT, "the network has no %s",
                          graph->input_count ? "output" : "input");
    for (size_t i = 0; i < graph->input_count && !graph->literal; i++)
        if (graph->values[graph->inputs[i]].shape.ndim == 0)
            return lethe_fail(err, LETHE_EFORMAT, "input '%s' has no batch dimension",
                              graph->values[graph->inputs[i]].name);
    enum lethe_err code = check_operators(graph, err);
    if (!code)
        code = check_arity(graph, err);
    if (!code)
        code = mark_used(graph, err);
    if (!code)
        code = lethe_graph_find_params(graph, err);
    if (!code && !graph->literal)
        code = check_batches(graph, err);
    if (!code && !graph->literal)
        code = lethe_graph_find_layers(graph, err);
    if (!code)
        code = gather(graph, &all, err);
    if (!code && graph->loose)
        code = lethe_graph_check_loose(graph, all, err);
    if (code || !w)
        lethe_free(all);
    else
        *w = all;
    return code;
}

/* ---- questions ------------------------------------------------------------------------------- */

size_t lethe_graph_size(const struct lethe_graph *graph)
{
    return graph->size;
}

size_t lethe_graph_buffers(const struct lethe_graph *graph)
{
    return graph->buffers;
}

size_t lethe_graph_inputs(const struct lethe_graph *graph)
{
    return graph->input_count;
}

size_t lethe_graph_input_width(const struct lethe_graph *graph, size_t input)
{
    const struct lethe_shape *shape = &graph->values[graph->inputs[input]].shape;
    return lethe_shape_product(shape, graph->literal ? 0 : 1, shape->ndim);
}

size_t lethe_graph_classes(const struct lethe_graph *graph)
{
    return graph->classes;
}

enum lethe_dtype lethe_graph_dtype(const struct lethe_graph *graph)
{
    return graph->dtype;
}

size_t lethe_graph_param_count(const struct lethe_graph *graph)
{
    return graph->param_count;
}

const struct lethe_param *lethe_graph_param(const struct lethe_graph *graph, size_t index)
{
    return &graph->params[index];
}

size_t lethe_graph_layer_count(const struct lethe_graph *graph)
{
    return graph->layer_count;
}

const struct lethe_layer *lethe_graph_layer(const struct lethe_graph *graph, size_t index)
{
    return &graph->layers[index].pub;
}

size_t lethe_graph_origin(const struct lethe_graph *graph, size_t value)
{
    while (value != LETHE_NONE && graph->values[value].kind == LETHE_VALUE_NODE &&
           !strcmp(graph->nodes[graph->values[value].node].type, "Identity"))
        value = graph->nodes[graph->values[value].node].in[0];
    return value;
}

const struct lethe_attr *lethe_node_attr(const struct lethe_node *node, const char *name)
{
    for (size_t i = 0; i < node->attr_count; i++)
        if (!strcmp(node->attrs[i].name, name))
            return &node->attrs[i];
    return NULL;
}

long long lethe_node_int(const struct lethe_node *node, const char *name, long long otherwise)
{
    const struct lethe_attr *attr = lethe_node_attr(node, name);
    return attr && attr->type == LETHE_ATTR_INTS && attr->count ? attr->ints[0] : otherwise;
}

double lethe_node_float(const struct lethe_node *node, const char *name, double otherwise)
{
    const struct lethe_attr *attr = lethe_node_attr(node, name);
    return attr && attr->type == LETHE_ATTR_FLOATS && attr->count ? attr->floats[0] : otherwise;
}

const char *lethe_node_text(const struct lethe_node *node, const char *name, const char *otherwise)
{
    const struct lethe_attr *attr = lethe_node_attr(node, name);
    return attr && attr->type == LETHE_ATTR_TEXT ? attr->text : otherwise;
}
