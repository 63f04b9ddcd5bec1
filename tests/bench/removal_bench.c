/* SPDX-License-Identifier: MIT
 * What a removal is worth on the digits, beside retraining, and how long it takes.
 * Softmax regression: recovery of one step. The 64-32-16-10 network with 10 % of its labels
 * changed: twenty of them removed at once, whole model, ggn, damping 0, for several training seeds;
 * the blanket of one of them; the latency of a preview.
 * usage: removal_bench [SEEDS]   training seeds 1 .. SEEDS, 1 by default; the README shows 5 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lethe/eval.h"
#include "lethe/retrain.h"
#include "lethe/select.h"
#include "tensor/blas.h"
#include "tests/support/digits.h"
#include "tests/support/promise.h"

enum { REMOVED = 20, STEPS = 40, PERTURBATIONS = 5, FIRST_CHANGES = 1 };

static struct lethe_error err;

static void must(enum lethe_err rc)
{
    if (!rc)
        return;
    fprintf(stderr, "removal_bench: %s\n", err.message);
    exit(1);
}

static void *need(size_t count, size_t size)
{
    void *block = calloc(count, size);
    if (!block) {
        fputs("removal_bench: out of memory\n", stderr);
        exit(1);
    }
    return block;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* A trained model, what is to be forgotten, and the yardsticks. */
struct study {
    struct lethe_graph *graph;
    struct lethe_problem *all, *forget, *retain, *heldout;
    double *w, *preview, *retrained, *control; /* weights */
    size_t size;
    struct lethe_train_report trained, again;
    struct lethe_blanket blanket;
    struct lethe_curvature curvature;
    struct lethe_factor *factor;
    struct lethe_removal removal;
    struct lethe_update update;
    double curvature_seconds, factor_seconds;
};

static void train(struct study *s, const struct digits *digits, const size_t *gone, size_t m,
                  double decay, uint64_t seed)
{
    const struct lethe_train_options recipe = lethe_train_defaults(LETHE_TRAIN_LBFGS);
    size_t kept[DIGITS_TRAIN];
    digits_without(kept, DIGITS_TRAIN, gone, m);
    s->all = digits_problem(s->graph, digits->train, NULL, DIGITS_TRAIN, decay);
    s->forget = digits_problem(s->graph, digits->train, gone, m, decay);
    s->retain = digits_problem(s->graph, digits->train, kept, DIGITS_TRAIN - m, decay);
    s->heldout = digits_problem(s->graph, digits->heldout, NULL, DIGITS_HELDOUT, decay);
    s->size = lethe_graph_size(s->graph);
    double **w[] = {&s->w, &s->preview, &s->retrained, &s->control};
    for (size_t k = 0; k < 4; k++)
        *w[k] = need(s->size, sizeof **w[k]);
    must(lethe_retrain_cold(s->w, &s->trained, s->all, &recipe, seed, NULL, &err));
    for (size_t k = 1; k < 4; k++)
        memcpy(*w[k], s->w, s->size * sizeof **w[k]);
    must(lethe_retrain_warm(s->retrained, &s->again, s->retain, NULL, NULL, &err));
    struct lethe_train_report control;
    must(lethe_retrain_warm(s->control, &control, s->all, NULL, NULL, &err));
}

static void forget(struct study *s, const char *method, double mu)
{
    const struct lethe_curvature_method *row = NULL;
    const struct lethe_curvature_options options = {0};
    double start = now();
    must(lethe_blanket_all(&s->blanket, s->graph, &err));
    must(lethe_curvature_find(&row, method, &err));
    must(lethe_curvature_make(&s->curvature, row, s->retain, s->w, &s->blanket, &options, NULL,
                              &err));
    s->curvature_seconds = now() - start;
    must(lethe_factor_cholesky(&s->factor, &s->curvature, mu, &err));
    s->factor_seconds = now() - start - s->curvature_seconds;
    must(lethe_removal_init(&s->removal, s->forget, s->retain, s->w, DIGITS_TRAIN, NULL, &err));
    must(lethe_update_make(&s->update, s->factor, &s->removal, &s->blanket, s->blanket.count, mu,
                           LETHE_FORM_AUTO, &err));
    lethe_update_apply(s->preview, &s->update, &s->blanket);
}

