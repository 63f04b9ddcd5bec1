/* SPDX-License-Identifier: MIT
 * Where the batch stands in shapes of a file that fixes its batch size; see loose_batch.c. */
#include "nn/prepare.h"

size_t lethe_prepare_batch_axis(const struct lethe_prepare *p, size_t k)
{
    const struct lethe_shape *now = &p->in[k]->shape;
    if (!p->graph->loose || p->plan->n == p->graph->file_batch)
        return LETHE_NONE;
    const struct lethe_shape *file = &p->graph->file_shapes[p->node->in[k]];
    size_t found = LETHE_NONE;
    for (size_t d = 0; d < now->ndim && now->ndim == file->ndim; d++) {
        if (now->dims[d] == file->dims[d])
            continue;
        if (found != LETHE_NONE ||
            now->dims[d] * p->graph->file_batch != file->dims[d] * p->plan->n)
            return LETHE_NONE;
        found = d;
    }
    return found;
}

/* The axis of y (a shape of the file) that takes the batch, *lead entries of it before the batch.
 */
static size_t axis_for_batch(size_t *lead, const struct lethe_shape *y, size_t outer, size_t batch)
{
    size_t exact = LETHE_NONE, shared = LETHE_NONE, before = 1, shared_lead = 0;
    for (size_t d = 0; d < y->ndim && before && before <= outer; before *= y->dims[d++]) {
        size_t inside = outer / before;
        if (outer % before || y->dims[d] % inside || y->dims[d] / inside % batch)
            continue;
        if (inside == 1 && exact == LETHE_NONE)
            exact = d;
        if (inside > 1 && shared == LETHE_NONE) {
            shared = d;
            shared_lead = inside;
        }
    }
    int share = shared != LETHE_NONE && (exact == LETHE_NONE || y->ndim == 2);
    *lead = share ? shared_lead : 1;
    return share ? shared : exact;
}

int lethe_prepare_follow_batch(const struct lethe_prepare *p)
{
    size_t axis = lethe_prepare_batch_axis(p, 0), batch = p->graph->file_batch, lead;
    if (axis == LETHE_NONE)
        return 0;
    struct lethe_shape y = p->graph->file_shapes[p->node->out[0]];
    size_t outer = lethe_shape_product(&p->in[0]->shape, 0, axis) * p->in[0]->lead;
    size_t to = outer ? axis_for_batch(&lead, &y, outer, batch) : LETHE_NONE;
    if (to == LETHE_NONE)
        return 0;
    y.dims[to] = y.dims[to] / batch * p->plan->n;
    p->out[0]->shape = y;
    p->out[0]->elem = p->in[0]->elem;
    p->out[0]->lead = lead;
    return lethe_shape_size(&y) == lethe_shape_size(&p->in[0]->shape);
}

int lethe_prepare_repeats(const struct lethe_plan_value *value, size_t axis)
{
    const struct lethe_shape *shape = &value->shape;
    size_t inner = lethe_shape_product(shape, axis + 1, shape->ndim), length = shape->dims[axis];
    size_t n = lethe_shape_size(shape);
    for (size_t i = 0; i < n; i++)
        if (value->data[i] != value->data[i - i / inner % length * inner])
            return 0;
    return 1;
}

struct lethe_shape lethe_prepare_operand(const struct lethe_prepare *p, size_t k, size_t *axis)
{
    struct lethe_shape shape = p->in[k]->shape;
    *axis = LETHE_NONE;
    for (size_t j = 0; j < p->node->in_count && p->graph->loose && p->in[k]->known; j++) {
        size_t d = lethe_prepare_batch_axis(p, j);
        if (d == LETHE_NONE || d + shape.ndim < p->in[j]->shape.ndim)
            continue;
        size_t here = d + shape.ndim - p->in[j]->shape.ndim;
        size_t length = p->graph->file_shapes[p->node->in[j]].dims[d];
        if (length == 1 || shape.dims[here] != length || !lethe_prepare_repeats(p->in[k], here))
            continue;
        shape.dims[here] = 1;
        *axis = here;
        break;
    }
    return shape;
}
