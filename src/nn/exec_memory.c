/* SPDX-License-Identifier: MIT
 * Life of an executor: forms, parts and what they keep. */
#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/exec.h"
#include "nn/gated_grads.h"
#include "nn/form.h"

enum {
    SMALL = 1 << 20,     /* bytes: a batch whose values need no more is one part */
    PART_BYTES = 1 << 19 /* bytes of the largest value of a part */
};

/* ---- parts ----------------------------------------------------------------------------------- */

/* The form for n samples; NULL with err filled. */
static const struct lethe_batch_form *form_of(struct lethe_exec *exec, size_t n,
                                              struct lethe_error *err)
{
    for (size_t k = 0; k < 3; k++)
        if (exec->forms[k].plan && exec->forms[k].plan->n == n) {
            exec->newest = k ? k : exec->newest;
            return &exec->forms[k];
        }
    struct lethe_plan *plan = lethe_plan_new(exec->graph, n, err);
    if (!plan)
        return NULL;
    exec->newest = 3 - exec->newest;
    struct lethe_batch_form *form = &exec->forms[exec->newest];
    lethe_form_release(form, exec->graph);
    lethe_exec_unbind(exec, form);
    return lethe_form_init(form, plan, exec, err) ? NULL : form;
}

enum lethe_err lethe_exec_divide(struct lethe_exec *exec, size_t n, struct lethe_error *err)
{
    size_t count = (n + exec->grain - 1) / exec->grain, rest = n - (count - 1) * exec->grain;
    const struct lethe_batch_form *last = form_of(exec, rest, err);
    if (!last)
        return err && err->code ? err->code : LETHE_EFORMAT;
    assert(count <= exec->part_room);
    for (size_t p = 0; p < count; p++) {
        struct lethe_part *part = &exec->parts[p];
        part->first = p * exec->grain;
        part->n = p + 1 < count ? exec->grain : rest;
        part->form = p + 1 < count ? &exec->forms[0] : last;
    }
    exec->part_count = count;
    return LETHE_OK;
}

/* A part's notes fit any form that has no more samples. */
static enum lethe_err keep_notes(struct lethe_exec *exec, struct lethe_error *err)
{
    const size_t size = exec->forms[0].notes;
    for (size_t p = 0; exec->noted && p < exec->part_count; p++) {
        if (exec->parts[p].notes)
            continue;
        exec->parts[p].notes = lethe_alloc_aligned(size + 1, exec->bytes);
        if (!exec->parts[p].notes)
            return lethe_fail_memory(err, "notes of a batch", size, exec->bytes);
        for (unsigned k = 0; k < exec->worker_count; k++)
            exec->workers[k].x_part = NULL;
    }
    return LETHE_OK;
}

enum lethe_err lethe_exec_keep(struct lethe_exec *exec, int adjoints, struct lethe_error *err)
{
    size_t size = adjoints ? exec->captured.kept_size : exec->values.kept_size;
    enum lethe_err code = adjoints ? LETHE_OK : keep_notes(exec, err);
    if (code)
        return code;
    for (size_t p = 0; p < exec->part_count; p++) {
        char **arena = adjoints ? &exec->parts[p].adjoints : &exec->parts[p].values;
        if (*arena)
            continue;
        *arena = lethe_alloc_aligned(size + 1, exec->bytes);
        if (!*arena)
            return lethe_fail_memory(err, adjoints ? "derivatives of a batch" : "a batch",
                                     exec->part_count * size, exec->bytes);
        for (unsigned k = 0; k < exec->worker_count; k++)
            exec->workers[k].x_part = exec->workers[k].dx_part = NULL;
    }
    return LETHE_OK;
}

/* Another layout needs so many loose numbers. */
static void make_room(struct lethe_exec *exec, size_t loose_size)
{
    if (loose_size <= exec->loose_size)
        return;
    exec->loose_size = loose_size;
    for (unsigned k = 0; k < exec->worker_count; k++) { /* equipped again at the next pass */
        lethe_free(exec->workers[k].loose);
        exec->workers[k].loose = NULL;
        exec->workers[k].x_form = exec->workers[k].dx_form = NULL;
        exec->workers[k].tx_form = exec->workers[k].ddx_form = NULL;
    }
}

