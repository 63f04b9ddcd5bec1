/* SPDX-License-Identifier: MIT
 * The path of passes as a table: its start, then after 1, 2, 4 ... iterations, and its end. */
#include "workbench/answer_path.h"

#include "workbench/path_figures.h"

static void put_pass(struct lethe_value *list, const struct lethe_path *path, size_t k,
                     const struct lethe_workbench *wb)
{
    const struct lethe_path_point *pass = &path->at[k];
    const struct lethe_path_figures beside =
        lethe_path_figures(path, k, &wb->preview->before, wb->warm);
    struct lethe_value *row = lethe_put_object(list, NULL);
    lethe_put_count(row, "pass", k);
    lethe_put_real(row, "kl_forget", beside.kl);
    lethe_hint(lethe_put_real(row, "recovery_probs_forget", beside.probs), LETHE_HINT_FIXED);
    lethe_put_share(row, "forget_accuracy", pass->forget_accuracy);
    lethe_put_real(row, "forget_loss", pass->forget_loss);
    lethe_put_share(row, "heldout_accuracy", pass->heldout_accuracy);
    lethe_put_real(row, "objective", pass->objective);
    lethe_put_real(row, "gradient", pass->gradient);
}

static void put_notes(struct lethe_value *out, const struct lethe_path *path, size_t forget)
{
    if (path->stopped)
        lethe_put_note(out, "stopped: 'update' now says passes=%zu, and so does a replay",
                       (size_t)path->count - 1);
    if (path->samples < forget)
        lethe_put_note(out,
                       "kl_forget and recovery_probs_forget along the path are of %zu of %zu "
                       "forget samples",
                       path->samples, forget);
    lethe_put_note(
        out,
        "%zu iterations of L-BFGS on what is retained followed the step of the whole "
        "network, with %zu passes over the data; held-out accuracy along the path is of a "
        "part of the tune half; with enough of them this is warm retraining",
        (size_t)path->count - 1, path->evaluations);
}

void lethe_path_put(struct lethe_value *out, const struct lethe_workbench *wb)
{
    const struct lethe_path *path = wb->preview ? wb->preview->path : NULL;
    if (!path)
        return;
    const size_t count = path->count;
    struct lethe_value *list = lethe_put_list(out, "path");
    for (size_t k = 0; k < count; k = k ? 2 * k : 1) {
        put_pass(list, path, k, wb);
        if (k + 1 < count && 2 * k >= count && k)
            put_pass(list, path, count - 1, wb);
    }
    lethe_put_count(out, "passes_over_the_data", path->evaluations);
    put_notes(out, path, wb->preview->snapshot->forget.count);
}
