/* SPDX-License-Identifier: MIT
 * Tables with labels and groups, by columns and as text, from any bytes, with each way of treating
 * missing values. */
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "data/encoding.h"
#include "data/loading.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void load(const uint8_t *bytes, size_t size, const char *missing)
{
    const struct lethe_data_source source = {.path = "fuzz", .missing = missing};
    struct lethe_loading loading = {.source = &source};
    struct lethe_dataset *data = NULL;
    struct lethe_error err;
    loading.bytes = (struct lethe_bytes){lethe_alloc(size + 1, 1), size};
    if (!loading.bytes.data)
        return;
    memcpy(loading.bytes.data, bytes, size);
    loading.bytes.data[size] = 0;
    loading.parts.source = source.path;
    const struct lethe_words none = {0};
    int32_t tokens[16];
    lethe_tokens(tokens, 16, (const char *)loading.bytes.data, &none);
    if (lethe_load_table(&loading, &err) || lethe_labels_settle(&loading, &err)) {
        lethe_encoding_free(loading.parts.encoding);
        lethe_array_release(&loading.parts.x);
        lethe_array_release(&loading.parts.labels);
        lethe_array_release(&loading.parts.groups);
    } else if (!lethe_dataset_make(&data, &loading.parts, &err)) {
        lethe_dataset_unref(data);
    }
    lethe_words_release(&loading.classes);
    lethe_words_release(&loading.groups);
    lethe_words_release(&loading.notes);
    lethe_free(loading.bytes.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *const *ways = lethe_missing_ways();
    for (; *ways; ways++)
        load(bytes, size, *ways);
    return 0;
}
