/* SPDX-License-Identifier: MIT
 * Directions of outer products, batch by batch. */
#include "unlearn/outer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/rng.h"
#include "nn/exec.h"
#include "tensor/blas.h"
#include "unlearn/pairs.h"

/* Labels to draw for a sample; 0: none. */
static size_t labels_of(const struct lethe_outer_spec *spec)
{
    const struct lethe_graph *graph = lethe_problem_graph(spec->problem);
    if (spec->labels)
        return spec->labels;
    return lethe_curvature_labels(lethe_graph_classes(graph), lethe_problem_count(spec->problem),
                                  spec->blanket &&
                                      lethe_unit_pairs_possible(graph, spec->blanket, 0));
}

/* Only what the blanket's parameters reach is passed through again and again. */
static enum lethe_err support(const struct lethe_outer *o, struct lethe_error *err)
{
    const size_t params = lethe_graph_param_count(o->graph);
    const struct lethe_blanket *blanket = o->blanket;
    if (!blanket)
        return LETHE_OK;
    unsigned char *flags = lethe_alloc_zero(params, 1);
    if (!flags)
        return lethe_fail_memory(err, "directions", params, 1);
    for (size_t p = 0; p < params; p++) {
        const struct lethe_param *param = lethe_graph_param(o->graph, p);
        for (size_t i = 0; i < blanket->offset[blanket->count] && !flags[p]; i++)
            flags[p] = blanket->index[i] >= param->offset &&
                       blanket->index[i] < param->offset + param->size;
    }
    enum lethe_err rc = lethe_exec_support(o->exec, flags, err);
    lethe_free(flags);
    return rc;
}

enum lethe_err lethe_outer_init(struct lethe_outer *outer, const struct lethe_outer_spec *spec,
                                struct lethe_error *err)
{
    struct lethe_outer o = {.problem = spec->problem,
                            .exec = lethe_problem_exec(spec->problem),
                            .graph = lethe_problem_graph(spec->problem),
                            .blanket = spec->blanket,
                            .seed = spec->seed,
                            .batch = lethe_problem_batch(spec->problem),
                            .own_label = spec->own_label,
                            .probs = spec->probs};
    o.classes = lethe_graph_classes(o.graph);
    lethe_outer_draw(&o, o.own_label ? 0 : labels_of(spec));
    size_t cells = o.batch * o.classes;
    o.logits = lethe_alloc(cells, sizeof *o.logits);
    o.p = lethe_alloc(cells, sizeof *o.p);
    o.a = lethe_alloc(cells, sizeof *o.a);
    enum lethe_err rc = o.logits && o.p && o.a
                            ? support(&o, err)
                            : lethe_fail_memory(err, "probabilities", 3 * cells, sizeof *o.a);
    if (rc) {
        lethe_outer_release(&o);
        return rc;
    }
    lethe_exec_note(o.exec, o.directions > 1);
    lethe_problem_weights(spec->problem, spec->w);
    *outer = o;
    return LETHE_OK;
}

void lethe_outer_draw(struct lethe_outer *outer, size_t labels)
{
    outer->drawn = labels;
    outer->directions = outer->own_label ? 1 : labels ? labels : outer->classes;
}

void lethe_outer_release(struct lethe_outer *outer)
{
    if (outer->exec) {
        lethe_exec_support(outer->exec, NULL, NULL); /* giving it up cannot fail */
        lethe_exec_note(outer->exec, 0);
    }
    lethe_free(outer->logits);
    lethe_free(outer->p);
    lethe_free(outer->a);
    *outer = (struct lethe_outer){0};
}

enum lethe_err lethe_outer_forward(struct lethe_outer *outer, size_t b, size_t *first, size_t *n,
                                   struct lethe_error *err)
{
    enum lethe_err rc = lethe_problem_forward(outer->problem, b, outer->logits, first, n, err);
    if (!rc)
        lethe_softmax(outer->p, outer->logits, *n, outer->classes);
    return rc;
}

