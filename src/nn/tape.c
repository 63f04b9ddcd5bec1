/* SPDX-License-Identifier: MIT
 * Passes over a tape. An executor works on the parts it has; a tape has parts of its own and lends
 * them to the executor for the time of a pass. */
#include "nn/tape.h"

#include <string.h>

#include "base/alloc.h"
#include "nn/exec.h"

struct lethe_tape {
    struct lethe_exec *exec; /* borrowed */
    size_t n, part_count;
    struct lethe_part *parts;
};

/* ---- life ------------------------------------------------------------------------------------ */

static size_t parts_of(const struct lethe_exec *exec, size_t n)
{
    return (n + exec->grain - 1) / exec->grain;
}

size_t lethe_tape_bytes(const struct lethe_exec *exec, size_t n)
{
    return parts_of(exec, n) * (exec->taped.kept_size + exec->forms[0].notes) * exec->bytes;
}

/* Tables of workers point into parts that may be gone. */
static void forget_tables(struct lethe_exec *exec)
{
    for (unsigned k = 0; k < exec->worker_count; k++)
        exec->workers[k].x_part = exec->workers[k].dx_part = NULL;
}

static struct lethe_part *lend(const struct lethe_tape *tape)
{
    struct lethe_exec *exec = tape->exec;
    struct lethe_part *own = exec->parts;
    exec->n = 0;
    exec->has_adjoints = 0;
    exec->parts = tape->parts;
    exec->part_count = tape->part_count;
    return own;
}

static void take_back(const struct lethe_tape *tape, struct lethe_part *own)
{
    tape->exec->parts = own;
    tape->exec->part_count = 0;
}

/* Samples shared out, and memory for what the parts keep. */
static enum lethe_err divide(struct lethe_tape *tape, struct lethe_error *err)
{
    struct lethe_exec *exec = tape->exec;
    struct lethe_part *own = lend(tape);
    enum lethe_err code = lethe_exec_divide(exec, tape->n, err);
    take_back(tape, own);
    for (size_t p = 0; !code && p < tape->part_count; p++) {
        struct lethe_part *part = &tape->parts[p];
        part->values = lethe_alloc_aligned(exec->taped.kept_size + 1, exec->bytes);
        part->notes = lethe_alloc_aligned(part->form->notes + 1, exec->bytes);
        if (!part->values || !part->notes)
            code = lethe_fail_memory(err, "passes that are kept",
                                     exec->taped.kept_size + part->form->notes, exec->bytes);
    }
    return code;
}

enum lethe_err lethe_tape_new(struct lethe_tape **tape, struct lethe_exec *exec, size_t n,
                              struct lethe_error *err)
{
    if (n == 0 || n > exec->batch)
        return lethe_fail(err, LETHE_EARG, "a batch of %zu samples; this executor takes 1 to %zu",
                          n, exec->batch);
    struct lethe_tape *made = lethe_alloc_zero(1, sizeof *made);
    if (made)
        made->parts = lethe_alloc_zero(parts_of(exec, n), sizeof *made->parts);
    if (!made || !made->parts) {
        lethe_free(made);
        return lethe_fail_memory(err, "passes that are kept", parts_of(exec, n),
                                 sizeof *made->parts);
    }
    made->exec = exec;
    made->n = n;
    made->part_count = parts_of(exec, n);
    enum lethe_err code = divide(made, err);
    if (code)
        lethe_tape_free(made);
    else
        *tape = made;
    return code;
}

void lethe_tape_free(struct lethe_tape *tape)
{
    if (!tape)
        return;
    forget_tables(tape->exec);
    for (size_t p = 0; p < tape->part_count; p++) {
        lethe_free(tape->parts[p].values);
        lethe_free(tape->parts[p].notes);
    }
    lethe_free(tape->parts);
    lethe_free(tape);
}

/* ---- directions ------------------------------------------------------------------------------ */

enum lethe_err lethe_tape_support(struct lethe_exec *exec, const unsigned char *support,
                                  struct lethe_error *err)
{
    return lethe_exec_support(exec, support, err);
}

enum lethe_err lethe_tape_direction(struct lethe_exec *exec, const double *v, double by,
                                    struct lethe_error *err)
{
    return lethe_exec_direction(exec, v, by, err);
}

