/* SPDX-License-Identifier: MIT
 * Views of three models beside each other: the one before, the preview, the retrained one. Classes
 * and confusion, layers, embedding, one sample's probabilities. A view is computed from references
 * on any thread, drawn as a sheet and told as numbers. */
#ifndef LETHE_WORKBENCH_VIEWS_H
#define LETHE_WORKBENCH_VIEWS_H

#include "lethe/plot.h"
#include "removal/stages.h"
#include "text/result.h"

struct lethe_workbench;

enum lethe_model_view_kind {
    LETHE_VIEW_CLASSES,
    LETHE_VIEW_CONFUSION,
    LETHE_VIEW_LAYERS,
    LETHE_VIEW_EMBEDDING,
    LETHE_VIEW_SAMPLE,
    LETHE_VIEW_KINDS
};

enum { LETHE_VIEW_MODELS = 3, LETHE_VIEW_NAME = 72 }; /* before, now, retrain */

struct lethe_model_view_request {
    enum lethe_model_view_kind kind;
    enum lethe_side set; /* classes, confusion: FORGET, RETAIN or TUNE */
    size_t of;           /* confusion: which model */
    /* layers: "before", "now", "retrain" or a commit */
    char a[LETHE_VIEW_NAME], b[LETHE_VIEW_NAME];
    int discriminants; /* embedding: instead of components */
    size_t sample;     /* sample: its id */
};

/* Immutable and shared. */
struct lethe_model_view {
    int refs;
    struct lethe_model_view_request request;
    int there[LETHE_VIEW_MODELS];     /* which models there are */
    struct lethe_snapshot *snapshot;  /* it was computed on */
    struct lethe_preview *preview;    /* NULL: layers of two commits */
    struct lethe_retrained *warm;     /* NULL: there was none */
    size_t rows, classes;             /* of the numbers below */
    double *value[LETHE_VIEW_MODELS]; /* classes: (rows, 3) accuracy, loss, AUC; confusion:
                                         (classes, classes) samples, truth in rows; layers: [0]
                                         CKA, [1] share of the change; embedding: (rows, 2);
                                         sample: (classes) probabilities */
    size_t *ids;                      /* classes: their numbers, most changed first; embedding:
                                         sample ids */
    int *labels, *sides;              /* embedding: (rows) class, enum lethe_side */
    size_t *count;                    /* classes: samples */
    double share[2];                  /* embedding: of the variance or separation */
    int label;                        /* sample: its class */
};

/* For a task: arg is the work. Needs a preview, but for layers of two commits; LETHE_EARG names
 * what is missing. path: a picture is written there, NULL: none. */
struct lethe_model_view_work;
enum lethe_err lethe_model_view_work_new(struct lethe_model_view_work **work,
                                         struct lethe_workbench *wb,
                                         const struct lethe_model_view_request *request,
                                         const char *path, struct lethe_error *err);
enum lethe_err lethe_model_view_work_run(void *arg, struct lethe_watch *watch,
                                         struct lethe_error *err);
void lethe_model_view_work_free(void *arg); /* NULL ok */
/* The workbench keeps the view, for 'plot' and the screen, unless its samples are other ones now.
 */
void lethe_model_view_work_keep(struct lethe_workbench *wb, struct lethe_model_view_work *work);
/* The same, and its numbers are told. */
enum lethe_err lethe_model_view_work_adopt(struct lethe_workbench *wb, void *arg,
                                           struct lethe_value *out, struct lethe_error *err);

/* The classes of the preview there is, complete, at once: no passes are needed. *view is new
 * (unref). LETHE_EARG where the set has no samples. */
enum lethe_err lethe_model_view_classes(struct lethe_model_view **view, struct lethe_workbench *wb,
                                        enum lethe_side set, struct lethe_error *err);
/* "class": {"7": {"accuracy": {"before": ..., "now": ..., "retrain": ...}, "loss": ...}}, the
 * most changed first, at most `most` of them. */
void lethe_model_view_put_changes(struct lethe_value *out, const struct lethe_model_view *view,
                                  size_t most);

/* What the screen looks at: views are made, one at a time, while somebody sees them. */
struct lethe_model_view_looks {
    struct {
        struct lethe_model_view_request request; /* as it was asked for last */
        int known;                               /* 0: never, the usual one is meant */
        unsigned long asked; /* version of the workbench it was begun for; 0: none */
    } at[LETHE_VIEW_KINDS];
};
/* Begins the view of a kind, on the interactive lane, where the kept one is not of the models as
 * they are now. Does nothing while other work is under way there or a preview is missing. */
void lethe_model_view_ask(struct lethe_workbench *wb, enum lethe_model_view_kind kind);
/* The kept view of a kind shows the preview there is; it may lack the retrained model. */
int lethe_model_view_holds(const struct lethe_workbench *wb, enum lethe_model_view_kind kind);

/* "before", "now", "retrain" */
const char *lethe_model_view_model(size_t m);
/* Name of a class for people: its own, or its number. */
enum { LETHE_VIEW_CLASS = 24 };
void lethe_model_view_class(char name[LETHE_VIEW_CLASS], const struct lethe_model_view *view,
                            size_t class);
/* What a picture of such a view is called. */
void lethe_model_view_title(char title[LETHE_VIEW_NAME],
                            const struct lethe_model_view_request *request);
/* Draws a view into an empty sheet. */
enum lethe_err lethe_model_view_draw(struct lethe_sheet *sheet, const struct lethe_model_view *view,
                                     struct lethe_error *err);
void lethe_model_view_put(struct lethe_value *out, const struct lethe_model_view *view);

struct lethe_model_view *lethe_model_view_ref(struct lethe_model_view *view);
void lethe_model_view_unref(struct lethe_model_view *view); /* NULL ok */

#endif
