/* SPDX-License-Identifier: MIT
 * load, info, layers, export: the model. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "base/alloc.h"
#include "base/file.h"
#include "cmd/commands.h"
#include "lethe/load.h"
#include "lethe/onnx.h"
#include "tensor/blas.h"
#include "workbench/answer_project.h"
#include "workbench/answer_session.h"
#include "workbench/closing.h"
#include "workbench/export_bundle.h"
#include "workbench/movable.h"
#include "workbench/workbench.h"

/* ---- load ------------------------------------------------------------------------------------ */

static enum lethe_err run_load(struct lethe_call *call, struct lethe_error *err)
{
    if (lethe_standing_leave(call, err))
        return LETHE_EARG;
    struct lethe_workbench *wb = call->wb;
    enum lethe_err code = lethe_workbench_load(wb, lethe_args_text(&call->args, "PATH", ""), err);
    if (code)
        return code;
    /* a kept session goes on: its journal begins with a load already */
    call->unnoted = wb->session && lethe_session_note_count(wb->session);
    lethe_put_project(call->out, wb);
    lethe_put_unknown_keys(call->out, wb->project.bundle);
    lethe_put_model_notes(call->out, wb->project.graph);
    lethe_put_idle_classes(call->out, &wb->project);
    lethe_put_data_notes(call->out, &wb->project);
    lethe_standing_put_notes(call->out, wb);
    if (!wb->project.graph)
        lethe_put_note(call->out, "there is no model yet: 'train' makes it");
    return LETHE_OK;
}

static const struct lethe_arg_spec load_args[] = {
    {.name = "PATH",
     .kind = LETHE_ARG_PATH,
     .flags = LETHE_ARG_NEEDED,
     .help = "folder with a bundle.json, a bundle.json, or an ONNX file"},
};

const struct lethe_command lethe_command_load = {
    .name = "load",
    .group = LETHE_GROUP_MODEL,
    .flags = LETHE_NOTED,
    .summary = "Load a model, with its data when it comes in a bundle",
    .detail =
        "Replaces what was on the workbench: forget set, results and history begin anew. When "
        "a session of this model is kept, it continues where it was.",
    .examples =
        "load sample_models/digits-mlp\nload net.onnx; data train.csv; set weight_decay 1e-3",
    LETHE_ARGS(load_args),
    .run = run_load,
};

/* ---- info, layers ---------------------------------------------------------------------------- */

static void put_data(struct lethe_value *out, const struct lethe_workbench *wb)
{
    const struct lethe_project *project = &wb->project;
    if (!project->train)
        return;
    struct lethe_text shape = {0};
    for (size_t axis = 0; axis < lethe_dataset_ndim(project->train); axis++)
        lethe_text_addf(&shape, "%s%zu", axis ? "x" : "", lethe_dataset_dim(project->train, axis));
    lethe_put_count(out, "train", lethe_dataset_count(project->train));
    lethe_put_count(out, "heldout", project->heldout ? lethe_dataset_count(project->heldout) : 0);
    lethe_put_text(out, "sample", lethe_text_get(&shape));
    lethe_put_count(out, "classes", lethe_dataset_classes(project->train));
    lethe_put_count(out, "trained_on", project->trained_on);
    lethe_put_count(out, "forgotten", project->removed.count);
    lethe_put_count(out, "forget", project->forget.count);
    lethe_put_count(out, "generated", project->bundle ? project->bundle->generated.count : 0);
    lethe_text_release(&shape);
}

static enum lethe_err run_info(struct lethe_call *call, struct lethe_error *err)
{
    (void)err;
    const struct lethe_workbench *wb = call->wb;
    const struct lethe_graph *graph = wb->project.graph;
    struct lethe_value *out = call->out;
    lethe_put_text(out, "model", wb->project.name);
    lethe_put_text(out, "path", wb->project.path);
    if (graph) {
        size_t layers = lethe_graph_layer_count(graph);
        lethe_put_count(out, "parameters", lethe_graph_size(graph));
        lethe_put_count(out, "layers", layers);
        lethe_put_count(out, "units", lethe_unit_count(graph));
        lethe_put_count(out, "classes", lethe_graph_classes(graph));
        lethe_put_text(out, "output", lethe_graph_end_text(lethe_graph_end(graph)));
        lethe_put_text(out, "file_precision", lethe_graph_stored(graph));
        lethe_put_text(out, "precision",
                       lethe_graph_passes(graph) == LETHE_F64
                           ? "float64; perturbation in float32, solves in float64"
                           : "float32 with sums in float64, solves in float64");
        if (lethe_graph_corner(graph) > 0)
            lethe_put_real(out, "round_corners", lethe_graph_corner(graph));
    }
    put_data(out, wb);
    lethe_put_real(out, "weight_decay", lethe_settings_real(&wb->settings, LETHE_SET_WEIGHT_DECAY));
    lethe_put_text(out, "processor", lethe_blas_core());
    if (wb->session) {
        lethe_put_text(out, "head", lethe_state_id(lethe_session_head(wb->session)));
        lethe_standing_put(out, wb);
    }
    lethe_put_model_notes(out, graph);
    lethe_put_idle_classes(out, &wb->project);
    lethe_put_data_notes(out, &wb->project);
    struct lethe_text closing = {0};
    lethe_closing_info(&closing, wb);
    lethe_hint(lethe_put_text(out, "summary", lethe_text_get(&closing)), LETHE_HINT_SENTENCE);
    lethe_text_release(&closing);
    return LETHE_OK;
}

const struct lethe_command lethe_command_info = {
    .name = "info",
    .group = LETHE_GROUP_MODEL,
    .summary = "Tell what is on the workbench",
    .run = run_info,
};

static enum lethe_err run_layers(struct lethe_call *call, struct lethe_error *err)
{
    (void)err;
    const struct lethe_graph *graph = call->wb->project.graph;
    struct lethe_value *list = lethe_put_list(call->out, "layers");
    for (size_t i = 0; i < lethe_graph_layer_count(graph); i++) {
        const struct lethe_layer *layer = lethe_graph_layer(graph, i);
        struct lethe_value *item = lethe_put_object(list, NULL);
        lethe_put_text(item, "layer", layer->name);
        lethe_put_text(item, "op", layer->op);
        lethe_put_count(item, "units", layer->units);
        lethe_put_count(item, "unit_parameters", layer->unit_params);
        lethe_put_count(item, "parameters", layer->units * layer->unit_params);
        lethe_put_count(item, "inputs", layer->fan_in);
        lethe_put_count(item, "positions", layer->positions);
    }
    struct lethe_value *groups = NULL;
    for (size_t u = lethe_unit_count(graph); u < lethe_unit_total(graph); u++) {
        char name[LETHE_UNIT_NAME];
        lethe_unit_name(name, sizeof name, graph, u);
        groups = groups ? groups : lethe_put_list(call->out, "groups");
        struct lethe_value *item = lethe_put_object(groups, NULL);
        lethe_put_text(item, "tensor", name);
        lethe_put_count(item, "parameters", lethe_unit_at(graph, u).params);
    }
    return LETHE_OK;
}

const struct lethe_command lethe_command_layers = {
    .name = "layers",
    .group = LETHE_GROUP_MODEL,
    .flags = LETHE_NEEDS_MODEL,
    .summary = "List the layers and their units",
    .detail = "A unit is one output of a layer with its weights and bias, written layer[index]. "
              "Groups are tensors that belong to no unit; 'blanket all' takes them too.",
    .run = run_layers,
};

/* ---- export ---------------------------------------------------------------------------------- */

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
