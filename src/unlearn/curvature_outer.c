/* SPDX-License-Identifier: MIT
 * Curvatures that are sums of outer products: for every sample a few directions a_q in the space
 * of its logits, and the matrix (1/|C|) sum over samples and q of (J'a_q)(J'a_q)'.
 *   ggn     a_c = sqrt(p_c) (e_c - p) for every class c: the sum is J' (diag p - p p') J. Above 20
 *           classes ten labels y drawn from p instead, a = (p - e_y) / sqrt 10: unbiased.
 *   fisher  a = p - e_y with the sample's own label.
 * Units of plain linear layers go through pairs.h; anything else through per-sample gradients. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/rng.h"
#include "tensor/blas.h"
#include "unlearn/curvatures.h"
#include "unlearn/pairs.h"

enum { CLASSES_EXACT = 20, DRAWN = 10, ROWS_BYTES = 256 << 20 };

struct outer {
    struct lethe_problem *problem;
    struct lethe_exec *exec;
    const struct lethe_graph *graph;
    const struct lethe_blanket *blanket;
    struct lethe_curvature *c;
    uint64_t seed;
    size_t batch, classes, directions;
    int own_label;      /* fisher */
    double *logits, *p; /* (batch, classes) */
    double *a;          /* (batch, classes) */
    double **delta;     /* for each layer of pairs: (directions, batch, units) */
    double *s;          /* (batch, widest layer) */
    struct lethe_watch *watch;
};

static int draw_label(const double *p, size_t classes, uint64_t seed, size_t sample, size_t q)
{
    struct lethe_rng rng;
    lethe_rng_init(&rng, seed, LETHE_RNG_LABEL, sample, q);
    double left = lethe_rng_uniform(&rng);
    size_t y = 0;
    while (y + 1 < classes && left >= p[y])
        left -= p[y++];
    return (int)y;
}

/* Direction q of the n samples from `first` on. */
static void direct(const struct outer *o, size_t q, size_t first, size_t n)
{
    const int *labels = lethe_problem_labels(o->problem) + first;
    for (size_t i = 0; i < n; i++) {
        const double *p = o->p + i * o->classes;
        double *a = o->a + i * o->classes, sign = 1, scale = 1;
        size_t y = q;
        if (o->own_label) {
            y = (size_t)labels[i];
        } else if (o->classes > CLASSES_EXACT) {
            y = (size_t)draw_label(p, o->classes, o->seed, first + i, q);
            scale = 1 / sqrt((double)DRAWN);
        } else {
            scale = sqrt(p[q]);
            sign = -1;
        }
        for (size_t k = 0; k < o->classes; k++)
            a[k] = sign * scale * (p[k] - (k == y ? 1 : 0));
    }
}

/* Forward through batch b, leaving the probabilities of its *n samples. */
static enum lethe_err forward(struct outer *o, size_t b, size_t *first, size_t *n,
                              struct lethe_error *err)
{
    enum lethe_err rc = lethe_problem_forward(o->problem, b, o->logits, first, n, err);
    if (!rc)
        lethe_softmax(o->p, o->logits, *n, o->classes);
    return rc;
}

/* ---- plain linear layers --------------------------------------------------------------------- */

static void multiply_deltas(struct outer *o, const struct lethe_unit_pairs_layer *own,
                            const double *mine, size_t k,
                            const struct lethe_unit_pairs_layer *other, const double *theirs,
                            size_t n)
{
    size_t stride = o->batch;
    memset(o->s, 0, n * other->units * sizeof *o->s);
    for (size_t q = 0; q < o->directions; q++)
        for (size_t i = 0; i < n; i++) {
            double d = mine[(q * stride + i) * own->units + own->unit[k]];
            const double *row = theirs + (q * stride + i) * other->units;
            for (size_t j = 0; j < other->units; j++)
                o->s[i * other->units + j] += d * row[j];
        }
}

