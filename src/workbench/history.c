/* SPDX-License-Identifier: MIT
 * Deciding: commits, the way back, and sessions that continue where they were. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "session/source.h"
#include "workbench/decay.h"
#include "workbench/derived_data.h"
#include "workbench/derived_model.h"
#include "workbench/draft.h"
#include "workbench/head.h"
#include "workbench/movable.h"
#include "workbench/workbench.h"
#include "workbench/yardstick.h"

static const struct lethe_ids none; /* nothing is chosen once a step is decided */

/* Before a decision: the draft as it will be after it, with the weight decay that goes with the
 * head to come (NULL: the one there is); `before` holds the setting that there was. */
static enum lethe_err announce(struct lethe_workbench *wb, const struct lethe_ids *forget,
                               const char *decay, char before[LETHE_SETTING_TEXT],
                               struct lethe_error *err)
{
    char *setting = wb->settings.text[LETHE_SET_WEIGHT_DECAY];
    enum lethe_err code = LETHE_OK;
    memcpy(before, setting, LETHE_SETTING_TEXT);
    if (decay && *decay)
        code = lethe_settings_put(&wb->settings, LETHE_SET_WEIGHT_DECAY, decay, err);
    else if (decay)
        *setting = '\0';
    if (!code && (code = lethe_draft_announce(wb, forget, err)))
        memcpy(setting, before, LETHE_SETTING_TEXT);
    return code;
}

/* After it, with its code, which it returns. */
static enum lethe_err settled(struct lethe_workbench *wb, const char before[LETHE_SETTING_TEXT],
                              enum lethe_err code)
{
    if (lethe_draft_settled(wb, code))
        memcpy(wb->settings.text[LETHE_SET_WEIGHT_DECAY], before, LETHE_SETTING_TEXT);
    return code;
}

/* ---- commit ---------------------------------------------------------------------------------- */

static uint64_t seed_of(const struct lethe_workbench *wb)
{
    return strtoull(wb->settings.text[LETHE_SET_SEED], NULL, 10);
}

/* The settings that decide, and what the words `auto` stood for. */
static enum lethe_err decided(struct lethe_pairs *pairs, const struct lethe_workbench *wb,
                              struct lethe_error *err)
{
    const struct lethe_preview *preview = wb->preview;
    char units[24];
    enum lethe_err code = LETHE_OK;
    for (int key = 0; !code && key < LETHE_SET_COUNT; key++) {
        const struct lethe_setting_row *row = lethe_setting_row((enum lethe_setting)key);
        const int head = key == LETHE_SET_RETRAIN_BY && preview->snapshot->head_only;
        if (head || lethe_setting_decides(&wb->settings, (enum lethe_setting)key))
            code =
                lethe_pairs_set(pairs, row->spec.name, head ? "head" : wb->settings.text[key], err);
    }
    snprintf(units, sizeof units, "%zu", preview->units);
    if (!code)
        code = lethe_pairs_set(pairs, "units", units, err);
    if (!code && !preview->method)
        code = lethe_pairs_set(pairs, "form.used", lethe_form_name(preview->update.form), err);
    return code;
}

enum lethe_err lethe_workbench_commit(struct lethe_workbench *wb, struct lethe_state **state,
                                      const char *message, const char *metrics,
                                      struct lethe_error *err)
{
    const struct lethe_preview *preview = wb->preview;
    struct lethe_pairs settings = {0};
    if (!preview)
        return lethe_fail(err, LETHE_EARG, "there is no preview to commit: 'preview' first");
    if (!preview->units)
        return lethe_fail(err, LETHE_EARG,
                          "the blanket is empty, so nothing would change: try 'blanket 3' or "
                          "'select method=gain'");
    enum lethe_err code = decided(&settings, wb, err);
    const struct lethe_commit commit = {.kind = "forget",
                                        .message = message,
                                        .forget = wb->project.forget.at,
                                        .forget_count = wb->project.forget.count,
                                        .settings = &settings,
                                        .seed = seed_of(wb),
                                        .w = preview->w,
                                        .metrics = metrics,
                                        .time = lethe_clock_now()};
    if (!code)
        code = lethe_draft_announce(wb, &none, err);
    if (!code)
        code = lethe_draft_settled(wb, lethe_session_commit(wb->session, state, &commit, err));
    struct lethe_retrained *retrained = !code && wb->warm ? lethe_retrained_ref(wb->warm) : NULL;
    if (!code)
        code = lethe_workbench_take_head(wb, err);
    if (!code)
        lethe_yardstick_keep(wb, retrained);
    else
        lethe_retrained_unref(retrained);
    lethe_pairs_release(&settings);
    return code;
}

