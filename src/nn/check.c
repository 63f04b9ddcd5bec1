/* SPDX-License-Identifier: MIT
 * Gradient check: backward against central differences of the loss, at parameters spread evenly
 * over w. The step balances rounding (about 1e-16 / h) against curvature (h^2). */
#include "lethe/nn.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"

struct batch {
    struct lethe_exec *exec;
    const double *const *inputs;
    const int *labels;
    size_t n, classes;
    double *w, *logits, *dlogits;
};

static enum lethe_err mean_loss(double *loss, struct batch *b, struct lethe_error *err)
{
    lethe_exec_weights(b->exec, b->w);
    enum lethe_err code = lethe_exec_forward(b->exec, b->logits, b->inputs, b->n, err);
    if (!code)
        *loss = lethe_cross_entropy(NULL, b->dlogits, b->logits, b->labels, b->n, b->classes,
                                    1 / (double)b->n) /
                (double)b->n;
    return code;
}

static enum lethe_err difference(double *slope, struct batch *b, size_t i, struct lethe_error *err)
{
    double kept = b->w[i], h = 1e-5 * (1 + fabs(kept)), up = 0, down = 0;
    b->w[i] = kept + h;
    enum lethe_err code = mean_loss(&up, b, err);
    b->w[i] = kept - h;
    if (!code)
        code = mean_loss(&down, b, err);
    b->w[i] = kept;
    *slope = (up - down) / (2 * h);
    return code;
}

enum lethe_err lethe_gradient_check(double *worst, struct lethe_graph *graph, const double *w,
                                    const double *const *inputs, const int *labels, size_t n,
                                    size_t checks, struct lethe_error *err)
{
    size_t size = lethe_graph_size(graph), all = size + lethe_graph_buffers(graph);
    struct batch b = {
        .inputs = inputs, .labels = labels, .n = n, .classes = lethe_graph_classes(graph)};
    double *grad = lethe_alloc_zero(size + 1, sizeof *grad), loss, slope, largest = 0, scale = 0;
    enum lethe_err code;
    b.w = lethe_alloc(all + 1, sizeof *b.w);
    b.logits = lethe_alloc(n * b.classes + 1, sizeof *b.logits);
    b.dlogits = lethe_alloc(n * b.classes + 1, sizeof *b.dlogits);
    if (!grad || !b.w || !b.logits || !b.dlogits) {
        code = lethe_fail_memory(err, "a gradient check", all, sizeof *grad);
        goto out;
    }
    memcpy(b.w, w, all * sizeof *w);
    b.exec = lethe_exec_new(graph, LETHE_F64, n, err);
    code = b.exec ? mean_loss(&loss, &b, err) : LETHE_ENOMEM;
    if (!code)
        code = lethe_exec_backward(b.exec, grad, b.dlogits, err);
    for (size_t i = 0; i < size; i++)
        scale = fabs(grad[i]) > scale ? fabs(grad[i]) : scale;
    size_t stride = checks && size > checks ? size / checks : 1;
    for (size_t i = 0; i < size && !code; i += stride) {
        code = difference(&slope, &b, i, err);
        double gap = fabs(slope - grad[i]) / (fabs(slope) + fabs(grad[i]) + 1e-3 * scale + 1e-12);
        largest = gap > largest || isnan(gap) ? gap : largest;
    }
    if (!code)
        *worst = largest;
out:
    lethe_exec_free(b.exec);
    lethe_free(grad);
    lethe_free(b.w);
    lethe_free(b.logits);
    lethe_free(b.dlogits);
    return code;
}
