/* SPDX-License-Identifier: MIT
 * One line about what a command did, in the words of the screen. */
#include "ui/host_sayings.h"

#include <math.h>
#include <string.h>

#include "lethe/blanket.h"
#include "removal/stage_method.h"
#include "workbench/attack_threshold.h"
#include "workbench/workbench.h"

static void say_select(struct lethe_text *out, const struct lethe_workbench *wb)
{
    if (wb->selected)
        lethe_text_addf(out, "%zu of %zu units above the line: %s",
                        wb->selected->selection.accepted, wb->selected->selection.units,
                        wb->selected->selection.stopped);
}

static void say_preview(struct lethe_text *out, const struct lethe_workbench *wb)
{
    const struct lethe_preview *preview = wb->preview;
    if (preview && preview->method)
        lethe_text_addf(out, "%s: %zu parameters moved by %.3g in %zu steps, in %.2g s%s%s",
                        preview->method->name, preview->parameters,
                        preview->units ? preview->update.norm : 0, preview->steps, preview->seconds,
                        preview->ended ? "; it ended early: " : "",
                        preview->ended ? preview->ended : "");
    else if (preview)
        lethe_text_addf(out, "%zu parameters moved by %.3g, %s form, in %.2g s",
                        wb->preview->parameters, wb->preview->update.norm,
                        lethe_form_name(wb->preview->update.form), wb->preview->seconds);
}

static void say_method(struct lethe_text *out, const struct lethe_workbench *wb)
{
    const struct lethe_unlearn_method *method = lethe_settings_method(&wb->settings);
    lethe_text_addf(out, "the removal is made by %s: %s", method->name, method->summary);
}

static void say_retrain(struct lethe_text *out, const struct lethe_workbench *wb)
{
    if (wb->warm)
        lethe_text_addf(out, "retrained: %zu iterations to gradient %.0e in %.1f s",
                        wb->warm->report.iterations, wb->warm->report.gradient,
                        wb->warm->report.seconds);
}

static void say_forget(struct lethe_text *out, const struct lethe_workbench *wb)
{
    size_t count = wb->project.forget.count;
    if (count)
        lethe_text_addf(out, "%zu to forget: v shows what the removal would do", count);
    else
        lethe_text_add(out, "nothing is to be forgotten");
}

static void say_head(struct lethe_text *out, const struct lethe_workbench *wb)
{
    if (wb->session)
        lethe_text_addf(out, "now at %.8s  %s", lethe_state_id(lethe_session_head(wb->session)),
                        lethe_state_message(lethe_session_head(wb->session)));
}

static void say_why(struct lethe_text *out, const struct lethe_workbench *wb)
{
    const struct lethe_seen *seen = &wb->checks.seen;
    char unit[LETHE_UNIT_NAME];
    if (!seen->count)
        return;
    lethe_unit_name(unit, sizeof unit, wb->project.graph, seen->unit);
    if (isnan(seen->score))
        lethe_text_addf(out, "%s: T is undefined, the loss is known without it", unit);
    else
        lethe_text_addf(out,
                        "%s: T = %.3f over %zu noisy copies of #%zu (0: chance, 1: a function)",
                        unit, seen->score, seen->count, seen->sample);
}

static void say_null(struct lethe_text *out, const struct lethe_workbench *wb)
{
    if (wb->checks.null.permutations)
        lethe_text_addf(out, "chance alone gives a marginal T up to %.3f", wb->checks.null.band);
}

static void say_stability(struct lethe_text *out, const struct lethe_workbench *wb)
{
    if (wb->checks.stable.runs)
        lethe_text_addf(out, "the Blanket pane shows how often of %zu runs each unit was selected",
                        wb->checks.stable.runs);
}

static void say_leverage(struct lethe_text *out, const struct lethe_workbench *wb)
{
    if (wb->leverage)
        lethe_text_addf(out, "leverage of %zu samples at %zu parameters, damping %.3g",
                        wb->leverage->count, wb->leverage->parameters, wb->leverage->mu);
}

static void say_surface(struct lethe_text *out, const struct lethe_workbench *wb)
{
    if (wb->surface)
        lethe_text_addf(out, "surface of %zu sizes and %zu dampings in %.1f s",
                        wb->surface->columns, wb->surface->rows, wb->surface->seconds);
}