enum lethe_err lethe_exec_lay_tape(struct lethe_memory_layout *layout,
                                   const struct lethe_exec *exec, const unsigned char *moved,
                                   struct lethe_error *err)
{
    const struct lethe_plan *plan = exec->forms[0].plan;
    unsigned char *keep = lethe_alloc_zero(exec->graph->value_count + 1, 1);
    if (!keep)
        return lethe_fail_memory(err, "the places of values", exec->graph->value_count, 1);
    lethe_layout_derived(keep, exec->graph, plan, moved);
    enum lethe_err code =
        lethe_memory_layout_init(layout, exec->graph, plan, keep, 0, exec->bytes, err);
    lethe_free(keep);
    return code;
}

void lethe_exec_retape(struct lethe_exec *exec, struct lethe_memory_layout *layout)
{
    lethe_memory_layout_release(&exec->taped);
    exec->taped = *layout;
    make_room(exec, layout->loose_size);
    for (size_t k = 0; k < 3; k++)
        if (exec->forms[k].plan)
            lethe_form_place_notes(&exec->forms[k], exec);
    for (size_t p = 0; p < exec->part_room; p++) {
        lethe_free(exec->parts[p].notes);
        exec->parts[p].notes = NULL;
    }
    for (unsigned k = 0; k < exec->worker_count; k++) {
        struct lethe_worker *worker = &exec->workers[k];
        worker->x_part = NULL;
        worker->dx_form = worker->tx_form = worker->ddx_form = NULL;
    }
}

void lethe_exec_recapture(struct lethe_exec *exec, struct lethe_memory_layout *layout)
{
    lethe_memory_layout_release(&exec->captured);
    exec->captured = *layout;
    make_room(exec, layout->loose_size);
    for (unsigned k = 0; k < exec->worker_count; k++)
        exec->workers[k].x_part = exec->workers[k].dx_part = NULL;
    for (size_t p = 0; p < exec->part_room; p++) {
        lethe_free(exec->parts[p].adjoints);
        exec->parts[p].adjoints = NULL;
    }
    exec->n = 0;
    exec->has_adjoints = 0;
}

/* ---- life ------------------------------------------------------------------------------------ */

/* Samples in a part, from the plan of the whole batch. */
static size_t choose_grain(const struct lethe_exec *exec, const struct lethe_plan *plan)
{
    size_t all = 0, largest = 1;
    for (size_t v = 0; v < exec->graph->value_count; v++) {
        const struct lethe_plan_value *value = &plan->values[v];
        if (value->known || value->root != v || !value->fed)
            continue;
        size_t size = lethe_shape_size(&value->shape);
        all += size;
        largest = size > largest ? size : largest;
    }
    if (exec->graph->literal || all <= SMALL / exec->bytes)
        return exec->batch;
    size_t each = (largest + exec->batch - 1) / exec->batch * exec->bytes;
    size_t grain = PART_BYTES / each;
    return grain < 1 ? 1 : grain < exec->batch ? grain : exec->batch;
}

static enum lethe_err lay_out(struct lethe_exec *exec, struct lethe_error *err)
{
    const struct lethe_graph *graph = exec->graph;
    const struct lethe_plan *plan = exec->forms[0].plan;
    unsigned char *again = lethe_alloc_zero(graph->value_count + 1, 1);
    unsigned char *derived = lethe_alloc_zero(graph->value_count + 1, 1);
    unsigned char *captured = lethe_alloc_zero(graph->value_count + 1, 1);
    enum lethe_err code = LETHE_OK;
    if (!again || !derived || !captured) {
        code = lethe_fail_memory(err, "the places of values", graph->value_count, 2);
        goto out;
    }
    lethe_layout_derived(derived, graph, plan, NULL);
    lethe_memory_layout_read_again(again, graph, plan);
    lethe_memory_layout_captured(captured, graph, plan);
    const struct {
        struct lethe_memory_layout *layout;
        const unsigned char *keep;
        int needs_only;
    } all[] = {{&exec->values, again, 0},
               {&exec->pure, NULL, 0},
               {&exec->captured, captured, 1},
               {&exec->lean, NULL, 1},
               {&exec->tangents, derived, 1}};
    for (size_t k = 0; k < sizeof all / sizeof *all && !code; k++) {
        code = lethe_memory_layout_init(all[k].layout, graph, plan, all[k].keep, all[k].needs_only,
                                        exec->bytes, err);
        if (!code && all[k].layout->loose_size > exec->loose_size)
            exec->loose_size = all[k].layout->loose_size;
    }
    if (!code)
        code = lethe_exec_lay_tape(&exec->taped, exec, NULL, err);
    if (!code && exec->taped.loose_size > exec->loose_size)
        exec->loose_size = exec->taped.loose_size;
out:
    lethe_free(again);
    lethe_free(derived);
    lethe_free(captured);
    return code;
}

