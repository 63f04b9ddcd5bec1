/* SPDX-License-Identifier: MIT
 * ai.onnx.ml, as scikit-learn's models come: LinearClassifier, Scaler and Normalizer in terms of
 * ONNX's own operators. An export has those; maps and labels in words are left out of it. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "onnx/builder.h"

enum { NAME = 300 };

struct classical {
    struct lethe_onnx_builder *b;
    const Onnx__NodeProto *proto;
};

static const Onnx__AttributeProto *attr(const struct classical *c, const char *name)
{
    for (size_t k = 0; k < c->proto->n_attribute; k++)
        if (!strcmp(lethe_onnx_text(c->proto->attribute[k]->name), name))
            return c->proto->attribute[k];
    return NULL;
}

static int text_is(const struct classical *c, const char *name, const char *value)
{
    const Onnx__AttributeProto *a = attr(c, name);
    return a && a->s.len == strlen(value) && !memcmp(a->s.data, value, a->s.len);
}

static enum lethe_err refuse(const struct classical *c, const char *why)
{
    char place[96];
    return lethe_fail(c->b->err, LETHE_EFORMAT, "operator 'ai.onnx.ml.%s' at %s: %s",
                      lethe_onnx_text(c->proto->op_type), lethe_onnx_place(place, c->b, c->proto),
                      why);
}

/* A name of a value or tensor that is made here: the node's with a part of its own. */
static const char *part(const struct classical *c, const char *suffix)
{
    const char *of = *lethe_onnx_text(c->proto->name) ? c->proto->name : c->proto->op_type;
    size_t room = strlen(of) + strlen(suffix) + 40;
    char *name = lethe_arena_alloc(&c->b->graph->arena, room, 1);
    if (!name)
        return NULL;
    snprintf(name, room, "%s.%s", of, suffix);
    for (size_t again = 2; lethe_onnx_find(c->b, name) != LETHE_NONE; again++)
        snprintf(name, room, "%s_%zu.%s", of, again, suffix);
    return name;
}

static enum lethe_err tensor(const struct classical *c, size_t *id, const char *suffix,
                             struct lethe_shape shape, const float *numbers, int initializer)
{
    size_t n = lethe_shape_size(&shape);
    const char *name = part(c, suffix);
    double *data = lethe_alloc_zero(n + 1, sizeof *data);
    for (size_t i = 0; data && numbers && i < n; i++)
        data[i] = (double)numbers[i];
    struct lethe_tensor_value value = {.name = name,
                                       .elem = LETHE_ELEM_FLOAT,
                                       .shape = shape,
                                       .data = data,
                                       .initializer = initializer};
    enum lethe_err code = data && name && !lethe_graph_add_tensor(c->b->graph, id, &value)
                              ? lethe_onnx_define(c->b, name, *id)
                              : lethe_onnx_no_memory(c->b);
    lethe_free(data);
    return code;
}

/* One operator; b LETHE_NONE: it has one input. name NULL: one of its own. */
static enum lethe_err node(const struct classical *c, size_t *out, const char *type, size_t a,
                           size_t b, const struct lethe_attr *attrs, size_t attr_count,
                           const char *name)
{
    size_t in[2] = {a, b};
    char suffix[32];
    snprintf(suffix, sizeof suffix, "%s", type);
    if (!name)
        name = part(c, suffix);
    struct lethe_node spec = {.name = name,
                              .type = type,
                              .domain = "",
                              .in = in,
                              .in_count = b == LETHE_NONE ? 1 : 2,
                              .out_count = 1,
                              .attrs = attrs,
                              .attr_count = attr_count};
    return name ? lethe_onnx_add_made(c->b, out, &spec, name) : lethe_onnx_no_memory(c->b);
}

