/* SPDX-License-Identifier: MIT
 * Bundles: their memory, finding and loading them. Keys are read in bundle_read.c and written in
 * bundle_save.c. */
#include "data/bundle.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/json.h"
#include "data/dataset.h"

static const char *const known[] = {
    "format", "version",    "name",      "model",     "initial", "architecture", "activation",
    "train",  "heldout",    "normalize", "classes",   "groups",  "trained_on",   "weight_decay",
    "recipe", "split_seed", "text",      "generated", NULL,
};
static const char *const source_keys[] = {
    "samples",      "labels",       "groups", "format", "label_column",
    "group_column", "text_column",  "rows",   "words",  "first_label",
    "missing",      "drop_columns", NULL};
static const char *const normalize_keys[] = {
    "scale", "mean", "std", "shape", "resize", "channels", "channels_last", "standardize", NULL};
static const char *const recipe_keys[] = {
    "optimizer", "schedule",   "tolerance", "rate", "momentum", "drop",   "epochs", "batch",
    "seed",      "drop_every", "dropout",   "flip", "crop",     "layers", NULL};
static const char *const text_keys[] = {"vocabulary", "length", NULL};
static const char *const generated_keys[] = {"kind",    "seed", "ids", "labels",
                                             "sources", "size", NULL};

static const struct {
    const char *object;
    const char *const *keys;
} within[] = {{"train", source_keys},  {"heldout", source_keys}, {"normalize", normalize_keys},
              {"recipe", recipe_keys}, {"text", text_keys},      {"generated", generated_keys}};

static int has_key(const char *const *keys, const char *key)
{
    for (; *keys; keys++)
        if (!strcmp(*keys, key))
            return 1;
    return 0;
}

const char *const *lethe_bundle_keys(const char *object)
{
    for (size_t i = 0; object && i < sizeof within / sizeof *within; i++)
        if (!strcmp(within[i].object, object))
            return within[i].keys;
    return known;
}

const char *lethe_bundle_unknown_within(const struct lethe_bundle *bundle, size_t index,
                                        const char **object)
{
    for (size_t w = 0; bundle->document && w < sizeof within / sizeof *within; w++) {
        const struct lethe_json *inner = lethe_json_get(bundle->document, within[w].object);
        size_t count = inner && lethe_json_is_object(inner) ? lethe_json_count(inner) : 0;
        *object = within[w].object;
        for (size_t i = 0; i < count; i++) {
            const char *key = lethe_json_key(lethe_json_at(inner, i));
            if (!has_key(within[w].keys, key) && index-- == 0)
                return key;
        }
    }
    return NULL;
}

int lethe_bundle_knows(const char *key)
{
    return has_key(known, key);
}

const char *lethe_bundle_unknown(const struct lethe_bundle *bundle, size_t index)
{
    size_t count = bundle->document ? lethe_json_count(bundle->document) : 0;
    for (size_t i = 0; i < count; i++) {
        const char *key = lethe_json_key(lethe_json_at(bundle->document, i));
        if (!lethe_bundle_knows(key) && index-- == 0)
            return key;
    }
    return NULL;
}

struct lethe_bundle *lethe_bundle_new(struct lethe_error *err)
{
    struct lethe_bundle *bundle = lethe_alloc_zero(1, sizeof *bundle);
    if (bundle)
        bundle->store = lethe_alloc_zero(1, sizeof *bundle->store);
    if (!bundle || !bundle->store) {
        lethe_free(bundle);
        lethe_fail_memory(err, "a bundle", 1, sizeof *bundle);
        return NULL;
    }
    bundle->recipe = (struct lethe_recipe){
        .optimizer = "lbfgs", .weight_decay = NAN, .tolerance = 1e-7, .momentum = 0.9, .drop = 0.1};
    return bundle;
}

void lethe_bundle_free(struct lethe_bundle *bundle)
{
    if (!bundle)
        return;
    for (size_t i = 0; i < bundle->store->count; i++)
        lethe_free(bundle->store->block[i]);
    lethe_free(bundle->store->block);
    lethe_words_release(&bundle->store->classes);
    lethe_words_release(&bundle->store->groups);
    lethe_free(bundle->store);
    lethe_generated_release(&bundle->generated);
    lethe_json_free(bundle->document);
    lethe_free(bundle);
}

