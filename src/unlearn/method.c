/* SPDX-License-Identifier: MIT
 * Rows by name, of the tables of curvatures and selectors. */
#include "unlearn/method.h"

#include <string.h>

#include "base/text.h"

static const char *name_at(const void *rows, size_t stride, size_t k)
{
    const char *name;
    memcpy(&name, (const char *)rows + k * stride, sizeof name);
    return name;
}

enum lethe_err lethe_method_find(size_t *at, const char *name, const char *what, const void *rows,
                                 size_t stride, size_t count, struct lethe_error *err)
{
    struct lethe_text known = {0};
    for (size_t k = 0; k < count; k++) {
        if (strcmp(name_at(rows, stride, k), name) == 0) {
            lethe_text_release(&known);
            *at = k;
            return LETHE_OK;
        }
        lethe_text_addf(&known, "%s%s", k ? ", " : "", name_at(rows, stride, k));
    }
    lethe_fail(err, LETHE_EARG, "no %s '%s': %s", what, name, lethe_text_get(&known));
    lethe_text_release(&known);
    return LETHE_EARG;
}
