/* SPDX-License-Identifier: MIT
 * Those who run the parts of a batch: their memory, and the tables that tell kernels where a part's
 * values, adjoints and tangents lie. */
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "nn/exec.h"
#include "nn/form.h"

/* ---- pointers -------------------------------------------------------------------------------- */

/* Where a value, its adjoint or its tangent lies. */
static void *place(const struct lethe_exec *exec, const struct lethe_plan *plan, size_t v,
                   const struct lethe_memory_layout *layout, char *kept, char *loose, char *weights)
{
    const struct lethe_graph *graph = exec->graph;
    size_t root = plan->values[v].root, param = graph->values[root].param;
    if (graph->values[root].kind == LETHE_VALUE_TENSOR && param != LETHE_NONE)
        return weights ? weights + graph->params[param].offset * exec->bytes : NULL;
    size_t offset = layout->offset[root];
    char *arena = layout->kept[root] ? kept : loose;
    return arena && offset != LETHE_NONE ? arena + offset * exec->bytes : NULL;
}

const void *lethe_exec_kept_value(const struct lethe_exec *exec, const struct lethe_part *part,
                                  size_t v)
{
    return place(exec, part->form->plan, v, &exec->values, part->values, NULL, exec->w);
}

const void *lethe_exec_kept_adjoint(const struct lethe_exec *exec, const struct lethe_part *part,
                                    size_t v)
{
    if (!part->form->plan->values[v].needs)
        return NULL;
    return place(exec, part->form->plan, v, &exec->captured, part->adjoints, NULL, NULL);
}

static void point_constants(const struct lethe_exec *exec, struct lethe_worker *worker,
                            const struct lethe_batch_form *form)
{
    char *at = form->consts;
    for (size_t v = 0; v < exec->graph->value_count; v++) {
        const struct lethe_plan_value *value = &form->plan->values[v];
        if (!value->known)
            continue;
        worker->x[v] = at ? (void *)at : (void *)value->data;
        at = at ? at + lethe_shape_size(&value->shape) * exec->bytes : NULL;
    }
}

enum table { TABLE_X, TABLE_DX, TABLE_TX, TABLE_DDX };

static void fill_calls(const struct lethe_exec *exec, struct lethe_worker *worker, enum table which)
{
    for (size_t i = 0; i < exec->graph->node_count; i++) {
        const struct lethe_node *node = &exec->graph->nodes[i];
        struct lethe_data *data = &worker->calls[i];
        void **const to[] = {data->x, data->dx, data->tx, worker->bent[i].dx};
        void **const from[] = {worker->x, worker->dx, worker->tx, worker->ddx};
        for (size_t k = 0; k < node->in_count + node->out_count; k++) {
            size_t v = k < node->in_count ? node->in[k] : node->out[k - node->in_count];
            to[which][k] = v == LETHE_NONE ? NULL : from[which][v];
        }
    }
}

void lethe_exec_bind_values(const struct lethe_exec *exec, struct lethe_worker *worker,
                            const struct lethe_part *part, unsigned key)
{
    const struct lethe_batch_form *form = part->form;
    key &= LETHE_BIND_PURE | LETHE_BIND_TAPED;
    if (worker->x_part == part && worker->x_form == form && worker->x_key == key)
        return;
    const struct lethe_memory_layout *layout = key & LETHE_BIND_PURE    ? &exec->pure
                                               : key & LETHE_BIND_TAPED ? &exec->taped
                                                                        : &exec->values;
    if (worker->x_form != form)
        point_constants(exec, worker, form);
    for (size_t v = 0; v < exec->graph->value_count; v++)
        if (!form->plan->values[v].known)
            worker->x[v] = place(exec, form->plan, v, layout, part->values, worker->loose, exec->w);
    const int noted = part->notes && (key & LETHE_BIND_TAPED || (exec->noted && key == 0));
    fill_calls(exec, worker, TABLE_X);
    for (size_t i = 0; i < exec->graph->node_count; i++) {
        const struct lethe_node *node = &exec->graph->nodes[i];
        struct lethe_data *data = &worker->calls[i];
        data->scratch = worker->scratch;
        data->note =
            noted && form->note[i] != LETHE_NONE ? part->notes + form->note[i] * exec->bytes : NULL;
        data->onednn = form->onednn ? form->onednn[i] : NULL;
        data->packed =
            data->onednn &&
            exec->graph->values[form->plan->values[node->in[1]].root].param != LETHE_NONE;
    }
    worker->x_part = part;
    worker->x_form = form;
    worker->x_key = key;
}

