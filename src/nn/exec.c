/* SPDX-License-Identifier: MIT
 * Runs a plan's calls: forward in order, backward in reverse, tangents in order; part by part. */
#include "nn/exec.h"

#include <stdint.h>
#include <string.h>

#include "base/alloc.h"

/* Takes a parameter's numbers over; whether any bit differs. */
static unsigned char take_floats(float *at, const double *w, size_t n)
{
    unsigned differs = 0;
    for (size_t i = 0; i < n; i++) {
        float single = (float)w[i];
        uint32_t before, now;
        memcpy(&before, at + i, sizeof before);
        memcpy(&now, &single, sizeof now);
        differs |= before ^ now;
        at[i] = single;
    }
    return differs != 0;
}

static unsigned char take_doubles(double *at, const double *w, size_t n)
{
    unsigned char differs = memcmp(at, w, n * sizeof *w) != 0;
    memcpy(at, w, n * sizeof *w);
    return differs;
}

void lethe_exec_weights(struct lethe_exec *exec, const double *w)
{
    const struct lethe_graph *graph = exec->graph;
    exec->has_adjoints = 0;
    exec->version++;
    for (size_t p = 0; p < graph->param_count; p++) {
        const struct lethe_param *param = &graph->params[p];
        void *at = exec->w + param->offset * exec->bytes;
        unsigned char differs = exec->dtype == LETHE_F32
                                    ? take_floats(at, w + param->offset, param->size)
                                    : take_doubles(at, w + param->offset, param->size);
        if (differs)
            exec->changed[p] = exec->version;
    }
}

size_t lethe_exec_logits_size(const struct lethe_exec *exec)
{
    return exec->logits * (exec->n ? exec->n : exec->batch);
}

/* ---- groups of parts ------------------------------------------------------------------------- */

static size_t groups_of(const struct lethe_exec *exec)
{
    return exec->part_count < LETHE_EXEC_GROUPS ? exec->part_count : LETHE_EXEC_GROUPS;
}

/* Groups take their turn in order, whichever worker is first; groups are begun in order, too, so
 * the one whose turn it is always has a worker. */
static void add_gradient(struct lethe_pass *pass, const struct lethe_worker *worker, size_t group)
{
    struct lethe_exec *exec = pass->exec;
    const float *f = (const float *)(const void *)worker->dw;
    const double *d = (const double *)(const void *)worker->dw;
    pthread_mutex_lock(&exec->lock);
    while (exec->turn != group)
        pthread_cond_wait(&exec->next, &exec->lock);
    for (size_t i = 0; i < exec->graph->size; i++)
        pass->grad[i] += exec->dtype == LETHE_F32 ? (double)f[i] : d[i];
    exec->turn++;
    pthread_cond_broadcast(&exec->next);
    pthread_mutex_unlock(&exec->lock);
}

static void run_group(void *job, size_t group, unsigned number)
{
    struct lethe_pass *pass = job;
    struct lethe_exec *exec = pass->exec;
    struct lethe_worker *worker = &exec->workers[number];
    size_t groups = groups_of(exec), end = (group + 1) * exec->part_count / groups;
    if (pass->grad)
        memset(worker->dw, 0, exec->graph->size * exec->bytes);
    for (size_t p = group * exec->part_count / groups; p < end; p++)
        pass->part(pass, worker, &exec->parts[p]);
    if (pass->grad)
        add_gradient(pass, worker, group);
}

void lethe_exec_run(struct lethe_pass *pass)
{
    struct lethe_exec *exec = pass->exec;
    exec->turn = 0;
    if (exec->pool)
        lethe_threads_run(exec->pool, run_group, pass, groups_of(exec), NULL);
    else
        for (size_t g = 0; g < groups_of(exec); g++)
            run_group(pass, g, 0);
}

/* ---- forward --------------------------------------------------------------------------------- */

static void write_inputs(const struct lethe_pass *pass, const struct lethe_worker *worker,
                         const struct lethe_part *part)
{
    const struct lethe_exec *exec = pass->exec;
    for (size_t k = 0; k < exec->graph->input_count; k++) {
        size_t v = exec->graph->inputs[k];
        size_t size = lethe_shape_size(&part->form->plan->values[v].shape);
        lethe_exec_write(worker->x[v], pass->inputs[k] + part->first * (size / part->n), size,
                         exec);
    }
}

/* Copies a value of the cut, once its call is over, into the store; or back in place of the call.
 */
