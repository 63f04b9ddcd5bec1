/* SPDX-License-Identifier: MIT
 * Copies of sample numbers, looking one up, and the text they are kept as. */
#include "removal/ids.h"

#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

enum lethe_err lethe_ids_copy(struct lethe_ids *to, const size_t *ids, size_t count,
                              struct lethe_error *err)
{
    size_t *copy = lethe_alloc(count, sizeof *copy);
    if (!copy)
        return lethe_fail_memory(err, "sample ids", count, sizeof *copy);
    if (count)
        memcpy(copy, ids, count * sizeof *copy);
    lethe_free(to->at);
    *to = (struct lethe_ids){copy, count};
    return LETHE_OK;
}

int lethe_ids_has(const struct lethe_ids *ids, size_t id)
{
    size_t low = 0, high = ids->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ids->at[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < ids->count && ids->at[low] == id;
}

enum lethe_err lethe_ids_without(struct lethe_ids *ids, size_t count, const struct lethe_ids *only,
                                 const struct lethe_ids without[2], struct lethe_error *err)
{
    const size_t n = only ? only->count : count;
    ids->at = lethe_alloc(n, sizeof *ids->at);
    if (!ids->at)
        return lethe_fail_memory(err, "samples", n, sizeof *ids->at);
    for (size_t i = 0; i < n; i++) {
        const size_t id = only ? only->at[i] : i;
        if (!lethe_ids_has(&without[0], id) && !lethe_ids_has(&without[1], id))
            ids->at[ids->count++] = id;
    }
    return LETHE_OK;
}

char *lethe_ids_text(const struct lethe_ids *ids)
{
    struct lethe_text text = {0};
    for (size_t i = 0; i < ids->count;) {
        size_t end = i + 1;
        while (end < ids->count && ids->at[end] == ids->at[end - 1] + 1)
            end++;
        if (end - i < 3)
            end = i + 1;
        if (end - i > 1)
            lethe_text_addf(&text, "%s%zu-%zu", i ? "," : "", ids->at[i], ids->at[end - 1]);
        else
            lethe_text_addf(&text, "%s%zu", i ? "," : "", ids->at[i]);
        i = end;
    }
    if (text.failed)
        lethe_text_release(&text);
    else if (!text.at)
        return lethe_strdup("");
    return text.at;
}
