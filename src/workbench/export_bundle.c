/* SPDX-License-Identifier: MIT
 * Writing the files of a bundle. Labels stand as they were before a generator changed them: the
 * bundle says what it did, and reading it does it again. Where samples are gone, ids are others and
 * the record would not fit: then samples and labels stand as they are now. */
#include "workbench/export_bundle.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"
#include "lethe/onnx.h"

enum { WIDEST = 256 };

/* The first n samples but those in `gone`, "x1,x2,...,label" on top; numbers read back the same. */
struct table {
    const struct lethe_dataset *data;
    size_t n;
    const struct lethe_ids *gone;
    int as_now; /* labels as a generator left them */
};

static enum lethe_err write_table(const char *folder, const char *name, const struct table *table,
                                  struct lethe_error *err)
{
    const struct lethe_dataset *data = table->data;
    const size_t width = lethe_dataset_width(data);
    struct lethe_text out = {0};
    char *path = lethe_path_join(folder, name);
    double *x = lethe_alloc(width, sizeof *x);
    enum lethe_err code = path && x ? LETHE_OK : lethe_fail_memory(err, name, width, sizeof *x);
    for (size_t k = 0; !code && k < width; k++)
        lethe_text_addf(&out, "x%zu,", k + 1);
    lethe_text_add(&out, "label\n");
    for (size_t id = 0; !code && id < table->n; id++) {
        if (lethe_ids_has(table->gone, id))
            continue;
        lethe_dataset_batch(data, x, NULL, &id, 1);
        for (size_t k = 0; k < width; k++)
            lethe_text_addf(&out, "%.17g,", x[k]);
        lethe_text_addf(&out, "%d\n",
                        table->as_now ? lethe_dataset_label(data, id)
                                      : lethe_dataset_true_label(data, id));
    }
    if (!code)
        code = lethe_text_ok(&out, err);
    if (!code)
        code = lethe_file_write(path, lethe_text_get(&out), out.length, err);
    lethe_text_release(&out);
    lethe_free(path);
    lethe_free(x);
    return code;
}

/* Samples that stand in a file: all but those that a generator appended. */
static size_t own_samples(const struct lethe_project *project)
{
    const struct lethe_generated *made = project->bundle ? &project->bundle->generated : NULL;
    const size_t n = lethe_dataset_count(project->train);
    return made && made->count && lethe_generator_appends(made->kind) ? n - made->count : n;
}

static enum lethe_err write_model(const struct lethe_project *project, const char *folder,
                                  struct lethe_error *err)
{
    char *path = lethe_path_join(folder, "model.onnx");
    enum lethe_err code = path ? lethe_onnx_save(project->graph, project->w, path, LETHE_F64, err)
                               : lethe_fail_memory(err, folder, 1, 1);
    lethe_free(path);
    return code;
}

/* The folder's own name, by which the bundle is called. New (lethe_free). */
static char *name_of(const char *folder)
{
    size_t end = strlen(folder);
    while (end > 1 && folder[end - 1] == '/')
        end--;
    size_t first = end;
    while (first && folder[first - 1] != '/')
        first--;
    char *name = lethe_alloc(end - first + 1, 1);
    if (name) {
        memcpy(name, folder + first, end - first);
        name[end - first] = '\0';
    }
    return name;
}

/* Class names as the data have them; names is (classes). 0: the data have none. */
static size_t name_classes(const char **names, const struct lethe_dataset *data)
{
    const size_t classes = lethe_dataset_classes(data);
    for (size_t c = 0; c < classes; c++)
        if (!(names[c] = lethe_dataset_class_name(data, c)))
            return 0;
    return classes;
}

static enum lethe_err write_record(const struct lethe_project *project, const char *folder,
                                   const char *called, const struct lethe_recipe *recipe,
                                   struct lethe_error *err)
{
    const size_t classes = lethe_dataset_classes(project->train);
    struct lethe_bundle *bundle = lethe_bundle_new(err);
    const char **names = lethe_alloc_zero(classes, sizeof *names);
    char *name = name_of(called);
    char *paths[4] = {lethe_path_join(folder, "bundle.json"), lethe_path_join(folder, "model.onnx"),
                      lethe_path_join(folder, "train.csv"), lethe_path_join(folder, "heldout.csv")};
    enum lethe_err code = LETHE_OK;
    if (!bundle || !names || !name || !paths[0] || !paths[1] || !paths[2] || !paths[3])
        code = lethe_fail_memory(err, folder, classes, sizeof *names);
    if (!code) {
        bundle->name = name;
        bundle->model = paths[1];
        bundle->train.path = paths[2];
        bundle->heldout.path = project->heldout ? paths[3] : NULL;
        bundle->train.class_name_count = name_classes(names, project->train);
        bundle->train.class_names = bundle->train.class_name_count ? names : NULL;
        bundle->train.classes = classes;
        bundle->trained_on = project->trained_on - project->removed.count;
        bundle->split_seed = project->split_seed;
        bundle->recipe = *recipe;
        if (project->bundle && !project->removed.count) /* borrowed while it is written */
            bundle->generated = project->bundle->generated;
        code = lethe_bundle_save(bundle, paths[0], err);
        bundle->generated = (struct lethe_generated){0};
    }
    for (size_t k = 0; k < 4; k++)
        lethe_free(paths[k]);
    lethe_free(names);
    lethe_free(name);
    lethe_bundle_free(bundle);
    return code;
}

