/* SPDX-License-Identifier: MIT
 * Loading a project and making snapshots of it. */
#include "workbench/project.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "lethe/onnx.h"
#include "lethe/rng.h"
#include "nn/graph.h"
#include "workbench/architecture.h"

static void free_ids(struct lethe_ids *ids)
{
    lethe_free(ids->at);
    *ids = (struct lethe_ids){0};
}

void lethe_project_release(struct lethe_project *project)
{
    lethe_graph_unref(project->graph);
    lethe_dataset_unref(project->train);
    lethe_dataset_unref(project->heldout);
    lethe_bundle_free(project->bundle);
    lethe_free(project->path);
    lethe_free(project->name);
    lethe_shared_unref(project->weights);
    free_ids(&project->forget);
    free_ids(&project->removed);
    free_ids(&project->tune);
    free_ids(&project->report);
    *project = (struct lethe_project){0};
}

/* ---- ids ------------------------------------------------------------------------------------- */

enum lethe_err lethe_project_check(const struct lethe_project *project, const size_t *ids,
                                   size_t count, struct lethe_error *err)
{
    const size_t present = lethe_dataset_count(project->train);
    for (size_t i = 0; i < count; i++) {
        if (ids[i] >= present)
            return lethe_fail(err, LETHE_EARG, "sample %zu is outside the training set (0 to %zu)",
                              ids[i], present - 1);
        if (i && ids[i] <= ids[i - 1])
            return lethe_fail(err, LETHE_EARG, "sample %zu is named twice", ids[i]);
        if (lethe_ids_has(&project->removed, ids[i]))
            return lethe_fail(err, LETHE_EARG, "sample %zu is forgotten already; see 'log'",
                              ids[i]);
    }
    if (count && count >= present - project->removed.count)
        return lethe_fail(err, LETHE_EARG,
                          "forgetting all %zu samples that are left leaves nothing to keep", count);
    return LETHE_OK;
}

/* ---- loading --------------------------------------------------------------------------------- */

/* What identifies the data: shape, labels and every value a batch would show. */
static enum lethe_err hash_data(struct lethe_project *project, struct lethe_error *err)
{
    const size_t n = lethe_dataset_count(project->train),
                 width = lethe_dataset_width(project->train);
    double *x = lethe_alloc(width, sizeof *x);
    struct lethe_hash hash;
    if (!x)
        return lethe_fail_memory(err, "a sample", width, sizeof *x);
    lethe_hash_init(&hash);
    for (size_t id = 0; id < n; id++) {
        int label;
        lethe_dataset_batch(project->train, x, &label, &id, 1);
        lethe_hash_add(&hash, x, width * sizeof *x);
        lethe_hash_add(&hash, &label, sizeof label);
    }
    lethe_hash_text(&hash, project->data_hash);
    lethe_free(x);
    return LETHE_OK;
}

void lethe_project_weights(struct lethe_project *project, struct lethe_shared *weights)
{
    lethe_shared_unref(project->weights);
    project->weights = weights;
    project->w = lethe_shared_read(weights);
}

/* Takes w over, also on failure. */
static enum lethe_err own(struct lethe_project *project, double *w, struct lethe_error *err)
{
    struct lethe_shared *weights = lethe_shared_new(w);
    if (!weights) {
        lethe_free(w);
        return lethe_fail_memory(err, "weights", 1, 1);
    }
    lethe_project_weights(project, weights);
    return LETHE_OK;
}

static enum lethe_err load_model(struct lethe_project *project, const char *path,
                                 struct lethe_error *err)
{
    double *w = NULL;
    enum lethe_err code = lethe_onnx_load(&project->graph, &w, path, err);
    return code ? code : own(project, w, err);
}

enum lethe_err lethe_project_identify(struct lethe_project *project, struct lethe_error *err)
{
    project->model_hash[0] = project->data_hash[0] = '\0';
    if (project->graph) {
        const size_t size = lethe_graph_size(project->graph) + lethe_graph_buffers(project->graph);
        const double corner = lethe_graph_corner(project->graph);
        struct lethe_hash hash;
        lethe_hash_init(&hash);
        lethe_hash_add(&hash, project->w, size * sizeof *project->w);
        if (corner > 0)
            lethe_hash_add(&hash, &corner, sizeof corner);
        lethe_hash_text(&hash, project->model_hash);
    }
    return project->train ? hash_data(project, err) : LETHE_OK;
}

