/* SPDX-License-Identifier: MIT
 * Finds the layers that have units: every Gemm, MatMul and Conv whose right operand is a parameter,
 * with its bias and a normalisation directly after it. The same weight used at several nodes is one
 * layer with several sites. A tensor that serves anything besides is a group of its own. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/graph.h"
#include "nn/ops.h"
#include "nn/plan.h"

struct finder {
    struct lethe_graph *graph;
    struct lethe_plan *two, *three; /* plans of two batch sizes tell which axis is the batch */
    size_t *uses;                   /* by value: how many inputs of used nodes it is */
    size_t *reader;                 /* by value: the last node that reads it */
    size_t *claims;                 /* by parameter: uses explained by its layer */
};

static size_t param_of(const struct finder *f, size_t value)
{
    size_t origin = lethe_graph_origin(f->graph, value);
    return origin == LETHE_NONE ? LETHE_NONE : f->graph->values[origin].param;
}

static int is_type(const struct finder *f, size_t node, const char *type)
{
    return node != LETHE_NONE && !strcmp(f->graph->nodes[node].type, type);
}

/* The node that is alone in reading a value. */
static size_t only_reader(const struct finder *f, size_t value)
{
    return f->uses[value] == 1 && value != f->graph->outputs[0] ? f->reader[value] : LETHE_NONE;
}

/* A parameter with one entry per unit along the axis of units. */
static int is_per_unit(const struct finder *f, size_t param, size_t units)
{
    return param != LETHE_NONE && f->graph->params[param].size == units;
}

/* The weight of a linear node: directly or behind a transposition. */
static size_t linear_weight(const struct finder *f, const struct lethe_node *node, int *by_column)
{
    size_t v = lethe_graph_origin(f->graph, node->in[1]);
    *by_column = strcmp(node->type, "Gemm") || !lethe_node_int(node, "transB", 0);
    if (v != LETHE_NONE && f->graph->values[v].kind == LETHE_VALUE_NODE) {
        const struct lethe_node *made = &f->graph->nodes[f->graph->values[v].node];
        if (strcmp(made->type, "Transpose") || f->uses[v] != 1)
            return LETHE_NONE;
        v = made->in[0];
        *by_column = !*by_column;
    }
    size_t param = param_of(f, v);
    return param != LETHE_NONE && f->graph->params[param].ndim == 2 ? param : LETHE_NONE;
}

/* A MatMul's bias is the Add that is alone in reading it. */
static size_t added_bias(const struct finder *f, size_t *preact, size_t units)
{
    size_t add = only_reader(f, *preact);
    if (!is_type(f, add, "Add"))
        return LETHE_NONE;
    const struct lethe_node *node = &f->graph->nodes[add];
    size_t other = node->in[node->in[0] == *preact];
    size_t param = param_of(f, other);
    if (!is_per_unit(f, param, units) || f->graph->params[param].ndim != 1)
        return LETHE_NONE;
    *preact = node->out[0];
    return param;
}

/* Number of rows before and after the batch axis of a site's output. */
static void rows_around_batch(const struct finder *f, struct lethe_site *site)
{
    const struct lethe_shape *a = &f->two->values[site->preact].shape;
    const struct lethe_shape *b = &f->three->values[site->preact].shape;
    size_t axis = 0;
    while (axis + 1 < a->ndim && a->dims[axis] == b->dims[axis])
        axis++;
    site->outer = lethe_shape_product(a, 0, axis);
    site->inner = lethe_shape_product(a, axis, a->ndim - 1) / 2;
}

struct found {
    size_t weight, bias, scale, shift, units, fan_in;
    int by_column;
    struct lethe_site site;
};

static int find_linear(const struct finder *f, size_t index, struct found *out)
{
    const struct lethe_node *node = &f->graph->nodes[index];
    int gemm = !strcmp(node->type, "Gemm");
    if (gemm && (lethe_node_int(node, "transA", 0) || lethe_node_float(node, "alpha", 1) != 1 ||
                 lethe_node_float(node, "beta", 1) != 1))
        return 0;
    out->weight = linear_weight(f, node, &out->by_column);
    if (out->weight == LETHE_NONE || !f->two->values[node->out[0]].fed)
        return 0;
    const struct lethe_param *weight = &f->graph->params[out->weight];
    out->units = weight->dims[out->by_column];
    out->fan_in = weight->dims[!out->by_column];
    out->site.preact = node->out[0];
    if (gemm && node->in_count > 2 && node->in[2] != LETHE_NONE) {
        out->bias = param_of(f, node->in[2]);
        if (!is_per_unit(f, out->bias, out->units))
            out->bias = LETHE_NONE;
    } else {
        out->bias = added_bias(f, &out->site.preact, out->units);
    }
    rows_around_batch(f, &out->site);
    return 1;
}