static void close_study(struct study *s)
{
    lethe_update_release(&s->update);
    lethe_removal_release(&s->removal);
    lethe_factor_unref(s->factor);
    lethe_curvature_release(&s->curvature);
    lethe_blanket_release(&s->blanket);
    lethe_problem_free(s->all);
    lethe_problem_free(s->forget);
    lethe_problem_free(s->retain);
    lethe_problem_free(s->heldout);
    lethe_graph_unref(s->graph);
    free(s->w);
    free(s->preview);
    free(s->retrained);
    free(s->control);
}

static double *logits(struct lethe_problem *problem, const double *w)
{
    double *z = need(lethe_problem_count(problem) * DIGITS_CLASSES, sizeof *z);
    must(lethe_problem_logits(problem, z, w, NULL, &err));
    return z;
}

static double accuracy(struct lethe_problem *problem, const double *w)
{
    double *z = logits(problem, w);
    const struct lethe_outputs out = {.logits = z,
                                      .labels = lethe_problem_labels(problem),
                                      .n = lethe_problem_count(problem),
                                      .classes = DIGITS_CLASSES};
    struct lethe_set_figures set;
    lethe_set_measure(&set, &out);
    free(z);
    return set.accuracy;
}

static double kl(struct lethe_problem *problem, const double *w, const double *retrained)
{
    struct lethe_distance distance;
    double *z = logits(problem, w), *re = logits(problem, retrained);
    lethe_distance_measure(&distance, z, re, lethe_problem_count(problem), DIGITS_CLASSES);
    free(z);
    free(re);
    return distance.kl;
}

static double recovery(const struct study *s)
{
    struct lethe_recovery result;
    double *z[] = {logits(s->all, s->w), logits(s->all, s->preview), logits(s->all, s->retrained),
                   logits(s->all, s->control)};
    const struct lethe_recovery_input input = {.old = z[0],
                                               .now = z[1],
                                               .retrain = z[2],
                                               .control = z[3],
                                               .n = DIGITS_TRAIN,
                                               .classes = DIGITS_CLASSES};
    lethe_recovery_measure(&result, &input);
    for (size_t k = 0; k < 4; k++)
        free(z[k]);
    return result.value;
}

static void regression(const struct digits *digits)
{
    static const size_t widths[] = {64, DIGITS_CLASSES};
    static const double decays[] = {1e-2, 1e-3};
    puts("softmax regression, whole model, hessian, damping 0");
    puts("  decay   forget  recovery  |grad F|  |grad F_R| of retrain");
    for (size_t d = 0; d < 2; d++)
        for (size_t m = 1; m <= 20; m += 19) {
            size_t gone[20];
            struct study s = {0};
            for (size_t k = 0; k < m; k++)
                gone[k] = m == 1 ? 17 : k;
            must(lethe_graph_mlp(&s.graph, widths, 2, "tanh", &err));
            train(&s, digits, gone, m, decays[d], 1);
            forget(&s, "hessian", 0);
            printf("  %-7g %-6s  %.4f    %.1e   %.1e\n", decays[d], m == 1 ? "17" : "0-19",
                   recovery(&s), s.trained.gradient, s.again.gradient);
            close_study(&s);
        }
}

/* How many perturbation seeds put both logit units of a mislabelled sample into its blanket. */
static size_t both_labels(const struct study *s, const struct digits *digits, size_t sample,
                          int say)
{
    const struct lethe_select_method *lfoci = NULL;
    size_t hits = 0, last = lethe_graph_layer_count(s->graph) - 1;
    size_t wrong =
        lethe_unit_number(s->graph, last, (size_t)lethe_dataset_label(digits->train, sample));
    size_t right = lethe_unit_number(s->graph, last, (size_t)digits->truth[sample]);
    must(lethe_select_find(&lfoci, "lfoci", &err));
    for (uint64_t seed = 1; seed <= PERTURBATIONS; seed++) {
        struct lethe_select_options options = lethe_select_defaults();
        const struct lethe_select_input input = {
            .graph = s->graph, .data = digits->train, .w = s->w, .forget = &sample, .m = 1};
        struct lethe_selection found;
        int has_wrong = 0, has_right = 0;
        options.seed = options.perturb.seed = seed;
        must(lethe_select(&found, lfoci, &input, &options, NULL, &err));
        if (say)
            printf("   seed %d:", (int)seed);
        for (size_t k = 0; k < found.accepted; k++) {
            char name[LETHE_UNIT_NAME];
            lethe_unit_name(name, sizeof name, s->graph, found.picks[k].unit);
            if (say)
                printf(" %s %.3f", name, found.picks[k].score);
            has_wrong |= found.picks[k].unit == wrong;
            has_right |= found.picks[k].unit == right;
        }
        if (say)
            printf(" (%s)\n", found.stopped);
        hits += has_wrong && has_right;
        lethe_selection_release(&found);
    }
    return hits;
}

