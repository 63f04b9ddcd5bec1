/* SPDX-License-Identifier: MIT
 * Runs a plan's calls: forward in order, backward in reverse, tangents in order. Memory is laid out
 * once for the largest batch; a smaller one uses the beginning of each value's place. */
#include "nn/exec.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"

void lethe_exec_read(double *out, const char *from, size_t n, const struct lethe_exec *exec)
{
    if (exec->dtype == LETHE_F64) {
        memcpy(out, from, n * sizeof *out);
        return;
    }
    const float *f = (const float *)(const void *)from;
    for (size_t i = 0; i < n; i++)
        out[i] = (double)f[i];
}

void lethe_exec_write(char *to, const double *in, size_t n, const struct lethe_exec *exec)
{
    if (exec->dtype == LETHE_F64) {
        memcpy(to, in, n * sizeof *in);
        return;
    }
    float *f = (float *)(void *)to;
    for (size_t i = 0; i < n; i++)
        f[i] = (float)in[i];
}

/* ---- memory ---------------------------------------------------------------------------------- */

static int owns_memory(const struct lethe_plan *plan, const struct lethe_graph *graph, size_t v)
{
    const struct lethe_plan_value *value = &plan->values[v];
    if (value->known || value->root != v)
        return 0;
    return graph->values[v].kind == LETHE_VALUE_INPUT ||
           (graph->values[v].kind == LETHE_VALUE_NODE && graph->nodes[graph->values[v].node].used);
}

/* Places in the arena, 64 bytes apart at least, for the plan of the full batch. */
static void lay_out(struct lethe_exec *exec)
{
    const size_t grain = 64 / exec->bytes;
    for (size_t v = 0; v < exec->graph->value_count; v++) {
        exec->offset[v] = LETHE_NONE;
        if (!owns_memory(exec->plan, exec->graph, v))
            continue;
        exec->offset[v] = exec->arena;
        size_t size = lethe_shape_size(&exec->plan->values[v].shape);
        exec->arena += (size + grain) / grain * grain;
    }
}

static int make_calls(struct lethe_exec *exec)
{
    const struct lethe_graph *graph = exec->graph;
    size_t count = graph->node_count + 1;
    exec->calls = lethe_pool_alloc(&exec->pool, count, sizeof *exec->calls);
    for (size_t i = 0; exec->calls && i < graph->node_count; i++) {
        const struct lethe_node *node = &graph->nodes[i];
        size_t ends = node->in_count + node->out_count;
        struct lethe_data *data = &exec->calls[i];
        void **table = lethe_pool_alloc(&exec->pool, 3 * ends + 1, sizeof *table);
        if (!table)
            return 0;
        data->x = table;
        data->y = data->x + node->in_count;
        data->dx = table + ends;
        data->dy = data->dx + node->in_count;
        data->tx = table + 2 * ends;
        data->ty = data->tx + node->in_count;
    }
    return exec->calls != NULL;
}

/* ---- binding pointers ------------------------------------------------------------------------ */

static enum lethe_err bind_constants(struct lethe_exec *exec, struct lethe_error *err)
{
    const struct lethe_graph *graph = exec->graph;
    size_t room = 1, at = 0; /* one spare: all constants may be empty */
    if (exec->dtype == LETHE_F32) {
        for (size_t v = 0; v < graph->value_count; v++)
            if (exec->plan->values[v].known)
                room += lethe_shape_size(&exec->plan->values[v].shape);
        if (room > exec->consts_room) {
            char *larger = lethe_alloc(room, exec->bytes);
            if (!larger)
                return lethe_fail_memory(err, "constants", room, exec->bytes);
            lethe_free(exec->consts);
            exec->consts = larger;
            exec->consts_room = room;
        }
    }
    for (size_t v = 0; v < graph->value_count; v++) {
        const struct lethe_plan_value *value = &exec->plan->values[v];
        if (!value->known)
            continue;
        exec->x[v] = value->data;
        if (exec->dtype == LETHE_F32) {
            size_t size = lethe_shape_size(&value->shape);
            exec->x[v] = exec->consts + at * exec->bytes;
            lethe_exec_write(exec->x[v], value->data, size, exec);
            at += size;
        }
    }
    return LETHE_OK;
}

