/* SPDX-License-Identifier: MIT
 * Writing a bundle: known keys in a fixed order, then the unknown ones it was read with. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/json.h"
#include "data/bundle.h"

struct writing {
    const struct lethe_bundle *bundle;
    const char *folder; /* of the new file */
    int failed;         /* out of memory */
};

static void add_text(struct lethe_json *to, const char *key, const char *text)
{
    if (text)
        lethe_json_add_string(to, key, text);
}

static void add_path(struct writing *w, struct lethe_json *to, const char *key, const char *path)
{
    char *archive = NULL;
    if (!path)
        return;
    const char *member = lethe_npz_part(&archive, path);
    char *relative = lethe_path_relative(w->folder, archive ? archive : path);
    size_t room = (relative ? strlen(relative) : 0) + (member ? strlen(member) : 0) + 2;
    char *whole = relative ? lethe_alloc(room, 1) : NULL;
    w->failed |= !whole;
    if (whole) {
        snprintf(whole, room, "%s%s%s", relative, member ? ":" : "", member ? member : "");
        add_text(to, key, whole);
    }
    lethe_free(whole);
    lethe_free(relative);
    lethe_free(archive);
}

static void add_source(struct writing *w, struct lethe_json *root, const char *key,
                       const struct lethe_data_source *source)
{
    if (!source->path)
        return;
    struct lethe_json *to = lethe_json_add_object(root, key);
    add_path(w, to, "samples", source->path);
    add_path(w, to, "labels", source->labels);
    add_path(w, to, "groups", source->groups);
    add_text(to, "format", source->format);
    add_text(to, "label_column", source->label_column);
    add_text(to, "group_column", source->group_column);
    add_text(to, "text_column", source->text_column);
    add_text(to, "missing", source->missing);
    if (source->first_label)
        lethe_json_add_number(to, "first_label", (double)source->first_label);
    if (source->most_words)
        lethe_json_add_number(to, "words", (double)source->most_words);
    if (source->drop_count) {
        struct lethe_json *list = lethe_json_add_array(to, "drop_columns");
        for (size_t i = 0; i < source->drop_count; i++)
            lethe_json_add_string(list, NULL, source->drop_columns[i]);
    }
    if (source->last) {
        struct lethe_json *rows = lethe_json_add_array(to, "rows");
        lethe_json_add_number(rows, NULL, (double)source->first);
        lethe_json_add_number(rows, NULL, (double)source->last);
    }
}

static void add_list(struct lethe_json *to, const char *key, const double *values, size_t count)
{
    if (count == 1)
        lethe_json_add_number(to, key, values[0]);
    if (count < 2)
        return;
    struct lethe_json *list = lethe_json_add_array(to, key);
    for (size_t i = 0; i < count; i++)
        lethe_json_add_number(list, NULL, values[i]);
}

static void add_sizes(struct lethe_json *to, const char *key, const size_t *values, size_t count)
{
    if (!count || !values)
        return;
    struct lethe_json *list = lethe_json_add_array(to, key);
    for (size_t i = 0; i < count; i++)
        lethe_json_add_number(list, NULL, (double)values[i]);
}

static void add_normalize(struct lethe_json *root, const struct lethe_normalize *norm)
{
    if (norm->scale == 0 && !norm->means && !norm->stds && !norm->ndim && !norm->channels_last &&
        !norm->standardize && !norm->resize[0] && !norm->colours)
        return;
    struct lethe_json *to = lethe_json_add_object(root, "normalize");
    if (norm->scale != 0)
        lethe_json_add_number(to, "scale", norm->scale);
    add_list(to, "mean", norm->mean, norm->means);
    add_list(to, "std", norm->std, norm->stds);
    add_sizes(to, "shape", norm->dims, norm->ndim);
    add_sizes(to, "resize", norm->resize, norm->resize[0] ? 2 : 0);
    if (norm->colours)
        lethe_json_add_number(to, "channels", (double)norm->colours);
    if (norm->standardize)
        lethe_json_add_bool(to, "standardize", 1);
    if (norm->channels_last)
        lethe_json_add_bool(to, "channels_last", 1);
}

/* As a file when they came from one, else as a list. 0: there are none. */
static int add_names(struct writing *w, struct lethe_json *root, const char *key,
                     const char *const *names, size_t count)
{
    const struct lethe_bundle *b = w->bundle;
    const char *file = b->document ? lethe_json_as_string(lethe_json_get(b->document, key)) : NULL;
    if (file) {
        char *path = lethe_path_join(b->folder, file);
        w->failed |= !path;
        add_path(w, root, key, path);
        lethe_free(path);
    } else if (count) {
        struct lethe_json *list = lethe_json_add_array(root, key);
        for (size_t i = 0; i < count; i++)
            lethe_json_add_string(list, NULL, names[i]);
    }
    return file || count;
}

