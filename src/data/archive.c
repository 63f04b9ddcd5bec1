/* SPDX-License-Identifier: MIT
 * Datasets in an NPZ archive: which members are samples, labels and groups. They are known by the
 * names that programs give them, in pairs of training and held-out ones; any other is named as
 * FILE.npz:MEMBER. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "data/loading.h"

struct pair {
    const char *x, *y;
};

static const struct pair train_pairs[] = {{"x_train", "y_train"},
                                          {"X_train", "y_train"},
                                          {"train_images", "train_labels"},
                                          {"train_x", "train_y"},
                                          {"train_data", "train_labels"},
                                          {"train_features", "train_labels"},
                                          {"training_images", "training_labels"}};
static const struct pair test_pairs[] = {
    {"x_test", "y_test"},  {"X_test", "y_test"},         {"test_images", "test_labels"},
    {"test_x", "test_y"},  {"test_data", "test_labels"}, {"test_features", "test_labels"},
    {"x_val", "y_val"},    {"val_images", "val_labels"}, {"X_val", "y_val"},
    {"x_valid", "y_valid"}};
static const struct pair plain_pairs[] = {
    {"x", "y"},           {"x", "labels"},       {"x", "label"},
    {"X", "y"},           {"samples", "labels"}, {"samples", "y"},
    {"samples", "label"}, {"images", "labels"},  {"images", "y"},
    {"images", "label"},  {"data", "labels"},    {"data", "y"},
    {"data", "label"},    {"data", "target"},    {"features", "labels"},
    {"arr_0", "arr_1"}};

#define COUNT(list) (sizeof(list) / sizeof *(list))

static int has(const struct lethe_npz *npz, const char *name)
{
    for (size_t i = 0; i < npz->count; i++)
        if (!strcmp(npz->names[i], name))
            return 1;
    return 0;
}

/* The first pair of the list that is there; with labels elsewhere its samples suffice. */
static const struct pair *find(const struct lethe_npz *npz, const struct pair *list, size_t count,
                               int samples_only)
{
    for (size_t i = 0; i < count; i++)
        if (has(npz, list[i].x) && (samples_only || has(npz, list[i].y)))
            return &list[i];
    return NULL;
}

static const struct pair *choose(const struct lethe_npz *npz, int heldout, int samples_only)
{
    const struct pair *found = heldout ? find(npz, test_pairs, COUNT(test_pairs), samples_only)
                                       : find(npz, train_pairs, COUNT(train_pairs), samples_only);
    return found ? found : find(npz, plain_pairs, COUNT(plain_pairs), samples_only);
}

/* The labels that go with samples of this name. */
static const char *labels_of(const struct lethe_npz *npz, const char *samples)
{
    const struct pair *lists[] = {train_pairs, test_pairs, plain_pairs};
    const size_t counts[] = {COUNT(train_pairs), COUNT(test_pairs), COUNT(plain_pairs)};
    for (size_t l = 0; l < 3; l++)
        for (size_t i = 0; i < counts[l]; i++)
            if (!strcmp(lists[l][i].x, samples) && has(npz, lists[l][i].y))
                return lists[l][i].y;
    return NULL;
}

/* Zip archives that are no NPZ: workbooks, and what torch.save writes. */
static enum lethe_err refuse_other(const struct lethe_npz *npz, const char *path,
                                   struct lethe_error *err)
{
    for (size_t i = 0; i < npz->count; i++) {
        const char *end = strrchr(npz->names[i], '/');
        if (!strcmp(npz->names[i], "xl/workbook.xml"))
            return lethe_fail(err, LETHE_EFORMAT, "%s is an Excel workbook; save the sheet as CSV",
                              path);
        if (end && !strcmp(end, "/data.pkl"))
            return lethe_fail(err, LETHE_EFORMAT,
                              "%s is a PyTorch file; save arrays: numpy.savez('data.npz', "
                              "x=x.numpy(), y=y.numpy())",
                              path);
    }
    return LETHE_OK;
}

