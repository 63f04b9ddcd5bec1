/* SPDX-License-Identifier: MIT
 * A weight is written as its tensor with its indices, one for every dimension. */
#include "unlearn/weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct lethe_param *tensor_of(const struct lethe_graph *graph, size_t entry)
{
    for (size_t k = 0; k < lethe_graph_param_count(graph); k++) {
        const struct lethe_param *param = lethe_graph_param(graph, k);
        if (entry >= param->offset && entry - param->offset < param->size)
            return param;
    }
    return NULL;
}

char *lethe_weight_name(char *name, size_t size, const struct lethe_graph *graph, size_t entry)
{
    const struct lethe_param *param = tensor_of(graph, entry);
    if (!param || !param->ndim) {
        snprintf(name, size, "w[%zu]", entry);
        return name;
    }
    size_t left = entry - param->offset, block = param->size;
    int at = snprintf(name, size, "%s[", param->name);
    for (size_t d = 0; d < param->ndim && at > 0 && (size_t)at < size; d++) {
        block /= param->dims[d];
        at += snprintf(name + at, size - (size_t)at, "%s%zu", d ? "," : "", left / block);
        left %= block;
    }
    if (at > 0 && (size_t)at < size)
        snprintf(name + at, size - (size_t)at, "]");
    return name;
}

/* The indices in "[33,5]", exactly as many as there are dimensions; 0 when they do not fit. */
static int read_place(size_t *place, const char *bracket, const struct lethe_param *param)
{
    const char *at = bracket + 1;
    *place = 0;
    for (size_t d = 0; d < param->ndim; d++) {
        char *end = NULL;
        if (*at < '0' || *at > '9')
            return 0;
        const unsigned long long index = strtoull(at, &end, 10);
        if (index >= param->dims[d] || *end != (d + 1 < param->ndim ? ',' : ']'))
            return 0;
        *place = *place * param->dims[d] + (size_t)index;
        at = end + 1;
    }
    return param->ndim > 0 && *at == '\0';
}

/* "w[1454]", or "[1454]" from its bracket on. */
static int read_entry(size_t *entry, const char *bracket)
{
    char *end = NULL;
    if (bracket[1] < '0' || bracket[1] > '9')
        return 0;
    *entry = (size_t)strtoull(bracket + 1, &end, 10);
    return end[0] == ']' && end[1] == '\0';
}

int lethe_weight_find(size_t *entry, const struct lethe_graph *graph, const char *name)
{
    const char *bracket = strrchr(name, '[');
    size_t found = 0;
    if (!bracket)
        return 0;
    for (size_t k = 0; k < lethe_graph_param_count(graph); k++) {
        const struct lethe_param *param = lethe_graph_param(graph, k);
        const size_t length = strlen(param->name);
        if (param->trainable && length == (size_t)(bracket - name) &&
            strncmp(param->name, name, length) == 0 && read_place(&found, bracket, param)) {
            *entry = param->offset + found;
            return 1;
        }
    }
    if (bracket != name + 1 || name[0] != 'w' || !read_entry(&found, bracket) ||
        found >= lethe_graph_size(graph))
        return 0;
    *entry = found;
    return 1;
}
