/* SPDX-License-Identifier: MIT
 * What comparisons answer: one table for each kind. */
#include "workbench/answer_comparison.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "workbench/method_table.h"
#include "workbench/preview_notes.h"

static void put_more(struct lethe_value *row, const struct lethe_variant *t)
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

/* Of probabilities first. change: where the further training of both retrains is to be left out. */
static void put_recovery(struct lethe_value *row, const struct lethe_variant *t)
{
    lethe_hint(lethe_put_real(row, "recovery_probs", t->recovery_probs), LETHE_HINT_FIXED);
    lethe_hint(lethe_put_real(row, "recovery_probs_train", t->recovery_probs_train),
               LETHE_HINT_FIXED | LETHE_HINT_QUIET);
    lethe_hint(lethe_put_real(row, "recovery", t->recovery), LETHE_HINT_FIXED);
    lethe_hint(lethe_put_real(row, "change_probs", t->change_probs),
               LETHE_HINT_FIXED | LETHE_HINT_QUIET);
    lethe_hint(lethe_put_real(row, "change_probs_train", t->change_probs_train),
               LETHE_HINT_FIXED | LETHE_HINT_QUIET);
    lethe_hint(lethe_put_real(row, "change", t->change), LETHE_HINT_FIXED | LETHE_HINT_QUIET);
    lethe_hint(lethe_put_real(row, "kl_fold", t->fold), LETHE_HINT_QUIET);
}

static void put_trial(struct lethe_value *row, const struct lethe_variant *t)
{
    lethe_put_real(row, "kl_forget", t->kl_forget);
    put_recovery(row, t);
    lethe_put_share(row, "forget_accuracy", t->failed ? NAN : t->figures.forget.accuracy);
    lethe_put_share(row, "heldout_accuracy", t->failed ? NAN : t->figures.heldout.accuracy);
    lethe_hint(lethe_put_real(row, "auc", t->failed ? NAN : t->figures.attack.auc.value),
               LETHE_HINT_FIXED);
}

static void blank(struct lethe_variant *t)
{
    if (!t->failed)
        return;
    t->kl_forget = t->kl_retain = t->kl_heldout = t->fold = t->gap = t->residual = NAN;
    t->recovery_probs = t->recovery = t->change_probs = t->change = NAN;
    t->recovery_probs_train = t->change_probs_train = NAN;
    t->norm = t->seconds = NAN;
}

/* Every way of estimating once. */
static void put_estimates(struct lethe_value *out, const struct lethe_variants *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        int told = !rows->at[i].estimate[0];
        for (size_t k = 0; k < i && !told; k++)
            told = !strcmp(rows->at[k].estimate, rows->at[i].estimate);
        if (!told)
            lethe_put_note(out, "the curvature is an estimate: %s", rows->at[i].estimate);
    }
}

static void put_notes(struct lethe_value *out, const struct lethe_comparison *c,
                      const struct lethe_variants *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        if (rows->at[i].note[0])
            lethe_put_note(out, "%s", rows->at[i].note);
    put_estimates(out, rows);
    if (!c->base.warm)
        lethe_put_note(out, "no retraining: %zu of %zu training samples are here",
                       c->base.snapshot->retain.count + c->base.snapshot->forget.count,
                       c->base.snapshot->trained_on);
    else
        lethe_retrained_put_note(out, c->base.warm);
}

static void put_ladder(struct lethe_value *out, const struct lethe_comparison *c)
{
    struct lethe_value *list = lethe_put_list(out, "rungs");
    for (size_t i = 0; i < c->variants.count; i++) {
        struct lethe_variant *t = &c->variants.at[i];
        struct lethe_value *row = lethe_put_object(list, NULL);
        lethe_put_text(row, "rung", t->name);
        blank(t);
        put_trial(row, t);
        lethe_put_real(row, "passes_over_the_data", t->sweeps);
        lethe_hint(lethe_put_real(row, "time", t->seconds), LETHE_HINT_SECONDS);
        put_more(row, t);
        lethe_hint(lethe_put_count(row, "parameters", t->parameters), LETHE_HINT_QUIET);
    }
    put_notes(out, c, &c->variants);
}

static void put_curvatures(struct lethe_value *out, const struct lethe_comparison *c)
{
    struct lethe_value *list = lethe_put_list(out, "curvatures");
    for (size_t i = 0; i < c->variants.count; i++) {
        struct lethe_variant *t = &c->variants.at[i];
        struct lethe_value *row = lethe_put_object(list, NULL);
        lethe_put_text(row, "curvature", t->estimate[0] ? t->estimate : t->name);
        blank(t);
        lethe_put_real(row, "smallest_eigenvalue", t->smallest);
        lethe_put_real(row, "degrees_of_freedom", t->freedom);
        lethe_put_real(row, "kl_forget", t->kl_forget);
        put_recovery(row, t);
        lethe_hint(lethe_put_real(row, "time", t->seconds), LETHE_HINT_SECONDS);
        lethe_hint(lethe_put_real(row, "auc", t->figures.attack.auc.value), LETHE_HINT_QUIET);
        put_more(row, t);
    }
    if (c->variants.count)
        lethe_put_count(out, "parameters", c->variants.at[0].parameters);
    put_notes(out, c, &c->variants);
}