static enum lethe_err add_pairs(struct outer *o, struct lethe_unit_pairs *pairs,
                                struct lethe_error *err)
{
    size_t batches = lethe_problem_batches(o->problem), first, n;
    long done = 0, total = (long)(batches * o->blanket->count);
    for (size_t b = 0; b < batches; b++) {
        enum lethe_err rc = forward(o, b, &first, &n, err);
        if (rc)
            return rc;
        lethe_unit_pairs_inputs(pairs, o->exec, n);
        for (size_t q = 0; q < o->directions; q++) {
            direct(o, q, first, n);
            rc = lethe_exec_backward(o->exec, NULL, o->a, err);
            if (rc)
                return rc;
            for (size_t l = 0; l < pairs->layer_count; l++)
                lethe_exec_delta(o->exec, pairs->layers[l].layer,
                                 o->delta[l] + q * o->batch * pairs->layers[l].units);
        }
        for (size_t l = 0; l < pairs->layer_count; l++)
            for (size_t k = 0; k < pairs->layers[l].count; k++) {
                rc = lethe_watch_step(o->watch, "curvature", done++, total, err);
                if (rc)
                    return rc;
                for (size_t h = l; h < pairs->layer_count; h++) {
                    struct lethe_unit_pairs_sums sums = {.s = o->s, .n = n};
                    multiply_deltas(o, &pairs->layers[l], o->delta[l], k, &pairs->layers[h],
                                    o->delta[h], n);
                    lethe_unit_pairs_add(pairs, o->c->matrix, o->c->size, &pairs->layers[l], k,
                                         &pairs->layers[h], &sums);
                }
            }
    }
    return LETHE_OK;
}

static enum lethe_err plain(struct outer *o, struct lethe_error *err)
{
    struct lethe_unit_pairs pairs;
    enum lethe_err rc = lethe_unit_pairs_init(&pairs, o->graph, o->blanket, o->batch, err);
    if (rc)
        return rc;
    size_t widest = 1;
    o->delta = lethe_alloc_zero(pairs.layer_count, sizeof *o->delta);
    for (size_t l = 0; o->delta && l < pairs.layer_count; l++) {
        size_t units = pairs.layers[l].units;
        widest = units > widest ? units : widest;
        o->delta[l] = lethe_alloc(o->directions * o->batch * units, sizeof(double));
        if (!o->delta[l])
            rc = lethe_fail_memory(err, "derivatives", o->directions * o->batch * units,
                                   sizeof(double));
    }
    o->s = lethe_alloc(o->batch * widest, sizeof *o->s);
    if (!rc && (!o->delta || !o->s))
        rc = lethe_fail_memory(err, "derivatives", o->batch * widest, sizeof(double));
    if (!rc)
        rc = add_pairs(o, &pairs, err);
    for (size_t l = 0; o->delta && l < pairs.layer_count; l++)
        lethe_free(o->delta[l]);
    lethe_free(o->delta);
    lethe_free(o->s);
    lethe_unit_pairs_release(&pairs);
    return rc;
}

/* ---- anything else --------------------------------------------------------------------------- */

/* Column `at` of rows (n, size) by the directional derivative of one parameter. */
static enum lethe_err group_column(struct outer *o, double *rows, size_t at, double *v, double *jv,
                                   size_t n, struct lethe_error *err)
{
    v[o->blanket->index[at]] = 1;
    enum lethe_err rc = lethe_exec_jvp(o->exec, jv, v, err);
    v[o->blanket->index[at]] = 0;
    for (size_t i = 0; !rc && i < n; i++)
        rows[i * o->c->size + at] =
            lethe_ddot(jv + i * o->classes, o->a + i * o->classes, o->classes);
    return rc;
}

/* rows (n, size) = J'a of each sample; v (parameters, zero) and jv (batch, classes) are work space,
 * unit is (batch, largest unit). */
static enum lethe_err fill_rows(struct outer *o, double *rows, double *v, double *jv, double *unit,
                                size_t n, struct lethe_error *err)
{
    enum lethe_err rc = lethe_exec_backward(o->exec, NULL, o->a, err);
    for (size_t k = 0; !rc && k < o->blanket->count; k++) {
        struct lethe_unit u = lethe_unit_at(o->graph, o->blanket->units[k]);
        size_t at = o->blanket->offset[k];
        for (size_t e = 0; !rc && u.group && e < u.params; e++)
            rc = group_column(o, rows, at + e, v, jv, n, err);
        if (rc || u.group)
            continue;
        rc = lethe_exec_unit_grads(o->exec, unit, u.layer, &u.index, 1, err);
        for (size_t i = 0; !rc && i < n; i++)
            memcpy(rows + i * o->c->size + at, unit + i * u.params, u.params * sizeof *rows);
    }
    return rc;
}