static int find_conv(const struct finder *f, size_t index, struct found *out)
{
    const struct lethe_node *node = &f->graph->nodes[index];
    out->weight = param_of(f, node->in[1]);
    if (out->weight == LETHE_NONE || !f->two->values[node->out[0]].fed)
        return 0;
    const struct lethe_param *weight = &f->graph->params[out->weight];
    out->units = weight->dims[0];
    out->fan_in = weight->size / weight->dims[0];
    out->bias = node->in_count > 2 ? param_of(f, node->in[2]) : LETHE_NONE;
    out->site.preact = node->out[0];
    const struct lethe_shape *y = &f->two->values[node->out[0]].shape;
    out->site.conv = 1;
    out->site.outer = 1;
    out->site.inner = lethe_shape_product(y, 2, y->ndim);
    return 1;
}

static void find_norm(const struct finder *f, struct found *out, int conv)
{
    size_t next = only_reader(f, out->site.preact);
    const struct lethe_shape *y = &f->two->values[out->site.preact].shape;
    int by_channel =
        is_type(f, next, "BatchNormalization") || is_type(f, next, "InstanceNormalization");
    int last = is_type(f, next, "LayerNormalization") && !conv &&
               lethe_node_int(&f->graph->nodes[next], "axis", -1) == -1;
    if (!(by_channel && (conv || y->ndim == 2)) && !last)
        return;
    const struct lethe_node *node = &f->graph->nodes[next];
    out->scale = param_of(f, node->in[1]);
    out->shift = node->in_count > 2 ? param_of(f, node->in[2]) : LETHE_NONE;
    if (!is_per_unit(f, out->scale, out->units))
        out->scale = LETHE_NONE;
    if (!is_per_unit(f, out->shift, out->units))
        out->shift = LETHE_NONE;
    out->site.norm = next;
}

static int find_site(const struct finder *f, size_t index, struct found *out)
{
    int conv = is_type(f, index, "Conv");
    int linear = is_type(f, index, "Gemm") || is_type(f, index, "MatMul");
    *out = (struct found){.bias = LETHE_NONE, .scale = LETHE_NONE, .shift = LETHE_NONE};
    out->site.node = index;
    out->site.norm = LETHE_NONE;
    if (!f->graph->nodes[index].used || !(conv || linear))
        return 0;
    if (!(conv ? find_conv(f, index, out) : find_linear(f, index, out)))
        return 0;
    if (!f->graph->params[out->weight].trainable)
        return 0;
    find_norm(f, out, conv);
    return 1;
}

static void name_layer(struct lethe_graph *graph, struct lethe_layer_info *layer,
                       const struct lethe_node *node)
{
    char name[256], unique[288];
    lethe_layer_name(name, graph->params[layer->weight].name, node->name, node->type);
    snprintf(unique, sizeof unique, "%s", name);
    for (size_t l = 0, again = 2; l < graph->layer_count; l++)
        if (graph->layers[l].pub.name && !strcmp(graph->layers[l].pub.name, unique)) {
            snprintf(unique, sizeof unique, "%s_%zu", name, again++);
            l = (size_t)-1;
        }
    layer->pub.name = lethe_arena_strdup(&graph->arena, unique);
}

static struct lethe_layer_info *layer_of(struct finder *f, const struct found *found)
{
    struct lethe_graph *graph = f->graph;
    const struct lethe_node *node = &graph->nodes[found->site.node];
    for (size_t l = 0; l < graph->layer_count; l++)
        if (graph->layers[l].weight == found->weight)
            return &graph->layers[l];
    struct lethe_layer_info *layer = &graph->layers[graph->layer_count];
    *layer = (struct lethe_layer_info){.weight = found->weight,
                                       .bias = found->bias,
                                       .scale = found->scale,
                                       .shift = found->shift,
                                       .by_column = found->by_column};
    layer->pub.op = node->op->name;
    layer->pub.units = found->units;
    layer->pub.fan_in = found->fan_in;
    layer->sites = lethe_arena_alloc(&graph->arena, graph->node_count, sizeof *layer->sites);
    name_layer(graph, layer, node);
    if (!layer->sites || !layer->pub.name)
        return NULL;
    graph->layer_count++;
    return layer;
}

/* A site fits its layer when it uses the same tensors in the same way; one that does not makes
 * them groups of their own (their claims stay below their uses). */
static enum lethe_err add_site(struct finder *f, const struct found *found)
{
    struct lethe_layer_info *layer = layer_of(f, found);
    if (!layer)
        return LETHE_ENOMEM;
    if (layer->by_column != found->by_column || layer->pub.units != found->units)
        return LETHE_OK;
    layer->sites[layer->site_count++] = found->site;
    layer->pub.positions += found->site.outer * found->site.inner;
    f->claims[layer->weight]++;
    if (layer->bias != LETHE_NONE && layer->bias == found->bias)
        f->claims[layer->bias]++;
    if (layer->scale != LETHE_NONE && layer->scale == found->scale)
        f->claims[layer->scale]++;
    if (layer->shift != LETHE_NONE && layer->shift == found->shift)
        f->claims[layer->shift]++;
    return LETHE_OK;
}

