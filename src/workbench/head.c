/* SPDX-License-Identifier: MIT
 * The state that the session stands at becomes the workbench's model. See head.h. */
#include "workbench/head.h"

#include "base/alloc.h"

/* *weights is new (unref): the state's own, or put together. */
static enum lethe_err weights_of(struct lethe_shared **weights, const struct lethe_state *state,
                                 size_t size, struct lethe_error *err)
{
    *weights = lethe_state_share(state);
    if (*weights)
        return LETHE_OK;
    double *w = lethe_alloc(size, sizeof *w);
    enum lethe_err code =
        w ? lethe_state_weights(state, w, err) : lethe_fail_memory(err, "weights", size, sizeof *w);
    if (!code && !(*weights = lethe_shared_new(w)))
        code = lethe_fail_memory(err, "weights", size, sizeof *w);
    if (code)
        lethe_free(w);
    return code;
}

enum lethe_err lethe_workbench_take_head(struct lethe_workbench *wb, struct lethe_error *err)
{
    struct lethe_state *head = lethe_session_head(wb->session);
    const size_t size =
        lethe_graph_size(wb->project.graph) + lethe_graph_buffers(wb->project.graph);
    if (lethe_state_size(head) != size)
        return lethe_fail(err, LETHE_EFORMAT, "the session's model has %zu weights, this one %zu",
                          lethe_state_size(head), size);
    struct lethe_ids removed = {0};
    struct lethe_shared *weights = NULL;
    enum lethe_err code = lethe_state_forgotten(&removed.at, &removed.count, head, err);
    if (!code)
        code = weights_of(&weights, head, size, err);
    if (code) {
        lethe_free(removed.at);
        return code;
    }
    lethe_workbench_drop(wb, LETHE_PART_ALL);
    lethe_free(wb->project.removed.at);
    lethe_free(wb->project.forget.at);
    lethe_project_weights(&wb->project, weights);
    wb->project.removed = removed;
    wb->project.forget = (struct lethe_ids){0};
    return LETHE_OK;
}
