/* SPDX-License-Identifier: MIT
 * A network made of one operator, and everything that is known about its derivatives. */
#include "tests/support/op_case.h"

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
#include "nn/exec.h"
#include "nn/ops.h"
#include "nn/tape.h"

struct lethe_rng op_case_rng;

static double uniform(double low, double high)
{
    return low + (high - low) * lethe_rng_uniform(&op_case_rng);
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

struct lethe_graph *op_case_build(double **w, const struct op_case *c, struct lethe_error *err)
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
    assert_int_equal(lethe_tape_direction(taped, v, 1, NULL), 0);
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

void op_case_check(const struct op_case *c)
{
    struct lethe_error err = {0};
    double *w = NULL;
    struct lethe_graph *graph = op_case_build(&w, c, &err);
    if (!graph)
        fail_msg("%s (%s %s): %s", c->op, c->inputs[0], c->attrs ? c->attrs : "", err.message);
    check_derivatives(c, graph, w);
    lethe_free(w);
    lethe_graph_unref(graph);
}
