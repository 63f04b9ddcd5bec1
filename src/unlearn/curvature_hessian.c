/* SPDX-License-Identifier: MIT
 * Exact second derivatives of the mean cross-entropy, by tangents of the backward pass.
 *
 * Where every unit of the blanket has a bias and one position, a tangent along the bias of unit k
 * moves its pre-activation by 1 in every sample at once. The tangents of delta_j and x_j are then
 * the per-sample derivatives s_kj and t_kj of pairs.h (e = delta_j), so the whole Hessian costs one
 * product for each unit and n |P|^2 operations. Otherwise: one product for each parameter. Where an
 * operator has no second derivative: central differences of gradients, which are wrong wherever a
 * unit changes sides in between, and named as such (lethe_curvature.rough). */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/linearised.h"
#include "nn/tape.h"
#include "unlearn/curvatures.h"
#include "unlearn/inputs.h"
#include "unlearn/pairs.h"

static const double reach = 1e-5; /* of differences */

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
    double *v;              /* (parameters) a direction */
    double *p;              /* (batch, classes) probabilities */
    struct lethe_tape_layer *capture; /* for each layer of pairs */
    struct lethe_watch *watch;
};

/* ---- units of plain linear layers ------------------------------------------------------------ */

/* Forward and backward of the cross-entropy on batch b, each sample with weight 1. */
static enum lethe_err pass(struct hessian *h, size_t b, size_t *first, size_t *n,
                           struct lethe_error *err)
{
    enum lethe_err rc = lethe_problem_forward(h->problem, b, h->logits, first, n, err);
    if (rc)
        return rc;
    lethe_cross_entropy(h->losses, h->slope, h->logits, lethe_problem_labels(h->problem) + *first,
                        *n, h->classes, 1);
    lethe_softmax(h->p, h->logits, *n, h->classes);
    return lethe_exec_backward(h->exec, NULL, h->slope, err);
}

/* rows = (diag p - p p') rows */
static void weigh(void *context, double *rows, size_t first, size_t n)
{
    const struct hessian *h = context;
    for (size_t i = first; i < first + n; i++, rows += h->classes) {
        const double *p = h->p + i * h->classes;
        double mean = 0;
        for (size_t c = 0; c < h->classes; c++)
            mean += p[c] * rows[c];
        for (size_t c = 0; c < h->classes; c++)
            rows[c] = p[c] * (rows[c] - mean);
    }
}

/* s and t of one unit, whose bias is entry `bias` of w, against all layers. */
static enum lethe_err probe(struct hessian *h, const struct lethe_unit_pairs *pairs,
                            struct lethe_tape *tape, size_t bias, struct lethe_error *err)
{
    struct lethe_tape_pass over = {.weigh = weigh,
                                   .context = h,
                                   .dlogits = h->slope,
                                   .moved = h->logits,
                                   .layers = h->capture,
                                   .layer_count = pairs->layer_count};
    h->v[bias] = 1;
    enum lethe_err rc = lethe_tape_direction(h->exec, h->v, 1, err);
    h->v[bias] = 0;
    return rc ? rc : lethe_tape_hvp(tape, &over, err);
}

static enum lethe_err add_batch(struct hessian *h, struct lethe_unit_pairs *pairs,
                                struct lethe_tape *tape, size_t n, long *done, long total,
                                struct lethe_error *err)
{
    for (size_t l = 0; l < pairs->layer_count; l++)
        for (size_t k = 0; k < pairs->layers[l].count; k++) {
            const struct lethe_unit_pairs_layer *own = &pairs->layers[l];
            enum lethe_err rc = lethe_watch_step(h->watch, "curvature", (*done)++, total, err);
            if (!rc)
                rc = probe(h, pairs, tape, h->blanket->index[own->offset[k] + own->fan_in], err);
            if (rc)
                return rc;
            for (size_t o = l; o < pairs->layer_count; o++) {
                const struct lethe_unit_pairs_sums sums = {
                    .s = h->s[o], .e = h->e[o], .t = h->t[o], .n = n};
                lethe_unit_pairs_add(pairs, h->c->matrix, h->c->size, own, k, &pairs->layers[o],
                                     &sums);
            }
        }
    return LETHE_OK;
}

/* The batch just run, recorded; n samples from position first on. */
static enum lethe_err record(struct lethe_tape **tape, struct hessian *h, size_t first, size_t n,
                             struct lethe_error *err)
{
    const struct lethe_graph *graph = lethe_problem_graph(h->problem);
    const size_t width = lethe_dataset_width(lethe_problem_data(h->problem));
    double *x = lethe_alloc(2 * n, width * sizeof *x);
    const double **inputs = lethe_alloc(lethe_graph_inputs(graph), sizeof *inputs);
    size_t *rows = lethe_alloc(n, sizeof *rows);
    int *labels = lethe_alloc(n, sizeof *labels);
    enum lethe_err rc = LETHE_OK;
    if (!x || !inputs || !rows || !labels)
        rc = lethe_fail_memory(err, "a batch", 2 * n * width, sizeof *x);
    if (!rc)
        rc = lethe_tape_new(tape, h->exec, n, err);
    for (size_t i = 0; !rc && i < n; i++)
        rows[i] = first + i;
    if (!rc) {
        lethe_problem_gather(h->problem, x, labels, rows, n);
        lethe_inputs_split(inputs, x + n * width, graph, x, n);
        rc = lethe_tape_record(*tape, h->logits, inputs, err);
    }
    lethe_free(x);
    lethe_free(inputs);
    lethe_free(rows);
    lethe_free(labels);
    return rc;
}