/* The node's input in float. */
static enum lethe_err input(const struct classical *c, size_t *x)
{
    const long long to = LETHE_ELEM_FLOAT;
    const struct lethe_attr cast = {
        .name = "to", .type = LETHE_ATTR_INTS, .single = 1, .count = 1, .ints = &to};
    if (c->proto->n_input < 1 || c->proto->n_output < 1)
        return refuse(c, "it has no input or no output");
    *x = lethe_onnx_find(c->b, c->proto->input[0]);
    if (*x == LETHE_NONE)
        return refuse(c, "it reads what nothing before it defines");
    const struct lethe_tensor_value *value = &c->b->graph->values[*x];
    if (value->kind != LETHE_VALUE_INPUT || value->elem == LETHE_ELEM_FLOAT)
        return LETHE_OK;
    return node(c, x, "Cast", *x, LETHE_NONE, &cast, 1, NULL);
}

static const struct lethe_attr *whole(struct lethe_attr *attr, const char *name, long long *number)
{
    *attr = (struct lethe_attr){
        .name = name, .type = LETHE_ATTR_INTS, .single = 1, .count = 1, .ints = number};
    return attr;
}

/* ---- LinearClassifier ------------------------------------------------------------------------ */

struct linear {
    size_t classes, rows, width;
    const float *coefficients, *intercepts; /* (rows, width), (rows) or NULL */
};

/* Two rows that are each other's negatives are one logit. */
static int is_one_logit(const struct linear *l)
{
    int tied = l->rows == 2 && l->classes == 2;
    for (size_t i = 0; i < l->width && tied; i++)
        tied = l->coefficients[i] + l->coefficients[l->width + i] == 0;
    return tied && (!l->intercepts || l->intercepts[0] + l->intercepts[1] == 0);
}

static enum lethe_err read_linear(const struct classical *c, struct linear *l)
{
    const Onnx__AttributeProto *w = attr(c, "coefficients"), *b = attr(c, "intercepts");
    const Onnx__AttributeProto *ints = attr(c, "classlabels_ints");
    const Onnx__AttributeProto *words = attr(c, "classlabels_strings");
    l->classes = ints && ints->n_ints ? ints->n_ints : words ? words->n_strings : 0;
    l->rows = b && b->n_floats ? b->n_floats : l->classes;
    if (!w || !l->rows || !w->n_floats || w->n_floats % l->rows ||
        (l->rows != l->classes && !(l->rows == 1 && l->classes == 2)))
        return refuse(c, "coefficients, intercepts and labels do not fit each other");
    l->width = w->n_floats / l->rows;
    l->coefficients = w->floats;
    l->intercepts = b && b->n_floats ? b->floats : NULL;
    return LETHE_OK;
}

/* scores = x W' + b of the last `rows` rows. */
static enum lethe_err add_scores(const struct classical *c, const struct linear *l, size_t rows,
                                 size_t *scores)
{
    struct lethe_attr transposed;
    long long one = 1;
    size_t in[3], skip = l->rows - rows;
    const char *name = part(c, "scores");
    enum lethe_err code = input(c, &in[0]);
    if (!code)
        code = tensor(c, &in[1], "weight", (struct lethe_shape){2, {rows, l->width}},
                      l->coefficients + skip * l->width, 1);
    if (!code)
        code = tensor(c, &in[2], "bias", (struct lethe_shape){1, {rows}},
                      l->intercepts ? l->intercepts + skip : NULL, 1);
    struct lethe_node spec = {.name = lethe_onnx_text(c->proto->name),
                              .type = "Gemm",
                              .domain = "",
                              .in = in,
                              .in_count = 3,
                              .out_count = 1,
                              .attrs = whole(&transposed, "transB", &one),
                              .attr_count = 1};
    if (!code && !name)
        code = lethe_onnx_no_memory(c->b);
    return code ? code : lethe_onnx_add_made(c->b, scores, &spec, name);
}

