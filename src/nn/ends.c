/* SPDX-License-Identifier: MIT
 * How a network ends. Losses and figures are made from logits, files end in all kinds of things:
 * labels, probabilities, one number of two classes. The logits are what these are computed from:
 *
 *     softmax(z), log softmax(z)                        z
 *     sigmoid(z), one output                            (0, z)
 *     sigmoid(z) of each class, or over their sum       log sigmoid(z)
 *     p over its sum                                    log p
 *
 * also behind a clip that keeps logarithms finite. What is added for it is no part of an export. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/graph.h"
#include "nn/ops.h"
#include "nn/plan.h"

static const struct lethe_node *maker(const struct lethe_graph *graph, size_t value)
{
    return value != LETHE_NONE && graph->values[value].kind == LETHE_VALUE_NODE
               ? &graph->nodes[graph->values[value].node]
               : NULL;
}

static int is_one_of(const struct lethe_node *node, const char *const *types)
{
    for (; node && *types; types++)
        if (!strcmp(node->type, *types))
            return node->in_count > 0;
    return 0;
}

static int is_type(const struct lethe_node *node, const char *type)
{
    return node && node->in_count > 0 && !strcmp(node->type, type);
}

/* The value behind copies, conversions and other shapes. */
static size_t through(const struct lethe_graph *graph, size_t value)
{
    static const char *const types[] = {"Identity", "Cast",      "Reshape", "Flatten",
                                        "Squeeze",  "Unsqueeze", NULL};
    const struct lethe_node *node;
    while (is_one_of(node = maker(graph, value), types))
        value = node->in[0];
    return value;
}

/* ---- labels ---------------------------------------------------------------------------------- */

/* The largest along an axis that is not the batch: its place, or 1 there and 0 beside it. */
static int takes_largest(const struct lethe_node *node)
{
    const int hard = is_type(node, "Hardmax");
    return (hard || is_type(node, "ArgMax")) && lethe_node_int(node, "axis", hard ? -1 : 0) != 0;
}

/* What chooses the label that a value is, NULL when it is none. */
static const struct lethe_node *choice(const struct lethe_graph *graph, size_t value)
{
    static const char *const tables[] = {"ArrayFeatureExtractor", "Gather", NULL};
    for (;;) {
        const struct lethe_node *node = maker(graph, through(graph, value));
        if (takes_largest(node))
            return node;
        if (!is_one_of(node, tables) || node->in_count < 2)
            return NULL;
        value = node->in[1];
    }
}

enum lethe_err lethe_graph_find_choice(struct lethe_graph *graph, struct lethe_error *err)
{
    const struct lethe_node *node = choice(graph, graph->outputs[0]);
    if (!node || graph->end)
        return LETHE_OK;
    if (lethe_graph_add_note(graph,
                             "the file's output '%.60s' is the class alone: the logits are "
                             "what %s takes it from",
                             graph->values[graph->outputs[0]].name, node->type))
        return lethe_fail_memory(err, "a note", 1, 1);
    graph->chooses = 1;
    graph->outputs[0] = node->in[0];
    return LETHE_OK;
}

/* Whether the file takes the largest of these numbers somewhere. */
static int is_chosen_from(const struct lethe_graph *graph, size_t value)
{
    for (size_t i = 0; i < graph->node_count; i++)
        if (is_type(&graph->nodes[i], "ArgMax") && through(graph, graph->nodes[i].in[0]) == value)
            return 1;
    return graph->chooses;
}

/* ---- ends ------------------------------------------------------------------------------------ */

struct ending {
    struct lethe_graph *graph;
    const struct lethe_plan *plan;
    size_t logits; /* what they are made of */
    enum lethe_graph_end kind;
    int log_sigmoid, log; /* functions that logits still need */
    size_t turns;         /* transpositions behind a softmax, the file's last one first */
    const struct lethe_node *turn[2];
};

