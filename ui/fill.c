/* SPDX-License-Identifier: MIT
 * The parts of the view that are read straight from the workbench: header, layers, blanket,
 * sliders, jobs. Figures and history are in fill_figures.c, the ledger, plots and pictures in
 * fill_samples.c. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lethe/blanket.h"
#include "removal/damping.h"
#include "ui/fill.h"
#include "workbench/weight_groups.h"

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
static void forget_text(char *out, size_t room, const struct lethe_ids *ids,
                        const struct lethe_dataset *train)
{
    size_t used = 0;
    if (!ids->count || !train) {
        snprintf(out, room, "nothing");
        return;
    }
    if (ids->count == 1) {
        snprintf(out, room, "#%zu (label %d)", ids->at[0], lethe_dataset_label(train, ids->at[0]));
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
    else
        snprintf(out, room, "%zu samples (label %d)", ids->count, first);
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
        view->unkept = !standing.kept;
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
    const struct lethe_selection_checks *evidence = &wb->evidence;
    const struct lethe_selection *selection = wb->selected ? &wb->selected->selection : NULL;
    const struct lethe_stable *stable = &evidence->stable;
    struct lethe_view *view = &fill->view;
    if (evidence->null.permutations)
        view->null_band = evidence->null.band;
    view->null_sample = evidence->null.sample;
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

/* What the numbers beside the units are: T of one sample, what was gained in T summed over several,
 * or whatever the selector goes by. */
static const char *score_name(const struct lethe_selection *selection, size_t deciding)
{
    if (strcmp(selection->method->name, "lfoci") != 0)
        return strcmp(selection->method->name, "gain") == 0 ? "gain" : "score";
    return deciding > 1 ? "gain" : "T";
}

/* Single weights by the unit they belong to. */
static void fill_weights(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    const struct lethe_selection *selection = &wb->selected->selection;
    const struct lethe_graph *graph = wb->project.graph;
    struct lethe_view *view = &fill->view;
    struct lethe_weight_groups groups = {0};
    const size_t wanted = lethe_workbench_units(wb);
    view->weight_count = selection->count;
    view->weights = wanted < selection->count ? wanted : selection->count;
    view->blanket_all = strcmp(wb->settings.text[LETHE_SET_BLANKET], "all") == 0;
    view->blanket_units = selection->units;
    view->blanket_params = view->weights;
    view->stopped = selection->stopped;
    if (lethe_weight_groups_init(&groups, graph, selection, view->weights, NULL))
        return;
    struct lethe_view_unit *rows = lethe_arena_alloc(&fill->arena, groups.count, sizeof *rows);
    for (size_t k = 0; rows && k < groups.count; k++) {
        char name[LETHE_UNIT_NAME];
        lethe_unit_name(name, sizeof name, graph, groups.at[k].unit);
        const char *copy = lethe_arena_strdup(&fill->arena, name);
        const double share = (double)groups.at[k].count / (double)groups.at[k].of;
        rows[k] = (struct lethe_view_unit){.name = copy ? copy : "",
                                           .gain = share,
                                           .cumulative = NAN,
                                           .parameters = groups.at[k].count,
                                           .of = groups.at[k].of,
                                           .reach = NAN};
    }
    view->blanket = rows;
    view->blanket_count = view->blanket_size = rows ? groups.count : 0;
    lethe_weight_groups_release(&groups);
}

static void fill_blanket(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    const struct lethe_selection *selection = wb->selected ? &wb->selected->selection : NULL;
    struct lethe_graph *graph = wb->project.graph;
    struct lethe_view *view = &fill->view;
    if (!selection || !graph)
        return;
    if (selection->weights) {
        fill_weights(fill, wb);
        return;
    }
    struct lethe_view_unit *rows = lethe_arena_alloc(&fill->arena, selection->count, sizeof *rows);
    if (!rows && selection->count)
        return;
    size_t taken = lethe_workbench_units(wb);
    view->blanket_all = strcmp(wb->settings.text[LETHE_SET_BLANKET], "all") == 0;
    taken = taken < selection->count ? taken : selection->count;
    for (size_t k = 0; k < selection->count; k++) {
        const struct lethe_pick *pick = &selection->picks[k];
        char name[LETHE_UNIT_NAME];
        lethe_unit_name(name, sizeof name, graph, pick->unit);
        const char *copy = lethe_arena_strdup(&fill->arena, name);
        rows[k] = (struct lethe_view_unit){.name = copy ? copy : "",
                                           .gain = pick->score,
                                           .cumulative = pick->cumulative,
                                           .parameters = lethe_unit_at(graph, pick->unit).params,
                                           .after_stop = k >= selection->accepted,
                                           .votes = pick->votes,
                                           .reach = NAN};
        if (wb->evidence.stable.runs && selection->samples == 1 &&
            pick->unit < wb->evidence.stable.units) {
            rows[k].times = wb->evidence.stable.times[pick->unit];
            rows[k].runs = wb->evidence.stable.runs;
        }
        view->blanket_params += k < taken ? rows[k].parameters : 0;
    }
    if (wb->preview && taken && wb->preview->units == taken)
        rows[taken - 1].reach = wb->preview->reach;
    view->blanket = rows;
    view->blanket_count = selection->count;
    view->blanket_size = taken;
    view->blanket_units = selection->units;
    view->stopped = selection->stopped;
    view->deciding =
        selection->picks && selection->count && selection->picks[0].votes ? selection->samples : 1;
    view->score_name = score_name(selection, view->deciding);
}

