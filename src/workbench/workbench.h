/* SPDX-License-Identifier: MIT
 * The workbench: everything a person has on the table. One thread owns it. */
#ifndef LETHE_WORKBENCH_WORKBENCH_H
#define LETHE_WORKBENCH_WORKBENCH_H

#include "lethe/job.h"
#include "lethe/session.h"
#include "removal/settings.h"
#include "study/surface.h"
#include "study/training_context.h"
#include "text/args.h"
#include "text/result.h"
#include "text/sink.h"
#include "workbench/answers.h"
#include "workbench/figure_rows.h"
#include "workbench/plane_view.h"
#include "workbench/project.h"
#include "workbench/selection_checks.h"
#include "workbench/staging.h"
#include "workbench/trail.h"
#include "workbench/views.h"

struct lethe_command_list;
struct lethe_recorder;
struct lethe_tutor;

struct lethe_workbench {
    struct lethe_settings settings;
    unsigned threads;        /* of background work; 0: processors - 1 */
    struct lethe_jobs *jobs; /* made with the first task; NULL before */
    struct lethe_look look;  /* how answers are shown; help breaks its lines by it */
    int interactive;         /* a person waits: long work may go on in the background */
    int glances;             /* a screen shows figures as they come: partial previews are welcome */
    int quit;                /* `quit` was given */
    struct lethe_sink sink;  /* of the command that runs: for those that run others */
    const struct lethe_command_list *commands; /* that lines are looked up in; NULL: none */
    int depth;                                 /* nesting of `source` */

    char shown[24];          /* the kind of plot a screen shows; "": none */
    double attack_threshold; /* a loss, set by hand for the plots of the attack; 0: none */
    const struct lethe_recorder *recorder; /* who owns the terminal; NULL: there is none */
    struct lethe_staging staging;          /* how the full screen is shown to an audience */
    struct lethe_trail trail;              /* every removal that was tried */
    struct lethe_project project;          /* model, data, what to forget */
    struct lethe_session *session;         /* NULL: no model */
    char *session_dir;                     /* where the session is kept; NULL: see session_home */
    char *session_home;                    /* folder of a session for each model; NULL: in memory */
    char unkept[480];                      /* why the last load is not kept there; "" when it is */
    char remark[480]; /* what the last load had to put right in the session; "" when nothing */
    const char *line; /* of the command that runs, until a decision took it along; NULL: none */
    const struct lethe_state
        *exported; /* head that `export` wrote last; only compared, NULL: none */

    /* Results so far; NULL: none that fits the settings. Shared and immutable. */
    struct lethe_controls *controls;  /* outlive a change of the forget set; NULL: none are kept */
    struct lethe_ekfac_store *ekfacs; /* likewise */
    struct lethe_head_store *heads;   /* likewise */
    struct lethe_snapshot *snapshot;
    struct lethe_selected *selected;
    struct lethe_selection_checks checks; /* of the selection, its sample and units */
    struct lethe_blanket_curvature *curve;
    struct lethe_blanket_curvature
        *whole; /* of every parameter, for targets; NULL: none was made */
    struct lethe_whole
        *against; /* step of the whole network that reach is measured with, or NULL */
    struct lethe_factor *factor;
    struct lethe_factor *leading;  /* of the same curvature, for every size of blanket at its
                                      damping, while `factor` serves every damping at one size */
    struct lethe_factor *estimate; /* EKFAC's of the same curvature, for a first look */
    struct lethe_preview *preview;
    struct lethe_leverage *leverage; /* of the blanket and damping it names, the last measured */
    struct lethe_surface *surface; /* of the form it was made with; its point is the one set then */
    struct lethe_model_view *views[LETHE_VIEW_KINDS]; /* the last one of each kind, of `snapshot`;
                                                         maybe of a preview before this one */
    struct lethe_model_view_looks looks;
    struct lethe_retrained *warm, **colds; /* colds (cold_count), by seed */
    size_t cold_count;
    struct lethe_beside *beside; /* the preview beside `warm`, measured once for all who ask */
    struct lethe_retrained *yardstick; /* that the last commit was compared with; NULL: none was */

