/* SPDX-License-Identifier: MIT
 * Making a dataset from arrays: every claim is checked here, so that a batch never fails. */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "data/dataset.h"
#include "data/encoding.h"
#include "data/resize.h"

static size_t product(const size_t *dims, size_t ndim)
{
    size_t n = 1;
    for (size_t d = 0; d < ndim; d++)
        n *= dims[d];
    return n;
}

/* Rows, columns, channels -> channels, rows, columns, every sample. */
static enum lethe_err channels_first(struct lethe_array *x, const char *source,
                                     struct lethe_error *err)
{
    if (x->ndim != 4)
        return lethe_fail(err, LETHE_EFORMAT,
                          "%s: channels last needs samples of three dimensions (rows, columns, "
                          "channels), these have %zu",
                          source, x->ndim - 1);
    size_t size = lethe_element_size(x->type), channels = x->dims[3];
    size_t pixels = x->dims[1] * x->dims[2];
    unsigned char *turned = lethe_alloc(x->count, size), *to = turned;
    if (!turned)
        return lethe_fail_memory(err, source, x->count, size);
    for (size_t i = 0; i < x->dims[0]; i++) {
        const unsigned char *sample = (unsigned char *)x->data + i * pixels * channels * size;
        for (size_t c = 0; c < channels; c++)
            for (size_t p = 0; p < pixels; p++, to += size)
                memcpy(to, sample + (p * channels + c) * size, size);
    }
    lethe_free(x->data);
    x->data = turned;
    x->dims[3] = x->dims[2];
    x->dims[2] = x->dims[1];
    x->dims[1] = channels;
    return LETHE_OK;
}

static enum lethe_err check_finite(const struct lethe_dataset *data, const char *source,
                                   struct lethe_error *err)
{
    if (data->raw.type != LETHE_FLOAT && data->raw.type != LETHE_DOUBLE)
        return LETHE_OK;
    for (size_t i = 0; i < data->raw.count; i++) {
        double value = lethe_array_get(&data->raw, i);
        if (!isfinite(value))
            return lethe_fail(err, LETHE_EFORMAT,
                              "%s: sample %zu, value %zu is %s; remove the sample or fill it in",
                              source, i / data->width, i % data->width,
                              isnan(value) ? "missing or NaN" : "infinite");
    }
    return LETHE_OK;
}

static enum lethe_err set_shape(struct lethe_dataset *data, const struct lethe_normalize *norm,
                                const char *source, struct lethe_error *err)
{
    const struct lethe_array *x = &data->raw;
    if (x->ndim < 1 || !x->dims[0] || !x->count)
        return lethe_fail(err, LETHE_EFORMAT, "%s has no samples", source);
    data->n = x->dims[0];
    data->width = x->count / data->n;
    data->ndim = x->ndim - 1;
    memcpy(data->dims, x->dims + 1, data->ndim * sizeof *data->dims);
    if (norm->ndim) {
        if (product(norm->dims, norm->ndim) != data->width)
            return lethe_fail(err, LETHE_EFORMAT,
                              "%s: samples of %zu values cannot be given a shape of %zu", source,
                              data->width, product(norm->dims, norm->ndim));
        data->ndim = norm->ndim;
        memcpy(data->dims, norm->dims, data->ndim * sizeof *data->dims);
    }
    if (!data->ndim) { /* a plain list: samples of one value */
        data->ndim = 1;
        data->dims[0] = 1;
    }
    return LETHE_OK;
}

/* Mean and standard deviation of what each channel holds; a constant one keeps its unit. */
static enum lethe_err standardize(struct lethe_dataset *data, const char *source,
                                  struct lethe_error *err)
{
    data->channels = data->ndim == 1 ? data->width : data->ndim == 3 ? data->dims[0] : 1;
    data->span = data->width / data->channels;
    data->mean = lethe_alloc_zero(data->channels, sizeof *data->mean);
    data->std = lethe_alloc_zero(data->channels, sizeof *data->std);
    if (!data->mean || !data->std)
        return lethe_fail_memory(err, source, data->channels, 16);
    const double count = (double)(data->n * data->span);
    for (int pass = 0; pass < 2; pass++) {
        double *to = pass ? data->std : data->mean;
        for (size_t i = 0; i < data->raw.count; i++) {
            size_t c = i % data->width / data->span;
            double x = lethe_array_get(&data->raw, i);
            to[c] += pass ? (x - data->mean[c]) * (x - data->mean[c]) : x;
        }
        for (size_t c = 0; c < data->channels; c++)
            to[c] = pass ? sqrt(to[c] / count) : to[c] / count;
    }
    for (size_t c = 0; c < data->channels; c++)
        data->std[c] = data->std[c] > 0 ? data->std[c] : 1;
    return LETHE_OK;
}

