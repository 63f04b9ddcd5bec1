/* SPDX-License-Identifier: MIT
 * Values of a graph in the making by their names in the file. */
#include <string.h>

#include "base/alloc.h"
#include "onnx/builder.h"

static size_t slot_of(const struct lethe_onnx_names *names, const char *key)
{
    size_t h = 1469598103u;
    for (const unsigned char *c = (const unsigned char *)key; *c; c++)
        h = (h ^ *c) * 1099511628211u;
    h &= names->room - 1;
    while (names->key[h] && strcmp(names->key[h], key))
        h = (h + 1) & (names->room - 1);
    return h;
}

static int grow(struct lethe_onnx_names *names)
{
    struct lethe_onnx_names larger = {.count = names->count, .room = 2 * names->room + 64};
    while (larger.room & (larger.room - 1))
        larger.room &= larger.room - 1; /* the highest power of two in it */
    larger.key = lethe_alloc_zero(larger.room, sizeof *larger.key);
    larger.value = lethe_alloc(larger.room, sizeof *larger.value);
    if (!larger.key || !larger.value) {
        lethe_free(larger.key);
        lethe_free(larger.value);
        return 0;
    }
    for (size_t i = 0; i < names->room; i++)
        if (names->key[i]) {
            size_t slot = slot_of(&larger, names->key[i]);
            larger.key[slot] = names->key[i];
            larger.value[slot] = names->value[i];
        }
    lethe_free(names->key);
    lethe_free(names->value);
    *names = larger;
    return 1;
}

size_t lethe_onnx_find(const struct lethe_onnx_builder *b, const char *name)
{
    if (!b->names.count)
        return LETHE_NONE;
    size_t slot = slot_of(&b->names, name);
    return b->names.key[slot] ? b->names.value[slot] : LETHE_NONE;
}

enum lethe_err lethe_onnx_define(struct lethe_onnx_builder *b, const char *name, size_t value)
{
    if (2 * (b->names.count + 1) > b->names.room && !grow(&b->names))
        return lethe_onnx_no_memory(b);
    size_t slot = slot_of(&b->names, name);
    if (b->names.key[slot])
        return lethe_fail(b->err, LETHE_EFORMAT, "value '%s' is defined twice", name);
    b->names.key[slot] = name;
    b->names.value[slot] = value;
    b->names.count++;
    return LETHE_OK;
}
