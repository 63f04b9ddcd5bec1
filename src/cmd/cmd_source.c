/* SPDX-License-Identifier: MIT
 * source: runs the commands in a file. */
#include <string.h>
#include "base/alloc.h"
#include "base/file.h"
#include "cmd/commands.h"
#include "workbench/execute.h"
#include "workbench/workbench.h"

enum { DEEPEST = 16, LONGEST = 16 << 20 };

static enum lethe_err run_source(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    const char *path = lethe_args_text(&call->args, "PATH", "");
    if (wb->depth == DEEPEST)
        return lethe_fail(err, LETHE_EARG,
                          "'%s' is sourced more than %d deep: does it source itself?", path,
                          (int)DEEPEST);
    struct lethe_bytes text = {0};
    enum lethe_err code = lethe_file_read(&text, path, LONGEST, err);
    if (code)
        return code;
    if (memchr(text.data, '\0', text.size)) {
        lethe_free(text.data);
        return lethe_fail(err, LETHE_EFORMAT, "'%s' is not a text file", path);
    }
    struct lethe_sink sink = wb->sink;
    wb->depth++;
    code = lethe_execute_text(wb, (const char *)text.data, 0, &sink);
    wb->depth--;
    lethe_free(text.data);
    if (code)
        return lethe_fail(err, code, "'%s' stopped at the command that failed", path);
    return LETHE_OK;
}

static const struct lethe_arg_spec source_args[] = {
    {.name = "PATH", .kind = LETHE_ARG_PATH, .flags = LETHE_ARG_NEEDED, .help = "file of commands"},
};

const struct lethe_command lethe_command_source = {
    .name = "source",
    .group = LETHE_GROUP_OTHER,
    .summary = "Run the commands in a file",
    .detail = "Stops at the first command that fails; those before it stay done.",
    LETHE_ARGS(source_args),
    .run = run_source,
};
