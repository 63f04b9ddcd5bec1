/* SPDX-License-Identifier: MIT
 * One JSON value a line: the head, then the events. */
#include "ui/cast/cast.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/json.h"

enum { LONGEST = 64 << 20, LARGEST = 1000 }; /* bytes of a file; rows and columns */

/* A file that is being read. */
struct reading {
    struct lethe_cast *cast;
    const char *path;
    size_t line, room;
    double idle;        /* longest pause that is kept; INFINITY: all are */
    double cut, before; /* seconds of pauses that were cut; time in the file of the last event */
};

void lethe_cast_release(struct lethe_cast *cast)
{
    for (size_t k = 0; k < cast->count; k++)
        lethe_free(cast->events[k].text);
    lethe_free(cast->events);
    *cast = (struct lethe_cast){0};
}

double lethe_cast_seconds(const struct lethe_cast *cast)
{
    return cast->count ? cast->events[cast->count - 1].at : 0;
}

static enum lethe_err broken(const struct reading *reading, const char *what,
                             struct lethe_error *err)
{
    return lethe_fail(err, LETHE_EFORMAT, "'%s' is no recording that can be played: line %zu %s",
                      reading->path, reading->line, what);
}

static int size_of(int *to, const struct lethe_json *value)
{
    double number = 0;
    if (!lethe_json_as_number(value, &number) || !(number >= 1 && number <= LARGEST) ||
        number != floor(number))
        return 0;
    *to = (int)number;
    return 1;
}

static enum lethe_err read_head(struct reading *reading, const struct lethe_json *head,
                                struct lethe_error *err)
{
    struct lethe_cast *cast = reading->cast;
    double version = 0;
    if (!lethe_json_is_object(head) ||
        !lethe_json_as_number(lethe_json_get(head, "version"), &version))
        return broken(reading, "is no head with a version (asciicast v2)", err);
    if (version != 2)
        return lethe_fail(err, LETHE_EFORMAT,
                          "'%s' is an asciicast of version %g, and version 2 is played: 'asciinema "
                          "convert' makes one of the other",
                          reading->path, version);
    if (!size_of(&cast->cols, lethe_json_get(head, "width")) ||
        !size_of(&cast->rows, lethe_json_get(head, "height")))
        return broken(reading, "says no width and height from 1 to 1000", err);
    cast->most_rows = cast->rows;
    cast->most_cols = cast->cols;
    reading->idle = INFINITY;
    if (lethe_json_as_number(lethe_json_get(head, "idle_time_limit"), &reading->idle) &&
        !(reading->idle > 0))
        return broken(reading, "has an idle_time_limit that is not above 0", err);
    return LETHE_OK;
}

static enum lethe_err grow(struct reading *reading, struct lethe_error *err)
{
    struct lethe_cast *cast = reading->cast;
    if (cast->count < reading->room)
        return LETHE_OK;
    const size_t room = reading->room ? 2 * reading->room : 256;
    struct lethe_cast_event *grown = lethe_realloc(cast->events, room, sizeof *grown);
    if (!grown)
        return lethe_fail_memory(err, "a recording", room, sizeof *grown);
    cast->events = grown;
    reading->room = room;
    return LETHE_OK;
}

/* "120x40" */
static int read_size(struct lethe_cast_event *event, const char *text)
{
    int end = 0;
    return sscanf(text, "%4dx%4d%n", &event->cols, &event->rows, &end) == 2 && !text[end] &&
           event->cols >= 1 && event->cols <= LARGEST && event->rows >= 1 && event->rows <= LARGEST;
}

static enum lethe_err read_event(struct reading *reading, const struct lethe_json *line,
                                 struct lethe_error *err)
{
    struct lethe_cast *cast = reading->cast;
    struct lethe_cast_event event = {0};
    double at = 0;
    const struct lethe_json *time = lethe_json_is_array(line) ? lethe_json_at(line, 0) : NULL;
    const char *kind = time ? lethe_json_as_string(lethe_json_at(line, 1)) : NULL;
    const char *text = kind ? lethe_json_as_string(lethe_json_at(line, 2)) : NULL;
    if (!text || lethe_json_count(line) != 3 || !lethe_json_as_number(time, &at))
        return broken(reading, "is no event [time, \"o\", \"text\"]", err);
    if (!(at >= reading->before) || !isfinite(at))
        return broken(reading, "goes back in time", err);
    if (at - reading->before > reading->idle)
        reading->cut += at - reading->before - reading->idle;
    reading->before = at;
    event.at = at - reading->cut;
    if (strcmp(kind, "r") == 0 && !read_size(&event, text))
        return broken(reading, "is no size: \"120x40\"", err);
    if (strcmp(kind, "o") != 0 && strcmp(kind, "r") != 0)
        return LETHE_OK; /* keys, marks and what is yet to be thought of */
    enum lethe_err code = grow(reading, err);
    if (!code && *kind == 'o' && !(event.text = lethe_strdup(text)))
        code = lethe_fail_memory(err, "a recording", strlen(text) + 1, 1);
    if (code)
        return code;
    cast->most_rows = event.rows > cast->most_rows ? event.rows : cast->most_rows;
    cast->most_cols = event.cols > cast->most_cols ? event.cols : cast->most_cols;
    cast->events[cast->count++] = event;
    return LETHE_OK;
}

static enum lethe_err read_line(struct reading *reading, const char *text, size_t size,
                                struct lethe_error *err)
{
    struct lethe_json *value = NULL;
    struct lethe_error ignored;
    if (memchr(text, '\0', size) ||
        lethe_json_parse(&value, text, size, reading->path, &ignored) != LETHE_OK)
        return broken(reading, "is no JSON", err);
    enum lethe_err code =
        reading->line == 1 ? read_head(reading, value, err) : read_event(reading, value, err);
    lethe_json_free(value);
    return code;
}

enum lethe_err lethe_cast_read(struct lethe_cast *cast, const char *path, struct lethe_error *err)
{
    struct lethe_bytes bytes = {0};
    struct reading reading = {.cast = cast, .path = path};
    *cast = (struct lethe_cast){0};
    enum lethe_err code = lethe_file_read(&bytes, path, LONGEST, err);
    if (code)
        return code;
    const char *at = (const char *)bytes.data, *end = at + bytes.size;
    while (!code && at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        const size_t size = (size_t)((stop ? stop : end) - at);
        reading.line++;
        if (size || reading.line == 1)
            code = read_line(&reading, at, size, err);
        at += size + 1;
    }
    if (!code && !reading.line)
        code = lethe_fail(err, LETHE_EFORMAT, "'%s' is no recording: it is empty", path);
    if (!code && !cast->count)
        code =
            lethe_fail(err, LETHE_EFORMAT, "'%s' is a recording in which nothing is shown", path);
    lethe_free(bytes.data);
    if (code)
        lethe_cast_release(cast);
    return code;
}
