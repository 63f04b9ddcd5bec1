/* SPDX-License-Identifier: MIT
 * Every differentiable operator: backward against central differences, tangents against backward
 * (u' J v both ways), float against double, over fixed and random shapes. An operator's inputs are
 * made trainable, its output y is added to the network's input, so that the logits are x + y. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/rng.h"
#include "nn/exec.h"
#include "nn/ops.h"
#include "nn/tape.h"

/* An input is a shape "2x3", drawn from [low, high], a list of known numbers "=1,-1" or of known
 * numbers that are no integers "~0.5,2", or "-", absent. Attributes are "axis=1 pads=0,1 alpha=.5
 * mode=edge". */
struct op_case {
    const char *op, *inputs[8], *attrs;
    double low, high;
    int opset;     /* 0: 17 */
    size_t output; /* which of its outputs */
};

static struct lethe_rng rng;

static double uniform(double low, double high)
{
    return low + (high - low) * lethe_rng_uniform(&rng);
}

static size_t parse_shape(struct lethe_shape *shape, const char *text)
{
    *shape = (struct lethe_shape){0};
    while (*text)
        shape->dims[shape->ndim++] = strtoul(text, (char **)&text, 10), text += *text == 'x';
    return lethe_shape_size(shape);
}

static size_t parse_numbers(double *list, const char *text)
{
    size_t count = 0;
    for (char *end; *text; text = end + (*end == ','))
        list[count++] = strtod(text, &end);
    return count;
}

static size_t tensor(struct lethe_graph *graph, const char *name, int elem,
                     struct lethe_shape shape, const double *data, int initializer)
{
    size_t id;
    struct lethe_tensor_value value = {
        .name = name, .elem = elem, .shape = shape, .data = data, .initializer = initializer};
    assert_int_equal(lethe_graph_add_tensor(graph, &id, &value), 0);
    return id;
}

static size_t node(struct lethe_graph *graph, const char *type, size_t *in, size_t ins,
                   const struct lethe_attr *attrs, size_t attr_count, size_t output)
{
    size_t outs[4];
    char name[32];
    snprintf(name, sizeof name, "v%zu", graph->value_count);
    const char *names[4] = {"", "", "", ""};
    if (output) /* an operator always has its first one */
        names[0] = "first";
    names[output] = name;
    struct lethe_node spec = {.name = name,
                              .type = type,
                              .in = in,
                              .in_count = ins,
                              .out_count = output + 1,
                              .attrs = attrs,
                              .attr_count = attr_count};
    assert_int_equal(lethe_graph_add_node(graph, outs, &spec, names), 0);
    return outs[output];
}

/* "axis=1 mode=edge" into attrs; returns how many. */
struct attr_store {
    struct lethe_attr attrs[8];
    char names[8][32], texts[8][32];
    long long ints[8][8];
    double floats[8][8];
};

static size_t parse_attrs(struct attr_store *store, const char *text)
{
    size_t count = 0;
    while (text && *text) {
        char value[64];
        int used = 0;
        assert_int_equal(sscanf(text, "%31[^=]=%63s%n", store->names[count], value, &used), 2);
        struct lethe_attr *attr = &store->attrs[count];
        *attr = (struct lethe_attr){.name = store->names[count]};
        if (strchr(value, '.') && strspn(value, "-.0123456789,") == strlen(value)) {
            attr->type = LETHE_ATTR_FLOATS;
            attr->count = parse_numbers(store->floats[count], value);
            attr->floats = store->floats[count];
        } else if (strspn(value, "-0123456789,") == strlen(value)) {
            attr->count = parse_numbers(store->floats[count], value);
            for (size_t i = 0; i < attr->count; i++)
                store->ints[count][i] = (long long)store->floats[count][i];
            attr->ints = store->ints[count];
        } else {
            attr->type = LETHE_ATTR_TEXT;
            strcpy(store->texts[count], value);
            attr->text = store->texts[count];
        }
        text += used;
        text += strspn(text, " ");
        count++;
    }
    return count;
}

/* The operator's inputs: parameters made data by adding 0, or known numbers. */
static size_t add_inputs(struct lethe_graph *graph, size_t *in, const struct op_case *c)
{
    static double data[4096];
    size_t ins = 0;
    const double zero = 0;
    for (; ins < 8 && c->inputs[ins]; ins++) {
        char name[16];
        struct lethe_shape shape = {.ndim = 1};
        snprintf(name, sizeof name, "p%zu", ins);
        in[ins] = LETHE_NONE;
        if (c->inputs[ins][0] == '-')
            continue;
        if (strchr("=~", c->inputs[ins][0])) {
            int elem = c->inputs[ins][0] == '=' ? LETHE_ELEM_INT64 : LETHE_ELEM_DOUBLE;
            shape.dims[0] = parse_numbers(data, c->inputs[ins] + 1);
            in[ins] = tensor(graph, name, elem, shape, data, 0);
            continue;
        }
        size_t size = parse_shape(&shape, c->inputs[ins]);
        for (size_t i = 0; i < size; i++)
            data[i] = uniform(c->low, c->high);
        size_t pair[2] = {
            tensor(graph, name, LETHE_ELEM_DOUBLE, shape, data, 1),
            tensor(graph, "zero", LETHE_ELEM_DOUBLE, (struct lethe_shape){0}, &zero, 0)};
        in[ins] = node(graph, "Add", pair, 2, NULL, 0, 0);
    }
    return ins;
}

/* logits(n, size of y) = x(n, 1) + y as a row. */
static struct lethe_graph *build(double **w, const struct op_case *c, struct lethe_error *err)
{
    struct attr_store store;
    struct lethe_graph *graph = lethe_graph_new(LETHE_F64, c->opset ? c->opset : 17);
    struct lethe_shape x = {.ndim = 2, .dims = {0, 1}}, two = {.ndim = 1, .dims = {2}};
    size_t in[8], input, ins = add_inputs(graph, in, c), attrs = parse_attrs(&store, c->attrs);
    const double row[2] = {1, -1};
    lethe_graph_add_input(graph, &input, "x", LETHE_ELEM_DOUBLE, &x);
    size_t y = node(graph, c->op, in, ins, store.attrs, attrs, c->output);
    size_t reshape[2] = {y, tensor(graph, "row", LETHE_ELEM_INT64, two, row, 0)};
    size_t sum[2] = {input, node(graph, "Reshape", reshape, 2, NULL, 0, 0)};
    lethe_graph_add_output(graph, node(graph, "Add", sum, 2, NULL, 0, 0));
    if (lethe_graph_finish(graph, w, err)) {
        lethe_graph_unref(graph);
        return NULL;
    }
    return graph;
}

