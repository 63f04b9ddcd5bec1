/* SPDX-License-Identifier: MIT
 * Reads an equation such as "bik,bkj->bij". Every letter is a label with a length; "..." stands for
 * the axes that have none, aligned at their end. Without "->" the output has the labels that occur
 * once, in alphabetical order. */
#include <ctype.h>
#include <string.h>

#include "nn/prepare.h"

enum {
    LABELS = 128,
    DOTS = 1,
    DOTS_MOST = LETHE_SHAPE_DIMS
}; /* labels 1 to 8 are those of "..." */

struct term {
    unsigned char label[LETHE_SHAPE_DIMS];
    size_t count;
    int has_dots;
    size_t dots_at;
};

struct equation {
    struct term in[LETHE_WALK_OPERANDS - 1], out;
    size_t length[LABELS]; /* 0: no such label */
    size_t uses[LABELS], dots;
};

/* One side of a comma or arrow; returns where it ends, NULL when it is malformed. */
static const char *read_term(struct term *term, const char *text)
{
    *term = (struct term){0};
    for (; *text && *text != ',' && strncmp(text, "->", 2) != 0; text++) {
        if (*text == ' ')
            continue;
        if (!strncmp(text, "...", 3) && !term->has_dots) {
            term->has_dots = 1;
            term->dots_at = term->count;
            text += 2;
        } else if (isalpha((unsigned char)*text) && term->count < LETHE_SHAPE_DIMS) {
            term->label[term->count++] = (unsigned char)*text;
        } else {
            return NULL;
        }
    }
    return text;
}

/* Puts labels in the place of "..." for a tensor of ndim axes. */
static int fill_dots(struct term *term, size_t ndim)
{
    size_t dots = ndim - term->count;
    if (ndim < term->count || ndim > LETHE_SHAPE_DIMS || (dots > 0 && !term->has_dots))
        return 0;
    memmove(term->label + term->dots_at + dots, term->label + term->dots_at,
            term->count - term->dots_at);
    for (size_t i = 0; i < dots; i++)
        term->label[term->dots_at + i] = (unsigned char)(DOTS + DOTS_MOST - dots + i);
    term->count = ndim;
    return 1;
}

static int take_lengths(struct equation *eq, const struct term *term, const struct lethe_shape *x)
{
    for (size_t d = 0; d < x->ndim; d++) {
        size_t *length = &eq->length[term->label[d]];
        if (eq->uses[term->label[d]]++ == 0 || *length == 1)
            *length = x->dims[d];
        else if (*length != x->dims[d] && x->dims[d] != 1)
            return 0;
    }
    return 1;
}

static void implicit_output(struct equation *eq)
{
    eq->out = (struct term){.has_dots = 1};
    for (size_t c = 'A'; c <= 'z'; c++)
        if (eq->uses[c] == 1 && eq->out.count < LETHE_SHAPE_DIMS)
            eq->out.label[eq->out.count++] = (unsigned char)c;
}

static int read_equation(struct equation *eq, const struct lethe_prepare *p)
{
    const char *text = lethe_node_text(p->node, "equation", "");
    for (size_t k = 0; k < p->node->in_count; k++) {
        size_t ndim = p->in[k]->shape.ndim;
        text = read_term(&eq->in[k], text);
        if (!text || !fill_dots(&eq->in[k], ndim) ||
            !take_lengths(eq, &eq->in[k], &p->in[k]->shape))
            return 0;
        for (size_t d = 0, dots = 0; d < ndim; d++) {
            dots += eq->in[k].label[d] <= DOTS_MOST;
            eq->dots = dots > eq->dots ? dots : eq->dots;
        }
        if (k + 1 < p->node->in_count && *text++ != ',')
            return 0;
    }
    if (!*text)
        implicit_output(eq);
    else if (strncmp(text, "->", 2) != 0 || !(text = read_term(&eq->out, text + 2)) || *text)
        return 0;
    return fill_dots(&eq->out, eq->out.count + (eq->out.has_dots ? eq->dots : 0));
}

/* Adds a label as an axis of the walk; a label twice in a term runs along its diagonal. */
static void walk_label(struct lethe_walk *walk, const struct equation *eq,
                       const struct lethe_prepare *p, unsigned char label)
{
    size_t axis = walk->ndim++;
    walk->dims[axis] = eq->length[label];
    for (size_t k = 0; k < walk->operands; k++) {
        const struct term *term = k ? &eq->in[k - 1] : &eq->out;
        const struct lethe_shape *shape = k ? &p->in[k - 1]->shape : &p->out[0]->shape;
        walk->step[k][axis] = 0;
        for (size_t d = 0; d < shape->ndim; d++)
            if (term->label[d] == label && shape->dims[d] != 1)
                walk->step[k][axis] += (ptrdiff_t)lethe_shape_product(shape, d + 1, shape->ndim);
    }
}

LETHE_PREPARE(einsum)
{
    struct equation eq = {0};
    struct lethe_walk *walk = &p->call->args.walk;
    struct lethe_shape *y = &p->out[0]->shape;
    unsigned char done[LABELS] = {0};
    for (size_t k = 0; k < p->node->in_count; k++)
        if (!p->in[k] || !lethe_prepare_size_ok(&p->in[k]->shape))
            return lethe_prepare_fail(p, "input %zu is missing or too large", k);
    int good = read_equation(&eq, p);
    for (size_t d = 0; good && d < eq.out.count; d++) {
        y->dims[y->ndim++] = eq.length[eq.out.label[d]];
        good = eq.uses[eq.out.label[d]] > 0 && !done[eq.out.label[d]]++;
    }
    if (!good)
        return lethe_prepare_fail(p, "the equation '%.60s' does not fit its inputs",
                                  lethe_node_text(p->node, "equation", ""));
    if (!lethe_prepare_size_ok(y))
        return lethe_prepare_fail(p, "its output is too large");
    walk->operands = p->node->in_count + 1;
    for (size_t d = 0; d < eq.out.count; d++)
        walk_label(walk, &eq, p, eq.out.label[d]);
    for (size_t c = 0; c < LABELS; c++)
        if (eq.uses[c] && !done[c]) {
            if (walk->ndim == LETHE_WALK_DIMS)
                return lethe_prepare_fail(p, "more than %d labels", LETHE_WALK_DIMS);
            walk_label(walk, &eq, p, (unsigned char)c);
        }
    lethe_walk_merge(walk);
    p->out[0]->elem = p->in[0]->elem;
    return LETHE_OK;
}
