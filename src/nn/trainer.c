/* SPDX-License-Identifier: MIT
 * A plain run of a plan's calls, every value and every adjoint in a place of its own. Only two
 * things differ from the executor's: BatchNormalization (below, in both precisions, sums in
 * double), and the last layer's input, which is replaced by a masked copy. */
#include "nn/trainer.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/rng.h"
#include "nn/batch_norm.h"
#include "nn/ops.h"
#include "nn/plan.h"

struct lethe_trainer {
    struct lethe_graph *graph;
    enum lethe_dtype dtype;
    size_t batch, bytes;
    int inputs;              /* derivatives by the inputs are wanted, too */
    struct lethe_plan *plan; /* of the batch size used last */
    size_t *offset, arena;   /* by value: place in values and adjoints, LETHE_NONE: none */
    char *values, *adjoints, *w, *dw, *scratch, *consts;
    void **x, **dx;           /* by value */
    struct lethe_data *calls; /* by node */
    struct lethe_arena tables;
    double *mean, *inverse; /* of the batch, channels of all normalisations in a row */
    size_t *first;          /* by node: its first channel there */
    double *logits, *slope, *losses;
    size_t last;                   /* node of the last layer, or LETHE_NONE */
    char *masked, *masked_adjoint; /* its input */
};

static void store(char *to, const double *from, size_t n, enum lethe_dtype dtype)
{
    float *f = (float *)(void *)to;
    double *d = (double *)(void *)to;
    for (size_t i = 0; i < n; i++)
        if (dtype == LETHE_F32)
            f[i] = (float)from[i];
        else
            d[i] = from[i];
}

static void fetch(double *to, const void *from, size_t n, enum lethe_dtype dtype)
{
    for (size_t i = 0; i < n; i++)
        to[i] = dtype == LETHE_F32 ? (double)((const float *)from)[i] : ((const double *)from)[i];
}

/* ---- places -----------------------------------------------------------------------------------
 */

static int is_own(const struct lethe_trainer *t, size_t v)
{
    const struct lethe_tensor_value *value = &t->graph->values[v];
    return !t->plan->values[v].known && t->plan->values[v].root == v &&
           (value->kind == LETHE_VALUE_INPUT ||
            (value->kind == LETHE_VALUE_NODE && t->graph->nodes[value->node].used));
}

static size_t size_of(const struct lethe_trainer *t, size_t v)
{
    return lethe_shape_size(&t->plan->values[v].shape);
}

/* Where v lies among values (or adjoints) and parameters. */
static void *place(const struct lethe_trainer *t, size_t v, char *arena, char *weights)
{
    const size_t root = t->plan->values[v].root, param = t->graph->values[root].param;
    if (t->graph->values[root].kind == LETHE_VALUE_TENSOR && param != LETHE_NONE) {
        const struct lethe_param *p = &t->graph->params[param];
        return weights == t->dw && !p->trainable ? NULL : weights + p->offset * t->bytes;
    }
    return t->offset[root] == LETHE_NONE ? NULL : arena + t->offset[root] * t->bytes;
}

static enum lethe_err bind_constants(struct lethe_trainer *t, struct lethe_error *err)
{
    size_t room = 1, at = 0;
    for (size_t v = 0; v < t->graph->value_count; v++)
        room += t->plan->values[v].known ? size_of(t, v) : 0;
    lethe_free(t->consts);
    t->consts = lethe_alloc(room, t->bytes);
    if (!t->consts)
        return lethe_fail_memory(err, "constants", room, t->bytes);
    for (size_t v = 0; v < t->graph->value_count; v++)
        if (t->plan->values[v].known) {
            t->x[v] = t->consts + at * t->bytes;
            store(t->x[v], t->plan->values[v].data, size_of(t, v), t->dtype);
            at += size_of(t, v);
        }
    return LETHE_OK;
}