/* Share of each unit's weights that is in the blanket; NULL: out of memory. */
static double *weight_shares(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    const struct lethe_graph *graph = wb->project.graph;
    const size_t units = lethe_unit_count(graph);
    struct lethe_weight_groups groups = {0};
    double *shares = lethe_arena_alloc(&fill->arena, units, sizeof *shares);
    if (!shares || lethe_weight_groups_init(&groups, graph, &wb->selected->selection,
                                            fill->view.weights, NULL))
        return NULL;
    memset(shares, 0, units * sizeof *shares);
    for (size_t k = 0; k < groups.count; k++)
        if (groups.at[k].unit < units)
            shares[groups.at[k].unit] = (double)groups.at[k].count / (double)groups.at[k].of;
    lethe_weight_groups_release(&groups);
    return shares;
}

static void fill_layers(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    const struct lethe_selection *selection = wb->selected ? &wb->selected->selection : NULL;
    struct lethe_graph *graph = wb->project.graph;
    if (!graph)
        return;
    size_t count = lethe_graph_layer_count(graph), units = lethe_unit_count(graph);
    struct lethe_view_layer *rows = lethe_arena_alloc(&fill->arena, count, sizeof *rows);
    unsigned char *chosen = lethe_arena_alloc(&fill->arena, units, 1);
    if (!rows || !chosen)
        return;
    const int weights = selection && selection->weights;
    const double *scores = !selection ? NULL
                           : weights  ? weight_shares(fill, wb)
                                      : selection->marginal;
    for (size_t k = 0; selection && !weights && k < fill->view.blanket_size; k++)
        if (selection->picks[k].unit < units)
            chosen[selection->picks[k].unit] = 1;
    for (size_t u = 0; weights && scores && u < units; u++)
        chosen[u] = scores[u] > 0;
    for (size_t k = 0; k < count; k++) {
        const struct lethe_layer *layer = lethe_graph_layer(graph, k);
        size_t first = lethe_unit_number(graph, k, 0);
        rows[k] = (struct lethe_view_layer){layer->name, layer->units,
                                            scores ? scores + first : NULL, chosen + first};
    }
    fill->view.layers = rows;
    fill->view.layer_count = count;
}

static void fill_jobs(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    size_t count = wb->jobs ? lethe_jobs_list(wb->jobs, fill->infos, LETHE_FILL_JOBS) : 0;
    for (size_t k = 0; k < count; k++) {
        const struct lethe_job_info *info = &fill->infos[k];
        int over = info->state == LETHE_JOB_DONE;
        double fraction = over              ? 1
                          : info->steps > 0 ? (double)info->step / (double)info->steps
                                            : NAN;
        fill->jobs[k] = (struct lethe_view_job){
            .id = info->id,
            .name = info->name,
            .state = lethe_job_state_name(info->state),
            .stage = info->message[0] ? info->message : info->stage,
            .fraction = info->state == LETHE_JOB_RUNNING || over ? fraction : NAN,
            .seconds = info->state == LETHE_JOB_WAITING ? NAN : info->seconds,
            .left = info->state == LETHE_JOB_RUNNING ? info->left : NAN};
    }
    fill->view.jobs = fill->jobs;
    fill->view.job_count = count;
}

static void release_sheets(struct lethe_fill *fill)
{
    for (int k = 0; k < LETHE_FILL_SHEETS; k++) {
        lethe_sheet_unref(fill->sheets[k]);
        fill->sheets[k] = NULL;
    }
}

static void fill_results(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    lethe_arena_release(&fill->arena);
    lethe_arena_release(&fill->picture);
    release_sheets(fill);
    fill->sample = (size_t)-1;
    fill->view = (struct lethe_view){.null_band = NAN, .degrees = NAN};
    fill_dampings(fill);
    fill_header(fill, wb);
    fill_blanket(fill, wb);
    fill_layers(fill, wb);
    fill_evidence(fill, wb);
    lethe_fill_figures(fill, wb);
    lethe_fill_commits(fill, wb);
    lethe_fill_samples(fill, wb);
    lethe_fill_surface(fill, wb);
    lethe_fill_plots(fill, wb);
}

const struct lethe_view *lethe_fill_view(struct lethe_fill *fill, const struct lethe_workbench *wb,
                                         size_t sample)
{
    unsigned long version = wb->version;
    unsigned long survey = fill->survey ? fill->survey->version : 0;
    if (!fill->filled || version != fill->version || survey != fill->survey_version) {
        fill_results(fill, wb);
        fill->version = version;
        fill->survey_version = survey;
        fill->filled = 1;
    }
    if (sample != fill->sample)
        lethe_fill_picture(fill, wb, sample);
    fill_jobs(fill, wb);
    if (!wb->preview)
        lethe_fill_keep(fill, wb);
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
