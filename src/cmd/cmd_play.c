/* SPDX-License-Identifier: MIT
 * play: shows a recording in the terminal, or draws pictures of it. */
#include "cmd/commands.h"
#include "workbench/recorder.h"
#include "workbench/workbench.h"

static enum lethe_err run_play(struct lethe_call *call, struct lethe_error *err)
{
    const struct lethe_recorder *recorder = call->wb->recorder;
    const struct lethe_playing how = {.path = lethe_args_text(&call->args, "FILE", ""),
                                      .speed = lethe_args_real(&call->args, "speed", 1),
                                      .frames = lethe_args_text(&call->args, "frames", NULL),
                                      .at = lethe_args_text(&call->args, "at", NULL)};
    if (how.at && !how.frames)
        return lethe_fail(err, LETHE_EARG, "at= says when pictures are taken: frames=NAME as well");
    return recorder ? recorder->play(recorder->self, &how, call->out, err)
                    : lethe_fail(err, LETHE_EARG, "play: there is no terminal here");
}

static const struct lethe_arg_spec play_args[] = {
    {.name = "FILE", .kind = LETHE_ARG_PATH, .flags = LETHE_ARG_NEEDED, .help = "the recording"},
    {.name = "speed",
     .kind = LETHE_ARG_REAL,
     .flags = LETHE_ARG_KEYED,
     .min = 0.01,
     .max = 1000,
     .help = "2: twice as fast (1)"},
    {.name = "frames",
     .kind = LETHE_ARG_PATH,
     .flags = LETHE_ARG_KEYED,
     .help = "writes pictures NAME-1.svg, ... instead of playing"},
    {.name = "at",
     .kind = LETHE_ARG_TEXT,
     .flags = LETHE_ARG_KEYED,
     .help = "their moments in seconds, 0.5,2 (the last)"},
};

const struct lethe_command lethe_command_play = {
    .name = "play",
    .group = LETHE_GROUP_OTHER,
    .summary = "Show a recording in the terminal; any key stops it",
    .detail = "Any asciicast of version 2; of its codes only those that move the cursor, clear and "
              "colour reach the terminal.",
    .examples = "play lecture.cast speed=2\nplay lecture.cast frames=slide at=3,8.5",
    LETHE_ARGS(play_args),
    .run = run_play,
};
