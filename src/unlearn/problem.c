/* SPDX-License-Identifier: MIT
 * The objective. Normalised inputs are kept when they fit CACHE, else made again for every batch.
 */
#include "lethe/problem.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "unlearn/cut.h"
#include "unlearn/inputs.h"

enum { CACHE = 512 << 20 }; /* bytes of normalised inputs kept */
enum { BATCH_VALUES = 1 << 18, BATCH_MOST = 256 };

struct lethe_problem {
    struct lethe_graph *graph;
    struct lethe_dataset *data;
    struct lethe_exec *exec;
    size_t count, size, batch, width, classes, parts; /* parts: inputs of the graph */
    double decay;
    enum lethe_dtype dtype;
    size_t *ids;            /* (count) */
    int *labels;            /* (count) */
    double *cache;          /* (count, width) or NULL */
    double *x;              /* (batch, width) gathered samples */
    double *split;          /* (batch, width) input after input; NULL when the graph has one */
    const double **inputs;  /* (parts) */
    double *logits, *slope; /* (batch, classes) */
    double *losses;         /* (batch) */
    int *some;              /* (batch) labels of a mini-batch */
    struct lethe_cut cut;   /* of logits under weights that differ little */
};

/* Small nets want large batches, wide samples small ones. */
static size_t choose_batch(size_t width, size_t count)
{
    size_t batch = BATCH_VALUES / (width + 1);
    if (batch < 8)
        batch = 8;
    if (batch > BATCH_MOST)
        batch = BATCH_MOST;
    return batch < count ? batch : count;
}

static enum lethe_err check(const struct lethe_problem_spec *spec, struct lethe_error *err)
{
    size_t width = 0, samples = lethe_dataset_count(spec->data);
    for (size_t k = 0; k < lethe_graph_inputs(spec->graph); k++)
        width += lethe_graph_input_width(spec->graph, k);
    if (spec->count == 0)
        return lethe_fail(err, LETHE_EARG, "no samples are left: choose fewer");
    if (!(spec->decay >= 0) || !isfinite(spec->decay))
        return lethe_fail(err, LETHE_EARG, "weight decay %g: it must be 0 or more", spec->decay);
    if (width != lethe_dataset_width(spec->data))
        return lethe_fail(err, LETHE_EARG,
                          "the model takes %zu numbers per sample, the data have %zu", width,
                          lethe_dataset_width(spec->data));
    for (size_t i = 0; i < spec->count; i++) {
        size_t id = spec->ids ? spec->ids[i] : i;
        if (id >= samples)
            return lethe_fail(err, LETHE_EARG, "no sample %zu: the data have 0 to %zu", id,
                              samples - 1);
        int label = lethe_dataset_label(spec->data, id);
        if (label < 0 || (size_t)label >= lethe_graph_classes(spec->graph))
            return lethe_fail(err, LETHE_EARG,
                              "sample %zu has label %d, the model classes 0 to %zu", id, label,
                              lethe_graph_classes(spec->graph) - 1);
    }
    return LETHE_OK;
}

static enum lethe_err allocate(struct lethe_problem *p, struct lethe_error *err)
{
    p->ids = lethe_alloc(p->count, sizeof *p->ids);
    p->labels = lethe_alloc(p->count, sizeof *p->labels);
    p->x = lethe_alloc_aligned(p->batch * p->width, sizeof *p->x);
    if (p->parts > 1)
        p->split = lethe_alloc_aligned(p->batch * p->width, sizeof *p->split);
    p->inputs = lethe_alloc(p->parts, sizeof *p->inputs);
    p->logits = lethe_alloc(p->batch * p->classes, sizeof *p->logits);
    p->slope = lethe_alloc(p->batch * p->classes, sizeof *p->slope);
    p->losses = lethe_alloc(p->batch, sizeof *p->losses);
    p->some = lethe_alloc(p->batch, sizeof *p->some);
    if (p->ids && p->labels && p->x && (p->parts == 1 || p->split) && p->inputs && p->logits &&
        p->slope && p->losses && p->some)
        return LETHE_OK;
    return lethe_fail_memory(err, "a problem", p->count + 2 * p->batch * p->width, sizeof(double));
}