static enum lethe_err add_rows(struct outer *o, double *rows, size_t stack, double *v, double *unit,
                               struct lethe_error *err)
{
    size_t batches = lethe_problem_batches(o->problem), size = o->c->size, first, n;
    double *jv = o->s;
    for (size_t b = 0; b < batches; b++) {
        enum lethe_err rc = forward(o, b, &first, &n, err);
        for (size_t q = 0, held = 0; !rc && q < o->directions; q++) {
            rc = lethe_watch_step(o->watch, "curvature", (long)(b * o->directions + q),
                                  (long)(batches * o->directions), err);
            direct(o, q, first, n);
            if (!rc)
                rc = fill_rows(o, rows + held * n * size, v, jv, unit, n, err);
            if (rc || (++held < stack && q + 1 < o->directions))
                continue;
            const struct lethe_gemm how = {
                .n = size, .k = held * n, .ta = 1, .alpha = 1, .beta = 1};
            lethe_dsyrk(o->c->matrix, rows, &how);
            held = 0;
        }
        if (rc)
            return rc;
    }
    return LETHE_OK;
}

static enum lethe_err general(struct outer *o, struct lethe_error *err)
{
    size_t size = o->c->size, largest = 1, parameters = lethe_problem_size(o->problem);
    for (size_t k = 0; k < o->blanket->count; k++) {
        size_t params = o->blanket->offset[k + 1] - o->blanket->offset[k];
        largest = params > largest ? params : largest;
    }
    size_t stack = ROWS_BYTES / sizeof(double) / (o->batch * size);
    stack = stack < 1 ? 1 : stack < o->directions ? stack : o->directions;
    double *rows = lethe_alloc_aligned(stack * o->batch * size, sizeof *rows);
    double *v = lethe_alloc_zero(parameters, sizeof *v);
    double *unit = lethe_alloc(o->batch * largest, sizeof *unit);
    o->s = lethe_alloc(o->batch * o->classes, sizeof *o->s);
    enum lethe_err rc = LETHE_OK;
    if (rows && v && unit && o->s)
        rc = add_rows(o, rows, stack, v, unit, err);
    else
        rc = lethe_fail_memory(err, "per-sample gradients", stack * o->batch * size, sizeof *rows);
    lethe_free(rows);
    lethe_free(v);
    lethe_free(unit);
    lethe_free(o->s);
    return rc;
}

/* ---- rows of the table ----------------------------------------------------------------------- */

static enum lethe_err assemble(struct outer *o, const double *w, struct lethe_error *err)
{
    enum lethe_err rc = LETHE_OK;
    size_t cells;
    o->exec = lethe_problem_exec(o->problem);
    o->graph = lethe_problem_graph(o->problem);
    o->batch = lethe_problem_batch(o->problem);
    cells = o->batch * o->classes;
    o->logits = lethe_alloc(cells, sizeof *o->logits);
    o->p = lethe_alloc(cells, sizeof *o->p);
    o->a = lethe_alloc(cells, sizeof *o->a);
    if (!o->logits || !o->p || !o->a) {
        rc = lethe_fail_memory(err, "probabilities", 3 * cells, sizeof *o->a);
        goto out;
    }
    lethe_problem_weights(o->problem, w);
    rc = lethe_unit_pairs_possible(o->graph, o->blanket, 0) ? plain(o, err) : general(o, err);
    for (size_t i = 0; !rc && i < o->c->size; i++)
        for (size_t j = 0; j <= i; j++)
            o->c->matrix[i * o->c->size + j] /= (double)o->c->samples;
out:
    lethe_free(o->logits);
    lethe_free(o->p);
    lethe_free(o->a);
    return rc;
}

LETHE_CURVATURE_ROW(lethe_curvature_ggn)
{
    size_t classes = lethe_graph_classes(lethe_problem_graph(problem));
    struct outer o = {.problem = problem,
                      .blanket = blanket,
                      .c = c,
                      .seed = options->seed,
                      .classes = classes,
                      .directions = classes > CLASSES_EXACT ? DRAWN : classes,
                      .watch = watch};
    return assemble(&o, w, err);
}

LETHE_CURVATURE_ROW(lethe_curvature_fisher)
{
    struct outer o = {.problem = problem,
                      .blanket = blanket,
                      .c = c,
                      .seed = options->seed,
                      .classes = lethe_graph_classes(lethe_problem_graph(problem)),
                      .directions = 1,
                      .own_label = 1,
                      .watch = watch};
    return assemble(&o, w, err);
}