    char *root;                    /* folder of sample_models and sessions; NULL: the present one */
    char *lesson_progress;         /* file; NULL: progress is not kept */
    struct lethe_tutor *tutor;     /* the lesson that is taken; NULL: none */
    struct lethe_answers answers;  /* while one is taken */
    struct lethe_plane_view plane; /* of the model; made when somebody looks */
    const struct lethe_snapshot
        *retraining;            /* snapshot a warm retrain is under way for; NULL: none */
    unsigned long spectrum_job; /* the last one begun, 0: none */
    unsigned long ahead_job;    /* likewise: EKFAC before it is asked for, of `ahead` */
    char ahead[LETHE_HASH_HEX + 2 * LETHE_SETTING_TEXT + 4]; /* head, seed, memory, whether only the
                                                                last layer moves; "": none yet */
    char yardstick_of[LETHE_HASH_HEX];                       /* commit that `yardstick` is of */
    size_t committing; /* commits whose step is still being made */
    int many_commits;  /* one command makes them: the draft goes to disk with each, not between, and
                          previews begin no retrain */
    int sparing; /* of them: figures of forget and held-out samples only, none of the report half */

    unsigned long
        asked_to_quit;     /* version at which leaving was refused last: it is not asked twice */
    unsigned long version; /* goes up whenever something that can be seen has changed */
    struct lethe_error problem; /* of work nobody waited for; code LETHE_OK: none */
};

enum lethe_err lethe_workbench_new(struct lethe_workbench **wb, struct lethe_error *err);
/* Cancels what runs. NULL ok. */
void lethe_workbench_free(struct lethe_workbench *wb);

/* Sets a setting and drops what depended on it. */
enum lethe_err lethe_workbench_set(struct lethe_workbench *wb, enum lethe_setting key,
                                   const char *value, struct lethe_error *err);
/* Drops parts (LETHE_PART_...) that are not valid any more; work on them is cancelled. */
void lethe_workbench_drop(struct lethe_workbench *wb, unsigned parts);

/* The line goes into the session's script. */
enum lethe_err lethe_workbench_note(struct lethe_workbench *wb, const char *line,
                                    struct lethe_error *err);

/* Names that are known now for an argument of this kind (layers, units, commits), for completion;
 * tail is what follows a name that is not complete by itself. */
void lethe_workbench_names(const struct lethe_workbench *wb, enum lethe_arg_kind kind,
                           void (*offer)(void *user, const char *name, const char *tail),
                           void *user);

/* ---- project --------------------------------------------------------------------------------- */

/* A bundle or a bare ONNX model, with the session in session_dir when it holds one for this model
 * and data. On failure the workbench is as before; so for all that follow. */
enum lethe_err lethe_workbench_load(struct lethe_workbench *wb, const char *path,
                                    struct lethe_error *err);
/* Data for the model there is or will be; both are referenced, heldout may be NULL. */
enum lethe_err lethe_workbench_data(struct lethe_workbench *wb, struct lethe_dataset *train,
                                    struct lethe_dataset *heldout, struct lethe_error *err);
/* The same for a model yet to be made: what was on the workbench before goes. name is copied. */
enum lethe_err lethe_workbench_begin(struct lethe_workbench *wb, const char *name,
                                     struct lethe_dataset *train, struct lethe_dataset *heldout,
                                     struct lethe_error *err);
/* A model that was made here: graph referenced, w (size + buffers) copied. */
enum lethe_err lethe_workbench_model(struct lethe_workbench *wb, struct lethe_graph *graph,
                                     const double *w, double decay, struct lethe_error *err);
/* Replaces the forget set (increasing ids; count 0 clears). LETHE_EARG names the id and why. */
enum lethe_err lethe_workbench_forget(struct lethe_workbench *wb, const size_t *ids, size_t count,
                                      struct lethe_error *err);
/* Borrowed until the next change. Needs model, data and weight decay; the forget set may be empty.
 */
