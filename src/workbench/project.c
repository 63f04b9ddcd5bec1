/* SPDX-License-Identifier: MIT
 * Loading a subject and making scenes of it. */
#include "workbench/project.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "workbench/architecture.h"
#include "lethe/onnx.h"
#include "lethe/rng.h"

static void free_ids(struct lethe_ids *ids)
{
    lethe_free(ids->at);
    *ids = (struct lethe_ids){0};
}

void lethe_subject_release(struct lethe_subject *subject)
{
    lethe_graph_unref(subject->graph);
    lethe_dataset_unref(subject->train);
    lethe_dataset_unref(subject->heldout);
    lethe_bundle_free(subject->bundle);
    lethe_free(subject->path);
    lethe_free(subject->name);
    lethe_free(subject->w);
    free_ids(&subject->forget);
    free_ids(&subject->removed);
    free_ids(&subject->tune);
    free_ids(&subject->report);
    *subject = (struct lethe_subject){0};
}

/* ---- ids --------------------------------------------------------------------------------------
 */

enum lethe_err lethe_ids_copy(struct lethe_ids *to, const size_t *ids, size_t count,
                              struct lethe_error *err)
{
    size_t *copy = lethe_alloc(count, sizeof *copy);
    if (!copy)
        return lethe_fail_memory(err, "sample ids", count, sizeof *copy);
    if (count)
        memcpy(copy, ids, count * sizeof *copy);
    lethe_free(to->at);
    *to = (struct lethe_ids){copy, count};
    return LETHE_OK;
}

