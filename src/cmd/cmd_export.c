/* SPDX-License-Identifier: MIT
 * export: the model as it stands as an ONNX file, its weights alone, or a bundle with the data. */
#include <string.h>
#include <strings.h>
#include "base/file.h"
#include "cmd/commands.h"
#include "lethe/onnx.h"
#include "workbench/export_bundle.h"
#include "workbench/movable.h"
#include "workbench/workbench.h"

static enum lethe_err export_bundle(struct lethe_call *call, const char *path,
                                    struct lethe_error *err)
{
    const struct lethe_workbench *wb = call->wb;
    const size_t gone = wb->project.removed.count;
    struct lethe_standing standing = {0};
    struct lethe_recipe recipe = {.optimizer = "lbfgs",
                                  .tolerance = 1e-7,
                                  .seed = lethe_settings_count(&wb->settings, LETHE_SET_SEED)};
    if (wb->project.bundle)
        recipe = wb->project.bundle->recipe;
    recipe.last_layer = lethe_workbench_features(wb) == LETHE_FEATURES_GIVEN;
    recipe.weight_decay = lethe_settings_real(&wb->settings, LETHE_SET_WEIGHT_DECAY);
    if (wb->session)
        lethe_session_standing(&standing, wb->session);
    if (standing.gone > gone)
        return lethe_fail(err, LETHE_EARG,
                          "a bundle holds the samples, and those that were forgotten before the "
                          "seal are not known any more: an ONNX file holds the model alone");
    lethe_put_text(call->out, "path", path);
    if (gone)
        lethe_put_note(call->out, "%s not in it: those after them are numbered anew",
                       gone == 1 ? "the sample that was forgotten is"
                                 : "the samples that were forgotten are");
    return lethe_export_bundle(&wb->project, path, &recipe, err);
}

static int ends_in(const char *path, const char *end)
{
    const size_t n = strlen(path), m = strlen(end);
    return n >= m && !strcasecmp(path + n - m, end);
}

static enum lethe_err run_export(struct lethe_call *call, struct lethe_error *err)
{
    const struct lethe_project *project = &call->wb->project;
    const char *path = lethe_args_text(&call->args, "PATH", "");
    const int weights = ends_in(path, ".safetensors");
    static const enum lethe_onnx_real types[] = {LETHE_ONNX_FLOAT32, LETHE_ONNX_FLOAT64,
                                                 LETHE_ONNX_FLOAT16, LETHE_ONNX_BFLOAT16,
                                                 LETHE_ONNX_STORED};
    static const char *const names[] = {"float32", "float64", "float16", "bfloat16"};
    size_t type = lethe_graph_dtype(project->graph) == LETHE_F64;
    if (lethe_folder_exists(path) || (*path && path[strlen(path) - 1] == '/'))
        return export_bundle(call, path, err);
    if (lethe_args_given(&call->args, "precision"))
        type = (size_t)lethe_args_choice(&call->args, "precision", 0);
    if (weights && types[type] == LETHE_ONNX_STORED) /* half precision fits a float */
        type = !strcmp(lethe_graph_stored(project->graph), "float64");
    if (weights && type > 1)
        return lethe_fail(err, LETHE_EARG,
                          "a safetensors file is written in float32 or float64, not in %s: export "
                          "an ONNX file",
                          names[type]);
    enum lethe_err code =
        weights ? lethe_safetensors_save(project->graph, project->w, path,
                                         type ? LETHE_F64 : LETHE_F32, err)
                : lethe_onnx_save_as(project->graph, project->w, path, types[type], err);
    if (code)
        return code;
    call->wb->exported = call->wb->session ? lethe_session_head(call->wb->session) : NULL;
    lethe_put_text(call->out, "path", path);
    lethe_put_text(call->out, "precision",
                   type < 4 ? names[type] : lethe_graph_stored(project->graph));
    return LETHE_OK;
}

static const struct lethe_arg_spec export_args[] = {
    {.name = "PATH",
     .kind = LETHE_ARG_PATH,
     .flags = LETHE_ARG_NEEDED,
     .help = "file to write, or FOLDER/"},
    {.name = "precision",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "float32|float64|float16|bfloat16|stored",
     .help = "of all real numbers; stored: each as in the file it came from (float64 if the file "
             "had that, else float32)"},
};

const struct lethe_command lethe_command_export = {
    .name = "export",
    .group = LETHE_GROUP_MODEL,
    .flags = LETHE_NEEDS_MODEL,
    .summary = "Write the model as it stands to an ONNX file",
    .detail =
        "The weights of the last commit; a preview is not written. The file is replaced in "
        "one step. A name that ends in .safetensors gets the weights alone, by name, for "
        "'weights' and for PyTorch. A folder (with a slash at its end) becomes a bundle: model, "
        "samples but the forgotten as tables, and how it was trained.",
    .examples = "export cleaned.onnx\nexport cleaned.safetensors\nexport my-points/",
    LETHE_ARGS(export_args),
    .run = run_export,
};