/* The damping that is set; NAN for auto while there is no snapshot that it follows from. */
double lethe_workbench_damping(const struct lethe_workbench *wb);
enum lethe_err lethe_workbench_snapshot(struct lethe_workbench *wb,
                                        struct lethe_snapshot **snapshot, struct lethe_error *err);

/* ---- results --------------------------------------------------------------------------------- */

/* Units the blanket takes: of `auto` the accepted ones, of `all` every unit and group. */
size_t lethe_workbench_units(const struct lethe_workbench *wb);
/* How the curvature is, or would be, made: "ggn", "ggn, 10 labels drawn". Returns text. */
char *lethe_workbench_curvature(char text[LETHE_CURVATURE_WORDS], const struct lethe_workbench *wb);
void lethe_workbench_figure_rows(const struct lethe_workbench *wb,
                                 struct lethe_figure_rows *figures);
/* Adds a cold retrain unless its seed is there; takes a reference of its own. */
enum lethe_err lethe_workbench_add_cold(struct lethe_workbench *wb,
                                        struct lethe_retrained *retrained, struct lethe_error *err);
int lethe_workbench_has_cold(const struct lethe_workbench *wb, uint64_t seed);

/* ---- deciding -------------------------------------------------------------------------------- */

/* Commits the preview; *state (NULL ok) is borrowed. metrics: JSON text kept with it, or NULL. */
enum lethe_err lethe_workbench_commit(struct lethe_workbench *wb, struct lethe_state **state,
                                      const char *message, const char *metrics,
                                      struct lethe_error *err);
/* Trained weights (size + buffers) become a state of their own; features: what then holds of the
 * layers below the last; decay: the weight decay of the objective that they are now near, which the
 * setting becomes in the same write, and is no longer after an undo. */
enum lethe_err lethe_workbench_trained(struct lethe_workbench *wb, const double *w,
                                       const char *message, enum lethe_feature_origin features,
                                       double decay, struct lethe_error *err);
/* What the undone commit forgot is chosen again, ready to be done otherwise. */
enum lethe_err lethe_workbench_undo(struct lethe_workbench *wb, struct lethe_error *err);
enum lethe_err lethe_workbench_redo(struct lethe_workbench *wb, struct lethe_error *err);
enum lethe_err lethe_workbench_checkout(struct lethe_workbench *wb, const char *name,
                                        struct lethe_error *err);
enum lethe_err lethe_workbench_branch(struct lethe_workbench *wb, const char *name,
                                      struct lethe_error *err);
/* LETHE_EARG: nothing was loaded yet. */
enum lethe_err lethe_workbench_need_session(const struct lethe_workbench *wb,
                                            struct lethe_error *err);
/* A session directory, with the model it was begun with. */
enum lethe_err lethe_workbench_open(struct lethe_workbench *wb, const char *dir,
                                    struct lethe_error *err);
/* Writes settings and forget set into the session's draft, and the session to disk. */
enum lethe_err lethe_workbench_sync(struct lethe_workbench *wb, struct lethe_error *err);

/* A copy of the session in a folder, with the model when it was made here. */
enum lethe_err lethe_workbench_save(struct lethe_workbench *wb, const char *dir,
                                    struct lethe_error *err);

/* By which recipe, on how many threads and in which folder further models of the project are made.
 */
enum lethe_err lethe_workbench_training_context(struct lethe_training_context *training,
                                                const struct lethe_workbench *wb,
                                                struct lethe_error *err);

/* Held-out accuracy (tune half) of the weights the history began with, from where the paper's stop
 * counts. LETHE_EARG without held-out samples. */
enum lethe_err lethe_workbench_root_accuracy(double *accuracy, struct lethe_workbench *wb,
                                             struct lethe_error *err);

int lethe_workbench_has_model(const struct lethe_workbench *wb);
int lethe_workbench_has_data(const struct lethe_workbench *wb);
int lethe_workbench_has_forget(const struct lethe_workbench *wb);

#endif