/* (1 - p, p) of the one logit z, or (-z, z). */
static enum lethe_err pair(const struct classical *c, size_t z, int logistic, const char *name,
                           size_t *out)
{
    struct lethe_attr axis;
    long long one = 1;
    const float unit = 1;
    size_t p = z, other, number;
    enum lethe_err code = LETHE_OK;
    if (logistic)
        code = node(c, &p, "Sigmoid", z, LETHE_NONE, NULL, 0, NULL);
    if (!code && logistic)
        code = tensor(c, &number, "one", (struct lethe_shape){0}, &unit, 0);
    if (!code)
        code = logistic ? node(c, &other, "Sub", number, p, NULL, 0, NULL)
                        : node(c, &other, "Neg", z, LETHE_NONE, NULL, 0, NULL);
    return code ? code : node(c, out, "Concat", other, p, whole(&axis, "axis", &one), 1, name);
}

/* Labels in words: a value that stands for them, which nothing can compute or export. */
static enum lethe_err no_label(const struct classical *c, size_t scores, const char *name)
{
    size_t out;
    struct lethe_node spec = {.name = "",
                              .type = "labels in words",
                              .domain = "lethe",
                              .in = &scores,
                              .in_count = 1,
                              .out_count = 1,
                              .hidden = 1};
    if (lethe_graph_add_note(c->b->graph, "labels in words ('%.60s') are left out of exports",
                             name))
        return lethe_onnx_no_memory(c->b);
    return lethe_onnx_add_made(c->b, &out, &spec, name);
}

/* The label output: the number in the file's table of the class with the largest score. */
static enum lethe_err add_label(const struct classical *c, size_t scores)
{
    const Onnx__AttributeProto *ints = attr(c, "classlabels_ints");
    const char *name = c->proto->output[0];
    long long numbers[2] = {1, 0};
    struct lethe_attr attrs[2];
    struct lethe_tensor_value table = {.elem = LETHE_ELEM_INT64, .shape = {.ndim = 1}};
    size_t best, labels;
    c->b->graph->chooses = 1;
    if (!*name || !ints || !ints->n_ints)
        return *name ? no_label(c, scores, name) : LETHE_OK;
    double *data = lethe_alloc(ints->n_ints, sizeof *data);
    for (size_t i = 0; data && i < ints->n_ints; i++)
        data[i] = (double)ints->ints[i];
    table.shape.dims[0] = ints->n_ints;
    table.data = data;
    table.name = part(c, "labels");
    whole(&attrs[0], "axis", &numbers[0]);
    whole(&attrs[1], "keepdims", &numbers[1]);
    enum lethe_err code =
        data && table.name && !lethe_graph_add_tensor(c->b->graph, &labels, &table)
            ? lethe_onnx_define(c->b, table.name, labels)
            : lethe_onnx_no_memory(c->b);
    lethe_free(data);
    if (!code)
        code = node(c, &best, "ArgMax", scores, LETHE_NONE, attrs, 2, NULL);
    return code ? code : node(c, &best, "Gather", labels, best, NULL, 0, name);
}

static enum lethe_err linear_classifier(const struct classical *c)
{
    struct linear l = {0};
    struct lethe_attr axis;
    long long one = 1;
    size_t scores, out;
    int softmax = text_is(c, "post_transform", "SOFTMAX");
    int logistic = text_is(c, "post_transform", "LOGISTIC");
    const char *name = c->proto->n_output > 1 ? c->proto->output[1] : "";
    enum lethe_err code = read_linear(c, &l);
    if (!code && !softmax && !logistic && attr(c, "post_transform") &&
        !text_is(c, "post_transform", "NONE"))
        return refuse(c, "only SOFTMAX, LOGISTIC and NONE are supported as post_transform");
    if (code)
        return code;
    if (!*name)
        name = part(c, "probabilities");
    if (!name)
        return lethe_onnx_no_memory(c->b);
    int single = l.rows == 1 || (logistic && is_one_logit(&l));
    code = add_scores(c, &l, single ? 1 : l.rows, &scores);
    if (code)
        return code;
    if (single)
        code = pair(c, scores, logistic || softmax, name, &out);
    else if (softmax)
        code = node(c, &out, "Softmax", scores, LETHE_NONE, whole(&axis, "axis", &one), 1, name);
    else
        code = node(c, &out, logistic ? "Sigmoid" : "Identity", scores, LETHE_NONE, NULL, 0, name);
    return code ? code : add_label(c, out);
}

