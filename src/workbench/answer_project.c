/* SPDX-License-Identifier: MIT
 * What load, data and info have in common to say. */
#include "workbench/answer_project.h"

#include <stdint.h>

#include "lethe/load.h"
#include "text/nearest.h"

void lethe_put_project(struct lethe_value *out, const struct lethe_workbench *wb)
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

static void put_unknown_key(struct lethe_value *out, const char *path, const char *object,
                            const char *key)
{
    struct lethe_nearest guess;
    lethe_nearest_init(&guess, key);
    for (const char *const *known = lethe_bundle_keys(object); *known; known++)
        lethe_nearest_offer(&guess, *known);
    lethe_put_note(out, "%s: the key '%s'%s%s is not known and was left alone%s%s%s", path, key,
                   object ? " in " : "", object ? object : "", guess.best ? ": did you mean '" : "",
                   guess.best ? guess.best : "", guess.best ? "'?" : "");
}

void lethe_put_unknown_keys(struct lethe_value *out, const struct lethe_bundle *bundle)
{
    const char *key, *object;
    for (size_t i = 0; bundle && (key = lethe_bundle_unknown(bundle, i)); i++)
        put_unknown_key(out, bundle->path, NULL, key);
    for (size_t i = 0; bundle && (key = lethe_bundle_unknown_within(bundle, i, &object)); i++)
        put_unknown_key(out, bundle->path, object, key);
}

/* What the readers noticed, and held-out samples that were trained on. */
void lethe_put_data_notes(struct lethe_value *out, const struct lethe_project *project)
{
    const char *note;
    size_t first = 0, shared;
    for (size_t i = 0; project->train && (note = lethe_dataset_note(project->train, i)); i++)
        lethe_put_note(out, "%s", note);
    for (size_t i = 0; project->heldout && (note = lethe_dataset_note(project->heldout, i)); i++)
        lethe_put_note(out, "held-out: %s", note);
    if (!project->train || !project->heldout)
        return;
    shared = lethe_dataset_shared(project->train, project->heldout, &first);
    if (shared && shared != SIZE_MAX)
        lethe_put_note(out,
                       "%zu of %zu held-out samples are training samples, too (the first: "
                       "%zu): held-out figures look better than they are",
                       shared, lethe_dataset_count(project->heldout), first);
}

/* How the file ends, when not in logits, and what was read in another way. */
void lethe_put_model_notes(struct lethe_value *out, const struct lethe_graph *graph)
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
void lethe_put_idle_classes(struct lethe_value *out, const struct lethe_project *project)
{
    size_t classes = project->graph ? lethe_graph_classes(project->graph) : 0;
    size_t labels = project->train ? lethe_dataset_classes(project->train) : classes;
    if (labels < classes)
        lethe_put_note(out,
                       "the model has %zu outputs, the labels name %zu classes: nobody is of class "
                       "%zu%s; 'head %zu' and 'train head' put a layer of these classes behind it",
                       classes, labels, labels, classes - labels > 1 ? " or above" : "", labels);
}