/* Labels against the outputs: neither more classes than outputs nor a head that chooses none. */
static enum lethe_err check_labels(const struct lethe_project *project, struct lethe_error *err)
{
    const size_t classes = lethe_graph_classes(project->graph);
    const size_t labels = lethe_dataset_classes(project->train);
    const enum lethe_graph_end end = lethe_graph_end(project->graph);
    const enum lethe_err code = lethe_graph_check_end(project->graph, err);
    if (code || labels <= classes)
        return code;
    if (end == LETHE_END_ONE_LOGIT || end == LETHE_END_ONE_SIGMOID)
        return lethe_fail(err, LETHE_EFORMAT,
                          "the model has one output, the labels go up to %zu: either a regression "
                          "head, which lethe cannot unlearn from, or two classes, whose labels are "
                          "0 and 1",
                          labels - 1);
    return lethe_fail(err, LETHE_EFORMAT, "the model has %zu classes, the labels go up to %zu%s",
                      classes, labels - 1,
                      labels == classes + 1 ? ": labels count from 0 here; if the first class is "
                                              "numbered 1, say first_label=1"
                                            : ": numbers of classes with gaps between are closed "
                                              "by y = np.unique(y, return_inverse=True)[1]");
}

/* Rows, columns, channels for a network that takes channels first: as many numbers, and all in the
 * wrong place. */
static enum lethe_err check_order(const struct lethe_project *project, struct lethe_error *err)
{
    const struct lethe_dataset *data = project->train;
    const struct lethe_graph *graph = project->graph;
    const struct lethe_shape *shape = &graph->values[graph->inputs[0]].shape;
    const size_t *want = shape->dims + 1; /* behind the batch */
    size_t have[3];
    if (graph->input_count != 1 || shape->ndim != 4 || lethe_dataset_ndim(data) != 3)
        return LETHE_OK;
    for (size_t d = 0; d < 3; d++)
        have[d] = lethe_dataset_dim(data, d);
    if (have[0] == want[0] || have[2] != want[0] || have[0] != want[1] || have[1] != want[2])
        return LETHE_OK;
    return lethe_fail(err, LETHE_EFORMAT,
                      "the samples are %zu x %zu x %zu with channels last, the model takes %zu x "
                      "%zu x %zu: say channels=last ('channels_last': true in 'normalize')",
                      have[0], have[1], have[2], want[0], want[1], want[2]);
}

static enum lethe_err check_fit(const struct lethe_project *project, struct lethe_error *err)
{
    if (!project->graph || !project->train)
        return LETHE_OK;
    size_t width = 0;
    for (size_t i = 0; i < lethe_graph_inputs(project->graph); i++)
        width += lethe_graph_input_width(project->graph, i);
    if (lethe_dataset_width(project->train) != width)
        return lethe_fail(err, LETHE_EFORMAT,
                          "the model takes %zu values per sample, the data has %zu", width,
                          lethe_dataset_width(project->train));
    enum lethe_err code = check_order(project, err);
    return code ? code : check_labels(project, err);
}

/* The bundle's architecture with the weights its training begins with. */
static enum lethe_err fresh_model(struct lethe_project *project, struct lethe_error *err)
{
    const struct lethe_bundle *bundle = project->bundle;
    const struct lethe_samples_shape data = lethe_samples_shape_of(project->train);
    enum lethe_err code = lethe_architecture_make(&project->graph, bundle->architecture,
                                                  bundle->activation, &data, err);
    if (code)
        return code;
    const size_t size = lethe_graph_size(project->graph) + lethe_graph_buffers(project->graph);
    double *w = lethe_alloc_zero(size, sizeof *w);
    if (!w)
        return lethe_fail_memory(err, "weights", size, sizeof *w);
    lethe_graph_init(project->graph, bundle->recipe.seed, w);
    return own(project, w, err);
}

static enum lethe_err load_bundle(struct lethe_project *project, const char *path,
                                  struct lethe_error *err)
{
    enum lethe_err code = lethe_bundle_load(&project->bundle, path, err);
    if (code)
        return code;
    const struct lethe_bundle *bundle = project->bundle;
    code = lethe_bundle_data(&project->train, &project->heldout, bundle, err);
    if (!code && bundle->model && lethe_file_exists(bundle->model))
        code = load_model(project, bundle->model, err);
    else if (!code && bundle->architecture)
        code = fresh_model(project, err);
    if (code)
        return code;
    project->trained_on = bundle->trained_on;
    if (!project->trained_on && project->train)
        project->trained_on = lethe_dataset_count(project->train);
    code = check_fit(project, err);
    return code || !project->heldout ? code : lethe_project_split(project, bundle->split_seed, err);
}

static const char *last_part(const char *path)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    const char *at = path + n;
    while (at > path && at[-1] != '/')
        at--;
    return at;
}

