/* SPDX-License-Identifier: MIT
 * Reading a bundle's keys: their types and ranges, the files they name. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/json.h"
#include "data/bundle.h"
#include "data/data_folder.h"

struct reading {
    struct lethe_bundle *bundle;
    struct lethe_json_reader r; /* r.object: where keys are looked up now */
};

/* A member that is an object; NULL in *member when it is absent. */
static enum lethe_err enter(struct reading *in, const char *key, const struct lethe_json **outer,
                            int *there)
{
    const struct lethe_json *value = lethe_json_get(in->r.object, key);
    *outer = in->r.object;
    *there = value != NULL;
    if (!value)
        return LETHE_OK;
    if (!lethe_json_is_object(value))
        return lethe_fail(in->r.err, LETHE_EFORMAT, "%s: '%s' must be an object", in->r.source,
                          key);
    in->r.object = value;
    return LETHE_OK;
}

/* A text as it stands. */
static enum lethe_err read_text(struct reading *in, const char *key, const char **text)
{
    const char *found = NULL;
    enum lethe_err code = lethe_json_read_string(&in->r, key, &found, 0);
    if (!code && found)
        *text = lethe_bundle_keep(in->bundle, found, in->r.err);
    return !code && found && !*text ? LETHE_ENOMEM : code;
}

/* A path, made complete; the file must be there unless `may_lack`. */
static enum lethe_err read_path(struct reading *in, const char *key, const char **path,
                                int may_lack)
{
    const char *name = NULL;
    enum lethe_err code = lethe_json_read_string(&in->r, key, &name, 0);
    if (code || !name)
        return code;
    const char *rest = name, *folder = lethe_data_folder_of(name, &rest);
    char *joined = lethe_path_join(folder ? folder : in->bundle->folder, rest);
    const char *full = joined ? lethe_bundle_keep(in->bundle, joined, in->r.err) : NULL;
    lethe_free(joined);
    if (!full)
        return lethe_fail_memory(in->r.err, in->r.source, strlen(name), 1);
    char *archive = NULL;
    int there = lethe_file_exists(full) || lethe_folder_exists(full) ||
                lethe_npz_part(&archive, full) != NULL;
    lethe_free(archive);
    if (!there && !may_lack)
        return lethe_fail(in->r.err, LETHE_EFORMAT, "%s: '%s' names '%s', which does not exist%s",
                          in->r.source, key, full,
                          folder ? ": LETHE_DATA names the folder of larger data sets" : "");
    *path = there ? full : NULL;
    return LETHE_OK;
}

/* A number or an array of numbers. */
static enum lethe_err read_list(struct reading *in, const char *key, const double **values,
                                size_t *count)
{
    const struct lethe_json *value = lethe_json_get(in->r.object, key);
    double single;
    if (!value)
        return LETHE_OK;
    int is_single = lethe_json_as_number(value, &single);
    size_t n = is_single ? 1 : lethe_json_is_array(value) ? lethe_json_count(value) : 0;
    double *list = lethe_bundle_alloc(in->bundle, n, sizeof *list, in->r.err);
    if (!list)
        return LETHE_ENOMEM;
    for (size_t i = 0; i < n; i++)
        if (!lethe_json_as_number(is_single ? value : lethe_json_at(value, i), &list[i]))
            n = 0;
    if (!n)
        return lethe_fail(in->r.err, LETHE_EFORMAT,
                          "%s: '%s' must be a number or a list of numbers", in->r.source, key);
    *values = list;
    *count = n;
    return LETHE_OK;
}

static enum lethe_err read_sizes(struct reading *in, const char *key, size_t *sizes, size_t least,
                                 size_t most, size_t *count)
{
    const struct lethe_json *value = lethe_json_get(in->r.object, key);
    if (!value)
        return LETHE_OK;
    size_t n = lethe_json_is_array(value) ? lethe_json_count(value) : 0;
    uint64_t number = 0;
    int good = n >= least && n <= most;
    const struct lethe_json *element = n ? lethe_json_at(value, 0) : NULL;
    for (size_t i = 0; good && i < n; i++, element = lethe_json_next(element)) {
        good = lethe_json_as_u64(element, &number) && number <= SIZE_MAX / 2;
        sizes[i] = (size_t)number;
    }
    if (!good)
        return lethe_fail(in->r.err, LETHE_EFORMAT,
                          "%s: '%s' must be a list of %zu to %zu whole numbers", in->r.source, key,
                          least, most);
    *count = n;
    return LETHE_OK;
}