/* What the threshold set by hand gives the attacker. */
static void say_plot(struct lethe_text *out, const struct lethe_workbench *wb)
{
    struct lethe_attack_losses now = {0};
    const double at = wb->attack_threshold;
    if (!(at > 0) || !wb->preview ||
        lethe_attack_losses_of(&now, &wb->preview->now, NULL)) /* without memory it says less */
        return;
    lethe_text_addf(out,
                    "taken for members at a loss of %.3g: %zu of %zu that were, %zu of %zu others",
                    at, lethe_attack_below(now.member, now.members, at), now.members,
                    lethe_attack_below(now.other, now.others, at), now.others);
    lethe_attack_losses_release(&now);
}

static void say_load(struct lethe_text *out, const struct lethe_workbench *wb)
{
    if (wb->project.graph)
        lethe_text_addf(out, "%s: %zu parameters, %zu units", wb->project.name,
                        lethe_graph_size(wb->project.graph), lethe_unit_count(wb->project.graph));
}

static void say_present(struct lethe_text *out, const struct lethe_workbench *wb)
{
    lethe_text_add(out, wb->staging.on ? "presenting: F goes back, Tab goes on to the next pane"
                                       : "not presenting");
}

static void say_caption(struct lethe_text *out, const struct lethe_workbench *wb)
{
    lethe_text_add(out, !*wb->staging.caption ? "no caption"
                        : wb->staging.on      ? "the caption stands above the panes"
                                              : "the caption is set: F presents");
}

static void say_spotlight(struct lethe_text *out, const struct lethe_workbench *wb)
{
    const struct lethe_staging *staging = &wb->staging;
    int sees = !staging->pane_count;
    for (size_t k = 0; k < staging->pane_count; k++)
        sees |= strcmp(staging->panes[k], "preview") == 0;
    if (!*staging->spot) {
        lethe_text_add(out, "no figure stands out");
        return;
    }
    lethe_text_addf(out, "%s stands out%s", staging->spot,
                    !staging->on ? ": F presents"
                    : sees       ? ""
                                 : ": ':present preview' shows it");
}

/* Of a training what it came to; its notes follow. */
static void say_train(struct lethe_text *out, const struct lethe_value *root)
{
    const struct lethe_value *iterations = lethe_value_get(root, "iterations"),
                             *gradient = lethe_value_get(root, "gradient"),
                             *converged = lethe_value_get(root, "converged"),
                             *seconds = lethe_value_get(root, "time");
    if (iterations && gradient && converged && seconds)
        lethe_text_addf(out, "trained: %lld iterations to gradient %.0e%s in %.2g s",
                        (long long)iterations->integer, gradient->real,
                        converged->truth ? "" : ", not at a minimum,", seconds->real);
}

static const struct {
    const char *command;
    void (*say)(struct lethe_text *out, const struct lethe_workbench *wb);
} sayings[] = {
    {"load", say_load},           {"open", say_load},           {"select", say_select},
    {"preview", say_preview},     {"method", say_method},       {"retrain", say_retrain},
    {"forget", say_forget},       {"commit", say_head},         {"undo", say_head},
    {"redo", say_head},           {"checkout", say_head},       {"why", say_why},
    {"null", say_null},           {"stability", say_stability}, {"leverage", say_leverage},
    {"surface", say_surface},     {"present", say_present},     {"caption", say_caption},
    {"spotlight", say_spotlight}, {"plot", say_plot},
};

/* The notes of the answer follow what is said of it; those of a preview stand in its pane. */
static void say_notes(struct lethe_text *out, const struct lethe_outcome *outcome)
{
    const struct lethe_value *member = outcome->result->root.first;
    if (strcmp(outcome->command, "preview") == 0)
        return;
    for (; member; member = member->next)
        if (member->hints & LETHE_HINT_NOTE && member->kind == LETHE_VALUE_TEXT)
            lethe_text_addf(out, " · %s", member->text);
}

/* A list that was asked for is more than a line; only the plots of the attack have a threshold. */
static int fits(const struct lethe_outcome *outcome)
{
    const struct lethe_value *root = &outcome->result->root;
    const int listed = !strcmp(outcome->command, "forget") && lethe_value_get(root, "samples");
    return !lethe_value_get(root, "methods") && !listed &&
           (strcmp(outcome->command, "plot") != 0 || lethe_value_get(root, "threshold"));
}

int lethe_host_say(struct lethe_text *out, const struct lethe_workbench *wb,
                   const struct lethe_outcome *outcome)
{
    size_t before = out->length;
    for (size_t k = 0; k < sizeof sayings / sizeof sayings[0]; k++)
        if (strcmp(sayings[k].command, outcome->command) == 0 && fits(outcome))
            sayings[k].say(out, wb);
    if (strcmp(outcome->command, "train") == 0)
        say_train(out, &outcome->result->root);
    if (out->length == before)
        return 0;
    say_notes(out, outcome);
    return 1;
}
