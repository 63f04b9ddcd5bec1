/* SPDX-License-Identifier: MIT
 * The tree is made as a command's answer is and read back as JSON, so that names and numbers are
 * those that people see. */
#include "workbench/lesson_state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/blanket.h"

static void put_shown(struct lethe_value *to, const char *key, const struct lethe_shown *shown)
{
    struct lethe_value *figure = lethe_put_object(to, key);
    lethe_put_real(figure, "before", shown->before);
    lethe_put_real(figure, "now", shown->now);
    lethe_put_real(figure, "retrain", shown->retrain);
    lethe_put_real(figure, "z", shown->z);
}

/* "forget.loss" is loss within forget. */
static void put_metric(struct lethe_value *to, const char *name, const struct lethe_shown *shown)
{
    char group[32];
    const char *dot = strchr(name, '.');
    const size_t length = dot ? (size_t)(dot - name) : 0;
    if (!dot || length >= sizeof group) {
        put_shown(to, name, shown);
        return;
    }
    memcpy(group, name, length);
    group[length] = '\0';
    put_shown(lethe_put_group(to, group), dot + 1, shown);
}

static void put_preview(struct lethe_value *out, const struct lethe_workbench *wb)
{
    const struct lethe_preview *preview = wb->preview;
    struct lethe_figure_rows rows;
    if (!preview)
        return;
    struct lethe_value *to = lethe_put_object(out, "preview");
    lethe_workbench_figure_rows(wb, &rows);
    lethe_put_count(to, "units", preview->units);
    lethe_put_count(to, "parameters", preview->parameters);
    lethe_put_count(to, "steps", preview->steps);
    lethe_put_real(to, "norm", preview->update.norm);
    lethe_put_real(to, "rho", preview->ratio);
    lethe_put_bool(to, "partial", preview->partial);
    for (size_t k = 0; k < lethe_metric_count(); k++)
        if (lethe_metric(k)->of_model)
            put_metric(to, lethe_metric(k)->name, &rows.of_model[k]);
    struct lethe_value *kl = lethe_put_group(to, "kl");
    put_shown(kl, "forget", &rows.kl_forget);
    put_shown(kl, "retain", &rows.kl_retain);
    put_shown(kl, "heldout", &rows.kl_heldout);
    lethe_put_real(to, "fold", rows.compared.fold);
    lethe_put_real(to, "recovery", rows.compared.recovery.value);
    lethe_put_real(to, "recovery_probs", rows.compared.recovery.probs);
    lethe_put_bool(to, "over_unlearned", rows.over_unlearned);
}

static void put_forget(struct lethe_value *out, const struct lethe_project *project)
{
    struct lethe_value *to = lethe_put_object(out, "forget");
    lethe_put_count(to, "count", project->forget.count);
    struct lethe_value *ids = lethe_put_list(to, "ids");
    for (size_t k = 0; k < project->forget.count && k < 1000; k++)
        lethe_put_count(ids, NULL, project->forget.at[k]);
    lethe_put_count(out, "gone", project->removed.count);
}

static void put_selected(struct lethe_value *out, const struct lethe_workbench *wb)
{
    char name[LETHE_UNIT_NAME];
    const struct lethe_selection *selection = wb->selected ? &wb->selected->selection : NULL;
    const struct lethe_seen *seen = &wb->checks.seen;
    lethe_put_count(out, "blanket_units", lethe_workbench_units(wb));
    if (selection) {
        struct lethe_value *to = lethe_put_object(out, "selected");
        lethe_put_text(to, "method", selection->method->name);
        lethe_put_count(to, "accepted", selection->accepted);
        lethe_put_bool(to, "weights", selection->weights);
        struct lethe_value *order = lethe_put_list(to, "order");
        for (size_t k = 0; k < selection->count && k < 64 && !selection->weights; k++) {
            lethe_unit_name(name, sizeof name, wb->project.graph, selection->picks[k].unit);
            lethe_put_text(order, NULL, name);
        }
    }
    if (seen->count) {
        struct lethe_value *to = lethe_put_object(out, "why");
        lethe_unit_name(name, sizeof name, wb->project.graph, seen->unit);
        lethe_put_text(to, "unit", name);
        lethe_put_real(to, "score", seen->score);
        lethe_put_count(to, "sample", seen->sample);
    }
    if (wb->checks.null.permutations)
        lethe_put_real(out, "null", wb->checks.null.band);
    lethe_put_count(out, "stability", wb->checks.stable.runs);
}

