/* SPDX-License-Identifier: MIT
 * Chooses between the whole network and what is below a cut. */
#include "unlearn/cut.h"

#include <string.h>

#include "base/alloc.h"

enum { STORE = 256 << 20 }; /* bytes at most */

static int begin(struct lethe_cut *cut, const struct lethe_graph *graph)
{
    size_t weights = lethe_graph_size(graph) + lethe_graph_buffers(graph) + 1;
    size_t params = lethe_graph_param_count(graph) + 1;
    cut->base = lethe_alloc(weights, sizeof *cut->base);
    cut->changed = lethe_alloc_zero(params, 1);
    cut->now = lethe_alloc_zero(params, 1);
    if (cut->base && cut->changed && cut->now)
        return 1;
    lethe_cut_release(cut);
    return 0;
}

static void rebase(struct lethe_cut *cut, const struct lethe_graph *graph, const double *w)
{
    memcpy(cut->base, w,
           (lethe_graph_size(graph) + lethe_graph_buffers(graph)) * sizeof *cut->base);
    cut->filled = 0;
}

/* Fills now; whether anything differs, and whether the stored cut allows for it. */
static void compare(struct lethe_cut *cut, const struct lethe_graph *graph, const double *w,
                    int *differs, int *allowed)
{
    *differs = 0;
    *allowed = 1;
    for (size_t p = 0; p < lethe_graph_param_count(graph); p++) {
        const struct lethe_param *param = lethe_graph_param(graph, p);
        cut->now[p] =
            memcmp(w + param->offset, cut->base + param->offset, param->size * sizeof *w) != 0;
        *differs |= cut->now[p];
        *allowed &= !cut->now[p] || cut->changed[p];
    }
}

static int make_room(struct lethe_cut *cut, size_t count)
{
    if (cut->bytes == 0 || count > STORE / cut->bytes)
        return 0;
    if (count * cut->bytes <= cut->room)
        return 1;
    lethe_free(cut->store);
    cut->store = lethe_alloc_aligned(count, cut->bytes);
    cut->room = cut->store ? count * cut->bytes : 0;
    return cut->store != NULL;
}

enum lethe_cut_way lethe_cut_choose(struct lethe_cut *cut, struct lethe_exec *exec,
                                    const struct lethe_graph *graph, const double *w, size_t count)
{
    int differs, allowed;
    if (!cut->base) {
        if (begin(cut, graph))
            rebase(cut, graph, w);
        return LETHE_CUT_WHOLE;
    }
    compare(cut, graph, w, &differs, &allowed);
    if (cut->filled && allowed)
        return LETHE_CUT_BELOW;
    if (!differs)
        return LETHE_CUT_WHOLE;
    cut->filled = 0;
    memcpy(cut->changed, cut->now, lethe_graph_param_count(graph));
    if (lethe_exec_cut(exec, &cut->bytes, cut->changed, NULL) || !make_room(cut, count)) {
        rebase(cut, graph, w); /* other weights altogether, or nothing to win */
        return LETHE_CUT_WHOLE;
    }
    return LETHE_CUT_ABOVE;
}

void lethe_cut_release(struct lethe_cut *cut)
{
    lethe_free(cut->base);
    lethe_free(cut->changed);
    lethe_free(cut->now);
    lethe_free(cut->store);
    *cut = (struct lethe_cut){0};
}