static void across_cut(const struct lethe_pass *pass, const struct lethe_worker *worker,
                       const struct lethe_part *part, const size_t *list, size_t count)
{
    const struct lethe_exec *exec = pass->exec;
    for (size_t k = 0; pass->store && k < count; k++) {
        if (list[k] == LETHE_NONE || exec->cut[list[k]] == LETHE_NONE)
            continue;
        size_t size = lethe_shape_size(&part->form->plan->values[list[k]].shape);
        char *at = pass->store +
                   (part->first * exec->cut_size + part->n * exec->cut[list[k]]) * exec->bytes;
        if (pass->nodes)
            memcpy(worker->x[list[k]], at, size * exec->bytes);
        else
            memcpy(at, worker->x[list[k]], size * exec->bytes);
    }
}

void lethe_exec_forward_part(struct lethe_pass *pass, struct lethe_worker *worker,
                             const struct lethe_part *part)
{
    const struct lethe_exec *exec = pass->exec;
    const struct lethe_plan *plan = part->form->plan;
    lethe_exec_bind_values(exec, worker, part, pass->key);
    if (pass->inputs)
        write_inputs(pass, worker, part);
    across_cut(pass, worker, part, exec->graph->inputs, exec->graph->input_count);
    for (size_t i = 0; i < plan->call_count; i++) {
        const struct lethe_op_call *call = &plan->calls[i];
        size_t node = (size_t)(call->node - exec->graph->nodes);
        int runs = !pass->nodes || pass->nodes[node];
        if (call->op->flags & LETHE_OP_VIEW)
            continue;
        if (runs)
            call->op->forward[exec->dtype](call, &worker->calls[node]);
        if (runs && worker->calls[node].note)
            call->op->note[exec->dtype](call, &worker->calls[node]);
        if (!runs || !pass->nodes)
            across_cut(pass, worker, part, call->node->out, call->node->out_count);
    }
    lethe_exec_read(pass->out + part->first * exec->logits, worker->x[exec->graph->outputs[0]],
                    part->n * exec->logits, exec);
}

size_t lethe_exec_count(const struct lethe_exec *exec, const unsigned char *nodes)
{
    const struct lethe_plan *plan = exec->parts[0].form->plan;
    size_t count = 0;
    for (size_t i = 0; i < plan->call_count; i++)
        count += !(plan->calls[i].op->flags & LETHE_OP_VIEW) &&
                 (!nodes || nodes[plan->calls[i].node - exec->graph->nodes]);
    return count;
}

enum lethe_err lethe_exec_start(struct lethe_exec *exec, size_t n, struct lethe_error *err)
{
    if (n == 0 || n > exec->batch)
        return lethe_fail(err, LETHE_EARG, "a batch of %zu samples; this executor takes 1 to %zu",
                          n, exec->batch);
    exec->n = 0;
    exec->has_adjoints = 0;
    return lethe_exec_divide(exec, n, err);
}

enum lethe_err lethe_exec_forward(struct lethe_exec *exec, double *logits,
                                  const double *const *inputs, size_t n, struct lethe_error *err)
{
    enum lethe_err code = lethe_exec_start(exec, n, err);
    if (!code)
        code = lethe_exec_keep(exec, 0, err);
    if (!code)
        code = lethe_exec_equip(exec, 0, 0, err);
    if (code)
        return code;
    struct lethe_pass pass = {
        .exec = exec, .part = lethe_exec_forward_part, .inputs = inputs, .out = logits};
    lethe_exec_run(&pass);
    exec->n = n;
    exec->ran = lethe_exec_count(exec, NULL);
    return LETHE_OK;
}

enum lethe_err lethe_exec_logits(struct lethe_exec *exec, double *logits,
                                 const double *const *inputs, size_t n, struct lethe_error *err)
{
    enum lethe_err code = lethe_exec_start(exec, n, err);
    if (!code)
        code = lethe_exec_equip(exec, 0, 0, err);
    if (code)
        return code;
    struct lethe_pass pass = {.exec = exec,
                              .part = lethe_exec_forward_part,
                              .key = LETHE_BIND_PURE,
                              .inputs = inputs,
                              .out = logits};
    lethe_exec_run(&pass);
    exec->ran = lethe_exec_count(exec, NULL);
    return LETHE_OK;
}

enum lethe_err lethe_exec_after_forward(const struct lethe_exec *exec, struct lethe_error *err)
{
    return exec->n ? LETHE_OK : lethe_fail(err, LETHE_EBUG, "there was no forward pass before");
}

/* ---- backward -------------------------------------------------------------------------------- */

static void clear(const struct lethe_exec *exec, const struct lethe_plan *plan, void *at,
                  size_t root)
{
    memset(at, 0, lethe_shape_size(&plan->values[root].shape) * exec->bytes);
}

