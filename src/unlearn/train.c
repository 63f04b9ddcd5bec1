/* SPDX-License-Identifier: MIT
 * Training of a problem from given weights. What the minimisers do per step stands in src/nn. */
#include "lethe/train.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "lethe/rng.h"
#include "nn/optim.h"
#include "unlearn/batches.h"
#include "unlearn/preconditioner.h"
#include "unlearn/newton.h"

static const double near = 1e-5; /* |grad F|_inf from which a small model's training finishes */
enum { NEAR_METRIC = 100 };      /* iterations between measurements of the metric from there on */

static const char *const methods[] = {"lbfgs", "sgd", "adam"};

struct lethe_train_options lethe_train_defaults(enum lethe_train_method method)
{
    struct lethe_train_options o = {.method = method,
                                    .memory = 30,
                                    .batch = 64,
                                    .momentum = 0.9,
                                    .schedule = LETHE_RATE_COSINE,
                                    .drop_every = 10,
                                    .drop = 0.1};
    o.tolerance = method == LETHE_TRAIN_LBFGS ? 1e-7 : 0;
    o.iterations = method == LETHE_TRAIN_LBFGS ? 20000 : 30;
    o.rate = method == LETHE_TRAIN_ADAM ? 1e-3 : 0.1;
    return o;
}

const char *lethe_train_method_name(enum lethe_train_method method)
{
    return methods[method];
}