static size_t draw_label(const double *p, size_t classes, uint64_t seed, size_t sample, size_t q)
{
    struct lethe_rng rng;
    lethe_rng_init(&rng, seed, LETHE_RNG_LABEL, sample, q);
    double left = lethe_rng_uniform(&rng);
    size_t y = 0;
    while (y + 1 < classes && left >= p[y])
        left -= p[y++];
    return y;
}

void lethe_outer_direction(struct lethe_outer *outer, size_t q, size_t first, size_t n)
{
    const struct lethe_outer *o = outer;
    const int *labels = lethe_problem_labels(o->problem) + first;
    for (size_t i = 0; i < n; i++) {
        const double *p = o->p + i * o->classes;
        double *a = o->a + i * o->classes, scale = 1;
        size_t y = q;
        if (o->own_label) {
            y = (size_t)labels[i];
        } else if (o->drawn) {
            y = draw_label(p, o->classes, o->seed, lethe_problem_ids(o->problem)[first + i], q);
            scale = 1 / sqrt((double)o->drawn);
        } else {
            scale = -sqrt(o->probs > 0 ? p[q] * (p[q] + o->probs) : p[q]);
        }
        for (size_t k = 0; k < o->classes; k++)
            a[k] = scale * (p[k] - (k == y ? 1 : 0));
    }
}

enum lethe_err lethe_outer_backward(struct lethe_outer *outer, size_t q, size_t first, size_t n,
                                    struct lethe_error *err)
{
    lethe_outer_direction(outer, q, first, n);
    return lethe_exec_backward(outer->exec, NULL, outer->a, err);
}

/* ---- sample by sample ------------------------------------------------------------------------ */

static int by_unit(const void *a, const void *b)
{
    const struct lethe_outer_weight *x = a, *y = b;
    if (x->unit != y->unit)
        return x->unit < y->unit ? -1 : 1;
    return x->column < y->column ? -1 : x->column > y->column;
}

/* The single weights of a blanket by unit; *largest grows to the largest of those units. */
static enum lethe_err collect_weights(struct lethe_outer_rows *space, size_t *largest,
                                      const struct lethe_outer *outer, struct lethe_error *err)
{
    const struct lethe_blanket *blanket = outer->blanket;
    struct lethe_weight_owners owners = {0};
    size_t count = 0;
    for (size_t k = 0; k < blanket->count; k++)
        count += lethe_unit_at(outer->graph, blanket->units[k]).weight ? 1 : 0;
    if (!count)
        return LETHE_OK;
    enum lethe_err rc = lethe_weight_owners_init(&owners, outer->graph, err);
    space->weights = lethe_alloc(count, sizeof *space->weights);
    if (!rc && !space->weights)
        rc = lethe_fail_memory(err, "per-sample gradients", count, sizeof *space->weights);
    for (size_t k = 0; !rc && k < blanket->count; k++) {
        const struct lethe_unit u = lethe_unit_at(outer->graph, blanket->units[k]);
        if (!u.weight)
            continue;
        space->weights[space->weight_count++] = (struct lethe_outer_weight){
            blanket->offset[k], owners.unit[u.index], owners.place[u.index]};
        const struct lethe_unit own = lethe_unit_at(outer->graph, owners.unit[u.index]);
        *largest = !own.group && own.params > *largest ? own.params : *largest;
    }
    if (!rc)
        qsort(space->weights, space->weight_count, sizeof *space->weights, by_unit);
    lethe_weight_owners_release(&owners);
    return rc;
}