/* Numbers of one sample, 0 when they do not go into rows. */
static size_t row_size(const struct ending *e, size_t value)
{
    const size_t size = lethe_shape_size(&e->plan->values[value].shape);
    return size % e->plan->n ? 0 : size / e->plan->n;
}

/* p of (1 - p, p), or LETHE_NONE. */
static size_t second_of_two(const struct lethe_graph *graph, const struct lethe_node *node)
{
    if (!is_type(node, "Concat") || node->in_count != 2 || node->in[0] == LETHE_NONE)
        return LETHE_NONE;
    size_t p = through(graph, node->in[1]);
    const struct lethe_node *rest = maker(graph, through(graph, node->in[0]));
    if (!is_type(rest, "Sub") || rest->in_count != 2 || through(graph, rest->in[1]) != p)
        return LETHE_NONE;
    size_t one = lethe_graph_origin(graph, rest->in[0]);
    const struct lethe_tensor_value *value = one == LETHE_NONE ? NULL : &graph->values[one];
    return value && value->kind == LETHE_VALUE_TENSOR && lethe_shape_size(&value->shape) == 1 &&
                   value->data[0] >= 1 && value->data[0] <= 1
               ? p
               : LETHE_NONE;
}

/* x of x / sum(x), also of the sum kept above a small number, or LETHE_NONE. */
static size_t divided_by_sum(const struct lethe_graph *graph, const struct lethe_node *node)
{
    static const char *const sums[] = {"ReduceL1", "ReduceSum", NULL};
    if (!is_type(node, "Div") || node->in_count != 2)
        return LETHE_NONE;
    size_t x = through(graph, node->in[0]);
    const struct lethe_node *sum = maker(graph, through(graph, node->in[1]));
    if (is_type(sum, "Max"))
        sum = maker(graph, through(graph, sum->in[0]));
    return is_one_of(sum, sums) && through(graph, sum->in[0]) == x ? x : LETHE_NONE;
}

/* A softmax over all outputs of a sample. */
static int is_over_classes(const struct ending *e, const struct lethe_node *node)
{
    const struct lethe_shape *x = &e->plan->values[node->in[0]].shape;
    int flat = e->graph->opset < 13;
    long long axis = lethe_node_int(node, "axis", flat ? 1 : -1);
    axis += axis < 0 ? (long long)x->ndim : 0;
    if (axis < 1 || axis >= (long long)x->ndim)
        return 0;
    size_t over = flat ? lethe_shape_product(x, (size_t)axis, x->ndim) : x->dims[axis];
    return over > 1 && over == row_size(e, node->in[0]);
}

/* The softmax that the output is with its axes in another order, and what turns them; else NULL. */
static const struct lethe_node *turned_softmax(struct ending *e, size_t value)
{
    static const char *const types[] = {"Softmax", "LogSoftmax", NULL};
    const struct lethe_node *node = maker(e->graph, value);
    size_t turns = 0;
    while (is_type(node, "Transpose") && turns < 2) {
        e->turn[turns++] = node;
        while (
            is_one_of(node = maker(e->graph, node->in[0]), (const char *const[]){"Identity", NULL}))
            ;
    }
    if (turns == 0 || !is_one_of(node, types) || e->graph->opset < 13)
        return NULL;
    const struct lethe_shape *x = &e->plan->values[node->in[0]].shape;
    long long axis = lethe_node_int(node, "axis", -1);
    axis += axis < 0 ? (long long)x->ndim : 0;
    if (axis < 0 || axis >= (long long)x->ndim || x->dims[axis] < 2 ||
        x->dims[axis] != row_size(e, node->in[0]) || x->dims[axis] == e->plan->n)
        return NULL;
    e->turns = turns;
    return node;
}

/* A softmax at the end that was none over the classes of a sample. */
static int is_other_softmax(const struct lethe_graph *graph, const struct lethe_node *node)
{
    static const char *const types[] = {"Softmax", "LogSoftmax", NULL};
    while (is_type(node, "Transpose"))
        node = maker(graph, through(graph, node->in[0]));
    return is_one_of(node, types);
}