void lethe_exec_bind_adjoints(const struct lethe_exec *exec, struct lethe_worker *worker,
                              const struct lethe_part *part, unsigned key)
{
    const struct lethe_plan *plan = part->form->plan;
    key &= LETHE_BIND_CAPTURED | LETHE_BIND_PARAMS;
    if (worker->dx_part == part && worker->dx_form == part->form && worker->dx_key == key)
        return;
    const struct lethe_memory_layout *layout =
        key & LETHE_BIND_CAPTURED ? &exec->captured : &exec->lean;
    char *dw = key & LETHE_BIND_PARAMS ? worker->dw : NULL;
    for (size_t v = 0; v < exec->graph->value_count; v++)
        worker->dx[v] = lethe_exec_moves(exec, plan, v)
                            ? place(exec, plan, v, layout, part->adjoints, worker->loose, dw)
                            : NULL;
    fill_calls(exec, worker, TABLE_DX);
    worker->dx_part = part;
    worker->dx_form = part->form;
    worker->dx_key = key;
}

void lethe_exec_bind_tangents(const struct lethe_exec *exec, struct lethe_worker *worker,
                              const struct lethe_part *part, unsigned key)
{
    const struct lethe_plan *plan = part->form->plan;
    key &= LETHE_BIND_CURVED;
    if (worker->tx_form == part->form && worker->tx_key == key)
        return;
    const struct lethe_memory_layout *layout = key ? &exec->tangents : &exec->lean;
    char *loose = key ? worker->tangents + layout->kept_size * exec->bytes : worker->loose;
    for (size_t v = 0; v < exec->graph->value_count; v++)
        worker->tx[v] = lethe_exec_moves(exec, plan, v)
                            ? place(exec, plan, v, layout, worker->tangents, loose, exec->tw)
                            : NULL;
    fill_calls(exec, worker, TABLE_TX);
    worker->tx_form = part->form;
    worker->tx_key = key;
}

void lethe_exec_bind_bends(const struct lethe_exec *exec, struct lethe_worker *worker,
                           const struct lethe_part *part, unsigned key)
{
    const struct lethe_plan *plan = part->form->plan;
    key &= LETHE_BIND_PARAMS;
    if (worker->ddx_form == part->form && worker->ddx_key == key)
        return;
    char *loose = worker->bends + exec->captured.kept_size * exec->bytes;
    char *dw = key ? worker->dw : NULL;
    for (size_t v = 0; v < exec->graph->value_count; v++)
        worker->ddx[v] = lethe_exec_moves(exec, plan, v)
                             ? place(exec, plan, v, &exec->captured, worker->bends, loose, dw)
                             : NULL;
    fill_calls(exec, worker, TABLE_DDX);
    worker->ddx_form = part->form;
    worker->ddx_key = key;
}

void lethe_exec_unbind(struct lethe_exec *exec, const struct lethe_batch_form *form)
{
    for (unsigned k = 0; k < exec->worker_count; k++) {
        struct lethe_worker *worker = &exec->workers[k];
        worker->x_form = worker->x_form == form ? NULL : worker->x_form;
        worker->dx_form = worker->dx_form == form ? NULL : worker->dx_form;
        worker->tx_form = worker->tx_form == form ? NULL : worker->tx_form;
        worker->ddx_form = worker->ddx_form == form ? NULL : worker->ddx_form;
    }
}

/* ---- workers --------------------------------------------------------------------------------- */

static int make_calls(struct lethe_worker *worker, const struct lethe_graph *graph)
{
    worker->calls =
        lethe_arena_alloc(&worker->tables, graph->node_count + 1, sizeof *worker->calls);
    worker->bent = lethe_arena_alloc(&worker->tables, graph->node_count + 1, sizeof *worker->bent);
    for (size_t i = 0; worker->calls && worker->bent && i < graph->node_count; i++) {
        const struct lethe_node *node = &graph->nodes[i];
        size_t ends = node->in_count + node->out_count;
        struct lethe_data *data = &worker->calls[i];
        void **table = lethe_arena_alloc(&worker->tables, 4 * ends + 1, sizeof *table);
        if (!table)
            return 0;
        worker->bent[i].dx = table + 3 * ends;
        data->x = table;
        data->y = data->x + node->in_count;
        data->dx = table + ends;
        data->dy = data->dx + node->in_count;
        data->tx = table + 2 * ends;
        data->ty = data->tx + node->in_count;
    }
    return worker->calls && worker->bent;
}

static int worker_init(struct lethe_worker *worker, const struct lethe_graph *graph)
{
    size_t values = graph->value_count + 1;
    worker->x = lethe_alloc_zero(values, sizeof *worker->x);
    worker->dx = lethe_alloc_zero(values, sizeof *worker->dx);
    worker->tx = lethe_alloc_zero(values, sizeof *worker->tx);
    worker->ddx = lethe_alloc_zero(values, sizeof *worker->ddx);
    worker->begun = lethe_alloc_zero(2 * values, 1);
    worker->bent_begun = worker->begun + values;
    return worker->x && worker->dx && worker->tx && worker->ddx && worker->begun &&
           make_calls(worker, graph);
}

