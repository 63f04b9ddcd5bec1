/* SPDX-License-Identifier: MIT
 * Cutting rows of samples into the inputs of a graph. */
#include "unlearn/inputs.h"

#include <string.h>

void lethe_inputs_split(const double **inputs, double *split, const struct lethe_graph *graph,
                        const double *x, size_t n)
{
    size_t parts = lethe_graph_inputs(graph), row = 0, from = 0;
    inputs[0] = x;
    for (size_t k = 0; k < parts; k++)
        row += lethe_graph_input_width(graph, k);
    for (size_t k = 0; parts > 1 && k < parts; k++) {
        size_t width = lethe_graph_input_width(graph, k);
        inputs[k] = split;
        for (size_t i = 0; i < n; i++, split += width)
            memcpy(split, x + i * row + from, width * sizeof *split);
        from += width;
    }
}
