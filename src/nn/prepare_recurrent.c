/* SPDX-License-Identifier: MIT
 * LSTM and GRU: shapes of their eight inputs and three outputs. */
#include <string.h>

#include "nn/prepare.h"

static int has_shape(const struct lethe_prepare *p, size_t k, const struct lethe_shape *want)
{
    return k >= p->node->in_count || !p->in[k] || lethe_shape_equal(&p->in[k]->shape, want);
}

/* Functions other than the usual ones, limits and coupled gates are no part of it. */
static enum lethe_err check_variant(struct lethe_prepare *p, const char *const *usual, size_t count,
                                    size_t directions)
{
    const struct lethe_attr *given = lethe_node_attr(p->node, "activations");
    if (lethe_node_attr(p->node, "clip"))
        return lethe_prepare_fail(p, "its sums are clipped, which is not supported");
    if (lethe_node_int(p->node, "input_forget", 0))
        return lethe_prepare_fail(p, "coupled input and forget gates are not supported");
    if (!given)
        return LETHE_OK;
    const char *at = given->type == LETHE_ATTR_TEXTS ? given->text : NULL;
    for (size_t k = 0; k < given->count && at; k++, at += strlen(at) + 1)
        if (given->count != count * directions || strcmp(at, usual[k % count]) != 0)
            return lethe_prepare_fail(p, "activation '%.30s' is not the usual one", at);
    return at ? LETHE_OK : lethe_prepare_fail(p, "'activations' are no words");
}

static enum lethe_err read_direction(struct lethe_prepare *p, struct lethe_recurrent_args *a)
{
    const char *way = lethe_node_text(p->node, "direction", "forward");
    int both = !strcmp(way, "bidirectional");
    a->directions = both ? 2 : 1;
    a->reverse[0] = !strcmp(way, "reverse");
    a->reverse[1] = both;
    if (!both && !a->reverse[0] && strcmp(way, "forward") != 0)
        return lethe_prepare_fail(p, "direction '%.30s'", way);
    return LETHE_OK;
}

/* Y, Y_h and, of an LSTM, Y_c. */
static void output_shapes(struct lethe_prepare *p, const struct lethe_recurrent_args *a)
{
    struct lethe_shape steps = {.ndim = 4, .dims = {a->steps, a->directions, a->batch, a->hidden}};
    struct lethe_shape state = {.ndim = 3, .dims = {a->directions, a->batch, a->hidden}};
    if (a->batch_first) {
        steps = (struct lethe_shape){4, {a->batch, a->steps, a->directions, a->hidden}};
        state = (struct lethe_shape){3, {a->batch, a->directions, a->hidden}};
    }
    for (size_t k = 0; k < p->node->out_count; k++)
        if (p->out[k]) {
            p->out[k]->shape = k ? state : steps;
            p->out[k]->elem = p->in[0]->elem;
        }
}

/* A state to begin with that a file of fixed batch holds for each of its samples, all the same. */
static int is_for_all(const struct lethe_prepare *p, size_t k, const struct lethe_shape *state,
                      size_t axis)
{
    if (p->graph->literal || k >= p->node->in_count || !p->in[k] || !p->in[k]->known)
        return 0;
    struct lethe_shape of_file = *state;
    of_file.dims[axis] = p->graph->file_batch;
    return of_file.dims[axis] > 0 && lethe_shape_equal(&p->in[k]->shape, &of_file) &&
           lethe_prepare_repeats(p->in[k], axis);
}

static enum lethe_err check_inputs(struct lethe_prepare *p, struct lethe_recurrent_args *a,
                                   size_t gates)
{
    const size_t rows = gates * a->hidden;
    struct lethe_shape state = {.ndim = 3, .dims = {a->directions, a->batch, a->hidden}};
    if (a->batch_first)
        state = (struct lethe_shape){3, {a->batch, a->directions, a->hidden}};
    const struct lethe_shape wanted[8] = {
        p->in[0]->shape,
        {3, {a->directions, rows, a->width}},
        {3, {a->directions, rows, a->hidden}},
        {2, {a->directions, 2 * rows}},
        {1, {a->batch}},
        state,
        state,
        {2, {a->directions, 3 * a->hidden}},
    };
    char text[128], other[128];
    for (size_t k = 5; k < 7; k++)
        if (!has_shape(p, k, &state) && is_for_all(p, k, &state, !a->batch_first))
            a->start_rows[k - 5] = p->graph->file_batch;
    for (size_t k = 1; k < 8; k++)
        if (!has_shape(p, k, &wanted[k]) && !((k == 5 || k == 6) && a->start_rows[k - 5]))
            return lethe_prepare_fail(p, "input %zu has shape %s, %s is needed", k,
                                      lethe_shape_text(text, &p->in[k]->shape),
                                      lethe_shape_text(other, &wanted[k]));
    return LETHE_OK;
}

/* Numbers that backward and tangents need at most (see struct trace in ops/). */
static enum lethe_err measure_scratch(struct lethe_prepare *p, const struct lethe_recurrent_args *a,
                                      size_t gates)
{
    struct lethe_shape all = {
        .ndim = 3, .dims = {a->steps + 3, a->batch, 2 * (a->width + (gates + 3) * a->hidden)}};
    if (!lethe_prepare_size_ok(&all))
        return lethe_prepare_fail(p, "the sequence is too long or too wide");
    p->call->scratch = lethe_shape_size(&all);
    return LETHE_OK;
}

static enum lethe_err prepare(struct lethe_prepare *p, size_t gates, const char *const *usual,
                              size_t functions)
{
    struct lethe_recurrent_args *a = &p->call->args.recurrent;
    const struct lethe_shape *x = &p->in[0]->shape, *r = &p->in[2]->shape;
    long long hidden = lethe_node_int(p->node, "hidden_size", 0);
    if (x->ndim != 3 || r->ndim != 3 || r->dims[2] == 0 || r->dims[2] > 1 << 24 ||
        (hidden && (hidden < 0 || (size_t)hidden != r->dims[2])))
        return lethe_prepare_fail(p, "its input or its recurrent weights have the wrong shape");
    a->batch_first = lethe_node_int(p->node, "layout", 0) != 0;
    a->steps = x->dims[a->batch_first];
    a->batch = x->dims[!a->batch_first];
    a->width = x->dims[2];
    a->hidden = r->dims[2];
    a->linear_before_reset = lethe_node_int(p->node, "linear_before_reset", 0) != 0;
    enum lethe_err code = read_direction(p, a);
    if (!code)
        code = check_variant(p, usual, functions, a->directions);
    if (!code)
        code = check_inputs(p, a, gates);
    if (!code)
        code = measure_scratch(p, a, gates);
    if (code)
        return code;
    output_shapes(p, a);
    return LETHE_OK;
}

LETHE_PREPARE(lstm)
{
    static const char *const usual[] = {"Sigmoid", "Tanh", "Tanh"};
    return prepare(p, 4, usual, 3);
}

LETHE_PREPARE(gru)
{
    static const char *const usual[] = {"Sigmoid", "Tanh"};
    return prepare(p, 3, usual, 2);
}