static void worker_release(struct lethe_worker *worker)
{
    lethe_free(worker->x);
    lethe_free(worker->dx);
    lethe_free(worker->tx);
    lethe_free(worker->ddx);
    lethe_free(worker->begun);
    lethe_free(worker->tangents);
    lethe_free(worker->bends);
    lethe_free(worker->scratch);
    lethe_free(worker->loose);
    lethe_free(worker->dw);
    lethe_arena_release(&worker->tables);
}

static enum lethe_err grow(char **block, size_t *room, size_t size, size_t bytes, const char *what,
                           struct lethe_error *err)
{
    if (*block && (!room || *room >= size))
        return LETHE_OK;
    char *larger = lethe_alloc_aligned(size + 1, bytes);
    if (!larger)
        return lethe_fail_memory(err, what, size + 1, bytes);
    lethe_free(*block);
    *block = larger;
    if (room)
        *room = size;
    return LETHE_OK;
}

enum lethe_err lethe_exec_equip_curved(struct lethe_exec *exec, struct lethe_error *err)
{
    const struct lethe_memory_layout *t = &exec->tangents, *b = &exec->captured;
    enum lethe_err code = LETHE_OK;
    for (unsigned k = 0; k < exec->worker_count && !code; k++) {
        struct lethe_worker *worker = &exec->workers[k];
        code = grow(&worker->tangents, NULL, t->kept_size + t->loose_size, exec->bytes,
                    "tangents of a batch", err);
        if (!code)
            code = grow(&worker->bends, NULL, b->kept_size + b->loose_size, exec->bytes,
                        "second derivatives of a batch", err);
    }
    return code;
}

static enum lethe_err equip_worker(struct lethe_exec *exec, struct lethe_worker *worker,
                                   size_t scratch, int gradient, struct lethe_error *err)
{
    const char *before = worker->scratch;
    enum lethe_err code =
        grow(&worker->scratch, &worker->scratch_room, scratch, exec->bytes, "scratch", err);
    if (!code)
        code = grow(&worker->loose, NULL, exec->loose_size, exec->bytes, "a batch", err);
    if (!code && gradient)
        code = grow(&worker->dw, NULL, exec->graph->size, exec->bytes, "a gradient", err);
    if (worker->scratch != before)
        worker->x_part = NULL; /* point to it again */
    return code;
}

enum lethe_err lethe_exec_equip(struct lethe_exec *exec, int backward, int gradient,
                                struct lethe_error *err)
{
    size_t scratch = 0;
    enum lethe_err code = LETHE_OK;
    for (size_t k = 0; k < 3; k++) {
        struct lethe_batch_form *form = &exec->forms[k];
        if (form != exec->parts[0].form && form != exec->parts[exec->part_count - 1].form)
            continue;
        if (backward)
            lethe_form_backward_too(form, exec->graph);
        lethe_form_pack(form, exec);
        scratch = form->scratch > scratch ? form->scratch : scratch;
    }
    for (unsigned k = 0; k < exec->worker_count && !code; k++)
        code = equip_worker(exec, &exec->workers[k], scratch, gradient, err);
    return code;
}

void lethe_exec_dismiss(struct lethe_exec *exec)
{
    lethe_threads_free(exec->pool);
    for (unsigned k = 0; k < exec->worker_count; k++)
        worker_release(&exec->workers[k]);
    lethe_free(exec->workers);
    exec->pool = NULL;
    exec->workers = NULL;
    exec->worker_count = 0;
}

enum lethe_err lethe_exec_hire(struct lethe_exec *exec, unsigned threads, struct lethe_error *err)
{
    struct lethe_threads *pool = NULL;
    struct lethe_worker *workers = lethe_alloc_zero(threads, sizeof *workers);
    int ok = workers != NULL;
    for (unsigned k = 0; ok && k < threads; k++)
        ok = worker_init(&workers[k], exec->graph);
    enum lethe_err code =
        ok ? LETHE_OK : lethe_fail_memory(err, "workers", threads, sizeof *workers);
    if (!code && threads > 1)
        code = lethe_threads_new(&pool, threads, err);
    if (!code) {
        lethe_exec_dismiss(exec);
        exec->pool = pool;
        exec->workers = workers;
        exec->worker_count = threads;
        return LETHE_OK;
    }
    for (unsigned k = 0; workers && k < threads; k++)
        worker_release(&workers[k]);
    lethe_free(workers);
    return code;
}

enum lethe_err lethe_exec_threads(struct lethe_exec *exec, unsigned threads,
                                  struct lethe_error *err)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const size_t parts = (exec->batch + exec->grain - 1) / exec->grain;
    if (threads == 0)
        threads = processors > 0 ? (unsigned)processors : 1;
    if (threads > parts)
        threads = (unsigned)parts;
    if (threads > LETHE_EXEC_GROUPS)
        threads = LETHE_EXEC_GROUPS;
    return threads == exec->worker_count ? LETHE_OK : lethe_exec_hire(exec, threads, err);
}