static enum lethe_err set_normalisation(struct lethe_dataset *data,
                                        const struct lethe_normalize *norm, const char *source,
                                        struct lethe_error *err)
{
    if (norm->standardize)
        return standardize(data, source, err);
    size_t counts[2] = {norm->means, norm->stds};
    double scale = norm->scale == 0 ? 1 : norm->scale;
    data->channels = norm->means > 1 || norm->stds > 1 ? data->dims[0] : 1;
    data->span = data->width / data->channels;
    for (int k = 0; k < 2; k++)
        if (counts[k] > 1 && counts[k] != data->channels)
            return lethe_fail(err, LETHE_EFORMAT,
                              "%s: %zu values of %s for samples of %zu channels; give one for all "
                              "or one each",
                              source, counts[k], k ? "'std'" : "'mean'", data->dims[0]);
    data->mean = lethe_alloc(data->channels, sizeof *data->mean);
    data->std = lethe_alloc(data->channels, sizeof *data->std);
    if (!data->mean || !data->std)
        return lethe_fail_memory(err, source, data->channels, 16);
    for (size_t c = 0; c < data->channels; c++) {
        double mean = norm->means ? norm->mean[norm->means > 1 ? c : 0] : 0;
        double std = norm->stds ? norm->std[norm->stds > 1 ? c : 0] : 1;
        if (!isfinite(mean * scale) || !(std * scale > 0) || !isfinite(std * scale))
            return lethe_fail(err, LETHE_EFORMAT,
                              "%s: normalising with mean %g, std %g and scale %g; std and scale "
                              "must be above 0",
                              source, mean, std, scale);
        data->mean[c] = mean * scale;
        data->std[c] = std * scale;
    }
    return LETHE_OK;
}

/* n whole numbers from 0 up; what is "label" or "group". *above: largest + 1. */
static enum lethe_err whole_numbers(int **out, size_t *above, const struct lethe_array *array,
                                    size_t n, const char *what, const char *source,
                                    struct lethe_error *err)
{
    if (array->count != n || array->dims[0] != n)
        return lethe_fail(err, LETHE_EFORMAT, "%s: %zu samples but %zu %ss", source, n,
                          array->count, what);
    int *values = lethe_alloc(n, sizeof *values);
    if (!values)
        return lethe_fail_memory(err, source, n, sizeof *values);
    *above = 0;
    for (size_t i = 0; i < n; i++) {
        double value = lethe_array_get(array, i);
        if (!(value >= 0 && value < INT_MAX) || value != floor(value)) {
            lethe_free(values);
            return lethe_fail(err, LETHE_EFORMAT,
                              "%s: the %s of sample %zu is %g; %ss are whole numbers from 0, or "
                              "names%s",
                              source, what, i, value, what,
                              value != floor(value) ? " (real numbers are the target of a "
                                                      "regression, which lethe does not take)"
                              : value < 0
                                  ? "; renumber them: y = np.unique(y, return_inverse=True)[1]"
                                  : "");
        }
        values[i] = (int)value;
        if ((size_t)values[i] >= *above)
            *above = (size_t)values[i] + 1;
    }
    *out = values;
    return LETHE_OK;
}

static enum lethe_err set_labels(struct lethe_dataset *data,
                                 const struct lethe_dataset_parts *parts, struct lethe_error *err)
{
    size_t above = 0;
    enum lethe_err code =
        whole_numbers(&data->labels, &above, &parts->labels, data->n, "label", parts->source, err);
    if (code)
        return code;
    size_t declared = parts->classes ? parts->classes : parts->class_name_count;
    if (!declared && above > data->n + 1000)
        return lethe_fail(err, LETHE_EFORMAT,
                          "%s: a label of %zu among %zu samples; declare the number of classes if "
                          "that is meant",
                          parts->source, above - 1, data->n);
    data->classes = declared ? declared : above;
    for (size_t i = 0; i < data->n; i++)
        if ((size_t)data->labels[i] >= data->classes)
            return lethe_fail(err, LETHE_EFORMAT,
                              "%s: the label of sample %zu is %d, but there are %zu classes "
                              "(0 to %zu)",
                              parts->source, i, data->labels[i], data->classes, data->classes - 1);
    return LETHE_OK;
}

