/* SPDX-License-Identifier: MIT
 * Finds the layers that have units: every Gemm, MatMul, Conv and ConvTranspose whose right operand
 * is a parameter, with its bias and a normalisation directly after it, and every LSTM and GRU. The
 * same weight used at several nodes is one layer with several sites. A tensor that serves anything
 * besides is a group of its own. */
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
    size_t *claims;                 /* by parameter: uses explained by its layer ... */
    size_t *owner; /* ... in the same role, which is this (layer and role); 0: nobody's yet */
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
    struct lethe_layer_info layer; /* tensors and order of the weights, units and fan_in */
    struct lethe_site site;
};

static int find_linear(const struct finder *f, size_t index, struct found *out)
{
    const struct lethe_node *node = &f->graph->nodes[index];
    int gemm = !strcmp(node->type, "Gemm");
    if (gemm && (lethe_node_int(node, "transA", 0) || lethe_node_float(node, "alpha", 1) != 1 ||
                 lethe_node_float(node, "beta", 1) != 1))
        return 0;
    struct lethe_layer_info *layer = &out->layer;
    layer->weight = linear_weight(f, node, &layer->by_column);
    if (layer->weight == LETHE_NONE || !f->two->values[node->out[0]].fed)
        return 0;
    const struct lethe_param *weight = &f->graph->params[layer->weight];
    layer->pub.units = weight->dims[layer->by_column];
    layer->pub.fan_in = weight->dims[!layer->by_column];
    out->site.preact = node->out[0];
    if (gemm && node->in_count > 2 && node->in[2] != LETHE_NONE) {
        layer->bias = param_of(f, node->in[2]);
        if (!is_per_unit(f, layer->bias, layer->pub.units))
            layer->bias = LETHE_NONE;
    } else {
        layer->bias = added_bias(f, &out->site.preact, layer->pub.units);
    }
    rows_around_batch(f, &out->site);
    layer->pub.single = 1;
    return 1;
}

/* Whether a filter has one place in the image, and covers it. */
static int covers_image(const struct finder *f, const struct lethe_node *node,
                        const struct lethe_param *weight)
{
    const struct lethe_shape *x = &f->two->values[node->in[0]].shape;
    for (size_t i = 0; i < f->two->call_count; i++) {
        const struct lethe_window *w = &f->two->calls[i].args.conv.window;
        if (f->two->calls[i].node != node)
            continue;
        int covers = x->dims[1] == weight->dims[1];
        for (size_t a = 0; a < 3; a++)
            covers &= w->out[a] == 1 && !w->before[a] && w->kernel[a] == w->in[a] &&
                      (w->dilation[a] == 1 || w->kernel[a] == 1);
        return covers;
    }
    return 0;
}

static int find_conv(const struct finder *f, size_t index, struct found *out)
{
    const struct lethe_node *node = &f->graph->nodes[index];
    struct lethe_layer_info *layer = &out->layer;
    layer->weight = param_of(f, node->in[1]);
    if (layer->weight == LETHE_NONE || !f->two->values[node->out[0]].fed)
        return 0;
    const struct lethe_param *weight = &f->graph->params[layer->weight];
    const long long groups = lethe_node_int(node, "group", 1);
    layer->groups = groups > 1 ? (size_t)groups : 1;
    layer->transposed = is_type(f, index, "ConvTranspose");
    layer->pub.units = layer->transposed ? weight->dims[1] * layer->groups : weight->dims[0];
    layer->pub.fan_in = weight->size / layer->pub.units;
    layer->pub.single = !layer->transposed && covers_image(f, node, weight);
    for (size_t d = 2; d < weight->ndim; d++)
        layer->taps *= weight->dims[d];
    layer->bias = node->in_count > 2 ? param_of(f, node->in[2]) : LETHE_NONE;
    out->site.preact = node->out[0];
    const struct lethe_shape *y = &f->two->values[node->out[0]].shape;
    out->site.conv = 1;
    out->site.transposed = layer->transposed;
    out->site.outer = 1;
    out->site.inner = lethe_shape_product(y, 2, y->ndim);
    return 1;
}

