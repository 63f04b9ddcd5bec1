/* SPDX-License-Identifier: MIT
 * Operators that move numbers: each output is filled by one or several walks over its inputs. Also
 * those that make tensors from shapes. */
#include <math.h>
#include <string.h>

#include "nn/prepare.h"

static struct lethe_axis_move *moves(struct lethe_prepare *p, size_t count)
{
    struct lethe_move_args *args = &p->call->args.move;
    args->moves = lethe_arena_alloc(&p->plan->arena, count, sizeof *args->moves);
    args->count = count;
    p->out[0]->elem = p->in[0]->elem;
    return args->moves;
}

/* Steps of a dense tensor. */
static void steps_of(ptrdiff_t *step, const struct lethe_shape *shape)
{
    size_t next = 1; /* may wrap for shapes that are refused afterwards */
    for (size_t d = shape->ndim; d-- > 0; next *= shape->dims[d])
        step[d] = (ptrdiff_t)next;
}

LETHE_PREPARE(transpose)
{
    const struct lethe_shape *x = &p->in[0]->shape;
    struct lethe_shape *y = &p->out[0]->shape;
    long long perm[2 * LETHE_SHAPE_DIMS];
    size_t count, axis;
    unsigned seen = 0;
    ptrdiff_t from[LETHE_SHAPE_DIMS];
    enum lethe_err code = lethe_prepare_ints(p, perm, &count, "perm", LETHE_NONE);
    struct lethe_axis_move *move = moves(p, 1);
    if (code || !move)
        return code ? code : lethe_prepare_memory(p);
    if (count != LETHE_NONE && count != x->ndim)
        return lethe_prepare_fail(p, "%zu axes for a tensor of %zu", count, x->ndim);
    y->ndim = x->ndim;
    steps_of(from, x);
    for (size_t d = 0; d < x->ndim; d++) {
        long long given = count == LETHE_NONE ? (long long)(x->ndim - 1 - d) : perm[d];
        if ((code = lethe_prepare_axis(p, &axis, given, x->ndim)))
            return code;
        seen |= 1u << axis;
        y->dims[d] = x->dims[axis];
        move->walk.step[1][d] = from[axis];
    }
    if (seen != (1u << x->ndim) - 1)
        return lethe_prepare_fail(p, "an axis is named twice");
    lethe_walk_operand(&move->walk, 0, y, y);
    move->walk.operands = 2;
    lethe_walk_merge(&move->walk);
    return LETHE_OK;
}

static long long bounded(long long x, long long low, long long high)
{
    return x < low ? low : x > high ? high : x;
}

/* One axis of a slice: y's length, where x is entered, and its direction. */
static enum lethe_err slice_axis(struct lethe_prepare *p, struct lethe_axis_move *move, size_t axis,
                                 long long start, long long end, long long step)
{
    long long n = (long long)p->in[0]->shape.dims[axis];
    if (step == 0)
        return lethe_prepare_fail(p, "a step of 0");
    start = start < 0 ? start + n : start;
    end = end < 0 ? end + n : end;
    start = step > 0 ? bounded(start, 0, n) : bounded(start, 0, n - 1);
    end = step > 0 ? bounded(end, 0, n) : bounded(end, -1, n);
    long long span = step > 0 ? end - start : start - end, by = step > 0 ? step : -step;
    p->out[0]->shape.dims[axis] = span > 0 ? (size_t)((span - 1) / by + 1) : 0;
    if (span > 0)
        move->walk.start[1] += (ptrdiff_t)start * move->walk.step[1][axis];
    move->walk.step[1][axis] *= by < span ? (ptrdiff_t)step : 0;
    return LETHE_OK;
}

