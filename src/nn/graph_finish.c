/* SPDX-License-Identifier: MIT
 * Finishing a graph: what it lacks is named, what the logits depend on is marked, and shapes are
 * tried at two batch sizes before parameters and layers are looked for. */
#include "nn/graph.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/ops.h"
#include "nn/plan.h"

/* What to do about an operator that is missing. */
static const char *remedy(const struct lethe_node *node)
{
    const char *type = node->type;
    if (strstr(type, "Regressor"))
        return ", a regression head: classifiers only";
    if (strstr(type, "TreeEnsemble"))
        return ", which has no gradient";
    return strstr(type, "Integer") || !strncmp(type, "QLinear", 7) || strstr(type, "Quantize")
               ? ", which computes in whole numbers: export the network before its quantisation"
               : "";
}

/* Lists every operator that is missing, not only the first. */
static enum lethe_err check_operators(const struct lethe_graph *graph, struct lethe_error *err)
{
    char text[400] = "", more[32] = "", place[96];
    size_t used = 0, left_out = 0;
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct lethe_node *node = &graph->nodes[i];
        if (node->op || !node->used)
            continue;
        if (used > sizeof text - 260) {
            snprintf(more, sizeof more, "; and %zu more", ++left_out);
            continue;
        }
        int wrote = snprintf(text + used, sizeof text - used,
                             "%sunsupported operator '%.40s%s%.40s' at %.70s%s", used ? "; " : "",
                             node->domain, *node->domain ? "." : "", node->type,
                             lethe_node_place(place, graph, node), remedy(node));
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
        char place[96];
        if (node->used && !arity_fits(node))
            return lethe_fail(err, LETHE_EFORMAT,
                              "operator '%s' at %s has %zu inputs and "
                              "%zu outputs, which does not fit it",
                              node->type, lethe_node_place(place, graph, node), node->in_count,
                              node->out_count);
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
            char place[96];
            if (wanted && node->op && k >= node->op->max_out)
                return lethe_fail(err, LETHE_EFORMAT,
                                  "output %zu of operator '%s' at %s is not supported", k + 1,
                                  node->type, lethe_node_place(place, graph, node));
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

/* Where somebody takes w, the graph's blocks of what is in it now go one by one, so that weights
 * are there once. */
static enum lethe_err gather(struct lethe_graph *graph, double **w, int taken,
                             struct lethe_error *err)
{
    double *all = lethe_alloc(graph->size + graph->buffers + 1, sizeof *all);
    if (!all)
        return lethe_fail_memory(err, "weights", graph->size, sizeof *all);
    for (size_t i = 0; i < graph->param_count; i++) {
        struct lethe_tensor_value *value = &graph->values[graph->param_value[i]];
        memcpy(all + graph->params[i].offset, value->data, graph->params[i].size * sizeof *all);
        if (!taken || !value->own)
            continue;
        lethe_free(value->own);
        value->data = value->own = NULL;
        lethe_alloc_trim(graph->params[i].size * sizeof *all);
    }
    *w = all;
    return LETHE_OK;
}

/* Marks what the logits depend on, checks it and finds the parameters among it. */
static enum lethe_err use_output(struct lethe_graph *graph, struct lethe_error *err)
{
    for (size_t i = 0; i < graph->node_count; i++)
        graph->nodes[i].used = 0;
    for (size_t v = 0; v < graph->value_count; v++) {
        graph->values[v].wanted = 0;
        graph->values[v].param = LETHE_NONE;
    }
    graph->param_count = graph->size = graph->buffers = 0;
    enum lethe_err code = mark_used(graph, err);
    if (!code)
        code = check_operators(graph, err);
    for (size_t v = 0; v < graph->value_count && !code; v++)
        if (graph->values[v].wanted && graph->values[v].elem == LETHE_ELEM_TEXT)
            code =
                lethe_fail(err, LETHE_EFORMAT,
                           "the logits depend on '%.60s', which holds texts: networks of numbers "
                           "only",
                           graph->values[v].name);
    if (!code)
        code = check_arity(graph, err);
    return code ? code : lethe_graph_find_params(graph, err);
}

enum lethe_err lethe_graph_finish(struct lethe_graph *graph, double **w, struct lethe_error *err)
{
    double *all = NULL;
    int changed = 0;
    if ((graph->input_count == 0 && !graph->literal) || graph->output_count == 0)
        return lethe_fail(err, LETHE_EFORMAT, "the network has no %s",
                          graph->input_count ? "output" : "input");
    for (size_t i = 0; i < graph->input_count && !graph->literal; i++)
        if (graph->values[graph->inputs[i]].shape.ndim == 0)
            return lethe_fail(err, LETHE_EFORMAT, "input '%s' has no batch dimension",
                              graph->values[graph->inputs[i]].name);
    enum lethe_err code = graph->literal ? LETHE_OK : lethe_graph_find_choice(graph, err);
    if (!code)
        code = use_output(graph, err);
    if (!code && !graph->literal)
        code = lethe_graph_find_end(graph, &changed, err);
    if (!code && changed)
        code = use_output(graph, err);
    if (!code && !graph->literal)
        code = check_batches(graph, err);
    if (!code && !graph->literal)
        code = lethe_graph_find_layers(graph, err);
    if (!code)
        code = gather(graph, &all, w != NULL, err);
    if (!code && graph->loose)
        code = lethe_graph_check_loose(graph, all, err);
    if (!code && !graph->literal)
        code = lethe_graph_check_mixing(graph, all, err);
    if (code || !w)
        lethe_free(all);
    else
        *w = all;
    return code;
}
