/* SPDX-License-Identifier: MIT
 * From the workbench to the view model. Everything that depends on results is made anew only when
 * the workbench has changed; jobs and the picture are looked at for every frame. */
#ifndef LETHE_UI_FILL_H
#define LETHE_UI_FILL_H

#include "base/arena.h"
#include "data/words.h"
#include "lethe/plot.h"
#include "ui/survey.h"
#include "ui/view/model.h"
#include "workbench/plot_kinds.h"
#include "workbench/workbench.h"

/* Plots that commands computed: the last of each kind. */
enum { LETHE_DRAWN = 6 };
struct lethe_drawn {
    char kind[16]; /* "ladder"; "" none */
    struct lethe_sheet *sheet;
    struct lethe_snapshot *snapshot; /* it belongs to; NULL: to none */
    struct lethe_settings settings;
};

enum {
    LETHE_FILL_SHEETS = LETHE_PLOT_KINDS_MOST,
    LETHE_FILL_FIGURES = 15, /* of the preview that have a place of their own */
    LETHE_FILL_FIGURES_MOST = LETHE_FILL_FIGURES + LETHE_METRICS_MOST,
    LETHE_FILL_JOBS = 32,
    LETHE_FILL_DAMPINGS = 22,
    LETHE_FILL_TEXT = 160
};

struct lethe_fill {
    struct lethe_view view;
    struct lethe_arena arena;   /* what belongs to this version of the workbench */
    struct lethe_arena picture; /* pixels of the sample that is looked at */
    unsigned long version, survey_version;
    const struct lethe_survey *survey; /* borrowed; NULL: none */
    const struct lethe_drawn *drawn;   /* (LETHE_DRAWN) borrowed; NULL: none */
    struct lethe_sheet *sheets[LETHE_FILL_SHEETS];
    struct lethe_words words; /* of the model whose samples are text; empty until one is shown */
    const struct lethe_bundle *words_of;
    int filled;    /* 0: nothing is filled yet */
    int anew;      /* of this frame: the workbench has changed, what was filled is gone */
    size_t sample; /* row of the ledger in the picture, (size_t)-1: none */
    size_t wanted; /* row of the ledger under the cursor, (size_t)-1: none */
    double dampings[LETHE_FILL_DAMPINGS];
    struct lethe_job_info infos[LETHE_FILL_JOBS];
    struct lethe_view_job jobs[LETHE_FILL_JOBS];
    struct lethe_view_figure kept[LETHE_FILL_FIGURES_MOST]; /* of the last preview */
    size_t kept_count;
    size_t walked;     /* points of the path that is being made just now; 0: none is */
    uint64_t kept_for; /* forget set and head it was for */
    char curvature[LETHE_CURVATURE_WORDS];
    char forget[LETHE_FILL_TEXT], half[32], stability[48], verdict[400], loss[160];
    int verdict_bad;
};

/* The view of the workbench as it stands, borrowed until the next call. Out of memory leaves parts
 * empty. sample: row of the ledger to picture, (size_t)-1 for none. */
const struct lethe_view *lethe_fill_view(struct lethe_fill *fill, const struct lethe_workbench *wb,
                                         size_t sample);
void lethe_fill_release(struct lethe_fill *fill); /* zeroed ok */

/* ---- between the files of fill --------------------------------------------------------------- */

/* What each pane shows: lethe_fill_layers in fill_layers.c and so on. Called for every frame in the
 * order of the panes; fill->anew says that the workbench has changed and that what was filled
 * before is gone, so a pane whose numbers come from results alone does nothing without it. */
#define LETHE_FILL_DECLARE(constant, name)                                                         \
    void lethe_fill_##name(struct lethe_fill *fill, const struct lethe_workbench *wb);
LETHE_PANE_LIST(LETHE_FILL_DECLARE)

/* The lesson, which is no pane: with the header. */
void lethe_fill_lesson(struct lethe_fill *fill, const struct lethe_workbench *wb);
/* The unlearning methods and the sliders of the one that is set, likewise. */
void lethe_fill_method(struct lethe_fill *fill, const struct lethe_workbench *wb);
void lethe_fill_staging(struct lethe_fill *fill, const struct lethe_workbench *wb);

/* Losses or margins of a set in the arena (outcome->count[set]); NULL when there are none. */
double *lethe_fill_scores(struct lethe_fill *fill, const struct lethe_evaluation *outcome,
                          enum lethe_side set, int margins);
/* Names of a view's classes in the arena; NULL without memory. */
const char *const *lethe_fill_class_names(struct lethe_fill *fill,
                                          const struct lethe_model_view *view);
/* What the values of a surface are. */
const char *lethe_fill_surface_words(const struct lethe_surface *surface);

#endif