/* Where a value, its adjoint or its tangent lies, given the arenas for activations and weights. */
static void *place(const struct lethe_exec *exec, size_t v, char *arena, char *weights)
{
    const struct lethe_graph *graph = exec->graph;
    size_t root = exec->plan->values[v].root, param = graph->values[root].param;
    if (graph->values[root].kind == LETHE_VALUE_TENSOR && param != LETHE_NONE)
        return weights ? weights + graph->params[param].offset * exec->bytes : NULL;
    return arena && exec->offset[root] != LETHE_NONE ? arena + exec->offset[root] * exec->bytes
                                                     : NULL;
}

static void bind_calls(struct lethe_exec *exec)
{
    const struct lethe_graph *graph = exec->graph;
    for (size_t v = 0; v < graph->value_count; v++) {
        const struct lethe_plan_value *value = &exec->plan->values[v];
        if (!value->known)
            exec->x[v] = place(exec, v, exec->values, exec->w);
        exec->dx[v] = value->needs
                          ? place(exec, v, exec->adjoints, exec->params_too ? exec->dw : NULL)
                          : NULL;
        exec->tx[v] = value->needs ? place(exec, v, exec->tangents, exec->tw) : NULL;
    }
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct lethe_node *node = &graph->nodes[i];
        struct lethe_data *data = &exec->calls[i];
        data->scratch = exec->scratch;
        for (size_t k = 0; k < node->in_count + node->out_count; k++) {
            size_t v = k < node->in_count ? node->in[k] : node->out[k - node->in_count];
            data->x[k] = v == LETHE_NONE ? NULL : exec->x[v];
            data->dx[k] = v == LETHE_NONE ? NULL : exec->dx[v];
            data->tx[k] = v == LETHE_NONE ? NULL : exec->tx[v];
        }
    }
}

static enum lethe_err use_batch(struct lethe_exec *exec, size_t n, struct lethe_error *err)
{
    if (exec->plan && exec->plan->n == n)
        return LETHE_OK;
    struct lethe_plan *other = exec->plans[0] == exec->plan ? exec->plans[1] : exec->plans[0];
    if (!other || other->n != n) {
        struct lethe_plan *made = lethe_plan_new(exec->graph, n, err);
        if (!made)
            return err ? err->code : LETHE_EFORMAT;
        size_t slot = exec->plans[0] == exec->plan;
        lethe_plan_free(exec->plans[slot]);
        exec->plans[slot] = other = made;
    }
    exec->plan = other;
    return LETHE_OK;
}

/* Makes the executor ready for n samples. */
static enum lethe_err ready(struct lethe_exec *exec, size_t n, struct lethe_error *err)
{
    struct lethe_plan *before = exec->plan;
    enum lethe_err code = use_batch(exec, n, err);
    if (code || before == exec->plan)
        return code;
    code = bind_constants(exec, err);
    if (!code)
        bind_calls(exec);
    return code;
}

/* ---- life ------------------------------------------------------------------------------------ */

struct lethe_exec *lethe_exec_new(struct lethe_graph *graph, enum lethe_dtype dtype, size_t batch,
                                  struct lethe_error *err)
{
    struct lethe_exec *exec = lethe_alloc_zero(1, sizeof *exec);
    if (!exec)
        goto memory;
    size_t values = graph->value_count + 1, weights = graph->size + graph->buffers + 1;
    exec->graph = lethe_graph_ref(graph);
    exec->dtype = dtype;
    exec->batch = batch;
    exec->bytes = dtype == LETHE_F32 ? sizeof(float) : sizeof(double);
    exec->offset = lethe_alloc(values, sizeof *exec->offset);
    exec->x = lethe_alloc_zero(values, sizeof *exec->x);
    exec->dx = lethe_alloc_zero(values, sizeof *exec->dx);
    exec->tx = lethe_alloc_zero(values, sizeof *exec->tx);
    exec->stale = lethe_alloc_zero(values, sizeof *exec->stale);
    exec->w = lethe_alloc_aligned(weights, exec->bytes);
    if (!exec->offset || !exec->x || !exec->dx || !exec->tx || !exec->stale || !exec->w ||
        !make_calls(exec))
        goto memory;
    memset(exec->w, 0, weights * exec->bytes);
    if (use_batch(exec, batch, err))
        goto fail;
    lay_out(exec);
    exec->values = lethe_alloc_aligned(exec->arena + 1, exec->bytes);
    exec->scratch = lethe_alloc_aligned(exec->plan->scratch + 1, exec->bytes);
    if (!exec->values || !exec->scratch)
        goto memory;
    if (bind_constants(exec, err))
        goto fail;
    bind_calls(exec);
    return exec;
memory:
    lethe_fail_memory(err, "a batch", exec ? exec->arena + 1 : 1, exec ? exec->bytes : 1);
fail:
    lethe_exec_free(exec);
    return NULL;
}