static int is_small_number(const struct lethe_graph *graph, size_t value)
{
    size_t origin = value == LETHE_NONE ? LETHE_NONE : lethe_graph_origin(graph, value);
    const struct lethe_tensor_value *v = origin == LETHE_NONE ? NULL : &graph->values[origin];
    return v && v->kind == LETHE_VALUE_TENSOR && lethe_shape_size(&v->shape) == 1 &&
           v->data[0] >= 0 && v->data[0] <= 1;
}

/* What probabilities are behind limits that keep logarithms finite: clipped to almost 0 and 1,
 * never below a small number, or with one added. The value itself when it is none of these. */
static size_t unlimited(const struct lethe_graph *graph, size_t value)
{
    static const char *const probable[] = {"Softmax", "Sigmoid", "Div", NULL};
    static const char *const two[] = {"Max", "Min", "Add", NULL};
    size_t at = value;
    for (const struct lethe_node *node; (node = maker(graph, at));) {
        if (is_type(node, "Clip"))
            at = through(graph, node->in[0]);
        else if (is_one_of(node, two) && node->in_count == 2 && is_small_number(graph, node->in[1]))
            at = through(graph, node->in[0]);
        else if (is_one_of(node, two) && node->in_count == 2 && is_small_number(graph, node->in[0]))
            at = through(graph, node->in[1]);
        else
            break;
    }
    return is_one_of(maker(graph, at), probable) ? at : value;
}

static void settle(struct ending *e, size_t logits, enum lethe_graph_end kind)
{
    e->logits = logits;
    e->kind = kind;
}

static void match_sigmoid(struct ending *e, const struct lethe_node *node, int divided)
{
    size_t p = node->out[0];
    if (row_size(e, node->in[0]) == 1) {
        settle(e, node->in[0], LETHE_END_ONE_SIGMOID);
    } else if (divided || is_chosen_from(e->graph, p)) {
        settle(e, node->in[0], LETHE_END_ONE_VS_REST);
        e->log_sigmoid = 1;
    } else {
        settle(e, e->graph->outputs[0], LETHE_END_MULTI_LABEL);
    }
}

/* One number without a sigmoid: a logit, unless it comes out of a function that logits do not. */
static void match_number(struct ending *e, const struct lethe_node *node)
{
    static const char *const types[] = {
        "Relu",        "Softplus",  "Exp",  "Tanh",      "Abs",      "Sqrt",       "Clip",
        "Elu",         "Selu",      "Gelu", "HardSwish", "Softsign", "Mish",       "Celu",
        "HardSigmoid", "LeakyRelu", "Sin",  "Cos",       "Erf",      "Reciprocal", NULL};
    settle(e, e->graph->outputs[0],
           is_one_of(node, types) ? LETHE_END_REGRESSION : LETHE_END_ONE_LOGIT);
}

/* Whether the output has a second axis of more than one entry beside that of the samples: pixels
 * or tokens, each with numbers of its own. */
static int has_places(const struct ending *e)
{
    const struct lethe_shape *y = &e->plan->values[e->graph->outputs[0]].shape;
    size_t axes = 0;
    for (size_t d = 1; d < y->ndim; d++)
        axes += y->dims[d] > 1;
    return axes > 1 && !e->graph->literal;
}

