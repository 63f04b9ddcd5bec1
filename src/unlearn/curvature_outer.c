/* SPDX-License-Identifier: MIT
 * Curvatures that are sums of outer products (outer.h): ggn, fisher, and diag, the diagonal of ggn.
 * Units of plain linear layers go through pairs.h; anything else through per-sample gradients. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/graph.h"
#include "tensor/blas.h"
#include "unlearn/curvatures.h"
#include "unlearn/outer.h"
#include "unlearn/pairs.h"

enum { ROWS_BYTES = 256 << 20 };

/* An assembly in progress. */
struct work {
    struct lethe_outer outer;
    struct lethe_curvature *c;
    int diagonal;
    double **delta; /* for each layer of pairs: (directions, batch, units) */
    double *s;      /* (batch, widest layer) */
    struct lethe_watch *watch;
};

/* ---- plain linear layers --------------------------------------------------------------------- */

/* Every unit is a logit: a sample's delta by direction c is a_c itself, and the sums over all
 * directions are p_k (1(j = k) - p_j). */
static int are_logits(const struct work *o, const struct lethe_unit_pairs *pairs)
{
    const struct lethe_graph *graph = o->outer.graph;
    return !o->outer.own_label && !o->outer.drawn && !(o->outer.probs > 0) &&
           pairs->layer_count == 1 && graph->layers[pairs->layers[0].layer].site_count == 1 &&
           graph->layers[pairs->layers[0].layer].sites[0].preact == graph->outputs[0];
}

static void multiply_logits(struct work *o, const struct lethe_unit_pairs_layer *own, size_t k,
                            size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const double *p = o->outer.p + i * o->outer.classes;
        for (size_t j = 0; j < own->units; j++)
            o->s[i * own->units + j] = p[own->unit[k]] * ((j == own->unit[k] ? 1 : 0) - p[j]);
    }
}

static void multiply_deltas(struct work *o, const struct lethe_unit_pairs_layer *own,
                            const double *mine, size_t k,
                            const struct lethe_unit_pairs_layer *other, const double *theirs,
                            size_t n)
{
    size_t stride = o->outer.batch;
    memset(o->s, 0, n * other->units * sizeof *o->s);
    for (size_t q = 0; q < o->outer.directions; q++)
        for (size_t i = 0; i < n; i++) {
            double d = mine[(q * stride + i) * own->units + own->unit[k]];
            const double *row = theirs + (q * stride + i) * other->units;
            for (size_t j = 0; j < other->units; j++)
                o->s[i * other->units + j] += d * row[j];
        }
}

static enum lethe_err add_pairs(struct work *o, struct lethe_unit_pairs *pairs,
                                struct lethe_error *err)
{
    size_t batches = lethe_problem_batches(o->outer.problem), first, n;
    long done = 0, total = (long)(batches * o->outer.blanket->count);
    const int logits = are_logits(o, pairs);
    for (size_t b = 0; b < batches; b++) {
        enum lethe_err rc = lethe_outer_forward(&o->outer, b, &first, &n, err);
        if (rc)
            return rc;
        lethe_unit_pairs_inputs(pairs, o->outer.exec, n);
        for (size_t q = 0; !logits && q < o->outer.directions; q++) {
            rc = lethe_outer_backward(&o->outer, q, first, n, err);
            if (rc)
                return rc;
            for (size_t l = 0; l < pairs->layer_count; l++)
                lethe_exec_delta(o->outer.exec, pairs->layers[l].layer,
                                 o->delta[l] + q * o->outer.batch * pairs->layers[l].units);
        }
        for (size_t l = 0; l < pairs->layer_count; l++)
            for (size_t k = 0; k < pairs->layers[l].count; k++) {
                rc = lethe_watch_step(o->watch, "curvature", done++, total, err);
                if (rc)
                    return rc;
                for (size_t h = l; h < pairs->layer_count; h++) {
                    struct lethe_unit_pairs_sums sums = {.s = o->s, .n = n};
                    if (logits)
                        multiply_logits(o, &pairs->layers[l], k, n);
                    else
                        multiply_deltas(o, &pairs->layers[l], o->delta[l], k, &pairs->layers[h],
                                        o->delta[h], n);
                    lethe_unit_pairs_add(pairs, o->c->matrix, o->c->size, &pairs->layers[l], k,
                                         &pairs->layers[h], &sums);
                }
            }
    }
    return LETHE_OK;
}