/* ---- Scaler, Normalizer ---------------------------------------------------------------------- */

/* (x - offset) * scale: fixed numbers, as they were fitted on the data before the network. */
static enum lethe_err scaler(const struct classical *c)
{
    const Onnx__AttributeProto *offset = attr(c, "offset"), *scale = attr(c, "scale");
    size_t x, numbers;
    enum lethe_err code = input(c, &x);
    if (!code && (!offset || !scale || !offset->n_floats || !scale->n_floats))
        return refuse(c, "it has no offset or no scale");
    if (!code)
        code = tensor(c, &numbers, "offset", (struct lethe_shape){1, {offset->n_floats}},
                      offset->floats, 0);
    if (!code)
        code = node(c, &x, "Sub", x, numbers, NULL, 0, NULL);
    if (!code)
        code = tensor(c, &numbers, "scale", (struct lethe_shape){1, {scale->n_floats}},
                      scale->floats, 0);
    return code ? code : node(c, &x, "Mul", x, numbers, NULL, 0, c->proto->output[0]);
}

/* A norm of each row: its axes are an attribute, since opset 18 an input. */
static enum lethe_err reduce(const struct classical *c, size_t *norm, const char *type, size_t x)
{
    struct lethe_attr axes;
    long long one = 1;
    size_t list = LETHE_NONE;
    const double number = 1;
    struct lethe_tensor_value value = {
        .name = part(c, "axes"), .elem = LETHE_ELEM_INT64, .shape = {1, {1}}, .data = &number};
    whole(&axes, "axes", &one);
    axes.single = 0;
    if (c->b->graph->opset < 18)
        return node(c, norm, type, x, LETHE_NONE, &axes, 1, NULL);
    if (!value.name || lethe_graph_add_tensor(c->b->graph, &list, &value))
        return lethe_onnx_no_memory(c->b);
    enum lethe_err code = lethe_onnx_define(c->b, value.name, list);
    return code ? code : node(c, norm, type, x, list, NULL, 0, NULL);
}

/* Each row divided by its norm; a row of zeros stays one. */
static enum lethe_err normalizer(const struct classical *c)
{
    const float tiny = 1e-30f;
    int l1 = text_is(c, "norm", "L1"), l2 = text_is(c, "norm", "L2");
    size_t x, least, norm;
    enum lethe_err code = input(c, &x);
    if (!code && !l1 && !l2)
        code = node(c, &norm, "Abs", x, LETHE_NONE, NULL, 0, NULL);
    if (!code)
        code = reduce(c, &norm,
                      l1   ? "ReduceL1"
                      : l2 ? "ReduceL2"
                           : "ReduceMax",
                      l1 || l2 ? x : norm);
    if (!code)
        code = tensor(c, &least, "least", (struct lethe_shape){0}, &tiny, 0);
    if (!code)
        code = node(c, &norm, "Max", norm, least, NULL, 0, NULL);
    return code ? code : node(c, &x, "Div", x, norm, NULL, 0, c->proto->output[0]);
}

enum lethe_err lethe_onnx_classical(struct lethe_onnx_builder *b, const Onnx__NodeProto *proto,
                                    int *done)
{
    static const struct {
        const char *type;
        enum lethe_err (*read)(const struct classical *c);
    } types[] = {
        {"LinearClassifier", linear_classifier}, {"Normalizer", normalizer}, {"Scaler", scaler}};
    const struct classical c = {b, proto};
    if (strcmp(lethe_onnx_text(proto->domain), "ai.onnx.ml") != 0)
        return LETHE_OK;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (!strcmp(types[i].type, lethe_onnx_text(proto->op_type))) {
            *done = 1;
            return types[i].read(&c);
        }
    return LETHE_OK;
}