static void match(struct ending *e)
{
    const struct lethe_graph *graph = e->graph;
    size_t value = through(graph, graph->outputs[0]), inner;
    const struct lethe_node *node = maker(graph, value), *turned;
    if (is_type(node, "Log") &&
        is_type(maker(graph, inner = unlimited(graph, through(graph, node->in[0]))), "Softmax") &&
        is_over_classes(e, maker(graph, inner))) {
        settle(e, maker(graph, inner)->in[0], LETHE_END_LOG_SOFTMAX);
        return;
    }
    node = maker(graph, value = unlimited(graph, value));
    int divided = (inner = divided_by_sum(graph, node)) != LETHE_NONE;
    if (divided)
        node = maker(graph, value = inner);
    if ((inner = second_of_two(graph, node)) != LETHE_NONE &&
        is_type(maker(graph, inner), "Sigmoid"))
        node = maker(graph, inner);
    settle(e, graph->outputs[0], LETHE_END_LOGITS);
    if (is_type(node, "Softmax") && is_over_classes(e, node))
        settle(e, node->in[0], LETHE_END_SOFTMAX);
    else if (is_type(node, "LogSoftmax") && is_over_classes(e, node))
        settle(e, node->in[0], LETHE_END_LOG_SOFTMAX);
    else if (is_type(node, "Exp") && divided)
        settle(e, node->in[0], LETHE_END_SOFTMAX);
    else if (is_type(node, "Sigmoid"))
        match_sigmoid(e, node, divided);
    else if (is_type(node, "HardSigmoid") && row_size(e, value) > 1 &&
             !is_chosen_from(graph, value))
        settle(e, graph->outputs[0], LETHE_END_MULTI_LABEL);
    else if (divided && row_size(e, value) > 1) {
        settle(e, value, LETHE_END_PROBABILITIES);
        e->log = 1;
    } else if ((turned = turned_softmax(e, value)))
        settle(e, turned->in[0],
               is_type(turned, "Softmax") ? LETHE_END_SOFTMAX : LETHE_END_LOG_SOFTMAX);
    else if (is_other_softmax(graph, node))
        settle(e, graph->outputs[0], LETHE_END_GROUPS);
    else if (row_size(e, graph->outputs[0]) == 1)
        match_number(e, node);
    if (e->kind == LETHE_END_LOGITS && has_places(e))
        settle(e, graph->outputs[0], LETHE_END_PLACES);
}

/* ---- what is added --------------------------------------------------------------------------- */

static enum lethe_err add(struct lethe_graph *graph, size_t *value, const char *type,
                          const struct lethe_attr *attr)
{
    char name[64];
    const char *names = name;
    size_t in = *value;
    snprintf(name, sizeof name, "lethe/%zu/%s", graph->value_count, type);
    struct lethe_node spec = {.name = name,
                              .type = type,
                              .in = &in,
                              .in_count = 1,
                              .out_count = 1,
                              .attrs = attr,
                              .attr_count = attr != NULL,
                              .hidden = 1};
    return lethe_graph_add_node(graph, value, &spec, &names);
}

/* (n, 1) or (n) to (n, 2): the logit 0 stands before it. */
static enum lethe_err add_first_class(struct lethe_graph *graph, size_t *value)
{
    const long long pads[4] = {0, 1, 0, 0};
    const struct lethe_attr attr = {
        .name = "pads", .type = LETHE_ATTR_INTS, .count = 4, .ints = pads};
    enum lethe_err code = add(graph, value, "Flatten", NULL);
    return code ? code : add(graph, value, "Pad", &attr);
}

static enum lethe_err add_functions(const struct ending *e, size_t *value)
{
    static const char *const log_sigmoid[] = {"Neg", "Softplus", "Neg"};
    enum lethe_err code = LETHE_OK;
    for (size_t i = e->turns; i-- > 0 && !code;)
        code = add(e->graph, value, "Transpose", lethe_node_attr(e->turn[i], "perm"));
    for (size_t i = 0; i < 3 && e->log_sigmoid && !code; i++)
        code = add(e->graph, value, log_sigmoid[i], NULL);
    if (!code && e->log)
        code = add(e->graph, value, "Log", NULL);
    if (!code && (e->kind == LETHE_END_ONE_LOGIT || e->kind == LETHE_END_ONE_SIGMOID))
        code = add_first_class(e->graph, value);
    return code;
}