static enum lethe_err plain(struct work *o, struct lethe_error *err)
{
    struct lethe_unit_pairs pairs;
    enum lethe_err rc =
        lethe_unit_pairs_init(&pairs, o->outer.graph, o->outer.blanket, o->outer.batch, err);
    if (rc)
        return rc;
    size_t widest = 1;
    o->delta = lethe_alloc_zero(pairs.layer_count, sizeof *o->delta);
    for (size_t l = 0; o->delta && l < pairs.layer_count; l++) {
        size_t units = pairs.layers[l].units;
        widest = units > widest ? units : widest;
        o->delta[l] = lethe_alloc(o->outer.directions * o->outer.batch * units, sizeof(double));
        if (!o->delta[l])
            rc = lethe_fail_memory(err, "derivatives", o->outer.directions * o->outer.batch * units,
                                   sizeof(double));
    }
    o->s = lethe_alloc(o->outer.batch * widest, sizeof *o->s);
    if (!rc && (!o->delta || !o->s))
        rc = lethe_fail_memory(err, "derivatives", o->outer.batch * widest, sizeof(double));
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

static void add_squares(struct work *o, const double *rows, size_t count)
{
    size_t size = o->c->size;
    const struct lethe_gemm how = {.n = size, .k = count, .ta = 1, .alpha = 1, .beta = 1};
    if (!o->diagonal) {
        lethe_dsyrk(o->c->matrix, rows, &how);
        return;
    }
    for (size_t r = 0; r < count; r++)
        for (size_t i = 0; i < size; i++)
            o->c->matrix[i * size + i] += rows[r * size + i] * rows[r * size + i];
}

static enum lethe_err add_rows(struct work *o, double *rows, size_t stack,
                               struct lethe_outer_rows *space, struct lethe_error *err)
{
    size_t batches = lethe_problem_batches(o->outer.problem), size = o->c->size, first, n;
    for (size_t b = 0; b < batches; b++) {
        enum lethe_err rc = lethe_outer_forward(&o->outer, b, &first, &n, err);
        for (size_t q = 0, held = 0; !rc && q < o->outer.directions; q++) {
            rc = lethe_watch_step(o->watch, "curvature", (long)(b * o->outer.directions + q),
                                  (long)(batches * o->outer.directions), err);
            if (!rc)
                rc = lethe_outer_backward(&o->outer, q, first, n, err);
            if (!rc)
                rc = lethe_outer_fill(rows + held * n * size, space, &o->outer, n, err);
            if (rc || (++held < stack && q + 1 < o->outer.directions))
                continue;
            add_squares(o, rows, held * n);
            held = 0;
        }
        if (rc)
            return rc;
    }
    return LETHE_OK;
}

static enum lethe_err general(struct work *o, struct lethe_error *err)
{
    size_t size = o->c->size, stack = ROWS_BYTES / sizeof(double) / (o->outer.batch * size);
    stack = stack < 1 ? 1 : stack < o->outer.directions ? stack : o->outer.directions;
    struct lethe_outer_rows space = {0};
    double *rows = lethe_alloc_aligned(stack * o->outer.batch * size, sizeof *rows);
    enum lethe_err rc = rows ? lethe_outer_rows_init(&space, &o->outer, err)
                             : lethe_fail_memory(err, "per-sample gradients",
                                                 stack * o->outer.batch * size, sizeof *rows);
    if (!rc)
        rc = add_rows(o, rows, stack, &space, err);
    lethe_outer_rows_release(&space);
    lethe_free(rows);
    return rc;
}

/* ---- rows of the table ----------------------------------------------------------------------- */

static enum lethe_err assemble(struct work *o, struct lethe_error *err)
{
    int pairs = !o->diagonal && lethe_unit_pairs_possible(o->outer.graph, o->outer.blanket, 0);
    enum lethe_err rc = pairs ? plain(o, err) : general(o, err);
    o->c->drawn = o->outer.drawn;
    for (size_t i = 0; !rc && i < o->c->size; i++)
        for (size_t j = 0; j <= i; j++)
            o->c->matrix[i * o->c->size + j] /= (double)o->c->samples;
    lethe_outer_release(&o->outer);
    return rc;
}

static enum lethe_err open_outer(struct work *o, struct lethe_problem *problem, const double *w,
                                 const struct lethe_blanket *blanket,
                                 const struct lethe_curvature_options *options, int own_label,
                                 struct lethe_error *err)
{
    const struct lethe_outer_spec spec = {.problem = problem,
                                          .w = w,
                                          .blanket = blanket,
                                          .seed = options->seed,
                                          .own_label = own_label,
                                          .probs = options->probs,
                                          .labels = options->labels};
    return lethe_outer_init(&o->outer, &spec, err);
}

LETHE_CURVATURE_ROW(lethe_curvature_ggn)
{
    struct work o = {.c = c, .watch = watch};
    enum lethe_err rc = open_outer(&o, problem, w, blanket, options, 0, err);
    return rc ? rc : assemble(&o, err);
}

LETHE_CURVATURE_ROW(lethe_curvature_fisher)
{
    struct work o = {.c = c, .watch = watch};
    enum lethe_err rc = open_outer(&o, problem, w, blanket, options, 1, err);
    return rc ? rc : assemble(&o, err);
}

LETHE_CURVATURE_ROW(lethe_curvature_diag)
{
    struct work o = {.c = c, .watch = watch, .diagonal = 1};
    enum lethe_err rc = open_outer(&o, problem, w, blanket, options, 0, err);
    return rc ? rc : assemble(&o, err);
}
