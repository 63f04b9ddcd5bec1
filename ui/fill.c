/* SPDX-License-Identifier: MIT
 * The view as a whole: what the header and the sliders show is filled here, each pane by the
 * function of its name in ui/fill_NAME.c, in the order of the list of panes. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/visible.h"
#include "removal/damping.h"
#include "removal/path.h"
#include "ui/fill.h"

static void fill_dampings(struct lethe_fill *fill)
{
    static const char *const steps[] = {
        "0",    "1e-8", "3e-8", "1e-7", "3e-7", "1e-6", "3e-6", "1e-5", "3e-5", "1e-4", "3e-4",
        "1e-3", "3e-3", "1e-2", "3e-2", "1e-1", "3e-1", "1",    "3",    "10",   "30",   "100",
    };
    for (int k = 0; k < LETHE_FILL_DAMPINGS; k++)
        fill->dampings[k] = strtod(steps[k], NULL);
    fill->view.dampings = fill->dampings;
    fill->view.damping_count = LETHE_FILL_DAMPINGS;
}

/* "#17 (label 1)", "#3 #9 #12", "40 samples of 3 classes". */
/* "label 3", or "cat" where classes have names. */
static void class_text(char *out, size_t room, const struct lethe_dataset *train, int label)
{
    const char *name = label < 0 ? NULL : lethe_dataset_class_name(train, (size_t)label);
    if (name)
        snprintf(out, room, "%.*s", (int)lethe_visible_fit(name, room - 1), name);
    else
        snprintf(out, room, "label %d", label);
}

static void forget_text(char *out, size_t room, const struct lethe_ids *ids,
                        const struct lethe_dataset *train)
{
    size_t used = 0;
    char class[40]; /* a long name is cut: the header has one line */
    if (!ids->count || !train) {
        snprintf(out, room, "nothing");
        return;
    }
    if (ids->count == 1) {
        class_text(class, sizeof class, train, lethe_dataset_label(train, ids->at[0]));
        snprintf(out, room, "#%zu (%s)", ids->at[0], class);
        return;
    }
    if (ids->count <= 4) {
        for (size_t k = 0; k < ids->count && used < room; k++)
            used += (size_t)snprintf(out + used, room - used, "%s#%zu", k ? " " : "", ids->at[k]);
        return;
    }
    int first = lethe_dataset_label(train, ids->at[0]), mixed = 0;
    for (size_t k = 1; k < ids->count; k++)
        mixed |= lethe_dataset_label(train, ids->at[k]) != first;
    if (mixed)
        snprintf(out, room, "%zu samples", ids->count);
    if (mixed)
        return;
    class_text(class, sizeof class, train, first);
    snprintf(out, room, "%zu samples (%s)", ids->count, class);
}

static void fill_header(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    const struct lethe_project *project = &wb->project;
    struct lethe_view *view = &fill->view;
    if (fill->words_of != project->bundle) { /* another vocabulary */
        lethe_words_release(&fill->words);
        fill->words_of = project->bundle;
    }
    if (project->graph) {
        view->model = project->name;
        view->params = lethe_graph_size(project->graph);
    }
    if (project->train) {
        view->train = lethe_dataset_count(project->train);
        view->classes = lethe_dataset_classes(project->train);
    }
    view->heldout = project->heldout ? lethe_dataset_count(project->heldout) : 0;
    view->branch = wb->session ? lethe_session_on(wb->session) : NULL;
    view->curvature = lethe_workbench_curvature(fill->curvature, wb);
    view->method = wb->settings.text[LETHE_SET_SELECT_METHOD];
    const double mu = lethe_workbench_damping(wb);
    view->damping = isnan(mu) ? 0 : mu;
    view->damping_auto = wb->snapshot ? lethe_damping_auto(wb->snapshot) : 0;
    forget_text(fill->forget, sizeof fill->forget, &project->forget, project->train);
    view->forget = fill->forget;
    view->forgetting = project->forget.count;
    view->uncommitted = project->forget.count > 0 && wb->preview;
    if (wb->session) {
        struct lethe_standing standing = {0};
        lethe_session_standing(&standing, wb->session);
        view->reading = lethe_session_reading(wb->session);
        view->unkept = !standing.kept && !view->reading;
        view->gone = standing.gone;
        view->resumed = standing.resumed ? standing.commits : 0;
        if (standing.unsaved && wb->exported != lethe_session_head(wb->session)) {
            snprintf(fill->loss, sizeof fill->loss,
                     "%zu commit%s end%s with the program.\n\ns    save it in a folder\nq    leave "
                     "without it\nEsc  stay",
                     standing.unsaved, standing.unsaved == 1 ? "" : "s",
                     standing.unsaved == 1 ? "s" : "");
            view->loss = fill->loss;
        }
    }
}

