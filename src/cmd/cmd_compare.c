/* SPDX-License-Identifier: MIT
 * compare: approximations, curvatures, dampings and selectors beside each other and beside
 * retraining. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/alloc.h"
#include "cmd/colds.h"
#include "cmd/commands.h"
#include "cmd/ladder.h"
#include "cmd/rivals.h"
#include "cmd/singles.h"
#include "cmd/workbench.h"

enum what { WHAT_LADDER, WHAT_CURVATURES, WHAT_DAMPING, WHAT_SELECTORS, WHAT_SINGLES };

struct comparison {
    enum what what;
    struct lethe_scene *origin; /* the workbench's, when the comparison was asked for */
    struct lethe_stand stand;
    struct lethe_trials trials;
    struct lethe_sweep sweep;
    struct lethe_rivals_options rivals_options;
    struct lethe_rivals rivals;
    size_t samples; /* of single removals */
    struct lethe_singles singles;
    struct lethe_truth **colds; /* (cold_count), NULL: to be made from its seed */
    uint64_t *seeds;            /* (cold_count) */
    size_t cold_count;
    struct lethe_workshop workshop; /* of cold retrains */
};

static void free_comparison(void *arg)
{
    struct comparison *c = arg;
    for (size_t i = 0; c->colds && i < c->cold_count; i++)
        lethe_truth_unref(c->colds[i]);
    lethe_free(c->colds);
    lethe_free(c->seeds);
    lethe_trials_release(&c->trials);
    lethe_sweep_release(&c->sweep);
    lethe_stand_release(&c->stand);
    lethe_workshop_release(&c->workshop);
    lethe_scene_unref(c->origin);
    lethe_free(c);
}

/* ---- work -------------------------------------------------------------------------------------
 */

static enum lethe_err run_comparison(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct comparison *c = arg;
    if (c->what == WHAT_SELECTORS)
        return lethe_rivals_run(&c->rivals, c->stand.scene, &c->stand.settings, &c->rivals_options,
                                watch, err);
    enum lethe_err code = LETHE_OK;
    if (c->what == WHAT_SINGLES)
        code = lethe_singles_run(&c->singles, c->stand.scene, &c->stand.settings, c->samples, watch,
                                 err);
    if (!code)
        code = lethe_stand_prepare(&c->stand, watch, err);
    if (!code && c->cold_count)
        code = lethe_colds_make(c->colds, c->seeds, c->cold_count, c->stand.scene, &c->workshop,
                                watch, err);
    if (code)
        return code;
    switch (c->what) {
    case WHAT_LADDER:
        return lethe_ladder_climb(&c->trials, &c->stand, c->colds, c->cold_count, watch, err);
    case WHAT_SINGLES:
        return lethe_singles_together(&c->singles, &c->stand, watch, err);
    case WHAT_CURVATURES:
        return lethe_curvatures_try(&c->trials, &c->stand, watch, err);
    default:
        return lethe_damping_sweep(&c->sweep, &c->stand, watch, err);
    }
}

/* ---- answer -----------------------------------------------------------------------------------
 */

static void put_more(struct lethe_value *row, const struct lethe_trial *t)
{
    const struct {
        const char *key;
        double value;
    } figures[] = {{"damping", t->mu},
                   {"kl_retain", t->kl_retain},
                   {"kl_heldout", t->kl_heldout},
                   {"forget_loss", t->failed ? NAN : t->figures.forget.loss},
                   {"retain_accuracy", t->failed ? NAN : t->figures.retain.accuracy},
                   {"retain_loss", t->failed ? NAN : t->figures.retain.loss},
                   {"heldout_loss", t->failed ? NAN : t->figures.heldout.loss},
                   {"average_gap", t->gap},
                   {"residual_gradient", t->residual},
                   {"update_norm", t->norm},
                   {"predicted_change", t->predicted},
                   {"actual_change", t->actual},
                   {"largest_eigenvalue", t->largest}};
    lethe_hint(lethe_put_count(row, "units", t->units), LETHE_HINT_QUIET);
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        lethe_hint(lethe_put_real(row, figures[i].key, figures[i].value), LETHE_HINT_QUIET);
}

