/* SPDX-License-Identifier: MIT
 * The trail: every removal that was tried in this session, with the figures that weigh forgetting
 * against keeping. Entries outlive changes of the settings and of the forget set; a way that is
 * tried again takes the place of its entry. */
#ifndef LETHE_WORKBENCH_TRAIL_H
#define LETHE_WORKBENCH_TRAIL_H

#include "lethe/plot.h"
#include "study/method_comparison.h"
#include "text/result.h"

struct lethe_workbench;

struct lethe_trail_entry {
    char method[LETHE_VARIANT_NAME], with[LETHE_SETTING_TEXT]; /* newton: blanket, damping, ... */
    char of[17];   /* which samples were forgotten from which model: a hash's beginning */
    size_t forget; /* how many */
    size_t parameters;
    double forget_accuracy, retain_accuracy, heldout_accuracy, auc; /* half for choosing */
    double kl_forget, kl_retain, kl_heldout, recovery, gap;         /* NAN without a retraining */
    double seconds;
};
struct lethe_trail {
    struct lethe_trail_entry *at; /* (count) oldest first; owned */
    size_t count;
    struct lethe_method_comparison *table; /* the last one of methods or masks; NULL: none; owned */
    int masks;                             /* it is one of masks */
    char table_of[17];                     /* as in an entry */
    int unwritten;                         /* there is something that is not on disk */
    double written;                        /* when it was written last, lethe_clock */
};

/* In the place of an entry of the same method, parameters and samples, else at the end. */
enum lethe_err lethe_trail_keep(struct lethe_trail *trail, const struct lethe_trail_entry *entry,
                                struct lethe_error *err);
/* The workbench's preview, complete, with the figures known now. */
enum lethe_err lethe_trail_note(struct lethe_workbench *wb, struct lethe_error *err);
/* The table of a comparison on the workbench's snapshot, and each of its rows; the table is copied
 * and takes the place of the one before. */
enum lethe_err lethe_trail_note_table(struct lethe_workbench *wb,
                                      const struct lethe_method_comparison *table, int masks,
                                      struct lethe_error *err);
/* The table is of the samples that are chosen and the model at the head. */
int lethe_trail_table_holds(const struct lethe_workbench *wb);
void lethe_trail_release(struct lethe_trail *trail); /* zeroed ok */
void lethe_trail_clear(struct lethe_trail *trail);   /* the same, which is to be written */
void lethe_trail_put(struct lethe_value *out, const struct lethe_workbench *wb);
enum lethe_err lethe_trail_write(const struct lethe_trail *trail, const char *path,
                                 struct lethe_error *err);
/* Writes what is new of it into the session's folder, where the session is kept and was not sealed;
 * not now: unless that was done a moment ago. */
enum lethe_err lethe_trail_sync(struct lethe_workbench *wb, int now, struct lethe_error *err);
/* What is on disk of the session that was just opened takes the trail's place. */
void lethe_trail_restore(struct lethe_workbench *wb);
/* Gone here and on disk: after a seal. */
void lethe_trail_remove(struct lethe_workbench *wb);
/* Those of the forget set and model at the head: KL on the forget samples over KL on the retained
 * ones; where most of them have no retraining, forget accuracy over held-out accuracy. */
enum lethe_err lethe_trail_plot(struct lethe_sheet *sheet, const struct lethe_workbench *wb,
                                struct lethe_error *err);

#endif