void lethe_exec_free(struct lethe_exec *exec)
{
    if (!exec)
        return;
    lethe_plan_free(exec->plans[0]);
    lethe_plan_free(exec->plans[1]);
    lethe_free(exec->offset);
    lethe_free(exec->values);
    lethe_free(exec->adjoints);
    lethe_free(exec->tangents);
    lethe_free(exec->w);
    lethe_free(exec->dw);
    lethe_free(exec->tw);
    lethe_free(exec->consts);
    lethe_free(exec->scratch);
    lethe_free(exec->x);
    lethe_free(exec->dx);
    lethe_free(exec->tx);
    lethe_free(exec->stale);
    lethe_pool_release(&exec->pool);
    lethe_graph_unref(exec->graph);
    lethe_free(exec);
}

size_t lethe_exec_batch(const struct lethe_exec *exec)
{
    return exec->batch;
}

void lethe_exec_weights(struct lethe_exec *exec, const double *w)
{
    lethe_exec_write(exec->w, w, exec->graph->size + exec->graph->buffers, exec);
    exec->has_adjoints = 0;
}

/* ---- running --------------------------------------------------------------------------------- */

static struct lethe_data *data_of(const struct lethe_exec *exec, const struct lethe_call *call)
{
    return &exec->calls[call->node - exec->graph->nodes];
}

size_t lethe_exec_logits_size(const struct lethe_exec *exec)
{
    return lethe_shape_size(&exec->plan->values[exec->graph->outputs[0]].shape);
}

/* Makes the calls in order; when only_stale is set, those a changed value reaches. */
static void run_forward(struct lethe_exec *exec, double *logits, int only_stale)
{
    exec->ran = 0;
    for (size_t i = 0; i < exec->plan->call_count; i++) {
        const struct lethe_call *call = &exec->plan->calls[i];
        const struct lethe_node *node = call->node;
        unsigned char reached = !only_stale;
        for (size_t k = 0; k < node->in_count && !reached; k++)
            reached = node->in[k] != LETHE_NONE && exec->stale[node->in[k]];
        if (!reached)
            continue;
        for (size_t k = 0; k < node->out_count; k++)
            if (node->out[k] != LETHE_NONE)
                exec->stale[node->out[k]] = 1;
        if (call->op->flags & LETHE_OP_VIEW)
            continue;
        call->op->forward[exec->dtype](call, data_of(exec, call));
        exec->ran++;
    }
    exec->has_adjoints = 0;
    lethe_exec_read(logits, exec->x[exec->graph->outputs[0]], lethe_exec_logits_size(exec), exec);
}

static enum lethe_err after_forward(const struct lethe_exec *exec, struct lethe_error *err)
{
    return exec->n ? LETHE_OK : lethe_fail(err, LETHE_EBUG, "there was no forward pass before");
}

enum lethe_err lethe_exec_forward(struct lethe_exec *exec, double *logits,
                                  const double *const *inputs, size_t n, struct lethe_error *err)
{
    const struct lethe_graph *graph = exec->graph;
    if (n == 0 || n > exec->batch)
        return lethe_fail(err, LETHE_EARG, "a batch of %zu samples; this executor takes 1 to %zu",
                          n, exec->batch);
    enum lethe_err code = ready(exec, n, err);
    if (code)
        return code;
    for (size_t k = 0; k < graph->input_count; k++) {
        size_t v = graph->inputs[k];
        lethe_exec_write(exec->x[v], inputs[k], lethe_shape_size(&exec->plan->values[v].shape),
                         exec);
    }
    exec->n = n;
    run_forward(exec, logits, 0);
    return LETHE_OK;
}