static enum lethe_err add_pairs(struct hessian *h, struct lethe_unit_pairs *pairs,
                                struct lethe_error *err)
{
    const size_t batches = lethe_problem_batches(h->problem);
    const long total = (long)(batches * h->blanket->count);
    long done = 0;
    enum lethe_err rc = LETHE_OK;
    lethe_problem_weights(h->problem, h->w);
    for (size_t b = 0; !rc && b < batches; b++) {
        struct lethe_tape *tape = NULL;
        size_t first = 0, n = 0;
        rc = pass(h, b, &first, &n, err);
        if (rc)
            break;
        lethe_unit_pairs_inputs(pairs, h->exec, n);
        for (size_t l = 0; l < pairs->layer_count; l++)
            lethe_exec_delta(h->exec, pairs->layers[l].layer, h->e[l]);
        rc = record(&tape, h, first, n, err);
        if (!rc)
            rc = add_batch(h, pairs, tape, n, &done, total, err);
        lethe_tape_free(tape);
    }
    return rc;
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
    h->capture = lethe_alloc(layers, sizeof *h->capture);
    if (table && store && h->capture) {
        h->e = table;
        h->s = table + layers;
        h->t = table + 2 * layers;
        double *next = store;
        for (size_t l = 0; l < layers; l++) {
            h->e[l] = next;
            h->s[l] = next + h->batch * pairs.layers[l].units;
            h->t[l] = next + 2 * h->batch * pairs.layers[l].units;
            next = h->t[l] + h->batch * pairs.layers[l].fan_in;
            h->capture[l] = (struct lethe_tape_layer){pairs.layers[l].layer, h->t[l], h->s[l]};
        }
        rc = add_pairs(h, &pairs, err);
    } else {
        rc = lethe_fail_memory(err, "second derivatives", 2 * total, sizeof *store);
    }
    lethe_free(table);
    lethe_free(store);
    lethe_free(h->capture);
    lethe_unit_pairs_release(&pairs);
    return rc;
}

/* ---- anything else --------------------------------------------------------------------------- */

/* Both triangles are averaged into the lower one. */
static void even(struct hessian *h)
{
    double *matrix = h->c->matrix;
    const size_t size = h->c->size;
    for (size_t i = 0; i < size; i++)
        for (size_t j = 0; j < i; j++)
            matrix[i * size + j] = (matrix[i * size + j] + matrix[j * size + i]) / 2;
}

/* Column after column. */
static enum lethe_err by_parameters(struct hessian *h, struct lethe_error *err)
{
    const size_t size = h->c->size, all = lethe_problem_size(h->problem);
    const size_t *index = h->blanket->index;
    const struct lethe_linearised_spec spec = {
        .problem = h->problem, .w = h->w, .dtype = LETHE_F64, .threads = 1};
    struct lethe_linearised *linearised = NULL;
    double *g = lethe_alloc(all, sizeof *g);
    enum lethe_err rc = g ? lethe_linearised_new(&linearised, &spec, err)
                          : lethe_fail_memory(err, "a gradient", all, sizeof *g);
    for (size_t j = 0; !rc && j < size; j++) {
        rc = lethe_watch_step(h->watch, "curvature", (long)j, (long)size, err);
        h->v[index[j]] = 1;
        if (!rc)
            rc = lethe_linearised_hessian(linearised, g, h->v, h->watch, err);
        h->v[index[j]] = 0;
        for (size_t i = 0; !rc && i < size; i++)
            h->c->matrix[i * size + j] = g[index[i]] * (double)h->c->samples;
    }
    if (!rc)
        even(h);
    lethe_linearised_free(linearised);
    lethe_free(g);
    return rc;
}

/* Column after column from two gradients. */
static enum lethe_err by_differences(struct hessian *h, struct lethe_error *err)
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
    if (!rc)
        even(h);
    for (size_t i = 0; !rc && i < size; i++)
        matrix[i * size + i] -= h->c->decay * (double)h->c->samples;
    lethe_free(high);
    lethe_free(low);
    return rc;
}

static enum lethe_err measure(struct hessian *h, struct lethe_error *err)
{
    const struct lethe_graph *graph = lethe_problem_graph(h->problem);
    h->c->rough = lethe_tape_rough(h->exec);
    if (h->c->rough)
        return by_differences(h, err);
    return lethe_unit_pairs_possible(graph, h->blanket, 1) ? by_units(h, graph, err)
                                                           : by_parameters(h, err);
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
    h.v = lethe_alloc_zero(entries, sizeof *h.v);
    h.logits = lethe_alloc(3 * cells, sizeof *h.logits);
    h.losses = lethe_alloc(h.batch, sizeof *h.losses);
    if (!h.w || !h.v || !h.logits || !h.losses) {
        rc = lethe_fail_memory(err, "second derivatives", 2 * entries + 3 * cells, sizeof *h.w);
        goto out;
    }
    h.slope = h.logits + cells;
    h.p = h.slope + cells;
    memcpy(h.w, w, entries * sizeof *h.w);
    rc = measure(&h, err);
    for (size_t i = 0; !rc && i < c->size; i++)
        for (size_t j = 0; j <= i; j++)
            c->matrix[i * c->size + j] /= (double)c->samples;
out:
    lethe_free(h.w);
    lethe_free(h.v);
    lethe_free(h.logits);
    lethe_free(h.losses);
    return rc;
}
