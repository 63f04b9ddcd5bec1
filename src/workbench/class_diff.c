/* SPDX-License-Identifier: MIT
 * Two states of a session class by class, on the held-out samples for choosing. See
 * class_diff.h. */
#include "workbench/class_diff.h"

#include <math.h>
#include <stdio.h>

#include "base/alloc.h"
#include "study/evaluate_sets.h"
#include "workbench/workbench.h"

struct lethe_class_diff {
    struct lethe_graph *graph;
    struct lethe_dataset *data;
    struct lethe_evaluated_set set[2]; /* of a and b */
    double *w[2];                      /* (size + buffers) */
    int heldout;                       /* else the training samples */
};

void lethe_class_diff_free(void *arg)
{
    struct lethe_class_diff *diff = arg;
    for (int k = 0; diff && k < 2; k++) {
        lethe_evaluated_set_release(&diff->set[k]);
        lethe_free(diff->w[k]);
    }
    if (!diff)
        return;
    lethe_dataset_unref(diff->data);
    lethe_graph_unref(diff->graph);
    lethe_free(diff);
}

static enum lethe_err take_state(struct lethe_class_diff *diff, int k,
                                 const struct lethe_project *project,
                                 const struct lethe_state *state, struct lethe_error *err)
{
    const struct lethe_ids none[2] = {{0}, {0}};
    const size_t size = lethe_graph_size(diff->graph) + lethe_graph_buffers(diff->graph);
    enum lethe_err code = lethe_evaluated_set_init(&diff->set[k], "class by class",
                                                   lethe_graph_classes(diff->graph), err);
    if (!code)
        code = lethe_ids_without(&diff->set[k].ids, lethe_dataset_count(diff->data),
                                 diff->heldout ? &project->tune : NULL, none, err);
    if (!code && !(diff->w[k] = lethe_alloc(size, sizeof *diff->w[k])))
        code = lethe_fail_memory(err, "weights", size, sizeof *diff->w[k]);
    return code ? code : lethe_state_weights(state, diff->w[k], err);
}

enum lethe_err lethe_class_diff_new(struct lethe_class_diff **diff,
                                    const struct lethe_workbench *wb, const struct lethe_state *a,
                                    const struct lethe_state *b, struct lethe_error *err)
{
    const struct lethe_project *project = &wb->project;
    const int heldout = project->heldout && project->tune.count;
    if (!project->graph || (!heldout && !project->train))
        return lethe_fail(err, LETHE_EARG,
                          "'classes=on' needs samples: load the model with its data");
    struct lethe_class_diff *made = lethe_alloc_zero(1, sizeof *made);
    if (!made)
        return lethe_fail_memory(err, "a difference", 1, sizeof *made);
    made->heldout = heldout;
    made->graph = lethe_graph_ref(project->graph);
    made->data = lethe_dataset_ref(heldout ? project->heldout : project->train);
    enum lethe_err code = take_state(made, 0, project, a, err);
    if (!code)
        code = take_state(made, 1, project, b, err);
    if (code)
        lethe_class_diff_free(made);
    else
        *diff = made;
    return code;
}

enum lethe_err lethe_class_diff_run(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_class_diff *diff = arg;
    enum lethe_err code = LETHE_OK;
    for (int k = 0; !code && k < 2; k++) {
        const struct lethe_evaluated_model model = {diff->graph, diff->w[k],
                                                    lethe_graph_passes(diff->graph)};
        code = lethe_evaluate_sets(&diff->set[k], 1, &model, diff->data, watch, err);
    }
    return code;
}

/* Accuracy first, then loss. */
static double change(const struct lethe_class_diff *diff, size_t class)
{
    const struct lethe_set_figures *a = &diff->set[0].per_class[class],
                                   *b = &diff->set[1].per_class[class];
    const double most = 1e6; /* no difference of losses outweighs one of accuracies */
    return a->n ? most * fabs(b->accuracy - a->accuracy) + fabs(b->loss - a->loss) : -1;
}

static void put_class(struct lethe_value *list, const struct lethe_class_diff *diff, size_t class)
{
    const struct lethe_set_figures *a = &diff->set[0].per_class[class],
                                   *b = &diff->set[1].per_class[class];
    struct lethe_value *row = lethe_put_object(list, NULL);
    const char *name = lethe_dataset_class_name(diff->data, class);
    char number[24];
    snprintf(number, sizeof number, "%zu", class);
    lethe_put_text(row, "class", name && *name ? name : number);
    lethe_put_count(row, "samples", a->n);
    lethe_put_share(row, "accuracy_a", a->accuracy);
    lethe_put_share(row, "accuracy_b", b->accuracy);
    lethe_hint(lethe_put_real(row, "loss_a", a->loss), LETHE_HINT_FIXED);
    lethe_hint(lethe_put_real(row, "loss_b", b->loss), LETHE_HINT_FIXED);
}

enum lethe_err lethe_class_diff_adopt(struct lethe_workbench *wb, void *arg,
                                      struct lethe_value *out, struct lethe_error *err)
{
    const struct lethe_class_diff *diff = arg;
    const size_t classes = lethe_graph_classes(diff->graph);
    struct lethe_value *list = lethe_put_list(out, "classes");
    size_t *order = lethe_alloc(classes, sizeof *order);
    (void)wb;
    if (!order)
        return lethe_fail_memory(err, "classes", classes, sizeof *order);
    for (size_t c = 0; c < classes; c++) {
        size_t at = c;
        for (; at && change(diff, order[at - 1]) < change(diff, c); at--)
            order[at] = order[at - 1];
        order[at] = c;
    }
    for (size_t k = 0; k < classes; k++)
        if (diff->set[0].per_class[order[k]].n)
            put_class(list, diff, order[k]);
    lethe_free(order);
    lethe_put_text(out, "set", diff->heldout ? "heldout" : "train");
    return LETHE_OK;
}
