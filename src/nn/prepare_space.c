/* SPDX-License-Identifier: MIT
 * Operators that move between channels and pixels or repeat pixels: DepthToSpace, SpaceToDepth, and
 * nearest-neighbour Resize and Upsample by whole factors. Each is one walk. */
#include <math.h>
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

enum lethe_err lethe_prepare_depth_to_space(struct lethe_prepare *p)
{
    return between(p, 1);
}

enum lethe_err lethe_prepare_space_to_depth(struct lethe_prepare *p)
{
    return between(p, 0);
}

/* Where the factors or sizes are: the second input of Upsample and of the first Resize, the third
 * or fourth since opset 11. */
static enum lethe_err factors(struct lethe_prepare *p, size_t *by)
{
    const struct lethe_shape *x = &p->in[0]->shape;
    int old = !strcmp(p->node->type, "Upsample") || p->graph->opset < 11;
    const double *scales = lethe_prepare_known(p, old ? 1 : 2), *sizes = NULL;
    const struct lethe_attr *attr = lethe_node_attr(p->node, "scales");
    size_t count = scales ? lethe_shape_size(&p->in[old ? 1 : 2]->shape) : 0;
    if (!scales && attr && attr->type == LETHE_ATTR_FLOATS) {
        scales = attr->floats;
        count = attr->count;
    }
    if (count == 0 && !old && (sizes = lethe_prepare_known(p, 3)))
        count = lethe_shape_size(&p->in[3]->shape);
    if (count != x->ndim)
        return lethe_prepare_fail(p, "one factor or size for each axis must be known at load");
    for (size_t d = 0; d < x->ndim; d++) {
        double factor = sizes ? sizes[d] / (double)x->dims[d] : scales[d];
        if (!(factor >= 1 && factor < 1 << 12) || factor != floor(factor))
            return lethe_prepare_fail(p, "a factor of %g; whole factors are supported", factor);
        by[d] = (size_t)factor;
    }
    return LETHE_OK;
}

enum lethe_err lethe_prepare_upsample(struct lethe_prepare *p)
{
    const struct lethe_shape *x = &p->in[0]->shape;
    struct lethe_shape *y = &p->out[0]->shape;
    size_t by[LETHE_SHAPE_DIMS] = {0}, in = 1, out = 1;
    const char *mode = lethe_node_text(p->node, "mode", "nearest");
    const char *where = lethe_node_text(p->node, "coordinate_transformation_mode", "half_pixel");
    const char *round = lethe_node_text(p->node, "nearest_mode", "round_prefer_floor");
    int old = !strcmp(p->node->type, "Upsample") || p->graph->opset < 11;
    int repeats = old || (!strcmp(where, "asymmetric") && !strcmp(round, "floor")) ||
                  (!strcmp(where, "half_pixel") && !strncmp(round, "round", 5));
    if (strcmp(mode, "nearest") != 0 || !repeats)
        return lethe_prepare_fail(p,
                                  "only the nearest pixel by whole factors is supported, not "
                                  "mode '%.20s' with '%.30s' and '%.20s'",
                                  mode, where, round);
    enum lethe_err code = factors(p, by);
    struct lethe_walk *walk = one_walk(p);
    if (code || !walk)
        return code ? code : lethe_prepare_memory(p);
    *y = *x;
    for (size_t d = 0; d < x->ndim; d++)
        y->dims[d] = x->dims[d] * by[d];
    if (!lethe_prepare_size_ok(x) || !lethe_prepare_size_ok(y))
        return lethe_prepare_fail(p, "its output is too large");
    walk->ndim = 2 * x->ndim;
    for (size_t d = x->ndim; d-- > 0; in *= x->dims[d], out *= y->dims[d]) {
        walk->dims[2 * d] = x->dims[d];
        walk->step[0][2 * d] = (ptrdiff_t)(out * by[d]);
        walk->step[1][2 * d] = (ptrdiff_t)in;
        walk->dims[2 * d + 1] = by[d];
        walk->step[0][2 * d + 1] = (ptrdiff_t)out;
        walk->step[1][2 * d + 1] = 0;
    }
    lethe_walk_merge(walk);
    return LETHE_OK;
}
