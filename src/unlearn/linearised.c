/* SPDX-License-Identifier: MIT
 * Products on kept passes, batch after batch. */
#include "lethe/linearised.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/tape.h"
#include "unlearn/inputs.h"

static const size_t kept_by_default = (size_t)512 << 20; /* bytes */

struct lethe_linearised {
    struct lethe_problem *problem; /* borrowed */
    struct lethe_graph *graph;
    struct lethe_exec *exec;
    enum lethe_dtype dtype;
    size_t count, batch, batches, classes, size, width;
    struct lethe_tape **tapes; /* (batches) kept ones; NULL: beyond the budget */
    struct lethe_tape *spare;  /* for those beyond, of spare_n samples */
    size_t spare_n, memory, kept;
    size_t recorded;         /* the first so many batches went forward at least once */
    double *p;               /* (count, classes) */
    int *labels;             /* (count) */
    double *x, *split;       /* (batch, width) twice */
    const double **inputs;   /* of the graph */
    size_t *rows;            /* (batch) */
    double *moved, *dlogits; /* (batch, classes) */
    unsigned char *support;  /* by parameter; NULL: all */
};

/* ---- life ------------------------------------------------------------------------------------ */

static enum lethe_err allocate(struct lethe_linearised *l, struct lethe_error *err)
{
    const size_t cells = l->batch * l->classes, ends = lethe_graph_inputs(l->graph);
    l->tapes = lethe_alloc_zero(l->batches, sizeof(struct lethe_tape *));
    l->p = lethe_alloc(l->count, l->classes * sizeof *l->p);
    l->labels = lethe_alloc(l->count, sizeof *l->labels);
    l->x = lethe_alloc(l->batch, l->width * sizeof *l->x);
    l->split = lethe_alloc(l->batch, l->width * sizeof *l->split);
    l->inputs = lethe_alloc(ends, sizeof *l->inputs);
    l->rows = lethe_alloc(l->batch, sizeof *l->rows);
    l->moved = lethe_alloc(cells, sizeof *l->moved);
    l->dlogits = lethe_alloc(cells, sizeof *l->dlogits);
    if (l->tapes && l->p && l->labels && l->x && l->split && l->inputs && l->rows && l->moved &&
        l->dlogits)
        return LETHE_OK;
    return lethe_fail_memory(err, "a linearised network",
                             l->count * l->classes + 2 * l->batch * l->width, sizeof(double));
}

enum lethe_err lethe_linearised_new(struct lethe_linearised **linearised,
                                    const struct lethe_linearised_spec *spec,
                                    struct lethe_error *err)
{
    struct lethe_linearised *l = lethe_alloc_zero(1, sizeof *l);
    if (!l)
        return lethe_fail_memory(err, "a linearised network", 1, sizeof *l);
    l->problem = spec->problem;
    l->graph = lethe_graph_ref(lethe_problem_graph(spec->problem));
    l->dtype = spec->dtype;
    l->count = lethe_problem_count(spec->problem);
    l->batch = lethe_problem_batch(spec->problem);
    l->batches = lethe_problem_batches(spec->problem);
    l->classes = lethe_graph_classes(l->graph);
    l->size = lethe_graph_size(l->graph);
    l->width = lethe_dataset_width(lethe_problem_data(spec->problem));
    l->memory = spec->memory ? spec->memory : kept_by_default;
    enum lethe_err rc = allocate(l, err);
    if (!rc) {
        memcpy(l->labels, lethe_problem_labels(spec->problem), l->count * sizeof *l->labels);
        l->exec = lethe_exec_new(l->graph, l->dtype, l->batch, err);
        rc = l->exec ? lethe_exec_threads(l->exec, spec->threads, err)
                     : (err && err->code ? err->code : LETHE_ENOMEM);
    }
    if (!rc)
        lethe_exec_weights(l->exec, spec->w);
    if (rc)
        lethe_linearised_free(l);
    else
        *linearised = l;
    return rc;
}

void lethe_linearised_free(struct lethe_linearised *l)
{
    if (!l)
        return;
    for (size_t b = 0; l->tapes && b < l->batches; b++)
        lethe_tape_free(l->tapes[b]);
    lethe_tape_free(l->spare);
    lethe_exec_free(l->exec);
    lethe_graph_unref(l->graph);
    lethe_free(l->tapes);
    lethe_free(l->p);
    lethe_free(l->labels);
    lethe_free(l->x);
    lethe_free(l->split);
    lethe_free(l->inputs);
    lethe_free(l->rows);
    lethe_free(l->moved);
    lethe_free(l->dlogits);
    lethe_free(l->support);
    lethe_free(l);
}

const char *lethe_linearised_rough(const struct lethe_linearised *l)
{
    return lethe_tape_rough(l->exec);
}

/* Tapes hold what one support reads. */
static void forget_tapes(struct lethe_linearised *l)
{
    for (size_t b = 0; b < l->batches; b++) {
        lethe_tape_free(l->tapes[b]);
        l->tapes[b] = NULL;
    }
    lethe_tape_free(l->spare);
    l->spare = NULL;
    l->recorded = l->kept = 0;
}