/* The output that is read: every step's states, or the last one's. */
static size_t state_read(const struct finder *f, const struct lethe_node *node)
{
    for (size_t k = 0; k < node->out_count; k++) {
        const size_t v = node->out[k];
        if (v != LETHE_NONE && (f->uses[v] || v == f->graph->outputs[0]))
            return v;
    }
    return LETHE_NONE;
}

/* A unit of an LSTM or GRU is a hidden unit of one direction: its rows in all gates, of the weights
 * of the input and of the state before, with its biases and peepholes. */
static int find_recurrent(const struct finder *f, size_t index, struct found *out)
{
    const struct lethe_node *node = &f->graph->nodes[index];
    struct lethe_layer_info *layer = &out->layer;
    layer->weight = param_of(f, node->in[1]);
    layer->states = param_of(f, node->in[2]);
    out->site.preact = state_read(f, node);
    if (layer->weight == LETHE_NONE || layer->states == LETHE_NONE ||
        out->site.preact == LETHE_NONE || !f->two->values[out->site.preact].fed)
        return 0;
    const struct lethe_param *states = &f->graph->params[layer->states];
    const size_t hidden = states->dims[2];
    layer->directions = states->dims[0];
    layer->pub.gates = states->dims[1] / hidden;
    layer->pub.hidden = hidden;
    layer->pub.units = layer->directions * hidden;
    layer->pub.fan_in = f->graph->params[layer->weight].dims[2] + hidden;
    layer->bias =
        node->in_count > 3 && node->in[3] != LETHE_NONE ? param_of(f, node->in[3]) : LETHE_NONE;
    if (node->in_count > 7 && node->in[7] != LETHE_NONE)
        layer->peepholes = param_of(f, node->in[7]);
    rows_around_batch(f, &out->site);
    if (!lethe_node_int(node, "layout", 0)) { /* directions stand before the samples */
        out->site.directions = layer->directions;
        out->site.outer /= layer->directions;
    } else {
        out->site.inner /= layer->directions;
    }
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
    struct lethe_layer_info *layer = &out->layer;
    layer->scale = param_of(f, node->in[1]);
    layer->shift = node->in_count > 2 ? param_of(f, node->in[2]) : LETHE_NONE;
    if (!is_per_unit(f, layer->scale, layer->pub.units))
        layer->scale = LETHE_NONE;
    if (!is_per_unit(f, layer->shift, layer->pub.units))
        layer->shift = LETHE_NONE;
    out->site.norm = next;
}

static int find_site(const struct finder *f, size_t index, struct found *out)
{
    int conv = is_type(f, index, "Conv") || is_type(f, index, "ConvTranspose");
    int linear = is_type(f, index, "Gemm") || is_type(f, index, "MatMul");
    int recurrent = is_type(f, index, "LSTM") || is_type(f, index, "GRU");
    *out = (struct found){.layer = {.bias = LETHE_NONE,
                                    .scale = LETHE_NONE,
                                    .shift = LETHE_NONE,
                                    .states = LETHE_NONE,
                                    .peepholes = LETHE_NONE,
                                    .directions = 1,
                                    .groups = 1,
                                    .taps = 1},
                          .site = {.node = index, .norm = LETHE_NONE, .directions = 1}};
    if (!f->graph->nodes[index].used || !(conv || linear || recurrent))
        return 0;
    if (!(conv     ? find_conv(f, index, out)
          : linear ? find_linear(f, index, out)
                   : find_recurrent(f, index, out)))
        return 0;
    if (!f->graph->params[out->layer.weight].trainable)
        return 0;
    if (!recurrent)
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
        if (graph->layers[l].weight == found->layer.weight)
            return &graph->layers[l];
    struct lethe_layer_info *layer = &graph->layers[graph->layer_count];
    *layer = found->layer;
    layer->pub.op = node->op->name;
    layer->sites = lethe_arena_alloc(&graph->arena, graph->node_count, sizeof *layer->sites);
    name_layer(graph, layer, node);
    if (!layer->sites || !layer->pub.name)
        return NULL;
    graph->layer_count++;
    return layer;
}

