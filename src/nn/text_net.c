/* SPDX-License-Identifier: MIT
 * Small encoders of text built here: an embedding of tokens and places, attention layers (Vaswani
 * et al. 2017, with the normalisation before each part, which trains without a warm-up), the mean
 * over the tokens that are there, one linear layer. Padding (token 0) is neither looked at nor
 * counted. Shapes in comments: B texts, L tokens, D wide, H heads. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "nn/stack.h"

struct parts {
    struct lethe_stack *stack;
    size_t width, heads;
    size_t real;                       /* (B, L): 1 where a token is, 0 at padding */
    size_t away;                       /* (B, 1, 1, L): 0 and -1e4 */
    size_t split, join;                /* shapes (B, L, H, D/H) and (B, L, D) */
    size_t scale, half, one, root_two; /* numbers */
};

static void binary(struct lethe_stack *stack, const char *name, const char *type, size_t a,
                   size_t b)
{
    const size_t in[2] = {a, b};
    stack->top = lethe_stack_op(stack, name, type, in, 2, NULL, 0);
}

static void normalise(struct lethe_stack *stack, const char *name, size_t width)
{
    static const long long last = -1;
    char part[96];
    const struct lethe_attr axis = lethe_stack_int("axis", &last);
    size_t in[3] = {stack->top};
    snprintf(part, sizeof part, "%s.weight", name);
    in[1] = lethe_stack_param(stack, part, &width, 1);
    snprintf(part, sizeof part, "%s.bias", name);
    in[2] = lethe_stack_param(stack, part, &width, 1);
    stack->top = lethe_stack_op(stack, name, "LayerNormalization", in, 3, &axis, 1);
}

/* (B, L, D) -> (B, H, L, D/H), or (B, H, D/H, L) when turned. */
static size_t heads_of(const struct parts *p, size_t x, const char *layer, const char *name,
                       int turned)
{
    static const long long by_head[4] = {0, 2, 1, 3}, by_feature[4] = {0, 2, 3, 1};
    const struct lethe_attr order = lethe_stack_list("perm", turned ? by_feature : by_head, 4);
    char part[80];
    p->stack->top = x;
    snprintf(part, sizeof part, "%s.%s", layer, name);
    lethe_stack_linear(p->stack, part, p->width, p->width, 0);
    binary(p->stack, part, "Reshape", p->stack->top, p->split);
    const size_t in[1] = {p->stack->top};
    return lethe_stack_op(p->stack, part, "Transpose", in, 1, &order, 1);
}

/* x + attention(normalised x) */
static void attend(const struct parts *p, const char *layer)
{
    static const long long back[4] = {0, 2, 1, 3};
    static const long long last = -1;
    const struct lethe_attr order = lethe_stack_list("perm", back, 4);
    const struct lethe_attr axis = lethe_stack_int("axis", &last);
    struct lethe_stack *stack = p->stack;
    const size_t x = stack->top;
    char part[80];
    snprintf(part, sizeof part, "%s.norm1", layer);
    normalise(stack, part, p->width);
    const size_t in = stack->top;
    const size_t query = heads_of(p, in, layer, "query", 0);
    const size_t key = heads_of(p, in, layer, "key", 1);
    const size_t value = heads_of(p, in, layer, "value", 0);
    snprintf(part, sizeof part, "%s.scores", layer);
    binary(stack, part, "MatMul", query, key);
    binary(stack, part, "Mul", stack->top, p->scale);
    binary(stack, part, "Add", stack->top, p->away);
    size_t one[1] = {stack->top};
    stack->top = lethe_stack_op(stack, part, "Softmax", one, 1, &axis, 1);
    snprintf(part, sizeof part, "%s.mixed", layer);
    binary(stack, part, "MatMul", stack->top, value);
    one[0] = stack->top;
    stack->top = lethe_stack_op(stack, part, "Transpose", one, 1, &order, 1);
    binary(stack, part, "Reshape", stack->top, p->join);
    snprintf(part, sizeof part, "%s.output", layer);
    lethe_stack_linear(stack, part, p->width, p->width, 0);
    snprintf(part, sizeof part, "%s.first", layer);
    binary(stack, part, "Add", x, stack->top);
}

/* x/2 (1 + erf(x / sqrt 2)), Gelu in operators every runtime has. */
static void gelu(const struct parts *p, const char *layer)
{
    struct lethe_stack *stack = p->stack;
    const size_t x = stack->top;
    char part[80];
    snprintf(part, sizeof part, "%s.gelu", layer);
    binary(stack, part, "Div", x, p->root_two);
    lethe_stack_unary(stack, part, "Erf");
    binary(stack, part, "Add", stack->top, p->one);
    binary(stack, part, "Mul", x, stack->top);
    snprintf(part, sizeof part, "%s.gelu.half", layer);
    binary(stack, part, "Mul", stack->top, p->half);
}

/* x + two linear layers(normalised x), twice as wide between them. */
static void feed(const struct parts *p, const char *layer)
{
    struct lethe_stack *stack = p->stack;
    const size_t x = stack->top;
    char part[80];
    snprintf(part, sizeof part, "%s.norm2", layer);
    normalise(stack, part, p->width);
    snprintf(part, sizeof part, "%s.fc1", layer);
    lethe_stack_linear(stack, part, p->width, 2 * p->width, 0);
    gelu(p, layer);
    snprintf(part, sizeof part, "%s.fc2", layer);
    lethe_stack_linear(stack, part, 2 * p->width, p->width, 0);
    snprintf(part, sizeof part, "%s.second", layer);
    binary(stack, part, "Add", x, stack->top);
}

