/* SPDX-License-Identifier: MIT
 * Rules in order: what makes everything else beside the point comes first. Limits: a twentieth of
 * accuracy counts as lost or gained, nine tenths of the way as arrived, a tenth of the whole step
 * as too little reach. */
#include "workbench/verdict.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "lethe/methods.h"

static const double points_matter = 0.05, arrived = 0.9, half_way = 0.5, least_reach = 0.1,
                    rounding = 1e-6;

__attribute__((format(printf, 2, 3))) static void say(struct lethe_verdict *verdict,
                                                      const char *format, ...)
{
    const size_t used = strlen(verdict->reached);
    va_list list;
    va_start(list, format);
    vsnprintf(verdict->reached + used, sizeof verdict->reached - used, format, list);
    va_end(list);
}

static int has_retrain(const struct lethe_verdict_facts *facts)
{
    return !isnan(facts->kl.now) || !isnan(facts->accuracy.retrain);
}

/* Forgetting that shows in the accuracy, of enough samples to speak of points. */
static int counts_points(const struct lethe_verdict_facts *facts)
{
    const struct lethe_shown *a = &facts->accuracy;
    return facts->forget >= 10 && fabs(a->before - a->retrain) >= points_matter;
}

/* Retraining went on to a minimum that the model had not come to: its distance is mostly that, and
 * only points of accuracy are far more than it. */
static int tells_nothing(const struct lethe_verdict_facts *facts)
{
    return facts->unfinished && !counts_points(facts);
}

/* "13.3", "119,000": no powers of ten in a sentence. */
static void say_times(struct lethe_verdict *verdict, double times)
{
    char digits[32], text[48];
    size_t used = 0;
    if (times >= 1e9) {
        say(verdict, "more than a billion");
        return;
    }
    if (times < 999.5) {
        say(verdict, "%.3g", times);
        return;
    }
    const double unit = pow(10, floor(log10(times)) - 2); /* three digits that count */
    snprintf(digits, sizeof digits, "%.0f", round(times / unit) * unit);
    const size_t n = strlen(digits);
    for (size_t k = 0; k < n; k++) {
        if (k && (n - k) % 3 == 0)
            text[used++] = ',';
        text[used++] = digits[k];
    }
    say(verdict, "%.*s", (int)used, text);
}

/* Share of the way to retraining, NAN when it is not known. */
static double way_gone(const struct lethe_verdict_facts *facts)
{
    const struct lethe_shown *a = &facts->accuracy, *kl = &facts->kl;
    if (counts_points(facts))
        return (a->before - a->now) / (a->before - a->retrain);
    if (!isnan(facts->recovery))
        return facts->recovery;
    return kl->before > 0 ? 1 - kl->now / kl->before : NAN;
}

static void next_is(struct lethe_verdict *verdict, enum lethe_verdict_next next)
{
    verdict->next = next;
}

static void damp(struct lethe_verdict *verdict, const struct lethe_verdict_facts *facts,
                 double factor)
{
    const double first = 1e-3, last = 1e-6; /* below them a tenth more or less changes nothing */
    const double next = facts->damping * factor;
    verdict->damping = factor > 1 ? fmax(next, first) : facts->damping > last ? next : 0;
    next_is(verdict, factor > 1 ? LETHE_NEXT_DAMPING : LETHE_NEXT_LESS);
}

/* A curvature that promised too much, or one from few samples, is mended first. */
static void steady(struct lethe_verdict *verdict, const struct lethe_verdict_facts *facts)
{
    if (facts->curvature && facts->curvature < facts->retained) {
        verdict->samples = facts->retained;
        next_is(verdict, LETHE_NEXT_SAMPLES);
        return;
    }
    damp(verdict, facts, 10);
}

static void further(struct lethe_verdict *verdict, const struct lethe_verdict_facts *facts)
{
    const int few = facts->curvature && facts->curvature < facts->retained;
    if (few && facts->weights) /* they follow the whole step, which is no better */
        steady(verdict, facts);
    else if (!facts->all)
        next_is(verdict, LETHE_NEXT_ALL);
    else if (facts->damping > 0)
        damp(verdict, facts, 0.1);
    else if (few)
        steady(verdict, facts);
    else
        next_is(verdict, LETHE_NEXT_STEPS);
}

/* 1 when the step did harm; says which. */
static int is_worse(struct lethe_verdict *verdict, const struct lethe_verdict_facts *facts)
{
    const struct lethe_shown *kl = &facts->kl, *retain = &facts->retain, *held = &facts->heldout;
    if (retain->before - retain->now > points_matter)
        say(verdict,
            "worse than doing nothing: of the retained samples %.1f %% are right, before "
            "%.1f %%",
            100 * retain->now, 100 * retain->before);
    else if (held->before - held->now > points_matter && held->retrain - held->now > points_matter)
        say(verdict, "worse than doing nothing: held-out accuracy %.1f %%, with retraining %.1f %%",
            100 * held->now, 100 * held->retrain);
    else if (!has_retrain(facts) && facts->promised < 0 &&
             facts->objective_now > (1 + points_matter) * facts->objective_before)
        say(verdict,
            "worse than doing nothing: the retained objective rises from %.3g to %.3g where the "
            "step promised to lower it",
            facts->objective_before, facts->objective_now);
    else if (kl->now > kl->before && kl->now > rounding && !tells_nothing(facts))
        say(verdict, "worse than doing nothing: KL to retraining %.3g, before %.3g", kl->now,
            kl->before);
    else
        return 0;
    verdict->kind = LETHE_VERDICT_WORSE;
    steady(verdict, facts);
    return 1;
}