enum lethe_err lethe_outer_rows_init(struct lethe_outer_rows *space,
                                     const struct lethe_outer *outer, struct lethe_error *err)
{
    const struct lethe_blanket *blanket = outer->blanket;
    struct lethe_outer_rows made = {0};
    size_t largest = 1, parameters = lethe_problem_size(outer->problem);
    for (size_t k = 0; k < blanket->count; k++) {
        size_t params = blanket->offset[k + 1] - blanket->offset[k];
        largest = params > largest ? params : largest;
    }
    enum lethe_err rc = collect_weights(&made, &largest, outer, err);
    made.v = lethe_alloc_zero(parameters, sizeof *made.v);
    made.jv = lethe_alloc(outer->batch * outer->classes, sizeof *made.jv);
    made.unit = lethe_alloc(outer->batch * largest, sizeof *made.unit);
    if (!rc && (!made.v || !made.jv || !made.unit))
        rc = lethe_fail_memory(err, "per-sample gradients", parameters + outer->batch * largest,
                               sizeof *made.unit);
    if (rc)
        lethe_outer_rows_release(&made);
    *space = made;
    return rc;
}

void lethe_outer_rows_release(struct lethe_outer_rows *space)
{
    lethe_free(space->v);
    lethe_free(space->jv);
    lethe_free(space->unit);
    lethe_free(space->weights);
    *space = (struct lethe_outer_rows){0};
}

/* Column `at` of rows (n, size) by the directional derivative of one parameter. */
static enum lethe_err group_column(double *rows, size_t at, struct lethe_outer_rows *space,
                                   const struct lethe_outer *o, size_t n, struct lethe_error *err)
{
    const size_t size = o->blanket->offset[o->blanket->count], classes = o->classes;
    space->v[o->blanket->index[at]] = 1;
    enum lethe_err rc = lethe_exec_jvp(o->exec, space->jv, space->v, err);
    space->v[o->blanket->index[at]] = 0;
    for (size_t i = 0; !rc && i < n; i++)
        rows[i * size + at] = lethe_ddot(space->jv + i * classes, o->a + i * classes, classes);
    return rc;
}

/* The columns of the weights from position *k on that belong to one unit, and moves *k behind them.
 */
static enum lethe_err weight_columns(double *rows, size_t *k, struct lethe_outer_rows *space,
                                     const struct lethe_outer *o, size_t n, struct lethe_error *err)
{
    const size_t size = o->blanket->offset[o->blanket->count], first = *k;
    const struct lethe_outer_weight *weights = space->weights;
    const struct lethe_unit u = lethe_unit_at(o->graph, weights[first].unit);
    size_t end = first;
    while (end < space->weight_count && weights[end].unit == weights[first].unit)
        end++;
    *k = end;
    enum lethe_err rc = LETHE_OK;
    for (size_t j = first; !rc && u.group && j < end; j++)
        rc = group_column(rows, weights[j].column, space, o, n, err);
    if (rc || u.group)
        return rc;
    rc = lethe_exec_unit_grads(o->exec, space->unit, u.layer, &u.index, 1, err);
    for (size_t i = 0; !rc && i < n; i++)
        for (size_t j = first; j < end; j++)
            rows[i * size + weights[j].column] = space->unit[i * u.params + weights[j].place];
    return rc;
}

enum lethe_err lethe_outer_fill(double *rows, struct lethe_outer_rows *space,
                                const struct lethe_outer *outer, size_t n, struct lethe_error *err)
{
    const struct lethe_blanket *blanket = outer->blanket;
    const size_t size = blanket->offset[blanket->count];
    enum lethe_err rc = LETHE_OK;
    for (size_t k = 0; !rc && k < blanket->count; k++) {
        struct lethe_unit u = lethe_unit_at(outer->graph, blanket->units[k]);
        size_t at = blanket->offset[k];
        if (u.weight)
            continue;
        for (size_t e = 0; !rc && u.group && e < u.params; e++)
            rc = group_column(rows, at + e, space, outer, n, err);
        if (rc || u.group)
            continue;
        rc = lethe_exec_unit_grads(outer->exec, space->unit, u.layer, &u.index, 1, err);
        for (size_t i = 0; !rc && i < n; i++)
            memcpy(rows + i * size + at, space->unit + i * u.params, u.params * sizeof *rows);
    }
    for (size_t k = 0; !rc && k < space->weight_count;)
        rc = weight_columns(rows, &k, space, outer, n, err);
    return rc;
}