/* What every layer needs, from the tokens on top. */
static void look_at_tokens(struct parts *p, size_t length)
{
    static const long long float_type = LETHE_ELEM_FLOAT;
    struct lethe_stack *stack = p->stack;
    const long long split[4] = {0, (long long)length, (long long)p->heads,
                                (long long)(p->width / p->heads)};
    const long long join[3] = {0, (long long)length, (long long)p->width};
    const long long spread[4] = {0, 1, 1, (long long)length};
    const struct lethe_attr type = lethe_stack_int("to", &float_type);
    const size_t tokens[1] = {stack->top};
    size_t one[1];
    p->split = lethe_stack_ints(stack, "split", split, 4);
    p->join = lethe_stack_ints(stack, "join", join, 3);
    p->scale = lethe_stack_number(stack, "scale", 1 / sqrt((double)split[3]));
    p->half = lethe_stack_number(stack, "half", 0.5);
    p->one = lethe_stack_number(stack, "one", 1);
    p->root_two = lethe_stack_number(stack, "root_two", sqrt(2));
    const size_t far = lethe_stack_number(stack, "far", 1e4);
    const size_t shape = lethe_stack_ints(stack, "spread", spread, 4);
    one[0] = lethe_stack_op(stack, "mask", "Cast", tokens, 1, &type, 1);
    p->real = lethe_stack_op(stack, "mask", "Sign", one, 1, NULL, 0);
    binary(stack, "mask", "Sub", p->real, p->one);
    binary(stack, "mask", "Mul", stack->top, far);
    binary(stack, "mask", "Reshape", stack->top, shape);
    p->away = stack->top;
}

/* (B, L, D) -> (B, D): the sum over real tokens by their number, at least 1. */
static void mean_of_tokens(const struct parts *p, size_t length)
{
    static const long long keep = 1;
    struct lethe_stack *stack = p->stack;
    const long long by_token[3] = {0, 1, (long long)length}, count_axis[1] = {1};
    const long long flat[2] = {0, (long long)p->width};
    const struct lethe_attr kept = lethe_stack_int("keepdims", &keep);
    const size_t x = stack->top, row = lethe_stack_ints(stack, "by_token", by_token, 3);
    const size_t axis = lethe_stack_ints(stack, "token_axis", count_axis, 1);
    const size_t shape = lethe_stack_ints(stack, "flat", flat, 2);
    binary(stack, "sum", "Reshape", p->real, row);
    binary(stack, "sum", "MatMul", stack->top, x);
    binary(stack, "flatten", "Reshape", stack->top, shape);
    const size_t sum = stack->top, in[2] = {p->real, axis};
    stack->top = lethe_stack_op(stack, "count", "ReduceSum", in, 2, &kept, 1);
    binary(stack, "count", "Max", stack->top, p->one);
    binary(stack, "mean", "Div", sum, stack->top);
}

static enum lethe_err check(const struct lethe_text_net *net, struct lethe_error *err)
{
    if (!net->tokens || !net->length || !net->classes)
        return lethe_fail(err, LETHE_EARG,
                          "a network for text needs samples of tokens and their vocabulary");
    if (net->width < 8 || net->width > 4096 || net->layers < 1 || net->layers > 24 || !net->heads ||
        net->width % net->heads)
        return lethe_fail(err, LETHE_EARG,
                          "text:%zux%zu with %zu heads: 8 to 4096 wide in whole heads, 1 to 24 "
                          "layers",
                          net->width, net->layers, net->heads);
    return LETHE_OK;
}

enum lethe_err lethe_graph_text(struct lethe_graph **graph, const struct lethe_text_net *net,
                                struct lethe_error *err)
{
    enum lethe_err code = check(net, err);
    if (code)
        return code;
    struct lethe_stack stack;
    const size_t table[2] = {net->tokens, net->width}, places[2] = {net->length, net->width};
    char layer[32];
    lethe_stack_init(&stack, 17);
    lethe_stack_input(&stack, LETHE_ELEM_INT64, &net->length, 1);
    struct parts p = {.stack = &stack, .width = net->width, .heads = net->heads};
    const size_t tokens = stack.top;
    look_at_tokens(&p, net->length);
    const size_t rows[2] = {lethe_stack_param(&stack, "tokens.weight", table, 2), tokens};
    stack.top = lethe_stack_op(&stack, "tokens", "Gather", rows, 2, NULL, 0);
    binary(&stack, "places", "Add", stack.top,
           lethe_stack_param(&stack, "places.weight", places, 2));
    for (size_t i = 0; i < net->layers; i++) {
        snprintf(layer, sizeof layer, "layer%zu", i + 1);
        attend(&p, layer);
        feed(&p, layer);
    }
    normalise(&stack, "norm", net->width);
    mean_of_tokens(&p, net->length);
    lethe_stack_linear(&stack, "fc", net->width, net->classes, 1);
    return lethe_stack_finish(&stack, graph, err);
}
