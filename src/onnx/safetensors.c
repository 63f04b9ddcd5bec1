/* SPDX-License-Identifier: MIT
 * safetensors: eight bytes of header length (little-endian), a JSON header {"name": {"dtype",
 * "shape", "data_offsets": [from, to]}}, then the bytes. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/json.h"
#include "lethe/onnx.h"
#include "onnx/model.h"

struct source {
    const char *path;
    struct lethe_bytes file;
    size_t data; /* where the bytes begin */
    struct lethe_json *header;
    struct lethe_error *err;
};

static enum lethe_err open_source(struct source *s)
{
    uint64_t length = 0;
    enum lethe_err code = lethe_file_read(&s->file, s->path, LETHE_FILE_LIMIT, s->err);
    if (code)
        return code;
    if (s->file.size >= 8)
        memcpy(&length, s->file.data, sizeof length);
    if (s->file.size < 8 || length > s->file.size - 8)
        return lethe_fail(s->err, LETHE_EFORMAT, "'%s' is cut short or not a safetensors file",
                          s->path);
    s->data = 8 + (size_t)length;
    code = lethe_json_parse(&s->header, (const char *)s->file.data + 8, (size_t)length, s->path,
                            s->err);
    if (!code && !lethe_json_is_object(s->header))
        code = lethe_fail(s->err, LETHE_EFORMAT, "'%s' has a header that is no object", s->path);
    return code;
}

/* The entry of a parameter; *turned when it is stored the other way round. */
static const struct lethe_json *entry_of(const struct source *s, const struct lethe_graph *graph,
                                         size_t index, int *turned)
{
    const struct lethe_param *param = &graph->params[index];
    const struct lethe_json *entry = lethe_json_get(s->header, param->name);
    *turned = 0;
    if (entry || param->layer < 0 || graph->layers[param->layer].weight != index)
        return entry;
    char name[300];
    const struct lethe_layer_info *layer = &graph->layers[param->layer];
    snprintf(name, sizeof name, "%s.weight", layer->pub.name);
    *turned = layer->by_column && param->ndim == 2;
    return lethe_json_get(s->header, name);
}

static int shape_fits(const struct lethe_json *shape, const struct lethe_param *param, int turned)
{
    if (!lethe_json_is_array(shape) || lethe_json_count(shape) != param->ndim)
        return 0;
    for (size_t d = 0; d < param->ndim; d++) {
        double length = -1;
        size_t want = param->dims[turned ? param->ndim - 1 - d : d];
        if (!lethe_json_as_number(lethe_json_at(shape, d), &length) || length != (double)want)
            return 0;
    }
    return 1;
}

/* As a TensorProto, whose reader knows all the number formats and checks the size. */
static enum lethe_err read_entry(struct lethe_onnx_tensor *tensor, const struct source *s,
                                 const struct lethe_json *entry, const struct lethe_param *param)
{
    static const struct {
        const char *name;
        int elem;
    } types[] = {{"F32", LETHE_ELEM_FLOAT}, {"F64", LETHE_ELEM_DOUBLE}, {"F16", 10}, {"BF16", 16}};
    const char *dtype = lethe_json_as_string(lethe_json_get(entry, "dtype"));
    const struct lethe_json *range = lethe_json_get(entry, "data_offsets");
    double from = -1, to = -1, room = (double)(s->file.size - s->data);
    int64_t dims[1] = {(int64_t)param->size};
    Onnx__TensorProto proto = ONNX__TENSOR_PROTO__INIT;
    for (size_t i = 0; dtype && i < sizeof types / sizeof *types; i++)
        if (!strcmp(dtype, types[i].name))
            proto.data_type = types[i].elem;
    if (!proto.data_type)
        return lethe_fail(s->err, LETHE_EFORMAT,
                          "'%s': '%s' has type %s; F32, F64, F16 and BF16 "
                          "are supported",
                          s->path, param->name, dtype ? dtype : "unknown");
    if (!lethe_json_as_number(lethe_json_at(range, 0), &from) ||
        !lethe_json_as_number(lethe_json_at(range, 1), &to) || !(from >= 0 && from <= to) ||
        to > room)
        return lethe_fail(s->err, LETHE_EFORMAT, "'%s': '%s' lies outside the file", s->path,
                          param->name);
    proto.name = (char *)param->name;
    proto.n_dims = 1;
    proto.dims = dims;
    proto.has_raw_data = 1;
    proto.raw_data.data = s->file.data + s->data + (size_t)from;
    proto.raw_data.len = (size_t)(to - from);
    return lethe_onnx_tensor_read(tensor, &proto, NULL, s->err);
}