enum lethe_err lethe_graph_find_end(struct lethe_graph *graph, int *changed,
                                    struct lethe_error *err)
{
    struct ending e = {.graph = graph};
    if (graph->end)
        return LETHE_OK;
    /* a free batch has a length that is no number of classes */
    struct lethe_plan *plan =
        lethe_plan_new(graph, graph->file_batch ? graph->file_batch : 2, NULL);
    if (plan && !graph->file_batch &&
        lethe_shape_size(&plan->values[graph->outputs[0]].shape) == plan->n * plan->n) {
        lethe_plan_free(plan);
        plan = lethe_plan_new(graph, 3, NULL);
    }
    if (!plan)
        return LETHE_OK; /* reported when the shapes are checked */
    e.plan = plan;
    match(&e);
    lethe_plan_free(plan);
    graph->end = e.kind;
    size_t logits = e.logits;
    if (add_functions(&e, &logits))
        return lethe_fail_memory(err, "a network", 1, 1);
    *changed = logits != graph->outputs[0];
    graph->outputs[0] = logits;
    return LETHE_OK;
}

const char *lethe_graph_end_text(enum lethe_graph_end end)
{
    switch (end) {
    case LETHE_END_SOFTMAX:
        return "probabilities (softmax)";
    case LETHE_END_LOG_SOFTMAX:
        return "log probabilities (log-softmax)";
    case LETHE_END_ONE_LOGIT:
        return "one logit, two classes";
    case LETHE_END_ONE_SIGMOID:
        return "one probability (sigmoid), two classes";
    case LETHE_END_ONE_VS_REST:
        return "one probability a class (sigmoid), one-vs-rest";
    case LETHE_END_PROBABILITIES:
        return "probabilities, divided by their sum";
    case LETHE_END_MULTI_LABEL:
        return "multi-label (a sigmoid for each output)";
    case LETHE_END_REGRESSION:
        return "regression (one number)";
    case LETHE_END_GROUPS:
        return "a softmax, not of all outputs of a sample";
    case LETHE_END_PLACES:
        return "numbers for each of several places";
    default:
        return "logits";
    }
}

enum lethe_err lethe_graph_check_end(const struct lethe_graph *graph, struct lethe_error *err)
{
    if (graph->end == LETHE_END_MULTI_LABEL)
        return lethe_fail(
            err, LETHE_EFORMAT,
            "the model ends in a sigmoid for each of %zu outputs: a multi-label head, "
            "of which several may hold at once; lethe unlearns from classifiers that "
            "choose one class (export what stands before the sigmoid if it does)",
            graph->classes);
    if (graph->end == LETHE_END_REGRESSION)
        return lethe_fail(
            err, LETHE_EFORMAT,
            "the model ends in one number that is no logit: a regression head; lethe "
            "unlearns from classifiers (export the logit, or a sigmoid, if it is one)");
    if (graph->end == LETHE_END_GROUPS && graph->classes == 1)
        return lethe_fail(
            err, LETHE_EFORMAT,
            "the model ends in a softmax of one number, which is always 1; export what stands "
            "before it (one logit of two classes), or a sigmoid");
    if (graph->end == LETHE_END_GROUPS)
        return lethe_fail(
            err, LETHE_EFORMAT,
            "the model ends in a softmax that is not over all %zu outputs of a sample: a head of "
            "several answers, or a softmax of the wrong axis; lethe unlearns from classifiers that "
            "choose one class (export the one head, or the softmax with axis=1, PyTorch's dim=1)",
            graph->classes);
    if (graph->end == LETHE_END_PLACES)
        return lethe_fail(
            err, LETHE_EFORMAT,
            "the model gives %zu numbers a sample on several axes: a head that answers for each "
            "place (segmentation, tagging, detection); lethe unlearns from classifiers that choose "
            "one class a sample",
            graph->classes);
    return LETHE_OK;
}
