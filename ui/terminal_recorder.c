/* SPDX-License-Identifier: MIT
 * What the commands record and play come down to. */
#include "ui/terminal_recorder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "ui/cast/replay.h"
#include "ui/player.h"
#include "ui/term/curses.h"

/* Of the terminal; 24 x 80 where there is none. */
static void terminal_size(int *rows, int *cols)
{
    struct winsize size;
    *rows = 24;
    *cols = 80;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col) {
        *rows = size.ws_row;
        *cols = size.ws_col;
    }
}

static enum lethe_err end_recording(struct lethe_recording *recording, struct lethe_value *out,
                                    struct lethe_error *err)
{
    if (!lethe_recording_runs(recording))
        return lethe_fail(err, LETHE_EARG, "nothing is being recorded: 'record FILE' begins");
    lethe_put_text(out, "recorded", recording->path);
    lethe_put_real(out, "seconds", lethe_recording_seconds(recording));
    lethe_put_count(out, "events", recording->events);
    return lethe_recording_end(recording, err);
}

static enum lethe_err record(void *self, const char *path, struct lethe_value *out,
                             struct lethe_error *err)
{
    struct lethe_terminal_recorder *recorder = self;
    int rows, cols;
    if (!path)
        return end_recording(&recorder->recording, out, err);
    terminal_size(&rows, &cols);
    enum lethe_err code = lethe_recording_begin(&recorder->recording, path, rows, cols, err);
    if (!code)
        lethe_put_text(out, "recording", path);
    return code;
}

/* The moments of the pictures, "0.5,2", into *at, which the caller frees. */
static enum lethe_err read_moments(double **at, size_t *count, const struct lethe_playing *how,
                                   const struct lethe_cast *cast, struct lethe_error *err)
{
    const char *text = how->at ? how->at : "";
    size_t room = 1;
    for (const char *c = text; *c; c++)
        room += *c == ',';
    double *moments = lethe_alloc(room, sizeof *moments);
    if (!moments)
        return lethe_fail_memory(err, "moments", room, sizeof *moments);
    *count = 0;
    if (!*text)
        moments[(*count)++] = lethe_cast_seconds(cast);
    while (*text) {
        char *end;
        const double value = strtod(text, &end);
        const double before = *count ? moments[*count - 1] : 0;
        if (end == text || (*end && *end != ',') || !(value >= before) || !isfinite(value)) {
            lethe_free(moments);
            return lethe_fail(err, LETHE_EARG,
                              "at=%s: moments in seconds, one after the other, such as 0.5,2",
                              how->at);
        }
        moments[(*count)++] = value;
        text = end + (*end == ',');
    }
    *at = moments;
    return LETHE_OK;
}

static enum lethe_err write_frame(const struct lethe_canvas *canvas, const char *path,
                                  struct lethe_error *err)
{
    char *picture = lethe_canvas_svg(canvas);
    enum lethe_err code = picture ? lethe_file_write(path, picture, strlen(picture), err)
                                  : lethe_fail(err, LETHE_ENOMEM, "play: out of memory");
    lethe_free(picture);
    return code;
}

static enum lethe_err write_frames(const struct lethe_cast *cast, const struct lethe_playing *how,
                                   struct lethe_value *out, struct lethe_error *err)
{
    struct lethe_replay replay = {0};
    struct lethe_text path = {0};
    double *at = NULL;
    size_t count = 0;
    enum lethe_err code = read_moments(&at, &count, how, cast, err);
    if (!code)
        code = lethe_replay_init(&replay, cast, err);
    struct lethe_value *files = code ? NULL : lethe_put_list(out, "frames");
    for (size_t k = 0; k < count && !code; k++) {
        lethe_text_clear(&path);
        lethe_text_addf(&path, "%s-%zu.svg", how->frames, k + 1);
        code = lethe_text_ok(&path, err);
        if (!code)
            code = lethe_replay_to(&replay, cast, at[k], err);
        if (!code)
            code = write_frame(&replay.canvas, lethe_text_get(&path), err);
        if (!code)
            lethe_put_text(files, NULL, lethe_text_get(&path));
    }
    lethe_free(at);
    lethe_text_release(&path);
    lethe_replay_release(&replay);
    return code;
}

static enum lethe_err play(void *self, const struct lethe_playing *how, struct lethe_value *out,
                           struct lethe_error *err)
{
    const struct lethe_terminal_recorder *recorder = self;
    const struct lethe_options *options = recorder->options;
    const struct lethe_player_look look = {.ascii = options->plain || !options->utf8,
                                           .colours = !options->plain && !options->no_color,
                                           .over = recorder->on_screen};
    struct lethe_cast cast;
    double shown = 0;
    enum lethe_err code = lethe_cast_read(&cast, how->path, err);
    if (code)
        return code;
    if (how->frames)
        code = write_frames(&cast, how, out, err);
    else
        code = lethe_player_run(&shown, &cast, how->speed, look, err);
    if (recorder->on_screen)
        lethe_curses_forget();
    if (!code && !how->frames) {
        lethe_put_real(out, "seconds", lethe_cast_seconds(&cast));
        lethe_put_real(out, "shown", shown);
    }
    lethe_cast_release(&cast);
    return code;
}

void lethe_recorder_init(struct lethe_terminal_recorder *recorder,
                         const struct lethe_options *options)
{
    *recorder =
        (struct lethe_terminal_recorder){.recorder = {recorder, record, play}, .options = options};
    lethe_recording_init(&recorder->recording);
}

void lethe_recorder_say_problem(struct lethe_terminal_recorder *recorder)
{
    struct lethe_error *problem = &recorder->recording.problem;
    if (problem->code)
        lethe_complain("lethe: the recording ended: %s", problem->message);
    problem->code = LETHE_OK;
}

void lethe_recorder_end(struct lethe_terminal_recorder *recorder)
{
    struct lethe_error err = {0};
    if (lethe_recording_end(&recorder->recording, &err))
        lethe_complain("lethe: %s", err.message);
    lethe_recorder_say_problem(recorder);
}