/* Inputs of used nodes that are this parameter, also through Identity. */
static void count_uses(struct finder *f, size_t *param_uses)
{
    const struct lethe_graph *graph = f->graph;
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct lethe_node *node = &graph->nodes[i];
        for (size_t k = 0; node->used && k < node->in_count; k++) {
            if (node->in[k] == LETHE_NONE)
                continue;
            f->uses[node->in[k]]++;
            f->reader[node->in[k]] = i;
            size_t param = strcmp(node->type, "Identity") ? param_of(f, node->in[k]) : LETHE_NONE;
            if (param != LETHE_NONE)
                param_uses[param]++;
        }
    }
}

static void own(struct lethe_graph *graph, size_t layer, size_t *slot, const size_t *claims,
                const size_t *uses)
{
    if (*slot == LETHE_NONE)
        return;
    struct lethe_param *param = &graph->params[*slot];
    if (claims[*slot] == uses[*slot] && param->trainable && param->layer < 0) {
        param->layer = (int)layer;
        graph->layers[layer].pub.unit_params += param->size / graph->layers[layer].pub.units;
    } else {
        *slot = LETHE_NONE;
    }
}

/* Keeps the layers whose weight is theirs alone and gives them their tensors. */
static void settle(struct lethe_graph *graph, const size_t *claims, const size_t *uses)
{
    size_t kept = 0;
    for (size_t l = 0; l < graph->layer_count; l++) {
        struct lethe_layer_info layer = graph->layers[l];
        size_t weight = layer.weight;
        graph->layers[kept] = layer;
        own(graph, kept, &graph->layers[kept].weight, claims, uses);
        if (claims[weight] != uses[weight])
            continue;
        own(graph, kept, &graph->layers[kept].bias, claims, uses);
        own(graph, kept, &graph->layers[kept].scale, claims, uses);
        own(graph, kept, &graph->layers[kept].shift, claims, uses);
        graph->layers[kept].pub.has_bias = graph->layers[kept].bias != LETHE_NONE;
        kept++;
    }
    graph->layer_count = kept;
}

enum lethe_err lethe_graph_find_layers(struct lethe_graph *graph, struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    struct finder f = {.graph = graph};
    struct found found;
    size_t *param_uses = lethe_alloc_zero(graph->param_count + 1, sizeof *param_uses);
    f.uses = lethe_alloc_zero(graph->value_count, sizeof *f.uses);
    f.reader = lethe_alloc_zero(graph->value_count, sizeof *f.reader);
    f.claims = lethe_alloc_zero(graph->param_count + 1, sizeof *f.claims);
    graph->layers = lethe_arena_alloc(&graph->arena, graph->node_count + 1, sizeof *graph->layers);
    if (!param_uses || !f.uses || !f.reader || !f.claims || !graph->layers) {
        code = lethe_fail_memory(err, "layers", graph->node_count, sizeof *graph->layers);
        goto out;
    }
    f.two = lethe_plan_new(graph, 2, err);
    f.three = f.two ? lethe_plan_new(graph, 3, err) : NULL;
    if (!f.three) {
        code = err && err->code ? err->code : LETHE_EFORMAT;
        goto out;
    }
    count_uses(&f, param_uses);
    for (size_t i = 0; i < graph->node_count && !code; i++)
        if (find_site(&f, i, &found))
            code = add_site(&f, &found);
    if (code)
        lethe_fail_memory(err, "layers", graph->node_count, sizeof *graph->layers);
    else
        settle(graph, f.claims, param_uses);
out:
    lethe_plan_free(f.two);
    lethe_plan_free(f.three);
    lethe_free(f.uses);
    lethe_free(f.reader);
    lethe_free(f.claims);
    lethe_free(param_uses);
    return code;
}

void lethe_graph_unit_params(const struct lethe_graph *graph, size_t layer, size_t unit,
                             size_t *indices)
{
    const struct lethe_layer_info *info = &graph->layers[layer];
    const size_t single[3] = {info->bias, info->scale, info->shift};
    size_t offset = graph->params[info->weight].offset, at = 0;
    for (size_t i = 0; i < info->pub.fan_in; i++)
        indices[at++] =
            offset + (info->by_column ? i * info->pub.units + unit : unit * info->pub.fan_in + i);
    for (size_t k = 0; k < 3; k++)
        if (single[k] != LETHE_NONE)
            indices[at++] = graph->params[single[k]].offset + unit;
}
