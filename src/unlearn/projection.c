/* SPDX-License-Identifier: MIT
 * The outcome of a whole step and its projection. Check values: a blanket of everything gives the
 * whole step back, no forgotten samples the restricted one; on digits-mlp-mislabelled the KL of
 * sample 9 for given orders of weights (tests/unit/unlearn/projection_test.c). */
#include "lethe/projection.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "tensor/blas.h"

enum { ROWS_BYTES = 64 << 20 };

/* ---- the sum over the forgotten samples ------------------------------------------------------ */

double lethe_projection_ridge(const struct lethe_projection *projection)
{
    return projection->probs > 0 ? projection->probs * projection->mu : projection->mu;
}

/* What a class counts for: F = sum over c of it times (e_c - q)(e_c - q)'. */
static double share_of(const struct lethe_projection *o, double q)
{
    return o->probs > 0 ? q * (q + o->probs) : q;
}

/* jv (n, classes) = F_u jv / n, u from sample `first` on. */
static void weigh(double *jv, const struct lethe_projection *o, size_t first, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const double *q = o->weight + (first + i) * o->classes;
        double *v = jv + i * o->classes, mean = 0, sum = 0;
        for (size_t c = 0; c < o->classes; c++)
            mean += q[c] * v[c];
        for (size_t c = 0; c < o->classes; c++) {
            v[c] = share_of(o, q[c]) * (v[c] - mean) / (double)o->n;
            sum += v[c];
        }
        for (size_t c = 0; c < o->classes && o->probs > 0; c++)
            v[c] -= q[c] * sum; /* in KL it is 0 */
    }
}

enum lethe_err lethe_projection_times(double *out, const struct lethe_projection *projection,
                                      struct lethe_problem *forget, const double *w,
                                      const double *v, struct lethe_error *err)
{
    struct lethe_exec *exec = lethe_problem_exec(forget);
    const size_t cells = lethe_problem_batch(forget) * projection->classes;
    double *logits = lethe_alloc(2 * cells, sizeof *logits);
    if (!logits)
        return lethe_fail_memory(err, "logits", 2 * cells, sizeof *logits);
    double *const jv = logits + cells;
    lethe_problem_weights(forget, w);
    enum lethe_err rc = LETHE_OK;
    for (size_t b = 0, first, n; !rc && b < lethe_problem_batches(forget); b++) {
        rc = lethe_problem_forward(forget, b, logits, &first, &n, err);
        if (!rc)
            rc = lethe_exec_jvp(exec, jv, v, err);
        if (rc)
            break;
        weigh(jv, projection, first, n);
        rc = lethe_exec_backward(exec, out, jv, err);
    }
    lethe_free(logits);
    return rc;
}

/* A stack of rows F_u^(1/2)' J_u / sqrt n over the parameters of an index. F_u = sum over classes c
 * of a_c a_c' with a_c = sqrt(q_c) (e_c - q). */
struct stack {
    double *rows; /* (room, size) */
    size_t room, count, size;
    const size_t *index;
    double *gradient; /* all parameters */
    double *a;        /* (batch, classes) zero but for one sample */
};

static void add_stack(double *matrix, struct stack *s)
{
    const struct lethe_gemm how = {.n = s->size, .k = s->count, .ta = 1, .alpha = 1, .beta = 1};
    if (s->count)
        lethe_dsyrk(matrix, s->rows, &how);
    s->count = 0;
}

/* The row of sample `first + i` and class c of the batch just run. */
static enum lethe_err push(struct stack *s, const struct lethe_projection *o,
                           struct lethe_exec *exec, size_t first, size_t i, size_t c,
                           struct lethe_error *err)
{
    const double *q = o->weight + (first + i) * o->classes;
    const double scale = sqrt(share_of(o, q[c]) / (double)o->n);
    double *a = s->a + i * o->classes, *row = s->rows + s->count * s->size;
    for (size_t k = 0; k < o->classes; k++)
        a[k] = scale * ((k == c ? 1 : 0) - q[k]);
    memset(s->gradient, 0, o->size * sizeof *s->gradient);
    enum lethe_err rc = lethe_exec_backward(exec, s->gradient, s->a, err);
    memset(a, 0, o->classes * sizeof *a);
    for (size_t j = 0; j < s->size; j++)
        row[j] = s->gradient[s->index[j]];
    s->count++;
    return rc;
}

