/* SPDX-License-Identifier: MIT
 * Running gnuplot. The script comes in on its standard input (as a file, so that the first error
 * stops it with its line) and the picture leaves on its standard output: no file of a half-drawn
 * picture ever stands under the name asked for. -d keeps ~/.gnuplot out. */
#include "lethe/plot.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/child.h"
#include "base/file.h"

enum { DEADLINE_MS = 30000, PICTURE_LIMIT = 64 << 20 };

static const char *const endings[] = {
    [LETHE_PLOT_PNG] = ".png",
    [LETHE_PLOT_SVG] = ".svg",
    [LETHE_PLOT_PDF] = ".pdf",
    [LETHE_PLOT_SIXEL] = ".six",
};
_Static_assert(sizeof endings / sizeof *endings == LETHE_PLOT_FORMAT_COUNT,
               "a format without an ending");

enum lethe_err lethe_plot_format_of(enum lethe_plot_format *format, const char *path,
                                    struct lethe_error *err)
{
    size_t length = strlen(path);
    for (int f = 0; f < LETHE_PLOT_FORMAT_COUNT; f++)
        if (length > 4 && !strcasecmp(path + length - 4, endings[f])) {
            *format = (enum lethe_plot_format)f;
            return LETHE_OK;
        }
    return lethe_fail(err, LETHE_EARG,
                      "cannot tell the picture format of '%s': end it in .png, .svg, .pdf or .six",
                      path);
}

/* What gnuplot said, in one line, from where it names the line of the script. */
static enum lethe_err complaint(struct lethe_child_result *result, struct lethe_error *err)
{
    char *words = strstr(result->errors, "line ");
    if (!words)
        words = result->errors;
    words[strcspn(words, "\n")] = '\0';
    return lethe_fail(err, LETHE_EIO, "gnuplot failed (status %d): %s", result->status,
                      *words ? words : "it said nothing");
}

enum lethe_err lethe_plot_render(char **picture, size_t *size, const struct lethe_plot *plot,
                                 enum lethe_plot_format format, struct lethe_watch *watch,
                                 struct lethe_error *err)
{
    char *script = NULL;
    enum lethe_err code = lethe_plot_script(&script, plot, format, err);
    if (code)
        return code;
    const char *const argv[] = {"gnuplot", "-d", "/dev/stdin", NULL};
    const struct lethe_child child = {argv,          script,      strlen(script),
                                      PICTURE_LIMIT, DEADLINE_MS, watch};
    struct lethe_child_result result;
    struct lethe_error cause;
    code = lethe_child_run(&result, &child, &cause);
    lethe_free(script);
    if (code == LETHE_EIO && strstr(cause.message, "no such program"))
        return lethe_fail(err, LETHE_EIO,
                          "gnuplot is not installed, and pictures need it: apt-get install "
                          "gnuplot-nox (charts in the terminal do not)");
    if (code)
        return lethe_fail(err, code, "%s", cause.message);
    if (result.status || !result.size) {
        code = complaint(&result, err);
        lethe_free(result.output);
        return code;
    }
    *picture = result.output;
    *size = result.size;
    return LETHE_OK;
}

enum lethe_err lethe_plot_save(const struct lethe_plot *plot, const char *path,
                               struct lethe_watch *watch, struct lethe_error *err)
{
    enum lethe_plot_format format;
    char *picture = NULL;
    size_t size = 0;
    enum lethe_err code = lethe_plot_format_of(&format, path, err);
    if (!code)
        code = lethe_plot_render(&picture, &size, plot, format, watch, err);
    if (code)
        return code;
    code = lethe_file_write(path, picture, size, err);
    lethe_free(picture);
    return code;
}