enum lethe_err lethe_linearised_support(struct lethe_linearised *l, const unsigned char *support,
                                        struct lethe_error *err)
{
    const size_t params = lethe_graph_param_count(l->graph);
    if (!support && !l->support)
        return LETHE_OK;
    if (support && l->support && !memcmp(support, l->support, params))
        return LETHE_OK;
    unsigned char *copy = support ? lethe_alloc(params, 1) : NULL;
    if (support && !copy)
        return lethe_fail_memory(err, "a direction", params, 1);
    if (support)
        memcpy(copy, support, params);
    forget_tapes(l);
    lethe_free(l->support);
    l->support = copy;
    return lethe_tape_support(l->exec, copy, err);
}

/* ---- batches --------------------------------------------------------------------------------- */

static size_t samples_of(const struct lethe_linearised *l, size_t b)
{
    const size_t left = l->count - b * l->batch;
    return left < l->batch ? left : l->batch;
}

/* A tape for batch b that is not recorded yet: to be kept while the budget lasts, else the spare.
 */
static enum lethe_err fresh_tape(struct lethe_tape **tape, struct lethe_linearised *l, size_t b,
                                 struct lethe_error *err)
{
    const size_t n = samples_of(l, b), bytes = lethe_tape_bytes(l->exec, n);
    if (b == l->recorded && bytes <= l->memory - l->kept) {
        enum lethe_err rc = lethe_tape_new(&l->tapes[b], l->exec, n, err);
        *tape = l->tapes[b];
        l->kept += rc ? 0 : bytes;
        return rc;
    }
    if (l->spare && l->spare_n != n) {
        lethe_tape_free(l->spare);
        l->spare = NULL;
    }
    enum lethe_err rc = l->spare ? LETHE_OK : lethe_tape_new(&l->spare, l->exec, n, err);
    l->spare_n = n;
    *tape = l->spare;
    return rc;
}

static enum lethe_err record(struct lethe_tape *tape, struct lethe_linearised *l, size_t b,
                             struct lethe_error *err)
{
    const size_t first = b * l->batch, n = samples_of(l, b);
    for (size_t i = 0; i < n; i++)
        l->rows[i] = first + i;
    lethe_problem_gather(l->problem, l->x, l->labels + first, l->rows, n);
    lethe_inputs_split(l->inputs, l->split, l->graph, l->x, n);
    enum lethe_err rc = lethe_tape_record(tape, l->moved, l->inputs, err);
    if (!rc && b == l->recorded) {
        lethe_softmax(l->p + first * l->classes, l->moved, n, l->classes);
        l->recorded++;
    }
    return rc;
}

/* Without a figure of its own: a product is one step of its caller. */
static enum lethe_err look(struct lethe_watch *watch, struct lethe_error *err)
{
    return watch ? lethe_watch_step(watch, atomic_load(&watch->stage), atomic_load(&watch->done),
                                    atomic_load(&watch->total), err)
                 : LETHE_OK;
}

/* *tape is batch b passed forward. */
static enum lethe_err open_batch(struct lethe_tape **tape, struct lethe_linearised *l, size_t b,
                                 struct lethe_watch *watch, struct lethe_error *err)
{
    enum lethe_err rc =
        b < l->recorded ? look(watch, err)
                        : lethe_watch_step(watch, "linearising", (long)b, (long)l->batches, err);
    if (rc || (b < l->recorded && l->tapes[b])) {
        *tape = l->tapes[b];
        return rc;
    }
    rc = fresh_tape(tape, l, b, err);
    if (!rc)
        rc = record(*tape, l, b, err);
    if (rc && l->tapes[b] && b >= l->recorded) { /* not recorded: made again next time */
        l->kept -= lethe_tape_bytes(l->exec, samples_of(l, b));
        lethe_tape_free(l->tapes[b]);
        l->tapes[b] = NULL;
    }
    return rc;
}

/* ---- products -------------------------------------------------------------------------------- */

/* M = scale (diag p - p p'), or scale (p - e_y)(p - e_y)' where labels are given. */
struct weights {
    const double *p;   /* (n, classes) of the batch */
    const int *labels; /* (n) or NULL */
    size_t classes;
    double scale;
};

static void weigh(void *context, double *rows, size_t first, size_t n)
{
    const struct weights *m = context;
    for (size_t i = first; i < first + n; i++, rows += m->classes) {
        const double *p = m->p + i * m->classes;
        const size_t y = m->labels ? (size_t)m->labels[i] : m->classes;
        double mean = 0;
        for (size_t c = 0; c < m->classes; c++)
            mean += (p[c] - (c == y)) * rows[c];
        for (size_t c = 0; c < m->classes; c++)
            rows[c] = m->labels ? m->scale * mean * (p[c] - (c == y))
                                : m->scale * p[c] * (rows[c] - mean);
    }
}

/* scale (p - e_y) of a batch. */
static void slopes(const struct lethe_linearised *l, size_t first, size_t n, double scale)
{
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < l->classes; c++)
            l->dlogits[i * l->classes + c] =
                scale * (l->p[(first + i) * l->classes + c] - (c == (size_t)l->labels[first + i]));
}

