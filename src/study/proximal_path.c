/* SPDX-License-Identifier: MIT
 * One length after another: its trainings on all processors, then the step beside them. */
#include "study/proximal_path.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/parallel_for.h"
#include "removal/damping.h"

enum { SETS = 3 };
static const enum lethe_side sides[SETS] = {LETHE_SIDE_FORGET, LETHE_SIDE_RETAIN, LETHE_SIDE_TUNE};

/* What the trainings of one length are made from, and what they say: item s is the retraining of
 * seed s, item seeds + s its control. */
struct length {
    const struct lethe_snapshot *snapshot;
    struct lethe_ids all;
    unsigned char *left_out;
    size_t epochs, seeds, samples, classes;
    double *logits[2 * LETHE_PROXIMAL_SEEDS]; /* (samples, classes) */
    double seconds[2 * LETHE_PROXIMAL_SEEDS];
};

/* Logits of weights w about forget, retained and held-out samples, one after another. */
static enum lethe_err say(double **logits, const struct lethe_snapshot *snapshot, const double *w,
                          unsigned threads, struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_worker_problems worker = {.threads = threads};
    struct lethe_evaluation evaluation = {0};
    const size_t classes = lethe_graph_classes(snapshot->graph);
    size_t samples = 0;
    enum lethe_err code =
        lethe_evaluation_measure(&evaluation, snapshot, &worker, w, LETHE_SIDE_TUNE, watch, err);
    for (int s = 0; s < SETS; s++)
        samples += evaluation.count[sides[s]];
    double *to = code ? NULL : lethe_alloc(samples, classes * sizeof *to);
    if (!code && !to)
        code = lethe_fail_memory(err, "logits", samples, classes * sizeof *to);
    for (int s = 0; !code && s < SETS; s++) {
        const size_t size = evaluation.count[sides[s]] * classes;
        if (size)
            memcpy(to, evaluation.logits[sides[s]], size * sizeof *to);
        to += size;
    }
    if (!code)
        *logits = to - samples * classes;
    lethe_evaluation_release(&evaluation);
    lethe_worker_problems_release(&worker);
    return code;
}

static enum lethe_err train_one(void *arg, size_t item, struct lethe_watch *watch,
                                struct lethe_error *err)
{
    struct length *l = arg;
    const struct lethe_snapshot *snapshot = l->snapshot;
    const size_t size = lethe_graph_size(snapshot->graph) + lethe_graph_buffers(snapshot->graph);
    struct lethe_train_options options = snapshot->warm;
    struct lethe_train_report report = {0};
    struct lethe_problem *problem = NULL;
    struct lethe_problem_spec spec =
        lethe_snapshot_spec(snapshot, &l->all, lethe_snapshot_precision(snapshot, &snapshot->warm));
    spec.threads = 1;
    options.iterations = l->epochs;
    options.seed += item % l->seeds;
    options.left_out = item < l->seeds ? l->left_out : NULL;
    double *w = lethe_alloc(size, sizeof *w);
    if (!w)
        return lethe_fail_memory(err, "weights", size, sizeof *w);
    memcpy(w, snapshot->w, size * sizeof *w);
    enum lethe_err code = lethe_problem_new(&problem, &spec, err);
    if (!code)
        code = lethe_retrain_warm(w, &report, problem, &options, watch, err);
    if (!code)
        code = say(&l->logits[item], snapshot, w, 1, watch, err);
    l->seconds[item] = report.seconds;
    lethe_problem_free(problem);
    lethe_free(w);
    return code;
}

static void release(struct length *l)
{
    for (size_t i = 0; i < 2 * l->seeds; i++)
        lethe_free(l->logits[i]);
    lethe_free(l->left_out);
    lethe_free(l->all.at);
}

static double forget_kl(const struct length *l)
{
    double sum = 0;
    for (size_t s = 0; s < l->seeds; s++) {
        struct lethe_distance d;
        lethe_distance_measure(&d, l->logits[l->seeds + s], l->logits[s], l->snapshot->forget.count,
                               l->classes);
        sum += d.kl;
    }
    return sum / (double)l->seeds;
}

static enum lethe_err measure(struct lethe_proximal_length *out, const struct length *l,
                              const double *old, const double *now, struct lethe_error *err)
{
    struct lethe_proximal_input in = {.old = old,
                                      .now = now,
                                      .retrain = (const double *const *)l->logits,
                                      .control = (const double *const *)l->logits + l->seeds,
                                      .seeds = l->seeds,
                                      .n = l->samples,
                                      .classes = l->classes,
                                      .probs = 1};
    enum lethe_err code = lethe_proximal_measure(&out->probs, &in, err);
    in.probs = 0;
    if (!code)
        code = lethe_proximal_measure(&out->logits, &in, err);
    out->kl = forget_kl(l);
    return code;
}