LETHE_PREPARE(slice)
{
    static const char *const names[4] = {"starts", "ends", "axes", "steps"};
    long long lists[4][2 * LETHE_SHAPE_DIMS];
    size_t counts[4], axis;
    const struct lethe_shape *x = &p->in[0]->shape;
    struct lethe_axis_move *move = moves(p, 1);
    if (!move)
        return lethe_prepare_memory(p);
    for (size_t k = 0; k < 4; k++) {
        enum lethe_err code = lethe_prepare_ints(p, lists[k], &counts[k], names[k], k + 1);
        if (code)
            return code;
        if (counts[k] == LETHE_NONE ? k < 2 : counts[k] != counts[0])
            return lethe_prepare_fail(p, "'%s' is missing or has the wrong length", names[k]);
    }
    p->out[0]->shape = *x;
    steps_of(move->walk.step[1], x);
    unsigned seen = 0;
    for (size_t i = 0; i < counts[0]; i++) {
        long long along = counts[2] == LETHE_NONE ? (long long)i : lists[2][i];
        enum lethe_err code = lethe_prepare_axis(p, &axis, along, x->ndim);
        if (!code && seen >> axis & 1)
            return lethe_prepare_fail(p, "axis %zu is named twice", axis);
        seen |= code ? 0 : 1u << axis;
        if (!code)
            code = slice_axis(p, move, axis, lists[0][i], lists[1][i],
                              counts[3] == LETHE_NONE ? 1 : lists[3][i]);
        if (code)
            return code;
    }
    lethe_walk_operand(&move->walk, 0, &p->out[0]->shape, &p->out[0]->shape);
    move->walk.operands = 2;
    lethe_walk_merge(&move->walk);
    return LETHE_OK;
}

/* A block of a dense tensor `whole`, as operand k; the block begins `start` along `axis`. */
static void block(struct lethe_walk *walk, size_t k, const struct lethe_shape *whole, size_t axis,
                  size_t start)
{
    steps_of(walk->step[k], whole);
    walk->start[k] = (ptrdiff_t)start * walk->step[k][axis];
}

/* In a graph read loosely, whose file has a batch of 1: the batch axis, along which what is the
 * same for every sample (a class token) is repeated. */
static size_t batch_of_concat(const struct lethe_prepare *p, size_t axis)
{
    size_t found = LETHE_NONE;
    for (size_t k = 0; k < p->node->in_count && found == LETHE_NONE; k++)
        found = lethe_prepare_batch_axis(p, k);
    return p->graph->file_batch == 1 && found != axis ? found : LETHE_NONE;
}

LETHE_PREPARE(concat)
{
    size_t count = p->node->in_count, axis, at = 0;
    struct lethe_shape *y = &p->out[0]->shape;
    struct lethe_axis_move *list = moves(p, count);
    if (!list)
        return lethe_prepare_memory(p);
    *y = p->in[0]->shape;
    enum lethe_err code = lethe_prepare_axis(p, &axis, lethe_node_int(p->node, "axis", 1), y->ndim);
    if (code)
        return code;
    size_t batch = batch_of_concat(p, axis);
    if (batch != LETHE_NONE)
        y->dims[batch] = p->plan->n;
    y->dims[axis] = 0;
    for (size_t k = 0; k < count; k++) {
        struct lethe_shape same = p->in[k]->shape;
        if (batch != LETHE_NONE && same.ndim == y->ndim && same.dims[batch] == 1)
            same.dims[batch] = p->plan->n;
        if (same.ndim == y->ndim) {
            y->dims[axis] += same.dims[axis];
            same.dims[axis] = y->dims[axis];
        }
        char a[128], b[128];
        if (!lethe_shape_equal(&same, y))
            return lethe_prepare_fail(p, "inputs of shapes %s and %s cannot be joined",
                                      lethe_shape_text(a, &p->in[0]->shape),
                                      lethe_shape_text(b, &p->in[k]->shape));
    }
    for (size_t k = 0; k < count; k++) {
        const struct lethe_shape *x = &p->in[k]->shape;
        struct lethe_shape over = *x;
        if (batch != LETHE_NONE)
            over.dims[batch] = p->plan->n;
        list[k].in = k;
        lethe_walk_operand(&list[k].walk, 1, x, &over);
        block(&list[k].walk, 0, y, axis, at);
        at += x->dims[axis];
        lethe_walk_merge(&list[k].walk);
    }
    return LETHE_OK;
}