/* The form of a full part. */
static enum lethe_err first_form(struct lethe_exec *exec, struct lethe_error *err)
{
    struct lethe_plan *plan = lethe_plan_new(exec->graph, exec->batch, err);
    if (!plan)
        return err && err->code ? err->code : LETHE_EFORMAT;
    exec->grain = choose_grain(exec, plan);
    if (exec->grain != exec->batch) {
        lethe_plan_free(plan);
        plan = lethe_plan_new(exec->graph, exec->grain, err);
        if (!plan)
            return err && err->code ? err->code : LETHE_EFORMAT;
    }
    exec->logits = lethe_shape_size(&plan->values[exec->graph->outputs[0]].shape) / exec->grain;
    return lethe_form_init(&exec->forms[0], plan, exec, err);
}

struct lethe_exec *lethe_exec_new(struct lethe_graph *graph, enum lethe_dtype dtype, size_t batch,
                                  struct lethe_error *err)
{
    struct lethe_exec *exec = lethe_alloc_zero(1, sizeof *exec);
    if (!exec) {
        lethe_fail_memory(err, "an executor", 1, sizeof *exec);
        return NULL;
    }
    size_t weights = graph->size + graph->buffers + 1;
    pthread_mutex_init(&exec->lock, NULL);
    pthread_cond_init(&exec->next, NULL);
    exec->graph = lethe_graph_ref(graph);
    exec->dtype = dtype;
    exec->batch = batch;
    exec->bytes = dtype == LETHE_F32 ? sizeof(float) : sizeof(double);
    exec->version = 1;
    exec->newest = 1;
    exec->stale = lethe_alloc_zero(graph->value_count + 1, 1);
    exec->reached = lethe_alloc_zero(graph->node_count + 1, 1);
    exec->w = lethe_alloc_aligned(weights, exec->bytes);
    exec->changed = lethe_alloc_zero(graph->param_count + 1, sizeof *exec->changed);
    if (!exec->stale || !exec->reached || !exec->w || !exec->changed) {
        lethe_fail_memory(err, "weights", weights, exec->bytes);
        goto fail;
    }
    memset(exec->w, 0, weights * exec->bytes);
    for (size_t p = 0; p < graph->param_count; p++)
        exec->changed[p] = exec->version;
    if (first_form(exec, err) || lay_out(exec, err))
        goto fail;
    exec->part_room = (batch + exec->grain - 1) / exec->grain;
    exec->parts = lethe_alloc_zero(exec->part_room + 1, sizeof *exec->parts);
    if (!exec->parts) {
        lethe_fail_memory(err, "a batch", exec->part_room, sizeof *exec->parts);
        goto fail;
    }
    if (lethe_exec_hire(exec, 1, err) || lethe_gated_grads_new(&exec->gated, exec, err))
        goto fail;
    return exec;
fail:
    lethe_exec_free(exec);
    return NULL;
}

void lethe_exec_free(struct lethe_exec *exec)
{
    if (!exec)
        return;
    lethe_exec_dismiss(exec);
    lethe_gated_grads_free(exec->gated);
    for (size_t k = 0; k < 3; k++)
        lethe_form_release(&exec->forms[k], exec->graph);
    lethe_memory_layout_release(&exec->values);
    lethe_memory_layout_release(&exec->pure);
    lethe_memory_layout_release(&exec->captured);
    lethe_memory_layout_release(&exec->lean);
    lethe_memory_layout_release(&exec->taped);
    lethe_memory_layout_release(&exec->tangents);
    for (size_t p = 0; exec->parts && p < exec->part_room; p++) {
        lethe_free(exec->parts[p].values);
        lethe_free(exec->parts[p].notes);
        lethe_free(exec->parts[p].adjoints);
    }
    lethe_free(exec->parts);
    lethe_free(exec->w);
    lethe_free(exec->changed);
    lethe_free(exec->tw);
    lethe_free(exec->cut);
    lethe_free(exec->below);
    lethe_free(exec->moved);
    lethe_free(exec->stale);
    lethe_free(exec->reached);
    pthread_cond_destroy(&exec->next);
    pthread_mutex_destroy(&exec->lock);
    lethe_graph_unref(exec->graph);
    lethe_free(exec);
}

size_t lethe_exec_batch(const struct lethe_exec *exec)
{
    return exec->batch;
}