/* Sets the direction v times a power of two that makes its largest entry about 1, which a float can
 * hold: *scale undoes it. */
static enum lethe_err aim(struct lethe_linearised *l, double *scale, const double *v,
                          struct lethe_error *err)
{
    const int most = 1000; /* a double has room for both powers */
    double largest = 0;
    int exponent = 0;
    for (size_t i = 0; i < l->size; i++)
        largest = fmax(largest, fabs(v[i]));
    if (largest > 0 && isfinite(largest))
        frexp(largest, &exponent);
    exponent = exponent < -most ? -most : exponent > most ? most : exponent;
    *scale = ldexp(1, exponent);
    return lethe_tape_direction(l->exec, v, 1 / *scale, err);
}

enum kind { GGN, FISHER, HESSIAN };

static enum lethe_err times(struct lethe_linearised *l, double *g, const double *v, enum kind kind,
                            struct lethe_watch *watch, struct lethe_error *err)
{
    double scale;
    enum lethe_err rc = aim(l, &scale, v, err);
    memset(g, 0, l->size * sizeof *g);
    for (size_t b = 0; !rc && b < l->batches; b++) {
        const size_t first = b * l->batch;
        struct lethe_tape *tape = NULL;
        struct weights m = {.p = l->p + first * l->classes,
                            .labels = kind == FISHER ? l->labels + first : NULL,
                            .classes = l->classes,
                            .scale = 1 / (double)l->count};
        struct lethe_tape_pass pass = {.weigh = weigh,
                                       .context = &m,
                                       .dlogits = l->dlogits,
                                       .grad = g,
                                       .moved = l->moved,
                                       .stop = watch ? &watch->cancelled : NULL};
        rc = open_batch(&tape, l, b, watch, err);
        if (rc)
            break;
        if (kind == HESSIAN)
            slopes(l, first, samples_of(l, b), m.scale);
        rc = kind == HESSIAN ? lethe_tape_hvp(tape, &pass, err) : lethe_tape_ggn(tape, &pass, err);
    }
    if (!rc)
        rc = look(watch, err);
    for (size_t i = 0; !rc && i < l->size; i++)
        g[i] *= scale;
    return rc;
}

enum lethe_err lethe_linearised_ggn(struct lethe_linearised *l, double *g, const double *v,
                                    struct lethe_watch *watch, struct lethe_error *err)
{
    return times(l, g, v, GGN, watch, err);
}

enum lethe_err lethe_linearised_fisher(struct lethe_linearised *l, double *g, const double *v,
                                       struct lethe_watch *watch, struct lethe_error *err)
{
    return times(l, g, v, FISHER, watch, err);
}

enum lethe_err lethe_linearised_hessian(struct lethe_linearised *l, double *g, const double *v,
                                        struct lethe_watch *watch, struct lethe_error *err)
{
    return times(l, g, v, HESSIAN, watch, err);
}

enum lethe_err lethe_linearised_jvp(struct lethe_linearised *l, double *dz, const double *v,
                                    struct lethe_watch *watch, struct lethe_error *err)
{
    double scale;
    enum lethe_err rc = aim(l, &scale, v, err);
    for (size_t b = 0; !rc && b < l->batches; b++) {
        struct lethe_tape *tape = NULL;
        struct lethe_tape_pass pass = {.moved = dz + b * l->batch * l->classes,
                                       .stop = watch ? &watch->cancelled : NULL};
        rc = open_batch(&tape, l, b, watch, err);
        if (!rc)
            rc = lethe_tape_jvp(tape, &pass, err);
    }
    if (!rc)
        rc = look(watch, err);
    for (size_t i = 0; !rc && i < l->count * l->classes; i++)
        dz[i] *= scale;
    return rc;
}

enum lethe_err lethe_linearised_vjp(struct lethe_linearised *l, double *g, const double *r,
                                    struct lethe_watch *watch, struct lethe_error *err)
{
    enum lethe_err rc = LETHE_OK;
    memset(g, 0, l->size * sizeof *g);
    for (size_t b = 0; !rc && b < l->batches; b++) {
        struct lethe_tape *tape = NULL;
        struct lethe_tape_pass pass = {.dlogits = r + b * l->batch * l->classes,
                                       .grad = g,
                                       .stop = watch ? &watch->cancelled : NULL};
        rc = open_batch(&tape, l, b, watch, err);
        if (!rc)
            rc = lethe_tape_vjp(tape, &pass, err);
    }
    return rc ? rc : look(watch, err);
}

enum lethe_err lethe_linearised_probabilities(const double **p, struct lethe_linearised *l,
                                              struct lethe_watch *watch, struct lethe_error *err)
{
    enum lethe_err rc = LETHE_OK;
    for (size_t b = l->recorded; !rc && b < l->batches; b++) {
        struct lethe_tape *tape = NULL;
        rc = open_batch(&tape, l, b, watch, err);
    }
    if (!rc)
        *p = l->p;
    return rc;
}
