/* SPDX-License-Identifier: MIT
 * Everything oneDNN cannot have (or has no memory for) stays with our own kernels. */
#include "nn/form.h"

#include <string.h>

#include "base/alloc.h"
#include "nn/onednn.h"

static int convert_constants(struct lethe_batch_form *form, const struct lethe_exec *exec)
{
    size_t room = 1; /* one spare: all constants may be empty */
    for (size_t v = 0; v < exec->graph->value_count; v++)
        if (form->plan->values[v].known)
            room += lethe_shape_size(&form->plan->values[v].shape);
    form->consts = lethe_alloc(room, exec->bytes);
    char *at = form->consts;
    for (size_t v = 0; at && v < exec->graph->value_count; v++) {
        const struct lethe_plan_value *value = &form->plan->values[v];
        if (!value->known)
            continue;
        size_t size = lethe_shape_size(&value->shape);
        lethe_exec_write(at, value->data, size, exec);
        at += size * exec->bytes;
    }
    return form->consts != NULL;
}

/* Notes lie 64 bytes apart at least. */
void lethe_form_place_notes(struct lethe_batch_form *form, const struct lethe_exec *exec)
{
    enum { APART = 16 };
    const struct lethe_graph *graph = exec->graph;
    form->notes = 0;
    for (size_t i = 0; i < graph->node_count; i++)
        form->note[i] = LETHE_NONE;
    for (size_t i = 0; i < form->plan->call_count; i++) {
        const struct lethe_op_call *call = &form->plan->calls[i];
        if (!call->notes || !call->op->note[0] ||
            !lethe_exec_moves(exec, form->plan, call->node->out[0]))
            continue;
        form->note[call->node - graph->nodes] = form->notes;
        form->notes += (call->notes + APART) / APART * APART;
    }
}

static void measure_scratch(struct lethe_batch_form *form, size_t nodes)
{
    form->scratch = form->plan->scratch;
    for (size_t i = 0; form->onednn && i < nodes; i++) {
        size_t more = form->onednn[i] ? lethe_onednn_scratch(form->onednn[i]) : 0;
        form->scratch = more > form->scratch ? more : form->scratch;
    }
}

static int give_to_onednn(struct lethe_batch_form *form, const struct lethe_graph *graph)
{
    form->onednn = lethe_alloc_zero(graph->node_count + 1, sizeof(struct lethe_onednn *));
    form->packed = lethe_alloc_zero(graph->node_count + 1, sizeof *form->packed);
    if (!form->packed)
        return 0;
    for (size_t i = 0; form->onednn && i < form->plan->call_count; i++) {
        const struct lethe_op_call *call = &form->plan->calls[i];
        if (!strcmp(call->op->name, "Conv"))
            form->onednn[call->node - graph->nodes] = lethe_onednn_new(call);
    }
    return form->onednn != NULL;
}

enum lethe_err lethe_form_init(struct lethe_batch_form *form, struct lethe_plan *plan,
                               const struct lethe_exec *exec, struct lethe_error *err)
{
    *form = (struct lethe_batch_form){.plan = plan};
    form->note = lethe_alloc(exec->graph->node_count + 1, sizeof *form->note);
    if (!form->note || (exec->dtype == LETHE_F32 &&
                        (!convert_constants(form, exec) || !give_to_onednn(form, exec->graph)))) {
        lethe_form_release(form, exec->graph);
        return lethe_fail_memory(err, "constants", exec->graph->value_count, exec->bytes);
    }
    lethe_form_place_notes(form, exec);
    measure_scratch(form, exec->graph->node_count);
    return LETHE_OK;
}

void lethe_form_release(struct lethe_batch_form *form, const struct lethe_graph *graph)
{
    for (size_t i = 0; form->onednn && i < graph->node_count; i++)
        lethe_onednn_free(form->onednn[i]);
    lethe_free(form->onednn);
    lethe_free(form->packed);
    lethe_free(form->note);
    lethe_free(form->consts);
    lethe_plan_free(form->plan);
    *form = (struct lethe_batch_form){0};
}

void lethe_form_backward_too(struct lethe_batch_form *form, const struct lethe_graph *graph)
{
    if (form->backward)
        return;
    for (size_t i = 0; form->onednn && i < graph->node_count; i++) {
        if (form->onednn[i])
            lethe_onednn_backward_too(form->onednn[i]);
        form->packed[i] = 0;
    }
    form->backward = 1;
    measure_scratch(form, graph->node_count);
}

void lethe_form_pack(struct lethe_batch_form *form, const struct lethe_exec *exec)
{
    const struct lethe_graph *graph = exec->graph;
    for (size_t i = 0; form->onednn && i < graph->node_count; i++) {
        if (!form->onednn[i])
            continue;
        size_t param = graph->values[form->plan->values[graph->nodes[i].in[1]].root].param;
        if (param == LETHE_NONE || form->packed[i] == exec->changed[param])
            continue; /* computed ones are put in order at every call */
        const char *w = exec->w + graph->params[param].offset * exec->bytes;
        lethe_onednn_pack(form->onednn[i], (const float *)(const void *)w);
        form->packed[i] = exec->changed[param];
    }
}

void lethe_form_unpack(struct lethe_batch_form *form, const struct lethe_graph *graph)
{
    for (size_t i = 0; form->onednn && i < graph->node_count; i++) {
        if (form->onednn[i])
            lethe_onednn_unpack(form->onednn[i]);
        form->packed[i] = 0;
    }
}