/* A column: its name, or its number as it stands. */
static enum lethe_err read_column(struct reading *in, const struct lethe_json *value,
                                  const char *key, const char **column)
{
    char digits[32];
    uint64_t number;
    const char *name = value ? lethe_json_as_string(value) : NULL;
    if (!value)
        return LETHE_OK;
    if (!name && lethe_json_as_u64(value, &number)) {
        snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
        name = digits;
    }
    if (!name)
        return lethe_fail(in->r.err, LETHE_EFORMAT,
                          "%s: '%s' must be a column's name, or its number from 0", in->r.source,
                          key);
    *column = lethe_bundle_keep(in->bundle, name, in->r.err);
    return *column ? LETHE_OK : LETHE_ENOMEM;
}

static enum lethe_err read_dropped(struct reading *in, struct lethe_data_source *source)
{
    const struct lethe_json *value = lethe_json_get(in->r.object, "drop_columns");
    if (!value)
        return LETHE_OK;
    int several = lethe_json_is_array(value);
    size_t n = several ? lethe_json_count(value) : 1;
    const char **list = lethe_bundle_alloc(in->bundle, n + 1, sizeof *list, in->r.err);
    enum lethe_err code = list ? LETHE_OK : LETHE_ENOMEM;
    for (size_t i = 0; i < n && !code; i++)
        code = read_column(in, several ? lethe_json_at(value, i) : value, "drop_columns", &list[i]);
    source->drop_columns = list;
    source->drop_count = code ? 0 : n;
    return code;
}

/* What a table, or labels, are told beside their places. */
static enum lethe_err read_table(struct reading *in, struct lethe_data_source *source)
{
    const struct {
        const char *key;
        const char **column;
    } columns[] = {{"label_column", &source->label_column},
                   {"group_column", &source->group_column},
                   {"text_column", &source->text_column}};
    enum lethe_err code = LETHE_OK;
    for (size_t i = 0; i < 3 && !code; i++)
        code = read_column(in, lethe_json_get(in->r.object, columns[i].key), columns[i].key,
                           columns[i].column);
    if (!code)
        code = read_text(in, "missing", &source->missing);
    if (!code)
        code = read_dropped(in, source);
    if (!code)
        code = lethe_json_read_size(&in->r, "words", &source->most_words, 1, 1000, 0);
    return code ? code
                : lethe_json_read_size(&in->r, "first_label", &source->first_label, 0, 1 << 20, 0);
}

static enum lethe_err read_source(struct reading *in, const char *key,
                                  struct lethe_data_source *source)
{
    const struct lethe_json *outer = NULL;
    size_t rows[2] = {0, 0}, count = 0;
    int there = 0;
    enum lethe_err code = enter(in, key, &outer, &there);
    if (code || !there)
        return code;
    code = read_path(in, "samples", &source->path, 0);
    if (!code && !source->path)
        code = lethe_fail(in->r.err, LETHE_EFORMAT, "%s: '%s' has no 'samples'", in->r.source, key);
    if (!code)
        code = read_path(in, "labels", &source->labels, 0);
    if (!code)
        code = read_path(in, "groups", &source->groups, 0);
    if (!code)
        code = read_text(in, "format", &source->format);
    if (!code)
        code = read_table(in, source);
    if (!code)
        code = read_sizes(in, "rows", rows, 2, 2, &count);
    source->first = rows[0];
    source->last = rows[1];
    in->r.object = outer;
    return code;
}

