/* SPDX-License-Identifier: MIT
 * Loads an ONNX file, once it is known to be nested no deeper than a model is. */
#include "lethe/onnx.h"

#include "base/alloc.h"
#include "base/file.h"
#include "onnx/model.h"

enum { DEPTH = 32 };

enum lethe_err lethe_onnx_unpack(Onnx__ModelProto **model, const unsigned char *bytes, size_t size,
                                 struct lethe_error *err)
{
    if (!lethe_onnx_is_shallow(bytes, size, &onnx__model_proto__descriptor, DEPTH))
        return lethe_fail(err, LETHE_EFORMAT, "messages in it are nested more than %d deep", DEPTH);
    *model = size ? onnx__model_proto__unpack(NULL, size, bytes) : NULL;
    return *model ? LETHE_OK
                  : lethe_fail(err, LETHE_EFORMAT, "it is %s",
                               size ? "cut short or not an ONNX file" : "empty");
}

/* Frees the model. */
static enum lethe_err build(struct lethe_graph **graph, double **w, Onnx__ModelProto *model,
                            const char *folder, struct lethe_error *err)
{
    enum lethe_err code = lethe_onnx_build(graph, w, model, folder, LETHE_ONNX_CONSUME, err);
    onnx__model_proto__free_unpacked(model, NULL);
    return code;
}

enum lethe_err lethe_onnx_parse(struct lethe_graph **graph, double **w, const unsigned char *bytes,
                                size_t size, const char *folder, struct lethe_error *err)
{
    Onnx__ModelProto *model = NULL;
    enum lethe_err code = lethe_onnx_unpack(&model, bytes, size, err);
    return code ? code : build(graph, w, model, folder, err);
}

enum lethe_err lethe_onnx_load(struct lethe_graph **graph, double **w, const char *path,
                               struct lethe_error *err)
{
    struct lethe_bytes file = {0};
    struct lethe_error why = {0};
    char *folder = lethe_path_folder(path);
    enum lethe_err code = lethe_file_read(&file, path, LETHE_FILE_LIMIT, err);
    if (!code) {
        Onnx__ModelProto *model = NULL;
        code = lethe_onnx_unpack(&model, file.data, file.size, &why);
        lethe_free(file.data); /* before the weights are made: they are twice as large */
        if (!code)
            code = build(graph, w, model, folder, &why);
        if (code)
            lethe_fail(err, code, "cannot load '%s': %s", path, why.message);
    }
    if (code)
        lethe_error_at(err, "%s", path);
    lethe_free(folder);
    return code;
}

enum lethe_err lethe_onnx_decode(struct lethe_graph **graph, double **w, const unsigned char *bytes,
                                 size_t size, struct lethe_error *err)
{
    return lethe_onnx_parse(graph, w, bytes, size, NULL, err);
}