enum lethe_err lethe_workbench_trained(struct lethe_workbench *wb, const double *w,
                                       const char *message, enum lethe_feature_origin features,
                                       double decay, struct lethe_error *err)
{
    char before[LETHE_SETTING_TEXT];
    struct lethe_pairs settings = {0};
    const struct lethe_commit commit = {.kind = "train",
                                        .message = message,
                                        .settings = &settings,
                                        .seed = seed_of(wb),
                                        .w = w,
                                        .time = lethe_clock_now()};
    enum lethe_err code = lethe_features_put(&settings, features, err);
    if (!code)
        code = lethe_decay_put(&settings, wb, decay, err);
    if (!code)
        code = announce(wb, &none, lethe_decay_trained(&settings), before, err);
    if (!code)
        code = settled(wb, before, lethe_session_commit(wb->session, NULL, &commit, err));
    lethe_pairs_release(&settings);
    return code ? code : lethe_workbench_take_head(wb, err);
}

/* ---- the way back ---------------------------------------------------------------------------- */

enum lethe_err lethe_workbench_undo(struct lethe_workbench *wb, struct lethe_error *err)
{
    char before[LETHE_SETTING_TEXT];
    struct lethe_ids again = {0};
    size_t count;
    if (!wb->session)
        return lethe_fail(err, LETHE_EARG, "no model is loaded, so there is nothing to undo");
    struct lethe_state *head = lethe_session_head(wb->session), *back = lethe_state_parent(head);
    const size_t *ids = lethe_state_forget(head, &count);
    enum lethe_err code = lethe_ids_copy(&again, ids, count, err);
    if (!code)
        code = announce(wb, &again, lethe_decay_towards(wb, back ? back : head), before, err);
    if (!code)
        code = settled(wb, before, lethe_session_undo(wb->session, err));
    if (!code)
        code = lethe_workbench_take_head(wb, err);
    if (!code && again.count) /* what was committed is chosen again, ready to be done otherwise */
        code = lethe_workbench_forget(wb, again.at, again.count, err);
    lethe_free(again.at);
    return code;
}

enum lethe_err lethe_workbench_redo(struct lethe_workbench *wb, struct lethe_error *err)
{
    if (!wb->session)
        return lethe_fail(err, LETHE_EARG, "no model is loaded, so there is nothing to redo");
    char before[LETHE_SETTING_TEXT];
    struct lethe_state *to = lethe_session_redo_to(wb->session);
    enum lethe_err code = announce(wb, &none, to ? lethe_decay_towards(wb, to) : NULL, before, err);
    if (!code)
        code = settled(wb, before, lethe_session_redo(wb->session, err));
    return code ? code : lethe_workbench_take_head(wb, err);
}

enum lethe_err lethe_workbench_checkout(struct lethe_workbench *wb, const char *name,
                                        struct lethe_error *err)
{
    if (!wb->session)
        return lethe_fail(err, LETHE_EARG, "no model is loaded, so there is nothing to check out");
    char before[LETHE_SETTING_TEXT];
    struct lethe_state *to;
    enum lethe_err code = lethe_session_find(&to, wb->session, name, err);
    if (!code)
        code = announce(wb, &none, lethe_decay_towards(wb, to), before, err);
    if (!code)
        code = settled(wb, before, lethe_session_checkout(wb->session, name, err));
    return code ? code : lethe_workbench_take_head(wb, err);
}