static double scalar(struct lethe_exec *exec, double *z, const double *w, const double *const *x,
                     const double *u, size_t n)
{
    double sum = 0;
    lethe_exec_weights(exec, w);
    assert_int_equal(lethe_exec_forward(exec, z, x, 2, NULL), 0);
    for (size_t i = 0; i < n; i++)
        sum += u[i] * z[i];
    return sum;
}

/* In float, after its forward pass: gradient and tangents are those in double. */
static void check_float(const struct op_case *c, struct lethe_exec *single, const double *u,
                        const double *v, const double *grad, const double *t, size_t size, size_t n)
{
    double *own = calloc(size + n + 1, sizeof *own), scale = 1;
    assert_int_equal(lethe_exec_backward(single, own, u, NULL), 0);
    assert_int_equal(lethe_exec_jvp(single, own + size, v, NULL), 0);
    for (size_t i = 0; i < size + n; i++)
        scale = fmax(scale, fabs(i < size ? grad[i] : t[i - size]));
    for (size_t i = 0; i < size + n; i++)
        if (!(fabs(own[i] - (i < size ? grad[i] : t[i - size])) < 1e-3 * scale))
            fail_msg("%s (%s, %s): derivative %zu is %.9g in float, %.9g in double", c->op,
                     c->inputs[0], c->attrs ? c->attrs : "", i, own[i],
                     i < size ? grad[i] : t[i - size]);
    free(own);
}

/* A loss with second derivatives by every logit: sum of u z + s (z - z0)^2 / 2, z0 the logits at
 * the weights of the tape. */
struct loss {
    const double *u, *s, *z0;
    size_t n, classes;
};

static void second_of_loss(void *context, double *rows, size_t first, size_t n)
{
    const struct loss *loss = context;
    for (size_t i = 0; i < n * loss->classes; i++)
        rows[i] *= loss->s[first * loss->classes + i];
}

/* grad = its gradient at w + h v. */
static void gradient_beside(double *grad, struct lethe_exec *exec, const struct loss *loss,
                            const double *w, const double *v, double h, const double *const *x)
{
    size_t size = lethe_graph_size(exec->graph);
    double *moved = malloc((size + 1) * sizeof *moved), *z = malloc(2 * loss->n * sizeof *z);
    for (size_t i = 0; i < size; i++)
        moved[i] = w[i] + h * v[i];
    lethe_exec_weights(exec, moved);
    assert_int_equal(lethe_exec_forward(exec, z, x, 2, NULL), 0);
    for (size_t i = 0; i < loss->n; i++)
        z[loss->n + i] = loss->u[i] + loss->s[i] * (z[i] - loss->z0[i]);
    memset(grad, 0, size * sizeof *grad);
    assert_int_equal(lethe_exec_backward(exec, grad, z + loss->n, NULL), 0);
    free(moved);
    free(z);
}

static int is_close(const double *a, const double *b, size_t n, double relative)
{
    double scale = 1, off = 0;
    for (size_t i = 0; i < n; i++) {
        scale = fmax(scale, fabs(b[i]));
        off = fmax(off, fabs(a[i] - b[i]));
    }
    return off <= relative * scale;
}

/* Operators whose backward pass has no tangent yet. */
static int goes_by_differences(const char *op)
{
    static const char *const known[] = {"GRU", "LSTM", "ReduceProd"};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        if (strcmp(op, known[k]) == 0)
            return 1;
    return 0;
}

/* Everything a tape can do, against the executor and against differences of gradients. */
static void check_tape(const struct op_case *c, struct lethe_graph *graph, const double *w,
                       const double *v, enum lethe_dtype dtype)
{
    const double h = 1e-6, close = dtype == LETHE_F64 ? 3e-6 : 2e-3;
    size_t size = lethe_graph_size(graph), classes = lethe_graph_classes(graph), n = 2 * classes;
    double *x = calloc(n, sizeof *x), *z = malloc(5 * n * sizeof *z), *u = z + n, *s = u + n;
    double *t = s + n, *own = t + n, *g = calloc(4 * size + 1, sizeof *g);
    const double *inputs[] = {x};
    struct loss loss = {.u = u, .s = s, .z0 = z, .n = n, .classes = classes};
    struct lethe_exec *exec = lethe_exec_new(graph, LETHE_F64, 2, NULL);
    struct lethe_exec *taped = lethe_exec_new(graph, dtype, 2, NULL);
    struct lethe_tape *tape = NULL;
    for (size_t i = 0; i < n; i++) {
        u[i] = uniform(-1, 1);
        s[i] = uniform(0, 1);
    }
    struct lethe_tape_pass pass = {
        .weigh = second_of_loss, .context = &loss, .dlogits = u, .grad = g, .moved = own};
    lethe_exec_weights(taped, w);
    assert_int_equal(lethe_tape_new(&tape, taped, 2, NULL), 0);
    assert_int_equal(lethe_tape_record(tape, z, inputs, NULL), 0);
    assert_int_equal(lethe_tape_direction(taped, v, NULL), 0);
    lethe_exec_weights(exec, w);
    memcpy(t, z, n * sizeof *t);
    assert_int_equal(lethe_exec_forward(exec, z, inputs, 2, NULL), 0);
    if (!is_close(t, z, n, dtype == LETHE_F64 ? 0 : close))
        fail_msg("%s (%s): taped logits differ", c->op, c->inputs[0]);
    assert_int_equal(lethe_exec_jvp(exec, t, v, NULL), 0);
    assert_int_equal(lethe_tape_jvp(tape, &pass, NULL), 0);
    if (!is_close(own, t, n, dtype == LETHE_F64 ? 0 : close))
        fail_msg("%s (%s): a taped tangent differs", c->op, c->inputs[0]);
    second_of_loss(&loss, t, 0, 2);
    assert_int_equal(lethe_exec_backward(exec, g + size, t, NULL), 0);
    assert_int_equal(lethe_tape_ggn(tape, &pass, NULL), 0);
    if (!is_close(g, g + size, size, dtype == LETHE_F64 ? 0 : close))
        fail_msg("%s (%s): a taped Gauss-Newton product differs", c->op, c->inputs[0]);
    if (!lethe_tape_rough(taped)) {
        gradient_beside(g + 2 * size, exec, &loss, w, v, h, inputs);
        gradient_beside(g + 3 * size, exec, &loss, w, v, -h, inputs);
        for (size_t i = 0; i < size; i++)
            g[2 * size + i] = (g[2 * size + i] - g[3 * size + i]) / (2 * h);
        memset(g, 0, size * sizeof *g);
        assert_int_equal(lethe_tape_hvp(tape, &pass, NULL), 0);
        for (size_t i = 0; i < size; i++)
            if (!is_close(g + i, g + 2 * size + i, 1, close * 3))
                fail_msg("%s (%s, %s): entry %zu of the Hessian's product is %.9g, differences say "
                         "%.9g",
                         c->op, c->inputs[0], c->attrs ? c->attrs : "", i, g[i], g[2 * size + i]);
    } else {
        assert_true(goes_by_differences(lethe_tape_rough(taped)));
        assert_int_equal(lethe_tape_hvp(tape, &pass, NULL), LETHE_EARG);
    }
    lethe_tape_free(tape);
    lethe_exec_free(exec);
    lethe_exec_free(taped);
    free(x);
    free(z);
    free(g);
}