static unsigned begin_inputs(const struct lethe_exec *exec, const struct lethe_adjoints *adjoints,
                             const struct lethe_plan *plan, const struct lethe_op_call *call)
{
    const struct lethe_node *node = call->node;
    unsigned fresh = 0;
    for (size_t k = 0; k < node->in_count; k++) {
        size_t v = node->in[k], root = v == LETHE_NONE ? LETHE_NONE : plan->values[v].root;
        if (v == LETHE_NONE || !adjoints->dx[v] || adjoints->begun[root] ||
            exec->graph->values[root].kind == LETHE_VALUE_TENSOR)
            continue;
        int alone = k < 15 && (call->op->flags & LETHE_OP_FRESH) != 0;
        for (size_t j = 0; j < node->in_count && alone; j++)
            alone = j == k || node->in[j] == LETHE_NONE || plan->values[node->in[j]].root != root;
        adjoints->begun[root] = 1;
        if (alone)
            fresh |= 1u << k;
        else
            clear(exec, plan, adjoints->dx[v], root);
    }
    return fresh;
}

unsigned lethe_exec_begin(const struct lethe_exec *exec, const struct lethe_adjoints *adjoints,
                          const struct lethe_plan *plan, const struct lethe_op_call *call)
{
    const struct lethe_node *node = call->node;
    for (size_t k = 0; k < node->out_count; k++) {
        size_t v = node->out[k], root = v == LETHE_NONE ? LETHE_NONE : plan->values[v].root;
        if (v != LETHE_NONE && adjoints->dx[v] && !adjoints->begun[root]) {
            adjoints->begun[root] = 1;
            clear(exec, plan, adjoints->dx[v], root);
        }
    }
    return begin_inputs(exec, adjoints, plan, call);
}

void lethe_exec_backward_part(struct lethe_pass *pass, struct lethe_worker *worker,
                              const struct lethe_part *part)
{
    const struct lethe_exec *exec = pass->exec;
    const struct lethe_plan *plan = part->form->plan;
    const struct lethe_adjoints adjoints = {worker->dx, worker->begun};
    size_t top = exec->graph->outputs[0];
    lethe_exec_bind_values(exec, worker, part, pass->key);
    lethe_exec_bind_adjoints(exec, worker, part, pass->key);
    memset(worker->begun, 0, exec->graph->value_count);
    if (worker->dx[top]) {
        lethe_exec_write(worker->dx[top], pass->in + part->first * exec->logits,
                         part->n * exec->logits, exec);
        worker->begun[plan->values[top].root] = 1;
    }
    for (size_t i = plan->call_count; i-- > 0;) {
        const struct lethe_op_call *call = &plan->calls[i];
        size_t y = call->node->out[0];
        if (call->op->flags & LETHE_OP_VIEW || !lethe_exec_moves(exec, plan, y))
            continue;
        struct lethe_data *data = &worker->calls[call->node - exec->graph->nodes];
        data->fresh = lethe_exec_begin(exec, &adjoints, plan, call);
        call->op->backward[exec->dtype](call, data);
    }
    for (size_t v = 0; pass->key & LETHE_BIND_CAPTURED && v < exec->graph->value_count; v++)
        if (exec->captured.kept[v] && worker->dx[v] && !worker->begun[v])
            clear(exec, plan, worker->dx[v], v);
}

static enum lethe_err backward(struct lethe_exec *exec, double *grad, const double *dlogits,
                               unsigned key, struct lethe_error *err)
{
    enum lethe_err code = lethe_exec_after_forward(exec, err);
    if (!code && key & LETHE_BIND_CAPTURED)
        code = lethe_exec_keep(exec, 1, err);
    if (!code)
        code = lethe_exec_equip(exec, 1, grad != NULL, err);
    if (code)
        return code;
    key |= grad ? LETHE_BIND_PARAMS : 0;
    struct lethe_pass pass = {
        .exec = exec, .part = lethe_exec_backward_part, .key = key, .in = dlogits, .grad = grad};
    lethe_exec_run(&pass);
    exec->has_adjoints = (key & LETHE_BIND_CAPTURED) != 0;
    exec->backward_passes += (unsigned long)exec->has_adjoints;
    return LETHE_OK;
}

enum lethe_err lethe_exec_backward(struct lethe_exec *exec, double *grad, const double *dlogits,
                                   struct lethe_error *err)
{
    return backward(exec, grad, dlogits, LETHE_BIND_CAPTURED, err);
}

enum lethe_err lethe_exec_gradient(struct lethe_exec *exec, double *grad, const double *dlogits,
                                   struct lethe_error *err)
{
    return backward(exec, grad, dlogits, 0, err);
}

