/* SPDX-License-Identifier: MIT
 * record: writes what the terminal shows into an asciicast file. */
#include <string.h>

#include "cmd/commands.h"
#include "workbench/recorder.h"
#include "workbench/workbench.h"

static enum lethe_err run_record(struct lethe_call *call, struct lethe_error *err)
{
    const struct lethe_recorder *recorder = call->wb->recorder;
    const char *path = lethe_args_text(&call->args, "FILE", NULL);
    if (path && strcmp(path, "off") == 0) /* as of everything else that is on or off */
        path = NULL;
    return recorder ? recorder->record(recorder->self, path, call->out, err)
                    : lethe_fail(err, LETHE_EARG, "record: there is no terminal here");
}

static const struct lethe_arg_spec record_args[] = {
    {.name = "FILE",
     .kind = LETHE_ARG_PATH,
     .help = "the recording; without it, or with off, the one ends"},
};

const struct lethe_command lethe_command_record = {
    .name = "record",
    .group = LETHE_GROUP_OTHER,
    .summary = "Write what the terminal shows into an asciicast file",
    .detail = "Version 2, with the timing of the session, the full screen included; 'play' and "
              "asciinema show it. It ends with 'record' alone, or with the program.",
    .examples = "record lecture.cast\nrecord",
    LETHE_ARGS(record_args),
    .run = run_record,
};
