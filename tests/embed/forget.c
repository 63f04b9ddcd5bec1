/* SPDX-License-Identifier: MIT
 * Forgets one training sample of a bundle by one Newton step over all parameters and prints
 * before | now | retrain. Knows the installed headers alone. usage: forget BUNDLE SAMPLE */
#include <lethe/lethe.h>
#include <stdio.h>
#include <stdlib.h>

static struct lethe_error err;
#define TRY(call) ((call) ? (fprintf(stderr, "%s\n", err.message), exit(1)) : (void)0)

int main(int argc, char **argv)
{
    static const char *const names[] = {"before", "now", "retrain"};
    struct lethe_bundle *bundle;
    struct lethe_dataset *train, *unseen;
    struct lethe_graph *graph;
    struct lethe_figures_sets sets;
    struct lethe_removal removal;
    struct lethe_blanket whole;
    struct lethe_curvature curvature;
    const struct lethe_curvature_method *ggn;
    const struct lethe_curvature_options options = {0};
    struct lethe_factor *factor;
    struct lethe_update step;
    struct lethe_train_report report;
    double *w[3]; /* of the names */
    size_t count = 0, sample = argc == 3 ? strtoul(argv[2], NULL, 10) : (exit(2), (size_t)0);
    TRY(lethe_bundle_load(&bundle, argv[1], &err));
    TRY(lethe_bundle_data(&train, &unseen, bundle, &err));
    for (int k = 0; k < 3; k++)
        TRY(lethe_onnx_load(&graph, &w[k], bundle->model, &err));
    const size_t n = lethe_dataset_count(train);
    size_t *rest = malloc(n * sizeof *rest);
    for (size_t id = 0; id < n; id++)
        if (id != sample)
            rest[count++] = id;
    const double decay = bundle->recipe.weight_decay;
    const struct lethe_problem_spec spec[] = {
        {graph, train, &sample, 1, decay, LETHE_F64, 0, 1},
        {graph, train, rest, count, decay, LETHE_F64, 0, 1},
        {graph, unseen, NULL, lethe_dataset_count(unseen), decay, LETHE_F64, 0, 1}};
    TRY(lethe_problem_new(&sets.forget, &spec[0], &err));
    TRY(lethe_problem_new(&sets.retain, &spec[1], &err));
    TRY(lethe_problem_new(&sets.heldout, &spec[2], &err));
    TRY(lethe_removal_init(&removal, sets.forget, sets.retain, w[0], n, NULL, &err));
    TRY(lethe_blanket_all(&whole, graph, &err));
    TRY(lethe_curvature_find(&ggn, "ggn", &err));
    TRY(lethe_curvature_make(&curvature, ggn, sets.retain, w[0], &whole, &options, NULL, &err));
    TRY(lethe_factor_cholesky(&factor, &curvature, 0, &err));
    TRY(lethe_update_make(&step, factor, &removal, &whole, whole.count, 0, LETHE_FORM_AUTO, &err));
    lethe_update_apply(w[1], &step, &whole);
    TRY(lethe_retrain_warm(w[2], &report, sets.retain, NULL, NULL, &err));
    for (int k = 0; k < 3; k++) {
        struct lethe_figures f;
        TRY(lethe_figures_of(&f, &sets, w[k], 0, NULL, &err));
        printf("%-8s forget loss %.4f  held-out accuracy %.4f\n", names[k], f.forget.loss,
               f.heldout.accuracy);
    }
    return 0;
}