LETHE_PREPARE(split)
{
    const struct lethe_shape *x = &p->in[0]->shape;
    size_t outs = p->node->out_count, axis, count, at = 0;
    long long sizes[2 * LETHE_SHAPE_DIMS];
    struct lethe_axis_move *list = moves(p, outs);
    enum lethe_err code = lethe_prepare_axis(p, &axis, lethe_node_int(p->node, "axis", 0), x->ndim);
    if (!code)
        code = lethe_prepare_ints(p, sizes, &count, "split", 1);
    if (code || !list)
        return code ? code : lethe_prepare_memory(p);
    if (count != LETHE_NONE && count != outs)
        return lethe_prepare_fail(p, "%zu sizes for %zu outputs", count, outs);
    size_t even = (x->dims[axis] + outs - 1) / outs;
    for (size_t k = 0; k < outs; k++) {
        size_t left = x->dims[axis] - at;
        size_t size = count != LETHE_NONE ? (size_t)sizes[k] : even < left ? even : left;
        if (size > left)
            return lethe_prepare_fail(p, "the parts are longer than axis %zu (%zu)", axis,
                                      x->dims[axis]);
        struct lethe_shape y = *x;
        y.dims[axis] = size;
        list[k].out = k;
        lethe_walk_operand(&list[k].walk, 0, &y, &y);
        block(&list[k].walk, 1, x, axis, at);
        list[k].walk.operands = 2;
        lethe_walk_merge(&list[k].walk);
        at += size;
        if (p->out[k]) {
            p->out[k]->shape = y;
            p->out[k]->elem = p->in[0]->elem;
        }
    }
    return LETHE_OK;
}

/* A shape given as integers; its entries must not be negative. */
static enum lethe_err shape_from(struct lethe_prepare *p, struct lethe_shape *shape, size_t k)
{
    long long list[2 * LETHE_SHAPE_DIMS] = {0};
    size_t count;
    enum lethe_err code = lethe_prepare_ints(p, list, &count, NULL, k);
    if (code)
        return code;
    if (count > LETHE_SHAPE_DIMS)
        return lethe_prepare_fail(p, "a shape of %zu dimensions", count);
    shape->ndim = count;
    for (size_t d = 0; d < count; d++) {
        if (list[d] < 0)
            return lethe_prepare_fail(p, "dimension %zu is %lld", d, list[d]);
        shape->dims[d] = (size_t)list[d];
    }
    return LETHE_OK;
}

/* Where the file's batch size stands in the shape to expand to, the batch is meant. */
static void expand_to_batch(const struct lethe_prepare *p, struct lethe_shape *want)
{
    const struct lethe_shape *x = &p->in[0]->shape;
    size_t batch = p->graph->file_batch, axis = lethe_prepare_batch_axis(p, 0);
    if (!p->graph->loose || want->ndim == 0 || want->ndim < x->ndim)
        return;
    size_t shift = want->ndim - x->ndim;
    if (axis == LETHE_NONE && want->dims[0] == batch && (shift > 0 || x->dims[0] == 1)) {
        want->dims[0] = p->plan->n;
        p->out[0]->lead = 1;
    } else if (axis != LETHE_NONE && want->dims[axis + shift] * p->plan->n == x->dims[axis] * batch)
        want->dims[axis + shift] = x->dims[axis];
}

/* The axis of a constant along which a file of fixed batch repeats what it is for each sample (a
 * state to begin with): length 1 in *from then. */
