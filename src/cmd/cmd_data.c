/* SPDX-License-Identifier: MIT
 * data: gives a model its training and held-out samples, from tables, arrays, images or texts,
 * and says how each is read. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/alloc.h"
#include "cmd/commands.h"
#include "lethe/load.h"
#include "workbench/answer_project.h"
#include "workbench/answer_session.h"
#include "workbench/workbench.h"

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

/* "a,b,3" cut at its commas: columns by name or number. text is cut up. */
static size_t cut_list(const char **list, size_t room, char *text)
{
    size_t count = 0;
    for (char *at = strtok(text, ","); at && count < room; at = strtok(NULL, ","))
        list[count++] = at;
    return count;
}

enum { DROPPED = 64 };

/* What is said of tables, labels and images beside the path. */
static enum lethe_err read_ways(struct lethe_data_source *source, const char **dropped,
                                char *drop_text, const struct lethe_args *args,
                                struct lethe_error *err)
{
    const char *size = lethe_args_text(args, "resize", NULL);
    const char *channels = lethe_args_text(args, "channels", NULL);
    size_t *colours = &source->normalize.colours;
    char rest = '\0';
    source->missing = lethe_args_text(args, "missing", NULL);
    source->label_column = lethe_args_text(args, "label_column", NULL);
    source->group_column = lethe_args_text(args, "group_column", NULL);
    source->first_label = lethe_args_count(args, "first_label", 0);
    source->most_words = lethe_args_count(args, "words", 0);
    source->normalize.channels_last = channels && !strcmp(channels, "last");
    if (channels && !source->normalize.channels_last &&
        (sscanf(channels, "%zu%c", colours, &rest) != 1 || !*colours || *colours > 64))
        return lethe_fail(err, LETHE_EARG, "channels must be 1 to 64, or last, not '%s'", channels);
    source->drop_columns = dropped;
    source->drop_count = cut_list(dropped, DROPPED, drop_text);
    size_t *to = source->normalize.resize;
    if (size && (size[0] == '-' || sscanf(size, "%zu,%zu%c", &to[0], &to[1], &rest) != 2 ||
                 !to[0] || !to[1] || to[0] > 1 << 14 || to[1] > 1 << 14))
        return lethe_fail(err, LETHE_EARG, "'resize' must be ROWS,COLUMNS, not '%s'", size);
    return LETHE_OK;
}

static enum lethe_err load_data(struct lethe_call *call, struct lethe_data_source *source,
                                struct lethe_error *err)
{
    const struct lethe_args *args = &call->args;
    struct lethe_dataset *train = NULL, *heldout = NULL;
    struct lethe_data_source other = *source;
    enum lethe_err code = read_range(source, args, "train", err);
    if (!code)
        code = read_range(&other, args, "heldout", err);
    if (code)
        return code;
    if (lethe_args_given(args, "heldout.path"))
        other.path = lethe_args_text(args, "heldout.path", "");
    other.labels = lethe_args_text(args, "heldout.labels", other.labels);
    int apart = lethe_args_given(args, "heldout") || lethe_args_given(args, "heldout.path") ||
                lethe_source_has_heldout(source);
    code = lethe_dataset_load(&train, source, err);
    other.like = train;
    if (!code && apart)
        code = lethe_dataset_load(&heldout, &other, err);
    if (!code)
        code = lethe_workbench_data(call->wb, train, heldout, err);
    lethe_dataset_unref(train);
    lethe_dataset_unref(heldout);
    return code;
}

static enum lethe_err run_data(struct lethe_call *call, struct lethe_error *err)
{
    if (lethe_standing_leave(call, err))
        return LETHE_EARG;
    const struct lethe_args *args = &call->args;
    const char *dropped[DROPPED];
    double pair[2] = {0, 1};
    struct lethe_data_source source = {.path = lethe_args_text(args, "PATH", ""),
                                       .labels = lethe_args_text(args, "labels", NULL),
                                       .format = lethe_args_text(args, "format", NULL)};
    char *drop = lethe_strdup(lethe_args_text(args, "drop_columns", ""));
    enum lethe_err code = drop ? read_normalize(&source.normalize, pair, args, err)
                               : lethe_fail_memory(err, "a list", 1, 1);
    if (!code)
        code = read_ways(&source, dropped, drop, args, err);
    if (!code)
        code = load_data(call, &source, err);
    lethe_free(drop);
    if (code)
        return code;
    lethe_put_project(call->out, call->wb);
    lethe_put_idle_classes(call->out, &call->wb->project);
    lethe_put_data_notes(call->out, &call->wb->project);
    return LETHE_OK;
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
     .help = "file of samples (IDX, CSV, NPY, NPZ, CIFAR, text), also .gz; FILE.npz:MEMBER; a "
             "folder of pictures; or points made here: rings, moons, blobs (rings:7, seed 7)"},
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
    {.name = "label_column",
     .kind = LETHE_ARG_TEXT,
     .flags = LETHE_ARG_KEYED,
     .help = "of a table: its name, or its number from 0 (\"label\", else the last)"},
    {.name = "group_column",
     .kind = LETHE_ARG_TEXT,
     .flags = LETHE_ARG_KEYED,
     .help = "likewise (\"group\", else none)"},
    {.name = "missing",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "refuse|drop|mean|median|column",
     .help = "values missing in a table: rows left out, or filled by the column's mean or median; "
             "column: mean, and a column that says where (refuse)"},
    {.name = "drop_columns",
     .kind = LETHE_ARG_TEXT,
     .flags = LETHE_ARG_KEYED,
     .help = "of a table, left out: names or numbers, with commas between"},
    {.name = "words",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 1,
     .max = 1000,
     .help = "most different words of a column, each of which becomes an input (100)"},
    {.name = "first_label",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 0,
     .max = 1 << 20,
     .help = "what the file calls the first class (0)"},
    {.name = "channels",
     .kind = LETHE_ARG_TEXT,
     .flags = LETHE_ARG_KEYED,
     .help = "of pictures: 1 grey, 3 colours, others are converted; last: an array has rows, "
             "columns, channels"},
    {.name = "resize",
     .kind = LETHE_ARG_TEXT,
     .flags = LETHE_ARG_KEYED,
     .help = "ROWS,COLUMNS of pictures"},
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