enum lethe_err lethe_problem_new(struct lethe_problem **problem,
                                 const struct lethe_problem_spec *spec, struct lethe_error *err)
{
    enum lethe_err rc = check(spec, err);
    if (rc)
        return rc;
    struct lethe_problem *p = lethe_alloc_zero(1, sizeof *p);
    if (!p)
        return lethe_fail_memory(err, "a problem", 1, sizeof *p);
    p->graph = lethe_graph_ref(spec->graph);
    p->data = lethe_dataset_ref(spec->data);
    p->count = spec->count;
    p->decay = spec->decay;
    p->dtype = spec->dtype;
    p->size = lethe_graph_size(p->graph);
    p->width = lethe_dataset_width(p->data);
    p->classes = lethe_graph_classes(p->graph);
    p->parts = lethe_graph_inputs(p->graph);
    p->batch = spec->batch ? spec->batch : choose_batch(p->width, p->count);
    rc = allocate(p, err);
    if (rc)
        goto out;
    for (size_t i = 0; i < p->count; i++)
        p->ids[i] = spec->ids ? spec->ids[i] : i;
    lethe_dataset_batch(p->data, NULL, p->labels, p->ids, p->count);
    p->exec = lethe_exec_new(p->graph, spec->dtype, p->batch, err);
    if (!p->exec) {
        rc = err && err->code ? err->code : LETHE_ENOMEM;
        goto out;
    }
    rc = lethe_exec_threads(p->exec, spec->threads, err);
    if (rc)
        goto out;
    if (p->count <= CACHE / sizeof *p->cache / (p->width + 1))
        p->cache = lethe_alloc_aligned(p->count * p->width, sizeof *p->cache);
    if (p->cache) /* doing without is only slower */
        lethe_dataset_batch(p->data, p->cache, NULL, p->ids, p->count);
    *problem = p;
    p = NULL;
out:
    lethe_problem_free(p);
    return rc;
}

void lethe_problem_free(struct lethe_problem *p)
{
    if (!p)
        return;
    lethe_exec_free(p->exec);
    lethe_graph_unref(p->graph);
    lethe_dataset_unref(p->data);
    lethe_free(p->ids);
    lethe_free(p->labels);
    lethe_free(p->cache);
    lethe_free(p->x);
    lethe_free(p->split);
    lethe_free(p->inputs);
    lethe_free(p->logits);
    lethe_free(p->slope);
    lethe_free(p->losses);
    lethe_free(p->some);
    lethe_cut_release(&p->cut);
    lethe_free(p);
}

size_t lethe_problem_count(const struct lethe_problem *problem)
{
    return problem->count;
}

size_t lethe_problem_size(const struct lethe_problem *problem)
{
    return problem->size;
}

double lethe_problem_decay(const struct lethe_problem *problem)
{
    return problem->decay;
}

struct lethe_graph *lethe_problem_graph(const struct lethe_problem *problem)
{
    return problem->graph;
}

struct lethe_dataset *lethe_problem_data(const struct lethe_problem *problem)
{
    return problem->data;
}

enum lethe_dtype lethe_problem_dtype(const struct lethe_problem *problem)
{
    return problem->dtype;
}

const int *lethe_problem_labels(const struct lethe_problem *problem)
{
    return problem->labels;
}

const size_t *lethe_problem_ids(const struct lethe_problem *problem)
{
    return problem->ids;
}

struct lethe_exec *lethe_problem_exec(const struct lethe_problem *problem)
{
    return problem->exec;
}

size_t lethe_problem_batch(const struct lethe_problem *problem)
{
    return problem->batch;
}

size_t lethe_problem_batches(const struct lethe_problem *problem)
{
    return (problem->count + problem->batch - 1) / problem->batch;
}

void lethe_problem_weights(struct lethe_problem *problem, const double *w)
{
    lethe_exec_weights(problem->exec, w);
}

void lethe_problem_rest(struct lethe_problem *problem)
{
    const size_t little = (size_t)64 << 20;
    lethe_exec_rest(problem->exec, little);
}

typedef enum lethe_err pass_over(struct lethe_exec *exec, double *logits,
                                 const double *const *inputs, size_t n, struct lethe_error *err);

static enum lethe_err run(struct lethe_problem *p, pass_over *pass, double *logits, const double *x,
                          size_t n, struct lethe_error *err)
{
    lethe_inputs_split(p->inputs, p->split, p->graph, x, n);
    return pass(p->exec, logits, p->inputs, n, err);
}

static const double *batch_inputs(struct lethe_problem *p, size_t start, size_t n)
{
    if (p->cache)
        return p->cache + start * p->width;
    lethe_dataset_batch(p->data, p->x, NULL, p->ids + start, n);
    return p->x;
}

static enum lethe_err run_batch(struct lethe_problem *p, pass_over *pass, size_t b, double *logits,
                                size_t *first, size_t *n, struct lethe_error *err)
{
    size_t start = b * p->batch, left = p->count - start;
    *first = start;
    *n = left < p->batch ? left : p->batch;
    return run(p, pass, logits, batch_inputs(p, start, *n), *n, err);
}

enum lethe_err lethe_problem_forward(struct lethe_problem *problem, size_t b, double *logits,
                                     size_t *first, size_t *n, struct lethe_error *err)
{
    return run_batch(problem, lethe_exec_forward, b, logits, first, n, err);
}

/* Adds decay and checks that value and gradient are numbers. */
static enum lethe_err finish(const struct lethe_problem *p, double *value, double *gradient,
                             const double *w, struct lethe_error *err)
{
    double square = 0, worst = 0;
    for (size_t i = 0; i < p->size; i++) {
        square += w[i] * w[i];
        if (!gradient)
            continue;
        gradient[i] += p->decay * w[i];
        worst += fabs(gradient[i]);
    }
    *value += p->decay / 2 * square;
    if (isfinite(*value) && isfinite(worst))
        return LETHE_OK;
    return lethe_fail(err, LETHE_ENUM, "the objective over %zu samples is not a finite number",
                      p->count);
}

