/* SPDX-License-Identifier: MIT
 * Curvature of rank one from two gradients, as the text of Mehta et al. (CVPR 2022) has it: the
 * gradients before and after one more step of gradient descent differ by about H times the step,
 * and the only symmetric matrix of rank one that says so is H = y y' / (y's),   s = -r grad F /
 * |grad F|,   y = grad l(w + s) - grad l(w), restricted to the blanket's entries of s and y, with F
 * and l (F without its weight decay) over the curvature samples. decay I is added as for all
 * curvatures: what lies across s is left to it. Check value: H s = y, and every 2 x 2 minor of H is
 * 0. y's < 0 makes H negative along s. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "tensor/blas.h"
#include "unlearn/curvatures.h"

static const double reach = 1e-4; /* r */

/* g (size) at w without the decay's part. */
static enum lethe_err data_gradient(double *g, struct lethe_problem *problem, const double *w,
                                    struct lethe_watch *watch, struct lethe_error *err)
{
    double value;
    enum lethe_err rc = lethe_problem_value(problem, &value, g, w, watch, err);
    if (!rc)
        lethe_daxpy(g, -lethe_problem_decay(problem), w, lethe_problem_size(problem));
    return rc;
}

/* From g = grad l(w), moved = w: y_P into c->outer, 1 / (y's) into c->scale. */
static enum lethe_err differ(struct lethe_curvature *c, struct lethe_problem *problem, double *g,
                             double *moved, const double *w, const size_t *index,
                             struct lethe_watch *watch, struct lethe_error *err)
{
    const size_t all = lethe_problem_size(problem);
    double *after = lethe_alloc(all, sizeof *after), along = 0, square = 0;
    if (!after)
        return lethe_fail_memory(err, "gradients", all, sizeof *after);
    for (size_t i = 0; i < all; i++) {
        const double full = g[i] + lethe_problem_decay(problem) * w[i];
        square += full * full;
        moved[i] = full;
    }
    enum lethe_err rc = LETHE_OK;
    if (square > 0)
        for (size_t i = 0; i < all; i++)
            moved[i] = w[i] - reach / sqrt(square) * moved[i];
    else
        rc = lethe_fail(err, LETHE_ENUM, "the gradient is zero, so it leads nowhere: use ggn");
    if (!rc)
        rc = data_gradient(after, problem, moved, watch, err);
    for (size_t i = 0; !rc && i < c->size; i++) {
        const size_t at = index[i];
        c->outer[i] = after[at] - g[at];
        along += c->outer[i] * (moved[at] - w[at]);
    }
    if (!rc && along == 0)
        rc = lethe_fail(err, LETHE_ENUM,
                        "the gradient does not change over the blanket: more units, or ggn");
    c->scale = 1 / along;
    lethe_free(after);
    return rc;
}

LETHE_CURVATURE_ROW(lethe_curvature_paper)
{
    (void)options;
    const struct lethe_graph *graph = lethe_problem_graph(problem);
    const size_t all = lethe_graph_size(graph), entries = all + lethe_graph_buffers(graph);
    double *g = lethe_alloc(all, sizeof *g), *moved = lethe_alloc(entries, sizeof *moved);
    enum lethe_err rc = lethe_watch_step(watch, "curvature", 0, 1, err);
    if (rc)
        goto out;
    c->outer = lethe_alloc(c->size, sizeof *c->outer);
    if (g && moved && c->outer) {
        memcpy(moved, w, entries * sizeof *moved);
        rc = data_gradient(g, problem, w, watch, err);
        if (!rc)
            rc = differ(c, problem, g, moved, w, blanket->index, watch, err);
    } else {
        rc = lethe_fail_memory(err, "gradients", 3 * entries, sizeof *g);
    }
out:
    lethe_free(g);
    lethe_free(moved);
    return rc;
}
