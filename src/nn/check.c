/* SPDX-License-Identifier: MIT
 * Gradient check: backward against central differences of the mean cross-entropy in double. The
 * step follows the weight's size; the error is relative to the larger of the two derivatives, with
 * a floor of one millionth of the largest gradient entry. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/nn.h"
#include "lethe/rng.h"

struct check {
    struct lethe_exec *exec;
    const double *const *inputs;
    const int *labels;
    size_t n, classes;
    double *w, *grad, *logits, *dlogits, *losses;
};

static enum lethe_err mean_loss(struct check *c, double *loss, int gradient,
                                struct lethe_error *err)
{
    lethe_exec_weights(c->exec, c->w);
    enum lethe_err code = lethe_exec_forward(c->exec, c->logits, c->inputs, c->n, err);
    if (code)
        return code;
    *loss = lethe_cross_entropy(c->losses, gradient ? c->dlogits : NULL, c->logits, c->labels, c->n,
                                c->classes, 1.0 / (double)c->n) /
            (double)c->n;
    return gradient ? lethe_exec_backward(c->exec, c->grad, c->dlogits, err) : LETHE_OK;
}

static enum lethe_err compare(struct check *c, double *worst, size_t size, size_t checks,
                              struct lethe_error *err)
{
    double largest = 0;
    for (size_t i = 0; i < size; i++)
        largest = fmax(largest, fabs(c->grad[i]));
    struct lethe_rng rng;
    lethe_rng_init(&rng, 1, LETHE_RNG_TEST, size, checks);
    *worst = 0;
    for (size_t k = 0; k < checks; k++) {
        size_t i = checks >= size ? k % size : (size_t)lethe_rng_below(&rng, size);
        double kept = c->w[i], step = 1e-5 * (1 + fabs(kept)), up, down;
        c->w[i] = kept + step;
        enum lethe_err code = mean_loss(c, &up, 0, err);
        c->w[i] = kept - step;
        if (!code)
            code = mean_loss(c, &down, 0, err);
        c->w[i] = kept;
        if (code)
            return code;
        double measured = (up - down) / (2 * step);
        double scale = fmax(fmax(fabs(measured), fabs(c->grad[i])), 1e-6 * largest + 1e-9);
        *worst = fmax(*worst, fabs(measured - c->grad[i]) / scale);
    }
    return LETHE_OK;
}

enum lethe_err lethe_gradient_check(double *worst, struct lethe_graph *graph, const double *w,
                                    const double *const *inputs, const int *labels, size_t n,
                                    size_t checks, struct lethe_error *err)
{
    const size_t size = lethe_graph_size(graph), all = size + lethe_graph_buffers(graph);
    const size_t classes = lethe_graph_classes(graph);
    struct check c = {.inputs = inputs, .labels = labels, .n = n, .classes = classes};
    double *block = lethe_alloc_zero(all + size + 2 * n * classes + n, sizeof *block), loss;
    enum lethe_err code = LETHE_ENOMEM;
    c.exec = block ? lethe_exec_new(graph, LETHE_F64, n, err) : NULL;
    if (!c.exec)
        goto out;
    c.w = block;
    c.grad = c.w + all;
    c.logits = c.grad + size;
    c.dlogits = c.logits + n * classes;
    c.losses = c.dlogits + n * classes;
    memcpy(c.w, w, all * sizeof *w);
    code = mean_loss(&c, &loss, 1, err);
    if (!code)
        code = compare(&c, worst, size, checks < size ? checks : size, err);
out:
    if (!block)
        lethe_fail_memory(err, "a gradient check", all, sizeof *block);
    lethe_exec_free(c.exec);
    lethe_free(block);
    return code;
}