static enum lethe_err set_place(struct lethe_bundle *bundle, const char *path,
                                struct lethe_error *err)
{
    char *file =
        lethe_folder_exists(path) ? lethe_path_join(path, "bundle.json") : lethe_strdup(path);
    char *folder = file ? lethe_path_folder(file) : NULL;
    enum lethe_err code = LETHE_OK;
    if (folder) {
        bundle->path = lethe_bundle_keep(bundle, file, err);
        bundle->folder = lethe_bundle_keep(bundle, folder, err);
    }
    if (!bundle->path || !bundle->folder)
        code = lethe_fail_memory(err, path, strlen(path), 1);
    lethe_free(file);
    lethe_free(folder);
    return code;
}

/* A file of another kind, which no place in a text would explain: a model of another program, or an
 * ONNX file under another name. A file that cannot be read is the reader's to report. */
static enum lethe_err check_text(const char *path, struct lethe_error *err)
{
    unsigned char first[4] = {0};
    FILE *file = lethe_file_exists(path) ? fopen(path, "rb") : NULL; /* a pipe gives bytes once */
    const size_t have = file ? fread(first, 1, sizeof first, file) : 0;
    const size_t at = have > 3 && !memcmp(first, "\xef\xbb\xbf", 3) ? 3 : 0;
    if (file)
        (void)fclose(file);
    if (!have || (first[at] && strchr(" \t\r\n{[", first[at])) ||
        (first[0] == 0x1f && first[1] == 0x8b))
        return LETHE_OK;
    return lethe_fail(err, LETHE_EFORMAT,
                      "%s is neither a bundle (JSON) nor named as an ONNX model (MODEL.onnx); of a "
                      "PyTorch model torch.onnx.export(model, x, 'MODEL.onnx') writes one; samples "
                      "are read by 'data PATH'",
                      path);
}

enum lethe_err lethe_bundle_load(struct lethe_bundle **bundle, const char *path,
                                 struct lethe_error *err)
{
    struct lethe_bundle *made = lethe_bundle_new(err);
    if (!made)
        return LETHE_ENOMEM;
    enum lethe_err code = set_place(made, path, err);
    if (!code)
        code = check_text(made->path, err);
    if (!code)
        code = lethe_json_load(&made->document, made->path, err);
    if (!code && !lethe_json_is_object(made->document))
        code = lethe_fail(err, LETHE_EFORMAT, "%s is no bundle: it holds no object", made->path);
    if (!code)
        code = lethe_bundle_read(made, err);
    if (code)
        lethe_bundle_free(made);
    else
        *bundle = made;
    return code;
}

/* Both sets (heldout may be NULL) as a generator left them. */
static enum lethe_err change(struct lethe_dataset **train, struct lethe_dataset **heldout,
                             const struct lethe_generated *generated, struct lethe_error *err)
{
    struct lethe_dataset *first = NULL, *second = NULL;
    enum lethe_err code = lethe_generate_apply(&first, *train, generated, err);
    if (!code && *heldout)
        code = lethe_generate_heldout(&second, *heldout, generated, err);
    if (code) {
        lethe_dataset_unref(first);
        return code;
    }
    lethe_dataset_unref(*train);
    lethe_dataset_unref(*heldout);
    *train = first;
    *heldout = second;
    return LETHE_OK;
}

enum lethe_err lethe_bundle_data(struct lethe_dataset **train, struct lethe_dataset **heldout,
                                 const struct lethe_bundle *bundle, struct lethe_error *err)
{
    struct lethe_dataset *first = NULL, *second = NULL;
    if (!bundle->train.path)
        return lethe_fail(err, LETHE_EFORMAT, "%s names no training data ('train')", bundle->path);
    enum lethe_err code = lethe_dataset_load(&first, &bundle->train, err);
    if (!code && bundle->heldout.path) {
        struct lethe_data_source source = bundle->heldout;
        source.classes = first->classes;
        source.class_names = (const char *const *)first->class_names.name;
        source.class_name_count = first->class_names.count;
        source.like = first;
        code = lethe_dataset_load(&second, &source, err);
    }
    if (!code && !second && !bundle->heldout.path && lethe_source_has_heldout(&bundle->train)) {
        struct lethe_data_source source = bundle->train;
        source.like = first;
        source.classes = first->classes;
        code = lethe_dataset_load(&second, &source, err);
    }
    if (!code && bundle->generated.count)
        code = change(&first, &second, &bundle->generated, err);
    if (!code && second && lethe_dataset_width(first) != lethe_dataset_width(second))
        code = lethe_fail(err, LETHE_EFORMAT,
                          "%s: training samples have %zu values, held-out samples %zu",
                          bundle->path, lethe_dataset_width(first), lethe_dataset_width(second));
    if (code) {
        lethe_dataset_unref(first);
        lethe_dataset_unref(second);
        return code;
    }
    *train = first;
    *heldout = second;
    return LETHE_OK;
}
