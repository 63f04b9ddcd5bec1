/* SPDX-License-Identifier: MIT
 * load, data, info, layers, export: the model and its data. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/alloc.h"
#include "cmd/commands.h"
#include "lethe/load.h"
#include "lethe/onnx.h"
#include "tensor/blas.h"
#include "workbench/workbench.h"

/* ---- load -------------------------------------------------------------------------------------
 */

static void put_subject(struct lethe_value *out, const struct lethe_workbench *wb)
{
    const struct lethe_project *project = &wb->project;
    lethe_put_text(out, "model", project->name);
    if (project->graph) {
        lethe_put_count(out, "parameters", lethe_graph_size(project->graph));
        lethe_put_count(out, "units", lethe_unit_count(project->graph));
        lethe_put_count(out, "classes", lethe_graph_classes(project->graph));
    }
    lethe_put_count(out, "train", project->train ? lethe_dataset_count(project->train) : 0);
    lethe_put_count(out, "heldout", project->heldout ? lethe_dataset_count(project->heldout) : 0);
    lethe_put_count(out, "generated", project->bundle ? project->bundle->generated.count : 0);
    lethe_put_real(out, "weight_decay", lethe_settings_real(&wb->settings, LETHE_SET_WEIGHT_DECAY));
}

static void put_unknown_keys(struct lethe_value *out, const struct lethe_bundle *bundle)
{
    const char *key;
    for (size_t i = 0; bundle && (key = lethe_bundle_unknown(bundle, i)); i++)
        lethe_put_note(out, "%s: the key '%s' is not known and was left alone", bundle->path, key);
}

/* How the file ends, when not in logits, and what was read in another way. */
static void put_model_notes(struct lethe_value *out, const struct lethe_graph *graph)
{
    const char *note;
    const enum lethe_graph_end end = graph ? lethe_graph_end(graph) : LETHE_END_LOGITS;
    if (end > LETHE_END_LOGITS && end < LETHE_END_MULTI_LABEL)
        lethe_put_note(out,
                       "the model ends in %s: logits are what that is computed from, and "
                       "'export' writes it as it was",
                       lethe_graph_end_text(end));
    for (size_t i = 0; graph && (note = lethe_graph_note(graph, i)); i++)
        lethe_put_note(out, "%s", note);
}

/* Outputs that no label reaches. */
static void put_idle_classes(struct lethe_value *out, const struct lethe_project *project)
{
    size_t classes = project->graph ? lethe_graph_classes(project->graph) : 0;
    size_t labels = project->train ? lethe_dataset_classes(project->train) : classes;
    if (labels < classes)
        lethe_put_note(out,
                       "the model has %zu outputs, the labels name %zu classes: classes %zu "
                       "to %zu have no samples",
                       classes, labels, labels, classes - 1);
}