enum lethe_err lethe_project_load(struct lethe_project *project, const char *path,
                                  struct lethe_error *err)
{
    struct lethe_project made = {0};
    const size_t n = strlen(path);
    int bare = n > 5 && !strcmp(path + n - 5, ".onnx");
    made.path = lethe_strdup(path);
    made.name = made.path ? lethe_strdup(last_part(path)) : NULL;
    enum lethe_err code = made.name ? LETHE_OK : lethe_fail_memory(err, "a path", n, 1);
    if (!code)
        code = bare ? load_model(&made, path, err) : load_bundle(&made, path, err);
    made.features = bare ? LETHE_FEATURES_UNKNOWN : LETHE_FEATURES_OWN;
    if (!code && !bare && made.bundle->recipe.last_layer)
        made.features = LETHE_FEATURES_GIVEN;
    if (!code)
        code = lethe_project_identify(&made, err);
    if (!code && made.bundle && made.bundle->name) {
        lethe_free(made.name);
        made.name = lethe_strdup(made.bundle->name);
    }
    if (code) {
        lethe_project_release(&made);
        return code;
    }
    lethe_project_release(project);
    *project = made;
    return LETHE_OK;
}

enum lethe_err lethe_project_read(struct lethe_project *project, const char *path,
                                  struct lethe_error *err)
{
    struct lethe_data_source source = {.path = path};
    struct lethe_dataset *train = NULL, *heldout = NULL;
    enum lethe_err code = lethe_dataset_load(&train, &source, err);
    source.like = train;
    if (!code && lethe_source_has_heldout(&source))
        code = lethe_dataset_load(&heldout, &source, err);
    if (!code)
        code = lethe_project_data(project, train, heldout, err);
    lethe_dataset_unref(train);
    lethe_dataset_unref(heldout);
    project->name = code ? NULL : lethe_strdup(last_part(path));
    return code || project->name ? code : lethe_fail_memory(err, "a name", strlen(path), 1);
}

enum lethe_err lethe_project_data(struct lethe_project *project, struct lethe_dataset *train,
                                  struct lethe_dataset *heldout, struct lethe_error *err)
{
    struct lethe_project next = *project;
    next.train = train;
    next.heldout = heldout;
    next.tune = next.report = (struct lethe_ids){0};
    enum lethe_err code = check_fit(&next, err);
    if (!code && heldout)
        code = lethe_project_split(&next, 0, err);
    if (code)
        return code;
    lethe_dataset_ref(train);
    if (heldout)
        lethe_dataset_ref(heldout);
    lethe_dataset_unref(project->train);
    lethe_dataset_unref(project->heldout);
    free_ids(&project->tune);
    free_ids(&project->report);
    free_ids(&project->forget);
    next.forget = (struct lethe_ids){0};
    next.trained_on = lethe_dataset_count(train);
    if (next.bundle) /* a record of what was done to the samples before */
        lethe_generated_release(&next.bundle->generated);
    *project = next;
    return LETHE_OK;
}

enum lethe_err lethe_project_model(struct lethe_project *project, struct lethe_graph *graph,
                                   const double *w, struct lethe_error *err)
{
    struct lethe_project next = *project;
    const size_t size = lethe_graph_size(graph) + lethe_graph_buffers(graph);
    next.graph = graph;
    next.made_here = 1;
    if (check_fit(&next, err))
        return LETHE_EFORMAT;
    double *copy = lethe_alloc(size, sizeof *copy);
    next.path = project->path ? project->path : lethe_strdup("");
    next.name = project->name ? project->name : lethe_strdup("untitled");
    if (!copy || !next.path || !next.name) {
        lethe_free(copy);
        return lethe_fail_memory(err, "weights", size, sizeof *w);
    }
    memcpy(copy, w, size * sizeof *w);
    enum lethe_err code = own(&next, copy, err); /* gives the old reference back */
    if (code)
        return code;
    lethe_graph_ref(graph);
    lethe_graph_unref(project->graph);
    *project = next;
    return LETHE_OK;
}

enum lethe_err lethe_project_split(struct lethe_project *project, uint64_t seed,
                                   struct lethe_error *err)
{
    const size_t n = lethe_dataset_count(project->heldout);
    const size_t classes = lethe_dataset_classes(project->heldout);
    size_t *class_ids = lethe_alloc(n, sizeof *class_ids);
    unsigned char *reported = lethe_alloc_zero(n, 1);
    size_t *halves[2] = {lethe_alloc(n, sizeof(size_t)), lethe_alloc(n, sizeof(size_t))};
    size_t counts[2] = {0, 0};
    enum lethe_err code = LETHE_OK;
    project->split_seed = seed;
    if (!class_ids || !reported || !halves[0] || !halves[1]) {
        code = lethe_fail_memory(err, "sample ids", n, sizeof *class_ids);
        lethe_free(halves[0]);
        lethe_free(halves[1]);
        goto out;
    }
    for (size_t c = 0; c < classes; c++) {
        struct lethe_rng rng;
        size_t count = 0;
        for (size_t id = 0; id < n; id++)
            if (lethe_dataset_label(project->heldout, id) == (int)c)
                class_ids[count++] = id;
        lethe_rng_init(&rng, seed, LETHE_RNG_SPLIT, c, 0);
        lethe_rng_shuffle(&rng, class_ids, count);
        for (size_t i = 0; i < count / 2; i++)
            reported[class_ids[i]] = 1;
    }
    for (size_t id = 0; id < n; id++)
        halves[reported[id]][counts[reported[id]]++] = id;
    free_ids(&project->tune);
    free_ids(&project->report);
    project->tune = (struct lethe_ids){halves[0], counts[0]};
    project->report = (struct lethe_ids){halves[1], counts[1]};
out:
    lethe_free(class_ids);
    lethe_free(reported);
    return code;
}

