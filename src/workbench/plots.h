/* SPDX-License-Identifier: MIT
 * Results as plots: each fills an empty sheet. */
#ifndef LETHE_WORKBENCH_PLOTS_H
#define LETHE_WORKBENCH_PLOTS_H

#include "lethe/plot.h"
#include "lethe/session.h"
#include "study/approximations.h"
#include "study/selector_benchmark.h"
#include "study/surface.h"

struct lethe_project;
struct lethe_workbench;

/* The line below a title, so that a picture says by itself what it is of: the model, who is to be
 * forgotten, and the step that is shown. */
enum { LETHE_PLOTS_SUBTITLE = 200 };
/* How far that goes: a curve over dampings is not of the damping that is set. */
enum lethe_plot_about {
    LETHE_ABOUT_STEP = 0, /* all of it */
    LETHE_ABOUT_BLANKET,  /* model, samples, and what may change */
    LETHE_ABOUT_SAMPLES,  /* model and samples */
    LETHE_ABOUT_MODEL
};
void lethe_plots_subtitle(char out[LETHE_PLOTS_SUBTITLE], const struct lethe_workbench *wb,
                          enum lethe_plot_about about);
/* Scores of the selection in its order. */
enum lethe_err lethe_plots_scores(struct lethe_sheet *sheet, const struct lethe_workbench *wb,
                                  struct lethe_error *err);
/* The unit `why` was asked about last: loss against activation over the noisy copies. */
enum lethe_err lethe_plots_why(struct lethe_sheet *sheet, const struct lethe_workbench *wb,
                               struct lethe_error *err);
/* Histograms over the forget and held-out samples, before, now and retrained. */
enum lethe_err lethe_plots_losses(struct lethe_sheet *sheet, const struct lethe_workbench *wb,
                                  struct lethe_error *err);
enum lethe_err lethe_plots_margins(struct lethe_sheet *sheet, const struct lethe_workbench *wb,
                                   struct lethe_error *err);
/* The loss attack on the forget samples, before, now and retrained. */
enum lethe_err lethe_plots_roc(struct lethe_sheet *sheet, const struct lethe_workbench *wb,
                               struct lethe_error *err);
/* Along the passes after the step: the KL to the retrained model, or without one the loss, of the
 * forget samples. */
enum lethe_err lethe_plots_path(struct lethe_sheet *sheet, const struct lethe_workbench *wb,
                                struct lethe_error *err);
/* Samples on the plane of the inputs, and the decision boundaries of before, now and retrained. */
enum lethe_err lethe_plots_plane(struct lethe_sheet *sheet, const struct lethe_workbench *wb,
                                 struct lethe_error *err);
/* The same of a plane with fields of the caller's. */
struct lethe_plane_view;
enum lethe_err lethe_plots_plane_of(struct lethe_sheet *sheet, const struct lethe_plane_view *view,
                                    const struct lethe_project *project, struct lethe_error *err);
/* A number of a commit's figures: set.figure.now, or of another column (retrain); NAN when it has
 * none. */
double lethe_plots_of(const struct lethe_state *state, const char *set, const char *figure,
                      const char *column);
/* Accuracies and loss over the commits up to the head, as they were committed. */
enum lethe_err lethe_plots_history(struct lethe_sheet *sheet, const struct lethe_workbench *wb,
                                   struct lethe_error *err);
enum lethe_err lethe_plots_damping(struct lethe_sheet *sheet, const struct lethe_sweep *sweep,
                                   struct lethe_error *err);
enum lethe_err lethe_plots_approximations(struct lethe_sheet *sheet,
                                          const struct lethe_variants *rungs,
                                          struct lethe_error *err);
/* How many times nearer to retraining each selector comes (of medians) at every budget. */
enum lethe_err lethe_plots_selectors(struct lethe_sheet *sheet,
                                     const struct lethe_selector_benchmark *benchmark,
                                     struct lethe_error *err);
enum lethe_err lethe_plots_surface(struct lethe_sheet *sheet, const struct lethe_surface *surface,
                                   struct lethe_error *err);

#endif
