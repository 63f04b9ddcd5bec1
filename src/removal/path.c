/* SPDX-License-Identifier: MIT
 * Memory of a path. */
#include "removal/path.h"

#include <string.h>

#include "base/alloc.h"

enum { BYTES = 64 << 20 };

enum lethe_err lethe_path_new(struct lethe_path **path, size_t passes, size_t samples,
                              size_t classes, struct lethe_error *err)
{
    const size_t rows = passes + 1, fit = BYTES / sizeof(double) / rows / classes;
    struct lethe_path *made = lethe_alloc_zero(1, sizeof *made);
    if (!made)
        return lethe_fail_memory(err, "a path", 1, sizeof *made);
    made->refs = 1;
    atomic_init(&made->count, 0);
    made->asked = passes;
    made->samples = samples < fit || samples < 1 ? samples : fit < 1 ? 1 : fit;
    made->classes = classes;
    made->at = lethe_alloc(rows, sizeof *made->at);
    made->logits = lethe_alloc(rows * made->samples, classes * sizeof *made->logits);
    if (!made->at || !made->logits) {
        lethe_path_unref(made);
        return lethe_fail_memory(err, "a path", rows * samples, classes * sizeof(double));
    }
    *path = made;
    return LETHE_OK;
}

struct lethe_path *lethe_path_ref(struct lethe_path *path)
{
    __atomic_add_fetch(&path->refs, 1, __ATOMIC_RELAXED);
    return path;
}

void lethe_path_unref(struct lethe_path *path)
{
    if (!path || __atomic_sub_fetch(&path->refs, 1, __ATOMIC_ACQ_REL))
        return;
    lethe_free(path->at);
    lethe_free(path->logits);
    lethe_free(path);
}

void lethe_path_add(struct lethe_path *path, const struct lethe_path_point *pass,
                    const double *logits)
{
    const size_t k = path->count, cells = path->samples * path->classes;
    if (k > path->asked)
        return;
    path->at[k] = *pass;
    memcpy(path->logits + k * cells, logits, cells * sizeof *logits);
    atomic_store(&path->count, k + 1); /* readers see it whole */
}