static enum lethe_err read_normalize(struct reading *in, struct lethe_normalize *norm)
{
    const struct lethe_json *outer = NULL;
    int there = 0;
    enum lethe_err code = enter(in, "normalize", &outer, &there);
    if (code || !there)
        return code;
    code = lethe_json_read_number(&in->r, "scale", &norm->scale, 1e-300, 1e300, 0);
    if (!code)
        code = read_list(in, "mean", &norm->mean, &norm->means);
    if (!code)
        code = read_list(in, "std", &norm->std, &norm->stds);
    if (!code)
        code = read_sizes(in, "shape", norm->dims, 1, LETHE_ARRAY_DIMS, &norm->ndim);
    size_t sizes = 0;
    if (!code)
        code = read_sizes(in, "resize", norm->resize, 2, 2, &sizes);
    for (size_t k = 0; k < sizes && !code; k++)
        if (norm->resize[k] < 1 || norm->resize[k] > 1 << 14)
            code = lethe_fail(in->r.err, LETHE_EFORMAT,
                              "%s: 'resize' is %zu by %zu; 1 to %d pixels are allowed",
                              in->r.source, norm->resize[0], norm->resize[1], 1 << 14);
    if (!code)
        code = lethe_json_read_size(&in->r, "channels", &norm->colours, 1, 64, 0);
    const struct lethe_json *last = lethe_json_get(in->r.object, "channels_last");
    const struct lethe_json *own = lethe_json_get(in->r.object, "standardize");
    if (!code && own && !lethe_json_as_bool(own, &norm->standardize))
        code = lethe_fail(in->r.err, LETHE_EFORMAT, "%s: 'standardize' must be true or false",
                          in->r.source);
    if (!code && norm->standardize && (norm->means || norm->stds || norm->scale > 0))
        code = lethe_fail(in->r.err, LETHE_EFORMAT,
                          "%s: 'standardize' takes the place of 'scale', 'mean' and 'std'",
                          in->r.source);
    if (!code && last && !lethe_json_as_bool(last, &norm->channels_last))
        code = lethe_fail(in->r.err, LETHE_EFORMAT, "%s: 'channels_last' must be true or false",
                          in->r.source);
    in->r.object = outer;
    return code;
}

/* Names of classes or groups: a list, a file with one a line, or (classes) their number. */
static enum lethe_err read_names(struct reading *in, const char *key, struct lethe_words *words,
                                 size_t *number)
{
    const struct lethe_json *value = lethe_json_get(in->r.object, key);
    uint64_t count;
    if (!value)
        return LETHE_OK;
    if (number && lethe_json_as_u64(value, &count) && !lethe_json_as_string(value))
        return lethe_json_read_size(&in->r, key, number, 1, 1 << 24, 0);
    if (lethe_json_as_string(value)) {
        const char *path = NULL;
        enum lethe_err code = read_path(in, key, &path, 0);
        return code ? code : lethe_words_read(words, path, in->r.err);
    }
    size_t n = lethe_json_is_array(value) ? lethe_json_count(value) : 0;
    enum lethe_err code = LETHE_OK;
    for (size_t i = 0; i < n && !code; i++) {
        const char *name = lethe_json_as_string(lethe_json_at(value, i));
        long unused;
        if (!name)
            n = 0;
        else
            code = lethe_words_add(&unused, words, name, strlen(name), in->r.err);
    }
    if (!code && (!n || words->count != n))
        code = lethe_fail(in->r.err, LETHE_EFORMAT,
                          "%s: '%s' must be %sa file of names or a list "
                          "of different names",
                          in->r.source, key, number ? "a number, " : "");
    return code;
}

/* "all", as without the key, or "last". */
static enum lethe_err read_layers(struct reading *in, struct lethe_recipe *recipe)
{
    const char *layers = NULL;
    enum lethe_err code = read_text(in, "layers", &layers);
    if (code || !layers)
        return code;
    recipe->last_layer = strcmp(layers, "last") == 0;
    return recipe->last_layer || !strcmp(layers, "all")
               ? LETHE_OK
               : lethe_fail(in->r.err, LETHE_EFORMAT, "%s: 'layers' must be \"all\" or \"last\"",
                            in->r.source);
}