int lethe_ids_has(const struct lethe_ids *ids, size_t id)
{
    size_t low = 0, high = ids->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ids->at[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < ids->count && ids->at[low] == id;
}

char *lethe_ids_text(const struct lethe_ids *ids)
{
    struct lethe_text text = {0};
    for (size_t i = 0; i < ids->count;) {
        size_t end = i + 1;
        while (end < ids->count && ids->at[end] == ids->at[end - 1] + 1)
            end++;
        if (end - i < 3)
            end = i + 1;
        if (end - i > 1)
            lethe_text_addf(&text, "%s%zu-%zu", i ? "," : "", ids->at[i], ids->at[end - 1]);
        else
            lethe_text_addf(&text, "%s%zu", i ? "," : "", ids->at[i]);
        i = end;
    }
    if (text.failed)
        lethe_text_release(&text);
    else if (!text.at)
        return lethe_strdup("");
    return text.at;
}

enum lethe_err lethe_subject_check(const struct lethe_subject *subject, const size_t *ids,
                                   size_t count, struct lethe_error *err)
{
    const size_t present = lethe_dataset_count(subject->train);
    for (size_t i = 0; i < count; i++) {
        if (ids[i] >= present)
            return lethe_fail(err, LETHE_EARG, "sample %zu is outside the training set (0 to %zu)",
                              ids[i], present - 1);
        if (i && ids[i] <= ids[i - 1])
            return lethe_fail(err, LETHE_EARG, "sample %zu is named twice", ids[i]);
        if (lethe_ids_has(&subject->removed, ids[i]))
            return lethe_fail(err, LETHE_EARG, "sample %zu is forgotten already; see 'log'",
                              ids[i]);
    }
    if (count && count >= present - subject->removed.count)
        return lethe_fail(err, LETHE_EARG,
                          "forgetting all %zu samples that are left leaves nothing to keep", count);
    return LETHE_OK;
}

/* ---- loading ----------------------------------------------------------------------------------
 */

/* What identifies the data: shape, labels and every value a batch would show. */
static enum lethe_err hash_data(struct lethe_subject *subject, struct lethe_error *err)
{
    const size_t n = lethe_dataset_count(subject->train),
                 width = lethe_dataset_width(subject->train);
    double *x = lethe_alloc(width, sizeof *x);
    struct lethe_hash hash;
    if (!x)
        return lethe_fail_memory(err, "a sample", width, sizeof *x);
    lethe_hash_init(&hash);
    for (size_t id = 0; id < n; id++) {
        int label;
        lethe_dataset_batch(subject->train, x, &label, &id, 1);
        lethe_hash_add(&hash, x, width * sizeof *x);
        lethe_hash_add(&hash, &label, sizeof label);
    }
    lethe_hash_text(&hash, subject->data_hash);
    lethe_free(x);
    return LETHE_OK;
}

static enum lethe_err load_model(struct lethe_subject *subject, const char *path,
                                 struct lethe_error *err)
{
    return lethe_onnx_load(&subject->graph, &subject->w, path, err);
}

enum lethe_err lethe_subject_identify(struct lethe_subject *subject, struct lethe_error *err)
{
    subject->model_hash[0] = subject->data_hash[0] = '\0';
    if (subject->graph) {
        const size_t size = lethe_graph_size(subject->graph) + lethe_graph_buffers(subject->graph);
        const double corner = lethe_graph_corner(subject->graph);
        struct lethe_hash hash;
        lethe_hash_init(&hash);
        lethe_hash_add(&hash, subject->w, size * sizeof *subject->w);
        if (corner > 0)
            lethe_hash_add(&hash, &corner, sizeof corner);
        lethe_hash_text(&hash, subject->model_hash);
    }
    return subject->train ? hash_data(subject, err) : LETHE_OK;
}

static enum lethe_err check_fit(const struct lethe_subject *subject, struct lethe_error *err)
{
    if (!subject->graph || !subject->train)
        return LETHE_OK;
    size_t width = 0, classes = lethe_graph_classes(subject->graph);
    for (size_t i = 0; i < lethe_graph_inputs(subject->graph); i++)
        width += lethe_graph_input_width(subject->graph, i);
    if (lethe_dataset_width(subject->train) != width)
        return lethe_fail(err, LETHE_EFORMAT,
                          "the model takes %zu values per sample, the data has %zu", width,
                          lethe_dataset_width(subject->train));
    if (lethe_dataset_classes(subject->train) > classes)
        return lethe_fail(err, LETHE_EFORMAT, "the model has %zu classes, the labels go up to %zu",
                          classes, lethe_dataset_classes(subject->train) - 1);
    return LETHE_OK;
}

/* The bundle's architecture with the weights its training begins with. */
static enum lethe_err fresh_model(struct lethe_subject *subject, struct lethe_error *err)
{
    const struct lethe_bundle *bundle = subject->bundle;
    const size_t inputs = subject->train ? lethe_dataset_width(subject->train) : 0;
    const size_t classes = subject->train ? lethe_dataset_classes(subject->train) : 0;
    enum lethe_err code = lethe_architecture_make(&subject->graph, bundle->architecture,
                                                  bundle->activation, inputs, classes, err);
    if (code)
        return code;
    const size_t size = lethe_graph_size(subject->graph) + lethe_graph_buffers(subject->graph);
    subject->w = lethe_alloc_zero(size, sizeof *subject->w);
    if (!subject->w)
        return lethe_fail_memory(err, "weights", size, sizeof *subject->w);
    lethe_graph_init(subject->graph, bundle->recipe.seed, subject->w);
    return LETHE_OK;
}

static enum lethe_err load_bundle(struct lethe_subject *subject, const char *path,
                                  struct lethe_error *err)
{
    enum lethe_err code = lethe_bundle_load(&subject->bundle, path, err);
    if (code)
        return code;
    const struct lethe_bundle *bundle = subject->bundle;
    code = lethe_bundle_data(&subject->train, &subject->heldout, bundle, err);
    if (!code && bundle->model && lethe_file_exists(bundle->model))
        code = load_model(subject, bundle->model, err);
    else if (!code && bundle->architecture)
        code = fresh_model(subject, err);
    if (code)
        return code;
    subject->trained_on = bundle->trained_on;
    if (!subject->trained_on && subject->train)
        subject->trained_on = lethe_dataset_count(subject->train);
    code = check_fit(subject, err);
    return code || !subject->heldout ? code : lethe_subject_split(subject, bundle->split_seed, err);
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

enum lethe_err lethe_subject_load(struct lethe_subject *subject, const char *path,
                                  struct lethe_error *err)
{
    struct lethe_subject made = {0};
    const size_t n = strlen(path);
    int bare = n > 5 && !strcmp(path + n - 5, ".onnx");
    made.path = lethe_strdup(path);
    made.name = made.path ? lethe_strdup(last_part(path)) : NULL;
    enum lethe_err code = made.name ? LETHE_OK : lethe_fail_memory(err, "a path", n, 1);
    if (!code)
        code = bare ? load_model(&made, path, err) : load_bundle(&made, path, err);
    if (!code)
        code = lethe_subject_identify(&made, err);
    if (!code && made.bundle && made.bundle->name) {
        lethe_free(made.name);
        made.name = lethe_strdup(made.bundle->name);
    }
    if (code) {
        lethe_subject_release(&made);
        return code;
    }
    lethe_subject_release(subject);
    *subject = made;
    return LETHE_OK;
}

enum lethe_err lethe_subject_data(struct lethe_subject *subject, struct lethe_dataset *train,
                                  struct lethe_dataset *heldout, struct lethe_error *err)
{
    struct lethe_subject next = *subject;
    next.train = train;
    next.heldout = heldout;
    next.tune = next.report = (struct lethe_ids){0};
    enum lethe_err code = check_fit(&next, err);
    if (!code && heldout)
        code = lethe_subject_split(&next, 0, err);
    if (code)
        return code;
    lethe_dataset_ref(train);
    if (heldout)
        lethe_dataset_ref(heldout);
    lethe_dataset_unref(subject->train);
    lethe_dataset_unref(subject->heldout);
    free_ids(&subject->tune);
    free_ids(&subject->report);
    free_ids(&subject->forget);
    next.forget = (struct lethe_ids){0};
    next.trained_on = lethe_dataset_count(train);
    *subject = next;
    return LETHE_OK;
}

enum lethe_err lethe_subject_model(struct lethe_subject *subject, struct lethe_graph *graph,
                                   const double *w, struct lethe_error *err)
{
    struct lethe_subject next = *subject;
    const size_t size = lethe_graph_size(graph) + lethe_graph_buffers(graph);
    next.graph = graph;
    next.made_here = 1;
    if (check_fit(&next, err))
        return LETHE_EFORMAT;
    next.w = lethe_alloc(size, sizeof *w);
    next.path = subject->path ? subject->path : lethe_strdup("");
    next.name = subject->name ? subject->name : lethe_strdup("untitled");
    if (!next.w || !next.path || !next.name)
        return lethe_fail_memory(err, "weights", size, sizeof *w);
    memcpy(next.w, w, size * sizeof *w);
    lethe_graph_ref(graph);
    lethe_graph_unref(subject->graph);
    lethe_free(subject->w);
    *subject = next;
    return LETHE_OK;
}

enum lethe_err lethe_subject_split(struct lethe_subject *subject, uint64_t seed,
                                   struct lethe_error *err)
{
    const size_t n = lethe_dataset_count(subject->heldout);
    const size_t classes = lethe_dataset_classes(subject->heldout);
    size_t *class_ids = lethe_alloc(n, sizeof *class_ids);
    unsigned char *reported = lethe_alloc_zero(n, 1);
    size_t *halves[2] = {lethe_alloc(n, sizeof(size_t)), lethe_alloc(n, sizeof(size_t))};
    size_t counts[2] = {0, 0};
    enum lethe_err code = LETHE_OK;
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
            if (lethe_dataset_label(subject->heldout, id) == (int)c)
                class_ids[count++] = id;
        lethe_rng_init(&rng, seed, LETHE_RNG_SPLIT, c, 0);
        lethe_rng_shuffle(&rng, class_ids, count);
        for (size_t i = 0; i < count / 2; i++)
            reported[class_ids[i]] = 1;
    }
    for (size_t id = 0; id < n; id++)
        halves[reported[id]][counts[reported[id]]++] = id;
    free_ids(&subject->tune);
    free_ids(&subject->report);
    subject->tune = (struct lethe_ids){halves[0], counts[0]};
    subject->report = (struct lethe_ids){halves[1], counts[1]};
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

enum lethe_err lethe_subject_recipe(struct lethe_train_options *options, double *weight_decay,
                                    const struct lethe_subject *subject, struct lethe_error *err)
{
    const struct lethe_recipe *recipe = subject->bundle ? &subject->bundle->recipe : NULL;
    enum lethe_train_method method = LETHE_TRAIN_LBFGS;
    enum lethe_err code = LETHE_OK;
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

/* ---- scenes -----------------------------------------------------------------------------------
 */

enum { DOUBLE_UP_TO = 100000 }; /* parameters up to which double precision is the rule */

enum lethe_dtype lethe_subject_dtype(const struct lethe_subject *subject)
{
    return lethe_graph_size(subject->graph) <= DOUBLE_UP_TO ? LETHE_F64 : LETHE_F32;
}

enum lethe_err lethe_subject_scene(struct lethe_scene **scene, const struct lethe_subject *subject,
                                   double weight_decay, uint64_t seed,
                                   const struct lethe_train_options *warm, struct lethe_error *err)
{
    if (isnan(weight_decay))
        return lethe_fail(err, LETHE_EARG,
                          "the weight decay this model was trained with is not known: "
                          "'set weight_decay X' first");
    const size_t present = lethe_dataset_count(subject->train);
    struct lethe_ids retain = {.at = lethe_alloc(present, sizeof *retain.at)};
    if (!retain.at)
        return lethe_fail_memory(err, "sample ids", present, sizeof *retain.at);
    for (size_t id = 0; id < present; id++)
        if (!lethe_ids_has(&subject->forget, id) && !lethe_ids_has(&subject->removed, id))
            retain.at[retain.count++] = id;
    const struct lethe_scene from = {
        .graph = subject->graph,
        .train = subject->train,
        .heldout = subject->heldout,
        .w = subject->w,
        .decay = weight_decay,
        .trained_on = subject->trained_on - subject->removed.count,
        .whole = present == subject->trained_on,
        .seed = seed,
        .dtype = lethe_subject_dtype(subject),
        .warm = *warm,
        .forget = subject->forget,
        .retain = retain,
        .removed = subject->removed,
        .tune = subject->tune,
        .report = subject->report,
    };
    enum lethe_err code = lethe_scene_new(scene, &from, err);
    lethe_free(retain.at);
    return code;
}
