/* SPDX-License-Identifier: MIT
 * Samples that are not those of the model or bundle a session was begun with: a generator
 * changed them, or 'data' gave others. See derived_data.h. The record is a bundle's, about the
 * samples alone. */
#include "workbench/derived_data.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "lethe/bundle.h"
#include "lethe/generate.h"

enum { NAME = sizeof "blobs/" + LETHE_HASH_HEX + sizeof ".json" };

/* New (lethe_free); NULL with err filled. */
static char *place(const char *dir, const char *hash, struct lethe_error *err)
{
    char name[NAME];
    snprintf(name, sizeof name, "blobs/%s.json", hash);
    char *path = lethe_path_join(dir, name);
    if (!path)
        lethe_fail_memory(err, "a path", sizeof name, 1);
    return path;
}

enum lethe_err lethe_derived_data_write(const struct lethe_project *project, const char *dir,
                                        struct lethe_error *err)
{
    if (!project->bundle || !project->bundle->generated.count)
        return LETHE_OK;
    struct lethe_bundle *record = lethe_bundle_new(err);
    char *path = record ? place(dir, project->data_hash, err) : NULL;
    char *folder = path ? lethe_path_folder(path) : NULL;
    enum lethe_err code = path ? LETHE_OK : LETHE_ENOMEM;
    if (!code)
        code = folder ? lethe_folder_make(folder, err) : lethe_fail_memory(err, path, 1, 1);
    if (!code) {
        record->architecture = "any"; /* a bundle names a network; this one is about samples */
        record->generated = project->bundle->generated; /* borrowed while it is written */
        code = lethe_bundle_save(record, path, err);
        record->generated = (struct lethe_generated){0};
    }
    if (!code)
        lethe_file_make_private(path);
    lethe_free(folder);
    lethe_free(path);
    lethe_bundle_free(record);
    return code;
}

/* The session's record; *record stays NULL where it has none. */
static enum lethe_err read_record(struct lethe_bundle **record, const struct lethe_session *session,
                                  struct lethe_error *err)
{
    const char *dir = lethe_session_dir(session);
    char *path = dir ? place(dir, lethe_session_source(session)->data_hash, err) : NULL;
    enum lethe_err code = LETHE_OK;
    if (path && lethe_file_exists(path))
        code = lethe_bundle_load(record, path, err);
    lethe_free(path);
    return code;
}

static int is_right(const struct lethe_project *project, const struct lethe_session *session)
{
    return !strcmp(project->data_hash, lethe_session_source(session)->data_hash);
}

/* Gives the project these samples, changed as the record says (NULL: not at all). */
static enum lethe_err give(struct lethe_project *project, struct lethe_dataset *train,
                           struct lethe_dataset *heldout, const struct lethe_bundle *record,
                           struct lethe_error *err)
{
    struct lethe_dataset *first = train, *second = heldout;
    enum lethe_err code = LETHE_OK;
    if (record)
        code = lethe_generate_apply(&first, train, &record->generated, err);
    if (!code && record && heldout &&
        (code = lethe_generate_heldout(&second, heldout, &record->generated, err)))
        lethe_dataset_unref(first);
    if (code)
        return code;
    code = lethe_project_data(project, first, second, err);
    if (record) {
        lethe_dataset_unref(first);
        lethe_dataset_unref(second);
    }
    return code ? code : lethe_project_identify(project, err);
}

/* What was generated is known again, as after 'generate'. The record's is taken over. */
static enum lethe_err remember(struct lethe_project *project, struct lethe_bundle *record,
                               struct lethe_error *err)
{
    if (!project->bundle)
        project->bundle = lethe_bundle_new(err);
    if (!project->bundle)
        return LETHE_ENOMEM;
    lethe_generated_release(&project->bundle->generated);
    project->bundle->generated = record->generated;
    record->generated = (struct lethe_generated){0};
    return LETHE_OK;
}

/* Tries samples as they are and as the generator left them; what cannot be is no error here. */
static int try(struct lethe_project *project, const struct lethe_session *session,
               struct lethe_dataset *train, struct lethe_dataset *heldout,
               const struct lethe_bundle *record)
{
    if (!give(project, train, heldout, NULL, NULL) && is_right(project, session))
        return 1;
    return record && !give(project, train, heldout, record, NULL) && is_right(project, session);
}

enum lethe_err lethe_derived_data_find(struct lethe_project *project,
                                       const struct lethe_session *session,
                                       const struct lethe_project *here, struct lethe_error *err)
{
    struct lethe_bundle *record = NULL;
    if (!*lethe_session_source(session)->data_hash)
        return LETHE_OK;
    enum lethe_err code = read_record(&record, session, err);
    if (code || (!record && is_right(project, session)))
        return code;
    struct lethe_dataset *train = project->train, *heldout = project->heldout;
    if (train)
        lethe_dataset_ref(train);
    if (heldout)
        lethe_dataset_ref(heldout);
    int found = train && try(project, session, train, heldout, record); /* halves as they were */
    if (!found && here->train)
        found = try(project, session, here->train, here->heldout, record);
    if (found && record)
        code = remember(project, record, err);
    else if (!found && train)
        code = give(project, train, heldout, NULL, err);
    lethe_dataset_unref(train);
    lethe_dataset_unref(heldout);
    lethe_bundle_free(record);
    return code;
}