static void without_retraining(struct lethe_verdict *verdict,
                               const struct lethe_verdict_facts *facts)
{
    const struct lethe_shown *a = &facts->accuracy;
    verdict->kind = LETHE_VERDICT_UNKNOWN;
    if (!isnan(a->now) && facts->forget > 1)
        say(verdict, "forget accuracy went from %.1f to %.1f %%", 100 * a->before, 100 * a->now);
    else
        say(verdict, "the step is made");
    if (facts->partial)
        say(verdict, " (a first look)");
    say(verdict, facts->possible ? "; how far retraining goes is not known yet"
                                 : "; there is no retraining to compare with here");
    next_is(verdict, facts->under_way  ? LETHE_NEXT_WAIT
                     : facts->possible ? LETHE_NEXT_RETRAIN
                                       : LETHE_NEXT_COMMIT);
}

static void say_way(struct lethe_verdict *verdict, const struct lethe_verdict_facts *facts)
{
    const struct lethe_shown *a = &facts->accuracy, *kl = &facts->kl, *held = &facts->heldout;
    if (counts_points(facts))
        say(verdict, "%.0f of %.0f points of forgetting", 100 * fmax(a->before - a->now, 0),
            100 * (a->before - a->retrain));
    else if (kl->before > rounding && kl->now < kl->before) {
        say_times(verdict, kl->before / fmax(kl->now, 1e-12));
        say(verdict, " times nearer to retraining than before");
    } else
        say(verdict, "about as far from retraining as before");
    if (held->retrain - held->now > points_matter / 2)
        say(verdict, ", at %.1f points of held-out accuracy more than retraining costs",
            100 * (held->retrain - held->now));
}

static void against_retraining(struct lethe_verdict *verdict,
                               const struct lethe_verdict_facts *facts)
{
    const double gone = way_gone(facts);
    const int beyond = counts_points(facts) && gone > 2 - arrived;
    if (facts->over || beyond) {
        verdict->kind = LETHE_VERDICT_OVER;
        if (beyond)
            say(verdict, "too far: ");
        say_way(verdict, facts);
        if (facts->over)
            say(verdict, ", and less known than to a model that never saw them");
        damp(verdict, facts, 10);
        return;
    }
    say_way(verdict, facts);
    if (gone >= arrived) {
        verdict->kind = LETHE_VERDICT_REACHED;
        next_is(verdict, LETHE_NEXT_COMMIT);
        return;
    }
    verdict->kind = LETHE_VERDICT_PART;
    if (!isnan(gone))
        say(verdict, gone >= half_way ? ": most of the way" : ": not enough");
    further(verdict, facts);
}

static void judge(struct lethe_verdict *verdict, const struct lethe_verdict_facts *facts)
{
    if (!facts->units) {
        verdict->kind = LETHE_VERDICT_EMPTY;
        say(verdict, "the blanket is empty: nothing would change");
        next_is(verdict, LETHE_NEXT_UNITS);
    } else if (is_worse(verdict, facts)) {
        return;
    } else if (facts->nothing) {
        verdict->kind = LETHE_VERDICT_NOTHING;
        say(verdict, "nothing to unlearn: retraining without %s changes no more than chance does",
            facts->forget == 1 ? "this sample" : "these samples");
    } else if (facts->reach < least_reach && !facts->all) {
        verdict->kind = LETHE_VERDICT_REACH;
        say(verdict, "this blanket reaches %.2g %% of what the whole network could do",
            100 * facts->reach);
        next_is(verdict, LETHE_NEXT_REACH);
    } else if (!has_retrain(facts)) {
        without_retraining(verdict, facts);
    } else if (tells_nothing(facts)) {
        verdict->kind = LETHE_VERDICT_UNFINISHED;
        say(verdict,
            "the model was not trained to a minimum, and retraining goes on to one: what it "
            "changes does not tell what this removal did");
        next_is(verdict, LETHE_NEXT_TRAIN);
    } else {
        against_retraining(verdict, facts);
    }
}

void lethe_verdict_make(struct lethe_verdict *verdict, const struct lethe_verdict_facts *facts)
{
    *verdict = (struct lethe_verdict){.kind = LETHE_VERDICT_PART, .method = facts->method};
    judge(verdict, facts);
    const enum lethe_verdict_next next = verdict->next;
    if (facts->method && next != LETHE_NEXT_NONE && next != LETHE_NEXT_COMMIT &&
        next != LETHE_NEXT_RETRAIN && next != LETHE_NEXT_WAIT && next != LETHE_NEXT_UNITS &&
        next != LETHE_NEXT_TRAIN)
        next_is(verdict, LETHE_NEXT_TUNE);
}