static void put_trial(struct lethe_value *row, const struct lethe_trial *t)
{
    lethe_put_real(row, "kl_forget", t->kl_forget);
    lethe_hint(lethe_put_real(row, "recovery", t->recovery), LETHE_HINT_FIXED);
    lethe_put_share(row, "forget_accuracy", t->failed ? NAN : t->figures.forget.accuracy);
    lethe_put_share(row, "heldout_accuracy", t->failed ? NAN : t->figures.heldout.accuracy);
    lethe_hint(lethe_put_real(row, "auc", t->failed ? NAN : t->figures.attack.auc.value),
               LETHE_HINT_FIXED);
}

static void blank(struct lethe_trial *t)
{
    if (!t->failed)
        return;
    t->kl_forget = t->kl_retain = t->kl_heldout = t->recovery = t->gap = t->residual = NAN;
    t->norm = t->seconds = NAN;
}

static void put_notes(struct lethe_value *out, const struct comparison *c,
                      const struct lethe_trials *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        if (rows->at[i].note[0])
            lethe_put_note(out, "%s", rows->at[i].note);
    if (!c->stand.warm)
        lethe_put_note(out, "no retraining: %zu of %zu training samples are here",
                       c->stand.scene->retain.count + c->stand.scene->forget.count,
                       c->stand.scene->trained_on);
    else if (!c->stand.warm->report.converged)
        lethe_put_note(out, "the retraining did not converge: its gradient is %.2g",
                       c->stand.warm->report.gradient);
}

static void put_ladder(struct lethe_value *out, const struct comparison *c)
{
    struct lethe_value *list = lethe_put_list(out, "rungs");
    for (size_t i = 0; i < c->trials.count; i++) {
        struct lethe_trial *t = &c->trials.at[i];
        struct lethe_value *row = lethe_put_object(list, NULL);
        lethe_put_text(row, "rung", t->name);
        blank(t);
        put_trial(row, t);
        lethe_hint(lethe_put_real(row, "time", t->seconds), LETHE_HINT_SECONDS);
        put_more(row, t);
        lethe_hint(lethe_put_count(row, "parameters", t->parameters), LETHE_HINT_QUIET);
    }
    put_notes(out, c, &c->trials);
}

static void put_curvatures(struct lethe_value *out, const struct comparison *c)
{
    struct lethe_value *list = lethe_put_list(out, "curvatures");
    for (size_t i = 0; i < c->trials.count; i++) {
        struct lethe_trial *t = &c->trials.at[i];
        struct lethe_value *row = lethe_put_object(list, NULL);
        lethe_put_text(row, "curvature", t->name);
        blank(t);
        lethe_put_real(row, "smallest_eigenvalue", t->smallest);
        lethe_put_real(row, "degrees_of_freedom", t->freedom);
        lethe_put_real(row, "kl_forget", t->kl_forget);
        lethe_hint(lethe_put_real(row, "recovery", t->recovery), LETHE_HINT_FIXED);
        lethe_hint(lethe_put_real(row, "time", t->seconds), LETHE_HINT_SECONDS);
        lethe_hint(lethe_put_real(row, "auc", t->figures.attack.auc.value), LETHE_HINT_QUIET);
        put_more(row, t);
    }
    if (c->trials.count)
        lethe_put_count(out, "parameters", c->trials.at[0].parameters);
    put_notes(out, c, &c->trials);
}

static void put_damping(struct lethe_value *out, const struct comparison *c)
{
    const struct lethe_trials *rows = &c->sweep.rows;
    struct lethe_value *list = lethe_put_list(out, "dampings");
    for (size_t i = 0; i < rows->count; i++) {
        struct lethe_trial *t = &rows->at[i];
        struct lethe_value *row = lethe_put_object(list, NULL);
        const double mu = t->mu;
        blank(t);
        lethe_put_real(row, "damping", mu);
        lethe_put_real(row, "kl_forget", t->kl_forget);
        lethe_hint(lethe_put_real(row, "recovery", t->recovery), LETHE_HINT_FIXED);
        lethe_put_share(row, "heldout_accuracy", t->failed ? NAN : t->figures.heldout.accuracy);
        lethe_put_real(row, "residual_gradient", t->residual);
        lethe_put_text(row, "rule", t->note);
    }
    struct lethe_value *hints = lethe_put_object(out, "hints");
    lethe_put_real(hints, "smallest_eigenvalue", c->sweep.hints.lift);
    lethe_put_real(hints, "tenth_of_mean", c->sweep.hints.tenth);
    lethe_put_real(hints, "corner", c->sweep.hints.corner > 0 ? c->sweep.hints.corner : NAN);
    lethe_put_real(hints, "levenberg_marquardt", c->sweep.next);
    lethe_put_note(out,
                   "the residual gradient is often lowest where nothing is forgotten: judge by "
                   "the distance to retraining");
}

