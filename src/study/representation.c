/* SPDX-License-Identifier: MIT
 * Activations are read from an executor batch by batch; products of matrices are BLAS's,
 * eigenvectors LAPACK's. Signs of axes: the largest entry is positive. */
#include "study/representation.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "tensor/blas.h"
#include "tensor/lapack.h"

/* ---- CKA ------------------------------------------------------------------------------------- */

static void centre(double *x, size_t n, size_t width)
{
    for (size_t k = 0; k < width; k++) {
        double sum = 0;
        for (size_t i = 0; i < n; i++)
            sum += x[i * width + k];
        for (size_t i = 0; i < n; i++)
            x[i * width + k] -= sum / (double)n;
    }
}

/* |A'B|_F^2; product is (p, q). */
static double cross(double *product, const double *a, size_t p, const double *b, size_t q, size_t n)
{
    const struct lethe_gemm how = {.m = p, .n = q, .k = n, .ta = 1, .alpha = 1};
    double square = 0;
    lethe_dgemm(product, a, b, &how);
    for (size_t i = 0; i < p * q; i++)
        square += product[i] * product[i];
    return square;
}

enum lethe_err lethe_linear_cka(double *cka, double *x, size_t p, double *y, size_t q, size_t n,
                                struct lethe_error *err)
{
    const size_t most = p > q ? p : q;
    double *product = lethe_alloc(most, most * sizeof *product);
    if (!product)
        return lethe_fail_memory(err, "a matrix", most, most * sizeof *product);
    centre(x, n, p);
    centre(y, n, q);
    const double both = cross(product, x, p, y, q, n);
    const double own = sqrt(cross(product, x, p, x, p, n)) * sqrt(cross(product, y, q, y, q, n));
    *cka = own > 0 ? both / own : NAN;
    lethe_free(product);
    return LETHE_OK;
}

/* ---- activations ----------------------------------------------------------------------------- */

typedef void read_layer(const struct lethe_exec *exec, size_t layer, double *out);

static enum lethe_err read_all(double *to, struct lethe_problem *problem, const double *w,
                               size_t layer, size_t width, read_layer *read,
                               struct lethe_watch *watch, struct lethe_error *err)
{
    const size_t classes = lethe_graph_classes(lethe_problem_graph(problem));
    double *logits = lethe_alloc(lethe_problem_batch(problem), classes * sizeof *logits);
    enum lethe_err code =
        logits ? LETHE_OK : lethe_fail_memory(err, "logits", classes, sizeof *logits);
    lethe_problem_weights(problem, w);
    for (size_t b = 0, first, n; !code && b < lethe_problem_batches(problem); b++) {
        code = lethe_watch_step(watch, "looking at layers", (long)b,
                                (long)lethe_problem_batches(problem), err);
        if (!code)
            code = lethe_problem_forward(problem, b, logits, &first, &n, err);
        if (!code)
            read(lethe_problem_exec(problem), layer, to + first * width);
    }
    lethe_free(logits);
    return code;
}

enum lethe_err lethe_activations(double *to, struct lethe_problem *problem, const double *w,
                                 size_t layer, struct lethe_watch *watch, struct lethe_error *err)
{
    return read_all(to, problem, w, layer,
                    lethe_graph_layer(lethe_problem_graph(problem), layer)->units,
                    lethe_exec_preact, watch, err);
}

enum lethe_err lethe_layers_cka(double *cka, struct lethe_problem *problem, const double *a,
                                const double *b, struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_graph *graph = lethe_problem_graph(problem);
    const size_t n = lethe_problem_count(problem);
    enum lethe_err code = LETHE_OK;
    for (size_t l = 0; !code && l < lethe_graph_layer_count(graph); l++) {
        const size_t units = lethe_graph_layer(graph, l)->units;
        double *x = lethe_alloc(2 * n, units * sizeof *x);
        if (!x)
            return lethe_fail_memory(err, "activations", 2 * n, units * sizeof *x);
        code = lethe_activations(x, problem, a, l, watch, err);
        if (!code)
            code = lethe_activations(x + n * units, problem, b, l, watch, err);
        if (!code)
            code = lethe_linear_cka(&cka[l], x, units, x + n * units, units, n, err);
        lethe_free(x);
    }
    return code;
}

