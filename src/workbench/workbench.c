/* SPDX-License-Identifier: MIT
 * The workbench's life, and what a change makes invalid. */
#include "workbench/workbench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/alloc.h"
#include "base/file.h"
#include "removal/damping.h"
#include "removal/ekfac_store.h"
#include "removal/head_snapshot.h"
#include "removal/head_store.h"
#include "removal/reach.h"
#include "removal/retrain_control.h"
#include "unlearn/pairs.h"
#include "workbench/beside.h"
#include "workbench/movable.h"
#include "workbench/tutor.h"

enum lethe_err lethe_workbench_new(struct lethe_workbench **wb, struct lethe_error *err)
{
    struct lethe_workbench *made = lethe_alloc_zero(1, sizeof *made);
    if (!made)
        return lethe_fail_memory(err, "workbench", 1, sizeof *made);
    lethe_settings_init(&made->settings);
    made->controls = lethe_controls_new();
    made->ekfacs = lethe_ekfac_store_new();
    made->beside = lethe_beside_new();
    made->heads = lethe_head_store_new();
    *wb = made;
    return LETHE_OK;
}

void lethe_workbench_free(struct lethe_workbench *wb)
{
    if (!wb)
        return;
    lethe_jobs_free(wb->jobs);
    wb->jobs = NULL;
    lethe_workbench_drop(wb, LETHE_PART_ALL);
    lethe_plane_view_release(&wb->plane);
    (void)lethe_trail_sync(wb, 1, NULL);
    lethe_trail_release(&wb->trail);
    lethe_retrained_unref(wb->yardstick);
    lethe_tutor_free(wb->tutor);
    lethe_answers_release(&wb->answers);
    lethe_free(wb->root);
    lethe_free(wb->lesson_progress);
    lethe_session_close(wb->session);
    lethe_project_release(&wb->project);
    lethe_controls_unref(wb->controls);
    lethe_ekfac_store_unref(wb->ekfacs);
    lethe_beside_free(wb->beside);
    lethe_head_store_unref(wb->heads);
    lethe_free(wb->session_dir);
    lethe_free(wb->session_home);
    lethe_free(wb);
}

/* A part takes with it what was made from it. */
static unsigned widened(unsigned parts)
{
    if (parts & LETHE_PART_BEFORE)
        return LETHE_PART_ALL;
    if (parts & LETHE_PART_SELECTION)
        parts |= LETHE_PART_CURVATURE;
    if (parts & LETHE_PART_CURVATURE)
        parts |= LETHE_PART_STEP;
    return parts;
}

static void drop_retrains(struct lethe_workbench *wb)
{
    lethe_retrained_unref(wb->warm);
    for (size_t i = 0; i < wb->cold_count; i++)
        lethe_retrained_unref(wb->colds[i]);
    lethe_free(wb->colds);
    lethe_beside_forget(wb->beside);
    wb->warm = NULL;
    wb->colds = NULL;
    wb->cold_count = 0;
}

/* Retrains, too, were for another snapshot; what is made ahead of one is for all of its weights. */
static void cancel_work(struct lethe_workbench *wb)
{
    enum { MOST = 64 };
    struct lethe_job_info list[MOST];
    const size_t count = lethe_jobs_list(wb->jobs, list, MOST);
    for (size_t i = 0; i < count; i++)
        if (list[i].id != wb->ahead_job && !list[i].independent)
            lethe_jobs_cancel(wb->jobs, list[i].id);
    if (count == MOST) /* there may be more */
        lethe_jobs_cancel(wb->jobs, 0);
}

