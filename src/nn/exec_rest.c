/* SPDX-License-Identifier: MIT
 * Giving back what an executor's passes need, until the next one asks for it again: values kept for
 * a pass back, work space, filters in oneDNN's order. */
#include "base/alloc.h"
#include "nn/exec.h"
#include "nn/form.h"
#include "nn/onednn.h"

static size_t bytes_of_parts(const struct lethe_exec *exec)
{
    size_t numbers = 0;
    for (size_t p = 0; p < exec->part_room; p++) {
        const struct lethe_part *part = &exec->parts[p];
        numbers += (part->values ? exec->values.kept_size : 0) +
                   (part->adjoints ? exec->captured.kept_size : 0) +
                   (part->notes ? exec->forms[0].notes : 0);
    }
    return numbers * exec->bytes;
}

static size_t bytes_of_workers(const struct lethe_exec *exec)
{
    const struct lethe_memory_layout *t = &exec->tangents, *b = &exec->captured;
    size_t numbers = exec->tw ? exec->graph->size : 0;
    for (unsigned k = 0; k < exec->worker_count; k++) {
        const struct lethe_worker *worker = &exec->workers[k];
        numbers += worker->scratch_room + (worker->loose ? exec->loose_size : 0) +
                   (worker->dw ? exec->graph->size : 0) +
                   (worker->tangents ? t->kept_size + t->loose_size : 0) +
                   (worker->bends ? b->kept_size + b->loose_size : 0);
    }
    return numbers * exec->bytes;
}

static size_t bytes_of_filters(const struct lethe_exec *exec)
{
    size_t bytes = 0;
    for (size_t k = 0; k < 3; k++)
        for (size_t i = 0; exec->forms[k].onednn && i < exec->graph->node_count; i++)
            if (exec->forms[k].onednn[i])
                bytes += lethe_onednn_packed(exec->forms[k].onednn[i]);
    return bytes;
}

static void drop(char **block)
{
    lethe_free(*block);
    *block = NULL;
}

static void empty_worker(struct lethe_worker *worker)
{
    drop(&worker->scratch);
    drop(&worker->loose);
    drop(&worker->dw);
    drop(&worker->tangents);
    drop(&worker->bends);
    worker->scratch_room = 0;
    worker->x_part = worker->dx_part = NULL;
    worker->x_form = worker->dx_form = worker->tx_form = worker->ddx_form = NULL;
}

void lethe_exec_rest(struct lethe_exec *exec, size_t room)
{
    const size_t held = bytes_of_parts(exec) + bytes_of_workers(exec) + bytes_of_filters(exec);
    if (held <= room)
        return;
    exec->n = 0;
    exec->has_adjoints = 0;
    for (size_t p = 0; p < exec->part_room; p++) {
        drop(&exec->parts[p].values);
        drop(&exec->parts[p].adjoints);
        drop(&exec->parts[p].notes);
    }
    for (unsigned k = 0; k < exec->worker_count; k++)
        empty_worker(&exec->workers[k]);
    for (size_t k = 0; k < 3; k++)
        lethe_form_unpack(&exec->forms[k], exec->graph);
    drop(&exec->tw);
    lethe_alloc_trim(held);
}
