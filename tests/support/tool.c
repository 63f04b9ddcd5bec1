/* SPDX-License-Identifier: MIT */
#include "tests/support/tool.h"

#include <stdio.h>
#include <stdlib.h>

struct lethe_error lethe_tool_error;

void lethe_tool_must(enum lethe_err code)
{
    if (!code)
        return;
    fprintf(stderr, "%s\n", lethe_tool_error.message);
    exit(1);
}

double *lethe_tool_numbers(const char *path, size_t *count)
{
    struct lethe_array array = {0};
    lethe_tool_must(lethe_array_read(&array, path, &lethe_tool_error));
    double *x = malloc((array.count + 1) * sizeof *x);
    for (size_t i = 0; i < array.count; i++)
        x[i] = lethe_array_get(&array, i);
    *count = array.count;
    lethe_array_release(&array);
    return x;
}

int *lethe_tool_labels(const double *from, size_t n)
{
    int *labels = malloc((n + 1) * sizeof *labels);
    for (size_t i = 0; i < n; i++)
        labels[i] = (int)from[i];
    return labels;
}

struct lethe_npz_member lethe_tool_member(const char *name, double *data, size_t count)
{
    return (struct lethe_npz_member){
        name,
        {.type = LETHE_DOUBLE, .ndim = 1, .dims = {count}, .count = count, .data = (void *)data}};
}
