/* SPDX-License-Identifier: MIT
 * Exact second derivatives of the mean cross-entropy by central differences in double.
 *
 * Where every unit of the blanket has a bias and one position, moving the bias of unit k by r moves
 * its pre-activation by r in every sample at once. The differences of delta_j and x_j are then the
 * per-sample derivatives s_kj and t_kj of pairs.h (e = delta_j), so the whole Hessian costs two
 * passes for each unit and n |P|^2 operations. Otherwise: two gradients for each parameter.
 * Errors are about 1e-10 of the largest entry, from rounding over 2r and from r^2. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "unlearn/curvatures.h"
#include "unlearn/pairs.h"

static const double reach = 1e-5; /* r */

struct hessian {
    struct lethe_problem *problem;
    struct lethe_exec *exec;
    const struct lethe_blanket *blanket;
    struct lethe_curvature *c;
    size_t batch, classes;
    double *w;              /* a copy that is moved about */
    double *logits, *slope; /* (batch, classes) */
    double *losses;         /* (batch) */
    double **e, **s, **t;   /* for each layer of pairs: (batch, units) twice, (batch, fan_in) */
    double *down;           /* (batch, widest) what the lower side left */
    struct lethe_watch *watch;
};

/* Forward and backward of the cross-entropy on batch b, each sample with weight 1. */
static enum lethe_err pass(struct hessian *h, size_t b, size_t *n, struct lethe_error *err)
{
    size_t first;
    lethe_problem_weights(h->problem, h->w);
    enum lethe_err rc = lethe_problem_forward(h->problem, b, h->logits, &first, n, err);
    if (rc)
        return rc;
    lethe_cross_entropy(h->losses, h->slope, h->logits, lethe_problem_labels(h->problem) + first,
                        *n, h->classes, 1);
    return lethe_exec_backward(h->exec, NULL, h->slope, err);
}

static void differ(double *high, const double *low, size_t count)
{
    for (size_t i = 0; i < count; i++)
        high[i] = (high[i] - low[i]) / (2 * reach);
}

/* s and t of one unit, whose bias is entry `bias` of w, against all layers. */
static enum lethe_err probe(struct hessian *h, struct lethe_unit_pairs *pairs, size_t b,
                            size_t bias, struct lethe_error *err)
{
    size_t n = 0;
    double kept = h->w[bias];
    h->w[bias] = kept - reach;
    enum lethe_err rc = pass(h, b, &n, err);
    for (size_t l = 0, at = 0; !rc && l < pairs->layer_count; l++) {
        const struct lethe_unit_pairs_layer *layer = &pairs->layers[l];
        lethe_exec_delta(h->exec, layer->layer, h->down + at);
        at += h->batch * layer->units;
        lethe_exec_input(h->exec, layer->layer, h->down + at);
        at += h->batch * layer->fan_in;
    }
    h->w[bias] = kept + reach;
    if (!rc)
        rc = pass(h, b, &n, err);
    for (size_t l = 0, at = 0; !rc && l < pairs->layer_count; l++) {
        const struct lethe_unit_pairs_layer *layer = &pairs->layers[l];
        lethe_exec_delta(h->exec, layer->layer, h->s[l]);
        differ(h->s[l], h->down + at, n * layer->units);
        at += h->batch * layer->units;
        lethe_exec_input(h->exec, layer->layer, h->t[l]);
        differ(h->t[l], h->down + at, n * layer->fan_in);
        at += h->batch * layer->fan_in;
    }
    h->w[bias] = kept;
    return rc;
}

static enum lethe_err add_pairs(struct hessian *h, struct lethe_unit_pairs *pairs,
                                struct lethe_error *err)
{
    size_t batches = lethe_problem_batches(h->problem), n;
    long done = 0, total = (long)(batches * h->blanket->count);
    for (size_t b = 0; b < batches; b++) {
        enum lethe_err rc = pass(h, b, &n, err);
        if (rc)
            return rc;
        lethe_unit_pairs_inputs(pairs, h->exec, n);
        for (size_t l = 0; l < pairs->layer_count; l++)
            lethe_exec_delta(h->exec, pairs->layers[l].layer, h->e[l]);
        for (size_t l = 0; l < pairs->layer_count; l++)
            for (size_t k = 0; k < pairs->layers[l].count; k++) {
                const struct lethe_unit_pairs_layer *own = &pairs->layers[l];
                rc = lethe_watch_step(h->watch, "curvature", done++, total, err);
                if (!rc)
                    rc = probe(h, pairs, b, h->blanket->index[own->offset[k] + own->fan_in], err);
                if (rc)
                    return rc;
                for (size_t o = l; o < pairs->layer_count; o++) {
                    const struct lethe_unit_pairs_sums sums = {
                        .s = h->s[o], .e = h->e[o], .t = h->t[o], .n = n};
                    lethe_unit_pairs_add(pairs, h->c->matrix, h->c->size, own, k, &pairs->layers[o],
                                         &sums);
                }
            }
    }
    return LETHE_OK;
}

