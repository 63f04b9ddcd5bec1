/* SPDX-License-Identifier: MIT
 * The rows of the kinds of plots. */
#include "workbench/plot_kinds.h"

#include <string.h>
#include "workbench/plots.h"
#include "workbench/trail.h"
#include "workbench/views.h"
#include "workbench/workbench.h"

static enum lethe_err fill_surface(struct lethe_sheet *sheet, const struct lethe_workbench *wb,
                                   struct lethe_error *err)
{
    if (!wb->surface)
        return lethe_fail(err, LETHE_EARG, "there is no surface yet: 'surface' first");
    return lethe_plots_surface(sheet, wb->surface, err);
}

static enum lethe_err compute_damping(struct lethe_sheet *sheet, struct lethe_comparison_base *base,
                                      struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_sweep sweep = {0};
    enum lethe_err code = lethe_damping_sweep(&sweep, base, watch, err);
    if (!code)
        code = lethe_plots_damping(sheet, &sweep, err);
    lethe_sweep_release(&sweep);
    return code;
}

static enum lethe_err compute_ladder(struct lethe_sheet *sheet, struct lethe_comparison_base *base,
                                     struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_variants rungs = {0};
    enum lethe_err code = lethe_approximations_run(&rungs, base, NULL, 0, watch, err);
    if (!code)
        code = lethe_plots_approximations(sheet, &rungs, err);
    lethe_variants_release(&rungs);
    return code;
}

/* The last view of a kind, drawn again. */
static enum lethe_err fill_view(struct lethe_sheet *sheet, const struct lethe_workbench *wb,
                                enum lethe_model_view_kind kind, const char *command,
                                struct lethe_error *err)
{
    if (!lethe_model_view_holds(wb, kind))
        return lethe_fail(err, LETHE_EARG, "there is no such view yet: '%s' first", command);
    char title[LETHE_VIEW_NAME]; /* which samples, which model, which sample: as it was asked for */
    lethe_model_view_title(title, &wb->views[kind]->request);
    const enum lethe_err code = lethe_sheet_title(sheet, title, err);
    return code ? code : lethe_model_view_draw(sheet, wb->views[kind], err);
}

static enum lethe_err fill_classes(struct lethe_sheet *sheet, const struct lethe_workbench *wb,
                                   struct lethe_error *err)
{
    return fill_view(sheet, wb, LETHE_VIEW_CLASSES, "view classes", err);
}

static enum lethe_err fill_confusion(struct lethe_sheet *sheet, const struct lethe_workbench *wb,
                                     struct lethe_error *err)
{
    return fill_view(sheet, wb, LETHE_VIEW_CONFUSION, "view confusion", err);
}

static enum lethe_err fill_layers(struct lethe_sheet *sheet, const struct lethe_workbench *wb,
                                  struct lethe_error *err)
{
    return fill_view(sheet, wb, LETHE_VIEW_LAYERS, "view layers", err);
}

static enum lethe_err fill_embedding(struct lethe_sheet *sheet, const struct lethe_workbench *wb,
                                     struct lethe_error *err)
{
    return fill_view(sheet, wb, LETHE_VIEW_EMBEDDING, "view embedding", err);
}

static enum lethe_err fill_sample(struct lethe_sheet *sheet, const struct lethe_workbench *wb,
                                  struct lethe_error *err)
{
    return fill_view(sheet, wb, LETHE_VIEW_SAMPLE, "view sample ID", err);
}

static const struct lethe_plot_kind kinds[] = {
    {"scores", "What the units score, in the order they were chosen",
     "scores of the selection, in its order", .fill = lethe_plots_scores,
     .about = LETHE_ABOUT_SAMPLES},
    {"why", "One unit under noise: its activation and the loss",
     "loss against activation of the unit looked at last", .fill = lethe_plots_why, .pane = "why",
     .about = LETHE_ABOUT_SAMPLES},
    {"loss", "Losses of forget samples beside samples never trained on",
     "losses of forget beside held-out samples, before, now and retrained",
     .fill = lethe_plots_losses},
    {"roc", "Membership inference: can the loss tell who was trained on?",
     "the attack on the loss, before, now and retrained", .fill = lethe_plots_roc},
    {"margins", "Margins of forget samples beside samples never trained on",
     "margins of forget beside held-out samples, before, now and retrained",
     .fill = lethe_plots_margins},
    {"damping", "How near a step comes to retraining, by damping",
     "the step over all dampings, computed anew as 'compare' does", .compute = compute_damping,
     .about = LETHE_ABOUT_BLANKET},
    {"surface", "How near a step comes to retraining, by blanket and damping",
     "the last surface over blanket size and damping", .fill = fill_surface, .map = 1,
     .about = LETHE_ABOUT_SAMPLES},
    {"ladder", "What each approximation costs beside retraining",
     "what each approximation costs, computed anew as 'compare' does", .compute = compute_ladder},
    {"path", "How near passes after the step come to retraining",
     "KL to retraining along the passes after the step", .fill = lethe_plots_path, .pane = "path"},
    {"plane", "Samples and decision boundaries",
     "samples on the plane of two inputs (or principal components: a cut) and the "
     "decision boundaries before, now and retrained",
     .fill = lethe_plots_plane},
    {"tradeoff", "Forgetting against keeping: everything that was tried",
     "forget side against retain side of everything tried", .fill = lethe_trail_plot,
     .about = LETHE_ABOUT_SAMPLES},
    {"classes", "Accuracy by class", "accuracy of each class in the last 'view classes'",
     .fill = fill_classes},
    {"confusion", "What is taken for what", "what is taken for what in the last 'view confusion'",
     .fill = fill_confusion},
    {"layers", "Where two models differ, by layer",
     "similarity and change of layers in the last 'view layers'", .fill = fill_layers},
    {"embedding", "Where samples lie in what the last layer is given",
     "features in the plane in the last 'view embedding'", .fill = fill_embedding},
    {"sample", "Probabilities of one sample", "probabilities in the last 'view sample ID'",
     .fill = fill_sample},
    {"history", "Accuracies over the commits", "accuracies over the commits",
     .fill = lethe_plots_history, .pane = "accuracy over the commits", .about = LETHE_ABOUT_MODEL},
};
enum { COUNT = sizeof kinds / sizeof *kinds };
_Static_assert((int)COUNT <= (int)LETHE_PLOT_KINDS_MOST, "more kinds than there is room for");

size_t lethe_plot_kind_count(void)
{
    return COUNT;
}

const struct lethe_plot_kind *lethe_plot_kind(size_t number)
{
    return &kinds[number];
}

const struct lethe_plot_kind *lethe_plot_kind_find(const char *name)
{
    for (size_t i = 0; i < COUNT; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}
