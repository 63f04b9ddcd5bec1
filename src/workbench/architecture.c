/* SPDX-License-Identifier: MIT
 * Parsing descriptions of networks. */
#include "workbench/architecture.h"

#include <stdio.h>
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

/* Widths that begin with the data's inputs or end in its classes are those of the whole network,
 * and must then do both; others are those of the hidden layers. */
static enum lethe_err complete(size_t widths[MOST + 2], size_t *count, size_t inputs,
                               size_t classes, const char *description, struct lethe_error *err)
{
    const size_t n = *count, last = n ? widths[n - 1] : 0;
    int begins = n >= 2 && widths[0] == inputs, ends = n >= 2 && last == classes;
    if (begins && ends)
        return LETHE_OK;
    if (begins)
        return lethe_fail(err, LETHE_EARG, "model '%s' ends in %zu, the data has %zu classes",
                          description, last, classes);
    if (ends)
        return lethe_fail(err, LETHE_EARG,
                          "model '%s' ends in the data's %zu classes but begins with %zu, the data "
                          "has %zu inputs: write mlp:%zu-%s, or with all of them as hidden layers "
                          "mlp:%zu-%s-%zu",
                          description, classes, widths[0], inputs, inputs,
                          strchr(description, '-') + 1, inputs, description + 4, classes);
    memmove(widths + 1, widths, n * sizeof *widths);
    widths[0] = inputs;
    widths[n + 1] = classes;
    *count = n + 2;
    return LETHE_OK;
}

enum lethe_err lethe_architecture_make(struct lethe_graph **graph, const char *description,
                                       const char *activation, size_t inputs, size_t classes,
                                       struct lethe_error *err)
{
    size_t widths[MOST + 2], count = 0;
    enum lethe_err code = LETHE_OK;
    if (!strncmp(description, "mlp:", 4)) {
        if (!read_widths(widths, &count, description + 4))
            return refuse(description, err);
    } else if (strcmp(description, "logreg") != 0) {
        return refuse(description, err);
    }
    if ((!inputs || !classes) && count < 2)
        return lethe_fail(err, LETHE_EARG,
                          "model '%s' needs data to know its inputs and classes: 'data PATH' first",
                          description);
    if (inputs && classes)
        code = complete(widths, &count, inputs, classes, description, err);
    return code ? code
                : lethe_graph_mlp(graph, widths, count, activation ? activation : "tanh", err);
}

void lethe_architecture_text(char text[200], const struct lethe_graph *graph)
{
    size_t used = 0, layers = lethe_graph_layer_count(graph);
    *text = '\0';
    for (size_t l = 0; l < layers && used < 180; l++) {
        const struct lethe_layer *layer = lethe_graph_layer(graph, l);
        int wrote = l ? snprintf(text + used, 200 - used, "-%zu", layer->units)
                      : snprintf(text, 200, "%zu-%zu", layer->fan_in, layer->units);
        used += wrote > 0 ? (size_t)wrote : 0;
    }
}