/* ---- tangents -------------------------------------------------------------------------------- */

void lethe_exec_jvp_part(struct lethe_pass *pass, struct lethe_worker *worker,
                         const struct lethe_part *part)
{
    const struct lethe_exec *exec = pass->exec;
    const struct lethe_plan *plan = part->form->plan;
    lethe_exec_bind_values(exec, worker, part, pass->key);
    lethe_exec_bind_tangents(exec, worker, part, pass->key);
    for (size_t i = 0; i < plan->call_count; i++) {
        const struct lethe_op_call *call = &plan->calls[i];
        size_t y = call->node->out[0];
        if (!(call->op->flags & LETHE_OP_VIEW) && lethe_exec_moves(exec, plan, y))
            call->op->jvp[exec->dtype](call, &worker->calls[call->node - exec->graph->nodes]);
    }
    double *out = pass->out + part->first * exec->logits;
    const char *top = worker->tx[exec->graph->outputs[0]];
    if (top)
        lethe_exec_read(out, top, part->n * exec->logits, exec);
    else
        memset(out, 0, part->n * exec->logits * sizeof *out);
}

enum lethe_err lethe_exec_direction(struct lethe_exec *exec, const double *v, double by,
                                    struct lethe_error *err)
{
    if (!exec->tw) {
        exec->tw = lethe_alloc_aligned(exec->graph->size + 1, exec->bytes);
        for (unsigned k = 0; k < exec->worker_count; k++)
            exec->workers[k].tx_form = NULL;
    }
    if (!exec->tw)
        return lethe_fail_memory(err, "a direction", exec->graph->size, exec->bytes);
    float *single = (float *)(void *)exec->tw;
    double *full = (double *)(void *)exec->tw;
    for (size_t i = 0; exec->dtype == LETHE_F32 && i < exec->graph->size; i++)
        single[i] = (float)(by * v[i]);
    for (size_t i = 0; exec->dtype == LETHE_F64 && i < exec->graph->size; i++)
        full[i] = by * v[i];
    return LETHE_OK;
}

void lethe_exec_note(struct lethe_exec *exec, int noted)
{
    if (exec->noted == noted)
        return;
    exec->noted = noted;
    exec->n = 0;
    for (unsigned k = 0; k < exec->worker_count; k++)
        exec->workers[k].x_part = NULL;
}

/* moved (by value) = what depends on the marked parameters. */
static void follow(unsigned char *moved, const struct lethe_exec *exec, const unsigned char *params)
{
    const struct lethe_graph *graph = exec->graph;
    const struct lethe_plan *plan = exec->forms[0].plan;
    memset(moved, 0, graph->value_count);
    for (size_t p = 0; p < graph->param_count; p++)
        moved[graph->param_value[p]] = params[p];
    for (size_t i = 0; i < plan->call_count; i++) {
        const struct lethe_node *node = plan->calls[i].node;
        unsigned char reached = 0;
        for (size_t k = 0; k < node->in_count; k++)
            reached |= node->in[k] != LETHE_NONE && moved[node->in[k]];
        for (size_t k = 0; k < node->out_count; k++)
            if (node->out[k] != LETHE_NONE)
                moved[node->out[k]] = reached;
    }
}

enum lethe_err lethe_exec_support(struct lethe_exec *exec, const unsigned char *params,
                                  struct lethe_error *err)
{
    struct lethe_memory_layout taped = {0};
    unsigned char *moved = params ? lethe_alloc(exec->graph->value_count + 1, 1) : NULL;
    if (params && !moved)
        return lethe_fail_memory(err, "a direction", exec->graph->value_count, 1);
    if (moved)
        follow(moved, exec, params);
    enum lethe_err code = lethe_exec_lay_tape(&taped, exec, moved, err);
    if (code) {
        lethe_free(moved);
        return code;
    }
    lethe_free(exec->moved);
    exec->moved = moved;
    lethe_exec_retape(exec, &taped);
    return LETHE_OK;
}

enum lethe_err lethe_exec_jvp(struct lethe_exec *exec, double *dlogits, const double *v,
                              struct lethe_error *err)
{
    enum lethe_err code = lethe_exec_after_forward(exec, err);
    if (!code)
        code = lethe_exec_equip(exec, 0, 0, err);
    if (!code)
        code = lethe_exec_direction(exec, v, 1, err);
    if (code)
        return code;
    struct lethe_pass pass = {.exec = exec, .part = lethe_exec_jvp_part, .out = dlogits};
    lethe_exec_run(&pass);
    return LETHE_OK;
}