static size_t axis_of_samples(const struct lethe_prepare *p, struct lethe_shape *from,
                              const struct lethe_shape *want)
{
    size_t batch = p->graph->file_batch;
    if (p->graph->literal || batch < 2 || batch == p->plan->n || !p->in[0]->known)
        return LETHE_NONE;
    for (size_t d = 0; d < from->ndim; d++) {
        size_t there = d + want->ndim - from->ndim;
        if (want->ndim + d < from->ndim || from->dims[d] != batch ||
            want->dims[there] != p->plan->n || !lethe_prepare_repeats(p->in[0], d))
            continue;
        from->dims[d] = 1;
        return d;
    }
    return LETHE_NONE;
}

LETHE_PREPARE(expand)
{
    struct lethe_shape want = {0}, from = p->in[0]->shape;
    const struct lethe_shape *x = &p->in[0]->shape;
    enum lethe_err code = shape_from(p, &want, 1);
    if (!code)
        expand_to_batch(p, &want);
    struct lethe_axis_move *move = moves(p, 1);
    if (code || !move)
        return code ? code : lethe_prepare_memory(p);
    char a[128], b[128];
    size_t still = axis_of_samples(p, &from, &want);
    if (!lethe_shape_broadcast(&p->out[0]->shape, &from, &want))
        return lethe_prepare_fail(p, "%s cannot be expanded to %s", lethe_shape_text(a, x),
                                  lethe_shape_text(b, &want));
    lethe_walk_operand(&move->walk, 0, &p->out[0]->shape, &p->out[0]->shape);
    lethe_walk_operand(&move->walk, 1, x, &p->out[0]->shape);
    if (still != LETHE_NONE)
        move->walk.step[1][p->out[0]->shape.ndim - x->ndim + still] = 0;
    lethe_walk_merge(&move->walk);
    return LETHE_OK;
}

/* y seen as (repeat, length) pairs: x does not move along a repeat. */
LETHE_PREPARE(tile)
{
    const struct lethe_shape *x = &p->in[0]->shape;
    struct lethe_shape repeats = {0}, *y = &p->out[0]->shape;
    ptrdiff_t from[LETHE_SHAPE_DIMS], to[LETHE_SHAPE_DIMS];
    enum lethe_err code = shape_from(p, &repeats, 1);
    struct lethe_axis_move *move = moves(p, 1);
    if (code || !move)
        return code ? code : lethe_prepare_memory(p);
    if (repeats.ndim != x->ndim)
        return lethe_prepare_fail(p, "%zu repeats for %zu dimensions", repeats.ndim, x->ndim);
    y->ndim = x->ndim;
    for (size_t d = 0; d < x->ndim; d++) {
        if (x->dims[d] && repeats.dims[d] > ((size_t)1 << 40) / x->dims[d])
            return lethe_prepare_fail(p, "axis %zu would be too long", d);
        y->dims[d] = x->dims[d] * repeats.dims[d];
    }
    if (!lethe_prepare_size_ok(y))
        return lethe_prepare_fail(p, "its output is too large");
    steps_of(from, x);
    steps_of(to, y);
    struct lethe_walk *walk = &move->walk;
    walk->operands = 2;
    for (size_t d = 0; d < x->ndim; d++) {
        size_t k = walk->ndim;
        walk->dims[k] = repeats.dims[d];
        walk->step[0][k] = to[d] * (ptrdiff_t)x->dims[d];
        walk->step[1][k] = 0;
        walk->dims[k + 1] = x->dims[d];
        walk->step[0][k + 1] = to[d];
        walk->step[1][k + 1] = from[d];
        walk->ndim += 2;
    }
    lethe_walk_merge(walk);
    return LETHE_OK;
}

/* One axis of y = pad(x) is up to three runs that walk x forwards or backwards or stand still. */
struct run {
    ptrdiff_t to, from, step;
    size_t length;
};