static enum lethe_err ask(const struct lethe_npz *npz, const char *path, struct lethe_error *err)
{
    char text[240] = "";
    enum lethe_err code = refuse_other(npz, path, err);
    if (code)
        return code;
    for (size_t i = 0; i < npz->count && strlen(text) < sizeof text - 48; i++) {
        const size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "%s%.40s", i ? ", " : "", npz->names[i]);
    }
    const char *name = npz->count ? npz->names[0] : "x";
    return lethe_fail(err, LETHE_EFORMAT,
                      "%s: which members are samples and labels? It has %s; name them as "
                      "'%.60s:%.40s' for the samples and likewise for the labels",
                      path, *text ? text : "none", path, name);
}

/* The members a source means: *x, and *y when its labels are no file of their own. */
static enum lethe_err choose_members(const char **x, const char **y, const struct lethe_npz *npz,
                                     const struct lethe_data_source *source, const char *file,
                                     const char *member, struct lethe_error *err)
{
    const int elsewhere = source->labels != NULL;
    *y = NULL;
    *x = member;
    if (!member) {
        const struct pair *pair = choose(npz, source->like != NULL, elsewhere);
        if (!pair)
            return ask(npz, file, err);
        *x = pair->x;
    }
    if (!elsewhere && !(*y = labels_of(npz, *x)))
        return lethe_fail(err, LETHE_EFORMAT,
                          "%s has no labels that go with '%.60s'; name them, as '%.60s:MEMBER' or "
                          "a file of their own",
                          file, *x, file);
    return LETHE_OK;
}

enum lethe_err lethe_load_npz(struct lethe_loading *loading, struct lethe_error *err)
{
    static const char *const groups[] = {"groups", "group"};
    const struct lethe_data_source *source = loading->source;
    struct lethe_dataset_parts *parts = &loading->parts;
    struct lethe_npz npz = {0};
    char *archive = NULL;
    const char *member = lethe_npz_part(&archive, source->path), *x = NULL, *y = NULL;
    const char *file = archive ? archive : source->path;
    enum lethe_err code = lethe_npz_names(&npz, file, err);
    if (!code)
        code = choose_members(&x, &y, &npz, source, file, member, err);
    if (!code)
        code = lethe_npz_member_read(&parts->x, file, x, err);
    if (!code && y)
        code = lethe_npz_member_read(&parts->labels, file, y, err);
    for (size_t k = 0; k < COUNT(groups) && !code && !source->groups && !parts->groups.data; k++)
        if (!member && has(&npz, groups[k]))
            code = lethe_npz_member_read(&parts->groups, file, groups[k], err);
    if (!code && parts->x.words)
        code = lethe_fail(err, LETHE_EFORMAT, "%s: the samples '%.60s' are texts", file, x);
    lethe_npz_release(&npz);
    lethe_free(archive);
    return code;
}

static int has_test_pair(const char *path)
{
    struct lethe_npz npz;
    if (lethe_npz_names(&npz, path, NULL))
        return 0;
    int there = find(&npz, train_pairs, COUNT(train_pairs), 0) &&
                find(&npz, test_pairs, COUNT(test_pairs), 0);
    lethe_npz_release(&npz);
    return there;
}

int lethe_source_has_heldout(const struct lethe_data_source *source)
{
    char *archive = NULL;
    int member = lethe_npz_part(&archive, source->path) != NULL;
    size_t n = strlen(source->path);
    lethe_free(archive);
    if (member || source->labels || source->last)
        return 0;
    if (lethe_points_named(source->path))
        return 1;
    if (lethe_folder_exists(source->path))
        return lethe_folder_has_halves(source->path);
    return n > 4 && !strcmp(source->path + n - 4, ".npz") && has_test_pair(source->path);
}

void lethe_source_inherit(struct lethe_data_source *heldout, const struct lethe_data_source *train)
{
    if (!heldout->missing)
        heldout->missing = train->missing;
    if (!heldout->drop_count) {
        heldout->drop_columns = train->drop_columns;
        heldout->drop_count = train->drop_count;
    }
    if (!heldout->first_label)
        heldout->first_label = train->first_label;
    if (!heldout->most_words)
        heldout->most_words = train->most_words;
}