static void put_score(struct lethe_value *row, size_t budget, const struct lethe_rival_score *s)
{
    char key[32];
    snprintf(key, sizeof key, "kl_%zu", budget);
    lethe_put_real(row, key, s->median);
    snprintf(key, sizeof key, "quartiles_%zu", budget);
    struct lethe_value *range = lethe_put_list(row, key);
    lethe_hint(range, LETHE_HINT_QUIET);
    lethe_put_real(range, NULL, s->low);
    lethe_put_real(range, NULL, s->high);
    snprintf(key, sizeof key, "wins_%zu", budget);
    lethe_put_count(row, key, s->wins);
}

static void put_flat(struct lethe_value *list, const struct lethe_rivals *r, const char *name,
                     const struct lethe_rival_score *s)
{
    struct lethe_value *row = lethe_put_object(list, NULL);
    char key[32];
    lethe_put_text(row, "selector", name);
    for (size_t b = 0; b < LETHE_RIVALS_BUDGETS; b++) {
        snprintf(key, sizeof key, "kl_%zu", r->budget[b]);
        lethe_put_real(row, key, s->median);
    }
}

static void put_selectors(struct lethe_value *out, const struct comparison *c)
{
    const struct lethe_rivals *r = &c->rivals;
    struct lethe_value *list = lethe_put_list(out, "selectors");
    put_flat(list, r, "(nothing done)", &r->before);
    for (size_t k = 0; k < r->count; k++) {
        struct lethe_value *row = lethe_put_object(list, NULL);
        lethe_put_text(row, "selector", r->rival[k].name);
        for (size_t b = 0; b < LETHE_RIVALS_BUDGETS; b++)
            put_score(row, r->budget[b], &r->rival[k].at[b]);
    }
    put_flat(list, r, "(whole model)", &r->whole);
    lethe_put_count(out, "samples", r->samples);
    lethe_put_count(out, "draws", r->draws);
    lethe_put_real(out, "damping", r->mu);
    lethe_put_note(out,
                   "median KL to retraining over %zu samples removed one at a time, with at most "
                   "%zu, %zu and %zu parameters; random over %zu draws each; equal ones all win",
                   r->samples, r->budget[0], r->budget[1], r->budget[2], r->draws);
    for (size_t k = 0; k < r->count; k++)
        if (!strcmp(r->rival[k].name, "random"))
            lethe_put_note(out, "the band of random at %zu parameters: %.3g to %.3g",
                           r->budget[LETHE_RIVALS_BUDGETS - 1],
                           r->rival[k].at[LETHE_RIVALS_BUDGETS - 1].low,
                           r->rival[k].at[LETHE_RIVALS_BUDGETS - 1].high);
    if (r->unconverged)
        lethe_put_note(out, "%zu of %zu retrainings did not converge", r->unconverged, r->samples);
}

static void put_quartiles(struct lethe_value *row, const char *key, const struct lethe_quartiles *q,
                          unsigned hint)
{
    char name[48];
    lethe_hint(lethe_put_real(row, key, q->median), hint);
    snprintf(name, sizeof name, "%s_quartiles", key);
    struct lethe_value *range = lethe_put_list(row, name);
    lethe_hint(lethe_put_real(range, NULL, q->low), hint);
    lethe_hint(lethe_put_real(range, NULL, q->high), hint);
}