static void bind(struct lethe_trainer *t)
{
    for (size_t v = 0; v < t->graph->value_count; v++) {
        if (!t->plan->values[v].known)
            t->x[v] = place(t, v, t->values, t->w);
        t->dx[v] = t->plan->values[v].needs ? place(t, v, t->adjoints, t->dw) : NULL;
    }
    for (size_t i = 0; i < t->graph->node_count; i++) {
        const struct lethe_node *node = &t->graph->nodes[i];
        struct lethe_data *data = &t->calls[i];
        data->scratch = t->scratch;
        for (size_t k = 0; k < node->in_count + node->out_count; k++) {
            const size_t v = k < node->in_count ? node->in[k] : node->out[k - node->in_count];
            data->x[k] = v == LETHE_NONE ? NULL : t->x[v];
            data->dx[k] = v == LETHE_NONE ? NULL : t->dx[v];
        }
    }
}

static enum lethe_err use_batch(struct lethe_trainer *t, size_t n, struct lethe_error *err)
{
    if (t->plan && t->plan->n == n)
        return LETHE_OK;
    struct lethe_plan *plan =
        t->inputs ? lethe_plan_with_inputs(t->graph, n, err) : lethe_plan_new(t->graph, n, err);
    if (!plan)
        return err ? err->code : LETHE_EFORMAT;
    lethe_plan_free(t->plan);
    t->plan = plan;
    enum lethe_err code = t->values ? bind_constants(t, err) : LETHE_OK;
    if (!code && t->values)
        bind(t);
    return code;
}

/* ---- life -------------------------------------------------------------------------------------
 */

static int is_batchnorm(const struct lethe_node *node)
{
    return !strcmp(node->type, "BatchNormalization");
}

int lethe_trainer_wanted(const struct lethe_graph *graph)
{
    for (size_t i = 0; i < graph->node_count; i++)
        if (graph->nodes[i].used && is_batchnorm(&graph->nodes[i]))
            return 1;
    return 0;
}

static int make_calls(struct lethe_trainer *t)
{
    const struct lethe_graph *graph = t->graph;
    t->calls = lethe_arena_alloc(&t->tables, graph->node_count + 1, sizeof *t->calls);
    for (size_t i = 0; t->calls && i < graph->node_count; i++) {
        const struct lethe_node *node = &graph->nodes[i];
        const size_t ends = node->in_count + node->out_count;
        void **table = lethe_arena_alloc(&t->tables, 2 * ends + 1, sizeof *table);
        if (!table)
            return 0;
        t->calls[i].x = table;
        t->calls[i].y = table + node->in_count;
        t->calls[i].dx = table + ends;
        t->calls[i].dy = table + ends + node->in_count;
    }
    return t->calls != NULL;
}

/* Places for the full batch: those of a smaller one are at their beginnings. */
static int make_arenas(struct lethe_trainer *t)
{
    const struct lethe_graph *graph = t->graph;
    const size_t grain = 64 / t->bytes, all = graph->size + graph->buffers + 1;
    for (size_t v = 0; v < graph->value_count; v++) {
        t->offset[v] = LETHE_NONE;
        if (!is_own(t, v))
            continue;
        t->offset[v] = t->arena;
        t->arena += (size_of(t, v) + grain) / grain * grain;
    }
    t->values = lethe_alloc_aligned(t->arena + 1, t->bytes);
    t->adjoints = lethe_alloc_aligned(t->arena + 1, t->bytes);
    t->w = lethe_alloc_aligned(all, t->bytes);
    t->dw = lethe_alloc_aligned(all, t->bytes);
    t->scratch = lethe_alloc_aligned(t->plan->scratch + 1, t->bytes);
    size_t channels = 0;
    t->first = lethe_alloc_zero(graph->node_count + 1, sizeof *t->first);
    for (size_t i = 0; t->first && i < graph->node_count; i++) {
        t->first[i] = channels;
        if (graph->nodes[i].used && is_batchnorm(&graph->nodes[i]))
            channels += size_of(t, graph->nodes[i].in[1]);
    }
    t->mean = lethe_alloc_zero(channels + 1, sizeof *t->mean);
    t->inverse = lethe_alloc_zero(channels + 1, sizeof *t->inverse);
    t->logits = lethe_alloc(t->batch, graph->classes * sizeof *t->logits);
    t->slope = lethe_alloc(t->batch, graph->classes * sizeof *t->slope);
    t->losses = lethe_alloc(t->batch, sizeof *t->losses);
    t->last = LETHE_NONE;
    size_t input = 0;
    if (graph->layer_count && graph->layers[graph->layer_count - 1].site_count) {
        t->last = graph->layers[graph->layer_count - 1].sites[0].node;
        input = size_of(t, graph->nodes[t->last].in[0]);
    }
    t->masked = lethe_alloc_aligned(input + 1, t->bytes);
    t->masked_adjoint = lethe_alloc_aligned(input + 1, t->bytes);
    return t->values && t->adjoints && t->w && t->dw && t->scratch && t->first && t->mean &&
           t->inverse && t->logits && t->slope && t->losses && t->masked && t->masked_adjoint;
}