const char *lethe_tape_rough(const struct lethe_exec *exec)
{
    const struct lethe_plan *plan = exec->forms[0].plan;
    for (size_t i = 0; i < plan->call_count; i++) {
        const struct lethe_op *op = plan->calls[i].op;
        const size_t y = plan->calls[i].node->out[0];
        if (y != LETHE_NONE && plan->values[y].needs && !op->backward_jvp[exec->dtype] &&
            !(op->flags & (LETHE_OP_VIEW | LETHE_OP_FLAT)))
            return op->name;
    }
    return NULL;
}

/* ---- parts of a pass ------------------------------------------------------------------------- */

static int stopped(const struct lethe_pass *pass)
{
    const struct lethe_tape_pass *tape = pass->tape;
    return tape->stop && atomic_load_explicit(tape->stop, memory_order_relaxed);
}

static void jvp_part(struct lethe_pass *pass, struct lethe_worker *worker,
                     const struct lethe_part *part)
{
    if (!stopped(pass))
        lethe_exec_jvp_part(pass, worker, part);
}

static void vjp_part(struct lethe_pass *pass, struct lethe_worker *worker,
                     const struct lethe_part *part)
{
    if (!stopped(pass))
        lethe_exec_backward_part(pass, worker, part);
}

static void ggn_part(struct lethe_pass *pass, struct lethe_worker *worker,
                     const struct lethe_part *part)
{
    const struct lethe_tape_pass *tape = pass->tape;
    if (stopped(pass))
        return;
    lethe_exec_jvp_part(pass, worker, part);
    tape->weigh(tape->context, pass->out + part->first * pass->exec->logits, part->first, part->n);
    lethe_exec_backward_part(pass, worker, part);
}

/* rows of a top value's adjoints or their tangents. */
static void begin_top(const struct lethe_exec *exec, const struct lethe_adjoints *adjoints,
                      const struct lethe_part *part, const double *rows)
{
    const size_t top = exec->graph->outputs[0];
    memset(adjoints->begun, 0, exec->graph->value_count);
    if (!adjoints->dx[top])
        return;
    lethe_exec_write(adjoints->dx[top], rows + part->first * exec->logits, part->n * exec->logits,
                     exec);
    adjoints->begun[part->form->plan->values[top].root] = 1;
}

/* A call backward: its adjoints, their tangents as if x and y stood still, and what those add. */
static void bend_call(const struct lethe_exec *exec, struct lethe_worker *worker,
                      const struct lethe_plan *plan, const struct lethe_op_call *call)
{
    const struct lethe_adjoints plain = {worker->dx, worker->begun};
    const struct lethe_adjoints bent = {worker->ddx, worker->bent_begun};
    const size_t node = (size_t)(call->node - exec->graph->nodes);
    struct lethe_data *data = &worker->calls[node], moved = *data;
    lethe_kernel *bend = call->op->backward_jvp[exec->dtype];
    data->fresh = lethe_exec_begin(exec, &plain, plan, call);
    call->op->backward[exec->dtype](call, data);
    moved.dx = worker->bent[node].dx;
    moved.dy = moved.dx + call->node->in_count;
    moved.fresh = lethe_exec_begin(exec, &bent, plan, call);
    call->op->backward[exec->dtype](call, &moved);
    moved.dy = data->dy;
    moved.fresh = 0;
    if (bend)
        bend(call, &moved);
}

static void read_layers(const struct lethe_pass *pass, const struct lethe_worker *worker,
                        const struct lethe_part *part)
{
    const struct lethe_exec *exec = pass->exec;
    const struct lethe_plan *plan = part->form->plan;
    for (size_t k = 0; k < pass->tape->layer_count; k++) {
        const struct lethe_tape_layer *to = &pass->tape->layers[k];
        const struct lethe_layer_info *layer = &exec->graph->layers[to->layer];
        const size_t units = layer->pub.units, inputs = layer->pub.fan_in;
        const size_t x = exec->graph->nodes[layer->sites[0].node].in[0];
        double *input = to->input + part->first * inputs, *delta = to->delta + part->first * units;
        memset(input, 0, part->n * inputs * sizeof *input);
        memset(delta, 0, part->n * units * sizeof *delta);
        if (worker->tx[x])
            lethe_exec_read(input, worker->tx[x], part->n * inputs, exec);
        for (size_t s = 0; s < layer->site_count; s++) {
            const size_t y = layer->sites[s].preact;
            if (worker->ddx[y] && worker->bent_begun[plan->values[y].root])
                lethe_exec_add_site(delta, exec, layer, &layer->sites[s], worker->ddx[y], part->n);
        }
    }
}