static enum lethe_err read_recipe(struct reading *in, struct lethe_recipe *recipe)
{
    const struct lethe_json *outer = NULL;
    int there = 0;
    enum lethe_err code =
        lethe_json_read_number(&in->r, "weight_decay", &recipe->weight_decay, 0, 1e6, 0);
    if (code)
        return code;
    code = enter(in, "recipe", &outer, &there);
    if (code || !there)
        return code;
    const struct lethe_json *seed = lethe_json_get(in->r.object, "seed");
    code = read_text(in, "optimizer", &recipe->optimizer);
    if (!code)
        code = read_text(in, "schedule", &recipe->schedule);
    if (!code)
        code = lethe_json_read_number(&in->r, "tolerance", &recipe->tolerance, 0, 1e6, 0);
    if (!code)
        code = lethe_json_read_number(&in->r, "rate", &recipe->rate, 0, 1e6, 0);
    if (!code)
        code = lethe_json_read_number(&in->r, "momentum", &recipe->momentum, 0, 1, 0);
    if (!code)
        code = lethe_json_read_number(&in->r, "drop", &recipe->drop, 0, 1, 0);
    if (!code)
        code = lethe_json_read_size(&in->r, "epochs", &recipe->epochs, 0, 1 << 30, 0);
    if (!code)
        code = lethe_json_read_size(&in->r, "batch", &recipe->batch, 0, 1 << 30, 0);
    if (!code)
        code = lethe_json_read_size(&in->r, "drop_every", &recipe->drop_every, 0, 1 << 30, 0);
    if (!code)
        code = lethe_json_read_number(&in->r, "dropout", &recipe->dropout, 0, 0.999, 0);
    if (!code)
        code = lethe_json_read_size(&in->r, "flip", &recipe->flip, 0, 1, 0);
    if (!code)
        code = lethe_json_read_size(&in->r, "crop", &recipe->crop, 0, 1 << 20, 0);
    if (!code)
        code = read_layers(in, recipe);
    if (!code && seed && !lethe_json_as_u64(seed, &recipe->seed))
        code = lethe_fail(in->r.err, LETHE_EFORMAT,
                          "%s: 'seed' must be a whole number (as a text "
                          "when it is large)",
                          in->r.source);
    in->r.object = outer;
    return code;
}

static enum lethe_err read_generated(struct reading *in, struct lethe_generated *g)
{
    const struct lethe_json *outer, *ids, *sources, *seed;
    const char *kind = NULL;
    size_t n = 0;
    int there = 0;
    enum lethe_err code = enter(in, "generated", &outer, &there);
    if (code || !there)
        return code;
    ids = lethe_json_get(in->r.object, "ids");
    sources = lethe_json_get(in->r.object, "sources");
    seed = lethe_json_get(in->r.object, "seed");
    size_t count = ids && lethe_json_is_array(ids) ? lethe_json_count(ids) : 0;
    g->ids = lethe_alloc(count, sizeof *g->ids);
    g->labels = lethe_alloc(count, sizeof *g->labels);
    g->sources = sources ? lethe_alloc(count, sizeof *g->sources) : NULL;
    size_t *labels = lethe_bundle_alloc(in->bundle, count, sizeof *labels, in->r.err);
    if (!g->ids || !g->labels || (sources && !g->sources) || !labels)
        code = lethe_fail_memory(in->r.err, in->r.source, count, sizeof *g->ids);
    if (!code)
        code = lethe_json_read_string(&in->r, "kind", &kind, 1);
    if (!code)
        code = lethe_generator_find(&g->kind, kind, in->r.err);
    if (!code && seed && !lethe_json_as_u64(seed, &g->seed))
        code =
            lethe_fail(in->r.err, LETHE_EFORMAT, "%s: 'seed' must be a whole number", in->r.source);
    if (!code)
        code = read_sizes(in, "ids", g->ids, 1, SIZE_MAX / 2, &n);
    if (!code)
        code = read_sizes(in, "labels", labels, count, count, &n);
    if (!code && sources)
        code = read_sizes(in, "sources", g->sources, count, count, &n);
    if (!code)
        code = lethe_json_read_size(&in->r, "size", &g->size, 0, 1 << 20, 0);
    for (size_t i = 0; !code && i < count; i++)
        g->labels[i] = labels[i] < 1 << 30 ? (int)labels[i] : -1;
    g->count = code ? 0 : count;
    in->r.object = outer;
    return code;
}