static const char *const files[] = {"train.csv", "heldout.csv", "model.onnx", "bundle.json"};

enum { FILES = sizeof files / sizeof *files, TRAIN = 0, HELDOUT, MODEL, RECORD };

static enum lethe_err write_all(const struct lethe_project *project, const char *folder,
                                const char *called, const struct lethe_recipe *recipe,
                                struct lethe_error *err)
{
    const struct lethe_ids none = {0}, *gone = &project->removed;
    const struct table train = {
        project->train, gone->count ? lethe_dataset_count(project->train) : own_samples(project),
        gone, gone->count > 0};
    enum lethe_err code = lethe_folder_make(folder, err);
    if (!code)
        code = write_table(folder, files[TRAIN], &train, err);
    if (!code && project->heldout) {
        const struct table heldout = {project->heldout, lethe_dataset_count(project->heldout),
                                      &none, gone->count > 0};
        code = write_table(folder, files[HELDOUT], &heldout, err);
    }
    if (!code)
        code = write_model(project, folder, err);
    return code ? code : write_record(project, folder, called, recipe, err);
}

/* Only what is a file of its own is replaced: a link may lead to a file of somebody else. */
static enum lethe_err check_place(char *const to[FILES], struct lethe_error *err)
{
    struct stat status;
    for (size_t k = 0; k < FILES; k++)
        if (!lstat(to[k], &status) && !S_ISREG(status.st_mode))
            return lethe_fail(err, LETHE_EIO,
                              "cannot write '%s': it is no regular file; a bundle takes a folder "
                              "of its own",
                              to[k]);
    return LETHE_OK;
}

/* The old bundle ends where its record goes, the new one begins where its own comes: whoever dies
 * between leaves none, never a mixture. */
static enum lethe_err move_all(char *const to[FILES], char *const from[FILES], const char *folder,
                               struct lethe_error *err)
{
    enum lethe_err code = lethe_file_remove(to[RECORD], err);
    if (!code)
        code = lethe_folder_sync(folder, err);
    for (size_t k = 0; !code && k < FILES; k++) {
        if (k == RECORD)
            code = lethe_folder_sync(folder, err);
        if (!code && lethe_file_exists(from[k]))
            code = lethe_file_move(from[k], to[k], err);
    }
    if (!code)
        code = lethe_folder_sync(folder, err);
    if (code && err) {
        const struct lethe_error why = *err;
        lethe_fail(err, code, "%s: the bundle is not complete, export it again", why.message);
    }
    return code;
}

static enum lethe_err write_aside(const struct lethe_project *project, const char *folder,
                                  const struct lethe_recipe *recipe, struct lethe_error *err)
{
    char name[64], *from[FILES] = {0}, *to[FILES] = {0};
    snprintf(name, sizeof name, ".lethe-%ld.tmp", (long)getpid());
    char *aside = lethe_path_join(folder, name);
    enum lethe_err code = aside ? LETHE_OK : lethe_fail_memory(err, "a path", sizeof name, 1);
    for (size_t k = 0; !code && k < FILES; k++)
        if (!(from[k] = lethe_path_join(aside, files[k])) ||
            !(to[k] = lethe_path_join(folder, files[k])))
            code = lethe_fail_memory(err, "a path", sizeof name, 1);
    if (!code)
        code = check_place(to, err);
    if (!code)
        code = write_all(project, aside, folder, recipe, err);
    if (!code)
        code = move_all(to, from, folder, err);
    for (size_t k = 0; k < FILES; k++) {
        if (code && from[k])
            lethe_file_remove(from[k], NULL);
        lethe_free(from[k]);
        lethe_free(to[k]);
    }
    if (!code)
        code = lethe_folder_remove(aside, err);
    else if (aside)
        lethe_folder_remove(aside, NULL);
    lethe_free(aside);
    return code;
}

enum lethe_err lethe_export_bundle(const struct lethe_project *project, const char *folder,
                                   const struct lethe_recipe *recipe, struct lethe_error *err)
{
    if (!project->train)
        return lethe_fail(err, LETHE_EARG,
                          "'%s': a bundle holds the samples too, and no data are loaded; an ONNX "
                          "file (%s.onnx) holds the model alone",
                          folder, folder);
    if (lethe_dataset_width(project->train) > WIDEST)
        return lethe_fail(err, LETHE_EARG,
                          "'%s': samples of %zu values are not written as a table (at most %d); an "
                          "ONNX file (%s.onnx) holds the model alone",
                          folder, lethe_dataset_width(project->train), (int)WIDEST, folder);
    enum lethe_err code = lethe_folder_make(folder, err);
    return code ? code : write_aside(project, folder, recipe, err);
}