static void put_damping(struct lethe_value *out, const struct lethe_comparison *c)
{
    const struct lethe_variants *rows = &c->sweep.rows;
    struct lethe_value *list = lethe_put_list(out, "dampings");
    for (size_t i = 0; i < rows->count; i++) {
        struct lethe_variant *t = &rows->at[i];
        struct lethe_value *row = lethe_put_object(list, NULL);
        const double mu = t->mu;
        blank(t);
        lethe_put_real(row, "damping", mu);
        lethe_put_real(row, "kl_forget", t->kl_forget);
        put_recovery(row, t);
        lethe_put_share(row, "heldout_accuracy", t->failed ? NAN : t->figures.heldout.accuracy);
        lethe_put_real(row, "residual_gradient", t->residual);
        lethe_put_text(row, "rule", t->note);
    }
    put_estimates(out, rows);
    struct lethe_value *hints = lethe_put_object(out, "hints");
    lethe_put_real(hints, "auto", c->sweep.automatic);
    lethe_put_real(hints, "smallest_eigenvalue", c->sweep.hints.smallest);
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

static void put_flat(struct lethe_value *list, const struct lethe_selector_benchmark *r,
                     const char *name, const struct lethe_rival_score *s)
{
    struct lethe_value *row = lethe_put_object(list, NULL);
    char key[32];
    lethe_put_text(row, "selector", name);
    for (size_t b = 0; b < r->budgets.count; b++) {
        snprintf(key, sizeof key, "kl_%zu", r->budgets.parameters[b]);
        lethe_put_real(row, key, s->median);
    }
}

static void put_selectors(struct lethe_value *out, const struct lethe_comparison *c)
{
    const struct lethe_selector_benchmark *r = &c->benchmark;
    struct lethe_value *list = lethe_put_list(out, "selectors");
    put_flat(list, r, "(nothing done)", &r->before);
    for (size_t k = 0; k < r->count; k++) {
        struct lethe_value *row = lethe_put_object(list, NULL);
        lethe_put_text(row, "selector", r->rival[k].name);
        for (size_t b = 0; b < r->budgets.count; b++)
            put_score(row, r->budgets.parameters[b], &r->rival[k].at[b]);
    }
    put_flat(list, r, "(whole model)", &r->whole);
    lethe_put_count(out, "samples", r->samples);
    lethe_put_count(out, "draws", r->draws);
    lethe_put_real(out, "damping", r->mu);
    lethe_put_note(
        out,
        "median KL to retraining over %zu samples removed one at a time, with at most so "
        "many parameters; random over %zu draws each; equal ones all win; 'outcome' and "
        "weights: fitted to what the step of the whole network does",
        r->samples, r->draws);
    const size_t last = r->budgets.count - 1;
    for (size_t k = 0; k < r->count; k++)
        if (!strcmp(r->rival[k].name, "random"))
            lethe_put_note(out, "the band of random at %zu parameters: %.3g to %.3g",
                           r->budgets.parameters[last], r->rival[k].at[last].low,
                           r->rival[k].at[last].high);
    if (r->unconverged)
        lethe_put_note(out, "%zu of %zu retrainings did not converge", r->unconverged, r->samples);
}

static void put_quartiles(struct lethe_value *row, const char *key, const struct lethe_quartiles *q,
                          unsigned hint)
{
    char name[48];
    lethe_hint(lethe_put_real(row, key, q->median), hint);
    snprintf(name, sizeof name, "%s_quartiles", key);
    struct lethe_value *range = lethe_hint(lethe_put_list(row, name), hint & LETHE_HINT_QUIET);
    lethe_hint(lethe_put_real(range, NULL, q->low), hint);
    lethe_hint(lethe_put_real(range, NULL, q->high), hint);
}

static void put_singles(struct lethe_value *out, const struct lethe_comparison *c)
{
    const struct lethe_leave_one_out *s = &c->one_by_one;
    struct lethe_value *list = lethe_put_list(out, "ways");
    for (size_t k = 0; k < s->ways; k++) {
        const struct lethe_single_way *way = &s->way[k];
        struct lethe_value *row = lethe_put_object(list, NULL);
        lethe_put_text(row, "way", way->name);
        const unsigned further = LETHE_HINT_FIXED | (s->unconverged ? 0 : LETHE_HINT_QUIET);
        put_quartiles(row, "recovery_probs", &way->recovery_probs, LETHE_HINT_FIXED);
        put_quartiles(row, "recovery_probs_train", &way->recovery_probs_train, LETHE_HINT_FIXED);
        put_quartiles(row, "recovery", &way->recovery, LETHE_HINT_FIXED);
        put_quartiles(row, "change_probs", &way->change_probs, further);
        put_quartiles(row, "change_probs_train", &way->change_probs_train,
                      LETHE_HINT_FIXED | LETHE_HINT_QUIET);
        put_quartiles(row, "change", &way->change, further);
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
    lethe_put_note(out,
                   "medians over %zu samples removed one at a time, quartiles beside them; "
                   "kl_fold is how many times nearer to retraining the sample's output comes; "
                   "gradnorm, random and the first weights have as many parameters as L-FOCI's "
                   "blanket; all at "
                   "once: a "
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
            lethe_put_note(out, "%zu of %zu steps could not be taken: %s", s->way[k].failed,
                           s->way[k].count, s->way[k].note);
    if (s->unconverged)
        lethe_put_note(
            out,
            "%zu of %zu retrainings did not converge; change: recovery of what retraining "
            "changes, with the further training that both models had left out",
            s->unconverged, s->samples);
}

static void put_fixed(struct lethe_value *row, const char *key, double value, unsigned hint)
{
    lethe_hint(lethe_put_real(row, key, value), LETHE_HINT_FIXED | hint);
}

/* Where the step lies on the path, and whether that is beyond what seeds differ by. */
static void put_proximal_notes(struct lethe_value *out, const struct lethe_proximal_path *path)
{
    const struct lethe_proximal_length *at = &path->at[path->nearest];
    if (path->note[0])
        lethe_put_note(out, "%s", path->note);
    if (!path->count)
        return;
    if (path->seeds > 1)
        lethe_put_note(out,
                       "the step lies nearest to %zu epochs: it makes %.2f of the change in "
                       "probabilities where another order of the batches makes %.2f, %s",
                       at->epochs, at->probs.change, at->probs.others,
                       at->probs.change > at->probs.others
                           ? "so that it is nearer to a retraining than retrainings are to each "
                             "other"
                           : "the noise floor");
    lethe_put_note(out,
                   "from the same weights the recipe goes on without the forget samples and with "
                   "them, through the same batches; change: share of what the two differ by that "
                   "the step makes; along: how far it goes in that direction; others: the change "
                   "of another seed; control: what the order of the batches moves, over what the "
                   "removal moves");
    if (at->time > 0)
        lethe_put_note(out, "1/T is the damping whose step goes as far: 'damping auto' takes that "
                            "of the whole recipe");
}

static void put_proximal(struct lethe_value *out, const struct lethe_comparison *c)
{
    const struct lethe_proximal_path *path = &c->proximal;
    struct lethe_value *list = lethe_put_list(out, "lengths");
    for (size_t i = 0; i < path->count; i++) {
        const struct lethe_proximal_length *at = &path->at[i];
        struct lethe_value *row = lethe_put_object(list, NULL);
        lethe_put_count(row, "epochs", at->epochs);
        lethe_hint(lethe_put_real(row, "time", at->time), LETHE_HINT_QUIET);
        lethe_put_real(row, "1/T", at->time > 0 ? 1 / at->time : NAN);
        lethe_put_real(row, "kl_forget", at->kl);
        put_fixed(row, "change_probs", at->probs.change, 0);
        put_fixed(row, "change", at->logits.change, 0);
        put_fixed(row, "along", at->probs.along, 0);
        put_fixed(row, "others", at->probs.others, 0);
        put_fixed(row, "control", at->probs.control, 0);
        lethe_hint(lethe_put_real(row, "moved", at->probs.moved), LETHE_HINT_QUIET);
        put_fixed(row, "along_logits", at->logits.along, LETHE_HINT_QUIET);
        put_fixed(row, "others_logits", at->logits.others, LETHE_HINT_QUIET);
        put_fixed(row, "control_logits", at->logits.control, LETHE_HINT_QUIET);
    }
    lethe_put_count(out, "nearest", path->count ? path->at[path->nearest].epochs : 0);
    lethe_put_count(out, "seeds", path->seeds);
    lethe_put_real(out, "damping", path->mu);
    lethe_put_count(out, "parameters", path->parameters);
    lethe_hint(lethe_put_real(out, "time_training", path->seconds), LETHE_HINT_SECONDS);
    put_proximal_notes(out, path);
}

void lethe_comparison_put(struct lethe_value *out, const struct lethe_comparison *c)
{
    static void (*const puts[])(struct lethe_value *, const struct lethe_comparison *) = {
        [LETHE_COMPARE_LADDER] = put_ladder,
        [LETHE_COMPARE_CURVATURES] = put_curvatures,
        [LETHE_COMPARE_DAMPING] = put_damping,
        [LETHE_COMPARE_SELECTORS] = put_selectors,
        [LETHE_COMPARE_SINGLES] = put_singles,
        [LETHE_COMPARE_PROXIMAL] = put_proximal,
        [LETHE_COMPARE_METHODS] = lethe_method_table_put,
        [LETHE_COMPARE_MASKS] = lethe_method_table_put};
    puts[c->what](out, c);
}