enum lethe_err lethe_train_method_find(enum lethe_train_method *method, const char *name,
                                       struct lethe_error *err)
{
    for (size_t k = 0; k < sizeof methods / sizeof *methods; k++)
        if (strcmp(methods[k], name) == 0) {
            *method = (enum lethe_train_method)k;
            return LETHE_OK;
        }
    return lethe_fail(err, LETHE_EARG, "no optimizer '%s': lbfgs, sgd or adam", name);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double largest(const double *g, size_t n)
{
    double worst = 0;
    for (size_t i = 0; i < n; i++)
        worst = fmax(worst, fabs(g[i]));
    return worst;
}

/* A run in progress. */
struct run {
    struct lethe_problem *problem;
    const struct lethe_train_options *options;
    struct lethe_train_report *report;
    struct lethe_watch *watch;
    double *gradient;              /* (size) */
    struct lethe_batches *batches; /* NULL: no training mode needed */
    size_t told;                   /* 1 + the iterate the caller was told of last */
    int over;                      /* and wants no more after it */
    struct lethe_preconditioner metric;
    size_t due; /* iterations at which the metric is measured next */
};

/* Moves the rows that are trained on to the front and returns how many. */
static size_t keep_trained(size_t *rows, size_t count, const unsigned char *left_out)
{
    size_t kept = 0;
    for (size_t i = 0; left_out && i < count; i++)
        if (!left_out[rows[i]])
            rows[kept++] = rows[i];
    return left_out ? kept : count;
}

/* F of those samples of the problem that are trained on. */
static enum lethe_err evaluate_kept(struct run *run, const double *w, struct lethe_error *err)
{
    const size_t samples = lethe_problem_count(run->problem);
    size_t *rows = lethe_alloc(samples, sizeof *rows);
    if (!rows)
        return lethe_fail_memory(err, "samples", samples, sizeof *rows);
    for (size_t i = 0; i < samples; i++)
        rows[i] = i;
    const size_t kept = keep_trained(rows, samples, run->options->left_out);
    enum lethe_err rc = lethe_problem_value_at(run->problem, &run->report->value, run->gradient, w,
                                               rows, kept, run->watch, err);
    lethe_free(rows);
    return rc;
}

static enum lethe_err evaluate(struct run *run, const double *w, struct lethe_error *err)
{
    run->report->evaluations++;
    if (run->options->left_out)
        return evaluate_kept(run, w, err);
    return lethe_problem_value(run->problem, &run->report->value, run->gradient, w, run->watch,
                               err);
}

/* Whether the caller, told of this iterate, wants no more of them. */
static int told(struct run *run, const double *w)
{
    const struct lethe_train_options *o = run->options;
    const size_t at = run->report->iterations + 1;
    if (!o->each || run->told == at) /* a second part of a training begins where the first ended */
        return run->over;
    run->told = at;
    run->over = o->each(o->each_user, w, run->report->value, run->report->gradient);
    return run->over;
}

static void work_in(struct lethe_lbfgs *opt, const struct run *run)
{
    opt->metric = lethe_preconditioner_apply;
    opt->metric_context = &run->metric;
    opt->rough = !run->metric.factor; /* Kronecker factors know the scale only roughly */
}

/* A part of a training measures the metric where it begins, unless one was given: that is good for
 * its iterations in whatever part they are made. */
static enum lethe_err begin_metric(struct lethe_lbfgs *opt, struct run *run, size_t every,
                                   struct lethe_error *err)
{
    const int dense = lethe_problem_size(run->problem) <= LETHE_CURVATURE_DENSE;
    struct lethe_factor *given = every && dense ? run->options->first_metric : NULL;
    enum lethe_err rc = LETHE_OK;
    if (!given)
        run->due = run->report->iterations;
    else if (!run->metric.factor) {
        rc = lethe_preconditioner_adopt(&run->metric, run->problem, given, err);
        run->due = every;
    }
    if (!rc && given)
        work_in(opt, run);
    return rc;
}

/* Before there is a share of the training to tell, the measurement tells its own. */
static enum lethe_err measure_metric(struct lethe_lbfgs *opt, struct run *run, const double *w,
                                     size_t every, int tells, struct lethe_error *err)
{
    const struct lethe_watch_span none = {0};
    const struct lethe_watch_span span = run->watch ? run->watch->span : none;
    if (tells)
        lethe_watch_leave(run->watch, none);
    enum lethe_err rc =
        lethe_preconditioner_refresh(&run->metric, run->problem, w, run->watch, err);
    lethe_watch_leave(run->watch, span);
    run->due = run->report->iterations + every;
    work_in(opt, run);
    return rc;
}

/* every: iterations between measurements of the metric it works in; 0: none. */
static enum lethe_err quasi_newton(struct run *run, double *w, double tolerance, size_t every,
                                   struct lethe_error *err)
{
    struct lethe_train_report *report = run->report;
    size_t n = lethe_problem_size(run->problem), most = run->options->iterations;
    struct lethe_lbfgs opt = {0};
    double first = 0, share = 0;
    const struct lethe_watch_span outside = lethe_watch_enter(run->watch, "training", 0, 0);
    enum lethe_err rc = lethe_lbfgs_init(&opt, n, run->options->memory, err);
    opt.metric = run->options->precondition;
    opt.metric_context = run->options->precondition_context;
    opt.rough = 1;
    if (!rc)
        rc = begin_metric(&opt, run, every, err);
    if (!rc)
        rc = evaluate(run, w, err);
    while (!rc) {
        report->gradient = largest(run->gradient, n);
        if (told(run, w) || report->gradient <= tolerance || report->iterations >= most)
            break;
        first = fmax(first, report->gradient);
        share = fmax(share, lethe_watch_share_of_fall(first, report->gradient, tolerance));
        share = fmax(share, (double)report->iterations / (double)most);
        lethe_watch_leave(run->watch, outside);
        (void)lethe_watch_enter(run->watch, "training", share, share);
        rc = lethe_watch_step(run->watch, "training", (long)report->iterations, 0, err);
        if (!rc && every && report->iterations >= run->due)
            rc = measure_metric(&opt, run, w, every, !outside.stage && !(share > 0), err);
        enum lethe_lbfgs_ask ask = LETHE_LBFGS_EVALUATE;
        while (!rc && ask == LETHE_LBFGS_EVALUATE) {
            ask = lethe_lbfgs_next(&opt, w, report->value, run->gradient);
            if (ask != LETHE_LBFGS_ITERATE)
                rc = evaluate(run, w, err);
            if (rc == LETHE_ENUM && ask == LETHE_LBFGS_EVALUATE) {
                report->value = HUGE_VAL; /* the line search steps back from it */
                rc = LETHE_OK;
            }
        }
        if (ask == LETHE_LBFGS_STALLED) {
            report->gradient = largest(run->gradient, n);
            break;
        }
        report->iterations++;
    }
    if (rc == LETHE_ECANCEL && opt.on_line)
        memcpy(w, opt.start, n * sizeof *w);
    lethe_watch_leave(run->watch, outside);
    lethe_lbfgs_release(&opt);
    return rc;
}

/* The learning rate of step `step` of `steps`. */
static double rate_at(const struct lethe_train_options *o, size_t step, size_t steps,
                      size_t per_epoch)
{
    size_t drops = 0;
    switch (o->schedule) {
    case LETHE_RATE_COSINE:
        return o->rate * 0.5 * (1 + cos(M_PI * (double)step / (double)steps));
    case LETHE_RATE_STEP:
        drops = step / per_epoch / o->drop_every;
        return o->rate * pow(o->drop, (double)drops);
    case LETHE_RATE_CONSTANT:
        break;
    }
    return o->rate;
}

double lethe_train_time(const struct lethe_train_options *options, size_t samples)
{
    const size_t batch = options->batch ? options->batch : 1;
    const size_t per_epoch = (samples + batch - 1) / batch, steps = options->iterations * per_epoch;
    double sum = 0;
    if (options->method != LETHE_TRAIN_SGD)
        return 0;
    for (size_t step = 0; step < steps; step++)
        sum += rate_at(options, step, steps, per_epoch);
    return sum / (1 - options->momentum);
}

/* One pass over all samples in an order drawn from (seed, epoch). */
static enum lethe_err epoch(struct run *run, double *w, double *moments, size_t *order,
                            struct lethe_error *err)
{
    const struct lethe_train_options *o = run->options;
    size_t samples = lethe_problem_count(run->problem), size = lethe_problem_size(run->problem);
    size_t per_epoch = (samples + o->batch - 1) / o->batch, done = run->report->iterations;
    struct lethe_rng rng;
    for (size_t i = 0; i < samples; i++)
        order[i] = i;
    lethe_rng_init(&rng, o->seed, LETHE_RNG_SHUFFLE, done, 0);
    lethe_rng_shuffle(&rng, order, samples);
    for (size_t b = 0; b < per_epoch; b++) {
        size_t first = b * o->batch, left = samples - first, step = done * per_epoch + b;
        double value, rate = rate_at(o, step, o->iterations * per_epoch, per_epoch);
        enum lethe_err rc = lethe_watch_step(run->watch, "training", (long)step,
                                             (long)(o->iterations * per_epoch), err);
        const size_t n =
            keep_trained(order + first, left < o->batch ? left : o->batch, o->left_out);
        if (!rc && !n) /* a batch of left-out samples alone */
            continue;
        if (!rc && run->batches)
            rc = lethe_batches_step(run->batches, &value, run->gradient, w, order + first, n, step,
                                    err);
        else if (!rc)
            rc = lethe_problem_value_at(run->problem, &value, run->gradient, w, order + first, n,
                                        NULL, err);
        if (rc)
            return rc;
        if (o->method == LETHE_TRAIN_ADAM)
            lethe_adam_step(w, moments, run->gradient, size, rate, (long)step + 1);
        else
            lethe_sgd_step(w, moments, run->gradient, size, rate, o->momentum);
    }
    return LETHE_OK;
}

/* A small model's last digits: in the Gauss-Newton metric L-BFGS needs a hundred iterations where
 * it would crawl for thousands along flat valleys; what is then left is Newton's. */
static enum lethe_err full_batch(struct run *run, double *w, struct lethe_error *err)
{
    const double tolerance = run->options->tolerance;
    if (run->options->precondition)
        return quasi_newton(run, w, tolerance, 0, err);
    const int small = lethe_newton_possible(run->problem), finish = small && tolerance < near;
    const size_t every =
        lethe_preconditioner_possible(lethe_problem_graph(run->problem)) ? run->options->metric : 0;
    enum lethe_err rc = quasi_newton(run, w, finish ? near : tolerance, every, err);
    if (rc || !finish || run->report->gradient > near || run->over)
        return rc;
    rc = quasi_newton(run, w, tolerance, every ? every : NEAR_METRIC, err);
    if (run->options->each) /* Newton's steps would be told of to nobody */
        return rc;
    if (!rc && run->report->gradient > tolerance &&
        run->report->iterations < run->options->iterations)
        rc = lethe_newton(w, run->gradient, run->report, run->problem, tolerance, run->watch, err);
    if (!rc && run->report->gradient > tolerance) /* no step within rounding of F: once more */
        rc = quasi_newton(run, w, tolerance, 0, err);
    return rc;
}

static enum lethe_err mini_batches(struct run *run, double *w, struct lethe_error *err)
{
    size_t samples = lethe_problem_count(run->problem), size = lethe_problem_size(run->problem);
    double tolerance = run->options->tolerance;
    double *moments = lethe_alloc_zero(2 * size, sizeof *moments);
    size_t *order = lethe_alloc(samples, sizeof *order);
    enum lethe_err rc = LETHE_OK;
    if (!moments || !order)
        rc = lethe_fail_memory(err, "the optimiser", 2 * size + samples, sizeof *moments);
    else if (lethe_batches_wanted(run->problem, run->options))
        rc = lethe_batches_new(&run->batches, run->problem, run->options, run->watch, err);
    while (!rc && run->report->iterations < run->options->iterations) {
        rc = epoch(run, w, moments, order, err);
        run->report->iterations++;
        if (!rc && tolerance > 0) {
            rc = evaluate(run, w, err);
            if (!rc)
                run->report->gradient = largest(run->gradient, size);
            if (!rc && run->report->gradient <= tolerance)
                break;
        }
    }
    if (!rc)
        rc = evaluate(run, w, err);
    if (!rc)
        run->report->gradient = largest(run->gradient, size);
    run->report->evaluations += run->report->iterations;
    lethe_batches_free(run->batches);
    lethe_free(moments);
    lethe_free(order);
    return rc;
}

static enum lethe_err check(const struct lethe_train_options *o, struct lethe_error *err)
{
    if (!(o->tolerance >= 0))
        return lethe_fail(err, LETHE_EARG, "tolerance %g: it must be 0 or more", o->tolerance);
    if (o->method == LETHE_TRAIN_LBFGS && o->left_out)
        return lethe_fail(err, LETHE_EARG, "only mini-batches can leave samples out");
    if (o->method == LETHE_TRAIN_LBFGS && o->penalty.count)
        return lethe_fail(err, LETHE_EARG,
                          "a penalty is of mini-batches: optimizer=sgd or optimizer=adam");
    if (!(o->penalty.strength >= 0))
        return lethe_fail(err, LETHE_EARG, "penalty strength %g: 0 or more", o->penalty.strength);
    if (o->method == LETHE_TRAIN_LBFGS)
        return o->memory ? LETHE_OK : lethe_fail(err, LETHE_EARG, "memory 0: 1 or more pairs");
    if (!(o->rate > 0) || !isfinite(o->rate))
        return lethe_fail(err, LETHE_EARG, "learning rate %g: it must be above 0", o->rate);
    if (!(o->momentum >= 0 && o->momentum < 1))
        return lethe_fail(err, LETHE_EARG, "momentum %g: 0 to below 1", o->momentum);
    if (!(o->dropout >= 0 && o->dropout < 1))
        return lethe_fail(err, LETHE_EARG, "dropout %g: 0 to below 1", o->dropout);
    if (o->batch == 0 || o->drop_every == 0)
        return lethe_fail(err, LETHE_EARG, "a batch and the epochs between drops are at least 1");
    return LETHE_OK;
}

enum lethe_err lethe_train(double *w, struct lethe_train_report *report,
                           struct lethe_problem *problem, const struct lethe_train_options *options,
                           struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_train_report result = {0};
    struct run run = {.problem = problem, .options = options, .report = &result, .watch = watch};
    double start = now();
    enum lethe_err rc = check(options, err);
    if (rc)
        return rc;
    run.gradient = lethe_alloc(lethe_problem_size(problem), sizeof *run.gradient);
    if (!run.gradient)
        return lethe_fail_memory(err, "a gradient", lethe_problem_size(problem), sizeof(double));
    rc = options->method == LETHE_TRAIN_LBFGS ? full_batch(&run, w, err)
                                              : mini_batches(&run, w, err);
    result.seconds = now() - start;
    result.converged = result.gradient <= options->tolerance;
    if (!rc)
        *report = result;
    lethe_preconditioner_release(&run.metric);
    lethe_free(run.gradient);
    return rc;
}