static struct lethe_trainer *make_trainer(struct lethe_graph *graph, enum lethe_dtype dtype,
                                          size_t batch, int inputs, struct lethe_error *err)
{
    struct lethe_trainer *t = lethe_alloc_zero(1, sizeof *t);
    if (!t)
        goto memory;
    t->graph = lethe_graph_ref(graph);
    t->dtype = dtype;
    t->inputs = inputs;
    t->batch = batch;
    t->bytes = dtype == LETHE_F32 ? sizeof(float) : sizeof(double);
    t->offset = lethe_alloc(graph->value_count + 1, sizeof *t->offset);
    t->x = lethe_alloc_zero(graph->value_count + 1, sizeof *t->x);
    t->dx = lethe_alloc_zero(graph->value_count + 1, sizeof *t->dx);
    if (!t->offset || !t->x || !t->dx || !make_calls(t))
        goto memory;
    if (use_batch(t, batch, err))
        goto fail;
    if (!make_arenas(t))
        goto memory;
    if (bind_constants(t, err))
        goto fail;
    bind(t);
    return t;
memory:
    lethe_fail_memory(err, "a mini-batch", t ? t->arena + 1 : 1, sizeof(double));
fail:
    lethe_trainer_free(t);
    return NULL;
}

struct lethe_trainer *lethe_trainer_new(struct lethe_graph *graph, enum lethe_dtype dtype,
                                        size_t batch, struct lethe_error *err)
{
    return make_trainer(graph, dtype, batch, 0, err);
}

struct lethe_trainer *lethe_trainer_with_inputs(struct lethe_graph *graph, enum lethe_dtype dtype,
                                                size_t batch, struct lethe_error *err)
{
    return make_trainer(graph, dtype, batch, 1, err);
}

void lethe_trainer_free(struct lethe_trainer *t)
{
    if (!t)
        return;
    void *blocks[] = {t->offset,         t->values, t->adjoints, t->w,      t->dw,
                      t->scratch,        t->consts, t->x,        t->dx,     t->mean,
                      t->inverse,        t->logits, t->slope,    t->losses, t->masked,
                      t->masked_adjoint, t->first};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        lethe_free(blocks[i]);
    lethe_plan_free(t->plan);
    lethe_arena_release(&t->tables);
    lethe_graph_unref(t->graph);
    lethe_free(t);
}

/* ---- batch statistics -------------------------------------------------------------------------
 */

/* First entry of a call's statistics among the buffers. */
static size_t buffer_of(const struct lethe_trainer *t, const struct lethe_node *node, size_t input)
{
    const size_t param = t->graph->values[lethe_graph_origin(t->graph, node->in[input])].param;
    return param == LETHE_NONE ? LETHE_NONE : t->graph->params[param].offset - t->graph->size;
}

static double entry(const struct lethe_trainer *t, const void *at, size_t i)
{
    double value;
    fetch(&value, (const char *)at + i * t->bytes, 1, t->dtype);
    return value;
}

