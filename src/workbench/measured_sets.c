/* SPDX-License-Identifier: MIT
 * The sets of samples that `evaluate` measures, taken from what is on the table: a copy of the
 * weights and of the choice of samples, or a file that is read as the training samples were. */
#include "workbench/measured_sets.h"

#include <string.h>

#include "base/alloc.h"

const char *lethe_measured_set_name(int set)
{
    static const char *const names[] = {
        [LETHE_MEASURED_TRAIN] = "train",   [LETHE_MEASURED_FORGET] = "forget",
        [LETHE_MEASURED_RETAIN] = "retain", [LETHE_MEASURED_HELDOUT] = "heldout",
        [LETHE_MEASURED_TUNE] = "tune",     [LETHE_MEASURED_REPORT] = "report",
        [LETHE_MEASURED_STREAM] = "file",
    };
    _Static_assert(sizeof names / sizeof *names == LETHE_MEASURED_SETS, "a set without a name");
    return names[set];
}

void lethe_measured_sets_free(void *arg)
{
    struct lethe_measured_sets *m = arg;
    for (int set = 0; set < LETHE_MEASURED_SETS; set++)
        lethe_evaluated_set_release(&m->sets[set]);
    lethe_dataset_unref(m->train);
    lethe_dataset_unref(m->heldout);
    lethe_stream_free(m->stream);
    lethe_free(m->paths[0]);
    lethe_free(m->paths[1]);
    lethe_free(m->names);
    lethe_dataset_unref(m->named);
    lethe_graph_unref(m->graph);
    lethe_free(m->w);
    lethe_free(m);
}

enum lethe_err lethe_measured_sets_run(void *arg, struct lethe_watch *watch,
                                       struct lethe_error *err)
{
    struct lethe_measured_sets *m = arg;
    const struct lethe_evaluated_model model = {m->graph, m->w, m->dtype};
    if (m->stream)
        return lethe_evaluate_stream(&m->sets[LETHE_MEASURED_STREAM], &model, m->stream, watch,
                                     err);
    enum lethe_err code = lethe_evaluate_sets(&m->sets[LETHE_MEASURED_TRAIN],
                                              LETHE_MEASURED_HELDOUT - LETHE_MEASURED_TRAIN, &model,
                                              m->train, watch, err);
    return code ? code
                : lethe_evaluate_sets(&m->sets[LETHE_MEASURED_HELDOUT],
                                      LETHE_MEASURED_STREAM - LETHE_MEASURED_HELDOUT, &model,
                                      m->heldout, watch, err);
}

enum lethe_err lethe_measured_sets_take(struct lethe_measured_sets *m,
                                        const struct lethe_project *project,
                                        struct lethe_error *err)
{
    const struct lethe_ids none[2] = {{0}, {0}}, gone[2] = {project->removed, {0}};
    const struct lethe_ids both[2] = {project->removed, project->forget};
    m->train = lethe_dataset_ref(project->train);
    m->heldout = project->heldout ? lethe_dataset_ref(project->heldout) : NULL;
    enum lethe_err code = lethe_ids_without(&m->sets[LETHE_MEASURED_TRAIN].ids,
                                            lethe_dataset_count(project->train), NULL, gone, err);
    if (!code && project->forget.count)
        code = lethe_ids_without(&m->sets[LETHE_MEASURED_FORGET].ids,
                                 lethe_dataset_count(project->train), &project->forget, none, err);
    if (!code && project->forget.count)
        code = lethe_ids_without(&m->sets[LETHE_MEASURED_RETAIN].ids,
                                 lethe_dataset_count(project->train), NULL, both, err);
    if (!code && project->heldout)
        code = lethe_ids_without(&m->sets[LETHE_MEASURED_HELDOUT].ids,
                                 lethe_dataset_count(project->heldout), NULL, none, err);
    if (!code && project->heldout)
        code = lethe_ids_without(&m->sets[LETHE_MEASURED_TUNE].ids,
                                 lethe_dataset_count(project->heldout), &project->tune, none, err);
    if (!code && project->heldout)
        code =
            lethe_ids_without(&m->sets[LETHE_MEASURED_REPORT].ids,
                              lethe_dataset_count(project->heldout), &project->report, none, err);
    return code;
}

/* Names that were found in the training file stand for the same classes in this one. */
static enum lethe_err take_names(struct lethe_data_source *source, struct lethe_measured_sets *m,
                                 struct lethe_dataset *train, struct lethe_error *err)
{
    const size_t classes = train ? lethe_dataset_classes(train) : 0;
    if (source->class_name_count || !classes || !lethe_dataset_class_name(train, 0))
        return LETHE_OK;
    m->names = lethe_alloc(classes, sizeof *m->names);
    if (!m->names)
        return lethe_fail_memory(err, "names", classes, sizeof *m->names);
    m->named = lethe_dataset_ref(train);
    for (size_t c = 0; c < classes && lethe_dataset_class_name(train, c); c++) {
        m->names[c] = lethe_dataset_class_name(train, c);
        source->class_name_count = c + 1;
    }
    source->class_names = m->names;
    return LETHE_OK;
}

enum lethe_err lethe_measured_sets_open(struct lethe_measured_sets *m,
                                        const struct lethe_project *project,
                                        const struct lethe_measured_file *file,
                                        struct lethe_error *err)
{
    const char *const paths[2] = {file->path, file->labels};
    struct lethe_data_source source = {0};
    for (int k = 0; k < 2; k++)
        if (paths[k] && !(m->paths[k] = lethe_strdup(paths[k])))
            return lethe_fail_memory(err, "a path", strlen(paths[k]), 1);
    if (project->bundle)
        source = project->bundle->train;
    else if (project->train)
        source.normalize = lethe_dataset_normalize(project->train);
    source.path = m->paths[0];
    source.labels = m->paths[1];
    source.groups = NULL;
    source.like = project->train;
    source.first = source.last = 0;
    source.format = file->format;
    enum lethe_err code = take_names(&source, m, project->train, err);
    if (code)
        return code;
    if (!source.classes && !source.class_name_count)
        source.classes = m->classes;
    return lethe_stream_open(&m->stream, &source, file->megabytes << 20, err);
}

enum lethe_err lethe_measured_sets_new(struct lethe_measured_sets **out,
                                       const struct lethe_project *project, struct lethe_error *err)
{
    const size_t size = lethe_graph_size(project->graph) + lethe_graph_buffers(project->graph);
    struct lethe_measured_sets *m = lethe_alloc_zero(1, sizeof *m);
    if (!m)
        return lethe_fail_memory(err, "evaluation", 1, sizeof *m);
    m->graph = lethe_graph_ref(project->graph);
    m->dtype = lethe_graph_passes(project->graph);
    m->classes = lethe_graph_classes(project->graph);
    m->w = lethe_alloc(size, sizeof *m->w);
    enum lethe_err code = m->w ? LETHE_OK : lethe_fail_memory(err, "weights", size, sizeof *m->w);
    if (!code)
        memcpy(m->w, project->w, size * sizeof *m->w);
    for (int set = 0; set < LETHE_MEASURED_SETS && !code; set++)
        code =
            lethe_evaluated_set_init(&m->sets[set], lethe_measured_set_name(set), m->classes, err);
    if (code)
        lethe_measured_sets_free(m);
    else
        *out = m;
    return code;
}
