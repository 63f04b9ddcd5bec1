/* SPDX-License-Identifier: MIT
 * Operators that move between channels and pixels: DepthToSpace and SpaceToDepth. Each is one walk.
 */
#include <string.h>

#include "nn/prepare.h"

static struct lethe_walk *one_walk(struct lethe_prepare *p)
{
    struct lethe_move_args *args = &p->call->args.move;
    args->moves = lethe_arena_alloc(&p->plan->arena, 1, sizeof *args->moves);
    args->count = 1;
    p->out[0]->elem = p->in[0]->elem;
    if (!args->moves)
        return NULL;
    args->moves->walk.operands = 2;
    return &args->moves->walk;
}

/* An axis of a walk: its length and the steps of output and input. */
static void add_axis(struct lethe_walk *walk, size_t length, size_t out, size_t in)
{
    walk->dims[walk->ndim] = length;
    walk->step[0][walk->ndim] = (ptrdiff_t)out;
    walk->step[1][walk->ndim++] = (ptrdiff_t)in;
}

/* (n, c b b, h, w) <-> (n, c, h b, w b); `deep` and `wide` say which operand has which. */
static enum lethe_err between(struct lethe_prepare *p, int to_space)
{
    const struct lethe_shape *x = &p->in[0]->shape;
    struct lethe_shape *y = &p->out[0]->shape;
    long long given = lethe_node_int(p->node, "blocksize", 0);
    size_t b = given > 0 && given < 1 << 12 ? (size_t)given : 0;
    if (x->ndim != 4 || b == 0 || !lethe_prepare_size_ok(x) ||
        (to_space ? x->dims[1] % (b * b) : x->dims[2] % b + x->dims[3] % b))
        return lethe_prepare_fail(p, "blocks of %lld do not fit its input", given);
    int crd = to_space && !strcmp(lethe_node_text(p->node, "mode", "DCR"), "CRD");
    size_t c = to_space ? x->dims[1] / (b * b) : x->dims[1];
    size_t h = to_space ? x->dims[2] : x->dims[2] / b, w = to_space ? x->dims[3] : x->dims[3] / b;
    struct lethe_shape deep = {.ndim = 4, .dims = {x->dims[0], c * b * b, h, w}};
    struct lethe_shape wide = {.ndim = 4, .dims = {x->dims[0], c, h * b, w * b}};
    struct lethe_walk *walk = one_walk(p);
    if (!walk)
        return lethe_prepare_memory(p);
    *y = to_space ? wide : deep;
    const size_t lengths[6] = {x->dims[0], c, h, b, w, b};
    const size_t in_deep[6] = {
        c * b * b * h * w,    (crd ? b * b : 1) * h * w, w, (crd ? b : b * c) * h * w, 1,
        (crd ? 1 : c) * h * w};
    const size_t in_wide[6] = {c * b * b * h * w, b * b * h * w, b * b * w, b * w, b, 1};
    for (size_t k = 0; k < 6; k++)
        add_axis(walk, lengths[k], to_space ? in_wide[k] : in_deep[k],
                 to_space ? in_deep[k] : in_wide[k]);
    lethe_walk_merge(walk);
    return LETHE_OK;
}

LETHE_PREPARE(depth_to_space)
{
    return between(p, 1);
}

LETHE_PREPARE(space_to_depth)
{
    return between(p, 0);
}