static void put_singles(struct lethe_value *out, const struct comparison *c)
{
    const struct lethe_singles *s = &c->singles;
    struct lethe_value *list = lethe_put_list(out, "ways");
    for (size_t k = 0; k < s->ways; k++) {
        const struct lethe_single_way *way = &s->way[k];
        struct lethe_value *row = lethe_put_object(list, NULL);
        lethe_put_text(row, "way", way->name);
        put_quartiles(row, "recovery", &way->recovery, LETHE_HINT_FIXED);
        put_quartiles(row, "change", &way->change,
                      LETHE_HINT_FIXED | (s->unconverged ? 0 : LETHE_HINT_QUIET));
        put_quartiles(row, "kl_fold", &way->fold, 0);
        lethe_put_share(row, "heldout_accuracy", way->heldout.median);
        lethe_put_real(row, "parameters", way->parameters.median);
        lethe_hint(lethe_put_real(row, "time", way->seconds.median), LETHE_HINT_SECONDS);
        lethe_hint(lethe_put_count(row, "removals", way->count), LETHE_HINT_QUIET);
        lethe_hint(lethe_put_count(row, "failed", way->failed), LETHE_HINT_QUIET);
    }
    lethe_put_count(out, "samples", s->samples);
    lethe_put_share(out, "heldout_accuracy_before", s->heldout_before);
    put_quartiles(out, "kl_before", &s->kl_before, 0);
    struct lethe_value *all = lethe_put_object(out, "all_at_once");
    lethe_put_real(all, "kl_before", s->together_before);
    lethe_put_real(all, "kl_now", s->together_now);
    lethe_put_real(all, "kl_fold", s->together_before / s->together_now);
    lethe_put_real(out, "gradient", s->gradient);
    if (s->curvature_samples) {
        lethe_put_count(out, "curvature_samples", s->curvature_samples);
        lethe_hint(lethe_put_real(out, "curvature_time", s->curvature_seconds), LETHE_HINT_SECONDS);
    }
    lethe_hint(lethe_put_real(out, "retraining_time", s->retraining.median), LETHE_HINT_SECONDS);
    lethe_put_note(
        out,
        "medians over %zu samples removed one at a time, quartiles beside them; "
        "kl_fold is how many times nearer to retraining the sample's output comes; "
        "gradnorm and random have as many parameters as L-FOCI's blanket; all at once: a "
        "step of the whole model for all forget samples together",
        s->samples);
    if (s->curvature_samples)
        lethe_put_note(out, "the curvature is made once, its time apart, and every removal takes "
                            "its part of it without the sample");
    if (s->empty)
        lethe_put_note(out, "%zu of %zu blankets were empty: nothing was changed there", s->empty,
                       s->samples);
    for (size_t k = 0; k < s->ways; k++)
        if (s->way[k].failed)
            lethe_put_note(out, "%s: %zu of %zu steps could not be taken", s->way[k].name,
                           s->way[k].failed, s->way[k].count);
    if (s->unconverged)
        lethe_put_note(
            out,
            "%zu of %zu retrainings did not converge; change: recovery of what retraining "
            "changes, with the further training that both models had left out",
            s->unconverged, s->samples);
}

/* What was made on the way and still holds. */
static void keep(struct lethe_workbench *wb, struct comparison *c)
{
    if (wb->scene != c->origin)
        return;
    if (!wb->warm && c->stand.warm) {
        wb->warm = lethe_truth_ref(c->stand.warm);
        wb->version++;
    }
    if (!wb->chosen && c->stand.chosen &&
        !memcmp(&wb->settings, &c->stand.settings, sizeof wb->settings)) {
        wb->chosen = lethe_chosen_ref(c->stand.chosen);
        wb->version++;
    }
}

static enum lethe_err finish_comparison(struct lethe_workbench *wb, void *arg,
                                        struct lethe_value *out, struct lethe_error *err)
{
    static void (*const puts[])(struct lethe_value *,
                                const struct comparison *) = {[WHAT_SELECTORS] = put_selectors,
                                                              [WHAT_SINGLES] = put_singles,
                                                              [WHAT_LADDER] = put_ladder,
                                                              [WHAT_CURVATURES] = put_curvatures,
                                                              [WHAT_DAMPING] = put_damping};
    struct comparison *c = arg;
    enum lethe_err code = LETHE_OK;
    keep(wb, c);
    for (size_t i = 0; !code && wb->scene == c->origin && i < c->cold_count; i++)
        code = lethe_workbench_add_cold(wb, c->colds[i], err);
    if (!code)
        puts[c->what](out, c);
    return code;
}

/* ---- command ----------------------------------------------------------------------------------
 */

/* The cold retrains there are, and seeds for those that are missing. */
static enum lethe_err take_colds(struct comparison *c, const struct lethe_workbench *wb, size_t k,
                                 struct lethe_error *err)
{
    if (!c->origin->whole)
        return LETHE_OK;
    c->colds = lethe_alloc_zero(k, sizeof *c->colds);
    c->seeds = lethe_alloc(k, sizeof *c->seeds);
    if (!c->colds || !c->seeds)
        return lethe_fail_memory(err, "retrained models", k, sizeof *c->colds);
    for (c->cold_count = 0; c->cold_count < k; c->cold_count++) {
        const size_t i = c->cold_count;
        c->seeds[i] = c->origin->seed + 1 + i;
        for (size_t j = 0; j < wb->cold_count; j++)
            if (wb->colds[j]->seed == c->seeds[i])
                c->colds[i] = lethe_truth_ref(wb->colds[j]);
    }
    return lethe_workshop_init(&c->workshop, wb, err);
}