enum lethe_err lethe_workbench_branch(struct lethe_workbench *wb, const char *name,
                                      struct lethe_error *err)
{
    enum lethe_err code = lethe_draft_announce(wb, &wb->project.forget, err);
    return code ? code : lethe_draft_settled(wb, lethe_session_branch(wb->session, name, err));
}

/* ---- sessions -------------------------------------------------------------------------------- */

enum lethe_err lethe_workbench_need_session(const struct lethe_workbench *wb,
                                            struct lethe_error *err)
{
    return wb->session ? LETHE_OK
                       : lethe_fail(err, LETHE_EARG, "there is no history yet: 'load PATH' first");
}

enum lethe_err lethe_workbench_save(struct lethe_workbench *wb, const char *dir,
                                    struct lethe_error *err)
{
    enum lethe_err code = lethe_derived_model_write(&wb->project, wb->session, dir, err);
    if (!code)
        code = lethe_derived_data_write(&wb->project, dir, err);
    if (!code)
        code = lethe_session_save(wb->session, dir, err);
    if (!code)
        lethe_yardstick_copy(wb, dir);
    return code;
}

/* Weight decay and seed of the training, where the bundle says them. */
static enum lethe_err recipe_settings(struct lethe_workbench *wb, struct lethe_error *err)
{
    char text[32];
    const struct lethe_bundle *bundle = wb->project.bundle;
    if (!bundle || isnan(bundle->recipe.weight_decay)) {
        wb->settings.text[LETHE_SET_WEIGHT_DECAY][0] = '\0';
        return LETHE_OK;
    }
    snprintf(text, sizeof text, "%.17g", bundle->recipe.weight_decay);
    for (int digits = 1; digits < 17; digits++) { /* the shortest that reads back the same */
        char shorter[32];
        snprintf(shorter, sizeof shorter, "%.*g", digits, bundle->recipe.weight_decay);
        if (strtod(shorter, NULL) == bundle->recipe.weight_decay) {
            memcpy(text, shorter, sizeof text);
            break;
        }
    }
    return lethe_workbench_set(wb, LETHE_SET_WEIGHT_DECAY, text, err);
}

/* The session's model and samples, which need not be those of the path it was begun with. */
static enum lethe_err join(struct lethe_project *project, const struct lethe_session *session,
                           const struct lethe_project *here, struct lethe_error *err)
{
    enum lethe_err code = lethe_derived_model_read(project, session, err);
    if (!code && !project->graph)
        return lethe_fail(err, LETHE_EFORMAT, "the model of the session in '%s' is not there",
                          lethe_session_dir(session));
    if (!code)
        code = lethe_derived_data_find(project, session, here, err);
    return code ? code : lethe_session_check(session, project->model_hash, project->data_hash, err);
}

/* A session for the project: the directory's, when it holds one, or a new one. */
static enum lethe_err begin(struct lethe_session **session, struct lethe_project *project,
                            const char *dir, const struct lethe_project *here,
                            struct lethe_error *err)
{
    if (dir && lethe_session_exists(dir)) {
        enum lethe_err code = lethe_session_open(session, dir, err);
        if (!code)
            code = join(project, *session, here, err);
        if (!code)
            code = lethe_session_follow(*session, project->path, err);
        if (code) {
            lethe_session_close(*session);
            *session = NULL;
        }
        return code;
    }
    const struct lethe_source source = {
        .path = project->path, .model_hash = project->model_hash, .data_hash = project->data_hash};
    const size_t size = lethe_graph_size(project->graph) + lethe_graph_buffers(project->graph);
    return lethe_session_share(session, dir, &source, project->weights, size, err);
}

/* Where the session of this model and these data is kept without being told: NULL when sessions
 * stay in memory. The folder is named by their hashes, so another model never meets it. */