void lethe_workbench_drop(struct lethe_workbench *wb, unsigned parts)
{
    if (parts & (LETHE_PART_CURVATURE | LETHE_PART_BEFORE)) { /* not when only an order changes */
        lethe_blanket_curvature_unref(wb->whole);
        lethe_whole_unref(wb->against);
        wb->whole = NULL;
        wb->against = NULL;
    }
    parts = widened(parts);
    if (!parts)
        return;
    wb->version++;
    if (wb->jobs && parts & LETHE_PART_BEFORE)
        cancel_work(wb);
    if (wb->jobs)
        lethe_jobs_invalidate(wb->jobs);
    lethe_beside_forget(wb->beside);
    lethe_preview_unref(wb->preview);
    wb->preview = NULL;
    for (size_t k = 0; parts & LETHE_PART_BEFORE && k < LETHE_VIEW_KINDS; k++) {
        lethe_model_view_unref(wb->views[k]);
        wb->views[k] = NULL;
    }
    if (parts & LETHE_PART_CURVATURE) {
        lethe_factor_unref(wb->factor);
        lethe_factor_unref(wb->leading);
        lethe_factor_unref(wb->estimate);
        lethe_blanket_curvature_unref(wb->curve);
        lethe_surface_unref(wb->surface);
        lethe_leverage_unref(wb->leverage);
        wb->leverage = NULL;
        wb->factor = wb->leading = wb->estimate = NULL;
        wb->curve = NULL;
        wb->surface = NULL;
    }
    if (parts & LETHE_PART_SELECTION) {
        lethe_selected_unref(wb->selected);
        lethe_selection_checks_release(&wb->checks);
        wb->selected = NULL;
    }
    if (parts & LETHE_PART_RETRAIN)
        drop_retrains(wb);
    if (parts & LETHE_PART_BEFORE) {
        lethe_snapshot_unref(wb->snapshot);
        wb->snapshot = NULL;
    }
}

int lethe_workbench_has_cold(const struct lethe_workbench *wb, uint64_t seed)
{
    for (size_t i = 0; i < wb->cold_count; i++)
        if (wb->colds[i]->seed == seed)
            return 1;
    return 0;
}

enum lethe_err lethe_workbench_add_cold(struct lethe_workbench *wb,
                                        struct lethe_retrained *retrained, struct lethe_error *err)
{
    if (lethe_workbench_has_cold(wb, retrained->seed))
        return LETHE_OK;
    struct lethe_retrained **more = lethe_realloc(wb->colds, wb->cold_count + 1, sizeof *more);
    if (!more)
        return lethe_fail_memory(err, "retrained models", wb->cold_count + 1, sizeof *more);
    size_t at = wb->cold_count++; /* by seed: the order of finishing changes nothing */
    for (wb->colds = more; at && more[at - 1]->seed > retrained->seed; at--)
        more[at] = more[at - 1];
    more[at] = lethe_retrained_ref(retrained);
    return LETHE_OK;
}

/* How a warm retraining goes on: what 'retrain.by', '.most' and '.tolerance' say. */
static enum lethe_err warm_options(struct lethe_train_options *options,
                                   const struct lethe_workbench *wb, struct lethe_error *err)
{
    struct lethe_train_options recipe;
    double unused;
    const char *by = wb->settings.text[LETHE_SET_RETRAIN_BY];
    const size_t most = lethe_settings_count(&wb->settings, LETHE_SET_RETRAIN_MOST);
    const double tolerance = lethe_settings_real(&wb->settings, LETHE_SET_RETRAIN_TOLERANCE);
    enum lethe_err code = lethe_project_recipe(&recipe, &unused, &wb->project, err);
    if (code)
        return code;
    const int follow = strcmp(by, "auto") ? !strcmp(by, "recipe")
                                          : !lethe_workbench_head_only(wb) &&
                                                lethe_retrain_by_recipe(wb->project.graph, &recipe);
    *options = follow ? recipe : lethe_retrain_defaults();
    options->iterations = most ? most : options->iterations;
    options->tolerance = tolerance > 0 ? tolerance : options->tolerance;
    return LETHE_OK;
}

double lethe_workbench_damping(const struct lethe_workbench *wb)
{
    if (wb->snapshot)
        return lethe_damping_of(&wb->settings, wb->snapshot);
    return lethe_damping_is_auto(&wb->settings)
               ? NAN
               : lethe_settings_real(&wb->settings, LETHE_SET_DAMPING);
}

/* The store goes along with the snapshot, and to disk where the session is kept: not in one that
 * was sealed, which holds nothing of what was forgotten. */
static enum lethe_err keep_ekfac(struct lethe_workbench *wb, struct lethe_error *err)
{
    const char *dir = wb->session ? lethe_session_own_dir(wb->session) : NULL;
    char *folder = NULL;
    wb->snapshot->ekfacs = lethe_ekfac_store_ref(wb->ekfacs);
    if (dir && !lethe_session_sealed(wb->session)) {
        folder = lethe_path_join(dir, "retrains");
        if (!folder)
            return lethe_fail_memory(err, "a path", strlen(dir), 1);
    }
    lethe_ekfac_store_home(wb->ekfacs, folder);
    lethe_free(folder);
    return LETHE_OK;
}

