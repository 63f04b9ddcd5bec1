/* SPDX-License-Identifier: MIT
 * What a session was begun with, without opening it. See source.h. */
#include "session/source.h"

#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/json.h"

enum lethe_err lethe_session_source_path(char **path, const char *dir, struct lethe_error *err)
{
    struct lethe_bytes text = {0};
    struct lethe_json *root = NULL;
    char *file = lethe_path_join(dir, "head.json");
    if (!file)
        return lethe_fail_memory(err, "a path", strlen(dir), 1);
    enum lethe_err code = lethe_file_read(&text, file, SIZE_MAX, err);
    if (!code)
        code = lethe_json_parse(&root, (const char *)text.data, text.size, file, err);
    if (!code) {
        const struct lethe_json *source = lethe_json_get(lethe_json_get(root, "session"), "source");
        const char *found = lethe_json_as_string(lethe_json_get(source, "path"));
        char *copy = found ? lethe_strdup(found) : NULL;
        if (copy)
            *path = copy;
        else
            code = lethe_fail(err, LETHE_EFORMAT, "'%s' does not say what it was begun with", file);
    }
    lethe_json_free(root);
    lethe_free(text.data);
    lethe_free(file);
    return code;
}
