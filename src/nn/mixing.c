/* SPDX-License-Identifier: MIT
 * Whether the samples of a batch see each other: a softmax over the batch, an LSTM that takes it
 * for time, a view that cuts across it. The answer to a sample would then change with those that
 * happen to stand beside it, and nothing said of one sample would be true.
 *
 * Two plans, for 2 and 3 samples, tell which axis of a value grows with the batch. An operator that
 * works along such an axis, or gives it another length, is suspected; what is suspected is run: the
 * same sample must have the same logits in another place of another batch. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/ops.h"

struct mixing {
    const struct lethe_graph *graph;
    const struct lethe_plan *two, *three;
    size_t *lead; /* by value: entries of the axis that grows before the batch, at least 1 */
};

/* The axis of a value that grows with the batch; LETHE_NONE: there is none, or more than one. */
static size_t axis_of(const struct mixing *m, size_t value)
{
    const struct lethe_shape *two = &m->two->values[value].shape;
    const struct lethe_shape *three = &m->three->values[value].shape;
    size_t found = LETHE_NONE;
    for (size_t d = 0; d < two->ndim && two->ndim == three->ndim; d++)
        if (two->dims[d] != three->dims[d]) {
            if (found != LETHE_NONE || two->dims[d] * 3 != three->dims[d] * 2)
                return LETHE_NONE;
            found = d;
        }
    return found;
}

/* Entries that an operator brings together into one of its output. */
static size_t reach(const struct lethe_op_call *call)
{
    static const struct {
        const char *begin;
        size_t offset;
    } reaches[] = {
#define REACH(begin, field) {begin, offsetof(union lethe_op_args, field)}
        REACH("Softmax", axis.length),
        REACH("LogSoftmax", axis.length),
        REACH("CumSum", axis.length),
        REACH("Arg", axis.length),
        REACH("Gather", axis.length),
        REACH("InstanceNormalization", axis.inner),
        REACH("LayerNormalization", axis.inner),
        REACH("Reduce", reduce.count),
        REACH("Gemm", matmul.k),
        REACH("MatMul", matmul.k),
        REACH("GroupNormalization", rows.run),
        REACH("RMSNormalization", rows.per),
        REACH("LSTM", recurrent.steps),
        REACH("GRU", recurrent.steps),
#undef REACH
    };
    size_t entries = 0;
    const char *type = call->node->type;
    for (size_t i = 0; i < sizeof reaches / sizeof *reaches; i++)
        if (!strncmp(type, reaches[i].begin, strlen(reaches[i].begin)) &&
            strncmp(type, "GatherN", 7) != 0 && strncmp(type, "GatherE", 7) != 0)
            memcpy(&entries, (const char *)&call->args + reaches[i].offset, sizeof entries);
    if (strstr(type, "Pool") || !strncmp(type, "Conv", 4))
        entries = call->args.conv.window.in[0] * call->args.conv.window.in[1] *
                  call->args.conv.window.in[2];
    return entries;
}

static int is_fed(const struct mixing *m, size_t value)
{
    return value != LETHE_NONE && m->two->values[value].fed;
}

/* Follows the batch from a node's inputs to its output; 1: it could not. */
static int follow(struct mixing *m, const struct lethe_node *node)
{
    size_t out = node->out[0], lead = 1;
    for (size_t k = 0; k < node->in_count; k++)
        if (is_fed(m, node->in[k]) && m->lead[node->in[k]] > lead)
            lead = m->lead[node->in[k]];
    const size_t axis = axis_of(m, out);
    if (axis == LETHE_NONE)
        return 1;
    m->lead[out] = lead;
    if (!(node->op->flags & LETHE_OP_VIEW))
        return 0;
    /* the memory stays, so the batch has as many entries before it as it had */
    const struct lethe_shape *x = &m->two->values[node->in[0]].shape;
    const struct lethe_shape *y = &m->two->values[out].shape;
    const size_t from = axis_of(m, node->in[0]);
    if (from == LETHE_NONE)
        return 1;
    const size_t outer = lethe_shape_product(x, 0, from) * m->lead[node->in[0]];
    const size_t before = lethe_shape_product(y, 0, axis), each = y->dims[axis] / 2;
    m->lead[out] = before && outer % before == 0 ? outer / before : 1;
    return !before || outer % before != 0 || each % m->lead[out] != 0;
}

/* The first node that may bring samples together; NULL: none does. */
static const struct lethe_node *suspect(struct mixing *m)
{
    for (size_t v = 0; v < m->graph->value_count; v++)
        m->lead[v] = 1;
    for (size_t i = 0; i < m->two->call_count && i < m->three->call_count; i++) {
        const struct lethe_op_call *call = &m->two->calls[i], *other = &m->three->calls[i];
        const struct lethe_node *node = call->node;
        if (!is_fed(m, node->out[0]))
            continue;
        if (node != other->node || reach(call) != reach(other) || follow(m, node))
            return node;
    }
    return NULL;
}

/* Three samples, each beside each of the others, once first and once last. */
static enum lethe_err confirm(struct lethe_graph *graph, const double *w,
                              const struct lethe_node *node, struct lethe_error *err)
{
    enum { PAIRS = 3 };
    static const size_t pairs[PAIRS][2] = {{0, 1}, {1, 2}, {2, 0}};
    char place[96];
    const size_t width = graph->classes, step = 2 * width;
    double *logits = lethe_alloc(2 * PAIRS, width * sizeof *logits), gap = 0, scale = 0;
    if (!logits)
        return lethe_fail_memory(err, "logits", 2 * PAIRS, width);
    enum lethe_err code = LETHE_OK;
    for (size_t i = 0; i < PAIRS && !code; i++)
        code = lethe_graph_try(logits + i * step, graph, w, pairs[i], 2, NULL);
    for (size_t i = 0; i < PAIRS && !code; i++)
        for (size_t c = 0; c < width; c++) {
            const double first = logits[(i + 1) % PAIRS * step + c];
            gap = fmax(gap, fabs(first - logits[i * step + width + c]));
            scale = fmax(scale, fabs(first));
        }
    lethe_free(logits);
    if (code || !(gap > 1e-6 * scale + 1e-9))
        return LETHE_OK; /* what cannot be run says so where it is */
    return lethe_fail(
        err, LETHE_EFORMAT,
        "operator '%s' at %s works across the samples of a batch, so that the answer to a sample "
        "depends on those beside it; export the model with an axis of the sample there "
        "(PyTorch: dim=1 instead of dim=0, batch_first=True)",
        node->type, lethe_node_place(place, graph, node));
}

enum lethe_err lethe_graph_check_mixing(struct lethe_graph *graph, const double *w,
                                        struct lethe_error *err)
{
    struct mixing m = {.graph = graph};
    const struct lethe_node *node = NULL;
    struct lethe_plan *two = lethe_plan_new(graph, 2, NULL), *three = NULL;
    three = two ? lethe_plan_new(graph, 3, NULL) : NULL;
    enum lethe_err code = LETHE_OK;
    m.two = two;
    m.three = three;
    m.lead = lethe_alloc(graph->value_count + 1, sizeof *m.lead);
    if (!two || !three || !m.lead)
        code = lethe_fail_memory(err, "a network", 1, 1);
    else
        node = suspect(&m);
    lethe_plan_free(two);
    lethe_plan_free(three);
    lethe_free(m.lead);
    return code || !node ? code : confirm(graph, w, node, err);
}
