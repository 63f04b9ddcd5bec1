/* SPDX-License-Identifier: MIT
 * The workbench: one model with its data, what is to be forgotten, the settings, and the results
 * so far with what they depend on. It belongs to one thread (the one that owns the terminal). Work
 * runs on the lanes, on immutable scenes; a result that no longer fits the settings is dropped.
 *
 * With options.wait, functions that compute return when their result is there (batch, REPL); else
 * they return at once and the result arrives through lethe_workbench_deliver (screen). On failure
 * nothing has changed. */
#ifndef LETHE_CMD_WORKBENCH_H
#define LETHE_CMD_WORKBENCH_H

#include "cmd/scene.h"
#include "cmd/settings.h"
#include "cmd/stages.h"
#include "lethe/bundle.h"
#include "lethe/job.h"
#include "lethe/session.h"

struct lethe_workbench;

struct lethe_workbench_options {
    unsigned threads;        /* background lane; 0: processors - 1 */
    int wait;                /* compute functions wait for their result */
    const char *session;     /* directory of the session; NULL: in memory */
    void (*tick)(void *arg); /* about ten times a second while waiting; NULL ok */
    void *arg;
};

enum lethe_err lethe_workbench_new(struct lethe_workbench **wb,
                                   const struct lethe_workbench_options *options,
                                   struct lethe_error *err);
void lethe_workbench_free(struct lethe_workbench *wb); /* NULL ok */
void lethe_workbench_wait_mode(struct lethe_workbench *wb, int wait);

/* ---- model and data ---------------------------------------------------------------------------
 */

/* What is worked on; all of it borrowed. graph NULL: nothing is loaded. */
struct lethe_subject {
    const char *path, *name;
    struct lethe_graph *graph;
    struct lethe_dataset *train, *heldout; /* NULL: none yet */
    struct lethe_bundle *bundle;           /* recipe, names, generated ids; NULL: bare model */
    double decay;                          /* NAN: not known, set it */
    size_t trained_on;                     /* n of the training that made the root's weights */
    size_t generated;                      /* recorded ids of a generator */
};
const struct lethe_subject *lethe_workbench_subject(const struct lethe_workbench *wb);

/* A bundle (folder or bundle.json) or a bare ONNX model. Opens the session of options.session when
 * it has one for this model, else begins a new one. */
enum lethe_err lethe_workbench_load(struct lethe_workbench *wb, const char *path,
                                    struct lethe_error *err);
/* Data for a bare model. Both are referenced; heldout may be NULL. */
enum lethe_err lethe_workbench_data(struct lethe_workbench *wb, struct lethe_dataset *train,
                                    struct lethe_dataset *heldout, struct lethe_error *err);
/* lambda of the training that made w, when no bundle says it. */
enum lethe_err lethe_workbench_decay(struct lethe_workbench *wb, double decay,
                                     struct lethe_error *err);
/* Weights at the head: (size + buffers), borrowed until the next change of head. */
const double *lethe_workbench_weights(const struct lethe_workbench *wb);
/* Replaces the weights by trained ones (kind "train"), a state of its own in the session. */
enum lethe_err lethe_workbench_trained(struct lethe_workbench *wb, const double *w,
                                       const char *message, struct lethe_error *err);
/* A fresh graph and weights for `train` before there is a model. The graph is referenced. */
enum lethe_err lethe_workbench_model(struct lethe_workbench *wb, struct lethe_graph *graph,
                                     const double *w, double decay, struct lethe_error *err);

/* The scene as it stands; *scene is borrowed until the next change. Needs model, data and lambda.
 * The forget set may be empty. */
enum lethe_err lethe_workbench_scene(struct lethe_workbench *wb, struct lethe_scene **scene,
                                     struct lethe_error *err);

/* ---- what to forget ---------------------------------------------------------------------------
 */

/* Replaces the forget set: increasing ids of training samples, none forgotten before, not all that
 * is left. LETHE_EARG names the id and why. count 0 clears. */
enum lethe_err lethe_workbench_forget(struct lethe_workbench *wb, const size_t *ids, size_t count,
                                      struct lethe_error *err);
const struct lethe_ids *lethe_workbench_forgetting(const struct lethe_workbench *wb);
const struct lethe_ids *lethe_workbench_forgotten(const struct lethe_workbench *wb);

/* ---- settings ---------------------------------------------------------------------------------
 */

const struct lethe_settings *lethe_workbench_settings(const struct lethe_workbench *wb);
/* Text by key (cmd/settings.h); results that no longer fit are dropped. */
enum lethe_err lethe_workbench_set(struct lethe_workbench *wb, const char *key, const char *value,
                                   struct lethe_error *err);