static void add_recipe(struct lethe_json *root, const struct lethe_recipe *recipe)
{
    if (isfinite(recipe->weight_decay))
        lethe_json_add_number(root, "weight_decay", recipe->weight_decay);
    struct lethe_json *to = lethe_json_add_object(root, "recipe");
    add_text(to, "optimizer", recipe->optimizer);
    lethe_json_add_u64(to, "seed", recipe->seed);
    lethe_json_add_number(to, "tolerance", recipe->tolerance);
    if (recipe->epochs)
        lethe_json_add_number(to, "epochs", (double)recipe->epochs);
    if (recipe->batch)
        lethe_json_add_number(to, "batch", (double)recipe->batch);
    if (recipe->rate > 0)
        lethe_json_add_number(to, "rate", recipe->rate);
    if (strcmp(recipe->optimizer, "lbfgs") != 0)
        lethe_json_add_number(to, "momentum", recipe->momentum);
    add_text(to, "schedule", recipe->schedule);
    if (recipe->dropout > 0)
        lethe_json_add_number(to, "dropout", recipe->dropout);
    if (recipe->flip)
        lethe_json_add_number(to, "flip", 1);
    if (recipe->crop)
        lethe_json_add_number(to, "crop", (double)recipe->crop);
    if (recipe->last_layer)
        add_text(to, "layers", "last");
    if (recipe->drop_every) {
        lethe_json_add_number(to, "drop_every", (double)recipe->drop_every);
        lethe_json_add_number(to, "drop", recipe->drop);
    }
}

static void add_generated(struct lethe_json *root, const struct lethe_generated *g)
{
    if (!g->count)
        return;
    struct lethe_json *to = lethe_json_add_object(root, "generated");
    add_text(to, "kind", lethe_generator_name(g->kind));
    lethe_json_add_u64(to, "seed", g->seed);
    add_sizes(to, "ids", g->ids, g->count);
    struct lethe_json *labels = lethe_json_add_array(to, "labels");
    for (size_t i = 0; i < g->count; i++)
        lethe_json_add_number(labels, NULL, g->labels[i]);
    add_sizes(to, "sources", g->sources, g->count);
    if (g->size)
        lethe_json_add_number(to, "size", (double)g->size);
}

static void add_unknown(struct lethe_json *root, const struct lethe_bundle *bundle)
{
    const char *key;
    for (size_t i = 0; (key = lethe_bundle_unknown(bundle, i)); i++)
        lethe_json_add_copy(root, key, lethe_json_get(bundle->document, key));
}

static void add_data(struct writing *w, struct lethe_json *root)
{
    const struct lethe_bundle *b = w->bundle;
    add_source(w, root, "train", &b->train);
    add_source(w, root, "heldout", &b->heldout);
    if (b->train.vocabulary) {
        struct lethe_json *text = lethe_json_add_object(root, "text");
        add_path(w, text, "vocabulary", b->train.vocabulary);
        lethe_json_add_number(text, "length", (double)b->train.length);
    }
    add_normalize(root, &b->train.normalize);
    if (!add_names(w, root, "classes", b->train.class_names, b->train.class_name_count) &&
        b->train.classes)
        lethe_json_add_number(root, "classes", (double)b->train.classes);
    add_names(w, root, "groups", b->train.group_names, b->train.group_name_count);
}

enum lethe_err lethe_bundle_save(const struct lethe_bundle *b, const char *path,
                                 struct lethe_error *err)
{
    struct writing w = {.bundle = b};
    char *folder = lethe_path_folder(path), *text = NULL;
    struct lethe_json *root = lethe_json_object();
    w.folder = folder;
    if (!folder || !root)
        w.failed = 1;
    if (!w.failed) {
        lethe_json_add_string(root, "format", "lethe bundle");
        lethe_json_add_number(root, "version", LETHE_BUNDLE_VERSION);
        add_text(root, "name", b->name);
        add_path(&w, root, "model", b->model);
        add_path(&w, root, "initial", b->initial);
        add_text(root, "architecture", b->architecture);
        add_text(root, "activation", b->activation);
        add_data(&w, root);
        if (b->trained_on)
            lethe_json_add_number(root, "trained_on", (double)b->trained_on);
        lethe_json_add_u64(root, "split_seed", b->split_seed);
        add_recipe(root, &b->recipe);
        add_generated(root, &b->generated);
        add_unknown(root, b);
        text = lethe_json_text(root, 1);
    }
    enum lethe_err code = w.failed || !text ? lethe_fail_memory(err, path, 1, 4096)
                                            : lethe_file_write(path, text, strlen(text), err);
    lethe_free(text);
    lethe_json_free(root);
    lethe_free(folder);
    return code;
}