enum lethe_err lethe_layers_change(double *share, const struct lethe_graph *graph, const double *a,
                                   const double *b, struct lethe_error *err)
{
    const size_t layers = lethe_graph_layer_count(graph);
    double all = 0;
    (void)err;
    memset(share, 0, (layers + 1) * sizeof *share);
    for (size_t p = 0; p < lethe_graph_param_count(graph); p++) {
        const struct lethe_param *param = lethe_graph_param(graph, p);
        const size_t at = param->layer < 0 ? layers : (size_t)param->layer;
        for (size_t i = param->offset; param->trainable && i < param->offset + param->size; i++)
            share[at] += (b[i] - a[i]) * (b[i] - a[i]);
    }
    for (size_t l = 0; l <= layers; l++)
        all += share[l];
    for (size_t l = 0; all > 0 && l <= layers; l++)
        share[l] /= all;
    return LETHE_OK;
}

size_t lethe_last_width(const struct lethe_graph *graph)
{
    return lethe_graph_layer(graph, lethe_graph_layer_count(graph) - 1)->fan_in;
}

enum lethe_err lethe_last_features(double *to, struct lethe_problem *problem, const double *w,
                                   struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_graph *graph = lethe_problem_graph(problem);
    const size_t last = lethe_graph_layer_count(graph) - 1;
    if (!last)
        return lethe_fail(err, LETHE_EARG,
                          "the network has one layer: its features are the inputs");
    if (lethe_graph_layer(graph, last)->positions != 1)
        return lethe_fail(err, LETHE_EARG, "the last layer '%s' is not a plain linear one",
                          lethe_graph_layer(graph, last)->name);
    return read_all(to, problem, w, last, lethe_last_width(graph), lethe_exec_input, watch, err);
}

/* ---- axes ------------------------------------------------------------------------------------ */

void lethe_axes2_release(struct lethe_axes2 *axes)
{
    lethe_free(axes->middle);
    lethe_free(axes->axis);
    *axes = (struct lethe_axes2){0};
}

static enum lethe_err begin(struct lethe_axes2 *axes, const double *x, size_t n, size_t width,
                            struct lethe_error *err)
{
    *axes = (struct lethe_axes2){.width = width};
    axes->middle = lethe_alloc_zero(width, sizeof *axes->middle);
    axes->axis = lethe_alloc_zero(2 * width, sizeof *axes->axis);
    if (!axes->middle || !axes->axis)
        return lethe_fail_memory(err, "axes", 3 * width, sizeof(double));
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < width; k++)
            axes->middle[k] += x[i * width + k] / (double)n;
    return LETHE_OK;
}

/* Length 1, largest entry positive. */
static void settle(double *axis, size_t width)
{
    double square = 0;
    size_t most = 0;
    for (size_t k = 0; k < width; k++) {
        square += axis[k] * axis[k];
        most = fabs(axis[k]) > fabs(axis[most]) ? k : most;
    }
    const double by = (axis[most] < 0 ? -1 : 1) / sqrt(square);
    for (size_t k = 0; square > 0 && k < width; k++)
        axis[k] *= by;
}

/* c (width, width) += weight (x - middle)(x - middle)', both triangles. */
static void add_outer(double *c, const double *x, const double *middle, size_t width, double weight)
{
    for (size_t r = 0; r < width; r++)
        for (size_t k = 0; k < width; k++)
            c[r * width + k] += weight * (x[r] - middle[r]) * (x[k] - middle[k]);
}

/* The two leading eigenvectors of c, which is spoilt, into the axes. */
static enum lethe_err lead(struct lethe_axes2 *axes, double *c, struct lethe_error *err)
{
    const size_t width = axes->width;
    double *values = lethe_alloc(width, sizeof *values), all = 0;
    enum lethe_err code = values ? lethe_eigen(values, c, width, err)
                                 : lethe_fail_memory(err, "eigenvalues", width, sizeof *values);
    for (size_t k = 0; !code && k < width; k++)
        all += fmax(values[k], 0);
    for (size_t a = 0; !code && a < 2 && a < width; a++) {
        memcpy(axes->axis + a * width, c + (width - 1 - a) * width, width * sizeof *c);
        axes->share[a] = all > 0 ? fmax(values[width - 1 - a], 0) / all : NAN;
    }
    lethe_free(values);
    return code;
}