static enum lethe_err schedule_of(enum lethe_train_schedule *schedule, const char *word,
                                  struct lethe_error *err)
{
    static const char *const words[] = {[LETHE_RATE_CONSTANT] = "constant",
                                        [LETHE_RATE_COSINE] = "cosine",
                                        [LETHE_RATE_STEP] = "step"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(word, words[i])) {
            *schedule = (enum lethe_train_schedule)i;
            return LETHE_OK;
        }
    return lethe_fail(err, LETHE_EFORMAT, "schedule '%s' is not known: constant, cosine or step",
                      word);
}

enum lethe_err lethe_project_recipe(struct lethe_train_options *options, double *weight_decay,
                                    const struct lethe_project *project, struct lethe_error *err)
{
    const struct lethe_recipe *recipe = project->bundle ? &project->bundle->recipe : NULL;
    enum lethe_train_method method = LETHE_TRAIN_LBFGS;
    enum lethe_err code = LETHE_OK;
    if (project->bundle && project->bundle->architecture)
        method = lethe_architecture_method(project->bundle->architecture);
    if (recipe && recipe->optimizer)
        code = lethe_train_method_find(&method, recipe->optimizer, err);
    if (code)
        return code;
    struct lethe_train_options made = lethe_train_defaults(method);
    *weight_decay = recipe ? recipe->weight_decay : NAN;
    if (recipe) {
        made.seed = recipe->seed;
        made.tolerance = recipe->tolerance > 0 ? recipe->tolerance : made.tolerance;
        made.iterations = recipe->epochs ? recipe->epochs : made.iterations;
        made.batch = recipe->batch ? recipe->batch : made.batch;
        made.rate = recipe->rate > 0 ? recipe->rate : made.rate;
        made.momentum = recipe->momentum > 0 ? recipe->momentum : made.momentum;
        made.drop_every = recipe->drop_every ? recipe->drop_every : made.drop_every;
        made.drop = recipe->drop > 0 ? recipe->drop : made.drop;
        made.dropout = recipe->dropout;
        made.flip = recipe->flip != 0;
        made.crop = recipe->crop;
        if (recipe->schedule)
            code = schedule_of(&made.schedule, recipe->schedule, err);
    }
    if (!code)
        *options = made;
    return code;
}

/* ---- snapshots
 * -----------------------------------------------------------------------------------
 */

enum lethe_err lethe_project_snapshot(struct lethe_snapshot **snapshot,
                                      const struct lethe_project *project, double weight_decay,
                                      uint64_t seed, const struct lethe_train_options *warm,
                                      struct lethe_error *err)
{
    if (isnan(weight_decay))
        return lethe_fail(err, LETHE_EARG,
                          "the weight decay this model was trained with is not known: "
                          "'set weight_decay X' first");
    const size_t present = lethe_dataset_count(project->train);
    struct lethe_ids retain = {.at = lethe_alloc(present, sizeof *retain.at)};
    if (!retain.at)
        return lethe_fail_memory(err, "sample ids", present, sizeof *retain.at);
    for (size_t id = 0; id < present; id++)
        if (!lethe_ids_has(&project->forget, id) && !lethe_ids_has(&project->removed, id))
            retain.at[retain.count++] = id;
    const struct lethe_snapshot from = {
        .graph = project->graph,
        .train = project->train,
        .heldout = project->heldout,
        .weights = project->weights,
        .w = project->w,
        .decay = weight_decay,
        .trained_on = project->trained_on - project->removed.count,
        .whole = present == project->trained_on,
        .seed = seed,
        .dtype = lethe_graph_passes(project->graph),
        .warm = *warm,
        .forget = project->forget,
        .retain = retain,
        .removed = project->removed,
        .tune = project->tune,
        .report = project->report,
    };
    enum lethe_err code = lethe_snapshot_new(snapshot, &from, err);
    lethe_free(retain.at);
    return code;
}