static void check_derivatives(const struct op_case *c, struct lethe_graph *graph, double *w)
{
    size_t size = lethe_graph_size(graph), n = 2 * lethe_graph_classes(graph);
    double *x = calloc(n, sizeof *x), *z = malloc(3 * n * sizeof *z), *u = z + n, *t = u + n;
    double *grad = calloc(2 * size + 1, sizeof *grad), *v = grad + size, left = 0, right = 0;
    const double *inputs[] = {x};
    for (size_t i = 0; i < n; i++)
        u[i] = uniform(-1, 1);
    for (size_t i = 0; i < size; i++)
        v[i] = uniform(-1, 1);
    struct lethe_exec *exec = lethe_exec_new(graph, LETHE_F64, 2, NULL);
    struct lethe_exec *single = lethe_exec_new(graph, LETHE_F32, 2, NULL);
    double base = scalar(exec, z, w, inputs, u, n), scale = fabs(base) + 1;
    assert_int_equal(lethe_exec_backward(exec, grad, u, NULL), 0);
    assert_int_equal(lethe_exec_jvp(exec, t, v, NULL), 0);
    for (size_t i = 0; i < n; i++)
        left += u[i] * t[i];
    for (size_t i = 0; i < size; i++)
        right += grad[i] * v[i];
    if (!(fabs(left - right) < 1e-9 * (fabs(left) + scale)))
        fail_msg("%s: u'(Jv) = %.12g, (J'u)'v = %.12g", c->op, left, right);
    for (size_t i = 0; i < size; i++) {
        double kept = w[i], h = 1e-6;
        w[i] = kept + h;
        double up = scalar(exec, z, w, inputs, u, n);
        w[i] = kept - h;
        double slope = (up - scalar(exec, z, w, inputs, u, n)) / (2 * h);
        w[i] = kept;
        if (!(fabs(slope - grad[i]) < 1e-5 * (fabs(slope) + scale)))
            fail_msg("%s (%s): derivative %zu is %.9g, differences say %.9g", c->op, c->inputs[0],
                     i, grad[i], slope);
    }
    if (!(fabs(scalar(single, z, w, inputs, u, n) - base) < 1e-3 * scale))
        fail_msg("%s: float and double disagree", c->op);
    check_float(c, single, u, v, grad, t, size, n);
    check_tape(c, graph, w, v, LETHE_F64);
    check_tape(c, graph, w, v, LETHE_F32);
    lethe_exec_free(exec);
    lethe_exec_free(single);
    free(x);
    free(z);
    free(grad);
}

static void check(const struct op_case *c)
{
    struct lethe_error err = {0};
    double *w = NULL;
    struct lethe_graph *graph = build(&w, c, &err);
    if (!graph)
        fail_msg("%s (%s %s): %s", c->op, c->inputs[0], c->attrs ? c->attrs : "", err.message);
    check_derivatives(c, graph, w);
    lethe_free(w);
    lethe_graph_unref(graph);
}

