/* SPDX-License-Identifier: MIT
 * Numbering of units, their names, and blankets as index lists. */
#include "lethe/blanket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "unlearn/weights.h"

size_t lethe_unit_count(const struct lethe_graph *graph)
{
    size_t count = 0;
    for (size_t l = 0; l < lethe_graph_layer_count(graph); l++)
        count += lethe_graph_layer(graph, l)->units;
    return count;
}

static int is_group(const struct lethe_param *param)
{
    return param->trainable && param->layer < 0;
}

size_t lethe_unit_total(const struct lethe_graph *graph)
{
    size_t count = lethe_unit_count(graph);
    for (size_t k = 0; k < lethe_graph_param_count(graph); k++)
        count += is_group(lethe_graph_param(graph, k)) ? 1 : 0;
    return count;
}

size_t lethe_unit_of_weight(const struct lethe_graph *graph, size_t entry)
{
    return lethe_unit_total(graph) + entry;
}

struct lethe_unit lethe_unit_at(const struct lethe_graph *graph, size_t number)
{
    for (size_t l = 0; l < lethe_graph_layer_count(graph); l++) {
        const struct lethe_layer *layer = lethe_graph_layer(graph, l);
        if (number < layer->units)
            return (struct lethe_unit){.layer = l, .index = number, .params = layer->unit_params};
        number -= layer->units;
    }
    for (size_t k = 0; k < lethe_graph_param_count(graph); k++) {
        const struct lethe_param *param = lethe_graph_param(graph, k);
        if (is_group(param) && number-- == 0)
            return (struct lethe_unit){.group = 1, .index = k, .params = param->size};
    }
    return (struct lethe_unit){.weight = 1, .index = number, .params = 1};
}

size_t lethe_unit_number(const struct lethe_graph *graph, size_t layer, size_t index)
{
    for (size_t l = 0; l < layer; l++)
        index += lethe_graph_layer(graph, l)->units;
    return index;
}

void lethe_unit_indices(const struct lethe_graph *graph, size_t number, size_t *indices)
{
    struct lethe_unit unit = lethe_unit_at(graph, number);
    if (unit.weight) {
        indices[0] = unit.index;
        return;
    }
    if (!unit.group) {
        lethe_graph_unit_params(graph, unit.layer, unit.index, indices);
        return;
    }
    size_t offset = lethe_graph_param(graph, unit.index)->offset;
    for (size_t i = 0; i < unit.params; i++)
        indices[i] = offset + i;
}

void lethe_unit_name(char *name, size_t size, const struct lethe_graph *graph, size_t number)
{
    struct lethe_unit unit = lethe_unit_at(graph, number);
    if (unit.weight)
        lethe_weight_name(name, size, graph, unit.index);
    else if (unit.group)
        snprintf(name, size, "%s", lethe_graph_param(graph, unit.index)->name);
    else
        snprintf(name, size, "%s[%zu]", lethe_graph_layer(graph, unit.layer)->name, unit.index);
}

/* The number in "[33]" at the end of a name; 0 when there is none. */
static int read_index(const char *bracket, size_t *index)
{
    char *end = NULL;
    if (!bracket || bracket[1] < '0' || bracket[1] > '9')
        return 0;
    *index = (size_t)strtoull(bracket + 1, &end, 10);
    return end[0] == ']' && end[1] == '\0';
}

enum lethe_err lethe_unit_find(size_t *number, const struct lethe_graph *graph, const char *name,
                               struct lethe_error *err)
{
    size_t layers = lethe_graph_layer_count(graph), index = 0;
    const char *bracket = strrchr(name, '[');
    if (read_index(bracket, &index)) {
        for (size_t l = 0; l < layers; l++) {
            const struct lethe_layer *layer = lethe_graph_layer(graph, l);
            if (strlen(layer->name) != (size_t)(bracket - name) ||
                strncmp(layer->name, name, (size_t)(bracket - name)) != 0)
                continue;
            if (index >= layer->units)
                return lethe_fail(err, LETHE_EARG, "no unit '%s': '%s' has units 0 to %zu", name,
                                  layer->name, layer->units - 1);
            *number = lethe_unit_number(graph, l, index);
            return LETHE_OK;
        }
    }
    size_t total = lethe_unit_total(graph);
    for (size_t g = lethe_unit_count(graph); g < total; g++)
        if (strcmp(lethe_graph_param(graph, lethe_unit_at(graph, g).index)->name, name) == 0) {
            *number = g;
            return LETHE_OK;
        }
    size_t entry = 0;
    if (lethe_weight_find(&entry, graph, name)) {
        *number = total + entry;
        return LETHE_OK;
    }
    return lethe_fail(
        err, LETHE_EARG,
        "no unit '%s': units are written like %s[0], weights as their tensor and place", name,
        layers ? lethe_graph_layer(graph, 0)->name : "layer");
}