static size_t pad_runs(struct run runs[3], size_t length, long long before, long long after,
                       char mode)
{
    size_t count = 0;
    ptrdiff_t skip = before < 0 ? (ptrdiff_t)-before : 0;
    ptrdiff_t cut = after < 0 ? (ptrdiff_t)-after : 0, n = (ptrdiff_t)length;
    if (n - skip - cut > 0)
        runs[count++] =
            (struct run){before > 0 ? (ptrdiff_t)before : 0, skip, 1, (size_t)(n - skip - cut)};
    if (mode == 'c')
        return count;
    if (before > 0)
        runs[count++] = mode == 'e' ? (struct run){0, 0, 0, (size_t)before}
                                    : (struct run){0, (ptrdiff_t)before, -1, (size_t)before};
    if (after > 0)
        runs[count++] = mode == 'e' ? (struct run){(ptrdiff_t)before + n, n - 1, 0, (size_t)after}
                                    : (struct run){(ptrdiff_t)before + n, n - 2, -1, (size_t)after};
    return count;
}

/* Is an axis empty once its negative padding is cut away, while the other end grows? */
static int nothing_left(size_t length, long long before, long long after)
{
    long long cut = (before < 0 ? before : 0) + (after < 0 ? after : 0);
    return (before > 0 || after > 0) && (long long)length + cut < 1;
}

static enum lethe_err pad_moves(struct lethe_prepare *p, const long long *pads, char mode)
{
    const struct lethe_shape *x = &p->in[0]->shape, *y = &p->out[0]->shape;
    struct run runs[LETHE_SHAPE_DIMS][3];
    size_t counts[LETHE_SHAPE_DIMS], total = 1;
    for (size_t d = 0; d < x->ndim; d++) {
        if (mode == 'r' &&
            (pads[d] >= (long long)x->dims[d] || pads[d + x->ndim] >= (long long)x->dims[d]))
            return lethe_prepare_fail(p, "axis %zu is shorter than its reflected padding", d);
        if (mode != 'c' && nothing_left(x->dims[d], pads[d], pads[d + x->ndim]))
            return lethe_prepare_fail(p, "nothing is left of axis %zu to pad with", d);
        counts[d] = pad_runs(runs[d], x->dims[d], pads[d], pads[d + x->ndim], mode);
        total *= counts[d];
    }
    struct lethe_axis_move *list = moves(p, total);
    if (!list)
        return lethe_prepare_memory(p);
    ptrdiff_t from[LETHE_SHAPE_DIMS] = {0}, to[LETHE_SHAPE_DIMS] = {0};
    steps_of(from, x);
    steps_of(to, y);
    for (size_t k = 0; k < total; k++) {
        struct lethe_walk *walk = &list[k].walk;
        walk->ndim = x->ndim;
        walk->operands = 2;
        size_t rest = k;
        for (size_t d = 0; d < x->ndim; d++) {
            const struct run *run = &runs[d][rest % counts[d]];
            rest /= counts[d];
            walk->dims[d] = run->length;
            walk->step[0][d] = to[d];
            walk->step[1][d] = from[d] * run->step;
            walk->start[0] += to[d] * run->to;
            walk->start[1] += from[d] * run->from;
        }
        lethe_walk_merge(walk);
    }
    return LETHE_OK;
}

