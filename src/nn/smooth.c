/* SPDX-License-Identifier: MIT
 * A copy of a graph whose rectifiers have a round corner of half width e:
 *     r(x) = c(x)^2 / 4e + max(x - e, 0),   c(x) = max(x + e, 0) - max(x - e, 0)
 * which is max(x, 0) outside (-e, e), at most e/4 above it within, and has the slope c(x) / 2e, a
 * straight line from 0 to 1. Written in standard operators, so a file of it runs anywhere.
 * Check values: r(-e) = 0, r(0) = e/4, r(e) = e; slopes 0, 1/2, 1 (tests/unit/nn/smooth_test.c). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/copy.h"

static const char width_name[] = "smooth.width", four_name[] = "smooth.four";

struct corner {
    double width;
    size_t half, four; /* values of the copy holding e and 4e; LETHE_NONE: not added yet */
};

enum { X, HALF, FOUR, UP, OVER, DOWN, PAST, RISE, SQUARE, BEND, Y, VALUES, NOTHING };

/* The operators of a round corner in order; each makes the value of its row, from UP on. */
static const struct {
    const char *type;
    int a, b;           /* inputs; b NOTHING: there is one */
    const char *suffix; /* of the value's name, after that of the rectifier's output */
} steps[] = {
    {"Add", X, HALF, ".up"},        {"Relu", UP, NOTHING, ".over"},
    {"Sub", X, HALF, ".down"},      {"Relu", DOWN, NOTHING, ".past"},
    {"Sub", OVER, PAST, ".rise"},   {"Mul", RISE, RISE, ".square"},
    {"Div", SQUARE, FOUR, ".bend"}, {"Add", BEND, PAST, ""},
};
_Static_assert(sizeof steps / sizeof *steps == VALUES - UP, "a value without an operator");

static enum lethe_err add_step(struct lethe_copy *copy, size_t *values, size_t step,
                               const char *output)
{
    size_t in[2] = {values[steps[step].a], 0};
    const size_t length = strlen(output) + strlen(steps[step].suffix) + 1;
    char *name = lethe_arena_alloc(&copy->arena, length, 1);
    struct lethe_node node = {
        .name = name, .type = steps[step].type, .in = in, .in_count = 1, .out_count = 1};
    if (!name)
        return LETHE_ENOMEM;
    if (steps[step].b != NOTHING)
        in[node.in_count++] = values[steps[step].b];
    snprintf(name, length, "%s%s", output, steps[step].suffix);
    const char *names = name;
    return lethe_graph_add_node(copy->to, &values[UP + step], &node, &names);
}

static enum lethe_err round_off(struct lethe_copy *copy, size_t *out, size_t x, const char *y)
{
    const struct corner *corner = copy->context;
    size_t values[VALUES] = {[X] = x, [HALF] = corner->half, [FOUR] = corner->four};
    enum lethe_err code = LETHE_OK;
    for (size_t step = 0; step < VALUES - UP && !code; step++)
        code = add_step(copy, values, step, y);
    *out = values[Y];
    return code;
}

static enum lethe_err replace(struct lethe_copy *copy, size_t *outs, const struct lethe_node *node,
                              const char *const *names)
{
    struct corner *corner = copy->context;
    enum lethe_err code = LETHE_OK;
    if (strcmp(node->type, "Relu") != 0 || node->in_count != 1 || node->out_count != 1)
        return lethe_graph_add_node(copy->to, outs, node, names);
    if (corner->half == LETHE_NONE)
        code = lethe_graph_add_number(copy->to, &corner->half, width_name, corner->width);
    if (!code && corner->four == LETHE_NONE)
        code = lethe_graph_add_number(copy->to, &corner->four, four_name, 4 * corner->width);
    return code ? code : round_off(copy, outs, node->in[0], names[0]);
}

/* The fixed number of this name, as a file may hold anything under it; LETHE_NONE: there is none.
 */
static size_t find(const struct lethe_graph *graph, const char *name)
{
    for (size_t v = 0; v < graph->value_count; v++) {
        const struct lethe_tensor_value *value = &graph->values[v];
        if (value->kind == LETHE_VALUE_TENSOR && value->param == LETHE_NONE &&
            lethe_shape_size(&value->shape) == 1 && isfinite(value->data[0]) &&
            value->data[0] > 0 && !strcmp(value->name, name))
            return v;
    }
    return LETHE_NONE;
}

/* Corners that are round already get another width. */
static enum lethe_err widen(struct lethe_copy *copy, const char *name, double number)
{
    struct lethe_tensor_value *value = &copy->to->values[copy->now[find(copy->from, name)]];
    value->data = lethe_arena_copy(&copy->to->arena, &number, 1, sizeof number);
    return value->data ? LETHE_OK : LETHE_ENOMEM;
}

double lethe_graph_corner(const struct lethe_graph *graph)
{
    const size_t v = find(graph, width_name);
    if (v != LETHE_NONE && find(graph, four_name) != LETHE_NONE)
        return graph->values[v].data[0];
    for (size_t i = 0; i < graph->node_count; i++)
        if (graph->nodes[i].used && !strcmp(graph->nodes[i].type, "Relu"))
            return 0;
    return NAN;
}

int lethe_node_is_corner(const struct lethe_graph *graph, const struct lethe_node *node)
{
    return !strcmp(node->type, "Sub") && !strcmp(graph->values[node->in[1]].name, width_name);
}

static enum lethe_err make(struct lethe_copy *copy, struct lethe_error *err)
{
    struct corner *corner = copy->context;
    const int again = lethe_graph_corner(copy->from) > 0;
    copy->replace = again ? NULL : replace;
    enum lethe_err code = lethe_copy_make(copy);
    if (!code && again)
        code = widen(copy, width_name, corner->width);
    if (!code && again)
        code = widen(copy, four_name, 4 * corner->width);
    for (size_t k = 0; k < copy->from->output_count && !code; k++)
        code = lethe_graph_add_output(copy->to, copy->now[copy->from->outputs[k]]);
    return code ? lethe_fail_memory(err, "a network", copy->from->value_count, sizeof(void *))
                : LETHE_OK;
}

enum lethe_err lethe_graph_smooth(struct lethe_graph **made, double **made_w,
                                  const struct lethe_graph *graph, const double *w, double width,
                                  struct lethe_error *err)
{
    if (!(width > 0) || !isfinite(width))
        return lethe_fail(err, LETHE_EARG, "a corner of width %g: it must be above 0", width);
    if (isnan(lethe_graph_corner(graph)))
        return lethe_fail(err, LETHE_EARG,
                          "the network has no Relu: there are no corners to round");
    struct corner corner = {.width = graph->dtype == LETHE_F32 ? (double)(float)width : width,
                            .half = LETHE_NONE,
                            .four = LETHE_NONE};
    struct lethe_copy copy = {.from = graph, .w = w, .context = &corner};
    double *all = NULL;
    enum lethe_err code = make(&copy, err);
    if (!code)
        code = lethe_graph_finish(copy.to, &all, err);
    lethe_copy_release(&copy);
    if (code) {
        lethe_graph_unref(copy.to);
        return code;
    }
    *made = copy.to;
    *made_w = all;
    return LETHE_OK;
}