static enum lethe_err run_compare(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    struct lethe_scene *scene;
    enum lethe_err code = lethe_workbench_scene(wb, &scene, err);
    if (code)
        return code;
    struct comparison *c = lethe_alloc_zero(1, sizeof *c);
    if (!c)
        return lethe_fail_memory(err, "a comparison", 1, sizeof *c);
    c->what = (enum what)lethe_args_choice(&call->args, "WHAT", 0);
    c->origin = lethe_scene_ref(scene);
    call->task = (struct lethe_task){.run = run_comparison,
                                     .finish = finish_comparison,
                                     .release = free_comparison,
                                     .arg = c,
                                     .lane = LETHE_LANE_INTERACTIVE};
    if (c->what != WHAT_LADDER && lethe_args_given(&call->args, "k"))
        return lethe_fail(err, LETHE_EARG, "'k=' is for 'compare ladder'");
    const int one_by_one = c->what == WHAT_SELECTORS || c->what == WHAT_SINGLES;
    if (!one_by_one && lethe_args_given(&call->args, "samples"))
        return lethe_fail(err, LETHE_EARG,
                          "'samples=' is for 'compare selectors' and 'compare singles'");
    if (c->what != WHAT_SELECTORS && lethe_args_given(&call->args, "draws"))
        return lethe_fail(err, LETHE_EARG, "'draws=' is for 'compare selectors'");
    if (one_by_one && !scene->whole)
        return lethe_fail(err, LETHE_EARG,
                          "retraining is not available: %zu of %zu training samples here",
                          scene->retain.count + scene->forget.count, scene->trained_on);
    c->rivals_options =
        (struct lethe_rivals_options){.samples = lethe_args_count(&call->args, "samples", 10),
                                      .draws = lethe_args_count(&call->args, "draws", 20),
                                      .mu = 1e-4};
    c->samples = lethe_args_count(&call->args, "samples", scene->forget.count);
    code = lethe_stand_init(&c->stand, scene, &wb->settings, wb->chosen, wb->warm, err);
    if (!code && c->what == WHAT_LADDER)
        code = take_colds(c, wb, lethe_args_count(&call->args, "k", 3), err);
    return code;
}

static const struct lethe_arg_spec compare_args[] = {
    {.name = "WHAT",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_NEEDED,
     .choices = "ladder|curvatures|damping|selectors|singles",
     .help = "what stands beside each other"},
    {.name = "k",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .max = 64,
     .help = "ladder: cold retrains at its top (3)"},
    {.name = "samples",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 1,
     .max = 1000,
     .help = "selectors, singles: forget samples, each removed on its own (10; all)"},
    {.name = "draws",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 1,
     .max = 1000,
     .help = "selectors: orders drawn for the band of random (20)"},
};

const struct lethe_command lethe_command_compare = {
    .name = "compare",
    .group = LETHE_GROUP_UPDATE,
    .flags = LETHE_NEEDS_MODEL | LETHE_NEEDS_DATA | LETHE_NEEDS_FORGET | LETHE_NOTED,
    .summary = "Show rivals beside each other and beside retraining",
    .detail =
        "ladder: blanket with ggn, all parameters with ggn, with the exact Hessian, a second ggn "
        "step, "
        "warm retrain, cold retrains: which approximation loses what. curvatures: every curvature "
        "on the blanket as it is set, with its smallest eigenvalue and effective degrees of "
        "freedom. damping: 0 and 1e-8 to 1e2, with the usual rules among them. selectors: "
        "at the same number of parameters, sample by sample. singles: every sample on its own with "
        "L-FOCI's blanket, gradnorm and random at its number of parameters and the whole model, "
        "with what each costs in time. The distance is the "
        "mean KL to the warm retrain; nothing is changed.",
    .examples = "compare ladder\ncompare damping\ncompare curvatures\ncompare selectors samples=3\n"
                "compare singles samples=20",
    LETHE_ARGS(compare_args),
    .run = run_compare,
};