static enum lethe_err add_rows(double *matrix, struct stack *s, const struct lethe_projection *o,
                               struct lethe_problem *forget, double *logits,
                               struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_exec *exec = lethe_problem_exec(forget);
    enum lethe_err rc = LETHE_OK;
    for (size_t b = 0, first, n; !rc && b < lethe_problem_batches(forget); b++) {
        rc = lethe_problem_forward(forget, b, logits, &first, &n, err);
        for (size_t i = 0; !rc && i < n; i++) {
            rc = lethe_watch_step(watch, "outcome", (long)(first + i), (long)o->samples, err);
            for (size_t c = 0; !rc && c < o->classes; c++) {
                if (s->count == s->room)
                    add_stack(matrix, s);
                rc = push(s, o, exec, first, i, c, err);
            }
        }
    }
    if (!rc)
        add_stack(matrix, s);
    return rc;
}

enum lethe_err lethe_projection_add(double *matrix, size_t size, const size_t *index,
                                    const struct lethe_projection *projection,
                                    struct lethe_problem *forget, const double *w,
                                    struct lethe_watch *watch, struct lethe_error *err)
{
    const size_t cells = lethe_problem_batch(forget) * projection->classes;
    const size_t rows = projection->samples * projection->classes, most = ROWS_BYTES / 8 / size + 1;
    struct stack s = {.room = rows < most ? rows : most, .size = size, .index = index};
    double *logits = lethe_alloc(cells, sizeof *logits);
    s.rows = lethe_alloc_aligned(s.room, size * sizeof *s.rows);
    s.gradient = lethe_alloc(projection->size, sizeof *s.gradient);
    s.a = lethe_alloc_zero(cells, sizeof *s.a);
    enum lethe_err rc = LETHE_OK;
    if (!logits || !s.rows || !s.gradient || !s.a)
        rc = lethe_fail_memory(err, "the outcome", s.room, size * sizeof *s.rows);
    lethe_problem_weights(forget, w);
    if (!rc)
        rc = add_rows(matrix, &s, projection, forget, logits, watch, err);
    lethe_free(logits);
    lethe_free(s.rows);
    lethe_free(s.gradient);
    lethe_free(s.a);
    return rc;
}

/* ---- the target ------------------------------------------------------------------------------ */

/* weight = softmax of the logits after the step. */
static enum lethe_err foresee(struct lethe_projection *o, const struct lethe_projection_spec *spec,
                              struct lethe_watch *watch, struct lethe_error *err)
{
    const size_t entries = o->size + lethe_graph_buffers(lethe_problem_graph(spec->forget));
    double *moved = lethe_alloc(entries, sizeof *moved);
    if (!moved)
        return lethe_fail_memory(err, "weights", entries, sizeof *moved);
    memcpy(moved, spec->w, entries * sizeof *moved);
    lethe_daxpy(moved, 1, spec->step, o->size);
    enum lethe_err rc = lethe_problem_logits(spec->forget, o->weight, moved, watch, err);
    lethe_free(moved);
    if (!rc)
        lethe_softmax(o->weight, o->weight, o->samples, o->classes);
    return rc;
}

enum lethe_err lethe_projection_new(struct lethe_projection **projection,
                                    const struct lethe_projection_spec *spec,
                                    struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_projection *o = lethe_alloc(1, sizeof *o);
    if (!o)
        return lethe_fail_memory(err, "the outcome", 1, sizeof *o);
    *o =
        (struct lethe_projection){.refs = 1,
                                  .size = lethe_problem_size(spec->forget),
                                  .samples = lethe_problem_count(spec->forget),
                                  .classes = lethe_graph_classes(lethe_problem_graph(spec->forget)),
                                  .n = spec->n,
                                  .mu = spec->mu,
                                  .probs = spec->probs};
    o->step = lethe_alloc(o->size, sizeof *o->step);
    o->target = lethe_alloc(o->size, sizeof *o->target);
    o->weight = lethe_alloc(o->samples * o->classes, sizeof *o->weight);
    enum lethe_err rc = LETHE_OK;
    if (!o->step || !o->target || !o->weight)
        rc = lethe_fail_memory(err, "the outcome", 2 * o->size + o->samples * o->classes,
                               sizeof *o->step);
    if (!rc) {
        memcpy(o->step, spec->step, o->size * sizeof *o->step);
        memcpy(o->target, spec->reached, o->size * sizeof *o->target);
        rc = foresee(o, spec, watch, err);
    }
    if (!rc)
        rc = lethe_projection_times(o->target, o, spec->forget, spec->w, o->step, err);
    if (rc)
        lethe_projection_unref(o);
    else
        *projection = o;
    return rc;
}

struct lethe_projection *lethe_projection_ref(struct lethe_projection *projection)
{
    __atomic_add_fetch(&projection->refs, 1, __ATOMIC_RELAXED);
    return projection;
}

void lethe_projection_unref(struct lethe_projection *projection)
{
    if (!projection || __atomic_sub_fetch(&projection->refs, 1, __ATOMIC_ACQ_REL))
        return;
    lethe_free(projection->step);
    lethe_free(projection->target);
    lethe_free(projection->weight);
    lethe_free(projection);
}