enum lethe_err lethe_principal_axes(struct lethe_axes2 *axes, const double *x, size_t n,
                                    size_t width, struct lethe_error *err)
{
    double *c = lethe_alloc_zero(width, width * sizeof *c);
    enum lethe_err code = begin(axes, x, n, width, err);
    if (!code && !c)
        code = lethe_fail_memory(err, "a covariance", width, width * sizeof *c);
    for (size_t i = 0; !code && i < n; i++)
        add_outer(c, x + i * width, axes->middle, width, 1 / (double)n);
    if (!code)
        code = lead(axes, c, err);
    for (size_t a = 0; !code && a < 2; a++)
        settle(axes->axis + a * width, width);
    lethe_free(c);
    if (code)
        lethe_axes2_release(axes);
    return code;
}

/* within: spread inside the classes; between: of their means, by their numbers. */
static enum lethe_err scatter(double *within, double *between, const struct lethe_axes2 *axes,
                              const double *x, const int *labels, size_t n, size_t classes,
                              struct lethe_error *err)
{
    const size_t width = axes->width;
    double *means = lethe_alloc_zero(classes, width * sizeof *means);
    double *counts = lethe_alloc_zero(classes, sizeof *counts);
    enum lethe_err code =
        means && counts ? LETHE_OK
                        : lethe_fail_memory(err, "class means", classes, width * sizeof *means);
    for (size_t i = 0; !code && i < n; i++) {
        counts[labels[i]]++;
        for (size_t k = 0; k < width; k++)
            means[(size_t)labels[i] * width + k] += x[i * width + k];
    }
    for (size_t c = 0; !code && c < classes; c++) {
        for (size_t k = 0; counts[c] > 0 && k < width; k++)
            means[c * width + k] /= counts[c];
        if (counts[c] > 0)
            add_outer(between, means + c * width, axes->middle, width, counts[c] / (double)n);
    }
    for (size_t i = 0; !code && i < n; i++)
        add_outer(within, x + i * width, means + (size_t)labels[i] * width, width, 1 / (double)n);
    lethe_free(means);
    lethe_free(counts);
    return code;
}

/* between = L^-1 between L^-T with within = L L', and its eigenvectors turned back. */
static enum lethe_err discriminate(struct lethe_axes2 *axes, double *within, double *between,
                                   struct lethe_error *err)
{
    const size_t width = axes->width;
    double trace = 0;
    for (size_t k = 0; k < width; k++)
        trace += within[k * width + k];
    for (size_t k = 0; k < width; k++)
        within[k * width + k] += 1e-3 * trace / (double)width + 1e-300;
    enum lethe_err code = lethe_cholesky(within, width, NULL, err);
    for (int side = 0; !code && side < 2; side++) { /* rows, then what were columns */
        lethe_cholesky_forward_rows(between, width, within, width, width);
        for (size_t r = 0; r < width; r++)
            for (size_t k = 0; k < r; k++) {
                const double kept = between[r * width + k];
                between[r * width + k] = between[k * width + r];
                between[k * width + r] = kept;
            }
    }
    if (!code)
        code = lead(axes, between, err);
    for (size_t a = 0; !code && a < 2; a++) { /* L'^-1 v */
        double *v = axes->axis + a * width;
        for (size_t r = width; r-- > 0;) {
            for (size_t k = r + 1; k < width; k++)
                v[r] -= within[k * width + r] * v[k];
            v[r] /= within[r * width + r];
        }
        settle(v, width);
    }
    return code;
}

enum lethe_err lethe_discriminant_axes(struct lethe_axes2 *axes, const double *x, const int *labels,
                                       size_t n, size_t width, size_t classes,
                                       struct lethe_error *err)
{
    double *within = lethe_alloc_zero(width, width * sizeof *within);
    double *between = lethe_alloc_zero(width, width * sizeof *between);
    enum lethe_err code = begin(axes, x, n, width, err);
    if (!code && (!within || !between))
        code = lethe_fail_memory(err, "scatters", 2 * width, width * sizeof *within);
    if (!code)
        code = scatter(within, between, axes, x, labels, n, classes, err);
    if (!code)
        code = discriminate(axes, within, between, err);
    lethe_free(within);
    lethe_free(between);
    if (code)
        lethe_axes2_release(axes);
    return code;
}

void lethe_axes2_project(double *to, const struct lethe_axes2 *axes, const double *x, size_t n)
{
    const size_t width = axes->width;
    for (size_t i = 0; i < n; i++)
        for (size_t a = 0; a < 2; a++) {
            double sum = 0;
            for (size_t k = 0; k < width; k++)
                sum += (x[i * width + k] - axes->middle[k]) * axes->axis[a * width + k];
            to[2 * i + a] = sum;
        }
}