static enum lethe_err load_param(double *w, const struct source *s, const struct lethe_graph *graph,
                                 size_t index)
{
    const struct lethe_param *param = &graph->params[index];
    struct lethe_onnx_tensor tensor = {0};
    int turned;
    const struct lethe_json *entry = entry_of(s, graph, index, &turned);
    if (!entry)
        return lethe_fail(s->err, LETHE_EFORMAT, "'%s' has no tensor '%s'", s->path, param->name);
    if (!shape_fits(lethe_json_get(entry, "shape"), param, turned))
        return lethe_fail(s->err, LETHE_EFORMAT, "'%s': the shape of '%s' is not the network's",
                          s->path, param->name);
    enum lethe_err code = read_entry(&tensor, s, entry, param);
    if (code)
        return code;
    size_t rows = param->dims[0], columns = param->size / rows;
    for (size_t i = 0; i < param->size && !code; i++) {
        double x = tensor.data[turned ? i % columns * rows + i / columns : i];
        if (!isfinite(x))
            code = lethe_fail(s->err, LETHE_EFORMAT, "'%s': '%s' holds NaN or infinity", s->path,
                              param->name);
        w[param->offset + i] = x;
    }
    lethe_free(tensor.data);
    return code;
}

enum lethe_err lethe_safetensors_load(double *w, const struct lethe_graph *graph, const char *path,
                                      struct lethe_error *err)
{
    size_t size = graph->size + graph->buffers;
    struct source s = {.path = path, .err = err};
    double *loaded = lethe_alloc(size + 1, sizeof *loaded);
    enum lethe_err code =
        loaded ? open_source(&s) : lethe_fail_memory(err, path, size, sizeof *loaded);
    for (size_t p = 0; p < graph->param_count && !code; p++)
        code = load_param(loaded, &s, graph, p);
    if (!code)
        memcpy(w, loaded, size * sizeof *w);
    lethe_free(loaded);
    lethe_free(s.file.data);
    lethe_json_free(s.header);
    return code;
}

/* ---- saving ---------------------------------------------------------------------------------- */

static void describe(struct lethe_json *header, const struct lethe_param *param, size_t width,
                     size_t *at)
{
    struct lethe_json *entry = lethe_json_add_object(header, param->name);
    lethe_json_add_string(entry, "dtype", width == 4 ? "F32" : "F64");
    struct lethe_json *shape = lethe_json_add_array(entry, "shape");
    for (size_t d = 0; d < param->ndim; d++)
        lethe_json_add_number(shape, NULL, (double)param->dims[d]);
    struct lethe_json *range = lethe_json_add_array(entry, "data_offsets");
    lethe_json_add_number(range, NULL, (double)*at);
    *at += param->size * width;
    lethe_json_add_number(range, NULL, (double)*at);
}

enum lethe_err lethe_safetensors_save(const struct lethe_graph *graph, const double *w,
                                      const char *path, enum lethe_dtype dtype,
                                      struct lethe_error *err)
{
    size_t width = dtype == LETHE_F32 ? sizeof(float) : sizeof(double), at = 0;
    size_t count = graph->size + graph->buffers;
    struct lethe_json *header = lethe_json_object();
    for (size_t p = 0; p < graph->param_count; p++)
        describe(header, &graph->params[p], width, &at);
    char *text = lethe_json_text(header, 0);
    size_t length = text ? strlen(text) : 0, padded = (length + 7) / 8 * 8;
    unsigned char *bytes = text ? lethe_alloc(8 + padded + count * width, 1) : NULL;
    enum lethe_err code = LETHE_OK;
    if (!bytes) {
        code = lethe_fail_memory(err, path, count, width);
        goto out;
    }
    uint64_t announced = padded;
    memcpy(bytes, &announced, sizeof announced);
    memcpy(bytes + 8, text, length);
    memset(bytes + 8 + length, ' ', padded - length);
    for (size_t i = 0; i < count; i++) {
        float single = (float)w[i];
        memcpy(bytes + 8 + padded + i * width, width == 4 ? (const void *)&single : &w[i], width);
    }
    code = lethe_file_write(path, bytes, 8 + padded + count * width, err);
out:
    lethe_free(bytes);
    lethe_free(text);
    lethe_json_free(header);
    return code;
}