static enum lethe_err by_units(struct hessian *h, const struct lethe_graph *graph,
                               struct lethe_error *err)
{
    struct lethe_unit_pairs pairs;
    enum lethe_err rc = lethe_unit_pairs_init(&pairs, graph, h->blanket, h->batch, err);
    if (rc)
        return rc;
    size_t total = 0, layers = pairs.layer_count;
    for (size_t l = 0; l < layers; l++)
        total += h->batch * (pairs.layers[l].units + pairs.layers[l].fan_in);
    double **table = lethe_alloc_zero(3 * layers, sizeof *table);
    double *store = lethe_alloc(2 * total, sizeof *store);
    h->down = lethe_alloc(total, sizeof *h->down);
    if (table && store && h->down) {
        h->e = table;
        h->s = table + layers;
        h->t = table + 2 * layers;
        double *next = store;
        for (size_t l = 0; l < layers; l++) {
            h->e[l] = next;
            h->s[l] = next + h->batch * pairs.layers[l].units;
            h->t[l] = next + 2 * h->batch * pairs.layers[l].units;
            next = h->t[l] + h->batch * pairs.layers[l].fan_in;
        }
        rc = add_pairs(h, &pairs, err);
    } else {
        rc = lethe_fail_memory(err, "second derivatives", 3 * total, sizeof *store);
    }
    lethe_free(table);
    lethe_free(store);
    lethe_free(h->down);
    lethe_unit_pairs_release(&pairs);
    return rc;
}

/* Column after column from two gradients; both triangles are averaged into the lower one. */
static enum lethe_err by_parameters(struct hessian *h, struct lethe_error *err)
{
    size_t size = h->c->size, all = lethe_problem_size(h->problem);
    const size_t *index = h->blanket->index;
    double *high = lethe_alloc(all, sizeof *high), *low = lethe_alloc(all, sizeof *low), value;
    double *matrix = h->c->matrix, scale = (double)h->c->samples / (2 * reach);
    enum lethe_err rc = LETHE_OK;
    if (!high || !low)
        rc = lethe_fail_memory(err, "gradients", 2 * all, sizeof *high);
    for (size_t j = 0; !rc && j < size; j++) {
        double kept = h->w[index[j]];
        rc = lethe_watch_step(h->watch, "curvature", (long)j, (long)size, err);
        h->w[index[j]] = kept + reach;
        if (!rc)
            rc = lethe_problem_value(h->problem, &value, high, h->w, h->watch, err);
        h->w[index[j]] = kept - reach;
        if (!rc)
            rc = lethe_problem_value(h->problem, &value, low, h->w, h->watch, err);
        h->w[index[j]] = kept;
        for (size_t i = 0; !rc && i < size; i++)
            matrix[i * size + j] = (high[index[i]] - low[index[i]]) * scale;
    }
    for (size_t i = 0; !rc && i < size; i++) {
        for (size_t j = 0; j < i; j++)
            matrix[i * size + j] = (matrix[i * size + j] + matrix[j * size + i]) / 2;
        matrix[i * size + i] -= h->c->decay * (double)h->c->samples;
    }
    lethe_free(high);
    lethe_free(low);
    return rc;
}

LETHE_CURVATURE_ROW(lethe_curvature_hessian)
{
    (void)options;
    const struct lethe_graph *graph = lethe_problem_graph(problem);
    size_t entries = lethe_graph_size(graph) + lethe_graph_buffers(graph);
    struct hessian h = {.problem = problem,
                        .exec = lethe_problem_exec(problem),
                        .blanket = blanket,
                        .c = c,
                        .batch = lethe_problem_batch(problem),
                        .classes = lethe_graph_classes(graph),
                        .watch = watch};
    enum lethe_err rc = LETHE_OK;
    size_t cells = h.batch * h.classes;
    h.w = lethe_alloc(entries, sizeof *h.w);
    h.logits = lethe_alloc(cells, sizeof *h.logits);
    h.slope = lethe_alloc(cells, sizeof *h.slope);
    h.losses = lethe_alloc(h.batch, sizeof *h.losses);
    if (!h.w || !h.logits || !h.slope || !h.losses) {
        rc = lethe_fail_memory(err, "second derivatives", entries + 2 * cells, sizeof *h.w);
        goto out;
    }
    memcpy(h.w, w, entries * sizeof *h.w);
    rc = lethe_unit_pairs_possible(graph, blanket, 1) ? by_units(&h, graph, err)
                                                      : by_parameters(&h, err);
    for (size_t i = 0; !rc && i < c->size; i++)
        for (size_t j = 0; j <= i; j++)
            c->matrix[i * c->size + j] /= (double)c->samples;
out:
    lethe_free(h.w);
    lethe_free(h.logits);
    lethe_free(h.slope);
    lethe_free(h.losses);
    return rc;
}