static enum lethe_err kept_dir(char **dir, const struct lethe_workbench *wb,
                               const struct lethe_project *project, struct lethe_error *err)
{
    struct lethe_hash hash;
    char text[LETHE_HASH_TEXT];
    *dir = NULL;
    if (!wb->session_home)
        return LETHE_OK;
    lethe_hash_init(&hash);
    lethe_hash_add(&hash, project->model_hash, strlen(project->model_hash));
    lethe_hash_add(&hash, project->data_hash, strlen(project->data_hash));
    lethe_hash_text(&hash, text);
    text[16] = '\0';
    *dir = lethe_path_join(wb->session_home, text);
    return *dir ? LETHE_OK : lethe_fail_memory(err, "a path", sizeof text, 1);
}

/* Results, session and project; what is not committed is the caller's to have kept. */
static void put_away(struct lethe_workbench *wb)
{
    (void)lethe_trail_sync(wb, 1, NULL); /* a convenience: not worth a refusal */
    lethe_trail_release(&wb->trail);
    lethe_workbench_drop(wb, LETHE_PART_ALL);
    lethe_session_close(wb->session);
    lethe_project_release(&wb->project);
    wb->session = NULL;
}

/* The session of this workbench in `dir` gives its lock back, so that it can be opened again. */
static void leave(struct lethe_workbench *wb, const char *dir)
{
    const char *own = wb->session ? lethe_session_dir(wb->session) : NULL;
    if (!own || !dir || strcmp(own, dir) != 0)
        return;
    put_away(wb);
}

/* The samples that are loaded, for a session that no bundle says them of: it compares their hash.
 */
static enum lethe_err project_here(struct lethe_project *project, const struct lethe_workbench *wb,
                                   const char *dir, struct lethe_error *err)
{
    const struct lethe_project *here = &wb->project;
    if (!here->train)
        return lethe_fail(err, LETHE_EARG,
                          "the model in '%s' was trained here, on samples that no bundle names: "
                          "'data PATH' as it was then, and 'open' again",
                          dir);
    project->path = lethe_strdup("");
    project->name = lethe_strdup(here->name ? here->name : "untitled");
    enum lethe_err code = project->path && project->name
                              ? lethe_project_data(project, here->train, here->heldout, err)
                              : lethe_fail_memory(err, "a name", 1, 1);
    return code ? code : lethe_project_identify(project, err);
}

/* path "": the samples that are loaded. */
static enum lethe_err load_with(struct lethe_workbench *wb, const char *path, const char *dir,
                                struct lethe_error *err)
{
    struct lethe_project project = {0};
    struct lethe_session *session = NULL;
    char *kept = NULL;
    enum lethe_err code =
        *path ? lethe_project_load(&project, path, err) : project_here(&project, wb, dir, err);
    if (!code && !dir)
        code = kept_dir(&kept, wb, &project, err);
    const char *at = dir ? dir : kept;
    if (!code && (project.graph || (at && lethe_session_exists(at)))) {
        leave(wb, at);
        code = begin(&session, &project, at, &wb->project, err);
    }
    wb->unkept[0] = wb->remark[0] = '\0';
    if (kept &&
        (code == LETHE_EIO || code == LETHE_EFORMAT)) { /* better in memory than not at all */
        snprintf(wb->unkept, sizeof wb->unkept, "%s", err ? err->message : "");
        code = begin(&session, &project, NULL, &wb->project, err);
    }
    lethe_free(kept);
    if (code) {
        lethe_project_release(&project);
        return code;
    }
    put_away(wb);
    wb->project = project;
    wb->session = session;
    code = recipe_settings(wb, err);
    if (!code && session)
        code = lethe_workbench_take_head(wb, err);
    if (code || !session)
        return code;
    snprintf(wb->remark, sizeof wb->remark, "%s", lethe_session_remark(session));
    if (lethe_session_reading(session))
        snprintf(wb->unkept, sizeof wb->unkept,
                 "session '%s' is open for reading only, because it may not be written: 'save "
                 "FOLDER' makes a copy to go on in",
                 lethe_session_dir(session));
    lethe_draft_restore(wb);
    lethe_trail_restore(wb);
    return LETHE_OK;
}