/* One length in full. */
static enum lethe_err walk(struct lethe_proximal_path *path, size_t epochs,
                           const struct lethe_snapshot *snapshot, const double *const step[2],
                           unsigned threads, struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_proximal_length *out = &path->at[path->count];
    struct lethe_train_options options = snapshot->warm;
    struct length l = {.snapshot = snapshot, .epochs = epochs, .seeds = path->seeds};
    const struct lethe_parallel_for team = {.count = 2 * path->seeds,
                                            .threads = threads,
                                            .stage = "retraining",
                                            .within = "training",
                                            .run = train_one,
                                            .arg = &l};
    l.classes = lethe_graph_classes(snapshot->graph);
    for (int s = 0; s < SETS; s++)
        l.samples += lethe_snapshot_ids(snapshot, sides[s])->count;
    options.iterations = epochs;
    *out = (struct lethe_proximal_length){
        .epochs = epochs, .time = lethe_train_time(&options, snapshot->retain.count)};
    enum lethe_err code = lethe_snapshot_marked(&l.all, &l.left_out, snapshot, err);
    if (!code)
        code = lethe_parallel_for_run(&team, watch, err);
    if (!code)
        code = measure(out, &l, step[0], step[1], err);
    for (size_t i = 0; i < 2 * l.seeds; i++)
        path->seconds += l.seconds[i];
    path->count += !code;
    release(&l);
    return code;
}

static enum lethe_err measure_before(struct lethe_comparison_base *base, struct lethe_watch *watch,
                                     struct lethe_error *err)
{
    struct lethe_worker_problems *worker;
    enum lethe_err code = lethe_snapshot_worker(&worker, base->snapshot, err);
    return code ? code
                : lethe_evaluation_measure(&base->before, base->snapshot, worker, base->snapshot->w,
                                           LETHE_SIDE_TUNE, watch, err);
}

/* The step of the settings, added to w. */
static enum lethe_err take_step(struct lethe_proximal_path *path, double *w,
                                struct lethe_comparison_base *base, struct lethe_watch *watch,
                                struct lethe_error *err)
{
    struct lethe_blanket_curvature *curve = NULL;
    struct lethe_variant variant;
    size_t units = 0;
    enum lethe_form form = LETHE_FORM_AUTO;
    lethe_form_find(&form, base->settings.text[LETHE_SET_FORM], NULL);
    enum lethe_err code = lethe_comparison_base_blanket(&curve, &units, base, watch, err);
    if (code)
        return code;
    path->mu = lethe_damping_of(&base->settings, base->snapshot);
    const struct lethe_variant_spec spec = {
        .name = "step", .curve = curve, .units = units, .mu = path->mu, .form = form};
    code = lethe_variant_take(&variant, w, base, &spec, watch, err);
    path->parameters = variant.parameters;
    if (!code && variant.failed)
        snprintf(path->note, sizeof path->note, "%s", variant.note);
    lethe_blanket_curvature_unref(curve);
    return code;
}

static void find_nearest(struct lethe_proximal_path *path)
{
    for (size_t i = 1; i < path->count; i++)
        if (path->at[i].probs.change > path->at[path->nearest].probs.change)
            path->nearest = i;
}

enum lethe_err lethe_proximal_path_make(struct lethe_proximal_path *path,
                                        struct lethe_comparison_base *base, size_t seeds,
                                        unsigned threads, struct lethe_watch *watch,
                                        struct lethe_error *err)
{
    const struct lethe_snapshot *snapshot = base->snapshot;
    struct lethe_proximal_path made = {.seeds = seeds};
    double *step[2] = {NULL, NULL}, *w = NULL;
    if (snapshot->warm.method == LETHE_TRAIN_LBFGS)
        return lethe_fail(err, LETHE_EARG,
                          "retraining goes on to a minimum here, and its path has no lengths: "
                          "'compare ladder' has it, or 'set retrain.by recipe' follows the recipe");
    enum lethe_err code = lethe_snapshot_whole(snapshot, "the proximal yardstick", err);
    if (!code && !(w = lethe_comparison_base_weights(base, err)))
        code = LETHE_ENOMEM;
    if (!code) /* a variant is measured beside it */
        code = measure_before(base, watch, err);
    if (!code)
        code = say(&step[0], snapshot, w, 0, watch, err);
    if (!code)
        code = take_step(&made, w, base, watch, err);
    if (!code)
        code = say(&step[1], snapshot, w, 0, watch, err);
    for (size_t part = 8, last = 0; !code && part; part /= 2) {
        const size_t whole = snapshot->warm.iterations, epochs = (whole + part - 1) / part;
        if (epochs > last)
            code = walk(&made, epochs, snapshot, (const double *const *)step, threads, watch, err);
        last = epochs;
    }
    if (!code) {
        find_nearest(&made);
        *path = made;
    }
    lethe_free(step[0]);
    lethe_free(step[1]);
    lethe_free(w);
    return code;
}
