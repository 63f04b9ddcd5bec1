/* SPDX-License-Identifier: MIT
 * Names of layers. A weight called "fc1.weight" names its layer; exporters also store weights under
 * names of their own ("onnx::MatMul_312", "1"), and then the node's path does:
 * "/layer1/layer1.0/conv1/Conv" -> "layer1.0.conv1". */
#include "nn/graph.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static int stripped(char name[256], const char *weight)
{
    static const char *const endings[] = {".weight", "_weight", ".kernel", "/kernel", ".W", "_W"};
    size_t length = strlen(weight);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t tail = strlen(endings[i]);
        if (length > tail && !strcmp(weight + length - tail, endings[i])) {
            snprintf(name, 256, "%.*s", (int)(length - tail), weight);
            return 1;
        }
    }
    return 0;
}

int lethe_name_is_generated(const char *weight)
{
    return strstr(weight, "::") || weight[strspn(weight, "0123456789")] == '\0';
}

/* Joins the parts of a path but the last; "layer1" before "layer1.0" says nothing new. */
static void from_path(char name[256], const char *path)
{
    size_t used = 0, last = 0;
    name[0] = '\0';
    for (const char *part = path + 1, *end; (end = strchr(part, '/')); part = end + 1) {
        size_t length = (size_t)(end - part), before = used - last;
        if (used + length + 2 > 256)
            return;
        if (used && length > before && part[before] == '.' && !strncmp(name + last, part, before))
            used = last;
        else if (used)
            name[used++] = '.';
        last = used;
        memcpy(name + used, part, length);
        used += length;
        name[used] = '\0';
    }
}

void lethe_layer_name(char name[256], const char *weight, const char *node, const char *type)
{
    if (stripped(name, weight))
        return;
    name[0] = '\0';
    if (node[0] == '/')
        from_path(name, node);
    if (!*name && *node && node[0] != '/')
        snprintf(name, 256, "%s", node);
    if (!*name)
        snprintf(name, 256, "%s", lethe_name_is_generated(weight) ? type : weight);
    for (char *c = name; *c; c++)
        if (isspace((unsigned char)*c) || *c == '[' || *c == ']' || *c == ',')
            *c = '_';
}
