/* SPDX-License-Identifier: MIT
 * A plain run of a plan's calls, every value and every adjoint in a place of its own. Only two
 * things differ from the executor's: BatchNormalization (below, in both precisions, sums in
 * double), and the last layer's input, which is replaced by a masked copy. */
#include "nn/trainer.h"

#include <string.h>

#include "base/alloc.h"
#include "lethe/rng.h"
#include "nn/trainer_inside.h"

/* ---- places ---------------------------------------------------------------------------------- */

static int is_own(const struct lethe_trainer *t, size_t v)
{
    const struct lethe_tensor_value *value = &t->graph->values[v];
    return !t->plan->values[v].known && t->plan->values[v].root == v &&
           (value->kind == LETHE_VALUE_INPUT ||
            (value->kind == LETHE_VALUE_NODE && t->graph->nodes[value->node].used));
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
        room += t->plan->values[v].known ? lethe_trainer_size_of(t, v) : 0;
    lethe_free(t->consts);
    t->consts = lethe_alloc(room, t->bytes);
    if (!t->consts)
        return lethe_fail_memory(err, "constants", room, t->bytes);
    for (size_t v = 0; v < t->graph->value_count; v++)
        if (t->plan->values[v].known) {
            t->x[v] = t->consts + at * t->bytes;
            lethe_trainer_store(t->x[v], t->plan->values[v].data, lethe_trainer_size_of(t, v),
                                t->dtype);
            at += lethe_trainer_size_of(t, v);
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

/* ---- life ------------------------------------------------------------------------------------ */

int lethe_trainer_wanted(const struct lethe_graph *graph)
{
    for (size_t i = 0; i < graph->node_count; i++)
        if (graph->nodes[i].used && lethe_trainer_is_norm(&graph->nodes[i]))
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
        t->arena += (lethe_trainer_size_of(t, v) + grain) / grain * grain;
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
        if (graph->nodes[i].used && lethe_trainer_is_norm(&graph->nodes[i]))
            channels += lethe_trainer_size_of(t, graph->nodes[i].in[1]);
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
        input = lethe_trainer_size_of(t, graph->nodes[t->last].in[0]);
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

/* ---- dropout --------------------------------------------------------------------------------- */

/* to = from * mask, where the mask is drawn again from its stream; adds when `more`. */
static void mask(const struct lethe_trainer *t, char *to, const char *from, size_t n, int more,
                 const struct lethe_trainer_batch *batch)
{
    const double up = 1 / (1 - batch->dropout);
    struct lethe_rng rng;
    lethe_rng_init(&rng, batch->seed, LETHE_RNG_DROPOUT, batch->step, t->last);
    for (size_t i = 0; i < n; i++) {
        const double by = lethe_rng_uniform(&rng) < batch->dropout ? 0 : up;
        double value = by * lethe_trainer_entry(t, from, i);
        if (more)
            value += lethe_trainer_entry(t, to, i);
        lethe_trainer_store(to + i * t->bytes, &value, 1, t->dtype);
    }
}

/* ---- a step ---------------------------------------------------------------------------------- */

static enum lethe_err listen(const struct lethe_trainer_batch *batch, struct lethe_error *err)
{
    return lethe_watch_check(batch->watch, lethe_watch_stage(batch->watch, "training"), err);
}

static int is_masked(const struct lethe_trainer *t, const struct lethe_op_call *call,
                     const struct lethe_trainer_batch *batch)
{
    return batch->dropout > 0 && t->last != LETHE_NONE && call->node == &t->graph->nodes[t->last];
}

static enum lethe_err forward(struct lethe_trainer *t, double *w,
                              const struct lethe_trainer_batch *batch, struct lethe_error *err)
{
    for (size_t i = 0; i < t->plan->call_count; i++) {
        const struct lethe_op_call *call = &t->plan->calls[i];
        struct lethe_data *data = &t->calls[call->node - t->graph->nodes];
        if (call->op->flags & LETHE_OP_VIEW)
            continue;
        const enum lethe_err code = listen(batch, err);
        if (code)
            return code;
        if (lethe_trainer_has_statistics(t, call->node, batch)) {
            lethe_trainer_norm_forward(t, call, data, w);
            continue;
        }
        void *input = data->x[0];
        if (is_masked(t, call, batch)) {
            mask(t, t->masked, input, lethe_trainer_size_of(t, call->node->in[0]), 0, batch);
            data->x[0] = t->masked;
        }
        call->op->forward[t->dtype](call, data);
        data->x[0] = input;
    }
    return LETHE_OK;
}

static enum lethe_err backward(struct lethe_trainer *t, const struct lethe_trainer_batch *batch,
                               struct lethe_error *err)
{
    for (size_t i = t->plan->call_count; i-- > 0;) {
        const struct lethe_op_call *call = &t->plan->calls[i];
        struct lethe_data *data = &t->calls[call->node - t->graph->nodes];
        const size_t y = call->node->out[0];
        if (call->op->flags & LETHE_OP_VIEW || y == LETHE_NONE || !t->plan->values[y].needs)
            continue;
        const enum lethe_err code = listen(batch, err);
        if (code)
            return code;
        if (lethe_trainer_has_statistics(t, call->node, batch)) {
            lethe_trainer_norm_backward(t, call, data);
            continue;
        }
        void *input = data->x[0], *adjoint = data->dx[0];
        const int masked = is_masked(t, call, batch);
        const size_t size = masked ? lethe_trainer_size_of(t, call->node->in[0]) : 0;
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
    return LETHE_OK;
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
    lethe_trainer_store(t->w, w, graph->size + graph->buffers, t->dtype);
    for (size_t k = 0; k < graph->input_count; k++)
        lethe_trainer_store(t->x[graph->inputs[k]], batch->inputs[k],
                            lethe_trainer_size_of(t, graph->inputs[k]), t->dtype);
    code = forward(t, w, batch, err);
    if (!code)
        lethe_trainer_fetch(logits, t->x[at], lethe_trainer_size_of(t, at), t->dtype);
    return code;
}

enum lethe_err lethe_trainer_backward(struct lethe_trainer *t, double *grad, const double *dlogits,
                                      const struct lethe_trainer_batch *batch,
                                      struct lethe_error *err)
{
    const struct lethe_graph *graph = t->graph;
    const size_t at = graph->outputs[0];
    memset(t->adjoints, 0, t->arena * t->bytes);
    memset(t->dw, 0, (graph->size + graph->buffers) * t->bytes);
    if (t->dx[at])
        lethe_trainer_store(t->dx[at], dlogits, lethe_trainer_size_of(t, at), t->dtype);
    t->penalty = batch->penalty ? lethe_trainer_add_penalty(t, batch) : 0;
    const enum lethe_err code = backward(t, batch, err);
    for (size_t i = 0; !code && grad && i < graph->size; i++)
        grad[i] += lethe_trainer_entry(t, t->dw, i);
    return code;
}

void lethe_trainer_input_gradient(const struct lethe_trainer *t, double *dx, size_t input)
{
    const size_t v = t->graph->inputs[input];
    lethe_trainer_fetch(dx, t->dx[v], lethe_trainer_size_of(t, v), t->dtype);
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
    code = lethe_trainer_backward(t, grad, t->slope, batch, err);
    *loss += t->penalty;
    return code;
}