enum lethe_err lethe_workbench_snapshot(struct lethe_workbench *wb,
                                        struct lethe_snapshot **snapshot, struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    const int fresh = !wb->snapshot;
    struct lethe_train_options warm;
    if (fresh)
        code = warm_options(&warm, wb, err);
    if (!code && fresh)
        code = lethe_project_snapshot(
            &wb->snapshot, &wb->project, lethe_settings_real(&wb->settings, LETHE_SET_WEIGHT_DECAY),
            strtoull(wb->settings.text[LETHE_SET_SEED], NULL, 10), &warm, err);
    if (!code && fresh && wb->snapshot && wb->sparing)
        code = lethe_snapshot_spare(wb->snapshot, err);
    if (!code && fresh && wb->snapshot)
        wb->snapshot->head_only = lethe_workbench_head_only(wb);
    if (!code && fresh && wb->snapshot && wb->controls)
        wb->snapshot->controls = lethe_controls_ref(wb->controls);
    if (!code && fresh && wb->snapshot && wb->ekfacs)
        code = keep_ekfac(wb, err);
    if (!code && fresh && wb->snapshot && wb->heads)
        wb->snapshot->heads = lethe_head_store_ref(wb->heads);
    lethe_head_store_limit(wb->heads, lethe_settings_memory(&wb->settings));
    if (!code)
        *snapshot = wb->snapshot;
    return code;
}

enum lethe_err lethe_workbench_forget(struct lethe_workbench *wb, const size_t *ids, size_t count,
                                      struct lethe_error *err)
{
    if (!wb->project.train)
        return lethe_fail(err, LETHE_EARG, "no training data is loaded: 'data PATH' first");
    enum lethe_err code = lethe_project_check(&wb->project, ids, count, err);
    if (!code)
        code = lethe_ids_copy(&wb->project.forget, ids, count, err);
    if (!code)
        lethe_workbench_drop(wb, LETHE_PART_ALL);
    return code;
}

/* Before it is made: as for a blanket that takes a part of every layer. */
static size_t labels_expected(const struct lethe_workbench *wb, const char *name)
{
    const struct lethe_project *project = &wb->project;
    const int drawn = !strcmp(name, "ggn") || !strcmp(name, "diag") || !strcmp(name, "kfac") ||
                      !strcmp(name, "ekfac");
    struct lethe_blanket all = {0};
    if (!drawn || !project->graph || !project->train ||
        lethe_blanket_all(&all, project->graph, NULL))
        return 0;
    const int plain = lethe_unit_pairs_possible(project->graph, &all, 0);
    const char *count = wb->settings.text[LETHE_SET_CURVATURE_SAMPLES];
    const size_t there = lethe_dataset_count(project->train);
    const size_t wanted = !strcmp(count, "all")    ? there
                          : !strcmp(count, "auto") ? LETHE_CURVATURE_USUAL
                                                   : strtoull(count, NULL, 10);
    lethe_blanket_release(&all);
    return lethe_curvature_labels(lethe_graph_classes(project->graph),
                                  wanted < there ? wanted : there, plain);
}

char *lethe_workbench_curvature(char text[LETHE_CURVATURE_WORDS], const struct lethe_workbench *wb)
{
    const char *name = wb->settings.text[LETHE_SET_CURVATURE];
    if (wb->curve && wb->curve->curvature.method &&
        !strcmp(wb->curve->curvature.method->name, name))
        return lethe_curvature_words(text, &wb->curve->curvature);
    const size_t labels = labels_expected(wb, name);
    if (labels)
        snprintf(text, LETHE_CURVATURE_WORDS, "%.40s, %zu labels drawn", name, labels);
    else
        snprintf(text, LETHE_CURVATURE_WORDS, "%.40s", name);
    return text;
}

/* Units and groups that may move. */
static size_t units_of_all(const struct lethe_workbench *wb)
{
    const struct lethe_graph *graph = wb->project.graph;
    const size_t layers = graph ? lethe_graph_layer_count(graph) : 0;
    if (layers && lethe_workbench_head_only(wb))
        return lethe_graph_layer(graph, layers - 1)->units;
    return graph ? lethe_unit_total(graph) : 0;
}

