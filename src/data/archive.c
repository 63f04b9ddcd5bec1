/* SPDX-License-Identifier: MIT
 * Datasets in an NPZ archive: which members are samples, labels and groups. They are known by the
 * names that programs give them, in pairs of training and held-out ones; any other is named as
 * FILE.npz:MEMBER. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "data/formats.h"
#include "data/loading.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* Members as programs name them: a word for samples or labels, before or behind one for the part
 * (x_train, trainX, train_images, train/labels); letters and digits count, not their case. */
static const char *const train_words[] = {"train", "training", NULL};
static const char *const test_words[] = {"test",  "testing",    "heldout", "val",
                                         "valid", "validation", "dev",     NULL};
static const char *const no_words[] = {"", NULL};
static const char *const sample_words[] = {"x",    "images",   "image",  "samples", "sample",
                                           "data", "features", "inputs", "arr0",    NULL};
static const char *const label_words[] = {"y",      "labels",  "label", "targets",
                                          "target", "classes", "arr1",  NULL};

static int has(const struct lethe_npz *npz, const char *name)
{
    for (size_t i = 0; i < npz->count; i++)
        if (!strcmp(npz->names[i], name))
            return 1;
    return 0;
}

/* name as `a` then `b`, whatever stands between letters and digits. */
static int is_named(const char *name, const char *a, const char *b)
{
    const char *wanted = *a ? a : b;
    int second = !*a;
    for (; *name; name++) {
        if (!isalnum((unsigned char)*name))
            continue;
        if (!*wanted || tolower((unsigned char)*name) != *wanted)
            return 0;
        if (!*++wanted && !second) {
            wanted = b;
            second = 1;
        }
    }
    return second && !*wanted;
}

static int is_either_way(const char *name, const char *part, const char *word)
{
    return is_named(name, part, word) || is_named(name, word, part);
}

/* The member of one of the words, of a part. */
static const char *member_of(const struct lethe_npz *npz, const char *part,
                             const char *const *words)
{
    for (; *words; words++)
        for (size_t i = 0; i < npz->count; i++)
            if (is_either_way(npz->names[i], part, *words))
                return npz->names[i];
    return NULL;
}

/* Samples of the first of the parts that is there; with labels elsewhere they suffice. */
static const char *find(const struct lethe_npz *npz, const char *const *parts, int samples_only)
{
    for (; *parts; parts++) {
        const char *x = member_of(npz, *parts, sample_words);
        if (x && (samples_only || member_of(npz, *parts, label_words)))
            return x;
    }
    return NULL;
}

static const char *choose(const struct lethe_npz *npz, int heldout, int samples_only)
{
    const char *found = find(npz, heldout ? test_words : train_words, samples_only);
    return found ? found : find(npz, no_words, samples_only);
}

/* The labels that go with samples of this name. */
static const char *labels_of(const struct lethe_npz *npz, const char *samples)
{
    const char *const *const parts[] = {train_words, test_words, no_words};
    for (size_t p = 0; p < COUNT(parts); p++)
        for (const char *const *part = parts[p]; *part; part++)
            for (const char *const *word = sample_words; *word; word++)
                if (is_either_way(samples, *part, *word))
                    return member_of(npz, *part, label_words);
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
        const size_t n = strlen(npz->names[i]);
        if (n > 4 &&
            (!strcmp(npz->names[i] + n - 4, ".csv") || !strcmp(npz->names[i] + n - 4, ".txt") ||
             !strcmp(npz->names[i] + n - 4, ".png") || !strcmp(npz->names[i] + n - 4, ".jpg")))
            return lethe_fail(err, LETHE_EFORMAT,
                              "%s is a zip archive with '%.60s' in it: unpack it first (unzip)",
                              path, npz->names[i]);
        if (end && !strcmp(end, "/data.pkl"))
            return lethe_fail(err, LETHE_EFORMAT,
                              "%s is a PyTorch file; save arrays: numpy.savez('data.npz', "
                              "x=x.numpy(), y=y.numpy())",
                              path);
    }
    return LETHE_OK;
}

/* elsewhere: labels are another file's. */
static enum lethe_err ask(const struct lethe_npz *npz, const char *path, int elsewhere,
                          struct lethe_error *err)
{
    char text[240] = "none";
    enum lethe_err code = refuse_other(npz, path, err);
    if (code)
        return code;
    lethe_npz_list(text, sizeof text, npz);
    const char *name = npz->count ? npz->names[0] : "x";
    if (elsewhere)
        return lethe_fail(err, LETHE_EFORMAT,
                          "%s: which of its members are the samples? It has %s; name them, as "
                          "'%.60s:%.40s'",
                          path, text, path, name);
    return lethe_fail(err, LETHE_EFORMAT,
                      "%s: which members are samples and labels? It has %s; name them as "
                      "'%.60s:%.40s' for the samples and likewise for the labels",
                      path, text, path, name);
}

/* The members a source means: *x, and *y when its labels are no file of their own. */
static enum lethe_err choose_members(const char **x, const char **y, const struct lethe_npz *npz,
                                     const struct lethe_data_source *source, const char *file,
                                     const char *member, struct lethe_error *err)
{
    const int elsewhere = source->labels != NULL;
    *y = NULL;
    *x = member;
    if (!member)
        *x = choose(npz, source->like != NULL, elsewhere);
    if (!*x && elsewhere && npz->count == 1) { /* there is no other */
        *x = npz->names[0];
        return LETHE_OK;
    }
    if (!*x)
        return ask(npz, file, elsewhere, err);
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
    int there = find(&npz, train_words, 0) && find(&npz, test_words, 0);
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