static enum lethe_err run_load(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    enum lethe_err code = lethe_workbench_load(wb, lethe_args_text(&call->args, "PATH", ""), err);
    if (code)
        return code;
    /* a kept session goes on: its journal begins with a load already */
    call->unnoted = wb->session && lethe_session_note_count(wb->session);
    put_subject(call->out, wb);
    put_unknown_keys(call->out, wb->project.bundle);
    put_model_notes(call->out, wb->project.graph);
    put_idle_classes(call->out, &wb->project);
    if (wb->unkept[0])
        lethe_put_note(call->out, "this session is not kept: %s", wb->unkept);
    else if (call->unnoted && wb->session_home)
        lethe_put_note(call->out, "going on with the session kept for this model: 'log' shows it, "
                                  "'checkout root' goes back to its beginning");
    if (wb->remark[0])
        lethe_put_note(call->out, "%s", wb->remark);
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

/* ---- data -------------------------------------------------------------------------------------
 */

/* "A:B": rows A to B - 1. */
static enum lethe_err read_range(struct lethe_data_source *source, const struct lethe_args *args,
                                 const char *name, struct lethe_error *err)
{
    const char *text = lethe_args_text(args, name, NULL);
    char rest = '\0';
    if (!text)
        return LETHE_OK;
    if (text[0] == '-' || sscanf(text, "%zu:%zu%c", &source->first, &source->last, &rest) != 2 ||
        source->first >= source->last)
        return lethe_fail(err, LETHE_EARG,
                          "'%s' must be A:B, the rows from A to B - 1, with A < B, not '%s'", name,
                          text);
    return LETHE_OK;
}

/* "MEAN,STD", the same for every channel, or "standardize". */
static enum lethe_err read_normalize(struct lethe_normalize *norm, double pair[2],
                                     const struct lethe_args *args, struct lethe_error *err)
{
    const char *text = lethe_args_text(args, "normalize", NULL);
    char rest = '\0';
    *norm = (struct lethe_normalize){0};
    if (text && !strcmp(text, "standardize")) {
        norm->standardize = 1;
        return LETHE_OK;
    }
    if (text)
        *norm = (struct lethe_normalize){.mean = &pair[0], .std = &pair[1], .means = 1, .stds = 1};
    if (text && (sscanf(text, "%lf,%lf%c", &pair[0], &pair[1], &rest) != 2 || !isfinite(pair[0]) ||
                 !isfinite(pair[1]) || pair[1] <= 0))
        return lethe_fail(err, LETHE_EARG,
                          "'normalize' must be MEAN,STD with STD > 0, or standardize, not '%s'",
                          text);
    return LETHE_OK;
}

static enum lethe_err run_data(struct lethe_call *call, struct lethe_error *err)
{
    const struct lethe_args *args = &call->args;
    struct lethe_dataset *train = NULL, *heldout = NULL;
    double pair[2] = {0, 1};
    struct lethe_data_source source = {.path = lethe_args_text(args, "PATH", ""),
                                       .labels = lethe_args_text(args, "labels", NULL),
                                       .format = lethe_args_text(args, "format", NULL)};
    struct lethe_data_source other = source;
    enum lethe_err code = read_normalize(&source.normalize, pair, args, err);
    other.normalize = source.normalize;
    if (!code)
        code = read_range(&source, args, "train", err);
    if (!code)
        code = read_range(&other, args, "heldout", err);
    if (code)
        return code;
    if (lethe_args_given(args, "heldout.path"))
        other.path = lethe_args_text(args, "heldout.path", "");
    other.labels = lethe_args_text(args, "heldout.labels", other.labels);
    int apart = lethe_args_given(args, "heldout") || lethe_args_given(args, "heldout.path");
    code = lethe_dataset_load(&train, &source, err);
    other.like = train;
    if (!code && apart)
        code = lethe_dataset_load(&heldout, &other, err);
    if (!code)
        code = lethe_workbench_data(call->wb, train, heldout, err);
    lethe_dataset_unref(train);
    lethe_dataset_unref(heldout);
    if (!code)
        put_subject(call->out, call->wb);
    return code;
}

static const char *data_format(size_t n)
{
    const char *const *names = lethe_data_formats();
    for (size_t i = 0; i < n; i++)
        if (!names[i])
            return NULL;
    return names[n];
}

static const struct lethe_arg_spec data_args[] = {
    {.name = "PATH",
     .kind = LETHE_ARG_PATH,
     .flags = LETHE_ARG_NEEDED,
     .help = "file of samples (IDX, CSV, NPY, CIFAR-10, text), also .gz"},
    {.name = "labels",
     .kind = LETHE_ARG_PATH,
     .flags = LETHE_ARG_KEYED,
     .help = "file of labels (default: a column of PATH)"},
    {.name = "format",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choice = data_format,
     .help = "when it cannot be told from the content"},
    {.name = "normalize",
     .kind = LETHE_ARG_TEXT,
     .flags = LETHE_ARG_KEYED,
     .help = "MEAN,STD: x = (raw - MEAN) / STD, or standardize (0,1)"},
    {.name = "train",
     .kind = LETHE_ARG_TEXT,
     .flags = LETHE_ARG_KEYED,
     .help = "A:B: rows trained on (all)"},
    {.name = "heldout",
     .kind = LETHE_ARG_TEXT,
     .flags = LETHE_ARG_KEYED,
     .help = "A:B: rows never trained on (none)"},
    {.name = "heldout.path",
     .kind = LETHE_ARG_PATH,
     .flags = LETHE_ARG_KEYED,
     .help = "held-out samples in a file of their own"},
    {.name = "heldout.labels",
     .kind = LETHE_ARG_PATH,
     .flags = LETHE_ARG_KEYED,
     .help = "and their labels"},
};

const struct lethe_command lethe_command_data = {
    .name = "data",
    .group = LETHE_GROUP_MODEL,
    .flags = LETHE_NOTED,
    .summary = "Give a model its training and held-out samples",
    .detail = "Needed when the model came as a bare ONNX file; a bundle brings its data along.",
    .examples = "data digits.csv train=0:1437 heldout=1437:1797\n"
                "data images.gz labels=labels.gz normalize=0.1307,0.3081",
    LETHE_ARGS(data_args),
    .run = run_data,
};

/* ---- info, layers -----------------------------------------------------------------------------
 */

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
                       lethe_graph_size(graph) <= 100000
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
        lethe_put_text(out, "session", lethe_session_dir(wb->session));
    }
    put_model_notes(out, graph);
    put_idle_classes(out, &wb->project);
    if (!graph && !wb->project.train)
        lethe_put_note(out, "nothing is loaded: 'load PATH'");
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

/* ---- export -----------------------------------------------------------------------------------
 */

static enum lethe_err run_export(struct lethe_call *call, struct lethe_error *err)
{
    const struct lethe_project *project = &call->wb->project;
    const char *path = lethe_args_text(&call->args, "PATH", "");
    static const enum lethe_onnx_real types[] = {LETHE_ONNX_FLOAT32, LETHE_ONNX_FLOAT64,
                                                 LETHE_ONNX_FLOAT16, LETHE_ONNX_BFLOAT16,
                                                 LETHE_ONNX_STORED};
    static const char *const names[] = {"float32", "float64", "float16", "bfloat16"};
    size_t type = lethe_graph_dtype(project->graph) == LETHE_F64;
    if (lethe_args_given(&call->args, "precision"))
        type = (size_t)lethe_args_choice(&call->args, "precision", 0);
    enum lethe_err code = lethe_onnx_save_as(project->graph, project->w, path, types[type], err);
    if (code)
        return code;
    lethe_put_text(call->out, "path", path);
    lethe_put_text(call->out, "precision",
                   type < 4 ? names[type] : lethe_graph_stored(project->graph));
    return LETHE_OK;
}

static const struct lethe_arg_spec export_args[] = {
    {.name = "PATH", .kind = LETHE_ARG_PATH, .flags = LETHE_ARG_NEEDED, .help = "file to write"},
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
    .detail = "The weights of the last commit; a preview is not written. The file is replaced in "
              "one step.",
    .examples = "export cleaned.onnx",
    LETHE_ARGS(export_args),
    .run = run_export,
};
