/* SPDX-License-Identifier: MIT
 * Parsing descriptions of networks. */
#include "workbench/architecture.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 32 }; /* widths of one network */

static enum lethe_err refuse(const char *description, struct lethe_error *err)
{
    return lethe_fail(err, LETHE_EARG,
                      "model '%s': logreg, or mlp: with 1 to %d widths from 1 between dashes "
                      "(mlp:64-32-10)",
                      description, MOST);
}

static int read_widths(size_t widths[MOST], size_t *count, const char *text)
{
    for (*count = 0; *count < MOST; text++) {
        char *end;
        unsigned long width = strtoul(text, &end, 10);
        if (end == text || *text == '-' || *text == '+' || width < 1 || width > 1000000)
            return 0;
        widths[(*count)++] = width;
        if (!*end)
            return 1;
        if (*end != '-')
            return 0;
        text = end;
    }
    return 0;
}

/* Are the widths whole, that is: do they begin and end with the data's? */
static int is_whole(const size_t *widths, size_t count, size_t inputs, size_t classes)
{
    return count >= 2 && (!inputs || widths[0] == inputs) &&
           (!classes || widths[count - 1] == classes);
}

enum lethe_err lethe_architecture_make(struct lethe_graph **graph, const char *description,
                                       const char *activation, size_t inputs, size_t classes,
                                       struct lethe_error *err)
{
    size_t widths[MOST + 2], inner[MOST], count = 0;
    if (!strncmp(description, "mlp:", 4)) {
        if (!read_widths(inner, &count, description + 4))
            return refuse(description, err);
    } else if (strcmp(description, "logreg") != 0) {
        return refuse(description, err);
    }
    if (is_whole(inner, count, inputs, classes))
        return lethe_graph_mlp(graph, inner, count, activation ? activation : "tanh", err);
    if (!inputs || !classes)
        return lethe_fail(err, LETHE_EARG,
                          "model '%s' needs data to know its inputs and classes: 'data PATH' first",
                          description);
    if (count >= 2 && inner[0] == inputs)
        return lethe_fail(err, LETHE_EARG, "model '%s' ends in %zu, the data has %zu classes",
                          description, inner[count - 1], classes);
    widths[0] = inputs;
    memcpy(widths + 1, inner, count * sizeof *inner);
    widths[count + 1] = classes;
    return lethe_graph_mlp(graph, widths, count + 2, activation ? activation : "tanh", err);
}