/* Before batch b. A small pass is one step of its caller, which has progress and a name of its
 * own. */
static enum lethe_err step(struct lethe_watch *watch, size_t b, size_t batches,
                           struct lethe_error *err)
{
    enum { SMALL = 16 };
    return batches > SMALL ? lethe_watch_step(watch, "evaluating", (long)b, (long)batches, err)
                           : lethe_watch_check(watch, lethe_watch_stage(watch, "evaluating"), err);
}

enum lethe_err lethe_problem_value(struct lethe_problem *problem, double *value, double *gradient,
                                   const double *w, struct lethe_watch *watch,
                                   struct lethe_error *err)
{
    struct lethe_problem *p = problem;
    size_t batches = lethe_problem_batches(p), first, n;
    double sum = 0, weight = 1 / (double)p->count;
    lethe_exec_weights(p->exec, w);
    if (gradient)
        memset(gradient, 0, p->size * sizeof *gradient);
    for (size_t b = 0; b < batches; b++) {
        enum lethe_err rc = step(watch, b, batches, err);
        if (!rc)
            rc = run_batch(p, gradient ? lethe_exec_forward : lethe_exec_logits, b, p->logits,
                           &first, &n, err);
        if (rc)
            return rc;
        sum += lethe_cross_entropy(p->losses, gradient ? p->slope : NULL, p->logits,
                                   p->labels + first, n, p->classes, weight);
        if (gradient)
            rc = lethe_exec_gradient(p->exec, gradient, p->slope, err);
        if (rc)
            return rc;
    }
    *value = sum * weight;
    return finish(p, value, gradient, w, err);
}

void lethe_problem_gather(struct lethe_problem *problem, double *x, int *labels, const size_t *rows,
                          size_t count)
{
    const struct lethe_problem *p = problem;
    for (size_t i = 0; i < count; i++) {
        labels[i] = p->labels[rows[i]];
        if (p->cache)
            memcpy(x + i * p->width, p->cache + rows[i] * p->width, p->width * sizeof *x);
        else
            lethe_dataset_batch(p->data, x + i * p->width, NULL, p->ids + rows[i], 1);
    }
}

enum lethe_err lethe_problem_value_at(struct lethe_problem *problem, double *value,
                                      double *gradient, const double *w, const size_t *rows,
                                      size_t count, struct lethe_watch *watch,
                                      struct lethe_error *err)
{
    struct lethe_problem *p = problem;
    double sum = 0, weight = 1 / (double)count;
    lethe_exec_weights(p->exec, w);
    memset(gradient, 0, p->size * sizeof *gradient);
    for (size_t start = 0, n; start < count; start += n) {
        n = count - start < p->batch ? count - start : p->batch;
        enum lethe_err rc = step(watch, start / p->batch, (count + p->batch - 1) / p->batch, err);
        if (rc)
            return rc;
        lethe_problem_gather(p, p->x, p->some, rows + start, n);
        rc = run(p, lethe_exec_forward, p->logits, p->x, n, err);
        if (rc)
            return rc;
        sum += lethe_cross_entropy(p->losses, p->slope, p->logits, p->some, n, p->classes, weight);
        rc = lethe_exec_gradient(p->exec, gradient, p->slope, err);
        if (rc)
            return rc;
    }
    *value = sum * weight;
    return finish(p, value, gradient, w, err);
}

/* Logits of batch b, its part of the cut's store written or read. */
static enum lethe_err cut_batch(struct lethe_problem *p, size_t b, double *logits,
                                enum lethe_cut_way way, struct lethe_error *err)
{
    size_t start = b * p->batch, left = p->count - start, n = left < p->batch ? left : p->batch;
    char *store = p->cut.store ? p->cut.store + start * p->cut.bytes : NULL;
    if (way == LETHE_CUT_BELOW)
        return lethe_exec_below(p->exec, logits, store, n, err);
    const double *x = batch_inputs(p, start, n);
    lethe_inputs_split(p->inputs, p->split, p->graph, x, n);
    if (way == LETHE_CUT_ABOVE)
        return lethe_exec_above(p->exec, logits, store, p->inputs, n, err);
    return lethe_exec_logits(p->exec, logits, p->inputs, n, err);
}

enum lethe_err lethe_problem_logits(struct lethe_problem *problem, double *logits, const double *w,
                                    struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_problem *p = problem;
    size_t batches = lethe_problem_batches(p);
    enum lethe_cut_way way = lethe_cut_choose(&p->cut, p->exec, p->graph, w, p->count);
    lethe_exec_weights(p->exec, w);
    for (size_t b = 0; b < batches; b++) {
        enum lethe_err rc = step(watch, b, batches, err);
        if (!rc)
            rc = cut_batch(p, b, logits + b * p->batch * p->classes, way, err);
        if (rc)
            return rc;
    }
    p->cut.filled |= way == LETHE_CUT_ABOVE;
    return LETHE_OK;
}