enum role { WEIGHT = 1, BIAS, SCALE, SHIFT, STATES, PEEPHOLES, ROLES };

/* A tensor that two layers share, or one in two roles, is explained by neither. */
static void claim(struct finder *f, const struct lethe_layer_info *layer, enum role role,
                  size_t param, size_t of_site)
{
    const size_t me = (size_t)(layer - f->graph->layers) * ROLES + (size_t)role;
    if (param == LETHE_NONE || param != of_site)
        return;
    f->owner[param] = f->owner[param] ? f->owner[param] : me;
    f->claims[param] += f->owner[param] == me;
}

/* A site fits its layer when it uses the same tensors in the same way; one that does not makes
 * them groups of their own (their claims stay below their uses). */
static enum lethe_err add_site(struct finder *f, const struct found *found)
{
    struct lethe_layer_info *layer = layer_of(f, found);
    if (!layer)
        return LETHE_ENOMEM;
    const struct lethe_layer_info *other = &found->layer;
    if (layer->by_column != other->by_column || layer->pub.units != other->pub.units ||
        layer->groups != other->groups || layer->transposed != other->transposed ||
        layer->pub.gates != other->pub.gates || layer->directions != other->directions)
        return LETHE_OK;
    layer->sites[layer->site_count++] = found->site;
    layer->pub.positions += found->site.outer * found->site.inner;
    claim(f, layer, WEIGHT, layer->weight, other->weight);
    claim(f, layer, BIAS, layer->bias, other->bias);
    claim(f, layer, SCALE, layer->scale, other->scale);
    claim(f, layer, SHIFT, layer->shift, other->shift);
    claim(f, layer, STATES, layer->states, other->states);
    claim(f, layer, PEEPHOLES, layer->peepholes, other->peepholes);
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

/* A layer with gates has the weights of its states for itself, or it has no units. */
static int states_are_own(const struct lethe_graph *graph, const struct lethe_layer_info *layer,
                          const size_t *claims, const size_t *uses)
{
    return layer->states == LETHE_NONE ||
           (claims[layer->states] == uses[layer->states] && graph->params[layer->states].trainable);
}

/* Keeps the layers whose weight is theirs alone and gives them their tensors. */
static void settle(struct lethe_graph *graph, const size_t *claims, const size_t *uses)
{
    size_t kept = 0;
    for (size_t l = 0; l < graph->layer_count; l++) {
        struct lethe_layer_info layer = graph->layers[l];
        size_t weight = layer.weight;
        graph->layers[kept] = layer;
        if (claims[weight] != uses[weight] || !states_are_own(graph, &layer, claims, uses))
            continue;
        own(graph, kept, &graph->layers[kept].weight, claims, uses);
        own(graph, kept, &graph->layers[kept].states, claims, uses);
        own(graph, kept, &graph->layers[kept].peepholes, claims, uses);
        own(graph, kept, &graph->layers[kept].bias, claims, uses);
        own(graph, kept, &graph->layers[kept].scale, claims, uses);
        own(graph, kept, &graph->layers[kept].shift, claims, uses);
        graph->layers[kept].pub.has_bias = graph->layers[kept].bias != LETHE_NONE;
        graph->layers[kept].pub.single &= layer.pub.positions == 1;
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
    f.owner = lethe_alloc_zero(graph->param_count + 1, sizeof *f.owner);
    graph->layers = lethe_arena_alloc(&graph->arena, graph->node_count + 1, sizeof *graph->layers);
    if (!param_uses || !f.uses || !f.reader || !f.claims || !f.owner || !graph->layers) {
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
    lethe_free(f.owner);
    lethe_free(param_uses);
    return code;
}
