/* SPDX-License-Identifier: MIT
 * An ordered list of key/value texts. Lists are short (tens of settings), so looking up is a scan.
 */
#include "lethe/session.h"

#include <string.h>

#include "base/alloc.h"

void lethe_pairs_release(struct lethe_pairs *pairs)
{
    for (size_t i = 0; i < pairs->count; i++) {
        lethe_free(pairs->at[i].key);
        lethe_free(pairs->at[i].value);
    }
    lethe_free(pairs->at);
    *pairs = (struct lethe_pairs){0};
}

static struct lethe_pair *find(const struct lethe_pairs *pairs, const char *key)
{
    for (size_t i = 0; i < pairs->count; i++)
        if (!strcmp(pairs->at[i].key, key))
            return &pairs->at[i];
    return NULL;
}

const char *lethe_pairs_get(const struct lethe_pairs *pairs, const char *key)
{
    const struct lethe_pair *pair = find(pairs, key);
    return pair ? pair->value : NULL;
}

static int grow(struct lethe_pairs *pairs)
{
    if (pairs->count < pairs->room)
        return 1;
    size_t room = pairs->room ? 2 * pairs->room : 8;
    struct lethe_pair *at = lethe_realloc(pairs->at, room, sizeof *at);
    if (!at)
        return 0;
    pairs->at = at;
    pairs->room = room;
    return 1;
}

enum lethe_err lethe_pairs_set(struct lethe_pairs *pairs, const char *key, const char *value,
                               struct lethe_error *err)
{
    struct lethe_pair *known = find(pairs, key);
    char *new_value = lethe_strdup(value);
    char *new_key = known ? NULL : lethe_strdup(key);
    if (!new_value || (!known && (!new_key || !grow(pairs)))) {
        lethe_free(new_value);
        lethe_free(new_key);
        return lethe_fail_memory(err, "a setting", strlen(key) + strlen(value), 1);
    }
    if (known) {
        lethe_free(known->value);
        known->value = new_value;
    } else {
        pairs->at[pairs->count++] = (struct lethe_pair){new_key, new_value};
    }
    return LETHE_OK;
}

enum lethe_err lethe_pairs_copy(struct lethe_pairs *to, const struct lethe_pairs *from,
                                struct lethe_error *err)
{
    struct lethe_pairs made = {0};
    for (size_t i = 0; i < from->count; i++) {
        enum lethe_err code = lethe_pairs_set(&made, from->at[i].key, from->at[i].value, err);
        if (code) {
            lethe_pairs_release(&made);
            return code;
        }
    }
    *to = made;
    return LETHE_OK;
}