enum lethe_err lethe_workbench_load(struct lethe_workbench *wb, const char *path,
                                    struct lethe_error *err)
{
    return load_with(wb, path, wb->session_dir, err);
}

/* ---- models and data without a bundle -------------------------------------------------------- */

/* A new session in memory for a project that changed under the old one. */
static enum lethe_err begin_anew(struct lethe_workbench *wb, struct lethe_error *err)
{
    struct lethe_session *session = NULL;
    enum lethe_err code = lethe_project_identify(&wb->project, err);
    if (!code && wb->project.graph)
        code = begin(&session, &wb->project, NULL, &wb->project, err);
    if (code || !session)
        return code;
    lethe_session_close(wb->session);
    wb->session = session;
    return lethe_workbench_take_head(wb, err);
}

enum lethe_err lethe_workbench_data(struct lethe_workbench *wb, struct lethe_dataset *train,
                                    struct lethe_dataset *heldout, struct lethe_error *err)
{
    enum lethe_err code = lethe_project_data(&wb->project, train, heldout, err);
    if (code)
        return code;
    lethe_workbench_drop(wb, LETHE_PART_ALL);
    return begin_anew(wb, err);
}

enum lethe_err lethe_workbench_begin(struct lethe_workbench *wb, const char *name,
                                     struct lethe_dataset *train, struct lethe_dataset *heldout,
                                     struct lethe_error *err)
{
    struct lethe_project project = {.name = lethe_strdup(name)};
    enum lethe_err code =
        project.name ? LETHE_OK : lethe_fail_memory(err, "a name", strlen(name), 1);
    if (!code)
        code = lethe_project_data(&project, train, heldout, err);
    if (!code)
        code = lethe_project_identify(&project, err);
    if (code) {
        lethe_project_release(&project);
        return code;
    }
    put_away(wb);
    wb->project = project;
    wb->unkept[0] = wb->remark[0] = '\0';
    wb->settings.text[LETHE_SET_WEIGHT_DECAY][0] = '\0';
    return LETHE_OK;
}

enum lethe_err lethe_workbench_model(struct lethe_workbench *wb, struct lethe_graph *graph,
                                     const double *w, double decay, struct lethe_error *err)
{
    char text[32];
    enum lethe_err code = lethe_project_model(&wb->project, graph, w, err);
    if (code)
        return code;
    lethe_workbench_drop(wb, LETHE_PART_ALL);
    snprintf(text, sizeof text, "%.17g", decay);
    code = begin_anew(wb, err);
    if (code || isnan(decay)) /* not known: asked for before anything is removed */
        return code;
    return lethe_workbench_set(wb, LETHE_SET_WEIGHT_DECAY, text, err);
}

/* Whether dir is the session that is open here, by whatever path. */
static int is_open_here(const struct lethe_workbench *wb, const char *dir)
{
    struct stat asked, open;
    const char *own = wb->session ? lethe_session_dir(wb->session) : NULL;
    return own && !stat(dir, &asked) && !stat(own, &open) && asked.st_dev == open.st_dev &&
           asked.st_ino == open.st_ino;
}

enum lethe_err lethe_workbench_open(struct lethe_workbench *wb, const char *dir,
                                    struct lethe_error *err)
{
    char *path = NULL;
    if (!lethe_session_exists(dir))
        return lethe_fail(err, LETHE_EIO, "no session in '%s': it has no head.json", dir);
    if (is_open_here(wb, dir))
        return LETHE_OK;
    enum lethe_err code = lethe_session_source_path(&path, dir, err);
    if (!code)
        code = load_with(wb, path, dir, err);
    lethe_free(path);
    return code;
}