/* Marks the parameters whose numbers differ from those at hand, and takes the new ones over. */
static void take_weights(struct lethe_exec *exec, const double *w)
{
    const struct lethe_graph *graph = exec->graph;
    memset(exec->stale, 0, graph->value_count);
    for (size_t p = 0; p < graph->param_count; p++) {
        const struct lethe_param *param = &graph->params[p];
        unsigned char *stale = &exec->stale[graph->param_value[p]];
        char *at = exec->w + param->offset * exec->bytes;
        for (size_t i = 0; i < param->size; i++) {
            double number = w[param->offset + i];
            float single = (float)number;
            const void *now = exec->dtype == LETHE_F32 ? (void *)&single : (void *)&number;
            if (!memcmp(at + i * exec->bytes, now, exec->bytes))
                continue;
            *stale = 1;
            memcpy(at + i * exec->bytes, now, exec->bytes);
        }
    }
}

enum lethe_err lethe_exec_reforward(struct lethe_exec *exec, double *logits, const double *w,
                                    struct lethe_error *err)
{
    enum lethe_err code = after_forward(exec, err);
    if (code)
        return code;
    take_weights(exec, w);
    run_forward(exec, logits, 1);
    return LETHE_OK;
}

/* Makes an arena and its part for the weights when they are needed for the first time. */
static enum lethe_err make_arena(struct lethe_exec *exec, char **arena, char **weights,
                                 struct lethe_error *err)
{
    if (*arena)
        return LETHE_OK;
    *weights = lethe_alloc_aligned(exec->graph->size + 1, exec->bytes);
    *arena = *weights ? lethe_alloc_aligned(exec->arena + 1, exec->bytes) : NULL;
    if (!*arena) {
        lethe_free(*weights);
        *weights = NULL;
        return lethe_fail_memory(err, "derivatives of a batch", exec->arena, exec->bytes);
    }
    bind_calls(exec);
    return LETHE_OK;
}

static void add_gradient(double *grad, const struct lethe_exec *exec)
{
    const float *f = (const float *)(const void *)exec->dw;
    const double *d = (const double *)(const void *)exec->dw;
    size_t size = exec->graph->size;
    for (size_t i = 0; i < size; i++)
        grad[i] += exec->dtype == LETHE_F32 ? (double)f[i] : d[i];
}

enum lethe_err lethe_exec_backward(struct lethe_exec *exec, double *grad, const double *dlogits,
                                   struct lethe_error *err)
{
    enum lethe_err code = after_forward(exec, err);
    int params_too = grad != NULL;
    if (!code && params_too != exec->params_too) {
        exec->params_too = params_too;
        if (exec->adjoints)
            bind_calls(exec);
    }
    if (!code)
        code = make_arena(exec, &exec->adjoints, &exec->dw, err);
    if (code)
        return code;
    memset(exec->adjoints, 0, exec->arena * exec->bytes);
    if (grad)
        memset(exec->dw, 0, exec->graph->size * exec->bytes);
    void *top = exec->dx[exec->graph->outputs[0]];
    if (top)
        lethe_exec_write(top, dlogits, lethe_exec_logits_size(exec), exec);
    for (size_t i = exec->plan->call_count; i-- > 0;) {
        const struct lethe_call *call = &exec->plan->calls[i];
        size_t y = call->node->out[0];
        if (!(call->op->flags & LETHE_OP_VIEW) && y != LETHE_NONE && exec->plan->values[y].needs)
            call->op->backward[exec->dtype](call, data_of(exec, call));
    }
    exec->has_adjoints = 1;
    if (grad)
        add_gradient(grad, exec);
    return LETHE_OK;
}

enum lethe_err lethe_exec_jvp(struct lethe_exec *exec, double *dlogits, const double *v,
                              struct lethe_error *err)
{
    enum lethe_err code = after_forward(exec, err);
    if (!code)
        code = make_arena(exec, &exec->tangents, &exec->tw, err);
    if (code)
        return code;
    lethe_exec_write(exec->tw, v, exec->graph->size, exec);
    for (size_t i = 0; i < exec->plan->call_count; i++) {
        const struct lethe_call *call = &exec->plan->calls[i];
        size_t y = call->node->out[0];
        if (!(call->op->flags & LETHE_OP_VIEW) && y != LETHE_NONE && exec->plan->values[y].needs)
            call->op->jvp[exec->dtype](call, data_of(exec, call));
    }
    const char *top = exec->tx[exec->graph->outputs[0]];
    if (top)
        lethe_exec_read(dlogits, top, lethe_exec_logits_size(exec), exec);
    else
        memset(dlogits, 0, lethe_exec_logits_size(exec) * sizeof *dlogits);
    return LETHE_OK;
}
