/* SPDX-License-Identifier: MIT
 * Shapes and settings of the functions of one, two and three numbers. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "nn/prepare.h"

LETHE_PREPARE(unary)
{
    static const struct {
        double alpha, beta;
    } defaults[] = {
        [LETHE_LEAKY] = {0.01, 0},
        [LETHE_ELU] = {1, 0},
        [LETHE_SELU] = {1.67326319217681884765625, 1.05070102214813232421875},
        [LETHE_CELU] = {1, 0},
        [LETHE_HARD_SIGMOID] = {0.2, 0.5},
        [LETHE_THRESHOLDED] = {1, 0},
    };
    int kind = p->call->kind;
    double alpha = 0, beta = 0;
    if ((size_t)kind < sizeof defaults / sizeof *defaults) {
        alpha = defaults[kind].alpha;
        beta = defaults[kind].beta;
    }
    p->call->args.unary.a = lethe_node_float(p->node, "alpha", alpha);
    p->call->args.unary.b = lethe_node_float(p->node, kind == LETHE_SELU ? "gamma" : "beta", beta);
    if (kind == LETHE_CELU && p->call->args.unary.a == 0)
        return lethe_prepare_fail(p, "'alpha' is 0");
    if (kind == LETHE_GELU && !strcmp(lethe_node_text(p->node, "approximate", "none"), "tanh"))
        p->call->kind = LETHE_GELU_TANH;
    p->out[0]->shape = p->in[0]->shape;
    if (kind == LETHE_ERF || kind == LETHE_GELU ||
        kind == LETHE_MISH) /* slopes cost exponentials */
        p->call->notes = lethe_shape_size(&p->out[0]->shape);
    p->out[0]->elem = kind == LETHE_IS_NAN ? LETHE_ELEM_BOOL : p->in[0]->elem;
    return LETHE_OK;
}

static enum lethe_err bound(struct lethe_prepare *p, double *value, size_t k)
{
    if (k >= p->node->in_count || !p->in[k])
        return LETHE_OK;
    const double *known = lethe_prepare_known(p, k);
    if (!known || lethe_shape_size(&p->in[k]->shape) != 1)
        return lethe_prepare_fail(p, "input %zu must be one number known at load", k);
    *value = known[0];
    return LETHE_OK;
}

LETHE_PREPARE(clip)
{
    p->out[0]->shape = p->in[0]->shape;
    p->out[0]->elem = p->in[0]->elem;
    p->call->args.unary.a = lethe_node_float(p->node, "min", (double)-INFINITY);
    p->call->args.unary.b = lethe_node_float(p->node, "max", (double)INFINITY);
    enum lethe_err code = bound(p, &p->call->args.unary.a, 1);
    return code ? code : bound(p, &p->call->args.unary.b, 2);
}

LETHE_PREPARE(cast)
{
    long long to = lethe_node_int(p->node, "to", 0);
    if (to == LETHE_ELEM_HALF || to == LETHE_ELEM_BRAIN)
        to = LETHE_ELEM_FLOAT;
    p->out[0]->shape = p->in[0]->shape;
    p->out[0]->elem = (int)to;
    switch (to) {
    case LETHE_ELEM_FLOAT:
    case LETHE_ELEM_DOUBLE:
        p->call->kind = LETHE_COPY;
        return LETHE_OK;
    case LETHE_ELEM_BOOL:
        p->call->kind = LETHE_BOOL;
        return LETHE_OK;
    case LETHE_ELEM_INT8:
    case LETHE_ELEM_INT16:
    case LETHE_ELEM_INT32:
    case LETHE_ELEM_INT64:
    case LETHE_ELEM_UINT8:
    case LETHE_ELEM_UINT16:
    case LETHE_ELEM_UINT32:
    case LETHE_ELEM_UINT64:
        p->call->kind = LETHE_TRUNC;
        return LETHE_OK;
    default:
        return lethe_prepare_fail(p, "a cast to element type %lld is not supported", to);
    }
}

static enum lethe_err no_fit(struct lethe_prepare *p, size_t a, size_t b)
{
    char x[128], y[128];
    return lethe_prepare_fail(p, "shapes %s and %s do not fit",
                              lethe_shape_text(x, &p->in[a]->shape),
                              lethe_shape_text(y, &p->in[b]->shape));
}

/* Operand k of a walk that stands still along one of its axes (see lethe_prepare_operand). */
static void walk_operand(struct lethe_walk *walk, size_t k, const struct lethe_shape *of,
                         const struct lethe_shape *over, size_t still)
{
    lethe_walk_operand(walk, k, of, over);
    if (still != LETHE_NONE)
        walk->step[k][over->ndim - of->ndim + still] = 0;
}

LETHE_PREPARE(binary)
{
    size_t still[2];
    struct lethe_shape a = lethe_prepare_operand(p, 0, &still[0]);
    struct lethe_shape b = lethe_prepare_operand(p, 1, &still[1]);
    if (!lethe_shape_broadcast(&p->out[0]->shape, &a, &b))
        return no_fit(p, 0, 1);
    p->out[0]->elem = p->in[0]->elem;
    struct lethe_walk *walk = &p->call->args.walk;
    lethe_walk_operand(walk, 0, &p->out[0]->shape, &p->out[0]->shape);
    walk_operand(walk, 1, &p->in[0]->shape, &p->out[0]->shape, still[0]);
    walk_operand(walk, 2, &p->in[1]->shape, &p->out[0]->shape, still[1]);
    lethe_walk_merge(walk);
    if (p->call->kind == LETHE_MOD)
        p->call->integer = !lethe_node_int(p->node, "fmod", 0);
    return LETHE_OK;
}

LETHE_PREPARE(compare)
{
    enum lethe_err code = lethe_prepare_binary(p);
    p->out[0]->elem = LETHE_ELEM_BOOL;
    return code;
}

LETHE_PREPARE(where)
{
    struct lethe_shape *shape = &p->out[0]->shape, operand[3];
    size_t still[3];
    for (size_t k = 0; k < 3; k++)
        operand[k] = lethe_prepare_operand(p, k, &still[k]);
    if (!lethe_shape_broadcast(shape, &operand[1], &operand[2]))
        return no_fit(p, 1, 2);
    if (!lethe_shape_broadcast(shape, shape, &operand[0]))
        return no_fit(p, 0, 1);
    p->out[0]->elem = p->in[1]->elem;
    struct lethe_walk *walk = &p->call->args.walk;
    lethe_walk_operand(walk, 0, shape, shape);
    for (size_t k = 0; k < 3; k++)
        walk_operand(walk, k + 1, &p->in[k]->shape, shape, still[k]);
    lethe_walk_merge(walk);
    return LETHE_OK;
}

LETHE_PREPARE(many)
{
    struct lethe_shape *shape = &p->out[0]->shape;
    size_t count = p->node->in_count;
    struct lethe_walk *walks = lethe_arena_alloc(&p->plan->arena, count, sizeof *walks);
    if (!walks)
        return lethe_prepare_memory(p);
    *shape = p->in[0]->shape;
    for (size_t k = 1; k < count; k++)
        if (!lethe_shape_broadcast(shape, shape, &p->in[k]->shape))
            return no_fit(p, 0, k);
    for (size_t k = 0; k < count; k++) {
        lethe_walk_operand(&walks[k], 0, shape, shape);
        lethe_walk_operand(&walks[k], 1, &p->in[k]->shape, shape);
        lethe_walk_merge(&walks[k]);
    }
    p->call->args.many = walks;
    p->call->scratch = lethe_shape_size(shape);
    p->out[0]->elem = p->in[0]->elem;
    return LETHE_OK;
}