static void norm_forward(struct lethe_trainer *t, const struct lethe_op_call *call,
                         const struct lethe_data *data, double *w)
{
    const struct lethe_axis_args *a = &call->args.axis;
    const size_t at_mean = buffer_of(t, call->node, 3), at_var = buffer_of(t, call->node, 4);
    const double keep = lethe_node_float(call->node, "momentum", 0.9);
    const double count = (double)(a->outer * a->inner);
    const size_t first = t->first[call->node - t->graph->nodes];
    for (size_t c = 0; c < a->length; c++) {
        double mean, var, shift = entry(t, data->x[2], c);
        lethe_batch_norm_measure(&mean, &var, a, data->x[0], c, t->dtype);
        const double inverse = 1 / sqrt(var + a->epsilon), by = inverse * entry(t, data->x[1], c);
        const struct lethe_batch_norm how = {mean, inverse, by, shift};
        lethe_batch_norm_forward(data->y[0], data->x[0], a, c, &how, t->dtype);
        t->mean[first + c] = mean;
        t->inverse[first + c] = inverse;
        double *running = w + t->graph->size;
        running[at_mean + c] = keep * running[at_mean + c] + (1 - keep) * mean;
        running[at_var + c] =
            keep * running[at_var + c] + (1 - keep) * var * (count > 1 ? count / (count - 1) : 1);
    }
}

static void norm_backward(struct lethe_trainer *t, const struct lethe_op_call *call,
                          const struct lethe_data *data)
{
    const struct lethe_axis_args *a = &call->args.axis;
    const size_t at = t->first[call->node - t->graph->nodes];
    for (size_t c = 0; c < a->length; c++) {
        const double scale = entry(t, data->x[1], c), mean = t->mean[at + c],
                     inverse = t->inverse[at + c];
        const struct lethe_batch_norm how = {mean, inverse, scale * inverse, 0};
        lethe_batch_norm_backward(data, a, c, &how, t->dtype);
    }
}

/* Both statistics are buffers of their own: else they are constants, and stay what they are. */
static int has_statistics(const struct lethe_trainer *t, const struct lethe_node *node,
                          const struct lethe_trainer_batch *batch)
{
    if (batch->inference || !is_batchnorm(node))
        return 0;
    const size_t mean = buffer_of(t, node, 3), var = buffer_of(t, node, 4);
    return mean < t->graph->buffers && var < t->graph->buffers;
}

/* ---- dropout ----------------------------------------------------------------------------------
 */

/* to = from * mask, where the mask is drawn again from its stream; adds when `more`. */
static void mask(const struct lethe_trainer *t, char *to, const char *from, size_t n, int more,
                 const struct lethe_trainer_batch *batch)
{
    const double up = 1 / (1 - batch->dropout);
    struct lethe_rng rng;
    lethe_rng_init(&rng, batch->seed, LETHE_RNG_DROPOUT, batch->step, t->last);
    for (size_t i = 0; i < n; i++) {
        const double by = lethe_rng_uniform(&rng) < batch->dropout ? 0 : up;
        double value = by * entry(t, from, i);
        if (more)
            value += entry(t, to, i);
        store(to + i * t->bytes, &value, 1, t->dtype);
    }
}

/* ---- a step -----------------------------------------------------------------------------------
 */

static int is_masked(const struct lethe_trainer *t, const struct lethe_op_call *call,
                     const struct lethe_trainer_batch *batch)
{
    return batch->dropout > 0 && t->last != LETHE_NONE && call->node == &t->graph->nodes[t->last];
}

static void forward(struct lethe_trainer *t, double *w, const struct lethe_trainer_batch *batch)
{
    for (size_t i = 0; i < t->plan->call_count; i++) {
        const struct lethe_op_call *call = &t->plan->calls[i];
        struct lethe_data *data = &t->calls[call->node - t->graph->nodes];
        if (call->op->flags & LETHE_OP_VIEW)
            continue;
        if (has_statistics(t, call->node, batch)) {
            norm_forward(t, call, data, w);
            continue;
        }
        void *input = data->x[0];
        if (is_masked(t, call, batch)) {
            mask(t, t->masked, input, size_of(t, call->node->in[0]), 0, batch);
            data->x[0] = t->masked;
        }
        call->op->forward[t->dtype](call, data);
        data->x[0] = input;
    }
}