static void functions_of_one_number(void **state)
{
    (void)state;
    static const struct op_case cases[] = {
        {"Abs", {"2x3x4"}, 0, -2, 2, 0, 0},
        {"Atan", {"5"}, 0, -2, 2, 0, 0},
        {"Cast", {"5"}, "to=11", -2, 2, 0, 0},
        {"Celu", {"13"}, "alpha=0.7", -2, 2, 0, 0},
        {"Clip", {"3x7", "=-1", "=1"}, 0, -2, 2, 0, 0},
        {"Cos", {"3"}, 0, -2, 2, 0, 0},
        {"Elu", {"13"}, "alpha=0.7", -2, 2, 0, 0},
        {"Erf", {"13"}, 0, -2, 2, 0, 0},
        {"Exp", {"13"}, 0, -2, 2, 0, 0},
        {"Gelu", {"13"}, 0, -2, 2, 20, 0},
        {"Gelu", {"13"}, "approximate=tanh", -4, 4, 20, 0},
        {"HardSigmoid", {"40"}, "alpha=0.3 beta=0.4", -3, 3, 0, 0},
        {"HardSwish", {"40"}, 0, -4, 4, 0, 0},
        {"LeakyRelu", {"13"}, "alpha=0.2", -2, 2, 0, 0},
        {"Log", {"13"}, 0, 0.5, 2, 0, 0},
        {"Mish", {"13"}, 0, -5, 5, 18, 0},
        {"Neg", {"13"}, 0, -2, 2, 0, 0},
        {"Reciprocal", {"13"}, 0, 0.5, 2, 0, 0},
        {"Relu", {"2x2x2x2"}, 0, -2, 2, 0, 0},
        {"Selu", {"13"}, 0, -2, 2, 0, 0},
        {"Selu", {"13"}, "alpha=0.7 gamma=1.2", -2, 2, 0, 0},
        {"Sigmoid", {"17"}, 0, -30, 30, 0, 0},
        {"Sin", {"13"}, 0, -2, 2, 0, 0},
        {"Softplus", {"13"}, 0, -30, 30, 0, 0},
        {"Softsign", {"13"}, 0, -3, 3, 0, 0},
        {"Sqrt", {"13"}, 0, 0.5, 2, 0, 0},
        {"Tan", {"13"}, 0, -1, 1, 0, 0},
        {"Tanh", {"33"}, 0, -3, 3, 0, 0},
        {"ThresholdedRelu", {"13"}, "alpha=0.3", -2, 2, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check(&cases[i]);
}

static void functions_with_broadcasting(void **state)
{
    (void)state;
    static const char *const ops[] = {"Add",   "Sub", "Mul", "Div", "Pow",
                                      "PRelu", "Max", "Min", "Sum", "Mean"};
    static const char *const shapes[][2] = {
        {"2x3x4", "2x3x4"}, {"2x3x4", "4"},     {"2x3x4", "1"},   {"2x3x4", "3x1"},
        {"2x1x4", "3x1"},   {"4", "2x3x4"},     {"1", "5"},       {"2x3x4x2", "3x1x2"},
        {"1x3x1", "2x1x4"}, {"2x3x4", "2x1x1"}, {"1x1x1x1", "1"}, {"3x1x5", "3x4x1"},
    };
    for (size_t o = 0; o < sizeof ops / sizeof *ops; o++)
        for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
            int positive = !strcmp(ops[o], "Div") || !strcmp(ops[o], "Pow");
            struct op_case c = {ops[o], {shapes[s][0], shapes[s][1]}, 0, positive ? 0.5 : -2, 2, 0,
                                0};
            check(&c);
        }
    check(&(struct op_case){"Sum", {"2x3", "3", "1", "2x1"}, 0, -1, 1, 0, 0});
    check(&(struct op_case){"Max", {"2x3", "3", "2x1"}, 0, -1, 1, 0, 0});
    check(&(struct op_case){"Where", {"=1,0,1", "2x3", "3"}, 0, -1, 1, 0, 0});
    check(&(struct op_case){"Where", {"=0,1", "1", "3x2"}, 0, -1, 1, 0, 0});
}

static void products(void **state)
{
    (void)state;
    static const struct op_case cases[] = {
        {"MatMul", {"3x4", "4x2"}, 0, -1, 1, 0, 0},
        {"MatMul", {"2x3x4", "4x2"}, 0, -1, 1, 0, 0},
        {"MatMul", {"2x3x4", "2x4x2"}, 0, -1, 1, 0, 0},
        {"MatMul", {"3x4", "2x4x2"}, 0, -1, 1, 0, 0},
        {"MatMul", {"2x1x3x4", "5x4x2"}, 0, -1, 1, 0, 0},
        {"MatMul", {"4", "4x2"}, 0, -1, 1, 0, 0},
        {"MatMul", {"2x3x4", "4"}, 0, -1, 1, 0, 0},
        {"MatMul", {"4", "3x4x2"}, 0, -1, 1, 0, 0},
        {"MatMul", {"1x1", "1x1"}, 0, -1, 1, 0, 0},
        {"Gemm", {"3x4", "4x2"}, 0, -1, 1, 0, 0},
        {"Gemm", {"3x4", "4x2", "2"}, "alpha=0.5 beta=1.5", -1, 1, 0, 0},
        {"Gemm", {"4x3", "4x2", "3x1"}, "transA=1", -1, 1, 0, 0},
        {"Gemm", {"3x4", "2x4", "3x2"}, "transB=1", -1, 1, 0, 0},
        {"Gemm", {"4x3", "2x4", "1"}, "transA=1 transB=1 alpha=2.0", -1, 1, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check(&cases[i]);
}

static void equations(void **state)
{
    (void)state;
    static const struct op_case cases[] = {
        {"Einsum", {"3x4", "4x2"}, "equation=ik,kj->ij", -1, 1, 0, 0},
        {"Einsum", {"3x4", "4x2"}, "equation=ik,kj", -1, 1, 0, 0},
        {"Einsum", {"2x3x4", "2x5x4"}, "equation=bid,bjd->bij", -1, 1, 0, 0},
        {"Einsum", {"2x3x4", "5x4x3"}, "equation=bid,kdi->bk", -1, 1, 0, 0},
        {"Einsum", {"3x3"}, "equation=ii->i", -1, 1, 0, 0},
        {"Einsum", {"3x3"}, "equation=ii", -1, 1, 0, 0},
        {"Einsum", {"2x3"}, "equation=ij->ji", -1, 1, 0, 0},
        {"Einsum", {"2x3x4x2", "3x2x5"}, "equation=...ij,...jk->...ik", -1, 1, 0, 0},
        {"Einsum", {"2x3x4"}, "equation=...i->...", -1, 1, 0, 0},
        {"Einsum", {"2x3", "3", "3x4"}, "equation=ij,j,jk->ik", -1, 1, 0, 0},
        {"Einsum", {"3", "4"}, "equation=i,j->ij", -1, 1, 0, 0},
        {"Einsum", {"1x4", "3x4"}, "equation=ij,ij->ij", -1, 1, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check(&cases[i]);
}

static void movements(void **state)
{
    (void)state;
    static const struct op_case cases[] = {
        {"Transpose", {"2x3x4"}, 0, -1, 1, 0, 0},
        {"Transpose", {"2x3x4x2"}, "perm=0,2,1,3", -1, 1, 0, 0},
        {"Slice", {"5x6", "=1,-2", "=4,-7", "=0,1", "=2,-2"}, 0, -1, 1, 0, 0},
        {"Slice", {"5x6", "=1", "=9223372036854775807", "=1"}, 0, -1, 1, 0, 0},
        {"Slice", {"5x6"}, "starts=1 ends=3 axes=-1", -1, 1, 9, 0},
        {"Concat", {"2x3", "2x1", "2x4"}, "axis=1", -1, 1, 0, 0},
        {"Concat", {"2x3", "1x3"}, "axis=-2", -1, 1, 0, 0},
        {"Expand", {"3x1", "=2,3,4"}, 0, -1, 1, 0, 0},
        {"Expand", {"2x3", "=1"}, 0, -1, 1, 0, 0},
        {"Tile", {"2x3", "=2,3"}, 0, -1, 1, 0, 0},
        {"Pad", {"2x3", "=1,0,2,1"}, 0, -1, 1, 0, 0},
        {"Pad", {"3x4", "=1,2,2,3"}, "mode=reflect", -1, 1, 0, 0},
        {"Pad", {"3x4", "=1,0,0,2"}, "mode=edge", -1, 1, 0, 0},
        {"Pad", {"3x4", "=-1,1,0,-2"}, 0, -1, 1, 0, 0},
        {"Split", {"4x3", "=1,3"}, "axis=0", -1, 1, 0, 0},
        {"Squeeze", {"1x3x1x2", "=0"}, 0, -1, 1, 0, 0},
        {"Unsqueeze", {"3x2", "=0,-1"}, 0, -1, 1, 0, 0},
        {"Flatten", {"2x3x4"}, "axis=2", -1, 1, 0, 0},
        {"Reshape", {"2x3x4", "=0,-1"}, 0, -1, 1, 0, 0},
        {"Dropout", {"7"}, 0, -1, 1, 0, 0},
        {"Identity", {"7"}, 0, -1, 1, 0, 0},
        {"Gather", {"5x3", "=4,0,0,-1"}, 0, -1, 1, 0, 0},
        {"Gather", {"2x3x4", "=2,1"}, "axis=1", -1, 1, 0, 0},
        {"GatherElements", {"5", "=3,-1,0,3"}, 0, -1, 1, 0, 0},
        {"GatherND", {"5x3x2", "=4,-1"}, 0, -1, 1, 0, 0},
        {"GatherND", {"5x3x2", "=1,2,0"}, 0, -1, 1, 0, 0},
        {"ScatterElements", {"5", "=3,-5,1", "3"}, 0, -1, 1, 0, 0},
        {"ScatterElements", {"5", "=3,1,3", "3"}, "reduction=add", -1, 1, 0, 0},
        {"ScatterND", {"5x3x2", "=4,-1", "2"}, 0, -1, 1, 0, 0},
        {"ScatterND", {"5x3x2", "=2", "3x2"}, "reduction=add", -1, 1, 0, 0},
        {"DepthToSpace", {"2x8x2x3"}, "blocksize=2", -1, 1, 0, 0},
        {"DepthToSpace", {"2x8x2x3"}, "blocksize=2 mode=CRD", -1, 1, 0, 0},
        {"SpaceToDepth", {"2x2x4x6"}, "blocksize=2", -1, 1, 0, 0},
        {"Upsample", {"2x2x2x3", "=1,1,2,3"}, 0, -1, 1, 9, 0},
        {"Resize", {"1x2x3", "=1,2,1"}, 0, -1, 1, 10, 0},
        {"Trilu", {"2x3x4"}, 0, -1, 1, 0, 0},
        {"Trilu", {"4x3", "=-1"}, "upper=0", -1, 1, 0, 0},
        {"CumSum", {"2x3x4", "=1"}, 0, -1, 1, 0, 0},
        {"CumSum", {"2x3x4", "=-1"}, "exclusive=1 reverse=1", -1, 1, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (strcmp(cases[i].op, "Split"))
            check(&cases[i]);
}

static void reductions_and_norms(void **state)
{
    (void)state;
    static const char *const reductions[] = {"ReduceMean", "ReduceSum",  "ReduceMax",
                                             "ReduceMin",  "ReduceL2",   "ReduceSumSquare",
                                             "ReduceL1",   "ReduceProd", "ReduceLogSumExp"};
    static const char *const axes[] = {0, "axes=1", "axes=0,2", "axes=-1 keepdims=0", "axes=0,1,2"};
    for (size_t r = 0; r < sizeof reductions / sizeof *reductions; r++)
        for (size_t a = 0; a < 5; a++)
            check(&(struct op_case){reductions[r], {"2x3x4"}, axes[a], -1, 1, 11, 0});
    static const struct op_case cases[] = {
        {"ReduceSum", {"2x3x4", "=-2"}, 0, -1, 1, 0, 0},
        {"ReduceLogSum", {"2x3x4"}, "axes=1", 0.2, 2, 11, 0},
        {"ReduceLogSumExp", {"2x3"}, "axes=1", 300, 310, 11, 0},
        {"Softmax", {"3x5"}, 0, -3, 3, 0, 0},
        {"Softmax", {"2x3x4"}, "axis=1", -3, 3, 0, 0},
        {"Softmax", {"2x3x4"}, "axis=1", -3, 3, 11, 0},
        {"LogSoftmax", {"3x5"}, 0, -3, 3, 0, 0},
        {"LogSoftmax", {"2x3x4"}, "axis=0", -3, 3, 0, 0},
        {"LayerNormalization", {"3x5", "5", "5"}, 0, -2, 2, 0, 0},
        {"LayerNormalization", {"2x3x4", "3x4"}, "axis=1 epsilon=0.1", -2, 2, 0, 0},
        {"InstanceNormalization", {"2x3x4", "3", "3"}, 0, -2, 2, 0, 0},
        {"InstanceNormalization", {"2x3x2x5", "3", "3"}, "epsilon=0.01", -2, 2, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check(&cases[i]);
}

static void convolutions_and_pools(void **state)
{
    (void)state;
    static const struct op_case cases[] = {
        {"Conv", {"2x3x5x6", "4x3x3x3"}, "pads=1,1,1,1", -1, 1, 0, 0},
        {"Conv", {"2x3x5x6", "4x3x3x3", "4"}, "pads=0,1,2,1 strides=2,1", -1, 1, 0, 0},
        {"Conv", {"2x4x5x5", "6x2x2x3", "6"}, "group=2 dilations=2,1", -1, 1, 0, 0},
        {"Conv", {"2x4x5x5", "4x1x3x3", "4"}, "group=4 pads=1,1,1,1 strides=2,2", -1, 1, 0, 0},
        {"Conv", {"2x4x5x5", "8x1x3x3"}, "group=4 auto_pad=SAME_UPPER strides=2,2", -1, 1, 0, 0},
        {"Conv", {"2x3x4x4", "5x3x1x1", "5"}, 0, -1, 1, 0, 0},
        {"Conv", {"2x3x7x7", "2x3x1x1"}, "strides=3,3", -1, 1, 0, 0},
        {"Conv", {"2x3x9", "4x3x4", "4"}, "pads=2,1 strides=2", -1, 1, 0, 0},
        {"Conv", {"1x1x1x1", "2x1x3x3"}, "pads=4,4,4,4 strides=3,3", -1, 1, 0, 0},
        {"MaxPool", {"1x1x2x2"}, "kernel_shape=1,3 pads=0,2,0,2 strides=1,4", -1, 1, 0, 0},
        {"Conv", {"1x2x3x4x3", "2x2x2x2x2"}, "pads=1,0,1,0,1,0", -1, 1, 0, 0},
        {"Conv", {"2x3x8x8", "2x3x2x2"}, "strides=3,3 auto_pad=VALID", -1, 1, 0, 0},
        {"Conv", {"1x2x6x6", "2x2x4x4"}, "auto_pad=SAME_LOWER", -1, 1, 0, 0},
        {"MaxPool", {"2x3x6x6"}, "kernel_shape=2,2 strides=2,2", -1, 1, 0, 0},
        {"MaxPool", {"2x3x6x7"}, "kernel_shape=3,2 strides=1,2 pads=1,0,1,1", -1, 1, 0, 0},
        {"MaxPool", {"2x3x7x7"}, "kernel_shape=3,3 strides=2,2 ceil_mode=1", -1, 1, 0, 0},
        {"MaxPool", {"1x2x8"}, "kernel_shape=2 dilations=3 strides=2", -1, 1, 0, 0},
        {"MaxPool", {"1x2x5x5"}, "kernel_shape=1,1 strides=3,3", -1, 1, 0, 0},
        {"AveragePool", {"2x3x6x6"}, "kernel_shape=3,3 strides=2,2 pads=1,1,1,1", -1, 1, 0, 0},
        {"AveragePool",
         {"2x3x6x6"},
         "kernel_shape=3,3 pads=1,1,0,0 count_include_pad=1",
         -1,
         1,
         0,
         0},
        {"AveragePool", {"2x3x7x7"}, "kernel_shape=2,2 strides=2,2 ceil_mode=1", -1, 1, 0, 0},
        {"AveragePool", {"1x2x4x4x4"}, "kernel_shape=2,2,2 auto_pad=SAME_UPPER", -1, 1, 0, 0},
        {"GlobalAveragePool", {"2x3x4x5"}, 0, -1, 1, 0, 0},
        {"GlobalMaxPool", {"2x3x4x5"}, 0, -1, 1, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check(&cases[i]);
}

static void transposed_convolutions(void **state)
{
    (void)state;
    static const struct op_case cases[] = {
        {"ConvTranspose", {"2x3x4x5", "3x2x3x3"}, 0, -1, 1, 0, 0},
        {"ConvTranspose", {"2x3x4x5", "3x2x3x2", "2"}, "strides=2,3 pads=1,0,0,1", -1, 1, 0, 0},
        {"ConvTranspose", {"2x4x3x3", "4x3x2x3", "6"}, "group=2 dilations=2,1", -1, 1, 0, 0},
        {"ConvTranspose", {"1x4x3x3", "4x1x2x2"}, "group=4 strides=2,2", -1, 1, 0, 0},
        {"ConvTranspose", {"1x2x3", "2x3x4"}, "strides=3 output_padding=2", -1, 1, 0, 0},
        {"ConvTranspose", {"1x2x3x3", "2x2x3x3"}, "strides=2,2 output_shape=8,7", -1, 1, 0, 0},
        {"ConvTranspose", {"1x2x3x3", "2x2x3x3"}, "strides=2,2 output_shape=4,9", -1, 1, 0, 0},
        {"ConvTranspose", {"1x2x3x4", "2x1x3x3"}, "strides=2,2 auto_pad=SAME_UPPER", -1, 1, 0, 0},
        {"ConvTranspose", {"1x2x3x4", "2x1x2x3"}, "strides=1,3 auto_pad=SAME_LOWER", -1, 1, 0, 0},
        {"ConvTranspose", {"1x2x2x3x2", "2x2x2x1x2"}, "pads=1,0,0,0,0,1", -1, 1, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check(&cases[i]);
}

static void resampling(void **state)
{
    (void)state;
    static const char *const ways[] = {"half_pixel",    "half_pixel_symmetric",
                                       "align_corners", "pytorch_half_pixel",
                                       "asymmetric",    "tf_half_pixel_for_nn"};
    static const char *const modes[] = {"mode=nearest",
                                        "mode=linear",
                                        "mode=cubic",
                                        "mode=cubic cubic_coeff_a=-0.5 exclude_outside=1",
                                        "mode=linear antialias=1",
                                        "mode=cubic antialias=1"};
    char attrs[160];
    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++)
        for (size_t m = 0; m < sizeof modes / sizeof *modes; m++) {
            snprintf(attrs, sizeof attrs, "%s coordinate_transformation_mode=%s", modes[m],
                     ways[w]);
            check(&(struct op_case){
                "Resize", {"1x2x4x5", "-", "-", "=1,2,7,3"}, attrs, -1, 1, 19, 0});
            check(&(struct op_case){"Resize", {"2x5x3", "-", "~1,0.6,2.5"}, attrs, -1, 1, 19, 0});
        }
    static const struct op_case others[] = {
        {"Resize",
         {"1x1x4x4", "~0,0,0.4,0.6,1,1,0.6,1.2", "-", "=1,1,3,4"},
         "mode=linear coordinate_transformation_mode=tf_crop_and_resize",
         -1,
         1,
         0,
         0},
        {"Resize", {"1x2x3x4", "-", "~2,1.5"}, "axes=2,3 mode=linear", -1, 1, 18, 0},
        {"Resize",
         {"1x2x3x4", "-", "-", "=6,6"},
         "axes=2,3 mode=linear keep_aspect_ratio_policy=not_larger",
         -1,
         1,
         18,
         0},
        {"Resize", {"2x3", "-", "~1,1"}, "mode=linear", -1, 1, 0, 0},
        {"Upsample", {"1x2x3x2", "=1,1,2,3"}, "mode=linear", -1, 1, 9, 0},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        check(&others[i]);
}

static void norms_of_groups(void **state)
{
    (void)state;
    static const struct op_case cases[] = {
        {"GroupNormalization", {"2x6x3", "2", "2"}, "num_groups=2", -2, 2, 18, 0},
        {"GroupNormalization", {"2x6x2x2", "6", "6"}, "num_groups=3", -2, 2, 21, 0},
        {"GroupNormalization", {"1x4x3", "4", "4"}, "num_groups=4 epsilon=0.1", -2, 2, 21, 0},
        {"GroupNormalization", {"2x4x3", "1", "1"}, "num_groups=1", -2, 2, 20, 0},
        {"RMSNormalization", {"3x5", "5"}, 0, -2, 2, 23, 0},
        {"RMSNormalization", {"2x3x4", "3x4"}, "axis=1 epsilon=0.1", -2, 2, 23, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check(&cases[i]);
}

/* Every variant, each output; hidden 3, two gates' worth of odd sizes. */
static void recurrent_networks(void **state)
{
    (void)state;
    static const struct op_case cases[] = {
        {"LSTM", {"4x2x3", "1x8x3", "1x8x2"}, 0, -1, 1, 0, 0},
        {"LSTM", {"4x2x3", "2x8x3", "2x8x2", "2x16"}, "direction=bidirectional", -1, 1, 0, 0},
        {"LSTM",
         {"4x2x3", "1x8x3", "1x8x2", "1x16", "-", "1x2x2", "1x2x2", "1x6"},
         "direction=reverse",
         -1,
         1,
         0,
         0},
        {"LSTM",
         {"4x2x3", "2x8x3", "2x8x2", "-", "=2,4", "2x2x2", "2x2x2", "2x6"},
         "direction=bidirectional",
         -1,
         1,
         0,
         0},
        {"LSTM",
         {"2x3x2", "1x4x2", "1x4x1", "1x8", "-", "2x1x1", "2x1x1"},
         "layout=1",
         -1,
         1,
         0,
         0},
        {"GRU", {"4x2x3", "1x6x3", "1x6x2"}, 0, -1, 1, 0, 0},
        {"GRU", {"4x2x3", "2x6x3", "2x6x2", "2x12"}, "direction=bidirectional", -1, 1, 0, 0},
        {"GRU",
         {"4x2x3", "1x6x3", "1x6x2", "1x12", "-", "1x2x2"},
         "direction=reverse linear_before_reset=1",
         -1,
         1,
         0,
         0},
        {"GRU",
         {"4x2x3", "2x6x3", "2x6x2", "2x12", "=4,1", "2x2x2"},
         "direction=bidirectional linear_before_reset=1",
         -1,
         1,
         0,
         0},
        {"GRU", {"4x2x3", "1x6x3", "1x6x2", "1x12", "=3,2"}, 0, -1, 1, 0, 0},
        {"GRU", {"2x3x2", "1x3x2", "1x3x1", "1x6", "-", "2x1x1"}, "layout=1", -1, 1, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t k = 0; k < (cases[i].op[0] == 'L' ? 3u : 2u); k++) {
            struct op_case c = cases[i];
            c.output = k;
            check(&c);
        }
}

static void convolutions_of_random_shapes(void **state)
{
    (void)state;
    const char *share = getenv("LETHE_TEST_SHARE");
    int rounds = share && atoi(share) > 1 ? 60 / atoi(share) : 60;
    for (int r = 0; r < rounds; r++) {
        size_t group = 1 + lethe_rng_below(&rng, 3), in = 1 + lethe_rng_below(&rng, 2);
        size_t out = group * (1 + lethe_rng_below(&rng, 2)), k[2], size[2], pad[4], step[2], gap[2];
        for (int a = 0; a < 2; a++) {
            k[a] = 1 + lethe_rng_below(&rng, 3);
            gap[a] = 1 + lethe_rng_below(&rng, 2);
            step[a] = 1 + lethe_rng_below(&rng, 4);
            pad[a] = lethe_rng_below(&rng, 3);
            pad[a + 2] = lethe_rng_below(&rng, 3);
            size[a] = (k[a] - 1) * gap[a] + 1 + lethe_rng_below(&rng, 4);
        }
        char x[32], f[32], b[8], attrs[128];
        snprintf(x, sizeof x, "2x%zux%zux%zu", group * in, size[0], size[1]);
        snprintf(f, sizeof f, "%zux%zux%zux%zu", out, in, k[0], k[1]);
        snprintf(b, sizeof b, "%zu", out);
        snprintf(attrs, sizeof attrs,
                 "group=%zu pads=%zu,%zu,%zu,%zu strides=%zu,%zu dilations=%zu,%zu", group, pad[0],
                 pad[1], pad[2], pad[3], step[0], step[1], gap[0], gap[1]);
        check(&(struct op_case){"Conv", {x, f, r % 2 ? b : NULL}, attrs, -1, 1, 0, 0});
    }
}

static void settings_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    static const struct op_case cases[] = {
        {"Add", {"2x3", "2x4"}, 0, -1, 1, 0, 0},
        {"MatMul", {"2x3", "2x3"}, 0, -1, 1, 0, 0},
        {"Gemm", {"2x3", "3x4", "3"}, 0, -1, 1, 0, 0},
        {"Reshape", {"2x3", "=4,2"}, 0, -1, 1, 0, 0},
        {"Reshape", {"2x3", "=-1,-1"}, 0, -1, 1, 0, 0},
        {"Reshape", {"2x3", "=-1,0,0"}, 0, -1, 1, 0, 0},
        {"Transpose", {"2x3"}, "perm=0,0", -1, 1, 0, 0},
        {"Transpose", {"2x3"}, "perm=0,2", -1, 1, 0, 0},
        {"Slice", {"2x3", "=0", "=1", "=0", "=0"}, 0, -1, 1, 0, 0},
        {"Concat", {"2x3", "3x3"}, "axis=1", -1, 1, 0, 0},
        {"Expand", {"2x3", "=4,3"}, 0, -1, 1, 0, 0},
        {"Squeeze", {"2x3", "=0"}, 0, -1, 1, 0, 0},
        {"Pad", {"2x3", "=3,0,0,0"}, "mode=reflect", -1, 1, 0, 0},
        {"Pad", {"2x3", "=-3,0,0,0"}, 0, -1, 1, 0, 0},
        {"Pad", {"2x3", "=1,0,0,0"}, "mode=wrap", -1, 1, 0, 0},
        {"Pad", {"2x3", "=1,0,0"}, 0, -1, 1, 0, 0},
        {"Pad", {"2x3", "=2,0,-3,0"}, "mode=edge", -1, 1, 0, 0},
        {"Pad", {"0x3", "=0,0,1,0"}, "mode=edge", -1, 1, 0, 0},
        {"ConstantOfShape", {"=2"}, "value=3", -1, 1, 0, 0},
        {"Softmax", {"2x3"}, "axis=5", -1, 1, 0, 0},
        {"ReduceMean", {"2x3"}, "axes=2", -1, 1, 11, 0},
        {"Conv", {"2x3x4x4", "4x2x3x3"}, 0, -1, 1, 0, 0},
        {"Conv", {"2x3x4x4", "4x3x3x3"}, "strides=0,1", -1, 1, 0, 0},
        {"Conv", {"2x3x2x2", "4x3x3x3"}, 0, -1, 1, 0, 0},
        {"Conv", {"2x3x4x4", "4x3x3x3"}, "pads=-1,0,0,0", -1, 1, 0, 0},
        {"MaxPool", {"2x3x4x4"}, 0, -1, 1, 0, 0},
        {"MaxPool", {"2x3x4x4"}, "kernel_shape=2", -1, 1, 0, 0},
        {"LayerNormalization", {"3x5", "4"}, 0, -1, 1, 0, 0},
        {"InstanceNormalization", {"3x5", "5", "5"}, 0, -1, 1, 0, 0},
        {"Celu", {"3"}, "alpha=0.0", -1, 1, 0, 0},
        {"GatherElements", {"2x3", "=0,1"}, 0, -1, 1, 0, 0},
        {"GatherND", {"2", "=0,1"}, 0, -1, 1, 0, 0},
        {"GatherND", {"2x3", "=0,1"}, "batch_dims=1", -1, 1, 0, 0},
        {"ScatterND", {"2x3", "=1", "2"}, 0, -1, 1, 0, 0},
        {"ScatterND", {"2x3", "=1", "3"}, "reduction=mul", -1, 1, 0, 0},
        {"ScatterElements", {"5", "=3,1", "3"}, 0, -1, 1, 0, 0},
        {"DepthToSpace", {"2x6x2x3"}, "blocksize=2", -1, 1, 0, 0},
        {"SpaceToDepth", {"2x6x2x3"}, "blocksize=2", -1, 1, 0, 0},
        {"SpaceToDepth", {"2x6x2x3"}, "blocksize=0", -1, 1, 0, 0},
        {"Upsample", {"2x3", "=1,2"}, "mode=area", -1, 1, 9, 0},
        {"ConvTranspose", {"2x3x4x4", "4x3x3x3"}, 0, -1, 1, 0, 0},
        {"ConvTranspose", {"2x3x4x4", "3x3x3x3"}, "pads=3,3,3,3", -1, 1, 0, 0},
        {"ConvTranspose", {"2x3x4x4", "3x3x3x3"}, "output_shape=4", -1, 1, 0, 0},
        {"GroupNormalization", {"2x6x3", "6", "6"}, "num_groups=2", -1, 1, 18, 0},
        {"GroupNormalization", {"2x6x3", "6", "6"}, "num_groups=4", -1, 1, 21, 0},
        {"RMSNormalization", {"3x5", "4"}, 0, -1, 1, 23, 0},
        {"LSTM", {"4x2x3", "1x8x3", "1x8x3"}, 0, -1, 1, 0, 0},
        {"LSTM", {"4x2x3", "1x8x3", "1x8x2"}, "clip=0.5", -1, 1, 0, 0},
        {"LSTM", {"4x2x3", "1x8x3", "1x8x2"}, "direction=sideways", -1, 1, 0, 0},
        {"GRU", {"4x2x3", "1x6x3", "1x6x2", "1x6"}, 0, -1, 1, 0, 0},
        {"Upsample", {"2x3", "=2"}, 0, -1, 1, 9, 0},
        {"Upsample", {"2x3", "=1,0"}, 0, -1, 1, 9, 0},
        {"Trilu", {"3"}, 0, -1, 1, 0, 0},
        {"CumSum", {"2x3", "=2"}, 0, -1, 1, 0, 0},
        {"Einsum", {"2x3", "3x4"}, "equation=ij,ik->jk", -1, 1, 0, 0},
        {"Einsum", {"2x3"}, "equation=ijk->k", -1, 1, 0, 0},
        {"Einsum", {"2x3"}, "equation=ij->jj", -1, 1, 0, 0},
        {"Einsum", {"2x3"}, "equation=ij->k", -1, 1, 0, 0},
        {"Einsum", {"2x3", "3"}, "equation=ij", -1, 1, 0, 0},
        {"Cast", {"3"}, "to=8", -1, 1, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lethe_error err = {0};
        double *w = NULL;
        struct lethe_graph *graph = build(&w, &cases[i], &err);
        if (graph)
            fail_msg("%s (%s) was accepted", cases[i].op, cases[i].inputs[0]);
        assert_int_equal(err.code, LETHE_EFORMAT);
        assert_non_null(strstr(err.message, cases[i].op));
    }
}

int main(void)
{
    lethe_rng_init(&rng, 20, LETHE_RNG_TEST, 0, 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_of_one_number),
        cmocka_unit_test(functions_with_broadcasting),
        cmocka_unit_test(products),
        cmocka_unit_test(equations),
        cmocka_unit_test(movements),
        cmocka_unit_test(reductions_and_norms),
        cmocka_unit_test(convolutions_and_pools),
        cmocka_unit_test(transposed_convolutions),
        cmocka_unit_test(resampling),
        cmocka_unit_test(norms_of_groups),
        cmocka_unit_test(recurrent_networks),
        cmocka_unit_test(convolutions_of_random_shapes),
        cmocka_unit_test(settings_that_do_not_fit_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