static enum lethe_err read_text_settings(struct reading *in)
{
    struct lethe_data_source *train = &in->bundle->train, *heldout = &in->bundle->heldout;
    const struct lethe_json *outer = NULL;
    int there = 0;
    enum lethe_err code = enter(in, "text", &outer, &there);
    if (code || !there)
        return code;
    code = read_path(in, "vocabulary", &train->vocabulary, 0);
    if (!code)
        code = lethe_json_read_size(&in->r, "length", &train->length, 1, 1 << 20, 1);
    heldout->vocabulary = train->vocabulary;
    heldout->length = train->length;
    in->r.object = outer;
    return code;
}

static enum lethe_err read_data(struct reading *in)
{
    struct lethe_bundle *b = in->bundle;
    struct lethe_bundle_store *store = b->store;
    enum lethe_err code = read_source(in, "train", &b->train);
    if (!code)
        code = read_source(in, "heldout", &b->heldout);
    if (!code)
        code = read_text_settings(in);
    if (!code)
        code = read_normalize(in, &b->train.normalize);
    if (!code)
        code = read_names(in, "classes", &store->classes, &b->train.classes);
    if (!code)
        code = read_names(in, "groups", &store->groups, NULL);
    lethe_source_inherit(&b->heldout, &b->train);
    b->heldout.normalize = b->train.normalize;
    b->heldout.group_names = (const char *const *)store->groups.word;
    b->heldout.group_name_count = store->groups.count;
    b->train.class_names = (const char *const *)store->classes.word;
    b->train.class_name_count = store->classes.count;
    b->train.group_names = (const char *const *)store->groups.word;
    b->train.group_name_count = store->groups.count;
    return code;
}

static enum lethe_err read_bundle(struct reading *in)
{
    struct lethe_bundle *b = in->bundle;
    const char *format = NULL;
    size_t version = LETHE_BUNDLE_VERSION;
    enum lethe_err code = lethe_json_read_string(&in->r, "format", &format, 0);
    if (!code && (!format || strcmp(format, "lethe bundle") != 0))
        code = lethe_fail(in->r.err, LETHE_EFORMAT,
                          "%s is no bundle: 'format' must be \"lethe bundle\"", in->r.source);
    if (!code)
        code = lethe_json_read_size(&in->r, "version", &version, 1, 1 << 30, 0);
    if (!code && version > LETHE_BUNDLE_VERSION)
        code = lethe_fail(in->r.err, LETHE_EFORMAT,
                          "%s has version %zu, this program reads up to %d; it needs a newer lethe",
                          in->r.source, version, LETHE_BUNDLE_VERSION);
    if (!code)
        code = read_text(in, "name", &b->name);
    if (!code)
        code = read_text(in, "architecture", &b->architecture);
    if (!code)
        code = read_text(in, "activation", &b->activation);
    if (!code)
        code = read_path(in, "model", &b->model, b->architecture != NULL);
    if (!code)
        code = read_path(in, "initial", &b->initial, b->architecture != NULL);
    if (!code && !b->model && !b->architecture)
        code = lethe_fail(in->r.err, LETHE_EFORMAT, "%s has neither 'model' nor 'architecture'",
                          in->r.source);
    if (!code)
        code = lethe_json_read_size(&in->r, "trained_on", &b->trained_on, 0, SIZE_MAX / 2, 0);
    const struct lethe_json *seed = lethe_json_get(in->r.object, "split_seed");
    if (!code && seed && !lethe_json_as_u64(seed, &b->split_seed))
        code = lethe_fail(in->r.err, LETHE_EFORMAT, "%s: 'split_seed' must be a whole number",
                          in->r.source);
    if (!code)
        code = read_recipe(in, &b->recipe);
    if (!code)
        code = read_data(in);
    return code ? code : read_generated(in, &b->generated);
}

enum lethe_err lethe_bundle_read(struct lethe_bundle *bundle, struct lethe_error *err)
{
    struct reading in = {bundle, {bundle->document, bundle->path, err}};
    return read_bundle(&in);
}