/* Of the last layer alone, where only that may move: a share is one of its parameters. */
static size_t units_of_head(const struct lethe_workbench *wb)
{
    const struct lethe_snapshot *head = lethe_snapshot_head(wb->snapshot);
    struct lethe_selected *here = NULL;
    size_t units = 0;
    if (lethe_selected_of_head(&here, wb->selected, wb->snapshot, NULL))
        return 0;
    units = lethe_blanket_curvature_units(head->graph, &here->selection, &wb->settings);
    lethe_selected_unref(here);
    return units;
}

size_t lethe_workbench_units(const struct lethe_workbench *wb)
{
    const char *size = wb->settings.text[LETHE_SET_BLANKET];
    if (!strcmp(size, "all"))
        return units_of_all(wb);
    if (wb->selected && wb->snapshot && lethe_snapshot_head(wb->snapshot))
        return units_of_head(wb);
    if (wb->selected)
        return lethe_blanket_curvature_units(wb->project.graph, &wb->selected->selection,
                                             &wb->settings);
    return strcmp(size, "auto") && !strchr(size, '%')
               ? lethe_settings_count(&wb->settings, LETHE_SET_BLANKET)
               : 0;
}

enum lethe_err lethe_workbench_set(struct lethe_workbench *wb, enum lethe_setting key,
                                   const char *value, struct lethe_error *err)
{
    if (strcmp(wb->settings.text[key], value) == 0)
        return LETHE_OK;
    const int head_only = lethe_workbench_head_only(wb);
    enum lethe_err code = lethe_settings_put(&wb->settings, key, value, err);
    if (!code)
        lethe_workbench_drop(wb, head_only == lethe_workbench_head_only(wb)
                                     ? lethe_settings_parts(&wb->settings, key)
                                     : LETHE_PART_ALL);
    return code;
}

int lethe_workbench_has_model(const struct lethe_workbench *wb)
{
    return wb->project.graph != NULL;
}

int lethe_workbench_has_data(const struct lethe_workbench *wb)
{
    return wb->project.train != NULL;
}

int lethe_workbench_has_forget(const struct lethe_workbench *wb)
{
    return wb->project.forget.count > 0;
}

/* ---- names for completion -------------------------------------------------------------------- */

typedef void offer_fn(void *user, const char *name, const char *tail);

static void offer_layers(const struct lethe_graph *graph, const char *tail, offer_fn *offer,
                         void *user)
{
    for (size_t i = 0; graph && i < lethe_graph_layer_count(graph); i++)
        offer(user, lethe_graph_layer(graph, i)->name, tail);
}

static void offer_states(const struct lethe_session *session, offer_fn *offer, void *user)
{
    if (!session)
        return;
    for (size_t i = 0; i < lethe_session_branch_count(session); i++)
        offer(user, lethe_session_branch_name(session, i, NULL), "");
    for (size_t i = 0; i < lethe_session_count(session); i++) {
        char id[13];
        snprintf(id, sizeof id, "%.12s", lethe_state_id(lethe_session_state(session, i)));
        offer(user, id, "");
    }
}

void lethe_workbench_names(const struct lethe_workbench *wb, enum lethe_arg_kind kind,
                           void (*offer)(void *user, const char *name, const char *tail),
                           void *user)
{
    if (kind == LETHE_ARG_LAYER)
        offer_layers(wb->project.graph, "", offer, user);
    else if (kind == LETHE_ARG_UNIT)
        offer_layers(wb->project.graph, "[", offer, user);
    else if (kind == LETHE_ARG_STATE)
        offer_states(wb->session, offer, user);
}

enum lethe_err lethe_workbench_training_context(struct lethe_training_context *training,
                                                const struct lethe_workbench *wb,
                                                struct lethe_error *err)
{
    struct lethe_training_context made = {.threads = wb->threads};
    double unused;
    enum lethe_err code = lethe_project_recipe(&made.recipe, &unused, &wb->project, err);
    if (code)
        return code;
    memcpy(made.model_hash, wb->project.model_hash, sizeof made.model_hash);
    memcpy(made.data_hash, wb->project.data_hash, sizeof made.data_hash);
    if (wb->session && lethe_session_own_dir(wb->session)) {
        made.folder = lethe_path_join(lethe_session_own_dir(wb->session), "retrains");
        if (!made.folder)
            return lethe_fail_memory(err, "a path", 1, 1);
    }
    *training = made;
    return LETHE_OK;
}