/* What is known about how far the selection can be trusted. */
static void fill_evidence(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    const struct lethe_selection_checks *checks = &wb->checks;
    const struct lethe_selection *selection = wb->selected ? &wb->selected->selection : NULL;
    const struct lethe_stable *stable = &checks->stable;
    struct lethe_view *view = &fill->view;
    if (checks->null.permutations)
        view->null_band = checks->null.band;
    view->null_sample = checks->null.sample;
    view->null_of_many = selection && selection->samples > 1;
    if (!stable->runs || !selection || !selection->accepted || selection->samples > 1)
        return; /* resampled copies of one sample say nothing about a choice of several */
    size_t weakest = stable->runs;
    for (size_t k = 0; k < selection->accepted; k++) {
        const size_t unit = selection->picks[k].unit;
        if (unit < stable->units && stable->times[unit] < weakest)
            weakest = stable->times[unit];
    }
    snprintf(fill->stability, sizeof fill->stability, "%zu/%zu", weakest, stable->runs);
    view->stability = fill->stability;
}

static void release_sheets(struct lethe_fill *fill)
{
    for (int k = 0; k < LETHE_FILL_SHEETS; k++) {
        lethe_sheet_unref(fill->sheets[k]);
        fill->sheets[k] = NULL;
    }
}

/* What was filled before is gone; header and sliders first, since panes may read them. */
static void begin(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    lethe_arena_release(&fill->arena);
    lethe_arena_release(&fill->picture);
    release_sheets(fill);
    fill->sample = (size_t)-1;
    fill->view = (struct lethe_view){.null_band = NAN, .degrees = NAN};
    fill_dampings(fill);
    fill_header(fill, wb);
    fill_evidence(fill, wb);
    lethe_fill_method(fill, wb);
    lethe_fill_lesson(fill, wb);
    lethe_fill_staging(fill, wb);
}

/* Points of the path that passes are making just now. */
static size_t walked_by(const struct lethe_workbench *wb)
{
    struct lethe_path *path = wb->snapshot ? lethe_snapshot_walking(wb->snapshot) : NULL;
    const size_t count = path ? path->count : 0;
    lethe_path_unref(path);
    return count;
}

const struct lethe_view *lethe_fill_view(struct lethe_fill *fill, const struct lethe_workbench *wb,
                                         size_t sample)
{
#define ROW(constant, name) lethe_fill_##name,
    static void (*const panes[])(struct lethe_fill *,
                                 const struct lethe_workbench *) = {LETHE_PANE_LIST(ROW)};
#undef ROW
    const unsigned long survey = fill->survey ? fill->survey->version : 0;
    const size_t walked = walked_by(wb);
    fill->anew = !fill->filled || wb->version != fill->version || survey != fill->survey_version ||
                 walked != fill->walked;
    fill->walked = walked;
    if (fill->anew)
        begin(fill, wb);
    fill->wanted = sample;
    for (int k = 0; k < LETHE_PANES; k++)
        panes[k](fill, wb);
    fill->version = wb->version;
    fill->survey_version = survey;
    fill->filled = 1;
    return &fill->view;
}

void lethe_fill_release(struct lethe_fill *fill)
{
    lethe_arena_release(&fill->arena);
    lethe_arena_release(&fill->picture);
    release_sheets(fill);
    lethe_words_release(&fill->words);
    memset(fill, 0, sizeof *fill);
}