/* No entry of w twice: a weight may not stand beside the unit it belongs to. */
static enum lethe_err check_entries(const struct lethe_blanket *b, const struct lethe_graph *graph,
                                    struct lethe_error *err)
{
    const size_t size = lethe_graph_size(graph);
    unsigned char *taken = lethe_alloc_zero(size, 1);
    enum lethe_err rc = taken ? LETHE_OK : lethe_fail_memory(err, "a blanket", size, 1);
    for (size_t k = 0; !rc && k < b->count; k++)
        for (size_t i = b->offset[k]; !rc && i < b->offset[k + 1]; i++)
            if (taken[b->index[i]]++) {
                char name[LETHE_UNIT_NAME];
                lethe_weight_name(name, sizeof name, graph, b->index[i]);
                rc = lethe_fail(err, LETHE_EARG,
                                "weight '%s' is in the blanket with its unit and alone", name);
            }
    lethe_free(taken);
    return rc;
}

enum lethe_err lethe_blanket_init(struct lethe_blanket *blanket, const struct lethe_graph *graph,
                                  const size_t *units, size_t count, struct lethe_error *err)
{
    struct lethe_blanket b = {.count = count};
    size_t total = lethe_unit_total(graph) + lethe_graph_size(graph), size = 0;
    enum lethe_err rc = LETHE_OK;
    int weights = 0;
    unsigned char *taken = lethe_alloc_zero(total, 1);
    b.units = lethe_alloc(count, sizeof *b.units);
    b.offset = lethe_alloc(count + 1, sizeof *b.offset);
    if (!taken || !b.units || !b.offset) {
        rc = lethe_fail_memory(err, "a blanket", count, 3 * sizeof *b.units);
        goto out;
    }
    for (size_t k = 0; k < count; k++) {
        char name[LETHE_UNIT_NAME];
        if (units[k] >= total) {
            rc = lethe_fail(err, LETHE_EARG, "no unit number %zu: the model has %zu", units[k],
                            lethe_unit_total(graph));
            goto out;
        }
        if (taken[units[k]]++) {
            lethe_unit_name(name, sizeof name, graph, units[k]);
            rc = lethe_fail(err, LETHE_EARG, "unit '%s' is in the blanket twice", name);
            goto out;
        }
        b.units[k] = units[k];
        b.offset[k] = size;
        const struct lethe_unit unit = lethe_unit_at(graph, units[k]);
        weights |= unit.weight;
        size += unit.params;
    }
    b.offset[count] = size;
    b.index = lethe_alloc(size, sizeof *b.index);
    if (!b.index) {
        rc = lethe_fail_memory(err, "a blanket", size, sizeof *b.index);
        goto out;
    }
    for (size_t k = 0; k < count; k++)
        lethe_unit_indices(graph, units[k], b.index + b.offset[k]);
    if (weights)
        rc = check_entries(&b, graph, err);
    if (rc)
        goto out;
    *blanket = b;
out:
    if (rc)
        lethe_blanket_release(&b);
    lethe_free(taken);
    return rc;
}

enum lethe_err lethe_blanket_all(struct lethe_blanket *blanket, const struct lethe_graph *graph,
                                 struct lethe_error *err)
{
    size_t total = lethe_unit_total(graph), *units = lethe_alloc(total, sizeof *units);
    if (!units)
        return lethe_fail_memory(err, "a blanket", total, sizeof *units);
    for (size_t k = 0; k < total; k++)
        units[k] = k;
    enum lethe_err rc = lethe_blanket_init(blanket, graph, units, total, err);
    lethe_free(units);
    return rc;
}

void lethe_blanket_release(struct lethe_blanket *blanket)
{
    lethe_free(blanket->units);
    lethe_free(blanket->offset);
    lethe_free(blanket->index);
    *blanket = (struct lethe_blanket){0};
}
