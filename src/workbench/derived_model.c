/* SPDX-License-Identifier: MIT
 * Models that were made here (by train, head, smooth, weights) are in no file that a session
 * could name, so a saved session holds them itself: blobs/HASH.onnx beside the weights of its
 * states, blobs/sealed.onnx once it was sealed. See derived_model.h. */
#include "workbench/derived_model.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "lethe/onnx.h"

#define SEALED "sealed"

enum { NAME = LETHE_HASH_HEX + sizeof ".onnx" };

/* After sealing the session names no model any more: it begins with what it holds. */
static void name_of(char name[NAME], const struct lethe_session *session)
{
    const char *hash = lethe_session_source(session)->model_hash;
    snprintf(name, NAME, "%s.onnx", *hash ? hash : SEALED);
}

/* folder = DIR/blobs and path = the model in it, both new (lethe_free). */
static enum lethe_err place(char **folder, char **path, const struct lethe_session *session,
                            const char *dir, struct lethe_error *err)
{
    char name[NAME];
    name_of(name, session);
    *folder = lethe_path_join(dir, "blobs");
    *path = *folder ? lethe_path_join(*folder, name) : NULL;
    return *path ? LETHE_OK : lethe_fail_memory(err, "a path", sizeof name, 1);
}

static int is_model(const char *name)
{
    const size_t n = strlen(name);
    return n > 5 && !strcmp(name + n - 5, ".onnx");
}

/* Removes models that the session does not begin with: what a seal or its crash left. */
static void sweep(const struct lethe_session *session, const char *folder)
{
    char own[NAME];
    DIR *list = opendir(folder);
    name_of(own, session);
    for (struct dirent *e; list && (e = readdir(list));) {
        char *path = is_model(e->d_name) && strcmp(e->d_name, own) != 0
                         ? lethe_path_join(folder, e->d_name)
                         : NULL;
        if (path)
            lethe_file_remove(path, NULL);
        lethe_free(path);
    }
    if (list)
        closedir(list);
}

static enum lethe_err write_root(const struct lethe_project *project,
                                 const struct lethe_session *session, const char *path,
                                 struct lethe_error *err)
{
    const struct lethe_state *root = lethe_session_head(session);
    for (const struct lethe_state *up; (up = lethe_state_parent(root));)
        root = up;
    double *w = lethe_alloc(lethe_state_size(root), sizeof *w);
    if (!w)
        return lethe_fail_memory(err, "weights", lethe_state_size(root), sizeof *w);
    enum lethe_err code = lethe_state_weights(root, w, err);
    if (!code)
        code = lethe_onnx_save(project->graph, w, path, LETHE_F64, err);
    if (!code)
        lethe_file_make_private(path);
    lethe_free(w);
    return code;
}

enum lethe_err lethe_derived_model_write(const struct lethe_project *project,
                                         const struct lethe_session *session, const char *dir,
                                         struct lethe_error *err)
{
    char *folder = NULL, *path = NULL;
    if (!project->made_here)
        return LETHE_OK;
    enum lethe_err code = place(&folder, &path, session, dir, err);
    if (!code)
        code = lethe_folder_make(folder, err);
    if (!code)
        code = write_root(project, session, path, err);
    lethe_free(folder);
    lethe_free(path);
    return code;
}

static int holds_model(const struct lethe_project *project, const struct lethe_session *session)
{
    return project->made_here && lethe_session_dir(session);
}

/* The weights of the head, which comes after what is sealed, serve: states have their own. */
enum lethe_err lethe_derived_model_sealing(const struct lethe_project *project,
                                           const struct lethe_session *session,
                                           struct lethe_error *err)
{
    if (!holds_model(project, session))
        return LETHE_OK;
    char *path = lethe_path_join(lethe_session_dir(session), "blobs/" SEALED ".onnx");
    enum lethe_err code = path ? lethe_onnx_save(project->graph, project->w, path, LETHE_F64, err)
                               : lethe_fail_memory(err, "a path", NAME, 1);
    if (!code)
        lethe_file_make_private(path);
    lethe_free(path);
    return code;
}

static enum lethe_err take(struct lethe_project *project, const char *path, struct lethe_error *err)
{
    struct lethe_graph *graph = NULL;
    double *w = NULL;
    enum lethe_err code = lethe_onnx_load(&graph, &w, path, err);
    if (!code)
        code = lethe_project_model(project, graph, w, err);
    if (!code)
        code = lethe_project_identify(project, err);
    lethe_graph_unref(graph);
    lethe_free(w);
    return code;
}

enum lethe_err lethe_derived_model_read(struct lethe_project *project,
                                        const struct lethe_session *session,
                                        struct lethe_error *err)
{
    char *folder = NULL, *path = NULL;
    enum lethe_err code = place(&folder, &path, session, lethe_session_dir(session), err);
    if (!code && lethe_file_exists(path)) {
        if (!lethe_session_reading(session))
            sweep(session, folder);
        code = take(project, path, err);
    }
    lethe_free(folder);
    lethe_free(path);
    return code;
}

void lethe_derived_model_note(struct lethe_value *out, const struct lethe_workbench *wb)
{
    if (wb->session_dir || wb->session_home)
        lethe_put_note(out, "a new history begins, in memory: 'save PATH' keeps it");
}