/* From a new damping to new logits of every set. */
static void latency(const struct study *s)
{
    struct lethe_factor *spectral = NULL;
    double ms[STEPS], start = now(), *w = need(s->size, sizeof *w);
    must(lethe_factor_spectral(&spectral, &s->curvature, s->size, &err));
    struct lethe_step_plan plan;
    must(lethe_step_plan_init(&plan, spectral, &s->removal, &s->blanket, s->blanket.count, &err));
    printf("first preview: curvature %.2f s, factor %.2f s; spectral factor %.2f s\n",
           s->curvature_seconds, s->factor_seconds, now() - start);
    for (int k = 0; k < STEPS; k++) {
        struct lethe_update update;
        struct lethe_problem *sets[] = {s->forget, s->retain, s->heldout};
        start = now();
        must(lethe_step_plan_step(&update, &plan, 1e-8 * pow(10, k / 4.0), LETHE_FORM_AUTO, &err));
        memcpy(w, s->w, s->size * sizeof *w);
        lethe_update_apply(w, &update, &s->blanket);
        for (size_t p = 0; p < 3; p++)
            free(logits(sets[p], w));
        lethe_update_release(&update);
        ms[k] = 1e3 * (now() - start);
    }
    promise_print("damping step to new logits of all sets", ms, STEPS, 0);
    lethe_step_plan_release(&plan);
    lethe_factor_unref(spectral);
    free(w);
}

static void mislabelled(const struct digits *digits, uint64_t seeds)
{
    static const size_t widths[] = {64, 32, 16, DIGITS_CLASSES};
    puts("64-32-16-10 tanh, weight decay 1e-3, 144 labels changed; 20 of them removed at once,");
    puts("whole model, ggn, damping 0 (before | preview | retrain)");
    puts("  seed  wrong labels  forget accuracy    held-out accuracy  KL forget      recovery  "
         "both units");
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        struct study s = {0};
        must(lethe_graph_mlp(&s.graph, widths, 4, "tanh", &err));
        train(&s, digits, digits->changed, REMOVED, 1e-3, seed);
        forget(&s, "ggn", 0);
        struct lethe_problem *wrong =
            digits_problem(s.graph, digits->train, digits->changed, DIGITS_CHANGED, 1e-3);
        printf("  %-4d  %.4f        %.3f %.3f %.3f  %.4f %.4f %.4f  %.3f %.4f  %.4f    %zu of %d\n",
               (int)seed, accuracy(wrong, s.w), accuracy(s.forget, s.w),
               accuracy(s.forget, s.preview), accuracy(s.forget, s.retrained),
               accuracy(s.heldout, s.w), accuracy(s.heldout, s.preview),
               accuracy(s.heldout, s.retrained), kl(s.forget, s.w, s.retrained),
               kl(s.forget, s.preview, s.retrained), recovery(&s),
               both_labels(&s, digits, digits->changed[0], 0), PERTURBATIONS);
        printf("        trained in %.1f s (%zu iterations, |grad| %.1e), retrained in %.1f s "
               "(%.1e), step %.3g, unfinished %.1e\n",
               s.trained.seconds, s.trained.iterations, s.trained.gradient, s.again.seconds,
               s.again.gradient, s.update.norm, s.update.unfinished_norm);
        if (seed == 1) {
            both_labels(&s, digits, digits->changed[0], 1);
            latency(&s);
        }
        fflush(stdout);
        lethe_problem_free(wrong);
        close_study(&s);
    }
}

int main(int argc, char **argv)
{
    struct digits digits;
    uint64_t seeds = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    lethe_blas_threads(1);
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!digits_open(&digits, 0)) {
        puts("skipped: the digits are not here");
        return 0;
    }
    regression(&digits);
    digits_close(&digits);
    digits_open(&digits, FIRST_CHANGES);
    mislabelled(&digits, seeds);
    digits_close(&digits);
    return 0;
}