/* ---- computing --------------------------------------------------------------------------------
 */

enum lethe_err lethe_workbench_select(struct lethe_workbench *wb, struct lethe_error *err);
/* Makes what is missing on the way (selection unless the blanket is `all`, curvature, factor). */
enum lethe_err lethe_workbench_preview(struct lethe_workbench *wb, struct lethe_error *err);
/* Retraining on the background lane; waits only when `wait` is set here and in the options. */
enum lethe_err lethe_workbench_retrain_warm(struct lethe_workbench *wb, int wait,
                                            struct lethe_error *err);
enum lethe_err lethe_workbench_retrain_cold(struct lethe_workbench *wb, size_t k, int wait,
                                            struct lethe_error *err);
/* Any computation of a command's own, on the interactive lane, waited for in every mode but the
 * screen's: run(arg) must not touch the workbench. */
enum lethe_err lethe_workbench_run(struct lethe_workbench *wb, const char *name,
                                   enum lethe_err (*run)(void *arg, struct lethe_watch *watch,
                                                         struct lethe_error *err),
                                   void *arg, struct lethe_error *err);

/* Takes in what the lanes finished; returns how many results arrived. Errors of background work
 * are kept for lethe_workbench_problem. */
size_t lethe_workbench_deliver(struct lethe_workbench *wb);
struct lethe_jobs *lethe_workbench_jobs(const struct lethe_workbench *wb);
/* Until no job waits or runs, or a cancel. */
enum lethe_err lethe_workbench_join(struct lethe_workbench *wb, struct lethe_error *err);
size_t lethe_workbench_cancel(struct lethe_workbench *wb); /* all jobs; safe to call from tick */
/* The last error of work nobody waited for; cleared by reading. 0: none. */
int lethe_workbench_problem(struct lethe_workbench *wb, struct lethe_error *err);
/* Goes up whenever anything that can be seen has changed. */
unsigned long lethe_workbench_version(const struct lethe_workbench *wb);

/* ---- results so far; NULL or 0 when there is none that fits the settings -----------------------
 */

const struct lethe_selection *lethe_workbench_selection(const struct lethe_workbench *wb);
double lethe_workbench_select_seconds(const struct lethe_workbench *wb);
/* Units the preview would take: of `auto` the accepted ones, of `all` every unit and group. */
size_t lethe_workbench_units(const struct lethe_workbench *wb);
const struct lethe_preview *lethe_workbench_preview_result(const struct lethe_workbench *wb);
const struct lethe_truth *lethe_workbench_warm(const struct lethe_workbench *wb);
size_t lethe_workbench_cold_count(const struct lethe_workbench *wb);
const struct lethe_truth *lethe_workbench_cold(const struct lethe_workbench *wb, size_t index);

/* Everything a panel shows, computed from the results above; NAN where it is not known. */
struct lethe_panel {
    struct lethe_shown forget_accuracy, forget_loss, retain_accuracy, retain_loss, heldout_accuracy,
        heldout_loss, auc, balanced_accuracy, kl_forget, kl_retain, kl_heldout;
    struct lethe_shown residual_gradient;
    struct lethe_compared compared; /* with the warm retrain; all NAN without */
    double floor;                   /* noise floor of K cold retrains, on the forget samples */
    int over_unlearned, nothing_to_unlearn;
};
void lethe_workbench_panel(const struct lethe_workbench *wb, struct lethe_panel *panel);

/* ---- deciding ---------------------------------------------------------------------------------
 */

struct lethe_session *lethe_workbench_session(const struct lethe_workbench *wb); /* NULL: none */
/* Commits the preview (made first when it is missing); *state is borrowed. After it the forget set
 * is empty and the head is the new state. metrics: JSON text kept with it, or NULL. */
enum lethe_err lethe_workbench_commit(struct lethe_workbench *wb, struct lethe_state **state,
                                      const char *message, const char *metrics,
                                      struct lethe_error *err);
enum lethe_err lethe_workbench_undo(struct lethe_workbench *wb, struct lethe_error *err);
enum lethe_err lethe_workbench_redo(struct lethe_workbench *wb, struct lethe_error *err);
enum lethe_err lethe_workbench_checkout(struct lethe_workbench *wb, const char *name,
                                        struct lethe_error *err);
/* Opens a session directory together with the model it was begun with. */
enum lethe_err lethe_workbench_open(struct lethe_workbench *wb, const char *dir,
                                    struct lethe_error *err);
/* Writes settings and forget set into the session's draft and syncs it. */
enum lethe_err lethe_workbench_sync(struct lethe_workbench *wb, struct lethe_error *err);

#endif
