/* SPDX-License-Identifier: MIT
 * Loads an ONNX file. */
#include "lethe/onnx.h"

#include "base/alloc.h"
#include "base/file.h"
#include "onnx/model.h"

enum lethe_err lethe_onnx_load(struct lethe_graph **graph, double **w, const char *path,
                               struct lethe_error *err)
{
    struct lethe_bytes file = {0};
    struct lethe_error why = {0};
    Onnx__ModelProto *model = NULL;
    char *folder = lethe_path_folder(path);
    enum lethe_err code = lethe_file_read(&file, path, LETHE_FILE_LIMIT, err);
    if (code)
        goto out;
    if (file.size)
        model = onnx__model_proto__unpack(NULL, file.size, file.data);
    if (!model) {
        code = lethe_fail(err, LETHE_EFORMAT, "cannot load '%s': %s", path,
                          file.size ? "it is cut short or not an ONNX file" : "it is empty");
        goto out;
    }
    code = lethe_onnx_build(graph, w, model, folder, 0, &why);
    if (code)
        lethe_fail(err, code, "cannot load '%s': %s", path, why.message);
out:
    if (code)
        lethe_error_at(err, "%s", path);
    if (model)
        onnx__model_proto__free_unpacked(model, NULL);
    lethe_free(file.data);
    lethe_free(folder);
    return code;
}