static enum lethe_err set_names(struct lethe_dataset *data, const struct lethe_dataset_parts *parts,
                                struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    if (parts->groups.data)
        code = whole_numbers(&data->groups, &data->group_count, &parts->groups, data->n, "group",
                             parts->source, err);
    if (!code && parts->class_names)
        code =
            lethe_names_copy(&data->class_names, parts->class_names, parts->class_name_count, err);
    if (!code && parts->note_count)
        code = lethe_names_copy(&data->notes, parts->notes, parts->note_count, err);
    if (!code && parts->group_names)
        code =
            lethe_names_copy(&data->group_names, parts->group_names, parts->group_name_count, err);
    return code;
}

enum lethe_err lethe_dataset_make(struct lethe_dataset **data, struct lethe_dataset_parts *parts,
                                  struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    struct lethe_dataset *made = lethe_alloc_zero(1, sizeof *made);
    if (!made) {
        code = lethe_fail_memory(err, parts->source, 1, sizeof *made);
        goto out;
    }
    atomic_init(&made->refs, 1);
    made->tokens = parts->tokens;
    if (parts->normalize.channels_last)
        code = channels_first(&parts->x, parts->source, err);
    if (!code && parts->normalize.resize[0])
        code = lethe_images_resize(&parts->x, parts->normalize.resize[0],
                                   parts->normalize.resize[1], parts->source, err);
    if (!code && parts->normalize.colours)
        code = lethe_images_colour(&parts->x, parts->normalize.colours, parts->source, err);
    made->encoding = parts->encoding;
    parts->encoding = NULL;
    made->raw = parts->x;
    parts->x = (struct lethe_array){0};
    if (!code)
        code = set_shape(made, &parts->normalize, parts->source, err);
    if (!code)
        code = check_finite(made, parts->source, err);
    if (!code)
        code = set_normalisation(made, &parts->normalize, parts->source, err);
    if (!code)
        code = set_labels(made, parts, err);
    if (!code)
        code = set_names(made, parts, err);
out:
    lethe_encoding_free(parts->encoding);
    parts->encoding = NULL;
    lethe_array_release(&parts->x);
    lethe_array_release(&parts->labels);
    lethe_array_release(&parts->groups);
    if (code)
        lethe_dataset_unref(made);
    else
        *data = made;
    return code;
}

enum lethe_err lethe_dataset_from(struct lethe_dataset **data, const double *x, const int *labels,
                                  size_t n, size_t width, struct lethe_error *err)
{
    struct lethe_dataset_parts parts = {.source = "the samples"};
    struct lethe_array *xs = &parts.x, *ys = &parts.labels;
    if (width && n > SIZE_MAX / width)
        return lethe_fail(err, LETHE_EARG, "%zu samples of %zu values are too many", n, width);
    *xs = (struct lethe_array){
        .type = LETHE_DOUBLE, .ndim = 2, .dims = {n, width}, .count = n * width};
    *ys = (struct lethe_array){.type = LETHE_I32, .ndim = 1, .dims = {n}, .count = n};
    xs->data = lethe_alloc(xs->count, sizeof *x);
    ys->data = lethe_alloc(n, sizeof *labels);
    if (!xs->data || !ys->data) {
        lethe_array_release(xs);
        lethe_array_release(ys);
        return lethe_fail_memory(err, parts.source, n * width, sizeof *x);
    }
    memcpy(xs->data, x, xs->count * sizeof *x);
    memcpy(ys->data, labels, n * sizeof *labels);
    return lethe_dataset_make(data, &parts, err);
}

struct lethe_dataset *lethe_dataset_like(const struct lethe_dataset *like, struct lethe_error *err)
{
    struct lethe_dataset *made = lethe_alloc_zero(1, sizeof *made);
    if (!made)
        goto fail;
    atomic_init(&made->refs, 1);
    made->width = like->width;
    made->ndim = like->ndim;
    memcpy(made->dims, like->dims, sizeof made->dims);
    made->classes = like->classes;
    made->tokens = like->tokens;
    made->channels = like->channels;
    made->span = like->span;
    made->group_count = like->group_count;
    made->raw.type = like->raw.type;
    made->mean = lethe_alloc(like->channels, sizeof *made->mean);
    made->std = lethe_alloc(like->channels, sizeof *made->std);
    if (!made->mean || !made->std)
        goto fail;
    memcpy(made->mean, like->mean, like->channels * sizeof *made->mean);
    memcpy(made->std, like->std, like->channels * sizeof *made->std);
    const struct lethe_names *classes = &like->class_names, *groups = &like->group_names;
    if (lethe_names_copy(&made->class_names, (const char *const *)classes->name, classes->count,
                         err) ||
        lethe_names_copy(&made->group_names, (const char *const *)groups->name, groups->count, err))
        goto fail;
    return made;
fail:
    lethe_dataset_unref(made);
    lethe_fail_memory(err, "a dataset", 1, sizeof *made);
    return NULL;
}