/* A damping is the number that is used, as the sliders show it, also where it is set to auto. */
static void put_settings(struct lethe_value *out, const struct lethe_workbench *wb)
{
    const struct lethe_settings *settings = &wb->settings;
    const double damping = lethe_workbench_damping(wb);
    for (int key = 0; key < LETHE_SET_COUNT; key++) {
        const char *name = lethe_setting_row((enum lethe_setting)key)->spec.name;
        const char *text = settings->text[key];
        char *end;
        const double number = strtod(text, &end);
        if (key == LETHE_SET_DAMPING && !isnan(damping))
            lethe_put_real(out, name, damping);
        else if (*text && !*end)
            lethe_put_real(out, name, number);
        else
            lethe_put_text(out, name, text);
    }
}

static void put_history(struct lethe_value *out, const struct lethe_workbench *wb)
{
    lethe_put_count(out, "commits", wb->session ? lethe_session_count(wb->session) - 1 : 0);
    lethe_put_bool(out, "undone", wb->session && lethe_session_can_redo(wb->session));
    lethe_put_bool(out, "retrained", wb->warm != NULL);
    lethe_put_count(out, "cold", wb->cold_count);
    lethe_put_bool(out, "surface", wb->surface != NULL);
    lethe_put_bool(out, "leverage", wb->leverage != NULL);
    lethe_put_bool(out, "plane", wb->plane.plane != NULL);
    lethe_put_text(out, "shown", wb->shown);
}

static void put_project(struct lethe_value *out, const struct lethe_project *project)
{
    lethe_put_text(out, "model", project->graph ? project->name : "");
    lethe_put_count(out, "train", project->train ? lethe_dataset_count(project->train) : 0);
    lethe_put_count(out, "heldout", project->heldout ? lethe_dataset_count(project->heldout) : 0);
    lethe_put_count(out, "parameters", project->graph ? lethe_graph_size(project->graph) : 0);
    lethe_put_count(out, "units", project->graph ? lethe_unit_count(project->graph) : 0);
}

static const char *const roots[] = {
    "model",  "train",     "heldout",       "parameters", "units",    "forget", "gone", "commits",
    "undone", "retrained", "cold",          "surface",    "leverage", "plane",  "null", "stability",
    "why",    "selected",  "blanket_units", "preview",    "answer",   "shown"};

int lethe_lesson_knows(const char *name)
{
    const size_t length = strcspn(name, ".");
    for (size_t k = 0; k < sizeof roots / sizeof *roots; k++)
        if (strlen(roots[k]) == length && strncmp(roots[k], name, length) == 0)
            return 1;
    for (int key = 0; key < LETHE_SET_COUNT; key++)
        if (strcmp(lethe_setting_row((enum lethe_setting)key)->spec.name, name) == 0)
            return 1;
    return 0;
}

static void add_answers(struct lethe_text *text, const struct lethe_answers *answers)
{
    lethe_text_add(text, ",\"answer\":{");
    for (size_t k = 0; k < answers->count; k++)
        lethe_text_addf(text, "%s\"%s\":%s", k ? "," : "", answers->at[k].command,
                        answers->at[k].json);
    lethe_text_add(text, "}}");
}

struct lethe_json *lethe_lesson_state(const struct lethe_workbench *wb, char mark[LETHE_HASH_TEXT])
{
    struct lethe_result result;
    struct lethe_text text = {0};
    struct lethe_json *state = NULL;
    lethe_result_init(&result);
    put_project(&result.root, &wb->project);
    put_forget(&result.root, &wb->project);
    put_settings(&result.root, wb);
    put_selected(&result.root, wb);
    put_history(&result.root, wb);
    put_preview(&result.root, wb);
    lethe_render_json_value(&text, &result.root);
    if (mark)
        lethe_hash_of(mark, lethe_text_get(&text), text.length);
    if (!result.failed && text.length) {
        text.at[--text.length] = '\0'; /* the closing brace */
        add_answers(&text, &wb->answers);
    }
    if (!result.failed && !text.failed)
        lethe_json_parse(&state, lethe_text_get(&text), text.length, "the state", NULL);
    lethe_text_release(&text);
    lethe_result_release(&result);
    return state;
}
