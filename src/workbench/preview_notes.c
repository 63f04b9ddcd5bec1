/* SPDX-License-Identifier: MIT
 * The notes of a preview: sentences about the step, its curvature, its damping and the retraining
 * that a reader must know to judge the figures. */
#include "workbench/preview_notes.h"

#include <math.h>
#include <string.h>

#include "removal/damping.h"
#include "workbench/figure_rows.h"
#include "workbench/movable.h"
#include "workbench/workbench.h"

static void put_retrained(struct lethe_value *out, const struct lethe_retrained *retrained)
{
    const struct lethe_train_report *report = &retrained->report;
    if (retrained->by != LETHE_TRAIN_LBFGS)
        lethe_put_note(
            out,
            "retrained by the recipe (%s, %zu epochs from the weights before), which ends "
            "at no minimum: its gradient is %.2g",
            lethe_train_method_name(retrained->by), report->iterations, report->gradient);
    else if (!report->converged)
        lethe_put_note(out, "the retraining did not converge: its gradient is %.2g",
                       report->gradient);
}

void lethe_retrained_put_note(struct lethe_value *out, const struct lethe_retrained *retrained)
{
    put_retrained(out, retrained);
    if (retrained->head_only)
        lethe_put_note(out, "retrained in the last layer alone, which is all that the removal "
                            "moves ('set retrain.by')");
}

/* What auto stands for, and whether a step without damping keeps its promise. */
static void put_damping(struct lethe_value *out, const struct lethe_workbench *wb)
{
    const struct lethe_preview *preview = wb->preview;
    const double mu = lethe_damping_auto(preview->snapshot), rho = preview->ratio;
    if (!lethe_damping_is_auto(&wb->settings) || !preview->units || preview->method)
        return;
    if (mu > 0)
        lethe_put_note(out,
                       "damping auto: 1/T = %.3g, T = %.3g the sum over the %zu epochs of the "
                       "recipe of rate / (1 - momentum): how far a retraining goes",
                       mu, 1 / mu, preview->snapshot->warm.iterations);
    else if (preview->snapshot->warm.method == LETHE_TRAIN_ADAM)
        lethe_put_note(out,
                       "damping auto is 0, for Adam's steps have no rate in common that would say "
                       "how far a retraining goes: rho is %.3g, 'compare damping' has others",
                       rho);
    else if (preview->steps == 1 && !(preview->sigma > 0) && (rho < 0.25 || rho > 1.75))
        lethe_put_note(out,
                       "damping auto is 0, for retraining goes on to a minimum, but the retained "
                       "objective changed by %.2g of what the step promised: see 'compare damping'",
                       rho);
}

/* A curvature from too few samples promises more than the step keeps. */
static void put_thin(struct lethe_value *out, const struct lethe_workbench *wb)
{
    const double kept = 0.25; /* share of the promise below which Levenberg and Marquardt damp */
    const struct lethe_preview *preview = wb->preview;
    if (!wb->curve || !preview->units || !(preview->ratio < kept) ||
        wb->curve->curvature.samples >= wb->snapshot->retain.count)
        return;
    lethe_put_note(out,
                   "the retained objective changed by %.2g where the curvature of %zu of %zu "
                   "retained samples promised %.2g: try 'curvature samples=%zu'",
                   preview->objective_now - preview->objective_before, wb->curve->curvature.samples,
                   wb->snapshot->retain.count, preview->update.predicted,
                   wb->snapshot->retain.count);
}

void lethe_preview_put_notes(struct lethe_value *out, const struct lethe_workbench *wb,
                             const struct lethe_figure_rows *figures)
{
    const struct lethe_preview *preview = wb->preview;
    const struct lethe_update *update = &preview->update;
    const int influence =
        !preview->method && preview->units && update->form == LETHE_FORM_INFLUENCE;
    if (influence && isnan(update->unfinished_norm) && wb->snapshot->whole)
        lethe_put_note(out, "form: influence, because the network follows a recipe, which ends at "
                            "no minimum");
    else if (influence && isnan(update->unfinished_norm))
        lethe_put_note(out, "form: influence, because not all samples the model was trained on "
                            "are here");
    else if (influence && strcmp(wb->settings.text[LETHE_SET_FORM], "auto") == 0)
        lethe_put_note(out,
                       "form: influence, because finishing the training (%.3g) would be more "
                       "than a tenth of the removal (%.3g)",
                       update->unfinished_norm, update->influence_norm);
    if (update->products >= LETHE_CG_MOST)
        lethe_put_note(out,
                       "the step is solved to a relative residual of %.2g only, in %zu products: "
                       "more damping solves better",
                       update->left, update->products);
    if (preview->units && !preview->method && wb->curve && wb->curve->shrunk > 0)
        lethe_put_note(out,
                       "%zu curvature samples are few for %zu parameters: the matrix is %.0f %% "
                       "EKFAC's ('curvature samples=all' uses all, 'set curvature.shrink off' "
                       "trusts them)",
                       wb->curve->curvature.samples, preview->parameters, 100 * wb->curve->shrunk);
    if (preview->estimated)
        lethe_put_note(out, "the step is EKFAC's, an estimate: the one solved with the curvature "
                            "takes its place in a moment");
    lethe_movable_note(out, wb);
    put_damping(out, wb);
    put_thin(out, wb);
    if (preview->sigma > 0)
        lethe_put_note(out,
                       "noise of sd %.3g stands on all %zu parameters (eps %g, delta %g): the "
                       "certificate holds, and the figures are those with the noise",
                       preview->sigma, lethe_graph_size(wb->project.graph),
                       lethe_settings_real(&wb->settings, LETHE_SET_NOISE_EPS),
                       lethe_settings_real(&wb->settings, LETHE_SET_NOISE_DELTA));
    if (!preview->method && wb->curve && wb->curve->curvature.method &&
        wb->curve->curvature.method->emulation)
        lethe_put_note(out, "curvature '%s': %s", wb->curve->curvature.method->name,
                       wb->curve->curvature.method->summary);
    if (wb->warm)
        put_retrained(out, wb->warm);
    if (!figures->nothing_to_unlearn && wb->warm &&
        figures->compared.recovery.verdict == LETHE_RECOVERY_UNCONVERGED)
        lethe_put_note(out,
                       "model not converged: recovery includes further training; without that the "
                       "step makes %.3f of the change in probabilities, %.3f of that in logits",
                       figures->compared.recovery.change_probs, figures->compared.recovery.change);
    if (!isnan(figures->floor))
        lethe_put_note(out, "noise floor: retrained models differ by a KL of %.3g among themselves",
                       figures->floor);
}

void lethe_preview_put_states(struct lethe_value *out, const struct lethe_workbench *wb,
                              const struct lethe_figure_rows *figures)
{
    if (!wb->preview->units)
        lethe_put_note(out, "the blanket is empty, so the step is nothing: try 'blanket 3' or "
                            "'select method=gain'");
    if (figures->nothing_to_unlearn)
        lethe_put_note(out, "already inside the noise floor: nothing to unlearn");
    if (figures->over_unlearned)
        lethe_put_note(out, "over-unlearned: further from the forget samples than a model that "
                            "never saw them");
}