static void hvp_part(struct lethe_pass *pass, struct lethe_worker *worker,
                     const struct lethe_part *part)
{
    const struct lethe_exec *exec = pass->exec;
    const struct lethe_tape_pass *tape = pass->tape;
    const struct lethe_plan *plan = part->form->plan;
    if (stopped(pass))
        return;
    lethe_exec_jvp_part(pass, worker, part);
    tape->weigh(tape->context, pass->out + part->first * exec->logits, part->first, part->n);
    lethe_exec_bind_adjoints(exec, worker, part, 0);
    lethe_exec_bind_bends(exec, worker, part, pass->key);
    begin_top(exec, &(struct lethe_adjoints){worker->dx, worker->begun}, part, tape->dlogits);
    begin_top(exec, &(struct lethe_adjoints){worker->ddx, worker->bent_begun}, part, pass->out);
    for (size_t i = plan->call_count; i-- > 0;) {
        const struct lethe_op_call *call = &plan->calls[i];
        if (!(call->op->flags & LETHE_OP_VIEW) && lethe_exec_moves(exec, plan, call->node->out[0]))
            bend_call(exec, worker, plan, call);
    }
    read_layers(pass, worker, part);
}

/* ---- passes ---------------------------------------------------------------------------------- */

static enum lethe_err run(struct lethe_tape *tape, struct lethe_pass *pass, struct lethe_error *err)
{
    struct lethe_exec *exec = tape->exec;
    struct lethe_part *own = lend(tape);
    const int backward = pass->part != lethe_exec_forward_part && pass->part != jvp_part;
    enum lethe_err code = lethe_exec_equip(exec, backward, pass->grad != NULL, err);
    if (!code && pass->key & LETHE_BIND_CURVED)
        code = lethe_exec_equip_curved(exec, err);
    pass->exec = exec;
    pass->key |= LETHE_BIND_TAPED | (pass->grad ? LETHE_BIND_PARAMS : 0);
    if (!code)
        lethe_exec_run(pass);
    take_back(tape, own);
    return code;
}

enum lethe_err lethe_tape_record(struct lethe_tape *tape, double *logits,
                                 const double *const *inputs, struct lethe_error *err)
{
    struct lethe_pass pass = {.part = lethe_exec_forward_part, .inputs = inputs, .out = logits};
    return run(tape, &pass, err);
}

enum lethe_err lethe_tape_jvp(struct lethe_tape *tape, struct lethe_tape_pass *pass,
                              struct lethe_error *err)
{
    struct lethe_pass over = {.part = jvp_part, .tape = pass, .out = pass->moved};
    return run(tape, &over, err);
}

enum lethe_err lethe_tape_vjp(struct lethe_tape *tape, struct lethe_tape_pass *pass,
                              struct lethe_error *err)
{
    struct lethe_pass over = {
        .part = vjp_part, .tape = pass, .in = pass->dlogits, .grad = pass->grad};
    return run(tape, &over, err);
}

enum lethe_err lethe_tape_ggn(struct lethe_tape *tape, struct lethe_tape_pass *pass,
                              struct lethe_error *err)
{
    struct lethe_pass over = {
        .part = ggn_part, .tape = pass, .in = pass->moved, .out = pass->moved, .grad = pass->grad};
    return run(tape, &over, err);
}

enum lethe_err lethe_tape_hvp(struct lethe_tape *tape, struct lethe_tape_pass *pass,
                              struct lethe_error *err)
{
    const char *rough = lethe_tape_rough(tape->exec);
    if (rough)
        return lethe_fail(err, LETHE_EARG, "the second derivative of '%s' is not known", rough);
    struct lethe_pass over = {.part = hvp_part,
                              .key = LETHE_BIND_CURVED,
                              .tape = pass,
                              .out = pass->moved,
                              .grad = pass->grad};
    return run(tape, &over, err);
}