/* ---- what next ------------------------------------------------------------------------------- */

void lethe_verdict_put_next(struct lethe_text *out, const struct lethe_verdict *verdict, int keys)
{
    static const struct {
        const char *command, *key;
    } words[] = {
        [LETHE_NEXT_COMMIT] = {"'commit' keeps it", "c keeps it"},
        [LETHE_NEXT_RETRAIN] = {"'retrain warm' tells", "r tells"},
        [LETHE_NEXT_WAIT] = {"retraining is under way", "retraining is under way"},
        [LETHE_NEXT_ALL] = {"try the whole network: 'blanket all'", "try the whole network: A"},
        [LETHE_NEXT_REACH] = {"'blanket all', or 'select method=gain'",
                              "A, or ':select method=gain'"},
        [LETHE_NEXT_UNITS] = {"try 'blanket 3' or 'select method=gain'",
                              "→ takes a unit, or ':select method=gain'"},
        [LETHE_NEXT_TRAIN] = {"'train continue' first", "':train continue' first"},
        [LETHE_NEXT_STEPS] = {"try 'update steps=3'", "try ':update steps=3'"},
    };
    const char *mark = keys ? ":" : "";
    switch (verdict->next) {
    case LETHE_NEXT_NONE:
        return;
    case LETHE_NEXT_DAMPING:
        lethe_text_addf(out, "; try more damping: '%sdamping %.3g'", mark, verdict->damping);
        return;
    case LETHE_NEXT_LESS:
        lethe_text_addf(out, "; try less damping: '%sdamping %.3g'", mark, verdict->damping);
        return;
    case LETHE_NEXT_SAMPLES:
        lethe_text_addf(out, "; try all samples: '%scurvature samples=%zu'", mark,
                        verdict->samples);
        return;
    case LETHE_NEXT_TUNE:
        lethe_text_addf(out, "; other parameters: '%stune %s' searches them", mark,
                        verdict->method);
        return;
    default:
        lethe_text_addf(out, "; %s",
                        keys ? words[verdict->next].key : words[verdict->next].command);
    }
}

void lethe_verdict_put(struct lethe_text *out, const struct lethe_verdict *verdict, int keys)
{
    lethe_text_add(out, verdict->reached);
    lethe_verdict_put_next(out, verdict, keys);
}

/* All that may move is the last layer, and all of it moves. */
static int is_whole_head(const struct lethe_preview *preview)
{
    const struct lethe_graph *graph = preview->snapshot->graph;
    const struct lethe_layer *last = lethe_graph_layer(graph, lethe_graph_layer_count(graph) - 1);
    return preview->snapshot->head_only && preview->parameters == last->units * last->unit_params;
}

void lethe_workbench_verdict(const struct lethe_workbench *wb, const struct lethe_figure_rows *rows,
                             struct lethe_verdict *verdict)
{
    const struct lethe_preview *preview = wb->preview;
    const struct lethe_recovery *recovery = &rows->compared.recovery;
    const struct lethe_verdict_facts facts = {
        .units = preview->units,
        .parameters = preview->parameters,
        .method = preview->method ? preview->method->name : NULL,
        .all = preview->method || strcmp(wb->settings.text[LETHE_SET_BLANKET], "all") == 0 ||
               is_whole_head(preview),
        .weights = wb->selected && wb->selected->selection.weights,
        .forget = wb->project.forget.count,
        .accuracy = rows->of_model[LETHE_METRIC_FORGET_ACCURACY],
        .retain = rows->of_model[LETHE_METRIC_RETAIN_ACCURACY],
        .heldout = rows->of_model[LETHE_METRIC_HELDOUT_ACCURACY],
        .kl = rows->kl_forget,
        .recovery = isnan(recovery->probs) ? recovery->value : recovery->probs,
        .reach = preview->reach.value,
        .damping = lethe_workbench_damping(wb),
        .objective_before = preview->objective_before,
        .objective_now = preview->sigma > 0 ? NAN : preview->objective_now,
        .promised = preview->update.predicted,
        .curvature = wb->curve && !preview->method ? wb->curve->curvature.samples : 0,
        .retained = preview->snapshot->retain.count,
        .partial = preview->partial,
        .unfinished = wb->warm && wb->warm->by == LETHE_TRAIN_LBFGS && wb->warm->report.converged &&
                      rows->compared.recovery.verdict == LETHE_RECOVERY_UNCONVERGED,
        .nothing = rows->nothing_to_unlearn,
        .over = rows->over_unlearned,
        .under_way = wb->retraining && wb->retraining == wb->snapshot,
        .possible = preview->snapshot->whole};
    lethe_verdict_make(verdict, &facts);
}