LETHE_PREPARE(pad)
{
    const struct lethe_shape *x = &p->in[0]->shape;
    long long pads[2 * LETHE_SHAPE_DIMS];
    size_t count;
    const char *mode = lethe_node_text(p->node, "mode", "constant");
    enum lethe_err code = lethe_prepare_ints(p, pads, &count, "pads", 1);
    if (code)
        return code;
    if (strcmp(mode, "constant") != 0 && strcmp(mode, "edge") != 0 && strcmp(mode, "reflect") != 0)
        return lethe_prepare_fail(p, "mode '%.20s' is not supported", mode);
    if (count != 2 * x->ndim)
        return lethe_prepare_fail(p, "the padding does not fit %zu dimensions", x->ndim);
    const double *fill = lethe_prepare_known(p, 2);
    if (!fill && p->node->in_count > 2 && p->in[2])
        return lethe_prepare_fail(p, "the value to pad with must be known at load");
    p->call->args.move.fills = *mode == 'c';
    p->call->args.move.fill = fill ? fill[0] : lethe_node_float(p->node, "value", 0);
    struct lethe_shape *y = &p->out[0]->shape;
    *y = *x;
    for (size_t d = 0; d < x->ndim; d++) {
        const long long most = 1LL << 32;
        if (pads[d] > most || pads[d] < -most || pads[d + x->ndim] > most ||
            pads[d + x->ndim] < -most)
            return lethe_prepare_fail(p, "the padding of axis %zu is too large", d);
        long long length = (long long)x->dims[d] + pads[d] + pads[d + x->ndim];
        if (length < 0)
            return lethe_prepare_fail(p, "axis %zu would be %lld long", d, length);
        y->dims[d] = (size_t)length;
    }
    if (!lethe_prepare_size_ok(y))
        return lethe_prepare_fail(p, "its output is too large");
    return pad_moves(p, pads, *mode);
}

/* The axes [first, first + count) of the input's shape. */
LETHE_PREPARE(shape)
{
    long long n = (long long)p->in[0]->shape.ndim;
    long long start = lethe_node_int(p->node, "start", 0), end = lethe_node_int(p->node, "end", n);
    start = bounded(start < 0 ? start + n : start, 0, n);
    end = bounded(end < 0 ? end + n : end, start, n);
    p->call->args.axis.outer = (size_t)start;
    p->call->args.axis.count = (size_t)(end - start);
    p->out[0]->shape = (struct lethe_shape){.ndim = 1, .dims = {(size_t)(end - start)}};
    p->out[0]->elem = LETHE_ELEM_INT64;
    return LETHE_OK;
}

LETHE_PREPARE(size)
{
    p->out[0]->shape = (struct lethe_shape){0};
    p->out[0]->elem = LETHE_ELEM_INT64;
    return LETHE_OK;
}

LETHE_PREPARE(constant_of_shape)
{
    const struct lethe_attr *value = lethe_node_attr(p->node, "value");
    if (value && value->type != LETHE_ATTR_TENSOR)
        return lethe_prepare_fail(p, "'value' must be a tensor");
    p->call->args.unary.a = value && value->count ? value->floats[0] : 0;
    p->out[0]->elem = value ? (int)value->ints[0] : LETHE_ELEM_FLOAT;
    return shape_from(p, &p->out[0]->shape, 0);
}

LETHE_PREPARE(range)
{
    const double *start = lethe_prepare_known(p, 0), *end = lethe_prepare_known(p, 1);
    const double *step = lethe_prepare_known(p, 2);
    if (!start || !end || !step || *step == 0)
        return lethe_prepare_fail(p, "start, end and step must be known at load, step not 0");
    double count = ceil((*end - *start) / *step);
    if (!(count < 1e9))
        return lethe_prepare_fail(p, "a range of %g numbers", count);
    p->call->args.unary.a = *start;
    p->call->args.unary.b = *step;
    p->out[0]->shape = (struct lethe_shape){.ndim = 1, .dims = {count > 0 ? (size_t)count : 0}};
    p->out[0]->elem = p->in[0]->elem;
    return LETHE_OK;
}

/* Coordinates of what is not 0, one column each; old exporters count with it. */
LETHE_PREPARE(non_zero)
{
    const double *known = lethe_prepare_known(p, 0);
    size_t n = lethe_shape_size(&p->in[0]->shape), found = 0;
    if (!known)
        return lethe_prepare_fail(p, "its shape depends on the data; it must be known at load");
    for (size_t i = 0; i < n; i++)
        found += known[i] != 0;
    p->out[0]->shape = (struct lethe_shape){.ndim = 2, .dims = {p->in[0]->shape.ndim, found}};
    p->out[0]->elem = LETHE_ELEM_INT64;
    return LETHE_OK;
}