static void backward(struct lethe_trainer *t, const struct lethe_trainer_batch *batch)
{
    for (size_t i = t->plan->call_count; i-- > 0;) {
        const struct lethe_op_call *call = &t->plan->calls[i];
        struct lethe_data *data = &t->calls[call->node - t->graph->nodes];
        const size_t y = call->node->out[0];
        if (call->op->flags & LETHE_OP_VIEW || y == LETHE_NONE || !t->plan->values[y].needs)
            continue;
        if (has_statistics(t, call->node, batch)) {
            norm_backward(t, call, data);
            continue;
        }
        void *input = data->x[0], *adjoint = data->dx[0];
        const int masked = is_masked(t, call, batch);
        const size_t size = masked ? size_of(t, call->node->in[0]) : 0;
        if (masked) {
            memset(t->masked_adjoint, 0, size * t->bytes);
            data->x[0] = t->masked;
            data->dx[0] = adjoint ? t->masked_adjoint : NULL;
        }
        call->op->backward[t->dtype](call, data);
        data->x[0] = input;
        data->dx[0] = adjoint;
        if (masked && adjoint)
            mask(t, adjoint, t->masked_adjoint, size, 1, batch);
    }
}

enum lethe_err lethe_trainer_forward(struct lethe_trainer *t, double *logits, double *w,
                                     const struct lethe_trainer_batch *batch,
                                     struct lethe_error *err)
{
    const struct lethe_graph *graph = t->graph;
    const size_t n = batch->n, at = graph->outputs[0];
    if (n == 0 || n > t->batch)
        return lethe_fail(err, LETHE_EARG, "a batch of %zu samples; this trainer takes 1 to %zu", n,
                          t->batch);
    if (!(batch->dropout >= 0 && batch->dropout < 1))
        return lethe_fail(err, LETHE_EARG, "dropout %g: 0 to below 1", batch->dropout);
    enum lethe_err code = use_batch(t, n, err);
    if (code)
        return code;
    store(t->w, w, graph->size + graph->buffers, t->dtype);
    for (size_t k = 0; k < graph->input_count; k++)
        store(t->x[graph->inputs[k]], batch->inputs[k], size_of(t, graph->inputs[k]), t->dtype);
    forward(t, w, batch);
    fetch(logits, t->x[at], size_of(t, at), t->dtype);
    return LETHE_OK;
}

void lethe_trainer_backward(struct lethe_trainer *t, double *grad, const double *dlogits,
                            const struct lethe_trainer_batch *batch)
{
    const struct lethe_graph *graph = t->graph;
    const size_t at = graph->outputs[0];
    memset(t->adjoints, 0, t->arena * t->bytes);
    memset(t->dw, 0, (graph->size + graph->buffers) * t->bytes);
    if (t->dx[at])
        store(t->dx[at], dlogits, size_of(t, at), t->dtype);
    backward(t, batch);
    for (size_t i = 0; i < graph->size; i++)
        grad[i] += entry(t, t->dw, i);
}

void lethe_trainer_input_gradient(const struct lethe_trainer *t, double *dx, size_t input)
{
    const size_t v = t->graph->inputs[input];
    fetch(dx, t->dx[v], size_of(t, v), t->dtype);
}

enum lethe_err lethe_trainer_step(struct lethe_trainer *t, double *loss, double *grad, double *w,
                                  const struct lethe_trainer_batch *batch, struct lethe_error *err)
{
    const size_t n = batch->n;
    enum lethe_err code = lethe_trainer_forward(t, t->logits, w, batch, err);
    if (code)
        return code;
    *loss = lethe_cross_entropy(t->losses, t->slope, t->logits, batch->labels, n, t->graph->classes,
                                1 / (double)n) /
            (double)n;
    lethe_trainer_backward(t, grad, t->slope, batch);
    return LETHE_OK;
}
